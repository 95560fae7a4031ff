//! A program without an operating system that multiplies two rows of bits.
#![no_std]

use core::alloc::{GlobalAlloc, Layout};
use core::panic::PanicInfo;
use core::ptr::null_mut;

use orthant_kernels::Kernels;

/// An allocator that has nothing to give: kernels never ask.
struct Empty;

// SAFETY: a null pointer is how an allocator says that it has no memory.
unsafe impl GlobalAlloc for Empty {
    unsafe fn alloc(&self, _: Layout) -> *mut u8 {
        null_mut()
    }

    unsafe fn dealloc(&self, _: *mut u8, _: Layout) {}
}

#[global_allocator]
static ALLOCATOR: Empty = Empty;

#[panic_handler]
fn panic(_: &PanicInfo) -> ! {
    loop {}
}

/// Mismatches of two words, or `u64::MAX` when the kernels refuse.
#[unsafe(no_mangle)]
pub extern "C" fn orthant_mismatches(a: u64, b: u64) -> u64 {
    let kernels = Kernels::detect();
    kernels
        .and_then(|kernels| kernels.mismatches(&[a], &[b]))
        .unwrap_or(u64::MAX)
}

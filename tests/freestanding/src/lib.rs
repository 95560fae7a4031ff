//! A program without an operating system that multiplies two rows of bits, normalizes a number, and
//! runs a model file.
#![no_std]

use core::alloc::{GlobalAlloc, Layout};
use core::panic::PanicInfo;
use core::ptr::null_mut;

use orthant_infer::Runner;
use orthant_kernels::Kernels;
use orthant_model::{BatchNorm, Packed, normalize};

/// An allocator that has nothing to give: kernels never ask, and nothing runs here.
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

/// A number behind batch norm of one channel. Its vectors ask for memory, which a device with an
/// allocator of its own would give.
#[unsafe(no_mangle)]
pub extern "C" fn orthant_normalize(x: f32) -> f32 {
    let affine = BatchNorm::new(1e-4, 1).affine();
    normalize(x, 1.0, affine.scale[0], affine.shift[0])
}

/// Runs a model file on one image; −1 when anything is refused.
///
/// # Safety
/// The pointers lead to as many bytes and floats as are said, which nothing else writes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn orthant_run(
    file: *const u8,
    file_len: usize,
    pixels: *const u8,
    pixels_len: usize,
    logits: *mut f32,
    classes: usize,
) -> i32 {
    // SAFETY: the caller's.
    let (file, pixels, logits) = unsafe {
        (
            core::slice::from_raw_parts(file, file_len),
            core::slice::from_raw_parts(pixels, pixels_len),
            core::slice::from_raw_parts_mut(logits, classes),
        )
    };
    let done = Packed::read(file).ok().and_then(|packed| {
        let mut runner = Runner::new(Kernels::detect().ok()?, &packed).ok()?;
        runner.run(pixels, logits).ok()
    });
    if done.is_some() { 0 } else { -1 }
}

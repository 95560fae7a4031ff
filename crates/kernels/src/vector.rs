//! What an instruction set can do: the vocabulary of the generic loops.

/// The 32-bit sums of one pixel for the outputs of one panel.
#[derive(Clone, Copy)]
#[repr(C, align(64))]
pub(crate) struct Sums(pub [i32; 64]);

impl Sums {
    pub(crate) const ZERO: Self = Self([0; 64]);
}

/// Words of 64 bits side by side.
///
/// # Safety
/// Every function executes instructions of the implementor's instruction set, which the CPU must
/// have; `load` and `store` touch `LANES` words from the pointer on, aligned or not.
pub(crate) unsafe trait Vector: Copy {
    /// Words of 64 bits.
    const LANES: usize;
    /// Words whose popcounts a counter holds before it must be widened.
    const COUNTER_WORDS: usize;

    unsafe fn zero() -> Self;
    unsafe fn splat(word: u64) -> Self;
    unsafe fn load(from: *const u64) -> Self;
    unsafe fn store(a: Self, to: *mut u64);
    unsafe fn xor(a: Self, b: Self) -> Self;
    unsafe fn and(a: Self, b: Self) -> Self;
    /// Adds 64-bit lanes.
    unsafe fn add64(a: Self, b: Self) -> Self;
    /// Adds 32-bit lanes.
    unsafe fn add32(a: Self, b: Self) -> Self;
    /// Subtracts 32-bit lanes.
    unsafe fn sub32(a: Self, b: Self) -> Self;
    /// `counter + popcount(bits)`, in lanes of the counter's own width.
    unsafe fn count(counter: Self, bits: Self) -> Self;
    /// The counter as 64-bit lanes.
    unsafe fn widen(counter: Self) -> Self;
    /// 32-bit lanes `even[0], odd[0], even[1], …` of counts below 2^32.
    unsafe fn interleave(even: Self, odd: Self) -> Self;
}

/// Defines a [`Vector`]'s functions, an expression each.
macro_rules! operations {
    ($($name:ident($($argument:ident: $type:ty),*) -> $result:ty = $body:expr;)*) => {$(
        #[inline(always)]
        unsafe fn $name($($argument: $type),*) -> $result {
            // SAFETY: the caller's: the CPU has the instruction set, and a pointer its words.
            #[allow(unused_unsafe, reason = "some instruction sets are part of the target")]
            unsafe {
                $body
            }
        }
    )*};
}

pub(crate) use operations;

/// What every instruction set brings beside vectors of words.
///
/// # Safety
/// As for [`Vector`].
pub(crate) unsafe trait Lanes {
    /// Bit `i` is `sums[i] >= at[i]`, for the first `outputs`, a multiple of the vector.
    unsafe fn at_least(sums: &Sums, at: &Sums, outputs: usize) -> u64;
    /// Signs of 64 floats, and whether one is NaN.
    unsafe fn signs(values: &[f32; 64]) -> (u64, bool);
}

//! The table of entry points that an instruction set fills, and what its vectors can do.

use crate::job::Job;
use crate::kernels::{FloatConv, Pool};
use crate::prepared::{Operands, Panel};

/// Pixels that a tile holds at most.
pub(crate) const TILE_SITES: usize = 4;

/// Outputs of a panel of weights for pixels.
pub(crate) const PIXEL_OUTPUTS: usize = 64;

/// The 32-bit sums of one pixel for the outputs of one panel.
#[derive(Clone, Copy)]
#[repr(C, align(64))]
pub(crate) struct Sums(pub [i32; 64]);

impl Sums {
    pub(crate) const ZERO: Self = Self([0; 64]);
}

/// Two planes of ternary rows: `[sign, nonzero]`.
pub(crate) type Planes<'a> = [&'a [u64]; 2];

/// Where the position of each maximum goes, if anywhere.
pub(crate) type Positions<'a> = Option<&'a mut [u32]>;

/// Contiguous words, or runs of them, that input and panel share: the taps inside the image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Runs {
    /// Runs in two nested loops: rows of taps, and taps of a row unless those are contiguous.
    pub counts: [usize; 2],
    /// Input words between runs.
    pub input_steps: [usize; 2],
    /// Weight words of a filter between runs.
    pub filter_steps: [usize; 2],
    /// Weight words of a filter before the first run.
    pub filter_start: usize,
    /// Words of a run.
    pub len: usize,
}

/// Which of the two operands have a `nonzero` plane.
pub(crate) trait Product {
    const TERNARY_INPUTS: bool;
    const TERNARY_WEIGHTS: bool;
    const TERNARY: bool = Self::TERNARY_INPUTS || Self::TERNARY_WEIGHTS;
    const WEIGHT_PLANES: usize = 1 + Self::TERNARY_WEIGHTS as usize;
}

/// A [`Product`] of its name.
macro_rules! product {
    ($name:ident, $inputs:literal, $weights:literal) => {
        pub(crate) enum $name {}

        impl Product for $name {
            const TERNARY_INPUTS: bool = $inputs;
            const TERNARY_WEIGHTS: bool = $weights;
        }
    };
}

product!(Binary, false, false);
product!(TernaryInputs, true, false);
product!(TernaryWeights, false, true);
product!(Ternary, true, true);

/// Words of 64 bits side by side: what the generic loops are written in.
///
/// # Safety
/// Every method executes instructions of the implementor's instruction set, which the CPU must
/// have; `load` and `store` touch `LANES` words from the pointer on, aligned or not.
pub(crate) unsafe trait Vector: Copy {
    /// Words of 64 bits.
    const LANES: usize;
    /// Words whose popcounts a counter holds before it must be widened.
    const COUNTER_WORDS: usize;

    unsafe fn zero() -> Self;
    unsafe fn splat(word: u64) -> Self;
    unsafe fn load(from: *const u64) -> Self;
    unsafe fn store(self, to: *mut u64);
    unsafe fn xor(self, other: Self) -> Self;
    unsafe fn and(self, other: Self) -> Self;
    /// Adds 64-bit lanes.
    unsafe fn add64(self, other: Self) -> Self;
    /// Adds 32-bit lanes.
    unsafe fn add32(self, other: Self) -> Self;
    /// Subtracts 32-bit lanes.
    unsafe fn sub32(self, other: Self) -> Self;
    /// `counter + popcount(bits)`, in lanes of the counter's own width.
    unsafe fn count(counter: Self, bits: Self) -> Self;
    /// The counter as 64-bit lanes.
    unsafe fn widen(counter: Self) -> Self;
    /// 32-bit lanes `even[0], odd[0], even[1], …` of counts below 2^32.
    unsafe fn interleave(even: Self, odd: Self) -> Self;
}

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

/// A tile of pixels times one panel of packed weights.
///
/// # Safety
/// As for [`Vector`].
pub(crate) unsafe trait Tile<P: Product>: Lanes {
    /// The panel that the tile reads.
    const PANEL: Panel;
    /// Pixels in a full tile, at most [`TILE_SITES`].
    const SITES: usize;

    /// `sums[i][o] = start[o] + Σ input_i · weights_o − n`, where `n` is the number of bits when
    /// the product is binary and 0 when it is ternary; binary callers put `n` into `start`.
    ///
    /// # Safety
    /// From each of `sites` on, the input's planes hold the words that `runs` says, and so does
    /// the panel.
    unsafe fn tile<const SITES: usize>(
        runs: &Runs,
        planes: [*const u64; 2],
        sites: [usize; SITES],
        panel: *const u64,
        start: &Sums,
        sums: &mut [Sums; TILE_SITES],
    );
}

/// A tile of pixels times one panel of pixel weights.
///
/// # Safety
/// As for [`Vector`].
pub(crate) unsafe trait PixelTile: Lanes {
    /// `sums[i][o] = Σ_k patch_i[k] · weight_o[k]` over `quads` groups of four, weights 0 or 1.
    ///
    /// # Safety
    /// The patches hold `4 · quads` bytes each and the panel [`PIXEL_OUTPUTS`] times as many.
    unsafe fn tile<const SITES: usize>(
        patches: [*const u8; SITES],
        quads: usize,
        panel: *const u8,
        sums: &mut [Sums; TILE_SITES],
    );
}

/// The entry points of one instruction set.
///
/// Each is safe to call on a CPU that has the instruction set, with slices whose lengths its
/// caller has checked.
pub(crate) struct Table {
    pub panel: fn(Operands) -> Panel,
    pub conv: unsafe fn(&mut Job),
    pub mismatches: unsafe fn(&[u64], &[u64]) -> u64,
    pub ternary_dot: unsafe fn(Planes, Planes) -> i64,
    pub pack_signs: unsafe fn(&[f32], usize, &mut [u64]) -> Option<usize>,
    pub max_pool_bits: unsafe fn(&Pool, &[u64], &[u64], &mut [u64]),
    pub max_pool_sums: unsafe fn(&Pool, &[i32], &mut [i32], Positions),
    pub affine: unsafe fn(&[f32], &[f32], &mut [f32]),
    pub add: unsafe fn(&[f32], &mut [f32]),
    pub mean_pool: unsafe fn(&[f32], usize, &mut [f32]),
    pub dense_f32: unsafe fn(&[f32], &[f32], usize, &mut [f32]),
    pub limit: unsafe fn(u64) -> u64,
    pub conv_f32: unsafe fn(&FloatConv, &mut [f32], &mut [f32]),
}

/// Fills a [`Table`] for `$lanes`, whose generic loops run on `$vector`, with one entry point per
/// kernel that enables `$features`.
macro_rules! entry_points {
    ($lanes:ty, $vector:ty, $($features:literal)?) => {
        mod entry {
            use super::*;
            use crate::generic;
            use crate::job::Job;
            use crate::kernels::{FloatConv, Pool};
            use crate::prepared::Operands;
            use crate::table::{
                Binary, Planes, Positions, Ternary, TernaryInputs, TernaryWeights,
            };

            pub(super) fn panel(operands: Operands) -> Panel {
                match operands {
                    Operands::Binary => <$lanes as Tile<Binary>>::PANEL,
                    Operands::TernaryInputs => <$lanes as Tile<TernaryInputs>>::PANEL,
                    Operands::TernaryWeights => <$lanes as Tile<TernaryWeights>>::PANEL,
                    Operands::Ternary => <$lanes as Tile<Ternary>>::PANEL,
                    Operands::Pixels => Panel::Pixels,
                }
            }

            $(#[target_feature(enable = $features)])?
            pub(super) fn conv(job: &mut Job) {
                // SAFETY: this function enables the features that `$lanes` executes; the job was
                // checked where it was made.
                unsafe {
                    match job.plan.operands {
                        Operands::Binary => generic::convolve::<$lanes, Binary>(job),
                        Operands::TernaryInputs => generic::convolve::<$lanes, TernaryInputs>(job),
                        Operands::TernaryWeights => {
                            generic::convolve::<$lanes, TernaryWeights>(job)
                        }
                        Operands::Ternary => generic::convolve::<$lanes, Ternary>(job),
                        Operands::Pixels => generic::convolve_pixels::<$lanes>(job),
                    }
                }
            }

            $(#[target_feature(enable = $features)])?
            pub(super) fn mismatches(a: &[u64], b: &[u64]) -> u64 {
                // SAFETY: this function enables the features that `$vector` executes.
                unsafe { generic::mismatches::<$vector>(a, b) }
            }

            $(#[target_feature(enable = $features)])?
            pub(super) fn ternary_dot(a: Planes, b: Planes) -> i64 {
                // SAFETY: this function enables the features that `$vector` executes.
                unsafe { generic::ternary_dot::<$vector>(a, b) }
            }

            $(#[target_feature(enable = $features)])?
            pub(super) fn pack_signs(
                values: &[f32],
                cols: usize,
                out: &mut [u64],
            ) -> Option<usize> {
                // SAFETY: this function enables the features that `$lanes` executes.
                unsafe { generic::pack_signs::<$lanes>(values, cols, out) }
            }

            $(#[target_feature(enable = $features)])?
            pub(super) fn max_pool_bits(
                pool: &Pool,
                input: &[u64],
                invert: &[u64],
                out: &mut [u64],
            ) {
                generic::max_pool_bits(pool, input, invert, out);
            }

            $(#[target_feature(enable = $features)])?
            pub(super) fn max_pool_sums(
                pool: &Pool,
                input: &[i32],
                out: &mut [i32],
                positions: Positions,
            ) {
                generic::max_pool_sums(pool, input, out, positions);
            }

            $(#[target_feature(enable = $features)])?
            pub(super) fn affine(scale: &[f32], shift: &[f32], x: &mut [f32]) {
                generic::affine(scale, shift, x);
            }

            $(#[target_feature(enable = $features)])?
            pub(super) fn add(residual: &[f32], x: &mut [f32]) {
                generic::add(residual, x);
            }

            $(#[target_feature(enable = $features)])?
            pub(super) fn mean_pool(x: &[f32], channels: usize, y: &mut [f32]) {
                generic::mean_pool(x, channels, y);
            }

            $(#[target_feature(enable = $features)])?
            pub(super) fn dense_f32(x: &[f32], weights: &[f32], inputs: usize, y: &mut [f32]) {
                generic::dense_f32(x, weights, inputs, y);
            }

            $(#[target_feature(enable = $features)])?
            pub(super) fn conv_f32(conv: &FloatConv, patch: &mut [f32], y: &mut [f32]) {
                generic::conv_f32(conv, patch, y);
            }
        }

        pub(crate) static TABLE: Table = Table {
            panel: entry::panel,
            conv: entry::conv,
            mismatches: entry::mismatches,
            ternary_dot: entry::ternary_dot,
            pack_signs: entry::pack_signs,
            max_pool_bits: entry::max_pool_bits,
            max_pool_sums: entry::max_pool_sums,
            affine: entry::affine,
            add: entry::add,
            mean_pool: entry::mean_pool,
            dense_f32: entry::dense_f32,
            limit: limit::run,
            conv_f32: entry::conv_f32,
        };
    };
}

pub(crate) use entry_points;

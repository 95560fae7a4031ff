//! A product of some pixels with one panel: which numbers meet, and the tile that each instruction
//! set brings.

use crate::panel::Panel;
use crate::vector::{Lanes, Sums};

/// Pixels that a tile holds at most.
pub(crate) const TILE_SITES: usize = 4;

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

/// The body of a [`Tile`] on panels of words: the generic loop on `$vector`.
macro_rules! word_tile {
    ($vector:ty, $product:ty, $sites:literal) => {
        const PANEL: Panel = Panel::Words {
            lanes: <$vector as Vector>::LANES,
        };
        const SITES: usize = $sites;

        #[inline(always)]
        unsafe fn tile<const SITES: usize>(
            runs: &Runs,
            planes: [*const u64; 2],
            sites: [usize; SITES],
            panel: *const u64,
            start: &Sums,
            sums: &mut [Sums; TILE_SITES],
        ) {
            // SAFETY: the caller's.
            unsafe {
                crate::generic::tile::<$vector, $product, SITES>(
                    runs, planes, sites, panel, start, sums,
                )
            }
        }
    };
}

pub(crate) use word_tile;

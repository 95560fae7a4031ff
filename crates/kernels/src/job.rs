//! A checked convolution, as the loops see it.

use core::ops::Range;

use orthant_bits::{ConvShape, PoolShape};

use crate::conv::Output;
use crate::prepared::Plan;

/// Everything that a convolution's loops read and write; every length in it was checked.
pub(crate) struct Job<'a> {
    pub shape: ConvShape,
    pub pool: Option<PoolShape>,
    /// Rows of the output, of all images, that are asked for.
    pub rows: Range<usize>,
    /// Height and width of the output of one image, the pool included.
    pub extent: [usize; 2],
    /// Packed input: one plane, or sign and nonzero.
    pub planes: [&'a [u64]; 2],
    /// Words between pixels of a plane.
    pub pixel_words: usize,
    /// Words between the groups of a pixel.
    pub group_words: usize,
    /// 8-bit input.
    pub pixels: &'a [u8],
    /// The input contract's factor.
    pub a: i32,
    pub plan: Plan,
    pub panels: &'a [u64],
    pub inside: &'a [u64],
    pub outside: &'a [u64],
    pub output: Output<'a>,
    /// Room for the patches of a block of pixels.
    pub patches: &'a mut [u64],
}

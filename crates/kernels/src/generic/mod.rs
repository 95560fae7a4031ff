//! The loops, written once and compiled for every instruction set.
//!
//! ```text
//! walk    which output pixels see the same taps, in blocks
//!   packed / pixels   a block of pixels times a group of panels
//!     tile            a few pixels times one panel: the hot loop
//!     store           sums to memory, or compared and packed
//! ```
//!
//! Everything here is `#[inline(always)]`, so that it takes on the features of the entry point
//! that calls it.

mod float;
mod groups;
mod lookup;
mod mismatches;
mod packed;
mod pixels;
mod pool;
mod rounding;
mod sign;
mod store;
mod tile;
mod walk;

pub(crate) use float::{add, affine, conv_f32, dense_f32, mean_pool};
pub(crate) use groups::{split_groups, word_from};
pub(crate) use lookup::{fill_tables, look_up, look_up_tile, spread, spread_all};
pub(crate) use mismatches::{mismatches, ternary_dot};
pub(crate) use packed::convolve;
pub(crate) use pixels::{convolve_pixels, patch_words};
pub(crate) use pool::{max_pool_bits, max_pool_f32, max_pool_sums};
pub(crate) use rounding::{largest, round};
pub(crate) use sign::pack_signs;
pub(crate) use store::finish;
pub(crate) use tile::tile;

//! The table of entry points that an instruction set fills.

use crate::float::FloatConv;
use crate::gradient::Rounding;
use crate::job::Job;
use crate::lookup::{BitQuads, COLUMNS, GradientTable, LookUp};
use crate::panel::{Operands, Panel};
use crate::pool::Pool;

/// Two planes of ternary rows: `[sign, nonzero]`.
pub(crate) type Planes<'a> = [&'a [u64]; 2];

/// Where the position of each maximum goes, if anywhere.
pub(crate) type Positions<'a> = Option<&'a mut [u32]>;

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
    pub max_pool_f32: unsafe fn(&Pool, &[f32], &mut [f32]),
    pub affine: unsafe fn(&[f32], &[f32], &mut [f32]),
    pub add: unsafe fn(&[f32], &mut [f32]),
    pub mean_pool: unsafe fn(&[f32], usize, &mut [f32]),
    pub dense_f32: unsafe fn(&[f32], &[f32], usize, &mut [f32]),
    pub limit: unsafe fn(u64) -> u64,
    pub conv_f32: unsafe fn(&FloatConv, &mut [f32], &mut [f32]),
    pub largest: unsafe fn(&[f32], &mut [u32]),
    pub round: unsafe fn(&Rounding, &[f32], &[f32], &mut [i8]),
    pub fill_tables: unsafe fn(&[[i8; 4]], &mut [GradientTable], usize),
    pub spread: unsafe fn(&[[u32; 4]], usize, &mut [BitQuads]),
    pub look_up: unsafe fn(&LookUp, &mut [[i32; COLUMNS]]),
}

/// Fills a [`Table`] for `$lanes`, whose generic loops run on `$vector`, with one entry point per
/// kernel that enables `$features`.
macro_rules! entry_points {
    ($lanes:ty, $vector:ty, $($features:literal)?) => {
        mod entry {
            use super::*;
            use crate::float::FloatConv;
            use crate::generic;
            use crate::gradient::Rounding;
            use crate::job::Job;
            use crate::lookup::{BitQuads, COLUMNS, GradientTable, LookUp};
            use crate::panel::Operands;
            use crate::pool::Pool;
            use crate::product::{Binary, Ternary, TernaryInputs, TernaryWeights};
            use crate::table::{Planes, Positions};

            pub(super) fn panel(operands: Operands) -> Panel {
                match operands {
                    Operands::Binary => <$lanes as Tile<Binary>>::PANEL,
                    Operands::TernaryInputs => <$lanes as Tile<TernaryInputs>>::PANEL,
                    Operands::TernaryWeights => <$lanes as Tile<TernaryWeights>>::PANEL,
                    Operands::Ternary => <$lanes as Tile<Ternary>>::PANEL,
                    Operands::Pixels | Operands::TernaryPixels => Panel::Pixels,
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
                        Operands::Pixels | Operands::TernaryPixels => {
                            generic::convolve_pixels::<$lanes>(job)
                        }
                    }
                }
            }

            $(#[target_feature(enable = $features)])?
            pub(super) fn mismatches(a: &[u64], b: &[u64]) -> u64 {
                // SAFETY: this function enables the features that `$vector` executes; the lengths
                // were
                // compared where it is called.
                unsafe { generic::mismatches::<$vector>(a, b) }
            }

            $(#[target_feature(enable = $features)])?
            pub(super) fn ternary_dot(a: Planes, b: Planes) -> i64 {
                // SAFETY: this function enables the features that `$vector` executes; the lengths
                // were
                // compared where it is called.
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
            pub(super) fn max_pool_f32(pool: &Pool, input: &[f32], out: &mut [f32]) {
                generic::max_pool_f32(pool, input, out);
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

            $(#[target_feature(enable = $features)])?
            pub(super) fn largest(values: &[f32], largest: &mut [u32]) {
                generic::largest(values, largest);
            }

            $(#[target_feature(enable = $features)])?
            pub(super) fn round(
                rounding: &Rounding,
                factors: &[f32],
                values: &[f32],
                out: &mut [i8],
            ) {
                generic::round(rounding, factors, values, out);
            }

            $(#[target_feature(enable = $features)])?
            pub(super) fn fill_tables(
                quads: &[[i8; 4]],
                tables: &mut [GradientTable],
                stride: usize,
            ) {
                // SAFETY: this function enables the features that `$lanes` executes.
                unsafe { <$lanes as crate::lookup::LookUpTile>::fill_tables(quads, tables, stride) }
            }

            $(#[target_feature(enable = $features)])?
            pub(super) fn spread(words: &[[u32; 4]], half: usize, out: &mut [BitQuads]) {
                // SAFETY: this function enables the features that `$lanes` executes.
                unsafe { generic::spread_all::<$lanes>(words, half, out) }
            }

            $(#[target_feature(enable = $features)])?
            pub(super) fn look_up(job: &LookUp, sums: &mut [[i32; COLUMNS]]) {
                // SAFETY: this function enables the features that `$lanes` executes; a `LookUp`
                // is checked where it is made.
                unsafe { generic::look_up::<$lanes>(job, sums) }
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
            max_pool_f32: entry::max_pool_f32,
            affine: entry::affine,
            add: entry::add,
            mean_pool: entry::mean_pool,
            dense_f32: entry::dense_f32,
            limit: limit::run,
            conv_f32: entry::conv_f32,
            largest: entry::largest,
            round: entry::round,
            fill_tables: entry::fill_tables,
            spread: entry::spread,
            look_up: entry::look_up,
        };
    };
}

pub(crate) use entry_points;

//! Pairs of products of a layer, block by block.
//!
//! A block is some output positions times some filters of one group: two matrices that stay in the
//! cache while they are summed and counted. Blocks depend on the shape alone and are added up in
//! their order, so that threads do not change a bit.

use core::ops::Range;

use orthant_bits::ConvShape;
use rayon::prelude::*;

use super::grid::Grid;
use super::interval::{GROUPS, group};
use super::sums::{FilterSums, PairSums};

/// Output positions of a block.
const ROWS: usize = 512;

/// Most filters of a block.
const FILTERS: usize = 256;

/// Blocks that are held at a time.
const WAVE: usize = 64;

/// Some output positions, and some filters of one group.
#[derive(Debug, Clone)]
pub(crate) struct Block {
    pub rows: Range<usize>,
    pub group: usize,
    /// Counted over all groups.
    pub filters: Range<usize>,
}

/// The blocks of a number of positions.
pub(crate) fn blocks(shape: &ConvShape, rows: usize) -> Vec<Block> {
    let per_group = shape.group_outputs();
    let parts = per_group.div_ceil(FILTERS);
    let mut blocks = Vec::new();
    for start in (0..rows).step_by(ROWS) {
        for group in 0..shape.groups {
            for part in 0..parts {
                let cut = |part: usize| group * per_group + per_group * part / parts;
                blocks.push(Block {
                    rows: start..(start + ROWS).min(rows),
                    group,
                    filters: cut(part)..cut(part + 1),
                });
            }
        }
    }
    blocks
}

/// Memory of a task.
#[derive(Default)]
pub(crate) struct Scratch {
    pub patches: Vec<f32>,
    /// `[rows, filters]` of a block.
    pub x: Vec<f32>,
    pub y: Vec<f32>,
}

/// All that is kept of the pairs of a layer.
#[derive(Debug, Clone)]
pub(crate) struct Pairs {
    pub filters: FilterSums,
    pub groups: Vec<PairSums>,
    pub grid: Grid,
    pub images: u64,
    smallest: [i32; 2],
}

struct Part {
    filters: FilterSums,
    groups: Vec<(usize, PairSums)>,
    grid: Grid,
}

impl Pairs {
    /// Nothing yet, of so many filters; `smallest` are the grid's.
    pub(crate) fn new(filters: usize, smallest: [i32; 2]) -> Self {
        Self {
            filters: FilterSums::new(filters),
            groups: vec![PairSums::default(); GROUPS],
            grid: Grid::new(smallest),
            images: 0,
            smallest,
        }
    }

    /// Takes in blocks of a batch.
    ///
    /// `image_of` tells the image of a row, counted from the first batch on; rows of an image are
    /// neighbours. `fill` computes a block's pairs.
    pub(crate) fn see(
        &mut self,
        blocks: &[Block],
        image_of: impl Fn(usize) -> u64 + Sync,
        fill: impl Fn(&Block, &mut Scratch) + Sync,
    ) {
        for wave in blocks.chunks(WAVE) {
            let parts: Vec<Part> = wave
                .par_iter()
                .map_init(Scratch::default, |scratch, block| {
                    let len = block.rows.len() * block.filters.len();
                    scratch.x.resize(len, 0.0);
                    scratch.y.resize(len, 0.0);
                    fill(block, scratch);
                    self.part(block, &image_of, scratch)
                })
                .collect();
            for (block, part) in wave.iter().zip(parts) {
                self.filters.merge(block.filters.start, &part.filters);
                for (group, sums) in part.groups {
                    self.groups[group].merge(&sums);
                }
                self.grid.merge(&part.grid);
            }
        }
    }

    fn part(&self, block: &Block, image_of: &impl Fn(usize) -> u64, scratch: &Scratch) -> Part {
        let width = block.filters.len();
        let mut part = Part {
            filters: FilterSums::new(width),
            groups: Vec::new(),
            grid: Grid::new(self.smallest),
        };
        let mut run = FilterSums::new(width);
        let mut start = block.rows.start;
        while start < block.rows.end {
            let image = image_of(start);
            let rows = start..block.rows.end;
            let end = rows.into_iter().find(|row| image_of(*row) != image);
            let end = end.unwrap_or(block.rows.end);
            let range = (start - block.rows.start) * width..(end - block.rows.start) * width;
            let (x, y) = (&scratch.x[range.clone()], &scratch.y[range]);
            run.clear();
            for (x, y) in x.chunks_exact(width).zip(y.chunks_exact(width)) {
                run.add_row(x, y);
            }
            let mut sums = PairSums {
                pairs: x.len() as u64,
                sums: run.total(),
                ..PairSums::default()
            };
            // Finite squares cannot add up to what is not, since they are squares of f32.
            if sums.sums.iter().all(|sum| sum.is_finite()) {
                [sums.opposite, sums.ties] = signs(x, y);
                part.grid.add(x, y);
            } else {
                let pairs = x.iter().zip(y);
                let broken = pairs.filter(|(x, y)| !(x.is_finite() && y.is_finite()));
                sums.broken = broken.count() as u64;
            }
            part.groups.push((group(image), sums));
            part.filters.merge(0, &run);
            start = end;
        }
        part
    }

    /// The sums over all pairs.
    pub(crate) fn total(&self) -> PairSums {
        let mut total = PairSums::default();
        self.groups.iter().for_each(|group| total.merge(group));
        total
    }

    /// Each filter's sums.
    pub(crate) fn per_filter(&self) -> impl Iterator<Item = PairSums> {
        let filters = self.filters.filters();
        let pairs = self.total().pairs / filters.max(1) as u64;
        (0..filters).map(move |filter| self.filters.filter(filter, pairs))
    }
}

/// Pairs of opposite signs, and pairs with a 0.
fn signs(x: &[f32], y: &[f32]) -> [u64; 2] {
    // A block has fewer pairs than a u32 counts.
    let (mut opposite, mut ties) = (0u32, 0u32);
    for (x, y) in x.iter().zip(y) {
        opposite += u32::from((*x < 0.0) & (*y > 0.0)) + u32::from((*x > 0.0) & (*y < 0.0));
        ties += u32::from((*x == 0.0) | (*y == 0.0));
    }
    [opposite, ties].map(u64::from)
}

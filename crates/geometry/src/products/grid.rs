//! A two-dimensional histogram whose range grows with what it is given.
//!
//! A range is a power of two on either side of 0. A number beyond it doubles the range and merges
//! bins in pairs, which leaves exactly the counts that the larger range would have had from the
//! start: the result does not depend on the order of numbers, and no second pass is needed.

use serde::Serialize;

/// Bins on each side of 0, as a power of two and as a number; the paper's figures have 50 in all.
const HALF_EXPONENT: i32 = 5;
const HALF: usize = 1 << HALF_EXPONENT;

/// Bins of an axis.
const SIDE: usize = 2 * HALF;

/// Counts of pairs `(x, y)` in bins of equal width; a bin holds its lower edge.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Histogram2d {
    /// Lower edge of the first bin and upper edge of the last, in units of x.
    pub x_range: [f64; 2],
    /// The same of y.
    pub y_range: [f64; 2],
    /// Bins along x and along y, at most 64; 32 or more where a distribution lies about 0.
    pub bins: [usize; 2],
    /// `[bins of x, bins of y]`, row after row; their logarithms are what is drawn.
    pub counts: Vec<u64>,
}

/// Counts over a range that grows.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Grid {
    /// The ranges are `±2^exponent`.
    exponents: [i32; 2],
    counts: Vec<u64>,
}

impl Grid {
    /// Smallest range of a real number.
    pub(crate) const REAL: i32 = -100;

    /// Smallest range of integers: bins of width 2 hold as many odd numbers as even ones, and sums
    /// of ±1 are of one kind.
    pub(crate) const INTEGER: i32 = HALF_EXPONENT + 1;

    /// An empty grid with the smallest ranges of x and y.
    pub(crate) fn new(exponents: [i32; 2]) -> Self {
        Self {
            exponents,
            counts: vec![0; SIDE * SIDE],
        }
    }

    /// Counts finite pairs.
    pub(crate) fn add(&mut self, x: &[f32], y: &[f32]) {
        for (axis, values) in [x, y].into_iter().enumerate() {
            let largest = values
                .iter()
                .fold(0.0f32, |most, value| most.max(value.abs()));
            self.widen(axis, exponent_above(largest));
        }
        let [x_scale, y_scale] = self
            .exponents
            .map(|e| 2.0f64.powi(HALF_EXPONENT - e) as f32);
        for (x, y) in x.iter().zip(y) {
            let at = place(x * x_scale) * SIDE + place(y * y_scale);
            self.counts[at] += 1;
        }
    }

    /// Adds the counts of another, whatever its ranges.
    pub(crate) fn merge(&mut self, other: &Self) {
        for axis in 0..2 {
            self.widen(axis, other.exponents[axis]);
        }
        let shifts: [usize; 2] =
            core::array::from_fn(|a| (self.exponents[a] - other.exponents[a]) as usize);
        if shifts == [0, 0] {
            self.counts
                .iter_mut()
                .zip(&other.counts)
                .for_each(|(to, from)| *to += from);
            return;
        }
        for (at, &count) in other
            .counts
            .iter()
            .enumerate()
            .filter(|(_, count)| **count > 0)
        {
            let [x, y] = [at / SIDE, at % SIDE];
            self.counts[shifted(x, shifts[0]) * SIDE + shifted(y, shifts[1])] += count;
        }
    }

    fn widen(&mut self, axis: usize, exponent: i32) {
        let shift = exponent - self.exponents[axis];
        if shift <= 0 {
            return;
        }
        self.exponents[axis] = exponent;
        let mut wide = vec![0; SIDE * SIDE];
        for (at, &count) in self
            .counts
            .iter()
            .enumerate()
            .filter(|(_, count)| **count > 0)
        {
            let mut place = [at / SIDE, at % SIDE];
            place[axis] = shifted(place[axis], shift as usize);
            wide[place[0] * SIDE + place[1]] += count;
        }
        self.counts = wide;
    }

    /// The bins that hold something, and those between them.
    pub(crate) fn histogram(&self) -> Histogram2d {
        let mut spans = [[SIDE, 0]; 2];
        for (at, _) in self
            .counts
            .iter()
            .enumerate()
            .filter(|(_, count)| **count > 0)
        {
            for (span, place) in spans.iter_mut().zip([at / SIDE, at % SIDE]) {
                *span = [span[0].min(place), span[1].max(place + 1)];
            }
        }
        let [xs, ys] = spans.map(|[start, end]| if start < end { start..end } else { 0..SIDE });
        let range = |axis: usize, start: usize, end: usize| {
            let width = 2.0f64.powi(self.exponents[axis] - HALF_EXPONENT);
            [start, end].map(|edge| (edge as f64 - HALF as f64) * width)
        };
        let rows = xs.clone().map(|x| &self.counts[x * SIDE..][ys.clone()]);
        Histogram2d {
            x_range: range(0, xs.start, xs.end),
            y_range: range(1, ys.start, ys.end),
            bins: [xs.len(), ys.len()],
            counts: rows.flatten().copied().collect(),
        }
    }
}

/// The bin of a number in units of a bin's width.
#[inline(always)]
fn place(value: f32) -> usize {
    let whole = value as i32;
    // Truncation rounds towards 0, a bin holds its lower edge.
    let floor = whole - i32::from((whole as f32) > value);
    (floor + HALF as i32).clamp(0, SIDE as i32 - 1) as usize
}

/// The bin that a bin becomes part of where the range doubles `by` times.
fn shifted(bin: usize, by: usize) -> usize {
    let apart = bin as i64 - HALF as i64;
    ((apart >> by.min(63)) + HALF as i64) as usize
}

/// The smallest exponent whose power of two is above a magnitude.
fn exponent_above(magnitude: f32) -> i32 {
    if magnitude < f32::MIN_POSITIVE {
        return i32::MIN;
    }
    (magnitude.to_bits() >> 23) as i32 - 127 + 1
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_order_and_the_parts_do_not_matter(
            values in prop::collection::vec((-30.0..30.0f32, -1e4..1e4f32), 1..80),
            cut in any::<prop::sample::Index>(),
        ) {
            let (x, y): (Vec<f32>, Vec<f32>) =
                values.iter().map(|(x, y)| (x.exp2().copysign(*y), *y)).unzip();
            let mut whole = Grid::new([Grid::REAL; 2]);
            whole.add(&x, &y);
            let mut one_by_one = Grid::new([Grid::REAL; 2]);
            for (x, y) in x.iter().zip(&y).rev() {
                one_by_one.add(&[*x], &[*y]);
            }
            let cut = cut.index(x.len());
            let mut first = Grid::new([Grid::REAL; 2]);
            first.add(&x[..cut], &y[..cut]);
            let mut second = Grid::new([Grid::REAL; 2]);
            second.add(&x[cut..], &y[cut..]);
            first.merge(&second);
            prop_assert_eq!(&whole, &one_by_one);
            prop_assert_eq!(&whole, &first);
            let histogram = whole.histogram();
            prop_assert_eq!(histogram.counts.iter().sum::<u64>(), x.len() as u64);
            for (values, range) in [(&x, histogram.x_range), (&y, histogram.y_range)] {
                for value in values {
                    let value = f64::from(*value);
                    prop_assert!(range[0] <= value && value < range[1]);
                }
            }
        }
    }

    #[test]
    fn a_bin_holds_its_lower_edge() {
        let mut grid = Grid::new([Grid::INTEGER; 2]);
        grid.add(&[-2.0, -1.0, 0.0, 1.0, 2.0], &[0.0; 5]);
        let histogram = grid.histogram();
        assert_eq!(histogram.x_range, [-2.0, 4.0]);
        assert_eq!((histogram.bins, histogram.counts), ([3, 1], vec![2, 2, 1]));
    }

    #[test]
    fn an_even_distribution_fills_half_the_bins_or_more() {
        for largest in [0.51f32, 0.75, 1.0, 1.3, 1.99] {
            let values: Vec<f32> = (-1000..=1000)
                .map(|i| i as f32 / 1000.0 * largest)
                .collect();
            let mut grid = Grid::new([Grid::REAL; 2]);
            grid.add(&values, &values);
            let [x, y] = grid.histogram().bins;
            assert!((32..=64).contains(&x) && x == y, "{largest} {x}");
        }
    }
}

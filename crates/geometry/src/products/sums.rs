//! Sums of pairs of products, from which every statistic follows.

/// Sums over pairs `(x, y)` of any filters and positions.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct PairSums {
    pub pairs: u64,
    /// `Σx, Σy, Σx², Σy², Σxy`.
    pub sums: [f64; 5],
    /// Pairs of opposite signs.
    pub opposite: u64,
    /// Pairs of which one is 0.
    pub ties: u64,
    /// Pairs that are not finite; where there is one the sums mean nothing.
    pub broken: u64,
}

/// A variance below this share of the mean square is rounding.
const ROUNDING: f64 = 1e-12;

impl PairSums {
    pub(crate) fn merge(&mut self, other: &Self) {
        self.pairs += other.pairs;
        self.sums
            .iter_mut()
            .zip(other.sums)
            .for_each(|(to, from)| *to += from);
        self.opposite += other.opposite;
        self.ties += other.ties;
        self.broken += other.broken;
    }

    /// What is left without a part of it.
    pub(crate) fn without(&self, part: &Self) -> Self {
        let mut sums = self.sums;
        sums.iter_mut()
            .zip(part.sums)
            .for_each(|(to, from)| *to -= from);
        Self {
            pairs: self.pairs - part.pairs,
            sums,
            opposite: self.opposite - part.opposite,
            ties: self.ties - part.ties,
            broken: self.broken - part.broken,
        }
    }

    /// Means of x and y.
    pub(crate) fn means(&self) -> [f64; 2] {
        [0, 1].map(|at| self.sums[at] / self.pairs as f64)
    }

    /// Variances of x and y about their means, biased; 0 where only rounding is left.
    pub(crate) fn variances(&self) -> [f64; 2] {
        let means = self.means();
        [0, 1].map(|at| {
            let square = self.sums[2 + at] / self.pairs as f64;
            let variance = square - means[at] * means[at];
            if variance > ROUNDING * square {
                variance
            } else {
                0.0
            }
        })
    }

    pub(crate) fn covariance(&self) -> f64 {
        let [x, y] = self.means();
        self.sums[4] / self.pairs as f64 - x * y
    }

    /// Pearson's correlation; `None` where x or y does not vary, or a pair is not finite.
    pub(crate) fn r(&self) -> Option<f64> {
        let [x, y] = self.variances();
        let r = self.covariance() / (x * y).sqrt();
        (self.broken == 0 && x > 0.0 && y > 0.0 && r.is_finite()).then(|| r.clamp(-1.0, 1.0))
    }

    /// Slope and intercept of the regression of y on x.
    pub(crate) fn line(&self) -> Option<[f64; 2]> {
        self.r()?;
        let slope = self.covariance() / self.variances()[0];
        let [x, y] = self.means();
        Some([slope, y - slope * x])
    }

    /// Share of pairs of opposite signs; a pair with a 0 is half of one.
    pub(crate) fn opposite_share(&self) -> Option<f64> {
        let share = (self.opposite as f64 + 0.5 * self.ties as f64) / self.pairs as f64;
        (self.broken == 0 && self.pairs > 0).then_some(share)
    }
}

/// The five sums for each of some filters.
#[derive(Debug, Clone, Default)]
pub(crate) struct FilterSums {
    /// `[5][filters]`.
    sums: [Vec<f64>; 5],
}

impl FilterSums {
    pub(crate) fn new(filters: usize) -> Self {
        Self {
            sums: core::array::from_fn(|_| vec![0.0; filters]),
        }
    }

    pub(crate) fn clear(&mut self) {
        self.sums.iter_mut().for_each(|sums| sums.fill(0.0));
    }

    /// Takes in one row of pairs, one for each filter.
    #[inline]
    pub(crate) fn add_row(&mut self, x: &[f32], y: &[f32]) {
        let filters = x.len();
        let [sx, sy, sxx, syy, sxy] = &mut self.sums;
        let (sx, sy) = (&mut sx[..filters], &mut sy[..filters]);
        let (sxx, syy, sxy) = (
            &mut sxx[..filters],
            &mut syy[..filters],
            &mut sxy[..filters],
        );
        let y = &y[..filters];
        for at in 0..filters {
            let (x, y) = (f64::from(x[at]), f64::from(y[at]));
            sx[at] += x;
            sy[at] += y;
            sxx[at] += x * x;
            syy[at] += y * y;
            sxy[at] += x * y;
        }
    }

    /// Adds the sums of other filters' at `first`.
    pub(crate) fn merge(&mut self, first: usize, other: &Self) {
        for (to, from) in self.sums.iter_mut().zip(&other.sums) {
            to[first..]
                .iter_mut()
                .zip(from)
                .for_each(|(to, from)| *to += from);
        }
    }

    /// The sums over all filters.
    pub(crate) fn total(&self) -> [f64; 5] {
        core::array::from_fn(|at| self.sums[at].iter().sum())
    }

    /// One filter's, of which there are `pairs`.
    pub(crate) fn filter(&self, filter: usize, pairs: u64) -> PairSums {
        PairSums {
            pairs,
            sums: core::array::from_fn(|at| self.sums[at][filter]),
            ..PairSums::default()
        }
    }

    pub(crate) fn filters(&self) -> usize {
        self.sums[0].len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(pairs: &[[f32; 2]]) -> PairSums {
        let mut filters = FilterSums::new(1);
        pairs.iter().for_each(|&[x, y]| filters.add_row(&[x], &[y]));
        filters.filter(0, pairs.len() as u64)
    }

    #[test]
    fn a_line_is_found_again() {
        let sums = of(&[[1.0, 1.5], [2.0, 2.0], [5.0, 3.5]]);
        let [slope, intercept] = sums.line().expect("it varies");
        assert!((slope - 0.5).abs() < 1e-12 && (intercept - 1.0).abs() < 1e-12);
        assert!((sums.r().expect("it varies") - 1.0).abs() < 1e-12);
    }

    #[test]
    fn what_does_not_vary_has_no_correlation() {
        assert_eq!(of(&[[1e6, 1.0], [1e6, 2.0], [1e6, 4.0]]).r(), None);
        assert_eq!(of(&[[0.0, 1.0], [0.0, 2.0]]).r(), None);
        assert_eq!(of(&[]).r(), None);
        let mut broken = of(&[[1.0, 1.0], [2.0, 2.0]]);
        broken.broken = 1;
        assert_eq!((broken.r(), broken.opposite_share()), (None, None));
    }

    #[test]
    fn a_part_is_taken_out_again() {
        let (a, b) = (
            of(&[[1.0, 2.0], [3.0, 5.0]]),
            of(&[[2.0, -1.0], [0.5, 4.0]]),
        );
        let mut all = a;
        all.merge(&b);
        assert_eq!(all.without(&b), a);
    }
}

//! Counts over equal steps.

use serde::Serialize;

/// Numbers counted in bins of equal width; a bin holds its lower edge.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Histogram {
    /// Lower edge of the first bin and upper edge of the last.
    pub range: [f64; 2],
    /// A count per bin.
    pub counts: Vec<u64>,
    /// Numbers outside the range, those that are none among them.
    pub outside: u64,
}

impl Histogram {
    /// Empty bins.
    ///
    /// # Panics
    /// If the range is empty or not finite, or there is no bin.
    pub fn new(range: [f64; 2], bins: usize) -> Self {
        let [low, high] = range;
        let width = high - low;
        assert!(
            width > 0.0 && width.is_finite() && bins > 0,
            "{bins} bins over {range:?}"
        );
        Self {
            range,
            counts: vec![0; bins],
            outside: 0,
        }
    }

    /// Counts a number.
    #[inline]
    pub fn add(&mut self, value: f64) {
        let [low, high] = self.range;
        let place = (value - low) / (high - low) * self.counts.len() as f64;
        // Rounding may lift what lies just below the upper edge onto it; NaN fails both.
        match self.counts.get_mut(place as usize) {
            Some(count) if place >= 0.0 => *count += 1,
            _ => self.outside += 1,
        }
    }

    /// Adds the counts of a histogram over the same bins.
    ///
    /// # Panics
    /// If its bins are others.
    pub fn merge(&mut self, other: &Self) {
        assert_eq!(self.range, other.range, "both have the same range");
        assert_eq!(
            self.counts.len(),
            other.counts.len(),
            "both have the same bins"
        );
        for (to, from) in self.counts.iter_mut().zip(&other.counts) {
            *to += from;
        }
        self.outside += other.outside;
    }

    /// Numbers counted, those outside among them.
    pub fn samples(&self) -> u64 {
        self.counts.iter().sum::<u64>() + self.outside
    }

    /// `[middle of the bin, density]`; the densities times the width of a bin add up to the share
    /// of numbers inside the range.
    pub fn densities(&self) -> Vec<[f64; 2]> {
        let [low, high] = self.range;
        let width = (high - low) / self.counts.len() as f64;
        let unit = 1.0 / (width * self.samples().max(1) as f64);
        let places = self.counts.iter().enumerate();
        places
            .map(|(bin, &count)| [low + (bin as f64 + 0.5) * width, count as f64 * unit])
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_is_counted_once() {
        let mut histogram = Histogram::new([-1.0, 1.0], 4);
        for value in [
            -1.0,
            -0.5,
            -0.4,
            0.0,
            0.99,
            1.0,
            -1.1,
            f64::NAN,
            f64::INFINITY,
        ] {
            histogram.add(value);
        }
        assert_eq!(histogram.counts, [1, 2, 1, 1]);
        assert_eq!((histogram.outside, histogram.samples()), (4, 9));
        let twice = {
            let mut twice = histogram.clone();
            twice.merge(&histogram);
            twice
        };
        assert_eq!((twice.counts[1], twice.outside), (4, 8));
    }

    #[test]
    fn densities_add_up_to_the_share_inside() {
        let mut histogram = Histogram::new([0.0, 2.0], 8);
        (0..10).for_each(|at| histogram.add(f64::from(at) * 0.25));
        let inside: f64 = histogram
            .densities()
            .iter()
            .map(|[_, density]| density * 0.25)
            .sum();
        assert!((inside - 0.8).abs() < 1e-12);
        assert_eq!(histogram.densities()[0][0], 0.125);
    }
}

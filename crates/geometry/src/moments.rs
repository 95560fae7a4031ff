//! Mean and deviation of numbers that come one by one.

use crate::Estimate;

/// Running moments up to the second.
///
/// Parts that were counted apart are added; the order of additions is the caller's, so that equal
/// orders give equal bits.
///
/// # Reference
/// Chan, Golub & LeVeque 1983, *Algorithms for Computing the Sample Variance*, eq. 2.1.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Moments {
    samples: u64,
    mean: f64,
    squares: f64,
}

impl Moments {
    /// Takes a number in.
    pub fn add(&mut self, value: f64) {
        self.samples += 1;
        let apart = value - self.mean;
        self.mean += apart / self.samples as f64;
        self.squares += apart * (value - self.mean);
    }

    /// Takes in what another has seen.
    pub fn merge(&mut self, other: &Self) {
        let samples = self.samples + other.samples;
        if other.samples == 0 {
            return;
        }
        let share = other.samples as f64 / samples as f64;
        let apart = other.mean - self.mean;
        self.squares += other.squares + apart * apart * share * self.samples as f64;
        self.mean += apart * share;
        self.samples = samples;
    }

    /// Numbers seen.
    pub fn samples(&self) -> u64 {
        self.samples
    }

    /// Their mean; 0 where there is none.
    pub fn mean(&self) -> f64 {
        self.mean
    }

    /// Their variance about the mean, divided by their number less 1; NaN below two.
    pub fn variance(&self) -> f64 {
        match self.samples {
            0 | 1 => f64::NAN,
            samples => self.squares / (samples - 1) as f64,
        }
    }

    /// The square root of the [variance](Self::variance).
    pub fn deviation(&self) -> f64 {
        self.variance().sqrt()
    }

    /// The mean of independent samples with its standard error.
    pub fn estimate(&self) -> Estimate {
        Estimate {
            value: self.mean,
            standard_error: self.deviation() / (self.samples as f64).sqrt(),
            samples: self.samples,
        }
    }
}

impl Extend<f64> for Moments {
    fn extend<I: IntoIterator<Item = f64>>(&mut self, values: I) {
        values.into_iter().for_each(|value| self.add(value));
    }
}

impl FromIterator<f64> for Moments {
    fn from_iter<I: IntoIterator<Item = f64>>(values: I) -> Self {
        let mut moments = Self::default();
        moments.extend(values);
        moments
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn moments_are_those_of_two_passes(
            values in prop::collection::vec(-1e3..1e3f64, 2..200),
            cut in 0.0..1.0f64,
        ) {
            let (first, second) = values.split_at((cut * values.len() as f64) as usize);
            let mut found: Moments = first.iter().copied().collect();
            found.merge(&second.iter().copied().collect());
            let n = values.len() as f64;
            let mean = values.iter().sum::<f64>() / n;
            let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
            prop_assert_eq!(found.samples(), values.len() as u64);
            prop_assert!((found.mean() - mean).abs() < 1e-9);
            prop_assert!((found.variance() - squares / (n - 1.0)).abs() < 1e-6);
        }
    }

    #[test]
    fn one_number_has_no_variance() {
        let one = Moments::from_iter([3.0]);
        assert_eq!(one.mean(), 3.0);
        assert!(one.deviation().is_nan() && one.estimate().standard_error.is_nan());
        let mut none = Moments::default();
        none.merge(&Moments::default());
        assert_eq!(none, Moments::default());
    }
}

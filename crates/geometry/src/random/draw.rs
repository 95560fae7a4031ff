//! Numbers of a distribution.

use rand_distr::{Distribution as _, Exp1, Gamma, StandardNormal, StandardUniform, StudentT};

use crate::random::stream::Stream;
use crate::theory::Distribution;

impl Stream {
    /// Fills a buffer with independent numbers of a distribution, of variance 1.
    ///
    /// # Panics
    /// If a parameter of the distribution is outside its range.
    pub fn fill(&mut self, distribution: &Distribution, to: &mut [f32]) {
        distribution.check();
        let each = |number: &mut dyn FnMut(&mut Self) -> f64, to: &mut [f32], stream: &mut Self| {
            to.iter_mut().for_each(|to| *to = number(stream) as f32);
        };
        match *distribution {
            // The common case is a loop that the compiler sees through.
            Distribution::Gaussian => to.iter_mut().for_each(|to| *to = self.normal() as f32),
            Distribution::Uniform => {
                let width = 12f64.sqrt();
                each(&mut |stream| (stream.unit() - 0.5) * width, to, self);
            }
            Distribution::Laplace => {
                let scale = std::f64::consts::FRAC_1_SQRT_2;
                each(&mut |stream| scale * stream.signed(Exp1), to, self);
            }
            Distribution::StudentT { freedom } => {
                let unit = StudentT::new(freedom).expect("the freedom is above 2");
                let scale = ((freedom - 2.0) / freedom).sqrt();
                each(&mut |stream| scale * unit.sample(&mut stream.0), to, self);
            }
            Distribution::GeneralizedGaussian { exponent } => {
                let unit = Gamma::new(1.0 / exponent, 1.0).expect("the exponent is above 0");
                let scale = crate::theory::generalized_scale(exponent);
                let magnitude = |stream: &mut Self| {
                    let power: f64 = unit.sample(&mut stream.0);
                    scale * power.powf(1.0 / exponent) * stream.sign()
                };
                each(&mut { magnitude }, to, self);
            }
        }
    }

    /// A standard normal number.
    #[inline]
    pub(crate) fn normal(&mut self) -> f64 {
        StandardNormal.sample(&mut self.0)
    }

    /// A number in [0, 1).
    fn unit(&mut self) -> f64 {
        StandardUniform.sample(&mut self.0)
    }

    /// +1 or −1.
    pub(crate) fn sign(&mut self) -> f64 {
        let is_positive: bool = StandardUniform.sample(&mut self.0);
        if is_positive { 1.0 } else { -1.0 }
    }

    /// A magnitude with a sign.
    fn signed(&mut self, magnitudes: impl rand_distr::Distribution<f64>) -> f64 {
        let magnitude = magnitudes.sample(&mut self.0);
        magnitude * self.sign()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MagnitudeMoments;

    #[test]
    fn moments_are_those_of_the_distributions() {
        for distribution in [
            Distribution::Gaussian,
            Distribution::Uniform,
            Distribution::Laplace,
            Distribution::StudentT { freedom: 9.0 },
            Distribution::GeneralizedGaussian { exponent: 1.5 },
            Distribution::GeneralizedGaussian { exponent: 3.0 },
        ] {
            let mut numbers = vec![0.0; 200_000];
            Stream::new(1).fill(&distribution, &mut numbers);
            let found = MagnitudeMoments::of(&numbers, Some(0.8)).unwrap();
            let expected = distribution.moments(0.8);
            let n = numbers.len() as f64;
            // Five standard errors of means whose variance is the moment of twice the order.
            for (found, expected, square) in [
                (found.kept, expected.kept, expected.kept),
                (found.kept_first, expected.kept_first, expected.kept_second),
                (found.second, 1.0, expected.fourth),
            ] {
                let error = (square / n).sqrt();
                let apart = (found - expected).abs();
                assert!(apart < 5.0 * error, "{distribution:?}: {found} {expected}");
            }
            let mean: f64 = numbers.iter().map(|&x| f64::from(x)).sum::<f64>() / n;
            assert!(mean.abs() < 5.0 / n.sqrt(), "{distribution:?}: {mean}");
        }
    }
}

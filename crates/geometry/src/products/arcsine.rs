//! The law for activations that are jointly normal before they are quantized.
//!
//! ```text
//! f(u)  : sign or ternary number of a normal u, threshold τ in units of its deviation
//! c₁    = E[u f(u)] = 2 φ(τ)
//! Q(ρ)  = E[f(u) f(v)] at correlation ρ
//!       = 1/π ∫ exp(−τ²/(1 + sin t)) + exp(−τ²/(1 − sin t)) dt,  0 ≤ t ≤ arcsin ρ
//! r     = c₁ wᵀDRw / √(wᵀDRDw · wᵀQ(R)w)
//! ```
//!
//! At τ = 0 `Q(ρ) = 2/π arcsin ρ`. The matrix R of a long filter is never whole in memory: its
//! blocks are computed, mapped, multiplied with the filters and dropped.
//!
//! # Reference
//! `docs/theory.md`, T9; Bussgang 1952, *Crosscorrelation Functions of Amplitude-Distorted Gaussian
//! Signals*; Van Vleck & Middleton 1966, eq. 17 (arcsine); Price 1958, *A Useful Theorem for
//! Nonlinear Devices*, for Q.

use core::f64::consts::{FRAC_PI_2, PI};
use core::ops::Range;

use orthant_bits::{sign, ternarize};
use orthant_gemm::{Matrix, MatrixMut, multiply};
use rayon::prelude::*;

use super::interval::standard_error;
use super::report::NormalActivations;

/// Entries of a block of R.
const BLOCK: usize = 256;

/// Steps of the table of Q.
const STEPS: usize = 1 << 13;

/// Q in equal steps of ρ from −1 to 1, between which it is a line.
struct Quantized(Vec<f32>);

impl Quantized {
    fn new(threshold: f64) -> Self {
        let square = threshold * threshold;
        let slope = |t: f64| {
            let part = |sine: f64| match square {
                0.0 => 1.0,
                _ => (-square / (1.0 + sine)).exp(),
            };
            (part(t.sin()) + part(-t.sin())) / PI
        };
        let half = STEPS / 2;
        let mut values = vec![0.0; STEPS + 1];
        let (mut total, mut before) = (0.0, 0.0);
        for step in 1..=half {
            let after = (step as f64 / half as f64).asin();
            // Simpson's rule, on each step alone.
            let middle = slope(0.5 * (before + after));
            total += (after - before) / 6.0 * (slope(before) + 4.0 * middle + slope(after));
            values[half + step] = total as f32;
            values[half - step] = -total as f32;
            before = after;
        }
        Self(values)
    }

    #[inline(always)]
    fn at(&self, correlation: f32) -> f32 {
        let place = (correlation.clamp(-1.0, 1.0) + 1.0) * (STEPS / 2) as f32;
        let step = (place as usize).min(STEPS - 1);
        let [low, high] = [self.0[step], self.0[step + 1]];
        low + (high - low) * (place - step as f32)
    }
}

/// Density of the standard normal distribution.
fn density(x: f64) -> f64 {
    (-0.5 * x * x).exp() / (4.0 * FRAC_PI_2).sqrt()
}

/// Holds the law against patches `z : [n, d]` and quantized weights `[filters, d]`.
///
/// `None` where nothing varies, or below two patches.
pub(crate) fn predict(
    patches: &[f32],
    weights: &[f32],
    d: usize,
    threshold: f32,
) -> Option<NormalActivations> {
    let (n, filters) = (patches.len() / d, weights.len() / d);
    let [means, deviations] = moments(patches, d);
    if n < 2
        || deviations
            .iter()
            .chain(&means)
            .any(|number| !number.is_finite())
    {
        return None;
    }
    let varying = || {
        means
            .iter()
            .zip(&deviations)
            .filter(|(_, deviation)| **deviation > 0.0)
    };
    let count = varying().count() as f64;
    let offsets = varying().map(|(mean, deviation)| (mean / deviation).powi(2));
    let mean_over_deviation = (offsets.sum::<f64>() / count).sqrt();
    let power = varying()
        .map(|(_, deviation)| deviation * deviation)
        .sum::<f64>()
        / count;
    let tau = f64::from(threshold) / power.sqrt();

    // Standardized entries, over √n: R is their Gram matrix.
    let root = (n as f64).sqrt();
    let mut unit = patches.to_vec();
    unit.par_chunks_mut(d).for_each(|row| {
        for ((entry, mean), deviation) in row.iter_mut().zip(&means).zip(&deviations) {
            *entry = match *deviation > 0.0 {
                true => ((f64::from(*entry) - mean) / (deviation * root)) as f32,
                false => 0.0,
            };
        }
    });
    let standard = project(&unit, weights, d);
    let scaled: Vec<f32> = weights
        .chunks_exact(d)
        .flat_map(|filter| filter.iter().zip(&deviations).map(|(w, s)| w * *s as f32))
        .collect();
    let real = project(&unit, &scaled, d);
    let quantized: Vec<f32> = patches
        .par_iter()
        .map(|&z| {
            if threshold > 0.0 {
                ternarize(z, threshold)
            } else {
                sign(z)
            }
        })
        .collect();
    let bits = project(&quantized, weights, d);
    let responses = responses(&unit, weights, d, &deviations, tau);

    let column = |of: &[f64], f: usize| -> Vec<f64> {
        of.iter().skip(f).step_by(filters).copied().collect()
    };
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let mut terms = Vec::new();
    for (f, response) in responses.into_iter().enumerate() {
        let [standard, real, bits] = [&standard, &real, &bits].map(|of| column(of, f));
        let mean = bits.iter().sum::<f64>() / n as f64;
        let bits: Vec<f64> = bits.iter().map(|bits| (bits - mean) / root).collect();
        terms.push([
            2.0 * density(tau) * dot(&real, &standard),
            dot(&real, &real),
            response,
            dot(&real, &bits),
            dot(&bits, &bits),
        ]);
    }
    let sum = |terms: &mut dyn Iterator<Item = &[f64; 5]>| {
        terms.fold([0.0; 5], |sum, term| {
            core::array::from_fn(|at| sum[at] + term[at])
        })
    };
    let law = |[product, x, y, ..]: [f64; 5]| product / (x * y).sqrt();
    let total = sum(&mut terms.iter());
    let parts = (0..filters).map(|left_out| {
        let rest = terms.iter().enumerate().filter(|(at, _)| *at != left_out);
        law(sum(&mut rest.map(|(_, term)| term)))
    });
    let parts: Vec<f64> = parts.collect();
    let [_, x, _, product, y] = total;
    let found = NormalActivations {
        r_predicted: law(total),
        r_predicted_standard_error: standard_error(&parts).filter(|error| error.is_finite()),
        r_measured: product / (x * y).sqrt(),
        patches: n,
        filters,
        mean_over_deviation,
        threshold_over_deviation: tau,
    };
    (found.r_predicted.is_finite() && found.r_measured.is_finite()).then_some(found)
}

/// Means and biased deviations of the columns of `[n, d]`.
fn moments(patches: &[f32], d: usize) -> [Vec<f64>; 2] {
    let n = (patches.len() / d) as f64;
    let total = |of: &dyn Fn(usize, f64) -> f64| {
        let mut totals = vec![0.0; d];
        for row in patches.chunks_exact(d) {
            for (at, (total, entry)) in totals.iter_mut().zip(row).enumerate() {
                *total += of(at, f64::from(*entry));
            }
        }
        totals.iter().map(|total| total / n).collect::<Vec<f64>>()
    };
    let means = total(&|_, entry| entry);
    let variances = total(&|at, entry| (entry - means[at]).powi(2));
    [
        means,
        variances.iter().map(|variance| variance.sqrt()).collect(),
    ]
}

/// `rows · weightsᵀ`, `[n, filters]`.
fn project(rows: &[f32], weights: &[f32], d: usize) -> Vec<f64> {
    let (n, filters) = (rows.len() / d, weights.len() / d);
    let mut out = vec![0.0; n * filters];
    let tasks = out
        .par_chunks_mut(64 * filters)
        .zip(rows.par_chunks(64 * d));
    tasks.for_each(|(out, rows)| {
        let n = rows.len() / d;
        let rows = Matrix::new(rows, [n, d]);
        let weights = Matrix::new(weights, [filters, d]).transposed();
        multiply(MatrixMut::new(out, [n, filters]), rows, weights, false);
    });
    out.into_iter().map(f64::from).collect()
}

/// `wᵀQ(R)w` of each filter.
fn responses(unit: &[f32], weights: &[f32], d: usize, deviations: &[f64], tau: f64) -> Vec<f64> {
    let (n, filters) = (unit.len() / d, weights.len() / d);
    let table = Quantized::new(tau);
    let own = table.at(1.0);
    let parts: Vec<Range<usize>> = (0..d)
        .step_by(BLOCK)
        .map(|at| at..(at + BLOCK).min(d))
        .collect();
    let pairs = (0..parts.len()).flat_map(|i| (i..parts.len()).map(move |j| [i, j]));
    let pairs: Vec<[usize; 2]> = pairs.collect();
    let block = |&[i, j]: &[usize; 2]| -> Vec<f64> {
        let (rows, columns) = (parts[i].clone(), parts[j].clone());
        let (height, width) = (rows.len(), columns.len());
        let mut q = vec![0.0; height * width];
        multiply(
            MatrixMut::new(&mut q, [height, width]),
            Matrix::with_stride(&unit[rows.start..], [n, height], d).transposed(),
            Matrix::with_stride(&unit[columns.start..], [n, width], d),
            false,
        );
        q.iter_mut().for_each(|q| *q = table.at(*q));
        if i == j {
            // An entry's correlation with itself is 1 but for rounding; a constant one has none.
            for (at, deviation) in deviations[rows.clone()].iter().enumerate() {
                q[at * width + at] = if *deviation > 0.0 { own } else { 0.0 };
            }
        }
        let mut seen = vec![0.0; height * filters];
        multiply(
            MatrixMut::new(&mut seen, [height, filters]),
            Matrix::new(&q, [height, width]),
            Matrix::with_stride(&weights[columns.start..], [filters, width], d).transposed(),
            false,
        );
        let times = if i == j { 1.0 } else { 2.0 };
        let mut responses = vec![0.0; filters];
        for (row, seen) in rows.zip(seen.chunks_exact(filters)) {
            for (f, (response, seen)) in responses.iter_mut().zip(seen).enumerate() {
                *response += times * f64::from(weights[f * d + row]) * f64::from(*seen);
            }
        }
        responses
    };
    let blocks: Vec<Vec<f64>> = pairs.par_iter().map(block).collect();
    let mut responses = vec![0.0; filters];
    for block in blocks {
        responses
            .iter_mut()
            .zip(block)
            .for_each(|(to, from)| *to += from);
    }
    responses
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, Stream};

    #[test]
    fn without_a_threshold_q_is_the_arcsine() {
        let table = Quantized::new(0.0);
        for step in -99..=99 {
            let rho = step as f32 / 100.0;
            let expected = 2.0 / PI * f64::from(rho).asin();
            assert!((f64::from(table.at(rho)) - expected).abs() < 2e-5, "{rho}");
        }
        assert!((table.at(1.0) - 1.0).abs() < 1e-6 && (table.at(-1.0) + 1.0).abs() < 1e-6);
    }

    #[test]
    fn at_a_correlation_of_one_q_is_the_share_that_is_not_zero() {
        // 2 Q(0.612) = 1 − 0.4595 of Anderson & Berg's ternary optimum.
        let table = Quantized::new(0.612);
        assert!((table.at(1.0) - 0.5405).abs() < 2e-4, "{}", table.at(1.0));
    }

    /// Patches of `k` shared causes plus noise, and random ±1 filters.
    fn case(n: usize, d: usize, shared: f64, filters: usize) -> (Vec<f32>, Vec<f32>) {
        let mut stream = Stream::of(3, Purpose::Filters, d, n as u64);
        let directions: Vec<f64> = (0..2 * d).map(|_| stream.normal()).collect();
        let mut patches = Vec::new();
        for _ in 0..n {
            let causes = [stream.normal(), stream.normal()];
            for at in 0..d {
                let cause = causes[0] * directions[2 * at] + causes[1] * directions[2 * at + 1];
                patches.push((shared * cause + stream.normal()) as f32);
            }
        }
        let weights = (0..filters * d)
            .map(|_| sign(stream.normal() as f32))
            .collect();
        (patches, weights)
    }

    #[test]
    fn white_activations_keep_the_cosine_though_few_patches_are_known() {
        // Fewer patches than entries: R is far from its limit, its arcsine's sum is not.
        let (patches, weights) = case(512, 1024, 0.0, 64);
        let found = predict(&patches, &weights, 1024, 0.0).expect("it varies");
        let cosine = (2.0 / PI).sqrt();
        assert!((found.r_predicted - cosine).abs() < 0.01, "{found:?}");
        assert!(
            (found.r_measured - found.r_predicted).abs() < 0.01,
            "{found:?}"
        );
    }

    #[test]
    fn the_law_is_what_normal_activations_have() {
        for (shared, threshold) in [(0.3, 0.0), (1.0, 0.0), (0.5, 0.6), (0.0, 0.612)] {
            let (patches, weights) = case(4000, 96, shared, 32);
            let found = predict(&patches, &weights, 96, threshold).expect("it varies");
            assert!(
                (found.r_measured - found.r_predicted).abs() < 0.01,
                "{found:?}"
            );
        }
    }

    #[test]
    fn the_bias_of_few_patches_is_below_its_bound() {
        let (patches, weights) = case(8192, 64, 0.4, 48);
        let all = predict(&patches, &weights, 64, 0.0)
            .expect("it varies")
            .r_predicted;
        let parts: Vec<f64> = patches
            .chunks_exact(64 * 64)
            .map(|part| {
                predict(part, &weights, 64, 0.0)
                    .expect("it varies")
                    .r_predicted
            })
            .collect();
        let moments: crate::Moments = parts.iter().copied().collect();
        let error = moments.estimate().standard_error;
        // Half of one part in 2n, and four standard errors.
        assert!(
            (moments.mean() - all).abs() < 0.25 / 64.0 + 4.0 * error,
            "{moments:?} {all}"
        );
    }

    #[test]
    fn constant_entries_and_patches_have_no_law() {
        assert_eq!(predict(&[1.0; 40], &[1.0; 4], 4, 0.0), None);
        assert_eq!(predict(&[1.0, 2.0], &[1.0, 1.0], 2, 0.0), None);
        assert_eq!(
            predict(&[f32::NAN, 1.0, 2.0, 3.0], &[1.0, 1.0], 2, 0.0),
            None
        );
    }
}

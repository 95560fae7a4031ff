//! One angle for each filter.

use rayon::prelude::*;
use serde::Serialize;

use crate::{Problem, Spread, angle_deg, binarization_cosine, ternarization_cosine};

/// Filters without an angle, by what they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Undefined {
    /// All weights are 0.
    pub zero_filters: u64,
    /// All weights are equal and not 0; the angle to the signs is 0 and says nothing.
    pub constant_filters: u64,
    /// A weight is infinite or NaN.
    pub not_finite_filters: u64,
    /// No weight is above the ternary threshold.
    pub vanishing_filters: u64,
}

impl Undefined {
    /// Filters without an angle.
    pub fn filters(&self) -> u64 {
        self.zero_filters + self.constant_filters + self.not_finite_filters + self.vanishing_filters
    }
}

/// The angle of every filter to what a quantizer makes of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FilterAngles {
    /// Degrees for each filter, in their order; `None` where undefined.
    pub angles_deg: Vec<Option<f64>>,
    /// How many are undefined, and why.
    pub undefined: Undefined,
}

impl FilterAngles {
    /// Angles of filters of `d` weights each, on the threads of rayon's pool.
    pub(crate) fn of(latent: &[f32], d: usize, threshold: Option<f32>) -> Self {
        let of_filter = |filter: &[f32]| {
            if let Some(sort) = Sort::of(filter) {
                return Err(sort);
            }
            let cosine = match threshold {
                None => binarization_cosine(filter),
                Some(threshold) => ternarization_cosine(filter, threshold),
            };
            cosine.map(angle_deg).ok_or(Sort::Vanishing)
        };
        let found: Vec<_> = latent.par_chunks_exact(d).map(of_filter).collect();
        let mut undefined = Undefined::default();
        for sort in found.iter().filter_map(|found| found.err()) {
            *match sort {
                Sort::Zero => &mut undefined.zero_filters,
                Sort::Constant => &mut undefined.constant_filters,
                Sort::NotFinite => &mut undefined.not_finite_filters,
                Sort::Vanishing => &mut undefined.vanishing_filters,
            } += 1;
        }
        Self {
            angles_deg: found.into_iter().map(Result::ok).collect(),
            undefined,
        }
    }

    /// Angles that are defined.
    pub fn defined_deg(&self) -> Vec<f64> {
        self.angles_deg.iter().copied().flatten().collect()
    }

    /// Mean and deviation over the filters that have an angle, in degrees.
    pub fn spread_deg(&self) -> Spread {
        Spread::of(&self.defined_deg())
    }
}

/// A filter without an angle.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Sort {
    Zero,
    Constant,
    NotFinite,
    Vanishing,
}

impl Sort {
    /// What is wrong with a filter as it is.
    pub(crate) fn of(filter: &[f32]) -> Option<Self> {
        if filter.iter().any(|w| !w.is_finite()) {
            return Some(Self::NotFinite);
        }
        let first = filter.first().copied().unwrap_or(0.0);
        let is_constant = filter.iter().all(|&w| w == first);
        is_constant.then_some(if first == 0.0 {
            Self::Zero
        } else {
            Self::Constant
        })
    }
}

/// Weights of a filter, of a layer that has some.
pub(crate) fn filter_len(weights: usize, filters: usize) -> Result<usize, Problem> {
    if filters == 0 || weights == 0 || !weights.is_multiple_of(filters) {
        return Err(Problem::Shape { weights, filters });
    }
    match weights / filters {
        d @ 0..2 => Err(Problem::TooFewWeights { d }),
        d => Ok(d),
    }
}

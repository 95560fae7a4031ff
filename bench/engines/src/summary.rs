//! Many times, as few numbers.

/// A median and what lies around it.
pub struct Summary {
    /// The value in the middle.
    pub median: f64,
    /// Half the distance of the quartiles, in percent of the median.
    pub spread_percent: f64,
    /// The smallest value.
    pub low: f64,
    /// The largest value.
    pub high: f64,
}

impl Summary {
    /// Sums up `values`.
    ///
    /// # Panics
    /// If there is none.
    pub fn of(mut values: Vec<f64>) -> Self {
        values.sort_by(f64::total_cmp);
        let median = quantile(&values, 0.5);
        let quartiles = quantile(&values, 0.75) - quantile(&values, 0.25);
        Self {
            median,
            spread_percent: 50.0 * quartiles / median,
            low: quantile(&values, 0.0),
            high: quantile(&values, 1.0),
        }
    }
}

/// The value below which the part `at` of sorted values lies, between two of them by their line.
fn quantile(sorted: &[f64], at: f64) -> f64 {
    let position = at * (sorted.len() - 1) as f64;
    let (below, above) = (position.floor() as usize, position.ceil() as usize);
    sorted[below] + (sorted[above] - sorted[below]) * position.fract()
}

/// How many times as fast as the other side one is, slice by neighbouring slice.
pub fn ratios(one_ns: &[f64], other_ns: &[f64]) -> Vec<f64> {
    let pairs = one_ns.iter().zip(other_ns);
    pairs.map(|(one, other)| other / one).collect()
}

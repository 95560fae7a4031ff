//! How well a statistic is known, with images as the independent samples.
//!
//! Positions and filters of an image are not independent; images are. They are dealt in turn to at
//! most [`GROUPS`] groups, and the statistic is computed again without each of them.
//!
//! # Reference
//! Miller 1974, *The Jackknife: a Review*, eq. 1.2 and §5 (correlations through Fisher's z).

use statrs::distribution::{ContinuousCDF, StudentsT};

use super::sums::PairSums;

/// Most groups of images.
pub(crate) const GROUPS: usize = 50;

/// Share of intervals that hold the true value.
const CONFIDENCE: f64 = 0.95;

/// The group of an image.
pub(crate) fn group(image: u64) -> usize {
    (image % GROUPS as u64) as usize
}

/// The statistic of all but each group, for the groups that hold something.
fn left_out(groups: &[PairSums], statistic: impl Fn(&PairSums) -> Option<f64>) -> Option<Vec<f64>> {
    let mut total = PairSums::default();
    groups.iter().for_each(|group| total.merge(group));
    let groups = groups.iter().filter(|group| group.pairs > 0);
    groups
        .map(|group| statistic(&total.without(group)))
        .collect()
}

/// The jackknife's standard error of values with one group left out each; `None` below two.
pub(crate) fn standard_error(values: &[f64]) -> Option<f64> {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (values.len() > 1).then(|| (squares * (count - 1.0) / count).sqrt())
}

/// The standard error of a statistic of pairs.
pub(crate) fn error_of(
    groups: &[PairSums],
    statistic: impl Fn(&PairSums) -> Option<f64>,
) -> Option<f64> {
    standard_error(&left_out(groups, statistic)?)
}

/// A 95 % interval of a correlation: Student's t on Fisher's z.
pub(crate) fn of_correlation(groups: &[PairSums], r: f64) -> Option<[f64; 2]> {
    // A correlation of 1 has no z, and no interval to speak of.
    if r.abs() >= 1.0 {
        return Some([r, r]);
    }
    let z = left_out(groups, |sums| sums.r().map(f64::atanh))?;
    let error = standard_error(&z).filter(|error| error.is_finite())?;
    let student = StudentsT::new(0.0, 1.0, (z.len() - 1) as f64).ok()?;
    let reach = student.inverse_cdf(0.5 + 0.5 * CONFIDENCE) * error;
    Some([(r.atanh() - reach).tanh(), (r.atanh() + reach).tanh()])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::products::sums::FilterSums;
    use crate::random::{Purpose, Stream};

    /// `images` of 20 pairs each, whose correlation is `r`, with an offset that an image's pairs
    /// share.
    fn images(seed: u64, images: usize, r: f64) -> Vec<PairSums> {
        let mut stream = Stream::of(seed, Purpose::Filters, 0, 0);
        let mut groups = vec![PairSums::default(); GROUPS];
        for image in 0..images {
            let mut sums = FilterSums::new(1);
            let shared = [stream.normal(), stream.normal()];
            for _ in 0..20 {
                let own = [stream.normal(), stream.normal()];
                let [x, e] = [0, 1].map(|at| (shared[at] + own[at]) / 2.0f64.sqrt());
                let y = r * x + (1.0 - r * r).sqrt() * e;
                sums.add_row(&[x as f32], &[y as f32]);
            }
            groups[group(image as u64)].merge(&sums.filter(0, 20));
        }
        groups
    }

    #[test]
    fn intervals_hold_the_truth_as_often_as_they_say_though_pairs_depend_on_each_other() {
        let truth = 0.8;
        let mut held = 0;
        for seed in 0..400 {
            let groups = images(seed, 200, truth);
            let mut total = PairSums::default();
            groups.iter().for_each(|group| total.merge(group));
            let r = total.r().expect("it varies");
            let [low, high] = of_correlation(&groups, r).expect("there are groups");
            held += u32::from((low..high).contains(&truth));
        }
        // 380 expected, with a standard deviation of 4.4.
        assert!((362..=397).contains(&held), "{held} of 400");
    }

    #[test]
    fn one_image_has_no_interval() {
        let groups = images(1, 1, 0.5);
        assert_eq!(of_correlation(&groups, 0.5), None);
        assert_eq!(error_of(&groups, PairSums::r), None);
    }
}

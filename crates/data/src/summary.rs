//! What a data set holds, in numbers: classes, moments of its channels, images that occur twice.

use std::collections::HashMap;

use crate::{Dataset, Images};

/// The numbers of a data set.
#[derive(Debug, Clone, PartialEq)]
pub struct Summary {
    /// The training split.
    pub train: SplitSummary,
    /// The test split.
    pub test: SplitSummary,
    /// Test images that are equal to a training image.
    pub across: Duplicates,
}

/// The numbers of one split.
#[derive(Debug, Clone, PartialEq)]
pub struct SplitSummary {
    /// Images of each class, in the order of labels.
    pub per_class: Vec<usize>,
    /// The mean of each channel, in units of a pixel's value; not a number without images.
    pub mean: Vec<f64>,
    /// The standard deviation of each channel over all its pixels, in the same unit.
    pub deviation: Vec<f64>,
    /// Images that are equal to an earlier one of the split.
    pub repeats: Duplicates,
}

/// Images that are equal to an earlier one, byte for byte.
///
/// Each is counted once, beside the first image that it is equal to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Duplicates {
    /// How many there are.
    pub count: usize,
    /// How many of them have another label than the first.
    pub relabelled: usize,
    /// The first few: index of the earlier image, index of its repetition, whether labels differ.
    pub first: Vec<(usize, usize, bool)>,
}

/// How many repetitions are listed.
const LISTED: usize = 5;

impl Summary {
    /// Counts and adds up, with integers until the last division.
    pub fn new(data: &Dataset) -> Self {
        let mut seen = HashMap::with_capacity(data.train().len());
        let train = SplitSummary::new(data.train(), data.classes().len(), &mut seen);
        let across = Duplicates::new(data.test(), |_, image| {
            seen.get(image)
                .map(|&first| (first, data.train().labels()[first]))
        });
        let mut seen = HashMap::with_capacity(data.test().len());
        let test = SplitSummary::new(data.test(), data.classes().len(), &mut seen);
        Self {
            train,
            test,
            across,
        }
    }
}

impl SplitSummary {
    /// Leaves in `seen` the first index of each image.
    fn new<'a>(images: &'a Images, classes: usize, seen: &mut HashMap<&'a [u8], usize>) -> Self {
        let mut per_class = vec![0; classes];
        for &label in images.labels() {
            per_class[usize::from(label)] += 1;
        }
        let repeats = Duplicates::new(images, |index, image| {
            let first = *seen.entry(image).or_insert(index);
            (first < index).then(|| (first, images.labels()[first]))
        });
        let (mean, deviation) = moments(images);
        Self {
            per_class,
            mean,
            deviation,
            repeats,
        }
    }

    /// Images of all classes.
    pub fn images(&self) -> usize {
        self.per_class.iter().sum()
    }
}

impl Duplicates {
    /// `earlier` finds an image's first equal: its index and label.
    fn new<'a>(
        images: &'a Images,
        mut earlier: impl FnMut(usize, &'a [u8]) -> Option<(usize, u8)>,
    ) -> Self {
        let mut found = Self::default();
        let pixels = images.pixels().chunks_exact(images.image_len().max(1));
        for (index, (image, &label)) in pixels.zip(images.labels()).enumerate() {
            let Some((first, expected)) = earlier(index, image) else {
                continue;
            };
            found.count += 1;
            found.relabelled += usize::from(label != expected);
            if found.first.len() < LISTED {
                found.first.push((first, index, label != expected));
            }
        }
        found
    }
}

/// Mean and population standard deviation of each channel.
fn moments(images: &Images) -> (Vec<f64>, Vec<f64>) {
    let mut histograms = vec![[0_u64; 256]; images.channels()];
    for pixel in images.pixels().chunks_exact(images.channels()) {
        for (histogram, &value) in histograms.iter_mut().zip(pixel) {
            histogram[usize::from(value)] += 1;
        }
    }
    let of = |histogram: &[u64; 256]| {
        let total = |power: u32| {
            let terms = (0_u128..).zip(histogram);
            terms
                .map(|(value, &count)| value.pow(power) * u128::from(count))
                .sum::<u128>()
        };
        let [count, sum, squares] = [total(0), total(1), total(2)];
        // The difference is exact, so that equal pixels deviate by nothing.
        let spread = (count * squares - sum * sum) as f64;
        (sum as f64 / count as f64, spread.sqrt() / count as f64)
    };
    histograms.iter().map(of).unzip()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn data(train: Images, test: Images) -> Dataset {
        let classes = ["a", "b", "c"].map(str::to_owned).to_vec();
        Dataset::try_new("letters", classes, 255, train, test).expect("it fits")
    }

    fn images(pixels: &[[u8; 2]], labels: &[u8]) -> Images {
        Images::try_new([1, 1, 2], pixels.concat(), labels.to_vec()).expect("it fits")
    }

    #[test]
    fn moments_are_of_the_population_and_per_channel() {
        let train = images(
            &[
                [2, 7],
                [4, 7],
                [4, 7],
                [4, 7],
                [5, 7],
                [5, 7],
                [7, 7],
                [9, 7],
            ],
            &[0; 8],
        );
        let summary = Summary::new(&data(train, images(&[[0, 255]], &[1])));
        // 2, 4, 4, 4, 5, 5, 7, 9: the mean is 5, the squared deviations add up to 32 = 8 · 2².
        assert_eq!(summary.train.mean, [5.0, 7.0]);
        assert_eq!(summary.train.deviation, [2.0, 0.0]);
        assert_eq!(summary.test.mean, [0.0, 255.0]);
        assert_eq!(summary.test.deviation, [0.0, 0.0]);
        assert_eq!(summary.train.per_class, [8, 0, 0]);
        assert_eq!(summary.test.images(), 1);
    }

    #[test]
    fn repetitions_are_counted_once_beside_the_first() {
        let train = images(
            &[[1, 1], [2, 2], [1, 1], [3, 3], [1, 1], [2, 2]],
            &[0, 1, 0, 2, 1, 1],
        );
        let test = images(&[[9, 9], [2, 2], [1, 1], [9, 9]], &[0, 1, 2, 0]);
        let summary = Summary::new(&data(train, test));
        assert_eq!(
            summary.train.repeats,
            Duplicates {
                count: 3,
                relabelled: 1,
                first: vec![(0, 2, false), (0, 4, true), (1, 5, false)],
            }
        );
        assert_eq!(
            summary.across,
            Duplicates {
                count: 2,
                relabelled: 1,
                first: vec![(1, 1, false), (0, 2, true)],
            }
        );
        assert_eq!(summary.test.repeats.first, [(0, 3, false)]);
    }

    #[test]
    fn only_the_first_few_are_listed() {
        let train = images(&[[4, 4]; 9], &[0; 9]);
        let summary = Summary::new(&data(train, images(&[[4, 4]], &[0])));
        assert_eq!(summary.train.repeats.count, 8);
        let listed: Vec<_> = (1..=5).map(|index| (0, index, false)).collect();
        assert_eq!(summary.train.repeats.first, listed);
    }
}

//! The UCI digits, built in; `digits/README.md` says whence and how changed.

use std::path::Path;

use crate::{Dataset, Error, Images, idx};

const PIXELS: &[u8] = include_bytes!("../digits/images-idx3-ubyte.gz");
const LABELS: &[u8] = include_bytes!("../digits/labels-idx1-ubyte.gz");
const TRAIN: &str = include_str!("../digits/train_indices.txt");
const TEST: &str = include_str!("../digits/test_indices.txt");

/// Pixels count the set ones among 4 x 4 of a black-and-white image.
pub(crate) const LARGEST: u8 = 16;

/// Height, width and channels of an image.
pub(crate) const SHAPE: [usize; 3] = [8, 8, 1];

/// Number of classes.
pub(crate) const CLASSES: usize = 10;

/// Unpacks the digits and divides them by the lists of indices.
///
/// # Errors
/// None, as long as the built-in files are whole.
pub(crate) fn read() -> Result<Dataset, Error> {
    let idx::Array {
        dimensions: [_, height, width],
        bytes: pixels,
    } = idx::unpack(Path::new("digits/images-idx3-ubyte.gz"), PIXELS)?;
    let labels = idx::unpack::<1>(Path::new("digits/labels-idx1-ubyte.gz"), LABELS)?;
    let images = Images::try_new([height, width, 1], pixels, labels.bytes)?;
    let classes = (0..CLASSES).map(|digit| digit.to_string()).collect();
    let train = select(&images, TRAIN)?;
    let test = select(&images, TEST)?;
    Dataset::try_new("digits", classes, LARGEST, train, test)
}

/// The images that a list names, in its order.
fn select(images: &Images, list: &str) -> Result<Images, Error> {
    let (mut pixels, mut labels) = (Vec::new(), Vec::new());
    for index in indices(list) {
        pixels.extend_from_slice(images.image(index));
        labels.push(images.labels()[index]);
    }
    Images::try_new(images.shape(), pixels, labels)
}

/// The indices of a built-in list, one a line.
fn indices(list: &str) -> impl Iterator<Item = usize> {
    list.lines()
        .map(|line| line.parse().expect("a built-in list holds an index a line"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn histogram(labels: &[u8]) -> [usize; 10] {
        let mut counts = [0; 10];
        for &label in labels {
            counts[usize::from(label)] += 1;
        }
        counts
    }

    #[test]
    fn the_lists_divide_all_images() {
        let test: Vec<usize> = indices(TEST).collect();
        assert!(test.is_sorted());
        let mut all: Vec<usize> = indices(TRAIN).chain(test).collect();
        all.sort_unstable();
        assert_eq!(all, (0..1797).collect::<Vec<_>>());
    }

    #[test]
    fn both_splits_have_the_classes_in_proportion() {
        let digits = read().expect("built in");
        assert_eq!(digits.train().shape(), SHAPE);
        assert_eq!([digits.train().len(), digits.test().len()], [1437, 360]);
        let train = histogram(digits.train().labels());
        let test = histogram(digits.test().labels());
        let all: [usize; 10] = std::array::from_fn(|class| train[class] + test[class]);
        // The numbers that the source's description gives.
        assert_eq!(all, [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]);
        for class in 0..10 {
            // |test / all - 360 / 1797| < 1 image
            assert!((test[class] * 1797).abs_diff(all[class] * 360) < 1797);
        }
    }

    #[test]
    fn pixels_use_their_whole_range() {
        let digits = read().expect("built in");
        for images in [digits.train(), digits.test()] {
            assert_eq!(images.pixels().iter().min(), Some(&0));
            assert_eq!(images.pixels().iter().max(), Some(&digits.largest()));
        }
    }

    #[test]
    fn the_last_training_images_are_those_of_many_writers() {
        // A writer's images stand together in the source, some 130 of them.
        let last: Vec<usize> = indices(TRAIN).skip(1237).collect();
        for block in 0..13 {
            let from_block = last.iter().filter(|&&index| index / 139 == block).count();
            assert!(
                (5..=30).contains(&from_block),
                "{from_block} of block {block}"
            );
        }
    }

    #[test]
    fn the_images_are_those_that_were_committed() {
        // Printed by digits/make.py, which hashes by itself what `Dataset::hash` documents.
        let expected = "26e78b9e627905d77c6d17ae4259e436e826d97ea52d3bf548855f71944e5794";
        assert_eq!(read().expect("built in").hash(), expected);
    }
}

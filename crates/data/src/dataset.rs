//! A dataset: two splits, the names of the classes, and what a pixel stands for.

use orthant_bits::InputContract;
use sha2::{Digest, Sha256};

use crate::{Error, Images, Source, cifar, digits, folder, mnist};

/// A training and a test split over the same classes.
///
/// Both splits have one image shape, every label names a class, and no pixel is above
/// [`largest`](Self::largest).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dataset {
    name: String,
    classes: Vec<String>,
    largest: u8,
    train: Images,
    test: Images,
}

impl Dataset {
    /// Puts two splits together.
    ///
    /// `largest` is the largest pixel value that can occur, whether or not it does.
    ///
    /// # Errors
    /// A `largest` of 0, splits of different image shapes, a label without a class, or a pixel
    /// above `largest`.
    pub fn try_new(
        name: impl Into<String>,
        classes: Vec<String>,
        largest: u8,
        train: Images,
        test: Images,
    ) -> Result<Self, Error> {
        let name = name.into();
        if largest == 0 {
            return Err(Error::ZeroLargest { dataset: name });
        }
        if train.shape() != test.shape() {
            return Err(Error::SplitShapes {
                dataset: name,
                train: train.shape(),
                test: test.shape(),
            });
        }
        for (split, images) in [("training", &train), ("test", &test)] {
            if let Some(image) = first_unknown(images.labels(), classes.len()) {
                return Err(Error::SplitLabel {
                    dataset: name,
                    split,
                    image,
                    found: images.labels()[image],
                    classes: classes.len(),
                });
            }
            if let Some(at) = images.pixels().iter().position(|&pixel| pixel > largest) {
                return Err(Error::SplitPixel {
                    dataset: name,
                    split,
                    image: at / images.image_len(),
                    found: images.pixels()[at],
                    largest,
                });
            }
        }
        Ok(Self {
            name,
            classes,
            largest,
            train,
            test,
        })
    }

    /// Reads a dataset into memory.
    ///
    /// # Errors
    /// Files that are missing, cannot be read, or break a rule of their format; a source that
    /// this program was built without.
    pub fn open(source: &Source) -> Result<Self, Error> {
        match source {
            Source::Digits => digits::read(),
            Source::Cifar10(path) => cifar::read(&cifar::CIFAR10, path),
            Source::Cifar100(path) => cifar::read(&cifar::CIFAR100, path),
            Source::Mnist(directory) => mnist::read(&mnist::MNIST, directory),
            Source::FashionMnist(None) => {
                mnist::read(&mnist::FASHION, mnist::FASHION_DIRECTORY.as_ref())
            }
            Source::FashionMnist(Some(directory)) => mnist::read(&mnist::FASHION, directory),
            Source::Folder(path) => folder::read(path),
            #[cfg(feature = "parquet")]
            Source::Parquet(directory) => crate::parquet::read(directory),
            #[cfg(not(feature = "parquet"))]
            Source::Parquet(_) => Err(Error::Feature {
                name: "parquet",
                feature: "parquet",
            }),
        }
    }

    /// The name, as in [`Source`]: `cifar10`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The names of the classes; a label is an index into them.
    pub fn classes(&self) -> &[String] {
        &self.classes
    }

    /// The largest pixel value that can occur: 16 for digits, otherwise 255.
    pub fn largest(&self) -> u8 {
        self.largest
    }

    /// The training split.
    pub fn train(&self) -> &Images {
        &self.train
    }

    /// The test split.
    pub fn test(&self) -> &Images {
        &self.test
    }

    /// The training and the test split.
    pub fn into_splits(self) -> (Images, Images) {
        (self.train, self.test)
    }

    /// The contract that maps pixels `0..=largest` onto [−1, 1] with the smallest integers.
    ///
    /// ```text
    /// largest even :  x = (p − largest / 2) / (largest / 2)
    /// largest odd  :  x = (2p − largest) / largest
    /// ```
    pub fn contract(&self) -> InputContract {
        contract(self.largest, self.train.channels())
    }

    /// SHA-256 of classes, shapes, pixels and labels, as 64 hexadecimal digits.
    ///
    /// Name, files and largest value do not enter it: the same images from elsewhere hash the same.
    /// Hashed are, one after another, lengths and numbers as unsigned 64-bit little-endian:
    ///
    /// ```text
    /// "orthant dataset 1\n"
    /// number of classes, then for each: length of its name in bytes, the name in UTF-8
    /// for the training, then the test split:
    ///     images, height, width, channels, the pixels' bytes, the labels' bytes
    /// ```
    pub fn hash(&self) -> String {
        let mut hash = Sha256::new_with_prefix(b"orthant dataset 1\n");
        let number = |number: usize| (number as u64).to_le_bytes();
        hash.update(number(self.classes.len()));
        for class in &self.classes {
            hash.update(number(class.len()));
            hash.update(class);
        }
        for images in [&self.train, &self.test] {
            hash.update(number(images.len()));
            for extent in images.shape() {
                hash.update(number(extent));
            }
            hash.update(images.pixels());
            hash.update(images.labels());
        }
        base16ct::lower::encode_string(&hash.finalize())
    }
}

/// The contract of [`Dataset::contract`].
pub(crate) fn contract(largest: u8, channels: usize) -> InputContract {
    let largest = i32::from(largest);
    let (a, unit) = match largest % 2 {
        0 => (1, largest / 2),
        _ => (2, largest),
    };
    InputContract::uniform(a, unit, unit, channels)
}

/// Index of the first label that is not below `classes`.
pub(crate) fn first_unknown(labels: &[u8], classes: usize) -> Option<usize> {
    labels
        .iter()
        .position(|&label| usize::from(label) >= classes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn classes(names: &[&str]) -> Vec<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    fn split(shape: [usize; 3], pixel: u8, labels: &[u8]) -> Images {
        let len = shape.iter().product::<usize>() * labels.len();
        Images::try_new(shape, vec![pixel; len], labels.to_vec()).expect("it fits")
    }

    fn dataset(largest: u8, train: Images, test: Images) -> Result<Dataset, Error> {
        Dataset::try_new(
            "shapes",
            classes(&["round", "square"]),
            largest,
            train,
            test,
        )
    }

    #[test]
    fn a_label_needs_a_class() {
        let good = split([1, 1, 1], 0, &[0, 1]);
        let bad = split([1, 1, 1], 0, &[0, 1, 2]);
        assert!(dataset(255, good.clone(), good.clone()).is_ok());
        for (name, train, test) in [("training", &bad, &good), ("test", &good, &bad)] {
            let error = dataset(255, train.clone(), test.clone());
            assert!(matches!(
                error,
                Err(Error::SplitLabel { split, image: 2, found: 2, classes: 2, .. })
                    if split == name
            ));
        }
    }

    #[test]
    fn a_pixel_above_the_largest_is_refused() {
        let train = split([2, 2, 1], 16, &[0, 1]);
        let test = split([2, 2, 1], 17, &[0]);
        assert!(dataset(17, train.clone(), test.clone()).is_ok());
        assert!(matches!(
            dataset(16, train.clone(), test.clone()),
            Err(Error::SplitPixel {
                split: "test",
                image: 0,
                found: 17,
                largest: 16,
                ..
            })
        ));
        let zero = dataset(0, train, test);
        assert!(matches!(zero, Err(Error::ZeroLargest { .. })));
    }

    #[test]
    fn splits_have_one_shape() {
        let error = dataset(255, split([2, 3, 1], 0, &[0]), split([3, 2, 1], 0, &[0]));
        assert!(matches!(
            error,
            Err(Error::SplitShapes {
                train: [2, 3, 1],
                test: [3, 2, 1],
                ..
            })
        ));
    }

    #[test]
    fn contracts_reach_both_ends_of_the_range() {
        for largest in 1..=255 {
            let images = split([1, 1, 3], 0, &[0]);
            let contract = dataset(largest, images.clone(), images)
                .expect("it fits")
                .contract();
            assert_eq!(contract.b, [contract.unit; 3]);
            assert_eq!(
                contract.a * i32::from(largest) - contract.b[0],
                contract.unit
            );
        }
        let of = |largest| {
            let images = split([1, 1, 1], 0, &[0]);
            let dataset = dataset(largest, images.clone(), images).expect("it fits");
            dataset.contract()
        };
        assert_eq!(of(255), InputContract::uniform(2, 255, 255, 1));
        assert_eq!(of(16), InputContract::uniform(1, 8, 8, 1));
    }

    #[test]
    fn the_hash_sees_everything_but_the_name() {
        let images = split([1, 2, 1], 3, &[0, 1]);
        let of = |name: &str, names: &[&str], train: &Images, test: &Images| {
            Dataset::try_new(name, classes(names), 255, train.clone(), test.clone())
                .expect("it fits")
                .hash()
        };
        let first = of("a", &["x", "yz"], &images, &images);
        assert_eq!(first.len(), 64);
        assert_eq!(first, of("b", &["x", "yz"], &images, &images));
        let others = [
            of("a", &["xy", "z"], &images, &images),
            of("a", &["x", "yz"], &split([1, 2, 1], 3, &[1, 0]), &images),
            of("a", &["x", "yz"], &images, &split([1, 2, 1], 4, &[0, 1])),
            of("a", &["x", "yz"], &images, &split([1, 2, 1], 3, &[0])),
            of(
                "a",
                &["x", "yz"],
                &split([2, 1, 1], 3, &[0, 1]),
                &split([2, 1, 1], 3, &[0, 1]),
            ),
        ];
        assert!(others.iter().all(|other| *other != first));
    }
}

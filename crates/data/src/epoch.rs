//! An epoch: every image of a split once, in an order and a guise that a seed fixes.

use std::sync::Arc;

use crate::random::Stream;
use crate::{Augment, Error, Images};

/// How a split is gone through.
///
/// The same order and epoch give the same batches on any machine and at any number of threads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Order {
    /// Images of a batch; the last one of an epoch may have fewer.
    pub batch: usize,
    /// Whether each epoch has an order of its own; otherwise all have the split's.
    pub shuffle: bool,
    /// How images are varied; `None` leaves them as they are.
    pub augment: Option<Augment>,
    /// Fixes the orders and variations of all epochs.
    pub seed: u64,
}

/// Some images with their labels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// The pixels, `[image, height, width, channels]`.
    pub pixels: Vec<u8>,
    /// The class of each image.
    pub labels: Vec<u8>,
}

/// One epoch, whose batches can be asked for in any order.
///
/// The order of the images is drawn from a stream of its own for each seed and epoch; what an
/// image undergoes from one for each seed, epoch and position in the epoch. So a batch is a
/// function of images, order, epoch and index alone.
#[derive(Debug, Clone)]
pub struct Epoch {
    images: Arc<Images>,
    order: Order,
    epoch: u64,
    /// The image at each position.
    sequence: Vec<usize>,
}

impl Order {
    /// `Ok` unless images are to be taken in an order that is class after class.
    ///
    /// Batches of one class each teach a network to forget the others. Images count as sorted
    /// where neighbours differ in class less than a tenth as often as in a random order, and that
    /// would have them differ at least `10c` times, `c` the classes that occur:
    ///
    /// ```text
    /// changes expected of a random order = n − Σ nᵢ² / n      n images, nᵢ of class i
    /// ```
    ///
    /// # Errors
    /// Images that are sorted, unless they are shuffled.
    pub fn check(&self, images: &Images) -> Result<(), Error> {
        let labels = images.labels();
        let mut counts = [0_u64; 256];
        for &label in labels {
            counts[usize::from(label)] += 1;
        }
        let classes = counts.iter().filter(|&&count| count > 0).count();
        let pairs = labels.windows(2);
        let changes = pairs.filter(|pair| pair[0] != pair[1]).count();
        let squares: u128 = counts.iter().map(|&count| u128::from(count).pow(2)).sum();
        let len = labels.len() as u128;
        let mixed_changes_times_len = len * len - squares;
        let would_differ = mixed_changes_times_len >= 10 * classes as u128 * len;
        let differ = 10 * changes as u128 * len >= mixed_changes_times_len;
        match !self.shuffle && would_differ && !differ {
            true => Err(Error::Sorted {
                images: labels.len(),
                classes,
                changes,
            }),
            false => Ok(()),
        }
    }
}

impl Epoch {
    /// The epoch with the number `epoch`.
    ///
    /// # Errors
    /// No images, a batch of 0 images or of more than there are, a crop as large as a side.
    ///
    /// # Example
    /// ```
    /// use std::sync::Arc;
    /// use orthant_data::{Epoch, Images, Order};
    ///
    /// let images = Arc::new(Images::try_new([1, 1, 1], vec![5, 6, 7], vec![0, 1, 2])?);
    /// let order = Order { batch: 2, shuffle: false, augment: None, seed: 0 };
    /// let epoch = Epoch::try_new(images, order, 0)?;
    /// assert_eq!(epoch.batches(), 2);
    /// assert_eq!(epoch.batch(1).pixels, [7]);
    /// # Ok::<(), orthant_data::Error>(())
    /// ```
    pub fn try_new(images: Arc<Images>, order: Order, epoch: u64) -> Result<Self, Error> {
        if images.is_empty() {
            return Err(Error::NoImages);
        }
        if order.batch == 0 {
            return Err(Error::ZeroBatch);
        }
        if order.batch > images.len() {
            return Err(Error::BatchTooLarge {
                batch: order.batch,
                images: images.len(),
            });
        }
        if let Some(augment) = order.augment {
            augment.check(&images)?;
        }
        let sequence = match order.shuffle {
            true => Stream::order(order.seed, epoch).permutation(images.len()),
            false => (0..images.len()).collect(),
        };
        Ok(Self {
            images,
            order,
            epoch,
            sequence,
        })
    }

    /// Number of batches, a last one with fewer images counted.
    pub fn batches(&self) -> usize {
        self.sequence.len().div_ceil(self.order.batch)
    }

    /// The image of the split at each position of the epoch.
    pub fn sequence(&self) -> &[usize] {
        &self.sequence
    }

    /// Prepares one batch.
    ///
    /// # Panics
    /// If there is no such batch.
    pub fn batch(&self, index: usize) -> Batch {
        let batches = self.batches();
        assert!(
            index < batches,
            "the epoch has {batches} batches, asked for batch {index}"
        );
        let start = index * self.order.batch;
        let images = &self.sequence[start..];
        let images = &images[..images.len().min(self.order.batch)];
        let mut batch = Batch {
            pixels: Vec::with_capacity(images.len() * self.images.image_len()),
            labels: Vec::with_capacity(images.len()),
        };
        for (position, &image) in (start..).zip(images) {
            batch.labels.push(self.images.labels()[image]);
            match self.order.augment {
                Some(augment) => {
                    let mut stream = Stream::augment(self.order.seed, self.epoch, position);
                    augment.append(&self.images, image, &mut stream, &mut batch.pixels);
                }
                None => batch.pixels.extend_from_slice(self.images.image(image)),
            }
        }
        batch
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Images of two equal pixels, each its own label.
    fn numbered(count: u8) -> Arc<Images> {
        let pixels = (0..count).flat_map(|image| [image; 2]).collect();
        Arc::new(Images::try_new([1, 2, 1], pixels, (0..count).collect()).expect("it fits"))
    }

    fn order(batch: usize, seed: u64) -> Order {
        let augment = Some(Augment {
            crop: 0,
            fill: 0,
            flip: true,
        });
        Order {
            batch,
            shuffle: true,
            augment,
            seed,
        }
    }

    #[test]
    fn without_shuffling_the_split_keeps_its_order() {
        let images = numbered(5);
        let order = Order {
            shuffle: false,
            ..order(2, 0)
        };
        let epoch = Epoch::try_new(images, order, 0).expect("it fits");
        let labels = [0, 1, 2].map(|index| epoch.batch(index).labels);
        assert_eq!(labels, [vec![0, 1], vec![2, 3], vec![4]]);
        assert_eq!(epoch.batch(2).pixels, [4, 4]);
    }

    #[test]
    fn epochs_and_seeds_differ_and_repeat() {
        let sequence = |seed, epoch| {
            let epoch = Epoch::try_new(numbered(100), order(10, seed), epoch);
            epoch.expect("it fits").sequence().to_vec()
        };
        assert_eq!(sequence(1, 1), sequence(1, 1));
        assert_ne!(sequence(1, 1), sequence(1, 2));
        assert_ne!(sequence(1, 1), sequence(2, 1));
    }

    #[test]
    fn the_guise_goes_with_the_position_whatever_the_batch() {
        let pixels: Vec<u8> = (0..40 * 48).map(|pixel| pixel as u8).collect();
        let images = Images::try_new([4, 4, 3], pixels, vec![0; 40]).expect("it fits");
        let images = Arc::new(images);
        let whole = |batch| {
            let augment = Some(Augment {
                crop: 2,
                fill: 9,
                flip: true,
            });
            let order = Order {
                augment,
                ..order(batch, 4)
            };
            let epoch = Epoch::try_new(images.clone(), order, 8).expect("it fits");
            let batches = (0..epoch.batches()).flat_map(|index| epoch.batch(index).pixels);
            batches.collect::<Vec<u8>>()
        };
        assert_eq!(whole(40), whole(7));
        assert_eq!(whole(40), whole(1));
    }

    #[test]
    fn images_class_after_class_need_shuffling() {
        let of = |labels: &[u8]| {
            Images::try_new([1, 1, 1], vec![0; labels.len()], labels.to_vec()).expect("it fits")
        };
        let plain = Order {
            shuffle: false,
            ..order(2, 0)
        };
        let sorted: Vec<u8> = (0..100).map(|image| image / 50).collect();
        assert!(order(2, 0).check(&of(&sorted)).is_ok());
        assert!(matches!(
            plain.check(&of(&sorted)),
            Err(Error::Sorted {
                images: 100,
                classes: 2,
                changes: 1
            })
        ));
        // Files that are sorted each are sorted together; what alternates, or is of one class, is
        // not.
        assert!(plain.check(&of(&sorted.repeat(2))).is_err());
        let file: Vec<u8> = (0..200).map(|image| image / 20).collect();
        assert!(plain.check(&of(&file.repeat(5))).is_err());
        let alternating: Vec<u8> = (0..100).map(|image| image % 2).collect();
        assert!(plain.check(&of(&alternating)).is_ok());
        assert!(plain.check(&of(&[3; 100])).is_ok());
        // Of so few that are different, chance could put all side by side.
        let rare: Vec<u8> = (0..100).map(|image| u8::from(image < 5)).collect();
        assert!(plain.check(&of(&rare)).is_ok());
        assert!(plain.check(&of(&sorted[45..55])).is_ok());
    }

    #[test]
    fn images_in_a_random_order_are_not_taken_for_sorted() {
        let plain = Order {
            shuffle: false,
            ..order(2, 0)
        };
        for (images, classes) in [(44, 2), (120, 10), (3000, 256), (30, 2)] {
            let sorted: Vec<u8> = (0..images)
                .map(|image| (image * classes / images) as u8)
                .collect();
            for seed in 0..200 {
                let mixed = Stream::order(seed, 0).permutation(images);
                let labels = mixed.into_iter().map(|image| sorted[image]).collect();
                let images = Images::try_new([1, 1, 1], vec![0; images], labels).expect("it fits");
                assert!(
                    plain.check(&images).is_ok(),
                    "{classes} classes, seed {seed}"
                );
            }
        }
    }

    #[test]
    fn an_order_that_cannot_be_followed_is_an_error() {
        let with = |batch, crop| {
            let augment = Some(Augment {
                crop,
                fill: 0,
                flip: false,
            });
            Epoch::try_new(
                numbered(5),
                Order {
                    augment,
                    ..order(batch, 0)
                },
                0,
            )
        };
        assert!(with(5, 0).is_ok());
        assert!(matches!(with(0, 0), Err(Error::ZeroBatch)));
        assert!(matches!(
            with(6, 0),
            Err(Error::BatchTooLarge {
                batch: 6,
                images: 5
            })
        ));
        assert!(matches!(
            with(5, 1),
            Err(Error::CropTooLarge {
                crop: 1,
                image: [1, 2]
            })
        ));
        let none = Epoch::try_new(numbered(0), order(1, 0), 0);
        assert!(matches!(none, Err(Error::NoImages)));
    }

    #[test]
    #[should_panic(expected = "the epoch has 3 batches, asked for batch 3")]
    fn a_batch_past_the_end_panics() {
        Epoch::try_new(numbered(5), order(2, 0), 0)
            .expect("it fits")
            .batch(3);
    }

    proptest! {
        #[test]
        fn an_epoch_has_every_image_once_with_its_label(
            count in 1_u8..=255,
            batch: prop::sample::Index,
            seed: u64,
            number: u64,
            shuffle: bool,
        ) {
            let batch = 1 + batch.index(usize::from(count));
            let order = Order { shuffle, ..order(batch, seed) };
            let epoch = Epoch::try_new(numbered(count), order, number).unwrap();
            let mut seen = Vec::new();
            for index in 0..epoch.batches() {
                let Batch { pixels, labels } = epoch.batch(index);
                let left = usize::from(count) - index * batch;
                prop_assert_eq!(labels.len(), left.min(batch));
                let doubled: Vec<u8> = labels.iter().flat_map(|&label| [label; 2]).collect();
                prop_assert_eq!(pixels, doubled);
                seen.extend(labels);
            }
            seen.sort_unstable();
            prop_assert!(seen.into_iter().eq(0..count));
        }
    }
}

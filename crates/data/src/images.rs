//! Labelled images in memory: one split of a dataset.

use crate::Error;

/// Labelled images of one size, their pixels unsigned bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Images {
    height: usize,
    width: usize,
    channels: usize,
    pixels: Vec<u8>,
    labels: Vec<u8>,
}

impl Images {
    /// Images of `[height, width, channels]` and one label each.
    ///
    /// ```text
    /// pixels : [image, height, width, channels]
    /// labels : [image]
    /// ```
    ///
    /// # Errors
    /// A side or number of channels of 0, or another number of pixels than the labels ask for.
    ///
    /// # Example
    /// ```
    /// use orthant_data::Images;
    ///
    /// let images = Images::try_new([1, 2, 1], vec![10, 20, 30, 40], vec![0, 1])?;
    /// assert_eq!(images.image(1), [30, 40]);
    /// # Ok::<(), orthant_data::Error>(())
    /// ```
    pub fn try_new(shape: [usize; 3], pixels: Vec<u8>, labels: Vec<u8>) -> Result<Self, Error> {
        if shape.contains(&0) {
            return Err(Error::ZeroShape { found: shape });
        }
        // No vector is as long as the number at which the product saturates.
        let expected = shape.into_iter().fold(labels.len(), usize::saturating_mul);
        if pixels.len() != expected {
            return Err(Error::PixelCount {
                images: labels.len(),
                shape,
                expected,
                found: pixels.len(),
            });
        }
        let [height, width, channels] = shape;
        Ok(Self {
            height,
            width,
            channels,
            pixels,
            labels,
        })
    }

    /// Number of images.
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there is no image.
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// Rows of pixels of an image.
    pub fn height(&self) -> usize {
        self.height
    }

    /// Pixels of a row.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Numbers of a pixel: 1 for grey, 3 for red, green and blue.
    pub fn channels(&self) -> usize {
        self.channels
    }

    /// `[height, width, channels]` of every image.
    pub fn shape(&self) -> [usize; 3] {
        [self.height, self.width, self.channels]
    }

    /// Bytes of an image.
    pub fn image_len(&self) -> usize {
        // Only where there is no image can the product pass the address range.
        self.shape().into_iter().fold(1, usize::saturating_mul)
    }

    /// The pixels of all images, `[image, height, width, channels]`.
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }

    /// The class of each image.
    pub fn labels(&self) -> &[u8] {
        &self.labels
    }

    /// The pixels of one image, `[height, width, channels]`.
    ///
    /// # Panics
    /// If there is no such image.
    pub fn image(&self, index: usize) -> &[u8] {
        assert!(
            index < self.len(),
            "there are {} images, asked for image {index}",
            self.len()
        );
        &self.pixels[index * self.image_len()..][..self.image_len()]
    }

    /// Divides into the first images and the last `count`, both in the order they have.
    ///
    /// The second part is the validation set of a training split.
    ///
    /// # Errors
    /// A `count` that leaves no image in the first part.
    pub fn split_last(mut self, count: usize) -> Result<(Self, Self), Error> {
        if count >= self.len() {
            return Err(Error::Validation {
                asked: count,
                images: self.len(),
            });
        }
        let first = self.len() - count;
        let last = Self {
            pixels: self.pixels.split_off(first * self.image_len()),
            labels: self.labels.split_off(first),
            ..self
        };
        Ok((self, last))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn five() -> Images {
        Images::try_new([1, 2, 3], (0..30).collect(), (0..5).collect()).expect("it fits")
    }

    #[test]
    fn the_last_images_keep_their_order() {
        let (first, last) = five().split_last(2).expect("two of five");
        assert_eq!(first.labels(), [0, 1, 2]);
        assert_eq!(first.pixels(), (0..18).collect::<Vec<u8>>());
        assert_eq!(last.labels(), [3, 4]);
        assert_eq!(last.pixels(), (18..30).collect::<Vec<u8>>());
        assert_eq!(last.shape(), [1, 2, 3]);
        assert_eq!(last.image(1), [24, 25, 26, 27, 28, 29]);
    }

    #[test]
    fn validation_may_be_empty_but_training_may_not() {
        let (first, last) = five().split_last(0).expect("none of five");
        assert_eq!((first.len(), last.is_empty()), (5, true));
        for asked in [5, 6, usize::MAX] {
            assert!(matches!(
                five().split_last(asked),
                Err(Error::Validation { asked: found, images: 5 }) if found == asked
            ));
        }
    }

    #[test]
    fn lengths_must_fit_the_shape() {
        for pixels in [0, 11, 13] {
            assert!(matches!(
                Images::try_new([2, 3, 1], vec![0; pixels], vec![0; 2]),
                Err(Error::PixelCount { expected: 12, found, .. }) if found == pixels
            ));
        }
        for shape in [[0, 1, 1], [1, 0, 1], [1, 1, 0]] {
            assert!(matches!(
                Images::try_new(shape, Vec::new(), Vec::new()),
                Err(Error::ZeroShape { found }) if found == shape
            ));
        }
    }

    #[test]
    fn a_shape_past_the_address_range_is_an_error() {
        let shape = [usize::MAX, 2, 2];
        assert!(matches!(
            Images::try_new(shape, vec![0; 4], vec![0; 1]),
            Err(Error::PixelCount { .. })
        ));
        let none = Images::try_new(shape, Vec::new(), Vec::new()).expect("no image, no pixel");
        assert!(none.is_empty());
    }
}

//! Augmentation: a random crop of the padded image, then a random flip.

use crate::random::Stream;
use crate::{Error, Images};

/// How training images are varied.
///
/// ```text
/// pad by `crop` pixels of value `fill` on each side
/// cut a window of the image's own size, rows and columns from 0..=2·crop, each equally likely
/// with `flip`, exchange left and right in every second image on average
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Augment {
    /// Pixels added on each side; fewer than the image's height and width.
    pub crop: usize,
    /// Value of the pixels added, in every channel; at most the dataset's largest.
    pub fill: u8,
    /// Whether left and right are exchanged, with probability 1/2.
    pub flip: bool,
}

/// What one image undergoes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct View {
    /// First row of the window in the padded image.
    top: usize,
    /// First column of the window in the padded image.
    left: usize,
    flip: bool,
}

impl Augment {
    /// `Ok` if every crop keeps part of an image.
    pub(crate) fn check(&self, images: &Images) -> Result<(), Error> {
        let image = [images.height(), images.width()];
        match image.iter().all(|&side| self.crop < side) {
            true => Ok(()),
            false => Err(Error::CropTooLarge {
                crop: self.crop,
                image,
            }),
        }
    }

    /// Appends an image to `pixels`, varied by what `stream` gives.
    ///
    /// Expects that [`check`](Self::check) has passed.
    pub(crate) fn append(
        &self,
        images: &Images,
        image: usize,
        stream: &mut Stream,
        pixels: &mut Vec<u8>,
    ) {
        let view = self.draw(stream);
        self.append_view(images, image, view, pixels);
    }

    /// Draws the row, the column, then the flip; the last only where it is asked for.
    fn draw(&self, stream: &mut Stream) -> View {
        let offsets = 2 * self.crop + 1;
        View {
            top: stream.below(offsets),
            left: stream.below(offsets),
            flip: self.flip && stream.below(2) == 1,
        }
    }

    fn append_view(&self, images: &Images, image: usize, view: View, pixels: &mut Vec<u8>) {
        let [height, width, channels] = images.shape();
        let row_len = width * channels;
        let image = images.image(image);
        let start = pixels.len();
        pixels.resize(start + image.len(), self.fill);
        // The columns that window and image share, in the image and in the window.
        let from = view.left.saturating_sub(self.crop);
        let to = width.min(view.left + width - self.crop);
        let at = self.crop.saturating_sub(view.left);
        for (row, output) in pixels[start..].chunks_exact_mut(row_len).enumerate() {
            // The row of the padded image, then of the image itself.
            let Some(row) = (row + view.top).checked_sub(self.crop) else {
                continue;
            };
            if row >= height {
                continue;
            }
            let shared = &image[row * row_len..][from * channels..to * channels];
            output[at * channels..][..shared.len()].copy_from_slice(shared);
            if view.flip {
                mirror(output, channels);
            }
        }
    }
}

/// Reverses the pixels of a row; the channels of each keep their order.
fn mirror(row: &mut [u8], channels: usize) {
    row.reverse();
    row.chunks_exact_mut(channels).for_each(<[u8]>::reverse);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// One image whose pixels all differ from each other and from 255.
    fn image(shape: [usize; 3]) -> Images {
        let len = shape.iter().product::<usize>();
        let pixels = (0..len).map(|pixel| pixel as u8).collect();
        Images::try_new(shape, pixels, vec![0]).expect("it fits")
    }

    fn viewed(augment: Augment, images: &Images, view: View) -> Vec<u8> {
        let mut pixels = Vec::new();
        augment.append_view(images, 0, view, &mut pixels);
        pixels
    }

    /// The definition, pixel by pixel.
    fn oracle(augment: Augment, images: &Images, view: View) -> Vec<u8> {
        let [height, width, channels] = images.shape();
        let mut pixels = Vec::new();
        for y in 0..height {
            for x in 0..width {
                let x = if view.flip { width - 1 - x } else { x };
                let y = (y + view.top) as isize - augment.crop as isize;
                let x = (x + view.left) as isize - augment.crop as isize;
                let inside = (0..height as isize).contains(&y) && (0..width as isize).contains(&x);
                for channel in 0..channels {
                    pixels.push(match inside {
                        true => {
                            images.pixels()[(y as usize * width + x as usize) * channels + channel]
                        }
                        false => augment.fill,
                    });
                }
            }
        }
        pixels
    }

    #[test]
    fn without_crop_and_flip_nothing_changes() {
        let images = image([4, 5, 3]);
        let augment = Augment {
            crop: 0,
            fill: 255,
            flip: false,
        };
        for position in 0..20 {
            let mut pixels = vec![7];
            let mut stream = Stream::augment(1, 2, position);
            augment.append(&images, 0, &mut stream, &mut pixels);
            assert_eq!(pixels[0], 7);
            assert_eq!(pixels[1..], *images.pixels());
        }
    }

    #[test]
    fn a_flip_exchanges_pixels_and_not_channels() {
        let mut row = [1, 2, 3, 4, 5, 6];
        mirror(&mut row, 3);
        assert_eq!(row, [4, 5, 6, 1, 2, 3]);
        mirror(&mut row, 3);
        assert_eq!(row, [1, 2, 3, 4, 5, 6]);
    }

    #[test]
    fn a_crop_at_the_corner_is_filled_where_it_is_outside() {
        let images = image([2, 3, 1]);
        let augment = Augment {
            crop: 1,
            fill: 255,
            flip: false,
        };
        let view = View {
            top: 0,
            left: 2,
            flip: false,
        };
        assert_eq!(viewed(augment, &images, view), [255, 255, 255, 1, 2, 255]);
    }

    #[test]
    fn the_crop_is_smaller_than_both_sides() {
        let images = image([2, 3, 1]);
        let of = |crop| Augment {
            crop,
            fill: 0,
            flip: false,
        };
        assert!(of(1).check(&images).is_ok());
        for crop in [2, 3, usize::MAX] {
            assert!(matches!(
                of(crop).check(&images),
                Err(Error::CropTooLarge { crop: found, image: [2, 3] }) if found == crop
            ));
        }
    }

    #[test]
    fn every_view_is_as_likely() {
        let augment = Augment {
            crop: 1,
            fill: 0,
            flip: true,
        };
        let mut counts = [[[0_i32; 2]; 3]; 3];
        for position in 0..18_000 {
            let view = augment.draw(&mut Stream::augment(3, 0, position));
            counts[view.top][view.left][usize::from(view.flip)] += 1;
        }
        // 1,000 expected of each, with a standard deviation of 31.
        let counts = counts.as_flattened().as_flattened();
        assert!(counts.iter().all(|count| (count - 1000).abs() < 155));
    }

    proptest! {
        #[test]
        fn rows_at_once_equal_pixels_one_by_one(
            sides in [1_usize..7, 1..7],
            channels in 1_usize..4,
            offsets: [prop::sample::Index; 3],
            flip: bool,
        ) {
            let [height, width] = sides;
            let images = image([height, width, channels]);
            let crop = offsets[0].index(height.min(width));
            let augment = Augment { crop, fill: 255, flip };
            let [top, left] = [1, 2].map(|axis: usize| offsets[axis].index(2 * crop + 1));
            let view = View { top, left, flip };
            prop_assert_eq!(viewed(augment, &images, view), oracle(augment, &images, view));
        }
    }
}

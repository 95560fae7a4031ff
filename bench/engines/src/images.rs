//! Random images of CIFAR-10's size, as the layouts and numbers that engines take.

use crate::Random;

/// Height and width.
pub const SIDE: usize = 32;
/// Red, green, blue.
pub const CHANNELS: usize = 3;

/// Pixels of a batch, `[images, SIDE, SIDE, CHANNELS]`.
pub struct Images {
    pixels: Vec<u8>,
}

impl Images {
    /// So many images of random pixels, the same for the same seed.
    pub fn random(count: usize, seed: u64) -> Self {
        let mut random = Random::new(seed);
        let pixels = (0..count * SIDE * SIDE * CHANNELS).map(|_| random.word() as u8);
        Self {
            pixels: pixels.collect(),
        }
    }

    /// The first `count` of them.
    ///
    /// # Panics
    /// If there are fewer.
    pub fn first(&self, count: usize) -> Self {
        Self {
            pixels: self.pixels[..count * SIDE * SIDE * CHANNELS].to_vec(),
        }
    }

    /// All of them in equal parts of at most `most` images.
    pub fn parts(&self, most: usize) -> Vec<Self> {
        let sizes = (1..=most).rev();
        let size = sizes
            .into_iter()
            .find(|&size| self.count().is_multiple_of(size));
        let parts = self
            .pixels
            .chunks(size.unwrap_or(1) * SIDE * SIDE * CHANNELS);
        parts
            .map(|pixels| Self {
                pixels: pixels.to_vec(),
            })
            .collect()
    }

    /// Their number.
    pub fn count(&self) -> usize {
        self.pixels.len() / (SIDE * SIDE * CHANNELS)
    }

    /// The pixels, `[images, SIDE, SIDE, CHANNELS]`.
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }

    /// A number for each pixel, channels first: `[images, CHANNELS, SIDE, SIDE]`.
    pub fn channels_first<T>(&self, number: impl Fn(u8) -> T) -> Vec<T> {
        let mut numbers = Vec::with_capacity(self.pixels.len());
        for image in self.pixels.chunks_exact(SIDE * SIDE * CHANNELS) {
            for channel in 0..CHANNELS {
                let pixels = image.iter().skip(channel).step_by(CHANNELS);
                numbers.extend(pixels.map(|&pixel| number(pixel)));
            }
        }
        numbers
    }
}

/// What a pixel stands for: `x = (2p − 255) / 255`, from −1 to 1.
pub fn real(pixel: u8) -> f32 {
    (2.0 * f32::from(pixel) - 255.0) / 255.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_equal_and_lose_nothing() {
        for (count, most, parts) in [(64, 8, 8), (6, 8, 1), (12, 8, 2), (11, 8, 11)] {
            let images = Images::random(count, 1);
            let pixels = images.parts(most);
            assert_eq!(pixels.len(), parts);
            let joined: Vec<u8> = pixels.iter().flat_map(|p| p.pixels().to_vec()).collect();
            assert_eq!(joined, images.pixels());
        }
    }

    #[test]
    fn channels_come_first() {
        let images = Images::random(2, 1);
        let planes = images.channels_first(|pixel| pixel);
        let (image, y, x, channel) = (1, 5, 7, 2);
        let plane = ((image * CHANNELS + channel) * SIDE + y) * SIDE + x;
        let pixel = ((image * SIDE + y) * SIDE + x) * CHANNELS + channel;
        assert_eq!(planes[plane], images.pixels()[pixel]);
    }
}

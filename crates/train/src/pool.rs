//! Max-pool of sums, and the way back.

use orthant_bits::PoolShape;
use rayon::prelude::*;

use crate::sums::{Sum, Sums, with_sums};

/// A max-pool of images of `[height, width, channels]`.
#[derive(Debug, Clone, Copy)]
pub struct MaxPool {
    shape: PoolShape,
    input: [usize; 3],
    output: [usize; 3],
}

impl MaxPool {
    /// A pool whose `output` was found by [`PoolShape::output`].
    pub fn new(shape: PoolShape, input: [usize; 3], output: [usize; 3]) -> Self {
        Self {
            shape,
            input,
            output,
        }
    }

    /// The maxima, and where in its window each lies: pixels count in row-major order, and of equal
    /// sums the first counts.
    pub fn forward(&self, sums: &Sums) -> (Sums, Vec<u16>) {
        with_sums!(sums, sums => self.maxima(sums))
    }

    fn maxima<S: Sum>(&self, sums: &[S]) -> (Sums, Vec<u16>) {
        let [_, width, channels] = self.input;
        let [from, to] = [self.input, self.output].map(|extent| extent.iter().product::<usize>());
        let (images, offsets) = (sums.len() / from, self.offsets());
        let (mut maxima, mut places) = (vec![S::default(); images * to], vec![0; images * to]);
        let outputs = maxima.par_chunks_mut(to).zip(places.par_chunks_mut(to));
        outputs
            .zip(sums.par_chunks(from))
            .for_each(|((maxima, places), sums)| {
                let pixels = maxima
                    .chunks_exact_mut(channels)
                    .zip(places.chunks_exact_mut(channels));
                for (pixel, (maxima, places)) in pixels.enumerate() {
                    let first = self.first(pixel, width) * channels;
                    for (place, offset) in offsets.iter().enumerate() {
                        let sums = &sums[first + offset..][..channels];
                        if place == 0 {
                            maxima.copy_from_slice(sums);
                            continue;
                        }
                        for ((maximum, at), &sum) in maxima.iter_mut().zip(&mut *places).zip(sums) {
                            let is_larger = sum > *maximum || sum.is_nan();
                            *maximum = if is_larger { sum } else { *maximum };
                            // A mask and not a choice, which would become a branch.
                            let mask = u16::from(is_larger).wrapping_neg();
                            *at = *at & !mask | place as u16 & mask;
                        }
                    }
                }
            });
        (S::wrap(maxima), places)
    }

    /// Where each place of a window lies, in numbers from the window's first pixel.
    fn offsets(&self) -> Vec<usize> {
        let [_, width, channels] = self.input;
        let [height, across] = self.shape.window;
        let places = (0..height * across).map(|place| [place / across, place % across]);
        places
            .map(|[down, across]| (down * width + across) * channels)
            .collect()
    }

    /// Adds the gradients of one image's maxima to those of its sums, which are 0 at first.
    pub fn backward(&self, gradients: &[f32], places: &[u16], sums: &mut [f32]) {
        let [_, width, channels] = self.input;
        let offsets = self.offsets();
        let pixels = gradients
            .chunks_exact(channels)
            .zip(places.chunks_exact(channels));
        for (pixel, (gradients, places)) in pixels.enumerate() {
            let first = self.first(pixel, width) * channels;
            for (channel, (gradient, &place)) in gradients.iter().zip(places).enumerate() {
                sums[first + offsets[usize::from(place)] + channel] += gradient;
            }
        }
    }

    /// First pixel of the window of an output pixel.
    fn first(&self, pixel: usize, width: usize) -> usize {
        let [y, x] = [pixel / self.output[1], pixel % self.output[1]];
        y * self.shape.stride[0] * width + x * self.shape.stride[1]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn maxima_agree_with_the_kernels_and_gradients_go_where_they_were() {
        let shape = PoolShape {
            window: [3, 2],
            stride: [2, 1],
        };
        let (input, batch) = ([7, 5, 3], 2);
        let [height, width] = shape.output([7, 5]).unwrap();
        let pool = MaxPool::new(shape, input, [height, width, 3]);
        let sums: Vec<i32> = (0..batch * 105).map(|i| (i * 37 % 11) as i32 - 5).collect();
        let kernels = orthant_kernels::Kernels::detect().unwrap();
        let definition = orthant_kernels::Pool::new(shape, batch, [7, 5], 3).unwrap();
        let len = batch * height * width * 3;
        let (mut expected, mut positions) = (vec![0; len], vec![0; len]);
        kernels
            .max_pool_sums(&definition, &sums, &mut expected, Some(&mut positions))
            .unwrap();
        let (found, places) = pool.forward(&Sums::I32(sums.clone()));
        assert_eq!(found, Sums::I32(expected.clone()));
        assert!(
            places
                .iter()
                .zip(&positions)
                .all(|(a, b)| u32::from(*a) == *b)
        );

        let per_image = height * width * 3;
        let gradients: Vec<f32> = (0..per_image).map(|i| i as f32 + 1.0).collect();
        let mut back = vec![0.0; 105];
        pool.backward(&gradients, &places[..per_image], &mut back);
        assert_eq!(back.iter().sum::<f32>(), gradients.iter().sum::<f32>());
        assert!(
            back.iter()
                .zip(&sums)
                .all(|(g, s)| *g == 0.0 || expected.contains(s))
        );
    }
}

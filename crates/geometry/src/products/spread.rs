//! How much the entries of patches vary.
//!
//! The mean and mean square of each entry of a patch, tap by tap and channel by channel, over all
//! output positions and images. They follow from the input's pixels: each is seen by some taps at
//! some positions, however many images there are.

use orthant_bits::{ConvShape, InputContract};
use orthant_model::{Columns, LayerInput, Patches};
use rayon::prelude::*;

/// Pixels of an image that a task adds up.
const PIXELS: usize = 64;

/// Sums of a layer's input, pixel by pixel and channel by channel.
#[derive(Debug, Clone)]
pub(crate) struct InputSums {
    channels: usize,
    images: u64,
    /// `[sum, sum of squares]`, `[height, width, channels]`.
    sums: Vec<[f64; 2]>,
}

/// Totals over the entries of a patch of one group.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct EntrySpread {
    /// Mean variance of an entry: the trace of the covariance matrix over its size.
    pub variance: f64,
    /// Mean square of an entry.
    pub square: f64,
}

impl InputSums {
    pub(crate) fn new(shape: &ConvShape) -> Self {
        Self {
            channels: shape.channels,
            images: 0,
            sums: vec![[0.0; 2]; shape.height * shape.width * shape.channels],
        }
    }

    /// Adds a batch of images.
    pub(crate) fn see(&mut self, input: LayerInput, contract: &InputContract, images: usize) {
        self.images += images as u64;
        let channels = self.channels;
        let pixels = self.sums.len() / channels;
        let tasks = self.sums.par_chunks_mut(PIXELS * channels).enumerate();
        tasks.for_each_init(
            || vec![0.0; channels],
            |values, (task, sums)| {
                for image in 0..images {
                    let first = image * pixels + task * PIXELS;
                    for (pixel, sums) in sums.chunks_exact_mut(channels).enumerate() {
                        input.expand(contract, channels, first + pixel, 0..channels, values);
                        for (sums, value) in sums.iter_mut().zip(&*values) {
                            let value = f64::from(*value);
                            sums[0] += value;
                            sums[1] += value * value;
                        }
                    }
                }
            },
        );
    }

    /// Means and mean squares of the entries of a group's patches, `[taps, channels]`.
    pub(crate) fn entries(
        &self,
        shape: &ConvShape,
        patches: &Patches,
        group: usize,
    ) -> Vec<[f64; 2]> {
        let columns = Columns::all(shape, group);
        let [height, width] = patches.output();
        let border = f64::from(shape.border.value());
        let images = self.images as f64;
        let positions = (height * width) as f64;
        let first = group * shape.group_channels();
        let mut entries = vec![[0.0; 2]; columns.len()];
        for (tap, entries) in columns
            .taps
            .zip(entries.chunks_exact_mut(columns.channels.len()))
        {
            for position in 0..height * width {
                match patches.under(position, tap) {
                    Some(pixel) => {
                        let sums = &self.sums[pixel * self.channels + first..];
                        for (entry, sums) in entries.iter_mut().zip(sums) {
                            entry[0] += sums[0];
                            entry[1] += sums[1];
                        }
                    }
                    None => entries.iter_mut().for_each(|entry| {
                        entry[0] += border * images;
                        entry[1] += border * border * images;
                    }),
                }
            }
            let count = images * positions;
            entries.iter_mut().flatten().for_each(|sum| *sum /= count);
        }
        entries
    }

    /// How much a group's entries vary.
    pub(crate) fn spread(&self, shape: &ConvShape, patches: &Patches, group: usize) -> EntrySpread {
        let entries = self.entries(shape, patches, group);
        let count = entries.len() as f64;
        let variances = entries
            .iter()
            .map(|[mean, square]| (square - mean * mean).max(0.0));
        EntrySpread {
            variance: variances.sum::<f64>() / count,
            square: entries.iter().map(|[_, square]| square).sum::<f64>() / count,
        }
    }
}

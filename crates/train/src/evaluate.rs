//! Evaluation: running moments, the one arithmetic, and a tap at every layer.

use std::ops::ControlFlow;

use orthant_data::Images;
use orthant_kernels::Kernels;
use orthant_model::Tap;

use crate::loss::{Loss, Score};
use crate::pass::{Pass, quantize};
use crate::weights::ForwardWeights;
use crate::{Error, Model};

/// Images that are evaluated together.
const BATCH: usize = 50;

/// A model with its weights quantized once, for as many images as there are.
///
/// Its numbers depend on the model and the images alone: not on the batch they come in, the number
/// of threads or the instruction set.
pub struct Evaluator<'a> {
    kernels: Kernels,
    model: &'a Model,
    weights: Vec<Option<ForwardWeights>>,
}

impl<'a> Evaluator<'a> {
    /// Quantizes the weights, stochastic ones by their sign.
    ///
    /// # Errors
    /// Weights that are not numbers.
    pub fn new(kernels: Kernels, model: &'a Model) -> Result<Self, Error> {
        Ok(Self {
            kernels,
            model,
            weights: quantize(kernels, model, None)?,
        })
    }

    /// The logits `[batch, classes]` of images `[batch, height, width, channels]`.
    ///
    /// # Errors
    /// Activations that are not numbers, by their layer.
    ///
    /// # Panics
    /// If the pixels are not whole images.
    pub fn logits(&self, pixels: Vec<u8>, tap: &mut dyn FnMut(Tap)) -> Result<Vec<f32>, Error> {
        let len: usize = self.model.network().input.iter().product();
        assert!(pixels.len().is_multiple_of(len), "pixels are whole images");
        let pass = Pass {
            kernels: self.kernels,
            model: self.model,
            weights: &self.weights,
            batch: pixels.len() / len,
            draws: None,
        };
        Ok(pass.forward(pixels, tap)?.0)
    }

    /// The score of a split; `seen` is told how many images are done, and may break off, which
    /// gives `None`.
    ///
    /// # Errors
    /// Images of another shape, labels beyond the classes, activations that are not numbers.
    pub fn score(
        &self,
        images: &Images,
        loss: Loss,
        seen: &mut dyn FnMut(usize) -> ControlFlow<()>,
    ) -> Result<Option<Score>, Error> {
        let network = self.model.network();
        if images.shape() != network.input {
            return Err(Error::DataShape {
                expected: network.input,
                found: images.shape(),
            });
        }
        let largest = images.labels().iter().copied().max().map_or(0, usize::from);
        if largest >= network.classes {
            return Err(Error::Label {
                classes: network.classes,
                found: largest,
            });
        }
        let mut score = Score::default();
        let batches = images.pixels().chunks(BATCH * images.image_len());
        for (pixels, labels) in batches.zip(images.labels().chunks(BATCH)) {
            let logits = self.logits(pixels.to_vec(), &mut |_| {})?;
            score.add(loss.score(&logits, labels).0);
            if seen(score.images).is_break() {
                return Ok(None);
            }
        }
        Ok(Some(score))
    }
}

//! What an epoch came to, on the images that it did not train on.

use std::ops::ControlFlow;

use orthant_data::Images;

use super::{Event, Run};
use crate::Error;
use crate::evaluate::Evaluator;
use crate::loss::Score;
use crate::metrics::{EpochMetrics, LayerMetrics};

impl Run {
    /// Evaluates what there is to evaluate after an epoch; `None` where it was asked to stop.
    pub(super) fn measure(
        &self,
        observer: &mut dyn FnMut(Event),
    ) -> Result<Option<EpochMetrics>, Error> {
        let epoch = self.header.epoch + 1;
        let evaluator = Evaluator::new(self.trainer.kernels(), self.model())?;
        let mut score = |split, images| self.score(&evaluator, split, images, observer);
        let mut scores = [None; 2];
        let is_last = epoch == self.recipe.training.epochs;
        let splits = [
            ("validation", self.valid.as_ref()),
            ("test", Some(&self.test)),
        ];
        for (to, (split, images)) in scores.iter_mut().zip(splits) {
            let Some(images) = images.filter(|_| split != "test" || is_last) else {
                continue;
            };
            *to = score(split, images)?;
            if to.is_none() {
                return Ok(None);
            }
        }
        let [valid, test] = scores;
        let tally = &self.header.tally;
        Ok(Some(EpochMetrics {
            epoch,
            seconds: tally.seconds,
            images_per_second: tally.score.images as f64 / tally.seconds,
            lr: tally.rate,
            train_loss: tally.score.mean_loss(),
            train_accuracy: tally.score.accuracy(),
            valid_loss: valid.map(|score| score.mean_loss()),
            valid_accuracy: valid.map(|score| score.accuracy()),
            test_loss: test.map(|score| score.mean_loss()),
            test_accuracy: test.map(|score| score.accuracy()),
            layers: self.layers(),
        }))
    }

    fn score(
        &self,
        evaluator: &Evaluator,
        split: &'static str,
        images: &Images,
        observer: &mut dyn FnMut(Event),
    ) -> Result<Option<Score>, Error> {
        let of = images.len();
        let loss = self.recipe.training.loss.into();
        let score = evaluator.score(images, loss, &mut |done| {
            observer(Event::Evaluated { split, done, of });
            match self.is_stopped() {
                true => ControlFlow::Break(()),
                false => ControlFlow::Continue(()),
            }
        });
        match score.map_err(|error| self.trainer.diverged(error))? {
            Some(score) if !score.loss.is_finite() => Err(Error::Diverged {
                step: self.header.step,
                what: format!("the loss of the {split} images is {}", score.mean_loss()),
            }),
            score => Ok(score),
        }
    }

    fn layers(&self) -> Vec<LayerMetrics> {
        let model = self.model();
        let layers = model.network().layers.iter().zip(model.plans());
        let layers = layers.zip(self.trainer.angles());
        layers
            .zip(self.header.tally.flip_ratios(model))
            .filter(|(((_, plan), _), _)| plan.weights() > 0)
            .map(|(((layer, _), angle_deg), flip_ratio)| LayerMetrics {
                name: layer.name.clone(),
                flip_ratio,
                angle_deg,
            })
            .collect()
    }
}

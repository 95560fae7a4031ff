//! Gradients of one batch, outside a run.

use orthant_data::Batch;
use orthant_kernels::Kernels;

use crate::model::Gradients;
use crate::pass::{Draws, Pass, quantize};
use crate::{Error, Loss, Model, Precision, Score};

impl Model {
    /// The loss of a batch and its gradients by every layer's parameters, as a training step finds
    /// them: with the batch's own moments and the surrogates' slopes. Nothing is
    /// changed. `precision` is that of the products with packed operands.
    ///
    /// # Errors
    /// Numbers that are not, by their layer.
    pub fn gradients(
        &self,
        kernels: Kernels,
        batch: Batch,
        loss: Loss,
        draws: Draws,
        precision: Precision,
    ) -> Result<(Score, Vec<Gradients>), Error> {
        let weights = quantize(kernels, self, Some(draws))?;
        let pass = Pass {
            kernels,
            model: self,
            weights: &weights,
            batch: batch.labels.len(),
            draws: Some(draws),
        };
        let (logits, caches) = pass.forward(batch.pixels, &mut |_| {})?;
        let (score, gradient) = loss.score(&logits, &batch.labels);
        Ok((score, pass.backward(caches, gradient, precision, |_, _| {})))
    }
}

#[cfg(test)]
mod tests {
    use orthant_data::{Dataset, Source};
    use orthant_model::{Activation, WeightQuantizer};

    use super::*;
    use crate::{Recipe, Slope, Surrogate, Trainer};

    #[test]
    fn gradients_are_those_that_a_step_takes() {
        let settings = [
            "width=0.1",
            "training.optimizer={ name = \"sgd\" }",
            "weight-clip=10",
        ];
        let settings = settings.map(str::to_owned);
        let recipe = Recipe::find("binarynet-digits", &settings).unwrap();
        let data = Dataset::open(&Source::Digits).unwrap();
        let model = recipe.model(&data).unwrap();
        let kernels = Kernels::detect().unwrap();
        let batch = || Batch {
            pixels: data.train().pixels()[..64 * 64].to_vec(),
            labels: data.train().labels()[..64].to_vec(),
        };
        let loss = recipe.training.loss.into();
        let draws = Draws { seed: 0, step: 0 };
        let found = model.gradients(kernels, batch(), loss, draws, Precision::F32);
        let (score, gradients) = found.unwrap();
        // Twice: a model is not changed by what it is asked.
        let again = model.gradients(kernels, batch(), loss, draws, Precision::F32);
        assert_eq!(again.unwrap(), (score, gradients.clone()));

        let rate = 0.25;
        let mut trainer = Trainer::new(kernels, recipe, model.clone()).unwrap();
        assert_eq!(trainer.step(batch(), rate).unwrap().0, score);
        for (index, gradients) in gradients.iter().enumerate() {
            let [before, after] = [&model, &trainer.model].map(|m| &m.parameters[index].weight);
            assert!(gradients.weight.iter().any(|g| *g != 0.0));
            for ((before, after), g) in before.iter().zip(after).zip(&gradients.weight) {
                assert_eq!(before - rate as f32 * g, *after);
            }
        }
    }

    #[test]
    fn real_weights_and_hard_tanh_have_other_gradients_of_the_same_shapes() {
        let recipe = Recipe::find("binarynet-digits", &["width=0.1".to_owned()]).unwrap();
        let data = Dataset::open(&Source::Digits).unwrap();
        let model = recipe.model(&data).unwrap();
        let real = model.changed(|_, layer, training| {
            layer.weights = WeightQuantizer::None;
            if layer.activation == Activation::Sign {
                layer.activation = Activation::Clip;
                training.slope = Slope::Surrogate(Surrogate::Clip);
            }
        });
        let real = real.unwrap();
        let gradients = [&model, &real].map(|model| {
            let batch = Batch {
                pixels: data.train().pixels()[..64 * 64].to_vec(),
                labels: data.train().labels()[..64].to_vec(),
            };
            let kernels = Kernels::detect().unwrap();
            let draws = Draws { seed: 0, step: 0 };
            let found = model.gradients(kernels, batch, Loss::SquaredHinge, draws, Precision::F32);
            found.unwrap().1
        });
        for (binary, real) in gradients[0].iter().zip(&gradients[1]) {
            assert_eq!(binary.weight.len(), real.weight.len());
            assert_ne!(binary.weight, real.weight);
        }
        assert_eq!(model.weights()[0], real.weights()[1]);
    }
}

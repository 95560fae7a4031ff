//! Batch norm's running moments, measured anew.

use orthant_data::Images;
use orthant_kernels::Kernels;

use crate::pass::{Cache, Draws, Pass, quantize};
use crate::{Error, Model};

/// Running sums of a layer's batch moments: means, their squares, variances.
#[derive(Debug, Clone, Default)]
struct Running {
    means: Vec<f64>,
    squares: Vec<f64>,
    variances: Vec<f64>,
}

impl Running {
    fn add(&mut self, [means, variances]: &[Vec<f32>; 2]) {
        for sums in [&mut self.means, &mut self.squares, &mut self.variances] {
            sums.resize(means.len(), 0.0);
        }
        let to = self.means.iter_mut().zip(&mut self.squares);
        let to = to.zip(&mut self.variances);
        for (((mean_sum, square), variance_sum), (mean, variance)) in
            to.zip(means.iter().zip(variances))
        {
            let mean = f64::from(*mean);
            *mean_sum += mean;
            *square += mean * mean;
            *variance_sum += f64::from(*variance);
        }
    }

    /// Mean and variance of all batches together, which are equally large.
    fn moments(&self, batches: f64) -> [Vec<f32>; 2] {
        let means = self.means.iter().map(|sum| (sum / batches) as f32);
        let within = self.variances.iter().zip(&self.means).zip(&self.squares);
        let variances = within.map(|((variance, mean), square)| {
            // Of all values: the mean variance inside batches, and the variance of their means.
            let between = square / batches - (mean / batches).powi(2);
            (variance / batches + between.max(0.0)) as f32
        });
        [means.collect(), variances.collect()]
    }
}

impl Model {
    /// Replaces the running moments of every batch norm by those of some images, taken in batches
    /// as a training step takes them.
    ///
    /// What a step does by chance, it does here: dropout, stochastic signs. `seen` is told after
    /// every batch how many images are done. A batch that is not full is left out.
    ///
    /// # Errors
    /// Fewer images than a batch; numbers that are not, by their layer.
    ///
    /// # Panics
    /// If the images have another shape than the network's input, or `batch` is 0.
    pub fn reestimate(
        &mut self,
        kernels: Kernels,
        images: &Images,
        batch: usize,
        seen: &mut dyn FnMut(usize),
    ) -> Result<(), Error> {
        assert_eq!(images.shape(), self.network().input, "images fit the input");
        let batch = batch.min(images.len());
        let draws = Draws { seed: 0, step: 0 };
        let weights = quantize(kernels, self, Some(draws))?;
        let mut sums = vec![Running::default(); self.plans().len()];
        let batches = images.pixels().chunks_exact(batch * images.image_len());
        let count = batches.len();
        for (step, pixels) in batches.enumerate() {
            let pass = Pass {
                kernels,
                model: self,
                weights: &weights,
                batch,
                draws: Some(Draws {
                    step: step as u64,
                    ..draws
                }),
            };
            let (_, caches) = pass.forward(pixels.to_vec(), &mut |_| {})?;
            for (sums, moments) in sums.iter_mut().zip(caches.iter().map(Cache::moments)) {
                if let Some(moments) = moments {
                    sums.add(&moments);
                }
            }
            seen((step + 1) * batch);
        }
        for (parameters, sums) in self.parameters.iter_mut().zip(&sums) {
            if let Some(norm) = &mut parameters.norm {
                [norm.mean, norm.variance] = sums.moments(count as f64);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use orthant_data::{Dataset, Source};

    use super::*;
    use crate::{Evaluator, Loss, Recipe};

    fn model(data: &Dataset) -> Model {
        let settings = ["width=0.1".to_owned()];
        let recipe = Recipe::find("binarynet-digits", &settings).unwrap();
        recipe.model(data).unwrap()
    }

    fn first(data: &Dataset, images: usize) -> Images {
        let (first, _) = data.train().clone().split_last(1437 - images).unwrap();
        first
    }

    #[test]
    fn moments_of_batches_are_those_of_all_their_images() {
        let data = Dataset::open(&Source::Digits).unwrap();
        let kernels = Kernels::detect().unwrap();
        let [mut apart, mut together] = [model(&data), model(&data)];
        let images = first(&data, 100);
        let mut done = Vec::new();
        apart
            .reestimate(kernels, &images, 24, &mut |images| done.push(images))
            .unwrap();
        assert_eq!(done, [24, 48, 72, 96]);
        together
            .reestimate(kernels, &first(&data, 96), 1000, &mut |_| {})
            .unwrap();
        // The first layer's sums do not depend on the other images of a batch.
        let norms = [&apart, &together].map(|model| model.parameters[0].norm.as_ref().unwrap());
        for channel in 0..norms[0].mean.len() {
            let [one, other] = norms.map(|norm| [norm.mean[channel], norm.variance[channel]]);
            assert!((one[0] - other[0]).abs() < 1e-5, "{one:?} {other:?}");
            assert!((one[1] / other[1] - 1.0).abs() < 1e-4, "{one:?} {other:?}");
        }
        assert_ne!(norms[0].mean[0], 0.0);
    }

    #[test]
    fn a_network_with_wrong_moments_recovers() {
        let data = Dataset::open(&Source::Digits).unwrap();
        let kernels = Kernels::detect().unwrap();
        let mut model = model(&data);
        let images = first(&data, 400);
        let loss = |model: &Model| {
            let evaluator = Evaluator::new(kernels, model).unwrap();
            let go_on = &mut |_| std::ops::ControlFlow::Continue(());
            let score = evaluator.score(&images, Loss::SquaredHinge, go_on);
            score.unwrap().expect("it is not broken off").mean_loss()
        };
        model
            .reestimate(kernels, &images, 100, &mut |_| {})
            .unwrap();
        let good = loss(&model);
        for parameters in &mut model.parameters {
            parameters.norm.as_mut().unwrap().variance.fill(1e-6);
        }
        let bad = loss(&model);
        model
            .reestimate(kernels, &images, 100, &mut |_| {})
            .unwrap();
        assert!(bad > 10.0 * good, "{bad} {good}");
        assert_eq!(loss(&model), good);
    }
}

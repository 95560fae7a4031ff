//! One layer, from its input's place to its output's.
//!
//! ```text
//! packed, folded       product, pool, comparisons, packing: one kernel, bits to bits
//! packed, not folded   product and pool to integers; then as below
//! real                 input expanded, fixed-order product, pool; then
//!                      z = normalize(sum, factor, scale, shift) + shortcut; activation
//! ```

use core::ops::Range;

use orthant_bits::{PoolShape, clip, relu, words_for};
use orthant_kernels::{Error, FloatConv, Input, Output, Pool};
use orthant_model::{Activation, LayerInput, LayerSums, Readout, Tap, normalize};

use crate::arena::Arena;
use crate::program::{Map, Place, Product, Program, Step};
use crate::watch::Watch;

/// A pass of some images through the layers.
pub struct Pass<'a> {
    pub program: &'a Program<'a>,
    pub arena: &'a mut Arena,
    /// `[batch, height, width, channels]`.
    pub pixels: &'a [u8],
    pub batch: usize,
}

impl Pass<'_> {
    /// Runs a layer; the last one writes `logits`.
    pub fn layer(
        &mut self,
        index: usize,
        logits: &mut [f32],
        watch: &mut Watch,
    ) -> Result<(), Error> {
        let program = self.program;
        let step = &program.steps[index];
        watch.input(index, self.input(step));
        match &step.map {
            Map::Mean => return self.mean(index, logits, watch),
            Map::Real(..) => self.real_sums(index, watch)?,
            Map::Prepared(..) | Map::Stored(_) if watch.wants_sums() => {
                self.watched_sums(index, watch)?;
                if step.folds() {
                    self.compare(step);
                    return Ok(());
                }
            }
            Map::Prepared(..) | Map::Stored(_) if step.folds() => return self.fused(step),
            Map::Prepared(..) | Map::Stored(_) => self.sums(step, step.pool, false)?,
        }
        self.z(step);
        self.activate(step, logits)
    }

    fn input(&self, step: &Step) -> LayerInput<'_> {
        let Arena {
            places,
            words,
            floats,
            ..
        } = &*self.arena;
        step.input
            .view(places, words, floats, self.pixels, self.batch)
    }

    /// Product, pool and comparisons in one.
    fn fused(&mut self, step: &Step) -> Result<(), Error> {
        let Arena {
            places,
            words,
            scratch,
            ..
        } = &mut *self.arena;
        let (Place::Binary(to) | Place::Ternary(to)) = step.output else {
            unreachable!("a folded layer gives bits");
        };
        let output = places.words(to, self.batch);
        let (input, output) = match step.input {
            Place::Binary(from) | Place::Ternary(from) => {
                let input = places.words(from, self.batch);
                let [input, output] = disjoint(words, [input, output]);
                (step.input.packed(input), output)
            }
            _ => (Input::Pixels(self.pixels), &mut words[output]),
        };
        let output = match &step.readout {
            Readout::Bits(thresholds) => Output::Bits {
                thresholds,
                words: output,
            },
            Readout::Ternary(thresholds) => {
                let (sign, nonzero) = output.split_at_mut(output.len() / 2);
                Output::Ternary {
                    thresholds,
                    sign,
                    nonzero,
                }
            }
            Readout::None | Readout::Real { .. } => unreachable!("the layer folds"),
        };
        let product = Product {
            input,
            pool: step.pool,
            batch: self.batch,
        };
        step.convolve(self.program.kernels, product, output, scratch)
    }

    /// Integer sums to memory: pooled ones, or those that are watched.
    fn sums(
        &mut self,
        step: &Step,
        pool: Option<PoolShape>,
        are_watched: bool,
    ) -> Result<(), Error> {
        let Arena {
            places,
            words,
            floats,
            sums,
            watched,
            scratch,
            ..
        } = &mut *self.arena;
        let input = step.input;
        let input = input.view(places, words, floats, self.pixels, self.batch);
        let input = input.packed().expect("the map is packed");
        let sums = match are_watched {
            true => &mut watched[..step.plan.sums_len() * self.batch],
            false => &mut sums[..step.plan.output_len() * self.batch],
        };
        let product = Product {
            input,
            pool,
            batch: self.batch,
        };
        step.convolve(self.program.kernels, product, Output::I32(sums), scratch)
    }

    /// Integer sums, shown and then pooled.
    fn watched_sums(&mut self, index: usize, watch: &mut Watch) -> Result<(), Error> {
        let program = self.program;
        let step = &program.steps[index];
        self.sums(step, None, true)?;
        let all = &self.arena.watched[..step.plan.sums_len() * self.batch];
        watch.tap(Tap {
            layer: index,
            input: self.input(step),
            sums: LayerSums::I32(all),
        });
        let pool = self.pool(step)?;
        let Arena { sums, watched, .. } = &mut *self.arena;
        let all = &watched[..step.plan.sums_len() * self.batch];
        let pooled = &mut sums[..step.plan.output_len() * self.batch];
        match pool {
            Some(pool) => program.kernels.max_pool_sums(&pool, all, pooled, None),
            None => {
                pooled.copy_from_slice(all);
                Ok(())
            }
        }
    }

    fn pool(&self, step: &Step) -> Result<Option<Pool>, Error> {
        let (Some(pool), Some(shape)) = (step.pool, step.plan.shape) else {
            return Ok(None);
        };
        Pool::new(pool, self.batch, shape.output(), shape.outputs).map(Some)
    }

    /// Compares pooled sums one by one, as their thresholds say.
    fn compare(&mut self, step: &Step) {
        let Arena {
            places,
            words,
            sums,
            ..
        } = &mut *self.arena;
        let (Place::Binary(to) | Place::Ternary(to)) = step.output else {
            unreachable!("a folded layer gives bits");
        };
        let output = &mut words[places.words(to, self.batch)];
        output.fill(0);
        let channels = step.plan.output[2];
        let row_words = words_for(channels);
        let (sign, nonzero) = match step.output {
            Place::Ternary(_) => output.split_at_mut(output.len() / 2),
            _ => (output, &mut [][..]),
        };
        let sums = &sums[..step.plan.output_len() * self.batch];
        for (pixel, sums) in sums.chunks_exact(channels).enumerate() {
            for (channel, &sum) in sums.iter().enumerate() {
                let (word, bit) = (pixel * row_words + channel / 64, channel % 64);
                match &step.readout {
                    Readout::Bits(thresholds) => {
                        sign[word] |= u64::from(thresholds.get(channel).bit(sum)) << bit;
                    }
                    Readout::Ternary(thresholds) => {
                        let value = thresholds.get(channel).value(sum);
                        sign[word] |= u64::from(value > 0) << bit;
                        nonzero[word] |= u64::from(value != 0) << bit;
                    }
                    Readout::None | Readout::Real { .. } => unreachable!("the layer folds"),
                }
            }
        }
    }

    /// The input as real numbers: where it lies, or expanded. Its place among the floats.
    fn real_input(&mut self, step: &Step) -> Range<usize> {
        let Arena {
            places,
            words,
            floats,
            ..
        } = &mut *self.arena;
        match (step.input, step.floats.expanded) {
            (Place::Floats(at), _) => places.floats(at, self.batch),
            (place, expanded) => {
                let at = expanded.expect("what is not real is expanded");
                let range = places.floats(at, self.batch);
                let input = place.view(places, words, &[], self.pixels, self.batch);
                let channels = step.plan.input[2];
                let contract = &self.program.contract;
                input.expand_all(contract, channels, &mut floats[range.clone()]);
                range
            }
        }
    }

    /// Real sums, shown and pooled.
    fn real_sums(&mut self, index: usize, watch: &mut Watch) -> Result<(), Error> {
        let program = self.program;
        let step = &program.steps[index];
        let Map::Real(shape, weights) = &step.map else {
            unreachable!("the map is real");
        };
        let input = self.real_input(step);
        let sums = step.floats.sums.expect("a real map has real sums");
        let sums = self.arena.places.floats(sums, self.batch);
        {
            let Arena {
                floats, patches, ..
            } = &mut *self.arena;
            let [input, sums] = disjoint(floats, [input, sums.clone()]);
            let conv = FloatConv {
                shape: *shape,
                batch: self.batch,
                input,
                weights,
            };
            let patches = &mut patches[..FloatConv::scratch_len(shape)];
            program.kernels.conv2d_f32(&conv, sums, patches)?;
        }
        watch.tap(Tap {
            layer: index,
            input: self.input(step),
            sums: LayerSums::F32(&self.arena.floats[sums.clone()]),
        });
        if let (Some(pool), Some(pooled)) = (self.pool(step)?, step.floats.pooled) {
            let pooled = self.arena.places.floats(pooled, self.batch);
            let [sums, pooled] = disjoint(&mut self.arena.floats, [sums, pooled]);
            program.kernels.max_pool_f32(&pool, sums, pooled)?;
        }
        Ok(())
    }

    /// `z` of the pooled sums, the shortcut's part in it.
    fn z(&mut self, step: &Step) {
        let Readout::Real {
            factor,
            scale,
            shift,
        } = &step.readout
        else {
            unreachable!("the layer does not fold");
        };
        let batch = self.batch;
        let Arena {
            places,
            floats,
            sums,
            ..
        } = &mut *self.arena;
        let to = places.floats(step.floats.z.expect("the layer has a z"), batch);
        let constants = [&factor[..], scale, shift];
        match step.floats.pooled.or(step.floats.sums) {
            Some(from) => {
                let [from, to] = disjoint(floats, [places.floats(from, batch), to.clone()]);
                normalize_all(from, |sum| sum, constants, to);
            }
            None => {
                let from = &sums[..step.plan.output_len() * batch];
                normalize_all(from, |sum| sum as f32, constants, &mut floats[to.clone()]);
            }
        }
        if let Some((source, shortcut)) = step.shortcut {
            let from = self.program.steps[source].floats.z;
            let from = places.floats(from.expect("a shortcut starts at a z"), batch);
            let [from, to] = disjoint(floats, [from, to]);
            let [from_len, to_len] = [from.len() / batch, to.len() / batch];
            let images = from.chunks_exact(from_len).zip(to.chunks_exact_mut(to_len));
            images.for_each(|(from, to)| shortcut.forward(from, to));
        }
    }

    /// `z` to the next layer's input, or to the logits.
    fn activate(&mut self, step: &Step, logits: &mut [f32]) -> Result<(), Error> {
        let kernels = self.program.kernels;
        let batch = self.batch;
        let Arena {
            places,
            words,
            floats,
            ..
        } = &mut *self.arena;
        let channels = step.plan.output[2];
        let z = places.floats(step.floats.z.expect("the layer has a z"), batch);
        match step.output {
            Place::Binary(to) => {
                let bits = &mut words[places.words(to, batch)];
                kernels.pack_signs(channels, &floats[z], bits)
            }
            Place::Ternary(to) => {
                let spare = step.floats.spare.expect("ternary numbers take a spare");
                let [z, spare] = disjoint(floats, [z, places.floats(spare, batch)]);
                let planes = &mut words[places.words(to, batch)];
                let (sign, nonzero) = planes.split_at_mut(planes.len() / 2);
                let Activation::Ternary { threshold } = step.activation else {
                    unreachable!("the output is ternary");
                };
                kernels.pack_ternary(channels, z, threshold, [sign, nonzero], spare)
            }
            Place::Floats(to) => {
                let [z, to] = disjoint(floats, [z, places.floats(to, batch)]);
                for (to, &mut z) in to.iter_mut().zip(z) {
                    *to = match step.activation {
                        Activation::Clip => clip(z),
                        Activation::Relu => relu(z),
                        _ => z,
                    };
                }
                Ok(())
            }
            Place::Logits | Place::Pixels => {
                logits.copy_from_slice(&floats[z]);
                Ok(())
            }
        }
    }

    /// Means of every channel.
    fn mean(&mut self, index: usize, logits: &mut [f32], watch: &mut Watch) -> Result<(), Error> {
        let program = self.program;
        let step = &program.steps[index];
        let input = self.real_input(step);
        let Arena { places, floats, .. } = &mut *self.arena;
        let (input, means) = match step.output {
            Place::Floats(to) => {
                let to = places.floats(to, self.batch);
                let [input, means] = disjoint(floats, [input, to]);
                (&*input, means)
            }
            _ => (&floats[input], &mut *logits),
        };
        let images = input.chunks_exact(step.plan.input_len());
        for (image, means) in images.zip(means.chunks_exact_mut(step.plan.output[2])) {
            program.kernels.mean_pool(image, means)?;
        }
        let means = match step.output {
            Place::Floats(to) => &self.arena.floats[self.arena.places.floats(to, self.batch)],
            _ => &*logits,
        };
        watch.tap(Tap {
            layer: index,
            input: self.input(step),
            sums: LayerSums::F32(means),
        });
        Ok(())
    }
}

/// `z` of whole pixels of sums, each a real number by `real`.
#[inline]
fn normalize_all<S: Copy>(
    sums: &[S],
    real: impl Fn(S) -> f32,
    [factor, scale, shift]: [&[f32]; 3],
    z: &mut [f32],
) {
    let channels = factor.len();
    let pixels = sums
        .chunks_exact(channels)
        .zip(z.chunks_exact_mut(channels));
    for (sums, z) in pixels {
        let constants = factor.iter().zip(scale).zip(shift);
        for ((z, &sum), ((&factor, &scale), &shift)) in z.iter_mut().zip(sums).zip(constants) {
            *z = normalize(real(sum), factor, scale, shift);
        }
    }
}

/// Two ranges of a buffer at once.
fn disjoint<T>(buffer: &mut [T], ranges: [Range<usize>; 2]) -> [&mut [T]; 2] {
    let slices = buffer.get_disjoint_mut(ranges);
    slices.expect("tensors that live together lie apart")
}

//! Which layers fold to comparisons, and their folding.

use alloc::vec::Vec;

use orthant_bits::{TernaryThresholds, Thresholds};

use crate::{Activation, Error, Fold, LayerPlan, Network, Op, Readout, ReadoutKind};

impl Network {
    /// Whether a layer's `z` is needed as a number: it ends a shortcut, or starts one.
    pub fn keeps_z(&self, layer: usize) -> bool {
        let is_source = |one: &crate::Layer| one.shortcut == Some(layer);
        self.layers[layer].shortcut.is_some() || self.layers.iter().any(is_source)
    }

    /// The last layer that adds each layer's `z` by a shortcut.
    pub fn last_uses(&self) -> Vec<Option<usize>> {
        let mut last = alloc::vec![None; self.layers.len()];
        for (at, layer) in self.layers.iter().enumerate() {
            if let Some(from) = layer.shortcut {
                last[from] = Some(at);
            }
        }
        last
    }

    /// What becomes of a layer's sums where the network is deployed.
    ///
    /// Integer sums that go to a sign or to ternary numbers, and nowhere else, fold to comparisons.
    pub fn readout(&self, layer: usize, plan: &LayerPlan) -> ReadoutKind {
        let activation = self.layers[layer].activation;
        match (self.layers[layer].op, activation) {
            (Op::MeanPool, _) => ReadoutKind::None,
            _ if !plan.is_packed() || self.keeps_z(layer) => ReadoutKind::Real,
            (_, Activation::Sign) => ReadoutKind::Bits,
            (_, Activation::Ternary { .. }) => ReadoutKind::Ternary,
            _ => ReadoutKind::Real,
        }
    }

    /// Folds a layer whose channels' sums become `z` as `folds` say.
    ///
    /// # Errors
    /// A `z` that is not a number for some sum that can occur.
    pub fn fold(&self, layer: usize, plan: &LayerPlan, folds: &[Fold]) -> Result<Readout, Error> {
        let kind = self.readout(layer, plan);
        let largest = plan.largest_sum as i32;
        // Of finite constants, what overflows does so at the ends first.
        let is_number = |fold: &Fold| {
            let constants = [fold.factor, fold.scale, fold.shift];
            let ends = [-largest, largest].map(|sum| fold.z(sum));
            constants.iter().all(|constant| constant.is_finite())
                && ends.iter().all(|z| !z.is_nan())
        };
        if let Some(channel) = folds.iter().position(|fold| !is_number(fold)) {
            return Err(Error::NotFinite {
                layer: self.layers[layer].name.clone(),
                what: "batch norm of channel",
                at: channel,
            });
        }
        Ok(match (kind, self.layers[layer].activation) {
            (ReadoutKind::None, _) => Readout::None,
            (ReadoutKind::Bits, _) => {
                let channels: Vec<_> = folds.iter().map(|f| f.sign(-largest, largest)).collect();
                Readout::Bits(Thresholds::new(&channels))
            }
            (ReadoutKind::Ternary, Activation::Ternary { threshold }) => {
                let fold = |fold: &Fold| fold.ternary(threshold, -largest, largest);
                let channels: Vec<_> = folds.iter().map(fold).collect();
                let thresholds = TernaryThresholds::new(&channels);
                Readout::Ternary(thresholds.expect("a fold's low is at most its high"))
            }
            _ => Readout::Real {
                factor: folds.iter().map(|fold| fold.factor).collect(),
                scale: folds.iter().map(|fold| fold.scale).collect(),
                shift: folds.iter().map(|fold| fold.shift).collect(),
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use orthant_bits::InputContract;

    use super::*;
    use crate::{Layer, WeightQuantizer};

    #[test]
    fn a_norm_that_is_no_number_somewhere_does_not_fold() {
        let layer = |name: &str, outputs, activation| Layer {
            name: name.into(),
            op: Op::Dense { outputs },
            weights: WeightQuantizer::Sign,
            pool: None,
            norm: None,
            shortcut: None,
            activation,
        };
        let network = Network {
            input: [1, 1, 5],
            contract: InputContract::uniform(1, 0, 255, 5),
            layers: vec![
                layer("hidden", 2, Activation::Sign),
                layer("last", 2, Activation::None),
            ],
            classes: 2,
        };
        let plan = network.plan().unwrap()[0];
        let fold = |factor, scale, shift| {
            let channel = Fold {
                factor,
                scale,
                shift,
            };
            network.fold(0, &plan, &[channel])
        };
        assert!(fold(1.0, 1.0, 0.0).is_ok());
        assert!(fold(1e38, 1e38, 0.0).is_ok(), "infinite ends have a sign");
        for (factor, scale, shift) in [
            (1.0, f32::INFINITY, 0.0),
            (1.0, f32::NAN, 0.0),
            (1.0, 1.0, f32::NEG_INFINITY),
            (f32::INFINITY, 1.0, 0.0),
            (1e38, 0.0, 0.0),
        ] {
            let error = fold(factor, scale, shift).unwrap_err();
            assert!(matches!(error, Error::NotFinite { at: 0, .. }), "{error}");
        }
    }
}

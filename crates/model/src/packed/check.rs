//! What a deployed layer's parts must be.

use orthant_bits::{WORD_BITS, tail_mask};

use crate::{Error, LayerPlan, PackedLayer, PackedWeights, Readout, ReadoutKind, WeightLayout};

/// Most numbers of an image between two layers, or of one layer's sums.
const MOST_NUMBERS: usize = 1 << 28;

/// Holds a layer's parts against its plan.
pub(super) struct Layer<'a> {
    pub name: &'a str,
    pub plan: &'a LayerPlan,
}

impl Layer<'_> {
    /// `Ok` when everything that the layer holds belongs to its plan.
    pub(super) fn check(&self, layer: &PackedLayer, readout: ReadoutKind) -> Result<(), Error> {
        self.size()?;
        self.weights(&layer.weights)?;
        self.readout(&layer.readout, readout)
    }

    fn size(&self) -> Result<(), Error> {
        match self.plan.input_len().max(self.plan.sums_len()) {
            numbers if numbers > MOST_NUMBERS => Err(Error::ManyNumbers {
                layer: self.name.into(),
                numbers,
                limit: MOST_NUMBERS,
            }),
            _ => Ok(()),
        }
    }

    fn length(&self, what: &'static str, expected: usize, found: usize) -> Result<(), Error> {
        match found {
            _ if found == expected => Ok(()),
            _ => Err(Error::PackedLength {
                layer: self.name.into(),
                what,
                expected,
                found,
            }),
        }
    }

    fn weights(&self, weights: &PackedWeights) -> Result<(), Error> {
        let expected = self.plan.weight_layout();
        match (weights, expected) {
            (PackedWeights::None, WeightLayout::None) => Ok(()),
            (PackedWeights::Binary(words), WeightLayout::Binary { rows, cols }) => {
                self.rows("weights, in words,", words, rows, cols)
            }
            (PackedWeights::Ternary { sign, nonzero }, WeightLayout::Ternary { rows, cols }) => {
                self.rows("sign plane, in words,", sign, rows, cols)?;
                self.rows("nonzero plane, in words,", nonzero, rows, cols)?;
                let words = sign.iter().zip(&**nonzero);
                let code = words.map(|(sign, nonzero)| {
                    u64::from_le_bytes(*sign) & !u64::from_le_bytes(*nonzero)
                });
                match { code }.position(|unused| unused != 0) {
                    Some(word) => Err(Error::UnusedCode {
                        layer: self.name.into(),
                        word,
                    }),
                    None => Ok(()),
                }
            }
            (PackedWeights::Real(reals), WeightLayout::Real { len }) => {
                self.length("real weights", len, reals.len())?;
                let finite = |real: &[u8; 4]| f32::from_le_bytes(*real).is_finite();
                self.finite("weight", reals.iter().map(finite))
            }
            _ => Err(Error::PackedKind {
                layer: self.name.into(),
                what: "weights",
                expected: expected.name(),
                found: weights.name(),
            }),
        }
    }

    /// Rows of bits behind which all padding bits are 0.
    fn rows(
        &self,
        what: &'static str,
        words: &[[u8; 8]],
        rows: usize,
        cols: usize,
    ) -> Result<(), Error> {
        let row_words = cols.div_ceil(WORD_BITS);
        self.length(what, rows * row_words, words.len())?;
        let padding = !tail_mask(cols);
        if padding == 0 {
            return Ok(());
        }
        let last = words.chunks_exact(row_words).map(|row| row[row_words - 1]);
        match { last }.position(|word| u64::from_le_bytes(word) & padding != 0) {
            Some(row) => Err(Error::PaddingBits {
                layer: self.name.into(),
                row,
            }),
            None => Ok(()),
        }
    }

    fn finite(&self, what: &'static str, mut are: impl Iterator<Item = bool>) -> Result<(), Error> {
        match are.position(|is_finite| !is_finite) {
            Some(at) => Err(Error::NotFinite {
                layer: self.name.into(),
                what,
                at,
            }),
            None => Ok(()),
        }
    }

    fn readout(&self, readout: &Readout, expected: ReadoutKind) -> Result<(), Error> {
        let channels = self.plan.output[2];
        if readout.kind() != expected {
            return Err(Error::PackedKind {
                layer: self.name.into(),
                what: "a readout",
                expected: expected.name(),
                found: readout.kind().name(),
            });
        }
        match readout {
            Readout::None => Ok(()),
            Readout::Bits(thresholds) => {
                self.length("thresholds", channels, thresholds.channels())?;
                self.thresholds(thresholds.at())
            }
            Readout::Ternary(thresholds) => {
                self.length("thresholds", channels, thresholds.channels())?;
                self.thresholds(thresholds.low())?;
                self.thresholds(thresholds.high())
            }
            Readout::Real {
                factor,
                scale,
                shift,
            } => {
                for (what, numbers) in [("factor", factor), ("scale", scale), ("shift", shift)] {
                    self.length("real readout", channels, numbers.len())?;
                    self.finite(what, numbers.iter().map(|number| number.is_finite()))?;
                }
                Ok(())
            }
        }
    }

    /// A comparison that no sum passes stands one above the largest; none is farther.
    fn thresholds(&self, at: &[i32]) -> Result<(), Error> {
        let largest = self.plan.largest_sum as i32;
        match at.iter().position(|at| *at < -largest || *at > largest + 1) {
            Some(channel) => Err(Error::ThresholdRange {
                layer: self.name.into(),
                channel,
                limit: largest,
                found: at[channel],
            }),
            None => Ok(()),
        }
    }
}

//! What in a network carries no information: signs that are constant, norms that are flat.
//!
//! A sign whose input has one sign is a constant, its channel is lost, and no gradient says so: the
//! classic fault is a ReLU, or a norm without spread, before the sign. It is looked for where it
//! shows, in the activations of some images, whatever its cause. A zero border needs no warning: on
//! packed operands it is exact.

use std::fmt;

use orthant_bits::{Input, words_for};
use orthant_model::LayerInput;

use crate::model::Model;

/// Batch norm factors below this are taken for 0.
const FLAT: f32 = 1e-3;

/// Images that are looked at, where a step takes as many.
pub const IMAGES: usize = 100;

/// A layer is worth a word when this share of its channels is affected.
const WORTH: f64 = 0.1;

/// Something that a layer has and should not.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// The layer's name.
    pub layer: String,
    /// What it is.
    pub kind: FindingKind,
    /// Channels that are affected.
    pub affected: usize,
    /// Channels of the layer.
    pub channels: usize,
}

/// What can be found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FindingKind {
    /// The activation has one value for every pixel of every image that was looked at.
    Constant {
        /// Images that were looked at.
        images: usize,
    },
    /// Batch norm's factor is nearly 0, so that its channel does not depend on the input.
    Flat,
}

impl Finding {
    /// Whether it is worth a word.
    pub fn is_worth_a_word(&self) -> bool {
        self.share() >= WORTH
    }

    /// Share of the channels.
    pub fn share(&self) -> f64 {
        self.affected as f64 / self.channels as f64
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            layer,
            affected,
            channels,
            ..
        } = self;
        match self.kind {
            FindingKind::Constant { images } => write!(
                f,
                "{affected} of {channels} channels of {layer} have one sign for every pixel of \
                 {images} images and tell the next layer nothing; is what comes before the sign \
                 of one sign, as behind a ReLU, or without batch norm?"
            ),
            FindingKind::Flat => write!(
                f,
                "{affected} of {channels} batch norm factors of {layer} are below {FLAT}: their \
                 channels hardly depend on the input"
            ),
        }
    }
}

/// Layers with batch norm factors near 0.
pub fn flat_norms(model: &Model) -> Vec<Finding> {
    let layers = model.network().layers.iter().zip(&model.parameters);
    let norms = layers.filter_map(|(layer, own)| Some((layer, own.norm.as_ref()?)));
    let findings = norms.map(|(layer, norm)| Finding {
        layer: layer.name.clone(),
        kind: FindingKind::Flat,
        affected: norm.gamma.iter().filter(|g| g.abs() < FLAT).count(),
        channels: norm.gamma.len(),
    });
    findings.filter(|finding| finding.affected > 0).collect()
}

/// Channels of a packed input, of so many, that have one value in all pixels; `None` for inputs that
/// are not packed activations.
///
/// `zero_counts` is whether 0 is a value of its own; where it is what dropout left out, it is none.
pub fn constant_channels(input: LayerInput, channels: usize, zero_counts: bool) -> Option<usize> {
    let words = words_for(channels);
    // A word's bits are 64 channels: which of the values occur in each.
    let mut seen = vec![[0_u64; 3]; words];
    match input.packed()? {
        Input::Pixels(_) => return None,
        Input::Binary(bits) => {
            for row in bits.chunks_exact(words) {
                for ([minus, _, plus], bits) in seen.iter_mut().zip(row) {
                    *plus |= bits;
                    *minus |= !bits;
                }
            }
        }
        Input::Ternary { sign, nonzero } => {
            let rows = sign.chunks_exact(words).zip(nonzero.chunks_exact(words));
            for (sign, nonzero) in rows {
                let row = sign.iter().zip(nonzero);
                for ([minus, zero, plus], (sign, nonzero)) in seen.iter_mut().zip(row) {
                    *plus |= sign;
                    *minus |= nonzero & !sign;
                    *zero |= !nonzero;
                }
            }
        }
    }
    let varied = seen.into_iter().enumerate().map(|(word, seen)| {
        let [minus, zero, plus] = seen;
        let zero = if zero_counts { zero } else { 0 };
        let two = (minus & plus) | (minus & zero) | (plus & zero);
        let padding = (word * 64 + 64).saturating_sub(channels) as u32;
        (two & (u64::MAX >> padding)).count_ones() as usize
    });
    Some(channels - varied.sum::<usize>())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows of 70 channels from a function of row and channel.
    fn planes(rows: usize, value: impl Fn(usize, usize) -> i8) -> [Vec<u64>; 2] {
        let mut planes = [vec![0; 2 * rows], vec![0; 2 * rows]];
        for row in 0..rows {
            for channel in 0..70 {
                let value = value(row, channel);
                let bit = 1 << (channel % 64);
                let at = 2 * row + channel / 64;
                planes[0][at] |= if value > 0 { bit } else { 0 };
                planes[1][at] |= if value != 0 { bit } else { 0 };
            }
        }
        planes
    }

    #[test]
    fn channels_of_one_sign_are_counted_and_padding_is_not() {
        // Channel 3 is always +1, 66 always −1; the others alternate.
        let [sign, _] = planes(6, |row, channel| match channel {
            3 => 1,
            66 => -1,
            _ => 1 - 2 * ((row + channel) % 2) as i8,
        });
        let input = LayerInput::Packed(Input::Binary(&sign));
        assert_eq!(constant_channels(input, 70, false), Some(2));
    }

    #[test]
    fn zeros_inform_where_they_are_not_dropout_s() {
        // Channel 0: +1 and 0; channel 1: 0 alone; the others take all three values.
        let [sign, nonzero] = planes(6, |row, channel| match channel {
            0 => (row % 2) as i8,
            1 => 0,
            _ => (row % 3) as i8 - 1,
        });
        let input = LayerInput::Packed(Input::Ternary {
            sign: &sign,
            nonzero: &nonzero,
        });
        assert_eq!(constant_channels(input, 70, true), Some(1));
        assert_eq!(constant_channels(input, 70, false), Some(2));
    }

    #[test]
    fn what_is_not_packed_is_not_looked_at() {
        let input = LayerInput::Float(&[1.0; 70]);
        assert_eq!(constant_channels(input, 70, true), None);
    }
}

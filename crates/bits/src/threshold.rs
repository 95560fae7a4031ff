//! Thresholds in the sum's domain: what batch norm and a quantizer fold into.

use alloc::vec::Vec;

use crate::{Error, WORD_BITS, words_for};

/// One channel's `bit = (sum >= at) != invert`; `invert` stands for a negative batch-norm gamma.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Threshold {
    /// The least integer sum that passes.
    pub at: i32,
    /// Whether sums that pass give −1.
    pub invert: bool,
}

impl Threshold {
    /// The output bit for a sum.
    pub fn bit(self, sum: i32) -> bool {
        (sum >= self.at) != self.invert
    }
}

/// One channel's ternary output: +1 where `sum >= high`, −1 where `sum < low`, 0 between.
///
/// With `invert` the signs swap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TernaryThreshold {
    /// The least integer sum that is not below zero.
    pub low: i32,
    /// The least integer sum that is above zero; at least `low`.
    pub high: i32,
    /// Whether the signs swap.
    pub invert: bool,
}

impl TernaryThreshold {
    /// The output −1, 0 or +1 for a sum.
    pub fn value(self, sum: i32) -> i8 {
        let value = i8::from(sum >= self.high) - i8::from(sum < self.low);
        if self.invert { -value } else { value }
    }
}

/// The thresholds of a layer, one per output channel, laid out for kernels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thresholds {
    at: Vec<i32>,
    invert: Vec<u64>,
}

impl Thresholds {
    /// Gathers one threshold per channel.
    pub fn new(channels: &[Threshold]) -> Self {
        Self {
            at: channels.iter().map(|t| t.at).collect(),
            invert: pack_flags(channels.len(), |channel| channels[channel].invert),
        }
    }

    /// The least passing sum of each channel.
    pub fn at(&self) -> &[i32] {
        &self.at
    }

    /// The packed `invert` flags, one bit per channel.
    pub fn invert(&self) -> &[u64] {
        &self.invert
    }

    /// Number of channels.
    pub fn channels(&self) -> usize {
        self.at.len()
    }

    /// The threshold of one channel.
    ///
    /// # Panics
    /// If there is no such channel.
    pub fn get(&self, channel: usize) -> Threshold {
        Threshold {
            at: self.at[channel],
            invert: flag(&self.invert, channel),
        }
    }
}

/// The ternary thresholds of a layer, one pair per output channel, laid out for kernels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TernaryThresholds {
    low: Vec<i32>,
    high: Vec<i32>,
    invert: Vec<u64>,
}

impl TernaryThresholds {
    /// Gathers one pair per channel.
    ///
    /// # Errors
    /// A channel with `low > high`.
    pub fn new(channels: &[TernaryThreshold]) -> Result<Self, Error> {
        if let Some(channel) = channels.iter().position(|t| t.low > t.high) {
            let TernaryThreshold { low, high, .. } = channels[channel];
            return Err(Error::ThresholdOrder { channel, low, high });
        }
        Ok(Self {
            low: channels.iter().map(|t| t.low).collect(),
            high: channels.iter().map(|t| t.high).collect(),
            invert: pack_flags(channels.len(), |channel| channels[channel].invert),
        })
    }

    /// The least sum of each channel that is not below zero.
    pub fn low(&self) -> &[i32] {
        &self.low
    }

    /// The least sum of each channel that is above zero.
    pub fn high(&self) -> &[i32] {
        &self.high
    }

    /// The packed `invert` flags, one bit per channel.
    pub fn invert(&self) -> &[u64] {
        &self.invert
    }

    /// Number of channels.
    pub fn channels(&self) -> usize {
        self.low.len()
    }

    /// The pair of one channel.
    ///
    /// # Panics
    /// If there is no such channel.
    pub fn get(&self, channel: usize) -> TernaryThreshold {
        TernaryThreshold {
            low: self.low[channel],
            high: self.high[channel],
            invert: flag(&self.invert, channel),
        }
    }
}

fn pack_flags(channels: usize, invert: impl Fn(usize) -> bool) -> Vec<u64> {
    let mut words = alloc::vec![0; words_for(channels)];
    for channel in (0..channels).filter(|&channel| invert(channel)) {
        words[channel / WORD_BITS] |= 1 << (channel % WORD_BITS);
    }
    words
}

fn flag(words: &[u64], channel: usize) -> bool {
    words[channel / WORD_BITS] >> (channel % WORD_BITS) & 1 == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_threshold_itself_passes_and_inversion_swaps() {
        let plain = Threshold {
            at: 3,
            invert: false,
        };
        assert_eq!([2, 3].map(|sum| plain.bit(sum)), [false, true]);
        let inverted = Threshold {
            at: 3,
            invert: true,
        };
        assert_eq!([2, 3].map(|sum| inverted.bit(sum)), [true, false]);
        let ternary = TernaryThreshold {
            low: -1,
            high: 2,
            invert: true,
        };
        assert_eq!([-2, -1, 1, 2].map(|sum| ternary.value(sum)), [1, 0, 0, -1]);
    }

    #[test]
    fn a_layer_gives_back_its_channels() {
        let channels: Vec<_> = (0..70)
            .map(|i| Threshold {
                at: i - 35,
                invert: i % 3 == 0,
            })
            .collect();
        let layer = Thresholds::new(&channels);
        assert!((0..70).all(|channel| layer.get(channel) == channels[channel]));
        let wrong = [TernaryThreshold {
            low: 1,
            high: 0,
            invert: false,
        }];
        assert!(matches!(
            TernaryThresholds::new(&wrong),
            Err(Error::ThresholdOrder { .. })
        ));
    }
}

//! What one side's layers were given and gave, and how the other side's numbers meet it.

use orthant_bits::Input;
use orthant_model::{LayerInput, LayerSums, Tap};

/// Where two networks meet: later ones compare greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stage {
    /// Twice the layer, and one more for its sums; the logits come last.
    order: usize,
    /// Whether on the path where thresholds are part of the products.
    is_fused: bool,
}

impl Stage {
    /// A layer's input.
    pub fn input(layer: usize) -> Self {
        Self {
            order: 2 * layer,
            is_fused: false,
        }
    }

    /// A layer's sums.
    pub fn sums(layer: usize) -> Self {
        Self {
            order: 2 * layer + 1,
            is_fused: false,
        }
    }

    /// What the network gives.
    pub fn logits() -> Self {
        Self {
            order: usize::MAX,
            is_fused: false,
        }
    }

    /// The same on the path where thresholds are part of the products.
    pub fn fused(self) -> Self {
        Self {
            is_fused: true,
            ..self
        }
    }

    /// The layer; `None` for the logits.
    pub fn layer(self) -> Option<usize> {
        (self.order != usize::MAX).then_some(self.order / 2)
    }

    /// What is compared here.
    pub fn what(self) -> &'static str {
        match self.layer() {
            None => "logits",
            Some(_) if self.order % 2 == 1 => "sums",
            Some(_) => "inputs",
        }
    }

    /// Which path gave it.
    pub fn path(self) -> &'static str {
        match self.is_fused {
            true => "deployed",
            false => "tapped",
        }
    }
}

/// How many of the numbers that met differ, and the first that does.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Meeting {
    /// Places of numbers; of packed ones those of bits, padding among them.
    pub places: usize,
    pub differ: usize,
    /// Its place and both sides' numbers.
    pub first: Option<(usize, f64, f64)>,
}

impl Meeting {
    fn of(len: usize, a: impl Fn(usize) -> f64, b: impl Fn(usize) -> f64) -> Self {
        let mut meeting = Self {
            places: len,
            ..Self::default()
        };
        for at in 0..len {
            let (a, b) = (a(at), b(at));
            // Both zeros, and every NaN, are themselves alone.
            if a.to_bits() != b.to_bits() {
                meeting.differ += 1;
                meeting.first.get_or_insert((at, a, b));
            }
        }
        meeting
    }
}

/// One layer of one side.
pub struct Record {
    input: Numbers,
    sums: Numbers,
}

/// Numbers as they were.
enum Numbers {
    Bytes(Vec<u8>),
    /// One plane of bits, or two.
    Words([Vec<u64>; 2]),
    Integers(Vec<i32>),
    Reals(Vec<f32>),
}

impl Record {
    pub fn of(tap: &Tap) -> Self {
        Self {
            input: match tap.input {
                LayerInput::Packed(Input::Pixels(pixels)) => Numbers::Bytes(pixels.to_vec()),
                LayerInput::Packed(Input::Binary(words)) => {
                    Numbers::Words([words.to_vec(), Vec::new()])
                }
                LayerInput::Packed(Input::Ternary { sign, nonzero }) => {
                    Numbers::Words([sign.to_vec(), nonzero.to_vec()])
                }
                LayerInput::Float(values) => Numbers::Reals(values.to_vec()),
            },
            sums: match tap.sums {
                LayerSums::I16(sums) => {
                    Numbers::Integers(sums.iter().map(|sum| i32::from(*sum)).collect())
                }
                LayerSums::I32(sums) => Numbers::Integers(sums.to_vec()),
                LayerSums::F32(sums) => Numbers::Reals(sums.to_vec()),
            },
        }
    }

    /// The other side's input of this layer.
    pub fn input(&self, other: LayerInput) -> Meeting {
        match (&self.input, other) {
            (Numbers::Bytes(own), LayerInput::Packed(Input::Pixels(other))) => {
                let byte = |bytes: &[u8], at: usize| f64::from(bytes[at]);
                Meeting::of(own.len(), |at| byte(own, at), |at| byte(other, at))
            }
            (Numbers::Words([own, _]), LayerInput::Packed(Input::Binary(other))) => {
                words([own, own], [other, other], false)
            }
            (
                Numbers::Words([sign, nonzero]),
                LayerInput::Packed(Input::Ternary {
                    sign: other_sign,
                    nonzero: other,
                }),
            ) => words([sign, nonzero], [other_sign, other], true),
            (Numbers::Reals(own), LayerInput::Float(other)) => reals(own, other),
            _ => unreachable!("networks that are the same give layers the same kind of input"),
        }
    }

    /// The other side's sums of this layer.
    pub fn sums(&self, other: LayerSums) -> Meeting {
        let own = |at: usize| match &self.sums {
            Numbers::Integers(sums) => f64::from(sums[at]),
            Numbers::Reals(sums) => f64::from(sums[at]),
            Numbers::Bytes(_) | Numbers::Words(_) => unreachable!("sums are integers or reals"),
        };
        Meeting::of(other.len(), own, |at| f64::from(other.get(at)))
    }
}

/// Real numbers that met.
pub fn reals(a: &[f32], b: &[f32]) -> Meeting {
    Meeting::of(a.len(), |at| f64::from(a[at]), |at| f64::from(b[at]))
}

/// Packed numbers that met; places count bits, padding among them, which never differs.
fn words(a: [&[u64]; 2], b: [&[u64]; 2], is_ternary: bool) -> Meeting {
    let value = |planes: [&[u64]; 2], word: usize, bit: u32| {
        let [sign, nonzero] = planes.map(|plane| plane[word] >> bit & 1 == 1);
        match (sign, nonzero || !is_ternary) {
            (_, false) => 0.0,
            (true, _) => 1.0,
            (false, _) => -1.0,
        }
    };
    let mut meeting = Meeting {
        places: 64 * a[0].len(),
        ..Meeting::default()
    };
    for word in 0..a[0].len() {
        let differ = (a[0][word] ^ b[0][word]) | (a[1][word] ^ b[1][word]);
        if differ != 0 {
            meeting.differ += differ.count_ones() as usize;
            let bit = differ.trailing_zeros();
            let place = 64 * word + bit as usize;
            let first = (place, value(a, word, bit), value(b, word, bit));
            meeting.first.get_or_insert(first);
        }
    }
    meeting
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_number_that_differs_is_told() {
        let tap = |words, sums| Tap {
            layer: 3,
            input: LayerInput::Packed(Input::Binary(words)),
            sums: LayerSums::I32(sums),
        };
        let record = Record::of(&tap(&[0b1010, 5], &[3, 4]));
        let same = record.input(LayerInput::Packed(Input::Binary(&[0b1010, 5])));
        assert_eq!((same.places, same.differ, same.first), (128, 0, None));
        let other = record.input(LayerInput::Packed(Input::Binary(&[0b1010, 4])));
        assert_eq!((other.differ, other.first), (1, Some((64, 1.0, -1.0))));
        let sums = record.sums(LayerSums::I16(&[3, -4]));
        assert_eq!((sums.differ, sums.first), (1, Some((1, 4.0, -4.0))));
    }

    #[test]
    fn zeros_of_two_signs_differ() {
        assert_eq!(reals(&[0.0], &[-0.0]).differ, 1);
    }

    #[test]
    fn stages_follow_each_other_as_in_a_network() {
        let stages = [
            Stage::input(0),
            Stage::sums(0),
            Stage::input(1),
            Stage::input(1).fused(),
            Stage::logits(),
        ];
        assert!(stages.is_sorted());
        assert_eq!(Stage::sums(4).layer(), Some(4));
        assert_eq!(Stage::logits().layer(), None);
    }
}

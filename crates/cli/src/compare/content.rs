//! In what two packed networks differ, before any image.

use std::mem::discriminant;

use orthant_model::{Layer, Packed, PackedWeights, Readout, WeightQuantizer};

/// A difference of what two networks hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// What differs.
    pub place: Place,
    /// In words, the second network's first.
    pub text: String,
}

/// What of a network differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Something of the whole network, or of what a layer does.
    Network,
    /// A layer's weights.
    Weights(usize),
    /// What becomes of a layer's sums.
    Readout(usize),
}

/// Every difference, a sentence each, in the order of the layers.
pub fn differences(a: &Packed, b: &Packed) -> Vec<Difference> {
    let mut found = Vec::new();
    let mut whole = |differs: bool, text: String| {
        if differs {
            found.push(Difference {
                place: Place::Network,
                text,
            });
        }
    };
    let [one, other] = [a.network(), b.network()];
    whole(
        one.contract != other.contract,
        "the input contracts differ: pixels stand for other numbers".to_owned(),
    );
    whole(
        a.labels() != b.labels(),
        "the names of the classes, or the largest pixels, differ".to_owned(),
    );
    let counts = [one.layers.len(), other.layers.len()];
    whole(
        counts[0] != counts[1],
        format!("there are {} layers, expected {}", counts[1], counts[0]),
    );
    for (one, other) in one.layers.iter().zip(&other.layers) {
        if let Some(what) = layer(one, other) {
            found.push(Difference {
                place: Place::Network,
                text: format!("layer {}: {what} is another one", other.name),
            });
        }
    }
    if compute_alike(a, b) {
        for (at, (one, other)) in a.layers().iter().zip(b.layers()).enumerate() {
            let name = &a.network().layers[at].name;
            let weights = weights(&one.weights, &other.weights);
            let readout = readout(&one.readout, &other.readout);
            let places = [Place::Weights(at), Place::Readout(at)].into_iter();
            for (place, text) in places.zip([weights, readout]) {
                found.extend(text.map(|text| Difference {
                    place,
                    text: format!("layer {name}: {text}"),
                }));
            }
        }
    }
    found
}

/// Whether two networks do the same to their inputs, whatever their weights, readouts and names of
/// classes.
pub fn compute_alike(a: &Packed, b: &Packed) -> bool {
    let [a, b] = [a.network(), b.network()];
    let layers = a.layers.iter().zip(&b.layers);
    a.input == b.input
        && a.contract == b.contract
        && a.layers.len() == b.layers.len()
        && layers.clone().all(|(a, b)| layer(a, b).is_none())
}

/// In what two layers differ that a deployed network runs; its training is not asked.
fn layer(a: &Layer, b: &Layer) -> Option<&'static str> {
    let kind = |layer: &Layer| match layer.weights {
        WeightQuantizer::SignScaled => discriminant(&WeightQuantizer::Sign),
        quantizer => discriminant(&quantizer),
    };
    [
        ("its name", a.name == b.name),
        ("the operation", a.op == b.op),
        ("the kind of weights", kind(a) == kind(b)),
        ("the pool", a.pool == b.pool),
        ("the shortcut", a.shortcut == b.shortcut),
        ("the activation", a.activation == b.activation),
    ]
    .into_iter()
    .find(|(_, same)| !same)
    .map(|(what, _)| what)
}

fn weights(a: &PackedWeights, b: &PackedWeights) -> Option<String> {
    let bits = |a: &[[u8; 8]], b: &[[u8; 8]]| -> Vec<u64> {
        let pairs = a.iter().zip(b);
        pairs
            .map(|(a, b)| u64::from_le_bytes(*a) ^ u64::from_le_bytes(*b))
            .collect()
    };
    let ones = |words: Vec<u64>| words.iter().map(|word| word.count_ones() as usize).sum();
    let differ: usize = match (a, b) {
        (PackedWeights::Binary(a), PackedWeights::Binary(b)) => ones(bits(a, b)),
        (
            PackedWeights::Ternary { sign, nonzero },
            PackedWeights::Ternary {
                sign: other_sign,
                nonzero: other,
            },
        ) => {
            let pairs = bits(sign, other_sign).into_iter().zip(bits(nonzero, other));
            ones(pairs.map(|(sign, nonzero)| sign | nonzero).collect())
        }
        (PackedWeights::Real(a), PackedWeights::Real(b)) => {
            a.iter().zip(&**b).filter(|(a, b)| a != b).count()
        }
        (PackedWeights::None, PackedWeights::None) => 0,
        _ => unreachable!("networks that compute alike have weights of one kind"),
    };
    (differ > 0).then(|| format!("{differ} weight(s) differ"))
}

fn readout(a: &Readout, b: &Readout) -> Option<String> {
    match (a, b) {
        (Readout::Bits(a), Readout::Bits(b)) => channels(
            a.channels(),
            |at| (a.get(at), b.get(at)),
            |threshold| {
                let flag = if threshold.invert { ", inverted" } else { "" };
                format!("{}{flag}", threshold.at)
            },
        ),
        (Readout::Ternary(a), Readout::Ternary(b)) => channels(
            a.channels(),
            |at| (a.get(at), b.get(at)),
            |threshold| {
                let flag = if threshold.invert { ", inverted" } else { "" };
                format!("{} and {}{flag}", threshold.low, threshold.high)
            },
        ),
        (
            Readout::Real {
                factor,
                scale,
                shift,
            },
            Readout::Real {
                factor: other_factor,
                scale: other_scale,
                shift: other_shift,
            },
        ) => {
            let of = |factor: &[f32], scale: &[f32], shift: &[f32], at: usize| {
                [factor[at], scale[at], shift[at]].map(f32::to_bits)
            };
            channels(
                factor.len(),
                |at| {
                    (
                        of(factor, scale, shift, at),
                        of(other_factor, other_scale, other_shift, at),
                    )
                },
                |bits| {
                    let [factor, scale, shift] = bits.map(f32::from_bits);
                    format!("sum * {factor:?} * {scale:?} + {shift:?}")
                },
            )
        }
        (Readout::None, Readout::None) => None,
        _ => unreachable!("networks that compute alike have readouts of one kind"),
    }
}

/// Which channels differ, and how the first one does.
fn channels<T: PartialEq + Copy>(
    count: usize,
    pair: impl Fn(usize) -> (T, T),
    say: impl Fn(T) -> String,
) -> Option<String> {
    let differ: Vec<_> = (0..count)
        .filter(|at| {
            let (a, b) = pair(*at);
            a != b
        })
        .collect();
    let first = *differ.first()?;
    let (a, b) = pair(first);
    Some(format!(
        "{} of {count} channels are compared or scaled differently; channel {first} has {}, \
         expected {}",
        differ.len(),
        say(b),
        say(a)
    ))
}

//! A network as it is deployed: packed weights, and what becomes of each layer's sums.

mod check;

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

use orthant_bits::{TernaryThresholds, Thresholds};

use crate::{Error, LayerPlan, Network};

/// Packed words as they lie in a file: eight bytes each, the least significant first.
pub type Words<'a> = Cow<'a, [[u8; 8]]>;

/// Real numbers as they lie in a file: `f32` in four bytes each, the least significant first.
pub type Reals<'a> = Cow<'a, [[u8; 4]]>;

/// A deployed network, which borrows its weights from the bytes of a file or owns them.
///
/// It holds no latent weight and no batch norm: those are folded. Whatever made it, its parts fit
/// each other: it is checked where it is made.
#[derive(Debug, Clone, PartialEq)]
pub struct Packed<'a> {
    network: Network,
    plans: Vec<LayerPlan>,
    labels: Labels,
    layers: Vec<PackedLayer<'a>>,
}

/// What a program must know of the data beside the network, to ask it and to understand it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Labels {
    /// Names of the classes, in order.
    pub classes: Vec<String>,
    /// The largest pixel of the data, which stands for white: 16 of the digits, else 255; not 0.
    pub white: u8,
}

/// Most layers.
pub(crate) const MOST_LAYERS: usize = 1 << 12;

/// Most classes, and most channels of an image.
pub(crate) const MOST_CLASSES: usize = 1 << 16;

/// A deployed layer.
#[derive(Debug, Clone, PartialEq)]
pub struct PackedLayer<'a> {
    /// What the inputs are multiplied with.
    pub weights: PackedWeights<'a>,
    /// What becomes of the sums.
    pub readout: Readout,
}

/// Canonical weights, OHWI: `[outputs, kernel height, kernel width, words(channels of a group)]`
/// for packed inputs, and dense over a filter, `[outputs, words(filter)]`, for pixels.
#[derive(Debug, Clone, PartialEq)]
pub enum PackedWeights<'a> {
    /// A mean-pool has none.
    None,
    /// ±1; padding bits are 0.
    Binary(Words<'a>),
    /// −1, 0 or +1; two planes.
    Ternary {
        /// 1 where the weight is +1.
        sign: Words<'a>,
        /// 1 where the weight is not 0.
        nonzero: Words<'a>,
    },
    /// Real numbers, `[outputs, filter]`.
    Real(Reals<'a>),
}

/// What becomes of a layer's sums, per output channel.
#[derive(Debug, Clone, PartialEq)]
pub enum Readout {
    /// A mean-pool's means stay as they are.
    None,
    /// One comparison, which gives the next layer's bits.
    Bits(Thresholds),
    /// Two comparisons, which give the next layer's ternary numbers.
    Ternary(TernaryThresholds),
    /// `z = normalize(sum, factor, scale, shift)`, to which the shortcut and the activation come.
    Real {
        /// What makes a real number of the sum.
        factor: Vec<f32>,
        /// Batch norm's factor.
        scale: Vec<f32>,
        /// What batch norm adds.
        shift: Vec<f32>,
    },
}

impl<'a> Packed<'a> {
    /// A deployed network. Its batch norms are folded into the readouts; the network still says
    /// which layers had one.
    ///
    /// # Errors
    /// A network that cannot be, or layers, numbers and names that do not belong to it.
    pub fn new(
        network: Network,
        labels: Labels,
        layers: Vec<PackedLayer<'a>>,
    ) -> Result<Self, Error> {
        capped("layers", network.layers.len(), MOST_LAYERS)?;
        capped("classes", network.classes, MOST_CLASSES)?;
        capped("channels of the image", network.input[2], MOST_CLASSES)?;
        let plans = network.plan()?;
        let classes = &labels.classes;
        if labels.white == 0 {
            return Err(Error::White);
        }
        if classes.len() != network.classes {
            return Err(Error::ClassNames {
                expected: network.classes,
                found: classes.len(),
            });
        }
        let layer_names = network.layers.iter().map(|layer| ("a layer", &layer.name));
        let mut names = layer_names.chain(classes.iter().map(|name| ("a class", name)));
        if let Some((what, name)) = names.find(|(_, name)| name.contains(char::is_control)) {
            return Err(Error::ControlCharacter {
                what,
                name: name.clone(),
            });
        }
        if layers.len() != plans.len() {
            return Err(Error::PackedLayers {
                expected: plans.len(),
                found: layers.len(),
            });
        }
        for (index, layer) in layers.iter().enumerate() {
            let (name, plan) = (&network.layers[index].name, &plans[index]);
            let readout = network.readout(index, plan);
            check::Layer { name, plan }.check(layer, readout)?;
        }
        Ok(Self {
            network,
            plans,
            labels,
            layers,
        })
    }

    /// What the network is.
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// The layers' shapes.
    pub fn plans(&self) -> &[LayerPlan] {
        &self.plans
    }

    /// What belongs to the data.
    pub fn labels(&self) -> &Labels {
        &self.labels
    }

    /// What the layers hold.
    pub fn layers(&self) -> &[PackedLayer<'a>] {
        &self.layers
    }

    /// The same with weights of its own, which borrows nothing.
    pub fn into_owned(self) -> Packed<'static> {
        let layers = self.layers.into_iter().map(|layer| PackedLayer {
            weights: layer.weights.into_owned(),
            readout: layer.readout,
        });
        Packed {
            network: self.network,
            plans: self.plans,
            labels: self.labels,
            layers: layers.collect(),
        }
    }
}

/// `Ok` when there are not more than a file may say.
pub(crate) fn capped(what: &'static str, found: usize, limit: usize) -> Result<usize, Error> {
    match found {
        _ if found <= limit => Ok(found),
        _ => Err(Error::Cap { what, limit, found }),
    }
}

impl PackedWeights<'_> {
    /// The same with numbers of its own.
    fn into_owned(self) -> PackedWeights<'static> {
        let words = |words: Words| Cow::Owned(words.into_owned());
        match self {
            Self::None => PackedWeights::None,
            Self::Binary(sign) => PackedWeights::Binary(words(sign)),
            Self::Ternary { sign, nonzero } => PackedWeights::Ternary {
                sign: words(sign),
                nonzero: words(nonzero),
            },
            Self::Real(reals) => PackedWeights::Real(Cow::Owned(reals.into_owned())),
        }
    }

    /// The kind, for messages.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Binary(_) => "binary",
            Self::Ternary { .. } => "ternary",
            Self::Real(_) => "real",
        }
    }
}

impl Readout {
    /// The kind.
    pub fn kind(&self) -> ReadoutKind {
        match self {
            Self::None => ReadoutKind::None,
            Self::Bits(_) => ReadoutKind::Bits,
            Self::Ternary(_) => ReadoutKind::Ternary,
            Self::Real { .. } => ReadoutKind::Real,
        }
    }
}

/// Which readout a layer has; see [`Network::readout`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReadoutKind {
    /// [`Readout::None`].
    None,
    /// [`Readout::Bits`].
    Bits,
    /// [`Readout::Ternary`].
    Ternary,
    /// [`Readout::Real`].
    Real,
}

impl ReadoutKind {
    /// The name, for messages.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Bits => "one threshold",
            Self::Ternary => "two thresholds",
            Self::Real => "real",
        }
    }
}

//! The network part of a recipe.

use std::fmt;
use std::marker::PhantomData;

use orthant_bits::Border;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde::{Deserialize, Serialize};

use crate::init::Initializer;
use crate::quantizer::Surrogate;

/// A network; what stands before the layers holds for each that does not say otherwise.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct NetworkRecipe {
    /// What every number of outputs but the last is multiplied with.
    #[serde(default = "one")]
    pub width: f64,
    /// How latent weights become those of the forward pass.
    #[serde(default, deserialize_with = "name_or_table")]
    pub weights: QuantizerRecipe<WeightName>,
    /// How a hidden layer's result becomes the next layer's input.
    #[serde(default, deserialize_with = "name_or_table")]
    pub activations: QuantizerRecipe<ActivationName>,
    /// Batch norm.
    #[serde(default, deserialize_with = "name_or_table")]
    pub norm: NormRecipe,
    /// What convolutions read outside the image.
    #[serde(default)]
    pub border: BorderName,
    /// Where the weights start.
    #[serde(default)]
    pub init: Initializer,
    /// The layers.
    pub layers: Vec<LayerRecipe>,
}

fn one() -> f64 {
    1.0
}

/// A layer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct LayerRecipe {
    /// What it does.
    pub kind: Kind,
    /// Its name; by default its kind and count, `conv1`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Output channels; the last layer's are the classes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outputs: Option<usize>,
    /// Side of the kernel, or height and width.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kernel: Option<Side>,
    /// Step between outputs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stride: Option<Side>,
    /// Step between taps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dilation: Option<Side>,
    /// How far the image is extended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub padding: Option<PaddingName>,
    /// Groups of channels that do not see each other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub groups: Option<usize>,
    /// What the convolution reads outside the image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub border: Option<BorderName>,
    /// Side of a max-pool's window.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pool: Option<Side>,
    /// Step between the pool's windows; by default their side, so that they do not overlap.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pool_stride: Option<Side>,
    /// Name of the layer whose `z` is added.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shortcut: Option<String>,
    /// Share of the inputs that a training step leaves out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dropout: Option<f32>,
    /// The layer's own weight quantizer.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "some"
    )]
    pub weights: Option<QuantizerRecipe<WeightName>>,
    /// The layer's own activation.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "some"
    )]
    pub activations: Option<QuantizerRecipe<ActivationName>>,
    /// The layer's own batch norm.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "some"
    )]
    pub norm: Option<NormRecipe>,
    /// Where the layer's weights start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub init: Option<Initializer>,
}

/// What a layer does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A convolution.
    Conv,
    /// A product with everything that the input holds.
    Dense,
    /// The mean of every channel.
    MeanPool,
}

/// A number for both directions, or one for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    untagged,
    expecting = "expected a number, or two numbers [vertical, horizontal]"
)]
pub enum Side {
    /// The same in both directions.
    Both(usize),
    /// Vertical and horizontal.
    Each([usize; 2]),
}

impl From<Side> for [usize; 2] {
    fn from(side: Side) -> Self {
        match side {
            Side::Both(size) => [size; 2],
            Side::Each(sizes) => sizes,
        }
    }
}

/// How far an image is extended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PaddingName {
    /// So far that the output is `ceil(input / stride)`.
    Same,
    /// Not at all.
    Valid,
}

/// What lies outside an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BorderName {
    /// 0.
    #[default]
    Zero,
    /// +1.
    PlusOne,
    /// −1.
    MinusOne,
}

impl From<BorderName> for Border {
    fn from(name: BorderName) -> Self {
        match name {
            BorderName::Zero => Self::Zero,
            BorderName::PlusOne => Self::PlusOne,
            BorderName::MinusOne => Self::MinusOne,
        }
    }
}

/// Names of [`WeightQuantizer`](orthant_model::WeightQuantizer).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WeightName {
    /// Real weights.
    None,
    /// ±1.
    #[default]
    Sign,
    /// ±1 times the filter's mean magnitude.
    SignScaled,
    /// −1, 0 and +1.
    Ternary,
}

/// Names of [`Activation`](orthant_model::Activation).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ActivationName {
    /// As it is; for the last layer.
    None,
    /// ±1.
    #[default]
    Sign,
    /// −1, 0 and +1.
    Ternary,
    /// Cut to [−1, 1].
    Clip,
    /// Cut below 0.
    Relu,
}

/// A quantizer: its forward map by name, and what belongs to it.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct QuantizerRecipe<Name> {
    /// The forward map.
    pub quantizer: Name,
    /// What stands for its slope.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub surrogate: Option<Surrogate>,
    /// Magnitudes up to this one become 0; for `ternary`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threshold: Option<f32>,
    /// Whether a step draws the signs by chance; for `sign`.
    #[serde(default, skip_serializing_if = "is_false")]
    pub stochastic: bool,
}

fn is_false(flag: &bool) -> bool {
    !flag
}

/// Batch norm, or `"none"`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(untagged)]
pub enum NormRecipe {
    /// None.
    None(NoneName),
    /// Batch norm.
    Batch(BatchNormRecipe),
}

/// The word `"none"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum NoneName {
    /// `"none"`.
    None,
}

/// Batch norm's settings.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct BatchNormRecipe {
    /// Added to the variance.
    #[serde(default = "epsilon")]
    pub epsilon: f32,
    /// Share of the running moments that a step keeps.
    #[serde(default = "momentum")]
    pub momentum: f32,
    /// Whether a factor per channel is learnt.
    #[serde(default = "yes")]
    pub gamma: bool,
}

fn yes() -> bool {
    true
}

fn epsilon() -> f32 {
    1e-4
}

fn momentum() -> f32 {
    0.9
}

impl Default for NormRecipe {
    fn default() -> Self {
        Self::Batch(BatchNormRecipe {
            epsilon: epsilon(),
            momentum: momentum(),
            gamma: true,
        })
    }
}

impl<'de> Deserialize<'de> for NormRecipe {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        BatchNormRecipe::deserialize(deserializer).map(Self::Batch)
    }
}

/// What a name alone stands for, where a table may stand as well.
trait Named: Sized {
    /// The names, for messages.
    const EXPECTED: &'static str;

    fn named<E: serde::de::Error>(name: &str) -> Result<Self, E>;
}

impl<Name> Named for QuantizerRecipe<Name>
where
    Name: for<'de> Deserialize<'de>,
{
    const EXPECTED: &'static str = "a quantizer's name, or a table with `quantizer`";

    fn named<E: serde::de::Error>(name: &str) -> Result<Self, E> {
        let name = serde::de::value::StrDeserializer::new(name);
        Ok(Self {
            quantizer: Name::deserialize(name)?,
            surrogate: None,
            threshold: None,
            stochastic: false,
        })
    }
}

impl Named for NormRecipe {
    const EXPECTED: &'static str = "\"none\", or a table with epsilon, momentum and gamma";

    fn named<E: serde::de::Error>(name: &str) -> Result<Self, E> {
        match name {
            "none" => Ok(Self::None(NoneName::None)),
            _ => Err(E::unknown_variant(name, &["none"])),
        }
    }
}

/// Reads a name or a table.
fn name_or_table<'de, D: Deserializer<'de>, T: Named + Deserialize<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    struct Either<T>(PhantomData<T>);

    impl<'de, T: Named + Deserialize<'de>> Visitor<'de> for Either<T> {
        type Value = T;

        fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
            f.write_str(T::EXPECTED)
        }

        fn visit_str<E: serde::de::Error>(self, name: &str) -> Result<T, E> {
            T::named(name)
        }

        fn visit_map<M: MapAccess<'de>>(self, map: M) -> Result<T, M::Error> {
            T::deserialize(MapAccessDeserializer::new(map))
        }
    }

    deserializer.deserialize_any(Either(PhantomData))
}

fn some<'de, D: Deserializer<'de>, T: Named + Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    name_or_table(deserializer).map(Some)
}

//! The data part of a recipe.

use orthant_bits::InputContract;
use orthant_data::{Augment, Dataset, Order};
use serde::{Deserialize, Serialize};

use super::Recipe;

/// Which images a run sees, and how.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct DataRecipe {
    /// A data set by name, with its path where it needs one: `digits`, `cifar10:PATH`.
    pub source: String,
    /// Images taken from the end of the training split to validate on.
    #[serde(default)]
    pub validation: usize,
    /// Whether every epoch has an order of its own.
    #[serde(default = "yes")]
    pub shuffle: bool,
    /// Variation of the training images.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub augment: Option<AugmentRecipe>,
    /// What the pixels stand for, where the data set's own contract does not do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contract: Option<ContractRecipe>,
}

/// Variation of training images.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct AugmentRecipe {
    /// Pixels added on each side, before the image is cut out at random.
    #[serde(default)]
    pub crop: usize,
    /// The value of those pixels.
    #[serde(default)]
    pub fill: u8,
    /// Whether images are mirrored left to right, each with probability 1/2.
    #[serde(default)]
    pub flip: bool,
}

/// `x = (a · p − b_c) / unit`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ContractRecipe {
    /// Factor of the pixel.
    pub a: i32,
    /// What is subtracted: one number per channel, or one for all.
    pub b: Vec<i32>,
    /// The integer that stands for 1.0.
    pub unit: i32,
}

fn yes() -> bool {
    true
}

impl From<&InputContract> for ContractRecipe {
    fn from(contract: &InputContract) -> Self {
        Self {
            a: contract.a,
            b: contract.b.clone(),
            unit: contract.unit,
        }
    }
}

impl ContractRecipe {
    /// The contract for images of so many channels.
    pub fn contract(&self, channels: usize) -> InputContract {
        InputContract {
            a: self.a,
            b: match self.b[..] {
                [b] => vec![b; channels],
                _ => self.b.clone(),
            },
            unit: self.unit,
        }
    }
}

impl DataRecipe {
    /// What the pixels of a data set stand for.
    pub fn contract(&self, data: &Dataset) -> InputContract {
        let own = self.contract.as_ref();
        own.map_or_else(
            || data.contract(),
            |own| own.contract(data.train().channels()),
        )
    }
}

impl Recipe {
    /// The order of the training images.
    pub fn order(&self) -> Order {
        Order {
            batch: self.training.batch,
            shuffle: self.data.shuffle,
            augment: self.data.augment.map(|augment| Augment {
                crop: augment.crop,
                fill: augment.fill,
                flip: augment.flip,
            }),
            seed: self.training.seed,
        }
    }
}

//! A network for images of one size, without data and training.

use orthant_data::Known;
use orthant_model::Network;
use serde::{Deserialize, Serialize};
use toml::Table;

use super::nearest::nearest;
use super::{BuiltIn, ContractRecipe, NetworkRecipe, Recipe, parse, text_of};
use crate::Error;

/// A network and the images that it reads: enough to say what it costs, not to train it.
///
/// ```
/// use orthant_train::Architecture;
///
/// let network = Architecture::find("alexnet", &[])?.network()?;
/// assert_eq!(network.cost()?.layers[1].plan.input, [27, 27, 96]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Architecture {
    /// What it is, in a sentence or two.
    #[serde(default)]
    pub about: String,
    /// Height, width and channels of an image.
    pub input: [usize; 3],
    /// Number of classes.
    pub classes: usize,
    /// What the pixels stand for; by default 0 to 255 are the numbers from −1 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contract: Option<ContractRecipe>,
    /// The network.
    pub network: NetworkRecipe,
}

impl Architecture {
    /// That of a built-in network or recipe, or of a TOML file with either, changed by settings as
    /// [`Recipe::find`] says.
    ///
    /// A recipe's images are those of the data set that it names, whose files need not be there.
    ///
    /// # Errors
    /// No such network, a file that cannot be read, what is neither, an impossible setting.
    pub fn find(name: &str, settings: &[String]) -> Result<Self, Error> {
        let built_in = BuiltIn::network(name).or_else(|| BuiltIn::named(name));
        let text = text_of(name, built_in)?.ok_or_else(|| {
            let known = BuiltIn::NETWORKS.iter().chain(&BuiltIn::ALL);
            Error::NoNetwork {
                name: name.to_owned(),
                nearest: nearest(name, known.map(|one| one.name)),
            }
        })?;
        match is_architecture(&text) {
            true => parse(name, &text, settings),
            false => Recipe::parse(name, &text, settings)?.architecture(),
        }
    }

    /// The network itself.
    ///
    /// # Errors
    /// Keys that do not go together, by their layer; [`Network::plan`] says what else cannot be.
    pub fn network(&self) -> Result<Network, Error> {
        let bytes = ContractRecipe {
            a: 2,
            b: vec![255],
            unit: 255,
        };
        let contract = self.contract.as_ref().unwrap_or(&bytes);
        let contract = contract.contract(self.input[2]);
        let (network, _) = self.network.network(self.input, contract, self.classes)?;
        Ok(network)
    }
}

impl Recipe {
    /// The recipe's network for images of the data set that it names, without opening it.
    ///
    /// # Errors
    /// A data set that is not known, or whose files alone say what its images are.
    pub fn architecture(&self) -> Result<Architecture, Error> {
        let known: Known = self.data.source.parse()?;
        let contract = self.data.contract.clone();
        let published = (known.shape(), known.classes(), known.contract());
        let (Some(input), Some(classes), Some(of_data)) = published else {
            return Err(Error::UnknownImages { data: known.name() });
        };
        Ok(Architecture {
            about: self.about.clone(),
            input,
            classes,
            contract: Some(contract.unwrap_or_else(|| (&of_data).into())),
            network: self.network.clone(),
        })
    }
}

/// Whether a text is that of an architecture: it says what its images are and names no data.
pub fn is_architecture(text: &str) -> bool {
    let table = toml::from_str::<Table>(text);
    table.is_ok_and(|table| table.contains_key("input") && !table.contains_key("data"))
}

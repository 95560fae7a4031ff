//! Recipes: a network, its data and its training as TOML.

mod architecture;
mod build;
mod built_in;
mod data;
mod nearest;
mod network;
mod setting;
mod settings;
mod training;

use std::borrow::Cow;
use std::path::Path;

use orthant_data::Dataset;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use toml::Table;

use crate::{Error, Model, file};
pub use architecture::Architecture;
pub use built_in::BuiltIn;
pub use data::{AugmentRecipe, ContractRecipe, DataRecipe};
pub use network::{
    ActivationName, BatchNormRecipe, BorderName, Kind, LayerRecipe, NetworkRecipe, NoneName,
    NormRecipe, PaddingName, QuantizerRecipe, Side, WeightName,
};
pub use settings::Difference;
pub use training::{LossRecipe, TrainingRecipe};

/// Everything that a training run is made from but for the data itself.
///
/// ```
/// use orthant_train::Recipe;
///
/// let recipe = Recipe::find("binarynet-digits", &["training.epochs=3".into()])?;
/// assert_eq!(recipe.training.epochs, 3);
/// # Ok::<(), orthant_train::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Recipe {
    /// What it is, in a sentence or two.
    #[serde(default)]
    pub about: String,
    /// The data.
    pub data: DataRecipe,
    /// The training.
    pub training: TrainingRecipe,
    /// The network.
    pub network: NetworkRecipe,
}

impl Recipe {
    /// The recipe of a built-in name or of a file, changed by `key=value` settings.
    ///
    /// A key is a path of names with dots between, `training.epochs`, with numbers for the layers,
    /// `network.layers.0.outputs`. The name of the table may be left out.
    ///
    /// # Errors
    /// No such recipe, a file that cannot be read, what is not a recipe, an impossible setting.
    pub fn find(name: &str, settings: &[String]) -> Result<Self, Error> {
        let built_in = BuiltIn::named(name).or_else(|| BuiltIn::network(name));
        let text = text_of(name, built_in)?.ok_or_else(|| Error::NoRecipe {
            name: name.to_owned(),
            nearest: nearest::nearest(name, BuiltIn::ALL.iter().map(|one| one.name)),
        })?;
        Self::parse(name, &text, settings)
    }

    /// The recipe of a file, changed by settings as [`find`](Self::find) says.
    ///
    /// # Errors
    /// A file that cannot be read, what is not a recipe, an impossible setting.
    pub fn read(path: &Path, settings: &[String]) -> Result<Self, Error> {
        let text = file::read_text(path, "read the recipe")?;
        Self::parse(&path.to_string_lossy(), &text, settings)
    }

    /// Reads a recipe from TOML; `name` is what errors call it.
    ///
    /// # Errors
    /// What is not a recipe, an [`Architecture`] among it; an impossible setting.
    pub fn parse(name: &str, text: &str, settings: &[String]) -> Result<Self, Error> {
        if architecture::is_architecture(text) {
            let name = name.to_owned();
            return Err(Error::NoData { name });
        }
        let recipe: Self = parse(name, text, settings)?;
        recipe.check(name)?;
        Ok(recipe)
    }

    /// `Ok` when every value of the training is in its range; `name` is what the error calls the
    /// recipe.
    ///
    /// # Errors
    /// The first value that is not.
    pub fn check(&self, name: &str) -> Result<(), Error> {
        let rounds = || match self.training.latent || self.network.rounds() {
            true => Ok(()),
            false => Err((
                "training.latent = false".to_owned(),
                "true, unless all quantized weights are \"sign\"",
            )),
        };
        self.training
            .check()
            .and_then(|()| rounds())
            .map_err(|(what, expected)| Error::Value {
                recipe: name.to_owned(),
                what,
                expected,
            })
    }

    /// The recipe as TOML; what it leaves out has its default.
    pub fn to_toml(&self) -> String {
        toml::to_string(self).expect("a recipe is a table")
    }

    /// SHA-256 of the recipe as TOML, as 64 hexadecimal digits.
    pub fn hash(&self) -> String {
        file::hash(self.to_toml().as_bytes())
    }

    /// A model for a data set, its weights drawn from the recipe's seed.
    ///
    /// # Errors
    /// A network that cannot be, or that does not fit the data.
    pub fn model(&self, data: &Dataset) -> Result<Model, Error> {
        let contract = self.data.contract(data);
        let shape = data.train().shape();
        let (network, training) = self
            .network
            .network(shape, contract, data.classes().len())?;
        Model::new(network, training, self.training.seed)
    }
}

/// The text of what is built in, or of a file where `name` is a path; `None` where it is neither.
fn text_of(name: &str, built_in: Option<BuiltIn>) -> Result<Option<Cow<'static, str>>, Error> {
    let path = Path::new(name);
    Ok(match built_in {
        Some(one) => Some(one.text.into()),
        None if name.contains(['/', '.', '\\']) || path.exists() => {
            Some(file::read_text(path, "read the recipe")?.into())
        }
        None => None,
    })
}

/// Reads a recipe, or what is read like one, and changes it by settings.
fn parse<T: DeserializeOwned>(name: &str, text: &str, settings: &[String]) -> Result<T, Error> {
    let wrong = |error: toml::de::Error| Error::Recipe {
        name: name.to_owned(),
        nearest: nearest::of_message(error.message()),
        source: Box::new(error),
    };
    let whole = toml::from_str(text).map_err(wrong)?;
    if settings.is_empty() {
        return Ok(whole);
    }
    // The text's own table, so that what it leaves out stays left out.
    let mut table: Table = toml::from_str(text).map_err(wrong)?;
    for setting in settings {
        setting::apply::<T>(&mut table, setting)?;
    }
    table
        .try_into()
        .map_err(|error: toml::de::Error| Error::Setting {
            settings: settings.join(" "),
            nearest: nearest::of_message(error.message()),
            message: error.message().to_owned(),
        })
}

#[cfg(test)]
mod tests;

//! What can be inspected: each kind brings its network, and where it has one its file.

use std::path::PathBuf;

use anyhow::Result;
use orthant_model::{Cost, Network, Packed};
use orthant_train::{Architecture, Trained};

use super::on_disk::OnDisk;
use crate::subject::Subject;

/// What is inspected.
pub enum Inspected {
    /// A network by itself: built in, a recipe's, or of a TOML file.
    Network {
        name: String,
        about: String,
        network: Network,
    },
    /// A model file.
    Model {
        file: PathBuf,
        packed: Box<Packed<'static>>,
    },
    /// A training run.
    Run {
        directory: PathBuf,
        trained: Box<Trained>,
    },
}

impl Inspected {
    /// What lies at a path.
    pub fn read(path: PathBuf) -> Result<Self> {
        Ok(match Subject::open(&path)? {
            Subject::Run(trained) => Self::Run {
                directory: path,
                trained,
            },
            Subject::Model(packed) => Self::Model { file: path, packed },
        })
    }

    /// The network of a name.
    pub fn find(name: String, settings: &[String]) -> Result<Self> {
        let architecture = Architecture::find(&name, settings)?;
        Ok(Self::Network {
            network: architecture.network()?,
            about: architecture.about,
            name,
        })
    }

    /// What it is called.
    pub fn name(&self) -> String {
        match self {
            Self::Network { name, .. } => name.clone(),
            Self::Model { file, .. } => file.display().to_string(),
            Self::Run { directory, .. } => directory.display().to_string(),
        }
    }

    /// Its kind, in a word.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Network { .. } => "network",
            Self::Model { .. } => "model",
            Self::Run { .. } => "run",
        }
    }

    /// What it says of itself.
    pub fn about(&self) -> &str {
        match self {
            Self::Network { about, .. } => about,
            Self::Model { .. } => "A packed network, as it is deployed.",
            Self::Run { trained, .. } => &trained.recipe.about,
        }
    }

    /// Its network.
    pub fn network(&self) -> &Network {
        match self {
            Self::Network { network, .. } => network,
            Self::Model { packed, .. } => packed.network(),
            Self::Run { trained, .. } => trained.model.network(),
        }
    }

    /// Its file, where it has one.
    pub fn on_disk(&self, cost: &Cost) -> Result<Option<OnDisk>> {
        match self {
            Self::Network { .. } => Ok(None),
            Self::Model { file, packed } => Ok(Some(OnDisk::of_model(file, packed, cost)?)),
            Self::Run { trained, .. } => Ok(Some(OnDisk::of_run(trained, cost)?)),
        }
    }
}

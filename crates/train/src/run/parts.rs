//! What a run is made of, before it has a directory.

use std::sync::Arc;
use std::time::{Duration, Instant};

use orthant_data::{Dataset, Images, Order};
use orthant_kernels::Kernels;

use super::directory::Directory;
use super::stamp::Stamp;
use super::{CHECKPOINT_EVERY, Run};
use crate::checkpoint::Header;
use crate::tally::Tally;
use crate::trainer::Trainer;
use crate::{Error, Recipe};

/// All that a run needs but a directory.
pub struct Parts {
    trainer: Trainer,
    pub recipe: Recipe,
    pub header: Header,
    train: Arc<Images>,
    valid: Option<Images>,
    test: Images,
}

impl Parts {
    /// Refuses what the recipe or the data do not allow before anything is written.
    pub fn try_new(recipe: Recipe, data: Dataset, kernels: Kernels) -> Result<Self, Error> {
        recipe.check("of the run")?;
        let model = recipe.model(&data)?;
        let header = Header {
            epoch: 0,
            step: 0,
            input: model.network().input,
            contract: (&model.network().contract).into(),
            classes: data.classes().to_vec(),
            data_hash: data.hash(),
            recipe: recipe.to_toml(),
            tally: Tally::default(),
            first_loss: None,
            best: None,
        };
        let largest = data.largest();
        let (train, test) = data.into_splits();
        let order = recipe.order();
        let in_order = Order {
            // The last images are to stand for all of them.
            shuffle: order.shuffle && recipe.data.validation == 0,
            ..order
        };
        in_order.check(&train)?;
        let (train, valid) = match recipe.data.validation {
            0 => (train, None),
            count => {
                let (train, valid) = train.split_last(count)?;
                (train, Some(valid))
            }
        };
        let train = Arc::new(train);
        orthant_data::Epoch::try_new(Arc::clone(&train), order, 0)?;
        if let Some(augment) = recipe.data.augment.filter(|augment| augment.fill > largest) {
            return Err(Error::Fill {
                found: augment.fill,
                largest,
            });
        }
        Ok(Self {
            trainer: Trainer::new(kernels, recipe.clone(), model)?,
            recipe,
            header,
            train,
            valid,
            test,
        })
    }

    pub fn run(self, directory: Directory) -> Run {
        let stamp = Stamp {
            seed: self.recipe.training.seed,
            data: self.recipe.data.source.clone(),
            data_hash: self.header.data_hash.clone(),
            recipe_hash: self.recipe.hash(),
            sittings: Vec::new(),
            forced: Vec::new(),
            result: None,
        };
        Run {
            directory,
            trainer: self.trainer,
            recipe: self.recipe,
            header: self.header,
            stamp,
            train: self.train,
            valid: self.valid,
            test: self.test,
            stop: Arc::default(),
            every: CHECKPOINT_EVERY,
            saved: Instant::now(),
            cost: Duration::ZERO,
        }
    }
}

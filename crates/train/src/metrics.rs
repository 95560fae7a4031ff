//! What a run writes about each epoch, a line of JSON each.

use serde::{Deserialize, Serialize};

use crate::Best;

/// One line of `metrics.jsonl`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EpochMetrics {
    /// Epochs done, from 1.
    pub epoch: usize,
    /// Time of the epoch's steps.
    pub seconds: f64,
    /// Training images over that time.
    pub images_per_second: f64,
    /// The last step's learning rate.
    pub lr: f64,
    /// Mean loss of the training images, each before its own step.
    pub train_loss: f64,
    /// Share of the training images that were right, each before its own step.
    pub train_accuracy: f64,
    /// Mean loss of the validation images.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_loss: Option<f64>,
    /// Share of the validation images that are right.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_accuracy: Option<f64>,
    /// Mean loss of the test images; in the last line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub test_loss: Option<f64>,
    /// Share of the test images that are right; in the last line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub test_accuracy: Option<f64>,
    /// The layers with weights.
    pub layers: Vec<LayerMetrics>,
}

impl EpochMetrics {
    /// How the epoch did on the validation images, if there are any.
    pub fn best(&self) -> Option<Best> {
        Some(Best {
            epoch: self.epoch,
            accuracy: self.valid_accuracy?,
            loss: self.valid_loss?,
        })
    }
}

/// What an epoch did to a layer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LayerMetrics {
    /// Its name.
    pub name: String,
    /// Share of its weights that changed their quantized value in a step, averaged over the steps.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flip_ratio: Option<f64>,
    /// Mean angle between its latent filters and their quantized form.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub angle_deg: Option<f64>,
}

//! Training of binary and ternary networks: latent weights, straight-through estimators, and
//! forward passes on packed bits.
//!
//! ```text
//! Recipe ──> Model ──> Trainer ──> Run       a run: steps over batches, written to a directory
//!              │          │
//!              │          └─ Pass::forward, backward, Optimizer::step
//!              └─ evaluate, in the one arithmetic, with a tap at every layer
//! ```
#![forbid(unsafe_code)]

mod activate;
mod activations;
mod backward;
mod checkpoint;
mod deploy;
mod dropout;
mod error;
mod evaluate;
pub mod file;
mod forward;
mod gradients;
mod init;
mod linear;
mod lint;
mod loss;
mod memory;
mod metrics;
mod model;
mod norm;
mod optimizer;
mod pass;
mod pool;
mod precision;
mod quantizer;
mod random;
mod recipe;
mod reestimate;
mod run;
mod schedule;
mod sums;
mod tally;
mod trainer;
mod weights;

pub use activations::Activations;
pub use checkpoint::{Best, Checkpoint, Header, Stored};
pub use deploy::pack;
pub use error::Error;
pub use evaluate::Evaluator;
pub use init::Initializer;
pub use lint::{Finding, FindingKind};
pub use loss::{Loss, Score, class_of};
pub use metrics::{EpochMetrics, LayerMetrics};
pub use model::{Gradients, LayerTraining, Model, Parameters};
pub use optimizer::{Adam, LayerMoments, Limits, Moments, NotFinite, Optimizer, Rule, Sgd};
pub use pass::{Cache, Draws, Pass, quantize};
pub use precision::Precision;
pub use quantizer::{Slope, Surrogate};
pub use recipe::{
    ActivationName, Architecture, AugmentRecipe, BatchNormRecipe, BorderName, BuiltIn,
    ContractRecipe, DataRecipe, Difference, Kind, LayerRecipe, LossRecipe, NetworkRecipe, NoneName,
    NormRecipe, PaddingName, QuantizerRecipe, Recipe, Side, TrainingRecipe, WeightName,
};
pub use run::{
    BEST, CHECKPOINT, Changes, Ended, Event, Machine, Outcome, RECIPE, Run, STAMP, Sitting, Stamp,
    Summary, Trained, has_checkpoint, read_recipe,
};
pub use schedule::{Progress, Schedule};
pub use sums::Sums;
pub use tally::Tally;
pub use trainer::Trainer;
pub use weights::{ForwardWeights, Quantized};

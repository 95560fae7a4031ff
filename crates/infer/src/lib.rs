//! Runs a packed network: pixels in, logits out, bits between the layers.
//!
//! [`Runner`] lays the weights out for the CPU's kernels once, plans the memory of every layer
//! once, and allocates nothing while it runs on one thread. Its numbers are those of an evaluation
//! of the network that was packed, bit for bit, on every instruction set, in any batch, at any
//! number of threads.
//!
//! ```
//! use orthant_infer::Runner;
//! use orthant_kernels::Kernels;
//! use orthant_model::Packed;
//! # use orthant_train::{Model, NetworkRecipe, pack};
//! # let recipe: NetworkRecipe = toml::from_str(r#"layers = [
//! #     { kind = "dense", outputs = 70 },
//! #     { kind = "dense" },
//! # ]"#)?;
//! # let contract = orthant_bits::InputContract::uniform(1, 8, 8, 1);
//! # let (network, training) = recipe.network([8, 8, 1], contract, 10)?;
//! # let model = Model::new(network, training, 1)?;
//! # let classes = (0..10).map(|class| class.to_string()).collect();
//! # let labels = orthant_model::Labels { classes, white: 16 };
//! # let bytes = pack(Kernels::detect()?, &model, labels)?.to_bytes()?;
//!
//! let packed = Packed::read(&bytes)?; // the bytes of a file
//! let mut runner = Runner::new(Kernels::detect()?, &packed)?;
//! let image = [7; 64];
//! let mut logits = [0.0; 10];
//! runner.run(&image, &mut logits)?;
//! # let evaluator = orthant_train::Evaluator::new(Kernels::detect()?, &model)?;
//! # assert_eq!(logits[..], evaluator.logits(image.to_vec(), &mut |_| {})?);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

mod arena;
mod error;
mod layer;
mod place;
mod program;
mod runner;
mod watch;

pub use error::Error;
pub use runner::{Memory, Runner};
pub use watch::Watch;

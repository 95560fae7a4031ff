//! The arithmetic of binary and ternary networks: XOR, popcount, compare.
//!
//! [`Kernels`] is the door. It is made once, for the best instruction set of the CPU, and passed
//! down; every instruction set gives the same integers and the same floats, bit for bit (but for
//! the bits of a NaN).
//!
//! ```text
//! dot(a, w) = n − 2 · popcount(a xor w)                              binary × binary
//! dot(a, w) = popcount(z) − 2 · popcount((a xor w) and z)            ternary: z = both nonzero
//! dot(p, w) = a · (2 · Σ_{w = +1} p − Σ p) − Σ w · b                 first layer, p : u8
//! bit       = (dot >= at) != invert                                  batch norm and sign, folded
//! ```
//!
//! Weights come in two layouts. *Canonical* ones are what files and training hold: rows of packed
//! bits, OHWI. [`Kernels::prepare`] rearranges them once into the kernel's own panels, which only
//! the instruction set that wrote them can read. Firmware, which has no room for these, reads the
//! canonical ones where they lie: [`conv2d_stored`], a small door beside the large one.
//!
//! ```
//! use orthant_bits::{BitMatrix, ConvShape};
//! use orthant_kernels::{Conv, Input, Inputs, Kernels, Layer, Output, Weights};
//!
//! let kernels = Kernels::detect()?;
//! let weights = BitMatrix::from_i8(2, 3, &[1, 1, -1, 1, -1, -1])?;
//! let inputs = BitMatrix::from_i8(1, 3, &[1, -1, 1])?;
//! let shape = ConvShape::dense(3, 2);
//! let layer = Layer { shape, inputs: Inputs::Binary, weights: Weights::Binary(weights.words()) };
//! let mut prepared = vec![0; kernels.prepared_len(&layer)?];
//! kernels.prepare(&layer, &mut prepared)?;
//!
//! let input = Input::Binary(inputs.words());
//! let conv = Conv { shape, pool: None, input, batch: 1, weights: &prepared };
//! let mut sums = [0; 2];
//! kernels.conv2d(&conv, 0..1, Output::I32(&mut sums), &mut [])?;
//! assert_eq!(sums, [-1, 1]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![no_std]

#[cfg(any(feature = "std", test))]
extern crate std;

#[cfg(any(feature = "oracle", test))]
extern crate alloc;

#[cfg(target_endian = "big")]
compile_error!("vectors of words are joined to 32-bit sums in little-endian order");

mod canonical;
mod conv;
mod error;
mod float;
mod generic;
mod gradient;
mod isa;
mod job;
mod kernels;
mod lookup;
mod panel;
mod pool;
mod prepared;
mod product;
mod scalar;
mod stored;
mod table;
mod vector;

#[cfg(target_arch = "aarch64")]
mod aarch64;
#[cfg(target_arch = "x86_64")]
mod x86_64;

#[cfg(any(feature = "oracle", test))]
pub mod oracle;

pub use conv::{Conv, Inputs, Layer, Output, Weights};
pub use error::Error;
pub use float::FloatConv;
pub use gradient::{GradientColumns, InputGradient, Rounding, WeightGradient};
pub use isa::Isa;
pub use kernels::Kernels;
pub use lookup::{BitQuads, GradientTable};
pub use orthant_bits::Input;
pub use pool::Pool;
pub use stored::{StoredConv, StoredLayer, conv2d_stored};

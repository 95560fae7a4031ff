//! The other side: `numkong`'s batched Hamming distances of 1-bit rows.
//!
//! Its packed product computes `popcount(a and b)` for a tile of pairs and turns it into distances
//! with the rows' own popcounts; those of the weights are stored when these are packed. The
//! variant that writes into a caller's tensor allocates nothing.

use std::error::Error;

use numkong::capabilities::{self, cap};
use numkong::matrix::PackedMatrix;
use numkong::tensor::{Tensor, TensorError};
use numkong::u1x8;
use orthant_bits::BitMatrix;

/// Instruction sets of the packed 1-bit product, in the order in which `numkong` tries them.
const ISAS: [(u64, &str); 7] = [
    (cap::SMEBI32, "smebi32"),
    (cap::NEON, "neon"),
    (cap::ICELAKE, "icelake"),
    (cap::HASWELL, "haswell"),
    (cap::POWERVSX, "powervsx"),
    (cap::LOONGSONASX, "loongsonasx"),
    (cap::SERIAL, "serial"),
];

/// Readies this thread for every instruction set and names the one that `numkong` takes.
///
/// The name assumes a C compiler that knows the CPU's sets; `numkong` leaves others out.
pub fn configure() -> &'static str {
    capabilities::configure_thread();
    let available = capabilities::available();
    let taken = ISAS.iter().find(|(bit, _)| available & bit != 0);
    taken.map_or("unknown", |(_, name)| name)
}

/// A product whose weights are packed and whose distances have their place.
pub struct Peer {
    activations: Tensor<u1x8>,
    weights: PackedMatrix<u1x8>,
    mismatches: Tensor<u32>,
}

impl Peer {
    /// Packs `weights : [n, k]` for products with `activations : [m, k]`.
    pub fn new(activations: &BitMatrix, weights: &BitMatrix) -> Result<Self, Box<dyn Error>> {
        let packed = PackedMatrix::try_pack(&tensor(weights)?).map_err(failure)?;
        let shape = [activations.rows(), weights.rows()];
        Ok(Self {
            activations: tensor(activations)?,
            weights: packed,
            mismatches: Tensor::try_full(&shape, 0).map_err(failure)?,
        })
    }

    /// One product: what is timed.
    pub fn multiply(&mut self) -> Result<(), Box<dyn Error>> {
        self.activations
            .try_hammings_packed_into(&self.weights, &mut self.mismatches)
            .map_err(failure)
    }

    /// The distances of the last product, `[m, n]`.
    pub fn mismatches(&self) -> &[u32] {
        self.mismatches.as_slice()
    }
}

/// The same bits as bytes; element `i` of a row is bit `i % 8` of byte `i / 8` in both.
fn tensor(matrix: &BitMatrix) -> Result<Tensor<u1x8>, Box<dyn Error>> {
    let words = matrix.words().iter();
    let bytes: Vec<u1x8> = words.flat_map(|w| w.to_le_bytes().map(u1x8)).collect();
    Tensor::try_from_slice(&bytes, &[matrix.rows(), matrix.cols()]).map_err(failure)
}

/// An error of `numkong`, said to be one.
fn failure(error: TensorError) -> Box<dyn Error> {
    format!("numkong: {error}").into()
}

//! The shapes: squares, and the layers of the CIFAR-10 network as matrix products.
//!
//! A convolution is the product of its patches: m = output pixels of an image, k = taps · channels.

use orthant_bits::BitMatrix;
use orthant_engines::Random;

/// Timed slices per side.
const SLICES: usize = 20;
/// The same, where one product takes seconds.
const FEW_SLICES: usize = 10;

/// One product, `[m, k] · [n, k]ᵀ`.
pub struct Case {
    /// What the table calls it.
    pub name: &'static str,
    /// Rows of activations.
    pub m: usize,
    /// Outputs.
    pub n: usize,
    /// Bits of a row: whole words, so that both sides' rows are the same bytes.
    pub k: usize,
    /// Timed slices per side.
    pub slices: usize,
}

/// Every case, in the order of the table.
pub const CASES: [Case; 12] = [
    Case::new("square-1024", 1024, 1024, 1024),
    Case::new("square-4096", 4096, 4096, 4096),
    Case {
        slices: FEW_SLICES,
        ..Case::new("square-8192", 8192, 8192, 8192)
    },
    Case::new("conv-128-128-32", 1024, 128, 1152),
    Case::new("conv-128-256-16", 256, 256, 1152),
    Case::new("conv-256-256-16", 256, 256, 2304),
    Case::new("conv-256-512-8", 64, 512, 2304),
    Case::new("conv-512-512-8", 64, 512, 4608),
    Case::new("dense-8192-1024", 1, 1024, 8192),
    Case::new("dense-1024-1024", 1, 1024, 1024),
    Case::new("dense-8192-1024-x64", 64, 1024, 8192),
    Case::new("dense-1024-1024-x64", 64, 1024, 1024),
];

impl Case {
    const fn new(name: &'static str, m: usize, n: usize, k: usize) -> Self {
        assert!(k.is_multiple_of(64), "rows are whole words");
        Self {
            name,
            m,
            n,
            k,
            slices: SLICES,
        }
    }

    /// Whether `name` names this case, perhaps among others.
    pub fn is_called(&self, name: &str) -> bool {
        self.name.contains(name)
    }

    /// Multiplications of one product.
    pub fn macs(&self) -> f64 {
        self.m as f64 * self.n as f64 * self.k as f64
    }

    /// Random bits, `[rows, k]`; the same for the same seed.
    pub fn random_matrix(&self, rows: usize, seed: u64) -> BitMatrix {
        let mut random = Random::new(seed);
        let mut matrix = BitMatrix::zeroed(rows, self.k);
        matrix.words_mut().fill_with(|| random.word());
        matrix
    }
}

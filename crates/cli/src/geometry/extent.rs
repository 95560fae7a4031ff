//! How much is looked at.

use clap::Args;

/// The images of the paper's figures.
const IMAGES: usize = 500;

/// How much is looked at.
#[derive(Debug, Clone, Copy, Args)]
pub struct Extent {
    /// Images that products are taken of [default: 500, or all].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    images: Option<u64>,
    /// Images that learning dynamics are measured on, so many to train and to test; 0 leaves these
    /// analyses out.
    #[arg(long, value_name = "N", default_value_t = 1000)]
    pub dynamics: usize,
    /// Random vectors that are drawn for every number of the first chapter; 0 leaves it out.
    #[arg(long, value_name = "N", default_value_t = 10_000)]
    pub vectors: usize,
    /// The seed of all that is drawn.
    #[arg(long, value_name = "N", default_value_t = 0,
        value_parser = clap::value_parser!(u64).range(..1 << 63))]
    pub seed: u64,
}

impl Extent {
    /// Images that products are taken of, where there are so many.
    pub fn images(&self, there: usize) -> usize {
        self.images
            .map_or(IMAGES.min(there), |images| images as usize)
    }
}

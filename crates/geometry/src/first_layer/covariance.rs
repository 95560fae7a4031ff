//! Sums over the patches of 8-bit images, exact.

use faer::Mat;
use orthant_bits::{ConvShape, InputContract};
use orthant_model::{Columns, Patches};
use rayon::prelude::*;

use crate::products::{GROUPS, group};

/// Longest filters whose sums are kept for every group of images.
const GROUPED: usize = 128;

/// Integers below this in magnitude are exact as `f64`.
const EXACT: i64 = 1 << 53;

/// Exact sums over patches of the first group of channels.
pub(crate) struct PatchSums {
    shape: ConvShape,
    /// The integer that stands for 1.0.
    unit: i32,
    /// Positions after which sums of products may no longer be exact.
    exact: usize,
    images: u64,
    total: IntegerSums,
    /// Of every group of images; empty for long filters.
    groups: Vec<IntegerSums>,
}

/// Sums of patches of integers.
#[derive(Clone)]
struct IntegerSums {
    patches: u64,
    sums: Vec<i128>,
    /// `[d, d]`, the lower triangle.
    products: Vec<i128>,
}

/// Means of patches of real numbers.
#[derive(Debug, Clone)]
pub(crate) struct PatchMoments {
    pub mean: Mat<f64>,
    /// `E[a aᵀ]`.
    pub square: Mat<f64>,
    patches: u64,
    covariance: Mat<f64>,
}

/// Moments of all patches, and of all but one group of images.
pub(crate) struct Moments {
    pub total: PatchMoments,
    /// Empty where there are fewer than two groups, or filters are long.
    pub left_out: Vec<PatchMoments>,
}

impl IntegerSums {
    fn new(d: usize) -> Self {
        Self {
            patches: 0,
            sums: vec![0; d],
            products: vec![0; d * d],
        }
    }

    /// Adds or takes away.
    fn merge(&mut self, other: &Self, sign: i128) {
        match sign {
            1 => self.patches += other.patches,
            _ => self.patches -= other.patches,
        }
        let pairs = [
            (&mut self.sums, &other.sums),
            (&mut self.products, &other.products),
        ];
        for (to, from) in pairs {
            to.iter_mut()
                .zip(from)
                .for_each(|(to, from)| *to += sign * from);
        }
    }

    fn moments(&self, unit: i32) -> PatchMoments {
        let d = self.sums.len();
        let n = self.patches as f64;
        let unit = f64::from(unit);
        let product = |i: usize, j: usize| self.products[i.max(j) * d + i.min(j)];
        let patches = i128::from(self.patches);
        // The difference is exact; only the quotient is rounded.
        let covariance = |i: usize, j: usize| {
            let difference = patches * product(i, j) - self.sums[i] * self.sums[j];
            difference as f64 / (n * n) / (unit * unit)
        };
        PatchMoments {
            mean: Mat::from_fn(d, 1, |i, _| self.sums[i] as f64 / n / unit),
            square: Mat::from_fn(d, d, |i, j| product(i, j) as f64 / n / (unit * unit)),
            patches: self.patches,
            covariance: Mat::from_fn(d, d, covariance),
        }
    }
}

impl PatchMoments {
    pub(crate) fn covariance(&self) -> Mat<f64> {
        self.covariance.clone()
    }

    /// Mean of the diagonal of a matrix.
    fn diagonal(matrix: &Mat<f64>) -> f64 {
        let d = matrix.nrows();
        (0..d).map(|at| matrix[(at, at)]).sum::<f64>() / d as f64
    }

    /// Mean variance of an entry.
    pub(crate) fn variance(&self) -> f64 {
        Self::diagonal(&self.covariance)
    }

    /// Mean square of an entry.
    pub(crate) fn mean_square(&self) -> f64 {
        Self::diagonal(&self.square)
    }

    /// Number of patches.
    pub(crate) fn patches(&self) -> u64 {
        self.patches
    }

    /// `(tr C)² / tr C²`.
    pub(crate) fn participation_ratio(&self) -> f64 {
        let d = self.covariance.nrows();
        let trace: f64 = (0..d).map(|at| self.covariance[(at, at)]).sum();
        let squares = (0..d).flat_map(|i| (0..d).map(move |j| (i, j)));
        trace * trace / squares.map(|at| self.covariance[at].powi(2)).sum::<f64>()
    }
}

impl PatchSums {
    pub(crate) fn new(shape: ConvShape, contract: &InputContract) -> Self {
        let d = shape.filter_len();
        let border = i64::from(shape.border.value().unsigned_abs()) * i64::from(contract.unit);
        let ends = (0..contract.b.len())
            .flat_map(|channel| [0, u8::MAX].map(|pixel| contract.integer(channel, pixel)));
        let largest = ends
            .map(|end| i64::from(end.unsigned_abs()))
            .max()
            .unwrap_or(1);
        let largest = largest.max(border).max(1);
        Self {
            shape,
            unit: contract.unit,
            exact: ((EXACT / largest / largest) as usize).max(1),
            images: 0,
            total: IntegerSums::new(d),
            groups: match d <= GROUPED {
                true => vec![IntegerSums::new(d); GROUPS],
                false => Vec::new(),
            },
        }
    }

    pub(crate) fn shape(&self) -> &ConvShape {
        &self.shape
    }

    pub(crate) fn images(&self) -> u64 {
        self.images
    }

    /// Patches seen.
    pub(crate) fn samples(&self) -> u64 {
        self.total.patches
    }

    /// Adds a batch of whole images.
    pub(crate) fn see(&mut self, pixels: &[u8], patches: &Patches, contract: &InputContract) {
        let image_len = self.shape.height * self.shape.width * self.shape.channels;
        let images = pixels.len() / image_len;
        let this = &*self;
        // Integers add up to the same in any order.
        let sums: Vec<IntegerSums> = (0..images)
            .into_par_iter()
            .map(|image| this.image(&pixels[image * image_len..], patches, contract))
            .collect();
        for sums in sums {
            self.total.merge(&sums, 1);
            if let Some(to) = self.groups.get_mut(group(self.images)) {
                to.merge(&sums, 1);
            }
            self.images += 1;
        }
    }

    /// The sums of one image.
    fn image(&self, pixels: &[u8], patches: &Patches, contract: &InputContract) -> IntegerSums {
        let d = self.shape.filter_len();
        let channels = self.shape.channels;
        let columns = Columns::all(&self.shape, 0);
        let border = f64::from(self.shape.border.value() * contract.unit);
        let [height, width] = patches.output();
        let mut total = IntegerSums::new(d);
        let mut patch = vec![0.0f64; d];
        let (mut sums, mut products) = (vec![0.0f64; d], vec![0.0f64; d * d]);
        for position in 0..height * width {
            let taps = patch.chunks_exact_mut(columns.channels.len());
            for (tap, to) in columns.taps.clone().zip(taps) {
                match patches.under(position, tap) {
                    Some(pixel) => {
                        let pixels = &pixels[pixel * channels..][..to.len()];
                        for (channel, (to, pixel)) in to.iter_mut().zip(pixels).enumerate() {
                            *to = f64::from(contract.integer(channel, *pixel));
                        }
                    }
                    None => to.fill(border),
                }
            }
            for (i, entry) in patch.iter().enumerate() {
                sums[i] += entry;
                let row = &mut products[i * d..][..=i];
                row.iter_mut()
                    .zip(&patch)
                    .for_each(|(to, other)| *to += entry * other);
            }
            if (position + 1) % self.exact == 0 || position + 1 == height * width {
                for (to, from) in total.sums.iter_mut().zip(&mut sums) {
                    *to += i128::from(core::mem::take(from) as i64);
                }
                for (to, from) in total.products.iter_mut().zip(&mut products) {
                    *to += i128::from(core::mem::take(from) as i64);
                }
            }
        }
        total.patches = (height * width) as u64;
        total
    }

    /// Moments of all patches.
    pub(crate) fn total(&self) -> PatchMoments {
        self.total.moments(self.unit)
    }

    /// Moments of all patches, and of all but each group of images.
    pub(crate) fn moments(&self) -> Moments {
        let held: Vec<&IntegerSums> = self
            .groups
            .iter()
            .filter(|group| group.patches > 0)
            .collect();
        let left_out = match held.len() {
            0 | 1 => Vec::new(),
            _ => held
                .into_iter()
                .map(|group| {
                    let mut rest = self.total.clone();
                    rest.merge(group, -1);
                    rest.moments(self.unit)
                })
                .collect(),
        };
        Moments {
            total: self.total(),
            left_out,
        }
    }
}

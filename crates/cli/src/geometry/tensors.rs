//! The tensors of a float model of any origin.

use std::path::Path;

use anyhow::{Context, Result, bail};
use half::{bf16, f16};
use orthant_geometry::{Binarizability, binarizability};
use orthant_train::file;
use safetensors::{Dtype, SafeTensors, tensor::TensorView};

use super::Filters;
use super::analysis::Obstacle;

/// A model's tensors at few bits, and those that are left out.
pub struct Tensors {
    /// Tensors with filters.
    pub keeps: Vec<Binarizability>,
    /// Names of those without: biases, norms, integers.
    pub left_out: Vec<String>,
    /// Those that have no angle.
    pub obstacles: Vec<Obstacle>,
}

impl Tensors {
    /// Reads a file and analyses tensor by tensor, in the order of the names.
    pub fn read(path: &Path, filters: Filters) -> Result<Self> {
        let bytes = file::read(path, "read the weights")?;
        let file = SafeTensors::deserialize(&bytes);
        let file = file.with_context(|| {
            format!(
                "{} is no file of tensors, expected safetensors",
                path.display()
            )
        })?;
        let mut names = file.names();
        names.sort_unstable();
        let mut tensors = Self {
            keeps: Vec::new(),
            left_out: Vec::new(),
            obstacles: Vec::new(),
        };
        for name in names {
            let tensor = file.tensor(name)?;
            match matrix(&tensor, filters) {
                Some((weights, count)) => match binarizability(name, &weights, count) {
                    Ok(found) => tensors.keeps.push(found),
                    Err(problem) => tensors.obstacles.push(Obstacle {
                        layer: Some(name.to_owned()),
                        analysis: "binarizability",
                        what: problem.to_string(),
                    }),
                },
                None => tensors.left_out.push(name.to_owned()),
            }
        }
        if tensors.keeps.is_empty() && tensors.obstacles.is_empty() {
            bail!(
                "{} has no tensor of two or more dimensions and real numbers, expected the weights \
                 of a float model",
                path.display()
            );
        }
        Ok(tensors)
    }
}

/// A tensor as `[filters, d]`; `None` where it has no filters or no real numbers.
fn matrix(tensor: &TensorView, filters: Filters) -> Option<(Vec<f32>, usize)> {
    let shape = tensor.shape();
    if shape.len() < 2 {
        return None;
    }
    let weights = reals(tensor)?;
    match filters {
        Filters::First => Some((weights, shape[0])),
        Filters::Last => {
            let count = *shape.last()?;
            let d = weights.len().checked_div(count)?;
            let turned = (0..count * d).map(|at| weights[at % d * count + at / d]);
            Some((turned.collect(), count))
        }
    }
}

/// The numbers of a tensor, whatever their width.
fn reals(tensor: &TensorView) -> Option<Vec<f32>> {
    fn each<const N: usize>(bytes: &[u8], number: fn([u8; N]) -> f32) -> Vec<f32> {
        bytes.as_chunks().0.iter().copied().map(number).collect()
    }
    let bytes = tensor.data();
    match tensor.dtype() {
        Dtype::F64 => Some(each(bytes, |bytes| f64::from_le_bytes(bytes) as f32)),
        Dtype::F32 => Some(each(bytes, f32::from_le_bytes)),
        Dtype::F16 => Some(each(bytes, |bytes| f16::from_le_bytes(bytes).to_f32())),
        Dtype::BF16 => Some(each(bytes, |bytes| bf16::from_le_bytes(bytes).to_f32())),
        _ => None,
    }
}

//! A run's state in one file: latent weights, batch norm, the optimizer's memory, counters.
//!
//! The format is safetensors, data only, which every framework reads. A file appears under its name
//! whole or not at all: it is written beside it, synced and renamed.

use std::borrow::Cow;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

use orthant_bits::InputContract;
use safetensors::{Dtype, SafeTensors, View};
use serde::{Deserialize, Serialize};

use crate::optimizer::Optimizer;
use crate::{Error, Model, file};

/// The version of the layout.
const FORMAT: &str = "orthant-checkpoint-1";

/// The one key of the metadata; of several, the order in the file would be by chance.
const KEY: &str = "orthant";

/// A header and the version of its layout.
#[derive(Serialize, Deserialize)]
struct Versioned<H> {
    format: String,
    run: H,
}

/// What a checkpoint says beside its tensors.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Header {
    /// Epochs that are done.
    pub epoch: usize,
    /// Steps that are done.
    pub step: u64,
    /// Height, width and channels of an image.
    pub input: [usize; 3],
    /// What its pixels stand for.
    pub contract: ContractHeader,
    /// Names of the classes.
    pub classes: Vec<String>,
    /// Hash of the data that the run was trained on.
    pub data_hash: String,
}

/// `x = (a · p − b_c) / unit`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ContractHeader {
    /// Factor of the pixel.
    pub a: i32,
    /// What is subtracted, per channel.
    pub b: Vec<i32>,
    /// The integer that stands for 1.0.
    pub unit: i32,
}

impl From<&InputContract> for ContractHeader {
    fn from(contract: &InputContract) -> Self {
        Self {
            a: contract.a,
            b: contract.b.clone(),
            unit: contract.unit,
        }
    }
}

impl From<ContractHeader> for InputContract {
    fn from(contract: ContractHeader) -> Self {
        Self {
            a: contract.a,
            b: contract.b,
            unit: contract.unit,
        }
    }
}

/// A tensor that is borrowed until it is written.
struct Tensor<'a> {
    shape: Vec<usize>,
    values: &'a [f32],
}

impl View for Tensor<'_> {
    fn dtype(&self) -> Dtype {
        Dtype::F32
    }

    fn shape(&self) -> &[usize] {
        &self.shape
    }

    fn data(&self) -> Cow<'_, [u8]> {
        bytemuck::cast_slice(self.values).into()
    }

    fn data_len(&self) -> usize {
        size_of_val(self.values)
    }
}

/// Calls `visit` with the name, shape and values of every tensor of a checkpoint.
fn visit<'a>(
    model: &'a mut Model,
    optimizer: Option<&'a mut Optimizer>,
    mut visit: impl FnMut(String, Vec<usize>, &'a mut Vec<f32>),
) {
    let shapes: Vec<_> = model.plans().iter().map(|plan| plan.shape).collect();
    let names = model.network().names();
    for ((name, shape), parameters) in names.iter().zip(shapes).zip(&mut model.parameters) {
        if let Some(shape) = shape {
            let extents = [
                shape.outputs,
                shape.kernel[0],
                shape.kernel[1],
                shape.group_channels(),
            ];
            visit(
                format!("{name}.weight"),
                extents.to_vec(),
                &mut parameters.weight,
            );
        }
        if let Some(norm) = &mut parameters.norm {
            let channels = vec![norm.beta.len()];
            for (key, values) in [
                ("gamma", &mut norm.gamma),
                ("beta", &mut norm.beta),
                ("mean", &mut norm.mean),
                ("variance", &mut norm.variance),
            ] {
                visit(format!("{name}.norm.{key}"), channels.clone(), values);
            }
        }
    }
    let layers = optimizer.map(|optimizer| names.iter().zip(&mut optimizer.moments));
    for (name, layer) in layers.into_iter().flatten() {
        for (key, moments) in [
            ("weight", &mut layer.weight),
            ("norm.gamma", &mut layer.gamma),
            ("norm.beta", &mut layer.beta),
        ] {
            for (which, values) in [
                ("first", &mut moments.first),
                ("second", &mut moments.second),
            ] {
                if !values.is_empty() {
                    let shape = vec![values.len()];
                    visit(format!("optimizer.{name}.{key}.{which}"), shape, values);
                }
            }
        }
    }
}

/// Writes a checkpoint; whatever was under the name stays until the new one is whole.
///
/// # Errors
/// A file that cannot be written, with its path.
pub fn save(
    path: &Path,
    header: &Header,
    model: &mut Model,
    optimizer: &mut Optimizer,
) -> Result<(), Error> {
    let mut tensors = Vec::new();
    visit(model, Some(optimizer), |name, shape, values| {
        tensors.push((name, Tensor { shape, values }));
    });
    let versioned = Versioned {
        format: FORMAT.to_owned(),
        run: header,
    };
    let text = serde_json::to_string(&versioned).expect("a header is plain data");
    let metadata = HashMap::from([(KEY.to_owned(), text)]);
    file::replace(path, "write the checkpoint", |part| {
        safetensors::serialize_to_file(tensors, Some(metadata), part).map_err(|error| match error {
            safetensors::SafeTensorError::IoError(error) => error,
            other => std::io::Error::other(other),
        })
    })
}

/// A checkpoint in memory.
pub struct Checkpoint {
    bytes: Vec<u8>,
    path: PathBuf,
    /// What it says beside its tensors.
    pub header: Header,
}

impl Checkpoint {
    /// Reads a checkpoint.
    ///
    /// # Errors
    /// A file that cannot be read or is no checkpoint.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let bytes = file::read(path, "read the checkpoint")?;
        let wrong = |message: String| Error::Checkpoint {
            path: path.to_owned(),
            message,
        };
        let (_, metadata) = SafeTensors::read_metadata(&bytes)
            .map_err(|error| wrong(format!("not a whole safetensors file: {error}")))?;
        let text = metadata
            .metadata()
            .as_ref()
            .and_then(|metadata| metadata.get(KEY));
        let text = text.ok_or_else(|| wrong("it is of another program".to_owned()))?;
        let unreadable = |error| wrong(format!("the header cannot be read: {error}"));
        let versioned: Versioned<serde_json::Value> =
            serde_json::from_str(text).map_err(unreadable)?;
        if versioned.format != FORMAT {
            let found = versioned.format;
            return Err(wrong(format!("its format is {found}, expected {FORMAT}")));
        }
        let header = serde_json::from_value(versioned.run).map_err(unreadable)?;
        Ok(Self {
            bytes,
            path: path.to_owned(),
            header,
        })
    }

    /// Puts the tensors into a model of the same network, and into its optimizer if there is one.
    ///
    /// # Errors
    /// A tensor that is missing or of another shape.
    pub fn restore(
        &self,
        model: &mut Model,
        optimizer: Option<&mut Optimizer>,
    ) -> Result<(), Error> {
        let wrong = |message: String| Error::Checkpoint {
            path: self.path.clone(),
            message,
        };
        let tensors = SafeTensors::deserialize(&self.bytes)
            .map_err(|error| wrong(format!("not a whole safetensors file: {error}")))?;
        let mut broken = None;
        visit(model, optimizer, |name, shape, values| {
            let tensor = match tensors.tensor(&name) {
                Ok(tensor) if tensor.dtype() == Dtype::F32 && tensor.shape() == shape => tensor,
                Ok(tensor) => {
                    let (dtype, found) = (tensor.dtype(), tensor.shape());
                    broken.get_or_insert(format!(
                        "tensor {name} is {dtype:?} {found:?}, expected F32 {shape:?}"
                    ));
                    return;
                }
                Err(_) => {
                    broken.get_or_insert(format!("tensor {name} is missing"));
                    return;
                }
            };
            let (floats, _) = tensor.data().as_chunks();
            for (value, bytes) in values.iter_mut().zip(floats) {
                *value = f32::from_le_bytes(*bytes);
            }
            let is_variance = name.ends_with(".norm.variance");
            let fits = |value: &f32| value.is_finite() && !(is_variance && *value < 0.0);
            if let Some(value) = values.iter().find(|value| !fits(value)) {
                broken.get_or_insert(format!(
                    "tensor {name} holds {value}, expected a finite number"
                ));
            }
        });
        broken.map_or(Ok(()), |message| Err(wrong(message)))
    }
}

//! A run's state in one file: latent weights, batch norm, the optimizer's memory, counters.
//!
//! The format is safetensors, data only, which every framework reads. A file appears under its name
//! whole or not at all: it is written beside it, synced and renamed. It is written here, tensor by
//! tensor and with the permissions of any new file, and read by the format's own library.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use safetensors::{Dtype, SafeTensors};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::optimizer::Optimizer;
use crate::tally::Tally;
use crate::{ContractRecipe, Error, Model, file};

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
    pub contract: ContractRecipe,
    /// Names of the classes.
    pub classes: Vec<String>,
    /// Hash of the data that the run was trained on.
    pub data_hash: String,
    /// The recipe, as TOML: what of the file beside the checkpoint is edited is a change.
    pub recipe: String,
    /// The epoch that is not done yet.
    pub tally: Tally,
    /// Mean loss of the first batch.
    pub first_loss: Option<f64>,
    /// The best epoch so far, where there are validation images.
    pub best: Option<Best>,
}

/// An epoch and how it did on the validation images.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Best {
    /// The epoch, from 1.
    pub epoch: usize,
    /// Share of the validation images that are right.
    pub accuracy: f64,
    /// Their mean loss.
    pub loss: f64,
}

impl Best {
    /// Whether it is better than another: more images right, or as many with a lower loss.
    pub fn beats(&self, other: &Self) -> bool {
        let by = |best: &Self| (best.accuracy, -best.loss);
        by(self) > by(other)
    }
}

/// Bytes of a checkpoint by what they hold; together they are the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// Names, shapes and what a run says of itself.
    pub header: u64,
    /// Latent weights, layer by layer.
    pub weights: Vec<u64>,
    /// Batch norm: factors, shifts and running moments.
    pub norms: u64,
    /// What the optimizer remembers.
    pub optimizer: u64,
}

impl Stored {
    /// All of it.
    pub fn total(&self) -> u64 {
        self.header + self.weights.iter().sum::<u64>() + self.norms + self.optimizer
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

/// SHA-256 of a model's parameters, as 64 hexadecimal digits: for each tensor its name, a zero byte
/// and its values as little-endian 32-bit floats, in the order of a checkpoint.
pub fn hash(model: &mut Model) -> String {
    let mut hash = Sha256::new();
    visit(model, None, |name, _, values| {
        hash.update(name);
        hash.update([0]);
        values
            .iter()
            .for_each(|value| hash.update(value.to_le_bytes()));
    });
    base16ct::lower::encode_string(&hash.finalize())
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
    let versioned = Versioned {
        format: FORMAT.to_owned(),
        run: header,
    };
    let text = serde_json::to_string(&versioned).expect("a header is plain data");
    let mut list = Map::from_iter([("__metadata__".to_owned(), json!({ KEY: text }))]);
    let mut tensors = Vec::new();
    let mut end = 0;
    visit(model, Some(optimizer), |name, shape, values| {
        let start = end;
        end += size_of_val(&values[..]);
        list.insert(
            name,
            json!({ "dtype": "F32", "shape": shape, "data_offsets": [start, end] }),
        );
        tensors.push(&*values);
    });
    let mut list = Value::Object(list).to_string();
    // Tensors start at a multiple of 8.
    list.extend(std::iter::repeat_n(
        ' ',
        list.len().next_multiple_of(8) - list.len(),
    ));
    file::replace(path, "write the checkpoint", |part| {
        let mut out = BufWriter::with_capacity(1 << 20, File::create(part)?);
        out.write_all(&(list.len() as u64).to_le_bytes())?;
        out.write_all(list.as_bytes())?;
        for value in tensors.into_iter().flatten() {
            out.write_all(&value.to_le_bytes())?;
        }
        out.flush()
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
        let versioned: Versioned<Value> = serde_json::from_str(text).map_err(unreadable)?;
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

    /// What the file's bytes hold, for a model of the same network.
    ///
    /// # Errors
    /// A file that is not whole.
    pub fn stored(&self, model: &Model) -> Result<Stored, Error> {
        let wrong = |error| Error::Checkpoint {
            path: self.path.clone(),
            message: format!("not a whole safetensors file: {error}"),
        };
        let (list, metadata) = SafeTensors::read_metadata(&self.bytes).map_err(wrong)?;
        let names = model.network().names();
        let mut stored = Stored {
            // The list's length comes before it.
            header: (size_of::<u64>() + list) as u64,
            weights: vec![0; names.len()],
            norms: 0,
            optimizer: 0,
        };
        for (tensor, info) in metadata.tensors() {
            let bytes = (info.data_offsets.1 - info.data_offsets.0) as u64;
            let rest = |name: &String| tensor.strip_prefix(name.as_str());
            let of = names.iter().position(|name| rest(name) == Some(".weight"));
            let is_norm = |name| rest(name).is_some_and(|rest| rest.starts_with(".norm."));
            match of {
                Some(layer) => stored.weights[layer] += bytes,
                None if names.iter().any(is_norm) => stored.norms += bytes,
                None => stored.optimizer += bytes,
            }
        }
        Ok(stored)
    }

    /// Puts the tensors into a model of the same network, and tensors and steps into its optimizer
    /// if there is one.
    ///
    /// # Errors
    /// A tensor that is missing or of another shape, numbers that are not finite.
    pub fn restore(
        &self,
        model: &mut Model,
        optimizer: Option<&mut Optimizer>,
    ) -> Result<(), Error> {
        self.fill(model, optimizer, |name, value| {
            let is_variance = name.ends_with(".norm.variance");
            value.is_finite() && !(is_variance && value < 0.0)
        })
    }

    /// Puts the parameters into a model of the same network, whatever numbers they are; for those
    /// who look for what is wrong with them.
    ///
    /// # Errors
    /// A tensor that is missing or of another shape.
    pub fn restore_as_it_is(&self, model: &mut Model) -> Result<(), Error> {
        self.fill(model, None, |_, _| true)
    }

    fn fill(
        &self,
        model: &mut Model,
        mut optimizer: Option<&mut Optimizer>,
        fits: impl Fn(&str, f32) -> bool,
    ) -> Result<(), Error> {
        if let Some(optimizer) = optimizer.as_deref_mut() {
            optimizer.steps = self.header.step;
        }
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
            if let Some(value) = values.iter().find(|value| !fits(&name, **value)) {
                broken.get_or_insert(format!(
                    "tensor {name} holds {value}, expected a finite number"
                ));
            }
        });
        broken.map_or(Ok(()), |message| Err(wrong(message)))
    }
}

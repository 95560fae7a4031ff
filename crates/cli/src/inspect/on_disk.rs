//! What the bytes of a file hold, beside what an inference needs of them.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use orthant_model::{Cost, LayerCost, Packed, Part};
use orthant_train::Trained;

use crate::figures::grouped;

/// A file, and what its bytes hold.
pub struct OnDisk {
    /// The path.
    pub file: String,
    /// Bytes of the file.
    pub bytes: u64,
    /// What they hold, all of them.
    pub sections: Vec<Section>,
    /// What that means, in a sentence.
    pub note: String,
}

/// A part of a file, beside what an inference needs of it.
pub struct Section {
    /// What it holds.
    pub name: String,
    /// Bytes on disk.
    pub bytes: u64,
    /// Bytes that an inference needs, packed; `None` where it needs nothing.
    pub packed: Option<u64>,
    /// The same with 32-bit floats.
    pub float32: Option<u64>,
}

impl OnDisk {
    /// A model file.
    pub fn of_model(file: &Path, packed: &Packed, cost: &Cost) -> Result<Self> {
        Self::new(file, parts(packed, cost)?, |bytes, _| {
            format!("The file has {bytes} bytes: no latent weight, and no batch norm.")
        })
    }

    /// The checkpoint of a run.
    pub fn of_run(trained: &Trained, cost: &Cost) -> Result<Self> {
        let path = &trained.checkpoint;
        let name = path.file_name().unwrap_or(path.as_os_str()).display();
        Self::new(path, checkpoint(trained, cost), |bytes, needed| {
            format!(
                "{name} has {bytes} bytes of latent float32 weights and of what training \
                 remembers; an inference needs {needed}."
            )
        })
    }

    /// A file whose sections were counted; `note` is told its bytes and those that an inference
    /// needs.
    ///
    /// # Errors
    /// A file that cannot be seen, or has another size than its sections.
    fn new(
        path: &Path,
        sections: Vec<Section>,
        note: impl Fn(String, String) -> String,
    ) -> Result<Self> {
        let file = path.display().to_string();
        let metadata = fs::metadata(path).with_context(|| format!("cannot see {file}"))?;
        let counted: u64 = sections.iter().map(|section| section.bytes).sum();
        if metadata.len() != counted {
            bail!(
                "{file} has {} bytes, expected the {counted} that it says it holds; is it being \
                 written?",
                metadata.len()
            );
        }
        let needed: u64 = sections.iter().filter_map(|section| section.packed).sum();
        Ok(Self {
            file,
            bytes: counted,
            note: note(grouped(counted), grouped(needed)),
            sections,
        })
    }
}

/// The parts of a model file.
fn parts(packed: &Packed, cost: &Cost) -> Result<Vec<Section>> {
    let mut plain = [("head and table", 0), ("network and classes", 0)];
    let mut sections = Vec::new();
    for (part, bytes) in packed.parts()? {
        let (what, at, twin): (_, _, fn(&LayerCost) -> _) = match part {
            Part::Frame => {
                plain[0].1 += bytes;
                continue;
            }
            Part::Description => {
                plain[1].1 += bytes;
                continue;
            }
            Part::Weights(at) => ("weights", at, |layer| layer.weight_bytes),
            Part::Readout(at) => ("readout", at, |layer| layer.constant_bytes),
        };
        if bytes > 0 {
            let layer = &cost.layers[at];
            sections.push(Section {
                name: format!("{what} of {}", layer.name),
                bytes: bytes as u64,
                packed: Some(twin(layer).packed),
                float32: Some(twin(layer).float32),
            });
        }
    }
    let plain = plain.map(|(name, bytes)| Section {
        name: name.to_owned(),
        bytes: bytes as u64,
        packed: None,
        float32: None,
    });
    Ok(plain.into_iter().chain(sections).collect())
}

/// The parts of a run's checkpoint.
fn checkpoint(trained: &Trained, cost: &Cost) -> Vec<Section> {
    let stored = &trained.stored;
    let plain = |name: &str, bytes| Section {
        name: name.to_owned(),
        bytes,
        packed: None,
        float32: None,
    };
    let layers = cost.layers.iter().zip(&stored.weights);
    let layers = layers.filter(|(layer, _)| layer.plan.shape.is_some());
    let latent = layers.map(|(layer, bytes)| Section {
        name: format!("weights of {}", layer.name),
        bytes: *bytes,
        packed: Some(layer.weight_bytes.packed),
        float32: Some(layer.weight_bytes.float32),
    });
    let constants = cost.total(|layer: &LayerCost| layer.constant_bytes);
    let mut sections = vec![plain("header", stored.header)];
    sections.extend(latent);
    sections.push(Section {
        name: "batch norm".to_owned(),
        bytes: stored.norms,
        packed: Some(constants.packed),
        float32: Some(constants.float32),
    });
    sections.push(plain("the optimizer's memory", stored.optimizer));
    sections
}

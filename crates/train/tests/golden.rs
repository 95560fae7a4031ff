//! A training step equals PyTorch's in float64: sums exactly, the rest within rounding.
//!
//! `tests/golden/README.md` says where the values come from.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use orthant_bits::InputContract;
use orthant_kernels::Kernels;
use orthant_model::{Layer, LayerSums, Op};
use orthant_train::{Draws, Gradients, Loss, Model, NetworkRecipe, Pass, Precision, quantize};
use safetensors::{Dtype, SafeTensors};

/// Relative to the largest value of a tensor, or to `FLOOR`.
const TOLERANCE: f64 = 1e-5;
const FLOOR: f64 = 1e-2;

struct Case {
    name: String,
    metadata: HashMap<String, String>,
    bytes: Vec<u8>,
}

fn cases() -> Vec<Case> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden");
    let paths = fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut paths: Vec<PathBuf> = paths
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "safetensors")
        })
        .collect();
    paths.sort();
    let case = |path: PathBuf| {
        let bytes = fs::read(&path).unwrap();
        let (_, header) = SafeTensors::read_metadata(&bytes).unwrap();
        Case {
            name: path.file_stem().unwrap().to_str().unwrap().to_owned(),
            metadata: header.metadata().clone().unwrap(),
            bytes,
        }
    };
    paths.into_iter().map(case).collect()
}

impl Case {
    fn numbers(&self, key: &str) -> Vec<i32> {
        self.metadata[key]
            .split(' ')
            .map(|number| number.parse().unwrap())
            .collect()
    }

    fn tensor(&self, name: &str) -> Option<Vec<f64>> {
        let tensors = SafeTensors::deserialize(&self.bytes).unwrap();
        let tensor = tensors.tensor(name).ok()?;
        let data = tensor.data();
        Some(match tensor.dtype() {
            Dtype::U8 => data.iter().map(|&byte| f64::from(byte)).collect(),
            Dtype::I32 => words(data)
                .map(|word| f64::from(i32::from_le_bytes(word)))
                .collect(),
            Dtype::F32 => words(data)
                .map(|word| f64::from(f32::from_le_bytes(word)))
                .collect(),
            Dtype::F64 => words(data).map(f64::from_le_bytes).collect(),
            other => panic!("{}: {name} is {other:?}", self.name),
        })
    }

    fn bytes(&self, name: &str) -> Vec<u8> {
        self.tensor(name)
            .unwrap()
            .into_iter()
            .map(|value| value as u8)
            .collect()
    }

    fn floats(&self, name: &str) -> Option<Vec<f32>> {
        Some(
            self.tensor(name)?
                .into_iter()
                .map(|value| value as f32)
                .collect(),
        )
    }

    fn model(&self) -> Model {
        let table: toml::Table = toml::from_str(&self.metadata["network"]).unwrap();
        let recipe: NetworkRecipe = table["network"].clone().try_into().unwrap();
        let (shape, contract) = (self.numbers("input"), self.numbers("contract"));
        let shape = [0, 1, 2].map(|axis| shape[axis] as usize);
        let contract = InputContract::uniform(contract[0], contract[1], contract[2], shape[2]);
        let classes = self.numbers("classes")[0] as usize;
        let (network, training) = recipe.network(shape, contract, classes).unwrap();
        let mut model = Model::new(network, training, 0).unwrap();
        for index in 0..model.parameters.len() {
            let name = model.network().layers[index].name.clone();
            let parameters = &mut model.parameters[index];
            if let Some(weight) = self.floats(&format!("{name}.weight")) {
                assert_eq!(weight.len(), parameters.weight.len());
                parameters.weight = weight;
            }
            if let Some(norm) = &mut parameters.norm {
                norm.beta = self.floats(&format!("{name}.norm.beta")).unwrap();
                if let Some(gamma) = self.floats(&format!("{name}.norm.gamma")) {
                    norm.gamma = gamma;
                }
            }
        }
        model
    }

    fn loss(&self) -> Loss {
        match self.metadata["loss"].split_once(" smoothing=") {
            Some((_, smoothing)) => Loss::CrossEntropy {
                smoothing: smoothing.parse().unwrap(),
            },
            None if self.metadata["loss"] == "cross-entropy" => {
                Loss::CrossEntropy { smoothing: 0.0 }
            }
            None => Loss::SquaredHinge,
        }
    }

    fn compare(&self, name: &str, found: &[f32]) {
        let expected = self
            .tensor(name)
            .unwrap_or_else(|| panic!("{}: no {name}", self.name));
        assert_eq!(expected.len(), found.len(), "{}: {name}", self.name);
        let largest = expected
            .iter()
            .fold(FLOOR, |most, value| most.max(value.abs()));
        for (at, (expected, found)) in expected.iter().zip(found).enumerate() {
            let error = (f64::from(*found) - expected).abs();
            assert!(
                error <= TOLERANCE * largest,
                "{}: {name}[{at}] is {found}, expected {expected} within {TOLERANCE} of {largest}",
                self.name
            );
        }
    }

    fn compare_gradients(&self, layer: &Layer, gradients: &Gradients) {
        let name = &layer.name;
        if layer.op == Op::MeanPool {
            return;
        }
        self.compare(&format!("grad.{name}.weight"), &gradients.weight);
        if let Some(norm) = layer.norm {
            self.compare(&format!("grad.{name}.norm.beta"), &gradients.beta);
            let key = format!("grad.{name}.norm.gamma");
            match norm.gamma {
                true => self.compare(&key, &gradients.gamma),
                false => assert!(self.tensor(&key).is_none(), "{}: {key}", self.name),
            }
        }
    }
}

fn words<const N: usize>(data: &[u8]) -> impl Iterator<Item = [u8; N]> {
    data.chunks_exact(N).map(|chunk| chunk.try_into().unwrap())
}

fn check(case: &Case, kernels: Kernels) {
    let model = case.model();
    let names = model.network().names();
    let draws = Some(Draws { seed: 0, step: 0 });
    let weights = quantize(kernels, &model, draws).unwrap();
    let labels = case.bytes("labels");
    let pass = Pass {
        kernels,
        model: &model,
        weights: &weights,
        batch: labels.len(),
        draws,
    };
    let mut tapped = 0;
    let mut tap = |tap: orthant_model::Tap| {
        if model.plans()[tap.layer].shape.is_none() {
            return;
        }
        let name = format!("{}.sums", names[tap.layer]);
        match tap.sums {
            LayerSums::F32(sums) => case.compare(&name, sums),
            integers => {
                let found = integers
                    .to_f32()
                    .into_iter()
                    .map(f64::from)
                    .collect::<Vec<_>>();
                assert_eq!(found, case.tensor(&name).unwrap(), "{}: {name}", case.name);
            }
        }
        tapped += 1;
    };
    let (logits, caches) = pass.forward(case.bytes("pixels"), &mut tap).unwrap();
    let linear = names
        .iter()
        .filter(|name| !name.starts_with("mean-pool"))
        .count();
    assert_eq!(tapped, linear);
    case.compare("logits", &logits);
    for (name, cache) in names.iter().zip(&caches) {
        if let Some([mean, variance]) = cache.moments() {
            case.compare(&format!("{name}.norm.mean"), &mean);
            case.compare(&format!("{name}.norm.variance"), &variance);
        }
        if let Some(z) = cache.z() {
            case.compare(&format!("{name}.z"), z);
        }
    }
    let (score, gradient) = case.loss().score(&logits, &labels);
    case.compare("loss", &[score.mean_loss() as f32]);
    let gradients = pass.backward(caches, gradient, Precision::F32, |layer, dy| {
        case.compare(&format!("grad.{}.sums", names[layer]), dy);
    });
    for (layer, gradients) in model.network().layers.iter().zip(&gradients) {
        case.compare_gradients(layer, gradients);
    }
}

#[test]
fn a_step_equals_the_twin_s() {
    let cases = cases();
    assert!(
        cases.len() >= 20,
        "the golden files are part of the repository"
    );
    for case in &cases {
        for kernels in Kernels::available() {
            check(case, kernels);
        }
    }
}

//! `geometry.json`: every number of an analysis.

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::analysis::Analysis;

/// What the endings of keys say, and what the others count in.
const UNITS: [(&str, &str); 9] = [
    ("*_deg", "degrees"),
    ("*_share", "share of 1"),
    ("accuracy", "share of images"),
    ("d", "weights of a filter"),
    ("gain", "variance over that of an average direction"),
    ("r*", "Pearson's correlation, or a cosine"),
    ("rms", "latent weights, which are cut at 1"),
    (
        "*_error, standard_error",
        "as the number itself; one standard error",
    ),
    (
        "means, deviations, slope",
        "sums of ±1 and latent weights, in the input's unit",
    ),
];

impl Analysis {
    /// As JSON; a number that is not defined is null.
    pub fn json(&self) -> Value {
        let layers = self.names().into_iter().map(|name| self.layer(&name));
        json!({
            "units": UNITS.iter().copied().collect::<std::collections::BTreeMap<_, _>>(),
            "layers": layers.collect::<Vec<_>>(),
            "angle_sd_against_d": self.spread,
            "products": {
                "images_expected": self.products.images_expected,
                "image_groups": self.products.image_groups,
                "null_model": self.products.null_model,
            },
            "first_layer": self.first,
            "learning_dynamics": {
                "accuracies": self.accuracies,
                "gradients": self.gradients,
            },
            "training": self.history,
            "problems": self.obstacles,
        })
    }

    /// Layers with weights, in their order.
    fn names(&self) -> Vec<String> {
        let products = self.products.layers.iter();
        let mut names: Vec<String> = products.map(|layer| layer.name.clone()).collect();
        let others = self.weights.iter().map(|layer| &layer.name);
        for name in others.chain(self.keeps.iter().map(|layer| &layer.name)) {
            if !names.contains(name) {
                names.push(name.clone());
            }
        }
        names
    }

    /// A layer's numbers: those of its weights and those of its products.
    fn layer(&self, name: &str) -> Value {
        let mut numbers = Map::new();
        numbers.insert("name".to_owned(), json!(name));
        let weights = self.weights.iter().find(|layer| layer.name == name);
        extend(&mut numbers, weights);
        extend(&mut numbers, self.products_of(name));
        let keeps = self.keeps.iter().find(|layer| layer.name == name);
        numbers.insert("binarizability".to_owned(), json!(keeps));
        numbers.remove("problems");
        Value::Object(numbers)
    }
}

/// Adds the keys of what is there.
fn extend(numbers: &mut Map<String, Value>, found: Option<&impl Serialize>) {
    if let Ok(Value::Object(found)) = serde_json::to_value(found) {
        numbers.extend(found);
    }
}

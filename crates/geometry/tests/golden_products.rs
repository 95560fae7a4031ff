//! A small network's statistics are numpy's, in float64 (`tests/golden/geometry_products.py`).

// Its networks serve other tests.
#[allow(dead_code)]
mod networks;

use orthant_bits::InputContract;
use orthant_geometry::{Correlation, FirstLayer, ProductOptions, Products};
use orthant_train::{Model, NetworkRecipe};
use serde_json::Value;

fn case() -> Value {
    let root = env!("CARGO_MANIFEST_DIR");
    let path = format!("{root}/../../tests/golden/geometry-products.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn numbers(of: &Value) -> Vec<f64> {
    of.as_array()
        .unwrap()
        .iter()
        .map(|number| number.as_f64().unwrap())
        .collect()
}

fn floats(of: &Value) -> Vec<f32> {
    numbers(of)
        .into_iter()
        .map(|number| number as f32)
        .collect()
}

fn model(case: &Value) -> Model {
    let recipe: NetworkRecipe = toml::from_str(case["network"].as_str().unwrap()).unwrap();
    let contract = InputContract::uniform(2, 255, 255, 2);
    let (network, training) = recipe.network([6, 6, 2], contract, 3).unwrap();
    let mut model = Model::new(network, training, 1).unwrap();
    let parameters = case["parameters"].as_array().unwrap();
    for (to, from) in model.parameters.iter_mut().zip(parameters) {
        to.weight = floats(&from["weight"]);
        let norm = to.norm.as_mut().unwrap();
        norm.epsilon = 1e-3;
        norm.gamma.fill(1.0);
        norm.beta = floats(&from["beta"]);
        norm.mean = floats(&from["mean"]);
        norm.variance = floats(&from["variance"]);
    }
    model
}

fn check(at: &str, found: Option<f64>, expected: &Value) {
    let (found, expected) = (found.unwrap(), expected.as_f64().unwrap());
    assert!(
        (found - expected).abs() < 1e-5 * expected.abs().max(1.0),
        "{at}: {found} {expected}"
    );
}

fn check_correlation(at: &str, found: &Correlation, expected: &Value) {
    for (name, found) in [
        ("r", found.r),
        ("r_low", found.r_low),
        ("r_high", found.r_high),
        ("r_within_filters", found.r_within_filters),
        ("slope", found.slope),
        ("intercept", found.intercept),
        ("off_quadrant_share", found.off_quadrant_share),
    ] {
        check(&format!("{at} {name}"), found, &expected[name]);
    }
}

#[test]
fn statistics_are_those_of_numpy() {
    let case = case();
    let model = model(&case);
    let subject = networks::subject(&model);
    let options = ProductOptions {
        seed: 1,
        images: 12,
        activations: true,
    };
    let mut products = Products::new(&subject, options);
    let mut first = FirstLayer::new(&subject, 1, 12);
    let pixels: Vec<u8> = numbers(&case["pixels"])
        .into_iter()
        .map(|pixel| pixel as u8)
        .collect();
    networks::run(&model, &pixels, 5, &mut |tap| {
        products.see(tap);
        first.see(tap);
    });
    for (found, expected) in products
        .finish()
        .layers
        .iter()
        .zip(case["layers"].as_array().unwrap())
    {
        check_correlation(&found.name, &found.weights, expected);
        for (name, found) in [
            ("r_predicted", found.r_predicted),
            ("gain", found.gain),
            ("r_white", found.r_white),
        ] {
            check(name, found, &expected[name]);
        }
        let filters = &expected["filters"];
        for (at, found) in found.per_filter.iter().enumerate() {
            check("filter's r", found.r, &filters["r"][at]);
            check("filter's angle", found.angle_deg, &filters["angle_deg"][at]);
            check("filter's gain", found.gain, &filters["gain"][at]);
            check(
                "filter's law",
                found.r_predicted,
                &filters["r_predicted"][at],
            );
        }
        match &found.activations {
            None => assert!(expected["activations"].is_null()),
            Some(found) => {
                check_correlation("activations", &found.correlation, &expected["activations"]);
            }
        }
    }
    let spectrum = first.finish().spectrum.unwrap();
    let expected = &case["layers"][0];
    for (found, expected) in spectrum
        .eigenvalues
        .iter()
        .zip(numbers(&expected["eigenvalues"]))
    {
        assert!((found - expected).abs() < 1e-9);
    }
    let ratio = spectrum.participation_ratio.value;
    check(
        "participation ratio",
        Some(ratio),
        &expected["participation_ratio"],
    );
}

//! What a run's metrics say of weights is what the analysis says.

use orthant_data::{Dataset, Source};
use orthant_geometry::{LayerWeights, WeightsQuantizer, weight_geometry};
use orthant_kernels::Kernels;
use orthant_train::{Recipe, Trainer};

#[test]
fn training_and_analysis_measure_one_angle() {
    let digits = Dataset::open(&Source::Digits).unwrap();
    let recipes = [
        ("binarynet-digits", WeightsQuantizer::Sign),
        (
            "ternary-digits",
            WeightsQuantizer::Ternary { threshold: 0.02 },
        ),
    ];
    for (name, quantizer) in recipes {
        let recipe = Recipe::find(name, &["width=0.25".to_owned()]).unwrap();
        let model = recipe.model(&digits).unwrap();
        let trainer = Trainer::new(Kernels::detect().unwrap(), recipe, model).unwrap();
        let angles = trainer.angles();
        let layers = trainer.model.plans().iter().zip(&trainer.model.parameters);
        let mut compared = 0;
        for ((plan, parameters), angle) in layers.zip(angles) {
            let (Some(shape), Some(angle)) = (plan.shape, angle) else {
                continue;
            };
            let found = weight_geometry(&LayerWeights {
                name: "",
                latent: &parameters.weight,
                filters: shape.outputs,
                quantizer,
            });
            let mean = found.unwrap().angle_mean_deg;
            assert!(
                (mean - angle).abs() < 1e-9,
                "{name} {compared}: {mean} {angle}"
            );
            compared += 1;
        }
        assert!(compared >= 6, "{name}: {compared} layers");
    }
}

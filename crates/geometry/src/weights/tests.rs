use proptest::prelude::*;

use crate::weights::{
    LayerWeights, Verdict, WeightsQuantizer, binarizability, spread_law, weight_geometry,
};
use crate::{Distribution, Problem, Stream, binarization_cosine, ternarization_cosine};

/// Weights of a distribution, times a deviation.
fn drawn(distribution: Distribution, sd: f32, len: usize, seed: u64) -> Vec<f32> {
    let mut weights = vec![0.0; len];
    Stream::new(seed).fill(&distribution, &mut weights);
    weights.iter_mut().for_each(|w| *w *= sd);
    weights
}

fn layer(latent: &[f32], filters: usize, quantizer: WeightsQuantizer) -> LayerWeights<'_> {
    LayerWeights {
        name: "conv2",
        latent,
        filters,
        quantizer,
    }
}

#[test]
fn independent_weights_agree_with_both_theories() {
    for (distribution, d) in [
        (Distribution::Gaussian, 27),
        (Distribution::Gaussian, 1152),
        (Distribution::Uniform, 1152),
        (Distribution::Laplace, 1152),
    ] {
        let weights = drawn(distribution, 0.05, 400 * d, 1);
        let found = weight_geometry(&layer(&weights, 400, WeightsQuantizer::Sign)).unwrap();
        let apart = (found.angle_mean_deg - found.theory_mean_deg).abs();
        assert!(
            apart < 5.0 * found.angle_mean_error_deg,
            "{distribution:?}: {found:?}"
        );
        let apart = (found.angle_sd_deg / found.theory_sd_deg - 1.0).abs();
        assert!(
            apart < 0.2,
            "{distribution:?} {d}: {} {}",
            found.angle_sd_deg,
            found.theory_sd_deg
        );
        let is_gaussian = distribution == Distribution::Gaussian;
        let apart = (found.angle_mean_deg - found.gaussian_mean_deg).abs();
        assert_eq!(
            apart < 5.0 * found.angle_mean_error_deg,
            is_gaussian,
            "{distribution:?}"
        );
        assert_eq!((found.angles, found.undefined.filters()), (400, 0));
    }
}

#[test]
fn clipping_brings_the_angle_down() {
    // Deviation before clipping at ±1, and the angle after it.
    for (sd, expected) in [(0.18, 37.07), (0.5, 35.5), (1.0, 28.5), (2.0, 20.8)] {
        let mut weights = drawn(Distribution::Gaussian, sd, 200 * 2304, 2);
        weights.iter_mut().for_each(|w| *w = w.clamp(-1.0, 1.0));
        let found = weight_geometry(&layer(&weights, 200, WeightsQuantizer::Sign)).unwrap();
        assert!(
            (found.angle_mean_deg - expected).abs() < 0.06,
            "{sd}: {}",
            found.angle_mean_deg
        );
        assert!((found.theory_mean_deg - found.angle_mean_deg).abs() < 0.05);
        let beyond = libm::erfc(f64::from(1.0 / sd) * std::f64::consts::FRAC_1_SQRT_2);
        assert!((found.shares.clipped_share - beyond).abs() < 0.005);
    }
}

#[test]
fn ternary_angles_are_those_of_the_measured_threshold() {
    let weights = drawn(Distribution::Gaussian, 0.18, 300 * 1152, 3);
    let quantizer = WeightsQuantizer::Ternary { threshold: 0.02 };
    let found = weight_geometry(&layer(&weights, 300, quantizer)).unwrap();
    assert!((found.threshold_sigma.unwrap() - 0.1111).abs() < 0.001);
    assert!((found.gaussian_mean_deg - 33.84).abs() < 0.05, "{found:?}");
    for theory in [found.gaussian_mean_deg, found.theory_mean_deg] {
        let apart = (found.angle_mean_deg - theory).abs();
        assert!(apart < 5.0 * found.angle_mean_error_deg, "{found:?}");
    }
    for theory in [found.gaussian_sd_deg, found.theory_sd_deg] {
        assert!((found.angle_sd_deg / theory - 1.0).abs() < 0.2, "{found:?}");
    }
    assert!((found.zero_share - 0.0885).abs() < 0.003);
    assert_eq!(found.shares.quantized.len(), 3);
}

#[test]
fn layers_of_other_sizes_have_the_root_law() {
    let layers: Vec<_> = [27usize, 288, 1152, 2304]
        .into_iter()
        .map(|d| {
            let weights = drawn(Distribution::Gaussian, 1.0, 2_000 * d, d as u64);
            weight_geometry(&layer(&weights, 2_000, WeightsQuantizer::Sign)).unwrap()
        })
        .collect();
    let law = spread_law(&layers).unwrap().exponent;
    assert!((law.value + 0.5).abs() < 0.02, "{law:?}");
    assert!(law.standard_error < 0.02 && law.samples == 4);
    assert!(spread_law(&layers[..1]).is_none());
}

#[test]
fn filters_without_an_angle_are_counted_and_the_rest_goes_on() {
    let mut weights = drawn(Distribution::Gaussian, 1.0, 8 * 9, 5);
    weights[..9].fill(0.0);
    weights[9..18].fill(-0.3);
    weights[20] = f32::NAN;
    weights[30] = f32::INFINITY;
    weights[36..45].copy_from_slice(&[0.01, -0.02, 0.0, 0.03, 0.01, 0.01, 0.0, 0.0, 0.01]);
    let ternary = WeightsQuantizer::Ternary { threshold: 0.05 };
    let found = weight_geometry(&layer(&weights, 8, ternary)).unwrap();
    let undefined = found.undefined;
    assert_eq!(undefined.zero_filters, 1);
    assert_eq!(undefined.constant_filters, 1);
    assert_eq!(undefined.not_finite_filters, 2);
    assert_eq!(undefined.vanishing_filters, 1);
    assert_eq!(found.angles, 3);
    assert_eq!(found.shares.not_finite_weights, 2);
    assert!(found.angle_mean_deg.is_finite() && found.theory_mean_deg.is_finite());
    assert!(found.angles_deg[4].is_none() && found.angles_deg[5].is_some());
    assert_eq!(
        found.angles_deg[5],
        ternarization_cosine(&weights[45..54], 0.05).map(crate::angle_deg)
    );
    let tensor = binarizability("w", &weights, 8).unwrap();
    assert_eq!(tensor.angles, 4);
}

#[test]
fn a_layer_s_numbers_go_by_names_with_units() {
    let mut weights = drawn(Distribution::Gaussian, 0.2, 4 * 9, 8);
    let quantizer = WeightsQuantizer::Ternary { threshold: 0.05 };
    weights[..9].fill(0.0);
    let found = weight_geometry(&layer(&weights, 4, quantizer)).unwrap();
    let json = serde_json::to_value(&found).unwrap();
    assert_eq!(json["name"], "conv2");
    assert_eq!(json["quantizer"], "ternary");
    assert_eq!(json["threshold"], f64::from(0.05f32));
    assert_eq!(
        (&json["zero_filters"], &json["angles"]),
        (&1.into(), &3.into())
    );
    assert_eq!(json["angle_mean_deg"], found.angle_mean_deg);
    assert_eq!(json["theory_sd_deg"], found.theory_sd_deg);
    assert!(json["angles_deg"][0].is_null() && json["angles_deg"][1].is_number());
    assert_eq!(json["shares"]["quantized"][1]["value"], 0.0);
    let tensor = serde_json::to_value(binarizability("w", &weights, 4).unwrap()).unwrap();
    assert!(tensor["verdict"].is_string() && tensor["two_bit_angle_mean_deg"].is_number());
    let problem = serde_json::to_value(Problem::NoAngles { filters: 2 }).unwrap();
    assert_eq!(
        problem,
        serde_json::json!({ "problem": "no-angles", "filters": 2 })
    );
}

#[test]
fn layers_that_cannot_be_analysed_say_why() {
    let sign = WeightsQuantizer::Sign;
    let problem = |weights: &[f32], filters: usize| {
        let problem = weight_geometry(&layer(weights, filters, sign)).unwrap_err();
        assert_eq!(binarizability("w", weights, filters).unwrap_err(), problem);
        problem
    };
    let [weights, filters] = [7, 2];
    assert_eq!(problem(&[1.0; 7], 2), Problem::Shape { weights, filters });
    for (len, filters) in [(0, 3), (3, 0)] {
        let found = problem(&[0.5; 3][..len], filters);
        assert!(matches!(found, Problem::Shape { .. }), "{found}");
    }
    assert_eq!(problem(&[1.0, -2.0], 2), Problem::TooFewWeights { d: 1 });
    assert_eq!(problem(&[f32::NAN; 6], 2), Problem::NoAngles { filters: 2 });
    assert_eq!(problem(&[0.0; 6], 3), Problem::NoAngles { filters: 3 });
    let all = WeightsQuantizer::Ternary { threshold: 9.0 };
    let found = weight_geometry(&layer(&[1.0, -2.0, 0.5, 1.0], 2, all));
    assert_eq!(found.unwrap_err(), Problem::NoAngles { filters: 2 });
}

#[test]
fn tensors_are_told_by_the_fewest_levels_that_keep_them() {
    // Binary, ternary and two-bit angles of a distribution, and its verdict.
    for (distribution, expected, verdict) in [
        (Distribution::Uniform, [30.0, 19.5, 14.5], Verdict::Binary),
        (
            Distribution::Gaussian,
            [37.07, 25.85, 20.04],
            Verdict::Binary,
        ),
        (Distribution::Laplace, [45.0, 30.9, 24.8], Verdict::Ternary),
    ] {
        let weights = drawn(distribution, 0.01, 64 * 4608, 6);
        let found = binarizability("conv6", &weights, 64).unwrap();
        let angles = [
            found.angle_mean_deg,
            found.ternary_angle_mean_deg,
            found.two_bit_angle_mean_deg,
        ];
        for (found, expected) in angles.iter().zip(expected) {
            assert!(
                (found - expected).abs() < 0.2,
                "{distribution:?}: {angles:?}"
            );
        }
        assert_eq!(found.verdict, verdict, "{distribution:?}");
    }
    // One large weight among many small ones has no direction that four levels miss, many have.
    let heavy = Distribution::GeneralizedGaussian { exponent: 0.25 };
    let found = binarizability("w", &drawn(heavy, 1.0, 64 * 1024, 7), 64).unwrap();
    assert!(found.excess_kurtosis > 10.0, "{found:?}");
    assert!(
        matches!(found.verdict, Verdict::TwoBits | Verdict::Neither),
        "{found:?}"
    );
}

proptest! {
    #[test]
    fn the_best_levels_are_the_best(
        weights in prop::collection::vec(-2.0..2.0f32, 2..40),
        thresholds in prop::collection::vec(0.0..2.0f32, 8),
    ) {
        prop_assume!(weights.iter().any(|w| *w != weights[0]));
        let found = binarizability("w", &weights, 1).unwrap();
        let signs = binarization_cosine(&weights).map(crate::angle_deg).unwrap();
        prop_assert!((found.angle_mean_deg - signs).abs() < 1e-6);
        for threshold in thresholds {
            if let Some(cosine) = ternarization_cosine(&weights, threshold) {
                prop_assert!(found.ternary_angle_mean_deg <= crate::angle_deg(cosine) + 1e-5);
            }
        }
        prop_assert!(found.ternary_angle_mean_deg <= found.angle_mean_deg + 1e-5);
        prop_assert!(found.two_bit_angle_mean_deg <= found.ternary_angle_mean_deg + 1e-5);
    }
}

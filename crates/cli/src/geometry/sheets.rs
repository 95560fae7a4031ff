//! The tables of an analysis.

use orthant_geometry::{
    Binarizability, Estimate, FirstLayerReport, LayerProducts, ProductReport, WeightGeometry,
};

use super::analysis::Obstacle;
use super::dynamics::{Accuracy, GradientAgreement};
use crate::sheet::{Cell, Sheet};

/// Angles between latent and quantized filters.
pub fn angles(layers: &[WeightGeometry]) -> Sheet {
    let mut sheet = Sheet::new(
        "angles-by-layer",
        "Angles between latent and quantized filters",
        "Mean and standard deviation over filters, beside two null models: independent Gaussian \
         weights, and independent draws of the layer's own weights.",
    )
    .words("layer", "layer")
    .numbers("d", "d")
    .numbers("filters", "filters")
    .measured("angle_mean_deg", "angle, °")
    .measured("angle_sd_deg", "its sd, °")
    .numbers("gaussian_mean_deg", "Gaussian, °")
    .numbers("gaussian_sd_deg", "sd, °")
    .numbers("theory_mean_deg", "own weights, °")
    .numbers("theory_sd_deg", "sd, °")
    .numbers("excess_kurtosis", "excess kurtosis");
    for layer in layers {
        let measured = |value, standard_error| {
            let samples = layer.angles;
            let estimate = Estimate {
                value,
                standard_error,
                samples,
            };
            Cell::Measured(estimate, 2)
        };
        sheet.push([
            Cell::Word(layer.name.clone()),
            Cell::Count(layer.d as u64),
            Cell::Count(layer.filters as u64),
            measured(layer.angle_mean_deg, layer.angle_mean_error_deg),
            measured(layer.angle_sd_deg, layer.angle_sd_error_deg),
            Cell::Number(layer.gaussian_mean_deg, 2),
            Cell::Number(layer.gaussian_sd_deg, 2),
            Cell::Number(layer.theory_mean_deg, 2),
            Cell::Number(layer.theory_sd_deg, 2),
            Cell::Number(layer.excess_kurtosis, 2),
        ]);
    }
    sheet
}

/// Correlations of products, with their laws and controls.
pub fn products(found: &ProductReport) -> Sheet {
    let images = found.layers.iter().map(|layer| layer.weights.images).max();
    let mut sheet = Sheet::new(
        "products-by-layer",
        "Products with quantized weights against products with latent ones",
        format!(
            "r over {} image(s), all positions and filters; its 95 % interval is over {} groups of \
             images. Null model: {}. The law is 1/√(1 + tan²θ/G), with the angle θ and the gain G \
             of each filter. Shuffled: the entries of each batch's input in another order; the \
             second number is about each filter's own means, which batch norm takes away.",
            images.unwrap_or(0),
            found.image_groups,
            found.null_model,
        ),
    )
    .words("layer", "layer")
    .numbers("d", "d")
    .numbers("r", "r")
    .numbers("r_low", "from")
    .numbers("r_high", "to")
    .numbers("r_predicted", "law")
    .numbers("gain", "gain G")
    .numbers("r_white", "white input")
    .numbers("r_permuted", "shuffled")
    .numbers("r_permuted_within_filters", "about means")
    .numbers("slope", "slope")
    .numbers("off_quadrant_share", "sign lost")
    .numbers("off_quadrant_expected", "arccos(r)/π");
    for layer in &found.layers {
        let pairs = &layer.weights;
        sheet.push([
            Cell::Word(layer.name.clone()),
            Cell::Count(layer.d as u64),
            optional(pairs.r, 3),
            optional(pairs.r_low, 3),
            optional(pairs.r_high, 3),
            optional(layer.r_predicted, 3),
            optional(layer.gain, 2),
            optional(layer.r_white, 3),
            optional(layer.r_permuted, 3),
            optional(layer.permuted.r_within_filters, 3),
            optional(pairs.slope, 3),
            share(pairs.off_quadrant_share),
            share(pairs.off_quadrant_expected),
        ]);
    }
    sheet
}

/// Correlations of products of real and of quantized activations.
pub fn activations(layers: &[LayerProducts]) -> Sheet {
    let mut sheet = Sheet::new(
        "activations-by-layer",
        "Products of real activations against products of quantized ones",
        "The law for jointly normal activations of the same covariance, and r beside it, are of a \
         subsample of patches and filters; it takes means for 0. White input has 0.798 for signs.",
    )
    .words("layer", "layer")
    .numbers("r", "r")
    .numbers("r_low", "from")
    .numbers("r_high", "to")
    .numbers("sub_r", "r of the subsample")
    .numbers("r_predicted", "law")
    .numbers("patches", "patches")
    .numbers("filters", "filters")
    .numbers("mean_over_deviation", "mean / deviation");
    for layer in layers {
        let Some(found) = &layer.activations else {
            continue;
        };
        let normal = found.normal;
        let count = |count: Option<usize>| optional(count.map(|count| count as f64), 0);
        sheet.push([
            Cell::Word(layer.name.clone()),
            optional(found.correlation.r, 3),
            optional(found.correlation.r_low, 3),
            optional(found.correlation.r_high, 3),
            optional(normal.map(|normal| normal.r_measured), 3),
            optional(normal.map(|normal| normal.r_predicted), 3),
            count(normal.map(|normal| normal.patches)),
            count(normal.map(|normal| normal.filters)),
            optional(normal.map(|normal| normal.mean_over_deviation), 2),
        ]);
    }
    sheet
}

/// Accuracies with latent weights in place of quantized ones.
pub fn accuracies(found: &[Accuracy]) -> Sheet {
    let images = found.first().map_or(0, |one| one.accuracy.samples);
    let mut sheet = Sheet::new(
        "latent-weights-by-layer",
        "Latent weights in place of quantized ones",
        format!(
            "Batch norm's moments are measured anew each time; {images} test image(s). The \
             difference to the quantized network is taken image by image; no difference is the \
             null model."
        ),
    )
    .words("latent_weights_in", "latent weights in")
    .measured("accuracy_percent", "accuracy, %")
    .measured("difference_points", "difference, points");
    for one in found {
        sheet.push([
            Cell::Word(one.name()),
            Cell::Measured(percent(one.accuracy), 2),
            Cell::Measured(percent(one.difference), 2),
        ]);
    }
    sheet
}

/// How gradients agree.
pub fn gradients(found: &[GradientAgreement]) -> Sheet {
    let mut sheet = Sheet::new(
        "gradients-by-layer",
        "Gradients beside those of real numbers in the forward pass",
        "Cosines to the gradient of the same batch with real numbers forward; standard errors over \
         batches. Another batch: what chance does to the network's own gradient. Null model: the \
         cosine of shuffled gradients, mean and standard deviation.",
    )
    .words("layer", "layer")
    .numbers("weights", "weights")
    .measured("latent_weights", "latent weights")
    .measured("real_activations", "hard tanh")
    .measured("both", "both")
    .measured("other_batch", "another batch")
    .numbers("shuffled_mean", "shuffled")
    .numbers("shuffled_sd", "sd");
    for layer in found {
        let [mean, sd] = layer.shuffled;
        sheet.push([
            Cell::Word(layer.name.clone()),
            Cell::Count(layer.weights as u64),
            Cell::Measured(layer.latent_weights, 3),
            Cell::Measured(layer.real_activations, 3),
            Cell::Measured(layer.both, 3),
            Cell::Measured(layer.other_batch, 3),
            Cell::Number(mean, 4),
            Cell::Number(sd, 4),
        ]);
    }
    sheet
}

/// What repairs the first layer.
pub fn repairs(first: &FirstLayerReport) -> Sheet {
    let mut sheet = Sheet::new(
        "first-layer-repairs-by-filter",
        "Repairs of the first layer",
        format!("Null model: {}.", first.null_model),
    )
    .words("filters", "filters")
    .words("repair", "repair")
    .numbers("r", "r")
    .numbers("r_standard_error_over_images", "± over images")
    .measured("angle_deg", "angle, °")
    .numbers("additions_per_output", "additions an output")
    .numbers("multiplications_per_output", "multiplications")
    .numbers("weight_bits_per_filter", "bits a filter");
    for family in &first.repairs {
        for repair in &family.repairs {
            let cost = &repair.operations;
            sheet.push([
                Cell::Word(family.of.to_owned()),
                Cell::Word(repair.name.clone()),
                optional(repair.r, 3),
                optional(repair.r_standard_error_over_images, 3),
                Cell::Measured(repair.angle_deg, 1),
                Cell::Number(cost.additions_per_output, 1),
                Cell::Number(cost.multiplications_per_output, 1),
                Cell::Number(cost.weight_bits_per_filter, 0),
            ]);
        }
    }
    sheet
}

/// Where the weights lie.
pub fn weights(layers: &[WeightGeometry]) -> Sheet {
    let mut sheet = Sheet::new(
        "weights-by-layer",
        "Where the latent weights lie",
        "Shares of the layer's weights. The threshold is that of ternary weights.",
    )
    .words("layer", "layer")
    .numbers("rms", "rms")
    .numbers("clipped_share", "at ±1")
    .numbers("minus_share", "become −1")
    .numbers("zero_share", "become 0")
    .numbers("plus_share", "become +1")
    .numbers("threshold_rms", "threshold / rms");
    for layer in layers {
        let becomes = |value: f64| {
            let mut shares = layer.shares.quantized.iter();
            let found = shares.find(|share| share.value == value);
            share(found.map(|found| found.share))
        };
        sheet.push([
            Cell::Word(layer.name.clone()),
            Cell::Number(layer.rms, 3),
            Cell::Share(layer.shares.clipped_share),
            becomes(-1.0),
            becomes(0.0),
            becomes(1.0),
            optional(layer.threshold_sigma, 3),
        ]);
    }
    sheet
}

/// Tensors of any origin at few bits.
pub fn binarizability(found: &[Binarizability]) -> Sheet {
    let mut sheet = Sheet::new(
        "binarizability",
        "How well tensors keep their direction at few bits",
        "Mean angles over filters, each at its own best levels. Null model: independent Gaussian \
         weights, 37.07°, 25.85° and 20.04° as d grows; a tensor keeps its direction where it is \
         within a degree of 37.07°. How this is linked to accuracy is not established.",
    )
    .words("tensor", "tensor")
    .numbers("d", "d")
    .numbers("filters", "filters")
    .measured("angle_mean_deg", "binary, °")
    .numbers("angle_sd_deg", "sd, °")
    .numbers("ternary_angle_mean_deg", "ternary, °")
    .numbers("ternary_zero_share", "zeros")
    .numbers("two_bit_angle_mean_deg", "two bits, °")
    .numbers("excess_kurtosis", "excess kurtosis")
    .words("keeps_its_direction_as", "keeps its direction as");
    for tensor in found {
        let angle = Estimate {
            value: tensor.angle_mean_deg,
            standard_error: tensor.angle_mean_error_deg,
            samples: tensor.angles,
        };
        sheet.push([
            Cell::Word(tensor.name.clone()),
            Cell::Count(tensor.d as u64),
            Cell::Count(tensor.filters as u64),
            Cell::Measured(angle, 2),
            Cell::Number(tensor.angle_sd_deg, 2),
            Cell::Number(tensor.ternary_angle_mean_deg, 2),
            Cell::Share(tensor.ternary_zero_share),
            Cell::Number(tensor.two_bit_angle_mean_deg, 2),
            Cell::Number(tensor.excess_kurtosis, 2),
            Cell::Word(tensor.verdict.to_string()),
        ]);
    }
    sheet
}

/// What was not to be had.
pub fn problems(obstacles: &[Obstacle]) -> Sheet {
    let mut sheet = Sheet::new("problems", "What could not be measured", "")
        .words("layer", "layer")
        .words("analysis", "analysis")
        .words("what", "what stands in the way");
    for obstacle in obstacles {
        let layer = obstacle.layer.as_deref().unwrap_or("all");
        sheet.push([layer, obstacle.analysis, &obstacle.what].map(|word| Cell::Word(word.into())));
    }
    sheet
}

fn optional(number: Option<f64>, decimals: usize) -> Cell {
    Cell::Number(number.unwrap_or(f64::NAN), decimals)
}

fn share(number: Option<f64>) -> Cell {
    Cell::Share(number.unwrap_or(f64::NAN))
}

fn percent(found: Estimate) -> Estimate {
    Estimate {
        value: 100.0 * found.value,
        standard_error: 100.0 * found.standard_error,
        ..found
    }
}

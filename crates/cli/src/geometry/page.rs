//! An analysis as chapters of a report, in the paper's order.

use anyhow::Result;
use orthant_geometry::WeightGeometry;
use orthant_model::Network;
use orthant_report::{Check, Figure};

use super::analysis::{Analysis, Obstacle, is_ternary};
use super::extent::Extent;
use super::{checks, figures, sheets};
use crate::chapter::Chapter;
use crate::curves;
use crate::figures::grouped;
use crate::theory;

/// The chapters of a trained network.
pub fn chapters(found: &Analysis, network: &Network) -> Result<Vec<Chapter>> {
    let mut chapters = vec![
        layers(found, network),
        products(found)?,
        dynamics(found),
        first_layer(found),
        weights(found),
        training(found),
    ];
    chapters.extend(problems(&found.obstacles));
    Ok(chapters)
}

/// Random vectors, and the checks of what is claimed of them.
pub fn random_vectors(extent: &Extent, checks: Vec<Check>) -> Chapter {
    theory::chapter(extent.vectors.max(2), extent.seed).checks(checks)
}

/// The checks of a network.
pub fn layer_expectations(found: &Analysis, network: &Network) -> Chapter {
    Chapter::new("Expected and measured")
        .text(
            "Claims about any layer's own numbers are tests. Findings are about what training \
             brings forth: the paper's claims, which a small network need not share.",
        )
        .checks(checks::tests(found))
        .checks(checks::findings(found, network))
}

/// What was not to be had.
pub fn problems(obstacles: &[Obstacle]) -> Option<Chapter> {
    let chapter = Chapter::new("What could not be measured");
    (!obstacles.is_empty()).then(|| chapter.table(sheets::problems(obstacles)))
}

/// Angles of filters.
fn layers(found: &Analysis, network: &Network) -> Chapter {
    let layers: Vec<&WeightGeometry> = found.weights.iter().collect();
    let chapter = Chapter::new("Trained layers keep directions");
    if layers.is_empty() {
        return chapter.text("No layer of this network has quantized weights with an angle.");
    }
    let quantized = match is_ternary(network) {
        true => "ternary",
        false => "binarized",
    };
    chapter
        .figure(
            "angles",
            figures::angles(&layers),
            format!(
                "Angles between each filter's latent weights and their {quantized} form, a density \
                 for each layer; the line is the angle of Gaussian weights. Two random vectors \
                 would stand at 90°, so that every filter keeps its direction far better than \
                 chance."
            ),
        )
        .figure(
            "angle-spread",
            figures::spread(&layers, found.spread.as_ref()),
            "Standard deviation of those angles against the number of weights of a filter. Longer \
             filters lie closer to the limit, as d to the power −1/2 where weights are independent.",
        )
        .table(sheets::angles(&found.weights))
}

/// Dot-product proportionality.
fn products(found: &Analysis) -> Result<Chapter> {
    let layers = &found.products.layers;
    Ok(Chapter::new("Dot products stay proportional")
        .figure(
            "products",
            figures::products(layers)?,
            "Products with quantized weights against products with latent ones, over images, \
             positions and filters; colours count pairs logarithmically, the dashed line is the \
             regression, and in the hatched quadrants the sign is lost. Where r is high, quantized \
             weights do the latent ones' work.",
        )
        .figure(
            "correlations",
            figures::correlations(layers),
            "r of every layer beside what its angle and gain predict, and beside the same products \
             with the activations shuffled. Shuffling takes the gain away and leaves the cosine of \
             the angle, and what activations have in common as their mean.",
        )
        .table(sheets::products(&found.products))
        .figure(
            "products-shuffled",
            figures::permuted(layers)?,
            "The same pairs with every input's entries shuffled. What remains of r is the angle's \
             part; the rest came from how weights and activations belong together.",
        )
        .figure(
            "activations",
            figures::activations(layers)?,
            "Products of real activations against those of quantized ones, both with quantized \
             weights. Where r is high, quantizing activations changes the products little as well.",
        )
        .table(sheets::activations(layers)))
}

/// Learning dynamics.
fn dynamics(found: &Analysis) -> Chapter {
    let chapter = Chapter::new("What the latent weights are for");
    if found.accuracies.is_empty() && found.gradients.is_empty() {
        return chapter.text("Learning dynamics were not measured.");
    }
    chapter
        .figure(
            "latent-weights",
            figures::latent_weights(&found.accuracies),
            "Test accuracy with one layer's latent weights in place of the quantized ones, and with \
             all layers'. Where little changes, the latent weights are no artefact of training: \
             they are the vectors that the quantized ones stand for.",
        )
        .table(sheets::accuracies(&found.accuracies))
        .figure(
            "gradients",
            figures::agreement(&found.gradients),
            "Cosine between the gradients of the quantized network and of networks with real \
             numbers forward. Where it is far above that of shuffled gradients, the straight-through \
             estimate points where a network of real numbers would go.",
        )
        .table(sheets::gradients(&found.gradients))
}

/// The first layer.
fn first_layer(found: &Analysis) -> Chapter {
    let first = &found.first;
    let mut chapter = Chapter::new("The first layer is different");
    if let Some(spectrum) = &first.spectrum {
        chapter = chapter
            .text(format!(
                "Patches of the input lie along few directions: {:.1} % of their variance is in \
                 one, whose cosine to even brightness is {:.3}; they have {:.2} directions that \
                 matter, of {} (entries without correlation: {:.1}). {} patches of {} image(s).",
                100.0 * spectrum.leading_share.value,
                spectrum.leading_dc_cosine,
                spectrum.participation_ratio.value,
                first.d,
                spectrum.participation_ratio_null,
                grouped(spectrum.patches),
                first.images,
            ))
            .figure(
                "spectrum",
                figures::spectrum(spectrum),
                "Shares of the principal components of the first layer's patches. Products with \
                 filters that cancel the large components rest on the small ones.",
            );
    }
    chapter
        .figure(
            "first-layer-filters",
            figures::families(&first.families),
            "r of learned, random, brightness-free and whitened filters on the same patches, and on \
             entries without correlation. Filters that ignore the large components lose \
             proportionality, since their signs do not ignore them.",
        )
        .figure(
            "first-layer-repairs",
            figures::repairs(&first.repairs),
            "What repairs it. An exact mean, or a few exact principal components, bring r back for \
             the few operations that the table counts.",
        )
        .table(sheets::repairs(first))
}

/// Latent weights and how they would do at few bits.
fn weights(found: &Analysis) -> Chapter {
    let layers: Vec<&WeightGeometry> = found.weights.iter().collect();
    Chapter::new("Where the weights lie")
        .figure(
            "weights",
            figures::histograms(&layers),
            "Densities of latent weights on a logarithmic axis. Those near 0 are the ones whose \
             sign a step can turn; those at ±1 are held by the clipping.",
        )
        .table(sheets::weights(&found.weights))
        .text("How well every layer would keep its direction at few bits:")
        .table(sheets::binarizability(&found.keeps))
}

/// The run's epochs.
fn training(found: &Analysis) -> Chapter {
    let panels = curves::panels(&found.history);
    let figure = Figure::new("The run").with_columns(2);
    Chapter::new("Along training").figure(
        "training",
        panels.into_iter().fold(figure, Figure::with),
        "Loss, accuracy, the share of weights that change their quantized value in a step, and the \
         mean angle of each layer, epoch by epoch. Uniform initial weights start at 30°, and \
         training takes them towards the angle of Gaussian ones.",
    )
}

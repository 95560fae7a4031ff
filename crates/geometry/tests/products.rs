//! Products of whole networks equal plain loops in f64, whatever the layers' shapes.

mod networks;
mod plain;

use networks::{Seen, model, pixels, run, subject};
use orthant_geometry::{LayerProducts, Problem, ProductOptions, ProductReport, Products};
use orthant_train::Model;
use plain::{Plain, close};

const OPTIONS: ProductOptions = ProductOptions {
    seed: 5,
    images: 9,
    activations: true,
};

/// Runs images in batches of 5 through a model.
fn report(model: &Model, options: ProductOptions) -> (ProductReport, Vec<Seen>) {
    let subject = subject(model);
    let mut products = Products::new(&subject, options);
    let seen = run(model, &pixels(model, 9, 1), 5, &mut |tap| products.see(tap));
    (products.finish(), seen)
}

/// Pearson's r, slope, and share of opposite signs, by their definitions.
fn plain_statistics(pairs: &[[f64; 2]]) -> [f64; 3] {
    let n = pairs.len() as f64;
    let mean = |axis: usize| pairs.iter().map(|pair| pair[axis]).sum::<f64>() / n;
    let means = [mean(0), mean(1)];
    let moment = |a: usize, b: usize| {
        let terms = pairs
            .iter()
            .map(|pair| (pair[a] - means[a]) * (pair[b] - means[b]));
        terms.sum::<f64>() / n
    };
    // Sums of rounded pixels miss the 0 that sums of integers hit.
    let is_zero = |product: f64| product.abs() < 1e-6;
    let half = |pair: &[f64; 2]| match pair.iter().any(|product| is_zero(*product)) {
        true => 0.5,
        false => f64::from(u8::from(pair[0] * pair[1] < 0.0)),
    };
    let r = moment(0, 1) / (moment(0, 0) * moment(1, 1)).sqrt();
    let share = pairs.iter().map(half).sum::<f64>() / n;
    [r, moment(0, 1) / moment(0, 0), share]
}

#[test]
fn products_are_those_of_plain_loops() {
    for (at, text) in networks::NETWORKS.iter().enumerate() {
        let model = model(text, at as u64 + 1);
        let (report, seen) = report(&model, OPTIONS);
        for (index, layer) in report.layers.iter().enumerate() {
            let plain = Plain::new(&model, index, &seen);
            let Some(plain) = plain else {
                assert!(layer.weights.r.is_none() && !layer.problems.is_empty());
                continue;
            };
            let name = format!("network {at}, {}: {:?}", layer.name, layer.problems);
            let pairs = plain.pairs(&plain.input, |w, b| [b, w]);
            check(&name, &layer.weights, &pairs);
            check_filters(&name, layer, &plain);
            match &plain.z {
                None => assert!(layer.activations.is_none(), "{name}"),
                Some(z) => {
                    let found = layer.activations.as_ref().expect("there are activations");
                    let real = plain.pairs(z, |_, b| [b, b]);
                    let bits = plain.pairs(&plain.input, |_, b| [b, b]);
                    let pairs: Vec<[f64; 2]> =
                        real.iter().zip(&bits).map(|(x, y)| [x[0], y[1]]).collect();
                    check(&format!("{name}, activations"), &found.correlation, &pairs);
                }
            }
            let histogram = layer.histogram.as_ref().expect("there is one");
            assert_eq!(histogram.counts.iter().sum::<u64>(), pairs.len() as u64);
        }
    }
}

fn check(name: &str, found: &orthant_geometry::Correlation, pairs: &[[f64; 2]]) {
    assert_eq!(found.samples, pairs.len() as u64, "{name}");
    let [r, slope, share] = plain_statistics(pairs);
    let numbers = [found.r, found.slope, found.off_quadrant_share];
    for (found, expected) in numbers.into_iter().zip([r, slope, share]) {
        let found = found.expect("it is defined");
        assert!(close(found, expected, 2e-4), "{name}: {found} {expected}");
    }
    let [low, high] = [found.r_low, found.r_high].map(|end| end.expect("there are images"));
    assert!(low < r && r < high, "{name}: {low} {r} {high}");
}

/// `r = wᵀCb / √(wᵀCw · bᵀCb)` and `G = ŵᵀCŵ / (tr C / d)` with the covariance written out.
fn check_filters(name: &str, layer: &LayerProducts, plain: &Plain) {
    for (filter, found) in layer.per_filter.iter().enumerate() {
        let (w, b) = plain.filter(filter);
        let covariance = plain.covariance(filter);
        let form = |u: &[f64], v: &[f64]| {
            let rows = covariance.chunks_exact(v.len()).zip(u);
            rows.map(|(row, u)| u * row.iter().zip(v).map(|(c, v)| c * v).sum::<f64>())
                .sum::<f64>()
        };
        let r = form(&w, &b) / (form(&w, &w) * form(&b, &b)).sqrt();
        let trace: f64 = (0..w.len()).map(|at| covariance[at * w.len() + at]).sum();
        let norm: f64 = w.iter().map(|w| w * w).sum();
        let gain = form(&w, &w) / norm / (trace / w.len() as f64);
        assert!(
            close(found.r.expect("it varies"), r, 1e-5),
            "{name}: {found:?} {r}"
        );
        assert!(
            close(found.gain.expect("it varies"), gain, 1e-4),
            "{name}: {found:?} {gain}"
        );
    }
}

#[test]
fn threads_and_batches_do_not_change_a_bit() {
    let model = model(networks::NETWORKS[1], 3);
    let with = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        let (report, _) = pool.install(|| report(&model, OPTIONS));
        serde_json::to_string(&report).unwrap()
    };
    let one = with(1);
    assert!(one == with(2) && one == with(3));
    for key in [
        "name",
        "d",
        "filters",
        "r",
        "r_low",
        "r_high",
        "slope",
        "r_permuted",
        "r_predicted",
        "gain",
        "off_quadrant_share",
        "off_quadrant_expected",
        "samples",
        "images",
    ] {
        let report: serde_json::Value = serde_json::from_str(&one).unwrap();
        assert!(report["layers"][0].get(key).is_some(), "{key}");
    }
}

#[test]
fn shuffled_inputs_give_the_cosine_and_signs_differ_as_often_as_r_says() {
    let text = r#"layers = [
        { kind = "conv", outputs = 48 },
        { kind = "conv", outputs = 96, pool = 2 },
        { kind = "conv", outputs = 96 },
        { kind = "dense", outputs = 128 },
        { kind = "dense" },
    ]"#;
    let model = networks::model_of(text, [12, 12, 3], 4);
    let subject = subject(&model);
    let options = ProductOptions {
        images: 300,
        ..OPTIONS
    };
    let mut products = Products::new(&subject, options);
    run(&model, &pixels(&model, 300, 2), 50, &mut |tap| {
        products.see(tap)
    });
    for layer in &products.finish().layers[..4] {
        let [permuted, white] = [layer.r_permuted, layer.r_white].map(|r| r.expect("it varies"));
        assert!(
            (permuted - white).abs() < 0.02,
            "{}: {permuted} {white}",
            layer.name
        );
    }
}

#[test]
fn bad_layers_are_reported_and_the_others_go_on() {
    let good = model(networks::NETWORKS[0], 1);
    let mut bad = good.clone();
    bad.parameters[0].weight[3] = f32::NAN;
    bad.parameters[2].weight.truncate(5);
    let filter = bad.plans()[1].shape.expect("a convolution").filter_len();
    bad.parameters[1].weight[..filter].fill(0.0);
    let subject = subject(&bad);
    let options = ProductOptions {
        images: 100,
        ..OPTIONS
    };
    let mut products = Products::new(&subject, options);
    run(&good, &pixels(&good, 9, 1), 5, &mut |tap| {
        if tap.layer != 3 {
            products.see(tap);
        }
    });
    let report = products.finish();
    let problems: Vec<_> = report.layers.iter().map(|layer| &layer.problems).collect();
    let nan = Problem::NotFinite {
        what: "latent weights",
        count: 1,
    };
    assert!(problems[0].contains(&nan), "{problems:?}");
    assert!(
        problems[1].contains(&Problem::NoAngle { filters: 1 }),
        "{problems:?}"
    );
    assert!(
        problems[1].contains(&Problem::ZeroVariance { filters: 1 }),
        "{problems:?}"
    );
    assert!(problems[1].contains(&Problem::FewImages {
        expected: 100,
        found: 9
    }));
    assert!(report.layers[1].weights.r.is_some());
    assert!(
        matches!(problems[2][0], Problem::Latent { found: 5, .. }),
        "{problems:?}"
    );
    assert!(problems[3].contains(&Problem::NoTensor), "{problems:?}");
    assert!(
        problems[4].contains(&Problem::NoActivations),
        "{problems:?}"
    );
    assert!(report.layers[4].weights.r.is_some() && report.layers[4].activations.is_none());
    for problem in problems.into_iter().flatten() {
        let text = problem.to_string();
        assert!(!text.ends_with('.') && text.starts_with(|c: char| !c.is_uppercase()));
    }
}

#[test]
fn images_that_are_all_one_have_no_correlation() {
    let model = model(networks::NETWORKS[0], 1);
    let subject = subject(&model);
    let mut products = Products::new(&subject, OPTIONS);
    // A mid-grey pixel stands for numbers that no filter turns to variance but at the border.
    let text = r#"layers = [{ kind = "dense", outputs = 6 }, { kind = "dense" }]"#;
    let flat = networks::model(text, 2);
    let flat_subject = networks::subject(&flat);
    let mut flat_products = Products::new(&flat_subject, OPTIONS);
    let same = vec![77; 9 * networks::SHAPE.iter().product::<usize>()];
    run(&flat, &same, 5, &mut |tap| flat_products.see(tap));
    for layer in flat_products.finish().layers {
        // Filters differ, images do not.
        let filters = layer.filters;
        assert!(
            layer.problems.contains(&Problem::ZeroVariance { filters }),
            "{layer:?}"
        );
        assert!(
            layer
                .per_filter
                .iter()
                .all(|filter| filter.r.is_none() && filter.gain.is_none())
        );
        assert!(layer.r_predicted.is_none());
    }
    run(&model, &same[..same.len() / 9], 1, &mut |tap| {
        products.see(tap)
    });
    let layer = &products.finish().layers[0];
    assert!(layer.weights.r.is_some() && layer.weights.r_low.is_none());
    assert!(layer.problems.contains(&Problem::FewImages {
        expected: 9,
        found: 1
    }));
}

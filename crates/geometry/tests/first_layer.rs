//! The first layer's analysis on whole networks.

mod networks;

use networks::{model, pixels, run, subject};
use orthant_geometry::{FirstLayer, Problem, ProductOptions, Products};

#[test]
fn the_learned_filters_r_is_what_products_measure() {
    for (at, text) in networks::NETWORKS[..3].iter().enumerate() {
        let model = model(text, at as u64 + 1);
        let subject = subject(&model);
        let options = ProductOptions {
            seed: 1,
            images: 9,
            activations: false,
        };
        let mut products = Products::new(&subject, options);
        let mut first = FirstLayer::new(&subject, 1, 9);
        run(&model, &pixels(&model, 9, 3), 4, &mut |tap| {
            products.see(tap);
            first.see(tap);
        });
        let measured = &products.finish().layers[0];
        let report = first.finish();
        assert!(report.problems.is_empty(), "{:?}", report.problems);
        let learned = &report.families[0];
        assert_eq!(
            (learned.name, learned.filters),
            ("learned", measured.filters)
        );
        let pairs = [
            (learned.r, measured.weights.r),
            (learned.r_within_filters, measured.weights.r_within_filters),
            (learned.r_predicted, measured.r_predicted),
            (learned.gain, measured.gain),
            (learned.r_white, measured.r_white),
            (
                learned.r_standard_error_over_images,
                measured.weights.r_standard_error,
            ),
        ];
        for (found, expected) in pairs {
            let [found, expected] = [found, expected].map(|number| number.expect("it varies"));
            assert!(
                (found - expected).abs() < 2e-5,
                "network {at}: {found} {expected}"
            );
        }
        let plain = &report.repairs[0].repairs[0];
        assert_eq!((report.repairs[0].of, plain.r), ("learned", learned.r));
        // Ternary weights of the second network: zeros add nothing.
        let d = report.d as f64;
        assert_eq!(plain.operations.additions_per_output < d, at == 1);
    }
}

#[test]
fn threads_and_batches_do_not_change_a_bit() {
    let model = model(networks::NETWORKS[0], 1);
    let with = |threads: usize, batch: usize| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| {
            let subject = subject(&model);
            let mut first = FirstLayer::new(&subject, 1, 9);
            run(&model, &pixels(&model, 9, 3), batch, &mut |tap| {
                first.see(tap)
            });
            serde_json::to_string(&first.finish()).unwrap()
        })
    };
    let one = with(1, 9);
    assert!(one == with(2, 9) && one == with(3, 2));
}

#[test]
fn what_cannot_be_measured_is_said_and_the_rest_goes_on() {
    let good = model(networks::NETWORKS[0], 1);
    let mut bad = good.clone();
    bad.parameters[0].weight.clear();
    let bad_subject = subject(&bad);
    let mut first = FirstLayer::new(&bad_subject, 1, 20);
    run(&good, &pixels(&good, 9, 3), 4, &mut |tap| first.see(tap));
    let report = first.finish();
    assert!(matches!(
        report.problems[0],
        Problem::FewImages {
            expected: 20,
            found: 9
        }
    ));
    assert!(matches!(
        report.problems[1],
        Problem::Latent { found: 0, .. }
    ));
    assert!(report.spectrum.is_some() && report.families.iter().all(|f| f.name != "learned"));
    assert_eq!(report.repairs.len(), 1);

    let good_subject = subject(&good);
    let unseen = FirstLayer::new(&good_subject, 1, 0).finish();
    assert_eq!(unseen.problems, [Problem::NoTensor]);

    let dense = model(
        r#"layers = [{ kind = "dense", outputs = 6 }, { kind = "dense" }]"#,
        2,
    );
    let dense_subject = subject(&dense);
    let mut first = FirstLayer::new(&dense_subject, 1, 2);
    let same = vec![77; 3 * networks::SHAPE.iter().product::<usize>()];
    run(&dense, &same, 3, &mut |tap| first.see(tap));
    assert_eq!(first.finish().problems, [Problem::Constant]);

    let long = networks::model_of(
        r#"layers = [{ kind = "dense", outputs = 6 }, { kind = "dense" }]"#,
        [24, 24, 3],
        2,
    );
    let long_subject = subject(&long);
    let report = FirstLayer::new(&long_subject, 1, 2).finish();
    assert!(matches!(
        report.problems[0],
        Problem::LongFilter { found: 1728, .. }
    ));
}

//! How fast the products of the CIFAR-10 network are analysed, beside the machine's matrix product.
//!
//! ```console
//! cargo run --release -p orthant-geometry --example products [IMAGES [cifar10:PATH]]
//! ```

use std::time::Instant;

use orthant_bits::InputContract;
use orthant_data::{Dataset, Source};
use orthant_gemm::product;
use orthant_geometry::{FirstLayer, ProductOptions, Products, Subject, SubjectLayer};
use orthant_kernels::Kernels;
use orthant_train::{Evaluator, Model, Recipe};
use rayon::prelude::*;

/// Bytes of an image.
const IMAGE: usize = 32 * 32 * 3;

/// Images of a batch.
const BATCH: usize = 50;

/// Seconds that all threads have computed; on a machine with other work the clock shows more.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let numbers = stat
        .rsplit(')')
        .next()
        .unwrap_or_default()
        .split_whitespace();
    let ticks = numbers
        .skip(11)
        .take(2)
        .filter_map(|number| number.parse::<f64>().ok());
    ticks.sum::<f64>() / 100.0
}

/// Multiply-accumulates a second and thread of square products that fit the cache.
fn peak() -> f64 {
    let n = 512;
    let x: Vec<f32> = (0..n * n).map(|i| (i % 7) as f32 - 3.0).collect();
    let run = || {
        let start = cpu_seconds();
        (0..256)
            .into_par_iter()
            .for_each_init(|| vec![0.0; n * n], |y, _| product([n; 3], &x, &x, y));
        256.0 * (n * n * n) as f64 / (cpu_seconds() - start)
    };
    (0..3).map(|_| run()).fold(0.0, f64::max)
}

/// The most memory that the process has had, in MiB.
fn peak_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    number.unwrap_or(0) / 1024
}

/// Test images of a data set, or random ones.
fn pixels(images: usize) -> Result<Vec<u8>, Box<dyn std::error::Error>> {
    if let Some(source) = std::env::args().nth(2) {
        let source: Source = source.parse()?;
        let dataset = Dataset::open(&source)?;
        let pixels = dataset.test().pixels();
        return Ok(pixels[..(images * IMAGE).min(pixels.len())].to_vec());
    }
    let mut state = 1u64;
    let mut pixel = move || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (state >> 56) as u8
    };
    Ok((0..images * IMAGE).map(|_| pixel()).collect())
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let images = std::env::args()
        .nth(1)
        .map_or(Ok(500), |images| images.parse())?;
    let recipe = Recipe::find("binarynet-cifar10", &[])?;
    let contract = InputContract::uniform(2, 255, 255, 3);
    let (network, training) = recipe.network.network([32, 32, 3], contract, 10)?;
    let model = Model::new(network, training, 1)?;
    let layers = model.parameters.iter().map(|parameters| SubjectLayer {
        latent: &parameters.weight,
        norm: parameters.norm.as_ref(),
    });
    let subject = Subject::new(model.network(), layers.collect())?;
    let evaluator = Evaluator::new(Kernels::detect()?, &model)?;
    let pixels = pixels(images as usize)?;

    let before = peak();
    let start = Instant::now();
    for batch in pixels.chunks(BATCH * IMAGE) {
        evaluator.logits(batch.to_vec(), &mut |_| {})?;
    }
    let alone = start.elapsed().as_secs_f64();

    let options = ProductOptions {
        seed: 1,
        images,
        activations: true,
    };
    let mut products = Products::new(&subject, options);
    let mut first = FirstLayer::new(&subject, 1, images);
    let (start, start_cpu) = (Instant::now(), cpu_seconds());
    for batch in pixels.chunks(BATCH * IMAGE) {
        evaluator.logits(batch.to_vec(), &mut |tap| {
            products.see(&tap);
            first.see(&tap);
        })?;
    }
    let seen = start.elapsed().as_secs_f64();
    let report = products.finish();
    let first = first.finish();
    let seconds = start.elapsed().as_secs_f64();
    let cpu = cpu_seconds() - start_cpu;
    let limit = before.max(peak());

    let macs = subject.plans().iter().enumerate().map(|(layer, plan)| {
        let products = if layer == 0 { 1 } else { 2 };
        products * plan.macs() * images
    });
    let macs = macs.sum::<u64>() as f64;
    for layer in &report.layers {
        let activations = layer.activations.as_ref();
        println!(
            "{:8} d {:5} r {:.4} law {:.4} permuted {:.4} white {:.4} activations {:.4} {:?}",
            layer.name,
            layer.d,
            layer.weights.r.unwrap_or(f64::NAN),
            layer.r_predicted.unwrap_or(f64::NAN),
            layer.r_permuted.unwrap_or(f64::NAN),
            layer.r_white.unwrap_or(f64::NAN),
            activations
                .and_then(|found| found.correlation.r)
                .unwrap_or(f64::NAN),
            activations
                .and_then(|found| found.normal)
                .map(|normal| normal.r_predicted),
        );
    }
    if let Some(spectrum) = &first.spectrum {
        println!("shares {:.3?}", &spectrum.shares[..6]);
        println!("participation ratio {:?}", spectrum.participation_ratio);
        println!(
            "leading component and DC: {:.4}",
            spectrum.leading_dc_cosine
        );
    }
    for repair in first.repairs.iter().flat_map(|repaired| &repaired.repairs) {
        println!(
            "{:21} r {:?} {:?}",
            repair.name, repair.r, repair.operations
        );
    }
    for family in &first.families {
        println!(
            "{:21} r {:?} law {:?}",
            family.name, family.r, family.r_predicted
        );
    }
    println!("{images} images, {} threads", rayon::current_num_threads());
    println!("evaluation alone      {alone:.2} s");
    println!(
        "with all products     {seconds:.2} s, {:.2} s of them at the end",
        seconds - seen
    );
    println!("of all threads        {cpu:.2} s");
    println!(
        "float products        {:.1} G multiply-accumulates",
        macs / 1e9
    );
    println!("matrix product's peak {:.1} G/s a thread", limit / 1e9);
    println!("share of the peak     {:.2}", macs / cpu / limit);
    println!("peak memory           {} MiB", peak_mib());
    Ok(())
}

use orthant_bits::{Border, ConvShape, InputContract};
use orthant_model::Columns;

use super::*;
use crate::products::PairSums;
use crate::random::{Purpose, Stream};

/// Smooth random images, `[images, 8, 8, 3]`.
fn pixels(images: usize) -> Vec<u8> {
    let mut stream = Stream::of(5, Purpose::Filters, 9, 0);
    let mut pixels = Vec::new();
    for _ in 0..images {
        let level = 127.0 + 60.0 * stream.normal();
        let slopes = [stream.normal(), stream.normal()];
        for at in 0..64 {
            let [y, x] = [at / 8, at % 8].map(|place| place as f64 - 3.5);
            let gray = level + 8.0 * (slopes[0] * x + slopes[1] * y);
            for _ in 0..3 {
                pixels.push((gray + 6.0 * stream.normal()).clamp(0.0, 255.0) as u8);
            }
        }
    }
    pixels
}

fn shape() -> ConvShape {
    ConvShape {
        stride: [2, 1],
        border: Border::PlusOne,
        ..ConvShape::new([8, 8, 3], 4, [3, 3])
    }
}

/// All patches as rows of reals.
fn patches(pixels: &[u8], shape: ConvShape, contract: &InputContract) -> Vec<f32> {
    let gather = Patches::new(shape, contract);
    let [height, width] = gather.output();
    let positions = pixels.len() / 192 * height * width;
    let mut out = vec![0.0; positions * shape.filter_len()];
    let input = LayerInput::Packed(Input::Pixels(pixels));
    gather.gather(input, 0..positions, &Columns::all(&shape, 0), &mut out);
    out
}

fn sums(pixels: &[u8], shape: ConvShape, contract: &InputContract, batch: usize) -> PatchSums {
    let mut sums = PatchSums::new(shape, contract);
    for pixels in pixels.chunks(192 * batch) {
        sums.see(pixels, &Patches::new(shape, contract), contract);
    }
    sums
}

#[test]
fn moments_are_those_of_the_patches_and_do_not_depend_on_batches() {
    let pixels = pixels(7);
    // The second contract's products leave f64's exact integers after a few patches.
    for (a, b, unit) in [(2, 255, 255), (60_000, 7_000_000, 1_000_000)] {
        let contract = InputContract::uniform(a, b, unit, 3);
        let shape = shape();
        let found = sums(&pixels, shape, &contract, 7).total();
        let again = sums(&pixels, shape, &contract, 2).total();
        let d = shape.filter_len();
        let rows = patches(&pixels, shape, &contract);
        let n = (rows.len() / d) as f64;
        let mean = |i: usize| {
            rows.iter()
                .skip(i)
                .step_by(d)
                .map(|a| f64::from(*a))
                .sum::<f64>()
                / n
        };
        let means: Vec<f64> = (0..d).map(mean).collect();
        for i in 0..d {
            for j in 0..d {
                assert!(found.covariance()[(i, j)] == again.covariance()[(i, j)]);
                let terms = rows
                    .chunks_exact(d)
                    .map(|row| (f64::from(row[i]) - means[i]) * (f64::from(row[j]) - means[j]));
                let expected = terms.sum::<f64>() / n;
                let found = found.covariance()[(i, j)];
                assert!(
                    (found - expected).abs() < 1e-5 * expected.abs().max(1.0),
                    "{i} {j}"
                );
            }
        }
    }
}

#[test]
fn what_follows_from_moments_is_what_products_measure() {
    let pixels = pixels(40);
    let contract = InputContract::uniform(2, 255, 255, 3);
    let shape = shape();
    let sums = sums(&pixels, shape, &contract, 40);
    let moments = sums.moments();
    let eigen = Eigen::new(&sums.total().covariance()).expect("it converges");
    let rows = patches(&pixels, shape, &contract);
    let d = shape.filter_len();
    let direct = |v: &Mat<f64>, w: &Mat<f64>| {
        let mut total = PairSums::default();
        for row in rows.chunks_exact(d) {
            for filter in 0..w.nrows() {
                let dot = |of: &Mat<f64>| -> f64 {
                    row.iter()
                        .enumerate()
                        .map(|(at, a)| f64::from(*a) * of[(filter, at)])
                        .sum()
                };
                let [x, y] = [dot(v), dot(w)];
                total.merge(&PairSums {
                    pairs: 1,
                    sums: [x, y, x * x, y * y, x * y],
                    ..PairSums::default()
                });
            }
        }
        total.r().expect("it varies")
    };
    for (name, latent) in families::drawn(1, &eigen, 20) {
        let bits = Binarizer::Sign.matrix(&latent);
        let family = families::family(name, &moments, &latent, &bits);
        let r = family.r.expect("it varies");
        assert!((r - direct(&bits, &latent)).abs() < 1e-5, "{name} {r}");
        assert!(family.r_standard_error_over_images.is_some());
    }
    let (_, latent) = families::drawn(1, &eigen, 20).swap_remove(0);
    let bits = Binarizer::Sign.matrix(&latent);
    let repairs = repairs::repairs(1, &moments, &eigen, &latent, bits.clone());
    assert!((repairs[0].r.expect("it varies") - direct(&bits, &latent)).abs() < 1e-5);
    let random = rotation::binarized(&latent, &rotation::random(1, d));
    assert_eq!(repairs[1].name, "rotation-random");
    assert!((repairs[1].r.expect("it varies") - direct(&random, &latent)).abs() < 1e-5);
}

#[test]
fn smooth_images_have_few_directions_and_filters_without_dc_a_low_r() {
    let contract = InputContract::uniform(2, 255, 255, 3);
    let shape = ConvShape::new([8, 8, 3], 4, [3, 3]);
    let sums = sums(&pixels(200), shape, &contract, 50);
    let total = sums.total();
    let eigen = Eigen::new(&total.covariance()).expect("it converges");
    let spectrum = spectrum::report(&sums, &total, &eigen);
    assert!((spectrum.shares.iter().sum::<f64>() - 1.0).abs() < 1e-9);
    assert!(spectrum.eigenvalues.is_sorted_by(|a, b| a >= b));
    assert!(spectrum.leading_share.value > 0.5 && spectrum.leading_dc_cosine > 0.95);
    assert!(
        spectrum.participation_ratio.value < 4.0,
        "{:?}",
        spectrum.participation_ratio
    );
    assert!(spectrum.participation_ratio.standard_error > 0.0);
    let moments = sums.moments();
    let families = families::drawn(1, &eigen, DRAWN);
    let family = |wanted: &str| {
        let (name, latent) = families
            .iter()
            .find(|(name, _)| *name == wanted)
            .expect("it is one");
        let bits = Binarizer::Sign.matrix(latent);
        (
            families::family(name, &moments, latent, &bits),
            latent,
            bits,
        )
    };
    // Any covariance: r of random filters is the cosine, whose expected value at 27 is 0.805.
    let random = family("random").0;
    let tolerance = 4.0
        * random
            .r_standard_error_over_filters
            .expect("there are filters")
        + 0.01;
    assert!(
        (random.r.expect("it varies") - 0.805).abs() < tolerance,
        "{random:?}"
    );
    let (low, latent, bits) = family("dc-free");
    assert!(
        low.r.expect("it varies") < 0.6 && low.r_white.expect("it is") > 0.78,
        "{low:?}"
    );
    assert!(family("low-pass").0.r.expect("it varies") > 0.9);
    for name in ["random", "dc-free", "without-3-components", "low-pass"] {
        let found = family(name).0;
        let [r, law] = [found.r, found.r_predicted].map(|r| r.expect("it varies"));
        assert!((r - law).abs() < 0.04, "{found:?}");
    }
    let repairs = repairs::repairs(1, &moments, &eigen, latent, bits);
    let r = |wanted: &str| {
        let repair = repairs
            .iter()
            .find(|repair| repair.name == wanted)
            .expect("it is one");
        repair.r.expect("it varies")
    };
    assert!(r("exact-dc") > r("plain") + 0.1);
    assert!(r("exact-components-4") > r("exact-components-1"));
    assert!(r("binaries-3") > r("binaries-2") && r("binaries-2") > r("plain"));
    let angle = |wanted: &str| {
        let repair = repairs
            .iter()
            .find(|repair| repair.name == wanted)
            .expect("it is one");
        repair.angle_deg.value
    };
    assert!(angle("ternary") < angle("plain") - 5.0);
    assert!(angle("rotation-learned") < angle("rotation-random") - 2.0);
}

#[test]
fn powers_and_rotations_are_what_they_say() {
    let contract = InputContract::uniform(2, 255, 255, 3);
    let covariance = sums(&pixels(30), shape(), &contract, 30)
        .total()
        .covariance();
    let eigen = Eigen::new(&covariance).expect("it converges");
    let white = &(&eigen.power(-0.5) * &covariance) * &eigen.power(-0.5);
    let random = rotation::random(3, 27);
    let identity = &random * random.transpose();
    for of in [&white, &identity] {
        for row in 0..27 {
            for column in 0..27 {
                let expected = f64::from(u8::from(row == column));
                assert!(
                    (of[(row, column)] - expected).abs() < 1e-8,
                    "{row} {column}"
                );
            }
        }
    }
}

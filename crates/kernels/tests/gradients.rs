//! Products of rounded gradients with bits equal the oracle; rounding keeps the mean.

use orthant_bits::{Border, ConvShape, Padding};
use orthant_kernels::oracle::{Case, Data, Kind, Random, check_gradients};
use orthant_kernels::{
    BitQuads, Error, GradientTable, Input, InputGradient, Kernels, Rounding, WeightGradient,
    Weights,
};
use proptest::prelude::*;

fn assert_case(case: &Case) {
    for kernels in Kernels::available() {
        match check_gradients(&kernels, case) {
            Ok(compared) => assert!(compared > 0, "{case:?} compared nothing"),
            Err(difference) => panic!("{}: {difference}", kernels.isa()),
        }
    }
}

fn case(shape: ConvShape, batch: usize, data: Data) -> Case {
    Case {
        shape,
        pool: None,
        batch,
        kind: Kind::Binary,
        data,
        seed: 5,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn random_layers_equal_the_oracle(seed in any::<u64>()) {
        assert_case(&Case::random(&mut Random::new(seed)));
    }
}

#[test]
fn the_largest_gradients_overflow_no_counter() {
    // 11 quads fill a byte and 128 flushes 16 bits: 5632 gradients; a chunk is 512 positions.
    for outputs in [43, 44, 45, 5631, 5632, 5633, 12_000] {
        assert_case(&case(ConvShape::dense(33, outputs), 2, Data::Extreme));
    }
    for batch in [511, 512, 513, 1500] {
        assert_case(&case(ConvShape::dense(70, 3), batch, Data::Extreme));
    }
}

#[test]
fn more_taps_than_a_look_up_takes_equal_the_oracle() {
    // 32 taps a look-up, and 32 columns that count what lies inside.
    for kernel in [[4, 8], [5, 7], [3, 11], [8, 8]] {
        for border in [Border::Zero, Border::PlusOne, Border::MinusOne] {
            let shape = ConvShape {
                border,
                ..ConvShape::new([9, 12, 5], 6, kernel)
            };
            assert_case(&case(shape, 1, Data::Random));
        }
    }
}

#[test]
fn rounding_keeps_the_mean() {
    let values: Vec<f32> = (0..257).map(|at| at as f32 / 128.0 - 1.0).collect();
    let n = 4000;
    for kernels in Kernels::available() {
        let mut sums = vec![0i64; values.len()];
        for key in 0..n {
            let key = key * 0x9e37_79b9_7f4a_7c15;
            let mut rounded = vec![0; values.len()];
            let rounding = Rounding { key, first: 0 };
            kernels
                .round_gradients(&rounding, &[3.7], &values, &mut rounded)
                .unwrap();
            for (sum, rounded) in sums.iter_mut().zip(rounded) {
                *sum += i64::from(rounded);
            }
        }
        let mut squares = 0.0;
        for (value, sum) in values.iter().zip(sums) {
            let exact = f64::from(value * 3.7);
            let variance = (exact - exact.floor()) * (exact.ceil() - exact) / n as f64;
            let error = sum as f64 / n as f64 - exact;
            assert!(
                error.abs() <= 5.0 * variance.sqrt() + 1.6e-5,
                "{value}: {error}"
            );
            squares += if variance > 0.0 {
                error * error / variance
            } else {
                1.0
            };
        }
        // A chi-square of 257 degrees: 257 ± 4 · 22.7.
        assert!((squares - 257.0).abs() < 91.0, "{squares}");
    }
}

#[test]
fn what_is_no_number_becomes_0_and_is_seen_in_the_magnitude() {
    let values = [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, -2.0];
    for kernels in Kernels::available() {
        let mut rounded = [1; 4];
        let rounding = Rounding { key: 1, first: 0 };
        kernels
            .round_gradients(&rounding, &[1.0; 4], &values, &mut rounded)
            .unwrap();
        assert_eq!(rounded, [0, 127, -127, -2]);
        let mut largest = [0; 4];
        kernels.largest_magnitudes(&values, &mut largest).unwrap();
        let largest = largest.map(f32::from_bits);
        assert!(largest[0].is_nan() && largest[1] == f32::INFINITY && largest[3] == 2.0);
    }
}

#[test]
fn bad_lengths_and_ranges_are_refused() {
    let kernels = Kernels::detect().unwrap();
    let text = |result: Result<(), Error>| result.expect_err("the data is bad").to_string();
    let rounding = Rounding { key: 0, first: 0 };
    assert_eq!(
        text(kernels.round_gradients(&rounding, &[1.0; 3], &[0.0; 4], &mut [0; 4])),
        "gradients has 4 elements, expected 3"
    );
    assert_eq!(
        text(kernels.round_gradients(&rounding, &[1.0; 2], &[0.0; 4], &mut [0; 3])),
        "rounded gradients has 3 elements, expected 4"
    );
    assert_eq!(
        text(kernels.largest_magnitudes(&[0.0; 4], &mut [])),
        "the length of a row is 0, expected at least 1"
    );

    let shape = ConvShape::new([2, 2, 70], 5, [1, 1]);
    let words = vec![0; 10];
    let mut weights = vec![BitQuads::ZERO; InputGradient::weights_len(&shape, false).unwrap()];
    let refused = kernels.prepare_input_gradient(&shape, &Weights::Binary(&[0; 9]), &mut weights);
    assert_eq!(
        text(refused),
        "weights, in words, has 9 elements, expected 10"
    );
    let canonical = Weights::Binary(&words);
    let refused = kernels.prepare_input_gradient(&shape, &canonical, &mut weights[1..]);
    assert_eq!(text(refused), "prepared weights has 3 elements, expected 4");
    kernels
        .prepare_input_gradient(&shape, &canonical, &mut weights)
        .unwrap();

    let gradients = [1; 20];
    let job = InputGradient {
        shape,
        weights: &weights,
        gradients: &gradients,
        steps: &[1.0],
    };
    let run = |job: InputGradient, [tables, magnitudes, dx]: [usize; 3]| {
        let mut tables = vec![GradientTable::ZERO; tables];
        let (mut magnitudes, mut dx) = (vec![0; magnitudes], vec![0.0; dx]);
        kernels.input_gradient(&job, &mut tables, &mut magnitudes, &mut dx)
    };
    run(job, [8, 4, 280]).unwrap();
    assert_eq!(
        text(run(job, [7, 4, 280])),
        "scratch has 7 words, expected at least 8"
    );
    assert_eq!(
        text(run(job, [8, 3, 280])),
        "scratch has 3 words, expected at least 4"
    );
    assert_eq!(
        text(run(job, [8, 4, 281])),
        "input's gradient has 281 elements, expected 280"
    );
    let steps = InputGradient {
        steps: &[1.0; 2],
        ..job
    };
    assert_eq!(
        text(run(steps, [16, 8, 560])),
        "gradients has 20 elements, expected 40"
    );
    let other = InputGradient {
        weights: &weights[1..],
        ..job
    };
    assert_eq!(
        text(run(other, [8, 4, 280])),
        "prepared weights has 3 elements, expected 4"
    );

    let input = vec![0; 8];
    let job = WeightGradient {
        shape,
        input: Input::Binary(&input),
        batch: 1,
        gradients: &gradients,
    };
    let [tables, index] = job.columns().scratch_len();
    let run = |job: WeightGradient, outputs: core::ops::Range<usize>, end: usize, sums: usize| {
        let mut tables = vec![GradientTable::ZERO; tables];
        let mut index = vec![BitQuads::ZERO; index];
        let mut sums = vec![[0; 64]; sums];
        kernels.weight_gradient(&job, outputs, 0..end, &mut tables, &mut index, &mut sums)
    };
    run(job, 0..5, 4, 10).unwrap();
    assert_eq!(
        text(run(job, 0..5, 4, 9)),
        "sums has 9 elements, expected 10"
    );
    assert_eq!(
        text(run(job, 0..6, 4, 12)),
        "output rows 0..6 do not lie in 0..5"
    );
    assert_eq!(
        text(run(job, 0..5, 5, 10)),
        "output rows 0..5 do not lie in 0..4"
    );
    let groups = WeightGradient {
        shape: ConvShape { groups: 5, ..shape },
        ..job
    };
    assert_eq!(
        text(run(groups, 0..2, 4, 2)),
        "output rows 0..2 do not lie in 0..1"
    );
    let pixels = WeightGradient {
        input: Input::Pixels(&[0; 280]),
        ..job
    };
    assert_eq!(
        text(run(pixels, 0..5, 4, 10)),
        "the input is pixels, expected binary, the kind that the layer is for"
    );
    let impossible = ConvShape {
        padding: Padding::Valid,
        ..ConvShape::new([2, 2, 70], 5, [3, 3])
    };
    assert!(InputGradient::scratch_len(&impossible, 1).is_err());
}

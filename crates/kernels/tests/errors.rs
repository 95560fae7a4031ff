//! A caller's bad data gives an error that names what was expected and found; nothing panics.

use std::ops::Range;

use orthant_bits::{
    Border, ConvShape, InputContract, Padding, PoolShape, TernaryThresholds, Threshold, Thresholds,
};
use orthant_kernels::{
    Conv, Error, FloatConv, Input, Inputs, Isa, Kernels, Layer, Output, Pool, Weights,
};

fn kernels() -> Kernels {
    Kernels::detect().expect("ORTHANT_ISA names an instruction set of this CPU")
}

fn layer<'a>(shape: ConvShape, words: &'a [u64]) -> Layer<'a> {
    Layer {
        shape,
        inputs: Inputs::Binary,
        weights: Weights::Binary(words),
    }
}

/// Prepared weights of a 3 x 3 convolution of 8 x 8 pixels, 70 channels to 5.
fn prepared(kernels: &Kernels) -> (ConvShape, Vec<u64>) {
    let shape = ConvShape::new([8, 8, 70], 5, [3, 3]);
    let words = vec![1; 5 * 9 * 2];
    let mut out = vec![0; kernels.prepared_len(&layer(shape, &words)).unwrap()];
    kernels.prepare(&layer(shape, &words), &mut out).unwrap();
    (shape, out)
}

fn message<T: std::fmt::Debug>(result: Result<T, Error>) -> String {
    result.expect_err("the data is bad").to_string()
}

#[test]
fn impossible_shapes_are_refused_everywhere() {
    let kernels = kernels();
    let good = ConvShape::new([8, 8, 64], 4, [3, 3]);
    let bad = [
        (
            ConvShape {
                stride: [0, 1],
                ..good
            },
            "the stride is 0, expected at least 1",
        ),
        (
            ConvShape {
                dilation: [1, 0],
                ..good
            },
            "the dilation is 0, expected at least 1",
        ),
        (
            ConvShape { outputs: 0, ..good },
            "the number of outputs is 0, expected at least 1",
        ),
        (
            ConvShape { height: 0, ..good },
            "the input's height is 0, expected at least 1",
        ),
        (
            ConvShape {
                kernel: [3, 0],
                ..good
            },
            "the kernel's width is 0, expected at least 1",
        ),
        (
            ConvShape { groups: 3, ..good },
            "3 groups do not divide 64 input channels",
        ),
        (
            ConvShape {
                padding: Padding::Valid,
                kernel: [9, 1],
                ..good
            },
            "the kernel's height is 9 with its dilation, expected at most 8, the padded input's",
        ),
        (
            ConvShape {
                height: usize::MAX / 2,
                width: 8,
                ..good
            },
            "convolution is too large for this machine's memory",
        ),
        (
            ConvShape {
                kernel: [usize::MAX, 1],
                dilation: [2, 1],
                ..good
            },
            "convolution is too large for this machine's memory",
        ),
    ];
    for (shape, expected) in bad {
        assert_eq!(message(kernels.prepared_len(&layer(shape, &[]))), expected);
        let conv = Conv {
            shape,
            pool: None,
            input: Input::Binary(&[]),
            batch: 1,
            weights: &[],
        };
        assert_eq!(
            message(kernels.conv2d(&conv, 0..1, Output::I32(&mut []), &mut [])),
            expected
        );
        let conv = FloatConv {
            shape,
            batch: 1,
            input: &[],
            weights: &[],
        };
        assert_eq!(
            message(kernels.conv2d_f32(&conv, &mut [], &mut [])),
            expected
        );
    }
}

#[test]
fn wrong_lengths_name_what_is_wrong() {
    let kernels = kernels();
    let (shape, weights) = prepared(&kernels);
    let input = vec![0; 2 * 64 * 2];
    let conv = Conv {
        shape,
        pool: None,
        input: Input::Binary(&input),
        batch: 2,
        weights: &weights,
    };
    let thresholds = Thresholds::new(
        &[Threshold {
            at: 0,
            invert: false,
        }; 5],
    );
    let run = |conv: &Conv, rows: Range<usize>, output: Output<'_>| {
        kernels.conv2d(conv, rows, output, &mut [])
    };
    assert_eq!(
        run(&conv, 0..16, Output::I32(&mut vec![0; 16 * 8 * 5])),
        Ok(())
    );

    let short = Conv {
        input: Input::Binary(&input[1..]),
        ..conv
    };
    assert_eq!(
        message(run(&short, 0..16, Output::I32(&mut []))),
        "binary input, in words, has 255 elements, expected 256"
    );
    assert_eq!(
        message(run(&conv, 0..16, Output::I32(&mut [0; 7]))),
        "sums has 7 elements, expected 640"
    );
    assert_eq!(
        message(run(&conv, 3..17, Output::I32(&mut []))),
        "output rows 3..17 do not lie in 0..16"
    );
    let output = Output::Bits {
        thresholds: &thresholds,
        words: &mut [0; 9],
    };
    assert_eq!(
        message(run(&conv, 0..1, output)),
        "output bits, in words, has 9 elements, expected 8"
    );
    let few = Thresholds::new(&[]);
    let output = Output::Bits {
        thresholds: &few,
        words: &mut [0; 8],
    };
    assert_eq!(
        message(run(&conv, 0..1, output)),
        "thresholds has 0 elements, expected 5"
    );
    let few = TernaryThresholds::new(&[]).unwrap();
    let output = Output::Ternary {
        thresholds: &few,
        sign: &mut [0; 8],
        nonzero: &mut [0; 8],
    };
    assert_eq!(
        message(run(&conv, 0..1, output)),
        "thresholds has 0 elements, expected 5"
    );
    let pool = Some(PoolShape {
        window: [9, 1],
        stride: [1, 1],
    });
    assert_eq!(
        message(run(&Conv { pool, ..conv }, 0..1, Output::I32(&mut []))),
        "the pool's window has height 9, expected at most 8, the input's"
    );
    assert_eq!(
        message(kernels.prepared_len(&layer(shape, &[0; 89]))),
        "weights, in words, has 89 elements, expected 90"
    );
    assert_eq!(
        message(kernels.prepare(&layer(shape, &[0; 90]), &mut [0; 3])),
        format!(
            "buffer of prepared weights, in words, has 3 elements, expected {}",
            weights.len()
        )
    );
    assert_eq!(
        message(kernels.mismatches(&[1], &[])),
        "second row, in words, has 0 elements, expected 1"
    );
    assert!(kernels.ternary_dot([&[1], &[1]], [&[1], &[]]).is_err());
    assert!(kernels.pack_signs(0, &[1.0], &mut [0]).is_err());
    assert!(kernels.pack_signs(3, &[1.0; 4], &mut [0; 2]).is_err());
    assert!(kernels.pack_signs(3, &[1.0; 3], &mut []).is_err());
    assert!(kernels.affine(&[1.0], &[], &mut [1.0]).is_err());
    assert!(kernels.affine(&[1.0; 2], &[1.0; 2], &mut [1.0; 3]).is_err());
    assert!(kernels.affine(&[], &[], &mut []).is_err());
    assert!(kernels.add(&[1.0], &mut []).is_err());
    assert!(kernels.mean_pool(&[], &mut [0.0]).is_err());
    assert!(kernels.dense_f32(0, &[], &[], &mut []).is_err());
    assert!(
        kernels
            .dense_f32(2, &[1.0; 2], &[1.0; 4], &mut [0.0])
            .is_err()
    );
}

#[test]
fn only_weights_prepared_for_this_set_and_shape_are_taken() {
    let kernels = kernels();
    let (shape, weights) = prepared(&kernels);
    let input = vec![0; 64 * 2];
    let conv = Conv {
        shape,
        pool: None,
        input: Input::Binary(&input),
        batch: 1,
        weights: &weights,
    };
    let run = |conv: &Conv| {
        let mut out = vec![0; 64 * conv.shape.outputs];
        message(kernels.conv2d(conv, 0..8, Output::I32(&mut out), &mut []))
    };
    assert_eq!(
        run(&Conv {
            weights: &[],
            ..conv
        }),
        "the buffer does not hold prepared weights; call `prepare` on it first"
    );
    let plus = ConvShape {
        border: Border::PlusOne,
        ..shape
    };
    assert_eq!(
        run(&Conv {
            shape: plus,
            ..conv
        }),
        "the weights were prepared for border zero, expected plus-one"
    );
    assert_eq!(
        run(&Conv {
            shape: ConvShape {
                outputs: 6,
                ..shape
            },
            ..conv
        }),
        "the weights were prepared for outputs 5, expected 6"
    );
    let (sign, nonzero) = (&input[..], &input[..]);
    assert_eq!(
        run(&Conv {
            input: Input::Ternary { sign, nonzero },
            ..conv
        }),
        "the input is ternary, expected binary, the kind that the layer is for"
    );
    let truncated = run(&Conv {
        weights: &weights[..weights.len() - 1],
        ..conv
    });
    assert!(
        truncated.starts_with("prepared weights, in words,"),
        "{truncated}"
    );
    // A header cut out of its buffer, and one whose every word is spoilt in turn.
    assert!(
        run(&Conv {
            weights: &weights[..8],
            ..conv
        })
        .contains("expected")
    );
    for (word, bit) in (0..8).flat_map(|word| [(word, 0), (word, 33)]) {
        let mut spoilt = weights.clone();
        spoilt[word] ^= 1 << bit;
        let mut out = vec![0; 64 * 5];
        let conv = Conv {
            weights: &spoilt,
            ..conv
        };
        let result = kernels.conv2d(&conv, 0..8, Output::I32(&mut out), &mut []);
        // Word 2 holds the range of the sums and the input contract, which nothing reads here.
        assert_eq!(
            result.is_err(),
            word != 2,
            "word {word}, bit {bit}: {result:?}"
        );
    }
    for other in Kernels::available().filter(|other| other.isa() != kernels.isa()) {
        let (_, weights) = prepared(&other);
        let (expected, found) = (kernels.isa(), other.isa());
        let error = format!(
            "the weights were prepared for {found}, expected {expected}; \
             prepare them again on this CPU"
        );
        assert_eq!(
            run(&Conv {
                weights: &weights,
                ..conv
            }),
            error
        );
    }
}

#[test]
fn a_forged_kernel_reads_nothing_out_of_bounds() {
    // The product of these extents is 2^58 + 1, which times 64 outputs wraps to 64.
    let kernels = kernels();
    let (height, width) = ((1 << 29) - (1 << 15) + 1, (1 << 29) + (1 << 15) + 1);
    let small = ConvShape::dense(1, 1);
    let mut weights = vec![0; kernels.prepared_len(&layer(small, &[1])).unwrap()];
    kernels.prepare(&layer(small, &[1]), &mut weights).unwrap();
    weights[6] = (height as u64) << 32 | width as u64;
    let padding = Padding::Explicit {
        top: height - 1,
        bottom: 0,
        left: 1 << 28,
        right: width,
    };
    let shape = ConvShape {
        kernel: [height, width],
        padding,
        ..small
    };
    let conv = Conv {
        shape,
        pool: None,
        input: Input::Binary(&[1]),
        batch: 1,
        weights: &weights,
    };
    assert!(
        kernels
            .conv2d(&conv, 0..1, Output::I32(&mut [0]), &mut [])
            .is_err()
    );
    let pixels = Conv {
        input: Input::Pixels(&[1]),
        ..conv
    };
    assert!(pixels.scratch_len().is_err());
}

#[test]
fn padding_bits_of_weights_are_refused() {
    let kernels = kernels();
    let error = message(kernels.prepared_len(&layer(ConvShape::dense(3, 2), &[0b111, 0b1001])));
    assert_eq!(
        error,
        "row 1 has a 1 among its padding bits, expected zeros"
    );
}

#[test]
fn tampered_weights_of_pixels_give_wrong_sums_and_no_panic() {
    let kernels = kernels();
    let shape = ConvShape::dense(40_000, 1);
    let contract = InputContract::uniform(1, 0, 1, 40_000);
    let canonical = vec![0; 625];
    let weights = Weights::Binary(&canonical);
    let layer = Layer {
        shape,
        inputs: Inputs::Pixels(&contract),
        weights,
    };
    let mut prepared = vec![0; kernels.prepared_len(&layer).unwrap()];
    kernels.prepare(&layer, &mut prepared).unwrap();
    prepared[8..].fill(u64::MAX);
    let pixels = vec![255; 40_000];
    let input = Input::Pixels(&pixels);
    let conv = Conv {
        shape,
        pool: None,
        input,
        batch: 1,
        weights: &prepared,
    };
    let mut scratch = vec![0; conv.scratch_len().unwrap()];
    assert_eq!(
        kernels.conv2d(&conv, 0..1, Output::I32(&mut [0]), &mut scratch),
        Ok(())
    );
}

#[test]
fn sixteen_bits_are_given_where_the_contract_s_sums_fit() {
    // CIFAR-10's 2p − 255 over 5 x 5 x 3: at most 19,125, though 2p and 255 alone would be more.
    let kernels = kernels();
    let contract = InputContract::uniform(2, 255, 255, 3);
    for (side, fits) in [(5, true), (7, false)] {
        let shape = ConvShape::new([8, 8, 3], 1, [side; 2]);
        let canonical = vec![0; orthant_bits::words_for(side * side * 3)];
        let weights = Weights::Binary(&canonical);
        let layer = Layer {
            shape,
            inputs: Inputs::Pixels(&contract),
            weights,
        };
        let mut prepared = vec![0; kernels.prepared_len(&layer).unwrap()];
        kernels.prepare(&layer, &mut prepared).unwrap();
        let input = Input::Pixels(&[255; 192]);
        let conv = Conv {
            shape,
            pool: None,
            input,
            batch: 1,
            weights: &prepared,
        };
        let mut scratch = vec![0; conv.scratch_len().unwrap()];
        let mut sums = [0; 64];
        let result = kernels.conv2d(&conv, 0..8, Output::I16(&mut sums), &mut scratch);
        assert_eq!(result.is_ok(), fits, "{result:?}");
        assert_eq!(sums.contains(&-19_125), fits);
    }
}

#[test]
fn short_scratch_is_refused() {
    let kernels = kernels();
    let shape = ConvShape {
        groups: 2,
        ..ConvShape::new([2, 2, 4], 2, [1, 1])
    };
    let words = [1, 2];
    let mut weights = vec![0; kernels.prepared_len(&layer(shape, &words)).unwrap()];
    kernels
        .prepare(&layer(shape, &words), &mut weights)
        .unwrap();
    let input = Input::Binary(&[0; 4]);
    let conv = Conv {
        shape,
        pool: None,
        input,
        batch: 1,
        weights: &weights,
    };
    assert_eq!(conv.scratch_len(), Ok(8));
    assert_eq!(
        message(kernels.conv2d(&conv, 0..2, Output::I32(&mut [0; 8]), &mut [0; 7])),
        "scratch has 7 words, expected at least 8"
    );
}

#[test]
fn sums_that_leave_the_accumulator_are_refused() {
    let kernels = kernels();
    let shape = ConvShape::dense(40_000, 1);
    let words = vec![0; 625];
    let mut weights = vec![0; kernels.prepared_len(&layer(shape, &words)).unwrap()];
    kernels
        .prepare(&layer(shape, &words), &mut weights)
        .unwrap();
    let input = Input::Binary(&words);
    let conv = Conv {
        shape,
        pool: None,
        input,
        batch: 1,
        weights: &weights,
    };
    assert_eq!(
        message(kernels.conv2d(&conv, 0..1, Output::I16(&mut [0]), &mut [])),
        "sums reach 40000 in magnitude, expected at most 32767, what 16-bit output holds"
    );

    let huge = ConvShape::dense(1 << 31, 1);
    let words = vec![0; 1 << 25];
    let error = message(kernels.prepared_len(&layer(huge, &words)));
    assert!(
        error.starts_with("sums reach 4294967296 in magnitude"),
        "{error}"
    );

    let contract = InputContract::uniform(i32::MIN, i32::MAX, 1, 3);
    let pixels = Layer {
        shape: ConvShape::new([4, 4, 3], 1, [3, 3]),
        inputs: Inputs::Pixels(&contract),
        weights: Weights::Binary(&[0]),
    };
    assert!(matches!(
        kernels.prepared_len(&pixels),
        Err(Error::Accumulator { .. })
    ));
}

#[test]
fn kinds_that_do_not_go_together_are_refused() {
    let kernels = kernels();
    let shape = ConvShape::dense(3, 1);
    let narrow = InputContract::uniform(1, 0, 1, 2);
    let pixels = Layer {
        shape,
        inputs: Inputs::Pixels(&narrow),
        weights: Weights::Binary(&[0]),
    };
    assert_eq!(
        message(kernels.prepared_len(&pixels)),
        "the input contract's b has 2 elements, expected 3"
    );
    let unused = Weights::Ternary {
        sign: &[0b11],
        nonzero: &[0b01],
    };
    let ternary = Layer {
        shape,
        inputs: Inputs::Binary,
        weights: unused,
    };
    assert_eq!(
        message(kernels.prepared_len(&ternary)),
        "row 0, word 0 has an element with sign 1 and nonzero 0, expected sign 0 there"
    );
}

#[test]
fn instruction_sets_go_by_their_names() {
    for isa in Isa::ALL {
        assert_eq!(Isa::from_name(isa.name()), Ok(isa));
    }
    assert_eq!(
        message(Isa::from_name("sse9")),
        "unknown instruction set, expected one of scalar neon avx2 avx512bw avx512"
    );
    let missing = if cfg!(target_arch = "x86_64") {
        Isa::Neon
    } else {
        Isa::Avx2
    };
    let error = message(Kernels::for_isa(missing));
    assert!(error.starts_with(&format!("this CPU does not execute {missing}, expected ")));
}

#[test]
fn pools_check_their_windows_and_lengths() {
    let kernels = kernels();
    let square = PoolShape::square(2);
    assert!(Pool::new(square, 1, [1, 4], 3).is_err());
    assert!(Pool::new(square, 1, [4, 4], 0).is_err());
    let pool = Pool::new(square, 1, [4, 4], 3).unwrap();
    assert!(
        kernels
            .max_pool_sums(&pool, &[0; 47], &mut [0; 12], None)
            .is_err()
    );
    assert!(
        kernels
            .max_pool_sums(&pool, &[0; 48], &mut [0; 12], Some(&mut [0; 11]))
            .is_err()
    );
    assert!(
        kernels
            .max_pool_bits(&pool, &[0; 16], &[0; 2], &mut [0; 4])
            .is_err()
    );
    assert_eq!(
        kernels.max_pool_bits(&pool, &[0; 16], &[], &mut [0; 4]),
        Ok(())
    );
    let empty = Pool::new(square, 0, [4, 4], 3).unwrap();
    assert_eq!(kernels.max_pool_bits(&empty, &[], &[], &mut []), Ok(()));
}

#[test]
fn an_empty_batch_is_done_at_once() {
    let kernels = kernels();
    let (shape, weights) = prepared(&kernels);
    let conv = Conv {
        shape,
        pool: None,
        input: Input::Binary(&[]),
        batch: 0,
        weights: &weights,
    };
    assert_eq!(
        kernels.conv2d(&conv, 0..0, Output::I32(&mut []), &mut []),
        Ok(())
    );
}

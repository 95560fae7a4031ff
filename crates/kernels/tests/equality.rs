//! Every kernel on every instruction set of this CPU equals the oracle.

use orthant_bits::{Border, ConvShape, Padding, PoolShape};
use orthant_kernels::Kernels;
use orthant_kernels::oracle::{Case, Data, Kind, Random, check, check_floats, dot};
use proptest::prelude::*;

/// Checks a case on every instruction set, and that it compared something.
fn assert_case(case: &Case) {
    for kernels in Kernels::available() {
        match check(&kernels, case) {
            Ok(compared) => assert!(compared > 0, "{case:?} compared nothing"),
            Err(difference) => panic!("{}: {difference}", kernels.isa()),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn random_layers_equal_the_oracle(seed in any::<u64>()) {
        assert_case(&Case::random(&mut Random::new(seed)));
    }

    #[test]
    fn dots_equal_the_oracle(len in 0usize..20_000, seed in any::<u64>()) {
        let random = &mut Random::new(seed);
        let pack = |values: &[i32], positive: fn(i32) -> bool| {
            let bits: Vec<bool> = values.iter().map(|&value| positive(value)).collect();
            orthant_bits::BitMatrix::from_bools(1, len, &bits).unwrap()
        };
        let (a, b) = (random.picks(len, &[-1, 1]), random.picks(len, &[-1, 1]));
        let (c, d) = (random.picks(len, &[-1, 0, 1]), random.picks(len, &[-1, 0, 1]));
        let planes = |values| [pack(values, |v| v > 0), pack(values, |v| v != 0)];
        let (packed_c, packed_d) = (planes(&c), planes(&d));
        for kernels in Kernels::available() {
            let words = [&a, &b].map(|values| pack(values, |v| v > 0));
            let mismatches = kernels.mismatches(words[0].words(), words[1].words()).unwrap();
            prop_assert_eq!(len as i32 - 2 * mismatches as i32, dot(&a, &b));
            let [c_planes, d_planes] =
                [&packed_c, &packed_d].map(|planes| planes.each_ref().map(|p| p.words()));
            let found = kernels.ternary_dot(c_planes, d_planes).unwrap();
            prop_assert_eq!(found, i64::from(dot(&c, &d)));
        }
    }

    #[test]
    fn packed_signs_equal_the_portable_ones(
        rows in 1usize..5, cols in 1usize..200, seed in any::<u64>()
    ) {
        let random = &mut Random::new(seed);
        let values = random.picks(rows * cols, &[0.0, -0.0, 1e-45, -1e-45, 3.0, f32::NEG_INFINITY]);
        let expected = orthant_bits::BitMatrix::from_f32(rows, cols, &values).unwrap();
        let mut with_nan = values.clone();
        let nan = random.below(values.len());
        with_nan[nan] = f32::NAN;
        for kernels in Kernels::available() {
            let mut words = vec![u64::MAX; expected.words().len()];
            kernels.pack_signs(cols, &values, &mut words).unwrap();
            prop_assert_eq!(&words[..], expected.words());
            let error = kernels.pack_signs(cols, &with_nan, &mut words).unwrap_err();
            let expected = orthant_bits::Error::NotANumber { index: nan };
            prop_assert_eq!(error, expected.into());
        }
    }
}

#[test]
fn channels_around_every_edge_equal_the_oracle() {
    let lengths = [1, 3, 31, 32, 33, 63, 64, 65, 127, 128, 129, 511, 512, 513];
    for kind in Kind::ALL {
        for channels in lengths {
            for outputs in [1, 63, 65] {
                let shape = ConvShape::new([3, 2, channels], outputs, [3, 3]);
                assert_case(&Case {
                    shape,
                    pool: None,
                    batch: 1,
                    kind,
                    data: Data::Random,
                    seed: channels as u64,
                });
            }
        }
    }
}

#[test]
fn sums_past_sixteen_bits_are_exact() {
    let shape = ConvShape {
        padding: Padding::Valid,
        ..ConvShape::new([5, 6, 3072], 3, [5, 5])
    };
    for kind in Kind::ALL {
        assert_case(&Case {
            shape,
            pool: None,
            batch: 1,
            kind,
            data: Data::Random,
            seed: 9,
        });
    }
    // All bits equal: the extreme sums of a 16-bit count's length and past it.
    for k in [65_535, 65_536, 76_800, 200_000] {
        let shape = ConvShape::dense(k, 2);
        extreme_sums(&shape, k as i32);
    }
}

/// `x` all +1 against filters of all +1 and all −1.
fn extreme_sums(shape: &ConvShape, k: i32) {
    use orthant_bits::{Aligned, BitMatrix};
    use orthant_kernels::{
        Conv, Input, Inputs, Layer, Output, StoredConv, StoredLayer, Weights, conv2d_stored,
    };

    let ones = BitMatrix::from_bools(1, k as usize, &vec![true; k as usize]).unwrap();
    let mut filters = ones.words().to_vec();
    filters.resize(2 * ones.row_words(), 0);
    let layer = Layer {
        shape: *shape,
        inputs: Inputs::Binary,
        weights: Weights::Binary(&filters),
    };
    let bytes: Vec<_> = filters.iter().map(|word| word.to_le_bytes()).collect();
    let stored = Layer {
        shape: *shape,
        inputs: Inputs::Binary,
        weights: Weights::Binary(&bytes),
    };
    let conv = StoredConv {
        layer: StoredLayer::new(stored).unwrap(),
        pool: None,
        input: Input::Binary(ones.words()),
        batch: 1,
    };
    let mut sums = [0; 2];
    conv2d_stored(&conv, 0..1, Output::I32(&mut sums)).unwrap();
    assert_eq!(sums, [k, -k], "where they lie");
    for kernels in Kernels::available() {
        let mut weights = Aligned::zeros(kernels.prepared_len(&layer).unwrap());
        kernels.prepare(&layer, &mut weights).unwrap();
        let input = Input::Binary(ones.words());
        let conv = Conv {
            shape: *shape,
            pool: None,
            input,
            batch: 1,
            weights: &weights,
        };
        let mut sums = [0; 2];
        kernels
            .conv2d(&conv, 0..1, Output::I32(&mut sums), &mut [])
            .unwrap();
        assert_eq!(sums, [k, -k], "{}", kernels.isa());
    }
}

#[test]
fn the_largest_counts_overflow_no_counter() {
    // 8-bit counters of words fill after 31 words, 16-bit ones after 1000, and 16-bit pairs of
    // pixels after 64 groups of four.
    for kind in Kind::ALL {
        for k in [1984, 1985, 2048, 4096, 70_000] {
            let shape = ConvShape::dense(k, 3);
            let data = Data::Extreme;
            assert_case(&Case {
                shape,
                pool: None,
                batch: 5,
                kind,
                data,
                seed: k as u64,
            });
        }
        let shape = ConvShape::new([4, 4, 640], 65, [3, 3]);
        let pool = Some(PoolShape::square(2));
        assert_case(&Case {
            shape,
            pool,
            batch: 1,
            kind,
            data: Data::Extreme,
            seed: 1,
        });
    }
    for words in [31, 32, 62, 160, 1000] {
        let (ones, zeros) = (vec![u64::MAX; 8 * words], vec![0; 8 * words]);
        let n = 512 * words as u64;
        for kernels in Kernels::available() {
            assert_eq!(
                kernels.mismatches(&ones, &zeros),
                Ok(n),
                "{}",
                kernels.isa()
            );
            let dot = kernels.ternary_dot([&ones, &ones], [&zeros, &ones]);
            assert_eq!(dot, Ok(-(n as i64)), "{}", kernels.isa());
        }
    }
}

#[test]
fn odd_depths_have_exact_ties_inside_and_at_edges() {
    // 3 x 3 over 3 channels: k = 27 inside, 18 at an edge, 12 in a corner.
    for border in [Border::Zero, Border::PlusOne, Border::MinusOne] {
        for pool in [None, Some(PoolShape::square(2))] {
            for kind in Kind::ALL {
                let shape = ConvShape {
                    border,
                    ..ConvShape::new([6, 6, 3], 70, [3, 3])
                };
                assert_case(&Case {
                    shape,
                    pool,
                    batch: 2,
                    kind,
                    data: Data::Random,
                    seed: 27,
                });
            }
        }
    }
}

#[test]
fn pixels_without_a_tap_inside_are_all_border() {
    // Rows and columns of output that see padding alone once led past the image's end.
    let padding = Padding::Explicit {
        top: 4,
        bottom: 5,
        left: 6,
        right: 9,
    };
    for border in [Border::Zero, Border::PlusOne, Border::MinusOne] {
        for (kernel, stride, groups) in [
            ([1, 1], [1, 1], 1),
            ([2, 2], [2, 3], 1),
            ([2, 1], [1, 2], 2),
        ] {
            for kind in Kind::ALL {
                let shape = ConvShape {
                    padding,
                    border,
                    stride,
                    groups,
                    ..ConvShape::new([2, 3, 10], 6, kernel)
                };
                assert_case(&Case {
                    shape,
                    pool: None,
                    batch: 1,
                    kind,
                    data: Data::Random,
                    seed: 3,
                });
            }
        }
    }
}

#[test]
fn groups_inside_a_word_equal_the_oracle() {
    for (groups, channels) in [(3, 9), (5, 5), (2, 130), (3, 192), (64, 64)] {
        for kind in Kind::ALL {
            let shape = ConvShape {
                groups,
                ..ConvShape::new([4, 3, channels], 2 * groups, [3, 3])
            };
            assert_case(&Case {
                shape,
                pool: None,
                batch: 2,
                kind,
                data: Data::Random,
                seed: groups as u64,
            });
        }
    }
}

#[test]
fn float_kernels_keep_their_order_of_operations() {
    for kernels in Kernels::available() {
        for seed in 0..20 {
            let compared = check_floats(&kernels, seed).unwrap_or_else(|difference| {
                panic!("{}: {difference}", kernels.isa());
            });
            assert!(compared > 0);
        }
    }
}

//! Weights where they lie: what is refused, and that it is what prepared weights are refused for.

use std::ops::Range;

use orthant_bits::{
    ConvShape, InputContract, Padding, PoolShape, TernaryThreshold, TernaryThresholds, Threshold,
    Thresholds,
};
use orthant_kernels::{
    Conv, Error, Input, Inputs, Isa, Kernels, Layer, Output, StoredConv, StoredLayer, Weights,
    conv2d_stored,
};

/// Which output, of how many numbers or words, with how many thresholds.
#[derive(Clone, Copy)]
enum Kind {
    I32(usize),
    I16(usize),
    Bits(usize, usize),
    Ternary(usize, [usize; 2]),
}

/// One call, with weights as numbers.
#[derive(Clone)]
struct Call<'a> {
    layer: Layer<'a>,
    pool: Option<PoolShape>,
    input: Input<'a>,
    batch: usize,
    rows: Range<usize>,
    output: Kind,
}

impl Call<'_> {
    /// What a call gives on weights where they lie, the same as on prepared ones.
    fn run(&self) -> Result<Vec<i64>, Error> {
        let stored = self.with_output(|output| self.stored(output));
        let prepared = self.with_output(|output| self.prepared(output));
        assert_eq!(stored, prepared);
        stored
    }

    fn message(&self) -> String {
        self.run().expect_err("the data is bad").to_string()
    }

    fn stored(&self, output: Output) -> Result<(), Error> {
        let bytes = |words: &[u64]| {
            words
                .iter()
                .map(|word| word.to_le_bytes())
                .collect::<Vec<_>>()
        };
        let (first, second);
        let weights = match self.layer.weights {
            Weights::Binary(words) => {
                first = bytes(words);
                Weights::Binary(&first[..])
            }
            Weights::Ternary { sign, nonzero } => {
                (first, second) = (bytes(sign), bytes(nonzero));
                let (sign, nonzero) = (&first[..], &second[..]);
                Weights::Ternary { sign, nonzero }
            }
        };
        let Layer { shape, inputs, .. } = self.layer;
        let conv = StoredConv {
            layer: StoredLayer::new(Layer {
                shape,
                inputs,
                weights,
            })?,
            pool: self.pool,
            input: self.input,
            batch: self.batch,
        };
        conv2d_stored(&conv, self.rows.clone(), output)
    }

    fn prepared(&self, output: Output) -> Result<(), Error> {
        let kernels = Kernels::for_isa(Isa::Scalar)?;
        let mut weights = vec![0; kernels.prepared_len(&self.layer)?];
        kernels.prepare(&self.layer, &mut weights)?;
        let conv = Conv {
            shape: self.layer.shape,
            pool: self.pool,
            input: self.input,
            batch: self.batch,
            weights: &weights,
        };
        let mut scratch = vec![0; 1 << 12];
        kernels.conv2d(&conv, self.rows.clone(), output, &mut scratch)
    }

    /// The numbers that `run` writes to an output of the call's kind.
    fn with_output(
        &self,
        run: impl FnOnce(Output) -> Result<(), Error>,
    ) -> Result<Vec<i64>, Error> {
        let wide = |words: &[u64]| words.iter().map(|&word| word as i64).collect();
        match self.output {
            Kind::I32(len) => {
                let mut sums = vec![0; len];
                run(Output::I32(&mut sums))?;
                Ok(sums.into_iter().map(i64::from).collect())
            }
            Kind::I16(len) => {
                let mut sums = vec![0; len];
                run(Output::I16(&mut sums))?;
                Ok(sums.into_iter().map(i64::from).collect())
            }
            Kind::Bits(channels, len) => {
                let (at, invert) = (0, false);
                let thresholds = Thresholds::new(&vec![Threshold { at, invert }; channels]);
                let mut words = vec![0; len];
                run(Output::Bits {
                    thresholds: &thresholds,
                    words: &mut words,
                })?;
                Ok(wide(&words))
            }
            Kind::Ternary(channels, lens) => {
                let (low, high, invert) = (-1, 2, false);
                let thresholds = vec![TernaryThreshold { low, high, invert }; channels];
                let thresholds = TernaryThresholds::new(&thresholds)?;
                let [mut sign, mut nonzero] = lens.map(|len| vec![0; len]);
                run(Output::Ternary {
                    thresholds: &thresholds,
                    sign: &mut sign,
                    nonzero: &mut nonzero,
                })?;
                sign.append(&mut nonzero);
                Ok(wide(&sign))
            }
        }
    }
}

/// 4 x 4 pixels of 70 channels to 5 outputs, two images of them.
const SHAPE: ConvShape = ConvShape::new([4, 4, 70], 5, [3, 3]);
const WEIGHTS: [u64; 5 * 9 * 2] = [0b101; 90];
const INPUT: [u64; 2 * 16 * 2] = [0b110; 64];

fn binary() -> Call<'static> {
    Call {
        layer: Layer {
            shape: SHAPE,
            inputs: Inputs::Binary,
            weights: Weights::Binary(&WEIGHTS),
        },
        pool: None,
        input: Input::Binary(&INPUT),
        batch: 2,
        rows: 0..8,
        output: Kind::I32(8 * 4 * 5),
    }
}

fn ternary() -> Call<'static> {
    let mut call = binary();
    (call.layer.inputs, call.layer.weights) = (
        Inputs::Ternary,
        Weights::Ternary {
            sign: &WEIGHTS,
            nonzero: &WEIGHTS,
        },
    );
    let (sign, nonzero) = (&INPUT, &INPUT);
    call.input = Input::Ternary { sign, nonzero };
    call
}

/// 2 x 2 pixels of 3 channels to one output.
fn pixels(contract: &InputContract) -> Call<'_> {
    Call {
        layer: Layer {
            shape: ConvShape::new([2, 2, 3], 1, [3, 3]),
            inputs: Inputs::Pixels(contract),
            weights: Weights::Binary(&[0b1101]),
        },
        pool: None,
        input: Input::Pixels(&[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 255]),
        batch: 1,
        rows: 0..2,
        output: Kind::I16(4),
    }
}

#[test]
fn the_calls_that_the_others_spoil_are_good() {
    let contract = InputContract::uniform(2, 255, 255, 3);
    for call in [binary(), ternary(), pixels(&contract)] {
        let sums = call.run().unwrap();
        assert!(sums.iter().any(|&sum| sum != 0));
    }
}

#[test]
fn impossible_layers_are_refused() {
    let good = SHAPE;
    let shapes = [
        (
            ConvShape {
                stride: [0, 1],
                ..good
            },
            "the stride is 0, expected at least 1",
        ),
        (
            ConvShape { groups: 3, ..good },
            "3 groups do not divide 70 input channels",
        ),
        (
            ConvShape {
                padding: Padding::Valid,
                kernel: [5, 1],
                ..good
            },
            "the kernel's height is 5 with its dilation, expected at most 4, the padded input's",
        ),
        (
            ConvShape {
                height: usize::MAX / 2,
                ..good
            },
            "convolution is too large for this machine's memory",
        ),
    ];
    for (shape, expected) in shapes {
        let mut call = binary();
        call.layer.shape = shape;
        assert_eq!(call.message(), expected);
    }

    // The product of these extents is 2^58 + 1, which times 64 outputs wraps to 64.
    let (height, width) = ((1 << 29) - (1 << 15) + 1, (1 << 29) + (1 << 15) + 1);
    let padding = Padding::Explicit {
        top: height - 1,
        bottom: 0,
        left: 1 << 28,
        right: width,
    };
    let mut call = binary();
    call.layer.shape = ConvShape {
        padding,
        kernel: [height, width],
        ..ConvShape::dense(1, 64)
    };
    call.layer.weights = Weights::Binary(&WEIGHTS[..64]);
    assert_eq!(
        call.message(),
        "convolution is too large for this machine's memory"
    );
}

#[test]
fn bad_weights_are_refused() {
    let mut call = binary();
    call.layer.weights = Weights::Binary(&WEIGHTS[1..]);
    assert_eq!(
        call.message(),
        "weights, in words, has 89 elements, expected 90"
    );

    let mut padded = WEIGHTS;
    padded[2 * 7 + 1] = 1 << 6;
    call.layer.weights = Weights::Binary(&padded);
    assert_eq!(
        call.message(),
        "row 7 has a 1 among its padding bits, expected zeros"
    );

    let mut call = ternary();
    for (sign, nonzero, expected) in [
        (
            &WEIGHTS[1..],
            &WEIGHTS[..],
            "sign plane of the weights, in words, has 89 elements, expected 90",
        ),
        (
            &WEIGHTS[..],
            &WEIGHTS[1..],
            "nonzero plane of the weights, in words, has 89 elements, expected 90",
        ),
        (
            &WEIGHTS[..],
            &padded[..],
            "row 7 has a 1 among its padding bits, expected zeros",
        ),
        (
            &WEIGHTS[..],
            &[0b111, 0b100].repeat(45),
            "row 0, word 1 has an element with sign 1 and nonzero 0, expected sign 0 there",
        ),
    ] {
        call.layer.weights = Weights::Ternary { sign, nonzero };
        assert_eq!(call.message(), expected);
    }

    let contract = InputContract::uniform(2, 255, 255, 3);
    let mut call = pixels(&contract);
    call.layer.weights = Weights::Binary(&[1 << 27]);
    assert_eq!(
        call.message(),
        "row 0 has a 1 among its padding bits, expected zeros"
    );
}

#[test]
fn contracts_must_fit_channels_and_accumulators() {
    let narrow = InputContract::uniform(2, 255, 255, 2);
    assert_eq!(
        pixels(&narrow).message(),
        "the input contract's b has 2 elements, expected 3"
    );
    let huge = InputContract::uniform(i32::MIN, i32::MIN, i32::MIN, 3);
    let error = pixels(&huge).message();
    assert!(
        error.ends_with("what a 32-bit accumulator holds"),
        "{error}"
    );
    // 27 numbers of up to 1300.
    let wide = InputContract::uniform(2, -790, 1, 3);
    assert_eq!(
        pixels(&wide).message(),
        "sums reach 35100 in magnitude, expected at most 32767, what 16-bit output holds"
    );
}

#[test]
fn inputs_of_another_kind_or_length_are_refused() {
    let contract = InputContract::uniform(2, 255, 255, 3);
    let mut call = binary();
    call.input = ternary().input;
    assert_eq!(
        call.message(),
        "the input is ternary, expected binary, the kind that the layer is for"
    );
    let mut call = pixels(&contract);
    call.input = Input::Binary(&INPUT[..4]);
    assert_eq!(
        call.message(),
        "the input is binary, expected pixels, the kind that the layer is for"
    );

    let mut call = binary();
    call.input = Input::Binary(&INPUT[1..]);
    assert_eq!(
        call.message(),
        "binary input, in words, has 63 elements, expected 64"
    );
    let mut call = ternary();
    call.input = Input::Ternary {
        sign: &INPUT,
        nonzero: &INPUT[1..],
    };
    assert_eq!(
        call.message(),
        "nonzero plane of the input, in words, has 63 elements, expected 64"
    );
    let mut call = pixels(&contract);
    call.input = Input::Pixels(&[0; 11]);
    assert_eq!(call.message(), "pixel input has 11 elements, expected 12");
    call.batch = usize::MAX;
    assert_eq!(
        call.message(),
        "output is too large for this machine's memory"
    );
}

#[test]
fn outputs_that_do_not_fit_are_refused() {
    let outputs = [
        (Kind::I32(159), "sums has 159 elements, expected 160"),
        (Kind::I16(161), "sums has 161 elements, expected 160"),
        (
            Kind::Bits(5, 31),
            "output bits, in words, has 31 elements, expected 32",
        ),
        (Kind::Bits(4, 32), "thresholds has 4 elements, expected 5"),
        (
            Kind::Ternary(5, [32, 31]),
            "output nonzero plane, in words, has 31 elements, expected 32",
        ),
        (
            Kind::Ternary(6, [32, 32]),
            "thresholds has 6 elements, expected 5",
        ),
    ];
    for (output, expected) in outputs {
        let call = Call { output, ..binary() };
        assert_eq!(call.message(), expected);
    }
    #[allow(clippy::reversed_empty_ranges, reason = "a caller's mistake")]
    for (rows, expected) in [
        (3..9, "output rows 3..9 do not lie in 0..8"),
        (3..2, "output rows 3..2 do not lie in 0..8"),
    ] {
        let call = Call { rows, ..binary() };
        assert_eq!(call.message(), expected);
    }
    for (window, stride, expected) in [
        (
            [5, 1],
            [1, 1],
            "the pool's window has height 5, expected at most 4, the input's",
        ),
        (
            [1, 1],
            [1, 0],
            "the pool's window or stride is 0, expected at least 1",
        ),
    ] {
        let pool = Some(PoolShape { window, stride });
        assert_eq!(Call { pool, ..binary() }.message(), expected);
    }
}

#[test]
fn no_rows_are_done_at_once() {
    let call = Call {
        rows: 3..3,
        output: Kind::I32(0),
        ..binary()
    };
    assert_eq!(call.run(), Ok(vec![]));
    let call = Call {
        rows: 0..0,
        batch: 0,
        input: Input::Binary(&[]),
        ..call
    };
    assert_eq!(call.run(), Ok(vec![]));
}

#[test]
fn broken_activations_panic_nowhere() {
    let all = [u64::MAX; 64];
    for (groups, words) in [(1, 90), (5, 45)] {
        let mut call = binary();
        call.layer.shape.groups = groups;
        call.layer.weights = Weights::Binary(&WEIGHTS[..words]);
        call.input = Input::Binary(&all);
        assert!(call.with_output(|output| call.stored(output)).is_ok());
        call.layer.inputs = Inputs::Ternary;
        let (sign, nonzero) = (&all, &INPUT);
        call.input = Input::Ternary { sign, nonzero };
        assert!(call.with_output(|output| call.stored(output)).is_ok());
    }
}

//! One layer on random data, through every output of the packed kernels.

use alloc::string::String;
use alloc::vec::Vec;
use alloc::{format, vec};
use core::ops::Range;

use orthant_bits::{
    Aligned, BitMatrix, BitTensor, Border, ConvShape, InputContract, Padding, PoolShape,
    TensorShape, TernaryMatrix, TernaryTensor, TernaryThreshold, TernaryThresholds, Threshold,
    Thresholds, words_for,
};

use super::{Random, conv2d, max_pool};
use crate::{
    Conv, Input, Inputs, Kernels, Layer, Output, Pool, StoredConv, StoredLayer, Weights,
    conv2d_stored,
};

/// Which numbers a layer multiplies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// ±1 by ±1.
    Binary,
    /// Ternary activations, ±1 weights.
    TernaryInputs,
    /// ±1 activations, ternary weights.
    TernaryWeights,
    /// Ternary by ternary.
    Ternary,
    /// 8-bit pixels, ±1 weights.
    Pixels,
    /// 8-bit pixels, ternary weights.
    TernaryPixels,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 6] = [
        Self::Binary,
        Self::TernaryInputs,
        Self::TernaryWeights,
        Self::Ternary,
        Self::Pixels,
        Self::TernaryPixels,
    ];

    fn is_pixels(self) -> bool {
        matches!(self, Self::Pixels | Self::TernaryPixels)
    }
}

/// Where a case's numbers come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Data {
    /// Random ones.
    Random,
    /// Those whose counts and sums are the largest: +1 against −1, and pixels of 255 against +1.
    Extreme,
}

/// A layer to be checked.
#[derive(Debug, Clone, Copy)]
pub struct Case {
    /// The convolution.
    pub shape: ConvShape,
    /// A pool behind it.
    pub pool: Option<PoolShape>,
    /// Images.
    pub batch: usize,
    /// The kinds of numbers.
    pub kind: Kind,
    /// The numbers.
    pub data: Data,
    /// Of the random data.
    pub seed: u64,
}

/// Channels around the edges of words, bytes and panels.
const CHANNELS: [usize; 17] = [
    1, 3, 8, 31, 32, 33, 63, 64, 65, 127, 128, 129, 192, 320, 511, 512, 513,
];

impl Case {
    /// A possible layer, small enough for the oracle, with the edges of every parameter.
    pub fn random(random: &mut Random) -> Self {
        loop {
            let case = Self::any(random);
            let pools = |pool: PoolShape| pool.output(case.shape.output()).is_ok();
            if case.shape.check().is_ok() && case.pool.is_none_or(pools) {
                return case;
            }
        }
    }

    fn any(random: &mut Random) -> Self {
        let groups = random.pick(&[1, 1, 1, 2, 3]);
        let channels = random.pick(&CHANNELS) * groups;
        let outputs = random.pick(&[1, 2, 7, 16, 33, 64, 65, 130]) * groups;
        let kernel = [1 + random.below(4), 1 + random.below(4)];
        let size = [1 + random.below(7), 1 + random.below(7)];
        let mut edge = || random.below(4);
        let (top, bottom, left, right) = (edge(), edge(), edge(), edge());
        let explicit = Padding::Explicit {
            top,
            bottom,
            left,
            right,
        };
        let shape = ConvShape {
            groups,
            stride: [1 + random.below(3), 1 + random.below(3)],
            dilation: [1 + random.below(2), 1 + random.below(3)],
            border: random.pick(&[Border::Zero, Border::PlusOne, Border::MinusOne]),
            padding: random.pick(&[Padding::Same, Padding::Valid, explicit]),
            ..ConvShape::new([size[0], size[1], channels], outputs, kernel)
        };
        let pool = PoolShape {
            window: [1 + random.below(3), 1 + random.below(3)],
            stride: [1 + random.below(3), 1 + random.below(3)],
        };
        let pool = random.pick(&[None, Some(PoolShape::square(2)), Some(pool)]);
        let (batch, kind) = (1 + random.below(3), random.pick(&Kind::ALL));
        Self {
            shape,
            pool,
            batch,
            kind,
            data: Data::Random,
            seed: random.word(),
        }
    }
}

/// Random operands of a case: packed, and number by number.
struct Operands {
    planes: [BitTensor; 2],
    weights: [BitTensor; 2],
    pixels: Vec<u8>,
    /// Planes of weights that are dense over the filter.
    dense_weights: [BitMatrix; 2],
    contract: InputContract,
    x: Vec<i32>,
    w: Vec<i32>,
    border: i32,
}

impl Operands {
    fn new(case: &Case, random: &mut Random) -> Self {
        let shape = &case.shape;
        let (signs, ternary) = ([-1i8, 1].as_slice(), [-1i8, 0, 0, 1].as_slice());
        let inputs = TensorShape::new(case.batch, shape.height, shape.width, shape.channels);
        let filters = TensorShape::new(
            shape.outputs,
            shape.kernel[0],
            shape.kernel[1],
            shape.group_channels(),
        );
        let (x_choices, w_choices) = match case.kind {
            Kind::Binary | Kind::Pixels => (signs, signs),
            Kind::TernaryInputs => (ternary, signs),
            Kind::TernaryWeights | Kind::TernaryPixels => (signs, ternary),
            Kind::Ternary => (ternary, ternary),
        };
        let len = |s: TensorShape| s.batch * s.height * s.width * s.channels;
        let (x_choices, w_choices): (&[i8], &[i8]) = match (case.data, case.kind) {
            (Data::Random, _) => (x_choices, w_choices),
            (Data::Extreme, Kind::Pixels | Kind::TernaryPixels) => (&[1], &[1]),
            (Data::Extreme, _) => (&[1], &[-1]),
        };
        let x = random.picks(len(inputs), x_choices);
        let w = random.picks(len(filters), w_choices);
        let planes = |shape, values: &[i8]| {
            let tensor = TernaryTensor::from_i8(shape, values).expect("random numbers are ternary");
            let pixels = tensor.pixels();
            [pixels.sign().clone(), pixels.nonzero().clone()]
                .map(|plane| BitTensor::from_pixels(shape, plane).expect("the same shape"))
        };
        let wide = |values: &[i8]| values.iter().map(|&value| i32::from(value)).collect();
        let mut operands = Self {
            planes: planes(inputs, &x),
            weights: planes(filters, &w),
            pixels: Vec::new(),
            dense_weights: [0; 2].map(|len| BitMatrix::zeroed(len, len)),
            contract: InputContract::uniform(1, 0, 1, shape.channels),
            x: wide(&x),
            w: wide(&w),
            border: shape.border.value(),
        };
        if case.kind.is_pixels() {
            operands.pixels = match case.data {
                Data::Random => (0..x.len()).map(|_| random.word() as u8).collect(),
                Data::Extreme => vec![255; x.len()],
            };
            let b = (0..shape.channels)
                .map(|_| random.below(511) as i32 - 255)
                .collect();
            let a = random.pick(&[1, 2, -3]);
            operands.contract = InputContract { a, b, unit: 255 };
            let dense = TernaryMatrix::from_i8(shape.outputs, shape.filter_len(), &w);
            let dense = dense.expect("random numbers are ternary");
            operands.dense_weights = [dense.sign().clone(), dense.nonzero().clone()];
            let b = &operands.contract.b;
            let value = |(at, &p): (usize, &u8)| a * i32::from(p) - b[at % shape.channels];
            operands.x = operands.pixels.iter().enumerate().map(value).collect();
            operands.border = 255 * shape.border.value();
        }
        operands
    }

    /// The largest magnitude that a sum of the layer can have: every pixel 0 or 255, or outside.
    fn largest_sum(&self, case: &Case) -> u64 {
        let InputContract { a, b, .. } = &self.contract;
        let largest = match case.kind {
            Kind::Pixels | Kind::TernaryPixels => b
                .iter()
                .flat_map(|b| [0, 255].map(|p| (a * p - b).abs()))
                .fold(self.border.abs(), i32::max),
            _ => 1,
        };
        case.shape.filter_len() as u64 * largest as u64
    }

    fn layer<'a>(&'a self, case: &Case) -> Layer<'a> {
        let [sign, nonzero] = self.weights.each_ref().map(|plane| plane.pixels().words());
        let ternary = Weights::Ternary { sign, nonzero };
        let (inputs, weights) = match case.kind {
            Kind::Binary => (Inputs::Binary, Weights::Binary(sign)),
            Kind::TernaryInputs => (Inputs::Ternary, Weights::Binary(sign)),
            Kind::TernaryWeights => (Inputs::Binary, ternary),
            Kind::Ternary => (Inputs::Ternary, ternary),
            Kind::Pixels | Kind::TernaryPixels => {
                let [sign, nonzero] = self.dense_weights.each_ref().map(BitMatrix::words);
                let weights = match case.kind {
                    Kind::Pixels => Weights::Binary(sign),
                    _ => Weights::Ternary { sign, nonzero },
                };
                (Inputs::Pixels(&self.contract), weights)
            }
        };
        Layer {
            shape: case.shape,
            inputs,
            weights,
        }
    }

    /// The layer's weights as bytes, `offset` bytes into each buffer.
    fn in_bytes(&self, case: &Case, offset: usize) -> [Vec<u8>; 2] {
        let planes = match self.layer(case).weights {
            Weights::Binary(sign) => [sign, &[]],
            Weights::Ternary { sign, nonzero } => [sign, nonzero],
        };
        planes.map(|plane| {
            let bytes = plane.iter().flat_map(|word| word.to_le_bytes());
            core::iter::repeat_n(0xff, offset).chain(bytes).collect()
        })
    }

    fn input<'a>(&'a self, case: &Case) -> Input<'a> {
        let [sign, nonzero] = self.planes.each_ref().map(|plane| plane.pixels().words());
        match case.kind {
            Kind::Binary | Kind::TernaryWeights => Input::Binary(sign),
            Kind::TernaryInputs | Kind::Ternary => Input::Ternary { sign, nonzero },
            Kind::Pixels | Kind::TernaryPixels => Input::Pixels(&self.pixels),
        }
    }
}

/// Holds every output of a layer, whole and in chunks of rows, against the oracle: on prepared
/// weights, and on the same weights where they lie.
///
/// Returns the number of numbers compared.
///
/// # Errors
/// What differs, or what was refused.
pub fn check(kernels: &Kernels, case: &Case) -> Result<usize, String> {
    let random = &mut Random::new(case.seed);
    let operands = Operands::new(case, random);
    let shape = &case.shape;
    let mut sums = conv2d(shape, case.batch, &operands.x, &operands.w, operands.border);
    let mut compared = 0;
    if let Some(pool) = case.pool {
        compared += check_pool(kernels, pool, case, &sums)?;
        sums = max_pool(pool, case.batch, shape.output(), shape.outputs, &sums).0;
    }

    let layer = operands.layer(case);
    let text = |error: crate::Error| format!("{error}");
    let mut weights = Aligned::zeros(kernels.prepared_len(&layer).map_err(text)?);
    kernels.prepare(&layer, &mut weights).map_err(text)?;
    let (input, pool, batch) = (operands.input(case), case.pool, case.batch);
    let conv = Conv {
        shape: *shape,
        pool,
        input,
        batch,
        weights: &weights,
    };
    let mut scratch = vec![u64::MAX; conv.scratch_len().map_err(text)?];
    let rows = conv.output_rows().map_err(text)?;
    let pixels = conv.output().map_err(text)?[1];
    let expected = Expected::new(case, pixels, operands.largest_sum(case), sums, random)?;

    // A file's bytes are aligned to nothing.
    let offset = random.below(8);
    let bytes = operands.in_bytes(case, offset);
    let [sign, nonzero] = bytes.each_ref().map(|plane| plane[offset..].as_chunks().0);
    let weights = match layer.weights {
        Weights::Binary(_) => Weights::Binary(sign),
        Weights::Ternary { .. } => Weights::Ternary { sign, nonzero },
    };
    let layer = Layer {
        shape: *shape,
        inputs: layer.inputs,
        weights,
    };
    let stored = StoredConv {
        layer: StoredLayer::new(layer).map_err(text)?,
        pool,
        input,
        batch,
    };
    if (stored.output_rows(), stored.output()) != (Ok(rows), conv.output()) {
        return Err(format!("extents of {stored:?}, expected those of {conv:?}"));
    }

    for chunk in [rows, 1 + random.below(rows)] {
        for start in (0..rows).step_by(chunk) {
            let range = start..(start + chunk).min(rows);
            compared += expected.check(case, range.clone(), &mut |output| {
                kernels.conv2d(&conv, range.clone(), output, &mut scratch)
            })?;
            let found = expected.check(case, range.clone(), &mut |output| {
                conv2d_stored(&stored, range.clone(), output)
            });
            compared += found.map_err(|error| format!("weights where they lie: {error}"))?;
        }
    }
    Ok(compared)
}

/// What a layer's outputs must be.
struct Expected {
    /// Pixels of an output row.
    width: usize,
    /// The largest magnitude that a sum can have, whatever the activations.
    largest: u64,
    sums: Vec<i32>,
    thresholds: Thresholds,
    bits: BitMatrix,
    ternary_thresholds: TernaryThresholds,
    planes: TernaryTensor,
}

impl Expected {
    fn new(
        case: &Case,
        width: usize,
        largest: u64,
        sums: Vec<i32>,
        random: &mut Random,
    ) -> Result<Self, String> {
        let outputs = case.shape.outputs;
        let pixels = sums.len() / outputs;
        // Thresholds at sums that occur, so that exact ties are the rule.
        let tie =
            |channel: usize, random: &mut Random| sums[random.below(pixels) * outputs + channel];
        let binary: Vec<_> = (0..outputs)
            .map(|channel| Threshold {
                at: tie(channel, random),
                invert: random.below(3) == 0,
            })
            .collect();
        let ternary: Vec<_> = (0..outputs)
            .map(|channel| {
                let (one, other) = (tie(channel, random), tie(channel, random));
                let invert = random.below(3) == 0;
                TernaryThreshold {
                    low: one.min(other),
                    high: one.max(other),
                    invert,
                }
            })
            .collect();
        let each = |value: &dyn Fn(usize, i32) -> i8| -> Vec<i8> {
            let channels = sums.iter().enumerate();
            channels
                .map(|(at, &sum)| value(at % outputs, sum))
                .collect()
        };
        let signs = each(&|channel, sum| if binary[channel].bit(sum) { 1 } else { -1 });
        let values = each(&|channel, sum| ternary[channel].value(sum));
        let shape = TensorShape::new(1, 1, pixels, outputs);
        Ok(Self {
            width,
            largest,
            thresholds: Thresholds::new(&binary),
            bits: BitMatrix::from_i8(pixels, outputs, &signs).expect("signs"),
            ternary_thresholds: TernaryThresholds::new(&ternary).map_err(|e| format!("{e}"))?,
            planes: TernaryTensor::from_i8(shape, &values).expect("ternary numbers"),
            sums,
        })
    }

    /// Compares every kind of output of some rows, which `run` computes.
    fn check(
        &self,
        case: &Case,
        rows: Range<usize>,
        run: &mut dyn FnMut(Output) -> Result<(), crate::Error>,
    ) -> Result<usize, String> {
        let text = |error: crate::Error| format!("{case:?}: {error}");
        let pixels = rows.start * self.width..rows.end * self.width;
        let of = |per_pixel: usize| pixels.start * per_pixel..pixels.end * per_pixel;
        let (sums, words) = (of(case.shape.outputs), of(words_for(case.shape.outputs)));

        let mut found = vec![-7; sums.len()];
        run(Output::I32(&mut found)).map_err(text)?;
        let mut compared = same(case, "sums", &found, &self.sums[sums.clone()])?;

        let mut narrow = vec![-7; sums.len()];
        match run(Output::I16(&mut narrow)) {
            Ok(()) => {
                let found: Vec<_> = narrow.iter().map(|&sum| i32::from(sum)).collect();
                compared += same(case, "16-bit sums", &found, &self.sums[sums])?;
            }
            Err(crate::Error::Accumulator { largest, .. })
                if largest > 32767 && largest == self.largest => {}
            Err(error) => return Err(text(error)),
        }

        let mut found = vec![u64::MAX; words.len()];
        let output = Output::Bits {
            thresholds: &self.thresholds,
            words: &mut found,
        };
        run(output).map_err(text)?;
        compared += same(case, "bits", &found, &self.bits.words()[words.clone()])?;

        let (mut sign, mut nonzero) = (found.clone(), found);
        let output = Output::Ternary {
            thresholds: &self.ternary_thresholds,
            sign: &mut sign,
            nonzero: &mut nonzero,
        };
        run(output).map_err(text)?;
        let planes = self.planes.pixels();
        let (signs, nonzeros) = (planes.sign().words(), planes.nonzero().words());
        compared += same(case, "signs", &sign, &signs[words.clone()])?;
        compared += same(case, "nonzeros", &nonzero, &nonzeros[words])?;
        Ok(compared)
    }
}

/// Pools of what is in memory, on sums and on bits of both senses.
fn check_pool(
    kernels: &Kernels,
    pool: PoolShape,
    case: &Case,
    sums: &[i32],
) -> Result<usize, String> {
    let (shape, text) = (&case.shape, |error: crate::Error| format!("{error}"));
    let (maxima, positions) = max_pool(pool, case.batch, shape.output(), shape.outputs, sums);
    let pool = Pool::new(pool, case.batch, shape.output(), shape.outputs).map_err(text)?;
    let (mut found, mut found_at) = (vec![0; maxima.len()], vec![9; maxima.len()]);
    kernels
        .max_pool_sums(&pool, sums, &mut found, Some(&mut found_at))
        .map_err(text)?;
    let mut compared = same(case, "pooled sums", &found, &maxima)?;
    compared += same(case, "pooled positions", &found_at, &positions)?;

    let channels: Vec<_> = (0..shape.outputs)
        .map(|channel| Threshold {
            at: sums[channel],
            invert: channel % 3 == 1,
        })
        .collect();
    let pack = |sums: &[i32]| {
        let bits: Vec<_> = sums
            .iter()
            .enumerate()
            .map(|(at, &s)| channels[at % shape.outputs].bit(s))
            .collect();
        BitMatrix::from_bools(sums.len() / shape.outputs, shape.outputs, &bits).expect("sizes fit")
    };
    let (input, expected) = (pack(sums), pack(&maxima));
    let mut words = vec![u64::MAX; expected.words().len()];
    let invert = Thresholds::new(&channels);
    kernels
        .max_pool_bits(&pool, input.words(), invert.invert(), &mut words)
        .map_err(text)?;
    Ok(compared + same(case, "pooled bits", &words, expected.words())?)
}

fn same<T: PartialEq + core::fmt::Debug>(
    case: &Case,
    what: &str,
    found: &[T],
    expected: &[T],
) -> Result<usize, String> {
    if found.len() != expected.len() {
        return Err(format!(
            "{what}: {} numbers, expected {}",
            found.len(),
            expected.len()
        ));
    }
    match found
        .iter()
        .zip(expected)
        .position(|(found, expected)| found != expected)
    {
        None => Ok(found.len()),
        Some(at) => Err(format!(
            "{what}[{at}] = {:?}, expected {:?}, in {case:?}",
            found[at], expected[at]
        )),
    }
}

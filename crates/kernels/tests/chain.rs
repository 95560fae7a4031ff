//! Layers behind each other, on bits alone, equal the same layers on plain numbers.

use orthant_bits::{
    Aligned, BitTensor, Border, ConvShape, PoolShape, TensorShape, Threshold, Thresholds, words_for,
};
use orthant_kernels::oracle::{Random, conv2d, max_pool};
use orthant_kernels::{Conv, Input, Inputs, Kernels, Layer, Output, Weights};

/// A convolution with its thresholds, packed and plain.
struct Stage {
    shape: ConvShape,
    pool: Option<PoolShape>,
    weights: Vec<i8>,
    thresholds: Vec<Threshold>,
}

impl Stage {
    fn new(shape: ConvShape, pool: Option<PoolShape>, random: &mut Random) -> Self {
        let weights = random.picks(shape.outputs * shape.filter_len(), &[-1, 1]);
        let n = shape.filter_len();
        let thresholds = (0..shape.outputs).map(|_| Threshold {
            // Around zero, where most sums and so most ties are.
            at: random.below(n) as i32 / 4 - n as i32 / 8,
            invert: random.below(2) == 0,
        });
        let thresholds = thresholds.collect();
        Self {
            shape,
            pool,
            weights,
            thresholds,
        }
    }

    /// The signs of the next layer, number by number.
    fn plain(&self, batch: usize, x: &[i32]) -> Vec<i32> {
        let weights: Vec<_> = self.weights.iter().map(|&w| i32::from(w)).collect();
        let mut sums = conv2d(&self.shape, batch, x, &weights, self.shape.border.value());
        if let Some(pool) = self.pool {
            sums = max_pool(pool, batch, self.shape.output(), self.shape.outputs, &sums).0;
        }
        let outputs = self.shape.outputs;
        let sign = |(at, &sum): (usize, &i32)| match self.thresholds[at % outputs].bit(sum) {
            true => 1,
            false => -1,
        };
        sums.iter().enumerate().map(sign).collect()
    }

    /// The same on packed words.
    fn packed(&self, kernels: &Kernels, batch: usize, x: &[u64]) -> Vec<u64> {
        let shape = self.shape;
        let [height, width] = shape.kernel;
        let filters = TensorShape::new(shape.outputs, height, width, shape.channels);
        let filters = BitTensor::from_i8(filters, &self.weights).unwrap();
        let weights = Weights::Binary(filters.pixels().words());
        let layer = Layer {
            shape,
            inputs: Inputs::Binary,
            weights,
        };
        let mut weights = Aligned::zeros(kernels.prepared_len(&layer).unwrap());
        kernels.prepare(&layer, &mut weights).unwrap();
        let (input, pool) = (Input::Binary(x), self.pool);
        let conv = Conv {
            shape,
            pool,
            input,
            batch,
            weights: &weights,
        };
        let rows = conv.output_rows().unwrap();
        let mut words = vec![0; rows * conv.output().unwrap()[1] * words_for(shape.outputs)];
        let thresholds = Thresholds::new(&self.thresholds);
        let output = Output::Bits {
            thresholds: &thresholds,
            words: &mut words,
        };
        kernels.conv2d(&conv, 0..rows, output, &mut []).unwrap();
        words
    }
}

#[test]
fn conv_threshold_pool_conv_equals_plain_numbers_at_all_borders() {
    let random = &mut Random::new(5);
    let batch = 3;
    for border in [Border::Zero, Border::PlusOne, Border::MinusOne] {
        let conv = |[side, channels, outputs]: [usize; 3]| ConvShape {
            border,
            ..ConvShape::new([side, side, channels], outputs, [3, 3])
        };
        let stages = [
            Stage::new(conv([9, 5, 70]), None, random),
            Stage::new(conv([9, 70, 33]), Some(PoolShape::square(2)), random),
            Stage::new(conv([4, 33, 129]), Some(PoolShape::square(2)), random),
            Stage::new(conv([2, 129, 64]), None, random),
        ];
        let input = random.picks(batch * 9 * 9 * 5, &[-1i8, 1]);
        let packed = BitTensor::from_i8(TensorShape::new(batch, 9, 9, 5), &input).unwrap();
        let input: Vec<_> = input.iter().map(|&x| i32::from(x)).collect();
        let plain = stages.iter().fold(input, |x, stage| stage.plain(batch, &x));
        let plain: Vec<_> = plain.iter().map(|&x| x as i8).collect();
        assert!(
            plain.contains(&1) && plain.contains(&-1),
            "the chain decides something"
        );
        let expected = BitTensor::from_i8(TensorShape::new(batch, 2, 2, 64), &plain).unwrap();
        for kernels in Kernels::available() {
            let first = packed.pixels().words().to_vec();
            let words = stages
                .iter()
                .fold(first, |x, stage| stage.packed(&kernels, batch, &x));
            assert_eq!(
                words,
                expected.pixels().words(),
                "{} {border:?}",
                kernels.isa()
            );
        }
    }
}

//! The cases: layers of the CIFAR-10 network, square products, packing.

use anyhow::Result;
use orthant_bits::{
    Aligned, ConvShape, InputContract, Threshold, Thresholds, tail_mask, words_for,
};
use orthant_kernels::{Conv, Input, Inputs, Kernels, Layer, Output, Weights};

/// What a case does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work {
    /// Packed activations to thresholded bits.
    Bits(ConvShape),
    /// Packed activations to 32-bit sums.
    Sums(ConvShape),
    /// 8-bit pixels to thresholded bits.
    Pixels(ConvShape),
    /// Floats to packed signs: rows and columns.
    Pack(usize, usize),
}

/// One row of the bench.
#[derive(Debug, Clone)]
pub struct Case {
    /// Its name, `conv-IN-OUT-SIDE`, `dense-IN-OUT`, `square-N`, `first-…` or `pack-f32`.
    pub name: String,
    /// Images, or rows of a dense layer.
    pub batch: usize,
    /// What it does.
    pub work: Work,
}

impl Case {
    /// Every case, in the order of the network.
    pub fn all() -> Vec<Self> {
        let mut cases = Vec::new();
        let mut add = |name: String, batch, work| cases.push(Self { name, batch, work });
        for batch in [1, 64] {
            let conv =
                |side, channels, outputs| ConvShape::new([side, side, channels], outputs, [3, 3]);
            add(
                "first-3-128-32".into(),
                batch,
                Work::Pixels(conv(32, 3, 128)),
            );
            let layers = [
                (128, 128, 32),
                (128, 256, 16),
                (256, 256, 16),
                (256, 512, 8),
                (512, 512, 8),
            ];
            for (channels, outputs, side) in layers {
                let name = format!("conv-{channels}-{outputs}-{side}");
                add(name, batch, Work::Bits(conv(side, channels, outputs)));
            }
            for (inputs, outputs) in [(8192, 1024), (1024, 1024)] {
                let name = format!("dense-{inputs}-{outputs}");
                add(name, batch, Work::Bits(ConvShape::dense(inputs, outputs)));
            }
        }
        for side in [1024, 4096, 8192] {
            add(
                format!("square-{side}"),
                side,
                Work::Sums(ConvShape::dense(side, side)),
            );
        }
        add("pack-f32".into(), 1, Work::Pack(1024, 1152));
        cases
    }

    /// Rows of the output, which threads share.
    pub fn rows(&self) -> usize {
        match self.work {
            Work::Pack(..) => 1,
            Work::Bits(shape) | Work::Sums(shape) | Work::Pixels(shape) => {
                self.batch * shape.output()[0]
            }
        }
    }

    /// Rows of the output that one thread takes at a time.
    ///
    /// A whole image, and as many images as a quarter of a millisecond or so takes; of a product
    /// at least 64 rows, so that it reads its weights as a whole product would.
    fn chunk(&self, rows_per_image: usize, threads: usize) -> usize {
        const MACS: u64 = 100_000_000;
        let (Work::Bits(shape) | Work::Sums(shape) | Work::Pixels(shape)) = self.work else {
            return 1;
        };
        let images = (MACS / shape.macs()).max(1) as usize;
        let images = if rows_per_image == 1 {
            images.max(64)
        } else {
            images
        };
        let all = self.batch * rows_per_image;
        (images * rows_per_image).min(all.div_ceil(threads))
    }
}

/// Multiply-accumulates of one row of a convolution's output.
fn row_macs(shape: &ConvShape) -> u64 {
    shape.macs() / shape.output()[0] as u64
}

/// A case's data, ready to run on some number of threads.
pub struct Bench {
    kernels: Kernels,
    work: Work,
    batch: usize,
    packed: Aligned<u64>,
    pixels: Vec<u8>,
    floats: Vec<f32>,
    weights: Aligned<u64>,
    thresholds: Thresholds,
    chunk: usize,
    rows: usize,
}

/// Output and scratch of one thread.
pub struct Worker {
    words: Aligned<u64>,
    sums: Aligned<i32>,
    scratch: Vec<u64>,
    /// The next chunk of rows; a shorter rest at the end is left out.
    chunk: usize,
    threads: usize,
}

/// Words of random bits, from a fixed seed.
fn random_words(len: usize) -> Aligned<u64> {
    let mut words = Aligned::zeros(len);
    let mut state = 1u64;
    for word in words.iter_mut() {
        // Xorshift64: any bits that are no pattern will do.
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        *word = state;
    }
    words
}

/// `rows` rows of `bits` random bits, their padding bits 0.
fn random_rows(rows: usize, bits: usize) -> Aligned<u64> {
    let mut words = random_words(rows * words_for(bits));
    for row in words.chunks_exact_mut(words_for(bits)) {
        row[words_for(bits) - 1] &= tail_mask(bits);
    }
    words
}

impl Bench {
    /// Makes random operands and prepares the weights.
    pub fn new(kernels: Kernels, case: &Case, threads: usize) -> Result<Self> {
        let mut bench = Self {
            kernels,
            work: case.work,
            batch: case.batch,
            packed: Aligned::zeros(0),
            pixels: Vec::new(),
            floats: Vec::new(),
            weights: Aligned::zeros(0),
            thresholds: Thresholds::new(&[]),
            chunk: 1,
            rows: 1,
        };
        let (Work::Bits(shape) | Work::Sums(shape) | Work::Pixels(shape)) = case.work else {
            let Work::Pack(rows, cols) = case.work else {
                unreachable!("the other works")
            };
            let signs = random_words(rows * cols);
            bench.floats = signs.iter().map(|&word| word as i64 as f32).collect();
            return Ok(bench);
        };
        let images = shape.height * shape.width * case.batch;
        let contract = InputContract::uniform(2, 255, 255, shape.channels);
        let canonical = match case.work {
            Work::Pixels(_) => {
                bench.pixels = random_words(images * shape.channels / 8 + 1)
                    .iter()
                    .flat_map(|word| word.to_le_bytes())
                    .take(images * shape.channels)
                    .collect();
                random_rows(shape.outputs, shape.filter_len())
            }
            _ => {
                bench.packed = random_rows(images, shape.channels);
                let taps = shape.kernel[0] * shape.kernel[1];
                random_rows(shape.outputs * taps, shape.group_channels())
            }
        };
        let inputs = match case.work {
            Work::Pixels(_) => Inputs::Pixels(&contract),
            _ => Inputs::Binary,
        };
        let layer = Layer {
            shape,
            inputs,
            weights: Weights::Binary(&canonical),
        };
        bench.weights = Aligned::zeros(kernels.prepared_len(&layer)?);
        kernels.prepare(&layer, &mut bench.weights)?;
        let channels = (0..shape.outputs as i32).map(|channel| Threshold {
            at: channel % 9 - 4,
            invert: channel % 2 == 1,
        });
        bench.thresholds = Thresholds::new(&channels.collect::<Vec<_>>());
        bench.rows = case.batch * shape.output()[0];
        bench.chunk = case.chunk(shape.output()[0], threads);
        Ok(bench)
    }

    /// The state of each of `threads` threads.
    pub fn workers(&self, threads: usize) -> Result<Vec<Worker>> {
        let (mut words, mut sums, mut scratch) = (0, 0, 0);
        match self.work {
            Work::Pack(rows, cols) => words = rows * words_for(cols),
            Work::Bits(shape) | Work::Pixels(shape) => {
                words = self.chunk * shape.output()[1] * words_for(shape.outputs);
                scratch = self.conv(shape).scratch_len()?;
            }
            Work::Sums(shape) => sums = self.chunk * shape.output()[1] * shape.outputs,
        }
        let worker = |index: usize| Worker {
            words: Aligned::zeros(words),
            sums: Aligned::zeros(sums),
            scratch: vec![0; scratch],
            chunk: index % (self.rows / self.chunk),
            threads,
        };
        Ok((0..threads).map(worker).collect())
    }

    fn conv(&self, shape: ConvShape) -> Conv<'_> {
        let input = match self.work {
            Work::Pixels(_) => Input::Pixels(&self.pixels),
            _ => Input::Binary(&self.packed),
        };
        Conv {
            shape,
            pool: None,
            input,
            batch: self.batch,
            weights: &self.weights,
        }
    }

    /// Does one chunk of the work.
    pub fn step(&self, worker: &mut Worker) -> Result<()> {
        let rows = worker.chunk * self.chunk..(worker.chunk + 1) * self.chunk;
        let Worker {
            words,
            sums,
            scratch,
            ..
        } = worker;
        match self.work {
            Work::Pack(_, cols) => self.kernels.pack_signs(cols, &self.floats, words)?,
            Work::Bits(shape) | Work::Pixels(shape) => {
                let output = Output::Bits {
                    thresholds: &self.thresholds,
                    words,
                };
                self.kernels
                    .conv2d(&self.conv(shape), rows, output, scratch)?;
            }
            Work::Sums(shape) => {
                let output = Output::I32(sums);
                self.kernels
                    .conv2d(&self.conv(shape), rows, output, scratch)?;
            }
        }
        worker.chunk = (worker.chunk + worker.threads) % (self.rows / self.chunk);
        Ok(())
    }

    /// Nominal multiply-accumulates of one step: taps outside the image count as if inside.
    pub fn macs(&self) -> u64 {
        match self.work {
            Work::Pack(..) => 0,
            Work::Bits(shape) | Work::Sums(shape) | Work::Pixels(shape) => {
                row_macs(&shape) * self.chunk as u64
            }
        }
    }

    /// Bytes that one step reads and writes at least once: activations, weights and output.
    pub fn bytes(&self) -> u64 {
        let share = |len: usize| (len * self.chunk / self.rows) as u64;
        let (activations, output) = match self.work {
            Work::Pack(rows, cols) => (
                4 * share(self.floats.len()),
                (8 * rows * words_for(cols)) as u64,
            ),
            Work::Bits(shape) | Work::Pixels(shape) => {
                let words = self.chunk * shape.output()[1] * words_for(shape.outputs);
                (
                    8 * share(self.packed.len()) + share(self.pixels.len()),
                    8 * words as u64,
                )
            }
            Work::Sums(shape) => (
                8 * share(self.packed.len()),
                (4 * self.chunk * shape.outputs) as u64,
            ),
        };
        activations + output + 8 * self.weights.len() as u64
    }

    /// The largest operand, which a bound by memory must read.
    pub fn stream(&self) -> &[u64] {
        &self.weights
    }

    /// Rows, columns and depth of the same product in float32, a chunk at a time.
    pub fn product(&self) -> Option<[usize; 3]> {
        match self.work {
            Work::Pack(..) => None,
            Work::Bits(shape) | Work::Sums(shape) | Work::Pixels(shape) => {
                let pixels = self.chunk * shape.output()[1];
                Some([pixels, shape.outputs, shape.filter_len()])
            }
        }
    }
}

//! The door: checked calls into the entry points of one instruction set.

use core::ops::Range;

use orthant_bits::{tail_mask, words_for};

use crate::conv::{Conv, Layer, Output};
use crate::error::check_length;
use crate::float::FloatConv;
use crate::job::Job;
use crate::pool::Pool;
use crate::prepared;
use crate::table::Table;
use crate::{Error, Isa};

/// The kernels of one instruction set, which this CPU was seen to have.
#[derive(Clone, Copy)]
pub struct Kernels {
    isa: Isa,
    pub(crate) table: &'static Table,
}

impl core::fmt::Debug for Kernels {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Kernels").field("isa", &self.isa).finish()
    }
}

impl Kernels {
    /// The kernels of the best instruction set that this CPU has.
    ///
    /// With the feature `std` the environment variable `ORTHANT_ISA` forces one by its name;
    /// without it, the features that the program was compiled with decide.
    ///
    /// # Errors
    /// `ORTHANT_ISA` names an unknown instruction set, or one that this CPU does not have.
    pub fn detect() -> Result<Self, Error> {
        #[cfg(feature = "std")]
        if let Some(name) = std::env::var_os("ORTHANT_ISA") {
            return Self::for_isa(Isa::from_name(name.to_str().ok_or(Error::IsaName)?)?);
        }
        Self::for_isa(Self::best())
    }

    /// The kernels of one instruction set.
    ///
    /// # Errors
    /// This CPU does not have it.
    pub fn for_isa(isa: Isa) -> Result<Self, Error> {
        match Self::table(isa) {
            Some(table) if isa.is_available() => Ok(Self { isa, table }),
            _ => Err(Error::IsaMissing {
                isa,
                best: Self::best(),
            }),
        }
    }

    /// The kernels of every instruction set that this CPU has, slowest first.
    pub fn available() -> impl Iterator<Item = Self> {
        Isa::ALL
            .into_iter()
            .filter_map(|isa| Self::for_isa(isa).ok())
    }

    fn best() -> Isa {
        Isa::ALL
            .into_iter()
            .rev()
            .find(|isa| isa.is_available())
            .unwrap_or(Isa::Scalar)
    }

    fn table(isa: Isa) -> Option<&'static Table> {
        match isa {
            Isa::Scalar => Some(&crate::scalar::TABLE),
            #[cfg(target_arch = "aarch64")]
            Isa::Neon => Some(&crate::aarch64::TABLE),
            #[cfg(target_arch = "x86_64")]
            Isa::Avx2 => Some(&crate::x86_64::avx2::TABLE),
            #[cfg(target_arch = "x86_64")]
            Isa::Avx512Bw => Some(&crate::x86_64::avx512bw::TABLE),
            #[cfg(target_arch = "x86_64")]
            Isa::Avx512 => Some(&crate::x86_64::avx512::TABLE),
            #[allow(unreachable_patterns, reason = "the other architectures' sets")]
            _ => None,
        }
    }

    /// The instruction set in use.
    pub fn isa(&self) -> Isa {
        self.isa
    }

    /// Words that [`prepare`](Self::prepare) writes for a layer.
    ///
    /// # Errors
    /// An impossible shape, weights of a wrong length or with unused ternary codes, or sums that a
    /// 32-bit accumulator does not hold.
    pub fn prepared_len(&self, layer: &Layer) -> Result<usize, Error> {
        Ok(prepared::plan(layer, self.table.panel)?.len())
    }

    /// Rearranges canonical weights for this instruction set.
    ///
    /// The buffer is best aligned to a cache line, as [`orthant_bits::Aligned`] is.
    ///
    /// # Errors
    /// Those of [`prepared_len`](Self::prepared_len), or a buffer of another length.
    pub fn prepare(&self, layer: &Layer, out: &mut [u64]) -> Result<(), Error> {
        let plan = prepared::plan(layer, self.table.panel)?;
        prepared::write(layer, &plan, self.isa, out)
    }

    /// A convolution of packed or 8-bit activations with prepared weights.
    ///
    /// `rows` are the rows of the output to compute, counted over all images (see
    /// [`Conv::output_rows`]); `output` holds just these. Threads share a convolution by splitting
    /// its rows, each with a scratch of its own of at least [`Conv::scratch_len`] words.
    ///
    /// # Errors
    /// An impossible shape, rows outside the output, a slice of a wrong length or a short scratch,
    /// weights that are not prepared for this instruction set, shape and kind of input, or 16-bit
    /// output for sums that do not fit.
    pub fn conv2d(
        &self,
        conv: &Conv,
        rows: Range<usize>,
        output: Output,
        scratch: &mut [u64],
    ) -> Result<(), Error> {
        let job = Job::new(conv, rows, output, scratch, self.isa, self.table.panel)?;
        if let Some(mut job) = job {
            // SAFETY: a `Kernels` is built by `for_isa` alone, after the CPU was seen to have
            // `self.isa`, and a `Job` is checked when it is made.
            unsafe { (self.table.conv)(&mut job) };
        }
        Ok(())
    }

    /// Bits that differ between two rows; the ±1 dot product is `n − 2 · mismatches`.
    ///
    /// # Errors
    /// Rows of different lengths.
    pub fn mismatches(&self, a: &[u64], b: &[u64]) -> Result<u64, Error> {
        check_length("second row, in words,", Some(a.len()), b.len())?;
        // SAFETY: the CPU has `self.isa`; the lengths are equal.
        Ok(unsafe { (self.table.mismatches)(a, b) })
    }

    /// Dot product of two ternary rows, each `[sign, nonzero]`, `sign` 0 where `nonzero` is.
    ///
    /// ```text
    /// dot = popcount(z) − 2 · popcount((sign_a xor sign_b) and z)      z = nonzero_a and nonzero_b
    /// ```
    ///
    /// # Errors
    /// Planes of different lengths.
    pub fn ternary_dot(&self, a: [&[u64]; 2], b: [&[u64]; 2]) -> Result<i64, Error> {
        for plane in [a[1], b[0], b[1]] {
            check_length("plane, in words,", Some(a[0].len()), plane.len())?;
        }
        // SAFETY: the CPU has `self.isa`; the lengths are equal.
        Ok(unsafe { (self.table.ternary_dot)(a, b) })
    }

    /// Packs the signs of `values : [rows, cols]` into `out : [rows, words_for(cols)]`; both zeros
    /// are +1.
    ///
    /// # Errors
    /// Lengths that do not belong together, or a NaN; `out` is then partly written.
    pub fn pack_signs(&self, cols: usize, values: &[f32], out: &mut [u64]) -> Result<(), Error> {
        if cols == 0 {
            return Err(orthant_bits::Error::ZeroSize {
                what: "the number of columns",
            }
            .into());
        }
        let rows = values.len() / cols;
        check_length("values", Some(rows * cols), values.len())?;
        check_length(
            "packed rows, in words,",
            rows.checked_mul(words_for(cols)),
            out.len(),
        )?;
        // SAFETY: the CPU has `self.isa`; the lengths belong together.
        match unsafe { (self.table.pack_signs)(values, cols, out) } {
            Some(index) => Err(orthant_bits::Error::NotANumber { index }.into()),
            None => Ok(()),
        }
    }

    /// Packs `ternarize(value, threshold)` of `values : [rows, cols]` into two planes, each
    /// `[rows, words_for(cols)]`.
    ///
    /// `spare` holds as many numbers as `values`, which are overwritten.
    ///
    /// # Errors
    /// Lengths that do not belong together, or a NaN; the planes are then partly written.
    pub fn pack_ternary(
        &self,
        cols: usize,
        values: &[f32],
        threshold: f32,
        [sign, nonzero]: [&mut [u64]; 2],
        spare: &mut [f32],
    ) -> Result<(), Error> {
        check_length("spare numbers", Some(values.len()), spare.len())?;
        // The sign of a rounded difference is exact, so `t − v >= 0` is `v <= t`.
        let difference = spare.iter_mut().zip(values);
        difference.for_each(|(to, value)| *to = threshold - value);
        self.pack_signs(cols, spare, sign)?;
        let sum = spare.iter_mut().zip(values);
        sum.for_each(|(to, value)| *to = value + threshold);
        self.pack_signs(cols, spare, nonzero)?;
        let (words, padding) = (words_for(cols), tail_mask(cols));
        for (at, (sign, nonzero)) in sign.iter_mut().zip(nonzero).enumerate() {
            let mask = if at % words == words - 1 {
                padding
            } else {
                u64::MAX
            };
            *sign = !*sign & mask;
            *nonzero = *sign | !*nonzero & mask;
        }
        Ok(())
    }

    /// Max-pool of packed bits: OR, and AND for the channels whose bit in `invert` is 1.
    ///
    /// `invert` is [`Thresholds::invert`](orthant_bits::Thresholds::invert), or empty.
    ///
    /// # Errors
    /// Slices of wrong lengths.
    pub fn max_pool_bits(
        &self,
        pool: &Pool,
        input: &[u64],
        invert: &[u64],
        output: &mut [u64],
    ) -> Result<(), Error> {
        let words = words_for(pool.channels);
        check_length(
            "pool's input, in words,",
            pool.elements(pool.input, words),
            input.len(),
        )?;
        check_length(
            "pool's output, in words,",
            pool.elements(pool.output, words),
            output.len(),
        )?;
        if !invert.is_empty() {
            check_length("inverted channels, in words,", Some(words), invert.len())?;
        }
        // SAFETY: the CPU has `self.isa`.
        unsafe { (self.table.max_pool_bits)(pool, input, invert, output) };
        Ok(())
    }

    /// Max-pool of sums, with the position of each maximum in its window where asked for.
    ///
    /// Positions count a window's pixels in row-major order; of equal sums the first one counts.
    ///
    /// # Errors
    /// Slices of wrong lengths.
    pub fn max_pool_sums(
        &self,
        pool: &Pool,
        input: &[i32],
        output: &mut [i32],
        positions: Option<&mut [u32]>,
    ) -> Result<(), Error> {
        let (from, to) = (
            pool.elements(pool.input, pool.channels),
            pool.elements(pool.output, pool.channels),
        );
        check_length("pool's input", from, input.len())?;
        check_length("pool's output", to, output.len())?;
        if let Some(positions) = &positions {
            check_length("pool's positions", to, positions.len())?;
        }
        // SAFETY: the CPU has `self.isa`.
        unsafe { (self.table.max_pool_sums)(pool, input, output, positions) };
        Ok(())
    }

    /// Max-pool of real numbers; one that is NaN stays NaN.
    ///
    /// # Errors
    /// Slices of wrong lengths.
    pub fn max_pool_f32(&self, pool: &Pool, x: &[f32], y: &mut [f32]) -> Result<(), Error> {
        let lengths = [pool.input, pool.output].map(|extent| pool.elements(extent, pool.channels));
        check_length("pool's input", lengths[0], x.len())?;
        check_length("pool's output", lengths[1], y.len())?;
        // SAFETY: the CPU has `self.isa`.
        unsafe { (self.table.max_pool_f32)(pool, x, y) };
        Ok(())
    }

    /// Runs the instruction set's own limit: binary products of registers alone, added up.
    ///
    /// Each round does the operations of one product as this instruction set spells it at best
    /// (XOR, popcount and addition where it has a popcount), enough of them side by side that
    /// nothing waits. Returns the number of products, 64 or more a round, which divided by the
    /// time is what no kernel of this form exceeds.
    pub fn limit(&self, rounds: u64) -> u64 {
        // SAFETY: the CPU has `self.isa`.
        unsafe { (self.table.limit)(rounds) }
    }

    /// `x = x · scale + shift` per channel: `x : [pixels, channels]`; multiply, round, add, round.
    ///
    /// # Errors
    /// Lengths that do not belong together.
    pub fn affine(&self, scale: &[f32], shift: &[f32], x: &mut [f32]) -> Result<(), Error> {
        check_length("shift", Some(scale.len()), shift.len())?;
        check_rows("activations", x.len(), scale.len())?;
        // SAFETY: the CPU has `self.isa`.
        unsafe { (self.table.affine)(scale, shift, x) };
        Ok(())
    }

    /// `x = x + residual`, element by element.
    ///
    /// # Errors
    /// Different lengths.
    pub fn add(&self, residual: &[f32], x: &mut [f32]) -> Result<(), Error> {
        check_length("residual", Some(x.len()), residual.len())?;
        // SAFETY: the CPU has `self.isa`.
        unsafe { (self.table.add)(residual, x) };
        Ok(())
    }

    /// Mean over the pixels of one image: `x : [pixels, channels]`, `y : [channels]`.
    ///
    /// # Errors
    /// Lengths that do not belong together, or no pixel.
    pub fn mean_pool(&self, x: &[f32], y: &mut [f32]) -> Result<(), Error> {
        check_rows("activations", x.len(), y.len())?;
        if x.is_empty() {
            return Err(orthant_bits::Error::ZeroSize {
                what: "the number of pixels",
            }
            .into());
        }
        // SAFETY: the CPU has `self.isa`.
        unsafe { (self.table.mean_pool)(x, y.len(), y) };
        Ok(())
    }

    /// `y = x · wᵀ`: `x : [rows, inputs]`, `weights : [outputs, inputs]`, `y : [rows, outputs]`.
    ///
    /// ```text
    /// s[j] = Σ_{k ≡ j mod 16} x[k] · w[k]      in order of k; multiply, round, add, round
    /// y    = the tree s[j] + s[j + 8], then + 4, + 2, + 1
    /// ```
    ///
    /// # Errors
    /// Lengths that do not belong together.
    pub fn dense_f32(
        &self,
        inputs: usize,
        x: &[f32],
        weights: &[f32],
        y: &mut [f32],
    ) -> Result<(), Error> {
        check_rows("activations", x.len(), inputs)?;
        check_rows("weights", weights.len(), inputs)?;
        let (rows, outputs) = (x.len() / inputs, weights.len() / inputs);
        check_length("outputs", rows.checked_mul(outputs), y.len())?;
        if outputs > 0 {
            // SAFETY: the CPU has `self.isa`.
            unsafe { (self.table.dense_f32)(x, weights, inputs, y) };
        }
        Ok(())
    }

    /// A float convolution: `y : [batch, height, width, outputs]`, each a sum as in
    /// [`dense_f32`](Self::dense_f32) over a patch in the order of the filter.
    ///
    /// `scratch` holds [`scratch_len`](FloatConv::scratch_len) numbers.
    ///
    /// # Errors
    /// An impossible shape, or slices of wrong lengths.
    pub fn conv2d_f32(
        &self,
        conv: &FloatConv,
        y: &mut [f32],
        scratch: &mut [f32],
    ) -> Result<(), Error> {
        let shape = &conv.shape;
        shape.check()?;
        let input = (shape.height * shape.width * shape.channels).checked_mul(conv.batch);
        check_length("float input", input, conv.input.len())?;
        let weights = shape.outputs.checked_mul(shape.filter_len());
        check_length("float weights", weights, conv.weights.len())?;
        let [height, width] = shape.output();
        let pixels = height
            .checked_mul(width)
            .and_then(|n| n.checked_mul(conv.batch));
        check_length(
            "outputs",
            pixels.and_then(|n| n.checked_mul(shape.outputs)),
            y.len(),
        )?;
        check_length(
            "scratch",
            Some(FloatConv::scratch_len(shape)),
            scratch.len(),
        )?;
        // SAFETY: the CPU has `self.isa`.
        unsafe { (self.table.conv_f32)(conv, scratch, y) };
        Ok(())
    }
}

/// `Ok` when `len` elements are whole rows of `row` elements.
pub(crate) fn check_rows(what: &'static str, len: usize, row: usize) -> Result<(), Error> {
    match row {
        0 => Err(orthant_bits::Error::ZeroSize {
            what: "the length of a row",
        }
        .into()),
        _ => check_length(what, Some(len / row * row), len),
    }
}

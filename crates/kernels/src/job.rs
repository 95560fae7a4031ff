//! A checked convolution, as the loops see it.

use core::ops::Range;

use orthant_bits::{ConvShape, Input, PoolShape, words_for};

use crate::conv::{Conv, Output};
use crate::error::check_length;
use crate::panel::{Operands, Panel};
use crate::prepared::{self, Header, Plan};
use crate::{Error, Isa, generic};

/// Everything that a convolution's loops read and write; every length in it was checked.
pub(crate) struct Job<'a> {
    pub shape: ConvShape,
    pub pool: Option<PoolShape>,
    /// Rows of the output, of all images, that are asked for; at least one.
    pub rows: Range<usize>,
    /// Height and width of the output of one image, the pool included.
    pub extent: [usize; 2],
    /// Packed input: one plane, or sign and nonzero.
    pub planes: [&'a [u64]; 2],
    /// Words between pixels of a plane.
    pub pixel_words: usize,
    /// Words between the groups of a pixel.
    pub group_words: usize,
    /// 8-bit input.
    pub pixels: &'a [u8],
    /// The input contract's factor.
    pub a: i32,
    pub plan: Plan,
    pub panels: &'a [u64],
    pub inside: &'a [u64],
    pub outside: &'a [u64],
    pub output: Output<'a>,
    /// Room for the patches of a block of pixels, and for what a window's taps add.
    pub patches: &'a mut [u64],
}

impl<'a> Job<'a> {
    /// Checks everything that a convolution is given; `None` when no row is asked for.
    ///
    /// # Errors
    /// Those of [`Kernels::conv2d`](crate::Kernels::conv2d).
    pub(crate) fn new(
        conv: &Conv<'a>,
        rows: Range<usize>,
        output: Output<'a>,
        scratch: &'a mut [u64],
        isa: Isa,
        panel_of: fn(Operands) -> Panel,
    ) -> Result<Option<Self>, Error> {
        let shape = conv.shape;
        let extent = conv.check(&rows, &output)?;
        let scratch_len = conv.scratch_len()?;
        if scratch.len() < scratch_len {
            return Err(Error::Scratch {
                expected: scratch_len,
                found: scratch.len(),
            });
        }
        let header = prepared::read_header(conv.weights, &shape, isa)?;
        check_operands(&conv.input, &header)?;
        let plan = Plan::new(&shape, header.operands, panel_of(header.operands))?;
        check_length(
            "prepared weights, in words,",
            Some(plan.len()),
            conv.weights.len(),
        )?;
        output.check_range(header.largest)?;
        if rows.is_empty() {
            return Ok(None);
        }
        let (panels, inside, outside) = plan.split(conv.weights);
        let pixel_words = words_for(shape.channels);
        let mut job = Self {
            shape,
            pool: conv.pool,
            rows,
            extent,
            planes: [&[]; 2],
            pixel_words,
            group_words: words_for(shape.group_channels()),
            pixels: &[],
            a: header.a,
            plan,
            panels,
            inside,
            outside,
            output,
            patches: &mut [],
        };
        let images = job.images();
        match conv.input {
            Input::Pixels(pixels) => {
                (job.pixels, job.patches) = (pixels, &mut scratch[..scratch_len]);
            }
            Input::Binary(words) if conv.splits_groups() => {
                job.pixel_words = shape.groups * job.group_words;
                let scratch = &mut scratch[..scratch_len];
                generic::split_groups(words, &shape, images, scratch);
                job.planes = [scratch, &[]];
            }
            Input::Ternary { sign, nonzero } if conv.splits_groups() => {
                job.pixel_words = shape.groups * job.group_words;
                let (signs, nonzeros) = scratch[..scratch_len].split_at_mut(scratch_len / 2);
                generic::split_groups(sign, &shape, images.clone(), signs);
                generic::split_groups(nonzero, &shape, images, nonzeros);
                job.planes = [signs, nonzeros];
            }
            Input::Binary(words) => job.planes = [words, &[]],
            Input::Ternary { sign, nonzero } => job.planes = [sign, nonzero],
        }
        Ok(Some(job))
    }

    /// Images that the rows asked for lie in.
    pub(crate) fn images(&self) -> Range<usize> {
        self.rows.start / self.extent[0]..(self.rows.end - 1) / self.extent[0] + 1
    }
}

fn check_operands(input: &Input, header: &Header) -> Result<(), Error> {
    let (expected, found) = (header.operands.input_name(), input.name());
    if expected == found {
        Ok(())
    } else {
        Err(Error::Operands { expected, found })
    }
}

//! The shape of a convolution, its borders, and the first layer's input.

use alloc::vec::Vec;
use core::ops::Range;

use crate::Error;

/// What a convolution reads outside the image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Border {
    /// 0: a tap outside contributes nothing, as in the paper.
    #[default]
    Zero,
    /// +1.
    PlusOne,
    /// −1.
    MinusOne,
}

impl Border {
    /// The name that recipes use.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Zero => "zero",
            Self::PlusOne => "plus-one",
            Self::MinusOne => "minus-one",
        }
    }

    /// The number that is read: 0, +1 or −1.
    pub const fn value(self) -> i32 {
        match self {
            Self::Zero => 0,
            Self::PlusOne => 1,
            Self::MinusOne => -1,
        }
    }
}

/// How far the image is extended on its four sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Padding {
    /// So far that the output is `ceil(input / stride)`; an odd row goes to the bottom or right.
    #[default]
    Same,
    /// Not at all.
    Valid,
    /// By these numbers of pixels.
    Explicit {
        /// Rows above.
        top: usize,
        /// Rows below.
        bottom: usize,
        /// Columns before.
        left: usize,
        /// Columns behind.
        right: usize,
    },
}

/// A two-dimensional convolution over packed NHWC activations with OHWI weights.
///
/// ```text
/// y[b, i, j, o] = Σ_{u, v, c} w[o, u, v, c] · x[b, i·s0 + u·d0 − top, j·s1 + v·d1 − left, g·C + c]
///     x : [batch, height, width, channels]        C = channels / groups
///     w : [outputs, kernel[0], kernel[1], C]      g = o / (outputs / groups)
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ConvShape {
    /// Rows of an input image.
    pub height: usize,
    /// Columns of an input image.
    pub width: usize,
    /// Input channels, of all groups together.
    pub channels: usize,
    /// Output channels, of all groups together.
    pub outputs: usize,
    /// Height and width of the kernel, in taps.
    pub kernel: [usize; 2],
    /// Vertical and horizontal step between outputs.
    pub stride: [usize; 2],
    /// Vertical and horizontal step between taps.
    pub dilation: [usize; 2],
    /// How far the image is extended.
    pub padding: Padding,
    /// Groups of channels that do not see each other.
    pub groups: usize,
    /// What the extension holds.
    pub border: Border,
}

/// The taps of one axis that lie inside the image at some output position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taps {
    /// The taps, a range since their positions only grow.
    pub taps: Range<usize>,
    /// Input row or column of the first of them.
    pub first: usize,
}

impl ConvShape {
    /// A convolution with stride 1, dilation 1, `Padding::Same`, one group and zero borders.
    pub const fn new(
        [height, width, channels]: [usize; 3],
        outputs: usize,
        kernel: [usize; 2],
    ) -> Self {
        Self {
            height,
            width,
            channels,
            outputs,
            kernel,
            stride: [1; 2],
            dilation: [1; 2],
            padding: Padding::Same,
            groups: 1,
            border: Border::Zero,
        }
    }

    /// The product of a batch of rows with a matrix `[outputs, inputs]`, as a 1 x 1 convolution.
    pub const fn dense(inputs: usize, outputs: usize) -> Self {
        Self::new([1, 1, inputs], outputs, [1, 1])
    }

    /// `Ok` when the other methods may be called.
    ///
    /// # Errors
    /// A zero, groups that do not divide the channels, a kernel larger than the padded input, or
    /// a product past the address range.
    pub fn check(&self) -> Result<(), Error> {
        let sizes = [
            ("the input's height", self.height),
            ("the input's width", self.width),
            ("the number of channels", self.channels),
            ("the number of outputs", self.outputs),
            ("the kernel's height", self.kernel[0]),
            ("the kernel's width", self.kernel[1]),
            ("the stride", self.stride[0].min(self.stride[1])),
            ("the dilation", self.dilation[0].min(self.dilation[1])),
            ("the number of groups", self.groups),
        ];
        if let Some(&(what, _)) = sizes.iter().find(|(_, size)| *size == 0) {
            return Err(Error::ZeroSize { what });
        }
        let groups = self.groups;
        for (what, channels) in [("input channels", self.channels), ("outputs", self.outputs)] {
            if channels % groups != 0 {
                return Err(Error::Groups {
                    what,
                    channels,
                    groups,
                });
            }
        }
        self.check_products().ok_or(Error::TooLarge {
            what: "convolution",
        })?;
        for (axis, name) in ["height", "width"].into_iter().enumerate() {
            let input = self.padded(axis);
            let kernel = self.reach(axis);
            if kernel > input {
                return Err(Error::KernelTooLarge {
                    axis: name,
                    kernel,
                    input,
                });
            }
        }
        Ok(())
    }

    /// `None` when a size that the methods compute overflows.
    fn check_products(&self) -> Option<()> {
        // A quarter of the range leaves room for sums of a few sizes.
        let fits = |size: usize| (size < usize::MAX / 4).then_some(size);
        for axis in 0..2 {
            fits((self.kernel[axis] - 1).checked_mul(self.dilation[axis])?)?;
            // A step between taps in elements of the input.
            let row = if axis == 0 { self.width } else { 1 };
            fits(
                self.dilation[axis]
                    .checked_mul(row)?
                    .checked_mul(self.channels)?,
            )?;
            fits([self.height, self.width][axis].checked_add(self.stride[axis])?)?;
        }
        if let Padding::Explicit {
            top,
            bottom,
            left,
            right,
        } = self.padding
        {
            // More than any image: a walk over padding alone would never end.
            (top.max(bottom).max(left).max(right) < 1 << 24).then_some(())?;
        }
        fits(
            self.height
                .checked_mul(self.width)?
                .checked_mul(self.channels)?,
        )?;
        let filter = self.kernel[0]
            .checked_mul(self.kernel[1])?
            .checked_mul(self.channels)?;
        fits(filter.checked_mul(self.outputs)?)?;
        let pixels = self.padded(0).checked_mul(self.padded(1))?;
        fits(pixels.checked_mul(self.outputs)?)?;
        // Operations are counted in 64 bits, whatever an address has.
        (pixels as u64)
            .checked_mul(self.outputs as u64)?
            .checked_mul(filter as u64)?;
        Some(())
    }

    /// Rows or columns that the kernel covers, dilation included.
    fn reach(&self, axis: usize) -> usize {
        (self.kernel[axis] - 1) * self.dilation[axis] + 1
    }

    /// Rows or columns of the extended image.
    fn padded(&self, axis: usize) -> usize {
        let [before, after] = self.pads(axis);
        [self.height, self.width][axis] + before + after
    }

    /// Rows added above and below (`axis` 0), or columns left and right (1).
    pub fn pads(&self, axis: usize) -> [usize; 2] {
        match self.padding {
            Padding::Valid => [0; 2],
            Padding::Explicit {
                top,
                bottom,
                left,
                right,
            } => [[top, bottom], [left, right]][axis],
            Padding::Same => {
                let (input, stride) = ([self.height, self.width][axis], self.stride[axis]);
                let last = (input.div_ceil(stride) - 1) * stride;
                let total = (last + self.reach(axis)).saturating_sub(input);
                [total / 2, total - total / 2]
            }
        }
    }

    /// Height and width of the output.
    pub fn output(&self) -> [usize; 2] {
        [0, 1].map(|axis| (self.padded(axis) - self.reach(axis)) / self.stride[axis] + 1)
    }

    /// The taps of `axis` that lie inside the image at an output row or column.
    pub fn taps(&self, axis: usize, position: usize) -> Taps {
        let (input, dilation) = ([self.height, self.width][axis], self.dilation[axis]);
        let before = self.pads(axis)[0];
        // In the extended image, the image itself is before..before + input.
        let start = position * self.stride[axis];
        let tap_at = |at: usize| {
            at.saturating_sub(start)
                .div_ceil(dilation)
                .min(self.kernel[axis])
        };
        let taps = tap_at(before)..tap_at(before + input);
        let first = (start + taps.start * dilation)
            .saturating_sub(before)
            .min(input - 1);
        Taps { taps, first }
    }

    /// Input channels of one group.
    pub fn group_channels(&self) -> usize {
        self.channels / self.groups
    }

    /// Output channels of one group.
    pub fn group_outputs(&self) -> usize {
        self.outputs / self.groups
    }

    /// Numbers in one filter: the `n` of a sum away from the borders.
    pub fn filter_len(&self) -> usize {
        self.kernel[0] * self.kernel[1] * self.group_channels()
    }

    /// Multiply-accumulates of one image, taps outside counted as if they were inside.
    pub fn macs(&self) -> u64 {
        let [height, width] = self.output();
        (height * width) as u64 * self.outputs as u64 * self.filter_len() as u64
    }
}

/// What the first layer's unsigned 8-bit inputs stand for: `x = (a · p − b_c) / unit`.
///
/// CIFAR-10 in [−1, 1] is `a` 2, `b` 255, `unit` 255; digits 0..=16 are 1, 8, 8.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputContract {
    /// Factor of the pixel.
    pub a: i32,
    /// What is subtracted, one number per channel.
    pub b: Vec<i32>,
    /// The integer that stands for 1.0; a `PlusOne` border contributes it.
    pub unit: i32,
}

impl InputContract {
    /// The same `b` for every channel.
    pub fn uniform(a: i32, b: i32, unit: i32, channels: usize) -> Self {
        Self {
            a,
            b: alloc::vec![b; channels],
            unit,
        }
    }

    /// The integer `a · p − b_c` of a pixel of a channel.
    ///
    /// # Panics
    /// If there is no such channel.
    #[inline]
    pub fn integer(&self, channel: usize, pixel: u8) -> i32 {
        self.a * i32::from(pixel) - self.b[channel]
    }

    /// The number `x` of a pixel of a channel: the integer's quotient by the unit, rounded once.
    ///
    /// # Panics
    /// If there is no such channel.
    #[inline]
    pub fn real(&self, channel: usize, pixel: u8) -> f32 {
        self.integer(channel, pixel) as f32 / self.unit as f32
    }
}

#[cfg(test)]
mod tests;

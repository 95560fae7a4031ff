//! What a convolution reads at each of its output positions.

use core::ops::Range;

use orthant_bits::{ConvShape, InputContract};

use crate::LayerInput;

/// Some columns of a group's filters: whole taps, or some channels of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Columns {
    /// The group.
    pub group: usize,
    /// Taps, counted along the kernel's rows.
    pub taps: Range<usize>,
    /// Channels of the group.
    pub channels: Range<usize>,
}

impl Columns {
    /// All columns of a group.
    pub fn all(shape: &ConvShape, group: usize) -> Self {
        Self {
            group,
            taps: 0..shape.kernel[0] * shape.kernel[1],
            channels: 0..shape.group_channels(),
        }
    }

    /// Number of columns.
    pub fn len(&self) -> usize {
        self.taps.len() * self.channels.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// The patches of a convolution's input, one per output position.
///
/// Positions count over the batch, `[batch, height, width]` of the output. A patch has the order of
/// a filter, `[taps, channels]`.
#[derive(Debug, Clone, Copy)]
pub struct Patches<'a> {
    shape: ConvShape,
    /// What pixels stand for.
    contract: &'a InputContract,
    /// Height and width of the output, which every patch asks for.
    output: [usize; 2],
    /// Rows above the image and columns before it, likewise.
    pads: [usize; 2],
}

impl<'a> Patches<'a> {
    /// The patches of a convolution that [can be](ConvShape::check); `contract` says what 8-bit
    /// pixels stand for.
    pub fn new(shape: ConvShape, contract: &'a InputContract) -> Self {
        Self {
            shape,
            contract,
            output: shape.output(),
            pads: [0, 1].map(|axis| shape.pads(axis)[0]),
        }
    }

    /// Height and width of the output.
    pub fn output(&self) -> [usize; 2] {
        self.output
    }

    /// Pixel of the input, of all images, under a tap at an output position; `None` outside.
    #[inline(always)]
    pub fn under(&self, position: usize, tap: usize) -> Option<usize> {
        let shape = &self.shape;
        let [height, width] = self.output;
        let at = [position / width % height, position % width];
        let tap = [tap / shape.kernel[1], tap % shape.kernel[1]];
        let inside = |axis: usize, size: usize| {
            let at = at[axis] * shape.stride[axis] + tap[axis] * shape.dilation[axis];
            at.checked_sub(self.pads[axis]).filter(|at| *at < size)
        };
        let row = inside(0, shape.height)?;
        let column = inside(1, shape.width)?;
        let image = position / (height * width);
        Some((image * shape.height + row) * shape.width + column)
    }

    /// Fills `out : [positions, columns]` with what the taps read, as real numbers.
    ///
    /// # Panics
    /// If the input has no such positions.
    pub fn gather(
        &self,
        input: LayerInput,
        positions: Range<usize>,
        columns: &Columns,
        out: &mut [f32],
    ) {
        let channels = self.shape.channels;
        let first = columns.group * self.shape.group_channels();
        let range = first + columns.channels.start..first + columns.channels.end;
        let border = self.shape.border.value() as f32;
        for (position, row) in positions.zip(out.chunks_exact_mut(columns.len())) {
            for (tap, to) in columns.taps.clone().zip(row.chunks_exact_mut(range.len())) {
                match self.under(position, tap) {
                    Some(pixel) => input.expand(self.contract, channels, pixel, range.clone(), to),
                    None => to.fill(border),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use orthant_bits::{Border, Padding};

    use super::*;

    #[test]
    fn a_patch_is_what_the_definition_reads() {
        let shape = ConvShape {
            stride: [2, 1],
            dilation: [1, 2],
            groups: 2,
            border: Border::MinusOne,
            padding: Padding::Explicit {
                top: 1,
                bottom: 0,
                left: 2,
                right: 1,
            },
            ..ConvShape::new([4, 5, 6], 4, [3, 2])
        };
        let input: Vec<f32> = (0..2 * 4 * 5 * 6).map(|i| i as f32).collect();
        let contract = InputContract::uniform(1, 0, 1, 6);
        let patches = Patches::new(shape, &contract);
        let [height, width] = patches.output();
        for (image, i, j, group) in [(0, 0, 0, 0), (1, 1, 2, 1), (1, 0, width - 1, 0)] {
            let position = (image * height + i) * width + j;
            let columns = Columns::all(&shape, group);
            let mut found = alloc::vec![0.0; columns.len()];
            let view = LayerInput::Float(&input);
            patches.gather(view, position..position + 1, &columns, &mut found);
            for (at, found) in found.iter().enumerate() {
                let [u, v, c] = [at / 3 / 2, at / 3 % 2, at % 3];
                let [row, column] = [(2 * i + u).wrapping_sub(1), (j + 2 * v).wrapping_sub(2)];
                let expected = match row < 4 && column < 5 {
                    true => (((image * 4 + row) * 5 + column) * 6 + 3 * group + c) as f32,
                    false => -1.0,
                };
                assert_eq!(*found, expected, "{image} {i} {j}: {u} {v} {c}");
            }
        }
    }
}

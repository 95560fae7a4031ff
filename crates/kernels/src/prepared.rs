//! Prepared weights: panels in the order in which a kernel reads them.
//!
//! ```text
//! header                     8 words: what the buffer was prepared for
//! panels                     [groups, ceil(outputs of a group / outputs of a panel), panel words]
//! inside  (pixels)           [taps, outputs]   Σ_c −w · b_c, added for every tap inside the image
//! outside (border not zero)  [taps, outputs]   Σ_c w · border, added for every tap outside
//! ```

use orthant_bits::{Border, ConvShape, WORD_BITS, words_for};

use crate::conv::{Inputs, Layer, Weights};
use crate::error::check_length;
use crate::panel::{Operands, PIXEL_OUTPUTS, Panel};
use crate::{Error, Isa, canonical};

/// Words before the panels; a cache line, so that aligned buffers have aligned panels.
const HEADER_WORDS: usize = 8;

/// "orthprep", so that a buffer of anything else is told apart.
const MAGIC: u64 = u64::from_le_bytes(*b"orthprep");

/// The extents of a prepared buffer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Plan {
    pub operands: Operands,
    pub panel: Panel,
    /// Words of one panel.
    pub panel_words: usize,
    /// Panels of one group.
    pub group_panels: usize,
    inside: usize,
    outside: usize,
    panels: usize,
}

impl Plan {
    pub(crate) fn new(shape: &ConvShape, operands: Operands, panel: Panel) -> Result<Self, Error> {
        Self::try_new(shape, operands, panel).ok_or(Error::Shape(orthant_bits::Error::TooLarge {
            what: "prepared weights",
        }))
    }

    fn try_new(shape: &ConvShape, operands: Operands, panel: Panel) -> Option<Self> {
        let panel_words = panel.words(shape, operands.weight_planes())?;
        let group_panels = shape.group_outputs().div_ceil(panel.outputs());
        let panels = panel_words
            .checked_mul(group_panels)?
            .checked_mul(shape.groups)?;
        let taps = shape.kernel[0].checked_mul(shape.kernel[1])?;
        let table = taps.checked_mul(shape.outputs)?;
        let plan = Self {
            operands,
            panel,
            panel_words,
            group_panels,
            inside: if matches!(operands, Operands::Pixels | Operands::TernaryPixels) {
                table
            } else {
                0
            },
            outside: if shape.border == Border::Zero {
                0
            } else {
                table
            },
            panels,
        };
        // No slice is longer than this, and sums of a few lengths do not overflow.
        let most = isize::MAX as usize / size_of::<u64>();
        [panels, table]
            .into_iter()
            .all(|len| len < most / 4)
            .then_some(plan)
    }

    pub(crate) fn len(&self) -> usize {
        HEADER_WORDS + self.panels + self.inside + self.outside
    }

    /// Panels, inside table and outside table of a buffer.
    pub(crate) fn split<'a>(&self, words: &'a [u64]) -> (&'a [u64], &'a [u64], &'a [u64]) {
        let (panels, tables) = words[HEADER_WORDS..self.len()].split_at(self.panels);
        let (inside, outside) = tables.split_at(self.inside);
        (panels, inside, outside)
    }
}

/// What the header says beside the shape.
pub(crate) struct Header {
    pub operands: Operands,
    /// The contract's `a`; 0 unless the input is pixels.
    pub a: i32,
    /// The largest magnitude that a sum can have.
    pub largest: u64,
}

fn header(layer: &Layer, operands: Operands, isa: Isa) -> Result<[u64; HEADER_WORDS], Error> {
    let shape = &layer.shape;
    // `plan` has seen that it fits 31 bits.
    let largest = canonical::bounds(layer)?.sum;
    let a = match layer.inputs {
        Inputs::Pixels(contract) => contract.a as u32,
        Inputs::Binary | Inputs::Ternary => 0,
    };
    Ok([
        MAGIC,
        (isa as u64) << 32 | operands as u64,
        largest << 32 | u64::from(a),
        shape.group_channels() as u64,
        shape.outputs as u64,
        shape.groups as u64,
        (shape.kernel[0] as u64) << 32 | shape.kernel[1] as u64,
        shape.border as u64,
    ])
}

/// Reads the header of `words`, which must have been prepared for `isa` and a layer like `shape`.
pub(crate) fn read_header(words: &[u64], shape: &ConvShape, isa: Isa) -> Result<Header, Error> {
    let Some(&[MAGIC, tag, range, channels, outputs, groups, kernel, border]) =
        words.first_chunk::<HEADER_WORDS>()
    else {
        return Err(Error::NotPrepared);
    };
    let found = Isa::ALL.into_iter().find(|isa| *isa as u64 == tag >> 32);
    match found {
        Some(found) if found == isa => {}
        Some(found) => {
            return Err(Error::PreparedFor {
                expected: isa,
                found,
            });
        }
        None => return Err(Error::NotPrepared),
    }
    let all = [
        Operands::Binary,
        Operands::TernaryInputs,
        Operands::TernaryWeights,
        Operands::Ternary,
        Operands::Pixels,
        Operands::TernaryPixels,
    ];
    let operands = all
        .into_iter()
        .find(|one| *one as u64 == tag & u64::from(u32::MAX));
    let operands = operands.ok_or(Error::NotPrepared)?;
    let borders = [Border::Zero, Border::PlusOne, Border::MinusOne];
    match borders.into_iter().find(|one| *one as u64 == border) {
        Some(found) if found == shape.border => {}
        Some(found) => {
            return Err(Error::PreparedBorder {
                expected: shape.border,
                found,
            });
        }
        None => return Err(Error::NotPrepared),
    }
    let pairs = [
        (
            "channels per group",
            shape.group_channels() as u64,
            channels,
        ),
        ("outputs", shape.outputs as u64, outputs),
        ("groups", shape.groups as u64, groups),
        ("a kernel height of", shape.kernel[0] as u64, kernel >> 32),
        (
            "a kernel width of",
            shape.kernel[1] as u64,
            kernel & u64::from(u32::MAX),
        ),
    ];
    match pairs
        .into_iter()
        .find(|(_, expected, found)| expected != found)
    {
        Some((what, expected, found)) => Err(Error::PreparedShape {
            what,
            expected: expected as usize,
            found: found as usize,
        }),
        None => Ok(Header {
            operands,
            a: range as u32 as i32,
            largest: range >> 32,
        }),
    }
}

/// Checks a layer and plans its buffer; `panel_of` is the instruction set's choice.
pub(crate) fn plan(layer: &Layer, panel_of: fn(Operands) -> Panel) -> Result<Plan, Error> {
    canonical::check(layer)?;
    let operands = Operands::of(layer);
    Plan::new(&layer.shape, operands, panel_of(operands))
}

/// Writes a layer's prepared form into `out`, whose length is the plan's.
pub(crate) fn write(layer: &Layer, plan: &Plan, isa: Isa, out: &mut [u64]) -> Result<(), Error> {
    check_length(
        "buffer of prepared weights, in words,",
        Some(plan.len()),
        out.len(),
    )?;
    out.fill(0);
    out[..HEADER_WORDS].copy_from_slice(&header(layer, plan.operands, isa)?);
    let (panels, tables) = out[HEADER_WORDS..].split_at_mut(plan.panels);
    let per_group = layer.shape.group_outputs();
    for output in 0..layer.shape.outputs {
        let (group, member) = (output / per_group, output % per_group);
        let panel = group * plan.group_panels + member / plan.panel.outputs();
        let panel = &mut panels[panel * plan.panel_words..][..plan.panel_words];
        place(layer, plan, output, member % plan.panel.outputs(), panel);
    }
    let (inside, outside) = tables.split_at_mut(plan.inside);
    fill_tables(layer, inside, outside);
    Ok(())
}

/// Puts one filter into its slot of a panel.
fn place(layer: &Layer, plan: &Plan, output: usize, slot: usize, panel: &mut [u64]) {
    let shape = &layer.shape;
    let planes = match layer.weights {
        Weights::Binary(words) => [words, &[]],
        Weights::Ternary { sign, nonzero } => [sign, nonzero],
    };
    let count = plan.operands.weight_planes();
    match plan.panel {
        Panel::Words { lanes } => {
            let filter = panel.len() / plan.panel.outputs() / count;
            for (plane, words) in planes[..count].iter().enumerate() {
                for (k, &word) in words[output * filter..][..filter].iter().enumerate() {
                    panel[((k * count + plane) * 2 + slot % 2) * lanes + slot / 2] = word;
                }
            }
        }
        Panel::Bytes => {
            let filter = panel.len() / plan.panel.outputs() / count;
            let position = slot / 32 * 32 + slot % 16 * 2 + slot / 16 % 2;
            for (k, &word) in planes[0][output * filter..][..filter].iter().enumerate() {
                for (byte, value) in word.to_le_bytes().into_iter().enumerate() {
                    set_byte(panel, (k * 8 + byte) * 64 + position, value);
                }
            }
        }
        Panel::Pixels => {
            let (positive, not_negative) = panel.split_at_mut(panel.len() / count);
            for k in 0..shape.filter_len() {
                let at = (k / 4 * PIXEL_OUTPUTS + slot) * 4 + k % 4;
                let weight = weight(layer, output, k);
                set_byte(positive, at, u8::from(weight > 0));
                if count == 2 {
                    set_byte(not_negative, at, u8::from(weight >= 0));
                }
            }
        }
    }
}

fn set_byte(words: &mut [u64], at: usize, value: u8) {
    words[at / 8] |= u64::from(value) << (at % 8 * 8);
}

/// Whether weight `k` of a filter, counted without padding bits, is +1.
fn is_positive(layer: &Layer, output: usize, k: usize) -> bool {
    let (Weights::Binary(sign) | Weights::Ternary { sign, .. }) = layer.weights;
    let bit = match layer.inputs {
        Inputs::Pixels(_) => output * words_for(layer.shape.filter_len()) * WORD_BITS + k,
        Inputs::Binary | Inputs::Ternary => {
            let channels = layer.shape.group_channels();
            let (tap, channel) = (k / channels, k % channels);
            let tap_words = words_for(channels);
            let taps = layer.shape.kernel[0] * layer.shape.kernel[1];
            (output * taps + tap) * tap_words * WORD_BITS + channel
        }
    };
    sign[bit / WORD_BITS] >> (bit % WORD_BITS) & 1 == 1
}

/// Weight `k` of a filter: −1, 0 or +1.
fn weight(layer: &Layer, output: usize, k: usize) -> i64 {
    let positive = is_positive(layer, output, k);
    if let Weights::Ternary { nonzero, .. } = layer.weights {
        let nonzero = Layer {
            weights: Weights::Binary(nonzero),
            ..*layer
        };
        if !is_positive(&nonzero, output, k) {
            return 0;
        }
    }
    if positive { 1 } else { -1 }
}

fn fill_tables(layer: &Layer, inside: &mut [u64], outside: &mut [u64]) {
    let shape = &layer.shape;
    let channels = shape.group_channels();
    let border = i64::from(shape.border.value());
    let border = match layer.inputs {
        Inputs::Pixels(contract) => border * i64::from(contract.unit),
        Inputs::Binary | Inputs::Ternary => border,
    };
    for tap in 0..shape.kernel[0] * shape.kernel[1] {
        for output in 0..shape.outputs {
            let at = tap * shape.outputs + output;
            let weight = |channel| weight(layer, output, tap * channels + channel);
            if let (Inputs::Pixels(contract), Some(entry)) = (layer.inputs, inside.get_mut(at)) {
                let first = output / shape.group_outputs() * channels;
                let b = |channel: usize| i64::from(contract.b[first + channel]);
                *entry = (-(0..channels).map(|c| weight(c) * b(c)).sum::<i64>()) as u64;
            }
            if let Some(entry) = outside.get_mut(at) {
                *entry = ((0..channels).map(weight).sum::<i64>() * border) as u64;
            }
        }
    }
}

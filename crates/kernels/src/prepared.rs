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
use crate::table::PIXEL_OUTPUTS;
use crate::{Error, Isa};

/// Words before the panels; a cache line, so that aligned buffers have aligned panels.
const HEADER_WORDS: usize = 8;

/// "orthprep", so that a buffer of anything else is told apart.
const MAGIC: u64 = u64::from_le_bytes(*b"orthprep");

/// Which numbers meet in a product.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operands {
    Binary,
    TernaryInputs,
    TernaryWeights,
    Ternary,
    Pixels,
}

impl Operands {
    fn of(layer: &Layer) -> Result<Self, Error> {
        Ok(match (layer.inputs, layer.weights) {
            (Inputs::Binary, Weights::Binary(_)) => Self::Binary,
            (Inputs::Ternary, Weights::Binary(_)) => Self::TernaryInputs,
            (Inputs::Binary, Weights::Ternary { .. }) => Self::TernaryWeights,
            (Inputs::Ternary, Weights::Ternary { .. }) => Self::Ternary,
            (Inputs::Pixels(_), Weights::Binary(_)) => Self::Pixels,
            (Inputs::Pixels(_), Weights::Ternary { .. }) => {
                let (expected, found) = ("binary or ternary", "pixels beside ternary weights");
                return Err(Error::Operands { expected, found });
            }
        })
    }

    /// The kind of input that the weights were prepared for.
    pub(crate) const fn input_name(self) -> &'static str {
        match self {
            Self::Binary | Self::TernaryWeights => "binary",
            Self::TernaryInputs | Self::Ternary => "ternary",
            Self::Pixels => "pixels",
        }
    }

    const fn weight_planes(self) -> usize {
        match self {
            Self::TernaryWeights | Self::Ternary => 2,
            Self::Binary | Self::TernaryInputs | Self::Pixels => 1,
        }
    }
}

/// How a panel holds the weights of its outputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Panel {
    /// `[k_words, planes, 2, lanes]` words: lane `l` of the first vector holds output `2l`, of the
    /// second `2l + 1`, so that 64-bit counts of both join to 32-bit sums in order.
    Words { lanes: usize },
    /// `[k_words · 8, 2, 32]` bytes of 8 weights each: byte `2i` of half `h` holds output
    /// `32h + i`, byte `2i + 1` output `32h + 16 + i`.
    Bytes,
    /// `[ceil(k / 4), 64, 4]` bytes, 1 for +1 and 0 for −1.
    Pixels,
}

impl Panel {
    /// Outputs that a panel holds.
    pub(crate) const fn outputs(self) -> usize {
        match self {
            Self::Words { lanes } => 2 * lanes,
            Self::Bytes => 64,
            Self::Pixels => PIXEL_OUTPUTS,
        }
    }

    /// Words of a panel.
    fn words(self, shape: &ConvShape, planes: usize) -> usize {
        match self {
            Self::Words { .. } | Self::Bytes => self.outputs() * filter_words(shape) * planes,
            Self::Pixels => shape.filter_len().div_ceil(4) * PIXEL_OUTPUTS / 2,
        }
    }
}

/// Words of a canonical filter over packed inputs.
fn filter_words(shape: &ConvShape) -> usize {
    shape.kernel[0] * shape.kernel[1] * words_for(shape.group_channels())
}

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
        let too_large = Error::Shape(orthant_bits::Error::TooLarge {
            what: "prepared weights",
        });
        let panel_words = panel.words(shape, operands.weight_planes());
        let group_panels = shape.group_outputs().div_ceil(panel.outputs());
        let table = shape.kernel[0] * shape.kernel[1] * shape.outputs;
        let panels = panel_words
            .checked_mul(group_panels)
            .and_then(|words| words.checked_mul(shape.groups))
            .filter(|words| *words < usize::MAX / 64)
            .ok_or(too_large)?;
        Ok(Self {
            operands,
            panel,
            panel_words,
            group_panels,
            inside: if operands == Operands::Pixels {
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
        })
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
}

fn header(layer: &Layer, operands: Operands, isa: Isa) -> [u64; HEADER_WORDS] {
    let shape = &layer.shape;
    let a = match layer.inputs {
        Inputs::Pixels(contract) => contract.a as u32,
        Inputs::Binary | Inputs::Ternary => 0,
    };
    [
        MAGIC,
        (isa as u64) << 32 | operands as u64,
        u64::from(a),
        shape.group_channels() as u64,
        shape.outputs as u64,
        shape.groups as u64,
        (shape.kernel[0] as u64) << 32 | shape.kernel[1] as u64,
        shape.border as u64,
    ]
}

/// Reads the header of `words`, which must have been prepared for `isa` and a layer like `shape`.
pub(crate) fn read_header(words: &[u64], shape: &ConvShape, isa: Isa) -> Result<Header, Error> {
    let Some(&[MAGIC, tag, a, channels, outputs, groups, kernel, border]) =
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
    ];
    let operands = all
        .into_iter()
        .find(|one| *one as u64 == tag & u64::from(u32::MAX));
    let operands = operands.ok_or(Error::NotPrepared)?;
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
        ("border", shape.border as u64, border),
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
            a: a as u32 as i32,
        }),
    }
}

/// Checks a layer and plans its buffer; `panel_of` is the instruction set's choice.
pub(crate) fn plan(layer: &Layer, panel_of: fn(Operands) -> Panel) -> Result<Plan, Error> {
    layer.shape.check()?;
    let operands = Operands::of(layer)?;
    check_weights(layer)?;
    largest_sum(layer).and_then(|largest| {
        // Kernels count up to twice the largest sum on the way.
        let limit = i32::MAX as u64 / 2;
        let accumulator = "a 32-bit accumulator";
        if largest > limit {
            Err(Error::Accumulator {
                accumulator,
                largest,
                limit,
            })
        } else {
            Ok(())
        }
    })?;
    Plan::new(&layer.shape, operands, panel_of(operands))
}

/// The largest magnitude that a sum of the layer can have.
pub(crate) fn largest_sum(layer: &Layer) -> Result<u64, Error> {
    let n = layer.shape.filter_len() as u64;
    let Inputs::Pixels(contract) = layer.inputs else {
        return Ok(n);
    };
    let channels = layer.shape.channels;
    check_length("the input contract's b", Some(channels), contract.b.len())?;
    let b = contract
        .b
        .iter()
        .map(|b| u64::from(b.unsigned_abs()))
        .max()
        .unwrap_or(0);
    let tap = u64::from(contract.a.unsigned_abs()) * 255 + b;
    Ok(n.saturating_mul(tap.max(u64::from(contract.unit.unsigned_abs()))))
}

fn check_weights(layer: &Layer) -> Result<(), Error> {
    let shape = &layer.shape;
    let filter = match layer.inputs {
        Inputs::Pixels(_) => words_for(shape.filter_len()),
        Inputs::Binary | Inputs::Ternary => filter_words(shape),
    };
    let expected = shape.outputs.checked_mul(filter);
    match layer.weights {
        Weights::Binary(words) => check_length("weights, in words,", expected, words.len()),
        Weights::Ternary { sign, nonzero } => {
            check_length("sign plane of the weights", expected, sign.len())?;
            check_length("nonzero plane of the weights", expected, nonzero.len())?;
            match sign.iter().zip(nonzero).position(|(s, z)| s & !z != 0) {
                Some(at) => {
                    let (row, word) = (at / filter, at % filter);
                    Err(Error::Shape(orthant_bits::Error::UnusedCode { row, word }))
                }
                None => Ok(()),
            }
        }
    }
}

/// Writes a layer's prepared form into `out`, whose length is the plan's.
pub(crate) fn write(layer: &Layer, plan: &Plan, isa: Isa, out: &mut [u64]) -> Result<(), Error> {
    check_length("buffer of prepared weights", Some(plan.len()), out.len())?;
    out.fill(0);
    out[..HEADER_WORDS].copy_from_slice(&header(layer, plan.operands, isa));
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
            let filter = filter_words(shape);
            for (plane, words) in planes[..count].iter().enumerate() {
                for (k, &word) in words[output * filter..][..filter].iter().enumerate() {
                    panel[((k * count + plane) * 2 + slot % 2) * lanes + slot / 2] = word;
                }
            }
        }
        Panel::Bytes => {
            let filter = filter_words(shape);
            let position = slot / 32 * 32 + slot % 16 * 2 + slot / 16 % 2;
            for (k, &word) in planes[0][output * filter..][..filter].iter().enumerate() {
                for (byte, value) in word.to_le_bytes().into_iter().enumerate() {
                    set_byte(panel, (k * 8 + byte) * 64 + position, value);
                }
            }
        }
        Panel::Pixels => {
            for k in 0..shape.filter_len() {
                let value = u8::from(is_positive(layer, output, k));
                set_byte(panel, (k / 4 * PIXEL_OUTPUTS + slot) * 4 + k % 4, value);
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
            (output * filter_words(&layer.shape) + tap * tap_words) * WORD_BITS + channel
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

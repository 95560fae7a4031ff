//! Reading a model file: every byte is accounted for, and the weights are borrowed.

use alloc::vec::Vec;

use orthant_bits::{
    InputContract, Padding, PoolShape, TernaryThreshold, TernaryThresholds, Threshold, Thresholds,
};

use super::cursor::{Cursor, zeros};
use super::{ALIGN, CHECKED, ENTRY, HEAD, MAGIC, Section, VERSION, checksum, codes};
use crate::format::threshold_bytes;
use crate::packed::{MOST_CLASSES, MOST_LAYERS, capped};
use crate::{
    Activation, ConvOp, Error, Labels, Layer, LayerPlan, Network, NormSpec, Op, Packed,
    PackedLayer, PackedWeights, Readout, ReadoutKind, WeightLayout, WeightQuantizer,
};

impl<'a> Packed<'a> {
    /// Reads a model file from its bytes, wherever they lie; the weights are borrowed from them.
    ///
    /// # Errors
    /// The first thing that is not as the format says, by its name; a network that cannot be.
    /// Nothing is believed before it was held against the bytes that there are.
    ///
    /// # Example
    /// ```
    /// let error = orthant_model::Packed::read(b"GIF89a").unwrap_err();
    /// assert!(error.to_string().starts_with("the file has 6 bytes, expected"));
    /// ```
    pub fn read(bytes: &'a [u8]) -> Result<Self, Error> {
        check_head(bytes)?;
        let [network, classes, weights, readouts] = sections(bytes)?;
        let network = read_network(network)?;
        let plans = network.plan()?;
        let mut names = Cursor::new(Section::Classes.name(), classes);
        let white = names.u8()?;
        let classes = names.list(network.classes, Cursor::text)?;
        names.end()?;

        let mut weights = Cursor::new(Section::Weights.name(), weights);
        let mut readouts = Cursor::new(Section::Readouts.name(), readouts);
        let mut layers = Vec::new();
        for (index, plan) in plans.iter().enumerate() {
            layers.push(PackedLayer {
                weights: read_weights(&mut weights, plan)?,
                readout: read_readout(&mut readouts, plan, network.readout(index, plan))?,
            });
        }
        weights.end()?;
        readouts.end()?;
        Self::new(network, Labels { classes, white }, layers)
    }
}

/// A number of the head.
fn number<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    let field = bytes[at..].first_chunk();
    *field.expect("the head was seen to be whole")
}

fn check_head(bytes: &[u8]) -> Result<(), Error> {
    let least = HEAD + Section::ALL.len() * ENTRY;
    if bytes.len() < least {
        return Err(Error::ShortFile {
            expected: least,
            found: bytes.len(),
        });
    }
    if !bytes.starts_with(&MAGIC) {
        return Err(Error::Magic {
            found: number(bytes, 0),
        });
    }
    let version = u32::from_le_bytes(number(bytes, 8));
    if version != VERSION {
        return Err(Error::Version {
            expected: VERSION,
            found: version,
        });
    }
    let len = u64::from_le_bytes(number(bytes, 16));
    if len != bytes.len() as u64 {
        return Err(Error::FileLength {
            expected: len,
            found: bytes.len(),
        });
    }
    let expected = u32::from_le_bytes(number(bytes, 12));
    let found = checksum::crc32(&bytes[CHECKED..]);
    if expected != found {
        return Err(Error::Checksum { expected, found });
    }
    let count = u32::from_le_bytes(number(bytes, 24));
    if count as usize != Section::ALL.len() {
        return Err(Error::SectionCount {
            expected: Section::ALL.len(),
            found: count,
        });
    }
    zeros(&bytes[28..HEAD], "head")
}

/// The sections' bytes, which must cover the file in their order, but for gaps of zeros.
fn sections(bytes: &[u8]) -> Result<[&[u8]; Section::ALL.len()], Error> {
    let mut sections = [&bytes[..0]; Section::ALL.len()];
    let mut end = HEAD + Section::ALL.len() * ENTRY;
    for (at, section) in Section::ALL.into_iter().enumerate() {
        let entry = &bytes[HEAD + at * ENTRY..][..ENTRY];
        let name = section.name();
        let kind = u32::from_le_bytes(number(entry, 0));
        if kind != section as u32 {
            return Err(Error::SectionKind {
                section: name,
                expected: section as u32,
                found: kind,
            });
        }
        zeros(&entry[4..8], "table")?;
        let start = end.next_multiple_of(ALIGN);
        let offset = u64::from_le_bytes(number(entry, 8));
        if offset != start as u64 {
            return Err(Error::SectionOffset {
                section: name,
                expected: start,
                found: offset,
            });
        }
        let len = u64::from_le_bytes(number(entry, 16));
        // The file may end before the section starts, or in it.
        let (gap, rest) = match bytes[end..].split_at_checked(start - end) {
            Some((gap, rest)) => (gap, rest),
            None => {
                return Err(Error::SectionOffset {
                    section: name,
                    expected: bytes.len(),
                    found: offset,
                });
            }
        };
        let range = usize::try_from(len).ok().filter(|len| *len <= rest.len());
        let Some(len) = range else {
            return Err(Error::SectionLength {
                section: name,
                left: rest.len(),
                found: len,
            });
        };
        zeros(gap, name)?;
        sections[at] = &rest[..len];
        end = start + len;
    }
    match bytes.len() - end {
        0 => Ok(sections),
        left => Err(Error::Trailing { left }),
    }
}

fn read_network(bytes: &[u8]) -> Result<Network, Error> {
    let mut cursor = Cursor::new(Section::Network.name(), bytes);
    let input: [usize; 3] = cursor.sizes()?;
    let classes = capped("classes", cursor.size()?, MOST_CLASSES)?;
    let (a, unit) = (cursor.i32()?, cursor.i32()?);
    let channels = capped("channels of the image", input[2], MOST_CLASSES)?;
    let b = cursor.list(channels, Cursor::i32)?;
    let count = capped("layers", cursor.size()?, MOST_LAYERS)?;
    let layers = cursor.list(count, read_layer)?;
    cursor.end()?;
    Ok(Network {
        input,
        contract: InputContract { a, b, unit },
        layers,
        classes,
    })
}

fn read_layer(cursor: &mut Cursor) -> Result<Layer, Error> {
    let name = cursor.text()?;
    let op = match cursor.u8()? {
        codes::CONV => Op::Conv(read_conv(cursor)?),
        codes::DENSE => Op::Dense {
            outputs: cursor.size()?,
        },
        codes::MEAN_POOL => Op::MeanPool,
        code => return cursor.unknown("operation", code),
    };
    let weights = match cursor.u8()? {
        codes::REAL => WeightQuantizer::None,
        codes::SIGN => WeightQuantizer::Sign,
        codes::SIGN_SCALED => WeightQuantizer::SignScaled,
        codes::TERNARY => WeightQuantizer::Ternary {
            threshold: cursor.f32()?,
        },
        code => return cursor.unknown("kind of weights", code),
    };
    let pool = match cursor.u8()? {
        codes::NO_POOL => None,
        codes::POOL => Some(PoolShape {
            window: cursor.sizes()?,
            stride: cursor.sizes()?,
        }),
        code => return cursor.unknown("kind of pool", code),
    };
    let norm = match cursor.u8()? {
        codes::NO_NORM => None,
        code @ (codes::NORM | codes::NORM_WITH_GAMMA) => Some(NormSpec {
            epsilon: cursor.f32()?,
            momentum: cursor.f32()?,
            gamma: code == codes::NORM_WITH_GAMMA,
        }),
        code => return cursor.unknown("kind of norm", code),
    };
    let shortcut = cursor.size()?.checked_sub(1);
    let activation = match cursor.u8()? {
        codes::PLAIN => Activation::None,
        codes::SIGN => Activation::Sign,
        codes::TERNARY => Activation::Ternary {
            threshold: cursor.f32()?,
        },
        codes::CLIP => Activation::Clip,
        codes::RELU => Activation::Relu,
        code => return cursor.unknown("activation", code),
    };
    Ok(Layer {
        name,
        op,
        weights,
        pool,
        norm,
        shortcut,
        activation,
    })
}

fn read_conv(cursor: &mut Cursor) -> Result<ConvOp, Error> {
    let outputs = cursor.size()?;
    let [kernel, stride, dilation] = [cursor.sizes()?, cursor.sizes()?, cursor.sizes()?];
    let groups = cursor.size()?;
    let padding = match cursor.u8()? {
        codes::SAME => Padding::Same,
        codes::VALID => Padding::Valid,
        codes::EXPLICIT => {
            let [top, bottom, left, right] = cursor.sizes()?;
            Padding::Explicit {
                top,
                bottom,
                left,
                right,
            }
        }
        code => return cursor.unknown("padding", code),
    };
    let code = cursor.u8()?;
    let Some(&border) = codes::BORDERS.get(usize::from(code)) else {
        return cursor.unknown("border", code);
    };
    Ok(ConvOp {
        outputs,
        kernel,
        stride,
        dilation,
        padding,
        groups,
        border,
    })
}

fn read_weights<'a>(cursor: &mut Cursor<'a>, plan: &LayerPlan) -> Result<PackedWeights<'a>, Error> {
    let words = |rows: usize, cols: usize| rows.saturating_mul(orthant_bits::words_for(cols));
    Ok(match plan.weight_layout() {
        WeightLayout::None => PackedWeights::None,
        WeightLayout::Binary { rows, cols } => {
            PackedWeights::Binary(cursor.numbers(words(rows, cols))?.into())
        }
        WeightLayout::Ternary { rows, cols } => PackedWeights::Ternary {
            sign: cursor.numbers(words(rows, cols))?.into(),
            nonzero: cursor.numbers(words(rows, cols))?.into(),
        },
        WeightLayout::Real { len } => {
            let reals = cursor.numbers(len)?;
            cursor.pad(size_of_val(reals), ALIGN)?;
            PackedWeights::Real(reals.into())
        }
    })
}

fn read_readout(
    cursor: &mut Cursor,
    plan: &LayerPlan,
    kind: ReadoutKind,
) -> Result<Readout, Error> {
    let channels = plan.output[2];
    let bytes = threshold_bytes(plan.largest_sum);
    Ok(match kind {
        ReadoutKind::None => Readout::None,
        ReadoutKind::Bits => {
            let at = read_thresholds(cursor, channels, bytes)?;
            let invert = read_flags(cursor, channels)?;
            let pairs = at.into_iter().zip(invert);
            let channels: Vec<_> = pairs.map(|(at, invert)| Threshold { at, invert }).collect();
            Readout::Bits(Thresholds::new(&channels))
        }
        ReadoutKind::Ternary => {
            let low = read_thresholds(cursor, channels, bytes)?;
            let high = read_thresholds(cursor, channels, bytes)?;
            let invert = read_flags(cursor, channels)?;
            let triples = low.into_iter().zip(high).zip(invert);
            let threshold = |((low, high), invert)| TernaryThreshold { low, high, invert };
            let channels: Vec<_> = triples.map(threshold).collect();
            let thresholds = TernaryThresholds::new(&channels);
            Readout::Ternary(thresholds.map_err(|source| Error::Thresholds { source })?)
        }
        ReadoutKind::Real => {
            let mut reals = || -> Result<Vec<f32>, Error> {
                let numbers = cursor.numbers(channels)?.iter();
                Ok(numbers.map(|number| f32::from_le_bytes(*number)).collect())
            };
            Readout::Real {
                factor: reals()?,
                scale: reals()?,
                shift: reals()?,
            }
        }
    })
}

fn read_thresholds(cursor: &mut Cursor, channels: usize, bytes: usize) -> Result<Vec<i32>, Error> {
    Ok(match bytes {
        2 => {
            let numbers = cursor.numbers(channels)?.iter();
            numbers.map(|at| i16::from_le_bytes(*at).into()).collect()
        }
        _ => {
            let numbers = cursor.numbers(channels)?.iter();
            numbers.map(|at| i32::from_le_bytes(*at)).collect()
        }
    })
}

/// One bit per channel; the bits of the last byte that stand for none are 0.
fn read_flags(cursor: &mut Cursor, channels: usize) -> Result<Vec<bool>, Error> {
    let bytes = cursor.bytes(channels.div_ceil(8))?;
    let rest = channels % 8;
    if rest != 0 && bytes.last().is_some_and(|last| last >> rest != 0) {
        return Err(Error::Gap {
            section: Section::Readouts.name(),
        });
    }
    let flag = |channel: usize| bytes[channel / 8] >> (channel % 8) & 1 == 1;
    Ok((0..channels).map(flag).collect())
}

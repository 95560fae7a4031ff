//! Writing a model file.

use alloc::vec::Vec;

use orthant_bits::Padding;

use super::{ALIGN, CHECKED, ENTRY, HEAD, MAGIC, Section, VERSION, checksum, codes};
use crate::format::threshold_bytes;
use crate::{
    Activation, ConvOp, Error, Layer, Op, Packed, PackedWeights, Readout, WeightQuantizer,
};

/// What some bytes of a file hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Head, table, and the gaps between sections.
    Frame,
    /// The description of the network and the names of its classes.
    Description,
    /// A layer's weights.
    Weights(usize),
    /// What becomes of a layer's sums.
    Readout(usize),
}

impl Packed<'_> {
    /// The model file.
    ///
    /// # Errors
    /// A name of more than 255 bytes, or a size past 32 bits.
    pub fn to_bytes(&self) -> Result<Vec<u8>, Error> {
        Ok(self.write()?.out)
    }

    /// What the bytes of the model file hold: the lengths add up to the file's.
    ///
    /// # Errors
    /// Those of [`to_bytes`](Self::to_bytes).
    pub fn parts(&self) -> Result<Vec<(Part, usize)>, Error> {
        Ok(self.write()?.parts)
    }

    fn write(&self) -> Result<File, Error> {
        let mut file = File::default();
        file.out.resize(HEAD + Section::ALL.len() * ENTRY, 0);
        file.part(Part::Frame);
        for (at, section) in Section::ALL.into_iter().enumerate() {
            let start = file.out.len();
            match section {
                Section::Network => self.write_network(&mut file)?,
                Section::Classes => self.write_classes(&mut file)?,
                Section::Weights => self.write_weights(&mut file),
                Section::Readouts => self.write_readouts(&mut file),
            }
            let len = file.out.len() - start;
            let entry = &mut file.out[HEAD + at * ENTRY..][..ENTRY];
            entry[..4].copy_from_slice(&(section as u32).to_le_bytes());
            entry[8..16].copy_from_slice(&(start as u64).to_le_bytes());
            entry[16..].copy_from_slice(&(len as u64).to_le_bytes());
            if at + 1 < Section::ALL.len() {
                file.align();
                file.part(Part::Frame);
            }
        }
        let len = file.out.len() as u64;
        let head = &mut file.out[..HEAD];
        head[..8].copy_from_slice(&MAGIC);
        head[8..12].copy_from_slice(&VERSION.to_le_bytes());
        head[16..24].copy_from_slice(&len.to_le_bytes());
        head[24..28].copy_from_slice(&(Section::ALL.len() as u32).to_le_bytes());
        let checksum = checksum::crc32(&file.out[CHECKED..]);
        file.out[12..16].copy_from_slice(&checksum.to_le_bytes());
        Ok(file)
    }

    fn write_network(&self, file: &mut File) -> Result<(), Error> {
        let network = self.network();
        file.sizes(&network.input)?;
        file.sizes(&[network.classes])?;
        file.i32(network.contract.a);
        file.i32(network.contract.unit);
        network.contract.b.iter().for_each(|b| file.i32(*b));
        file.sizes(&[network.layers.len()])?;
        for layer in &network.layers {
            file.layer(layer)?;
        }
        file.part(Part::Description);
        Ok(())
    }

    fn write_classes(&self, file: &mut File) -> Result<(), Error> {
        file.out.push(self.labels().white);
        for class in &self.labels().classes {
            file.text("a class", class)?;
        }
        file.part(Part::Description);
        Ok(())
    }

    fn write_weights(&self, file: &mut File) {
        for (at, layer) in self.layers().iter().enumerate() {
            match &layer.weights {
                PackedWeights::None => {}
                PackedWeights::Binary(words) => file.out.extend_from_slice(words.as_flattened()),
                PackedWeights::Ternary { sign, nonzero } => {
                    file.out.extend_from_slice(sign.as_flattened());
                    file.out.extend_from_slice(nonzero.as_flattened());
                }
                PackedWeights::Real(reals) => {
                    file.out.extend_from_slice(reals.as_flattened());
                    file.align();
                }
            }
            file.part(Part::Weights(at));
        }
    }

    fn write_readouts(&self, file: &mut File) {
        for (at, (layer, plan)) in self.layers().iter().zip(self.plans()).enumerate() {
            let bytes = threshold_bytes(plan.largest_sum);
            match &layer.readout {
                Readout::None => {}
                Readout::Bits(thresholds) => {
                    file.thresholds(thresholds.at(), bytes);
                    file.flags(plan.output[2], |channel| thresholds.get(channel).invert);
                }
                Readout::Ternary(thresholds) => {
                    file.thresholds(thresholds.low(), bytes);
                    file.thresholds(thresholds.high(), bytes);
                    file.flags(plan.output[2], |channel| thresholds.get(channel).invert);
                }
                Readout::Real {
                    factor,
                    scale,
                    shift,
                } => {
                    for number in factor.iter().chain(scale).chain(shift) {
                        file.out.extend_from_slice(&number.to_le_bytes());
                    }
                }
            }
            file.part(Part::Readout(at));
        }
    }
}

/// A file in the making.
#[derive(Default)]
struct File {
    out: Vec<u8>,
    parts: Vec<(Part, usize)>,
    /// Bytes that belong to a part already.
    told: usize,
}

impl File {
    /// Everything since the last part is this one.
    fn part(&mut self, part: Part) {
        let len = self.out.len() - self.told;
        self.told = self.out.len();
        self.parts.push((part, len));
    }

    fn align(&mut self) {
        self.out.resize(self.out.len().next_multiple_of(ALIGN), 0);
    }

    fn i32(&mut self, number: i32) {
        self.out.extend_from_slice(&number.to_le_bytes());
    }

    fn f32(&mut self, number: f32) {
        self.out.extend_from_slice(&number.to_le_bytes());
    }

    fn sizes(&mut self, sizes: &[usize]) -> Result<(), Error> {
        for &size in sizes {
            let fits = u32::try_from(size).map_err(|_| Error::Size {
                what: "a size of the network",
                found: size as u64,
            })?;
            self.out.extend_from_slice(&fits.to_le_bytes());
        }
        Ok(())
    }

    fn text(&mut self, what: &'static str, text: &str) -> Result<(), Error> {
        let len = u8::try_from(text.len()).map_err(|_| Error::LongName {
            what,
            name: text.into(),
            limit: u8::MAX.into(),
        })?;
        self.out.push(len);
        self.out.extend_from_slice(text.as_bytes());
        Ok(())
    }

    fn thresholds(&mut self, at: &[i32], bytes: usize) {
        for at in at {
            self.out.extend_from_slice(&at.to_le_bytes()[..bytes]);
        }
    }

    /// One bit per channel, the first in the lowest bit of the first byte.
    fn flags(&mut self, channels: usize, is_set: impl Fn(usize) -> bool) {
        for first in (0..channels).step_by(8) {
            let bits = first..channels.min(first + 8);
            let byte = bits.fold(0, |byte, at| byte | u8::from(is_set(at)) << (at - first));
            self.out.push(byte);
        }
    }

    fn layer(&mut self, layer: &Layer) -> Result<(), Error> {
        self.text("a layer", &layer.name)?;
        match &layer.op {
            Op::Conv(conv) => {
                self.out.push(codes::CONV);
                self.conv(conv)?;
            }
            Op::Dense { outputs } => {
                self.out.push(codes::DENSE);
                self.sizes(&[*outputs])?;
            }
            Op::MeanPool => self.out.push(codes::MEAN_POOL),
        }
        match layer.weights {
            WeightQuantizer::None => self.out.push(codes::REAL),
            WeightQuantizer::Sign => self.out.push(codes::SIGN),
            WeightQuantizer::SignScaled => self.out.push(codes::SIGN_SCALED),
            WeightQuantizer::Ternary { threshold } => {
                self.out.push(codes::TERNARY);
                self.f32(threshold);
            }
        }
        match layer.pool {
            None => self.out.push(codes::NO_POOL),
            Some(pool) => {
                self.out.push(codes::POOL);
                self.sizes(&pool.window)?;
                self.sizes(&pool.stride)?;
            }
        }
        match layer.norm {
            None => self.out.push(codes::NO_NORM),
            Some(norm) => {
                self.out.push(match norm.gamma {
                    true => codes::NORM_WITH_GAMMA,
                    false => codes::NORM,
                });
                self.f32(norm.epsilon);
                self.f32(norm.momentum);
            }
        }
        // 0 is no shortcut, and layers count from 1.
        self.sizes(&[layer.shortcut.map_or(0, |source| source + 1)])?;
        match layer.activation {
            Activation::None => self.out.push(codes::PLAIN),
            Activation::Sign => self.out.push(codes::SIGN),
            Activation::Ternary { threshold } => {
                self.out.push(codes::TERNARY);
                self.f32(threshold);
            }
            Activation::Clip => self.out.push(codes::CLIP),
            Activation::Relu => self.out.push(codes::RELU),
        }
        Ok(())
    }

    fn conv(&mut self, conv: &ConvOp) -> Result<(), Error> {
        self.sizes(&[conv.outputs])?;
        for sizes in [conv.kernel, conv.stride, conv.dilation] {
            self.sizes(&sizes)?;
        }
        self.sizes(&[conv.groups])?;
        match conv.padding {
            Padding::Same => self.out.push(codes::SAME),
            Padding::Valid => self.out.push(codes::VALID),
            Padding::Explicit {
                top,
                bottom,
                left,
                right,
            } => {
                self.out.push(codes::EXPLICIT);
                self.sizes(&[top, bottom, left, right])?;
            }
        }
        let border = codes::BORDERS.iter().position(|one| *one == conv.border);
        self.out
            .push(border.expect("every border has its code") as u8);
        Ok(())
    }
}

//! A picture on its way into a network: png or jpg, from a file or from standard input, to pixels.
//!
//! ```text
//! samples     what the file holds, of 16 bits rounded to 8
//! colours     alpha over black, then gray or RGB           only if they differ, and with `convert`
//! upright     as EXIF's orientation says                   always
//! size        bilinear, the aspect is not kept             only if it differs, and with `resize`
//! white       p -> round(p · white / 255)
//! ```
//!
//! Colour profiles and gamma are not looked at, as in the data sets that networks are trained on.

mod decoder;
mod encoder;
mod error;
#[cfg(test)]
pub(crate) mod tests;

use std::fmt::{self, Display, Formatter};
use std::io::{self, Read};
use std::path::PathBuf;

use image::imageops::FilterType;
use image::{DynamicImage, GrayAlphaImage, GrayImage, RgbImage, RgbaImage};

pub use decoder::{Colour, Format};
pub use encoder::to_png;
pub use error::Error;

use crate::file;
use decoder::{Decoder, Header};

/// Longest file, and most that is read from standard input.
const LIMIT_BYTES: u64 = 256 << 20;

/// Most pixels of a picture: 64 megapixels.
///
/// With four samples of 16 bits each this is half a gigabyte, the most that a header can ask for.
const LIMIT_PIXELS: u64 = 64_000_000;

/// Where a picture comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A regular file.
    Path(PathBuf),
    /// Standard input, until it ends.
    Stdin,
}

impl From<PathBuf> for Source {
    /// `-` is standard input.
    fn from(path: PathBuf) -> Self {
        if path.as_os_str() == "-" {
            Self::Stdin
        } else {
            Self::Path(path)
        }
    }
}

impl Display for Source {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path(path) => path.display().fmt(f),
            Self::Stdin => f.write_str("-"),
        }
    }
}

/// The picture that a network takes, and what may be done to get it.
#[derive(Debug, Clone, Copy)]
pub struct Wanted {
    /// Height, width, channels: 1 (gray) or 3 (RGB).
    pub shape: [usize; 3],
    /// The pixel that stands for white in the training data: 255 for most, 16 for the digits.
    pub white: u8,
    /// Whether a picture of another size is resized.
    pub resize: bool,
    /// Whether a picture of other colours is converted.
    pub convert: bool,
}

/// Reads a picture as the pixels of one image, `[height, width, channels]`.
///
/// # Errors
/// A source that cannot be read, is neither png nor jpg, is damaged, cut off or too large; a
/// picture that is not the one that is wanted and may not be made so.
pub fn read(source: &Source, wanted: &Wanted) -> Result<Vec<u8>, Error> {
    pixels(&load(source)?, wanted)
}

/// All bytes of a source.
fn load(source: &Source) -> Result<Vec<u8>, Error> {
    match source {
        Source::Path(path) => file::read(path, LIMIT_BYTES).map_err(Error::of_file),
        Source::Stdin => take(io::stdin().lock(), LIMIT_BYTES),
    }
}

/// Reads to the end, which must come within `limit_bytes`.
fn take(from: impl Read, limit_bytes: u64) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    let found_bytes = from.take(limit_bytes + 1).read_to_end(&mut bytes);
    let found_bytes = found_bytes.map_err(|source| Error::Io { source })? as u64;
    match found_bytes <= limit_bytes {
        true => Ok(bytes),
        false => Err(Error::TooLong {
            found_bytes: None,
            limit_bytes,
        }),
    }
}

/// A picture as it is: its header was read, its pixels were not.
pub struct Picture<'a> {
    header: Header,
    decoder: Decoder<'a>,
}

impl<'a> Picture<'a> {
    /// Reads the header of a png or jpg file; the format is told by the content.
    ///
    /// # Errors
    /// Bytes that are neither, a header that is damaged, more than 64 megapixels, a jpg without
    /// its end.
    pub fn open(bytes: &'a [u8]) -> Result<Self, Error> {
        let (header, decoder) = Decoder::open(bytes)?;
        let [width, height] = header.size;
        match u64::from(width) * u64::from(height) <= LIMIT_PIXELS {
            true => Ok(Self { header, decoder }),
            false => Err(Error::TooManyPixels { found: header.size }),
        }
    }

    /// Width and height of the upright picture.
    pub fn size(&self) -> [u32; 2] {
        self.header.upright_size()
    }

    /// What a pixel is made of.
    pub fn colour(&self) -> Colour {
        self.header.colour
    }

    /// The upright picture's samples of 8 bits, `[height, width, colour().channels]`.
    ///
    /// # Errors
    /// A file that is damaged or cut off.
    pub fn samples(self) -> Result<Vec<u8>, Error> {
        let samples = self.decoder.samples()?;
        if self.header.is_upright() {
            return Ok(samples);
        }
        let whole = "a picture has a sample for each channel of each pixel";
        let mut picture = dynamic(self.header.size, self.header.colour.channels, samples);
        let picture = picture.as_mut().expect(whole);
        picture.apply_orientation(self.header.orientation);
        Ok(std::mem::take(picture).into_bytes())
    }
}

/// Samples as the type that turns and resizes; `None` if their number is another one.
fn dynamic(size: [u32; 2], channels: usize, samples: Vec<u8>) -> Option<DynamicImage> {
    let [width, height] = size;
    Some(match channels {
        1 => GrayImage::from_raw(width, height, samples)?.into(),
        2 => GrayAlphaImage::from_raw(width, height, samples)?.into(),
        3 => RgbImage::from_raw(width, height, samples)?.into(),
        _ => RgbaImage::from_raw(width, height, samples)?.into(),
    })
}

/// Decodes a picture and makes it the one that is wanted.
///
/// # Errors
/// Those of [`read`], but for the source's.
pub fn pixels(bytes: &[u8], wanted: &Wanted) -> Result<Vec<u8>, Error> {
    let [height, width, channels] = wanted.shape;
    if !matches!(channels, 1 | 3) {
        return Err(Error::WantedChannels { found: channels });
    }
    let size = [width, height].map(|side| u32::try_from(side).unwrap_or(u32::MAX));
    if u64::from(size[0]) * u64::from(size[1]) > LIMIT_PIXELS {
        return Err(Error::WantedPixels {
            found: [height, width],
        });
    }
    let picture = Picture::open(bytes)?;
    let (found, colour) = (picture.size(), picture.colour());
    let expected_colour = Colour::plain(channels);
    let (resize, convert) = (found != size, colour != expected_colour);
    if (resize && !wanted.resize) || (convert && !wanted.convert) {
        return Err(Error::Unlike {
            found,
            found_colour: colour,
            expected: size,
            expected_colour,
            resize: resize && !wanted.resize,
            convert: convert && !wanted.convert,
        });
    }
    let mut pixels = recolour(picture.samples()?, colour.channels, channels);
    if resize {
        let whole = "a picture has a sample for each channel of each pixel";
        let picture = dynamic(found, channels, pixels).expect(whole);
        let picture = picture.resize_exact(size[0], size[1], FilterType::Triangle);
        pixels = picture.into_bytes();
    }
    for pixel in &mut pixels {
        *pixel = times(*pixel, wanted.white);
    }
    Ok(pixels)
}

/// `round(a · b / 255)`; no product lies halfway, since 255 is odd.
fn times(a: u8, b: u8) -> u8 {
    ((u32::from(a) * u32::from(b) + 127) / 255) as u8
}

/// Turns pixels of `found` samples into pixels of `wanted`, 1 or 3.
///
/// ```text
/// gray with alpha, RGB with alpha    each sample times alpha: what is invisible is black
/// gray -> RGB                        the sample three times
/// RGB  -> gray                       0.299 R + 0.587 G + 0.114 B, rounded
/// ```
///
/// # Reference
/// ITU-R BT.601-7 (2011): the luma of JPEG, and of Pillow and OpenCV.
fn recolour(samples: Vec<u8>, found: usize, wanted: usize) -> Vec<u8> {
    if found == wanted {
        return samples;
    }
    let mut pixels = Vec::with_capacity(samples.len() / found * wanted);
    for pixel in samples.chunks_exact(found) {
        let rgb = match *pixel {
            [gray] => [gray; 3],
            [gray, alpha] => [times(gray, alpha); 3],
            [r, g, b] => [r, g, b],
            [r, g, b, alpha] => [r, g, b].map(|sample| times(sample, alpha)),
            _ => unreachable!("a pixel has one to four samples"),
        };
        if wanted == 3 {
            pixels.extend(rgb);
        } else {
            let [r, g, b] = rgb.map(u32::from);
            pixels.push(((299 * r + 587 * g + 114 * b + 500) / 1000) as u8);
        }
    }
    pixels
}

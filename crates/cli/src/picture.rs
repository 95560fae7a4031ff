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
#[cfg(test)]
mod tests;

use std::fmt::{self, Display, Formatter};
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail, ensure};
use image::imageops::FilterType;
use image::{DynamicImage, GrayImage, RgbImage};

use decoder::{Colour, Decoder};

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
/// picture that is not the one that is wanted and may not be made so. Each error names the source.
pub fn read(source: &Source, wanted: &Wanted) -> Result<Vec<u8>> {
    let pixels = load(source).and_then(|bytes| pixels(&bytes, wanted));
    pixels.with_context(|| match source {
        Source::Path(path) => path.display().to_string(),
        Source::Stdin => "standard input".to_owned(),
    })
}

/// The error of what is no picture.
fn no_picture(found: impl Display) -> anyhow::Error {
    anyhow!("{found}, expected a png or jpg file")
}

/// All bytes of a source.
fn load(source: &Source) -> Result<Vec<u8>> {
    match source {
        Source::Path(path) => take(open(path)?, LIMIT_BYTES),
        Source::Stdin => take(io::stdin().lock(), LIMIT_BYTES),
    }
}

/// Opens a regular file.
///
/// Opening a named pipe waits for its writer and a device never ends, so what stands there is asked
/// first.
fn open(path: &Path) -> Result<File> {
    let metadata = fs::metadata(path).map_err(no_picture)?;
    if metadata.is_dir() {
        return Err(no_picture("found a directory"));
    }
    if !metadata.is_file() {
        let found = "found a pipe or device (`-` reads standard input)";
        return Err(no_picture(found));
    }
    let found_bytes = metadata.len();
    ensure!(
        found_bytes <= LIMIT_BYTES,
        "file has {found_bytes} bytes, expected at most {LIMIT_BYTES}"
    );
    File::open(path).map_err(no_picture)
}

/// Reads to the end, which must come within `limit_bytes`.
fn take(from: impl Read, limit_bytes: u64) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let found_bytes = from.take(limit_bytes + 1).read_to_end(&mut bytes);
    let found_bytes = found_bytes.map_err(no_picture)? as u64;
    ensure!(
        found_bytes <= limit_bytes,
        "found more bytes, expected at most {limit_bytes}"
    );
    Ok(bytes)
}

/// Decodes a picture and makes it the one that is wanted.
fn pixels(bytes: &[u8], wanted: &Wanted) -> Result<Vec<u8>> {
    let [height, width, channels] = wanted.shape;
    ensure!(
        matches!(channels, 1 | 3),
        "the model takes {channels} channels, expected 1 (gray) or 3 (RGB) to classify pictures"
    );
    let size = (u32::try_from(width)?, u32::try_from(height)?);
    let (header, decoder) = Decoder::open(bytes)?;
    let [found_width, found_height] = header.size;
    ensure!(
        u64::from(found_width) * u64::from(found_height) <= LIMIT_PIXELS,
        "picture is {found_width}x{found_height}, expected at most {} megapixels",
        LIMIT_PIXELS / 1_000_000
    );

    let colour = Colour::plain(channels);
    let upright = header.upright_size();
    let mut remedies = Vec::new();
    if !wanted.resize && upright != [size.0, size.1] {
        remedies.push("--resize resizes it");
    }
    if !wanted.convert && header.colour != colour {
        remedies.push("--convert converts its colours");
    }
    if !remedies.is_empty() {
        bail!(
            "picture is {}x{} {}, expected {width}x{height} {colour}; {}",
            upright[0],
            upright[1],
            header.colour,
            remedies.join(", ")
        );
    }

    let samples = recolour(decoder.samples()?, header.colour.channels, channels);
    let whole = "a picture has a sample for each channel of each pixel";
    let mut picture: DynamicImage = if channels == 1 {
        let gray = GrayImage::from_raw(found_width, found_height, samples);
        gray.expect(whole).into()
    } else {
        let rgb = RgbImage::from_raw(found_width, found_height, samples);
        rgb.expect(whole).into()
    };
    picture.apply_orientation(header.orientation);
    if upright != [size.0, size.1] {
        picture = picture.resize_exact(size.0, size.1, FilterType::Triangle);
    }
    let mut pixels = picture.into_bytes();
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

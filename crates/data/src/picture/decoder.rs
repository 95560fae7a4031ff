//! The two formats: what a file says that it holds, and its samples.
//!
//! A PNG has checksums: what is damaged is an error. A JPEG has none: what is cut off or cannot be
//! decoded is an error, damage that decodes to something is not noticed.

use std::fmt::{self, Display, Formatter};
use std::io::Cursor;

use image::codecs::png::PngDecoder;
use image::metadata::Orientation;
use image::{ColorType, ImageDecoder, ImageFormat, Limits};
use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

use super::Error;

/// Most that the PNG decoder may hold beside the picture: rows, and chunks that expand.
const PNG_LIMIT_BYTES: u64 = 16 << 20;

/// A format that is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Portable Network Graphics.
    Png,
    /// JPEG, in whatever file.
    Jpeg,
}

impl Display for Format {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Png => "png",
            Self::Jpeg => "jpg",
        })
    }
}

/// What a pixel is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Colour {
    /// Samples of a decoded pixel: gray, gray and alpha, RGB, RGB and alpha.
    pub channels: usize,
    /// Whether the file holds samples of 16 bits.
    deep: bool,
    /// Whether the file holds inks, which are decoded as RGB.
    inks: bool,
}

impl Colour {
    /// Whether the file holds gray or RGB of 8 bits.
    pub fn is_plain(self) -> bool {
        matches!(self.channels, 1 | 3) && self == Self::plain(self.channels)
    }

    /// Gray or RGB of 8 bits, by the number of channels.
    pub fn plain(channels: usize) -> Self {
        Self {
            channels,
            deep: false,
            inks: false,
        }
    }
}

impl Display for Colour {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if self.inks {
            return f.write_str("CMYK");
        }
        if self.deep {
            f.write_str("16-bit ")?;
        }
        f.write_str(match self.channels {
            1 => "gray",
            2 => "gray with alpha",
            3 => "RGB",
            _ => "RGB with alpha",
        })
    }
}

/// What a file says before its pixels.
pub struct Header {
    /// Width and height as stored.
    pub size: [u32; 2],
    /// What a pixel is made of.
    pub colour: Colour,
    /// How the stored picture becomes an upright one.
    pub orientation: Orientation,
}

impl Header {
    /// Whether the stored picture is the upright one.
    pub fn is_upright(&self) -> bool {
        self.orientation == Orientation::NoTransforms
    }

    /// Width and height of the upright picture.
    pub fn upright_size(&self) -> [u32; 2] {
        let [width, height] = self.size;
        match self.orientation {
            Orientation::NoTransforms
            | Orientation::Rotate180
            | Orientation::FlipHorizontal
            | Orientation::FlipVertical => [width, height],
            Orientation::Rotate90
            | Orientation::Rotate270
            | Orientation::Rotate90FlipH
            | Orientation::Rotate270FlipH => [height, width],
        }
    }
}

/// A file whose header was read.
pub enum Decoder<'a> {
    Png(Box<PngDecoder<Cursor<&'a [u8]>>>),
    Jpeg(Box<JpegDecoder<ZCursor<&'a [u8]>>>),
}

impl<'a> Decoder<'a> {
    /// Reads a header; the format is told by the content.
    pub fn open(bytes: &'a [u8]) -> Result<(Header, Self), Error> {
        match image::guess_format(bytes) {
            _ if bytes.is_empty() => Err(Error::Empty),
            Ok(ImageFormat::Png) => open_png(bytes),
            Ok(ImageFormat::Jpeg) => open_jpeg(bytes),
            Ok(other) => Err(Error::Format {
                found: Some(other.to_mime_type()),
            }),
            Err(_) => Err(Error::Format { found: None }),
        }
    }

    /// Decodes to 8 bits a sample, pixel by pixel.
    pub fn samples(self) -> Result<Vec<u8>, Error> {
        match self {
            Self::Png(decoder) => {
                let deep = is_deep(decoder.color_type());
                // At most 8 bytes for each of 64 million pixels.
                let mut samples = vec![0; decoder.total_bytes() as usize];
                decoder.read_image(&mut samples).map_err(damaged_png)?;
                Ok(if deep { round(&samples) } else { samples })
            }
            Self::Jpeg(mut decoder) => decoder.decode().map_err(damaged_jpeg),
        }
    }
}

fn damaged_png(error: impl Display) -> Error {
    Error::Damaged {
        format: Format::Png,
        reason: error.to_string(),
    }
}

fn damaged_jpeg(error: impl Display) -> Error {
    // The decoder quotes some of its sentences and ends others with a line's end.
    let error = error.to_string();
    let reason = error.trim().trim_matches('"').to_owned();
    Error::Damaged {
        format: Format::Jpeg,
        reason,
    }
}

/// Whether samples have 16 bits.
fn is_deep(colour: ColorType) -> bool {
    colour.bytes_per_pixel() > colour.channel_count()
}

/// Samples of 16 bits to the nearest of 8: `65535 = 255 · 257`, and 257 is odd, so none is halfway.
fn round(samples: &[u8]) -> Vec<u8> {
    let (pairs, _) = samples.as_chunks::<2>();
    let samples = pairs
        .iter()
        .map(|pair| u32::from(u16::from_ne_bytes(*pair)));
    samples.map(|sample| ((sample + 128) / 257) as u8).collect()
}

fn open_png(bytes: &[u8]) -> Result<(Header, Decoder<'_>), Error> {
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(PNG_LIMIT_BYTES);
    let mut decoder = PngDecoder::with_limits(Cursor::new(bytes), limits).map_err(damaged_png)?;
    let (width, height) = decoder.dimensions();
    let colour = decoder.color_type();
    let header = Header {
        size: [width, height],
        colour: Colour {
            channels: usize::from(colour.channel_count()),
            deep: is_deep(colour),
            inks: false,
        },
        orientation: decoder.orientation().map_err(damaged_png)?,
    };
    Ok((header, Decoder::Png(Box::new(decoder))))
}

fn open_jpeg(bytes: &[u8]) -> Result<(Header, Decoder<'_>), Error> {
    // Lenient decoding paints what it cannot read grey, and a network would classify that.
    let options = DecoderOptions::default()
        .set_strict_mode(true)
        .set_max_width(usize::from(u16::MAX))
        .set_max_height(usize::from(u16::MAX));
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    decoder.decode_headers().map_err(damaged_jpeg)?;
    let (Some((width, height)), Some(space)) = (decoder.dimensions(), decoder.input_colorspace())
    else {
        return Err(damaged_jpeg("no header"));
    };
    if !is_whole(bytes) {
        return Err(Error::CutOff);
    }
    let (decoded, inks) = match space {
        ColorSpace::Luma => (ColorSpace::Luma, false),
        ColorSpace::YCbCr | ColorSpace::RGB => (ColorSpace::RGB, false),
        ColorSpace::CMYK | ColorSpace::YCCK => (ColorSpace::RGB, true),
        other => return Err(damaged_jpeg(format_args!("colours are {other:?}"))),
    };
    decoder.set_options(options.jpeg_set_out_colorspace(decoded));
    let orientation = decoder
        .exif()
        .and_then(|exif| Orientation::from_exif_chunk(exif));
    let header = Header {
        // A JPEG's sides have 16 bits.
        size: [width as u32, height as u32],
        colour: Colour {
            channels: decoded.num_components(),
            deep: false,
            inks,
        },
        orientation: orientation.unwrap_or(Orientation::NoTransforms),
    };
    Ok((header, Decoder::Jpeg(Box::new(decoder))))
}

/// Whether a JPEG goes on to its end marker.
///
/// A file that is cut within its last row of blocks decodes without an error. Segments are passed
/// over, since a thumbnail inside of one has an end marker too; what lies between them is coded
/// pixels, where a byte 255 is followed by 0, by another 255, or by a marker.
///
/// # Reference
/// ITU-T T.81 (1992), §B.1.1.
fn is_whole(bytes: &[u8]) -> bool {
    const END: u8 = 0xD9;
    let mut rest = bytes;
    let is_marker = |pair: &[u8]| pair[0] == 0xFF && !matches!(pair[1], 0 | 0xFF);
    while let Some(at) = rest.windows(2).position(is_marker) {
        let marker = rest[at + 1];
        rest = &rest[at + 2..];
        match marker {
            END => return true,
            // TEM, RST0 to RST7 and SOI stand alone; all others say how long they are.
            0x01 | 0xD0..=0xD8 => {}
            _ => {
                let length = rest.first_chunk().map(|length| u16::from_be_bytes(*length));
                let behind = length.and_then(|length| rest.get(usize::from(length)..));
                let Some(behind) = behind else { return false };
                rest = behind;
            }
        }
    }
    false
}

//! Pixels to a PNG.

use std::io::{self, Cursor, ErrorKind};

use image::codecs::png::PngEncoder;
use image::{ExtendedColorType, ImageEncoder};

/// The bytes of a PNG of pixels `[height, width, channels]`, one channel (gray) or three (RGB).
///
/// # Errors
/// `InvalidInput` for other channels, and for sides or pixels that a PNG cannot have.
pub fn to_png(shape: [usize; 3], pixels: &[u8]) -> io::Result<Vec<u8>> {
    let [height, width, channels] = shape;
    let wrong = |message: String| io::Error::new(ErrorKind::InvalidInput, message);
    let colour = match channels {
        1 => ExtendedColorType::L8,
        3 => ExtendedColorType::Rgb8,
        _ => return Err(wrong(format!("{channels} channels, expected 1 or 3"))),
    };
    let [Ok(height), Ok(width)] = [height, width].map(u32::try_from) else {
        let message = format!("sides of {height} x {width}, expected less than 2^32");
        return Err(wrong(message));
    };
    // What the encoder takes for granted.
    let expected = shape.into_iter().fold(1, usize::saturating_mul);
    if pixels.len() != expected {
        let found = pixels.len();
        return Err(wrong(format!(
            "{found} bytes of pixels, expected {expected}"
        )));
    }
    let mut png = Cursor::new(Vec::new());
    PngEncoder::new(&mut png)
        .write_image(pixels, width, height, colour)
        .map_err(|error| wrong(error.to_string()))?;
    Ok(png.into_inner())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        for shape in [[2, 3, 1], [3, 2, 3]] {
            let pixels: Vec<u8> = (0..shape.iter().product::<usize>() as u8).collect();
            let png = to_png(shape, &pixels).expect("a picture");
            let picture = image::load_from_memory(&png).expect("a picture");
            assert_eq!(
                [picture.height(), picture.width()].map(|side| side as usize),
                shape[..2]
            );
            assert_eq!(picture.into_bytes(), pixels);
        }
    }

    #[test]
    fn what_no_picture_is_is_an_error() {
        for (shape, len) in [
            ([1, 1, 2], 2),
            ([2, 2, 1], 3),
            ([0, 1, 1], 0),
            ([1 << 40, 1, 1], 1),
        ] {
            let error = to_png(shape, &vec![0; len]).expect_err("no picture");
            assert_eq!(error.kind(), ErrorKind::InvalidInput, "{shape:?}");
        }
    }
}

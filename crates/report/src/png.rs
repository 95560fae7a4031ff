//! Pictures as PNG.

use std::sync::{Arc, LazyLock};

use resvg::tiny_skia::{Color, Pixmap};
use resvg::usvg::fontdb::Database;
use resvg::usvg::{Options, Transform, Tree};

use crate::error::Error;

/// Most pixels in a picture: 1 GiB of colours.
const MOST: f64 = 268_435_456.0;

/// Part of Roboto, so that a picture has the same letters on every machine.
static FONTS: LazyLock<Arc<Database>> = LazyLock::new(|| {
    let mut fonts = Database::new();
    fonts.load_font_data(include_bytes!("../font/Roboto-Regular.ttf").to_vec());
    fonts.load_font_data(include_bytes!("../font/Roboto-Bold.ttf").to_vec());
    fonts.set_sans_serif_family("Roboto");
    Arc::new(fonts)
});

/// Draws an SVG as PNG, `scale` pixels for each of its own.
///
/// Letters are Roboto's, whatever fonts the machine has: Latin, Greek and mathematical signs. Any
/// other letter is an empty box.
///
/// # Errors
///
/// `svg` is not an SVG, or the picture would have no pixel or more than 2^28.
///
/// # Example
///
/// ```
/// use orthant_report::{Figure, png};
///
/// let picture = png(&Figure::new("nothing").svg(), 2.0)?;
/// assert!(picture.starts_with(b"\x89PNG"));
/// # Ok::<(), orthant_report::Error>(())
/// ```
pub fn png(svg: &str, scale: f32) -> Result<Vec<u8>, Error> {
    let options = Options {
        fontdb: FONTS.clone(),
        font_family: "Roboto".to_owned(),
        ..Options::default()
    };
    let tree = Tree::from_str(svg, &options).map_err(|error| Error::Svg {
        reason: error.to_string(),
    })?;
    let size = tree.size();
    let size = [size.width(), size.height()].map(|side| (side * scale).ceil());
    let [width, height] = size;
    let pixels = f64::from(width) * f64::from(height);
    let pixmap = match (1.0..=MOST).contains(&pixels) && width > 0.0 {
        true => Pixmap::new(width as u32, height as u32),
        false => None,
    };
    let mut pixmap = pixmap.ok_or(Error::Pixels { size, most: MOST })?;
    pixmap.fill(Color::WHITE);
    let transform = Transform::from_scale(scale, scale);
    resvg::render(&tree, transform, &mut pixmap.as_mut());
    Ok(pixmap.encode_png().expect("memory takes every byte"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Figure;

    fn decoded(svg: &str, scale: f32) -> Pixmap {
        Pixmap::decode_png(&png(svg, scale).expect("it can be drawn")).expect("a PNG")
    }

    fn text(text: &str, weight: &str) -> String {
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"40\" height=\"30\" \
             font-family=\"Helvetica, sans-serif\"><text x=\"5\" y=\"20\" font-size=\"20\" \
             font-weight=\"{weight}\">{text}</text></svg>"
        )
    }

    #[test]
    fn a_picture_has_its_size_times_the_scale() {
        let svg = Figure::new("nothing").svg();
        for scale in [1.0, 2.0, 0.5] {
            let pixels = decoded(&svg, scale);
            assert_eq!(pixels.width(), (490.0 * scale).ceil() as u32);
        }
    }

    #[test]
    fn letters_are_drawn_without_any_font_on_the_machine() {
        let ink = |svg: &str| {
            let pixels = decoded(svg, 1.0);
            pixels
                .pixels()
                .iter()
                .map(|p| 255 - u64::from(p.red()))
                .sum::<u64>()
        };
        assert_eq!(ink(&text(" ", "normal")), 0);
        for letter in "A0µθ−×±⁻⁹√≥…".chars() {
            let [normal, bold] = ["normal", "bold"].map(|w| ink(&text(&letter.to_string(), w)));
            assert!(normal > 0 && bold > normal, "{letter}: {normal} {bold}");
        }
    }

    #[test]
    fn what_is_no_picture_is_an_error() {
        let error = png("<svg", 1.0).expect_err("no SVG").to_string();
        assert!(
            error.starts_with("expected an SVG to make a PNG of: "),
            "{error}"
        );
        let svg = Figure::new("nothing").svg();
        for scale in [0.0, -1.0, 1e9, f32::NAN, f32::INFINITY] {
            assert!(png(&svg, scale).is_err(), "{scale}");
        }
    }

    #[test]
    fn same_numbers_same_bytes() {
        let svg = text("0.963", "bold");
        assert_eq!(
            png(&svg, 2.0).expect("drawn"),
            png(&svg, 2.0).expect("drawn")
        );
    }
}

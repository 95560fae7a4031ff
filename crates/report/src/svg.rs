//! An SVG document in the making: no style sheet and no identifiers, so that several can stand in
//! one page.

use std::fmt::{self, Arguments, Display, Formatter, Write};

use crate::text::Escaped;

/// A length in pixels, to a hundredth.
#[derive(Clone, Copy)]
pub(crate) struct Px(pub f64);

impl Display for Px {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        // Adding 0 turns −0 into 0.
        write!(f, "{}", (self.0 * 100.0).round() / 100.0 + 0.0)
    }
}

/// Where a text stands with respect to its place.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Anchor {
    Start,
    Middle,
    End,
}

/// How a text looks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Type {
    pub size: f64,
    pub colour: &'static str,
    pub bold: bool,
}

/// The document.
pub(crate) struct Svg(String);

impl Svg {
    /// A white page of `width` x `height` pixels that says what it shows.
    pub fn new(width: f64, height: f64, title: &str) -> Self {
        let mut svg = Self(String::new());
        let (width, height) = (Px(width), Px(height));
        svg.put(format_args!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
             viewBox=\"0 0 {width} {height}\" role=\"img\" \
             font-family=\"Helvetica, Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif\">\n\
             <title>{}</title>\n<rect width=\"{width}\" height=\"{height}\" fill=\"#ffffff\"/>\n",
            Escaped(title)
        ));
        svg
    }

    pub fn put(&mut self, part: Arguments<'_>) {
        // Appending to a string does not fail.
        let _ = self.0.write_fmt(part);
    }

    /// A straight line of a pixel's width or so.
    pub fn line(&mut self, from: [f64; 2], to: [f64; 2], colour: &str, width: f64) {
        self.put(format_args!(
            "<path stroke=\"{colour}\" stroke-width=\"{}\" d=\"M{} {}L{} {}\"/>\n",
            Px(width),
            Px(from[0]),
            Px(from[1]),
            Px(to[0]),
            Px(to[1])
        ));
    }

    /// The data of a path from place to place.
    pub fn steps(&mut self, places: &[[f64; 2]]) {
        for (index, [x, y]) in places.iter().enumerate() {
            let letter = if index == 0 { 'M' } else { 'L' };
            self.put(format_args!("{letter}{} {}", Px(*x), Px(*y)));
        }
    }

    /// A filled rectangle.
    pub fn rectangle(&mut self, [x, y]: [f64; 2], [width, height]: [f64; 2], fill: &str) {
        self.put(format_args!(
            "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"{fill}\"/>\n",
            Px(x),
            Px(y),
            Px(width),
            Px(height)
        ));
    }

    /// A text whose baseline is at `place`.
    pub fn text(&mut self, [x, y]: [f64; 2], anchor: Anchor, style: Type, text: &str) {
        self.put(format_args!("<text x=\"{}\" y=\"{}\"", Px(x), Px(y)));
        self.rest_of_text(anchor, style, text);
    }

    /// A text that reads upwards, centred at `place`.
    pub fn upright(&mut self, [x, y]: [f64; 2], style: Type, text: &str) {
        self.put(format_args!(
            "<text transform=\"translate({} {}) rotate(-90)\"",
            Px(x),
            Px(y)
        ));
        self.rest_of_text(Anchor::Middle, style, text);
    }

    fn rest_of_text(&mut self, anchor: Anchor, style: Type, text: &str) {
        match anchor {
            Anchor::Start => {}
            Anchor::Middle => self.put(format_args!(" text-anchor=\"middle\"")),
            Anchor::End => self.put(format_args!(" text-anchor=\"end\"")),
        }
        if style.bold {
            self.put(format_args!(" font-weight=\"bold\""));
        }
        self.put(format_args!(
            " font-size=\"{}\" fill=\"{}\">{}</text>\n",
            Px(style.size),
            style.colour,
            Escaped(text)
        ));
    }

    pub fn finish(mut self) -> String {
        self.0.push_str("</svg>\n");
        self.0
    }
}

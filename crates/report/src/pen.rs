//! How curves are told apart: by colour, and without it by dashes and marks.

use crate::svg::{Px, Svg};

/// Okabe and Ito's colours without yellow, which is too faint on white; the easiest to tell apart
/// come first.
///
/// # Reference
/// Okabe & Ito 2008, *Color Universal Design*, <https://jfly.uni-koeln.de/color/>.
const COLOURS: [&str; 7] = [
    "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#000000",
];

/// Lengths of dashes and gaps in pixels; none is a line without gaps.
const DASHES: [&str; 4] = ["", "7 3", "2 2.5", "8 2.5 2 2.5"];

/// Dashes of a theory.
const THEORY: &str = "5 3.5";

/// Of a level or a guide.
const GREY: &str = "#6a6a6a";

/// Of shaded ranges.
const SPANS: [&str; 3] = ["#e4ebf3", "#f5ead8", "#e6f0e6"];

/// Shapes of marks: disk, square, triangle, diamond, ring.
const MARKS: usize = 5;

/// What a curve is drawn with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Pen {
    pub colour: &'static str,
    pub dashes: &'static str,
    mark: usize,
}

impl Pen {
    /// Of the panel's curve `index`.
    ///
    /// The numbers of colours, dashes and marks have no common factor: 28 curves differ in colour
    /// or dashes, and 20 in dashes or marks.
    pub fn of_curve(index: usize) -> Self {
        Self {
            colour: COLOURS[index % COLOURS.len()],
            dashes: DASHES[index % DASHES.len()],
            mark: index % MARKS,
        }
    }

    /// Of the panel's level `index`.
    pub fn of_level(index: usize) -> Self {
        Self {
            colour: GREY,
            dashes: ["5 4", "1.5 3"][index % 2],
            mark: 0,
        }
    }

    /// Of a guide.
    pub fn of_guide() -> Self {
        Self {
            colour: GREY,
            dashes: "9 3 2 3",
            mark: 0,
        }
    }

    /// The pen without gaps.
    pub fn solid(self) -> Self {
        Self { dashes: "", ..self }
    }

    /// The pen with the dashes of a theory.
    pub fn theory(self) -> Self {
        Self {
            dashes: THEORY,
            ..self
        }
    }

    /// A line through `places` in pixels.
    pub fn line(self, svg: &mut Svg, width: f64, places: &[[f64; 2]]) {
        let Self { colour, dashes, .. } = self;
        svg.put(format_args!(
            r#"<path fill="none" stroke="{colour}" stroke-width="{}""#,
            Px(width)
        ));
        if !dashes.is_empty() {
            svg.put(format_args!(r#" stroke-dasharray="{dashes}""#));
        }
        svg.put(format_args!(r#" stroke-linejoin="round" d=""#));
        svg.steps(places);
        svg.put(format_args!("\"/>\n"));
    }

    /// The surface inside `corners` in pixels, lightly.
    pub fn surface(self, svg: &mut Svg, corners: &[[f64; 2]]) {
        if corners.is_empty() {
            return;
        }
        let colour = self.colour;
        svg.put(format_args!(
            r#"<path fill="{colour}" fill-opacity="0.2" d=""#
        ));
        svg.steps(corners);
        svg.put(format_args!("Z\"/>\n"));
    }

    /// A bar between two heights in pixels, with ends across.
    pub fn error_bar(self, svg: &mut Svg, x: f64, [low, high]: [f64; 2]) {
        for [from, to] in [
            [[x, low], [x, high]],
            [[x - 3.0, low], [x + 3.0, low]],
            [[x - 3.0, high], [x + 3.0, high]],
        ] {
            svg.line(from, to, self.colour, 1.2);
        }
    }

    /// A mark at a place in pixels.
    pub fn mark(self, svg: &mut Svg, [x, y]: [f64; 2]) {
        let colour = self.colour;
        let corners: &[[f64; 2]] = match self.mark {
            1 => &[[-2.5, -2.5], [2.5, -2.5], [2.5, 2.5], [-2.5, 2.5]],
            2 => &[[0.0, -3.4], [3.2, 2.4], [-3.2, 2.4]],
            3 => &[[0.0, -3.6], [3.6, 0.0], [0.0, 3.6], [-3.6, 0.0]],
            round => {
                let fill = if round == 0 { colour } else { "#ffffff" };
                svg.put(format_args!(
                    "<circle cx=\"{}\" cy=\"{}\" r=\"2.4\" fill=\"{fill}\" \
                     stroke=\"{colour}\" stroke-width=\"1.2\"/>\n",
                    Px(x),
                    Px(y)
                ));
                return;
            }
        };
        svg.put(format_args!(r#"<path fill="{colour}" d=""#));
        let corners: Vec<_> = corners.iter().map(|[dx, dy]| [x + dx, y + dy]).collect();
        svg.steps(&corners);
        svg.put(format_args!("Z\"/>\n"));
    }
}

/// Of a panel's shaded range `index`.
pub(crate) fn span_colour(index: usize) -> &'static str {
    SPANS[index % SPANS.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pens_differ_with_colour_and_without() {
        for a in 0..28 {
            for b in 0..a {
                let [a, b] = [a, b].map(Pen::of_curve);
                assert_ne!((a.colour, a.dashes), (b.colour, b.dashes), "{a:?} {b:?}");
            }
        }
        for a in 0..20 {
            for b in 0..a {
                let [a, b] = [a, b].map(Pen::of_curve);
                assert_ne!((a.dashes, a.mark), (b.dashes, b.mark), "{a:?} {b:?}");
            }
        }
    }
}

//! How curves are told apart: by colour, by dashes and by marks, so that any two of the three do.

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

/// Of a level.
const GREY: &str = "#767676";

/// What a curve is drawn with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Pen {
    pub colour: &'static str,
    pub dashes: &'static str,
    mark: usize,
}

impl Pen {
    /// Of the panel's curve `index`. Seven colours and four dashes: the first 28 differ in pairs.
    pub fn of_curve(index: usize) -> Self {
        Self {
            colour: COLOURS[index % COLOURS.len()],
            dashes: DASHES[index % DASHES.len()],
            mark: index % 4,
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
        for (index, [x, y]) in places.iter().enumerate() {
            let letter = if index == 0 { 'M' } else { 'L' };
            svg.put(format_args!("{letter}{} {}", Px(*x), Px(*y)));
        }
        svg.put(format_args!("\"/>\n"));
    }

    /// A mark at a place in pixels: a disk, a square, a triangle or a diamond.
    pub fn mark(self, svg: &mut Svg, [x, y]: [f64; 2]) {
        let colour = self.colour;
        let corners: &[[f64; 2]] = match self.mark {
            0 => {
                svg.put(format_args!(
                    "<circle cx=\"{}\" cy=\"{}\" r=\"2.8\" fill=\"{colour}\"/>\n",
                    Px(x),
                    Px(y)
                ));
                return;
            }
            1 => &[[-2.5, -2.5], [2.5, -2.5], [2.5, 2.5], [-2.5, 2.5]],
            2 => &[[0.0, -3.4], [3.2, 2.4], [-3.2, 2.4]],
            _ => &[[0.0, -3.6], [3.6, 0.0], [0.0, 3.6], [-3.6, 0.0]],
        };
        svg.put(format_args!(r#"<path fill="{colour}" d=""#));
        for (index, [dx, dy]) in corners.iter().enumerate() {
            let letter = if index == 0 { 'M' } else { 'L' };
            svg.put(format_args!("{letter}{} {}", Px(x + dx), Px(y + dy)));
        }
        svg.put(format_args!("Z\"/>\n"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twenty_eight_pens_differ() {
        for a in 0..28 {
            for b in 0..a {
                assert_ne!(Pen::of_curve(a), Pen::of_curve(b), "{a} and {b}");
            }
        }
    }
}

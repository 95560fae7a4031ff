//! The colour scale of all two-dimensional histograms of a figure.

use super::area::{LABEL, NUMBER};
use crate::axis::Scale;
use crate::colours::{LEVELS, of_level};
use crate::ruler::Ruler;
use crate::svg::{Anchor, Svg};
use crate::text::width;

/// Height of the scale with its numbers, in pixels.
pub(super) const HEIGHT: f64 = 46.0;

/// Longest scale.
const LENGTH: f64 = 320.0;

const NAME: &str = "pairs in a cell";

/// Draws the scale from 1 to `most` in a strip that begins at `[left, top]`.
pub(super) fn draw(svg: &mut Svg, [left, top]: [f64; 2], room: f64, most: u64) {
    let name = LABEL.size * width(NAME) + 12.0;
    let length = LENGTH.min(room - name - 20.0);
    let (from, wide) = (left + name, length / LEVELS as f64);
    svg.text([left, top + 14.0], Anchor::Start, LABEL, NAME);
    svg.put(format_args!("<g shape-rendering=\"crispEdges\">\n"));
    for level in 0..LEVELS {
        let colour = of_level(level).to_string();
        svg.rectangle(
            [from + wide * level as f64, top + 4.0],
            [wide, 12.0],
            &colour,
        );
    }
    svg.put(format_args!("</g>\n"));
    let Some(ruler) = Ruler::between(Scale::Log, [1.0, most.max(2) as f64]) else {
        return;
    };
    let widths = ruler.ticks.iter().map(|tick| width(&tick.label));
    let widest = NUMBER.size * widths.fold(0.0, f64::max) + 8.0;
    for tick in ruler.labelled(widest / length) {
        let x = from + tick.place * length;
        svg.line([x, top + 16.0], [x, top + 20.0], NUMBER.colour, 1.0);
        svg.text([x, top + 31.0], Anchor::Middle, NUMBER, &tick.label);
    }
}

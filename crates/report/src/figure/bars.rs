//! A panel of bars, drawn.

use super::Drawing;
use super::area::{Area, NUMBER, Needs, ROOM_BELOW};
use crate::axis::Scale;
use crate::bars::Bars;
use crate::pen::Pen;
use crate::ruler::Ruler;
use crate::svg::{Anchor, Svg};
use crate::text::{fit, width};

/// From bar to bar, in pixels like everything below.
const LINE: f64 = 22.0;

/// Height of a bar.
const BAR: f64 = 14.0;

/// Most room for names at the left, and for texts at the right, as shares of the plot; they have so
/// many pixels in any.
const NAMES: (f64, f64) = (0.24, 110.0);
const TEXTS: (f64, f64) = (0.18, 80.0);

/// The most room in a plot so wide.
fn room((share, least): (f64, f64), cell: f64) -> f64 {
    least.max(share * cell)
}

/// Bars and their axis, measured out.
pub(super) struct Rows<'a> {
    bars: &'a Bars,
    ruler: Option<Ruler>,
}

impl<'a> Rows<'a> {
    pub fn of(bars: &'a Bars) -> Self {
        let axis = &bars.axis;
        let own = axis
            .range
            .and_then(|range| Ruler::between(axis.scale, range));
        Self {
            bars,
            ruler: own.or_else(|| ruler(bars)),
        }
    }

    fn widest<'b>(texts: impl Iterator<Item = &'b str>) -> f64 {
        NUMBER.size * texts.map(width).fold(0.0, f64::max)
    }
}

/// From where bars begin to the longest end.
fn ruler(bars: &Bars) -> Option<Ruler> {
    let scale = bars.axis.scale;
    let all = || bars.bars().map(|bar| bar.value);
    let placed = || all().filter(|&value| Ruler::over(scale, [value].into_iter()).is_some());
    let (low, high) = (placed().reduce(f64::min)?, placed().reduce(f64::max)?);
    let range = match scale {
        Scale::Linear if low == 0.0 && high == 0.0 => [0.0, 1.0],
        Scale::Linear => [low.min(0.0), high.max(0.0)],
        // Even the shortest bar has a length.
        Scale::Log => [10f64.powf((low.log10() - 0.3).floor()), high],
    };
    Ruler::between(scale, range)
}

impl Drawing for Rows<'_> {
    fn needs(&self, cell: f64) -> Needs {
        let bars = || self.bars.bars();
        Needs {
            notes: self.bars.notes.len(),
            head: false,
            left: 20.0 + Self::widest(bars().map(|bar| bar.name.as_str())).min(room(NAMES, cell)),
            right: 18.0 + Self::widest(bars().map(|bar| bar.text.as_str())).min(room(TEXTS, cell)),
            below: ROOM_BELOW,
        }
    }

    fn height(&self, _: f64) -> f64 {
        let lines = |name: &str, bars: usize| bars + usize::from(!name.is_empty());
        let groups = self.bars.groups.iter();
        let lines = groups.map(|group| lines(&group.name, group.bars.len()));
        LINE * lines.sum::<usize>().max(3) as f64 + 8.0
    }

    fn draw(&self, svg: &mut Svg, area: &Area) {
        let bars = self.bars;
        area.title(svg, &bars.title, &bars.notes);
        if let Some(ruler) = &self.ruler {
            area.grid_x(svg, ruler);
            area.numbers_x(svg, ruler);
        }
        area.axes(svg);
        area.name_x(svg, &bars.axis.named(), self.ruler.as_ref());
        if bars.bars().next().is_none() {
            area.empty(svg, "no values to draw");
        }
        let zero = self.ruler.as_ref().and_then(|ruler| ruler.place(0.0));
        let zero = zero.unwrap_or(0.0).clamp(0.0, 1.0);
        let mut middle = area.top + 4.0 - LINE / 2.0;
        for group in &bars.groups {
            if !group.name.is_empty() {
                middle += LINE;
                let place = [area.left + 6.0, middle + 0.35 * NUMBER.size];
                let name = fit(&group.name, area.width / NUMBER.size);
                svg.text(place, Anchor::Start, NUMBER, &name);
            }
            for (index, bar) in group.bars.iter().enumerate() {
                middle += LINE;
                let baseline = middle + 0.35 * NUMBER.size;
                let name = fit(&bar.name, room(NAMES, area.cell_width) / NUMBER.size);
                svg.text([area.left - 6.0, baseline], Anchor::End, NUMBER, &name);
                let end = self.ruler.as_ref().and_then(|ruler| ruler.place(bar.value));
                let end = end.unwrap_or(zero).clamp(0.0, 1.0);
                let [left, right] = [zero.min(end), zero.max(end)];
                let [left, right] = [left, right].map(|at| area.at([at, 0.0])[0]);
                if right > left {
                    let corner = [left, middle - BAR / 2.0];
                    svg.rectangle(
                        corner,
                        [right - left, BAR],
                        Pen::of_curve(if bars.has_one_colour { 0 } else { index }).colour,
                    );
                }
                let text = fit(&bar.text, room(TEXTS, area.cell_width) / NUMBER.size);
                svg.text([right + 6.0, baseline], Anchor::Start, NUMBER, &text);
            }
        }
    }
}

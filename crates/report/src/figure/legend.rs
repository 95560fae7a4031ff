//! Legends: beside an area, under it, or under the whole figure.

use super::area::{Area, NUMBER};
use crate::pen::{Pen, span_colour};
use crate::svg::{Anchor, Svg};
use crate::text::{fit, width};

/// Between two lines of a legend, in pixels like everything below.
pub(crate) const LINE: f64 = 17.0;

/// Length of a sample of a line; two periods of the longest dashes.
const SAMPLE: f64 = 30.0;

/// From a sample to its name, and between entries of one line.
const GAPS: [f64; 2] = [6.0, 20.0];

/// Most room for names beside an area.
const NAMES: f64 = 0.265;

/// Most room for a name in a line with others.
const NAME_IN_LINE: f64 = 240.0;

/// What a line of a legend shows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Sample {
    Curve { pen: Pen, line: bool, mark: bool },
    Level(Pen),
    Span(usize),
}

/// A line of a legend.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Entry<'a> {
    pub name: &'a str,
    pub sample: Sample,
}

impl Entry<'_> {
    /// Draws the entry with its middle line at `y`, its name no wider than `room`.
    fn draw(&self, svg: &mut Svg, [x, y]: [f64; 2], room: f64) {
        let ends = [[x, y], [x + SAMPLE, y]];
        match self.sample {
            Sample::Level(pen) => pen.line(svg, 1.2, &ends),
            Sample::Curve { pen, line, mark } => {
                if line {
                    pen.line(svg, 1.7, &ends);
                }
                if mark {
                    pen.mark(svg, [x + SAMPLE / 2.0, y]);
                }
            }
            Sample::Span(index) => {
                svg.rectangle([x, y - 5.5], [SAMPLE, 11.0], span_colour(index));
            }
        }
        let beside = [x + SAMPLE + GAPS[0], y + 0.35 * NUMBER.size];
        let name = fit(self.name, room / NUMBER.size);
        svg.text(beside, Anchor::Start, NUMBER, &name);
    }

    fn name_width(&self) -> f64 {
        NUMBER.size * width(self.name)
    }
}

/// Room that legends need at the right of their areas.
pub(crate) fn room_beside(legends: &[Vec<Entry<'_>>], cell: f64) -> f64 {
    let names = legends.iter().flatten().map(Entry::name_width);
    let names = names.reduce(f64::max);
    let names = names.map(|names| names.min(NAMES * cell));
    names.map_or(0.0, |names| 12.0 + SAMPLE + GAPS[0] + names + 10.0)
}

/// Draws entries one under the other beside an area.
pub(crate) fn beside(svg: &mut Svg, area: &Area, entries: &[Entry<'_>]) {
    for (line, entry) in entries.iter().enumerate() {
        let y = area.top + LINE * (line as f64 + 0.5);
        entry.draw(svg, [area.right() + 12.0, y], NAMES * area.cell_width);
    }
}

/// Entries in lines no wider than `room`, each with its distance from the left.
fn lines<'a>(entries: &'a [Entry<'a>], room: f64) -> Vec<Vec<(f64, &'a Entry<'a>)>> {
    let mut lines: Vec<Vec<_>> = Vec::new();
    let mut end = f64::INFINITY;
    for entry in entries {
        let wide = SAMPLE + GAPS[0] + entry.name_width().min(name_room(room));
        if end + wide > room {
            lines.push(Vec::new());
            end = 0.0;
        }
        if let Some(line) = lines.last_mut() {
            line.push((end, entry));
        }
        end += wide + GAPS[1];
    }
    lines
}

fn name_room(room: f64) -> f64 {
    NAME_IN_LINE.min(room - SAMPLE - GAPS[0])
}

/// Height of entries in lines no wider than `room`.
pub(crate) fn height_under(entries: &[Entry<'_>], room: f64) -> f64 {
    LINE * lines(entries, room).len() as f64
}

/// Draws entries in lines no wider than `room`, from the corner `[left, top]`.
pub(crate) fn under(svg: &mut Svg, [left, top]: [f64; 2], room: f64, entries: &[Entry<'_>]) {
    for (index, line) in lines(entries, room).iter().enumerate() {
        let y = top + LINE * (index as f64 + 0.5);
        for (distance, entry) in line {
            entry.draw(svg, [left + distance, y], name_room(room));
        }
    }
}

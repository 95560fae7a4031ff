//! Line charts, side by side.

#[cfg(test)]
mod tests;

use crate::chart::{Axis, Level, Panel};
use crate::pen::Pen;
use crate::ruler::Ruler;
use crate::svg::{Anchor, Svg, Type};
use crate::text::{fit, power_of_ten, width};

/// Panels in a row.
const COLUMNS: usize = 2;

/// Width of a panel with all that belongs to it, in pixels like everything below.
const CELL: f64 = 490.0;

/// Height of the area between the axes, unless a legend needs more.
const AREA: f64 = 220.0;

/// Above that area: the title and a line of notes.
const ABOVE: f64 = 44.0;

/// Below it: numbers and the axis's label.
const BELOW: f64 = 50.0;

/// Between two lines of a legend.
const LINE: f64 = 17.0;

/// Length of a legend's sample of a line; two periods of the longest dashes.
const SAMPLE: f64 = 30.0;

/// Most room for the names of a legend.
const NAMES: f64 = 130.0;

/// Curves of at most this many points show each of them by a mark.
const MARKED: usize = 25;

/// Marks of a longer curve, which tell it apart where there is no colour.
const MARKS: usize = 10;

const TITLE: Type = Type {
    size: 14.0,
    colour: "#1a1a1a",
    bold: true,
};
const LABEL: Type = Type {
    size: 12.0,
    colour: "#1a1a1a",
    bold: false,
};
const NUMBER: Type = Type {
    size: 11.0,
    colour: "#404040",
    bold: false,
};
const NOTE: Type = Type {
    size: 10.0,
    colour: "#5f5f5f",
    bold: false,
};

/// Draws panels two in a row, as SVG; `title` describes the picture to those who do not see it.
///
/// Areas are equally large and aligned. A legend stands beside its area, never over it, and cuts
/// long names off. Under the title of a panel stands how many of its points have no place on its
/// axes. A panel without any says so; without panels the picture is blank.
pub fn curves(title: &str, panels: &[Panel]) -> String {
    let rulers: Vec<_> = panels.iter().map(Rulers::of).collect();
    let layout = Layout::of(panels, &rulers);
    let rows = panels.len().div_ceil(COLUMNS);
    let mut svg = Svg::new(
        CELL * COLUMNS.min(panels.len()).max(1) as f64,
        (layout.row() * rows as f64).max(1.0),
        title,
    );
    for (index, (panel, rulers)) in panels.iter().zip(&rulers).enumerate() {
        let (row, column) = (index / COLUMNS, index % COLUMNS);
        let drawing = Drawing {
            panel,
            left: CELL * column as f64 + layout.left,
            top: layout.row() * row as f64 + ABOVE,
            width: layout.width,
            height: layout.height,
        };
        drawing.draw(&mut svg, rulers.as_ref());
    }
    svg.finish()
}

/// A panel's axes, measured out.
struct Rulers {
    x: Ruler,
    y: Ruler,
}

impl Rulers {
    /// None for a panel where no point has a place.
    fn of(panel: &Panel) -> Option<Self> {
        // A point counts for both axes or for none: a gap in y does not stretch x.
        let points = || panel.curves.iter().flat_map(|curve| &curve.points);
        let x = Ruler::over(panel.x.scale, points().map(|&[x, _]| x))?;
        let y = Ruler::over(panel.y.scale, points().map(|&[_, y]| y))?;
        let placed = || points().filter(|[a, b]| x.place(*a).and(y.place(*b)).is_some());
        let levels = panel.levels.iter().map(|level| level.at);
        Some(Self {
            x: Ruler::over(panel.x.scale, placed().map(|&[x, _]| x))?,
            y: Ruler::over(panel.y.scale, placed().map(|&[_, y]| y).chain(levels))?,
        })
    }
}

/// What all panels have in common.
struct Layout {
    /// From a cell's left to its area.
    left: f64,
    /// Of the area.
    width: f64,
    height: f64,
}

impl Layout {
    fn of(panels: &[Panel], rulers: &[Option<Rulers>]) -> Self {
        let ticks = rulers.iter().flatten().flat_map(|rulers| &rulers.y.ticks);
        let numbers = ticks.map(|tick| width(&tick.label)).fold(0.0, f64::max);
        let left = 36.0 + NUMBER.size * numbers;
        let entries = || panels.iter().map(|panel| legend(panel).collect::<Vec<_>>());
        let names = entries().flatten().map(|(name, _)| width(name));
        let names = names
            .reduce(f64::max)
            .map(|names| (NUMBER.size * names).min(NAMES));
        let right = names.map_or(18.0, |names| 12.0 + SAMPLE + 6.0 + names + 10.0);
        let longest = entries().map(|entries| entries.len()).max().unwrap_or(0);
        Self {
            left,
            width: (CELL - left - right).max(AREA),
            height: AREA.max(LINE * longest as f64),
        }
    }

    /// Height of a row of panels.
    fn row(&self) -> f64 {
        ABOVE + self.height + BELOW
    }
}

/// What a line of a legend names.
#[derive(Clone, Copy)]
enum Entry {
    Curve(usize),
    Level(usize),
}

fn legend(panel: &Panel) -> impl Iterator<Item = (&str, Entry)> {
    let curves = panel.curves.iter().enumerate();
    let levels = panel.levels.iter().enumerate();
    curves
        .map(|(index, curve)| (curve.name.as_str(), Entry::Curve(index)))
        .chain(levels.map(|(index, level)| (level.name.as_str(), Entry::Level(index))))
        .filter(|(name, _)| !name.is_empty())
}

/// A panel and where its area lies.
struct Drawing<'a> {
    panel: &'a Panel,
    left: f64,
    top: f64,
    width: f64,
    height: f64,
}

impl Drawing<'_> {
    fn right(&self) -> f64 {
        self.left + self.width
    }

    fn bottom(&self) -> f64 {
        self.top + self.height
    }

    fn draw(&self, svg: &mut Svg, rulers: Option<&Rulers>) {
        let panel = self.panel;
        let title = fit(&panel.title, (CELL - self.left % CELL - 10.0) / TITLE.size);
        svg.text([self.left, self.top - 24.0], Anchor::Start, TITLE, &title);
        if let Some(rulers) = rulers {
            self.grid(svg, rulers);
        }
        svg.line(
            [self.left, self.top],
            [self.left, self.bottom()],
            NUMBER.colour,
            1.0,
        );
        svg.line(
            [self.left, self.bottom()],
            [self.right(), self.bottom()],
            NUMBER.colour,
            1.0,
        );
        self.names(svg);
        let Some(rulers) = rulers else {
            let middle = [self.left + self.width / 2.0, self.top + self.height / 2.0];
            svg.text(middle, Anchor::Middle, NOTE, "no values to draw");
            return;
        };
        for (index, level) in panel.levels.iter().enumerate() {
            self.level(svg, &rulers.y, Pen::of_level(index), level);
        }
        let mut marked = vec![false; panel.curves.len()];
        for (index, marked) in marked.iter_mut().enumerate() {
            *marked = self.curve(svg, rulers, index);
        }
        self.legend(svg, &marked);
        self.notes(svg, rulers);
    }

    /// Where a point lies, if it has a place on both axes.
    fn place(&self, rulers: &Rulers, [x, y]: [f64; 2]) -> Option<[f64; 2]> {
        let (x, y) = (rulers.x.place(x)?, rulers.y.place(y)?);
        Some([self.left + x * self.width, self.bottom() - y * self.height])
    }

    /// Lines at the ticks, and the ticks' labels.
    fn grid(&self, svg: &mut Svg, rulers: &Rulers) {
        let labelled = || rulers.x.ticks.iter().filter(|tick| !tick.label.is_empty());
        let widest = labelled()
            .map(|tick| width(&tick.label))
            .fold(0.0, f64::max);
        let wanted = (NUMBER.size * widest + 8.0) * labelled().count() as f64;
        let every = (wanted / self.width).ceil().max(1.0) as usize;
        for tick in &rulers.x.ticks {
            let x = self.left + tick.place * self.width;
            let colour = line_colour(&tick.label);
            svg.line([x, self.top], [x, self.bottom()], colour, 1.0);
        }
        for tick in labelled().step_by(every) {
            let x = self.left + tick.place * self.width;
            let below = [x, self.bottom() + 16.0];
            svg.text(below, Anchor::Middle, NUMBER, &tick.label);
        }
        for tick in &rulers.y.ticks {
            let y = self.bottom() - tick.place * self.height;
            let colour = line_colour(&tick.label);
            svg.line([self.left, y], [self.right(), y], colour, 1.0);
            let beside = [self.left - 6.0, y + 0.35 * NUMBER.size];
            if !tick.label.is_empty() {
                svg.text(beside, Anchor::End, NUMBER, &tick.label);
            }
        }
        if rulers.y.power != 0 {
            let over = [self.left, self.top - 6.0];
            let power = format!("×{}", power_of_ten(rulers.y.power));
            svg.text(over, Anchor::End, NUMBER, &power);
        }
        if rulers.x.power != 0 {
            let under = [self.right(), self.bottom() + 36.0];
            let power = format!("×{}", power_of_ten(rulers.x.power));
            svg.text(under, Anchor::End, NUMBER, &power);
        }
    }

    /// What the axes measure.
    fn names(&self, svg: &mut Svg) {
        let middle = [self.left + self.width / 2.0, self.bottom() + 36.0];
        let name = fit(&named(&self.panel.x), (self.width - 100.0) / LABEL.size);
        svg.text(middle, Anchor::Middle, LABEL, &name);
        let column = CELL * (self.left / CELL).floor();
        let middle = [column + 18.0, self.top + self.height / 2.0];
        let name = fit(&named(&self.panel.y), (self.height + 40.0) / LABEL.size);
        svg.upright(middle, LABEL, &name);
    }

    fn level(&self, svg: &mut Svg, ruler: &Ruler, pen: Pen, level: &Level) {
        if let Some(place) = ruler.place(level.at) {
            let y = self.bottom() - place * self.height;
            pen.line(svg, 1.2, &[[self.left, y], [self.right(), y]]);
        }
    }

    /// Draws a curve, and tells whether with marks.
    fn curve(&self, svg: &mut Svg, rulers: &Rulers, index: usize) -> bool {
        let pen = Pen::of_curve(index);
        let points = &self.panel.curves[index].points;
        let places: Vec<_> = points
            .iter()
            .map(|&point| self.place(rulers, point))
            .collect();
        let every = match places.iter().flatten().count() {
            ..=MARKED => 1,
            points => points.div_ceil(MARKS),
        };
        // Curves that run together have their marks in different places.
        let mut position = every * (index % 5) / 5;
        let mut marked = false;
        for run in places.split(Option::is_none) {
            let line: Vec<_> = run.iter().flatten().copied().collect();
            if line.len() > 1 {
                pen.line(svg, 1.7, &line);
            }
            for &place in &line {
                if position.is_multiple_of(every) || line.len() == 1 {
                    pen.mark(svg, place);
                    marked = true;
                }
                position += 1;
            }
        }
        marked
    }

    fn legend(&self, svg: &mut Svg, marked: &[bool]) {
        for (line, (name, entry)) in legend(self.panel).enumerate() {
            let (x, y) = (self.right() + 12.0, self.top + LINE * (line as f64 + 0.5));
            let ends = [[x, y], [x + SAMPLE, y]];
            match entry {
                Entry::Level(index) => Pen::of_level(index).line(svg, 1.2, &ends),
                Entry::Curve(index) => {
                    let pen = Pen::of_curve(index);
                    if self.panel.curves[index].points.len() > 1 {
                        pen.line(svg, 1.7, &ends);
                    }
                    if marked[index] {
                        pen.mark(svg, [x + SAMPLE / 2.0, y]);
                    }
                }
            }
            let beside = [x + SAMPLE + 6.0, y + 0.35 * NUMBER.size];
            svg.text(
                beside,
                Anchor::Start,
                NUMBER,
                &fit(name, NAMES / NUMBER.size),
            );
        }
    }

    /// What the panel leaves out.
    fn notes(&self, svg: &mut Svg, rulers: &Rulers) {
        let points = || self.panel.curves.iter().flat_map(|curve| &curve.points);
        let missing = points().filter(|&&point| self.place(rulers, point).is_none());
        let missing = missing.count();
        if missing > 0 {
            let note = format!(
                "{missing} of {} points have no place here",
                points().count()
            );
            svg.text([self.right(), self.top - 6.0], Anchor::End, NOTE, &note);
        }
    }
}

/// An axis's label with its unit.
fn named(axis: &Axis) -> String {
    match axis.unit.as_str() {
        "" => axis.label.clone(),
        unit => format!("{} ({unit})", axis.label),
    }
}

fn line_colour(label: &str) -> &'static str {
    match label {
        "" => "#f2f2f2",
        _ => "#dedede",
    }
}

//! A panel of curves, drawn.

use super::area::{Area, Needs, ROOM_BELOW, room_left};
use super::legend::{Entry, Sample};
use super::{Drawing, clip};
use crate::axis::{Axis, Dimension, Scale};
use crate::chart::{Curve, Panel, Style};
use crate::pen::{Pen, span_colour};
use crate::ruler::Ruler;
use crate::svg::Svg;

/// Curves of at most this many points show each of them by a mark.
const MARKED: usize = 25;

/// Marks of a longer curve, which tell it apart where there is no colour.
const MARKS: usize = 10;

/// Least distance between these in pixels.
const APART: f64 = 10.0;

/// Height of the area in pixels.
const HEIGHT: f64 = 220.0;

/// A panel and its axes, measured out.
pub(super) struct Lines<'a> {
    panel: &'a Panel,
    /// None where no point has a place.
    rulers: Option<Rulers>,
    /// Points without a place, and points.
    missing: [usize; 2],
}

struct Rulers {
    x: Ruler,
    y: Ruler,
}

impl Rulers {
    fn of(panel: &Panel) -> Option<Self> {
        // A point counts for both axes or for none: a gap in y does not stretch x.
        let points = || panel.curves.iter().flat_map(|curve| &curve.points);
        let x = Ruler::over(panel.x.scale, points().map(|&[x, _]| x))?;
        let y = Ruler::over(panel.y.scale, points().map(|&[_, y]| y))?;
        let placed = || {
            let places = |[a, b]: &&[f64; 2]| x.place(*a).and(y.place(*b)).is_some();
            points().filter(places)
        };
        let floor = panel.curves.iter().flat_map(on_floor);
        let spread = panel.curves.iter().flat_map(|curve| &curve.spread);
        let levels = |on| {
            let levels = panel.levels.iter().filter(move |level| level.on == on);
            levels.map(|level| level.at)
        };
        let xs = placed().map(|&[x, _]| x).chain(levels(Dimension::X));
        let ys = placed().map(|&[_, y]| y).chain(levels(Dimension::Y));
        Some(Self {
            x: ruler(&panel.x, xs.chain(floor))?,
            y: ruler(&panel.y, ys.chain(spread.flatten().copied()))?,
        })
    }

    /// Where a point lies, if it has a place on both axes.
    fn place(&self, [x, y]: [f64; 2]) -> Option<[f64; 2]> {
        Some([self.x.place(x)?, self.y.place(y)?])
    }
}

/// The axis's own range, or that of the values.
fn ruler(axis: &Axis, values: impl Iterator<Item = f64>) -> Option<Ruler> {
    let own = axis
        .range
        .and_then(|range| Ruler::between(axis.scale, range));
    own.or_else(|| Ruler::over(axis.scale, values))
}

/// Where steps of height 0 begin: they lie on the floor, whatever the axis.
fn on_floor(curve: &Curve) -> impl Iterator<Item = f64> {
    let steps = curve.style == Style::Steps;
    let points = curve
        .points
        .iter()
        .filter(move |&&[_, y]| steps && y == 0.0);
    points.map(|&[x, _]| x)
}

impl<'a> Lines<'a> {
    pub fn of(panel: &'a Panel) -> Self {
        let mut lines = Self {
            panel,
            rulers: Rulers::of(panel),
            missing: [0, 0],
        };
        if let Some(rulers) = &lines.rulers {
            for curve in &panel.curves {
                let missing = curve.points.iter().filter(|&&[x, y]| match curve.style {
                    Style::Steps if y == 0.0 => rulers.x.place(x).is_none(),
                    // A line is seen to leave the area, a mark is not.
                    Style::Marks => !rulers.place([x, y]).is_some_and(clip::holds),
                    _ => rulers.place([x, y]).is_none(),
                });
                lines.missing[0] += missing.count();
                lines.missing[1] += curve.points.len();
            }
        }
        lines
    }

    /// What the curve at `index` is drawn with.
    fn pen(&self, index: usize) -> Pen {
        let curve = &self.panel.curves[index];
        let pen = Pen::of_curve(curve.pen.unwrap_or(index));
        let theory = |curve: &Curve| curve.style == Style::Theory;
        match curve.style {
            Style::Theory => pen.theory(),
            Style::Steps => pen.solid(),
            _ if self.panel.curves.iter().any(theory) => pen.solid(),
            _ => pen,
        }
    }

    /// All of a curve but its marks.
    fn line(&self, svg: &mut Svg, area: &Area, rulers: &Rulers, index: usize) {
        let (curve, pen) = (&self.panel.curves[index], self.pen(index));
        self.spread(svg, area, rulers, index);
        match curve.style {
            Style::Marks => {}
            Style::Steps => {
                for run in steps(&curve.points, rulers) {
                    stroke(svg, area, pen, &run);
                }
            }
            style => {
                let places: Vec<_> = curve.points.iter().map(|&at| rulers.place(at)).collect();
                for run in places.split(Option::is_none) {
                    let run: Vec<_> = run.iter().flatten().copied().collect();
                    if style == Style::Area {
                        shade(svg, area, pen, floor(rulers), &run);
                    }
                    stroke(svg, area, pen, &run);
                }
            }
        }
    }

    /// The marks of a curve, over all lines.
    fn marks(&self, svg: &mut Svg, area: &Area, rulers: &Rulers, index: usize) {
        let (curve, pen) = (&self.panel.curves[index], self.pen(index));
        if curve.style == Style::Steps {
            for run in steps(&curve.points, rulers) {
                self.marks_of_steps(svg, area, pen, index, &run);
            }
            return;
        }
        let places: Vec<_> = curve.points.iter().map(|&at| rulers.place(at)).collect();
        let every = match places.iter().flatten().count() {
            _ if curve.style == Style::Marks => 1,
            ..=MARKED => 1,
            points => points.div_ceil(MARKS),
        };
        // Curves that run together have their marks in different places.
        let mut position = every * (index % 5) / 5;
        let mut last = [f64::NEG_INFINITY; 2];
        for run in places.split(Option::is_none) {
            let run: Vec<_> = run.iter().flatten().copied().collect();
            for &place in &run {
                let alone = run.len() == 1;
                let marked = position.is_multiple_of(every) && curve.style != Style::Theory;
                if (marked || alone) && clip::holds(place) {
                    let at = area.at(place);
                    // On a narrow peak of a long line, marks would run into each other.
                    let apart = (at[0] - last[0]).hypot(at[1] - last[1]) > APART;
                    if every == 1 || alone || apart {
                        pen.mark(svg, at);
                    }
                    if marked && apart {
                        last = at;
                    }
                }
                position += 1;
            }
        }
    }

    /// Some ten marks on the tops of an outline's steps.
    fn marks_of_steps(
        &self,
        svg: &mut Svg,
        area: &Area,
        pen: Pen,
        index: usize,
        outline: &[[f64; 2]],
    ) {
        let tops = outline[1..].chunks_exact(2);
        let every = tops.len().div_ceil(MARKS).max(1);
        for top in tops.skip(every * (index % 5) / 5).step_by(every) {
            let middle = [(top[0][0] + top[1][0]) / 2.0, top[0][1]];
            if clip::holds(middle) {
                pen.mark(svg, area.at(middle));
            }
        }
    }

    /// How far a curve's points are spread: bars at marks, a band along a line.
    fn spread(&self, svg: &mut Svg, area: &Area, rulers: &Rulers, index: usize) {
        let (curve, pen) = (&self.panel.curves[index], self.pen(index));
        let ends = curve.points.iter().zip(&curve.spread);
        let ends: Vec<_> = ends
            .map(|(&[x, _], &[low, high])| {
                let x = rulers.x.place(x)?;
                let ends = [
                    rulers.y.place_or_beyond(low)?,
                    rulers.y.place_or_beyond(high)?,
                ];
                Some([[x, ends[0]], [x, ends[1]]])
            })
            .collect();
        if curve.style == Style::Marks {
            for ends in ends.iter().flatten() {
                for piece in clip::line(ends) {
                    let [[x, low], [_, high]] = [area.at(piece[0]), area.at(piece[1])];
                    pen.error_bar(svg, x, [low, high]);
                }
            }
            return;
        }
        for run in ends.split(Option::is_none) {
            let there = run.iter().flatten().map(|[low, _]| *low);
            let back = run.iter().flatten().rev().map(|[_, high]| *high);
            let corners = clip::surface(&there.chain(back).collect::<Vec<_>>());
            let corners: Vec<_> = corners.into_iter().map(|corner| area.at(corner)).collect();
            pen.surface(svg, &corners);
        }
    }

    /// Shaded ranges, under everything else.
    fn spans(&self, svg: &mut Svg, area: &Area, rulers: &Rulers) {
        for (index, span) in self.panel.spans.iter().enumerate() {
            let ruler = match span.on {
                Dimension::X => &rulers.x,
                Dimension::Y => &rulers.y,
            };
            let [Some(low), Some(high)] = span.range.map(|end| ruler.place_or_beyond(end)) else {
                continue;
            };
            let [low, high] = [low, high].map(|end| end.clamp(0.0, 1.0));
            let (corner, size) = match span.on {
                Dimension::X => ([low, 1.0], [(high - low) * area.width, area.height]),
                Dimension::Y => ([0.0, high], [area.width, (high - low) * area.height]),
            };
            if high > low {
                svg.rectangle(area.at(corner), size, span_colour(index));
            }
        }
    }

    /// Levels and guides.
    fn references(&self, svg: &mut Svg, area: &Area, rulers: &Rulers) {
        for (index, level) in self.panel.levels.iter().enumerate() {
            let ends = match level.on {
                Dimension::X => rulers.x.place(level.at).map(|x| [[x, 0.0], [x, 1.0]]),
                Dimension::Y => rulers.y.place(level.at).map(|y| [[0.0, y], [1.0, y]]),
            };
            for piece in ends.iter().flat_map(|ends| clip::line(ends)) {
                let ends = piece.into_iter().map(|place| area.at(place));
                Pen::of_level(index).line(svg, 1.2, &ends.collect::<Vec<_>>());
            }
        }
        for guide in &self.panel.guides {
            let Some([x, y]) = rulers.place(guide.through) else {
                continue;
            };
            let slope = guide.slope * (rulers.x.length() / rulers.y.length());
            if slope.abs() < 1e50 {
                let ends = [[0.0, y - slope * x], [1.0, y + slope * (1.0 - x)]];
                for piece in clip::line(&ends) {
                    let ends = piece.into_iter().map(|place| area.at(place));
                    Pen::of_guide().line(svg, 1.2, &ends.collect::<Vec<_>>());
                }
            }
        }
    }
}

impl Drawing for Lines<'_> {
    fn needs(&self, _: f64) -> Needs {
        let rulers = self.rulers.as_ref();
        let power = rulers.is_some_and(|rulers| rulers.y.power != 0);
        Needs {
            notes: self.panel.notes.len(),
            head: power || self.missing[0] > 0,
            left: room_left(rulers.map(|rulers| &rulers.y)),
            right: 18.0,
            below: ROOM_BELOW,
        }
    }

    fn height(&self, _: f64) -> f64 {
        HEIGHT
    }

    fn legend(&self) -> Vec<Entry<'_>> {
        let panel = self.panel;
        let spans = panel.spans.iter().enumerate();
        let spans = spans.map(|(index, span)| (&span.name, Sample::Span(index)));
        let curves = panel.curves.iter().enumerate().map(|(index, curve)| {
            let several = curve.points.len() > 1;
            let points = || curve.points.iter();
            let placed = |rulers: &Rulers| points().any(|&at| rulers.place(at).is_some());
            let sample = Sample::Curve {
                pen: self.pen(index),
                line: several && curve.style != Style::Marks,
                mark: curve.style != Style::Theory && self.rulers.as_ref().is_some_and(placed),
            };
            (&curve.name, sample)
        });
        let levels = panel.levels.iter().enumerate();
        let levels = levels.map(|(index, at)| (&at.name, Sample::Level(Pen::of_level(index))));
        let guides = panel.guides.iter();
        let guides = guides.map(|guide| (&guide.name, Sample::Level(Pen::of_guide())));
        let entries = curves.chain(levels).chain(guides).chain(spans);
        entries
            .filter(|(name, _)| !name.is_empty())
            .map(|(name, sample)| Entry { name, sample })
            .collect()
    }

    fn draw(&self, svg: &mut Svg, area: &Area) {
        let panel = self.panel;
        area.title(svg, &panel.title, &panel.notes);
        let rulers = self.rulers.as_ref();
        if let Some(rulers) = rulers {
            self.spans(svg, area, rulers);
            area.grid_x(svg, &rulers.x);
            area.grid_y(svg, &rulers.y);
            area.numbers_x(svg, &rulers.x);
            area.numbers_y(svg, &rulers.y);
        }
        area.axes(svg);
        area.name_x(svg, &panel.x.named(), rulers.map(|rulers| &rulers.x));
        area.name_y(svg, &panel.y.named());
        let Some(rulers) = rulers else {
            area.empty(svg, "no values to draw");
            return;
        };
        self.references(svg, area, rulers);
        for index in 0..panel.curves.len() {
            self.line(svg, area, rulers, index);
        }
        for index in 0..panel.curves.len() {
            self.marks(svg, area, rulers, index);
        }
        let [missing, points] = self.missing;
        if missing > 0 {
            area.left_out(
                svg,
                &format!("{missing} of {points} points have no place here"),
            );
        }
    }
}

/// Draws what of a line lies in the area.
fn stroke(svg: &mut Svg, area: &Area, pen: Pen, places: &[[f64; 2]]) {
    for piece in clip::line(places) {
        let piece: Vec<_> = piece.into_iter().map(|place| area.at(place)).collect();
        pen.line(svg, 1.7, &piece);
    }
}

/// Shades what lies between a line and the floor.
fn shade(svg: &mut Svg, area: &Area, pen: Pen, floor: f64, places: &[[f64; 2]]) {
    let (Some(&[first, _]), Some(&[last, _])) = (places.first(), places.last()) else {
        return;
    };
    let ends = [[last, floor], [first, floor]];
    let corners: Vec<_> = places.iter().copied().chain(ends).collect();
    let corners = clip::surface(&corners).into_iter();
    pen.surface(
        svg,
        &corners.map(|corner| area.at(corner)).collect::<Vec<_>>(),
    );
}

/// Where heights of 0 lie; of a logarithmic axis below it.
fn floor(rulers: &Rulers) -> f64 {
    match rulers.y.scale() {
        Scale::Log => -1.0,
        Scale::Linear => rulers.y.place(0.0).unwrap_or(0.0),
    }
}

/// Outlines of a histogram, from the floor to the floor, one for each run without a gap.
fn steps(points: &[[f64; 2]], rulers: &Rulers) -> Vec<Vec<[f64; 2]>> {
    let floor = floor(rulers);
    let place = |&[x, y]: &[f64; 2]| match y {
        0.0 => Some([rulers.x.place(x)?, floor]),
        _ => rulers.place([x, y]),
    };
    let places: Vec<_> = points.iter().map(place).collect();
    let runs = places.split(Option::is_none).filter(|run| run.len() > 1);
    let outline = |run: &[Option<[f64; 2]>]| {
        let mut outline: Vec<[f64; 2]> = Vec::new();
        for &[x, y] in run.iter().flatten() {
            let before = outline.last().map_or(floor, |&[_, before]| before);
            outline.extend([[x, before], [x, y]]);
        }
        outline
    };
    runs.map(outline).collect()
}

//! A two-dimensional histogram, drawn.

use super::area::{Area, Needs, ROOM_BELOW, room_left};
use super::{Drawing, clip};
use crate::axis::Scale;
use crate::colours::{LEVELS, level_of, of_level};
use crate::histogram::{Bins, Histogram2d};
use crate::ruler::Ruler;
use crate::svg::{Px, Svg};

/// The area is a square of at most so many pixels.
const SIDE: f64 = 320.0;

/// Between two lines of a hatching, in pixels.
const HATCHING: f64 = 7.0;

const INK: &str = "#1a1a1a";

/// A histogram, its axes measured out, and the figure's largest count.
pub(super) struct Cells<'a> {
    histogram: &'a Histogram2d,
    most: u64,
    x: Option<Ruler>,
    y: Option<Ruler>,
}

impl<'a> Cells<'a> {
    pub fn of(histogram: &'a Histogram2d, most: u64) -> Self {
        let ruler = |bins: &Bins| Ruler::between(Scale::Linear, bins.range());
        Self {
            histogram,
            most,
            x: ruler(&histogram.x),
            y: ruler(&histogram.y),
        }
    }

    /// One path for each level of colour, in units of cells: runs of equal cells are one rectangle.
    fn counts(&self, svg: &mut Svg, area: &Area) {
        let (columns, rows) = (self.histogram.x.count(), self.histogram.y.count());
        let mut paths = vec![String::new(); LEVELS];
        for row in 0..rows {
            let levels = self.histogram.row(row).iter();
            let levels: Vec<_> = levels.map(|&count| level_of(count, self.most)).collect();
            let mut column = 0;
            for run in levels.chunk_by(|a, b| a == b) {
                if let Some(level) = run[0] {
                    let wide = run.len();
                    paths[level] += &format!("M{column} {row}h{wide}v1h-{wide}z");
                }
                column += run.len();
            }
        }
        let wide = area.width / columns as f64;
        let high = area.height / rows as f64;
        svg.put(format_args!(
            "<g transform=\"translate({} {}) scale({wide} -{high})\" \
             shape-rendering=\"crispEdges\">\n",
            Px(area.left),
            Px(area.bottom())
        ));
        for (level, path) in paths.iter().enumerate() {
            if !path.is_empty() {
                let colour = of_level(level);
                svg.put(format_args!("<path fill=\"{colour}\" d=\"{path}\"/>\n"));
            }
        }
        svg.put(format_args!("</g>\n"));
    }

    /// Lines over the quadrants where x and y differ in sign.
    fn hatching(&self, svg: &mut Svg, area: &Area, [x, y]: [f64; 2]) {
        let [x, y] = [x, y].map(|zero| zero.clamp(0.0, 1.0));
        let mut path = String::new();
        for ([left, low], [right, high]) in [([0.0, y], [x, 1.0]), ([x, 0.0], [1.0, y])] {
            let ([left, bottom], [right, top]) = (area.at([left, low]), area.at([right, high]));
            let (wide, tall) = (right - left, bottom - top);
            // Lines that rise to the right; each begins at the left side or at the bottom.
            let mut start = -tall;
            while start < wide {
                let (from, to) = (start.max(0.0), (start + tall).min(wide));
                if to - from > 0.5 {
                    let heights = [from - start, to - start].map(|rise| Px(bottom - rise));
                    let [a, b] = heights;
                    path += &format!("M{} {a}L{} {b}", Px(left + from), Px(left + to));
                }
                start += HATCHING;
            }
        }
        svg.put(format_args!(
            "<path stroke=\"{INK}\" stroke-width=\"0.5\" stroke-opacity=\"0.45\" \
             d=\"{path}\"/>\n"
        ));
    }

    /// The dashed line, on a white one to stand out from dark cells.
    fn line(&self, svg: &mut Svg, area: &Area, [x, y]: [&Ruler; 2]) {
        let Some([slope, at_zero]) = self.histogram.line else {
            return;
        };
        let ends = self.histogram.x.range().map(|at| {
            let place = [x.place(at)?, y.place(slope * at + at_zero)?];
            Some(place)
        });
        let [Some(from), Some(to)] = ends else {
            return;
        };
        for piece in clip::line(&[from, to]) {
            let ends: Vec<_> = piece.into_iter().map(|place| area.at(place)).collect();
            for (colour, width, dashes) in [("#ffffff", 2.6, ""), (INK, 1.3, "6 4")] {
                svg.put(format_args!(
                    "<path stroke=\"{colour}\" stroke-width=\"{}\" ",
                    Px(width)
                ));
                if !dashes.is_empty() {
                    svg.put(format_args!("stroke-dasharray=\"{dashes}\" "));
                }
                svg.put(format_args!("d=\""));
                svg.steps(&ends);
                svg.put(format_args!("\"/>\n"));
            }
        }
    }
}

impl Drawing for Cells<'_> {
    fn needs(&self, _: f64) -> Needs {
        Needs {
            notes: self.histogram.notes.len(),
            head: self.y.as_ref().is_some_and(|ruler| ruler.power != 0),
            left: room_left(self.y.as_ref()),
            right: 18.0,
            below: ROOM_BELOW,
        }
    }

    fn height(&self, width: f64) -> f64 {
        width.min(SIDE)
    }

    fn draw(&self, svg: &mut Svg, area: &Area) {
        let histogram = self.histogram;
        area.title(svg, &histogram.title, &histogram.notes);
        if let (Some(x), Some(y)) = (&self.x, &self.y) {
            self.counts(svg, area);
            let zero = [x.place(0.0), y.place(0.0)].map(|place| place.unwrap_or(-1.0));
            if histogram.disagreement {
                self.hatching(svg, area, zero);
            }
            if (0.0..1.0).contains(&zero[0]) {
                let ends = [[zero[0], 0.0], [zero[0], 1.0]].map(|place| area.at(place));
                svg.line(ends[0], ends[1], INK, 0.7);
            }
            if (0.0..1.0).contains(&zero[1]) {
                let ends = [[0.0, zero[1]], [1.0, zero[1]]].map(|place| area.at(place));
                svg.line(ends[0], ends[1], INK, 0.7);
            }
            self.line(svg, area, [x, y]);
            area.numbers_x(svg, x);
            area.numbers_y(svg, y);
        }
        area.axes(svg);
        area.name_x(svg, &histogram.x.named(), self.x.as_ref());
        area.name_y(svg, &histogram.y.named());
    }
}

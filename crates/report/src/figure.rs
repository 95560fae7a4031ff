//! Figures: plots of several kinds, laid out in a grid.

mod area;
mod bars;
mod cells;
mod clip;
mod legend;
mod lines;
mod scale;
#[cfg(test)]
mod tests;

use self::area::{Area, Needs};
use self::legend::Entry;
use crate::bars::Bars;
use crate::chart::Panel;
use crate::histogram::Histogram2d;
use crate::svg::Svg;

/// Width of a plot with all that belongs to it, in pixels, one or two in a row.
const WIDE: f64 = 490.0;

/// Width of a plot, three in a row.
const NARROW: f64 = 327.0;

/// Width of a plot that is a figure by itself.
const ALONE: f64 = 735.0;

/// Most plots in a row.
const COLUMNS: usize = 3;

/// From a legend under a plot to the plot below, in pixels.
const BEFORE_ROW: f64 = 12.0;

/// From the lowest plots to what stands under all of them, in pixels.
const BEFORE_STRIPS: f64 = 6.0;

/// One part of a figure.
#[derive(Debug, Clone, PartialEq)]
pub enum Plot {
    /// Curves over a pair of axes.
    Curves(Panel),
    /// Counts of pairs.
    Histogram2d(Histogram2d),
    /// Numbers as bars.
    Bars(Bars),
}

impl From<Panel> for Plot {
    fn from(panel: Panel) -> Self {
        Self::Curves(panel)
    }
}

impl From<Histogram2d> for Plot {
    fn from(histogram: Histogram2d) -> Self {
        Self::Histogram2d(histogram)
    }
}

impl From<Bars> for Plot {
    fn from(bars: Bars) -> Self {
        Self::Bars(bars)
    }
}

/// Plots in a grid, row by row.
///
/// Areas are equally large and aligned. A legend stands beside its area or under it, never over
/// it; if all plots have the same, it stands once under the figure. So does the colour scale of
/// histograms: one for all of them, since they are read against each other. Names too long for
/// their room are cut off. A plot without values says so; without plots the picture is blank.
#[derive(Debug, Clone, PartialEq)]
pub struct Figure {
    /// Describes the picture to those who do not see it.
    pub title: String,
    /// Plots in a row, 1 to 3.
    pub columns: usize,
    /// The plots.
    pub plots: Vec<Plot>,
}

impl Figure {
    /// A figure of two plots in a row, without plots.
    pub fn new(title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            columns: 2,
            plots: Vec::new(),
        }
    }

    /// The figure with `columns` plots in a row, 1 to 3.
    #[must_use]
    pub fn with_columns(mut self, columns: usize) -> Self {
        self.columns = columns;
        self
    }

    /// The figure with one more plot.
    #[must_use]
    pub fn with(mut self, plot: impl Into<Plot>) -> Self {
        self.plots.push(plot.into());
        self
    }

    /// The figure as SVG, without identifiers or styles that could meet those of a page.
    pub fn svg(&self) -> String {
        let columns = self.columns.clamp(1, COLUMNS);
        let cell = match columns {
            _ if self.plots.len() == 1 => ALONE,
            COLUMNS => NARROW,
            _ => WIDE,
        };
        draw(self, columns, cell)
    }

    /// The figure for a narrow page, one plot in a row.
    pub(crate) fn narrow_svg(&self) -> String {
        draw(self, 1, NARROW)
    }
}

/// Draws panels of curves two in a row, as SVG; `title` describes the picture to those who do not
/// see it. This is the [`Figure`] of these panels.
pub fn curves(title: &str, panels: &[Panel]) -> String {
    let plots = panels.iter().cloned().map(Plot::Curves).collect();
    Figure {
        plots,
        ..Figure::new(title)
    }
    .svg()
}

/// A plot that is measured out and can be drawn.
trait Drawing {
    /// The room around its area, of a plot so wide.
    fn needs(&self, cell: f64) -> Needs;

    /// The height that its area wants if it is so wide.
    fn height(&self, width: f64) -> f64;

    /// Entries of its legend.
    fn legend(&self) -> Vec<Entry<'_>> {
        Vec::new()
    }

    /// Draws all but the legend.
    fn draw(&self, svg: &mut Svg, area: &Area);
}

/// Where legends stand.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Legends {
    Beside,
    Under,
    /// One for all, under the figure.
    Shared,
}

impl Legends {
    fn of(legends: &[Vec<Entry<'_>>], cell: f64) -> Self {
        let mut some = legends.iter().filter(|legend| !legend.is_empty());
        match (some.next(), some.next()) {
            (Some(a), Some(b)) if a == b && some.all(|legend| legend == a) => Self::Shared,
            _ if cell < WIDE => Self::Under,
            _ => Self::Beside,
        }
    }
}

/// What all plots of a figure have in common.
struct Layout {
    columns: usize,
    cell: f64,
    needs: Needs,
    legends: Legends,
    /// Of an area.
    width: f64,
    height: f64,
    /// Of the legends under areas.
    under: f64,
}

impl Layout {
    fn of(drawings: &[Box<dyn Drawing + '_>], columns: usize, cell: f64) -> Self {
        let legends: Vec<_> = drawings.iter().map(|drawing| drawing.legend()).collect();
        let place = Legends::of(&legends, cell);
        let mut needs = Needs::all(drawings.iter().map(|drawing| drawing.needs(cell)));
        let mut longest = 0;
        if place == Legends::Beside {
            needs.right = needs.right.max(legend::room_beside(&legends, cell));
            longest = legends.iter().map(Vec::len).max().unwrap_or(0);
        }
        let width = cell - needs.left - needs.right;
        let height = drawings.iter().map(|drawing| drawing.height(width));
        let height = height.fold(legend::LINE * longest as f64, f64::max);
        let room = cell - needs.left - 10.0;
        let under = match place {
            Legends::Under => {
                let heights = legends
                    .iter()
                    .map(|legend| legend::height_under(legend, room));
                let highest = heights.fold(0.0, f64::max);
                highest + if highest > 0.0 { BEFORE_ROW } else { 0.0 }
            }
            _ => 0.0,
        };
        Self {
            columns,
            cell,
            needs,
            legends: place,
            width,
            height,
            under,
        }
    }

    /// Height of a row of plots.
    fn row(&self) -> f64 {
        self.needs.above() + self.height + self.needs.below + self.under
    }

    fn area(&self, index: usize) -> Area {
        let cell = self.cell * (index % self.columns) as f64;
        Area {
            left: cell + self.needs.left,
            top: self.row() * (index / self.columns) as f64 + self.needs.above(),
            width: self.width,
            height: self.height,
            cell,
            cell_width: self.cell,
            needs: self.needs,
        }
    }
}

fn draw(figure: &Figure, columns: usize, cell: f64) -> String {
    let most = figure.plots.iter().filter_map(|plot| match plot {
        Plot::Histogram2d(histogram) => histogram.counts.iter().max().copied(),
        _ => None,
    });
    let most = most.max();
    let drawings: Vec<Box<dyn Drawing>> = figure
        .plots
        .iter()
        .map(|plot| match plot {
            Plot::Curves(panel) => Box::new(lines::Lines::of(panel)) as Box<dyn Drawing>,
            Plot::Histogram2d(counts) => Box::new(cells::Cells::of(counts, most.unwrap_or(0))),
            Plot::Bars(bars) => Box::new(bars::Rows::of(bars)),
        })
        .collect();
    let columns = columns.min(drawings.len()).max(1);
    let layout = Layout::of(&drawings, columns, cell);
    let width = cell * columns as f64;
    let mut top = layout.row() * drawings.len().div_ceil(columns) as f64;

    let shared = match layout.legends {
        Legends::Shared => drawings
            .iter()
            .map(|drawing| drawing.legend())
            .find(|l| !l.is_empty()),
        _ => None,
    };
    let room = width - layout.needs.left - 10.0;
    let shared_height = shared.as_ref().map_or(0.0, |legend| {
        BEFORE_STRIPS + legend::height_under(legend, room)
    });
    let scale_height = most.map_or(0.0, |_| scale::HEIGHT);
    let height = top + shared_height + scale_height;

    let mut svg = Svg::new(width, height.max(1.0), &figure.title);
    for (index, drawing) in drawings.iter().enumerate() {
        let area = layout.area(index);
        drawing.draw(&mut svg, &area);
        let entries = drawing.legend();
        match layout.legends {
            Legends::Beside => legend::beside(&mut svg, &area, &entries),
            Legends::Under => {
                let corner = [area.left, area.bottom() + layout.needs.below];
                let room = area.cell_width - layout.needs.left - 10.0;
                legend::under(&mut svg, corner, room, &entries);
            }
            Legends::Shared => {}
        }
    }
    if let Some(legend) = shared {
        legend::under(&mut svg, [layout.needs.left, top], room, &legend);
        top += shared_height;
    }
    if let Some(most) = most {
        scale::draw(&mut svg, [layout.needs.left, top], room, most);
    }
    svg.finish()
}

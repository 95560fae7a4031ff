//! What a panel of curves holds: plain numbers and names, filled by whoever has them.

use crate::axis::{Axis, Dimension};

/// How a curve is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// Points joined by a line. Up to 25 points are marked each, of more at most some ten that
    /// stand apart, and always a point that stands alone.
    Line,
    /// Points joined by a dashed line without marks. Beside a theory every measured line is drawn
    /// without gaps, so that dashes mean theory alone.
    Theory,
    /// A line with what lies between it and 0 shaded lightly: a density.
    Area,
    /// A mark at every point.
    Marks,
    /// A histogram's outline: a point's y holds from its x to the next point's x. Some ten steps
    /// are marked.
    Steps,
}

/// Points `[x, y]` with a name, in the order given.
///
/// A point without a place on its panel's axes (not finite, from 1e100 on, or at most 0 where the
/// axis is logarithmic) is a gap in the line. Steps of height 0 lie on the floor, though, also
/// where the axis is logarithmic.
#[derive(Debug, Clone, PartialEq)]
pub struct Curve {
    /// Its name in the legend; a curve without a name has no entry there.
    pub name: String,
    /// `[x, y]` in the units of the axes.
    pub points: Vec<[f64; 2]>,
    /// How they are drawn.
    pub style: Style,
    /// `[low, high]` of each point's y: bars at marks, a band along a line. May be empty.
    pub spread: Vec<[f64; 2]>,
    /// The number of its colour and mark; without it, its place among the panel's curves.
    pub pen: Option<usize>,
}

impl Curve {
    /// A curve through `points`, each `[x, y]`.
    pub fn new(name: impl Into<String>, points: impl IntoIterator<Item = [f64; 2]>) -> Self {
        Self {
            name: name.into(),
            points: points.into_iter().collect(),
            style: Style::Line,
            spread: Vec::new(),
            pen: None,
        }
    }

    /// The outline of a histogram whose bins divide `low..=high` equally.
    pub fn bins(name: impl Into<String>, [low, high]: [f64; 2], heights: &[f64]) -> Self {
        let bins = heights.len() as f64;
        let edge = |index: usize| low + (high - low) * (index as f64 / bins);
        let left = heights.iter().enumerate();
        let steps = left.map(|(index, &height)| [edge(index), height]);
        let end = (!heights.is_empty()).then_some([high, 0.0]);
        Self::new(name, steps.chain(end)).with_style(Style::Steps)
    }

    /// The curve drawn as `style`.
    #[must_use]
    pub fn with_style(mut self, style: Style) -> Self {
        self.style = style;
        self
    }

    /// The curve with `[low, high]` of every point's y.
    #[must_use]
    pub fn with_spread(mut self, spread: impl IntoIterator<Item = [f64; 2]>) -> Self {
        self.spread = spread.into_iter().collect();
        self
    }

    /// The curve in the colour of the panel's curve `pen`: a theory in that of what it explains.
    #[must_use]
    pub fn with_pen(mut self, pen: usize) -> Self {
        self.pen = Some(pen);
        self
    }
}

/// A value to hold curves against: a straight line over the whole panel.
#[derive(Debug, Clone, PartialEq)]
pub struct Level {
    /// Its name in the legend.
    pub name: String,
    /// The axis that the value is on: a level on y is horizontal.
    pub on: Dimension,
    /// The value, in that axis's unit.
    pub at: f64,
}

/// A shaded range of an axis, over the whole panel.
#[derive(Debug, Clone, PartialEq)]
pub struct Span {
    /// Its name in the legend.
    pub name: String,
    /// The axis that the range is on.
    pub on: Dimension,
    /// `[low, high]` in that axis's unit; an infinite end is that of the axis.
    pub range: [f64; 2],
}

/// A straight line of known slope.
#[derive(Debug, Clone, PartialEq)]
pub struct Guide {
    /// Its name in the legend.
    pub name: String,
    /// A point `[x, y]` that it goes through.
    pub through: [f64; 2],
    /// Its slope as the axes count: in decades by decades, `y ~ x^slope`, where both are
    /// logarithmic.
    pub slope: f64,
}

/// Curves over the same pair of axes.
#[derive(Debug, Clone, PartialEq)]
pub struct Panel {
    /// What the panel shows.
    pub title: String,
    /// Lines under the title.
    pub notes: Vec<String>,
    /// The axis along the bottom.
    pub x: Axis,
    /// The axis along the left.
    pub y: Axis,
    /// The curves, in the order of the legend; 28 of them look different, 20 without colour.
    pub curves: Vec<Curve>,
    /// Values to hold them against. An axis without a range reaches to them.
    pub levels: Vec<Level>,
    /// Ranges to hold them against.
    pub spans: Vec<Span>,
    /// Slopes to hold them against.
    pub guides: Vec<Guide>,
}

impl Panel {
    /// A panel without curves.
    pub fn new(title: impl Into<String>, x: Axis, y: Axis) -> Self {
        Self {
            title: title.into(),
            notes: Vec::new(),
            x,
            y,
            curves: Vec::new(),
            levels: Vec::new(),
            spans: Vec::new(),
            guides: Vec::new(),
        }
    }

    /// The panel with one more line under its title.
    #[must_use]
    pub fn with_note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// The panel with one more curve.
    #[must_use]
    pub fn with_curve(mut self, curve: Curve) -> Self {
        self.curves.push(curve);
        self
    }

    /// The panel with one more level, at `at` in the unit of the y axis.
    #[must_use]
    pub fn with_level(self, name: impl Into<String>, at: f64) -> Self {
        self.with_level_on(Dimension::Y, name, at)
    }

    /// The panel with one more level on either axis; on x it is vertical.
    #[must_use]
    pub fn with_level_on(mut self, on: Dimension, name: impl Into<String>, at: f64) -> Self {
        let name = name.into();
        self.levels.push(Level { name, on, at });
        self
    }

    /// The panel with one more shaded range.
    #[must_use]
    pub fn with_span(mut self, on: Dimension, name: impl Into<String>, range: [f64; 2]) -> Self {
        let name = name.into();
        self.spans.push(Span { name, on, range });
        self
    }

    /// The panel with one more line of known slope.
    #[must_use]
    pub fn with_guide(mut self, name: impl Into<String>, through: [f64; 2], slope: f64) -> Self {
        self.guides.push(Guide {
            name: name.into(),
            through,
            slope,
        });
        self
    }
}

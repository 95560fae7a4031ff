//! What a line chart holds: plain numbers and names, filled by whoever has them.

/// How an axis maps values to places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scale {
    /// Equal steps are equal lengths.
    Linear,
    /// Equal ratios are equal lengths; values at or below 0 have no place.
    Log,
}

/// An axis: what it measures, and how. Its range is that of the values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Axis {
    /// What is measured.
    pub label: String,
    /// Its unit, shown in parentheses; empty for a plain number.
    pub unit: String,
    /// How values map to places.
    pub scale: Scale,
}

impl Axis {
    /// An axis of equal steps.
    pub fn linear(label: impl Into<String>, unit: impl Into<String>) -> Self {
        Self {
            label: label.into(),
            unit: unit.into(),
            scale: Scale::Linear,
        }
    }

    /// An axis of equal ratios.
    pub fn log(label: impl Into<String>, unit: impl Into<String>) -> Self {
        Self {
            scale: Scale::Log,
            ..Self::linear(label, unit)
        }
    }
}

/// Points joined by a line, in the order given.
///
/// A point without a place on its panel's axes (not finite, from 1e100 on, or at most 0 where the
/// axis is logarithmic) is a gap in the line. Up to 25 points are marked each, of more some ten,
/// and always a point that stands alone.
#[derive(Debug, Clone, PartialEq)]
pub struct Curve {
    /// Its name in the legend; a curve without a name has no entry there.
    pub name: String,
    /// `[x, y]` in the units of the axes.
    pub points: Vec<[f64; 2]>,
}

impl Curve {
    /// A curve through `points`, each `[x, y]`.
    pub fn new(name: impl Into<String>, points: impl IntoIterator<Item = [f64; 2]>) -> Self {
        Self {
            name: name.into(),
            points: points.into_iter().collect(),
        }
    }
}

/// A value to hold curves against: a horizontal line over the panel's whole width.
#[derive(Debug, Clone, PartialEq)]
pub struct Level {
    /// Its name in the legend.
    pub name: String,
    /// The value, in the unit of the y axis.
    pub at: f64,
}

/// Curves over the same pair of axes.
#[derive(Debug, Clone, PartialEq)]
pub struct Panel {
    /// What the panel shows.
    pub title: String,
    /// The axis along the bottom.
    pub x: Axis,
    /// The axis along the left.
    pub y: Axis,
    /// The curves, in the order of the legend; 28 of them look different, 20 without colour.
    pub curves: Vec<Curve>,
    /// Values to hold them against.
    pub levels: Vec<Level>,
}

impl Panel {
    /// A panel without curves.
    pub fn new(title: impl Into<String>, x: Axis, y: Axis) -> Self {
        Self {
            title: title.into(),
            x,
            y,
            curves: Vec::new(),
            levels: Vec::new(),
        }
    }

    /// The panel with one more curve.
    #[must_use]
    pub fn with_curve(mut self, curve: Curve) -> Self {
        self.curves.push(curve);
        self
    }

    /// The panel with one more level, at `at` in the unit of the y axis.
    #[must_use]
    pub fn with_level(mut self, name: impl Into<String>, at: f64) -> Self {
        self.levels.push(Level {
            name: name.into(),
            at,
        });
        self
    }
}

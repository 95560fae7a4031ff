//! Axes: what they measure, and how values map to places.

/// How an axis maps values to places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scale {
    /// Equal steps are equal lengths.
    Linear,
    /// Equal ratios are equal lengths; values at or below 0 have no place.
    Log,
}

/// One of a panel's two axes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dimension {
    /// The axis along the bottom.
    X,
    /// The axis along the left.
    Y,
}

/// An axis: what it measures, and how.
#[derive(Debug, Clone, PartialEq)]
pub struct Axis {
    /// What is measured.
    pub label: String,
    /// Its unit, shown in parentheses; empty for a plain number.
    pub unit: String,
    /// How values map to places.
    pub scale: Scale,
    /// `[low, high]`; without it the range is that of the values, as it is where the axis cannot
    /// show `[low, high]`.
    pub range: Option<[f64; 2]>,
}

impl Axis {
    /// An axis of equal steps.
    pub fn linear(label: impl Into<String>, unit: impl Into<String>) -> Self {
        Self {
            label: label.into(),
            unit: unit.into(),
            scale: Scale::Linear,
            range: None,
        }
    }

    /// An axis of equal ratios.
    pub fn log(label: impl Into<String>, unit: impl Into<String>) -> Self {
        Self {
            scale: Scale::Log,
            ..Self::linear(label, unit)
        }
    }

    /// The axis from `low` to `high` whatever the values; what lies beyond is cut off.
    #[must_use]
    pub fn with_range(mut self, low: f64, high: f64) -> Self {
        self.range = Some([low, high]);
        self
    }

    /// The label with its unit.
    pub(crate) fn named(&self) -> String {
        named(&self.label, &self.unit)
    }
}

/// A label with its unit.
pub(crate) fn named(label: &str, unit: &str) -> String {
    match unit {
        "" => label.to_owned(),
        unit => format!("{label} ({unit})"),
    }
}

//! What a two-dimensional histogram holds.

use crate::axis::named;
use crate::error::Error;

/// An axis cut into bins of equal width.
#[derive(Debug, Clone, PartialEq)]
pub struct Bins {
    label: String,
    unit: String,
    range: [f64; 2],
    count: usize,
}

impl Bins {
    /// `count` bins that divide `low..=high` equally.
    ///
    /// # Errors
    ///
    /// `low` is not below `high`, either is 1e100 or more, they are equal but for rounding, or
    /// there is no bin.
    pub fn try_new(
        label: impl Into<String>,
        unit: impl Into<String>,
        [low, high]: [f64; 2],
        count: usize,
    ) -> Result<Self, Error> {
        let label = label.into();
        let size = low.abs().max(high.abs());
        let wide = high - low > 1e-9 * size && size < 1e100;
        if !wide || count == 0 {
            return Err(Error::Bins {
                label,
                range: [low, high],
                count,
            });
        }
        Ok(Self {
            label,
            unit: unit.into(),
            range: [low, high],
            count,
        })
    }

    /// Ends of the first and the last bin.
    pub fn range(&self) -> [f64; 2] {
        self.range
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Ends of bin `index`.
    pub fn ends(&self, index: usize) -> [f64; 2] {
        let [low, high] = self.range;
        let edge = |index: usize| low + (high - low) * (index as f64 / self.count as f64);
        [edge(index), edge(index + 1)]
    }

    pub(crate) fn label_and_unit(&self) -> (&str, &str) {
        (&self.label, &self.unit)
    }

    pub(crate) fn named(&self) -> String {
        named(&self.label, &self.unit)
    }
}

/// Counts of pairs `(x, y)` on a rectangular grid.
///
/// Colours count logarithmically, cells without a pair are white.
#[derive(Debug, Clone, PartialEq)]
pub struct Histogram2d {
    pub(crate) title: String,
    pub(crate) notes: Vec<String>,
    pub(crate) x: Bins,
    pub(crate) y: Bins,
    pub(crate) counts: Vec<u64>,
    pub(crate) line: Option<[f64; 2]>,
    pub(crate) disagreement: bool,
}

impl Histogram2d {
    /// Counts by cell.
    ///
    /// ```text
    /// counts : [bins of y, bins of x], the lowest row first
    /// ```
    ///
    /// # Errors
    ///
    /// There are more or fewer counts than cells.
    pub fn try_new(
        title: impl Into<String>,
        x: Bins,
        y: Bins,
        counts: Vec<u64>,
    ) -> Result<Self, Error> {
        let title = title.into();
        let shape = [y.count, x.count];
        if y.count.checked_mul(x.count) != Some(counts.len()) {
            return Err(Error::Counts {
                title,
                shape,
                found: counts.len(),
            });
        }
        Ok(Self {
            title,
            notes: Vec::new(),
            x,
            y,
            counts,
            line: None,
            disagreement: false,
        })
    }

    /// The histogram with one more line under its title.
    #[must_use]
    pub fn with_note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// The histogram with the dashed line `y = slope · x + at_zero`.
    #[must_use]
    pub fn with_line(mut self, slope: f64, at_zero: f64) -> Self {
        self.line = Some([slope, at_zero]);
        self
    }

    /// The histogram with the quadrants hatched where x and y differ in sign.
    #[must_use]
    pub fn with_disagreement(mut self) -> Self {
        self.disagreement = true;
        self
    }

    /// Counts of the row of cells `index` from below.
    pub(crate) fn row(&self, index: usize) -> &[u64] {
        &self.counts[index * self.x.count..][..self.x.count]
    }
}

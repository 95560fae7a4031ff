//! Tables: for people on a page, for programs as CSV.

mod numbers;
#[cfg(test)]
mod tests;

use crate::axis::named;
use crate::error::Error;
use crate::figure::Figure;

/// Where a column's text stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// At the left: words.
    Left,
    /// At the right: numbers.
    Right,
}

/// A column's head.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// What it holds.
    pub name: String,
    /// Its unit, shown in parentheses; empty for words and plain numbers.
    pub unit: String,
    /// Where its text stands.
    pub align: Align,
}

/// Rows of text under named columns.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Table {
    pub(crate) columns: Vec<Column>,
    pub(crate) rows: Vec<Vec<String>>,
    pub(crate) note: String,
}

impl Table {
    /// A table without columns.
    pub fn new() -> Self {
        Self::default()
    }

    /// The table with one more column of words.
    #[must_use]
    pub fn with_words(self, name: impl Into<String>) -> Self {
        self.with_column(name.into(), String::new(), Align::Left)
    }

    /// The table with one more column of numbers in `unit`, empty for plain numbers.
    #[must_use]
    pub fn with_numbers(self, name: impl Into<String>, unit: impl Into<String>) -> Self {
        self.with_column(name.into(), unit.into(), Align::Right)
    }

    fn with_column(mut self, name: String, unit: String, align: Align) -> Self {
        self.columns.push(Column { name, unit, align });
        self
    }

    /// The table with a line of text under it.
    #[must_use]
    pub fn with_note(mut self, note: impl Into<String>) -> Self {
        self.note = note.into();
        self
    }

    /// Adds a row, a cell for each column.
    ///
    /// # Errors
    ///
    /// There are more or fewer cells than columns.
    pub fn try_push<C: Into<String>>(
        &mut self,
        cells: impl IntoIterator<Item = C>,
    ) -> Result<(), Error> {
        let cells: Vec<String> = cells.into_iter().map(Into::into).collect();
        if cells.len() != self.columns.len() {
            return Err(Error::Cells {
                row: self.rows.len(),
                expected: self.columns.len(),
                found: cells.len(),
            });
        }
        self.rows.push(cells);
        Ok(())
    }

    /// The columns, from left to right.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// The rows, each with a cell for each column.
    pub fn rows(&self) -> &[Vec<String>] {
        &self.rows
    }

    /// The numbers behind a figure. Plots over the same quantities share a table.
    ///
    /// ```text
    /// curves          panel, curve, x, y, low and high of the spread where there is one
    /// 2-D histograms  panel, ends of the cell in x and in y, count; empty cells are left out
    /// bars            panel, group, bar, value
    /// ```
    ///
    /// Numbers have all their [`digits`](crate::digits).
    pub fn of_figure(figure: &Figure) -> Vec<Self> {
        let mut tables: Vec<Self> = Vec::new();
        for table in figure.plots.iter().map(numbers::of_plot) {
            match tables
                .iter_mut()
                .find(|other| other.columns == table.columns)
            {
                Some(other) => other.rows.extend(table.rows),
                None => tables.push(table),
            }
        }
        tables
    }

    /// The table as RFC 4180 has it, ended by line feeds; the head carries the units.
    ///
    /// # Example
    ///
    /// ```
    /// use orthant_report::{Axis, Curve, Figure, Panel, Table};
    ///
    /// let panel = Panel::new("conv1", Axis::linear("angle", "deg"), Axis::linear("density", ""))
    ///     .with_curve(Curve::new("measured", [[36.0, 0.5], [37.0, 1.25]]));
    /// let tables = Table::of_figure(&Figure::new("angles").with(panel));
    /// let expected = "panel,curve,angle (deg),density,low,high\n\
    ///                 conv1,measured,36,0.5,,\n\
    ///                 conv1,measured,37,1.25,,\n";
    /// assert_eq!(tables[0].to_csv(), expected);
    /// ```
    pub fn to_csv(&self) -> String {
        let mut writer = csv::Writer::from_writer(Vec::new());
        let head = self
            .columns
            .iter()
            .map(|column| named(&column.name, &column.unit));
        let head: Vec<String> = head.collect();
        let written = std::iter::once(&head)
            .chain(&self.rows)
            .try_for_each(|row| writer.write_record(row));
        let bytes = written.ok().and_then(|()| writer.into_inner().ok());
        let bytes = bytes.expect("rows are equally long, and memory takes every byte");
        String::from_utf8(bytes).expect("text and commas are UTF-8")
    }
}

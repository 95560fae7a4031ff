//! The parts of a report: sections of a page, and the files behind them.

use std::path::Path;

use anyhow::Result;
use orthant_report::{Check, Figure, Plot, Section};

use crate::drawing;
use crate::folder::write;
use crate::sheet::Sheet;

/// A part of a report.
pub struct Chapter {
    heading: String,
    parts: Vec<Part>,
}

/// What a chapter is made of.
enum Part {
    Text(String),
    Figure {
        name: String,
        figure: Figure,
        caption: String,
    },
    Table(Sheet),
    Checks(Vec<Check>),
}

impl Chapter {
    /// A chapter without anything in it.
    pub fn new(heading: impl Into<String>) -> Self {
        Self {
            heading: heading.into(),
            parts: Vec::new(),
        }
    }

    /// The chapter of one network among several.
    pub fn of(mut self, network: &str) -> Self {
        self.heading = format!("{}: {network}", self.heading);
        self
    }

    /// With a paragraph.
    pub fn text(mut self, text: impl Into<String>) -> Self {
        self.parts.push(Part::Text(text.into()));
        self
    }

    /// With a figure, whose files have this name; one that has nothing to show is left out.
    pub fn figure(
        mut self,
        name: impl Into<String>,
        figure: Figure,
        caption: impl Into<String>,
    ) -> Self {
        if !figure.plots.iter().all(is_empty) {
            self.parts.push(Part::Figure {
                name: name.into(),
                figure,
                caption: caption.into(),
            });
        }
        self
    }

    /// With a table; one without rows is left out.
    pub fn table(mut self, sheet: Sheet) -> Self {
        if !sheet.is_empty() {
            self.parts.push(Part::Table(sheet));
        }
        self
    }

    /// With expectations beside measurements.
    pub fn checks(mut self, checks: Vec<Check>) -> Self {
        self.parts.push(Part::Checks(checks));
        self
    }

    /// The section of a page.
    pub fn section(&self) -> Section {
        let section = Section::new(&self.heading);
        self.parts.iter().fold(section, |section, part| match part {
            Part::Text(text) => section.with_paragraph(text),
            Part::Figure {
                figure, caption, ..
            } => section.with_figure(figure.clone(), caption),
            Part::Table(sheet) => section.with_table(sheet.shown()),
            Part::Checks(checks) => section.with_checks(checks.clone()),
        })
    }

    /// Writes figures as SVG, PNG and the numbers behind them as CSV, tables as CSV.
    pub fn write(&self, directory: &Path) -> Result<()> {
        for part in &self.parts {
            match part {
                Part::Figure { name, figure, .. } => drawing::write(figure, directory, name)?,
                Part::Table(sheet) => {
                    let csv = sheet.exact().to_csv();
                    write(directory, &format!("{}.csv", sheet.name), csv.as_bytes())?;
                }
                Part::Text(_) | Part::Checks(_) => {}
            }
        }
        Ok(())
    }
}

/// Whether a plot has nothing to show.
fn is_empty(plot: &Plot) -> bool {
    match plot {
        Plot::Curves(panel) => panel.curves.iter().all(|curve| curve.points.is_empty()),
        Plot::Bars(bars) => bars.groups.iter().all(|group| group.bars.is_empty()),
        Plot::Histogram2d(_) => false,
    }
}

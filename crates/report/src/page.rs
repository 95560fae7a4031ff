//! Pages: a report in one HTML file, which needs nothing else.

mod html;
#[cfg(test)]
mod tests;

use crate::figure::Figure;
use crate::table::Table;

/// How a measurement stands to what was expected of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is what was expected.
    Agrees,
    /// It is not.
    Disagrees,
    /// Nothing was measured.
    NotTested,
    /// It is reported as it is; nothing depends on it.
    Finding,
}

/// An expectation and what was measured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// What is claimed.
    pub claim: String,
    /// What was expected, and within what.
    pub expected: String,
    /// What was measured, with its error and number of samples.
    pub measured: String,
    /// How they stand to each other.
    pub verdict: Verdict,
}

impl Check {
    /// An expectation beside a measurement.
    pub fn new(
        claim: impl Into<String>,
        expected: impl Into<String>,
        measured: impl Into<String>,
        verdict: Verdict,
    ) -> Self {
        Self {
            claim: claim.into(),
            expected: expected.into(),
            measured: measured.into(),
            verdict,
        }
    }
}

/// What a section is made of.
#[derive(Debug, Clone, PartialEq)]
pub enum Block {
    /// Plain text.
    Paragraph(String),
    /// A figure with its caption: what it shows, and what is to be seen.
    Figure(Figure, String),
    /// A table.
    Table(Table),
    /// Expectations beside measurements.
    Checks(Vec<Check>),
}

/// A part of a page, with a heading of its own.
#[derive(Debug, Clone, PartialEq)]
pub struct Section {
    /// The heading, and the entry in the table of contents.
    pub heading: String,
    /// From top to bottom.
    pub blocks: Vec<Block>,
}

impl Section {
    /// A section without anything in it.
    pub fn new(heading: impl Into<String>) -> Self {
        Self {
            heading: heading.into(),
            blocks: Vec::new(),
        }
    }

    /// The section with one more paragraph.
    #[must_use]
    pub fn with_paragraph(self, text: impl Into<String>) -> Self {
        self.with(Block::Paragraph(text.into()))
    }

    /// The section with one more figure.
    #[must_use]
    pub fn with_figure(self, figure: Figure, caption: impl Into<String>) -> Self {
        self.with(Block::Figure(figure, caption.into()))
    }

    /// The section with one more table.
    #[must_use]
    pub fn with_table(self, table: Table) -> Self {
        self.with(Block::Table(table))
    }

    /// The section with expectations beside measurements.
    #[must_use]
    pub fn with_checks(self, checks: impl IntoIterator<Item = Check>) -> Self {
        self.with(Block::Checks(checks.into_iter().collect()))
    }

    fn with(mut self, block: Block) -> Self {
        self.blocks.push(block);
        self
    }
}

/// A report on one page.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// The page's title.
    pub title: String,
    /// What was done and found, in one paragraph.
    pub summary: String,
    /// Names and values of what the numbers came from: data, machine, settings.
    pub provenance: Vec<[String; 2]>,
    /// The parts, in the order of the table of contents.
    pub sections: Vec<Section>,
}

impl Page {
    /// A page without sections.
    pub fn new(title: impl Into<String>, summary: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            summary: summary.into(),
            provenance: Vec::new(),
            sections: Vec::new(),
        }
    }

    /// The page with one more fact about where its numbers came from.
    #[must_use]
    pub fn with_provenance(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.provenance.push([name.into(), value.into()]);
        self
    }

    /// The page with one more section.
    #[must_use]
    pub fn with_section(mut self, section: Section) -> Self {
        self.sections.push(section);
        self
    }
}

//! A page as HTML that is also well-formed XML.

use std::sync::LazyLock;

use minijinja::syntax::SyntaxConfig;
use minijinja::{Environment, Error, Value, context};

use super::{Block, Check, Page, Section, Verdict};
use crate::axis::named;
use crate::figure::Figure;
use crate::table::{Align, Table};
use crate::text::Escaped;

static TEMPLATE: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut environment = Environment::new();
    let syntax = SyntaxConfig::builder().trim_blocks(true).build();
    environment.set_syntax(syntax.expect("only its blanks differ from the default"));
    // The escaping of pictures, which also replaces what XML forbids.
    environment.set_formatter(|out, _, value| {
        let written = match value.as_str() {
            Some(text) if !value.is_safe() => write!(out, "{}", Escaped(text)),
            _ => write!(out, "{value}"),
        };
        written.map_err(Error::from)
    });
    environment
        .add_template("page", include_str!("page.html"))
        .expect("the template is well-formed");
    environment
});

impl Page {
    /// The page as one HTML file.
    ///
    /// It holds its pictures and its style, runs no script and asks no network. Figures are there
    /// twice, three or fewer plots in a row and one in a row; the page's width decides which is
    /// shown. Plots in a paper's row are too small for a telephone.
    pub fn to_html(&self) -> String {
        let (mut figures, mut tables) = (0, 0);
        let sections = self.sections.iter().enumerate();
        let sections: Vec<_> = sections
            .map(|(index, section)| part(section, index + 1, &mut figures, &mut tables))
            .collect();
        let template = TEMPLATE.get_template("page").expect("it was added");
        let style = Value::from_safe_string(include_str!("page.css").to_owned());
        let fact = |[name, value]: &[String; 2]| {
            context! { name => name.as_str(), value => value.as_str() }
        };
        let provenance: Vec<_> = self.provenance.iter().map(fact).collect();
        let page = context! {
            title => self.title.as_str(),
            summary => self.summary.as_str(),
            provenance,
            sections,
            style,
        };
        template
            .render(page)
            .expect("the template asks for nothing that is not there")
    }
}

/// A section as the template sees it; numbers of figures and tables go on.
fn part(section: &Section, number: usize, figures: &mut usize, tables: &mut usize) -> Value {
    let block = |block: &Block| match block {
        Block::Paragraph(text) => context! { kind => "paragraph", text => text.as_str() },
        Block::Figure(figure, caption) => {
            *figures += 1;
            drawn(figure, caption, *figures)
        }
        Block::Table(table) => {
            *tables += 1;
            tabled(table, *tables)
        }
        Block::Checks(checks) => {
            let checks: Vec<_> = checks.iter().map(checked).collect();
            context! { kind => "checks", checks }
        }
    };
    let blocks: Vec<_> = section.blocks.iter().map(block).collect();
    context! { number, heading => section.heading.as_str(), blocks }
}

fn drawn(figure: &Figure, caption: &str, number: usize) -> Value {
    let [wide, narrow] = [figure.svg(), figure.narrow_svg()].map(Value::from_safe_string);
    context! { kind => "figure", number, wide, narrow, caption }
}

fn tabled(table: &Table, number: usize) -> Value {
    let class = |align: Align| match align {
        Align::Left => "words",
        Align::Right => "number",
    };
    let columns = table.columns.iter().map(|column| {
        let name = named(&column.name, &column.unit);
        context! { name, class => class(column.align) }
    });
    let cells = |row: &Vec<String>| {
        let cells = row.iter().zip(&table.columns);
        let cells = cells
            .map(|(text, column)| context! { text => text.as_str(), class => class(column.align) });
        cells.collect::<Vec<_>>()
    };
    context! {
        kind => "table",
        number,
        columns => columns.collect::<Vec<_>>(),
        rows => table.rows.iter().map(cells).collect::<Vec<_>>(),
        note => table.note.as_str(),
    }
}

fn checked(check: &Check) -> Value {
    let (class, sign, word) = match check.verdict {
        Verdict::Agrees => ("agrees", "✓", "agrees"),
        Verdict::Disagrees => ("disagrees", "✗", "disagrees"),
        Verdict::NotTested => ("untested", "–", "not tested"),
        Verdict::Finding => ("finding", "•", "finding"),
    };
    let or_dash = |text: &str| if text.is_empty() { "–" } else { text }.to_owned();
    context! {
        claim => check.claim.as_str(),
        expected => or_dash(&check.expected),
        measured => or_dash(&check.measured),
        class,
        sign,
        word,
    }
}

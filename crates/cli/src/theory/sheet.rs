//! A table for people and for programs: the same rows as text, CSV and JSON.

use orthant_geometry::Estimate;
use serde_json::{Map, Value, json};

use crate::table::table;

/// A table with its null model.
pub struct Sheet {
    /// Its name, in JSON and of its file.
    pub name: &'static str,
    title: String,
    note: String,
    columns: Vec<Column>,
    rows: Vec<Vec<Cell>>,
}

struct Column {
    key: &'static str,
    head: &'static str,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Word,
    Number,
    Measured,
}

/// What stands in a table; numbers with their decimals for people.
pub enum Cell {
    /// Words.
    Word(String),
    /// A count.
    Count(u64),
    /// A number that is known.
    Number(f64, usize),
    /// A chance by its decimal logarithm.
    Chance(f64),
    /// A number that was measured.
    Measured(Estimate, usize),
}

impl Sheet {
    /// A table without columns; `note` says what the numbers are held against.
    pub fn new(name: &'static str, title: impl Into<String>, note: impl Into<String>) -> Self {
        Self {
            name,
            title: title.into(),
            note: note.into(),
            columns: Vec::new(),
            rows: Vec::new(),
        }
    }

    /// With a column of words: its key for programs, its head for people.
    pub fn words(self, key: &'static str, head: &'static str) -> Self {
        self.column(key, head, Kind::Word)
    }

    /// With a column of numbers.
    pub fn numbers(self, key: &'static str, head: &'static str) -> Self {
        self.column(key, head, Kind::Number)
    }

    /// With a column of measured numbers; as CSV two, the second `KEY_error`.
    pub fn measured(self, key: &'static str, head: &'static str) -> Self {
        self.column(key, head, Kind::Measured)
    }

    fn column(mut self, key: &'static str, head: &'static str, kind: Kind) -> Self {
        self.columns.push(Column { key, head, kind });
        self
    }

    /// Adds a row, a cell for each column.
    pub fn push<const N: usize>(&mut self, row: [Cell; N]) {
        assert_eq!(N, self.columns.len(), "a row has a cell for each column");
        self.rows.push(row.into());
    }

    /// Whether there is a row.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// For people.
    pub fn text(&self) -> String {
        let heads: Vec<_> = self.columns.iter().map(|column| column.head).collect();
        let rows = self.rows.iter();
        let rows = rows.map(|row| row.iter().map(Cell::text).collect());
        let numbers = |at: usize| self.columns[at].kind != Kind::Word;
        let table = table(&heads, numbers, rows.collect());
        format!("{}\n\n{table}\n\n{}", self.title, self.note)
    }

    /// For spreadsheets: a line of keys, then numbers with all their digits.
    pub fn csv(&self) -> String {
        let keys = self.columns.iter().flat_map(|column| match column.kind {
            Kind::Measured => vec![column.key.to_owned(), format!("{}_error", column.key)],
            _ => vec![column.key.to_owned()],
        });
        let mut text = keys.collect::<Vec<_>>().join(",") + "\n";
        for row in &self.rows {
            let cells: Vec<_> = row.iter().flat_map(Cell::csv).collect();
            text += &cells.join(",");
            text.push('\n');
        }
        text
    }

    /// For programs.
    pub fn json(&self) -> Value {
        let row = |row: &Vec<Cell>| -> Map<String, Value> {
            let cells = self.columns.iter().zip(row);
            cells
                .map(|(column, cell)| (column.key.to_owned(), cell.json()))
                .collect()
        };
        json!({
            "title": self.title,
            "note": self.note,
            "rows": self.rows.iter().map(row).collect::<Vec<_>>(),
        })
    }
}

impl Cell {
    fn text(&self) -> String {
        match *self {
            Self::Word(ref word) => word.clone(),
            Self::Count(count) => count.to_string(),
            Self::Number(number, decimals) => decimal(number, decimals),
            Self::Chance(log10) => power_of_ten(log10),
            Self::Measured(found, decimals) => {
                let value = decimal(found.value, decimals);
                match found.standard_error.is_finite() {
                    true => format!("{value} ± {:.decimals$}", found.standard_error),
                    false => value,
                }
            }
        }
    }

    fn csv(&self) -> Vec<String> {
        match *self {
            Self::Word(ref word) if word.contains(',') => vec![format!("\"{word}\"")],
            Self::Word(ref word) => vec![word.clone()],
            Self::Count(count) => vec![count.to_string()],
            Self::Number(number, _) | Self::Chance(number) => vec![digits(number)],
            Self::Measured(found, _) => vec![digits(found.value), digits(found.standard_error)],
        }
    }

    fn json(&self) -> Value {
        match *self {
            Self::Word(ref word) => json!(word),
            Self::Count(count) => json!(count),
            Self::Number(number, _) | Self::Chance(number) => json!(number),
            Self::Measured(found, _) => json!(found),
        }
    }
}

/// All digits; nothing where there is no number.
pub fn digits(number: f64) -> String {
    match number.is_nan() {
        true => String::new(),
        false => number.to_string(),
    }
}

fn decimal(number: f64, decimals: usize) -> String {
    match number {
        _ if number.is_nan() => "-".to_owned(),
        f64::INFINITY => "∞".to_owned(),
        _ => format!("{number:.decimals$}"),
    }
}

/// `1.4e-255`, of a decimal logarithm that no float may hold the power of.
fn power_of_ten(log10: f64) -> String {
    if !log10.is_finite() {
        return "0".to_owned();
    }
    let mut exponent = log10.floor();
    let mut leading = 10f64.powf(log10 - exponent);
    // Two digits: 9.96 is 1.0 of the next.
    if leading >= 9.95 {
        leading = 1.0;
        exponent += 1.0;
    }
    format!("{leading:.1}e{exponent}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheet() -> Sheet {
        let mut sheet = Sheet::new("angles", "Angles", "Null model: none.")
            .words("of", "of")
            .numbers("log10_chance", "chance")
            .measured("angle_deg", "angle, °");
        let measured = |value, standard_error| {
            let estimate = Estimate {
                value,
                standard_error,
                samples: 7,
            };
            Cell::Measured(estimate, 2)
        };
        let word = |word: &str| Cell::Word(word.to_owned());
        sheet.push([
            word("t, 4"),
            Cell::Chance(-254.844),
            measured(37.071, 0.125),
        ]);
        sheet.push([
            word("u"),
            Cell::Number(f64::NAN, 1),
            measured(0.5, f64::NAN),
        ]);
        sheet
    }

    #[test]
    fn people_see_few_digits_and_errors() {
        let expected = "Angles

 of      chance      angle, °
 t, 4  1.4e-255  37.07 ± 0.12
 u            -          0.50

Null model: none.";
        assert_eq!(sheet().text(), expected);
    }

    #[test]
    fn programs_see_all_digits() {
        let expected = "of,log10_chance,angle_deg,angle_deg_error
\"t, 4\",-254.844,37.071,0.125
u,,0.5,
";
        assert_eq!(sheet().csv(), expected);
        let json = sheet().json();
        assert_eq!(json["rows"][0]["angle_deg"]["standard_error"], 0.125);
        assert_eq!(json["rows"][0]["angle_deg"]["samples"], 7);
        assert!(json["rows"][1]["log10_chance"].is_null());
    }

    #[test]
    fn powers_of_ten_have_one_digit_before_the_point() {
        let found = [-0.0001, 0.0, -2.796, -1.0, 0.31, f64::NEG_INFINITY].map(power_of_ten);
        assert_eq!(found, ["1.0e0", "1.0e0", "1.6e-3", "1.0e-1", "2.0e0", "0"]);
    }
}

//! A table for people and for programs: the same rows as text, CSV and JSON.

use orthant_geometry::Estimate;
use orthant_report::{Align, Table, digits};
use serde_json::{Map, Value, json};

use crate::figures;
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
    /// A share of 1.
    Share(f64),
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

    /// For people: few digits, a measured number with its error in one cell.
    pub fn shown(&self) -> Table {
        let table = Table::new().with_note(&self.note);
        let columns = self.columns.iter();
        let table = columns.fold(table, |table, column| match column.kind {
            Kind::Word => table.with_words(column.head),
            _ => table.with_numbers(column.head, ""),
        });
        self.filled(table, |cell| vec![cell.shown()])
    }

    /// For spreadsheets: keys and all digits, a measured number's error in a cell of its own.
    pub fn exact(&self) -> Table {
        let columns = self.columns.iter();
        let table = columns.fold(Table::new(), |table, column| match column.kind {
            Kind::Word => table.with_words(column.key),
            Kind::Number => table.with_numbers(column.key, ""),
            Kind::Measured => table
                .with_numbers(column.key, "")
                .with_numbers(format!("{}_error", column.key), ""),
        });
        self.filled(table, Cell::exact)
    }

    fn filled(&self, mut table: Table, cells: impl Fn(&Cell) -> Vec<String>) -> Table {
        for row in &self.rows {
            let pushed = table.try_push(row.iter().flat_map(&cells));
            pushed.expect("a row has a cell for each column");
        }
        table
    }

    /// For people at a terminal.
    pub fn text(&self) -> String {
        let shown = self.shown();
        let columns = shown.columns();
        let heads: Vec<_> = columns.iter().map(|column| &column.name).collect();
        let numbers = |at: usize| columns[at].align == Align::Right;
        let table = table(&heads, numbers, shown.rows().to_vec());
        format!("{}\n\n{table}\n\n{}", self.title, self.note)
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
    fn shown(&self) -> String {
        match *self {
            Self::Word(ref word) => word.clone(),
            Self::Count(count) => count.to_string(),
            Self::Number(number, decimals) => figures::decimals(number, decimals),
            Self::Share(share) => figures::share(share),
            Self::Chance(log10) => figures::power_of_ten(log10),
            Self::Measured(found, decimals) => {
                let value = figures::decimals(found.value, decimals);
                match found.standard_error.is_finite() {
                    true => format!("{value} ± {:.decimals$}", found.standard_error),
                    false => value,
                }
            }
        }
    }

    fn exact(&self) -> Vec<String> {
        match *self {
            Self::Word(ref word) => vec![word.clone()],
            Self::Count(count) => vec![count.to_string()],
            Self::Number(number, _) | Self::Share(number) | Self::Chance(number) => {
                vec![digits(number)]
            }
            Self::Measured(found, _) => vec![digits(found.value), digits(found.standard_error)],
        }
    }

    fn json(&self) -> Value {
        match *self {
            Self::Word(ref word) => json!(word),
            Self::Count(count) => json!(count),
            Self::Number(number, _) | Self::Share(number) | Self::Chance(number) => json!(number),
            Self::Measured(found, _) => json!(found),
        }
    }
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
        assert_eq!(sheet().exact().to_csv(), expected);
        let json = sheet().json();
        assert_eq!(json["rows"][0]["angle_deg"]["standard_error"], 0.125);
        assert_eq!(json["rows"][0]["angle_deg"]["samples"], 7);
        assert!(json["rows"][1]["log10_chance"].is_null());
    }
}

//! Tables for people.

use comfy_table::{CellAlignment, Table, presets};

/// A table of right-aligned columns but for the first `left`.
pub fn table<T: ToString>(header: Vec<T>, left: usize, rows: Vec<Vec<String>>) -> String {
    let mut table = Table::new();
    let header = header.iter().map(T::to_string);
    table
        .load_style(presets::NOTHING)
        .set_header(header.collect::<Vec<_>>());
    for row in rows {
        table.add_row(row);
    }
    for column in table.column_iter_mut().skip(left) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    let text = table.to_string();
    let lines = text.lines().map(str::trim_end);
    lines.collect::<Vec<_>>().join("\n")
}

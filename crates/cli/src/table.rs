//! Tables for people.

use comfy_table::{CellAlignment, Table, presets};

/// A table whose columns are right-aligned where they are `numbers`.
pub fn table<T: ToString>(
    header: &[T],
    numbers: impl Fn(usize) -> bool,
    rows: Vec<Vec<String>>,
) -> String {
    let mut table = Table::new();
    let header: Vec<_> = header.iter().map(T::to_string).collect();
    table.load_style(presets::NOTHING).set_header(header);
    for row in rows {
        table.add_row(row);
    }
    let columns = table.column_iter_mut().enumerate();
    for (_, column) in columns.filter(|(index, _)| numbers(*index)) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    let text = table.to_string();
    let lines = text.lines().map(str::trim_end);
    lines.collect::<Vec<_>>().join("\n")
}

//! Tables, and numbers of bytes.

use comfy_table::{CellAlignment, Table, presets};

/// A table whose columns are right-aligned where `numbers` says so.
pub fn table(header: &[&str], numbers: &[usize], rows: Vec<Vec<String>>) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(header);
    for row in rows {
        table.add_row(row);
    }
    for (index, column) in table.column_iter_mut().enumerate() {
        if numbers.contains(&index) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let text = table.to_string();
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    lines.join("\n")
}

/// Bytes in millions: `170.1 MB`, or as they are below one.
pub fn megabytes(bytes: u64) -> String {
    match bytes {
        0..1_000_000 => format!("{bytes} bytes"),
        _ => format!("{:.1} MB", bytes as f64 / 1e6),
    }
}

/// `32 x 32 x 3`.
pub fn shape([height, width, channels]: [usize; 3]) -> String {
    format!("{height} x {width} x {channels}")
}

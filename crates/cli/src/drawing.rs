//! A figure's files: SVG, PNG, and its numbers as CSV.

use std::path::Path;

use anyhow::Result;
use orthant_report::{Figure, Table, png};

use crate::folder;

/// Pixels of a PNG for each of the SVG.
const SCALE: f32 = 2.0;

/// Writes `NAME.svg`, `NAME.png` and `NAME.csv` into a directory.
///
/// Plots of different quantities have tables of their own: `NAME-2.csv` and so on.
pub fn write(figure: &Figure, directory: &Path, name: &str) -> Result<()> {
    let write = |ending: &str, bytes: &[u8]| {
        let file = format!("{name}{ending}");
        folder::write(directory, &file, bytes)
    };
    let svg = figure.svg();
    write(".svg", svg.as_bytes())?;
    write(".png", &png(&svg, SCALE)?)?;
    for (index, table) in Table::of_figure(figure).iter().enumerate() {
        let ending = match index {
            0 => ".csv".to_owned(),
            _ => format!("-{}.csv", index + 1),
        };
        write(&ending, table.to_csv().as_bytes())?;
    }
    Ok(())
}

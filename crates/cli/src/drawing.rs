//! A figure's files: SVG, PNG, and its numbers as CSV.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use orthant_report::{Figure, Table, png};
use orthant_train::file::create;

/// Pixels of a PNG for each of the SVG.
const SCALE: f32 = 2.0;

/// Writes `NAME.svg`, `NAME.png` and `NAME.csv` into a directory, which is made if need be; no file
/// that exists is replaced.
///
/// Plots of different quantities have tables of their own: `NAME-2.csv` and so on.
pub fn write(figure: &Figure, directory: &Path, name: &str) -> Result<()> {
    fs::create_dir_all(directory)
        .with_context(|| format!("cannot create {}", directory.display()))?;
    let write = |ending: &str, bytes: &[u8]| {
        let path = directory.join(format!("{name}{ending}"));
        create(&path, "write the figure", |part| fs::write(part, bytes))
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

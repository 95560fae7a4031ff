//! What `--out` leaves: `theory.json`, a CSV for each table, the figures.

use std::path::Path;

use anyhow::Result;

use super::Found;
use crate::drawing;
use crate::folder;

/// Writes into a directory.
pub fn write(found: &Found, out: &Path) -> Result<()> {
    for sheet in &found.sheets {
        let csv = sheet.exact().to_csv();
        folder::write(out, &format!("{}.csv", sheet.name), csv.as_bytes())?;
    }
    let figures = out.join("figures");
    for (name, figure, _) in &found.figures {
        drawing::write(figure, &figures, name)?;
    }
    folder::write(
        out,
        "theory.json",
        format!("{:#}\n", found.json()).as_bytes(),
    )
}

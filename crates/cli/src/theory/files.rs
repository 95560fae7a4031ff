//! What `--out` leaves: `theory.json`, a CSV for each table, the figures.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use orthant_train::file::create;

use super::Found;
use crate::drawing;

/// Writes into a directory; no file that exists is replaced.
pub fn write(found: &Found, out: &Path) -> Result<()> {
    fs::create_dir_all(out).with_context(|| format!("cannot create {}", out.display()))?;
    let write = |name: String, text: String| {
        create(&out.join(name), "write the table", |part| {
            fs::write(part, &text)
        })
    };
    for sheet in &found.sheets {
        write(format!("{}.csv", sheet.name), sheet.exact().to_csv())?;
    }
    let figures = out.join("figures");
    for (name, figure) in &found.figures {
        drawing::write(figure, &figures, name)?;
    }
    write("theory.json".to_owned(), format!("{:#}\n", found.json()))?;
    Ok(())
}

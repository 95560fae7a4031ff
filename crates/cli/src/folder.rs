//! Directories that a command fills.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use orthant_train::file;

/// Refuses a directory with something in it.
pub fn check_new(out: &Path) -> Result<()> {
    if !out.exists() {
        return Ok(());
    }
    let entries = fs::read_dir(out);
    let mut entries = entries.with_context(|| format!("cannot look into {}", out.display()))?;
    if entries.next().is_some() {
        bail!(
            "{} is not empty, expected a new directory or an empty one",
            out.display()
        );
    }
    Ok(())
}

/// Writes a file whole; one of the same name is replaced.
pub fn write(directory: &Path, name: &str, bytes: &[u8]) -> Result<()> {
    fs::create_dir_all(directory)
        .with_context(|| format!("cannot create {}", directory.display()))?;
    Ok(file::replace(
        &directory.join(name),
        "write the report",
        |part| fs::write(part, bytes),
    )?)
}

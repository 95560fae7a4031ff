//! What `--out` leaves: `theory.json`, a CSV for each table, `densities.csv`.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use orthant_report::{Table, digits};
use orthant_train::file::create;

use super::Found;
use super::angles::Density;

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
    write("densities.csv".to_owned(), densities(&found.densities)?)?;
    write("theory.json".to_owned(), format!("{:#}\n", found.json()))?;
    Ok(())
}

fn densities(all: &[Density]) -> Result<String> {
    let table = Table::new().with_numbers("d", "").with_words("to");
    let keys = [
        "bandwidth_deg",
        "angle_deg",
        "measured_per_deg",
        "theory_per_deg",
    ];
    let numbers = |table: Table, key| table.with_numbers(key, "");
    let mut table = keys.into_iter().fold(table, numbers).with_words("theory");
    for density in all {
        let Density { d, to, theory, .. } = density;
        for point in &density.points {
            let [angle, measured, known] = point.map(digits);
            let bandwidth = digits(density.bandwidth_deg);
            let (d, to, theory) = (d.to_string(), (*to).to_owned(), (*theory).to_owned());
            table.try_push([d, to, bandwidth, angle, measured, known, theory])?;
        }
    }
    Ok(table.to_csv())
}

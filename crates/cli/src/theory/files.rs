//! What `--out` leaves: `theory.json`, a CSV for each table, `densities.csv`.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use orthant_train::file::create;

use super::Found;
use super::angles::Density;
use super::sheet::digits;

/// Writes into a directory; no file that exists is replaced.
pub fn write(found: &Found, out: &Path) -> Result<()> {
    fs::create_dir_all(out).with_context(|| format!("cannot create {}", out.display()))?;
    let write = |name: String, text: String| {
        create(&out.join(name), "write the table", |part| {
            fs::write(part, &text)
        })
    };
    for sheet in &found.sheets {
        write(format!("{}.csv", sheet.name), sheet.csv())?;
    }
    write("densities.csv".to_owned(), densities(&found.densities))?;
    write("theory.json".to_owned(), format!("{:#}\n", found.json()))?;
    Ok(())
}

fn densities(all: &[Density]) -> String {
    let mut text =
        "d,to,bandwidth_deg,angle_deg,measured_per_deg,theory_per_deg,theory\n".to_owned();
    for density in all {
        let Density { d, to, theory, .. } = density;
        let bandwidth = digits(density.bandwidth_deg);
        for point in &density.points {
            let [angle, measured, known] = point.map(digits);
            text += &format!("{d},{to},{bandwidth},{angle},{measured},{known},{theory}\n");
        }
    }
    text
}

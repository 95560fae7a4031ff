//! The files of a split, of which none may be missing or there twice.
//!
//! ```text
//! SPLIT-00000-of-00002.parquet    the number of a file and how many there are, from 0
//! SPLIT-00000-of-00002-*.parquet  the same with a hash behind it
//! SPLIT.parquet, SPLIT-*.parquet  files that say nothing of others; all are read
//! ```

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::Error;

/// The files of a split by number, or by name where they are not numbered.
///
/// # Errors
/// A directory that cannot be read; of numbered files a missing one, or one that is too much.
pub(super) fn files(directory: &Path, split: &str) -> Result<Vec<PathBuf>, Error> {
    let io = |error| Error::io(directory, error);
    let mut named = BTreeMap::new();
    for entry in fs::read_dir(directory).map_err(io)? {
        let path = entry.map_err(io)?.path();
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        let Some(rest) = stem.strip_prefix(split) else {
            continue;
        };
        let is_split = rest.is_empty() || rest.starts_with('-');
        if is_split && path.extension().is_some_and(|end| end == "parquet") {
            named.insert(path.clone(), number(rest));
        }
    }
    let Some(shards) = named.values().flatten().map(|[_, shards]| *shards).next() else {
        return Ok(named.into_keys().collect());
    };
    let mut numbered = BTreeMap::new();
    for (path, number) in named {
        let number = number.filter(|[number, of]| *of == shards && number < of);
        match number.filter(|[number, _]| !numbered.contains_key(number)) {
            Some([number, _]) => numbered.insert(number, path),
            None => return Err(Error::ExtraShard { path, shards }),
        };
    }
    match (0..shards).find(|number| !numbered.contains_key(number)) {
        Some(number) => Err(Error::MissingShard {
            path: directory.join(format!("{split}-{number:05}-of-{shards:05}.parquet")),
            shards,
        }),
        None => Ok(numbered.into_values().collect()),
    }
}

/// The number of a file and how many there are, from what follows the name of its split.
fn number(rest: &str) -> Option<[u32; 2]> {
    let (number, of) = rest.strip_prefix('-')?.split_once("-of-")?;
    let (of, _) = of.split_once('-').unwrap_or((of, ""));
    Some([number.parse().ok()?, of.parse().ok()?])
}

//! A folder of pictures: `train/CLASS/NNNNN.png` and `test/CLASS/NNNNN.png`.

use std::collections::HashSet;
use std::path::Path;

use super::{Body, Format, Sink, WriteError, spread_pixels};
use crate::picture::to_png;
use crate::{Dataset, Images};

/// Refuses what the folder cannot hold.
pub(super) fn check<'a>(
    data: &'a Dataset,
    notes: &mut Vec<String>,
) -> Result<Body<'a>, WriteError> {
    if !matches!(data.train().channels(), 1 | 3) {
        return Err(WriteError::Shape {
            format: Format::Folder.name(),
            expected: "images of 1 or 3 channels",
            found: data.train().shape(),
        });
    }
    let names = names(data.classes())?;
    let changed = names.iter().zip(data.classes());
    let changed: Vec<String> = changed
        .filter(|(name, class)| name != class)
        .map(|(name, class)| format!("{class} is {name}"))
        .collect();
    if !changed.is_empty() {
        notes.push(format!(
            "names that are no names of files are changed: {}",
            changed.join(", ")
        ));
    }
    if !names.is_sorted() {
        notes.push("the order of the classes, and so the labels, become those of the names".into());
    }
    notes.push("the order of the images is lost: a folder's are sorted by name and mixed".into());
    let there: HashSet<u8> = data.train().labels().iter().copied().collect();
    let mut classes = data.classes().iter().zip(0_usize..);
    let bare = classes.find(|(_, label)| !u8::try_from(*label).is_ok_and(|l| there.contains(&l)));
    if let Some((class, _)) = bare {
        return Err(WriteError::EmptyClass {
            format: Format::Folder.name(),
            found: class.clone(),
        });
    }
    Ok(Box::new(move |sink| {
        for (split, images) in [("train", data.train()), ("test", data.test())] {
            // A class without test images is a directory too.
            for name in &names {
                sink.directory(&Path::new(split).join(name))?;
            }
            write_split(sink, Path::new(split), images, data.largest(), &names)?;
        }
        Ok(())
    }))
}

/// A name of a directory for each class, on any system.
fn names(classes: &[String]) -> Result<Vec<String>, WriteError> {
    let refuse = |class: &str, reason| WriteError::ClassName {
        format: Format::Folder.name(),
        found: class.to_owned(),
        reason,
    };
    let mut seen = HashSet::new();
    let mut names = Vec::new();
    for class in classes {
        let odd = |c: char| c.is_control() || r#"/\:*?"<>|"#.contains(c);
        let name: String = class
            .chars()
            .map(|c| if odd(c) { '-' } else { c })
            .collect();
        let mut name = name.trim().to_owned();
        let stem = name.split('.').next().unwrap_or_default();
        if is_device(stem.trim_end()) {
            name.insert(stem.len(), '-');
        }
        if name.is_empty() || name.starts_with('.') || name.ends_with('.') || name.len() > 200 {
            let reason = "expected 1 to 200 bytes without a dot at either end";
            return Err(refuse(class, reason));
        }
        // Some systems take upper and lower case for the same.
        if !seen.insert(name.to_lowercase()) {
            return Err(refuse(class, "another class has the same name of a file"));
        }
        names.push(name);
    }
    Ok(names)
}

/// Whether Windows keeps a name for a device, whatever stands behind a dot.
fn is_device(stem: &str) -> bool {
    let stem = stem.to_ascii_uppercase();
    let port = stem.strip_prefix("COM").or(stem.strip_prefix("LPT"));
    let numbered = port.is_some_and(|port| {
        let mut port = port.chars();
        matches!(
            (port.next(), port.next()),
            (Some('0'..='9' | '¹' | '²' | '³'), None)
        )
    });
    numbered || matches!(&*stem, "CON" | "PRN" | "AUX" | "NUL")
}

/// Writes the pictures of a split, each numbered by its place in the split.
fn write_split(
    sink: &mut Sink,
    split: &Path,
    images: &Images,
    largest: u8,
    names: &[String],
) -> Result<(), WriteError> {
    for (index, &label) in images.labels().iter().enumerate() {
        let pixels = spread_pixels(images.image(index), largest);
        let name = split
            .join(&names[usize::from(label)])
            .join(format!("{index:05}.png"));
        let png = to_png(images.shape(), &pixels).map_err(|error| WriteError::io(&name, error))?;
        sink.file(&name, &[&png], false)?;
    }
    Ok(())
}

//! CIFAR-10's binary files: colour images of 32 x 32 in at most ten classes, and their names.

use std::path::Path;

use super::{Body, Format, Sink, WriteError, check_ten, spread_pixels};
use crate::cifar::{CIFAR10, SHAPE};
use crate::{Dataset, Images};

/// Files of the training split.
const TRAIN_FILES: usize = CIFAR10.train.len();

/// Refuses what the files cannot hold.
pub(super) fn check<'a>(
    data: &'a Dataset,
    notes: &mut Vec<String>,
) -> Result<Body<'a>, WriteError> {
    let format = Format::Cifar10.name();
    if data.train().shape() != SHAPE {
        return Err(WriteError::Shape {
            format,
            expected: "32 x 32 x 3",
            found: data.train().shape(),
        });
    }
    check_ten(Format::Cifar10, data)?;
    for (split, images, files) in [
        ("training", data.train(), TRAIN_FILES),
        ("test", data.test(), 1),
    ] {
        let expected = [files, files * CIFAR10.records];
        if !(expected[0]..=expected[1]).contains(&images.len()) {
            return Err(WriteError::Count {
                format,
                split,
                expected,
                found: images.len(),
            });
        }
    }
    let names = names(data.classes())?;
    if data.classes().len() < 10 {
        notes.push(format!(
            "the format has 10 classes, so that {} without images follow the {} that there are",
            10 - data.classes().len(),
            data.classes().len()
        ));
    }
    Ok(Box::new(move |sink| {
        let mut first = 0;
        for (index, name) in CIFAR10.train.iter().enumerate() {
            // In the split's order, so that reading the files one after another gives it back.
            let end = data.train().len() * (index + 1) / TRAIN_FILES;
            write_file(sink, data.train(), first..end, data.largest(), name)?;
            first = end;
        }
        let all = 0..data.test().len();
        write_file(sink, data.test(), all, data.largest(), CIFAR10.test)?;
        sink.file(Path::new(CIFAR10.names), &[names.as_bytes()], true)
    }))
}

/// A line for each of ten classes.
fn names(classes: &[String]) -> Result<String, WriteError> {
    let mut text = String::new();
    for class in 0..10 {
        let name = match classes.get(class) {
            Some(name) => name.clone(),
            None => format!("unused class {class}"),
        };
        let is_line = !name.is_empty() && name.trim() == name && !name.contains(['\n', '\r']);
        // All ten stay below what the reader takes of the file.
        if !is_line || name.len() > 1000 {
            return Err(WriteError::ClassName {
                format: Format::Cifar10.name(),
                found: name,
                reason: "expected a line of at most 1000 bytes without blanks around it",
            });
        }
        text += &name;
        text.push('\n');
    }
    Ok(text)
}

/// Writes records: a label, then the red, the green and the blue plane.
fn write_file(
    sink: &mut Sink,
    images: &Images,
    range: std::ops::Range<usize>,
    largest: u8,
    name: &str,
) -> Result<(), WriteError> {
    let mut records = Vec::with_capacity(range.len() * CIFAR10.record_bytes());
    for index in range {
        records.push(images.labels()[index]);
        let image = spread_pixels(images.image(index), largest);
        for channel in 0..images.channels() {
            records.extend(image.iter().skip(channel).step_by(images.channels()));
        }
    }
    sink.file(Path::new(name), &[&records], true)
}

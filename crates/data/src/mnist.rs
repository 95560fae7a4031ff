//! MNIST and Fashion-MNIST: four IDX files in a directory.

use std::path::{Path, PathBuf};

use crate::dataset::first_unknown;
use crate::{Dataset, Error, Images, file, idx};

/// What tells the two apart.
pub(crate) struct Kind {
    name: &'static str,
    pub(crate) classes: [&'static str; 10],
    /// Where the files come from, after "expected".
    hint: &'static str,
}

/// Height, width and channels of an image of the published files.
pub(crate) const SHAPE: [usize; 3] = [28, 28, 1];

/// The largest pixel value.
pub(crate) const LARGEST: u8 = u8::MAX;

pub(crate) const MNIST: Kind = Kind {
    name: "mnist",
    classes: ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"],
    hint: "the four files of MNIST there, plain or with .gz",
};

pub(crate) const FASHION: Kind = Kind {
    name: "fashion-mnist",
    classes: [
        "T-shirt/top",
        "Trouser",
        "Pullover",
        "Dress",
        "Coat",
        "Sandal",
        "Shirt",
        "Sneaker",
        "Bag",
        "Ankle boot",
    ],
    hint: "the four files of Fashion-MNIST there, plain or with .gz: install Debian's package \
           dataset-fashion-mnist, or name the directory that has them, fashion-mnist:DIR",
};

/// Where Debian's package `dataset-fashion-mnist` puts the files.
pub(crate) const FASHION_DIRECTORY: &str = "/usr/share/datasets/fashion-mnist";

/// Images and labels of the training split, then those of the test split.
pub(crate) const FILES: [&str; 4] = [
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
];

/// Reads the four files of `directory`, each plain or, where it is not, with `.gz`.
///
/// # Errors
/// Missing files, all of them at once; a file that cannot be read or breaks a rule of IDX;
/// labels in another number than images, or of 10 and above.
pub(crate) fn read(kind: &Kind, directory: &Path) -> Result<Dataset, Error> {
    let mut found = Vec::new();
    let mut missing = Vec::new();
    for name in FILES {
        match find(directory, name)? {
            Some(path) => found.push(path),
            None => missing.push(name),
        }
    }
    let Ok([train_images, train_labels, test_images, test_labels]) =
        <[PathBuf; FILES.len()]>::try_from(found)
    else {
        return Err(Error::Missing {
            directory: directory.to_owned(),
            files: missing,
            hint: kind.hint,
        });
    };
    let classes = kind.classes.map(str::to_owned).to_vec();
    let train = split(&train_images, &train_labels, classes.len())?;
    let test = split(&test_images, &test_labels, classes.len())?;
    Dataset::try_new(kind.name, classes, LARGEST, train, test)
}

/// The path of a file or of its gzipped form.
fn find(directory: &Path, name: &str) -> Result<Option<PathBuf>, Error> {
    for path in [name.to_owned(), format!("{name}.gz")].map(|name| directory.join(name)) {
        if file::is_present(&path)? {
            return Ok(Some(path));
        }
    }
    Ok(None)
}

/// Whether all four files lie in `directory`; what is in them is not looked at.
pub(crate) fn are_in(directory: &Path) -> bool {
    FILES
        .iter()
        .all(|name| matches!(find(directory, name), Ok(Some(_))))
}

/// Reads the four files' bytes, plain or gzipped, in the order of their names above.
///
/// # Errors
/// Those of [`read`], but for the files'.
pub(crate) fn read_bytes(kind: &Kind, files: [&[u8]; FILES.len()]) -> Result<Dataset, Error> {
    let classes = kind.classes.map(str::to_owned).to_vec();
    let split = |at: usize| {
        let [images, labels] = [at, at + 1].map(|at| Path::new(FILES[at]));
        let pixels = idx::parse_bytes(images, files[at])?;
        let label_bytes = idx::parse_bytes(labels, files[at + 1])?;
        together(pixels, label_bytes, labels, classes.len())
    };
    let (train, test) = (split(0)?, split(2)?);
    Dataset::try_new(kind.name, classes, LARGEST, train, test)
}

/// Reads a split from its two files.
fn split(images: &Path, labels: &Path, classes: usize) -> Result<Images, Error> {
    together(idx::open(images)?, idx::open(labels)?, labels, classes)
}

/// Puts images and labels together; `labels` is the labels' path.
fn together(
    images: idx::Array<3>,
    label_array: idx::Array<1>,
    labels: &Path,
    classes: usize,
) -> Result<Images, Error> {
    let idx::Array {
        dimensions: [count, height, width],
        bytes: pixels,
    } = images;
    let idx::Array {
        dimensions: [label_count],
        bytes: label_bytes,
    } = label_array;
    if label_count != count {
        return Err(Error::LabelCount {
            path: labels.to_owned(),
            expected: count,
            found: label_count,
        });
    }
    if let Some(image) = first_unknown(&label_bytes, classes) {
        return Err(Error::Label {
            path: labels.to_owned(),
            image,
            found: label_bytes[image],
            classes,
        });
    }
    Images::try_new([height, width, 1], pixels, label_bytes)
}

#[cfg(test)]
mod tests;

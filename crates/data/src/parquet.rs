//! Parquet files as Hugging Face writes them for image data sets.
//!
//! ```text
//! DIR/train-*.parquet, DIR/test-*.parquet     or in DIR/data; validation-* where there is no test;
//!                                             numbered ones, -00000-of-00002, all of them
//! img or image    group { bytes : BYTE_ARRAY }        a png or jpg file
//! label or fine_label    INT64                         an index into the classes
//! key "huggingface"    JSON, info.features.LABEL.names : the classes, in the metadata
//! ```

mod pages;
mod shards;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::thread;

use ::parquet::basic::Type;
use ::parquet::column::reader::ColumnReaderImpl;
use ::parquet::data_type::{ByteArrayType, DataType, Int64Type};
use ::parquet::errors::ParquetError;
use ::parquet::file::reader::{ChunkReader, FileReader, RowGroupReader, SerializedFileReader};
use ::parquet::schema::types::SchemaDescriptor;

use crate::pictures::{LIMIT_BYTES, LIMIT_CLASSES, LIMIT_FILE_BYTES, LIMIT_PICTURES};
use crate::pictures::{Labelled, Model};
use crate::{Dataset, Error, file, folder};
use pages::Checked;
use shards::files;

/// The name of the thread that decodes parquet files.
///
/// The decoder panics on some damaged files, which [`Dataset::open`] makes an error. A program that
/// wants no message of the panic beside it has a hook that says nothing on a thread of this name.
pub const PARQUET_THREAD: &str = "orthant-parquet";

/// Longest file: 8 GiB.
const LIMIT_FILE: u64 = 8 << 30;

/// Rows that are decoded at once.
const ROWS: usize = 256;

/// The columns that may hold the pictures, then those that may hold the labels.
const PICTURES: [&str; 2] = ["img.bytes", "image.bytes"];
const LABELS: [&str; 2] = ["label", "fine_label"];

/// One file of a split, its rows read.
struct Part {
    path: PathBuf,
    rows: Vec<(i64, Vec<u8>)>,
    /// The names of the classes, if the file has them.
    names: Option<Vec<String>>,
}

/// Reads the files of a directory, or of `data` in it.
///
/// # Errors
/// A split without files, or that lacks one of its numbered files or has one too many; a file that
/// is damaged, packed otherwise than with Snappy, or lacks a column; files that name different
/// classes; a row without picture or label; a label without a class; pictures that cannot be read,
/// or differ from the first in size or colours; more than 256 classes.
pub(crate) fn read(directory: &Path) -> Result<Dataset, Error> {
    let within = directory.join("data");
    let here = !files(directory, "train")?.is_empty();
    let place = if !here && within.is_dir() {
        &within
    } else {
        directory
    };
    let open = |paths: Vec<PathBuf>| {
        let mut room = Room::default();
        let parts = paths.into_iter().map(|path| {
            let file = file::open(&path, LIMIT_FILE)?;
            room.part::<File>(path, file)
        });
        parts.collect::<Result<Vec<Part>, Error>>()
    };
    let missing = |directory, expected| Error::NoSplit {
        path: place.to_owned(),
        directory,
        expected,
    };
    let train = files(place, "train")?;
    if train.is_empty() {
        return Err(missing("train", "train-*.parquet, or data with them,"));
    }
    let mut test = files(place, "test")?;
    if test.is_empty() {
        test = files(place, "validation")?;
    }
    if test.is_empty() {
        return Err(missing("test", "test-*.parquet (or validation-*.parquet)"));
    }
    dataset(open(train)?, open(test)?)
}

/// Reads files in memory.
///
/// # Errors
/// Those of [`read`].
pub(crate) fn read_bytes(train: Vec<Vec<u8>>, test: Vec<Vec<u8>>) -> Result<Dataset, Error> {
    let open = |split: &str, files: Vec<Vec<u8>>| {
        let mut room = Room::default();
        let parts = files.into_iter().enumerate().map(|(nth, bytes)| {
            let path = PathBuf::from(format!("{split}-{nth:05}.parquet"));
            room.part(path, bytes::Bytes::from(bytes))
        });
        parts.collect::<Result<Vec<Part>, Error>>()
    };
    dataset(open("train", train)?, open("test", test)?)
}

/// Puts the splits together.
fn dataset(train: Vec<Part>, test: Vec<Part>) -> Result<Dataset, Error> {
    for (split, parts) in [("train", &train), ("test", &test)] {
        if parts.iter().all(|part| part.rows.is_empty()) {
            let path = parts.first().map_or(split.into(), |part| part.path.clone());
            return Err(Error::NoRows { path });
        }
    }
    let mut named = train
        .iter()
        .chain(&test)
        .filter(|part| part.names.is_some());
    if let Some(first) = named.next()
        && let Some(other) = named.find(|part| part.names != first.names)
    {
        return Err(Error::OtherClasses {
            path: other.path.clone(),
            first: first.path.clone(),
        });
    }
    let classes = match train.iter().find_map(|part| part.names.clone()) {
        Some(names) => names,
        None => {
            let labels = train
                .iter()
                .flat_map(|part| &part.rows)
                .map(|(label, _)| *label);
            // A label below 0 is refused below, by its row.
            let classes = labels
                .max()
                .map_or(0, |label| label.saturating_add(1).max(1));
            let classes = usize::try_from(classes).unwrap_or(usize::MAX);
            (0..classes.min(LIMIT_CLASSES + 1))
                .map(|class| class.to_string())
                .collect()
        }
    };
    if classes.len() > LIMIT_CLASSES {
        return Err(Error::TooManyClasses {
            path: train[0].path.clone(),
            found: classes.len(),
            limit: LIMIT_CLASSES,
        });
    }
    let train = labelled(train, classes.len())?;
    let test = labelled(test, classes.len())?;
    let model = Model::of(&train[0])?;
    let (train, test) = (model.images(0, train)?, model.images(1, test)?);
    Dataset::try_new("parquet", classes, folder::LARGEST, train, test)
}

/// The rows of a split, each with the name of its file for messages.
fn labelled(parts: Vec<Part>, classes: usize) -> Result<Vec<Labelled>, Error> {
    let mut pictures = Vec::new();
    for Part { path, rows, .. } in parts {
        for (row, (found, bytes)) in rows.into_iter().enumerate() {
            let label = u8::try_from(found).ok();
            let label = label.filter(|label| usize::from(*label) < classes);
            let Some(label) = label else {
                return Err(Error::ParquetLabel {
                    path,
                    row,
                    found,
                    classes,
                });
            };
            pictures.push(Labelled {
                path: path.join(format!("row {row}")),
                label,
                bytes: Some(bytes),
            });
        }
    }
    Ok(pictures)
}

/// What a split has taken of the memory that it may take.
#[derive(Default)]
struct Room {
    rows: usize,
    bytes: u64,
}

impl Room {
    /// Reads a file.
    ///
    /// The decoder checks little of what a file says and panics on some damaged ones; a file is a
    /// caller's data, so that is an error. Nothing of what it left half done is used. It has a
    /// thread of its own, by whose name a program's hook knows such a panic.
    fn part<R: ChunkReader + 'static>(&mut self, path: PathBuf, file: R) -> Result<Part, Error> {
        let shown = path.clone();
        thread::scope(|scope| {
            let thread = thread::Builder::new().name(PARQUET_THREAD.to_owned());
            match thread.spawn_scoped(scope, || self.decode(path, file)) {
                Ok(thread) => thread.join().unwrap_or_else(|_| {
                    Err(Error::Parquet {
                        path: shown,
                        reason: "its pages contradict each other".to_owned(),
                    })
                }),
                Err(source) => Err(Error::io(&shown, source)),
            }
        })
    }

    fn decode<R: ChunkReader + 'static>(&mut self, path: PathBuf, file: R) -> Result<Part, Error> {
        let wrong = |error: ParquetError| Error::Parquet {
            path: path.clone(),
            reason: error.to_string(),
        };
        let reader = SerializedFileReader::new(file).map_err(wrong)?;
        let metadata = reader.metadata().file_metadata();
        let schema = metadata.schema_descr();
        let column = |names: [&str; 2], expected, is_it: fn(Type) -> bool| {
            find(schema, names, is_it).ok_or_else(|| Error::ParquetColumn {
                path: path.clone(),
                expected,
            })
        };
        let expected = "a group `img` or `image` with one png or jpg file as `bytes`";
        let pictures = column(PICTURES, expected, |kind| kind == Type::BYTE_ARRAY)?;
        let expected = "`label` or `fine_label` of one 64-bit integer";
        let labels = column(LABELS, expected, |kind| kind == Type::INT64)?;
        let pairs = metadata.key_value_metadata().into_iter().flatten();
        let described = pairs.filter(|pair| pair.key == "huggingface");
        let mut named = described
            .filter_map(|pair| names(pair.value.as_deref()?, schema.column(labels).name()));
        let mut part = Part {
            path: path.clone(),
            names: named.next_back(),
            rows: Vec::new(),
        };
        for group in 0..reader.num_row_groups() {
            let group = reader.get_row_group(group).map_err(wrong)?;
            // Bytes of a value: those of a picture's length, which stand before it, and a label's.
            let mut pictures =
                Column::<ByteArrayType>::open(&*group, pictures, 4).map_err(wrong)?;
            let mut labels = Column::<Int64Type>::open(&*group, labels, 8).map_err(wrong)?;
            loop {
                let row = part.rows.len();
                let lacks = |found: usize, lacks| Error::ParquetRow {
                    path: path.clone(),
                    row: row + found,
                    lacks,
                };
                let (files, rows) = pictures.next().map_err(wrong)?;
                let (numbers, label_rows) = labels.next().map_err(wrong)?;
                if rows == 0 && label_rows == 0 {
                    break;
                }
                if files.len() < rows || rows < label_rows {
                    return Err(lacks(files.len().min(rows), "picture"));
                }
                if numbers.len() < rows {
                    return Err(lacks(numbers.len(), "label"));
                }
                self.rows += rows;
                if self.rows > LIMIT_PICTURES {
                    return Err(Error::TooManyFiles {
                        path,
                        limit: LIMIT_PICTURES,
                    });
                }
                for (label, file) in numbers.into_iter().zip(&files) {
                    let len = file.len() as u64;
                    self.bytes += len;
                    let too_large = |path, limit_bytes, found_bytes| Error::TooLarge {
                        path,
                        limit_bytes,
                        found_bytes,
                    };
                    if len > LIMIT_FILE_BYTES {
                        let row = path.join(format!("row {}", part.rows.len()));
                        return Err(too_large(row, LIMIT_FILE_BYTES, len));
                    }
                    if self.bytes > LIMIT_BYTES {
                        return Err(too_large(path, LIMIT_BYTES, self.bytes));
                    }
                    part.rows.push((label, file.data().to_vec()));
                }
            }
        }
        Ok(part)
    }
}

/// The column of one of the names, the first first, if it is of that kind and has one value a row.
fn find(schema: &SchemaDescriptor, names: [&str; 2], is_it: fn(Type) -> bool) -> Option<usize> {
    let of = |name: &str| {
        let mut columns = schema.columns().iter();
        columns.position(|column| {
            let is_named = column.path().string() == name;
            is_named && column.max_rep_level() == 0 && is_it(column.physical_type())
        })
    };
    names.into_iter().find_map(of)
}

/// A column of a group of rows.
struct Column<T: DataType> {
    reader: ColumnReaderImpl<T>,
    /// How many levels of the schema may be absent; a value is there at the highest.
    max_level: i16,
}

impl<T: DataType> Column<T> {
    fn open(
        group: &dyn RowGroupReader,
        column: usize,
        value_bytes: usize,
    ) -> Result<Self, ParquetError> {
        let descriptor = group.metadata().column(column).column_descr_ptr();
        let pages = Checked::new(group.get_column_page_reader(column)?, value_bytes);
        Ok(Self {
            max_level: descriptor.max_def_level(),
            reader: ColumnReaderImpl::new(descriptor, Box::new(pages)),
        })
    }

    /// The next values and the number of rows that they come from; fewer are there where one is
    /// absent, and then only those before it.
    fn next(&mut self) -> Result<(Vec<T::T>, usize), ParquetError> {
        let (mut values, mut levels) = (Vec::new(), Vec::new());
        let wanted = (self.max_level > 0).then_some(&mut levels);
        let (rows, ..) = self.reader.read_records(ROWS, wanted, None, &mut values)?;
        if let Some(absent) = levels.iter().position(|&level| level < self.max_level) {
            values.truncate(absent);
        }
        Ok((values, rows))
    }
}

/// The names of a column's classes in Hugging Face's description of a data set.
fn names(description: &str, column: &str) -> Option<Vec<String>> {
    let description: serde_json::Value = serde_json::from_str(description).ok()?;
    let names = &description["info"]["features"][column]["names"];
    let names = names.as_array()?.iter();
    names.map(|name| Some(name.as_str()?.to_owned())).collect()
}

#[cfg(test)]
mod tests;

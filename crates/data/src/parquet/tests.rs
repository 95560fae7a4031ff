//! Files written here, and what is read from them.

use std::fs;
use std::sync::{Arc, mpsc};

use ::parquet::basic::{Compression, Encoding};
use ::parquet::column::writer::ColumnWriter;
use ::parquet::data_type::ByteArray;
use ::parquet::file::metadata::KeyValue;
use ::parquet::file::properties::WriterProperties;
use ::parquet::file::reader::Length;
use ::parquet::file::writer::SerializedFileWriter;
use ::parquet::schema::parser::parse_message_type;
use ::parquet::schema::types::ColumnPath;
use image::ExtendedColorType::L8;

use super::*;
use crate::picture::tests::files::png;

const SCHEMA: &str = "message schema {
    optional group img { optional binary bytes; optional binary path (UTF8); }
    optional int64 label;
}";

/// What a file holds; a level of `None` leaves the picture out, a label of `None` the label.
struct Written<'a> {
    schema: &'a str,
    rows: Vec<(Option<u8>, Option<i64>)>,
    names: Option<&'a str>,
    compression: Compression,
    /// That of the pictures; plain puts them into a dictionary first.
    encoding: Encoding,
    /// The level whose picture is longer than one may be.
    long: Option<u8>,
}

fn written(rows: &[(u8, i64)]) -> Written<'static> {
    Written {
        schema: SCHEMA,
        rows: rows
            .iter()
            .map(|&(level, label)| (Some(level), Some(label)))
            .collect(),
        names: None,
        compression: Compression::SNAPPY,
        encoding: Encoding::PLAIN,
        long: None,
    }
}

impl Written<'_> {
    fn picture(&self, level: u8) -> Vec<u8> {
        let mut picture = gray(level);
        if self.long == Some(level) {
            picture.resize(LIMIT_FILE_BYTES as usize + 1, 0);
        }
        picture
    }

    fn bytes(&self) -> Vec<u8> {
        let schema = Arc::new(parse_message_type(self.schema).expect("a schema"));
        let metadata = self.names.map(|names| {
            let text = format!(r#"{{"info":{{"features":{{"label":{{"names":{names}}}}}}}}}"#);
            vec![KeyValue::new("huggingface".to_owned(), text)]
        });
        let pictures = ColumnPath::from(vec!["img".to_owned(), "bytes".to_owned()]);
        let properties = WriterProperties::builder()
            .set_compression(self.compression)
            .set_dictionary_enabled(self.encoding == Encoding::PLAIN)
            .set_column_encoding(pictures, self.encoding)
            .set_key_value_metadata(metadata);
        let mut bytes = Vec::new();
        let properties = Arc::new(properties.build());
        let mut writer = SerializedFileWriter::new(&mut bytes, schema, properties).expect("begun");
        // Groups of 300 rows, more than are decoded at once.
        for rows in self.rows.chunks(300) {
            let mut group = writer.next_row_group().expect("a group");
            let mut nth = 0;
            while let Some(mut column) = group.next_column().expect("a column") {
                match column.untyped() {
                    ColumnWriter::ByteArrayColumnWriter(writer) => {
                        // The first column is the picture; the path behind it is always absent.
                        let levels = rows.iter().map(|(level, _)| match level {
                            Some(_) => 2 - i16::from(nth > 0),
                            None => 0,
                        });
                        let levels: Vec<i16> = levels.collect();
                        let bytes = rows
                            .iter()
                            .filter_map(|(level, _)| Some(self.picture((*level)?).into()));
                        let bytes: Vec<ByteArray> = bytes.filter(|_| nth == 0).collect();
                        writer
                            .write_batch(&bytes, Some(&levels), None)
                            .expect("written");
                    }
                    ColumnWriter::Int64ColumnWriter(writer) => {
                        let levels = rows.iter().map(|(_, label)| i16::from(label.is_some()));
                        let levels: Vec<i16> = levels.collect();
                        let labels: Vec<i64> =
                            rows.iter().filter_map(|(_, label)| *label).collect();
                        writer
                            .write_batch(&labels, Some(&levels), None)
                            .expect("written");
                    }
                    _ => unreachable!("schemas here have two types"),
                }
                nth += 1;
                column.close().expect("written");
            }
            group.close().expect("written");
        }
        writer.close().expect("written");
        bytes
    }
}

/// A gray picture of 2 x 1.
fn gray(level: u8) -> Vec<u8> {
    png(2, 1, L8, &[level, 255 - level])
}

fn pair(train: &Written, test: &Written) -> Result<Dataset, Error> {
    read_bytes(vec![train.bytes()], vec![test.bytes()])
}

#[test]
fn rows_become_images_in_a_mixed_order() {
    let rows: Vec<(u8, i64)> = (0..700)
        .map(|row| ((row % 250) as u8, row % 250 % 3))
        .collect();
    let train = written(&rows);
    let dataset = pair(&train, &written(&rows[..5])).expect("whole");
    assert_eq!((dataset.name(), dataset.largest()), ("parquet", 255));
    assert_eq!(dataset.classes(), ["0", "1", "2"]);
    assert_eq!(dataset.train().shape(), [1, 2, 1]);
    assert_eq!([dataset.train().len(), dataset.test().len()], [700, 5]);
    for image in 0..700 {
        let level = dataset.train().image(image)[0];
        assert_eq!(dataset.train().labels()[image], level % 3);
    }
    let order = crate::random::Stream::mix(0).permutation(700);
    let expected: Vec<u8> = order.into_iter().map(|row| rows[row].0).collect();
    let found: Vec<u8> = dataset
        .train()
        .pixels()
        .iter()
        .copied()
        .step_by(2)
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn files_of_a_split_follow_each_other_by_name() {
    let rows: Vec<(u8, i64)> = (0..20).map(|row| (row, i64::from(row % 2))).collect();
    let expected = pair(&written(&rows), &written(&rows[..3])).expect("whole");
    for (within, test) in [
        ("", "test-0"),
        ("data", "test-00000-of-00001"),
        ("", "validation-0"),
    ] {
        let directory = tempfile::tempdir().expect("a directory");
        let place = directory.path().join(within);
        fs::create_dir_all(&place).expect("made");
        let write = |name: &str, rows: &[(u8, i64)]| {
            let path = place.join(format!("{name}.parquet"));
            fs::write(path, written(rows).bytes()).expect("written");
        };
        write("train-00001-of-00002", &rows[12..]);
        write("train-00000-of-00002", &rows[..12]);
        write(test, &rows[..3]);
        write("trained-0", &[(0, 999)]);
        fs::write(place.join("train-0.txt"), b"text").expect("written");
        assert_eq!(read(directory.path()).expect("whole"), expected);
        fs::remove_file(place.join(format!("{test}.parquet"))).expect("it was there");
        let error = read(directory.path());
        assert!(
            matches!(
                error,
                Err(Error::NoSplit {
                    directory: "test",
                    ..
                })
            ),
            "{error:?}"
        );
    }
    let empty = tempfile::tempdir().expect("a directory");
    let error = read(empty.path());
    assert!(
        matches!(
            error,
            Err(Error::NoSplit {
                directory: "train",
                ..
            })
        ),
        "{error:?}"
    );
    let error = read(&empty.path().join("nowhere"));
    assert!(matches!(error, Err(Error::Io { .. })), "{error:?}");
}

#[test]
fn numbered_files_are_all_there_once() {
    let rows = [(0, 0), (1, 1)];
    let directory = tempfile::tempdir().expect("a directory");
    let path = |name: &str| directory.path().join(format!("{name}.parquet"));
    let write = |name: &str| fs::write(path(name), written(&rows).bytes()).expect("written");
    write("test-00000-of-00001-6d1a");
    for name in ["train-00000-of-00003", "train-00002-of-00003"] {
        write(name);
    }
    let missing = path("train-00001-of-00003");
    let error = read(directory.path());
    assert!(
        matches!(&error, Err(Error::MissingShard { path, shards: 3 }) if *path == missing),
        "{error:?}"
    );
    write("train-00001-of-00003");
    assert_eq!(read(directory.path()).expect("whole").train().len(), 6);
    for name in [
        "train",
        "train-0",
        "train-00000-of-00003 (1)",
        "train-00001-of-00003-6d1a",
        "train-00003-of-00003",
        "train-00003-of-00004",
    ] {
        write(name);
        // Of two with one number it is the second by name.
        let expected = path(name.strip_suffix("-6d1a").unwrap_or(name));
        let error = read(directory.path());
        assert!(
            matches!(&error, Err(Error::ExtraShard { path, shards: 3 }) if *path == expected),
            "{name}: {error:?}"
        );
        fs::remove_file(path(name)).expect("it was there");
    }
}

#[test]
fn files_agree_on_the_names_of_the_classes() {
    let with = |names| Written {
        names,
        ..written(&[(0, 0), (1, 1)])
    };
    let [cats, dogs] = [r#"["cat","dog"]"#, r#"["dog","cat"]"#].map(|names| with(Some(names)));
    for (train, test) in [
        (vec![&cats], vec![&dogs]),
        (vec![&cats, &dogs], vec![&cats]),
        (vec![&cats], vec![&cats, &dogs]),
    ] {
        let [train, test] =
            [train, test].map(|files| files.iter().map(|file| file.bytes()).collect());
        let error = read_bytes(train, test);
        assert!(
            matches!(error, Err(Error::OtherClasses { .. })),
            "{error:?}"
        );
    }
    let unnamed = with(None).bytes();
    read_bytes(
        vec![unnamed.clone(), cats.bytes()],
        vec![unnamed, cats.bytes()],
    )
    .expect("a file need not name them");
}

#[test]
fn names_come_from_the_metadata_if_they_are_there() {
    let rows = [(0, 0), (1, 1)];
    let with = |names| Written {
        names: Some(names),
        ..written(&rows)
    };
    let of = |names| pair(&with(names), &written(&rows));
    assert_eq!(
        of(r#"["cat","dog"]"#).expect("two").classes(),
        ["cat", "dog"]
    );
    for names in ["7", "[1, 2]", "{}", "[", "null"] {
        assert_eq!(of(names).expect(names).classes(), ["0", "1"]);
    }
    let error = of(r#"["cat"]"#);
    assert!(matches!(
        error,
        Err(Error::ParquetLabel {
            row: 1,
            found: 1,
            classes: 1,
            ..
        })
    ));
}

#[test]
fn a_label_is_that_of_a_class() {
    for label in [-1, 3, 255, 256, i64::MAX, i64::MIN] {
        let error = pair(&written(&[(0, 0), (1, 2)]), &written(&[(0, 1), (2, label)]));
        assert!(matches!(
            error,
            Err(Error::ParquetLabel { row: 1, found, classes: 3, .. }) if found == label
        ));
    }
    for (label, found) in [(256, 257), (i64::MAX, 257)] {
        let error = pair(&written(&[(0, 0), (0, label)]), &written(&[(0, 0)]));
        assert!(matches!(
            error,
            Err(Error::TooManyClasses { found: classes, .. }) if classes == found
        ));
    }
    let error = pair(&written(&[(0, -3)]), &written(&[(0, 0)]));
    assert!(
        matches!(error, Err(Error::ParquetLabel { found: -3, .. })),
        "{error:?}"
    );
}

#[test]
fn every_row_has_a_picture_and_a_label() {
    let mut train = written(&[(0, 0); 400]);
    train.rows[301].1 = None;
    let error = pair(&train, &written(&[(0, 0)]));
    assert!(matches!(
        error,
        Err(Error::ParquetRow {
            row: 301,
            lacks: "label",
            ..
        })
    ));
    train.rows[299].0 = None;
    let error = pair(&train, &written(&[(0, 0)]));
    assert!(matches!(
        error,
        Err(Error::ParquetRow {
            row: 299,
            lacks: "picture",
            ..
        })
    ));
    for (rows, path) in [
        ([&[][..], &[(0, 0)]], "train-00000.parquet"),
        ([&[(0, 0)], &[]], "test-00000.parquet"),
    ] {
        let error = pair(&written(rows[0]), &written(rows[1])).expect_err("no rows");
        let text = error.to_string();
        assert!(text.starts_with(&format!("{path} has no rows")), "{text}");
        assert!(!text.contains("directory"), "{text}");
    }
}

#[test]
fn columns_go_by_their_names_and_types() {
    fn with(schema: &str) -> Written<'_> {
        Written {
            schema,
            ..written(&[(5, 0)])
        }
    }
    let other = "message schema {
        optional group image { optional binary bytes; }
        optional int64 fine_label;
    }";
    let found = pair(&with(other), &written(&[(5, 0)])).expect("other names");
    assert_eq!(found.train().pixels(), [5, 250]);
    for (schema, lacks) in [
        (SCHEMA.replace("img", "photo"), "img"),
        (SCHEMA.replace("label", "class"), "label"),
    ] {
        let error = pair(&with(&schema), &written(&[(5, 0)]));
        let Err(Error::ParquetColumn { expected, .. }) = error else {
            panic!("{lacks}: {error:?}");
        };
        assert!(expected.contains(lacks), "{expected}");
    }
}

#[test]
fn a_damaged_picture_is_named_by_its_row() {
    let train = Written {
        compression: Compression::UNCOMPRESSED,
        ..written(&[(0, 0), (1, 0)])
    };
    let mut bytes = train.bytes();
    let second = gray(1);
    let at = bytes
        .windows(second.len())
        .position(|window| *window == second);
    bytes[at.expect("it is stored as it is")] ^= 1;
    let error = read_bytes(vec![bytes], vec![train.bytes()]);
    assert!(
        matches!(&error, Err(Error::Picture { path, .. }) if path.ends_with("row 1")),
        "{error:?}"
    );
}

#[test]
fn what_is_no_parquet_file_is_an_error() {
    let mut bytes = written(&[(0, 0)]).bytes();
    bytes.truncate(20);
    for bytes in [bytes, Vec::new(), b"PAR1PAR1".to_vec(), vec![0; 100]] {
        let error = read_bytes(vec![bytes], vec![written(&[(0, 0)]).bytes()]);
        assert!(matches!(error, Err(Error::Parquet { .. })), "{error:?}");
    }
}

#[test]
fn a_dictionary_gets_no_room_for_values_that_its_bytes_cannot_hold() {
    // Two pictures, said to be 2³¹ − 1: 64 GiB of room, and no panic where the machine has less.
    let hostile = include_bytes!("../../../../fuzz/seeds/parquet/dictionary.parquet");
    let error = read_bytes(vec![hostile.to_vec()], vec![written(&[(0, 0)]).bytes()]);
    assert!(
        matches!(&error, Err(Error::Parquet { reason, .. })
            if reason.contains("claims 2147483647 values")),
        "{error:?}"
    );
}

#[test]
fn values_by_their_differences_are_refused() {
    for encoding in [
        Encoding::DELTA_LENGTH_BYTE_ARRAY,
        Encoding::DELTA_BYTE_ARRAY,
    ] {
        let train = Written {
            encoding,
            ..written(&[(0, 0)])
        };
        let error = pair(&train, &written(&[(0, 0)]));
        assert!(
            matches!(&error, Err(Error::Parquet { reason, .. })
                if reason.contains(&format!("{encoding}, expected plain"))),
            "{error:?}"
        );
    }
}

#[test]
fn a_picture_that_is_too_long_is_named_by_its_row() {
    let train = Written {
        long: Some(1),
        ..written(&[(0, 0), (1, 0)])
    };
    let error = pair(&train, &written(&[(0, 0)]));
    assert!(
        matches!(&error, Err(Error::TooLarge { path, .. }) if path.ends_with("row 1")),
        "{error:?}"
    );
}

/// A file at which a decoder panics, as it does at some that are damaged; it says on which thread.
struct Panics(mpsc::Sender<Option<String>>);

impl Length for Panics {
    fn len(&self) -> u64 {
        let name = thread::current().name().map(str::to_owned);
        self.0.send(name).expect("the test waits");
        panic!("as a decoder does")
    }
}

impl ChunkReader for Panics {
    type T = File;

    fn get_read(&self, _: u64) -> Result<File, ParquetError> {
        unreachable!("its length comes first")
    }

    fn get_bytes(&self, _: u64, _: usize) -> Result<bytes::Bytes, ParquetError> {
        unreachable!("its length comes first")
    }
}

#[test]
fn what_panics_is_an_error_and_has_a_thread_of_that_name() {
    let (sender, names) = mpsc::channel();
    let error = Room::default().part("x".into(), Panics(sender));
    assert!(matches!(error, Err(Error::Parquet { .. })));
    assert_eq!(names.recv().expect("sent").as_deref(), Some(PARQUET_THREAD));
}

#[test]
fn damage_gives_images_or_an_error() {
    let good = written(&[(1, 0), (2, 1)]);
    let bytes = good.bytes();
    for len in 0..bytes.len() {
        let error = read_bytes(vec![bytes[..len].to_vec()], vec![bytes.clone()]);
        assert!(
            matches!(error, Err(Error::Parquet { .. })),
            "{len}: {error:?}"
        );
    }
    for at in 0..bytes.len() {
        for bit in 0..8 {
            let mut damaged = bytes.clone();
            damaged[at] ^= 1 << bit;
            let _ = read_bytes(vec![damaged], vec![bytes.clone()]);
        }
    }
}

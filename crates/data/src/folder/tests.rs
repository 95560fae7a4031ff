//! Folders and archives of small pictures, and what is read from them.

use std::fs;

use image::ExtendedColorType::{L8, L16, La8, Rgb8};
use tempfile::TempDir;

use super::*;
use crate::archive::tests::{END, entry, gzip, tar_gz};
use crate::picture::tests::files::{jpeg, png};

/// A gray picture of 2 x 1.
fn gray(level: u8) -> Vec<u8> {
    png(2, 1, L8, &[level, 255 - level])
}

/// Files of two classes and two splits; each picture's first pixel is its own.
fn files() -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    for (level, name) in (0..).zip(["b.png", "a.PNG", "c.jpg", "d.JPEG"]) {
        files.push((format!("train/round/{name}"), gray(level)));
        files.push((format!("train/square/{name}"), gray(100 + level)));
    }
    files.push(("test/square/t.png".to_owned(), gray(200)));
    files
}

fn directory(files: &[(String, Vec<u8>)]) -> TempDir {
    let directory = tempfile::tempdir().expect("a directory");
    for (name, bytes) in files {
        let path = directory.path().join(name);
        fs::create_dir_all(path.parent().expect("a class")).expect("made");
        fs::write(path, bytes).expect("written");
    }
    directory
}

fn archive(files: &[(String, Vec<u8>)], root: &str) -> Vec<u8> {
    let named = files
        .iter()
        .map(|(name, bytes)| (format!("{root}{name}"), bytes));
    let named: Vec<_> = named.collect();
    let files: Vec<(&str, &[u8])> = named
        .iter()
        .map(|(name, bytes)| (&name[..], &bytes[..]))
        .collect();
    tar_gz(&files)
}

fn unpack(packed: &[u8]) -> Result<Dataset, Error> {
    read_archive(Path::new("x.tar.gz"), packed)
}

/// What is said of these files, which must be the same of a folder and of an archive.
fn refusal(files: &[(String, Vec<u8>)]) -> Error {
    let directory = directory(files);
    let of_folder = read(directory.path()).expect_err("a folder breaks a rule");
    let of_archive = unpack(&archive(files, "")).expect_err("an archive breaks a rule");
    let (folder, archive) = (directory.path().display().to_string(), "x.tar.gz");
    assert_eq!(
        of_folder.to_string().replace(&folder, archive),
        of_archive.to_string()
    );
    of_archive
}

fn with(name: &str, bytes: Vec<u8>) -> Vec<(String, Vec<u8>)> {
    [files(), vec![(name.to_owned(), bytes)]].concat()
}

#[test]
fn a_folder_and_its_archives_are_one_data_set() {
    let files = files();
    let from_folder = read(directory(&files).path()).expect("whole");
    assert_eq!((from_folder.name(), from_folder.largest()), ("folder", 255));
    assert_eq!(from_folder.classes(), ["round", "square"]);
    assert_eq!(from_folder.train().shape(), [1, 2, 1]);
    assert_eq!(
        [from_folder.train().len(), from_folder.test().len()],
        [8, 1]
    );
    assert_eq!(from_folder.test().pixels(), [200, 55]);
    assert_eq!(from_folder.test().labels(), [1]);
    for image in 0..8 {
        let label = u8::from(from_folder.train().image(image)[0] >= 100);
        assert_eq!(from_folder.train().labels()[image], label);
    }
    // Neither the order of an archive nor the directory it opens with matters.
    let mut turned = files.clone();
    turned.reverse();
    for files in [&files, &turned] {
        for root in ["", "./", "shapes/", "./shapes/"] {
            let found = unpack(&archive(files, root)).expect(root);
            assert_eq!(found, from_folder);
            assert_eq!(found.hash(), from_folder.hash());
        }
    }
    let place = tempfile::tempdir().expect("a directory");
    let path = place.path().join("shapes.tar.gz");
    fs::write(&path, archive(&files, "")).expect("written");
    assert_eq!(read(&path).expect("whole"), from_folder);
}

#[test]
fn the_order_is_mixed_and_never_changes() {
    let files: Vec<_> = (0..12)
        .map(|nth| (format!("train/{}/{nth:02}.png", nth / 6), gray(nth)))
        .chain([("test/0/x.png".to_owned(), gray(0))])
        .collect();
    let dataset = unpack(&archive(&files, "")).expect("whole");
    let order: Vec<u8> = dataset
        .train()
        .pixels()
        .iter()
        .copied()
        .step_by(2)
        .collect();
    // The numbers below 12, as random/golden.py mixes them for a training split.
    assert_eq!(order, ORDER_OF_12);
}

#[test]
fn val_and_valid_are_test_splits_where_there_is_none() {
    let renamed = |to: &str| {
        let files = files().into_iter();
        let files = files.map(|(name, bytes)| (name.replace("test/", to), bytes));
        files.collect::<Vec<_>>()
    };
    let expected = unpack(&archive(&files(), "")).expect("whole");
    for name in ["val/", "valid/"] {
        let files = renamed(name);
        assert_eq!(read(directory(&files).path()).expect(name), expected);
        assert_eq!(unpack(&archive(&files, "")).expect(name), expected);
    }
    let both = with("val/other/x.png", gray(9));
    assert_eq!(
        read(directory(&both).path()).expect("test comes first"),
        expected
    );
    assert_eq!(
        unpack(&archive(&both, "")).expect("test comes first"),
        expected
    );
    // An archive's `val` takes no memory beside a `test`, be it before or behind it.
    let mut turned = both.clone();
    turned.reverse();
    for files in [&both, &turned] {
        let packed = archive(files, "");
        let mut listing = Listing::new(Path::new("x.tar.gz"));
        let found = listing.unpack(Archive::new(Path::new("x.tar.gz"), &packed[..]));
        found.expect("whole");
        let read = files.iter().filter(|(name, _)| !name.starts_with("val/"));
        let bytes = read.clone().map(|(_, bytes)| bytes.len() as u64);
        assert_eq!(listing.pictures, read.count());
        assert_eq!(listing.bytes, bytes.sum::<u64>());
        assert!(listing.splits[2].is_none());
    }
    // A file is no split, whatever its name, and no directory beside the others.
    let file = ("test".to_owned(), b"no directory".to_vec());
    let beside = [renamed("val/"), vec![file]].concat();
    assert_eq!(read(directory(&beside).path()).expect("val"), expected);
    assert_eq!(unpack(&archive(&beside, "")).expect("val"), expected);
    assert_eq!(unpack(&archive(&beside, "shapes/")).expect("val"), expected);
    let error = refusal(&renamed("dev/"));
    assert!(matches!(
        error,
        Error::NoSplit {
            directory: "test",
            ..
        }
    ));
    assert!(error.to_string().contains("val or valid"), "{error}");
    let error = refusal(&[]);
    assert!(matches!(
        error,
        Error::NoSplit {
            directory: "train",
            ..
        }
    ));
}

#[test]
fn what_is_no_picture_by_its_name_is_passed_over() {
    let mut files = files();
    let expected = unpack(&archive(&files, "")).expect("whole");
    for name in [
        "README.md",
        "train/labels.csv",
        "train/round/.hidden.png",
        "train/round/notes.txt",
        "train/round/png",
        "train/.cache/x.png",
        "train/round/deeper/x.png",
        "train/round/directory.png/x.png",
        "docs/x.png",
    ] {
        files.push((name.to_owned(), b"no picture".to_vec()));
    }
    assert_eq!(read(directory(&files).path()).expect("the same"), expected);
    assert_eq!(unpack(&archive(&files, "")).expect("the same"), expected);
}

#[test]
fn the_content_tells_the_format() {
    let jpeg = jpeg(2, 1, L8, &[50, 50]);
    let dataset = unpack(&archive(&with("test/round/really.png", jpeg), "")).expect("whole");
    assert_eq!(dataset.test().len(), 2);
}

#[test]
fn a_class_has_pictures_and_a_name() {
    let error = refusal(&with("train/none/readme.txt", Vec::new()));
    assert!(
        matches!(&error, Error::EmptyClass { ignored: 1, .. }),
        "{error:?}"
    );
    let empty = [entry(b"train/none/", b'5', b""), END.to_vec()].concat();
    let found = unpack(&gzip(&empty));
    assert!(matches!(found, Err(Error::NoSplit { .. })), "{found:?}");
    let error = refusal(&with("test/other/x.png", gray(0)));
    assert!(matches!(error, Error::UnknownClass { path } if path.ends_with("test/other")));
    let error = refusal(&[
        ("train/only.png".to_owned(), gray(1)),
        ("test/a/x.png".to_owned(), gray(1)),
    ]);
    assert!(matches!(error, Error::EmptySplit { path } if path.ends_with("train")));
    let error = refusal(&[
        ("train/a/x.png".to_owned(), gray(1)),
        ("test/a/x.txt".to_owned(), gray(1)),
    ]);
    assert!(matches!(error, Error::EmptySplit { path } if path.ends_with("test")));

    let name = [
        entry(b"train/\xff/x.png", b'0', &gray(1)),
        entry(b"test/\xff/x.png", b'0', &gray(1)),
    ];
    let found = unpack(&gzip(&[name.concat(), END.to_vec()].concat()));
    assert!(
        matches!(found, Err(Error::ClassEncoding { .. })),
        "{found:?}"
    );
    let name = [
        entry(b"train/a/\xff.png", b'0', &gray(1)),
        entry(b"test/a/\xfe.png", b'0', &gray(1)),
    ];
    let found = unpack(&gzip(&[name.concat(), END.to_vec()].concat()));
    assert_eq!(found.expect("a file's name is bytes").classes(), ["a"]);
}

#[test]
fn a_label_tells_256_classes_apart() {
    let mut files: Vec<_> = (0..256)
        .map(|class| (format!("train/{class:03}/x.png"), gray(class as u8)))
        .chain([("test/255/x.png".to_owned(), gray(0))])
        .collect();
    let dataset = unpack(&archive(&files, "")).expect("256 classes");
    assert_eq!(dataset.test().labels(), [255]);
    for image in 0..256 {
        assert_eq!(
            dataset.train().image(image)[0],
            dataset.train().labels()[image]
        );
    }
    files.push(("train/256/x.png".to_owned(), gray(0)));
    let error = refusal(&files);
    assert!(matches!(
        error,
        Error::TooManyClasses {
            found: 257,
            limit: 256,
            ..
        }
    ));
}

#[test]
fn pictures_that_differ_are_both_named() {
    let cases = [
        ("train/square/z.png", png(1, 2, L8, &[0, 0]), [2, 1, 1]),
        ("train/square/z.png", png(2, 1, Rgb8, &[0; 6]), [1, 2, 3]),
        ("test/round/z.png", png(3, 1, L8, &[0; 3]), [1, 3, 1]),
    ];
    for (name, bytes, shape) in cases {
        let error = refusal(&with(name, bytes));
        let text = error.to_string();
        assert!(matches!(
            error,
            Error::PictureShape { path, found, first, expected: [1, 2, 1] }
                if path.ends_with(name) && found == shape && first.ends_with("train/round/a.PNG")
        ));
        assert!(text.contains("one size and colour"), "{text}");
    }
}

#[test]
fn other_colours_and_damage_name_the_picture() {
    let name = "train/round/z.png";
    for (bytes, colour) in [
        (png(2, 1, La8, &[0; 4]), "gray with alpha"),
        (png(2, 1, L16, &[0; 4]), "16-bit gray"),
    ] {
        let error = refusal(&with(name, bytes)).to_string();
        let expected = format!("x.tar.gz/{name} is {colour}, expected 8-bit gray or RGB");
        assert!(error.starts_with(&expected), "{error}");
    }
    let whole = gray(7);
    for bytes in [&b""[..], b"text", &whole[..20], &whole[..whole.len() - 16]] {
        let error = refusal(&with(name, bytes.to_vec()));
        assert!(matches!(error, Error::Picture { path, .. } if path.ends_with(name)));
    }
}

#[test]
fn of_many_errors_the_first_is_told() {
    let mut files = files();
    for nth in 0..1000 {
        let bytes = if nth % 3 == 1 {
            b"damaged".to_vec()
        } else {
            gray(0)
        };
        files.push((format!("train/round/{nth:04}.png"), bytes));
    }
    let packed = archive(&files, "");
    let first = unpack(&packed).expect_err("damaged").to_string();
    for _ in 0..5 {
        assert_eq!(unpack(&packed).expect_err("damaged").to_string(), first);
    }
}

#[test]
fn an_archive_has_each_file_once_and_one_root() {
    let name = "train/round/b.png";
    let error = unpack(&archive(&with(name, gray(0)), ""));
    assert!(matches!(error, Err(Error::Duplicate { path }) if path.ends_with(name)));
    let error = unpack(&archive(&with("train/./round//b.png", gray(0)), ""));
    assert!(matches!(error, Err(Error::Duplicate { .. })), "{error:?}");
    let error = unpack(&archive(&with("other/train/round/x.png", gray(0)), ""));
    assert!(matches!(error, Err(Error::TwoRoots { .. })), "{error:?}");
}

#[test]
fn pixels_have_a_limit() {
    use crate::picture::tests::files::raw_png;
    // 64 megapixels each, of which 68 would take more than 4 GiB.
    let large = raw_png([8000, 8000], 8, 0, &[], &[0]);
    let mut files = vec![("test/a/x.png".to_owned(), large.clone())];
    files.extend((0..68).map(|nth| (format!("train/a/{nth}.png"), large.clone())));
    let error = refusal(&files);
    assert!(
        matches!(error, Error::TooManyPictures { pictures: 68, .. }),
        "{error:?}"
    );
    let larger = raw_png([50_000, 50_000], 8, 0, &[], &[0]);
    let error = refusal(&[("train/a/x.png".to_owned(), larger), files.swap_remove(0)]);
    assert!(matches!(error, Error::Picture { .. }), "{error:?}");
}

#[cfg(unix)]
#[test]
fn pipes_are_not_waited_for() {
    let directory = directory(&files());
    let pipe = directory.path().join("train/round/pipe.png");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.expect("mkfifo runs").success());
    let error = read(directory.path());
    assert!(matches!(error, Err(Error::NotAFile { path, directory: false }) if path == pipe));
}

const ORDER_OF_12: [u8; 12] = [0, 8, 7, 11, 2, 10, 5, 6, 9, 3, 4, 1];

use std::fs;

use tempfile::TempDir;

use super::*;
use crate::archive::tests::{END, entry, gzip, tar_gz};

const META: &str = CIFAR10.names;
const META_LIMIT_BYTES: usize = NAMES_LIMIT_BYTES as usize;
const FILES: [&str; 6] = [
    "data_batch_1.bin",
    "data_batch_2.bin",
    "data_batch_3.bin",
    "data_batch_4.bin",
    "data_batch_5.bin",
    "test_batch.bin",
];

fn read(path: &Path) -> Result<Dataset, Error> {
    super::read(&CIFAR10, path)
}

/// A record whose red, green and blue are `base`, `base + 1`, `base + 2`, but for the pixel in
/// row 1, column 2, which is 100 more.
fn record(label: u8, base: u8) -> Vec<u8> {
    let mut record = vec![label];
    for channel in 0..3 {
        let mut plane = vec![base + channel; SIDE * SIDE];
        plane[SIDE + 2] += 100;
        record.extend(plane);
    }
    record
}

/// Files of one record each, the test file of two; file `i` has label and base `i`.
fn directory() -> TempDir {
    let directory = tempfile::tempdir().expect("a directory");
    for (index, name) in (0..).zip(FILES) {
        write(&directory, name, &record(index, index));
    }
    write(
        &directory,
        FILES[5],
        &[record(5, 5), record(9, 50)].concat(),
    );
    directory
}

fn write(directory: &TempDir, name: &str, bytes: &[u8]) {
    fs::write(directory.path().join(name), bytes).expect("written");
}

#[test]
fn planes_become_pixels_in_the_order_of_the_files() {
    let directory = directory();
    let dataset = read(directory.path()).expect("whole");
    assert_eq!((dataset.name(), dataset.largest()), ("cifar10", 255));
    assert_eq!(dataset.classes(), CIFAR10.default_names.expect("ten"));
    assert_eq!(dataset.train().shape(), [32, 32, 3]);
    assert_eq!(dataset.train().labels(), [0, 1, 2, 3, 4]);
    assert_eq!(dataset.test().labels(), [5, 9]);
    let image = dataset.test().image(1);
    assert_eq!(image[..6], [50, 51, 52, 50, 51, 52]);
    let marked: Vec<usize> = (0..image.len()).filter(|&at| image[at] >= 150).collect();
    assert_eq!(marked, [0, 1, 2].map(|channel| (SIDE + 2) * 3 + channel));
}

#[test]
fn the_archives_own_directory_is_found() {
    let directory = directory();
    let expected = read(directory.path()).expect("whole");
    let outer = tempfile::tempdir().expect("a directory");
    fs::rename(directory.path(), outer.path().join(CIFAR10.directory)).expect("moved");
    assert_eq!(read(outer.path()).expect("whole"), expected);
}

#[test]
fn files_given_directly_come_before_the_subdirectory() {
    let directory = directory();
    fs::create_dir(directory.path().join(CIFAR10.directory)).expect("made");
    assert!(read(directory.path()).is_ok());
    fs::remove_file(directory.path().join(FILES[0])).expect("it was there");
    assert!(matches!(
        read(directory.path()),
        Err(Error::Missing { files, .. }) if files == FILES[..1]
    ));
}

#[test]
fn all_missing_files_are_named_at_once() {
    let directory = directory();
    for name in [FILES[1], FILES[5]] {
        fs::remove_file(directory.path().join(name)).expect("it was there");
    }
    let error = read(directory.path()).expect_err("two are missing");
    assert!(error.to_string().contains("cifar-10-binary.tar.gz"));
    assert!(matches!(
        error,
        Error::Missing { files, .. } if files == [FILES[1], FILES[5]]
    ));
    let nowhere = read(&directory.path().join("nowhere"));
    assert!(matches!(nowhere, Err(Error::Missing { files, .. }) if files == FILES));
}

#[test]
fn files_hold_whole_records() {
    let directory = directory();
    let three = [record(0, 0), record(1, 1), record(2, 2)].concat();
    for len in [0, 1, 2, 3072, 3074, 6145, 6147, 9218] {
        write(&directory, FILES[3], &three[..len]);
        assert!(matches!(
            read(directory.path()),
            Err(Error::Records { path, record_bytes: 3073, found_bytes })
                if path.ends_with(FILES[3]) && found_bytes == len
        ));
    }
}

#[test]
fn a_file_that_is_too_long_is_not_read() {
    let directory = directory();
    // The file takes no room: it is one hole.
    let file = fs::File::create(directory.path().join(FILES[2])).expect("made");
    file.set_len(100_000 * 3073 + 1).expect("a hole");
    let error = read(directory.path());
    assert!(
        matches!(
            error,
            Err(Error::TooLarge {
                limit_bytes: 307_300_000,
                ..
            })
        ),
        "{error:?}"
    );
    assert_eq!(CIFAR100.limit_bytes("train.bin"), 500_000 * 3074);
}

#[test]
fn labels_are_below_ten() {
    let directory = directory();
    for label in [10, 255] {
        let records = [record(9, 0), record(label, 0)].concat();
        write(&directory, FILES[5], &records);
        assert!(matches!(
            read(directory.path()),
            Err(Error::Label { path, image: 1, found, classes: 10 })
                if path.ends_with(FILES[5]) && found == label
        ));
    }
}

#[test]
fn class_names_come_from_the_file_if_there_is_one() {
    let directory = directory();
    let names = "a\nb\nc\nd\ne\nf\ng\r\nh\n\ni\nj\n\n";
    write(&directory, META, names.as_bytes());
    let dataset = read(directory.path()).expect("whole");
    assert_eq!(dataset.classes().concat(), "abcdefghij");
}

#[test]
fn class_names_are_ten_lines_of_text() {
    let directory = directory();
    for (bytes, count) in [
        (b"".as_slice(), Some(0)),
        (b"1\n2\n3\n4\n5\n6\n7\n8\n9\n", Some(9)),
        (b"1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11", Some(11)),
        (b"\xff\n", None),
    ] {
        write(&directory, META, bytes);
        assert!(matches!(
            read(directory.path()),
            Err(Error::ClassNames { path, expected: 10, found })
                if path.ends_with(META) && found == count
        ));
    }
    write(&directory, META, &[b'\n'; META_LIMIT_BYTES + 1]);
    assert!(matches!(
        read(directory.path()),
        Err(Error::TooLarge { .. })
    ));
}

#[test]
fn a_directory_in_place_of_a_file_is_an_error() {
    for name in [FILES[0], FILES[5], META] {
        let directory = directory();
        let path = directory.path().join(name);
        if name != META {
            fs::remove_file(&path).expect("it was there");
        }
        fs::create_dir(&path).expect("made");
        assert!(matches!(
            read(directory.path()),
            Err(Error::NotAFile { path: found, directory: true }) if found == path
        ));
    }
}

fn packed(kind: &Kind, files: &[(&str, &[u8])]) -> Result<Dataset, Error> {
    read_archive(kind, Path::new("c.tar.gz"), &tar_gz(files)[..])
}

#[test]
fn an_archive_is_read_like_its_directory() {
    let directory = directory();
    let expected = read(directory.path()).expect("whole");
    for root in ["", "./", "cifar-10-batches-bin/", "./copy/"] {
        // The official archive does not keep the order either.
        let files = FILES.iter().rev().map(|name| {
            let bytes = fs::read(directory.path().join(name)).expect("it was written");
            (format!("{root}{name}"), bytes)
        });
        let mut files: Vec<_> = files.collect();
        files.push((format!("{root}readme.html"), b"text".to_vec()));
        let files: Vec<_> = files
            .iter()
            .map(|(name, bytes)| (&name[..], &bytes[..]))
            .collect();
        assert_eq!(packed(&CIFAR10, &files).expect(root), expected);
        let path = directory.path().join("c.tar.gz");
        fs::write(&path, tar_gz(&files)).expect("written");
        assert_eq!(read(&path).expect(root), expected);
        let error = packed(&CIFAR10, &files[1..]);
        assert!(matches!(
            error,
            Err(Error::Missing { files, directory, .. })
                if files == FILES[5..] && directory == Path::new("c.tar.gz")
        ));
        let twice = [&files[..], &[("data_batch_2.bin", b"")]].concat();
        let error = packed(&CIFAR10, &twice);
        assert!(matches!(error, Err(Error::Duplicate { .. })), "{error:?}");
    }
}

#[test]
fn a_hundred_classes_have_coarse_labels_that_are_passed_over() {
    let record = |fine: u8, base: u8| [&[19, fine][..], &record(0, base)[1..]].concat();
    let train = [record(0, 1), record(99, 2)].concat();
    let test = record(50, 3);
    let names: Vec<String> = (0..100).map(|class| format!("class {class}")).collect();
    let names = names.join("\n");
    let files = [
        ("cifar-100-binary/train.bin", &train[..]),
        ("cifar-100-binary/test.bin", &test[..]),
        ("cifar-100-binary/coarse_label_names.txt", b"fish"),
        ("cifar-100-binary/fine_label_names.txt", names.as_bytes()),
    ];
    let dataset = packed(&CIFAR100, &files).expect("whole");
    assert_eq!((dataset.name(), dataset.classes().len()), ("cifar100", 100));
    assert_eq!(dataset.classes()[99], "class 99");
    assert_eq!(dataset.train().labels(), [0, 99]);
    assert_eq!(dataset.test().labels(), [50]);
    assert_eq!(dataset.test().image(0)[..3], [3, 4, 5]);

    let directory = tempfile::tempdir().expect("a directory");
    fs::create_dir(directory.path().join("cifar-100-binary")).expect("made");
    for (name, bytes) in files {
        fs::write(directory.path().join(name), bytes).expect("written");
    }
    let found = super::read(&CIFAR100, directory.path());
    assert_eq!(found.expect("whole"), dataset);

    let error = packed(&CIFAR100, &files[..3]);
    assert!(matches!(
        error,
        Err(Error::Missing { files, .. }) if files == ["fine_label_names.txt"]
    ));
    let mut wrong = files;
    let above = [&train[..], &above()].concat();
    wrong[0].1 = &above;
    assert!(matches!(
        packed(&CIFAR100, &wrong),
        Err(Error::Label { image: 2, found: 100, classes: 100, path })
            if path == Path::new("c.tar.gz/train.bin")
    ));
    // Files of the other data set are not this one's.
    wrong[0].1 = &train[..3073];
    assert!(matches!(
        packed(&CIFAR100, &wrong),
        Err(Error::Records {
            record_bytes: 3074,
            found_bytes: 3073,
            ..
        })
    ));
}

/// A record of CIFAR-100 with a label that is no class.
fn above() -> Vec<u8> {
    [&[0, 100][..], &[0; IMAGE_BYTES]].concat()
}

#[test]
fn an_archives_files_are_no_larger_than_any() {
    let claims = entry(b"data_batch_1.bin", b'0', b"");
    let mut claims = claims[..512].to_vec();
    claims[124..135].copy_from_slice(b"77777777777");
    claims[148..156].fill(b' ');
    let sum: u32 = claims.iter().map(|&byte| u32::from(byte)).sum();
    claims[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
    let packed = gzip(&[claims, END.to_vec()].concat());
    let error = read_archive(&CIFAR10, Path::new("c.tar.gz"), &packed[..]);
    assert!(matches!(error, Err(Error::TooLarge { .. })), "{error:?}");
}

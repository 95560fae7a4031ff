use std::fs;
use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use tempfile::TempDir;

use super::*;

/// An IDX file of these dimensions whose elements count up from `first`.
fn idx(dimensions: &[u32], first: u8) -> Vec<u8> {
    let magic = 0x0800 + dimensions.len() as u32;
    let numbers = [magic].into_iter().chain(dimensions.iter().copied());
    let len = dimensions.iter().product::<u32>() as u8;
    numbers
        .flat_map(u32::to_be_bytes)
        .chain((0..len).map(|element| first + element))
        .collect()
}

/// Three training and two test images of 2 x 3.
fn directory() -> TempDir {
    let directory = tempfile::tempdir().expect("a directory");
    let contents = [
        idx(&[3, 2, 3], 0),
        idx(&[3], 7),
        idx(&[2, 2, 3], 100),
        idx(&[2], 0),
    ];
    for (name, bytes) in FILES.iter().zip(contents) {
        write(&directory, name, &bytes);
    }
    directory
}

fn write(directory: &TempDir, name: &str, bytes: &[u8]) {
    fs::write(directory.path().join(name), bytes).expect("written");
}

#[test]
fn four_files_make_a_dataset() {
    let directory = directory();
    let dataset = read(&MNIST, directory.path()).expect("whole");
    assert_eq!((dataset.name(), dataset.largest()), ("mnist", 255));
    assert_eq!(dataset.train().shape(), [2, 3, 1]);
    assert_eq!(dataset.train().image(1), [6, 7, 8, 9, 10, 11]);
    assert_eq!(dataset.train().labels(), [7, 8, 9]);
    assert_eq!(dataset.test().image(1)[0], 106);
    assert_eq!(dataset.test().labels(), [0, 1]);
}

#[test]
fn all_missing_files_are_named_at_once() {
    let directory = directory();
    for name in &FILES[1..3] {
        fs::remove_file(directory.path().join(name)).expect("it was there");
    }
    let error = read(&FASHION, directory.path()).expect_err("two are missing");
    let text = error.to_string();
    assert!(text.contains("install Debian's package dataset-fashion-mnist"));
    assert!(matches!(error, Error::Missing { files, .. } if files == FILES[1..3]));
    let error = read(&MNIST, &directory.path().join("nowhere"));
    assert!(matches!(error, Err(Error::Missing { files, .. }) if files == FILES));
}

#[test]
fn a_directory_without_the_files_does_not_have_them() {
    let directory = directory();
    assert!(are_in(directory.path()));
    fs::rename(
        directory.path().join(FILES[1]),
        directory.path().join(format!("{}.gz", FILES[1])),
    )
    .expect("renamed");
    assert!(are_in(directory.path()));
    fs::remove_file(directory.path().join(FILES[2])).expect("it was there");
    assert!(!are_in(directory.path()));
}

#[test]
fn bytes_may_be_gzipped() {
    let directory = directory();
    let files = FILES.map(|name| fs::read(directory.path().join(name)).expect("it is there"));
    let packed = files.each_ref().map(|file| {
        let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
        packed.write_all(file).expect("memory takes it");
        packed.finish().expect("memory takes it")
    });
    let read = |files: &[Vec<u8>; 4]| {
        let files = files.each_ref().map(|file| &file[..]);
        read_bytes(&MNIST, files).expect("whole")
    };
    assert_eq!(read(&packed), read(&files));
}

#[test]
fn a_plain_file_comes_before_its_packed_form() {
    let directory = directory();
    write(&directory, "train-labels-idx1-ubyte.gz", b"not gzip");
    assert!(read(&MNIST, directory.path()).is_ok());
    fs::remove_file(directory.path().join(FILES[1])).expect("it was there");
    let error = read(&MNIST, directory.path());
    assert!(
        matches!(error, Err(Error::Gzip { path, .. }) if path.ends_with(
            "train-labels-idx1-ubyte.gz"
        ))
    );
}

#[test]
fn each_image_has_one_label() {
    for count in [2, 4] {
        let directory = directory();
        write(&directory, FILES[1], &idx(&[count], 0));
        assert!(matches!(
            read(&MNIST, directory.path()),
            Err(Error::LabelCount { path, expected: 3, found })
                if path.ends_with(FILES[1]) && found == count as usize
        ));
    }
}

#[test]
fn labels_are_below_ten() {
    let directory = directory();
    write(&directory, FILES[3], &idx(&[2], 9));
    assert!(matches!(
        read(&MNIST, directory.path()),
        Err(Error::Label { path, image: 1, found: 10, classes: 10 }) if path.ends_with(FILES[3])
    ));
}

#[test]
fn images_and_labels_are_not_interchanged() {
    let directory = directory();
    write(&directory, FILES[0], &idx(&[3], 0));
    assert!(matches!(
        read(&MNIST, directory.path()),
        Err(Error::Magic { path, expected: 0x0803, found: 0x0801 }) if path.ends_with(FILES[0])
    ));
}

#[test]
fn both_splits_have_one_size_of_image() {
    let directory = directory();
    write(&directory, FILES[2], &idx(&[2, 3, 2], 0));
    assert!(matches!(
        read(&MNIST, directory.path()),
        Err(Error::SplitShapes {
            train: [2, 3, 1],
            test: [3, 2, 1],
            ..
        })
    ));
}

#[test]
fn a_directory_in_place_of_a_file_is_an_error() {
    let directory = directory();
    let path = directory.path().join(FILES[2]);
    fs::remove_file(&path).expect("it was there");
    fs::create_dir(&path).expect("made");
    assert!(matches!(
        read(&MNIST, directory.path()),
        Err(Error::NotAFile { path: found, directory: true }) if found == path
    ));
}

#[test]
fn a_file_in_place_of_the_directory_is_an_error() {
    let directory = directory();
    let path = directory.path().join(FILES[2]);
    assert!(matches!(
        read(&MNIST, &path),
        Err(Error::Io { .. } | Error::Missing { .. })
    ));
}

use std::fs;

use tempfile::TempDir;

use super::*;

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
    assert_eq!(dataset.classes(), CLASSES);
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
    fs::rename(directory.path(), outer.path().join(SUBDIRECTORY)).expect("moved");
    assert_eq!(read(outer.path()).expect("whole"), expected);
}

#[test]
fn files_given_directly_come_before_the_subdirectory() {
    let directory = directory();
    fs::create_dir(directory.path().join(SUBDIRECTORY)).expect("made");
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
    file.set_len(LIMIT_BYTES + 1).expect("a hole");
    assert!(matches!(
        read(directory.path()),
        Err(Error::TooLarge {
            limit_bytes: LIMIT_BYTES,
            ..
        })
    ));
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
    write(&directory, META, &[b'\n'; (1 << 16) + 1]);
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

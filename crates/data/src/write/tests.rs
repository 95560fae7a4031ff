//! What is written is what is read back.

use super::*;
use crate::{Images, Source};

/// Images whose pixels all differ from each other's.
fn images(shape: [usize; 3], labels: &[u8], seed: u32) -> Images {
    let len = shape.iter().product::<usize>() * labels.len();
    let pixels = (0..len as u32).map(|at| ((at ^ seed).wrapping_mul(2_654_435_761) >> 24) as u8);
    Images::try_new(shape, pixels.collect(), labels.to_vec()).expect("it fits")
}

fn data(shape: [usize; 3], classes: &[&str], train: &[u8], test: &[u8]) -> Dataset {
    let names = classes.iter().map(|&name| name.to_owned()).collect();
    let (train, test) = (images(shape, train, 1), images(shape, test, 99));
    Dataset::try_new("made", names, 255, train, test).expect("it fits")
}

fn target(format: &str, directory: &Path) -> Target {
    format!("{format}:{}", directory.display())
        .parse()
        .expect("a target")
}

fn names(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).expect("it is there");
    let names = entries.map(|entry| entry.expect("an entry").file_name());
    let mut names: Vec<String> = names.map(|name| name.to_string_lossy().into()).collect();
    names.sort();
    names
}

/// The images with their labels, whatever their order.
fn labelled(images: &Images) -> Vec<(u8, &[u8])> {
    let labels = images.labels().iter().zip(0..);
    let mut labelled: Vec<_> = labels
        .map(|(&label, at)| (label, images.image(at)))
        .collect();
    labelled.sort_unstable();
    labelled
}

const LABELS: [u8; 13] = [2, 0, 1, 1, 2, 0, 0, 2, 1, 1, 0, 2, 2];

#[test]
fn cifar10_gives_back_images_labels_and_names() {
    let directory = tempfile::tempdir().expect("a directory");
    let out = directory.path().join("a/out");
    // Also with the fewest images, one for each training file.
    for (train, test) in [(&LABELS[..], &LABELS[..4]), (&LABELS[..5], &LABELS[..1])] {
        let data = data([32, 32, 3], &["cat", "dog", "a bird"], train, test);
        let written = target("cifar10", &out).write(&data).expect("it fits");
        assert_eq!((written.files, written.notes.len()), (7, 1), "{written:?}");
        let read = Dataset::open(&Source::Cifar10(out.clone())).expect("its own format");
        assert_eq!((read.train(), read.test()), (data.train(), data.test()));
        assert_eq!(read.classes()[..3], *data.classes());
        assert_eq!(
            names(&directory.path().join("a")),
            ["out"],
            "no part is left"
        );
        fs::remove_dir_all(&out).expect("removed");
    }
}

#[test]
fn mnist_gives_back_images_and_labels_of_any_size() {
    let directory = tempfile::tempdir().expect("a directory");
    let out = directory.path().join("out");
    // An empty directory is as good as none.
    fs::create_dir(&out).expect("made");
    let data = data([5, 3, 1], &["x", "y", "z"], &LABELS, &LABELS[..2]);
    let written = target("mnist", &out).write(&data).expect("it fits");
    assert_eq!(written.bytes, 13 * 16 + 2 * 16 + 2 * (16 + 8));
    assert!(written.notes[0].contains("names of the 3 classes are lost"));
    let read = Dataset::open(&Source::Mnist(out)).expect("its own format");
    assert_eq!((read.train(), read.test()), (data.train(), data.test()));
}

#[test]
fn the_digits_keep_all_their_greys() {
    let directory = tempfile::tempdir().expect("a directory");
    let digits = Dataset::open(&Source::Digits).expect("built in");
    let written = target("mnist", directory.path())
        .write(&digits)
        .expect("it fits");
    assert_eq!(
        written.notes,
        ["pixels 0 to 16 are spread to 0 to 255, rounded"]
    );
    let read = Dataset::open(&Source::Mnist(directory.path().into())).expect("its own format");
    assert_eq!(read.classes(), digits.classes());
    assert_eq!(read.test().labels(), digits.test().labels());
    let pairs = read.train().pixels().iter().zip(digits.train().pixels());
    for (&found, &pixel) in pairs {
        // Back by rounding, so that no two greys became one.
        assert_eq!((u32::from(found) * 16 + 127) / 255, u32::from(pixel));
    }
}

#[test]
fn a_folder_has_a_picture_for_each_image() {
    let directory = tempfile::tempdir().expect("a directory");
    for (channels, shape) in [(1, [4, 6, 1]), (3, [4, 6, 3])] {
        let out = directory.path().join(channels.to_string());
        let data = data(shape, &["a/b", "c", "d"], &LABELS, &[0, 2]);
        let written = target("folder", &out).write(&data).expect("it fits");
        assert_eq!(written.files, 15);
        assert!(
            written.notes[0].contains("a/b is a-b"),
            "{:?}",
            written.notes
        );
        assert_eq!(names(&out.join("train")), ["a-b", "c", "d"]);
        assert_eq!(
            names(&out.join("test/c")),
            [""; 0],
            "a class without images is there"
        );
        assert!(written.notes[1].contains("the order of the images is lost"));
        let read = Dataset::open(&Source::Folder(out.clone())).expect("its own format");
        assert_eq!(read.classes(), ["a-b", "c", "d"]);
        assert_eq!(labelled(read.train()), labelled(data.train()));
        assert_eq!(labelled(read.test()), labelled(data.test()));
        for (split, images) in [("train", data.train()), ("test", data.test())] {
            for (index, &label) in images.labels().iter().enumerate() {
                let class = ["a-b", "c", "d"][usize::from(label)];
                let path = out.join(format!("{split}/{class}/{index:05}.png"));
                let picture = image::open(path).expect("a picture");
                assert_eq!((picture.height(), picture.width()), (4, 6));
                assert_eq!(picture.as_bytes(), images.image(index));
            }
        }
    }
}

#[test]
fn what_a_format_cannot_hold_is_refused_before_anything_is_written() {
    let directory = tempfile::tempdir().expect("a directory");
    let out = directory.path().join("out");
    let eleven: Vec<String> = (0..11).map(|class| class.to_string()).collect();
    let eleven: Vec<&str> = eleven.iter().map(String::as_str).collect();
    let (colour, grey) = ([32, 32, 3], [4, 4, 1]);
    for (format, data, expected) in [
        (
            "mnist",
            data(colour, &["a"], &[0; 5], &[0]),
            "holds grey images of any size, found 32",
        ),
        (
            "mnist",
            data(grey, &eleven, &[10], &[0]),
            "at most 10 classes, found 11",
        ),
        (
            "cifar10",
            data(grey, &["a"], &[0; 5], &[0]),
            "holds 32 x 32 x 3, found 4 x 4 x 1",
        ),
        (
            "cifar10",
            data(colour, &eleven, &[0; 5], &[0]),
            "at most 10 classes, found 11",
        ),
        (
            "cifar10",
            data(colour, &["a"], &[0; 4], &[0]),
            "5 to 500000 training images, found 4",
        ),
        (
            "cifar10",
            data(colour, &["a\nb"], &[0; 5], &[0]),
            "the class \"a\\nb\"",
        ),
        (
            "cifar10",
            data(colour, &[" a"], &[0; 5], &[0]),
            "the class \" a\"",
        ),
        (
            "folder",
            data([4, 4, 2], &["a"], &[0], &[0]),
            "1 or 3 channels, found 4 x 4 x 2",
        ),
        (
            "folder",
            data(grey, &["a", "A"], &[0], &[0]),
            "another class has the same name",
        ),
        (
            "folder",
            data(grey, &[".."], &[0], &[0]),
            "without a dot at either end",
        ),
        (
            "folder",
            data(grey, &[""], &[0], &[0]),
            "expected 1 to 200 bytes",
        ),
        (
            "folder",
            data(grey, &["a", "b"], &[0], &[1]),
            "cannot hold the class \"b\" without training images",
        ),
        (
            "mnist",
            data(grey, &["a"], &[0], &[]),
            "cannot hold a split without images",
        ),
    ] {
        let error = target(format, &out).write(&data).expect_err(expected);
        let text = error.to_string();
        assert!(text.contains(expected), "{text}");
        assert!(names(directory.path()).is_empty(), "{expected}");
    }
}

#[test]
fn what_is_there_stays() {
    let directory = tempfile::tempdir().expect("a directory");
    let (file, full) = (directory.path().join("file"), directory.path().join("full"));
    fs::write(&file, b"mine").expect("written");
    fs::create_dir(&full).expect("made");
    fs::write(full.join("mine"), b"mine").expect("written");
    let data = data([4, 4, 1], &["a"], &[0], &[0]);
    for out in [&file, &full] {
        let error = target("folder", out).write(&data).expect_err("it is there");
        assert!(matches!(error, WriteError::Occupied { path } if path == *out));
    }
    assert_eq!(names(directory.path()), ["file", "full"]);
    assert_eq!(names(&full), ["mine"]);
}

#[test]
fn a_write_that_fails_leaves_nothing() {
    let directory = tempfile::tempdir().expect("a directory");
    let target = target("mnist", &directory.path().join("out"));
    let done = target.write_part(
        &target.part(),
        Box::new(|sink| {
            sink.file(Path::new("one"), &[b"1"], true)?;
            sink.file(Path::new("no/directory"), &[b"2"], true)
        }),
    );
    assert!(matches!(done, Err(WriteError::Io { .. })));
    assert!(names(directory.path()).is_empty());
}

#[test]
fn a_part_of_anothers_is_left_alone_and_named() {
    let directory = tempfile::tempdir().expect("a directory");
    let target = target("mnist", &directory.path().join("out"));
    let part = target.part();
    fs::create_dir(&part).expect("made");
    fs::write(part.join("mine"), b"mine").expect("written");
    let data = data([4, 4, 1], &["a"], &[0], &[0]);
    let error = target.write(&data).expect_err("it is there");
    assert!(matches!(error, WriteError::Io { path, .. } if path == part));
    assert_eq!(names(&part), ["mine"]);
}

#[test]
fn no_class_gets_the_name_of_a_device() {
    let directory = tempfile::tempdir().expect("a directory");
    let out = directory.path().join("out");
    let classes = [
        "CON", "Nul.x", "com3", "lpt¹", "aux .y", "con-d", "com10", "auxen",
    ];
    let labels: Vec<u8> = (0..classes.len() as u8).collect();
    let data = data([4, 4, 1], &classes, &labels, &[0]);
    target("folder", &out).write(&data).expect("it fits");
    let mut expected = [
        "CON-", "Nul-.x", "com3-", "lpt¹-", "aux -.y", "con-d", "com10", "auxen",
    ];
    expected.sort_unstable();
    assert_eq!(names(&out.join("train")), expected);
}

#[test]
fn a_target_names_a_format_and_a_directory() {
    for text in ["folder:a", "mnist:a:b", "cifar10:/x"] {
        assert_eq!(text.parse::<Target>().expect(text).to_string(), text);
    }
    for text in [
        "folder",
        "folder:",
        "digits",
        "fashion-mnist:a",
        "png:a",
        "",
    ] {
        let error = text.parse::<Target>().expect_err(text);
        assert!(
            error
                .to_string()
                .contains("expected folder:OUT, mnist:OUT or cifar10:OUT")
        );
    }
    // A slash at the end does not put the part inside of what is to be written.
    let part = "mnist:a/b/".parse::<Target>().expect("a target").part();
    assert_eq!(part.parent(), Some(Path::new("a")));
}

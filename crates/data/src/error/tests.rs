use super::*;

#[test]
fn a_message_says_where_what_and_what_to_do() {
    let path = PathBuf::from("dir/file");
    for (error, message) in [
        (
            Error::UnknownName {
                found: "minst".to_owned(),
                nearest: Some("mnist"),
            },
            "no dataset is named \"minst\" (did you mean mnist?); expected digits, \
             cifar10:PATH, cifar100:PATH, mnist:DIR, fashion-mnist, \
                 fashion-mnist:DIR, folder:PATH or parquet:DIR",
        ),
        (
            Error::DirectoryWanting { name: "mnist" },
            "mnist needs the directory of its files: mnist:DIR",
        ),
        (
            Error::Missing {
                directory: "dir".into(),
                files: vec!["a", "b"],
                hint: "them there",
            },
            "dir lacks a, b; expected them there",
        ),
        (
            Error::io(&path, io::ErrorKind::NotFound.into()),
            "cannot read dir/file: entity not found",
        ),
        (
            Error::Magic {
                path: path.clone(),
                expected: 0x0803,
                found: 0x1f8b_0800,
            },
            "dir/file opens with the magic number 0x1f8b0800, expected 0x00000803",
        ),
        (
            Error::Truncated {
                path: path.clone(),
                expected_bytes: 16,
                found_bytes: 3,
            },
            "dir/file ends after 3 bytes, expected at least 16; fetch it again",
        ),
        (
            Error::Label {
                path,
                image: 4,
                found: 255,
                classes: 10,
            },
            "dir/file: image 4 has the label 255, expected one below 10",
        ),
        (
            Error::BatchTooLarge {
                batch: 50,
                images: 23,
            },
            "a batch holds 50 images, expected at most 23, all there are",
        ),
    ] {
        assert_eq!(error.to_string(), message);
    }
}

#[test]
fn the_systems_reason_is_said_once() {
    let error = Error::io(Path::new("x"), io::ErrorKind::NotFound.into());
    assert_eq!(error.to_string(), "cannot read x: entity not found");
    assert!(error::Error::source(&error).is_none());
}

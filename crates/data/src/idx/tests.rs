use std::io::{self, Write};
use std::{fs, iter};

use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::prelude::*;

use super::*;

/// Two images of 3 x 2.
fn whole() -> Vec<u8> {
    let header = [0x0803, 2, 3, 2_u32].map(u32::to_be_bytes);
    header.into_iter().flatten().chain(1..=12).collect()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).expect("memory takes it");
    encoder.finish().expect("memory takes it")
}

/// Reads bytes from a file with the name.
fn read_as(name: &str, bytes: &[u8]) -> Result<Array<3>, Error> {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join(name);
    fs::write(&path, bytes).expect("written");
    open(&path)
}

#[test]
fn plain_and_gzipped_files_are_the_same() {
    let expected = Array {
        dimensions: [2, 3, 2],
        bytes: (1..=12).collect(),
    };
    assert_eq!(read_as("images", &whole()).expect("plain"), expected);
    assert_eq!(
        read_as("images.gz", &gzip(&whole())).expect("packed"),
        expected
    );
    // A gzip file may consist of several, which unpack to one.
    let members = whole().chunks(9).flat_map(gzip).collect::<Vec<u8>>();
    assert_eq!(read_as("images.gz", &members).expect("members"), expected);
}

#[test]
fn a_file_cut_anywhere_is_truncated() {
    for len in 0..whole().len() {
        let cut = &whole()[..len];
        // What is needed next: a number of the header, or all elements.
        let expected = if len < 16 {
            (len as u64 / 4 + 1) * 4
        } else {
            28
        };
        for (name, bytes) in [("images", cut), ("images.gz", &gzip(cut))] {
            match read_as(name, bytes) {
                Err(Error::Truncated {
                    path,
                    expected_bytes,
                    found_bytes,
                }) => {
                    assert!(path.ends_with(name));
                    assert_eq!((expected_bytes, found_bytes), (expected, len as u64));
                }
                other => panic!("{len} bytes give {other:?}"),
            }
        }
    }
}

#[test]
fn a_gzip_file_cut_anywhere_is_damaged() {
    let packed = gzip(&whole());
    for len in 1..packed.len() {
        let cut = read_as("images.gz", &packed[..len]);
        assert!(matches!(cut, Err(Error::Gzip { .. })), "{len}: {cut:?}");
    }
    // An empty file is a gzip file of no members.
    let empty = read_as("images.gz", &[]);
    let Err(Error::Gzip { .. } | Error::Truncated { found_bytes: 0, .. }) = empty else {
        panic!("no bytes give {empty:?}");
    };
}

#[test]
fn garbage_is_not_gzip_and_may_not_follow_it() {
    for bytes in [whole(), [gzip(&whole()), b"garbage".to_vec()].concat()] {
        let damaged = read_as("images.gz", &bytes);
        assert!(matches!(damaged, Err(Error::Gzip { .. })), "{damaged:?}");
    }
    let mut packed = gzip(&whole());
    let checksum = packed.len() - 8;
    packed[checksum] ^= 1;
    let damaged = read_as("images.gz", &packed);
    assert!(matches!(damaged, Err(Error::Gzip { .. })), "{damaged:?}");
}

#[test]
fn nothing_follows_the_last_element() {
    let longer = [whole(), vec![0]].concat();
    for (name, bytes) in [("images", longer.clone()), ("images.gz", gzip(&longer))] {
        assert!(matches!(
            read_as(name, &bytes),
            Err(Error::TrailingBytes {
                expected_bytes: 28,
                ..
            })
        ));
    }
}

#[test]
fn the_magic_says_unsigned_bytes_in_three_dimensions() {
    // Labels, four dimensions, floats, the bytes the other way round, the gzip magic.
    for magic in [0x0801, 0x0804, 0x0d03, 0x0308_0000, 0x1f8b_0800_u32] {
        let mut bytes = whole();
        bytes[..4].copy_from_slice(&magic.to_be_bytes());
        assert!(matches!(
            read_as("images", &bytes),
            Err(Error::Magic { expected: 0x0803, found, .. }) if found == magic
        ));
    }
}

#[test]
fn labels_have_a_magic_of_their_own() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("labels");
    fs::write(&path, [0, 0, 8, 1, 0, 0, 0, 2, 7, 9]).expect("written");
    let labels = open::<1>(&path).expect("two labels");
    assert_eq!((labels.dimensions, labels.bytes), ([2], vec![7, 9]));
    fs::write(&path, whole()).expect("written");
    assert!(matches!(
        open::<1>(&path),
        Err(Error::Magic {
            expected: 0x0801,
            found: 0x0803,
            ..
        })
    ));
}

#[test]
fn no_dimension_is_zero() {
    for axis in 1..4 {
        let mut bytes = whole();
        bytes[4 * axis..][..4].fill(0);
        let error = read_as("images", &bytes);
        assert!(
            matches!(error, Err(Error::ZeroDimension { .. })),
            "{error:?}"
        );
    }
}

#[test]
fn a_header_may_claim_anything_and_nothing_is_reserved() {
    let mut bytes = whole();
    bytes[4..16].fill(0xff);
    assert!(matches!(
        read_as("images", &bytes),
        Err(Error::TooLarge {
            found_bytes: u64::MAX,
            ..
        })
    ));
    for (count, within) in [(1 << 30, true), ((1 << 30) + 1, false)] {
        let dimensions = [0x0803, count, 1, 1_u32].map(u32::to_be_bytes);
        let mut header = dimensions.concat();
        header.extend([1, 2, 3]);
        let error = read_as("images", &header).expect_err("three bytes");
        match within {
            true => assert!(matches!(
                error,
                Error::Truncated {
                    found_bytes: 19,
                    ..
                }
            )),
            false => assert!(matches!(error, Error::TooLarge { .. })),
        }
    }
}

#[test]
fn a_plain_file_may_have_a_header_beside_its_elements() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("images");
    // It takes no room: it is one hole, whose first number is no magic.
    let file = fs::File::create(&path).expect("made");
    for (len, within) in [(16 + (1 << 30), true), (17 + (1 << 30), false)] {
        file.set_len(len).expect("a hole");
        match open::<3>(&path).expect_err("it is no array") {
            Error::Magic { found: 0, .. } => assert!(within, "{len}"),
            Error::TooLarge { found_bytes, .. } => assert!(!within && found_bytes == len),
            error => panic!("{error}"),
        }
    }
}

#[test]
fn an_endless_file_is_left_one_byte_after_its_claim() {
    struct Counted<R>(R, u64);
    impl<R: Read> Read for Counted<R> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let read = self.0.read(buffer)?;
            self.1 += read as u64;
            Ok(read)
        }
    }
    let bytes = whole();
    let mut reader = Counted(bytes.as_slice().chain(io::repeat(0)), 0);
    let error = parse::<_, 3>(Input {
        path: Path::new("endless"),
        packed: false,
        reader: &mut reader,
        read_bytes: 0,
    });
    assert!(matches!(error, Err(Error::TrailingBytes { .. })));
    assert_eq!(reader.1, 29);
}

#[test]
fn a_bomb_is_not_unpacked() {
    // 64 MiB of zeros in 64 KiB behind a header that asks for 12 bytes.
    let zeros = iter::repeat_n(0, 1 << 26);
    let bomb = gzip(&whole().into_iter().chain(zeros).collect::<Vec<u8>>());
    assert!(bomb.len() < 1 << 17);
    assert!(matches!(
        read_as("images.gz", &bomb),
        Err(Error::TrailingBytes {
            expected_bytes: 28,
            ..
        })
    ));
}

#[test]
fn a_directory_is_not_read() {
    let directory = tempfile::tempdir().expect("a directory");
    assert!(matches!(
        open::<3>(directory.path()),
        Err(Error::NotAFile {
            directory: true,
            ..
        })
    ));
}

#[test]
fn other_failures_of_a_packed_file_are_the_systems() {
    struct Refusing;
    impl Read for Refusing {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(ErrorKind::PermissionDenied.into())
        }
    }
    let error = unpack::<3>(Path::new("refused.gz"), Refusing);
    assert!(matches!(error, Err(Error::Io { .. })), "{error:?}");
}

proptest! {
    #[test]
    fn any_bytes_give_an_array_or_an_error(
        valid_magic: bool,
        mut bytes in prop::collection::vec(any::<u8>(), 0..64),
    ) {
        if valid_magic && bytes.len() >= 16 {
            bytes[..15].copy_from_slice(&[0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0]);
        }
        let input = Input {
            path: Path::new("random"),
            packed: false,
            reader: bytes.as_slice(),
            read_bytes: 0,
        };
        if let Ok(Array { dimensions, bytes: elements }) = parse::<_, 3>(input) {
            prop_assert_eq!(dimensions.iter().product::<usize>(), elements.len());
            prop_assert_eq!(&bytes[16..], elements);
        }
    }
}

//! Archives made here, entry by entry, and what is read from them.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::*;

/// A header block of an entry.
pub(crate) fn header(name: &[u8], kind: u8, size: &[u8]) -> [u8; BLOCK_BYTES] {
    let mut block = [0; BLOCK_BYTES];
    block[..name.len()].copy_from_slice(name);
    block[100..107].copy_from_slice(b"0000644");
    block[124..124 + size.len()].copy_from_slice(size);
    block[156] = kind;
    block[257..265].copy_from_slice(b"ustar\x0000");
    block[148..156].fill(b' ');
    let sum: u32 = block.iter().map(|&byte| u32::from(byte)).sum();
    block[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
    block
}

/// An entry with its contents, filled up.
pub(crate) fn entry(name: &[u8], kind: u8, contents: &[u8]) -> Vec<u8> {
    let size = format!("{:011o}", contents.len());
    let mut bytes = header(name, kind, size.as_bytes()).to_vec();
    bytes.extend(contents);
    bytes.resize(bytes.len().next_multiple_of(BLOCK_BYTES), 0);
    bytes
}

/// The end marker.
pub(crate) const END: [u8; 2 * BLOCK_BYTES] = [0; 2 * BLOCK_BYTES];

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).expect("memory takes it");
    encoder.finish().expect("memory takes it")
}

/// A `.tar.gz` of regular files.
pub(crate) fn tar_gz(files: &[(&str, &[u8])]) -> Vec<u8> {
    let entries = files.iter();
    let entries = entries.map(|(name, contents)| entry(name.as_bytes(), b'0', contents));
    gzip(&[entries.collect::<Vec<_>>().concat(), END.to_vec()].concat())
}

/// Names and contents of all files, or the first error.
fn all(packed: &[u8]) -> Result<Vec<(String, Vec<u8>)>, Error> {
    let mut archive = Archive::new(Path::new("a.tar.gz"), packed);
    let mut files = Vec::new();
    while let Some(entry) = archive.next()? {
        if !entry.directory {
            let name = String::from_utf8_lossy(&entry.parts.join(&b'/')).into_owned();
            files.push((name, archive.contents(1 << 16)?));
        }
    }
    Ok(files)
}

/// What the entries give, with an end marker behind them.
fn of(entries: &[Vec<u8>]) -> Result<Vec<(String, Vec<u8>)>, Error> {
    all(&gzip(&[&entries.concat()[..], &END].concat()))
}

fn file(name: &str, contents: &[u8]) -> (String, Vec<u8>) {
    (name.to_owned(), contents.to_vec())
}

#[test]
fn files_come_in_order_with_their_contents() {
    let found = of(&[
        entry(b"./", b'5', b""),
        entry(b"./a/", b'5', b""),
        entry(b"./a/one", b'0', &[7; 513]),
        entry(b"a//two", b'\0', b""),
        entry(b"old/", b'\0', b""),
        entry(b"three", b'7', &[9; 512]),
    ]);
    let expected = [
        file("a/one", &[7; 513]),
        file("a/two", b""),
        file("three", &[9; 512]),
    ];
    assert_eq!(found.expect("whole"), expected);
    assert_eq!(of(&[]).expect("empty"), []);
}

#[test]
fn long_names_are_whole() {
    let long = "d/".repeat(100) + "name";
    let gnu = [long.as_bytes(), b"\0"].concat();
    // LENGTH counts itself: "NNN path=...\n".
    let record = format!("{} path={long}\n", 3 + 6 + long.len() + 1);
    let found = of(&[
        entry(b"././@LongLink", b'L', &gnu),
        entry(b"d/cut", b'0', b"1"),
        entry(b"pax", b'g', b"12 a=global\n"),
        entry(
            b"pax",
            b'x',
            [b"9 mtime=\n", record.as_bytes()].concat().as_slice(),
        ),
        entry(b"d/cut", b'0', b"2"),
        entry(b"short", b'0', b"3"),
    ]);
    let expected = [file(&long, b"1"), file(&long, b"2"), file("short", b"3")];
    assert_eq!(found.expect("whole"), expected);
}

#[test]
fn links_devices_and_holes_are_refused() {
    for kind in *b"123456SDMVZ" {
        let directory = kind == b'5';
        let found = of(&[entry(b"x", kind, b"")]);
        match directory {
            true => assert_eq!(found.expect("a directory is passed over"), []),
            false => assert!(matches!(
                found,
                Err(Error::ArchiveEntry { path }) if path == Path::new("a.tar.gz/x")
            )),
        }
    }
    for record in [&b"22 GNU.sparse.major=1\n"[..], b"15 size=000009\n"] {
        let found = of(&[entry(b"x", b'x', record), entry(b"x", b'0', b"")]);
        assert!(matches!(found, Err(Error::Archive { .. })), "{found:?}");
    }
}

#[test]
fn no_name_leads_out() {
    for name in ["../x", "a/../../x", "/etc/passwd", "a/..", "//x"] {
        let found = of(&[entry(name.as_bytes(), b'0', b"")]);
        assert!(matches!(found, Err(Error::ArchiveName { .. })), "{name}");
    }
}

#[test]
fn a_size_may_claim_anything_and_nothing_is_reserved() {
    let base_256 = |size: u64| [&[0x80, 0, 0, 0][..], &size.to_be_bytes()].concat();
    let sizes = [
        base_256(u64::MAX),
        base_256(u64::MAX - 511),
        base_256(1 << 40),
        b"77777777777".to_vec(),
        b"00000200001".to_vec(),
    ];
    for size in sizes {
        let found = of(&[header(b"x", b'0', &size).to_vec()]);
        assert!(matches!(found, Err(Error::TooLarge { .. })), "{found:?}");
        let mut archive = gzip(&header(b"x", b'0', &size));
        archive = [archive, gzip(&END)].concat();
        let mut archive = Archive::new(Path::new("a"), &archive[..]);
        assert!(archive.next().expect("an entry").is_some());
        // What is passed over must be there as well.
        let found = archive.next().map(|entry| entry.is_some());
        assert!(matches!(found, Err(Error::Archive { .. })), "{found:?}");
    }
    for size in [&b"-0000000001"[..], b"9", b"abcdefgh", b"0x10", b"\xff\xff"] {
        let found = of(&[header(b"x", b'0', size).to_vec()]);
        assert!(
            matches!(found, Err(Error::Archive { .. } | Error::TooLarge { .. })),
            "{found:?}"
        );
    }
}

#[test]
fn an_archive_cut_anywhere_is_an_error() {
    let entries = [
        entry(b"a/one", b'0', &[7; 600]),
        entry(b"a/two", b'0', b"two"),
        END.to_vec(),
    ];
    let plain = entries.concat();
    // A single block of zeros is an end.
    for len in (0..plain.len() - BLOCK_BYTES).step_by(37) {
        let found = all(&gzip(&plain[..len]));
        assert!(
            matches!(found, Err(Error::Archive { .. })),
            "{len}: {found:?}"
        );
    }
    let packed = gzip(&plain);
    for len in 0..packed.len() {
        let found = all(&packed[..len]);
        assert!(
            matches!(found, Err(Error::Archive { .. })),
            "{len}: {found:?}"
        );
    }
    assert_eq!(all(&packed).expect("whole").len(), 2);
}

#[test]
fn damage_is_seen_even_behind_the_end_marker() {
    let packed = tar_gz(&[("a", b"one")]);
    let mut refused = 0;
    for at in 0..packed.len() {
        let mut damaged = packed.clone();
        damaged[at] ^= 1 << (at % 8);
        // What changes in a header's time stamp, or in codes that no byte uses, changes nothing.
        match all(&damaged) {
            Ok(found) => assert_eq!(found, [file("a", b"one")], "byte {at}"),
            Err(_) => refused += 1,
        }
    }
    assert!(
        refused >= packed.len() - 16,
        "{refused} of {}",
        packed.len()
    );
    let endless = [&END[..], &vec![0; LIMIT_TRAILING_BYTES as usize]].concat();
    let found = all(&gzip(&endless));
    assert!(matches!(found, Err(Error::Archive { .. })), "{found:?}");
    let mut wrong_sum = entry(b"a", b'0', b"");
    wrong_sum[0] = b'b';
    let found = of(&[wrong_sum]);
    assert!(matches!(found, Err(Error::Archive { .. })), "{found:?}");
}

#[test]
fn extended_headers_are_lists_or_errors() {
    for records in [
        &b"x"[..],
        b"5 a=b",
        b"99 a=b\n",
        b"0 a=b\n",
        b"-1 a=b\n",
        b"5 ab\n",
        b" a=b\n",
        b"99999999999999999999 a=b\n",
        b"\xff a=b\n",
    ] {
        let found = of(&[entry(b"x", b'x', records), entry(b"x", b'0', b"")]);
        assert!(matches!(found, Err(Error::Archive { .. })), "{records:?}");
    }
}

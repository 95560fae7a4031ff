//! Real files of both formats, and what is read from them.

pub(crate) mod files;

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use image::ExtendedColorType;
use tempfile::TempDir;

use super::*;
use files::{chunk, exif, flat_jpeg, jpeg, png, raw_png, with_exif};

/// A picture of this shape, as it is stored.
fn wanted(height: usize, width: usize, channels: usize) -> Wanted {
    Wanted {
        shape: [height, width, channels],
        white: 255,
        resize: false,
        convert: false,
    }
}

fn converted(height: usize, width: usize, channels: usize) -> Wanted {
    Wanted {
        convert: true,
        ..wanted(height, width, channels)
    }
}

fn resized(height: usize, width: usize, channels: usize) -> Wanted {
    Wanted {
        resize: true,
        ..wanted(height, width, channels)
    }
}

/// A fresh directory and a file in it.
fn file(name: &str, bytes: &[u8]) -> (TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join(name);
    fs::write(&path, bytes).unwrap();
    (directory, path)
}

/// What is read from a file with these bytes.
fn read_bytes(bytes: &[u8], wanted: &Wanted) -> Result<Vec<u8>, Error> {
    let (_directory, path) = file("picture", bytes);
    read(&Source::from(path), wanted)
}

/// What is said of a file with these bytes.
fn refusal(bytes: &[u8], wanted: &Wanted) -> String {
    let (_directory, path) = file("picture", bytes);
    refusal_of(&path, wanted)
}

fn refusal_of(path: &Path, wanted: &Wanted) -> String {
    let error = read(&Source::from(path.to_owned()), wanted).unwrap_err();
    error.to_string()
}

const L8: ExtendedColorType = ExtendedColorType::L8;
const RGB8: ExtendedColorType = ExtendedColorType::Rgb8;

/// Two rows of three pixels.
const RGB: [u8; 18] = [
    1, 2, 3, 40, 50, 60, 255, 0, 128, //
    7, 8, 9, 255, 255, 255, 10, 20, 30,
];

#[test]
fn a_png_gives_its_pixels_row_by_row() {
    let bytes = png(3, 2, RGB8, &RGB);
    assert_eq!(read_bytes(&bytes, &wanted(2, 3, 3)).unwrap(), RGB);
    let bytes = png(6, 3, L8, &RGB);
    assert_eq!(read_bytes(&bytes, &wanted(3, 6, 1)).unwrap(), RGB);
}

#[test]
fn what_already_fits_is_not_touched_by_what_is_allowed() {
    let allowed = Wanted {
        resize: true,
        convert: true,
        ..wanted(2, 3, 3)
    };
    assert_eq!(read_bytes(&png(3, 2, RGB8, &RGB), &allowed).unwrap(), RGB);
}

#[test]
fn a_jpeg_gives_its_pixels() {
    // Three flat blocks of 8 x 8: nothing that the cosine transform would have to round away.
    let levels = [[200, 30, 40], [16, 160, 235], [128, 128, 128]];
    let samples: Vec<u8> = (0..8 * 24).flat_map(|at| levels[at % 24 / 8]).collect();
    let found = read_bytes(&jpeg(24, 8, RGB8, &samples), &wanted(8, 24, 3)).unwrap();
    let off = samples.iter().zip(&found).map(|(a, b)| a.abs_diff(*b));
    assert!(off.max() <= Some(2) && found.len() == samples.len());

    let ramp: Vec<u8> = (0..64).map(|at| 4 * at).collect();
    let found = read_bytes(&jpeg(8, 8, L8, &ramp), &wanted(8, 8, 1)).unwrap();
    let off = ramp.iter().zip(&found).map(|(a, b)| a.abs_diff(*b));
    assert!(off.max() <= Some(1) && found.len() == 64);
}

#[test]
fn the_format_is_told_by_the_content() {
    let (_directory, path) = file("picture.jpg", &png(3, 2, RGB8, &RGB));
    let found = read(&Source::from(path), &wanted(2, 3, 3));
    assert_eq!(found.unwrap(), RGB);
    let (_directory, path) = file("picture.txt", &flat_jpeg(&[128], &[]));
    let found = read(&Source::from(path), &wanted(8, 8, 1));
    assert_eq!(found.unwrap(), [128; 64]);
}

#[test]
fn palettes_and_few_bits_are_plain_colours() {
    // Pixels 1, 0, 2 of a palette of 2 bits; then 1, 0, 1 of a gray of 1 bit.
    let palette = chunk(b"PLTE", &[10, 20, 30, 40, 50, 60, 70, 80, 90]);
    let bytes = raw_png([3, 1], 2, 3, &[palette], &[0, 0b01_00_10_00]);
    let found = read_bytes(&bytes, &wanted(1, 3, 3)).unwrap();
    assert_eq!(found, [40, 50, 60, 10, 20, 30, 70, 80, 90]);
    let bytes = raw_png([3, 1], 1, 0, &[], &[0, 0b1010_0000]);
    assert_eq!(read_bytes(&bytes, &wanted(1, 3, 1)).unwrap(), [255, 0, 255]);
}

#[test]
fn a_palette_with_transparent_colours_has_alpha() {
    let palette = chunk(b"PLTE", &[10, 20, 30, 40, 50, 60]);
    let chunks = [palette, chunk(b"tRNS", &[0])];
    let bytes = raw_png([2, 1], 8, 3, &chunks, &[0, 0, 1]);
    let error = refusal(&bytes, &wanted(1, 2, 3));
    assert!(
        error.starts_with("picture is 2x1 RGB with alpha,"),
        "{error}"
    );
    let found = read_bytes(&bytes, &converted(1, 2, 3)).unwrap();
    assert_eq!(found, [0, 0, 0, 40, 50, 60]);
}

#[test]
fn other_colours_are_converted_only_when_told() {
    let deep = |samples: &[u16]| -> Vec<u8> {
        samples
            .iter()
            .flat_map(|sample| sample.to_ne_bytes())
            .collect()
    };
    // 128 / 257 rounds down, 129 / 257 up; luma and alpha were worked out by hand.
    let deep_gray = deep(&[0, 128, 129, 32768, 65535, 65407, 65406]);
    type Case = (&'static str, ExtendedColorType, Vec<u8>, usize, Vec<u8>);
    // Name, kind, samples; channels that are wanted, pixels.
    let cases: [Case; 9] = [
        (
            "gray",
            L8,
            vec![0, 7, 255],
            3,
            vec![0, 0, 0, 7, 7, 7, 255, 255, 255],
        ),
        (
            "RGB",
            RGB8,
            vec![255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255, 10, 20, 30],
            1,
            vec![76, 150, 29, 255, 18],
        ),
        (
            "gray with alpha",
            ExtendedColorType::La8,
            vec![200, 255, 200, 0, 200, 128],
            1,
            vec![200, 0, 100],
        ),
        (
            "gray with alpha",
            ExtendedColorType::La8,
            vec![200, 128],
            3,
            vec![100, 100, 100],
        ),
        (
            "RGB with alpha",
            ExtendedColorType::Rgba8,
            vec![200, 100, 51, 128, 9, 8, 7, 255],
            3,
            vec![100, 50, 26, 9, 8, 7],
        ),
        (
            "RGB with alpha",
            ExtendedColorType::Rgba8,
            vec![255, 0, 0, 128],
            1,
            vec![38],
        ),
        (
            "16-bit gray",
            ExtendedColorType::L16,
            deep_gray,
            1,
            vec![0, 0, 1, 128, 255, 255, 254],
        ),
        (
            "16-bit RGB",
            ExtendedColorType::Rgb16,
            deep(&[257, 514, 65535]),
            3,
            vec![1, 2, 255],
        ),
        (
            "16-bit RGB with alpha",
            ExtendedColorType::Rgba16,
            deep(&[65535, 0, 65535, 32768]),
            3,
            vec![128, 0, 128],
        ),
    ];
    for (name, colour, samples, channels, expected) in cases {
        let width = expected.len() / channels;
        let bytes = png(width as u32, 1, colour, &samples);
        let names = if channels == 1 { "gray" } else { "RGB" };
        assert_eq!(
            refusal(&bytes, &wanted(1, width, channels)),
            format!(
                "picture is {width}x1 {name}, expected {width}x1 {names}; \
                 --convert converts its colours"
            )
        );
        let found = read_bytes(&bytes, &converted(1, width, channels)).unwrap();
        assert_eq!(found, expected, "{name} to {names}");
    }
}

#[test]
fn inks_are_converted_only_when_told() {
    // Adobe's programs store how much ink is missing: 0 is all of it, 255 the bare paper.
    let adobe = b"\xFF\xEE\0\x0EAdobe\0\x64\0\0\0\0\0";
    let bytes = flat_jpeg(&[128, 0, 128, 128], adobe);
    assert_eq!(
        refusal(&bytes, &wanted(8, 8, 3)),
        "picture is 8x8 CMYK, expected 8x8 RGB; --convert converts its colours"
    );
    // 128 · 128 / 255 is 64.25.
    let found = read_bytes(&bytes, &converted(8, 8, 3)).unwrap();
    assert_eq!(found, [64, 0, 64].repeat(64));
    // 0.413 · 64 is 26.4.
    let found = read_bytes(&bytes, &converted(8, 8, 1)).unwrap();
    assert_eq!(found, [26; 64]);
}

#[test]
fn another_size_is_resized_only_when_told() {
    let bytes = png(4, 1, L8, &[0, 70, 140, 210]);
    assert_eq!(
        refusal(&bytes, &wanted(1, 2, 1)),
        "picture is 4x1 gray, expected 2x1 gray; --resize resizes it"
    );
    // Twice as far apart, the filter is twice as wide: weights 3, 3, 1 of 7.
    assert_eq!(read_bytes(&bytes, &resized(1, 2, 1)).unwrap(), [50, 160]);
    // Between pixels it interpolates: weights 3, 1 of 4; past the border there is nothing to weigh.
    let bytes = png(2, 1, L8, &[0, 100]);
    assert_eq!(
        read_bytes(&bytes, &resized(1, 4, 1)).unwrap(),
        [0, 25, 75, 100]
    );
}

#[test]
fn resizing_keeps_channels_apart_and_no_aspect() {
    let bytes = png(2, 2, RGB8, &[10, 20, 30].repeat(4));
    let found = read_bytes(&bytes, &resized(1, 5, 3)).unwrap();
    assert_eq!(found, [10, 20, 30].repeat(5));
}

#[test]
fn a_picture_of_other_size_and_colours_needs_both() {
    let bytes = png(3, 2, RGB8, &RGB);
    let error = "picture is 3x2 RGB, expected 2x1 gray; ";
    let (resize, convert) = ("--resize resizes it", "--convert converts its colours");
    assert_eq!(
        refusal(&bytes, &wanted(1, 2, 1)),
        format!("{error}{resize}, {convert}")
    );
    assert_eq!(
        refusal(&bytes, &converted(1, 2, 1)),
        format!("{error}{resize}")
    );
    assert_eq!(
        refusal(&bytes, &resized(1, 2, 1)),
        format!("{error}{convert}")
    );
    let both = Wanted {
        resize: true,
        ..converted(1, 2, 1)
    };
    assert_eq!(read_bytes(&bytes, &both).unwrap().len(), 2);
}

#[test]
fn white_becomes_the_white_of_the_training_data() {
    let bytes = png(6, 1, L8, &[0, 7, 8, 128, 247, 255]);
    let digits = Wanted {
        white: 16,
        ..wanted(1, 6, 1)
    };
    // 16 · 7 / 255 = 0.44, 16 · 8 / 255 = 0.502, 16 · 128 / 255 = 8.03, 16 · 247 / 255 = 15.498.
    assert_eq!(read_bytes(&bytes, &digits).unwrap(), [0, 0, 1, 8, 15, 16]);
}

#[test]
fn every_orientation_of_a_jpeg_is_made_upright() {
    let (a, b, c, d) = (20, 90, 160, 230);
    let level = |at: usize| [[a, b], [c, d]][at / 128][at % 16 / 8];
    let stored: Vec<u8> = (0..256).map(level).collect();
    let jpeg = jpeg(16, 16, L8, &stored);
    // Exif 2.2, §4.6.4: where the stored row 0 and column 0 are seen.
    let upright = [
        [a, b, c, d],
        [b, a, d, c],
        [d, c, b, a],
        [c, d, a, b],
        [a, c, b, d],
        [c, a, d, b],
        [d, b, c, a],
        [b, d, a, c],
    ];
    for (orientation, expected) in (1..).zip(upright) {
        for big in [false, true] {
            let bytes = with_exif(&jpeg, &exif(orientation, big));
            let found = read_bytes(&bytes, &wanted(16, 16, 1)).unwrap();
            let corners = [0, 15, 15 * 16, 16 * 16 - 1].map(|at| found[at]);
            let off = corners.iter().zip(expected).map(|(a, b)| a.abs_diff(b));
            assert!(off.max() <= Some(1), "{orientation}: {corners:?}");
        }
    }
}

#[test]
fn the_size_is_that_of_the_upright_picture() {
    let stored = [[30; 8], [200; 8]].concat().repeat(8);
    let lying = with_exif(&jpeg(16, 8, L8, &stored), &exif(6, false));
    let found = read_bytes(&lying, &wanted(16, 8, 1)).unwrap();
    assert!(found[0] < 40 && found[127] > 190);
    let error = refusal(&lying, &wanted(8, 16, 1));
    assert!(error.starts_with("picture is 8x16 gray, expected 16x8 gray"));

    let chunks = [chunk(b"eXIf", &exif(6, false))];
    let lying = raw_png([3, 1], 8, 0, &chunks, &[0, 1, 2, 3]);
    assert_eq!(read_bytes(&lying, &wanted(3, 1, 1)).unwrap(), [1, 2, 3]);
}

#[test]
fn an_orientation_that_is_none_changes_nothing() {
    let jpeg = flat_jpeg(&[128], &[]);
    let cut = exif(6, false);
    for block in [
        &exif(0, false)[..],
        &exif(9, true),
        &cut[..12],
        b"II",
        b"??\0\0",
    ] {
        let found = read_bytes(&with_exif(&jpeg, block), &wanted(8, 8, 1));
        assert_eq!(found.unwrap(), [128; 64]);
    }
}

#[test]
fn what_is_no_picture_is_refused() {
    let expected = "expected a png or jpg file";
    let gif = b"GIF89a\x01\0\x01\0\0\0\0;";
    let cases: [(&[u8], &str); 5] = [
        (b"", "found nothing"),
        (b"a line of text\n", "found another format"),
        (gif, "found image/gif"),
        (b"\x89PNG", "found another format"),
        (b"\xFF\xD8", "found another format"),
    ];
    for (bytes, found) in cases {
        let error = refusal(bytes, &wanted(1, 1, 1));
        assert_eq!(error, format!("{found}, {expected}"));
    }
    let directory = tempfile::tempdir().unwrap();
    let error = refusal_of(directory.path(), &wanted(1, 1, 1));
    assert_eq!(error, format!("found a directory, {expected}"));
    let missing = directory.path().join("missing.png");
    let error = refusal_of(&missing, &wanted(1, 1, 1));
    assert!(error.ends_with(&format!(", {expected}")), "{error}");
}

#[cfg(unix)]
#[test]
fn pipes_and_devices_are_not_waited_for() {
    let directory = tempfile::tempdir().unwrap();
    let pipe = directory.path().join("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.unwrap().success());
    for path in [pipe.as_path(), Path::new("/dev/zero")] {
        assert_eq!(
            refusal_of(path, &wanted(1, 1, 1)),
            "found a pipe or device (`-` reads standard input), expected a png or jpg file"
        );
    }
}

#[test]
fn a_png_that_is_cut_or_damaged_gives_no_other_pixels() {
    let samples: Vec<u8> = (0..16 * 16).map(|at: u32| (at * at % 251) as u8).collect();
    let bytes = png(16, 16, L8, &samples);
    let wanted = wanted(16, 16, 1);
    let mut refused = 0;
    let mut check = |bytes: &[u8]| match pixels(bytes, &wanted) {
        Ok(found) => assert_eq!(found, samples),
        Err(_) => refused += 1,
    };
    for length in 0..bytes.len() {
        check(&bytes[..length]);
    }
    for at in 0..bytes.len() {
        let mut damaged = bytes.clone();
        damaged[at] ^= 1 << (at % 8);
        check(&damaged);
    }
    // What lies behind the pixels, and no more, may be missing or wrong.
    assert!(refused > 2 * (bytes.len() - 32), "{refused}");
    let error = refusal(&bytes[..bytes.len() / 2], &wanted);
    assert!(
        error.starts_with("damaged or unknown kind of png: "),
        "{error}"
    );
}

#[test]
fn a_jpeg_that_is_cut_anywhere_is_refused() {
    let samples: Vec<u8> = (0..20 * 12 * 3)
        .map(|at: u32| (at * at % 251) as u8)
        .collect();
    let bytes = jpeg(20, 12, RGB8, &samples);
    let wanted = wanted(12, 20, 3);
    assert!(pixels(&bytes, &wanted).is_ok());
    for length in 0..bytes.len() {
        assert!(pixels(&bytes[..length], &wanted).is_err(), "{length}");
    }
    let error = refusal(&bytes[..bytes.len() - 2], &wanted);
    assert_eq!(error, "jpg is cut off: its end marker is missing");
    // A thumbnail's end is not the picture's.
    let thumbnail = with_exif(&bytes[..bytes.len() - 2], &flat_jpeg(&[0], &[]));
    assert_eq!(refusal(&thumbnail, &wanted), error);
    // Cameras write things of their own behind the end.
    let more = [&bytes[..], b"more"].concat();
    assert_eq!(
        pixels(&more, &wanted).unwrap(),
        pixels(&bytes, &wanted).unwrap()
    );
}

#[test]
fn what_a_jpeg_cannot_mean_is_not_painted_grey() {
    let mut bytes = flat_jpeg(&[128], &[]);
    let coded = bytes.len() - 3;
    // A code of ones alone is in no table.
    bytes[coded] = 0b1100_0000;
    let error = refusal(&bytes, &wanted(8, 8, 1));
    assert!(
        error.starts_with("damaged or unknown kind of jpg: "),
        "{error}"
    );
}

#[test]
fn sizes_that_no_picture_has_are_refused_by_the_header() {
    for resize in [wanted(8, 8, 1), resized(8, 8, 1)] {
        let bytes = raw_png([50_000, 50_000], 8, 0, &[], &[0]);
        assert_eq!(
            refusal(&bytes, &resize),
            "picture is 50000x50000, expected at most 64 megapixels"
        );
        let bytes = raw_png([u32::MAX >> 1, u32::MAX >> 1], 16, 6, &[], &[0]);
        assert!(refusal(&bytes, &resize).starts_with("damaged or unknown kind of png: "));
        let bytes = raw_png([0, 8], 8, 0, &[], &[0]);
        assert!(refusal(&bytes, &resize).starts_with("damaged or unknown kind of png: "));

        let mut bytes = flat_jpeg(&[128], &[]);
        let frame = bytes
            .windows(2)
            .position(|pair| pair == [0xFF, 0xC0])
            .unwrap();
        bytes[frame + 5..frame + 9].copy_from_slice(&[0xFF; 4]);
        assert_eq!(
            refusal(&bytes, &resize),
            "picture is 65535x65535, expected at most 64 megapixels"
        );
        bytes[frame + 5..frame + 9].copy_from_slice(&[0, 0, 0, 8]);
        assert!(refusal(&bytes, &resize).starts_with("damaged or unknown kind of jpg: "));
    }
}

#[test]
fn files_and_streams_have_a_limit() {
    assert_eq!(take(&b"12345"[..], 5).unwrap(), b"12345");
    let error = take(io::repeat(0), 5).unwrap_err();
    assert_eq!(error.to_string(), "found more bytes, expected at most 5");

    let (_directory, path) = file("large.png", b"");
    let sparse = File::options().write(true).open(&path).unwrap();
    sparse.set_len(LIMIT_BYTES + 1).unwrap();
    assert_eq!(
        refusal_of(&path, &wanted(1, 1, 1)),
        "file has 268435457 bytes, expected at most 268435456"
    );
}

#[test]
fn a_model_of_other_channels_takes_no_picture() {
    assert_eq!(
        refusal(&png(3, 2, RGB8, &RGB), &wanted(2, 3, 2)),
        "the model takes 2 channels, expected 1 (gray) or 3 (RGB) to classify pictures"
    );
}

#[test]
fn a_dash_is_standard_input() {
    assert_eq!(Source::from(PathBuf::from("-")), Source::Stdin);
    let path = PathBuf::from("./-");
    assert_eq!(Source::from(path.clone()), Source::Path(path));
}

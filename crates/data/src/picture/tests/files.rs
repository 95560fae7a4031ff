//! Files of both formats, from the `image` crate's encoders or byte by byte.

use image::{ExtendedColorType, ImageEncoder, codecs};

/// A PNG from the encoder; `samples` of 16 bits are in the machine's order.
pub fn png(width: u32, height: u32, colour: ExtendedColorType, samples: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let encoder = codecs::png::PngEncoder::new(&mut bytes);
    encoder.write_image(samples, width, height, colour).unwrap();
    bytes
}

/// A JPEG from the encoder, of the best quality.
pub fn jpeg(width: u32, height: u32, colour: ExtendedColorType, samples: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let encoder = codecs::jpeg::JpegEncoder::new_with_quality(&mut bytes, 100);
    encoder.write_image(samples, width, height, colour).unwrap();
    bytes
}

/// A PNG chunk; the checksum is CRC-32, bit by bit.
pub fn chunk(name: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let named = [name, data].concat();
    let mut crc = !0_u32;
    for byte in &named {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = (crc >> 1) ^ (0xEDB8_8320 & (crc & 1).wrapping_neg());
        }
    }
    let length = (data.len() as u32).to_be_bytes();
    [&length[..], &named, &(!crc).to_be_bytes()].concat()
}

/// A PNG byte by byte; `rows` start with their filter and are stored uncompressed.
pub fn raw_png(size: [u32; 2], bits: u8, kind: u8, chunks: &[Vec<u8>], rows: &[u8]) -> Vec<u8> {
    let [width, height] = size.map(u32::to_be_bytes);
    let header = [&width[..], &height, &[bits, kind, 0, 0, 0]].concat();
    let (mut a, mut b) = (1_u32, 0_u32);
    for byte in rows {
        a = (a + u32::from(*byte)) % 65521;
        b = (b + a) % 65521;
    }
    let length = rows.len() as u16;
    let mut data = vec![0x78, 0x01, 1];
    data.extend(length.to_le_bytes());
    data.extend((!length).to_le_bytes());
    data.extend(rows);
    data.extend((b << 16 | a).to_be_bytes());
    let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
    bytes.extend(chunk(b"IHDR", &header));
    bytes.extend(chunks.concat());
    bytes.extend(chunk(b"IDAT", &data));
    bytes.extend(chunk(b"IEND", &[]));
    bytes
}

/// A JPEG of one block of 8 x 8 pixels byte by byte; each component has one level, 0 or 128.
///
/// All quantizers are 8, so that the mean coefficient `c` gives the level `128 + c`. The mean's two
/// codes are `0`: c = 0, and `10` with eight bits: c = −128. All others end the block: `0`.
pub fn flat_jpeg(levels: &[u8], before: &[u8]) -> Vec<u8> {
    let mut bits = String::new();
    for level in levels {
        // Numbers below 0 are stored as what they are above −255.
        bits += if *level == 0 { "10011111110" } else { "00" };
    }
    while !bits.len().is_multiple_of(8) {
        bits += "1";
    }
    let number = levels.len() as u8;
    let segment = |marker: u8, data: &[u8]| {
        let length = (data.len() as u16 + 2).to_be_bytes();
        [&[0xFF, marker], &length[..], data].concat()
    };
    let mut frame = vec![8, 0, 8, 0, 8, number];
    let mut scan = vec![number];
    for component in 1..=number {
        frame.extend([component, 0x11, 0]);
        scan.extend([component, 0]);
    }
    scan.extend([0, 63, 0]);
    let means = [&[0, 1, 1][..], &[0; 14], &[0, 8]].concat();
    let others = [&[0x10, 1][..], &[0; 15], &[0]].concat();
    let mut bytes = vec![0xFF, 0xD8];
    bytes.extend(before);
    bytes.extend(segment(0xDB, &[&[0][..], &[8; 64]].concat()));
    bytes.extend(segment(0xC0, &frame));
    bytes.extend(segment(0xC4, &means));
    bytes.extend(segment(0xC4, &others));
    bytes.extend(segment(0xDA, &scan));
    for byte in bits.as_bytes().chunks(8) {
        let byte = std::str::from_utf8(byte).unwrap();
        bytes.push(u8::from_str_radix(byte, 2).unwrap());
    }
    bytes.extend([0xFF, 0xD9]);
    bytes
}

/// An EXIF block with nothing but an orientation, in either order of bytes.
pub fn exif(orientation: u8, big: bool) -> Vec<u8> {
    let value = orientation;
    if big {
        let entry = [1, 0x12, 0, 3, 0, 0, 0, 1, 0, value, 0, 0];
        [b"MM\0\x2A\0\0\0\x08\0\x01", &entry[..], &[0; 4]].concat()
    } else {
        let entry = [0x12, 1, 3, 0, 1, 0, 0, 0, value, 0, 0, 0];
        [b"II\x2A\0\x08\0\0\0\x01\0", &entry[..], &[0; 4]].concat()
    }
}

/// The same JPEG with an EXIF segment behind its start marker.
pub fn with_exif(jpeg: &[u8], block: &[u8]) -> Vec<u8> {
    let length = (block.len() as u16 + 8).to_be_bytes();
    let segment = [&[0xFF, 0xE1], &length[..], b"Exif\0\0", block].concat();
    [&jpeg[..2], &segment, &jpeg[2..]].concat()
}

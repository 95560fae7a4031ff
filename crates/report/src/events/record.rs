//! The bytes of an event: a protocol buffer in a record with two checksums.
//!
//! ```text
//! Event    1: double wall_time   2: int64 step   3: string file_version   5: Summary
//!          7: SessionLog
//! Summary  1: repeated Value { 1: string tag   2: float simple_value }
//! SessionLog  1: status, 1 is START
//!
//! record   u64 length   u32 masked CRC-32C of it   data   u32 masked CRC-32C of the data
//! ```
//!
//! Integers are little-endian. As protocol buffers have it, a number that is 0 is left out, but for
//! `simple_value`, whose presence says what kind of value it is.
//!
//! # Reference
//! TensorFlow 2, `core/util/event.proto`, `core/framework/summary.proto`, and
//! `core/lib/io/record_writer.h`.

use crc::{CRC_32_ISCSI, Crc, Table};

/// CRC-32C, which the catalogue of checksums names for iSCSI.
const CRC: Crc<u32, Table<1>> = Crc::<u32, Table<1>>::new(&CRC_32_ISCSI);

/// How a field's bytes end.
const VARINT: u64 = 0;
const FIXED64: u64 = 1;
const DELIMITED: u64 = 2;
const FIXED32: u64 = 5;

/// The first record: the version of the file's format.
pub(super) fn version(wall_time: f64) -> Vec<u8> {
    let mut event = head(0, wall_time);
    delimited(&mut event, 3, b"brain.Event:2");
    framed(&event)
}

/// Numbers under their tags.
pub(super) fn scalars(step: i64, wall_time: f64, numbers: &[(&str, f32)]) -> Vec<u8> {
    let mut summary = Vec::new();
    for (tag, number) in numbers {
        let mut value = Vec::new();
        if !tag.is_empty() {
            delimited(&mut value, 1, tag.as_bytes());
        }
        key(&mut value, 2, FIXED32);
        value.extend(number.to_le_bytes());
        delimited(&mut summary, 1, &value);
    }
    let mut event = head(step, wall_time);
    delimited(&mut event, 5, &summary);
    framed(&event)
}

/// The run begins, or begins again, at `step`.
pub(super) fn start(step: i64, wall_time: f64) -> Vec<u8> {
    let mut log = Vec::new();
    key(&mut log, 1, VARINT);
    varint(&mut log, 1);
    let mut event = head(step, wall_time);
    delimited(&mut event, 7, &log);
    framed(&event)
}

/// The beginning of every event.
fn head(step: i64, wall_time: f64) -> Vec<u8> {
    let mut event = Vec::new();
    if wall_time.to_bits() != 0 {
        key(&mut event, 1, FIXED64);
        event.extend(wall_time.to_le_bytes());
    }
    if step != 0 {
        key(&mut event, 2, VARINT);
        // Two's complement: a negative step takes ten bytes.
        varint(&mut event, step as u64);
    }
    event
}

fn key(out: &mut Vec<u8>, field: u64, kind: u64) {
    varint(out, (field << 3) | kind);
}

/// Seven bits a byte, the lowest first; the top bit says that more follow.
fn varint(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

fn delimited(out: &mut Vec<u8>, field: u64, bytes: &[u8]) {
    key(out, field, DELIMITED);
    varint(out, bytes.len() as u64);
    out.extend(bytes);
}

fn framed(data: &[u8]) -> Vec<u8> {
    let length = (data.len() as u64).to_le_bytes();
    let mut record = Vec::with_capacity(data.len() + 16);
    record.extend(length);
    record.extend(masked_crc(&length).to_le_bytes());
    record.extend(data);
    record.extend(masked_crc(data).to_le_bytes());
    record
}

/// Rotated and shifted, so that the checksum of bytes that hold a checksum is not degenerate.
fn masked_crc(bytes: &[u8]) -> u32 {
    let crc = CRC.checksum(bytes);
    crc.rotate_right(15).wrapping_add(0xa282_ead8)
}

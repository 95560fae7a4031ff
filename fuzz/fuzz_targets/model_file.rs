//! A model file of any bytes is refused, or is exactly what its network writes, and runs.
//!
//! The checksum is made right before the file is read: a fuzzer does not guess one, and whoever
//! makes a hostile file computes it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use orthant_infer::Runner;
use orthant_kernels::Kernels;
use orthant_model::Packed;

/// Networks up to this many multiply-accumulates, and numbers between layers, are run as well.
const RUNS: u64 = 1 << 20;

fuzz_target!(|bytes: &[u8]| {
    let sealed = seal(bytes);
    for bytes in [bytes, &sealed] {
        let Ok(packed) = Packed::read(bytes) else {
            continue;
        };
        assert_eq!(packed.to_bytes().expect("it was read"), bytes);
        let work = packed.plans().iter().map(|plan| {
            let numbers = (plan.input_len() + plan.output_len()) as u64;
            plan.macs().saturating_add(numbers)
        });
        if work.fold(0, u64::saturating_add) > RUNS {
            continue;
        }
        let kernels = Kernels::detect().expect("the machine has kernels");
        if let Ok(mut runner) = Runner::new(kernels, &packed) {
            let pixels = vec![129; runner.image().iter().product()];
            let mut logits = vec![0.0; runner.classes()];
            // What it says of numbers that overflow is its own affair; it may not panic.
            let _ = runner.run(&pixels, &mut logits);
        }
    }
});

/// The bytes with the length and the checksum that they should have.
fn seal(bytes: &[u8]) -> Vec<u8> {
    let mut sealed = bytes.to_vec();
    if sealed.len() >= 24 {
        let len = sealed.len() as u64;
        sealed[16..24].copy_from_slice(&len.to_le_bytes());
        let checksum = crc32fast::hash(&sealed[16..]);
        sealed[12..16].copy_from_slice(&checksum.to_le_bytes());
    }
    sealed
}

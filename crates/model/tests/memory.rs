//! A reader asks for no more memory than the file could need, whatever the file says.

use std::alloc::System;

use orthant_bits::InputContract;
use orthant_model::{
    Activation, Labels, Layer, Network, Op, Packed, PackedLayer, PackedWeights, Readout,
    WeightQuantizer,
};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// A file of one dense layer.
fn file() -> Vec<u8> {
    let layer = Layer {
        name: "dense".into(),
        op: Op::Dense { outputs: 3 },
        weights: WeightQuantizer::Sign,
        pool: None,
        norm: None,
        shortcut: None,
        activation: Activation::None,
    };
    let network = Network {
        input: [8, 8, 1],
        contract: InputContract::uniform(1, 8, 8, 1),
        layers: vec![layer],
        classes: 3,
    };
    let layer = PackedLayer {
        weights: PackedWeights::Binary(vec![[0x55; 8]; 3].into()),
        readout: Readout::Real {
            factor: vec![1.0; 3],
            scale: vec![1.0; 3],
            shift: vec![0.0; 3],
        },
    };
    let labels = Labels {
        classes: ["a", "b", "c"].map(String::from).to_vec(),
        white: 16,
    };
    let packed = Packed::new(network, labels, vec![layer]).unwrap();
    packed.to_bytes().unwrap()
}

/// One test, since every thread's memory counts; of four bytes at a time, wherever they stand.
#[test]
fn no_false_size_makes_the_reader_ask_for_more_than_the_file_is_worth() {
    let original = file();
    let mut most = 0;
    for at in 0..original.len() - 4 {
        for claim in [u32::MAX, 0x7fff_ffff, 0x0001_0000, 0x0000_ffff, 4096] {
            let mut bytes = original.clone();
            bytes[at..at + 4].copy_from_slice(&claim.to_le_bytes());
            let checksum = crc32fast::hash(&bytes[16..]);
            bytes[12..16].copy_from_slice(&checksum.to_le_bytes());
            let region = Region::new(ALLOCATOR);
            drop(Packed::read(&bytes));
            // All that was asked for, what was given back in between included.
            most = most.max(region.change().bytes_allocated);
        }
    }
    let limit = 16 * original.len();
    assert!(
        most > 0 && most < limit,
        "{most} bytes, the limit is {limit}"
    );
}

//! Archives of any bytes, as folders of pictures and as CIFAR's.
//!
//! The bytes are read as a `.tar.gz`, and as the tar inside of one, which fuzzing would not find.
#![no_main]

use std::io::Write;
use std::path::Path;

use flate2::{Compression, write::GzEncoder};
use libfuzzer_sys::fuzz_target;
use orthant_data::{Dataset, Known};

fuzz_target!(|bytes: &[u8]| {
    let mut packed = GzEncoder::new(Vec::new(), Compression::none());
    packed.write_all(bytes).expect("memory takes it");
    let packed = packed.finish().expect("memory takes it");
    for bytes in [bytes, &packed] {
        for known in [Known::Folder, Known::Cifar10, Known::Cifar100] {
            if let Ok(dataset) = Dataset::from_archive(known, Path::new("archive"), bytes) {
                let classes = dataset.classes().len();
                let labels = dataset
                    .train()
                    .labels()
                    .iter()
                    .chain(dataset.test().labels());
                assert!(labels.clone().all(|&label| usize::from(label) < classes));
                assert!(!dataset.train().is_empty() && !dataset.test().is_empty());
            }
        }
    }
});

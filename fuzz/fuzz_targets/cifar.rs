//! Records of CIFAR-10 and CIFAR-100 of any bytes: the first halves are the training split.
#![no_main]

use libfuzzer_sys::fuzz_target;
use orthant_data::{Dataset, Known};

fuzz_target!(|bytes: &[u8]| {
    let (train, test) = bytes.split_at(bytes.len() / 2);
    for (known, classes, record_bytes) in [(Known::Cifar10, 10, 3073), (Known::Cifar100, 100, 3074)]
    {
        if let Ok(dataset) = Dataset::from_records(known, [train, test]) {
            assert_eq!(dataset.train().len() * record_bytes, train.len());
            assert_eq!(dataset.test().len() * record_bytes, test.len());
            assert!(
                dataset
                    .train()
                    .labels()
                    .iter()
                    .all(|&label| label < classes)
            );
        }
    }
});

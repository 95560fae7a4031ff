//! Parquet files of any bytes.
//!
//! The decoder panics on some of them and the reader catches that, so that the hook which ends a
//! fuzzed program at any panic is taken away: one that leaves the reader ends it all the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use orthant_data::Dataset;

fuzz_target!(
    init: std::panic::set_hook(Box::new(|_| {})),
    |bytes: &[u8]| {
        let files = || vec![bytes.to_vec()];
        if let Ok(dataset) = Dataset::from_parquet(files(), files()) {
            assert_eq!(dataset.train().len(), dataset.test().len());
        }
    }
);

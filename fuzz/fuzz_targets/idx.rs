//! IDX files of any bytes: three bytes say how long the first three of four files are.
#![no_main]

use libfuzzer_sys::fuzz_target;
use orthant_data::{Dataset, Known};

fuzz_target!(|bytes: &[u8]| {
    let Some((ends, mut rest)) = bytes.split_first_chunk::<3>() else {
        return;
    };
    let mut files = [&[][..]; 4];
    for (file, end) in files.iter_mut().zip(ends) {
        (*file, rest) = rest.split_at(rest.len().min(usize::from(*end)));
    }
    files[3] = rest;
    if let Ok(dataset) = Dataset::from_idx(Known::Mnist, files) {
        for images in [dataset.train(), dataset.test()] {
            assert_eq!(images.pixels().len(), images.len() * images.image_len());
            assert!(images.labels().iter().all(|&label| label < 10));
        }
    }
});

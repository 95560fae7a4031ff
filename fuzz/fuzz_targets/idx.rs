//! IDX files of any bytes: three bytes say how long the first three of four files are.
//!
//! They are read as they are, and gzipped, which says the same.
#![no_main]

use std::io::Write;

use flate2::{Compression, write::GzEncoder};
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
    let packed = files.map(gzip);
    let packed = Dataset::from_idx(Known::Mnist, packed.each_ref().map(|file| &file[..]));
    let dataset = Dataset::from_idx(Known::Mnist, files);
    // What is gzipped already is so twice in the packed files, and no array then.
    if packed.is_ok() {
        assert_eq!(packed.ok(), dataset.as_ref().ok().cloned());
    }
    if let Ok(dataset) = dataset {
        for images in [dataset.train(), dataset.test()] {
            assert_eq!(images.pixels().len(), images.len() * images.image_len());
            assert!(images.labels().iter().all(|&label| label < 10));
        }
    }
});

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::none());
    packed.write_all(bytes).expect("memory takes it");
    packed.finish().expect("memory takes it")
}

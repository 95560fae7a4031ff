//! Pictures of any bytes, decoded as they are, and made what a network takes.
#![no_main]

use libfuzzer_sys::fuzz_target;
use orthant_data::picture::{self, Picture, Wanted};

/// Larger ones are sound but slow: nothing would be learned from them.
const LIMIT_PIXELS: u64 = 1 << 20;

fuzz_target!(|bytes: &[u8]| {
    let Ok(picture) = Picture::open(bytes) else {
        return;
    };
    let [width, height] = picture.size();
    let pixels = u64::from(width) * u64::from(height);
    assert!(pixels > 0, "a picture has pixels");
    if pixels > LIMIT_PIXELS {
        return;
    }
    let channels = picture.colour().channels as u64;
    let decoded = picture.samples();
    if let Ok(samples) = &decoded {
        assert_eq!(samples.len() as u64, pixels * channels);
    }
    for channels in [1, 3] {
        let wanted = Wanted {
            shape: [3, 5, channels],
            white: 16,
            resize: true,
            convert: true,
        };
        let made = picture::pixels(bytes, &wanted);
        assert_eq!(made.is_ok(), decoded.is_ok());
        if let Ok(made) = made {
            assert_eq!(made.len(), 15 * channels);
            assert!(made.iter().all(|&pixel| pixel <= 16));
        }
    }
});

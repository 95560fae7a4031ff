//! Gradients of 16 bits: floats cut to a significand of 8 bits.
//!
//! Products with ±1 and 0 are exact in them, and are added up as 32-bit floats.

use rayon::prelude::*;

/// Numbers that a task rounds, or a little more.
const CHUNK: usize = 1 << 15;

/// `gradients : [positions, outputs]`, each times its output's scale where there are any, rounded
/// to the nearest number of 16 bits, ties to even.
pub fn round(gradients: &[f32], scale: &[f32]) -> Vec<f32> {
    let outputs = scale.len().max(1);
    let chunk = CHUNK.next_multiple_of(outputs);
    let mut rounded = vec![0.0; gradients.len()];
    let chunks = rounded
        .par_chunks_mut(chunk)
        .zip(gradients.par_chunks(chunk));
    chunks.for_each(|(rounded, gradients)| match scale {
        [] => {
            let pairs = rounded.iter_mut().zip(gradients);
            pairs.for_each(|(to, from)| *to = nearest(*from));
        }
        _ => {
            let pixels = rounded.chunks_mut(outputs).zip(gradients.chunks(outputs));
            for (rounded, gradients) in pixels {
                for ((to, from), scale) in rounded.iter_mut().zip(gradients).zip(scale) {
                    *to = nearest(from * scale);
                }
            }
        }
    });
    rounded
}

/// The nearest float whose lower 16 bits are 0.
fn nearest(value: f32) -> f32 {
    let bits = value.to_bits();
    let rounded = (bits.wrapping_add(0x7fff + (bits >> 16 & 1))) & 0xffff_0000;
    // Rounding would carry a NaN's last bit out of its exponent.
    if value.is_nan() {
        value
    } else {
        f32::from_bits(rounded)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_number_of_16_bits_is_found() {
        for (value, expected) in [
            (1.0, 1.0),
            (-0.0, -0.0),
            // Halfway between 1 and 1 + 2^-7, and between that and the next: to even.
            (1.0 + 1.0 / 256.0, 1.0),
            (1.0 + 3.0 / 256.0, 1.0 + 4.0 / 256.0),
            (-1.0 - 1.1 / 256.0, -1.0 - 2.0 / 256.0),
            (f32::MAX, f32::INFINITY),
            (f32::NEG_INFINITY, f32::NEG_INFINITY),
        ] {
            assert_eq!(nearest(value).to_bits(), f32::to_bits(expected), "{value}");
        }
        assert!(nearest(f32::NAN).is_nan());
        assert!(nearest(f32::from_bits(0xffff_ffff)).is_nan());
    }

    #[test]
    fn each_output_has_its_scale() {
        let gradients = [1.0, 1.0, -3.0, 5.0];
        assert_eq!(round(&gradients, &[2.0, 0.5]), [2.0, 0.5, -6.0, 2.5]);
        assert_eq!(round(&gradients, &[]), gradients);
    }
}

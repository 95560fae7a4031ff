//! Floats to packed numbers, deterministically or by chance.

use orthant_bits::{tail_mask, words_for};
use orthant_kernels::{Error, Kernels};

use crate::random::Stream;

/// Ternarizes rows of `cols` numbers at `threshold` into two planes.
///
/// `spare` holds as many numbers as `values`.
///
/// # Errors
/// A NaN.
pub fn pack_ternary(
    kernels: Kernels,
    cols: usize,
    values: &[f32],
    threshold: f32,
    [sign, nonzero]: [&mut [u64]; 2],
    spare: &mut [f32],
) -> Result<(), Error> {
    // The sign of a rounded difference is exact, so `t − v >= 0` is `v <= t`.
    let difference = spare.iter_mut().zip(values);
    difference.for_each(|(to, value)| *to = threshold - value);
    kernels.pack_signs(cols, spare, sign)?;
    let sum = spare.iter_mut().zip(values);
    sum.for_each(|(to, value)| *to = value + threshold);
    kernels.pack_signs(cols, spare, nonzero)?;
    let (words, padding) = (words_for(cols), tail_mask(cols));
    for (at, (sign, nonzero)) in sign.iter_mut().zip(nonzero).enumerate() {
        let mask = if at % words == words - 1 {
            padding
        } else {
            u64::MAX
        };
        *sign = !*sign & mask;
        *nonzero = *sign | !*nonzero & mask;
    }
    Ok(())
}

/// Replaces each number by one whose sign is +1 with probability `(v + 1) / 2`, cut to [0, 1].
///
/// # Reference
/// Hubara et al. 2016, *Binarized Neural Networks*, eq. 2, arXiv:1602.02830.
pub fn randomize(values: &mut [f32], stream: &mut Stream) {
    for value in values {
        // A draw is above 0, so that a probability of 0 never gives +1.
        *value = ((*value + 1.0) * 0.5).clamp(0.0, 1.0) - stream.unit();
    }
}

#[cfg(test)]
mod tests {
    use orthant_bits::TernaryMatrix;

    use super::*;
    use crate::random::Purpose;

    #[test]
    fn planes_are_those_of_the_definition() {
        let kernels = Kernels::detect().unwrap();
        let t = 0.3_f32;
        let edges = [
            t,
            -t,
            f32::from_bits(t.to_bits() + 1),
            0.0,
            -0.0,
            5.0,
            -5.0,
            1e-40,
        ];
        for cols in [1, 63, 64, 65, 130] {
            let values: Vec<f32> = (0..3 * cols).map(|i| edges[i * 5 % 8]).collect();
            let expected = TernaryMatrix::from_f32(3, cols, &values, t).unwrap();
            let mut found = TernaryMatrix::zeroed(3, cols);
            let mut spare = vec![0.0; values.len()];
            pack_ternary(kernels, cols, &values, t, found.planes_mut(), &mut spare).unwrap();
            assert_eq!(found, expected);
        }
    }

    #[test]
    fn chance_is_the_hard_sigmoid() {
        let n = 20_000;
        for (value, expected) in [
            (-1.5, 0.0),
            (-1.0, 0.0),
            (-0.5, 0.25),
            (0.3, 0.65),
            (1.0, 1.0),
        ] {
            let mut stream = Stream::new(3, Purpose::Activations, 0, 0, 0);
            let mut values = vec![value; n];
            randomize(&mut values, &mut stream);
            let share = values.iter().filter(|v| **v >= 0.0).count() as f64 / n as f64;
            let error: f64 = expected * (1.0 - expected) / n as f64;
            assert!(
                (share - expected).abs() <= 4.0 * error.sqrt(),
                "{value}: {share}"
            );
        }
    }
}

//! Angles between vectors, and between a vector and what a quantizer makes of it.

use orthant_bits::{sign, ternarize};

/// The angle of a cosine in degrees, in [0, 180]; rounding beyond ±1 is cut off.
pub fn angle_deg(cosine: f64) -> f64 {
    cosine.clamp(-1.0, 1.0).acos().to_degrees()
}

/// The cosine of the angle between `u : [n]` and `v : [n]`; `None` where one of them is 0 or not
/// finite.
///
/// # Panics
/// If their lengths differ.
pub fn cosine(u: &[f32], v: &[f32]) -> Option<f64> {
    assert_eq!(u.len(), v.len(), "both vectors have one length");
    of_pairs(u.iter().copied().zip(v.iter().copied()))
}

/// The cosine of the angle between latent weights `w : [n]` and their signs; `None` where `w` is 0
/// or not finite.
///
/// ```text
/// cos θ = ‖w‖₁ / (√n ‖w‖₂)
/// ```
///
/// Null model: for Gaussian weights `cos θ → √(2/π)`, 37.07°, as `n` grows.
///
/// # Reference
/// `docs/theory.md`, T1; Anderson & Berg 2018, arXiv:1705.07199.
pub fn binarization_cosine(latent: &[f32]) -> Option<f64> {
    of_pairs(latent.iter().map(|&w| (w, sign(w))))
}

/// The cosine of the angle between latent weights `w : [n]` and what
/// [`ternarize`] makes of them at a threshold; `None` where one of them is 0 or not finite.
///
/// Null model: for Gaussian weights of deviation 1, `2 φ(t) / √(2 Q(t))` as `n` grows.
pub fn ternarization_cosine(latent: &[f32], threshold: f32) -> Option<f64> {
    of_pairs(latent.iter().map(|&w| (w, ternarize(w, threshold))))
}

fn of_pairs(pairs: impl Iterator<Item = (f32, f32)>) -> Option<f64> {
    let mut sums = [0.0; 3];
    for (u, v) in pairs {
        let (u, v) = (f64::from(u), f64::from(v));
        sums[0] += u * v;
        sums[1] += u * u;
        sums[2] += v * v;
    }
    let [product, u, v] = sums;
    // The square of the largest float has its place in f64, that of the smallest too.
    let norms = (u * v).sqrt();
    (norms > 0.0 && norms.is_finite()).then(|| product / norms)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn length_and_order_change_no_angle(
            mut pairs in prop::collection::vec((-3.0..3.0f32, any::<u32>()), 1..100),
            exponent in -6..7,
        ) {
            // A power of two rounds nothing over the threshold.
            let scale = (exponent as f32).exp2();
            let weights: Vec<f32> = pairs.iter().map(|pair| pair.0).collect();
            pairs.sort_by_key(|pair| pair.1);
            let others: Vec<f32> = pairs.iter().map(|pair| pair.0 * scale).collect();
            for (found, other) in [
                (binarization_cosine(&weights), binarization_cosine(&others)),
                (ternarization_cosine(&weights, 1.0), ternarization_cosine(&others, scale)),
            ] {
                match (found, other) {
                    (Some(found), Some(other)) => prop_assert!((found - other).abs() < 1e-5),
                    (found, other) => prop_assert_eq!(found, other),
                }
            }
        }
    }

    #[test]
    fn the_angle_of_a_vector_and_its_signs_is_that_of_its_norms() {
        let w = [0.3, -1.2, 0.0, 2.5];
        let norms = (0.3 + 1.2 + 2.5) / (4.0f64 * (0.09 + 1.44 + 6.25)).sqrt();
        // The sign of 0 is +1, which adds nothing to the product.
        let found = binarization_cosine(&w).expect("it is not 0");
        assert!((found - norms).abs() < 1e-7, "{found} {norms}");
    }

    #[test]
    fn constant_vectors_are_their_own_signs() {
        assert_eq!(binarization_cosine(&[-0.5; 27]), Some(1.0));
        assert_eq!(ternarization_cosine(&[-0.5; 27], 0.1), Some(1.0));
    }

    #[test]
    fn angles_that_are_none_are_none() {
        assert_eq!(binarization_cosine(&[0.0; 3]), None);
        assert_eq!(binarization_cosine(&[]), None);
        assert_eq!(binarization_cosine(&[1.0, f32::NAN]), None);
        assert_eq!(binarization_cosine(&[1.0, f32::INFINITY]), None);
        assert_eq!(ternarization_cosine(&[0.1, -0.1], 0.2), None);
        assert_eq!(cosine(&[1.0, 0.0], &[0.0, 0.0]), None);
    }

    #[test]
    fn opposite_vectors_are_half_a_turn_apart() {
        let v = [1.0e-20, 3.0e-20];
        let opposite = v.map(|v| -v);
        assert_eq!(cosine(&v, &opposite).map(angle_deg), Some(180.0));
    }
}

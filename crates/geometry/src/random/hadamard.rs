//! Rotations by random signs and a Hadamard matrix, in O(d log d).

use crate::random::stream::Stream;

/// `R = H D / √n`: random signs on the diagonal of `D`, then Hadamard's matrix of `n` rows.
///
/// `n` is the power of two from `d` up; a shorter vector is padded with zeros, so the rotated one,
/// and what a quantizer makes of it, has `n` coordinates: `n` bits are stored where the vector had
/// `d` numbers. Angles are between vectors of `n` coordinates.
///
/// # Reference
/// Ailon & Chazelle 2009, *The Fast Johnson–Lindenstrauss Transform*.
#[derive(Debug, Clone, PartialEq)]
pub struct HadamardRotation {
    dimensions: usize,
    signs: Vec<f64>,
}

impl HadamardRotation {
    /// Draws the signs for vectors of `d` coordinates.
    pub fn random(d: usize, stream: &mut Stream) -> Self {
        let signs = (0..d.next_power_of_two()).map(|_| stream.sign());
        Self {
            dimensions: d,
            signs: signs.collect(),
        }
    }

    /// Coordinates of a vector before its rotation.
    pub fn dimensions(&self) -> usize {
        self.dimensions
    }

    /// Coordinates after it: the power of two from `d` up.
    pub fn rotated_dimensions(&self) -> usize {
        self.signs.len()
    }

    /// `R u : [n]` of `u : [d]`.
    ///
    /// # Panics
    /// If `u` has another length.
    pub fn rotate(&self, u: &[f64]) -> Vec<f64> {
        assert_eq!(
            u.len(),
            self.dimensions,
            "the vector has the rotation's dimensions"
        );
        let mut rotated = vec![0.0; self.signs.len()];
        let signed = u.iter().zip(&self.signs).map(|(u, sign)| u * sign);
        rotated
            .iter_mut()
            .zip(signed)
            .for_each(|(to, from)| *to = from);
        walsh_hadamard(&mut rotated);
        rotated
    }

    /// `Rᵀ v : [n]` of `v : [n]`; of a rotated vector the coordinates from `d` on are 0 again.
    ///
    /// # Panics
    /// If `v` has another length.
    pub fn rotate_back(&self, v: &[f64]) -> Vec<f64> {
        assert_eq!(
            v.len(),
            self.signs.len(),
            "the vector has the rotated dimensions"
        );
        let mut back = v.to_vec();
        walsh_hadamard(&mut back);
        back.iter_mut()
            .zip(&self.signs)
            .for_each(|(v, sign)| *v *= sign);
        back
    }
}

/// Multiplies by Hadamard's matrix over the root of its size, which is its own inverse.
fn walsh_hadamard(v: &mut [f64]) {
    let mut half = 1;
    while half < v.len() {
        for pair in v.chunks_exact_mut(2 * half) {
            let (first, second) = pair.split_at_mut(half);
            for (a, b) in first.iter_mut().zip(second) {
                (*a, *b) = (*a + *b, *a - *b);
            }
        }
        half *= 2;
    }
    let scale = (v.len() as f64).sqrt().recip();
    v.iter_mut().for_each(|x| *x *= scale);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn lengths_stay_and_rotations_are_undone(
            u in prop::collection::vec(-10.0..10.0f64, 1..130),
            seed in any::<u64>(),
        ) {
            let rotation = HadamardRotation::random(u.len(), &mut Stream::new(seed));
            let rotated = rotation.rotate(&u);
            prop_assert_eq!(rotated.len(), u.len().next_power_of_two());
            let square = |v: &[f64]| v.iter().map(|x| x * x).sum::<f64>();
            prop_assert!((square(&rotated) - square(&u)).abs() < 1e-10 * square(&u).max(1.0));
            let back = rotation.rotate_back(&rotated);
            for (at, x) in back.iter().enumerate() {
                let expected = u.get(at).copied().unwrap_or(0.0);
                prop_assert!((x - expected).abs() < 1e-12 * 100.0);
            }
        }
    }

    #[test]
    fn the_matrix_is_hadamard_s() {
        // Entry (i, j) is +1 or −1 as i and j have an even or odd number of bits in common.
        for size in [1usize, 2, 8, 32] {
            for column in 0..size {
                let mut axis = vec![0.0; size];
                axis[column] = (size as f64).sqrt();
                walsh_hadamard(&mut axis);
                for (row, found) in axis.iter().enumerate() {
                    let odd = (row & column).count_ones() % 2 == 1;
                    let expected = if odd { -1.0 } else { 1.0 };
                    assert!((found - expected).abs() < 1e-12, "{size} {row} {column}");
                }
            }
        }
    }
}

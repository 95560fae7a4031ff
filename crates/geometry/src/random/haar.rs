//! Rotations drawn uniformly from all there are.

use crate::random::stream::Stream;

/// A rotation or reflection of `d` dimensions, uniform among all (Haar).
///
/// It is the `Q` of a Gaussian matrix's QR decomposition in which `R`'s diagonal is positive. What
/// is left of a Gaussian matrix's columns after a Householder step is Gaussian again, so each
/// step's vector is drawn when it is needed: `d²/2` numbers and no decomposition, where the matrix
/// would take `d²` numbers and `4/3 d³` multiplications.
///
/// # Reference
/// Stewart 1980, *The Efficient Generation of Random Orthogonal Matrices with an Application to
/// Condition Estimators*; Mezzadri 2007, *How to Generate Random Matrices from the Classical
/// Compact Groups*, arXiv:math-ph/0609050.
#[derive(Debug, Clone)]
pub struct HaarRotation {
    /// Householder vectors of d, d − 1, … 1 coordinates, each of length √2.
    reflections: Vec<f64>,
    /// The signs of R's diagonal.
    signs: Vec<f64>,
}

impl HaarRotation {
    /// Draws a rotation of `d` dimensions; `d² / 2` numbers of 8 bytes.
    pub fn random(d: usize, stream: &mut Stream) -> Self {
        let mut reflections = Vec::with_capacity(d * (d + 1) / 2);
        let mut signs = Vec::with_capacity(d);
        for len in (1..=d).rev() {
            let start = reflections.len();
            reflections.extend((0..len).map(|_| stream.normal()));
            let vector = &mut reflections[start..];
            let norm = dot(vector, vector).sqrt();
            let is_negative = vector[0] < 0.0;
            signs.push(if is_negative { 1.0 } else { -1.0 });
            // Away from the first axis, so that nothing cancels.
            vector[0] += if is_negative { -norm } else { norm };
            let scale = (2.0 / dot(vector, vector)).sqrt();
            vector.iter_mut().for_each(|x| *x *= scale);
        }
        Self { reflections, signs }
    }

    /// Dimensions.
    pub fn dimensions(&self) -> usize {
        self.signs.len()
    }

    /// Replaces `u : [d]` by `R u`.
    ///
    /// # Panics
    /// If `u` has another length.
    pub fn rotate_in_place(&self, u: &mut [f64]) {
        self.check(u);
        u.iter_mut()
            .zip(&self.signs)
            .for_each(|(u, sign)| *u *= sign);
        let mut end = self.reflections.len();
        for len in 1..=u.len() {
            reflect(&self.reflections[end - len..end], u);
            end -= len;
        }
    }

    /// Replaces `u : [d]` by `Rᵀ u`, which undoes the rotation.
    ///
    /// # Panics
    /// If `u` has another length.
    pub fn rotate_back_in_place(&self, u: &mut [f64]) {
        self.check(u);
        let mut start = 0;
        for len in (1..=u.len()).rev() {
            reflect(&self.reflections[start..start + len], u);
            start += len;
        }
        u.iter_mut()
            .zip(&self.signs)
            .for_each(|(u, sign)| *u *= sign);
    }

    fn check(&self, u: &[f64]) {
        assert_eq!(
            u.len(),
            self.signs.len(),
            "the vector has the rotation's dimensions"
        );
    }
}

/// Reflects the last coordinates of `u` at the plane that `vector`, of length √2, is normal to.
fn reflect(vector: &[f64], u: &mut [f64]) {
    let start = u.len() - vector.len();
    let u = &mut u[start..];
    let product = dot(vector, u);
    u.iter_mut()
        .zip(vector)
        .for_each(|(u, v)| *u -= product * v);
}

/// A dot product in eight partial sums, which the compiler may add side by side.
fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut sums = [0.0; 8];
    let (a_blocks, b_blocks) = (a.chunks_exact(8), b.chunks_exact(8));
    let rest = a_blocks.remainder().iter().zip(b_blocks.remainder());
    let rest: f64 = rest.map(|(a, b)| a * b).sum();
    for (a, b) in a_blocks.zip(b_blocks) {
        for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
            *sum += a * b;
        }
    }
    sums.iter().sum::<f64>() + rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Moments;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn columns_are_orthonormal(d in 1usize..40, seed in any::<u64>()) {
            let rotation = HaarRotation::random(d, &mut Stream::new(seed));
            let columns: Vec<Vec<f64>> = (0..d).map(|at| {
                let mut axis = vec![0.0; d];
                axis[at] = 1.0;
                rotation.rotate_in_place(&mut axis);
                axis
            }).collect();
            for (i, a) in columns.iter().enumerate() {
                for (j, b) in columns.iter().enumerate() {
                    let expected = f64::from(u8::from(i == j));
                    prop_assert!((dot(a, b) - expected).abs() < 1e-12);
                }
                let mut back = a.clone();
                rotation.rotate_back_in_place(&mut back);
                for (at, x) in back.iter().enumerate() {
                    let expected = f64::from(u8::from(at == i));
                    prop_assert!((x - expected).abs() < 1e-12);
                }
            }
        }
    }

    #[test]
    fn directions_and_trace_are_uniform() {
        // Of a Haar matrix every entry has mean 0 and variance 1/d, and the trace variance 1; a
        // wrong sign of one of R's entries moves the diagonal.
        let (d, draws) = (4, 20_000);
        let mut stream = Stream::new(3);
        let mut entries = vec![Moments::default(); d * d];
        let mut trace = Moments::default();
        for _ in 0..draws {
            let rotation = HaarRotation::random(d, &mut stream);
            let mut sum = 0.0;
            for column in 0..d {
                let mut axis = [0.0; 4];
                axis[column] = 1.0;
                rotation.rotate_in_place(&mut axis);
                sum += axis[column];
                for (row, x) in axis.into_iter().enumerate() {
                    entries[row * d + column].add(x);
                }
            }
            trace.add(sum);
        }
        let n = f64::from(draws);
        for entry in &entries {
            assert!(entry.mean().abs() < 5.0 * 0.5 / n.sqrt(), "{entry:?}");
            assert!(
                (entry.variance() - 0.25).abs() < 5.0 * 0.25 / n.sqrt(),
                "{entry:?}"
            );
        }
        assert!(trace.mean().abs() < 5.0 / n.sqrt());
        assert!((trace.variance() - 1.0).abs() < 5.0 * (2.0 / n).sqrt());
    }
}

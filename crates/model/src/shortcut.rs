//! A shortcut between layers: the source's `z`, averaged and with channels of 0 where it must be.
//!
//! # Reference
//! He et al. 2016, *Deep Residual Learning*, §3.3 (option A), arXiv:1512.03385; Liu et al. 2018,
//! *Bi-Real Net*, §3.1, arXiv:1808.00278, for shortcuts of real numbers beside binary layers.

/// The shapes that a shortcut joins, `[height, width, channels]`.
#[derive(Debug, Clone, Copy)]
pub struct Shortcut {
    /// The source's.
    pub from: [usize; 3],
    /// The target's.
    pub to: [usize; 3],
}

impl Shortcut {
    /// Source pixels that one target pixel averages, in each direction.
    fn factor(&self) -> usize {
        self.from[0] / self.to[0]
    }

    /// Calls `visit` with the first elements of each pair of pixels that are joined.
    fn pairs(&self, mut visit: impl FnMut(usize, usize)) {
        let factor = self.factor();
        for y in 0..self.to[0] * factor {
            for x in 0..self.to[1] * factor {
                let to = (y / factor * self.to[1] + x / factor) * self.to[2];
                visit((y * self.from[1] + x) * self.from[2], to);
            }
        }
    }

    fn share(&self) -> f32 {
        1.0 / (self.factor() * self.factor()) as f32
    }

    /// Adds one image's source to its target.
    pub fn forward(&self, source: &[f32], target: &mut [f32]) {
        let (share, channels) = (self.share(), self.from[2]);
        self.pairs(|from, to| {
            let pairs = target[to..to + channels].iter_mut().zip(&source[from..]);
            pairs.for_each(|(to, from)| *to += from * share);
        });
    }

    /// Adds one image's gradient of the target to that of the source.
    pub fn backward(&self, target: &[f32], source: &mut [f32]) {
        let (share, channels) = (self.share(), self.from[2]);
        self.pairs(|from, to| {
            let pairs = source[from..from + channels].iter_mut().zip(&target[to..]);
            pairs.for_each(|(from, to)| *from += to * share);
        });
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec;
    use alloc::vec::Vec;

    use super::*;

    #[test]
    fn backward_is_the_transpose_of_forward() {
        for (from, to) in [
            ([4, 6, 2], [2, 3, 3]),
            ([3, 3, 4], [3, 3, 4]),
            ([4, 4, 1], [1, 1, 2]),
        ] {
            let shortcut = Shortcut { from, to };
            let len = |extent: [usize; 3]| extent.iter().product::<usize>();
            let x: Vec<f32> = (0..len(from)).map(|i| (i * 7 % 5) as f32).collect();
            let y: Vec<f32> = (0..len(to)).map(|i| (i * 3 % 7) as f32 - 2.0).collect();
            let (mut ahead, mut back) = (vec![0.0; len(to)], vec![0.0; len(from)]);
            shortcut.forward(&x, &mut ahead);
            shortcut.backward(&y, &mut back);
            let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
            assert!((dot(&ahead, &y) - dot(&x, &back)).abs() < 1e-3);
        }
        let mean = Shortcut {
            from: [2, 2, 1],
            to: [1, 1, 2],
        };
        let mut target = [1.0, 5.0];
        mean.forward(&[1.0, 2.0, 3.0, 6.0], &mut target);
        assert_eq!(target, [4.0, 5.0]);
    }
}

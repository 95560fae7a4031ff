//! The shape of a max-pool.

use crate::Error;

/// A max-pool without padding over the last two of `[batch, height, width]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PoolShape {
    /// Height and width of the window.
    pub window: [usize; 2],
    /// Steps between windows.
    pub stride: [usize; 2],
}

impl PoolShape {
    /// Square windows that do not overlap.
    pub const fn square(side: usize) -> Self {
        Self {
            window: [side; 2],
            stride: [side; 2],
        }
    }

    /// Height and width of the output for an input of `[height, width]`.
    ///
    /// Positions that no whole window reaches are left out.
    ///
    /// # Errors
    /// A zero, or a window larger than the input.
    pub fn output(&self, input: [usize; 2]) -> Result<[usize; 2], Error> {
        let mut output = [0; 2];
        for (axis, name) in ["height", "width"].into_iter().enumerate() {
            if self.window[axis] == 0 || self.stride[axis] == 0 {
                return Err(Error::ZeroSize {
                    what: "the pool's window or stride",
                });
            }
            if self.window[axis] > input[axis] {
                let (window, input) = (self.window[axis], input[axis]);
                return Err(Error::WindowTooLarge {
                    axis: name,
                    window,
                    input,
                });
            }
            output[axis] = (input[axis] - self.window[axis]) / self.stride[axis] + 1;
        }
        Ok(output)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_windows_count() {
        assert_eq!(PoolShape::square(2).output([5, 4]), Ok([2, 2]));
        let overlapping = PoolShape {
            window: [3, 3],
            stride: [2, 2],
        };
        assert_eq!(overlapping.output([7, 8]), Ok([3, 3]));
        assert!(PoolShape::square(3).output([2, 4]).is_err());
        assert!(
            PoolShape {
                window: [1, 1],
                stride: [0, 1]
            }
            .output([2, 2])
            .is_err()
        );
    }
}

//! Initial latent weights.

use orthant_bits::{ConvShape, Padding};
use serde::{Deserialize, Serialize};

use crate::random::Stream;

/// A distribution of initial weights, by name.
///
/// ```text
/// fan_in = taps · input channels of a group        fan_out = taps · outputs of a group
/// ```
///
/// A dense layer is a kernel that covers its input; each number under it goes to one tap, so that
/// its `fan_out` is its outputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Initializer {
    /// Uniform within `±√(6 / (fan_in + fan_out))`.
    ///
    /// # Reference
    /// Glorot & Bengio 2010, eq. 16.
    #[default]
    GlorotUniform,
    /// Normal with variance `2 / (fan_in + fan_out)`.
    GlorotNormal,
    /// Normal with variance `2 / fan_in`.
    ///
    /// # Reference
    /// He et al. 2015, eq. 10, arXiv:1502.01852.
    HeNormal,
    /// Uniform within ±1.
    Uniform,
}

impl Initializer {
    /// Draws the weights of a layer, `[outputs, filter]`.
    pub fn draw(self, shape: &ConvShape, stream: &mut Stream) -> Vec<f32> {
        let [fan_in, fan_out] = fans(shape).map(|fan| fan as f32);
        let len = shape.outputs * shape.filter_len();
        let uniform = |stream: &mut Stream, limit: f32| (2.0 * stream.unit() - 1.0) * limit;
        let mut draw: Box<dyn FnMut() -> f32> = match self {
            Self::GlorotUniform => {
                let limit = (6.0 / (fan_in + fan_out)).sqrt();
                Box::new(move || uniform(stream, limit))
            }
            Self::GlorotNormal => {
                let deviation = (2.0 / (fan_in + fan_out)).sqrt();
                Box::new(move || stream.normal() * deviation)
            }
            Self::HeNormal => {
                let deviation = (2.0 / fan_in).sqrt();
                Box::new(move || stream.normal() * deviation)
            }
            Self::Uniform => Box::new(move || uniform(stream, 1.0)),
        };
        (0..len).map(|_| draw()).collect()
    }
}

/// What Adam's step on a layer's weights is multiplied with so that layers of all sizes move alike,
/// `1 / √(1.5 / (fan_in + fan_out))`; SGD's takes the square.
///
/// # Reference
/// Courbariaux et al. 2015, *BinaryConnect*, §2.5 (learning rates scaled by Glorot's
/// coefficients), arXiv:1511.00363.
pub fn glorot_step(shape: &ConvShape) -> f64 {
    let fans: usize = fans(shape).iter().sum();
    1.0 / (1.5 / fans as f64).sqrt()
}

/// Numbers that an output sees, and outputs that a number is seen by.
fn fans(shape: &ConvShape) -> [usize; 2] {
    let covers = shape.padding == Padding::Valid && shape.kernel == [shape.height, shape.width];
    let taps = if covers {
        1
    } else {
        shape.kernel[0] * shape.kernel[1]
    };
    [shape.filter_len(), taps * shape.group_outputs()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Purpose;

    #[test]
    fn a_dense_layer_over_pixels_has_the_fans_of_a_matrix() {
        let covering = ConvShape {
            padding: Padding::Valid,
            ..ConvShape::new([28, 28, 1], 4096, [28, 28])
        };
        assert_eq!(fans(&covering), [784, 4096]);
        assert_eq!(fans(&ConvShape::dense(784, 4096)), [784, 4096]);
        assert_eq!(fans(&ConvShape::new([8, 8, 32], 64, [3, 3])), [288, 576]);
    }

    #[test]
    fn deviations_are_those_of_the_names() {
        let shape = ConvShape::new([8, 8, 32], 64, [3, 3]);
        let (fan_in, fan_out) = (288.0_f64, 576.0_f64);
        for (initializer, variance) in [
            (Initializer::GlorotUniform, 2.0 / (fan_in + fan_out)),
            (Initializer::GlorotNormal, 2.0 / (fan_in + fan_out)),
            (Initializer::HeNormal, 2.0 / fan_in),
            (Initializer::Uniform, 1.0 / 3.0),
        ] {
            let mut stream = Stream::new(1, Purpose::Weights, 0, 0, 0);
            let weights = initializer.draw(&shape, &mut stream);
            assert_eq!(weights.len(), 64 * 288);
            let squares = weights.iter().map(|w| f64::from(*w).powi(2));
            let found = squares.sum::<f64>() / weights.len() as f64;
            // Four standard errors; a normal's square has twice its variance squared.
            let error = 4.0 * (2.0 / weights.len() as f64).sqrt();
            assert!((found / variance - 1.0).abs() < error, "{initializer:?}");
        }
    }
}

//! A layer in plain loops: what every engine is compared with.

use crate::network::Layer;

/// Pooled sums `[images, height, width, outputs]` of values `[images, side, side, inputs]`.
pub fn sums(layer: &Layer, values: &[f32]) -> Vec<f32> {
    let sums = products(layer, values);
    if layer.pool {
        maxima(layer, &sums)
    } else {
        sums
    }
}

/// `Σ w · x` at every position.
fn products(layer: &Layer, values: &[f32]) -> Vec<f32> {
    let Layer {
        inputs,
        side,
        kernel,
        outputs,
        ..
    } = *layer;
    let weights = by_input(layer);
    let (border, out_side) = (layer.border(), output_side(layer));
    let images = values.len() / (side * side * inputs);
    let mut sums = vec![0.0; images * out_side * out_side * outputs];
    for (position, sums) in sums.chunks_exact_mut(outputs).enumerate() {
        let (x, y) = (position % out_side, position / out_side % out_side);
        let image = position / (out_side * out_side);
        for tap in 0..kernel * kernel {
            let (in_y, in_x) = (y + tap / kernel, x + tap % kernel);
            let inside = border..side + border;
            if !inside.contains(&in_y) || !inside.contains(&in_x) {
                continue;
            }
            let pixel = (image * side + in_y - border) * side + in_x - border;
            let pixel = &values[pixel * inputs..][..inputs];
            let rows = weights[tap * inputs * outputs..].chunks_exact(outputs);
            // What is 0 adds nothing; half of what a rectifier leaves is.
            for (&value, row) in pixel.iter().zip(rows).filter(|(value, _)| **value != 0.0) {
                for (sum, weight) in sums.iter_mut().zip(row) {
                    *sum += value * weight;
                }
            }
        }
    }
    sums
}

/// Weights as numbers, `[kernel, kernel, inputs, outputs]`.
fn by_input(layer: &Layer) -> Vec<f32> {
    let mut weights = vec![0.0; layer.weights.len()];
    for (output, filter) in layer.weights.chunks_exact(layer.filter_len()).enumerate() {
        let places = weights.iter_mut().skip(output).step_by(layer.outputs);
        for (place, &weight) in places.zip(filter) {
            *place = f32::from(weight);
        }
    }
    weights
}

/// The largest of 2 x 2 sums.
fn maxima(layer: &Layer, sums: &[f32]) -> Vec<f32> {
    let (side, outputs) = (output_side(layer), layer.outputs);
    let row = side * outputs;
    let mut maxima = Vec::with_capacity(sums.len() / 4);
    for rows in sums.chunks_exact(2 * row) {
        let (above, below) = rows.split_at(row);
        for start in (0..row).step_by(2 * outputs) {
            let channel = |c: usize| {
                let (left, right) = (start + c, start + outputs + c);
                above[left]
                    .max(above[right])
                    .max(below[left])
                    .max(below[right])
            };
            maxima.extend((0..outputs).map(channel));
        }
    }
    maxima
}

/// Height and width of the sums before the max-pool.
fn output_side(layer: &Layer) -> usize {
    layer.side + 2 * layer.border() + 1 - layer.kernel
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One channel of 2 x 2 pixels; the kernel is −1 but for its middle.
    fn layer(pool: bool) -> Layer {
        Layer {
            inputs: 1,
            side: 2,
            kernel: 3,
            outputs: 1,
            pool,
            weights: vec![-1, -1, -1, -1, 1, -1, -1, -1, -1],
            gain: vec![1.0],
            mean: vec![0.0],
            peak: 0.0,
        }
    }

    #[test]
    fn a_border_adds_nothing() {
        let values = [1.0, 2.0, 3.0, 4.0];
        assert_eq!(sums(&layer(false), &values), [-8.0, -6.0, -4.0, -2.0]);
    }

    #[test]
    fn a_pool_takes_the_largest_sum_of_each_image() {
        let values = [1.0, 2.0, 3.0, 4.0, 0.0, 0.0, 1.0, 0.0];
        assert_eq!(sums(&layer(true), &values), [-2.0, 1.0]);
    }
}

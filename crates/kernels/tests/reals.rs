//! What becomes of real numbers on every instruction set: ternary planes, and maxima.

use orthant_bits::{PoolShape, TernaryMatrix};
use orthant_kernels::{Kernels, Pool};

#[test]
fn ternary_planes_are_those_of_the_definition() {
    let t = 0.3_f32;
    let next = f32::from_bits(t.to_bits() + 1);
    let edges = [t, -t, next, 0.0, -0.0, 5.0, -5.0, 1e-40];
    for kernels in Kernels::available() {
        for cols in [1, 63, 64, 65, 130] {
            let values: Vec<f32> = (0..3 * cols).map(|i| edges[i * 5 % 8]).collect();
            let expected = TernaryMatrix::from_f32(3, cols, &values, t).unwrap();
            let mut found = TernaryMatrix::zeroed(3, cols);
            let mut spare = vec![0.0; values.len()];
            let planes = found.planes_mut();
            kernels
                .pack_ternary(cols, &values, t, planes, &mut spare)
                .unwrap();
            assert_eq!(found, expected);
        }
        let mut plane = [[0; 1]; 2];
        let [sign, nonzero] = &mut plane;
        let short = kernels.pack_ternary(2, &[1.0, 2.0], t, [sign, nonzero], &mut [0.0]);
        assert!(short.is_err(), "a short spare");
    }
}

#[test]
fn maxima_are_those_of_the_window_and_nan_stays() {
    let shape = PoolShape {
        window: [2, 3],
        stride: [1, 2],
    };
    let (extent, channels) = ([4, 7], 19);
    let mut x: Vec<f32> = (0..2 * 28 * channels)
        .map(|i| ((i * 37 % 101) as f32 - 50.0) / 3.0)
        .collect();
    x[5 * channels + 2] = f32::NAN;
    let pool = Pool::new(shape, 2, extent, channels).unwrap();
    let [height, width] = pool.output();
    let mut expected = Vec::new();
    for at in 0..2 * height * width * channels {
        let (pixel, channel) = (at / channels, at % channels);
        let (image, row, column) = (
            pixel / width / height,
            pixel / width % height,
            2 * (pixel % width),
        );
        let window = (0..6).map(|place| {
            let (y, x) = (row + place / 3, column + place % 3);
            (image * 28 + y * 7 + x) * channels + channel
        });
        expected.push(window.fold(f32::MIN, |most, at| match x[at] {
            one if one > most || one.is_nan() => one,
            _ => most,
        }));
    }
    assert!(expected.iter().any(|maximum| maximum.is_nan()));
    for kernels in Kernels::available() {
        let mut y = vec![0.0; expected.len()];
        kernels.max_pool_f32(&pool, &x, &mut y).unwrap();
        for (found, expected) in y.iter().zip(&expected) {
            assert!(found == expected || found.is_nan() && expected.is_nan());
        }
        assert!(kernels.max_pool_f32(&pool, &x[1..], &mut y).is_err());
        assert!(kernels.max_pool_f32(&pool, &x, &mut y[1..]).is_err());
    }
}

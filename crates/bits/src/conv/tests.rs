use super::*;

#[test]
fn same_padding_keeps_the_size_and_puts_the_odd_row_last() {
    let shape = ConvShape::new([32, 7, 3], 8, [3, 2]);
    assert_eq!(
        (shape.pads(0), shape.pads(1), shape.output()),
        ([1, 1], [0, 1], [32, 7])
    );
    let strided = ConvShape {
        stride: [2, 3],
        ..shape
    };
    assert_eq!((strided.output(), strided.pads(0)), ([16, 3], [0, 1]));
}

#[test]
fn valid_and_explicit_padding_give_what_they_say() {
    let shape = ConvShape {
        padding: Padding::Valid,
        ..ConvShape::new([9, 9, 1], 1, [3, 5])
    };
    assert_eq!(shape.output(), [7, 5]);
    let padding = Padding::Explicit {
        top: 0,
        bottom: 2,
        left: 4,
        right: 1,
    };
    assert_eq!(ConvShape { padding, ..shape }.output(), [9, 10]);
}

/// The definition, tap by tap.
fn taps_by_search(shape: &ConvShape, axis: usize, position: usize) -> Vec<(usize, usize)> {
    let before = shape.pads(axis)[0] as isize;
    let input = [shape.height, shape.width][axis] as isize;
    (0..shape.kernel[axis])
        .map(|tap| {
            let at = position * shape.stride[axis] + tap * shape.dilation[axis];
            (tap, at as isize - before)
        })
        .filter(|&(_, at)| (0..input).contains(&at))
        .map(|(tap, at)| (tap, at as usize))
        .collect()
}

#[test]
fn the_taps_inside_are_a_range() {
    let paddings = [
        Padding::Same,
        Padding::Valid,
        Padding::Explicit {
            top: 5,
            bottom: 5,
            left: 0,
            right: 9,
        },
    ];
    for size in [1, 2, 5, 8] {
        for kernel in 1..=4 {
            for (stride, dilation) in [(1, 1), (2, 1), (1, 3), (3, 2)] {
                for padding in paddings {
                    let shape = ConvShape {
                        stride: [stride; 2],
                        dilation: [dilation; 2],
                        padding,
                        ..ConvShape::new([size, size, 1], 1, [kernel; 2])
                    };
                    if shape.check().is_err() {
                        continue;
                    }
                    for (axis, extent) in shape.output().into_iter().enumerate() {
                        for position in 0..extent {
                            let expected = taps_by_search(&shape, axis, position);
                            let Taps { taps, first } = shape.taps(axis, position);
                            let found: Vec<_> = taps
                                .clone()
                                .map(|tap| (tap, first + (tap - taps.start) * dilation))
                                .collect();
                            assert_eq!(found, expected, "{shape:?} axis {axis} at {position}");
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn impossible_shapes_are_refused() {
    let shape = ConvShape::new([8, 8, 6], 4, [3, 3]);
    assert_eq!(shape.check(), Ok(()));
    let zero = ConvShape {
        stride: [1, 0],
        ..shape
    };
    assert_eq!(zero.check(), Err(Error::ZeroSize { what: "the stride" }));
    let groups = ConvShape { groups: 3, ..shape };
    assert!(matches!(
        groups.check(),
        Err(Error::Groups {
            what: "outputs",
            ..
        })
    ));
    let large = ConvShape {
        padding: Padding::Valid,
        dilation: [4, 1],
        ..shape
    };
    let expected = Error::KernelTooLarge {
        axis: "height",
        kernel: 9,
        input: 8,
    };
    assert_eq!(large.check(), Err(expected));
    let far = Padding::Explicit {
        top: 0,
        bottom: 0,
        left: 0,
        right: 1 << 60,
    };
    let huge = [
        ConvShape {
            outputs: usize::MAX / 8,
            ..shape
        },
        ConvShape {
            kernel: [1, 1],
            dilation: [usize::MAX, 1],
            ..shape
        },
        ConvShape {
            kernel: [1, 1],
            dilation: [1 << 61, 1],
            ..shape
        },
        ConvShape {
            padding: far,
            ..shape
        },
        ConvShape {
            height: 1 << 40,
            width: 1 << 20,
            ..shape
        },
    ];
    for huge in huge {
        assert!(
            matches!(huge.check(), Err(Error::TooLarge { .. })),
            "{huge:?}"
        );
    }
}

#[test]
fn the_paper_s_network_has_its_operations() {
    let conv =
        |side, channels, outputs| ConvShape::new([side, side, channels], outputs, [3, 3]).macs();
    let convs = conv(32, 3, 128)
        + conv(32, 128, 128)
        + conv(16, 128, 256)
        + conv(16, 256, 256)
        + conv(8, 256, 512)
        + conv(8, 512, 512);
    let dense = [(8192, 1024), (1024, 1024), (1024, 10)];
    let dense: u64 = dense
        .map(|(inputs, outputs)| ConvShape::dense(inputs, outputs).macs())
        .iter()
        .sum();
    assert_eq!(convs + dense, 616_966_144);
}

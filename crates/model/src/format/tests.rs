//! Files that are whole, and files that are not.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;
use alloc::{format, vec};

use orthant_bits::{
    Border, InputContract, Padding, PoolShape, TernaryThreshold, TernaryThresholds, Threshold,
    Thresholds,
};

use super::{CHECKED, ENTRY, HEAD, checksum, threshold_bytes};
use crate::{
    Activation, ConvOp, Error, Labels, Layer, Network, NormSpec, Op, Packed, PackedLayer,
    PackedWeights, Readout, WeightQuantizer,
};

fn conv(outputs: usize) -> ConvOp {
    ConvOp {
        outputs,
        kernel: [3, 2],
        stride: [1, 1],
        dilation: [1, 1],
        padding: Padding::Same,
        groups: 1,
        border: Border::MinusOne,
    }
}

fn layer(name: &str, op: Op, weights: WeightQuantizer, activation: Activation) -> Layer {
    Layer {
        name: name.into(),
        op,
        weights,
        pool: None,
        norm: None,
        shortcut: None,
        activation,
    }
}

fn words(count: usize, mask: u64) -> Cow<'static, [[u8; 8]]> {
    let word = |at| (0x0123_4567_89ab_cdef_u64.rotate_left(at as u32) & mask).to_le_bytes();
    Cow::Owned((0..count).map(word).collect())
}

fn real(channels: usize) -> Readout {
    let numbers = |first: f32| (0..channels).map(|at| first + at as f32).collect();
    Readout::Real {
        factor: numbers(0.5),
        scale: numbers(-2.0),
        shift: numbers(3.0),
    }
}

/// A network with every kind of layer, weights and readout.
fn packed() -> Packed<'static> {
    let sign = WeightQuantizer::Sign;
    let ternary = WeightQuantizer::Ternary { threshold: 0.25 };
    let wide = ConvOp {
        padding: Padding::Explicit {
            top: 1,
            bottom: 1,
            left: 0,
            right: 1,
        },
        border: Border::Zero,
        ..conv(3)
    };
    let layers = vec![
        Layer {
            pool: Some(PoolShape::square(2)),
            norm: Some(NormSpec {
                epsilon: 1e-4,
                momentum: 0.9,
                gamma: true,
            }),
            ..layer("conv1", Op::Conv(conv(3)), sign, Activation::Sign)
        },
        layer(
            "conv2",
            Op::Conv(wide),
            WeightQuantizer::SignScaled,
            Activation::Ternary { threshold: 0.5 },
        ),
        layer("conv3", Op::Conv(conv(3)), ternary, Activation::Relu),
        Layer {
            shortcut: Some(2),
            ..layer("conv4", Op::Conv(conv(3)), sign, Activation::Clip)
        },
        layer(
            "mean",
            Op::MeanPool,
            WeightQuantizer::None,
            Activation::None,
        ),
        layer(
            "dense",
            Op::Dense { outputs: 2 },
            WeightQuantizer::None,
            Activation::None,
        ),
    ];
    let network = Network {
        input: [4, 6, 2],
        contract: InputContract {
            a: 2,
            b: vec![255, 250],
            unit: 255,
        },
        layers,
        classes: 2,
    };
    let thresholds = [5, -9, 0].map(|at| Threshold { at, invert: at < 0 });
    let ternary = [5, -9, 0].map(|low| TernaryThreshold {
        low,
        high: low + 2,
        invert: low > 0,
    });
    let (binary, six) = (PackedWeights::Binary, (1 << 12) - 1);
    let layers = vec![
        (
            binary(words(3, six)),
            Readout::Bits(Thresholds::new(&thresholds)),
        ),
        (
            binary(words(18, 7)),
            Readout::Ternary(TernaryThresholds::new(&ternary).unwrap()),
        ),
        (
            PackedWeights::Ternary {
                sign: words(18, 5),
                nonzero: words(18, 7).iter().map(|_| 7u64.to_le_bytes()).collect(),
            },
            real(3),
        ),
        (binary(words(18, 7)), real(3)),
        (PackedWeights::None, Readout::None),
        (
            PackedWeights::Real(Cow::Owned(vec![1.5f32.to_le_bytes(); 6])),
            real(2),
        ),
    ];
    let layers = layers.into_iter();
    let layers = layers.map(|(weights, readout)| PackedLayer { weights, readout });
    let labels = Labels {
        classes: vec![String::from("cat"), String::from("Große Katze")],
        white: 16,
    };
    Packed::new(network, labels, layers.collect()).unwrap()
}

/// Writes the checksum that the bytes should have.
fn seal(bytes: &mut [u8]) {
    let checksum = checksum::crc32(&bytes[CHECKED..]);
    bytes[12..16].copy_from_slice(&checksum.to_le_bytes());
}

/// The error of a file in which `change` happened and whose checksum was made anew.
#[track_caller]
fn error_of(change: impl FnOnce(&mut Vec<u8>)) -> Error {
    let mut bytes = packed().to_bytes().unwrap();
    change(&mut bytes);
    seal(&mut bytes);
    match Packed::read(&bytes) {
        Ok(_) => panic!("a damaged file was read"),
        Err(error) => error,
    }
}

#[test]
fn a_file_gives_back_what_was_written() {
    let packed = packed();
    let bytes = packed.to_bytes().unwrap();
    assert_eq!(Packed::read(&bytes).unwrap(), packed);
    let owned = Packed::read(&bytes).unwrap().into_owned();
    assert_eq!(owned, packed);
    let parts = packed.parts().unwrap();
    assert_eq!(parts.iter().map(|(_, len)| len).sum::<usize>(), bytes.len());
}

#[test]
fn a_file_is_borrowed_from() {
    let bytes = packed().to_bytes().unwrap();
    let packed = Packed::read(&bytes).unwrap();
    let PackedWeights::Binary(Cow::Borrowed(words)) = &packed.layers()[0].weights else {
        panic!("weights are borrowed");
    };
    assert!(bytes.as_ptr_range().contains(&words.as_ptr().cast()));
}

#[test]
fn a_file_that_was_cut_off_anywhere_is_refused() {
    let bytes = packed().to_bytes().unwrap();
    for len in 0..bytes.len() {
        let error = Packed::read(&bytes[..len]).unwrap_err();
        let is_length = matches!(error, Error::ShortFile { .. } | Error::FileLength { .. });
        assert!(is_length, "{len} bytes: {error}");
        // One that says its new length and sum is cut off inside.
        if len >= HEAD + 4 * ENTRY {
            let mut cut = bytes[..len].to_vec();
            cut[16..24].copy_from_slice(&(len as u64).to_le_bytes());
            seal(&mut cut);
            let error = Packed::read(&cut).unwrap_err();
            let is_section = matches!(
                error,
                Error::SectionLength { .. } | Error::SectionOffset { .. }
            );
            assert!(is_section, "{len} bytes: {error}");
        }
    }
}

/// Found by fuzzing: the reader looked for the gap before an empty section past the file's end.
#[test]
fn a_file_that_ends_before_the_gap_to_an_empty_section_is_refused() {
    let error = error_of(|file| {
        let end = section(file, 0) + 267;
        file.truncate(end);
        file[HEAD + 16..HEAD + 24].copy_from_slice(&267u64.to_le_bytes());
        for entry in 1..4 {
            let at = HEAD + entry * ENTRY;
            let start = end.next_multiple_of(8) as u64;
            file[at + 8..at + 16].copy_from_slice(&start.to_le_bytes());
            file[at + 16..at + 24].fill(0);
        }
        let len = file.len() as u64;
        file[16..24].copy_from_slice(&len.to_le_bytes());
    });
    assert!(
        matches!(
            error,
            Error::SectionOffset {
                section: "classes",
                ..
            }
        ),
        "{error}"
    );
}

#[test]
fn a_bit_that_flipped_anywhere_is_found() {
    let mut bytes = packed().to_bytes().unwrap();
    for bit in 0..8 * bytes.len() {
        bytes[bit / 8] ^= 1 << (bit % 8);
        let error = Packed::read(&bytes).unwrap_err();
        let expected = match bit / 8 {
            0..8 => matches!(error, Error::Magic { .. }),
            8..12 => matches!(error, Error::Version { .. }),
            16..24 => matches!(error, Error::FileLength { .. }),
            _ => matches!(error, Error::Checksum { .. }),
        };
        assert!(expected, "bit {bit}: {error}");
        bytes[bit / 8] ^= 1 << (bit % 8);
    }
    assert!(Packed::read(&bytes).is_ok());
}

/// Whoever can write a checksum can write anything: each byte set to everything that is near an
/// edge gives an error, or a file that is exactly what its network writes.
#[test]
fn whatever_a_sealed_byte_says_is_an_error_or_the_network_s_own_form() {
    let original = packed().to_bytes().unwrap();
    let mut accepted = 0;
    for at in 0..original.len() {
        let byte = original[at];
        for value in [
            0,
            1,
            127,
            128,
            255,
            byte.wrapping_add(1),
            byte.wrapping_sub(1),
        ] {
            let mut bytes = original.clone();
            bytes[at] = value;
            seal(&mut bytes);
            if let Ok(packed) = Packed::read(&bytes) {
                assert_eq!(packed.to_bytes().unwrap(), bytes, "byte {at} is {value}");
                accepted += 1;
            }
        }
    }
    assert!(accepted > 100, "other weights make other networks");
}

#[test]
fn every_field_of_the_head_and_the_table_has_its_error() {
    let len = packed().to_bytes().unwrap().len();
    // Where a field starts, its bytes, and its error's message.
    let fields: [(usize, usize, &str); 7] = [
        (8, 4, "the file has version "),
        (16, 8, "bytes and says "),
        (24, 4, " sections, expected 4"),
        (28, 4, "the head of the file has a gap that is not 0"),
        (HEAD, 4, "the table has kind "),
        (HEAD + 4, 4, "the table of the file has a gap that is not 0"),
        (HEAD + 8, 8, "section network starts at "),
    ];
    for (at, bytes, message) in fields {
        let value = {
            let file = packed().to_bytes().unwrap();
            let mut value = [0; 8];
            value[..bytes].copy_from_slice(&file[at..at + bytes]);
            u64::from_le_bytes(value)
        };
        for changed in [0, u64::MAX, value.wrapping_add(1), value.wrapping_sub(1)] {
            let same = changed.to_le_bytes()[..bytes] == value.to_le_bytes()[..bytes];
            if same {
                continue;
            }
            let error = error_of(|file| {
                file[at..at + bytes].copy_from_slice(&changed.to_le_bytes()[..bytes]);
            });
            let text = format!("{error}");
            assert!(text.contains(message), "{at} = {changed}: {text}");
        }
    }
    for (entry, section) in ["network", "classes", "weights", "readouts"]
        .iter()
        .enumerate()
    {
        let at = HEAD + entry * ENTRY;
        let value = |at: usize| {
            let file = packed().to_bytes().unwrap();
            u64::from_le_bytes(file[at..at + 8].try_into().unwrap())
        };
        let changed = |at: usize, value: u64| {
            error_of(move |file| file[at..at + 8].copy_from_slice(&value.to_le_bytes()))
        };
        for kind in [0, 5, u64::from(u32::MAX)] {
            assert!(
                matches!(changed(at, kind), Error::SectionKind { .. }),
                "{section}"
            );
        }
        let offset = value(at + 8);
        for other in [0, offset - 1, offset + 1, u64::MAX] {
            let error = changed(at + 8, other);
            assert!(
                matches!(error, Error::SectionOffset { .. }),
                "{section}: {error}"
            );
        }
        let len = value(at + 16);
        let error = changed(at + 16, u64::MAX);
        assert!(
            matches!(error, Error::SectionLength { .. }),
            "{section}: {error}"
        );
        // Another length moves the next section, shows what should be a gap, or leaves a rest.
        for other in [0, len - 1, len + 1] {
            let error = changed(at + 16, other);
            let expected = match *section {
                "readouts" if other > len => matches!(error, Error::SectionLength { .. }),
                "readouts" => matches!(error, Error::Trailing { .. }),
                _ => matches!(
                    error,
                    Error::SectionOffset { .. }
                        | Error::Gap { .. }
                        | Error::SectionEnd { .. }
                        | Error::SectionRest { .. }
                ),
            };
            assert!(expected, "{section} of {other} bytes: {error}");
        }
    }
    let error = error_of(|file| {
        file.push(0);
        file[16..24].copy_from_slice(&(len as u64 + 1).to_le_bytes());
    });
    assert_eq!(error, Error::Trailing { left: 1 });
}

/// Where the sections start.
fn section(bytes: &[u8], at: usize) -> usize {
    let entry = HEAD + at * ENTRY + 8;
    u64::from_le_bytes(bytes[entry..entry + 8].try_into().unwrap()) as usize
}

#[test]
fn every_rule_inside_a_section_has_its_error() {
    let set = |section_at: usize, offset: usize, value: &'static [u8]| {
        error_of(move |file| {
            let at = section(file, section_at) + offset;
            file[at..at + value.len()].copy_from_slice(value);
        })
    };
    let text = |error: Error| format!("{error}");
    // The network starts with three sizes, classes, a, unit, two numbers b, and the layers' count.
    assert!(matches!(
        set(0, 12, &[0xff; 4]),
        Error::Cap {
            what: "classes",
            ..
        }
    ));
    assert!(matches!(set(0, 8, &[0xff; 4]), Error::Cap { .. }));
    assert!(matches!(
        set(0, 32, &[0xff; 4]),
        Error::Cap { what: "layers", .. }
    ));
    assert!(matches!(set(0, 16, &[0; 4]), Error::Contract { .. }));
    assert!(matches!(
        set(0, 32, &[7, 0, 0, 0]),
        Error::SectionEnd { .. }
    ));
    assert!(matches!(
        set(0, 32, &[5, 0, 0, 0]),
        Error::SectionRest { .. }
    ));
    assert!(matches!(set(0, 0, &[0xff; 8]), Error::Shape { .. }));
    // Then the first layer: the length of its name, the name, the operation.
    assert!(matches!(
        set(0, 36, &[2]),
        Error::Code {
            what: "operation",
            found: b'n'
        }
    ));
    assert!(matches!(
        set(0, 37, &[0xff]),
        Error::Text { section: "network" }
    ));
    assert!(matches!(
        set(0, 42, &[9]),
        Error::Code {
            what: "operation",
            ..
        }
    ));
    // Outputs, three pairs of sizes and the groups; then padding, border, weights, pool.
    assert!(matches!(set(0, 43, &[0; 4]), Error::Shape { .. }));
    assert!(matches!(
        set(0, 43 + 32, &[9]),
        Error::Code {
            what: "padding",
            ..
        }
    ));
    assert!(matches!(
        set(0, 43 + 33, &[9]),
        Error::Code { what: "border", .. }
    ));
    assert!(matches!(
        set(0, 43 + 34, &[9]),
        Error::Code {
            what: "kind of weights",
            ..
        }
    ));
    assert!(matches!(
        set(0, 43 + 35, &[9]),
        Error::Code {
            what: "kind of pool",
            ..
        }
    ));
    assert!(matches!(
        set(0, 43 + 52, &[9]),
        Error::Code {
            what: "kind of norm",
            ..
        }
    ));
    assert!(matches!(
        set(0, 43 + 53, &[0xff; 4]),
        Error::Parameter { .. }
    ));
    assert!(matches!(
        set(0, 43 + 61, &[1]),
        Error::ShortcutSource { .. }
    ));
    assert!(matches!(
        set(0, 43 + 65, &[9]),
        Error::Code {
            what: "activation",
            ..
        }
    ));
    assert_eq!(
        text(set(1, 2, &[0xff])),
        "section classes has a name that is not UTF-8"
    );
    assert_eq!(
        text(set(1, 2, b"\n")),
        "the name of a class is \"\\nat\", expected one without control characters"
    );
    assert_eq!(
        text(set(0, 37, b"\x1b")),
        "the name of a layer is \"\\u{1b}onv1\", expected one without control characters"
    );
    // The first layer's weights are three rows of twelve bits.
    assert_eq!(
        text(set(2, 9, &[0xff])),
        "layer conv1: row 1 of the weights has padding bits that are not 0"
    );
    // Behind them 18 words of conv2, the sign plane of conv3, its other plane.
    assert_eq!(
        text(set(2, 8 * (3 + 18 + 18 + 1), &[0])),
        "layer conv3: word 1 of the ternary weights holds a sign where its number is 0"
    );
    let reals = 8 * (3 + 18 + 36 + 18);
    assert_eq!(
        text(set(2, reals + 4, &[0, 0, 0x80, 0x7f])),
        "layer dense: weight 1 is not a finite number"
    );
    // Two bytes for each threshold, then the flags.
    assert_eq!(
        text(set(3, 0, &[0xff, 0x7f])),
        "layer conv1: the threshold of channel 0 is 32767, expected one between the sums, which \
         reach 3120 on both sides"
    );
    assert!(matches!(set(3, 6, &[8]), Error::Gap { .. }));
    assert!(matches!(set(3, 7, &[100]), Error::Thresholds { .. }));
    let scale = 7 + 13 + 12;
    assert_eq!(
        text(set(3, scale, &[0, 0, 0xc0, 0x7f])),
        "layer conv3: scale 0 is not a finite number"
    );
}

#[test]
fn parts_that_do_not_belong_together_are_refused() {
    let whole = packed();
    let parts = || {
        (
            whole.network().clone(),
            whole.labels().clone(),
            whole.layers().to_vec(),
        )
    };
    let (network, mut labels, layers) = parts();
    labels.classes.clear();
    let error = Packed::new(network, labels, layers).unwrap_err();
    assert_eq!(
        format!("{error}"),
        "there are 0 names of classes, expected 2"
    );
    let (network, mut labels, layers) = parts();
    labels.white = 0;
    assert_eq!(Packed::new(network, labels, layers), Err(Error::White));
    let (mut network, labels, layers) = parts();
    network.layers = vec![network.layers[0].clone(); 4097];
    let layers_cap = Packed::new(network, labels, layers).unwrap_err();
    assert!(matches!(layers_cap, Error::Cap { what: "layers", .. }));
    let (mut network, labels, layers) = parts();
    // Two pixels a side more than 2^28 of them.
    network.input = [1 << 14, (1 << 14) + 2, 2];
    let many = Packed::new(network, labels, layers).unwrap_err();
    assert!(matches!(many, Error::ManyNumbers { .. }), "{many}");
    let (network, labels, mut layers) = parts();
    layers.pop();
    assert!(matches!(
        Packed::new(network, labels, layers),
        Err(Error::PackedLayers {
            expected: 6,
            found: 5
        })
    ));
    let (network, labels, mut layers) = parts();
    layers.swap(0, 2);
    let error = Packed::new(network, labels, layers).unwrap_err();
    assert_eq!(
        format!("{error}"),
        "layer conv1 has weights of kind ternary, expected binary"
    );
    let (network, labels, mut layers) = parts();
    layers[0].readout = real(3);
    let error = Packed::new(network, labels, layers).unwrap_err();
    assert_eq!(
        format!("{error}"),
        "layer conv1 has a readout of kind real, expected one threshold"
    );
    let (network, labels, mut layers) = parts();
    layers[1].weights = PackedWeights::Binary(words(17, 7));
    let error = Packed::new(network, labels, layers).unwrap_err();
    assert_eq!(
        format!("{error}"),
        "layer conv2: weights, in words, has length 17, expected 18"
    );
    let (mut network, labels, layers) = parts();
    network.layers[0].name = "x".repeat(256);
    let long = Packed::new(network, labels, layers).unwrap();
    assert!(matches!(
        long.to_bytes(),
        Err(Error::LongName { limit: 255, .. })
    ));
}

#[test]
fn thresholds_are_as_wide_as_the_largest_sum_and_one_asks_for() {
    assert_eq!(
        [0, 32_766, 32_767, 1 << 23].map(threshold_bytes),
        [2, 2, 4, 4]
    );
}

#[test]
fn a_size_past_32_bits_is_refused() {
    let whole = packed();
    let mut network = whole.network().clone();
    // A stride beyond the image changes no shape but its own.
    let Op::Conv(conv) = &mut network.layers[1].op else {
        panic!("conv2 is a convolution");
    };
    conv.padding = Padding::Explicit {
        top: 1,
        bottom: 1,
        left: 0,
        right: 1,
    };
    conv.stride = [1 << 33, 1 << 33];
    network.layers.truncate(2);
    network.layers[1].activation = Activation::None;
    network.classes = 3;
    let labels = Labels {
        classes: ["a", "b", "c"].map(String::from).to_vec(),
        white: 255,
    };
    let mut layers = whole.layers()[..2].to_vec();
    layers[1].readout = real(3);
    let packed = Packed::new(network, labels, layers).unwrap();
    assert!(matches!(packed.to_bytes(), Err(Error::Size { found, .. }) if found == 1 << 33));
}

use alloc::vec;
use alloc::vec::Vec;

use orthant_bits::{Border, InputContract, Padding, PoolShape};

use super::*;
use crate::{Activation, ConvOp, Layer, NormSpec};

/// A layer of ±1 weights with batch norm, named by its place.
fn layer(at: usize, op: Op, activation: Activation) -> Layer {
    Layer {
        name: alloc::format!("layer{at}"),
        op,
        weights: WeightQuantizer::Sign,
        pool: None,
        norm: Some(NormSpec {
            epsilon: 1e-4,
            momentum: 0.9,
            gamma: false,
        }),
        shortcut: None,
        activation,
    }
}

fn conv(outputs: usize) -> ConvOp {
    ConvOp {
        outputs,
        kernel: [3, 3],
        stride: [1, 1],
        dilation: [1, 1],
        padding: Padding::Same,
        groups: 1,
        border: Border::Zero,
    }
}

/// The network of Courbariaux & Hubara on CIFAR-10.
fn six_convolutions() -> Network {
    let mut layers = Vec::new();
    for (at, outputs) in [128, 128, 256, 256, 512, 512].into_iter().enumerate() {
        layers.push(Layer {
            pool: (at % 2 == 1).then_some(PoolShape::square(2)),
            ..layer(at, Op::Conv(conv(outputs)), Activation::Sign)
        });
    }
    for (at, outputs) in [(6, 1024), (7, 1024), (8, 10)] {
        let activation = if at == 8 {
            Activation::None
        } else {
            Activation::Sign
        };
        layers.push(layer(at, Op::Dense { outputs }, activation));
    }
    Network {
        input: [32, 32, 3],
        contract: InputContract::uniform(2, 255, 255, 3),
        layers,
        classes: 10,
    }
}

fn real(network: &mut Network) {
    for layer in &mut network.layers {
        layer.weights = WeightQuantizer::None;
        if layer.activation == Activation::Sign {
            layer.activation = Activation::Clip;
        }
    }
}

/// Within rounding of a number worked out by hand.
fn assert_near(found: f64, expected: f64) {
    assert!(
        (found - expected).abs() <= 1e-9 * expected.abs(),
        "{found}, expected {expected}"
    );
}

// Every number of this test was worked out by hand from the shapes of the layers.
#[test]
fn the_network_of_the_paper_costs_what_its_shapes_say() {
    let cost = six_convolutions().cost().unwrap();
    let weights: usize = cost.layers.iter().map(|layer| layer.plan.weights()).sum();
    assert_eq!(weights, 14_022_016);
    let parameters: usize = cost.layers.iter().map(LayerCost::parameters).sum();
    assert_eq!(parameters, 14_022_016 + 2 * (128 + 256 + 512 + 1024) + 10);

    let macs = cost.total(|layer| layer.macs);
    assert_eq!(macs.total(), 616_966_144);
    let expected = Macs {
        binary: 613_427_200,
        pixels: 3_538_944,
        ..Macs::default()
    };
    assert_eq!(macs, expected);
    assert_near(cost.total(LayerCost::ops), 10_027_168.0);
    assert_near(cost.operations_per_pixel(), 2.0 * 616_966_144.0 / 1024.0);

    // 27 bits of a first-layer filter fill a word; all other rows are whole words already.
    let bytes = cost.total(|layer| layer.weight_bytes);
    let bits: usize = (14_022_016 - 128 * 27) / 8 + 128 * 8;
    assert_eq!((bytes.packed, bytes.float32), (bits as u64, 56_088_064));
    let constants = cost.total(|layer| layer.constant_bytes);
    assert_eq!((constants.packed, constants.float32), (8_240, 30_800));
    let accesses = cost.total(LayerCost::access_bytes);
    assert_eq!(accesses.packed, 1_753_344 + 8_240 + 75_304);
    assert_eq!(accesses.float32, 56_088_064 + 30_800 + 2_313_256);
    let peak = cost.peak_bytes();
    assert_eq!((peak.packed, peak.float32), (20_480, 655_360));

    assert_eq!(cost.memory, Twin::both(Memory::Dram));
    let energy = cost.total(|layer| layer.energy);
    assert_near(energy.packed.arithmetic_pj, 5_192_420.4);
    assert_near(energy.packed.memory_pj, 286_429_610.0);
    assert_near(energy.float32.arithmetic_pj, 2_840_047_252.4);
    assert_near(energy.float32.memory_pj, 9_148_092_410.0);

    let one_bit: Vec<bool> = cost.layers.iter().map(LayerCost::is_one_bit).collect();
    assert_eq!(
        one_bit,
        [false, true, true, true, true, true, true, true, false]
    );
}

#[test]
fn a_network_of_real_numbers_is_its_own_twin() {
    let mut network = six_convolutions();
    real(&mut network);
    let cost = network.cost().unwrap();
    for layer in &cost.layers {
        assert_eq!(layer.bits_per_weight(), Some(32));
        assert_eq!(layer.macs.float, layer.macs.total());
        assert_eq!((layer.bops, layer.words), (0, 0));
        for twin in [
            layer.access_bytes(),
            layer.live_bytes,
            layer.weight_bytes,
            layer.constant_bytes,
        ] {
            assert_eq!(twin.packed, twin.float32, "{}", layer.name);
        }
        assert_eq!(layer.energy.packed, layer.energy.float32, "{}", layer.name);
        assert_eq!(layer.other.packed, layer.other.float32, "{}", layer.name);
    }
    // And the twin of the binary network is this one.
    let twin = six_convolutions().cost().unwrap();
    for (layer, real) in twin.layers.iter().zip(&cost.layers) {
        assert_eq!(layer.energy.float32, real.energy.float32);
        assert_eq!(layer.access_bytes().float32, real.access_bytes().float32);
        assert_eq!(layer.other.float32, real.other.float32);
    }
}

#[test]
fn ternary_numbers_are_two_bits_and_pixels_eight() {
    let mut network = six_convolutions();
    for layer in &mut network.layers {
        layer.weights = WeightQuantizer::Ternary { threshold: 0.1 };
        if layer.activation == Activation::Sign {
            layer.activation = Activation::Ternary { threshold: 0.1 };
        }
    }
    let [ternary, binary] = [network, six_convolutions()].map(|network| network.cost().unwrap());
    for (at, (ternary, binary)) in ternary.layers.iter().zip(&binary.layers).enumerate() {
        assert_eq!(ternary.bits_per_weight(), Some(2));
        assert_eq!(ternary.weight_bytes.packed, 2 * binary.weight_bytes.packed);
        assert_eq!(ternary.bops, 2 * binary.bops);
        assert_eq!(ternary.words, binary.words);
        assert_eq!((ternary.macs.binary, ternary.macs.float), (0, 0));
        assert!(!ternary.is_one_bit());
        let first = at == 0;
        assert_eq!(binary.bops, binary.macs.total() * if first { 8 } else { 1 });
        let planes = if first { 1 } else { 2 };
        assert_eq!(
            ternary.input_bytes.packed,
            planes * binary.input_bytes.packed
        );
    }
    let arithmetic = |cost: &Cost| cost.layers[1].energy.packed.arithmetic_pj;
    // A word costs 1.2 instead of 0.5 pJ, a sum two comparisons instead of one.
    let (words, sums) = (150_994_944.0 / 64.0, 131_072.0);
    assert_near(arithmetic(&ternary), 1.2 * words + 0.2 * sums);
    assert_near(arithmetic(&binary), 0.5 * words + 0.1 * sums);
}

#[test]
fn a_binary_operand_beside_a_real_one_saves_memory_and_no_operation() {
    let mut network = six_convolutions();
    network.layers[1].activation = Activation::Relu;
    let cost = network.cost().unwrap();
    let [before, after] = [1, 2].map(|at| &cost.layers[at]);
    // Real numbers leave layer 1, so that its norm is no comparison; layer 2 multiplies them.
    assert_eq!(before.ending, Ending::Real);
    assert_eq!(before.macs.binary, before.macs.total());
    assert!(!before.is_one_bit());
    assert_eq!(before.output_bytes.packed, before.output_bytes.float32);
    assert_eq!(after.macs.float, after.macs.total());
    assert_eq!(after.weight_bytes.packed, 294_912 / 8);
    assert_eq!(after.words, 0);
}

/// 4 x 4 pixels; layer 1 takes layer 0's `z`, averaged and with channels of 0.
fn residual() -> Network {
    let layers = vec![
        layer(0, Op::Conv(conv(64)), Activation::Sign),
        Layer {
            shortcut: Some(0),
            ..layer(
                1,
                Op::Conv(ConvOp {
                    stride: [2, 2],
                    ..conv(128)
                }),
                Activation::Sign,
            )
        },
        layer(2, Op::Conv(conv(128)), Activation::Sign),
        layer(3, Op::Dense { outputs: 10 }, Activation::None),
    ];
    Network {
        input: [4, 4, 1],
        contract: InputContract::uniform(1, 8, 8, 1),
        layers,
        classes: 10,
    }
}

#[test]
fn a_shortcut_keeps_real_numbers_alive_until_they_are_added() {
    let cost = residual().cost().unwrap();
    let layers = &cost.layers;
    let live: Vec<u64> = layers.iter().map(|layer| layer.live_bytes.packed).collect();
    // Input, output as bits, own z, and the source's z of 4 x 4 x 64 floats.
    let (own, source) = (2 * 2 * 128 * 4, 4 * 4 * 64 * 4);
    let expected = [16 + 128 + source, 128 + 64 + own + source, 64 + 64, 64 + 40];
    assert_eq!(live, expected);
    assert_eq!(cost.peak_bytes().packed, 128 + 64 + own + source);
    assert_eq!(layers[1].live_bytes.float32, 4096 + 2048 + own + source);

    let moved: Vec<u64> = layers
        .iter()
        .map(|layer| layer.shortcut_bytes.packed)
        .collect();
    assert_eq!(moved, [source, source, 0, 0], "written once, read once");
    let ends = layers.iter().map(|layer| layer.ending);
    let expected = [
        Ending::Real,
        Ending::Real,
        Ending::Comparisons,
        Ending::Real,
    ];
    assert!(ends.eq(expected));

    // Layer 0 divides by the contract's unit; layer 1 averages four numbers into each of its own.
    let expected = Elementwise {
        multiplications: 2 * 1024,
        additions: 1024,
        float_comparisons: 1024,
        integer_comparisons: 0,
    };
    assert_eq!(layers[0].other.packed, expected);
    let expected = Elementwise {
        multiplications: 512 + 1024,
        additions: 512 + 1024,
        float_comparisons: 512,
        integer_comparisons: 0,
    };
    assert_eq!(layers[1].other.packed, expected);
    assert_eq!(layers[2].other.packed.integer_comparisons, 512);
}

#[test]
fn a_source_stays_alive_over_layers_between() {
    let mut network = residual();
    network.layers[1].shortcut = None;
    network.layers[2].shortcut = Some(0);
    let cost = network.cost().unwrap();
    let source = 4 * 4 * 64 * 4;
    assert_eq!(cost.layers[1].live_bytes.packed, 128 + 64 + source);
    assert_eq!(cost.layers[1].shortcut_bytes.packed, 0);
    assert_eq!(cost.layers[1].ending, Ending::Comparisons);
    let own = 2 * 2 * 128 * 4;
    assert_eq!(cost.layers[2].live_bytes.packed, 64 + 64 + own + source);
}

#[test]
fn channels_fill_whole_words() {
    let mut network = six_convolutions();
    network.layers[0].op = Op::Conv(conv(65));
    let cost = network.cost().unwrap();
    let [first, second] = [0, 1].map(|at| &cost.layers[at]);
    assert_eq!(first.output_bytes.packed, 32 * 32 * 2 * 8);
    assert_eq!(second.weight_bytes.packed, 128 * 9 * 2 * 8);
    assert_eq!(second.words, 1024 * 128 * 9 * 2);
    assert_eq!(second.macs.binary, 1024 * 128 * 9 * 65);
    assert_eq!(first.constant_bytes.packed, 2 * 65 + 9);
}

#[test]
fn means_and_scales_are_counted() {
    let mut network = residual();
    network.layers[2].activation = Activation::Relu;
    network.layers[2].weights = WeightQuantizer::SignScaled;
    network.layers.insert(
        3,
        Layer {
            norm: None,
            ..layer(9, Op::MeanPool, Activation::None)
        },
    );
    let cost = network.cost().unwrap();
    let [scaled, mean] = [2, 3].map(|at| &cost.layers[at]);
    // A filter's scale and batch norm's factor; and 12 bytes for each channel.
    assert_eq!(scaled.other.packed.multiplications, 2 * 512);
    assert_eq!(scaled.other.float32.multiplications, 512);
    assert_eq!(scaled.constant_bytes.packed, 128 * 12);
    assert_eq!(mean.other.packed.additions, 4 * 128);
    assert_eq!(mean.other.packed.multiplications, 128);
    assert_eq!(mean.bits_per_weight(), None);
    assert_eq!((mean.macs.total(), mean.parameters()), (0, 0));
    assert_near(mean.energy.packed.arithmetic_pj, 512.0 * 0.9 + 128.0 * 3.7);
}

#[test]
fn what_no_number_holds_stays_at_the_largest() {
    let most = Twin::both(u64::MAX);
    assert_eq!(most + Twin::both(1), most);
    let macs = Macs {
        binary: u64::MAX,
        float: 1,
        ..Macs::default()
    };
    assert_eq!(macs.total(), u64::MAX);
    assert_eq!((macs + macs).binary, u64::MAX);
}

use alloc::string::ToString;
use alloc::vec;

use orthant_bits::{Border, Padding, PoolShape};

use super::*;
use crate::{ConvOp, NormSpec};

fn layer(name: &str, op: Op, activation: Activation) -> Layer {
    Layer {
        name: name.to_string(),
        op,
        weights: WeightQuantizer::Sign,
        pool: None,
        norm: None,
        shortcut: None,
        activation,
    }
}

fn conv(outputs: usize) -> Op {
    Op::Conv(ConvOp {
        outputs,
        kernel: [3, 3],
        stride: [1, 1],
        dilation: [1, 1],
        padding: Padding::Same,
        groups: 1,
        border: Border::Zero,
    })
}

fn network(layers: Vec<Layer>) -> Network {
    Network {
        input: [32, 32, 3],
        contract: InputContract::uniform(2, 255, 255, 3),
        layers,
        classes: 10,
    }
}

/// The network of Courbariaux & Hubara on CIFAR-10.
fn six_convolutions() -> Network {
    let mut layers = Vec::new();
    for (index, outputs) in [128, 128, 256, 256, 512, 512].into_iter().enumerate() {
        let name = alloc::format!("conv{}", index + 1);
        let pool = (index % 2 == 1).then_some(PoolShape::square(2));
        layers.push(Layer {
            pool,
            ..layer(&name, conv(outputs), Activation::Sign)
        });
    }
    let dense = |outputs| Op::Dense { outputs };
    layers.push(layer("dense1", dense(1024), Activation::Sign));
    layers.push(layer("dense2", dense(1024), Activation::Sign));
    layers.push(layer("dense3", dense(10), Activation::None));
    network(layers)
}

#[test]
fn the_network_of_the_paper_has_its_published_size() {
    let plans = six_convolutions().plan().unwrap();
    let weights: usize = plans.iter().map(LayerPlan::weights).sum();
    let macs: u64 = plans.iter().map(LayerPlan::macs).sum();
    assert_eq!(weights, 14_022_016);
    assert_eq!((macs as f64 / 1e4).round() / 100.0, 616.97);
    assert_eq!(plans[0].largest_sum, 27 * 255);
    assert_eq!(plans[6].shape.unwrap(), ConvShape::dense(8192, 1024));
    assert!(plans.iter().all(LayerPlan::is_packed));
}

#[test]
fn a_dense_layer_over_padded_pixels_is_a_kernel_that_covers_them() {
    let network = network(vec![
        Layer {
            pool: Some(PoolShape::square(8)),
            ..layer("conv1", conv(65), Activation::Sign)
        },
        layer("dense1", Op::Dense { outputs: 10 }, Activation::None),
    ]);
    let plan = network.plan().unwrap()[1];
    assert_eq!(plan.shape.unwrap().kernel, [4, 4]);
    assert_eq!(plan.weights(), 4 * 4 * 65 * 10);
    assert_eq!(plan.output, [1, 1, 10]);
}

fn message(network: &Network) -> alloc::string::String {
    network.plan().unwrap_err().to_string()
}

#[test]
fn what_cannot_be_is_said_with_its_layer() {
    let base = six_convolutions();
    let with = |change: &dyn Fn(&mut Network)| {
        let mut network = base.clone();
        change(&mut network);
        message(&network)
    };
    assert_eq!(
        with(&|n| n.layers[2].activation = Activation::None),
        "layer conv3 has no activation, expected one behind every hidden layer \
         (sign, ternary, clip or relu)"
    );
    assert!(with(&|n| n.layers[8].activation = Activation::Sign).starts_with("layer dense3 is"));
    assert!(with(&|n| n.classes = 100).ends_with("gives 10 numbers, expected 100, one per class"));
    assert!(with(&|n| n.layers[1].pool = Some(PoolShape::square(64))).starts_with("layer conv2:"));
    assert!(with(&|n| n.layers[1].op = Op::MeanPool).starts_with("layer conv2 is a mean-pool"));
    assert!(with(&|n| n.layers[1].name = "conv1".into()).contains("two layers"));
    assert!(with(&|n| n.layers.clear()).contains("no layer"));
    assert!(with(&|n| n.contract.unit = 0).contains("unit 0"));
    assert!(with(&|n| n.contract.a = 0).contains("expected a that is not 0"));
    assert!(with(&|n| n.contract.a = i32::MAX).contains("makes 547608329730 of a pixel"));
    assert!(
        with(&|n| n.layers[7].op = Op::Dense { outputs: 1 << 21 }).contains("weights, expected")
    );
    let threshold = f32::NAN;
    assert!(
        with(&|n| n.layers[0].weights = WeightQuantizer::Ternary { threshold })
            .starts_with("layer conv1: the threshold is NaN")
    );
    let norm = NormSpec {
        epsilon: 0.0,
        momentum: 0.9,
        gamma: true,
    };
    assert!(with(&|n| n.layers[0].norm = Some(norm)).contains("epsilon is 0"));
    let norm = NormSpec {
        epsilon: 1e-4,
        momentum: 1.0,
        gamma: true,
    };
    assert!(with(&|n| n.layers[0].norm = Some(norm)).contains("momentum is 1"));
    let wide = network(vec![layer(
        "dense1",
        Op::Dense { outputs: 10 },
        Activation::None,
    )]);
    let wide = Network {
        input: [224, 224, 3],
        ..wide
    };
    assert!(message(&wide).starts_with("layer dense1: sums reach 38384640"));
}

#[test]
fn a_shortcut_joins_shapes_that_fit() {
    let base = six_convolutions();
    let with = |from: usize, to: usize| {
        let mut network = base.clone();
        network.layers[to].shortcut = Some(from);
        network.plan()
    };
    assert!(with(0, 1).is_ok()); // twice the size: averaged
    assert!(with(1, 2).is_ok()); // half the channels
    assert!(with(0, 5).is_ok());
    assert!(matches!(with(2, 2), Err(Error::ShortcutSource { .. })));
    assert!(matches!(with(2, 1), Err(Error::ShortcutSource { .. })));
    assert!(matches!(
        with(5, 7),
        Err(Error::ShortcutShape { .. }) | Ok(_)
    ));
    assert!(matches!(with(6, 8), Err(Error::ShortcutShape { .. })));
}

use orthant_bits::PoolShape;
use orthant_data::{Dataset, Images, Known};

use super::*;

/// Noise of a shape, in ten classes.
fn data(shape: [usize; 3]) -> Dataset {
    let len: usize = shape.iter().product();
    let images = Images::try_new(shape, vec![7; 20 * len], (0..20).map(|i| i % 10).collect());
    let classes = (0..10).map(|class| class.to_string()).collect();
    let images = images.unwrap();
    Dataset::try_new("noise", classes, 255, images.clone(), images).unwrap()
}

fn message(settings: &[&str]) -> String {
    let settings: Vec<String> = settings
        .iter()
        .map(|setting| (*setting).to_owned())
        .collect();
    let recipe = Recipe::find("binarynet-cifar10", &settings);
    let model = recipe.and_then(|recipe| recipe.model(&data([32, 32, 3])));
    model.unwrap_err().to_string()
}

#[test]
fn every_built_in_recipe_makes_a_model() {
    for BuiltIn { name, .. } in BuiltIn::ALL {
        let width = ["width=0.05".to_owned()];
        let recipe = Recipe::find(name, &width).unwrap_or_else(|error| panic!("{error}"));
        let shape = recipe
            .data
            .source
            .parse::<Known>()
            .unwrap()
            .shape()
            .unwrap();
        let model = recipe.model(&data(shape));
        let model = model.unwrap_or_else(|error| panic!("{name}: {error}"));
        // Without the data the network is the same.
        let known = recipe.architecture().unwrap().network().unwrap();
        assert_eq!(known.layers, model.network().layers);
        assert_eq!((known.input, known.classes), (shape, 10));
        assert!(!recipe.about.is_empty());
        let again = Recipe::parse(name, &recipe.to_toml(), &[]).unwrap();
        assert_eq!(again, recipe, "{name} as it is written down");
    }
}

#[test]
fn only_signs_can_do_without_latent_weights() {
    let text = message(&["training.latent=false", "network.weights=sign-scaled"]);
    let expected = "training.latent = false, expected true, unless all quantized weights";
    assert!(text.contains(expected), "{text}");
    let mixed = ["training.latent=false", "network.layers.0.weights=none"].map(str::to_owned);
    assert!(
        !Recipe::find("binarynet-cifar10", &mixed)
            .unwrap()
            .training
            .latent
    );
}

#[test]
fn what_a_folder_holds_is_not_known_without_it() {
    let settings = ["data.source=folder:flowers".to_owned()];
    let recipe = Recipe::find("binarynet-cifar10", &settings).unwrap();
    let error = recipe.architecture().unwrap_err();
    assert!(matches!(error, Error::UnknownImages { data: "folder" }));
    assert!(
        error.to_string().contains("`input` and `classes`"),
        "{error}"
    );
}

#[test]
fn a_built_in_network_is_read_like_a_recipe_and_not_trained() {
    for BuiltIn { name, text } in BuiltIn::NETWORKS {
        let network = Architecture::find(name, &[]).unwrap();
        assert!(!network.about.is_empty());
        assert!(network.network().unwrap().plan().is_ok());
        for refused in [Recipe::find(name, &[]), Recipe::parse("mine", text, &[])] {
            let text = refused.unwrap_err().to_string();
            assert!(text.contains("is a network without data"), "{text}");
        }
    }
    let text = Recipe::find("binarynet-digits", &[]).unwrap().to_toml();
    let read = Architecture::find("binarynet-digits", &[]).unwrap();
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("mine.toml");
    std::fs::write(&path, text).unwrap();
    let name = path.to_str().unwrap();
    assert_eq!(
        Architecture::find(name, &[]).unwrap(),
        read,
        "a recipe's file"
    );
    std::fs::write(&path, toml::to_string(&read).unwrap()).unwrap();
    assert_eq!(Architecture::find(name, &[]).unwrap(), read, "its own");
}

#[test]
fn alexnet_has_its_published_size() {
    let network = Architecture::find("alexnet", &[])
        .unwrap()
        .network()
        .unwrap();
    let cost = network.cost().unwrap();
    // Krizhevsky's 60,965,224 parameters without the biases of 96 + 256 + 384 + 384 + 256 + 4096 +
    // 4096 + 1000 outputs.
    assert_eq!(
        cost.count(|layer| layer.parameters() as u64),
        60_965_224 - 10_568
    );
    let extents: Vec<[usize; 3]> = cost.layers.iter().map(|layer| layer.plan.output).collect();
    let convolutions = [
        [27, 27, 96],
        [13, 13, 256],
        [13, 13, 384],
        [13, 13, 384],
        [6, 6, 256],
    ];
    assert_eq!(extents[..5], convolutions);
    let macs: Vec<u64> = cost.layers.iter().map(|layer| layer.macs.float).collect();
    let expected = [
        55 * 55 * 96 * 11 * 11 * 3,
        27 * 27 * 256 * 5 * 5 * 48,
        13 * 13 * 384 * 3 * 3 * 256,
        13 * 13 * 384 * 3 * 3 * 192,
        13 * 13 * 256 * 3 * 3 * 192,
        6 * 6 * 256 * 4096,
        4096 * 4096,
        4096 * 1000,
    ];
    assert_eq!(macs, expected);
    // 1.45 G operations; 28 k for each of 227 x 227 pixels, 29 k for each of 224 x 224.
    assert_eq!(2 * macs.iter().sum::<u64>(), 1_448_813_632);
    assert_eq!(cost.operations_per_pixel().round(), 28_116.0);
    assert_eq!((1_448_813_632.0_f64 / (224.0 * 224.0)).round(), 28_875.0);
}

#[test]
fn settings_change_a_network() {
    let settings = [
        "width=0.5",
        "input=[67, 67, 3]",
        "network.layers.2.weights=sign",
    ];
    let network = Architecture::find("alexnet", &settings.map(String::from)).unwrap();
    let cost = network.network().unwrap().cost().unwrap();
    assert_eq!(cost.layers[0].plan.output, [7, 7, 48]);
    assert_eq!(cost.layers[2].bits_per_weight(), Some(1));
    for (setting, expected) in [
        ("inputs=[8, 8, 1]", "nearest known name is `input`"),
        ("training.epochs=1", "unknown field `training`"),
        ("input=[0, 8, 1]", "height"),
    ] {
        let found = Architecture::find("alexnet", &[setting.to_owned()]);
        let found = found.and_then(|found| Ok(found.network()?.plan()?));
        let text = found.unwrap_err().to_string();
        assert!(text.contains(expected), "{setting}: {text}");
    }
    let text = Architecture::find("alexnte", &[]).unwrap_err().to_string();
    assert!(
        text.starts_with("no network is named \"alexnte\"; the nearest known name is `alexnet`")
    );
}

#[test]
fn the_paper_s_recipe_is_the_paper_s() {
    let recipe = Recipe::find("binarynet-cifar10", &[]).unwrap();
    let model = recipe.model(&data([32, 32, 3])).unwrap();
    assert_eq!(model.weights(), [14_022_016, 0]);
    let training = &recipe.training;
    assert_eq!(
        (training.batch, training.epochs, training.glorot_step),
        (50, 500, false)
    );
    assert_eq!(
        (training.weight_clip, training.gradient_clip),
        (Some(1.0), Some(1.0))
    );
    assert_eq!((recipe.data.validation, recipe.data.shuffle), (500, false));
    assert_eq!(recipe.data.augment, None);
    let float = Recipe::find("float-cifar10", &[]).unwrap();
    assert_eq!(
        float.model(&data([32, 32, 3])).unwrap().weights(),
        [0, 14_022_016]
    );
    assert_eq!(float.training.schedule, training.schedule);
}

#[test]
fn a_width_scales_every_layer_but_the_last() {
    let recipe = Recipe::find("binarynet-cifar10", &["network.width=0.25".into()]).unwrap();
    let model = recipe.model(&data([32, 32, 3])).unwrap();
    let outputs: Vec<usize> = model.plans().iter().map(|plan| plan.output[2]).collect();
    assert_eq!(outputs, [32, 32, 64, 64, 128, 128, 256, 256, 10]);
}

#[test]
fn a_pool_steps_by_its_window_unless_told_otherwise() {
    let extents = |settings: &[&str]| {
        let settings: Vec<String> = settings.iter().map(|&one| one.to_owned()).collect();
        let recipe = Recipe::find("binarynet-cifar10", &settings).unwrap();
        let model = recipe.model(&data([32, 32, 3])).unwrap();
        let [height, width, _] = model.plans()[1].output;
        (model.network().layers[1].pool, [height, width])
    };
    assert_eq!(extents(&[]), (Some(PoolShape::square(2)), [16, 16]));
    let overlapping = PoolShape {
        window: [3, 3],
        stride: [2, 2],
    };
    let settings = ["network.layers.1.pool=3", "network.layers.1.pool-stride=2"];
    assert_eq!(extents(&settings), (Some(overlapping), [15, 15]));
    let settings = [
        "network.layers.1.pool=[3, 2]",
        "network.layers.1.pool-stride=[2, 4]",
    ];
    assert_eq!(extents(&settings).1, [15, 8]);
}

#[test]
fn settings_reach_every_key() {
    let settings = [
        "epochs=3",
        "network.layers.1.outputs=20",
        "network.layers.1.weights.quantizer=sign-scaled",
        "loss={ name = \"cross-entropy\", smoothing = 0.1 }",
        "data.augment.crop=2",
        "gradient-norm=3",
        "network.layers.3.activations=sign",
        "network.layers.3.activations.stochastic=true",
    ];
    let recipe = Recipe::find("binarynet-cifar10", &settings.map(String::from)).unwrap();
    assert_eq!(recipe.training.epochs, 3);
    assert_eq!(recipe.network.layers[1].outputs, Some(20));
    let weights = recipe.network.layers[1].weights.unwrap();
    assert_eq!(weights.quantizer, WeightName::SignScaled);
    assert_eq!(
        recipe.training.loss,
        LossRecipe::CrossEntropy { smoothing: 0.1 }
    );
    assert_eq!(recipe.data.augment.unwrap().crop, 2);
    assert_eq!(recipe.training.gradient_norm, Some(3.0));
    assert!(recipe.network.layers[3].activations.unwrap().stochastic);
}

#[test]
fn an_unknown_word_names_the_nearest_known_one() {
    for (setting, nearest) in [
        ("network.widht=1", "width"),
        ("training.epoch=1", "epochs"),
        ("widht=1", "width"),
        ("weight-clp=1", "weight-clip"),
        ("network.weights.surogate=clip", "surrogate"),
        ("network.weights.quantizer=sing", "sign"),
        ("network.layers.0.kernal=3", "kernel"),
        ("training.schedule.strat=1", "start"),
        ("data.augment.flop=true", "flip"),
    ] {
        let text = message(&[setting]);
        assert!(
            text.ends_with(&format!("the nearest known name is `{nearest}`")),
            "{text}"
        );
    }
    let text = Recipe::find("binarynet-cifar", &[])
        .unwrap_err()
        .to_string();
    assert!(
        text.contains("nearest known name is `binarynet-cifar10`"),
        "{text}"
    );
    let text = Recipe::parse("mine", "[network]\nwidht = 1\n", &[])
        .unwrap_err()
        .to_string();
    assert!(
        text.contains("line 2") && text.ends_with("`width`"),
        "{text}"
    );
}

#[test]
fn impossible_settings_are_named() {
    for (settings, expected) in [
        (
            vec!["training.schedule.start=0"],
            "training.schedule.start = 0, expected a number above",
        ),
        (
            vec!["training.schedule.start=nan"],
            "training.schedule.start = NaN",
        ),
        (
            vec!["training.schedule.start=-1"],
            "training.schedule.start = -1",
        ),
        (
            vec!["training.batch=0"],
            "training.batch = 0, expected at least 1",
        ),
        (vec!["training.epochs=-1"], "invalid value"),
        (vec!["training.weight-clip=0"], "training.weight-clip = 0"),
        (
            vec!["training.optimizer.beta1=1"],
            "training.optimizer.beta1 = 1",
        ),
        (vec!["network.width=0"], "the width is 0"),
        (
            vec![
                "network.layers.0.kernel=99",
                "network.layers.0.padding=valid",
            ],
            "layer conv1: ",
        ),
        (vec!["network.layers.6.pool=2"], "layer dense1: `pool`"),
        (
            vec!["network.layers.0.pool-stride=2"],
            "layer conv1: `pool-stride`: expected `pool` beside it",
        ),
        (
            vec!["network.layers.6.pool-stride=2"],
            "layer dense1: `pool-stride`: expected no such key here",
        ),
        (
            vec!["network.layers.1.pool-stride=0"],
            "layer conv2: the pool's window or stride",
        ),
        (
            vec!["network.layers.0.dropout=1.0"],
            "layer conv1: `dropout`",
        ),
        (
            vec!["network.activations=none"],
            "layer conv1 has no activation",
        ),
        (vec!["network.weights=ternary"], "layer conv1: `threshold`"),
        (
            vec!["network.weights.threshold=0.1"],
            "layer conv1: `threshold`",
        ),
        (
            vec!["network.layers.2.shortcut=conv9"],
            "layer conv3: the shortcut comes from",
        ),
        (vec!["network.layers.0.groups=2"], "layer conv1: "),
        (vec!["seed=9223372036854775808"], "expected u64"),
        (
            vec!["epochs=4294967296"],
            "training.epochs = 4294967296, expected less than 2^32",
        ),
        (
            vec!["training.schedule={ name = \"cosine\", start = 1, warmup = 501 }"],
            "warmup = 501",
        ),
        (
            vec!["training.schedule.start=1e39"],
            "training.schedule.start",
        ),
        (
            vec!["network.layers.0.outputs=0"],
            "layer conv1: `outputs`: expected at least 1",
        ),
        (
            vec!["network.layers.0.dropout=0.5", "border=plus-one"],
            "layer conv1: `dropout`",
        ),
        (vec!["network.width=500"], "weights, expected at most"),
        (vec!["training.epochs"], "expected key=value"),
        (
            vec!["network.layers.30.outputs=3"],
            "expected the number of a layer",
        ),
    ] {
        let text = message(&settings);
        assert!(text.contains(expected), "{settings:?}: {text}");
    }
}

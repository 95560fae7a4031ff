//! Random networks of random topology, with batch norms that meet the edges.

use orthant_bits::InputContract;
pub use orthant_kernels::oracle::Random;
use orthant_model::Labels;
use orthant_train::{Model, NetworkRecipe};

/// Height, width and channels of the images.
pub const SHAPE: [usize; 3] = [8, 6, 2];

/// Classes.
pub const CLASSES: usize = 4;

const WEIGHTS: [&str; 5] = [
    r#"{ quantizer = "sign" }"#,
    r#"{ quantizer = "sign" }"#,
    r#"{ quantizer = "sign-scaled" }"#,
    r#"{ quantizer = "ternary", threshold = 0.1 }"#,
    r#""none""#,
];

const ACTIVATIONS: [&str; 6] = [
    r#"{ quantizer = "sign" }"#,
    r#"{ quantizer = "sign" }"#,
    r#"{ quantizer = "ternary", threshold = 0.3 }"#,
    r#"{ quantizer = "ternary", threshold = 0.0 }"#,
    r#""clip""#,
    r#""relu""#,
];

/// A network that can be, as the text of a recipe.
pub fn network(random: &mut Random) -> String {
    loop {
        let text = attempt(random);
        let recipe: NetworkRecipe = toml::from_str(&text).expect("the text is a network");
        let network = recipe.network(SHAPE, contract(0), CLASSES);
        if network.is_ok_and(|(network, _)| network.plan().is_ok()) {
            return text;
        }
    }
}

fn attempt(random: &mut Random) -> String {
    let mut text = format!(
        "weights = {}\nactivations = {}\nlayers = [\n",
        random.pick(&WEIGHTS),
        random.pick(&ACTIVATIONS)
    );
    let convs = random.below(5);
    for conv in 0..convs {
        let outputs = random.pick(&[1, 4, 6, 8, 64, 65, 70]);
        text += &format!("{{ kind = \"conv\", outputs = {outputs}");
        let options = [
            ["kernel = 1", "kernel = [1, 3]", "kernel = 2"],
            ["stride = 2", "stride = [2, 1]", "stride = 3"],
            ["dilation = 2", "dilation = [1, 2]", "dilation = 2"],
            ["groups = 2", "groups = 2", "groups = 4"],
            ["pool = 2", "pool = 3, pool-stride = 1", "pool = [1, 2]"],
            [
                "border = \"plus-one\"",
                "border = \"minus-one\"",
                "padding = \"valid\"",
            ],
            ["norm = \"none\"", "norm = \"none\"", "norm = \"none\""],
        ];
        for options in options {
            if random.below(3) == 0 {
                text += &format!(", {}", random.pick(&options));
            }
        }
        if conv > 0 && random.below(2) == 0 {
            text += &format!(", shortcut = \"conv{}\"", 1 + random.below(conv));
        }
        if random.below(4) == 0 {
            text += &format!(", weights = {}", random.pick(&WEIGHTS));
        }
        if random.below(3) == 0 {
            text += &format!(", activations = {}", random.pick(&ACTIVATIONS));
        }
        text += " },\n";
    }
    for _ in 0..random.below(3) {
        if convs > 0 && random.below(3) == 0 {
            text += "{ kind = \"mean-pool\" },\n";
        }
    }
    for _ in 0..random.below(3) {
        let outputs = random.pick(&[1, 63, 64, 130]);
        text += &format!("{{ kind = \"dense\", outputs = {outputs} }},\n");
    }
    text += "{ kind = \"dense\" },\n";
    if random.below(8) == 0 {
        text += "{ kind = \"mean-pool\" },\n";
    }
    text + "]"
}

/// Sums of 16 bits, or of more, as the seed says.
fn contract(seed: u64) -> InputContract {
    let times = if seed.is_multiple_of(3) { 40 } else { 1 };
    InputContract {
        a: 2 * times,
        b: vec![255 * times, 250 * times],
        unit: 255 * times,
    }
}

/// Names for some classes.
pub fn labels(classes: usize) -> Labels {
    Labels {
        classes: (0..classes).map(|class| format!("class {class}")).collect(),
        white: 255,
    }
}

/// The network of a text, untrained, with batch norms of all kinds: ties, zeros, negative factors.
pub fn model(text: &str, seed: u64) -> Model {
    let recipe: NetworkRecipe = toml::from_str(text).expect("the text is a network");
    let (network, training) = recipe.network(SHAPE, contract(seed), CLASSES).unwrap();
    let mut model = Model::new(network, training, seed).unwrap();
    let mut random = Random::new(seed);
    for parameters in &mut model.parameters {
        let Some(norm) = &mut parameters.norm else {
            continue;
        };
        for channel in 0..norm.gamma.len() {
            let unit = random.unit();
            norm.gamma[channel] = random.pick(&[unit, unit, 1.0, -1.0, 0.0, -0.0]);
            norm.beta[channel] = random.pick(&[unit, 0.0, -0.0]);
            norm.mean[channel] = random.pick(&[4.0 * unit, (8.0 * unit).round(), 0.0]);
            norm.variance[channel] = random.pick(&[1.0 + 0.5 * unit, 1.0, 1e-12]);
        }
    }
    model
}

/// Pixels of some images.
pub fn pixels(batch: usize, seed: u64) -> Vec<u8> {
    let mut random = Random::new(!seed);
    let len = batch * SHAPE.iter().product::<usize>();
    (0..len).map(|_| random.below(256) as u8).collect()
}

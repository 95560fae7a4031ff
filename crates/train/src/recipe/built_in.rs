//! The recipes and networks that are part of the program.

/// A recipe, or a network, that is part of the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BuiltIn {
    /// The name that commands take.
    pub name: &'static str,
    /// The recipe or network, as TOML.
    pub text: &'static str,
}

macro_rules! built_in {
    ($directory:literal: $($name:literal),* $(,)?) => {
        [$(BuiltIn {
            name: $name,
            text: include_str!(concat!("../../../../", $directory, "/", $name, ".toml")),
        }),*]
    };
}

impl BuiltIn {
    /// Every recipe.
    pub const ALL: [Self; 10] = built_in!["recipes":
        "binarynet-cifar10",
        "binarynet-digits",
        "binarynet-fashion",
        "binarynet-mlp",
        "fast-cifar10",
        "float-cifar10",
        "float-digits",
        "residual-digits",
        "ternary-cifar10",
        "ternary-digits",
    ];

    /// Every network that has no data here, an [`Architecture`](crate::Architecture) each.
    pub const NETWORKS: [Self; 1] = built_in!["networks": "alexnet"];

    /// The recipe of a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.name == name)
    }

    /// The network of a name.
    pub fn network(name: &str) -> Option<Self> {
        Self::NETWORKS.into_iter().find(|one| one.name == name)
    }
}

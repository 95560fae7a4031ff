//! The recipes that are part of the program.

/// A recipe that is part of the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BuiltIn {
    /// The name that commands take.
    pub name: &'static str,
    /// The recipe, as TOML.
    pub text: &'static str,
}

macro_rules! built_in {
    ($($name:literal),* $(,)?) => {
        [$(BuiltIn {
            name: $name,
            text: include_str!(concat!("../../../../recipes/", $name, ".toml")),
        }),*]
    };
}

impl BuiltIn {
    /// Every one.
    pub const ALL: [Self; 10] = built_in![
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

    /// The recipe of a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.name == name)
    }
}

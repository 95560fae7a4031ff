//! A recipe as a list of settings, to be compared with another.

use std::collections::BTreeMap;

use toml::Value;

use super::Recipe;

impl Recipe {
    /// Every key that the recipe has, `training.epochs` and `network.layers.2.outputs`, with its
    /// value as TOML. What a recipe is about is no setting.
    pub fn settings(&self) -> BTreeMap<String, String> {
        let mut settings = BTreeMap::new();
        // By way of the text, where numbers of 32 bits have no more digits than they need.
        let whole = toml::from_str(&self.to_toml()).expect("a recipe is a table");
        collect(String::new(), &Value::Table(whole), &mut settings);
        settings.remove("about");
        settings
    }

    /// How another recipe differs, a line for each key: `training.epochs: 20 here, 40 there`.
    ///
    /// Where the data lie makes no difference: their hash says whether they are others.
    pub fn differences(&self, other: &Self, names: [&str; 2]) -> Vec<String> {
        let [ours, theirs] = [self.settings(), other.settings()];
        let keys: std::collections::BTreeSet<_> = ours.keys().chain(theirs.keys()).collect();
        let [here, there] = names;
        let say = |value: Option<&String>| value.map_or("left out", String::as_str).to_owned();
        keys.into_iter()
            .filter(|key| *key != "data.source" && ours.get(*key) != theirs.get(*key))
            .map(|key| {
                let [a, b] = [ours.get(key), theirs.get(key)].map(say);
                format!("{key}: {a} {here}, {b} {there}")
            })
            .collect()
    }
}

fn collect(key: String, value: &Value, settings: &mut BTreeMap<String, String>) {
    let below = |name: &str| match key.is_empty() {
        true => name.to_owned(),
        false => format!("{key}.{name}"),
    };
    match value {
        Value::Table(table) => {
            for (name, value) in table {
                collect(below(name), value, settings);
            }
        }
        // An array of numbers is one value.
        Value::Array(values) if values.iter().any(Value::is_table) => {
            for (index, value) in values.iter().enumerate() {
                collect(below(&index.to_string()), value, settings);
            }
        }
        value => {
            settings.insert(key, value.to_string());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_names_its_key_and_both_values() {
        let recipe = |settings: &[&str]| {
            let settings: Vec<_> = settings.iter().map(|one| (*one).to_owned()).collect();
            Recipe::find("binarynet-digits", &settings).unwrap()
        };
        let ours = recipe(&["epochs=20"]);
        let there = recipe(&[
            "epochs=40",
            "weight-clip=2.0",
            "network.layers.1.outputs=7",
            "data.source=mnist:x",
        ]);
        let differences = ours.differences(&there, ["here", "there"]);
        assert_eq!(differences.len(), 3, "{differences:?}");
        assert_eq!(
            differences[0],
            "network.layers.1.outputs: 128 here, 7 there"
        );
        assert_eq!(differences[1], "training.epochs: 20 here, 40 there");
        assert!(ours.differences(&ours, ["", ""]).is_empty());
    }
}

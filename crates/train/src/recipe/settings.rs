//! A recipe as a list of settings, to be compared with another.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

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

    /// How a recipe differs from what it was.
    ///
    /// Where the data lie makes no difference: their hash says whether they are others.
    pub fn differences(&self, was: &Self) -> Vec<Difference> {
        let [now, was] = [self.settings(), was.settings()];
        let keys: BTreeSet<_> = now.keys().chain(was.keys()).collect();
        keys.into_iter()
            .filter(|key| *key != "data.source" && now.get(*key) != was.get(*key))
            .map(|key| Difference {
                key: key.clone(),
                was: was.get(key).cloned(),
                now: now.get(key).cloned(),
            })
            .collect()
    }
}

/// Something in which a run is to go on otherwise than it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The key, `training.epochs`.
    pub key: String,
    /// The run's value; `None` where it was left out.
    pub was: Option<String>,
    /// The new value; `None` where it is left out.
    pub now: Option<String>,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let say = |value: &'_ Option<String>| value.clone().unwrap_or("left out".to_owned());
        let [was, now] = [say(&self.was), say(&self.now)];
        write!(f, "{}: {was} in the run, {now} now", self.key)
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
        let was = recipe(&["epochs=20"]);
        let now = recipe(&[
            "epochs=40",
            "weight-clip=2.0",
            "network.layers.1.outputs=7",
            "data.source=mnist:x",
        ]);
        let differences = now.differences(&was);
        let differences: Vec<_> = differences.iter().map(Difference::to_string).collect();
        assert_eq!(differences.len(), 3, "{differences:?}");
        assert_eq!(
            differences[0],
            "network.layers.1.outputs: 128 in the run, 7 now"
        );
        assert_eq!(differences[1], "training.epochs: 20 in the run, 40 now");
        assert!(was.differences(&was).is_empty());
    }
}

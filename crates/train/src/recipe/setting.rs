//! `key=value` settings, which change a recipe.

use serde::de::DeserializeOwned;
use toml::{Table, Value};

use super::nearest::{self, nearest};
use super::{DataRecipe, NetworkRecipe, TrainingRecipe};
use crate::Error;

/// Sets `key=value` in the table of a `T`, a recipe or what is read like one.
pub fn apply<T: DeserializeOwned>(table: &mut Table, setting: &str) -> Result<(), Error> {
    let wrong = |expected| Error::BadSetting {
        setting: setting.to_owned(),
        expected,
    };
    let (key, text) = setting.split_once('=').ok_or(wrong("key=value"))?;
    let (key, text) = (key.trim(), text.trim());
    let value = match toml::from_str::<Table>(&format!("value = {text}")) {
        Ok(mut table) => table.remove("value").ok_or(wrong("a TOML value"))?,
        // A word without quotes is a string.
        Err(_) => Value::String(text.to_owned()),
    };
    let key = whole_key::<T>(key)?;
    let mut names: Vec<&str> = key.split('.').collect();
    let last = names.pop().ok_or(wrong("key=value"))?;
    let mut at = table;
    let mut names = names.into_iter();
    while let Some(name) = names.next() {
        let next = at.entry(name).or_insert_with(|| Value::Table(Table::new()));
        if let (Value::String(quantizer), "weights" | "activations") = (&*next, name) {
            // A name alone is the short form of a table, which other keys can join.
            let table = Table::from_iter([("quantizer".to_owned(), quantizer.clone().into())]);
            *next = Value::Table(table);
        }
        at = match next {
            Value::Table(table) => table,
            Value::Array(array) => {
                let index = names.next().and_then(|index| index.parse::<usize>().ok());
                let entry = index.and_then(|index| array.get_mut(index));
                let entry = entry.and_then(Value::as_table_mut);
                entry.ok_or(wrong("the number of a layer, counted from 0"))?
            }
            _ => return Err(wrong("a key that leads through tables")),
        };
    }
    at.insert(last.to_owned(), value);
    Ok(())
}

/// A key with its table's name before it.
fn whole_key<T: DeserializeOwned>(key: &str) -> Result<String, Error> {
    let first = key.split('.').next().unwrap_or(key);
    let top = fields::<T>();
    let tables = [
        ("training", fields::<TrainingRecipe>()),
        ("network", fields::<NetworkRecipe>()),
        ("data", fields::<DataRecipe>()),
    ];
    // A table that a `T` does not have is refused where the whole is read, with those that it has.
    if top.iter().any(|field| field == first) || tables.iter().any(|(table, _)| *table == first) {
        return Ok(key.to_owned());
    }
    if let Some((table, _)) = tables
        .iter()
        .find(|(_, fields)| fields.iter().any(|f| f == first))
    {
        return Ok(format!("{table}.{key}"));
    }
    let known = tables.iter().flat_map(|(_, fields)| fields).chain(&top);
    let known = known.map(String::as_str);
    Err(Error::UnknownKey {
        key: key.to_owned(),
        nearest: nearest(first, known),
    })
}

/// The keys of a table, as the error about one that it cannot have lists them.
fn fields<T: DeserializeOwned>() -> Vec<String> {
    let impossible = Table::from_iter([("?".to_owned(), Value::Boolean(true))]);
    match impossible.try_into::<T>() {
        Ok(_) => Vec::new(),
        Err(error) => nearest::quoted(error.message())
            .skip(1)
            .map(str::to_owned)
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Recipe;
    use super::*;

    #[test]
    fn fields_are_those_of_the_tables() {
        assert_eq!(fields::<Recipe>(), ["about", "data", "training", "network"]);
        assert!(fields::<TrainingRecipe>().contains(&"gradient-norm".to_owned()));
        assert!(fields::<NetworkRecipe>().contains(&"width".to_owned()));
        assert!(fields::<DataRecipe>().contains(&"augment".to_owned()));
    }
}

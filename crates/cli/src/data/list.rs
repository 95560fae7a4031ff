//! `orthant data list`: the data sets that the program knows.

use std::io::Write;

use anyhow::Result;
use clap::Args;
use orthant_data::{Known, Published};
use serde_json::{Value, json};

use crate::figures::extent;
use crate::output::output;
use crate::table::table;

/// Arguments as typed.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "Examples:
  orthant data list
  orthant data list --json

\"here\" names the source where the files lie at their default place, which `orthant data fetch`
fills: $ORTHANT_DATA, else orthant in $XDG_DATA_HOME or ~/.local/share. Only their lengths are
looked at.";

/// What will be printed.
pub struct Plan {
    json: bool,
}

impl Plan {
    /// Nothing can be wrong.
    pub fn new(arguments: &Arguments) -> Self {
        Self {
            json: arguments.json,
        }
    }
}

/// How the source is typed.
fn spec(known: Known) -> String {
    match known {
        Known::Digits => known.name().to_owned(),
        Known::FashionMnist => format!("{0} or {0}:DIR", known.name()),
        Known::Mnist | Known::Parquet => format!("{}:DIR", known.name()),
        _ => format!("{}:PATH", known.name()),
    }
}

/// Prints.
pub fn run(plan: Plan) -> Result<()> {
    let rows = Known::ALL.map(|known| (known, Published::find(known.name())));
    let mut out = output();
    if plan.json {
        let row = |(known, published): &(Known, Option<&Published>)| {
            let images = published.map_or(Value::Null, |published| json!(published.images));
            json!({
                "name": known.name(),
                "spec": spec(*known),
                "images": images,
                "shape": known.shape(),
                "classes": known.classes(),
                "origin": published.map(|published| published.origin),
                "fetch": published.is_some_and(Published::is_fetchable),
                "here": published.and_then(Published::at_default_place),
            })
        };
        let rows: Vec<Value> = rows.iter().map(row).collect();
        writeln!(out, "{:#}", json!(rows))?;
        return Ok(());
    }
    let row = |(known, published): &(Known, Option<&Published>)| {
        let dash = || "-".to_owned();
        let images = published.map_or_else(dash, |published| {
            let [train, test] = published.images;
            format!("{train} + {test}")
        });
        let fetch = match published {
            Some(published) if published.is_fetchable() => "yes",
            Some(_) => "built in",
            None => "-",
        };
        vec![
            spec(*known),
            images,
            known.shape().map_or_else(dash, |shape| extent(&shape)),
            known
                .classes()
                .map_or_else(dash, |classes| classes.to_string()),
            fetch.to_owned(),
            published
                .and_then(Published::at_default_place)
                .unwrap_or_else(dash),
            published.map_or_else(dash, |published| published.origin.to_owned()),
        ]
    };
    let rows = rows.iter().map(row).collect();
    let header = [
        "source", "images", "shape", "classes", "fetch", "here", "origin",
    ];
    writeln!(
        out,
        "{}",
        table(&header, |column| (1..=3).contains(&column), rows)
    )?;
    Ok(())
}

//! `orthant data info`: what a data set holds.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::Args;
use orthant_data::picture::to_png;
use orthant_data::{Dataset, Duplicates, Sheet, Source, SplitSummary, Summary};
use orthant_train::file;
use serde_json::{Value, json};

use crate::figures::extent;
use crate::output::output;
use crate::table::table;

/// Arguments as typed.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// The data set, as `orthant data list` writes its source.
    #[arg(value_name = "SPEC")]
    data: String,
    /// Write a contact sheet: ten training images of each class.
    #[arg(long, value_name = "FILE.png")]
    sheet: Option<PathBuf>,
    /// Replace the contact sheet if it exists.
    #[arg(long, requires = "sheet")]
    force: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "Examples:
  orthant data info digits
  orthant data info cifar10:PATH --sheet cifar10.png
  orthant data info mnist:DIR --json

Means and standard deviations are of pixels as they are, over all images of a split. An image that
is equal to an earlier one, byte for byte, is a duplicate and counted once.";

/// Examples of each class.
const EXAMPLES_OF_A_CLASS: usize = 10;

/// What will be looked at.
pub struct Plan {
    source: Source,
    sheet: Option<PathBuf>,
    replaces: bool,
    json: bool,
}

impl Plan {
    /// Checks the source and whether the sheet may be written.
    pub fn new(arguments: Arguments) -> Result<Self> {
        let source = arguments.data.parse().context("the data")?;
        if let Some(sheet) = &arguments.sheet {
            let there = sheet.symlink_metadata().ok();
            if there.as_ref().is_some_and(|there| !there.is_file()) {
                bail!("{} is no regular file, expected one", sheet.display());
            }
            if there.is_some() && !arguments.force {
                bail!("{} exists; --force replaces it", sheet.display());
            }
        }
        Ok(Self {
            source,
            sheet: arguments.sheet,
            replaces: arguments.force,
            json: arguments.json,
        })
    }
}

/// Reads, counts and prints.
pub fn run(plan: Plan) -> Result<()> {
    let data = Dataset::open(&plan.source)?;
    let summary = Summary::new(&data);
    let sheet = plan.sheet.as_deref().map(|path| {
        let sheet = Sheet::new(&data, data.train(), EXAMPLES_OF_A_CLASS)?;
        write_sheet(&sheet, path, plan.replaces).map(|()| (path, sheet))
    });
    let sheet = sheet.transpose()?;
    let mut out = output();
    match plan.json {
        true => writeln!(out, "{:#}", to_json(&plan.source, &data, &summary, &sheet))?,
        false => write!(out, "{}", to_text(&plan.source, &data, &summary, &sheet))?,
    }
    Ok(())
}

/// Encodes the page and writes it whole.
fn write_sheet(sheet: &Sheet, path: &Path, replaces: bool) -> Result<()> {
    let shape = [sheet.height, sheet.width, sheet.channels];
    let png = to_png(shape, &sheet.pixels).context("cannot encode the contact sheet")?;
    let write = |part: &Path| std::fs::write(part, &png);
    match replaces {
        true => file::replace(path, "write the contact sheet", write)?,
        false => file::create(path, "write the contact sheet", write)?,
    }
    Ok(())
}

/// The two splits by name.
fn splits(summary: &Summary) -> [(&'static str, &SplitSummary); 2] {
    [("train", &summary.train), ("test", &summary.test)]
}

/// Duplicates, and the splits of the earlier and of the later image.
fn duplicates(summary: &Summary) -> [([&'static str; 2], &Duplicates); 3] {
    [
        (["train", "train"], &summary.train.repeats),
        (["test", "test"], &summary.test.repeats),
        (["train", "test"], &summary.across),
    ]
}

type Written<'a> = Option<(&'a Path, Sheet)>;

fn to_json(source: &Source, data: &Dataset, summary: &Summary, sheet: &Written<'_>) -> Value {
    let contract = data.contract();
    let split = |(name, split): (&str, &SplitSummary)| {
        let numbers = json!({
            "images": split.images(),
            "per_class": split.per_class,
            "mean": split.mean,
            "standard_deviation": split.deviation,
        });
        (name.to_owned(), numbers)
    };
    let equal = |([earlier, later], found): ([&str; 2], &Duplicates)| {
        let pair = |&(first, index, relabelled): &(usize, usize, bool)| {
            json!({
                "earlier": first,
                "later": index,
                "labels_differ": relabelled,
            })
        };
        json!({
            "earlier_split": earlier,
            "later_split": later,
            "images": found.count,
            "with_another_label": found.relabelled,
            "first": found.first.iter().map(pair).collect::<Vec<_>>(),
        })
    };
    json!({
        "source": source.to_string(),
        "data_hash": data.hash(),
        "shape": data.train().shape(),
        "largest": data.largest(),
        "contract": {
            "a": contract.a,
            "b": contract.b,
            "unit": contract.unit,
        },
        "classes": data.classes(),
        "splits": splits(summary).map(split).into_iter().collect::<serde_json::Map<_, _>>(),
        "duplicates": duplicates(summary).map(equal),
        "sheet": sheet.as_ref().map(|(path, sheet)| json!({
            "file": path.display().to_string(),
            "rows_of_a_block": sheet.rows,
            "blocks": sheet.blocks,
            "magnified": sheet.magnified,
            "reduced": sheet.reduced,
        })),
    })
}

fn to_text(source: &Source, data: &Dataset, summary: &Summary, sheet: &Written<'_>) -> String {
    let contract = data.contract();
    let classes = data.classes();
    let mut lines = vec![
        format!(
            "{source}: {} training and {} test images of {}, {} classes",
            summary.train.images(),
            summary.test.images(),
            extent(&data.train().shape()),
            classes.len()
        ),
        format!(
            "pixels 0 to {}; the network's input is ({} · pixel − {}) / {}",
            data.largest(),
            contract.a,
            contract.b[0],
            contract.unit
        ),
        format!("data hash {}", data.hash()),
        String::new(),
    ];
    let row = |(class, name): (usize, &String)| {
        let [train, test] = splits(summary).map(|(_, split)| split.per_class[class].to_string());
        vec![class.to_string(), name.clone(), train, test]
    };
    let rows = classes.iter().enumerate().map(row).collect();
    lines.push(table(
        &["label", "class", "train", "test"],
        |column| column != 1,
        rows,
    ));
    lines.push(String::new());
    let channel = |channel: usize| match (data.train().channels(), channel) {
        (1, _) => "grey".to_owned(),
        (3, channel) => ["red", "green", "blue"][channel].to_owned(),
        _ => format!("channel {channel}"),
    };
    let mut rows = Vec::new();
    for (name, split) in splits(summary) {
        for (index, (mean, deviation)) in split.mean.iter().zip(&split.deviation).enumerate() {
            let numbers = [mean, deviation].map(|number| format!("{number:.3}"));
            rows.push([&[name.to_owned(), channel(index)][..], &numbers].concat());
        }
    }
    let header = ["split", "channel", "mean", "standard deviation"];
    lines.push(table(&header, |column| column > 1, rows));
    lines.push(String::new());
    for (splits, found) in duplicates(summary) {
        lines.push(equal(splits, found));
        for &(first, index, relabelled) in &found.first {
            let [earlier, later] = splits;
            let labels = if relabelled {
                ", with another label"
            } else {
                ""
            };
            lines.push(format!(
                "  {later} {index} equals {earlier} {first}{labels}"
            ));
        }
    }
    if let Some((path, sheet)) = sheet {
        let order = match sheet.blocks {
            1 => "rows from the top down".to_owned(),
            blocks => format!(
                "{blocks} blocks from left to right, of {} rows each",
                sheet.rows
            ),
        };
        lines.push(String::new());
        lines.push(format!(
            "{}: {order}, in the order of labels: {}",
            path.display(),
            classes.join(", ")
        ));
    }
    lines.join("\n") + "\n"
}

fn equal([earlier, later]: [&str; 2], found: &Duplicates) -> String {
    let others = match earlier == later {
        true => "an earlier one".to_owned(),
        false => format!("one of {earlier}"),
    };
    match found.count {
        0 => format!("{later}: no image equals {others}"),
        count => format!(
            "{later}: {count} image(s) equal {others}, {} of them with another label",
            found.relabelled
        ),
    }
}

//! The rows of the bench as a table, JSON or comma-separated values.

use std::io::Write;

use anyhow::Result;
use serde_json::{Map, Value, json};

use super::slices::Spread;
use crate::output::output;
use crate::table::table;

/// How rows are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For people.
    Table,
    /// One array of objects.
    Json,
    /// A header line and a line per row.
    Csv,
}

/// The figures of one case; what does not apply is `None`.
pub struct Row {
    pub case: String,
    pub batch: usize,
    pub isa: &'static str,
    pub threads: usize,
    pub gmacs: Option<Spread>,
    pub limit_gmacs: Option<Spread>,
    pub share_of_limit: Option<f64>,
    pub f32_gmacs: Option<Spread>,
    pub f32_crate: Option<&'static str>,
    pub speedup_vs_f32: Option<f64>,
    pub gbytes_per_s: Option<Spread>,
    pub limit_gbytes_per_s: Option<Spread>,
    pub slices: usize,
}

impl Row {
    /// Keys and values, medians under the figure's name and quartiles beside it.
    fn fields(&self) -> Map<String, Value> {
        let round = |value: f64| (value * 1e4).round() / 1e4;
        let number = |value: Option<f64>| value.map_or(Value::Null, |value| json!(round(value)));
        let mut fields = Map::new();
        let mut put = |key: &str, value: Value| fields.insert(key.to_owned(), value);
        put("case", json!(self.case));
        put("batch", json!(self.batch));
        put("isa", json!(self.isa));
        put("threads", json!(self.threads));
        for (key, spread) in [
            ("gmacs", self.gmacs),
            ("limit_gmacs", self.limit_gmacs),
            ("f32_gmacs", self.f32_gmacs),
            ("gbytes_per_s", self.gbytes_per_s),
            ("limit_gbytes_per_s", self.limit_gbytes_per_s),
        ] {
            put(key, number(spread.map(|spread| spread.median)));
            put(
                &format!("{key}_low"),
                number(spread.map(|spread| spread.low)),
            );
            put(
                &format!("{key}_high"),
                number(spread.map(|spread| spread.high)),
            );
        }
        put("share_of_limit", number(self.share_of_limit));
        put("speedup_vs_f32", number(self.speedup_vs_f32));
        put(
            "f32_crate",
            self.f32_crate.map_or(Value::Null, |name| json!(name)),
        );
        put("slices", json!(self.slices));
        fields
    }

    /// The columns that people read.
    fn cells(&self) -> [String; 9] {
        let spread = |spread: Option<Spread>| {
            spread.map_or("-".into(), |s| {
                let percent = 50.0 * (s.high - s.low) / s.median;
                format!("{:.1} ±{percent:.0}%", s.median)
            })
        };
        let number = |value: Option<f64>, digits| {
            value.map_or("-".into(), |value: f64| format!("{value:.digits$}"))
        };
        let median = |spread: Option<Spread>, digits| number(spread.map(|s| s.median), digits);
        [
            self.case.clone(),
            self.batch.to_string(),
            spread(self.gmacs),
            median(self.limit_gmacs, 1),
            number(self.share_of_limit, 3),
            median(self.f32_gmacs, 1),
            number(self.speedup_vs_f32, 1),
            median(self.gbytes_per_s, 2),
            median(self.limit_gbytes_per_s, 2),
        ]
    }
}

/// Prints rows to standard output.
pub fn print(rows: &[Row], format: Format) -> Result<()> {
    let mut out = output();
    match format {
        Format::Json => {
            let rows: Vec<_> = rows.iter().map(|row| Value::Object(row.fields())).collect();
            serde_json::to_writer_pretty(&mut out, &rows).map_err(std::io::Error::from)?;
            writeln!(out)?;
        }
        Format::Csv => {
            for (at, row) in rows.iter().enumerate() {
                let fields = row.fields();
                if at == 0 {
                    let keys: Vec<_> = fields.keys().map(String::as_str).collect();
                    writeln!(out, "{}", keys.join(","))?;
                }
                let plain = |value: &Value| match value {
                    Value::Null => String::new(),
                    Value::String(text) => text.clone(),
                    other => other.to_string(),
                };
                let values: Vec<_> = fields.values().map(plain).collect();
                writeln!(out, "{}", values.join(","))?;
            }
        }
        Format::Table => {
            let header = [
                "case",
                "batch",
                "G MAC/s",
                "limit",
                "share",
                "float32",
                "times",
                "GB/s",
                "GB/s limit",
            ];
            let cells = rows.iter().map(|row| row.cells().to_vec()).collect();
            writeln!(out, "{}", table(&header, |column| column > 0, cells))?;
            if let Some(row) = rows.first() {
                let (isa, threads, slices) = (row.isa, row.threads, row.slices);
                writeln!(
                    out,
                    "
{isa}, {threads} thread(s); medians of {slices} slices, \
                     ± half the distance of the quartiles"
                )?;
            }
        }
    }
    Ok(())
}

//! The numbers behind a plot, as a table.

use super::Table;
use crate::axis::Axis;
use crate::bars::Bars;
use crate::chart::Panel;
use crate::figure::Plot;
use crate::histogram::{Bins, Histogram2d};
use crate::number::digits;

pub(super) fn of_plot(plot: &Plot) -> Table {
    match plot {
        Plot::Curves(panel) => of_curves(panel),
        Plot::Histogram2d(histogram) => of_histogram(histogram),
        Plot::Bars(bars) => of_bars(bars),
    }
}

fn of_curves(panel: &Panel) -> Table {
    let number = |table: Table, axis: &Axis| table.with_numbers(&axis.label, &axis.unit);
    let table = Table::new().with_words("panel").with_words("curve");
    let mut table = number(number(table, &panel.x), &panel.y)
        .with_numbers("low", &panel.y.unit)
        .with_numbers("high", &panel.y.unit);
    for curve in &panel.curves {
        for (index, [x, y]) in curve.points.iter().enumerate() {
            let ends = curve.spread.get(index).map(|ends| ends.map(digits));
            let [low, high] = ends.unwrap_or_default();
            let [x, y] = [*x, *y].map(digits);
            let row = [panel.title.clone(), curve.name.clone(), x, y, low, high];
            table.rows.push(row.into());
        }
    }
    table
}

fn of_histogram(histogram: &Histogram2d) -> Table {
    let ends = |table: Table, bins: &Bins| {
        let (label, unit) = bins.label_and_unit();
        table
            .with_numbers(format!("{label} from"), unit)
            .with_numbers(format!("{label} to"), unit)
    };
    let table = ends(Table::new().with_words("panel"), &histogram.x);
    let mut table = ends(table, &histogram.y).with_numbers("count", "");
    for row in 0..histogram.y.count() {
        for (column, &count) in histogram.row(row).iter().enumerate() {
            if count > 0 {
                let ends = [histogram.x.ends(column), histogram.y.ends(row)];
                let ends = ends.into_iter().flatten().map(digits);
                let title = [histogram.title.clone()].into_iter();
                table
                    .rows
                    .push(title.chain(ends).chain([count.to_string()]).collect());
            }
        }
    }
    table
}

fn of_bars(bars: &Bars) -> Table {
    let words = ["panel", "group", "bar"];
    let table = words.into_iter().fold(Table::new(), Table::with_words);
    let mut table = table.with_numbers(&bars.axis.label, &bars.axis.unit);
    for group in &bars.groups {
        for bar in &group.bars {
            let title = bars.title.clone();
            let row = [
                title,
                group.name.clone(),
                bar.name.clone(),
                digits(bar.value),
            ];
            table.rows.push(row.into());
        }
    }
    table
}

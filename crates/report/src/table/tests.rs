use super::*;
use crate::{Axis, Bars, Bins, Curve, Group, Histogram2d, Panel};

fn panel(title: &str, unit: &str) -> Panel {
    Panel::new(title, Axis::linear("epoch", ""), Axis::linear("loss", unit))
        .with_curve(Curve::new("a", [[1.0, 0.1], [2.0, f64::NAN]]).with_spread([[0.0, 0.3]]))
}

#[test]
fn text_that_means_something_to_csv_is_quoted() {
    let mut table = Table::new().with_words("a,b").with_numbers("c", "µs");
    table.try_push(["x \"y\"", "1"]).expect("two cells");
    table.try_push(["two\nlines", "−2"]).expect("two cells");
    let expected = "\"a,b\",c (µs)\n\"x \"\"y\"\"\",1\n\"two\nlines\",−2\n";
    assert_eq!(table.to_csv(), expected);
}

#[test]
fn rows_have_a_cell_for_each_column() {
    let mut table = Table::new().with_words("name").with_numbers("value", "");
    let error = table.try_push(["only one"]).expect_err("a cell is missing");
    assert_eq!(
        error.to_string(),
        "row 0 of a table has 1 cells, expected 2"
    );
    assert!(table.rows.is_empty());
}

#[test]
fn plots_of_the_same_quantities_share_a_table() {
    let figure = Figure::new("")
        .with(panel("one", "nats"))
        .with(panel("two", "nats"))
        .with(panel("three", "bits"));
    let [nats, bits] = &Table::of_figure(&figure)[..] else {
        panic!("two tables");
    };
    let csv = nats.to_csv();
    assert!(
        csv.starts_with("panel,curve,epoch,loss (nats),low (nats),high (nats)\n"),
        "{csv}"
    );
    assert!(
        csv.contains("\none,a,1,0.1,0,0.3\none,a,2,,,\ntwo,a,1,"),
        "{csv}"
    );
    assert_eq!(bits.rows.len(), 2);
}

#[test]
fn histograms_and_bars_have_tables() {
    let bins = |label, count| Bins::try_new(label, "", [0.0, 1.0], count).expect("bins");
    let counts = vec![0, 1, 2, 0, 0, u64::MAX];
    let histogram = Histogram2d::try_new("h", bins("x", 2), bins("y", 3), counts);
    let bars = Bars::new("speed", Axis::log("time", "ms"))
        .with_group(Group::new("one image").with_bar("binary", 0.6, "0.6 ms"));
    let figure = Figure::new("")
        .with(histogram.expect("six cells"))
        .with(bars);
    let tables = Table::of_figure(&figure);
    let csv: Vec<_> = tables.iter().map(Table::to_csv).collect();
    assert_eq!(
        csv[0],
        "panel,x from,x to,y from,y to,count\n\
         h,0.5,1,0,0.3333333333333333,1\n\
         h,0,0.5,0.3333333333333333,0.6666666666666666,2\n\
         h,0.5,1,0.6666666666666666,1,18446744073709551615\n"
    );
    assert_eq!(
        csv[1],
        "panel,group,bar,time (ms)\nspeed,one image,binary,0.6\n"
    );
}

//! Every kind of figure with made-up numbers, as SVG, as PNG and on a page.
//!
//! ```text
//! cargo run --release -p orthant-report --example gallery -- DIRECTORY
//! ```

use std::error::Error;
use std::f64::consts::PI;
use std::path::Path;
use std::{env, fs};

use orthant_report::{
    Axis, Bars, Bins, Check, Curve, Dimension, Figure, Group, Histogram2d, Page, Panel, Section,
    Style, Table, Verdict, png,
};

/// Degrees between a long random vector and its signs.
const LIMIT_DEG: f64 = 37.07;

fn main() -> Result<(), Box<dyn Error>> {
    let directory = env::args().nth(1).ok_or("expected a directory")?;
    let figures = [
        ("angles", angles()),
        (
            "proportionality",
            proportionality(&[0.56, 0.96, 0.98, 0.97, 0.96, 0.92])?,
        ),
        ("one-layer", proportionality(&[0.97])?),
        ("weights", weights()),
        ("spread", spread()),
        ("cost", cost()),
    ];
    fs::create_dir_all(&directory)?;
    let directory = Path::new(&directory);
    for (name, figure) in &figures {
        let svg = figure.svg();
        fs::write(directory.join(format!("{name}.svg")), &svg)?;
        fs::write(directory.join(format!("{name}.png")), png(&svg, 2.0)?)?;
        for (index, table) in Table::of_figure(figure).iter().enumerate() {
            fs::write(
                directory.join(format!("{name}-{index}.csv")),
                table.to_csv(),
            )?;
        }
    }
    fs::write(directory.join("index.html"), page(figures).to_html())?;
    Ok(())
}

fn normal(x: f64, mean: f64, sd: f64) -> f64 {
    (-0.5 * ((x - mean) / sd).powi(2)).exp() / (sd * (2.0 * PI).sqrt())
}

/// `f` at `count` equally spaced places.
fn over([low, high]: [f64; 2], count: u32, f: impl Fn(f64) -> f64) -> Vec<[f64; 2]> {
    let at = |index| low + (high - low) * f64::from(index) / f64::from(count - 1);
    (0..count).map(at).map(|x| [x, f(x)]).collect()
}

/// Densities of angles, measured and by theory, in three dimensions.
fn angles() -> Figure {
    let dimensions = [3.0, 10.0, 27.0f64];
    let panel = |d: f64| {
        let [sign, other] = [20.178, 57.3].map(|sd| sd / d.sqrt());
        let density = |mean: f64, sd: f64| {
            over([0.0, 180.0], 120, |x| {
                normal(x, mean, sd) * (1.0 + 0.04 * (x / 7.0).sin())
            })
        };
        let degrees = Axis::linear("angle", "degrees").with_range(0.0, 180.0);
        Panel::new(
            format!("d = {d}"),
            degrees,
            Axis::linear("density", "1 / degree"),
        )
        .with_note("10,000 pairs of Gaussian vectors")
        .with_curve(
            Curve::new("between a vector and its signs", density(35.0, sign))
                .with_style(Style::Area),
        )
        .with_curve(Curve::new("between two vectors", density(90.0, other)).with_style(Style::Area))
        .with_curve(
            Curve::new(
                "theory",
                over([0.0, 180.0], 200, |x| normal(x, 90.0, other)),
            )
            .with_style(Style::Theory)
            .with_pen(1),
        )
        .with_level_on(Dimension::X, format!("{LIMIT_DEG}°"), LIMIT_DEG)
        .with_span(Dimension::X, "beyond 90°", [90.0, f64::INFINITY])
    };
    let figure = Figure::new("Densities of angles at d = 3, 10 and 27").with_columns(3);
    dimensions
        .into_iter()
        .fold(figure, |figure, d| figure.with(panel(d)))
}

/// Pairs of dot products of six layers, each with a correlation and a spread of its own.
fn proportionality(correlations: &[f64]) -> Result<Figure, Box<dyn Error>> {
    let mut figure = Figure::new("Dot products with binary and latent weights").with_columns(3);
    for (index, &r) in correlations.iter().enumerate() {
        let [x_sd, y_sd] = if index % 2 == 0 {
            [6.0, 2.5]
        } else {
            [90.0, 14.0]
        };
        let bins = 50;
        let edges = |label, sd: f64| Bins::try_new(label, "", [-4.5 * sd, 4.5 * sd], bins);
        let cells = (0..bins).flat_map(|row| (0..bins).map(move |column| [column, row]));
        let counts = cells.map(|cell| {
            let [x, y] = cell.map(|bin| (bin as f64 + 0.5) / bins as f64 * 9.0 - 4.5);
            let density =
                normal(x, 0.0, 1.0) * normal((y - r * x) / (1.0 - r * r).sqrt(), 0.0, 1.0);
            (2e6 * density) as u64
        });
        let (x, y) = (edges("a · w_b", x_sd)?, edges("a · w_c", y_sd)?);
        let layer = format!("conv{}", index + 1);
        let histogram = Histogram2d::try_new(layer, x, y, counts.collect())?
            .with_note(format!("r = {r:.3} ± 0.002, n = 1.3e8"))
            .with_line(r * y_sd / x_sd, 0.0)
            .with_disagreement();
        figure = figure.with(histogram);
    }
    Ok(figure)
}

/// Latent weights as histograms, on an axis of equal steps and on one of equal ratios.
fn weights() -> Figure {
    let heights = |sd: f64| -> Vec<f64> {
        let middles = over([-0.975, 0.975], 40, |x| normal(x, 0.0, sd));
        middles
            .into_iter()
            .map(|[_, y]| if y < 2e-6 { 0.0 } else { y })
            .collect()
    };
    let panel = |density: Axis| {
        let layers = [("conv1", 0.31), ("conv2", 0.18), ("conv6", 0.11)].into_iter();
        let panel = Panel::new("Latent weights", Axis::linear("weight", ""), density);
        layers
            .fold(panel, |panel, (name, sd)| {
                panel.with_curve(Curve::bins(name, [-1.0, 1.0], &heights(sd)))
            })
            .with_span(Dimension::X, "ternary zeros", [-0.02, 0.02])
    };
    let log = Axis::log("density", "").with_range(1e-5, 10.0);
    Figure::new("Densities of latent weights")
        .with(panel(Axis::linear("density", "")))
        .with(panel(log))
}

/// The spread of angles against the number of weights, and angles by epoch with their spread.
fn spread() -> Figure {
    let layers = [27.0, 1152.0, 1152.0, 2304.0, 2304.0, 4608.0f64];
    let factors = [1.62, 1.08, 1.01, 1.05, 0.98, 1.03];
    let points = layers.into_iter().zip(factors);
    let points: Vec<_> = points
        .map(|(d, factor)| [d, factor * 20.178 / d.sqrt()])
        .collect();
    let errors: Vec<_> = points.iter().map(|&[_, sd]| [0.9 * sd, 1.1 * sd]).collect();
    let law = over([20.0, 6000.0], 2, |d| 20.178 / d.sqrt());
    let angle = |x: f64| LIMIT_DEG - 7.0 * (-x / 12.0).exp();
    let mean = over([1.0, 60.0], 60, angle);
    let band: Vec<_> = mean.iter().map(|&[_, y]| [y - 0.8, y + 0.8]).collect();
    let wide = Axis::log("weights of a filter", "");
    Figure::new("Spread of angles")
        .with(
            Panel::new(
                "Spread by dimension",
                wide,
                Axis::log("sd of the angle", "degrees"),
            )
            .with_note("slope −0.497 ± 0.011 without conv1")
            .with_curve(
                Curve::new("layers", points)
                    .with_style(Style::Marks)
                    .with_spread(errors),
            )
            .with_curve(Curve::new("20.18°/√d", law).with_style(Style::Theory))
            .with_guide("slope −1/2", [100.0, 4.0], -0.5),
        )
        .with(
            Panel::new(
                "Angle",
                Axis::linear("epoch", ""),
                Axis::linear("angle", "degrees"),
            )
            .with_curve(Curve::new("conv2 ± sd", mean).with_spread(band))
            .with_level("37.07°", LIMIT_DEG)
            .with_span(
                Dimension::Y,
                "within 1°",
                [LIMIT_DEG - 1.0, LIMIT_DEG + 1.0],
            ),
        )
}

/// What three networks cost.
fn cost() -> Figure {
    let panel = |title: &str, axis: Axis, values: [(f64, &str); 3]| {
        let group = ["binary", "ternary", "float32"]
            .into_iter()
            .zip(values)
            .fold(Group::new(""), |group, (name, (value, text))| {
                group.with_bar(name, value, text)
            });
        Bars::new(title, axis).with_group(group)
    };
    let accuracy = [
        (88.3, "88.3 ± 0.2"),
        (88.9, "88.9 ± 0.1"),
        (91.0, "91.0 ± 0.1"),
    ];
    let time = [(0.61, "0.61"), (1.1, "1.1"), (14.0, "14.0")];
    let bytes = [
        (1.753e6, "1.75 MB"),
        (3.51e6, "3.51 MB"),
        (56.09e6, "56.1 MB"),
    ];
    let accesses = [(2.1e6, "2.1e6"), (3.9e6, "3.9e6"), (6.8e7, "6.8e7")];
    let energy = [(3.1e-6, "3.1 µJ"), (5.4e-6, "5.4 µJ"), (2.3e-3, "2.3 mJ")];
    Figure::new("Accuracy and cost of three networks")
        .with_columns(3)
        .with(panel(
            "Accuracy",
            Axis::linear("test images", "%"),
            accuracy,
        ))
        .with(panel(
            "Time",
            Axis::linear("one image, one thread", "ms"),
            time,
        ))
        .with(panel("Size", Axis::log("weights", "bytes"), bytes))
        .with(panel(
            "Memory",
            Axis::log("accesses", "64-bit words"),
            accesses,
        ))
        .with(panel("Energy", Axis::log("arithmetic", "J"), energy))
}

fn page(figures: [(&str, Figure); 6]) -> Page {
    let checks = [
        Check::new(
            "angle at d = 1000",
            "37.07° ± 0.05°",
            "37.06° ± 0.01°",
            Verdict::Agrees,
        ),
        Check::new(
            "r of conv1 below that of conv2",
            "< 0.8",
            "0.56 ± 0.01",
            Verdict::Agrees,
        ),
        Check::new(
            "slope of sd by d",
            "−0.52 … −0.48",
            "−0.61 ± 0.02",
            Verdict::Disagrees,
        ),
        Check::new(
            "ternary angle by its formula",
            "33.84°",
            "",
            Verdict::NotTested,
        ),
        Check::new(
            "test accuracy",
            "similar to 88.6 %",
            "88.3 ± 0.2 %",
            Verdict::Finding,
        ),
    ];
    let mut layers = Table::new()
        .with_words("layer")
        .with_numbers("weights of a filter", "")
        .with_numbers("angle", "degrees")
        .with_numbers("r", "")
        .with_note("Made-up numbers, as everything on this page.");
    for row in [
        ["conv1", "27", "35.9", "0.560"],
        ["conv2", "1152", "37.2", "0.963"],
    ] {
        layers.try_push(row).expect("four columns");
    }
    let page = Page::new(
        "A gallery of figures",
        "Every kind of figure that a report may have, with made-up numbers. Figures hold all that \
         they need, and the same numbers give the same bytes.",
    )
    .with_provenance("data", "none: Gaussian densities")
    .with_provenance("program", "crates/report/examples/gallery.rs")
    .with_section(
        Section::new("Expectations and measurements")
            .with_paragraph("A verdict has a word and a sign, so that it needs no colour.")
            .with_checks(checks)
            .with_table(layers),
    );
    figures.into_iter().fold(page, |page, (name, figure)| {
        let caption = format!("{}. The axes say the rest.", figure.title);
        page.with_section(Section::new(name).with_figure(figure, caption))
    })
}

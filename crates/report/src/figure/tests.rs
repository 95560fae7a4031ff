use roxmltree::Document;

use super::*;
use crate::axis::{Axis, Dimension, Scale};
use crate::bars::Group;
use crate::chart::{Curve, Style};
use crate::histogram::Bins;
use crate::pen::Pen;

fn panel(curves: &[&[[f64; 2]]], scale: Scale) -> Panel {
    let axis = |label: &str| Axis {
        scale,
        ..Axis::linear(label, "unit")
    };
    let panel = Panel::new("title", axis("x"), axis("y"));
    curves
        .iter()
        .enumerate()
        .fold(panel, |panel, (index, points)| {
            panel.with_curve(Curve::new(format!("curve{index}"), points.iter().copied()))
        })
}

/// Each element's name, and the numbers of its path or its place.
fn elements(svg: &str) -> Vec<(String, Vec<f64>)> {
    let document = Document::parse(svg).expect("a picture is XML");
    let numbers = |text: &str| {
        text.split(['M', 'L', 'Z', 'h', 'v', 'z', ' '])
            .filter(|part| !part.is_empty())
            .map(|part| part.parse().expect("coordinates are numbers"))
            .collect::<Vec<f64>>()
    };
    let places = |node: roxmltree::Node<'_, '_>| {
        let keys = ["d", "x", "y", "cx", "cy"].into_iter();
        keys.filter_map(|key| node.attribute(key))
            .flat_map(numbers)
            .collect()
    };
    let nodes = document.descendants().filter(|node| node.is_element());
    nodes
        .map(|node| (node.tag_name().name().to_owned(), places(node)))
        .collect()
}

/// Lines and marks, those of the legend among them; of the first four pens.
fn lines_and_marks(svg: &str) -> [usize; 2] {
    let document = Document::parse(svg).expect("a picture is XML");
    let colours = ["#0072b2", "#d55e00", "#009e73", "#cc79a7"];
    let count = |is: &dyn Fn(Option<&str>, Option<&str>) -> bool| {
        let nodes = document.descendants();
        nodes
            .filter(|node| is(node.attribute("fill"), node.attribute("stroke")))
            .count()
    };
    let coloured = |colour: Option<&str>| colour.is_some_and(|colour| colours.contains(&colour));
    [
        count(&|fill, stroke| fill == Some("none") && coloured(stroke)),
        count(&|fill, _| coloured(fill)),
    ]
}

#[test]
fn whatever_the_numbers_all_is_drawn_inside_the_page() {
    let long: Vec<_> = (0..1000)
        .map(|i| [f64::from(i), (f64::from(i) / 9.0).sin()])
        .collect();
    let strange = [
        [f64::NAN, 1.0],
        [1.0, f64::INFINITY],
        [f64::NEG_INFINITY, f64::NAN],
        [-1e300, 1e300],
        [f64::MIN_POSITIVE / 2.0, f64::MAX],
    ];
    let wide = [[1e-99, 9e99], [9e99, 1e-99], [-9e99, -9e99]];
    let narrow = [[1.0, 1e12], [1.0 + 1e-15, 1e12 + 1e-3]];
    let flat = [[1.0, 0.25], [2.0, 0.25], [3.0, 0.25]];
    let sets: [&[&[[f64; 2]]]; 9] = [
        &[],
        &[&[]],
        &[&[[0.0, 0.0]]],
        &[&[[1.0, 1.0]], &[]],
        &[&strange],
        &[&wide, &strange],
        &[&narrow],
        &[&flat],
        &[long.as_slice(); 10],
    ];
    let mut panels = Vec::new();
    for scale in [Scale::Linear, Scale::Log] {
        for set in sets {
            for level in [0.0, 0.3, f64::NAN, -9e99] {
                panels.push(panel(set, scale).with_level("level", level));
            }
        }
    }
    for panels in panels.chunks(1).chain([&panels[..], &[]]) {
        let svg = curves("title", panels);
        assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
        let width = match panels {
            [_] => ALONE,
            _ => WIDE * panels.len().clamp(1, 2) as f64,
        };
        let height = panels.len().div_ceil(2) as f64 * 400.0 + 1.0;
        for (name, places) in elements(&svg) {
            for place in places {
                let inside = (-1.0..=width.max(height)).contains(&place);
                assert!(inside, "{name} at {place}: {panels:?}");
            }
        }
    }
}

#[test]
fn a_value_that_has_no_place_is_a_gap() {
    let points: Vec<_> = (0..60)
        .map(|x| [f64::from(x), 1.0 + f64::from(x)])
        .collect();
    let whole = curves("", &[panel(&[&points], Scale::Linear)]);
    // A line in the area and one in the legend; marks of every sixth point and of the legend.
    assert_eq!(lines_and_marks(&whole), [2, 11]);

    for (gap, scale) in [(f64::NAN, Scale::Linear), (f64::INFINITY, Scale::Log)] {
        let mut broken = points.clone();
        broken[20][1] = gap;
        let svg = curves("", &[panel(&[&broken[1..]], scale)]);
        assert_eq!(lines_and_marks(&svg), [3, 11]);
        assert!(svg.contains(">1 of 59 points have no place here<"), "{svg}");

        // Between two gaps a point stands alone: a mark more.
        broken[18][1] = gap;
        let svg = curves("", &[panel(&[&broken[1..]], scale)]);
        assert_eq!(lines_and_marks(&svg), [3, 12]);
    }
}

#[test]
fn a_point_alone_is_a_mark_and_no_line() {
    let svg = curves("", &[panel(&[&[[8.0, 0.9]]], Scale::Linear)]);
    assert_eq!(lines_and_marks(&svg), [0, 2]);
}

#[test]
fn marks_lie_over_lines_and_stand_apart_on_a_narrow_peak() {
    let peak = |x: f64| [x, (-0.5 * x * x).exp()];
    let points: Vec<_> = (-200..=200).map(|x| peak(0.03 * f64::from(x))).collect();
    let wide = Axis::linear("x", "").with_range(-300.0, 300.0);
    let theory = Curve::new("", points.clone()).with_style(Style::Theory);
    let panel = Panel::new("", wide, Axis::linear("y", ""))
        .with_curve(Curve::new("", points))
        .with_curve(theory);
    let svg = curves("", &[panel]);
    let marks: Vec<_> = elements(&svg)
        .into_iter()
        .filter(|(name, _)| name == "circle")
        .map(|(_, place)| [place[0], place[1]])
        .collect();
    // Of ten, both feet keep one each; the flanks and the top are high.
    assert!((4..10).contains(&marks.len()), "{marks:?}");
    for two in marks.windows(2) {
        let apart = (two[0][0] - two[1][0]).hypot(two[0][1] - two[1][1]);
        assert!(apart > 9.9, "{two:?}");
    }
    assert!(svg.rfind("stroke-dasharray") < svg.find("<circle"), "{svg}");
}

#[test]
fn an_area_is_shaded_down_to_zero() {
    let axis = || Axis::linear("", "");
    let x = axis().with_range(0.0, 1.0);
    let panel = Panel::new("", x, axis().with_range(-1.0, 1.0))
        .with_curve(Curve::new("", [[0.0, 1.0], [1.0, 1.0]]).with_style(Style::Area));
    let svg = curves("", &[panel]);
    let document = Document::parse(&svg).expect("a picture is XML");
    let mut shaded = document
        .descendants()
        .filter_map(|node| node.attribute("fill-opacity").and(node.attribute("d")));
    let corners: Vec<f64> = shaded
        .next()
        .expect("a surface")
        .split(['M', 'L', 'Z', ' '])
        .filter_map(|number| number.parse().ok())
        .collect();
    // 1 is at the top of the area, 0 half of its 220 pixels below.
    let heights: Vec<_> = corners.chunks(2).map(|at| at[1] - corners[1]).collect();
    assert_eq!(heights, [0.0, 0.0, 110.0, 110.0]);
    assert!(shaded.next().is_none());
}

#[test]
fn names_and_titles_are_text_whatever_they_hold() {
    let hostile = "</text><script>\u{1}\"&";
    let axis = || Axis::linear(hostile, hostile);
    let panel = Panel::new(hostile, axis(), axis())
        .with_curve(Curve::new(hostile, [[1.0, 2.0]]))
        .with_level(hostile, 2.0);
    let svg = curves(hostile, &[panel]);
    let mut names: Vec<_> = elements(&svg).into_iter().map(|(name, _)| name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names, ["circle", "path", "rect", "svg", "text", "title"]);
    assert!(svg.contains("<title>&lt;/text&gt;&lt;script&gt;\u{fffd}&quot;&amp;</title>"));
}

#[test]
fn a_panel_without_values_says_so() {
    let svg = curves("", &[panel(&[&[[1.0, f64::NAN]]], Scale::Linear)]);
    assert!(svg.contains(">no values to draw<"), "{svg}");
}

#[test]
fn legends_stand_beside_the_area_and_have_room_for_every_curve() {
    let curve: &[[f64; 2]] = &[[1.0, 1.0], [2.0, 2.0]];
    let svg = curves("", &[panel(&[curve; 40], Scale::Linear)]);
    let texts = texts(&svg);
    for index in 0..40 {
        let name = format!("curve{index}");
        let entry = texts
            .iter()
            .find(|text| text.text == name)
            .expect("an entry");
        assert!(entry.left > 300.0, "{name}");
    }
}

/// A text of a picture and the room that it takes.
#[derive(Debug)]
struct Text {
    text: String,
    left: f64,
    right: f64,
    top: f64,
    bottom: f64,
}

fn texts(svg: &str) -> Vec<Text> {
    let document = Document::parse(svg).expect("a picture is XML");
    let texts = document
        .descendants()
        .filter(|node| node.has_tag_name("text"));
    let of = |node: roxmltree::Node<'_, '_>| {
        let number = |key| {
            node.attribute(key)
                .and_then(|number| number.parse::<f64>().ok())
        };
        let text = node.text().unwrap_or_default().to_owned();
        let size = number("font-size").expect("a size");
        let wide = size * crate::text::width(&text);
        let start = match node.attribute("text-anchor") {
            Some("middle") => -wide / 2.0,
            Some("end") => -wide,
            _ => 0.0,
        };
        // What is turned reads upwards: its start is below.
        let upwards = node.attribute("transform").map(|transform| {
            let inside = transform.split(['(', ')']).nth(1).expect("a translation");
            let place = inside
                .split(' ')
                .map(|part| part.parse().expect("a number"));
            place.collect::<Vec<f64>>()
        });
        let (ascent, descent) = (0.75 * size, 0.2 * size);
        let (left, right, top, bottom) = match upwards.as_deref() {
            Some([x, y]) => (x - ascent, x + descent, y - start - wide, y - start),
            _ => {
                let [x, y] = ["x", "y"].map(|key| number(key).expect("a place"));
                (x + start, x + start + wide, y - ascent, y + descent)
            }
        };
        Text {
            text,
            left,
            right,
            top,
            bottom,
        }
    };
    texts.map(of).collect()
}

/// A figure of every kind of plot, with names of `times` the usual length.
fn everything(columns: usize, times: usize) -> Figure {
    let name = |text: &str| text.repeat(times);
    let axis = |scale| Axis {
        scale,
        ..Axis::linear(name("quantity"), name("unit"))
    };
    let curve = [
        [1e-4, 3e-7],
        [2.0, 5e-6],
        [90.0, 1e-3],
        [91.0, f64::NAN],
        [1e3, 0.2],
    ];
    let of_scale = |scale| {
        Panel::new(name("a panel"), axis(scale), axis(scale))
            .with_note(name("r = 0.963 ± 0.002"))
            .with_note(name("n = 1.3e8"))
            .with_curve(Curve::new(name("line"), curve).with_spread(curve.map(|[_, y]| [0.0, y])))
            .with_curve(Curve::new(name("theory"), curve).with_style(Style::Theory))
            .with_curve(Curve::new(name("marks"), curve).with_style(Style::Marks))
            .with_curve(Curve::new(name("area"), curve).with_style(Style::Area))
            .with_curve(Curve::bins(name("steps"), [0.5, 3.0], &[0.1, 0.0, 0.3]))
            .with_level(name("level"), 0.01)
            .with_level_on(Dimension::X, name("vertical"), 30.0)
            .with_span(Dimension::X, name("span"), [f64::NEG_INFINITY, 0.1])
            .with_guide(name("slope"), [1.0, 1e-3], -0.5)
    };
    let counts = (0..12).map(|count| count * count * count).collect();
    let bins = |range, count| Bins::try_new(name("dot"), "", range, count).expect("bins");
    let cells = Histogram2d::try_new(
        name("cells"),
        bins([-4e6, 4e6], 4),
        bins([-0.003, 0.001], 3),
        counts,
    );
    let bars = |axis: Axis| {
        let group = |values: [f64; 3]| {
            values
                .into_iter()
                .fold(Group::new(name("group")), |group, value| {
                    group.with_bar(name("net"), value, name("12.3 ms"))
                })
        };
        let values = [[0.02, 3e4, 1e-5], [f64::NAN, 0.0, -1.0]];
        let bars = Bars::new(name("bars"), axis);
        values
            .into_iter()
            .fold(bars, |bars, values| bars.with_group(group(values)))
    };
    Figure::new(name("everything"))
        .with_columns(columns)
        .with(of_scale(Scale::Linear))
        .with(of_scale(Scale::Log))
        .with(
            cells
                .expect("twelve cells")
                .with_line(1e-9, 0.0)
                .with_disagreement(),
        )
        .with(bars(axis(Scale::Linear)))
        .with(bars(axis(Scale::Log)))
        .with(Bars::new("", axis(Scale::Log)))
}

/// Figures of one kind and of all, in any number of columns.
fn figures() -> Vec<Figure> {
    let mut figures = Vec::new();
    for columns in [0, 1, 2, 3, 9] {
        for times in [1, 4, 60] {
            let all = everything(columns, times);
            for plot in &all.plots {
                let plots = vec![plot.clone(); 4];
                figures.push(Figure {
                    plots,
                    ..all.clone()
                });
            }
            figures.push(all);
        }
    }
    figures
}

#[test]
fn no_text_overlaps_another_or_the_edge() {
    for figure in figures() {
        for svg in [figure.svg(), figure.narrow_svg()] {
            let document = Document::parse(&svg).expect("a picture is XML");
            let side = |key| document.root_element().attribute(key)?.parse::<f64>().ok();
            let [width, height] = ["width", "height"].map(|key| side(key).expect("a side"));
            let texts = texts(&svg);
            for (index, a) in texts.iter().enumerate() {
                let inside = a.left >= 0.0 && a.right <= width && a.top >= 0.0;
                assert!(inside && a.bottom <= height, "{a:?} in {width} x {height}");
                for b in &texts[..index] {
                    let apart = a.right <= b.left || b.right <= a.left;
                    let apart = apart || a.bottom <= b.top || b.bottom <= a.top;
                    assert!(apart, "{a:?} {b:?} in {} columns", figure.columns);
                }
            }
        }
    }
}

#[test]
fn whatever_is_drawn_is_a_number_and_the_same_again() {
    for figure in figures() {
        let svg = figure.svg();
        assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
        assert!(!svg.contains(" id=") && !svg.contains("style"), "{svg}");
        assert_eq!(svg, figure.clone().svg());
        elements(&svg);
    }
}

/// What of the picture of `plot` has this attribute, in the order of drawing.
fn drawn(plot: impl Into<Plot>, key: &str, value: &str) -> Vec<String> {
    let svg = Figure::new("").with(plot).svg();
    let document = Document::parse(&svg).expect("a picture is XML");
    let nodes = document.descendants();
    let nodes = nodes.filter(|node| node.attribute(key) == Some(value));
    nodes
        .filter_map(|node| Some(node.attribute("d")?.to_owned()))
        .collect()
}

#[test]
fn a_range_cuts_lines_at_the_edge() {
    let curve = Curve::new("", [[-100.0, 0.5], [100.0, 0.5]]);
    let axis = || Axis::linear("", "").with_range(0.0, 1.0);
    let plot = Panel::new("", axis(), axis()).with_curve(curve);
    let lines = drawn(plot, "stroke", Pen::of_curve(0).colour);
    let [line] = &lines[..] else {
        panic!("one line: {lines:?}");
    };
    let numbers: Vec<f64> = line
        .split(['M', 'L', ' '])
        .filter_map(|part| part.parse().ok())
        .collect();
    assert!(
        numbers[0] > 0.0 && numbers[2] < ALONE && numbers[1] == numbers[3],
        "{line}"
    );
}

#[test]
fn a_guide_of_slope_minus_half_falls_a_decade_in_two() {
    let axis = |high| Axis::log("", "").with_range(1.0, high);
    let curve = Curve::new("", [[1.0, 1.0]]);
    let panel = Panel::new("", axis(1e4), axis(1e2)).with_curve(curve);
    let panel = panel.with_guide("", [1.0, 1e2], -0.5);
    let guides = drawn(panel, "stroke-dasharray", Pen::of_guide().dashes);
    // From the upper left corner to the lower right one.
    let [guide] = &guides[..] else {
        panic!("one guide: {guides:?}");
    };
    let places: Vec<f64> = guide
        .split(['M', 'L', ' '])
        .filter_map(|part| part.parse().ok())
        .collect();
    let [left, top, right, bottom] = places[..] else {
        panic!("two places: {guide}");
    };
    assert!(
        (bottom - top - 220.0).abs() < 0.02 && right - left > 300.0,
        "{guide}"
    );
}

#[test]
fn equal_cells_of_a_row_are_one_rectangle_and_empty_ones_none() {
    let bins = |count| Bins::try_new("", "", [-1.0, 1.0], count).expect("bins");
    let counts = vec![7, 7, 0, 1, 7, 7, 7, 0];
    let histogram = Histogram2d::try_new("", bins(4), bins(2), counts).expect("eight cells");
    let [few, many] = [0, 63].map(|level| crate::colours::of_level(level).to_string());
    assert_eq!(
        drawn(histogram.clone(), "fill", &many),
        ["M0 0h2v1h-2zM0 1h3v1h-3z"]
    );
    assert_eq!(drawn(histogram, "fill", &few), ["M3 0h1v1h-1z"]);
}

#[test]
fn histograms_without_counts_or_with_one_bin_are_drawn() {
    for counts in [vec![0], vec![1], vec![u64::MAX]] {
        let bins = || Bins::try_new("x", "", [3.0, 4.0], 1).expect("a bin");
        let histogram = Histogram2d::try_new("one", bins(), bins(), counts).expect("a cell");
        let histogram = histogram
            .with_line(f64::NAN, f64::INFINITY)
            .with_disagreement();
        let svg = Figure::new("").with(histogram).svg();
        assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
        elements(&svg);
    }
}

#[test]
fn what_is_no_histogram_is_refused() {
    let error = Bins::try_new("a · w", "", [1.0, 1.0], 50).expect_err("no range");
    assert!(
        error
            .to_string()
            .starts_with("a · w: 50 bins from 1 to 1, expected"),
        "{error}"
    );
    for range in [
        [f64::NAN, 1.0],
        [0.0, f64::INFINITY],
        [0.0, 1e100],
        [1.0, 1.0 + 1e-12],
    ] {
        assert!(Bins::try_new("", "", range, 1).is_err(), "{range:?}");
    }
    assert!(Bins::try_new("", "", [0.0, 1.0], 0).is_err());
    let bins = |count| Bins::try_new("", "", [0.0, 1.0], count).expect("bins");
    let error = Histogram2d::try_new("conv1", bins(3), bins(2), vec![0; 5]);
    let error = error.expect_err("a count is missing").to_string();
    assert_eq!(
        error,
        "conv1: 5 counts, expected 2 x 3, a row for each bin of y"
    );
}

#[test]
fn bars_begin_at_zero_and_end_at_their_values() {
    let group = Group::new("")
        .with_bar("a", 50.0, "50")
        .with_bar("b", 100.0, "100");
    let svg = Figure::new("")
        .with(Bars::new("", Axis::linear("", "")).with_group(group))
        .svg();
    let document = Document::parse(&svg).expect("a picture is XML");
    let bar = |index| {
        let colour = Pen::of_curve(index).colour;
        let mut nodes = document.descendants();
        let bar = nodes
            .find(|node| node.attribute("fill") == Some(colour))
            .expect("a bar");
        ["x", "width"].map(|key| bar.attribute(key).and_then(|n| n.parse::<f64>().ok()))
    };
    let ([Some(a), Some(half)], [Some(b), Some(whole)]) = (bar(0), bar(1)) else {
        panic!("bars have places");
    };
    assert!(
        a == b && (whole - 2.0 * half).abs() < 0.02,
        "{half} {whole}"
    );
}

#[test]
fn empty_bins_are_on_the_axis_and_on_the_floor() {
    let heights = [0.0, 0.0, 1e-3, 1.0, 1e-3, 0.0];
    let curve = Curve::bins("", [-1.0, 2.0], &heights);
    let panel = Panel::new("", Axis::linear("", ""), Axis::log("", "")).with_curve(curve);
    let texts = texts(&curves("", std::slice::from_ref(&panel)));
    for end in ["−1.0", "2.0"] {
        assert!(
            texts.iter().any(|text| text.text == end),
            "{end}: {texts:?}"
        );
    }
    assert!(
        !texts.iter().any(|text| text.text.contains("no place")),
        "{texts:?}"
    );
    assert_eq!(drawn(panel, "stroke-width", "1.7").len(), 1);
}

#[test]
fn plots_of_one_legend_share_it() {
    let points: &[[f64; 2]] = &[[1.0, 1.0], [2.0, 3.0]];
    let one = || panel(&[points, points], Scale::Linear);
    let entries = |panels: &[Panel]| curves("", panels).matches(">curve0<").count();
    assert_eq!(entries(&[one(), one(), one()]), 1);
    assert_eq!(entries(&[one(), panel(&[points], Scale::Linear)]), 2);
}

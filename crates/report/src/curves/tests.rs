use roxmltree::Document;

use super::*;
use crate::chart::{Curve, Scale};

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
        text.split(['M', 'L', 'Z', ' '])
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
        let width = CELL * panels.len().clamp(1, COLUMNS) as f64;
        let height = panels.len().div_ceil(COLUMNS) as f64 * 400.0 + 1.0;
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
    let crowded = panel(&[curve; 40], Scale::Linear);
    let layout = Layout::of(std::slice::from_ref(&crowded), &[Rulers::of(&crowded)]);
    assert!(layout.height >= 40.0 * LINE);
    assert!(layout.left + layout.width + 12.0 + SAMPLE + 6.0 < CELL);
    let svg = curves("", &[crowded]);
    for index in 0..40 {
        assert!(svg.contains(&format!(">curve{index}<")), "curve{index}");
    }
}

use roxmltree::{Document, ParsingOptions};

use super::*;
use crate::{Axis, Bars, Curve, Group, Panel};

fn parsed(html: &str) -> Document<'_> {
    let options = ParsingOptions {
        allow_dtd: true,
        ..ParsingOptions::default()
    };
    Document::parse_with_options(html, options).expect("a page is XML")
}

fn figure(name: &str) -> Figure {
    let axis = || Axis::linear(name, name);
    let panel = Panel::new(name, axis(), axis());
    let curve = Curve::new(name, [[1.0, 2.0], [2.0, f64::NAN], [3.0, f64::INFINITY]]);
    let group = Group::new(name).with_bar(name, 3.0, name);
    Figure::new(name)
        .with(panel.with_curve(curve))
        .with(Bars::new(name, axis()).with_group(group))
}

/// A page of everything, with this text wherever there is text.
fn page(text: &str) -> Page {
    let mut table = Table::new()
        .with_words(text)
        .with_numbers(text, text)
        .with_note(text);
    table.try_push([text, text]).expect("two columns");
    let verdicts = [
        Verdict::Agrees,
        Verdict::Disagrees,
        Verdict::NotTested,
        Verdict::Finding,
    ];
    let section = || {
        Section::new(text)
            .with_paragraph(text)
            .with_figure(figure(text), text)
            .with_table(table.clone())
            .with_checks(verdicts.map(|verdict| Check::new(text, text, text, verdict)))
    };
    Page::new(text, text)
        .with_provenance(text, text)
        .with_section(section())
        .with_section(section())
        .with_section(Section::new(text))
}

#[test]
fn pages_are_well_formed_and_text_is_text_whatever_it_holds() {
    let hostile = "</style></script><script>alert('x')</script>\u{1}\"&amp;{{ title }}{% if %}";
    for text in ["", "plain", hostile, &"long".repeat(500), "größe 大 ✓"] {
        let html = page(text).to_html();
        let document = parsed(&html);
        let elements = document.descendants().filter(roxmltree::Node::is_element);
        for element in elements {
            let name = element.tag_name().name();
            assert!(
                !["script", "link", "img", "iframe"].contains(&name),
                "{name}"
            );
        }
        assert!(
            !html.contains("NaN") && !html.contains("undefined"),
            "{html}"
        );
        let mut paragraphs = document
            .descendants()
            .filter(|node| node.has_tag_name("h1"));
        let title = paragraphs
            .next()
            .and_then(|node| node.text())
            .unwrap_or_default();
        assert_eq!(title, text.replace('\u{1}', "\u{fffd}"));
    }
}

#[test]
fn pages_ask_no_network() {
    let html = page("text").to_html();
    let own = html.replace("http://www.w3.org/2000/svg", "");
    for address in ["http:", "https:", "//", "url(", "@import", "src="] {
        assert!(!own.contains(address), "{address}");
    }
}

#[test]
fn identifiers_are_unique_and_links_lead_to_them() {
    let html = page("text").to_html();
    let document = parsed(&html);
    let attributes = |key| {
        document
            .descendants()
            .filter_map(move |node| node.attribute(key))
    };
    let mut ids: Vec<_> = attributes("id").collect();
    let links: Vec<_> = attributes("href").collect();
    assert_eq!(links.len(), 4);
    for link in links {
        assert!(ids.contains(&link.trim_start_matches('#')), "{link}");
    }
    let all = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), all);
}

#[test]
fn figures_say_what_they_show_to_those_who_do_not_see_them() {
    let html = page("what it shows").to_html();
    let document = parsed(&html);
    let pictures = document
        .descendants()
        .filter(|node| node.tag_name().name() == "svg");
    let pictures: Vec<_> = pictures.collect();
    // Two figures, each for wide and for narrow pages.
    assert_eq!(pictures.len(), 4);
    for picture in pictures {
        let title = picture.first_element_child().and_then(|node| node.text());
        assert_eq!(title, Some("what it shows"));
        assert_eq!(picture.attribute("role"), Some("img"));
    }
    let html_element = document.root_element();
    assert_eq!(html_element.attribute("lang"), Some("en"));
}

#[test]
fn verdicts_have_words_and_signs() {
    let html = page("text").to_html();
    for (sign, word) in [
        ("✓", "agrees"),
        ("✗", "disagrees"),
        ("–", "not tested"),
        ("•", "finding"),
    ] {
        let cell = format!("<span aria-hidden=\"true\">{sign}</span> {word}\n</td>");
        assert_eq!(html.matches(&cell).count(), 2, "{word}");
    }
}

#[test]
fn a_page_without_anything_is_a_page() {
    let html = Page::new("", "").to_html();
    let document = parsed(&html);
    assert!(document.descendants().any(|node| node.has_tag_name("body")));
    assert!(
        !html.contains("<nav") && !html.contains("<section"),
        "{html}"
    );
}

#[test]
fn same_numbers_same_bytes() {
    assert_eq!(page("text").to_html(), page("text").to_html());
}

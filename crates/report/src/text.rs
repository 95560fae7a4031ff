//! Text in a picture: what may stand in it, and about how wide it is.

use std::fmt::{self, Display, Formatter, Write};

/// Text as it stands in XML: markup escaped, what XML forbids replaced by U+FFFD.
pub(crate) struct Escaped<'a>(pub &'a str);

impl Display for Escaped<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|character| match character {
            '&' => f.write_str("&amp;"),
            '<' => f.write_str("&lt;"),
            '>' => f.write_str("&gt;"),
            '"' => f.write_str("&quot;"),
            '\t' | '\n' | '\r' => f.write_char(' '),
            '\u{fffe}' | '\u{ffff}' => f.write_char('\u{fffd}'),
            control if control.is_control() => f.write_char('\u{fffd}'),
            other => f.write_char(other),
        })
    }
}

/// Width of `text` at a font size of 1, a little more than that of Helvetica or Arial.
///
/// No font is at hand when the picture is drawn, and the reader's is not known.
pub(crate) fn width(text: &str) -> f64 {
    let em = |character| match character {
        'i' | 'j' | 'l' | '\'' | '|' | '.' | ',' | ':' | ';' | '!' => 0.28,
        ' ' | 'f' | 't' | 'r' | 'I' | '(' | ')' | '[' | ']' | '/' | '\\' | '-' => 0.35,
        '⁰' | '¹' | '²' | '³' | '⁴' | '⁵' | '⁶' | '⁷' | '⁸' | '⁹' | '⁻' => 0.40,
        'm' | 'w' | 'M' | 'W' | '@' | '%' | '…' => 0.95,
        'A'..='Z' | '&' => 0.74,
        '\u{1100}'.. => 1.05,
        _ => 0.58,
    };
    text.chars().map(em).sum()
}

/// `text`, or as much of its beginning as fits `room` at a font size of 1, and an ellipsis.
pub(crate) fn fit(text: &str, room: f64) -> String {
    if width(text) <= room {
        return text.to_owned();
    }
    let ends = text.char_indices().map(|(end, _)| &text[..end]);
    let fitting = ends.take_while(|start| width(start) + width("…") <= room);
    format!("{}…", fitting.last().unwrap_or_default().trim_end())
}

/// `10ⁿ` in characters that need no markup.
pub(crate) fn power_of_ten(exponent: i32) -> String {
    let raised = exponent.to_string();
    let raised = raised.chars().map(|character| match character {
        '-' => '⁻',
        '1' => '¹',
        '2' => '²',
        '3' => '³',
        digit => char::from_u32('⁰' as u32 + digit as u32 - '0' as u32).unwrap_or(digit),
    });
    "10".chars().chain(raised).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_is_escaped_and_forbidden_characters_are_replaced() {
        assert_eq!(
            Escaped("<a b=\"c\">&\u{0}\n\u{1b}\u{ffff}é").to_string(),
            "&lt;a b=&quot;c&quot;&gt;&amp;\u{fffd} \u{fffd}\u{fffd}é"
        );
    }

    #[test]
    fn text_is_cut_between_characters_and_no_wider_than_its_room() {
        assert_eq!(fit("conv1", 10.0), "conv1");
        assert_eq!(fit("", 0.0), "");
        for room in [0.5, 1.0, 2.0, 3.0, 4.0] {
            let cut = fit("größe des Netzes", room);
            assert!(cut.ends_with('…'), "{cut}");
            assert!(width(&cut) <= room.max(width("…")), "{cut}");
        }
    }

    #[test]
    fn exponents_are_raised_digit_by_digit() {
        assert_eq!(power_of_ten(-1203), "10⁻¹²⁰³");
        assert_eq!(power_of_ten(456_789), "10⁴⁵⁶⁷⁸⁹");
    }
}

//! The nearest known word to one that is not known.

/// The known word with the fewest edits, if it is near at all.
pub fn nearest<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<String> {
    let distances = known.map(|known| (strsim::damerau_levenshtein(word, known), known));
    let (distance, nearest) = distances.min()?;
    // Half of the letters may be wrong.
    (2 * distance <= word.chars().count().max(nearest.chars().count())).then(|| nearest.to_owned())
}

/// The nearest word that a message of `serde` lists, where it speaks of an unknown one.
///
/// Such a message quotes the unknown word first and then the known ones: "unknown field `widht`,
/// expected one of `width`, `weights`".
pub fn of_message(message: &str) -> Option<String> {
    if !message.contains("unknown field") && !message.contains("unknown variant") {
        return None;
    }
    let mut quoted = quoted(message);
    let unknown = quoted.next()?;
    nearest(unknown, quoted)
}

/// The words of a message that stand between backquotes.
pub fn quoted(message: &str) -> impl Iterator<Item = &str> {
    message.split('`').skip(1).step_by(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_word_has_the_fewest_edits() {
        let known = ["width", "weights", "norm"];
        assert_eq!(
            nearest("widht", known.into_iter()).as_deref(),
            Some("width")
        );
        assert_eq!(
            nearest("weigths", known.into_iter()).as_deref(),
            Some("weights")
        );
        assert_eq!(nearest("zebra", known.into_iter()), None);
    }
}

//! Where fetched data lie unless another place is named.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// `$ORTHANT_DATA`, or `orthant` in the user's data directory; a directory for each data set there.
///
/// The user's data directory is `$XDG_DATA_HOME` if that is absolute, as its specification asks,
/// else `~/.local/share`. Nothing where the environment has none of the three.
pub fn directory(name: &str) -> Option<PathBuf> {
    let root = root(|variable| env::var_os(variable))?;
    Some(root.join(name))
}

fn root(variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let path = |name| {
        variable(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    if let Some(root) = path("ORTHANT_DATA") {
        return Some(root);
    }
    let absolute = path("XDG_DATA_HOME").filter(|path| path.is_absolute());
    let data = absolute.or_else(|| Some(path("HOME")?.join(".local/share")))?;
    Some(Path::new(&data).join("orthant"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_variable_that_is_set_counts() {
        let of = |set: &[(&str, &str)]| {
            root(|name| {
                let found = set.iter().find(|(set, _)| *set == name);
                found.map(|(_, value)| value.into())
            })
        };
        let home = ("HOME", "/home/a");
        assert_eq!(
            of(&[("ORTHANT_DATA", "here"), ("XDG_DATA_HOME", "/x"), home]),
            Some("here".into())
        );
        let expected = PathBuf::from("/x/orthant");
        assert_eq!(of(&[("XDG_DATA_HOME", "/x"), home]), Some(expected));
        let expected = PathBuf::from("/home/a/.local/share/orthant");
        for set in [
            &[home][..],
            &[("XDG_DATA_HOME", "relative"), home],
            &[("ORTHANT_DATA", ""), ("XDG_DATA_HOME", ""), home],
        ] {
            assert_eq!(of(set), Some(expected.clone()), "{set:?}");
        }
        assert_eq!(of(&[]), None);
    }
}

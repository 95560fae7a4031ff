//! Where a redirect leads: the `Location` of an answer, which may be relative.

use ureq::http::Uri;

/// Whether a client can ask for it.
pub(super) fn is_web(uri: &Uri) -> bool {
    matches!(uri.scheme_str(), Some("http" | "https"))
}

/// Whether it is asked for over TLS.
pub(super) fn is_secure(uri: &Uri) -> bool {
    uri.scheme_str() == Some("https")
}

/// A `Location` beside the absolute URL that gave it; none if it makes no URL.
///
/// # Reference
/// RFC 3986 (2005), section 5.2; a fragment is left out, since servers are not sent one.
pub(super) fn resolve(base: &Uri, location: &str) -> Option<Uri> {
    let (location, _) = location.split_once('#').unwrap_or((location, ""));
    if let Ok(uri) = location.parse::<Uri>()
        && uri.scheme().is_some()
    {
        return Some(uri);
    }
    // A relative one has no `:` in its first segment: this would be a URL of another kind.
    if location.split(['/', '?']).next()?.contains(':') {
        return None;
    }
    let scheme = base.scheme_str()?;
    if location.starts_with("//") {
        return format!("{scheme}:{location}").parse().ok();
    }
    let (path, query) = match location.find('?') {
        Some(at) => location.split_at(at),
        None => (location, ""),
    };
    let path = match path {
        "" => base.path().to_owned(),
        _ => join(base.path(), path),
    };
    let authority = base.authority()?;
    format!("{scheme}://{authority}{path}{query}").parse().ok()
}

/// A path, relative to that of a file or from the root, without `.` and `..`.
fn join(base: &str, path: &str) -> String {
    let mut segments = Vec::new();
    if !path.starts_with('/') {
        segments.extend(base.split('/'));
        segments.pop();
    }
    for segment in path.split('/') {
        match segment {
            "." => {}
            // The root has nothing above it.
            ".." => segments.truncate(segments.len().saturating_sub(1).max(1)),
            _ => segments.push(segment),
        }
    }
    segments.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locations_are_absolute_or_beside_what_gave_them() {
        let base: Uri = "https://a.b:8/c/d/e?f".parse().expect("a URL");
        for (location, expected) in [
            ("http://x/y?z", "http://x/y?z"),
            ("https://x", "https://x/"),
            ("ftp://x/y", "ftp://x/y"),
            ("//x/y", "https://x/y"),
            ("/x/y?z", "https://a.b:8/x/y?z"),
            ("/x/./w/../y", "https://a.b:8/x/y"),
            ("x", "https://a.b:8/c/d/x"),
            ("x.gz?/../y", "https://a.b:8/c/d/x.gz?/../y"),
            ("./x", "https://a.b:8/c/d/x"),
            ("../x", "https://a.b:8/c/x"),
            ("../../../../x", "https://a.b:8/x"),
            ("x/", "https://a.b:8/c/d/x/"),
            ("?x", "https://a.b:8/c/d/e?x"),
            ("x#y", "https://a.b:8/c/d/x"),
            ("", "https://a.b:8/c/d/e"),
        ] {
            let found = resolve(&base, location).expect(location);
            assert_eq!(found.to_string(), expected, "{location}");
        }
        assert_eq!(resolve(&base, "file:///x"), None);
        assert_eq!(resolve(&base, "//"), None);
        assert_eq!(resolve(&base, "a b"), None);
    }
}

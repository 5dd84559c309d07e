//! URLs as browsers parse them (WHATWG URL Standard, section 4.4): without surrounding control
//! characters and spaces, without tabs and line breaks inside, and with a backslash as a slash.

use std::borrow::Cow;
use std::sync::LazyLock;

use url::Url;

/// The schemes that a link may have without being able to run a script in the page.
const LINK_SCHEMES: [&str; 7] = ["http", "https", "mailto", "tel", "sms", "ftp", "geo"];
/// The site's own origin while a URL is parsed. The domain is reserved (RFC 2606, section 2).
const OWN_ORIGIN: &str = "https://dateline.invalid/";

/// A URL in an article, as a browser parses it.
#[derive(Debug)]
pub(crate) struct BrowserUrl {
    /// `None` if it can't be parsed; a browser then doesn't follow it.
    url: Option<Url>,
}

impl BrowserUrl {
    /// Parses a URL that is relative to a page of the site.
    pub(crate) fn parse(text: &str) -> Self {
        static BASE: LazyLock<Option<Url>> = LazyLock::new(|| Url::parse(OWN_ORIGIN).ok());
        Self { url: BASE.as_ref().and_then(|base| base.join(text).ok()) }
    }

    /// Returns true if it is a URL of the site.
    pub(crate) fn is_own(&self) -> bool {
        self.url.as_ref().is_some_and(|url| url.as_str().starts_with(OWN_ORIGIN))
    }

    /// Returns its scheme in lower case; that of the site if it is relative or can't be parsed.
    pub(crate) fn scheme(&self) -> &str {
        self.url.as_ref().map_or("https", |url| url.scheme())
    }

    /// Returns true if a browser that follows it runs no script in the page.
    pub(crate) fn is_safe_link(&self) -> bool {
        self.url.as_ref().is_none_or(|url| LINK_SCHEMES.contains(&url.scheme()))
    }

    /// Returns true if it is the URL of an image: of a server, or the data of one.
    pub(crate) fn is_safe_image(&self) -> bool {
        let is_image = |url: &Url| match url.scheme() {
            "http" | "https" => true,
            "data" => is_image_type(url.path()),
            _ => false,
        };
        self.url.as_ref().is_none_or(is_image)
    }
}

/// Returns true if the data of a `data:` URL has the type of an image (RFC 2397).
fn is_image_type(data: &str) -> bool {
    data.get(.."image/".len()).is_some_and(|start| start.eq_ignore_ascii_case("image/"))
}

/// Returns a URL in the form in which browsers read it: without the characters that they ignore,
/// and with slashes instead of backslashes, unless it has a scheme in which these differ.
pub(crate) fn normalize(url: &str) -> Cow<'_, str> {
    let is_ignored = |c: char| c <= ' ';
    let trimmed = url.trim_matches(is_ignored);
    let needs_change = |c: char| matches!(c, '\t' | '\n' | '\r' | '\\');
    if !trimmed.contains(needs_change) {
        return Cow::Borrowed(trimmed);
    }
    let clean = trimmed.replace(['\t', '\n', '\r'], "");
    let is_special = |scheme: &str| {
        ["http", "https", "ftp", "ws", "wss", "file"]
            .iter()
            .any(|special| special.eq_ignore_ascii_case(scheme))
    };
    let path_end = clean.find(['?', '#']).unwrap_or(clean.len());
    let (path, rest) = clean.split_at(path_end);
    match path.split_once(':').filter(|(scheme, _)| !scheme.contains(['/', '\\'])) {
        Some((scheme, _)) if !is_special(scheme) => clean.into(),
        _ => (path.replace('\\', "/") + rest).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_read_as_browsers_read_them() {
        for own in ["/a", "a/b.png", "#x", "?q", "./a", "/.//a", " /a ", "", "https:a"] {
            assert!(BrowserUrl::parse(own).is_own(), "{own:?}");
        }
        for foreign in [
            "//h.example/a",
            "\\\\h.example/a",
            "/\\h.example/a",
            "\\/h.example",
            "/\t/h.example/a",
            "\n//h.example",
            "/\r\n/h.example",
            "\u{1}//h.example",
            "https:\\\\h.example",
            "http:a",
            "HTTPS://h.example",
            "data:image/png,x",
            "///h.example",
        ] {
            assert!(!BrowserUrl::parse(foreign).is_own(), "{foreign:?}");
        }
    }

    #[test]
    fn scripts_are_neither_links_nor_images() {
        for script in [
            "javascript:x",
            "JavaScript:x",
            " javascript:x",
            "java\tscript:x",
            "java\nscript:x",
            "\u{1}javascript:x",
            "vbscript:x",
            "data:text/html,x",
            "data:text/html;base64,eA==",
            "data:,x",
            "data:application/xhtml+xml,x",
            "blob:https://a/b",
            "file:///etc/passwd",
            "DATA:text/html,x",
            "da\nta:text/html,x",
            "view-source:x",
            "javascript\t:x",
        ] {
            let url = BrowserUrl::parse(script);
            assert!(!url.is_safe_link() && !url.is_safe_image(), "{script:?}");
        }
        assert!(BrowserUrl::parse("data:image/png;base64,eA==").is_safe_image());
        assert!(!BrowserUrl::parse("data:image/svg+xml,x").is_safe_link());
        assert!(BrowserUrl::parse("mailto:a@b.example").is_safe_link());
        assert!(BrowserUrl::parse("a.png").is_safe_image());
    }

    #[test]
    fn urls_are_normalized() {
        for (url, normalized) in [
            (" a.png\n", "a.png"),
            ("images\\a.png", "images/a.png"),
            ("\\\\h.example\\a?b\\c", "//h.example/a?b\\c"),
            ("/\t/h.example", "//h.example"),
            ("https:\\\\h.example", "https://h.example"),
            ("mailto:a\\b", "mailto:a\\b"),
            ("a\\b:c", "a/b:c"),
        ] {
            assert_eq!(normalize(url), normalized, "{url:?}");
        }
    }
}

//! Sanitizes HTML in articles.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use ammonia::Builder;

use super::browser_url::BrowserUrl;
use super::html::{srcset_descriptors, srcset_urls, url_attribute};

/// The schemes of URLs that the sanitizer keeps.
const URL_SCHEMES: [&str; 7] = ["http", "https", "mailto", "tel", "sms", "ftp", "geo"];
/// The prefix of the ids of the site's own elements. An element of an article that had one of them
/// could be taken for the site's by its scripts and styles.
const RESERVED_ID_PREFIX: &str = "dateline-";

/// Returns true if an id is reserved for the elements of the site's own pages.
pub(crate) fn is_reserved_id(id: &str) -> bool {
    id.trim_start()
        .get(..RESERVED_ID_PREFIX.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(RESERVED_ID_PREFIX))
}

/// Returns true if all images of a `srcset` are the site's own: a browser must not send requests
/// to other hosts unasked. A `srcset` that isn't valid could be read differently.
fn has_only_local_urls(srcset: &str) -> bool {
    let is_descriptor = |text: &str| {
        let number = text.strip_suffix(['w', 'x', 'h']).unwrap_or_default();
        !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
    };
    srcset_urls(srcset).all(|url| url.starts_with('/') && BrowserUrl::parse(url).is_own())
        && srcset_descriptors(srcset).all(is_descriptor)
}

/// Returns true if an attribute stays: if its URLs run no script and its id isn't reserved.
fn is_kept(element: &str, attribute: &str, value: &str) -> bool {
    match attribute {
        "srcset" => has_only_local_urls(value),
        "id" | "name" => !is_reserved_id(value),
        _ => url_attribute(element, attribute).is_none_or(|row| {
            row.urls(value).iter().all(|url| BrowserUrl::parse(url).is_safe_link())
        }),
    }
}

/// Removes everything from HTML that could run code, restyle the page or load a frame; text and
/// structure are kept.
pub(crate) fn sanitize(html: &str) -> String {
    CLEANER.clean(html).to_string()
}

/// Returns true if an element, given in lower case, stays in sanitized HTML.
pub(crate) fn keeps_element(name: &str) -> bool {
    ALLOWED.elements.contains(name)
}

/// The treatment of an attribute of an element that stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AttributeFate {
    /// It stays as it is.
    Allowed,
    /// It is removed, or a part of it.
    Removed,
    /// It is removed because of the scheme of its URL.
    UrlRefused,
}

/// Returns the treatment of an attribute of an element that stays. Names are in lower case.
pub(crate) fn attribute_fate(element: &str, name: &str, value: &str) -> AttributeFate {
    let is_allowed = ALLOWED.generic_attributes.contains(name)
        || ALLOWED.attributes.get(element).is_some_and(|attributes| attributes.contains(name));
    let is_aligned = || {
        let mut properties = value.split(';').filter_map(|part| part.split(':').next());
        properties.all(|property| matches!(property.trim(), "" | "text-align"))
    };
    match name {
        _ if !is_allowed => AttributeFate::Removed,
        "style" if !is_aligned() => AttributeFate::Removed,
        _ if is_kept(element, name, value) => AttributeFate::Allowed,
        "srcset" | "id" | "name" => AttributeFate::Removed,
        _ => AttributeFate::UrlRefused,
    }
}

/// The elements and attributes that [`CLEANER`] allows.
struct Allowed {
    elements: HashSet<&'static str>,
    generic_attributes: HashSet<&'static str>,
    attributes: HashMap<&'static str, HashSet<&'static str>>,
}

static ALLOWED: LazyLock<Allowed> = LazyLock::new(|| Allowed {
    elements: CLEANER.clone_tags(),
    generic_attributes: CLEANER.clone_generic_attributes(),
    attributes: CLEANER.clone_tag_attributes(),
});

static CLEANER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut cleaner = Builder::default();
    cleaner
        .add_tags(["figure", "figcaption", "section", "picture", "source"])
        .add_generic_attributes(["id", "class", "dir", "lang", "title"])
        .add_tag_attributes("div", ["role", "tabindex", "aria-label"])
        .add_tag_attributes("a", ["aria-label", "role"])
        .add_tag_attributes("img", ["loading", "decoding", "srcset", "sizes"])
        .attribute_filter(|element, name, value| {
            is_kept(element, name, value).then_some(value.into())
        })
        .add_tag_attributes("ol", ["start"])
        // Other systems align table columns with this property.
        .add_tag_attributes("td", ["style"])
        .add_tag_attributes("th", ["style"])
        .filter_style_properties(HashSet::from(["text-align"]))
        .url_schemes(HashSet::from(URL_SCHEMES))
        .link_rel(None);
    cleaner
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_runs_comes_through() {
        let dirty = "<p onclick=x>a<script>alert(1)</script>\
                     <a href='javascript:x'>b</a><iframe src=//e></iframe>\
                     <img src=x onerror=y><svg><script>1</script></svg><style>p{}</style>\
                     <form action=x><input></form></p>";
        assert_eq!(sanitize(dirty), "<p>a<a>b</a><img src=\"x\"></p><p></p>");
    }

    #[test]
    fn columns_stay_aligned() {
        let html = "<table><tbody><tr>\
                    <td style=\"text-align: right; position: fixed\">1</td></tr></tbody></table>";
        assert_eq!(
            sanitize(html),
            html.replace("; position: fixed", "").replace(": right", ":right")
        );
        assert_eq!(sanitize("<p style=\"text-align:right\">x</p>"), "<p>x</p>");
    }

    #[test]
    fn smaller_copies_are_the_sites_own() {
        let own =
            "<img src=\"/a.png\" srcset=\"/a.png.480.webp 480w, /a.png 900w\" sizes=\"100vw\">";
        assert_eq!(sanitize(own), own);
        for other in [
            "/a.png 1x, https://e.example/a.png 2x",
            "//e.example/a.png 2x",
            "/\\e.example/a.png 2x",
            "/a.png, \\\\e.example/a.png 2x",
            "/&#9;/e.example/a.png 2x",
            "https:/\\e.example/a.png 2x",
            "a.png 2x",
        ] {
            assert_eq!(
                sanitize(&format!("<img src=\"/a.png\" srcset=\"{other}\">")),
                "<img src=\"/a.png\">"
            );
        }
    }

    #[test]
    fn no_attribute_has_a_url_that_runs() {
        for url in ["javascript:x", " java&#10;script:x", "vbscript:x", "data:text/html,x"] {
            for element in ["blockquote", "q", "del", "ins"] {
                let html = format!("<{element} cite=\"{url}\">x</{element}>");
                assert_eq!(sanitize(&html), format!("<{element}>x</{element}>"), "{html}");
            }
        }
        assert_eq!(sanitize("<q cite=\"/a\">x</q>"), "<q cite=\"/a\">x</q>");
    }

    #[test]
    fn ids_of_the_site_are_reserved() {
        for id in ["dateline-x", "Dateline-x", " dateline-"] {
            assert_eq!(sanitize(&format!("<p id=\"{id}\">x</p>")), "<p>x</p>");
        }
        assert_eq!(sanitize("<p id=\"datelines\">x</p>"), "<p id=\"datelines\">x</p>");
    }

    #[test]
    fn structure_stays() {
        let html = "<figure class=\"figure\"><img src=\"/a.png\" alt=\"x\">\
                    <figcaption>c</figcaption></figure><h2 id=\"x\">y</h2>";
        assert_eq!(sanitize(html), html);
    }
}

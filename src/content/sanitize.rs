//! Sanitizes HTML in articles.

use std::collections::HashSet;
use std::sync::LazyLock;

use ammonia::Builder;

use super::html::srcset_urls;

/// The schemes that a link in an article may have.
const SAFE_SCHEMES: [&str; 7] = ["http", "https", "mailto", "tel", "sms", "ftp", "geo"];

/// Returns true if a link with this scheme can't run a script in the page.
pub(crate) fn is_safe_scheme(scheme: &str) -> bool {
    SAFE_SCHEMES.iter().any(|safe| safe.eq_ignore_ascii_case(scheme))
}

/// Returns true if all images of a `srcset` are the site's own: a browser must not send requests
/// to other hosts unasked. Browsers treat a backslash as a slash.
fn has_only_local_urls(srcset: &str) -> bool {
    srcset_urls(srcset).all(|url| url.starts_with('/') && !url[1..].starts_with(['/', '\\']))
}

/// Removes everything from HTML that could run code, restyle the page or load a frame; text and
/// structure are kept.
pub(crate) fn sanitize(html: &str) -> String {
    static CLEANER: LazyLock<Builder<'static>> = LazyLock::new(|| {
        let mut cleaner = Builder::default();
        cleaner
            .add_tags(["figure", "figcaption", "section", "picture", "source"])
            .add_generic_attributes(["id", "class", "dir", "lang", "title"])
            .add_tag_attributes("div", ["role", "tabindex", "aria-label"])
            .add_tag_attributes("a", ["aria-label", "role"])
            .add_tag_attributes("img", ["loading", "decoding", "srcset", "sizes"])
            .attribute_filter(|_, name, value| {
                (name != "srcset" || has_only_local_urls(value)).then_some(value.into())
            })
            .add_tag_attributes("ol", ["start"])
            // Other systems align table columns with this property.
            .add_tag_attributes("td", ["style"])
            .add_tag_attributes("th", ["style"])
            .filter_style_properties(HashSet::from(["text-align"]))
            .url_schemes(HashSet::from(SAFE_SCHEMES))
            .link_rel(None);
        cleaner
    });
    CLEANER.clean(html).to_string()
}

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
            "a.png 2x",
        ] {
            assert_eq!(
                sanitize(&format!("<img src=\"/a.png\" srcset=\"{other}\">")),
                "<img src=\"/a.png\">"
            );
        }
    }

    #[test]
    fn structure_stays() {
        let html = "<figure class=\"figure\"><img src=\"/a.png\" alt=\"x\">\
                    <figcaption>c</figcaption></figure><h2 id=\"x\">y</h2>";
        assert_eq!(sanitize(html), html);
    }
}

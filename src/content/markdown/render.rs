//! Rendering of a body.

use std::borrow::Cow;

use pulldown_cmark::html as writer;

use super::events::BodyEvents;
use super::nesting::TooDeep;
use super::settings::{RenderSettings, UrlResolver};
use crate::config::HtmlPolicy;
use crate::content::references::ARTICLE_MARKER;
use crate::content::sanitize::sanitize;
use crate::model::RedactionMatcher;

/// A rendered body.
#[derive(Debug)]
pub(crate) struct RenderedBody {
    /// The body as HTML.
    pub html: String,
    /// The number of words.
    pub words: usize,
}

impl RenderedBody {
    /// Replaces names in the HTML. The source was redacted; this finds what only rendering shows.
    #[must_use]
    pub(crate) fn without_names(self, matcher: &RedactionMatcher) -> Self {
        match matcher.redact_html(&self.html) {
            Cow::Borrowed(_) => self,
            Cow::Owned(html) => Self { html, ..self },
        }
    }
}

/// Renders a body.
///
/// # Errors
/// [`TooDeep`] if its blocks nest deeper than the settings allow.
pub(crate) fn render(
    body: &str,
    settings: &RenderSettings<'_>,
    resolver: &dyn UrlResolver,
) -> Result<RenderedBody, TooDeep> {
    let mut events = BodyEvents::new(body, settings, resolver);
    let mut html = String::with_capacity(body.len() + body.len() / 8 + 64);
    writer::push_html(&mut html, &mut events);
    if let Some(offset) = events.too_deep {
        return Err(TooDeep(offset));
    }
    if body.contains(ARTICLE_MARKER) {
        // In an attribute that isn't a link.
        html = html.replace(ARTICLE_MARKER, "");
    }
    let needs_sanitizing = events.has_raw_html && settings.html == HtmlPolicy::Sanitized;
    let html = if needs_sanitizing { sanitize(&html) } else { html };
    Ok(RenderedBody { html, words: events.words.words })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Image;

    struct TestResolver;

    impl UrlResolver for TestResolver {
        fn resolve_image(&self, url: &str) -> Option<Image> {
            let image = || Image { src: format!("/{url}"), size: Some((4, 3)), ..Image::default() };
            (url != "gone.png").then(image)
        }
        fn resolve_link(&self, url: &str) -> Option<String> {
            Some(url.to_owned())
        }
    }

    fn settings() -> RenderSettings<'static> {
        RenderSettings {
            html: HtmlPolicy::Sanitized,
            smart_punctuation: false,
            nesting: 100,
            dateline: None,
            table_label: "Table",
            alerts: ["Note", "Tip", "Important", "Warning", "Caution"],
        }
    }

    fn html(body: &str) -> String {
        render(body, &settings(), &TestResolver).unwrap().html
    }

    #[test]
    fn cross_headings_are_h2() {
        assert_eq!(html("# A\n\n## B"), "<h2 id=\"a\">A</h2>\n<h3 id=\"b\">B</h3>\n");
        assert_eq!(html("### A\n\n### A"), "<h2 id=\"a\">A</h2>\n<h2 id=\"a-2\">A</h2>\n");
    }

    #[test]
    fn images_alone_are_figures() {
        let figure = "<figure class=\"figure\">\
                      <img src=\"/a.png\" alt=\"An &quot;A&quot;\" width=\"4\" height=\"3\" \
                      loading=\"lazy\" decoding=\"async\"><figcaption>Cap \
                      <span class=\"credit\">Me</span></figcaption></figure>\n";
        assert_eq!(html("![An \"A\"](a.png \"Cap | Me\")"), figure);
        assert!(html("x ![a](a.png)").starts_with("<p>x <img"));
        assert_eq!(html("![a](gone.png)"), "");
    }

    #[test]
    fn tasks_show_their_state() {
        let tasks = "<ul>\n<li>☐ <em>a</em></li>\n<li>☑ b</li>\n</ul>\n";
        assert_eq!(html("- [ ] *a*\n- [x] b\n"), tasks);
        assert_eq!(html("- [x](y)\n"), "<ul>\n<li><a href=\"y\">x</a></li>\n</ul>\n");
    }

    #[test]
    fn the_first_paragraph_begins_with_the_dateline() {
        let settings = RenderSettings { dateline: Some("ISLAMABAD"), ..settings() };
        let rendered = render("> q\n\nIslamabad: One.\n\nTwo.", &settings, &TestResolver).unwrap();
        let expected =
            "<p><span class=\"dateline\">ISLAMABAD\u{a0}—</span> One.</p>\n<p>Two.</p>\n";
        assert!(rendered.html.ends_with(expected), "{}", rendered.html);
    }

    #[test]
    fn a_pasted_dateline_is_shown_once() {
        let render_with_dateline = |body: &str| {
            let settings = RenderSettings { dateline: Some("ISLAMABAD"), ..settings() };
            render(body, &settings, &TestResolver).unwrap().html
        };
        for body in [
            "**ISLAMABAD:** One.",
            "**Islamabad** — One.",
            "*ISLAMABAD* - One.",
            "ISLAMABAD -- One.",
        ] {
            assert_eq!(
                render_with_dateline(body),
                "<p><span class=\"dateline\">ISLAMABAD\u{a0}—</span> One.</p>\n",
                "{body}"
            );
        }
        for body in ["ISLAMABAD (Reuters) - One.", "**ISLAMABAD (Reuters)** – One."] {
            let expected =
                "<p><span class=\"dateline\">ISLAMABAD (Reuters)\u{a0}—</span> One.</p>\n";
            assert_eq!(render_with_dateline(body), expected, "{body}");
        }
        assert!(
            render_with_dateline("**ISLAMABAD** One.").contains("<strong>ISLAMABAD</strong> One.")
        );
        assert!(render_with_dateline("Islamabad is calm.").contains("</span> Islamabad is calm."));
    }

    #[test]
    fn the_dateline_opens_the_first_paragraph_of_html() {
        let settings = RenderSettings { dateline: Some("NEW YORK"), ..settings() };
        let html = |body: &str| {
            let rendered = render(body, &settings, &TestResolver).unwrap();
            rendered.html.replace("&nbsp;", "\u{a0}")
        };
        for body in [
            "<p>@ The harbor.</p>\n<p>Two.</p>",
            "<div>\n<p class=\"a\">@ The <b>harbor</b>.</p>\n</div>",
            "<p> </p><p><img src=\"/a.png\"></p><p>@ The harbor.</p>",
            "<blockquote><p>One.</p></blockquote>\n\n<p>@ The harbor.</p>",
            "<blockquote>\n<p>One.</p>\n\n<p>Two.</p>\n</blockquote>\n<p>@ The harbor.</p>",
            "<p>@ The harbor.</p>\n\nTwo.",
        ] {
            let span = "<span class=\"dateline\">NEW YORK\u{a0}—</span>";
            let rendered = html(&body.replace("@ ", ""));
            let (before, after) = body.split_once("@ ").unwrap();
            let last_tag = &before[before.rfind('<').unwrap()..];
            let start = &after[..after.find('.').unwrap()];
            assert!(rendered.contains(&format!("{last_tag}{span} {start}")), "{rendered}");
            assert_eq!(rendered.matches("dateline").count(), 1, "{rendered}");
        }
        for body in [
            "<p>New York (AP) &mdash; One &amp; two <b>x</b>.</p>",
            "<p><strong>NEW YORK</strong> (AP) – One &amp; two <b>x</b>.</p>",
            "<p>\n<b>NEW YORK (AP):</b> One &amp; two <b>x</b>.</p>",
        ] {
            assert_eq!(
                html(body).trim(),
                "<p><span class=\"dateline\">NEW YORK (AP)\u{a0}—</span> \
                 One &amp; two <b>x</b>.</p>",
                "{body}"
            );
        }
        assert_eq!(
            html("<table><tbody><tr><td>a</td></tr></tbody></table>").matches("NEW").count(),
            0
        );
    }

    #[test]
    fn words_are_those_of_the_text() {
        for body in [
            "<p>One two.</p>\n\nthree *four*",
            "<div>one</div>\n<script>two three</script>\n\n> <p>four\n> five</p>",
            "one <b>two</b> <style>x y</style> three ![four](a.png \"x | y\")",
            "# one\n\n| two | three |\n| - | - |\n| four | `five six` |\n",
            "<template>\n\nnot\n\n</template>\n\none <!-- no --> two",
        ] {
            let rendered = render(body, &settings(), &TestResolver).unwrap();
            assert_eq!(rendered.words, crate::content::markdown::body_word_count(body) as usize);
            assert!(rendered.words > 0, "{body}");
        }
    }

    #[test]
    fn footnotes_and_headings_share_no_anchor() {
        let html = html("# 1\n\nA.[^1]\n\n[^1]: B.");
        assert!(
            html.contains("id=\"1\"")
                && html.contains("id=\"fn:1\"")
                && html.contains("href=\"#fn:1\""),
            "{html}"
        );
    }

    #[test]
    fn nothing_in_a_body_runs() {
        assert_eq!(html("[x](javascript:alert) <script>1</script>"), "<p>x </p>\n");
        assert_eq!(html("[x](JaVaScRiPt:alert)"), "<p>x</p>\n");
        assert_eq!(html("![x](javascript:alert)"), "");
    }

    #[test]
    fn depth_is_bounded() {
        let deep = format!("{}x", "> ".repeat(10_000));
        assert!(render(&deep, &settings(), &TestResolver).is_err());
        assert!(render(&"- a\n".repeat(500), &settings(), &TestResolver).is_ok());
    }
}

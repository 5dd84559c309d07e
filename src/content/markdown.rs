//! Markdown: the only place that reads it. Bodies become HTML here, one block at a time.

use std::collections::{HashSet, VecDeque};
use std::ops::Range;

use pulldown_cmark::{
    CowStr, Event, HeadingLevel, OffsetIter, Options, Parser, Tag, TagEnd, html as writer,
};

use super::html;
use super::references::scheme;
use super::sanitize::{is_safe_scheme, sanitize};
use crate::config::HtmlPolicy;
use crate::diagnostics::{Diagnostic, Location};
use crate::model::Image;
use crate::model::slug::slugify;

mod scan;
mod search_text;
pub(crate) use scan::{
    body_word_count, code_ranges, find_excessive_nesting, find_references, is_article_link,
    raw_html_fragments, to_plain_text,
};
pub(crate) use search_text::search_text;

/// How a body is to be rendered.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RenderSettings<'a> {
    /// What becomes of raw HTML.
    pub html: HtmlPolicy,
    /// Whether straight quotation marks become curly ones.
    pub smart_punctuation: bool,
    /// How deep blocks may nest.
    pub nesting: usize,
    /// The place that the first paragraph opens with.
    pub dateline: Option<&'a str>,
    /// The name of a table for those who can't see that it scrolls.
    pub table_label: &'a str,
    /// The titles of alerts: note, tip, important, warning, caution.
    pub alerts: [&'a str; 5],
}

/// Finds out what addresses in a body stand for.
pub(crate) trait UrlResolver {
    /// The address and size of a picture as published; `None` leaves the picture out.
    fn resolve_image(&self, url: &str) -> Option<Image>;
    /// The address of a link as published; `None` leaves the link's text alone.
    fn resolve_link(&self, url: &str) -> Option<String>;
}

/// A rendered body.
#[derive(Debug)]
pub(crate) struct RenderedBody {
    /// The body as HTML.
    pub html: String,
    /// How many words it has.
    pub words: usize,
}

/// Blocks nest deeper than the site allows; the byte of the body where they begin to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TooDeep(pub usize);

/// What is told of a body that nests too deep.
pub(crate) fn nesting_diagnostic(file: &str, nesting: usize, location: Location) -> Diagnostic {
    let message = format!("the body nests more than {nesting} levels deep");
    let help = "flatten its lists and quotations, or raise `limits: {nesting: …}` in site.yaml";
    Diagnostic::error("nested-too-deep", file, message).location(location).help(help)
}

fn parser_options(smart_punctuation: bool) -> Options {
    let mut options = Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_HEADING_ATTRIBUTES
        | Options::ENABLE_GFM;
    options.set(Options::ENABLE_SMART_PUNCTUATION, smart_punctuation);
    options
}

/// Renders a body.
///
/// # Errors
/// If its blocks nest too deep.
pub(crate) fn render(
    body: &str,
    settings: &RenderSettings<'_>,
    resolver: &dyn UrlResolver,
) -> Result<RenderedBody, TooDeep> {
    let parser = Parser::new_ext(body, parser_options(settings.smart_punctuation));
    let mut events = BodyEvents {
        parser: parser.into_offset_iter(),
        settings,
        resolver,
        queue: VecDeque::new(),
        ids: HashSet::new(),
        heading_shift: compute_heading_shift(body),
        dateline: settings.dateline,
        depth: 0,
        words: 0,
        has_raw_html: false,
        has_table: false,
        dropped_links: 0,
        too_deep: None,
    };
    let mut html = String::with_capacity(body.len() + body.len() / 8 + 64);
    writer::push_html(&mut html, &mut events);
    if let Some(offset) = events.too_deep {
        return Err(TooDeep(offset));
    }
    let needs_sanitizing = events.has_raw_html && settings.html == HtmlPolicy::Sanitized;
    let words = events.words;
    if events.has_table {
        html = align_cells_by_class(html);
    }
    Ok(RenderedBody { html: if needs_sanitizing { sanitize(&html) } else { html }, words })
}

/// Cells as the writer aligns them, by classes instead: a policy that a site sends along may forbid
/// styles in the page.
fn align_cells_by_class(html: String) -> String {
    ["left", "center", "right"].iter().fold(html, |html, side| {
        html.replace(&format!(" style=\"text-align: {side}\">"), &format!(" class=\"{side}\">"))
    })
}

/// How far headings move so that the highest of a body becomes an `h2`: the headline is the page's
/// only `h1`.
fn compute_heading_shift(body: &str) -> i32 {
    let may_have_headings = body.contains('#') || body.contains("\n==") || body.contains("\n--");
    if !may_have_headings {
        return 0;
    }
    let levels = Parser::new_ext(body, parser_options(false)).filter_map(|event| match event {
        Event::Start(Tag::Heading { level, .. }) => Some(level as i32),
        _ => None,
    });
    levels.min().map_or(0, |highest| 2 - highest)
}

/// The parser's events, changed on the way to the writer. At most one paragraph or heading is held
/// at a time.
struct BodyEvents<'a, 'r> {
    parser: OffsetIter<'a>,
    settings: &'r RenderSettings<'r>,
    resolver: &'r dyn UrlResolver,
    queue: VecDeque<Event<'a>>,
    ids: HashSet<String>,
    heading_shift: i32,
    dateline: Option<&'r str>,
    depth: usize,
    words: usize,
    has_raw_html: bool,
    /// Whether there was a table.
    has_table: bool,
    dropped_links: usize,
    too_deep: Option<usize>,
}

impl<'a> Iterator for BodyEvents<'a, '_> {
    type Item = Event<'a>;

    fn next(&mut self) -> Option<Event<'a>> {
        loop {
            if let Some(event) = self.queue.pop_front() {
                return Some(event);
            }
            let event = self.pull_event()?;
            match event {
                Event::Start(Tag::Paragraph) => self.transform_paragraph(),
                Event::Start(Tag::Heading { level, id, classes, .. }) => {
                    self.transform_heading(level, id, classes)
                }
                Event::Start(Tag::Table(_)) => {
                    self.has_table = true;
                    let label = html::escape(self.settings.table_label);
                    let wrapper = format!(
                        "<div class=\"table\" role=\"region\" tabindex=\"0\" aria-label=\"{label}\">\n"
                    );
                    self.queue.extend([Event::Html(wrapper.into()), event]);
                }
                Event::Start(Tag::BlockQuote(Some(kind))) => {
                    let title = html::escape(self.settings.alerts[kind as usize]);
                    let title = format!("<p class=\"markdown-alert-title\">{title}</p>\n");
                    self.queue.extend([event, Event::Html(title.into())]);
                }
                Event::End(TagEnd::Table) => {
                    self.queue.extend([event, Event::Html("</div>\n".into())])
                }
                other => self.transform_inline(other),
            }
        }
    }
}

impl<'a> BodyEvents<'a, '_> {
    /// The next event of the parser, with depth watched and words counted.
    fn pull_event(&mut self) -> Option<Event<'a>> {
        if self.too_deep.is_some() {
            return None;
        }
        let (event, range) = self.parser.next()?;
        match &event {
            Event::Start(_) => self.depth += 1,
            Event::End(_) => self.depth -= 1,
            Event::Text(text) | Event::Code(text) => self.words += count_words(text),
            _ => {}
        }
        if self.depth > self.settings.nesting {
            self.too_deep = Some(range.start);
            return None;
        }
        Some(event)
    }

    /// A paragraph: one of pictures alone becomes figures, the first one opens with the dateline.
    fn transform_paragraph(&mut self) {
        let is_top_level = self.depth == 1;
        let outer_queue = std::mem::take(&mut self.queue);
        let mut only_images = true;
        let mut figures: Vec<Image> = Vec::new();
        while let Some(event) = self.pull_event() {
            match event {
                Event::End(TagEnd::Paragraph) => break,
                Event::Start(Tag::Image { dest_url, title, .. }) => {
                    if let Some(image) = self.transform_image(&dest_url, &title) {
                        self.queue.push_back(Event::InlineHtml(html::render_img(&image).into()));
                        figures.push(image);
                    }
                }
                Event::SoftBreak | Event::HardBreak => self.queue.push_back(event),
                other => {
                    only_images = false;
                    self.transform_inline(other);
                }
            }
        }
        let inner = std::mem::replace(&mut self.queue, outer_queue);
        if only_images {
            self.queue
                .extend(figures.iter().map(|image| Event::Html(html::render_figure(image).into())));
            return;
        }
        self.queue.push_back(Event::Start(Tag::Paragraph));
        let dateline = if is_top_level { self.dateline.take() } else { None };
        match dateline {
            Some(dateline) => self.push_dateline(dateline, inner),
            None => self.queue.extend(inner),
        }
        self.queue.push_back(Event::End(TagEnd::Paragraph));
    }

    /// Opens a paragraph with its place, once: a body that was pasted with it (`ISLAMABAD (Reuters)
    /// - Iran called …`) loses its own, and what stands in parentheses there goes with the place.
    fn push_dateline(&mut self, dateline: &str, mut inner: VecDeque<Event<'a>>) {
        let agency = strip_pasted_dateline(&mut inner, dateline).unwrap_or_default();
        let span = format!(
            "<span class=\"dateline\">{}{}\u{a0}—</span> ",
            html::escape(dateline),
            html::escape(&agency)
        );
        self.queue.push_back(Event::InlineHtml(span.into()));
        self.queue.extend(inner);
    }

    /// A heading, at its level in the page and with an anchor of its own.
    fn transform_heading(
        &mut self,
        level: HeadingLevel,
        id: Option<CowStr<'a>>,
        classes: Vec<CowStr<'a>>,
    ) {
        let outer_queue = std::mem::take(&mut self.queue);
        let mut text = String::new();
        while let Some(event) = self.pull_event() {
            match &event {
                Event::End(TagEnd::Heading(_)) => break,
                Event::Text(part) | Event::Code(part) => text.push_str(part),
                _ => {}
            }
            self.transform_inline(event);
        }
        let inner = std::mem::replace(&mut self.queue, outer_queue);
        let level =
            HeadingLevel::try_from((level as i32 + self.heading_shift).clamp(2, 6) as usize)
                .unwrap_or(HeadingLevel::H2);
        let id = self.unique_id(id.map_or_else(|| slugify(&text), |id| slugify(&id)));
        let start = Tag::Heading { level, id: Some(id.into()), classes, attrs: Vec::new() };
        self.queue.push_back(Event::Start(start));
        self.queue.extend(inner);
        self.queue.push_back(Event::End(TagEnd::Heading(level)));
    }

    fn unique_id(&mut self, wanted: String) -> String {
        let wanted = if wanted.is_empty() { "section".to_owned() } else { wanted };
        let mut id = wanted.clone();
        let mut count = 1;
        while !self.ids.insert(id.clone()) {
            count += 1;
            id = format!("{wanted}-{count}");
        }
        id
    }

    /// Anything inside a block: links and pictures get their published addresses.
    fn transform_inline(&mut self, event: Event<'a>) {
        let sanitizes = self.settings.html == HtmlPolicy::Sanitized;
        let transformed = match event {
            Event::Start(Tag::Image { dest_url, title, .. }) => {
                match self.transform_image(&dest_url, &title) {
                    Some(image) => Event::InlineHtml(html::render_img(&image).into()),
                    None => return,
                }
            }
            Event::Start(Tag::Link { link_type, dest_url, title, id }) => {
                let is_refused = sanitizes
                    && scheme(&dest_url)
                        .is_some_and(|scheme| scheme != "story" && !is_safe_scheme(scheme));
                match self.resolver.resolve_link(&dest_url).filter(|_| !is_refused) {
                    Some(url) => {
                        Event::Start(Tag::Link { link_type, dest_url: url.into(), title, id })
                    }
                    None => {
                        self.dropped_links += 1;
                        return;
                    }
                }
            }
            Event::End(TagEnd::Link) if self.dropped_links > 0 => {
                self.dropped_links -= 1;
                return;
            }
            // A heading's anchor never holds a colon, so the two can't be one.
            Event::FootnoteReference(label) => {
                Event::FootnoteReference(format!("fn:{label}").into())
            }
            Event::Start(Tag::FootnoteDefinition(label)) => {
                Event::Start(Tag::FootnoteDefinition(format!("fn:{label}").into()))
            }
            Event::Html(text) | Event::InlineHtml(text) => match self.transform_raw_html(&text) {
                Some(text) => Event::InlineHtml(text.into()),
                None => return,
            },
            other => other,
        };
        self.queue.push_back(transformed);
    }

    /// Reads a picture to its end: its alternative text is what stands between.
    fn transform_image(&mut self, url: &str, title: &str) -> Option<Image> {
        let mut alt = String::new();
        let mut depth = 1;
        while let Some(event) = self.pull_event() {
            match event {
                Event::Start(Tag::Image { .. }) => depth += 1,
                Event::End(TagEnd::Image) => depth -= 1,
                Event::Text(text) | Event::Code(text) => alt.push_str(&text),
                Event::SoftBreak | Event::HardBreak => alt.push(' '),
                _ => {}
            }
            if depth == 0 {
                break;
            }
        }
        let is_refused = scheme(url).is_some_and(|scheme| !is_safe_scheme(scheme))
            && self.settings.html == HtmlPolicy::Sanitized;
        let resolved = self.resolver.resolve_image(url).filter(|_| !is_refused)?;
        let (caption, credit) = html::split_caption(title);
        Some(Image { alt, caption, credit, ..resolved })
    }

    /// Raw HTML with its pictures' addresses as published and their sizes; comments alone are left
    /// out.
    fn transform_raw_html(&mut self, text: &str) -> Option<String> {
        let trimmed = text.trim();
        if trimmed.starts_with("<!--")
            && trimmed.ends_with("-->")
            && trimmed.matches("<!--").count() == 1
        {
            return None;
        }
        self.has_raw_html = true;
        let resolve_link =
            |url: &str| self.resolver.resolve_link(url).map(|url| html::escape(&url));
        let decode = |range: &Range<usize>| html_escape::decode_html_entities(&text[range.clone()]);
        let mut edits: Vec<(Range<usize>, String)> = Vec::new();
        for range in html::attribute_values(text, "src") {
            if let Some(image) = self.resolver.resolve_image(&decode(&range)) {
                let insertion_point = range.end + 1..range.end + 1;
                edits.push((
                    insertion_point,
                    html::missing_img_attributes(text, range.start, &image),
                ));
                edits.push((range, html::escape(&image.src)));
            }
        }
        edits.extend(
            html::attribute_values(text, "href")
                .filter_map(|range| Some((range.clone(), resolve_link(&decode(&range))?))),
        );
        edits.sort_by_key(|(range, _)| range.start);
        let mut out = String::with_capacity(text.len());
        let mut copied_to = 0;
        for (range, replacement) in edits {
            out.push_str(&text[copied_to..range.start]);
            out.push_str(&replacement);
            copied_to = range.end;
        }
        out.push_str(&text[copied_to..]);
        Some(out)
    }
}

/// Takes the place that a paragraph was pasted with off its beginning, bold or not. Gives what
/// stood in parentheses behind it.
fn strip_pasted_dateline(inner: &mut VecDeque<Event<'_>>, dateline: &str) -> Option<String> {
    let is_emphasized = matches!(inner.front(), Some(Event::Start(Tag::Strong | Tag::Emphasis)));
    let first = usize::from(is_emphasized);
    let Some(Event::Text(text)) = inner.get(first) else { return None };
    let matches_dateline =
        text.get(..dateline.len()).is_some_and(|start| start.eq_ignore_ascii_case(dateline));
    let rest = text.get(dateline.len()..).filter(|_| matches_dateline)?;
    if !is_emphasized {
        let (agency, rest) = parse_dateline_suffix(rest)?;
        inner[0] = Event::Text(rest.into());
        return Some(agency);
    }
    if !matches!(inner.get(2), Some(Event::End(TagEnd::Strong | TagEnd::Emphasis))) {
        return None;
    }
    let Some(Event::Text(following)) = inner.get(3) else { return None };
    let (agency, following) = parse_dateline_suffix(&format!("{rest}{following}"))?;
    inner.drain(..3);
    inner[0] = Event::Text(following.into());
    Some(agency)
}

/// What stands in parentheses behind a place, and what comes after the colon or dash that must
/// follow.
fn parse_dateline_suffix(rest: &str) -> Option<(String, String)> {
    let rest = rest.trim_start();
    let (agency, rest) = match rest.strip_prefix('(').and_then(|inner| inner.split_once(')')) {
        Some((agency, rest)) if agency.chars().count() <= 40 => (format!(" ({agency})"), rest),
        _ => (String::new(), rest),
    };
    let text = rest.trim_start().strip_prefix([':', '—', '–', '-'])?;
    Some((agency, text.trim_start_matches(['-', ' ', '\u{a0}']).to_owned()))
}

/// Words of a text: runs between white space, and each character of a script that is written
/// without spaces.
fn count_words(text: &str) -> usize {
    if text.is_ascii() {
        // Words end where a blank follows a letter. Counted in bytes, a run at a time, this becomes
        // vector instructions.
        let bytes = text.as_bytes();
        let count_word_ends = |run: &[u8]| {
            let pairs = run.iter().zip(&run[1..]);
            usize::from(pairs.map(|(&at, &next)| u8::from(at > b' ' && next <= b' ')).sum::<u8>())
        };
        let runs = (0..bytes.len().saturating_sub(1)).step_by(255);
        let inner: usize =
            runs.map(|at| count_word_ends(&bytes[at..bytes.len().min(at + 256)])).sum();
        return inner + usize::from(bytes.last().is_some_and(|&last| last > b' '));
    }
    let is_ideograph = |c: char| matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}');
    let words = text.split_whitespace();
    words.map(|word| word.chars().filter(|&c| is_ideograph(c)).count().max(1)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn pictures_alone_are_figures() {
        let figure = "<figure class=\"figure\"><img src=\"/a.png\" alt=\"An &quot;A&quot;\" width=\"4\" height=\"3\" loading=\"lazy\" \
                      decoding=\"async\"><figcaption>Cap <span class=\"credit\">Me</span></figcaption></figure>\n";
        assert_eq!(html("![An \"A\"](a.png \"Cap | Me\")"), figure);
        assert!(html("x ![a](a.png)").starts_with("<p>x <img"));
        assert_eq!(html("![a](gone.png)"), "");
    }

    #[test]
    fn the_first_paragraph_opens_with_the_place() {
        let settings = RenderSettings { dateline: Some("ISLAMABAD"), ..settings() };
        let rendered = render("> q\n\nIslamabad: One.\n\nTwo.", &settings, &TestResolver).unwrap();
        let expected =
            "<p><span class=\"dateline\">ISLAMABAD\u{a0}—</span> One.</p>\n<p>Two.</p>\n";
        assert!(rendered.html.ends_with(expected), "{}", rendered.html);
    }

    #[test]
    fn a_pasted_place_stands_once() {
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

    #[test]
    fn words_are_counted_in_every_script() {
        assert_eq!(count_words("two words"), 2);
        assert_eq!(count_words(""), 0);
        for length in [1, 2, 254, 255, 256, 257, 511, 1000] {
            let text: String = "ab c  ".chars().cycle().take(length).collect();
            assert_eq!(count_words(&text), text.split_whitespace().count(), "{length}");
        }
        assert_eq!(count_words("پاکستان اور ایران"), 3);
        assert_eq!(count_words("新聞"), 2);
    }
}

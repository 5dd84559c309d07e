//! Markdown: the only place that reads it. Bodies become HTML here, one block at a time.

use std::collections::{HashSet, VecDeque};
use std::ops::Range;

use pulldown_cmark::{CowStr, Event, HeadingLevel, OffsetIter, Options, Parser, Tag, TagEnd, html as writer};

use super::html;
use super::references::scheme;
use super::sanitize::{is_safe_scheme, sanitize};
use crate::diagnostic::{Diagnostic, Place};
use crate::model::Image;
use crate::model::slug::slugify;
use crate::site::Html;

mod scan;
mod searchable;
pub use scan::{References, code, links_to_story, raw_html, references, text, too_deep, words};
pub use searchable::searchable;

/// How a body is to be rendered.
#[derive(Clone, Copy, Debug)]
pub struct Settings<'a> {
    /// What becomes of raw HTML.
    pub html: Html,
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
pub trait Resolve {
    /// The address and size of a picture as published; `None` leaves the picture out.
    fn image(&self, address: &str) -> Option<Image>;
    /// The address of a link as published; `None` leaves the link's text alone.
    fn link(&self, address: &str) -> Option<String>;
}

/// A rendered body.
#[derive(Debug)]
pub struct Rendered {
    /// The body as HTML.
    pub html: String,
    /// How many words it has.
    pub words: usize,
}

/// Blocks nest deeper than the site allows; the byte of the body where they begin to.
#[derive(Debug, PartialEq, Eq)]
pub struct TooDeep(pub usize);

/// What is told of a body that nests too deep.
pub fn nested_too_deep(file: &str, nesting: usize, place: Place) -> Diagnostic {
    let message = format!("the body nests more than {nesting} levels deep");
    let help = "flatten its lists and quotations, or raise `limits: {nesting: …}` in site.yaml";
    Diagnostic::error("nested-too-deep", file, message).at(place).help(help)
}

fn options(smart_punctuation: bool) -> Options {
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
pub fn render(body: &str, settings: &Settings<'_>, resolve: &dyn Resolve) -> Result<Rendered, TooDeep> {
    let parser = Parser::new_ext(body, options(settings.smart_punctuation));
    let mut blocks = Blocks {
        parser: parser.into_offset_iter(),
        settings,
        resolve,
        queue: VecDeque::new(),
        ids: HashSet::new(),
        shift: heading_shift(body),
        dateline: settings.dateline,
        depth: 0,
        words: 0,
        raw_html: false,
        has_table: false,
        dropped_links: 0,
        too_deep: None,
    };
    let mut html = String::with_capacity(body.len() + body.len() / 8 + 64);
    writer::push_html(&mut html, &mut blocks);
    if let Some(at) = blocks.too_deep {
        return Err(TooDeep(at));
    }
    let clean = blocks.raw_html && settings.html == Html::Sanitized;
    let words = blocks.words;
    if blocks.has_table {
        html = aligned_by_class(html);
    }
    Ok(Rendered { html: if clean { sanitize(&html) } else { html }, words })
}

/// Cells as the writer aligns them, by classes instead: a policy that a site sends along may forbid styles in the page.
fn aligned_by_class(html: String) -> String {
    ["left", "center", "right"].iter().fold(html, |html, side| {
        html.replace(&format!(" style=\"text-align: {side}\">"), &format!(" class=\"{side}\">"))
    })
}

/// How far headings move so that the highest of a body becomes an `h2`: the headline is the page's only `h1`.
fn heading_shift(body: &str) -> i32 {
    let marked = body.contains('#') || body.contains("\n==") || body.contains("\n--");
    if !marked {
        return 0;
    }
    let highest = Parser::new_ext(body, options(false)).filter_map(|event| match event {
        Event::Start(Tag::Heading { level, .. }) => Some(level as i32),
        _ => None,
    });
    highest.min().map_or(0, |highest| 2 - highest)
}

/// The parser's events, changed on the way to the writer. At most one paragraph or heading is held at a time.
struct Blocks<'a, 'r> {
    parser: OffsetIter<'a>,
    settings: &'r Settings<'r>,
    resolve: &'r dyn Resolve,
    queue: VecDeque<Event<'a>>,
    ids: HashSet<String>,
    shift: i32,
    dateline: Option<&'r str>,
    depth: usize,
    words: usize,
    raw_html: bool,
    /// Whether there was a table.
    has_table: bool,
    dropped_links: usize,
    too_deep: Option<usize>,
}

impl<'a> Iterator for Blocks<'a, '_> {
    type Item = Event<'a>;

    fn next(&mut self) -> Option<Event<'a>> {
        loop {
            if let Some(event) = self.queue.pop_front() {
                return Some(event);
            }
            let event = self.pull()?;
            match event {
                Event::Start(Tag::Paragraph) => self.paragraph(),
                Event::Start(Tag::Heading { level, id, classes, .. }) => self.heading(level, id, classes),
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
                Event::End(TagEnd::Table) => self.queue.extend([event, Event::Html("</div>\n".into())]),
                other => self.inline(other),
            }
        }
    }
}

impl<'a> Blocks<'a, '_> {
    /// The next event of the parser, with depth watched and words counted.
    fn pull(&mut self) -> Option<Event<'a>> {
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
    fn paragraph(&mut self) {
        let top_level = self.depth == 1;
        let held = std::mem::take(&mut self.queue);
        let mut only_images = true;
        let mut figures: Vec<Image> = Vec::new();
        while let Some(event) = self.pull() {
            match event {
                Event::End(TagEnd::Paragraph) => break,
                Event::Start(Tag::Image { dest_url, title, .. }) => {
                    if let Some(image) = self.image(&dest_url, &title) {
                        self.queue.push_back(Event::InlineHtml(html::img(&image).into()));
                        figures.push(image);
                    }
                }
                Event::SoftBreak | Event::HardBreak => self.queue.push_back(event),
                other => {
                    only_images = false;
                    self.inline(other);
                }
            }
        }
        let inner = std::mem::replace(&mut self.queue, held);
        if only_images {
            self.queue.extend(figures.iter().map(|image| Event::Html(html::figure(image).into())));
            return;
        }
        self.queue.push_back(Event::Start(Tag::Paragraph));
        let place = if top_level { self.dateline.take() } else { None };
        match place {
            Some(place) => self.dateline(place, inner),
            None => self.queue.extend(inner),
        }
        self.queue.push_back(Event::End(TagEnd::Paragraph));
    }

    /// Opens a paragraph with its place, once: a body that was pasted with it (`ISLAMABAD (Reuters) - Iran called …`) loses its own, and
    /// what stands in parentheses there goes with the place.
    fn dateline(&mut self, place: &str, mut inner: VecDeque<Event<'a>>) {
        let agency = pasted_dateline(&mut inner, place).unwrap_or_default();
        let span = format!(
            "<span class=\"dateline\">{}{}\u{a0}—</span> ",
            html::escape(place),
            html::escape(&agency)
        );
        self.queue.push_back(Event::InlineHtml(span.into()));
        self.queue.extend(inner);
    }

    /// A heading, at its level in the page and with an anchor of its own.
    fn heading(&mut self, level: HeadingLevel, id: Option<CowStr<'a>>, classes: Vec<CowStr<'a>>) {
        let held = std::mem::take(&mut self.queue);
        let mut text = String::new();
        while let Some(event) = self.pull() {
            match &event {
                Event::End(TagEnd::Heading(_)) => break,
                Event::Text(part) | Event::Code(part) => text.push_str(part),
                _ => {}
            }
            self.inline(event);
        }
        let inner = std::mem::replace(&mut self.queue, held);
        let level = HeadingLevel::try_from((level as i32 + self.shift).clamp(2, 6) as usize)
            .unwrap_or(HeadingLevel::H2);
        let id = self.unique(id.map_or_else(|| slugify(&text), |id| slugify(&id)));
        let start = Tag::Heading { level, id: Some(id.into()), classes, attrs: Vec::new() };
        self.queue.push_back(Event::Start(start));
        self.queue.extend(inner);
        self.queue.push_back(Event::End(TagEnd::Heading(level)));
    }

    fn unique(&mut self, wanted: String) -> String {
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
    fn inline(&mut self, event: Event<'a>) {
        let safe = self.settings.html == Html::Sanitized;
        let changed = match event {
            Event::Start(Tag::Image { dest_url, title, .. }) => match self.image(&dest_url, &title) {
                Some(image) => Event::InlineHtml(html::img(&image).into()),
                None => return,
            },
            Event::Start(Tag::Link { link_type, dest_url, title, id }) => {
                let refused = safe
                    && scheme(&dest_url).is_some_and(|scheme| scheme != "story" && !is_safe_scheme(scheme));
                match self.resolve.link(&dest_url).filter(|_| !refused) {
                    Some(address) => {
                        Event::Start(Tag::Link { link_type, dest_url: address.into(), title, id })
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
            Event::FootnoteReference(label) => Event::FootnoteReference(format!("fn:{label}").into()),
            Event::Start(Tag::FootnoteDefinition(label)) => {
                Event::Start(Tag::FootnoteDefinition(format!("fn:{label}").into()))
            }
            Event::Html(text) | Event::InlineHtml(text) => match self.html(&text) {
                Some(text) => Event::InlineHtml(text.into()),
                None => return,
            },
            other => other,
        };
        self.queue.push_back(changed);
    }

    /// Reads a picture to its end: its alternative text is what stands between.
    fn image(&mut self, address: &str, title: &str) -> Option<Image> {
        let mut alt = String::new();
        let mut depth = 1;
        while let Some(event) = self.pull() {
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
        let refused = scheme(address).is_some_and(|scheme| !is_safe_scheme(scheme))
            && self.settings.html == Html::Sanitized;
        let found = self.resolve.image(address).filter(|_| !refused)?;
        let (caption, credit) = html::caption(title);
        Some(Image { alt, caption, credit, ..found })
    }

    /// Raw HTML with its pictures' addresses as published and their sizes; comments alone are left out.
    fn html(&mut self, text: &str) -> Option<String> {
        let trimmed = text.trim();
        if trimmed.starts_with("<!--") && trimmed.ends_with("-->") && trimmed.matches("<!--").count() == 1 {
            return None;
        }
        self.raw_html = true;
        let link = |address: &str| self.resolve.link(address).map(|address| html::escape(&address));
        let decode = |range: &Range<usize>| html_escape::decode_html_entities(&text[range.clone()]);
        let mut changes: Vec<(Range<usize>, String)> = Vec::new();
        for at in html::values(text, "src") {
            if let Some(image) = self.resolve.image(&decode(&at)) {
                let behind = at.end + 1..at.end + 1;
                changes.push((behind, html::missing_attributes(text, at.start, &image)));
                changes.push((at, html::escape(&image.src)));
            }
        }
        changes.extend(html::values(text, "href").filter_map(|at| Some((at.clone(), link(&decode(&at))?))));
        changes.sort_by_key(|(at, _)| at.start);
        let mut out = String::with_capacity(text.len());
        let mut kept = 0;
        for (range, change) in changes {
            out.push_str(&text[kept..range.start]);
            out.push_str(&change);
            kept = range.end;
        }
        out.push_str(&text[kept..]);
        Some(out)
    }
}

/// Takes the place that a paragraph was pasted with off its beginning, bold or not. Gives what stood in parentheses behind it.
fn pasted_dateline(inner: &mut VecDeque<Event<'_>>, place: &str) -> Option<String> {
    let marked = matches!(inner.front(), Some(Event::Start(Tag::Strong | Tag::Emphasis)));
    let first = usize::from(marked);
    let Some(Event::Text(text)) = inner.get(first) else { return None };
    let same = text.get(..place.len()).is_some_and(|start| start.eq_ignore_ascii_case(place));
    let rest = text.get(place.len()..).filter(|_| same)?;
    if !marked {
        let (agency, rest) = after_place(rest)?;
        inner[0] = Event::Text(rest.into());
        return Some(agency);
    }
    if !matches!(inner.get(2), Some(Event::End(TagEnd::Strong | TagEnd::Emphasis))) {
        return None;
    }
    let Some(Event::Text(behind)) = inner.get(3) else { return None };
    let (agency, behind) = after_place(&format!("{rest}{behind}"))?;
    inner.drain(..3);
    inner[0] = Event::Text(behind.into());
    Some(agency)
}

/// What stands in parentheses behind a place, and what comes after the colon or dash that must follow.
fn after_place(rest: &str) -> Option<(String, String)> {
    let rest = rest.trim_start();
    let (agency, rest) = match rest.strip_prefix('(').and_then(|inner| inner.split_once(')')) {
        Some((agency, rest)) if agency.chars().count() <= 40 => (format!(" ({agency})"), rest),
        _ => (String::new(), rest),
    };
    let text = rest.trim_start().strip_prefix([':', '—', '–', '-'])?;
    Some((agency, text.trim_start_matches(['-', ' ', '\u{a0}']).to_owned()))
}

/// Words of a text: runs between white space, and each character of a script that is written without spaces.
fn count_words(text: &str) -> usize {
    if text.is_ascii() {
        // Words end where a blank follows a letter. Counted in bytes, a run at a time, this becomes vector instructions.
        let bytes = text.as_bytes();
        let ends = |run: &[u8]| {
            let pairs = run.iter().zip(&run[1..]);
            usize::from(pairs.map(|(&at, &next)| u8::from(at > b' ' && next <= b' ')).sum::<u8>())
        };
        let runs = (0..bytes.len().saturating_sub(1)).step_by(255);
        let inner: usize = runs.map(|at| ends(&bytes[at..bytes.len().min(at + 256)])).sum();
        return inner + usize::from(bytes.last().is_some_and(|&last| last > b' '));
    }
    let ideograph =
        |c: char| matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}');
    let words = text.split_whitespace();
    words.map(|word| word.chars().filter(|&c| ideograph(c)).count().max(1)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Plain;

    impl Resolve for Plain {
        fn image(&self, address: &str) -> Option<Image> {
            let image = || Image { src: format!("/{address}"), size: Some((4, 3)), ..Image::default() };
            (address != "gone.png").then(image)
        }
        fn link(&self, address: &str) -> Option<String> {
            Some(address.to_owned())
        }
    }

    fn settings() -> Settings<'static> {
        Settings {
            html: Html::Sanitized,
            smart_punctuation: false,
            nesting: 100,
            dateline: None,
            table_label: "Table",
            alerts: ["Note", "Tip", "Important", "Warning", "Caution"],
        }
    }

    fn html(body: &str) -> String {
        render(body, &settings(), &Plain).unwrap().html
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
        let settings = Settings { dateline: Some("ISLAMABAD"), ..settings() };
        let rendered = render("> q\n\nIslamabad: One.\n\nTwo.", &settings, &Plain).unwrap();
        let expected = "<p><span class=\"dateline\">ISLAMABAD\u{a0}—</span> One.</p>\n<p>Two.</p>\n";
        assert!(rendered.html.ends_with(expected), "{}", rendered.html);
    }

    #[test]
    fn a_pasted_place_stands_once() {
        let opened = |body: &str| {
            let settings = Settings { dateline: Some("ISLAMABAD"), ..settings() };
            render(body, &settings, &Plain).unwrap().html
        };
        for body in ["**ISLAMABAD:** One.", "**Islamabad** — One.", "*ISLAMABAD* - One.", "ISLAMABAD -- One."]
        {
            assert_eq!(
                opened(body),
                "<p><span class=\"dateline\">ISLAMABAD\u{a0}—</span> One.</p>\n",
                "{body}"
            );
        }
        for body in ["ISLAMABAD (Reuters) - One.", "**ISLAMABAD (Reuters)** – One."] {
            let expected = "<p><span class=\"dateline\">ISLAMABAD (Reuters)\u{a0}—</span> One.</p>\n";
            assert_eq!(opened(body), expected, "{body}");
        }
        assert!(opened("**ISLAMABAD** One.").contains("<strong>ISLAMABAD</strong> One."));
        assert!(opened("Islamabad is calm.").contains("</span> Islamabad is calm."));
    }

    #[test]
    fn footnotes_and_headings_share_no_anchor() {
        let html = html("# 1\n\nA.[^1]\n\n[^1]: B.");
        assert!(
            html.contains("id=\"1\"") && html.contains("id=\"fn:1\"") && html.contains("href=\"#fn:1\""),
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
        assert!(render(&deep, &settings(), &Plain).is_err());
        assert!(render(&"- a\n".repeat(500), &settings(), &Plain).is_ok());
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

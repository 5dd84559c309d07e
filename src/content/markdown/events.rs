//! The parser's events, transformed for the renderer.

use std::collections::VecDeque;

use pulldown_cmark::{
    Alignment, CowStr, Event, HeadingLevel, OffsetIter, Options, Parser, Tag, TagEnd,
};

use super::dateline::{HtmlParagraphs, render_dateline, strip_pasted_dateline};
use super::heading_ids::HeadingIds;
use super::parser::parser_options;
use super::raw_html::{is_comment, resolve_urls};
use super::settings::{RenderSettings, UrlResolver};
use super::text::WordCounter;
use crate::config::HtmlPolicy;
use crate::content::browser_url::BrowserUrl;
use crate::content::html;
use crate::content::references::ARTICLE_MARKER;
use crate::model::Image;
use crate::model::slug::slugify;

/// Returns how far headings move so that the highest becomes an `h2`: the headline is the page's
/// only `h1`.
fn compute_heading_shift(body: &str) -> i32 {
    let may_have_headings = body.contains('#') || body.contains("\n==") || body.contains("\n--");
    if !may_have_headings {
        return 0;
    }
    let levels = Parser::new_ext(body, parser_options()).filter_map(|event| match event {
        Event::Start(Tag::Heading { level, .. }) => Some(level as i32),
        _ => None,
    });
    levels.min().map_or(0, |highest| 2 - highest)
}

/// The parser's events, transformed for the renderer. At most one paragraph, heading or block of
/// HTML is in memory at a time.
pub(super) struct BodyEvents<'a, 'r> {
    parser: OffsetIter<'a>,
    settings: &'r RenderSettings<'r>,
    resolver: &'r dyn UrlResolver,
    queue: VecDeque<Event<'a>>,
    ids: HeadingIds,
    heading_shift: i32,
    dateline: Option<&'r str>,
    html_paragraphs: HtmlParagraphs,
    depth: usize,
    /// The number of words so far.
    pub(super) words: WordCounter,
    /// True if there was raw HTML, which may have to be sanitized.
    pub(super) has_raw_html: bool,
    columns: TableColumns,
    dropped_links: usize,
    /// The byte of the body at which the nesting limit is exceeded.
    pub(super) too_deep: Option<usize>,
}

/// The columns of the table that is being read.
#[derive(Default)]
struct TableColumns {
    alignments: Vec<Alignment>,
    /// The element of its cells.
    cell: &'static str,
    /// The column of the next cell.
    next: usize,
}

impl TableColumns {
    /// Starts a row of cells.
    fn start_row(&mut self, cell: &'static str) {
        (self.cell, self.next) = (cell, 0);
    }

    /// Returns the start tag of the next cell if it is aligned. A class sets the alignment, because
    /// a Content-Security-Policy may forbid inline styles.
    fn start_cell(&mut self) -> Option<String> {
        let alignment = self.alignments.get(self.next);
        self.next += 1;
        let class = match alignment? {
            Alignment::None => return None,
            Alignment::Left => "left",
            Alignment::Center => "center",
            Alignment::Right => "right",
        };
        Some(format!("<{} class=\"{class}\">", self.cell))
    }
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
                    self.transform_heading(level, id, classes);
                }
                Event::Start(Tag::Table(alignments)) => {
                    self.columns = TableColumns { alignments, ..TableColumns::default() };
                    let label = html::escape(self.settings.table_label);
                    let wrapper = format!(
                        "<div class=\"table\" role=\"region\" tabindex=\"0\" \
                         aria-label=\"{label}\">\n"
                    );
                    // The renderer would align cells with inline styles.
                    let table = Event::Start(Tag::Table(Vec::new()));
                    self.queue.extend([Event::Html(wrapper.into()), table]);
                }
                Event::Start(Tag::TableHead) => {
                    self.columns.start_row("th");
                    self.queue.push_back(event);
                }
                Event::Start(Tag::TableRow) => {
                    self.columns.start_row("td");
                    self.queue.push_back(event);
                }
                Event::Start(Tag::TableCell) => {
                    let start_tag = self.columns.start_cell();
                    self.queue.push_back(
                        start_tag.map_or(event, |start_tag| Event::InlineHtml(start_tag.into())),
                    );
                }
                Event::Start(Tag::HtmlBlock) => self.transform_html_block(),
                Event::Start(Tag::BlockQuote(Some(kind))) => {
                    let title = html::escape(self.settings.alerts[kind as usize]);
                    let title = format!("<p class=\"markdown-alert-title\">{title}</p>\n");
                    self.queue.extend([event, Event::Html(title.into())]);
                }
                Event::End(TagEnd::Table) => {
                    self.queue.extend([event, Event::Html("</div>\n".into())]);
                }
                other => self.transform_inline(other),
            }
        }
    }
}

impl<'a, 'r> BodyEvents<'a, 'r> {
    pub(super) fn new(
        body: &'a str,
        settings: &'r RenderSettings<'r>,
        resolver: &'r dyn UrlResolver,
    ) -> Self {
        let mut options = parser_options();
        options.set(Options::ENABLE_SMART_PUNCTUATION, settings.smart_punctuation);
        let parser = Parser::new_ext(body, options);
        Self {
            parser: parser.into_offset_iter(),
            settings,
            resolver,
            queue: VecDeque::new(),
            ids: HeadingIds::default(),
            heading_shift: compute_heading_shift(body),
            dateline: settings.dateline,
            html_paragraphs: HtmlParagraphs::default(),
            depth: 0,
            words: WordCounter::default(),
            has_raw_html: false,
            columns: TableColumns::default(),
            dropped_links: 0,
            too_deep: None,
        }
    }

    /// Returns the next event of the parser, and tracks nesting and the number of words.
    fn pull_event(&mut self) -> Option<Event<'a>> {
        if self.too_deep.is_some() {
            return None;
        }
        let (event, range) = self.parser.next()?;
        match &event {
            Event::Start(_) => self.depth += 1,
            Event::End(_) => self.depth -= 1,
            Event::Text(text) | Event::Code(text) => self.words.add_text(text),
            _ => {}
        }
        if self.depth > self.settings.nesting {
            self.too_deep = Some(range.start);
            return None;
        }
        Some(event)
    }

    /// Transforms a paragraph: one that consists of images becomes figures, and the first one
    /// begins with the dateline location.
    fn transform_paragraph(&mut self) {
        let is_top_level = self.depth == 1;
        let outer_queue = std::mem::take(&mut self.queue);
        let mut only_images = true;
        let mut figures: Vec<(Image, Option<String>)> = Vec::new();
        let mut next = None;
        while let Some(event) = next.take().or_else(|| self.pull_event()) {
            match event {
                Event::End(TagEnd::Paragraph) => break,
                Event::Start(Tag::Image { dest_url, title, .. }) => {
                    if let Some(image) = self.transform_image(&dest_url, &title) {
                        self.queue.push_back(Event::InlineHtml(html::render_img(&image).into()));
                        figures.push((image, None));
                    }
                }
                link @ Event::Start(Tag::Link { .. }) => {
                    let (figure, following) = self.transform_linked_image(link);
                    only_images &= figure.is_some();
                    figures.extend(figure);
                    next = following;
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
            self.queue.extend(figures.iter().map(|(image, link)| {
                Event::Html(html::render_figure(image, link.as_deref()).into())
            }));
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

    /// Transforms the beginning of a link. Returns the image with its URL if the link consists of
    /// one, and otherwise the next event, which isn't transformed yet.
    fn transform_linked_image(
        &mut self,
        link: Event<'a>,
    ) -> (Option<(Image, Option<String>)>, Option<Event<'a>>) {
        self.transform_inline(link);
        let url = match self.queue.back() {
            Some(Event::Start(Tag::Link { dest_url, .. })) => Some(dest_url.to_string()),
            _ => None,
        };
        let image = match self.pull_event() {
            Some(Event::Start(Tag::Image { dest_url, title, .. })) => {
                self.transform_image(&dest_url, &title)
            }
            other => return (None, other),
        };
        let Some(image) = image else { return (None, None) };
        self.queue.push_back(Event::InlineHtml(html::render_img(&image).into()));
        match self.pull_event() {
            Some(end @ Event::End(TagEnd::Link)) => {
                self.transform_inline(end);
                (Some((image, url)), None)
            }
            other => (None, other),
        }
    }

    /// Opens a paragraph with the dateline location, once: one that was pasted into the body
    /// (`ISLAMABAD (Reuters) - Iran called …`) is removed, and its text in parentheses follows the
    /// location.
    fn push_dateline(&mut self, dateline: &str, mut inner: VecDeque<Event<'a>>) {
        let agency = strip_pasted_dateline(&mut inner, dateline).unwrap_or_default();
        let span = render_dateline(dateline, &agency);
        self.queue.push_back(Event::InlineHtml(span.into()));
        self.queue.extend(inner);
    }

    /// Transforms a heading: it gets its level in the page, and an anchor of its own.
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
        let id = self.ids.add(&id.map_or_else(|| slugify(&text), |id| slugify(&id)));
        let start = Tag::Heading { level, id: Some(id.into()), classes, attrs: Vec::new() };
        self.queue.push_back(Event::Start(start));
        self.queue.extend(inner);
        self.queue.push_back(Event::End(TagEnd::Heading(level)));
    }

    /// Transforms an event inside a block: links and images get their published URLs.
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
                    && !dest_url.starts_with(ARTICLE_MARKER)
                    && !BrowserUrl::parse(&dest_url).is_safe_link();
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
            // A heading's anchor never contains a colon, so it can't equal the anchor of a
            // footnote.
            Event::FootnoteReference(label) => {
                Event::FootnoteReference(format!("fn:{label}").into())
            }
            Event::Start(Tag::FootnoteDefinition(label)) => {
                Event::Start(Tag::FootnoteDefinition(format!("fn:{label}").into()))
            }
            // A disabled checkbox would be a form control, which readers can't use.
            Event::TaskListMarker(is_done) => {
                Event::Text(CowStr::Borrowed(if is_done { "☑ " } else { "☐ " }))
            }
            Event::Html(text) | Event::InlineHtml(text) => {
                if is_comment(&text) {
                    return;
                }
                Event::InlineHtml(self.resolve_raw_html(&text).into())
            }
            other => other,
        };
        self.queue.push_back(transformed);
    }

    /// Reads an image to its end: the text between the two events is its alternative text.
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
        let is_refused =
            self.settings.html == HtmlPolicy::Sanitized && !BrowserUrl::parse(url).is_safe_image();
        let resolved = self.resolver.resolve_image(url).filter(|_| !is_refused)?;
        let (caption, credit) = html::split_caption(title);
        Some(Image { alt, caption, credit, ..resolved })
    }

    /// Reads a block of raw HTML to its end: a tag may take several lines, each of which is an
    /// event. Spaces that a list's indentation leaves over are events of text.
    fn transform_html_block(&mut self) {
        let is_top_level = self.depth == 1;
        let mut lines = String::new();
        let mut has_html = false;
        while let Some(event) = self.pull_event() {
            match event {
                Event::Text(spaces) => lines.push_str(&spaces),
                Event::Html(line) if is_comment(&line) => {}
                Event::Html(line) => {
                    lines.push_str(&line);
                    has_html = true;
                }
                _ => break,
            }
        }
        if !has_html {
            self.queue.push_back(Event::Text(lines.into()));
            return;
        }
        let mut html = self.resolve_raw_html(&lines);
        if is_top_level
            && let Some(dateline) = self.dateline
            && let Some(opened) = self.html_paragraphs.with_dateline(&html, dateline)
        {
            self.dateline = None;
            html = opened;
        }
        self.queue.push_back(Event::InlineHtml(html.into()));
    }

    /// Gives the links and images in raw HTML their published URLs, and images their sizes.
    fn resolve_raw_html(&mut self, text: &str) -> String {
        self.has_raw_html = true;
        resolve_urls(text, self.settings.html, self.resolver, &mut self.words)
    }
}

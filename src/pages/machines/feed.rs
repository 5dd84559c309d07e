//! Feeds: Atom (RFC 4287), RSS 2.0 and JSON Feed 1.1, of the newest stories; and of whole months, sealed, so that a reader can fetch the archive
//! (RFC 5005, section 4).
//!
//! A month's stories are numbered oldest first. A document is sealed once there is a later story: which one follows is known then, and it never changes
//! again. The stories of the last one, which is open, are all in the newest document, too.

use std::fmt::Write as _;
use std::ops::Range;

use pulldown_cmark_escape::escape_html_body_text;

use super::super::corrections::{self, Made};
use super::super::{View, languages};
use super::entry::{Entry, inputs as entry_inputs};
use super::json::Json;
use super::xml::Xml;
use super::{File, Scope, Written};
use crate::catalog::RowId;
use crate::model::{Day, Inputs, Moment};
use crate::site::FeedFormat;

/// How many stories a document of the archive holds.
const PART: usize = 100;

const ATOM: &str = "application/atom+xml";
const RSS: &str = "application/rss+xml";
const JSON: &str = "application/feed+json";

/// A document of the archive: a part of a month's stories, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Document {
    pub(super) year: i32,
    pub(super) month: u8,
    pub(super) part: u16,
}

impl Document {
    pub(super) fn write_address(self, format: FeedFormat, out: &mut String) -> std::fmt::Result {
        write!(out, "/feeds/{:04}/{:02}", self.year, self.month)?;
        if self.part > 1 {
            write!(out, "-{}", self.part)?;
        }
        out.write_str(if format == FeedFormat::Json { ".json" } else { ".xml" })
    }

    fn address(self, format: FeedFormat, view: &View<'_>) -> String {
        let mut address = String::new();
        // Writing to a string can't fail.
        let _ = self.write_address(format, &mut address);
        view.site.absolute(&address)
    }

    fn rows(self, view: &View<'_>) -> Range<RowId> {
        let month = view.catalog.month(self.year, self.month.into());
        let start = month.start + (usize::from(self.part) - 1) as RowId * PART as RowId;
        start..month.end.min(start + PART as RowId)
    }

    /// The last document of the month that a day is in.
    fn last_of(day: Day, view: &View<'_>) -> Option<Self> {
        let (year, month) = (day.year(), day.month());
        let part = u16::try_from(parts(year, month, view)).unwrap_or(u16::MAX);
        (part > 0).then_some(Self { year, month: month as u8, part })
    }

    fn before(self, view: &View<'_>) -> Option<Self> {
        if self.part > 1 {
            return Some(Self { part: self.part - 1, ..self });
        }
        let (before, _) = view.catalog.published_around(&view.catalog.month(self.year, self.month.into()));
        before.and_then(|day| Self::last_of(day, view))
    }

    fn after(self, view: &View<'_>) -> Option<Self> {
        if usize::from(self.part) < parts(self.year, self.month.into(), view) {
            return Some(Self { part: self.part + 1, ..self });
        }
        let (_, after) = view.catalog.published_around(&view.catalog.month(self.year, self.month.into()));
        after.and_then(|day| Self::last_of(day, view)).map(|last| Self { part: 1, ..last })
    }

    /// Whether there is a later story: then it never changes again, unless one of its own stories does.
    fn is_sealed(self, view: &View<'_>) -> bool {
        (self.rows(view).end as usize) < view.catalog.len()
    }

    /// The newest that is sealed: the one before the last.
    fn newest(view: &View<'_>) -> Option<Self> {
        let last = view.catalog.stories(view.catalog.all()).next_back()?.day();
        Self::last_of(last, view).and_then(|open| open.before(view))
    }
}

/// How many documents a month has.
fn parts(year: i32, month: u32, view: &View<'_>) -> usize {
    view.catalog.month(year, month).len().div_ceil(PART)
}

/// The newest documents of the site, of its languages, and of the terms that have feeds.
pub(super) fn subscriptions(view: &View<'_>) -> Vec<File> {
    let Some(feeds) = view.feeds() else { return Vec::new() };
    let mut scopes = vec![Scope::Site];
    scopes.extend(languages(view.site, view.catalog).into_iter().map(|(_, lang)| Scope::Language(lang)));
    scopes.extend((!view.corrected.is_empty()).then_some(Scope::Corrections));
    for number in (0..view.site.taxonomies.len()).filter(|&number| view.site.taxonomies[number].feed) {
        scopes.extend(view.catalog.terms_of(number).iter().map(|&term| Scope::Term(term)));
    }
    let of_scope = |scope| feeds.formats.iter().map(move |&format| File::Feed(scope, format));
    scopes.into_iter().flat_map(of_scope).collect()
}

/// The forms in which there are documents of the archive. RSS has no way of its own to lead from one to the next.
fn sealed_formats(view: &View<'_>) -> Vec<FeedFormat> {
    let feeds = view.feeds().filter(|feeds| feeds.archive);
    let formats = feeds.into_iter().flat_map(|feeds| &feeds.formats);
    formats.copied().filter(|format| *format != FeedFormat::Rss).collect()
}

/// The documents of a year.
pub(super) fn months(year: i32, view: &View<'_>) -> Vec<File> {
    let formats = sealed_formats(view);
    let mut files = Vec::new();
    for month in view.catalog.months_of(year).filter(|_| !formats.is_empty()) {
        for part in 1..=u16::try_from(parts(year, month, view)).unwrap_or(u16::MAX) {
            let file = |&format| File::Month { year, month: month as u8, part, format };
            files.extend(formats.iter().map(file));
        }
    }
    files
}

/// The rows of a newest document, newest first: so many, and all that aren't in a sealed one.
fn newest(scope: Scope, view: &View<'_>) -> Vec<RowId> {
    let Some(feeds) = view.feeds() else { return Vec::new() };
    match scope {
        Scope::Language(lang) => view.latest(lang).take(feeds.stories).collect(),
        Scope::Term(term) => view.catalog.term(term).rows.iter().rev().take(feeds.stories).copied().collect(),
        Scope::Corrections => Vec::new(),
        Scope::Site => {
            let sealed = match feeds.archive {
                true => Document::newest(view).map_or(0, |document| document.rows(view).end),
                false => view.catalog.len() as RowId,
            };
            let all = view.catalog.all();
            let first = sealed.min(all.end.saturating_sub(feeds.stories as RowId));
            (first..all.end).rev().collect()
        }
    }
}

/// The address of the feed of some stories in a form.
pub(super) fn write_address(
    scope: Scope,
    format: FeedFormat,
    view: &View<'_>,
    out: &mut String,
) -> std::fmt::Result {
    match scope {
        Scope::Site => out.write_str("/")?,
        Scope::Language(lang) => write!(out, "/{}/", view.catalog.languages()[lang as usize])?,
        Scope::Term(term) => view.write_term_path(term, out)?,
        Scope::Corrections => out.write_str("/corrections/")?,
    }
    out.write_str(format.file())
}

fn rows_inputs(rows: impl Iterator<Item = RowId>, view: &View<'_>, inputs: &mut Inputs) {
    let full = view.feeds().is_some_and(|feeds| feeds.full_text);
    rows.for_each(|row| entry_inputs(&view.catalog.story(row), full, view, inputs));
}

pub(super) fn inputs(scope: Scope, view: &View<'_>, inputs: &mut Inputs) {
    if let Scope::Term(term) = scope {
        inputs.text("name", &view.catalog.term(term).name);
    }
    if scope == Scope::Site
        && let Some(Document { year, month, part }) = Document::newest(view)
    {
        inputs.text("newest sealed document", &format!("{year}-{month}-{part}"));
    }
    if scope == Scope::Corrections {
        corrections::inputs_of(&corrected(view), view, inputs);
    }
    rows_inputs(newest(scope, view).into_iter(), view, inputs);
}

/// The corrections of the feed of corrections.
fn corrected(view: &View<'_>) -> Vec<Made> {
    view.corrected.newest(view.feeds().map_or(0, |feeds| feeds.stories))
}

pub(super) fn document_inputs(document: Document, view: &View<'_>, inputs: &mut Inputs) {
    inputs.number("sealed", u8::from(document.is_sealed(view)));
    for (name, other) in [("before", document.before(view)), ("after", document.after(view))] {
        let text = other.map(|Document { year, month, part }| format!("{year}-{month}-{part}"));
        inputs.text(name, &text.unwrap_or_default());
    }
    rows_inputs(document.rows(view), view, inputs);
}

/// A feed, or a document of one.
struct Feed<'a> {
    title: String,
    lang: &'a str,
    /// The absolute address of its page.
    home: String,
    /// Its own absolute address.
    address: String,
    /// Whether it is sealed.
    sealed: bool,
    /// Addresses by relation: the documents before and after.
    links: Vec<(&'static str, String)>,
    entries: Vec<Entry<'a>>,
    view: &'a View<'a>,
}

pub(super) fn write(scope: Scope, format: FeedFormat, view: &View<'_>, out: &mut String) -> Written {
    let site = &view.site;
    let mut address = String::new();
    // Writing to a string can't fail.
    let _ = write_address(scope, format, view, &mut address);
    let home = address.rsplit_once('/').map_or("/".to_owned(), |(folder, _)| format!("{folder}/"));
    let title = match scope {
        Scope::Term(term) => format!("{} – {}", view.catalog.term(term).name, site.config.title),
        Scope::Corrections => format!("{} – {}", view.words.get("corrections"), site.config.title),
        _ => site.config.title.clone(),
    };
    let lang = match scope {
        Scope::Language(lang) => view.catalog.languages()[lang as usize].as_str(),
        _ => &site.config.language,
    };
    let sealed = sealed_formats(view).contains(&format) && scope == Scope::Site;
    let before = Document::newest(view).filter(|_| sealed).map(|last| last.address(format, view));
    let (entries, unchanged) = match scope {
        Scope::Corrections => {
            (corrected(view).into_iter().map(|made| Entry::of_correction(made, view)).collect(), true)
        }
        _ => entries(newest(scope, view).into_iter(), view)?,
    };
    let feed = Feed {
        title,
        lang,
        home: site.absolute(&home),
        address: site.absolute(&address),
        sealed: false,
        links: before.map(|address| ("prev-archive", address)).into_iter().collect(),
        entries,
        view,
    };
    feed.write(format, out);
    Ok(unchanged)
}

pub(super) fn write_document(
    document: Document,
    format: FeedFormat,
    view: &View<'_>,
    out: &mut String,
) -> Written {
    let mut links = vec![("current", view.site.absolute(&format!("/{}", format.file())))];
    for (rel, other) in [("prev-archive", document.before(view)), ("next-archive", document.after(view))] {
        links.extend(other.map(|other| (rel, other.address(format, view))));
    }
    let (entries, unchanged) = entries(document.rows(view).rev(), view)?;
    let feed = Feed {
        title: view.site.config.title.clone(),
        lang: &view.site.config.language,
        home: view.site.absolute("/"),
        address: document.address(format, view),
        sealed: document.is_sealed(view),
        links,
        entries,
        view,
    };
    feed.write(format, out);
    Ok(unchanged)
}

fn entries<'a>(
    rows: impl Iterator<Item = RowId>,
    view: &'a View<'_>,
) -> Result<(Vec<Entry<'a>>, bool), Vec<crate::diagnostic::Diagnostic>> {
    let full = view.feeds().is_some_and(|feeds| feeds.full_text);
    let mut all_unchanged = true;
    let one = |row| {
        let entry = Entry::of(view.catalog.story(row), view);
        match full {
            true => entry.with_body(view).map(|(entry, unchanged)| {
                all_unchanged &= unchanged;
                entry
            }),
            false => Ok(entry),
        }
    };
    let entries = rows.map(one).collect::<Result<_, _>>()?;
    Ok((entries, all_unchanged))
}

impl Feed<'_> {
    fn write(&self, format: FeedFormat, out: &mut String) {
        match format {
            FeedFormat::Atom => self.atom(&mut Xml(out)),
            FeedFormat::Rss => self.rss(&mut Xml(out)),
            FeedFormat::Json => self.json(&mut Json { out }),
        }
    }

    fn hub(&self) -> Option<&str> {
        self.view.feeds().and_then(|feeds| feeds.hub.as_deref()).filter(|_| !self.sealed)
    }

    /// When the newest of its stories was changed; never the time of the build.
    fn updated(&self) -> Moment {
        let moments = self.entries.iter().map(|entry| entry.changed);
        moments.max_by_key(|moment| moment.seconds).unwrap_or(Moment { seconds: 0, day_only: false })
    }

    fn atom(&self, xml: &mut Xml<'_>) {
        let config = &self.view.site.config;
        xml.raw("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\"");
        if self.sealed {
            xml.raw(" xmlns:fh=\"http://purl.org/syndication/history/1.0\"");
        }
        xml.raw(" xml:lang=\"").text(self.lang).raw("\">\n");
        xml.element("id", &self.address);
        xml.element("title", &self.title);
        xml.optional("subtitle", config.description.as_deref());
        xml.element("updated", &self.updated().timestamp(self.view.site.zone));
        xml.link("", "self", Some(ATOM), &self.address);
        xml.link("", "alternate", Some("text/html"), &self.home);
        self.hub().map(|hub| xml.link("", "hub", None, hub));
        for (rel, address) in &self.links {
            xml.link("", rel, Some(ATOM), address);
        }
        if self.sealed {
            xml.raw("<fh:archive/>\n");
        }
        xml.raw("<author><name>").text(&config.title).raw("</name></author>\n");
        xml.optional("rights", config.copyright.as_deref());
        self.entries.iter().for_each(|entry| self.atom_entry(entry, xml));
        xml.raw("</feed>\n");
    }

    fn atom_entry(&self, entry: &Entry<'_>, xml: &mut Xml<'_>) {
        let story = &entry.story;
        xml.raw("<entry");
        if story.lang() != self.lang {
            xml.raw(" xml:lang=\"").text(story.lang()).raw("\"");
        }
        xml.raw(">\n").element("id", &entry.id(self.view)).element("title", &entry.title);
        xml.link("", "alternate", Some("text/html"), &entry.address);
        xml.element("published", &entry.published).element("updated", &entry.updated);
        for (name, address) in &entry.filed.authors {
            xml.raw("<author><name>").text(name).raw("</name><uri>").text(address).raw("</uri></author>\n");
        }
        for category in entry.categories() {
            xml.raw("<category term=\"").text(category).raw("\"/>\n");
        }
        xml.optional("summary", entry.summary);
        if let Some(body) = &entry.body {
            xml.raw("<content type=\"html\">").text(body).raw("</content>\n");
        }
        xml.raw("</entry>\n");
    }

    fn rss(&self, xml: &mut Xml<'_>) {
        let config = &self.view.site.config;
        xml.raw("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<rss version=\"2.0\" xmlns:atom=\"http://www.w3.org/2005/Atom\" xmlns:content=\"http://purl.org/rss/1.0/modules/content/\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\">\n<channel>\n");
        xml.element("title", &self.title).element("link", &self.home);
        xml.element("description", config.description.as_deref().unwrap_or(&self.title));
        xml.element("language", self.lang);
        xml.optional("copyright", config.copyright.as_deref());
        xml.element("lastBuildDate", &self.updated().rfc_2822(self.view.site.zone));
        xml.link("atom:", "self", Some(RSS), &self.address);
        self.hub().map(|hub| xml.link("atom:", "hub", None, hub));
        for entry in &self.entries {
            xml.raw("<item>\n").element("title", &entry.title).element("link", &entry.address);
            xml.raw("<guid isPermaLink=\"false\">").text(&entry.id(self.view)).raw("</guid>\n");
            xml.element("pubDate", &entry.date.rfc_2822(self.view.site.zone));
            for (name, _) in &entry.filed.authors {
                xml.element("dc:creator", name);
            }
            for category in entry.categories() {
                xml.element("category", category);
            }
            // Readers take it for HTML, which is what RSS 2.0 lets it hold: a standfirst's `<` has to be one there, too.
            xml.optional("description", entry.summary.map(as_html).as_deref());
            xml.optional("content:encoded", entry.body.as_deref());
            xml.raw("</item>\n");
        }
        xml.raw("</channel>\n</rss>\n");
    }

    fn json(&self, json: &mut Json<'_>) {
        let config = &self.view.site.config;
        json.open("{\"version\":\"https://jsonfeed.org/version/1.1\"");
        json.text("title", &self.title);
        json.text("home_page_url", &self.home);
        json.text("feed_url", &self.address);
        json.optional("description", config.description.as_deref());
        let older = self.links.iter().find(|(rel, _)| *rel == "prev-archive");
        json.optional("next_url", older.map(|(_, address)| address.as_str()));
        json.text("language", self.lang);
        if let Some(hub) = self.hub() {
            json.list("hubs", &[hub], |json, hub| {
                json.open("{\"type\":\"WebSub\"");
                json.text("url", hub);
                json.close();
            });
        }
        json.list("items", &self.entries, |json, entry| self.json_item(entry, json));
        json.close();
        json.line();
    }

    fn json_item(&self, entry: &Entry<'_>, json: &mut Json<'_>) {
        let story = &entry.story;
        json.begin();
        json.first("id", &entry.id(self.view));
        json.text("url", &entry.address);
        json.text("title", &entry.title);
        match &entry.body {
            Some(body) => json.text("content_html", body),
            // An item has to have some content.
            None => json.text("content_text", entry.summary.unwrap_or(&entry.title)),
        }
        json.optional("summary", entry.summary);
        let image =
            entry.image.as_ref().map(|image| super::super::metadata::absolute(self.view.site, &image.src));
        json.optional("image", image.as_deref());
        json.text("date_published", &entry.published);
        json.text("date_modified", &entry.updated);
        if !entry.filed.authors.is_empty() {
            json.list("authors", &entry.filed.authors, |json, (name, url)| {
                json.begin();
                json.first("name", name);
                json.text("url", url);
                json.close();
            });
        }
        let tags: Vec<&str> = entry.categories().collect();
        if !tags.is_empty() {
            json.list("tags", &tags, |json, tag| json.string(tag));
        }
        json.text("language", story.lang());
        json.close();
    }
}

/// A text as HTML, in which a quotation mark may stay what it is.
fn as_html(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    // Writing to a string can't fail.
    let _ = escape_html_body_text(&mut html, text);
    html
}

/// The type of a feed's form.
pub(super) fn media_type(format: FeedFormat) -> &'static str {
    match format {
        FeedFormat::Atom => ATOM,
        FeedFormat::Rss => RSS,
        FeedFormat::Json => JSON,
    }
}

//! Feeds: Atom (RFC 4287), RSS 2.0 and JSON Feed 1.1, of the newest stories; and of whole months,
//! sealed, so that a reader can fetch the archive (RFC 5005, section 4).
//!
//! A month's stories are numbered oldest first. A document is sealed once there is a later story:
//! which one follows is known then, and it never changes again. The stories of the last one, which
//! is open, are all in the newest document, too.

use std::fmt::Write as _;
use std::ops::Range;

use pulldown_cmark_escape::escape_html_body_text;

use super::super::corrections::{self, CorrectionRef};
use super::super::{SiteView, languages_with_front_page};
use super::article_entry::{ArticleEntry, add_entry_inputs as entry_inputs};
use super::json::JsonWriter;
use super::xml::XmlWriter;
use super::{FeedScope, OutputFile, RenderResult};
use crate::archive::ArticleId;
use crate::config::FeedFormat;
use crate::model::{Day, Inputs, Moment};

/// How many stories a document of the archive holds.
const ARTICLES_PER_DOCUMENT: usize = 100;

const ATOM_MEDIA_TYPE: &str = "application/atom+xml";
const RSS_MEDIA_TYPE: &str = "application/rss+xml";
const JSON_MEDIA_TYPE: &str = "application/feed+json";

/// A document of the archive: a part of a month's stories, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct MonthDocument {
    pub(super) year: i32,
    pub(super) month: u8,
    pub(super) part: u16,
}

impl MonthDocument {
    pub(super) fn write_url_path(self, format: FeedFormat, out: &mut String) -> std::fmt::Result {
        write!(out, "/feeds/{:04}/{:02}", self.year, self.month)?;
        if self.part > 1 {
            write!(out, "-{}", self.part)?;
        }
        out.write_str(if format == FeedFormat::Json { ".json" } else { ".xml" })
    }

    fn url(self, format: FeedFormat, view: &SiteView<'_>) -> String {
        let mut url_path = String::new();
        // Writing to a string can't fail.
        let _ = self.write_url_path(format, &mut url_path);
        view.site.absolute_url(&url_path)
    }

    fn ids(self, view: &SiteView<'_>) -> Range<ArticleId> {
        let month = view.catalog.ids_in_month(self.year, self.month.into());
        let start = month.start
            + (usize::from(self.part) - 1) as ArticleId * ARTICLES_PER_DOCUMENT as ArticleId;
        start..month.end.min(start + ARTICLES_PER_DOCUMENT as ArticleId)
    }

    /// The last document of the month that a day is in.
    fn last_in_month(day: Day, view: &SiteView<'_>) -> Option<Self> {
        let (year, month) = (day.year(), day.month());
        let part = u16::try_from(document_count(year, month, view)).unwrap_or(u16::MAX);
        (part > 0).then_some(Self { year, month: month as u8, part })
    }

    fn previous(self, view: &SiteView<'_>) -> Option<Self> {
        if self.part > 1 {
            return Some(Self { part: self.part - 1, ..self });
        }
        let (previous, _) =
            view.catalog.neighboring_days(&view.catalog.ids_in_month(self.year, self.month.into()));
        previous.and_then(|day| Self::last_in_month(day, view))
    }

    fn next(self, view: &SiteView<'_>) -> Option<Self> {
        if usize::from(self.part) < document_count(self.year, self.month.into(), view) {
            return Some(Self { part: self.part + 1, ..self });
        }
        let (_, next) =
            view.catalog.neighboring_days(&view.catalog.ids_in_month(self.year, self.month.into()));
        next.and_then(|day| Self::last_in_month(day, view)).map(|last| Self { part: 1, ..last })
    }

    /// Whether there is a later story: then it never changes again, unless one of its own stories
    /// does.
    fn is_sealed(self, view: &SiteView<'_>) -> bool {
        (self.ids(view).end as usize) < view.catalog.len()
    }

    /// The newest that is sealed: the one before the last.
    fn newest_sealed(view: &SiteView<'_>) -> Option<Self> {
        let last = view.catalog.articles(view.catalog.ids()).next_back()?.day();
        Self::last_in_month(last, view).and_then(|open| open.previous(view))
    }
}

/// How many documents a month has.
fn document_count(year: i32, month: u32, view: &SiteView<'_>) -> usize {
    view.catalog.ids_in_month(year, month).len().div_ceil(ARTICLES_PER_DOCUMENT)
}

/// The newest documents of the site, of its languages, and of the terms that have feeds.
pub(super) fn subscription_files(view: &SiteView<'_>) -> Vec<OutputFile> {
    let Some(feeds) = view.feeds() else { return Vec::new() };
    let mut scopes = vec![FeedScope::Site];
    scopes.extend(
        languages_with_front_page(view.site, view.catalog)
            .into_iter()
            .map(|(_, lang)| FeedScope::Language(lang)),
    );
    scopes.extend((!view.corrections.is_empty()).then_some(FeedScope::Corrections));
    for index in
        (0..view.site.taxonomies.len()).filter(|&index| view.site.taxonomies[index].has_feed)
    {
        scopes.extend(view.catalog.terms_of(index).iter().map(|&term| FeedScope::Term(term)));
    }
    let of_scope = |scope| feeds.formats.iter().map(move |&format| OutputFile::Feed(scope, format));
    scopes.into_iter().flat_map(of_scope).collect()
}

/// The forms in which there are documents of the archive. RSS has no way of its own to lead from
/// one to the next.
fn archive_formats(view: &SiteView<'_>) -> Vec<FeedFormat> {
    let feeds = view.feeds().filter(|feeds| feeds.archive);
    let formats = feeds.into_iter().flat_map(|feeds| &feeds.formats);
    formats.copied().filter(|format| *format != FeedFormat::Rss).collect()
}

/// The documents of a year.
pub(super) fn month_files(year: i32, view: &SiteView<'_>) -> Vec<OutputFile> {
    let formats = archive_formats(view);
    let mut files = Vec::new();
    for month in view.catalog.months_of(year).filter(|_| !formats.is_empty()) {
        for part in 1..=u16::try_from(document_count(year, month, view)).unwrap_or(u16::MAX) {
            let file = |&format| OutputFile::MonthFeed { year, month: month as u8, part, format };
            files.extend(formats.iter().map(file));
        }
    }
    files
}

/// The rows of a newest document, newest first: so many, and all that aren't in a sealed one.
fn newest_articles(scope: FeedScope, view: &SiteView<'_>) -> Vec<ArticleId> {
    let Some(feeds) = view.feeds() else { return Vec::new() };
    match scope {
        FeedScope::Language(lang) => view.latest_in(lang).take(feeds.stories).collect(),
        FeedScope::Term(term) => {
            view.catalog.term(term).article_ids.iter().rev().take(feeds.stories).copied().collect()
        }
        FeedScope::Corrections => Vec::new(),
        FeedScope::Site => {
            let sealed_end = match feeds.archive {
                true => {
                    MonthDocument::newest_sealed(view).map_or(0, |document| document.ids(view).end)
                }
                false => view.catalog.len() as ArticleId,
            };
            let all_ids = view.catalog.ids();
            let first = sealed_end.min(all_ids.end.saturating_sub(feeds.stories as ArticleId));
            (first..all_ids.end).rev().collect()
        }
    }
}

/// The address of the feed of some stories in a form.
pub(super) fn write_url_path(
    scope: FeedScope,
    format: FeedFormat,
    view: &SiteView<'_>,
    out: &mut String,
) -> std::fmt::Result {
    match scope {
        FeedScope::Site => out.write_str("/")?,
        FeedScope::Language(lang) => write!(out, "/{}/", view.catalog.languages()[lang as usize])?,
        FeedScope::Term(term) => view.write_term_path(term, out)?,
        FeedScope::Corrections => out.write_str("/corrections/")?,
    }
    out.write_str(format.file_name())
}

fn add_article_inputs(
    ids: impl Iterator<Item = ArticleId>,
    view: &SiteView<'_>,
    inputs: &mut Inputs,
) {
    let full_text = view.feeds().is_some_and(|feeds| feeds.full_text);
    ids.for_each(|id| entry_inputs(&view.catalog.article(id), full_text, view, inputs));
}

pub(super) fn add_inputs(scope: FeedScope, view: &SiteView<'_>, inputs: &mut Inputs) {
    if let FeedScope::Term(term) = scope {
        inputs.text("name", &view.catalog.term(term).name);
    }
    if scope == FeedScope::Site
        && let Some(MonthDocument { year, month, part }) = MonthDocument::newest_sealed(view)
    {
        inputs.text("newest sealed document", &format!("{year}-{month}-{part}"));
    }
    if scope == FeedScope::Corrections {
        corrections::add_correction_inputs(&newest_corrections(view), view, inputs);
    }
    add_article_inputs(newest_articles(scope, view).into_iter(), view, inputs);
}

/// The corrections of the feed of corrections.
fn newest_corrections(view: &SiteView<'_>) -> Vec<CorrectionRef> {
    view.corrections.newest(view.feeds().map_or(0, |feeds| feeds.stories))
}

pub(super) fn add_document_inputs(
    document: MonthDocument,
    view: &SiteView<'_>,
    inputs: &mut Inputs,
) {
    inputs.number("sealed", u8::from(document.is_sealed(view)));
    for (name, other) in [("before", document.previous(view)), ("after", document.next(view))] {
        let text =
            other.map(|MonthDocument { year, month, part }| format!("{year}-{month}-{part}"));
        inputs.text(name, &text.unwrap_or_default());
    }
    add_article_inputs(document.ids(view), view, inputs);
}

/// A feed, or a document of one.
struct Feed<'a> {
    title: String,
    lang: &'a str,
    /// The absolute address of its page.
    home_url: String,
    /// Its own absolute address.
    url: String,
    /// Whether it is sealed.
    sealed: bool,
    /// Addresses by relation: the documents before and after.
    links: Vec<(&'static str, String)>,
    entries: Vec<ArticleEntry<'a>>,
    view: &'a SiteView<'a>,
}

pub(super) fn write(
    scope: FeedScope,
    format: FeedFormat,
    view: &SiteView<'_>,
    out: &mut String,
) -> RenderResult {
    let site = &view.site;
    let mut url_path = String::new();
    // Writing to a string can't fail.
    let _ = write_url_path(scope, format, view, &mut url_path);
    let home_path = url_path.rsplit_once('/').map_or("/".to_owned(), |(dir, _)| format!("{dir}/"));
    let title = match scope {
        FeedScope::Term(term) => {
            format!("{} – {}", view.catalog.term(term).name, site.config.title)
        }
        FeedScope::Corrections => {
            format!("{} – {}", view.messages.get("corrections"), site.config.title)
        }
        _ => site.config.title.clone(),
    };
    let lang = match scope {
        FeedScope::Language(lang) => view.catalog.languages()[lang as usize].as_str(),
        _ => &site.config.language,
    };
    let links_archive = archive_formats(view).contains(&format) && scope == FeedScope::Site;
    let previous = MonthDocument::newest_sealed(view)
        .filter(|_| links_archive)
        .map(|last| last.url(format, view));
    let (entries, unchanged) = match scope {
        FeedScope::Corrections => (
            newest_corrections(view)
                .into_iter()
                .map(|correction| ArticleEntry::for_correction(correction, view))
                .collect(),
            true,
        ),
        _ => entries(newest_articles(scope, view).into_iter(), view)?,
    };
    let feed = Feed {
        title,
        lang,
        home_url: site.absolute_url(&home_path),
        url: site.absolute_url(&url_path),
        sealed: false,
        links: previous.map(|url_path| ("prev-archive", url_path)).into_iter().collect(),
        entries,
        view,
    };
    feed.write(format, out);
    Ok(unchanged)
}

pub(super) fn write_document(
    document: MonthDocument,
    format: FeedFormat,
    view: &SiteView<'_>,
    out: &mut String,
) -> RenderResult {
    let mut links = vec![("current", view.site.absolute_url(&format!("/{}", format.file_name())))];
    for (rel, other) in
        [("prev-archive", document.previous(view)), ("next-archive", document.next(view))]
    {
        links.extend(other.map(|other| (rel, other.url(format, view))));
    }
    let (entries, unchanged) = entries(document.ids(view).rev(), view)?;
    let feed = Feed {
        title: view.site.config.title.clone(),
        lang: &view.site.config.language,
        home_url: view.site.absolute_url("/"),
        url: document.url(format, view),
        sealed: document.is_sealed(view),
        links,
        entries,
        view,
    };
    feed.write(format, out);
    Ok(unchanged)
}

fn entries<'a>(
    ids: impl Iterator<Item = ArticleId>,
    view: &'a SiteView<'_>,
) -> Result<(Vec<ArticleEntry<'a>>, bool), Vec<crate::diagnostics::Diagnostic>> {
    let full_text = view.feeds().is_some_and(|feeds| feeds.full_text);
    let mut all_unchanged = true;
    let to_entry = |id| {
        let entry = ArticleEntry::for_article(view.catalog.article(id), view);
        match full_text {
            true => entry.with_body(view).map(|(entry, unchanged)| {
                all_unchanged &= unchanged;
                entry
            }),
            false => Ok(entry),
        }
    };
    let entries = ids.map(to_entry).collect::<Result<_, _>>()?;
    Ok((entries, all_unchanged))
}

impl Feed<'_> {
    fn write(&self, format: FeedFormat, out: &mut String) {
        match format {
            FeedFormat::Atom => self.write_atom(&mut XmlWriter(out)),
            FeedFormat::Rss => self.write_rss(&mut XmlWriter(out)),
            FeedFormat::Json => self.write_json(&mut JsonWriter { out }),
        }
    }

    fn hub(&self) -> Option<&str> {
        self.view.feeds().and_then(|feeds| feeds.hub.as_deref()).filter(|_| !self.sealed)
    }

    /// When the newest of its stories was changed; never the time of the build.
    fn last_changed(&self) -> Moment {
        let moments = self.entries.iter().map(|entry| entry.changed);
        moments
            .max_by_key(|moment| moment.seconds)
            .unwrap_or(Moment { seconds: 0, day_only: false })
    }

    fn write_atom(&self, xml: &mut XmlWriter<'_>) {
        let config = &self.view.site.config;
        xml.raw("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\"");
        if self.sealed {
            xml.raw(" xmlns:fh=\"http://purl.org/syndication/history/1.0\"");
        }
        xml.raw(" xml:lang=\"").text(self.lang).raw("\">\n");
        xml.element("id", &self.url);
        xml.element("title", &self.title);
        xml.optional_element("subtitle", config.description.as_deref());
        xml.element("updated", &self.last_changed().timestamp(self.view.site.zone));
        xml.link("", "self", Some(ATOM_MEDIA_TYPE), &self.url);
        xml.link("", "alternate", Some("text/html"), &self.home_url);
        self.hub().map(|hub| xml.link("", "hub", None, hub));
        for (rel, url) in &self.links {
            xml.link("", rel, Some(ATOM_MEDIA_TYPE), url);
        }
        if self.sealed {
            xml.raw("<fh:archive/>\n");
        }
        xml.raw("<author><name>").text(&config.title).raw("</name></author>\n");
        xml.optional_element("rights", config.copyright.as_deref());
        self.entries.iter().for_each(|entry| self.write_atom_entry(entry, xml));
        xml.raw("</feed>\n");
    }

    fn write_atom_entry(&self, entry: &ArticleEntry<'_>, xml: &mut XmlWriter<'_>) {
        let article = &entry.article;
        xml.raw("<entry");
        if article.lang() != self.lang {
            xml.raw(" xml:lang=\"").text(article.lang()).raw("\"");
        }
        xml.raw(">\n").element("id", &entry.tag_uri(self.view)).element("title", &entry.title);
        xml.link("", "alternate", Some("text/html"), &entry.url);
        xml.element("published", &entry.published).element("updated", &entry.updated);
        for (name, url) in &entry.classification.authors {
            xml.raw("<author><name>")
                .text(name)
                .raw("</name><uri>")
                .text(url)
                .raw("</uri></author>\n");
        }
        for category in entry.categories() {
            xml.raw("<category term=\"").text(category).raw("\"/>\n");
        }
        xml.optional_element("summary", entry.summary);
        if let Some(body) = &entry.body {
            xml.raw("<content type=\"html\">").text(body).raw("</content>\n");
        }
        xml.raw("</entry>\n");
    }

    fn write_rss(&self, xml: &mut XmlWriter<'_>) {
        let config = &self.view.site.config;
        xml.raw("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<rss version=\"2.0\" xmlns:atom=\"http://www.w3.org/2005/Atom\" xmlns:content=\"http://purl.org/rss/1.0/modules/content/\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\">\n<channel>\n");
        xml.element("title", &self.title).element("link", &self.home_url);
        xml.element("description", config.description.as_deref().unwrap_or(&self.title));
        xml.element("language", self.lang);
        xml.optional_element("copyright", config.copyright.as_deref());
        xml.element("lastBuildDate", &self.last_changed().rfc_2822(self.view.site.zone));
        xml.link("atom:", "self", Some(RSS_MEDIA_TYPE), &self.url);
        self.hub().map(|hub| xml.link("atom:", "hub", None, hub));
        for entry in &self.entries {
            xml.raw("<item>\n").element("title", &entry.title).element("link", &entry.url);
            xml.raw("<guid isPermaLink=\"false\">")
                .text(&entry.tag_uri(self.view))
                .raw("</guid>\n");
            xml.element("pubDate", &entry.date.rfc_2822(self.view.site.zone));
            for (name, _) in &entry.classification.authors {
                xml.element("dc:creator", name);
            }
            for category in entry.categories() {
                xml.element("category", category);
            }
            // Readers take it for HTML, which is what RSS 2.0 lets it hold: a standfirst's `<` has
            // to be one there, too.
            xml.optional_element("description", entry.summary.map(escape_html_text).as_deref());
            xml.optional_element("content:encoded", entry.body.as_deref());
            xml.raw("</item>\n");
        }
        xml.raw("</channel>\n</rss>\n");
    }

    fn write_json(&self, json: &mut JsonWriter<'_>) {
        let config = &self.view.site.config;
        json.raw("{\"version\":\"https://jsonfeed.org/version/1.1\"");
        json.text("title", &self.title);
        json.text("home_page_url", &self.home_url);
        json.text("feed_url", &self.url);
        json.optional_text("description", config.description.as_deref());
        let previous = self.links.iter().find(|(rel, _)| *rel == "prev-archive");
        json.optional_text("next_url", previous.map(|(_, url)| url.as_str()));
        json.text("language", self.lang);
        if let Some(hub) = self.hub() {
            json.array("hubs", &[hub], |json, hub| {
                json.raw("{\"type\":\"WebSub\"");
                json.text("url", hub);
                json.end_object();
            });
        }
        json.array("items", &self.entries, |json, entry| self.write_json_item(entry, json));
        json.end_object();
        json.newline();
    }

    fn write_json_item(&self, entry: &ArticleEntry<'_>, json: &mut JsonWriter<'_>) {
        let article = &entry.article;
        json.begin_object();
        json.first_text("id", &entry.tag_uri(self.view));
        json.text("url", &entry.url);
        json.text("title", &entry.title);
        match &entry.body {
            Some(body) => json.text("content_html", body),
            // An item has to have some content.
            None => json.text("content_text", entry.summary.unwrap_or(&entry.title)),
        }
        json.optional_text("summary", entry.summary);
        let image = entry
            .image
            .as_ref()
            .map(|image| super::super::structured_data::absolute_url(self.view.site, &image.src));
        json.optional_text("image", image.as_deref());
        json.text("date_published", &entry.published);
        json.text("date_modified", &entry.updated);
        if !entry.classification.authors.is_empty() {
            json.array("authors", &entry.classification.authors, |json, (name, url)| {
                json.begin_object();
                json.first_text("name", name);
                json.text("url", url);
                json.end_object();
            });
        }
        let tags: Vec<&str> = entry.categories().collect();
        if !tags.is_empty() {
            json.array("tags", &tags, |json, tag| json.string(tag));
        }
        json.text("language", article.lang());
        json.end_object();
    }
}

/// A text as HTML, in which a quotation mark may stay what it is.
fn escape_html_text(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    // Writing to a string can't fail.
    let _ = escape_html_body_text(&mut html, text);
    html
}

/// The type of a feed's form.
pub(super) fn media_type(format: FeedFormat) -> &'static str {
    match format {
        FeedFormat::Atom => ATOM_MEDIA_TYPE,
        FeedFormat::Rss => RSS_MEDIA_TYPE,
        FeedFormat::Json => JSON_MEDIA_TYPE,
    }
}

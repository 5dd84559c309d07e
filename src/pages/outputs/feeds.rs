//! Feeds: Atom (RFC 4287), RSS 2.0 and JSON Feed 1.1, of the newest articles; and of whole months,
//! so that a reader can fetch the archive (RFC 5005, section 4).

use pulldown_cmark_escape::escape_html_body_text;

use super::super::json::JsonWriter;
use super::super::output_file::{FeedScope, OutputFile};
use super::super::urls::absolute_url;
use super::super::view::SiteView;
use super::super::xml::XmlWriter;
use super::article_entry::ArticleEntry;
use super::feed_documents::{MonthDocument, archive_formats, newest_articles, newest_corrections};
use crate::archive::ArticleId;
use crate::config::FeedFormat;
use crate::diagnostics::Diagnostic;
use crate::model::Moment;

/// A feed, or a document of one.
struct Feed<'a> {
    title: String,
    lang: &'a str,
    /// The absolute URL of its page.
    home_url: String,
    /// Its own absolute URL.
    url: String,
    /// True if it is a complete document.
    is_complete: bool,
    /// URLs by relation: the current, previous and next documents.
    links: Vec<(&'static str, String)>,
    entries: Vec<ArticleEntry<'a>>,
    view: &'a SiteView<'a>,
}

/// Writes a feed of the newest articles. Returns whether all files are still those that were
/// parsed.
///
/// # Errors
/// Diagnostics if an article's file can't be read or is invalid.
pub(super) fn write(
    scope: FeedScope,
    format: FeedFormat,
    view: &SiteView<'_>,
    out: &mut String,
) -> Result<bool, Vec<Diagnostic>> {
    let site = &view.site;
    let url_path = OutputFile::Feed(scope, format).url_path(view);
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
    let previous = MonthDocument::newest_complete(view)
        .filter(|_| links_archive)
        .map(|last| last.url(format, view));
    let entries = match scope {
        FeedScope::Corrections => newest_corrections(view)
            .into_iter()
            .map(|correction| ArticleEntry::for_correction(correction, view))
            .collect(),
        _ => entries(newest_articles(scope, view).into_iter(), view)?,
    };
    let feed = Feed {
        title,
        lang,
        home_url: site.absolute_url(&home_path),
        url: site.absolute_url(&url_path),
        is_complete: false,
        links: previous.map(|url_path| ("prev-archive", url_path)).into_iter().collect(),
        entries,
        view,
    };
    feed.write(format, out);
    Ok(feed.entries.iter().all(|entry| entry.unchanged))
}

/// Writes a document of a month. Returns whether all files are still those that were parsed.
///
/// # Errors
/// Diagnostics if an article's file can't be read or is invalid.
pub(super) fn write_document(
    document: MonthDocument,
    format: FeedFormat,
    view: &SiteView<'_>,
    out: &mut String,
) -> Result<bool, Vec<Diagnostic>> {
    let mut links = vec![("current", view.site.absolute_url(&format!("/{}", format.file_name())))];
    for (rel, other) in
        [("prev-archive", document.previous(view)), ("next-archive", document.next(view))]
    {
        links.extend(other.map(|other| (rel, other.url(format, view))));
    }
    let entries = entries(document.ids(view).rev(), view)?;
    let feed = Feed {
        title: view.site.config.title.clone(),
        lang: &view.site.config.language,
        home_url: view.site.absolute_url("/"),
        url: document.url(format, view),
        is_complete: document.is_complete(view),
        links,
        entries,
        view,
    };
    feed.write(format, out);
    Ok(feed.entries.iter().all(|entry| entry.unchanged))
}

/// Returns the entries of articles, with their bodies if the site's feeds have them.
fn entries<'a>(
    ids: impl Iterator<Item = ArticleId>,
    view: &'a SiteView<'_>,
) -> Result<Vec<ArticleEntry<'a>>, Vec<Diagnostic>> {
    let full_text = view.feeds().is_some_and(|feeds| feeds.full_text);
    let to_entry = |id| {
        let entry = ArticleEntry::for_article(view.catalog.article(id), view);
        if full_text { entry.with_body(view) } else { Ok(entry) }
    };
    ids.map(to_entry).collect()
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
        self.view.feeds().and_then(|feeds| feeds.hub.as_deref()).filter(|_| !self.is_complete)
    }

    /// Returns the time of the last change of any of its articles; never the time of the build.
    fn last_changed(&self) -> Moment {
        let moments = self.entries.iter().map(|entry| entry.changed);
        moments
            .max_by_key(|moment| moment.seconds)
            .unwrap_or(Moment { seconds: 0, day_only: false })
    }

    fn write_atom(&self, xml: &mut XmlWriter<'_>) {
        let config = &self.view.site.config;
        xml.raw("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n");
        xml.raw("<feed xmlns=\"http://www.w3.org/2005/Atom\"");
        if self.is_complete {
            xml.raw(" xmlns:fh=\"http://purl.org/syndication/history/1.0\"");
        }
        xml.raw(" xml:lang=\"").text(self.lang).raw("\">\n");
        xml.element("id", &self.url);
        xml.element("title", &self.title);
        xml.optional_element("subtitle", config.description.as_deref());
        xml.element("updated", &self.last_changed().timestamp(self.view.site.zone));
        xml.link("", "self", Some(FeedFormat::Atom.media_type()), &self.url);
        xml.link("", "alternate", Some("text/html"), &self.home_url);
        self.hub().map(|hub| xml.link("", "hub", None, hub));
        for (rel, url) in &self.links {
            xml.link("", rel, Some(FeedFormat::Atom.media_type()), url);
        }
        if self.is_complete {
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
        xml.raw("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<rss version=\"2.0\"");
        xml.raw(" xmlns:atom=\"http://www.w3.org/2005/Atom\"");
        xml.raw(" xmlns:content=\"http://purl.org/rss/1.0/modules/content/\"");
        xml.raw(" xmlns:dc=\"http://purl.org/dc/elements/1.1/\">\n<channel>\n");
        xml.element("title", &self.title).element("link", &self.home_url);
        xml.element("description", config.description.as_deref().unwrap_or(&self.title));
        xml.element("language", self.lang);
        xml.optional_element("copyright", config.copyright.as_deref());
        xml.element("lastBuildDate", &self.last_changed().rfc_2822(self.view.site.zone));
        xml.link("atom:", "self", Some(FeedFormat::Rss.media_type()), &self.url);
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
            // RSS 2.0 allows HTML here, and readers interpret the text as HTML: a `<` in a
            // standfirst is escaped twice.
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
        let image = entry.image.as_ref().map(|image| absolute_url(self.view.site, &image.src));
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

/// Escapes a text for the content of HTML elements.
fn escape_html_text(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    // Writing to a string can't fail.
    let _ = escape_html_body_text(&mut html, text);
    html
}

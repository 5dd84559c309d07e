//! An article as IPTC's ninjs 3.1 (<https://iptc.org/std/ninjs/>), next to its page.

use super::super::json::JsonWriter;
use super::super::urls::absolute_url;
use super::super::view::SiteView;
use super::article_entry::{ArticleEntry, EntryContent, add_entry_inputs};
use crate::archive::{Article, ArticleId, Term};
use crate::config::{SECTIONS, Taxonomy};
use crate::diagnostics::Diagnostic;
use crate::model::Inputs;

const SCHEMA: &str = "http://www.iptc.org/std/ninjs/ninjs-schema_3.1.json#";

/// Adds everything that an article's ninjs shows to its inputs.
pub(super) fn add_inputs(id: ArticleId, view: &SiteView<'_>, inputs: &mut Inputs) {
    add_entry_inputs(&view.catalog.article(id), EntryContent::FullText, view, inputs);
}

/// Writes an article's ninjs. Returns whether the article's file is still the one that was parsed.
///
/// # Errors
/// Diagnostics if the file can't be read or is invalid.
pub(super) fn write(
    id: ArticleId,
    view: &SiteView<'_>,
    out: &mut String,
) -> Result<bool, Vec<Diagnostic>> {
    let article = view.catalog.article(id);
    let entry = ArticleEntry::for_article(article, view).with_body(view)?;
    let json = &mut JsonWriter { out };
    json.raw("{\"standard\":{\"name\":\"ninjs\",\"version\":\"3.1\"");
    json.text("schema", SCHEMA);
    json.end_object();
    json.text("uri", &entry.tag_uri(view));
    json.text("type", "text");
    json.text("representationType", "full");
    json.text("pubStatus", "usable");
    json.text("contentCreated", &entry.published);
    json.text("versionCreated", &entry.updated);
    json.text("language", article.lang());
    write_texts("headlines", "main", "text/plain", Some(article.title()), json);
    write_texts("descriptions", "summary", "text/plain", article.standfirst(), json);
    write_texts("bodies", "main", "text/html", entry.body.as_deref(), json);
    let authors: Vec<&str> = entry.classification.authors.iter().map(|(name, _)| *name).collect();
    json.optional_text(
        "by",
        Some(authors.join(", ")).filter(|byline| !byline.is_empty()).as_deref(),
    );
    json.optional_text("located", article.dateline_location());
    json.optional_text("copyrightNotice", view.site.config.copyright.as_deref());
    json.optional_text("usageTerms", view.site.config.outputs.license.as_deref());
    json.array("altIds", &[&entry.url], |json, url| {
        json.begin_object();
        json.first_text("role", "url");
        json.text("value", url);
        json.end_object();
    });
    write_subjects(&article, view, json);
    if let Some(image) = &entry.image {
        json.array("associations", &[image], |json, image| {
            json.begin_object();
            json.first_text("name", "main");
            json.text("rel", "main");
            json.text("type", "picture");
            json.text("uri", &absolute_url(view.site, &image.src));
            let caption =
                image.caption.as_deref().or(Some(image.alt.as_str()).filter(|alt| !alt.is_empty()));
            write_texts("descriptions", "caption", "text/plain", caption, json);
            json.optional_text("by", image.credit.as_deref());
            json.end_object();
        });
    }
    json.end_object();
    json.newline();
    Ok(entry.unchanged)
}

/// Writes a list of one text, if there is one.
fn write_texts(
    key: &str,
    role: &str,
    content_type: &str,
    text: Option<&str>,
    json: &mut JsonWriter<'_>,
) {
    if let Some(text) = text {
        json.array(key, &[text], |json, text| {
            json.begin_object();
            json.first_text("role", role);
            json.text("contentType", content_type);
            json.text("value", text);
            json.end_object();
        });
    }
}

/// Writes the article's topics: people, places and organizations by name, everything else as a
/// subject; and the newspaper as their source.
fn write_subjects(article: &Article<'_>, view: &SiteView<'_>, json: &mut JsonWriter<'_>) {
    let taxonomies = &view.site.taxonomies;
    let is_section = |taxonomy: usize| Some(taxonomy) == view.site.taxonomy_index(SECTIONS);
    for list in ["people", "places", "organisations", "subjects"] {
        let belongs = |term: &&Term| {
            let Taxonomy { key, is_topic, .. } = &taxonomies[term.taxonomy];
            let has_own_list = ["people", "places", "organisations"].contains(&key.as_str());
            key == list
                || (list == "subjects" && !has_own_list && (*is_topic || is_section(term.taxonomy)))
        };
        let terms: Vec<&Term> = article.terms().filter(belongs).collect();
        if terms.is_empty() {
            continue;
        }
        json.array(list, &terms, |json, term| {
            json.begin_object();
            json.first_text("name", &term.name);
            json.text("rel", "about");
            json.text(
                "uri",
                &view
                    .site
                    .absolute_url(&format!("/{}/{}/", taxonomies[term.taxonomy].path, term.slug)),
            );
            json.end_object();
        });
    }
    json.array("infoSources", &[&view.site.config.title], |json, name| {
        json.begin_object();
        json.first_text("name", name);
        json.text("role", "publisher");
        json.text("uri", &view.site.absolute_url("/"));
        json.end_object();
    });
}

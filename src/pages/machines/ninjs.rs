//! A story as IPTC's ninjs 3.1 (<https://iptc.org/std/ninjs/>), beside its page.

use super::super::{View, metadata};
use super::Written;
use super::entry::{Entry, inputs as entry_inputs};
use super::json::Json;
use crate::catalog::{RowId, Story, Term};
use crate::model::Inputs;
use crate::site::{SECTIONS, Taxonomy};

const SCHEMA: &str = "http://www.iptc.org/std/ninjs/ninjs-schema_3.1.json#";

/// The address: `index.json` in the page's folder, or the page's own with another extension.
pub(in crate::pages) fn address(story: &Story<'_>) -> String {
    let page = story.permalink();
    match page.strip_suffix('/') {
        Some(folder) => format!("{folder}/index.json"),
        None => format!("{}.json", page.rsplit_once('.').map_or(page, |(stem, _)| stem)),
    }
}

pub(super) fn inputs(row: RowId, view: &View<'_>, inputs: &mut Inputs) {
    entry_inputs(&view.catalog.story(row), true, view, inputs);
}

pub(super) fn write(row: RowId, view: &View<'_>, out: &mut String) -> Written {
    let story = view.catalog.story(row);
    let (entry, unchanged) = Entry::of(story, view).with_body(view)?;
    let json = &mut Json { out };
    json.open("{\"standard\":{\"name\":\"ninjs\",\"version\":\"3.1\"");
    json.text("schema", SCHEMA);
    json.close();
    json.text("uri", &entry.id(view));
    json.text("type", "text");
    json.text("representationType", "full");
    json.text("pubStatus", "usable");
    json.text("contentCreated", &entry.published);
    json.text("versionCreated", &entry.updated);
    json.text("language", story.lang());
    texts("headlines", "main", "text/plain", Some(story.title()), json);
    texts("descriptions", "summary", "text/plain", story.standfirst(), json);
    texts("bodies", "main", "text/html", entry.body.as_deref(), json);
    let authors: Vec<&str> = entry.filed.authors.iter().map(|(name, _)| *name).collect();
    json.optional("by", Some(authors.join(", ")).filter(|by| !by.is_empty()).as_deref());
    json.optional("located", story.place());
    json.optional("copyrightNotice", view.site.config.copyright.as_deref());
    json.optional("usageTerms", view.site.config.machines.license.as_deref());
    json.list("altIds", &[&entry.address], |json, address| {
        json.begin();
        json.first("role", "url");
        json.text("value", address);
        json.close();
    });
    subjects(&story, view, json);
    if let Some(image) = &entry.image {
        json.list("associations", &[image], |json, image| {
            json.begin();
            json.first("name", "main");
            json.text("rel", "main");
            json.text("type", "picture");
            json.text("uri", &metadata::absolute(view.site, &image.src));
            let caption = image.caption.as_deref().or(Some(image.alt.as_str()).filter(|alt| !alt.is_empty()));
            texts("descriptions", "caption", "text/plain", caption, json);
            json.optional("by", image.credit.as_deref());
            json.close();
        });
    }
    json.close();
    json.line();
    Ok(unchanged)
}

/// A list of the one text of a kind, if there is one.
fn texts(key: &str, role: &str, kind: &str, text: Option<&str>, json: &mut Json<'_>) {
    if let Some(text) = text {
        json.list(key, &[text], |json, text| {
            json.begin();
            json.first("role", role);
            json.text("contentType", kind);
            json.text("value", text);
            json.close();
        });
    }
}

/// What the story is about: people, places and organisations by name, everything else as a subject; and who tells it.
fn subjects(story: &Story<'_>, view: &View<'_>, json: &mut Json<'_>) {
    let taxonomies = &view.site.taxonomies;
    let is_section = |taxonomy: usize| Some(taxonomy) == view.site.taxonomy(SECTIONS);
    for list in ["people", "places", "organisations", "subjects"] {
        let wanted = |term: &&Term| {
            let Taxonomy { key, is_topic, .. } = &taxonomies[term.taxonomy];
            let own = ["people", "places", "organisations"].contains(&key.as_str());
            key == list || (list == "subjects" && !own && (*is_topic || is_section(term.taxonomy)))
        };
        let terms: Vec<&Term> = story.terms().filter(wanted).collect();
        if terms.is_empty() {
            continue;
        }
        json.list(list, &terms, |json, term| {
            json.begin();
            json.first("name", &term.name);
            json.text("rel", "about");
            json.text(
                "uri",
                &view.site.absolute(&format!("/{}/{}/", taxonomies[term.taxonomy].path, term.slug)),
            );
            json.close();
        });
    }
    json.list("infoSources", &[&view.site.config.title], |json, name| {
        json.begin();
        json.first("name", name);
        json.text("role", "publisher");
        json.text("uri", &view.site.absolute("/"));
        json.close();
    });
}

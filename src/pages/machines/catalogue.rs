//! The archive as data: a table of all stories, by year, as JSON Lines and CSV (RFC 4180), and `/archive.json`, which lists what there is.

use super::super::View;
use super::entry::{Entry, inputs as entry_inputs};
use super::json::Json;
use super::{File, Table, Written};
use crate::model::Inputs;
use crate::model::csv::field;

/// The columns, in the order of the CSV.
const COLUMNS: &str = "id,url,title,description,date,updated,section,authors,tags,lang,words,hash";

fn wanted(view: &View<'_>) -> bool {
    view.site.config.machines.data.as_ref().is_some_and(|data| data.catalogue)
}

pub(super) fn of_year(year: i32, view: &View<'_>) -> Vec<File> {
    let data = view.site.config.machines.data.as_ref();
    let ninjs = data.is_some_and(|data| data.ninjs).then(|| view.catalog.year(year).map(File::Ninjs));
    let tables = [Table::JsonLines, Table::Csv].map(|table| File::Catalogue(year, table));
    let tables = tables.into_iter().filter(|_| wanted(view));
    tables.chain(ninjs.into_iter().flatten()).collect()
}

pub(super) fn inputs(year: i32, view: &View<'_>, inputs: &mut Inputs) {
    for story in view.catalog.stories(view.catalog.year(year)) {
        entry_inputs(&story, false, view, inputs);
        let details = story.details();
        inputs.part(details.source, || (format!("content/{}", story.path()), "file".into()));
    }
}

pub(super) fn write(year: i32, table: Table, view: &View<'_>, out: &mut String) -> Written {
    if table == Table::Csv {
        out.push_str(COLUMNS);
        out.push_str("\r\n");
    }
    for story in view.catalog.stories(view.catalog.year(year)) {
        let entry = Entry::of(story, view);
        match table {
            Table::JsonLines => json_line(&entry, view, &mut Json { out }),
            Table::Csv => csv_line(&entry, view, out),
        }
    }
    Ok(true)
}

/// The date as the story gives it, with a time or without.
fn dates(entry: &Entry<'_>, view: &View<'_>) -> (String, Option<String>) {
    let story = &entry.story;
    let changed = story.changed();
    (story.date().iso(view.site.zone), changed.map(|moment| moment.iso(view.site.zone)))
}

fn json_line(entry: &Entry<'_>, view: &View<'_>, json: &mut Json<'_>) {
    let (story, details) = (&entry.story, entry.story.details());
    let (date, updated) = dates(entry, view);
    json.begin();
    json.first("id", &entry.id(view));
    json.text("url", &entry.address);
    json.text("title", story.title());
    json.optional("description", story.standfirst());
    json.text("date", &date);
    json.optional("updated", updated.as_deref());
    json.optional("section", entry.filed.section);
    let authors: Vec<&str> = entry.filed.authors.iter().map(|(name, _)| *name).collect();
    json.list("authors", &authors, |json, name| json.string(name));
    json.list("tags", &entry.filed.tags, |json, tag| json.string(tag));
    json.text("lang", story.lang());
    json.number("words", details.words as usize);
    json.text("hash", &format!("{:016x}", details.source.0));
    json.close();
    json.line();
}

fn csv_line(entry: &Entry<'_>, view: &View<'_>, out: &mut String) {
    let (story, details) = (&entry.story, entry.story.details());
    let (date, updated) = dates(entry, view);
    let authors: Vec<&str> = entry.filed.authors.iter().map(|(name, _)| *name).collect();
    let fields = [
        entry.id(view).as_str(),
        &entry.address,
        story.title(),
        story.standfirst().unwrap_or_default(),
        &date,
        updated.as_deref().unwrap_or_default(),
        entry.filed.section.unwrap_or_default(),
        &authors.join("; "),
        &entry.filed.tags.join("; "),
        story.lang(),
        &details.words.to_string(),
        &format!("{:016x}", details.source.0),
    ]
    .map(field);
    out.push_str(&fields.join(","));
    out.push_str("\r\n");
}

pub(super) fn manifest_inputs(view: &View<'_>, inputs: &mut Inputs) {
    for year in view.catalog.years() {
        inputs.number(&format!("stories of {year}"), view.catalog.year(year).len());
    }
}

pub(super) fn write_manifest(view: &View<'_>, out: &mut String) -> Written {
    let site = view.site;
    let config = &site.config;
    let mut json = Json { out };
    json.begin();
    json.first("title", &config.title);
    json.text("url", &site.absolute("/"));
    json.optional("description", config.description.as_deref());
    json.text("language", &config.language);
    json.optional("license", config.machines.license.as_deref());
    json.number("stories", view.catalog.len());
    let columns: Vec<&str> = COLUMNS.split(',').collect();
    json.list("columns", &columns, |json, column| json.string(column));
    json.list("years", &view.catalog.years(), |json, &year| {
        json.open(&format!("{{\"year\":{year}"));
        json.number("stories", view.catalog.year(year).len());
        json.text("url", &site.absolute(&format!("/{year:04}/")));
        json.text("jsonl", &site.absolute(&format!("/data/{year:04}.jsonl")));
        json.text("csv", &site.absolute(&format!("/data/{year:04}.csv")));
        json.close();
    });
    if let Some(feeds) = view.feeds() {
        json.list("feeds", &feeds.formats, |json, format| {
            json.string(&site.absolute(&format!("/{}", format.file())));
        });
    }
    json.optional("sitemap", view.sitemaps().map(|_| site.absolute("/sitemap.xml")).as_deref());
    json.close();
    json.line();
    Ok(true)
}

//! Article tables: one per year as JSON Lines and as CSV (RFC 4180), and `/archive.json`, the index
//! of the tables.

use super::super::json::JsonWriter;
use super::super::output_file::{OutputFile, TableFormat};
use super::super::urls::table_path;
use super::super::view::SiteView;
use super::article_entry::{ArticleEntry, EntryContent, add_entry_inputs};
use crate::config::RootName;
use crate::model::Inputs;
use crate::model::csv::escape_field;

/// The columns, in the order of the CSV file.
const COLUMNS: &str = "id,url,title,description,date,updated,section,authors,tags,lang,words,hash";

fn is_enabled(view: &SiteView<'_>) -> bool {
    view.site.config.outputs.data.as_ref().is_some_and(|data| data.articles)
}

/// Returns the files that belong to no year.
pub(super) fn site_wide(view: &SiteView<'_>) -> Option<OutputFile> {
    is_enabled(view).then_some(OutputFile::DataIndex)
}

/// Returns the files of a year.
pub(super) fn for_year(year: i32, view: &SiteView<'_>) -> Vec<OutputFile> {
    let data = view.site.config.outputs.data.as_ref();
    let ninjs = data
        .is_some_and(|data| data.ninjs)
        .then(|| view.catalog.ids_in_year(year).map(OutputFile::Ninjs));
    let tables = [TableFormat::JsonLines, TableFormat::Csv]
        .map(|format| OutputFile::ArticleTable(year, format));
    let tables = tables.into_iter().filter(|_| is_enabled(view));
    tables.chain(ninjs.into_iter().flatten()).collect()
}

/// Adds everything that a year's table shows to its inputs.
pub(super) fn add_inputs(year: i32, view: &SiteView<'_>, inputs: &mut Inputs) {
    for article in view.catalog.articles(view.catalog.ids_in_year(year)) {
        add_entry_inputs(&article, EntryContent::Summary, view, inputs);
        let details = article.details();
        inputs.part(details.file_hash, || (format!("content/{}", article.path()), "file".into()));
    }
}

/// Writes a year's table.
pub(super) fn write(year: i32, format: TableFormat, view: &SiteView<'_>, out: &mut String) {
    if format == TableFormat::Csv {
        out.push_str(COLUMNS);
        out.push_str("\r\n");
    }
    for article in view.catalog.articles(view.catalog.ids_in_year(year)) {
        let entry = ArticleEntry::for_article(article, view);
        match format {
            TableFormat::JsonLines => write_json_line(&entry, view, &mut JsonWriter { out }),
            TableFormat::Csv => write_csv_line(&entry, view, out),
        }
    }
}

/// Returns the publication date and the date of the last change, each with a time only if the
/// article gives one.
fn dates(entry: &ArticleEntry<'_>, view: &SiteView<'_>) -> (String, Option<String>) {
    let article = &entry.article;
    let changed = article.updated_after_publication();
    (article.date().iso(view.site.zone), changed.map(|moment| moment.iso(view.site.zone)))
}

fn write_json_line(entry: &ArticleEntry<'_>, view: &SiteView<'_>, json: &mut JsonWriter<'_>) {
    let (article, details) = (&entry.article, entry.article.details());
    let (date, updated) = dates(entry, view);
    json.begin_object();
    json.first_text("id", &entry.tag_uri(view));
    json.text("url", &entry.url);
    json.text("title", article.title());
    json.optional_text("description", article.standfirst());
    json.text("date", &date);
    json.optional_text("updated", updated.as_deref());
    json.optional_text("section", entry.classification.section);
    let authors: Vec<&str> = entry.classification.authors.iter().map(|(name, _)| *name).collect();
    json.array("authors", &authors, |json, name| json.string(name));
    json.array("tags", &entry.classification.tags, |json, tag| json.string(tag));
    json.text("lang", article.lang());
    json.number("words", details.word_count as usize);
    json.text("hash", &format!("{:016x}", details.file_hash.0));
    json.end_object();
    json.newline();
}

fn write_csv_line(entry: &ArticleEntry<'_>, view: &SiteView<'_>, out: &mut String) {
    let (article, details) = (&entry.article, entry.article.details());
    let (date, updated) = dates(entry, view);
    let authors: Vec<&str> = entry.classification.authors.iter().map(|(name, _)| *name).collect();
    let fields = [
        entry.tag_uri(view).as_str(),
        &entry.url,
        article.title(),
        article.standfirst().unwrap_or_default(),
        &date,
        updated.as_deref().unwrap_or_default(),
        entry.classification.section.unwrap_or_default(),
        &authors.join("; "),
        &entry.classification.tags.join("; "),
        article.lang(),
        &details.word_count.to_string(),
        &format!("{:016x}", details.file_hash.0),
    ]
    .map(escape_field);
    out.push_str(&fields.join(","));
    out.push_str("\r\n");
}

/// Adds everything that the index of the tables shows to its inputs.
pub(super) fn add_index_inputs(view: &SiteView<'_>, inputs: &mut Inputs) {
    for year in view.catalog.years() {
        inputs.number(&format!("articles of {year}"), view.catalog.ids_in_year(year).len());
    }
}

/// Writes the index of the tables.
pub(super) fn write_index(view: &SiteView<'_>, out: &mut String) {
    let site = view.site;
    let config = &site.config;
    let mut json = JsonWriter { out };
    json.begin_object();
    json.first_text("title", &config.title);
    json.text("url", &site.absolute_url("/"));
    json.optional_text("description", config.description.as_deref());
    json.text("language", &config.language);
    json.optional_text("license", config.outputs.license.as_deref());
    json.number("articles", view.catalog.len());
    let columns: Vec<&str> = COLUMNS.split(',').collect();
    json.array("columns", &columns, |json, column| json.string(column));
    json.array("years", &view.catalog.years(), |json, &year| {
        json.raw(&format!("{{\"year\":{year}"));
        json.number("articles", view.catalog.ids_in_year(year).len());
        json.text("url", &site.absolute_url(&format!("/{year:04}/")));
        json.text("jsonl", &site.absolute_url(&table_path(year, TableFormat::JsonLines)));
        json.text("csv", &site.absolute_url(&table_path(year, TableFormat::Csv)));
        json.end_object();
    });
    if let Some(feeds) = view.feeds() {
        json.array("feeds", &feeds.formats, |json, format| {
            json.string(&site.absolute_url(&format!("/{}", format.file_name())));
        });
    }
    json.optional_text(
        "sitemap",
        view.sitemaps().map(|_| site.absolute_url(&RootName::Sitemap.file_path())).as_deref(),
    );
    json.end_object();
    json.newline();
}

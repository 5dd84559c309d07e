//! `dateline export sqlite`: writes the archive as one SQLite database, for example for Datasette.

use std::fs::{self};
use std::io::Read;
use std::path::Path;

use rusqlite::{Connection, Statement, params};

use crate::archive::{Article, Catalog};
use crate::config::{SECTIONS, Site};
use crate::content::redaction::RedactedFile;
use crate::content::{markdown, read, shortcodes};
use crate::diagnostics::{Diagnostic, Error};
use crate::model::RedactionMatcher;
use crate::regular_file;

/// The first bytes of every SQLite database (<https://sqlite.org/fileformat.html>, section 1.3).
const SQLITE_MAGIC: &[u8] = b"SQLite format 3\0";

/// The version of the tables below. Increase it with each change that breaks a query.
const SCHEMA_VERSION: u32 = 2;

/// The tables, which `docs/outputs.md` documents. Datasette finds the full-text index of a table by
/// its `content=` option.
const SCHEMA: &str = "
PRAGMA journal_mode = off;
PRAGMA synchronous = off;
CREATE TABLE schema_version (version INTEGER NOT NULL);
CREATE TABLE articles (
  id INTEGER PRIMARY KEY, url TEXT NOT NULL UNIQUE, path TEXT NOT NULL, own_id TEXT,
  title TEXT NOT NULL, description TEXT, date TEXT NOT NULL, updated TEXT, day TEXT NOT NULL,
  section TEXT, dateline TEXT, lang TEXT NOT NULL, source TEXT, original_url TEXT, image TEXT,
  words INTEGER NOT NULL, hash TEXT NOT NULL, body TEXT NOT NULL
);
CREATE TABLE terms (
  id INTEGER PRIMARY KEY, taxonomy TEXT NOT NULL, name TEXT NOT NULL, slug TEXT NOT NULL,
  url TEXT NOT NULL, UNIQUE (taxonomy, slug)
);
CREATE TABLE article_terms (
  article_id INTEGER NOT NULL REFERENCES articles (id),
  term_id INTEGER NOT NULL REFERENCES terms (id),
  PRIMARY KEY (article_id, term_id)
) WITHOUT ROWID;
CREATE VIRTUAL TABLE articles_fts USING fts5 (
  title, description, body, content=\"articles\", content_rowid='id'
);
BEGIN;";

/// Fills the full-text index and creates the other indexes. Runs after all rows are inserted, which
/// is faster than updating the indexes for each row.
const INDEXES: &str = "
INSERT INTO articles_fts (articles_fts) VALUES ('rebuild');
CREATE INDEX articles_day ON articles (day);
CREATE INDEX articles_section ON articles (section);
CREATE INDEX article_terms_term ON article_terms (term_id);
COMMIT;";

/// The outcome of an export.
pub(crate) enum ExportOutcome {
    /// The database was written with this number of articles.
    Exported(usize),
    /// Nothing was written, because the database would contain a redacted name.
    Refused(Vec<Diagnostic>),
}

/// Writes the articles of a site to a database, which replaces an existing one. If a text of it
/// contains a redacted name, nothing is written.
///
/// # Errors
/// [`Error::Usage`] if the file exists and isn't an SQLite database; [`Error::Io`] if it can't be
/// read, written or replaced, or if SQLite reports an error. An existing file is then unchanged.
pub(crate) fn write_sqlite(
    site: &Site,
    catalog: &Catalog,
    redacted_names: &RedactionMatcher,
    file: &Path,
) -> Result<ExportOutcome, Error> {
    check_is_database(file)?;
    let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let temporary = file.with_file_name(format!(".{name}.new"));
    let write_error = |error| Error::io("can't write", &temporary)(error);
    match fs::remove_file(&temporary) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(write_error(error));
        }
        _ => {}
    }
    let result = write_tables(site, catalog, &temporary)
        .and_then(|()| find_names(site, redacted_names, &temporary));
    let found = match result {
        Ok(found) if found.is_empty() => {
            fs::rename(&temporary, file).map_err(Error::io("can't write", file))?;
            return Ok(ExportOutcome::Exported(catalog.len()));
        }
        result => result,
    };
    // The error of the export is returned, not that of the cleanup.
    let _ = fs::remove_file(&temporary);
    found.map(ExportOutcome::Refused).map_err(|error| write_error(std::io::Error::other(error)))
}

/// Searches the texts of a database for redacted names. Each article and each term with one is
/// reported, without the name.
fn find_names(
    site: &Site,
    redacted_names: &RedactionMatcher,
    file: &Path,
) -> rusqlite::Result<Vec<Diagnostic>> {
    let mut diagnostics = Vec::new();
    if redacted_names.is_empty() {
        return Ok(diagnostics);
    }
    let content = site.content_dir.strip_prefix(&site.root).unwrap_or(&site.content_dir);
    let database = Connection::open(file)?;
    for (query, kind) in
        [("SELECT path, * FROM articles", "article"), ("SELECT url, * FROM terms", "term")]
    {
        let mut statement = database.prepare(query)?;
        let columns = statement.column_count();
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let texts = (0..columns).filter_map(|column| row.get::<_, String>(column).ok());
            let texts: Vec<String> = texts.collect();
            if !texts.iter().any(|text| redacted_names.is_match(text)) {
                continue;
            }
            let name = texts.first().map_or("", String::as_str);
            let path = redacted_names.redact(name);
            let source = match kind {
                "article" => format!("{}/{path}", content.display()),
                _ => path.into_owned(),
            };
            let message = format!("the {kind} contains a name that is to be redacted");
            let help = "remove the name there, or add it to `redact:` there or to `everywhere:` in \
                        redactions.yaml";
            diagnostics.push(Diagnostic::error("redacted-name", source, message).help(help));
        }
    }
    Ok(diagnostics)
}

/// Makes sure that a mistyped path doesn't replace another kind of file.
fn check_is_database(file: &Path) -> Result<(), Error> {
    let mut start = Vec::new();
    match regular_file::open(file)
        .and_then(|file| file.take(SQLITE_MAGIC.len() as u64).read_to_end(&mut start))
    {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(Error::io("can't read", file)(error)),
        Ok(0) => Ok(()),
        Ok(_) if start == SQLITE_MAGIC => Ok(()),
        Ok(_) => Err(Error::Usage(format!(
            "{} exists and isn't an SQLite database; choose another file name",
            file.display()
        ))),
    }
}

fn write_tables(site: &Site, catalog: &Catalog, file: &Path) -> rusqlite::Result<()> {
    let database = Connection::open(file)?;
    database.execute_batch(SCHEMA)?;
    database.pragma_update(None, "user_version", SCHEMA_VERSION)?;
    database.execute("INSERT INTO schema_version VALUES (?1)", params![SCHEMA_VERSION])?;
    insert_terms(site, catalog, &database)?;
    let mut article_statement = database.prepare(
        "INSERT INTO articles VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, \
         ?14, ?15, ?16, ?17, ?18)",
    )?;
    let mut term_statement =
        database.prepare("INSERT OR IGNORE INTO article_terms VALUES (?1, ?2)")?;
    for article in catalog.articles(catalog.ids()) {
        insert_article(site, &article, &mut article_statement)?;
        for term in article.term_ids() {
            term_statement.execute(params![article.id + 1, term + 1])?;
        }
    }
    drop((article_statement, term_statement));
    database.execute_batch(INDEXES)
}

fn insert_terms(site: &Site, catalog: &Catalog, database: &Connection) -> rusqlite::Result<()> {
    let mut statement = database.prepare("INSERT INTO terms VALUES (?1, ?2, ?3, ?4, ?5)")?;
    for id in 0..catalog.term_count() as u32 {
        let term = catalog.term(id);
        let taxonomy = &site.taxonomies[term.taxonomy];
        let url = site.absolute_url(&format!("/{}/{}/", taxonomy.path, term.slug));
        statement.execute(params![id + 1, taxonomy.key, term.name, term.slug, url])?;
    }
    Ok(())
}

fn insert_article(
    site: &Site,
    article: &Article<'_>,
    statement: &mut Statement<'_>,
) -> rusqlite::Result<()> {
    let zone = site.zone;
    let details = article.details();
    let body = body_text(site, article, details.body_start);
    let word_count = body.split_whitespace().count() as i64;
    let section =
        site.taxonomy_index(SECTIONS).and_then(|sections| article.terms_of(sections).next());
    statement.execute(params![
        article.id + 1,
        site.absolute_url(article.permalink()),
        article.public_path(),
        article.own_id(),
        article.title(),
        article.standfirst(),
        article.date().iso(zone),
        details.updated.map(|moment| moment.iso(zone)),
        article.day().iso(),
        section.map(|term| term.name.as_str()),
        article.dateline_location(),
        article.lang(),
        article.source(),
        article.original_url(),
        article.image().map(|image| image.src),
        word_count,
        format!("{:016x}", details.file_hash.0),
        body,
    ])?;
    Ok(())
}

/// Returns the text of a body without its markup; empty if the file was removed since it was
/// parsed.
fn body_text(site: &Site, article: &Article<'_>, start: usize) -> String {
    let RedactedFile { bytes, matcher, .. } =
        read::read_redacted(site, &article.path()).unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    if article.is_removed(site) {
        return String::new();
    }
    let body = shortcodes::expand(text.get(start..).unwrap_or_default()).body;
    matcher.redact(&markdown::to_plain_text(&body)).into_owned()
}

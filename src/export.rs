//! The archive as a database: one SQLite file that Datasette and everything else that knows SQLite
//! can ask.

use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

use rusqlite::{Connection, Statement, params};

use crate::archive::{Article, Catalog};
use crate::config::{SECTIONS, Site};
use crate::content::{markdown, read, shortcodes};
use crate::diagnostics::Error;

/// What every database of SQLite begins with (<https://sqlite.org/fileformat.html>, section 1.3).
const SQLITE_MAGIC: &[u8] = b"SQLite format 3\0";

/// The tables; `docs/machines.md` explains them. Datasette finds the index for its search by
/// `content=`.
const SCHEMA: &str = "
PRAGMA journal_mode = off;
PRAGMA synchronous = off;
CREATE TABLE stories (
  id INTEGER PRIMARY KEY, url TEXT NOT NULL UNIQUE, path TEXT NOT NULL, own_id TEXT, title TEXT NOT NULL, description TEXT,
  date TEXT NOT NULL, updated TEXT, day TEXT NOT NULL, section TEXT, dateline TEXT, lang TEXT NOT NULL, source TEXT,
  original_url TEXT, image TEXT, words INTEGER NOT NULL, hash TEXT NOT NULL, body TEXT NOT NULL
);
CREATE TABLE terms (
  id INTEGER PRIMARY KEY, taxonomy TEXT NOT NULL, name TEXT NOT NULL, slug TEXT NOT NULL, url TEXT NOT NULL, UNIQUE (taxonomy, slug)
);
CREATE TABLE story_terms (
  story_id INTEGER NOT NULL REFERENCES stories (id), term_id INTEGER NOT NULL REFERENCES terms (id), PRIMARY KEY (story_id, term_id)
) WITHOUT ROWID;
CREATE VIRTUAL TABLE stories_fts USING fts5 (title, description, body, content='stories', content_rowid='id');
BEGIN;";

/// Indexes are made last, when all rows are there.
const INDEXES: &str = "
INSERT INTO stories_fts (stories_fts) VALUES ('rebuild');
CREATE INDEX stories_day ON stories (day);
CREATE INDEX stories_section ON stories (section);
CREATE INDEX story_terms_term ON story_terms (term_id);
COMMIT;";

/// Writes the stories of a site into a database, in place of the one that is there.
///
/// # Errors
/// What the machine or SQLite refused; or that there is a file which is no database. The old file
/// then stays as it is.
pub(crate) fn write_sqlite(site: &Site, catalog: &Catalog, file: &Path) -> Result<usize, Error> {
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
    let result = write_tables(site, catalog, &temporary);
    if let Err(error) = result {
        // What went wrong is told; a file that can't be removed either changes nothing in that.
        let _ = fs::remove_file(&temporary);
        return Err(write_error(std::io::Error::other(error)));
    }
    fs::rename(&temporary, file).map_err(Error::io("can't write", file))?;
    Ok(catalog.len())
}

/// A slip in the command must not cost a file that is something else.
fn check_is_database(file: &Path) -> Result<(), Error> {
    let mut start = Vec::new();
    match File::open(file)
        .and_then(|file| file.take(SQLITE_MAGIC.len() as u64).read_to_end(&mut start))
    {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(Error::io("can't read", file)(error)),
        Ok(0) => Ok(()),
        Ok(_) if start == SQLITE_MAGIC => Ok(()),
        Ok(_) => Err(Error::Usage(format!(
            "{} is no database of SQLite; choose another name",
            file.display()
        ))),
    }
}

fn write_tables(site: &Site, catalog: &Catalog, file: &Path) -> rusqlite::Result<()> {
    let database = Connection::open(file)?;
    database.execute_batch(SCHEMA)?;
    insert_terms(site, catalog, &database)?;
    let mut article_statement = database.prepare(
        "INSERT INTO stories VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)",
    )?;
    let mut term_statement =
        database.prepare("INSERT OR IGNORE INTO story_terms VALUES (?1, ?2)")?;
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

/// The text of a body, without its markup; nothing, if the file has gone since.
fn body_text(site: &Site, article: &Article<'_>, start: usize) -> String {
    let bytes = read::read_article(site, &article.path()).unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    if article.is_removed(site) {
        return String::new();
    }
    markdown::to_plain_text(&shortcodes::expand(text.get(start..).unwrap_or_default()).body)
}

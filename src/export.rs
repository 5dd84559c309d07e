//! The archive as a database: one SQLite file that Datasette and everything else that knows SQLite can ask.

use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

use rusqlite::{Connection, Statement, params};

use crate::catalog::{Catalog, Story};
use crate::content::{markdown, read, shortcodes};
use crate::diagnostic::Error;
use crate::site::{SECTIONS, Site};

/// What every database of SQLite begins with (<https://sqlite.org/fileformat.html>, section 1.3).
const MAGIC: &[u8] = b"SQLite format 3\0";

/// The tables; `docs/machines.md` explains them. Datasette finds the index for its search by `content=`.
const TABLES: &str = "
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
/// What the machine or SQLite refused; or that there is a file which is no database. The old file then stays as it is.
pub fn sqlite(site: &Site, catalog: &Catalog, file: &Path) -> Result<usize, Error> {
    refuse_others(file)?;
    let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let new = file.with_file_name(format!(".{name}.new"));
    let io = |error| Error::io("can't write", &new)(error);
    match fs::remove_file(&new) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(io(error)),
        _ => {}
    }
    let written = fill(site, catalog, &new);
    if let Err(error) = written {
        // What went wrong is told; a file that can't be removed either changes nothing in that.
        let _ = fs::remove_file(&new);
        return Err(io(std::io::Error::other(error)));
    }
    fs::rename(&new, file).map_err(Error::io("can't write", file))?;
    Ok(catalog.len())
}

/// A slip in the command must not cost a file that is something else.
fn refuse_others(file: &Path) -> Result<(), Error> {
    let mut start = Vec::new();
    match File::open(file).and_then(|file| file.take(MAGIC.len() as u64).read_to_end(&mut start)) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(Error::io("can't read", file)(error)),
        Ok(0) => Ok(()),
        Ok(_) if start == MAGIC => Ok(()),
        Ok(_) => {
            Err(Error::Usage(format!("{} is no database of SQLite; choose another name", file.display())))
        }
    }
}

fn fill(site: &Site, catalog: &Catalog, file: &Path) -> rusqlite::Result<()> {
    let database = Connection::open(file)?;
    database.execute_batch(TABLES)?;
    terms(site, catalog, &database)?;
    let mut insert = database.prepare(
        "INSERT INTO stories VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)",
    )?;
    let mut file_under = database.prepare("INSERT OR IGNORE INTO story_terms VALUES (?1, ?2)")?;
    for story in catalog.stories(catalog.all()) {
        row(site, &story, &mut insert)?;
        for term in story.term_ids() {
            file_under.execute(params![story.id + 1, term + 1])?;
        }
    }
    drop((insert, file_under));
    database.execute_batch(INDEXES)
}

fn terms(site: &Site, catalog: &Catalog, database: &Connection) -> rusqlite::Result<()> {
    let mut insert = database.prepare("INSERT INTO terms VALUES (?1, ?2, ?3, ?4, ?5)")?;
    for id in 0..catalog.terms() as u32 {
        let term = catalog.term(id);
        let taxonomy = &site.taxonomies[term.taxonomy];
        let url = site.absolute(&format!("/{}/{}/", taxonomy.path, term.slug));
        insert.execute(params![id + 1, taxonomy.key, term.name, term.slug, url])?;
    }
    Ok(())
}

fn row(site: &Site, story: &Story<'_>, insert: &mut Statement<'_>) -> rusqlite::Result<()> {
    let zone = site.zone;
    let details = story.details();
    let body = body(site, story, details.body);
    let words = body.split_whitespace().count() as i64;
    let section = site.taxonomy(SECTIONS).and_then(|sections| story.terms_of(sections).next());
    insert.execute(params![
        story.id + 1,
        site.absolute(story.permalink()),
        story.public_path(),
        story.own_id(),
        story.title(),
        story.standfirst(),
        story.date().iso(zone),
        details.updated.map(|moment| moment.iso(zone)),
        story.day().iso(),
        section.map(|term| term.name.as_str()),
        story.place(),
        story.lang(),
        story.source(),
        story.original_url(),
        story.image().map(|image| image.src),
        words,
        format!("{:016x}", details.source.0),
        body,
    ])?;
    Ok(())
}

/// The text of a body, without its markup; nothing, if the file has gone since.
fn body(site: &Site, story: &Story<'_>, start: usize) -> String {
    let bytes = read::story(site, &story.path()).unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    if story.is_removed(site) {
        return String::new();
    }
    markdown::text(&shortcodes::expand(text.get(start..).unwrap_or_default()).body)
}

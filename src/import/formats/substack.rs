//! Substack's export: the table `posts.csv`, and the text of each post as HTML in the folder
//! `posts` beside it.

use std::collections::HashSet;
use std::io::{BufRead, Read as _};
use std::path::{Path, PathBuf};

use super::reader::{ItemError, ItemReader};
use crate::content::plain_text::to_plain_text;
use crate::import::item::{Item, ItemBody, ItemDate};
use crate::import::text::decode;
use crate::model::permalink::is_safe_relative_path;
use crate::regular_file;

/// The maximum length of the text of a post, in bytes.
const MAX_TEXT_BYTES: u64 = 64 << 20;

/// Reads the posts of an export.
pub(super) struct SubstackReader<R> {
    rows: csv::Reader<R>,
    names: Vec<String>,
    /// The folder of the texts.
    folder: PathBuf,
    /// The names of the files that rows refer to.
    used: HashSet<String>,
    /// The names of files without a row; `None` before the last row.
    unused: Option<std::vec::IntoIter<String>>,
}

impl<R: BufRead> SubstackReader<R> {
    /// Creates a reader. `path` is the path of the table.
    pub(super) fn new(input: R, path: &Path) -> Self {
        let mut rows = csv::ReaderBuilder::new().flexible(true).from_reader(input);
        let to_name = |name: &[u8]| {
            let name = String::from_utf8_lossy(name);
            name.trim_matches(['\u{feff}', ' ', '"']).to_owned()
        };
        let names = rows.byte_headers().map(|names| names.iter().map(to_name).collect());
        let folder = path.parent().unwrap_or(Path::new("")).join("posts");
        let used = HashSet::new();
        Self { rows, names: names.unwrap_or_default(), folder, used, unused: None }
    }

    fn read_row(&mut self, record: &csv::ByteRecord) -> Item {
        let line = record.position().map_or(1, csv::Position::line) as usize;
        let texts: Vec<String> =
            record.iter().map(|text| decode(text, None).text.trim().to_owned()).collect();
        let cell = |name: &str| {
            let position = self.names.iter().position(|known| known == name);
            position.and_then(|at| texts.get(at)).cloned().unwrap_or_default()
        };
        let id = cell("post_id");
        let mut item = Item::article(id.clone(), line);
        item.title = to_plain_text(&cell("title"));
        item.standfirst = Some(to_plain_text(&cell("subtitle"))).filter(|text| !text.is_empty());
        let date = cell("post_date");
        item.date = if date.is_empty() { ItemDate::Missing } else { ItemDate::Text(date) };
        let is_published = cell("is_published").eq_ignore_ascii_case("true");
        item.status = match (is_published, cell("audience").as_str()) {
            (false, _) => "draft".to_owned(),
            (true, "" | "everyone") => "published".to_owned(),
            (true, audience) => format!("{audience} only"),
        };
        if let Some((_, slug)) = id.split_once('.') {
            item.slug = Some(slug.to_owned());
            item.urls.push(format!("/p/{slug}"));
        }
        let audio = cell("podcast_url");
        if !audio.is_empty() {
            item.warnings.push(format!("its enclosure {audio} isn't imported: link to it"));
        }
        let name = format!("{id}.html");
        match self.read_text(&name) {
            Ok((html, warnings)) => {
                item.warnings.extend(warnings);
                item.body = ItemBody::Html(html);
            }
            Err(error) => {
                item.warnings.push(format!("its text posts/{name} can't be read: {error}"));
            }
        }
        self.used.insert(name);
        item
    }

    fn read_text(&self, name: &str) -> std::io::Result<(String, Vec<String>)> {
        if !is_safe_relative_path(name) || name.contains('/') {
            return Err(std::io::Error::other("its name isn't that of a file in the folder"));
        }
        let mut bytes = Vec::new();
        let file = regular_file::open(&self.folder.join(name))?;
        if file.take(MAX_TEXT_BYTES + 1).read_to_end(&mut bytes)? as u64 > MAX_TEXT_BYTES {
            return Err(std::io::Error::other(format!("longer than {MAX_TEXT_BYTES} bytes")));
        }
        let decoded = decode(&bytes, None);
        let warnings = decoded.warnings();
        Ok((decoded.text, warnings))
    }

    /// Returns the names of files in the folder to which no row refers.
    fn unused_files(&self) -> Vec<String> {
        let entries = std::fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
        let is_unused = |name: &String| name.ends_with(".html") && !self.used.contains(name);
        let mut names: Vec<String> = names.filter(is_unused).collect();
        names.sort_unstable();
        names
    }
}

impl<R: BufRead> ItemReader for SubstackReader<R> {
    fn next_item(&mut self) -> Option<Result<Item, ItemError>> {
        if self.unused.is_none() {
            let mut record = csv::ByteRecord::new();
            match self.rows.read_byte_record(&mut record) {
                Ok(true) => return Some(Ok(self.read_row(&record))),
                Ok(false) => self.unused = Some(self.unused_files().into_iter()),
                Err(error) => {
                    let line = error.position().map_or(1, |position| position.line() as usize);
                    let message = format!("the row can't be read: {error}");
                    return Some(Err(ItemError { line, message }));
                }
            }
        }
        let name = self.unused.as_mut()?.next()?;
        let message = format!("posts/{name} has no row in posts.csv");
        Some(Err(ItemError { line: 1, message }))
    }
}

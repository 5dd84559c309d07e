//! The register of permalinks: every address that was ever published, one a line, with what its
//! story is known by.
//!
//! It is made for version control. A line stands for itself, so that any union of two registers is
//! one; order, repetitions and line breaks mean nothing, and of several lines for one address each
//! is a clue. Fields are separated by tabs, which no address holds.

mod alias_fix;
mod record;
mod resolve;
mod silent_changes;

use std::borrow::Cow;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read};

use crate::config::{PERMALINK_REGISTRY_FILE, Site};
use crate::diagnostics::{Diagnostic, Error, Location};
use crate::model::{Fingerprint, Permalink};

pub(crate) use alias_fix::add_aliases;
pub(crate) use record::{RecordSummary, record_permalinks};
pub(crate) use resolve::{MissingPermalink, PermalinkRegistry, Redirect, RedirectTarget, resolve};
pub(crate) use silent_changes::silently_changed;

/// The longest line, in bytes.
const MAX_LINE_BYTES: usize = 8 * 1024;
/// How many bad lines are told one by one.
const MAX_REPORTED_LINES: usize = 20;
/// Shorter bodies are no clue: too many stories have them.
const MIN_BODY_BYTES: usize = 64;

/// One line: an address below the site's root, and what its page is known by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct RegistryEntry<'a> {
    permalink: &'a str,
    /// `id:` of a story's front matter.
    id: Option<&'a str>,
    /// The place of a story's file below `content/`, without its extension.
    path_stem: Option<&'a str>,
    /// What its body is known by.
    body_evidence: Option<Fingerprint>,
    /// When it was last changed, as it said itself; nothing, if it said nothing.
    updated: Option<&'a str>,
    /// Its language, since translations may share an id.
    lang: Option<&'a str>,
    /// The taxonomy and the slug of a term; the story is then one that was filed under it.
    term: Option<&'a str>,
}

impl<'a> RegistryEntry<'a> {
    /// Reads a line.
    fn parse(text: &'a str) -> Result<Self, Cow<'static, str>> {
        if ["<<<<<<<", "=======", ">>>>>>>", "|||||||"]
            .iter()
            .any(|marker| text.starts_with(marker))
        {
            return Err("this is a mark of a merge that was not finished".into());
        }
        let mut fields = text.split('\t').map(str::trim);
        let url = fields.next().unwrap_or_default();
        match Permalink::new(url) {
            Ok(permalink) if permalink.as_str() == url => {}
            Ok(permalink) => {
                return Err(format!("`{url}` is no address: it would be `{permalink}`").into());
            }
            Err(reason) => return Err(format!("`{url}` is no address: {reason}").into()),
        }
        let mut line = Self { permalink: url, ..Self::default() };
        for field in fields.filter(|field| !field.is_empty()) {
            let (name, value) = field.split_once(':').unwrap_or((field, ""));
            match name {
                "id" => line.id = Some(value),
                "file" => line.path_stem = Some(value),
                "lang" => line.lang = Some(value),
                "updated" if value.starts_with(|c: char| c.is_ascii_digit()) => {
                    line.updated = Some(value)
                }
                "term" if value.contains('/') => line.term = Some(value),
                "body" => match u64::from_str_radix(value, 16) {
                    Ok(hash) if value.len() == 16 => line.body_evidence = Some(Fingerprint(hash)),
                    _ => return Err(format!("`{field}` is not `body:` and sixteen digits").into()),
                },
                _ => return Err(format!("`{field}` means nothing here").into()),
            }
        }
        Ok(line)
    }
}

/// What a body is known by where its file has another name now: its text, whatever its line breaks;
/// unsettled if it is too short to be its alone.
pub(crate) fn body_evidence(body: &str) -> Fingerprint {
    let text = body.trim();
    match text.len() {
        ..MIN_BODY_BYTES => Fingerprint::DIRTY,
        _ if text.contains('\r') => Fingerprint::hash_bytes(text.replace("\r\n", "\n").as_bytes()),
        _ => Fingerprint::hash_bytes(text.as_bytes()),
    }
}

/// Opens the register, if there is one.
fn open_registry(site: &Site, diagnostics: &mut Vec<Diagnostic>) -> Result<Option<File>, Error> {
    let file = site.permalink_registry_path();
    let to_error = |error| Error::io("can't read", &file)(error);
    match fs::symlink_metadata(&file) {
        Ok(metadata) if metadata.is_file() => File::open(&file).map(Some).map_err(to_error),
        Ok(_) => {
            let message = "the register is no file";
            let diagnostic = Diagnostic::error("symlink", PERMALINK_REGISTRY_FILE, message);
            diagnostics.push(
                diagnostic
                    .help("put the file itself into the site's folder: links are not followed"),
            );
            Ok(None)
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(to_error(error)),
    }
}

/// Reads the register line by line, so that it takes no memory. Each good line is given with its
/// number and its text.
fn read_lines(
    site: &Site,
    diagnostics: &mut Vec<Diagnostic>,
    mut on_line: impl FnMut(usize, &str, RegistryEntry<'_>),
) -> Result<(), Error> {
    let Some(file) = open_registry(site, diagnostics)? else { return Ok(()) };
    let mut input = BufReader::with_capacity(1 << 16, file);
    let (mut buffer, mut line_number, mut unreadable) = (Vec::new(), 0, 0_usize);
    while next_line(&mut input, &mut buffer)
        .map_err(Error::io("can't read", site.permalink_registry_path()))?
    {
        line_number += 1;
        let text = String::from_utf8_lossy(&buffer);
        let text = text.trim_start_matches('\u{feff}').trim_end();
        if text.is_empty() || text.starts_with('#') {
            continue;
        }
        let line = match &buffer {
            long if long.len() > MAX_LINE_BYTES => {
                Err(format!("the line is longer than {MAX_LINE_BYTES} bytes").into())
            }
            bytes if std::str::from_utf8(bytes).is_err() => Err("the line is not UTF-8".into()),
            _ => RegistryEntry::parse(text),
        };
        match line {
            Ok(line) => on_line(line_number, text, line),
            Err(reason) => {
                unreadable += 1;
                if unreadable <= MAX_REPORTED_LINES {
                    diagnostics.push(unreadable_line(line_number, text, &reason));
                }
            }
        }
    }
    if unreadable > MAX_REPORTED_LINES {
        let message = format!("{} more lines can't be read", unreadable - MAX_REPORTED_LINES);
        diagnostics.push(Diagnostic::error("bad-register", PERMALINK_REGISTRY_FILE, message));
    }
    Ok(())
}

/// Reads one line without its break, or the beginning of an over-long one; tells whether there was
/// any.
fn next_line(input: &mut BufReader<File>, buffer: &mut Vec<u8>) -> io::Result<bool> {
    buffer.clear();
    input.by_ref().take(MAX_LINE_BYTES as u64 + 2).read_until(b'\n', buffer)?;
    if buffer.is_empty() {
        return Ok(false);
    }
    if buffer.last() == Some(&b'\n') {
        buffer.pop();
    } else if buffer.len() > MAX_LINE_BYTES {
        input.skip_until(b'\n')?;
    }
    Ok(true)
}

fn unreadable_line(line_number: usize, text: &str, reason: &str) -> Diagnostic {
    let message = format!("this line of the register can't be read: {reason}");
    let help = "a line is an address such as `/2024/11/05/talks/`, alone or with what `dateline permalinks record` wrote behind it; mend it or take it out";
    Diagnostic::error("bad-register", PERMALINK_REGISTRY_FILE, message)
        .location(permalink_location(line_number, text))
        .help(help)
}

/// The address in a line, as a place.
fn permalink_location(line_number: usize, text: &str) -> Location {
    Location {
        line: line_number,
        ..Location::from_span(text, 0, text.find('\t').unwrap_or(text.len()).max(1))
    }
}

impl MissingPermalink {
    /// What is wrong, and how to mend it.
    pub fn diagnostic(&self, file: Option<&str>) -> Diagnostic {
        let message = format!("`{}` was published, and leads nowhere now", self.permalink);
        let alias = format!("`aliases: [\"{}\"]`", self.permalink);
        let help = match file {
            Some(file) => format!(
                "if it is content/{file} now, add {alias} to its front matter, as `dateline permalinks fix` does"
            ),
            None => format!(
                "add {alias} to the front matter of the story that it is now, or a rule to `redirects` in site.yaml; if it is to be gone for good, take its lines out of {PERMALINK_REGISTRY_FILE}"
            ),
        };
        let diagnostic = Diagnostic::error("lost-permalink", PERMALINK_REGISTRY_FILE, message);
        diagnostic.location(permalink_location(self.line, &self.text)).help(help)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read() {
        let line = RegistryEntry::parse("/a b/\tfile:2024/x\tbody:00000000000000ff").unwrap();
        assert_eq!(
            (line.permalink, line.path_stem, line.body_evidence),
            ("/a b/", Some("2024/x"), Some(Fingerprint(255)))
        );
        assert_eq!(
            RegistryEntry::parse("/x.html").unwrap(),
            RegistryEntry { permalink: "/x.html", ..RegistryEntry::default() }
        );
        let id = RegistryEntry::parse("/x/\tid:a:b\tlang:ur").unwrap();
        assert_eq!((id.id, id.lang), (Some("a:b"), Some("ur")));
        assert_eq!(
            RegistryEntry::parse("/x/\tupdated:2024-11-05").unwrap().updated,
            Some("2024-11-05")
        );
        for bad in [
            "x",
            "/x",
            "/../x/",
            "/x/ y\tz",
            "/x/\tbody:1",
            "<<<<<<< HEAD",
            "=======",
            "/x/\tterm:iran",
            "/x/\tupdated:soon",
        ] {
            assert!(RegistryEntry::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn bodies_are_known_by_their_text() {
        let text =
            "The delegations met on Tuesday,\nand the talks went on until late in the night.\n";
        assert_eq!(body_evidence(text), body_evidence(&text.replace('\n', "\r\n")));
        assert_eq!(body_evidence(text), body_evidence(&format!("\n{text}\n")));
        assert_ne!(body_evidence(text), body_evidence(&text.replace("late", "early")));
        assert_eq!(body_evidence("Text."), Fingerprint::DIRTY);
    }
}

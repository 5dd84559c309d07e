//! Reading the file of the permalink registry.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read};

use super::entry::RegistryEntry;
use super::redacted_url::parse_salt;
use crate::config::{PERMALINK_REGISTRY_FILE, Site};
use crate::diagnostics::{Diagnostic, Error, Location};
use crate::regular_file;

/// The maximum length of a line, in bytes.
pub(super) const MAX_LINE_BYTES: usize = 8 * 1024;
/// The maximum number of invalid lines that are reported one by one.
const MAX_REPORTED_LINES: usize = 20;

/// Opens the registry, if it exists.
fn open_registry(site: &Site, diagnostics: &mut Vec<Diagnostic>) -> Result<Option<File>, Error> {
    let file = site.permalink_registry_path();
    let to_error = |error| Error::io("can't read", &file)(error);
    match fs::symlink_metadata(&file) {
        Ok(metadata) if metadata.is_file() => regular_file::open(&file).map(Some).map_err(to_error),
        Ok(_) => {
            let message = "the permalink registry isn't a regular file";
            let help = "replace it with the file itself: symbolic links aren't followed";
            let diagnostic = Diagnostic::error("symlink", PERMALINK_REGISTRY_FILE, message);
            diagnostics.push(diagnostic.help(help));
            Ok(None)
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(to_error(error)),
    }
}

/// Reads the registry line by line, without holding it in memory. Calls `on_line` with the number,
/// the text and the entry of each valid line, and reports the invalid ones.
///
/// # Errors
/// [`Error::Io`] if the file can't be read.
pub(super) fn read_lines(
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
        if text.is_empty() || text.starts_with('#') || parse_salt(text).is_some() {
            continue;
        }
        let line = match &buffer {
            long if long.len() > MAX_LINE_BYTES => {
                Err(format!("it is longer than {MAX_LINE_BYTES} bytes").into())
            }
            bytes if std::str::from_utf8(bytes).is_err() => Err("it isn't UTF-8".into()),
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
        let count = unreadable - MAX_REPORTED_LINES;
        let message = format!("{count} more lines of the permalink registry can't be read");
        diagnostics.push(Diagnostic::error("bad-register", PERMALINK_REGISTRY_FILE, message));
    }
    Ok(())
}

/// Reads the lines of URLs with redacted names, which are hashes.
///
/// # Errors
/// [`Error::Io`] if the file can't be read.
pub(super) fn read_redacted_lines(site: &Site) -> Result<Vec<String>, Error> {
    let Some(file) = open_registry(site, &mut Vec::new())? else { return Ok(Vec::new()) };
    let mut input = BufReader::with_capacity(1 << 16, file);
    let (mut buffer, mut lines) = (Vec::new(), Vec::new());
    while next_line(&mut input, &mut buffer)
        .map_err(Error::io("can't read", site.permalink_registry_path()))?
    {
        let text = String::from_utf8_lossy(&buffer);
        let text = text.trim_start_matches('\u{feff}').trim_end();
        lines.extend(parse_salt(text).map(|_| text.to_owned()));
    }
    Ok(lines)
}

/// Returns true if the registry has at least one line that isn't empty or a comment.
pub(crate) fn has_entries(site: &Site) -> bool {
    let Ok(Some(file)) = open_registry(site, &mut Vec::new()) else { return false };
    let (mut input, mut buffer) = (BufReader::new(file), Vec::new());
    while next_line(&mut input, &mut buffer).unwrap_or(false) {
        if !buffer.trim_ascii().is_empty() && !buffer.starts_with(b"#") {
            return true;
        }
    }
    false
}

/// Reads a line without its line break, or the beginning of one that is too long. Returns whether
/// there was a line.
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
    let message = format!("this line of the permalink registry can't be read: {reason}");
    let help = "a line is a URL path such as `/2024/11/05/talks/`, alone or followed by the fields \
                that `dateline permalinks record` writes; correct the line or delete it";
    Diagnostic::error("bad-register", PERMALINK_REGISTRY_FILE, message)
        .location(permalink_location(line_number, text))
        .help(help)
}

/// Returns the location of the URL in a line.
pub(super) fn permalink_location(line_number: usize, text: &str) -> Location {
    Location {
        line: line_number,
        ..Location::from_span(text, 0, text.find('\t').unwrap_or(text.len()).max(1))
    }
}

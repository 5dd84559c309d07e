//! Removing the entries of URLs whose loss was accepted.

use std::collections::HashSet;

use super::registry_file::read_lines;
use super::resolve::MissingPermalink;
use crate::atomic_file::replace_file;
use crate::config::Site;
use crate::diagnostics::Error;
use crate::regular_file;

/// Deletes the lines of missing permalinks from the registry. All other bytes stay. Returns the
/// number of URLs.
///
/// # Errors
/// [`Error::Io`] if the registry can't be read or written.
pub(crate) fn remove_missing(site: &Site, missing: &[MissingPermalink]) -> Result<usize, Error> {
    if missing.is_empty() {
        return Ok(0);
    }
    let urls: HashSet<&str> = missing.iter().map(|missing| missing.permalink.as_str()).collect();
    let mut removed_lines = HashSet::new();
    read_lines(site, &mut Vec::new(), |line_number, _, line| {
        if urls.contains(line.permalink) {
            removed_lines.insert(line_number);
        }
    })?;
    let file = site.permalink_registry_path();
    let bytes = regular_file::read(&file).map_err(Error::io("can't read", &file))?;
    let lines = bytes.split_inclusive(|byte| *byte == b'\n').zip(1..);
    let kept_lines = lines.filter(|(_, number)| !removed_lines.contains(number));
    let text: Vec<u8> = kept_lines.flat_map(|(line, _)| line).copied().collect();
    replace_file(&file, &text)?;
    Ok(urls.len())
}

//! Reading a story's file, as everything but the first look of a build sees it: without the names
//! that are to be taken out.

use std::fs::File;
use std::io;

use super::redaction::{RedactedFile, redact};
use super::source::read_with_limit;
use crate::config::Site;

/// The bytes of a story's file, given by its path below `content/`.
///
/// # Errors
/// What the system says, that the file is longer than the site allows, or that it can't be known
/// which names are to be taken out of it.
pub(crate) fn read_article(site: &Site, path: &str) -> io::Result<Vec<u8>> {
    read_redacted(site, path).map(|redacted| redacted.bytes)
}

/// A story's file with the names that were taken out of it.
///
/// # Errors
/// As [`read_article`].
pub(crate) fn read_redacted(site: &Site, path: &str) -> io::Result<RedactedFile> {
    let mut file = File::open(site.content_dir.join(path))?;
    let length = file.metadata()?.len();
    let bytes = read_with_limit(&mut file, length, site.config.limits.article_bytes)?;
    redact(site, path, bytes).map_err(|diagnostics| {
        io::Error::other(
            diagnostics
                .into_iter()
                .next()
                .map_or_else(String::new, |diagnostic| diagnostic.message),
        )
    })
}

/// A story's text for showing places in it: nothing, if it is gone or its names aren't known.
pub(crate) fn read_text_or_empty(site: &Site, path: &str) -> String {
    read_article(site, path)
        .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
        .unwrap_or_default()
}

//! Reading a story's file, as everything but the first look of a build sees it: without the names that are to be taken out.

use std::fs::File;
use std::io;

use super::redact::{Redacted, redact};
use super::source::read_whole;
use crate::site::Site;

/// The bytes of a story's file, given by its path below `content/`.
///
/// # Errors
/// What the system says, that the file is longer than the site allows, or that it can't be known which names are to be taken out of it.
pub fn story(site: &Site, path: &str) -> io::Result<Vec<u8>> {
    redacted(site, path).map(|redacted| redacted.bytes)
}

/// A story's file with the names that were taken out of it.
///
/// # Errors
/// As [`story`].
pub fn redacted(site: &Site, path: &str) -> io::Result<Redacted> {
    let mut file = File::open(site.content.join(path))?;
    let length = file.metadata()?.len();
    let bytes = read_whole(&mut file, length, site.config.limits.article_bytes)?;
    redact(site, path, bytes).map_err(|mistakes| {
        io::Error::other(mistakes.into_iter().next().map_or_else(String::new, |mistake| mistake.message))
    })
}

/// A story's text for showing places in it: nothing, if it is gone or its names aren't known.
pub fn text(site: &Site, path: &str) -> String {
    story(site, path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
}

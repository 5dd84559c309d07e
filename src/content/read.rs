//! Reading a story's file, as everything but `serve`'s watcher sees it.

use std::fs::File;
use std::io;

use super::source::read_whole;
use crate::site::Site;

/// The bytes of a story's file, given by its path below `content/`.
///
/// # Errors
/// What the system says, or that the file is longer than the site allows.
pub fn story(site: &Site, path: &str) -> io::Result<Vec<u8>> {
    let mut file = File::open(site.content.join(path))?;
    let length = file.metadata()?.len();
    read_whole(&mut file, length, site.config.limits.article_bytes)
}

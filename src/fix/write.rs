//! Reads files, and replaces them with their fixed versions in one rename.

use std::fs;
use std::io;

use crate::atomic_file;
use crate::config::Site;
use crate::content::source::read_with_limit;
use crate::diagnostics::{Diagnostic, Error};
use crate::regular_file;

/// Reads a file. Returns `None` for a symbolic link, whose target is fixed where it is.
///
/// # Errors
/// `unreadable` if the file can't be read, `article-too-long` if it exceeds the limit.
pub(super) fn read(site: &Site, path: &str) -> Result<Option<Vec<u8>>, Box<Diagnostic>> {
    let file = format!("content/{path}");
    let full_path = site.content_dir.join(path);
    let unreadable = |error: io::Error| {
        Box::new(Diagnostic::error("unreadable", file.as_str(), format!("can't read it: {error}")))
    };
    let limit = site.config.limits.article_bytes;
    let metadata = fs::symlink_metadata(&full_path).map_err(unreadable)?;
    if !metadata.is_file() {
        return Ok(None);
    }
    if metadata.len() > limit {
        let message = format!("the file is {} bytes long; the limit is {limit}", metadata.len());
        let help = "split the article, or raise `limits: {article_bytes: …}` in site.yaml";
        return Err(Box::new(Diagnostic::error("article-too-long", file, message).help(help)));
    }
    let mut opened = regular_file::open(&full_path).map_err(unreadable)?;
    read_with_limit(&mut opened, metadata.len(), limit).map(Some).map_err(unreadable)
}

/// Replaces a file if its contents haven't changed since it was read. Returns `not-mended` if the
/// file was changed or moved, or is write-protected.
///
/// # Errors
/// [`Error::Io`] if the metadata of the file can't be read, or the new file can't be written.
pub(super) fn replace(
    site: &Site,
    path: &str,
    old: &[u8],
    new: &[u8],
) -> Result<Option<Diagnostic>, Error> {
    let full_path = site.content_dir.join(path);
    let refuse = |message: &str, help: &str| {
        Ok(Some(Diagnostic::error("not-mended", format!("content/{path}"), message).help(help)))
    };
    let parent = full_path.parent().and_then(|folder| folder.canonicalize().ok());
    if !parent.is_some_and(|folder| folder.starts_with(&site.content_dir)) {
        return refuse(
            "its folder is no longer in content/",
            "restore the folder, and run `dateline fix` again",
        );
    }
    if read(site, path).ok().flatten().as_deref() != Some(old) {
        return refuse("the file was changed in the meantime", "run `dateline fix` again");
    }
    let permissions =
        fs::metadata(&full_path).map_err(Error::io("can't read", &full_path))?.permissions();
    if permissions.readonly() {
        return refuse(
            "the file is write-protected",
            "make it writable (`chmod u+w FILE`), and run `dateline fix` again",
        );
    }
    // The new file has a hidden name until it is complete, so no build reads it as an article.
    atomic_file::replace_file(&full_path, new).map(|()| None)
}

//! Write: a mended file in place of the one that was read, by one rename.

use std::fs;
use std::io;

use crate::atomic_file;
use crate::config::Site;
use crate::content::source::read_with_limit;
use crate::diagnostics::{Diagnostic, Error};

/// The bytes of a file, or what is wrong with it. Symbolic links aren't followed: what they lead to
/// is mended where it is.
///
/// # Errors
/// A diagnostic.
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
        let help = "split the story, or raise `limits: {article_bytes: …}` in site.yaml";
        return Err(Box::new(Diagnostic::error("article-too-long", file, message).help(help)));
    }
    let mut opened = fs::File::open(&full_path).map_err(unreadable)?;
    read_with_limit(&mut opened, metadata.len(), limit).map(Some).map_err(unreadable)
}

/// Replaces a file that still holds the bytes that were read. Gives what keeps it from being
/// replaced, if that is the file's.
///
/// # Errors
/// What the machine refused.
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
            "see what moved it, and call `dateline fix` again",
        );
    }
    if read(site, path).ok().flatten().as_deref() != Some(old) {
        return refuse("it was changed while it was being mended", "call `dateline fix` again");
    }
    let permissions =
        fs::metadata(&full_path).map_err(Error::io("can't read", &full_path))?.permissions();
    if permissions.readonly() {
        return refuse(
            "it may not be written to",
            "allow it (`chmod u+w FILE`), and call `dateline fix` again",
        );
    }
    // The new file has a hidden name until it is whole: no build takes it for an article.
    atomic_file::replace_file(&full_path, new).map(|()| None)
}

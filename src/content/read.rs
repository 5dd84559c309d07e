//! Reads articles' files, with their redacted names removed.

use std::io;

use super::fences::body_start;
use super::markdown::find_references;
use super::redaction::{RedactedFile, redact};
use super::references::candidate_files;
use super::source::read_with_limit;
use crate::config::Site;
use crate::regular_file;

/// Reads an article's file, by its path below `content/`.
///
/// # Errors
/// An I/O error, also if the file is longer than the site's limit, or if the names to redact are
/// unknown.
pub(crate) fn read_article(site: &Site, path: &str) -> io::Result<Vec<u8>> {
    read_redacted(site, path).map(|redacted| redacted.bytes)
}

/// Reads an article's file, together with the names that were redacted in it.
///
/// # Errors
/// The same as those of [`read_article`].
pub(crate) fn read_redacted(site: &Site, path: &str) -> io::Result<RedactedFile> {
    let (mut file, metadata) = regular_file::open_with_metadata(&site.content_dir.join(path))?;
    let bytes = read_with_limit(&mut file, metadata.len(), site.config.limits.article_bytes)?;
    redact(site, path, bytes).map_err(|diagnostics| {
        io::Error::other(
            diagnostics
                .into_iter()
                .next()
                .map_or_else(String::new, |diagnostic| diagnostic.message),
        )
    })
}

/// Reads the text of an article's file to show positions in it; empty if that fails.
pub(crate) fn read_text_or_empty(site: &Site, path: &str) -> String {
    read_article(site, path)
        .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
        .unwrap_or_default()
}

/// Returns the paths below `content/` that a file may refer to, whether they exist or not: by the
/// images and links of its body, and by any word of its front matter, which may have mistakes. The
/// file isn't published, so names aren't redacted in it.
pub(crate) fn mentioned_files(site: &Site, path: &str) -> Vec<String> {
    let opened = regular_file::open_with_metadata(&site.content_dir.join(path));
    let bytes = opened.and_then(|(mut file, metadata)| {
        read_with_limit(&mut file, metadata.len(), site.config.limits.article_bytes)
    });
    let bytes = bytes.unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    let references = find_references(&text);
    let urls = references.images.iter().chain(&references.links).map(|(url, _)| url.as_str());
    let is_delimiter = |c: char| c.is_whitespace() || "\"'[]{},".contains(c);
    let words = text[..body_start(&text)].split(is_delimiter).filter(|word| word.contains('.'));
    let in_content = |url: &str| candidate_files(path, url).into_iter();
    urls.chain(words)
        .flat_map(in_content)
        .filter(|candidate| !candidate.in_static)
        .map(|candidate| candidate.path)
        .collect()
}

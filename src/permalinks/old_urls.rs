//! Adding the URLs of another system to the permalink registry.

use std::collections::BTreeSet;

use super::entry::RegistryEntry;
use super::record::refuse_unreadable;
use super::registry_file::{read_lines, read_redacted_lines};
use crate::archive::path_stem;
use crate::atomic_file::replace_file;
use crate::config::{PERMALINK_REGISTRY_HEADER, Site};
use crate::diagnostics::Error;

/// The old URLs of an article that was imported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RegisteredArticle {
    /// The URL paths.
    pub(crate) urls: Vec<String>,
    /// The `id:` of the article.
    pub(crate) id: String,
    /// The path of its file below `content/`.
    pub(crate) file: String,
}

/// Adds the old URLs of articles to the registry, and creates it if there is none. URLs that are
/// registered already keep their lines.
///
/// # Errors
/// [`Error::Io`] if the registry can't be read or written; [`Error::Usage`] if it has invalid
/// lines.
pub(crate) fn record_old_urls(site: &Site, articles: &[RegisteredArticle]) -> Result<(), Error> {
    let (mut diagnostics, mut lines, mut known) = (Vec::new(), BTreeSet::new(), BTreeSet::new());
    read_lines(site, &mut diagnostics, |_, text, line| {
        known.insert(line.permalink.to_owned());
        lines.insert(text.to_owned());
    })?;
    refuse_unreadable(&diagnostics)?;
    lines.extend(read_redacted_lines(site)?);
    let old_count = lines.len();
    for article in articles {
        for url in article.urls.iter().filter(|url| !known.contains(*url)) {
            let line = format!("{url}\tid:{}\tfile:{}", article.id, path_stem(&article.file));
            if RegistryEntry::parse(&line).is_ok() {
                lines.insert(line);
            }
        }
    }
    if lines.len() == old_count {
        return Ok(());
    }
    let mut text = PERMALINK_REGISTRY_HEADER.to_owned();
    for line in lines {
        text.push_str(&line);
        text.push('\n');
    }
    replace_file(&site.permalink_registry_path(), text.as_bytes())
}

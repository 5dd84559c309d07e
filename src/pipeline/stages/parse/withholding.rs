//! Articles that aren't published: which are withheld, which keep their last good page.

use std::collections::HashSet;
use std::io::{self, Read as _};

use crate::config::{ExpiredPolicy, Site};
use crate::content::ParsedArticle;
use crate::content::visibility::concealing_line;
use crate::model::Permalink;
use crate::model::permalink::alias_path;
use crate::pipeline::parsed_file::{ParseOutcome, Unpublished, WithheldArticle};
use crate::regular_file;

/// Returns the outcome for an article with an error. Its last good page stays, unless its front
/// matter was probably meant to hide the article or to remove names from it.
pub(super) fn broken_or_withheld(site: &Site, mut withheld: WithheldArticle) -> ParseOutcome {
    if withheld.reason.is_empty() {
        if withheld.path.rsplit('/').next().is_some_and(|name| name.starts_with("_index.")) {
            return ParseOutcome::Broken;
        }
        let beginning = read_beginning(site, &withheld.path).unwrap_or_default();
        let Some(key) = concealing_line(&beginning, site) else { return ParseOutcome::Broken };
        withheld.reason = format!("it has an error, and `{key}` in its front matter");
        withheld.is_broken = true;
    }
    ParseOutcome::Withheld(Box::new(withheld))
}

/// Reads the beginning of a file, as far as an article may reach: front matter that is too long may
/// have its takedown at the end.
fn read_beginning(site: &Site, path: &str) -> io::Result<String> {
    let limit = site.config.limits.article_bytes;
    let mut bytes = Vec::new();
    regular_file::open(&site.content_dir.join(path))?.take(limit).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Returns the permalink and the valid aliases of an article, each once.
pub(super) fn urls_of(article: &ParsedArticle, aliases: &[String]) -> Vec<String> {
    let mut urls = vec![article.permalink.as_str().to_owned()];
    let mut known: HashSet<String> = urls.iter().cloned().collect();
    for alias in aliases.iter().filter_map(|alias| Permalink::new(&alias_path(alias)).ok()) {
        if known.insert(alias.as_str().to_owned()) {
            urls.push(alias.as_str().to_owned());
        }
    }
    urls
}

/// Returns true if expired articles are published.
pub(super) fn keeps_expired(site: &Site) -> bool {
    site.options.include_expired || site.config.expired == ExpiredPolicy::Keep
}

/// Returns the reason why an article isn't published in this build, as a count.
pub(super) fn count_unpublished(site: &Site, article: &ParsedArticle) -> Option<Unpublished> {
    let options = &site.options;
    let embargo = article.embargo.map_or(i64::MIN, |moment| moment.seconds);
    let is_expired = article.expires.is_some_and(|moment| moment.seconds <= site.now);
    match () {
        () if article.draft && !options.include_drafts => {
            Some(Unpublished { drafts: 1, ..Unpublished::default() })
        }
        () if article.date.seconds.max(embargo) > site.now && !options.include_future => {
            Some(Unpublished { scheduled: 1, ..Unpublished::default() })
        }
        () if is_expired && !keeps_expired(site) => {
            Some(Unpublished { expired: 1, ..Unpublished::default() })
        }
        () => None,
    }
}

//! Recording the current URLs in the permalink registry.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fmt::Write as _;

use super::entry::{OLD_FILE, RegistryEntry, old_path_stems};
use super::redacted_url::{Salt, parse_salt, redacted_line};
use super::registry_file::{MAX_LINE_BYTES, read_lines, read_redacted_lines};
use super::resolve::{PermalinkRegistry, RedirectTarget};
use crate::archive::{Article, Catalog, TermId, path_stem};
use crate::atomic_file::replace_file;
use crate::config::{PERMALINK_REGISTRY_HEADER, Site};
use crate::diagnostics::{Diagnostic, Error};
use crate::model::{Fingerprint, RedactionMatcher};
use crate::regular_file;

/// The maximum length of an `id:`, in bytes; longer ones aren't recorded.
const MAX_ID_BYTES: usize = 1024;

/// The lines of the registry by their URL.
type LinesByUrl = BTreeMap<String, Vec<String>>;

/// The result of recording.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RecordSummary {
    /// The number of registered URLs.
    pub total: usize,
    /// The number of URLs that are new.
    pub added: usize,
}

/// Writes the URLs of all articles and terms to the registry, with their current evidence, and
/// updates the evidence of URLs that redirect to them. Lines of other URLs are kept; old URLs with
/// a redacted name are kept as salted hashes.
///
/// # Errors
/// [`Error::Io`] if the registry can't be read or written; [`Error::Usage`] if it has invalid
/// lines.
pub(crate) fn record_permalinks(
    site: &Site,
    catalog: &Catalog,
    registry: &PermalinkRegistry,
) -> Result<RecordSummary, Error> {
    let mut diagnostics = Vec::new();
    let mut lines = LinesByUrl::new();
    read_lines(site, &mut diagnostics, |_, text, line| {
        lines.entry(line.permalink.to_owned()).or_default().push(text.to_owned());
    })?;
    refuse_unreadable(&diagnostics)?;
    let old_count = lines.len();
    add_current_urls(&mut lines, site, catalog);
    add_redirects(&mut lines, site, catalog, registry);
    let redacted_lines = redact_lines(&mut lines, site, catalog, &registry.redacted_names)?;
    let counts = RecordSummary { total: lines.len(), added: lines.len().saturating_sub(old_count) };
    let mut text = PERMALINK_REGISTRY_HEADER.to_owned();
    let mut sorted: Vec<String> = lines.into_values().flatten().chain(redacted_lines).collect();
    sorted.sort_unstable();
    sorted.dedup();
    sorted.iter().for_each(|line| {
        text.push_str(line);
        text.push('\n');
    });
    let file = site.permalink_registry_path();
    if regular_file::has_content(&file, text.as_bytes()) {
        return Ok(counts);
    }
    replace_file(&file, text.as_bytes())?;
    Ok(counts)
}

/// Adds the URLs of all articles and terms.
fn add_current_urls(lines: &mut LinesByUrl, site: &Site, catalog: &Catalog) {
    for article in catalog.articles(catalog.ids_with_pages()) {
        let permalink = article.permalink();
        let line = article_line(permalink, &article, site);
        let line = with_old_files(line, lines.get(permalink));
        lines.insert(permalink.to_owned(), vec![line]);
    }
    for taxonomy in 0..site.taxonomies.len() {
        for &id in catalog.terms_of(taxonomy) {
            let permalink = site.taxonomies[taxonomy].term_path(&catalog.term(id).slug);
            let line = term_line(&permalink, id, site, catalog);
            // If an article has the URL of a term, the entry is the article's.
            lines
                .entry(permalink)
                .and_modify(|lines| {
                    if lines.iter().all(|line| {
                        RegistryEntry::parse(line).is_ok_and(|line| line.term.is_some())
                    }) {
                        *lines = vec![line.clone()];
                    }
                })
                .or_insert_with(|| vec![line.clone()]);
        }
    }
}

/// Removes the names from the lines: an old URL that contains one is replaced with a hash, and a
/// field is left out. Returns the lines with hashes.
fn redact_lines(
    lines: &mut LinesByUrl,
    site: &Site,
    catalog: &Catalog,
    redacted_names: &RedactionMatcher,
) -> Result<Vec<String>, Error> {
    let mut redacted = read_redacted_lines(site)?;
    if redacted_names.is_empty() {
        return Ok(redacted);
    }
    let named: Vec<String> =
        lines.keys().filter(|url| redacted_names.is_match(url)).cloned().collect();
    // The URL of a page isn't an old one; the audit reports it.
    let current: HashSet<&str> = if named.is_empty() {
        HashSet::new()
    } else {
        catalog.articles(catalog.ids_with_pages()).map(|article| article.permalink()).collect()
    };
    let mut salts: Vec<Salt> = redacted.iter().filter_map(|line| parse_salt(line)).collect();
    salts.sort_unstable();
    salts.dedup();
    let salt = salts.first().copied().unwrap_or_else(Salt::random);
    for url in named.iter().filter(|url| !current.contains(url.as_str())) {
        lines.remove(url);
        let is_known = |salt: &Salt| redacted.contains(&redacted_line(url, *salt));
        if !salts.iter().any(is_known) {
            redacted.push(redacted_line(url, salt));
        }
    }
    for line in lines.values_mut().flatten() {
        let fields = line.split('\t').enumerate();
        let without_names =
            fields.filter(|(index, field)| *index == 0 || !redacted_names.is_match(field));
        *line = without_names.map(|(_, field)| field).collect::<Vec<_>>().join("\t");
    }
    Ok(redacted)
}

/// Updates the lines of URLs that redirect.
fn add_redirects(
    lines: &mut LinesByUrl,
    site: &Site,
    catalog: &Catalog,
    registry: &PermalinkRegistry,
) {
    for redirect in &registry.redirects {
        let line = match redirect.to {
            RedirectTarget::Article(id) => {
                let line = article_line(&redirect.from, &catalog.article(id), site);
                with_old_files(line, lines.get(&redirect.from))
            }
            RedirectTarget::Term(id) => term_line(&redirect.from, id, site, catalog),
            RedirectTarget::Taxonomy(_) => {
                removed_term_line(&redirect.from, lines.get(&redirect.from))
            }
        };
        lines.insert(redirect.from.clone(), vec![line]);
    }
}

/// Returns an error if lines couldn't be read, because they would be lost.
///
/// # Errors
/// [`Error::Usage`] with the first of the lines.
pub(super) fn refuse_unreadable(diagnostics: &[Diagnostic]) -> Result<(), Error> {
    let Some(first) = diagnostics.first() else { return Ok(()) };
    let line =
        first.location.as_ref().map_or(String::new(), |location| format!(":{}", location.line));
    let message = format!(
        "{}{line}: {}; nothing was recorded: fix the permalink registry first",
        first.file, first.message
    );
    Err(Error::Usage(message))
}

/// Appends a field, unless its value contains tabs or line breaks or the line would be too long.
fn push_field(line: &mut String, name: &str, value: &str) {
    let fits = line.len() + value.len() < MAX_LINE_BYTES - 32;
    if fits && !value.is_empty() && !value.contains(char::is_control) && value.trim() == value {
        // Writing to a string can't fail.
        let _ = write!(line, "\t{name}:{value}");
    }
}

fn own_id<'a>(article: &Article<'a>) -> Option<&'a str> {
    article.own_id().filter(|id| id.len() <= MAX_ID_BYTES)
}

fn article_line(permalink: &str, article: &Article<'_>, site: &Site) -> String {
    let mut line = permalink.to_owned();
    push_article_fields(&mut line, article);
    own_id(article).iter().for_each(|_| push_field(&mut line, "lang", article.lang()));
    let details = article.details();
    if let Some(body) = details.body_evidence.filter(|body| *body != Fingerprint::DIRTY) {
        push_field(&mut line, "body", &format!("{:016x}", body.0));
        details
            .updated
            .iter()
            .for_each(|updated| push_field(&mut line, "updated", &updated.iso(site.zone)));
    }
    line
}

/// Adds the paths that the article's file had in the lines that a new one replaces, so that links
/// to these files still find the article.
fn with_old_files(mut line: String, old_lines: Option<&Vec<String>>) -> String {
    let Some(old_lines) = old_lines else { return line };
    let current = RegistryEntry::parse(&line).ok().and_then(|line| line.path_stem);
    let mut old_paths: BTreeSet<&str> = BTreeSet::new();
    for old_line in old_lines {
        // The line of a term names one of its articles.
        if let Ok(entry) = RegistryEntry::parse(old_line)
            && entry.term.is_none()
        {
            old_paths.extend(entry.path_stem.into_iter().chain(old_path_stems(old_line)));
        }
    }
    let old_paths: Vec<String> =
        old_paths.into_iter().filter(|path| Some(*path) != current).map(str::to_owned).collect();
    old_paths.iter().for_each(|path| push_field(&mut line, OLD_FILE, path));
    line
}

fn push_article_fields(line: &mut String, article: &Article<'_>) {
    own_id(article).iter().for_each(|id| push_field(line, "id", id));
    push_field(line, "file", path_stem(&article.path()));
}

/// Returns the line of a removed term without a replacement. It has no article, whose terms could
/// change to unrelated ones later.
fn removed_term_line(permalink: &str, lines: Option<&Vec<String>>) -> String {
    let mut line = permalink.to_owned();
    let mut terms =
        lines.into_iter().flatten().filter_map(|line| RegistryEntry::parse(line).ok()?.term);
    terms.next().iter().for_each(|term| push_field(&mut line, "term", term));
    line
}

/// Returns the line of a term: its slug, and its oldest article in case the slug changes.
fn term_line(permalink: &str, id: TermId, site: &Site, catalog: &Catalog) -> String {
    let term = catalog.term(id);
    let mut line = permalink.to_owned();
    push_field(&mut line, "term", &format!("{}/{}", site.taxonomies[term.taxonomy].key, term.slug));
    term.article_ids
        .first()
        .iter()
        .for_each(|&&article| push_article_fields(&mut line, &catalog.article(article)));
    line
}

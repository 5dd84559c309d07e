//! Resolving the registered URLs that are no longer those of an article or a term.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::entry::RegistryEntry;
use super::registry_file::{permalink_location, read_lines};
use crate::archive::record::Flags;
use crate::archive::{Article, ArticleId, Catalog, TermId, path_stem};
use crate::config::{PERMALINK_REGISTRY_FILE, Site};
use crate::diagnostics::{Diagnostic, Error};
use crate::model::permalink::alias_path;
use crate::model::{Fingerprint, Permalink, RedactionMatcher};

/// A registered URL whose page has another URL now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redirect {
    /// The old URL, below the site's root.
    pub from: String,
    /// The page that it redirects to.
    pub to: RedirectTarget,
}

/// The target of a [`Redirect`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RedirectTarget {
    /// An article.
    Article(ArticleId),
    /// A term.
    Term(TermId),
    /// The list of all terms of a taxonomy, because the term was removed.
    Taxonomy(usize),
}

/// A registered URL that is neither an article, a term nor a redirect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MissingPermalink {
    /// The URL, below the site's root.
    pub permalink: String,
    /// The number of its first line in the registry.
    pub line: usize,
    /// The text of that line.
    pub text: String,
    /// The only article with the same file name or last URL segment, which is too little evidence
    /// for a redirect.
    pub suggestion: Option<ArticleId>,
    /// The paths of its files in the registry, without their extensions.
    pub path_stems: Vec<String>,
    /// The ids of its articles in the registry.
    pub ids: Vec<String>,
    /// The hashes of the bodies in the registry.
    pub bodies: Vec<Fingerprint>,
}

impl MissingPermalink {
    /// Returns the error. `file` is the article that was probably published at this URL.
    pub(crate) fn diagnostic(&self, file: Option<&str>) -> Diagnostic {
        let message = format!("published URL `{}` no longer exists", self.permalink);
        let alias = format!("`aliases: [\"{}\"]`", self.permalink);
        let help = match file {
            Some(file) => format!(
                "if this is the URL of content/{file}, add {alias} to its front matter, \
                 or run `dateline permalinks fix`"
            ),
            None => format!(
                "if the article has another URL now, add {alias} to its front matter; otherwise \
                 add a rule to `redirects` in site.yaml, or, if the page is removed for good, \
                 run `dateline build --accept-removals`, which deletes its lines from \
                 {PERMALINK_REGISTRY_FILE}"
            ),
        };
        let diagnostic = Diagnostic::error("lost-permalink", PERMALINK_REGISTRY_FILE, message);
        diagnostic.location(permalink_location(self.line, &self.text)).help(help)
    }
}

/// The registered URLs that are no longer those of an article or a term.
#[derive(Debug, Default)]
pub struct PermalinkRegistry {
    /// Those that redirect, sorted by URL.
    pub redirects: Vec<Redirect>,
    /// The others, sorted by URL. The caller removes those that a page of another type has.
    pub missing: Vec<MissingPermalink>,
    /// The names that are redacted from articles. The caller adds them, and removes the redirects
    /// and the missing URLs that contain one.
    pub redacted_names: RedactionMatcher,
}

/// Resolves every registered URL. Only those that aren't an article's or a term's are held in
/// memory.
///
/// # Errors
/// [`Error::Io`] if the registry can't be read.
pub(crate) fn resolve(
    site: &Site,
    catalog: &Catalog,
    diagnostics: &mut Vec<Diagnostic>,
) -> Result<PermalinkRegistry, Error> {
    if !site.has_permalink_registry {
        return Ok(PermalinkRegistry::default());
    }
    let known_urls = KnownUrls::collect(site, catalog);
    let mut unresolved: BTreeMap<String, Vec<(String, usize)>> = BTreeMap::new();
    let mut registered_terms: HashSet<Fingerprint> = HashSet::new();
    read_lines(site, diagnostics, |line_number, text, line| {
        registered_terms.extend(line.term.map(hash_text));
        if !known_urls.contains(line.permalink) {
            unresolved
                .entry(line.permalink.to_owned())
                .or_default()
                .push((text.to_owned(), line_number));
        }
    })?;
    drop(known_urls);
    for lines in unresolved.values_mut() {
        // The order in which registries were merged must not affect the result.
        lines.sort_unstable();
        lines.dedup_by(|a, b| a.0 == b.0);
    }
    let parsed: Vec<(&String, Vec<RegistryEntry<'_>>)> = unresolved
        .iter()
        .map(|(permalink, lines)| {
            (
                permalink,
                lines.iter().filter_map(|(text, _)| RegistryEntry::parse(text).ok()).collect(),
            )
        })
        .collect();
    let mut evidence = Evidence::from_lines(parsed.iter().flat_map(|(_, lines)| lines));
    if !parsed.is_empty() {
        catalog
            .articles(catalog.ids_with_pages())
            .for_each(|article| evidence.add_article(&article));
    }
    let redirects_enabled = !site.config.outputs.redirects.formats.is_empty();
    let mut registry = PermalinkRegistry::default();
    for (permalink, lines) in &parsed {
        let candidates =
            lines.iter().filter_map(|line| evidence.target(line, site, catalog, &registered_terms));
        match candidates.min_by_key(|(rank, _)| *rank).filter(|_| redirects_enabled) {
            Some((_, to)) => registry.redirects.push(Redirect { from: (*permalink).clone(), to }),
            None => {
                registry.missing.push(evidence.missing_permalink(permalink, lines, &unresolved));
            }
        }
    }
    Ok(registry)
}

fn hash_text(text: &str) -> Fingerprint {
    Fingerprint::hash_bytes(text.as_bytes())
}

/// The URLs of articles and terms, and those that redirect because of front matter or settings.
struct KnownUrls<'a> {
    hashes: HashSet<Fingerprint>,
    site: &'a Site,
}

impl<'a> KnownUrls<'a> {
    fn collect(site: &'a Site, catalog: &Catalog) -> Self {
        let mut hashes =
            HashSet::with_capacity(catalog.ids_with_pages().len() + catalog.term_count());
        let redirects_enabled = !site.config.outputs.redirects.formats.is_empty();
        for article in catalog.articles(catalog.ids_with_pages()) {
            hashes.insert(hash_text(article.permalink()));
            if redirects_enabled && article.flags().contains(Flags::ALIASES) {
                let aliases = article.details().aliases.into_iter();
                let paths = aliases.filter_map(|alias| Permalink::new(&alias_path(alias)).ok());
                hashes.extend(paths.map(|path| hash_text(path.as_str())));
            }
        }
        for (index, taxonomy) in site.taxonomies.iter().enumerate() {
            let terms = catalog.terms_of(index).iter();
            hashes.extend(terms.map(|&id| hash_text(&taxonomy.term_path(&catalog.term(id).slug))));
        }
        let rules = &site.config.outputs.redirects.exact;
        hashes.extend(rules.iter().filter(|_| redirects_enabled).map(|(from, _)| hash_text(from)));
        Self { hashes, site }
    }

    fn contains(&self, url: &str) -> bool {
        let wildcards = &self.site.config.outputs.redirects.wildcards;
        self.hashes.contains(&hash_text(url))
            || wildcards.iter().any(|rule| url.starts_with(&rule.from))
    }
}

/// The articles that fit a piece of evidence.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Candidates {
    #[default]
    None,
    One(ArticleId),
    Many,
}

impl Candidates {
    fn add(&mut self, id: ArticleId) {
        *self = if *self == Self::None { Self::One(id) } else { Self::Many };
    }

    fn unique(self) -> Option<ArticleId> {
        if let Self::One(id) = self { Some(id) } else { None }
    }
}

/// The maximum number of translations with the same `id:` that are considered.
const MAX_LANGUAGES: usize = 64;

/// The articles that fit the fields of unresolved entries.
pub(super) struct Evidence<'a> {
    ids: HashMap<&'a str, Vec<(ArticleId, String)>>,
    path_stems: HashMap<&'a str, Option<(ArticleId, Option<Fingerprint>)>>,
    bodies: HashMap<Fingerprint, Candidates>,
    /// By the last segment of a URL or the name of a file.
    last_segments: HashMap<&'a str, Candidates>,
}

/// Returns the last segment of a path, without slashes and extension.
fn last_segment(path: &str) -> &str {
    let last = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    last.strip_suffix(".html").unwrap_or(last)
}

/// Returns the last segments of the paths in an entry.
fn line_names<'a>(line: &RegistryEntry<'a>) -> impl Iterator<Item = &'a str> {
    [Some(last_segment(line.permalink)), line.path_stem.map(last_segment)]
        .into_iter()
        .flatten()
        .filter(|name| !name.is_empty())
}

impl<'a> Evidence<'a> {
    /// Collects the fields of entries, which articles may fit.
    pub(super) fn from_lines<'l>(lines: impl Iterator<Item = &'l RegistryEntry<'a>>) -> Self
    where
        'a: 'l,
    {
        let mut evidence = Self {
            ids: HashMap::new(),
            path_stems: HashMap::new(),
            bodies: HashMap::new(),
            last_segments: HashMap::new(),
        };
        for line in lines {
            evidence.ids.extend(line.id.map(|id| (id, Vec::new())));
            evidence.path_stems.extend(line.path_stem.map(|file| (file, None)));
            evidence.bodies.extend(line.body_evidence.map(|body| (body, Candidates::None)));
            if line.term.is_none() {
                evidence
                    .last_segments
                    .extend(line_names(line).map(|name| (name, Candidates::None)));
            }
        }
        evidence
    }

    /// Adds an article to the evidence that it fits.
    pub(super) fn add_article(&mut self, article: &Article<'_>) {
        if let Some(candidates) = article.own_id().and_then(|id| self.ids.get_mut(id))
            && candidates.len() < MAX_LANGUAGES
        {
            candidates.push((article.id, article.lang().to_owned()));
        }
        let path = article.path();
        let (stem, evidence) = (path_stem(&path), article.details().body_evidence);
        if let Some(file) = self.path_stems.get_mut(stem) {
            *file = Some((article.id, evidence));
        }
        if let Some(candidates) = evidence.and_then(|text| self.bodies.get_mut(&text)) {
            candidates.add(article.id);
        }
        let (file_name, url_name) = (last_segment(stem), last_segment(article.permalink()));
        for name in [file_name, url_name].iter().take(if file_name == url_name { 1 } else { 2 }) {
            if let Some(candidates) = self.last_segments.get_mut(*name) {
                candidates.add(article.id);
            }
        }
    }

    /// Returns the target of an entry, and the rank of its evidence: 0 is the strongest.
    fn target(
        &self,
        line: &RegistryEntry<'_>,
        site: &Site,
        catalog: &Catalog,
        registered_terms: &HashSet<Fingerprint>,
    ) -> Option<(u8, RedirectTarget)> {
        let article = self.find_article(line);
        let Some(term) = line.term else {
            return article.map(|(rank, id)| (rank, RedirectTarget::Article(id)));
        };
        let (taxonomy_key, slug) = term.split_once('/')?;
        let taxonomy = site.taxonomy_index(taxonomy_key)?;
        let terms = catalog.terms_of(taxonomy);
        if let Ok(index) = terms.binary_search_by(|&id| catalog.term(id).slug.as_str().cmp(slug)) {
            return Some((0, RedirectTarget::Term(terms[index])));
        }
        // The replacement is the only term that the article has in this taxonomy now, or the only
        // one that isn't registered yet.
        let current: Vec<TermId> = article
            .map(|(_, id)| catalog.article(id).term_ids().to_vec())
            .unwrap_or_default()
            .into_iter()
            .filter(|&id| catalog.term(id).taxonomy == taxonomy)
            .collect();
        let is_new = |id: &&TermId| {
            !registered_terms
                .contains(&hash_text(&format!("{taxonomy_key}/{}", catalog.term(**id).slug)))
        };
        let mut new_terms = current.iter().filter(is_new);
        let replacement = match (&current[..], new_terms.next(), new_terms.next()) {
            (&[only], ..) => Some(only),
            (_, Some(&id), None) => Some(id),
            _ => None,
        };
        let target = replacement.map(|id| (1, RedirectTarget::Term(id)));
        target.or_else(|| (!terms.is_empty()).then_some((2, RedirectTarget::Taxonomy(taxonomy))))
    }

    /// Finds the article of an entry, and the rank of its evidence. A matching body is stronger
    /// evidence than a matching file name.
    pub(super) fn find_article(&self, line: &RegistryEntry<'_>) -> Option<(u8, ArticleId)> {
        let by_id = line.id.and_then(|id| self.ids.get(id)).map(Vec::as_slice).unwrap_or_default();
        let same_lang = by_id.iter().find(|(_, lang)| Some(lang.as_str()) == line.lang);
        if let Some((id, _)) = same_lang.or(by_id.first()) {
            return Some((0, *id));
        }
        let by_path = line.path_stem.and_then(|file| *self.path_stems.get(file)?);
        match by_path {
            Some((id, evidence))
                if line.body_evidence.is_some() && evidence == line.body_evidence =>
            {
                Some((1, id))
            }
            _ => {
                let by_body = line.body_evidence.and_then(|body| self.bodies.get(&body)?.unique());
                by_body.map(|id| (2, id)).or(by_path.map(|(id, _)| (3, id)))
            }
        }
    }

    fn missing_permalink(
        &self,
        permalink: &str,
        lines: &[RegistryEntry<'_>],
        unresolved: &BTreeMap<String, Vec<(String, usize)>>,
    ) -> MissingPermalink {
        let first_line = unresolved
            .get(permalink)
            .and_then(|lines| lines.iter().min_by_key(|(_, number)| *number));
        let (text, line) = first_line.cloned().unwrap_or_default();
        let article_lines = || lines.iter().filter(|line| line.term.is_none());
        let suggestion = article_lines()
            .flat_map(line_names)
            .find_map(|name| self.last_segments.get(name)?.unique());
        let path_stems =
            article_lines().filter_map(|line| line.path_stem).map(str::to_owned).collect();
        let ids = article_lines().filter_map(|line| line.id).map(str::to_owned).collect();
        let bodies = article_lines().filter_map(|line| line.body_evidence).collect();
        let permalink = permalink.to_owned();
        MissingPermalink { permalink, line, text, suggestion, path_stems, ids, bodies }
    }
}

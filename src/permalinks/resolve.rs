//! Resolve: where registered addresses lead that are no story's and no term's any more.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::{RegistryEntry, read_lines};
use crate::archive::record::Flags;
use crate::archive::{Article, ArticleId, Catalog, TermId, path_stem};
use crate::config::Site;
use crate::diagnostics::{Diagnostic, Error};
use crate::model::permalink::alias_path;
use crate::model::{Fingerprint, Permalink};

/// A former address whose page is known by another one now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redirect {
    /// The address below the site's root.
    pub from: String,
    /// Where it leads.
    pub to: RedirectTarget,
}

/// What a former address leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RedirectTarget {
    /// A story.
    Article(ArticleId),
    /// A term.
    Term(TermId),
    /// All terms of a taxonomy: the term is gone.
    Taxonomy(usize),
}

/// A registered address that nothing is known to answer for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MissingPermalink {
    /// The address below the site's root.
    pub permalink: String,
    /// The first of its lines.
    pub line: usize,
    /// That line.
    pub text: String,
    /// The one story that may be meant, by its name alone: too little to lead readers there.
    pub suggestion: Option<ArticleId>,
    /// The places of the files that it was, without their extensions.
    pub path_stems: Vec<String>,
}

/// What the register says of addresses that are no story's and no term's now.
#[derive(Debug, Default)]
pub struct PermalinkRegistry {
    /// Those that lead on by themselves, in order.
    pub redirects: Vec<Redirect>,
    /// Those that a page of another kind may answer for, or nothing, in order.
    pub missing: Vec<MissingPermalink>,
}

/// Looks up every registered address. Only those that are neither a story's nor a term's are held.
///
/// # Errors
/// If the register can't be read.
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
        // Whatever order two registers were merged in, the same clue counts.
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
        catalog.articles(catalog.ids()).for_each(|article| evidence.add_article(&article));
    }
    let redirects_enabled = !site.config.outputs.redirects.formats.is_empty();
    let mut registry = PermalinkRegistry::default();
    for (permalink, lines) in &parsed {
        let candidates =
            lines.iter().filter_map(|line| evidence.target(line, site, catalog, &registered_terms));
        match candidates.min_by_key(|(rank, _)| *rank).filter(|_| redirects_enabled) {
            Some((_, to)) => registry.redirects.push(Redirect { from: (*permalink).clone(), to }),
            None => {
                registry.missing.push(evidence.missing_permalink(permalink, lines, &unresolved))
            }
        }
    }
    Ok(registry)
}

fn hash_text(text: &str) -> Fingerprint {
    Fingerprint::hash_bytes(text.as_bytes())
}

/// The addresses of stories and of terms, and those that lead on by front matter or by settings.
struct KnownUrls<'a> {
    hashes: HashSet<Fingerprint>,
    site: &'a Site,
}

impl<'a> KnownUrls<'a> {
    fn collect(site: &'a Site, catalog: &Catalog) -> Self {
        let mut hashes = HashSet::with_capacity(catalog.len() + catalog.term_count());
        let redirects_enabled = !site.config.outputs.redirects.formats.is_empty();
        for article in catalog.articles(catalog.ids()) {
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

/// How many stories fit a clue.
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

/// Translations share an id; no more of them are looked at.
const MAX_LANGUAGES: usize = 64;

/// The stories that fit what open lines say.
struct Evidence<'a> {
    ids: HashMap<&'a str, Vec<(ArticleId, String)>>,
    path_stems: HashMap<&'a str, Option<(ArticleId, Option<Fingerprint>)>>,
    bodies: HashMap<Fingerprint, Candidates>,
    /// By the last part of an address or the name of a file.
    last_segments: HashMap<&'a str, Candidates>,
}

/// The last part of a path, without slashes and extension.
fn last_segment(path: &str) -> &str {
    let last = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    last.strip_suffix(".html").unwrap_or(last)
}

/// The names that a line gives to its story.
fn line_names<'a>(line: &RegistryEntry<'a>) -> impl Iterator<Item = &'a str> {
    [Some(last_segment(line.permalink)), line.path_stem.map(last_segment)]
        .into_iter()
        .flatten()
        .filter(|name| !name.is_empty())
}

impl<'a> Evidence<'a> {
    fn from_lines<'l>(lines: impl Iterator<Item = &'l RegistryEntry<'a>>) -> Self
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

    /// Notes a story where it fits.
    fn add_article(&mut self, article: &Article<'_>) {
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

    /// Where a line leads, and how far to trust it: the lower the better.
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
        // The term that one of its stories has instead: the only one, or the only one that is new.
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

    /// The story of a line. An address leads to the text that it showed rather than to what has its
    /// file's name now.
    fn find_article(&self, line: &RegistryEntry<'_>) -> Option<(u8, ArticleId)> {
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
        MissingPermalink { permalink: permalink.to_owned(), line, text, suggestion, path_stems }
    }
}

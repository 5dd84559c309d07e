//! Rules about articles, independent of the pages that show them: headlines, sections,
//! descriptions, the spelling of terms, HTML in bodies.

use std::collections::{BTreeMap, HashMap};

use rayon::prelude::*;

use super::article_file::ArticleFile;
use super::html::{MalformedTag, find_malformed};
use super::rules::{finding, is_enabled};
use crate::archive::{Article, ArticleId};
use crate::config::{SECTIONS, Site, Taxonomy};
use crate::content::front_matter::accepted_keys;
use crate::content::markdown::raw_html;
use crate::diagnostics::{Diagnostic, Error, Location};
use crate::model::slug::{is_preferred_name, term_key};
use crate::permalinks;
use crate::pipeline::{Session, SitePreview};

/// Checks every article.
pub(super) fn check_articles(preview: &SitePreview<'_>) -> Vec<Diagnostic> {
    let (site, catalog) = (preview.site(), preview.catalog());
    let sections =
        site.taxonomy_index(SECTIONS).filter(|&sections| !catalog.terms_of(sections).is_empty());
    let check_article = |id: ArticleId| {
        let article = catalog.article(id);
        let mut diagnostics = Vec::new();
        let mut file = None;
        let mut title_location = || {
            file.get_or_insert_with(|| ArticleFile::read(site, &article.path()))
                .locate_key(accepted_keys("title"))
        };
        let lacks_section =
            |sections| !article.is_page() && article.terms_of(sections).next().is_none();
        if sections.is_some_and(lacks_section) {
            diagnostics.extend(no_section(site, &article, &mut title_location));
        }
        diagnostics.extend(long_description(site, &article));
        diagnostics.extend(malformed_body_html(site, &article));
        diagnostics
    };
    let mut diagnostics: Vec<Diagnostic> = catalog
        .ids_with_pages()
        .into_par_iter()
        .with_min_len(64)
        .flat_map_iter(check_article)
        .collect();
    diagnostics.extend(duplicate_headlines(preview));
    diagnostics
}

fn no_section(
    site: &Site,
    article: &Article<'_>,
    title_location: &mut dyn FnMut() -> Option<Location>,
) -> Option<Diagnostic> {
    is_enabled(site, "no-section").then_some(())?;
    let message = "the article has no section, but other articles have one";
    let help = "add a line `section: …`, or move the file into its section's folder";
    Some(
        finding(site, "no-section", format!("content/{}", article.path()), message)?
            .location(title_location())
            .help(help),
    )
}

fn long_description(site: &Site, article: &Article<'_>) -> Option<Diagnostic> {
    let (limit, description) = (site.config.check.description, article.standfirst()?);
    let length = if description.len() > limit { description.chars().count() } else { 0 };
    if length <= limit || !is_enabled(site, "long-description") {
        return None;
    }
    let file = ArticleFile::read(site, &article.path());
    let message = format!(
        "the description has {length} characters, more than the limit of {limit}: search engines \
         and other sites may truncate it"
    );
    let location = file.locate_key(accepted_keys("description"));
    let help = "shorten it; `check: {description: …}` in site.yaml sets another limit";
    Some(finding(site, "long-description", file.name, message)?.location(location).help(help))
}

/// Finds malformed HTML in the body of an article.
fn malformed_body_html(site: &Site, article: &Article<'_>) -> Option<Diagnostic> {
    is_enabled(site, "malformed-html").then_some(())?;
    let file = ArticleFile::read(site, &article.path());
    let start = article.details().body_start;
    let body = file.text.get(start..)?;
    let html = raw_html(body);
    let MalformedTag { offset, problem } = find_malformed(&html.text)?;
    let at = html.body_offset(offset);
    let location = Location::from_span(&file.text, start + at, 1);
    let message = format!("the article's HTML is malformed: {problem}");
    let help = "close elements in the reverse order in which they were opened; the build and \
                browsers can only guess the intended structure";
    Some(finding(site, "malformed-html", file.name, message)?.location(location).help(help))
}

/// Finds articles whose text has changed since it was recorded, but whose `updated` date hasn't.
///
/// # Errors
/// [`Error::Io`] if the permalink registry or an article can't be read.
pub(super) fn stale_updated(preview: &SitePreview<'_>) -> Result<Vec<Diagnostic>, Error> {
    let (site, catalog) = (preview.site(), preview.catalog());
    if !is_enabled(site, "stale-updated") {
        return Ok(Vec::new());
    }
    let check_article = |id: ArticleId| {
        let article = catalog.article(id);
        let file = ArticleFile::read(site, &article.path());
        let current_value = match article.updated() {
            Some(updated) => format!("`updated` is still {}", updated.iso(site.zone)),
            None => "there is no `updated`".to_owned(),
        };
        let message = format!(
            "the text has changed since it was recorded for {}, but {current_value}",
            article.permalink()
        );
        let help = "set `updated:` to the time of the change, or add to `corrections:` or \
                    `updates:`; if readers don't need to know, `dateline permalinks record` \
                    records the new text";
        let location = ["updated", "date", "title"]
            .iter()
            .find_map(|field| file.locate_key(accepted_keys(field)));
        Some(finding(site, "stale-updated", file.name, message)?.location(location).help(help))
    };
    Ok(permalinks::silently_changed(site, catalog)?.into_iter().filter_map(check_article).collect())
}

/// Finds articles with the same day, language and headline.
fn duplicate_headlines(preview: &SitePreview<'_>) -> Vec<Diagnostic> {
    let (site, catalog) = (preview.site(), preview.catalog());
    if !is_enabled(site, "duplicate-headline") {
        return Vec::new();
    }
    let mut diagnostics = Vec::new();
    let ids = catalog.ids();
    let mut next = ids.start;
    while next < ids.end {
        let day = catalog.ids_on_day(catalog.article(next).day());
        let mut first_by_headline: HashMap<(String, &str), ArticleId> = HashMap::new();
        for article in catalog.articles(day.clone()) {
            let first = *first_by_headline
                .entry((article.title().to_lowercase(), article.lang()))
                .or_insert(article.id);
            if first != article.id {
                let other = catalog.article(first);
                let file = ArticleFile::read(site, &article.path());
                let message = format!(
                    "another article of this day has the same headline: content/{}",
                    other.path()
                );
                let help = "if it is the same article, remove one and add its URL to the \
                            `aliases:` of the other; otherwise change one of the headlines";
                let location = file.locate_key(accepted_keys("title"));
                diagnostics.extend(
                    finding(site, "duplicate-headline", file.name, message)
                        .map(|diagnostic| diagnostic.location(location).help(help)),
                );
            }
        }
        // A day outside the range of the time zone's dates ends where it begins.
        next = day.end.max(next + 1);
    }
    diagnostics
}

/// The spellings of a term, each with its number of uses and the first file that uses it.
type VariantUses = BTreeMap<String, (u32, String)>;

/// Finds terms that are spelled in several ways.
pub(super) fn check_term_variants(session: &Session, site: &Site) -> Vec<Diagnostic> {
    let mut terms: BTreeMap<(usize, String), VariantUses> = BTreeMap::new();
    let mut keys: HashMap<(usize, String), String> = HashMap::new();
    session.visit_terms(|path, taxonomy, name| {
        let variant = (taxonomy, name.to_owned());
        let key = keys.entry(variant).or_insert_with(|| term_key(name)).clone();
        let variants = terms.entry((taxonomy, key)).or_default();
        match variants.get_mut(name) {
            Some((count, _)) => *count += 1,
            None => {
                variants.insert(name.to_owned(), (1, path.to_owned()));
            }
        }
    });
    let mut diagnostics = Vec::new();
    for ((taxonomy, _), variants) in terms.iter().filter(|(_, variants)| variants.len() > 1) {
        diagnostics.extend(variant_findings(
            site,
            &site.taxonomies[*taxonomy],
            "term-spelling",
            variants,
        ));
    }
    diagnostics.extend(similar_terms(site, &terms));
    diagnostics
}

/// Finds distinct terms that may be the same: `covid19` and `covid-19`, `election` and `elections`.
fn similar_terms(site: &Site, terms: &BTreeMap<(usize, String), VariantUses>) -> Vec<Diagnostic> {
    let mut by_stem: BTreeMap<(usize, String), VariantUses> = BTreeMap::new();
    for ((taxonomy, key), variants) in terms {
        let alphanumeric: String = key.chars().filter(|c| c.is_alphanumeric()).collect();
        // A final `s` is a plural in words of more than four letters.
        let stem = alphanumeric
            .strip_suffix('s')
            .filter(|stem| stem.len() > 3 && !stem.ends_with('s'))
            .unwrap_or(&alphanumeric);
        let count = variants.values().map(|(count, _)| count).sum();
        let preferred = preferred_variant(variants);
        if let Some((name, (_, file))) = preferred {
            by_stem
                .entry((*taxonomy, stem.to_owned()))
                .or_default()
                .insert(name.clone(), (count, file.clone()));
        }
    }
    let ambiguous = by_stem.iter().filter(|(_, names)| names.len() > 1);
    ambiguous
        .flat_map(|((taxonomy, _), names)| {
            variant_findings(site, &site.taxonomies[*taxonomy], "similar-terms", names)
        })
        .collect()
}

/// Returns the spelling that pages show.
fn preferred_variant(variants: &VariantUses) -> Option<(&String, &(u32, String))> {
    variants.iter().reduce(|best, next| {
        let is_better = is_preferred_name((next.0, next.1.0), (best.0, best.1.0));
        if is_better { next } else { best }
    })
}

/// Creates a finding for each spelling except the most frequent one.
fn variant_findings(
    site: &Site,
    taxonomy: &Taxonomy,
    rule: &'static str,
    variants: &VariantUses,
) -> Vec<Diagnostic> {
    let Some((preferred, (times, _))) = preferred_variant(variants) else { return Vec::new() };
    let finding_for = |(name, (count, path)): (&String, &(u32, String))| {
        is_enabled(site, rule).then_some(())?;
        let file = ArticleFile::read(site, path);
        let usage = if *count == 1 {
            "1 article".to_owned()
        } else {
            format!("{count} articles, first in this one")
        };
        let (message, help) = match rule {
            "term-spelling" => (
                format!(
                    "`{name}` in {} is also spelled `{preferred}` ({times} times): this spelling \
                     is in {usage}",
                    taxonomy.key
                ),
                format!("write `{preferred}` everywhere; `dateline fix` changes all articles"),
            ),
            _ => (
                format!(
                    "`{name}` in {} may be the same as `{preferred}` ({times} articles), but \
                     has its own page, with {usage}",
                    taxonomy.key
                ),
                format!("write `{preferred}` if they are the same"),
            ),
        };
        let location = file.find(name);
        Some(finding(site, rule, file.name, message)?.location(location).help(help))
    };
    variants.iter().filter(|(name, _)| *name != preferred).filter_map(finding_for).collect()
}

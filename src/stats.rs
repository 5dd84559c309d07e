//! The statistics of an archive: articles and words by year, language and term, articles by
//! length, and days without articles.

use std::collections::BTreeMap;

use rayon::prelude::*;

use crate::archive::{Article, ArticleId, Catalog};
use crate::config::Site;
use crate::content::{markdown, read, shortcodes};
use crate::model::Day;

/// The lower bounds of the length buckets, in words.
const LENGTH_BOUNDS: [u32; 7] = [0, 100, 200, 500, 1000, 2000, 5000];

/// The statistics of an archive.
#[derive(Debug)]
pub(crate) struct Stats {
    /// The name of the publication.
    pub title: String,
    /// The number of articles.
    pub articles: usize,
    /// The number of words in all bodies.
    pub words: u64,
    /// The median number of words in a body.
    pub median_words: u32,
    /// The first and the last day with an article.
    pub span: Option<(Day, Day)>,
    /// The years that have articles, oldest first.
    pub years: Vec<YearStats>,
    /// The languages, most used first.
    pub languages: Vec<GroupStats>,
    /// The taxonomies that have terms.
    pub taxonomies: Vec<TaxonomyStats>,
    /// Articles by their length, shortest first.
    pub lengths: Vec<LengthBucket>,
    /// Runs of days without articles between the first and the last day, longest first.
    pub gaps: Vec<Gap>,
}

/// The statistics of a year that has articles.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct YearStats {
    /// The calendar year.
    pub year: i32,
    /// The number of articles.
    pub articles: usize,
    /// The number of words in their bodies.
    pub words: u64,
    /// The number of days without articles. The first year is counted from the first article, the
    /// last year up to the last article.
    pub empty_days: u32,
}

/// The statistics of a term or a language.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct GroupStats {
    /// The slug of the term, or the language tag.
    pub key: String,
    /// The name shown to readers.
    pub name: String,
    /// The number of articles.
    pub articles: usize,
    /// The number of words in their bodies.
    pub words: u64,
}

/// The statistics of a taxonomy.
#[derive(Debug)]
pub(crate) struct TaxonomyStats {
    /// The taxonomy's key.
    pub key: String,
    /// Its terms, most used first.
    pub terms: Vec<GroupStats>,
    /// The number of articles without a term of this taxonomy.
    pub articles_without: usize,
}

/// The articles whose length is in a range.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct LengthBucket {
    /// The lower bound in words, inclusive.
    pub from: u32,
    /// The upper bound in words, exclusive; `None` for the longest articles.
    pub below: Option<u32>,
    /// The number of articles.
    pub articles: usize,
}

/// A run of days without articles.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Gap {
    /// Its first day.
    pub from: Day,
    /// Its last day.
    pub to: Day,
    /// The number of days.
    pub days: u32,
}

impl Stats {
    /// Computes the statistics of a catalog. Reads the bodies of articles whose word count isn't in
    /// the cache.
    pub(crate) fn from_catalog(site: &Site, catalog: &Catalog) -> Self {
        let word_counts = word_counts(site, catalog);
        let mut ordered = word_counts.clone();
        ordered.sort_unstable();
        let days = days(catalog);
        Self {
            title: site.config.title.clone(),
            articles: catalog.len(),
            words: sum_words(&word_counts, catalog.ids()),
            median_words: ordered.get(ordered.len() / 2).copied().unwrap_or_default(),
            span: day_from_number(days.first()).zip(day_from_number(days.last())),
            years: years(catalog, &word_counts, &days),
            languages: languages(catalog, &word_counts),
            taxonomies: taxonomies(site, catalog, &word_counts),
            lengths: lengths(&word_counts),
            gaps: gaps(&days),
        }
    }
}

/// Returns the number of words in each article's body, by article ID. The cache has them if the
/// site publishes article tables; otherwise the bodies are read again.
fn word_counts(site: &Site, catalog: &Catalog) -> Vec<u32> {
    let count = |id: ArticleId| {
        let article = catalog.article(id);
        match article.details().word_count {
            0 => count_words(site, &article).unwrap_or_default(),
            words => words,
        }
    };
    catalog.ids().into_par_iter().map(count).collect()
}

/// Counts the words in a body. Returns `None` if the file was removed or changed since it was
/// parsed.
fn count_words(site: &Site, article: &Article<'_>) -> Option<u32> {
    let bytes = read::read_article(site, &article.path()).ok()?;
    let text = std::str::from_utf8(&bytes).ok()?;
    Some(markdown::body_word_count(
        &shortcodes::expand(text.get(article.details().body_start..)?).body,
    ))
}

fn sum_words(word_counts: &[u32], ids: impl IntoIterator<Item = ArticleId>) -> u64 {
    ids.into_iter().map(|id| u64::from(word_counts[id as usize])).sum()
}

fn day_from_number(number: Option<&i32>) -> Option<Day> {
    number.and_then(|number| Day::from_number(*number))
}

/// Returns the numbers of the days that have articles, in order.
fn days(catalog: &Catalog) -> Vec<i32> {
    let mut days: Vec<i32> =
        catalog.articles(catalog.ids()).map(|article| article.day_number()).collect();
    days.dedup();
    days
}

fn years(catalog: &Catalog, word_counts: &[u32], days: &[i32]) -> Vec<YearStats> {
    let (Some(&first), Some(&last)) = (days.first(), days.last()) else { return Vec::new() };
    let new_year = |year| Day::new(year, 1, 1).map_or(i32::MAX, Day::number);
    let count = |year| {
        let ids = catalog.ids_in_year(year);
        let (from, until) = (new_year(year).max(first), new_year(year + 1).min(last + 1));
        let days_with_articles =
            days.partition_point(|&day| day < until) - days.partition_point(|&day| day < from);
        let empty_days = (until - from) as u32 - days_with_articles as u32;
        YearStats { year, articles: ids.len(), words: sum_words(word_counts, ids), empty_days }
    };
    catalog.years().into_iter().map(count).collect()
}

fn languages(catalog: &Catalog, word_counts: &[u32]) -> Vec<GroupStats> {
    let mut by_language: BTreeMap<&str, (usize, u64)> = BTreeMap::new();
    for article in catalog.articles(catalog.ids()) {
        let (articles, total_words) = by_language.entry(article.lang()).or_default();
        *articles += 1;
        *total_words += u64::from(word_counts[article.id as usize]);
    }
    let to_stats = |(lang, (articles, words)): (&str, (usize, u64))| GroupStats {
        key: lang.to_owned(),
        name: lang.to_owned(),
        articles,
        words,
    };
    sorted_by_articles(by_language.into_iter().map(to_stats).collect())
}

fn taxonomies(site: &Site, catalog: &Catalog, word_counts: &[u32]) -> Vec<TaxonomyStats> {
    let mut articles_with_terms = vec![0; site.taxonomies.len()];
    for article in catalog.articles(catalog.ids()) {
        let mut taxonomies: Vec<usize> = article.terms().map(|term| term.taxonomy).collect();
        taxonomies.dedup();
        taxonomies.into_iter().for_each(|taxonomy| articles_with_terms[taxonomy] += 1);
    }
    let term_stats = |taxonomy| {
        let terms = catalog.terms_of(taxonomy).iter().map(|&id| catalog.term(id));
        let terms = terms.filter(|term| !term.article_ids.is_empty()).map(|term| GroupStats {
            key: term.slug.clone(),
            name: term.name.clone(),
            articles: term.article_ids.len(),
            words: sum_words(word_counts, term.article_ids.iter().copied()),
        });
        sorted_by_articles(terms.collect())
    };
    let taxonomies = site.taxonomies.iter().enumerate().map(|(index, taxonomy)| TaxonomyStats {
        key: taxonomy.key.clone(),
        terms: term_stats(index),
        articles_without: catalog.len() - articles_with_terms[index],
    });
    taxonomies.filter(|taxonomy| !taxonomy.terms.is_empty()).collect()
}

/// Sorts by number of articles in descending order, then by name.
fn sorted_by_articles(mut groups: Vec<GroupStats>) -> Vec<GroupStats> {
    groups.sort_by(|a, b| b.articles.cmp(&a.articles).then_with(|| a.name.cmp(&b.name)));
    groups
}

fn lengths(word_counts: &[u32]) -> Vec<LengthBucket> {
    let bounds = LENGTH_BOUNDS
        .iter()
        .enumerate()
        .map(|(index, &from)| (from, LENGTH_BOUNDS.get(index + 1).copied()));
    bounds
        .map(|(from, below)| {
            let in_bucket = |word_count: &&u32| {
                **word_count >= from && below.is_none_or(|below| **word_count < below)
            };
            LengthBucket { from, below, articles: word_counts.iter().filter(in_bucket).count() }
        })
        .collect()
}

fn gaps(days: &[i32]) -> Vec<Gap> {
    let between = days.windows(2).filter(|pair| pair[1] - pair[0] > 1);
    let mut gaps: Vec<Gap> = between
        .filter_map(|pair| {
            let (from, to) = (Day::from_number(pair[0] + 1)?, Day::from_number(pair[1] - 1)?);
            Some(Gap { from, to, days: (pair[1] - pair[0] - 1) as u32 })
        })
        .collect();
    gaps.sort_by(|a, b| b.days.cmp(&a.days).then_with(|| a.from.cmp(&b.from)));
    gaps
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_are_the_days_between() {
        let day = |day| Day::new(2024, 2, day).unwrap();
        let days = [day(1), day(2), day(5), day(7)].map(Day::number);
        let expected =
            [Gap { from: day(3), to: day(4), days: 2 }, Gap { from: day(6), to: day(6), days: 1 }];
        assert_eq!(gaps(&days), expected);
        assert_eq!(gaps(&[]), []);
    }

    #[test]
    fn every_article_is_in_one_length_bucket() {
        let words = [0, 99, 100, 4999, 5000, u32::MAX];
        let counts: Vec<usize> = lengths(&words).iter().map(|length| length.articles).collect();
        assert_eq!(counts, [2, 1, 0, 0, 0, 1, 2]);
    }
}

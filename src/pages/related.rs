//! Articles that an article links to: related earlier ones, and the other parts of its series.

use std::ops::Range;

use tera::Value;

use super::teaser::{add_teaser_inputs, headline_values};
use super::values::map;
use super::view::SiteView;
use crate::archive::{Article, ArticleId, TermId};
use crate::config::SERIES;
use crate::model::Inputs;
use crate::templates::Messages;

/// The maximum number of related earlier articles.
const MAX_RELATED: usize = 5;
/// A term that more than one in this many articles has is ignored. Of an article's other terms, the
/// rarest are considered, with the latest articles of each.
const COMMON_TERM_DIVISOR: usize = 8;
const MAX_TERMS: usize = 6;
const ARTICLES_PER_TERM: usize = 8;

/// Returns up to five earlier articles that share an article's rarest terms, oldest first.
///
/// Only earlier articles are considered, also for the rarity of a term. A new article therefore
/// changes no page of an older one.
pub(super) fn related_earlier(article: &Article<'_>, view: &SiteView<'_>) -> Vec<ArticleId> {
    let mut terms: Vec<(u32, TermId, &[ArticleId])> = Vec::with_capacity(article.term_ids().len());
    for &id in article.term_ids() {
        let term = view.catalog.term(id);
        if !view.site.taxonomies[term.taxonomy].is_topic {
            continue;
        }
        let earlier_count = term.article_ids.partition_point(|article_id| *article_id < article.id);
        // A common term doesn't show that two articles are related.
        if earlier_count > 0 && earlier_count * COMMON_TERM_DIVISOR <= article.id as usize {
            terms.push((rarity(earlier_count, article.id), id, &term.article_ids[..earlier_count]));
        }
    }
    // Ties are broken by slug, which no other article can change.
    let sort_key =
        |id: TermId| (view.catalog.term(id).taxonomy, view.catalog.term(id).slug.as_str());
    terms.sort_unstable_by(|a, b| b.0.cmp(&a.0).then_with(|| sort_key(a.1).cmp(&sort_key(b.1))));
    terms.truncate(MAX_TERMS);
    let mut scores: Vec<(u32, ArticleId)> = Vec::with_capacity(MAX_TERMS * ARTICLES_PER_TERM);
    for (rarity, _, article_ids) in &terms {
        for &article_id in article_ids.iter().rev().take(ARTICLES_PER_TERM) {
            match scores.iter_mut().find(|(_, scored)| *scored == article_id) {
                Some((sum, _)) => *sum += rarity,
                None => scores.push((*rarity, article_id)),
            }
        }
    }
    scores.sort_unstable_by(|a, b| b.cmp(a));
    let mut ids: Vec<ArticleId> =
        scores.into_iter().take(MAX_RELATED).map(|(_, article_id)| article_id).collect();
    ids.sort_unstable();
    ids
}

/// Returns the weight of a term that so many of all earlier articles have: sixteen times the binary
/// logarithm of `total / with_term`, in whole numbers, so that it is the same on every machine.
fn rarity(with_term: usize, total: ArticleId) -> u32 {
    let ratio = (u64::from(total) << 8) / with_term as u64;
    let log = ratio.max(1).ilog2();
    // The rest above its highest bit, in sixteenths.
    let fraction = ((ratio << 4) >> log) as u32 & 15;
    log * 16 + fraction
}

/// The maximum number of parts of a series that are all listed on each other's pages. Of a longer
/// series (a column, a serial) only the neighbors are, so that a new part changes one page.
const MAX_LISTED_PARTS: usize = 24;

/// An article's position in its series.
struct SeriesPart<'a> {
    series: TermId,
    /// From 0.
    index: usize,
    ids: &'a [ArticleId],
    /// The indexes of those that are listed.
    listed: Range<usize>,
}

fn series_part<'a>(article: &Article<'_>, view: &SiteView<'a>) -> Option<SeriesPart<'a>> {
    let taxonomy = view.site.taxonomy_index(SERIES)?;
    let is_series = |id: &&TermId| view.catalog.term(**id).taxonomy == taxonomy;
    let &series = article.term_ids().iter().find(is_series)?;
    let ids = view.catalog.term(series).article_ids.as_slice();
    let index = ids.binary_search(&article.id).ok()?;
    let lists_all = ids.len() <= MAX_LISTED_PARTS;
    let listed =
        if lists_all { 0..ids.len() } else { index.saturating_sub(1)..ids.len().min(index + 2) };
    Some(SeriesPart { series, index, ids, listed })
}

/// Adds the related articles to the inputs of an article's page.
pub(super) fn add_inputs(article: &Article<'_>, view: &SiteView<'_>, inputs: &mut Inputs) {
    add_teaser_inputs(related_earlier(article, view), view, inputs);
    if let Some(part) = series_part(article, view) {
        inputs.number("part of its series", part.index);
        add_teaser_inputs(part.ids[part.listed].iter().copied(), view, inputs);
    }
}

/// Returns `{name, url, number, total, parts}`: an article's series and its position in it. `total`
/// is none for a long series.
pub(super) fn series_value(
    article: &Article<'_>,
    view: &SiteView<'_>,
    messages: &Messages,
) -> Value {
    let Some(part) = series_part(article, view) else { return Value::none() };
    let lists_all = part.listed.len() == part.ids.len();
    let first = part.listed.start;
    let parts = part.ids[part.listed].iter().enumerate().map(|(index, &id)| {
        let mut item = headline_values(id, article, view, messages);
        item.extend(map! { "number" => first + index + 1, "current" => id == article.id });
        Value::from(item)
    });
    let parts: Vec<Value> = parts.collect();
    Value::from(map! {
        "name" => view.catalog.term(part.series).name.as_str(),
        "url" => view.site.href(&view.term_path(part.series)),
        "number" => part.index + 1,
        "total" => lists_all.then_some(part.ids.len()),
        "parts" => parts,
    })
}

#[cfg(test)]
mod tests {
    use super::rarity;

    #[test]
    fn rarer_terms_weigh_more() {
        let weights: Vec<u32> =
            [1, 2, 3, 10, 100, 500, 1000].iter().map(|&n| rarity(n, 1000)).collect();
        assert!(weights.is_sorted_by(|a, b| a > b), "{weights:?}");
        assert_eq!(rarity(1, 2) - rarity(1, 1), 16, "half as often, one more");
        assert!(rarity(usize::MAX >> 8, 1) < rarity(1, u32::MAX));
    }
}

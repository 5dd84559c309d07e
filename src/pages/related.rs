//! What leads on from an article: the story so far, and the other parts of its series.

use std::ops::Range;

use tera::{Map, Value};

use super::teaser::day_names;
use super::{View, map};
use crate::catalog::record::Flags;
use crate::catalog::{RowId, Story, TermId};
use crate::model::Inputs;
use crate::site::SERIES;
use crate::templates::{Words, direction};

/// How many earlier stories are shown.
const SHOWN: usize = 5;
/// How many of a story's terms are looked through, the rarest, and how many of the latest stories of each.
/// A term that more than one story in this many has leads nowhere.
const COMMON: usize = 8;
const TERMS: usize = 6;
const WINDOW: usize = 8;

/// Up to five earlier stories that share an article's rarest terms, oldest first.
///
/// It looks backwards in time only, also for how rare a term is: among the stories before this one. A new story therefore changes no page of
/// an older one.
pub(super) fn so_far(story: &Story<'_>, view: &View<'_>) -> Vec<RowId> {
    let mut terms: Vec<(u32, TermId, &[RowId])> = Vec::with_capacity(story.term_ids().len());
    for &id in story.term_ids() {
        let term = view.catalog.term(id);
        if !view.site.taxonomies[term.taxonomy].is_topic {
            continue;
        }
        let earlier = term.rows.partition_point(|row| *row < story.id);
        // What many stories are about says little of one.
        if earlier > 0 && earlier * COMMON <= story.id as usize {
            terms.push((rarity(earlier, story.id), id, &term.rows[..earlier]));
        }
    }
    // Between equals the address decides, which no other story can change.
    let address = |id: TermId| (view.catalog.term(id).taxonomy, view.catalog.term(id).slug.as_str());
    terms.sort_unstable_by(|a, b| b.0.cmp(&a.0).then_with(|| address(a.1).cmp(&address(b.1))));
    terms.truncate(TERMS);
    let mut found: Vec<(u32, RowId)> = Vec::with_capacity(TERMS * WINDOW);
    for (rarity, _, rows) in &terms {
        for &row in rows.iter().rev().take(WINDOW) {
            match found.iter_mut().find(|(_, known)| *known == row) {
                Some((sum, _)) => *sum += rarity,
                None => found.push((*rarity, row)),
            }
        }
    }
    found.sort_unstable_by(|a, b| b.cmp(a));
    let mut rows: Vec<RowId> = found.into_iter().take(SHOWN).map(|(_, row)| row).collect();
    rows.sort_unstable();
    rows
}

/// How much a term that so many earlier stories have says of one: sixteen times the binary logarithm of one in how many has it, in whole
/// numbers, so that every machine comes to the same.
fn rarity(stories: usize, among: RowId) -> u32 {
    let ratio = (u64::from(among) << 8) / stories as u64;
    let whole = ratio.max(1).ilog2();
    // What is left of it above its highest bit, as sixteenths.
    let rest = ((ratio << 4) >> whole) as u32 & 15;
    whole * 16 + rest
}

/// How many parts a series may have for all to be named on each other's pages. Of a longer one (a column, a serial) only the neighbours are,
/// so that a new part changes one page.
const NAMED_PARTS: usize = 24;

/// An article's place in its series.
struct Part<'a> {
    series: TermId,
    /// From 0.
    number: usize,
    rows: &'a [RowId],
    /// Those that are named.
    named: Range<usize>,
}

fn part<'a>(story: &Story<'_>, view: &View<'a>) -> Option<Part<'a>> {
    let taxonomy = view.site.taxonomy(SERIES)?;
    let of_series = |id: &&TermId| view.catalog.term(**id).taxonomy == taxonomy;
    let &series = story.term_ids().iter().find(of_series)?;
    let rows = view.catalog.term(series).rows.as_slice();
    let number = rows.binary_search(&story.id).ok()?;
    let whole = rows.len() <= NAMED_PARTS;
    let named = if whole { 0..rows.len() } else { number.saturating_sub(1)..rows.len().min(number + 2) };
    Some(Part { series, number, rows, named })
}

pub(super) fn inputs(story: &Story<'_>, view: &View<'_>, inputs: &mut Inputs) {
    super::teasers_of(so_far(story, view), view, inputs);
    if let Some(part) = part(story, view) {
        inputs.number("part of its series", part.number);
        super::teasers_of(part.rows[part.named].iter().copied(), view, inputs);
    }
}

/// A headline with its address and its day, flat and no more: every article has several. The language is there if it isn't the article's.
pub(super) fn brief(row: RowId, on: &Story<'_>, view: &View<'_>, words: &Words) -> Map {
    let story = view.catalog.story(row);
    let [day, label] = day_names(story.day(), view, words);
    let lang = Some(story.lang()).filter(|lang| *lang != on.lang());
    map! {
        "title" => story.title(),
        "retracted" => story.flags().has(Flags::RETRACTED),
        "url" => view.site.href(story.permalink()),
        "day" => day,
        "label" => label,
        "lang" => lang,
        "dir" => lang.map(direction),
    }
}

/// `{name, url, number, total, parts}`: the article's series and its place in it. `total` is none for a long series.
pub(super) fn series(story: &Story<'_>, view: &View<'_>, words: &Words) -> Value {
    let Some(part) = part(story, view) else { return Value::none() };
    let whole = part.named.len() == part.rows.len();
    let first = part.named.start;
    let parts = part.rows[part.named].iter().enumerate().map(|(at, &row)| {
        let mut brief = brief(row, story, view, words);
        brief.extend(map! { "number" => first + at + 1, "current" => row == story.id });
        Value::from(brief)
    });
    let parts: Vec<Value> = parts.collect();
    Value::from(map! {
        "name" => view.catalog.term(part.series).name.as_str(),
        "url" => view.site.href(&view.term_path(part.series)),
        "number" => part.number + 1,
        "total" => whole.then_some(part.rows.len()),
        "parts" => parts,
    })
}

#[cfg(test)]
mod tests {
    use super::rarity;

    #[test]
    fn rarer_terms_weigh_more() {
        let weights: Vec<u32> = [1, 2, 3, 10, 100, 500, 1000].iter().map(|&n| rarity(n, 1000)).collect();
        assert!(weights.is_sorted_by(|a, b| a > b), "{weights:?}");
        assert_eq!(rarity(1, 2) - rarity(1, 1), 16, "half as often, one more");
        assert!(rarity(usize::MAX >> 8, 1) < rarity(1, u32::MAX));
    }
}

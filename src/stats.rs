//! The archive in numbers: stories and words by year, language and register, how long stories are, and the days that have none.

use std::collections::BTreeMap;

use rayon::prelude::*;

use crate::catalog::{Catalog, RowId, Story};
use crate::content::{markdown, read, shortcodes};
use crate::model::Day;
use crate::site::Site;

/// From how many words on a story counts as of the next length.
const LENGTHS: [u32; 7] = [0, 100, 200, 500, 1000, 2000, 5000];

/// Everything that is counted.
#[derive(Debug)]
pub struct Stats {
    /// The paper's name.
    pub title: String,
    /// How many stories there are.
    pub stories: usize,
    /// The words of all bodies.
    pub words: u64,
    /// The words of the story in the middle, if all stood in order of their length.
    pub median_words: u32,
    /// The first and the last day with a story.
    pub span: Option<(Day, Day)>,
    /// The years that have stories, oldest first.
    pub years: Vec<Year>,
    /// The languages, most used first.
    pub languages: Vec<Row>,
    /// Sections, tags, bylines and so on, as far as the site uses them.
    pub registers: Vec<Register>,
    /// Stories by their length, shortest first.
    pub lengths: Vec<Length>,
    /// Runs of days without a story between the first and the last day, longest first.
    pub gaps: Vec<Gap>,
}

/// A year with stories.
#[derive(Debug, PartialEq, Eq)]
pub struct Year {
    /// Its number.
    pub year: i32,
    /// How many stories it has.
    pub stories: usize,
    /// The words of their bodies.
    pub words: u64,
    /// Its days without a story; of the first and the last year, those between the first and the last story.
    pub empty_days: u32,
}

/// Something that stories have in common.
#[derive(Debug, PartialEq, Eq)]
pub struct Row {
    /// Its slug, or the tag of the language.
    pub key: String,
    /// Its name as readers see it.
    pub name: String,
    /// How many stories it has.
    pub stories: usize,
    /// The words of their bodies.
    pub words: u64,
}

/// All terms of a taxonomy.
#[derive(Debug)]
pub struct Register {
    /// The taxonomy's key.
    pub key: String,
    /// Its terms, most used first.
    pub rows: Vec<Row>,
    /// Stories that have none of them.
    pub without: usize,
}

/// Stories of about one length.
#[derive(Debug, PartialEq, Eq)]
pub struct Length {
    /// The least number of words.
    pub from: u32,
    /// The number of words that is too many; none for the longest.
    pub below: Option<u32>,
    /// How many stories there are.
    pub stories: usize,
}

/// A run of days without a story.
#[derive(Debug, PartialEq, Eq)]
pub struct Gap {
    /// Its first day.
    pub from: Day,
    /// Its last day.
    pub to: Day,
    /// How many days these are.
    pub days: u32,
}

impl Stats {
    /// Counts everything.
    pub fn of(site: &Site, catalog: &Catalog) -> Self {
        let words = words(site, catalog);
        let mut ordered = words.clone();
        ordered.sort_unstable();
        let days = days(catalog);
        Self {
            title: site.config.title.clone(),
            stories: catalog.len(),
            words: sum(&words, catalog.all()),
            median_words: ordered.get(ordered.len() / 2).copied().unwrap_or_default(),
            span: day(days.first()).zip(day(days.last())),
            years: years(catalog, &words, &days),
            languages: languages(catalog, &words),
            registers: registers(site, catalog, &words),
            lengths: lengths(&words),
            gaps: gaps(&days),
        }
    }
}

/// The words of every story's body, by row. Records have them where the site publishes tables of its stories; else bodies are read once more.
fn words(site: &Site, catalog: &Catalog) -> Vec<u32> {
    let count = |id: RowId| {
        let story = catalog.story(id);
        match story.details().words {
            0 => words_of(site, &story).unwrap_or_default(),
            words => words,
        }
    };
    catalog.all().into_par_iter().map(count).collect()
}

/// The words of a body; none, if the file has gone since or is another now.
fn words_of(site: &Site, story: &Story<'_>) -> Option<u32> {
    let bytes = read::story(site, &story.path()).ok()?;
    let text = std::str::from_utf8(&bytes).ok()?;
    Some(markdown::words(&shortcodes::expand(text.get(story.details().body..)?).body))
}

fn sum(words: &[u32], rows: impl IntoIterator<Item = RowId>) -> u64 {
    rows.into_iter().map(|row| u64::from(words[row as usize])).sum()
}

fn day(number: Option<&i32>) -> Option<Day> {
    number.and_then(|number| Day::from_number(*number))
}

/// The numbers of the days that have stories, in order.
fn days(catalog: &Catalog) -> Vec<i32> {
    let mut days: Vec<i32> = catalog.stories(catalog.all()).map(|story| story.day_number()).collect();
    days.dedup();
    days
}

fn years(catalog: &Catalog, words: &[u32], days: &[i32]) -> Vec<Year> {
    let (Some(&first), Some(&last)) = (days.first(), days.last()) else { return Vec::new() };
    let new_year = |year| Day::new(year, 1, 1).map_or(i32::MAX, Day::number);
    let count = |year| {
        let rows = catalog.year(year);
        let (from, until) = (new_year(year).max(first), new_year(year + 1).min(last + 1));
        let full = days.partition_point(|&day| day < until) - days.partition_point(|&day| day < from);
        let empty_days = (until - from) as u32 - full as u32;
        Year { year, stories: rows.len(), words: sum(words, rows), empty_days }
    };
    catalog.years().into_iter().map(count).collect()
}

fn languages(catalog: &Catalog, words: &[u32]) -> Vec<Row> {
    let mut found: BTreeMap<&str, (usize, u64)> = BTreeMap::new();
    for story in catalog.stories(catalog.all()) {
        let (stories, all) = found.entry(story.lang()).or_default();
        *stories += 1;
        *all += u64::from(words[story.id as usize]);
    }
    let row = |(lang, (stories, words)): (&str, (usize, u64))| Row {
        key: lang.to_owned(),
        name: lang.to_owned(),
        stories,
        words,
    };
    in_order(found.into_iter().map(row).collect())
}

fn registers(site: &Site, catalog: &Catalog, words: &[u32]) -> Vec<Register> {
    let mut filed = vec![0; site.taxonomies.len()];
    for story in catalog.stories(catalog.all()) {
        let mut taxonomies: Vec<usize> = story.terms().map(|term| term.taxonomy).collect();
        taxonomies.dedup();
        taxonomies.into_iter().for_each(|taxonomy| filed[taxonomy] += 1);
    }
    let rows = |taxonomy| {
        let terms = catalog.terms_of(taxonomy).iter().map(|&id| catalog.term(id));
        let terms = terms.filter(|term| !term.rows.is_empty()).map(|term| Row {
            key: term.slug.clone(),
            name: term.name.clone(),
            stories: term.rows.len(),
            words: sum(words, term.rows.iter().copied()),
        });
        in_order(terms.collect())
    };
    let registers = site.taxonomies.iter().enumerate().map(|(number, taxonomy)| Register {
        key: taxonomy.key.clone(),
        rows: rows(number),
        without: catalog.len() - filed[number],
    });
    registers.filter(|register| !register.rows.is_empty()).collect()
}

/// Most stories first; of equals, by name.
fn in_order(mut rows: Vec<Row>) -> Vec<Row> {
    rows.sort_by(|a, b| b.stories.cmp(&a.stories).then_with(|| a.name.cmp(&b.name)));
    rows
}

fn lengths(words: &[u32]) -> Vec<Length> {
    let bounds = LENGTHS.iter().enumerate().map(|(at, &from)| (from, LENGTHS.get(at + 1).copied()));
    bounds
        .map(|(from, below)| {
            let fits = |words: &&u32| **words >= from && below.is_none_or(|below| **words < below);
            Length { from, below, stories: words.iter().filter(fits).count() }
        })
        .collect()
}

fn gaps(days: &[i32]) -> Vec<Gap> {
    let between = days.windows(2).filter(|two| two[1] - two[0] > 1);
    let mut gaps: Vec<Gap> = between
        .filter_map(|two| {
            let (from, to) = (Day::from_number(two[0] + 1)?, Day::from_number(two[1] - 1)?);
            Some(Gap { from, to, days: (two[1] - two[0] - 1) as u32 })
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
        let expected = [Gap { from: day(3), to: day(4), days: 2 }, Gap { from: day(6), to: day(6), days: 1 }];
        assert_eq!(gaps(&days), expected);
        assert_eq!(gaps(&[]), []);
    }

    #[test]
    fn every_story_has_one_length() {
        let words = [0, 99, 100, 4999, 5000, u32::MAX];
        let counts: Vec<usize> = lengths(&words).iter().map(|length| length.stories).collect();
        assert_eq!(counts, [2, 1, 0, 0, 0, 1, 2]);
    }
}

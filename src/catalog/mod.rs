//! The catalog: what every page may know of every article, in compact rows sorted by date.
//!
//! Text lies in one arena. A period's listing is a range of rows, a term's listing a sorted list of row numbers. Bodies are never here.

mod builder;
mod terms;

use std::ops::Range;

use crate::model::{Day, Fingerprint, Image, Moment};

pub use builder::{Builder, Entry, TermPage};
pub use terms::{Term, TermId};

/// The number of a row: articles in order of publication, then of their path.
pub type RowId = u32;

/// A piece of the arena: 40 bits of offset, 24 bits of length.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Span(u64);

/// Every text of the catalog, one behind the other.
#[derive(Debug, Default)]
struct Arena(String);

impl Arena {
    fn push(&mut self, text: &str) -> Span {
        let start = self.0.len() as u64;
        // A text of 16 MiB can't come from front matter, whose length is limited.
        self.0.push_str(text);
        Span(start << 24 | (text.len() as u64 & 0xff_ffff))
    }

    fn get(&self, span: Span) -> &str {
        let start = (span.0 >> 24) as usize;
        &self.0[start..start + (span.0 & 0xff_ffff) as usize]
    }
}

/// An article as the catalog holds it.
#[derive(Clone, Debug)]
struct Row {
    path: Span,
    permalink: Span,
    title: Span,
    standfirst: Span,
    place: Span,
    id: Span,
    date: Moment,
    updated: Option<Moment>,
    day: i32,
    lang: u16,
    first_term: u32,
    terms: u16,
    image: u32,
    story_links: bool,
    content: Fingerprint,
    teaser: Fingerprint,
}

/// No image.
const NONE: u32 = u32::MAX;

/// All articles of a site, with their terms.
#[derive(Debug, Default)]
pub struct Catalog {
    arena: Arena,
    rows: Vec<Row>,
    row_terms: Vec<TermId>,
    terms: Vec<Term>,
    by_taxonomy: Vec<Vec<TermId>>,
    languages: Vec<String>,
    images: Vec<Image>,
    by_path: Vec<RowId>,
    addresses: Fingerprint,
}

/// One article of the catalog.
#[derive(Clone, Copy, Debug)]
pub struct Story<'a> {
    catalog: &'a Catalog,
    row: &'a Row,
    /// Its row.
    pub id: RowId,
}

impl<'a> Story<'a> {
    fn text(&self, span: Span) -> &'a str {
        self.catalog.arena.get(span)
    }

    fn optional(&self, span: Span) -> Option<&'a str> {
        Some(self.text(span)).filter(|text| !text.is_empty())
    }

    /// The file, relative to `content/`.
    pub fn path(&self) -> &'a str {
        self.text(self.row.path)
    }

    /// The address below the site's root.
    pub fn permalink(&self) -> &'a str {
        self.text(self.row.permalink)
    }

    /// The headline.
    pub fn title(&self) -> &'a str {
        self.text(self.row.title)
    }

    /// The standfirst.
    pub fn standfirst(&self) -> Option<&'a str> {
        self.optional(self.row.standfirst)
    }

    /// The place of the dateline.
    pub fn place(&self) -> Option<&'a str> {
        self.optional(self.row.place)
    }

    /// The article's own id.
    pub fn own_id(&self) -> Option<&'a str> {
        self.optional(self.row.id)
    }

    /// When it was published.
    pub fn date(&self) -> Moment {
        self.row.date
    }

    /// When it was last changed.
    pub fn updated(&self) -> Option<Moment> {
        self.row.updated
    }

    /// The number of the day that it belongs to.
    pub fn day_number(&self) -> i32 {
        self.row.day
    }

    /// The day that it belongs to.
    pub fn day(&self) -> Day {
        Day::from_number(self.row.day).unwrap_or_else(|| self.row.date.day(chrono_tz::UTC))
    }

    /// The language.
    pub fn lang(&self) -> &'a str {
        &self.catalog.languages[self.row.lang as usize]
    }

    /// The main picture, with its published address.
    pub fn image(&self) -> Option<&'a Image> {
        self.catalog.images.get(self.row.image as usize)
    }

    /// The hash of the file and of the pictures it shows.
    pub fn content(&self) -> Fingerprint {
        self.row.content
    }

    /// The hash of all that other pages may see of it.
    pub fn teaser(&self) -> Fingerprint {
        self.row.teaser
    }

    /// Whether its body links to other stories by their files.
    pub fn links_to_stories(&self) -> bool {
        self.row.story_links
    }

    /// Its terms, in the order of the taxonomies.
    pub fn terms(&self) -> impl Iterator<Item = &'a Term> + use<'a> {
        let ids = &self.catalog.row_terms[self.row.first_term as usize..][..self.row.terms as usize];
        let catalog = self.catalog;
        ids.iter().map(move |&id| &catalog.terms[id as usize])
    }

    /// Its terms of one taxonomy.
    pub fn terms_of(&self, taxonomy: usize) -> impl Iterator<Item = &'a Term> + use<'a> {
        self.terms().filter(move |term| term.taxonomy == taxonomy)
    }
}

impl Catalog {
    /// How many articles there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is no article.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// One article.
    pub fn story(&self, id: RowId) -> Story<'_> {
        Story { catalog: self, row: &self.rows[id as usize], id }
    }

    /// Articles, oldest first.
    pub fn stories(&self, rows: Range<RowId>) -> impl DoubleEndedIterator<Item = Story<'_>> {
        rows.map(|id| self.story(id))
    }

    /// All rows.
    pub fn all(&self) -> Range<RowId> {
        0..self.rows.len() as RowId
    }

    /// The rows from one day to the day before another.
    pub fn between(&self, from: i32, until: i32) -> Range<RowId> {
        let at = |day| self.rows.partition_point(|row| row.day < day) as RowId;
        at(from)..at(until).max(at(from))
    }

    /// The rows of a year.
    pub fn year(&self, year: i32) -> Range<RowId> {
        self.between(first_of(year, 1), first_of(year + 1, 1))
    }

    /// The rows of a month.
    pub fn month(&self, year: i32, month: u32) -> Range<RowId> {
        let next = if month == 12 { first_of(year + 1, 1) } else { first_of(year, month + 1) };
        self.between(first_of(year, month), next)
    }

    /// The rows of a day.
    pub fn day(&self, day: Day) -> Range<RowId> {
        self.between(day.number(), day.number() + 1)
    }

    /// The years with stories, oldest first.
    pub fn years(&self) -> Vec<i32> {
        let mut years = Vec::new();
        let mut at = 0;
        while at < self.rows.len() {
            let year = self.story(at as RowId).day().year();
            years.push(year);
            at = self.year(year).end as usize;
        }
        years
    }

    /// The day of the story before a row, and of the story at one.
    pub fn published_around(&self, rows: &Range<RowId>) -> (Option<Day>, Option<Day>) {
        let before = rows.start.checked_sub(1).map(|id| self.story(id).day());
        let after = (rows.end < self.rows.len() as RowId).then(|| self.story(rows.end).day());
        (before, after)
    }

    /// One term.
    pub fn term(&self, id: TermId) -> &Term {
        &self.terms[id as usize]
    }

    /// The terms of a taxonomy, by their key.
    pub fn terms_of(&self, taxonomy: usize) -> &[TermId] {
        self.by_taxonomy.get(taxonomy).map_or(&[], Vec::as_slice)
    }

    /// The rows of a term within a range of rows.
    pub fn term_rows(&self, term: TermId, within: &Range<RowId>) -> &[RowId] {
        let rows = &self.terms[term as usize].rows;
        let start = rows.partition_point(|&row| row < within.start);
        let end = rows.partition_point(|&row| row < within.end);
        &rows[start..end]
    }

    /// The terms of the stories in a range of rows, each once, by number.
    pub fn terms_within(&self, rows: &Range<RowId>) -> Vec<TermId> {
        let Some(range) = self.rows.get(rows.start as usize..rows.end as usize) else { return Vec::new() };
        let mut ids: Vec<TermId> = range
            .iter()
            .flat_map(|row| &self.row_terms[row.first_term as usize..][..row.terms as usize])
            .copied()
            .collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    /// The story that another one means by the name of its file: a path below `content/`, a path beside `from`, or a name that only
    /// one file has; with or without its extension.
    pub fn find(&self, reference: &str, from: &str) -> Option<Story<'_>> {
        let wanted = reference
            .split('#')
            .next()?
            .trim_start_matches("@/")
            .trim_start_matches('/')
            .trim_end_matches('/');
        let stem = wanted.trim_end_matches(".md");
        let beside = from.rsplit_once('/').map(|(folder, _)| format!("{folder}/{stem}"));
        let exact = beside.iter().map(String::as_str).chain([stem]).find_map(|path| {
            [format!("{path}.md"), format!("{path}/index.md")].iter().find_map(|path| self.by_path(path))
        });
        let named = || {
            let suffix = format!("/{stem}.md");
            let mut matches = self.stories(self.all()).filter(|story| story.path().ends_with(&suffix));
            matches.next().filter(|_| matches.next().is_none())
        };
        exact.or_else(named)
    }

    fn by_path(&self, path: &str) -> Option<Story<'_>> {
        let at = self.by_path.binary_search_by(|&id| self.story(id).path().cmp(path)).ok()?;
        Some(self.story(self.by_path[at]))
    }

    /// The hash of all files with their addresses: what a link from one story to another depends on.
    pub fn addresses(&self) -> Fingerprint {
        self.addresses
    }
}

fn first_of(year: i32, month: u32) -> i32 {
    Day::new(year, month, 1).map_or(i32::MAX - 1, Day::number)
}

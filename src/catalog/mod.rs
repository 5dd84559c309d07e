//! The catalog: what every page may know of every article, in compact rows sorted by date.
//!
//! Text lies in one arena. A period's listing is a range of rows, a term's listing a sorted list of row numbers. Bodies are never here.

mod afterwards;
mod amend;
mod builder;
pub mod record;
mod terms;

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::OnceLock;

use crate::content::references::path_of;
use crate::model::codec::Decoder;
use crate::model::{Day, Fingerprint, Image, Moment};
use crate::site::{Retracted, Site};
use record::{Details, Flags, HOME, Kept, TermPage, Text, Tombstone};

pub use amend::Change;
pub use builder::Builder;
pub use terms::{Spellings, Term, TermId};

/// The number of a row: articles in order of publication, then of their path.
pub type RowId = u32;
/// The number of a language.
pub type LangId = u16;

/// Bytes of all articles, in pieces that never move, so that growing costs no copy and no second copy's memory.
#[derive(Debug, Default)]
struct Arena(Vec<Vec<u8>>);

/// The size of a piece of the arena.
const PIECE: usize = 1 << 20;

impl Arena {
    /// Keeps some bytes; gives the number of the piece and the place in it.
    fn push(&mut self, bytes: &[u8]) -> (u32, u32) {
        if self.0.last().is_none_or(|piece| piece.capacity() - piece.len() < bytes.len()) {
            self.0.push(Vec::with_capacity(PIECE.max(bytes.len())));
        }
        let number = self.0.len() - 1;
        let piece = &mut self.0[number];
        let at = piece.len();
        piece.extend_from_slice(bytes);
        (number as u32, at as u32)
    }

    fn get(&self, (piece, at): (u32, u32)) -> &[u8] {
        &self.0[piece as usize][at as usize..]
    }
}

/// An article as the catalog holds it.
#[derive(Clone, Debug)]
struct Row {
    kept: (u32, u32),
    date: i64,
    day: i32,
    first_term: u32,
    terms: u16,
    lang: u16,
    flags: Flags,
    content: Fingerprint,
    teaser: Fingerprint,
}

/// All articles of a site, with their terms.
#[derive(Debug, Default)]
pub struct Catalog {
    arena: Arena,
    rows: Vec<Row>,
    row_terms: Vec<TermId>,
    terms: Vec<Term>,
    by_taxonomy: Vec<Vec<TermId>>,
    languages: Vec<String>,
    by_path: Vec<RowId>,
    /// Stories with their translations, sorted.
    translations: Vec<(RowId, RowId)>,
    pages: HashMap<(usize, String), TermPage>,
    tombstones: Vec<Tombstone>,
    names: OnceLock<HashMap<u64, Option<RowId>>>,
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
    fn kept(&self) -> Kept<'a> {
        Kept(Decoder(self.catalog.arena.get(self.row.kept)))
    }

    fn optional(&self, text: Text) -> Option<&'a str> {
        Some(self.kept().text(text)).filter(|text| !text.is_empty())
    }

    /// The file, relative to `content/`.
    pub fn path(&self) -> Cow<'a, str> {
        self.kept().path()
    }

    /// The file as others may know it: of one whose path holds a name that is taken out, the one that its address would be of.
    pub fn public_path(&self) -> Cow<'a, str> {
        match self.row.flags.has(Flags::NAMED_FILE) {
            true => record::path_of_permalink(self.permalink()).into(),
            false => self.path(),
        }
    }

    /// The address below the site's root.
    pub fn permalink(&self) -> &'a str {
        self.kept().text(Text::Permalink)
    }

    /// The headline.
    pub fn title(&self) -> &'a str {
        self.kept().text(Text::Title)
    }

    /// The standfirst.
    pub fn standfirst(&self) -> Option<&'a str> {
        self.optional(Text::Standfirst)
    }

    /// The place of the dateline.
    pub fn place(&self) -> Option<&'a str> {
        self.optional(Text::Place)
    }

    /// The article's own id.
    pub fn own_id(&self) -> Option<&'a str> {
        self.optional(Text::Id)
    }

    /// Where the story came from.
    pub fn source(&self) -> Option<&'a str> {
        self.optional(Text::Source)
    }

    /// Where it first appeared.
    pub fn original_url(&self) -> Option<&'a str> {
        self.optional(Text::OriginalUrl)
    }

    /// What translations of one story have in common: the id of the first.
    fn translation_key(&self) -> Option<&'a str> {
        self.optional(Text::TranslationOf).or_else(|| self.own_id())
    }

    /// The same story in other languages, one of each.
    pub fn translations(&self) -> impl Iterator<Item = RowId> + use<'a> {
        let (all, own) = (&self.catalog.translations, self.id);
        let first = all.partition_point(|(row, _)| *row < own);
        all[first..].iter().take_while(move |(row, _)| *row == own).map(|(_, other)| *other)
    }

    /// When it was published.
    pub fn date(&self) -> Moment {
        Moment { seconds: self.row.date, day_only: self.row.flags.has(Flags::DAY_ONLY) }
    }

    /// When it was last changed.
    pub fn updated(&self) -> Option<Moment> {
        self.details().updated
    }

    /// When it was last changed after it was published.
    pub fn changed(&self) -> Option<Moment> {
        self.updated().filter(|updated| updated.seconds > self.date().seconds)
    }

    /// The number of the day that it belongs to.
    pub fn day_number(&self) -> i32 {
        self.row.day
    }

    /// The day that it belongs to.
    pub fn day(&self) -> Day {
        Day::from_number(self.row.day).unwrap_or_else(|| self.date().day(chrono_tz::UTC))
    }

    /// The language.
    pub fn lang(&self) -> &'a str {
        &self.catalog.languages[self.row.lang as usize]
    }

    /// The number of the language.
    pub fn lang_id(&self) -> LangId {
        self.row.lang
    }

    /// The main picture, with its published address.
    pub fn image(&self) -> Option<Image> {
        self.kept().image()
    }

    /// The hash of the file and of the pictures it shows.
    pub fn content(&self) -> Fingerprint {
        self.row.content
    }

    /// The hash of all that other pages may see of it.
    pub fn teaser(&self) -> Fingerprint {
        self.row.teaser
    }

    /// What only its own page asks for.
    pub fn details(&self) -> Details<'a> {
        self.kept().details()
    }

    /// Whether its text is to be seen nowhere, since it was retracted and the site says so.
    pub fn is_removed(&self, site: &Site) -> bool {
        self.row.flags.has(Flags::RETRACTED) && site.config.corrections.retracted == Retracted::Remove
    }

    /// What is so of it.
    pub fn flags(&self) -> Flags {
        self.row.flags
    }

    /// The numbers of its terms, in the order of the taxonomies.
    pub fn term_ids(&self) -> &'a [TermId] {
        &self.catalog.row_terms[self.row.first_term as usize..][..self.row.terms as usize]
    }

    /// Its terms, in the order of the taxonomies.
    pub fn terms(&self) -> impl Iterator<Item = &'a Term> + use<'a> {
        let catalog = self.catalog;
        self.term_ids().iter().map(move |&id| &catalog.terms[id as usize])
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

    /// The languages of all articles, by number.
    pub fn languages(&self) -> &[String] {
        &self.languages
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

    /// The months of a year that have stories.
    pub fn months_of(&self, year: i32) -> impl Iterator<Item = u32> {
        (1..=12).filter(move |&month| !self.month(year, month).is_empty())
    }

    /// The day of the story before a row, and of the story at one.
    pub fn published_around(&self, rows: &Range<RowId>) -> (Option<Day>, Option<Day>) {
        let before = rows.start.checked_sub(1).map(|id| self.story(id).day());
        let after = (rows.end < self.rows.len() as RowId).then(|| self.story(rows.end).day());
        (before, after)
    }

    /// How many terms there are, of all taxonomies.
    pub fn terms(&self) -> usize {
        self.terms.len()
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

    /// The story that another one means by the name of its file: a path beside `from`, a path from `content/`, or a name that only one file
    /// has; with or without its extension. A path from the root begins with `/` or `@/`.
    pub fn find(&self, reference: &str, from: &str) -> Option<Story<'_>> {
        let wanted = reference.split(['#', '?']).next()?.trim_end_matches('/');
        let wanted = without_extension(wanted);
        let beside = path_of(from, wanted);
        let rooted = path_of("", wanted);
        let exact = beside.iter().chain(&rooted).find_map(|path| {
            [".md", ".markdown", "/index.md", "/index.markdown"]
                .iter()
                .find_map(|end| self.by_path(&format!("{path}{end}")))
        });
        let named = || {
            let path = rooted.as_deref()?;
            let name = path.rsplit('/').next().unwrap_or(path);
            let story = self.story((*self.names().get(&Fingerprint::of(name.as_bytes()).0)?)?);
            let path_of_story = story.path();
            place_of(&path_of_story)
                .strip_suffix(path)
                .is_some_and(|rest| rest.is_empty() || rest.ends_with('/'))
                .then_some(story)
        };
        exact.or_else(named)
    }

    /// The stories by the hash of their file's name without folders and extension; `None` for a name that several have.
    fn names(&self) -> &HashMap<u64, Option<RowId>> {
        self.names.get_or_init(|| {
            let mut names = HashMap::with_capacity(self.rows.len());
            for story in self.stories(self.all()) {
                let file = story.path();
                let name = place_of(&file).rsplit('/').next().unwrap_or_default();
                let key = Fingerprint::of(name.as_bytes()).0;
                names.entry(key).and_modify(|row| *row = None).or_insert(Some(story.id));
            }
            names
        })
    }

    fn by_path(&self, path: &str) -> Option<Story<'_>> {
        let at = self.by_path.binary_search_by(|&id| self.story(id).path().as_ref().cmp(path)).ok()?;
        Some(self.story(self.by_path[at]))
    }

    /// The catalog without some rows, given in order. The others move up.
    #[must_use]
    pub fn without(mut self, lost: &[RowId]) -> Self {
        let mut next = 0..;
        let moved: Vec<Option<RowId>> =
            self.all().map(|row| if lost.binary_search(&row).is_ok() { None } else { next.next() }).collect();
        let mut at = moved.iter();
        self.rows.retain(|_| at.next().is_some_and(Option::is_some));
        let keep =
            |rows: &[RowId]| -> Vec<RowId> { rows.iter().filter_map(|&row| moved[row as usize]).collect() };
        self.by_path = keep(&self.by_path);
        for term in &mut self.terms {
            term.rows = keep(&term.rows);
        }
        for terms in &mut self.by_taxonomy {
            terms.retain(|&id| !self.terms[id as usize].rows.is_empty());
        }
        self.names = OnceLock::new();
        self.translations = builder::translations(&self);
        self
    }

    /// What stands in the place of stories that were taken down, in the order of their files.
    pub fn tombstones(&self) -> &[Tombstone] {
        &self.tombstones
    }

    /// What the front page's own `_index.md` says.
    pub fn home_page(&self) -> Option<&TermPage> {
        self.taxonomy_page(HOME)
    }

    /// Every `_index.md` that belongs to a page.
    pub fn own_pages(&self) -> impl Iterator<Item = &TermPage> {
        self.terms.iter().filter_map(|term| term.page.as_ref()).chain(self.pages.values())
    }

    /// What a taxonomy's own `_index.md` says.
    pub fn taxonomy_page(&self, taxonomy: usize) -> Option<&TermPage> {
        self.pages.get(&(taxonomy, String::new()))
    }
}

/// The name of an article's file without its extension.
fn without_extension(path: &str) -> &str {
    path.strip_suffix(".md").or_else(|| path.strip_suffix(".markdown")).unwrap_or(path)
}

/// The path by which an article is known: without its extension, and for an `index.md`, its folder's.
pub(crate) fn place_of(path: &str) -> &str {
    let stem = without_extension(path);
    stem.strip_suffix("/index").unwrap_or(stem)
}

fn first_of(year: i32, month: u32) -> i32 {
    Day::new(year, month, 1).map_or(i32::MAX - 1, Day::number)
}

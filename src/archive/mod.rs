//! The catalog: what every page may know of every article, in compact rows sorted by date.
//!
//! Text lies in one arena. A period's listing is a range of rows, a term's listing a sorted list of
//! row numbers. Bodies are never here.

mod builder;
mod editorial;
pub(crate) mod record;
mod terms;
mod update;

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::OnceLock;

use crate::config::{RetractionPolicy, Site};
use crate::content::references::resolve_content_path;
use crate::model::codec::Decoder;
use crate::model::{Day, Fingerprint, Image, Moment};
use record::{
    ArticleDetails, EncodedArticle, Flags, HOME_PAGE_TAXONOMY, TermPage, TextField, Tombstone,
};

pub(crate) use builder::CatalogBuilder;
pub(crate) use terms::{Term, TermId, TermVariants};
pub(crate) use update::ArticleChange;

/// The number of a row: articles in order of publication, then of their path.
pub(crate) type ArticleId = u32;
/// The number of a language.
pub(crate) type LangId = u16;

/// Bytes of all articles, in pieces that never move, so that growing costs no copy and no second
/// copy's memory.
#[derive(Debug, Default)]
struct Arena(Vec<Vec<u8>>);

/// The size of a piece of the arena.
const CHUNK_BYTES: usize = 1 << 20;

impl Arena {
    /// Keeps some bytes; gives the number of the piece and the place in it.
    fn push(&mut self, bytes: &[u8]) -> (u32, u32) {
        if self.0.last().is_none_or(|chunk| chunk.capacity() - chunk.len() < bytes.len()) {
            self.0.push(Vec::with_capacity(CHUNK_BYTES.max(bytes.len())));
        }
        let index = self.0.len() - 1;
        let chunk = &mut self.0[index];
        let offset = chunk.len();
        chunk.extend_from_slice(bytes);
        (index as u32, offset as u32)
    }

    fn get(&self, (chunk, offset): (u32, u32)) -> &[u8] {
        &self.0[chunk as usize][offset as usize..]
    }
}

/// An article as the catalog holds it.
#[derive(Clone, Debug)]
struct ArticleRow {
    arena_position: (u32, u32),
    date: i64,
    day: i32,
    first_term: u32,
    term_count: u16,
    lang: u16,
    flags: Flags,
    content_hash: Fingerprint,
    teaser_hash: Fingerprint,
}

/// All articles of a site, with their terms.
#[derive(Debug, Default)]
pub struct Catalog {
    arena: Arena,
    rows: Vec<ArticleRow>,
    article_terms: Vec<TermId>,
    terms: Vec<Term>,
    by_taxonomy: Vec<Vec<TermId>>,
    languages: Vec<String>,
    ids_by_path: Vec<ArticleId>,
    /// Stories with their translations, sorted.
    translations: Vec<(ArticleId, ArticleId)>,
    term_pages: HashMap<(usize, String), TermPage>,
    tombstones: Vec<Tombstone>,
    ids_by_file_name: OnceLock<HashMap<u64, Option<ArticleId>>>,
}

/// One article of the catalog.
#[derive(Clone, Copy, Debug)]
pub struct Article<'a> {
    catalog: &'a Catalog,
    row: &'a ArticleRow,
    /// Its row.
    pub id: ArticleId,
}

impl<'a> Article<'a> {
    fn encoded(&self) -> EncodedArticle<'a> {
        EncodedArticle(Decoder(self.catalog.arena.get(self.row.arena_position)))
    }

    fn optional_text(&self, field: TextField) -> Option<&'a str> {
        Some(self.encoded().text(field)).filter(|text| !text.is_empty())
    }

    /// The file, relative to `content/`.
    pub fn path(&self) -> Cow<'a, str> {
        self.encoded().path()
    }

    /// The file as others may know it: of one whose path holds a name that is taken out, the one
    /// that its address would be of.
    pub fn public_path(&self) -> Cow<'a, str> {
        match self.row.flags.contains(Flags::REDACTED_PATH) {
            true => record::path_for_permalink(self.permalink()).into(),
            false => self.path(),
        }
    }

    /// The address below the site's root.
    pub fn permalink(&self) -> &'a str {
        self.encoded().text(TextField::Permalink)
    }

    /// The headline.
    pub fn title(&self) -> &'a str {
        self.encoded().text(TextField::Title)
    }

    /// The standfirst.
    pub fn standfirst(&self) -> Option<&'a str> {
        self.optional_text(TextField::Standfirst)
    }

    /// The place of the dateline.
    pub fn dateline_location(&self) -> Option<&'a str> {
        self.optional_text(TextField::DatelineLocation)
    }

    /// The article's own id.
    pub fn own_id(&self) -> Option<&'a str> {
        self.optional_text(TextField::OwnId)
    }

    /// Where the story came from.
    pub fn source(&self) -> Option<&'a str> {
        self.optional_text(TextField::Source)
    }

    /// Where it first appeared.
    pub fn original_url(&self) -> Option<&'a str> {
        self.optional_text(TextField::OriginalUrl)
    }

    /// What translations of one story have in common: the id of the first.
    fn translation_key(&self) -> Option<&'a str> {
        self.optional_text(TextField::TranslationOf).or_else(|| self.own_id())
    }

    /// The same story in other languages, one of each.
    pub fn translations(&self) -> impl Iterator<Item = ArticleId> + use<'a> {
        let (translations, own_id) = (&self.catalog.translations, self.id);
        let first = translations.partition_point(|(id, _)| *id < own_id);
        translations[first..]
            .iter()
            .take_while(move |(id, _)| *id == own_id)
            .map(|(_, other)| *other)
    }

    /// When it was published.
    pub fn date(&self) -> Moment {
        Moment { seconds: self.row.date, day_only: self.row.flags.contains(Flags::DAY_ONLY) }
    }

    /// When it was last changed.
    pub fn updated(&self) -> Option<Moment> {
        self.details().updated
    }

    /// When it was last changed after it was published.
    pub fn updated_after_publication(&self) -> Option<Moment> {
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
        self.encoded().image()
    }

    /// The hash of the file and of the pictures it shows.
    pub fn content_hash(&self) -> Fingerprint {
        self.row.content_hash
    }

    /// The hash of all that other pages may see of it.
    pub fn teaser_hash(&self) -> Fingerprint {
        self.row.teaser_hash
    }

    /// What only its own page asks for.
    pub fn details(&self) -> ArticleDetails<'a> {
        self.encoded().details()
    }

    /// Whether its text is to be seen nowhere, since it was retracted and the site says so.
    pub fn is_removed(&self, site: &Site) -> bool {
        self.row.flags.contains(Flags::RETRACTED)
            && site.config.corrections.retracted == RetractionPolicy::Remove
    }

    /// What is so of it.
    pub fn flags(&self) -> Flags {
        self.row.flags
    }

    /// The numbers of its terms, in the order of the taxonomies.
    pub fn term_ids(&self) -> &'a [TermId] {
        &self.catalog.article_terms[self.row.first_term as usize..][..self.row.term_count as usize]
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
    pub fn article(&self, id: ArticleId) -> Article<'_> {
        Article { catalog: self, row: &self.rows[id as usize], id }
    }

    /// Articles, oldest first.
    pub fn articles(&self, ids: Range<ArticleId>) -> impl DoubleEndedIterator<Item = Article<'_>> {
        ids.map(|id| self.article(id))
    }

    /// All rows.
    pub fn ids(&self) -> Range<ArticleId> {
        0..self.rows.len() as ArticleId
    }

    /// The rows from one day to the day before another.
    pub fn ids_between(&self, from: i32, until: i32) -> Range<ArticleId> {
        let first_id_since = |day| self.rows.partition_point(|row| row.day < day) as ArticleId;
        first_id_since(from)..first_id_since(until).max(first_id_since(from))
    }

    /// The rows of a year.
    pub fn ids_in_year(&self, year: i32) -> Range<ArticleId> {
        self.ids_between(first_day_of_month(year, 1), first_day_of_month(year + 1, 1))
    }

    /// The rows of a month.
    pub fn ids_in_month(&self, year: i32, month: u32) -> Range<ArticleId> {
        let next = if month == 12 {
            first_day_of_month(year + 1, 1)
        } else {
            first_day_of_month(year, month + 1)
        };
        self.ids_between(first_day_of_month(year, month), next)
    }

    /// The rows of a day.
    pub fn ids_on_day(&self, day: Day) -> Range<ArticleId> {
        self.ids_between(day.number(), day.number() + 1)
    }

    /// The years with stories, oldest first.
    pub fn years(&self) -> Vec<i32> {
        let mut years = Vec::new();
        let mut index = 0;
        while index < self.rows.len() {
            let year = self.article(index as ArticleId).day().year();
            years.push(year);
            index = self.ids_in_year(year).end as usize;
        }
        years
    }

    /// The months of a year that have stories.
    pub fn months_of(&self, year: i32) -> impl Iterator<Item = u32> {
        (1..=12).filter(move |&month| !self.ids_in_month(year, month).is_empty())
    }

    /// The day of the story before a row, and of the story at one.
    pub fn neighboring_days(&self, ids: &Range<ArticleId>) -> (Option<Day>, Option<Day>) {
        let previous_day = ids.start.checked_sub(1).map(|id| self.article(id).day());
        let next_day =
            (ids.end < self.rows.len() as ArticleId).then(|| self.article(ids.end).day());
        (previous_day, next_day)
    }

    /// How many terms there are, of all taxonomies.
    pub fn term_count(&self) -> usize {
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
    pub fn ids_of_term(&self, term: TermId, within: &Range<ArticleId>) -> &[ArticleId] {
        let ids = &self.terms[term as usize].article_ids;
        let start = ids.partition_point(|&id| id < within.start);
        let end = ids.partition_point(|&id| id < within.end);
        &ids[start..end]
    }

    /// The terms of the stories in a range of rows, each once, by number.
    pub fn terms_within(&self, article_ids: &Range<ArticleId>) -> Vec<TermId> {
        let Some(range) = self.rows.get(article_ids.start as usize..article_ids.end as usize)
        else {
            return Vec::new();
        };
        let mut ids: Vec<TermId> = range
            .iter()
            .flat_map(|row| {
                &self.article_terms[row.first_term as usize..][..row.term_count as usize]
            })
            .copied()
            .collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    /// The story that another one means by the name of its file: a path beside `from`, a path from
    /// `content/`, or a name that only one file has; with or without its extension. A path from the
    /// root begins with `/` or `@/`.
    pub fn find(&self, reference: &str, from: &str) -> Option<Article<'_>> {
        let wanted = reference.split(['#', '?']).next()?.trim_end_matches('/');
        let wanted = without_extension(wanted);
        let relative = resolve_content_path(from, wanted);
        let from_root = resolve_content_path("", wanted);
        let exact = relative.iter().chain(&from_root).find_map(|path| {
            [".md", ".markdown", "/index.md", "/index.markdown"]
                .iter()
                .find_map(|suffix| self.article_by_path(&format!("{path}{suffix}")))
        });
        let by_name = || {
            let path = from_root.as_deref()?;
            let name = path.rsplit('/').next().unwrap_or(path);
            let article = self.article(
                (*self.ids_by_file_name().get(&Fingerprint::hash_bytes(name.as_bytes()).0)?)?,
            );
            let article_path = article.path();
            path_stem(&article_path)
                .strip_suffix(path)
                .is_some_and(|rest| rest.is_empty() || rest.ends_with('/'))
                .then_some(article)
        };
        exact.or_else(by_name)
    }

    /// The stories by the hash of their file's name without folders and extension; `None` for a
    /// name that several have.
    fn ids_by_file_name(&self) -> &HashMap<u64, Option<ArticleId>> {
        self.ids_by_file_name.get_or_init(|| {
            let mut ids = HashMap::with_capacity(self.rows.len());
            for article in self.articles(self.ids()) {
                let file = article.path();
                let name = path_stem(&file).rsplit('/').next().unwrap_or_default();
                let key = Fingerprint::hash_bytes(name.as_bytes()).0;
                ids.entry(key).and_modify(|id| *id = None).or_insert(Some(article.id));
            }
            ids
        })
    }

    fn article_by_path(&self, path: &str) -> Option<Article<'_>> {
        let index = self
            .ids_by_path
            .binary_search_by(|&id| self.article(id).path().as_ref().cmp(path))
            .ok()?;
        Some(self.article(self.ids_by_path[index]))
    }

    /// The catalog without some rows, given in order. The others move up.
    #[must_use]
    pub fn without(mut self, removed: &[ArticleId]) -> Self {
        let mut next_id = 0..;
        let new_ids: Vec<Option<ArticleId>> = self
            .ids()
            .map(|id| if removed.binary_search(&id).is_ok() { None } else { next_id.next() })
            .collect();
        let mut remaining = new_ids.iter();
        self.rows.retain(|_| remaining.next().is_some_and(Option::is_some));
        let remap = |ids: &[ArticleId]| -> Vec<ArticleId> {
            ids.iter().filter_map(|&id| new_ids[id as usize]).collect()
        };
        self.ids_by_path = remap(&self.ids_by_path);
        for term in &mut self.terms {
            term.article_ids = remap(&term.article_ids);
        }
        for terms in &mut self.by_taxonomy {
            terms.retain(|&id| !self.terms[id as usize].article_ids.is_empty());
        }
        self.ids_by_file_name = OnceLock::new();
        self.translations = builder::find_translations(&self);
        self
    }

    /// What stands in the place of stories that were taken down, in the order of their files.
    pub fn tombstones(&self) -> &[Tombstone] {
        &self.tombstones
    }

    /// What the front page's own `_index.md` says.
    pub fn home_page(&self) -> Option<&TermPage> {
        self.taxonomy_page(HOME_PAGE_TAXONOMY)
    }

    /// Every `_index.md` that belongs to a page.
    pub fn all_term_pages(&self) -> impl Iterator<Item = &TermPage> {
        self.terms.iter().filter_map(|term| term.page.as_ref()).chain(self.term_pages.values())
    }

    /// What a taxonomy's own `_index.md` says.
    pub fn taxonomy_page(&self, taxonomy: usize) -> Option<&TermPage> {
        self.term_pages.get(&(taxonomy, String::new()))
    }
}

/// The name of an article's file without its extension.
fn without_extension(path: &str) -> &str {
    path.strip_suffix(".md").or_else(|| path.strip_suffix(".markdown")).unwrap_or(path)
}

/// The path by which an article is known: without its extension, and for an `index.md`, its
/// folder's.
pub(crate) fn path_stem(path: &str) -> &str {
    let stem = without_extension(path);
    stem.strip_suffix("/index").unwrap_or(stem)
}

fn first_day_of_month(year: i32, month: u32) -> i32 {
    Day::new(year, month, 1).map_or(i32::MAX - 1, Day::number)
}

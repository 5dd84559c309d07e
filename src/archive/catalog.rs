//! The catalog: the articles of a site in rows sorted by date, with their terms and languages.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::OnceLock;

use super::arena::{Arena, ArenaPosition};
use super::ids::{ArticleId, LangId, TermId};
use super::record::{
    ArticleDetails, EncodedArticle, Flags, HOME_PAGE_TAXONOMY, PAGE_DAY, TermPage, TextField,
    Tombstone, path_for_permalink,
};
use super::terms::Term;
use crate::config::{RetractionPolicy, Site, markdown_stem};
use crate::content::references::resolve_content_path;
use crate::model::{Day, Fingerprint, Image, Moment};

/// The row of an article.
#[derive(Clone, Debug)]
pub(super) struct ArticleRow {
    /// Its texts and other details.
    pub(super) arena_position: ArenaPosition,
    /// The publication date, in seconds since 1970.
    pub(super) date: i64,
    /// The number of its day in the site's time zone.
    pub(super) day: i32,
    /// Its first term in [`Catalog::article_terms`].
    pub(super) first_term: u32,
    /// The number of its terms.
    pub(super) term_count: u16,
    /// The language.
    pub(super) lang: LangId,
    /// Its properties.
    pub(super) flags: Flags,
    /// The hash of the file and of the images that it shows.
    pub(super) content_hash: Fingerprint,
    /// The hash of everything that other pages show of it.
    pub(super) teaser_hash: Fingerprint,
}

impl ArticleRow {
    /// Returns the range of its terms in [`Catalog::article_terms`].
    pub(super) fn term_range(&self) -> Range<usize> {
        let first = self.first_term as usize;
        first..first + usize::from(self.term_count)
    }
}

/// All articles of a site, with their terms.
#[derive(Debug, Default)]
pub(crate) struct Catalog {
    pub(super) arena: Arena,
    /// The articles by date, then the pages without a date by the path of their file.
    pub(super) rows: Vec<ArticleRow>,
    /// The number of rows of articles.
    pub(super) article_count: usize,
    /// The terms of all articles, those of one article side by side.
    pub(super) article_terms: Vec<TermId>,
    pub(super) terms: Vec<Term>,
    /// The terms of each taxonomy, sorted by slug.
    pub(super) by_taxonomy: Vec<Vec<TermId>>,
    pub(super) languages: Vec<String>,
    /// All articles, sorted by the path of their file.
    pub(super) ids_by_path: Vec<ArticleId>,
    /// Pairs of an article and one of its translations, sorted.
    pub(super) translations: Vec<(ArticleId, ArticleId)>,
    /// The pages that belong to no term in use, by taxonomy and key: those of taxonomies, of the
    /// front page, and of terms without articles.
    pub(super) term_pages: HashMap<(usize, String), TermPage>,
    pub(super) tombstones: Vec<Tombstone>,
    /// See [`Catalog::ids_by_file_name`].
    pub(super) ids_by_file_name: OnceLock<HashMap<u64, Option<ArticleId>>>,
}

/// An article of a catalog.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Article<'a> {
    catalog: &'a Catalog,
    row: &'a ArticleRow,
    /// Its number.
    pub(crate) id: ArticleId,
}

impl<'a> Article<'a> {
    fn encoded(&self) -> EncodedArticle<'a> {
        EncodedArticle::new(self.catalog.arena.get(self.row.arena_position))
    }

    fn text(&self, field: TextField) -> &'a str {
        self.encoded().details().text(field)
    }

    fn optional_text(&self, field: TextField) -> Option<&'a str> {
        Some(self.text(field)).filter(|text| !text.is_empty())
    }

    /// The file, relative to `content/`.
    pub(crate) fn path(&self) -> Cow<'a, str> {
        self.encoded().path()
    }

    /// The file as published data names it, relative to `content/`. If its path contains a redacted
    /// name, a path derived from the permalink.
    pub(crate) fn public_path(&self) -> Cow<'a, str> {
        if self.row.flags.contains(Flags::REDACTED_PATH) {
            path_for_permalink(self.permalink()).into()
        } else {
            self.path()
        }
    }

    /// The permalink, below the site's root.
    pub(crate) fn permalink(&self) -> &'a str {
        self.text(TextField::Permalink)
    }

    /// The headline.
    pub(crate) fn title(&self) -> &'a str {
        self.text(TextField::Title)
    }

    /// The standfirst.
    pub(crate) fn standfirst(&self) -> Option<&'a str> {
        self.optional_text(TextField::Standfirst)
    }

    /// The location in the dateline.
    pub(crate) fn dateline_location(&self) -> Option<&'a str> {
        self.optional_text(TextField::DatelineLocation)
    }

    /// The `id:` of the front matter.
    pub(crate) fn own_id(&self) -> Option<&'a str> {
        self.optional_text(TextField::OwnId)
    }

    /// The source, such as a news agency.
    pub(crate) fn source(&self) -> Option<&'a str> {
        self.optional_text(TextField::Source)
    }

    /// The URL where it was first published.
    pub(crate) fn original_url(&self) -> Option<&'a str> {
        self.optional_text(TextField::OriginalUrl)
    }

    /// Returns the `id:` that an article and its translations share.
    pub(super) fn translation_key(&self) -> Option<&'a str> {
        self.optional_text(TextField::TranslationOf).or_else(|| self.own_id())
    }

    /// Returns its translations, one per language.
    pub(crate) fn translations(&self) -> impl Iterator<Item = ArticleId> + use<'a> {
        let (translations, own_id) = (&self.catalog.translations, self.id);
        let first = translations.partition_point(|(id, _)| *id < own_id);
        translations[first..]
            .iter()
            .take_while(move |(id, _)| *id == own_id)
            .map(|(_, other)| *other)
    }

    /// The publication date.
    pub(crate) fn date(&self) -> Moment {
        Moment { seconds: self.row.date, day_only: self.row.flags.contains(Flags::DAY_ONLY) }
    }

    /// The date of the last change.
    pub(crate) fn updated(&self) -> Option<Moment> {
        self.details().updated
    }

    /// The date of the last change, if that was after the publication.
    pub(crate) fn updated_after_publication(&self) -> Option<Moment> {
        self.updated().filter(|updated| updated.seconds > self.date().seconds)
    }

    /// The number of its day in the site's time zone, as [`Day::number`] counts.
    pub(crate) fn day_number(&self) -> i32 {
        self.row.day
    }

    /// Its day in the site's time zone.
    pub(crate) fn day(&self) -> Day {
        Day::from_number(self.row.day).unwrap_or_else(|| self.date().utc_day())
    }

    /// The language.
    pub(crate) fn lang(&self) -> &'a str {
        &self.catalog.languages[self.row.lang as usize]
    }

    /// The number of the language.
    pub(crate) fn lang_id(&self) -> LangId {
        self.row.lang
    }

    /// The main image, with its published URL.
    pub(crate) fn image(&self) -> Option<Image> {
        self.encoded().details().image()
    }

    /// The hash of the file and of the images that it shows.
    pub(crate) fn content_hash(&self) -> Fingerprint {
        self.row.content_hash
    }

    /// The hash of everything that other pages show of it.
    pub(crate) fn teaser_hash(&self) -> Fingerprint {
        self.row.teaser_hash
    }

    /// Decodes the details that only its own page and the files for programs need.
    pub(crate) fn details(&self) -> ArticleDetails<'a> {
        self.encoded().details().decode()
    }

    /// Returns whether its text is published nowhere, because it is retracted and the site removes
    /// the text of retracted articles.
    pub(crate) fn is_removed(&self, site: &Site) -> bool {
        self.row.flags.contains(Flags::RETRACTED)
            && site.config.corrections.retracted == RetractionPolicy::Remove
    }

    /// True if it is a page without a date.
    pub(crate) fn is_page(&self) -> bool {
        self.row.flags.contains(Flags::PAGE)
    }

    /// Its properties.
    pub(crate) fn flags(&self) -> Flags {
        self.row.flags
    }

    /// The IDs of its terms, in the order of the taxonomies.
    pub(crate) fn term_ids(&self) -> &'a [TermId] {
        &self.catalog.article_terms[self.row.term_range()]
    }

    /// Its terms, in the order of the taxonomies.
    pub(crate) fn terms(&self) -> impl Iterator<Item = &'a Term> + use<'a> {
        let catalog = self.catalog;
        self.term_ids().iter().map(move |&id| &catalog.terms[id as usize])
    }

    /// Its terms of one taxonomy.
    pub(crate) fn terms_of(&self, taxonomy: usize) -> impl Iterator<Item = &'a Term> + use<'a> {
        self.terms().filter(move |term| term.taxonomy == taxonomy)
    }
}

impl Catalog {
    /// The number of articles, without pages.
    pub(crate) fn len(&self) -> usize {
        self.article_count
    }

    /// The languages of all articles and pages, by [`LangId`].
    pub(crate) fn languages(&self) -> &[String] {
        &self.languages
    }

    /// Returns whether there is an article in a language, not only pages.
    pub(crate) fn has_articles_in(&self, lang: LangId) -> bool {
        let is_in_lang = |row: &ArticleRow| row.lang == lang;
        // Without pages, each language is that of an article.
        self.page_ids().is_empty() || self.rows[..self.article_count].iter().any(is_in_lang)
    }

    /// Counts the articles in the sorted rows.
    pub(super) fn count_articles(&mut self) {
        self.article_count = self.rows.partition_point(|row| row.day < PAGE_DAY);
    }

    /// Returns an article or a page by its ID.
    pub(crate) fn article(&self, id: ArticleId) -> Article<'_> {
        Article { catalog: self, row: &self.rows[id as usize], id }
    }

    /// Returns articles, oldest first, then pages, by the paths of their files.
    pub(crate) fn articles(
        &self,
        ids: Range<ArticleId>,
    ) -> impl DoubleEndedIterator<Item = Article<'_>> {
        ids.map(|id| self.article(id))
    }

    /// The IDs of all articles, without pages.
    pub(crate) fn ids(&self) -> Range<ArticleId> {
        0..self.article_count as ArticleId
    }

    /// The IDs of the pages without a date.
    pub(crate) fn page_ids(&self) -> Range<ArticleId> {
        self.article_count as ArticleId..self.rows.len() as ArticleId
    }

    /// The IDs of all articles and pages.
    pub(crate) fn ids_with_pages(&self) -> Range<ArticleId> {
        0..self.rows.len() as ArticleId
    }

    /// Returns the articles from one day to the day before another.
    pub(crate) fn ids_between(&self, from: i32, until: i32) -> Range<ArticleId> {
        let first_id_since = |day| self.rows.partition_point(|row| row.day < day) as ArticleId;
        first_id_since(from)..first_id_since(until).max(first_id_since(from))
    }

    /// Returns the articles of a year.
    pub(crate) fn ids_in_year(&self, year: i32) -> Range<ArticleId> {
        self.ids_between(first_day_of_month(year, 1), first_day_of_month(year + 1, 1))
    }

    /// Returns the articles of a month.
    pub(crate) fn ids_in_month(&self, year: i32, month: u32) -> Range<ArticleId> {
        let next = if month == 12 {
            first_day_of_month(year + 1, 1)
        } else {
            first_day_of_month(year, month + 1)
        };
        self.ids_between(first_day_of_month(year, month), next)
    }

    /// Returns the articles of a day.
    pub(crate) fn ids_on_day(&self, day: Day) -> Range<ArticleId> {
        self.ids_between(day.number(), day.number() + 1)
    }

    /// Returns the years that have articles, oldest first.
    pub(crate) fn years(&self) -> Vec<i32> {
        let mut years = Vec::new();
        let mut index = 0;
        while index < self.len() {
            let year = self.article(index as ArticleId).day().year();
            years.push(year);
            index = self.ids_in_year(year).end as usize;
        }
        years
    }

    /// Returns the months of a year that have articles.
    pub(crate) fn months_of(&self, year: i32) -> impl Iterator<Item = u32> {
        (1..=12).filter(move |&month| !self.ids_in_month(year, month).is_empty())
    }

    /// Returns the day of the article before a range, and that of the article after it.
    pub(crate) fn neighboring_days(&self, ids: &Range<ArticleId>) -> (Option<Day>, Option<Day>) {
        let previous_day = ids.start.checked_sub(1).map(|id| self.article(id).day());
        let next_day = ((ids.end as usize) < self.len()).then(|| self.article(ids.end).day());
        (previous_day, next_day)
    }

    /// The number of terms in all taxonomies.
    pub(crate) fn term_count(&self) -> usize {
        self.terms.len()
    }

    /// Returns a term by its ID.
    pub(crate) fn term(&self, id: TermId) -> &Term {
        &self.terms[id as usize]
    }

    /// Returns the terms of a taxonomy, sorted by slug.
    pub(crate) fn terms_of(&self, taxonomy: usize) -> &[TermId] {
        self.by_taxonomy.get(taxonomy).map_or(&[], Vec::as_slice)
    }

    /// Returns the articles of a term within a range of articles.
    pub(crate) fn ids_of_term(&self, term: TermId, within: &Range<ArticleId>) -> &[ArticleId] {
        let ids = &self.terms[term as usize].article_ids;
        let start = ids.partition_point(|&id| id < within.start);
        let end = ids.partition_point(|&id| id < within.end);
        &ids[start..end]
    }

    /// Returns the terms of a range of articles, each once, sorted by ID.
    pub(crate) fn terms_within(&self, article_ids: &Range<ArticleId>) -> Vec<TermId> {
        let Some(range) = self.rows.get(article_ids.start as usize..article_ids.end as usize)
        else {
            return Vec::new();
        };
        let mut ids: Vec<TermId> =
            range.iter().flat_map(|row| &self.article_terms[row.term_range()]).copied().collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    /// Finds the article that another one refers to by its file: a path relative to `from`, a path
    /// relative to `content/`, or a file name that only one article has; with or without the
    /// extension. A path that is certainly relative to `content/` begins with `/` or `@/`.
    pub(crate) fn find(&self, reference: &str, from: &str) -> Option<Article<'_>> {
        let [relative, from_root] = link_paths(reference, from);
        let exact = relative.iter().chain(&from_root).find_map(|path| {
            [".md", ".markdown", "/index.md", "/index.markdown"]
                .iter()
                .find_map(|suffix| self.article_by_path(&format!("{path}{suffix}")))
                .or_else(|| self.article_by_stem(path))
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

    /// Returns true if an article has a file with this path, without its extension; or is the
    /// `index.md` of the folder with this path.
    pub(crate) fn has_path_stem(&self, stem: &str) -> bool {
        self.article_by_stem(stem).is_some()
    }

    /// Returns the articles by the hash of their file's name without folders and extension; `None`
    /// for a name that several articles have.
    fn ids_by_file_name(&self) -> &HashMap<u64, Option<ArticleId>> {
        self.ids_by_file_name.get_or_init(|| {
            let mut ids = HashMap::with_capacity(self.rows.len());
            for article in self.articles(self.ids_with_pages()) {
                let file = article.path();
                let name = path_stem(&file).rsplit('/').next().unwrap_or_default();
                let key = Fingerprint::hash_bytes(name.as_bytes()).0;
                ids.entry(key).and_modify(|id| *id = None).or_insert(Some(article.id));
            }
            ids
        })
    }

    /// Finds an article by the path of its file without the extension, or by that of its folder;
    /// the extension may be in capital letters.
    fn article_by_stem(&self, stem: &str) -> Option<Article<'_>> {
        [".", "/index."].iter().find_map(|end| {
            let prefix = format!("{stem}{end}");
            let has_lower_path =
                |&id: &ArticleId| self.article(id).path().as_ref() < prefix.as_str();
            let start = self.ids_by_path.partition_point(has_lower_path);
            let articles = self.ids_by_path[start..].iter().map(|&id| self.article(id));
            articles.take_while(|article| article.path().starts_with(&prefix)).find(|article| {
                markdown_stem(&article.path()).is_some_and(|found| found.len() + 1 == prefix.len())
            })
        })
    }

    pub(super) fn article_by_path(&self, path: &str) -> Option<Article<'_>> {
        let index = self
            .ids_by_path
            .binary_search_by(|&id| self.article(id).path().as_ref().cmp(path))
            .ok()?;
        Some(self.article(self.ids_by_path[index]))
    }

    /// The articles that were taken down, in the order of their files.
    pub(crate) fn tombstones(&self) -> &[Tombstone] {
        &self.tombstones
    }

    /// Adds the tombstones of articles that are withheld and were published before.
    pub(crate) fn add_tombstones(&mut self, tombstones: Vec<Tombstone>) {
        self.tombstones.extend(tombstones);
        self.tombstones.sort_by(|a, b| a.path.cmp(&b.path));
    }

    /// The `_index.md` of the front page.
    pub(crate) fn home_page(&self) -> Option<&TermPage> {
        self.taxonomy_page(HOME_PAGE_TAXONOMY)
    }

    /// Returns the `_index.md` of every term, every taxonomy and the front page.
    pub(crate) fn all_term_pages(&self) -> impl Iterator<Item = &TermPage> {
        self.terms.iter().filter_map(|term| term.page.as_ref()).chain(self.term_pages.values())
    }

    /// Returns the `_index.md` of a taxonomy.
    pub(crate) fn taxonomy_page(&self, taxonomy: usize) -> Option<&TermPage> {
        self.term_pages.get(&(taxonomy, String::new()))
    }
}

/// Returns the paths below `content/` that a reference to an article in the file `from` may mean,
/// without extensions: relative to that file, and relative to `content/`.
fn link_paths(reference: &str, from: &str) -> [Option<String>; 2] {
    let wanted = reference.split(['#', '?']).next().unwrap_or_default().trim_end_matches('/');
    let wanted = without_extension(wanted);
    [resolve_content_path(from, wanted), resolve_content_path("", wanted)]
}

/// Returns the paths that a reference to an article in the file `from` may mean, in the form of
/// [`path_stem`]: relative to that file, and relative to `content/`.
pub(crate) fn link_path_stems(reference: &str, from: &str) -> [Option<String>; 2] {
    link_paths(reference, from).map(|path| path.map(|path| path_stem(&path).to_owned()))
}

/// Removes the extension of an article's file.
fn without_extension(path: &str) -> &str {
    markdown_stem(path).unwrap_or(path)
}

/// Returns the path of an article's file without its extension; for an `index.md`, the path of its
/// folder.
pub(crate) fn path_stem(path: &str) -> &str {
    let stem = without_extension(path);
    stem.strip_suffix("/index").unwrap_or(stem)
}

fn first_day_of_month(year: i32, month: u32) -> i32 {
    Day::new(year, month, 1).map_or(i32::MAX - 1, Day::number)
}

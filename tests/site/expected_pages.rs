//! The expected contents of each page, derived from the articles alone, without the program, for
//! each page kind. An edit must write exactly the pages whose contents differ.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::archive::{Article, Day, OutputChanges};

/// The contents of pages by path.
pub(crate) type PageContents = BTreeMap<String, String>;

/// The pages that every site has and that contain no article.
pub(crate) const FIXED_FILES: [&str; 5] =
    ["404.html", "assets/dateline.css", "assets/reactions.js", "favicon.svg", "robots.txt"];

/// Returns the files that a build must write and remove between two states of an archive.
pub(crate) fn expected_changes(old: &PageContents, new: &PageContents) -> OutputChanges {
    OutputChanges {
        written: new
            .iter()
            .filter(|(path, contents)| old.get(*path) != Some(*contents))
            .map(clone_path)
            .collect(),
        removed: old.iter().filter(|(path, _)| !new.contains_key(*path)).map(clone_path).collect(),
    }
}

fn clone_path((path, _): (&String, &String)) -> String {
    path.clone()
}

/// Returns the page of a folder.
fn index_file(folder: impl std::fmt::Display) -> String {
    format!("{folder}/index.html")
}

/// Returns a term's folder: its taxonomy and its name as a URL path.
pub(crate) fn term_path(taxonomy: &str, term: &str) -> String {
    format!("{taxonomy}/{}", term.to_lowercase().replace(' ', "-"))
}

/// Returns the contents of a teaser.
fn teaser(article: &Article) -> String {
    let Article { day, minute, title, standfirst, section, author, .. } = article;
    format!("{} {day:?} {minute} {title} {standfirst} {section} {author}; ", article.output_path())
}

/// Returns a headline with its date, as shown for neighbors and in short lists.
fn headline(article: &Article) -> String {
    format!("{} {:?} {}; ", article.output_path(), article.day, article.title)
}

/// Returns all pages of an archive. The articles are in order of publication.
pub(crate) fn page_contents(articles: &[Article]) -> PageContents {
    assert!(articles.is_sorted());
    let mut pages = PageContents::new();
    article_pages(articles, &mut pages);
    period_pages(articles, &mut pages);
    calendar_pages(articles, &mut pages);
    term_pages(articles, &mut pages);
    archive_pages(articles, &mut pages);
    pages
}

fn article_pages(articles: &[Article], pages: &mut PageContents) {
    for (index, article) in articles.iter().enumerate() {
        let previous = index.checked_sub(1).map(|index| headline(&articles[index]));
        let next = articles.get(index + 1).map(headline);
        let related: String = related_earlier(articles, index)
            .into_iter()
            .map(|index| headline(&articles[index]))
            .collect();
        let contents =
            format!("{} before {previous:?} after {next:?} so far {related}", article.source());
        assert!(
            pages.insert(article.output_path(), contents).is_none(),
            "two stories at {}",
            article.output_path()
        );
    }
}

/// Returns the related earlier articles: for each tag that at most an eighth of all earlier
/// articles have, its last eight; of these the five whose tags are rarest in sum, newer ones first.
fn related_earlier(articles: &[Article], index: usize) -> BTreeSet<usize> {
    let mut scores: BTreeMap<usize, usize> = BTreeMap::new();
    for tag in &articles[index].tags {
        let earlier: Vec<usize> =
            (0..index).filter(|&other| articles[other].tags.contains(tag)).collect();
        if earlier.is_empty() || earlier.len() * 8 > index {
            continue;
        }
        // Sixteen times the binary logarithm of the inverse frequency, interpolated linearly
        // between whole numbers.
        let ratio = index * 256 / earlier.len();
        let exponent =
            (0..64).rfind(|power| ratio >> power > 0).expect("the ratio is at least eight");
        let weight = 16 * exponent + (ratio - (1 << exponent)) * 16 / (1 << exponent);
        for other in earlier.iter().rev().take(8) {
            *scores.entry(*other).or_default() += weight;
        }
    }
    let mut ranked: Vec<(usize, usize)> =
        scores.into_iter().map(|(other, score)| (score, other)).collect();
    ranked.sort();
    ranked.iter().rev().take(5).map(|(_, other)| *other).collect()
}

/// Returns the tags that are most frequent among a term's last sixty articles, and that at least
/// two of them have.
fn related_tags(term: &str, term_articles: &[&Article]) -> Vec<String> {
    let mut counts: BTreeMap<String, i32> = BTreeMap::new();
    let tags = term_articles.iter().rev().take(60).flat_map(|article| &article.tags);
    tags.filter(|tag| *tag != term)
        .for_each(|tag| *counts.entry(term_path("tags", tag)).or_default() -= 1);
    let mut ranked: Vec<(i32, String)> =
        counts.into_iter().map(|(tag, count)| (count, tag)).collect();
    ranked.sort();
    ranked.into_iter().filter(|(count, _)| *count < -1).take(12).map(|(_, tag)| tag).collect()
}

/// A key, its articles, the previous and the next key.
type Group<'a, K> = (K, &'a [Article], Option<K>, Option<K>);

/// The articles of one day of the calendar by year, newest first.
type Years<'a> = Vec<(Day, &'a [Article])>;

/// Groups adjacent articles with the same key, each group with the previous and the next key.
fn group_by_key<K: PartialEq>(
    articles: &[Article],
    key: impl Fn(&Article) -> K,
) -> Vec<Group<'_, K>> {
    let chunks: Vec<&[Article]> = articles.chunk_by(|a, b| key(a) == key(b)).collect();
    let group_key = |index: usize| chunks.get(index).map(|chunk| key(&chunk[0]));
    let mut runs = Vec::with_capacity(chunks.len());
    for (index, chunk) in chunks.iter().enumerate() {
        runs.push((
            key(&chunk[0]),
            *chunk,
            index.checked_sub(1).and_then(group_key),
            group_key(index + 1),
        ));
    }
    runs
}

/// Adds days, months and years.
fn period_pages(articles: &[Article], pages: &mut PageContents) {
    for ((year, month, day), day_articles, previous, next) in
        group_by_key(articles, |article| article.day)
    {
        let teasers: String = day_articles.iter().map(teaser).collect();
        pages.insert(
            index_file(format_args!("{year}/{month:02}/{day:02}")),
            format!("{teasers} {previous:?} {next:?}"),
        );
    }
    let days = |articles: &[Article]| -> Vec<(Day, usize)> {
        group_by_key(articles, |article| article.day)
            .into_iter()
            .map(|(day, day_articles, ..)| (day, day_articles.len()))
            .collect()
    };
    for ((year, month), month_articles, previous, next) in
        group_by_key(articles, |article| (article.day.0, article.day.1))
    {
        let lead_teasers: String = group_by_key(month_articles, |article| article.day)
            .iter()
            .map(|(_, day_articles, ..)| teaser(&day_articles[0]))
            .collect();
        let contents = format!("{:?} {lead_teasers} {previous:?} {next:?}", days(month_articles));
        pages.insert(index_file(format_args!("{year}/{month:02}")), contents);
    }
    for (year, year_articles, previous, next) in group_by_key(articles, |article| article.day.0) {
        let months = group_by_key(year_articles, |article| article.day.1);
        let first: String = months
            .iter()
            .flat_map(|(_, month_articles, ..)| month_articles.iter().take(3))
            .map(headline)
            .collect();
        pages.insert(
            index_file(year),
            format!("{:?} {first} {previous:?} {next:?}", days(year_articles)),
        );
        let output_paths: Vec<(Day, String)> =
            year_articles.iter().map(|article| (article.day, article.output_path())).collect();
        let minutes: Vec<u32> = year_articles.iter().map(|article| article.minute).collect();
        pages.insert(format!("sitemaps/{year}.xml"), format!("{output_paths:?} {minutes:?}"));
    }
}

/// Adds the pages of one calendar day in every year, and their index.
fn calendar_pages(articles: &[Article], pages: &mut PageContents) {
    let mut days: BTreeMap<(u32, u32), Years<'_>> = BTreeMap::new();
    for (day, day_articles, ..) in group_by_key(articles, |article| article.day) {
        days.entry((day.1, day.2)).or_default().insert(0, (day, day_articles));
    }
    let order: Vec<(u32, u32)> = days.keys().copied().collect();
    let counts: Vec<((u32, u32), usize)> = days
        .iter()
        .map(|(day, years)| (*day, years.iter().map(|(_, day_articles)| day_articles.len()).sum()))
        .collect();
    pages.insert(index_file("on-this-day"), format!("{counts:?}"));
    for (index, (day, years)) in days.iter().enumerate() {
        let neighbors =
            [order[(index + order.len() - 1) % order.len()], order[(index + 1) % order.len()]];
        let neighbors = neighbors.map(|other| Some(other).filter(|other| other != day));
        let mut contents = format!("{neighbors:?} ");
        for (day, day_articles) in years {
            let first: String =
                day_articles.iter().take(10.min(100 / years.len())).map(teaser).collect();
            write!(contents, "{day:?} {} {first}", day_articles.len())
                .expect("a string accepts all writes");
        }
        pages.insert(index_file(format_args!("on-this-day/{:02}-{:02}", day.0, day.1)), contents);
    }
}

/// Adds terms, their years and their index pages.
fn term_pages(articles: &[Article], pages: &mut PageContents) {
    let mut all: BTreeMap<&str, BTreeMap<&str, Vec<&Article>>> = BTreeMap::new();
    for article in articles {
        for (taxonomy, term) in article.terms() {
            all.entry(taxonomy).or_default().entry(term).or_default().push(article);
        }
    }
    for (taxonomy, terms) in &all {
        let counts: Vec<(&&str, usize)> =
            terms.iter().map(|(term, term_articles)| (term, term_articles.len())).collect();
        pages.insert(index_file(taxonomy), format!("{counts:?}"));
        for (term, term_articles) in terms {
            let base = term_path(taxonomy, term);
            let years: Vec<&[&Article]> =
                term_articles.chunk_by(|a, b| a.day.0 == b.day.0).collect();
            let counts: Vec<(i32, usize)> =
                years.iter().map(|year_group| (year_group[0].day.0, year_group.len())).collect();
            let latest: String =
                term_articles.iter().rev().take(20).map(|article| teaser(article)).collect();
            let related = related_tags(term, term_articles);
            pages.insert(index_file(&base), format!("{counts:?} {latest} {related:?}"));
            for (index, year_articles) in years.iter().enumerate() {
                assert!(year_articles.len() <= 100, "the model knows no second page");
                let neighbors = [index.checked_sub(1), Some(index + 1)];
                let neighbors = neighbors
                    .map(|index| index.and_then(|index| counts.get(index)).map(|(year, _)| *year));
                let listed: String = year_articles.iter().map(|article| teaser(article)).collect();
                pages.insert(
                    index_file(format_args!("{base}/{}", counts[index].0)),
                    format!("{neighbors:?} {listed}"),
                );
            }
        }
    }
}

/// Adds the pages of the whole archive: front page, archive, feed, sitemap index, and the sitemap
/// without a year.
fn archive_pages(articles: &[Article], pages: &mut PageContents) {
    let latest: Vec<&Article> = articles.iter().rev().take(13).collect();
    let older = &articles[..articles.len().saturating_sub(13)];
    let mut home: String = latest.iter().map(|article| teaser(article)).collect();
    let sections: BTreeSet<&str> =
        articles.iter().map(|article| article.section.as_str()).collect();
    for section in sections {
        let in_section = |article: &&Article| article.section == section;
        let band: String = older.iter().rev().filter(in_section).take(5).map(teaser).collect();
        // A section without further articles has no band on the front page, so its count isn't
        // shown.
        if !band.is_empty() {
            write!(home, "{section} {} {band}", articles.iter().filter(in_section).count())
                .expect("a string accepts all writes");
        }
    }
    let count = |group: &[Article]| group.len();
    let years: Vec<(i32, usize)> = group_by_key(articles, |article| article.day.0)
        .iter()
        .map(|(year, group, ..)| (*year, count(group)))
        .collect();
    pages.insert("index.html".into(), format!("{home} {years:?}"));

    let months: Vec<((i32, u32), usize)> =
        group_by_key(articles, |article| (article.day.0, article.day.1))
            .iter()
            .map(|(month, group, ..)| (*month, count(group)))
            .collect();
    let terms: BTreeSet<(&str, &str)> = articles.iter().flat_map(Article::terms).collect();
    let number = |taxonomy: &str| terms.iter().filter(|(name, _)| *name == taxonomy).count();
    let numbers = ["sections", "tags", "authors"].map(number);
    pages.insert(index_file("archive"), format!("{months:?} {numbers:?}"));

    feed_files(articles, pages);
    let newest: Vec<(Day, u32)> = group_by_key(articles, |article| article.day.0)
        .iter()
        .filter_map(|(_, group, ..)| group.last().map(|article| (article.day, article.minute)))
        .collect();
    pages.insert("sitemap.xml".into(), format!("{newest:?}"));
    pages.insert("sitemaps/site.xml".into(), format!("{terms:?}"));
}

/// Returns the contents of a feed entry.
fn feed_entry(article: &Article) -> String {
    format!("{} {:?}", teaser(article), article.tags)
}

/// Adds the feeds of the site and of each section, the archive documents of complete months, and
/// the news sitemap of the last two days.
fn feed_files(articles: &[Article], pages: &mut PageContents) {
    let mut insert = |folder: &str, names: &[&str], contents: String| {
        for name in names {
            pages.insert(format!("{folder}{name}"), contents.clone());
        }
    };
    let months = group_by_key(articles, |article| (article.day.0, article.day.1));
    for ((year, month), month_articles, previous, next) in &months {
        assert!(month_articles.len() <= 100, "the model knows no second part");
        let entries: String = month_articles.iter().map(feed_entry).collect();
        let folder = format!("feeds/{year}/{month:02}");
        insert(&folder, &[".xml"], format!("{previous:?} {next:?} {entries}"));
        insert(&folder, &[".json"], format!("{previous:?} {entries}"));
    }
    const FORMS: [&str; 3] = ["feed.xml", "rss.xml", "feed.json"];
    let last_complete_month = months.iter().rev().nth(1).map(|(month, ..)| month);
    let current_month_count =
        months.last().map_or(0, |(_, month_articles, ..)| month_articles.len());
    let newest =
        |count: usize| articles.iter().rev().take(count).map(feed_entry).collect::<String>();
    insert(
        "",
        &FORMS[..1],
        format!("{last_complete_month:?} {}", newest(current_month_count.max(30))),
    );
    insert("", &FORMS[1..2], newest(current_month_count.max(30)));
    insert(
        "",
        &FORMS[2..],
        format!("{last_complete_month:?} {}", newest(current_month_count.max(30))),
    );
    let sections: BTreeSet<&str> =
        articles.iter().map(|article| article.section.as_str()).collect();
    for section in sections {
        let section_articles = articles.iter().rev().filter(|article| article.section == section);
        insert(
            &format!("{}/", term_path("sections", section)),
            &FORMS,
            section_articles.take(30).map(feed_entry).collect(),
        );
    }
    let last_minute = articles.last().map(absolute_minutes).unwrap_or_default();
    let recent =
        articles.iter().filter(|article| last_minute - absolute_minutes(article) <= 48 * 60);
    insert("sitemaps/", &["news.xml"], recent.map(headline).collect());
}

/// Returns the minutes between a fixed day and the publication of an article.
fn absolute_minutes(article: &Article) -> i64 {
    let (year, month, day) = article.day;
    let date = chrono::NaiveDate::from_ymd_opt(year, month, day).expect("it is a valid date");
    i64::from(chrono::Datelike::num_days_from_ce(&date)) * 24 * 60 + i64::from(article.minute)
}

//! The files that an edit writes: exactly those whose contents change.

use std::collections::BTreeSet;

use crate::archive::{
    Archive, Article, Day, OutputChanges, assert_same_as_clean_build, read_tree,
    wait_until_mtimes_are_reliable,
};
use crate::expected_pages::{FIXED_FILES, expected_changes, page_contents, term_path};

pub(crate) const ARTICLES: usize = 300;
pub(crate) const SEED: u64 = 20_241_105;
/// A day after the last of the archive, in the same year.
const TODAY: Day = (2024, 11, 5);

pub(crate) type Paths = BTreeSet<String>;

pub(crate) fn path_set<I: IntoIterator>(all: I) -> Paths
where
    I::Item: ToString,
{
    all.into_iter().map(|path| path.to_string()).collect()
}

/// Builds after an edit, and asserts that the written and removed files are the expected ones, and
/// that the site equals that of a clean build.
#[track_caller]
fn edit_and_check(archive: &mut Archive, edit: impl FnOnce(&mut Archive)) -> OutputChanges {
    let before = page_contents(&archive.articles);
    edit(archive);
    let expected = expected_changes(&before, &page_contents(&archive.articles));
    let changes = archive.build_changes();
    assert_paths("written", &changes.written, &expected.written);
    assert_paths("removed", &changes.removed, &expected.removed);
    assert_same_as_clean_build(&archive.site, "after the edit");
    changes
}

#[track_caller]
pub(crate) fn assert_paths(action: &str, found: &Paths, expected: &Paths) {
    let unexpected: Vec<&String> = found.difference(expected).collect();
    let missing: Vec<&String> = expected.difference(found).collect();
    assert!(
        unexpected.is_empty() && missing.is_empty(),
        "seed {SEED}: {action} besides: {unexpected:?}; not {action}: {missing:?}"
    );
}

/// Returns the index of an article that is the first of its day but not of its month, or that isn't
/// the first of its day.
fn article_index(archive: &Archive, first_of_its_day: bool) -> usize {
    let articles = &archive.articles;
    let matches =
        |index: &usize| (articles[*index].day != articles[index - 1].day) == first_of_its_day;
    (articles.len() / 3..articles.len()).find(matches).expect("one matches")
}

#[test]
fn the_model_has_every_page() {
    let archive = Archive::generate_and_build(ARTICLES, SEED);
    let found: Paths = archive.site.output_paths().into_iter().collect();
    let mut expected: Paths = page_contents(&archive.articles).into_keys().collect();
    expected.extend(FIXED_FILES.map(str::to_owned));
    assert_paths("published", &found, &expected);
    assert!(found.len() > 800, "a site worth counting: {}", found.len());
}

#[test]
fn an_unchanged_site_writes_nothing() {
    let archive = Archive::generate_and_build(ARTICLES, SEED);
    wait_until_mtimes_are_reliable();
    archive.site.build().assert_success();
    let read_trees = || ["public", ".dateline"].map(|folder| read_tree(&archive.site.path(folder)));
    let before = read_trees();
    assert_eq!(archive.build_changes(), OutputChanges::default());
    assert!(read_trees() == before, "not even a time is another");
    archive.site.build_with_args(&["--jobs", "1"]).assert_success();
    assert!(read_trees() == before);
}

#[test]
fn an_edited_body_writes_one_page() {
    let mut archive = Archive::generate_and_build(ARTICLES, SEED);
    for index in [0, 150, ARTICLES - 1] {
        let page = archive.articles[index].output_path();
        let changes = edit_and_check(&mut archive, |archive| {
            archive.edit(index, |article| article.body.push_str(" A correction."));
        });
        assert_eq!(changes.written, path_set([page]), "one page");
    }
}

/// The pages that show a title of the past that is neither the first of its day, nor among the
/// first of its month or the latest of a list: its own, those of its neighbors and its day, and
/// those of its terms in its year. The first of a day is also shown by the month, and by the
/// calendar day, which shows ten articles; the third of a month also by the year, but not by the
/// month's page, which shows the first of each day.
#[test]
fn an_edited_title_of_the_past() {
    let mut articles = crate::archive::generate_articles(ARTICLES, SEED);
    // Another month with twelve articles on one day; no other page shows the last of them.
    let file = |number: u32| format!("2022/extra-{number}.md");
    articles.retain(|article| (article.day.0, article.day.1) != (2022, 6));
    articles.extend((0..12).map(|number| Article::on_day((2022, 6, 29), number, &file(number))));
    articles.extend((12..14).map(|number| Article::on_day((2022, 6, 30), number, &file(number))));
    articles.sort();
    let mut archive = Archive::new(articles);
    archive.site.build().assert_success();
    let index =
        archive.articles.iter().position(|article| article.file == file(11)).expect("it exists");
    let terms_and_feeds = [
        "sections/world/2022/index.html",
        "tags/tag-0/2022/index.html",
        "authors/writer-0/2022/index.html",
        "feeds/2022/06.xml",
        "feeds/2022/06.json",
    ];
    let last_of_a_day = [
        "2022/06/29/extra-11/index.html",
        "2022/06/29/extra-10/index.html",
        "2022/06/30/extra-12/index.html",
        "2022/06/29/index.html",
    ];
    let first_of_a_day = [
        "2022/06/30/extra-12/index.html",
        "2022/06/29/extra-11/index.html",
        "2022/06/30/extra-13/index.html",
        "2022/06/30/index.html",
        "2022/06/index.html",
        "on-this-day/06-30/index.html",
    ];
    let third_of_a_month = [
        "2022/06/29/extra-1/index.html",
        "2022/06/29/extra-2/index.html",
        "2022/06/29/extra-3/index.html",
        "2022/06/29/index.html",
        "2022/index.html",
        "on-this-day/06-29/index.html",
    ];
    for (index, pages) in
        [(index, &last_of_a_day[..]), (index + 1, &first_of_a_day), (index - 9, &third_of_a_month)]
    {
        let changes = edit_and_check(&mut archive, |archive| {
            archive.edit(index, |article| article.title = "Another".into());
        });
        let expected = path_set(pages.iter().chain(&terms_and_feeds));
        assert_paths("written", &changes.written, &expected);
    }
}

#[test]
fn the_edited_title_of_the_newest_article() {
    let mut archive = Archive::generate_and_build(ARTICLES, SEED);
    let newest = archive.articles.last().expect("there are articles").clone();
    let previous_page = archive.articles[ARTICLES - 2].output_path();
    let changes = edit_and_check(&mut archive, |archive| {
        archive.edit(ARTICLES - 1, |article| article.title = "News".into());
    });
    let mut expected =
        path_set([newest.output_path(), previous_page, "index.html".into(), "feed.xml".into()]);
    expected.extend(path_set(["rss.xml", "feed.json", "sitemaps/news.xml"]));
    let (year, month, day) = newest.day;
    expected.insert(format!("{year}/{month:02}/{day:02}/index.html"));
    for (taxonomy, term) in newest.terms() {
        expected.insert(format!("{}/index.html", term_path(taxonomy, term)));
        expected.insert(format!("{}/{year}/index.html", term_path(taxonomy, term)));
    }
    let missing: Vec<&String> = expected.difference(&changes.written).collect();
    assert!(missing.is_empty(), "not written: {missing:?}");
    let unrelated = changes.written.iter().filter(|path| {
        path.starts_with("sitemap") && !path.ends_with("news.xml") || path.starts_with("archive")
    });
    assert_eq!(unrelated.count(), 0, "a title moves nothing");
}

#[test]
fn edited_titles_at_any_position() {
    let mut archive = Archive::generate_and_build(ARTICLES, SEED);
    for index in [
        0,
        1,
        40,
        article_index(&archive, true),
        article_index(&archive, false),
        280,
        ARTICLES - 14,
        ARTICLES - 2,
    ] {
        edit_and_check(&mut archive, |archive| {
            archive.edit(index, |article| article.title = format!("Title at {index}"));
        });
    }
}

#[test]
fn an_edited_standfirst_section_or_author() {
    let mut archive = Archive::generate_and_build(ARTICLES, SEED);
    edit_and_check(&mut archive, |archive| {
        archive.edit(77, |article| article.standfirst = "Rewritten.".into());
    });
    edit_and_check(&mut archive, |archive| {
        archive.edit(78, |article| article.section = "city".into());
    });
    edit_and_check(&mut archive, |archive| {
        archive.edit(79, |article| article.author = "Writer 9".into());
    });
    edit_and_check(&mut archive, |archive| {
        archive.edit(ARTICLES - 3, |article| article.section = "opinion".into());
    });
}

/// Asserts that these files were written, and besides only those that can list the article or its
/// term as related: later articles and pages of terms.
#[track_caller]
fn assert_written_besides_related(written: &Paths, expected: &Paths) {
    let missing: Vec<&String> = expected.difference(written).collect();
    assert!(missing.is_empty(), "not written: {missing:?}");
    let is_unrelated = |path: &&String| {
        let parts = path.split('/').count();
        let is_article = path.starts_with("20") && parts == 5;
        let is_term =
            ["tags/", "sections/", "authors/"].iter().any(|taxonomy| path.starts_with(taxonomy));
        !(is_article || is_term && parts == 3 || path.contains("feed"))
    };
    let unexpected: Vec<&String> = written.difference(expected).filter(is_unrelated).collect();
    assert!(unexpected.is_empty(), "written besides: {unexpected:?}");
}

#[test]
fn an_added_or_removed_tag() {
    let mut archive = Archive::generate_and_build(ARTICLES, SEED);
    let add = |archive: &mut Archive, index: usize, tag: &str| {
        archive.edit(index, |article| article.tags.push(tag.to_owned()));
    };
    let index = (100..ARTICLES)
        .find(|&index| !archive.articles[index].tags.iter().any(|tag| tag == "Tag 4"));
    let index = index.expect("one matches");
    let article = archive.articles[index].clone();
    let changes = edit_and_check(&mut archive, |archive| add(archive, index, "Tag 4"));
    let year = article.day.0;
    let expected = [
        article.output_path(),
        "tags/index.html".into(),
        "tags/tag-4/index.html".into(),
        format!("tags/tag-4/{year}/index.html"),
    ];
    assert_written_besides_related(&changes.written, &path_set(expected));

    // A new tag: its pages are new, and the archive's page and the sitemap list it.
    let changes = edit_and_check(&mut archive, |archive| add(archive, index, "Unheard"));
    let expected = [
        article.output_path(),
        "tags/index.html".into(),
        "tags/unheard/index.html".into(),
        format!("tags/unheard/{year}/index.html"),
        "archive/index.html".into(),
        "sitemaps/site.xml".into(),
    ];
    assert_written_besides_related(&changes.written, &path_set(expected));

    let changes = edit_and_check(&mut archive, |archive| {
        archive.edit(index, |article| article.tags.retain(|tag| tag != "Unheard"));
    });
    let removed_pages =
        ["tags/unheard/index.html".to_owned(), format!("tags/unheard/{year}/index.html")];
    assert_paths("removed", &changes.removed, &path_set(removed_pages));

    // The feed contains the terms of the latest articles.
    let changes = edit_and_check(&mut archive, |archive| add(archive, ARTICLES - 20, "Unheard"));
    assert!(changes.written.contains("feed.xml") && !changes.written.contains("index.html"));
}

/// Returns the listings that show any article of today: those of its date, of the latest articles,
/// and of its terms.
fn listings_of_today() -> Paths {
    let mut listings = path_set([
        "2024/11/05/index.html",
        "2024/11/index.html",
        "2024/index.html",
        "on-this-day/index.html",
        "on-this-day/11-05/index.html",
        "archive/index.html",
        "index.html",
        "feed.xml",
        "rss.xml",
        "feed.json",
        "feeds/2024/11.xml",
        "feeds/2024/11.json",
        "sitemap.xml",
        "sitemaps/2024.xml",
        "sitemaps/news.xml",
    ]);
    listings
        .extend(["feed.xml", "rss.xml", "feed.json"].map(|name| format!("sections/world/{name}")));
    for term in ["sections/world", "tags/tag-0", "authors/writer-0"] {
        let (taxonomy, _) = term.split_once('/').expect("the path has two parts");
        listings.extend(path_set([
            format!("{taxonomy}/index.html"),
            format!("{term}/index.html"),
            format!("{term}/2024/index.html"),
        ]));
    }
    listings
}

/// Today's first article writes the pages of a new day; the second only the pages that show it;
/// further ones write no other listing.
#[test]
fn articles_added_today() {
    let mut archive = Archive::generate_and_build(ARTICLES, SEED);
    let last = archive.articles.last().expect("there are articles").clone();
    let today_article =
        |number: u32| Article::on_day(TODAY, 480 + number, &format!("today/t{number}.md"));
    let article_page = |number: u32| format!("2024/11/05/t{number}/index.html");
    let first = edit_and_check(&mut archive, |archive| archive.write(today_article(1))).written;
    let second = edit_and_check(&mut archive, |archive| archive.write(today_article(2))).written;
    let mut expected = listings_of_today();
    expected.extend([article_page(1), article_page(2)]);
    assert_paths("written by the second", &second, &expected);

    let (_, month, day) = last.day;
    // Changed only by a day's first article: the links to the next day and month, and the adjacent
    // days of the calendar.
    let only_first = [
        last.output_path(),
        format!("2024/{month:02}/{day:02}/index.html"),
        format!("2024/{month:02}/index.html"),
        format!("feeds/2024/{month:02}.xml"),
    ];
    expected.remove(&article_page(2));
    expected.extend(only_first);
    let calendar_pages: Paths =
        first.iter().filter(|path| path.starts_with("on-this-day/")).cloned().collect();
    assert!(
        calendar_pages.len() <= 4,
        "the index, the day, and the days before and after: {calendar_pages:?}"
    );
    expected.extend(calendar_pages);
    assert_paths("written by the first", &first, &expected);
    // The third writes as many as the second, and each of twenty more only its own page besides.
    let third = edit_and_check(&mut archive, |archive| archive.write(today_article(3))).written;
    assert_eq!(third.len(), second.len());
    let twenty = edit_and_check(&mut archive, |archive| {
        (4..24).for_each(|number| archive.write(today_article(number)));
    })
    .written;
    let mut expected = listings_of_today();
    expected.extend((3..24).map(article_page));
    assert_paths("written by twenty", &twenty, &expected);
}

/// Pages of past years are unchanged when articles are added, except for the links to the next page
/// when a new year begins.
#[test]
fn past_years_stay_when_a_new_year_begins() {
    let mut archive = Archive::generate_and_build(ARTICLES, SEED);
    let last = archive.articles.last().expect("there are articles").clone();
    let new_article = |number: u32| {
        Article::on_day((2025, 1, 1 + number / 3), 600 + number, &format!("2025/n{number}.md"))
    };
    let past_changes = |changes: &OutputChanges| -> Paths {
        let year_of = |path: &str| {
            path.split('/').find_map(|part| part.trim_end_matches(".xml").parse::<i32>().ok())
        };
        let is_past = |path: &&String| year_of(path).is_some_and(|year| year < 2025);
        changes.written.union(&changes.removed).filter(is_past).cloned().collect()
    };
    let first = edit_and_check(&mut archive, |archive| archive.write(new_article(0)));
    let (_, month, day) = last.day;
    let mut expected = path_set([
        last.output_path(),
        format!("2024/{month:02}/{day:02}/index.html"),
        format!("2024/{month:02}/index.html"),
        "2024/index.html".into(),
    ]);
    for (taxonomy, term) in new_article(0).terms() {
        let has_term = |article: &&Article| {
            article.day.0 < 2025 && article.terms().contains(&(taxonomy, term))
        };
        let year = archive
            .articles
            .iter()
            .filter(has_term)
            .map(|article| article.day.0)
            .max()
            .expect("other articles have it");
        expected.insert(format!("{}/{year}/index.html", term_path(taxonomy, term)));
    }
    // The archive document of the last month is complete now, and names the next one.
    expected.extend([format!("feeds/2024/{month:02}.xml")]);
    assert_paths("written of the past by the year's first", &past_changes(&first), &expected);
    for number in 1..12 {
        let changes = edit_and_check(&mut archive, |archive| archive.write(new_article(number)));
        assert_paths("written of the past", &past_changes(&changes), &Paths::new());
    }
}

#[test]
fn deleted_articles() {
    let mut archive = Archive::generate_and_build(ARTICLES, SEED);
    for index in [120, article_index(&archive, true), 0, ARTICLES - 4] {
        let page = archive.articles[index].output_path();
        let changes = edit_and_check(&mut archive, |archive| archive.remove(index));
        assert!(changes.removed.contains(&page));
        let folder = archive.site.path("public").join(page.trim_end_matches("/index.html"));
        assert!(!folder.exists(), "no empty folder stays");
    }
}

#[test]
fn an_article_added_in_the_past() {
    let mut archive = Archive::generate_and_build(ARTICLES, SEED);
    let busy = archive.articles[article_index(&archive, false)].day;
    for (number, day) in [(1, (2022, 5, 30)), (2, busy), (3, (2019, 1, 1))] {
        let article = Article::on_day(day, 700, &format!("late/l{number}.md"));
        let page = article.output_path();
        let changes = edit_and_check(&mut archive, |archive| archive.write(article));
        assert!(changes.written.contains(&page) && changes.removed.is_empty());
        assert!(!changes.written.contains("feed.xml"), "it isn't news");
    }
    // Another day for an existing article: its page moves.
    let index = 130;
    let page = archive.articles[index].output_path();
    let changes = edit_and_check(&mut archive, |archive| {
        archive.edit(index, |article| article.day = (2023, 7, 29));
    });
    assert!(changes.removed.contains(&page));
}

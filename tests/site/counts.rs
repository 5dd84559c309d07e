//! How many files an edit writes, and which: exactly those on which something shows that changed.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::path::Path;
use std::time::{Duration, SystemTime};

use crate::archive::{Archive, Changes, Day, Story, assert_clean, settle, tree};
use crate::harness::{SETTINGS, Site, story};
use crate::model::{FIXED, difference, folder, shown};

const STORIES: usize = 300;
const SEED: u64 = 20_241_105;
/// A day after the last of the archive, of the same year as it.
const TODAY: Day = (2024, 11, 5);

type Paths = BTreeSet<String>;

fn paths<I: IntoIterator>(all: I) -> Paths
where
    I::Item: ToString,
{
    all.into_iter().map(|path| path.to_string()).collect()
}

/// The built-in template of a name.
fn template(name: &str) -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates").join(name);
    fs::read_to_string(file).expect("a built-in template")
}

/// Builds after an edit; what was written and removed must be what the model says, and the site as a clean build makes it.
#[track_caller]
fn after(archive: &mut Archive, edit: impl FnOnce(&mut Archive)) -> Changes {
    let before = shown(&archive.stories);
    edit(archive);
    let expected = difference(&before, &shown(&archive.stories));
    let changes = archive.changes();
    assert_paths("written", &changes.written, &expected.written);
    assert_paths("removed", &changes.removed, &expected.removed);
    assert_clean(&archive.site, "after the edit");
    changes
}

#[track_caller]
fn assert_paths(what: &str, found: &Paths, expected: &Paths) {
    let more: Vec<&String> = found.difference(expected).collect();
    let less: Vec<&String> = expected.difference(found).collect();
    assert!(
        more.is_empty() && less.is_empty(),
        "seed {SEED}: {what} besides: {more:?}; not {what}: {less:?}"
    );
}

/// A place in the order of publication whose story is the first of its day and no other, or is not the first of its day.
fn place(archive: &Archive, first_of_its_day: bool) -> usize {
    let stories = &archive.stories;
    let fits = |at: &usize| (stories[*at].day != stories[at - 1].day) == first_of_its_day;
    (stories.len() / 3..stories.len()).find(fits).expect("there is one")
}

#[test]
fn the_model_knows_every_page() {
    let archive = Archive::built(STORIES, SEED);
    let found: Paths = archive.site.paths().into_iter().collect();
    let mut expected: Paths = shown(&archive.stories).into_keys().collect();
    expected.extend(FIXED.map(str::to_owned));
    assert_paths("published", &found, &expected);
    assert!(found.len() > 800, "a site worth counting: {}", found.len());
}

#[test]
fn nothing() {
    let archive = Archive::built(STORIES, SEED);
    settle();
    archive.site.build().fine();
    let trees = || ["public", ".dateline"].map(|folder| tree(&archive.site.path(folder)));
    let before = trees();
    assert_eq!(archive.changes(), Changes::default());
    assert!(trees() == before, "not even a time is another");
    archive.site.build_with(&["--jobs", "1"]).fine();
    assert!(trees() == before);
}

#[test]
fn a_body() {
    let mut archive = Archive::built(STORIES, SEED);
    for at in [0, 150, STORIES - 1] {
        let page = archive.stories[at].page();
        let changes = after(&mut archive, |archive| {
            archive.change(at, |story| story.body.push_str(" A correction."));
        });
        assert_eq!(changes.written, paths([page]), "one page");
    }
}

/// The pages, one by one, for a title that is in the past and neither the first of its day, nor among the first of its month, nor among
/// the latest of anything: its own, its neighbours', its day's, those of its terms in its year.
#[test]
fn a_title_of_the_past() {
    let mut stories = crate::archive::stories(STORIES, SEED);
    // A month of its own: four stories on the first day, so that the last of them is shown nowhere else.
    let file = |number: u32| format!("2022/extra-{number}.md");
    stories.retain(|story| (story.day.0, story.day.1) != (2022, 6));
    stories.extend((0..12).map(|number| Story::on((2022, 6, 29), number, &file(number))));
    stories.extend((12..14).map(|number| Story::on((2022, 6, 30), number, &file(number))));
    stories.sort();
    let mut archive = Archive::new(stories);
    archive.site.build().fine();
    let at = archive.stories.iter().position(|story| story.file == file(11)).expect("it is there");

    let changes = after(&mut archive, |archive| archive.change(at, |story| story.title = "Another".into()));
    let expected = paths([
        "2022/06/29/extra-11/index.html",
        "2022/06/29/extra-10/index.html",
        "2022/06/30/extra-12/index.html",
        "2022/06/29/index.html",
        "sections/world/2022/index.html",
        "tags/tag-0/2022/index.html",
        "authors/writer-0/2022/index.html",
        "feeds/2022/06.xml",
        "feeds/2022/06.json",
    ]);
    assert_paths("written", &changes.written, &expected);

    // The first of its day besides: the month; and the day in every year, of which ten are shown.
    let changes = after(&mut archive, |archive| {
        archive.change(at + 1, |story| story.title = "A day's first".into());
    });
    let expected = paths([
        "2022/06/30/extra-12/index.html",
        "2022/06/29/extra-11/index.html",
        "2022/06/30/extra-13/index.html",
        "2022/06/30/index.html",
        "2022/06/index.html",
        "on-this-day/06-30/index.html",
        "sections/world/2022/index.html",
        "tags/tag-0/2022/index.html",
        "authors/writer-0/2022/index.html",
        "feeds/2022/06.xml",
        "feeds/2022/06.json",
    ]);
    assert_paths("written", &changes.written, &expected);

    // The third of its month besides: the year, and not the month's page, which shows the first of each day.
    let changes = after(&mut archive, |archive| {
        archive.change(at - 9, |story| story.title = "A month's third".into());
    });
    let expected = paths([
        "2022/06/29/extra-1/index.html",
        "2022/06/29/extra-2/index.html",
        "2022/06/29/extra-3/index.html",
        "2022/06/29/index.html",
        "2022/index.html",
        "on-this-day/06-29/index.html",
        "sections/world/2022/index.html",
        "tags/tag-0/2022/index.html",
        "authors/writer-0/2022/index.html",
        "feeds/2022/06.xml",
        "feeds/2022/06.json",
    ]);
    assert_paths("written", &changes.written, &expected);
}

#[test]
fn the_newest_title() {
    let mut archive = Archive::built(STORIES, SEED);
    let newest = archive.stories.last().expect("there are some").clone();
    let before = archive.stories[STORIES - 2].page();
    let changes =
        after(&mut archive, |archive| archive.change(STORIES - 1, |story| story.title = "News".into()));
    let mut expected = paths([newest.page(), before, "index.html".into(), "feed.xml".into()]);
    expected.extend(paths(["rss.xml", "feed.json", "sitemaps/news.xml"]));
    let (year, month, day) = newest.day;
    expected.insert(format!("{year}/{month:02}/{day:02}/index.html"));
    for (taxonomy, term) in newest.terms() {
        expected.insert(format!("{}/index.html", folder(taxonomy, term)));
        expected.insert(format!("{}/{year}/index.html", folder(taxonomy, term)));
    }
    let missing: Vec<&String> = expected.difference(&changes.written).collect();
    assert!(missing.is_empty(), "not written: {missing:?}");
    let places = changes.written.iter().filter(|path| {
        path.starts_with("sitemap") && !path.ends_with("news.xml") || path.starts_with("archive")
    });
    assert_eq!(places.count(), 0, "a title moves nothing");
}

#[test]
fn titles_wherever_they_stand() {
    let mut archive = Archive::built(STORIES, SEED);
    for at in [0, 1, 40, place(&archive, true), place(&archive, false), 280, STORIES - 14, STORIES - 2] {
        after(&mut archive, |archive| archive.change(at, |story| story.title = format!("Title at {at}")));
    }
}

#[test]
fn a_standfirst_a_section_an_author() {
    let mut archive = Archive::built(STORIES, SEED);
    after(&mut archive, |archive| archive.change(77, |story| story.standfirst = "Rewritten.".into()));
    after(&mut archive, |archive| archive.change(78, |story| story.section = "city".into()));
    after(&mut archive, |archive| archive.change(79, |story| story.author = "Writer 9".into()));
    after(&mut archive, |archive| archive.change(STORIES - 3, |story| story.section = "opinion".into()));
}

/// These were written, and else only what may name the story or its term as one that has much in common: later stories and terms' own pages.
#[track_caller]
fn assert_and_what_leads_on(written: &Paths, expected: &Paths) {
    let missing: Vec<&String> = expected.difference(written).collect();
    assert!(missing.is_empty(), "not written: {missing:?}");
    let leads_on = |path: &&String| {
        let parts = path.split('/').count();
        let story = path.starts_with("20") && parts == 5;
        let term = ["tags/", "sections/", "authors/"].iter().any(|taxonomy| path.starts_with(taxonomy));
        !(story || term && parts == 3 || path.contains("feed"))
    };
    let others: Vec<&String> = written.difference(expected).filter(leads_on).collect();
    assert!(others.is_empty(), "written besides: {others:?}");
}

#[test]
fn a_tag() {
    let mut archive = Archive::built(STORIES, SEED);
    let add = |archive: &mut Archive, at: usize, tag: &str| {
        archive.change(at, |story| story.tags.push(tag.to_owned()));
    };
    let at = (100..STORIES).find(|&at| !archive.stories[at].tags.iter().any(|tag| tag == "Tag 4"));
    let at = at.expect("there is one");
    let story = archive.stories[at].clone();
    let changes = after(&mut archive, |archive| add(archive, at, "Tag 4"));
    let year = story.day.0;
    let expected = [
        story.page(),
        "tags/index.html".into(),
        "tags/tag-4/index.html".into(),
        format!("tags/tag-4/{year}/index.html"),
    ];
    assert_and_what_leads_on(&changes.written, &paths(expected));

    // A tag that no story had: its pages are new, and the archive's page and the sitemap tell of it.
    let changes = after(&mut archive, |archive| add(archive, at, "Unheard"));
    let expected = [
        story.page(),
        "tags/index.html".into(),
        "tags/unheard/index.html".into(),
        format!("tags/unheard/{year}/index.html"),
        "archive/index.html".into(),
        "sitemaps/site.xml".into(),
    ];
    assert_and_what_leads_on(&changes.written, &paths(expected));

    let changes = after(&mut archive, |archive| {
        archive.change(at, |story| story.tags.retain(|tag| tag != "Unheard"));
    });
    let gone = ["tags/unheard/index.html".to_owned(), format!("tags/unheard/{year}/index.html")];
    assert_paths("removed", &changes.removed, &paths(gone));

    // The feed tells the terms of the latest.
    let changes = after(&mut archive, |archive| add(archive, STORIES - 20, "Unheard"));
    assert!(changes.written.contains("feed.xml") && !changes.written.contains("index.html"));
}

/// Today's first story writes what a new day needs; the second only what shows it; so many more write no other listing.
#[test]
fn stories_of_today() {
    let mut archive = Archive::built(STORIES, SEED);
    let last = archive.stories.last().expect("there are some").clone();
    let today = |number: u32| Story::on(TODAY, 480 + number, &format!("today/t{number}.md"));
    let own = |number: u32| format!("2024/11/05/t{number}/index.html");
    let first = after(&mut archive, |archive| archive.put(today(1))).written;
    let second = after(&mut archive, |archive| archive.put(today(2))).written;

    let (_, month, day) = last.day;
    // What only a day's first story touches: the last day's and the last month's "next", the days beside it in the calendar.
    let firsts = [
        last.page(),
        format!("2024/{month:02}/{day:02}/index.html"),
        format!("2024/{month:02}/index.html"),
        format!("feeds/2024/{month:02}.xml"),
    ];
    let mut expected = paths(["2024/11/05/index.html", "2024/11/index.html", "2024/index.html"]);
    expected.extend(paths(["on-this-day/index.html", "on-this-day/11-05/index.html"]));
    expected.extend(paths([
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
    ]));
    expected.extend(["feed.xml", "rss.xml", "feed.json"].map(|name| format!("sections/world/{name}")));
    for term in ["sections/world", "tags/tag-0", "authors/writer-0"] {
        let (taxonomy, _) = term.split_once('/').expect("two parts");
        expected.extend(paths([
            format!("{taxonomy}/index.html"),
            format!("{term}/index.html"),
            format!("{term}/2024/index.html"),
        ]));
    }
    let listings = expected.clone();
    expected.extend([own(1), own(2)]);
    assert_paths("written by the second", &second, &expected);

    expected.remove(&own(2));
    expected.extend(firsts);
    let beside: Paths = first.iter().filter(|path| path.starts_with("on-this-day/")).cloned().collect();
    assert!(beside.len() <= 4, "the index, the day, and the days before and after: {beside:?}");
    expected.extend(beside.iter().cloned());
    assert_paths("written by the first", &first, &expected);
    // The third writes as many as the second, and then each of twenty at once only its own page more.
    let third = after(&mut archive, |archive| archive.put(today(3))).written;
    assert_eq!(third.len(), second.len());
    let twenty = after(&mut archive, |archive| (4..24).for_each(|number| archive.put(today(number)))).written;
    let mut expected = listings;
    expected.extend((3..24).map(own));
    assert_paths("written by twenty", &twenty, &expected);
}

/// The past is sealed: what is added today changes no page of a year that is over, save the last pages' "next" when a new year begins.
#[test]
fn a_new_year_and_the_old_ones() {
    let mut archive = Archive::built(STORIES, SEED);
    let last = archive.stories.last().expect("there are some").clone();
    let new = |number: u32| Story::on((2025, 1, 1 + number / 3), 600 + number, &format!("2025/n{number}.md"));
    let of_the_past = |changes: &Changes| -> Paths {
        let year =
            |path: &str| path.split('/').find_map(|part| part.trim_end_matches(".xml").parse::<i32>().ok());
        let old = |path: &&String| year(path).is_some_and(|year| year < 2025);
        changes.written.union(&changes.removed).filter(old).cloned().collect()
    };
    let first = after(&mut archive, |archive| archive.put(new(0)));
    let (_, month, day) = last.day;
    let mut expected = paths([
        last.page(),
        format!("2024/{month:02}/{day:02}/index.html"),
        format!("2024/{month:02}/index.html"),
        "2024/index.html".into(),
    ]);
    for (taxonomy, term) in new(0).terms() {
        let filed = |story: &&Story| story.day.0 < 2025 && story.terms().contains(&(taxonomy, term));
        let year =
            archive.stories.iter().filter(filed).map(|story| story.day.0).max().expect("others have it");
        expected.insert(format!("{}/{year}/index.html", folder(taxonomy, term)));
    }
    // The last month's documents of the archive are sealed now, and its own one knows which follows.
    expected.extend([format!("feeds/2024/{month:02}.xml")]);
    assert_paths("written of the past by the year's first", &of_the_past(&first), &expected);
    for number in 1..12 {
        let changes = after(&mut archive, |archive| archive.put(new(number)));
        assert_paths("written of the past", &of_the_past(&changes), &Paths::new());
    }
}

#[test]
fn deletions() {
    let mut archive = Archive::built(STORIES, SEED);
    for at in [120, place(&archive, true), 0, STORIES - 4] {
        let page = archive.stories[at].page();
        let changes = after(&mut archive, |archive| archive.remove(at));
        assert!(changes.removed.contains(&page));
        let folder = archive.site.path("public").join(page.trim_end_matches("/index.html"));
        assert!(!folder.exists(), "no empty folder stays");
    }
}

#[test]
fn a_story_in_the_middle_of_the_past() {
    let mut archive = Archive::built(STORIES, SEED);
    let busy = archive.stories[place(&archive, false)].day;
    for (number, day) in [(1, (2022, 5, 30)), (2, busy), (3, (2019, 1, 1))] {
        let story = Story::on(day, 700, &format!("late/l{number}.md"));
        let page = story.page();
        let changes = after(&mut archive, |archive| archive.put(story));
        assert!(changes.written.contains(&page) && changes.removed.is_empty());
        assert!(!changes.written.contains("feed.xml"), "it isn't news");
    }
    // Another day for a story that is there: its page moves.
    let at = 130;
    let page = archive.stories[at].page();
    let changes = after(&mut archive, |archive| archive.change(at, |story| story.day = (2023, 7, 29)));
    assert!(changes.removed.contains(&page));
}

/// The pages of a site by their kind, as their body's class says.
fn of_kinds(archive: &Archive, kinds: &[&str]) -> Paths {
    let classes: Vec<String> = kinds.iter().map(|kind| format!("<body class=\"on-{kind}\">")).collect();
    let fits = |bytes: &[u8]| {
        let text = String::from_utf8_lossy(bytes);
        classes.iter().any(|class| text.contains(class))
    };
    archive.site.outputs().into_iter().filter(|(_, bytes)| fits(bytes)).map(|(path, _)| path).collect()
}

#[test]
fn templates() {
    let archive = Archive::built(STORIES, SEED);
    // With the same bytes in the site's own folder, nothing comes out differently.
    for name in ["article.html", "components/bars.html", "base.html"] {
        archive.site.put(&format!("templates/{name}"), template(name));
    }
    assert_eq!(archive.changes(), Changes::default());
    let every_page = [
        "home",
        "archive",
        "article",
        "day",
        "month",
        "year",
        "term",
        "term_year",
        "terms",
        "on_this_day",
        "on_this_day_index",
        "not_found",
    ];
    let cases: [(&str, &str, &str, &[&str]); 10] = [
        (
            "article.html",
            "<article class=\"story h-entry\">",
            "<article class=\"story h-entry ours\">",
            &["article"],
        ),
        ("parts/byline.html", "<p class=\"byline\">", "<p class=\"byline ours\">", &["article"]),
        ("components/bars.html", "class=\"bars\"", "class=\"bars ours\"", &["archive"]),
        ("components/month_wall.html", "class=\"wall\"", "class=\"wall ours\"", &["month"]),
        ("components/weekday_row.html", "<thead>", "<thead class=\"ours\">", &["month", "year"]),
        ("components/years.html", "class=\"years\"", "class=\"years ours\"", &["term"]),
        ("parts/lead.html", "<article class=\"lead", "<article class=\"ours lead", &["home"]),
        (
            "parts/listing.html",
            "<ol class=\"list\">",
            "<ol class=\"list ours\">",
            &["day", "term", "on_this_day"],
        ),
        (
            "parts/teaser.html",
            "<article class=\"teaser h-entry\">",
            "<article class=\"teaser h-entry ours\">",
            &["home", "month", "day", "term", "term_year", "on_this_day"],
        ),
        ("base.html", "<head>", "<head>\n<!-- ours -->", &every_page),
    ];
    for (name, from, to, kinds) in cases {
        let changed = template(name).replace(from, to);
        assert!(changed.contains(to), "{name} has no {from}");
        archive.site.put(&format!("templates/{name}"), changed);
        let changes = archive.changes();
        let expected = of_kinds(&archive, kinds);
        assert!(!expected.is_empty());
        assert_paths(&format!("written for {name}"), &changes.written, &expected);
        assert!(changes.removed.is_empty());
    }
    fs::remove_dir_all(archive.site.path("templates")).expect("removed");
    assert_paths("written", &archive.changes().written, &of_kinds(&archive, &every_page));
    assert_clean(&archive.site, "with the built-in templates again");
}

#[test]
fn settings() {
    let archive = Archive::built(STORIES, SEED);
    let articles = of_kinds(&archive, &["article"]);
    let set = |more: &str| {
        archive.site.put("site.yaml", format!("{SETTINGS}{more}"));
        archive.changes()
    };
    for more in [
        "reactions: {kinds: [like, sad], script: true}\n",
        "reactions: {kinds: [like, sad, angry], script: true}\n",
        "reactions: {kinds: [like], endpoint: https://react.example/}\n",
        "",
    ] {
        let changes = set(more);
        assert_paths(&format!("written for {more:?}"), &changes.written, &articles);
        assert!(changes.removed.is_empty());
    }
    assert_eq!(set("# a comment\n"), Changes::default());
    assert_eq!(set("extra: {unused: 1}\n"), Changes::default(), "what no template names shows nowhere");
    // The motto stands on the front page, as its description, and in the feeds; those of sections are the paper's, too.
    let feeds = |form: &str| {
        let feed =
            |path: &String| path.starts_with("feeds/") || path.contains("feed.") || path.contains("rss.");
        archive.site.paths().into_iter().filter(feed).filter(|path| path.ends_with(form)).collect::<Paths>()
    };
    let changes = set("description: All of it\n");
    let mut expected = feeds("");
    expected.insert("index.html".into());
    assert_paths("written", &changes.written, &expected);
    // Without a description that goes again, since it isn't set now.
    let pages = set("copyright: Us\n").written;
    let html = archive.site.paths().into_iter().filter(|path| path.ends_with(".html"));
    assert_paths("written", &pages, &html.chain(feeds("")).collect());
}

/// New times alone make nothing new.
#[test]
fn touched_files() {
    let archive = Archive::built(STORIES, SEED);
    archive.site.put("static/robots.bin", "A static file.");
    assert_eq!(archive.changes().written, paths(["robots.bin"]));
    let stamps = archive.site.stamps();
    for (at, story) in archive.stories.iter().enumerate().step_by(3) {
        let file = File::options().append(true).open(archive.site.path("content").join(&story.file));
        let time = SystemTime::now() - Duration::from_secs(60 * at as u64);
        file.and_then(|file| file.set_modified(time)).expect("a time of its own");
    }
    archive.site.put("static/robots.bin", "A static file.");
    archive.site.put("site.yaml", SETTINGS);
    assert_eq!(archive.changes(), Changes::default());
    assert_eq!(archive.site.stamps(), stamps);
}

#[test]
fn static_files() {
    let archive = Archive::built(STORIES, SEED);
    for (path, bytes) in [("a/b.txt", "one"), ("a/b.txt", "two"), ("CNAME", "test.example")] {
        archive.site.put(&format!("static/{path}"), bytes);
        assert_eq!(archive.changes().written, paths([path]));
    }
    archive.site.put("static/assets/dateline.css", "body {}");
    assert_eq!(archive.changes().written, paths(["assets/dateline.css"]), "the site's own instead of ours");
    archive.site.remove("static/a/b.txt");
    assert_eq!(archive.changes().removed, paths(["a/b.txt"]));
    assert!(!archive.site.path("public/a").exists());
    archive.site.remove("static/assets/dateline.css");
    assert_eq!(archive.changes().written, paths(["assets/dateline.css"]), "ours again");
    assert_clean(&archive.site, "after static files");
}

/// What is gone from the output folder, or was changed there, is made again, and nothing else.
#[test]
fn output_files() {
    let archive = Archive::built(STORIES, SEED);
    let page = archive.stories[50].page();
    archive.site.remove(&format!("public/{page}"));
    archive.site.put("public/2022/index.html", "by hand");
    assert_eq!(archive.changes().written, paths([page.as_str(), "2022/index.html"]));
    assert_clean(&archive.site, "after changes by hand");
    archive.site.put("public/mine.txt", "not ours");
    assert_eq!(archive.changes(), Changes::default());
    assert!(archive.site.has("mine.txt"), "what no build wrote stays");
}

/// More files that no saved record is of than the state has bytes, and all after those that one is of.
#[test]
fn a_small_site_that_grows_at_once() {
    let site = Site::new();
    site.build().fine();
    for number in 0..700 {
        site.put(
            &format!("content/new{number:03}.md"),
            story("New", &format!("2024-10-05T10:{:02}:{:02}Z", number / 60, number % 60), "", "Text.\n"),
        );
    }
    site.build().fine();
    assert_clean(&site, "700 stories more");
}

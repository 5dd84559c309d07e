//! The files that a build writes after a change to something other than an article: templates,
//! settings, static files, and the output folder.

use std::fs::{self, File};
use std::path::Path;
use std::time::{Duration, SystemTime};

use crate::archive::{Archive, OutputChanges, assert_same_as_clean_build};
use crate::harness::{SETTINGS, TestSite, article};
use crate::minimal_rebuild::{ARTICLES, Paths, SEED, assert_paths, path_set};

/// Returns a built-in template by name.
fn builtin_template(name: &str) -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates").join(name);
    fs::read_to_string(file).expect("the built-in template exists")
}

/// The page kinds with pages in every archive.
const EVERY_PAGE: [&str; 12] = [
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

/// An edit of a template: its name, a text in it, the replacement, and the page kinds that change.
type TemplateEdit = (&'static str, &'static str, &'static str, &'static [&'static str]);

const TEMPLATE_EDITS: &[TemplateEdit] = &[
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
    ("base.html", "<head>", "<head>\n<!-- ours -->", &EVERY_PAGE),
];

/// Returns the pages of some kinds, by the class of their body.
fn pages_of_kinds(archive: &Archive, kinds: &[&str]) -> Paths {
    let classes: Vec<String> =
        kinds.iter().map(|kind| format!("<body class=\"on-{kind}\">")).collect();
    let matches = |bytes: &[u8]| {
        let text = String::from_utf8_lossy(bytes);
        classes.iter().any(|class| text.contains(class))
    };
    archive
        .site
        .outputs()
        .into_iter()
        .filter(|(_, bytes)| matches(bytes))
        .map(|(path, _)| path)
        .collect()
}

#[test]
fn edited_templates() {
    let archive = Archive::generate_and_build(ARTICLES, SEED);
    // A site's template with the same bytes as the built-in one changes no output.
    for name in ["article.html", "components/bars.html", "base.html"] {
        archive.site.write(&format!("templates/{name}"), builtin_template(name));
    }
    assert_eq!(archive.build_changes(), OutputChanges::default());
    for &(name, from, to, kinds) in TEMPLATE_EDITS {
        let changed = builtin_template(name).replace(from, to);
        assert!(changed.contains(to), "{name} has no {from}");
        archive.site.write(&format!("templates/{name}"), changed);
        let changes = archive.build_changes();
        let expected = pages_of_kinds(&archive, kinds);
        assert!(!expected.is_empty());
        assert_paths(&format!("written for {name}"), &changes.written, &expected);
        assert!(changes.removed.is_empty());
    }
    fs::remove_dir_all(archive.site.path("templates")).expect("the file is removed");
    assert_paths(
        "written",
        &archive.build_changes().written,
        &pages_of_kinds(&archive, &EVERY_PAGE),
    );
    assert_same_as_clean_build(&archive.site, "with the built-in templates again");
}

#[test]
fn edited_settings() {
    let archive = Archive::generate_and_build(ARTICLES, SEED);
    let articles = pages_of_kinds(&archive, &["article"]);
    let build_with_settings = |settings: &str| {
        archive.site.write("site.yaml", format!("{SETTINGS}{settings}"));
        archive.build_changes()
    };
    for settings in [
        "reactions: {kinds: [like, sad], script: true}\n",
        "reactions: {kinds: [like, sad, angry], script: true}\n",
        "reactions: {kinds: [like], endpoint: https://react.example/}\n",
        "",
    ] {
        let changes = build_with_settings(settings);
        assert_paths(&format!("written for {settings:?}"), &changes.written, &articles);
        assert!(changes.removed.is_empty());
    }
    assert_eq!(build_with_settings("# a comment\n"), OutputChanges::default());
    assert_eq!(
        build_with_settings("extra: {unused: 1}\n"),
        OutputChanges::default(),
        "what no template names shows nowhere"
    );
    // The motto is on the front page, as its description, and in the feeds, also those of sections.
    let feeds_ending_with = |form: &str| {
        let is_feed = |path: &String| {
            path.starts_with("feeds/") || path.contains("feed.") || path.contains("rss.")
        };
        archive
            .site
            .output_paths()
            .into_iter()
            .filter(is_feed)
            .filter(|path| path.ends_with(form))
            .collect::<Paths>()
    };
    let changes = build_with_settings("description: All of it\n");
    let mut expected = feeds_ending_with("");
    expected.insert("index.html".into());
    assert_paths("written", &changes.written, &expected);
    // Without the description, which isn't set now.
    let written = build_with_settings("copyright: Us\n").written;
    let html = archive.site.output_paths().into_iter().filter(|path| path.ends_with(".html"));
    assert_paths("written", &written, &html.chain(feeds_ending_with("")).collect());
}

/// New modification times alone change nothing.
#[test]
fn touched_files_write_nothing() {
    let archive = Archive::generate_and_build(ARTICLES, SEED);
    archive.site.write("static/robots.bin", "A static file.");
    assert_eq!(archive.build_changes().written, path_set(["robots.bin"]));
    let stamps = archive.site.output_mtimes();
    for (index, article) in archive.articles.iter().enumerate().step_by(3) {
        let file =
            File::options().append(true).open(archive.site.path("content").join(&article.file));
        let time = SystemTime::now() - Duration::from_secs(60 * index as u64);
        file.and_then(|file| file.set_modified(time)).expect("the modification time is set");
    }
    archive.site.write("static/robots.bin", "A static file.");
    archive.site.write("site.yaml", SETTINGS);
    assert_eq!(archive.build_changes(), OutputChanges::default());
    assert_eq!(archive.site.output_mtimes(), stamps);
}

#[test]
fn changed_static_files() {
    let archive = Archive::generate_and_build(ARTICLES, SEED);
    for (path, bytes) in [("a/b.txt", "one"), ("a/b.txt", "two"), ("CNAME", "test.example")] {
        archive.site.write(&format!("static/{path}"), bytes);
        assert_eq!(archive.build_changes().written, path_set([path]));
    }
    archive.site.write("static/assets/dateline.css", "body {}");
    assert_eq!(
        archive.build_changes().written,
        path_set(["assets/dateline.css"]),
        "the site's own instead of ours"
    );
    archive.site.remove("static/a/b.txt");
    assert_eq!(archive.build_changes().removed, path_set(["a/b.txt"]));
    assert!(!archive.site.path("public/a").exists());
    archive.site.remove("static/assets/dateline.css");
    assert_eq!(archive.build_changes().written, path_set(["assets/dateline.css"]), "ours again");
    assert_same_as_clean_build(&archive.site, "after static files");
}

/// Files that were removed or changed in the output folder are written again, and no others.
#[test]
fn missing_or_changed_output_files() {
    let archive = Archive::generate_and_build(ARTICLES, SEED);
    let page = archive.articles[50].output_path();
    archive.site.remove(&format!("public/{page}"));
    archive.site.write("public/2022/index.html", "by hand");
    assert_eq!(archive.build_changes().written, path_set([page.as_str(), "2022/index.html"]));
    assert_same_as_clean_build(&archive.site, "after changes by hand");
    archive.site.write("public/mine.txt", "not ours");
    assert_eq!(archive.build_changes(), OutputChanges::default());
    assert!(archive.site.has_output("mine.txt"), "what no build wrote stays");
}

/// More new files than the cache has bytes, all after those with cached records.
#[test]
fn many_articles_added_to_a_small_site() {
    let site = TestSite::new();
    site.build().assert_success();
    for number in 0..700 {
        site.write(
            &format!("content/new{number:03}.md"),
            article(
                "New",
                &format!("2024-10-05T10:{:02}:{:02}Z", number / 60, number % 60),
                "",
                "Text.\n",
            ),
        );
    }
    site.build().assert_success();
    assert_same_as_clean_build(&site, "700 stories more");
}

//! Articles that readers must not see: by their status, or because a misspelled takedown is likely.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use dateline::internals::Session;
use dateline::{BuildOptions, BuildReport, Severity, SiteOptions};

use crate::harness::{CommandOutput, SETTINGS, TestSite, article, dateline, read_files};
use crate::in_process::{load_site, site_dir, try_build_site, write_file};
use crate::redaction::inflate_anywhere;

/// A word of the bodies that must not be published.
const MARKER: &str = "Quonzibar";

/// Statuses that hide an article.
const WITHHOLDING: [&str; 9] = [
    "unpublished",
    "draft",
    "pending",
    "hidden",
    "private",
    "trash",
    "removed",
    "deleted",
    "withdrawn",
];

/// Keys that control visibility, each with a valid value.
const KEYS: [(&str, &str); 8] = [
    ("draft", "true"),
    ("published", "false"),
    ("status", "unpublished"),
    ("embargo", "2999-01-01 06:00 Europe/Berlin"),
    ("expires", "2020-01-01"),
    ("expirydate", "2020-01-01"),
    ("unpublishdate", "2020-01-01"),
    ("redact", "[Jane Roe, John Doe]"),
];

/// Keys with which other systems hide an article, each with such a value.
const FOREIGN_KEYS: [(&str, &str); 14] = [
    ("private", "true"),
    ("hidden", "yes"),
    ("deleted", "true"),
    ("removed", "true"),
    ("withdrawn", "true"),
    ("takedown", "true"),
    ("trashed", "true"),
    ("unpublished", "true"),
    ("public", "false"),
    ("visible", "false"),
    ("visibility", "private"),
    ("post_status", "trash"),
    ("workflow_state", "draft"),
    ("password", "s3cret"),
];

/// Strings of an edit that are another known word.
const KNOWN_WORDS: [&str; 2] = ["unpublish", "public"];

/// Every output that may contain an article's text.
pub(crate) const ALL_OUTPUTS: &str = "search: true\ndata: {articles: true, ninjs: true}\n\
    feeds: {full_text: true, formats: [atom, rss, json]}\nllms: true\nhistory: false\n\
    redirects: {formats: [html, netlify, nginx, apache]}\n";

/// Returns every string that one edit makes of a word: an insertion, a deletion or a replacement of
/// a letter, or a swap of two letters beside each other.
pub(crate) fn edits(word: &str) -> BTreeSet<String> {
    let letters = || 'a'..='z';
    let mut edited = BTreeSet::new();
    for at in 0..=word.len() {
        let (before, after) = word.split_at(at);
        edited.extend(letters().map(|letter| format!("{before}{letter}{after}")));
        if let Some(first) = after.chars().next() {
            let rest = &after[1..];
            edited.insert(format!("{before}{rest}"));
            edited.extend(letters().map(|letter| format!("{before}{letter}{rest}")));
            if let Some(second) = rest.chars().next() {
                edited.insert(format!("{before}{second}{first}{}", &rest[1..]));
            }
        }
    }
    edited.remove(word);
    edited
}

/// Returns the line of front matter of each misspelled takedown.
fn misspelled_lines() -> Vec<String> {
    let statuses = WITHHOLDING.iter().flat_map(|status| edits(status));
    let mut lines: BTreeSet<String> = statuses
        .filter(|status| !KNOWN_WORDS.contains(&status.as_str()))
        .map(|status| format!("status: {status}\n"))
        .collect();
    for (key, value) in KEYS {
        // Shorter keys are too common.
        let misspelled = edits(key).into_iter().filter(|key| key.len() >= 5);
        lines.extend(misspelled.map(|key| format!("{key}: {value}\n")));
    }
    lines.into_iter().collect()
}

#[track_caller]
pub(crate) fn assert_no_marker(folder: &Path, word: &str) {
    for (path, bytes) in read_files(folder) {
        let holds = |bytes: &[u8]| {
            let text = String::from_utf8_lossy(bytes).to_lowercase();
            text.contains(&word.to_lowercase())
        };
        assert!(!holds(path.as_bytes()) && !holds(&bytes), "{path} holds {word}");
        if path.ends_with(".bin") {
            assert!(!holds(&inflate_anywhere(&bytes)), "{path} holds {word}, compressed");
        }
    }
}

/// Returns an article that must not be published, with the marker in every text.
pub(crate) fn secret_article(lines: &str) -> String {
    let fields = format!("description: {MARKER} stands first.\ntags: [{MARKER}]\n{lines}");
    article(&format!("{MARKER} reports"), "2024-11-05", &fields, &format!("{MARKER} text.\n"))
}

fn build(root: &Path, output: &str) -> BuildReport {
    let mut options = SiteOptions::new(root);
    options.output_dir = Some(root.join(output));
    try_build_site(root, &options, &BuildOptions::default()).expect("there is no I/O error")
}

/// No misspelling of a takedown publishes the article, in a clean build.
#[test]
fn no_misspelled_takedown_is_published() {
    let lines = misspelled_lines();
    assert!(lines.len() > 6_000, "{}", lines.len());
    let folder = site_dir(&[("content/good.md", &article("Good", "2024-11-05", "", "Good.\n"))]);
    let root = folder.path();
    write_file(root, "site.yaml", format!("{SETTINGS}{ALL_OUTPUTS}"));
    for (number, line) in lines.iter().enumerate() {
        write_file(root, &format!("content/{number}.md"), secret_article(line));
    }
    let report = build(root, "public");
    assert_eq!((report.articles, report.withheld.len()), (1, lines.len()));
    assert_eq!(report.count(Severity::Error), lines.len(), "each is reported");
    assert_no_marker(&root.join("public"), MARKER);
    let pages = read_files(&root.join("public"));
    let own = pages.keys().filter(|path| path.starts_with("2024/11/05/"));
    assert_eq!(own.count(), 3, "what was never published has no tombstone: {pages:?}");
    let database = root.join("archive.db");
    let mut export = dateline();
    export.args(["export", "sqlite"]).arg(&database).arg("--root").arg(root);
    let output = export.output().expect("the program runs");
    let bytes = fs::read(&database).unwrap_or_default();
    assert!(bytes.starts_with(b"SQLite format 3"), "{output:?}");
    assert!(!String::from_utf8_lossy(&bytes).to_lowercase().contains(&MARKER.to_lowercase()));
}

/// Misspelled keys of other systems, and the keys themselves where other lines have a mistake.
#[test]
fn keys_of_other_systems_withhold_with_a_mistake() {
    let mut lines: Vec<String> = FOREIGN_KEYS
        .iter()
        .flat_map(|(key, value)| edits(key).into_iter().map(move |key| format!("{key}: {value}\n")))
        .step_by(9)
        .collect();
    lines.extend(FOREIGN_KEYS.map(|(key, value)| format!("{key}: {value}\nkicker: one: two\n")));
    lines.extend(FOREIGN_KEYS.map(|(key, value)| format!("{key}: {value}\nlang: e n\n")));
    let folder = site_dir(&[("content/good.md", &article("Good", "2024-11-05", "", "Good.\n"))]);
    let root = folder.path();
    write_file(root, "site.yaml", format!("{SETTINGS}{ALL_OUTPUTS}"));
    let write_all = |lines_of: &dyn Fn(usize) -> String| {
        for number in 0..lines.len() {
            write_file(root, &format!("content/p{number}.md"), secret_article(&lines_of(number)));
        }
    };
    write_all(&|_| String::new());
    assert_eq!(build(root, "public").articles, lines.len() + 1);
    write_all(&|number| lines[number].clone());
    for _ in 0..2 {
        let report = build(root, "public");
        let withheld: BTreeSet<&str> =
            report.withheld.iter().map(|article| article.path.as_str()).collect();
        for (number, line) in lines.iter().enumerate() {
            assert!(withheld.contains(&*format!("p{number}.md")), "{line}: {withheld:?}");
        }
        assert_eq!((report.articles, report.withheld.len()), (1, lines.len()));
        assert!(report.count(Severity::Error) >= lines.len(), "each is reported");
        assert_no_marker(&root.join("public"), MARKER);
    }
}

/// Dates of other systems before and after which an article isn't published, as `embargo` and
/// `expires`.
#[test]
fn dates_of_other_systems_hide_an_article() {
    for (key, hides, shows) in [
        ("embargo_until", "2999-01-01", "2024-11-06"),
        ("embargoed_until", "2999-01-01", "2024-11-06"),
        ("publish_at", "2999-01-01", "2024-11-06"),
        ("publish_on", "2999-01-01", "2024-11-06"),
        ("publish_up", "2999-01-01", "2024-11-06"),
        ("expiry", "2024-11-06", "2999-01-01"),
        ("expiration", "2024-11-06", "2999-01-01"),
        ("publish_down", "2024-11-06", "2999-01-01"),
        ("unpublish_on", "2024-11-06", "2999-01-01"),
        ("unpublish_at", "2024-11-06", "2999-01-01"),
    ] {
        let site = site_after(ALL_OUTPUTS, &secret_article(&format!("{key}: {shows}\n")));
        site.build().assert_success();
        assert!(site.read_output(PAGE).contains(MARKER), "{key}");
        site.write("content/secret.md", secret_article(&format!("{key}: {hides}\n")));
        let build = site.build().assert_success();
        assert_eq!(build.report_number("articles"), 1, "{key}");
        assert_no_marker(&site.path("public"), MARKER);
        // A date that can't be read withholds, too.
        site.write("content/secret.md", secret_article(&format!("{key}: some day\n")));
        let build = site.build().assert_errors();
        build.only_diagnostic().assert_position(6, 1);
        assert_no_marker(&site.path("public"), MARKER);
    }
}

/// An article that was published is replaced by a tombstone at once.
#[test]
fn a_misspelled_takedown_replaces_the_page() {
    let lines: Vec<String> = misspelled_lines().into_iter().step_by(23).collect();
    let folder = site_dir(&[("content/good.md", &article("Good", "2024-11-05", "", "Good.\n"))]);
    let root = folder.path();
    write_file(root, "site.yaml", format!("{SETTINGS}{ALL_OUTPUTS}"));
    for number in 0..lines.len() {
        write_file(root, &format!("content/p{number}.md"), secret_article(""));
    }
    assert_eq!(build(root, "public").articles, lines.len() + 1);
    for (number, line) in lines.iter().enumerate() {
        write_file(root, &format!("content/p{number}.md"), secret_article(line));
    }
    for _ in 0..2 {
        let report = build(root, "public");
        assert_eq!((report.articles, report.withheld.len()), (1, lines.len()));
        assert_no_marker(&root.join("public"), MARKER);
        for number in 0..lines.len() {
            let page = root.join(format!("public/2024/11/05/p{number}/index.html"));
            let page = fs::read_to_string(page).expect("there is a tombstone");
            assert!(page.contains("taken down") && page.contains("noindex"), "{page}");
        }
    }
    // Apart from the tombstones, it is a clean build.
    build(root, "clean");
    let (mut public, clean) = (read_files(&root.join("public")), read_files(&root.join("clean")));
    let is_about_tombstones =
        |path: &str| path.starts_with("2024/11/05/p") || path.contains("htaccess");
    public.retain(|path, _| !is_about_tombstones(path) && path != "gone.nginx.conf");
    let clean: BTreeSet<String> =
        clean.into_keys().filter(|path| !is_about_tombstones(path)).collect();
    assert_eq!(public.into_keys().collect::<BTreeSet<String>>(), clean);
}

const PAGE: &str = "2024/11/05/secret/index.html";

/// Returns a site on which an article was published, and the article's file now has other lines.
pub(crate) fn site_after(settings: &str, source: &str) -> TestSite {
    let site = TestSite::new()
        .with_file("site.yaml", format!("{SETTINGS}{settings}"))
        .with_file("content/secret.md", secret_article("aliases: [/old/secret/]\n"));
    site.build().assert_success();
    assert!(site.read_output(PAGE).contains(MARKER));
    site.write("content/secret.md", source);
    site
}

#[track_caller]
pub(crate) fn assert_taken_down(site: &TestSite) {
    let page = site.read_output(PAGE);
    assert!(page.contains("This story has been taken down"), "{page}");
    assert!(!page.contains("<time") && !page.contains("standfirst"), "it is neutral: {page}");
    assert_no_marker(&site.path("public"), MARKER);
}

/// Statuses of other systems withhold without an error, in any case.
#[test]
fn statuses_of_other_systems_withhold() {
    for status in WITHHOLDING.iter().skip(1).map(|status| (*status).to_owned()).chain([
        "Private".to_owned(),
        "'TRASH '".to_owned(),
        "unpublish".to_owned(),
    ]) {
        let source = secret_article(&format!("aliases: [/old/secret/]\nstatus: {status}\n"));
        let site = site_after(ALL_OUTPUTS, &source);
        let build = site.build();
        assert_eq!((build.status, build.codes()), (0, vec![]), "{status}: {}", build.stderr);
        assert_eq!(build.report_number("unpublished.withheld"), 1, "{status}");
        if status == "unpublish" {
            assert!(build.stdout.contains("the status is `unpublish`"), "{}", build.stdout);
        }
        assert_taken_down(&site);
        assert!(site.read_output("old/secret/index.html").contains("taken down"));
        assert!(site.read_output(".htaccess").contains("410 \"^/2024/11/05/secret/$\""));
    }
    let site = site_after("", &secret_article("status: pending\n"));
    site.build_with_args(&["--drafts"]).assert_success();
    assert!(site.read_output(PAGE).contains(MARKER), "a preview shows what isn't finished");
    let site = site_after("", &secret_article("status: removed\n"));
    site.build_with_args(&["--drafts"]).assert_success();
    assert_taken_down(&site);
}

#[test]
fn statuses_of_other_systems_publish() {
    for status in ["publish", "Published", "PUBLIC", "live", "featured", "anonymized", "Anonymised"]
    {
        let site = site_after("", &secret_article(&format!("status: {status}\n")));
        site.build().assert_success();
        assert!(site.read_output(PAGE).contains(MARKER), "{status}");
    }
    for status in ["active", "archived", "approved", "publishd", "3"] {
        let site = site_after("", &secret_article(&format!("status: {status}\n")));
        let build = site.build();
        assert_eq!((build.status, build.codes()), (0, vec!["unknown-status"]), "{status}");
        let warning = build.only_diagnostic();
        warning.assert_position(6, 1).assert_help_contains("`unpublished`");
        assert!(site.read_output(PAGE).contains(MARKER), "{status}");
    }
}

/// A time of publication in another system's key is the end of an embargo while it is in the
/// future.
#[test]
fn embargoes_of_other_systems_withhold() {
    for key in ["publishDate", "publish_at", "publish_up", "embargo_until"] {
        for (time, scheduled) in [("2999-01-01", 1), ("2020-01-01", 0)] {
            let site = TestSite::new();
            site.write("content/secret.md", secret_article(&format!("{key}: {time}\n")));
            let build = site.build().assert_success();
            assert_eq!(build.report_number("unpublished.future"), scheduled, "{key}: {time}");
            assert_eq!(site.has_output(PAGE), scheduled == 0, "{key}: {time}");
        }
    }
}

/// Other mistakes keep the last good page.
#[test]
fn a_mistake_without_a_takedown_keeps_the_page() {
    for lines in [
        "slug: a/b\n",
        "kicker: one: two\n",
        "draft: false\nlang: e n\n",
        "published: true\nstatus: published\nexpires: 2999-01-01\nlang: e n\n",
        "embargo: 2020-01-01\ndescription: redact this: please\nlang: e n\n",
    ] {
        let site = site_after("", &secret_article(lines));
        let build = site.build().assert_errors();
        assert_eq!(build.report_number("unpublished.withheld"), 0, "{lines}: {}", build.stderr);
        assert!(site.read_output(PAGE).contains(MARKER), "{lines}");
    }
}

/// The message names the key and the likely correction, and the page returns when it is corrected.
#[test]
fn a_misspelled_key_is_reported_where_it_is() {
    let site = site_after("", &secret_article("embargoed: 2999-01-01\n"));
    let build = site.build().assert_errors();
    build
        .only_diagnostic()
        .assert_code("misspelled-key")
        .assert_position(6, 1)
        .assert_source_line("embargoed: 2999-01-01")
        .assert_message_contains("`embargoed`")
        .assert_help_contains("`embargo:`");
    site.write("content/secret.md", secret_article("redacts: [Jane Roe]\n"));
    let build = site.build().assert_errors();
    build.only_diagnostic().assert_code("misspelled-key").assert_help_contains("`redact:`");
    assert!(!build.stderr.contains("Jane"), "names aren't shown: {}", build.stderr);
    site.write("content/secret.md", secret_article("embargo: 2020-01-01\n"));
    site.build().assert_success();
    assert!(site.read_output(PAGE).contains(MARKER));
}

/// Misspellings of other keys are warnings.
#[test]
fn other_misspelled_keys_are_warnings() {
    for (line, meant) in [
        ("standfrist: x\n", "standfirst"),
        ("catgories: [a]\n", "categories"),
        ("drafts: maybe\n", "draft"),
        ("embargoed: soon\n", "embargo"),
        ("histroy: false\n", "history"),
    ] {
        let site = site_after("", &secret_article(line));
        let build = site.build();
        let warning = build.only_diagnostic();
        warning.assert_code("misspelled-key").assert_help_contains(&format!("`{meant}:`"));
        assert_eq!((build.status, warning.severity.as_str()), (0, "warning"), "{line}");
        assert!(site.read_output(PAGE).contains(MARKER), "{line}");
    }
    // Short keys, and keys that are near none.
    for line in ["drft: true\n", "dat: 2999-01-01\n", "beat: border\n", "kicker: true\n"] {
        site_after("", &secret_article(line)).build().assert_success();
    }
    let site = site_after("search: true\n", &secret_article("serach: false\n"));
    site.build();
    let search = |path: &String| path.ends_with(".bin");
    for (path, bytes) in site.outputs().into_iter().filter(|(path, _)| search(path)) {
        let inflated = inflate_anywhere(&bytes);
        let text = String::from_utf8_lossy(&inflated).to_lowercase();
        assert!(!text.contains(&MARKER.to_lowercase()), "{path}");
    }
}

/// A date that would be in the future withholds an article that has no other date.
#[test]
fn a_misspelled_future_date_withholds() {
    let source = |line: &str| format!("---\ntitle: {MARKER}\n{line}---\n{MARKER}\n");
    for (line, articles) in [
        ("publish_date: 2999-01-01\n", 1),
        ("publishdat: 2999-01-01\n", 0),
        ("publishdat: 2020-01-01\n", 1),
        ("date: 2024-11-05\npublishdat: 2999-01-01\n", 0),
        ("date: 2024-11-05\npublishdat: 2020-01-01\n", 1),
    ] {
        let site = TestSite::empty().with_file("content/2024-11-05-secret.md", source(line));
        assert_eq!(site.build().report_number("articles"), articles, "{line}");
    }
}

/// With the permalink registry, a checkout without a cache has the tombstones, too, and no URL
/// counts as lost, also if the file was renamed at the same time.
#[test]
fn a_withheld_article_is_no_lost_permalink() {
    let body =
        format!("{MARKER} and much more text, so that it is recognized by its body alone.\n");
    let source = |lines: &str| article(MARKER, "2024-11-05", lines, &body);
    for file in ["content/secret.md", "content/renamed.md"] {
        let site = TestSite::new().with_file("content/secret.md", source(""));
        site.build_with_args(&["--record"]).assert_success();
        site.remove("content/secret.md");
        site.write(file, source("status: unpublshed\n"));
        let build = site.build().assert_errors();
        assert_eq!(build.codes(), ["misspelled-status"], "{file}: {}", build.stderr);
        assert_taken_down(&site);
        fs::remove_dir_all(site.path(".dateline")).expect("the cache is removed");
        let (clean_build, files) = site.build_clean();
        assert_eq!(clean_build.codes(), ["misspelled-status"], "{}", clean_build.stderr);
        assert!(files.contains_key(PAGE), "{file}");
        let check =
            CommandOutput::run(dateline().args(["permalinks", "check", "--root"]).arg(site.root()));
        assert!(!check.stderr.contains("lost-permalink"), "{}", check.stderr);
    }
}

/// A URL that another article has now gets no tombstone.
#[test]
fn a_tombstone_gives_way_to_the_page_of_another_article() {
    let site = site_after("", &secret_article("status: private\n"));
    let other = article("Other", "2024-11-05", "permalink: /2024/11/05/secret/\n", "Other.\n");
    site.write("content/other.md", other);
    site.build().assert_success();
    assert!(site.read_output(PAGE).contains("Other"));
}

/// No command shows or exports a withheld article.
#[test]
fn no_command_shows_a_withheld_article() {
    let site = site_after("", &secret_article("stauts: unpublished\n"));
    let database = site.path("archive.db");
    let export = dateline()
        .args(["export", "sqlite"])
        .arg(&database)
        .arg("--root")
        .arg(site.root())
        .output()
        .expect("the program runs");
    let bytes = fs::read(&database).unwrap_or_default();
    assert!(!String::from_utf8_lossy(&bytes).contains(MARKER), "{export:?}");
    let loaded_site = load_site(&site.root());
    let mut session = Session::open_read_only(&loaded_site, &()).expect("there is no I/O error");
    session.with_preview(&loaded_site, Vec::new(), |preview| {
        assert!(preview.find_output(PAGE).is_none());
        let home = preview.find_output("index.html").expect("there is a front page");
        let Ok(dateline::internals::FileContent::Bytes(page)) = preview.render(home) else {
            panic!("the front page is rendered");
        };
        assert!(!String::from_utf8_lossy(&page).contains(MARKER));
    });
}

/// Front matter as other systems and their exporters write it, without a date.
const FOREIGN_FRONT_MATTER: &[&str] = &[
    // Jekyll
    "layout: post\nexcerpt_separator: <!--more-->\ncomments: true\ntoc: true\npin: false\n\
     redirect_from: [/old/]\nlast_modified_date: 2024-11-06\nsitemap: false\ncollection: posts\n",
    // Hugo
    "type: posts\nweight: 3\nheadless: false\nimages: [a.png]\nfeatured: true\nshowToc: true\n\
     linkTitle: Short\noutputs: [html]\ncascade: {banner: a.png}\nlanguages: [en]\n",
    // Zola
    "template: page.html\nin_search_index: true\nrender: true\nsort_by: date\ntransparent: false\n",
    // Eleventy, Obsidian
    "eleventyExcludeFromCollections: false\npublish_date: 2024-11-05\npublish: true\n\
     templateEngineOverride: njk\ncssclasses: [wide]\nunlisted: false\n",
    // Ghost
    "uuid: 3f2a\nvisibility: public\nfeature_image: a.png\nfeatured: false\nstatus: published\n\
     published_by: 1\ncreated_at: 2024-11-04\nupdated_at: 2024-11-06\nmeta_title: x\n\
     email_only: false\nsend_email_when_published: false\n",
    // WordPress exporters
    "post_id: 12\npost_status: publish\nstatus: publish\ncomment_status: open\nsticky: false\n\
     ping_status: closed\npublished_on: 2024-11-05\nguid: https://old.example/?p=12\n\
     format: aside\n",
    // Pelican
    "save_as: x.html\ntranslation: false\nrelated_posts: [a]\ntemplate: article\n",
    // Docusaurus
    "sidebar_label: x\nsidebar_position: 2\nhide_title: true\nunlisted: false\n\
     last_update: {date: 2024-11-05}\npagination_next: null\ncustom_edit_url: null\n",
    // MkDocs
    "hide: [toc]\nicon: star\nreadtime: 5\npinned: true\nlinks: [a]\n",
    // Hexo
    "disableNunjucks: true\nabstract: Locked\nmathjax: true\ntop_img: a.png\nphotos: [a.png]\n",
    // Gatsby, Astro, Next.js
    "templateKey: post\nfeaturedpost: true\nisPublished: true\nisDraft: false\nheroImage: a.png\n\
     pubDatetime: 2024-11-05\nupdatedDate: 2024-11-06\ncanonical_url: https://x.example/\n",
    // Drupal, Joomla, Movable Type
    "nid: 3\nlangcode: en\npromote: true\nbasename: x\nallow_comments: 1\nconvert_breaks: 0\n\
     publish_up: 2024-11-05\nmetakey: a\nhits: 12\n",
    // Newsrooms in other languages
    "publisher: The Courier\nredactor: Jan Jansen\nredactie: Binnenland\nredaction: Politik\n\
     historic: true\nstats: {views: 3}\nreact: true\nrepublished: true\nlocation: Bern\n",
    // digital.gov
    "kicker: UX\nsource_url: https://x.example/\nevent_organizer: GSA\nend_date: 2024-11-06\n\
     captions: https://x.example/c\nyoutube_id: abc\nguide: ux\nweight: 1\nheadless: true\n",
];

/// Keys of other systems withhold nothing, and aren't misspellings.
#[test]
fn keys_of_other_systems_withhold_nothing() {
    let site = TestSite::empty();
    for (number, lines) in FOREIGN_FRONT_MATTER.iter().enumerate() {
        write_file(
            &site.root(),
            &format!("content/{number}.md"),
            article("x", "2024-11-05", lines, "Text.\n"),
        );
    }
    let build = site.build();
    let articles = build.report_number("articles");
    assert_eq!(articles, FOREIGN_FRONT_MATTER.len() as u64, "{}", build.stderr);
    assert_eq!(build.report_number("unpublished.withheld"), 0);
    let misspelled = build.codes().into_iter().find(|code| code.starts_with("misspelled"));
    assert_eq!(misspelled, None, "{}", build.stderr);
}

//! Explanations and checks of a build: why a page is rendered, what a dry run would do, whether
//! files are unchanged.

use std::fs;

use serde_json::Value;

use crate::archive::{
    Archive, Article, OutputChanges, assert_same_as_clean_build, build_with_changes, flip_byte,
    read_tree, wait_until_mtimes_are_reliable,
};
use crate::harness::{CommandOutput, SETTINGS, TestSite, article, dateline};

/// The explanation of a page by `--explain`, from the JSON report.
#[derive(Debug)]
struct Explanation {
    path: String,
    verdict: String,
    /// The name of an input, its old and its new value.
    changes: Vec<(String, Option<String>, Option<String>)>,
    inputs: u64,
}

impl Explanation {
    #[track_caller]
    fn assert_verdict(&self, expected: &str) -> &Self {
        assert!(self.verdict.contains(expected), "{self:?}");
        self
    }

    /// Returns the changed input of a name.
    #[track_caller]
    fn change_of_input(&self, name: &str) -> (Option<&str>, Option<&str>) {
        let found = self.changes.iter().find(|(input, ..)| input == name);
        let (_, old, new) = found.unwrap_or_else(|| panic!("no change of {name}: {self:?}"));
        (old.as_deref(), new.as_deref())
    }

    /// Asserts that a title changed to another.
    #[track_caller]
    fn assert_title_change(&self, name: &str, from: &str, to: &str) -> &Self {
        let (old, new) = self.change_of_input(name);
        let starts_with_title =
            |value: Option<&str>, title: &str| value.is_some_and(|value| value.starts_with(title));
        assert!(starts_with_title(old, from) && starts_with_title(new, to), "{self:?}");
        assert_ne!(old, new, "the two differ");
        self
    }

    #[track_caller]
    fn assert_single_change(&self) {
        assert_eq!(self.changes.len(), 1, "{self:?}");
    }
}

/// Returns the explanations of some pages by a dry run.
#[track_caller]
fn explain_pages(site: &TestSite, pages: &[&str]) -> Vec<Explanation> {
    explain_pages_with_args(site, pages, &["--dry-run"])
}

#[track_caller]
fn explain_pages_with_args(
    site: &TestSite,
    pages: &[&str],
    extra_args: &[&str],
) -> Vec<Explanation> {
    let mut args = extra_args.to_vec();
    args.extend(pages.iter().flat_map(|page| ["--explain", page]));
    let build = site.build_with_args(&args).assert_success();
    let report: Value = serde_json::from_str(&build.stdout).expect("the output is a JSON object");
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let explanations =
        report["explanations"].as_array().expect("the value is a list").iter().map(|explanation| {
            Explanation {
                path: text(&explanation["path"]).expect("there is a path"),
                verdict: text(&explanation["verdict"]).expect("there is a verdict"),
                changes: explanation["changes"]
                    .as_array()
                    .expect("the value is a list")
                    .iter()
                    .map(|change| {
                        (
                            text(&change["input"]).expect("there is a name"),
                            text(&change["from"]),
                            text(&change["to"]),
                        )
                    })
                    .collect(),
                inputs: explanation["inputs"].as_u64().expect("the value is a number"),
            }
        });
    let explanations: Vec<Explanation> = explanations.collect();
    assert_eq!(explanations.len(), pages.len(), "one for each");
    explanations
}

#[track_caller]
fn explain_page(site: &TestSite, page: &str) -> Explanation {
    explain_pages(site, &[page]).remove(0)
}

/// Returns a site with three articles on three days.
fn site_with_three_articles() -> TestSite {
    let article_file = |number: u32| {
        let (title, date) = (format!("Title {number}"), format!("2024-11-0{number} 10:00"));
        (
            format!("content/a{number}.md"),
            article(&title, &date, "tags: [Talks]\nsection: world\n", "Text.\n"),
        )
    };
    let site = (1..4)
        .map(article_file)
        .fold(TestSite::empty(), |site, (path, text)| site.with_file(&path, text));
    site.build().assert_success();
    site
}

fn change_title(site: &TestSite, number: u32, title: &str) {
    let date = format!("2024-11-0{number} 10:00");
    let lines = "tags: [Talks]\nsection: world\n";
    site.write(&format!("content/a{number}.md"), article(title, &date, lines, "Text.\n"));
}

/// A page can be named by its URL path, its path in the output folder, or its URL.
#[test]
fn pages_can_be_named_by_url_or_path() {
    let site = site_with_three_articles();
    let names = [
        "/2024/11/02/a2/",
        "2024/11/02/a2/",
        "2024/11/02/a2/index.html",
        "/2024/11/02/a2/index.html",
        "https://test.example/2024/11/02/a2/",
    ];
    for explanation in explain_pages(&site, &names) {
        assert_eq!(explanation.path, "2024/11/02/a2/index.html");
        explanation.assert_verdict("unchanged: ");
    }
    for (name, path) in [("/", "index.html"), ("https://test.example/feed.xml", "feed.xml")] {
        assert_eq!(explain_page(&site, name).path, path);
    }
    site.write("site.yaml", "title: The Test\nbase_url: https://test.example/archive\n");
    site.build().assert_success();
    for explanation in explain_pages(
        &site,
        &["/archive/2024/11/02/a2/", "https://test.example/archive/2024/11/02/a2/"],
    ) {
        assert_eq!(explanation.path, "2024/11/02/a2/index.html");
        explanation.assert_verdict("unchanged: ");
    }
}

#[test]
fn an_unchanged_page_is_left_alone() {
    let site = site_with_three_articles();
    for page in [
        "/2024/11/02/a2/",
        "/2024/11/02/",
        "/",
        "/feed.xml",
        "/assets/dateline.css",
        "/tags/talks/2024/",
    ] {
        let explanation = explain_page(&site, page);
        explanation.assert_verdict("unchanged: ");
        assert!(explanation.changes.is_empty() && explanation.inputs > 0, "{explanation:?}");
    }
    // Without --dry-run, too.
    explain_pages_with_args(&site, &["/"], &[])[0].assert_verdict("unchanged: ");
}

#[test]
fn a_new_page_is_explained() {
    let site = site_with_three_articles();
    site.write("content/a4.md", article("Title 4", "2024-11-04", "", ""));
    let explanation = explain_page(&site, "/2024/11/04/a4/");
    explanation.assert_verdict("new: ");
    // The build that creates it reports it as new, too.
    explain_pages_with_args(&site, &["/2024/11/04/a4/"], &[])[0].assert_verdict("new: ");
    explain_page(&site, "/2024/11/04/a4/").assert_verdict("unchanged: ");
}

#[test]
fn an_edited_body_is_explained() {
    let site = site_with_three_articles();
    site.write(
        "content/a2.md",
        article("Title 2", "2024-11-02 10:00", "tags: [Talks]\nsection: world\n", "Other.\n"),
    );
    let explanation = explain_page(&site, "/2024/11/02/a2/");
    explanation.assert_verdict("these inputs changed").assert_single_change();
    let (from, to) = explanation.change_of_input("content/a2.md");
    assert!(from.is_some() && to.is_some() && from != to, "{explanation:?}");
    for page in ["/2024/11/02/", "/2024/11/01/a1/", "/"] {
        explain_page(&site, page).assert_verdict("unchanged: ");
    }
}

/// The explanation of a listing names the article whose teaser changed, with both titles.
#[test]
fn an_edited_title_is_explained() {
    let site = site_with_three_articles();
    change_title(&site, 2, "Another title");
    for page in
        ["/2024/11/02/", "/2024/11/", "/", "/feed.xml", "/sections/world/", "/tags/talks/2024/"]
    {
        let explanation = explain_page(&site, page);
        let explanation = explanation.assert_verdict("these inputs changed");
        explanation
            .assert_title_change("teaser of content/a2.md", "Title 2", "Another title")
            .assert_single_change();
    }
    let explanation = explain_page(&site, "/2024/11/02/a2/");
    explanation.assert_title_change("teaser", "Title 2", "Another title");
    assert_eq!(explanation.changes.len(), 2, "its file and its teaser: {explanation:?}");
    explain_page(&site, "/2024/11/01/a1/")
        .assert_title_change("next article", "Title 2", "Another title")
        .assert_single_change();
    explain_page(&site, "/2024/11/03/a3/")
        .assert_title_change("previous article", "Title 2", "Another title")
        .assert_single_change();
    explain_page(&site, "/archive/").assert_verdict("unchanged: ");
}

#[test]
fn an_article_added_to_or_removed_from_a_listing() {
    let site = site_with_three_articles();
    site.write("content/a4.md", article("Title 4", "2024-11-02 11:00", "", ""));
    let explanation = explain_page(&site, "/2024/11/02/");
    assert_eq!(
        explanation.change_of_input("articles of the day"),
        (Some("1"), Some("2")),
        "{explanation:?}"
    );
    let (from, to) = explanation.change_of_input("teaser of content/a4.md");
    assert!(from.is_none() && to.is_some_and(|to| to.starts_with("Title 4")), "{explanation:?}");
    site.build().assert_success();
    site.remove("content/a4.md");
    let explanation = explain_page(&site, "/2024/11/02/");
    assert_eq!(
        explanation.change_of_input("articles of the day"),
        (Some("2"), Some("1")),
        "{explanation:?}"
    );
    let (from, to) = explanation.change_of_input("teaser of content/a4.md");
    assert!(
        from.is_some_and(|from| from.starts_with("Title 4")) && to.is_none(),
        "{explanation:?}"
    );
}

#[test]
fn an_edited_template_is_explained() {
    let site = site_with_three_articles();
    site.write("templates/day.html", "{{ count }} stories");
    let explanation = explain_page(&site, "/2024/11/02/");
    explanation.assert_verdict("these inputs changed");
    let (_, to) = explanation.change_of_input("template day.html");
    assert!(to.is_some(), "{explanation:?}");
    explain_page(&site, "/2024/11/").assert_verdict("unchanged: ");
    site.build().assert_success();
    site.write("templates/day.html", "There are {{ count }} stories");
    let explanation = explain_page(&site, "/2024/11/02/");
    let (from, to) = explanation.change_of_input("template day.html");
    assert!(from.is_some() && to.is_some() && from != to, "{explanation:?}");
    explanation.assert_single_change();
}

#[test]
fn an_edited_setting_is_explained() {
    let site = site_with_three_articles();
    let write_settings = |settings: &str| site.write("site.yaml", format!("{SETTINGS}{settings}"));
    write_settings("copyright: Us\n");
    site.build().assert_success();
    write_settings("copyright: Them\n");
    let explanation = explain_page(&site, "/2024/11/02/a2/");
    assert_eq!(
        explanation.assert_verdict("these inputs changed").change_of_input("site.copyright"),
        (Some("Us"), Some("Them"))
    );
    explanation.assert_single_change();
    site.write("site.yaml", "title: Another Test\nbase_url: https://test.example\ncopyright: Us\n");
    let explanation = explain_page(&site, "/2024/11/");
    assert_eq!(explanation.change_of_input("site.title"), (Some("The Test"), Some("Another Test")));
}

#[test]
fn an_output_changed_by_hand_is_explained() {
    let site = site_with_three_articles();
    site.remove("public/2024/11/01/index.html");
    site.write("public/2024/11/02/index.html", "by hand");
    let explanation = explain_page(&site, "/2024/11/01/");
    explanation.assert_verdict("missing from the output folder");
    assert!(explanation.changes.is_empty());
    explain_page(&site, "/2024/11/02/").assert_verdict("changed after the last build");
    site.build().assert_success();
    for page in ["/2024/11/01/", "/2024/11/02/"] {
        explain_page(&site, page).assert_verdict("unchanged: ");
    }
    explain_pages_with_args(&site, &["/2024/11/01/"], &["--dry-run", "--force"])[0]
        .assert_verdict("--force");
}

#[test]
fn paths_without_a_page() {
    let site = site_with_three_articles();
    explain_page(&site, "/2024/11/09/").assert_verdict("no such page");
    explain_page(&site, "/2024/11/02/a9/").assert_verdict("no such page");
    site.remove("content/a2.md");
    for page in ["/2024/11/02/a2/", "/2024/11/02/", "/on-this-day/11-02/"] {
        explain_page(&site, page).assert_verdict("removed: ");
    }
    site.build().assert_success();
    explain_page(&site, "/2024/11/02/a2/").assert_verdict("no such page");
}

#[test]
fn explanations_on_the_terminal() {
    let site = site_with_three_articles();
    change_title(&site, 2, "Another title");
    let build = CommandOutput::run(site.build_command().args([
        "--dry-run",
        "--explain",
        "/2024/11/02/",
        "--explain",
        "/nothing/",
    ]));
    let lines: Vec<&str> = build.stdout.lines().collect();
    let first = "2024/11/02/index.html: rebuilt: these inputs changed (1 of ";
    assert!(lines[0].starts_with(first), "{}", lines[0]);
    assert_eq!(lines[1], "  teaser of content/a2.md: `Title 2` → `Another title`");
    assert!(lines.contains(&"nothing/index.html: there is no such page in this site"), "{lines:?}");
    assert!(lines.last().is_some_and(|line| line.contains(" would be written, ")), "{lines:?}");
}

/// A value that Rust's `Debug` wrote: `Some(…)`, `Feeds { …`, `[NavItem …`, a number in quotation
/// marks.
fn looks_like_debug_output(value: &str) -> bool {
    let has_type_name = value.split(|c: char| !c.is_alphanumeric()).any(|word| {
        matches!(
            word,
            "Some" | "None" | "NavItem" | "Taxonomy" | "Limits" | "Sanitized" | "Netlify"
        )
    });
    has_type_name || value.contains(" { ")
}

/// Every setting that a page depends on is written as in site.yaml.
#[test]
fn settings_are_explained_as_an_editor_writes_them() {
    let site = site_with_three_articles();
    let write_settings = |settings: &str| site.write("site.yaml", format!("{SETTINGS}{settings}"));
    write_settings("sections: {world: World}\nfeeds: {archive: false}\n");
    site.build().assert_success();
    write_settings(
        "sections: {world: Abroad, city: City}\nfeeds: false\nhtml: trusted\n\
         limits: {nesting: 50}\ncorrections: {retracted: keep}\nlicense: https://cc.example/\n\
         calendars: [persian]\ntaxonomies: {people: false, tags: {from: [topic]}}\n\
         search: true\nredirects: {formats: [html, netlify], rules: {/old/: /new/}}\n\
         robots: {disallow: [/a/]}\ndata: {ninjs: true}\nlogo: logo.svg\n",
    );
    site.write("static/logo.svg", "<svg/>");
    let pages = ["/2024/11/02/a2/", "/", "/sitemap.xml", "/robots.txt", "/archive/"];
    let explanations = explain_pages(&site, &pages);
    for explanation in &explanations {
        for (name, from, to) in &explanation.changes {
            for value in [from, to].into_iter().flatten() {
                assert!(!looks_like_debug_output(value), "{name}: {value}");
            }
        }
    }
    let article = &explanations[0];
    for (name, change) in [
        ("sections", (Some("world"), Some("world, city"))),
        ("sections.world", (Some("World"), Some("Abroad"))),
        ("sections.city", (None, Some("City"))),
        ("feeds.archive", (Some("false"), None)),
        ("feeds", (None, Some("false"))),
        ("html", (Some("sanitized"), Some("trusted"))),
        ("limits.nesting", (Some("100"), Some("50"))),
        ("corrections.retracted", (Some("strike"), Some("keep"))),
        ("license", (Some("(not set)"), Some("https://cc.example/"))),
        ("calendars", (Some("[]"), Some("[persian]"))),
        ("taxonomies.tags.from", (Some("[tags, tag, keywords]"), Some("[topic]"))),
        ("taxonomies.people.path", (Some("people"), None)),
    ] {
        assert_eq!(article.change_of_input(name), change, "{name}");
    }
    let sitemap = &explanations[2];
    for (name, change) in [
        ("redirects.formats", (Some("[html]"), Some("[html, netlify]"))),
        ("redirects.rules./old/", (None, Some("/new/"))),
        ("robots.disallow", (Some("[]"), Some("[/a/]"))),
        ("data.ninjs", (None, Some("true"))),
    ] {
        assert_eq!(sitemap.change_of_input(name), change, "{name}");
    }
}

/// `dateline explain` prints a cause that several pages have in common once.
#[test]
fn a_cause_of_several_pages_is_printed_once() {
    let site = site_with_three_articles();
    site.write("site.yaml", format!("{SETTINGS}sections: {{world: Abroad}}\n"));
    let explain = |args: &[&str]| {
        let mut command = dateline();
        command.arg("explain").arg("content/a2.md").arg("--root").arg(site.root());
        CommandOutput::run(command.args(args))
    };
    let text = explain(&[]).stdout;
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let of_section: Vec<usize> =
        (0..lines.len()).filter(|&index| lines[index].starts_with("sections.world: ")).collect();
    assert_eq!(of_section.len(), 1, "{text}");
    assert_eq!(lines[of_section[0]], "sections.world: added: `Abroad`");
    let page_list = lines[of_section[0] + 1];
    assert!(page_list.contains(" pages: 2024/11/02/a2/index.html, "), "{page_list}");
    assert!(page_list.ends_with(" more"), "{page_list}");
    assert!(!lines.iter().any(|line| looks_like_debug_output(line)), "{text}");

    let report: Value =
        serde_json::from_str(&explain(&["--format", "json"]).stdout).expect("one JSON object");
    let causes = report["causes"].as_array().expect("an array");
    let of_section: Vec<&Value> =
        causes.iter().filter(|cause| cause["input"] == "sections.world").collect();
    assert_eq!(of_section.len(), 1, "{causes:#?}");
    let pages = report["pages"].as_array().expect("an array");
    assert_eq!(of_section[0]["pages"].as_array().map(Vec::len), Some(pages.len()), "{causes:#?}");
}

/// Makes a dry run: it must leave everything unchanged, even modification times of folders, and
/// report what the build then does.
#[track_caller]
pub(crate) fn assert_dry_run_predicts_build(site: &TestSite, step: &str) -> OutputChanges {
    let trees = |site: &TestSite| read_tree(&site.root());
    let before = trees(site);
    let (build, predicted) = build_with_changes(site, &["--dry-run"]);
    let after = trees(site);
    let names = |tree: &std::collections::BTreeMap<String, _>| {
        tree.keys().cloned().collect::<Vec<String>>()
    };
    assert_eq!(names(&before), names(&after), "{step}: a dry run adds and removes nothing");
    let touched: Vec<&String> =
        before.keys().filter(|path| before[*path] != after[*path]).collect();
    assert!(touched.is_empty(), "{step}: a dry run touched {touched:?}");
    let (actual, changes) = build_with_changes(site, &[]);
    assert_eq!(
        (build.status, build.codes()),
        (actual.status, actual.codes()),
        "{step}: the same is reported"
    );
    let missing_from = |a: &OutputChanges, b: &OutputChanges| {
        let difference = |a: &std::collections::BTreeSet<String>, b| {
            a.difference(b).cloned().collect::<Vec<String>>()
        };
        (difference(&a.written, &b.written), difference(&a.removed, &b.removed))
    };
    let (unexpected, missing) =
        (missing_from(&predicted, &changes), missing_from(&changes, &predicted));
    assert!(
        predicted == changes,
        "{step}: forecast besides (written, removed): {unexpected:?}; not forecast: {missing:?}"
    );
    for key in ["articles", "pages", "unchanged"] {
        assert_eq!(build.report_number(key), actual.report_number(key), "{step}: {key}");
    }
    changes
}

#[test]
fn a_dry_run_predicts_the_first_build() {
    let site = Archive::new(crate::archive::generate_articles(30, 7)).site;
    let changes = assert_dry_run_predicts_build(&site, "the first build");
    assert_eq!(changes.written.len(), site.outputs().len());
    assert_dry_run_predicts_build(&site, "nothing to do");
}

#[test]
fn a_dry_run_predicts_edits() {
    let mut archive = Archive::generate_and_build(80, 11);
    archive.edit(40, |article| article.body.push_str(" More."));
    assert_dry_run_predicts_build(&archive.site, "a body");
    archive.edit(40, |article| article.title = "Another".into());
    assert_dry_run_predicts_build(&archive.site, "a title");
    archive.write(Article::on_day((2022, 5, 29), 3, "late/one.md"));
    assert_dry_run_predicts_build(&archive.site, "a story of the past");
    archive.write(Article::on_day((2025, 1, 2), 3, "late/two.md"));
    assert_dry_run_predicts_build(&archive.site, "a story of a new year");
    archive.remove(20);
    archive.edit(30, |article| article.tags.push("Never before".into()));
    assert!(!assert_dry_run_predicts_build(&archive.site, "a removed story").removed.is_empty());
    archive.site.remove("public/index.html");
    archive.site.write("public/2022/index.html", "by hand");
    assert_dry_run_predicts_build(&archive.site, "files changed by hand");
}

#[test]
fn a_dry_run_predicts_templates_settings_and_static_files() {
    let archive = Archive::generate_and_build(40, 13);
    let site = &archive.site;
    site.write("static/one.txt", "one");
    assert_dry_run_predicts_build(site, "a static file");
    site.write("static/one.txt", "one");
    assert_dry_run_predicts_build(site, "a static file that was only touched");
    site.write(
        "templates/404.html",
        "{% extends \"builtin/404.html\" %}{% block title %}Lost{% endblock %}",
    );
    assert_dry_run_predicts_build(site, "a template");
    site.write(
        "templates/404.html",
        "{% extends \"builtin/404.html\" %}{# #}{% block title %}Lost{% endblock %}",
    );
    assert_dry_run_predicts_build(site, "a template that comes to the same");
    site.write("site.yaml", "title: Another Test\nbase_url: https://test.example\n");
    assert_dry_run_predicts_build(site, "another title of the site");
    site.write("site.yaml", "title: Another Test\nbase_url: https://test.example\nlanguage: de\n");
    assert_dry_run_predicts_build(site, "another language");
}

#[test]
fn a_dry_run_predicts_errors() {
    let mut archive = Archive::generate_and_build(40, 17);
    archive.site.write(&format!("content/{}", archive.articles[5].file), "broken");
    assert_dry_run_predicts_build(&archive.site, "a broken story");
    let original = archive.articles[5].clone();
    archive.write(original);
    archive.site.write("templates/day.html", "{{ nothing.there }}");
    assert_dry_run_predicts_build(&archive.site, "a template that fails");
    archive.site.write("templates/day.html", "{% if %}");
    assert_dry_run_predicts_build(&archive.site, "a template that can't be read");
    fs::remove_dir_all(archive.site.path("templates")).expect("the file is removed");
    archive.site.write("site.yaml", "title: a: b\n");
    assert_eq!(
        assert_dry_run_predicts_build(&archive.site, "settings that can't be read"),
        OutputChanges::default()
    );
    archive.site.write("site.yaml", SETTINGS);
    assert_dry_run_predicts_build(&archive.site, "all fixed");
    assert_same_as_clean_build(&archive.site, "all fixed");
}

#[test]
fn verify_finds_a_flipped_byte() {
    let mut archive = Archive::generate_and_build(40, 19);
    archive.site.write("static/data.bin", [0_u8, 1, 2, 3, 255]);
    archive.site.build().assert_success();
    wait_until_mtimes_are_reliable();
    archive.site.build().assert_success();
    let page = archive.articles[10].output_path();
    let flipped = [page.as_str(), "assets/dateline.css", "data.bin", "feed.xml"];
    for path in flipped {
        flip_byte(&archive.site, path);
    }
    assert_eq!(archive.build_changes(), OutputChanges::default(), "length and time are the same");
    let (build, predicted) = build_with_changes(&archive.site, &["--verify", "--dry-run"]);
    build.assert_success();
    assert_eq!(predicted.written.iter().map(String::as_str).collect::<Vec<_>>(), {
        let mut sorted = flipped;
        sorted.sort_unstable();
        sorted
    });
    let (build, changes) = build_with_changes(&archive.site, &["--verify"]);
    build.assert_success();
    assert_eq!(changes, predicted);
    assert_same_as_clean_build(&archive.site, "after --verify");
    let (build, changes) = build_with_changes(&archive.site, &["--verify"]);
    build.assert_success();
    assert_eq!(changes, OutputChanges::default());

    // --force finds it, too, and writes nothing else.
    flip_byte(&archive.site, &page);
    let (build, changes) = build_with_changes(&archive.site, &["--force"]);
    build.assert_success();
    assert_eq!(changes.written.into_iter().collect::<Vec<_>>(), [page]);
    archive.remove(0);
    archive.build_changes();
    assert_same_as_clean_build(&archive.site, "after --force");
}

/// A site's template that extends the built-in one it replaces: both are inputs, and neither
/// changed.
#[test]
fn an_override_that_calls_the_built_in_one_changes_nothing_by_itself() {
    let site = TestSite::new();
    site.write(
        "templates/parts/colophon.html",
        "{% include \"builtin/parts/colophon.html\" %}<p>Ours.</p>",
    );
    site.build().assert_success();
    let explanations = explain_pages(&site, &["/2024/11/05/"]);
    explanations[0].assert_verdict("unchanged: ");
    assert_eq!(explanations[0].changes, [], "{explanations:?}");
}

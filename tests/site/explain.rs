//! What a build says of itself: why a page is made, what would be done, whether files are what they were.

use std::fs::{self, File};

use serde_json::Value;

use crate::archive::{Archive, Changes, Story, assert_clean, changes_of, settle, tree};
use crate::harness::{Build, SETTINGS, Site, story};

/// What `--explain` says of a page, in the report for programs.
#[derive(Debug)]
struct Said {
    path: String,
    verdict: String,
    /// Input, from, to.
    changes: Vec<(String, Option<String>, Option<String>)>,
    inputs: u64,
}

impl Said {
    #[track_caller]
    fn verdict(&self, expected: &str) -> &Self {
        assert!(self.verdict.contains(expected), "{self:?}");
        self
    }

    /// The input that changed by this name.
    #[track_caller]
    fn changed(&self, name: &str) -> (Option<&str>, Option<&str>) {
        let found = self.changes.iter().find(|(input, ..)| input == name);
        let (_, from, to) = found.unwrap_or_else(|| panic!("no change of {name}: {self:?}"));
        (from.as_deref(), to.as_deref())
    }

    /// That a title shows as another.
    #[track_caller]
    fn retitled(&self, name: &str, from: &str, to: &str) -> &Self {
        let (was, is) = self.changed(name);
        let begins = |value: Option<&str>, title: &str| value.is_some_and(|value| value.starts_with(title));
        assert!(begins(was, from) && begins(is, to), "{self:?}");
        assert_ne!(was, is, "both are told apart");
        self
    }

    #[track_caller]
    fn alone(&self) {
        assert_eq!(self.changes.len(), 1, "{self:?}");
    }
}

/// What a dry run says of some pages.
#[track_caller]
fn explain(site: &Site, pages: &[&str]) -> Vec<Said> {
    explained(site, pages, &["--dry-run"])
}

#[track_caller]
fn explained(site: &Site, pages: &[&str], more: &[&str]) -> Vec<Said> {
    let mut args = more.to_vec();
    args.extend(pages.iter().flat_map(|page| ["--explain", page]));
    let build = site.build_with(&args).fine();
    let report: Value = serde_json::from_str(&build.stdout).expect("one JSON object");
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let said = report["explanations"].as_array().expect("an array").iter().map(|said| Said {
        path: text(&said["path"]).expect("a path"),
        verdict: text(&said["verdict"]).expect("a verdict"),
        changes: said["changes"]
            .as_array()
            .expect("an array")
            .iter()
            .map(|change| {
                (text(&change["input"]).expect("a name"), text(&change["from"]), text(&change["to"]))
            })
            .collect(),
        inputs: said["inputs"].as_u64().expect("a number"),
    });
    let said: Vec<Said> = said.collect();
    assert_eq!(said.len(), pages.len(), "one for each");
    said
}

#[track_caller]
fn explain_one(site: &Site, page: &str) -> Said {
    explain(site, &[page]).remove(0)
}

/// Three stories on three days.
fn three() -> Site {
    let one = |number: u32| {
        let (title, date) = (format!("Title {number}"), format!("2024-11-0{number} 10:00"));
        (format!("content/a{number}.md"), story(&title, &date, "tags: [Talks]\nsection: world\n", "Text.\n"))
    };
    let site = (1..4).map(one).fold(Site::empty(), |site, (path, text)| site.with(&path, text));
    site.build().fine();
    site
}

fn retitle(site: &Site, number: u32, title: &str) {
    let date = format!("2024-11-0{number} 10:00");
    let lines = "tags: [Talks]\nsection: world\n";
    site.put(&format!("content/a{number}.md"), story(title, &date, lines, "Text.\n"));
}

/// A page may be named by its address, its path in the output folder, or in full.
#[test]
fn names_of_a_page() {
    let site = three();
    let names = [
        "/2024/11/02/a2/",
        "2024/11/02/a2/",
        "2024/11/02/a2/index.html",
        "/2024/11/02/a2/index.html",
        "https://test.example/2024/11/02/a2/",
    ];
    for said in explain(&site, &names) {
        assert_eq!(said.path, "2024/11/02/a2/index.html");
        said.verdict("left alone");
    }
    for (name, path) in [("/", "index.html"), ("https://test.example/feed.xml", "feed.xml")] {
        assert_eq!(explain_one(&site, name).path, path);
    }
    site.put("site.yaml", "title: The Test\nbase_url: https://test.example/archive\n");
    site.build().fine();
    for said in explain(&site, &["/archive/2024/11/02/a2/", "https://test.example/archive/2024/11/02/a2/"]) {
        assert_eq!(said.path, "2024/11/02/a2/index.html");
        said.verdict("left alone");
    }
}

#[test]
fn an_unchanged_page() {
    let site = three();
    for page in
        ["/2024/11/02/a2/", "/2024/11/02/", "/", "/feed.xml", "/assets/dateline.css", "/tags/talks/2024/"]
    {
        let said = explain_one(&site, page);
        said.verdict("left alone");
        assert!(said.changes.is_empty() && said.inputs > 0, "{said:?}");
    }
    // Without --dry-run, too.
    explained(&site, &["/"], &[])[0].verdict("left alone");
}

#[test]
fn a_new_page() {
    let site = three();
    site.put("content/a4.md", story("Title 4", "2024-11-04", "", ""));
    let said = explain_one(&site, "/2024/11/04/a4/");
    said.verdict("it is new");
    // Explained by the build that makes it, it is new as well.
    explained(&site, &["/2024/11/04/a4/"], &[])[0].verdict("it is new");
    explain_one(&site, "/2024/11/04/a4/").verdict("left alone");
}

#[test]
fn an_edited_body() {
    let site = three();
    site.put(
        "content/a2.md",
        story("Title 2", "2024-11-02 10:00", "tags: [Talks]\nsection: world\n", "Other.\n"),
    );
    let said = explain_one(&site, "/2024/11/02/a2/");
    said.verdict("these inputs changed").alone();
    let (from, to) = said.changed("content/a2.md");
    assert!(from.is_some() && to.is_some() && from != to, "{said:?}");
    for page in ["/2024/11/02/", "/2024/11/01/a1/", "/"] {
        explain_one(&site, page).verdict("left alone");
    }
}

/// A listing says which story's teaser changed, from what to what title.
#[test]
fn an_edited_title() {
    let site = three();
    retitle(&site, 2, "Another title");
    for page in ["/2024/11/02/", "/2024/11/", "/", "/feed.xml", "/sections/world/", "/tags/talks/2024/"] {
        let said = explain_one(&site, page);
        let said = said.verdict("these inputs changed");
        said.retitled("teaser of content/a2.md", "Title 2", "Another title").alone();
    }
    let said = explain_one(&site, "/2024/11/02/a2/");
    said.retitled("its teaser", "Title 2", "Another title");
    assert_eq!(said.changes.len(), 2, "its file and its teaser: {said:?}");
    explain_one(&site, "/2024/11/01/a1/").retitled("story after", "Title 2", "Another title").alone();
    explain_one(&site, "/2024/11/03/a3/").retitled("story before", "Title 2", "Another title").alone();
    explain_one(&site, "/archive/").verdict("left alone");
}

#[test]
fn a_story_more_or_less_in_a_listing() {
    let site = three();
    site.put("content/a4.md", story("Title 4", "2024-11-02 11:00", "", ""));
    let said = explain_one(&site, "/2024/11/02/");
    assert_eq!(said.changed("stories of the day"), (Some("1"), Some("2")), "{said:?}");
    let (from, to) = said.changed("teaser of content/a4.md");
    assert!(from.is_none() && to.is_some_and(|to| to.starts_with("Title 4")), "{said:?}");
    site.build().fine();
    site.remove("content/a4.md");
    let said = explain_one(&site, "/2024/11/02/");
    assert_eq!(said.changed("stories of the day"), (Some("2"), Some("1")), "{said:?}");
    let (from, to) = said.changed("teaser of content/a4.md");
    assert!(from.is_some_and(|from| from.starts_with("Title 4")) && to.is_none(), "{said:?}");
}

#[test]
fn an_edited_template() {
    let site = three();
    site.put("templates/day.html", "{{ count }} stories");
    let said = explain_one(&site, "/2024/11/02/");
    said.verdict("these inputs changed");
    let (_, to) = said.changed("template day.html");
    assert!(to.is_some(), "{said:?}");
    explain_one(&site, "/2024/11/").verdict("left alone");
    site.build().fine();
    site.put("templates/day.html", "There are {{ count }} stories");
    let said = explain_one(&site, "/2024/11/02/");
    let (from, to) = said.changed("template day.html");
    assert!(from.is_some() && to.is_some() && from != to, "{said:?}");
    said.alone();
}

#[test]
fn an_edited_setting() {
    let site = three();
    let set = |more: &str| site.put("site.yaml", format!("{SETTINGS}{more}"));
    set("copyright: Us\n");
    site.build().fine();
    set("copyright: Them\n");
    let said = explain_one(&site, "/2024/11/02/a2/");
    assert_eq!(said.verdict("these inputs changed").changed("site.copyright"), (Some("Us"), Some("Them")));
    said.alone();
    site.put("site.yaml", "title: Another Test\nbase_url: https://test.example\ncopyright: Us\n");
    let said = explain_one(&site, "/2024/11/");
    assert_eq!(said.changed("site.title"), (Some("The Test"), Some("Another Test")));
}

#[test]
fn an_output_changed_by_hand() {
    let site = three();
    site.remove("public/2024/11/01/index.html");
    site.put("public/2024/11/02/index.html", "by hand");
    let said = explain_one(&site, "/2024/11/01/");
    said.verdict("gone from the output folder");
    assert!(said.changes.is_empty());
    explain_one(&site, "/2024/11/02/").verdict("changed by hand");
    site.build().fine();
    for page in ["/2024/11/01/", "/2024/11/02/"] {
        explain_one(&site, page).verdict("left alone");
    }
    explained(&site, &["/2024/11/01/"], &["--dry-run", "--force"])[0].verdict("--force");
}

#[test]
fn pages_that_are_none() {
    let site = three();
    explain_one(&site, "/2024/11/09/").verdict("no such page");
    explain_one(&site, "/2024/11/02/a9/").verdict("no such page");
    site.remove("content/a2.md");
    for page in ["/2024/11/02/a2/", "/2024/11/02/", "/on-this-day/11-02/"] {
        explain_one(&site, page).verdict("no longer wanted");
    }
    site.build().fine();
    explain_one(&site, "/2024/11/02/a2/").verdict("no such page");
}

#[test]
fn explanations_for_people() {
    let site = three();
    retitle(&site, 2, "Another title");
    let build =
        Build::of(site.command().args(["--dry-run", "--explain", "/2024/11/02/", "--explain", "/nothing/"]));
    let lines: Vec<&str> = build.stdout.lines().collect();
    assert_eq!(lines[0], "2024/11/02/index.html: it is made again: these inputs changed");
    assert!(lines[1].starts_with("  teaser of content/a2.md: `Title 2"), "{}", lines[1]);
    assert!(lines[1].contains("` → `Another title"), "{}", lines[1]);
    assert!(lines.iter().any(|line| line.ends_with(" inputs in all")), "{lines:?}");
    assert!(lines.contains(&"nothing/index.html: there is no such page in this site"), "{lines:?}");
    assert!(lines.last().is_some_and(|line| line.contains(" would be written, ")), "{lines:?}");
}

/// Makes a dry run: it must leave all as it is, to the last time of a folder, and say what the build then does.
#[track_caller]
pub(crate) fn assert_forecast(site: &Site, what: &str) -> Changes {
    let trees = |site: &Site| tree(&site.root());
    let before = trees(site);
    let (build, forecast) = changes_of(site, &["--dry-run"]);
    let after = trees(site);
    let names = |tree: &std::collections::BTreeMap<String, _>| tree.keys().cloned().collect::<Vec<String>>();
    assert_eq!(names(&before), names(&after), "{what}: a dry run adds and removes nothing");
    let touched: Vec<&String> = before.keys().filter(|path| before[*path] != after[*path]).collect();
    assert!(touched.is_empty(), "{what}: a dry run touched {touched:?}");
    let (real, changes) = changes_of(site, &[]);
    assert_eq!((build.status, build.codes()), (real.status, real.codes()), "{what}: the same is told");
    let differ = |a: &Changes, b: &Changes| {
        let more =
            |a: &std::collections::BTreeSet<String>, b| a.difference(b).cloned().collect::<Vec<String>>();
        (more(&a.written, &b.written), more(&a.removed, &b.removed))
    };
    let (more, less) = (differ(&forecast, &changes), differ(&changes, &forecast));
    assert!(
        forecast == changes,
        "{what}: forecast besides (written, removed): {more:?}; not forecast: {less:?}"
    );
    for key in ["articles", "pages", "unchanged"] {
        assert_eq!(build.number(key), real.number(key), "{what}: {key}");
    }
    changes
}

#[test]
fn a_dry_run_of_a_site_never_built() {
    let site = Archive::new(crate::archive::stories(30, 7)).site;
    let changes = assert_forecast(&site, "the first build");
    assert_eq!(changes.written.len(), site.outputs().len());
    assert_forecast(&site, "nothing to do");
}

#[test]
fn a_dry_run_forecasts_what_the_build_does() {
    let mut archive = Archive::built(80, 11);
    archive.change(40, |story| story.body.push_str(" More."));
    assert_forecast(&archive.site, "a body");
    archive.change(40, |story| story.title = "Another".into());
    assert_forecast(&archive.site, "a title");
    archive.put(Story::on((2022, 5, 29), 3, "late/one.md"));
    assert_forecast(&archive.site, "a story of the past");
    archive.put(Story::on((2025, 1, 2), 3, "late/two.md"));
    assert_forecast(&archive.site, "a story of a new year");
    archive.remove(20);
    archive.change(30, |story| story.tags.push("Never before".into()));
    assert!(!assert_forecast(&archive.site, "a removed story").removed.is_empty());
    archive.site.remove("public/index.html");
    archive.site.put("public/2022/index.html", "by hand");
    assert_forecast(&archive.site, "files changed by hand");
}

#[test]
fn a_dry_run_forecasts_templates_settings_and_static_files() {
    let archive = Archive::built(40, 13);
    let site = &archive.site;
    site.put("static/one.txt", "one");
    assert_forecast(site, "a static file");
    site.put("static/one.txt", "one");
    assert_forecast(site, "a static file that was only touched");
    site.put("templates/404.html", "{% extends \"builtin/404.html\" %}{% block title %}Lost{% endblock %}");
    assert_forecast(site, "a template");
    site.put(
        "templates/404.html",
        "{% extends \"builtin/404.html\" %}{# #}{% block title %}Lost{% endblock %}",
    );
    assert_forecast(site, "a template that comes to the same");
    site.put("site.yaml", "title: Another Test\nbase_url: https://test.example\n");
    assert_forecast(site, "another title of the site");
    site.put("site.yaml", "title: Another Test\nbase_url: https://test.example\nlanguage: de\n");
    assert_forecast(site, "another language");
}

#[test]
fn a_dry_run_forecasts_faults() {
    let mut archive = Archive::built(40, 17);
    archive.site.put(&format!("content/{}", archive.stories[5].file), "broken");
    assert_forecast(&archive.site, "a broken story");
    let whole = archive.stories[5].clone();
    archive.put(whole);
    archive.site.put("templates/day.html", "{{ nothing.there }}");
    assert_forecast(&archive.site, "a template that fails");
    archive.site.put("templates/day.html", "{% if %}");
    assert_forecast(&archive.site, "a template that can't be read");
    fs::remove_dir_all(archive.site.path("templates")).expect("removed");
    archive.site.put("site.yaml", "title: a: b\n");
    assert_eq!(assert_forecast(&archive.site, "settings that can't be read"), Changes::default());
    archive.site.put("site.yaml", SETTINGS);
    assert_forecast(&archive.site, "all mended");
    assert_clean(&archive.site, "all mended");
}

/// Flips a byte of a file and gives it its old time back.
pub(crate) fn flip(site: &Site, path: &str) {
    let file = site.path("public").join(path);
    let time = fs::metadata(&file).and_then(|metadata| metadata.modified()).expect("a time");
    let mut bytes = fs::read(&file).expect("readable");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0x20;
    fs::write(&file, bytes).expect("written");
    let file = File::options().append(true).open(file);
    file.and_then(|file| file.set_modified(time)).expect("its old time");
}

#[test]
fn verify_finds_a_flipped_byte() {
    let mut archive = Archive::built(40, 19);
    archive.site.put("static/data.bin", [0_u8, 1, 2, 3, 255]);
    archive.site.build().fine();
    settle();
    archive.site.build().fine();
    let page = archive.stories[10].page();
    let flipped = [page.as_str(), "assets/dateline.css", "data.bin", "feed.xml"];
    for path in flipped {
        flip(&archive.site, path);
    }
    assert_eq!(archive.changes(), Changes::default(), "length and time are the same");
    let (build, forecast) = changes_of(&archive.site, &["--verify", "--dry-run"]);
    build.fine();
    assert_eq!(forecast.written.iter().map(String::as_str).collect::<Vec<_>>(), {
        let mut sorted = flipped;
        sorted.sort_unstable();
        sorted
    });
    let (build, changes) = changes_of(&archive.site, &["--verify"]);
    build.fine();
    assert_eq!(changes, forecast);
    assert_clean(&archive.site, "after --verify");
    let (build, changes) = changes_of(&archive.site, &["--verify"]);
    build.fine();
    assert_eq!(changes, Changes::default());

    // --force finds it as well, and writes nothing else.
    flip(&archive.site, &page);
    let (build, changes) = changes_of(&archive.site, &["--force"]);
    build.fine();
    assert_eq!(changes.written.into_iter().collect::<Vec<_>>(), [page]);
    archive.remove(0);
    archive.changes();
    assert_clean(&archive.site, "after --force");
}

/// A template of the site's own that calls the one whose place it takes: both are inputs, and neither changed.
#[test]
fn an_override_that_calls_the_built_in_one_changes_nothing_by_itself() {
    let site = Site::new();
    site.put("templates/parts/colophon.html", "{% include \"builtin/parts/colophon.html\" %}<p>Ours.</p>");
    site.build().fine();
    let said = explain(&site, &["/2024/11/05/"]);
    said[0].verdict("it is left alone");
    assert_eq!(said[0].changes, [], "{said:?}");
}

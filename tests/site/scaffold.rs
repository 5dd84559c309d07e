//! `dateline init` and `dateline new`: a build accepts what they write, and existing files are
//! unchanged.

use std::fs;
use std::path::{Path, PathBuf};

use dateline::internals::{FrontMatter, ParsedArticle, SourceFile};
use dateline::{Site as Loaded, SiteOptions};
use proptest::prelude::*;

use crate::harness::{CommandOutput, SETTINGS, TestSite, article, dateline, read_files};
use crate::in_process::{build_site, case_count, reported_codes, write_file};
use crate::reference_pages::setting_keys;

/// An empty folder in which the program is run.
pub(crate) struct Workspace(pub(crate) tempfile::TempDir);

impl Workspace {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().expect("a temporary folder is created"))
    }

    pub(crate) fn run(&self, args: &[&str]) -> CommandOutput {
        CommandOutput::run(dateline().current_dir(self.0.path()).args(args))
    }

    fn files(&self) -> Vec<String> {
        read_files(self.0.path()).into_keys().collect()
    }

    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.0.path().join(path))
            .unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// Returns the path of the first article.
    fn first_article(&self) -> String {
        let found = self.files().into_iter().find(|path| path.ends_with("/first-story.md"));
        found.expect("there is a first article")
    }
}

#[test]
fn a_new_site_builds_at_once() {
    let workspace = Workspace::new();
    let output =
        workspace.run(&["init", "my-site", "--title", "The \"Harbour: Post\""]).assert_success();
    let article = workspace.first_article();
    let expected = [
        "my-site/.gitignore",
        &article,
        "my-site/content/pages/about.md",
        "my-site/content/pages/contact.md",
        "my-site/content/pages/corrections-policy.md",
        "my-site/permalinks.txt",
        "my-site/site.yaml",
        "my-site/templates/parts/colophon.html",
    ];
    assert_eq!(workspace.files(), expected);
    for path in expected {
        assert!(
            output.stdout.contains(path.trim_start_matches("my-site/")),
            "{path}: {}",
            output.stdout
        );
    }
    assert!(
        output.stdout.contains("cd my-site") && output.stdout.contains("dateline build"),
        "{}",
        output.stdout
    );
    let build = workspace.run(&["build", "--root", "my-site", "--format", "json"]);
    assert_eq!((build.status, build.codes()), (0, vec!["no-base-url"]), "{}", build.stderr);
    assert_eq!(build.report_number("articles"), 1, "the first story is of today or before");
    let page = workspace.read("my-site/public/index.html");
    assert!(
        page.contains("The &quot;Harbour: Post&quot;") || page.contains("The \"Harbour: Post\""),
        "{page}"
    );
    assert!(page.contains("Published with Dateline."), "the example of a part shows");
    assert!(page.contains("The first story"));
    assert!(workspace.read("my-site/.gitignore").contains("/public/"));
    let day = article.trim_start_matches("my-site/content/").trim_end_matches("/first-story.md");
    assert!(workspace.read(&article).contains(&format!("date: {}\n", day.replace('/', "-"))));
    workspace
        .run(&["build", "--root", "my-site", "--base-url", "https://x.example"])
        .assert_success();
}

/// A new site records its URLs without an option: a lost URL is an error from the second build on.
#[test]
fn a_new_site_is_protected_from_its_first_build_on() {
    let workspace = Workspace::new();
    workspace.run(&["init", "paper"]).assert_success();
    let registry = || workspace.read("paper/permalinks.txt");
    let empty_registry = registry();
    let build = |options: &[&str]| {
        let base = ["build", "--root", "paper", "--base-url", "https://x.example"];
        workspace.run(&[&base[..], options].concat())
    };
    for preview in ["--drafts", "--future", "--expired", "--dry-run", "--now=2999-01-01"] {
        build(&[preview]).assert_success();
        assert_eq!(registry(), empty_registry, "{preview}: its articles may not be public");
    }
    fs::remove_dir_all(workspace.0.path().join("paper/.dateline")).expect("it is removed");
    let first = build(&[]).assert_success();
    assert!(first.stdout.contains("permalinks.txt had no URLs"), "{}", first.stdout);
    assert!(registry().contains("/first-story/"));
    assert!(!build(&[]).assert_success().stdout.contains("permalinks.txt had no URLs"));
    // Without the cache, too, as on another computer.
    fs::remove_dir_all(workspace.0.path().join("paper/.dateline")).expect("it is removed");
    fs::remove_file(workspace.0.path().join(workspace.first_article())).expect("it is removed");
    let second = build(&["--format", "json"]).assert_errors();
    // The pages of the article and of its tag.
    assert_eq!(second.codes(), ["lost-permalink", "lost-permalink"], "{}", second.stderr);
    assert!(registry().contains("/first-story/"), "it stays until the loss is accepted");
    build(&["--accept-removals"]).assert_success();
    assert!(!registry().contains("/first-story/"));
    // Lines that can't be read are reported once, and nothing is recorded.
    write_file(workspace.0.path(), "paper/permalinks.txt", "not a URL\n");
    let build = build(&["--format", "json"]).assert_errors();
    assert_eq!(build.codes(), ["bad-register"], "{}", build.stderr);
    assert_eq!(registry(), "not a URL\n");
}

/// Two articles with the same headline have different ids.
#[test]
fn every_new_article_has_an_id_of_its_own() {
    let site = TestSite::new();
    let ids: std::collections::BTreeSet<String> = (0..3)
        .map(|_| {
            let path =
                printed_path(&site, &run_new(&site, &["Late train", "--date", "2024-11-05"]));
            let text = fs::read_to_string(site.path(&path)).expect("the file is readable");
            let id = text.lines().find(|line| line.starts_with("id: "));
            id.expect("it has an id").to_owned()
        })
        .collect();
    assert_eq!(ids.len(), 3, "{ids:?}");
}

#[test]
fn existing_files_are_not_changed() {
    let workspace = Workspace::new();
    for (path, text) in
        [("site.yaml", "title: Mine\n"), (".gitignore", "x"), ("content/a.md", "mine")]
    {
        write_file(workspace.0.path(), path, text);
    }
    let output = workspace.run(&["init", "--title", "Theirs", "--ci", "github"]).assert_success();
    let (written, unchanged) = output.stdout.split_once("Kept:").expect("kept files are listed");
    assert!(
        written.contains("templates/parts/colophon.html") && written.contains("publish.yml"),
        "{written}"
    );
    for path in ["site.yaml", ".gitignore", "content/"] {
        assert!(unchanged.contains(path) && !written.contains(path), "{}", output.stdout);
    }
    assert_eq!(
        (workspace.read("site.yaml").as_str(), workspace.read(".gitignore").as_str()),
        ("title: Mine\n", "x")
    );
    assert_eq!(workspace.files().iter().filter(|path| path.ends_with(".md")).count(), 1);
    let all = read_files(workspace.0.path());
    let second_output = workspace.run(&["init", "--ci", "github"]).assert_success();
    assert!(second_output.stdout.contains("nothing was written"), "{}", second_output.stdout);
    assert_eq!(read_files(workspace.0.path()), all);
    assert_eq!(workspace.run(&["init", "-q"]).assert_success().stdout, "");
}

#[test]
fn invalid_init_arguments_are_reported() {
    let workspace = Workspace::new();
    write_file(workspace.0.path(), "file", "x");
    write_file(workspace.0.path(), "half/content", "x");
    for (args, message) in [
        (&["init", "file"][..], "can't create the folder"),
        (&["init", "half"], "a folder is needed there"),
        (&["init", "--title", " \u{7}"], "the title is empty"),
        (&["init", "--ci", "sourceforge"], "possible values: github"),
    ] {
        let output = workspace.run(args);
        assert_eq!((output.status, output.stdout.as_str()), (2, ""), "{args:?}");
        assert!(output.stderr.contains(message), "{args:?}: {}", output.stderr);
    }
    assert_eq!(workspace.read("file"), "x");
}

#[cfg(unix)]
#[test]
fn symlinks_out_of_the_site_are_not_followed() {
    let outside = tempfile::tempdir().expect("a temporary folder is created");
    let workspace = Workspace::new();
    std::os::unix::fs::symlink(outside.path(), workspace.0.path().join("content"))
        .expect("the symbolic link is created");
    let output = workspace.run(&["init"]);
    assert_eq!(output.status, 2, "{}", output.stdout);
    assert!(output.stderr.contains("is a file or a link"), "{}", output.stderr);
    let site = TestSite::empty().with_symlink("content/2024", outside.path());
    let output = run_new(&site, &["--date", "2024-11-05", "A story"]);
    assert_eq!(output.status, 2, "{}", output.stdout);
    assert!(output.stderr.contains("is a file or a link"), "{}", output.stderr);
    assert_eq!(read_files(outside.path()).len(), 0, "nothing was written out there");
}

/// Returns the settings in the scaffolded `site.yaml`: each name with its lines, which begin with
/// `#` if it isn't set.
fn settings_in_file(text: &str) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = Vec::new();
    for line in text.lines() {
        let uncommented = line.strip_prefix('#').unwrap_or(line);
        let name = uncommented.split(':').next().unwrap_or_default();
        if !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_') {
            found.push((name.to_owned(), format!("{uncommented}\n")));
        } else if uncommented.starts_with("  ") {
            found
                .last_mut()
                .expect("a setting precedes it")
                .1
                .push_str(&format!("{uncommented}\n"));
        }
    }
    found
}

#[test]
fn every_setting_is_shown_and_can_be_uncommented() {
    let workspace = Workspace::new();
    workspace.run(&["init"]).assert_success();
    let text = workspace.read("site.yaml");
    let shown_groups = settings_in_file(&text);
    let mut names: Vec<String> = shown_groups.iter().map(|(name, _)| name.clone()).collect();
    names.sort();
    let known_names: Vec<String> = setting_keys().into_iter().collect();
    assert_eq!(names, known_names, "each setting once");
    let load = |settings: &str| {
        write_file(workspace.0.path(), "site.yaml", settings);
        let site = Loaded::load(SiteOptions::new(workspace.0.path())).expect("the site is loaded");
        site.mistakes
            .into_iter()
            .filter(|mistake| mistake.code != "no-base-url")
            .collect::<Vec<_>>()
    };
    assert_eq!(load(&text), []);
    for (name, lines) in &shown_groups {
        let commented: String = lines.lines().map(|line| format!("#{line}\n")).collect();
        let edited = text.replace(&commented, lines);
        assert!(edited != text || text.contains(lines.as_str()), "{name} is one group of lines");
        assert_eq!(load(&edited), [], "{name}");
    }
    let all: String = shown_groups.iter().map(|(_, lines)| lines.as_str()).collect();
    write_file(workspace.0.path(), "site.yaml", all);
    for image in ["logo", "icon"] {
        write_file(workspace.0.path(), &format!("static/images/{image}.svg"), "<svg/>");
    }
    assert_eq!(
        reported_codes(&build_site(workspace.0.path())),
        Vec::<&str>::new(),
        "and all of them at once"
    );
}

#[test]
fn every_host_gets_its_files() {
    for (host, expected, expected_text) in [
        ("github", &[".github/workflows/publish.yml"][..], "steps.pages.outputs.base_url"),
        ("gitlab", &[".gitlab-ci.yml"], "$CI_PAGES_URL"),
        (
            "netlify",
            &[
                "netlify.toml",
                "netlify/build.sh",
                "netlify/cache/index.js",
                "netlify/cache/manifest.yml",
            ],
            "$DEPLOY_PRIME_URL",
        ),
        ("cloudflare", &[".github/workflows/publish.yml", "wrangler.toml"], "pages deploy"),
    ] {
        let workspace = Workspace::new();
        workspace.run(&["init", "--title", "Café & Port {date}", "--ci", host]).assert_success();
        let mut all = String::new();
        for path in expected {
            let text = workspace.read(path);
            for placeholder in
                ["{version}", "{repository}", "{name}", "{title}", "{fetch", "{date}"]
            {
                assert!(!text.contains(placeholder), "{path}: {placeholder} is filled in");
            }
            all.push_str(&text);
        }
        for needed in [
            ".dateline",
            "public",
            " build",
            env!("CARGO_PKG_VERSION"),
            "sha256sum --check",
            expected_text,
        ] {
            assert!(all.contains(needed), "{host}: {needed}\n{all}");
        }
        for path in expected.iter().filter(|path| path.ends_with(".yml")) {
            let text = workspace.read(path);
            assert!(!text.contains('\t'), "{path}");
            let parsed = FrontMatter::parse(
                &SourceFile::parse(
                    "content/a.md",
                    format!("---\n{text}---\n").as_bytes(),
                    &Default::default(),
                )
                .expect("it is YAML"),
                &load_site(workspace.0.path()),
            );
            assert!(parsed.is_ok(), "{path}: {parsed:?}");
        }
    }
}

/// The files for hosts download what a release contains.
#[test]
fn a_release_has_the_files_that_hosts_download() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |path: &str| fs::read_to_string(root.join(path)).expect("the file is readable");
    let (fetch, release) =
        (read("src/scaffold/site/ci/fetch.sh"), read(".github/workflows/release.yml"));
    assert!(fetch.contains("archive=dateline-$DATELINE_VERSION-x86_64-unknown-linux-gnu.tar.gz"));
    assert!(release.contains("x86_64-unknown-linux-gnu"), "{release}");
    assert!(release.contains("dateline-${VERSION}-${TARGET}.tar.gz"), "{release}");
    assert!(fetch.contains(".sha256") && release.contains(".sha256"));
}

fn load_site(root: &Path) -> Loaded {
    Loaded::load(SiteOptions::new(root)).expect("the site is loaded")
}

fn run_new(site: &TestSite, args: &[&str]) -> CommandOutput {
    CommandOutput::run(
        dateline()
            .env_remove("VISUAL")
            .env_remove("EDITOR")
            .args(["new", "--root"])
            .arg(site.root())
            .args(args),
    )
}

/// Returns the path in the only printed line, relative to the site's folder.
fn printed_path(site: &TestSite, build: &CommandOutput) -> String {
    assert_eq!(build.status, 0, "{}", build.stderr);
    let path = PathBuf::from(build.stdout.strip_suffix('\n').expect("one line is printed"));
    assert!(path.is_file(), "{path:?}");
    path.strip_prefix(site.root())
        .expect("the path is in the site")
        .to_str()
        .expect("it is UTF-8")
        .replace('\\', "/")
}

#[test]
fn a_new_article_is_read_back_unchanged() {
    let site = TestSite::empty();
    let args = [
        "Iran: the \"talks\" go on",
        "--section",
        "World News",
        "--tags",
        "Iran,oil: prices",
        "--author",
        "A. \"Bo\" Reporter",
        "--author",
        "C. D",
        "--lang",
        "en-GB",
        "--date",
        "2024-11-05 14:30",
    ];
    let path = printed_path(&site, &run_new(&site, &args));
    assert_eq!(path, "content/2024/11/05/iran-the-talks-go-on.md");
    let expected = "---\ntitle: \"Iran: the \\\"talks\\\" go on\"\ndate: 2024-11-05T14:30:00Z\n\
        section: \"World News\"\n\
        tags: [\"Iran\", \"oil: prices\"]\nauthors: [\"A. \\\"Bo\\\" Reporter\", \"C. D\"]\n\
        lang: \"en-GB\"\n";
    let text = fs::read_to_string(site.path(&path)).expect("the file is readable");
    let id_line = text.strip_prefix(expected).expect("it begins with the options");
    let id = id_line.strip_prefix("id: \"").and_then(|rest| rest.strip_suffix("\"\n---\n\n"));
    assert!(id.is_some_and(|id| id.len() == 16), "{id_line}");
    site.build().assert_success();
    let page = site.read_output("2024/11/05/iran-the-talks-go-on/index.html");
    assert!(
        page.contains("A. &quot;Bo&quot; Reporter") || page.contains("A. \"Bo\" Reporter"),
        "{page}"
    );
    assert!(
        site.has_output("sections/world-news/index.html")
            && site.has_output("tags/oil-prices/index.html")
    );
}

#[test]
fn a_new_article_is_dated_now_and_a_draft_is_not_published() {
    let site =
        TestSite::empty().with_file("site.yaml", format!("{SETTINGS}time_zone: Asia/Karachi\n"));
    let path = printed_path(
        &site,
        &run_new(&site, &["Late train", "--now", "2024-11-05T22:30:00Z", "--draft"]),
    );
    assert_eq!(path, "content/2024/11/06/late-train.md", "the site's day");
    let text = fs::read_to_string(site.path(&path)).expect("the file is readable");
    assert!(text.contains("date: 2024-11-06T03:30:00+05:00\ndraft: true\n"), "{text}");
    assert_eq!(site.build().report_number("unpublished.drafts"), 1);
    let path = printed_path(&site, &run_new(&site, &["Just now"]));
    assert_eq!(site.build().report_number("articles"), 1, "{path}");
    let output = run_new(&site, &["To come", "--date", "2999-01-01"]);
    assert!(output.stderr.contains("--future"), "{}", output.stderr);
    printed_path(&site, &output);
}

#[test]
fn existing_articles_are_not_overwritten() {
    let site = TestSite::empty()
        .with_file("content/2024/11/05/a.md", "mine")
        .with_file("content/2024/11/05/a-2/index.md", "mine")
        .with_file("content/2024/11/05/a-3.markdown", "mine");
    let before = read_files(&site.root());
    let args = ["A", "--date", "2024-11-05"];
    assert_eq!(printed_path(&site, &run_new(&site, &args)), "content/2024/11/05/a-4.md");
    assert_eq!(printed_path(&site, &run_new(&site, &args)), "content/2024/11/05/a-5.md");
    let after = read_files(&site.root());
    assert!(before.iter().all(|(path, bytes)| after.get(path) == Some(bytes)));
    assert_eq!(after.len(), before.len() + 2, "and nothing is left lying about");
    assert_eq!(
        printed_path(&site, &run_new(&site, &["Index", "--date", "2024-11-05"])),
        "content/2024/11/05/index-2.md"
    );
    assert_eq!(
        printed_path(&site, &run_new(&site, &["?!", "--date", "2024-11-05"])),
        "content/2024/11/05/story.md"
    );
}

#[test]
fn a_new_article_follows_the_existing_layout() {
    for (existing, args, expected) in [
        (&["2024/11/a.md", "2024/12/b.md", "c.md"][..], &[][..], "2025/03/x.md"),
        (&["_posts/2014-10-08-a.md"], &[], "_posts/2025-03-09-x.md"),
        (&["a/index.md"], &[], "x/index.md"),
        (&["World/2024/a.md", "city/2024/b.md"], &["--section", "world"], "World/2025/x.md"),
        (&["world/2024/a.md", "city/2024/b.md"], &[], "2025/x.md"),
        (&["blog/a.md", "blog/b.md", "blog/_index.md"], &[], "blog/x.md"),
        (&["world/a.md", "city/b.md"], &["--section", "Sport & Play"], "sport-play/x.md"),
        (&[".git/2024/a.md", "notes.txt"], &[], "2025/03/09/x.md"),
    ] {
        let site = TestSite::empty();
        for path in existing {
            site.write(&format!("content/{path}"), article("Old", "2024-11-05", "", ""));
        }
        let args = [&["X", "--date", "2025-03-09"], args].concat();
        assert_eq!(
            printed_path(&site, &run_new(&site, &args)),
            format!("content/{expected}"),
            "{existing:?}"
        );
    }
}

#[test]
fn invalid_new_arguments_are_reported() {
    let site = TestSite::empty()
        .with_file("site.yaml", format!("{SETTINGS}taxonomies: {{tags: false}}\n"));
    let long = "x".repeat(70_000);
    for (args, message) in [
        (&[" "][..], "the headline is empty"),
        (&["A", "--date", "2024-02-30"], "there is no day 30 in month 2"),
        (
            &["A", "--date", "2024-11-05", "--lang", "not a language"],
            "is not a language; use a BCP 47 tag",
        ),
        (&["A", "--section", "?!"], "has no letter and no digit"),
        (&["A", "--tags", "x"], "this site has no `tags`"),
        (&[&long], "the limit is 65536"),
        (&["A", "--sektion", "x"], "'--section'"),
        (&[], "<HEADLINE>"),
        (&["A", "--edit"], "neither VISUAL nor EDITOR"),
    ] {
        let output = run_new(&site, args);
        assert_eq!((output.status, output.stdout.as_str()), (2, ""), "{message}");
        assert!(output.stderr.contains(message), "{message}: {}", output.stderr);
    }
    assert_eq!(read_files(&site.root()).len(), 1, "nothing was written");
    let output = CommandOutput::run(dateline().args(["new", "A", "--root", "/no/such"]));
    assert_eq!(output.status, 2);
    let broken = TestSite::empty().with_file("site.yaml", "title: [x]\n");
    let output = run_new(&broken, &["A"]);
    assert_eq!(
        (output.status, output.codes()),
        (1, vec!["bad-setting"]),
        "it is written all the same"
    );
    assert!(output.stdout.ends_with("a.md\n"), "{}", output.stdout);
}

#[cfg(unix)]
#[test]
fn the_editor_gets_the_file() {
    use std::os::unix::fs::PermissionsExt;
    let site = TestSite::empty()
        .with_file("my editor", "#!/bin/sh\nfor last; do :; done\necho \"$# args\" >> \"$last\"\n");
    let editor = site.path("my editor");
    fs::set_permissions(&editor, fs::Permissions::from_mode(0o755))
        .expect("the permissions are set");
    let run_with_editors = |visual: &str, editor_var: &str| {
        let mut command = dateline();
        command.env("VISUAL", visual).env("EDITOR", editor_var);
        CommandOutput::run(
            command.args(["new", "A", "--date", "2024-11-05", "--edit", "--root"]).arg(site.root()),
        )
    };
    let path =
        printed_path(&site, &run_with_editors(editor.to_str().expect("it is UTF-8"), "false"));
    let text = fs::read_to_string(site.path(&path)).expect("the file is readable");
    assert!(text.ends_with("1 args\n"), "a program with a blank in its path: {text}");
    let path = printed_path(&site, &run_with_editors("", "true --wait"));
    assert_eq!(path, "content/2024/11/05/a-2.md", "EDITOR counts where VISUAL is empty");
    let failed_output = run_with_editors("false", "true");
    assert_eq!(failed_output.status, 2);
    assert!(failed_output.stderr.contains("the article is in"), "{}", failed_output.stderr);
    let missing = run_with_editors("no-such-editor-anywhere", "");
    assert!(missing.status == 2 && missing.stderr.contains("can't start"), "{}", missing.stderr);
    let mode = fs::metadata(site.path(&path)).expect("the file exists").permissions().mode();
    assert_eq!(mode & 0o400, 0o400);
    assert_ne!(mode & 0o077, 0, "others may read a story, as far as the system's mask lets them");
}

/// Normalizes a headline: on one line, without control characters.
fn normalized_headline(headline: &str) -> String {
    let headline = headline.replace(['\u{fffe}', '\u{ffff}'], "");
    let words = headline
        .split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ")
}

/// Generates headlines: any text, punctuation that YAML uses, and character references.
fn headline_strategy() -> impl Strategy<Value = String> {
    prop_oneof![
        "[^\u{0}]{1,60}",
        "[-:#'\"\\\\{}\\[\\]&*!|>%@`~?, \u{85}\u{2028}\u{feff}\u{ffff}a1]{1,24}",
        "(&(amp|lt|quot|#38|#x41|eacute|copy);?|[ A&;]){1,8}",
    ]
}

/// Creates an article: its file has the headline and the tag when parsed, and the site builds.
fn check_headline(headline: &str, tag: &str) -> Result<(), TestCaseError> {
    let site = TestSite::empty();
    let padded_tag = format!(" {tag}");
    let output = run_new(&site, &["--date", "2024-11-05", "--tags", &padded_tag, "--", headline]);
    let path = printed_path(&site, &output);
    let text = fs::read_to_string(site.path(&path)).expect("it is UTF-8");
    let site_config = load_site(&site.root());
    let source =
        SourceFile::parse(&path, text.as_bytes(), dateline::internals::limits(&site_config))
            .expect("there is front matter");
    let front = FrontMatter::parse(&source, &site_config).expect("the front matter is valid");
    let content_path = path.trim_start_matches("content/");
    let article = ParsedArticle::resolve(front, &source, content_path, &site_config)
        .expect("the article is valid");
    prop_assert_eq!(&article.title, &normalized_headline(headline), "{}", text);
    let tags = site_config.taxonomy_index("tags").expect("there is a taxonomy of tags");
    prop_assert_eq!(&article.terms, &[(tags, normalized_headline(tag))], "{}", text);
    let report = build_site(&site.root());
    prop_assert_eq!(reported_codes(&report), Vec::<&str>::new(), "{}", text);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: case_count(96),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn any_headline_is_read_back(
        headline in headline_strategy(),
        tag in "[^,\u{0}]{0,8}x[^,\u{0}]{0,8}",
    ) {
        prop_assume!(!normalized_headline(&headline).is_empty());
        check_headline(&headline, &tag)?;
    }
}

//! `dateline init` and `dateline new`: what they write is what a build reads, and nothing that is there is touched.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use dateline::content::{Article, FrontMatter, Source};
use dateline::site::{Options, Site as Loaded};
use proptest::prelude::*;

use crate::harness::{Build, SETTINGS, Site, dateline, files, skipped, story};
use crate::library::{codes, put, run};

/// A folder that nothing is in yet, and the program called in it.
struct Desk(tempfile::TempDir);

impl Desk {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    fn call(&self, args: &[&str]) -> Build {
        Build::of(dateline().current_dir(self.0.path()).args(args))
    }

    fn files(&self) -> Vec<String> {
        files(self.0.path()).into_keys().collect()
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.0.path().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// The path of the first story.
    fn first_story(&self) -> String {
        let found = self.files().into_iter().find(|path| path.ends_with("/first-story.md"));
        found.expect("a first story")
    }
}

#[test]
fn a_new_site_builds_at_once() {
    let desk = Desk::new();
    let made = desk.call(&["init", "my-site", "--title", "The \"Harbour: Post\""]).fine();
    let story = desk.first_story();
    let expected =
        ["my-site/.gitignore", &story, "my-site/site.yaml", "my-site/templates/parts/colophon.html"];
    assert_eq!(desk.files(), expected);
    for path in expected {
        assert!(made.stdout.contains(path.trim_start_matches("my-site/")), "{path}: {}", made.stdout);
    }
    assert!(made.stdout.contains("cd my-site") && made.stdout.contains("dateline build"), "{}", made.stdout);
    let build = desk.call(&["build", "--root", "my-site", "--format", "json"]);
    assert_eq!((build.status, build.codes()), (0, vec!["no-base-url"]), "{}", build.stderr);
    assert_eq!(build.number("articles"), 1, "the first story is of today or before");
    let page = desk.read("my-site/public/index.html");
    assert!(
        page.contains("The &quot;Harbour: Post&quot;") || page.contains("The \"Harbour: Post\""),
        "{page}"
    );
    assert!(page.contains("Published with Dateline."), "the example of a part shows");
    assert!(page.contains("The first story"));
    assert!(desk.read("my-site/.gitignore").contains("/public/"));
    let day = story.trim_start_matches("my-site/content/").trim_end_matches("/first-story.md");
    assert!(desk.read(&story).contains(&format!("date: {}\n", day.replace('/', "-"))));
    desk.call(&["build", "--root", "my-site", "--base-url", "https://x.example"]).fine();
}

#[test]
fn what_is_there_stays() {
    let desk = Desk::new();
    for (path, text) in [("site.yaml", "title: Mine\n"), (".gitignore", "x"), ("content/a.md", "mine")] {
        put(desk.0.path(), path, text);
    }
    let made = desk.call(&["init", "--title", "Theirs", "--ci", "github"]).fine();
    let (before, after) = made.stdout.split_once("Left as it was:").expect("what stays is told");
    assert!(before.contains("templates/parts/colophon.html") && before.contains("publish.yml"), "{before}");
    for kept in ["site.yaml", ".gitignore", "content/"] {
        assert!(after.contains(kept) && !before.contains(kept), "{}", made.stdout);
    }
    assert_eq!((desk.read("site.yaml").as_str(), desk.read(".gitignore").as_str()), ("title: Mine\n", "x"));
    assert_eq!(desk.files().iter().filter(|path| path.ends_with(".md")).count(), 1);
    let all = files(desk.0.path());
    let again = desk.call(&["init", "--ci", "github"]).fine();
    assert!(again.stdout.contains("nothing was written"), "{}", again.stdout);
    assert_eq!(files(desk.0.path()), all);
    assert_eq!(desk.call(&["init", "-q"]).fine().stdout, "");
}

#[test]
fn what_cant_be_a_site_is_told() {
    let desk = Desk::new();
    put(desk.0.path(), "file", "x");
    put(desk.0.path(), "half/content", "x");
    for (args, says) in [
        (&["init", "file"][..], "can't make the folder"),
        (&["init", "half"], "a folder is needed there"),
        (&["init", "--title", " \u{7}"], "the title is empty"),
        (&["init", "--ci", "sourceforge"], "possible values: github"),
    ] {
        let told = desk.call(args);
        assert_eq!((told.status, told.stdout.as_str()), (2, ""), "{args:?}");
        assert!(told.stderr.contains(says), "{args:?}: {}", told.stderr);
    }
    assert_eq!(desk.read("file"), "x");
}

#[cfg(unix)]
#[test]
fn links_out_of_the_site_are_not_followed() {
    let outside = tempfile::tempdir().expect("a folder");
    let desk = Desk::new();
    std::os::unix::fs::symlink(outside.path(), desk.0.path().join("content")).expect("linked");
    let told = desk.call(&["init"]);
    assert_eq!(told.status, 2, "{}", told.stdout);
    assert!(told.stderr.contains("is a file or a link"), "{}", told.stderr);
    let site = Site::empty().link("content/2024", outside.path());
    let told = new(&site, &["--date", "2024-11-05", "A story"]);
    assert_eq!(told.status, 2, "{}", told.stdout);
    assert!(told.stderr.contains("is a file or a link"), "{}", told.stderr);
    assert_eq!(files(outside.path()).len(), 0, "nothing was written out there");
}

/// The settings that the starting `site.yaml` shows: each name with its lines, which begin with `#` where it isn't set.
fn shown_settings(text: &str) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = Vec::new();
    for line in text.lines() {
        let bare = line.strip_prefix('#').unwrap_or(line);
        let name = bare.split(':').next().unwrap_or_default();
        if !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_') {
            found.push((name.to_owned(), format!("{bare}\n")));
        } else if bare.starts_with("  ") {
            found.last_mut().expect("a group").1.push_str(&format!("{bare}\n"));
        }
    }
    found
}

/// The settings that the program knows, from its own list.
fn known_settings() -> Vec<String> {
    let source =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/site/config.rs")).expect("there");
    let list = source.split("const KEYS: ").nth(1).and_then(|rest| rest.split("];").next()).expect("a list");
    list.split('"').skip(1).step_by(2).map(str::to_owned).collect()
}

#[test]
fn every_setting_is_shown_and_each_can_be_taken() {
    let desk = Desk::new();
    desk.call(&["init"]).fine();
    let text = desk.read("site.yaml");
    let shown = shown_settings(&text);
    let mut names: Vec<String> = shown.iter().map(|(name, _)| name.clone()).collect();
    let mut known = known_settings();
    names.sort();
    known.sort();
    assert_eq!(names, known, "each setting once");
    let load = |settings: &str| {
        put(desk.0.path(), "site.yaml", settings);
        let options = Options { root: desk.0.path().into(), ..Options::default() };
        let (_, mistakes) = Loaded::load(options).expect("a site");
        mistakes.into_iter().filter(|mistake| mistake.code != "no-base-url").collect::<Vec<_>>()
    };
    assert_eq!(load(&text), []);
    for (name, lines) in &shown {
        let commented: String = lines.lines().map(|line| format!("#{line}\n")).collect();
        let set = text.replace(&commented, lines);
        assert!(set != text || text.contains(lines.as_str()), "{name} is one group of lines");
        assert_eq!(load(&set), [], "{name}");
    }
    let all: String = shown.iter().map(|(_, lines)| lines.as_str()).collect();
    put(desk.0.path(), "site.yaml", all);
    assert_eq!(codes(&run(desk.0.path())), Vec::<&str>::new(), "and all of them at once");
}

#[test]
fn every_host_has_its_files() {
    for (host, expected, says) in [
        ("github", &[".github/workflows/publish.yml"][..], "steps.pages.outputs.base_url"),
        ("gitlab", &[".gitlab-ci.yml"], "$CI_PAGES_URL"),
        (
            "netlify",
            &["netlify.toml", "netlify/build.sh", "netlify/cache/index.js", "netlify/cache/manifest.yml"],
            "$DEPLOY_PRIME_URL",
        ),
        ("cloudflare", &[".github/workflows/publish.yml", "wrangler.toml"], "pages deploy"),
    ] {
        let desk = Desk::new();
        desk.call(&["init", "--title", "Café & Port {date}", "--ci", host]).fine();
        let mut all = String::new();
        for path in expected {
            let text = desk.read(path);
            for mark in ["{version}", "{repository}", "{name}", "{title}", "{fetch", "{date}"] {
                assert!(!text.contains(mark), "{path}: {mark} is filled in");
            }
            all.push_str(&text);
        }
        for needed in [".dateline", "public", " build", env!("CARGO_PKG_VERSION"), "sha256sum --check", says]
        {
            assert!(all.contains(needed), "{host}: {needed}\n{all}");
        }
        for path in expected.iter().filter(|path| path.ends_with(".yml")) {
            let text = desk.read(path);
            assert!(!text.contains('\t'), "{path}");
            let read = FrontMatter::parse(
                &Source::read("content/a.md", format!("---\n{text}---\n").as_bytes(), &Default::default())
                    .expect("YAML"),
                &loaded(desk.0.path()),
            );
            assert!(read.is_ok(), "{path}: {read:?}");
        }
    }
}

/// What the files of hosts fetch is what a release has.
#[test]
fn a_release_has_what_hosts_fetch() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |path: &str| fs::read_to_string(root.join(path)).expect("there");
    let (fetch, release) = (read("src/start/site/ci/fetch.sh"), read(".github/workflows/release.yml"));
    assert!(fetch.contains("archive=dateline-$DATELINE_VERSION-x86_64-unknown-linux-gnu.tar.gz"));
    assert!(release.contains("x86_64-unknown-linux-gnu"), "{release}");
    assert!(release.contains("dateline-${VERSION}-${TARGET}.tar.gz"), "{release}");
    assert!(fetch.contains(".sha256") && release.contains(".sha256"));
}

/// The script for Netlify, with a release in a folder in place of the network: it fetches, compares, unpacks, builds.
#[cfg(unix)]
#[test]
fn a_host_builds_with_a_release() {
    use std::os::unix::fs::PermissionsExt;
    let desk = Desk::new();
    desk.call(&["init", "site", "--ci", "netlify"]).fine();
    let path = |name: &str| desk.0.path().join(name);
    let program = format!("#!/bin/sh\nexec '{}' \"$@\"\n", env!("CARGO_BIN_EXE_dateline"));
    put(desk.0.path(), "release/dateline", program);
    put(
        desk.0.path(),
        "bin/curl",
        "#!/bin/sh\nfor last; do :; done\necho \"$last\" >> ../asked\ncp \"$RELEASE/${last##*/}\" .\n",
    );
    put(desk.0.path(), "tmp/.keep", "");
    for file in ["release/dateline", "bin/curl"] {
        fs::set_permissions(path(file), fs::Permissions::from_mode(0o755)).expect("permitted");
    }
    let archive = format!("dateline-{}-x86_64-unknown-linux-gnu.tar.gz", env!("CARGO_PKG_VERSION"));
    let pack = format!("tar -czf {archive} dateline && sha256sum {archive} > {archive}.sha256");
    let packed = Command::new("sh").args(["-c", &pack]).current_dir(path("release")).output();
    if !packed.is_ok_and(|output| output.status.success()) {
        return skipped("a_host_builds_with_a_release", "there is no `tar` or no `sha256sum`");
    }
    let build = |repository: &str| {
        let paths = format!("{}:{}", path("bin").display(), std::env::var("PATH").expect("a path"));
        let mut command = Command::new("sh");
        command
            .arg("netlify/build.sh")
            .current_dir(path("site"))
            .env("PATH", paths)
            .env("TMPDIR", path("tmp"));
        command.env("RELEASE", path("release")).env("DATELINE_REPOSITORY", repository);
        command.env("DATELINE_VERSION", env!("CARGO_PKG_VERSION"));
        Build::of(command.env("CONTEXT", "production").env("URL", "https://paper.example"))
    };
    let refused = build("");
    assert!(refused.status != 0 && refused.stderr.contains("write the address"), "{}", refused.stderr);
    build("https://code.example/dateline").fine();
    let asked = desk.read("tmp/asked");
    let first =
        format!("https://code.example/dateline/releases/download/v{}/{archive}\n", env!("CARGO_PKG_VERSION"));
    assert!(asked.starts_with(&first) && asked.lines().count() == 2, "{asked}");
    assert!(desk.read("site/public/index.html").contains("https://paper.example/"));
    put(desk.0.path(), &format!("release/{archive}.sha256"), format!("{}  {archive}\n", "0".repeat(64)));
    let refused = build("https://code.example/dateline");
    assert!(refused.status != 0 && refused.stderr.contains("did NOT match"), "{}", refused.stderr);
}

fn loaded(root: &Path) -> Loaded {
    Loaded::load(Options { root: root.into(), ..Options::default() }).expect("a site").0
}

fn new(site: &Site, args: &[&str]) -> Build {
    Build::of(
        dateline()
            .env_remove("VISUAL")
            .env_remove("EDITOR")
            .args(["new", "--root"])
            .arg(site.root())
            .args(args),
    )
}

/// The path of the only line that was printed, from the site's folder.
fn printed(site: &Site, build: &Build) -> String {
    assert_eq!(build.status, 0, "{}", build.stderr);
    let path = PathBuf::from(build.stdout.strip_suffix('\n').expect("one line"));
    assert!(path.is_file(), "{path:?}");
    path.strip_prefix(site.root()).expect("in the site").to_str().expect("UTF-8").replace('\\', "/")
}

#[test]
fn a_new_story_is_read_as_it_was_meant() {
    let site = Site::empty();
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
    let path = printed(&site, &new(&site, &args));
    assert_eq!(path, "content/2024/11/05/iran-the-talks-go-on.md");
    let expected = "---\ntitle: \"Iran: the \\\"talks\\\" go on\"\ndate: 2024-11-05T14:30:00Z\nsection: \"World News\"\n\
        tags: [\"Iran\", \"oil: prices\"]\nauthors: [\"A. \\\"Bo\\\" Reporter\", \"C. D\"]\nlang: \"en-GB\"\n---\n\n";
    assert_eq!(fs::read_to_string(site.path(&path)).expect("there"), expected);
    site.build().fine();
    let page = site.page("2024/11/05/iran-the-talks-go-on/index.html");
    assert!(page.contains("A. &quot;Bo&quot; Reporter") || page.contains("A. \"Bo\" Reporter"), "{page}");
    assert!(site.has("sections/world-news/index.html") && site.has("tags/oil-prices/index.html"));
}

#[test]
fn a_new_story_is_of_now_and_its_draft_is_held_back() {
    let site = Site::empty().with("site.yaml", format!("{SETTINGS}time_zone: Asia/Karachi\n"));
    let path = printed(&site, &new(&site, &["Late train", "--now", "2024-11-05T22:30:00Z", "--draft"]));
    assert_eq!(path, "content/2024/11/06/late-train.md", "the site's day");
    let text = fs::read_to_string(site.path(&path)).expect("there");
    assert!(text.contains("date: 2024-11-06T03:30:00+05:00\ndraft: true\n"), "{text}");
    assert_eq!(site.build().number("held_back.drafts"), 1);
    let path = printed(&site, &new(&site, &["Just now"]));
    assert_eq!(site.build().number("articles"), 1, "{path}");
    let build = new(&site, &["To come", "--date", "2999-01-01"]);
    assert!(build.stderr.contains("--future"), "{}", build.stderr);
    printed(&site, &build);
}

#[test]
fn nothing_is_written_over() {
    let site = Site::empty()
        .with("content/2024/11/05/a.md", "mine")
        .with("content/2024/11/05/a-2/index.md", "mine")
        .with("content/2024/11/05/a-3.markdown", "mine");
    let before = files(&site.root());
    let args = ["A", "--date", "2024-11-05"];
    assert_eq!(printed(&site, &new(&site, &args)), "content/2024/11/05/a-4.md");
    assert_eq!(printed(&site, &new(&site, &args)), "content/2024/11/05/a-5.md");
    let after = files(&site.root());
    assert!(before.iter().all(|(path, bytes)| after.get(path) == Some(bytes)));
    assert_eq!(after.len(), before.len() + 2, "and nothing is left lying about");
    assert_eq!(
        printed(&site, &new(&site, &["Index", "--date", "2024-11-05"])),
        "content/2024/11/05/index-2.md"
    );
    assert_eq!(printed(&site, &new(&site, &["?!", "--date", "2024-11-05"])), "content/2024/11/05/story.md");
}

#[test]
fn a_new_story_lies_where_the_others_do() {
    for (there, args, expected) in [
        (&["2024/11/a.md", "2024/12/b.md", "c.md"][..], &[][..], "2025/03/x.md"),
        (&["_posts/2014-10-08-a.md"], &[], "_posts/2025-03-09-x.md"),
        (&["a/index.md"], &[], "x/index.md"),
        (&["World/2024/a.md", "city/2024/b.md"], &["--section", "world"], "World/2025/x.md"),
        (&["world/2024/a.md", "city/2024/b.md"], &[], "2025/x.md"),
        (&["blog/a.md", "blog/b.md", "blog/_index.md"], &[], "blog/x.md"),
        (&["world/a.md", "city/b.md"], &["--section", "Sport & Play"], "sport-play/x.md"),
        (&[".git/2024/a.md", "notes.txt"], &[], "2025/03/09/x.md"),
    ] {
        let site = Site::empty();
        for path in there {
            site.put(&format!("content/{path}"), story("Old", "2024-11-05", "", ""));
        }
        let args = [&["X", "--date", "2025-03-09"], args].concat();
        assert_eq!(printed(&site, &new(&site, &args)), format!("content/{expected}"), "{there:?}");
    }
}

#[test]
fn what_makes_no_story_is_told() {
    let site = Site::empty().with("site.yaml", format!("{SETTINGS}taxonomies: {{tags: false}}\n"));
    let long = "x".repeat(70_000);
    for (args, says) in [
        (&[" "][..], "the headline is empty"),
        (&["A", "--date", "2024-02-30"], "there is no day 30 in month 2"),
        (&["A", "--date", "2024-11-05", "--lang", "not a language"], "is not a language; use a BCP 47 tag"),
        (&["A", "--section", "?!"], "has no letter and no digit"),
        (&["A", "--tags", "x"], "this site has no `tags`"),
        (&[&long], "the limit is 65536"),
        (&["A", "--sektion", "x"], "'--section'"),
        (&[], "<HEADLINE>"),
        (&["A", "--edit"], "neither VISUAL nor EDITOR"),
    ] {
        let told = new(&site, args);
        assert_eq!((told.status, told.stdout.as_str()), (2, ""), "{says}");
        assert!(told.stderr.contains(says), "{says}: {}", told.stderr);
    }
    assert_eq!(files(&site.root()).len(), 1, "nothing was written");
    let told = Build::of(dateline().args(["new", "A", "--root", "/no/such"]));
    assert_eq!(told.status, 2);
    let broken = Site::empty().with("site.yaml", "title: [x]\n");
    let told = new(&broken, &["A"]);
    assert_eq!((told.status, told.codes()), (1, vec!["bad-setting"]), "it is written all the same");
    assert!(told.stdout.ends_with("a.md\n"), "{}", told.stdout);
}

#[cfg(unix)]
#[test]
fn the_editor_gets_the_file() {
    use std::os::unix::fs::PermissionsExt;
    let site =
        Site::empty().with("my editor", "#!/bin/sh\nfor last; do :; done\necho \"$# args\" >> \"$last\"\n");
    let editor = site.path("my editor");
    fs::set_permissions(&editor, fs::Permissions::from_mode(0o755)).expect("permitted");
    let call = |visual: &str, plain: &str| {
        let mut command = dateline();
        command.env("VISUAL", visual).env("EDITOR", plain);
        Build::of(command.args(["new", "A", "--date", "2024-11-05", "--edit", "--root"]).arg(site.root()))
    };
    let path = printed(&site, &call(editor.to_str().expect("UTF-8"), "false"));
    let text = fs::read_to_string(site.path(&path)).expect("there");
    assert!(text.ends_with("1 args\n"), "a program with a blank in its path: {text}");
    let path = printed(&site, &call("", "true --wait"));
    assert_eq!(path, "content/2024/11/05/a-2.md", "EDITOR counts where VISUAL is empty");
    let failed = call("false", "true");
    assert_eq!(failed.status, 2);
    assert!(failed.stderr.contains("the story is in"), "{}", failed.stderr);
    let missing = call("no-such-editor-anywhere", "");
    assert!(missing.status == 2 && missing.stderr.contains("can't start"), "{}", missing.stderr);
    let mode = fs::metadata(site.path(&path)).expect("there").permissions().mode();
    assert_eq!(mode & 0o400, 0o400);
    assert_ne!(mode & 0o077, 0, "others may read a story, as far as the system's mask lets them");
}

/// A headline as it is meant: on one line, without what no text can hold.
fn meant(headline: &str) -> String {
    let headline = headline.replace(['\u{fffe}', '\u{ffff}'], "");
    let words = headline.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ")
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(96),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    /// Any headline gives a file that is read back with the same headline, and a site that builds.
    #[test]
    fn any_headline_is_read_back(
        headline in prop_oneof![
            "[^\u{0}]{1,60}",
            "[-:#'\"\\\\{}\\[\\]&*!|>%@`~?, \u{85}\u{2028}\u{feff}\u{ffff}a1]{1,24}",
            "(&(amp|lt|quot|#38|#x41|eacute|copy);?|[ A&;]){1,8}",
        ],
        tag in "[^,\u{0}]{0,8}x[^,\u{0}]{0,8}",
    ) {
        prop_assume!(!meant(&headline).is_empty());
        let site = Site::empty();
        let build = new(&site, &["--date", "2024-11-05", "--tags", &format!(" {tag}"), "--", &headline]);
        let path = printed(&site, &build);
        let text = fs::read_to_string(site.path(&path)).expect("UTF-8");
        let loaded = loaded(&site.root());
        let source = Source::read(&path, text.as_bytes(), &loaded.config.limits).expect("fences");
        let front = FrontMatter::parse(&source, &loaded).expect("front matter");
        let article = Article::resolve(front, &source, path.trim_start_matches("content/"), &loaded).expect("a story");
        prop_assert_eq!(&article.title, &meant(&headline), "{}", text);
        prop_assert_eq!(&article.terms, &[(loaded.taxonomy("tags").expect("tags"), meant(&tag))], "{}", text);
        let report = run(&site.root());
        prop_assert_eq!(codes(&report), Vec::<&str>::new(), "{}", text);
    }
}

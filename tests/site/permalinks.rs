//! The permalink registry: no published permalink is lost, whatever happens to its article.

use std::collections::BTreeSet;
use std::fs;

use crate::archive::assert_same_as_clean_build;
use crate::harness::{CommandOutput, SETTINGS, TestSite, article, dateline};

const BODY: &str =
    "The delegations met on Tuesday, and the talks went on until late in the night.\n";

/// Runs `dateline permalinks … --root …`.
pub(crate) fn run_permalinks(site: &TestSite, command: &str, args: &[&str]) -> CommandOutput {
    CommandOutput::run(
        dateline().args(["permalinks", command, "--root"]).arg(site.root()).args(args),
    )
}

pub(crate) fn read_registry(site: &TestSite) -> String {
    fs::read_to_string(site.path("permalinks.txt")).expect("the permalink registry is readable")
}

/// Returns a site with an article, built and recorded.
fn recorded_site(file: &str, lines: &str) -> TestSite {
    let site = TestSite::new().with_file(file, article("Talks", "2024-11-06", lines, BODY));
    site.build_with_args(&["--record"]).assert_success();
    site
}

/// Returns the target of the redirect at a permalink; nothing for another page.
#[track_caller]
pub(crate) fn redirect_target(site: &TestSite, path: &str) -> Option<String> {
    let page = site.read_output(path);
    let (_, rest) =
        page.split_once("http-equiv=\"refresh\" content=\"0; url=https://test.example")?;
    Some(rest.split('"').next().unwrap_or_default().to_owned())
}

#[test]
fn published_permalinks_are_recorded() {
    let site = recorded_site("content/world/talks.md", "tags: [Iran]\n");
    site.write("content/ur.md", article("x", "2024-11-07", "id: \"a b\"\nlang: ur\n", BODY));
    let build = CommandOutput::run(site.build_command().arg("--record")).assert_success();
    assert!(build.stdout.contains("; 5 URLs in permalinks.txt, 1 of them new"), "{}", build.stdout);
    let text = read_registry(&site);
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines[0].starts_with("# ") && lines.is_sorted() && text.ends_with('\n'), "{text}");
    let fields: Vec<Vec<&str>> = lines[1..].iter().map(|line| line.split('\t').collect()).collect();
    assert_eq!(fields[0], ["/2024/11/05/good/", "file:good"], "a short body is no clue");
    assert_eq!(fields[1][..2], ["/2024/11/06/talks/", "file:world/talks"]);
    assert!(fields[1][2].starts_with("body:") && fields[1][2].len() == 21, "{text}");
    assert_eq!(fields[2][..4], ["/2024/11/07/ur/", "id:a b", "file:ur", "lang:ur"]);
    assert_eq!(fields[2][4..], fields[1][2..], "the same body");
    assert_eq!(fields[3], ["/sections/world/", "term:sections/world", "file:good"]);
    let mtimes = site.output_mtimes();
    run_permalinks(&site, "record", &[]).assert_success();
    assert_eq!(read_registry(&site), text, "nothing is new");
    assert!(mtimes == site.output_mtimes());
    run_permalinks(&site, "check", &[]).assert_success();
    for preview in ["--drafts", "--future", "--expired"] {
        assert_eq!(site.build_with_args(&["--record", preview]).status, 2);
        assert_eq!(run_permalinks(&site, "record", &[preview]).status, 2);
    }
    assert_eq!(site.build_with_args(&["--record", "--dry-run"]).status, 2);
}

#[test]
fn a_site_without_a_registry_gets_none() {
    let site = TestSite::new();
    site.build().assert_success();
    assert!(!site.path("permalinks.txt").exists());
    let check = run_permalinks(&site, "check", &[]).assert_success();
    assert!(check.stdout.contains("there is no permalinks.txt"), "{}", check.stdout);
    assert!(!site.path("permalinks.txt").exists());
}

/// Every change after which an article is recognized, and the target of its redirect.
#[test]
fn old_permalinks_redirect_automatically() {
    let moved_article = |lines: &str| article("Other words", "2024-11-08", lines, BODY);
    let edited_article = |lines: &str| {
        article(
            "Other words",
            "2024-11-08",
            lines,
            "Edited, and much else besides the words of before.\n",
        )
    };
    for (before, after, text, target) in [
        ("a.md", "a.md", edited_article("slug: other\n"), "/2024/11/08/other/"),
        ("a.md", "world/b.md", moved_article(""), "/2024/11/08/b/"),
        ("a.md", "b/index.md", moved_article("section: city\n"), "/2024/11/08/b/"),
        ("a.md", "a.md", edited_article("permalink: /x/y.html\n"), "/x/y.html"),
    ] {
        let site = recorded_site(&format!("content/{before}"), "");
        site.remove(&format!("content/{before}"));
        site.write(&format!("content/{after}"), &text);
        site.build().assert_success();
        assert_eq!(
            redirect_target(&site, "2024/11/06/a/index.html").as_deref(),
            Some(target),
            "{after}"
        );
        assert_same_as_clean_build(&site, after);
    }
    // With an id, everything else can change.
    let site = recorded_site("content/a.md", "id: x1\n");
    site.remove("content/a.md");
    site.write("content/c/d.md", edited_article("id: x1\nsection: city\n"));
    site.build().assert_success();
    assert_eq!(
        redirect_target(&site, "2024/11/06/a/index.html").as_deref(),
        Some("/2024/11/08/d/")
    );
}

/// A file with the same name isn't the article if another file has its text word for word.
#[test]
fn a_new_article_in_the_old_file() {
    let site = recorded_site("content/weekly.md", "");
    site.write("content/2024/weekly-1.md", article("Talks", "2024-11-09", "", BODY));
    site.write(
        "content/weekly.md",
        article("Other", "2024-11-13", "", &BODY.replace("Tuesday", "Wednesday")),
    );
    site.build().assert_success();
    assert_eq!(
        redirect_target(&site, "2024/11/06/weekly/index.html").as_deref(),
        Some("/2024/11/09/weekly-1/")
    );
}

/// Translations can share an id: each permalink redirects to its own language.
#[test]
fn translations_that_share_an_id() {
    let site = TestSite::new();
    for (file, lang) in [("a", "en"), ("b", "ur"), ("c", "fr")] {
        site.write(
            &format!("content/{file}.md"),
            article(file, "2024-11-06", &format!("id: x\nlang: {lang}\n"), ""),
        );
    }
    site.build_with_args(&["--record"]).assert_success();
    for (file, lang) in [("a", "en"), ("b", "ur"), ("c", "fr")] {
        site.remove(&format!("content/{file}.md"));
        site.write(
            &format!("content/{lang}/new.md"),
            article(
                file,
                "2024-11-07",
                &format!("id: x\nlang: {lang}\npermalink: /{lang}/new/\n"),
                "",
            ),
        );
    }
    site.build().assert_success();
    for (file, lang) in [("a", "en"), ("b", "ur"), ("c", "fr")] {
        assert_eq!(
            redirect_target(&site, &format!("2024/11/06/{file}/index.html")),
            Some(format!("/{lang}/new/"))
        );
    }
}

#[test]
fn a_new_permalink_pattern_redirects_every_article() {
    let site = recorded_site("content/world/talks.md", "");
    site.write(
        "site.yaml",
        format!(
            "{SETTINGS}permalink: /{{section}}/{{slug}}/\nredirects: {{formats: [html, netlify, \
                nginx]}}\n"
        ),
    );
    site.build().assert_success();
    assert_eq!(
        redirect_target(&site, "2024/11/06/talks/index.html").as_deref(),
        Some("/world/talks/")
    );
    assert_eq!(
        redirect_target(&site, "2024/11/05/good/index.html").as_deref(),
        Some("/world/good/")
    );
    assert_eq!(
        site.read_output("_redirects"),
        "/2024/11/05/good/ /world/good/ 301\n/2024/11/06/talks/ /world/talks/ 301\n"
    );
    assert!(
        site.read_output("redirects.nginx.conf")
            .contains("\"/2024/11/06/talks/\" \"/world/talks/\";\n")
    );
    // Recorded again, and moved again: both old permalinks redirect to the third directly.
    site.build_with_args(&["--record"]).assert_success();
    site.write("site.yaml", format!("{SETTINGS}permalink: /{{slug}}.html\n"));
    site.build().assert_success();
    for old in ["2024/11/06/talks/index.html", "world/talks/index.html"] {
        assert_eq!(redirect_target(&site, old).as_deref(), Some("/talks.html"), "{old}");
    }
    assert_same_as_clean_build(&site, "after two patterns");
    // Moved back: the redirect becomes a page.
    site.write("site.yaml", SETTINGS);
    site.build().assert_success();
    assert_eq!(redirect_target(&site, "2024/11/06/talks/index.html"), None);
    assert_eq!(
        redirect_target(&site, "world/talks/index.html").as_deref(),
        Some("/2024/11/06/talks/")
    );
}

#[test]
fn old_terms_redirect_to_their_replacement() {
    let site = recorded_site("content/a.md", "tags: [Persia, Trade]\nsection: foreign\n");
    // The only new tag, and the only section, of the article that had the old ones.
    site.write(
        "content/a.md",
        article("Talks", "2024-11-06", "tags: [Kabul, Trade, Lahore]\nsection: world\n", BODY),
    );
    site.write("content/good.md", article("x", "2024-11-05", "tags: [Iran]\nsection: world\n", ""));
    site.build_with_args(&["--record"]).assert_success();
    assert_eq!(
        redirect_target(&site, "sections/foreign/index.html").as_deref(),
        Some("/sections/world/")
    );
    assert_eq!(
        redirect_target(&site, "tags/persia/index.html").as_deref(),
        Some("/tags/"),
        "Kabul or Lahore: ambiguous"
    );
    site.write(
        "content/a.md",
        article(
            "Talks",
            "2024-11-06",
            "tags: [Trade routes, Kabul, Lahore]\nsection: world\n",
            BODY,
        ),
    );
    site.build().assert_success();
    assert_eq!(
        redirect_target(&site, "tags/trade/index.html").as_deref(),
        Some("/tags/trade-routes/")
    );
    assert_eq!(
        redirect_target(&site, "tags/persia/index.html").as_deref(),
        Some("/tags/"),
        "and it stays unknown"
    );
    site.write("site.yaml", format!("{SETTINGS}taxonomies: {{tags: {{path: topics}}}}\n"));
    site.build().assert_success();
    assert_eq!(
        redirect_target(&site, "tags/lahore/index.html").as_deref(),
        Some("/topics/lahore/")
    );
}

#[test]
fn a_missing_permalink_fails_the_build_and_nothing_else() {
    let site = recorded_site("content/a.md", "");
    site.remove("content/a.md");
    site.write("content/new.md", article("New", "2024-11-09", "", ""));
    let build = site.build().assert_errors();
    let diagnostic = build.only_diagnostic();
    diagnostic
        .assert_code("lost-permalink")
        .assert_position(3, 1)
        .assert_message_contains("`/2024/11/06/a/`")
        .assert_help_contains("aliases: [\"/2024/11/06/a/\"]");
    assert!(diagnostic.help.contains("--accept-removals"), "{}", diagnostic.help);
    assert_eq!(diagnostic.file, "permalinks.txt");
    assert!(
        site.has_output("2024/11/09/new/index.html") && site.has_output("2024/11/06/a/index.html"),
        "the rest is built, and the page stays"
    );
    assert_eq!(site.build().assert_errors().report_number("written"), 0, "and stays");
    run_permalinks(&site, "check", &[])
        .assert_errors()
        .only_diagnostic()
        .assert_code("lost-permalink");
    // Each of these resolves it.
    site.write("content/new.md", article("New", "2024-11-09", "aliases: [/2024/11/06/a/]\n", ""));
    site.build().assert_success();
    site.write("content/new.md", article("New", "2024-11-09", "", ""));
    for rules in ["/2024/11/06/a/: /archive/", "/2024/11/06/*: /archive/"] {
        site.write(
            "site.yaml",
            format!(
                "{SETTINGS}redirects: {{formats: [netlify], rules: {{\"{}\"}}}}\n",
                rules.replace(": ", "\": \"")
            ),
        );
        site.build().assert_success();
        run_permalinks(&site, "check", &[]).assert_success();
    }
    site.write("site.yaml", SETTINGS);
    site.write("static/2024/11/06/a/index.html", "<p>Gone.</p>");
    site.build().assert_success();
    run_permalinks(&site, "check", &[]).assert_success();
    site.remove("static/2024/11/06/a/index.html");
    site.build().assert_errors();
    // Without its line it isn't missing.
    let remaining: String = read_registry(&site)
        .split_inclusive('\n')
        .filter(|line| !line.starts_with("/2024/11/06/a/"))
        .collect();
    site.write("permalinks.txt", remaining);
    site.build().assert_success();
}

/// Unpublished and invalid articles: the permalinks of the former are missing, the last good pages
/// of the latter stay.
#[test]
fn unpublished_and_broken_articles() {
    let site = recorded_site("content/a.md", "");
    site.write("content/a.md", "---\ntitle: Talks\n");
    assert_eq!(site.build().assert_errors().codes(), ["unclosed-front-matter"]);
    assert!(site.has_output("2024/11/06/a/index.html"));
    site.write("content/a.md", article("Talks", "2024-11-06", "draft: true\n", BODY));
    assert_eq!(site.build().assert_errors().codes(), ["lost-permalink"]);
}

/// If another page has the URL, there is no redirect.
#[test]
fn a_page_at_the_path_of_a_redirect() {
    for format in ["html", "netlify"] {
        let site = recorded_site("content/a.md", "permalink: /own/page.html\n");
        site.write("site.yaml", format!("{SETTINGS}redirects: {{formats: [{format}]}}\n"));
        site.write("content/a.md", article("Talks", "2024-11-06", "", BODY));
        site.write("static/own/page.html", "<p>Mine.</p>");
        site.build().assert_success();
        assert_eq!(site.read_output("own/page.html"), "<p>Mine.</p>");
        assert!(!site.has_output("_redirects"), "it would hide the page");
        assert_same_as_clean_build(&site, format);
    }
}

/// The redirect list for hosts follows the registry even if no file of the site changed.
#[test]
fn only_the_registry_changes() {
    let site = recorded_site("content/a.md", "");
    site.write("site.yaml", format!("{SETTINGS}redirects: {{formats: [netlify]}}\n"));
    site.write("permalinks.txt", "/x/\tfile:a\n/y/\tfile:good\n");
    site.build().assert_success();
    crate::archive::wait_until_mtimes_are_reliable();
    site.build().assert_success();
    site.write("permalinks.txt", "/x/\tfile:a\n/z/\tfile:a\n");
    let build = site.build().assert_success();
    assert_eq!(site.read_output("_redirects"), "/x/ /2024/11/06/a/ 301\n/z/ /2024/11/06/a/ 301\n");
    assert_eq!(
        build.report_number("written"),
        1,
        "and nothing else: pages of past years don't change"
    );
    assert_same_as_clean_build(&site, "another register");
    site.write("content/a.md", article("Talks", "2024-11-06", "", &format!("{BODY}\nMore.\n")));
    site.build().assert_success();
    assert_same_as_clean_build(&site, "another body");
}

#[test]
fn registries_merge_by_union() {
    let (our_site, their_site) =
        (recorded_site("content/a.md", ""), recorded_site("content/b.md", "id: y\n"));
    let union = |parts: &[String]| {
        let lines: BTreeSet<&str> = parts.iter().flat_map(|part| part.lines()).collect();
        lines.into_iter().map(|line| format!("{line}\n")).collect::<String>()
    };
    let sorted = union(&[read_registry(&our_site), read_registry(&their_site)]);
    let unsorted = format!(
        "\u{feff}{}\r\n\r\n{}",
        read_registry(&their_site).replace('\n', "\r\n"),
        read_registry(&our_site)
    );
    for merged in [sorted.clone(), unsorted] {
        let site = TestSite::new();
        site.write("content/moved.md", article("Talks", "2024-12-01", "", BODY));
        site.write("content/c.md", article("Talks", "2024-12-02", "id: y\n", "Other."));
        site.write("permalinks.txt", merged);
        site.build().assert_success();
        assert_eq!(
            redirect_target(&site, "2024/11/06/a/index.html").as_deref(),
            Some("/2024/12/01/moved/")
        );
        assert_eq!(
            redirect_target(&site, "2024/11/06/b/index.html").as_deref(),
            Some("/2024/12/02/c/")
        );
        run_permalinks(&site, "record", &[]).assert_success();
        let text = read_registry(&site);
        assert!(text.lines().collect::<Vec<_>>().is_sorted() && !text.contains('\r'), "{text}");
        assert!(
            text.contains("/2024/11/06/a/\tfile:moved\tbody:"),
            "known by its new name: {text}"
        );
        let permalinks: Vec<&str> =
            text.lines().skip(1).filter_map(|line| line.split('\t').next()).collect();
        assert_eq!(
            permalinks.len(),
            permalinks.iter().collect::<BTreeSet<_>>().len(),
            "a line an address"
        );
    }
    // Two lines for one permalink, from two branches that renamed the article differently: either
    // evidence is enough.
    for file in ["one", "two"] {
        let site = TestSite::new()
            .with_file(&format!("content/{file}.md"), article("x", "2024-12-01", "", ""));
        site.write("permalinks.txt", "/old/\tfile:one\n/old/\tfile:two\n");
        site.build().assert_success();
        assert_eq!(redirect_target(&site, "old/index.html"), Some(format!("/2024/12/01/{file}/")));
    }
}

#[test]
fn invalid_lines_are_reported_with_their_position() {
    let site = recorded_site("content/a.md", "");
    let good = read_registry(&site);
    site.write(
        "permalinks.txt",
        format!(
            "{good}<<<<<<< HEAD\nno address\n/x/\tbody:12\n/x/\twhat:is\n/../x/\n{}\n",
            "/y".repeat(9_000)
        ),
    );
    let build = site.build().assert_errors();
    assert_eq!(build.codes(), ["bad-register"; 6]);
    build.diagnostics[0]
        .assert_position(6, 1)
        .assert_message_contains("an unfinished merge")
        .assert_help_contains("correct the line or delete it");
    build.diagnostics[2].assert_message_contains("16 hexadecimal digits");
    let registry_before = read_registry(&site);
    let build = run_permalinks(&site, "record", &[]);
    assert_eq!(
        (build.status, read_registry(&site)),
        (2, registry_before),
        "what can't be read isn't thrown away"
    );
    assert!(build.stderr.contains("fix the permalink registry first"), "{}", build.stderr);
    site.write(
        "permalinks.txt",
        [&good[..], "/x/\t\u{0}\n/\u{fffd}/\n"].concat().replace('\u{fffd}', "z").as_bytes(),
    );
    site.write("permalinks.txt", b"\xff\xfe/x/\n");
    assert_eq!(site.build().assert_errors().codes(), ["bad-register"]);
    site.write("permalinks.txt", "?\n".repeat(1_000));
    assert_eq!(site.build().assert_errors().diagnostics.len(), 21);
    site.write("permalinks.txt", (0..1_000).map(|n| format!("/old/{n}/\n")).collect::<String>());
    let build = site.build().assert_errors();
    assert_eq!(build.diagnostics.len(), 101);
    assert!(build.stderr.contains("900 more published URLs"), "{}", build.stderr);
}

#[cfg(unix)]
#[test]
fn a_registry_that_is_a_symlink_is_not_read() {
    let outside = tempfile::tempdir().expect("a temporary folder is created");
    fs::write(outside.path().join("secret"), "/secret/\n").expect("the file is written");
    let site = TestSite::new().with_symlink("permalinks.txt", outside.path().join("secret"));
    let build = site.build().assert_errors();
    build
        .only_diagnostic()
        .assert_code("symlink")
        .assert_message_contains("the permalink registry isn't a regular file");
    assert!(!build.stderr.contains("/secret/"));
    assert_eq!(run_permalinks(&site, "record", &[]).status, 2);
    assert_eq!(
        fs::read_to_string(outside.path().join("secret")).expect("the file is readable"),
        "/secret/\n"
    );
}

#[test]
fn fix_adds_aliases_and_touches_nothing_else() {
    let site = recorded_site("content/2019/talks.md", "");
    site.remove("content/2019/talks.md");
    let text = "\u{feff}---\r\ntitle:   'Talks'   # kept\r\naliases:\r\n    - /older/\r\n\
        date: 2024-12-01\r\n---\r\nEdited.  \r\n\r\n";
    site.write("content/world/talks.md", text);
    site.build()
        .assert_errors()
        .only_diagnostic()
        .assert_code("lost-permalink")
        .assert_help_contains("content/world/talks.md")
        .assert_help_contains("permalinks fix");
    let dry = run_permalinks(&site, "fix", &["--dry-run"]).assert_success();
    assert!(
        dry.stdout
            .contains("content/world/talks.md: would be added: aliases: [\"/2024/11/06/talks/\"]"),
        "{}",
        dry.stdout
    );
    let read_article =
        || fs::read_to_string(site.path("content/world/talks.md")).expect("the file is readable");
    assert_eq!(read_article(), text);
    run_permalinks(&site, "fix", &[]).assert_success();
    let expected = text.replace("/older/\r\n", "/older/\r\n    - \"/2024/11/06/talks/\"\r\n");
    assert_eq!(read_article(), expected);
    site.build().assert_success();
    assert_eq!(
        redirect_target(&site, "2024/11/06/talks/index.html").as_deref(),
        Some("/2024/12/01/talks/")
    );
    run_permalinks(&site, "fix", &[]).assert_success();
    assert_eq!(read_article(), expected, "once is enough");
    let file_count =
        fs::read_dir(site.path("content/world")).expect("the file is readable").count();
    assert_eq!(file_count, 1, "nothing half-written is left");
}

/// With `--all` the registry isn't needed any more: articles list their aliases.
#[test]
fn fix_all_makes_the_registry_superfluous() {
    let site = recorded_site("content/a.md", "");
    site.write("site.yaml", format!("{SETTINGS}permalink: /{{slug}}/\n"));
    site.build().assert_success();
    run_permalinks(&site, "fix", &[]).assert_success();
    assert!(
        !fs::read_to_string(site.path("content/a.md"))
            .expect("the file is readable")
            .contains("aliases")
    );
    run_permalinks(&site, "fix", &["--all"]).assert_success();
    site.remove("permalinks.txt");
    site.build().assert_success();
    assert_eq!(redirect_target(&site, "2024/11/06/a/index.html").as_deref(), Some("/a/"));
    assert_eq!(redirect_target(&site, "2024/11/05/good/index.html").as_deref(), Some("/good/"));
    // Front matter in flow style can't be extended; that is reported, and nothing is written.
    site.write("content/a.md", format!("---\n{{title: x, date: 2024-11-06}}\n---\n{BODY}"));
    site.write("permalinks.txt", "/once/a/\n");
    let build = run_permalinks(&site, "fix", &[]).assert_errors();
    assert!(
        build.stdout.contains("content/a.md: add by hand: aliases: [\"/once/a/\"]"),
        "{}",
        build.stdout
    );
}

/// A permalink that contains a redacted name of its article has neither a page nor a redirect, and
/// isn't missing.
#[test]
fn a_permalink_with_a_redacted_name_is_dropped() {
    let text = |lines: &str| {
        article("John Smith is held", "2024-11-05", lines, "Police hold John Smith.\n")
    };
    let site = TestSite::empty().with_file("content/john-smith-is-held.md", text("id: fire\n"));
    site.build_with_args(&["--record"]).assert_success();
    assert!(site.has_output("2024/11/05/john-smith-is-held/index.html"));
    site.write(
        "content/john-smith-is-held.md",
        text("id: fire\nstatus: anonymised\nredact: [John Smith]\n"),
    );
    site.build().assert_success();
    let paths_with_name: Vec<String> =
        site.output_paths().into_iter().filter(|path| path.contains("smith")).collect();
    assert_eq!(paths_with_name, [] as [String; 0]);
    assert!(
        site.read_output("2024/11/05/is-held/index.html").contains("Names have been removed"),
        "{:?}",
        site.output_paths()
    );
}

/// On hosts that ignore case, such an alias is the page itself.
#[test]
fn an_alias_in_other_letters_is_one_warning() {
    let lines = "aliases: [/2003/04/06/Bridge/, /b/]\n";
    let site = TestSite::empty()
        .with_file(
            "site.yaml",
            format!("{SETTINGS}redirects: {{formats: [html, netlify, nginx]}}\n"),
        )
        .with_file("content/bridge.md", article("A", "2003-04-06", lines, "Text.\n"));
    let build = site.build();
    assert_eq!(build.status, 0, "{}", build.stderr);
    build
        .only_diagnostic()
        .assert_code("bad-alias")
        .assert_position(4, 11)
        .assert_message_contains("in case only");
    assert!(site.read_output("b/index.html").contains("/2003/04/06/bridge/"));
    let rule = "/2003/04/06/Bridge/";
    assert!(site.read_output("_redirects").contains(rule));
    let nginx = site.outputs().into_iter().find(|(path, _)| path.contains("nginx"));
    let (_, nginx) = nginx.expect("the rules of nginx");
    let nginx = String::from_utf8(nginx).expect("UTF-8");
    assert!(nginx.contains("\"/b/\"") && !nginx.contains(rule), "{nginx}");
}

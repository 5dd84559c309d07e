//! The register of permalinks: no address that was ever published is lost, whatever happens to its story.

use std::collections::BTreeSet;
use std::fs;

use crate::archive::assert_clean;
use crate::harness::{Build, SETTINGS, Site, dateline, story};

const BODY: &str = "The delegations met on Tuesday, and the talks went on until late in the night.\n";

/// `dateline permalinks … --root …`.
pub(crate) fn permalinks(site: &Site, command: &str, args: &[&str]) -> Build {
    Build::of(dateline().args(["permalinks", command, "--root"]).arg(site.root()).args(args))
}

pub(crate) fn register(site: &Site) -> String {
    fs::read_to_string(site.path("permalinks.txt")).expect("a register")
}

/// The site with a story, built and recorded.
fn recorded(file: &str, lines: &str) -> Site {
    let site = Site::new().with(file, story("Talks", "2024-11-06", lines, BODY));
    site.build_with(&["--record"]).fine();
    site
}

/// Where the page at an address leads on to; nothing, if it is a page of its own.
#[track_caller]
pub(crate) fn led(site: &Site, path: &str) -> Option<String> {
    let page = site.page(path);
    let (_, rest) = page.split_once("http-equiv=\"refresh\" content=\"0; url=https://test.example")?;
    Some(rest.split('"').next().unwrap_or_default().to_owned())
}

#[test]
fn what_is_recorded() {
    let site = recorded("content/world/talks.md", "tags: [Iran]\n");
    site.put("content/ur.md", story("x", "2024-11-07", "id: \"a b\"\nlang: ur\n", BODY));
    let build = Build::of(site.command().arg("--record")).fine();
    assert!(build.stdout.contains("; 5 addresses in permalinks.txt, 1 of them new"), "{}", build.stdout);
    let text = register(&site);
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines[0].starts_with("# ") && lines.is_sorted() && text.ends_with('\n'), "{text}");
    let fields: Vec<Vec<&str>> = lines[1..].iter().map(|line| line.split('\t').collect()).collect();
    assert_eq!(fields[0], ["/2024/11/05/good/", "file:good"], "a short body is no clue");
    assert_eq!(fields[1][..2], ["/2024/11/06/talks/", "file:world/talks"]);
    assert!(fields[1][2].starts_with("body:") && fields[1][2].len() == 21, "{text}");
    assert_eq!(fields[2][..4], ["/2024/11/07/ur/", "id:a b", "file:ur", "lang:ur"]);
    assert_eq!(fields[2][4..], fields[1][2..], "the same body");
    assert_eq!(fields[3], ["/sections/world/", "term:sections/world", "file:good"]);
    let times = site.stamps();
    permalinks(&site, "record", &[]).fine();
    assert_eq!(register(&site), text, "nothing is new");
    assert!(times == site.stamps());
    permalinks(&site, "check", &[]).fine();
    for preview in ["--drafts", "--future", "--expired"] {
        assert_eq!(site.build_with(&["--record", preview]).status, 2);
        assert_eq!(permalinks(&site, "record", &[preview]).status, 2);
    }
    assert_eq!(site.build_with(&["--record", "--dry-run"]).status, 2);
}

#[test]
fn a_site_without_a_register_has_none() {
    let site = Site::new();
    site.build().fine();
    assert!(!site.path("permalinks.txt").exists());
    let check = permalinks(&site, "check", &[]).fine();
    assert!(check.stdout.contains("there is no permalinks.txt"), "{}", check.stdout);
    assert!(!site.path("permalinks.txt").exists());
}

/// Every change that leaves a story recognisable, and where its address leads then.
#[test]
fn old_addresses_lead_on_by_themselves() {
    let moved = |lines: &str| story("Other words", "2024-11-08", lines, BODY);
    let edited = |lines: &str| {
        story("Other words", "2024-11-08", lines, "Edited, and much else besides the words of before.\n")
    };
    for (before, after, text, to) in [
        ("a.md", "a.md", edited("slug: other\n"), "/2024/11/08/other/"),
        ("a.md", "world/b.md", moved(""), "/2024/11/08/b/"),
        ("a.md", "b/index.md", moved("section: city\n"), "/2024/11/08/b/"),
        ("a.md", "a.md", edited("permalink: /x/y.html\n"), "/x/y.html"),
    ] {
        let site = recorded(&format!("content/{before}"), "");
        site.remove(&format!("content/{before}"));
        site.put(&format!("content/{after}"), &text);
        site.build().fine();
        assert_eq!(led(&site, "2024/11/06/a/index.html").as_deref(), Some(to), "{after}");
        assert_clean(&site, after);
    }
    // With an id, anything may change.
    let site = recorded("content/a.md", "id: x1\n");
    site.remove("content/a.md");
    site.put("content/c/d.md", edited("id: x1\nsection: city\n"));
    site.build().fine();
    assert_eq!(led(&site, "2024/11/06/a/index.html").as_deref(), Some("/2024/11/08/d/"));
}

/// A file of the same name is not the story if that is elsewhere, word for word.
#[test]
fn a_new_story_under_the_old_name() {
    let site = recorded("content/weekly.md", "");
    site.put("content/2024/weekly-1.md", story("Talks", "2024-11-09", "", BODY));
    site.put("content/weekly.md", story("Other", "2024-11-13", "", &BODY.replace("Tuesday", "Wednesday")));
    site.build().fine();
    assert_eq!(led(&site, "2024/11/06/weekly/index.html").as_deref(), Some("/2024/11/09/weekly-1/"));
}

/// Translations may share an id: each address leads to its own language.
#[test]
fn translations_with_one_id() {
    let site = Site::new();
    for (file, lang) in [("a", "en"), ("b", "ur"), ("c", "fr")] {
        site.put(
            &format!("content/{file}.md"),
            story(file, "2024-11-06", &format!("id: x\nlang: {lang}\n"), ""),
        );
    }
    site.build_with(&["--record"]).fine();
    for (file, lang) in [("a", "en"), ("b", "ur"), ("c", "fr")] {
        site.remove(&format!("content/{file}.md"));
        site.put(
            &format!("content/{lang}/new.md"),
            story(file, "2024-11-07", &format!("id: x\nlang: {lang}\npermalink: /{lang}/new/\n"), ""),
        );
    }
    site.build().fine();
    for (file, lang) in [("a", "en"), ("b", "ur"), ("c", "fr")] {
        assert_eq!(led(&site, &format!("2024/11/06/{file}/index.html")), Some(format!("/{lang}/new/")));
    }
}

#[test]
fn another_pattern_moves_every_story_safely() {
    let site = recorded("content/world/talks.md", "");
    site.put(
        "site.yaml",
        format!(
            "{SETTINGS}permalink: /{{section}}/{{slug}}/\nredirects: {{formats: [html, netlify, nginx]}}\n"
        ),
    );
    site.build().fine();
    assert_eq!(led(&site, "2024/11/06/talks/index.html").as_deref(), Some("/world/talks/"));
    assert_eq!(led(&site, "2024/11/05/good/index.html").as_deref(), Some("/world/good/"));
    assert_eq!(
        site.page("_redirects"),
        "/2024/11/05/good/ /world/good/ 301\n/2024/11/06/talks/ /world/talks/ 301\n"
    );
    assert!(site.page("redirects.nginx.conf").contains("\"/2024/11/06/talks/\" \"/world/talks/\";\n"));
    // Recorded again, and moved again: both addresses lead to the third, at once.
    site.build_with(&["--record"]).fine();
    site.put("site.yaml", format!("{SETTINGS}permalink: /{{slug}}.html\n"));
    site.build().fine();
    for old in ["2024/11/06/talks/index.html", "world/talks/index.html"] {
        assert_eq!(led(&site, old).as_deref(), Some("/talks.html"), "{old}");
    }
    assert_clean(&site, "after two patterns");
    // And back: what was a redirect is a page.
    site.put("site.yaml", SETTINGS);
    site.build().fine();
    assert_eq!(led(&site, "2024/11/06/talks/index.html"), None);
    assert_eq!(led(&site, "world/talks/index.html").as_deref(), Some("/2024/11/06/talks/"));
}

#[test]
fn terms_lead_to_what_took_their_place() {
    let site = recorded("content/a.md", "tags: [Persia, Trade]\nsection: foreign\n");
    // The one new tag, and the one section, of the story that had the old ones.
    site.put(
        "content/a.md",
        story("Talks", "2024-11-06", "tags: [Kabul, Trade, Lahore]\nsection: world\n", BODY),
    );
    site.put("content/good.md", story("x", "2024-11-05", "tags: [Iran]\nsection: world\n", ""));
    site.build_with(&["--record"]).fine();
    assert_eq!(led(&site, "sections/foreign/index.html").as_deref(), Some("/sections/world/"));
    assert_eq!(
        led(&site, "tags/persia/index.html").as_deref(),
        Some("/tags/"),
        "Kabul or Lahore: nobody knows"
    );
    site.put(
        "content/a.md",
        story("Talks", "2024-11-06", "tags: [Trade routes, Kabul, Lahore]\nsection: world\n", BODY),
    );
    site.build().fine();
    assert_eq!(led(&site, "tags/trade/index.html").as_deref(), Some("/tags/trade-routes/"));
    assert_eq!(led(&site, "tags/persia/index.html").as_deref(), Some("/tags/"), "and it stays unknown");
    site.put("site.yaml", format!("{SETTINGS}taxonomies: {{tags: {{path: topics}}}}\n"));
    site.build().fine();
    assert_eq!(led(&site, "tags/lahore/index.html").as_deref(), Some("/topics/lahore/"));
}

#[test]
fn a_lost_address_fails_the_build_and_nothing_else() {
    let site = recorded("content/a.md", "");
    site.remove("content/a.md");
    site.put("content/new.md", story("New", "2024-11-09", "", ""));
    let build = site.build().faulty();
    let told = build.only();
    told.code("lost-permalink").at(3, 1).says("`/2024/11/06/a/`").helps("aliases: [\"/2024/11/06/a/\"]");
    assert!(told.help.contains("take its lines out of permalinks.txt"), "{}", told.help);
    assert_eq!(told.file, "permalinks.txt");
    assert!(
        site.has("2024/11/09/new/index.html") && !site.has("2024/11/06/a/index.html"),
        "the rest is built"
    );
    assert_eq!(site.build().faulty().number("written"), 0, "and stays");
    permalinks(&site, "check", &[]).faulty().only().code("lost-permalink");
    // Each of these answers for it.
    site.put("content/new.md", story("New", "2024-11-09", "aliases: [/2024/11/06/a/]\n", ""));
    site.build().fine();
    site.put("content/new.md", story("New", "2024-11-09", "", ""));
    for rules in ["/2024/11/06/a/: /archive/", "/2024/11/06/*: /archive/"] {
        site.put(
            "site.yaml",
            format!(
                "{SETTINGS}redirects: {{formats: [netlify], rules: {{\"{}\"}}}}\n",
                rules.replace(": ", "\": \"")
            ),
        );
        site.build().fine();
        permalinks(&site, "check", &[]).fine();
    }
    site.put("site.yaml", SETTINGS);
    site.put("static/2024/11/06/a/index.html", "<p>Gone.</p>");
    site.build().fine();
    permalinks(&site, "check", &[]).fine();
    site.remove("static/2024/11/06/a/index.html");
    site.build().faulty();
    // Without its line, nobody asks for it.
    let kept: String =
        register(&site).split_inclusive('\n').filter(|line| !line.starts_with("/2024/11/06/a/")).collect();
    site.put("permalinks.txt", kept);
    site.build().fine();
}

/// Held-back and broken stories: the first lose their address, of the second the last good page stays.
#[test]
fn held_back_and_broken_stories() {
    let site = recorded("content/a.md", "");
    site.put("content/a.md", "---\ntitle: Talks\n");
    assert_eq!(site.build().faulty().codes(), ["unclosed-front-matter"]);
    assert!(site.has("2024/11/06/a/index.html"));
    site.put("content/a.md", story("Talks", "2024-11-06", "draft: true\n", BODY));
    assert_eq!(site.build().faulty().codes(), ["lost-permalink"]);
}

/// Where a page of another kind has the place, it answers and nothing leads on.
#[test]
fn a_page_in_the_place_of_a_redirect() {
    for format in ["html", "netlify"] {
        let site = recorded("content/a.md", "permalink: /own/page.html\n");
        site.put("site.yaml", format!("{SETTINGS}redirects: {{formats: [{format}]}}\n"));
        site.put("content/a.md", story("Talks", "2024-11-06", "", BODY));
        site.put("static/own/page.html", "<p>Mine.</p>");
        site.build().fine();
        assert_eq!(site.page("own/page.html"), "<p>Mine.</p>");
        assert!(!site.has("_redirects"), "it would hide the page");
        assert_clean(&site, format);
    }
}

/// The list for hosts follows the register though no file of the site changed.
#[test]
fn the_register_alone_changes() {
    let site = recorded("content/a.md", "");
    site.put("site.yaml", format!("{SETTINGS}redirects: {{formats: [netlify]}}\n"));
    site.put("permalinks.txt", "/x/\tfile:a\n/y/\tfile:good\n");
    site.build().fine();
    crate::archive::settle();
    site.build().fine();
    site.put("permalinks.txt", "/x/\tfile:a\n/z/\tfile:a\n");
    let build = site.build().fine();
    assert_eq!(site.page("_redirects"), "/x/ /2024/11/06/a/ 301\n/z/ /2024/11/06/a/ 301\n");
    assert_eq!(build.number("written"), 1, "and nothing else: the past is sealed");
    assert_clean(&site, "another register");
    site.put("content/a.md", story("Talks", "2024-11-06", "", &format!("{BODY}\nMore.\n")));
    site.build().fine();
    assert_clean(&site, "another body");
}

#[test]
fn registers_merge_by_union() {
    let (ours, theirs) = (recorded("content/a.md", ""), recorded("content/b.md", "id: y\n"));
    let union = |parts: &[String]| {
        let lines: BTreeSet<&str> = parts.iter().flat_map(|part| part.lines()).collect();
        lines.into_iter().map(|line| format!("{line}\n")).collect::<String>()
    };
    let sorted = union(&[register(&ours), register(&theirs)]);
    let dirty = format!("\u{feff}{}\r\n\r\n{}", register(&theirs).replace('\n', "\r\n"), register(&ours));
    for merged in [sorted.clone(), dirty] {
        let site = Site::new();
        site.put("content/moved.md", story("Talks", "2024-12-01", "", BODY));
        site.put("content/c.md", story("Talks", "2024-12-02", "id: y\n", "Other."));
        site.put("permalinks.txt", merged);
        site.build().fine();
        assert_eq!(led(&site, "2024/11/06/a/index.html").as_deref(), Some("/2024/12/01/moved/"));
        assert_eq!(led(&site, "2024/11/06/b/index.html").as_deref(), Some("/2024/12/02/c/"));
        permalinks(&site, "record", &[]).fine();
        let text = register(&site);
        assert!(text.lines().collect::<Vec<_>>().is_sorted() && !text.contains('\r'), "{text}");
        assert!(text.contains("/2024/11/06/a/\tfile:moved\tbody:"), "known by its new name: {text}");
        let addresses: Vec<&str> = text.lines().skip(1).filter_map(|line| line.split('\t').next()).collect();
        assert_eq!(addresses.len(), addresses.iter().collect::<BTreeSet<_>>().len(), "a line an address");
    }
    // Two lines for one address, of which each branch knows the other's story no more: either clue will do.
    for file in ["one", "two"] {
        let site = Site::new().with(&format!("content/{file}.md"), story("x", "2024-12-01", "", ""));
        site.put("permalinks.txt", "/old/\tfile:one\n/old/\tfile:two\n");
        site.build().fine();
        assert_eq!(led(&site, "old/index.html"), Some(format!("/2024/12/01/{file}/")));
    }
}

#[test]
fn bad_lines_are_told_with_their_place() {
    let site = recorded("content/a.md", "");
    let good = register(&site);
    site.put(
        "permalinks.txt",
        format!(
            "{good}<<<<<<< HEAD\nno address\n/x/\tbody:12\n/x/\twhat:is\n/../x/\n{}\n",
            "/y".repeat(9_000)
        ),
    );
    let build = site.build().faulty();
    assert_eq!(build.codes(), ["bad-register"; 6]);
    build.told[0].at(6, 1).says("a merge that was not finished").helps("mend it or take it out");
    build.told[2].says("sixteen digits");
    let before = register(&site);
    let build = permalinks(&site, "record", &[]);
    assert_eq!((build.status, register(&site)), (2, before), "what can't be read isn't thrown away");
    assert!(build.stderr.contains("mend the register first"), "{}", build.stderr);
    site.put(
        "permalinks.txt",
        [&good[..], "/x/\t\u{0}\n/\u{fffd}/\n"].concat().replace('\u{fffd}', "z").as_bytes(),
    );
    site.put("permalinks.txt", b"\xff\xfe/x/\n");
    assert_eq!(site.build().faulty().codes(), ["bad-register"]);
    site.put("permalinks.txt", "?\n".repeat(1_000));
    assert_eq!(site.build().faulty().told.len(), 21);
    site.put("permalinks.txt", (0..1_000).map(|n| format!("/old/{n}/\n")).collect::<String>());
    let build = site.build().faulty();
    assert_eq!(build.told.len(), 101);
    assert!(build.stderr.contains("900 more addresses"), "{}", build.stderr);
}

#[cfg(unix)]
#[test]
fn a_register_that_is_a_link_is_not_read() {
    let outside = tempfile::tempdir().expect("a folder");
    fs::write(outside.path().join("secret"), "/secret/\n").expect("written");
    let site = Site::new().link("permalinks.txt", outside.path().join("secret"));
    let build = site.build().faulty();
    build.only().code("symlink").says("the register is no file");
    assert!(!build.stderr.contains("/secret/"));
    assert_eq!(permalinks(&site, "record", &[]).status, 2);
    assert_eq!(fs::read_to_string(outside.path().join("secret")).expect("there"), "/secret/\n");
}

#[test]
fn fix_adds_aliases_and_touches_nothing_else() {
    let site = recorded("content/2019/talks.md", "");
    site.remove("content/2019/talks.md");
    let text = "\u{feff}---\r\ntitle:   'Talks'   # kept\r\naliases:\r\n    - /older/\r\ndate: 2024-12-01\r\n---\r\nEdited.  \r\n\r\n";
    site.put("content/world/talks.md", text);
    site.build()
        .faulty()
        .only()
        .code("lost-permalink")
        .helps("content/world/talks.md")
        .helps("permalinks fix");
    let dry = permalinks(&site, "fix", &["--dry-run"]).fine();
    assert!(
        dry.stdout.contains("content/world/talks.md: would be added: aliases: [\"/2024/11/06/talks/\"]"),
        "{}",
        dry.stdout
    );
    let read = || fs::read_to_string(site.path("content/world/talks.md")).expect("there");
    assert_eq!(read(), text);
    permalinks(&site, "fix", &[]).fine();
    let wanted = text.replace("/older/\r\n", "/older/\r\n    - \"/2024/11/06/talks/\"\r\n");
    assert_eq!(read(), wanted);
    site.build().fine();
    assert_eq!(led(&site, "2024/11/06/talks/index.html").as_deref(), Some("/2024/12/01/talks/"));
    permalinks(&site, "fix", &[]).fine();
    assert_eq!(read(), wanted, "once is enough");
    let left = fs::read_dir(site.path("content/world")).expect("readable").count();
    assert_eq!(left, 1, "nothing half-written is left");
}

/// With `--all`, the register may go: stories say themselves what they were.
#[test]
fn fix_all_makes_the_register_superfluous() {
    let site = recorded("content/a.md", "");
    site.put("site.yaml", format!("{SETTINGS}permalink: /{{slug}}/\n"));
    site.build().fine();
    permalinks(&site, "fix", &[]).fine();
    assert!(!fs::read_to_string(site.path("content/a.md")).expect("there").contains("aliases"));
    permalinks(&site, "fix", &["--all"]).fine();
    site.remove("permalinks.txt");
    site.build().fine();
    assert_eq!(led(&site, "2024/11/06/a/index.html").as_deref(), Some("/a/"));
    assert_eq!(led(&site, "2024/11/05/good/index.html").as_deref(), Some("/good/"));
    // Front matter in one map can't be added to; that is said, and nothing is written.
    site.put("content/a.md", format!("---\n{{title: x, date: 2024-11-06}}\n---\n{BODY}"));
    site.put("permalinks.txt", "/once/a/\n");
    let build = permalinks(&site, "fix", &[]).faulty();
    assert!(build.stdout.contains("content/a.md: add by hand: aliases: [\"/once/a/\"]"), "{}", build.stdout);
}

/// An address that holds a name which was taken out of its story answers no more: it neither leads on nor is it lost.
#[test]
fn an_address_with_a_redacted_name_is_let_go() {
    let text = |lines: &str| story("John Smith is held", "2024-11-05", lines, "Police hold John Smith.\n");
    let site = Site::empty().with("content/john-smith-is-held.md", text("id: fire\n"));
    site.build_with(&["--record"]).fine();
    assert!(site.has("2024/11/05/john-smith-is-held/index.html"));
    site.put("content/john-smith-is-held.md", text("id: fire\nstatus: anonymised\nredact: [John Smith]\n"));
    site.build().fine();
    let held: Vec<String> = site.paths().into_iter().filter(|path| path.contains("smith")).collect();
    assert_eq!(held, [] as [String; 0]);
    assert!(
        site.page("2024/11/05/is-held/index.html").contains("Names have been removed"),
        "{:?}",
        site.paths()
    );
}

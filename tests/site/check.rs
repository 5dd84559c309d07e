//! `dateline check`: each rule finds what it is for, where it is, and nothing else; in every form.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use dateline::site::RULES;
use serde_json::Value;

use crate::harness::{Build, Site, dateline, story};

fn check(site: &Site, args: &[&str]) -> Build {
    Build::of(dateline().arg("check").arg("--root").arg(site.root()).args(args))
}

/// What a check finds: the rule, the file, the line, sorted.
#[track_caller]
fn found(site: &Site) -> Vec<(String, String, u64)> {
    let build = check(site, &["--format", "json"]);
    let report: Value = serde_json::from_str(&build.stdout).expect("one JSON object");
    let one = |one: &Value| {
        let text = |key: &str| one[key].as_str().unwrap_or_default().to_owned();
        (text("code"), text("file"), one["line"].as_u64().unwrap_or(0))
    };
    let errors = report["errors"].as_u64().expect("a number");
    assert_eq!(build.status, i32::from(errors > 0), "{}", build.stdout);
    report["diagnostics"].as_array().expect("a list").iter().map(one).collect()
}

#[track_caller]
fn only(site: &Site, rule: &str, file: &str, line: u64) {
    assert_eq!(found(site), [(rule.to_owned(), file.to_owned(), line)]);
}

/// A site with one good story, `content/good.md`, at `/2024/11/05/good/`.
fn good() -> Site {
    Site::empty().with(
        "content/good.md",
        story("Border talks", "2024-11-05", "section: world\ntags: [Iran]\n", "Text.\n"),
    )
}

fn with_story(lines: &str, body: &str) -> Site {
    let section = "section: world\n";
    good().with("content/2024/b.md", story("Second story", "2024-11-06", &format!("{section}{lines}"), body))
}

#[test]
fn a_good_site_has_nothing_wrong() {
    let body = "See [the talks](../good.md), [their day](/2024/11/05/), [here](#more), [there](/2024/11/05/good/#top), [out](https://a.example/) and <b>so</b> on.\n\n## More\n\n<p>One<p>Two\n";
    assert_eq!(
        found(&with_story(
            "aliases: [/old/]\n",
            &format!("{body}\n[Once](/old/) <a href=\"mailto:a@b.example\">mail</a>\n")
        )),
        []
    );
}

#[test]
fn links_that_lead_nowhere() {
    for link in [
        "/2024/11/07/",
        "../nothing/",
        "/about",
        "https://test.example/nothing/",
        "/2024/11/06/b/nothing.html",
    ] {
        only(
            &with_story("", &format!("Text.\n\nA [link]({link}).\n")),
            "broken-link",
            "content/2024/b.md",
            8,
        );
    }
    let escaped = with_story("", "Text.\n\nA [link](/a%20b/?c=1&d=2).\n");
    only(&escaped, "broken-link", "content/2024/b.md", 8);
    for place in ["#nothing", "/2024/11/05/good/#nothing"] {
        only(&with_story("", &format!("A [link]({place}).\n")), "broken-anchor", "content/2024/b.md", 6);
    }
}

#[test]
fn a_template_s_link_is_told_once() {
    let site = good()
        .with("content/c.md", story("Third", "2024-11-06", "section: world\n", ""))
        .with("templates/parts/colophon.html", "<footer><a href=\"/nothing/\">x</a><div></footer>");
    let build = check(&site, &["--format", "json"]);
    let report: Value = serde_json::from_str(&build.stdout).expect("one JSON object");
    let codes: Vec<&str> = report["diagnostics"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|one| one["code"].as_str())
        .collect();
    assert_eq!(codes.iter().filter(|code| **code == "broken-link").count(), 1, "{report}");
    assert_eq!(codes.iter().filter(|code| **code == "malformed-html").count(), 1, "{report}");
    let message = report["diagnostics"][0]["message"].as_str().expect("a text");
    assert!(message.contains(" pages, this one first"), "{message}");
}

#[test]
fn pictures() {
    let png = |site: Site| site.with("static/p.png", include_bytes!("../../static/favicon.svg"));
    only(
        &png(with_story("", "Text.\n\n![](/p.png)\n")).with("static/p.png", pixel()),
        "missing-alt",
        "content/2024/b.md",
        8,
    );
    let lead = with_story("image: /p.png\n", "").with("static/p.png", pixel());
    only(&lead, "missing-alt", "content/2024/b.md", 5);
    let outside = with_story("", "![A gate](https://a.example/gate.jpg)\n");
    only(&outside, "image-size", "content/2024/b.md", 6);
    let good = with_story("", "![A gate](/p.png)\n").with("static/p.png", pixel());
    assert_eq!(found(&good), []);
}

/// A picture of one pixel.
fn pixel() -> Vec<u8> {
    let mut bytes = Vec::new();
    let encoder = image::codecs::png::PngEncoder::new(&mut bytes);
    image::ImageEncoder::write_image(encoder, &[0, 0, 0], 1, 1, image::ExtendedColorType::Rgb8)
        .expect("encoded");
    bytes
}

#[test]
fn html_in_a_story() {
    only(&with_story("", "Text.\n\n<div>\n\nMore.\n"), "malformed-html", "content/2024/b.md", 8);
    only(&with_story("", "A <b>bold <i>word</b></i>.\n"), "malformed-html", "content/2024/b.md", 6);
    assert_eq!(found(&with_story("", "A `<div>` and 1 < 2 <br> so.\n\n```\n<div>\n```\n")), []);
}

#[test]
fn headlines_sections_descriptions() {
    let twice = good().with("content/x.md", story("\"border TALKS\"", "2024-11-05", "section: world\n", ""));
    only(&twice, "duplicate-headline", "content/x.md", 2);
    let other_day = good().with("content/x.md", story("Border talks", "2024-11-06", "section: world\n", ""));
    assert_eq!(found(&other_day), []);
    only(&good().with("content/x.md", story("Other", "2024-11-06", "", "")), "no-section", "content/x.md", 2);
    let none = Site::empty().with("content/x.md", story("Other", "2024-11-06", "", ""));
    assert_eq!(found(&none), [], "a site without sections needs none");
    let long = format!("description: {}\n", "é".repeat(301));
    only(&with_story(&long, ""), "long-description", "content/2024/b.md", 5);
    assert_eq!(found(&with_story(&format!("description: {}\n", "é".repeat(300)), "")), []);
}

#[test]
fn terms_that_may_be_one() {
    let site = with_story("tags: [IRAN, covid19]\n", "")
        .with("content/c.md", story("Third", "2024-11-07", "section: world\ntags: [Iran, covid-19]\n", ""));
    let found = found(&site);
    let rules: Vec<&str> = found.iter().map(|(rule, ..)| rule.as_str()).collect();
    assert_eq!(rules, ["term-spelling", "similar-terms"], "{found:?}");
    assert_eq!((found[0].1.as_str(), found[0].2), ("content/2024/b.md", 5));
}

#[test]
fn pages_that_nothing_leads_to() {
    let site = good().with("static/about.html", "<!doctype html><title>About</title><p>About");
    only(&site, "unreachable-page", "about.html", 0);
    site.put("content/b.md", story("Second", "2024-11-06", "section: world\n", "[About](/about.html)\n"));
    assert_eq!(found(&site), []);
}

/// A site with a register in which one story says when it was changed, one has an id, and one says nothing.
fn recorded() -> (Site, impl Fn(&Site, &str, &str, &str)) {
    let put = |site: &Site, file: &str, lines: &str, word: &str| {
        let body = format!("The delegations met on {word}, and the talks went on until late in the night.\n");
        let lines = format!("section: world\n{lines}");
        site.put(&format!("content/{file}.md"), story(&format!("Story {file}"), "2024-11-06", &lines, &body));
    };
    let site = good();
    put(&site, "a", "updated: 2024-11-08\n", "Monday");
    put(&site, "b", "id: x1\n", "Tuesday");
    put(&site, "c", "", "Wednesday");
    Build::of(dateline().args(["permalinks", "record", "--root"]).arg(site.root())).fine();
    (site, put)
}

#[test]
fn texts_that_changed_without_a_word() {
    let (site, put) = recorded();
    assert_eq!(found(&site), []);
    put(&site, "a", "updated: 2024-11-08\n", "Thursday");
    put(&site, "b", "id: x1\n", "Thursday");
    put(&site, "c", "tags: [Iran]\n", "Wednesday");
    let stale = |file: &str, line| ("stale-updated".to_owned(), format!("content/{file}.md"), line);
    assert_eq!(found(&site), [stale("a", 5), stale("b", 3)]);
    let told = check(&site, &[]);
    assert_eq!(told.status, 0, "a warning");
    let message =
        "the text is another than was recorded for /2024/11/06/a/, and `updated` is 2024-11-08 still";
    assert!(told.stdout.contains(message) || told.stderr.contains(message), "{}{}", told.stdout, told.stderr);
    put(&site, "a", "updated: 2024-11-08\nupdates: [{date: 2024-11-09, text: On Thursday.}]\n", "Thursday");
    put(&site, "b", "id: x1\nupdated: 2024-11-07 09:30\n", "Thursday");
    assert_eq!(found(&site), [], "both say so");
    Build::of(dateline().args(["permalinks", "record", "--root"]).arg(site.root())).fine();
    put(&site, "b", "id: x1\nupdated: 2024-11-07 09:30\n", "Friday");
    assert_eq!(found(&site), [stale("b", 6)]);
    put(&site, "b", "id: x1\nupdated: 2024-11-07 09:31\n", "Friday");
    assert_eq!(found(&site), []);
    put(&site, "b", "id: x1\nupdated: 2024-11-07 09:30\n", "Friday");
    Build::of(dateline().args(["permalinks", "record", "--root"]).arg(site.root())).fine();
    assert_eq!(found(&site), [], "recorded as it is");
}

#[test]
fn texts_are_held_against_every_line_of_a_register() {
    let (site, put) = recorded();
    let register = std::fs::read_to_string(site.path("permalinks.txt")).expect("a register");
    let before = register.replace("\tupdated:2024-11-08", "");
    site.put("permalinks.txt", &before);
    assert_eq!(found(&site), [], "a register of before");
    put(&site, "a", "", "Thursday");
    put(&site, "c", "", "Thursday");
    let rules: Vec<(String, u64)> = found(&site).into_iter().map(|(_, file, line)| (file, line)).collect();
    assert_eq!(rules, [("content/a.md".to_owned(), 3), ("content/c.md".to_owned(), 3)], "at the date");
    // Another branch has recorded the text of now.
    Build::of(dateline().args(["permalinks", "record", "--root"]).arg(site.root())).fine();
    let theirs = std::fs::read_to_string(site.path("permalinks.txt")).expect("a register");
    site.put("permalinks.txt", format!("{theirs}{before}"));
    assert_eq!(found(&site), []);
    put(&site, "c", "", "Friday");
    assert_eq!(found(&site).len(), 1);
    site.put("site.yaml", format!("{}check: {{rules: {{stale-updated: off}}}}\n", crate::harness::SETTINGS));
    assert_eq!(found(&site), []);
    site.put("site.yaml", crate::harness::SETTINGS);
    site.remove("permalinks.txt");
    assert_eq!(found(&site), [], "nobody recorded anything");
}

#[test]
fn levels_are_the_sites_own() {
    let site = with_story("", "[x](/nothing/)\n");
    let settings = |rules: &str| format!("{}check:\n  rules: {{{rules}}}\n", crate::harness::SETTINGS);
    site.put("site.yaml", settings("broken-link: warning"));
    assert_eq!(check(&site, &[]).status, 0);
    assert_eq!(check(&site, &["--strict"]).status, 1);
    site.put("site.yaml", settings("broken-link: off"));
    assert_eq!(found(&site), []);
    site.put("site.yaml", settings("broken-lnk: off"));
    let build = check(&site, &[]);
    assert!(build.stderr.contains("did you mean `broken-link`?"), "{}", build.stderr);
}

#[test]
fn forms_of_programs() {
    let site = with_story("", "Text.\n\n[a, b: c](/nothing/)\n");
    let sarif: Value = serde_json::from_str(&check(&site, &["--format", "sarif"]).stdout).expect("JSON");
    let run = &sarif["runs"][0];
    assert_eq!(
        (sarif["version"].as_str(), run["tool"]["driver"]["name"].as_str()),
        (Some("2.1.0"), Some("dateline"))
    );
    let result = &run["results"][0];
    assert_eq!((result["ruleId"].as_str(), result["level"].as_str()), (Some("broken-link"), Some("error")));
    let place = &result["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"].as_str(), Some("content/2024/b.md"));
    assert_eq!(
        (place["region"]["startLine"].as_u64(), place["region"]["startColumn"].as_u64()),
        (Some(8), Some(11))
    );
    assert!(run["tool"]["driver"]["rules"].as_array().is_some_and(|rules| rules[0]["id"] == "broken-link"));
    let github = check(&site, &["--format", "github"]);
    assert!(github.stdout.starts_with("::error file=content/2024/b.md,line=8,col=11,endColumn=20,title=broken-link::`/nothing/` leads nowhere%0A"), "{}", github.stdout);
    let human = check(&site, &["--most", "1"]);
    assert!(
        human.stderr.contains("content/2024/b.md:8:11") && human.stdout.contains("1 error, 0 warnings"),
        "{}",
        human.stdout
    );
}

#[test]
fn nothing_is_written() {
    let site = with_story("", "[x](/nothing/)\n");
    check(&site, &[]);
    assert!(!site.path("public").exists() && !site.path(".dateline").exists());
}

/// A host with pages that are there, gone, elsewhere, and only for GET; counts what it is asked.
struct Host {
    address: String,
    asked: Arc<AtomicUsize>,
    at_once: Arc<Mutex<(usize, usize)>>,
}

impl Host {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = format!("http://{}", listener.local_addr().expect("an address"));
        let host = Self { address, asked: Arc::default(), at_once: Arc::default() };
        let (asked, at_once) = (Arc::clone(&host.asked), Arc::clone(&host.at_once));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (asked, at_once) = (Arc::clone(&asked), Arc::clone(&at_once));
                let mut stream = stream.expect("a connection");
                std::thread::spawn(move || {
                    let mut reader = BufReader::new(stream.try_clone().expect("cloned"));
                    loop {
                        let mut request = String::new();
                        if reader.read_line(&mut request).is_err() || request.is_empty() {
                            return;
                        }
                        let mut line = String::new();
                        while reader.read_line(&mut line).is_ok_and(|read| read > 2) {
                            line.clear();
                        }
                        {
                            let mut counts = at_once.lock().expect("whole");
                            counts.0 += 1;
                            counts.1 = counts.1.max(counts.0);
                        }
                        asked.fetch_add(1, Ordering::SeqCst);
                        let answer = match request.split(' ').collect::<Vec<_>>()[..] {
                            ["HEAD", "/only-get", _] => "405 No\r\nContent-Length: 0",
                            [_, "/here" | "/only-get", _] => "200 OK\r\nContent-Length: 0",
                            [_, "/moved", _] => "301 Moved\r\nLocation: /here\r\nContent-Length: 0",
                            [_, "/for-now", _] => "302 Found\r\nLocation: /here\r\nContent-Length: 0",
                            [_, "/round", _] => "302 Found\r\nLocation: /round\r\nContent-Length: 0",
                            [_, "/busy", _] => "429 Later\r\nContent-Length: 0",
                            _ => "404 Gone\r\nContent-Length: 0",
                        };
                        std::thread::sleep(std::time::Duration::from_millis(5));
                        at_once.lock().expect("whole").0 -= 1;
                        if write!(stream, "HTTP/1.1 {answer}\r\n\r\n").is_err() {
                            return;
                        }
                    }
                });
            }
        });
        host
    }
}

#[test]
fn links_out_of_the_site_are_asked() {
    let host = Host::start();
    let link = |path: &str| format!("[x]({}/{path})\n\n", host.address);
    let body: String =
        ["here", "gone", "moved", "for-now", "round", "busy", "only-get", "here#place"].map(link).concat();
    let site = with_story("", &body);
    let settings = |more: &str| {
        format!(
            "{}check:\n  rules: {{moved-link: warning}}\n  archive: https://archive.example/{{date}}/{{url}}\n  external: {{pause: 0{more}}}\n",
            crate::harness::SETTINGS
        )
    };
    site.put("site.yaml", settings(""));
    check(&site, &["--external"]);
    assert_eq!(host.asked.load(Ordering::SeqCst), 0, "this machine is asked only if the site says so");
    site.remove(".dateline/links.jsonl");
    site.put("site.yaml", settings(", private: true"));
    let args = ["--external", "--format", "json", "--now", "2026-11-01"];
    let report: Value = serde_json::from_str(&check(&site, &args).stdout).expect("JSON");
    let told: Vec<(&str, u64)> = report["diagnostics"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| (one["code"].as_str().unwrap_or_default(), one["line"].as_u64().unwrap_or(0)))
        .collect();
    assert_eq!(told, [("dead-link", 8), ("moved-link", 10), ("dead-link", 14)], "{report}");
    assert!(report["diagnostics"][0]["help"].as_str().is_some_and(|help| {
        help.contains(&format!("https://archive.example/20241106/{}/gone", host.address))
    }));
    assert_eq!(report["asked"].as_u64(), Some(7), "an address is asked once, whatever its place");
    assert_eq!(host.at_once.lock().expect("whole").1, 1, "one question at a time");
    let asked = host.asked.load(Ordering::SeqCst);
    check(&site, &args);
    let again = host.asked.load(Ordering::SeqCst) - asked;
    // Bad and unclear answers of the same day count; good ones for a month.
    assert_eq!(again, 0);
    check(&site, &["--external", "--now", "2026-11-03"]);
    let later = host.asked.load(Ordering::SeqCst) - asked;
    assert!(later > 0, "bad answers are asked again");
    let before = host.asked.load(Ordering::SeqCst);
    check(&site, &["--external", "--now", "2026-12-20"]);
    assert!(host.asked.load(Ordering::SeqCst) - before > later, "good answers grow old");
}

#[test]
fn a_story_is_explained() {
    let site = good().with(
        "content/news/2024-11-06-more.md",
        "---\ntitle: More\naliases: [/old/]\nslug: again\n---\nText.\n",
    );
    let explain =
        |args: &[&str]| Build::of(dateline().arg("explain").args(args).arg("--root").arg(site.root()));
    for name in
        ["content/news/2024-11-06-more.md", "/2024/11/06/again/", "https://test.example/2024/11/06/again/"]
    {
        let said = explain(&[name]);
        assert_eq!((said.status, said.stderr.as_str()), (0, ""));
        for line in [
            "2024-11-06  (the file's name begins with it)",
            "https://test.example/2024/11/06/again/  (the pattern",
            "again  (`slug:` in line 4)",
            "news  (the folder `news`)",
            "former address /old/",
            "2024/11/06/again/index.html: it is new",
            "\n  2024/11/06/index.html: it is new",
            "\n  index.html: it is new",
            "feed.xml: it is new",
        ] {
            assert!(said.stdout.contains(line), "{line}: {}", said.stdout);
        }
    }
    site.build().fine();
    site.put("content/news/2024-11-06-more.md", "---\ntitle: Other\nslug: again\n---\nText.\n");
    let json: Value =
        serde_json::from_str(&explain(&["/2024/11/06/again/", "--format", "json"]).stdout).expect("JSON");
    let day = json["pages"]
        .as_array()
        .expect("a list")
        .iter()
        .find(|page| page["path"] == "2024/11/06/index.html")
        .expect("the day");
    assert!(day["verdict"].as_str().is_some_and(|verdict| verdict.contains("these inputs changed")), "{day}");
    let none = explain(&["/nothing/"]);
    assert_eq!(none.status, 2);
    assert!(none.stderr.contains("there is no story `/nothing/`"), "{}", none.stderr);
}

/// Each rule has a heading of its own, which says how bad it is, and nothing else has.
#[test]
fn every_rule_is_explained() {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/check.md")).expect("there");
    let headings: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("### ")).collect();
    assert_eq!(headings, RULES.map(|(name, _)| name));
    for (name, level) in RULES {
        let (_, said) = text.split_once(&format!("### {name}\n\n")).expect("a heading");
        assert!(said.starts_with(&format!("{level:?}")), "{name}");
    }
}

//! `dateline check`: each rule finds its mistakes with their positions, and nothing else, in every
//! output format.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use dateline::internals::RULES;
use serde_json::Value;

use crate::harness::{CommandOutput, TestSite, article, dateline};

fn run_check(site: &TestSite, args: &[&str]) -> CommandOutput {
    CommandOutput::run(dateline().arg("check").arg("--root").arg(site.root()).args(args))
}

/// Returns the findings of a check: rule, file and line, sorted.
#[track_caller]
fn findings(site: &TestSite) -> Vec<(String, String, u64)> {
    let output = run_check(site, &["--format", "json"]);
    let report: Value = serde_json::from_str(&output.stdout).expect("the output is a JSON object");
    let finding = |entry: &Value| {
        let text = |key: &str| entry[key].as_str().unwrap_or_default().to_owned();
        (text("code"), text("file"), entry["line"].as_u64().unwrap_or(0))
    };
    let errors = report["errors"].as_u64().expect("the value is a number");
    assert_eq!(output.status, i32::from(errors > 0), "{}", output.stdout);
    report["diagnostics"].as_array().expect("the value is a list").iter().map(finding).collect()
}

#[track_caller]
fn assert_only_finding(site: &TestSite, rule: &str, file: &str, line: u64) {
    assert_eq!(findings(site), [(rule.to_owned(), file.to_owned(), line)]);
}

/// Returns a site with one valid article, `content/good.md`, at `/2024/11/05/good/`.
fn valid_site() -> TestSite {
    TestSite::empty().with_file(
        "content/good.md",
        article("Border talks", "2024-11-05", "section: world\ntags: [Iran]\n", "Text.\n"),
    )
}

fn site_with_article(lines: &str, body: &str) -> TestSite {
    let section = "section: world\n";
    valid_site().with_file(
        "content/2024/b.md",
        article("Second story", "2024-11-06", &format!("{section}{lines}"), body),
    )
}

#[test]
fn a_valid_site_has_no_findings() {
    let body = "See [the talks](../good.md), [their day](/2024/11/05/), [here](#more), \
        [there](/2024/11/05/good/#top), [out](https://a.example/) and <b>so</b> on.\n\n## More\n\n\
        <p>One<p>Two\n";
    assert_eq!(
        findings(&site_with_article(
            "aliases: [/old/]\n",
            &format!("{body}\n[Once](/old/) <a href=\"mailto:a@b.example\">mail</a>\n")
        )),
        []
    );
}

#[test]
fn broken_links_are_found() {
    for link in [
        "/2024/11/07/",
        "../nothing/",
        "/about",
        "https://test.example/nothing/",
        "/2024/11/06/b/nothing.html",
    ] {
        assert_only_finding(
            &site_with_article("", &format!("Text.\n\nA [link]({link}).\n")),
            "broken-link",
            "content/2024/b.md",
            8,
        );
    }
    let escaped = site_with_article("", "Text.\n\nA [link](/a%20b/?c=1&d=2).\n");
    assert_only_finding(&escaped, "broken-link", "content/2024/b.md", 8);
    for target in ["#nothing", "/2024/11/05/good/#nothing"] {
        assert_only_finding(
            &site_with_article("", &format!("A [link]({target}).\n")),
            "broken-anchor",
            "content/2024/b.md",
            6,
        );
    }
}

#[test]
fn a_broken_link_in_a_template_is_reported_once() {
    let site = valid_site()
        .with_file("content/c.md", article("Third", "2024-11-06", "section: world\n", ""))
        .with_file(
            "templates/parts/colophon.html",
            "<footer><a href=\"/nothing/\">x</a><div></footer>",
        );
    let output = run_check(&site, &["--format", "json"]);
    let report: Value = serde_json::from_str(&output.stdout).expect("the output is a JSON object");
    let codes: Vec<&str> = report["diagnostics"]
        .as_array()
        .expect("the value is a list")
        .iter()
        .filter_map(|diagnostic| diagnostic["code"].as_str())
        .collect();
    assert_eq!(codes.iter().filter(|code| **code == "broken-link").count(), 1, "{report}");
    assert_eq!(codes.iter().filter(|code| **code == "malformed-html").count(), 1, "{report}");
    let message = report["diagnostics"][0]["message"].as_str().expect("the value is a string");
    assert!(message.contains(" pages, first in this one)"), "{message}");
}

#[test]
fn image_rules() {
    let with_svg =
        |site: TestSite| site.with_file("static/p.png", include_bytes!("../../static/favicon.svg"));
    assert_only_finding(
        &with_svg(site_with_article("", "Text.\n\n![](/p.png)\n"))
            .with_file("static/p.png", one_pixel_png()),
        "missing-alt",
        "content/2024/b.md",
        8,
    );
    let lead_image =
        site_with_article("image: /p.png\n", "").with_file("static/p.png", one_pixel_png());
    assert_only_finding(&lead_image, "missing-alt", "content/2024/b.md", 5);
    let outside = site_with_article("", "![A gate](https://a.example/gate.jpg)\n");
    assert_only_finding(&outside, "image-size", "content/2024/b.md", 6);
    let with_alt =
        site_with_article("", "![A gate](/p.png)\n").with_file("static/p.png", one_pixel_png());
    assert_eq!(findings(&with_alt), []);
}

/// Returns an image of one pixel.
fn one_pixel_png() -> Vec<u8> {
    let mut bytes = Vec::new();
    let encoder = image::codecs::png::PngEncoder::new(&mut bytes);
    image::ImageEncoder::write_image(encoder, &[0, 0, 0], 1, 1, image::ExtendedColorType::Rgb8)
        .expect("the image is encoded");
    bytes
}

#[test]
fn malformed_html_in_an_article() {
    assert_only_finding(
        &site_with_article("", "Text.\n\n<div>\n\nMore.\n"),
        "malformed-html",
        "content/2024/b.md",
        8,
    );
    assert_only_finding(
        &site_with_article("", "A <b>bold <i>word</b></i>.\n"),
        "malformed-html",
        "content/2024/b.md",
        6,
    );
    assert_eq!(
        findings(&site_with_article("", "A `<div>` and 1 < 2 <br> so.\n\n```\n<div>\n```\n")),
        []
    );
}

#[test]
fn rules_for_headlines_sections_and_descriptions() {
    let same_day = valid_site().with_file(
        "content/x.md",
        article("\"border TALKS\"", "2024-11-05", "section: world\n", ""),
    );
    assert_only_finding(&same_day, "duplicate-headline", "content/x.md", 2);
    let other_day = valid_site()
        .with_file("content/x.md", article("Border talks", "2024-11-06", "section: world\n", ""));
    assert_eq!(findings(&other_day), []);
    assert_only_finding(
        &valid_site().with_file("content/x.md", article("Other", "2024-11-06", "", "")),
        "no-section",
        "content/x.md",
        2,
    );
    let none = TestSite::empty().with_file("content/x.md", article("Other", "2024-11-06", "", ""));
    assert_eq!(findings(&none), [], "a site without sections needs none");
    let long = format!("description: {}\n", "é".repeat(301));
    assert_only_finding(&site_with_article(&long, ""), "long-description", "content/2024/b.md", 5);
    assert_eq!(
        findings(&site_with_article(&format!("description: {}\n", "é".repeat(300)), "")),
        []
    );
}

#[test]
fn terms_that_may_be_variants_of_one_term() {
    let site = site_with_article("tags: [IRAN, covid19]\n", "").with_file(
        "content/c.md",
        article("Third", "2024-11-07", "section: world\ntags: [Iran, covid-19]\n", ""),
    );
    let reported = findings(&site);
    let rules: Vec<&str> = reported.iter().map(|(rule, ..)| rule.as_str()).collect();
    assert_eq!(rules, ["term-spelling", "similar-terms"], "{reported:?}");
    assert_eq!((reported[0].1.as_str(), reported[0].2), ("content/2024/b.md", 5));
}

#[test]
fn unreachable_pages() {
    let site =
        valid_site().with_file("static/about.html", "<!doctype html><title>About</title><p>About");
    assert_only_finding(&site, "unreachable-page", "about.html", 0);
    site.write(
        "content/b.md",
        article("Second", "2024-11-06", "section: world\n", "[About](/about.html)\n"),
    );
    assert_eq!(findings(&site), []);
}

/// Returns a site with a permalink registry and three articles: one with a date of its update, one
/// with an id, and one without either.
fn recorded_site() -> (TestSite, impl Fn(&TestSite, &str, &str, &str)) {
    let write_article = |site: &TestSite, file: &str, lines: &str, word: &str| {
        let body = format!(
            "The delegations met on {word}, and the talks went on until late in the night.\n"
        );
        let lines = format!("section: world\n{lines}");
        site.write(
            &format!("content/{file}.md"),
            article(&format!("Story {file}"), "2024-11-06", &lines, &body),
        );
    };
    let site = valid_site();
    write_article(&site, "a", "updated: 2024-11-08\n", "Monday");
    write_article(&site, "b", "id: x1\n", "Tuesday");
    write_article(&site, "c", "", "Wednesday");
    CommandOutput::run(dateline().args(["permalinks", "record", "--root"]).arg(site.root()))
        .assert_success();
    (site, write_article)
}

#[test]
fn texts_changed_without_a_new_updated_date() {
    let (site, write_article) = recorded_site();
    assert_eq!(findings(&site), []);
    write_article(&site, "a", "updated: 2024-11-08\n", "Thursday");
    write_article(&site, "b", "id: x1\n", "Thursday");
    write_article(&site, "c", "tags: [Iran]\n", "Wednesday");
    let stale = |file: &str, line| ("stale-updated".to_owned(), format!("content/{file}.md"), line);
    assert_eq!(findings(&site), [stale("a", 5), stale("b", 3)]);
    let output = run_check(&site, &[]);
    assert_eq!(output.status, 0, "a warning");
    let message = "the text has changed since it was recorded for /2024/11/06/a/, but `updated` is \
        still 2024-11-08";
    assert!(
        output.stdout.contains(message) || output.stderr.contains(message),
        "{}{}",
        output.stdout,
        output.stderr
    );
    write_article(
        &site,
        "a",
        "updated: 2024-11-08\nupdates: [{date: 2024-11-09, text: On Thursday.}]\n",
        "Thursday",
    );
    write_article(&site, "b", "id: x1\nupdated: 2024-11-07 09:30\n", "Thursday");
    assert_eq!(findings(&site), [], "both say so");
    CommandOutput::run(dateline().args(["permalinks", "record", "--root"]).arg(site.root()))
        .assert_success();
    write_article(&site, "b", "id: x1\nupdated: 2024-11-07 09:30\n", "Friday");
    assert_eq!(findings(&site), [stale("b", 6)]);
    write_article(&site, "b", "id: x1\nupdated: 2024-11-07 09:31\n", "Friday");
    assert_eq!(findings(&site), []);
    write_article(&site, "b", "id: x1\nupdated: 2024-11-07 09:30\n", "Friday");
    CommandOutput::run(dateline().args(["permalinks", "record", "--root"]).arg(site.root()))
        .assert_success();
    assert_eq!(findings(&site), [], "recorded as it is");
}

#[test]
fn texts_are_compared_with_every_line_of_the_registry() {
    let (site, write_article) = recorded_site();
    let registry = std::fs::read_to_string(site.path("permalinks.txt"))
        .expect("the permalink registry is readable");
    let older_registry = registry.replace("\tupdated:2024-11-08", "");
    site.write("permalinks.txt", &older_registry);
    assert_eq!(findings(&site), [], "a register of before");
    write_article(&site, "a", "", "Thursday");
    write_article(&site, "c", "", "Thursday");
    let rules: Vec<(String, u64)> =
        findings(&site).into_iter().map(|(_, file, line)| (file, line)).collect();
    assert_eq!(
        rules,
        [("content/a.md".to_owned(), 3), ("content/c.md".to_owned(), 3)],
        "at the date"
    );
    // Another branch has recorded the present text.
    CommandOutput::run(dateline().args(["permalinks", "record", "--root"]).arg(site.root()))
        .assert_success();
    let theirs = std::fs::read_to_string(site.path("permalinks.txt"))
        .expect("the permalink registry is readable");
    site.write("permalinks.txt", format!("{theirs}{older_registry}"));
    assert_eq!(findings(&site), []);
    write_article(&site, "c", "", "Friday");
    assert_eq!(findings(&site).len(), 1);
    site.write(
        "site.yaml",
        format!("{}check: {{rules: {{stale-updated: off}}}}\n", crate::harness::SETTINGS),
    );
    assert_eq!(findings(&site), []);
    site.write("site.yaml", crate::harness::SETTINGS);
    site.remove("permalinks.txt");
    assert_eq!(findings(&site), [], "nobody recorded anything");
}

#[test]
fn levels_can_be_set_in_the_settings() {
    let site = site_with_article("", "[x](/nothing/)\n");
    let settings =
        |rules: &str| format!("{}check:\n  rules: {{{rules}}}\n", crate::harness::SETTINGS);
    site.write("site.yaml", settings("broken-link: warning"));
    assert_eq!(run_check(&site, &[]).status, 0);
    assert_eq!(run_check(&site, &["--strict"]).status, 1);
    site.write("site.yaml", settings("broken-link: off"));
    assert_eq!(findings(&site), []);
    site.write("site.yaml", settings("broken-lnk: off"));
    let output = run_check(&site, &[]);
    assert!(output.stderr.contains("did you mean `broken-link`?"), "{}", output.stderr);
}

#[test]
fn machine_readable_formats() {
    let site = site_with_article("", "Text.\n\n[a, b: c](/nothing/)\n");
    let sarif: Value =
        serde_json::from_str(&run_check(&site, &["--format", "sarif"]).stdout).expect("it is JSON");
    let run = &sarif["runs"][0];
    assert_eq!(
        (sarif["version"].as_str(), run["tool"]["driver"]["name"].as_str()),
        (Some("2.1.0"), Some("dateline"))
    );
    let result = &run["results"][0];
    assert_eq!(
        (result["ruleId"].as_str(), result["level"].as_str()),
        (Some("broken-link"), Some("error"))
    );
    let location = &result["locations"][0]["physicalLocation"];
    assert_eq!(location["artifactLocation"]["uri"].as_str(), Some("content/2024/b.md"));
    assert_eq!(
        (location["region"]["startLine"].as_u64(), location["region"]["startColumn"].as_u64()),
        (Some(8), Some(11))
    );
    assert!(
        run["tool"]["driver"]["rules"]
            .as_array()
            .is_some_and(|rules| rules[0]["id"] == "broken-link")
    );
    let github = run_check(&site, &["--format", "github"]);
    assert!(
        github.stdout.starts_with(
            "::error \
        file=content/2024/b.md,line=8,col=11,endColumn=20,title=broken-link::the link `/nothing/` \
        is broken: the site has no such page or file%0A"
        ),
        "{}",
        github.stdout
    );
    let human = run_check(&site, &["--max-messages", "1"]);
    assert!(
        human.stderr.contains("content/2024/b.md:8:11")
            && human.stdout.contains("1 error, 0 warnings"),
        "{}",
        human.stdout
    );
}

#[test]
fn nothing_is_written() {
    let site = site_with_article("", "[x](/nothing/)\n");
    run_check(&site, &[]);
    assert!(!site.path("public").exists() && !site.path(".dateline").exists());
}

/// A host with pages that exist, are gone, have moved, or only answer GET; it counts requests.
struct TestHost {
    base_url: String,
    request_count: Arc<AtomicUsize>,
    concurrent_requests: Arc<Mutex<(usize, usize)>>,
}

impl TestHost {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let base_url = format!("http://{}", listener.local_addr().expect("it is an address"));
        let host =
            Self { base_url, request_count: Arc::default(), concurrent_requests: Arc::default() };
        let (request_count, concurrent_requests) =
            (Arc::clone(&host.request_count), Arc::clone(&host.concurrent_requests));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (request_count, concurrent_requests) =
                    (Arc::clone(&request_count), Arc::clone(&concurrent_requests));
                let mut stream = stream.expect("a client connects");
                std::thread::spawn(move || {
                    let mut reader =
                        BufReader::new(stream.try_clone().expect("the stream is cloned"));
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
                            let mut requests =
                                concurrent_requests.lock().expect("no other thread panicked");
                            requests.0 += 1;
                            requests.1 = requests.1.max(requests.0);
                        }
                        request_count.fetch_add(1, Ordering::SeqCst);
                        let response = match request.split(' ').collect::<Vec<_>>()[..] {
                            ["HEAD", "/only-get", _] => "405 No\r\nContent-Length: 0",
                            [_, "/here" | "/only-get", _] => "200 OK\r\nContent-Length: 0",
                            [_, "/moved", _] => "301 Moved\r\nLocation: /here\r\nContent-Length: 0",
                            [_, "/for-now", _] => {
                                "302 Found\r\nLocation: /here\r\nContent-Length: 0"
                            }
                            [_, "/round", _] => {
                                "302 Found\r\nLocation: /round\r\nContent-Length: 0"
                            }
                            [_, "/busy", _] => "429 Later\r\nContent-Length: 0",
                            _ => "404 Gone\r\nContent-Length: 0",
                        };
                        std::thread::sleep(std::time::Duration::from_millis(5));
                        concurrent_requests.lock().expect("no other thread panicked").0 -= 1;
                        if write!(stream, "HTTP/1.1 {response}\r\n\r\n").is_err() {
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
fn external_links_are_requested() {
    let host = TestHost::start();
    let link = |path: &str| format!("[x]({}/{path})\n\n", host.base_url);
    let body: String =
        ["here", "gone", "moved", "for-now", "round", "busy", "only-get", "here#place"]
            .map(link)
            .concat();
    let site = site_with_article("", &body);
    let settings = |extra: &str| {
        format!(
            "{}check:\n  rules: {{moved-link: warning}}\n  archive: \
                https://archive.example/{{date}}/{{url}}\n  external: {{pause: 0{extra}}}\n",
            crate::harness::SETTINGS
        )
    };
    site.write("site.yaml", settings(""));
    run_check(&site, &["--external"]);
    assert_eq!(
        host.request_count.load(Ordering::SeqCst),
        0,
        "this machine is requested only if the site allows it"
    );
    site.remove(".dateline/links.jsonl");
    site.write("site.yaml", settings(", private: true"));
    let args = ["--external", "--format", "json", "--now", "2026-11-01"];
    let report: Value = serde_json::from_str(&run_check(&site, &args).stdout).expect("it is JSON");
    let findings: Vec<(&str, u64)> = report["diagnostics"]
        .as_array()
        .expect("the value is a list")
        .iter()
        .map(|diagnostic| {
            (
                diagnostic["code"].as_str().unwrap_or_default(),
                diagnostic["line"].as_u64().unwrap_or(0),
            )
        })
        .collect();
    assert_eq!(findings, [("dead-link", 8), ("moved-link", 10), ("dead-link", 14)], "{report}");
    assert!(report["diagnostics"][0]["help"].as_str().is_some_and(|help| {
        help.contains(&format!("https://archive.example/20241106/{}/gone", host.base_url))
    }));
    assert_eq!(report["requested"].as_u64(), Some(7), "each URL is requested once");
    assert_eq!(
        host.concurrent_requests.lock().expect("no other thread panicked").1,
        1,
        "one question at a time"
    );
    assert_results_are_cached(&host, &site, &args);
}

/// Checks again, now and later: failures and unclear responses are kept for a day, successes for a
/// month.
fn assert_results_are_cached(host: &TestHost, site: &TestSite, args: &[&str]) {
    let first_requests = host.request_count.load(Ordering::SeqCst);
    run_check(site, args);
    let repeated_requests = host.request_count.load(Ordering::SeqCst) - first_requests;
    assert_eq!(repeated_requests, 0);
    run_check(site, &["--external", "--now", "2026-11-03"]);
    let later_requests = host.request_count.load(Ordering::SeqCst) - first_requests;
    assert!(later_requests > 0, "links that failed are requested again");
    let requests_before = host.request_count.load(Ordering::SeqCst);
    run_check(site, &["--external", "--now", "2026-12-20"]);
    assert!(
        host.request_count.load(Ordering::SeqCst) - requests_before > later_requests,
        "good answers grow old"
    );
}

#[test]
fn explain_shows_how_an_article_is_published() {
    let site = valid_site().with_file(
        "content/news/2024-11-06-more.md",
        "---\ntitle: More\naliases: [/old/]\nslug: again\n---\nText.\n",
    );
    let explain = |args: &[&str]| {
        CommandOutput::run(dateline().arg("explain").args(args).arg("--root").arg(site.root()))
    };
    for name in [
        "content/news/2024-11-06-more.md",
        "/2024/11/06/again/",
        "https://test.example/2024/11/06/again/",
    ] {
        let output = explain(&[name]);
        assert_eq!((output.status, output.stderr.as_str()), (0, ""));
        for line in [
            "2024-11-06  (from the file name)",
            "https://test.example/2024/11/06/again/  (the pattern",
            "again  (`slug:` on line 4)",
            "news  (the folder `news`)",
            "alias          /old/  (redirects to the permalink)",
            "2024/11/06/again/index.html: new",
            "\n  2024/11/06/index.html: new",
            "\n  index.html: new",
            "feed.xml: new: no build has written it",
        ] {
            assert!(output.stdout.contains(line), "{line}: {}", output.stdout);
        }
    }
    site.build().assert_success();
    site.write("content/news/2024-11-06-more.md", "---\ntitle: Other\nslug: again\n---\nText.\n");
    let json: Value =
        serde_json::from_str(&explain(&["/2024/11/06/again/", "--format", "json"]).stdout)
            .expect("it is JSON");
    let day = json["pages"]
        .as_array()
        .expect("the value is a list")
        .iter()
        .find(|page| page["path"] == "2024/11/06/index.html")
        .expect("the day page is readable");
    assert!(
        day["verdict"].as_str().is_some_and(|verdict| verdict.contains("these inputs changed")),
        "{day}"
    );
    let unknown = explain(&["/nothing/"]);
    assert_eq!(unknown.status, 2);
    assert!(
        unknown.stderr.contains("no article has the file or URL `/nothing/`"),
        "{}",
        unknown.stderr
    );
}

/// Each rule has a heading with its severity, and there are no other headings.
#[test]
fn every_rule_is_documented() {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/check.md"))
        .expect("the file is readable");
    let headings: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("### ")).collect();
    assert_eq!(headings, RULES.map(|(name, _)| name));
    for (name, level) in RULES {
        let (_, section) =
            text.split_once(&format!("### {name}\n\n")).expect("the rule has a heading");
        assert!(section.starts_with(&format!("{level:?}")), "{name}");
    }
}

//! Changes after publication: corrections, updates, retractions, tombstones and embargoes, in every
//! output of a site.

use crate::harness::{CommandOutput, SETTINGS, TestSite, article, dateline};

/// Returns a site with all outputs for programs.
fn site(settings: &str) -> TestSite {
    let all_outputs = "feeds: {formats: [atom, rss, json], full_text: true}\n\
        data: {articles: true, ninjs: true}\nredirects: {formats: [html, netlify, nginx, apache, \
        s3]}\nsearch: true\n";
    TestSite::empty()
        .with_file("site.yaml", format!("{SETTINGS}{all_outputs}{settings}"))
        .with_file(
            "content/other.md",
            article(
                "Another story",
                "2024-11-06",
                "section: world\ntags: [Harbour]\n",
                "[Bridge](bridge.md)\n",
            ),
        )
}

fn bridge_article(lines: &str) -> String {
    article(
        "Bridge opens",
        "2024-11-05",
        &format!("section: world\ntags: [Harbour, Bridges]\naliases: [/old/bridge/]\n{lines}"),
        "The bridge is open to sixlanes.\n",
    )
}

const PAGE: &str = "2024/11/05/bridge/index.html";

/// Returns the published files that contain a text, except the compressed files of the search
/// index.
fn files_containing(site: &TestSite, text: &str) -> Vec<String> {
    let holds = |bytes: &[u8]| String::from_utf8_lossy(bytes).contains(text);
    site.outputs().into_iter().filter(|(_, bytes)| holds(bytes)).map(|(path, _)| path).collect()
}

#[test]
fn corrections_are_in_every_output_format() {
    let site = site("").with_file(
        "content/bridge.md",
        bridge_article(
            "corrections:\n  \
        - {date: 2024-11-06, text: It has four lanes.}\n  - {date: 2025-01-02, text: It is 300 m \
        long.}\nupdates: [{date: 2024-11-07, text: Adds the mayor.}]\n",
        ),
    );
    site.build().assert_success();
    let page = site.read_output(PAGE);
    let position_of = |text: &str| page.find(text).unwrap_or_else(|| panic!("{text}: {page}"));
    assert!(position_of("<li id=\"correction-1\">") > position_of("to sixlanes"), "below the text");
    assert!(page.contains("id=\"correction-1\"") && page.contains("Adds the mayor."));
    assert!(
        page.contains("\"@type\":\"CorrectionComment\"")
            && page.contains("\"dateModified\":\"2025-01-02")
    );
    let latest_year = site.read_output("corrections/index.html");
    assert!(
        latest_year.contains("It is 300 m long.") && !latest_year.contains("It has four lanes."),
        "the newest year"
    );
    assert!(
        latest_year.contains("href=\"/corrections/2024/\"")
            && latest_year.contains("href=\"/corrections/feed.xml\"")
    );
    let year = site.read_output("corrections/2024/index.html");
    assert!(year.contains("href=\"/2024/11/05/bridge/#correction-1\"") && !year.contains("300 m"));
    let day = site.read_output("2024/11/06/index.html");
    assert!(day.contains("It has four lanes."), "the day on which it was made");
    assert!(
        !site.read_output("2024/11/05/index.html").contains("four lanes"),
        "the past is as it was"
    );
    for (feed, expected) in [
        ("feed.xml", "<title>Corrected: Bridge opens</title>"),
        ("rss.xml", "<title>Corrected: Bridge opens</title>"),
        ("feed.json", "\"title\":\"Corrected: Bridge opens\""),
    ] {
        let feed = site.read_output(&format!("corrections/{feed}"));
        assert!(
            feed.contains(expected)
                && feed.contains("/2024/11/05/bridge/#correction-2")
                && feed.contains("correction-1"),
            "{feed}"
        );
    }
    assert!(site.read_output("feed.xml").contains("<updated>2025-01-02"), "an update in the feed");
    assert!(site.read_output("archive/index.html").contains("href=\"/corrections/\""));
    assert!(site.read_output("sitemaps/site.xml").contains("/corrections/2024/"));
}

#[test]
fn a_site_without_corrections_has_no_pages_for_them() {
    let site = site("").with_file("content/bridge.md", bridge_article(""));
    site.build().assert_success();
    assert!(
        !site.has_output("corrections/index.html")
            && !site.has_output("corrections/feed.xml")
            && !site.has_output("gone.nginx.conf")
    );
    assert_eq!(
        files_containing(&site, "corrections"),
        ["assets/dateline.css"],
        "nothing speaks of them"
    );
}

#[test]
fn corrections_can_be_shown_above_the_text() {
    let site = site("corrections: {position: top}\n")
        .with_file("content/bridge.md", bridge_article("corrections: It has four lanes.\n"));
    site.build().assert_success();
    let page = site.read_output(PAGE);
    assert!(page.find("<li id=\"correction-1\">") < page.find("to sixlanes"));
}

const RETRACTED: &str =
    "status: retracted\nstatus_date: 2024-11-08\nstatus_reason: The letter was forged.\n";

#[test]
fn a_retracted_article_stays_and_is_marked() {
    let site = site("").with_file("content/bridge.md", bridge_article(RETRACTED));
    site.build().assert_success();
    let page = site.read_output(PAGE);
    assert!(
        page.contains("This story has been retracted.")
            && page.contains("The letter was forged.")
            && page.contains("<del class=\"struck\">"),
        "{page}"
    );
    assert!(page.contains("\"creativeWorkStatus\":\"Retracted\""));
    for listing in [
        "index.html",
        "2024/11/05/index.html",
        "sections/world/index.html",
        "tags/harbour/index.html",
    ] {
        assert!(
            site.read_output(listing).contains("<strong class=\"mark\">Retracted</strong>"),
            "{listing}"
        );
    }
    for (feed, expected) in [
        ("feed.xml", "<title>Retracted: Bridge opens</title>"),
        ("feed.json", "\"Retracted: Bridge opens\""),
    ] {
        assert!(site.read_output(feed).contains(expected), "{feed}");
    }
    assert!(site.read_output("corrections/index.html").contains("The letter was forged."));
    assert!(site.read_output("sitemaps/2024.xml").contains("/2024/11/05/bridge/"));
}

#[test]
fn the_text_of_a_retracted_article_can_be_kept_or_removed() {
    let site_keeping_text = site("corrections: {retracted: keep}\n")
        .with_file("content/bridge.md", bridge_article(RETRACTED));
    site_keeping_text.build().assert_success();
    assert!(
        !site_keeping_text.read_output(PAGE).contains("<del")
            && site_keeping_text.read_output(PAGE).contains("sixlanes")
    );
    let site_removing_text = site("corrections: {retracted: remove}\n")
        .with_file("content/bridge.md", bridge_article(RETRACTED));
    site_removing_text.build().assert_success();
    assert_eq!(files_containing(&site_removing_text, "sixlanes"), [] as [String; 0]);
    let database = site_removing_text.path("archive.db");
    let export = dateline()
        .args(["export", "sqlite"])
        .arg(&database)
        .arg("--root")
        .arg(site_removing_text.root())
        .output()
        .expect("the program runs");
    assert!(export.status.success());
    assert!(
        !String::from_utf8_lossy(&std::fs::read(&database).expect("the file is readable"))
            .contains("sixlanes")
    );
}

#[test]
fn an_unpublished_article_leaves_only_a_tombstone() {
    let lines = "status: unpublished\nstatus_date: 2024-11-20\n\
        status_reason: At the request of the family.\n";
    let site = site("").with_file("content/bridge.md", bridge_article(""));
    site.build().assert_success();
    assert!(
        !files_containing(&site, "Bridge opens").is_empty()
            && !files_containing(&site, "Bridges").is_empty()
    );
    site.write("content/bridge.md", bridge_article(lines));
    let build = site.build();
    assert_eq!(build.codes(), ["missing-story"], "links to it are reported");
    for path in [PAGE, "old/bridge/index.html"] {
        let page = site.read_output(path);
        assert!(
            page.contains("This story has been taken down")
                && page.contains("At the request of the family."),
            "{page}"
        );
        assert!(page.contains("noindex") && page.contains("2024-11-20"));
    }
    for text in ["Bridge opens", "Bridges", "sixlanes"] {
        assert_eq!(files_containing(&site, text), [] as [String; 0], "{text}");
    }
    assert!(
        !site.has_output("tags/bridges/index.html") && !site.has_output("2024/11/05/index.html")
    );
    let apache = site.read_output(".htaccess");
    assert!(
        apache.contains("RedirectMatch 410 \"^/2024/11/05/bridge/$\"")
            && apache.contains("RedirectMatch 410 \"^/old/bridge/$\""),
        "{apache}"
    );
    assert!(site.read_output("gone.nginx.conf").contains("\"/2024/11/05/bridge/\" 1;"));
    let paths: Vec<String> = files_containing(&site, "2024/11/05/bridge");
    assert_eq!(paths, [".htaccess", "gone.nginx.conf"], "no list redirects there");
    let (clean_build, bytes) = site.build_clean();
    assert_eq!((clean_build.status, bytes), (0, site.outputs()), "incremental is clean");
}

#[test]
fn a_tombstone_gives_way_to_a_page() {
    let other = article("Next", "2024-11-05", "permalink: /2024/11/05/bridge/\n", "");
    let site = site("")
        .with_file("content/bridge.md", bridge_article("status: unpublished\n"))
        .with_file("content/next.md", other);
    let build = site.build();
    assert!(site.read_output(PAGE).contains("Next"), "{}", build.stderr);
}

#[test]
fn an_embargoed_article_is_published_at_its_time() {
    let site = site("").with_file(
        "content/bridge.md",
        bridge_article("embargo: 2024-11-07 06:00 Europe/Berlin\n"),
    );
    let counts_at = |now: &str| {
        let build = site.build_with_args(&["--now", now]);
        (build.report_number("articles"), build.report_number("unpublished.future"))
    };
    assert_eq!(counts_at("2024-11-07T04:59:59Z"), (1, 1));
    assert_eq!(counts_at("2024-11-07T05:00:00Z"), (2, 0));
    assert_eq!(counts_at("2024-11-07T04:59:59Z"), (1, 1), "a saved record isn't published, too");
    site.write("content/bridge.md", bridge_article("embargo: soon\n"));
    let build = site.build();
    assert!(build.codes().contains(&"bad-date"));
    assert!(build.stderr.contains("2024-11-05 06:00 Europe/Berlin"), "{}", build.stderr);
}

#[test]
fn an_unknown_status_is_a_warning() {
    let site = site("").with_file("content/bridge.md", bridge_article("status: active\n"));
    let build = site.build();
    assert_eq!((build.status, build.codes()), (0, vec!["unknown-status"]));
    assert!(site.has_output(PAGE));
    let build = CommandOutput::run(
        dateline().arg("explain").arg("/2024/11/05/bridge/").arg("--root").arg(site.root()),
    );
    assert!(build.stdout.contains("published"), "{}", build.stdout);
}

#[test]
fn an_update_shows_its_time() {
    let lines = "updates:\n  - {date: 2003-04-06 22:30, text: First.}\n  \
        - {date: 2003-04-07, text: Second.}\n";
    let site =
        TestSite::empty().with_file("content/a.md", article("A", "2003-04-06", lines, "Text.\n"));
    site.build().assert_success();
    let page = site.read_output("2003/04/06/a/index.html");
    assert!(page.contains(">April 6, 2003, 10:30"), "{page}");
    assert!(page.contains(">April 7, 2003</time> Second."), "{page}");
}

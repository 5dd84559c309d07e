//! What became of stories: corrections, updates, retractions, tombstones, embargoes, in every form that a site has.

use crate::harness::{Build, SETTINGS, Site, dateline, story};

/// A site with all that machines are given.
fn site(settings: &str) -> Site {
    let all = "feeds: {formats: [atom, rss, json], full_text: true}\ndata: {catalogue: true, ninjs: true}\nredirects: {formats: [html, netlify, nginx, apache, s3]}\nsearch: true\n";
    Site::empty().with("site.yaml", format!("{SETTINGS}{all}{settings}")).with(
        "content/other.md",
        story("Another story", "2024-11-06", "section: world\ntags: [Harbour]\n", "[Bridge](bridge.md)\n"),
    )
}

fn bridge(lines: &str) -> String {
    story(
        "Bridge opens",
        "2024-11-05",
        &format!("section: world\ntags: [Harbour, Bridges]\naliases: [/old/bridge/]\n{lines}"),
        "The bridge is open to sixlanes.\n",
    )
}

const STORY: &str = "2024/11/05/bridge/index.html";

/// The published files that hold a text, the search index's compressed pieces left aside.
fn holding(site: &Site, text: &str) -> Vec<String> {
    let holds = |bytes: &[u8]| String::from_utf8_lossy(bytes).contains(text);
    site.outputs().into_iter().filter(|(_, bytes)| holds(bytes)).map(|(path, _)| path).collect()
}

#[test]
fn corrections_are_in_every_form() {
    let site = site("").with("content/bridge.md", bridge("corrections:\n  - {date: 2024-11-06, text: It has four lanes.}\n  - {date: 2025-01-02, text: It is 300 m long.}\nupdates: [{date: 2024-11-07, text: Adds the mayor.}]\n"));
    site.build().fine();
    let page = site.page(STORY);
    let at = |text: &str| page.find(text).unwrap_or_else(|| panic!("{text}: {page}"));
    assert!(at("<li id=\"correction-1\">") > at("to sixlanes"), "below the text");
    assert!(page.contains("id=\"correction-1\"") && page.contains("Adds the mayor."));
    assert!(
        page.contains("\"@type\":\"CorrectionComment\"") && page.contains("\"dateModified\":\"2025-01-02")
    );
    let all = site.page("corrections/index.html");
    assert!(all.contains("It is 300 m long.") && !all.contains("It has four lanes."), "the newest year");
    assert!(all.contains("href=\"/corrections/2024/\"") && all.contains("href=\"/corrections/feed.xml\""));
    let year = site.page("corrections/2024/index.html");
    assert!(year.contains("href=\"/2024/11/05/bridge/#correction-1\"") && !year.contains("300 m"));
    let day = site.page("2024/11/06/index.html");
    assert!(day.contains("It has four lanes."), "the day on which it was made");
    assert!(!site.page("2024/11/05/index.html").contains("four lanes"), "the past is as it was");
    for (feed, said) in [
        ("feed.xml", "<title>Corrected: Bridge opens</title>"),
        ("rss.xml", "<title>Corrected: Bridge opens</title>"),
        ("feed.json", "\"title\":\"Corrected: Bridge opens\""),
    ] {
        let feed = site.page(&format!("corrections/{feed}"));
        assert!(
            feed.contains(said)
                && feed.contains("/2024/11/05/bridge/#correction-2")
                && feed.contains("correction-1"),
            "{feed}"
        );
    }
    assert!(site.page("feed.xml").contains("<updated>2025-01-02"), "an update in the feed");
    assert!(site.page("archive/index.html").contains("href=\"/corrections/\""));
    assert!(site.page("sitemaps/site.xml").contains("/corrections/2024/"));
}

#[test]
fn a_site_without_corrections_has_no_pages_for_them() {
    let site = site("").with("content/bridge.md", bridge(""));
    site.build().fine();
    assert!(
        !site.has("corrections/index.html")
            && !site.has("corrections/feed.xml")
            && !site.has("gone.nginx.conf")
    );
    assert_eq!(holding(&site, "corrections"), ["assets/dateline.css"], "nothing speaks of them");
}

#[test]
fn corrections_may_stand_first() {
    let site = site("corrections: {place: top}\n")
        .with("content/bridge.md", bridge("corrections: It has four lanes.\n"));
    site.build().fine();
    let page = site.page(STORY);
    assert!(page.find("<li id=\"correction-1\">") < page.find("to sixlanes"));
}

const RETRACTED: &str = "status: retracted\nstatus_date: 2024-11-08\nstatus_reason: The letter was forged.\n";

#[test]
fn a_retracted_story_stays_and_is_marked() {
    let site = site("").with("content/bridge.md", bridge(RETRACTED));
    site.build().fine();
    let page = site.page(STORY);
    assert!(
        page.contains("This story has been retracted.")
            && page.contains("The letter was forged.")
            && page.contains("<del class=\"struck\">"),
        "{page}"
    );
    assert!(page.contains("\"creativeWorkStatus\":\"Retracted\""));
    for list in
        ["index.html", "2024/11/05/index.html", "sections/world/index.html", "tags/harbour/index.html"]
    {
        assert!(site.page(list).contains("<strong class=\"mark\">Retracted</strong>"), "{list}");
    }
    for (feed, said) in
        [("feed.xml", "<title>Retracted: Bridge opens</title>"), ("feed.json", "\"Retracted: Bridge opens\"")]
    {
        assert!(site.page(feed).contains(said), "{feed}");
    }
    assert!(site.page("corrections/index.html").contains("The letter was forged."));
    assert!(site.page("sitemaps/2024.xml").contains("/2024/11/05/bridge/"));
}

#[test]
fn a_retracted_story_s_text_may_be_kept_or_removed() {
    let kept = site("corrections: {retracted: keep}\n").with("content/bridge.md", bridge(RETRACTED));
    kept.build().fine();
    assert!(!kept.page(STORY).contains("<del") && kept.page(STORY).contains("sixlanes"));
    let removed = site("corrections: {retracted: remove}\n").with("content/bridge.md", bridge(RETRACTED));
    removed.build().fine();
    assert_eq!(holding(&removed, "sixlanes"), [] as [String; 0]);
    let database = removed.path("archive.db");
    let export = dateline()
        .args(["export", "sqlite"])
        .arg(&database)
        .arg("--root")
        .arg(removed.root())
        .output()
        .expect("runs");
    assert!(export.status.success());
    assert!(!String::from_utf8_lossy(&std::fs::read(&database).expect("there")).contains("sixlanes"));
}

#[test]
fn an_unpublished_story_leaves_a_tombstone_and_nothing_else() {
    let said = "status: unpublished\nstatus_date: 2024-11-20\nstatus_reason: At the request of the family.\n";
    let site = site("").with("content/bridge.md", bridge(""));
    site.build().fine();
    assert!(!holding(&site, "Bridge opens").is_empty() && !holding(&site, "Bridges").is_empty());
    site.put("content/bridge.md", bridge(said));
    let build = site.build();
    assert_eq!(build.codes(), ["missing-story"], "whoever links to it is told");
    for address in [STORY, "old/bridge/index.html"] {
        let page = site.page(address);
        assert!(
            page.contains("This story has been taken down") && page.contains("At the request of the family."),
            "{page}"
        );
        assert!(page.contains("noindex") && page.contains("2024-11-20"));
    }
    for gone in ["Bridge opens", "Bridges", "sixlanes"] {
        assert_eq!(holding(&site, gone), [] as [String; 0], "{gone}");
    }
    assert!(!site.has("tags/bridges/index.html") && !site.has("2024/11/05/index.html"));
    let apache = site.page(".htaccess");
    assert!(
        apache.contains("RedirectMatch 410 \"^/2024/11/05/bridge/$\"")
            && apache.contains("RedirectMatch 410 \"^/old/bridge/$\""),
        "{apache}"
    );
    assert!(site.page("gone.nginx.conf").contains("\"/2024/11/05/bridge/\" 1;"));
    let paths: Vec<String> = holding(&site, "2024/11/05/bridge");
    assert_eq!(paths, [".htaccess", "gone.nginx.conf"], "no list leads there");
    let (clean, bytes) = site.clean();
    assert_eq!((clean.status, bytes), (0, site.outputs()), "incremental is clean");
}

#[test]
fn a_tombstone_gives_way_to_a_page() {
    let other = story("Next", "2024-11-05", "permalink: /2024/11/05/bridge/\n", "");
    let site =
        site("").with("content/bridge.md", bridge("status: unpublished\n")).with("content/next.md", other);
    let build = site.build();
    assert!(site.page(STORY).contains("Next"), "{}", build.stderr);
}

#[test]
fn an_embargo_holds_a_story_back_until_its_moment() {
    let site = site("").with("content/bridge.md", bridge("embargo: 2024-11-07 06:00 Europe/Berlin\n"));
    let at = |now: &str| {
        let build = site.build_with(&["--now", now]);
        (build.number("articles"), build.number("held_back.future"))
    };
    assert_eq!(at("2024-11-07T04:59:59Z"), (1, 1));
    assert_eq!(at("2024-11-07T05:00:00Z"), (2, 0));
    assert_eq!(at("2024-11-07T04:59:59Z"), (1, 1), "a saved record is held back, too");
    site.put("content/bridge.md", bridge("embargo: soon\n"));
    let build = site.build();
    assert!(build.codes().contains(&"bad-date"));
    assert!(build.stderr.contains("2024-11-05 06:00 Europe/Berlin"), "{}", build.stderr);
}

#[test]
fn another_system_s_status_means_nothing() {
    let site = site("").with("content/bridge.md", bridge("status: active\n"));
    site.build().fine();
    assert!(site.has(STORY));
    let build =
        Build::of(dateline().arg("explain").arg("/2024/11/05/bridge/").arg("--root").arg(site.root()));
    assert!(build.stdout.contains("published"), "{}", build.stdout);
}

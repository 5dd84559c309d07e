//! Feeds, checked in Rust. `validators.rs` checks them with other programs.

use rss::validation::Validate as _;
use serde_json::Value;

use crate::harness::{SETTINGS, TestSite, article};

/// A title that ends anything that isn't escaped, with characters that some formats don't allow.
pub(crate) const HOSTILE_TITLE: &str =
    r#""]]> </script><!-- & \"q\" 'a' \\ {x} %7D | [y] 🙂 \u202E \x01 =1+1""#;

pub(crate) fn json(site: &TestSite, path: &str) -> Value {
    serde_json::from_str(&site.read_output(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Returns the texts of an element, unescaped.
pub(crate) fn elements(xml: &str, name: &str) -> Vec<String> {
    let (open, close) = (format!("<{name}"), format!("</{name}>"));
    let parts =
        xml.split(&open).skip(1).filter_map(|rest| rest.split_once('>')?.1.split_once(&close));
    let unescape = |text: &str| {
        let escapes =
            [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")];
        escapes
            .iter()
            .fold(text.to_owned(), |text, (code, character)| text.replace(code, character))
    };
    parts.map(|(text, _)| unescape(text)).collect()
}

/// Returns the URL of a link by its relation.
fn link_href<'x>(xml: &'x str, rel: &str) -> Option<&'x str> {
    let start = xml.find(&format!("<link rel=\"{rel}\""))?;
    xml[start..].split_once("href=\"")?.1.split('"').next()
}

fn output_path(url: &str) -> &str {
    url.strip_prefix("https://test.example/").expect("it is a URL of the site")
}

/// Returns a site with 230, 2 and 3 articles in three months.
pub(crate) fn three_month_site(settings: &str) -> TestSite {
    let site = TestSite::empty().with_file("site.yaml", format!("{SETTINGS}{settings}"));
    for number in 0..235 {
        let date = match number {
            0..230 => format!("2024-01-{:02} {:02}:00", number % 28 + 1, number / 28),
            230..232 => format!("2024-03-0{}", number - 229),
            _ => format!("2024-04-0{}", number - 231),
        };
        let lines = "section: world\ntags: [Iran]\nauthors: [Asma Khan]\ndescription: In short.\n";
        site.write(
            &format!("content/s{number}.md"),
            article(&format!("Story {number}"), &date, lines, "Text.\n"),
        );
    }
    site
}

/// From the newest document back through each `prev-archive` link: every article once.
#[test]
fn the_whole_archive_can_be_followed_through_feeds() {
    let site = three_month_site("");
    site.build().assert_success();
    let newest = site.read_output("feed.xml");
    let (mut ids, mut document_count) = (elements(&newest, "id")[1..].to_vec(), 0);
    let mut next_url = link_href(&newest, "prev-archive").map(str::to_owned);
    let mut later_url = None;
    let current_count = ids.len();
    let mut archived_ids = Vec::new();
    while let Some(url) = next_url {
        let document = site.read_output(output_path(&url));
        assert!(document.contains("<fh:archive/>"), "{url}");
        assert_eq!(link_href(&document, "current"), Some("https://test.example/feed.xml"));
        if let Some(later_url) = later_url {
            assert_eq!(link_href(&document, "next-archive"), Some(later_url).as_deref(), "{url}");
        }
        archived_ids.extend(elements(&document, "id")[1..].to_vec());
        next_url = link_href(&document, "prev-archive").map(str::to_owned);
        later_url = Some(url);
        document_count += 1;
    }
    assert_eq!(document_count, 4, "three parts of January, one of March");
    assert_eq!(archived_ids.len(), 232);
    assert_eq!(current_count, 30, "the newest, among them all of the document that isn't complete");
    ids.extend(archived_ids);
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 235);
    let current_month = site.read_output("feeds/2024/04.xml");
    assert!(
        !current_month.contains("<fh:archive/>")
            && link_href(&current_month, "next-archive").is_none()
    );
    let mut next_url = json(&site, "feed.json")["next_url"].as_str().map(str::to_owned);
    let mut documents = 0;
    while let Some(url) = next_url {
        let document = json(&site, output_path(&url));
        assert_eq!(document["version"], "https://jsonfeed.org/version/1.1");
        next_url = document["next_url"].as_str().map(str::to_owned);
        documents += 1;
    }
    assert_eq!(documents, 4);
}

/// No complete archive document changes when articles are added, of today or of a new month.
#[test]
fn archive_documents_do_not_change() {
    let site = three_month_site("data: true\n");
    site.build().assert_success();
    let before = site.output_mtimes();
    let archive_documents: Vec<&String> = before
        .keys()
        .filter(|path| path.starts_with("feeds/2024/0") && !path.starts_with("feeds/2024/04"))
        .collect();
    assert_eq!(archive_documents.len(), 8);
    for (file, date) in [("today", "2024-04-03"), ("may", "2024-05-01"), ("year", "2025-01-01")] {
        site.write(
            &format!("content/{file}.md"),
            article("New", date, "section: world\n", "Text.\n"),
        );
        site.build().assert_success();
        let after = site.output_mtimes();
        let changed: Vec<&&String> =
            archive_documents.iter().filter(|path| before[**path] != after[**path]).collect();
        assert!(changed.is_empty(), "{file}: {changed:?}");
    }
    let past_documents = ["data/2024.csv", "sitemaps/2024.xml", "feeds/2024/04.xml"];
    let before = site.output_mtimes();
    site.write("content/later.md", article("Later", "2025-02-01", "", ""));
    site.build().assert_success();
    let after = site.output_mtimes();
    for path in past_documents {
        assert_eq!(before[path], after[path], "{path}");
    }
}

#[test]
fn ids_survive_changed_domains_and_permalinks() {
    let site = TestSite::new();
    site.write("content/own.md", article("Own", "2024-11-04", "id: n-17\n", ""));
    site.write("site.yaml", format!("{SETTINGS}feeds: {{authority: old.example}}\n"));
    site.build().assert_success();
    let ids = elements(&site.read_output("feed.xml"), "id");
    assert_eq!(
        ids[1..],
        ["tag:old.example,2024-11-05:/good", "tag:old.example,2024-11-04:/id/n-17"]
    );
    let moved_settings = "title: The Test\nbase_url: https://new.example\n\
        permalink: /{year}/{slug}.html\nfeeds: {authority: old.example}\n";
    site.write("site.yaml", moved_settings);
    site.build().assert_success();
    assert_eq!(elements(&site.read_output("feed.xml"), "id")[1..], ids[1..]);
    assert_eq!(elements(&site.read_output("rss.xml"), "guid"), ids[1..]);
    let items = json(&site, "feed.json");
    assert_eq!(items["items"][0]["id"], ids[1].as_str());
}

/// Full-text feeds have absolute URLs, and change with the bodies that they show.
#[test]
fn full_text_feeds() {
    let site = TestSite::new()
        .with_file("site.yaml", format!("{SETTINGS}feeds: {{full_text: true, articles: 1}}\n"));
    let body = "See [the first](good.md), [below](#end) & ![a](p.png).\n\n## End\n";
    site.write(
        "content/p.png",
        b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x03\0\0\0\x04\x08\x02\0\0\0",
    );
    site.write("content/second.md", article("Second", "2024-12-05", "", body));
    site.build().assert_success();
    let page = "https://test.example/2024/12/05/second/";
    for path in ["feed.xml", "feeds/2024/12.xml"] {
        let content = elements(&site.read_output(path), "content").remove(0);
        assert!(content.contains("href=\"https://test.example/2024/11/05/good/\""), "{content}");
        assert!(content.contains(&format!("href=\"{page}#end\"")), "{content}");
        assert!(content.contains("src=\"https://test.example/p.png\""), "{content}");
    }
    assert!(elements(&site.read_output("rss.xml"), "content:encoded")[0].contains("&amp;"));
    assert!(
        json(&site, "feed.json")["items"][0]["content_html"]
            .as_str()
            .is_some_and(|html| html.contains("<h2"))
    );
    site.write("content/good.md", crate::harness::ARTICLE.replace("Text.", "Other text."));
    let build = site.build().assert_success();
    assert_eq!(
        build.report_number("written"),
        6,
        "its page, its month in two forms, its section's feeds"
    );
    assert!(site.read_output("feeds/2024/11.xml").contains("Other text."));
}

#[test]
fn disabled_outputs_are_not_written() {
    let settings = "feeds: false\nsitemaps: false\nrobots: false\ncite: false\nmetadata: false\n";
    let site = TestSite::new().with_file("site.yaml", format!("{SETTINGS}{settings}"));
    site.build().assert_success();
    let non_html_files: Vec<String> = site
        .output_paths()
        .into_iter()
        .filter(|path| !path.ends_with(".html") && !path.starts_with("assets/"))
        .collect();
    assert_eq!(non_html_files, ["favicon.svg"]);
    let page = site.read_output("2024/11/05/good/index.html");
    for marker in ["ld+json", "class=\"cite\"", "rel=\"alternate\"", "citation_", "DC."] {
        assert!(!page.contains(marker), "{marker}");
    }
    site.write(
        "site.yaml",
        format!(
            "{SETTINGS}feeds: {{formats: [json], archive: false}}\nsitemaps: {{news: false}}\n"
        ),
    );
    site.build().assert_success();
    assert!(
        site.has_output("feed.json")
            && !site.has_output("feed.xml")
            && !site.has_output("feeds/2024/11.json")
    );
    assert!(site.has_output("sitemap.xml") && !site.has_output("sitemaps/news.xml"));
}

#[test]
fn taxonomies_can_have_feeds() {
    let site = TestSite::new().with_file(
        "site.yaml",
        format!("{SETTINGS}taxonomies: {{tags: {{feed: true}}, sections: {{feed: false}}}}\n"),
    );
    site.build().assert_success();
    assert!(
        site.has_output("tags/iran/feed.xml")
            && site.has_output("tags/iran/rss.xml")
            && site.has_output("tags/iran/feed.json")
    );
    assert!(!site.has_output("sections/world/feed.xml"));
    assert!(site.read_output("tags/iran/index.html").contains("href=\"/tags/iran/feed.xml\""));
    assert_eq!(
        elements(&site.read_output("tags/iran/feed.xml"), "title")[0],
        "I.R.A.N. – The Test"
    );
}

/// A language's feed has as many articles as any feed, whatever its front page shows.
#[test]
fn language_feeds_are_as_long_as_others() {
    let site =
        TestSite::new().with_file("site.yaml", format!("{SETTINGS}feeds: {{articles: 35}}\n"));
    for number in 0..40 {
        site.write(
            &format!("content/f{number}.md"),
            article("Un", &format!("2023-01-{:02}", number % 28 + 1), "lang: fr\n", ""),
        );
    }
    site.build().assert_success();
    assert_eq!(site.read_output("fr/feed.xml").matches("<entry").count(), 35);
    assert_eq!(site.read_output("fr/index.html").matches("<article").count(), 30);
}

/// Current feeds name the hub, archive documents don't (WebSub, section 4).
#[test]
fn websub_hub_is_named_in_current_feeds() {
    let site = three_month_site("feeds: {hub: \"https://hub.example/\"}\n");
    site.build().assert_success();
    for path in ["feed.xml", "sections/world/feed.xml", "feeds/2024/04.xml"] {
        assert_eq!(
            link_href(&site.read_output(path), "hub"),
            Some("https://hub.example/"),
            "{path}"
        );
    }
    assert!(
        site.read_output("rss.xml")
            .contains("<atom:link rel=\"hub\" href=\"https://hub.example/\"/>")
    );
    let hubs = serde_json::json!([{"type": "WebSub", "url": "https://hub.example/"}]);
    assert_eq!(json(&site, "feed.json")["hubs"], hubs);
    assert_eq!(link_href(&site.read_output("feeds/2024/03.xml"), "hub"), None);
    assert_eq!(json(&site, "feeds/2024/03.json").get("hubs"), None);
}

/// RSS has HTML where the other formats have text, so the characters of a standfirst are escaped
/// twice.
#[test]
fn a_standfirst_is_escaped_in_every_format() {
    let site = TestSite::new();
    site.write(
        "content/a.md",
        article("A", "2024-11-06", "description: \"<script>x</script> & so\"\n", ""),
    );
    site.build().assert_success();
    let text = "<script>x</script> & so";
    assert_eq!(elements(&site.read_output("feed.xml"), "summary"), [text]);
    let html = "&lt;script&gt;x&lt;/script&gt; &amp; so";
    // The first is that of the channel.
    assert_eq!(elements(&site.read_output("rss.xml"), "description")[1], html);
    assert_eq!(json(&site, "feed.json")["items"][0]["summary"], text);
}

/// Another RSS library reads and validates the feed.
#[test]
fn rss_is_valid() {
    let site = three_month_site(
        "feeds: {full_text: true, hub: \"https://hub.example/\"}\ncopyright: Us\n",
    );
    let lines = "section: world\ndescription: In short.\nauthors: [Asma Khan]\n";
    site.write("content/hostile.md", article(HOSTILE_TITLE, "2024-05-01", lines, "A *body*.\n"));
    site.build().assert_success();
    let paths: Vec<String> =
        site.output_paths().into_iter().filter(|path| path.ends_with("rss.xml")).collect();
    assert_eq!(paths, ["rss.xml", "sections/world/rss.xml"]);
    for path in paths {
        let text = site.read_output(&path);
        let channel = rss::Channel::read_from(text.as_bytes()).expect("the feed is parsed");
        channel.validate().unwrap_or_else(|error| panic!("{path}: {error}"));
        let newest = &channel.items()[0];
        let guid = newest.guid().expect("the item has an id");
        assert_eq!(
            (guid.value(), guid.is_permalink()),
            ("tag:test.example,2024-05-01:/hostile", false)
        );
        assert!(newest.title().is_some_and(|title| title.starts_with("]]> </script><!-- & \"q\"")));
        assert_eq!(newest.content(), Some("<p>A <em>body</em>.</p>"));
        let broken = rss::Channel::read_from(text.replace("<pubDate>", "<pubDate>on ").as_bytes());
        assert!(broken.expect("the feed is parsed").validate().is_err(), "the validation can fail");
    }
}

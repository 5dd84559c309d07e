//! Feeds, sitemaps, data and small files, checked in Rust. `validators.rs` checks them with other
//! programs.

use rss::validation::Validate as _;
use serde_json::Value;

use crate::harness::{SETTINGS, TestSite, article};

/// A title that ends anything that isn't escaped, with characters that some formats don't allow.
const HOSTILE_TITLE: &str =
    r#""]]> </script><!-- & \"q\" 'a' \\ {x} %7D | [y] 🙂 \u202E \x01 =1+1""#;

fn json(site: &TestSite, path: &str) -> Value {
    serde_json::from_str(&site.read_output(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Returns the texts of an element, unescaped.
fn elements(xml: &str, name: &str) -> Vec<String> {
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
fn three_month_site(settings: &str) -> TestSite {
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
    assert_eq!(current_count, 30, "the newest, among them all that aren't sealed");
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
    let moved_settings = "title: The Test\nbase_url: https://new.example\npermalink: /{year}/{slug}.html\nfeeds: {authority: old.example}\n";
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
        .with_file("site.yaml", format!("{SETTINGS}feeds: {{full_text: true, stories: 1}}\n"));
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
        TestSite::new().with_file("site.yaml", format!("{SETTINGS}feeds: {{stories: 35}}\n"));
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

/// The news sitemap ends at the newest article, or at `--now`, which also decides which articles
/// are scheduled.
#[test]
fn the_news_sitemap_covers_two_days() {
    let site = TestSite::new();
    site.write("content/old.md", article("Old", "2024-11-02", "", ""));
    site.write("content/near.md", article("Near", "2024-11-04", "", ""));
    site.build().assert_success();
    assert_eq!(
        elements(&site.read_output("sitemaps/news.xml"), "news:title"),
        ["Border talks", "Near"]
    );
    let build = site.build_with_args(&["--now", "2024-11-04"]).assert_success();
    assert_eq!(build.report_number("articles"), 2);
    assert_eq!(elements(&site.read_output("sitemaps/news.xml"), "news:title"), ["Near"]);
    site.build_with_args(&["--now", "2030-01-01T00:00:00Z"]).assert_success();
    assert!(!site.has_output("sitemaps/news.xml"));
    let output = site.build_with_args(&["--now", "yesterday"]);
    assert_eq!(output.status, 2);
    assert!(output.stderr.contains("--now"), "{}", output.stderr);
}

#[test]
fn images_and_translations_in_sitemaps() {
    let site = TestSite::new();
    site.write(
        "static/p.png",
        b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x03\0\0\0\x04\x08\x02\0\0\0",
    );
    site.write("content/a.md", article("A", "2024-11-06", "id: a\nimage: /p.png\n", ""));
    site.write("content/b.md", article("B", "2024-11-07", "lang: fr\ntranslation_of: a\n", ""));
    site.build().assert_success();
    let sitemap = site.read_output("sitemaps/2024.xml");
    assert!(sitemap.contains("<image:loc>https://test.example/p.png</image:loc>"), "{sitemap}");
    let alternate = "<xhtml:link rel=\"alternate\" hreflang=\"fr\" href=\"https://test.example/2024/11/07/b/\"/>";
    assert_eq!(sitemap.matches(alternate).count(), 2, "with each of the two: {sitemap}");
    assert!(sitemap.contains("<lastmod>2024-11-06</lastmod>"));
}

#[test]
fn the_data_tables_have_a_row_per_article() {
    let site = three_month_site("data: {ninjs: true}\nlicense: https://example.org/licence\n");
    site.write(
        "content/last.md",
        article(
            HOSTILE_TITLE,
            "2024-12-31",
            "authors: [Asma Khan, \"Bell, Ben\"]\ndescription: \"=HYPERLINK(1)\"\n",
            "Four words are here.\n",
        ),
    );
    site.build().assert_success();
    let manifest = json(&site, "archive.json");
    assert_eq!(manifest["articles"], 236);
    assert_eq!(manifest["years"][0]["jsonl"], "https://test.example/data/2024.jsonl");
    let rows: Vec<Value> = site
        .read_output("data/2024.jsonl")
        .lines()
        .map(|line| serde_json::from_str(line).expect("it is JSON"))
        .collect();
    let table = site.read_output("data/2024.csv");
    assert_eq!((rows.len(), table.matches("\r\n").count()), (236, 237));
    let last_row = rows.last().expect("there are articles");
    assert_eq!((&last_row["words"], &last_row["lang"]), (&4.into(), &"en".into()));
    assert_eq!(last_row["authors"], serde_json::json!(["Asma Khan", "Bell, Ben"]));
    assert!(table.lines().last().is_some_and(|line| line.contains(",'=HYPERLINK(1),")), "{table}");
    // An edited body changes its page, its ninjs, and its year's tables, which contain its word
    // count and hash.
    site.write(
        "content/s234.md",
        article(
            "Story 234",
            "2024-04-03",
            "section: world\ntags: [Iran]\nauthors: [Asma Khan]\ndescription: In short.\n",
            "Other text.\n",
        ),
    );
    assert_eq!(site.build().assert_success().report_number("written"), 4);
    let item = json(&site, "2024/04/03/s234/index.json");
    assert_eq!(
        (&item["standard"]["version"], &item["headlines"][0]["value"]),
        (&"3.1".into(), &"Story 234".into())
    );
    assert_eq!(item["bodies"][0]["value"], "<p>Other text.</p>\n");
    let page = site.read_output("2024/04/03/s234/index.html");
    for link in [
        "<link rel=\"describedby\" type=\"application/json\" href=\"https://test.example/2024/04/03/s234/index.json\">",
        "<link rel=\"license\" href=\"https://example.org/licence\">",
        "<link rel=\"cite-as\" href=\"https://test.example/2024/04/03/s234/\">",
    ] {
        assert!(page.contains(link), "{link}");
    }
}

/// Returns the citation file of an article by its extension.
fn citation(page: &str, extension: &str) -> String {
    let (_, rest) =
        page.split_once(&format!(".{extension}\" href=\"data:")).expect("there is a file");
    let (data, _) = rest.split_once('"').expect("the attribute ends");
    let encoded = data.split_once(',').expect("it is a data URL").1.as_bytes();
    let (mut bytes, mut position) = (Vec::new(), 0);
    while position < encoded.len() {
        match encoded[position] {
            b'%' => {
                let code = std::str::from_utf8(&encoded[position + 1..position + 3])
                    .expect("two hexadecimal digits follow");
                bytes.push(u8::from_str_radix(code, 16).expect("two hexadecimal digits follow"));
                position += 3;
            }
            byte => {
                bytes.push(byte);
                position += 1;
            }
        }
    }
    String::from_utf8(bytes).expect("it is UTF-8")
}

#[test]
fn an_article_can_be_cited() {
    let site = TestSite::new();
    site.write(
        "content/a.md",
        article(HOSTILE_TITLE, "2024-11-06", "slug: a\nauthors: [Asma Khan, Staff reporter]\n", ""),
    );
    site.build().assert_success();
    let page = site.read_output("2024/11/06/a/index.html");
    let csl: Value = serde_json::from_str(&citation(&page, "json")).expect("it is JSON");
    assert_eq!(
        csl[0]["author"],
        serde_json::json!([{"family": "Khan", "given": "Asma"}, {"literal": "Staff reporter"}])
    );
    assert!(
        csl[0]["title"]
            .as_str()
            .is_some_and(|title| title.starts_with("]]> </script><!-- & \"q\"")),
        "{csl}"
    );
    assert_eq!(csl[0]["issued"]["date-parts"][0], serde_json::json!([2024, 11, 6]));
    let ris = citation(&page, "ris");
    assert!(
        ris.starts_with("TY  - NEWS\r\nTI  - ]]> </script>") && ris.ends_with("ER  - \r\n"),
        "{ris}"
    );
    assert!(ris.contains("AU  - Khan, Asma\r\nAU  - Staff reporter\r\n"), "{ris}");
    let bib = citation(&page, "bib");
    assert!(bib.contains("author = {Khan, Asma and {Staff reporter}},"), "{bib}");
    assert!(bib.contains("\\{x\\} \\%7D"), "{bib}");
    assert_eq!(
        page.matches("<script").count(),
        2,
        "its data and the reactions: no title ends a script"
    );
    for path in ["feed.xml", "rss.xml", "feeds/2024/11.xml", "sitemaps/news.xml"] {
        let xml = site.read_output(path);
        let name = if path.starts_with("sitemaps") { "news:title" } else { "title" };
        assert!(
            elements(&xml, name)
                .iter()
                .any(|title| title.starts_with("]]> </script><!-- & \"q\" 'a' \\ {x}")),
            "{xml}"
        );
        assert!(!xml.chars().any(|c| c.is_control() && c != '\n'), "{path}");
    }
}

#[test]
fn redirects_in_every_format() {
    let settings = "redirects:\n  formats: [html, netlify, nginx, apache, s3]\n  rules:\n    /about-us.html: /archive/\n    /blog/*: https://blog.example/:splat\n";
    let site = TestSite::new().with_file("site.yaml", format!("{SETTINGS}{settings}"));
    site.write(
        "content/a.md",
        article(
            "A & B",
            "2024-11-06",
            "aliases: [/old/a b.html, \"https://former.example/2014/a/\", /2024/11/06/a/]\n",
            "",
        ),
    );
    site.build().assert_success();
    let page = site.read_output("old/a b.html");
    assert!(
        page.contains("<link rel=\"canonical\" href=\"https://test.example/2024/11/06/a/\">"),
        "{page}"
    );
    assert!(
        page.contains("content=\"0; url=https://test.example/2024/11/06/a/\"")
            && page.contains("A &amp; B")
    );
    assert!(site.has_output("2014/a/index.html"));
    assert!(site.read_output("about-us.html").contains("https://test.example/archive/"));
    let lines = "/old/a%20b.html /2024/11/06/a/ 301\n/2014/a/ /2024/11/06/a/ 301\n/about-us.html /archive/ 301\n/blog/* https://blog.example/:splat 301\n";
    assert_eq!(site.read_output("_redirects"), lines);
    assert!(
        site.read_output("redirects.nginx.conf")
            .contains("\"/old/a b.html\" \"/2024/11/06/a/\";\n")
    );
    assert!(
        site.read_output("redirects.nginx.conf")
            .contains("\"~^/blog/(?<rest>.*)$\" \"https://blog.example/$rest\";\n")
    );
    assert!(
        site.read_output(".htaccess")
            .contains("RedirectMatch 301 \"^/old/a b\\.html$\" \"/2024/11/06/a/\"\n")
    );
    let rules = json(&site, "redirects.s3.json");
    assert_eq!(rules.as_array().map(Vec::len), Some(4));
    assert_eq!(rules[3]["Redirect"]["ReplaceKeyPrefixWith"], "");
    assert_eq!(rules[3]["Redirect"]["HostName"], "blog.example");
    // The redirect pages of a removed article are removed.
    site.remove("content/a.md");
    site.build().assert_success();
    assert!(
        !site.has_output("old/a b.html")
            && !site.has_output("2014/a/index.html")
            && site.has_output("about-us.html")
    );
}

/// Redirects without pages must not hide a page either.
#[test]
fn a_redirect_that_hides_a_page_is_reported_in_every_format() {
    for format in ["html", "netlify"] {
        let site = TestSite::new()
            .with_file("site.yaml", format!("{SETTINGS}redirects: {{formats: [{format}]}}\n"));
        site.write(
            "content/a.md",
            article("A", "2024-11-06", "aliases: [/2024/11/05/good/]\n", ""),
        );
        let build = site.build();
        assert_eq!(build.codes(), ["alias-hides-page"], "{format}");
        assert!(
            site.read_output("2024/11/05/good/index.html").contains("Border talks"),
            "the page stays"
        );
        assert!(site.has_output("2024/11/06/a/index.html"), "and so does the story");
    }
}

/// The limit of a host is counted per format; more redirects are reported, and still written.
#[test]
fn too_many_redirects_for_a_host_are_reported() {
    let redirect_rules = |single: usize, folders: usize| {
        let single = (0..single).map(|number| format!("    /former-{number}.html: /archive/\n"));
        single
            .chain((0..folders).map(|number| format!("    /former-{number}/*: /archive/\n")))
            .collect::<String>()
    };
    for (format, single, folders, is_reported) in [
        ("netlify", 2000, 100, false),
        ("netlify", 2001, 0, true),
        ("netlify", 0, 101, true),
        ("s3", 25, 25, false),
        ("s3", 26, 25, true),
        ("nginx", 2001, 101, false),
    ] {
        let redirects = format!(
            "redirects:\n  formats: [{format}]\n  rules:\n{}",
            redirect_rules(single, folders)
        );
        let site = TestSite::new().with_file("site.yaml", format!("{SETTINGS}{redirects}"));
        let build = site.build();
        let expected: &[&str] = if is_reported { &["too-many-redirects"] } else { &[] };
        assert_eq!(
            (build.status, &build.codes()[..]),
            (0, expected),
            "{format}: {single}, {folders}"
        );
    }
}

#[test]
fn well_known_files() {
    let settings = "robots: {disallow: [/data/], refuse: [ExampleBot]}\nhumans: Us.\ntrust: {member: \"https://m.example/\", social: [a, b]}\n\
                    security: {contact: \"mailto:s@test.example\", expires: \"2027-01-01T00:00:00Z\"}\nllms: true\nheaders: true\n\
                    reactions: {endpoint: \"https://vote.example/x\"}\n";
    let site = TestSite::new().with_file("site.yaml", format!("{SETTINGS}{settings}"));
    site.build().assert_success();
    let robots = "User-agent: ExampleBot\nDisallow: /\n\nUser-agent: *\nDisallow: /data/\n\nSitemap: https://test.example/sitemap.xml\n";
    assert_eq!(site.read_output("robots.txt"), robots);
    assert_eq!(site.read_output("humans.txt"), "Us.\n");
    assert_eq!(site.read_output("trust.txt"), "member=https://m.example/\nsocial=a\nsocial=b\n");
    let security = "Contact: mailto:s@test.example\nExpires: 2027-01-01T00:00:00Z\nCanonical: https://test.example/.well-known/security.txt\n";
    assert_eq!(site.read_output(".well-known/security.txt"), security);
    assert!(
        site.read_output("llms.txt").contains("- [2024](https://test.example/2024/): 1 story\n")
    );
    let headers = site.read_output("_headers");
    assert!(
        headers.starts_with("/*\n  Content-Security-Policy: default-src 'none';")
            && headers.contains("https://vote.example;")
    );
}

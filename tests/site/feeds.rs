//! Feeds, sitemaps, data and small files: their own checks, which need nothing but Rust. `validators.rs` asks programs that others wrote.

use rss::validation::Validate as _;
use serde_json::Value;

use crate::harness::{SETTINGS, Site, story};

/// A title that ends whatever isn't escaped, with signs that some format can't hold.
const HOSTILE: &str = r#""]]> </script><!-- & \"q\" 'a' \\ {x} %7D | [y] 🙂 \u202E \x01 =1+1""#;

fn json(site: &Site, path: &str) -> Value {
    serde_json::from_str(&site.page(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The texts of an element, unescaped.
fn elements(xml: &str, name: &str) -> Vec<String> {
    let (open, close) = (format!("<{name}"), format!("</{name}>"));
    let parts = xml.split(&open).skip(1).filter_map(|rest| rest.split_once('>')?.1.split_once(&close));
    let plain = |text: &str| {
        let signs = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")];
        signs.iter().fold(text.to_owned(), |text, (code, sign)| text.replace(code, sign))
    };
    parts.map(|(text, _)| plain(text)).collect()
}

/// The address of a link, by its relation.
fn link<'x>(xml: &'x str, rel: &str) -> Option<&'x str> {
    let at = xml.find(&format!("<link rel=\"{rel}\""))?;
    xml[at..].split_once("href=\"")?.1.split('"').next()
}

fn path_of(address: &str) -> &str {
    address.strip_prefix("https://test.example/").expect("an address of the site")
}

/// Stories of three months: 230, 2 and 3.
fn archive(settings: &str) -> Site {
    let site = Site::empty().with("site.yaml", format!("{SETTINGS}{settings}"));
    for number in 0..235 {
        let date = match number {
            0..230 => format!("2024-01-{:02} {:02}:00", number % 28 + 1, number / 28),
            230..232 => format!("2024-03-0{}", number - 229),
            _ => format!("2024-04-0{}", number - 231),
        };
        let lines = "section: world\ntags: [Iran]\nauthors: [Asma Khan]\ndescription: In short.\n";
        site.put(
            &format!("content/s{number}.md"),
            story(&format!("Story {number}"), &date, lines, "Text.\n"),
        );
    }
    site
}

/// From the newest document back, by what each says comes before: every story once.
#[test]
fn the_whole_archive_can_be_fetched() {
    let site = archive("");
    site.build().fine();
    let newest = site.page("feed.xml");
    let (mut ids, mut forms) = (elements(&newest, "id")[1..].to_vec(), 0);
    let mut next = link(&newest, "prev-archive").map(str::to_owned);
    let mut later = None;
    let unsealed = ids.len();
    let mut sealed = Vec::new();
    while let Some(address) = next {
        let document = site.page(path_of(&address));
        assert!(document.contains("<fh:archive/>"), "{address}");
        assert_eq!(link(&document, "current"), Some("https://test.example/feed.xml"));
        if let Some(later) = later {
            assert_eq!(link(&document, "next-archive"), Some(later).as_deref(), "{address}");
        }
        sealed.extend(elements(&document, "id")[1..].to_vec());
        next = link(&document, "prev-archive").map(str::to_owned);
        later = Some(address);
        forms += 1;
    }
    assert_eq!(forms, 4, "three parts of January, one of March");
    assert_eq!(sealed.len(), 232);
    assert_eq!(unsealed, 30, "the newest, among them all that aren't sealed");
    ids.extend(sealed);
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 235);
    let open = site.page("feeds/2024/04.xml");
    assert!(!open.contains("<fh:archive/>") && link(&open, "next-archive").is_none());
    let mut next = json(&site, "feed.json")["next_url"].as_str().map(str::to_owned);
    let mut documents = 0;
    while let Some(address) = next {
        let document = json(&site, path_of(&address));
        assert_eq!(document["version"], "https://jsonfeed.org/version/1.1");
        next = document["next_url"].as_str().map(str::to_owned);
        documents += 1;
    }
    assert_eq!(documents, 4);
}

/// No sealed document changes when stories are added: neither today's nor a new month's.
#[test]
fn sealed_documents_stay() {
    let site = archive("data: true\n");
    site.build().fine();
    let before = site.stamps();
    let sealed: Vec<&String> = before
        .keys()
        .filter(|path| path.starts_with("feeds/2024/0") && !path.starts_with("feeds/2024/04"))
        .collect();
    assert_eq!(sealed.len(), 8);
    for (file, date) in [("today", "2024-04-03"), ("may", "2024-05-01"), ("year", "2025-01-01")] {
        site.put(&format!("content/{file}.md"), story("New", date, "section: world\n", "Text.\n"));
        site.build().fine();
        let after = site.stamps();
        let changed: Vec<&&String> = sealed.iter().filter(|path| before[**path] != after[**path]).collect();
        assert!(changed.is_empty(), "{file}: {changed:?}");
    }
    let of_the_past = ["data/2024.csv", "sitemaps/2024.xml", "feeds/2024/04.xml"];
    let before = site.stamps();
    site.put("content/later.md", story("Later", "2025-02-01", "", ""));
    site.build().fine();
    let after = site.stamps();
    for path in of_the_past {
        assert_eq!(before[path], after[path], "{path}");
    }
}

#[test]
fn ids_outlive_domains_and_permalinks() {
    let site = Site::new();
    site.put("content/own.md", story("Own", "2024-11-04", "id: n-17\n", ""));
    site.put("site.yaml", format!("{SETTINGS}feeds: {{authority: old.example}}\n"));
    site.build().fine();
    let ids = elements(&site.page("feed.xml"), "id");
    assert_eq!(ids[1..], ["tag:old.example,2024-11-05:/good", "tag:old.example,2024-11-04:/id/n-17"]);
    let moved = "title: The Test\nbase_url: https://new.example\npermalink: /{year}/{slug}.html\nfeeds: {authority: old.example}\n";
    site.put("site.yaml", moved);
    site.build().fine();
    assert_eq!(elements(&site.page("feed.xml"), "id")[1..], ids[1..]);
    assert_eq!(elements(&site.page("rss.xml"), "guid"), ids[1..]);
    let items = json(&site, "feed.json");
    assert_eq!(items["items"][0]["id"], ids[1].as_str());
}

/// Whole stories: absolute addresses; and a body that changes changes the feeds that show it.
#[test]
fn full_text() {
    let site = Site::new().with("site.yaml", format!("{SETTINGS}feeds: {{full_text: true, stories: 1}}\n"));
    let body = "See [the first](good.md), [below](#end) & ![a](p.png).\n\n## End\n";
    site.put("content/p.png", b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x03\0\0\0\x04\x08\x02\0\0\0");
    site.put("content/second.md", story("Second", "2024-12-05", "", body));
    site.build().fine();
    let page = "https://test.example/2024/12/05/second/";
    for path in ["feed.xml", "feeds/2024/12.xml"] {
        let content = elements(&site.page(path), "content").remove(0);
        assert!(content.contains("href=\"https://test.example/2024/11/05/good/\""), "{content}");
        assert!(content.contains(&format!("href=\"{page}#end\"")), "{content}");
        assert!(content.contains("src=\"https://test.example/p.png\""), "{content}");
    }
    assert!(elements(&site.page("rss.xml"), "content:encoded")[0].contains("&amp;"));
    assert!(
        json(&site, "feed.json")["items"][0]["content_html"]
            .as_str()
            .is_some_and(|html| html.contains("<h2"))
    );
    site.put("content/good.md", crate::harness::STORY.replace("Text.", "Other text."));
    let build = site.build().fine();
    assert_eq!(build.number("written"), 6, "its page, its month in two forms, its section's feeds");
    assert!(site.page("feeds/2024/11.xml").contains("Other text."));
}

#[test]
fn what_a_site_does_not_want_is_not_there() {
    let off = "feeds: false\nsitemaps: false\nrobots: false\ncite: false\nmetadata: false\n";
    let site = Site::new().with("site.yaml", format!("{SETTINGS}{off}"));
    site.build().fine();
    let machines: Vec<String> = site
        .paths()
        .into_iter()
        .filter(|path| !path.ends_with(".html") && !path.starts_with("assets/"))
        .collect();
    assert_eq!(machines, ["favicon.svg"]);
    let page = site.page("2024/11/05/good/index.html");
    for gone in ["ld+json", "class=\"cite\"", "rel=\"alternate\"", "citation_", "DC."] {
        assert!(!page.contains(gone), "{gone}");
    }
    site.put(
        "site.yaml",
        format!("{SETTINGS}feeds: {{formats: [json], archive: false}}\nsitemaps: {{news: false}}\n"),
    );
    site.build().fine();
    assert!(site.has("feed.json") && !site.has("feed.xml") && !site.has("feeds/2024/11.json"));
    assert!(site.has("sitemap.xml") && !site.has("sitemaps/news.xml"));
}

#[test]
fn taxonomies_may_ask_for_feeds() {
    let site = Site::new().with(
        "site.yaml",
        format!("{SETTINGS}taxonomies: {{tags: {{feed: true}}, sections: {{feed: false}}}}\n"),
    );
    site.build().fine();
    assert!(
        site.has("tags/iran/feed.xml") && site.has("tags/iran/rss.xml") && site.has("tags/iran/feed.json")
    );
    assert!(!site.has("sections/world/feed.xml"));
    assert!(site.page("tags/iran/index.html").contains("href=\"/tags/iran/feed.xml\""));
    assert_eq!(elements(&site.page("tags/iran/feed.xml"), "title")[0], "I.R.A.N. – The Test");
}

/// A language's feed holds as many as any, whatever its front page shows.
#[test]
fn feeds_of_languages_are_as_long_as_others() {
    let site = Site::new().with("site.yaml", format!("{SETTINGS}feeds: {{stories: 35}}\n"));
    for number in 0..40 {
        site.put(
            &format!("content/f{number}.md"),
            story("Un", &format!("2023-01-{:02}", number % 28 + 1), "lang: fr\n", ""),
        );
    }
    site.build().fine();
    assert_eq!(site.page("fr/feed.xml").matches("<entry").count(), 35);
    assert_eq!(site.page("fr/index.html").matches("<article").count(), 30);
}

/// A hub is told of by what changes, never by what is sealed (WebSub, section 4).
#[test]
fn a_hub_is_told_where_there_is_news() {
    let site = archive("feeds: {hub: \"https://hub.example/\"}\n");
    site.build().fine();
    for path in ["feed.xml", "sections/world/feed.xml", "feeds/2024/04.xml"] {
        assert_eq!(link(&site.page(path), "hub"), Some("https://hub.example/"), "{path}");
    }
    assert!(site.page("rss.xml").contains("<atom:link rel=\"hub\" href=\"https://hub.example/\"/>"));
    let hubs = serde_json::json!([{"type": "WebSub", "url": "https://hub.example/"}]);
    assert_eq!(json(&site, "feed.json")["hubs"], hubs);
    assert_eq!(link(&site.page("feeds/2024/03.xml"), "hub"), None);
    assert_eq!(json(&site, "feeds/2024/03.json").get("hubs"), None);
}

/// RSS holds HTML where the others hold text, so a standfirst's signs are escaped once more there.
#[test]
fn a_standfirst_is_text_in_every_form() {
    let site = Site::new();
    site.put("content/a.md", story("A", "2024-11-06", "description: \"<script>x</script> & so\"\n", ""));
    site.build().fine();
    let text = "<script>x</script> & so";
    assert_eq!(elements(&site.page("feed.xml"), "summary"), [text]);
    let html = "&lt;script&gt;x&lt;/script&gt; &amp; so";
    // The first is the channel's.
    assert_eq!(elements(&site.page("rss.xml"), "description")[1], html);
    assert_eq!(json(&site, "feed.json")["items"][0]["summary"], text);
}

/// RSS as a reader of another make reads and validates it.
#[test]
fn rss_is_valid() {
    let site = archive("feeds: {full_text: true, hub: \"https://hub.example/\"}\ncopyright: Us\n");
    let lines = "section: world\ndescription: In short.\nauthors: [Asma Khan]\n";
    site.put("content/hostile.md", story(HOSTILE, "2024-05-01", lines, "A *body*.\n"));
    site.build().fine();
    let paths: Vec<String> = site.paths().into_iter().filter(|path| path.ends_with("rss.xml")).collect();
    assert_eq!(paths, ["rss.xml", "sections/world/rss.xml"]);
    for path in paths {
        let text = site.page(&path);
        let channel = rss::Channel::read_from(text.as_bytes()).expect("it can be read");
        channel.validate().unwrap_or_else(|error| panic!("{path}: {error}"));
        let newest = &channel.items()[0];
        let guid = newest.guid().expect("an id");
        assert_eq!((guid.value(), guid.is_permalink()), ("tag:test.example,2024-05-01:/hostile", false));
        assert!(newest.title().is_some_and(|title| title.starts_with("]]> </script><!-- & \"q\"")));
        assert_eq!(newest.content(), Some("<p>A <em>body</em>.</p>"));
        let broken = rss::Channel::read_from(text.replace("<pubDate>", "<pubDate>on ").as_bytes());
        assert!(broken.expect("it can be read").validate().is_err(), "the validation can fail");
    }
}

/// The news is told from the newest story back, or from the moment that the call names; that also decides what is in the future.
#[test]
fn news_of_two_days() {
    let site = Site::new();
    site.put("content/old.md", story("Old", "2024-11-02", "", ""));
    site.put("content/near.md", story("Near", "2024-11-04", "", ""));
    site.build().fine();
    assert_eq!(elements(&site.page("sitemaps/news.xml"), "news:title"), ["Border talks", "Near"]);
    let build = site.build_with(&["--now", "2024-11-04"]).fine();
    assert_eq!(build.number("articles"), 2);
    assert_eq!(elements(&site.page("sitemaps/news.xml"), "news:title"), ["Near"]);
    site.build_with(&["--now", "2030-01-01T00:00:00Z"]).fine();
    assert!(!site.has("sitemaps/news.xml"));
    let refused = site.build_with(&["--now", "yesterday"]);
    assert_eq!(refused.status, 2);
    assert!(refused.stderr.contains("--now"), "{}", refused.stderr);
}

#[test]
fn pictures_and_translations_in_sitemaps() {
    let site = Site::new();
    site.put("static/p.png", b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x03\0\0\0\x04\x08\x02\0\0\0");
    site.put("content/a.md", story("A", "2024-11-06", "id: a\nimage: /p.png\n", ""));
    site.put("content/b.md", story("B", "2024-11-07", "lang: fr\ntranslation_of: a\n", ""));
    site.build().fine();
    let map = site.page("sitemaps/2024.xml");
    assert!(map.contains("<image:loc>https://test.example/p.png</image:loc>"), "{map}");
    let other = "<xhtml:link rel=\"alternate\" hreflang=\"fr\" href=\"https://test.example/2024/11/07/b/\"/>";
    assert_eq!(map.matches(other).count(), 2, "with each of the two: {map}");
    assert!(map.contains("<lastmod>2024-11-06</lastmod>"));
}

#[test]
fn the_catalogue_has_a_row_a_story() {
    let site = archive("data: {ninjs: true}\nlicense: https://example.org/licence\n");
    site.put(
        "content/last.md",
        story(
            HOSTILE,
            "2024-12-31",
            "authors: [Asma Khan, \"Bell, Ben\"]\ndescription: \"=HYPERLINK(1)\"\n",
            "Four words are here.\n",
        ),
    );
    site.build().fine();
    let manifest = json(&site, "archive.json");
    assert_eq!(manifest["stories"], 236);
    assert_eq!(manifest["years"][0]["jsonl"], "https://test.example/data/2024.jsonl");
    let rows: Vec<Value> =
        site.page("data/2024.jsonl").lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let table = site.page("data/2024.csv");
    assert_eq!((rows.len(), table.matches("\r\n").count()), (236, 237));
    let last = rows.last().expect("there are some");
    assert_eq!((&last["words"], &last["lang"]), (&4.into(), &"en".into()));
    assert_eq!(last["authors"], serde_json::json!(["Asma Khan", "Bell, Ben"]));
    assert!(table.lines().last().is_some_and(|line| line.contains(",'=HYPERLINK(1),")), "{table}");
    // One body: its page, its ninjs, its year's tables, which tell its words and its hash.
    site.put(
        "content/s234.md",
        story(
            "Story 234",
            "2024-04-03",
            "section: world\ntags: [Iran]\nauthors: [Asma Khan]\ndescription: In short.\n",
            "Other text.\n",
        ),
    );
    assert_eq!(site.build().fine().number("written"), 4);
    let item = json(&site, "2024/04/03/s234/index.json");
    assert_eq!(
        (&item["standard"]["version"], &item["headlines"][0]["value"]),
        (&"3.1".into(), &"Story 234".into())
    );
    assert_eq!(item["bodies"][0]["value"], "<p>Other text.</p>\n");
    let page = site.page("2024/04/03/s234/index.html");
    for link in [
        "<link rel=\"describedby\" type=\"application/json\" href=\"https://test.example/2024/04/03/s234/index.json\">",
        "<link rel=\"license\" href=\"https://example.org/licence\">",
        "<link rel=\"cite-as\" href=\"https://test.example/2024/04/03/s234/\">",
    ] {
        assert!(page.contains(link), "{link}");
    }
}

/// A story's citations as files, by their ending.
fn citation(page: &str, ending: &str) -> String {
    let (_, rest) = page.split_once(&format!(".{ending}\" href=\"data:")).expect("a file");
    let (data, _) = rest.split_once('"').expect("it ends");
    let encoded = data.split_once(',').expect("a data address").1.as_bytes();
    let (mut bytes, mut at) = (Vec::new(), 0);
    while at < encoded.len() {
        match encoded[at] {
            b'%' => {
                let code = std::str::from_utf8(&encoded[at + 1..at + 3]).expect("two digits");
                bytes.push(u8::from_str_radix(code, 16).expect("two digits"));
                at += 3;
            }
            byte => {
                bytes.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8(bytes).expect("UTF-8")
}

#[test]
fn a_story_can_be_cited() {
    let site = Site::new();
    site.put(
        "content/a.md",
        story(HOSTILE, "2024-11-06", "slug: a\nauthors: [Asma Khan, Staff reporter]\n", ""),
    );
    site.build().fine();
    let page = site.page("2024/11/06/a/index.html");
    let csl: Value = serde_json::from_str(&citation(&page, "json")).expect("JSON");
    assert_eq!(
        csl[0]["author"],
        serde_json::json!([{"family": "Khan", "given": "Asma"}, {"literal": "Staff reporter"}])
    );
    assert!(
        csl[0]["title"].as_str().is_some_and(|title| title.starts_with("]]> </script><!-- & \"q\"")),
        "{csl}"
    );
    assert_eq!(csl[0]["issued"]["date-parts"][0], serde_json::json!([2024, 11, 6]));
    let ris = citation(&page, "ris");
    assert!(ris.starts_with("TY  - NEWS\r\nTI  - ]]> </script>") && ris.ends_with("ER  - \r\n"), "{ris}");
    assert!(ris.contains("AU  - Khan, Asma\r\nAU  - Staff reporter\r\n"), "{ris}");
    let bib = citation(&page, "bib");
    assert!(bib.contains("author = {Khan, Asma and {Staff reporter}},"), "{bib}");
    assert!(bib.contains("\\{x\\} \\%7D"), "{bib}");
    assert_eq!(page.matches("<script").count(), 2, "its data and the reactions: no title ends a script");
    for path in ["feed.xml", "rss.xml", "feeds/2024/11.xml", "sitemaps/news.xml"] {
        let xml = site.page(path);
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
fn redirects_in_every_form() {
    let settings = "redirects:\n  formats: [html, netlify, nginx, apache, s3]\n  rules:\n    /about-us.html: /archive/\n    /blog/*: https://blog.example/:splat\n";
    let site = Site::new().with("site.yaml", format!("{SETTINGS}{settings}"));
    site.put(
        "content/a.md",
        story(
            "A & B",
            "2024-11-06",
            "aliases: [/old/a b.html, \"https://former.example/2014/a/\", /2024/11/06/a/]\n",
            "",
        ),
    );
    site.build().fine();
    let page = site.page("old/a b.html");
    assert!(page.contains("<link rel=\"canonical\" href=\"https://test.example/2024/11/06/a/\">"), "{page}");
    assert!(
        page.contains("content=\"0; url=https://test.example/2024/11/06/a/\"") && page.contains("A &amp; B")
    );
    assert!(site.has("2014/a/index.html"));
    assert!(site.page("about-us.html").contains("https://test.example/archive/"));
    let lines = "/old/a%20b.html /2024/11/06/a/ 301\n/2014/a/ /2024/11/06/a/ 301\n/about-us.html /archive/ 301\n/blog/* https://blog.example/:splat 301\n";
    assert_eq!(site.page("_redirects"), lines);
    assert!(site.page("redirects.nginx.conf").contains("\"/old/a b.html\" \"/2024/11/06/a/\";\n"));
    assert!(
        site.page("redirects.nginx.conf")
            .contains("\"~^/blog/(?<rest>.*)$\" \"https://blog.example/$rest\";\n")
    );
    assert!(site.page(".htaccess").contains("RedirectMatch 301 \"^/old/a b\\.html$\" \"/2024/11/06/a/\"\n"));
    let rules = json(&site, "redirects.s3.json");
    assert_eq!(rules.as_array().map(Vec::len), Some(4));
    assert_eq!(rules[3]["Redirect"]["ReplaceKeyPrefixWith"], "");
    assert_eq!(rules[3]["Redirect"]["HostName"], "blog.example");
    // A story that loses its former addresses takes their pages with it.
    site.remove("content/a.md");
    site.build().fine();
    assert!(!site.has("old/a b.html") && !site.has("2014/a/index.html") && site.has("about-us.html"));
}

/// Without pages of their own, redirects must not hide a page either.
#[test]
fn a_redirect_that_hides_a_page_is_told_in_any_form() {
    for format in ["html", "netlify"] {
        let site = Site::new().with("site.yaml", format!("{SETTINGS}redirects: {{formats: [{format}]}}\n"));
        site.put("content/a.md", story("A", "2024-11-06", "aliases: [/2024/11/05/good/]\n", ""));
        let build = site.build();
        assert_eq!(build.codes(), ["alias-hides-page"], "{format}");
        assert!(site.page("2024/11/05/good/index.html").contains("Border talks"), "the page stays");
        assert!(site.has("2024/11/06/a/index.html"), "and so does the story");
    }
}

/// What a host takes is counted form by form; one more is told, and written all the same.
#[test]
fn more_redirects_than_a_host_takes_are_told() {
    let rules = |single: usize, folders: usize| {
        let single = (0..single).map(|number| format!("    /former-{number}.html: /archive/\n"));
        single
            .chain((0..folders).map(|number| format!("    /former-{number}/*: /archive/\n")))
            .collect::<String>()
    };
    for (format, single, folders, told) in [
        ("netlify", 2000, 100, false),
        ("netlify", 2001, 0, true),
        ("netlify", 0, 101, true),
        ("s3", 25, 25, false),
        ("s3", 26, 25, true),
        ("nginx", 2001, 101, false),
    ] {
        let redirects = format!("redirects:\n  formats: [{format}]\n  rules:\n{}", rules(single, folders));
        let site = Site::new().with("site.yaml", format!("{SETTINGS}{redirects}"));
        let build = site.build();
        let expected: &[&str] = if told { &["too-many-redirects"] } else { &[] };
        assert_eq!((build.status, &build.codes()[..]), (0, expected), "{format}: {single}, {folders}");
    }
}

#[test]
fn small_files() {
    let settings = "robots: {disallow: [/data/], refuse: [ExampleBot]}\nhumans: Us.\ntrust: {member: \"https://m.example/\", social: [a, b]}\n\
                    security: {contact: \"mailto:s@test.example\", expires: \"2027-01-01T00:00:00Z\"}\nllms: true\nheaders: true\n\
                    reactions: {endpoint: \"https://vote.example/x\"}\n";
    let site = Site::new().with("site.yaml", format!("{SETTINGS}{settings}"));
    site.build().fine();
    let robots = "User-agent: ExampleBot\nDisallow: /\n\nUser-agent: *\nDisallow: /data/\n\nSitemap: https://test.example/sitemap.xml\n";
    assert_eq!(site.page("robots.txt"), robots);
    assert_eq!(site.page("humans.txt"), "Us.\n");
    assert_eq!(site.page("trust.txt"), "member=https://m.example/\nsocial=a\nsocial=b\n");
    let security = "Contact: mailto:s@test.example\nExpires: 2027-01-01T00:00:00Z\nCanonical: https://test.example/.well-known/security.txt\n";
    assert_eq!(site.page(".well-known/security.txt"), security);
    assert!(site.page("llms.txt").contains("- [2024](https://test.example/2024/): 1 story\n"));
    let headers = site.page("_headers");
    assert!(
        headers.starts_with("/*\n  Content-Security-Policy: default-src 'none';")
            && headers.contains("https://vote.example;")
    );
}

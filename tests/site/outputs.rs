//! Outputs for programs besides feeds: sitemaps, data, citations, redirects and small files.
//! `validators.rs` checks them with other programs.

use serde_json::Value;

use crate::feeds::{HOSTILE_TITLE, elements, json, three_month_site};
use crate::harness::{SETTINGS, TestSite, article};

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
    let alternate = "<xhtml:link rel=\"alternate\" hreflang=\"fr\" \
        href=\"https://test.example/2024/11/07/b/\"/>";
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
        "<link rel=\"describedby\" type=\"application/json\" \
            href=\"https://test.example/2024/04/03/s234/index.json\">",
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
    let settings = "redirects:\n  formats: [html, netlify, nginx, apache, s3]\n  rules:\n    \
        /about-us.html: /archive/\n    /blog/*: https://blog.example/:splat\n";
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
    let lines = "/old/a%20b.html /2024/11/06/a/ 301\n/2014/a/ /2024/11/06/a/ 301\n\
        /about-us.html /archive/ 301\n/blog/* https://blog.example/:splat 301\n";
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
    let settings = "robots: {disallow: [/data/], refuse: [ExampleBot]}\nhumans: Us.\n\
        trust: {member: \"https://m.example/\", social: [a, b]}\n\
                    security: {contact: \"mailto:s@test.example\", expires: \
        \"2027-01-01T00:00:00Z\"}\nllms: true\nheaders: true\n\
                    reactions: {endpoint: \"https://vote.example/x\"}\n";
    let site = TestSite::new().with_file("site.yaml", format!("{SETTINGS}{settings}"));
    site.build().assert_success();
    let robots = "User-agent: ExampleBot\nDisallow: /\n\nUser-agent: *\nDisallow: /data/\n\n\
        Sitemap: https://test.example/sitemap.xml\n";
    assert_eq!(site.read_output("robots.txt"), robots);
    assert_eq!(site.read_output("humans.txt"), "Us.\n");
    assert_eq!(site.read_output("trust.txt"), "member=https://m.example/\nsocial=a\nsocial=b\n");
    let security = "Contact: mailto:s@test.example\nExpires: 2027-01-01T00:00:00Z\n\
        Canonical: https://test.example/.well-known/security.txt\n";
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

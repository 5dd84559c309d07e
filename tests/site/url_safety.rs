//! URLs and ids in articles: none that runs a script, none that a browser reads differently from
//! the program, none that belongs to the site's own pages, to a repository or to the build cache.

use crate::harness::{SETTINGS, TestSite, article};

fn site_with_body(body: &str) -> TestSite {
    TestSite::empty().with_file("content/a.md", article("A", "2024-11-05", "", body))
}

fn page(site: &TestSite) -> String {
    site.read_output("2024/11/05/a/index.html")
}

/// Returns the text of the article element.
fn body_html(site: &TestSite) -> String {
    let page = page(site);
    let start = page.find("START").expect("the body begins with it");
    page[start..page.find("END").expect("the body ends with it")].to_owned()
}

/// Spellings of URLs that run a script or show a document of the attacker's, as a browser reads
/// them.
const UNSAFE_URLS: [&str; 12] = [
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    " javascript:alert(1)",
    "java&#9;script:alert(1)",
    "java&#10;script:alert(1)",
    "&#1;javascript:alert(1)",
    "javascript&colon;alert(1)",
    "vbscript:msgbox(1)",
    "data:text/html,&lt;script>alert(1)&lt;/script>",
    "DATA:text/html;base64,PHNjcmlwdD4=",
    "data:application/xhtml+xml,x",
    "data:,x",
];

#[test]
fn no_attribute_of_raw_html_has_an_unsafe_url() {
    let mut body = String::from("START\n\n");
    for url in UNSAFE_URLS {
        for html in [
            "<a href=\"U\">x</a>",
            "<img src=\"U\" alt=\"x\">",
            "<img src=\"/a.png\" srcset=\"U 2x\" alt=\"x\">",
            "<blockquote cite=\"U\">x</blockquote>",
            "<q cite=\"U\">x</q>",
            "<del cite=\"U\">x</del>",
            "<ins cite=\"U\">x</ins>",
            "<video poster=\"U\" src=\"U\">x</video>",
            "<table background=\"U\"><tr><td background=\"U\">x</td></tr></table>",
            "<svg><a xlink:href=\"U\"><text>x</text></a></svg>",
            "<form action=\"U\"><button formaction=\"U\">x</button></form>",
            "<object data=\"U\">x</object>",
            "<a href=\"/x\" ping=\"U\">x</a>",
            "<img src=\"/a.png\" longdesc=\"U\" alt=\"\">",
            "<picture><source srcset=\"U\"><img src=\"/a.png\" alt=\"x\"></picture>",
            "<body background=\"U\">",
        ] {
            body.push_str(&html.replace('U', url));
            body.push_str("\n\n");
        }
        let url = url.trim().replace('<', "%3C").replace('>', "%3E");
        body.push_str(&format!("[x]({url}) ![x]({url}) [x](<{url}>)\n\n"));
    }
    body.push_str("END\n");
    let site = site_with_body(&body);
    site.build();
    let html = body_html(&site).to_lowercase();
    let decoded = html_escape::decode_html_entities(&html).replace(['\t', '\n', ' '], "");
    // What isn't a URL of an attribute is the text of the page.
    for needle in ["javascript:", "vbscript:", "data:"] {
        for quote in ["=\"", "='", "=\"\u{1}"] {
            let found = decoded.find(&format!("{quote}{needle}"));
            assert!(found.is_none(), "{needle} {:?}", found.map(|at| &decoded[at..at + 60]));
        }
    }
}

#[test]
fn the_main_image_has_the_url_of_an_image() {
    for url in UNSAFE_URLS {
        let url = html_escape::decode_html_entities(url).replace('"', "").replace('\u{1}', "\\x01");
        let url = url.replace('\t', "\\t").replace('\n', "\\n");
        for front in
            [format!("image: \"{url}\"\n"), format!("image: {{src: \"{url}\", alt: \"x\"}}\n")]
        {
            let site = TestSite::empty()
                .with_file("content/a.md", article("A", "2024-11-05", &front, "x"));
            let build = site.build();
            assert_eq!(build.codes(), ["missing-image"], "{front}: {}", build.stderr);
            let page = page(&site).to_lowercase();
            assert!(!page.contains("script:") && !page.contains("data:text"), "{front}: {page}");
        }
    }
    let front = "image: \"data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA=\"\n";
    let site = TestSite::empty().with_file("content/a.md", article("A", "2024-11-05", front, "x"));
    site.build().assert_success();
    assert!(page(&site).contains("data:image/gif"), "{}", page(&site));
}

/// A browser reads a backslash as a slash and ignores tabs and line breaks: URLs of other hosts.
#[test]
fn urls_of_other_hosts_in_every_spelling() {
    for url in [
        "//h.example/a.png",
        "/\\h.example/a.png",
        "\\\\h.example/a.png",
        "\\/h.example/a.png",
        "/&#9;/h.example/a.png",
        "/&#10;/h.example/a.png",
        "&#1;//h.example/a.png",
        "https:\\\\h.example/a.png",
        "ht&#9;tps://h.example/a.png",
    ] {
        let body = format!(
            "START\n\n<img src=\"/own.png\" srcset=\"{url} 2x\" alt=\"\">\n\n\
             <picture><source srcset=\"/b.png, {url} 2x\"><img src=\"/own.png\" alt=\"\"></picture>\
             \n\n<a href=\"{url}\">x</a>\n\nEND\n"
        );
        let site = site_with_body(&body);
        site.write("site.yaml", format!("{SETTINGS}base_url: https://t.example/base/\n"));
        site.build();
        let html = body_html(&site);
        assert!(!html.contains("srcset"), "{url}: {html}");
        // A link is one to the other host, also in the program's eyes.
        let is_foreign = ["\"//h.example/a.png\"", "\"https://h.example/a.png\""];
        assert!(is_foreign.iter().any(|link| html.contains(link)), "{url}: {html}");
    }
}

#[test]
fn backslashes_separate_folders() {
    let site = site_with_body("![A map](images\\map.png)\n");
    site.write("content/images/map.png", crate::redaction::png(40));
    site.build().assert_success();
    assert!(page(&site).contains("src=\"/images/map.png\""), "{}", page(&site));
}

#[test]
fn ids_of_the_site_are_reserved() {
    let site = site_with_body(
        "<p id=\"dateline-x\">a</p>\n\n<p id=\"DATELINE-y\">b</p>\n\n<p id=\"mine\">c</p>\n\n\
         # Dateline: Kabul\n\n# B {#dateline-search}\n",
    );
    assert_eq!(site.build().codes(), ["dropped-markup"]);
    let page = page(&site);
    assert!(!page.to_lowercase().contains("id=\"dateline-"), "{page}");
    assert!(
        page.contains("id=\"mine\"") && page.contains("id=\"section-dateline-kabul\""),
        "{page}"
    );
}

#[test]
fn no_article_has_a_reserved_path() {
    for path in [
        "/.git/config",
        "/.git/hooks/x/",
        "/.GIT/x/",
        "/a/.git/x/",
        "/%2egit/x/",
        "/.git./x/",
        "/.dateline/x/",
        "/.Dateline/state/",
        "/.well-known/acme-challenge/x",
        "/.Well-Known/x/",
        "/%2Ewell-known/x/",
    ] {
        let front = format!("permalink: \"{path}\"\n");
        let site =
            TestSite::empty().with_file("content/a.md", article("A", "2024-11-05", &front, "x"));
        let build = site.build().assert_errors();
        assert_eq!(build.codes(), ["bad-permalink"], "{path}: {}", build.stderr);
        let front = format!("aliases: [\"{path}\", /old/, \"https://t.example{path}\"]\n");
        site.write("content/a.md", article("A", "2024-11-05", &front, "x"));
        let build = site.build();
        assert_eq!(build.codes(), ["bad-alias"; 2], "{path}: {}", build.stderr);
        let paths = site.output_paths();
        let is_reserved = |output: &String| {
            output.to_lowercase().contains(".git/")
                || output.to_lowercase().contains(".dateline")
                || output.to_lowercase().contains("well-known/")
        };
        assert!(!paths.iter().any(is_reserved), "{path}: {paths:?}");
        assert!(site.has_output("old/index.html"));
    }
}

#[test]
fn a_setting_allows_well_known_paths() {
    let front = "permalink: /.well-known/change-password/\naliases: [/.well-known/old/]\n";
    let site = TestSite::empty().with_file("content/a.md", article("A", "2024-11-05", front, "x"));
    site.write("site.yaml", format!("{SETTINGS}well_known: true\n"));
    site.build().assert_success();
    assert!(site.has_output(".well-known/change-password/index.html"));
    assert!(site.has_output(".well-known/old/index.html"));
    site.write("site.yaml", SETTINGS);
    let build = site.build().assert_errors();
    let mut codes = build.codes();
    codes.sort_unstable();
    assert_eq!(codes, ["bad-alias", "bad-permalink"]);
}

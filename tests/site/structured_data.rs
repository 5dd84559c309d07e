//! The structured data of an article's page.

use serde_json::Value;

use crate::harness::{SETTINGS, TestSite, article};

/// Returns the objects of the page's JSON-LD: the article and the breadcrumbs.
fn json_ld(page: &str) -> Vec<Value> {
    let (_, rest) =
        page.split_once("<script type=\"application/ld+json\">").expect("the page has JSON-LD");
    let (json, _) = rest.split_once("</script>").expect("the script ends");
    serde_json::from_str(json).expect("it is JSON")
}

fn meta_contents<'p>(page: &'p str, name: &str) -> Vec<&'p str> {
    let start = format!("=\"{name}\" content=\"");
    page.match_indices(&start)
        .filter_map(|(offset, prefix)| page[offset + prefix.len()..].split('"').next())
        .collect()
}

const LINES: &str = "slug: talks\ndateline: Islamabad\nsection: world\ntags: [Iran, Pakistan]\n\
    authors: [Ada Reporter, B. Writer]\n\
                     updated: 2024-11-07T08:00:00Z\nid: talks-1\ndescription: Two ministers met.\n\
                     image: {src: flags.png, alt: Two flags, caption: The post, credit: C. \
    Photographer}\n\
                     corrections: [{date: 2024-11-08, text: Two flags & not three.}]\n";

/// The header of a PNG of 3 by 4 pixels.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x03\0\0\0\x04\x08\x02\0\0\0";

fn site(settings: &str) -> TestSite {
    let site = TestSite::new().with_file("site.yaml", settings);
    site.write(
        "content/talks.md",
        article("Talks", "2024-11-06T10:00:00Z", LINES, "Three short words.\n"),
    );
    site.write("content/flags.png", PNG);
    site
}

const TALKS_URL: &str = "https://courier.example/archive/2024/11/06/talks/";

/// Builds a site with an article that has every field, and returns its page.
fn talks_page() -> String {
    let site =
        site("title: The Courier\nbase_url: https://courier.example/archive\nlogo: logo.svg\n");
    site.write("static/logo.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\"/>");
    site.build().assert_success();
    site.read_output("2024/11/06/talks/index.html")
}

#[test]
fn an_article_has_json_ld() {
    let objects = json_ld(&talks_page());
    let [article, breadcrumbs] = &objects[..] else { panic!("{objects:#?}") };
    let value_at = |path: &str| {
        article.pointer(path).unwrap_or_else(|| panic!("{path} in {article:#}")).clone()
    };
    for (path, value) in [
        ("/@type", "NewsArticle"),
        ("/url", TALKS_URL),
        ("/headline", "Talks"),
        ("/description", "Two ministers met."),
        ("/datePublished", "2024-11-06T10:00:00Z"),
        ("/dateModified", "2024-11-08"),
        ("/dateline", "Islamabad"),
        ("/articleSection", "world"),
        ("/identifier", "talks-1"),
        ("/inLanguage", "en"),
        ("/author/0/name", "Ada Reporter"),
        ("/author/0/url", "https://courier.example/archive/authors/ada-reporter/"),
        ("/author/1/name", "B. Writer"),
        ("/publisher/name", "The Courier"),
        ("/publisher/logo/url", "https://courier.example/archive/logo.svg"),
        ("/isPartOf/url", "https://courier.example/archive/"),
        ("/image/url", "https://courier.example/archive/flags.png"),
        ("/image/caption", "The post"),
        ("/image/creditText", "C. Photographer"),
        ("/correction/0/@type", "CorrectionComment"),
        ("/correction/0/text", "Two flags & not three."),
        ("/correction/0/datePublished", "2024-11-08"),
    ] {
        assert_eq!(value_at(path), value, "{path}");
    }
    assert_eq!(
        (value_at("/image/width"), value_at("/image/height"), value_at("/wordCount")),
        (3.into(), 4.into(), 3.into())
    );
    assert_eq!(value_at("/keywords"), serde_json::json!(["Iran", "Pakistan"]));
    let items = breadcrumbs["itemListElement"].as_array().expect("the value is a list");
    let breadcrumb_urls: Vec<&str> =
        items.iter().filter_map(|item| item["item"].as_str()).collect();
    let root = "https://courier.example/archive";
    let expected = ["/sections/world/", "/2024/", "/2024/11/", "/2024/11/06/"]
        .map(|path| format!("{root}{path}"));
    assert_eq!(breadcrumb_urls, expected);
}

#[test]
fn an_article_has_meta_elements_and_microformats() {
    let page = talks_page();
    for (name, values) in [
        ("og:url", vec![TALKS_URL]),
        ("og:image", vec!["https://courier.example/archive/flags.png"]),
        ("og:image:alt", vec!["Two flags"]),
        ("article:tag", vec!["Iran", "Pakistan"]),
        ("twitter:card", vec!["summary_large_image"]),
        ("citation_author", vec!["Ada Reporter", "B. Writer"]),
        ("citation_title", vec!["Talks"]),
        ("citation_publication_date", vec!["2024/11/06"]),
        ("citation_newspaper_title", vec!["The Courier"]),
        ("z:itemType", vec!["newspaperArticle"]),
        ("DC.title", vec!["Talks"]),
        ("DC.creator", vec!["Ada Reporter", "B. Writer"]),
        ("DC.date", vec!["2024-11-06"]),
        ("DC.publisher", vec!["The Courier"]),
        ("DC.identifier", vec![TALKS_URL]),
        ("article:published_time", vec!["2024-11-06T10:00:00Z"]),
        ("article:modified_time", vec!["2024-11-08"]),
    ] {
        assert_eq!(meta_contents(&page, name), values, "{name}");
    }
    let canonical = format!("<link rel=\"canonical\" href=\"{TALKS_URL}\">");
    for wanted in [canonical.as_str(), "rel=\"author\"", "property=\"og:title\" content=\"Talks\""]
    {
        assert!(page.contains(wanted), "{wanted}");
    }
    for class in [
        "class=\"story h-entry\"",
        "p-name",
        "p-summary",
        "dt-published",
        "e-content",
        "p-author h-card",
    ] {
        assert!(page.contains(class), "{class}");
    }
}

#[test]
fn an_article_without_author_names_the_publisher() {
    let site = TestSite::new();
    site.build().assert_success();
    let page = site.read_output("2024/11/05/good/index.html");
    let article = &json_ld(&page)[0];
    assert_eq!(article["author"]["@type"], "NewsMediaOrganization");
    for absent in ["image", "correction", "description"] {
        assert!(article.get(absent).is_none(), "{absent} in {article:#}");
    }
    assert_eq!(meta_contents(&page, "twitter:card"), ["summary"]);
}

#[test]
fn no_text_closes_the_script_element() {
    let site = TestSite::new();
    let title = "\"</script><script>alert(1)</script><!-- ]]> \\u2028 🙂 \\u202e\"";
    let lines = "slug: x\nauthors: ['\"><script>x']\ndescription: '</SCRIPT >'\n";
    site.write("content/x.md", article(title, "2024-11-06", lines, "Text.\n"));
    site.build().assert_success();
    let page = site.read_output("2024/11/06/x/index.html");
    let article = &json_ld(&page)[0];
    assert!(
        article["headline"]
            .as_str()
            .is_some_and(|title| title.starts_with("</script><script>alert(1)"))
    );
    assert_eq!(article["author"][0]["name"], "\"><script>x");
    assert!(!page.contains("<script>") && !page.to_lowercase().contains("</script >"), "{page}");
}

#[test]
fn structured_data_can_be_turned_off() {
    let site = site(&format!("{SETTINGS}metadata: false\n"));
    site.build().assert_success();
    let page = site.read_output("2024/11/06/talks/index.html");
    assert!(!page.contains("ld+json") && !page.contains("citation_"), "{page}");
    site.write("site.yaml", SETTINGS);
    assert!(
        site.build().assert_success().report_number("written") >= 2,
        "every story's page changes"
    );
    assert_eq!(json_ld(&site.read_output("2024/11/06/talks/index.html")).len(), 2);
}

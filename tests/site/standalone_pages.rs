//! Pages without a date: `content/pages/`, and `type: page`.

use crate::archive::{assert_same_as_clean_build, build_with_changes};
use crate::harness::{TestSite, article};

const ABOUT: &str = "---\ntitle: About us\n---\nWe print news.\n";

/// A site with two articles of two years and a page.
fn site_with_page() -> TestSite {
    TestSite::empty()
        .with_file("content/old.md", article("Old", "2019-03-02", "tags: [port]\n", "Old text.\n"))
        .with_file("content/new.md", article("New", "2024-11-05", "tags: [port]\n", "New text.\n"))
        .with_file("content/pages/about.md", ABOUT)
}

#[test]
fn a_page_needs_no_date_and_has_the_layout_of_the_site() {
    let site = site_with_page();
    let build = site.build().assert_success();
    assert_eq!(build.codes(), [""; 0]);
    assert_eq!((build.report_number("articles"), build.report_number("standalone_pages")), (2, 1));
    let page = site.read_output("about/index.html");
    assert!(page.contains("<h1>About us</h1>") && page.contains("<p>We print news.</p>"), "{page}");
    assert!(page.contains("class=\"masthead\"") && page.contains("class=\"on-page\""), "{page}");
    for absent in ["1970", "<time", "cite", "share", "application/ld+json", "datePublished"] {
        assert!(!page.contains(absent), "{absent} in {page}");
    }
}

#[test]
fn a_page_is_in_the_sitemap_and_in_no_list() {
    let site = site_with_page().with_file(
        "site.yaml",
        "title: T\nbase_url: https://t.example\nsearch: true\ndata: {articles: true}\n",
    );
    site.build().assert_success();
    let with_page: Vec<String> = site
        .outputs()
        .into_iter()
        .filter(|(_, bytes)| String::from_utf8_lossy(bytes).contains("/about/"))
        .map(|(path, _)| path)
        .collect();
    assert_eq!(with_page, ["about/index.html", "sitemaps/site.xml"]);
    let sitemap = site.read_output("sitemaps/site.xml");
    assert!(sitemap.contains("<url><loc>https://t.example/about/</loc></url>"), "{sitemap}");
    assert!(!site.has_output("1970/index.html"));
}

#[test]
fn the_url_of_a_page_is_its_path_and_type_makes_any_file_a_page() {
    let site = TestSite::new()
        .with_file("content/pages/legal/privacy.md", "---\ntitle: Privacy\n---\nText.\n")
        .with_file("content/pages/team/index.md", "---\ntitle: Team\n---\nText.\n")
        .with_file("content/contact.md", "---\ntitle: Contact\ntype: page\n---\nText.\n")
        .with_file(
            "content/pages/old-terms.md",
            "---\ntitle: Terms\npermalink: /legal/terms.html\nslug: x\n---\nText.\n",
        )
        .with_file(
            "content/pages/opening.md",
            article("We open", "2024-11-06", "type: article\nslug: opening\n", "Text.\n"),
        );
    assert_eq!(site.build().assert_success().codes(), [""; 0]);
    for path in [
        "legal/privacy/index.html",
        "team/index.html",
        "contact/index.html",
        "legal/terms.html",
        "2024/11/06/opening/index.html",
    ] {
        assert!(site.has_output(path), "{path} in {:?}", site.output_paths());
    }
}

#[test]
fn pages_and_articles_link_to_each_other() {
    let site = TestSite::empty()
        .with_file(
            "content/2024/news.md",
            article("News", "2024-11-05", "", "See [about](../pages/about.md#team).\n"),
        )
        .with_file(
            "content/pages/about.md",
            "---\ntitle: About\n---\nFirst [news](../2024/news.md), [terms](legal/terms.md).\n",
        )
        .with_file(
            "content/pages/legal/terms.md",
            "---\ntitle: Terms\n---\n[About](../about.md)\n",
        );
    assert_eq!(site.build().assert_success().codes(), [""; 0]);
    assert!(site.read_output("2024/11/05/news/index.html").contains("href=\"/about/#team\""));
    let about = site.read_output("about/index.html");
    assert!(
        about.contains("href=\"/2024/11/05/news/\"") && about.contains("href=\"/legal/terms/\"")
    );
    assert!(site.read_output("legal/terms/index.html").contains("href=\"/about/\""));
    // A change of the page's URL changes the article.
    site.write("content/pages/about.md", "---\ntitle: About\nslug: paper\n---\nText.\n");
    site.build();
    assert!(site.read_output("2024/11/05/news/index.html").contains("href=\"/paper/#team\""));
    assert_same_as_clean_build(&site, "after a page moved");
}

#[test]
fn keys_of_visibility_aliases_and_redaction_work_on_pages() {
    let page = |lines: &str, body: &str| format!("---\ntitle: About\n{lines}---\n{body}");
    let site = site_with_page();
    for hidden in
        ["draft: true\n", "embargo: 2190-01-01\n", "expires: 2001-01-01\n", "date: 2190-01-01\n"]
    {
        site.write("content/pages/about.md", page(hidden, "Text.\n"));
        site.build().assert_success();
        assert!(!site.has_output("about/index.html"), "{hidden}");
        assert_same_as_clean_build(&site, hidden);
    }
    // A misspelled key withholds the page.
    site.write("content/pages/about.md", page("embargoo: 2190-01-01\n", "Text.\n"));
    site.build().assert_errors();
    assert!(!site.has_output("about/index.html"));
    site.write(
        "content/pages/about.md",
        page(
            "redact: [Jane Doe]\naliases: [/old/about.html]\nupdated: 2024-05-01\n",
            "By Jane Doe.\n",
        ),
    );
    assert_eq!(site.build().assert_success().codes(), [""; 0]);
    let about = site.read_output("about/index.html");
    assert!(about.contains("By █████."), "{about}");
    assert!(site.read_output("old/about.html").contains("/about/"));
    let sitemap = site.read_output("sitemaps/site.xml");
    assert!(sitemap.contains("/about/</loc><lastmod>2024-05-01"), "{sitemap}");
    site.write("content/pages/about.md", page("status: unpublished\n", "Text.\n"));
    site.build().assert_success();
    assert!(site.read_output("about/index.html").contains("noindex"));
    assert_same_as_clean_build(&site, "after the page was taken down");
}

#[test]
fn a_new_page_changes_only_the_page_and_the_sitemap() {
    let site = site_with_page();
    site.build().assert_success();
    site.write("content/pages/contact.md", "---\ntitle: Contact\n---\nText.\n");
    let (_, changes) = build_with_changes(&site, &[]);
    let mut written: Vec<&str> = changes.written.iter().map(String::as_str).collect();
    written.sort_unstable();
    assert_eq!(written, ["contact/index.html", "sitemaps/site.xml"]);
    // A new article doesn't change pages.
    site.write("content/newer.md", article("Newer", "2024-11-06", "", "Text.\n"));
    let (_, changes) = build_with_changes(&site, &[]);
    assert!(!changes.written.iter().any(|path| path.contains("about")), "{changes:?}");
    assert_same_as_clean_build(&site, "after an article");
    site.remove("content/pages/contact.md");
    site.build();
    assert_same_as_clean_build(&site, "after a page was removed");
}

#[test]
fn pages_have_translations_and_a_language_without_articles_has_no_front_page() {
    let site = site_with_page()
        .with_file("content/pages/about.md", "---\ntitle: About\nid: about\n---\nText.\n")
        .with_file(
            "content/pages/fr/a-propos.md",
            "---\ntitle: À propos\nlang: fr\ntranslation_of: about\n---\nTexte.\n",
        );
    assert_eq!(site.build().assert_success().codes(), [""; 0]);
    assert!(site.read_output("about/index.html").contains("hreflang=\"fr\""));
    assert!(site.read_output("fr/a-propos/index.html").contains("lang=\"fr\""));
    assert!(!site.has_output("fr/index.html"));
    site.write("content/fr.md", article("Un", "2024-11-06", "lang: fr\n", "Texte.\n"));
    site.build().assert_success();
    assert!(site.has_output("fr/index.html"));
    assert_same_as_clean_build(&site, "after an article in the language");
}

#[test]
fn a_page_and_an_article_at_one_url_are_reported_with_the_line() {
    let site = site_with_page()
        .with_file("content/a.md", article("A", "2024-11-05", "permalink: /about/\n", "Text.\n"));
    let build = site.build().assert_errors();
    build
        .only_diagnostic()
        .assert_code("same-address")
        .assert_position(4, 1)
        .assert_message_contains("content/pages/about.md")
        .assert_help_contains("slug");
    assert!(site.read_output("about/index.html").contains("We print news."));
    site.remove("content/a.md");
    site.build().assert_success();
    assert_same_as_clean_build(&site, "after a collision");
}

#[test]
fn the_message_about_a_missing_date_mentions_pages() {
    let site = TestSite::new().with_file("content/about.md", ABOUT);
    let build = site.build().assert_errors();
    build.only_diagnostic().assert_code("missing-date").assert_help_contains("type: page");
}

#[test]
fn the_permalink_of_a_removed_page_is_not_lost() {
    let site = site_with_page();
    site.write("permalinks.txt", "");
    site.write("site.yaml", "title: T\nbase_url: https://t.example\nrecord_permalinks: true\n");
    site.build().assert_success();
    let registry = std::fs::read_to_string(site.path("permalinks.txt")).expect("a registry");
    assert!(registry.contains("/about/"), "{registry}");
    site.remove("content/pages/about.md");
    assert_eq!(site.build().assert_errors().codes(), ["lost-permalink"]);
}

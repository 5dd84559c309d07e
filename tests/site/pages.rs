//! The pages of a site, and when they are added and removed.

use crate::harness::{ARTICLE, TestSite, article};

#[test]
fn every_kind_of_page_is_published() {
    let site = TestSite::new();
    site.build().assert_success();
    for path in [
        "index.html",
        "2024/11/05/good/index.html",
        "2024/11/05/index.html",
        "2024/11/index.html",
        "2024/index.html",
        "archive/index.html",
        "on-this-day/index.html",
        "on-this-day/11-05/index.html",
        "tags/index.html",
        "tags/iran/index.html",
        "tags/iran/2024/index.html",
        "sections/world/index.html",
        "feed.xml",
        "sitemap.xml",
        "sitemaps/2024.xml",
        "robots.txt",
        "404.html",
        "assets/dateline.css",
    ] {
        assert!(site.has_output(path), "{path}");
    }
}

#[test]
fn a_removed_article_is_removed_with_its_listings() {
    let site = TestSite::new().with_file(
        "content/b.md",
        ARTICLE.replace("2024-11-05", "2023-05-06").replace("Iran", "Oil"),
    );
    let first = site.build().assert_success();
    assert_eq!(first.report_number("written"), first.report_number("pages"));
    for path in [
        "2023/index.html",
        "2023/05/06/b/index.html",
        "tags/oil/index.html",
        "on-this-day/05-06/index.html",
    ] {
        assert!(site.has_output(path), "{path}");
    }
    site.remove("content/b.md");
    site.build().assert_success();
    assert!(!site.path("public/2023").exists() && !site.path("public/tags/oil").exists());
    assert!(
        !site.has_output("on-this-day/05-06/index.html") && !site.has_output("sitemaps/2023.xml")
    );
    assert!(site.has_output("2024/11/05/good/index.html"));
}

/// An edited body changes its page and no other.
#[test]
fn an_edited_body_rewrites_one_page() {
    let site = TestSite::new()
        .with_file("content/old.md", article("Old", "2019-01-01", "tags: [Iran]\n", "Text.\n"));
    site.build().assert_success();
    site.write("content/good.md", ARTICLE.replace("Text.", "Other text."));
    let build = site.build().assert_success();
    assert_eq!((build.report_number("written"), build.report_number("removed")), (1, 0));
    assert!(site.read_output("2024/11/05/good/index.html").contains("Other text."));
}

/// A moved file doesn't change its page; an edited body in the moved file does.
#[test]
fn a_body_edited_after_a_move() {
    let site = TestSite::new();
    site.write(
        "content/slug.md",
        article("Old", "2024-11-04", "slug: s\nsection: world\n", "Text.\n"),
    );
    site.build().assert_success();
    site.remove("content/slug.md");
    site.write(
        "content/moved/slug.md",
        article("Old", "2024-11-04", "slug: s\nsection: world\n", "Text.\n"),
    );
    site.build().assert_success();
    site.write(
        "content/moved/slug.md",
        article("Old", "2024-11-04", "slug: s\nsection: world\n", "Tex!.\n"),
    );
    site.build().assert_success();
    assert!(site.read_output("2024/11/04/s/index.html").contains("Tex!"));
    assert_eq!(site.outputs(), site.build_clean().1);
}

/// An article of today changes no file of a past year.
#[test]
fn past_years_do_not_change_when_articles_are_added() {
    let site = TestSite::empty();
    for month in 1..=12 {
        let date = format!("2023-{month:02}-10");
        site.write(
            &format!("content/{month}.md"),
            article("Old", &date, "tags: [Iran]\nsection: world\n", ""),
        );
    }
    site.write("content/first.md", ARTICLE.replace("2024-11-05", "2024-01-02"));
    site.build().assert_success();
    let before = site.output_mtimes();
    site.write("content/new.md", ARTICLE);
    site.build().assert_success();
    let after = site.output_mtimes();
    let old: Vec<&String> = before.keys().filter(|path| path.contains("2023")).collect();
    assert!(old.len() > 30, "{old:?}");
    let touched: Vec<&&String> =
        old.iter().filter(|path| before[**path] != after[**path]).collect();
    assert!(touched.is_empty(), "{touched:?}");
    assert!(before["index.html"] != after["index.html"], "the front page is written anew");
}

/// A day with many articles has a second page, oldest first, and so has a term's year.
#[test]
fn long_listings_are_paginated() {
    let site = TestSite::empty();
    for number in 0..205 {
        let date = format!("2024-11-05 {:02}:{:02}", number / 60, number % 60);
        let source = article(&format!("Story {number}."), &date, "tags: [Iran]\n", "");
        site.write(&format!("content/s{number}.md"), source);
    }
    site.build().assert_success();
    for (listing, pages) in [("2024/11/05", 3), ("tags/iran/2024", 3)] {
        assert!(
            !site.has_output(&format!("{listing}/1/index.html"))
                && !site.has_output(&format!("{listing}/4/index.html"))
        );
        let last = site.read_output(&format!("{listing}/{pages}/index.html"));
        assert!(last.contains(">Story 204.<") && !last.contains(">Story 199.<"), "{listing}");
        let first = site.read_output(&format!("{listing}/index.html"));
        assert!(
            first.contains(">Story 0.<") && first.contains(&format!("href=\"/{listing}/2/\"")),
            "{listing}"
        );
    }
}

#[test]
fn images_are_published_next_to_their_article() {
    let png = [&b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x07\0\0\0\x05\x08\x02\0\0\0"[..], &[0; 16]]
        .concat();
    let body = "![Alt](p.png)\n\n![Gone](gone.png)\n";
    let site = TestSite::new()
        .with_file("content/2024/p.png", png)
        .with_file("content/2024/a.md", article("x", "2024-11-06", "image: p.png\n", body));
    let build = site.build();
    let diagnostic = build.only_diagnostic();
    assert_eq!(
        (build.status, diagnostic.severity.as_str(), diagnostic.file.as_str()),
        (0, "warning", "content/2024/a.md")
    );
    diagnostic
        .assert_code("missing-image")
        .assert_position(8, 9)
        .assert_message_contains("gone.png")
        .assert_source_line("![Gone](gone.png)")
        .assert_help_contains("next to the article");
    assert!(site.has_output("2024/p.png"));
    let page = site.read_output("2024/11/06/a/index.html");
    assert!(page.contains("src=\"/2024/p.png\" alt=\"Alt\" width=\"7\" height=\"5\""), "{page}");
    assert!(!page.contains("gone.png"), "{page}");
}

/// No page of the site links to a missing page.
#[test]
fn no_link_is_broken() {
    let site = TestSite::new();
    for (name, date) in
        [("a", "2023-12-31"), ("b", "2024-01-01"), ("c", "2024-02-29"), ("d", "2024-11-05")]
    {
        let lines = format!("tags: [Iran, خبر, '{name}']\nauthors: [Ann Ames]\nsection: city\n");
        site.write(
            &format!("content/{name}.md"),
            article("x", date, &lines, "[b](b.md) [no](no.md)\n"),
        );
    }
    let build = site.build();
    assert_eq!((build.status, build.codes()), (0, vec!["missing-story"; 4]));
    let outputs = site.outputs();
    let mut link_count = 0;
    for (path, bytes) in outputs.iter().filter(|(path, _)| path.ends_with(".html")) {
        let page = String::from_utf8_lossy(bytes);
        for attribute in [" href=\"/", " src=\"/"] {
            for rest in page.split(attribute).skip(1) {
                let target = rest.split(['"', '#', '?']).next().unwrap_or_default();
                let file = if target.is_empty() || target.ends_with('/') {
                    format!("{target}index.html")
                } else {
                    target.to_owned()
                };
                assert!(outputs.contains_key(&file), "{path} links to /{target}");
                link_count += 1;
            }
        }
    }
    assert!(link_count > 100, "{link_count}");
}

#[test]
fn articles_with_very_many_terms_relate_no_terms() {
    let page = |count: usize| {
        let names: Vec<String> = (0..count).map(|number| format!("topic-{number}")).collect();
        let lines = format!("tags: [{}]\n", names.join(", "));
        let site = TestSite::empty()
            .with_file("content/a.md", article("A", "2024-11-05", &lines, "Text.\n"))
            .with_file("content/b.md", article("B", "2024-11-06", &lines, "Text.\n"));
        site.build().assert_success();
        site.read_output("tags/topic-0/index.html")
    };
    assert!(page(8).contains("/tags/topic-7/"));
    assert!(!page(80).contains("/tags/topic-7/"));
}

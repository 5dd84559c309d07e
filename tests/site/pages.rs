//! Which pages a site has, and when they come and go.

use crate::harness::{STORY, Site, story};

#[test]
fn every_address_of_the_scheme_is_there() {
    let site = Site::new();
    site.build().fine();
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
        assert!(site.has(path), "{path}");
    }
}

#[test]
fn a_removed_story_goes_with_its_listings() {
    let site =
        Site::new().with("content/b.md", STORY.replace("2024-11-05", "2023-05-06").replace("Iran", "Oil"));
    let first = site.build().fine();
    assert_eq!(first.number("written"), first.number("pages"));
    for path in
        ["2023/index.html", "2023/05/06/b/index.html", "tags/oil/index.html", "on-this-day/05-06/index.html"]
    {
        assert!(site.has(path), "{path}");
    }
    site.remove("content/b.md");
    site.build().fine();
    assert!(!site.path("public/2023").exists() && !site.path("public/tags/oil").exists());
    assert!(!site.has("on-this-day/05-06/index.html") && !site.has("sitemaps/2023.xml"));
    assert!(site.has("2024/11/05/good/index.html"));
}

/// Editing a body rewrites its page and no other; the past is sealed.
#[test]
fn an_edited_body_rewrites_one_page() {
    let site = Site::new().with("content/old.md", story("Old", "2019-01-01", "tags: [Iran]\n", "Text.\n"));
    site.build().fine();
    site.put("content/good.md", STORY.replace("Text.", "Other text."));
    let build = site.build().fine();
    assert_eq!((build.number("written"), build.number("removed")), (1, 0));
    assert!(site.page("2024/11/05/good/index.html").contains("Other text."));
}

/// A file that moves leaves its page as it is; a body that is edited at the new place is seen all the same.
#[test]
fn a_body_edited_after_a_move() {
    let site = Site::new();
    site.put("content/slug.md", story("Old", "2024-11-04", "slug: s\nsection: world\n", "Text.\n"));
    site.build().fine();
    site.remove("content/slug.md");
    site.put("content/moved/slug.md", story("Old", "2024-11-04", "slug: s\nsection: world\n", "Text.\n"));
    site.build().fine();
    site.put("content/moved/slug.md", story("Old", "2024-11-04", "slug: s\nsection: world\n", "Tex!.\n"));
    site.build().fine();
    assert!(site.page("2024/11/04/s/index.html").contains("Tex!"));
    assert_eq!(site.outputs(), site.clean().1);
}

/// A story of today leaves every file of a finished year as it was.
#[test]
fn the_past_is_sealed() {
    let site = Site::empty();
    for month in 1..=12 {
        let date = format!("2023-{month:02}-10");
        site.put(&format!("content/{month}.md"), story("Old", &date, "tags: [Iran]\nsection: world\n", ""));
    }
    site.put("content/first.md", STORY.replace("2024-11-05", "2024-01-02"));
    site.build().fine();
    let before = site.stamps();
    site.put("content/new.md", STORY);
    site.build().fine();
    let after = site.stamps();
    let old: Vec<&String> = before.keys().filter(|path| path.contains("2023")).collect();
    assert!(old.len() > 30, "{old:?}");
    let touched: Vec<&&String> = old.iter().filter(|path| before[**path] != after[**path]).collect();
    assert!(touched.is_empty(), "{touched:?}");
    assert!(before["index.html"] != after["index.html"], "the front page is written anew");
}

/// A full day goes on at a second page, oldest first, and a term's year does too.
#[test]
fn long_listings_have_pages() {
    let site = Site::empty();
    for number in 0..205 {
        let date = format!("2024-11-05 {:02}:{:02}", number / 60, number % 60);
        let source = story(&format!("Story {number}."), &date, "tags: [Iran]\n", "");
        site.put(&format!("content/s{number}.md"), source);
    }
    site.build().fine();
    for (listing, pages) in [("2024/11/05", 3), ("tags/iran/2024", 3)] {
        assert!(
            !site.has(&format!("{listing}/1/index.html")) && !site.has(&format!("{listing}/4/index.html"))
        );
        let last = site.page(&format!("{listing}/{pages}/index.html"));
        assert!(last.contains(">Story 204.<") && !last.contains(">Story 199.<"), "{listing}");
        let first = site.page(&format!("{listing}/index.html"));
        assert!(
            first.contains(">Story 0.<") && first.contains(&format!("href=\"/{listing}/2/\"")),
            "{listing}"
        );
    }
}

#[test]
fn pictures_are_published_beside_their_story() {
    let png = [&b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x07\0\0\0\x05\x08\x02\0\0\0"[..], &[0; 16]].concat();
    let body = "![Alt](p.png)\n\n![Gone](gone.png)\n";
    let site = Site::new()
        .with("content/2024/p.png", png)
        .with("content/2024/a.md", story("x", "2024-11-06", "image: p.png\n", body));
    let build = site.build();
    let gone = build.only();
    assert_eq!(
        (build.status, gone.severity.as_str(), gone.file.as_str()),
        (0, "warning", "content/2024/a.md")
    );
    gone.code("missing-image")
        .at(8, 9)
        .says("gone.png")
        .shows("![Gone](gone.png)")
        .helps("beside the article");
    assert!(site.has("2024/p.png"));
    let page = site.page("2024/11/06/a/index.html");
    assert!(page.contains("src=\"/2024/p.png\" alt=\"Alt\" width=\"7\" height=\"5\""), "{page}");
    assert!(!page.contains("gone.png"), "{page}");
}

/// No page of the site links to one that isn't there.
#[test]
fn no_link_is_dead() {
    let site = Site::new();
    for (name, date) in [("a", "2023-12-31"), ("b", "2024-01-01"), ("c", "2024-02-29"), ("d", "2024-11-05")] {
        let lines = format!("tags: [Iran, خبر, '{name}']\nauthors: [Ann Ames]\nsection: city\n");
        site.put(&format!("content/{name}.md"), story("x", date, &lines, "[b](b.md) [no](no.md)\n"));
    }
    let build = site.build();
    assert_eq!((build.status, build.codes()), (0, vec!["missing-story"; 4]));
    let outputs = site.outputs();
    let mut seen = 0;
    for (path, bytes) in outputs.iter().filter(|(path, _)| path.ends_with(".html")) {
        let page = String::from_utf8_lossy(bytes);
        for attribute in [" href=\"/", " src=\"/"] {
            for rest in page.split(attribute).skip(1) {
                let address = rest.split(['"', '#', '?']).next().unwrap_or_default();
                let file = if address.is_empty() || address.ends_with('/') {
                    format!("{address}index.html")
                } else {
                    address.to_owned()
                };
                assert!(outputs.contains_key(&file), "{path} links to /{address}");
                seen += 1;
            }
        }
    }
    assert!(seen > 100, "{seen}");
}

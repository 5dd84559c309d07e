//! Two files that want one address: an error that names both, and the site without the second.

use crate::harness::{STORY, Site, story};
use crate::told::Told;

/// Builds a site with two stories and gives the one thing told, which must name both files.
#[track_caller]
fn collision(site: &Site, one: &str, other: &str) -> Told {
    let build = site.build().faulty();
    let told = build.only();
    told.code("same-address").says(one).says(other).helps("slug:");
    assert!([one, other].contains(&told.file.as_str()), "{told:#?}");
    let (clean, files) = site.clean();
    assert!(clean.told == build.told && files == site.outputs(), "from nothing it is the same");
    told.clone()
}

fn permalink(title: &str, permalink: &str) -> String {
    story(title, "2024-11-06", &format!("permalink: {permalink}\n"), "Text.")
}

#[test]
fn two_articles() {
    let site = Site::new().with("content/b.md", STORY.replace("tags", "slug: good\ntags"));
    let told = collision(&site, "content/good.md", "content/b.md");
    told.says("/2024/11/05/good/");
    assert!(site.has("2024/11/05/good/index.html"));
    let site = Site::empty()
        .with("content/a.md", permalink("A", "/x"))
        .with("content/b.md", permalink("B", "/x/"))
        .with("content/c.md", permalink("C", "/y/"));
    collision(&site, "content/a.md", "content/b.md");
    assert!(site.has("y/index.html"), "the rest is built");
}

#[test]
fn three_articles() {
    let site = Site::empty();
    for name in ["a", "b", "c"] {
        site.put(&format!("content/{name}.md"), permalink(name, "/x/"));
    }
    let build = site.build().faulty();
    assert_eq!(build.codes(), ["same-address"; 2]);
    for name in ["content/a.md", "content/b.md", "content/c.md"] {
        assert!(build.told.iter().any(|told| told.message.contains(name)), "{name}: {}", build.stderr);
    }
}

/// One file on a disk that ignores case.
#[test]
fn letters_of_another_case() {
    for (one, other) in [("/a/", "/A/"), ("/Straße.html", "/STRAßE.html"), ("/É/", "/é/"), ("/a/b/", "/A/b/")]
    {
        let site = Site::empty()
            .with("content/a.md", permalink("A", one))
            .with("content/b.md", permalink("B", other));
        collision(&site, "content/a.md", "content/b.md").helps("case");
    }
}

/// One name on a disk that normalises names: é as one letter, and as e with an accent.
#[test]
fn accents_in_another_form() {
    let site = Site::empty()
        .with("content/a.md", permalink("A", "/caf\u{e9}/"))
        .with("content/b.md", permalink("B", "/cafe\u{301}/"));
    collision(&site, "content/a.md", "content/b.md").helps("accents");
    let site = Site::empty()
        .with("content/1/caf\u{e9}.md", story("A", "2024-11-06", "", ""))
        .with("content/2/cafe\u{301}.md", story("B", "2024-11-06", "", ""));
    collision(&site, "content/1/caf\u{e9}.md", "content/2/cafe\u{301}.md");
}

/// The site's own page stands at an address, and the article that wanted it is to be moved.
#[track_caller]
fn intruder(address: &str, page: &str) {
    // Of the day that has another story, so that the day has its pages without this one.
    let text = story("Intruder", "2024-11-05", &format!("permalink: {address}\n"), "Text.");
    let site = Site::new().with("content/a.md", text);
    let build = site.build().faulty();
    let told = build.only();
    assert_eq!(told.file, "content/a.md", "{address}");
    told.code("same-address").says("content/a.md").says(page).helps("slug:");
    assert!(
        !site.page(page).contains("<h1 class=\"p-name\">Intruder</h1>"),
        "{address}: the site's own page stands"
    );
    let listed =
        site.outputs().into_values().any(|bytes| String::from_utf8_lossy(&bytes).contains("Intruder"));
    assert!(!listed, "{address}: what has no page is in no listing");
    assert!(site.has("2024/11/05/good/index.html"), "the rest is built");
}

#[test]
fn an_article_in_the_place_of_a_fixed_page() {
    for page in [
        "index.html",
        "archive/index.html",
        "tags/index.html",
        "tags/iran/index.html",
        "on-this-day/11-05/index.html",
    ] {
        intruder(&format!("/{}", page.trim_end_matches("index.html")), page);
    }
    for page in ["index.html", "feed.xml", "sitemap.xml", "404.html", "robots.txt", "assets/dateline.css"] {
        intruder(&format!("/{page}"), page);
    }
}

#[test]
fn an_article_in_the_place_of_a_page_of_a_year() {
    for folder in ["2024", "2024/11", "2024/11/05", "tags/iran/2024"] {
        intruder(&format!("/{folder}/"), &format!("{folder}/index.html"));
    }
    intruder("/sitemaps/2024.xml", "sitemaps/2024.xml");
}

#[test]
fn an_article_in_the_place_of_a_static_file() {
    let site =
        Site::new().with("static/about.html", "by hand").with("content/a.md", permalink("A", "/about.html"));
    let told = collision(&site, "content/a.md", "static/about.html");
    assert_eq!(told.file, "content/a.md");
    assert_eq!(site.page("about.html"), "by hand");
}

/// A folder can't be a file at once.
#[test]
fn a_file_in_the_place_of_a_folder() {
    let site = Site::new()
        .with("content/a.md", permalink("A", "/x.html"))
        .with("content/b.md", permalink("B", "/x.html/y/"));
    let build = site.build().faulty();
    build.only().code("same-address").says("content/a.md").says("content/b.md");
    assert!(site.has("2024/11/05/good/index.html"), "the rest is built");
}

/// A static file takes the place of an asset of the program's, which is how a site changes its style.
#[test]
fn a_static_file_in_the_place_of_an_asset() {
    let site = Site::new().with("static/assets/dateline.css", "p {}");
    site.build().fine();
    assert_eq!(site.page("assets/dateline.css"), "p {}");
}

#[test]
fn a_static_file_in_the_place_of_a_page() {
    let site = Site::new().with("static/feed.xml", "by hand").with("static/robots.txt", "by hand");
    site.build().fine();
    for path in ["feed.xml", "robots.txt"] {
        assert_eq!(site.page(path), "by hand");
    }
}

/// When one of the two goes, the other gets the address.
#[test]
fn a_collision_resolved() {
    let site = Site::empty()
        .with("content/a.md", permalink("First", "/x/"))
        .with("content/b.md", permalink("Second", "/x/"));
    site.build().faulty();
    site.remove("content/a.md");
    site.build().fine();
    assert!(site.page("x/index.html").contains("<h1 class=\"p-name\">Second</h1>"));
    assert!(site.outputs() == site.clean().1);
}

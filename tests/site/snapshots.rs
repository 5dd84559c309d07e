//! A small site to the letter: the list of its files, and one page of each kind that matters.
//!
//! After a change that is meant, `INSTA_UPDATE=always cargo test --test site snapshots` writes the new ones.

use crate::harness::{Site, story};

const SETTINGS: &str = "title: The Courier\ndescription: News of the port\nbase_url: https://courier.example\nlanguage: en\n\
                        time_zone: Europe/London\ncopyright: © The Courier\nsections: {world: World, city: City}\n";

const BORDER: &str = "description: A dinner at the embassy\ndateline: ISLAMABAD\nsection: world\ntags: [Iran, Border security]\n\
                      authors: [Asma Khan, Ben Bell]\nplaces: [Islamabad]\nupdated: 2024-11-06 09:00\nid: n-17\nsource: Agency\n\
                      original_url: https://agency.example/17\n";

const BODY: &str = "ISLAMABAD: Iran called for “coordination” on *Tuesday*.\n\n## IP Gas Pipeline Project\n\nHe noted goodwill.[^1]\n\n\
                    > A quotation.\n\n| a | b |\n|---|--:|\n| 1 | 2 |\n\n![The dinner](dinner.svg \"At the embassy | Asma Khan\")\n\n\
                    See [the bridge](bridge.md) and [elsewhere](https://example.org/?a=1&b=2).\n\n[^1]: On both sides.\n";

fn site() -> Site {
    let svg = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"8\" height=\"6\"></svg>";
    let urdu =
        "lang: ur\nsection: world\ntags: [ایران]\ndescription: سفارت خانے میں عشائیہ\ndateline: اسلام آباد\n";
    let site = Site::empty()
        .with("site.yaml", SETTINGS)
        .with("static/CNAME", "courier.example\n")
        .with("content/dinner.svg", svg)
        .with("content/border.md", story("Pakistan & Iran agree", "2024-11-05 14:30", BORDER, BODY))
        .with(
            "content/bridge.md",
            story("Bridge reopens", "2024-11-05", "section: city\ntags: [Border security]\n", "It did.\n"),
        )
        .with(
            "content/2019/lamp.md",
            story("Lamp keepers", "2019-03-04", "section: city\ntags: [Iran]\n", "They wrote.\n"),
        )
        .with(
            "content/sarhad.md",
            story("پاکستان اور ایران", "2024-11-04", urdu, "ایران نے **تعاون** پر زور دیا۔\n"),
        );
    site.build().fine();
    site
}

#[test]
fn every_file() {
    insta::assert_snapshot!("files", site().paths().join("\n"));
}

#[test]
fn an_article() {
    insta::assert_snapshot!("article", site().page("2024/11/05/border/index.html"));
}

#[test]
fn an_article_from_right_to_left() {
    insta::assert_snapshot!("article_rtl", site().page("2024/11/04/sarhad/index.html"));
}

#[test]
fn a_day() {
    insta::assert_snapshot!("day", site().page("2024/11/05/index.html"));
}

#[test]
fn a_year_of_a_term() {
    insta::assert_snapshot!("term_year", site().page("tags/iran/2024/index.html"));
}

#[test]
fn the_feed() {
    insta::assert_snapshot!("feed", site().page("feed.xml"));
}

#[test]
fn the_sitemap() {
    let site = site();
    insta::assert_snapshot!(
        "sitemap",
        format!("{}\n{}", site.page("sitemap.xml"), site.page("sitemaps/2024.xml"))
    );
}

/// What a person sees of a few mistakes.
#[test]
fn diagnostics() {
    let site = Site::new()
        .with("content/a.md", "---\ntitle: Iran: the talks\ndate: 2024-11-05\n---\n")
        .with("content/b.md", "---\ntitle: x\ndate: 2023-02-30\n\ntitle: y\n---\n")
        .with("content/c.md", b"---\ntitle: x\ndate: 2024-11-05\n---\nA caf\xe9 by the quay.\n")
        .with("site.yaml", "titel: The Test\nbase_url: https://test.example\n");
    insta::assert_snapshot!("diagnostics", site.build().faulty().stderr);
}

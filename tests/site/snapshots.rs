//! Snapshots of a small site: the list of its files, and one page of each important kind.
//!
//! After an intended change, `INSTA_UPDATE=always cargo test --test site snapshots` writes new
//! snapshots.

use crate::harness::{TestSite, article};

const SETTINGS: &str = "title: The Courier\ndescription: News of the port\n\
    base_url: https://courier.example\nlanguage: en\n\
                        time_zone: Europe/London\ncopyright: © The Courier\n\
    sections: {world: World, city: City}\n";

const ARTICLE_FRONT_MATTER: &str = "description: A dinner at the embassy\ndateline: ISLAMABAD\n\
    section: world\ntags: [Iran, Border security]\n\
                      authors: [Asma Khan, Ben Bell]\nplaces: [Islamabad]\n\
    updated: 2024-11-06 09:00\nid: n-17\nsource: Agency\n\
                      original_url: https://agency.example/17\n";

const ARTICLE_BODY: &str = "ISLAMABAD: Iran called for “coordination” on *Tuesday*.\n\n\
    ## IP Gas Pipeline Project\n\nHe noted goodwill.[^1]\n\n\
                    > A quotation.\n\n| a | b |\n|---|--:|\n| 1 | 2 |\n\n![The dinner](dinner.svg \
    \"At the embassy | Asma Khan\")\n\n\
                    See [the bridge](bridge.md) and [elsewhere](https://example.org/?a=1&b=2).\n\n\
    [^1]: On both sides.\n";

fn site() -> TestSite {
    let svg = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"8\" height=\"6\"></svg>";
    let urdu = "lang: ur\nsection: world\ntags: [ایران]\ndescription: سفارت خانے میں عشائیہ\n\
        dateline: اسلام آباد\n";
    let site = TestSite::empty()
        .with_file("site.yaml", SETTINGS)
        .with_file("static/CNAME", "courier.example\n")
        .with_file("content/dinner.svg", svg)
        .with_file(
            "content/border.md",
            article(
                "Pakistan & Iran agree",
                "2024-11-05 14:30",
                ARTICLE_FRONT_MATTER,
                ARTICLE_BODY,
            ),
        )
        .with_file(
            "content/bridge.md",
            article(
                "Bridge reopens",
                "2024-11-05",
                "section: city\ntags: [Border security]\n",
                "It did.\n",
            ),
        )
        .with_file(
            "content/2019/lamp.md",
            article("Lamp keepers", "2019-03-04", "section: city\ntags: [Iran]\n", "They wrote.\n"),
        )
        .with_file(
            "content/sarhad.md",
            article("پاکستان اور ایران", "2024-11-04", urdu, "ایران نے **تعاون** پر زور دیا۔\n"),
        );
    site.build().assert_success();
    site
}

#[test]
fn every_file() {
    insta::assert_snapshot!("files", site().output_paths().join("\n"));
}

#[test]
fn an_article() {
    insta::assert_snapshot!("article", site().read_output("2024/11/05/border/index.html"));
}

#[test]
fn an_article_from_right_to_left() {
    insta::assert_snapshot!("article_rtl", site().read_output("2024/11/04/sarhad/index.html"));
}

#[test]
fn a_day() {
    insta::assert_snapshot!("day", site().read_output("2024/11/05/index.html"));
}

#[test]
fn a_year_of_a_term() {
    insta::assert_snapshot!("term_year", site().read_output("tags/iran/2024/index.html"));
}

#[test]
fn the_feed() {
    insta::assert_snapshot!("feed", site().read_output("feed.xml"));
}

#[test]
fn the_sitemap() {
    let site = site();
    insta::assert_snapshot!(
        "sitemap",
        format!("{}\n{}", site.read_output("sitemap.xml"), site.read_output("sitemaps/2024.xml"))
    );
}

/// The printed diagnostics of some mistakes.
#[test]
fn diagnostics() {
    let site = TestSite::new()
        .with_file("content/a.md", "---\ntitle: Iran: the talks\ndate: 2024-11-05\n---\n")
        .with_file("content/b.md", "---\ntitle: x\ndate: 2023-02-30\n\ntitle: y\n---\n")
        .with_file(
            "content/c.md",
            b"---\ntitle: x\ndate: 2024-11-05\n---\nA caf\xe9 by the quay.\n",
        )
        .with_file("site.yaml", "titel: The Test\nbase_url: https://test.example\n");
    insta::assert_snapshot!("diagnostics", site.build().assert_errors().stderr);
}

//! Bugs that were found while the documentation was written.

use crate::harness::{ARTICLE, SETTINGS, TestSite, article};

/// Returns a site with an article `content/a.md` of 5 November 2024.
fn site_with_body(body: &str) -> TestSite {
    TestSite::empty().with_file("content/a.md", article("T", "2024-11-05", "", body))
}

const PAGE: &str = "2024/11/05/a/index.html";

#[test]
fn nothing_is_written_outside() {
    for path in ["/", "''", "../../esc", "2024"] {
        let site = TestSite::new()
            .with_file("site.yaml", format!("{SETTINGS}taxonomies: {{tags: {{path: {path}}}}}\n"));
        let build = site.build().assert_errors();
        build.only_diagnostic().assert_code("bad-setting");
        assert!(site.has_output("tags/iran/index.html"), "{path}: the key stands in");
        assert!(site.outside_files().is_empty() && !site.path("esc").exists(), "{path}");
    }
    let site = TestSite::new();
    site.build().assert_success();
    for output in ["public/../content", "public/..", "public/../static/x"] {
        let build =
            site.build_with_args(&["--output", site.path(output).to_str().expect("it is UTF-8")]);
        assert_eq!(build.status, 2, "{output}: {}", build.stderr);
    }
}

#[test]
fn a_slug_without_a_letter_is_refused() {
    let site =
        TestSite::new().with_file("content/a.md", article("T", "2024-11-05", "slug: \"?!\"\n", ""));
    site.build().assert_errors().only_diagnostic().assert_code("bad-slug");
    assert!(site.read_output("2024/11/05/index.html").contains("Border talks"));
}

#[test]
fn an_article_without_its_permalink_is_not_listed() {
    let site = TestSite::new().with_file(
        "content/b.md",
        article("Second", "2024-11-06", "permalink: /2024/11/05/good/\ntags: [lost]\n", ""),
    );
    let build = site.build().assert_errors();
    build.only_diagnostic().assert_code("same-address");
    assert_eq!(
        (build.report_number("articles"), build.only_diagnostic().file.as_str()),
        (1, "content/b.md")
    );
    assert!(!site.has_output("tags/lost/index.html") && !site.has_output("2024/11/06/index.html"));
    assert!(
        site.outputs().values().all(|bytes| !String::from_utf8_lossy(bytes).contains("Second"))
    );
    assert_eq!(
        site.build().assert_errors().report_number("written"),
        0,
        "a second build finds it so"
    );
}

#[test]
fn links_between_articles_are_resolved_or_reported() {
    let body =
        "[1](../x/c.md) [2](./b.md) [3](/x/c.md) [4](d.markdown) [5](nope.md#x) [6](../x/c.md#y)\n";
    let site = TestSite::empty()
        .with_file("content/2024/a.md", article("A", "2024-11-05", "", body))
        .with_file("content/2024/b.md", article("B", "2024-11-05", "", ""))
        .with_file("content/x/c.md", article("C", "2024-11-05", "", ""))
        .with_file("content/2024/d.markdown", article("D", "2024-11-05", "", ""));
    for _ in 0..2 {
        let build = site.build();
        build
            .only_diagnostic()
            .assert_code("missing-story")
            .assert_position(5, 61)
            .assert_message_contains("no article `nope.md#x`")
            .assert_source_line(body.trim());
        assert_eq!(build.status, 0);
    }
    let page = site.read_output(PAGE);
    for link in ["c/\">1<", "b/\">2<", "c/\">3<", "d/\">4<", "c/#y\">6<"] {
        assert!(page.contains(&format!("<a href=\"/2024/11/05/{link}")), "{link}: {page}");
    }
    assert!(page.contains(" 5 "), "{page}");
    site.write("content/nope.md", article("N", "2024-11-05", "draft: true\n", ""));
    site.build()
        .only_diagnostic()
        .assert_code("missing-story")
        .assert_message_contains("is not published");
    site.write("content/nope.md", article("N", "2024-11-05", "", ""));
    site.build().assert_success();
    assert!(site.read_output(PAGE).contains("<a href=\"/2024/11/05/nope/#x\">5</a>"));
    assert!(site.outputs() == site.build_clean().1);
}

#[test]
fn files_that_are_linked_are_published() {
    let site = TestSite::empty()
        .with_file(
            "content/2024/a.md",
            article("A", "2024-11-05", "", "[p](f/p.pdf#page=2) <a href=\"q.mp3\">q</a>\n"),
        )
        .with_file("content/2024/f/p.pdf", "P")
        .with_file("content/2024/q.mp3", "Q")
        .with_file("content/2024/other.pdf", "not linked");
    site.build().only_diagnostic().assert_code("unread-files").assert_message_contains("1 .pdf");
    assert_eq!(
        (site.read_output("2024/f/p.pdf"), site.read_output("2024/q.mp3")),
        ("P".into(), "Q".into())
    );
    assert!(!site.has_output("2024/other.pdf"));
    let page = site.read_output(PAGE);
    assert!(
        page.contains("\"/2024/f/p.pdf#page=2\"") && page.contains("\"/2024/q.mp3\""),
        "{page}"
    );
    site.remove("content/2024/q.mp3");
    site.remove("content/2024/other.pdf");
    site.build()
        .only_diagnostic()
        .assert_code("missing-file")
        .assert_message_contains("q.mp3")
        .assert_position(5, 30);
    assert!(!site.has_output("2024/q.mp3") && site.read_output(PAGE).contains("href=\"q.mp3\""));
    assert!(site.outputs() == site.build_clean().1);
}

#[test]
fn images_of_any_name_are_published_or_reported() {
    let site = site_with_body("![x](photo.gif)\n\n![y](b%3F.png)\n")
        .with_file("content/photo.gif", "x")
        .with_file("content/b?.png", "y");
    for _ in 0..2 {
        site.build()
            .only_diagnostic()
            .assert_code("asset-name")
            .assert_position(7, 6)
            .assert_message_contains("content/b?.png");
    }
    assert!(site.has_output("photo.gif") && site.read_output(PAGE).contains("src=\"/photo.gif\""));
}

#[test]
fn the_front_pages_own_text_is_no_article() {
    let site = TestSite::new()
        .with_file("content/_index.md", article("Home", "2024-11-05", "", "Welcome.\n"));
    assert_eq!(site.build().assert_success().report_number("articles"), 1);
    assert!(site.read_output("index.html").contains("Welcome."));
}

#[test]
fn an_index_file_in_a_year_folder_is_reported() {
    let site = TestSite::new().with_file("content/2024/_index.md", "---\ntitle: A year\n---\n");
    site.build().only_diagnostic().assert_code("stray-index");
}

#[test]
fn an_article_in_its_own_folder_has_no_section() {
    let site =
        TestSite::empty().with_file("content/talks/index.md", article("T", "2024-11-05", "", ""));
    site.build().assert_success();
    assert!(
        site.has_output("2024/11/05/talks/index.html")
            && !site.has_output("sections/talks/index.html")
    );
}

#[test]
fn the_masthead_links_to_sections_that_are_there() {
    let settings = format!("{SETTINGS}sections: {{world: , empty: Void}}\n");
    let site = TestSite::new().with_file("site.yaml", settings);
    let site = site.with_file("content/world/_index.md", "---\ntitle: The World\n---\n");
    site.build().assert_success();
    let page = site.read_output("index.html");
    assert!(page.contains("<a href=\"/sections/world/\">The World</a>"), "{page}");
    assert!(!page.contains("Void"));
    site.write("content/e.md", article("E", "2024-11-06", "section: empty\n", ""));
    site.build().assert_success();
    assert!(
        site.read_output(PAGE.replace("/a/", "/good/").as_str())
            .contains("<a href=\"/sections/empty/\">Void</a>")
    );
}

#[test]
fn taxonomies_are_filled_whatever_the_case() {
    let settings =
        format!("{SETTINGS}taxonomies: {{Beats: , desks: {{from: [Desk]}}, sections: false}}\n");
    let site = TestSite::new().with_file("site.yaml", settings);
    site.write("content/a.md", article("A", "2024-11-05", "Beats: [x]\nDesk: y\n", ""));
    site.build()
        .assert_errors()
        .only_diagnostic()
        .assert_code("bad-setting")
        .assert_message_contains("`sections`");
    assert!(
        site.has_output("beats/x/index.html") && site.has_output("desks/y/index.html"),
        "{:#?}",
        site.output_paths()
    );
}

#[test]
fn front_matter_of_other_systems() {
    let site = TestSite::empty()
        .with_file(
            "content/_posts/2018-10-10-a.md",
            "---\ntitle: A\ncategories: world asia\npermalink: pretty\n---\n",
        )
        .with_file(
            "content/2018-10-10_talks.md",
            "---\ntitle: B\ntaxonomies:\n  categories: [City]\n  tags: [1.10]\n---\n",
        )
        .with_file("content/2024-11-05.md", "---\ntitle: C\n---\n")
        .with_file("content/v.md", article("V", "2024-11-05", "permalink: /v1.2\n", ""))
        .with_file("content/s.md", article("S", "2024-11-05", "slug: a.b\n", ""));
    site.build().assert_success();
    for path in [
        "2018/10/10/a/index.html",
        "2018/10/10/talks/index.html",
        "2024/11/05/2024-11-05/index.html",
        "2024/11/05/a-b/index.html",
        "v1.2/index.html",
        "sections/world/index.html",
        "sections/city/index.html",
        "tags/asia/index.html",
        "tags/1-10/index.html",
    ] {
        assert!(site.has_output(path), "{path}: {:#?}", site.output_paths());
    }
}

#[test]
fn invalid_dates_are_reported() {
    for (date, message) in
        [("5 November 24", "four digits"), ("2024-11-05 noon", "`noon` is not a time")]
    {
        let site =
            TestSite::new().with_file("content/a.md", article("T", &format!("\"{date}\""), "", ""));
        site.build()
            .assert_errors()
            .only_diagnostic()
            .assert_code("bad-date")
            .assert_message_contains(message)
            .assert_position(3, 1);
    }
    let site = TestSite::new()
        .with_file("content/a.md", article("T", "2024-11-05", "LastMod: soon\n", ""));
    site.build().assert_errors().only_diagnostic().assert_code("bad-date").assert_position(4, 1);
    let site = TestSite::new().with_file("content/2024/11/05/a.md", "---\ntitle: T\n---\n");
    site.build()
        .assert_errors()
        .only_diagnostic()
        .assert_code("missing-date")
        .assert_help_contains("`date: 2024-11-05`, as its folders suggest");
    let site = TestSite::new()
        .with_file("content/a.md", "---\ntags:\n\t- iran\ntitle: T\ndate: 2024-11-05\n---\n");
    site.build()
        .assert_errors()
        .only_diagnostic()
        .assert_code("invalid-yaml")
        .assert_help_contains("spaces, not with tabs");
    let site = TestSite::new()
        .with_file("content/a.md", "---\ntitle: y\nTitle: x\ndate: 2024-11-05\n---\n");
    site.build()
        .assert_errors()
        .only_diagnostic()
        .assert_code("duplicate-key")
        .assert_message_contains("in line 2 and in line 3");
}

#[test]
fn shortcodes_in_code_stay() {
    let site = site_with_body("`{{< foo >}}` {{</* bar */>}} {{< ref \"a\" >}}\n");
    site.build().assert_success();
    let page = site.read_output(PAGE);
    assert!(page.contains("<code>{{&lt; foo &gt;}}</code> {{&lt; bar &gt;}}"), "{page}");
    assert!(
        page.contains("<a href=\"/2024/11/05/a/\">a</a>") && !page.contains("story:"),
        "{page}"
    );
}

#[test]
fn html_in_a_body_keeps_tables_aligned_and_links_whole() {
    let site = site_with_body("| a |\n| --: |\n| 1 |\n\n<a href=\"/x/\">x</a> [y](/y/)\n")
        .with_file("site.yaml", "title: T\nbase_url: https://t.example/arch\n");
    site.build().assert_success();
    let page = site.read_output(PAGE);
    assert!(
        page.contains("<td class=\"right\">")
            && page.contains("\"/arch/x/\"")
            && page.contains("\"/arch/y/\""),
        "{page}"
    );
}

#[test]
fn one_wrong_reaction_leaves_the_others() {
    let kinds = "reactions: {kinds: [like, {symbol: x}, {key: clap, symbol: c}]}\n";
    let site = TestSite::new().with_file("site.yaml", format!("{SETTINGS}{kinds}"));
    site.build()
        .assert_errors()
        .only_diagnostic()
        .assert_code("bad-setting")
        .assert_message_contains("`reactions.kinds` has no key `key`")
        .assert_help_contains("`dateline help reactions`");
    let page = site.read_output("2024/11/05/good/index.html");
    assert!(
        page.contains("</span> Like</button>") && page.contains("</span> clap</button>"),
        "{page}"
    );
}

#[test]
fn a_static_file_replaces_a_page_of_the_programs() {
    let site =
        TestSite::new().with_file("static/404.html", "gone").with_file("static/robots.txt", "all");
    site.build().assert_success();
    assert_eq!(
        (site.read_output("404.html"), site.read_output("robots.txt")),
        ("gone".into(), "all".into())
    );
    site.remove("static/robots.txt");
    site.build().assert_success();
    assert!(site.read_output("robots.txt").contains("Sitemap:"));
}

#[test]
fn json_contains_every_diagnostic() {
    let site = TestSite::new().with_file("content/bad.md", ARTICLE.replace("2024-11-05", "soon"));
    let build = site.build().assert_errors();
    let report: serde_json::Value = serde_json::from_str(&build.stdout).expect("it is JSON");
    let diagnostic = &report["diagnostics"][0];
    let text = |key: &str| diagnostic[key].as_str().unwrap_or_default().to_owned();
    assert_eq!(
        (text("code"), text("severity"), text("file")),
        ("bad-date".into(), "error".into(), "content/bad.md".into())
    );
    assert_eq!((diagnostic["line"].as_u64(), diagnostic["column"].as_u64()), (Some(3), Some(1)));
    assert!(text("message").contains("soon") && !text("help").is_empty());
}

#[test]
fn the_text_of_a_term_page_is_read_like_an_articles() {
    let text =
        "---\ntitle: W\n---\n![l](l.png) [x](/about/) [s](../good.md) [n](no.md) {{< odd >}}\n";
    let site = TestSite::new()
        .with_file("content/world/_index.md", text)
        .with_file("content/world/l.png", "png");
    let site = site.with_file("site.yaml", "title: T\nbase_url: https://t.example/arch\n");
    let build = site.build();
    assert_eq!((build.status, build.codes()), (0, vec!["shortcode", "missing-story"]));
    let page = site.read_output("sections/world/index.html");
    for part in
        ["src=\"/arch/world/l.png\"", "\"/arch/about/\"", "\"/arch/2024/11/05/good/\"", " n</p>"]
    {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert!(site.has_output("world/l.png"));
    site.write("content/good.md", ARTICLE.replace("tags", "slug: moved\ntags"));
    site.build();
    assert!(site.read_output("sections/world/index.html").contains("\"/arch/2024/11/05/moved/\""));
    site.write("content/_index.md", format!("---\n---\n{}", "> ".repeat(200)));
    assert!(site.build().codes().contains(&"nested-too-deep"));
}

#[test]
fn components_with_one_name_are_reported_with_a_file() {
    let component =
        "{% component article_count(count: integer) %}x{% endcomponent article_count %}";
    let site = TestSite::new()
        .with_file("templates/one.html", component)
        .with_file("templates/two.html", component);
    let build = site.build().assert_errors();
    assert_eq!(build.only_diagnostic().file, "templates/two.html");
    build.only_diagnostic().assert_message_contains("one.html");
}

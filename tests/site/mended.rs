//! Mistakes of the program that were found while its documents were written. Each stays mended.

use crate::harness::{SETTINGS, STORY, Site, story};

/// A site with a story `content/a.md` of 5 November 2024.
fn with_body(body: &str) -> Site {
    Site::empty().with("content/a.md", story("T", "2024-11-05", "", body))
}

const PAGE: &str = "2024/11/05/a/index.html";

#[test]
fn nothing_is_written_outside() {
    for path in ["/", "''", "../../esc", "2024"] {
        let site =
            Site::new().with("site.yaml", format!("{SETTINGS}taxonomies: {{tags: {{path: {path}}}}}\n"));
        let build = site.build().faulty();
        build.only().code("bad-setting");
        assert!(site.has("tags/iran/index.html"), "{path}: the key stands in");
        assert!(site.around().is_empty() && !site.path("esc").exists(), "{path}");
    }
    let site = Site::new();
    site.build().fine();
    for output in ["public/../content", "public/..", "public/../static/x"] {
        let build = site.build_with(&["--output", site.path(output).to_str().expect("UTF-8")]);
        assert_eq!(build.status, 2, "{output}: {}", build.stderr);
    }
}

#[test]
fn a_slug_without_a_letter_is_refused() {
    let site = Site::new().with("content/a.md", story("T", "2024-11-05", "slug: \"?!\"\n", ""));
    site.build().faulty().only().code("bad-slug");
    assert!(site.page("2024/11/05/index.html").contains("Border talks"));
}

#[test]
fn a_story_that_loses_its_address_is_not_listed() {
    let site = Site::new().with(
        "content/b.md",
        story("Second", "2024-11-06", "permalink: /2024/11/05/good/\ntags: [lost]\n", ""),
    );
    let build = site.build().faulty();
    build.only().code("same-address");
    assert_eq!((build.number("articles"), build.only().file.as_str()), (1, "content/b.md"));
    assert!(!site.has("tags/lost/index.html") && !site.has("2024/11/06/index.html"));
    assert!(site.outputs().values().all(|bytes| !String::from_utf8_lossy(bytes).contains("Second")));
    assert_eq!(site.build().faulty().number("written"), 0, "a second build finds it so");
}

#[test]
fn links_between_stories_are_followed_or_told() {
    let body = "[1](../x/c.md) [2](./b.md) [3](/x/c.md) [4](d.markdown) [5](nope.md#x) [6](../x/c.md#y)\n";
    let site = Site::empty()
        .with("content/2024/a.md", story("A", "2024-11-05", "", body))
        .with("content/2024/b.md", story("B", "2024-11-05", "", ""))
        .with("content/x/c.md", story("C", "2024-11-05", "", ""))
        .with("content/2024/d.markdown", story("D", "2024-11-05", "", ""));
    for _ in 0..2 {
        let build = site.build();
        build.only().code("missing-story").at(5, 61).says("no story `nope.md#x`").shows(body.trim());
        assert_eq!(build.status, 0);
    }
    let page = site.page(PAGE);
    for link in ["c/\">1<", "b/\">2<", "c/\">3<", "d/\">4<", "c/#y\">6<"] {
        assert!(page.contains(&format!("<a href=\"/2024/11/05/{link}")), "{link}: {page}");
    }
    assert!(page.contains(" 5 "), "{page}");
    site.put("content/nope.md", story("N", "2024-11-05", "draft: true\n", ""));
    site.build().only().code("missing-story").says("is not published");
    site.put("content/nope.md", story("N", "2024-11-05", "", ""));
    site.build().fine();
    assert!(site.page(PAGE).contains("<a href=\"/2024/11/05/nope/#x\">5</a>"));
    assert!(site.outputs() == site.clean().1);
}

#[test]
fn files_that_are_linked_are_published() {
    let site = Site::empty()
        .with(
            "content/2024/a.md",
            story("A", "2024-11-05", "", "[p](f/p.pdf#page=2) <a href=\"q.mp3\">q</a>\n"),
        )
        .with("content/2024/f/p.pdf", "P")
        .with("content/2024/q.mp3", "Q")
        .with("content/2024/other.pdf", "not linked");
    site.build().fine();
    assert_eq!((site.page("2024/f/p.pdf"), site.page("2024/q.mp3")), ("P".into(), "Q".into()));
    assert!(!site.has("2024/other.pdf"));
    let page = site.page(PAGE);
    assert!(page.contains("\"/2024/f/p.pdf#page=2\"") && page.contains("\"/2024/q.mp3\""), "{page}");
    site.remove("content/2024/q.mp3");
    site.build().only().code("missing-file").says("q.mp3").at(5, 30);
    assert!(!site.has("2024/q.mp3") && site.page(PAGE).contains("href=\"q.mp3\""));
    assert!(site.outputs() == site.clean().1);
}

#[test]
fn pictures_of_any_name_are_published_or_told() {
    let site =
        with_body("![x](photo)\n\n![y](b%3F.png)\n").with("content/photo", "x").with("content/b?.png", "y");
    site.build().only().code("asset-name").at(7, 6).says("content/b?.png");
    assert!(site.has("photo") && site.page(PAGE).contains("src=\"/photo\""));
}

#[test]
fn the_front_pages_own_text_is_no_article() {
    let site = Site::new().with("content/_index.md", story("Home", "2024-11-05", "", "Welcome.\n"));
    assert_eq!(site.build().fine().number("articles"), 1);
    assert!(site.page("index.html").contains("Welcome."));
}

#[test]
fn an_index_of_a_year_is_stray() {
    let site = Site::new().with("content/2024/_index.md", "---\ntitle: A year\n---\n");
    site.build().only().code("stray-index");
}

#[test]
fn a_story_in_a_folder_of_its_own_has_no_section() {
    let site = Site::empty().with("content/talks/index.md", story("T", "2024-11-05", "", ""));
    site.build().fine();
    assert!(site.has("2024/11/05/talks/index.html") && !site.has("sections/talks/index.html"));
}

#[test]
fn the_masthead_links_to_sections_that_are_there() {
    let settings = format!("{SETTINGS}sections: {{world: , empty: Void}}\n");
    let site = Site::new().with("site.yaml", settings);
    let site = site.with("content/world/_index.md", "---\ntitle: The World\n---\n");
    site.build().fine();
    let page = site.page("index.html");
    assert!(page.contains("<a href=\"/sections/world/\">The World</a>"), "{page}");
    assert!(!page.contains("Void"));
    site.put("content/e.md", story("E", "2024-11-06", "section: empty\n", ""));
    site.build().fine();
    assert!(
        site.page(PAGE.replace("/a/", "/good/").as_str()).contains("<a href=\"/sections/empty/\">Void</a>")
    );
}

#[test]
fn taxonomies_are_filled_whatever_the_case() {
    let settings = format!("{SETTINGS}taxonomies: {{Beats: , desks: {{from: [Desk]}}, sections: false}}\n");
    let site = Site::new().with("site.yaml", settings);
    site.put("content/a.md", story("A", "2024-11-05", "Beats: [x]\nDesk: y\n", ""));
    site.build().faulty().only().code("bad-setting").says("`sections`");
    assert!(site.has("beats/x/index.html") && site.has("desks/y/index.html"), "{:#?}", site.paths());
}

#[test]
fn front_matter_of_other_systems() {
    let site = Site::empty()
        .with(
            "content/_posts/2018-10-10-a.md",
            "---\ntitle: A\ncategories: world asia\npermalink: pretty\n---\n",
        )
        .with(
            "content/2018-10-10_talks.md",
            "---\ntitle: B\ntaxonomies:\n  categories: [City]\n  tags: [1.10]\n---\n",
        )
        .with("content/2024-11-05.md", "---\ntitle: C\n---\n")
        .with("content/v.md", story("V", "2024-11-05", "permalink: /v1.2\n", ""))
        .with("content/s.md", story("S", "2024-11-05", "slug: a.b\n", ""));
    site.build().fine();
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
        assert!(site.has(path), "{path}: {:#?}", site.paths());
    }
}

#[test]
fn dates_that_are_none() {
    for (date, says) in [("5 November 24", "four digits"), ("2024-11-05 noon", "`noon` is not a time")] {
        let site = Site::new().with("content/a.md", story("T", &format!("\"{date}\""), "", ""));
        site.build().faulty().only().code("bad-date").says(says).at(3, 1);
    }
    let site = Site::new().with("content/a.md", story("T", "2024-11-05", "LastMod: soon\n", ""));
    site.build().faulty().only().code("bad-date").at(4, 1);
    let site = Site::new().with("content/2024/11/05/a.md", "---\ntitle: T\n---\n");
    site.build().faulty().only().code("missing-date").helps("`date: 2024-11-05`, as its folders suggest");
    let site = Site::new().with("content/a.md", "---\ntags:\n\t- iran\ntitle: T\ndate: 2024-11-05\n---\n");
    site.build().faulty().only().code("invalid-yaml").helps("spaces, not with tabs");
    let site = Site::new().with("content/a.md", "---\ntitle: y\nTitle: x\ndate: 2024-11-05\n---\n");
    site.build().faulty().only().code("duplicate-key").says("in line 2 and in line 3");
}

#[test]
fn shortcodes_in_code_stay() {
    let site = with_body("`{{< foo >}}` {{</* bar */>}} {{< ref \"a\" >}}\n");
    site.build().fine();
    let page = site.page(PAGE);
    assert!(page.contains("<code>{{&lt; foo &gt;}}</code> {{&lt; bar &gt;}}"), "{page}");
    assert!(page.contains("<a href=\"/2024/11/05/a/\">a</a>") && !page.contains("story:"), "{page}");
}

#[test]
fn html_in_a_body_keeps_tables_aligned_and_links_whole() {
    let site = with_body("| a |\n| --: |\n| 1 |\n\n<a href=\"/x/\">x</a> [y](/y/)\n")
        .with("site.yaml", "title: T\nbase_url: https://t.example/arch\n");
    site.build().fine();
    let page = site.page(PAGE);
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
    let site = Site::new().with("site.yaml", format!("{SETTINGS}{kinds}"));
    site.build().faulty().only().code("bad-setting").says("missing field `key`").helps("{key: …");
    let page = site.page("2024/11/05/good/index.html");
    assert!(page.contains("</span> Like</button>") && page.contains("</span> clap</button>"), "{page}");
}

#[test]
fn a_static_file_replaces_a_page_of_the_programs() {
    let site = Site::new().with("static/404.html", "gone").with("static/robots.txt", "all");
    site.build().fine();
    assert_eq!((site.page("404.html"), site.page("robots.txt")), ("gone".into(), "all".into()));
    site.remove("static/robots.txt");
    site.build().fine();
    assert!(site.page("robots.txt").contains("Sitemap:"));
}

#[test]
fn json_tells_every_diagnostic() {
    let site = Site::new().with("content/bad.md", STORY.replace("2024-11-05", "soon"));
    let build = site.build().faulty();
    let report: serde_json::Value = serde_json::from_str(&build.stdout).expect("JSON");
    let told = &report["diagnostics"][0];
    let text = |key: &str| told[key].as_str().unwrap_or_default().to_owned();
    assert_eq!(
        (text("code"), text("severity"), text("file")),
        ("bad-date".into(), "error".into(), "content/bad.md".into())
    );
    assert_eq!((told["line"].as_u64(), told["column"].as_u64()), (Some(3), Some(1)));
    assert!(text("message").contains("soon") && !text("help").is_empty());
}

#[test]
fn the_text_of_a_terms_page_is_read_like_a_storys() {
    let text = "---\ntitle: W\n---\n![l](l.png) [x](/about/) [s](../good.md) [n](no.md) {{< odd >}}\n";
    let site = Site::new().with("content/world/_index.md", text).with("content/world/l.png", "png");
    let site = site.with("site.yaml", "title: T\nbase_url: https://t.example/arch\n");
    let build = site.build();
    assert_eq!((build.status, build.codes()), (0, vec!["shortcode", "missing-story"]));
    let page = site.page("sections/world/index.html");
    for part in ["src=\"/arch/world/l.png\"", "\"/arch/about/\"", "\"/arch/2024/11/05/good/\"", " n</p>"] {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert!(site.has("world/l.png"));
    site.put("content/good.md", STORY.replace("tags", "slug: moved\ntags"));
    site.build();
    assert!(site.page("sections/world/index.html").contains("\"/arch/2024/11/05/moved/\""));
    site.put("content/_index.md", format!("---\n---\n{}", "> ".repeat(200)));
    assert!(site.build().codes().contains(&"nested-too-deep"));
}

#[test]
fn components_of_one_name_are_told_with_a_file() {
    let component = "{% component stories(count: integer) %}x{% endcomponent stories %}";
    let site = Site::new().with("templates/one.html", component).with("templates/two.html", component);
    let build = site.build().faulty();
    assert_eq!(build.only().file, "templates/two.html");
    build.only().says("one.html");
}

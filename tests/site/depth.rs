//! Small files that unfold: aliases upon aliases, brackets in brackets. Each ends in a page or a diagnostic, and soon.

use crate::broken::{broken_body, broken_once};
use crate::harness::{Site, story};

const DEEP: usize = 10_000;

fn nested(open: &str, close: &str) -> String {
    format!("{}x{}\n", open.repeat(DEEP), close.repeat(DEEP))
}

/// Eleven lists of eight aliases each: 8¹¹ values in 500 bytes.
fn bomb(first: &str) -> String {
    let list = |n: usize| format!("a{n}: &a{n} [{}]\n", vec![format!("*a{}", n - 1); 8].join(", "));
    let levels: String = (1..12).map(list).collect();
    format!("a0: &a0 {first}\n{levels}")
}

#[test]
fn yaml_that_repeats_itself_without_end() {
    for lines in [bomb("[x, x]"), format!("{}tags: *a11\n", bomb("lol"))] {
        let told = broken_once(story("x", "2024-11-06", &lines, ""));
        told.code("invalid-yaml").says("repetition limit").helps("instead of repeating them by alias");
        assert_ne!(told.place, Some((2, 1)), "the title isn't to blame");
    }
}

#[test]
fn an_alias_or_two_is_fine() {
    let lines = "tags: &t [Iran, Oil]\npeople: *t\n";
    let site = Site::empty().with("content/a.md", story("x", "2024-11-06", lines, ""));
    site.build().fine();
    assert!(site.has("people/oil/index.html"));
}

#[test]
fn yaml_nested_without_end() {
    let flow = story("x", "2024-11-06", &format!("note: {}{}\n", "[".repeat(DEEP), "]".repeat(DEEP)), "");
    let maps = story("x", "2024-11-06", &format!("note: {}{}\n", "{a: ".repeat(DEEP), "}".repeat(DEEP)), "");
    let block = story("x", "2024-11-06", &format!("note:\n  {}a\n", "- ".repeat(DEEP)), "");
    let indented: String = (0..300).map(|depth| format!("{}k:\n", " ".repeat(depth))).collect();
    for (source, line) in [(flow, 4), (maps, 4), (block, 5)] {
        let told = broken_once(source);
        told.code("invalid-yaml").says("recursion limit").helps("nested so deep");
        let (at, column) = told.place.expect("a place");
        assert!(at == line && (100..2000).contains(&column), "{at}:{column}");
    }
    broken_once(story("x", "2024-11-06", &indented, "")).code("invalid-yaml").helps("nested so deep");
}

#[test]
fn lists_of_terms_nested_without_end() {
    let told = broken_once(story(
        "x",
        "2024-11-06",
        &format!("tags: {}{}\n", "[".repeat(DEEP), "]".repeat(DEEP)),
        "",
    ));
    told.code("wrong-type").at(4, 8);
    let told = broken_once(story("x", "2024-11-06", &format!("image: {}\n", "{src: ".repeat(DEEP)), ""));
    assert_eq!(told.place.map(|(line, _)| line), Some(4), "{told:#?}");
}

#[test]
fn bodies_nested_too_deep() {
    for body in [format!("{} x\n", ">".repeat(DEEP)), format!("{}x\n", "> ".repeat(DEEP)), nested("- ", "")] {
        let told = broken_body(&body);
        told.code("nested-too-deep").says("100 levels").helps("limits: {nesting: …}");
        let (line, column) = told.place.expect("a place");
        assert!(line == 5 && (90..300).contains(&column), "{line}:{column}");
    }
    let stairs: String = (0..300).map(|depth| format!("{}- x\n", "  ".repeat(depth))).collect();
    let told = broken_body(&stairs);
    let line = told.code("nested-too-deep").place.map_or(0, |(line, _)| line);
    assert!((50..120).contains(&line), "{told:#?}");
    broken_body(&nested("*", "*")).code("nested-too-deep");
    broken_body(&nested("![", "](https://e.example/y)")).code("nested-too-deep");
}

/// What is too deep for a page is too deep for the listings: they must not link to a page that isn't there.
#[test]
fn a_story_too_deep_to_render_is_in_no_listing() {
    let site = Site::new().with("content/bad.md", story("Bad news", "2024-11-06", "", &nested("> ", "")));
    let build = site.build().faulty();
    build.only().code("nested-too-deep");
    assert!(!site.has("2024/11/06/bad/index.html"));
    for (path, bytes) in site.outputs() {
        let text = String::from_utf8_lossy(&bytes);
        assert!(!text.contains("/2024/11/06/bad/"), "{path} links to a page that isn't there");
    }
}

#[test]
fn the_limit_is_the_sites_own() {
    let settings = "base_url: https://test.example\nlimits: {nesting: 3}\n";
    let site = Site::empty().with("site.yaml", settings);
    let site = site.with("content/fine.md", story("x", "2024-11-06", "", "> > x\n"));
    let site = site.with("content/deep.md", story("x", "2024-11-06", "", "text\n\n> > > x\n"));
    let build = site.build().faulty();
    build.only().code("nested-too-deep").says("3 levels");
    assert_eq!(build.only().file, "content/deep.md");
    assert_eq!(build.only().place.map(|(line, _)| line), Some(7));
}

/// Brackets and stars that never come to anything are text.
#[test]
fn openings_without_end_are_text() {
    let cases = [
        ("brackets", "[".repeat(DEEP), "[[[["),
        ("links", "[a](".repeat(DEEP), "[a]([a]("),
        ("emphasis", "*a **b ".repeat(DEEP), "b"),
        ("closed", nested("[", "]"), "x"),
        ("ticks", (1..400).map(|n| format!("a{} ", "`".repeat(n))).collect(), "a"),
        ("entities", "&a".repeat(DEEP), "&amp;a"),
        ("references", "[a]: <".repeat(DEEP), "[a]"),
        ("tables", format!("{}\n{}\n", "|a".repeat(DEEP), "|-".repeat(DEEP)), "<table"),
        ("shortcodes", "{{< a ".repeat(DEEP), "{{&lt; a"),
        ("html", "<a <!-- <![CDATA[ <?php ".repeat(DEEP), "&lt;"),
    ];
    let site = cases.iter().fold(Site::new(), |site, (name, body, _)| {
        site.with(&format!("content/{name}.md"), story(name, "2024-11-06", "", body))
    });
    let build = site.build().fine();
    assert_eq!(build.number("articles"), cases.len() as u64 + 1);
    for (name, _, kept) in &cases {
        let page = site.page(&format!("2024/11/06/{name}/index.html"));
        assert!(page.contains(kept) && page.contains("</html>"), "{name}");
    }
}

/// Raw HTML is cleaned whatever its depth; what can't be shown is refused with its place.
#[test]
fn html_nested_without_end() {
    let cases = [
        ("closed", nested("<div>", "</div>")),
        ("open", "<div>\n".repeat(DEEP)),
        ("inline", format!("a {}", nested("<span>", "</span>"))),
        ("crossed", nested("<b><i>", "</b></i>")),
        ("tables", nested("<table><tr><td>", "")),
        ("shut", "</div>\n".repeat(DEEP)),
    ];
    for html in ["sanitized", "trusted"] {
        let settings = format!("base_url: https://test.example\nhtml: {html}\n");
        let site = cases.iter().fold(Site::new().with("site.yaml", settings), |site, (name, body)| {
            site.with(&format!("content/{name}.md"), story(name, "2024-11-06", "", body))
        });
        let build = site.build();
        assert!(site.has("2024/11/05/good/index.html"), "the rest is built");
        for (name, _) in &cases {
            let told = build.about(&format!("content/{name}.md"));
            let published = site.has(&format!("2024/11/06/{name}/index.html"));
            assert!(
                published || told.iter().any(|told| told.severity == "error"),
                "{name}: {}",
                build.stderr
            );
            assert!(told.iter().all(|told| told.code == "nested-too-deep"), "{name}: {}", build.stderr);
        }
    }
}

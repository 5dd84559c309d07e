//! Small files that expand: aliases of aliases, brackets in brackets. Each gives a page or a
//! diagnostic, in a short time.

use crate::harness::{TestSite, article};
use crate::invalid_article::{break_article_body, break_article_once};

const DEPTH: usize = 10_000;

fn nested(open: &str, close: &str) -> String {
    format!("{}x{}\n", open.repeat(DEPTH), close.repeat(DEPTH))
}

/// Returns eleven lists of eight aliases each: 8¹¹ values in 500 bytes.
fn alias_bomb(first: &str) -> String {
    let list = |level: usize| {
        format!("a{level}: &a{level} [{}]\n", vec![format!("*a{}", level - 1); 8].join(", "))
    };
    let levels: String = (1..12).map(list).collect();
    format!("a0: &a0 {first}\n{levels}")
}

#[test]
fn yaml_aliases_that_expand_exponentially() {
    for lines in [alias_bomb("[x, x]"), format!("{}tags: *a11\n", alias_bomb("lol"))] {
        let diagnostic = break_article_once(article("x", "2024-11-06", &lines, ""));
        diagnostic
            .assert_code("invalid-yaml")
            .assert_message_contains("repeat too many values")
            .assert_help_contains("instead of repeating them by alias");
        assert_ne!(diagnostic.position, Some((2, 1)), "the title isn't to blame");
    }
}

#[test]
fn ordinary_yaml_aliases_are_accepted() {
    let lines = "tags: &t [Iran, Oil]\npeople: *t\n";
    let site = TestSite::empty().with_file("content/a.md", article("x", "2024-11-06", lines, ""));
    site.build().assert_success();
    assert!(site.has_output("people/oil/index.html"));
}

#[test]
fn deeply_nested_yaml() {
    let flow = article(
        "x",
        "2024-11-06",
        &format!("note: {}{}\n", "[".repeat(DEPTH), "]".repeat(DEPTH)),
        "",
    );
    let maps = article(
        "x",
        "2024-11-06",
        &format!("note: {}{}\n", "{a: ".repeat(DEPTH), "}".repeat(DEPTH)),
        "",
    );
    let block = article("x", "2024-11-06", &format!("note:\n  {}a\n", "- ".repeat(DEPTH)), "");
    let indented: String = (0..300).map(|depth| format!("{}k:\n", " ".repeat(depth))).collect();
    for (source, line) in [(flow, 4), (maps, 4), (block, 5)] {
        let diagnostic = break_article_once(source);
        diagnostic
            .assert_code("invalid-yaml")
            .assert_message_contains("nested too deep")
            .assert_help_contains("nested so deep");
        let (found_line, column) = diagnostic.position.expect("the diagnostic has a position");
        assert!(found_line == line && (100..2000).contains(&column), "{found_line}:{column}");
    }
    break_article_once(article("x", "2024-11-06", &indented, ""))
        .assert_code("invalid-yaml")
        .assert_help_contains("nested so deep");
}

#[test]
fn deeply_nested_term_lists() {
    let lists = format!("slug: {}{}\n", "[".repeat(DEPTH), "]".repeat(DEPTH));
    let diagnostic = break_article_once(article("x", "2024-11-06", &lists, ""));
    diagnostic.assert_code("wrong-type").assert_position(4, 7);
    let lists = lists.replace("slug", "tags");
    let site = TestSite::new().with_file("content/a.md", article("x", "2024-11-06", &lists, ""));
    site.build().only_diagnostic().assert_code("wrong-type").assert_position(4, 8);
    let diagnostic = break_article_once(article(
        "x",
        "2024-11-06",
        &format!("image: {}\n", "{src: ".repeat(DEPTH)),
        "",
    ));
    assert_eq!(diagnostic.position.map(|(line, _)| line), Some(4), "{diagnostic:#?}");
}

#[test]
fn deeply_nested_markdown() {
    for body in [
        format!("{} x\n", ">".repeat(DEPTH)),
        format!("{}x\n", "> ".repeat(DEPTH)),
        nested("- ", ""),
    ] {
        let diagnostic = break_article_body(&body);
        diagnostic
            .assert_code("nested-too-deep")
            .assert_message_contains("100 levels")
            .assert_help_contains("limits: {nesting: …}");
        let (line, column) = diagnostic.position.expect("the diagnostic has a position");
        assert!(line == 5 && (90..300).contains(&column), "{line}:{column}");
    }
    let stairs: String = (0..300).map(|depth| format!("{}- x\n", "  ".repeat(depth))).collect();
    let diagnostic = break_article_body(&stairs);
    let line = diagnostic.assert_code("nested-too-deep").position.map_or(0, |(line, _)| line);
    assert!((50..120).contains(&line), "{diagnostic:#?}");
    break_article_body(&nested("*", "*")).assert_code("nested-too-deep");
    break_article_body(&nested("![", "](https://e.example/y)")).assert_code("nested-too-deep");
}

/// An article that is nested too deep for a page isn't in listings: they must not link to a missing
/// page.
#[test]
fn an_article_nested_too_deep_is_in_no_listing() {
    let site = TestSite::new()
        .with_file("content/bad.md", article("Bad news", "2024-11-06", "", &nested("> ", "")));
    let build = site.build().assert_errors();
    build.only_diagnostic().assert_code("nested-too-deep");
    assert!(!site.has_output("2024/11/06/bad/index.html"));
    for (path, bytes) in site.outputs() {
        let text = String::from_utf8_lossy(&bytes);
        assert!(!text.contains("/2024/11/06/bad/"), "{path} links to a page that isn't there");
    }
}

#[test]
fn the_nesting_limit_can_be_set_in_the_settings() {
    let settings = "base_url: https://test.example\nlimits: {nesting: 3}\n";
    let site = TestSite::empty().with_file("site.yaml", settings);
    let site = site.with_file("content/fine.md", article("x", "2024-11-06", "", "> > x\n"));
    let site =
        site.with_file("content/deep.md", article("x", "2024-11-06", "", "text\n\n> > > x\n"));
    let build = site.build().assert_errors();
    build.only_diagnostic().assert_code("nested-too-deep").assert_message_contains("3 levels");
    assert_eq!(build.only_diagnostic().file, "content/deep.md");
    assert_eq!(build.only_diagnostic().position.map(|(line, _)| line), Some(7));
}

/// Brackets and asterisks without a meaning are text.
#[test]
fn repeated_opening_delimiters_are_text() {
    let cases = [
        ("brackets", "[".repeat(DEPTH), "[[[["),
        ("links", "[a](".repeat(DEPTH), "[a]([a]("),
        ("emphasis", "*a **b ".repeat(DEPTH), "b"),
        ("closed", nested("[", "]"), "x"),
        ("ticks", (1..400).map(|n| format!("a{} ", "`".repeat(n))).collect(), "a"),
        ("entities", "&a".repeat(DEPTH), "&amp;a"),
        ("references", "[a]: <".repeat(DEPTH), "[a]"),
        ("tables", format!("{}\n{}\n", "|a".repeat(DEPTH), "|-".repeat(DEPTH)), "<table"),
        ("shortcodes", "{{< a ".repeat(DEPTH), "{{&lt; a"),
        ("html", "<a <!-- <![CDATA[ <?php ".repeat(DEPTH), "&lt;"),
    ];
    let site = cases.iter().fold(TestSite::new(), |site, (name, body, _)| {
        site.with_file(&format!("content/{name}.md"), article(name, "2024-11-06", "", body))
    });
    let build = site.build().assert_success();
    assert_eq!(build.report_number("articles"), cases.len() as u64 + 1);
    for (name, _, expected) in &cases {
        let page = site.read_output(&format!("2024/11/06/{name}/index.html"));
        assert!(page.contains(expected) && page.contains("</html>"), "{name}");
    }
}

/// Raw HTML of any depth is sanitized; HTML that can't be shown is reported with its position.
#[test]
fn deeply_nested_html() {
    let cases = [
        ("closed", nested("<div>", "</div>")),
        ("open", "<div>\n".repeat(DEPTH)),
        ("inline", format!("a {}", nested("<span>", "</span>"))),
        ("crossed", nested("<b><i>", "</b></i>")),
        ("tables", nested("<table><tr><td>", "")),
        ("shut", "</div>\n".repeat(DEPTH)),
    ];
    for html in ["sanitized", "trusted"] {
        let settings = format!("base_url: https://test.example\nhtml: {html}\n");
        let site = cases.iter().fold(
            TestSite::new().with_file("site.yaml", settings),
            |site, (name, body)| {
                site.with_file(&format!("content/{name}.md"), article(name, "2024-11-06", "", body))
            },
        );
        let build = site.build();
        assert!(site.has_output("2024/11/05/good/index.html"), "the rest is built");
        for (name, _) in &cases {
            let diagnostics = build.diagnostics_for(&format!("content/{name}.md"));
            let published = site.has_output(&format!("2024/11/06/{name}/index.html"));
            assert!(
                published || diagnostics.iter().any(|diagnostic| diagnostic.severity == "error"),
                "{name}: {}",
                build.stderr
            );
            assert!(
                diagnostics.iter().all(|diagnostic| diagnostic.code == "nested-too-deep"),
                "{name}: {}",
                build.stderr
            );
        }
    }
}

//! Invalid articles: each mistake is reported with its position and how to fix it.

use crate::diagnostics::ReportedDiagnostic;
use crate::harness::{TestSite, article};
use crate::invalid_article::{break_article, break_article_once};

#[test]
fn no_front_matter() {
    let diagnostic = break_article_once("Just text.\nMore.\n");
    diagnostic
        .assert_code("no-front-matter")
        .assert_position(1, 1)
        .assert_source_line("Just text.")
        .assert_help_contains("begin the file with `---`");
    break_article_once("")
        .assert_code("no-front-matter")
        .assert_position(1, 1)
        .assert_help_contains("title: …");
    break_article_once("\n\n  \nText\n")
        .assert_code("no-front-matter")
        .assert_position(4, 1)
        .assert_source_line("Text");
}

#[test]
fn syntax_errors_of_toml_and_json() {
    break_article_once("+++\ntitle = \"x\"\ndate = soon\n+++\n")
        .assert_code("invalid-toml")
        .assert_position(3, 8)
        .assert_source_line("date = soon")
        .assert_help_contains("`key = value`");
    break_article_once("+++\ntitle = \"x\"\ntitle = \"y\"\n+++\n")
        .assert_code("invalid-toml")
        .assert_position(3, 1)
        .assert_message_contains("duplicate key");
    break_article_once("{\n\"title\": \"x\"\n\"date\": \"2024-11-06\"\n}\n")
        .assert_code("invalid-json")
        .assert_position(3, 1)
        .assert_help_contains("a comma");
    break_article_once("+++\ntitle = \"x\"\n---\nText.\n")
        .assert_code("unclosed-front-matter")
        .assert_help_contains("`+++`");
    break_article_once("{\"title\": \"x\"\nText.\n")
        .assert_code("unclosed-front-matter")
        .assert_position(1, 1)
        .assert_message_contains("JSON");
}

#[test]
fn unclosed_fence() {
    let diagnostic = break_article_once("---\ntitle: x\ndate: 2024-11-06\n\nBody.\n");
    diagnostic
        .assert_code("unclosed-front-matter")
        .assert_position(1, 1)
        .assert_source_line("---")
        .assert_help_contains("a line that contains only `---`");
}

#[test]
fn a_colon_without_quotes() {
    let diagnostic = break_article_once("---\ndate: 2024-11-06\ntitle: Iran: the talks\n---\n");
    diagnostic
        .assert_code("invalid-yaml")
        .assert_position(3, 12)
        .assert_source_line("title: Iran: the talks");
    diagnostic.assert_help_contains("in quotation marks: `title: \"Iran: the talks\"`");
    let diagnostic = break_article_once("---\ntitle: پاکستان: خبر\ndate: 2024-11-06\n---\n");
    diagnostic
        .assert_code("invalid-yaml")
        .assert_position(2, 15)
        .assert_source_line("title: پاکستان: خبر")
        .assert_help_contains("`title: \"پاکستان: خبر\"`");
    let diagnostic =
        break_article_once("---\ntitle: He said \"no\": twice\ndate: 2024-11-06\n---\n");
    diagnostic.assert_help_contains(r#"`title: "He said \"no\": twice"`"#);
}

/// The source line of a long headline is truncated in the message; the column and the advice are
/// not.
#[test]
fn a_colon_in_a_long_headline() {
    let words = "word ".repeat(60);
    let diagnostic =
        break_article_once(format!("---\ndate: 2024-11-06\ntitle: {words}more: x\n---\n"));
    diagnostic
        .assert_code("invalid-yaml")
        .assert_position(3, 7 + 300 + 5)
        .assert_help_contains(&format!("`title: \"{words}more: x\"`"));
    assert!(
        diagnostic.source_lines[0].1.ends_with("word more: x")
            && diagnostic.source_lines[0].1.len() < 200,
        "{diagnostic:#?}"
    );
}

#[test]
fn tabs_in_yaml() {
    let diagnostic = break_article_once("---\ntitle: x\ndate: 2024-11-06\ntags:\n\t- a\n---\n");
    diagnostic
        .assert_code("invalid-yaml")
        .assert_position(5, 1)
        .assert_help_contains("with spaces, not with tabs");
}

#[test]
fn an_unclosed_quotation_mark() {
    let diagnostic = break_article_once("---\ntitle: \"Iran talks\ndate: 2024-11-06\n---\n");
    diagnostic
        .assert_code("invalid-yaml")
        .assert_position(2, 8)
        .assert_source_line("title: \"Iran talks")
        .assert_help_contains("quotation mark");
}

#[test]
fn no_date() {
    let diagnostic = break_article_once("---\ntitle: x\n---\n");
    diagnostic
        .assert_code("missing-date")
        .assert_position(1, 1)
        .assert_source_line("---")
        .assert_help_contains("date: 2024-11-05");
    break_article_once("---\ntitle: x\ndate: ''\n---\n")
        .assert_code("missing-date")
        .assert_position(3, 1)
        .assert_source_line("date: ''");
}

/// A missing field is reported at the opening fence, also if that has spaces or a byte order mark.
#[test]
fn the_fence_is_found_despite_surrounding_whitespace() {
    for source in
        ["---\r\ntitle: x\r\n---\r\n", "---  \ntitle: x\n---\n", "\u{feff}---\ntitle: x\n---\n"]
    {
        break_article_once(source).assert_code("missing-date").assert_position(1, 1);
    }
    break_article_once("\n\n---\t\ntitle: x\n---\n")
        .assert_code("missing-date")
        .assert_position(3, 1);
}

#[test]
fn impossible_dates() {
    let diagnostic = break_article_once("---\ntitle: x\ndate: 2023-02-30\n---\n");
    diagnostic
        .assert_code("bad-date")
        .assert_position(3, 1)
        .assert_source_line("date: 2023-02-30")
        .assert_message_contains("month 2 of 2023, which has 28 days");
    diagnostic.assert_help_contains("2024-11-05");
    for (date, reason) in [
        ("2023-13-01", "there is no month 13"),
        ("yesterday", "its format is not supported"),
        ("2023-01-01 25:00", "there is no time `25:00`"),
        ("2023-01-01 10:00 +99:99", "is not an offset"),
        ("12-01-2023", "its format is not supported"),
        ("0000-01-01", "outside 1 to 9999"),
    ] {
        let diagnostic = break_article_once(article("x", &format!("'{date}'"), "", ""));
        diagnostic
            .assert_code("bad-date")
            .assert_position(3, 1)
            .assert_message_contains(reason)
            .assert_source_line(&format!("date: '{date}'"));
    }
    let diagnostic = break_article_once(article("x", "2024-11-06", "updated: 2024-02-31\n", ""));
    diagnostic.assert_code("bad-date").assert_position(4, 1).assert_message_contains("2024-02-31");
}

/// Builds one article with a warning, and returns it and the page's title.
#[track_caller]
fn build_with_warning(path: &str, source: &str) -> (ReportedDiagnostic, String) {
    let site = TestSite::empty().with_file(path, source);
    let build = site.build();
    assert_eq!((build.status, build.report_number("articles")), (0, 1), "{}", build.stderr);
    let diagnostic = build.only_diagnostic().clone();
    let pages = site.output_paths().into_iter().filter(|path| path.ends_with("index.html"));
    let headline = |path: String| {
        let page = site.read_output(&path);
        let (_, rest) = page.split_once("<h1 class=\"p-name\">")?;
        Some(rest.split_once("</h1>")?.0.to_owned())
    };
    (diagnostic, pages.filter_map(headline).next().expect("the article has a page"))
}

#[test]
fn a_missing_title_is_taken_from_the_text_or_the_name() {
    for (path, body, title) in [
        ("content/2024-11-06-no-title-here.md", "Text.\n", "No Title Here"),
        ("content/2024-11-06-x.md", "Text.\n\n## The *talks*\n\n# Later\n", "The talks"),
        ("content/2024-11-06-x.md", "Talks\n-----\nText.\n", "Talks"),
        ("content/news/2024-11-06-big-day/index.md", "<p>Text.</p>\n", "Big Day"),
        ("content/2024-11-06.md", "", "2024-11-06"),
    ] {
        let (warning, headline) =
            build_with_warning(path, &format!("---\nlayout: post\n---\n{body}"));
        warning
            .assert_code("missing-title")
            .assert_position(1, 1)
            .assert_message_contains("the article has no title")
            .assert_message_contains(&format!("`{title}`"))
            .assert_help_contains("title: \"…\"");
        assert_eq!((warning.severity.as_str(), headline.as_str()), ("warning", title), "{path}");
    }
    for title in ["", "\"\"", "'  '", "null", "~", "\"&nbsp;\""] {
        let (warning, headline) =
            build_with_warning("content/a-day.md", &article(title, "2024-11-06", "", ""));
        warning
            .assert_code("missing-title")
            .assert_position(2, 1)
            .assert_message_contains("the title is empty");
        assert_eq!(headline, "A Day", "{title}");
    }
}

#[test]
fn an_article_without_any_title_is_an_error() {
    let site = TestSite::empty().with_file("content/---.md", "---\ndate: 2024-11-06\n---\n");
    let build = site.build().assert_errors();
    build.only_diagnostic().assert_code("missing-title").assert_help_contains("title: \"…\"");
}

#[test]
fn several_errors_in_one_article() {
    let diagnostics = break_article(
        "---\nslug: a/b\ntitle: x\nlang: e n\ndate: 2024-02-30\nupdated: never\n---\n",
    );
    let found: Vec<_> = diagnostics
        .iter()
        .map(|diagnostic| (diagnostic.code.as_str(), diagnostic.position))
        .collect();
    let line = |line| Some((line, 1));
    let expected = [
        ("bad-slug", line(2)),
        ("bad-language", line(4)),
        ("bad-date", line(5)),
        ("bad-date", line(6)),
    ];
    assert_eq!(found, expected);
}

#[test]
fn values_of_the_wrong_type() {
    for (line, column) in [
        ("title: [x]", 8),
        ("title: {x: y}", 8),
        ("slug: [a, b]", 7),
        ("permalink: {a: b}", 11),
        ("id: [a]", 4),
    ] {
        let title = if line.starts_with("title") { "" } else { "title: x\n" };
        let diagnostic = break_article_once(format!("---\n{title}date: 2024-11-06\n{line}\n---\n"));
        let number = if title.is_empty() { 3 } else { 4 };
        diagnostic
            .assert_code("wrong-type")
            .assert_source_line(line)
            .assert_help_contains("dateline help front-matter");
        let (position_line, position_column) =
            diagnostic.position.expect("the diagnostic has a position");
        assert!(position_line == number && position_column >= column, "{diagnostic:#?}");
    }
    let diagnostic = break_article_once(article("x", "[2024-11-06]", "", ""));
    diagnostic
        .assert_code("wrong-type")
        .assert_position(3, 7)
        .assert_source_line("date: [2024-11-06]")
        .assert_message_contains("date");
    break_article_once("---\n- a\n- b\n---\n")
        .assert_code("wrong-type")
        .assert_position(2, 1)
        .assert_source_line("- a")
        .assert_message_contains("key: value");
    break_article_once("---\nhello\n---\n")
        .assert_code("wrong-type")
        .assert_position(2, 1)
        .assert_source_line("hello")
        .assert_message_contains("key: value");
}

/// A value of the wrong type is left out if it decides neither date, title, permalink nor
/// visibility.
#[test]
fn a_wrong_type_of_a_minor_key_is_a_warning() {
    for (lines, column) in [
        ("tags: {a: b}", 7),
        ("tags: [[a]]", 7),
        ("image: [a]", 8),
        ("authors: [{age: 3}]", 10),
        ("description: [a]", 14),
        ("source: [The Courier]", 9),
        ("updated: {a: b}", 10),
        ("reactions: perhaps", 1),
        ("corrections:\n  - {txt: a}", 5),
    ] {
        let source = article("x", "2024-11-06", &format!("{lines}\nslug: it\n"), "Text.\n");
        let (warning, headline) = build_with_warning("content/a.md", &source);
        warning.assert_code("wrong-type");
        assert_eq!((warning.severity.as_str(), headline.as_str()), ("warning", "x"), "{lines}");
        let (_, actual) = warning.position.expect("the diagnostic has a position");
        assert!(actual >= column, "{lines}: {warning:#?}");
    }
}

/// The value can be read by templates, as that of any unknown key.
#[test]
fn a_value_of_the_wrong_type_is_in_extra() {
    let site = TestSite::empty()
        .with_file("templates/article.html", "From {{ article.extra.source.name }}.")
        .with_file("content/a.md", article("x", "2024-11-06", "source: {name: Courier}\n", ""));
    site.build().assert_success();
    assert_eq!(site.read_output("2024/11/06/a/index.html"), "From Courier.");
    let lines = "dateline: {name: Courier}\n";
    let site = TestSite::empty()
        .with_file("templates/article.html", "From {{ article.extra.dateline.name }}.")
        .with_file("content/a.md", article("x", "2024-11-06", lines, ""));
    site.build().only_diagnostic().assert_code("wrong-type");
    assert_eq!(site.read_output("2024/11/06/a/index.html"), "From Courier.");
}

/// Three mistakes in one front matter give three diagnostics, whatever they are.
#[test]
fn mistakes_in_one_front_matter_do_not_hide_each_other() {
    for (front_matter, expected) in [
        (
            "title: Iran: the talks\ndate: 2024-02-30\ndescription: one: two: three\nslug: [a]\n",
            &[("invalid-yaml", 2), ("bad-date", 3), ("invalid-yaml", 4), ("wrong-type", 5)][..],
        ),
        (
            "title: x\ndate: [2024]\npermalink: {a: b}\nlang: e n\n",
            &[("wrong-type", 3), ("wrong-type", 4), ("bad-language", 5)],
        ),
        (
            "title: x\ntitle: y\ndate: 2024-11-06\ndate: 2024-11-07\nslug: a\nslug: b\n",
            &[("duplicate-key", 3), ("duplicate-key", 5), ("duplicate-key", 7)],
        ),
        (
            "title: \"x\" y\ndate: 2024-11-06\ntags:\n\t- a\nauthors: @x\nslug: a/b\n",
            &[("invalid-yaml", 2), ("invalid-yaml", 5), ("invalid-yaml", 6), ("bad-slug", 7)],
        ),
    ] {
        let site = TestSite::new().with_file("content/bad.md", format!("---\n{front_matter}---\n"));
        let build = site.build().assert_errors();
        let found: Vec<(&str, usize)> = build
            .diagnostics
            .iter()
            .map(|found| (found.code.as_str(), found.position.expect("it has a position").0))
            .collect();
        assert_eq!(found, expected, "{}", build.stderr);
    }
}

/// A value in quotation marks or brackets may go on at the beginning of a line.
#[test]
fn values_of_several_lines_are_read_beside_a_mistake() {
    let source = "---\ntitle: \"x\ny: z\"\ntags: [a,\nb]\ndate: 2024-11-06\nimage: [a]\n---\n";
    let (warning, headline) = build_with_warning("content/a.md", source);
    warning.assert_code("wrong-type");
    assert_eq!(headline, "x y: z");
}

/// An equal value twice, and a key twice that decides nothing, are warnings. The last counts.
#[test]
fn harmless_duplicates_are_warnings() {
    let source = article("A", "2024-11-06", "description: One\ndate: 2024-11-06\n", "");
    let (warning, _) = build_with_warning("content/a.md", &source);
    warning
        .assert_code("duplicate-key")
        .assert_position(5, 1)
        .assert_message_contains("`date` is set twice, in line 3 and in line 5")
        .assert_help_contains("last value counts");
    let lines = "description: One\ntags: [a]\nDescription: Two\ndescription: 'Three'\n";
    let site = TestSite::empty().with_file("content/a.md", article("A", "2024-11-06", lines, ""));
    let build = site.build();
    build
        .only_diagnostic()
        .assert_message_contains("set 3 times, in line 4, in line 6 and in line 7");
    let page = site.read_output("2024/11/06/a/index.html");
    assert!(page.contains("Three") && !page.contains("One") && !page.contains("Two"), "{page}");
    let nested = "reviews:\n  - {who: A, text: one, text: two}\n  - who: B\n    text: x\n    \
                  text: y\n";
    let site = TestSite::empty().with_file("content/a.md", article("A", "2024-11-06", nested, ""));
    let build = site.build();
    assert_eq!((build.status, build.report_number("articles")), (0, 1), "{}", build.stderr);
    for diagnostic in &build.diagnostics {
        diagnostic.assert_code("duplicate-key").assert_message_contains("`text` is set twice");
        diagnostic.assert_message_contains("in line 5");
    }
}

#[test]
fn a_key_twice_names_both_lines() {
    let diagnostic = break_article_once("---\ntitle: x\ndate: 2024-11-06\n\nTitle: y\n---\n");
    diagnostic
        .assert_code("duplicate-key")
        .assert_position(5, 1)
        .assert_source_line("Title: y")
        .assert_message_contains("in line 2 and in line 5")
        .assert_help_contains("keep one");
    assert!(diagnostic.source_lines.contains(&(2, "title: x".to_owned())), "{diagnostic:#?}");
}

#[test]
fn bytes_that_are_not_utf8() {
    let diagnostic =
        break_article_once(b"---\ntitle: x\ndate: 2024-11-06\n---\n\nIn the caf\xe9.\n");
    diagnostic
        .assert_code("not-utf8")
        .assert_position(6, 11)
        .assert_message_contains("byte 0xE9 at offset 45")
        .assert_source_line("In the caf\u{fffd}.");
    diagnostic
        .assert_help_contains("Latin-1, where that byte is `é`")
        .assert_help_contains("iconv -f ISO-8859-1");
    let diagnostic = break_article_once(b"---\ntitle: \x93x\x94\ndate: 2024-11-06\n---\n");
    diagnostic
        .assert_code("not-utf8")
        .assert_position(2, 8)
        .assert_message_contains("byte 0x93 at offset 11")
        .assert_help_contains("UTF-8");
    let diagnostic = break_article_once(b"---\ntitle: x\ndate: 2024-11-06\n---\ncaf\xc3");
    diagnostic
        .assert_code("not-utf8")
        .assert_position(5, 4)
        .assert_message_contains("byte 0xC3 at offset 37")
        .assert_help_contains("cut off");
}

#[test]
fn utf16() {
    let units: Vec<u16> = "\u{feff}---\ntitle: x\ndate: 2024-11-06\n---\n".encode_utf16().collect();
    let little: Vec<u8> = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
    let big: Vec<u8> = units.iter().flat_map(|unit| unit.to_be_bytes()).collect();
    for bytes in [&little, &big] {
        let diagnostic = break_article_once(bytes);
        diagnostic
            .assert_code("not-utf8")
            .assert_no_position()
            .assert_message_contains("UTF-16")
            .assert_help_contains("iconv -f UTF-16 -t UTF-8");
    }
    break_article_once(&little[2..])
        .assert_code("nul-byte")
        .assert_position(1, 2)
        .assert_message_contains("offset 1");
}

#[test]
fn nul_bytes() {
    let diagnostic = break_article_once("---\ntitle: x\0y\ndate: 2024-11-06\n---\n");
    diagnostic
        .assert_code("nul-byte")
        .assert_position(2, 9)
        .assert_message_contains("offset 12")
        .assert_source_line("title: x y")
        .assert_help_contains("damaged");
    break_article_once("---\ntitle: x\ndate: 2024-11-06\n---\na\0b\n")
        .assert_code("nul-byte")
        .assert_position(5, 2)
        .assert_message_contains("offset 35");
}

#[test]
fn articles_and_front_matter_over_the_size_limit() {
    let diagnostic = break_article_once(article("x", "2024-11-06", "", &"word ".repeat(2_000_000)));
    diagnostic
        .assert_code("article-too-long")
        .assert_no_position()
        .assert_message_contains("10000034 bytes")
        .assert_message_contains("2097152")
        .assert_help_contains("article_bytes");
    let diagnostic = break_article_once(article(
        "x",
        "2024-11-06",
        &format!("note: {}\n", "y".repeat(70_000)),
        "",
    ));
    diagnostic
        .assert_code("front-matter-too-long")
        .assert_position(1, 1)
        .assert_message_contains("65536")
        .assert_help_contains("front_matter_bytes");
}

#[test]
fn a_long_article_is_built_where_the_limit_allows_it() {
    let site = TestSite::empty()
        .with_file("content/long.md", article("x", "2024-11-06", "", &"word ".repeat(2_000_000)));
    site.write("site.yaml", "base_url: https://test.example\nlimits: {article_bytes: 20000000}\n");
    assert_eq!(site.build().assert_success().report_number("articles"), 1);
    assert!(site.read_output("2024/11/06/long/index.html").len() > 10_000_000);
}

/// One run reports all mistakes, by file and line, and builds the rest.
#[test]
fn all_errors_are_reported_in_one_run() {
    let site = TestSite::new()
        .with_file("site.yaml", "titel: x\nbase_url: https://test.example\n")
        .with_file("content/z/no-date.md", "---\ntitle: x\n---\n")
        .with_file("content/a/two.md", "---\ndate: 2024-13-01\ntitle:\n---\n")
        .with_file("content/m.md", b"---\ntitle: \xff\n---\n")
        .with_file(
            "content/also-good.md",
            article("Also good", "2024-11-07", "image: gone.png\n", "Text."),
        )
        .with_file("static/same.txt", "static")
        .with_file("content/same.md", article("x", "2024-11-06", "permalink: /same.txt\n", ""));
    let build = site.build().assert_errors();
    let found: Vec<_> = build
        .diagnostics
        .iter()
        .map(|diagnostic| (diagnostic.file.as_str(), diagnostic.code.as_str()))
        .collect();
    let expected = [
        ("content/a/two.md", "bad-date"),
        ("content/a/two.md", "missing-title"),
        ("content/also-good.md", "missing-image"),
        ("content/m.md", "not-utf8"),
        ("content/same.md", "same-address"),
        ("content/z/no-date.md", "missing-date"),
        ("site.yaml", "unknown-setting"),
    ];
    assert_eq!(found, expected);
    assert_eq!((build.report_number("errors"), build.report_number("warnings")), (5, 2));
    for page in
        ["2024/11/05/good/index.html", "2024/11/07/also-good/index.html", "index.html", "same.txt"]
    {
        assert!(site.has_output(page), "{page}");
    }
}

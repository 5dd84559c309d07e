//! A site's templates with errors: the position is reported, and the last good pages stay.

use crate::diagnostics::ReportedDiagnostic;
use crate::harness::{CommandOutput, SETTINGS, TestSite};

const ARTICLE_PAGE: &str = "2024/11/05/good/index.html";

/// Adds templates that can't be loaded to a built site: no page that uses one of them is rendered
/// again, none is lost, and the others are built.
#[track_caller]
fn build_with_broken_templates(templates: &[(&str, &str)]) -> (TestSite, CommandOutput) {
    let site = TestSite::new();
    site.build().assert_success();
    let before = site.outputs();
    for (path, source) in templates {
        site.write(&format!("templates/{path}"), source);
    }
    site.write("content/more.md", crate::harness::article("More", "2024-11-06", "", ""));
    let build = site.build().assert_errors();
    let after = site.outputs();
    assert!(before.keys().all(|path| after.contains_key(path)), "no page is lost");
    let is_broken = |name: &str| templates.iter().any(|(path, _)| *path == name);
    if is_broken("article.html") {
        assert!(after[ARTICLE_PAGE] == before[ARTICLE_PAGE], "the last good page stays as it was");
        assert!(
            !site.has_output("2024/11/06/more/index.html"),
            "no page of a broken template is made"
        );
    }
    assert_eq!(
        site.has_output("2024/11/06/index.html"),
        !is_broken("day.html"),
        "the rest is built"
    );
    for (path, _) in templates {
        std::fs::remove_file(site.path(&format!("templates/{path}"))).expect("the file is removed");
    }
    site.build().assert_success();
    assert!(
        site.has_output("2024/11/06/more/index.html"),
        "with the templates fixed the site is built"
    );
    (site, build)
}

#[track_caller]
fn build_with_one_broken_template(templates: &[(&str, &str)]) -> ReportedDiagnostic {
    build_with_broken_templates(templates).1.only_diagnostic().clone()
}

#[test]
fn syntax_errors_are_reported() {
    let diagnostic = build_with_one_broken_template(&[(
        "article.html",
        "<h1>x</h1>\n<p>{{ article.title</p>\n",
    )]);
    diagnostic.assert_code("template-syntax");
    assert_eq!(
        (diagnostic.file.as_str(), diagnostic.position.map(|(line, _)| line)),
        ("templates/article.html", Some(2))
    );
    diagnostic.assert_source_line("<p>{{ article.title</p>");
    let diagnostic = build_with_one_broken_template(&[("home.html", "{% if page %}\nx\n")]);
    diagnostic.assert_code("template-syntax");
    assert_eq!(diagnostic.file, "templates/home.html");
    assert!(
        diagnostic.position.is_some_and(|(line, _)| (1..=3).contains(&line)),
        "{diagnostic:#?}"
    );
}

#[test]
fn several_broken_templates_are_reported_together() {
    let (_, build) = build_with_broken_templates(&[
        ("home.html", "{% if %}"),
        ("day.html", "{{ }}"),
        ("x.yaml", "not used"),
    ]);
    let found: Vec<_> = build
        .diagnostics
        .iter()
        .map(|diagnostic| (diagnostic.file.as_str(), diagnostic.code.as_str()))
        .collect();
    assert_eq!(
        found,
        [("templates/day.html", "template-syntax"), ("templates/home.html", "template-syntax")]
    );
}

#[test]
fn unknown_names_are_reported() {
    let diagnostic =
        build_with_one_broken_template(&[("article.html", "<p>\n{% include \"gone.html\" %}")]);
    assert_eq!(diagnostic.file, "templates/article.html");
    diagnostic
        .assert_code("template-missing")
        .assert_message_contains("gone.html")
        .assert_position(2, 12);
    assert!(!diagnostic.help.is_empty(), "{diagnostic:#?}");
    let diagnostic =
        build_with_one_broken_template(&[("article.html", "{% extends \"gone.html\" %}")]);
    assert_eq!(diagnostic.file, "templates/article.html");
    diagnostic.assert_code("template-missing").assert_message_contains("gone.html");
    let diagnostic =
        build_with_one_broken_template(&[("article.html", "<p>\n  {{ article.title | shout }}")]);
    assert_eq!(diagnostic.file, "templates/article.html");
    assert_eq!(
        diagnostic.assert_message_contains("shout").position.map(|(line, _)| line),
        Some(2),
        "{diagnostic:#?}"
    );
    let diagnostic =
        build_with_one_broken_template(&[("article.html", "\n\n{{ <gone article={article} /> }}")]);
    assert_eq!(
        (diagnostic.file.as_str(), diagnostic.position.map(|(line, _)| line)),
        ("templates/article.html", Some(3))
    );
}

#[test]
fn circular_extends_are_reported() {
    let diagnostic =
        build_with_one_broken_template(&[("article.html", "{% extends \"article.html\" %}")]);
    diagnostic.assert_code("template-loop").assert_help_contains("loop");
    let diagnostic = build_with_one_broken_template(&[
        ("a.html", "{% extends \"b.html\" %}"),
        ("b.html", "{% extends \"a.html\" %}"),
    ]);
    diagnostic
        .assert_code("template-loop")
        .assert_message_contains("extends itself")
        .assert_help_contains("loop");
}

#[test]
fn circular_includes_are_reported() {
    let diagnostic = build_with_one_broken_template(&[
        ("a.html", "{% include \"b.html\" %}"),
        ("b.html", "{% include \"a.html\" %}"),
    ]);
    diagnostic
        .assert_code("template-loop")
        .assert_message_contains("includes itself")
        .assert_help_contains("loop");
}

/// A component that calls itself gives a diagnostic, not a stack overflow.
#[test]
fn recursive_components_are_reported() {
    let component =
        "{% component again(n: integer) %}{{ n }}{{ <again n={n + 1} /> }}{% endcomponent again %}";
    let site = TestSite::new()
        .with_file("templates/components/again.html", component)
        .with_file("templates/article.html", "<title>x</title>\n{{ <again n={1} /> }}");
    let build = site.build().assert_errors();
    assert!(
        !build.diagnostics.is_empty()
            && build.diagnostics.iter().all(|diagnostic| diagnostic.code.starts_with("template-"))
    );
    assert!(
        build.diagnostics.iter().all(|diagnostic| diagnostic.file.starts_with("templates/")),
        "{}",
        build.stderr
    );
}

#[test]
fn undefined_variables_are_reported() {
    let site = TestSite::new();
    site.build().assert_success();
    let before = site.read_output(ARTICLE_PAGE);
    let source = "{% extends \"base.html\" %}\n{% block main %}{{ oops }}{% endblock main %}";
    site.write("templates/article.html", source);
    let build = site.build().assert_errors();
    let diagnostic = build.only_diagnostic();
    assert_eq!(diagnostic.file, "templates/article.html");
    diagnostic
        .assert_code("template-error")
        .assert_position(2, 20)
        .assert_message_contains("oops")
        .assert_help_contains("dateline help templates");
    diagnostic.assert_source_line("{% block main %}{{ oops }}{% endblock main %}");
    assert_eq!(site.read_output(ARTICLE_PAGE), before, "the last good page stays");
    assert!(site.has_output("2024/11/05/index.html"), "the rest is built");
    site.remove("templates/article.html");
    site.build().assert_success();
}

/// A mistake in a template is reported once, not once for each page.
#[test]
fn an_error_in_a_template_is_reported_once() {
    let site = TestSite::new().with_file("templates/article.html", "{{ article.titel }}");
    for number in 0..20 {
        site.write(
            &format!("content/{number}.md"),
            crate::harness::article("x", "2024-11-06", "", ""),
        );
    }
    let build = site.build().assert_errors();
    build
        .only_diagnostic()
        .assert_code("template-error")
        .assert_position(1, 12)
        .assert_source_line("{{ article.titel }}");
}

#[test]
fn templates_that_are_not_utf8() {
    let site = TestSite::new().with_file("templates/article.html", b"caf\xe9");
    let build = site.build().assert_errors();
    build.only_diagnostic().assert_message_contains("UTF-8");
    assert_eq!(build.only_diagnostic().file, "templates/article.html");
}

#[test]
fn invalid_message_files_are_reported() {
    let site = TestSite::new().with_file("templates/i18n/en.yaml", "archive: Archive\nday: a: b\n");
    let build = site.build().assert_errors();
    build.only_diagnostic().assert_code("invalid-yaml").assert_source_line("day: a: b");
    assert_eq!(
        (build.only_diagnostic().file.as_str(), build.only_diagnostic().position),
        ("templates/i18n/en.yaml", Some((2, 7)))
    );
}

#[test]
fn a_template_of_the_site_replaces_the_built_in_one() {
    let site =
        TestSite::new().with_file("templates/article.html", "<h1>Own: {{ article.title }}</h1>");
    site.build().assert_success();
    assert_eq!(site.read_output(ARTICLE_PAGE), "<h1>Own: Border talks</h1>");
    assert!(
        site.read_output("index.html").contains("<!doctype html>"),
        "the others are the built-in ones"
    );
}

/// The keys of `site` that a part uses are found wherever Tera finds them, so an incremental build
/// gives the same output as a clean one.
#[test]
fn settings_in_all_kinds_of_tags_are_dependencies() {
    let extra = |value: &str| format!("{SETTINGS}extra: {{motto: {value}}}\n");
    for source in [
        r#"{{ "}} " ~ site.extra.motto }}"#,
        r"{{ '\\}}' ~ site.extra.motto }}",
        "{{ `}}` ~ site.extra.motto }}",
        concat!(
            r##"{%- if "%}" != site.extra.motto -%}{{ "{#" }}"##,
            r##"{{ site.extra.motto }}{{ "#}" }}{% endif %}"##
        ),
        "{# {{ #}{% raw %}{{ {% endraw %}{{ site['extra'].motto }}",
        "{% set a = {...site} %}{{ a.extra.motto }}",
    ] {
        let site = TestSite::new()
            .with_file("site.yaml", extra("First"))
            .with_file("templates/parts/colophon.html", source);
        site.build().assert_success();
        assert!(site.read_output(ARTICLE_PAGE).contains("First"), "{source}");
        site.write("site.yaml", extra("Second"));
        site.build().assert_success();
        let (_, clean) = site.build_clean();
        assert!(site.read_output(ARTICLE_PAGE).contains("Second"), "{source}");
        assert!(site.outputs() == clean, "{source}");
    }
}

/// The text of an article can't become markup in a template.
#[test]
fn titles_are_escaped() {
    let site = TestSite::new();
    let title = "'<script>alert(1)</script> & \"x\"'";
    site.write(
        "content/x.md",
        crate::harness::article(title, "2024-11-06", "tags: ['<b>']\n", "x"),
    );
    site.build().assert_success();
    for (path, bytes) in site.outputs() {
        let text = String::from_utf8_lossy(&bytes);
        assert!(!text.contains("<script>alert") && !text.contains("<b>"), "{path}");
    }
    assert!(site.read_output("2024/11/06/x/index.html").contains("&lt;script&gt;alert(1)"));
}

//! Template names of version 0.1: they are errors, and `dateline fix --templates` replaces them.

use std::fs;
use std::path::Path;

use crate::harness::{CommandOutput, SETTINGS, TestSite, article, dateline, read_files};

const ARTICLE_PAGE: &str = "2024/11/05/good/index.html";

fn fix_templates(site: &TestSite, args: &[&str]) -> CommandOutput {
    CommandOutput::run(
        dateline().args(["fix", "--templates", "--root"]).arg(site.root()).args(args),
    )
}

#[test]
fn old_variables_are_errors_that_name_the_new_ones() {
    let site = TestSite::new();
    site.build().assert_success();
    let before = site.read_output(ARTICLE_PAGE);
    let source = "{% extends \"base.html\" %}\n{% block main %}\n\
                  <h1>{{ story.title }}</h1>\n{{ story.body }}{% endblock main %}\n";
    site.write("templates/article.html", source);
    site.write("content/good.md", article("Other", "2024-11-05", "", "Other.\n"));
    let build = site.build().assert_errors();
    let diagnostic = build.only_diagnostic();
    assert_eq!(diagnostic.file, "templates/article.html");
    diagnostic
        .assert_code("renamed-template-name")
        .assert_position(3, 8)
        .assert_source_line("<h1>{{ story.title }}</h1>")
        .assert_message_contains("the template variable `story` was renamed to `article`")
        .assert_help_contains("`dateline fix --templates`");
    assert_eq!(site.read_output(ARTICLE_PAGE), before, "the last good page stays");
}

#[test]
fn old_file_names_components_and_texts_are_errors() {
    let site = TestSite::new()
        .with_file("templates/parts/crumbs.html", "<nav></nav>")
        .with_file("templates/day.html", "{{ <stories count /> }}{{ t.other_stories }}")
        .with_file("templates/404.html", "{% include \"parts/picture.html\" %}")
        .with_file("templates/i18n/en.yaml", "# Mine\nmore_stories: More\n");
    let build = site.build().assert_errors();
    let found: Vec<_> = build
        .diagnostics
        .iter()
        .map(|diagnostic| {
            assert_eq!(diagnostic.code, "renamed-template-name");
            (diagnostic.file.as_str(), diagnostic.position, diagnostic.message.as_str())
        })
        .collect();
    assert_eq!(
        found,
        [
            (
                "templates/404.html",
                Some((1, 13)),
                "the template `parts/picture.html` was renamed to `parts/image.html`"
            ),
            (
                "templates/day.html",
                Some((1, 5)),
                "the component `stories` was renamed to `article_count`"
            ),
            (
                "templates/day.html",
                Some((1, 29)),
                "the key `other_stories` of the interface text was renamed to `other_articles`"
            ),
            (
                "templates/i18n/en.yaml",
                Some((2, 1)),
                "the key `more_stories` of the interface text was renamed to `more_articles`"
            ),
            (
                "templates/parts/crumbs.html",
                None,
                "the template `parts/crumbs.html` was renamed to `parts/breadcrumbs.html`"
            ),
        ]
    );
    assert!(!site.has_output("2024/11/05/index.html"), "no page without the site's own part");
}

#[test]
fn fixes_are_shown_and_written() {
    let site = TestSite::new()
        .with_file("templates/parts/crumbs.html", "{# story #}<b>story</b>{{ page.crumbs }}\n")
        .with_file("templates/parts/so_far.html", "own\n")
        .with_file("templates/parts/share.html", "{{ t.share_email }}\n")
        .with_file("templates/i18n/de.yaml", "share_mail: Senden # Knopf\n");
    let before = read_files(&site.path("templates"));
    let shown = fix_templates(&site, &[]).assert_errors();
    assert_eq!(read_files(&site.path("templates")), before, "nothing is written");
    for part in [
        "--- a/templates/i18n/de.yaml\n+++ b/templates/i18n/de.yaml\n\
         @@ -1 +1 @@\n-share_mail: Senden # Knopf\n+share_email: Senden # Knopf\n",
        "rename from templates/parts/crumbs.html\nrename to templates/parts/breadcrumbs.html\n\
         --- a/templates/parts/crumbs.html\n+++ b/templates/parts/breadcrumbs.html\n",
        "+{# story #}<b>story</b>{{ page.breadcrumbs }}\n",
        "similarity index 100%\nrename from templates/parts/so_far.html\n",
        "3 templates to fix: 2 names, 2 renamed files; \
         nothing was written: run again with --write\n",
    ] {
        assert!(shown.stdout.contains(part), "{part}: {}", shown.stdout);
    }
    let written = fix_templates(&site, &["--write"]).assert_success();
    assert_eq!(written.stdout, "3 templates fixed: 2 names, 2 renamed files\n");
    let after = read_files(&site.path("templates"));
    let names: Vec<&str> = after.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "i18n/de.yaml",
            "parts/breadcrumbs.html",
            "parts/related_earlier.html",
            "parts/share.html"
        ]
    );
    let again = fix_templates(&site, &[]).assert_success();
    assert_eq!(again.stdout, "nothing to fix in 4 templates\n");
}

#[test]
fn what_is_not_certain_is_left_to_the_editor() {
    let site = TestSite::new()
        .with_file("templates/parts/crumbs.html", "old")
        .with_file("templates/parts/breadcrumbs.html", "new")
        .with_file("templates/base.html", "{{ furniture.head }}");
    let before = read_files(&site.path("templates"));
    let fixed = fix_templates(&site, &["--write", "--format", "json"]).assert_errors();
    assert_eq!(read_files(&site.path("templates")), before);
    let report: serde_json::Value = serde_json::from_str(&fixed.stdout).expect("JSON");
    let codes: Vec<_> = report["diagnostics"]
        .as_array()
        .expect("an array")
        .iter()
        .map(|diagnostic| diagnostic["code"].as_str().expect("a code"))
        .collect();
    assert_eq!(codes, ["renamed-template-name", "not-mended"]);
}

/// A copy of all built-in templates of version 0.1 renders the same site as the built-in ones.
#[test]
fn fixed_templates_render_the_same_site() {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR"));
    let settings = fs::read_to_string(repository.join("site.yaml")).expect("readable");
    // Templates of version 0.1 have no menus.
    let menus = "menus:\n  footer:\n    - {page: about.md}\n";
    assert!(settings.contains(menus));
    let settings = settings.replace(menus, "");
    let site = TestSite::empty().with_file("site.yaml", settings);
    for (path, bytes) in read_files(&repository.join("content")) {
        site.write(&format!("content/{path}"), bytes);
    }
    site.write(
        "content/retracted.md",
        article("Wrong", "2024-11-05", "status: retracted\n", "A.\n"),
    );
    site.build();
    let expected = site.outputs();
    assert!(expected.len() > 500, "{} files", expected.len());
    for (path, bytes) in read_files(&repository.join("tests/fixtures/templates-0.1")) {
        site.write(&format!("templates/{path}"), bytes);
    }
    fix_templates(&site, &["--write"]).assert_success();
    assert_eq!(fix_templates(&site, &[]).assert_success().stderr, "");
    let keys = |path: &Path| {
        let source = fs::read_to_string(path).expect("readable");
        let key = |line: &str| Some(line.split_once(':')?.0.to_owned());
        source
            .lines()
            .filter(|line| !line.starts_with(['#', ' ']))
            .filter_map(key)
            .collect::<Vec<_>>()
    };
    let known = keys(&repository.join("templates/i18n/en.yaml"));
    for key in keys(&site.path("templates/i18n/en.yaml")) {
        assert!(known.contains(&key), "{key}");
    }
    // The texts of version 0.1 differ.
    fs::remove_dir_all(site.path("templates/i18n")).expect("removed");
    site.build();
    let actual = site.outputs();
    let paths = |files: &std::collections::BTreeMap<String, Vec<u8>>| {
        files.keys().cloned().collect::<Vec<_>>()
    };
    assert_eq!(paths(&actual), paths(&expected));
    // The search page has other elements since then.
    for (path, bytes) in expected.iter().filter(|(path, _)| *path != "search/index.html") {
        assert!(actual[path] == *bytes, "{path} differs");
    }
}

/// A site's own variable may have the old name of another one.
#[test]
fn own_variables_are_no_errors() {
    let site = TestSite::new()
        .with_file("site.yaml", format!("{SETTINGS}extra: {{story: x, stories: [{{place: y}}]}}\n"))
        .with_file(
            "templates/404.html",
            "{% set seconds = 3 %}{{ seconds }}{{ site.extra.story }}\
             {% for stop in site.extra.stories %}{{ stop.place }}{% endfor %}",
        );
    site.build().assert_success();
    assert_eq!(site.read_output("404.html"), "3xy");
}

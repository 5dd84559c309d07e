//! Parts that are rendered once for several pages come out as if each page included them: sites
//! whose templates include every part are the reference.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use tempfile::TempDir;

use crate::harness::{article, read_files};
use crate::in_process::{build_site, site_dir, write_file};

const SHARED_PARTS: [(&str, &str); 4] = [
    ("base.html", "head"),
    ("base.html", "masthead"),
    ("base.html", "colophon"),
    ("article.html", "reactions"),
];

/// Sources of parts that depend on their page, besides those that only seem to.
const SOURCES: &[&str] = &[
    "{{ site.title }} {{ t.archive }} {{ page.lang }} {{ page.dir }}",
    "{{ page.kind }}",
    "{% if page.kind == \"day\" %}a day{% endif %}{{ page.nav_url }}",
    "{% if article %}{{ article.title }}{% else %}no article{% endif %}",
    "{{ page.title }}",
    "{{ page?.url }} {{ page[\"canonical\"] }}",
    "{% set p = page %}{{ p.title }}",
    "{% if previous %}{{ previous.url }}{% endif %}",
    "{% if term %}{{ term.name }}{% endif %}{% if edition %}{{ edition.iso }}{% endif %}",
    "{% if count %}{{ count }}{% endif %}",
    "{% include \"own/inner.html\" %}",
    "{{ __tera_context.page.title }}",
    "{{ <own_title /> }}",
    "{{ <own_kind /> }}",
    "{% for item in site.nav %}{% if item.url == page.url %}here{% endif %}{% endfor %}",
    "{% for feed in site.feeds %}{{ feed.url }}{% endfor %}{% if feed %}{{ feed }}{% endif %}",
    "{% if accent is defined %}{{ accent }}{% endif %}",
];

/// Templates of the site that the sources name.
const OWN_TEMPLATES: &[(&str, &str)] = &[
    ("own/inner.html", "{{ page.title }}{% if pager %}paged{% endif %}"),
    (
        "own/components.html",
        "{% component own_title(@page) %}{{ page.title }}{% endcomponent own_title %}\n\
         {% component own_kind(@page) %}{{ page.kind }}{% endcomponent own_kind %}",
    ),
    // Blocks and includes see what a template sets.
    (
        "month.html",
        "{% extends \"builtin/month.html\" %}\
         {% block head %}{% set accent = \"red\" %}{% endblock %}",
    ),
];

fn builtin_template(name: &str) -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates").join(name);
    fs::read_to_string(file).expect("a built-in template")
}

/// A site with every kind of page, in two languages.
fn full_site() -> TempDir {
    let folder = site_dir(&[]);
    let root = folder.path();
    let settings = "title: The Test\nbase_url: https://test.example\nsections: {world: World}\n\
                    search: true\nreactions: {endpoint: \"https://react.example/\"}\n";
    write_file(root, "site.yaml", settings);
    for number in 10..20 {
        write_file(
            root,
            &format!("content/b{number}.md"),
            article("B", "2022-01-01", "", "Text.\n"),
        );
    }
    for (number, date, lines) in [
        (1, "2023-05-06", "section: world\nplaces: [Basra]\ncorrections: [{text: It was two.}]\n"),
        (2, "2023-05-07", "section: other\n"),
        (3, "2024-05-06", "section: world\n"),
        (4, "2024-05-06", "lang: ar\nsection: world\n"),
        (5, "2024-06-01", "section: world\nplaces: [Basra]\n"),
    ] {
        let lines = format!("tags: [Iran, Trade]\nauthors: [Ada Lovelace]\n{lines}");
        let file = format!("content/a{number}.md");
        write_file(root, &file, article(&format!("Story {number}"), date, &lines, "Text.\n"));
    }
    let unpublished = article("Gone", "2024-01-01", "status: unpublished\n", "Text.\n");
    write_file(root, "content/gone.md", unpublished);
    for (name, source) in OWN_TEMPLATES {
        write_file(root, &format!("templates/{name}"), source);
    }
    folder
}

/// The pages of a site with these templates.
fn pages_with(templates: &[(&str, String)]) -> BTreeMap<String, Vec<u8>> {
    let folder = full_site();
    for (name, source) in templates {
        write_file(folder.path(), &format!("templates/{name}"), source);
    }
    let report = build_site(folder.path());
    assert!(report.diagnostics.is_empty(), "{:?}", report.diagnostics);
    let mut files = read_files(&folder.path().join("public"));
    files.retain(|path, _| path.ends_with(".html"));
    files
}

/// The built-in templates with every part included where it is shown.
fn templates_without_sharing() -> Vec<(&'static str, String)> {
    let mut templates: BTreeMap<&str, String> = BTreeMap::new();
    for (template, name) in SHARED_PARTS {
        let source = templates.entry(template).or_insert_with(|| builtin_template(template));
        let shared = format!("{{% if shared_parts?.{name} %}}");
        assert!(source.contains(&shared), "{template} shares {name}");
        *source = source.replace(&shared, "{% if false %}");
    }
    templates.into_iter().collect()
}

/// Compares the pages of a site with parts of its own to those of the same site with templates that
/// include every part.
#[track_caller]
fn assert_same_pages(own: &[(&str, String)], reference: &[(&str, String)]) {
    let shared = pages_with(own);
    let included = pages_with(&[reference, own].concat());
    assert!(shared.len() > 30, "a site with all kinds of pages: {}", shared.len());
    let differing: Vec<&String> = shared
        .iter()
        .filter(|(path, html)| included.get(*path) != Some(html))
        .map(|(path, _)| path)
        .collect();
    assert!(differing.is_empty(), "{own:?}: {differing:?}");
    assert_eq!(shared.len(), included.len());
}

#[test]
fn shared_parts_see_what_the_page_sees() {
    let reference = templates_without_sharing();
    let parts: Vec<String> =
        SHARED_PARTS.iter().map(|(_, name)| format!("parts/{name}.html")).collect();
    let own = |source: &dyn Fn(&str) -> String| -> Vec<(&str, String)> {
        parts.iter().map(|part| (part.as_str(), source(part))).collect()
    };
    assert_same_pages(&own(&builtin_template), &reference);
    for source in SOURCES {
        assert_same_pages(&own(&|part| format!("<p>{part} {source}</p>\n")), &reference);
    }
}

/// A template that renders the parts of a list where it shows them.
const OWN_TERM_YEAR: &str = r#"{% extends "base.html" %}

{% block main -%}
<header class="head">
<h1><a href="{{ term.url }}">{{ term.name }}</a> {{ year_label }}</h1>
{%- if count %}
<p>{{ <article_count count /> }}</p>
{%- endif %}
</header>
{%- set level = 2 %}
{%- set in_section = taxonomy.key == "sections" %}
{%- set in_author = taxonomy.key == "authors" %}
<ol class="list">
{%- for article in articles %}
<li>{% include "parts/teaser.html" %}</li>
{%- endfor %}
</ol>
{{- <pager pager /> }}
{{- <previous_next previous next /> }}
{%- endblock main %}
"#;

#[test]
fn teasers_in_the_lists_of_a_year_see_what_the_page_sees() {
    let reference = [("term_year.html", OWN_TERM_YEAR.to_owned())];
    let part = "parts/teaser.html";
    assert_same_pages(&[(part, builtin_template(part))], &reference);
    for source in SOURCES {
        let source = format!(
            "<p>{{{{ article.title }}}} {{{{ level }}}} {{{{ in_section }}}} {source}</p>\n"
        );
        // `level` and `in_section` are missing on other pages that include it.
        let source = source.replace("{{ in_section }}", "{% if in_section %}in section{% endif %}");
        assert_same_pages(&[(part, source)], &reference);
    }
}

#[test]
fn items_of_related_articles_see_what_the_page_sees() {
    let loop_of_items = "{% for item in article.related_earlier %}{{ item }}{% endfor -%}";
    let part = "parts/related_earlier_item.html";
    let pages = |source: &str| pages_with(&[(part, source.to_owned())]);
    assert!(builtin_template("parts/related_earlier.html").contains(loop_of_items));
    let html = pages("<li>{{ article.title }} on {{ page.title }} of {{ page.kind }}</li>");
    let page = &html["2024/06/01/a5/index.html"];
    let page = String::from_utf8_lossy(page);
    assert!(page.contains("<li>Story 1 on Story 5 of article</li>"), "{page}");
    let html = pages(
        "<li>{{ article.title }} before {% if previous %}{{ previous.title }}{% endif %}</li>",
    );
    let page = &html["2024/06/01/a5/index.html"];
    let page = String::from_utf8_lossy(page);
    assert!(page.contains("<li>Story 1 before Story 4</li>"), "{page}");
}

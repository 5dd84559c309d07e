//! Templates of the site's own that don't work: the place is told, and the last good pages stay.

use crate::harness::{Build, Site};
use crate::told::Told;

const ARTICLE: &str = "2024/11/05/good/index.html";

/// A built site to which templates are added that can't be loaded: no page that draws one of them in is rendered anew, none is lost, and the
/// others are built.
#[track_caller]
fn unloadable(templates: &[(&str, &str)]) -> (Site, Build) {
    let site = Site::new();
    site.build().fine();
    let before = site.outputs();
    for (path, source) in templates {
        site.put(&format!("templates/{path}"), source);
    }
    site.put("content/more.md", crate::harness::story("More", "2024-11-06", "", ""));
    let build = site.build().faulty();
    let now = site.outputs();
    assert!(before.keys().all(|path| now.contains_key(path)), "no page is lost");
    let broken = |name: &str| templates.iter().any(|(path, _)| *path == name);
    if broken("article.html") {
        assert!(now[ARTICLE] == before[ARTICLE], "the last good page stays as it was");
        assert!(!site.has("2024/11/06/more/index.html"), "no page of a broken template is made");
    }
    assert_eq!(site.has("2024/11/06/index.html"), !broken("day.html"), "the rest is built");
    for (path, _) in templates {
        std::fs::remove_file(site.path(&format!("templates/{path}"))).expect("removed");
    }
    site.build().fine();
    assert!(site.has("2024/11/06/more/index.html"), "with the templates mended the site is built");
    (site, build)
}

#[track_caller]
fn unloadable_once(templates: &[(&str, &str)]) -> Told {
    unloadable(templates).1.only().clone()
}

#[test]
fn syntax_errors() {
    let told = unloadable_once(&[("article.html", "<h1>x</h1>\n<p>{{ story.title</p>\n")]);
    told.code("template-syntax");
    assert_eq!((told.file.as_str(), told.place.map(|(line, _)| line)), ("templates/article.html", Some(2)));
    told.shows("<p>{{ story.title</p>");
    let told = unloadable_once(&[("home.html", "{% if page %}\nx\n")]);
    told.code("template-syntax");
    assert_eq!(told.file, "templates/home.html");
    assert!(told.place.is_some_and(|(line, _)| (1..=3).contains(&line)), "{told:#?}");
}

#[test]
fn several_broken_templates_are_told_together() {
    let (_, build) = unloadable(&[("home.html", "{% if %}"), ("day.html", "{{ }}"), ("x.yaml", "not used")]);
    let found: Vec<_> = build.told.iter().map(|told| (told.file.as_str(), told.code.as_str())).collect();
    assert_eq!(
        found,
        [("templates/day.html", "template-syntax"), ("templates/home.html", "template-syntax")]
    );
}

#[test]
fn names_that_nothing_stands_for() {
    let told = unloadable_once(&[("article.html", "<p>\n{% include \"gone.html\" %}")]);
    assert_eq!(told.file, "templates/article.html");
    told.code("template-missing").says("gone.html").at(2, 12);
    assert!(!told.help.is_empty(), "{told:#?}");
    let told = unloadable_once(&[("article.html", "{% extends \"gone.html\" %}")]);
    assert_eq!(told.file, "templates/article.html");
    told.code("template-missing").says("gone.html");
    let told = unloadable_once(&[("article.html", "<p>\n  {{ story.title | shout }}")]);
    assert_eq!(told.file, "templates/article.html");
    assert_eq!(told.says("shout").place.map(|(line, _)| line), Some(2), "{told:#?}");
    let told = unloadable_once(&[("article.html", "\n\n{{ <gone story={story} /> }}")]);
    assert_eq!((told.file.as_str(), told.place.map(|(line, _)| line)), ("templates/article.html", Some(3)));
}

#[test]
fn circles_of_extends() {
    let told = unloadable_once(&[("article.html", "{% extends \"article.html\" %}")]);
    told.code("template-loop").helps("circle");
    let told =
        unloadable_once(&[("a.html", "{% extends \"b.html\" %}"), ("b.html", "{% extends \"a.html\" %}")]);
    told.code("template-loop").says("extends itself").helps("circle");
}

#[test]
fn circles_of_includes() {
    let told =
        unloadable_once(&[("a.html", "{% include \"b.html\" %}"), ("b.html", "{% include \"a.html\" %}")]);
    told.code("template-loop").says("includes itself").helps("circle");
}

/// A component that calls itself ends in a diagnostic, not in a stack overflow.
#[test]
fn components_that_call_themselves() {
    let component =
        "{% component again(n: integer) %}{{ n }}{{ <again n={n + 1} /> }}{% endcomponent again %}";
    let site = Site::new()
        .with("templates/components/again.html", component)
        .with("templates/article.html", "<title>x</title>\n{{ <again n={1} /> }}");
    let build = site.build().faulty();
    assert!(!build.told.is_empty() && build.told.iter().all(|told| told.code.starts_with("template-")));
    assert!(build.told.iter().all(|told| told.file.starts_with("templates/")), "{}", build.stderr);
}

#[test]
fn undefined_variables() {
    let site = Site::new();
    site.build().fine();
    let before = site.page(ARTICLE);
    let source = "{% extends \"base.html\" %}\n{% block main %}{{ oops }}{% endblock main %}";
    site.put("templates/article.html", source);
    let build = site.build().faulty();
    let told = build.only();
    assert_eq!(told.file, "templates/article.html");
    told.code("template-error").at(2, 20).says("oops").helps("docs/templates.md");
    told.shows("{% block main %}{{ oops }}{% endblock main %}");
    assert_eq!(site.page(ARTICLE), before, "the last good page stays");
    assert!(site.has("2024/11/05/index.html"), "the rest is built");
    site.remove("templates/article.html");
    site.build().fine();
}

/// A mistake in a template is told once, not once for each page that it spoils.
#[test]
fn one_mistake_of_a_template_is_told_once() {
    let site = Site::new().with("templates/article.html", "{{ story.titel }}");
    for number in 0..20 {
        site.put(&format!("content/{number}.md"), crate::harness::story("x", "2024-11-06", "", ""));
    }
    let build = site.build().faulty();
    build.only().code("template-error").at(1, 10).shows("{{ story.titel }}");
}

#[test]
fn templates_that_are_not_text() {
    let site = Site::new().with("templates/article.html", b"caf\xe9");
    let build = site.build().faulty();
    build.only().says("UTF-8");
    assert_eq!(build.only().file, "templates/article.html");
}

#[test]
fn words_that_are_not_yaml() {
    let site = Site::new().with("templates/i18n/en.yaml", "archive: Archive\nday: a: b\n");
    let build = site.build().faulty();
    build.only().code("invalid-yaml").shows("day: a: b");
    assert_eq!((build.only().file.as_str(), build.only().place), ("templates/i18n/en.yaml", Some((2, 7))));
}

#[test]
fn a_template_of_ones_own_is_used() {
    let site = Site::new().with("templates/article.html", "<h1>Own: {{ story.title }}</h1>");
    site.build().fine();
    assert_eq!(site.page(ARTICLE), "<h1>Own: Border talks</h1>");
    assert!(site.page("index.html").contains("<!doctype html>"), "the others are the built-in ones");
}

/// Text of an article can't become markup by way of a template.
#[test]
fn titles_are_escaped() {
    let site = Site::new();
    let title = "'<script>alert(1)</script> & \"x\"'";
    site.put("content/x.md", crate::harness::story(title, "2024-11-06", "tags: ['<b>']\n", "x"));
    site.build().fine();
    for (path, bytes) in site.outputs() {
        let text = String::from_utf8_lossy(&bytes);
        assert!(!text.contains("<script>alert") && !text.contains("<b>"), "{path}");
    }
    assert!(site.page("2024/11/06/x/index.html").contains("&lt;script&gt;alert(1)"));
}

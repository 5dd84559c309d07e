//! What must hold for any story that can't be read: it costs no other page, and its own last good page stays.

use crate::harness::{Build, STORY, Site, story};
use crate::told::Told;

/// The page of the story that breaks.
pub(crate) const PAGE: &str = "2024/11/06/bad/index.html";

/// A site of two good stories, built.
fn built() -> Site {
    let site = Site::new().with("content/bad.md", story("Bad news", "2024-11-06", "", "Good once.\n"));
    site.build().fine();
    assert!(site.page(PAGE).contains("Good once."));
    site
}

/// Breaks a story that was good, builds again and once more from nothing, checks what holds for any mistake, and gives what was told
/// about it.
#[track_caller]
pub(crate) fn broken(bytes: impl AsRef<[u8]>) -> Vec<Told> {
    let site = built();
    let good = site.page(PAGE);
    site.put("content/bad.md", bytes);
    let build = site.build().faulty();
    assert_told(&build);
    assert_eq!((build.number("articles"), build.number("warnings")), (1, 0), "{}", build.stderr);
    assert_eq!(site.page(PAGE), good, "the last good page stays");
    assert!(site.page("2024/11/05/good/index.html").contains("Border talks"), "the rest is built");
    for listing in ["index.html", "2024/index.html", "2024/11/index.html", "feed.xml", "sitemaps/2024.xml"] {
        let text = site.page(listing);
        assert!(text.contains("/2024/11/05/") && !text.contains("/2024/11/06/"), "{listing}: {text}");
    }

    let (clean, files) = site.clean();
    assert_eq!(clean.told, build.told, "a clean build says the same");
    let mut outputs = site.outputs();
    outputs.remove(PAGE);
    assert!(outputs == files, "an incremental build is a clean one and the kept page: {:#?}", site.paths());
    build.told
}

/// As [`broken`], for a mistake that is told once.
#[track_caller]
pub(crate) fn broken_once(bytes: impl AsRef<[u8]>) -> Told {
    let told = broken(bytes);
    assert_eq!(told.len(), 1, "{told:#?}");
    told.into_iter().next().expect("one")
}

/// What is wrong is told by every build until it is mended, also where nothing has changed since the last one.
#[test]
fn mistakes_are_told_each_time() {
    let site = built();
    let good = site.page(PAGE);
    site.put("templates/article.html", "{{ story.nothing }}");
    for _ in 0..3 {
        let build = site.build().faulty();
        assert!(build.told.iter().any(|told| told.code == "template-error"), "{:#?}", build.told);
        assert_eq!(site.page(PAGE), good, "the last good page stays");
    }
    site.remove("templates/article.html");
    site.build().fine();
    assert_eq!(site.page(PAGE), good);
    assert_eq!(site.build().fine().number("written"), 0);
}

/// As [`broken_once`], for what shows only when the body is rendered.
#[track_caller]
pub(crate) fn broken_body(body: &str) -> Told {
    let site = built();
    let good = site.page(PAGE);
    site.put("content/bad.md", story("Bad news", "2024-11-06", "", body));
    let build = site.build().faulty();
    assert_told(&build);
    assert_eq!(site.page(PAGE), good, "the last good page stays");
    assert!(site.has("2024/11/05/good/index.html"), "the rest is built");
    build.only().clone()
}

/// Everything told is an error of the one broken file, and the report counts it.
#[track_caller]
fn assert_told(build: &Build) {
    assert!(!build.told.is_empty(), "{}", build.stderr);
    for told in &build.told {
        assert_eq!((told.file.as_str(), told.severity.as_str()), ("content/bad.md", "error"), "{told:#?}");
    }
    assert_eq!(build.number("errors"), build.told.len() as u64);
}

/// A story, broken and built, then mended: the site is as if nothing had been.
#[test]
fn a_mended_story_leaves_no_trace() {
    let site = built();
    let before = site.outputs();
    site.put("content/bad.md", STORY.replace("title:", "titel:"));
    site.build().faulty();
    site.put("content/bad.md", story("Bad news", "2024-11-06", "", "Good once.\n"));
    site.build().fine();
    assert!(site.outputs() == before);
}

/// Broken by two builds in a row, and renamed away in the end: only then its page goes.
#[test]
fn a_kept_page_goes_with_its_story() {
    let site = built();
    site.put("content/bad.md", "no fence");
    for _ in 0..2 {
        site.build().faulty();
        assert!(site.has(PAGE));
    }
    site.remove("content/bad.md");
    site.build().fine();
    assert!(!site.has(PAGE));
}

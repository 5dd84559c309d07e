//! Merge keys of YAML (`<<: *defaults`), which add the keys of another map.

use crate::harness::{SETTINGS, TestSite, article};
use crate::visibility::{assert_no_marker, assert_taken_down, secret_article, site_after};

/// Front matter that hides the article by a merge key alone.
const HIDING: &[&str] = &[
    "defaults: &d\n  status: unpublished\n<<: *d\n",
    "<<: {status: unpublished}\n",
    "<<: [{kicker: x}, {status: private}]\n",
    "a: &a {kicker: x}\nb: &b {status: trash}\n<<: [*a, *b]\n",
    "a: &a {draft: true}\nb: &b {<<: *a, kicker: x}\n<<: *b\n",
    "a: &a\n  published: false\n<<:\n  - *a\n",
    "\"<<\": {post_status: private}\n",
    "? <<\n: {status: hidden}\n",
    "!!merge <<: {status: hidden}\n",
    "<<: {<<: {<<: {hidden: true}}}\n",
    "<<: {embargo: 2999-01-01}\n",
    "<<: {expires: 2020-01-01}\n",
    "s: &s unpublished\nd: &d {status: *s}\n<<: *d\n",
    "<<: {Status: unpublished}\n",
];

#[test]
fn a_merge_key_hides_an_article() {
    for lines in HIDING {
        let site = site_after("", &secret_article(lines));
        let build = site.build();
        assert_eq!(build.report_number("articles"), 1, "{lines}: {}", build.stderr);
        assert_no_marker(&site.path("public"), "Quonzibar");
    }
}

/// A takedown with a mistake is one in a merged map, too, and has a position.
#[test]
fn mistakes_in_merged_maps_are_reported() {
    for (lines, code) in [
        ("<<: {status: unpublshed}\n", "misspelled-status"),
        ("<<: {stauts: unpublished}\n", "misspelled-key"),
        ("<<: {draft: ture}\n", "wrong-type"),
        ("<<: {draft: [true]}\n", "wrong-type"),
        ("<<: {status: [unpublished]}\n", "wrong-type"),
        ("<<: {expires: soon}\n", "bad-date"),
        ("<<: {status: published, status: unpublished}\n", "duplicate-key"),
        ("<<: {redact: true}\n", "bad-redaction"),
    ] {
        let site = site_after("", &secret_article(lines));
        let build = site.build().assert_errors();
        assert_eq!(build.codes(), [code], "{lines}: {}", build.stderr);
        assert_eq!(build.report_number("unpublished.withheld"), 1, "{lines}");
        assert_taken_down(&site);
    }
    let site = site_after("", &secret_article("kicker: x\n<<: {status: unpublshed}\n"));
    site.build().only_diagnostic().assert_position(7, 1);
    for lines in ["<<: text\n", "<<:\n", "<<: [x]\n", "<<: [[{status: x}]]\n", "seo: {<<: 3}\n"] {
        let site = TestSite::empty().with_file("content/secret.md", secret_article(lines));
        let build = site.build().assert_errors();
        let diagnostic = build.only_diagnostic();
        diagnostic.assert_message_contains("a map or a list of maps");
        assert_eq!(build.report_number("articles"), 0, "{lines}");
    }
    // Which of the two takes precedence isn't defined.
    let twice = "<<: {status: published}\n<<: {status: unpublished}\n";
    let site = site_after("", &secret_article(twice));
    assert_eq!(site.build().assert_errors().codes(), ["duplicate-key"]);
    assert_taken_down(&site);
}

/// Every other key works, keys of the front matter itself take precedence, then those of the first
/// map of a list.
#[test]
fn merged_keys_are_read_like_others() {
    let source = "---\ncommon: &common\n  title: Common\n  date: 2024-11-05\n\
        \x20 tags: [Harbor, Fog]\n  \
        authors: [Ada Ash]\n  description: From the map.\n  slug: 0755\n  status: private\n  \
        image: {src: https://x.example/a.png, alt: A map}\n  aliases: [/old/]\n\
        <<: [{description: The first one.}, *common]\nstatus: published\ntitle: 1984\n\
        corrections: [{<<: {date: 2024-11-06}, text: The year was 1922.}]\n---\nText.\n";
    let site = TestSite::empty().with_file("content/secret.md", source);
    site.build().assert_success();
    let page = site.read_output("2024/11/05/0755/index.html");
    for text in ["1984", "Harbor", "Fog", "Ada Ash", "The first one.", "A map", "year was 1922"] {
        assert!(page.contains(text), "{text}: {page}");
    }
    assert!(!page.contains("From the map.") && !page.contains("Common"), "{page}");
    assert!(site.outputs().contains_key("old/index.html"));
}

#[test]
fn names_in_a_merged_map_are_redacted() {
    for lines in ["n: &n {redact: [Jane Roe]}\n<<: *n\n", "<<: {redact: Jane Roe}\n"] {
        let source = article("Court", "2024-11-05", lines, "Jane Roe was there.\n");
        let site = TestSite::empty().with_file("content/court.md", source);
        site.build().assert_success();
        assert_no_marker(&site.path("public"), "Jane Roe");
        let page = site.read_output("2024/11/05/court/index.html");
        assert!(page.contains("█████ was there."), "{page}");
    }
}

/// The settings, names, interface text and pages of terms.
#[test]
fn merge_keys_apply_in_all_yaml_files() {
    let settings = "extra:\n  base: &base {search: false, description: Merged words.}\n\
        <<: *base\ntaxonomies: {tags: {<<: {path: topics}}}\n";
    let site = TestSite::empty()
        .with_file("site.yaml", format!("{SETTINGS}{settings}"))
        .with_file("content/a.md", article("A", "2024-11-05", "tags: [Fog]\n", "Jane Roe.\n"))
        .with_file("content/tags/fog/_index.md", "---\n<<: {title: Merged title}\n---\nFog.\n")
        .with_file("redactions.yaml", "<<: {a.md: [Jane Roe]}\n");
    site.build().assert_success();
    assert!(site.read_output("index.html").contains("Merged words."));
    assert!(site.read_output("topics/fog/index.html").contains("Merged title"));
    assert!(!site.outputs().keys().any(|path| path.starts_with("search/")));
    assert!(!site.read_output("2024/11/05/a/index.html").contains("Jane Roe"));
    for (file, text, code) in [
        ("site.yaml", format!("{SETTINGS}<<: base\n"), "bad-setting"),
        ("site.yaml", format!("{SETTINGS}check: {{<<: 3}}\n"), "bad-setting"),
        ("redactions.yaml", "<<: [Jane Roe]\n".to_owned(), "bad-redaction"),
        ("templates/i18n/en.yaml", "<<: base\n".to_owned(), "invalid-yaml"),
    ] {
        let site = TestSite::new().with_file(file, text);
        let build = site.build();
        assert_eq!((build.status, build.codes()), (1, vec![code]), "{file}: {}", build.stderr);
        assert_eq!(build.only_diagnostic().file, file);
    }
}

//! Takedowns in front matter with mistakes, or in a form that isn't read.

use crate::visibility::{assert_taken_down, secret_article, site_after};

/// Front matter that was probably meant to hide an article.
const TAKEDOWNS_WITH_A_MISTAKE: [&str; 31] = [
    "draft: ture\n",
    "draft: [true]\n",
    "published: flase\n",
    "expires: soon\n",
    "embargo: until Monday\n",
    "status: [unpublished]\n",
    "status: {is: private}\n",
    "status: false\n",
    "status: published\nstatus: unpublished\n",
    "draft: false\ndraft: true\n",
    "status: unpublished\nslug: a/b\n",
    "draft: true\nlang: e n\n",
    "status: unpublished\nkicker: one: two\n",
    "status:\n  unpublished\nkicker: one: two\n",
    "STATUS: 'unpublshed' # why\nkicker: \"x\n",
    "redact: [Jane Roe\n",
    "redcat: [Jane Roe]\nkicker: one: two\n",
    "sttaus: unpublshed\n",
    "drfat: ture\n",
    "expired: 2020-01-01\n",
    "embargoed: 2999-01-01\n",
    "expire: 2099-01-01\n",
    "expiry_date: 2020-01-01\n",
    "status: draft, needs a lawyer\n",
    "\u{a0}draft: true\n",
    "? status\n: unpublished\nkicker: one: two\n",
    "status\u{ff1a}unpublished\n",
    "\"r\\u0065dact\": [Quonzibar]\n",
    "private: true\nlang: e n\n",
    "publishDate: 2999-01-01\nlang: e n\n",
    "extra: {a: b, draft: true}\nlang: e n\n",
];

/// A mistake in a value that controls visibility withholds the article, and so does any mistake in
/// front matter that was probably meant to.
#[test]
fn a_takedown_with_a_mistake_is_a_takedown() {
    for lines in TAKEDOWNS_WITH_A_MISTAKE {
        let site = site_after("", &secret_article(lines));
        let build = site.build().assert_errors();
        assert_eq!(build.report_number("unpublished.withheld"), 1, "{lines}: {}", build.stderr);
        assert_taken_down(&site);
        let second_build = site.build();
        assert_eq!(second_build.report_number("written"), 0, "{lines}");
        assert_eq!(second_build.diagnostics, build.diagnostics, "every build reports it");
    }
}

/// A takedown in front matter that isn't read withholds, too.
#[test]
fn a_takedown_in_an_unread_form_is_a_takedown() {
    let unclosed = "---\ntitle: Quonzibar\nstatus: unpublished\ndate: 2024-11-05\nQuonzibar\n";
    let site = site_after("", unclosed);
    site.build().assert_errors();
    assert_taken_down(&site);
    let long = format!("kicker: \"{}\"\nredact: [Jane Roe]\n", "x".repeat(70_000));
    for source in [
        "---\n{title: Q, date: 2024-13-05, status: unpublished}\n---\nText.\n",
        "---\n{title: Q, date: 2024-11-05, redact: [Jane Roe}\n---\nText.\n",
        "+++\ntitle = \"Q\"\ndate = 2024-11-05\n[redact]\nnames = [\"Jane Roe\"]\n+++\nText.\n",
        "title: Q\ndate: 2024-11-05\n\nstatus: unpublished\n---\nText.\n",
        &secret_article(&long),
    ] {
        let site = site_after("", source);
        site.build().assert_errors();
        assert_taken_down(&site);
    }
    let latin_1 = b"---\ntitle: caf\xe9\nstatus: unpublished\n---\n";
    let site = site_after("", "");
    site.write("content/secret.md", latin_1);
    site.build().assert_errors();
    assert_taken_down(&site);
}

/// A misspelled value of another system's key is an error, as one of `status:` is.
#[test]
fn a_misspelled_value_of_a_foreign_key_is_an_error() {
    for (line, meant) in [
        ("post_status: trahs\n", "`trash`"),
        ("workflow_state: [draft]\n", "`hidden`"),
        ("moderation_state: archivd\n", "`archived`"),
        ("private: ture\n", "`true`"),
        ("visible: flase\n", "`false`"),
        ("withdrawn: by the court\n", "`true`"),
        ("render: never\n", "`false`"),
    ] {
        let site = site_after("", &secret_article(line));
        let build = site.build().assert_errors();
        let diagnostic = build.only_diagnostic();
        diagnostic.assert_code("misspelled-status").assert_position(6, 1);
        diagnostic.assert_message_contains(meant);
        assert_taken_down(&site);
    }
    for line in ["embargo_date: soon\n", "publishDate: 2024-13-01\n", "expires_at: [x]\n"] {
        let site = site_after("", &secret_article(line));
        site.build().assert_errors().only_diagnostic().assert_code("bad-date");
        assert_taken_down(&site);
    }
    for line in ["status: off\n", "status: 'no'\n"] {
        let site = site_after("", &secret_article(line));
        site.build().assert_errors().only_diagnostic().assert_code("wrong-type");
        assert_taken_down(&site);
    }
}

/// Of several dates the strictest counts, whatever their order and their names.
#[test]
fn the_strictest_of_several_dates_counts() {
    for lines in [
        "embargo: 2020-01-01\npublish_on: 2999-01-01\n",
        "expires: 2999-01-01\nexpires_at: 2020-01-01\n",
        "expires: 2999-01-01\nunpublish_at: 2020-01-01\n",
        "publishAt: 2999-01-01\n",
        "published_at: 2999-01-01\n",
    ] {
        let site = site_after("", &secret_article(lines));
        let build = site.build().assert_success();
        assert_eq!(build.report_number("articles"), 1, "{lines}");
    }
    let shown = "embargo: 2020-01-01\npublish_on: 2021-01-01\nexpires: 2999-01-01\n";
    let site = site_after("", &secret_article(shown));
    assert_eq!(site.build().assert_success().report_number("articles"), 2);
}

/// Statuses that other systems publish at the article's date.
#[test]
fn a_scheduled_article_is_published_at_its_date() {
    for status in ["future", "Scheduled"] {
        let site = site_after("", &secret_article(&format!("status: {status}\n")));
        let build = site.build().assert_success();
        assert_eq!(build.report_number("articles"), 2, "{status}");
        let lines = format!("status: {status}\npublish_on: 2999-01-01\n");
        let site = site_after("", &secret_article(&lines));
        let build = site.build().assert_success();
        assert_eq!(build.report_number("unpublished.future"), 1, "{status}");
    }
}

/// A redaction that isn't applied is reported at its line, without the line's text.
#[test]
fn a_redaction_without_a_name_is_an_error() {
    for (lines, code) in [
        ("redact: \"\"\n", "bad-redaction"),
        ("redact:\n", "bad-redaction"),
        ("redact: []\n", "bad-redaction"),
        ("redact: [Jane Roe, '']\n", "bad-redaction"),
        ("redact_names: [Jane Roe]\n", "misspelled-key"),
        ("redactions:\n", "misspelled-key"),
        ("extra: {redact: [Jane Roe]}\n", "misplaced-key"),
        ("params: {a: {redactions: [Jane Roe]}}\n", "misplaced-key"),
        ("extra: {status: private}\n", "misplaced-key"),
    ] {
        let site = site_after("", &secret_article(lines));
        let build = site.build().assert_errors();
        build.only_diagnostic().assert_code(code).assert_position(6, 1);
        assert!(!build.stderr.contains("Jane"), "{}", build.stderr);
        assert_taken_down(&site);
    }
    for lines in ["redactor: Jane Roe\n", "redaction: Politik\n", "redacted: false\n"] {
        let build = site_after("", &secret_article(lines)).build();
        assert_eq!((build.status, build.report_number("articles")), (0, 2), "{lines}");
    }
    for text in ["secret.md:\n", "secret.md: []\n", "secret.md: ['']\n"] {
        let site = site_after("", &secret_article(""));
        site.write("redactions.yaml", text);
        site.build().assert_errors().only_diagnostic().assert_code("bad-redaction");
    }
}

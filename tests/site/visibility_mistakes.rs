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

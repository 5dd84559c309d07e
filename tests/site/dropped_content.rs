//! Everything that a page loses is reported: once for each class, with its number and examples.

use crate::harness::{SETTINGS, TestSite, article};

fn site_with_bodies(bodies: &[&str]) -> TestSite {
    let site = TestSite::empty();
    for (number, body) in bodies.iter().enumerate() {
        let title = format!("Article {number}");
        site.write(&format!("content/{number}.md"), article(&title, "2024-11-05", "", body));
    }
    site
}

#[test]
fn each_class_is_one_warning() {
    let site = site_with_bodies(&[
        "<iframe src=\"https://v.example/1\"></iframe>\n\n\
         <video src=\"https://v.example/a.mp4\"></video>\n",
        "Text.\n\n<iframe src=\"https://v.example/2\"></iframe>\n\n{% include a.html %}\n",
        "<p style=\"color: red\" onclick=\"x()\">A</p>\n\n[x](javascript:alert(1))\n",
        "<iframe></iframe>\n\n{{ title }} {: .lead}\n\n::: columns\nx\n:::\n",
        "<iframe></iframe>\n\n!!! unknown\n    x\n",
    ]);
    let build = site.build();
    assert_eq!(build.status, 0, "{}", build.stderr);
    let mut codes = build.codes();
    codes.sort_unstable();
    assert_eq!(
        codes,
        ["dropped-embed", "dropped-markup", "dropped-url", "template-tags", "template-tags"]
    );
    let about = |code: &str| {
        let found = build.diagnostics.iter().find(|diagnostic| diagnostic.code == code);
        found.expect("it is reported")
    };
    about("dropped-embed")
        .assert_message_contains("5 embeds are removed from 4 files: 4 iframe, 1 video")
        .assert_position(5, 1)
        .assert_help_contains("content/1.md:7, content/3.md:5");
    about("dropped-markup")
        .assert_message_contains("2 attributes and tags")
        .assert_message_contains("1 style");
    about("dropped-url").assert_message_contains("1 javascript:").assert_position(7, 1);
    let tags: Vec<_> =
        build.diagnostics.iter().filter(|diagnostic| diagnostic.code == "template-tags").collect();
    tags[0].assert_message_contains("`{% include a.html %}`").assert_position(9, 1);
    tags[1].assert_message_contains("4 times in 2 files");
}

/// The warning is the same from a cached record, after an edit, and in `check`.
#[test]
fn the_warning_outlives_the_cache() {
    let site = site_with_bodies(&["<iframe></iframe>\n", "{{ x }}\n"]);
    let first = site.build().stderr;
    let second = site.build();
    assert_eq!((second.stderr.as_str(), second.report_number("written")), (first.as_str(), 0));
    site.write(
        "content/0.md",
        article("Article 0", "2024-11-05", "", "Line.\n\n<iframe></iframe>\n"),
    );
    site.build().diagnostics_for("content/0.md")[0].assert_position(7, 1);
    site.write("content/0.md", article("Article 0", "2024-11-05", "", "Line.\n"));
    site.build().only_diagnostic().assert_code("template-tags");
    // Pages of terms, too.
    site.write("content/news/_index.md", "---\ntitle: News\n---\n<script>x</script>\n");
    assert_eq!(site.build().codes(), ["template-tags", "dropped-embed"]);
    site.write("site.yaml", format!("{SETTINGS}html: trusted\n"));
    site.build().only_diagnostic().assert_code("template-tags");
}

#[test]
fn what_is_published_as_it_is_written_causes_no_warning() {
    let site = site_with_bodies(&[
        "# A *b*\n\n<p class=\"lead\" id=\"x\">A <b>b</b> <br> \
         <a href=\"https://a.example\" target=\"_blank\" rel=\"noopener\">c</a></p>\n\n\
         | a | b |\n| - | -: |\n| 1 | 2 |\n\n<!-- more -->\n\n\
         A[^1] < b & c > d.\n\n[^1]: Note.\n",
        "Code: `<iframe>` `{{ x }}` `{% y %}`\n\n\
         ```html\n<script>a</script>\n::: x\n!!! note\n```\n\n    {{ z }}\n",
        "<https://a.example> mail@a.example <mail@a.example> [x](mailto:a@b.example) \
         100 % {a} {{b\n",
        "> [!NOTE]\n> An alert.\n\n\
         <figure><blockquote>x</blockquote><figcaption>y</figcaption></figure>\n",
    ]);
    site.build().assert_success();
}

#[test]
fn lines_with_redacted_names_are_not_shown() {
    let site = TestSite::empty();
    site.write(
        "content/a.md",
        article("A", "2024-11-05", "redact: [Jane Doe]\n", "Jane Doe <iframe></iframe>\n"),
    );
    let build = site.build();
    build.only_diagnostic().assert_code("dropped-embed");
    assert!(!build.stderr.contains("Jane Doe"), "{}", build.stderr);
}

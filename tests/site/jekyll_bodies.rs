//! Bodies written for Jekyll, Zola, MkDocs and Docusaurus.

use crate::harness::{TestSite, article};

/// Builds a site with an article, and returns its page and the codes of the warnings.
fn build_body(body: &str) -> (String, Vec<String>) {
    let site = TestSite::empty()
        .with_file(
            "content/_posts/2003-04-05-ferry.md",
            article("The ferry", "2003-04-05", "", "Sank."),
        )
        .with_file("static/bay.png", crate::redaction::png(4))
        .with_file("content/a.md", article("A", "2003-04-06", "", body));
    let build = site.build();
    assert_eq!(build.status, 0, "{}", build.stderr);
    let codes = build.codes().into_iter().map(str::to_owned).collect();
    (site.read_output("2003/04/06/a/index.html"), codes)
}

#[track_caller]
fn assert_contains(page: &str, texts: &[&str]) {
    for text in texts {
        assert!(page.contains(text), "no {text:?} in {page}");
    }
}

#[test]
fn urls_of_liquid_are_resolved() {
    let (page, codes) = build_body(
        "[post]({% post_url 2003-04-05-ferry %}) [file]({% link _posts/2003-04-05-ferry.md %})\n\
         [list]({{ site.baseurl }}/list/) [map]({{ \"/map/\" | relative_url }})\n\n\
         <p><a href=\"{{ site.url }}{{ site.baseurl }}/x/\">\
         <img src=\"{{ '/bay.png' | absolute_url }}\" alt=\"The bay\"></a></p>\n\n\
         {% include figure.html src=\"/bay.png\" caption=\"Dawn\" %}\n",
    );
    assert_eq!(codes, [""; 0]);
    assert_contains(
        &page,
        &[
            "<a href=\"/2003/04/05/ferry/\">post</a>",
            "<a href=\"/2003/04/05/ferry/\">file</a>",
            "<a href=\"/list/\">list</a>",
            "<a href=\"/map/\">map</a>",
            "<a href=\"/x/\"",
            "src=\"/bay.png\"",
            "Dawn</figcaption>",
        ],
    );
    assert!(!page.contains("{{ ") && !page.contains("{%"), "{page}");
}

#[test]
fn code_of_jekyll_is_code() {
    let (page, codes) = build_body(
        "{% highlight sh %}\n# not a heading\n{% endhighlight %}\n\n\
         ```\n{% raw %}{{ page.title }}{% endraw %}\n```\n\n`{% seo %}` stays.\n",
    );
    assert_eq!(codes, [""; 0]);
    assert_contains(
        &page,
        &["# not a heading\n</code>", "<code>{{ page.title }}\n</code>", "<code>{% seo %}</code>"],
    );
}

#[test]
fn a_tag_without_a_meaning_is_removed_with_a_warning() {
    let body = "See [it][b].\n\n{% include ads.html %}\n[b]: https://b.example/\n\n\
        A {{ page.title }}.\n";
    let site = TestSite::empty()
        .with_file("content/a.md", article("A", "2003-04-06", "", body))
        .with_file("content/b.md", article("B", "2003-04-06", "", body));
    let build = site.build();
    assert_eq!(build.codes(), ["template-tags", "template-tags"]);
    build.diagnostics[0]
        .assert_message_contains("`{% include ads.html %}`: it is removed, 2 times in 2 files")
        .assert_position(7, 1);
    build.diagnostics[1].assert_message_contains("`{{ page.title }}`").assert_position(10, 3);
    let page = site.read_output("2003/04/06/a/index.html");
    assert_contains(&page, &["<a href=\"https://b.example/\">it</a>", "<p>A .</p>"]);
}

#[test]
fn attributes_of_kramdown_are_applied_or_removed() {
    let (page, codes) = build_body(
        "* TOC\n{:toc}\n\n## The bay\n{: #mine}\n\nA paragraph.\n{: .lead}\n\n\
         ![The bay](/bay.png){: .wide width=\"4\"}\n\n\
         [b](https://b.example/){:target=\"_blank\"}\n",
    );
    assert_eq!(codes, ["template-tags", "template-tags"]);
    assert_contains(
        &page,
        &["<h2 id=\"mine\">", "<div class=\"lead\">", "<div class=\"wide\">", "https://b.example/"],
    );
    assert!(!page.contains("{:") && !page.contains("TOC"), "{page}");
}

#[test]
fn admonitions_are_alerts() {
    let (page, codes) = build_body(
        "!!! note \"Good to know\"\n    First.\n\n    Second.\n\n:::danger\nThird.\n:::\n\nLast.\n",
    );
    assert_eq!(codes, [""; 0]);
    assert_contains(
        &page,
        &["<strong>Good to know</strong>", "<p>Second.</p>", "<p>Third.</p>", "<p>Last.</p>"],
    );
    assert_eq!(page.matches("markdown-alert-title").count(), 2, "{page}");
    assert!(!page.contains("<pre>"), "{page}");
}

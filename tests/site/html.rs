//! HTML is read as browsers read it, wherever it is read: in feeds, in `check`, in search, in
//! bodies.

use serde_json::Value;

use crate::harness::{CommandOutput, SETTINGS, TestSite, article, dateline};

/// Text that looks like HTML, wherever it is text.
const TEXT: &str = "Write `<a href=\"/x\">` or src=\"/a.png\" in prose.\n\n\
    ```html\n<img src=\"/a.png\" srcset=\"/a.png 1x, /b.png 2x\">\n```\n\n\
    A title=\"/t\" and &lt;a href=\"/y\">.\n";

#[test]
fn full_text_feeds_leave_text_as_it_is() {
    let site = TestSite::empty()
        .with_file("site.yaml", format!("{SETTINGS}html: trusted\nfeeds: {{full_text: true}}\n"));
    let raw = "\n<script>let a = '<a href=\"/s\">';</script>\n\n\
        <textarea>\n<a href=\"/t\">\n</textarea>\n\n\
        <p title='href=\"/v\"'><a HREF='/w?a=1&amp;b'>w</a> <a href=/u>u</a></p>\n";
    site.write("content/a.md", article("A", "2024-12-05", "", &format!("{TEXT}{raw}")));
    site.build().assert_success();
    let feed: Value = serde_json::from_str(&site.read_output("feed.json")).expect("JSON");
    let html = feed["items"][0]["content_html"].as_str().expect("the whole article");
    for unchanged in [
        "<code>&lt;a href=\"/x\"&gt;</code> or src=\"/a.png\" in prose",
        "&lt;img src=\"/a.png\" srcset=\"/a.png 1x, /b.png 2x\"&gt;",
        "A title=\"/t\" and &lt;a href=\"/y\"&gt;",
        "'<a href=\"/s\">'",
        "\n<a href=\"/t\">\n",
        "title='href=\"/v\"'",
    ] {
        assert!(html.contains(unchanged), "{unchanged} in {html}");
    }
    for absolute in ["HREF='https://test.example/w?a=1&amp;b'", "href=\"https://test.example/u\">u"]
    {
        assert!(html.contains(absolute), "{absolute} in {html}");
    }
}

#[test]
fn a_tag_may_take_several_lines_and_any_quotation_marks() {
    let site = TestSite::empty().with_file("site.yaml", format!("{SETTINGS}html: trusted\n"));
    let body = "<p>\n<img\n  SRC=a.png\n  data-width=\"1\"\n>\n<!-- <img src=\"gone.png\"> -->\n\
        <a\nhref = 'b.md'>b</a>\n</p>\n";
    let png = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x03\0\0\0\x04\x08\x02\0\0\0";
    site.write("content/a.png", png);
    site.write("content/a.md", article("A", "2024-12-05", "", body));
    site.write("content/b.md", article("B", "2024-12-06", "", "Text.\n"));
    site.build().assert_success();
    let page = site.read_output("2024/12/05/a/index.html");
    let image = "<img\n  SRC=\"/a.png\" width=\"3\" height=\"4\"\n  data-width=\"1\"\n>";
    assert!(page.contains(image), "{page}");
    assert!(page.contains("<a\nhref = '/2024/12/06/b/'>b</a>"), "{page}");
    assert!(site.output_paths().contains(&"a.png".to_owned()));
}

#[test]
fn check_and_search_see_what_a_reader_sees() {
    let site = TestSite::empty()
        .with_file("site.yaml", format!("{SETTINGS}html: trusted\nsearch: true\n"));
    let body = "<p><a href=\"?a=1&amp;b=2#caf&eacute;\">x</a> <b id='caf&eacute;'>y</b></p>\n\n\
        <textarea>\n<a href=\"/gone/\"><div>\n</textarea>\n\n<A HREF=/lost&amp;found/>z</A>\n";
    site.write("content/a.md", article("A", "2024-12-05", "section: s\n", body));
    let check = CommandOutput::run(dateline().args(["check", "--root"]).arg(site.root()));
    let text = format!("{}{}", check.stdout, check.stderr);
    assert!(text.contains("`/lost&found/` is broken"), "{text}");
    assert!(
        !text.contains("/gone/") && !text.contains("caf") && !text.contains("malformed"),
        "{text}"
    );
}

/// Cells are aligned by classes, and styles that an author wrote stay.
#[test]
fn columns_are_aligned_by_class() {
    let site = TestSite::empty().with_file("site.yaml", format!("{SETTINGS}html: trusted\n"));
    let body = "| l | c | r | n |\n| :- | :-: | -: | - |\n| 1 | *2* | 3 | 4 |\n\n\
        <p style=\"text-align: left\">x</p>\n";
    site.write("content/a.md", article("A", "2024-12-05", "", body));
    site.build().assert_success();
    let page = site.read_output("2024/12/05/a/index.html");
    let table = "<table><thead><tr><th class=\"left\">l</th><th class=\"center\">c</th>\
        <th class=\"right\">r</th><th>n</th></tr></thead><tbody>\n\
        <tr><td class=\"left\">1</td><td class=\"center\"><em>2</em></td>\
        <td class=\"right\">3</td><td>4</td></tr>\n</tbody></table>";
    assert!(page.contains(table), "{page}");
    assert!(page.contains("<p style=\"text-align: left\">x</p>"), "{page}");
}

/// Hugo's `ref` is a URL in the syntax of a link, and elsewhere a link to the article.
#[test]
fn references_to_articles_are_links_wherever_they_are() {
    let site = TestSite::empty();
    let reference = "{{< ref \"b.md\" >}}";
    let body = format!(
        "Text with =\"{reference}\" in it.\n\n<p>Markup with {reference} in it.</p>\n\n\
         <p class='c'><a  href = \"{reference}#d\">d</a></p>\n\n[e]: {reference}\n\n[e]\n\n\
         <p><a href=\"{{{{< ref \"gone.md\" >}}}}\">f</a> <b title=\"{reference}\">g</b></p>\n\n\
         [h](story:b.md) [i](article:b.md) <a href=\"article:b.md\">j</a>\n"
    );
    site.write("content/a.md", article("A", "2024-12-05", "section: s\n", &body));
    site.write("content/b.md", article("B", "2024-12-06", "section: s\n", "Text.\n"));
    let build = site.build();
    assert!(build.stderr.contains("3 URLs with schemes that aren't allowed"), "{}", build.stderr);
    assert_eq!((build.status, build.codes()), (0, vec!["missing-story", "dropped-url"]));
    let page = site.read_output("2024/12/05/a/index.html");
    for expected in [
        "=\"<a href=\"/2024/12/06/b/\">b.md</a>\" in it.",
        "<p>Markup with <a href=\"/2024/12/06/b/\">b.md</a> in it.</p>",
        "<a href=\"/2024/12/06/b/#d\">d</a>",
        "<a href=\"/2024/12/06/b/\">e</a>",
        "<b title=\"b.md\">g</b>",
        // Schemes that an author's URL may not have.
        "<p>h i <a>j</a></p>",
    ] {
        assert!(page.contains(expected), "{expected} in {page}");
    }
    assert!(!page.contains('\u{fdd0}') && !page.contains("%EF%B7%90"), "{page}");
}

/// The text of a body of HTML, as other systems export it, counts like that of Markdown.
#[test]
fn text_of_html_counts_as_text_everywhere() {
    let site = TestSite::empty().with_file(
        "site.yaml",
        format!("{SETTINGS}search: true\ndata: true\nfeeds: {{full_text: true}}\n"),
    );
    let body = "<p>The zephyrine harbor is &quot;shut&quot;.</p>\n<script>let a = 1;</script>\n\
        <style>p { color: red }</style>\n<p>Nine <b>ships</b> wait outside.</p>\n";
    site.write("content/a.md", article("A", "2024-12-05", "dateline: New York\n", body));
    site.build().only_diagnostic().assert_code("dropped-embed");
    let page = site.read_output("2024/12/05/a/index.html");
    assert!(page.contains("\"wordCount\":9"), "{page}");
    let start = "<p><span class=\"dateline\">New York&nbsp;—</span> The zephyrine harbor";
    assert!(page.contains(start), "{page}");
    let table = site.read_output("data/2024.csv");
    assert!(table.contains(",9,"), "{table}");
    let run =
        |args: &[&str]| CommandOutput::run(dateline().args(args).arg("--root").arg(site.root()));
    let stats: Value = serde_json::from_str(&run(&["stats", "--format", "json"]).stdout).unwrap();
    assert_eq!(stats["words"], 9);
    let file = site.path("archive.db");
    run(&["export", "sqlite", file.to_str().expect("UTF-8")]);
    let database = rusqlite::Connection::open(file).expect("a database");
    let read = |query: &str| database.query_row(query, [], |row| row.get::<_, String>(0)).unwrap();
    let text = "The zephyrine harbor is \"shut\".\nNine ships wait outside.";
    assert_eq!(read("SELECT body FROM articles"), text);
    assert_eq!(read("SELECT title FROM articles_fts WHERE articles_fts MATCH 'zephyrine'"), "A");
}

#[test]
fn the_content_of_noscript_is_shown() {
    let body = "<p>\n  <noscript><img alt=\"The quay\" \
        src=\"https://b.example/q.jpg\"></noscript>\n\
        </p>\n\nText <noscript>*of* <b>old</b> browsers</noscript>.\n";
    let site = TestSite::empty().with_file("content/a.md", article("A", "2003-04-06", "", body));
    site.build().assert_success();
    let page = site.read_output("2003/04/06/a/index.html");
    for text in ["alt=\"The quay\"", "<em>of</em> <b>old</b> browsers"] {
        assert!(page.contains(text), "{page}");
    }
    assert!(!page.contains("noscript") && !page.contains("&lt;img"), "{page}");
}

#[test]
fn named_anchors_get_an_id() {
    let body = "A claim.<a href=\"#n1\" name=\"r1\">[1]</a> <a name='b' id=\"c\">x</a>\n\n\
        <p><a name=n1 href=\"#r1\">[1]</a> The note.</p>\n\n<a name=\"dateline-x\">y</a>\n";
    let site = TestSite::empty().with_file("content/a.md", article("A", "2003-04-06", "", body));
    site.build();
    let page = site.read_output("2003/04/06/a/index.html");
    for id in ["id=\"r1\"", "id=\"n1\"", "id=\"c\""] {
        assert_eq!(page.matches(id).count(), 1, "{id}: {page}");
    }
    for other in ["id=\"b\"", "id=\"dateline-x\""] {
        assert!(!page.contains(other), "{page}");
    }
}

#[test]
fn text_behind_a_divider_is_markdown() {
    let body = "One.\n\n<!-- more -->The [second](https://b.example/) is **here**.\n";
    let site = TestSite::empty().with_file("content/a.md", article("A", "2003-04-06", "", body));
    site.build().assert_success();
    let page = site.read_output("2003/04/06/a/index.html");
    let paragraph =
        "<p>The <a href=\"https://b.example/\">second</a> is <strong>here</strong>.</p>";
    assert!(page.contains(paragraph), "{page}");
}

#[test]
fn a_linked_image_is_a_figure() {
    let body = "[![A pier](https://b.example/p.png \"The pier | C. Doe\")](https://b.example/)\n\n\
        [![A pier](https://b.example/p.png \"x\") text](https://b.example/c)\n\n\
        [no image](https://b.example/d) [![A](https://b.example/p.png)](https://b.example/e)\n";
    let site = TestSite::empty().with_file("content/a.md", article("A", "2003-04-06", "", body));
    site.build().assert_success();
    let page = site.read_output("2003/04/06/a/index.html");
    let figure = "<figure class=\"figure\"><a href=\"https://b.example/\"><img ";
    assert!(page.contains(figure), "{page}");
    let caption = "</a><figcaption>The pier <span class=\"credit\">C. Doe</span></figcaption>";
    assert!(page.contains(caption), "{page}");
    assert_eq!(page.matches("<figure").count(), 1, "{page}");
    assert!(page.contains(" text</a></p>"), "{page}");
    assert!(page.contains("<p><a href=\"https://b.example/d\">no image</a> <a "), "{page}");
}

#[test]
fn every_url_of_raw_html_has_the_path_of_the_site() {
    let settings =
        "title: The Test\nbase_url: https://test.example/sub\nfeeds: {full_text: true}\n";
    let body = "<img src=\"/p.png\" srcset=\"/p.png 1x, q.png 2x\" alt=\"A pier\">\n\n\
        <blockquote cite=\"/x/\">B.</blockquote>\n";
    let png = crate::redaction::png(4);
    let site = TestSite::empty()
        .with_file("site.yaml", settings)
        .with_file("static/p.png", &png)
        .with_file("content/a/q.png", &png)
        .with_file("content/a/index.md", article("A", "2003-04-06", "", body));
    site.build().assert_success();
    let page = site.read_output("2003/04/06/a/index.html");
    for text in ["srcset=\"/sub/p.png 1x, /sub/a/q.png 2x\"", "cite=\"/sub/x/\""] {
        assert!(page.contains(text), "{text}: {page}");
    }
    assert!(site.has_output("a/q.png"));
    let feed: Value = serde_json::from_str(&site.read_output("feed.json")).expect("JSON");
    let html = feed["items"][0]["content_html"].as_str().expect("the whole article");
    let srcset = "https://test.example/sub/p.png 1x, https://test.example/sub/a/q.png 2x";
    assert!(html.contains(srcset), "{html}");
}

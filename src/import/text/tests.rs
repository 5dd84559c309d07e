//! Tests of whole bodies.

use super::difference::Rule;
use super::verify::{render, shown};
use super::{Converted, HtmlDialect, Part, html_to_markdown};

fn convert(html: &str) -> Converted {
    html_to_markdown(html, HtmlDialect::Html, &mut |_| None)
}

/// Asserts the Markdown of HTML, without differences.
#[track_caller]
fn assert_markdown(html: &str, markdown: &str) {
    let converted = convert(html);
    assert_eq!(converted.markdown, markdown, "{html}");
    assert_eq!(converted.differences, [], "{html}");
}

#[test]
fn blocks_become_markdown() {
    assert_markdown("<div><p>One\n two.</p>Three.<p></p></div>", "One two.\n\nThree.");
    assert_markdown("<h2 style='x'>A <b>b</b></h2><hr>", "## A **b**\n\n***");
    assert_markdown("<ul><li>a<ul><li>b</ul><li><p>c</ul>", "- a\n  - b\n- c");
    assert_markdown("<ol start=3><li>a</ol><ol><li>b<li></ol>", "3. a\n\n1) b\n2)");
    assert_markdown("<blockquote><p>a<p>b</blockquote>", "> a\n>\n> b");
    assert_markdown(
        "<pre class='brush: js;'>let a = `b`;\n\n  c</pre>",
        "```js\nlet a = `b`;\n\n  c\n```",
    );
    assert_markdown("a<br>b<br><br>c", "a\\\nb\n\nc");
    assert_markdown(
        "<table><tr><th>A<th align=right>B<tr><td>1|2<td><p>x<br>y</table>",
        "| A | B |\n| --- | --: |\n| 1\\|2 | x<br>y |",
    );
}

#[test]
fn bodies_of_wordpress_have_paragraphs_and_shortcodes() {
    let convert = |html: &str| html_to_markdown(html, HtmlDialect::WordPress, &mut |_| None);
    let source = "One [sic]\nline.\n\n\
        [caption id=\"a_1\" width=\"3\"]<a href=\"/b\"><img src=\"/a.png\" alt=\"A\" /></a> The [b]\
        [/caption]\n\nhttps://video.example/1\n\n<ul>\n<li>x</li>\n</ul>\n\n\
        [box color=\"red\"]Text[/box] [[gallery]]\n\n<pre>a\n\nb</pre>\n<em>c</em>\n\nd";
    let converted = convert(source);
    assert_eq!(
        converted.markdown,
        "One [sic]\\\nline.\n\n\
         <figure class=\"figure\"><a href=\"/b\"><img src=\"/a.png\" alt=\"A\"></a>\
         <figcaption>The [b]</figcaption></figure>\n\n\
         <https://video.example/1>\n\n- x\n\nText [gallery]\n\n```\na\n\nb\n```\n\n*c*\n\nd"
    );
    assert!(converted.differences.iter().all(|difference| difference.rule != Rule::Unexplained));
    let blocks = "<!-- wp:paragraph -->\n<p>A\nb</p>\n<!-- /wp:paragraph -->\n\nC\nd";
    assert_eq!(convert(blocks).markdown, "A b\n\nC\\\nd");
    assert_eq!(convert("[dropcap a=b]T[/dropcap]he").markdown, "The");
    assert_eq!(HtmlDialect::detect(source), HtmlDialect::WordPress);
    assert_eq!(HtmlDialect::detect("a\n\nb"), HtmlDialect::WordPress);
    assert_eq!(HtmlDialect::detect("<p>a</p>\n\n<p>b</p>"), HtmlDialect::Html);
}

#[test]
fn figures_have_captions_and_credits() {
    assert_markdown(
        "<figure><img src='a.png' alt='A'><figcaption>The quay <span class=credit>B. C.\
         </span></figcaption></figure>",
        "![A](a.png \"The quay | B. C.\")",
    );
    assert_markdown("<p><img src='a.png'><br><img src='b.png'></p>", "![](a.png)\n\n![](b.png)");
    assert_markdown(
        "<figure><img src=a.png><figcaption>By <a href=/b>B</a></figcaption></figure>",
        "<figure class=\"figure\"><img src=\"a.png\" alt=\"\"><figcaption>By \
         <a href=\"/b\">B</a></figcaption></figure>",
    );
    assert_markdown("<p>x <img src='a b.png'> y</p>", "x ![](a%20b.png) y");
}

#[test]
fn what_markdown_lacks_stays_html() {
    assert_markdown("<p>H<sub>2</sub>O <kbd>x</kbd>", "H<sub>2</sub>O <kbd>x</kbd>");
    assert_markdown("<dl><dt>a<dd>b</dl>", "<dl><dt>a</dt>\n<dd>b</dd></dl>");
    assert_markdown("a<b>.b</b>c", "a<strong>.b</strong>c");
    assert_markdown("<b>a</b><i>b</i>c", "<strong>a</strong>*b*c");
    assert_markdown(
        "<table><tr><td colspan=2>a<tr><td>b<td>c</table>",
        "<table>\n<tbody>\n<tr><td colspan=\"2\">a</td></tr>\n\
         <tr><td>b</td><td>c</td></tr>\n</tbody>\n</table>",
    );
    assert_markdown("<a href=/x><h2>a</h2><p>b</p></a>", "<a href=\"/x\"><h2>a</h2>\n<p>b</p></a>");
}

#[test]
fn footnotes_and_pull_quotes_are_converted() {
    let html = "<p>A<sup><a id=r1 href='#n1'>1</a></sup>.</p>\
                <ol><li id=n1>Note. <a href='#r1'>↩</a></li></ol>";
    let converted = convert(html);
    assert_eq!(converted.markdown, "A[^1].\n\n[^1]: Note.");
    let rules: Vec<Rule> = converted.differences.iter().map(|found| found.rule).collect();
    assert_eq!(rules, [Rule::Footnote, Rule::Footnote]);
    assert_markdown(
        "<blockquote class=wp-block-pullquote><p>A</blockquote>",
        "<aside>\n\nA\n\n</aside>",
    );
    assert_markdown(
        "<p>See <a href='#b'>B</a></p><p id=b>B</p>",
        "See [B](#b)\n\n<span id=\"b\"></span>B",
    );
}

#[test]
fn what_is_left_out_has_a_rule() {
    for (html, markdown, rule, part) in [
        ("<script>x</script>a", "a", Rule::Script, Part::Markup),
        ("a<img src=/t.gif width=1 height=1>", "a", Rule::TrackingImage, Part::Image),
        ("<img src='data:,' data-src=y>", "![](y)", Rule::LateImage, Part::Image),
        ("<img src=a title=b>", "![](a)", Rule::ImageTitle, Part::Markup),
        ("<a href='javascript:x'>a</a>", "a", Rule::UnsafeLink, Part::Link),
        ("<a href=/x></a>a", "a", Rule::EmptyLink, Part::Link),
        ("a<input>", "a", Rule::FormControl, Part::Markup),
    ] {
        let converted = convert(html);
        assert_eq!(converted.markdown, markdown, "{html}");
        let found = converted.differences.first().map(|found| (found.rule, found.part));
        assert_eq!(found, Some((rule, part)), "{html}");
    }
    let converted = convert("<iframe src='https://v.example/1' title=Quay></iframe>");
    assert_eq!(converted.markdown, "[▶ Quay](https://v.example/1)");
    assert_eq!(converted.differences.len(), 2);
}

#[test]
fn urls_are_replaced() {
    let mut urls = |url: &str| (url == "/old.png").then(|| "new (1).png".to_owned());
    let html = "<a href='/old.png'><img src='/old.png'></a> <a href='/kept?a=1&amp;b'>x</a>";
    let converted = html_to_markdown(html, HtmlDialect::Html, &mut urls);
    let expected = "[![](new%20%281%29.png)](new%20%281%29.png) [x](/kept?a=1&b)";
    assert_eq!(converted.markdown, expected);
}

#[test]
fn text_is_never_read_as_markup() {
    for text in [
        "# a",
        "1. a",
        "- a",
        "+ a",
        "a * b * c",
        "_a_",
        "[a](b)",
        "[^1]",
        "![a](b)",
        "&amp;lt;",
        "`a`",
        "~a~",
        "{{&lt; youtube x >}}",
        "{{% ref x %}}",
        "&lt;b&gt;",
        "a|b",
        "\\*",
        "===",
        "[!NOTE]",
        "{: .a}",
        "!!! note",
        "::: note",
        "{% raw %}",
        "[a]: /b",
        "a {#b}",
        "http://x.example/a_b_",
        "&#8217;&amp;#8217;",
    ] {
        for html in [
            format!("<p>{text}</p>"),
            format!("<h2>{text}</h2>"),
            format!("<ul><li>{text}<li><b>{text}</b></ul>"),
            format!("<blockquote>{text}</blockquote>"),
            format!("<p>a<br>{text}</p>"),
            format!("<p><a href=/x>{text}</a> <sup>{text}</sup></p>"),
            format!("<table><tr><th>{text}<tr><td>{text}</table>"),
            format!("<dl><dt>{text}<dd><pre>{text}\n\n\n{text}</pre></dl>"),
        ] {
            let converted = convert(&html);
            let rendered = render(&converted.markdown).expect("it isn't nested too deep");
            let text = |html: &str| {
                let shown = shown(html).into_iter().map(|token| format!("{token:?}"));
                shown.filter(|token| token.starts_with("Text")).collect::<String>()
            };
            assert_eq!(text(&rendered), text(&html), "{html}: {}", converted.markdown);
            assert_eq!(converted.differences, [], "{html}");
        }
    }
}

#[test]
fn hostile_html_is_converted() {
    let deep = |tag: &str, count: usize| format!("<{tag}>").repeat(count);
    for html in [
        format!("{}x", deep("div", 50_000)),
        format!("{}x", deep("blockquote", 5_000)),
        format!("{}x", deep("ul><li", 5_000)),
        format!("{}x", deep("b", 5_000)),
        format!("{}x", deep("table><tr><td", 5_000)),
        format!("x{}", "<p>".repeat(50_000)),
        format!("<p title='{}'>x</p>", "a".repeat(1_000_000)),
        format!("<p {}>x</p>", (0..5_000).map(|n| format!("a{n}=1 ")).collect::<String>()),
        format!("x{}", "&amp;".repeat(100_000)),
        format!("x{}", "[a b=c".repeat(20_000)),
        format!("x{}", "[caption a=b]".repeat(5_000)),
        format!("x{}", "*_~`[".repeat(5_000)),
    ] {
        for dialect in [HtmlDialect::Html, HtmlDialect::WordPress] {
            let converted = html_to_markdown(&html, dialect, &mut |_| None);
            assert!(converted.markdown.contains('x'), "{}", &html[..40]);
            assert!(render(&converted.markdown).is_some(), "{}", &html[..40]);
            let unexplained =
                converted.differences.iter().any(|found| found.rule == Rule::Unexplained);
            assert!(!unexplained, "{}", &html[..40]);
        }
    }
}

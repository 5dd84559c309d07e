//! Liquid, the template language of Jekyll, and the shortcodes of Zola, in bodies.
//!
//! Nothing is evaluated. A table gives the tags that have a meaning in Markdown, and the output
//! that a site always has; they become Markdown, or shortcodes of Hugo, which are expanded later.
//! Every other tag is removed, its content stays, and the build warns once for each name. Jekyll
//! reads Liquid before Markdown, so `raw` and `highlight` count in code, too; other tags in code
//! are kept as they are written.

mod blocks;
mod scanner;
mod tags;

use std::borrow::Cow;

/// A body without Liquid.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ConvertedBody<'a> {
    /// The body, which may have shortcodes of Hugo.
    pub(super) body: Cow<'a, str>,
    /// The tags that were removed, once for each time: `{% seo %}`.
    pub(super) removed: Vec<String>,
}

/// Converts the Liquid of a body, in time in proportion to its length. A body without `{%` and `{{`
/// isn't read.
pub(super) fn convert(body: &str) -> ConvertedBody<'_> {
    if !scanner::may_have_tags(body) {
        return ConvertedBody { body: body.into(), removed: Vec::new() };
    }
    let blocks::ExpandedBlocks { body, literal } = blocks::expand(body);
    let mut removed = Vec::new();
    let body = match tags::expand(&body, &literal, &mut removed) {
        Some(expanded) => Cow::Owned(expanded),
        None => body,
    };
    ConvertedBody { body, removed }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn assert_converts(text: &str, expected: &str, removed: &[&str]) {
        let converted = convert(text);
        assert_eq!(converted.body, expected, "{text}");
        assert_eq!(converted.removed, removed, "{text}");
    }

    #[test]
    fn highlighted_code_becomes_a_fenced_block() {
        assert_converts(
            "A\n\n{% highlight sh linenos %}\n# no heading\n{% endhighlight %}\n\nB\n",
            "A\n\n```sh\n# no heading\n```\n\nB\n",
            &[],
        );
        assert_converts(
            "{% highlight %}a ``` b{% endhighlight %} B",
            "````\na ``` b\n````\n B",
            &[],
        );
        // In code, only the delimiters go.
        let code = "    {% highlight c %}\n    int x;\n    {% endhighlight %}\n";
        assert_converts(code, "    \n    int x;\n    \n", &[]);
        assert_converts(
            "{% highlight c %} is never closed",
            " is never closed",
            &["{% highlight %}"],
        );
    }

    #[test]
    fn raw_text_is_kept() {
        assert_converts("{% raw %}{{ a }} {% b %}{% endraw %} c", "{{ a }} {% b %} c", &[]);
        assert_converts("```\n{%- raw -%}{{ a }}{% endraw %}\n```\n", "```\n{{ a }}\n```\n", &[]);
        assert_converts("a{% comment %}b {{ c }}{% endcomment %}d", "ad", &[]);
    }

    #[test]
    fn known_tags_become_markdown_or_shortcodes() {
        for (text, expected) in [
            ("[a]({% post_url 2001-02-03-b %})", "[a]({{< ref `2001-02-03-b` >}})"),
            (
                "[a]({% link _posts/2001-02-03-b.md %})",
                "[a]({{< ref `/_posts/2001-02-03-b.md` >}})",
            ),
            ("[a]({% link files/b.pdf %})", "[a](/files/b.pdf)"),
            ("[a]({{ site.baseurl }}/b/)", "[a](/b/)"),
            ("[a]({{site.url}}{{ site.baseurl }}/b/)", "[a](/b/)"),
            ("[a]({{ \"b/\" | relative_url }})", "[a](/b/)"),
            ("[a]({{ '/b/' | prepend: site.baseurl | prepend: site.url }})", "[a](/b/)"),
            ("[a]({{ 'https://b.example/' | absolute_url }})", "[a](https://b.example/)"),
            ("{% gist ann/12ab %}", "[Gist ann/12ab](https://gist.github.com/ann/12ab)"),
            ("{% youtube a-1 %}", "{{< youtube `a-1` >}}"),
            ("{{ youtube(id=\"a-1\") }}", "{{< youtube id=`a-1` >}}"),
            (
                "{% include figure.html src=\"/a.png\" caption='A \"b\"' %}",
                "{{< figure caption=`A \"b\"` src=`/a.png` >}}",
            ),
            (
                "{% include media/image.html image_path=\"/a.png\" alt=\"B\" %}",
                "{{< figure alt=`B` src=`/a.png` >}}",
            ),
        ] {
            assert_converts(text, expected, &[]);
        }
    }

    #[test]
    fn unknown_tags_are_removed_and_their_content_stays() {
        assert_converts("a {% if page.b %}c{% else %}d{% endif %}", "a cd", &["{% if %}"]);
        assert_converts("{% quote(by=\"a\") %}b{% end %}", "b", &["{% quote %}"]);
        assert_converts("a {{ page.title | upcase }}.", "a .", &["{{ page.title }}"]);
        assert_converts("a {{ now() }}.", "a .", &["{{ now() }}"]);
        assert_converts(
            "{% include a.html %} {% include a.html %}",
            " ",
            &["{% include a.html %}", "{% include a.html %}"],
        );
        // The URL of the site is no text.
        assert_converts("See {{ site.url }}.", "See .", &["{{ site.url }}"]);
    }

    #[test]
    fn a_line_with_a_tag_alone_swallows_nothing() {
        let text = "{% include a.md %}\n[b]: /c\n";
        assert_converts(text, "\n[b]: /c\n", &["{% include a.md %}"]);
        let text = "<div>\n  {% ad %}\n  <p>b</p>\n</div>\n";
        assert_converts(text, "<div>\n  <p>b</p>\n</div>\n", &["{% ad %}"]);
    }

    #[test]
    fn other_text_is_kept() {
        for text in [
            "{{ name }} and {{ a b }}",
            "{{< ref \"a.md\" >}} {{% note %}} {{</* b */>}}",
            "`{% a %}` and\n\n    {{ site.url }}\n\n```\n{% b %}\n```\n",
            "5 {% of {{ it",
            "{% a\n\nb %}",
            "{%%} {{}}",
            "{{{{ a",
            "{% 7 %}",
        ] {
            assert_converts(text, text, &[]);
        }
    }

    /// Each opening tag without its end is read once.
    #[test]
    fn unclosed_tags_take_linear_work() {
        for part in ["{% raw %}", "{% highlight a %}", "{%", "{{ site.url ", "{% a ", "{{\"b"] {
            let text = part.repeat(20_000);
            convert(&text);
        }
    }
}

//! Redacted names that the syntax of Markdown, HTML or YAML takes apart: whatever a reader or the
//! audit would read as the name is removed.

use crate::harness::{SETTINGS, TestSite, article, read_files};
use crate::in_process;
use crate::redaction::{decoded_texts, folded_letters, strip_tags};

/// The name that each article redacts. No other text has one of its words.
const REDACT: &str = "redact: [Zorblax Quimby]\n";

/// Every output that contains texts of articles.
const OUTPUTS: &str =
    "feeds: {full_text: true}\ndata: {articles: true, ninjs: true}\nsearch: true\n";

/// Returns true for the warnings about markup that is left out, and about images whose URL held the
/// name.
fn is_about_removed_markup(code: &str) -> bool {
    code == "missing-image" || code == "shortcode" || code.starts_with("dropped-")
}

/// Builds one site with an article for each pair of front matter and body. No file contains a word
/// of the name, and the program's audit finds nothing.
#[track_caller]
fn assert_removed(html: &str, articles: &[(&str, &str)]) {
    let folder = in_process::site_dir(&[]);
    let settings = format!("{SETTINGS}{OUTPUTS}html: {html}\n");
    in_process::write_file(folder.path(), "site.yaml", settings);
    for (number, (front, body)) in articles.iter().enumerate() {
        let text = article(
            "A text",
            "2024-11-05",
            &format!("{REDACT}{front}"),
            &format!("A.\n\n{body}\n"),
        );
        in_process::write_file(folder.path(), &format!("content/n{number}.md"), text);
    }
    let report = in_process::build_site(folder.path());
    let mut codes = in_process::reported_codes(&report);
    codes.retain(|code| !is_about_removed_markup(code));
    assert!(codes.is_empty(), "{codes:?}: {:#?}", report.diagnostics);
    let pages = (0..articles.len()).map(|number| format!("public/2024/11/05/n{number}/index.html"));
    for (page, article) in pages.zip(articles) {
        assert!(folder.path().join(page).is_file(), "{article:?} is published");
    }
    for (path, bytes) in read_files(&folder.path().join("public")) {
        let has_word = |text: &str| {
            let letters = folded_letters(text);
            letters.contains("zorblax") || letters.contains("quimby")
        };
        let texts = decoded_texts(&bytes);
        let found = texts.iter().find(|text| has_word(text) || has_word(&strip_tags(text)));
        assert!(!has_word(&path) && found.is_none(), "{path}: {}", found.map_or("", |text| text));
    }
}

#[test]
fn any_run_of_white_space_is_one_space() {
    let spaces = [
        "             ",
        "\t\t\t\t\t\t\t\t\t\t",
        "\u{a0}\u{a0}\u{a0}\u{a0}\u{a0}\u{a0}\u{a0}\u{a0}\u{a0}\u{a0}",
        "\u{2003}\u{3000}\u{2009}\u{202f}\u{205f}\u{1680}\u{2003}\u{2003}\u{2003}\u{2003}",
        "\u{2028}\u{2028}\u{2028}\u{2028}\u{2028}\u{2028}\u{2028}\u{2028}\u{2028}",
        "&nbsp;&nbsp;&nbsp;&nbsp;&nbsp;&emsp;&#8195;&#x2003;&thinsp;&nbsp;&nbsp;",
        "<br><br><br><br><br><br><br><br><br><br>",
        "\n> > > > > > > > > > ",
        "\\\n",
        "  \n      ",
    ];
    let mut bodies: Vec<String> =
        spaces.iter().map(|space| format!("Then Zorblax{space}Quimby said.")).collect();
    bodies.push("| A | B |\n|---|---|\n| Zorblax            |             Quimby |".into());
    bodies.push("| A | B | C | D |\n|---|---|---|---|\n| Zorblax   |   |    |   Quimby |".into());
    bodies.push("| Zorblax |\n|:----------------------:|\n| Quimby |".into());
    bodies.push(
        "<table><tr><td>Zorblax</td>\n\n        <td></td><td></td>\n\n         \
         <td>Quimby</td></tr></table>"
            .into(),
    );
    bodies.push("1. Zorblax\n2. Quimby".into());
    let articles: Vec<(&str, &str)> = bodies.iter().map(|body| ("", &**body)).collect();
    assert_removed("sanitized", &articles);
    assert_removed("trusted", &articles);
}

#[test]
fn markup_between_the_parts_of_a_name() {
    let bodies = [
        "Zorblax <span title=\"a > b and more\">Quimby</span>",
        "Zorblax <span title='a > b' lang=\"en\"\n class='x>y>z'>Quimby</span>",
        "[Zorblax](https://x.example/a_(b)_long_(c)) Quimby",
        "[Zorblax](<https://x.example/a)b(c>  \"A title\") Quimby",
        "[Zorblax](https://x.example/a[b]c[d]) Quimby",
        "[Zorblax](https://x.example/ \"a title (with) paren) and more\") Quimby",
        "[Zorblax](https://x.example/ 'a title) more' ) Quimby",
        "[Zorblax](https://x.example/a\\)b\\(c\\)ddddd) Quimby",
        "[Zorblax][a long label of a reference] Quimby\n\n\
         [a long label of a reference]: https://x.example/ \"title\"",
        "Zorblax ![](https://x.example/image.png \"t)\") Quimby",
        "Zorblax[^a-long-label] Quimby\n\n[^a-long-label]: Note.",
        "<b>Zor</b>blax <i>Qui</i>mby, Z**o**r~~bl~~ax `Quimby`, ``Zor`blax`` Quimby",
        "Zor<!-- a > b -->blax <!-- a comment\n\n of lines --> Quimby",
        "Zor\u{ad}blax Qui\u{200b}m\u{2060}by, Zor&shy;blax Qui&ZeroWidthSpace;mby",
        "Zor\u{34f}b\u{3164}lax\u{feff}  Qui\u{180b}mby",
        "Zorblax {{< param \"some > longer text\" >}} Quimby",
    ];
    let articles: Vec<(&str, &str)> = bodies.iter().map(|body| ("", *body)).collect();
    assert_removed("sanitized", &articles);
    assert_removed("trusted", &articles);
}

#[test]
fn elements_whose_content_is_hidden() {
    let elements = [
        "style", "script", "template", "noscript", "title", "svg", "math", "iframe", "object",
        "video", "audio", "canvas", "textarea", "select", "noembed", "noframes", "xmp",
    ];
    let mut bodies = vec![
        "Zorblax <svg viewBox=\"0 0 9 9\"><title>An icon</title><g><path d=\"M0 0L9 9\"/>\
         <text>Some text</text></g></svg> Quimby"
            .to_owned(),
        "<svg><svg>\u{a0}</svg><text>Zorblax Quimby</text></svg>".to_owned(),
        "<ruby>Zorblax<rp>(</rp><rt>reading</rt><rp>)</rp></ruby> Quimby".replace("ing", ""),
        "<style>q::after { content: \"\\5a orblax \\51 uimby\" }</style>".to_owned(),
    ];
    for element in elements {
        for body in [
            "Zorblax <E>some longer content here</E> Quimby",
            "Zorb<E>some longer content here</E>lax Quimby",
            "a <E>of Zorblax        Quimby here</E> b",
            "<E>\nof Zorblax\n  Quimby here\n</E>",
        ] {
            bodies.push(body.replace('E', element));
        }
    }
    let articles: Vec<(&str, &str)> = bodies.iter().map(|body| ("", &**body)).collect();
    assert_removed("sanitized", &articles);
    assert_removed("trusted", &articles);
}

#[test]
fn attributes_urls_and_titles() {
    let bodies = [
        "![Zorblax Quimby](https://x.example/i.png \"By Zorblax \\\"\\\" ) Quimby\")",
        "![x](https://x.example/i.png \"Zorblax | Quimby\")",
        "![**Zorblax** <b title=\"a>b\">Quimby</b>](https://x.example/i.png)",
        "<img src=\"https://x.example/i.png\" alt=\"Zorblax &nbsp;&nbsp;&nbsp;&nbsp;&nbsp;\
         &nbsp;&nbsp;&nbsp;&nbsp; Quimby\" title='Zorblax > Quimby'>",
        "<img src=\"https://x.example/Zorblax%2DQuimby.png\" alt=\"\">",
        "<img src=\"/a.png\" alt=\"\" srcset=\"https://x.example/zorblax-quimby.png 2x\">",
        "[a](https://x.example/%5A%6f%72%62%6c%61%78%20%51%75%69%6d%62%79)",
        "[a](https://x.example/?q=Zorblax+Quimby) <https://x.example/zorblax_quimby/>",
        "[a](#zorblax-quimby) https://x.example/zorblax/quimby zorblax.quimby@x.example",
        "# Zorblax {#zorblax-quimby .zorblax-quimby}\n\n## Quimby",
        "x[^zorblax-quimby]\n\n[^zorblax-quimby]: Note.",
        "[x][Zorblax Quimby]\n\n[Zorblax Quimby]: https://x.example/ \"Zorblax Quimby\"",
        "<a href=\"/x\" title=\"Zorblax&#10;&#10;&#10;&#10;&#10;&#10;&#10;&#10;&#10;Quimby\">z</a>",
        "```Zorblax Quimby\nZorblax\n    Quimby\n```",
    ];
    let bodies = bodies.map(|body| body.replace("/a.png", "https://x.example/a.png"));
    let articles: Vec<(&str, &str)> = bodies.iter().map(|body| ("", &**body)).collect();
    assert_removed("sanitized", &articles);
    assert_removed("trusted", &articles);
}

#[test]
fn front_matter() {
    let fronts = [
        "authors: [\"Quimby, Zorblax\"]\n",
        "authors: [\"QUIMBY,Zorblax\", Other]\ntags: [\"Quimby, Zorblax\"]\n",
        "tags: [Zorblax, Quimby]\n",
        "authors:\n  - name: Zorblax\n    role: editor\n  - name: Quimby\n",
        "description: >\n  By Zorblax\n\n\n\n  Quimby\n",
        "description: \"Zor\\\n    blax Quimby\"\n",
        "description: \"\\x5aorblax\\tQ\\u0075imby\"\n",
        "source: Zorblax       \t       Quimby\noriginal_url: https://x.example/zorblax-quimby\n",
        "mood: {a: [Zorblax, {b: Quimby}], \"Zorblax Quimby\": 1}\nzorblax_quimby: x\n",
        "corrections: [{date: 2024-11-06, text: \"Zorblax          <b title='a>b'>Quimby</b>\"}]\n",
        "image: {src: \"https://x.example/zorblax-quimby.png\", alt: \"Quimby, Zorblax\"}\n",
        "dateline: \"ZORBLAX&nbsp;&nbsp;&nbsp;&nbsp;&nbsp;&nbsp;&nbsp;&nbsp;&nbsp;&nbsp;QUIMBY\"\n",
    ];
    assert_removed("sanitized", &fronts.map(|front| (front, "Text.")));
}

/// The headline and the standfirst are next to each other in every list.
#[test]
fn texts_that_stand_next_to_each_other() {
    let text = "---\ntitle: The case of Zorblax\ndescription: Quimby was there\ndate: 2024-11-05\n\
                redact: [Zorblax Quimby]\n---\nText.\n";
    let folder = in_process::site_dir(&[("content/a.md", text)]);
    let report = in_process::build_site(folder.path());
    assert!(in_process::reported_codes(&report).is_empty(), "{:#?}", report.diagnostics);
    let page =
        std::fs::read_to_string(folder.path().join("public/2024/11/05/the-case-of/index.html"))
            .or_else(|_| {
                std::fs::read_to_string(folder.path().join("public/2024/11/05/a/index.html"))
            });
    let page = page.expect("the page is published");
    assert!(page.contains("The case of █████") && !page.contains("Quimby"), "{page}");
}

/// An editor may write several names into one value.
#[test]
fn several_names_in_one_text_are_removed() {
    let body = "Zorblax Quimby met Flurbo Wexley.\n";
    for value in [
        "Zorblax Quimby, Flurbo Wexley",
        "[\"Zorblax Quimby, Flurbo Wexley\"]",
        "Zorblax Quimby and Flurbo Wexley",
        "Zorblax Quimby & Flurbo Wexley",
        "Zorblax Quimby; Flurbo Wexley",
        "|\n  Zorblax Quimby\n  Flurbo Wexley",
        "\"Zorblax Quimby (witness); Flurbo Wexley (driver)\"",
    ] {
        let front = format!("redact: {value}\n");
        let listed_in_article = TestSite::empty();
        listed_in_article.write("content/a.md", article("A", "2024-11-05", &front, body));
        let listed_in_file = TestSite::empty();
        listed_in_file.write("content/a.md", article("A", "2024-11-05", "", body));
        listed_in_file.write("redactions.yaml", format!("everywhere: {value}\n"));
        for site in [listed_in_article, listed_in_file] {
            site.build().assert_success();
            for (path, bytes) in site.outputs() {
                let text = String::from_utf8_lossy(&bytes);
                for word in ["Zorblax", "Quimby", "Flurbo", "Wexley"] {
                    assert!(!text.contains(word), "{value}: {path}: {text}");
                }
            }
        }
    }
    let site = TestSite::empty();
    site.write("content/a.md", article("A", "2024-11-05", "", body));
    site.build().assert_success();
    site.write("content/a.md", article("A", "2024-11-05", "redact: true\n", body));
    let build = site.build().assert_errors();
    assert_eq!(build.codes(), ["bad-redaction"], "{}", build.stderr);
    let page = site.read_output("2024/11/05/a/index.html");
    assert!(page.contains("taken down") && !page.contains("Zorblax"), "{page}");
}

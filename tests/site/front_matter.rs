//! Front matter: every date format, the fields of other systems, the pitfalls of YAML.

use crate::harness::{SETTINGS, TestSite, article};

/// Builds one article and returns its page, whatever its URL.
#[track_caller]
fn build_article(source: &str) -> String {
    build_article_at("content/a.md", source).1
}

/// Builds one article and returns its URL path and its page.
#[track_caller]
fn build_article_at(path: &str, source: impl AsRef<[u8]>) -> (String, String) {
    let site = TestSite::empty().with_file(path, source);
    site.build().assert_success();
    let pages = site.output_paths().into_iter().filter(|path| path.ends_with(".html"));
    let mut articles =
        pages.filter(|path| site.read_output(path).contains("<body class=\"on-article\">"));
    let file = articles.next().expect("the article has a page");
    assert_eq!(articles.next(), None, "there is one");
    (format!("/{}", file.trim_end_matches("index.html")), site.read_output(&file))
}

#[track_caller]
fn assert_contains(page: &str, text: &str) {
    assert!(page.contains(text), "no {text:?} in {page}");
}

#[test]
fn every_date_format_is_read() {
    for (date, iso) in [
        ("2014-10-08", "2014-10-08"),
        ("2014/10/08", "2014-10-08"),
        ("2014-1-2", "2014-01-02"),
        ("'2014-10-08'", "2014-10-08"),
        ("2014-10-08 9:05", "2014-10-08T09:05:00+05:00"),
        ("2014-10-08 11:50:21", "2014-10-08T11:50:21+05:00"),
        ("2014-10-08 11:50:21 -0400", "2014-10-08T20:50:21+05:00"),
        ("2014-10-08T11:50:21Z", "2014-10-08T16:50:21+05:00"),
        ("2014-10-08T11:50:21.123456+05:30", "2014-10-08T11:20:21+05:00"),
        ("2014-10-08 20:00:00 UTC", "2014-10-09T01:00:00+05:00"),
        ("2016-12-31T23:59:60Z", "2017-01-01T04:59:59+05:00"),
        ("Wed, 08 Oct 2014 11:50:21 +0200", "2014-10-08T14:50:21+05:00"),
        ("8 October 2014", "2014-10-08"),
        ("October 8, 2014", "2014-10-08"),
        ("Oct 8, 2014", "2014-10-08"),
        ("Wednesday, October 8, 2014", "2014-10-08"),
        ("Oct. 8, 2014", "2014-10-08"),
        ("2014-10-08 1:50 PM", "2014-10-08T13:50:00+05:00"),
        ("2014-10-08 11:50:21 -4", "2014-10-08T20:50:21+05:00"),
        ("Wed Oct  8 11:50:21 CEST 2014", "2014-10-08T14:50:21+05:00"),
        ("0001-01-02", "0001-01-02"),
        ("9999-12-30", "9999-12-30"),
    ] {
        let site = TestSite::empty()
            .with_file("site.yaml", format!("{SETTINGS}time_zone: Asia/Karachi\n"))
            .with_file("content/a.md", article("x", date, "", ""));
        site.build_with_args(&["--future"]).assert_success();
        let day = iso[..10].replace('-', "/");
        assert_contains(
            &site.read_output(&format!("{day}/a/index.html")),
            &format!("datetime=\"{iso}\""),
        );
    }
}

#[test]
fn dates_in_file_and_folder_names() {
    let source = "---\ntitle: x\n---\nText.\n";
    assert_eq!(
        build_article_at("content/_posts/2014-10-08-a-story.md", source).0,
        "/2014/10/08/a-story/"
    );
    assert_eq!(
        build_article_at("content/2014-10-8-a-story/index.md", source).0,
        "/2014/10/08/a-story/"
    );
    let site = TestSite::empty().with_file("content/2014/10/08/a-story.md", source);
    let build = site.build().assert_errors();
    build
        .only_diagnostic()
        .assert_code("missing-date")
        .assert_help_contains("`date: 2014-10-08`, as its folders suggest");
    // The date in the file takes precedence over the one in its name.
    let dated = article("x", "2015-01-01", "", "");
    assert_eq!(build_article_at("content/2014-10-08-a-story.md", dated).0, "/2015/01/01/a-story/");
}

#[test]
fn a_jekyll_post() {
    let source = "---\nlayout: post\ntitle:  \"Barque in an attic\"\n\
        date:   2014-10-08 11:50:21 -0400\n\
                  categories: [culture, ships]\ntags: history models\n\
        last_modified_at: 2014-10-09\n\
                  published: true\npermalink: /:categories/:title/\n\
        excerpt_separator: <!--more-->\n---\nIt lay there.\n";
    let site = TestSite::empty().with_file("content/_posts/2014-10-08-barque.markdown", source);
    site.build().assert_success();
    let page = site.read_output("culture/barque/index.html");
    assert_contains(&page, "<h1 class=\"p-name\">Barque in an attic</h1>");
    assert_contains(&page, "2014-10-09");
    for term in ["sections/culture", "tags/ships"] {
        assert!(
            site.has_output(&format!("{term}/index.html")),
            "{term}: {:#?}",
            site.output_paths()
        );
    }
}

#[test]
fn a_hugo_page() {
    let source = "---\nTitle: Whistle to sound\nDate: 2012-07-03T10:00:00+01:00\n\
        lastmod: 2012-07-04\n\
                  summary: For the last time\nslug: whistle\nkeywords: [cannery]\nauthors:\n  \
        - name: Ann Ames\n    url: x\n\
                  aliases: [/old/whistle/]\nparams:\n  shelf: B\nweight: 3\n---\n\
        It **will** sound.\n";
    let site = TestSite::empty().with_file("content/business/2012/whistle/index.md", source);
    site.build().assert_success();
    let page = site.read_output("2012/07/03/whistle/index.html");
    assert_contains(&page, "For the last time");
    assert_contains(&page, "<strong>will</strong>");
    assert_contains(&page, "Ann Ames");
    for term in ["sections/business", "tags/cannery", "authors/ann-ames"] {
        assert!(
            site.has_output(&format!("{term}/index.html")),
            "{term}: {:#?}",
            site.output_paths()
        );
    }
}

#[test]
fn a_zola_page() {
    let source = "---\ntitle: Lamp keepers\ndescription: Their logbooks\ndate: 2012-03-04\n\
        updated: 2012-03-05\n\
                  taxonomies:\n  tags: [light, sea]\n  authors: [Ben Bell]\nextra:\n  shelf: C\n\
        ---\nThey wrote.\n";
    let site = TestSite::empty().with_file("content/2012-03-04-lamp-keepers.md", source);
    site.build().assert_success();
    assert_contains(&site.read_output("2012/03/04/lamp-keepers/index.html"), "Their logbooks");
    for term in ["tags/light", "tags/sea", "authors/ben-bell"] {
        assert!(
            site.has_output(&format!("{term}/index.html")),
            "{term}: {:#?}",
            site.output_paths()
        );
    }
}

/// The same article, as different editors and systems save it.
#[test]
fn encodings_and_line_endings_do_not_matter() {
    let plain = article("x", "2024-11-06", "tags: [a, b]\n", "One.\n\nTwo.\n");
    let expected = build_article(&plain);
    assert_contains(&expected, "<p>Two.</p>");
    for (variant, source) in [
        ("a byte order mark", format!("\u{feff}{plain}")),
        ("CRLF", plain.replace('\n', "\r\n")),
        ("both", format!("\u{feff}{}", plain.replace('\n', "\r\n"))),
        ("blanks behind the fences", plain.replace("---\n", "--- \t\n")),
        ("empty lines before the fence", format!("\n\r\n{plain}")),
        ("the other closing fence", plain.replace("\n---\nOne", "\n...\nOne")),
        ("comments", plain.replace("title: x", "# hello\ntitle: x # there")),
        ("no line break at the end", plain.trim_end().to_owned()),
    ] {
        assert!(build_article(&source) == expected, "{variant}");
    }
}

#[test]
fn an_article_without_a_body() {
    for source in
        ["---\ntitle: x\ndate: 2024-11-06\n---", "---\ntitle: x\ndate: 2024-11-06\n---\n\n\n"]
    {
        assert_contains(&build_article(source), "<h1 class=\"p-name\">x</h1>");
    }
}

/// Values that YAML reads as numbers, booleans or null are the text that was written.
#[test]
fn typed_values_are_text() {
    for title in [
        "1984",
        "No",
        "yes",
        "2024-01-01",
        "1.10",
        "1e3",
        "0x10",
        "0o17",
        "0755",
        "-.inf",
        "NaN",
        "12:30",
        "1_000",
    ] {
        assert_contains(
            &build_article(&article(title, "2024-11-06", "", "")),
            &format!("<h1 class=\"p-name\">{title}</h1>"),
        );
    }
    for (slug, expected) in [
        ("0755", "0755"),
        ("1.10", "1-10"),
        ("2024-01-01", "2024-01-01"),
        ("No", "no"),
        ("1e3", "1e3"),
    ] {
        let (url, _) = build_article_at(
            "content/a.md",
            article("x", "2024-11-06", &format!("slug: {slug}\n"), ""),
        );
        assert_eq!(url, format!("/2024/11/06/{expected}/"));
    }
    for (tags, term) in [
        ("1.10", "1-10"),
        ("[1.10, x]", "1-10"),
        ("2024", "2024-1"),
        ("[No]", "no"),
        ("no", "no"),
        ("[0755]", "0755"),
        ("\n- 1e3\n", "1e3"),
    ] {
        let site = TestSite::empty()
            .with_file("content/a.md", article("x", "2024-11-06", &format!("tags: {tags}\n"), ""));
        let build = site.build();
        assert_eq!(build.status, 0, "{tags}: {}", build.stderr);
        let found: Vec<String> =
            site.output_paths().into_iter().filter(|path| path.starts_with("tags/")).collect();
        let prefix = term.trim_end_matches("-1");
        assert!(
            found.iter().any(|path| path.starts_with(&format!("tags/{prefix}"))),
            "{tags}: {found:#?}"
        );
    }
}

#[test]
fn empty_values_are_none() {
    let lines = "slug:\ntags: ~\nauthors: []\nimage:\nlang: ''\ndescription: null\nupdated:\n\
        draft:\ncategories: ['', ~]\n";
    let (url, page) = build_article_at("content/a.md", article("x", "2024-11-06", lines, ""));
    assert_eq!(url, "/2024/11/06/a/");
    assert!(!page.contains("null") && !page.contains("/tags/\""), "{page}");
}

#[test]
fn entities_in_titles() {
    let page = build_article(&article(
        "'Q&amp;A: &#8220;caf&eacute;&#8221; &lt;b&gt;'",
        "2024-11-06",
        "",
        "",
    ));
    assert_contains(&page, "<h1 class=\"p-name\">Q&amp;A: “café” &lt;b&gt;</h1>");
    let folded = "---\ntitle: >\n  Two\n  lines\n\ndate: 2024-11-06\n---\n";
    assert_contains(&self::build_article(folded), "<h1 class=\"p-name\">Two lines</h1>");
}

#[test]
fn expiry_by_any_name() {
    for key in ["expires", "expirydate", "expiryDate", "unpublishdate"] {
        let site = TestSite::empty().with_file(
            "content/a.md",
            article("x", "2024-11-06", &format!("{key}: 2025-01-01\n"), ""),
        );
        assert_eq!(site.build().assert_success().report_number("unpublished.expired"), 1, "{key}");
        site.write("site.yaml", format!("{SETTINGS}expired: keep\n"));
        assert_eq!(site.build().assert_success().report_number("articles"), 1, "{key}");
    }
}

/// Spellings that differ only in case and punctuation are one term.
#[test]
fn variants_of_one_term() {
    let site = TestSite::empty();
    for (name, tags) in [
        ("a", "[Iran]"),
        ("b", "[IRAN]"),
        ("c", "['Iran ']"),
        ("d", "[I.R.A.N.]"),
        ("e", "[Iran, iran]"),
    ] {
        site.write(
            &format!("content/{name}.md"),
            article("x", "2024-11-06", &format!("tags: {tags}\n"), ""),
        );
    }
    for (name, tag) in [("f", "C"), ("g", "C++"), ("h", "C#"), ("i", "Oil & Gas"), ("j", "oil gas")]
    {
        site.write(
            &format!("content/{name}.md"),
            article("x", "2024-11-06", &format!("tags: ['{tag}']\n"), ""),
        );
    }
    site.build().assert_success();
    let terms = site
        .output_paths()
        .into_iter()
        .filter(|path| path.starts_with("tags/") && path.matches('/').count() == 2);
    let terms: Vec<String> = terms.collect();
    assert_eq!(terms.len(), 5, "{terms:#?}");
    let year = site.read_output("tags/iran/2024/index.html");
    for name in ["a", "b", "c", "d", "e"] {
        assert_eq!(
            year.matches(&format!("href=\"/2024/11/06/{name}/\"")).count(),
            1,
            "{name}: {year}"
        );
    }
}

#[test]
fn where_a_section_comes_from() {
    let site = TestSite::empty()
        .with_file("content/folder/a.md", article("x", "2024-11-06", "", ""))
        .with_file("content/folder/b.md", article("x", "2024-11-06", "section: Written\n", ""))
        .with_file(
            "content/folder/c.md",
            article("x", "2024-11-06", "categories: [First, Second]\n", ""),
        )
        .with_file("content/2024/d.md", article("x", "2024-11-06", "", ""))
        .with_file("content/_posts/e.md", article("x", "2024-11-06", "category: One\n", ""))
        .with_file(
            "content/folder/f.md",
            article("x", "2024-11-06", "section: [Two, Three]\n", ""),
        );
    site.build().assert_success();
    let sections: Vec<String> = site
        .output_paths()
        .into_iter()
        .filter_map(|path| {
            Some(path.strip_prefix("sections/")?.strip_suffix("/2024/index.html")?.to_owned())
        })
        .collect();
    assert_eq!(sections, ["first", "folder", "one", "two", "written"]);
    assert!(site.has_output("tags/second/index.html"), "the other categories are tags");
    assert_contains(&site.read_output("sections/folder/2024/index.html"), "/2024/11/06/a/");
}

#[test]
fn slugs_keep_their_script() {
    let urdu = "پاکستان اور ایران";
    let (url, page) = build_article_at(
        "content/خبر.md",
        article(urdu, "2024-11-06", "lang: ur\ntags: [سرحد]\n", "متن"),
    );
    assert_eq!(url, "/2024/11/06/خبر/");
    assert_contains(&page, "lang=\"ur\" dir=\"rtl\"");
    assert_contains(&page, "href=\"/tags/سرحد/\"");
    let (url, _) = build_article_at("content/?.md", article(urdu, "2024-11-06", "", ""));
    assert!(url.starts_with("/2024/11/06/پاکستان-اور-ایران/"), "{url}");
}

#[test]
fn keys_of_jekyll_are_read() {
    let source = "---\ntitle: The ferry\ndate: 2003-04-05\nexcerpt: It sank in the bay.\n\
        redirect_from:\n  - /ferry.html\n  - /f/\npermalink: /:year/:title.html\n\
        source:\n  name: The Harbor Bee\n  url: https://bee.example/ferry\n---\nText.\n";
    let site = TestSite::empty().with_file("content/_posts/2003-04-05-ferry.md", source);
    site.build().assert_success();
    let page = site.read_output("2003/ferry.html");
    for text in ["It sank in the bay.", "The Harbor Bee", "https://bee.example/ferry"] {
        assert_contains(&page, text);
    }
    for old in ["ferry.html", "f/index.html"] {
        assert_contains(&site.read_output(old), "/2003/ferry.html");
    }
    // A URL of its own takes precedence over that of the source.
    let source = source.replace("source:", "original_url: https://other.example/\nsource:");
    let site = TestSite::empty().with_file("content/_posts/2003-04-05-ferry.md", source);
    site.build().assert_success();
    assert_contains(&site.read_output("2003/ferry.html"), "https://other.example/");
}

#[test]
fn a_pattern_that_cant_be_filled_is_reported() {
    let source = article("The ferry", "2003-04-05", "permalink: /:short_year/:title/\n", "");
    let site = TestSite::empty().with_file("content/ferry.md", source);
    let build = site.build();
    build
        .only_diagnostic()
        .assert_code("bad-permalink")
        .assert_position(4, 1)
        .assert_message_contains("`:short_year`");
    assert!(site.has_output("2003/04/05/ferry/index.html"));
}

#[test]
fn a_byline_has_several_authors() {
    let source = article("A", "2003-04-05", "byline: By Ann Ames and Ben Bell\n", "");
    let site = TestSite::empty().with_file("content/a.md", source);
    site.build().assert_success();
    for term in ["authors/ann-ames", "authors/ben-bell"] {
        assert!(site.has_output(&format!("{term}/index.html")), "{:#?}", site.output_paths());
    }
    assert!(!site.read_output("2003/04/05/a/index.html").contains("By Ann"));
}

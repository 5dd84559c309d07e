//! Theme and languages: custom properties, other calendars, plural forms, the order of index pages,
//! portraits.

use crate::harness::{SETTINGS, TestSite, article};

#[test]
fn the_theme_is_written_into_the_style_sheet() {
    let theme = "theme:\n  light: {paper: white, accent: '#00509e'}\n  type: {serif: Georgia}\n";
    let site = TestSite::new().with_file("site.yaml", format!("{SETTINGS}{theme}"));
    site.build().assert_success();
    let style_sheet = site.read_output("assets/dateline.css");
    assert!(
        style_sheet.contains("--accent: #00509e;")
            && style_sheet.contains(":lang(en) {--serif: Georgia;}"),
        "{style_sheet}"
    );
    let page = site.read_output("2024/11/05/good/index.html");
    assert!(page.contains(
        "<meta name=\"theme-color\" content=\"white\" media=\"(prefers-color-scheme: light)\">"
    ));
    // Only the style sheet changes with a font; with the background color every page does.
    site.write("site.yaml", format!("{SETTINGS}{}", theme.replace("Georgia", "Charter")));
    assert_eq!(site.build().assert_success().report_number("written"), 1);
    site.write("static/assets/dateline.css", "body {}\n");
    site.build().assert_success();
    assert_eq!(
        site.read_output("assets/dateline.css"),
        "body {}\n",
        "a sheet of the site's own is left as it is"
    );
}

#[test]
fn dates_are_shown_in_other_calendars() {
    let calendars = "calendars: [persian, islamic-umalqura]\n";
    let site = TestSite::new().with_file("site.yaml", format!("{SETTINGS}{calendars}"));
    site.write("content/fa.md", article("خبر", "2024-11-05", "lang: fa\nslug: fa\n", "متن.\n"));
    site.build().assert_success();
    let expected = "15 Aban 1403 SH · 3 Jumada al-Ula 1446 AH";
    assert!(site.read_output("2024/11/05/index.html").contains(expected));
    assert!(site.read_output("2024/11/05/good/index.html").contains(expected));
    assert!(
        site.read_output("2024/11/05/fa/index.html")
            .contains("۱۵ آبان ۱۴۰۳ · ۳ جمادی‌الاول ۱۴۴۶ قمری")
    );
    let plain = TestSite::new();
    plain.build().assert_success();
    assert!(!plain.read_output("2024/11/05/good/index.html").contains("class=\"also\""));
}

#[test]
fn index_pages_and_counts_use_the_site_language() {
    let site = TestSite::empty()
        .with_file("site.yaml", "title: Bladet\nbase_url: https://example.org\nlanguage: sv\n");
    for (index, tag) in
        ["Öland", "Zoo", "Åre", "9/11", "école", "Arvika", "\"Årets\" bok"].iter().enumerate()
    {
        site.write(
            &format!("content/{index}.md"),
            article(
                &format!("Story {index}"),
                "2024-11-06",
                &format!("tags: ['{tag}']\n"),
                "A body.\n",
            ),
        );
    }
    site.build().assert_success();
    let page = site.read_output("tags/index.html");
    let names = page
        .split("<a href=\"/tags/")
        .skip(1)
        .filter_map(|link| link.split('>').nth(1)?.split('<').next());
    let names: Vec<&str> = names.collect();
    assert_eq!(names, ["9/11", "Arvika", "école", "Zoo", "Åre", "&quot;Årets&quot; bok", "Öland"]);

    let arabic = TestSite::empty()
        .with_file("site.yaml", "title: Paper\nbase_url: https://example.org\nlanguage: ar-EG\n");
    for index in 0..3 {
        arabic.write(
            &format!("content/{index}.md"),
            article(&format!("Story {index}"), "2024-11-06", "tags: [few]\n", "A body.\n"),
        );
    }
    for index in 3..5 {
        arabic.write(
            &format!("content/{index}.md"),
            article(&format!("Story {index}"), "2024-11-06", "tags: [two]\n", "A body.\n"),
        );
    }
    arabic.build().assert_success();
    assert!(arabic.read_output("tags/few/index.html").contains("٣ أخبار"));
    assert!(arabic.read_output("tags/two/index.html").contains("خبران"));
}

#[test]
fn directions_follow_the_language() {
    let site = TestSite::new();
    let languages = [("ku", "ltr"), ("skr", "rtl"), ("pa-PK", "rtl"), ("sd-Deva", "ltr")];
    for (lang, _) in languages {
        let lines = format!("lang: {lang}\nslug: {lang}\n");
        site.write(&format!("content/{lang}.md"), article("x", "2024-11-06", &lines, "A body.\n"));
    }
    site.build().assert_success();
    for (lang, direction) in languages {
        let slug = lang.to_lowercase();
        let page = site.read_output(&format!("2024/11/06/{slug}/index.html"));
        assert!(page.contains(&format!("<html lang=\"{lang}\" dir=\"{direction}\">")), "{page}");
    }
}

/// The built-in British texts don't hide a site's own English ones.
#[test]
fn own_english_texts_take_precedence_in_british_english() {
    let site = TestSite::new()
        .with_file("site.yaml", format!("{SETTINGS}language: en-GB\n"))
        .with_file("templates/i18n/en.yaml", "archive: The files\n");
    site.build().assert_success();
    assert!(site.read_output("index.html").contains(">The files</a>"));
}

#[test]
fn an_author_has_a_portrait() {
    let site = TestSite::new();
    site.write(
        "content/1.md",
        article("One", "2024-11-06", "authors: [Ada Reporter]\n", "A body.\n"),
    );
    let page = "---\ntitle: Ada Reporter\nimage: {src: portrait.png, alt: Ada at her desk}\n---\n\
        She writes.\n";
    site.write("content/authors/ada-reporter/_index.md", page);
    let output = site.build();
    output
        .only_diagnostic()
        .assert_code("missing-image")
        .assert_source_line("image: {src: portrait.png, alt: Ada at her desk}");
    assert!(!site.read_output("authors/ada-reporter/index.html").contains("<img"));
    // The header of a PNG of 3 by 4 pixels is enough for its size.
    let head = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x03\0\0\0\x04\x08\x02\0\0\0";
    site.write("content/authors/ada-reporter/portrait.png", head);
    site.build().assert_success();
    let page = site.read_output("authors/ada-reporter/index.html");
    let image = "src=\"/authors/ada-reporter/portrait.png\" alt=\"Ada at her desk\" width=\"3\" \
        height=\"4\"";
    assert!(page.contains(image), "{page}");
    assert!(site.has_output("authors/ada-reporter/portrait.png"));
}

#[test]
fn translations_link_to_each_other() {
    let site = TestSite::empty();
    site.write("content/en.md", article("Talks", "2024-11-05", "id: talks\n", "Text.\n"));
    site.write(
        "content/fr.md",
        article("Pourparlers", "2024-11-06", "lang: fr\ntranslation_of: talks\n", "Texte.\n"),
    );
    site.write(
        "content/pt.md",
        article("Conversas", "2024-11-07", "lang: pt-BR\nid: talks\n", "Texto.\n"),
    );
    site.write("content/other.md", article("Other", "2024-11-08", "id: other\n", "Text.\n"));
    site.build().assert_success();
    let english = site.read_output("2024/11/05/en/index.html");
    for link in [
        "<link rel=\"alternate\" hreflang=\"en\" href=\"https://test.example/2024/11/05/en/\">",
        "<link rel=\"alternate\" hreflang=\"fr\" href=\"https://test.example/2024/11/06/fr/\">",
        "<link rel=\"alternate\" hreflang=\"pt-BR\" href=\"https://test.example/2024/11/07/pt/\">",
        "<a href=\"/2024/11/06/fr/\" rel=\"alternate\" hreflang=\"fr\" lang=\"fr\" \
            dir=\"ltr\">Français</a>",
    ] {
        assert!(english.contains(link), "{link}\n{english}");
    }
    let french = site.read_output("2024/11/06/fr/index.html");
    assert!(
        french.contains("Aussi en")
            && french.contains(">English</a>")
            && french.contains(">pt-BR</a>")
    );
    assert!(
        !site.read_output("2024/11/08/other/index.html").contains("hreflang=\"en\" href"),
        "it has no translation"
    );
    // The links to a removed translation are removed, and no other pages change.
    site.remove("content/fr.md");
    site.build().assert_success();
    assert!(!site.read_output("2024/11/05/en/index.html").contains("Français"));
}

#[test]
fn a_language_has_a_front_page_and_a_feed() {
    let site = TestSite::new();
    site.write("content/ur.md", article("خبر", "2024-11-06", "lang: ur\nslug: khabar\n", "متن۔\n"));
    site.build().assert_success();
    let front = site.read_output("ur/index.html");
    assert!(
        front.contains("<html lang=\"ur\" dir=\"rtl\">") && front.contains("<h1>اردو</h1>"),
        "{front}"
    );
    assert!(front.contains("نومبر") && front.contains("/ur/feed.xml"), "{front}");
    assert!(!front.contains("Border talks"), "only its own stories");
    let feed = site.read_output("ur/feed.xml");
    assert!(
        feed.contains("xml:lang=\"ur\"") && feed.contains("https://test.example/ur/\"/>"),
        "{feed}"
    );
    assert_eq!(feed.matches("<entry").count(), 1);
    assert!(site.read_output("sitemaps/site.xml").contains("https://test.example/ur/</loc>"));
    assert!(site.read_output("index.html").contains("<a href=\"/ur/\" hreflang=\"ur\""));
    // All spellings of a language tag are one language, with one URL.
    site.write("content/ur2.md", article("اور", "2024-11-07", "lang: UR\nslug: aur\n", "متن۔\n"));
    site.build().assert_success();
    assert_eq!(site.read_output("ur/feed.xml").matches("<entry").count(), 2);
    site.remove("content/ur2.md");
    site.remove("content/ur.md");
    site.build().assert_success();
    assert!(!site.has_output("ur/index.html") && !site.has_output("ur/feed.xml"));
}

#[test]
fn a_related_article_that_becomes_a_translation() {
    let site = TestSite::empty();
    for day in 10..20 {
        site.write(
            &format!("content/{day}.md"),
            article("Filler", &format!("2024-10-{day}"), "", "Text.\n"),
        );
    }
    site.write(
        "content/fr.md",
        article("Pourparlers", "2024-11-05", "lang: fr\ntags: [Talks]\n", "Texte.\n"),
    );
    site.write(
        "content/en.md",
        article("Talks", "2024-11-06", "id: talks\ntags: [Talks]\n", "Text.\n"),
    );
    site.build().assert_success();
    let page = "2024/11/06/en/index.html";
    assert!(
        site.read_output(page).contains("so-far")
            && !site.read_output(page).contains("hreflang=\"fr\" href")
    );
    // Its teaser is unchanged, but at another position.
    site.write(
        "content/fr.md",
        article("Pourparlers", "2024-11-05", "lang: fr\ntranslation_of: talks\n", "Texte.\n"),
    );
    site.build().assert_success();
    assert!(
        !site.read_output(page).contains("so-far")
            && site.read_output(page).contains("hreflang=\"fr\" href")
    );
    let outputs = site.outputs();
    assert_eq!(outputs, site.build_clean().1, "an incremental build is a clean one");
}

#[test]
fn corrections_are_shown_below_an_article_and_next_to_its_byline() {
    let site = TestSite::new();
    let lines = "corrections:\n  - {date: 2024-11-09, text: It was *two* flags & not three.}\n  \
        - text: The first name was wrong.\n  - {date: 2024-11-07, text: \"\"}\n";
    site.write(
        "content/wrong.md",
        article("Wrong", "2024-11-06", &format!("slug: wrong\n{lines}"), "Text.\n"),
    );
    site.build().assert_success();
    let page = site.read_output("2024/11/06/wrong/index.html");
    let undated = "<li id=\"correction-1\">The first name was wrong.</li>";
    let dated = "<li id=\"correction-2\"><time datetime=\"2024-11-09\">November 9, 2024</time> It \
        was *two* flags &amp; not three.</li>";
    assert!(page.contains(&format!("{undated}\n{dated}\n</ul>")), "{page}");
    assert!(page.contains("<a class=\"updated\" href=\"#corrections\">Corrected</a>"), "{page}");
    assert!(!site.read_output("2024/11/05/good/index.html").contains("corrections"));
    // A single one can be a text; without any there is no output.
    site.write(
        "content/wrong.md",
        article("Wrong", "2024-11-06", "slug: wrong\ncorrection: A name.\n", "Text.\n"),
    );
    site.build().assert_success();
    assert!(
        site.read_output("2024/11/06/wrong/index.html")
            .contains("<li id=\"correction-1\">A name.</li>")
    );
    site.write(
        "content/wrong.md",
        article("Wrong", "2024-11-06", "slug: wrong\ncorrections:\n", "Text.\n"),
    );
    site.build().assert_success();
    assert!(!site.read_output("2024/11/06/wrong/index.html").contains("corrections"));
    // Invalid values are reported with their lines.
    for (front_matter, code, expected) in [
        ("corrections:\n  - {date: yesterday, text: A name.}\n", "bad-date", "yesterday"),
        ("corrections:\n  - {date: 2024-11-09, test: A name.}\n", "wrong-type", "test"),
    ] {
        site.write("content/wrong.md", article("Wrong", "2024-11-06", front_matter, "Text.\n"));
        let build = site.build();
        let diagnostic =
            build.only_diagnostic().assert_code(code).assert_message_contains(expected);
        assert!(diagnostic.position.is_some(), "{diagnostic:?}");
    }
}

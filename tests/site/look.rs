//! What a site sets about its looks and its language: the theme, other calendars, plural forms, the order of registers, portraits.

use crate::harness::{SETTINGS, Site, story};

#[test]
fn a_theme_stands_behind_the_style_sheet() {
    let theme = "theme:\n  light: {paper: white, accent: '#00509e'}\n  type: {serif: Georgia}\n";
    let site = Site::new().with("site.yaml", format!("{SETTINGS}{theme}"));
    site.build().fine();
    let sheet = site.page("assets/dateline.css");
    assert!(
        sheet.contains("--accent: #00509e;") && sheet.contains(":lang(en) {--serif: Georgia;}"),
        "{sheet}"
    );
    let page = site.page("2024/11/05/good/index.html");
    assert!(
        page.contains(
            "<meta name=\"theme-color\" content=\"white\" media=\"(prefers-color-scheme: light)\">"
        )
    );
    // The sheet alone changes with a face; with the paper's colour every page does.
    site.put("site.yaml", format!("{SETTINGS}{}", theme.replace("Georgia", "Charter")));
    assert_eq!(site.build().fine().number("written"), 1);
    site.put("static/assets/dateline.css", "body {}\n");
    site.build().fine();
    assert_eq!(site.page("assets/dateline.css"), "body {}\n", "a sheet of the site's own is left as it is");
}

#[test]
fn a_day_is_named_in_other_calendars() {
    let calendars = "calendars: [persian, islamic-umalqura]\n";
    let site = Site::new().with("site.yaml", format!("{SETTINGS}{calendars}"));
    site.put("content/fa.md", story("خبر", "2024-11-05", "lang: fa\nslug: fa\n", "متن.\n"));
    site.build().fine();
    let said = "15 Aban 1403 SH · 3 Jumada al-Ula 1446 AH";
    assert!(site.page("2024/11/05/index.html").contains(said));
    assert!(site.page("2024/11/05/good/index.html").contains(said));
    assert!(site.page("2024/11/05/fa/index.html").contains("۱۵ آبان ۱۴۰۳ · ۳ جمادی‌الاول ۱۴۴۶ قمری"));
    let plain = Site::new();
    plain.build().fine();
    assert!(!plain.page("2024/11/05/good/index.html").contains("class=\"also\""));
}

#[test]
fn registers_and_counts_are_in_the_language_of_the_site() {
    let site =
        Site::empty().with("site.yaml", "title: Bladet\nbase_url: https://example.org\nlanguage: sv\n");
    for (at, tag) in ["Öland", "Zoo", "Åre", "9/11", "école", "Arvika", "\"Årets\" bok"].iter().enumerate()
    {
        site.put(
            &format!("content/{at}.md"),
            story(&format!("Story {at}"), "2024-11-06", &format!("tags: ['{tag}']\n"), "A body.\n"),
        );
    }
    site.build().fine();
    let page = site.page("tags/index.html");
    let names =
        page.split("<a href=\"/tags/").skip(1).filter_map(|link| link.split('>').nth(1)?.split('<').next());
    let names: Vec<&str> = names.collect();
    assert_eq!(names, ["9/11", "Arvika", "école", "Zoo", "Åre", "&quot;Årets&quot; bok", "Öland"]);

    let arabic =
        Site::empty().with("site.yaml", "title: Paper\nbase_url: https://example.org\nlanguage: ar-EG\n");
    for at in 0..3 {
        arabic.put(
            &format!("content/{at}.md"),
            story(&format!("Story {at}"), "2024-11-06", "tags: [few]\n", "A body.\n"),
        );
    }
    for at in 3..5 {
        arabic.put(
            &format!("content/{at}.md"),
            story(&format!("Story {at}"), "2024-11-06", "tags: [two]\n", "A body.\n"),
        );
    }
    arabic.build().fine();
    assert!(arabic.page("tags/few/index.html").contains("٣ أخبار"));
    assert!(arabic.page("tags/two/index.html").contains("خبران"));
}

#[test]
fn an_author_has_a_portrait() {
    let site = Site::new();
    site.put("content/1.md", story("One", "2024-11-06", "authors: [Ada Reporter]\n", "A body.\n"));
    let page =
        "---\ntitle: Ada Reporter\nimage: {src: portrait.png, alt: Ada at her desk}\n---\nShe writes.\n";
    site.put("content/authors/ada-reporter/_index.md", page);
    let told = site.build();
    told.only().code("missing-image").shows("image: {src: portrait.png, alt: Ada at her desk}");
    assert!(!site.page("authors/ada-reporter/index.html").contains("<img"));
    // The head of a PNG of 3 by 4 is all that its size takes.
    let head = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x03\0\0\0\x04\x08\x02\0\0\0";
    site.put("content/authors/ada-reporter/portrait.png", head);
    site.build().fine();
    let page = site.page("authors/ada-reporter/index.html");
    let image = "src=\"/authors/ada-reporter/portrait.png\" alt=\"Ada at her desk\" width=\"3\" height=\"4\"";
    assert!(page.contains(image), "{page}");
    assert!(site.has("authors/ada-reporter/portrait.png"));
}

#[test]
fn translations_know_each_other() {
    let site = Site::empty();
    site.put("content/en.md", story("Talks", "2024-11-05", "id: talks\n", "Text.\n"));
    site.put(
        "content/fr.md",
        story("Pourparlers", "2024-11-06", "lang: fr\ntranslation_of: talks\n", "Texte.\n"),
    );
    site.put("content/pt.md", story("Conversas", "2024-11-07", "lang: pt-BR\nid: talks\n", "Texto.\n"));
    site.put("content/other.md", story("Other", "2024-11-08", "id: other\n", "Text.\n"));
    site.build().fine();
    let english = site.page("2024/11/05/en/index.html");
    for link in [
        "<link rel=\"alternate\" hreflang=\"en\" href=\"https://test.example/2024/11/05/en/\">",
        "<link rel=\"alternate\" hreflang=\"fr\" href=\"https://test.example/2024/11/06/fr/\">",
        "<link rel=\"alternate\" hreflang=\"pt-BR\" href=\"https://test.example/2024/11/07/pt/\">",
        "<a href=\"/2024/11/06/fr/\" rel=\"alternate\" hreflang=\"fr\" lang=\"fr\" dir=\"ltr\">Français</a>",
    ] {
        assert!(english.contains(link), "{link}\n{english}");
    }
    let french = site.page("2024/11/06/fr/index.html");
    assert!(french.contains("Aussi en") && french.contains(">English</a>") && french.contains(">pt-BR</a>"));
    assert!(
        !site.page("2024/11/08/other/index.html").contains("hreflang=\"en\" href"),
        "it has no translation"
    );
    // A translation that goes takes the links to it along, and no other page changes but those that it stood on.
    site.remove("content/fr.md");
    site.build().fine();
    assert!(!site.page("2024/11/05/en/index.html").contains("Français"));
}

#[test]
fn a_language_has_a_front_page_and_a_feed() {
    let site = Site::new();
    site.put("content/ur.md", story("خبر", "2024-11-06", "lang: ur\nslug: khabar\n", "متن۔\n"));
    site.build().fine();
    let front = site.page("ur/index.html");
    assert!(front.contains("<html lang=\"ur\" dir=\"rtl\">") && front.contains("<h1>اردو</h1>"), "{front}");
    assert!(front.contains("نومبر") && front.contains("/ur/feed.xml"), "{front}");
    assert!(!front.contains("Border talks"), "only its own stories");
    let feed = site.page("ur/feed.xml");
    assert!(feed.contains("xml:lang=\"ur\"") && feed.contains("https://test.example/ur/\"/>"), "{feed}");
    assert_eq!(feed.matches("<entry").count(), 1);
    assert!(site.page("sitemaps/site.xml").contains("https://test.example/ur/</loc>"));
    assert!(site.page("index.html").contains("<a href=\"/ur/\" hreflang=\"ur\""));
    // However a tag is written, it is one language, with one address.
    site.put("content/ur2.md", story("اور", "2024-11-07", "lang: UR\nslug: aur\n", "متن۔\n"));
    site.build().fine();
    assert_eq!(site.page("ur/feed.xml").matches("<entry").count(), 2);
    site.remove("content/ur2.md");
    site.remove("content/ur.md");
    site.build().fine();
    assert!(!site.has("ur/index.html") && !site.has("ur/feed.xml"));
}

#[test]
fn an_earlier_story_that_becomes_a_translation() {
    let site = Site::empty();
    for day in 10..20 {
        site.put(&format!("content/{day}.md"), story("Filler", &format!("2024-10-{day}"), "", "Text.\n"));
    }
    site.put("content/fr.md", story("Pourparlers", "2024-11-05", "lang: fr\ntags: [Talks]\n", "Texte.\n"));
    site.put("content/en.md", story("Talks", "2024-11-06", "id: talks\ntags: [Talks]\n", "Text.\n"));
    site.build().fine();
    let page = "2024/11/06/en/index.html";
    assert!(site.page(page).contains("so-far") && !site.page(page).contains("hreflang=\"fr\" href"));
    // Its teaser is the same as before, but stands elsewhere.
    site.put(
        "content/fr.md",
        story("Pourparlers", "2024-11-05", "lang: fr\ntranslation_of: talks\n", "Texte.\n"),
    );
    site.build().fine();
    assert!(!site.page(page).contains("so-far") && site.page(page).contains("hreflang=\"fr\" href"));
    let kept = site.outputs();
    assert_eq!(kept, site.clean().1, "an incremental build is a clean one");
}

#[test]
fn corrections_are_told_under_a_story_and_beside_its_byline() {
    let site = Site::new();
    let lines = "corrections:\n  - {date: 2024-11-09, text: It was *two* flags & not three.}\n  - text: The first name was wrong.\n  - {date: 2024-11-07, text: \"\"}\n";
    site.put("content/wrong.md", story("Wrong", "2024-11-06", &format!("slug: wrong\n{lines}"), "Text.\n"));
    site.build().fine();
    let page = site.page("2024/11/06/wrong/index.html");
    let undated = "<li id=\"correction-1\">The first name was wrong.</li>";
    let dated = "<li id=\"correction-2\"><time datetime=\"2024-11-09\">November 9, 2024</time> It was *two* flags &amp; not three.</li>";
    assert!(page.contains(&format!("{undated}\n{dated}\n</ul>")), "{page}");
    assert!(page.contains("<a class=\"updated\" href=\"#corrections\">Corrected</a>"), "{page}");
    assert!(!site.page("2024/11/05/good/index.html").contains("corrections"));
    // One is enough as a text; without them nothing is said.
    site.put(
        "content/wrong.md",
        story("Wrong", "2024-11-06", "slug: wrong\ncorrection: A name.\n", "Text.\n"),
    );
    site.build().fine();
    assert!(site.page("2024/11/06/wrong/index.html").contains("<li id=\"correction-1\">A name.</li>"));
    site.put("content/wrong.md", story("Wrong", "2024-11-06", "slug: wrong\ncorrections:\n", "Text.\n"));
    site.build().fine();
    assert!(!site.page("2024/11/06/wrong/index.html").contains("corrections"));
    // What can't be read is told with its line.
    for (wrong, code, said) in [
        ("corrections:\n  - {date: yesterday, text: A name.}\n", "bad-date", "yesterday"),
        ("corrections:\n  - {date: 2024-11-09, test: A name.}\n", "wrong-type", "test"),
    ] {
        site.put("content/wrong.md", story("Wrong", "2024-11-06", wrong, "Text.\n"));
        let build = site.build().faulty();
        let told = build.only().code(code).says(said);
        assert!(told.place.is_some(), "{told:?}");
    }
}

//! The setting `menus`.

use crate::archive::{assert_same_as_clean_build, build_with_changes};
use crate::harness::{SETTINGS, TestSite, article, dateline};

const ABOUT: &str = "---\ntitle: About us\n---\nText.\n";

/// A site with an article, a page and these menus.
fn site(menus: &str) -> TestSite {
    TestSite::new()
        .with_file("content/pages/about.md", ABOUT)
        .with_file("site.yaml", format!("{SETTINGS}sections: {{world: World}}\nmenus:\n{menus}"))
}

/// Returns the part of a page between two texts.
fn between<'p>(page: &'p str, start: &str, end: &str) -> &'p str {
    page.split_once(start).and_then(|(_, rest)| rest.split_once(end)).map_or("", |(part, _)| part)
}

#[test]
fn menus_follow_the_sections_and_mark_the_current_entry() {
    let site = site(
        "  masthead:\n    - {page: about.md}\n    \
         - {name: Shop, url: \"https://shop.example/?a&b\"}\n  footer:\n    \
         - name: Paper\n      children: [{name: Old, url: /archive/}, {page: about.md}]\n",
    );
    assert_eq!(site.build().assert_success().codes(), [""; 0]);
    let article = site.read_output("2024/11/05/good/index.html");
    let masthead = between(&article, "<header class=\"masthead\">", "</header>");
    assert!(masthead.contains(">World</a>"), "{masthead}");
    assert!(masthead.contains("<li><a href=\"/about/\">About us</a></li>"), "{masthead}");
    assert!(masthead.contains("href=\"https://shop.example/?a&amp;b\">Shop</a>"), "{masthead}");
    let footer = between(&article, "<footer", "</footer>");
    assert!(footer.contains("<li>Paper\n<ul>\n<li><a href=\"/archive/\">Old</a></li>"), "{footer}");
    let about = site.read_output("about/index.html");
    let marked = "<a href=\"/about/\" aria-current=\"page\">About us</a>";
    assert_eq!(about.matches(marked).count(), 2, "{about}");
    assert!(
        site.read_output("archive/index.html").contains("\"/archive/\" aria-current=\"page\">Old")
    );
}

#[test]
fn a_menu_is_in_the_language_of_the_page() {
    let site = site(
        "  footer:\n    - {page: about.md}\n    \
         - {name: {en: Shop, fr: Boutique}, url: /shop/}\n    \
         - {name: Courriel, url: \"mailto:a@b.example\", lang: fr}\n",
    )
    .with_file("content/pages/about.md", "---\ntitle: About us\nid: about\n---\nText.\n")
    .with_file(
        "content/pages/a-propos.md",
        "---\ntitle: À propos\nlang: fr\ntranslation_of: about\n---\nTexte.\n",
    )
    .with_file("content/fr.md", article("Un", "2024-11-05", "lang: fr\n", "Texte.\n"));
    assert_eq!(site.build().assert_success().codes(), [""; 0]);
    let english = site.read_output("2024/11/05/good/index.html");
    assert!(english.contains(">About us</a>") && english.contains(">Shop</a>"), "{english}");
    assert!(!english.contains("Courriel"));
    let french = site.read_output("2024/11/05/fr/index.html");
    for text in ["href=\"/a-propos/\">À propos</a>", ">Boutique</a>", ">Courriel</a>"] {
        assert!(french.contains(text), "{text} in {french}");
    }
    let page = site.read_output("a-propos/index.html");
    assert!(page.contains("aria-current=\"page\">À propos</a>"), "{page}");
}

#[test]
fn edits_of_menus_and_their_pages_are_incremental() {
    let site = site("  footer: [{page: about.md}]\n")
        .with_file("content/old.md", article("Old", "2019-03-02", "", "Text.\n"));
    site.build().assert_success();
    // Articles that are added don't change pages of past years.
    site.write("content/new.md", article("New", "2024-11-06", "section: sport\n", "Text.\n"));
    let (_, changes) = build_with_changes(&site, &[]);
    assert!(!changes.written.iter().any(|path| path.starts_with("2019")), "{changes:?}");
    for (path, text) in [
        ("content/pages/about.md", "---\ntitle: The paper\n---\nText.\n"),
        ("content/pages/about.md", "---\ntitle: The paper\nslug: paper\n---\nText.\n"),
        ("site.yaml", "title: T\nbase_url: https://t.example\nmenus: {sections: false}\n"),
        (
            "site.yaml",
            "title: T\nbase_url: https://t.example\nmenus: {masthead: [{page: about}]}\n",
        ),
        ("templates/parts/menu_entry.html", "<li><b>{{ item.name }}</b></li>\n"),
    ] {
        site.write(path, text);
        site.build().assert_success();
        assert_same_as_clean_build(&site, &format!("after {path}: {text}"));
    }
    assert!(site.read_output("2019/03/02/old/index.html").contains("<b>The paper</b>"));
}

#[test]
fn entries_without_a_target_are_reported_with_their_position() {
    for (entry, code, column) in [
        ("{name: Shop}", "bad-setting", 25),
        ("{name: Shop, url: shop.html}", "bad-setting", 36),
        ("{url: /shop/}", "bad-setting", 24),
        ("{name: A, url: /a/, page: about.md}", "bad-setting", 44),
        ("{page: nowhere.md}", "missing-page", 25),
    ] {
        let site = site("  masthead: []\n")
            .with_file("site.yaml", format!("{SETTINGS}menus: {{footer: [{entry}]}}\n"));
        let build = site.build();
        let diagnostic = build.only_diagnostic();
        diagnostic.assert_code(code).assert_help_contains("about.md");
        diagnostic.assert_position(3, column);
    }
    // A draft isn't linked to.
    let site = site("  footer: [{page: about.md}]\n")
        .with_file("content/pages/about.md", "---\ntitle: About us\ndraft: true\n---\nText.\n");
    site.build().only_diagnostic().assert_code("missing-page").assert_position(5, 19);
    assert!(!site.read_output("index.html").contains("/about/"));
}

#[test]
fn a_new_site_has_pages_in_its_footer() {
    let folder = tempfile::tempdir().expect("a folder");
    let run = |args: &[&str]| {
        let output = dateline().args(args).current_dir(folder.path()).output().expect("it runs");
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    };
    run(&["init", "--title", "The Courier"]);
    run(&["build"]);
    let page = std::fs::read_to_string(folder.path().join("public/contact/index.html"));
    let page = page.expect("the page is built");
    for link in ["href=\"/about/\"", "href=\"/contact/\" aria-current", "/corrections-policy/"] {
        assert!(page.contains(link), "{link} in {page}");
    }
}

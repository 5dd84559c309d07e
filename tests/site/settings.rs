//! `site.yaml` with mistakes in it: each is told, the rest of the settings counts, and the site is built.

use crate::harness::{Build, SETTINGS, Site};

#[track_caller]
fn settings(lines: &str) -> (Site, Build) {
    let site = Site::new().with("site.yaml", format!("{SETTINGS}{lines}"));
    let build = site.build().faulty();
    assert!(build.told.iter().all(|told| told.file == "site.yaml"), "{}", build.stderr);
    let page = site.page("2024/11/05/good/index.html");
    assert!(page.contains("The Test"), "the settings that are right count: {page}");
    (site, build)
}

#[test]
fn unknown_keys() {
    let (_, build) = settings("titel: x\n");
    let told = build.only();
    told.code("unknown-setting").at(3, 1).shows("titel: x").says("`titel`").helps("did you mean `title`?");
    let (_, build) = settings("colour_of_the_sky: blue\n");
    build
        .only()
        .code("unknown-setting")
        .at(3, 1)
        .helps("the settings are title, description")
        .helps("`extra:`");
    let (_, build) = settings("limits: {artcle_bytes: 1}\n");
    build.only().code("bad-setting").at(3, 1).helps("did you mean `article_bytes`?");
    let (_, build) = settings("sections: {news: {nmae: News}}\n");
    build.only().code("bad-setting").at(3, 1).says("news").helps("did you mean `name`?");
}

#[test]
fn values_that_are_not_right() {
    for (line, says, helps) in [
        ("language: [en]", "`language`", "docs/configuration.md"),
        ("time_zone: Asia/Karachy", "no time zone `Asia/Karachy`", "did you mean `Asia/Karachi`?"),
        ("permalink: /{year}/", "needs `{slug}`", ""),
        ("permalink: '{slug}'", "must begin with `/`", ""),
        ("permalink: /{slugg}/", "`{slugg}` is not a part", ""),
        ("permalink: /../{slug}/", "`..` could lead outside", ""),
        ("html: dirty", "unknown variant `dirty`", ""),
        ("smart_punctuation: perhaps", "`smart_punctuation`", ""),
        ("limits: {nesting: -1}", "`limits`", ""),
        ("taxonomies: {tags: {path: archive}}", "`/archive/`", ""),
        ("taxonomies: {tags: {path: ../x}}", "`..` could lead outside", ""),
        ("taxonomies: {topics: {path: tags}}", "`/tags/`", ""),
        ("reactions: {kinds: [bored]}", "`bored` has no symbol", "{key: …, symbol: …, label: …}"),
        ("sections: [news]", "`sections`", ""),
    ] {
        let (_, build) = settings(&format!("{line}\n"));
        build.only().code("bad-setting").at(3, 1).shows(line).says(says).helps(helps);
        assert!(!build.only().help.is_empty(), "{line}");
    }
}

#[test]
fn an_address_that_is_none() {
    for url in
        ["example.org", "https://", "https:///x", "'https://a b'", "'https://x/?y'", "javascript:alert(1)"]
    {
        let site = Site::new().with("site.yaml", format!("title: x\nbase_url: {url}\n"));
        let build = site.build().faulty();
        build.only().code("bad-setting").at(2, 1).says("is not an address").helps("https://example.org");
        assert!(site.page("feed.xml").contains("https://example.com/"), "a name that is nobody's stands in");
    }
    let site = Site::new().with("site.yaml", "title: x\n");
    let build = site.build();
    assert_eq!((build.status, build.only().severity.as_str()), (0, "warning"));
    build.only().code("no-base-url").helps("--base-url");
    assert!(site.build_with(&["--base-url", "https://y.example/"]).fine().told.is_empty());
    assert!(site.page("sitemaps/2024.xml").contains("<loc>https://y.example/2024/11/05/good/</loc>"));
}

/// The file as a whole can't be read: the site is built with the defaults.
#[test]
fn no_settings_at_all() {
    for (text, code, place) in [
        ("- title\n- x\n", "bad-setting", None),
        ("just text\n", "bad-setting", None),
        ("title: a: b\n", "invalid-yaml", Some((1, 9))),
        ("title: x\n\tbase_url: y\n", "invalid-yaml", Some((2, 1))),
        ("title: [x\n", "invalid-yaml", None),
        ("title: x\ntitle: y\n", "invalid-yaml", None),
    ] {
        let site = Site::new().with("site.yaml", text);
        let build = site.build_with(&["--base-url", "https://test.example"]).faulty();
        let told = build.only();
        told.code(code);
        assert_eq!(told.file, "site.yaml");
        assert!(place.is_none() || told.place == place, "{told:#?}");
        assert!(!told.message.contains(" at line ") && !told.help.is_empty(), "{told:#?}");
        assert!(text != "title: a: b\n" || told.help.contains("`title: \"a: b\"`"), "{told:#?}");
        assert!(site.page("2024/11/05/good/index.html").contains("News archive"), "{text}");
    }
    let site = Site::new().with("site.yaml", "");
    let build = site.build();
    assert_eq!((build.status, build.codes()), (0, vec!["no-base-url"]));
}

#[test]
fn settings_that_are_not_text() {
    let site = Site::new().with("site.yaml", b"title: caf\xe9\nbase_url: https://test.example\n");
    let build = site.build_with(&["--base-url", "https://test.example"]).faulty();
    build.only().code("not-utf8").nowhere().says("offset 10").helps("iconv");
    assert_eq!(build.only().file, "site.yaml");
    assert!(site.has("2024/11/05/good/index.html"), "the site is built");
}

#[test]
fn settings_as_editors_save_them() {
    let site = Site::new();
    site.build().fine();
    let expected = site.outputs();
    for text in [
        format!("\u{feff}{SETTINGS}"),
        SETTINGS.replace('\n', "\r\n"),
        format!("# mine\n---\n{SETTINGS}...\n"),
    ] {
        site.put("site.yaml", &text);
        site.build().fine();
        assert!(site.outputs() == expected, "{text:?}");
    }
}

/// A slip in the settings must not move a page: its readers' links would lead nowhere until it is mended.
#[test]
fn settings_that_break_move_no_page() {
    for broken in ["title: a: b\n", "permalink: /{slugg}/\nbase_url: https://test.example\n"] {
        let site = Site::new().with("site.yaml", format!("{SETTINGS}permalink: /news/{{slug}}/\n"));
        site.build().fine();
        site.put("site.yaml", broken);
        site.build_with(&["--base-url", "https://test.example"]).faulty();
        assert!(site.has("news/good/index.html"), "{broken:?}: {:#?}", site.paths());
    }
}

#[test]
fn settings_that_unfold() {
    let list = |n: usize| format!("a{n}: &a{n} [{}]\n", vec![format!("*a{}", n - 1); 8].join(", "));
    let bomb: String = (1..12).map(list).collect();
    for lines in
        [format!("a0: &a0 x\n{bomb}"), format!("extra: {}{}\n", "[".repeat(10_000), "]".repeat(10_000))]
    {
        let site = Site::new().with("site.yaml", format!("{SETTINGS}{lines}"));
        let build = site.build_with(&["--base-url", "https://test.example"]).faulty();
        build.only().code("invalid-yaml").says("limit exceeded");
    }
}

#[test]
fn patterns_of_sections() {
    let lines = "sections: {world: {permalink: '/world/{year}/{slug}.html'}, city: City}\n";
    let site = Site::new().with("site.yaml", format!("{SETTINGS}permalink: /{{section}}/{{slug}}/\n{lines}"));
    let story = crate::harness::story;
    site.put("content/x.md", story("x", "2024-11-06", "section: city\n", ""));
    site.put("content/y.md", story("y", "2024-11-06", "", ""));
    site.put("content/z.md", story("z", "2024-11-06", "section: World\n", ""));
    site.build().fine();
    for page in ["world/2024/good.html", "city/x/index.html", "y/index.html", "world/2024/z.html"] {
        assert!(site.has(page), "{page}: {:#?}", site.paths());
    }
}

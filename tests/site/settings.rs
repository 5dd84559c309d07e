//! `site.yaml` with mistakes: each is reported, the other settings apply, and the site is built.

use std::collections::BTreeSet;

use crate::harness::{CommandOutput, SETTINGS, TestSite, article};

#[track_caller]
fn build_with_settings(lines: &str) -> (TestSite, CommandOutput) {
    let site = TestSite::new().with_file("site.yaml", format!("{SETTINGS}{lines}"));
    let build = site.build().assert_errors();
    assert!(
        build.diagnostics.iter().all(|diagnostic| diagnostic.file == "site.yaml"),
        "{}",
        build.stderr
    );
    let page = site.read_output("2024/11/05/good/index.html");
    assert!(page.contains("The Test"), "the settings that are right count: {page}");
    (site, build)
}

#[test]
fn unknown_keys() {
    let (_, build) = build_with_settings("titel: x\n");
    let diagnostic = build.only_diagnostic();
    diagnostic
        .assert_code("unknown-setting")
        .assert_position(3, 1)
        .assert_source_line("titel: x")
        .assert_message_contains("`titel`")
        .assert_help_contains("did you mean `title`?");
    let (_, build) = build_with_settings("color_of_the_sky: blue\n");
    build
        .only_diagnostic()
        .assert_code("unknown-setting")
        .assert_position(3, 1)
        .assert_help_contains("the settings are title, description")
        .assert_help_contains("`extra:`");
    let (_, build) = build_with_settings("limits: {artcle_bytes: 1}\n");
    build
        .only_diagnostic()
        .assert_code("bad-setting")
        .assert_position(3, 10)
        .assert_help_contains("did you mean `article_bytes`?");
    let (_, build) = build_with_settings("sections: {news: {nmae: News}}\n");
    build
        .only_diagnostic()
        .assert_code("bad-setting")
        .assert_position(3, 19)
        .assert_message_contains("news")
        .assert_help_contains("did you mean `name`?");
}

#[test]
fn invalid_values_are_reported() {
    for (line, message, help) in [
        ("language: [en]", "`language`", "dateline help language"),
        ("time_zone: Asia/Karachy", "no time zone `Asia/Karachy`", "did you mean `Asia/Karachi`?"),
        ("permalink: /{year}/", "needs `{slug}`", ""),
        ("permalink: '{slug}'", "must begin with `/`", ""),
        ("permalink: /{slugg}/", "`{slugg}` isn't a placeholder", ""),
        ("permalink: /../{slug}/", "`..` could lead outside", ""),
        ("html: dirty", "`html` is `dirty`, but must be `sanitized` or `trusted`", ""),
        ("copyright: [x]", "`copyright` is a list, but must be a text", "help copyright"),
        ("cite: maybe", "`cite` is the text \"maybe\", but must be `true` or `false`", ""),
        (
            "limits: {nesting: deep}",
            "`limits.nesting` is the text \"deep\", but must be a whole number of 0 or more",
            "",
        ),
        ("feeds: [rss]", "`feeds` is a list, but must be a map", ""),
        ("sections: {news: {name: [x]}}", "`sections.news.name` is a list, but must be a text", ""),
        ("taxonomies: {tags: {from: tag}}", "`taxonomies.tags.from` is the text \"tag\"", ""),
        (
            "check: {rules: {broken-link: of}}",
            "`check.rules.broken-link` is `of`, but must be one of",
            "did you mean `off`?",
        ),
        ("images: {ratios: [wide]}", "`images", ""),
        ("smart_punctuation: perhaps", "`smart_punctuation`", ""),
        ("limits: {nesting: -1}", "`limits.nesting` is the number `-1`, but must be", ""),
        ("taxonomies: {tags: {path: archive}}", "the path `archive`", "choose another path"),
        ("taxonomies: {tags: {path: ../x}}", "`..` could lead outside", ""),
        ("taxonomies: {topics: {path: tags}}", "the taxonomy `tags` uses it", "another path"),
        ("reactions: {kinds: [bored]}", "`bored` has no symbol", "{key: …, symbol: …, label: …}"),
        ("sections: [news]", "`sections`", ""),
    ] {
        let (_, build) = build_with_settings(&format!("{line}\n"));
        let diagnostic = build.only_diagnostic();
        diagnostic
            .assert_code("bad-setting")
            .assert_source_line(line)
            .assert_message_contains(message)
            .assert_help_contains(help);
        assert_eq!(diagnostic.position.map(|(line, _)| line), Some(3), "{line}");
        assert!(!diagnostic.help.is_empty(), "{line}");
    }
}

#[test]
fn invalid_base_urls_are_reported() {
    for url in [
        "example.org",
        "https://",
        "https:///x",
        "'https://a b'",
        "'https://x/?y'",
        "javascript:alert(1)",
    ] {
        let site = TestSite::new().with_file("site.yaml", format!("title: x\nbase_url: {url}\n"));
        let build = site.build().assert_errors();
        build
            .only_diagnostic()
            .assert_code("bad-setting")
            .assert_position(2, 1)
            .assert_message_contains("is not the URL of a site")
            .assert_help_contains("https://example.org");
        assert!(
            site.read_output("feed.xml").contains("https://example.com/"),
            "a reserved name is used instead"
        );
    }
    let site = TestSite::new().with_file("site.yaml", "title: x\n");
    let build = site.build();
    assert_eq!((build.status, build.only_diagnostic().severity.as_str()), (0, "warning"));
    build.only_diagnostic().assert_code("no-base-url").assert_help_contains("--base-url");
    assert!(
        site.build_with_args(&["--base-url", "https://y.example/"])
            .assert_success()
            .diagnostics
            .is_empty()
    );
    assert!(
        site.read_output("sitemaps/2024.xml")
            .contains("<loc>https://y.example/2024/11/05/good/</loc>")
    );
}

/// The file can't be parsed: the site is built with the defaults.
#[test]
fn unreadable_settings_fall_back_to_defaults() {
    for (text, code, position) in [
        ("- title\n- x\n", "bad-setting", None),
        ("just text\n", "bad-setting", None),
        ("title: a: b\n", "invalid-yaml", Some((1, 9))),
        ("title: x\n\tbase_url: y\n", "invalid-yaml", Some((2, 1))),
        ("title: [x\n", "invalid-yaml", None),
        ("title: x\ntitle: y\n", "invalid-yaml", None),
    ] {
        let site = TestSite::new().with_file("site.yaml", text);
        let build = site.build_with_args(&["--base-url", "https://test.example"]).assert_errors();
        let diagnostic = build.only_diagnostic();
        diagnostic.assert_code(code);
        assert_eq!(diagnostic.file, "site.yaml");
        assert!(position.is_none() || diagnostic.position == position, "{diagnostic:#?}");
        assert!(
            !diagnostic.message.contains(" at line ") && !diagnostic.help.is_empty(),
            "{diagnostic:#?}"
        );
        assert!(
            text != "title: a: b\n" || diagnostic.help.contains("`title: \"a: b\"`"),
            "{diagnostic:#?}"
        );
        assert!(site.read_output("2024/11/05/good/index.html").contains("News archive"), "{text}");
    }
    let site = TestSite::new().with_file("site.yaml", "");
    let build = site.build();
    assert_eq!((build.status, build.codes()), (0, vec!["no-base-url"]));
}

#[test]
fn settings_that_are_not_text() {
    let site =
        TestSite::new().with_file("site.yaml", b"title: caf\xe9\nbase_url: https://test.example\n");
    let build = site.build_with_args(&["--base-url", "https://test.example"]).assert_errors();
    build
        .only_diagnostic()
        .assert_code("not-utf8")
        .assert_no_position()
        .assert_message_contains("offset 10")
        .assert_help_contains("iconv");
    assert_eq!(build.only_diagnostic().file, "site.yaml");
    assert!(site.has_output("2024/11/05/good/index.html"), "the site is built");
}

#[test]
fn bom_crlf_and_document_markers_are_accepted() {
    let site = TestSite::new();
    site.build().assert_success();
    let expected = site.outputs();
    for text in [
        format!("\u{feff}{SETTINGS}"),
        SETTINGS.replace('\n', "\r\n"),
        format!("# mine\n---\n{SETTINGS}...\n"),
    ] {
        site.write("site.yaml", &text);
        site.build().assert_success();
        assert!(site.outputs() == expected, "{text:?}");
    }
}

/// A mistake in the settings must not move a page: links of readers would be broken until it is
/// fixed.
#[test]
fn invalid_settings_move_no_page() {
    for broken in ["title: a: b\n", "permalink: /{slugg}/\nbase_url: https://test.example\n"] {
        let site = TestSite::new()
            .with_file("site.yaml", format!("{SETTINGS}permalink: /news/{{slug}}/\n"));
        site.build().assert_success();
        site.write("site.yaml", broken);
        site.build_with_args(&["--base-url", "https://test.example"]).assert_errors();
        assert!(site.has_output("news/good/index.html"), "{broken:?}: {:#?}", site.output_paths());
    }
}

#[test]
fn settings_that_expand_exponentially() {
    let list = |level: usize| {
        format!("a{level}: &a{level} [{}]\n", vec![format!("*a{}", level - 1); 8].join(", "))
    };
    let bomb: String = (1..12).map(list).collect();
    for (lines, message) in [
        (format!("a0: &a0 x\n{bomb}"), "aliases repeat too many values"),
        (
            format!("extra: {}{}\n", "[".repeat(10_000), "]".repeat(10_000)),
            "lists or maps are nested too deep",
        ),
    ] {
        let site = TestSite::new().with_file("site.yaml", format!("{SETTINGS}{lines}"));
        let build = site.build_with_args(&["--base-url", "https://test.example"]).assert_errors();
        build.only_diagnostic().assert_code("invalid-yaml").assert_message_contains(message);
    }
}

#[test]
fn sections_can_have_permalink_patterns() {
    let lines = "sections: {world: {permalink: '/world/{year}/{slug}.html'}, city: City}\n";
    let site = TestSite::new()
        .with_file("site.yaml", format!("{SETTINGS}permalink: /{{section}}/{{slug}}/\n{lines}"));
    let article = crate::harness::article;
    site.write("content/x.md", article("x", "2024-11-06", "section: city\n", ""));
    site.write("content/y.md", article("y", "2024-11-06", "", ""));
    site.write("content/z.md", article("z", "2024-11-06", "section: World\n", ""));
    site.build().assert_success();
    for page in ["world/2024/good.html", "city/x/index.html", "y/index.html", "world/2024/z.html"] {
        assert!(site.has_output(page), "{page}: {:#?}", site.output_paths());
    }
}

/// A taxonomy can't be where the program has anything of its own: whatever the fullest site has in
/// its root is refused, at the line that asks for it.
#[test]
fn paths_of_pages_and_outputs_are_reserved() {
    let everything = "language: en\nsearch: true\ndata: {articles: true, ninjs: true}\nllms: true\n\
        humans: We\ntrust: {contact: \"https://test.example/\"}\nheaders: true\n\
        security: {contact: \"mailto:a@test.example\", expires: \"2099-01-01T00:00:00Z\"}\n\
        redirects: {formats: [html, netlify, nginx, apache, s3], rules: {/old/: /}}\n";
    let correction = "corrections: [{date: 2024-12-05, text: The bridge has two arches.}]\n";
    let site = TestSite::new()
        .with_file("site.yaml", format!("{SETTINGS}{everything}"))
        .with_file("content/b.md", article("B", "2024-12-05", correction, "Text.\n"))
        .with_file("content/c.md", article("C", "2024-12-06", "lang: fr\n", "Texte.\n"))
        .with_file("content/d.md", article("D", "2024-12-07", "status: withdrawn\n", ""));
    site.build();
    let mut names: BTreeSet<String> = site
        .output_paths()
        .iter()
        .map(|path| path.split('/').next().unwrap_or_default().to_owned())
        .collect();
    for own in ["tags", "sections", "old"] {
        assert!(names.remove(own), "{own} in {names:?}");
    }
    assert!(names.len() > 20, "{names:?}");
    for name in names {
        let path =
            format!("{everything}taxonomies:\n  people: false\n  tags:\n    path: '{name}'\n");
        let line = SETTINGS.lines().count() + path.lines().count();
        site.write("site.yaml", format!("{SETTINGS}{path}"));
        let build = site.build().assert_errors();
        let own: Vec<_> = build.diagnostics_for("site.yaml");
        assert_eq!(own.len(), 1, "{name}: {}", build.stderr);
        own[0]
            .assert_position(line, 5)
            .assert_message_contains(&format!("the taxonomy `tags` can't have the path `{name}`"))
            .assert_help_contains("choose another path");
    }
}

#[test]
fn renamed_settings_are_read() {
    let old = "pictures: {widths: [40]}\nfeeds: {stories: 1}\ndata:\n  catalogue: true\n\
        corrections: {place: foot}\n";
    let site = TestSite::new().with_file("site.yaml", format!("{SETTINGS}{old}"));
    let build = site.build();
    assert_eq!(build.status, 0, "{}", build.stderr);
    let found: Vec<_> = build
        .diagnostics
        .iter()
        .map(|d| (d.severity.as_str(), d.code.as_str(), d.position, d.message.as_str()))
        .collect();
    let renamed = |position, message| ("warning", "renamed-setting", Some(position), message);
    assert_eq!(
        found,
        [
            renamed((3, 1), "the setting `pictures` was renamed to `images`"),
            renamed((4, 9), "the setting `feeds.stories` was renamed to `feeds.articles`"),
            renamed((6, 3), "the setting `data.catalogue` was renamed to `data.articles`"),
            renamed(
                (7, 15),
                "the setting `corrections.place` was renamed to `corrections.position`"
            ),
        ]
    );
    assert!(site.has_output("archive.json"));
    let outputs = site.outputs();
    let new = "images: {widths: [40]}\nfeeds: {articles: 1}\ndata:\n  articles: true\n\
        corrections: {position: bottom}\n";
    site.write("site.yaml", format!("{SETTINGS}{new}"));
    let (build, clean) = site.build_clean();
    build.assert_success();
    assert_eq!(outputs, clean);
}

#[test]
fn a_setting_with_both_its_names_is_a_mistake() {
    let (_, build) = build_with_settings("feeds: {stories: 3, articles: 2}\n");
    build
        .only_diagnostic()
        .assert_code("bad-setting")
        .assert_position(3, 9)
        .assert_message_contains("both `feeds.articles` and its old name `feeds.stories` are set")
        .assert_help_contains("remove `stories`");
}

/// Several mistakes in one nested map are several diagnostics, each at its key.
#[test]
fn each_mistake_in_a_nested_map_is_reported_at_its_key() {
    for (lines, positions) in [
        ("limits:\n  nesting: x\n  size: 1\n  article_bytes: [2]\n", vec![4, 5, 6]),
        ("theme:\n  light:\n    acent: red\n    ink: 'url(x)'\n  dark: red\n", vec![5, 6, 7]),
        ("feeds:\n  formats: [atom, pdf, doc]\n  articles: many\n  hub: x\n", vec![4, 4, 5, 6]),
        ("sitemaps:\n  images: 7\n  video: true\n", vec![4, 5]),
        ("data:\n  ninjs: 7\n  csv: true\n", vec![4, 5]),
        ("search:\n  files: x\n  engine: {name: E, url: 'http://x'}\n  lang: en\n", vec![4, 5, 6]),
        (
            "images:\n  widths: [1]\n  quality: 500\n  ratios: ['0:1']\n  size: 1\n",
            vec![4, 5, 6, 7],
        ),
        ("image_metadata:\n  keep: [gps]\n  static_files: x\n  other: 1\n", vec![4, 5, 6]),
        ("corrections:\n  position: x\n  color: red\n", vec![4, 5]),
        ("check:\n  rules: {broken-lnk: off}\n  archive: x\n  extern: {}\n", vec![4, 5, 6]),
        ("robots:\n  disallow: ['']\n  refuse: 1\n  allow: []\n", vec![4, 5, 6]),
        ("redirects:\n  formats: [html, x]\n  rules:\n    /a/: b\n    c: /d/\n", vec![4, 6, 7]),
        ("trust:\n  contact: [[x]]\n  membr: x\n", vec![4, 5]),
        ("reactions:\n  script: 7\n  kind: x\n  kinds: [{key: a, symbl: b}]\n", vec![4, 5, 6, 6]),
        ("sections:\n  city: {nam: City, permalink: [x]}\n  world: 7\n", vec![4, 4, 5]),
        ("taxonomies:\n  tags: {nam: T, feed: x}\n  places: [x]\n", vec![4, 4, 5]),
    ] {
        let (_, build) = build_with_settings(lines);
        let mut found: Vec<usize> = build
            .diagnostics
            .iter()
            .filter(|diagnostic| diagnostic.code == "bad-setting")
            .filter_map(|diagnostic| diagnostic.position.map(|(line, _)| line))
            .collect();
        found.sort_unstable();
        assert_eq!(found, positions, "{lines}\n{:#?}", build.diagnostics);
        assert_eq!(build.diagnostics.len(), positions.len(), "{lines}\n{:#?}", build.diagnostics);
    }
}

#[test]
fn a_setting_that_names_a_missing_file_is_reported() {
    for key in ["logo", "favicon"] {
        let site = TestSite::new()
            .with_file("site.yaml", format!("{SETTINGS}{key}: /img/mark.svg\n"))
            .with_file("static/img/other.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\"/>");
        for _ in 0..2 {
            let build = site.build();
            assert_eq!(build.status, 0, "a warning doesn't stop the build");
            build
                .only_diagnostic()
                .assert_code("missing-file")
                .assert_position(3, 1)
                .assert_message_contains("no file `static/img/mark.svg`");
        }
        for outside in ["../site.yaml", "img"] {
            site.write("site.yaml", format!("{SETTINGS}{key}: {outside}\n"));
            site.build().only_diagnostic().assert_code("missing-file");
        }
        site.write("site.yaml", format!("{SETTINGS}{key}: img/other.svg\n"));
        site.build().assert_success();
    }
    let site = TestSite::new().with_file("site.yaml", format!("{SETTINGS}favicon: favicon.svg\n"));
    site.build().assert_success();
}

//! URLs and symbolic links to paths outside the site: nothing is written or read there.

use std::fs;

use crate::harness::{TestSite, article, read_files};
use crate::invalid_article::break_article_once;

#[test]
fn slugs_with_path_separators_are_rejected() {
    let diagnostic = break_article_once(article("x", "2024-11-06", "slug: ../../etc/passwd\n", ""));
    diagnostic
        .assert_code("bad-slug")
        .assert_position(4, 1)
        .assert_source_line("slug: ../../etc/passwd")
        .assert_help_contains("`slug: etc-passwd`");
    for (slug, suggestion) in
        [("a/b", "a-b"), ("'a\\b'", "a-b"), (".htaccess", "htaccess"), (r#""a\0b""#, "a-b")]
    {
        let diagnostic =
            break_article_once(article("x", "2024-11-06", &format!("slug: {slug}\n"), ""));
        diagnostic
            .assert_code("bad-slug")
            .assert_position(4, 1)
            .assert_source_line(&format!("slug: {slug}"))
            .assert_help_contains(&format!("`slug: {suggestion}`"));
    }
}

/// A slug without a letter or a digit is invalid, and the suggestion isn't empty.
#[test]
fn slugs_without_letters_or_digits_are_rejected() {
    for slug in ["..", ".", "'?!'", "'—'", "'🙂'"] {
        let diagnostic =
            break_article_once(article("x", "2024-11-06", &format!("slug: {slug}\n"), ""));
        diagnostic
            .assert_code("bad-slug")
            .assert_position(4, 1)
            .assert_source_line(&format!("slug: {slug}"))
            .assert_help_contains("letters or digits");
    }
    let site = TestSite::new().with_file("content/?!.md", article("?!", "2024-11-06", "", ""));
    let build = site.build().assert_errors();
    build
        .only_diagnostic()
        .assert_code("bad-slug")
        .assert_position(2, 1)
        .assert_message_contains("no slug can be made from the file name or the title")
        .assert_help_contains("slug: …");
}

#[test]
fn permalinks_outside_the_site_are_rejected() {
    for (permalink, reason) in [
        ("/../x", "`..` could lead outside"),
        ("../../../etc/passwd", "`..` could lead outside"),
        ("/a/../../x/", "`..` could lead outside"),
        ("/./x", "`.` could lead outside"),
        ("/.../x", "`...` could lead outside"),
        ("/%2e%2e/x", "could lead outside"),
        ("/a/%2E./%2E%2E/x/", "could lead outside"),
        ("/a%2f..%2fb/", "could lead outside"),
        ("//etc/passwd", "an empty part"),
        ("/a//b/", "an empty part"),
        (r"a\..\b", r"the character `\` is not safe"),
        (r#""/a\0b""#, "U+0000, a control character, is not safe"),
        (r#""/a\nb""#, "U+000A, a control character, is not safe"),
        ("/a?b", "`?` is not safe"),
        ("'/a#b'", "`#` is not safe"),
    ] {
        let diagnostic = break_article_once(article(
            "x",
            "2024-11-06",
            &format!("permalink: {permalink}\n"),
            "",
        ));
        diagnostic
            .assert_code("bad-permalink")
            .assert_position(4, 1)
            .assert_message_contains(reason)
            .assert_source_line(&format!("permalink: {permalink}"));
        diagnostic.assert_help_contains("a path below the site's root");
    }
    let diagnostic = break_article_once(article(
        "x",
        "2024-11-06",
        &format!("url: /{}/\n", "y".repeat(256)),
        "",
    ));
    diagnostic
        .assert_code("bad-permalink")
        .assert_position(4, 1)
        .assert_message_contains("256 bytes long");
}

/// The files of absolute permalinks are below the output folder, whatever they name.
#[test]
fn absolute_permalinks_stay_below_the_output_folder() {
    let site = TestSite::empty();
    for (name, permalink) in [
        ("a", "/etc/passwd"),
        ("b", "etc/shadow"),
        ("c", "/~root/x.html"),
        ("e", "/a b/"),
        ("f", "/خبر/"),
        ("g", "/100%/"),
    ] {
        site.write(
            &format!("content/{name}.md"),
            article("x", "2024-11-06", &format!("permalink: {permalink}\n"), ""),
        );
    }
    site.build().assert_success();
    let paths = ["etc/passwd", "etc/shadow", "~root/x.html", "a b", "خبر", "100%"];
    for path in paths {
        let page =
            if path.ends_with(".html") { path.to_owned() } else { format!("{path}/index.html") };
        assert!(site.has_output(&page), "{page}: {:#?}", site.output_paths());
    }
    assert!(
        site.read_output("sitemaps/2024.xml")
            .contains("<loc>https://test.example/%D8%AE%D8%A8%D8%B1/</loc>")
    );
    assert!(site.read_output("index.html").contains("href=\"/a%20b/\""));
}

/// Device names of Windows and very long titles give safe file names.
#[test]
fn generated_slugs_are_safe_file_names() {
    let long = "بہت لمبی سرخی ".repeat(60);
    let site = TestSite::empty()
        .with_file("content/con.md", article("x", "2024-11-06", "", ""))
        .with_file("content/index.md", article("x", "2024-11-06", "slug: nul\n", ""))
        .with_file("content/long.md", article("y", "2024-11-06", &format!("slug: {long}\n"), ""));
    site.build().assert_success();
    assert!(
        site.has_output("2024/11/06/con-1/index.html")
            && site.has_output("2024/11/06/nul-1/index.html")
    );
    let longest = site.output_paths().into_iter().max_by_key(String::len).expect("there is a path");
    assert!(
        longest.split('/').all(|part| part.len() <= 160) && longest.contains("بہت-لمبی"),
        "{longest}"
    );
}

#[cfg(unix)]
#[test]
fn symlinks_out_of_the_content_are_not_followed() {
    let outside = tempfile::tempdir().expect("a temporary folder is created");
    fs::write(outside.path().join("secret.md"), article("Secret", "2024-11-06", "", "Secret"))
        .expect("the file is written");
    let site = TestSite::new()
        .with_symlink("content/file.md", outside.path().join("secret.md"))
        .with_symlink("content/folder", outside.path())
        .with_symlink("content/gone.md", "nowhere.md");
    let build = site.build().assert_errors();
    assert_eq!(build.codes(), ["symlink"; 3]);
    for (index, (file, reason)) in [
        ("content/file.md", "points outside content/"),
        ("content/folder", "points outside content/"),
        ("content/gone.md", "is broken"),
    ]
    .into_iter()
    .enumerate()
    {
        assert_eq!(build.diagnostics[index].file, file);
        build.diagnostics[index]
            .assert_message_contains(reason)
            .assert_no_position()
            .assert_help_contains("put the file");
    }
    assert!(site.has_output("2024/11/05/good/index.html"), "the rest is built");
    assert!(
        site.outputs().values().all(|bytes| !String::from_utf8_lossy(bytes).contains("Secret"))
    );
}

#[cfg(unix)]
#[test]
fn symlinks_among_static_files_are_not_followed() {
    let outside = tempfile::tempdir().expect("a temporary folder is created");
    fs::write(outside.path().join("secret.txt"), "Secret").expect("the file is written");
    let site = TestSite::new().with_symlink("static/out.txt", outside.path().join("secret.txt"));
    let build = site.build().assert_errors();
    assert!(!site.has_output("out.txt") && site.has_output("2024/11/05/good/index.html"));
    assert_eq!(build.only_diagnostic().file, "static/out.txt");
    build
        .only_diagnostic()
        .assert_code("symlink")
        .assert_message_contains("not followed")
        .assert_help_contains("put the file");
}

#[cfg(unix)]
#[test]
fn cyclic_and_directory_symlinks_are_not_followed() {
    let site = TestSite::new()
        .with_file("content/news/a.md", article("A", "2024-11-06", "", ""))
        .with_symlink("content/news/circle", "..")
        .with_symlink("content/self.md", "self.md")
        .with_symlink("content/copy", "news");
    let build = site.build().assert_errors();
    let found: Vec<_> = build
        .diagnostics
        .iter()
        .map(|diagnostic| (diagnostic.file.as_str(), diagnostic.code.as_str()))
        .collect();
    let expected = [
        ("content/copy", "symlink"),
        ("content/news/circle", "symlink"),
        ("content/self.md", "symlink"),
    ];
    assert_eq!(found, expected);
    build.diagnostics[0].assert_message_contains("folders are not followed");
    build.diagnostics[2].assert_message_contains("broken or circular");
    assert_eq!(build.report_number("articles"), 2);
}

#[cfg(unix)]
#[test]
fn a_symlink_inside_the_content_is_read_as_a_file() {
    let site =
        TestSite::new().with_file("content/news/a.md", article("A", "2024-11-06", "", "Text."));
    site.with_symlink("content/b.md", "news/a.md").build().assert_success();
}

/// Images of an article can only be files of the site.
#[cfg(unix)]
#[test]
fn images_outside_the_site_are_not_published() {
    let outside = tempfile::tempdir().expect("a temporary folder is created");
    fs::write(outside.path().join("secret.png"), "Secret").expect("the file is written");
    let body = "![a](../../secret.png)\n\n![b](/../secret.png)\n\n\
        ![c](link.png)\n\n![d](%2e%2e/%2e%2e/site.yaml)\n";
    let site = TestSite::new()
        .with_file("secret.png", "Secret")
        .with_file("content/news/a.md", article("A", "2024-11-06", "", body))
        .with_symlink("content/news/link.png", outside.path().join("secret.png"));
    let build = site.build();
    assert_eq!(
        build.codes(),
        ["missing-image", "missing-image", "missing-image", "missing-image", "symlink"]
    );
    let outputs = read_files(&site.path("public"));
    assert!(outputs.values().all(|bytes| !String::from_utf8_lossy(bytes).contains("Secret")));
    assert!(!outputs.keys().any(|path| path.ends_with(".png") || path.ends_with(".yaml")));
}

/// The position is that of the missing image, not of the first equal text.
#[test]
fn a_missing_image_is_reported_at_its_position() {
    let body = "An a.png is a file.\n\n![b](../a.png)\n\n![a](a.png)\n";
    let site = TestSite::new().with_file("content/news/a.md", article("A", "2024-11-06", "", body));
    let build = site.build();
    assert_eq!(build.codes(), ["missing-image"; 2]);
    build.diagnostics[0].assert_position(7, 6).assert_source_line("![b](../a.png)");
    build.diagnostics[1].assert_position(9, 6).assert_source_line("![a](a.png)");
}

/// Files of others are neither overwritten without a warning nor removed.
#[test]
fn untracked_files_in_the_output_folder_stay() {
    let site = TestSite::new()
        .with_file("public/CNAME", "test.example")
        .with_file("public/2024/notes.txt", "mine");
    site.build().assert_success();
    site.remove("content/good.md");
    site.write("content/other.md", article("Other", "2023-01-01", "", ""));
    site.build().assert_success();
    assert!(!site.has_output("2024/11/05/good/index.html"));
    assert_eq!(
        (site.read_output("CNAME").as_str(), site.read_output("2024/notes.txt").as_str()),
        ("test.example", "mine")
    );
}

/// Archives have percent-encoded letters beyond ASCII: in permalinks and aliases they are decoded.
#[test]
fn percent_encoded_paths_are_decoded() {
    let lines = "permalink: /2024/%D8%A7%DB%8C%D8%B1%D8%A7%D9%86/\n\
        aliases: [\"https://old.example/caf%C3%A9/\", /100%25/]\n";
    let site = TestSite::new().with_file("content/x.md", article("x", "2024-11-06", lines, ""));
    site.build().assert_success();
    for path in ["2024/ایران/index.html", "café/index.html", "100%/index.html"] {
        assert!(site.has_output(path), "{path}: {:#?}", site.output_paths());
    }
    for bad in ["/%2e%2e/x/", "/a/%2e%2e%2f%2e%2e/x/", "/%00/", "/a/%5cb/"] {
        site.write(
            "content/x.md",
            article("x", "2024-11-06", &format!("permalink: \"{bad}\"\n"), ""),
        );
        assert_eq!(site.build().codes(), ["bad-permalink"], "{bad}");
    }
}

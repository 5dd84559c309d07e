//! Paths that are longer than file systems or the system allow.

use crate::harness::{TestSite, article};

/// A path of many parts with a length in bytes.
fn long_path(bytes: usize) -> String {
    let path = format!("/{}", "0123456789/".repeat(bytes / 11 + 1));
    format!("{}x/", path[..bytes - 2].trim_end_matches('/'))
}

#[test]
fn permalinks_and_aliases_over_the_limit_are_refused_with_their_file() {
    for length in [3_001, 4_090, 4_095, 4_096, 5_000, 60_000] {
        let long = long_path(length);
        for (line, code) in [
            (format!("permalink: {long}\n"), "bad-permalink"),
            (format!("aliases: [{long}]\n"), "bad-alias"),
            (format!("aliases: [\"https://old.example{long}\"]\n"), "bad-alias"),
        ] {
            let site = TestSite::new();
            site.write("content/long.md", article("Long", "2024-11-06", &line, "Text."));
            for _ in 0..2 {
                let build = site.build();
                build.only_diagnostic().assert_code(code).assert_message_contains("bytes long");
                assert_eq!(build.only_diagnostic().file, "content/long.md");
                assert!(site.has_output("2024/11/05/good/index.html"));
            }
            site.write("content/long.md", article("Long", "2024-11-06", "", "Text."));
            site.build().assert_success();
        }
    }
}

#[test]
fn paths_up_to_the_limit_are_published() {
    let long = long_path(2_999);
    let site = TestSite::new().with_file(
        "content/long.md",
        article("Long", "2024-11-06", &format!("permalink: {long}\n"), "Text."),
    );
    site.build().assert_success();
    site.remove("content/long.md");
    site.build().assert_success();
    assert_eq!(site.output_paths().iter().filter(|path| path.len() > 1_000).count(), 0);
}

/// An output folder with a path so long that only short URLs fit.
#[cfg(target_os = "linux")]
#[test]
fn the_output_folder_counts() {
    let site = TestSite::new().with_file(
        "content/long.md",
        article("Long", "2024-11-06", &format!("permalink: {}\n", long_path(2_900)), "Text."),
    );
    let output = format!("out{}", long_path(1_900));
    for _ in 0..2 {
        let path = site.path(output.trim_end_matches('/'));
        let build = site.build_with_args(&["--output", path.to_str().expect("it is UTF-8")]);
        let diagnostic = build.only_diagnostic();
        diagnostic.assert_code("path-too-long").assert_message_contains("with the output folder");
        assert_eq!((diagnostic.file.as_str(), build.status), ("content/long.md", 1));
        assert!(path.join("2024/11/05/good/index.html").is_file());
    }
    site.build().assert_success();
}

/// Names that fit as an article's file but not as what is made from it.
#[cfg(unix)]
#[test]
fn long_file_names_are_reported() {
    let name = "n".repeat(250);
    let site = TestSite::new()
        .with_file(format!("static/{name}.txt").as_str(), "x")
        .with_file("content/a.md", article("A", "2024-11-06", "", &format!("[x]({name}.pdf)\n")))
        .with_file(format!("content/{name}.pdf").as_str(), "x");
    for _ in 0..2 {
        site.build().assert_success();
    }
    // The copies of an image have longer names than the image.
    let site = TestSite::new()
        .with_file("content/a.md", article("A", "2024-11-06", "", &format!("![x]({name}.jpg)\n")));
    let image = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/site/images");
    if let Some(jpeg) = std::fs::read_dir(image).ok().and_then(|mut entries| {
        entries.find_map(|entry| {
            entry
                .ok()
                .map(|entry| entry.path())
                .filter(|path| path.extension().is_some_and(|it| it == "jpg"))
        })
    }) {
        site.write(&format!("content/{name}.jpg"), std::fs::read(jpeg).expect("it is readable"));
        let build = site.build();
        assert!(build.status <= 1, "{}", build.stderr);
        assert_eq!(site.build().status, build.status);
    }
}

/// A journal that names files that can't exist.
#[test]
fn impossible_paths_in_the_journal_count_as_absent() {
    let site = TestSite::new();
    site.build().assert_success();
    let before = site.outputs();
    let cache = crate::harness::read_files(&site.path(".dateline"));
    let name = cache.keys().find(|name| name.ends_with(".bin")).expect("there is a cache");
    let journal = format!(".dateline/{}", name.replace(".bin", ".journal"));
    site.write("outside.txt", "mine");
    site.write("public/mine.txt", "mine");
    let long = "x".repeat(300);
    let deep = "d/".repeat(5_000);
    for text in [
        format!("{long}/index.html\n"),
        format!("{deep}index.html\n"),
        "../outside.txt\n/etc/hostname\n2024/../../outside.txt\n".to_owned(),
        "a\0b\n".to_owned(),
        "2024/11/05\n2024\n\n.\n..\n".to_owned(),
        "mine.txt/x/y\n".to_owned(),
        "x".repeat(5_000_000),
        "\u{feff}\n".to_owned(),
    ] {
        site.write(&journal, &text);
        site.build().assert_success();
        assert!(!site.path(&journal).exists());
        let mut after = site.outputs();
        assert_eq!(after.remove("mine.txt").as_deref(), Some(&b"mine"[..]));
        assert!(after == before, "{:?}", &text[..text.len().min(40)]);
        assert!(site.path("outside.txt").is_file());
    }
    site.write(&journal, [b"\xff\xfe\n2024\xff\n".as_slice(), &[b'\n'; 1_000]].concat());
    site.build().assert_success();
}

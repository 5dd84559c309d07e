//! Old URLs with redacted names: they aren't found, no published file contains them, and the
//! permalink registry keeps only a hash. And what the audit searches besides pages.

use std::io::Write as _;
use std::process::Output;

use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};

use crate::harness::{SETTINGS, TestSite, article, dateline};
use crate::redaction::{decoded_texts, folded_letters, png};

fn has_name(bytes: &[u8]) -> bool {
    decoded_texts(bytes).iter().any(|text| {
        let letters = folded_letters(text);
        letters.contains("zorblax") || letters.contains("quimby")
    })
}

#[track_caller]
fn assert_no_output_names(site: &TestSite) {
    for (path, bytes) in site.outputs() {
        assert!(!has_name(path.as_bytes()), "{path}");
        assert!(!has_name(&bytes), "{path}: {}", String::from_utf8_lossy(&bytes));
    }
}

fn run(site: &TestSite, args: &[&str]) -> Output {
    dateline().args(args).arg("--root").arg(site.root()).output().expect("the program runs")
}

fn redacting_article(front: &str) -> String {
    article("A trial", "2024-11-05", &format!("redact: [Zorblax Quimby]\n{front}"), "Text.\n")
}

/// An alias of another article, and rules of the settings.
#[test]
fn no_redirect_contains_a_name_that_any_article_redacts() {
    let settings = "\
redirects:
  formats: [html, netlify, nginx, apache, s3]
  rules:
    /old/zorblax-quimby.html: /2024/11/05/a/
    /z/: /files/Zorblax-Quimby.pdf
    /zorblax_quimby/*: /
    /kept/: /2024/11/05/a/
";
    let site = TestSite::empty().with_file("content/a.md", redacting_article(""));
    site.write("site.yaml", format!("{SETTINGS}{settings}"));
    let front = "aliases: [/people/zorblax-quimby/, '/p/Quimby,%20Zorblax/', /other/]\n";
    site.write("content/b.md", article("B", "2024-11-06", front, "Text.\n"));
    let front = "status: unpublished\naliases: [/gone/zorblax-quimby/, /gone/]\n";
    site.write("content/c.md", article("C", "2024-11-06", front, "Text.\n"));
    let build = site.build();
    assert_eq!((build.status, build.codes()), (0, vec![]), "{}", build.stderr);
    assert_no_output_names(&site);
    for path in ["kept/index.html", "other/index.html", "404.html"] {
        assert!(site.has_output(path), "{path}: {:?}", site.output_paths());
    }
    assert!(site.read_output(".htaccess").contains("/gone/"));
    crate::archive::assert_same_as_clean_build(&site, "with redacted URLs");
    // Without the redaction they all redirect.
    site.write("content/a.md", article("A trial", "2024-11-05", "", "Text.\n"));
    site.build().assert_success();
    assert!(site.has_output("old/zorblax-quimby.html"), "{:?}", site.output_paths());
    assert!(site.has_output("people/zorblax-quimby/index.html"));
    crate::archive::assert_same_as_clean_build(&site, "with all URLs");
}

#[test]
fn the_registry_keeps_a_hash() {
    let site = TestSite::empty().with_file(
        "content/zorblax-quimby.md",
        article("A trial", "2024-11-05", "id: trial\n", "Text of the trial.\n"),
    );
    assert!(run(&site, &["permalinks", "record"]).status.success());
    let read =
        || std::fs::read_to_string(site.path("permalinks.txt")).expect("there is a registry");
    assert!(read().contains("/2024/11/05/zorblax-quimby/"), "{}", read());
    site.write("content/zorblax-quimby.md", redacting_article("id: trial\n"));
    let build = site.build();
    assert_eq!((build.status, build.codes()), (0, vec![]), "{}", build.stderr);
    assert_no_output_names(&site);
    let output = run(&site, &["permalinks", "record"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let registry = read();
    assert!(!has_name(registry.as_bytes()), "{registry}");
    assert_eq!(registry.lines().filter(|line| line.starts_with("redacted:")).count(), 1);
    // The hash is kept, nothing is reported as missing, and nothing is recorded twice.
    let build = site.build();
    assert_eq!((build.status, build.codes()), (0, vec![]), "{}", build.stderr);
    assert!(run(&site, &["permalinks", "record"]).status.success());
    assert_eq!(read(), registry);
    assert!(run(&site, &["permalinks", "check"]).status.success());
    site.write("permalinks.txt", format!("{registry}/2024/11/05/zorblax-quimby/\n"));
    assert!(run(&site, &["permalinks", "record"]).status.success());
    assert_eq!(read(), registry, "a merge brought the URL back");
}

#[test]
fn the_last_good_page_of_a_broken_article_is_removed_if_it_contains_a_name() {
    let site = TestSite::empty().with_file(
        "content/a.md",
        article("A trial", "2024-11-05", "", "Zorblax Quimby was there.\n"),
    );
    site.build().assert_success();
    site.write("content/a.md", article("A trial", "2024-13-05", "", "Zorblax Quimby was there.\n"));
    let build = site.build().assert_errors();
    assert_eq!(build.codes(), ["bad-date"], "{}", build.stderr);
    assert!(site.has_output("2024/11/05/a/index.html"), "it stays without a redaction");
    site.write("redactions.yaml", "everywhere: [Zorblax Quimby]\n");
    let build = site.build().assert_errors();
    assert!(!site.has_output("2024/11/05/a/index.html"));
    assert_no_output_names(&site);
    assert!(!has_name(build.stderr.as_bytes()), "{}", build.stderr);
}

#[test]
fn an_export_with_a_name_is_refused() {
    let site = TestSite::empty().with_file("content/a.md", redacting_article(""));
    site.write("content/b.md", article("B", "2024-11-06", "", "Zorblax said, Quimby too.\n"));
    let export = |site: &TestSite| {
        dateline()
            .args(["export", "sqlite", "--root"])
            .arg(site.root())
            .arg(site.path("archive.db"))
            .output()
            .expect("the program runs")
    };
    assert!(export(&site).status.success(), "the words are apart");
    let exported = std::fs::read(site.path("archive.db")).expect("there is a database");
    site.write("content/b.md", article("B", "2024-11-06", "tags: [Zorblax Quimby]\n", "Text.\n"));
    site.write("content/c.md", article("C", "2024-11-06", "", "With Zorblax  **Quimby**.\n"));
    let output = export(&site);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    assert!(stderr.matches("error[redacted-name]").count() >= 2, "{stderr}");
    assert!(!has_name(stderr.as_bytes()), "{stderr}");
    assert_eq!(std::fs::read(site.path("archive.db")).ok(), Some(exported), "it is unchanged");
}

fn deflated(text: &str) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(text.as_bytes()).expect("memory doesn't fail");
    encoder.finish().expect("memory doesn't fail")
}

/// Adds a text chunk to a PNG, before its last chunk (12 bytes).
fn png_with_chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let mut bytes = png(20);
    let end = bytes.split_off(bytes.len() - 12);
    let checked = [&kind[..], data].concat();
    bytes.extend((data.len() as u32).to_be_bytes());
    bytes.extend(&checked);
    bytes.extend(crc32fast::hash(&checked).to_be_bytes());
    bytes.extend(end);
    bytes
}

/// Files in `static/` are published as they are, so only the audit can find a name in them.
#[test]
fn the_audit_reads_compressed_and_encoded_texts() {
    let site = TestSite::empty().with_file("content/a.md", redacting_article(""));
    site.build().assert_success();
    let text = "By Zorblax \t Quimby";
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    gzip.write_all(text.as_bytes()).expect("memory doesn't fail");
    let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let files: [(&str, Vec<u8>); 7] = [
        ("ztxt.png", png_with_chunk(b"zTXt", &[b"Author\0\0", &deflated(text)[..]].concat())),
        (
            "itxt.png",
            png_with_chunk(b"iTXt", &[b"Author\0\x01\0en\0A\0", &deflated(text)[..]].concat()),
        ),
        ("text.png", png_with_chunk(b"tEXt", &[b"Author\0", text.as_bytes()].concat())),
        ("list.txt.gz", gzip.finish().expect("memory doesn't fail")),
        ("utf16.txt", [&b"\xff\xfe"[..], &utf16].concat()),
        ("latin1.txt", b"Caf\xe9: Z\xf6rblax Quimby".to_vec()),
        ("page.html", b"<p title='a > b'>Zorblax <svg><title>x</title></svg>Quimby".to_vec()),
    ];
    for (name, bytes) in files {
        site.write(&format!("static/{name}"), bytes);
        let build = site.build().assert_errors();
        assert_eq!(build.codes(), ["redacted-name"], "{name}: {}", build.stderr);
        site.remove(&format!("static/{name}"));
        site.build().assert_success();
    }
}

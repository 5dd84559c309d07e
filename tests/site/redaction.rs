//! Redacted names: in no output file, whatever their spelling; and the audit of that in each build.
//!
//! The tests search the output by other means than the program: nothing else contains a word of the
//! name, and a file is decoded in all ways in which its format can encode a text.

use std::collections::BTreeMap;
use std::io::{Cursor, Read as _};
use std::process::Output;

use dateline::internals::{FileContent, Session};
use flate2::read::DeflateDecoder;
use image::{ImageFormat, RgbImage};
use rusqlite::Connection;
use unicode_normalization::UnicodeNormalization;

use crate::archive::{
    Archive, Article, assert_same_as_clean_build, build_with_changes,
    wait_until_mtimes_are_reliable,
};
use crate::explain::assert_dry_run_predicts_build;
use crate::harness::{CommandOutput, SETTINGS, TestSite, article, dateline};
use crate::in_process;

/// The words of the name `Zörblax Quimby`, without case and accents. Nothing else contains them.
const WORDS: [&str; 2] = ["zorblax", "quimby"];

/// Everything that a site can publish.
const ALL_OUTPUTS: &str = "\
feeds: {full_text: true}
data: {articles: true, ninjs: true}
redirects: {formats: [html, netlify, nginx, apache, s3]}
search: true
images: {widths: [40], quality: 70}
taxonomies: {tags: {feed: true}}
";

pub(crate) fn png(width: u32) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    let image = RgbImage::from_fn(width, 60, |x, y| image::Rgb([x as u8, y as u8, 90]));
    image.write_to(&mut bytes, ImageFormat::Png).expect("the image is encoded");
    bytes.into_inner()
}

/// Returns an article with the name in every field and everywhere in its body.
fn article_naming_everywhere(lines: &str) -> String {
    format!(
        "---\ntitle: Zörblax Quimby is held\ndate: 2024-11-05\n\
            description: Police hold ZÖRBLAX QUIMBY\ntags: [Zörblax Quimby, Zörblax Quimby trial, \
            Police]\n\
         authors: [Zörblax Quimby]\nsection: city\nid: zörblax-quimby-1\n\
            source: Friends of Zörblax Quimby\noriginal_url: https://old.example/zorblax-quimby/\n\
         dateline: QUIMBY, ZÖRBLAX QUIMBY\naliases: [/old/zorblax-quimby/, /old/held/]\n\
            image: {{src: zorblax-quimby.png, alt: Zörblax Quimby, caption: Zörblax Quimby at the \
            gate, credit: Quimby Zörblax Quimby}}\n\
         corrections: [{{date: 2024-11-06, text: Zörblax Quimby is 30.}}]\nmood: Zörblax Quimby's\n\
            {lines}---\n\
         Police hold Zörblax **Quimby**, [Zörblax](https://x.example/zorblax) Quimby.\n\n\
         ![Zörblax Quimby](Zo%CC%88rblax%20Quimby%20gate.png \"Zörblax Quimby | Zörblax Quimby\") \
            and [a file](zorblax-quimby.txt).\n\n\
         ## Zörblax Quimby\n\nZ&ouml;rblax&nbsp;Quimby <img src=\"zorblax-quimby.png\" \
            alt=\"Z&#246;rblax Quimby\"> said.\n"
    )
}

/// Returns a site with such an article, whose file and images have the name.
fn site_with_named_article(lines: &str) -> TestSite {
    let site = TestSite::new().with_file("site.yaml", format!("{SETTINGS}{ALL_OUTPUTS}"));
    site.write("content/2024/zorblax-quimby-is-held.md", article_naming_everywhere(lines));
    site.write("content/2024/zorblax-quimby.png", png(90));
    site.write("content/2024/Zo\u{308}rblax Quimby gate.png", png(80));
    site.write("content/2024/zorblax-quimby.txt", "A text.");
    site
}

/// Returns all readings of a text.
pub(crate) fn decoded_texts(bytes: &[u8]) -> Vec<String> {
    let mut readings = vec![String::from_utf8_lossy(bytes).into_owned()];
    for _ in 0..3 {
        let last = readings[readings.len() - 1].clone();
        let entities = html_escape::decode_html_entities(&last).into_owned();
        let percents =
            percent_encoding::percent_decode_str(&entities).decode_utf8_lossy().into_owned();
        readings.push(decode_json_escapes(&percents));
    }
    readings
}

/// Decodes `\u00f6` and `\xf6`.
fn decode_json_escapes(text: &str) -> String {
    let mut parts = text.split("\\u");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match part
            .get(..4)
            .and_then(|hex| u32::from_str_radix(hex, 16).ok())
            .and_then(char::from_u32)
        {
            Some(c) => out.extend([c.to_string().as_str(), &part[4..]]),
            None => out.extend(["\\u", part]),
        }
    }
    out
}

/// Returns only the letters of a text, without case and accents.
pub(crate) fn folded_letters(text: &str) -> String {
    text.nfkd().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Reports that bytes contain a word of the name.
fn contains_name(bytes: &[u8]) -> bool {
    decoded_texts(bytes).iter().any(|text| {
        let stripped = strip_tags(text);
        [text, &stripped]
            .iter()
            .any(|text| WORDS.iter().any(|word| folded_letters(text).contains(word)))
    })
}

pub(crate) fn strip_tags(text: &str) -> String {
    let mut inside = false;
    let is_outside_tag = |c: &char| {
        inside = (inside || *c == '<') && *c != '>';
        !inside
    };
    text.chars().filter(is_outside_tag).collect()
}

/// Returns all compressed data in bytes, wherever it begins.
pub(crate) fn inflate_anywhere(bytes: &[u8]) -> Vec<u8> {
    let mut inflated = Vec::new();
    for offset in 0..bytes.len() {
        let mut out = Vec::new();
        // Data that can't be decompressed to its end doesn't begin here.
        if DeflateDecoder::new(&bytes[offset..]).take(1 << 20).read_to_end(&mut out).is_ok()
            && out.len() > 3
        {
            inflated.extend(out);
            inflated.push(b'\n');
        }
    }
    inflated
}

#[track_caller]
fn assert_redacted_except_search(site: &TestSite) {
    let mut outputs = site.outputs();
    outputs.retain(|path, _| !path.ends_with(".bin"));
    assert_redacted(&outputs);
}

#[track_caller]
fn assert_redacted(outputs: &BTreeMap<String, Vec<u8>>) {
    for (path, bytes) in outputs {
        assert!(!contains_name(path.as_bytes()), "the path {path}");
        assert!(!contains_name(bytes), "{path}: {}", String::from_utf8_lossy(bytes));
        if path.ends_with(".bin") {
            let inflated = inflate_anywhere(bytes);
            assert!(String::from_utf8_lossy(&inflated).contains("held"), "{path} is searched");
            assert!(!contains_name(&inflated), "{path}: {}", String::from_utf8_lossy(&inflated));
        }
    }
}

fn run_export(site: &TestSite) -> Output {
    let mut command = dateline();
    command.args(["export", "sqlite", "--root"]).arg(site.root()).arg(site.path("archive.db"));
    command.output().expect("the program runs")
}

/// Returns the files that contain a name according to the diagnostics of a build.
fn files_with_names(build: &CommandOutput) -> Vec<&str> {
    let audit_diagnostics =
        build.diagnostics.iter().filter(|diagnostic| diagnostic.code == "redacted-name");
    audit_diagnostics.map(|diagnostic| diagnostic.file.as_str()).collect()
}

#[test]
fn no_output_contains_the_name() {
    let site = site_with_named_article(
        "redact: [\"Zörblax Quimby\", Zörblax, Quimby]\nstatus: anonymised\n",
    );
    let build = site.build();
    assert_eq!((build.status, &*build.codes()), (0, &[][..]), "{}", build.stderr);
    let outputs = site.outputs();
    assert_redacted(&outputs);
    assert_eq!(
        build.report_number("audited_files"),
        outputs.len() as u64,
        "all were looked through"
    );
    let page = "2024/11/05/is-held/index.html";
    let article_page = site.read_output(page);
    assert!(
        article_page.contains("<h1") && article_page.contains("█████ is held"),
        "{article_page}"
    );
    for expected in [
        "alt=\"█████\"",
        "/2024/redacted.png",
        "/2024/redacted.png.40.webp",
        "/2024/redacted%20gate.png",
        "/2024/redacted.txt",
        "█████ <strong>█████</strong>",
        "/tags/police/",
    ] {
        assert!(article_page.contains(expected), "{expected}: {article_page}");
    }
    for file in [
        "2024/redacted.png",
        "2024/redacted gate.png.40.webp",
        "2024/redacted.txt",
        "old/held/index.html",
    ] {
        assert!(outputs.contains_key(file), "{file}: {:?}", outputs.keys());
    }
    let tag_pages: Vec<&String> = outputs.keys().filter(|path| path.starts_with("tags/")).collect();
    assert!(tag_pages.iter().all(|path| !path.contains("trial")), "{tag_pages:?}");
    assert!(
        outputs.keys().any(|path| path.ends_with(".jsonl"))
            && outputs.keys().any(|path| path.ends_with(".csv"))
    );
    assert!(outputs.contains_key("_redirects") && outputs.contains_key(".htaccess"));
    assert!(
        outputs.keys().any(|path| path.ends_with("feed.json"))
            && outputs.keys().any(|path| path.ends_with("rss.xml")),
        "{:?}",
        outputs.keys()
    );
    check_export(&site);
}

/// Asserts that the exported database contains the article without the name.
fn check_export(site: &TestSite) {
    let output = run_export(site);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let database = Connection::open(site.path("archive.db")).expect("the database opens");
    let rows = "SELECT group_concat(url || path || ifnull(own_id, '') || title || \
        ifnull(description, '') || ifnull(source, '') || ifnull(image, '') || body) FROM articles";
    let article_text: String =
        database.query_row(rows, [], |row| row.get(0)).expect("there is a row");
    assert!(
        article_text.contains("is held") && !contains_name(article_text.as_bytes()),
        "{article_text}"
    );
    let term_text: String = database
        .query_row("SELECT group_concat(name || slug || url) FROM terms", [], |row| row.get(0))
        .expect("there is a row");
    assert!(!contains_name(term_text.as_bytes()), "{term_text}");
}

#[test]
fn other_commands_and_dry_runs_redact_names_too() {
    let site = site_with_named_article("redact: [Zörblax Quimby, Zörblax, Quimby]\n");
    for args in [
        &["explain", "/2024/11/05/is-held/"][..],
        &["check"],
        &["stats"],
        &["build", "--dry-run", "--verbose"],
    ] {
        let output = dateline()
            .args(args)
            .arg("--root")
            .arg(site.root())
            .output()
            .expect("the program runs");
        let mut printed = String::from_utf8_lossy(&output.stdout).into_owned()
            + &String::from_utf8_lossy(&output.stderr);
        // The file's path is shown to the editor.
        printed = printed.replace("content/2024/zorblax-quimby-is-held.md", "");
        assert!(
            !contains_name(printed.as_bytes()) && !printed.contains("panicked"),
            "{args:?}: {printed}"
        );
    }
    assert!(!site.path("public").exists());
}

#[test]
fn names_in_the_redactions_file() {
    let site = site_with_named_article("");
    site.write("redactions.yaml", "2024/zorblax-quimby-is-held.md:\n  - Zörblax\n  - Quimby\n");
    site.build().assert_success();
    assert_redacted(&site.outputs());
    site.write("redactions.yaml", "zörblax-quimby-1: [Zörblax, Quimby]\n");
    site.build().assert_success();
    assert_redacted(&site.outputs());
    site.write("redactions.yaml", "everywhere: [Zörblax, Quimby]\n");
    site.build().assert_success();
    assert_redacted(&site.outputs());
    assert_same_as_clean_build(&site, "with names for every story");
    site.remove("redactions.yaml");
    let build = site.build();
    assert_eq!((build.status, build.report_number("audited_files")), (0, 0), "{}", build.stderr);
    assert!(
        site.has_output("2024/11/05/zorblax-quimby-is-held/index.html"),
        "{:?}",
        site.output_paths()
    );
    assert_same_as_clean_build(&site, "without the names");
}

/// If the names to redact can't be read, nothing is written.
#[test]
fn errors_in_the_redactions_file_stop_the_build_and_show_no_name() {
    for (redactions, line) in [
        ("a.md: [Zörblax\n", None),
        ("good.md: {Quimby: 1}\n", Some(1)),
        ("- Zörblax\n", None),
        ("\ngood.md: [Q]\n", Some(2)),
        ("good.md: [[Zörblax]]\n", Some(1)),
        ("good.md: \"Quimby\"\ngood.md: Zörblax\n", None),
    ] {
        let site = site_with_named_article("").with_file("redactions.yaml", redactions);
        let build = site.build().assert_errors();
        let diagnostics: Vec<_> = build
            .diagnostics
            .iter()
            .filter(|diagnostic| diagnostic.code == "bad-redaction")
            .collect();
        assert_eq!(diagnostics.len(), 1, "{redactions}: {}", build.stderr);
        assert!(
            !contains_name(build.stderr.as_bytes()) && !contains_name(build.stdout.as_bytes()),
            "{redactions}: {}",
            build.stderr
        );
        assert!(!site.path("public").exists(), "{redactions}: nothing is written");
        assert!(
            line.is_none() || diagnostics[0].position.map(|(line, _)| line) == line,
            "{redactions}: {}",
            build.stderr
        );
        assert_eq!(run_export(&site).status.code(), Some(2), "{redactions}");
        assert!(!site.path("archive.db").exists());
    }
    let site = site_with_named_article("").with_file(
        "redactions.yaml",
        "gone.md: [Abc]\nno-such-id: [Def]\neverywhere: [Zörblax, Quimby]\n",
    );
    let build = site.build();
    assert_eq!(
        (build.status, &*build.codes()),
        (0, &["unknown-redaction"; 2][..]),
        "{}",
        build.stderr
    );
}

#[cfg(unix)]
#[test]
fn the_redactions_file_is_not_read_outside_the_site() {
    let site = site_with_named_article("").with_symlink("redactions.yaml", "/etc/hostname");
    assert_eq!(site.build().assert_errors().only_diagnostic().code, "bad-redaction");
}

/// Diagnostics about an article with redactions contain none of its lines.
#[test]
fn errors_in_an_article_show_no_name() {
    for (front, code) in [
        ("redact: [Zörblax Quimby\n", "bad-redaction"),
        ("redact: {Zörblax: Quimby}\n", "bad-redaction"),
        ("redact: [Q]\ntags: Quimby\n", "bad-redaction"),
        ("\"r\\u0065dact\": [Zörblax Quimby]\n", "bad-redaction"),
        ("redact: [Zörblax Quimby]\nslug: [Zörblax Quimby]\n", "wrong-type"),
        ("redact: [Zörblax Quimby]\nlang: Zörblax Quimby\n", "bad-language"),
        ("redact: [Zörblax Quimby]\nslug: a/zorblax-quimby\n", "bad-slug"),
    ] {
        let site = TestSite::new()
            .with_file("content/a.md", article("A story", "2024-11-05", front, "Text.\n"));
        let build = site.build().assert_errors();
        assert_eq!(build.codes(), [code], "{front}: {}", build.stderr);
        assert!(
            !contains_name(build.stderr.as_bytes()) && !contains_name(build.stdout.as_bytes()),
            "{front}: {}",
            build.stderr
        );
        assert!(!site.has_output("2024/11/05/a/index.html"));
    }
}

#[test]
fn the_audit_reports_every_file_with_a_name() {
    let site = site_with_named_article("redact: [Zörblax, Quimby, Zörblax Quimby]\n");
    site.build().assert_success();
    site.write(
        "content/other.md",
        article("Another", "2024-11-07", "tags: [Q-Q]\n", "The trial of Zo\u{308}rblax begins.\n"),
    );
    site.write("static/list.txt", "quimby");
    site.write("static/quimby.txt", "Nothing.");
    site.write("templates/parts/colophon.html", "<p>With Qu<b>imby</b></p>");
    let build = site.build().assert_errors();
    let files = files_with_names(&build);
    for file in [
        "public/2024/11/07/other/index.html",
        "public/list.txt",
        "public/█████.txt",
        "public/index.html",
    ] {
        assert!(files.contains(&file), "{file}: {files:?}");
    }
    assert!(
        files.iter().any(|file| file.starts_with("public/search/") && file.ends_with(".bin")),
        "{files:?}"
    );
    assert!(!contains_name(build.stdout.replace("quimby.txt", "").as_bytes()), "{}", build.stdout);
    assert!(!contains_name(build.stderr.as_bytes()), "{}", build.stderr);
    // As long as a file contains a name, each build reports it, and audits the rest.
    let second_build = site.build().assert_errors();
    assert_eq!(files_with_names(&second_build), files);
    site.remove("static/list.txt");
    site.remove("static/quimby.txt");
    site.remove("templates/parts/colophon.html");
    site.write(
        "content/other.md",
        article("Another", "2024-11-07", "", "The trial of Mr Quimbyson begins.\n"),
    );
    assert_eq!(
        site.build().assert_success().report_number("audited_files"),
        site.output_paths().len() as u64
    );
    assert_eq!(
        site.build().assert_success().report_number("audited_files"),
        0,
        "what is proven is proven"
    );
    site.write(
        "content/other.md",
        article("Another", "2024-11-07", "", "The trial of Mr Quimbyson ends.\n"),
    );
    let build = site.build().assert_success();
    assert_eq!(
        build.report_number("audited_files"),
        build.report_number("written"),
        "only what was written is looked through"
    );
}

/// A site without redactions has no audit.
#[test]
fn without_redactions_nothing_is_audited() {
    let build = TestSite::new().build().assert_success();
    assert_eq!(build.report_number("audited_files"), 0);
}

#[test]
fn an_incremental_build_is_a_clean_one() {
    let site = site_with_named_article("");
    site.build().assert_success();
    wait_until_mtimes_are_reliable();
    for lines in [
        "redact: Quimby\n",
        "redact: [Zörblax Quimby, Zörblax, Quimby]\n",
        "redact: [Zörblax]\n",
        "",
    ] {
        site.write("content/2024/zorblax-quimby-is-held.md", article_naming_everywhere(lines));
        assert_dry_run_predicts_build(&site, lines);
        assert_same_as_clean_build(&site, lines);
    }
}

/// Redacting a name in one article changes the files that show the article, and no others.
#[test]
fn other_pages_stay_as_they_are() {
    let mut archive = Archive::generate_and_build(60, 11);
    let mut naming_article = Article::on_day((2021, 3, 4), 1, "2021/held.md");
    naming_article.body.push_str(" Quimby came.");
    archive.write(naming_article);
    archive.site.build().assert_success();
    wait_until_mtimes_are_reliable();
    let before = archive.site.outputs();
    let file = archive.site.path("content/2021/held.md");
    let text = std::fs::read_to_string(&file).expect("the article is readable").replacen(
        "---\n",
        "---\nredact: [Quimby]\n",
        1,
    );
    std::fs::write(&file, text).expect("the file is written");
    let (build, changes) = build_with_changes(&archive.site, &[]);
    let pages_with_name: Vec<&String> =
        before.iter().filter(|(_, bytes)| contains_name(bytes)).map(|(path, _)| path).collect();
    assert!(!pages_with_name.is_empty() && changes.removed.is_empty());
    assert_eq!(changes.written.iter().collect::<Vec<_>>(), pages_with_name, "{}", build.stderr);
}

/// The headings of index pages come from articles, too.
#[test]
fn term_pages_are_redacted() {
    let site = TestSite::new().with_file("site.yaml", format!("{SETTINGS}search: true\n"));
    let page = "---\ntitle: World of Quimby\ndescription: By Zörblax Quimby\n\
        redact: [Quimby, Zörblax Quimby]\n---\nZörblax **Quimby** edits it.\n";
    site.write("content/world/_index.md", page);
    site.build().assert_success();
    assert_redacted_except_search(&site);
    let section = site.read_output("sections/world/index.html");
    assert!(
        section.contains("World of █████") && section.contains("<strong>█████</strong> edits it"),
        "{section}"
    );
}

/// `serve` applies new redactions at once; a redactions file with errors removes none of them.
#[test]
fn a_preview_is_redacted() {
    let site = site_with_named_article("");
    let load = || in_process::load_site(&site.root());
    let first_site = load();
    let mut session = Session::open_read_only(&first_site, &()).expect("the file is readable");
    let render_page = |session: &mut Session, site: &dateline::Site| {
        session.with_preview(site, site.mistakes.clone(), |preview| {
            let output_id = preview.find_output("2024/11/05/is-held/index.html")?;
            match preview.render(output_id) {
                Ok(FileContent::Bytes(bytes)) => Some(bytes),
                _ => None,
            }
        })
    };
    assert!(render_page(&mut session, &first_site).is_none(), "it has its name still");
    site.write("redactions.yaml", "everywhere: [Zörblax, Quimby]\n");
    let second_site = load();
    assert!(!session.is_compatible(&second_site), "everything is read again");
    let mut session = Session::open_read_only(&second_site, &()).expect("the file is readable");
    let page = render_page(&mut session, &second_site).expect("a page without names is shown");
    assert!(!contains_name(&page) && String::from_utf8_lossy(&page).contains("█████ is held"));
}

/// Two images whose file names differ only in the name: better none than the wrong one.
#[test]
fn files_with_the_same_redacted_name_are_reported() {
    let body = "![A](zorblax.png) ![B](quimby.png)\n";
    let site = TestSite::new()
        .with_file("content/a.md", article("A", "2024-11-05", "redact: [Zörblax, Quimby]\n", body));
    site.write("content/zorblax.png", png(50));
    site.write("content/quimby.png", png(60));
    let build = site.build().assert_errors();
    assert_eq!(build.codes(), ["ambiguous-file", "ambiguous-file"], "{}", build.stderr);
    assert!(!site.read_output("2024/11/05/a/index.html").contains("<img"));
}

#[test]
fn an_article_titled_only_with_a_name_has_a_permalink() {
    let front =
        "redact: Zörblax Quimby\nslug: zorblax-quimby\npermalink: /people/zorblax-quimby/\n";
    let site = TestSite::empty().with_file(
        "content/2024/zorblax-quimby/index.md",
        article("Zörblax Quimby", "2024-11-05", front, "![](map.png)\n"),
    );
    site.write("content/2024/zorblax-quimby/map.png", png(50));
    site.build().assert_success();
    assert_redacted(&site.outputs());
    let article_path = |paths: Vec<String>| {
        paths
            .into_iter()
            .find(|path| path.starts_with("2024/11/05/story-"))
            .expect("it is an address")
    };
    let first_path = article_path(site.output_paths());
    assert!(site.read_output(&first_path).contains("/2024/redacted/map.png"));
    site.write(
        "content/2024/zorblax-quimby/index.md",
        article(
            "Quimby, Zörblax Quimby",
            "2024-11-05",
            "redact: [Quimby, Zörblax Quimby]\n",
            "Changed. ![](map.png)\n",
        ),
    );
    site.build().assert_success();
    assert_eq!(article_path(site.output_paths()), first_path, "it stays");
}

/// Terms that are equal after a redaction, and URLs that collide after one.
#[test]
fn redaction_creates_no_new_name() {
    let name = "Quimby Zörblax";
    let title = format!("Quimby {name} Zörblax");
    let front = format!("redact: [{name}]\ntags: [\"{title}\", Police]\n");
    let site = TestSite::empty().with_file(
        "content/quimby-quimby-zorblax-zorblax.md",
        article(&title, "2024-11-05", &front, "Text.\n"),
    );
    site.build().assert_success();
    assert_redacted(&site.outputs());
}

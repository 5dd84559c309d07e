//! Names that are taken out: in no output file, whatever their spelling; and the proof of that in each build.
//!
//! What is looked for here is looked for by other means than the program's own: each word of the name is one that nothing else has, and a file is read in all the ways
//! that its format may hide a text.

use std::collections::BTreeMap;
use std::io::{Cursor, Read as _};
use std::process::Output;

use dateline::build::{Desk, Made};
use flate2::read::DeflateDecoder;
use image::{ImageFormat, RgbImage};
use proptest::prelude::*;
use rusqlite::Connection;
use unicode_normalization::UnicodeNormalization;

use crate::archive::{Archive, Story, assert_clean, changes_of, settle};
use crate::explain::assert_forecast;
use crate::harness::{Build, SETTINGS, Site, dateline, story};
use crate::library;

/// The words of the name `Zörblax Quimby`, without case and accents. Nothing else has them.
const WORDS: [&str; 2] = ["zorblax", "quimby"];

/// Everything that a site can publish.
const EVERYTHING: &str = "\
feeds: {full_text: true}
data: {catalogue: true, ninjs: true}
redirects: {formats: [html, netlify, nginx, apache, s3]}
search: true
pictures: {widths: [40], quality: 70}
taxonomies: {tags: {feed: true}}
";

fn picture(width: u32) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    let picture = RgbImage::from_fn(width, 60, |x, y| image::Rgb([x as u8, y as u8, 90]));
    picture.write_to(&mut bytes, ImageFormat::Png).expect("it is encoded");
    bytes.into_inner()
}

/// A story that names somebody wherever a story can.
fn told_everywhere(lines: &str) -> String {
    format!(
        "---\ntitle: Zörblax Quimby is held\ndate: 2024-11-05\ndescription: Police hold ZÖRBLAX QUIMBY\ntags: [Zörblax Quimby, Zörblax Quimby trial, Police]\n\
         authors: [Zörblax Quimby]\nsection: city\nid: zörblax-quimby-1\nsource: Friends of Zörblax Quimby\noriginal_url: https://old.example/zorblax-quimby/\n\
         dateline: QUIMBY, ZÖRBLAX QUIMBY\naliases: [/old/zorblax-quimby/, /old/held/]\nimage: {{src: zorblax-quimby.png, alt: Zörblax Quimby, caption: Zörblax Quimby at the gate, credit: Quimby Zörblax Quimby}}\n\
         corrections: [{{date: 2024-11-06, text: Zörblax Quimby is 30.}}]\nmood: Zörblax Quimby's\n{lines}---\n\
         Police hold Zörblax **Quimby**, [Zörblax](https://x.example/zorblax) Quimby.\n\n\
         ![Zörblax Quimby](Zo%CC%88rblax%20Quimby%20gate.png \"Zörblax Quimby | Zörblax Quimby\") and [a file](zorblax-quimby.txt).\n\n\
         ## Zörblax Quimby\n\nZ&ouml;rblax&nbsp;Quimby <img src=\"zorblax-quimby.png\" alt=\"Z&#246;rblax Quimby\"> said.\n"
    )
}

/// A site with such a story, whose file and pictures are named after it.
fn named(lines: &str) -> Site {
    let site = Site::new().with("site.yaml", format!("{SETTINGS}{EVERYTHING}"));
    site.put("content/2024/zorblax-quimby-is-held.md", told_everywhere(lines));
    site.put("content/2024/zorblax-quimby.png", picture(90));
    site.put("content/2024/Zo\u{308}rblax Quimby gate.png", picture(80));
    site.put("content/2024/zorblax-quimby.txt", "A text.");
    site
}

/// Every way in which a text may be read.
fn readings(bytes: &[u8]) -> Vec<String> {
    let mut readings = vec![String::from_utf8_lossy(bytes).into_owned()];
    for _ in 0..3 {
        let last = readings[readings.len() - 1].clone();
        let entities = html_escape::decode_html_entities(&last).into_owned();
        let percents = percent_encoding::percent_decode_str(&entities).decode_utf8_lossy().into_owned();
        readings.push(json(&percents));
    }
    readings
}

/// A text with `\u00f6` and `\xf6` read.
fn json(text: &str) -> String {
    let mut parts = text.split("\\u");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match part.get(..4).and_then(|hex| u32::from_str_radix(hex, 16).ok()).and_then(char::from_u32) {
            Some(c) => out.extend([c.to_string().as_str(), &part[4..]]),
            None => out.extend(["\\u", part]),
        }
    }
    out
}

/// The letters of a text, without case, accents and what stands between them.
fn letters(text: &str) -> String {
    text.nfkd().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Whether bytes hold a word of the name.
fn tells(bytes: &[u8]) -> bool {
    readings(bytes).iter().any(|text| {
        let plain = without_tags(text);
        [text, &plain].iter().any(|text| WORDS.iter().any(|word| letters(text).contains(word)))
    })
}

fn without_tags(text: &str) -> String {
    let mut inside = false;
    let outside = |c: &char| {
        inside = (inside || *c == '<') && *c != '>';
        !inside
    };
    text.chars().filter(outside).collect()
}

/// What is compressed in bytes, wherever it begins.
fn inflated(bytes: &[u8]) -> Vec<u8> {
    let mut all = Vec::new();
    for at in 0..bytes.len() {
        let mut out = Vec::new();
        // What can't be inflated to its end isn't the beginning of anything.
        if DeflateDecoder::new(&bytes[at..]).take(1 << 20).read_to_end(&mut out).is_ok() && out.len() > 3 {
            all.extend(out);
            all.push(b'\n');
        }
    }
    all
}

#[track_caller]
fn assert_untold_but_for_search(site: &Site) {
    let mut outputs = site.outputs();
    outputs.retain(|path, _| !path.ends_with(".bin"));
    assert_untold(&outputs);
}

#[track_caller]
fn assert_untold(outputs: &BTreeMap<String, Vec<u8>>) {
    for (path, bytes) in outputs {
        assert!(!tells(path.as_bytes()), "the path {path}");
        assert!(!tells(bytes), "{path}: {}", String::from_utf8_lossy(bytes));
        if path.ends_with(".bin") {
            let texts = inflated(bytes);
            assert!(String::from_utf8_lossy(&texts).contains("held"), "{path} is searched");
            assert!(!tells(&texts), "{path}: {}", String::from_utf8_lossy(&texts));
        }
    }
}

fn export(site: &Site) -> Output {
    let mut command = dateline();
    command.args(["export", "sqlite", "--root"]).arg(site.root()).arg(site.path("archive.db"));
    command.output().expect("it runs")
}

/// The diagnostics of a build that say that a file holds a name.
fn proof(build: &Build) -> Vec<&str> {
    let found = build.told.iter().filter(|told| told.code == "redacted-name");
    found.map(|told| told.file.as_str()).collect()
}

#[test]
fn no_output_tells_a_name() {
    let site = named("redact: [\"Zörblax Quimby\", Zörblax, Quimby]\nstatus: anonymised\n");
    let build = site.build();
    assert_eq!((build.status, &*build.codes()), (0, &[][..]), "{}", build.stderr);
    let outputs = site.outputs();
    assert_untold(&outputs);
    assert_eq!(build.number("proven"), outputs.len() as u64, "all were looked through");
    let page = "2024/11/05/is-held/index.html";
    let story = site.page(page);
    assert!(story.contains("<h1") && story.contains("█████ is held"), "{story}");
    for kept in [
        "alt=\"█████\"",
        "/2024/redacted.png",
        "/2024/redacted.png.40.webp",
        "/2024/redacted%20gate.png",
        "/2024/redacted.txt",
        "█████ <strong>█████</strong>",
        "/tags/police/",
    ] {
        assert!(story.contains(kept), "{kept}: {story}");
    }
    for there in
        ["2024/redacted.png", "2024/redacted gate.png.40.webp", "2024/redacted.txt", "old/held/index.html"]
    {
        assert!(outputs.contains_key(there), "{there}: {:?}", outputs.keys());
    }
    let of_terms: Vec<&String> = outputs.keys().filter(|path| path.starts_with("tags/")).collect();
    assert!(of_terms.iter().all(|path| !path.contains("trial")), "{of_terms:?}");
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
    let done = export(&site);
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let database = Connection::open(site.path("archive.db")).expect("a database");
    let rows = "SELECT group_concat(url || path || ifnull(own_id, '') || title || ifnull(description, '') || ifnull(source, '') || ifnull(image, '') || body) FROM stories";
    let text: String = database.query_row(rows, [], |row| row.get(0)).expect("a row");
    assert!(text.contains("is held") && !tells(text.as_bytes()), "{text}");
    let terms: String = database
        .query_row("SELECT group_concat(name || slug || url) FROM terms", [], |row| row.get(0))
        .expect("a row");
    assert!(!tells(terms.as_bytes()), "{terms}");
}

#[test]
fn other_commands_and_dry_builds_take_names_out_too() {
    let site = named("redact: [Zörblax Quimby, Zörblax, Quimby]\n");
    for args in [
        &["explain", "/2024/11/05/is-held/"][..],
        &["check"],
        &["stats"],
        &["build", "--dry-run", "--verbose"],
    ] {
        let done = dateline().args(args).arg("--root").arg(site.root()).output().expect("it runs");
        let mut said =
            String::from_utf8_lossy(&done.stdout).into_owned() + &String::from_utf8_lossy(&done.stderr);
        // An editor has to know which file it is.
        said = said.replace("content/2024/zorblax-quimby-is-held.md", "");
        assert!(!tells(said.as_bytes()) && !said.contains("panicked"), "{args:?}: {said}");
    }
    assert!(!site.path("public").exists());
}

#[test]
fn names_in_a_file_of_their_own() {
    let site = named("");
    site.put("redactions.yaml", "2024/zorblax-quimby-is-held.md:\n  - Zörblax\n  - Quimby\n");
    site.build().fine();
    assert_untold(&site.outputs());
    site.put("redactions.yaml", "zörblax-quimby-1: [Zörblax, Quimby]\n");
    site.build().fine();
    assert_untold(&site.outputs());
    site.put("redactions.yaml", "everywhere: [Zörblax, Quimby]\n");
    site.build().fine();
    assert_untold(&site.outputs());
    assert_clean(&site, "with names for every story");
    site.remove("redactions.yaml");
    let build = site.build();
    assert_eq!((build.status, build.number("proven")), (0, 0), "{}", build.stderr);
    assert!(site.has("2024/11/05/zorblax-quimby-is-held/index.html"), "{:?}", site.paths());
    assert_clean(&site, "without the names");
}

/// Where it isn't known which names are to be taken out, nothing is written.
#[test]
fn mistakes_in_the_file_stop_all_and_show_nothing() {
    for (wrong, line) in [
        ("a.md: [Zörblax\n", None),
        ("good.md: {Quimby: 1}\n", Some(1)),
        ("- Zörblax\n", None),
        ("\ngood.md: [Q]\n", Some(2)),
        ("good.md: [[Zörblax]]\n", Some(1)),
        ("good.md: \"Quimby\"\ngood.md: Zörblax\n", None),
    ] {
        let site = named("").with("redactions.yaml", wrong);
        let build = site.build().faulty();
        let told: Vec<_> = build.told.iter().filter(|told| told.code == "bad-redaction").collect();
        assert_eq!(told.len(), 1, "{wrong}: {}", build.stderr);
        assert!(
            !tells(build.stderr.as_bytes()) && !tells(build.stdout.as_bytes()),
            "{wrong}: {}",
            build.stderr
        );
        assert!(!site.path("public").exists(), "{wrong}: nothing is written");
        assert!(line.is_none() || told[0].place.map(|(line, _)| line) == line, "{wrong}: {}", build.stderr);
        assert_eq!(export(&site).status.code(), Some(2), "{wrong}");
        assert!(!site.path("archive.db").exists());
    }
    let site = named("")
        .with("redactions.yaml", "gone.md: [Abc]\nno-such-id: [Def]\neverywhere: [Zörblax, Quimby]\n");
    let build = site.build();
    assert_eq!((build.status, &*build.codes()), (0, &["unknown-redaction"; 2][..]), "{}", build.stderr);
}

#[cfg(unix)]
#[test]
fn the_file_is_not_read_outside_the_site() {
    let site = named("").link("redactions.yaml", "/etc/hostname");
    assert_eq!(site.build().faulty().only().code, "bad-redaction");
}

/// What is wrong with a story that lists names is told without a line of it.
#[test]
fn mistakes_in_a_story_show_no_name() {
    for (front, code) in [
        ("redact: [Zörblax Quimby\n", "bad-redaction"),
        ("redact: {Zörblax: Quimby}\n", "bad-redaction"),
        ("redact: [Q]\ntags: Quimby\n", "bad-redaction"),
        ("redact: [Zörblax               Quimby]\n", "bad-redaction"),
        ("\"r\\u0065dact\": [Zörblax Quimby]\n", "bad-redaction"),
        ("redact: [Zörblax Quimby]\nimage: [Zörblax Quimby]\n", "bad-redaction"),
        ("redact: [Zörblax Quimby]\nlang: Zörblax Quimby\n", "bad-language"),
        ("redact: [Zörblax Quimby]\nslug: a/zorblax-quimby\n", "bad-slug"),
    ] {
        let site = Site::new().with("content/a.md", story("A story", "2024-11-05", front, "Text.\n"));
        let build = site.build().faulty();
        assert_eq!(build.codes(), [code], "{front}: {}", build.stderr);
        assert!(
            !tells(build.stderr.as_bytes()) && !tells(build.stdout.as_bytes()),
            "{front}: {}",
            build.stderr
        );
        assert!(!site.has("2024/11/05/a/index.html"));
    }
}

#[test]
fn the_proof_names_every_file_that_tells() {
    let site = named("redact: [Zörblax, Quimby, Zörblax Quimby]\n");
    site.build().fine();
    site.put(
        "content/other.md",
        story("Another", "2024-11-07", "tags: [Q-Q]\n", "The trial of Zo\u{308}rblax begins.\n"),
    );
    site.put("static/list.txt", "quimby");
    site.put("static/quimby.txt", "Nothing.");
    site.put("templates/parts/colophon.html", "<p>With Qu<b>imby</b></p>");
    let build = site.build().faulty();
    let found = proof(&build);
    for file in
        ["public/2024/11/07/other/index.html", "public/list.txt", "public/█████.txt", "public/index.html"]
    {
        assert!(found.contains(&file), "{file}: {found:?}");
    }
    assert!(
        found.iter().any(|file| file.starts_with("public/search/") && file.ends_with(".bin")),
        "{found:?}"
    );
    assert!(!tells(build.stdout.replace("quimby.txt", "").as_bytes()), "{}", build.stdout);
    assert!(!tells(build.stderr.as_bytes()), "{}", build.stderr);
    // As long as a name is told, it is told in each build, and the rest is proven again.
    let again = site.build().faulty();
    assert_eq!(proof(&again), found);
    site.remove("static/list.txt");
    site.remove("static/quimby.txt");
    site.remove("templates/parts/colophon.html");
    site.put("content/other.md", story("Another", "2024-11-07", "", "The trial of Mr Quimbyson begins.\n"));
    assert_eq!(site.build().fine().number("proven"), site.paths().len() as u64);
    assert_eq!(site.build().fine().number("proven"), 0, "what is proven is proven");
    site.put("content/other.md", story("Another", "2024-11-07", "", "The trial of Mr Quimbyson ends.\n"));
    let build = site.build().fine();
    assert_eq!(build.number("proven"), build.number("written"), "only what was written is looked through");
}

/// A site that takes no names out does nothing of this.
#[test]
fn without_names_nothing_is_looked_through() {
    let build = Site::new().build().fine();
    assert_eq!(build.number("proven"), 0);
}

#[test]
fn an_incremental_build_is_a_clean_one() {
    let site = named("");
    site.build().fine();
    settle();
    for lines in
        ["redact: Quimby\n", "redact: [Zörblax Quimby, Zörblax, Quimby]\n", "redact: [Zörblax]\n", ""]
    {
        site.put("content/2024/zorblax-quimby-is-held.md", told_everywhere(lines));
        assert_forecast(&site, lines);
        assert_clean(&site, lines);
    }
}

/// Taking a name out of one story changes what shows that story, and nothing else.
#[test]
fn other_pages_stay_as_they_are() {
    let mut archive = Archive::built(60, 11);
    let mut with_name = Story::on((2021, 3, 4), 1, "2021/held.md");
    with_name.body.push_str(" Quimby came.");
    archive.put(with_name);
    archive.site.build().fine();
    settle();
    let before = archive.site.outputs();
    let file = archive.site.path("content/2021/held.md");
    let text =
        std::fs::read_to_string(&file).expect("the story").replacen("---\n", "---\nredact: [Quimby]\n", 1);
    std::fs::write(&file, text).expect("written");
    let (build, changes) = changes_of(&archive.site, &[]);
    let held: Vec<&String> = before.iter().filter(|(_, bytes)| tells(bytes)).map(|(path, _)| path).collect();
    assert!(!held.is_empty() && changes.removed.is_empty());
    assert_eq!(changes.written.iter().collect::<Vec<_>>(), held, "{}", build.stderr);
}

/// What a register says of itself is a story's text, too.
#[test]
fn own_pages_of_terms_have_no_names() {
    let site = Site::new().with("site.yaml", format!("{SETTINGS}search: true\n"));
    let page = "---\ntitle: World of Quimby\ndescription: By Zörblax Quimby\nredact: [Quimby, Zörblax Quimby]\n---\nZörblax **Quimby** edits it.\n";
    site.put("content/world/_index.md", page);
    site.build().fine();
    assert_untold_but_for_search(&site);
    let section = site.page("sections/world/index.html");
    assert!(
        section.contains("World of █████") && section.contains("<strong>█████</strong> edits it"),
        "{section}"
    );
}

/// While a site is written, other names are seen at once; and what can't be read takes none of them back.
#[test]
fn a_preview_has_no_names() {
    let site = named("");
    let load = || library::load(&site.root());
    let (first, mistakes) = load();
    let mut desk = Desk::look(&first, &library::Silent).expect("readable");
    let made = |desk: &mut Desk, site: &dateline::site::Site, mistakes: &[_]| {
        desk.preview(site, mistakes.to_vec(), |preview| {
            let planned = preview.find("2024/11/05/is-held/index.html")?;
            match preview.make(planned) {
                Ok(Made::Bytes(bytes)) => Some(bytes),
                _ => None,
            }
        })
    };
    assert!(made(&mut desk, &first, &mistakes).is_none(), "it has its name still");
    site.put("redactions.yaml", "everywhere: [Zörblax, Quimby]\n");
    let (second, mistakes) = load();
    assert!(!desk.fits(&second), "everything is read again");
    let mut desk = Desk::look(&second, &library::Silent).expect("readable");
    let page = made(&mut desk, &second, &mistakes).expect("a page without names");
    assert!(!tells(&page) && String::from_utf8_lossy(&page).contains("█████ is held"));
}

/// Two pictures that differ by the name alone: rather none than the wrong one.
#[test]
fn files_that_are_the_same_without_names_are_told() {
    let body = "![A](zorblax.png) ![B](quimby.png)\n";
    let site =
        Site::new().with("content/a.md", story("A", "2024-11-05", "redact: [Zörblax, Quimby]\n", body));
    site.put("content/zorblax.png", picture(50));
    site.put("content/quimby.png", picture(60));
    let build = site.build().faulty();
    assert_eq!(build.codes(), ["ambiguous-file", "ambiguous-file"], "{}", build.stderr);
    assert!(!site.page("2024/11/05/a/index.html").contains("<img"));
}

#[test]
fn a_story_of_nothing_but_a_name_has_an_address() {
    let front = "redact: Zörblax Quimby\nslug: zorblax-quimby\npermalink: /people/zorblax-quimby/\n";
    let site = Site::empty().with(
        "content/2024/zorblax-quimby/index.md",
        story("Zörblax Quimby", "2024-11-05", front, "![](map.png)\n"),
    );
    site.put("content/2024/zorblax-quimby/map.png", picture(50));
    site.build().fine();
    assert_untold(&site.outputs());
    let address = |paths: Vec<String>| {
        paths.into_iter().find(|path| path.starts_with("2024/11/05/story-")).expect("an address")
    };
    let first = address(site.paths());
    assert!(site.page(&first).contains("/2024/redacted/map.png"));
    site.put(
        "content/2024/zorblax-quimby/index.md",
        story("Quimby, Zörblax Quimby", "2024-11-05", "redact: [Quimby, Zörblax Quimby]\n", "Changed.\n"),
    );
    site.build().fine();
    assert_eq!(address(site.paths()), first, "it stays");
}

/// Terms that come to be by what is left beside a name, and addresses that come together again.
#[test]
fn nothing_comes_together_again() {
    let name = "Quimby Zörblax";
    let title = format!("Quimby {name} Zörblax");
    let front = format!("redact: [{name}]\ntags: [\"{title}\", Police]\n");
    let site = Site::empty()
        .with("content/quimby-quimby-zorblax-zorblax.md", story(&title, "2024-11-05", &front, "Text.\n"));
    site.build().fine();
    assert_untold(&site.outputs());
}

/// How a hostile hand may write one letter.
fn spelled(letter: char) -> impl Strategy<Value = String> {
    let code = letter as u32;
    let percents: String = letter.to_string().bytes().map(|byte| format!("%{byte:02x}")).collect();
    let decomposed: String = letter.nfd().collect();
    proptest::sample::select(vec![
        letter.to_string(),
        letter.to_uppercase().collect(),
        format!("&#{code};"),
        format!("&#x{code:X};"),
        format!("&amp;#{code};"),
        percents,
        decomposed,
        format!("{letter}\u{301}\u{327}"),
        format!("{letter}\u{ad}"),
        format!("\u{200b}{letter}"),
    ])
}

/// What may stand between two letters of a word: nothing that is read as a letter.
fn seam() -> impl Strategy<Value = &'static str> {
    proptest::sample::select(vec!["", "", "", "", "**", "<b></b>", "\u{200d}"])
}

/// What may stand between two words.
fn gap() -> impl Strategy<Value = &'static str> {
    proptest::sample::select(vec![
        " ",
        "-",
        "_",
        "\n",
        "\n> ",
        "&nbsp;",
        "%20",
        "</i> <i title=\"long enough to be more\">",
        " **",
        ".",
        "",
        " <!-- a comment of some length --> ",
    ])
}

/// A name, spelled with ill will.
fn hostile() -> impl Strategy<Value = String> {
    let word = |word: &str| {
        let letters: Vec<_> = word.chars().map(|letter| (spelled(letter), seam())).collect();
        letters
            .prop_map(|letters| letters.into_iter().map(|(letter, seam)| letter + seam).collect::<String>())
    };
    (word("Zörblax"), gap(), word("Quimby")).prop_map(|(one, gap, two)| format!("{one}{gap}{two}"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    /// However a name is spelled in a story, no output tells it, and the program's own proof agrees.
    #[test]
    fn no_spelling_comes_through(body in hostile(), alt in hostile(), title in hostile()) {
        let yaml = title.replace('\n', " ").replace(['"', '\\'], " ");
        let text = format!(
            "---\ntitle: \"On {yaml}\"\ndate: 2024-11-05\nredact: [Zörblax Quimby]\ntags: [\"{yaml}\"]\n---\nThen {body} said.\n\n![{}](x.png)\n",
            alt.replace('\n', " ")
        );
        let folder = library::site(&[("content/a.md", &text)]);
        let settings = format!("{SETTINGS}feeds: {{full_text: true}}\nsearch: true\n");
        library::put(folder.path(), "site.yaml", settings);
        library::put(folder.path(), "content/x.png", picture(30));
        let report = library::run(folder.path());
        let wrong: Vec<_> = report.diagnostics.iter().filter(|one| one.code != "missing-image").collect();
        prop_assert!(wrong.is_empty(), "{wrong:?}\n{text}");
        for (path, bytes) in crate::harness::files(&folder.path().join("public")) {
            let both = |bytes: &[u8]| readings(bytes).iter().any(|text| {
                let plain = letters(&without_tags(text));
                plain.contains("zorblaxquimby") || letters(text).contains("zorblaxquimby")
            });
            prop_assert!(!both(path.as_bytes()) && !both(&bytes), "{path}\n{text}\n{}", String::from_utf8_lossy(&bytes));
        }
    }
}

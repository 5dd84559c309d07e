//! Files that aren't articles, or not quite: each mistake is told with its place and its mend.

use crate::broken::{broken, broken_once};
use crate::harness::{Site, story};

#[test]
fn no_front_matter() {
    let told = broken_once("Just text.\nMore.\n");
    told.code("no-front-matter").at(1, 1).shows("Just text.").helps("begin the file with `---`");
    broken_once("").code("no-front-matter").at(1, 1).helps("title: …");
    broken_once("\n\n  \nText\n").code("no-front-matter").at(4, 1).shows("Text");
}

#[test]
fn front_matter_of_other_kinds() {
    let told = broken_once("+++\ntitle = \"x\"\n+++\n");
    told.code("no-front-matter").at(1, 1).says("TOML").shows("+++").helps("write it as YAML");
    let told = broken_once("{\"title\": \"x\"}\n");
    told.code("no-front-matter").at(1, 1).says("JSON").helps("write it as YAML");
}

#[test]
fn unclosed_fence() {
    let told = broken_once("---\ntitle: x\ndate: 2024-11-06\n\nBody.\n");
    told.code("unclosed-front-matter").at(1, 1).shows("---").helps("a line that holds just `---`");
}

#[test]
fn a_colon_without_quotes() {
    let told = broken_once("---\ndate: 2024-11-06\ntitle: Iran: the talks\n---\n");
    told.code("invalid-yaml").at(3, 12).shows("title: Iran: the talks");
    told.helps("needs quotes: `title: \"Iran: the talks\"`");
    let told = broken_once("---\ntitle: پاکستان: خبر\ndate: 2024-11-06\n---\n");
    told.code("invalid-yaml").at(2, 15).shows("title: پاکستان: خبر").helps("`title: \"پاکستان: خبر\"`");
    let told = broken_once("---\ntitle: He said \"no\": twice\ndate: 2024-11-06\n---\n");
    told.helps(r#"`title: "He said \"no\": twice"`"#);
}

/// The line of a long headline is cut where it is shown; its column and its mend are not.
#[test]
fn a_colon_far_to_the_right() {
    let words = "word ".repeat(60);
    let told = broken_once(format!("---\ndate: 2024-11-06\ntitle: {words}more: x\n---\n"));
    told.code("invalid-yaml").at(3, 7 + 300 + 5).helps(&format!("`title: \"{words}more: x\"`"));
    assert!(told.shown[0].1.ends_with("word more: x") && told.shown[0].1.len() < 200, "{told:#?}");
}

#[test]
fn tabs_in_yaml() {
    let told = broken_once("---\ntitle: x\ndate: 2024-11-06\ntags:\n\t- a\n---\n");
    told.code("invalid-yaml").at(5, 1).helps("with spaces, not with tabs");
}

#[test]
fn a_quotation_mark_without_its_other() {
    let told = broken_once("---\ntitle: \"Iran talks\ndate: 2024-11-06\n---\n");
    told.code("invalid-yaml").at(2, 8).shows("title: \"Iran talks").helps("quotation mark");
}

#[test]
fn no_date() {
    let told = broken_once("---\ntitle: x\n---\n");
    told.code("missing-date").at(1, 1).shows("---").helps("date: 2024-11-05");
    broken_once("---\ntitle: x\ndate: ''\n---\n").code("missing-date").at(3, 1).shows("date: ''");
}

/// The place of what isn't there is the fence, however it is written.
#[test]
fn the_fence_is_found_whatever_surrounds_it() {
    for source in ["---\r\ntitle: x\r\n---\r\n", "---  \ntitle: x\n---\n", "\u{feff}---\ntitle: x\n---\n"] {
        broken_once(source).code("missing-date").at(1, 1);
    }
    broken_once("\n\n---\t\ntitle: x\n---\n").code("missing-date").at(3, 1);
}

#[test]
fn impossible_dates() {
    let told = broken_once("---\ntitle: x\ndate: 2023-02-30\n---\n");
    told.code("bad-date").at(3, 1).shows("date: 2023-02-30").says("month 2 of 2023, which has 28 days");
    told.helps("2024-11-05");
    for (date, why) in [
        ("2023-13-01", "there is no month 13"),
        ("yesterday", "not in a form that is known"),
        ("2023-01-01 25:00", "there is no time `25:00`"),
        ("2023-01-01 10:00 +99:99", "is not an offset"),
        ("12-01-2023", "not in a form that is known"),
        ("0000-01-01", "outside 1 to 9999"),
    ] {
        let told = broken_once(story("x", &format!("'{date}'"), "", ""));
        told.code("bad-date").at(3, 1).says(why).shows(&format!("date: '{date}'"));
    }
    let told = broken_once(story("x", "2024-11-06", "updated: 2024-02-31\n", ""));
    told.code("bad-date").at(4, 1).says("2024-02-31");
    let told = broken_once(story("x", "2024-11-06", "expirydate: soon\n", ""));
    told.code("bad-date").at(4, 1).says("soon");
}

#[test]
fn no_title() {
    broken_once("---\ndate: 2024-11-06\n---\n").code("missing-title").at(1, 1).helps("title: \"…\"");
    for title in ["", "\"\"", "'  '", "null", "~", "\"&nbsp;\""] {
        let told = broken_once(story(title, "2024-11-06", "", ""));
        told.code("missing-title").at(2, 1).says("the title is empty").helps("title: \"…\"");
    }
}

#[test]
fn everything_wrong_with_one_story() {
    let told = broken("---\nslug: a/b\ntitle:\nlang: e n\ndate: 2024-02-30\nexpires: never\n---\n");
    let found: Vec<_> = told.iter().map(|told| (told.code.as_str(), told.place)).collect();
    let line = |line| Some((line, 1));
    let expected = [
        ("bad-slug", line(2)),
        ("missing-title", line(3)),
        ("bad-language", line(4)),
        ("bad-date", line(5)),
        ("bad-date", line(6)),
    ];
    assert_eq!(found, expected);
}

#[test]
fn values_of_the_wrong_kind() {
    for (line, column) in [
        ("title: [x]", 8),
        ("title: {x: y}", 8),
        ("tags: {a: b}", 7),
        ("tags: [[a]]", 7),
        ("image: [a]", 8),
        ("slug: [a, b]", 7),
        ("authors: [{age: 3}]", 10),
    ] {
        let title = if line.starts_with("title") { "" } else { "title: x\n" };
        let told = broken_once(format!("---\n{title}date: 2024-11-06\n{line}\n---\n"));
        let number = if title.is_empty() { 3 } else { 4 };
        told.code("wrong-type").shows(line).helps("docs/front-matter.md");
        let (at, found) = told.place.expect("a place");
        assert!(at == number && found >= column, "{told:#?}");
    }
    let told = broken_once(story("x", "[2024-11-06]", "", ""));
    told.code("wrong-type").at(3, 7).shows("date: [2024-11-06]").says("date");
    let told = broken_once(story("x", "2024-11-06", "draft: perhaps\n", ""));
    told.code("wrong-type").at(4, 1).says("`draft` must be `true` or `false`, not `perhaps`");
    told.helps("draft: true");
    broken_once("---\n- a\n- b\n---\n").code("wrong-type").at(2, 1).shows("- a").says("key: value");
    broken_once("---\nhello\n---\n").code("wrong-type").at(2, 1).shows("hello").says("key: value");
}

#[test]
fn a_key_twice_names_both_lines() {
    let told = broken_once("---\ntitle: x\ndate: 2024-11-06\n\nTitle: y\n---\n");
    told.code("duplicate-key").at(5, 1).shows("Title: y").says("in line 2 and in line 5").helps("keep one");
    assert!(told.shown.contains(&(2, "title: x".to_owned())), "{told:#?}");
}

#[test]
fn bytes_that_are_not_utf8() {
    let told = broken_once(b"---\ntitle: x\ndate: 2024-11-06\n---\n\nIn the caf\xe9.\n");
    told.code("not-utf8").at(6, 11).says("byte 0xE9 at offset 45").shows("In the caf\u{fffd}.");
    told.helps("Latin-1, where that byte is `é`").helps("iconv -f ISO-8859-1");
    let told = broken_once(b"---\ntitle: \x93x\x94\ndate: 2024-11-06\n---\n");
    told.code("not-utf8").at(2, 8).says("byte 0x93 at offset 11").helps("UTF-8");
    let told = broken_once(b"---\ntitle: x\ndate: 2024-11-06\n---\ncaf\xc3");
    told.code("not-utf8").at(5, 4).says("byte 0xC3 at offset 37").helps("cut off");
}

#[test]
fn utf16() {
    let units: Vec<u16> = "\u{feff}---\ntitle: x\ndate: 2024-11-06\n---\n".encode_utf16().collect();
    let little: Vec<u8> = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
    let big: Vec<u8> = units.iter().flat_map(|unit| unit.to_be_bytes()).collect();
    for bytes in [&little, &big] {
        let told = broken_once(bytes);
        told.code("not-utf8").nowhere().says("UTF-16").helps("iconv -f UTF-16 -t UTF-8");
    }
    broken_once(&little[2..]).code("nul-byte").at(1, 2).says("offset 1");
}

#[test]
fn nul_bytes() {
    let told = broken_once("---\ntitle: x\0y\ndate: 2024-11-06\n---\n");
    told.code("nul-byte").at(2, 9).says("offset 12").shows("title: x y").helps("damaged");
    broken_once("---\ntitle: x\ndate: 2024-11-06\n---\na\0b\n").code("nul-byte").at(5, 2).says("offset 35");
}

#[test]
fn too_much_of_it() {
    let told = broken_once(story("x", "2024-11-06", "", &"word ".repeat(2_000_000)));
    told.code("article-too-long").nowhere().says("10000034 bytes").says("2097152").helps("article_bytes");
    let told = broken_once(story("x", "2024-11-06", &format!("note: {}\n", "y".repeat(70_000)), ""));
    told.code("front-matter-too-long").at(1, 1).says("65536").helps("front_matter_bytes");
}

#[test]
fn a_long_story_is_built_where_the_site_allows_it() {
    let site =
        Site::empty().with("content/long.md", story("x", "2024-11-06", "", &"word ".repeat(2_000_000)));
    site.put("site.yaml", "base_url: https://test.example\nlimits: {article_bytes: 20000000}\n");
    assert_eq!(site.build().fine().number("articles"), 1);
    assert!(site.page("2024/11/06/long/index.html").len() > 10_000_000);
}

/// One run tells all, by file and line, and builds the rest.
#[test]
fn all_mistakes_in_one_run() {
    let site = Site::new()
        .with("site.yaml", "titel: x\nbase_url: https://test.example\n")
        .with("content/z/no-date.md", "---\ntitle: x\n---\n")
        .with("content/a/two.md", "---\ndate: 2024-13-01\ntitle:\n---\n")
        .with("content/m.md", b"---\ntitle: \xff\n---\n")
        .with("content/also-good.md", story("Also good", "2024-11-07", "image: gone.png\n", "Text."))
        .with("static/same.txt", "static")
        .with("content/same.md", story("x", "2024-11-06", "permalink: /same.txt\n", ""));
    let build = site.build().faulty();
    let found: Vec<_> = build.told.iter().map(|told| (told.file.as_str(), told.code.as_str())).collect();
    let expected = [
        ("content/a/two.md", "bad-date"),
        ("content/a/two.md", "missing-title"),
        ("content/also-good.md", "missing-image"),
        ("content/m.md", "not-utf8"),
        ("content/same.md", "same-address"),
        ("content/z/no-date.md", "missing-date"),
        ("site.yaml", "unknown-setting"),
    ];
    assert_eq!(found, expected);
    assert_eq!((build.number("errors"), build.number("warnings")), (6, 1));
    for page in ["2024/11/05/good/index.html", "2024/11/07/also-good/index.html", "index.html", "same.txt"] {
        assert!(site.has(page), "{page}");
    }
}

//! `dateline serve`: what it shows is what a build writes, after every kind of change, and mistakes are told and forgotten.

use std::collections::BTreeSet;
use std::fs;
use std::io::Cursor;

use crate::archive::{Archive, stories, tree};
use crate::harness::{SETTINGS, STORY, Site, story};
use crate::served::Served;

/// Settings with everything that a site can have.
const ALL: &str = "title: The Test\nbase_url: https://test.example/archive\nsearch: true\n\
    pictures: {widths: [40, 80], quality: 70}\nfeeds: {formats: [atom, rss, json], full_text: true}\n\
    taxonomies: {tags: {feed: true}}\nlicense: https://creativecommons.org/publicdomain/zero/1.0/\n\
    data: {catalogue: true, ninjs: true}\nredirects: {formats: [html, netlify], rules: {/front.html: /, /issues/*: /archive/}}\n\
    humans: Written by hand.\nllms: true\nheaders: true\ncalendars: [persian]\n";

fn picture(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    let picture = image::RgbImage::from_fn(width, height, |x, y| image::Rgb([x as u8, y as u8, 90]));
    picture.write_to(&mut bytes, image::ImageFormat::Png).expect("it is encoded");
    bytes.into_inner()
}

/// A site with a little of everything.
fn full() -> Site {
    let site = Archive::new(stories(40, 7)).site.with("site.yaml", ALL);
    let lines = "slug: talks\nimage: {src: flags.png, alt: Two flags}\ntags: [Iran, Talks]\nsection: world\n\
        aliases: [/old/talks.html, /old/talks/]\nseries: The talks\nauthor: Asma Khan\n";
    site.put("content/talks.md", story("Talks", "2024-11-06", lines, "Text.\n\n![A map](/maps/a.png)\n"));
    site.put("content/flags.png", picture(100, 60));
    site.put("static/maps/a.png", picture(90, 30));
    let lines = "lang: fr\ntranslation_of: talks\nsection: world\n";
    site.put("content/pourparlers.md", story("Pourparlers", "2024-11-07", lines, "Voir [cela](talks.md).\n"));
    site.put("content/draft.md", story("Draft", "2024-11-08", "draft: true\n", "Unseen.\n"));
    site.put("content/sections/world/_index.md", "---\ntitle: The World\n---\nAll of it.\n");
    site.put("static/style/extra.css", "body { color: red }\n");
    site.put("static/.well-known/x.txt", "known");
    site.put("static/hand.html", "<!doctype html><title>By hand</title><p>By hand.</p>");
    site
}

/// Saves as editors do: beside it, then in its place.
fn save(site: &Site, path: &str, text: &str) {
    let file = site.path(path);
    fs::create_dir_all(file.parent().expect("a folder")).expect("created");
    let beside = file.with_file_name(".saving");
    fs::write(&beside, text).expect("written");
    fs::rename(beside, file).expect("renamed");
}

/// A story's text with something else in it.
fn changed(site: &Site, path: &str, from: &str, to: &str) -> String {
    let text = fs::read_to_string(site.path(path)).expect("text");
    assert!(text.contains(from), "{text}");
    text.replace(from, to)
}

#[test]
fn what_is_served_is_what_is_built_after_every_change() {
    let site = full();
    let mut served = Served::start(&site, &[]);
    assert_eq!((served.path.as_str(), served.wrong["errors"].as_u64()), ("/archive/", Some(0)));
    let mut paths = served.assert_same(&site, "at first", &BTreeSet::new());
    for end in ["feed.xml", "sitemap.xml", "404.html", "old/talks.html", "flags.png.40.webp", "hand.html"] {
        assert!(paths.contains(end), "{end}: {paths:#?}");
    }
    assert!(paths.iter().any(|path| path.starts_with("search/") && path.ends_with(".bin")), "{paths:#?}");
    let mut check = |served: &Served, why: &str| paths = served.assert_same(&site, why, &paths);
    let talks = "2024/11/06/talks/";

    save(&site, "content/talks.md", &changed(&site, "content/talks.md", "Text.", "Another text."));
    served.shows(talks, "Another text.");
    check(&served, "a body");
    save(&site, "content/talks.md", &changed(&site, "content/talks.md", "title: Talks", "title: Long talks"));
    served.shows("", "Long talks");
    check(&served, "a title");
    save(&site, "content/talks.md", &changed(&site, "content/talks.md", "[Iran, Talks]", "[Iran, Peace]"));
    served.shows("tags/peace/", "Long talks");
    check(&served, "a tag");
    save(&site, "content/talks.md", &changed(&site, "content/talks.md", "2024-11-06", "2024-11-09"));
    served.shows("2024/11/09/talks/", "Another text.");
    check(&served, "a date");
    save(&site, "content/new.md", &story("New", "2024-11-10", "tags: [Fresh]\n", "Just in.\n"));
    served.shows("2024/11/10/new/", "Just in.");
    check(&served, "a new story");
    fs::rename(site.path("content/new.md"), site.path("content/newer.md")).expect("renamed");
    served.shows("2024/11/10/newer/", "Just in.");
    check(&served, "another name");
    site.remove("content/newer.md");
    served.until(|served| served.get("2024/11/10/newer/").status == 404);
    check(&served, "a story less");
    save(&site, "content/deep/er/one.md", &story("Deep", "2024-11-11", "", "Down there.\n"));
    served.shows("2024/11/11/one/", "Down there.");
    check(&served, "a new folder");
    fs::rename(site.path("content/deep"), site.path("content/shallow")).expect("renamed");
    save(&site, "content/shallow/two.md", &story("Two", "2024-11-11", "", "Beside it.\n"));
    served.shows("2024/11/11/two/", "Beside it.");
    check(&served, "a folder's name, and a story in it");
    save(&site, "content/draft.md", &changed(&site, "content/draft.md", "draft: true\n", ""));
    served.shows("2024/11/08/draft/", "Unseen.");
    check(&served, "a draft that is one no longer");
    fs::remove_dir_all(site.path("content/2021")).expect("removed");
    served.until(|served| served.get("2021/").status == 404);
    check(&served, "a folder less");
    fs::write(site.path("content/flags.png"), picture(120, 60)).expect("written");
    served.shows("2024/11/09/talks/", "width=\"120\"");
    check(&served, "a picture");
    fs::rename(site.path("content/flags.png"), site.path("content/flags2.png")).expect("renamed");
    served.until(|served| served.wrong["shown"].to_string().contains("missing-image"));
    fs::rename(site.path("content/flags2.png"), site.path("content/flags.png")).expect("renamed");
    served.until(|served| served.wrong["warnings"] == 0);
    check(&served, "a picture that was away");
    site.put("static/new/file.txt", "Here.");
    served.shows("new/file.txt", "Here.");
    site.put("static/.well-known/new.txt", "Well known.");
    served.shows(".well-known/new.txt", "Well known.");
    check(&served, "static files");
    assert!(!site.path("public").exists(), "nothing is written there");
}

#[test]
fn templates_come_break_and_go() {
    let site = full();
    let mut served = Served::start(&site, &[]);
    let mut paths = served.assert_same(&site, "at first", &BTreeSet::new());
    let day = "2024/11/06/";
    let own = |mark: &str| {
        format!("{{% extends \"builtin/day.html\" %}}{{% block head %}}<!-- {mark} -->{{% endblock %}}")
    };
    // The folder itself is new.
    save(&site, "templates/day.html", &own("mine"));
    served.shows(day, "<!-- mine -->");
    paths = served.assert_same(&site, "an override", &paths);
    save(&site, "templates/day.html", &own("yours"));
    served.shows(day, "<!-- yours -->");
    save(&site, "templates/day.html", "{% extends \"builtin/day.html\" %}\n{% block head %}{{ oops ");
    served.errors(1);
    let (code, file, line, help) = served.first();
    assert_eq!((code, file, line), ("template-syntax", "templates/day.html", 2));
    assert!(help.contains("docs/templates.md"), "{help}");
    let page = served.get(day);
    assert_eq!((page.status, page.header("content-type")), (500, "text/html; charset=utf-8"));
    assert!(page.text().contains("dateline-wrong") && page.text().contains("/.dateline/client.js"));
    assert_eq!(served.get("2024/11/06/talks/").status, 200, "other pages are shown");
    // What is found only while a page is made stands in its place.
    save(&site, "templates/day.html", "{{ no_such_thing.at_all }}");
    served.errors(0);
    let page = served.get(day);
    assert_eq!(page.status, 500);
    assert!(
        page.text().contains("templates/day.html") && page.text().contains("no_such_thing"),
        "{}",
        page.text()
    );
    save(&site, "templates/day.html", &own("mended"));
    served.shows(day, "<!-- mended -->");
    paths = served.assert_same(&site, "mended", &paths);
    // A circle of templates, one of components.
    save(&site, "templates/day.html", "{% include \"day.html\" %}");
    served.errors(1);
    assert_eq!(served.first().0, "template-loop");
    save(&site, "templates/day.html", "{{ <again /> }}");
    save(&site, "templates/again.html", "{% component again() %}{{ <again /> }}{% endcomponent again %}");
    served.until(|served| served.get(day).text().contains("recursion"));
    assert_eq!((served.get(day).status, served.get("").status), (500, 200));
    site.remove("templates/again.html");
    site.remove("templates/day.html");
    served.until(|served| served.get(day).status == 200);
    // The words of the interface.
    save(&site, "templates/i18n/en.yaml", "skip_to_content: Jump ahead\n");
    served.shows("", "Jump ahead");
    paths = served.assert_same(&site, "words", &paths);
    fs::remove_dir_all(site.path("templates")).expect("removed");
    served.until(|served| !served.get("").text().contains("Jump ahead"));
    served.assert_same(&site, "no templates", &paths);
}

#[test]
fn settings_change_break_and_move_the_site() {
    let site = full();
    let mut served = Served::start(&site, &[]);
    let mut paths = served.assert_same(&site, "at first", &BTreeSet::new());
    save(&site, "site.yaml", &ALL.replace("The Test", "The Other Test"));
    served.shows("", "The Other Test");
    paths = served.assert_same(&site, "a title", &paths);
    // A slip that could move every page moves none.
    save(&site, "site.yaml", "title: The: Test\nbase_url: https://test.example/archive\n");
    served.errors(1);
    assert_eq!((served.first().1, served.first().2), ("site.yaml", 1));
    assert!(served.first().3.contains("needs quotes"), "{:?}", served.first());
    let before = served.wrong.clone();
    save(&site, "site.yaml", "title: [\nbase_url: https://test.example/archive\n");
    served.until(|served| served.wrong != before);
    assert_eq!(served.wrong["errors"], 1);
    assert!(served.get("").text().contains("The Other Test"), "the site is as it was");
    save(&site, "site.yaml", &ALL.replace("title: ", "titel: x\ntitle: "));
    served.until(|served| served.first().0 == "unknown-setting");
    assert!(served.get("").text().contains("The Test"), "what moves no page counts");
    save(&site, "site.yaml", ALL);
    served.errors(0);
    paths = served.assert_same(&site, "mended", &paths);
    // Another path, and no path.
    save(&site, "site.yaml", &ALL.replace("/archive\n", "/papers/old\n"));
    served.until(|served| served.ask("GET", "/papers/old/", &[]).status == 200);
    assert_eq!(served.ask("GET", "/archive/", &[]).status, 404);
    for asked in ["/", "/papers/old"] {
        let reply = served.ask("GET", asked, &[]);
        assert_eq!((reply.status, reply.header("location")), (301, "/papers/old/"), "{asked}");
    }
    served.path = "/papers/old/".to_owned();
    served.assert_same(&site, "another path", &paths);
    site.remove("site.yaml");
    served.until(|served| served.ask("GET", "/2024/11/06/talks/", &[]).status == 200);
}

#[test]
fn a_site_without_settings_can_get_some() {
    let site = Site::new();
    site.remove("site.yaml");
    let mut served = Served::start(&site, &["--drafts"]);
    assert_eq!(served.path, "/");
    site.put("content/draft.md", story("Draft", "2024-11-08", "draft: true\n", "Seen.\n"));
    served.shows("2024/11/08/draft/", "Seen.");
    save(&site, "site.yaml", &SETTINGS.replace(".example", ".example/below"));
    served.until(|served| served.ask("GET", "/below/2024/11/05/good/", &[]).status == 200);
}

#[test]
fn a_body_costs_one_file() {
    let site = full();
    let mut served = Served::start(&site, &[]);
    save(&site, "content/talks.md", &changed(&site, "content/talks.md", "Text.", "Other."));
    served.shows("2024/11/06/talks/", "Other.");
    while !served.said().contains("content/talks.md: shown after ") {
        std::thread::yield_now();
    }
    let said = served.said();
    let line = said.lines().find(|line| line.contains("content/talks.md: shown")).expect("told");
    assert!(line.ends_with(" ms, 1 file read"), "{line}");
    // What other programs leave beside stories costs none.
    site.put("content/4913", "");
    site.remove("content/4913");
    save(&site, "content/talks.md", &changed(&site, "content/talks.md", "Other.", "Third."));
    served.shows("2024/11/06/talks/", "Third.");
    let said = served.said();
    let read = said.lines().filter_map(|line| line.split(" ms, ").nth(1));
    assert!(read.clone().all(|read| ["0 files read", "1 file read"].contains(&read)), "{said}");
}

#[test]
fn a_style_sheet_is_exchanged_without_a_new_page() {
    let site = full();
    let mut served = Served::start(&site, &[]);
    let version = |served: &Served| {
        let text = served.get("").text();
        text.split("data-version=\"").nth(1).expect("a version").split('"').next().map(str::to_owned)
    };
    let before = version(&served);
    save(&site, "static/style/extra.css", "body { color: blue }\n");
    let (name, data) = served.next();
    assert_eq!((name.as_str(), data["address"].as_str()), ("style", Some("/archive/style/extra.css")));
    assert_eq!(served.get("style/extra.css").text(), "body { color: blue }\n");
    assert_eq!(version(&served), before);
    // A new one is a change of the site.
    save(&site, "static/style/more.css", "p { color: blue }\n");
    assert_eq!(served.next().0, "state");
    assert_ne!(version(&served), before);
}

#[test]
fn mistakes_are_told_and_forgotten() {
    let site = Site::new();
    let mut served = Served::start(&site, &[]);
    site.put("content/bad.md", "---\ntitle: Iran: the talks\ndate: 2024-11-06\n---\nText.\n");
    served.errors(1);
    let (_, file, line, help) = served.first();
    assert_eq!((file, line), ("content/bad.md", 2));
    assert!(help.contains("\"Iran: the talks\""), "{help}");
    assert!(served.get("2024/11/05/good/").status == 200, "the rest is shown");
    site.put("content/bad.md", STORY);
    served.errors(0);
    served.until(|served| served.get("2024/11/05/bad/").status == 200);
    // In two steps, as some editors save.
    site.put("content/half.md", "---\ntitle: Half\nda");
    served.errors(1);
    let mut file = fs::OpenOptions::new().append(true).open(site.path("content/half.md")).expect("open");
    std::io::Write::write_all(&mut file, b"te: 2024-11-06\n---\nWhole.\n").expect("written");
    served.errors(0);
    served.shows("2024/11/06/half/", "Whole.");
    // One that can't be read at all, and bytes that are no text.
    site.put("content/half.md", b"---\ntitle: \xff\xfe\n");
    served.errors(1);
    assert_eq!(served.first().0, "not-utf8");
    site.remove("content/half.md");
    served.errors(0);
    assert_eq!(served.get("2024/11/06/half/").status, 404);
    fs::create_dir(site.path("content/folder.md")).expect("created");
    site.put("content/folder.md/in.md", story("In", "2024-11-06", "", "Inside.\n"));
    served.shows("2024/11/06/in/", "Inside.");
    served.assert_same(&site, "in the end", &BTreeSet::new());
}

#[test]
fn nothing_but_the_state_is_written_and_a_build_may_run_beside() {
    let site = full();
    site.build().fine();
    let before = tree(&site.path("public"));
    let mut served = Served::start(&site, &[]);
    served.assert_same(&site, "beside a site that was built", &BTreeSet::new());
    save(&site, "content/talks.md", &changed(&site, "content/talks.md", "Text.", "Later."));
    served.shows("2024/11/06/talks/", "Later.");
    assert!(tree(&site.path("public")) == before, "public/ is left alone");
    assert!(site.around().is_empty());
    site.build().fine();
    crate::archive::assert_clean(&site, "a build beside a server");
    served.assert_same(&site, "after a build", &BTreeSet::new());
    save(&site, "content/talks.md", &changed(&site, "content/talks.md", "Later.", "Last."));
    served.shows("2024/11/06/talks/", "Last.");
    drop(served);
    // What was kept is good for the next, and for builds.
    let served = Served::start(&site, &[]);
    served.assert_same(&site, "begun again", &BTreeSet::new());
    site.build().fine();
    crate::archive::assert_clean(&site, "the next build");
}

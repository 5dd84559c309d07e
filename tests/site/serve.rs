//! `dateline serve`: it shows what a build writes, after every type of change; mistakes are
//! reported until they are fixed.

use std::collections::BTreeSet;
use std::fs;
use std::io::Cursor;

use crate::archive::{Archive, generate_articles, read_tree};
use crate::harness::{ARTICLE, SETTINGS, TestSite, article};
use crate::server::TestServer;

/// Settings with every output.
const ALL_OUTPUTS: &str = "title: The Test\nbase_url: https://test.example/archive\nsearch: true\n\
    images: {widths: [40, 80], quality: 70}\nfeeds: {formats: [atom, rss, json], full_text: \
    true}\n\
    taxonomies: {tags: {feed: true}}\nlicense: https://creativecommons.org/publicdomain/zero/1.0/\n\
    data: {articles: true, ninjs: true}\nredirects: {formats: [html, netlify], rules: \
    {/front.html: /, /issues/*: /archive/}}\n\
    humans: Written by hand.\nllms: true\nheaders: true\ncalendars: [persian]\n";

fn png(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    let image = image::RgbImage::from_fn(width, height, |x, y| image::Rgb([x as u8, y as u8, 90]));
    image.write_to(&mut bytes, image::ImageFormat::Png).expect("the image is encoded");
    bytes.into_inner()
}

/// Returns a site with all types of files.
fn full_site() -> TestSite {
    let site = Archive::new(generate_articles(40, 7)).site.with_file("site.yaml", ALL_OUTPUTS);
    let lines = "slug: talks\nimage: {src: flags.png, alt: Two flags}\ntags: [Iran, Talks]\n\
        section: world\n\
        aliases: [/old/talks.html, /old/talks/]\nseries: The talks\nauthor: Asma Khan\n";
    site.write(
        "content/talks.md",
        article("Talks", "2024-11-06", lines, "Text.\n\n![A map](/maps/a.png)\n"),
    );
    site.write("content/flags.png", png(100, 60));
    site.write("static/maps/a.png", png(90, 30));
    let lines = "lang: fr\ntranslation_of: talks\nsection: world\n";
    site.write(
        "content/pourparlers.md",
        article("Pourparlers", "2024-11-07", lines, "Voir [cela](talks.md).\n"),
    );
    site.write("content/draft.md", article("Draft", "2024-11-08", "draft: true\n", "Unseen.\n"));
    site.write("content/sections/world/_index.md", "---\ntitle: The World\n---\nAll of it.\n");
    site.write("static/style/extra.css", "body { color: red }\n");
    site.write("static/.well-known/x.txt", "known");
    site.write("static/hand.html", "<!doctype html><title>By hand</title><p>By hand.</p>");
    site
}

/// Saves as editors do: to a temporary file, which is renamed.
fn save_atomically(site: &TestSite, path: &str, text: &str) {
    let file = site.path(path);
    fs::create_dir_all(file.parent().expect("the path has a parent"))
        .expect("the folder is created");
    let temp_file = file.with_file_name(".saving");
    fs::write(&temp_file, text).expect("the file is written");
    fs::rename(temp_file, file).expect("the file is renamed");
}

/// Returns the source of an article with a text replaced.
fn edited_source(site: &TestSite, path: &str, from: &str, to: &str) -> String {
    let text = fs::read_to_string(site.path(path)).expect("it is text");
    assert!(text.contains(from), "{text}");
    text.replace(from, to)
}

#[test]
fn the_served_site_equals_a_clean_build_after_edits_of_an_article() {
    let site = full_site();
    let mut server = TestServer::start(&site, &[]);
    assert_eq!(
        (server.path.as_str(), server.diagnostics["errors"].as_u64()),
        ("/archive/", Some(0))
    );
    let mut paths = server.assert_serves_clean_build(&site, "at first", &BTreeSet::new());
    for end in
        ["feed.xml", "sitemap.xml", "404.html", "old/talks.html", "flags.png.40.webp", "hand.html"]
    {
        assert!(paths.contains(end), "{end}: {paths:#?}");
    }
    assert!(
        paths.iter().any(|path| path.starts_with("search/") && path.ends_with(".bin")),
        "{paths:#?}"
    );
    let mut assert_served = |server: &TestServer, step: &str| {
        paths = server.assert_serves_clean_build(&site, step, &paths);
    };
    let talks = "2024/11/06/talks/";

    save_atomically(
        &site,
        "content/talks.md",
        &edited_source(&site, "content/talks.md", "Text.", "Another text."),
    );
    server.wait_for_text(talks, "Another text.");
    assert_served(&server, "a body");
    save_atomically(
        &site,
        "content/talks.md",
        &edited_source(&site, "content/talks.md", "title: Talks", "title: Long talks"),
    );
    server.wait_for_text("", "Long talks");
    assert_served(&server, "a title");
    save_atomically(
        &site,
        "content/talks.md",
        &edited_source(&site, "content/talks.md", "[Iran, Talks]", "[Iran, Peace]"),
    );
    server.wait_for_text("tags/peace/", "Long talks");
    assert_served(&server, "a tag");
    save_atomically(
        &site,
        "content/talks.md",
        &edited_source(&site, "content/talks.md", "2024-11-06", "2024-11-09"),
    );
    server.wait_for_text("2024/11/09/talks/", "Another text.");
    assert_served(&server, "a date");
}

#[test]
fn the_served_site_equals_a_clean_build_after_changes_of_files_and_folders() {
    let site = full_site();
    let mut server = TestServer::start(&site, &[]);
    let mut paths = server.assert_serves_clean_build(&site, "at first", &BTreeSet::new());
    let mut assert_served = |server: &TestServer, step: &str| {
        paths = server.assert_serves_clean_build(&site, step, &paths);
    };
    save_atomically(
        &site,
        "content/new.md",
        &article("New", "2024-11-10", "tags: [Fresh]\n", "Just in.\n"),
    );
    server.wait_for_text("2024/11/10/new/", "Just in.");
    assert_served(&server, "a new article");
    fs::rename(site.path("content/new.md"), site.path("content/newer.md"))
        .expect("the file is renamed");
    server.wait_for_text("2024/11/10/newer/", "Just in.");
    assert_served(&server, "another name");
    site.remove("content/newer.md");
    server.wait_until(|server| server.get("2024/11/10/newer/").status == 404);
    assert_served(&server, "an article less");
    save_atomically(
        &site,
        "content/deep/er/one.md",
        &article("Deep", "2024-11-11", "", "Down there.\n"),
    );
    server.wait_for_text("2024/11/11/one/", "Down there.");
    assert_served(&server, "a new folder");
    fs::rename(site.path("content/deep"), site.path("content/shallow"))
        .expect("the file is renamed");
    save_atomically(
        &site,
        "content/shallow/two.md",
        &article("Two", "2024-11-11", "", "Beside it.\n"),
    );
    server.wait_for_text("2024/11/11/two/", "Beside it.");
    assert_served(&server, "a folder's name, and an article in it");
    save_atomically(
        &site,
        "content/draft.md",
        &edited_source(&site, "content/draft.md", "draft: true\n", ""),
    );
    server.wait_for_text("2024/11/08/draft/", "Unseen.");
    assert_served(&server, "a draft that is one no longer");
    fs::remove_dir_all(site.path("content/2021")).expect("the file is removed");
    server.wait_until(|server| server.get("2021/").status == 404);
    assert_served(&server, "a folder less");
}

#[test]
fn the_served_site_equals_a_clean_build_after_changes_of_images_and_static_files() {
    let site = full_site();
    let mut server = TestServer::start(&site, &[]);
    let mut paths = server.assert_serves_clean_build(&site, "at first", &BTreeSet::new());
    let mut assert_served = |server: &TestServer, step: &str| {
        paths = server.assert_serves_clean_build(&site, step, &paths);
    };
    fs::write(site.path("content/flags.png"), png(120, 60)).expect("the file is written");
    server.wait_for_text("2024/11/06/talks/", "width=\"120\"");
    assert_served(&server, "an image");
    fs::rename(site.path("content/flags.png"), site.path("content/flags2.png"))
        .expect("the file is renamed");
    server.wait_until(|server| server.diagnostics["shown"].to_string().contains("missing-image"));
    fs::rename(site.path("content/flags2.png"), site.path("content/flags.png"))
        .expect("the file is renamed");
    server.wait_until(|server| server.diagnostics["warnings"] == 0);
    assert_served(&server, "an image that was away");
    site.write("static/new/file.txt", "Here.");
    server.wait_for_text("new/file.txt", "Here.");
    site.write("static/.well-known/new.txt", "Well known.");
    server.wait_for_text(".well-known/new.txt", "Well known.");
    assert_served(&server, "static files");
    assert!(!site.path("public").exists(), "nothing is written there");
}

/// Returns a template of day pages with a comment in the head.
fn day_template(comment: &str) -> String {
    format!(
        "{{% extends \"builtin/day.html\" %}}{{% block head %}}<!-- {comment} -->{{% endblock %}}"
    )
}

#[test]
fn templates_added_broken_and_removed() {
    let site = full_site();
    let mut server = TestServer::start(&site, &[]);
    let mut paths = server.assert_serves_clean_build(&site, "at first", &BTreeSet::new());
    let day = "2024/11/06/";
    // The folder is new, too.
    save_atomically(&site, "templates/day.html", &day_template("mine"));
    server.wait_for_text(day, "<!-- mine -->");
    paths = server.assert_serves_clean_build(&site, "an override", &paths);
    save_atomically(&site, "templates/day.html", &day_template("yours"));
    server.wait_for_text(day, "<!-- yours -->");
    save_atomically(
        &site,
        "templates/day.html",
        "{% extends \"builtin/day.html\" %}\n{% block head %}{{ oops ",
    );
    server.wait_for_error_count(1);
    let (code, file, line, help) = server.first();
    assert_eq!((code, file, line), ("template-syntax", "templates/day.html", 2));
    assert!(help.contains("dateline help templates"), "{help}");
    let page = server.get(day);
    assert_eq!((page.status, page.header("content-type")), (500, "text/html; charset=utf-8"));
    assert!(
        page.body_text().contains("dateline-diagnostics")
            && page.body_text().contains("/.dateline/client.js")
    );
    assert_eq!(server.get("2024/11/06/talks/").status, 200, "other pages are shown");
    // An error that is found while a page is rendered is shown instead of the page.
    save_atomically(&site, "templates/day.html", "{{ no_such_thing.at_all }}");
    server.wait_for_error_count(0);
    let page = server.get(day);
    assert_eq!(page.status, 500);
    assert!(
        page.body_text().contains("templates/day.html")
            && page.body_text().contains("no_such_thing"),
        "{}",
        page.body_text()
    );
    save_atomically(&site, "templates/day.html", &day_template("fixed"));
    server.wait_for_text(day, "<!-- fixed -->");
    paths = server.assert_serves_clean_build(&site, "fixed", &paths);
    site.remove("templates/day.html");
    server.wait_until(|server| !server.get(day).body_text().contains("<!-- fixed -->"));
    // The interface text.
    save_atomically(&site, "templates/i18n/en.yaml", "skip_to_content: Jump ahead\n");
    server.wait_for_text("", "Jump ahead");
    paths = server.assert_serves_clean_build(&site, "interface text", &paths);
    fs::remove_dir_all(site.path("templates")).expect("the folder is removed");
    server.wait_until(|server| !server.get("").body_text().contains("Jump ahead"));
    server.assert_serves_clean_build(&site, "no templates", &paths);
}

#[test]
fn templates_that_include_themselves() {
    let site = full_site();
    let mut server = TestServer::start(&site, &[]);
    let day = "2024/11/06/";
    // Templates that include each other, components that call each other.
    save_atomically(&site, "templates/day.html", "{% include \"day.html\" %}");
    server.wait_for_error_count(1);
    assert_eq!(server.first().0, "template-loop");
    save_atomically(&site, "templates/day.html", "{{ <again /> }}");
    save_atomically(
        &site,
        "templates/again.html",
        "{% component again() %}{{ <again /> }}{% endcomponent again %}",
    );
    server.wait_until(|server| server.get(day).body_text().contains("recursion"));
    assert_eq!((server.get(day).status, server.get("").status), (500, 200));
    site.remove("templates/again.html");
    site.remove("templates/day.html");
    server.wait_until(|server| server.get(day).status == 200);
}

#[test]
fn settings_changed_broken_and_moved() {
    let site = full_site();
    let mut server = TestServer::start(&site, &[]);
    let mut paths = server.assert_serves_clean_build(&site, "at first", &BTreeSet::new());
    save_atomically(&site, "site.yaml", &ALL_OUTPUTS.replace("The Test", "The Other Test"));
    server.wait_for_text("", "The Other Test");
    paths = server.assert_serves_clean_build(&site, "a title", &paths);
    // A mistake that could move every page moves none.
    save_atomically(
        &site,
        "site.yaml",
        "title: The: Test\nbase_url: https://test.example/archive\n",
    );
    server.wait_for_error_count(1);
    assert_eq!((server.first().1, server.first().2), ("site.yaml", 1));
    assert!(server.first().3.contains("in quotation marks"), "{:?}", server.first());
    let diagnostics_before = server.diagnostics.clone();
    save_atomically(&site, "site.yaml", "title: [\nbase_url: https://test.example/archive\n");
    server.wait_until(|server| server.diagnostics != diagnostics_before);
    assert_eq!(server.diagnostics["errors"], 1);
    assert!(server.get("").body_text().contains("The Other Test"), "the site is as it was");
    save_atomically(&site, "site.yaml", &ALL_OUTPUTS.replace("title: ", "titel: x\ntitle: "));
    server.wait_until(|server| server.first().0 == "unknown-setting");
    assert!(server.get("").body_text().contains("The Test"), "what moves no page counts");
    save_atomically(&site, "site.yaml", ALL_OUTPUTS);
    server.wait_for_error_count(0);
    paths = server.assert_serves_clean_build(&site, "fixed", &paths);
    // A URL with another path, and without a path.
    save_atomically(&site, "site.yaml", &ALL_OUTPUTS.replace("/archive\n", "/papers/old\n"));
    server.wait_until(|server| server.request("GET", "/papers/old/", &[]).status == 200);
    assert_eq!(server.request("GET", "/archive/", &[]).status, 404);
    for path in ["/", "/papers/old"] {
        let response = server.request("GET", path, &[]);
        assert_eq!((response.status, response.header("location")), (301, "/papers/old/"), "{path}");
    }
    server.path = "/papers/old/".to_owned();
    server.assert_serves_clean_build(&site, "another path", &paths);
    site.remove("site.yaml");
    server.wait_until(|server| server.request("GET", "/2024/11/06/talks/", &[]).status == 200);
}

#[test]
fn settings_added_to_a_site_without_any() {
    let site = TestSite::new();
    site.remove("site.yaml");
    let mut server = TestServer::start(&site, &["--drafts"]);
    assert_eq!(server.path, "/");
    site.write("content/draft.md", article("Draft", "2024-11-08", "draft: true\n", "Seen.\n"));
    server.wait_for_text("2024/11/08/draft/", "Seen.");
    save_atomically(&site, "site.yaml", &SETTINGS.replace(".example", ".example/below"));
    server.wait_until(|server| server.request("GET", "/below/2024/11/05/good/", &[]).status == 200);
}

#[test]
fn an_edited_body_reads_one_file() {
    let site = full_site();
    let mut server = TestServer::start(&site, &[]);
    save_atomically(
        &site,
        "content/talks.md",
        &edited_source(&site, "content/talks.md", "Text.", "Other."),
    );
    server.wait_for_text("2024/11/06/talks/", "Other.");
    while !server.terminal_output().contains("content/talks.md: updated in ") {
        std::thread::yield_now();
    }
    let output = server.terminal_output();
    let line = output
        .lines()
        .find(|line| line.contains("content/talks.md: updated"))
        .expect("the change is reported");
    assert!(line.ends_with(" ms, 1 file read"), "{line}");
    // Files of other programs beside articles are ignored.
    site.write("content/4913", "");
    site.remove("content/4913");
    save_atomically(
        &site,
        "content/talks.md",
        &edited_source(&site, "content/talks.md", "Other.", "Third."),
    );
    server.wait_for_text("2024/11/06/talks/", "Third.");
    let output = server.terminal_output();
    let read_counts = output.lines().filter_map(|line| line.split(" ms, ").nth(1));
    assert!(
        read_counts.clone().all(|count| ["0 files read", "1 file read"].contains(&count)),
        "{output}"
    );
}

#[test]
fn a_style_sheet_is_replaced_without_a_reload() {
    let site = full_site();
    let mut server = TestServer::start(&site, &[]);
    let version = |server: &TestServer| {
        let text = server.get("").body_text();
        text.split("data-version=\"")
            .nth(1)
            .expect("there is a version")
            .split('"')
            .next()
            .map(str::to_owned)
    };
    let version_before = version(&server);
    save_atomically(&site, "static/style/extra.css", "body { color: blue }\n");
    let (name, data) = server.next_event();
    assert_eq!((name.as_str(), data["url"].as_str()), ("style", Some("/archive/style/extra.css")));
    assert_eq!(server.get("style/extra.css").body_text(), "body { color: blue }\n");
    assert_eq!(version(&server), version_before);
    // A new file changes the site.
    save_atomically(&site, "static/style/more.css", "p { color: blue }\n");
    assert_eq!(server.next_event().0, "state");
    assert_ne!(version(&server), version_before);
}

#[test]
fn errors_are_reported_and_cleared() {
    let site = TestSite::new();
    let mut server = TestServer::start(&site, &[]);
    site.write("content/bad.md", "---\ntitle: Iran: the talks\ndate: 2024-11-06\n---\nText.\n");
    server.wait_for_error_count(1);
    let (_, file, line, help) = server.first();
    assert_eq!((file, line), ("content/bad.md", 2));
    assert!(help.contains("\"Iran: the talks\""), "{help}");
    assert!(server.get("2024/11/05/good/").status == 200, "the rest is shown");
    site.write("content/bad.md", ARTICLE);
    server.wait_for_error_count(0);
    server.wait_until(|server| server.get("2024/11/05/bad/").status == 200);
    // Saved in two steps, as by some editors.
    site.write("content/half.md", "---\ntitle: Half\nda");
    server.wait_for_error_count(1);
    let mut file = fs::OpenOptions::new()
        .append(true)
        .open(site.path("content/half.md"))
        .expect("the file is opened");
    std::io::Write::write_all(&mut file, b"te: 2024-11-06\n---\nWhole.\n")
        .expect("the file is written");
    server.wait_for_error_count(0);
    server.wait_for_text("2024/11/06/half/", "Whole.");
    // An article without a closing fence, and bytes that aren't UTF-8.
    site.write("content/half.md", b"---\ntitle: \xff\xfe\n");
    server.wait_for_error_count(1);
    assert_eq!(server.first().0, "not-utf8");
    site.remove("content/half.md");
    server.wait_for_error_count(0);
    assert_eq!(server.get("2024/11/06/half/").status, 404);
    fs::create_dir(site.path("content/folder.md")).expect("the folder is created");
    site.write("content/folder.md/in.md", article("In", "2024-11-06", "", "Inside.\n"));
    server.wait_for_text("2024/11/06/in/", "Inside.");
    server.wait_for_error_count(1);
    assert!(server.first().3.contains("rename the folder"), "{:?}", server.first());
    fs::rename(site.path("content/folder.md"), site.path("content/folder")).expect("renamed");
    server.wait_for_error_count(0);
    server.wait_for_text("2024/11/06/in/", "Inside.");
    server.assert_serves_clean_build(&site, "in the end", &BTreeSet::new());
}

#[test]
fn only_the_cache_is_written_and_a_build_can_run_meanwhile() {
    let site = full_site();
    site.build().assert_success();
    let before = read_tree(&site.path("public"));
    let mut server = TestServer::start(&site, &[]);
    server.assert_serves_clean_build(&site, "beside a site that was built", &BTreeSet::new());
    save_atomically(
        &site,
        "content/talks.md",
        &edited_source(&site, "content/talks.md", "Text.", "Later."),
    );
    server.wait_for_text("2024/11/06/talks/", "Later.");
    assert!(read_tree(&site.path("public")) == before, "public/ is left alone");
    assert!(site.outside_files().is_empty());
    site.build().assert_success();
    crate::archive::assert_same_as_clean_build(&site, "a build beside a server");
    server.assert_serves_clean_build(&site, "after a build", &BTreeSet::new());
    save_atomically(
        &site,
        "content/talks.md",
        &edited_source(&site, "content/talks.md", "Later.", "Last."),
    );
    server.wait_for_text("2024/11/06/talks/", "Last.");
    drop(server);
    // The next server and builds can use the cache.
    let server = TestServer::start(&site, &[]);
    server.assert_serves_clean_build(&site, "begun again", &BTreeSet::new());
    site.build().assert_success();
    crate::archive::assert_same_as_clean_build(&site, "the next build");
}

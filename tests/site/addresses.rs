//! Addresses that lead out of the site, and links that do: nothing is written where it doesn't belong, nothing read.

use std::fs;

use crate::broken::broken_once;
use crate::harness::{Site, files, story};

#[test]
fn slugs_that_are_paths() {
    let told = broken_once(story("x", "2024-11-06", "slug: ../../etc/passwd\n", ""));
    told.code("bad-slug").at(4, 1).shows("slug: ../../etc/passwd").helps("`slug: etc-passwd`");
    for (slug, mended) in [("a/b", "a-b"), ("'a\\b'", "a-b"), (".htaccess", "htaccess"), (r#""a\0b""#, "a-b")]
    {
        let told = broken_once(story("x", "2024-11-06", &format!("slug: {slug}\n"), ""));
        told.code("bad-slug").at(4, 1).shows(&format!("slug: {slug}")).helps(&format!("`slug: {mended}`"));
    }
}

/// A slug without a letter or a digit is no address, and the mend isn't an empty one.
#[test]
fn slugs_of_nothing() {
    for slug in ["..", ".", "'?!'", "'—'", "'🙂'"] {
        let told = broken_once(story("x", "2024-11-06", &format!("slug: {slug}\n"), ""));
        told.code("bad-slug").at(4, 1).shows(&format!("slug: {slug}")).helps("letters or digits");
    }
    let site = Site::new().with("content/?!.md", story("?!", "2024-11-06", "", ""));
    let build = site.build().faulty();
    build.only().code("bad-slug").at(2, 1).says("neither the file's name nor the title").helps("slug: …");
}

#[test]
fn permalinks_that_lead_out() {
    for (permalink, why) in [
        ("/../x", "`..` could lead outside"),
        ("../../../etc/passwd", "`..` could lead outside"),
        ("/a/../../x/", "`..` could lead outside"),
        ("/./x", "`.` could lead outside"),
        ("/.../x", "`...` could lead outside"),
        ("/%2e%2e/x", "could lead outside"),
        ("/a/%2E./%2E%2E/x/", "could lead outside"),
        ("/a%2f..%2fb/", "could lead outside"),
        ("//etc/passwd", "an empty part"),
        ("/a//b/", "an empty part"),
        (r"a\..\b", r"'\\' is not safe"),
        (r#""/a\0b""#, r"'\0' is not safe"),
        (r#""/a\nb""#, r"'\n' is not safe"),
        ("/a?b", "'?' is not safe"),
        ("'/a#b'", "'#' is not safe"),
    ] {
        let told = broken_once(story("x", "2024-11-06", &format!("permalink: {permalink}\n"), ""));
        told.code("bad-permalink").at(4, 1).says(why).shows(&format!("permalink: {permalink}"));
        told.helps("a path below the site's root");
    }
    let told = broken_once(story("x", "2024-11-06", &format!("url: /{}/\n", "y".repeat(256)), ""));
    told.code("bad-permalink").at(4, 1).says("256 bytes long");
}

/// Absolute addresses stay below the output folder, whatever they name.
#[test]
fn permalinks_are_below_the_site() {
    let site = Site::empty();
    for (name, permalink) in [
        ("a", "/etc/passwd"),
        ("b", "etc/shadow"),
        ("c", "/~root/x.html"),
        ("e", "/a b/"),
        ("f", "/خبر/"),
        ("g", "/100%/"),
    ] {
        site.put(
            &format!("content/{name}.md"),
            story("x", "2024-11-06", &format!("permalink: {permalink}\n"), ""),
        );
    }
    site.build().fine();
    let places = ["etc/passwd", "etc/shadow", "~root/x.html", "a b", "خبر", "100%"];
    for place in places {
        let page = if place.ends_with(".html") { place.to_owned() } else { format!("{place}/index.html") };
        assert!(site.has(&page), "{page}: {:#?}", site.paths());
    }
    assert!(site.page("sitemaps/2024.xml").contains("<loc>https://test.example/%D8%AE%D8%A8%D8%B1/</loc>"));
    assert!(site.page("index.html").contains("href=\"/a%20b/\""));
}

/// Device names of Windows and over-long titles give safe file names.
#[test]
fn slugs_that_are_made_are_safe() {
    let long = "بہت لمبی سرخی ".repeat(60);
    let site = Site::empty()
        .with("content/con.md", story("x", "2024-11-06", "", ""))
        .with("content/index.md", story("x", "2024-11-06", "slug: nul\n", ""))
        .with("content/long.md", story("y", "2024-11-06", &format!("slug: {long}\n"), ""));
    site.build().fine();
    assert!(site.has("2024/11/06/con-1/index.html") && site.has("2024/11/06/nul-1/index.html"));
    let longest = site.paths().into_iter().max_by_key(String::len).expect("a path");
    assert!(longest.split('/').all(|part| part.len() <= 160) && longest.contains("بہت-لمبی"), "{longest}");
}

#[cfg(unix)]
#[test]
fn links_out_of_the_content() {
    let outside = tempfile::tempdir().expect("a folder");
    fs::write(outside.path().join("secret.md"), story("Secret", "2024-11-06", "", "Secret"))
        .expect("written");
    let site = Site::new()
        .link("content/file.md", outside.path().join("secret.md"))
        .link("content/folder", outside.path())
        .link("content/gone.md", "nowhere.md");
    let build = site.build().faulty();
    assert_eq!(build.codes(), ["symlink"; 3]);
    for (at, (file, why)) in [
        ("content/file.md", "leads out of content/"),
        ("content/folder", "leads out of content/"),
        ("content/gone.md", "leads nowhere"),
    ]
    .into_iter()
    .enumerate()
    {
        assert_eq!(build.told[at].file, file);
        build.told[at].says(why).nowhere().helps("put the file");
    }
    assert!(site.has("2024/11/05/good/index.html"), "the rest is built");
    assert!(site.outputs().values().all(|bytes| !String::from_utf8_lossy(bytes).contains("Secret")));
}

#[cfg(unix)]
#[test]
fn links_among_static_files() {
    let outside = tempfile::tempdir().expect("a folder");
    fs::write(outside.path().join("secret.txt"), "Secret").expect("written");
    let site = Site::new().link("static/out.txt", outside.path().join("secret.txt"));
    let build = site.build().faulty();
    assert!(!site.has("out.txt") && site.has("2024/11/05/good/index.html"));
    assert_eq!(build.only().file, "static/out.txt");
    build.only().code("symlink").says("not followed").helps("put the file");
}

#[cfg(unix)]
#[test]
fn links_in_circles_and_to_folders() {
    let site = Site::new()
        .with("content/news/a.md", story("A", "2024-11-06", "", ""))
        .link("content/news/circle", "..")
        .link("content/self.md", "self.md")
        .link("content/copy", "news");
    let build = site.build().faulty();
    let found: Vec<_> = build.told.iter().map(|told| (told.file.as_str(), told.code.as_str())).collect();
    let expected =
        [("content/copy", "symlink"), ("content/news/circle", "symlink"), ("content/self.md", "symlink")];
    assert_eq!(found, expected);
    build.told[0].says("folders are not followed");
    build.told[2].says("in a circle");
    assert_eq!(build.number("articles"), 2);
}

#[cfg(unix)]
#[test]
fn a_link_inside_the_content_is_a_file() {
    let site = Site::new().with("content/news/a.md", story("A", "2024-11-06", "", "Text."));
    site.link("content/b.md", "news/a.md").build().fine();
}

/// Pictures of an article come from the site alone.
#[cfg(unix)]
#[test]
fn pictures_from_outside() {
    let outside = tempfile::tempdir().expect("a folder");
    fs::write(outside.path().join("secret.png"), "Secret").expect("written");
    let body =
        "![a](../../secret.png)\n\n![b](/../secret.png)\n\n![c](link.png)\n\n![d](%2e%2e/%2e%2e/site.yaml)\n";
    let site = Site::new()
        .with("secret.png", "Secret")
        .with("content/news/a.md", story("A", "2024-11-06", "", body))
        .link("content/news/link.png", outside.path().join("secret.png"));
    let build = site.build();
    assert_eq!(
        build.codes(),
        ["missing-image", "missing-image", "missing-image", "missing-image", "symlink"]
    );
    let outputs = files(&site.path("public"));
    assert!(outputs.values().all(|bytes| !String::from_utf8_lossy(bytes).contains("Secret")));
    assert!(!outputs.keys().any(|path| path.ends_with(".png") || path.ends_with(".yaml")));
}

/// The picture that isn't there is pointed at, not the first text that reads like it.
#[test]
fn a_missing_picture_is_shown_where_it_is() {
    let body = "An a.png is a file.\n\n![b](../a.png)\n\n![a](a.png)\n";
    let site = Site::new().with("content/news/a.md", story("A", "2024-11-06", "", body));
    let build = site.build();
    assert_eq!(build.codes(), ["missing-image"; 2]);
    build.told[0].at(7, 6).shows("![b](../a.png)");
    build.told[1].at(9, 6).shows("![a](a.png)");
}

/// What isn't the program's is neither written over in silence nor removed.
#[test]
fn strangers_in_the_output_folder_stay() {
    let site = Site::new().with("public/CNAME", "test.example").with("public/2024/notes.txt", "mine");
    site.build().fine();
    site.remove("content/good.md");
    site.put("content/other.md", story("Other", "2023-01-01", "", ""));
    site.build().fine();
    assert!(!site.has("2024/11/05/good/index.html"));
    assert_eq!((site.page("CNAME").as_str(), site.page("2024/notes.txt").as_str()), ("test.example", "mine"));
}

/// Archives write letters beyond ASCII as percent-codes: in addresses and former ones they are the letters.
#[test]
fn percent_codes_are_letters() {
    let lines = "permalink: /2024/%D8%A7%DB%8C%D8%B1%D8%A7%D9%86/\naliases: [\"https://old.example/caf%C3%A9/\", /100%25/]\n";
    let site = Site::new().with("content/x.md", story("x", "2024-11-06", lines, ""));
    site.build().fine();
    for path in ["2024/ایران/index.html", "café/index.html", "100%/index.html"] {
        assert!(site.has(path), "{path}: {:#?}", site.paths());
    }
    for bad in ["/%2e%2e/x/", "/a/%2e%2e%2f%2e%2e/x/", "/%00/", "/a/%5cb/"] {
        site.put("content/x.md", story("x", "2024-11-06", &format!("permalink: \"{bad}\"\n"), ""));
        assert_eq!(site.build().codes(), ["bad-permalink"], "{bad}");
    }
}

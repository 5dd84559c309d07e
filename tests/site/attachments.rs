//! Files that articles show or link to: which are published, and that none runs a script.

use crate::harness::{SETTINGS, TestSite, article};

const SCRIPTED: &str = "<svg xmlns=\"http://www.w3.org/2000/svg\"><g onload=\"a()\"/></svg>";
const DRAWING: &str = "<svg xmlns=\"http://www.w3.org/2000/svg\"><path d=\"M0 0\"/></svg>";

fn site_with_files(files: &[(&str, &str)]) -> TestSite {
    let site = TestSite::new();
    let mut body = String::new();
    for (name, text) in files {
        site.write(&format!("content/2024/{name}"), *text);
        body.push_str(&format!("See [the file]({name}).\n\n![A drawing]({name})\n\n"));
    }
    site.write("content/2024/a.md", article("A", "2024-11-06", "", &body));
    site
}

#[test]
fn files_that_run_scripts_or_configure_hosts_are_not_published() {
    let files = [
        "map.xhtml",
        "map.js",
        "map.kml",
        ".htaccess",
        ".user.ini",
        "web.config",
        "map.shtml",
        "map.css",
    ];
    let site = site_with_files(&files.map(|name| (name, "<script>a()</script>")));
    site.write("content/2024/report.pdf", "%PDF-1.4");
    site.write(
        "content/2024/b.md",
        article("B", "2024-11-06", "", "[The report](report.pdf), [the sums](Sums.CSV)."),
    );
    site.write("content/2024/Sums.CSV", "a,b\n");
    assert!(site.build().codes().contains(&"asset-type"));
    for name in files {
        assert!(!site.has_output(&format!("2024/{name}")), "{name}");
    }
    assert!(site.has_output("2024/report.pdf") && site.has_output("2024/Sums.CSV"));
}

#[test]
fn drawings_with_scripts_are_published_only_by_sites_that_trust_articles() {
    let site = site_with_files(&[("evil.svg", SCRIPTED), ("map.svg", DRAWING)]);
    site.write("static/own.svg", SCRIPTED);
    assert!(site.build().codes().contains(&"svg-script"));
    assert!(!site.has_output("2024/evil.svg"));
    assert!(site.has_output("2024/map.svg") && site.has_output("own.svg"));

    site.write("site.yaml", format!("{SETTINGS}html: trusted\n"));
    site.build().assert_success();
    assert!(site.has_output("2024/evil.svg"));

    site.write("site.yaml", SETTINGS);
    assert!(site.build().codes().contains(&"svg-script"));
    assert!(!site.has_output("2024/evil.svg"), "it isn't left from the last build");
}

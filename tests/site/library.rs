//! The public API of the library, as a program uses it that depends on the crate.

use chrono::{TimeDelta, Utc};
use dateline::{BuildOptions, BuildTime, Error, Severity, Site, SiteOptions};

use crate::harness::article;
use crate::in_process::{site_dir, write_file};

/// A site with an article of yesterday, `yesterday.md`, and one of tomorrow, `tomorrow.md`.
fn site_with_scheduled_article() -> tempfile::TempDir {
    let folder = site_dir(&[]);
    for (name, days) in [("yesterday", -1), ("tomorrow", 1)] {
        let date = (Utc::now() + TimeDelta::days(days)).format("%Y-%m-%d").to_string();
        let lines = format!("permalink: /{name}/\n");
        write_file(
            folder.path(),
            &format!("content/{name}.md"),
            article(name, &date, &lines, "Text.\n"),
        );
    }
    folder
}

#[test]
fn a_build_with_default_options_publishes_what_is_due() {
    let folder = site_with_scheduled_article();
    let site = Site::load(SiteOptions::new(folder.path())).expect("a site");
    let report = dateline::build(&site, &BuildOptions::default(), &()).expect("built");
    assert_eq!(report.diagnostics, []);
    assert_eq!((report.articles, report.unpublished.scheduled), (1, 1));
    let has_page = |name: &str| folder.path().join("public").join(name).join("index.html").exists();
    assert!(has_page("yesterday") && !has_page("tomorrow"));
}

#[test]
fn the_time_of_a_build_can_be_set() {
    let folder = site_with_scheduled_article();
    let articles_at = |now: BuildTime| {
        let mut options = SiteOptions::new(folder.path());
        options.now = now;
        let site = Site::load(options)?;
        dateline::build(&site, &BuildOptions::default(), &()).map(|report| report.articles)
    };
    assert_eq!(articles_at(BuildTime::UnixSeconds(0)).ok(), Some(0));
    assert_eq!(articles_at(BuildTime::Date("2020-01-01".to_owned())).ok(), Some(0));
    assert_eq!(articles_at(BuildTime::Date("9999-01-01".to_owned())).ok(), Some(2));
    let error = articles_at(BuildTime::Date("soon".to_owned())).expect_err("not a date");
    assert!(matches!(error, Error::Usage(_)), "{error}");
}

/// Mistakes in settings reach every report without being passed on by hand.
#[test]
fn mistakes_in_settings_are_reported() {
    let folder = site_dir(&[("content/a.md", &article("A", "2024-11-05", "", "Text.\n"))]);
    write_file(folder.path(), "site.yaml", "title: T\nbase_url: https://t.example\nlanguag: en\n");
    let site = Site::load(SiteOptions::new(folder.path())).expect("a site");
    let build = dateline::build(&site, &BuildOptions::default(), &()).expect("built");
    let check = dateline::check(&site, dateline::CheckOptions::default(), &()).expect("checked");
    for diagnostics in [&site.mistakes, &build.diagnostics, &check.diagnostics] {
        let codes: Vec<&str> = diagnostics.iter().map(|diagnostic| diagnostic.code).collect();
        assert!(codes.contains(&"unknown-setting"), "{codes:?}");
    }
    assert_eq!(build.count(Severity::Error), 1);
}

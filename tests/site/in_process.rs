//! Builds through the library, in the test process: for tests that need hundreds of builds, or
//! results that only the library returns.

use std::fs;
use std::path::Path;

use dateline::{BuildOptions, BuildReport, BuildTime, Error, Site, SiteOptions};

use crate::harness::SETTINGS;

/// The time of these builds: 2025-01-01T00:00:00Z.
pub(crate) const NOW: i64 = 1_735_689_600;

/// Builds the site in a folder.
pub(crate) fn build_site(root: &Path) -> BuildReport {
    try_build_site(root, &SiteOptions::default(), &BuildOptions::default())
        .expect("there is no I/O error")
}

/// Loads the site in a folder.
pub(crate) fn load_site(root: &Path) -> Site {
    Site::load(options_at_now(root, &SiteOptions::default())).expect("there is no I/O error")
}

/// Returns options for the site in a folder, at the time of these builds.
fn options_at_now(root: &Path, options: &SiteOptions) -> SiteOptions {
    let mut options = options.clone();
    options.root = root.into();
    options.now = BuildTime::UnixSeconds(NOW);
    options
}

/// Builds the site in a folder, with options for the site (its root and time are set here) and for
/// the build.
pub(crate) fn try_build_site(
    root: &Path,
    site_options: &SiteOptions,
    build_options: &BuildOptions,
) -> Result<BuildReport, Error> {
    let site = Site::load(options_at_now(root, site_options))?;
    dateline::build(&site, build_options, &())
}

/// Creates a site with files.
pub(crate) fn site_dir(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder is created");
    write_file(folder.path(), "site.yaml", SETTINGS);
    for (path, text) in files {
        write_file(folder.path(), path, text);
    }
    folder
}

/// Writes a file, and creates its folders.
pub(crate) fn write_file(root: &Path, path: &str, text: impl AsRef<[u8]>) {
    let file = root.join(path);
    fs::create_dir_all(file.parent().expect("the path has a parent"))
        .expect("the folder is created");
    fs::write(file, text).expect("the file is written");
}

/// Returns the codes of all diagnostics.
pub(crate) fn reported_codes(report: &BuildReport) -> Vec<&str> {
    report.diagnostics.iter().map(|diagnostic| diagnostic.code).collect()
}

/// Returns the number of cases of a property test: `PROPTEST_CASES`, or the default.
pub(crate) fn case_count(default: u32) -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(default)
}

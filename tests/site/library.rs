//! Builds through the library, in this process: for tests that make hundreds of them, or that look at what only the library tells.

use std::fs;
use std::path::Path;

use dateline::build::{self, BuildReport, Progress};
use dateline::diagnostic::{Diagnostic, Error};
use dateline::site::{Options, Site};

use crate::harness::SETTINGS;

pub(crate) struct Silent;

impl Progress for Silent {
    fn expect(&self, _: usize) {}
    fn done(&self) {}
    fn waits(&self) {}
}

/// The moment that these builds live in: 2025-01-01T00:00:00Z.
pub(crate) const NOW: i64 = 1_735_689_600;

/// Builds the site in a folder.
pub(crate) fn run(root: &Path) -> BuildReport {
    try_run(root, &Options::default(), &build::Options::default()).expect("the machine plays along")
}

/// The site in a folder, with what is wrong with its settings.
pub(crate) fn load(root: &Path) -> (Site, Vec<Diagnostic>) {
    Site::load(Options { root: root.into(), now: NOW, ..Options::default() })
        .expect("the machine plays along")
}

/// Builds the site in a folder, with options for the site (its root and its moment are set here) and for the build.
pub(crate) fn try_run(root: &Path, site: &Options, how: &build::Options) -> Result<BuildReport, Error> {
    let options = Options { root: root.into(), now: NOW, ..site.clone() };
    let (site, mistakes) = Site::load(options)?;
    build::build(&site, mistakes, how, &Silent)
}

/// A site with these files.
pub(crate) fn site(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    put(folder.path(), "site.yaml", SETTINGS);
    for (path, text) in files {
        put(folder.path(), path, text);
    }
    folder
}

/// Writes a file, with the folders that it needs.
pub(crate) fn put(root: &Path, path: &str, text: impl AsRef<[u8]>) {
    let file = root.join(path);
    fs::create_dir_all(file.parent().expect("a folder")).expect("created");
    fs::write(file, text).expect("written");
}

/// The codes of all diagnostics.
pub(crate) fn codes(report: &BuildReport) -> Vec<&str> {
    report.diagnostics.iter().map(|diagnostic| diagnostic.code).collect()
}

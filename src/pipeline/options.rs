//! The options of a build.

/// The options of a build.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct BuildOptions {
    /// Render every page, even if nothing that it depends on has changed.
    pub force: bool,
    /// Compare the contents of every output file with the manifest, not only its size and time.
    pub verify: bool,
    /// Write nothing.
    pub dry_run: bool,
    /// Accept that published URLs no longer exist: their pages are removed, and they are deleted
    /// from the permalink registry.
    pub accept_removals: bool,
    /// List the paths of all files that are written or removed.
    pub list_changes: bool,
    /// The URLs or output paths of pages to be explained.
    pub explain: Vec<String>,
    /// Explain only: render no page and compare no file.
    pub explain_only: bool,
}

impl BuildOptions {
    pub(crate) fn write_mode(&self) -> WriteMode {
        if self.dry_run { WriteMode::DryRun } else { WriteMode::Write }
    }
}

/// The effect of a run on the file system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WriteMode {
    /// Files are written.
    Write,
    /// Nothing is written.
    DryRun,
}

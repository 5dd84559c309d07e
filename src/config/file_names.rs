//! The names of the files that a site consists of.

/// The name of the configuration file in the site's root.
pub(crate) const CONFIG_FILE: &str = "site.yaml";
/// The name of the folder of articles in the site's root.
pub(crate) const CONTENT_DIR: &str = "content";
/// The name of the permalink registry in the site's root.
pub(crate) const PERMALINK_REGISTRY_FILE: &str = "permalinks.txt";
/// The first line of a permalink registry. In byte order it comes before all URLs. Existing
/// registries have this text, so a change of it would change their first line.
pub(crate) const PERMALINK_REGISTRY_HEADER: &str = "# Every URL that was ever published. \
     Written by `dateline permalinks record`; `sort -u` merges two of them.\n";

/// Returns true if a path is that of a Markdown file: of an article, or of a term's page.
pub(crate) fn is_markdown_path(path: &str) -> bool {
    markdown_stem(path).is_some()
}

/// Returns the path of a Markdown file without its extension, `None` for other files. Extensions
/// are compared ignoring case: some systems write `.MD`.
pub(crate) fn markdown_stem(path: &str) -> Option<&str> {
    [".md", ".markdown"].iter().find_map(|extension| {
        let (stem, end) = path.split_at_checked(path.len().checked_sub(extension.len())?)?;
        end.eq_ignore_ascii_case(extension).then_some(stem)
    })
}

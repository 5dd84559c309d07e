//! The names of the files that a site consists of.

/// The name of the configuration file in the site's root.
pub(crate) const CONFIG_FILE: &str = "site.yaml";
/// The name of the folder of articles in the site's root.
pub(crate) const CONTENT_DIR: &str = "content";
/// The name of the permalink registry in the site's root.
pub(crate) const PERMALINK_REGISTRY_FILE: &str = "permalinks.txt";

/// Returns true if a path is that of a Markdown file: of an article, or of a term's page.
pub(crate) fn is_markdown_path(path: &str) -> bool {
    path.ends_with(".md") || path.ends_with(".markdown")
}

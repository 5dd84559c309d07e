//! References from articles to files of the site: images next to them, and files in `static/`.

use std::path::{Component, Path, PathBuf};

use super::attachments::is_publishable;
use super::browser_url::normalize;
use crate::config::{Site, is_markdown_path};
use crate::model::permalink::percent_decode_path;
use crate::model::redaction::PLACEHOLDER;
use crate::model::reserved_path::reserved_folder;
use crate::model::{Permalink, RedactionMatcher};

/// Marks a link to an article by its file, until the article's permalink is known. It begins with a
/// noncharacter (Unicode 16, section 23.7), so that it isn't a scheme that an author's URL can
/// have.
pub(crate) const ARTICLE_MARKER: &str = "\u{fdd0}article:";

/// The target of a URL in an article.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ReferenceTarget {
    /// Another site, or an anchor on the same page: kept as written.
    External,
    /// A file in `content/`, to be published with the article; its path below `content/`.
    Asset(String),
    /// A file in `static/` or a URL of the site; root-relative, without the site's own path.
    SitePath(String),
    /// A file that doesn't exist, or is outside the site.
    Missing,
    /// One of several files whose names are the same after redaction.
    Ambiguous,
}

/// Resolves the URL of an image. `article_path` is the article's path below `content/`, `matcher`
/// finds the names that were redacted in it: a URL with a placeholder refers to the file of
/// `content/` whose redacted name is the same.
pub(crate) fn resolve_reference(
    site: &Site,
    article_path: &str,
    url: &str,
    matcher: &RedactionMatcher,
) -> ReferenceTarget {
    let url = &*normalize(url);
    if url.is_empty() {
        return ReferenceTarget::Missing;
    }
    if url.starts_with("//") || url.starts_with('#') || has_scheme(url) {
        return ReferenceTarget::External;
    }
    let path = percent_decode_path(url.split(['?', '#']).next().unwrap_or_default());
    if path.contains(PLACEHOLDER) {
        return resolve_redacted_path(site, article_path, &path, matcher);
    }
    if let Some(absolute) = path.strip_prefix('/') {
        return match normalize_lexically(absolute) {
            Some(path) if site.static_dir.join(&path).is_file() => {
                ReferenceTarget::SitePath(format!("/{}", to_slash_path(&path)))
            }
            Some(path) if is_asset_inside(&site.content_dir, &path) => {
                ReferenceTarget::Asset(to_slash_path(&path))
            }
            _ => ReferenceTarget::Missing,
        };
    }
    let folder = article_path.rsplit_once('/').map_or("", |(folder, _)| folder);
    match normalize_lexically(&format!("{folder}/{path}")) {
        Some(path) if is_asset_inside(&site.content_dir, &path) => {
            ReferenceTarget::Asset(to_slash_path(&path))
        }
        _ => ReferenceTarget::Missing,
    }
}

/// A file that a URL may refer to, whether it exists or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CandidateFile {
    /// True if it is in `static/` rather than in `content/`.
    pub in_static: bool,
    /// The path below that folder.
    pub path: String,
}

/// Returns the files that [`resolve_reference`] looks for.
pub(crate) fn candidate_files(article_path: &str, url: &str) -> Vec<CandidateFile> {
    let url = &*normalize(url);
    if url.is_empty() || url.starts_with("//") || url.starts_with('#') || has_scheme(url) {
        return Vec::new();
    }
    let path = percent_decode_path(url.split(['?', '#']).next().unwrap_or_default());
    if let Some(absolute) = path.strip_prefix('/') {
        let path = normalize_lexically(absolute).map(|path| to_slash_path(&path));
        let candidates = path.map(|path| {
            [true, false].map(|in_static| CandidateFile { in_static, path: path.clone() })
        });
        return candidates.map_or(Vec::new(), Vec::from);
    }
    let folder = article_path.rsplit_once('/').map_or("", |(folder, _)| folder);
    normalize_lexically(&format!("{folder}/{path}"))
        .map(|path| CandidateFile { in_static: false, path: to_slash_path(&path) })
        .into_iter()
        .collect()
}

/// Resolves a path that contains placeholders.
fn resolve_redacted_path(
    site: &Site,
    article_path: &str,
    path: &str,
    matcher: &RedactionMatcher,
) -> ReferenceTarget {
    let folder = article_path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let base = if path.starts_with('/') { "" } else { folder };
    let mut resolved = PathBuf::from(base);
    for component in Path::new(path.trim_start_matches('/')).components() {
        match component {
            Component::Normal(name) => {
                match name.to_str().filter(|name| name.contains(PLACEHOLDER)) {
                    Some(name) => match entries_redacted_to(site, &resolved, name, matcher)[..] {
                        [ref entry_name] => resolved.push(entry_name),
                        [] => return ReferenceTarget::Missing,
                        _ => return ReferenceTarget::Ambiguous,
                    },
                    None => resolved.push(name),
                }
            }
            Component::CurDir | Component::RootDir => {}
            Component::ParentDir if resolved.pop() => {}
            Component::ParentDir | Component::Prefix(_) => return ReferenceTarget::Missing,
        }
    }
    if is_asset_inside(&site.content_dir, &resolved) {
        ReferenceTarget::Asset(to_slash_path(&resolved))
    } else {
        ReferenceTarget::Missing
    }
}

/// Returns the files and folders in a folder of `content/` that have a certain name after
/// redaction; at most two, which is enough to detect an ambiguity.
fn entries_redacted_to(
    site: &Site,
    folder: &Path,
    redacted_name: &str,
    matcher: &RedactionMatcher,
) -> Vec<String> {
    let folder = site.content_dir.join(folder);
    if !folder.canonicalize().is_ok_and(|real| real.starts_with(&site.content_dir)) {
        return Vec::new();
    }
    let entries = std::fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    let entries = entries.filter_map(|entry| entry.file_name().into_string().ok());
    entries.filter(|name| matcher.redact(name) == redacted_name).take(2).collect()
}

/// Returns the URL at which a file of `content/` is published with an article, without redacted
/// names; `None` if the file's name can't be part of a URL, or if files of its type aren't
/// published.
pub(crate) fn asset_url(asset_path: &str, matcher: &RedactionMatcher) -> Option<String> {
    let url = format!("/{}", matcher.redact_path(asset_path));
    let is_allowed = is_publishable(asset_path)
        && Permalink::new(&url).is_ok()
        && reserved_folder(&url).is_none();
    is_allowed.then_some(url)
}

/// Returns the path below `content/` that a URL in a file of `content/` refers to, relative to the
/// file or to the root; `None` if it is outside.
pub(crate) fn resolve_content_path(from_path: &str, url: &str) -> Option<String> {
    let path = percent_decode_path(url.split(['?', '#']).next().unwrap_or_default());
    if let Some(absolute) = path.strip_prefix("@/").or_else(|| path.strip_prefix('/')) {
        return normalize_lexically(absolute).map(|path| to_slash_path(&path));
    }
    let folder = from_path.rsplit_once('/').map_or("", |(folder, _)| folder);
    normalize_lexically(&format!("{folder}/{path}")).map(|path| to_slash_path(&path))
}

/// Returns true if a link refers to a file of the site that is published with the article: its name
/// has an extension that no page has.
pub(crate) fn is_file_link(url: &str) -> bool {
    let url = &*normalize(url);
    let is_local = !has_scheme(url) && !url.starts_with(['#', '?']) && !url.starts_with("//");
    let path = url.split(['?', '#']).next().unwrap_or_default();
    let extension =
        path.rsplit('/').next().and_then(|name| name.rsplit_once('.')).map(|(_, end)| end);
    let is_page_extension = |end: &str| {
        ["md", "markdown", "html", "htm", "xml", "php"]
            .iter()
            .any(|page| end.eq_ignore_ascii_case(page))
    };
    let is_extension =
        |end: &str| !end.is_empty() && end.bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_local && extension.is_some_and(|end| is_extension(end) && !is_page_extension(end))
}

/// Returns true if a URL has a scheme (RFC 3986, section 3.1).
pub(crate) fn has_scheme(url: &str) -> bool {
    scheme(url).is_some()
}

/// The scheme of a URL, if it has one.
pub(crate) fn scheme(url: &str) -> Option<&str> {
    let (scheme, _) = url.split_once(':')?;
    let is_scheme_char = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
    (scheme.starts_with(|c: char| c.is_ascii_alphabetic()) && scheme.chars().all(is_scheme_char))
        .then_some(scheme)
}

/// Resolves `.` and `..` without reading the file system; `None` if the path leaves its root.
fn normalize_lexically(path: &str) -> Option<PathBuf> {
    let mut normalized = PathBuf::new();
    for component in Path::new(path).components() {
        match component {
            Component::Normal(name) => normalized.push(name),
            Component::CurDir | Component::RootDir => {}
            Component::ParentDir if normalized.pop() => {}
            Component::ParentDir | Component::Prefix(_) => return None,
        }
    }
    Some(normalized)
}

/// Returns true if a path is a file in a folder, after symbolic links are resolved, and isn't an
/// article.
fn is_asset_inside(folder: &Path, path: &Path) -> bool {
    let file = folder.join(path);
    !path.to_str().is_some_and(is_markdown_path)
        && file.is_file()
        && file.canonicalize().is_ok_and(|real_path| real_path.starts_with(folder))
}

fn to_slash_path(path: &Path) -> String {
    let parts: Vec<_> =
        path.components().map(|component| component.as_os_str().to_string_lossy()).collect();
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dot_segments_are_resolved() {
        assert_eq!(normalize_lexically("2024/11/../a.png"), Some(PathBuf::from("2024/a.png")));
        assert_eq!(normalize_lexically("2024/../../etc/passwd"), None);
    }

    #[test]
    fn schemes_are_distinguished_from_paths() {
        assert_eq!(scheme("javascript:alert(1)"), Some("javascript"));
        assert_eq!(scheme("a/b:c"), None);
        assert_eq!(percent_decode_path("a%20b%zz"), "a b%zz");
    }

    #[test]
    fn root_relative_paths_are_resolved_below_the_root() {
        assert_eq!(
            resolve_content_path("2024/a.md", "../x/./c%20d.md#e").as_deref(),
            Some("x/c d.md")
        );
        assert_eq!(resolve_content_path("2024/a.md", "@/x/c.md").as_deref(), Some("x/c.md"));
        assert_eq!(resolve_content_path("2024/a.md", "/x/c.md").as_deref(), Some("x/c.md"));
        assert_eq!(resolve_content_path("a.md", "../x.md"), None);
    }

    #[test]
    fn files_are_distinguished_from_pages() {
        for file in ["file.pdf", "/files/a.mp3", "../b.PDF?x"] {
            assert!(is_file_link(file), "{file}");
        }
        for page in
            ["a.md", "https://x.example/a.pdf", "../", "/2024/", "#a.b", "a.html", "//x/y.pdf", "a"]
        {
            assert!(!is_file_link(page), "{page}");
        }
    }
}

//! What an article refers to inside the site: pictures beside it, files in `static/`.

use std::path::{Component, Path, PathBuf};

use crate::model::names::MARK;
use crate::model::permalink::decoded;
use crate::model::{Names, Permalink};
use crate::site::Site;

/// What an address in an article stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// Somewhere else, or a place in the same page: kept as written.
    Elsewhere,
    /// A file in `content/`, to be published with the article; its path below `content/`.
    Asset(String),
    /// A file in `static/` or an address of the site; root-relative, without the site's own path.
    OnSite(String),
    /// A file that should be there and isn't, or lies outside the site.
    Missing,
    /// One of several files whose names are the same once a story's names are taken out.
    Ambiguous,
}

/// Finds out what the address of a picture stands for. `article` is the article's path below `content/`, `names` what was taken out of it: an address with a
/// mark means the file of `content/` whose name is the same without them.
pub fn resolve(site: &Site, article: &str, address: &str, names: &Names) -> Target {
    let address = address.trim();
    if address.is_empty() {
        return Target::Missing;
    }
    if address.starts_with("//") || address.starts_with('#') || has_scheme(address) {
        return Target::Elsewhere;
    }
    let path = decoded(address.split(['?', '#']).next().unwrap_or_default());
    if path.contains(MARK) {
        return marked(site, article, &path, names);
    }
    if let Some(absolute) = path.strip_prefix('/') {
        return match normalise(absolute) {
            Some(path) if site.statics.join(&path).is_file() => {
                Target::OnSite(format!("/{}", slashes(&path)))
            }
            Some(path) if inside(&site.content, &path) => Target::Asset(slashes(&path)),
            _ => Target::Missing,
        };
    }
    let folder = article.rsplit_once('/').map_or("", |(folder, _)| folder);
    match normalise(&format!("{folder}/{path}")) {
        Some(path) if inside(&site.content, &path) => Target::Asset(slashes(&path)),
        _ => Target::Missing,
    }
}

/// The files that [`resolve`] looks at, found or not: whether in `static/` or in `content/`, and the path below it.
pub fn probed(article: &str, address: &str) -> Vec<(bool, String)> {
    let address = address.trim();
    if address.is_empty() || address.starts_with("//") || address.starts_with('#') || has_scheme(address) {
        return Vec::new();
    }
    let path = decoded(address.split(['?', '#']).next().unwrap_or_default());
    if let Some(absolute) = path.strip_prefix('/') {
        let path = normalise(absolute).map(|path| slashes(&path));
        return path.map_or(Vec::new(), |path| vec![(true, path.clone()), (false, path)]);
    }
    let folder = article.rsplit_once('/').map_or("", |(folder, _)| folder);
    normalise(&format!("{folder}/{path}")).map(|path| (false, slashes(&path))).into_iter().collect()
}

/// What a path with marks stands for.
fn marked(site: &Site, article: &str, path: &str, names: &Names) -> Target {
    let folder = article.rsplit_once('/').map_or("", |(folder, _)| folder);
    let from = if path.starts_with('/') { "" } else { folder };
    let mut found = PathBuf::from(from);
    for part in Path::new(path.trim_start_matches('/')).components() {
        match part {
            Component::Normal(name) => match name.to_str().filter(|name| name.contains(MARK)) {
                Some(name) => match named(site, &found, name, names)[..] {
                    [ref only] => found.push(only),
                    [] => return Target::Missing,
                    _ => return Target::Ambiguous,
                },
                None => found.push(name),
            },
            Component::CurDir | Component::RootDir => {}
            Component::ParentDir if found.pop() => {}
            Component::ParentDir | Component::Prefix(_) => return Target::Missing,
        }
    }
    if inside(&site.content, &found) { Target::Asset(slashes(&found)) } else { Target::Missing }
}

/// The files and folders in a folder of `content/` whose name is another one's once some names are taken out; two are enough to know that there are several.
fn named(site: &Site, folder: &Path, redacted: &str, names: &Names) -> Vec<String> {
    let folder = site.content.join(folder);
    if !folder.canonicalize().is_ok_and(|real| real.starts_with(&site.content)) {
        return Vec::new();
    }
    let entries = std::fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    let entries = entries.filter_map(|entry| entry.file_name().into_string().ok());
    entries.filter(|name| names.redact(name) == redacted).take(2).collect()
}

/// The address at which a file of `content/` is published by a story without some names; `None` if the file's name can't be one.
pub fn asset_address(asset: &str, names: &Names) -> Option<String> {
    let address = format!("/{}", names.redact_path(asset));
    Permalink::new(&address).is_ok().then_some(address)
}

/// The path that an address in a file of `content/` means, from `content/`: beside the file, or from the root. `None` if it leads out.
pub fn path_of(from: &str, address: &str) -> Option<String> {
    let path = decoded(address.split(['?', '#']).next().unwrap_or_default());
    if let Some(rooted) = path.strip_prefix("@/").or_else(|| path.strip_prefix('/')) {
        return normalise(rooted).map(|path| slashes(&path));
    }
    let folder = from.rsplit_once('/').map_or("", |(folder, _)| folder);
    normalise(&format!("{folder}/{path}")).map(|path| slashes(&path))
}

/// Whether the address of a link means a file of the site's own that is to be published with what links to it: its name has an extension
/// that no page has.
pub fn links_to_file(address: &str) -> bool {
    let local = !has_scheme(address) && !address.starts_with(['#', '?']) && !address.starts_with("//");
    let path = address.split(['?', '#']).next().unwrap_or_default();
    let extension = path.rsplit('/').next().and_then(|name| name.rsplit_once('.')).map(|(_, end)| end);
    let page = |end: &str| {
        ["md", "markdown", "html", "htm", "xml", "php"].iter().any(|page| end.eq_ignore_ascii_case(page))
    };
    let named = |end: &str| !end.is_empty() && end.bytes().all(|byte| byte.is_ascii_alphanumeric());
    local && extension.is_some_and(|end| named(end) && !page(end))
}

/// Whether an address has a scheme (RFC 3986, section 3.1).
pub fn has_scheme(address: &str) -> bool {
    scheme(address).is_some()
}

/// The scheme of an address, if it has one.
pub fn scheme(address: &str) -> Option<&str> {
    let (scheme, _) = address.split_once(':')?;
    let valid = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
    (scheme.starts_with(|c: char| c.is_ascii_alphabetic()) && scheme.chars().all(valid)).then_some(scheme)
}

/// Resolves `.` and `..` in words alone; `None` if the path leads out.
fn normalise(path: &str) -> Option<PathBuf> {
    let mut out = PathBuf::new();
    for part in Path::new(path).components() {
        match part {
            Component::Normal(name) => out.push(name),
            Component::CurDir | Component::RootDir => {}
            Component::ParentDir if out.pop() => {}
            Component::ParentDir | Component::Prefix(_) => return None,
        }
    }
    Some(out)
}

/// Whether a path is a file that lies in a folder, with every link followed, and isn't itself an article.
fn inside(folder: &Path, path: &Path) -> bool {
    let article = path.extension().is_some_and(|extension| extension == "md" || extension == "markdown");
    let file = folder.join(path);
    !article && file.is_file() && file.canonicalize().is_ok_and(|real| real.starts_with(folder))
}

fn slashes(path: &Path) -> String {
    let parts: Vec<_> = path.components().map(|part| part.as_os_str().to_string_lossy()).collect();
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_resolved_in_words() {
        assert_eq!(normalise("2024/11/../a.png"), Some(PathBuf::from("2024/a.png")));
        assert_eq!(normalise("2024/../../etc/passwd"), None);
    }

    #[test]
    fn schemes_are_told_from_paths() {
        assert_eq!(scheme("javascript:alert(1)"), Some("javascript"));
        assert_eq!(scheme("a/b:c"), None);
        assert_eq!(decoded("a%20b%zz"), "a b%zz");
    }

    #[test]
    fn paths_of_addresses_are_from_the_root() {
        assert_eq!(path_of("2024/a.md", "../x/./c%20d.md#e").as_deref(), Some("x/c d.md"));
        assert_eq!(path_of("2024/a.md", "@/x/c.md").as_deref(), Some("x/c.md"));
        assert_eq!(path_of("2024/a.md", "/x/c.md").as_deref(), Some("x/c.md"));
        assert_eq!(path_of("a.md", "../x.md"), None);
    }

    #[test]
    fn files_are_told_from_pages() {
        for file in ["file.pdf", "/files/a.mp3", "../b.PDF?x"] {
            assert!(links_to_file(file), "{file}");
        }
        for page in ["a.md", "https://x.example/a.pdf", "../", "/2024/", "#a.b", "a.html", "//x/y.pdf", "a"] {
            assert!(!links_to_file(page), "{page}");
        }
    }
}

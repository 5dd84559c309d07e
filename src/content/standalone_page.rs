//! Pages without a date, such as About: which files they are, and their URLs.

use serde_yaml::Value;

use super::front_matter::FrontMatter;
use crate::model::slug::slugify;

/// The folder of `content/` whose files are pages.
pub(crate) const PAGES_DIR: &str = "pages";

/// The key of front matter that makes any file a page, or a file of the folder an article.
pub(crate) const TYPE_KEY: &str = "type";

/// Returns true if a file is a page without a date: its type is `page`, or it is in the folder of
/// pages and its type isn't `article` or `post`.
pub(crate) fn is_standalone_page(front_matter: &FrontMatter, path: &str) -> bool {
    let written_type = front_matter.extra.get(TYPE_KEY).and_then(Value::as_str);
    match written_type.map(|written| written.trim().to_ascii_lowercase()).as_deref() {
        Some("page") => true,
        Some("article" | "post") => false,
        _ => is_in_pages_dir(path),
    }
}

/// Returns true if a path below `content/` is in the folder of pages.
pub(crate) fn is_in_pages_dir(path: &str) -> bool {
    path.strip_prefix(PAGES_DIR).is_some_and(|rest| rest.starts_with('/'))
}

/// Returns the URL path of a page: its folders below `content/pages/`, or below `content/`, and its
/// slug. `slug_of` turns the name of a folder into a slug.
pub(super) fn standalone_page_path(
    path: &str,
    slug: &str,
    slug_of: impl Fn(String) -> String,
) -> String {
    let below = if is_in_pages_dir(path) { &path[PAGES_DIR.len() + 1..] } else { path };
    let (folders, file) = below.rsplit_once('/').unwrap_or(("", below));
    // The folder of an `index` file is its name, from which the slug is made.
    let folders = if file.starts_with("index.") {
        folders.rsplit_once('/').map_or("", |(parent, _)| parent)
    } else {
        folders
    };
    let mut url_path = String::from("/");
    for folder in folders.split('/') {
        let folder = slug_of(slugify(folder));
        if !folder.is_empty() {
            url_path.push_str(&folder);
            url_path.push('/');
        }
    }
    url_path.push_str(slug);
    url_path.push('/');
    url_path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_has_the_url_of_its_path() {
        for (path, slug, expected) in [
            ("pages/about.md", "about", "/about/"),
            ("pages/about/index.md", "about", "/about/"),
            ("pages/Legal Notes/privacy.md", "privacy", "/legal-notes/privacy/"),
            ("pages/a/b/c/index.md", "c", "/a/b/c/"),
            ("contact.md", "contact", "/contact/"),
            ("world/contact.md", "contact", "/world/contact/"),
            ("pagesize.md", "pagesize", "/pagesize/"),
        ] {
            assert_eq!(standalone_page_path(path, slug, |slug| slug), expected, "{path}");
        }
    }
}

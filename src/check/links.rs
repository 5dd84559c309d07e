//! Resolves the URLs of links in pages.

use std::collections::HashSet;

use crate::content::references::scheme;
use crate::model::permalink::percent_decode_path;
use crate::model::slug::collision_key;
use crate::pipeline::{OutputId, SitePreview};
use crate::search;

/// The target of a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LinkTarget<'a> {
    /// A file of the site, and the fragment if there is one.
    Page(OutputId, Option<&'a str>),
    /// An anchor in the same page.
    SamePage(&'a str),
    /// A file of the site that isn't a page, or a redirect.
    File,
    /// Another site.
    External,
    /// A URL that isn't checked: mail, a script, data.
    Other,
    /// No file of the site has this URL.
    Broken,
}

/// Resolves the URLs of a site.
pub(super) struct LinkResolver<'a> {
    pub(super) preview: &'a SitePreview<'a>,
    redirects: HashSet<String>,
    /// The site's URL, without a final slash.
    base_url: &'a str,
    /// The path of the site's URL, with both slashes.
    base_path: &'a str,
}

impl<'a> LinkResolver<'a> {
    pub(super) fn new(preview: &'a SitePreview<'a>) -> Self {
        let site = preview.site();
        Self {
            preview,
            redirects: preview.redirect_sources(),
            base_url: &site.base_url,
            base_path: &site.base_path,
        }
    }

    /// Resolves a URL in the page at a path below the output folder.
    pub(super) fn resolve<'h>(&self, page: &str, href: &'h str) -> LinkTarget<'h> {
        let href = href.trim_matches(|c: char| c.is_ascii_whitespace());
        if let Some(fragment) = href.strip_prefix('#') {
            return LinkTarget::SamePage(fragment);
        }
        let relative = match self.strip_site_path(href) {
            Ok(relative) => relative,
            Err(other) => return other,
        };
        let (path, fragment) = relative
            .split_once('#')
            .map_or((relative, None), |(path, fragment)| (path, Some(fragment)));
        let path = path.split('?').next().unwrap_or_default();
        let Some(file) = self.output_path(page, path) else { return LinkTarget::Broken };
        if let Some(output) = self.preview.find_output(&file) {
            return LinkTarget::Page(output, fragment.filter(|fragment| !fragment.is_empty()));
        }
        let index_page = (!file.ends_with(".html"))
            .then(|| self.preview.find_output(&format!("{file}/index.html")))
            .flatten();
        if let Some(output) = index_page {
            return LinkTarget::Page(output, fragment.filter(|fragment| !fragment.is_empty()));
        }
        let is_search_file =
            file.strip_prefix(search::OUTPUT_DIR).is_some_and(|rest| rest.starts_with('/'));
        if is_search_file
            || self
                .redirects
                .contains(&collision_key(file.trim_end_matches("index.html").trim_matches('/')))
        {
            return LinkTarget::File;
        }
        LinkTarget::Broken
    }

    /// Returns the part of a URL below the site's base path, with a leading slash if the path is
    /// absolute; or the target if the URL is outside the site.
    fn strip_site_path<'h>(&self, href: &'h str) -> Result<&'h str, LinkTarget<'h>> {
        let path = match href.strip_prefix(self.base_url) {
            Some("") => "/",
            Some(rest) if rest.starts_with(['/', '#', '?']) => return Ok(rest),
            _ => href,
        };
        if path.starts_with("//") {
            return Err(LinkTarget::External);
        }
        match scheme(path) {
            Some(scheme)
                if scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https") =>
            {
                Err(LinkTarget::External)
            }
            Some(_) => Err(LinkTarget::Other),
            None => match path.strip_prefix('/') {
                None => Ok(path),
                // The final slash of the base path is the first one of the rest.
                Some(_) if path.starts_with(self.base_path) => {
                    Ok(&path[self.base_path.len() - 1..])
                }
                Some(_) if format!("{path}/") == self.base_path => Ok("/"),
                // The same host, but outside the site's base path.
                Some(_) => Err(LinkTarget::Other),
            },
        }
    }

    /// Returns the path of a file below the output folder; `None` if it is outside.
    fn output_path(&self, page: &str, path: &str) -> Option<String> {
        let path = percent_decode_path(path);
        let root_relative =
            path.strip_prefix('/').filter(|rest| !rest.contains("./") && !rest.contains("//"));
        let mut file = match root_relative {
            Some(rest) => rest.to_owned(),
            None if path.is_empty() => return Some(page.to_owned()),
            None => join_path(page, &path)?,
        };
        if file.is_empty() || file.ends_with('/') {
            file.push_str("index.html");
        }
        Some(file)
    }
}

/// Resolves a path, with its `.` and `..`, relative to the root or to the folder of a page.
fn join_path(page: &str, path: &str) -> Option<String> {
    let folder = page.rsplit_once('/').map_or("", |(folder, _)| folder);
    let base = if path.starts_with('/') { "" } else { folder };
    let mut parts: Vec<&str> = base.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            // Browsers stop at the root.
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    let folder = path.ends_with('/') || path.ends_with("/.") || path.ends_with("..") || path == ".";
    Some(format!("{}{}", parts.join("/"), if folder && !parts.is_empty() { "/" } else { "" }))
}

#[cfg(test)]
mod tests {
    use super::join_path;

    #[test]
    fn relative_paths_are_joined_as_browsers_do() {
        let page = "2024/11/05/talks/index.html";
        for (path, file) in [
            ("map.png", "2024/11/05/talks/map.png"),
            ("../other/", "2024/11/05/other/"),
            ("./", "2024/11/05/talks/"),
            ("../../../../../x", "x"),
            ("/a/../b/", "b/"),
            ("..", "2024/11/05/"),
        ] {
            assert_eq!(join_path(page, path).as_deref(), Some(file), "{path}");
        }
    }
}

//! Links: what an address in a page leads to.

use std::collections::HashSet;

use crate::content::references::scheme;
use crate::model::permalink::percent_decode_path;
use crate::model::slug::collision_key;
use crate::pipeline::{OutputId, SitePreview};
use crate::search;

/// What an address leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LinkTarget<'a> {
    /// A file of the site, and the place in it, if one is named.
    Page(OutputId, Option<&'a str>),
    /// A place in the same page.
    SamePage(&'a str),
    /// A file of the site that is no page, or an address that leads on.
    File,
    /// Out of the site, to be asked.
    External,
    /// Nothing that could be followed: mail, a script, data.
    Other,
    /// Nowhere.
    Broken,
}

/// Follows the addresses of a site.
pub(super) struct LinkResolver<'a> {
    preview: &'a SitePreview<'a>,
    redirects: HashSet<String>,
    /// The site's own address, without a final slash.
    base_url: &'a str,
    /// The site's path, with both slashes.
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

    /// Finds out where an address leads from the page at a path below the output folder. The
    /// address is as it stands in HTML.
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

    /// The part of an address that is below the site's path, with a slash before it if it was a
    /// whole path; or what else the address is.
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
                // The slash that ends the site's path begins the rest.
                Some(_) if path.starts_with(self.base_path) => {
                    Ok(&path[self.base_path.len() - 1..])
                }
                Some(_) if format!("{path}/") == self.base_path => Ok("/"),
                // Another part of the same host, which isn't of this site.
                Some(_) => Err(LinkTarget::Other),
            },
        }
    }

    /// The file below the output folder that a path means; none if it leads out.
    fn output_path(&self, page: &str, path: &str) -> Option<String> {
        let path = html_escape::decode_html_entities(path);
        let path = percent_decode_path(&path);
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

/// A path from the root, or from the folder of a page, with its `.` and `..` resolved.
fn join_path(page: &str, path: &str) -> Option<String> {
    let folder = page.rsplit_once('/').map_or("", |(folder, _)| folder);
    let base = if path.starts_with('/') { "" } else { folder };
    let mut parts: Vec<&str> = base.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            // Browsers stop at the root.
            ".." => drop(parts.pop()),
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

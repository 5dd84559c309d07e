//! Links: what an address in a page leads to.

use std::collections::HashSet;

use crate::build::{Planned, Preview};
use crate::content::references::scheme;
use crate::model::permalink::decoded;
use crate::model::slug::collision_key;
use crate::search;

/// What an address leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Target<'a> {
    /// A file of the site, and the place in it, if one is named.
    Page(Planned, Option<&'a str>),
    /// A place in the same page.
    Here(&'a str),
    /// A file of the site that is no page, or an address that leads on.
    File,
    /// Out of the site, to be asked.
    External,
    /// Nothing that could be followed: mail, a script, data.
    Other,
    /// Nowhere.
    Nothing,
}

/// Follows the addresses of a site.
pub(super) struct Follow<'a> {
    preview: &'a Preview<'a>,
    redirects: HashSet<String>,
    /// The site's own address, without a final slash.
    base: &'a str,
    /// The site's path, with both slashes.
    path: &'a str,
}

impl<'a> Follow<'a> {
    pub(super) fn new(preview: &'a Preview<'a>) -> Self {
        let site = preview.site();
        Self { preview, redirects: preview.redirects(), base: &site.base_url, path: &site.path }
    }

    /// Finds out where an address leads from the page at a path below the output folder. The address is as it stands in HTML.
    pub(super) fn follow<'h>(&self, page: &str, address: &'h str) -> Target<'h> {
        let address = address.trim_matches(|c: char| c.is_ascii_whitespace());
        if let Some(place) = address.strip_prefix('#') {
            return Target::Here(place);
        }
        let below = match self.below(address) {
            Ok(below) => below,
            Err(other) => return other,
        };
        let (path, place) = below.split_once('#').map_or((below, None), |(path, place)| (path, Some(place)));
        let path = path.split('?').next().unwrap_or_default();
        let Some(file) = self.file(page, path) else { return Target::Nothing };
        if let Some(planned) = self.preview.find(&file) {
            return Target::Page(planned, place.filter(|place| !place.is_empty()));
        }
        let folder =
            (!file.ends_with(".html")).then(|| self.preview.find(&format!("{file}/index.html"))).flatten();
        if let Some(planned) = folder {
            return Target::Page(planned, place.filter(|place| !place.is_empty()));
        }
        let of_search = file.strip_prefix(search::FOLDER).is_some_and(|rest| rest.starts_with('/'));
        if of_search
            || self.redirects.contains(&collision_key(file.trim_end_matches("index.html").trim_matches('/')))
        {
            return Target::File;
        }
        Target::Nothing
    }

    /// The part of an address that is below the site's path, with a slash before it if it was a whole path; or what else the address is.
    fn below<'h>(&self, address: &'h str) -> Result<&'h str, Target<'h>> {
        let path = match address.strip_prefix(self.base) {
            Some("") => "/",
            Some(rest) if rest.starts_with(['/', '#', '?']) => return Ok(rest),
            _ => address,
        };
        if path.starts_with("//") {
            return Err(Target::External);
        }
        match scheme(path) {
            Some(scheme) if scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https") => {
                Err(Target::External)
            }
            Some(_) => Err(Target::Other),
            None => match path.strip_prefix('/') {
                None => Ok(path),
                // The slash that ends the site's path begins the rest.
                Some(_) if path.starts_with(self.path) => Ok(&path[self.path.len() - 1..]),
                Some(_) if format!("{path}/") == self.path => Ok("/"),
                // Another part of the same host, which isn't of this site.
                Some(_) => Err(Target::Other),
            },
        }
    }

    /// The file below the output folder that a path means; none if it leads out.
    fn file(&self, page: &str, path: &str) -> Option<String> {
        let path = html_escape::decode_html_entities(path);
        let path = decoded(&path);
        let plain = path.strip_prefix('/').filter(|rest| !rest.contains("./") && !rest.contains("//"));
        let mut file = match plain {
            Some(rest) => rest.to_owned(),
            None if path.is_empty() => return Some(page.to_owned()),
            None => joined(page, &path)?,
        };
        if file.is_empty() || file.ends_with('/') {
            file.push_str("index.html");
        }
        Some(file)
    }
}

/// A path from the root, or from the folder of a page, with its `.` and `..` resolved.
fn joined(page: &str, path: &str) -> Option<String> {
    let folder = page.rsplit_once('/').map_or("", |(folder, _)| folder);
    let from = if path.starts_with('/') { "" } else { folder };
    let mut parts: Vec<&str> = from.split('/').filter(|part| !part.is_empty()).collect();
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
    use super::joined;

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
            assert_eq!(joined(page, path).as_deref(), Some(file), "{path}");
        }
    }
}

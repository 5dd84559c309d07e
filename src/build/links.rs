//! Links: what stories link to other stories that aren't there. It can be told only once all are known, and is told in each build.

use rayon::prelude::*;

use crate::catalog::Catalog;
use crate::catalog::record::Flags;
use crate::content::read;
use crate::content::references::path_of;
use crate::content::shortcodes::STORY_SCHEME;
use crate::diagnostic::{Diagnostic, Place};
use crate::site::Site;

/// A warning for each link that leads to no story.
pub(super) fn check(site: &Site, catalog: &Catalog) -> Vec<Diagnostic> {
    let rows = catalog.all().into_par_iter();
    let linking = rows.map(|row| catalog.story(row)).filter(|story| story.flags().has(Flags::LINKS));
    let stories =
        linking.flat_map_iter(|story| check_file(site, catalog, &story.path(), &story.details().links));
    let mut warnings: Vec<Diagnostic> = stories.collect();
    for page in catalog.own_pages() {
        let links: Vec<&str> = page.links.iter().map(String::as_str).collect();
        warnings.extend(check_file(site, catalog, &page.path, &links));
    }
    warnings
}

fn check_file(site: &Site, catalog: &Catalog, path: &str, links: &[&str]) -> Vec<Diagnostic> {
    let targets = links.iter().map(|link| link.strip_prefix(STORY_SCHEME).unwrap_or(link));
    let missing: Vec<&str> = targets.filter(|link| catalog.find(link, path).is_none()).collect();
    if missing.is_empty() {
        return Vec::new();
    }
    // Only for the place: the page is rendered from what is read again.
    let text = read::text(site, path);
    missing.into_iter().map(|link| warning(site, path, link, &text)).collect()
}

fn warning(site: &Site, path: &str, link: &str, text: &str) -> Diagnostic {
    let named = text.find(&format!("]({link}")).map(|at| at + 2);
    let at = named.or_else(|| text.rfind(link));
    let held = [path, ""].iter().filter_map(|from| path_of(from, link)).any(|path| {
        let file = site.content.join(path);
        file.is_file() || file.with_extension("md").is_file()
    });
    let (message, help) = match held {
        true => (
            format!("the story `{link}` is not published"),
            "it is held back or has a mistake of its own; until it is published, the link's text stands alone",
        ),
        false => (
            format!("there is no story `{link}`"),
            "write the path of its file from content/, or the file's name if only one has it; the link's text stands alone",
        ),
    };
    let file = format!("content/{path}");
    let place = at.map(|at| Place::at(text, at, link.len()));
    Diagnostic::warning("missing-story", file, message).at(place).help(help)
}

//! Finds links to articles that don't exist. This is possible only when all articles are known, and
//! each build reports them again.

use rayon::prelude::*;

use crate::archive::Catalog;
use crate::archive::record::Flags;
use crate::config::Site;
use crate::content::read;
use crate::content::references::ARTICLE_MARKER;
use crate::content::references::resolve_content_path;
use crate::diagnostics::{Diagnostic, Location};
use crate::model::permalink::percent_decode_path;

/// Returns a warning for each link to an article that doesn't exist.
pub(crate) fn check(site: &Site, catalog: &Catalog) -> Vec<Diagnostic> {
    let ids = catalog.ids().into_par_iter();
    let linking_articles =
        ids.map(|id| catalog.article(id)).filter(|article| article.flags().contains(Flags::LINKS));
    let article_warnings = linking_articles.flat_map_iter(|article| {
        check_file(site, catalog, &article.path(), &article.details().links)
    });
    let mut warnings: Vec<Diagnostic> = article_warnings.collect();
    for page in catalog.all_term_pages() {
        let links: Vec<&str> = page.links.iter().map(String::as_str).collect();
        warnings.extend(check_file(site, catalog, &page.path, &links));
    }
    warnings
}

fn check_file(site: &Site, catalog: &Catalog, path: &str, links: &[&str]) -> Vec<Diagnostic> {
    let targets = links.iter().map(|link| match link.strip_prefix(ARTICLE_MARKER) {
        Some(path) => percent_decode_path(path).into_owned(),
        None => (*link).to_owned(),
    });
    let missing: Vec<String> = targets.filter(|link| catalog.find(link, path).is_none()).collect();
    if missing.is_empty() {
        return Vec::new();
    }
    // Only for the position of the link; rendering reads the file again.
    let text = read::read_text_or_empty(site, path);
    missing.iter().map(|link| missing_article_warning(site, path, link, &text)).collect()
}

fn missing_article_warning(site: &Site, path: &str, link: &str, text: &str) -> Diagnostic {
    let link_offset = text.find(&format!("]({link}")).map(|offset| offset + 2);
    let offset = link_offset.or_else(|| text.rfind(link));
    let file_exists =
        [path, ""].iter().filter_map(|from| resolve_content_path(from, link)).any(|path| {
            let file = site.content_dir.join(path);
            file.is_file() || file.with_extension("md").is_file()
        });
    let (message, help) = match file_exists {
        true => (
            format!("the article `{link}` is not published"),
            "it is a draft, scheduled, expired, or has an error; until it is published, \
             the text appears without a link",
        ),
        false => (
            format!("there is no article `{link}`"),
            "write the path of its file below content/, or its file name if no other file \
             has that name; until then, the text appears without a link",
        ),
    };
    let file = format!("content/{path}");
    let location = offset.map(|offset| Location::from_span(text, offset, link.len()));
    Diagnostic::warning("missing-story", file, message).location(location).help(help)
}

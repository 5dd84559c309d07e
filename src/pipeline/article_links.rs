//! Finds links to articles that don't exist. This is possible only when all articles are known, and
//! each build reports them again.

use rayon::prelude::*;

use super::url_positions::{UrlPositions, UrlRole};
use crate::archive::record::Flags;
use crate::archive::{ArticleId, Catalog};
use crate::config::Site;
use crate::content::read;
use crate::content::references::ARTICLE_MARKER;
use crate::content::references::resolve_content_path;
use crate::diagnostics::Diagnostic;
use crate::model::permalink::percent_decode_path;
use crate::pages::SiteView;
use crate::permalinks::BrokenLink;

/// Returns the links to files that no article has, in the order of the articles and term pages.
pub(crate) fn find_broken_links(catalog: &Catalog) -> Vec<BrokenLink> {
    let ids = catalog.ids_with_pages().into_par_iter();
    let linking_articles =
        ids.map(|id| catalog.article(id)).filter(|article| article.flags().contains(Flags::LINKS));
    let in_articles = linking_articles.flat_map_iter(|article| {
        broken_links_of(catalog, &article.path(), &article.details().links)
    });
    let mut broken: Vec<BrokenLink> = in_articles.collect();
    for page in catalog.all_term_pages() {
        let links: Vec<&str> = page.links.iter().map(String::as_str).collect();
        broken.extend(broken_links_of(catalog, &page.path, &links));
    }
    broken
}

fn broken_links_of(catalog: &Catalog, path: &str, links: &[&str]) -> Vec<BrokenLink> {
    let targets = links.iter().map(|link| match link.strip_prefix(ARTICLE_MARKER) {
        Some(path) => percent_decode_path(path).into_owned(),
        None => (*link).to_owned(),
    });
    let broken = targets.filter(|link| catalog.find(link, path).is_none());
    broken.map(|link| BrokenLink { from: path.to_owned(), link }).collect()
}

/// Returns a warning for each broken link: the article has another file now, or doesn't exist.
pub(crate) fn check(view: &SiteView<'_>) -> Vec<Diagnostic> {
    let links = view.broken_links.links.as_slice();
    let files = links.chunk_by(|a, b| a.from == b.from);
    let warnings = files.flat_map(|links| {
        // Only for the positions of the links; rendering reads the file again.
        let text = read::read_text_or_empty(view.site, &links[0].from);
        let mut positions = UrlPositions::new(&text, UrlRole::Link);
        let mut warning = |link: &BrokenLink| {
            let warning = match view.broken_links.find(&link.link, &link.from) {
                Some(article) => renamed_file_warning(view.catalog, link, article),
                None => missing_article_warning(view.site, &link.from, &link.link),
            };
            warning.location(positions.find(&link.link))
        };
        links.iter().map(&mut warning).collect::<Vec<_>>()
    });
    warnings.collect()
}

fn renamed_file_warning(
    catalog: &Catalog,
    BrokenLink { from, link }: &BrokenLink,
    article: ArticleId,
) -> Diagnostic {
    let new_file = catalog.article(article).path();
    let message = format!("the article `{link}` is now `content/{new_file}`");
    let anchor = link.find(['#', '?']).map_or("", |at| &link[at..]);
    let help = format!(
        "write `/{new_file}{anchor}`; the page links to the article, which the permalink registry \
         recognizes"
    );
    Diagnostic::warning("renamed-file", format!("content/{from}"), message).help(help)
}

fn missing_article_warning(site: &Site, path: &str, link: &str) -> Diagnostic {
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
    Diagnostic::warning("missing-story", file, message).help(help)
}

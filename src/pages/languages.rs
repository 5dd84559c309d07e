//! The languages of a site that have a front page of their own.

use tera::Value;

use super::values::map;
use crate::archive::{ArticleId, Catalog, LangId};
use crate::config::Site;
use crate::templates::{Languages, direction};

/// The number of articles on a language's front page.
pub(super) const FRONT_PAGE_ARTICLES: usize = 30;

/// Returns the languages that have a front page, by tag: those of articles except the site's own.
pub(crate) fn languages_with_front_page(site: &Site, catalog: &Catalog) -> Vec<(String, LangId)> {
    let by_tag = catalog.languages().iter().zip(0..);
    let with_front_page = by_tag.filter(|(tag, id)| {
        **tag != site.config.language && can_be_top_level_dir(tag) && catalog.has_articles_in(*id)
    });
    let mut languages: Vec<(String, LangId)> =
        with_front_page.map(|(tag, id)| (tag.clone(), id)).collect();
    languages.sort();
    languages
}

/// Returns whether a tag can name a folder in the site's root: it begins with two or three letters
/// (BCP 47, section 2.2.1).
fn can_be_top_level_dir(tag: &str) -> bool {
    let primary = tag.split('-').next().unwrap_or(tag);
    matches!(primary.len(), 2 | 3) && primary.bytes().all(|byte| byte.is_ascii_alphabetic())
}

/// Returns a language's name in itself; its tag if there is no interface text in that language.
pub(super) fn display_name(tag: &str, languages: &Languages) -> String {
    let messages = languages.get(tag);
    let is_same_language = tag
        .strip_prefix(messages.lang())
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('-'));
    messages.find("language_name").filter(|_| is_same_language).unwrap_or(tag).to_owned()
}

/// Returns `{name, url, lang, dir}` of each language that has a front page.
pub(super) fn front_page_links(
    site: &Site,
    catalog: &Catalog,
    messages_by_language: &Languages,
) -> Vec<Value> {
    let links = languages_with_front_page(site, catalog).into_iter().map(|(tag, _)| {
        let url = site.href(&format!("/{tag}/"));
        Value::from(map! {
            "name" => display_name(&tag, messages_by_language),
            "url" => url,
            "dir" => direction(&tag),
            "lang" => tag,
        })
    });
    links.collect()
}

/// Returns the newest articles in each language, newest first, as many as its front page or its
/// feed shows. One pass finds them, however many languages there are.
pub(super) fn latest_by_language(site: &Site, catalog: &Catalog) -> Vec<Vec<ArticleId>> {
    let limit = site
        .config
        .outputs
        .feeds
        .as_ref()
        .map_or(FRONT_PAGE_ARTICLES, |feeds| feeds.articles.max(FRONT_PAGE_ARTICLES));
    let mut latest = vec![Vec::new(); catalog.languages().len()];
    let mut incomplete = latest.len();
    for id in catalog.ids().rev() {
        let ids: &mut Vec<ArticleId> = &mut latest[catalog.article(id).lang_id() as usize];
        if ids.len() < limit {
            ids.push(id);
            incomplete -= usize::from(ids.len() == limit);
        }
        if incomplete == 0 {
            break;
        }
    }
    latest
}

//! The front page and the feed of a language other than the site's.

use tera::{Context, Value};

use super::teaser::localized_teaser;
use super::{Page, SiteView, add_teaser_inputs, map};
use crate::archive::{ArticleId, Catalog, LangId};
use crate::config::Site;
use crate::model::Inputs;
use crate::templates::{Languages, direction};

/// How many stories its front page shows.
const FRONT_PAGE_ARTICLES: usize = 30;

/// The languages that have a front page, by tag: those of stories, but for the site's own.
pub(crate) fn languages_with_front_page(site: &Site, catalog: &Catalog) -> Vec<(String, LangId)> {
    let by_tag = catalog.languages().iter().zip(0..);
    let with_front_page =
        by_tag.filter(|(tag, _)| **tag != site.config.language && can_be_top_level_dir(tag));
    let mut languages: Vec<(String, LangId)> =
        with_front_page.map(|(tag, id)| (tag.clone(), id)).collect();
    languages.sort();
    languages
}

/// Whether a tag can be a folder at the top: it begins with a language's two or three letters (BCP
/// 47, section 2.2.1).
fn can_be_top_level_dir(tag: &str) -> bool {
    let primary = tag.split('-').next().unwrap_or(tag);
    matches!(primary.len(), 2 | 3) && primary.bytes().all(|byte| byte.is_ascii_alphabetic())
}

/// A language's name for itself; its tag, if the interface has no words in it.
pub(super) fn display_name(tag: &str, languages: &Languages) -> String {
    let messages = languages.get(tag);
    let is_same_language = tag
        .strip_prefix(messages.lang())
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('-'));
    messages.find("language_name").filter(|_| is_same_language).unwrap_or(tag).to_owned()
}

/// `{name, url, lang, dir}` of each language that has a front page.
pub(super) fn front_page_links(
    site: &Site,
    catalog: &Catalog,
    messages_by_language: &Languages,
) -> Vec<Value> {
    let links = languages_with_front_page(site, catalog).into_iter().map(|(tag, _)| {
        let url = site.href(&format!("/{tag}/"));
        Value::from(
            map! { "name" => display_name(&tag, messages_by_language), "url" => url, "dir" => direction(&tag), "lang" => tag },
        )
    });
    links.collect()
}

/// The newest stories in each language, by its number, newest first, as many as its front page or
/// its feed shows: found in one pass, however many languages there are.
pub(super) fn latest_by_language(site: &Site, catalog: &Catalog) -> Vec<Vec<ArticleId>> {
    let limit = site
        .config
        .outputs
        .feeds
        .as_ref()
        .map_or(FRONT_PAGE_ARTICLES, |feeds| feeds.stories.max(FRONT_PAGE_ARTICLES));
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

pub(super) fn add_inputs(lang: LangId, view: &SiteView<'_>, inputs: &mut Inputs) {
    add_teaser_inputs(view.latest_in(lang).take(FRONT_PAGE_ARTICLES), view, inputs);
}

pub(super) fn context(page: &Page, lang: LangId, view: &SiteView<'_>) -> Context {
    let tag = view.catalog.languages()[lang as usize].as_str();
    let messages = view.templates.languages.get(tag);
    let name = display_name(tag, &view.templates.languages);
    let mut context = view.context(page, &name, None, tag, Vec::new());
    let articles = view
        .latest_in(lang)
        .take(FRONT_PAGE_ARTICLES)
        .map(|id| Value::from(localized_teaser(&view.catalog.article(id), view, &messages)));
    let articles: Vec<Value> = articles.collect();
    context.insert_value("name", Value::from(name));
    context.insert_value("articles", Value::from(articles));
    context.insert_value(
        "feeds",
        Value::from(super::outputs::feed_links(view.site, &format!("/{tag}"))),
    );
    context
}

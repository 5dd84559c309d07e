//! The front page and the feed of a language other than the site's.

use tera::{Context, Value};

use super::teaser::teaser_in;
use super::{Page, View, map, teasers_of};
use crate::catalog::{Catalog, LangId, RowId};
use crate::model::Inputs;
use crate::site::Site;
use crate::templates::{Languages, direction};

/// How many stories its front page shows.
const LATEST: usize = 30;

/// The languages that have a front page, by tag: those of stories, but for the site's own.
pub fn languages(site: &Site, catalog: &Catalog) -> Vec<(String, LangId)> {
    let of_stories = catalog.languages().iter().zip(0..);
    let own = of_stories.filter(|(tag, _)| **tag != site.config.language && has_address(tag));
    let mut languages: Vec<(String, LangId)> = own.map(|(tag, id)| (tag.clone(), id)).collect();
    languages.sort();
    languages
}

/// Whether a tag can be a folder at the top: it begins with a language's two or three letters (BCP 47, section 2.2.1).
fn has_address(tag: &str) -> bool {
    let main = tag.split('-').next().unwrap_or(tag);
    matches!(main.len(), 2 | 3) && main.bytes().all(|byte| byte.is_ascii_alphabetic())
}

/// A language's name for itself; its tag, if the interface has no words in it.
pub(super) fn name(tag: &str, languages: &Languages) -> String {
    let words = languages.get(tag);
    let same = tag.strip_prefix(words.lang()).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'));
    words.find("language_name").filter(|_| same).unwrap_or(tag).to_owned()
}

/// `{name, url, lang, dir}` of each language that has a front page.
pub(super) fn links(site: &Site, catalog: &Catalog, words: &Languages) -> Vec<Value> {
    let links = languages(site, catalog).into_iter().map(|(tag, _)| {
        let url = site.href(&format!("/{tag}/"));
        Value::from(
            map! { "name" => name(&tag, words), "url" => url, "dir" => direction(&tag), "lang" => tag },
        )
    });
    links.collect()
}

/// The newest stories in each language, by its number, newest first, as many as its front page or its feed shows: found in one pass, however many
/// languages there are.
pub(super) fn latest(site: &Site, catalog: &Catalog) -> Vec<Vec<RowId>> {
    let many = site.config.machines.feeds.as_ref().map_or(LATEST, |feeds| feeds.stories.max(LATEST));
    let mut latest = vec![Vec::new(); catalog.languages().len()];
    let mut wanting = latest.len();
    for row in catalog.all().rev() {
        let rows: &mut Vec<RowId> = &mut latest[catalog.story(row).lang_id() as usize];
        if rows.len() < many {
            rows.push(row);
            wanting -= usize::from(rows.len() == many);
        }
        if wanting == 0 {
            break;
        }
    }
    latest
}

pub(super) fn inputs(lang: LangId, view: &View<'_>, inputs: &mut Inputs) {
    teasers_of(view.latest(lang).take(LATEST), view, inputs);
}

pub(super) fn context(page: &Page, lang: LangId, view: &View<'_>) -> Context {
    let tag = view.catalog.languages()[lang as usize].as_str();
    let words = view.templates.languages.get(tag);
    let name = name(tag, &view.templates.languages);
    let mut context = view.context(page, &name, None, tag, Vec::new());
    let stories = view
        .latest(lang)
        .take(LATEST)
        .map(|row| Value::from(teaser_in(&view.catalog.story(row), view, &words)));
    let stories: Vec<Value> = stories.collect();
    context.insert_value("name", Value::from(name));
    context.insert_value("stories", Value::from(stories));
    context.insert_value("feeds", Value::from(super::machines::feed_links(view.site, &format!("/{tag}"))));
    context
}

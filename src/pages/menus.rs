//! The menus of the masthead and the footer.

use std::collections::HashSet;

use tera::Value;

use super::values::map;
use crate::archive::Catalog;
use crate::config::{CONFIG_FILE, MenuEntry, Site};
use crate::diagnostics::Diagnostic;

/// The file from which the pages of menus are found: a path is relative to its folder, or to
/// `content/`.
const MENU_FILE: &str = "pages/_";

/// Returns the menus as templates see them: the entries of the masthead and of the footer, by the
/// language of the page. `None` if there are none.
pub(super) fn menu_values(site: &Site, catalog: &Catalog) -> Option<Value> {
    let menus = &site.config.menus;
    if menus.masthead.is_empty() && menus.footer.is_empty() {
        return None;
    }
    let mut langs: Vec<&str> = catalog.languages().iter().map(String::as_str).collect();
    langs.push(&site.config.language);
    langs.sort_unstable();
    langs.dedup();
    let by_lang = |entries: &[MenuEntry]| {
        let lists = langs.iter().map(|lang| {
            let menu = Menu { site, catalog, lang };
            (tera::value::Key::from((*lang).to_owned()), Value::from(menu.entries(entries)))
        });
        Value::from(lists.collect::<tera::Map>())
    };
    Some(Value::from(map! {
        "masthead" => by_lang(&menus.masthead),
        "footer" => by_lang(&menus.footer),
    }))
}

/// A menu in a language.
struct Menu<'a> {
    site: &'a Site,
    catalog: &'a Catalog,
    lang: &'a str,
}

/// The target of an entry: its URL, and its title.
struct Target<'a> {
    url: String,
    title: &'a str,
}

impl Menu<'_> {
    fn entries(&self, entries: &[MenuEntry]) -> Vec<Value> {
        let shown = entries.iter().filter(|entry| {
            entry.lang.as_ref().is_none_or(|lang| lang.eq_ignore_ascii_case(self.lang))
        });
        shown.filter_map(|entry| self.entry(entry)).collect()
    }

    /// Returns `{name, url, children}`; `None` for an entry whose page doesn't exist.
    fn entry(&self, entry: &MenuEntry) -> Option<Value> {
        let target = self.target(entry);
        let children = self.entries(&entry.children);
        if target.is_none() && children.is_empty() {
            return None;
        }
        let name = entry
            .name
            .as_ref()
            .and_then(|name| name.get(self.lang, &self.site.config.language).map(str::to_owned));
        let name = name.or_else(|| Some(target.as_ref()?.title.to_owned()))?;
        let url = target.map(|target| target.url);
        Some(Value::from(map! { "name" => name, "url" => url, "children" => children }))
    }

    fn target(&self, entry: &MenuEntry) -> Option<Target<'_>> {
        if let Some(url) = &entry.url {
            let url = if url.starts_with('/') { self.site.href(url) } else { url.clone() };
            return Some(Target { url, title: "" });
        }
        let page = self.catalog.find(entry.page.as_deref()?, MENU_FILE)?;
        let is_in_lang = |id: &u32| self.catalog.article(*id).lang() == self.lang;
        let translation = page.translations().find(is_in_lang);
        let page = translation.map_or(page, |id| self.catalog.article(id));
        Some(Target { url: self.site.href(page.permalink()), title: page.title() })
    }
}

/// Returns the URLs of the entries of all menus that are paths of the site.
pub(super) fn menu_urls(site: &Site, catalog: &Catalog) -> HashSet<String> {
    let mut urls = HashSet::new();
    for entry in site.config.menus.entries() {
        if let Some(url) = entry.url.as_ref().filter(|url| url.starts_with('/')) {
            urls.insert(site.href(url));
        }
        let page = entry.page.as_ref().and_then(|page| catalog.find(page, MENU_FILE));
        if let Some(page) = page {
            let translations = page.translations().map(|id| catalog.article(id));
            let all = translations.chain([page]).map(|page| site.href(page.permalink()));
            urls.extend(all);
        }
    }
    urls
}

/// Reports the entries of menus whose page doesn't exist or isn't published.
pub(crate) fn check_menus(site: &Site, catalog: &Catalog) -> Vec<Diagnostic> {
    let is_missing = |entry: &&MenuEntry| {
        entry.page.as_ref().is_some_and(|page| catalog.find(page, MENU_FILE).is_none())
    };
    let missing = site.config.menus.entries().filter(is_missing);
    let report = |entry: &MenuEntry| {
        let page = entry.page.as_deref().unwrap_or_default();
        let message = format!("menus: there is no page `{page}`, or it isn't published");
        let help = "write the path of its file below content/pages/ or content/, such as \
                    `about.md`; until then, the menu has no such entry";
        Diagnostic::warning("missing-page", CONFIG_FILE, message)
            .location(site.menu_location(entry))
            .help(help)
    };
    missing.map(report).collect()
}

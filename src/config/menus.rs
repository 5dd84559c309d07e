//! The setting `menus`: the links of the masthead and the footer.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::settings_reader::SettingsReader;
use crate::diagnostics::Location;

/// The menus of a site.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Menus {
    /// True if the masthead has the sections, before its own entries.
    pub sections: bool,
    /// The entries of the masthead.
    pub masthead: Vec<MenuEntry>,
    /// The entries of the footer.
    pub footer: Vec<MenuEntry>,
}

impl Default for Menus {
    fn default() -> Self {
        Self { sections: true, masthead: Vec::new(), footer: Vec::new() }
    }
}

/// An entry of a menu.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct MenuEntry {
    /// The text of the link; by default the title of the page.
    pub name: Option<LocalizedText>,
    /// The file of a page or an article, relative to `content/pages/` or `content/`.
    pub page: Option<String>,
    /// A URL, or a path below the site's root.
    pub url: Option<String>,
    /// The only language in which the entry is shown.
    pub lang: Option<String>,
    /// Entries below this one, which have no entries below them.
    #[serde(default)]
    pub children: Vec<MenuEntry>,
}

/// A text, or a text for each language.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(untagged)]
pub(crate) enum LocalizedText {
    /// The text in all languages.
    Text(String),
    /// The texts by language tag.
    ByLanguage(BTreeMap<String, String>),
}

impl LocalizedText {
    /// Returns the text in a language, or else in the site's, or else in the first one.
    pub(crate) fn get(&self, lang: &str, site_lang: &str) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::ByLanguage(texts) => {
                let found = [lang, site_lang].into_iter().find_map(|lang| texts.get(lang));
                found.or_else(|| texts.values().next()).map(String::as_str)
            }
        }
    }
}

impl Menus {
    /// Returns the entries of both menus, each followed by those below it.
    pub(crate) fn entries(&self) -> impl Iterator<Item = &MenuEntry> {
        let entries = self.masthead.iter().chain(&self.footer);
        entries.flat_map(|entry| std::iter::once(entry).chain(&entry.children))
    }

    /// Returns true if a menu shows values of content files.
    pub(crate) fn names_pages(&self) -> bool {
        self.entries().any(|entry| entry.page.is_some())
    }
}

/// Reads the setting `menus`. Entries with a mistake are left out and reported.
pub(super) fn read_menus(reader: &mut SettingsReader<'_>) -> Menus {
    let mut menus: Menus = reader.read("menus").unwrap_or_default();
    for entries in [&mut menus.masthead, &mut menus.footer] {
        for entry in &mut *entries {
            let is_valid = |child: &MenuEntry| {
                let mistake = (!child.children.is_empty())
                    .then_some("an entry below another one has no `children`")
                    .or_else(|| mistake_of(child));
                report(reader, child, mistake)
            };
            entry.children.retain(is_valid);
        }
        entries.retain(|entry| report(reader, entry, mistake_of(entry)));
    }
    menus
}

/// Returns the mistake of an entry.
fn mistake_of(entry: &MenuEntry) -> Option<&'static str> {
    let is_url = |url: &str| {
        let is_path = url.starts_with('/') && !url.starts_with("//");
        is_path
            || ["https://", "http://", "mailto:", "#"].iter().any(|start| url.starts_with(start))
    };
    match (entry.page.as_deref(), entry.url.as_deref()) {
        (Some(_), Some(_)) => Some("the entry has both a `page` and a `url`"),
        (None, None) if entry.children.is_empty() => {
            Some("the entry has no target: a `page`, a `url` or `children`")
        }
        (None, _) if entry.name.is_none() => Some("the entry has no `name`"),
        (None, Some(url)) if !is_url(url) => {
            Some("the `url` of the entry is neither a path nor an `https:` or `mailto:` URL")
        }
        _ => None,
    }
}

/// Reports a mistake of an entry. Returns true if there is none.
fn report(
    reader: &mut SettingsReader<'_>,
    entry: &MenuEntry,
    mistake: Option<&'static str>,
) -> bool {
    let Some(mistake) = mistake else { return true };
    let help = "write it as `{name: About us, page: about.md}` or `{name: Shop, url: /shop/}`";
    reader.report(&["menus"], &format!("menus: {mistake}"), Some(help.into()));
    if let (Some(diagnostic), Some(location)) =
        (reader.diagnostics.last_mut(), locate_entry(reader.source, entry))
    {
        diagnostic.location = Some(location);
    }
    false
}

/// Returns the position of an entry in `site.yaml`: that of its target, or else of its name.
pub(super) fn locate_entry(source: &str, entry: &MenuEntry) -> Option<Location> {
    let name = entry.name.as_ref().and_then(|name| name.get("", ""));
    let text = entry.page.as_deref().or(entry.url.as_deref()).or(name)?;
    let menus = source.find("menus:")?;
    let offset = source[menus..].find(text)?;
    Some(Location::from_span(source, menus + offset, text.len()))
}

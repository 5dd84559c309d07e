//! The inputs that all pages of one template share: the program's version, the templates and the
//! values of `site` that they name, and the settings that the code of pages reads.

use super::kinds::{ARTICLE_TEMPLATE, OUTPUT_FILES, STANDALONE_PAGE_TEMPLATE};
use crate::config::{Effect, NOT_SET, Site, settings};
use crate::model::{Dependencies, Fingerprint, Fingerprinter};
use crate::templates::{TemplateDependencies, Templates};

/// The version of the rendering code. Increase it whenever the same inputs would give other bytes.
const RENDERING_VERSION: u64 = 18;

/// The templates of pages that render a Markdown body, or show the text of one.
const BODY_TEMPLATES: [&str; 7] = [
    ARTICLE_TEMPLATE,
    STANDALONE_PAGE_TEMPLATE,
    "home.html",
    "terms.html",
    "term.html",
    "term_year.html",
    "history.html",
];

/// The inputs that all pages of one template share, besides what each shows.
pub(super) struct CommonInputs {
    pub(super) fingerprint: Fingerprint,
    pub(super) dependencies: Dependencies,
}

impl CommonInputs {
    pub(super) fn new(template: &'static str, site: &Site, templates: &Templates) -> Self {
        let mut dependencies = vec![(
            "the program's rendering".to_owned(),
            format!("{} {RENDERING_VERSION}", env!("CARGO_PKG_VERSION")),
        )];
        let named = templates.dependencies(template);
        dependencies.extend(template_hashes(&named, templates));
        dependencies.extend(site_values(&named, templates));
        dependencies.push((
            "interface text".to_owned(),
            format!("[{:016x}]", templates.messages_fingerprint.0),
        ));
        for (key, value) in site.setting_texts.select(&read_settings(template)) {
            // One input is enough where `site` passes on the same value.
            let in_site = (format!("site.{key}"), value);
            if !dependencies.contains(&in_site) {
                dependencies.push((key, in_site.1));
            }
        }
        let mut hash = Fingerprinter::new();
        dependencies.iter().for_each(|(name, value)| {
            hash.text(name).text(value);
        });
        Self { fingerprint: hash.finish(), dependencies }
    }
}

/// The hash of every template that one of them includes, by name.
fn template_hashes(named: &TemplateDependencies, templates: &Templates) -> Dependencies {
    let hashes = named.templates.iter().map(|name| {
        let hash = Fingerprint::hash_bytes(templates.source(name).as_bytes());
        // The first template of a site's own gives the built-in ones second names, but changes
        // nothing in them. Where a site's own overrides one and still includes it, both are named.
        let original_name = name
            .strip_prefix("builtin/")
            .filter(|original_name| !named.templates.contains(*original_name));
        (format!("template {}", original_name.unwrap_or(name)), format!("[{:016x}]", hash.0))
    });
    hashes.collect()
}

/// The values of `site` that a template names, in order.
fn site_values(named: &TemplateDependencies, templates: &Templates) -> Dependencies {
    let values = templates.site_context.as_map();
    let is_named = |key: &str| named.site_keys.as_ref().is_none_or(|keys| keys.contains(key));
    let mut values: Dependencies = values
        .into_iter()
        .flat_map(|values| values.iter())
        .map(|(key, value)| (key.to_string(), value))
        .filter(|(key, _)| is_named(key))
        .map(|(key, value)| {
            let is_set = !value.is_none();
            (format!("site.{key}"), if is_set { value.to_string() } else { NOT_SET.to_owned() })
        })
        .collect();
    values.sort();
    values
}

/// Returns the settings that the code of a template's pages reads, by key. What only templates
/// read is found by [`site_values`].
fn read_settings(template: &str) -> Vec<&'static str> {
    let is_article = [ARTICLE_TEMPLATE, STANDALONE_PAGE_TEMPLATE].contains(&template);
    let is_file = template == OUTPUT_FILES;
    let is_read = |effect: Effect| match effect {
        Effect::All => true,
        Effect::Pages => !is_file,
        Effect::Bodies => is_file || BODY_TEMPLATES.contains(&template),
        Effect::Articles => is_article,
        Effect::ArticlesAndFiles => is_article || is_file,
        Effect::Files => is_file,
        Effect::Templates | Effect::Catalog | Effect::Nothing | Effect::Parent => false,
    };
    settings().filter(|setting| is_read(setting.effect)).map(|setting| setting.key).collect()
}

//! The inputs that all pages of one template share: the program's version, the templates and the
//! values of `site` that they name, and the settings that the code of pages reads.

use super::kinds::{ARTICLE_TEMPLATE, OUTPUT_FILES};
use crate::config::{NOT_SET, Site};
use crate::model::{Dependencies, Fingerprint, Fingerprinter};
use crate::templates::{TemplateDependencies, Templates};

/// The version of the rendering code. Increase it whenever the same inputs would give other bytes.
const RENDERING_VERSION: u64 = 18;

/// The templates of pages that render a Markdown body, or show the text of one.
const BODY_TEMPLATES: [&str; 6] =
    [ARTICLE_TEMPLATE, "home.html", "terms.html", "term.html", "term_year.html", "history.html"];

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
        let read_settings = READ_SETTINGS.iter().filter(|(_, read_by)| read_by.includes(template));
        let keys: Vec<&str> = read_settings.map(|(key, _)| *key).collect();
        for (key, value) in site.setting_texts.select(&keys) {
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

/// The pages whose code reads a setting. What only templates read is found by [`site_values`].
#[derive(Clone, Copy)]
enum ReadBy {
    /// Every page and every output file.
    All,
    /// Every page that has a template.
    Pages,
    /// Pages and output files that show a Markdown body.
    Bodies,
    /// The pages of articles.
    Articles,
    /// The pages of articles, and output files.
    ArticlesAndFiles,
    /// Output files: feeds, sitemaps, data, redirects, well-known files.
    Files,
}

impl ReadBy {
    fn includes(self, template: &str) -> bool {
        let (is_article, is_file) = (template == ARTICLE_TEMPLATE, template == OUTPUT_FILES);
        match self {
            Self::All => true,
            Self::Pages => !is_file,
            Self::Bodies => is_file || BODY_TEMPLATES.contains(&template),
            Self::Articles => is_article,
            Self::ArticlesAndFiles => is_article || is_file,
            Self::Files => is_file,
        }
    }
}

/// The settings that the code of pages reads, by key.
const READ_SETTINGS: &[(&str, ReadBy)] = &[
    ("base_url", ReadBy::All),
    ("title", ReadBy::All),
    ("description", ReadBy::All),
    ("language", ReadBy::All),
    ("time_zone", ReadBy::All),
    ("calendars", ReadBy::All),
    ("taxonomies", ReadBy::All),
    ("sections", ReadBy::All),
    ("copyright", ReadBy::ArticlesAndFiles),
    ("logo", ReadBy::All),
    ("html", ReadBy::Bodies),
    ("smart_punctuation", ReadBy::Bodies),
    ("limits", ReadBy::Bodies),
    ("corrections", ReadBy::ArticlesAndFiles),
    ("images.ratios", ReadBy::Articles),
    ("images", ReadBy::Files),
    ("reactions", ReadBy::ArticlesAndFiles),
    ("search", ReadBy::Files),
    ("metadata", ReadBy::Pages),
    ("license", ReadBy::All),
    ("cite", ReadBy::Articles),
    ("feeds.formats", ReadBy::Pages),
    ("feeds", ReadBy::Files),
    ("sitemaps", ReadBy::Files),
    ("data", ReadBy::ArticlesAndFiles),
    ("redirects", ReadBy::Files),
    ("robots", ReadBy::Files),
    ("humans", ReadBy::Files),
    ("trust", ReadBy::Files),
    ("security", ReadBy::Files),
    ("llms", ReadBy::Files),
    ("headers", ReadBy::Files),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::SiteOptions;

    /// The settings that the code of pages doesn't read.
    const OTHER_SETTINGS: &[&str] = &[
        // Read only by templates, through `site`.
        "favicon",
        "theme",
        "extra",
        // They decide which articles there are and which URLs they have, which is in the hashes of
        // the catalog.
        "permalink",
        "expired",
        "history",
        "well_known",
        // They change no page.
        "check",
        "image_metadata",
    ];

    /// A new setting fails this test until it is decided which pages depend on it.
    #[test]
    fn every_setting_is_read_by_known_pages() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::create_dir(folder.path().join("content")).expect("created");
        let site = Site::load(SiteOptions::new(folder.path())).expect("a site");
        let group = |name: &str| name.split('.').next().unwrap_or_default().to_owned();
        let is_read = |key: &str| READ_SETTINGS.iter().any(|(read, _)| group(read) == key);
        for (name, _) in site.setting_texts.all() {
            let key = group(name);
            assert!(
                is_read(&key) != OTHER_SETTINGS.contains(&key.as_str()),
                "{key} belongs either in READ_SETTINGS or in OTHER_SETTINGS"
            );
        }
    }
}

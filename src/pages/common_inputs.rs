//! The inputs that all pages of one template share: the program's version, the templates and the
//! values of `site` that they name, and the settings that the code of pages reads.

use super::kinds::{ARTICLE_TEMPLATE, OUTPUT_FILES};
use crate::config::{Config, Outputs, Site};
use crate::model::{Dependencies, Fingerprint, Fingerprinter};
use crate::templates::{TemplateDependencies, Templates};

/// Changes whenever the same inputs would give other bytes.
const RENDERING_VERSION: u64 = 16;

/// The templates of pages that render a Markdown body, or show the text of one.
const BODY_TEMPLATES: [&str; 6] =
    [ARTICLE_TEMPLATE, "home.html", "terms.html", "term.html", "term_year.html", "history.html"];

/// The value of a setting that is missing: an empty one differs, since structured data shows it.
const NOT_SET: &str = "(not set)";

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
            "words of the interface".to_owned(),
            format!("[{:016x}]", templates.messages_fingerprint.0),
        ));
        for Setting { key, value, .. } in
            settings(site).into_iter().filter(|setting| setting.read_by.includes(template))
        {
            // One input is enough where `site` hands the same value on.
            let in_site = (format!("site.{key}"), value);
            if !dependencies.contains(&in_site) {
                dependencies.push((key.to_owned(), in_site.1));
            }
        }
        let mut hash = Fingerprinter::new();
        dependencies.iter().for_each(|(name, value)| {
            hash.text(name).text(value);
        });
        Self { fingerprint: hash.finish(), dependencies }
    }
}

/// The hash of every template that one of them draws in, by name.
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

/// A setting with its value as text. A key has one value, whichever pages read it.
struct Setting {
    key: &'static str,
    value: String,
    read_by: ReadBy,
}

/// The settings that the code of pages reads.
///
/// Every field of [`Config`] and of [`Outputs`] is named here, so that a new one doesn't compile
/// until it is decided which pages depend on it.
fn settings(site: &Site) -> Vec<Setting> {
    let Config {
        title,
        description,
        language,
        time_zone,
        calendars,
        copyright,
        sections,
        reactions,
        html,
        smart_punctuation,
        limits,
        logo,
        images,
        outputs,
        search,
        corrections,
        // Resolved in the site: its address and its taxonomies.
        base_url: _,
        taxonomies: _,
        // Read by templates alone, through `site`.
        favicon: _,
        theme: _,
        extra: _,
        // Decide which articles there are and at which address: the catalog's hashes hold that.
        has_time_zone: _,
        permalink: _,
        expired: _,
        history: _,
        // Change no page.
        check: _,
        cache_dir: _,
    } = &site.config;
    let ratios = images.as_ref().map(|images| &images.ratios);
    let mut settings = vec![
        setting("base_url", &site.base_url, ReadBy::All),
        setting("title", title, ReadBy::All),
        optional_setting("description", description.as_deref(), ReadBy::All),
        setting("language", language, ReadBy::All),
        setting("time_zone", time_zone, ReadBy::All),
        hashed_setting("calendars", calendars, ReadBy::All),
        hashed_setting("taxonomies", &site.taxonomies, ReadBy::All),
        hashed_setting("sections", sections, ReadBy::All),
        optional_setting("copyright", copyright.as_deref(), ReadBy::ArticlesAndFiles),
        optional_setting("logo", logo.as_deref(), ReadBy::All),
        setting("html", &format!("{html:?}").to_lowercase(), ReadBy::Bodies),
        setting("smart_punctuation", &smart_punctuation.to_string(), ReadBy::Bodies),
        hashed_setting("limits", limits, ReadBy::Bodies),
        hashed_setting("corrections", corrections, ReadBy::ArticlesAndFiles),
        hashed_setting("images.ratios", &ratios, ReadBy::Articles),
        hashed_setting("images", images, ReadBy::Files),
        hashed_setting("reactions", reactions, ReadBy::ArticlesAndFiles),
        hashed_setting("search", search, ReadBy::Files),
    ];
    settings.extend(output_settings(outputs));
    settings
}

/// The settings of feeds, sitemaps and other output files, and those of structured data.
fn output_settings(outputs: &Outputs) -> Vec<Setting> {
    let Outputs {
        structured_data,
        license,
        citations,
        feeds,
        sitemaps,
        data,
        redirects,
        robots,
        humans,
        trust,
        security,
        llms,
        headers,
    } = outputs;
    let feed_formats = feeds.as_ref().map(|feeds| &feeds.formats);
    vec![
        setting("metadata", &structured_data.to_string(), ReadBy::Pages),
        optional_setting("license", license.as_deref(), ReadBy::All),
        setting("cite", &citations.to_string(), ReadBy::Articles),
        hashed_setting("feeds.formats", &feed_formats, ReadBy::Pages),
        hashed_setting("feeds", feeds, ReadBy::Files),
        hashed_setting("sitemaps", sitemaps, ReadBy::Files),
        hashed_setting("data", data, ReadBy::ArticlesAndFiles),
        hashed_setting("redirects", redirects, ReadBy::Files),
        hashed_setting("robots", robots, ReadBy::Files),
        optional_setting("humans", humans.as_deref(), ReadBy::Files),
        hashed_setting("trust", trust, ReadBy::Files),
        hashed_setting("security", security, ReadBy::Files),
        setting("llms", &llms.to_string(), ReadBy::Files),
        setting("headers", &headers.to_string(), ReadBy::Files),
    ]
}

fn setting(key: &'static str, value: &str, read_by: ReadBy) -> Setting {
    Setting { key, value: value.to_owned(), read_by }
}

fn optional_setting(key: &'static str, value: Option<&str>, read_by: ReadBy) -> Setting {
    setting(key, value.unwrap_or(NOT_SET), read_by)
}

/// A setting with several values: too long for an explanation, which shows its hash.
fn hashed_setting(key: &'static str, value: &impl std::fmt::Debug, read_by: ReadBy) -> Setting {
    let hash = Fingerprint::hash_bytes(format!("{value:?}").as_bytes());
    Setting { key, value: format!("[{:016x}]", hash.0), read_by }
}

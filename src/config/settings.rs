//! `site.yaml`: its settings, and the diagnostics about them.

use std::collections::{BTreeMap, HashMap};

use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use serde_yaml::{Mapping, Value};

use super::check::{self, CheckSettings};
use super::corrections::{CorrectionSettings, HistorySource};
use super::file_names::CONFIG_FILE;
use super::images::{ImageMetadataSettings, ImageSettings, read_images};
use super::key_lines::locate;
use super::menus::{Menus, read_menus};
use super::merge_keys::{InvalidMerge, MERGE_KEY, apply_merge_keys_in};
use super::outputs::{self, Outputs};
use super::reactions::{Reactions, read_reactions};
use super::renamed::rename_settings;
use super::root_names::reserved_use;
use super::search::{self, SearchSettings};
use super::settings_reader::{SettingsReader, Toggle, read_value, setting_error};
use super::table::top_level_keys;
use super::taxonomy::{SECTIONS, Taxonomy};
use super::theme::{Theme, read_theme};
use super::time_zone::suggest_zone;
use crate::diagnostics::{Diagnostic, Location, YamlError, explain_syntax_error, nearest};
use crate::model::foreign_pattern::{ForeignPattern, translate_pattern};
use crate::model::lang::canonical_tag;
use crate::model::permalink::{Permalink, PermalinkPattern, placeholder_list};
use crate::model::slug::{collision_key, slugify};

/// The base URL of a site whose `site.yaml` has none (RFC 2606 reserves the name).
const DEFAULT_BASE_URL: &str = "https://example.com";

/// The form of a base URL.
pub(super) const BASE_URL_HELP: &str =
    "write it as `https://example.org` or `https://example.org/archive`";

/// The message for a `site.yaml` that is a list or a text.
const NOT_A_MAPPING: &str = "the file must consist of `key: value` lines";

/// The settings of `site.yaml`. `table/` has a row for each.
#[derive(Debug, Serialize)]
pub(crate) struct Config {
    /// The name of the publication.
    pub title: String,
    /// One line under the name.
    pub description: Option<String>,
    /// The absolute URL of the site.
    #[serde(skip)]
    pub base_url: Option<String>,
    /// The language of the site (BCP 47).
    pub language: String,
    /// The IANA name of the time zone.
    pub time_zone: String,
    /// True if the file sets the time zone.
    #[serde(skip)]
    pub has_time_zone: bool,
    /// Additional calendars in which days are shown.
    pub calendars: Vec<CalendarSystem>,
    /// The copyright line.
    pub copyright: Option<String>,
    /// The pattern of permalinks.
    pub permalink: String,
    /// The sections in the order of the masthead.
    #[serde(skip)]
    pub sections: Vec<NavItem>,
    /// The links of the masthead and the footer.
    pub menus: Menus,
    /// Changes to the taxonomies, by key.
    #[serde(skip)]
    pub taxonomies: Mapping,
    /// The reaction bar; `None` disables it.
    #[serde(serialize_with = "super::setting_texts::serialize_toggle")]
    pub reactions: Option<Reactions>,
    /// The treatment of HTML in articles.
    pub html: HtmlPolicy,
    /// Converts straight quotation marks to curly ones. Off by default: an archive shouldn't alter
    /// quotations.
    pub smart_punctuation: bool,
    /// Allows articles to have URLs below `/.well-known/`.
    pub well_known: bool,
    /// Records every published URL in the permalink registry. No page depends on it.
    #[serde(skip)]
    pub record_permalinks: bool,
    /// The treatment of articles past their expiry date.
    pub expired: ExpiredPolicy,
    /// Limits that keep time and memory bounded.
    pub limits: Limits,
    /// The logo, a file in `static/`.
    pub logo: Option<String>,
    /// The icon, a file in `static/`.
    pub favicon: Option<String>,
    /// The site's own colors, fonts and sizes.
    pub theme: Theme,
    /// Smaller copies of images; `None` disables them.
    #[serde(serialize_with = "super::setting_texts::serialize_toggle")]
    pub images: Option<ImageSettings>,
    /// The metadata of published images.
    pub image_metadata: ImageMetadataSettings,
    /// The outputs for programs: feeds, sitemaps, data.
    #[serde(skip)]
    pub outputs: Outputs,
    /// Search; `None` disables it.
    #[serde(serialize_with = "super::setting_texts::serialize_toggle")]
    pub search: Option<SearchSettings>,
    /// The display of corrections and retractions.
    pub corrections: CorrectionSettings,
    /// The source of articles' versions; `None` disables them.
    #[serde(serialize_with = "super::setting_texts::serialize_toggle")]
    pub history: Option<HistorySource>,
    /// The settings of `dateline check`.
    pub check: CheckSettings,
    /// The build cache directory.
    #[serde(skip)]
    pub cache_dir: Option<String>,
    /// Custom values for the site's templates.
    #[serde(skip)]
    pub extra: Value,
}

/// A section in the masthead.
#[derive(Clone, Debug)]
pub(crate) struct NavItem {
    /// The section's key in the settings.
    pub key: String,
    /// The section's slug.
    pub slug: String,
    /// Its configured name; without one, the name of its `_index.md` or of its articles is used.
    pub name: Option<String>,
    /// Its own permalink pattern.
    pub permalink: Option<String>,
}

/// The treatment of HTML in articles.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum HtmlPolicy {
    /// Scripts, styles and frames are removed.
    #[default]
    Sanitized,
    /// HTML is kept unchanged.
    Trusted,
}

/// An additional calendar in which days are shown, by its name in Unicode's CLDR.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum CalendarSystem {
    /// The solar calendar of Iran and Afghanistan.
    Persian,
    /// The Islamic calendar with arithmetical months (civil epoch).
    IslamicCivil,
    /// The Islamic calendar of Umm al-Qura, as used in Saudi Arabia.
    IslamicUmalqura,
}

/// The treatment of articles past their expiry date.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ExpiredPolicy {
    /// They are not published.
    #[default]
    Hide,
    /// They remain published.
    Keep,
}

/// Limits that keep time and memory bounded for any input.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// The maximum size of an article's file, in bytes.
    pub article_bytes: u64,
    /// The maximum size of front matter, in bytes.
    pub front_matter_bytes: usize,
    /// The maximum nesting depth of lists, quotations and HTML in a body.
    pub nesting: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { article_bytes: 2 << 20, front_matter_bytes: 64 << 10, nesting: 100 }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SectionEntry {
    name: Option<String>,
    permalink: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct TaxonomyEntry {
    name: Option<String>,
    singular: Option<String>,
    path: Option<String>,
    from: Option<Vec<String>>,
    feed: Option<bool>,
}

/// The values that are derived from valid settings.
pub(super) struct ResolvedSettings {
    pub(super) zone: Tz,
    pub(super) default_permalink_pattern: PermalinkPattern,
    pub(super) section_permalink_patterns: HashMap<String, PermalinkPattern>,
    pub(super) taxonomies: Vec<Taxonomy>,
}

/// Returns the diagnostic for a syntax error in the file.
fn yaml_error(source: &str, error: &serde_yaml::Error) -> Diagnostic {
    let location =
        error.location().map(|yaml_location| Location::from_span(source, yaml_location.index(), 1));
    let line = location.as_ref().and_then(|location| source.lines().nth(location.line - 1));
    let YamlError { message, help } =
        explain_syntax_error(&error.to_string(), line.unwrap_or_default());
    Diagnostic::error("invalid-yaml", CONFIG_FILE, message).location(location).help(help)
}

impl Config {
    /// Reads the settings. An invalid setting keeps its default and is reported.
    pub(super) fn parse(source: &str) -> (Self, Vec<Diagnostic>) {
        let (mut values, mut diagnostics) = read_mapping(source);
        diagnostics.extend(rename_settings(source, &mut values));
        // Keys without a row are removed before any is read, so that each setting has a row.
        values.retain(|key, _| {
            let unknown = key.as_str().filter(|key| top_level_keys().all(|known| known != *key));
            diagnostics.extend(unknown.map(|key| unknown_setting(source, key)));
            unknown.is_none()
        });
        let mut reader = SettingsReader { source, values, diagnostics };
        let config = Self {
            title: reader.read("title").unwrap_or_else(|| "News archive".into()),
            description: reader.read("description"),
            base_url: reader.read("base_url"),
            language: reader
                .read("language")
                .map_or_else(|| "en".into(), |tag: String| canonical_tag(&tag)),
            has_time_zone: reader.values.contains_key("time_zone"),
            time_zone: reader.read("time_zone").unwrap_or_else(|| "UTC".into()),
            calendars: reader.read("calendars").unwrap_or_default(),
            copyright: reader.read("copyright"),
            permalink: reader.read("permalink").unwrap_or_else(|| DEFAULT_PERMALINK.into()),
            sections: read_sections(&mut reader),
            menus: read_menus(&mut reader),
            taxonomies: reader.read("taxonomies").unwrap_or_default(),
            reactions: read_reactions(&mut reader),
            html: reader.read("html").unwrap_or_default(),
            smart_punctuation: reader.read("smart_punctuation").unwrap_or(false),
            well_known: reader.read("well_known").unwrap_or(false),
            record_permalinks: reader.read("record_permalinks").unwrap_or(false),
            expired: reader.read("expired").unwrap_or_default(),
            limits: reader.read("limits").unwrap_or_default(),
            logo: reader.read("logo"),
            favicon: reader.read("favicon"),
            theme: read_theme(&mut reader),
            images: read_images(&mut reader),
            image_metadata: reader.read("image_metadata").unwrap_or_default(),
            outputs: outputs::read_outputs(&mut reader),
            search: search::read_search_settings(&mut reader),
            corrections: reader.read("corrections").unwrap_or_default(),
            history: reader.read_toggle("history", Toggle::Off),
            check: check::read_check_settings(&mut reader),
            cache_dir: reader.read("state"),
            extra: reader.read("extra").unwrap_or(Value::Mapping(Mapping::new())),
        };
        (config, reader.diagnostics)
    }
}

/// Parses the file; returns no settings if that fails.
fn read_mapping(source: &str) -> (Mapping, Vec<Diagnostic>) {
    let diagnostic = match serde_yaml::from_str::<Value>(source) {
        Ok(Value::Mapping(mut values)) => {
            let result = apply_merge_keys_in(&mut values);
            return (
                values,
                result.err().map(|why| merge_error(source, why)).into_iter().collect(),
            );
        }
        Ok(Value::Null) => return (Mapping::new(), Vec::new()),
        Ok(_) => {
            let help = "`dateline help configuration` shows each setting with an example";
            Diagnostic::error("bad-setting", CONFIG_FILE, NOT_A_MAPPING).help(help)
        }
        Err(error) => yaml_error(source, &error),
    };
    (Mapping::new(), vec![diagnostic])
}

fn merge_error(source: &str, why: InvalidMerge) -> Diagnostic {
    Diagnostic::error("bad-setting", CONFIG_FILE, why.to_string())
        .location(Location::for_key(source, MERGE_KEY))
        .help("write `<<: *name` for a map that begins with `&name`, or write its keys out")
}

fn unknown_setting(source: &str, key: &str) -> Diagnostic {
    let help = match nearest(key, top_level_keys()) {
        Some(near) => format!("did you mean `{near}`? Put custom values under `extra:`"),
        None => {
            let keys: Vec<&str> = top_level_keys().collect();
            format!("the settings are {}; put custom values under `extra:`", keys.join(", "))
        }
    };
    let message = format!("there is no setting `{key}`");
    Diagnostic::error("unknown-setting", CONFIG_FILE, message)
        .location(Location::for_key(source, key))
        .help(help)
}

const DEFAULT_PERMALINK: &str = "/{year}/{month}/{day}/{slug}/";

fn read_sections(reader: &mut SettingsReader<'_>) -> Vec<NavItem> {
    let Some(entries) = reader.read::<Mapping>("sections") else { return Vec::new() };
    let mut items = Vec::new();
    for (key, value) in entries {
        let Some(key) = key.as_str().map(str::to_owned) else { continue };
        let entry = match value {
            Value::String(name) => Some(SectionEntry { name: Some(name), permalink: None }),
            Value::Null => Some(SectionEntry { name: None, permalink: None }),
            other => reader.read_value(&["sections", &key], other),
        };
        if let Some(SectionEntry { name, permalink }) = entry {
            items.push(NavItem { slug: slugify(&key), key, name, permalink });
        }
    }
    items
}

/// The site's absolute URL without its final slash.
pub(super) fn resolve_base_url(
    config: &Config,
    source: &str,
    diagnostics: &mut Vec<Diagnostic>,
) -> String {
    let Some(url) = &config.base_url else {
        let help = "set `base_url: https://…` in site.yaml, or build with --base-url";
        let message = format!(
            "the site has no `base_url`: feeds, sitemaps and canonical links use {DEFAULT_BASE_URL}"
        );
        // If nothing of the file could be read, it isn't known whether it sets the URL.
        if diagnostics.iter().all(leaves_settings_readable) {
            diagnostics.push(Diagnostic::warning("no-base-url", CONFIG_FILE, message).help(help));
        }
        return DEFAULT_BASE_URL.to_owned();
    };
    if !is_base_url(url) {
        let message = format!("`{url}` is not the URL of a site");
        diagnostics.push(setting_error(
            source,
            &["base_url"],
            &message,
            Some(BASE_URL_HELP.into()),
        ));
        return DEFAULT_BASE_URL.to_owned();
    }
    url.trim_end_matches('/').to_owned()
}

/// Returns true if a text is an absolute HTTP URL that paths can be added to.
pub(super) fn is_base_url(url: &str) -> bool {
    let rest =
        url.strip_prefix("https://").or_else(|| url.strip_prefix("http://")).unwrap_or_default();
    let is_unsafe = |c: char| c.is_whitespace() || matches!(c, '?' | '#' | '"' | '<' | '>');
    !(rest.is_empty() || rest.starts_with('/') || rest.contains(is_unsafe))
}

/// Returns false if a mistake is such that nothing of the file could be read.
fn leaves_settings_readable(mistake: &Diagnostic) -> bool {
    let is_whole_file = mistake.code == "bad-setting" && mistake.message == NOT_A_MAPPING;
    !(is_whole_file || matches!(mistake.code, "invalid-yaml" | "not-utf8"))
}

/// The path of an absolute URL: empty, or with a leading and no trailing slash.
pub(super) fn url_path(base_url: &str) -> &str {
    let authority = base_url.split_once("://").map_or(base_url, |(_, rest)| rest);
    authority.find('/').map_or("", |at| &authority[at..])
}

/// Validates the settings that are more than a string: time zone, patterns, taxonomies.
pub(super) fn resolve(
    config: &Config,
    source: &str,
    diagnostics: &mut Vec<Diagnostic>,
) -> ResolvedSettings {
    let zone = config.time_zone.parse::<Tz>().unwrap_or_else(|_| {
        let message = format!("there is no time zone `{}`", config.time_zone);
        let help = suggest_zone(&config.time_zone);
        diagnostics.push(setting_error(source, &["time_zone"], &message, Some(help)));
        Tz::UTC
    });
    let mut parse_pattern = |path: &[&str], pattern: &str| {
        let parsed = PermalinkPattern::parse(pattern);
        parsed.map_err(|why| diagnostics.push(pattern_error(source, path, pattern, &why))).ok()
    };
    let configured_pattern = parse_pattern(&["permalink"], &config.permalink);
    let default_pattern =
        configured_pattern.or_else(|| PermalinkPattern::parse(DEFAULT_PERMALINK).ok());
    let mut section_permalink_patterns = HashMap::new();
    for section in &config.sections {
        if let Some(parsed) = section.permalink.as_deref().and_then(|section_pattern| {
            parse_pattern(&["sections", &section.key, "permalink"], section_pattern)
        }) {
            section_permalink_patterns.insert(section.slug.clone(), parsed);
        }
    }
    #[expect(clippy::expect_used, reason = "the default pattern is a constant that a test parses")]
    let default_permalink_pattern = default_pattern.expect("the default pattern parses");
    ResolvedSettings {
        zone,
        default_permalink_pattern,
        section_permalink_patterns,
        taxonomies: resolve_taxonomies(config, source, diagnostics),
    }
}

/// Returns the error for an invalid pattern of permalinks, with its translation if it is one of
/// another system.
fn pattern_error(source: &str, path: &[&str], pattern: &str, why: &str) -> Diagnostic {
    let (message, help) = match translate_pattern(pattern) {
        Some(ForeignPattern::Translated(own)) => (
            format!("permalink: `{pattern}` has the placeholders of another system"),
            Some(format!("write it as `{own}`")),
        ),
        Some(ForeignPattern::NoEquivalent(placeholder)) => (
            format!("permalink: there is no placeholder `{placeholder}`"),
            Some(format!("use those of Dateline: {}", placeholder_list())),
        ),
        None => (format!("permalink: {why}"), None),
    };
    setting_error(source, path, &message, help)
}

fn resolve_taxonomies(
    config: &Config,
    source: &str,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Taxonomy> {
    let mut taxonomies = Taxonomy::defaults();
    for (key, value) in &config.taxonomies {
        let Some(key) = key.as_str() else { continue };
        if matches!(value, Value::Bool(false)) {
            if key == SECTIONS {
                let help =
                    "remove the line; a site whose articles have no section needs no setting";
                let message = "the taxonomy `sections` can't be disabled";
                let path = ["taxonomies", SECTIONS];
                diagnostics.push(setting_error(source, &path, message, Some(help.into())));
            }
            taxonomies.retain(|taxonomy| taxonomy.key != key || key == SECTIONS);
            continue;
        }
        let entry = match value {
            Value::String(name) => {
                Some(TaxonomyEntry { name: Some(name.clone()), ..TaxonomyEntry::default() })
            }
            Value::Null | Value::Bool(_) => Some(TaxonomyEntry::default()),
            other => read_value(source, &["taxonomies", key], other.clone(), diagnostics),
        };
        let Some(entry) = entry else { continue };
        let index =
            taxonomies.iter().position(|taxonomy| taxonomy.key == key).unwrap_or_else(|| {
                taxonomies.push(Taxonomy::custom(key));
                taxonomies.len() - 1
            });
        apply_entry(&mut taxonomies[index], entry);
    }
    check_paths(&mut taxonomies, source, diagnostics);
    taxonomies
}

fn apply_entry(taxonomy: &mut Taxonomy, entry: TaxonomyEntry) {
    taxonomy.name = entry.name.or(taxonomy.name.take());
    taxonomy.singular = entry.singular.or(taxonomy.singular.take());
    taxonomy.has_feed = entry.feed.unwrap_or(taxonomy.has_feed);
    if let Some(path) = entry.path {
        taxonomy.path = path.trim_matches('/').to_owned();
    }
    if let Some(from) = entry.from {
        // Keys of front matter are compared in lower case.
        taxonomy.front_matter_keys = from.iter().map(|key| key.to_ascii_lowercase()).collect();
    }
}

/// Checks that every taxonomy has a valid path that is used neither by another taxonomy nor by the
/// program. A taxonomy with an invalid path gets its key as its path; if that is taken too, the
/// taxonomy is left out.
fn check_paths(taxonomies: &mut Vec<Taxonomy>, source: &str, diagnostics: &mut Vec<Diagnostic>) {
    let mut keys_by_path: BTreeMap<String, String> = BTreeMap::new();
    taxonomies.retain_mut(|taxonomy| {
        if let Some(problem) = path_problem(&taxonomy.path, &keys_by_path) {
            let key = &taxonomy.key;
            let message =
                format!("the taxonomy `{key}` can't have the path `{}`: {problem}", taxonomy.path);
            let help = format!("choose another path: `taxonomies: {{{key}: {{path: …}}}}`");
            let location = locate(source, &["taxonomies", key, "path"]);
            let diagnostic = Diagnostic::error("bad-setting", CONFIG_FILE, message);
            diagnostics.push(diagnostic.location(location).help(help));
            taxonomy.path = slugify(key);
            if path_problem(&taxonomy.path, &keys_by_path).is_some() {
                return false;
            }
        }
        keys_by_path.insert(collision_key(&taxonomy.path), taxonomy.key.clone());
        true
    });
}

/// Returns the reason why a taxonomy can't have a path.
fn path_problem(path: &str, keys_by_path: &BTreeMap<String, String>) -> Option<String> {
    if path.is_empty() {
        return Some("it is empty".into());
    }
    if let Err(reason) = Permalink::new(&format!("/{path}/")) {
        return Some(reason);
    }
    if let Some(reserved_use) = reserved_use(path) {
        return Some(format!("the site uses it for {reserved_use}"));
    }
    let other = keys_by_path.get(&collision_key(path))?;
    Some(format!("the taxonomy `{other}` uses it"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_file_is_a_site() {
        let (config, diagnostics) = Config::parse("");
        assert!(diagnostics.is_empty());
        let resolved = resolve(&config, "", &mut Vec::new());
        assert_eq!((resolved.zone, resolved.taxonomies.len()), (Tz::UTC, 7));
    }

    #[test]
    fn every_mistake_is_reported_in_one_run() {
        let source = "titel: X\nlanguage: [en]\nhtml: dirty\nlimits: {artcle_bytes: 1}\n";
        let (_, diagnostics) = Config::parse(source);
        assert_eq!(diagnostics.len(), 4, "{diagnostics:#?}");
        let help: Vec<_> = diagnostics.iter().filter_map(|d| d.help.as_deref()).collect();
        assert!(
            help.iter().any(|h| h.contains("`title`"))
                && help.iter().any(|h| h.contains("`article_bytes`")),
            "{help:?}"
        );
    }

    #[test]
    fn settings_are_checked_when_read() {
        let source = "time_zone: Asia/Karachy\npermalink: /{slugg}/\n\
            sections: {news: {permalink: x}}\ntaxonomies: {tags: {path: archive}}";
        let (config, mut diagnostics) = Config::parse(source);
        resolve(&config, source, &mut diagnostics);
        assert_eq!(diagnostics.len(), 4, "{diagnostics:#?}");
        assert_eq!(diagnostics[0].help.as_deref(), Some("did you mean `Asia/Karachi`?"));
    }
}

//! A site: its settings and its folders, immutable once loaded.

use std::collections::HashMap;
use std::path::{Component, Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use chrono_tz::Tz;

use super::file_names::{CONFIG_FILE, CONTENT_DIR, PERMALINK_REGISTRY_FILE};
use super::key_lines;
use super::menus::{MenuEntry, locate_entry};
use super::redactions::Redactions;
use super::setting_texts::SettingTexts;
use super::settings::{self, Config};
use super::taxonomy::Taxonomy;
use crate::diagnostics::{Diagnostic, Error, Location};
use crate::model::Moment;
use crate::model::permalink::{PermalinkPattern, encode_ascii, encode_href};
use crate::regular_file;

/// The folder of a site, and options that take precedence over its `site.yaml`.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct SiteOptions {
    /// The site's root folder.
    pub root: PathBuf,
    /// The output folder, instead of `public/`.
    pub output_dir: Option<PathBuf>,
    /// The URL of the site, instead of the configured one.
    pub base_url: Option<String>,
    /// Publish drafts, too.
    pub include_drafts: bool,
    /// Publish articles with a future date, too.
    pub include_future: bool,
    /// Publish articles whose expiry date is past, too.
    pub include_expired: bool,
    /// The build cache directory, instead of the configured one.
    pub cache_dir: Option<PathBuf>,
    /// The time at which articles count as scheduled or expired.
    pub now: BuildTime,
    /// Record every URL in the permalink registry.
    pub record_permalinks: bool,
}

impl SiteOptions {
    /// Returns the options for a site in a folder; everything else is as in `site.yaml`.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into(), ..Self::default() }
    }
}

/// The time at which articles count as scheduled or expired.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum BuildTime {
    /// The time of the system clock when the site is loaded.
    #[default]
    SystemClock,
    /// A time in seconds since 1970-01-01 00:00 UTC.
    UnixSeconds(i64),
    /// A date, or a date and a time, as in front matter; a date stands for its last second in the
    /// site's time zone.
    Date(String),
}

impl BuildTime {
    /// Returns the time in seconds since 1970-01-01 00:00 UTC.
    fn resolve(&self, zone: Tz) -> Result<i64, Error> {
        match self {
            Self::SystemClock => {
                let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                Ok(i64::try_from(since.as_secs()).unwrap_or(i64::MAX))
            }
            Self::UnixSeconds(seconds) => Ok(*seconds),
            Self::Date(text) => parse_now(text, zone),
        }
    }
}

/// A loaded site: its settings and its folders.
#[derive(Debug)]
#[non_exhaustive]
pub struct Site {
    /// The root folder.
    pub root: PathBuf,
    /// The folder of articles.
    pub(crate) content_dir: PathBuf,
    /// The site's own templates.
    pub(crate) templates_dir: PathBuf,
    /// Files that are copied as they are.
    pub(crate) static_dir: PathBuf,
    /// The output folder.
    pub output_dir: PathBuf,
    /// The build cache directory.
    pub(crate) cache_dir: PathBuf,
    /// The settings.
    pub(crate) config: Config,
    /// The settings as text.
    pub(crate) setting_texts: SettingTexts,
    /// The site's time zone, which decides the day of an article.
    pub(crate) zone: Tz,
    /// The absolute URL, without a final slash.
    pub base_url: String,
    /// The path of that URL, with both slashes.
    pub(crate) base_path: String,
    /// The taxonomies, in order: sections, tags, authors and so on.
    pub(crate) taxonomies: Vec<Taxonomy>,
    /// The names to redact.
    pub(crate) redactions: Redactions,
    /// The options with which the site was loaded.
    pub(crate) options: SiteOptions,
    /// The time at which articles count as scheduled or expired, in seconds since 1970-01-01 00:00
    /// UTC.
    pub(crate) now: i64,
    /// The errors and warnings in `site.yaml` and `redactions.yaml`.
    pub mistakes: Vec<Diagnostic>,
    /// True if the site has a permalink registry, or this run creates one.
    pub(crate) has_permalink_registry: bool,
    default_permalink_pattern: PermalinkPattern,
    section_permalink_patterns: HashMap<String, PermalinkPattern>,
}

impl Site {
    /// Reads `site.yaml` and `redactions.yaml` (which may be missing) and resolves every folder. A
    /// setting with a mistake has its default; [`build`](crate::build) and
    /// [`check`](crate::check()) report the mistakes.
    ///
    /// # Errors
    /// [`Error::Io`] if the folder of the site doesn't exist, or if it or `site.yaml` can't be
    /// read; [`Error::Usage`] if it has no `content/`, if `site.yaml` isn't a file of the site, if
    /// the output folder or the build cache would be among the site's own files, if
    /// [`BuildTime::Date`] isn't a date or if [`SiteOptions::base_url`] isn't a URL.
    pub fn load(options: SiteOptions) -> Result<Self, Error> {
        let root = options
            .root
            .canonicalize()
            .map_err(Error::io("can't open the site's folder", &options.root))?;
        check_base_url_option(options.base_url.as_deref())?;
        let content_dir = find_content_dir(&root)?;
        let output_dir = options.output_dir.clone().unwrap_or_else(|| root.join("public"));
        let output_dir = resolve_path(&output_dir)
            .map_err(Error::io("can't resolve the output folder", &output_dir))?;
        check_output_dir(&root, &output_dir)?;

        let bytes = read_settings(&root)?;
        let (source, encoding_error) = decode_settings(&bytes);
        let (mut config, mut diagnostics) = Config::parse(source);
        diagnostics.extend(encoding_error);
        if let Some(base_url) = &options.base_url {
            config.base_url = Some(base_url.clone());
        }
        let base_url = settings::resolve_base_url(&config, source, &mut diagnostics);
        let base_path = format!("{}/", settings::url_path(&base_url));
        let cache_dir = options.cache_dir.as_deref().or(config.cache_dir.as_deref().map(Path::new));
        let cache_dir = root.join(cache_dir.unwrap_or(Path::new(".dateline")));
        check_cache_dir(&root, &cache_dir, &output_dir)?;
        let resolved = settings::resolve(&config, source, &mut diagnostics);
        let (redactions, redaction_diagnostics) = Redactions::load(&root, &content_dir);
        diagnostics.extend(redaction_diagnostics);
        let now = options.now.resolve(resolved.zone)?;
        let has_permalink_registry = options.record_permalinks
            || config.record_permalinks
            || root.join(PERMALINK_REGISTRY_FILE).symlink_metadata().is_ok();
        let site = Self {
            now,
            mistakes: diagnostics,
            has_permalink_registry,
            templates_dir: root.join("templates"),
            static_dir: root.join("static"),
            cache_dir,
            setting_texts: SettingTexts::new(&config, &base_url, &resolved.taxonomies),
            zone: resolved.zone,
            taxonomies: resolved.taxonomies,
            default_permalink_pattern: resolved.default_permalink_pattern,
            section_permalink_patterns: resolved.section_permalink_patterns,
            redactions,
            root,
            content_dir,
            output_dir,
            config,
            base_url,
            base_path,
            options,
        };
        Ok(site)
    }

    /// Returns the time of the build if it was given, and isn't that of the system clock.
    pub(crate) fn fixed_now(&self) -> Option<i64> {
        (self.options.now != BuildTime::SystemClock).then_some(self.now)
    }

    /// Returns true if a build records its URLs in the permalink registry. The setting doesn't
    /// apply to builds with articles that may not be public: an option publishes them, or sets
    /// the time.
    pub(crate) fn records_permalinks(&self) -> bool {
        let SiteOptions { include_drafts, include_future, include_expired, .. } = self.options;
        let is_preview =
            include_drafts || include_future || include_expired || self.fixed_now().is_some();
        self.options.record_permalinks || self.config.record_permalinks && !is_preview
    }

    /// The pattern of permalinks for a section, given by its slug.
    pub(crate) fn permalink_pattern(&self, section: &str) -> &PermalinkPattern {
        self.section_permalink_patterns.get(section).unwrap_or(&self.default_permalink_pattern)
    }

    /// The path of the permalink registry, which may not exist.
    pub fn permalink_registry_path(&self) -> PathBuf {
        self.root.join(PERMALINK_REGISTRY_FILE)
    }

    /// Returns a path below the site's root as a URL for HTML, which begins with the path of the
    /// site's URL.
    pub fn href(&self, path: &str) -> String {
        let mut href = String::with_capacity(self.base_path.len() + path.len());
        href.push_str(&self.base_path);
        encode_href(path.trim_start_matches('/'), &mut href);
        href
    }

    /// Returns a path below the site's root as an absolute URL in ASCII.
    pub fn absolute_url(&self, path: &str) -> String {
        let mut url = String::with_capacity(self.base_url.len() + path.len());
        url.push_str(&self.base_url);
        encode_ascii(path, &mut url);
        url
    }

    /// Returns the position of the key at a path in `site.yaml`.
    pub(crate) fn setting_location(&self, path: &[&str]) -> Option<Location> {
        let source = regular_file::read_to_string(&self.root.join(CONFIG_FILE)).ok()?;
        key_lines::locate(&source, path)
    }

    /// Returns the position of a menu's entry in `site.yaml`.
    pub(crate) fn menu_location(&self, entry: &MenuEntry) -> Option<Location> {
        let source = regular_file::read_to_string(&self.root.join(CONFIG_FILE)).ok()?;
        locate_entry(&source, entry)
    }

    /// Returns the index of a taxonomy by its key.
    pub fn taxonomy_index(&self, key: &str) -> Option<usize> {
        self.taxonomies.iter().position(|taxonomy| taxonomy.key == key)
    }
}

/// Returns the folder of articles.
fn find_content_dir(root: &Path) -> Result<PathBuf, Error> {
    let content_dir = root.join(CONTENT_DIR);
    if content_dir.is_dir() {
        return Ok(content_dir);
    }
    let is_site = |folder: &&Path| folder.join(CONTENT_DIR).is_dir();
    let help = match root.ancestors().skip(1).find(is_site) {
        Some(site) => format!("the site is in {}: use --root, or change to it", site.display()),
        None => "name the folder of a site, as in `dateline build my-site`, or create a site with \
                 `dateline init my-site`"
            .to_owned(),
    };
    let message = format!("{} isn't a site: it has no folder `content/`", root.display());
    Err(Error::Usage(format!("{message}; {help}")))
}

/// Checks the URL of a call, which `site.yaml` isn't to blame for.
fn check_base_url_option(url: Option<&str>) -> Result<(), Error> {
    match url.filter(|url| !settings::is_base_url(url)) {
        None => Ok(()),
        Some(url) => Err(Error::Usage(format!(
            "--base-url: `{url}` is not the URL of a site; {}",
            settings::BASE_URL_HELP
        ))),
    }
}

/// Parses the value of `--now`; a day stands for its last second.
fn parse_now(text: &str, zone: Tz) -> Result<i64, Error> {
    let moment = Moment::parse(text, zone).map_err(|why| {
        Error::Usage(format!("--now: `{text}` is not a date: {why}; write it as 2024-11-05"))
    })?;
    Ok(moment.seconds + if moment.day_only { 86_399 } else { 0 })
}

/// Reads `site.yaml`; empty if there is none.
///
/// # Errors
/// [`Error::Io`] if it can't be read; [`Error::Usage`] if it is a symbolic link that is broken or
/// points outside the site.
fn read_settings(root: &Path) -> Result<Vec<u8>, Error> {
    let file = root.join(CONFIG_FILE);
    match file.canonicalize() {
        Ok(real) if !real.starts_with(root) => {
            let message = format!(
                "{CONFIG_FILE} is a symbolic link that points outside the site, and isn't \
                 followed: put the file itself into {}",
                root.display()
            );
            return Err(Error::Usage(message));
        }
        Ok(_) => {}
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            if file.symlink_metadata().is_ok() {
                let message = format!("{CONFIG_FILE} is a broken symbolic link: replace it");
                return Err(Error::Usage(message));
            }
            return Ok(Vec::new());
        }
        Err(error) => return Err(Error::io("can't read", &file)(error)),
    }
    regular_file::read(&file).map_err(Error::io("can't read", &file))
}

/// Returns the text of `site.yaml` without a byte order mark. If it isn't UTF-8, returns an empty
/// text and a diagnostic.
fn decode_settings(bytes: &[u8]) -> (&str, Option<Diagnostic>) {
    match std::str::from_utf8(bytes) {
        Ok(text) => (text.trim_start_matches('\u{feff}'), None),
        Err(error) => {
            let message = format!("the file is not UTF-8 at offset {}", error.valid_up_to());
            let diagnostic = Diagnostic::error("not-utf8", CONFIG_FILE, message);
            (
                "",
                Some(diagnostic.help("save it as UTF-8: `iconv -f ISO-8859-1 -t UTF-8 OLD > NEW`")),
            )
        }
    }
}

/// Returns the real path of a folder that may not exist yet: links and `..` are resolved in the
/// part of the path that exists.
fn resolve_path(path: &Path) -> std::io::Result<PathBuf> {
    let path = std::path::absolute(path)?;
    let (mut existing, mut missing) = (path.as_path(), Vec::new());
    loop {
        match (existing.canonicalize(), existing.parent()) {
            (Err(_), Some(parent)) => {
                missing.push(existing.components().next_back());
                existing = parent;
            }
            (resolved, _) => {
                return resolved.map(|existing_path| {
                    missing.into_iter().rev().flatten().fold(existing_path, push_component)
                });
            }
        }
    }
}

/// Appends a component to a path; `..` removes the last one.
fn push_component(mut path: PathBuf, component: Component<'_>) -> PathBuf {
    match component {
        Component::ParentDir => drop(path.pop()),
        component => path.push(component),
    }
    path
}

/// The folders of a site that hold neither pages nor the build cache.
const RESERVED_DIRS: [&str; 5] = ["content", "templates", "static", "src", ".git"];

/// Refuses a build cache directory that would mix the cache with the site's own files or publish
/// it. Links and `..` are resolved first.
fn check_cache_dir(root: &Path, cache_dir: &Path, output_dir: &Path) -> Result<(), Error> {
    let resolved =
        resolve_path(cache_dir).map_err(Error::io("can't resolve the build cache", cache_dir))?;
    let is_reserved = RESERVED_DIRS.iter().any(|name| resolved.starts_with(root.join(name)));
    let reason = if root.starts_with(&resolved) || is_reserved {
        "holds the site's own files"
    } else if resolved.starts_with(output_dir) {
        "is in the output folder and would be published"
    } else if output_dir.starts_with(&resolved) {
        "holds the output folder"
    } else {
        return Ok(());
    };
    let message = format!(
        "the build cache directory {} {reason}; choose another with `state:` in {CONFIG_FILE} or \
         --state",
        cache_dir.display()
    );
    Err(Error::Usage(message))
}

/// Rejects an output folder that contains the site's sources, or is inside one of their folders.
fn check_output_dir(root: &Path, output_dir: &Path) -> Result<(), Error> {
    let is_reserved = RESERVED_DIRS
        .iter()
        .chain(&[".dateline"])
        .any(|name| output_dir.starts_with(root.join(name)));
    if root.starts_with(output_dir) || is_reserved {
        let message = format!(
            "the output folder {} overlaps the site's own files; choose another with --output",
            output_dir.display()
        );
        return Err(Error::Usage(message));
    }
    Ok(())
}

//! The site: its configuration and its folders, immutable once read.

mod check;
mod config;
mod corrections;
mod machines;
mod pictures;
mod reactions;
mod reader;
mod redactions;
mod search;
mod taxonomy;
mod theme;

use std::collections::HashMap;
use std::path::{Component, Path, PathBuf};

use chrono_tz::Tz;

use crate::diagnostic::{Diagnostic, Error};
use crate::model::Moment;
use crate::model::permalink::{Pattern, encode_ascii, encode_href};

pub use check::{Check, External, Level, RULES};
pub use config::{Calendar, Config, Expired, Html, Limits, NavItem};
pub use corrections::{Corrections, CorrectionsPlace, HistoryFrom, Retracted};
pub use machines::{
    Data, FeedFormat, Feeds, Machines, RedirectFormat, Redirects, Robots, Sitemaps, Wildcard,
};
pub use pictures::{Cut, Pictures, Ratio};
pub use reactions::{Reaction, Reactions};
pub use redactions::{REDACTIONS_FILE, Redactions, unknown as unknown_redaction};
pub use search::{Engine, Search, SearchFiles};
pub use taxonomy::{AUTHORS, SECTIONS, SERIES, Taxonomy};
pub use theme::Theme;

/// The name of the configuration file in the site's root.
pub const CONFIG_FILE: &str = "site.yaml";
/// The name of the register of permalinks in the site's root.
pub const REGISTER_FILE: &str = "permalinks.txt";

/// What a command line may set over the configuration.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The site's root folder.
    pub root: PathBuf,
    /// Where to write, instead of `public/`.
    pub output: Option<PathBuf>,
    /// The address of the site, instead of the configured one.
    pub base_url: Option<String>,
    /// Publish drafts too.
    pub drafts: bool,
    /// Publish stories with a future date too.
    pub future: bool,
    /// Publish stories whose expiry date is past too.
    pub expired: bool,
    /// Where to keep what the next build needs, instead of the configured folder.
    pub state: Option<PathBuf>,
    /// The moment that "future" and "expired" are told by, in seconds since 1970.
    pub now: i64,
    /// A day or moment to take for now instead, as it was written.
    pub said_now: Option<String>,
    /// Every address is to be written into the register.
    pub record: bool,
}

/// Everything that the stages need to know of a site.
#[derive(Debug)]
pub struct Site {
    /// The root folder.
    pub root: PathBuf,
    /// Where the articles are.
    pub content: PathBuf,
    /// The site's own templates.
    pub templates: PathBuf,
    /// Files that are copied as they are.
    pub statics: PathBuf,
    /// Where the pages go.
    pub output: PathBuf,
    /// Where the ledger and the records are kept.
    pub state: PathBuf,
    /// The settings.
    pub config: Config,
    /// The site's time zone, which decides the day of a story.
    pub zone: Tz,
    /// The absolute address, without a final slash.
    pub base_url: String,
    /// The path of that address, with both slashes.
    pub path: String,
    /// The taxonomies, in order: sections, tags, authors and so on.
    pub taxonomies: Vec<Taxonomy>,
    /// Names that are taken out of stories.
    pub redactions: Redactions,
    /// The call's settings.
    pub options: Options,
    /// The moment that the call said to take for now, in seconds since 1970.
    pub said_now: Option<i64>,
    /// Whether there is a register of permalinks, or is to be one.
    pub registered: bool,
    permalink: Pattern,
    section_permalinks: HashMap<String, Pattern>,
}

impl Site {
    /// Reads `site.yaml` and `redactions.yaml` (which may be missing) and settles every folder. Mistakes in the file are returned beside the site, which
    /// then has the default in place of what couldn't be read.
    ///
    /// # Errors
    /// If the root or its `content/` isn't there, can't be read, or the output folder would overwrite the site's own files.
    pub fn load(mut options: Options) -> Result<(Self, Vec<Diagnostic>), Error> {
        let root =
            options.root.canonicalize().map_err(Error::io("can't open the site's folder", &options.root))?;
        let content = root.join("content");
        if !content.is_dir() {
            let hint =
                "a site needs a folder `content/` with its articles; use --root to name another folder";
            return Err(Error::Usage(format!("there is no {}: {hint}", content.display())));
        }
        let output = options.output.clone().unwrap_or_else(|| root.join("public"));
        let output = real(&output).map_err(Error::io("can't resolve the output folder", &output))?;
        check_output(&root, &output)?;

        let file = root.join(CONFIG_FILE);
        let bytes = match std::fs::read(&file) {
            Ok(bytes) => bytes,
            Err(missing) if missing.kind() == std::io::ErrorKind::NotFound => Vec::new(),
            Err(other) => return Err(Error::io("can't read", &file)(other)),
        };
        let (source, garbled) = text_of(&bytes);
        let (mut config, mut diagnostics) = Config::parse(source);
        diagnostics.extend(garbled);
        if let Some(base_url) = &options.base_url {
            config.base_url = Some(base_url.clone());
        }
        let base_url = config::base_url(&config, source, &mut diagnostics);
        let path = format!("{}/", config::url_path(&base_url));
        let state = options.state.as_deref().or(config.state.as_deref().map(Path::new));
        let state = root.join(state.unwrap_or(Path::new(".dateline")));
        let settled = config::settle(&config, source, &mut diagnostics);
        let (redactions, mistakes) = Redactions::load(&root, &content);
        diagnostics.extend(mistakes);
        let said_now = options.said_now.as_deref().map(|text| moment(text, settled.zone)).transpose()?;
        options.now = said_now.unwrap_or(options.now);
        let registered = options.record || root.join(REGISTER_FILE).symlink_metadata().is_ok();
        let site = Self {
            said_now,
            registered,
            templates: root.join("templates"),
            statics: root.join("static"),
            state,
            zone: settled.zone,
            taxonomies: settled.taxonomies,
            permalink: settled.permalink,
            section_permalinks: settled.section_permalinks,
            redactions,
            root,
            content,
            output,
            config,
            base_url,
            path,
            options,
        };
        Ok((site, diagnostics))
    }

    /// The pattern of permalinks for a section, given by its slug.
    pub fn permalink_pattern(&self, section: &str) -> &Pattern {
        self.section_permalinks.get(section).unwrap_or(&self.permalink)
    }

    /// The register of permalinks, which may not be there.
    pub fn register(&self) -> PathBuf {
        self.root.join(REGISTER_FILE)
    }

    /// A path below the site's root as an address in HTML: with the site's own path before it.
    pub fn href(&self, path: &str) -> String {
        let mut href = String::with_capacity(self.path.len() + path.len());
        href.push_str(&self.path);
        encode_href(path.trim_start_matches('/'), &mut href);
        href
    }

    /// A path below the site's root as an absolute address, in ASCII.
    pub fn absolute(&self, path: &str) -> String {
        let mut address = String::with_capacity(self.base_url.len() + path.len());
        address.push_str(&self.base_url);
        encode_ascii(path, &mut address);
        address
    }

    /// The number of a taxonomy by its key.
    pub fn taxonomy(&self, key: &str) -> Option<usize> {
        self.taxonomies.iter().position(|taxonomy| taxonomy.key == key)
    }
}

/// Whether a path is that of a story's file, or of a term's page.
pub fn is_article(path: &str) -> bool {
    path.ends_with(".md") || path.ends_with(".markdown")
}

/// The moment that a call says to take for now; of a day, its last second.
fn moment(text: &str, zone: Tz) -> Result<i64, Error> {
    let moment = Moment::parse(text, zone)
        .map_err(|why| Error::Usage(format!("--now: `{text}` is no date: {why}; write it as 2024-11-05")))?;
    Ok(moment.seconds + if moment.day_only { 86_399 } else { 0 })
}

/// The settings as text, without a byte order mark; nothing, and what is wrong, if they aren't UTF-8.
fn text_of(bytes: &[u8]) -> (&str, Option<Diagnostic>) {
    match std::str::from_utf8(bytes) {
        Ok(text) => (text.trim_start_matches('\u{feff}'), None),
        Err(error) => {
            let message = format!("the file is not UTF-8 from offset {} on", error.valid_up_to());
            let diagnostic = Diagnostic::error("not-utf8", CONFIG_FILE, message);
            ("", Some(diagnostic.help("save it as UTF-8: `iconv -f ISO-8859-1 -t UTF-8 OLD > NEW`")))
        }
    }
}

/// The real path of a folder that may be yet to be made: links and `..` resolved as far as there is something.
fn real(path: &Path) -> std::io::Result<PathBuf> {
    let path = std::path::absolute(path)?;
    let (mut there, mut missing) = (path.as_path(), Vec::new());
    loop {
        match (there.canonicalize(), there.parent()) {
            (Err(_), Some(parent)) => {
                missing.push(there.components().next_back());
                there = parent;
            }
            (found, _) => {
                return found.map(|found| missing.into_iter().rev().flatten().fold(found, step));
            }
        }
    }
}

/// One step down a path, or up for `..`.
fn step(mut path: PathBuf, part: Component<'_>) -> PathBuf {
    match part {
        Component::ParentDir => drop(path.pop()),
        part => path.push(part),
    }
    path
}

/// Refuses an output folder that would mix pages with what they are made from.
fn check_output(root: &Path, output: &Path) -> Result<(), Error> {
    let taken = ["content", "templates", "static", ".dateline", "src"].map(|name| root.join(name));
    let inside = taken.iter().find(|folder| output.starts_with(folder));
    if root.starts_with(output) || inside.is_some() {
        let message = format!(
            "the output folder {} holds the site's own files; choose another with --output",
            output.display()
        );
        return Err(Error::Usage(message));
    }
    Ok(())
}

//! The setting `search`.

use serde::{Deserialize, Serialize};

use super::settings_reader::{SettingsReader, Toggle};

/// The settings of search.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct SearchSettings {
    /// The layout of the index files.
    pub files: SearchIndexLayout,
    /// The beginnings of lines that aren't indexed, such as the newspaper's contact details.
    pub boilerplate: Vec<String>,
    /// An external search engine, for readers without JavaScript.
    pub engine: Option<Engine>,
}

/// The layout of the index files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum SearchIndexLayout {
    /// A few large files, of which a browser requests byte ranges (RFC 9110, section 14).
    #[default]
    Ranges,
    /// Many small files, for hosts that don't support range requests.
    Chunked,
}

impl SearchIndexLayout {
    /// The maximum size of a file, in bytes. Cloudflare Pages accepts files of up to 25 MiB.
    pub(crate) fn max_file_bytes(self) -> u64 {
        match self {
            Self::Ranges => 24 << 20,
            Self::Chunked => 128 << 10,
        }
    }
}

/// An external search engine, to which a form sends the query.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Engine {
    /// Its name, as printed on the button.
    pub name: String,
    /// The URL that the form is sent to.
    pub url: String,
    /// The name of the parameter with the query.
    #[serde(default = "Engine::default_field")]
    pub field: String,
    /// The name of the parameter with the site's host, for engines that can search a single site.
    pub site_field: Option<String>,
}

impl Engine {
    fn default_field() -> String {
        "q".to_owned()
    }
}

/// Reads the setting `search`. It is off by default, because with it an edit of an old article
/// rewrites the index of its years.
pub(super) fn read_search_settings(reader: &mut SettingsReader<'_>) -> Option<SearchSettings> {
    let mut search: SearchSettings = reader.read_toggle("search", Toggle::Off)?;
    if let Some(engine) = &search.engine
        && !engine.url.starts_with("https://")
    {
        let message = format!("search: engine: `{}` does not begin with `https://`", engine.url);
        let help =
            Some("write it as `https://duckduckgo.com/`; the query is sent as `field`".into());
        reader.report(&["search", "engine", "url"], &message, help);
        search.engine = None;
    }
    search.boilerplate.retain(|line| !line.trim().is_empty());
    Some(search)
}

//! Search.

use serde::{Deserialize, Serialize};

use super::settings_reader::{SettingsReader, Toggle, setting_error};

/// The settings of search.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct SearchSettings {
    /// The layout of the index files.
    pub files: SearchIndexLayout,
    /// The beginnings of lines that search ignores, such as the paper's postal details.
    pub boilerplate: Vec<String>,
    /// The URL of an outside engine, for readers without scripts.
    pub engine: Option<Engine>,
}

/// The layout of the index files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum SearchIndexLayout {
    /// A few large ones, of which a browser asks for ranges of bytes (RFC 9110, section 14).
    #[default]
    Ranges,
    /// Many small ones, for hosts that send only whole files.
    Chunked,
}

impl SearchIndexLayout {
    /// The most bytes of a file. Cloudflare Pages takes files of up to 25 MiB.
    pub fn max_file_bytes(self) -> u64 {
        match self {
            Self::Ranges => 24 << 20,
            Self::Chunked => 128 << 10,
        }
    }
}

/// An outside search engine: a form sends what is looked for there.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Engine {
    /// Its name, as printed on the button.
    pub name: String,
    /// The URL that the form is sent to.
    pub url: String,
    /// The name of the field with the words.
    #[serde(default = "Engine::usual_field")]
    pub field: String,
    /// The name of a field that holds the site's own host, for engines that can look through one
    /// site only.
    pub site_field: Option<String>,
}

impl Engine {
    fn usual_field() -> String {
        "q".to_owned()
    }
}

/// The setting `search`; without it there is none, since an edit of an old article rewrites the
/// index of its years.
pub(super) fn read_search_settings(reader: &mut SettingsReader<'_>) -> Option<SearchSettings> {
    let mut search: SearchSettings = reader.read_toggle("search", Toggle::Off)?;
    if let Some(engine) = &search.engine
        && !engine.url.starts_with("https://")
    {
        let message = format!("search: engine: `{}` is not a URL", engine.url);
        let help =
            Some("write it as `https://duckduckgo.com/`; the words are sent as its `field`".into());
        reader.diagnostics.push(setting_error(reader.source, "search", &message, help));
        search.engine = None;
    }
    search.boilerplate.retain(|line| !line.trim().is_empty());
    Some(search)
}

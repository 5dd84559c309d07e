//! The site: its configuration and its folders, immutable once read.

mod check;
mod corrections;
mod file_names;
mod images;
mod key_lines;
mod menus;
mod merge_keys;
mod outputs;
mod reactions;
mod redactions;
mod renamed;
mod root_names;
mod search;
mod setting_texts;
mod settings;
mod settings_reader;
mod site;
mod source_folder;
mod table;
mod taxonomy;
mod theme;
mod time_zone;

pub use check::RULES;
pub(crate) use check::{ExternalLinkSettings, RuleLevel};
pub(crate) use corrections::{CorrectionsPosition, RetractionPolicy};
pub(crate) use file_names::{
    CONFIG_FILE, CONTENT_DIR, PERMALINK_REGISTRY_FILE, PERMALINK_REGISTRY_HEADER, is_markdown_path,
    markdown_stem,
};
pub(crate) use images::{
    AspectRatio, Crop, ImageMetadataSettings, ImageSettings, ImageText, StaticImages,
    UnreadableImages,
};
pub(crate) use menus::MenuEntry;
pub(crate) use merge_keys::{MERGE_KEY, MERGED_TYPE, apply_merge_keys_in, merge_into};
pub(crate) use outputs::{
    FeedFormat, FeedSettings, RedirectFormat, RedirectSettings, SitemapSettings, WildcardRedirect,
};
pub(crate) use redactions::{REDACTIONS_FILE, unknown_redaction};
pub(crate) use root_names::RootName;
pub(crate) use search::SearchIndexLayout;
pub(crate) use setting_texts::NOT_SET;
pub use settings::Limits;
pub(crate) use settings::{CalendarSystem, Config, ExpiredPolicy, HtmlPolicy};
pub use site::{BuildTime, Site, SiteOptions};
pub(crate) use source_folder::find_source_folder;
pub use table::{
    DefaultValue, Effect, SETTING_GROUPS, Setting, SettingGroup, ValueType, example_path,
    set_at_path,
};
pub(crate) use table::{sample_file, settings, settings_schema};
pub(crate) use taxonomy::{AUTHORS, SECTIONS, SERIES, Taxonomy};

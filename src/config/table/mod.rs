//! The table of settings: one row for each key of `site.yaml`. From it follow the known keys and
//! their suggestions, which pages depend on a setting, the file that `dateline init` writes, the
//! JSON Schema, `docs/settings.md`, and the tests that change every setting alone.
//!
//! The values are parsed by the types of `config/`; tests in `tests.rs` prove that these accept the
//! keys of the table and no others, with values of its types, and have its defaults.

mod appearance;
mod examples;
mod features;
mod files;
mod menus;
mod organization;
mod publication;
mod reading;
mod sample;
mod schema;
mod setting;
#[cfg(test)]
mod tests;

pub use examples::{example_path, set_at_path};
pub(crate) use sample::sample_file;
pub(crate) use schema::settings_schema;
pub use setting::{DefaultValue, Effect, Setting, SettingGroup, ValueType};

/// The settings in the order of the documentation.
pub const SETTING_GROUPS: [SettingGroup; 7] = [
    publication::PUBLICATION,
    organization::ORGANIZATION,
    menus::MENUS,
    appearance::APPEARANCE,
    features::FEATURES,
    files::FILES,
    reading::READING,
];

/// Returns every row.
pub(crate) fn settings() -> impl Iterator<Item = &'static Setting> {
    const GROUPS: &[SettingGroup] = &SETTING_GROUPS;
    GROUPS.iter().flat_map(|group| group.settings)
}

/// Returns the keys of the top level, in the order of the documentation.
pub(super) fn top_level_keys() -> impl Iterator<Item = &'static str> {
    settings().filter(|setting| setting.is_top_level()).map(|setting| setting.key)
}

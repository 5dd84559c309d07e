//! The columns of the table of settings.

/// Settings under one heading.
#[derive(Debug)]
pub struct SettingGroup {
    /// The heading.
    pub title: &'static str,
    /// The settings; the parts of a setting follow it.
    pub settings: &'static [Setting],
}

/// A key of `site.yaml`.
#[derive(Debug)]
pub struct Setting {
    /// The key, after those of the maps that it is in: `feeds.articles`. A `*` stands for any key,
    /// `[]` for an item of a list.
    pub key: &'static str,
    /// The type of its value.
    pub value: ValueType,
    /// The value without the setting.
    pub default: DefaultValue,
    /// Its documentation, one or two sentences of Markdown.
    pub summary: &'static str,
    /// The pages that depend on it.
    pub effect: Effect,
    /// Values to which tests change it.
    pub examples: Examples,
    /// Its lines in the file that `dateline init` writes.
    pub sample: Sample,
}

/// The type of a setting's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueType {
    /// Any value.
    Any,
    /// A text.
    Text,
    /// An absolute URL with `http` or `https`.
    Url,
    /// The path of a file or folder.
    Path,
    /// A language tag (BCP 47).
    LanguageTag,
    /// A name from the IANA time zone database.
    TimeZone,
    /// A pattern of permalinks.
    PermalinkPattern,
    /// `true` or `false`.
    Boolean,
    /// A number.
    Number,
    /// A whole number.
    Integer {
        /// The smallest value.
        min: u64,
        /// The largest value.
        max: u64,
    },
    /// One of several words.
    Choice(&'static [&'static str]),
    /// A list.
    List(&'static ValueType),
    /// A map whose keys have rows of their own.
    Map,
    /// A map with any keys.
    MapOf {
        /// A noun for the keys, in documentation.
        key: &'static str,
        /// A key for tests.
        example: &'static str,
        /// The type of the values.
        value: &'static ValueType,
    },
    /// A map with known keys and values of one type.
    Fields {
        /// The keys.
        names: &'static [&'static str],
        /// The type of the values.
        value: &'static ValueType,
    },
    /// `false`, `true` for the defaults, or a value.
    Toggle(&'static ValueType),
    /// A value of one of several types.
    Either(&'static [ValueType]),
}

/// The value of a setting that a site doesn't set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DefaultValue {
    /// A value as in `site.yaml`.
    Value(&'static str),
    /// There is none.
    Unset,
    /// The map that contains the key isn't valid without it.
    Required,
    /// A description of the value.
    Described(&'static str),
}

/// The pages whose fingerprint contains a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Every page and every output file.
    All,
    /// Every page that has a template.
    Pages,
    /// Pages and output files that show a Markdown body.
    Bodies,
    /// The pages of articles, and pages without a date.
    Articles,
    /// The pages of articles, and output files.
    ArticlesAndFiles,
    /// Output files: feeds, sitemaps, data, redirects, well-known files.
    Files,
    /// The pages whose templates name it in `site`.
    Templates,
    /// Those of the articles and URLs that it determines, which are in the hashes of the catalog.
    Catalog,
    /// No page.
    Nothing,
    /// Those of the setting that it is a part of.
    Parent,
}

/// Values to which a test changes a setting, in YAML: at least one, not the default.
#[derive(Clone, Copy, Debug)]
pub struct Examples {
    first: &'static str,
    others: &'static [&'static str],
}

impl Examples {
    pub(super) const fn from_value(first: &'static str) -> Self {
        Self { first, others: &[] }
    }

    pub(super) const fn from_values(first: &'static str, others: &'static [&'static str]) -> Self {
        Self { first, others }
    }

    /// Returns the values, one after the other.
    pub fn values(&self) -> impl Iterator<Item = &'static str> + use<> {
        std::iter::once(self.first).chain(self.others.iter().copied())
    }
}

/// The lines of a setting in the file that `dateline init` writes.
#[derive(Clone, Copy, Debug)]
pub enum Sample {
    /// The setting is set.
    Set(&'static str),
    /// The setting is shown in a comment.
    Commented(&'static str),
    /// The file doesn't show it.
    None,
}

impl Setting {
    /// Returns true if the setting isn't a part of another.
    pub fn is_top_level(&self) -> bool {
        !self.key.contains('.')
    }
}

//! The rows of the settings' table about sections, taxonomies and the URLs of articles.

use super::setting::{DefaultValue, Effect, Examples, Sample, Setting, SettingGroup, ValueType};

pub(super) const ORGANIZATION: SettingGroup = SettingGroup {
    title: "Sections, other taxonomies, and URLs",
    settings: &[
        Setting {
            key: "sections",
            value: ValueType::MapOf {
                key: "section",
                example: "world",
                value: &ValueType::Either(&[ValueType::Text, ValueType::Map]),
            },
            default: DefaultValue::Unset,
            summary: "The sections in the masthead, in this order: the value of `section:` in \
                articles, and the name that readers see.",
            effect: Effect::All,
            examples: Examples::from_values(
                "{world: The World}",
                &["{business: Business, world: World}"],
            ),
            sample: Sample::Commented(
                "sections:\n  city: City\n  world: World\n  opinion: {name: Opinion, permalink: \
                    \"/opinion/{year}/{slug}/\"}",
            ),
        },
        Setting {
            key: "sections.*.name",
            value: ValueType::Text,
            default: DefaultValue::Described(
                "the title of its `_index.md`, otherwise the spelling that articles use",
            ),
            summary: "The name that readers see.",
            effect: Effect::Parent,
            examples: Examples::from_value("Abroad"),
            sample: Sample::None,
        },
        Setting {
            key: "sections.*.permalink",
            value: ValueType::PermalinkPattern,
            default: DefaultValue::Described("the site's `permalink`"),
            summary: "The URLs of the section's articles.",
            effect: Effect::Parent,
            examples: Examples::from_value("/abroad/{year}/{slug}/"),
            sample: Sample::None,
        },
        Setting {
            key: "taxonomies",
            value: ValueType::MapOf {
                key: "taxonomy",
                example: "tags",
                value: &ValueType::Either(&[ValueType::Text, ValueType::Boolean, ValueType::Map]),
            },
            default: DefaultValue::Unset,
            summary: "Changes to the taxonomies; `dateline help taxonomies` lists the defaults.",
            effect: Effect::All,
            examples: Examples::from_values(
                "{people: false}",
                &[
                    "{tags: {name: Subjects, path: subjects, feed: true}}",
                    "{beats: {from: [tags]}}",
                ],
            ),
            sample: Sample::Commented(
                "taxonomies:\n  organisations: false\n  beats: {name: Beats, singular: Beat, \
                    from: [beat, beats]}",
            ),
        },
        Setting {
            key: "taxonomies.*.name",
            value: ValueType::Text,
            default: DefaultValue::Described(
                "in the language of the interface; for a taxonomy of your own, its key",
            ),
            summary: "The name of the taxonomy.",
            effect: Effect::Parent,
            examples: Examples::from_value("Subjects"),
            sample: Sample::None,
        },
        Setting {
            key: "taxonomies.*.singular",
            value: ValueType::Text,
            default: DefaultValue::Described("in the language of the interface, otherwise `name`"),
            summary: "The name for one of its terms.",
            effect: Effect::Parent,
            examples: Examples::from_value("Subject"),
            sample: Sample::None,
        },
        Setting {
            key: "taxonomies.*.path",
            value: ValueType::Text,
            default: DefaultValue::Described("its key"),
            summary: "The path of its URL, without slashes around it.",
            effect: Effect::Parent,
            examples: Examples::from_value("subjects"),
            sample: Sample::None,
        },
        Setting {
            key: "taxonomies.*.from",
            value: ValueType::List(&ValueType::Text),
            default: DefaultValue::Described("its key, and common spellings of it"),
            summary: "The front matter keys whose values are its terms.",
            effect: Effect::Parent,
            examples: Examples::from_value("[topics]"),
            sample: Sample::None,
        },
        Setting {
            key: "taxonomies.*.feed",
            value: ValueType::Boolean,
            default: DefaultValue::Described("`true` for `sections`, otherwise `false`"),
            summary: "Whether each of its terms has feeds.",
            effect: Effect::Parent,
            examples: Examples::from_value("true"),
            sample: Sample::None,
        },
        Setting {
            key: "permalink",
            value: ValueType::PermalinkPattern,
            default: DefaultValue::Value("/{year}/{month}/{day}/{slug}/"),
            summary: "The URLs of articles. Choose them before you publish: a change moves every \
                article.",
            effect: Effect::Catalog,
            examples: Examples::from_value("/{section}/{year}/{slug}/"),
            sample: Sample::Commented("permalink: /{year}/{month}/{day}/{slug}/"),
        },
        Setting {
            key: "record_permalinks",
            value: ValueType::Boolean,
            default: DefaultValue::Value("false"),
            summary: "Each build records the published URLs in permalinks.txt, and reports those \
                that no longer exist. Keep this file under version control, with the articles.",
            effect: Effect::Nothing,
            examples: Examples::from_value("true"),
            sample: Sample::Set("record_permalinks: true"),
        },
    ],
};

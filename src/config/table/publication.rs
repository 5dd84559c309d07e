//! The rows of the settings' table about the site's name, URL, language and time zone.

use super::setting::{DefaultValue, Effect, Examples, Sample, Setting, SettingGroup, ValueType};

pub(super) const PUBLICATION: SettingGroup = SettingGroup {
    title: "The site",
    settings: &[
        Setting {
            key: "title",
            value: ValueType::Text,
            default: DefaultValue::Value("News archive"),
            summary: "The name of the publication, for the masthead, page titles and feeds.",
            effect: Effect::All,
            examples: Examples::from_value("Another Test"),
            sample: Sample::Set("title: {title}"),
        },
        Setting {
            key: "description",
            value: ValueType::Text,
            default: DefaultValue::Unset,
            summary: "The tagline, shown below the name on the front page.",
            effect: Effect::All,
            examples: Examples::from_values("All of it", &["\"\""]),
            sample: Sample::Commented("description: News of the port and its region"),
        },
        Setting {
            key: "base_url",
            value: ValueType::Url,
            default: DefaultValue::Unset,
            summary: "The URL of the published site. Feeds, sitemaps and share links need it; \
                builds print a warning until it is set.",
            effect: Effect::All,
            examples: Examples::from_values("https://other.example", &["https://test.example/sub"]),
            sample: Sample::Commented("base_url: https://news.example"),
        },
        Setting {
            key: "language",
            value: ValueType::LanguageTag,
            default: DefaultValue::Value("en"),
            summary: "The language of the interface, and of articles without `lang`: ar, de, en, \
                es, fa, fr, hi, ur, zh, or any other tag.",
            effect: Effect::All,
            examples: Examples::from_values("fr", &["ar"]),
            sample: Sample::Commented("language: en"),
        },
        Setting {
            key: "time_zone",
            value: ValueType::TimeZone,
            default: DefaultValue::Value("UTC"),
            summary: "Determines the day of every article: a name from the IANA time zone \
                database.",
            effect: Effect::All,
            examples: Examples::from_value("Asia/Karachi"),
            sample: Sample::Commented("time_zone: Europe/London"),
        },
        Setting {
            key: "copyright",
            value: ValueType::Text,
            default: DefaultValue::Unset,
            summary: "The last line of every page, and the rights statement of feeds.",
            effect: Effect::ArticlesAndFiles,
            examples: Examples::from_values("One", &["Two", "\"\""]),
            sample: Sample::Commented("copyright: © The paper and its authors"),
        },
        Setting {
            key: "license",
            value: ValueType::Url,
            default: DefaultValue::Unset,
            summary: "The license of all articles, for readers and for programs.",
            effect: Effect::All,
            examples: Examples::from_value("https://creativecommons.org/licenses/by/4.0/"),
            sample: Sample::Commented("license: https://creativecommons.org/licenses/by/4.0/"),
        },
    ],
};

//! The rows of the settings' table about how articles are read, the build cache and custom values.

use super::setting::{DefaultValue, Effect, Examples, Sample, Setting, SettingGroup, ValueType};

pub(super) const READING: SettingGroup = SettingGroup {
    title: "Reading articles",
    settings: &[
        Setting {
            key: "html",
            value: ValueType::Choice(&["sanitized", "trusted"]),
            default: DefaultValue::Value("sanitized"),
            summary: "HTML in articles: `sanitized` removes scripts and event handlers; \
                `trusted` keeps all HTML, for text that you wrote.",
            effect: Effect::Bodies,
            examples: Examples::from_value("trusted"),
            sample: Sample::Commented("html: trusted"),
        },
        Setting {
            key: "expired",
            value: ValueType::Choice(&["hide", "keep"]),
            default: DefaultValue::Value("hide"),
            summary: "Articles whose `expires` date is past: hide or keep.",
            effect: Effect::Catalog,
            examples: Examples::from_value("keep"),
            sample: Sample::Commented("expired: keep"),
        },
        Setting {
            key: "limits",
            value: ValueType::Map,
            default: DefaultValue::Described("see its parts"),
            summary: "The maximum length of an article and of front matter, in bytes, and the \
                maximum nesting depth of blocks in an article.",
            effect: Effect::Bodies,
            examples: Examples::from_value("{nesting: 3}"),
            sample: Sample::Commented(
                "limits: {article_bytes: 2097152, front_matter_bytes: 65536, nesting: 100}",
            ),
        },
        Setting {
            key: "limits.article_bytes",
            value: ValueType::Integer { min: 0, max: u64::MAX },
            default: DefaultValue::Value("2097152"),
            summary: "The maximum size of an article's file, in bytes.",
            effect: Effect::Parent,
            examples: Examples::from_value("400"),
            sample: Sample::None,
        },
        Setting {
            key: "limits.front_matter_bytes",
            value: ValueType::Integer { min: 0, max: u64::MAX },
            default: DefaultValue::Value("65536"),
            summary: "The maximum size of front matter, in bytes.",
            effect: Effect::Parent,
            examples: Examples::from_value("60"),
            sample: Sample::None,
        },
        Setting {
            key: "limits.nesting",
            value: ValueType::Integer { min: 0, max: u64::MAX },
            default: DefaultValue::Value("100"),
            summary: "The maximum nesting depth of lists, quotations and HTML in a body.",
            effect: Effect::Parent,
            examples: Examples::from_value("2"),
            sample: Sample::None,
        },
        Setting {
            key: "state",
            value: ValueType::Path,
            default: DefaultValue::Value(".dateline"),
            summary: "The build cache directory.",
            effect: Effect::Nothing,
            examples: Examples::from_value(".cache"),
            sample: Sample::Commented("state: .dateline"),
        },
        Setting {
            key: "extra",
            value: ValueType::Any,
            default: DefaultValue::Value("{}"),
            summary: "Custom values; templates read them as `site.extra.…`. \
                templates/parts/colophon.html shows this one at the bottom of every page.",
            effect: Effect::Templates,
            examples: Examples::from_values(
                "{motto: All of it}",
                &["{motto: {motto: 1}}", "{motto: {motto: \"1\"}}"],
            ),
            sample: Sample::Set("extra:\n  imprint: Published with Dateline."),
        },
    ],
};

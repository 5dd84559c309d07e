//! The rows of the settings' table about menus.

use super::setting::{DefaultValue, Effect, Examples, Sample, Setting, SettingGroup, ValueType};

/// The type of an entry's text.
const NAME: ValueType = ValueType::Either(&[
    ValueType::Text,
    ValueType::MapOf { key: "language", example: "fr", value: &ValueType::Text },
]);

/// Returns a row of an entry's key.
const fn entry_row(
    key: &'static str,
    value: ValueType,
    summary: &'static str,
    examples: Examples,
) -> Setting {
    let default = DefaultValue::Unset;
    Setting { key, value, default, summary, effect: Effect::Parent, examples, sample: Sample::None }
}

const NAME_SUMMARY: &str = "The text of the link, or a map from languages to texts. Without it, \
    the title of the page.";
const PAGE_SUMMARY: &str = "The file of a page or an article, relative to content/pages/ or \
    content/. Pages in another language link to its translation.";
const URL_SUMMARY: &str = "A path below the site's root, or a URL.";
const LANG_SUMMARY: &str = "The only language of pages that show the entry.";
const CHILDREN_SUMMARY: &str = "Entries below this one; they have the same keys except `children`.";
const CHILDREN: ValueType = ValueType::List(&ValueType::Any);
const CHILDREN_EXAMPLE: Examples = Examples::from_value("[{name: Shop, url: /shop/}]");

pub(super) const MENUS: SettingGroup = SettingGroup {
    title: "Menus",
    settings: &[
        Setting {
            key: "menus",
            value: ValueType::Map,
            default: DefaultValue::Described("the sections in the masthead"),
            summary: "The links of the masthead and of the footer.",
            effect: Effect::Pages,
            examples: Examples::from_values(
                "{footer: [{name: Shop, url: \"https://shop.example/\"}]}",
                &["{masthead: [{name: Archive, url: /archive/}]}", "{sections: false}"],
            ),
            sample: Sample::Commented(
                "menus:\n  footer:\n    - {page: about.md}\n    - {page: contact.md}\n    \
                    - {page: corrections-policy.md}",
            ),
        },
        entry_row_with_default(
            "menus.sections",
            ValueType::Boolean,
            "Whether the masthead begins with the sections.",
            ("true", Examples::from_value("false")),
        ),
        entry_row_with_default(
            "menus.masthead",
            ValueType::List(&ValueType::Map),
            "The entries of the masthead, after the sections.",
            ("[]", Examples::from_value("[{name: Shop, url: /shop/}]")),
        ),
        entry_row("menus.masthead.[].name", NAME, NAME_SUMMARY, Examples::from_value("Shop")),
        entry_row(
            "menus.masthead.[].page",
            ValueType::Text,
            PAGE_SUMMARY,
            Examples::from_value("about.md"),
        ),
        entry_row(
            "menus.masthead.[].url",
            ValueType::Text,
            URL_SUMMARY,
            Examples::from_value("/shop/"),
        ),
        entry_row(
            "menus.masthead.[].lang",
            ValueType::LanguageTag,
            LANG_SUMMARY,
            Examples::from_value("fr"),
        ),
        entry_row("menus.masthead.[].children", CHILDREN, CHILDREN_SUMMARY, CHILDREN_EXAMPLE),
        entry_row_with_default(
            "menus.footer",
            ValueType::List(&ValueType::Map),
            "The entries of the footer.",
            ("[]", Examples::from_value("[{name: Shop, url: /shop/}]")),
        ),
        entry_row("menus.footer.[].name", NAME, NAME_SUMMARY, Examples::from_value("Shop")),
        entry_row(
            "menus.footer.[].page",
            ValueType::Text,
            PAGE_SUMMARY,
            Examples::from_value("about.md"),
        ),
        entry_row(
            "menus.footer.[].url",
            ValueType::Text,
            URL_SUMMARY,
            Examples::from_value("/shop/"),
        ),
        entry_row(
            "menus.footer.[].lang",
            ValueType::LanguageTag,
            LANG_SUMMARY,
            Examples::from_value("fr"),
        ),
        entry_row("menus.footer.[].children", CHILDREN, CHILDREN_SUMMARY, CHILDREN_EXAMPLE),
    ],
};

/// Returns a row with a default value and examples.
const fn entry_row_with_default(
    key: &'static str,
    value: ValueType,
    summary: &'static str,
    (default, examples): (&'static str, Examples),
) -> Setting {
    let default = DefaultValue::Value(default);
    Setting { key, value, default, summary, effect: Effect::Parent, examples, sample: Sample::None }
}

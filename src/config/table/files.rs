//! The rows of the settings' table about feeds, sitemaps, data, redirects and small standard files.

use super::setting::{DefaultValue, Effect, Examples, Sample, Setting, SettingGroup, ValueType};
use crate::config::outputs::{SECURITY_FIELDS, TRUST_FIELDS};

/// The lines of a field of a text file.
const FIELD_LINES: &ValueType = &ValueType::Either(&[
    ValueType::Text,
    ValueType::Boolean,
    ValueType::Number,
    ValueType::List(&ValueType::Any),
]);

pub(super) const FILES: SettingGroup = SettingGroup {
    title: "Output for other programs",
    settings: &[
        Setting {
            key: "feeds",
            value: ValueType::Toggle(&ValueType::Map),
            default: DefaultValue::Value("true"),
            summary: "Feeds: their formats, and whether they contain full articles or only their \
                first lines.",
            effect: Effect::Files,
            examples: Examples::from_values("false", &["{formats: [atom]}"]),
            sample: Sample::Commented("feeds: {formats: [atom, rss, json], full_text: true}"),
        },
        Setting {
            key: "feeds.formats",
            value: ValueType::List(&ValueType::Choice(&["atom", "rss", "json"])),
            default: DefaultValue::Value("[atom, rss, json]"),
            summary: "The formats.",
            effect: Effect::Pages,
            examples: Examples::from_value("[rss]"),
            sample: Sample::None,
        },
        Setting {
            key: "feeds.full_text",
            value: ValueType::Boolean,
            default: DefaultValue::Value("false"),
            summary: "Whether feeds contain whole articles instead of their descriptions.",
            effect: Effect::Parent,
            examples: Examples::from_values("true", &["false"]),
            sample: Sample::None,
        },
        Setting {
            key: "feeds.articles",
            value: ValueType::Integer { min: 1, max: 1000 },
            default: DefaultValue::Value("30"),
            summary: "The minimum number of articles in the main feed.",
            effect: Effect::Parent,
            examples: Examples::from_value("1"),
            sample: Sample::None,
        },
        Setting {
            key: "feeds.archive",
            value: ValueType::Boolean,
            default: DefaultValue::Value("true"),
            summary: "Whether there are feeds by month, so that a program can load the whole \
                archive (RFC 5005).",
            effect: Effect::Parent,
            examples: Examples::from_value("false"),
            sample: Sample::None,
        },
        Setting {
            key: "feeds.authority",
            value: ValueType::Text,
            default: DefaultValue::Described("the domain of `base_url`"),
            summary: "The domain in the ids of articles; a site that moves to another domain \
                keeps the old one here.",
            effect: Effect::Parent,
            examples: Examples::from_value("old.example"),
            sample: Sample::None,
        },
        Setting {
            key: "feeds.hub",
            value: ValueType::Url,
            default: DefaultValue::Unset,
            summary: "The WebSub hub that notifies subscribers of changes.",
            effect: Effect::Parent,
            examples: Examples::from_value("https://hub.example/"),
            sample: Sample::None,
        },
        Setting {
            key: "sitemaps",
            value: ValueType::Toggle(&ValueType::Map),
            default: DefaultValue::Value("true"),
            summary: "Sitemaps for search engines; `news` adds one of the last two days for \
                Google News.",
            effect: Effect::Files,
            examples: Examples::from_value("false"),
            sample: Sample::Commented("sitemaps: {images: true, news: true}"),
        },
        Setting {
            key: "sitemaps.images",
            value: ValueType::Boolean,
            default: DefaultValue::Value("true"),
            summary: "Whether sitemaps contain the main image of each article.",
            effect: Effect::Parent,
            examples: Examples::from_value("false"),
            sample: Sample::None,
        },
        Setting {
            key: "sitemaps.news",
            value: ValueType::Boolean,
            default: DefaultValue::Value("true"),
            summary: "Whether there is a sitemap of the last two days.",
            effect: Effect::Parent,
            examples: Examples::from_value("false"),
            sample: Sample::None,
        },
        Setting {
            key: "metadata",
            value: ValueType::Boolean,
            default: DefaultValue::Value("true"),
            summary: "Structured data and metadata for search engines and social networks in \
                pages.",
            effect: Effect::Pages,
            examples: Examples::from_value("false"),
            sample: Sample::Commented("metadata: false"),
        },
        Setting {
            key: "data",
            value: ValueType::Toggle(&ValueType::Map),
            default: DefaultValue::Value("false"),
            summary: "The archive as data tables.",
            effect: Effect::ArticlesAndFiles,
            examples: Examples::from_values("false", &["true"]),
            sample: Sample::Commented("data: {articles: true}"),
        },
        Setting {
            key: "data.articles",
            value: ValueType::Boolean,
            default: DefaultValue::Value("true"),
            summary: "Tables of all articles, one for each year.",
            effect: Effect::Parent,
            examples: Examples::from_value("false"),
            sample: Sample::None,
        },
        Setting {
            key: "data.ninjs",
            value: ValueType::Boolean,
            default: DefaultValue::Value("false"),
            summary: "Each article as IPTC's ninjs, next to its page.",
            effect: Effect::Parent,
            examples: Examples::from_values("true", &["false"]),
            sample: Sample::None,
        },
        Setting {
            key: "robots",
            value: ValueType::Toggle(&ValueType::Map),
            default: DefaultValue::Value("true"),
            summary: "The paths that crawlers should ignore, and the crawlers that should ignore \
                the whole site.",
            effect: Effect::Files,
            examples: Examples::from_values(
                "false",
                &["{disallow: [/data/], refuse: [ExampleBot]}"],
            ),
            sample: Sample::Commented("robots: {disallow: [/data/], refuse: [ExampleBot]}"),
        },
        Setting {
            key: "robots.disallow",
            value: ValueType::List(&ValueType::Text),
            default: DefaultValue::Value("[]"),
            summary: "Paths that no crawler should fetch.",
            effect: Effect::Parent,
            examples: Examples::from_value("[/feeds/]"),
            sample: Sample::None,
        },
        Setting {
            key: "robots.refuse",
            value: ValueType::List(&ValueType::Text),
            default: DefaultValue::Value("[]"),
            summary: "Crawlers that should not fetch anything.",
            effect: Effect::Parent,
            examples: Examples::from_value("[OtherBot]"),
            sample: Sample::None,
        },
        Setting {
            key: "redirects",
            value: ValueType::Map,
            default: DefaultValue::Described("see its parts"),
            summary: "Redirects from old URLs, in the formats of your host: html, netlify, \
                nginx, apache, s3.",
            effect: Effect::Files,
            examples: Examples::from_value("{formats: [html], rules: {/old/: /2024/}}"),
            sample: Sample::Commented(
                "redirects:\n  formats: [html]\n  rules:\n    /about.html: /archive/",
            ),
        },
        Setting {
            key: "redirects.formats",
            value: ValueType::List(&ValueType::Choice(&[
                "html", "netlify", "nginx", "apache", "s3",
            ])),
            default: DefaultValue::Value("[html]"),
            summary: "The formats.",
            effect: Effect::Parent,
            examples: Examples::from_value("[nginx]"),
            sample: Sample::None,
        },
        Setting {
            key: "redirects.rules",
            value: ValueType::MapOf { key: "path", example: "/old/", value: &ValueType::Text },
            default: DefaultValue::Unset,
            summary: "Paths with the paths or URLs that they redirect to. A `*` at the end of a \
                path matches the rest of a URL, `:splat` in its target is that rest.",
            effect: Effect::Parent,
            examples: Examples::from_value("{/former/page.html: /archive/}"),
            sample: Sample::None,
        },
        Setting {
            key: "humans",
            value: ValueType::Text,
            default: DefaultValue::Unset,
            summary: "The text of humans.txt.",
            effect: Effect::Files,
            examples: Examples::from_values("By others.", &["\"\""]),
            sample: Sample::Commented("humans: Written, edited and published by hand."),
        },
        Setting {
            key: "trust",
            value: ValueType::Fields { names: &TRUST_FIELDS, value: FIELD_LINES },
            default: DefaultValue::Unset,
            summary: "The fields of trust.txt (JournalList).",
            effect: Effect::Files,
            examples: Examples::from_value("{contact: \"mailto:b@test.example\"}"),
            sample: Sample::Commented("trust: {contact: \"mailto:editor@news.example\"}"),
        },
        Setting {
            key: "security",
            value: ValueType::Fields { names: &SECURITY_FIELDS, value: FIELD_LINES },
            default: DefaultValue::Unset,
            summary: "The fields of security.txt (RFC 9116); `contact` and `expires` are required.",
            effect: Effect::Files,
            examples: Examples::from_value(
                "{contact: \"mailto:b@test.example\", expires: \"2099-12-31T00:00:00Z\"}",
            ),
            sample: Sample::Commented(
                "security: {contact: \"mailto:security@news.example\", expires: \
                    \"2099-12-31T00:00:00Z\"}",
            ),
        },
        Setting {
            key: "llms",
            value: ValueType::Boolean,
            default: DefaultValue::Value("false"),
            summary: "llms.txt: the URLs of years, sections, feeds and data tables.",
            effect: Effect::Files,
            examples: Examples::from_values("false", &["true"]),
            sample: Sample::Commented("llms: true"),
        },
        Setting {
            key: "headers",
            value: ValueType::Boolean,
            default: DefaultValue::Value("false"),
            summary: "_headers: a Content-Security-Policy and cache headers, for Netlify and \
                Cloudflare Pages.",
            effect: Effect::Files,
            examples: Examples::from_values("false", &["true"]),
            sample: Sample::Commented("headers: true"),
        },
    ],
};

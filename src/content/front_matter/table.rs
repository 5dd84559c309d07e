//! The table of front matter: one row for each field. From it follow the known keys and their
//! suggestions, the fields of texts, the JSON Schema, and the table in `docs/front-matter.md`.

/// The fields that hold one text.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Field {
    Title,
    Date,
    Updated,
    Expires,
    Description,
    Slug,
    Permalink,
    Dateline,
    Lang,
    Origin,
    OriginalUrl,
    Id,
    TranslationOf,
    StatusReason,
    StatusDate,
    Embargo,
}

/// A field of front matter.
#[derive(Debug)]
pub struct FrontMatterField {
    /// Its keys in lower case, ours first: where a file has several keys of a text, the first that
    /// isn't empty counts and the others go to `extra`.
    pub names: &'static [&'static str],
    /// The type of its value.
    pub value: FieldValue,
    /// Its documentation in Markdown, with links of `docs/front-matter.md`.
    pub summary: &'static str,
    /// A value, in YAML, for tests.
    pub example: &'static str,
}

/// The type of a field's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldValue {
    /// One text.
    Text,
    /// A date, with or without a time.
    Date,
    /// A date that an article must have.
    RequiredDate,
    /// A path below the site's root.
    Path,
    /// A URL.
    Url,
    /// A language tag (BCP 47).
    LanguageTag,
    /// A text, or a map of a name and a URL.
    Source,
    /// The editorial status.
    Status,
    /// Page or article.
    PageType,
    /// True or false.
    Boolean,
    /// A text or a list of texts.
    TextOrList,
    /// A list of texts; a single text is a list of one.
    List,
    /// A text, a map of a date and a text, or a list of these.
    Notes,
    /// A path or URL of an image, or a map.
    Image,
    /// A map from keys to lists.
    MapOfLists,
    /// A map of custom values.
    Map,
}

/// The keys of old URLs, which redirect to the article: Hugo's, and that of Jekyll's plugin
/// jekyll-redirect-from.
pub(crate) const ALIAS_KEYS: [&str; 3] = ["aliases", "alias", "redirect_from"];

/// The fields that hold one text, as [`Field`] and row.
pub(super) const TEXT_FIELDS: [(Field, FrontMatterField); 16] = [
    (
        Field::Title,
        FrontMatterField {
            names: &["title", "headline", "display_name"],
            value: FieldValue::Text,
            summary: "the headline",
            example: "The harbor",
        },
    ),
    (
        Field::Date,
        FrontMatterField {
            names: &["date", "published_at", "publishdate", "pubdate"],
            value: FieldValue::RequiredDate,
            summary: "the publication date; determines the article's day and its position in \
                every list",
            example: "2024-11-05",
        },
    ),
    (
        Field::Updated,
        FrontMatterField {
            names: &["updated", "lastmod", "modified", "last_modified_at"],
            value: FieldValue::Date,
            summary: "the date of the last change; shown on the page and used in feeds and \
                sitemaps; ignored unless it is later than `date`",
            example: "2024-11-06",
        },
    ),
    (
        Field::Expires,
        FrontMatterField {
            names: &[
                "expires",
                "expirydate",
                "unpublishdate",
                "expiry",
                "expiration",
                "publish_down",
                "unpublish_on",
                "unpublish_at",
            ],
            value: FieldValue::Date,
            summary: "the article is [not published](#drafts-future-and-expired-articles) from \
                this time on",
            example: "2099-12-31",
        },
    ),
    (
        Field::Description,
        FrontMatterField {
            names: &["description", "standfirst", "deck", "summary", "excerpt"],
            value: FieldValue::Text,
            summary: "one sentence, shown under the headline, in lists and in feeds",
            example: "One sentence.",
        },
    ),
    (
        Field::Slug,
        FrontMatterField {
            names: &["slug"],
            value: FieldValue::Text,
            summary: "the [last part](#slugs-and-permalinks) of the permalink",
            example: "harbor",
        },
    ),
    (
        Field::Permalink,
        FrontMatterField {
            names: &["permalink", "url"],
            value: FieldValue::Path,
            summary: "the [whole permalink](#slugs-and-permalinks), as a path below the site's \
                root",
            example: "/harbor/",
        },
    ),
    (
        Field::Dateline,
        FrontMatterField {
            names: &["dateline"],
            value: FieldValue::Text,
            summary: "the [location](#the-dateline) printed before the first paragraph",
            example: "LONDON",
        },
    ),
    (
        Field::Lang,
        FrontMatterField {
            names: &["lang", "language"],
            value: FieldValue::LanguageTag,
            summary: "the language of the article; case and underscores don't matter (`pt_br` is \
                `pt-BR`); default: the site's language",
            example: "fr",
        },
    ),
    (
        Field::Origin,
        FrontMatterField {
            names: &["source"],
            value: FieldValue::Source,
            summary: "the original publisher; shown under the article. The `url` is the \
                `original_url`, if there is no other",
            example: "The agency",
        },
    ),
    (
        Field::OriginalUrl,
        FrontMatterField {
            names: &["original_url"],
            value: FieldValue::Url,
            summary: "where the article first appeared; ignored unless it begins with `http://` \
                or `https://`",
            example: "https://agency.example/1",
        },
    ),
    (
        Field::Id,
        FrontMatterField {
            names: &["id", "guid"],
            value: FieldValue::Text,
            summary: "an identifier that stays the same when the URL changes; also identifies \
                the article in feeds",
            example: "harbor-1",
        },
    ),
    (
        Field::TranslationOf,
        FrontMatterField {
            names: &["translation_of", "translationkey"],
            value: FieldValue::Text,
            summary: "the `id` of the article that this one is a translation of. Articles in \
                different languages with the same `id` are also translations of each other. The \
                page of each translation links to the others, for readers and with `hreflang`",
            example: "harbor-2",
        },
    ),
    (
        Field::StatusReason,
        FrontMatterField {
            names: &["status_reason"],
            value: FieldValue::Text,
            summary: "the reason for the status, shown to readers",
            example: "It was wrong.",
        },
    ),
    (
        Field::StatusDate,
        FrontMatterField {
            names: &["status_date"],
            value: FieldValue::Date,
            summary: "the date of the status",
            example: "2024-11-07",
        },
    ),
    (
        Field::Embargo,
        FrontMatterField {
            names: &[
                "embargo",
                "embargo_until",
                "embargoed_until",
                "publish_at",
                "publish_on",
                "publish_up",
            ],
            value: FieldValue::Date,
            summary: "the article is not published before this time: `2024-11-05T06:00:00+01:00` \
                or `2024-11-05 06:00 Europe/Berlin`",
            example: "2024-11-05T06:00:00Z",
        },
    ),
];

/// The other fields, apart from the terms of taxonomies, whose keys a site can change.
pub(super) const OTHER_FIELDS: [FrontMatterField; 15] = [
    FrontMatterField {
        names: &["type"],
        value: FieldValue::PageType,
        summary: "`page`: a [page](pages.md) without a date; `article`: an article, also in \
            `content/pages/`. Other values are [custom values](#custom-values)",
        example: "page",
    },
    FrontMatterField {
        names: &["status"],
        value: FieldValue::Status,
        summary: "the editorial status: see [Corrections and takedowns](corrections.md), which \
            also lists the words of other systems. Any other value is \
            [a warning](errors.md#unknown-status), or [an error](errors.md#misspelled-status) if \
            it may be a misspelled takedown",
        example: "corrected",
    },
    FrontMatterField {
        names: &["redact"],
        value: FieldValue::TextOrList,
        summary: "[names](corrections.md#names) to remove from the article and from every file \
            generated from it",
        example: "[Ann Ames]",
    },
    FrontMatterField {
        names: &["updates"],
        value: FieldValue::Notes,
        summary: "information that was added later; shown in the same way as corrections",
        example: "{date: 2024-11-06, text: It opened.}",
    },
    FrontMatterField {
        names: &["corrections", "correction"],
        value: FieldValue::Notes,
        summary: "errors in the article that were corrected; shown under the article with their \
            dates, and marked next to the byline",
        example: "It was 1922.",
    },
    FrontMatterField {
        names: &["draft"],
        value: FieldValue::Boolean,
        summary: "`true`: [not published](#drafts-future-and-expired-articles)",
        example: "false",
    },
    FrontMatterField {
        names: &["published"],
        value: FieldValue::Boolean,
        summary: "`false`: the same as `draft: true`",
        example: "true",
    },
    FrontMatterField {
        names: &["search"],
        value: FieldValue::Boolean,
        summary: "`false`: the article is not included in [search](search.md)",
        example: "false",
    },
    FrontMatterField {
        names: &["history"],
        value: FieldValue::Boolean,
        summary: "`false`: no [versions](corrections.md#versions) of the article are shown",
        example: "false",
    },
    FrontMatterField {
        names: &["reactions"],
        value: FieldValue::Boolean,
        summary: "`false`: no reaction bar under the article",
        example: "false",
    },
    FrontMatterField {
        names: &["image"],
        value: FieldValue::Image,
        summary: "the [main image](#images)",
        example: "/harbor.jpg",
    },
    FrontMatterField {
        names: &["categories", "category"],
        value: FieldValue::List,
        summary: "the first is the section if there is no `section`; the others are tags",
        example: "[City]",
    },
    FrontMatterField {
        names: &ALIAS_KEYS,
        value: FieldValue::List,
        summary: "old URLs, which [redirect](outputs.md#redirects) to this article",
        example: "[/old/]",
    },
    FrontMatterField {
        names: &["taxonomies"],
        value: FieldValue::MapOfLists,
        summary: "Zola's key: its contents are treated as top-level keys",
        example: "{tags: [Ships]}",
    },
    FrontMatterField {
        names: &["extra", "params"],
        value: FieldValue::Map,
        summary: "[custom values](#custom-values)",
        example: "{pages: 3}",
    },
];

/// Returns every row.
pub fn front_matter_fields() -> impl Iterator<Item = &'static FrontMatterField> {
    const TEXTS: &[(Field, FrontMatterField)] = &TEXT_FIELDS;
    const OTHERS: &[FrontMatterField] = &OTHER_FIELDS;
    TEXTS.iter().map(|(_, row)| row).chain(OTHERS)
}

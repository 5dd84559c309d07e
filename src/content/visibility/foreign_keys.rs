//! The front matter keys of other systems. They are never misspellings of a key of this program.

use std::collections::HashSet;
use std::sync::LazyLock;

/// Front matter keys by system. Case, underscores and hyphens don't matter. Keys that this program
/// reads are left out, and so are plain words that are near none of them.
///
/// Sources: the systems' documentation of front matter, and what their exporters write.
#[rustfmt::skip]
pub(crate) const FOREIGN_KEYS: &[(&str, &[&str])] = &[
    ("Jekyll", &[
        "layout", "excerpt_separator", "redirect_to", "sitemap",
        "render_with_liquid", "toc", "comments", "pin", "math", "mermaid", "header", "sidebar",
        "classes", "feature_text", "feature_image", "main_nav", "nav_order", "nav_exclude",
        "parent", "has_children", "lead", "cover", "subtitle", "seo", "twitter", "canonical_url",
        "last_modified_date", "modified_date", "post_date", "created", "ext", "collection",
    ]),
    ("Hugo", &[
        "cascade", "headless", "iscjklanguage", "linktitle", "markup", "menus", "menu", "outputs",
        "resources", "series_order", "sitemap", "type", "weight", "build", "_build", "images",
        "videos", "audio", "featured_image", "featured", "show_date", "showtoc", "tocopen",
        "hidemeta", "hidesummary", "searchhidden", "showbreadcrumbs", "showreadingtime",
        "reading_time", "bookcollapsesection", "booktoc", "cover", "thumbnail", "toc", "unsafe",
        "locales", "languages", "tocs", "keyword", "slugs",
    ]),
    ("Zola", &[
        "template", "page_template", "paginate_by", "sort_by", "in_search_index",
        "insert_anchor_links",
        "render", "redirect_to", "transparent", "generate_feeds", "path", "weight", "authors_list",
    ]),
    ("Eleventy", &[
        "pagination", "eleventycomputed", "eleventyexcludefromcollections", "eleventynavigation",
        "eleventyimport", "templateengineoverride", "dynamicpermalink", "override", "publish_date",
        "date_published", "date_modified", "publish", "unlisted",
    ]),
    ("Ghost", &[
        "uuid", "feature_image_alt", "feature_image_caption", "visibility", "created_at",
        "updated_at", "created_by", "updated_by", "published_by", "custom_excerpt",
        "codeinjection_head", "codeinjection_foot", "og_image", "og_title", "og_description",
        "twitter_image", "twitter_title", "twitter_description", "meta_title", "meta_description",
        "email_subject", "primary_tag", "primary_author", "comment_id", "plaintext", "mobiledoc",
        "lexical", "html", "tiers", "newsletter", "email_only", "send_email_when_published",
    ]),
    ("WordPress", &[
        "post_id", "post_type", "post_status", "post_name", "post_parent", "post_password",
        "post_author", "post_excerpt", "post_modified", "post_format", "menu_order",
        "comment_status", "ping_status", "is_sticky", "sticky", "wordpress_id", "wordpress_url",
        "permalink_old", "wp_id", "meta", "format", "author_email", "author_login", "published_on",
        "coverimage", "timestamp", "dsq_thread_id", "guid_old", "statuses",
    ]),
    ("Pelican", &[
        "save_as", "lang_variant", "modified_on", "template", "translation", "private",
        "related_posts", "cover_image", "gallery", "attachments", "published_date",
    ]),
    ("Docusaurus", &[
        "sidebar_label", "sidebar_position", "sidebar_class_name", "sidebar_custom_props",
        "hide_title", "hide_table_of_contents", "toc_min_heading_level", "toc_max_heading_level",
        "pagination_label", "pagination_next", "pagination_prev", "parse_number_prefixes",
        "custom_edit_url", "displayed_sidebar", "unlisted", "last_update", "author_title",
        "author_url", "author_image_url", "truncate",
    ]),
    ("MkDocs", &[
        "hide", "icon", "social", "readtime", "pinned", "links", "status_badge", "disqus",
        "revision_date", "git_creation_date", "exclude",
    ]),
    ("Hexo", &[
        "disablenunjucks", "excerpt_text", "comment", "password", "abstract", "message", "top_img",
        "aplayer", "highlight_shrink", "copyright_author", "copyright_info", "mathjax", "katex",
        "photos", "sticky_order", "hidden", "top",
    ]),
    ("Gatsby", &[
        "templatekey", "featuredimage", "featuredpost", "hero", "hero_image", "path_old",
        "seo_title",
        "seo_description", "author_id", "canonical", "is_featured", "ispublished", "isdraft",
        "publisheddate", "publicationdate", "updateddate", "pubdatetime", "moddatetime",
    ]),
    ("Astro, Next.js, VitePress, VuePress, Nuxt", &[
        "heroimage", "ogimage", "navigation", "editlink", "lastupdated", "outline", "aside",
        "footer",
        "prev", "next", "metatitle", "metadescription", "pageclass", "navbar", "head",
        "lastmod_date",
        "modifieddate", "pub_date", "update_date", "updated_date", "updated_on", "publish_at",
    ]),
    ("Drupal, Movable Type, TYPO3, Joomla", &[
        "nid", "vid", "uid", "langcode", "promote", "sticky", "revision_uid", "basename",
        "allow_comments", "convert_breaks", "allow_pings", "extended_body", "fulltext", "introtext",
        "created_by_alias", "publish_up", "publish_down", "checked_out", "access", "metakey",
        "metadesc", "hits", "featured_up", "featured_down", "republished",
    ]),
    ("Obsidian, Notion, Decap CMS", &[
        "cssclass", "cssclasses", "cms_date", "created_time", "last_edited_time", "notion_id",
        "publish_path", "rating", "editor", "workflow", "stage", "reviewed", "review_date",
    ]),
    ("digital.gov", &[
        "deck_short", "kicker", "source_url", "event_type", "event_organizer", "event_platform",
        "event_cop", "end_date", "registration_url", "host", "captions", "youtube_id",
        "youtube_title", "primary_image", "featured_communities", "featured_links",
        "featured_resources", "community_list", "summary_box", "guide", "guide_weight",
        "legislation",
        "redirectto", "profile_photo", "profile_source", "agency", "agency_full_name", "first_name",
        "last_name", "dg_highlight", "dg_shortname", "dg_acronym", "dg_logo", "venue", "venue_name",
        "zip", "pronoun", "topics", "github", "glossary", "authorship",
    ]),
    ("newsrooms, in any language", &[
        "publisher", "publishers", "publication", "redactor", "redactors", "redactie", "redaction",
        "redacteur", "redaccion", "redakteur", "historic", "historical", "stats", "statuts",
        "statute",
        "react", "reactive", "persona", "places_mentioned", "locale",
        "location", "slugline", "headlines", "byline_title", "tagline", "source_name", "corrected",
        "gender", "tender", "sender", "republish", "correction_note",
        "update", "updater", "serie", "serial", "categoria",
        "categorie", "kategorie", "titel", "titre", "titulo", "datum", "datos", "autor", "auteur",
        "data_publicacao", "language_code", "permalien", "palabras",
    ]),
];

/// The keys without underscores and hyphens.
static FOREIGN_LETTERS: LazyLock<HashSet<String>> = LazyLock::new(|| {
    FOREIGN_KEYS.iter().flat_map(|(_, keys)| *keys).map(|key| letters_of(key)).collect()
});

fn letters_of(key: &str) -> String {
    key.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Returns true if a key is one of another system. `key` is in lower case.
pub(crate) fn is_foreign_key(key: &str) -> bool {
    FOREIGN_LETTERS.contains(&letters_of(key))
}

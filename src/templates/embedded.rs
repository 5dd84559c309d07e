//! The files that are part of the program: built-in templates, interface text and assets.

use std::borrow::Cow;

use crate::config::Site;

/// The prefix of the full name of a built-in template, which a site's template may extend.
pub(super) const BUILTIN_PREFIX: &str = "builtin/";

/// The built-in templates and interface text: name and source.
pub const TEMPLATES: &[(&str, &str)] = &[
    ("404.html", include_str!("../../templates/404.html")),
    ("archive.html", include_str!("../../templates/archive.html")),
    ("article.html", include_str!("../../templates/article.html")),
    ("base.html", include_str!("../../templates/base.html")),
    (
        "components/article_count.html",
        include_str!("../../templates/components/article_count.html"),
    ),
    ("components/bars.html", include_str!("../../templates/components/bars.html")),
    ("components/heatmap.html", include_str!("../../templates/components/heatmap.html")),
    ("components/month_small.html", include_str!("../../templates/components/month_small.html")),
    ("components/month_wall.html", include_str!("../../templates/components/month_wall.html")),
    ("components/pager.html", include_str!("../../templates/components/pager.html")),
    (
        "components/previous_next.html",
        include_str!("../../templates/components/previous_next.html"),
    ),
    ("components/weekday_row.html", include_str!("../../templates/components/weekday_row.html")),
    ("components/years.html", include_str!("../../templates/components/years.html")),
    ("corrections.html", include_str!("../../templates/corrections.html")),
    ("day.html", include_str!("../../templates/day.html")),
    ("history.html", include_str!("../../templates/history.html")),
    ("home.html", include_str!("../../templates/home.html")),
    ("i18n/ar.yaml", include_str!("../../templates/i18n/ar.yaml")),
    ("i18n/de.yaml", include_str!("../../templates/i18n/de.yaml")),
    ("i18n/en-GB.yaml", include_str!("../../templates/i18n/en-GB.yaml")),
    ("i18n/en.yaml", include_str!("../../templates/i18n/en.yaml")),
    ("i18n/es.yaml", include_str!("../../templates/i18n/es.yaml")),
    ("i18n/fa.yaml", include_str!("../../templates/i18n/fa.yaml")),
    ("i18n/fr.yaml", include_str!("../../templates/i18n/fr.yaml")),
    ("i18n/hi.yaml", include_str!("../../templates/i18n/hi.yaml")),
    ("i18n/ur.yaml", include_str!("../../templates/i18n/ur.yaml")),
    ("i18n/zh.yaml", include_str!("../../templates/i18n/zh.yaml")),
    ("language.html", include_str!("../../templates/language.html")),
    ("month.html", include_str!("../../templates/month.html")),
    ("on_this_day.html", include_str!("../../templates/on_this_day.html")),
    ("on_this_day_index.html", include_str!("../../templates/on_this_day_index.html")),
    ("page.html", include_str!("../../templates/page.html")),
    ("parts/breadcrumbs.html", include_str!("../../templates/parts/breadcrumbs.html")),
    ("parts/brief.html", include_str!("../../templates/parts/brief.html")),
    ("parts/byline.html", include_str!("../../templates/parts/byline.html")),
    ("parts/colophon.html", include_str!("../../templates/parts/colophon.html")),
    ("parts/correction_list.html", include_str!("../../templates/parts/correction_list.html")),
    ("parts/corrections.html", include_str!("../../templates/parts/corrections.html")),
    ("parts/feature.html", include_str!("../../templates/parts/feature.html")),
    ("parts/feeds.html", include_str!("../../templates/parts/feeds.html")),
    ("parts/head.html", include_str!("../../templates/parts/head.html")),
    ("parts/image.html", include_str!("../../templates/parts/image.html")),
    ("parts/lead.html", include_str!("../../templates/parts/lead.html")),
    ("parts/listing.html", include_str!("../../templates/parts/listing.html")),
    ("parts/masthead.html", include_str!("../../templates/parts/masthead.html")),
    ("parts/menu_entry.html", include_str!("../../templates/parts/menu_entry.html")),
    ("parts/neighbors.html", include_str!("../../templates/parts/neighbors.html")),
    ("parts/notice.html", include_str!("../../templates/parts/notice.html")),
    ("parts/provenance.html", include_str!("../../templates/parts/provenance.html")),
    ("parts/reactions.html", include_str!("../../templates/parts/reactions.html")),
    ("parts/related_earlier.html", include_str!("../../templates/parts/related_earlier.html")),
    (
        "parts/related_earlier_item.html",
        include_str!("../../templates/parts/related_earlier_item.html"),
    ),
    ("parts/series.html", include_str!("../../templates/parts/series.html")),
    ("parts/share.html", include_str!("../../templates/parts/share.html")),
    ("parts/teaser.html", include_str!("../../templates/parts/teaser.html")),
    ("parts/translations.html", include_str!("../../templates/parts/translations.html")),
    ("search.html", include_str!("../../templates/search.html")),
    ("term.html", include_str!("../../templates/term.html")),
    ("term_year.html", include_str!("../../templates/term_year.html")),
    ("terms.html", include_str!("../../templates/terms.html")),
    ("tombstone.html", include_str!("../../templates/tombstone.html")),
    ("year.html", include_str!("../../templates/year.html")),
];

/// The folder of the assets that only search needs.
pub(crate) const SEARCH_ASSETS_DIR: &str = "assets/search/";

const STYLE_SHEET: &str = "assets/dateline.css";
/// The built-in style sheet, in the order of its cascade.
const BUILT_IN_STYLES: &str = concat!(
    include_str!("../../templates/styles/base.css"),
    include_str!("../../templates/styles/layout.css"),
    include_str!("../../templates/styles/front.css"),
    include_str!("../../templates/styles/article.css"),
    include_str!("../../templates/styles/calendars.css"),
    include_str!("../../templates/styles/print.css"),
);

/// The built-in assets: path below the output folder, and bytes. A file of the same path in the
/// site's `static/` replaces one.
pub(crate) const ASSETS: &[(&str, &[u8])] = &[
    (STYLE_SHEET, BUILT_IN_STYLES.as_bytes()),
    ("assets/reactions.js", include_bytes!("../../static/assets/reactions.js")),
    ("assets/search/page.css", include_bytes!("../search/client/page.css")),
    ("assets/search/page.js", include_bytes!("../search/client/published/page.js")),
    ("assets/search/search.js", include_bytes!("../search/client/published/search.js")),
    ("favicon.svg", include_bytes!("../../static/favicon.svg")),
];

/// Returns the bytes of an asset as published: the style sheet is followed by the site's theme.
pub(crate) fn asset_bytes(index: usize, site: &Site) -> Cow<'static, [u8]> {
    let (name, bytes) = ASSETS[index];
    let theme = if name == STYLE_SHEET {
        site.config.theme.style_sheet(&site.config.language)
    } else {
        String::new()
    };
    if theme.is_empty() {
        bytes.into()
    } else {
        [bytes, b"\n/* The site's theme, from site.yaml. */\n", theme.as_bytes()].concat().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Hashes texts (FNV-1a, 32 bits), as `tests/search/minify.js` does.
    fn hash(texts: &[&str]) -> u32 {
        let bytes = texts.iter().flat_map(|text| text.bytes());
        bytes.fold(0x811C_9DC5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
    }

    #[test]
    fn the_published_search_client_is_made_from_its_modules() {
        let modules = [
            include_str!("../search/client/tokenizer.js"),
            include_str!("../search/client/bytes.js"),
            include_str!("../search/client/segment.js"),
            include_str!("../search/client/postings.js"),
            include_str!("../search/client/query.js"),
            include_str!("../search/client/matcher.js"),
            include_str!("../search/client/index.js"),
            include_str!("../search/client/search.js"),
        ];
        let page = [include_str!("../search/client/page.js")];
        let published = [
            (hash(&modules), include_str!("../search/client/published/search.js")),
            (hash(&page), include_str!("../search/client/published/page.js")),
        ];
        for (hash, published) in published {
            assert!(
                published.starts_with(&format!("/* {hash:08x} */\n")),
                "a module has changed; run node tests/search/minify.js"
            );
        }
    }

    #[test]
    fn every_template_of_the_repository_is_embedded() {
        let dir = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("templates");
        let files = walkdir::WalkDir::new(&dir)
            .into_iter()
            .filter_map(Result::ok)
            .filter(|entry| entry.file_type().is_file());
        let mut names: Vec<String> = files
            .filter_map(|entry| {
                entry
                    .path()
                    .strip_prefix(&dir)
                    .ok()
                    .map(|path| path.to_string_lossy().replace('\\', "/"))
            })
            .collect();
        // Parts of the style sheet are assets.
        names.retain(|name| !name.starts_with("styles/"));
        names.sort();
        let embedded: Vec<&str> = TEMPLATES.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, embedded);
    }
}

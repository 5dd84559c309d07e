//! Bodies as WordPress stores them: shortcodes, URLs of media on lines of their own, and blank
//! lines instead of paragraphs.

mod paragraphs;
mod scan;
mod shortcode_tag;
mod shortcodes;

use super::difference::Difference;
use super::read::UrlMap;

/// Converts a body to HTML as WordPress shows it.
pub(super) fn to_html(source: &str, urls: UrlMap<'_>, differences: &mut Vec<Difference>) -> String {
    let expanded = shortcodes::expand(source, urls, differences);
    paragraphs::add(&expanded, differences)
}

//! The dialect of Markdown.

use pulldown_cmark::Options;

/// Returns the extensions of CommonMark that bodies are read with.
pub(super) fn parser_options() -> Options {
    Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_HEADING_ATTRIBUTES
        | Options::ENABLE_GFM
}

//! Front matter in TOML and JSON.

use super::blocks::Block;
use super::errors::{ParserError, tree_error};
use super::raw::RawFrontMatter;
use crate::config::Site;
use crate::content::fences::FrontMatterFormat;
use crate::content::source::SourceFile;
use crate::content::value_tree::{SyntaxError, TopLevelEntry, parse_json, parse_toml};
use crate::diagnostics::Diagnostic;

/// Parses TOML or JSON.
///
/// # Errors
/// A diagnostic (`invalid-toml`, `invalid-json`) with the position of the first syntax error.
pub(super) fn parse_tree(source: &SourceFile<'_>) -> Result<Vec<TopLevelEntry>, Box<Diagnostic>> {
    let locate = |error: &SyntaxError| source.front_matter_location(error.offset, 1);
    if source.format == FrontMatterFormat::Json {
        return parse_json(source.front_matter).map_err(|error| {
            let message = format!("the front matter isn't valid JSON here: {}", error.message);
            let diagnostic = Diagnostic::error("invalid-json", source.file, message)
                .location(locate(&error))
                .help("each key and each text is in \"…\", and a comma is between two keys");
            Box::new(diagnostic)
        });
    }
    parse_toml(source.front_matter).map_err(|error| {
        let message = format!("the front matter isn't valid TOML here: {}", error.message);
        let diagnostic = Diagnostic::error("invalid-toml", source.file, message)
            .location(locate(&error))
            .help("each line is `key = value`, and text is in \"…\"");
        Box::new(diagnostic)
    })
}

/// Reads all values; `None` if one has the wrong type.
pub(super) fn read_entries(
    entries: &[TopLevelEntry],
    source: &SourceFile<'_>,
    site: &Site,
) -> Option<RawFrontMatter> {
    RawFrontMatter::from_entries(entries, source.format, site).ok()
}

/// Reads each value by itself, so that a mistake in one doesn't hide those in others.
pub(super) fn tree_blocks(
    entries: &[TopLevelEntry],
    source: &SourceFile<'_>,
    site: &Site,
) -> Vec<Block> {
    let read = |entry: &TopLevelEntry| {
        let one = std::slice::from_ref(entry);
        let content = RawFrontMatter::from_entries(one, source.format, site);
        let content = content.map_err(|error| ParserError {
            diagnostic: tree_error(source, entry, &error),
            is_wrong_type: true,
        });
        let value = entry.value.to_yaml();
        Block {
            key: entry.key.to_lowercase(),
            written_value: format!("{value:?}"),
            value: Some(value),
            content,
        }
    };
    entries.iter().map(read).collect()
}

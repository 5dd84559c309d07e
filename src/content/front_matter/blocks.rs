//! Front matter part by part, so that a mistake in one value doesn't hide those in others.
//!
//! A part, or *block*, is a line that sets a top-level key, and the lines below it up to the next
//! such line. Blocks are read one by one only if the front matter can't be read as a whole or sets
//! a key twice.

use std::ops::Range;

use serde_yaml::Value;

use super::errors::{ParserError, parser_error};
use super::raw::RawFrontMatter;
use crate::config::Site;
use crate::content::source::SourceFile;
use crate::content::yaml::LooseValue;

/// The maximum number of lines that are added to a block that can't be read, because a value in
/// quotation marks or brackets may go on at the beginning of a line.
const MAX_JOINED_BLOCKS: usize = 8;

/// A block, as far as it can be read.
pub(super) struct Block {
    /// Its key as written, in lower case; empty if its first line sets none.
    pub(super) key: String,
    /// Its value with YAML's types, if it can be read as any.
    pub(super) value: Option<Value>,
    /// Its value as it is written, without a comment at its end.
    pub(super) written_value: String,
    pub(super) content: Result<RawFrontMatter, ParserError>,
}

/// Returns the value of a block of YAML, if it can be read as any.
fn block_value(yaml: &str) -> Option<Value> {
    match serde_yaml::from_str::<LooseValue>(yaml).ok()?.value {
        Value::Mapping(values) if values.len() == 1 => Some(values.into_iter().next()?.1),
        _ => None,
    }
}

/// Returns the value of a block of YAML as it is written.
fn block_written_value(yaml: &str) -> &str {
    let (_, value) = yaml.split_once(':').unwrap_or((yaml, ""));
    value.split(" #").next().unwrap_or_default().trim()
}

/// Reads front matter block by block. Returns `None` if it doesn't consist of blocks, or if they
/// depend on each other.
pub(super) fn read_blocks(source: &SourceFile<'_>, site: &Site) -> Option<Vec<Block>> {
    let starts = block_starts(source.front_matter);
    if starts.first() != Some(&0) {
        return None;
    }
    let ends = starts.iter().skip(1).copied().chain([source.front_matter.len()]);
    let ranges: Vec<Range<usize>> = starts.iter().copied().zip(ends).map(|(a, b)| a..b).collect();
    let mut blocks: Vec<Block> = Vec::new();
    let mut index = 0;
    while index < ranges.len() {
        let last = (index..ranges.len()).take(MAX_JOINED_BLOCKS).find_map(|last| {
            let range = ranges[index].start..ranges[last].end;
            let content = RawFrontMatter::parse(&source.front_matter[range], site).ok()?;
            Some((last, content))
        });
        let (last, content) = match last {
            Some((last, content)) => (last, Ok(content)),
            None => (index, Err(block_error(source, site, ranges[index].clone())?)),
        };
        let range = ranges[index].start..ranges[last].end;
        let yaml = &source.front_matter[range];
        blocks.push(Block {
            key: block_key(yaml),
            value: block_value(yaml),
            written_value: block_written_value(yaml).to_owned(),
            content,
        });
        index = last + 1;
    }
    blocks.iter().any(|block| !block.key.is_empty()).then_some(blocks)
}

/// Returns the error of a block; `None` if it refers to the value of another block.
fn block_error(source: &SourceFile<'_>, site: &Site, range: Range<usize>) -> Option<ParserError> {
    let yaml = &source.front_matter[range.clone()];
    let error = RawFrontMatter::parse(yaml, site).err()?;
    let refers_to_other = error.to_string().contains("unknown anchor");
    (!refers_to_other).then(|| parser_error(source, yaml, range.start, &error))
}

/// The first bytes of all blocks. What comes before the first key belongs to the first block.
fn block_starts(front_matter: &str) -> Vec<usize> {
    let mut starts = Vec::new();
    let mut offset = 0;
    for line in front_matter.split_inclusive('\n') {
        if is_block_start(line) {
            starts.push(if starts.is_empty() { 0 } else { offset });
        }
        offset += line.len();
    }
    starts
}

/// Returns true if a line isn't indented and is neither blank, a comment, an item of a list nor the
/// end of a value in brackets.
fn is_block_start(line: &str) -> bool {
    let is_inside = |c: char| c.is_whitespace() || matches!(c, '#' | '-' | ']' | '}' | '{' | '[');
    line.chars().next().is_some_and(|first| !is_inside(first))
}

/// The key of a block in lower case, without quotation marks.
fn block_key(block: &str) -> String {
    let line = block.lines().find(|line| is_block_start(line)).unwrap_or_default();
    let (key, _) = line.split_once(':').unwrap_or_default();
    key.trim_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '\'')).to_lowercase()
}

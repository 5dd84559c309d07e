//! Blocks whose content isn't Liquid: `raw`, `highlight` and `comment`.

use std::borrow::Cow;
use std::ops::Range;

use super::scanner::{FoundTag, TagForm, TagScanner};
use crate::content::markdown::code_ranges;

/// A body without the delimiters of its blocks.
pub(super) struct ExpandedBlocks<'a> {
    pub(super) body: Cow<'a, str>,
    /// The ranges of the body that were in blocks, in which nothing is a tag.
    pub(super) literal: Vec<Range<usize>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum BlockKind {
    Raw,
    Highlight,
    Comment,
}

const KINDS: [(&str, &str, BlockKind); 3] = [
    ("raw", "endraw", BlockKind::Raw),
    ("highlight", "endhighlight", BlockKind::Highlight),
    ("comment", "endcomment", BlockKind::Comment),
];

/// A block with its delimiters.
struct Block<'a> {
    kind: BlockKind,
    /// The language of highlighted code.
    language: &'a str,
    range: Range<usize>,
    content: Range<usize>,
}

/// Removes the delimiters of all blocks that are closed. Highlighted code becomes a fenced block.
pub(super) fn expand(body: &str) -> ExpandedBlocks<'_> {
    let blocks = find_blocks(body);
    if blocks.is_empty() {
        return ExpandedBlocks { body: body.into(), literal: Vec::new() };
    }
    let has_highlight = blocks.iter().any(|block| block.kind == BlockKind::Highlight);
    let code = if has_highlight { code_ranges(body) } else { Vec::new() };
    let (mut out, mut literal, mut copied_to) = (String::with_capacity(body.len()), Vec::new(), 0);
    for block in blocks {
        out.push_str(&body[copied_to..block.range.start]);
        copied_to = block.range.end;
        let content = &body[block.content.clone()];
        let start = out.len();
        match block.kind {
            BlockKind::Comment => {}
            BlockKind::Highlight if !contains(&code, block.range.start) => {
                let rest = &body[copied_to..];
                let is_last_of_line = rest.is_empty() || rest.starts_with(['\n', '\r']);
                push_fenced(&mut out, block.language, content);
                if !is_last_of_line {
                    out.push('\n');
                }
            }
            BlockKind::Raw | BlockKind::Highlight => out.push_str(content),
        }
        literal.push(start..out.len());
    }
    out.push_str(&body[copied_to..]);
    ExpandedBlocks { body: out.into(), literal }
}

/// Finds the blocks that are closed, none of which contains another.
fn find_blocks(body: &str) -> Vec<Block<'_>> {
    let mut blocks = Vec::new();
    let mut scanner = TagScanner::new(body);
    // Kinds of which no end follows.
    let mut unclosed: Vec<BlockKind> = Vec::new();
    while let Some(tag) = scanner.next() {
        let Some((language, end_name, kind)) = opening(&tag) else { continue };
        if unclosed.contains(&kind) {
            continue;
        }
        match find_end(body, tag.range.end, end_name) {
            Some(end) => {
                scanner.skip_to(end.end);
                let content = tag.range.end..end.start;
                blocks.push(Block { kind, language, range: tag.range.start..end.end, content });
            }
            None => unclosed.push(kind),
        }
    }
    blocks
}

/// Returns the language, the name of the closing tag and the kind of a block that a tag opens.
fn opening<'a>(tag: &FoundTag<'a>) -> Option<(&'a str, &'static str, BlockKind)> {
    let (name, rest) = tag.name_and_rest();
    let (_, end_name, kind) = KINDS.iter().find(|(known, ..)| *known == name)?;
    let language = rest.split_whitespace().next().unwrap_or_default();
    (tag.form == TagForm::Statement).then_some((language, *end_name, *kind))
}

/// Finds a closing tag behind a byte.
fn find_end(body: &str, from: usize, name: &str) -> Option<Range<usize>> {
    let mut at = from;
    loop {
        let found = at + memchr::memmem::find(&body.as_bytes()[at..], name.as_bytes())?;
        let before = body[from..found].trim_end().trim_end_matches('-');
        let after = &body[found + name.len()..];
        let behind = after.trim_start_matches([' ', '\t', '-']);
        if before.ends_with("{%") && behind.starts_with("%}") {
            let start = from + before.len() - 2;
            return Some(start..body.len() - behind.len() + 2);
        }
        at = found + name.len();
    }
}

fn contains(ranges: &[Range<usize>], offset: usize) -> bool {
    let next = ranges.partition_point(|range| range.end <= offset);
    ranges.get(next).is_some_and(|range| range.contains(&offset))
}

/// Writes code between fences that are longer than every run of backticks in it.
fn push_fenced(out: &mut String, language: &str, code: &str) {
    if !out.is_empty() && !out.rsplit('\n').next().unwrap_or_default().trim().is_empty() {
        out.push('\n');
    }
    let longest = code.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat((longest + 1).max(3));
    let language: String = language.chars().filter(|c| !matches!(c, '`' | '\n')).collect();
    let code = code.strip_prefix("\r\n").or(code.strip_prefix('\n')).unwrap_or(code);
    let line_break = if code.is_empty() || code.ends_with('\n') { "" } else { "\n" };
    out.push_str(&format!("{fence}{language}\n{code}{line_break}{fence}"));
}

//! Repairs front matter that isn't valid YAML, and values that YAML misreads as a tag or an anchor.

use std::ops::Range;

use super::candidate::{Candidate, TextEdit, apply_edits};
use super::fix_set::{Fix, FixSet};
use super::yaml_lines::{
    YamlEntry, after_hyphen, comment_start, entries, find_closing, is_blank_or_comment, lines,
    split_flow_items, without_comment,
};
use crate::config::Site;
use crate::content::front_matter::{ALIAS_KEYS, canonical_key};
use crate::content::yaml_values::{ListLayout, is_scalar, parse_quoted};
use crate::content::{SourceFile, YamlValues};
use crate::diagnostics::Diagnostic;

/// The numbers of spaces that a tab may stand for. A tab is replaced with the first of them, if all
/// of them give the same result.
const TAB_WIDTHS: [usize; 3] = [2, 4, 8];

/// The maximum depth of nested maps.
const MAX_DEPTH: usize = 4;

/// Parses a file, after repairing it if necessary.
///
/// # Errors
/// The diagnostics of the file, if no safe fix makes it valid.
pub(super) fn open_repaired<'a>(
    site: &'a Site,
    path: &'a str,
    text: &str,
    fixes: FixSet,
) -> Result<Candidate<'a>, Vec<Diagnostic>> {
    let opened = Candidate::open(site, path, text).or_else(|mistakes| {
        let can_repair = fixes.contains(Fix::Tabs) || fixes.contains(Fix::Quotes);
        if can_repair { repair(site, path, text, fixes).ok_or(mistakes) } else { Err(mistakes) }
    });
    let mut candidate = opened?;
    if fixes.contains(Fix::Quotes) {
        quote_tags_and_anchors(&mut candidate);
    }
    Ok(candidate)
}

/// Repairs a file; `None` if the intended value isn't certain.
fn repair<'a>(site: &'a Site, path: &'a str, text: &str, fixes: FixSet) -> Option<Candidate<'a>> {
    let file = format!("content/{path}");
    let source = SourceFile::parse(&file, text.as_bytes(), &site.config.limits).ok()?;
    let front = source.front_matter_start..source.front_matter_start + source.front_matter.len();
    let mut chosen = None;
    for width in TAB_WIDTHS {
        let tabs = if fixes.contains(Fix::Tabs) {
            tab_edits(text, front.clone(), width)
        } else {
            Vec::new()
        };
        let spaced = apply_edits(text, &tabs)?;
        let front = front.start..front.end + spaced.text.len() - text.len();
        let quotes = if fixes.contains(Fix::Quotes) {
            quote_edits(site, &spaced.text, front.clone())
        } else {
            Vec::new()
        };
        let repaired = apply_edits(&spaced.text, &quotes)?;
        let mut candidate = Candidate::open(site, path, &repaired.text).ok()?;
        if !is_equivalent(&spaced.text, front, &candidate, &quotes) {
            return None;
        }
        candidate.record_changes(Fix::Tabs, &tabs, text, &spaced);
        candidate.record_changes(Fix::Quotes, &quotes, &spaced.text, &repaired);
        match &chosen {
            None => chosen = Some(candidate),
            Some(first) if first.parsed.values == candidate.parsed.values => {}
            Some(_) => return None,
        }
        if tabs.is_empty() {
            break;
        }
    }
    chosen
}

/// Returns true if each entry of a repaired text has the same value when parsed alone, and quoted
/// values are the original text.
fn is_equivalent(
    before: &str,
    front: Range<usize>,
    candidate: &Candidate<'_>,
    quotes: &[TextEdit],
) -> bool {
    let (old, new) = (entries(before, front), candidate.entries());
    let names = new.iter().map(|entry| entry.name.as_str());
    let entry_agrees = |entry: &YamlEntry| {
        let values = YamlValues::parse(&candidate.text[entry.lines(&candidate.text)]);
        values.is_some_and(|values| candidate.parsed.values.contains_all(&values))
    };
    let round_trips = |edit: &TextEdit| {
        parse_quoted(&edit.replacement).as_deref() == Some(edit.values.1.as_str())
    };
    old.len() == new.len()
        && old.iter().zip(&new).all(|(old, new)| old.name == new.name)
        && names.eq(candidate.parsed.values.keys())
        && new.iter().all(entry_agrees)
        && quotes.iter().all(round_trips)
}

/// Returns the edits that replace tabs in indentation, except in block scalars.
fn tab_edits(text: &str, front: Range<usize>, width: usize) -> Vec<TextEdit> {
    let entries = entries(text, front.clone());
    let is_block_scalar = |entry: &&YamlEntry| text[entry.value.clone()].starts_with(['|', '>']);
    let blocks: Vec<Range<usize>> = entries
        .iter()
        .filter(is_block_scalar)
        .map(|entry| entry.below.clone())
        .filter(|below| !below.is_empty())
        .collect();
    let mut edits = Vec::new();
    let mut blocks = blocks.iter().peekable();
    for line in lines(text, front) {
        while blocks.next_if(|block| block.end <= line.start).is_some() {}
        let content = &text[line.clone()];
        let indent_len = content.len() - content.trim_start_matches([' ', '\t']).len();
        let in_block = blocks.peek().is_some_and(|block| block.contains(&line.start));
        if !in_block && content[..indent_len].contains('\t') && !content.trim().is_empty() {
            let replacement = content[..indent_len].replace('\t', &" ".repeat(width));
            let range = line.start..line.start + indent_len;
            edits.push(TextEdit {
                range,
                replacement,
                keys: Vec::new(),
                values: Default::default(),
            });
        }
    }
    edits
}

/// Returns the edits that quote values that aren't valid without quotation marks.
fn quote_edits(site: &Site, text: &str, front: Range<usize>) -> Vec<TextEdit> {
    let mut quoter = Quoter { site, text, front_matter: &text[front.clone()], edits: Vec::new() };
    quoter.visit_map(front, "", MAX_DEPTH);
    quoter.edits
}

/// Collects the edits for values that need quotation marks.
struct Quoter<'a> {
    site: &'a Site,
    text: &'a str,
    front_matter: &'a str,
    edits: Vec<TextEdit>,
}

impl Quoter<'_> {
    /// Visits the entries of a map, which may be the value of a key.
    fn visit_map(&mut self, range: Range<usize>, parent_key: &str, depth: usize) {
        for entry in entries(self.text, range) {
            let key = entry.name.to_ascii_lowercase();
            if !self.text[entry.rest.clone()].is_empty()
                && !self.text[entry.value.clone()].is_empty()
            {
                self.visit_value(&entry, &key, parent_key);
                continue;
            }
            let mut below = lines(self.text, entry.below.clone()).map(|line| &self.text[line]);
            let first = below.find(|line| !is_blank_or_comment(line)).map_or("", str::trim_start);
            if first.starts_with('-') {
                if self.is_list(&key) {
                    self.visit_block_sequence(entry.below);
                }
            } else if depth > 0 && !first.is_empty() {
                self.visit_map(entry.below, &key, depth - 1);
            }
        }
    }

    /// Returns true if the value of a key is a list of strings.
    fn is_list(&self, key: &str) -> bool {
        matches!(key, "categories" | "category")
            || ALIAS_KEYS.contains(&key)
            || self
                .site
                .taxonomies
                .iter()
                .any(|taxonomy| taxonomy.front_matter_keys.iter().any(|from| from == key))
    }

    fn visit_value(&mut self, entry: &YamlEntry, key: &str, parent_key: &str) {
        let rest = &self.text[entry.rest.clone()];
        let line = format!("{}: {rest}\n", &self.text[entry.key.clone()]);
        if !entry.is_inline(self.text) || self.is_alias(rest) {
            return;
        }
        if rest.starts_with('[') && self.is_list(key) {
            if self.text[entry.value.clone()].ends_with(']') {
                self.visit_flow_sequence(entry.value.clone());
            }
            return;
        }
        if YamlValues::parse(&line).is_some() {
            return;
        }
        // An unclosed value may be an incomplete list or map, unless the value of the key is a
        // single string.
        let is_text_field = parent_key.is_empty() && canonical_key(key).is_some();
        let is_unclosed = rest.starts_with(['[', '{']) && find_closing(rest, 0).is_none();
        if !is_unclosed || is_text_field {
            self.quote(entry.rest.clone());
        }
    }

    /// Returns true if a value is a YAML alias of an existing anchor.
    fn is_alias(&self, value: &str) -> bool {
        let name =
            value.strip_prefix('*').map(|name| name.split_whitespace().next().unwrap_or_default());
        name.is_some_and(|name| !name.is_empty() && self.front_matter.contains(&format!("&{name}")))
    }

    fn visit_block_sequence(&mut self, below: Range<usize>) {
        let item_lines: Vec<Range<usize>> = lines(self.text, below)
            .filter(|line| !is_blank_or_comment(&self.text[line.clone()]))
            .collect();
        let items: Option<Vec<Range<usize>>> =
            item_lines.into_iter().map(|line| after_hyphen(self.text, line)).collect();
        for item in items.unwrap_or_default() {
            self.visit_item(item, ListLayout::Block);
        }
    }

    fn visit_flow_sequence(&mut self, list: Range<usize>) {
        for item in split_flow_items(self.text, list).into_iter().filter(|item| !item.is_empty()) {
            self.visit_item(item, ListLayout::Flow);
        }
    }

    fn visit_item(&mut self, item: Range<usize>, layout: ListLayout) {
        let written = &self.text[item.clone()];
        let has_key = ["name:", "title:"].iter().any(|key| written.starts_with(key));
        let is_nested = written.starts_with(['[', '{']) || written.contains('\n');
        if !has_key && !is_nested && !is_scalar(written, layout) && !self.is_alias(written) {
            self.quote(item);
        }
    }

    /// Quotes the value at a range, if it is certain where it ends.
    fn quote(&mut self, range: Range<usize>) {
        let Some(literal) = parse_literal(&self.text[range.clone()]) else { return };
        let range = range.start..range.start + literal.0.len();
        let values = (literal.0.to_owned(), literal.1);
        let replacement = quoted(&values.1);
        self.edits.push(TextEdit { range, replacement, keys: Vec::new(), values });
    }
}

/// Returns the part of a value that is to be quoted, and its text; `None` if the text isn't
/// certain, because of a `#` that may begin a comment, or because of quotation marks.
fn parse_literal(value: &str) -> Option<(&str, String)> {
    let bare = match comment_start(value) {
        Some(at) if value[at + 1..].starts_with([' ', '\t']) => without_comment(value),
        Some(_) => return None,
        None => value,
    };
    if bare.is_empty() || bare.starts_with("{{") || bare.contains(|c: char| c.is_control()) {
        return None;
    }
    let marks = [('"', '"'), ('\'', '\'')];
    let Some(&(mark, _)) = marks.iter().find(|(mark, _)| bare.starts_with(*mark)) else {
        return Some((bare, bare.to_owned()));
    };
    let inner = bare[1..].strip_suffix(mark);
    match (find_closing(bare, 0), inner) {
        // `"Quote" he wrote`: only a part of the value is in quotation marks.
        (Some(_), None) => Some((bare, bare.to_owned())),
        // `'It's here'`: apostrophes between letters.
        (Some(_), Some(inner)) if mark == '\'' && has_only_apostrophes(inner) => {
            Some((bare, inner.to_owned()))
        }
        _ => None,
    }
}

/// Returns true if every single quotation mark in a text is between letters or digits.
fn has_only_apostrophes(text: &str) -> bool {
    text.match_indices('\'').all(|(at, _)| {
        let (before, after) = (text[..at].chars().next_back(), text[at + 1..].chars().next());
        before.is_some_and(char::is_alphanumeric) && after.is_some_and(char::is_alphanumeric)
    })
}

/// Returns a text in quotation marks: double ones, unless only single ones avoid backslashes.
pub(super) fn quoted(text: &str) -> String {
    if text.contains(['"', '\\']) && !text.contains('\'') {
        format!("'{text}'")
    } else {
        format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
    }
}

/// Quotes strings whose first word YAML reads as a tag or an anchor: `! now`, `&Co expands`.
fn quote_tags_and_anchors(candidate: &mut Candidate<'_>) {
    let front_matter = &candidate.text[candidate.front.clone()];
    let mut edits = Vec::new();
    for entry in candidate.entries() {
        let rest = &candidate.text[entry.rest.clone()];
        let is_text_field = canonical_key(&entry.name)
            .is_some_and(|name| matches!(name, "title" | "description" | "dateline" | "source"));
        let word = rest.split_whitespace().next().unwrap_or_default();
        let is_tag = word.starts_with('!') && !word.starts_with("!!") && !word.starts_with("!<");
        let is_anchor =
            word.strip_prefix('&').is_some_and(|name| !front_matter.contains(&format!("*{name}")));
        if !is_text_field || !(is_tag || is_anchor) || !entry.is_inline(&candidate.text) {
            continue;
        }
        if let Some((bare, meant)) = parse_literal(rest) {
            let range = entry.rest.start..entry.rest.start + bare.len();
            let (replacement, keys) = (quoted(&meant), vec![entry.name.clone()]);
            edits.push(TextEdit { range, replacement, keys, values: (bare.to_owned(), meant) });
        }
    }
    candidate.apply(Fix::Quotes, edits, &|before, after, edits| {
        let mut expected = before.front.clone();
        for edit in edits {
            let Some(field) = edit.keys.first().and_then(|key| expected.text_mut(key)) else {
                return false;
            };
            // Of `!x`, YAML reads an empty value.
            if !edit.values.0.ends_with(field.as_deref().unwrap_or_default()) {
                return false;
            }
            *field = Some(edit.values.1.clone());
        }
        expected == after.front
    });
}

//! Repair: of front matter that YAML can't read, what was surely meant; and of what it reads, text
//! that it took for something else.

use std::ops::Range;

use super::candidate::{Candidate, TextEdit, apply_edits};
use super::yaml_lines::{
    YamlEntry, after_hyphen, comment_start, entries, find_closing, is_blank_or_comment, lines,
    split_flow_items, without_comment,
};
use super::{Fix, FixSet};
use crate::config::Site;
use crate::content::front_matter::canonical_key;
use crate::content::yaml_values::{is_scalar, parse_quoted};
use crate::content::{SourceFile, YamlValues};
use crate::diagnostics::Diagnostic;

/// How many blanks a tab may have stood for: only where each gives the same is one put in its
/// place. The first is.
const TAB_WIDTHS: [usize; 3] = [2, 4, 8];

/// Maps in maps are looked at so deep.
const MAX_DEPTH: usize = 4;

/// Opens a file, mended so far that it can be read.
///
/// # Errors
/// What is wrong with it, if no safe mend makes it readable.
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

/// A file made readable; `None` if it isn't sure how.
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
        let (spaced, starts) = apply_edits(text, &tabs)?;
        let front = front.start..front.end + spaced.len() - text.len();
        let quotes = if fixes.contains(Fix::Quotes) {
            quote_edits(site, &spaced, front.clone())
        } else {
            Vec::new()
        };
        let (repaired_text, quote_starts) = apply_edits(&spaced, &quotes)?;
        let mut candidate = Candidate::open(site, path, &repaired_text).ok()?;
        if !is_equivalent(&spaced, front, &candidate, &quotes) {
            return None;
        }
        candidate.record_changes(Fix::Tabs, &tabs, text, &spaced, &starts);
        candidate.record_changes(Fix::Quotes, &quotes, &spaced, &repaired_text, &quote_starts);
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

/// Whether a repaired text says just what its parts say each for itself, and what was quoted is the
/// text that stood there.
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

/// Blanks for the tabs that lines are indented with, but for those of texts of several lines.
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

/// Quotation marks for what YAML can't read without.
fn quote_edits(site: &Site, text: &str, front: Range<usize>) -> Vec<TextEdit> {
    let mut quoter = Quoter { site, text, front_matter: &text[front.clone()], edits: Vec::new() };
    quoter.visit_map(front, "", MAX_DEPTH);
    quoter.edits
}

/// What looks for values that need quotation marks.
struct Quoter<'a> {
    site: &'a Site,
    text: &'a str,
    front_matter: &'a str,
    edits: Vec<TextEdit>,
}

impl Quoter<'_> {
    /// Looks through the entries of a map that lies in the map of a key.
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

    /// Whether a key holds a list of texts.
    fn is_list(&self, key: &str) -> bool {
        matches!(key, "categories" | "category" | "aliases" | "alias")
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
        // What isn't closed may be a list or a map of which the end is missing, unless the key
        // holds one text.
        let is_text_field = parent_key.is_empty() && canonical_key(key).is_some();
        let is_unclosed = rest.starts_with(['[', '{']) && find_closing(rest, 0).is_none();
        if !is_unclosed || is_text_field {
            self.quote(entry.rest.clone());
        }
    }

    /// Whether a value stands for another one that has that name.
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
            self.visit_item(item, false);
        }
    }

    fn visit_flow_sequence(&mut self, list: Range<usize>) {
        for item in split_flow_items(self.text, list).into_iter().filter(|item| !item.is_empty()) {
            self.visit_item(item, true);
        }
    }

    fn visit_item(&mut self, item: Range<usize>, in_flow: bool) {
        let written = &self.text[item.clone()];
        let has_key = ["name:", "title:"].iter().any(|key| written.starts_with(key));
        let is_nested = written.starts_with(['[', '{']) || written.contains('\n');
        if !has_key && !is_nested && !is_scalar(written, in_flow) && !self.is_alias(written) {
            self.quote(item);
        }
    }

    /// Puts what stands at a place into quotation marks, if it is sure how far it goes.
    fn quote(&mut self, range: Range<usize>) {
        let Some(literal) = parse_literal(&self.text[range.clone()]) else { return };
        let range = range.start..range.start + literal.0.len();
        let values = (literal.0.to_owned(), literal.1);
        self.edits.push(TextEdit {
            range,
            replacement: quoted(&values.1),
            keys: Vec::new(),
            values,
        });
    }
}

/// The part of a value that is to be quoted, and the text that it stands for; `None` if that isn't
/// sure: a comment or a part of the text, a text in quotation marks or one of which a part is.
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
        // `"Quote" he said`: it can't be but a part.
        (Some(_), None) => Some((bare, bare.to_owned())),
        // `'It's here'`: apostrophes between letters.
        (Some(_), Some(inner)) if mark == '\'' && has_only_apostrophes(inner) => {
            Some((bare, inner.to_owned()))
        }
        _ => None,
    }
}

/// Whether every single quotation mark in a text stands between letters.
fn has_only_apostrophes(text: &str) -> bool {
    text.match_indices('\'').all(|(at, _)| {
        let (before, after) = (text[..at].chars().next_back(), text[at + 1..].chars().next());
        before.is_some_and(char::is_alphanumeric) && after.is_some_and(char::is_alphanumeric)
    })
}

/// A text in quotation marks: double ones, unless it would need a backslash there and none in
/// single ones.
pub(super) fn quoted(text: &str) -> String {
    match text.contains(['"', '\\']) && !text.contains('\'') {
        true => format!("'{text}'"),
        false => format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")),
    }
}

/// Quotation marks for headlines and the like of which YAML took the first word for a type or a
/// name of its own: `! now`, `&Co expands`.
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
            // Of `!x` alone nothing is left.
            if !edit.values.0.ends_with(field.as_deref().unwrap_or_default()) {
                return false;
            }
            *field = Some(edit.values.1.clone());
        }
        expected == after.front
    });
}

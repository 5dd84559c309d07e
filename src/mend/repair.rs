//! Repair: of front matter that YAML can't read, what was surely meant; and of what it reads, text that it took for something else.

use std::ops::Range;

use super::draft::{Draft, Edit, edited};
use super::scan::{Entry, closing, comment_start, dashed, entries, is_blank, lines, pieces, without_comment};
use super::{Mend, Mends};
use crate::content::front_matter::own_name;
use crate::content::values::{is_scalar, unquoted};
use crate::content::{Source, Values};
use crate::diagnostic::Diagnostic;
use crate::site::Site;

/// How many blanks a tab may have stood for: only where each gives the same is one put in its place. The first is.
const WIDTHS: [usize; 3] = [2, 4, 8];

/// Maps in maps are looked at so deep.
const DEEPEST: usize = 4;

/// Opens a file, mended so far that it can be read.
///
/// # Errors
/// What is wrong with it, if no safe mend makes it readable.
pub(super) fn open<'a>(
    site: &'a Site,
    path: &'a str,
    text: &str,
    mends: Mends,
) -> Result<Draft<'a>, Vec<Diagnostic>> {
    let opened = Draft::open(site, path, text).or_else(|mistakes| {
        let may = mends.has(Mend::Tabs) || mends.has(Mend::Quotes);
        if may { repaired(site, path, text, mends).ok_or(mistakes) } else { Err(mistakes) }
    });
    let mut draft = opened?;
    if mends.has(Mend::Quotes) {
        eaten(&mut draft);
    }
    Ok(draft)
}

/// A file made readable; `None` if it isn't sure how.
fn repaired<'a>(site: &'a Site, path: &'a str, text: &str, mends: Mends) -> Option<Draft<'a>> {
    let file = format!("content/{path}");
    let source = Source::read(&file, text.as_bytes(), &site.config.limits).ok()?;
    let front = source.front_start..source.front_start + source.front.len();
    let mut found = None;
    for width in WIDTHS {
        let tabs = if mends.has(Mend::Tabs) { tabs(text, front.clone(), width) } else { Vec::new() };
        let (spaced, starts) = edited(text, &tabs)?;
        let front = front.start..front.end + spaced.len() - text.len();
        let quotes = if mends.has(Mend::Quotes) { quotes(site, &spaced, front.clone()) } else { Vec::new() };
        let (whole, places) = edited(&spaced, &quotes)?;
        let mut draft = Draft::open(site, path, &whole).ok()?;
        if !agrees(&spaced, front, &draft, &quotes) {
            return None;
        }
        draft.note(Mend::Tabs, &tabs, text, &spaced, &starts);
        draft.note(Mend::Quotes, &quotes, &spaced, &whole, &places);
        match &found {
            None => found = Some(draft),
            Some(first) if first.known.values == draft.known.values => {}
            Some(_) => return None,
        }
        if tabs.is_empty() {
            break;
        }
    }
    found
}

/// Whether a repaired text says just what its parts say each for itself, and what was quoted is the text that stood there.
fn agrees(before: &str, front: Range<usize>, draft: &Draft<'_>, quotes: &[Edit]) -> bool {
    let (old, new) = (entries(before, front), draft.entries());
    let names = new.iter().map(|entry| entry.name.as_str());
    let part = |entry: &Entry| {
        let part = Values::read(&draft.text[entry.lines(&draft.text)]);
        part.is_some_and(|part| draft.known.values.holds(&part))
    };
    let meant = |edit: &Edit| unquoted(&edit.with).as_deref() == Some(edit.texts.1.as_str());
    old.len() == new.len()
        && old.iter().zip(&new).all(|(old, new)| old.name == new.name)
        && names.eq(draft.known.values.keys())
        && new.iter().all(part)
        && quotes.iter().all(meant)
}

/// Blanks for the tabs that lines are indented with, but for those of texts of several lines.
fn tabs(text: &str, front: Range<usize>, width: usize) -> Vec<Edit> {
    let entries = entries(text, front.clone());
    let block = |entry: &&Entry| text[entry.value.clone()].starts_with(['|', '>']);
    let blocks: Vec<Range<usize>> = entries
        .iter()
        .filter(block)
        .map(|entry| entry.below.clone())
        .filter(|below| !below.is_empty())
        .collect();
    let mut edits = Vec::new();
    let mut blocks = blocks.iter().peekable();
    for line in lines(text, front) {
        while blocks.next_if(|block| block.end <= line.start).is_some() {}
        let content = &text[line.clone()];
        let margin = content.len() - content.trim_start_matches([' ', '\t']).len();
        let inside = blocks.peek().is_some_and(|block| block.contains(&line.start));
        if !inside && content[..margin].contains('\t') && !content.trim().is_empty() {
            let with = content[..margin].replace('\t', &" ".repeat(width));
            let range = line.start..line.start + margin;
            edits.push(Edit { range, with, keys: Vec::new(), texts: Default::default() });
        }
    }
    edits
}

/// Quotation marks for what YAML can't read without.
fn quotes(site: &Site, text: &str, front: Range<usize>) -> Vec<Edit> {
    let mut quoter = Quoter { site, text, whole: &text[front.clone()], edits: Vec::new() };
    quoter.map(front, "", DEEPEST);
    quoter.edits
}

/// What looks for values that need quotation marks.
struct Quoter<'a> {
    site: &'a Site,
    text: &'a str,
    whole: &'a str,
    edits: Vec<Edit>,
}

impl Quoter<'_> {
    /// Looks through the entries of a map that lies in the map of a key.
    fn map(&mut self, range: Range<usize>, inside: &str, depth: usize) {
        for entry in entries(self.text, range) {
            let key = entry.name.to_ascii_lowercase();
            if !self.text[entry.rest.clone()].is_empty() && !self.text[entry.value.clone()].is_empty() {
                self.value(&entry, &key, inside);
                continue;
            }
            let mut below = lines(self.text, entry.below.clone()).map(|line| &self.text[line]);
            let first = below.find(|line| !is_blank(line)).map_or("", str::trim_start);
            if first.starts_with('-') {
                if self.is_list(&key) {
                    self.on_lines(entry.below);
                }
            } else if depth > 0 && !first.is_empty() {
                self.map(entry.below, &key, depth - 1);
            }
        }
    }

    /// Whether a key holds a list of texts.
    fn is_list(&self, key: &str) -> bool {
        matches!(key, "categories" | "category" | "aliases" | "alias")
            || self.site.taxonomies.iter().any(|taxonomy| taxonomy.from.iter().any(|from| from == key))
    }

    fn value(&mut self, entry: &Entry, key: &str, inside: &str) {
        let rest = &self.text[entry.rest.clone()];
        let line = format!("{}: {rest}\n", &self.text[entry.key.clone()]);
        if !entry.is_alone(self.text) || self.is_alias(rest) {
            return;
        }
        if rest.starts_with('[') && self.is_list(key) {
            if self.text[entry.value.clone()].ends_with(']') {
                self.in_brackets(entry.value.clone());
            }
            return;
        }
        if Values::read(&line).is_some() {
            return;
        }
        // What isn't closed may be a list or a map of which the end is missing, unless the key holds one text.
        let text = inside.is_empty() && own_name(key).is_some();
        let open = rest.starts_with(['[', '{']) && closing(rest, 0).is_none();
        if !open || text {
            self.quote(entry.rest.clone());
        }
    }

    /// Whether a value stands for another one that has that name.
    fn is_alias(&self, value: &str) -> bool {
        let name = value.strip_prefix('*').map(|name| name.split_whitespace().next().unwrap_or_default());
        name.is_some_and(|name| !name.is_empty() && self.whole.contains(&format!("&{name}")))
    }

    fn on_lines(&mut self, below: Range<usize>) {
        let rows: Vec<Range<usize>> =
            lines(self.text, below).filter(|line| !is_blank(&self.text[line.clone()])).collect();
        let items: Option<Vec<Range<usize>>> = rows.into_iter().map(|line| dashed(self.text, line)).collect();
        for item in items.unwrap_or_default() {
            self.item(item, false);
        }
    }

    fn in_brackets(&mut self, list: Range<usize>) {
        for item in pieces(self.text, list).into_iter().filter(|item| !item.is_empty()) {
            self.item(item, true);
        }
    }

    fn item(&mut self, item: Range<usize>, in_brackets: bool) {
        let written = &self.text[item.clone()];
        let named = ["name:", "title:"].iter().any(|key| written.starts_with(key));
        let nests = written.starts_with(['[', '{']) || written.contains('\n');
        if !named && !nests && !is_scalar(written, in_brackets) && !self.is_alias(written) {
            self.quote(item);
        }
    }

    /// Puts what stands at a place into quotation marks, if it is sure how far it goes.
    fn quote(&mut self, range: Range<usize>) {
        let Some(text) = literal(&self.text[range.clone()]) else { return };
        let range = range.start..range.start + text.0.len();
        let texts = (text.0.to_owned(), text.1);
        self.edits.push(Edit { range, with: quoted(&texts.1), keys: Vec::new(), texts });
    }
}

/// The part of a value that is to be quoted, and the text that it stands for; `None` if that isn't sure: a comment or a part of the text,
/// a text in quotation marks or one of which a part is.
fn literal(value: &str) -> Option<(&str, String)> {
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
    match (closing(bare, 0), inner) {
        // `"Quote" he said`: it can't be but a part.
        (Some(_), None) => Some((bare, bare.to_owned())),
        // `'It's here'`: apostrophes between letters.
        (Some(_), Some(inner)) if mark == '\'' && apostrophes(inner) => Some((bare, inner.to_owned())),
        _ => None,
    }
}

/// Whether every single quotation mark in a text stands between letters.
fn apostrophes(text: &str) -> bool {
    text.match_indices('\'').all(|(at, _)| {
        let (before, behind) = (text[..at].chars().next_back(), text[at + 1..].chars().next());
        before.is_some_and(char::is_alphanumeric) && behind.is_some_and(char::is_alphanumeric)
    })
}

/// A text in quotation marks: double ones, unless it would need a backslash there and none in single ones.
pub(super) fn quoted(text: &str) -> String {
    match text.contains(['"', '\\']) && !text.contains('\'') {
        true => format!("'{text}'"),
        false => format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")),
    }
}

/// Quotation marks for headlines and the like of which YAML took the first word for a type or a name of its own: `! now`, `&Co expands`.
fn eaten(draft: &mut Draft<'_>) {
    let whole = &draft.text[draft.front.clone()];
    let mut edits = Vec::new();
    for entry in draft.entries() {
        let rest = &draft.text[entry.rest.clone()];
        let text = own_name(&entry.name)
            .is_some_and(|name| matches!(name, "title" | "description" | "dateline" | "source"));
        let word = rest.split_whitespace().next().unwrap_or_default();
        let kind = word.starts_with('!') && !word.starts_with("!!") && !word.starts_with("!<");
        let name = word.strip_prefix('&').is_some_and(|name| !whole.contains(&format!("*{name}")));
        if !text || !(kind || name) || !entry.is_alone(&draft.text) {
            continue;
        }
        if let Some((bare, meant)) = literal(rest) {
            let range = entry.rest.start..entry.rest.start + bare.len();
            let (with, keys) = (quoted(&meant), vec![entry.name.clone()]);
            edits.push(Edit { range, with, keys, texts: (bare.to_owned(), meant) });
        }
    }
    draft.make(Mend::Quotes, edits, &|before, after, edits| {
        let mut wanted = before.front.clone();
        for edit in edits {
            let Some(field) = edit.keys.first().and_then(|key| wanted.text_mut(key)) else { return false };
            // Of `!x` alone nothing is left.
            if !edit.texts.0.ends_with(field.as_deref().unwrap_or_default()) {
                return false;
            }
            *field = Some(edit.texts.1.clone());
        }
        wanted == after.front
    });
}

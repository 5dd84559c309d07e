//! A file with the fixes so far. A fix is tried, the text parsed again, and the fix kept only if
//! all values that it isn't meant to change are the same as before.

use std::collections::BTreeSet;
use std::ops::Range;

use super::fix_set::Fix;
use super::yaml_lines::{self, YamlEntry, entries};
use crate::config::Site;
use crate::content::fences::FrontMatterFormat;
use crate::content::plain_text::to_plain_text;
use crate::content::{FrontMatter, ParsedArticle, SourceFile, YamlValues};
use crate::diagnostics::Diagnostic;
use crate::model::slug::term_key;
use crate::model::{Day, Moment};

/// The maximum number of edits of one fix that are tried one by one, if they can't be applied
/// together.
const MAX_SINGLE_EDITS: usize = 64;

/// A replacement of a range of a text.
#[derive(Clone, Debug)]
pub(super) struct TextEdit {
    /// The byte range in the whole text.
    pub(super) range: Range<usize>,
    /// The new text.
    pub(super) replacement: String,
    /// The keys, as written before or after, whose values it may change.
    pub(super) keys: Vec<String>,
    /// The value before and after, as a string.
    pub(super) values: (String, String),
}

/// The change of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LineChange {
    /// The fix that made it.
    pub fix: Fix,
    /// The line number in the original file, from 1.
    pub line: usize,
    /// The original line.
    pub before: String,
    /// The new line; `None` if it is removed.
    pub after: Option<String>,
}

/// The parsed front matter of a file.
#[derive(Debug)]
pub(super) struct ParsedFrontMatter {
    pub(super) front: FrontMatter,
    pub(super) values: YamlValues,
    /// The properties of the article; `None` if the file isn't an article or has an error.
    pub(super) invariants: Option<Invariants>,
}

/// The properties of an article that no fix may change.
#[derive(Debug)]
pub(super) struct Invariants {
    identity: Identity,
    /// The terms: the index of the taxonomy, and the name.
    pub(super) terms: Vec<(usize, String)>,
}

/// The properties of an article that determine its URL, order and visibility.
#[derive(Debug, PartialEq, Eq)]
struct Identity {
    permalink: String,
    day: Day,
    date: Moment,
    updated: Option<Moment>,
    expires: Option<Moment>,
    lang: String,
}

impl Invariants {
    fn from_article(article: ParsedArticle) -> Self {
        let ParsedArticle { permalink, day, date, updated, expires, lang, terms, .. } = article;
        let permalink = permalink.as_str().to_owned();
        Self { identity: Identity { permalink, day, date, updated, expires, lang }, terms }
    }

    /// Returns true if the properties are the same, except for the spelling of terms.
    fn matches(&self, other: &Self) -> bool {
        let term_keys = |invariants: &Self| -> BTreeSet<(usize, String)> {
            invariants.terms.iter().map(|(taxonomy, name)| (*taxonomy, term_key(name))).collect()
        };
        self.identity == other.identity && term_keys(self) == term_keys(other)
    }
}

/// A file that can be parsed, with the fixes so far.
#[derive(Debug)]
pub(super) struct Candidate<'a> {
    pub(super) site: &'a Site,
    /// The path, relative to `content/`.
    pub(super) path: &'a str,
    pub(super) text: String,
    /// The byte range of the front matter.
    pub(super) front: Range<usize>,
    pub(super) parsed: ParsedFrontMatter,
    pub(super) changes: Vec<LineChange>,
    /// The line number of each line in the original file.
    original_line_numbers: Vec<usize>,
}

impl<'a> Candidate<'a> {
    /// Parses a text.
    ///
    /// # Errors
    /// The diagnostics of a text that can't be parsed; none if its front matter isn't YAML, which
    /// has no fixes.
    pub(super) fn open(site: &'a Site, path: &'a str, text: &str) -> Result<Self, Vec<Diagnostic>> {
        let file = format!("content/{path}");
        let source = SourceFile::parse(&file, text.as_bytes(), &site.config.limits)
            .map_err(|diagnostic| vec![*diagnostic])?;
        if source.format != FrontMatterFormat::Yaml {
            return Err(Vec::new());
        }
        let parsed = parse_front_matter(site, path, &source)?;
        let front =
            source.front_matter_start..source.front_matter_start + source.front_matter.len();
        let original_line_numbers = (1..=text.split_inclusive('\n').count()).collect();
        Ok(Self {
            site,
            path,
            text: text.to_owned(),
            front,
            parsed,
            changes: Vec::new(),
            original_line_numbers,
        })
    }

    /// The entries of the front matter.
    pub(super) fn entries(&self) -> Vec<YamlEntry> {
        entries(&self.text, self.front.clone())
    }

    /// Applies edits if the result is valid: every other value is the same as before, as are the
    /// URL, the dates and the terms, and `is_expected` accepts the rest. If the edits are not valid
    /// together, they are tried one by one.
    pub(super) fn apply(
        &mut self,
        fix: Fix,
        mut edits: Vec<TextEdit>,
        is_expected: &dyn Fn(&ParsedFrontMatter, &ParsedFrontMatter, &[TextEdit]) -> bool,
    ) {
        edits.sort_by_key(|edit| edit.range.start);
        if edits.is_empty() || self.try_apply(fix, &edits, is_expected) || edits.len() == 1 {
            return;
        }
        if edits.len() <= MAX_SINGLE_EDITS {
            // From the last to the first, so that the ranges of the remaining edits stay valid.
            for edit in edits.into_iter().rev() {
                self.try_apply(fix, &[edit], is_expected);
            }
        }
    }

    fn try_apply(
        &mut self,
        fix: Fix,
        edits: &[TextEdit],
        is_expected: &dyn Fn(&ParsedFrontMatter, &ParsedFrontMatter, &[TextEdit]) -> bool,
    ) -> bool {
        let Some(edited) = apply_edits(&self.text, edits) else { return false };
        let Ok(next) = Self::open(self.site, self.path, &edited.text) else { return false };
        let keys: Vec<&str> =
            edits.iter().flat_map(|edit| edit.keys.iter().map(String::as_str)).collect();
        let invariants_hold = match (&self.parsed.invariants, &next.parsed.invariants) {
            (Some(before), Some(after)) => before.matches(after),
            // An edit may fix a file that had an error.
            (before, _) => before.is_none(),
        };
        let accepted = invariants_hold
            && self.text[..self.front.start] == next.text[..next.front.start]
            && self.text[self.front.end..] == next.text[next.front.end..]
            && self.parsed.values.eq_except(&next.parsed.values, &keys)
            && is_expected(&self.parsed, &next.parsed, edits);
        if accepted {
            let before = std::mem::replace(&mut self.text, next.text);
            self.record_changes(fix, edits, &before, &edited);
            (self.front, self.parsed) = (next.front, next.parsed);
        }
        accepted
    }

    /// Records the lines that edits change.
    pub(super) fn record_changes(
        &mut self,
        fix: Fix,
        edits: &[TextEdit],
        before: &str,
        after: &EditedText,
    ) {
        let mut removed: Vec<Range<usize>> = Vec::new();
        let (mut offset, mut line_index) = (0, 0);
        for (edit, &start) in edits.iter().zip(&after.starts) {
            line_index += before[offset..edit.range.start].matches('\n').count();
            offset = edit.range.start;
            let line_breaks = before[edit.range.clone()].matches('\n').count();
            let removes_line =
                edit.replacement.is_empty() && before[..edit.range.end].ends_with('\n');
            let line = self.original_line_numbers.get(line_index).copied().unwrap_or_default();
            let after_line = (!removes_line).then(|| line_at(&after.text, start));
            let change =
                LineChange { fix, line, before: line_at(before, offset), after: after_line };
            if self.changes.last() != Some(&change) {
                self.changes.push(change);
            }
            let first = line_index + usize::from(!removes_line);
            removed.push(first..first + line_breaks);
        }
        for range in removed.into_iter().rev() {
            self.original_line_numbers.drain(range);
        }
    }
}

/// The line at an offset, without its line break.
fn line_at(text: &str, at: usize) -> String {
    let line = &text[yaml_lines::line_start(text, at)..yaml_lines::line_end(text, at, text.len())];
    line.trim_end_matches(['\r', '\n']).to_owned()
}

/// Parses front matter.
fn parse_front_matter(
    site: &Site,
    path: &str,
    source: &SourceFile<'_>,
) -> Result<ParsedFrontMatter, Vec<Diagnostic>> {
    let front = FrontMatter::parse(source, site)?;
    let invariants = ParsedArticle::resolve(front.clone(), source, path, site)
        .ok()
        .map(Invariants::from_article);
    let values = YamlValues::parse(source.front_matter).ok_or_else(Vec::new)?;
    Ok(ParsedFrontMatter { front, values, invariants })
}

/// A text after edits.
#[derive(Debug)]
pub(super) struct EditedText {
    pub(super) text: String,
    /// The offset of each edit in the text.
    starts: Vec<usize>,
}

/// Applies sorted edits to a text; `None` if they overlap.
pub(super) fn apply_edits(text: &str, edits: &[TextEdit]) -> Option<EditedText> {
    let (mut out, mut starts, mut at) = (String::with_capacity(text.len() + 64), Vec::new(), 0);
    for edit in edits {
        out.push_str(text.get(at..edit.range.start)?);
        starts.push(out.len());
        out.push_str(&edit.replacement);
        at = edit.range.end;
    }
    out.push_str(&text[at..]);
    Some(EditedText { text: out, starts })
}

/// Replaces the names of terms with their keys and removes duplicates, to compare front matter
/// regardless of the spelling of terms.
pub(super) fn normalize_terms(front: &FrontMatter) -> FrontMatter {
    let mut front = front.clone();
    let normalize = |names: &mut Vec<String>| {
        let mut seen = BTreeSet::new();
        names.iter_mut().for_each(|name| *name = term_key(&to_plain_text(name)));
        names.retain(|name| seen.insert(name.clone()));
    };
    front.terms.iter_mut().for_each(|(_, names)| normalize(names));
    normalize(&mut front.categories);
    front
}

//! Finds tags of Liquid: `{% name … %}` and `{{ … }}`.

use std::ops::Range;

/// The maximum length of a tag, in bytes. A longer one is treated as text.
const MAX_TAG_BYTES: usize = 4096;

/// Returns true if a body may have tags. Hugo's shortcodes aren't tags.
pub(super) fn may_have_tags(body: &str) -> bool {
    let bytes = body.as_bytes();
    memchr::memchr_iter(b'{', bytes).any(|at| {
        let next = bytes.get(at + 1);
        let is_shortcode = next == Some(&b'{') && matches!(bytes.get(at + 2), Some(b'<' | b'%'));
        matches!(next, Some(b'%' | b'{')) && !is_shortcode
    })
}

/// The two forms of a tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TagForm {
    /// `{% … %}`
    Statement,
    /// `{{ … }}`
    Output,
}

/// A tag in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FoundTag<'a> {
    pub(super) form: TagForm,
    /// The bytes of the tag in the text.
    pub(super) range: Range<usize>,
    /// The text between the delimiters, without hyphens that strip white space.
    pub(super) content: &'a str,
}

impl<'a> FoundTag<'a> {
    /// The first word of a statement, and what follows it.
    pub(super) fn name_and_rest(&self) -> (&'a str, &'a str) {
        let is_end = |c: char| !c.is_ascii_alphanumeric() && c != '_';
        let (name, rest) =
            self.content.split_at(self.content.find(is_end).unwrap_or(self.content.len()));
        (name, rest.trim())
    }
}

/// Finds the tags of a text in their order.
pub(super) struct TagScanner<'a> {
    text: &'a str,
    at: usize,
    /// The next ends of statements and of outputs, and the next blank line. Each is searched for
    /// once.
    statement_end: NextMatch,
    output_end: NextMatch,
    blank_line: NextMatch,
}

impl<'a> TagScanner<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        let next = |pattern| NextMatch { pattern, found: Some(0), searched_from: usize::MAX };
        Self {
            text,
            at: 0,
            statement_end: next("%}"),
            output_end: next("}}"),
            blank_line: next("\n\n"),
        }
    }

    /// Goes on behind a byte of the text.
    pub(super) fn skip_to(&mut self, at: usize) {
        self.at = self.at.max(at);
    }

    /// Returns a tag at an opening delimiter; `None` if it isn't closed in its paragraph.
    fn tag_at(&mut self, open: usize, form: TagForm) -> Option<FoundTag<'a>> {
        let ends = match form {
            TagForm::Statement => &mut self.statement_end,
            TagForm::Output => &mut self.output_end,
        };
        let close = ends.at_or_after(self.text, open + 2)?;
        let is_in_paragraph =
            self.blank_line.at_or_after(self.text, open).is_none_or(|blank| blank > close);
        if close - open > MAX_TAG_BYTES || !is_in_paragraph {
            return None;
        }
        let content = self.text[open + 2..close].trim_matches('-').trim();
        (!content.is_empty()).then_some(FoundTag { form, range: open..close + 2, content })
    }
}

impl<'a> Iterator for TagScanner<'a> {
    type Item = FoundTag<'a>;

    fn next(&mut self) -> Option<FoundTag<'a>> {
        let bytes = self.text.as_bytes();
        loop {
            let open = self.at + memchr::memchr(b'{', bytes.get(self.at..)?)?;
            let form = match bytes.get(open + 1)? {
                b'%' => TagForm::Statement,
                b'{' if matches!(bytes.get(open + 2), Some(b'<' | b'%')) => {
                    // A shortcode of Hugo, whose second brace doesn't begin a tag.
                    self.at = open + 3;
                    continue;
                }
                b'{' => TagForm::Output,
                _ => {
                    self.at = open + 1;
                    continue;
                }
            };
            match self.tag_at(open, form) {
                Some(tag) => {
                    self.at = tag.range.end;
                    return Some(tag);
                }
                None => self.at = open + if form == TagForm::Output { 1 } else { 2 },
            }
        }
    }
}

/// The next occurrence of a pattern, for positions that never decrease.
struct NextMatch {
    pattern: &'static str,
    found: Option<usize>,
    /// The position of the last search.
    searched_from: usize,
}

impl NextMatch {
    fn at_or_after(&mut self, text: &str, at: usize) -> Option<usize> {
        let is_stale =
            self.searched_from == usize::MAX || self.found.is_some_and(|found| found < at);
        if is_stale {
            let rest = text.as_bytes().get(at..).unwrap_or_default();
            self.found =
                memchr::memmem::find(rest, self.pattern.as_bytes()).map(|found| at + found);
            self.searched_from = at;
        }
        self.found
    }
}

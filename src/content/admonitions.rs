//! Admonitions of MkDocs (`!!! note "Title"`, `??? tip`) and Docusaurus (`:::note Title`), which
//! become alerts of GitHub's Markdown (`> [!NOTE]`).

use std::borrow::Cow;
use std::ops::Range;

use super::markdown::code_ranges;
use crate::model::text::contains_tripled;

/// The names of admonitions with the alert that each becomes: those of MkDocs Material, Docusaurus
/// and VitePress.
const KINDS: [(&str, &str); 29] = [
    ("note", "NOTE"),
    ("info", "NOTE"),
    ("abstract", "NOTE"),
    ("summary", "NOTE"),
    ("tldr", "NOTE"),
    ("todo", "NOTE"),
    ("example", "NOTE"),
    ("quote", "NOTE"),
    ("cite", "NOTE"),
    ("details", "NOTE"),
    ("secondary", "NOTE"),
    ("tip", "TIP"),
    ("hint", "TIP"),
    ("success", "TIP"),
    ("check", "TIP"),
    ("done", "TIP"),
    ("important", "IMPORTANT"),
    ("question", "IMPORTANT"),
    ("help", "IMPORTANT"),
    ("faq", "IMPORTANT"),
    ("warning", "WARNING"),
    ("attention", "WARNING"),
    ("caution", "CAUTION"),
    ("danger", "CAUTION"),
    ("error", "CAUTION"),
    ("failure", "CAUTION"),
    ("fail", "CAUTION"),
    ("missing", "CAUTION"),
    ("bug", "CAUTION"),
];

/// The number of admonitions in each other that are converted.
const MAX_DEPTH: usize = 4;

/// Converts the admonitions of a body, in time in proportion to its length.
pub(super) fn convert(body: &str) -> Cow<'_, str> {
    convert_nested(body, MAX_DEPTH).map_or(Cow::Borrowed(body), Cow::Owned)
}

/// Converts admonitions up to a depth; `None` if there are none.
fn convert_nested(body: &str, depth: usize) -> Option<String> {
    if depth == 0 || !contains_tripled(body, [b'!', b'?', b':']) {
        return None;
    }
    let lines = Lines::new(body);
    let mut out = String::new();
    let mut is_changed = false;
    let mut index = 0;
    while index < lines.ranges.len() {
        let found = lines.opening(index).and_then(|opening| {
            let content = match opening.colons {
                0 => lines.indented_after(index),
                colons => lines.closed_after(index, colons)?,
            };
            Some((opening, content))
        });
        let Some((opening, content)) = found else {
            out.push_str(lines.text(index));
            index += 1;
            continue;
        };
        is_changed = true;
        let inner: String = (content.lines.clone())
            .map(|line| match opening.colons {
                0 => without_indent(lines.text(line)),
                _ => lines.text(line),
            })
            .collect();
        let inner = convert_nested(&inner, depth - 1).unwrap_or(inner);
        push_alert(&mut out, &opening, inner.trim_end());
        index = content.next;
        // Otherwise the next line would continue the last paragraph of the alert.
        if index < lines.ranges.len() && !lines.text(index).trim().is_empty() {
            out.push('\n');
        }
    }
    is_changed.then_some(out)
}

/// The first line of an admonition.
struct Opening<'a> {
    alert: &'static str,
    title: &'a str,
    /// The number of colons of Docusaurus; 0 in MkDocs.
    colons: usize,
}

/// The content of an admonition.
struct Content {
    /// The numbers of its lines.
    lines: Range<usize>,
    /// The number of the line after it.
    next: usize,
}

/// A body by lines.
struct Lines<'a> {
    body: &'a str,
    ranges: Vec<Range<usize>>,
    code: Vec<Range<usize>>,
    /// For each line, the number of the next line that consists of colons, if there is one.
    next_colons: Vec<Option<usize>>,
}

impl<'a> Lines<'a> {
    fn new(body: &'a str) -> Self {
        let (mut ranges, mut start) = (Vec::new(), 0);
        for line in body.split_inclusive('\n') {
            ranges.push(start..start + line.len());
            start += line.len();
        }
        let mut lines = Self { body, ranges, code: code_ranges(body), next_colons: Vec::new() };
        let mut next = None;
        let mut next_colons = vec![None; lines.ranges.len()];
        for index in (0..lines.ranges.len()).rev() {
            next_colons[index] = next;
            let text = lines.text(index).trim();
            if text.len() >= 3 && text.bytes().all(|byte| byte == b':') && !lines.is_code(index) {
                next = Some(index);
            }
        }
        lines.next_colons = next_colons;
        lines
    }

    fn text(&self, index: usize) -> &'a str {
        &self.body[self.ranges[index].clone()]
    }

    fn is_code(&self, index: usize) -> bool {
        let offset = self.ranges[index].start;
        let next = self.code.partition_point(|range| range.end <= offset);
        self.code.get(next).is_some_and(|range| range.contains(&offset))
    }

    /// Reads a line as the first one of an admonition.
    fn opening(&self, index: usize) -> Option<Opening<'a>> {
        let line = self.text(index).trim_end();
        let text = line.trim_start_matches(' ');
        if line.len() - text.len() > 3 {
            return None;
        }
        let opening = mkdocs_opening(text).or_else(|| docusaurus_opening(text))?;
        (!self.is_code(index)).then_some(opening)
    }

    /// Returns the indented lines after a line, with blank lines between them.
    fn indented_after(&self, index: usize) -> Content {
        let mut end = index + 1;
        for line in index + 1..self.ranges.len() {
            let text = self.text(line);
            if text.starts_with("    ") || text.starts_with('\t') {
                end = line + 1;
            } else if !text.trim().is_empty() {
                break;
            }
        }
        Content { lines: index + 1..end, next: end }
    }

    /// Returns the lines up to one with the same number of colons; `None` if there is none.
    fn closed_after(&self, index: usize, colons: usize) -> Option<Content> {
        let mut close = self.next_colons[index]?;
        // Containers in each other have different numbers of colons.
        for _ in 0..MAX_DEPTH * 4 {
            if self.text(close).trim().len() == colons {
                return Some(Content { lines: index + 1..close, next: close + 1 });
            }
            close = self.next_colons[close]?;
        }
        None
    }
}

/// Reads `!!! note "Title"`, `??? tip` or `???+ tip inline`.
fn mkdocs_opening(line: &str) -> Option<Opening<'_>> {
    let rest = line.strip_prefix("!!!").or_else(|| line.strip_prefix("???"))?;
    let rest = rest.strip_prefix('+').unwrap_or(rest).strip_prefix(' ')?;
    let (words, title) = match rest.split_once('"') {
        Some((words, title)) => (words, title.strip_suffix('"')?),
        None => (rest, ""),
    };
    let is_word = |word: &str| word.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
    let alert = find_alert(words.split_whitespace().next()?)?;
    words.split_whitespace().all(is_word).then_some(Opening { alert, title, colons: 0 })
}

/// Reads `:::note`, `:::note Title`, `:::note[Title]` or `::: note`.
fn docusaurus_opening(line: &str) -> Option<Opening<'_>> {
    let rest = line.trim_start_matches(':');
    let colons = line.len() - rest.len();
    let rest = rest.trim_start();
    let is_end = |c: char| !c.is_ascii_lowercase();
    let (name, title) = rest.split_at(rest.find(is_end).unwrap_or(rest.len()));
    let title = title.trim();
    let title = match title.strip_prefix('[') {
        Some(inner) => inner.split(']').next().unwrap_or_default(),
        None => title,
    };
    let alert = find_alert(name).filter(|_| colons >= 3)?;
    Some(Opening { alert, title, colons })
}

fn find_alert(name: &str) -> Option<&'static str> {
    KINDS.iter().find(|(known, _)| *known == name).map(|(_, alert)| *alert)
}

/// A line without an indentation of up to four columns.
fn without_indent(line: &str) -> &str {
    let spaces = line.bytes().take(4).take_while(|byte| *byte == b' ').count();
    line[spaces..].strip_prefix('\t').filter(|_| spaces == 0).unwrap_or(&line[spaces..])
}

fn push_alert(out: &mut String, opening: &Opening<'_>, content: &str) {
    out.push_str(&format!("> [!{}]\n", opening.alert));
    if !opening.title.is_empty() {
        out.push_str(&format!("> **{}**\n>\n", opening.title.replace('*', "\\*")));
    }
    for line in content.lines() {
        out.push_str(if line.is_empty() { ">" } else { "> " });
        out.push_str(line);
        out.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn admonitions_of_mkdocs_become_alerts() {
        for (text, expected) in [
            ("!!! tip\n    A\n\n    B\n\nC\n", "> [!TIP]\n> A\n>\n> B\n\nC\n"),
            (
                "!!! danger \"Mind *it*\"\n    A\nB\n",
                "> [!CAUTION]\n> **Mind \\*it\\***\n>\n> A\n\nB\n",
            ),
            ("???+ note inline end\n\tA", "> [!NOTE]\n> A\n"),
            ("!!! warning\n", "> [!WARNING]\n"),
            (
                "!!! note\n    A\n\n    !!! bug\n        B\n",
                "> [!NOTE]\n> A\n>\n> > [!CAUTION]\n> > B\n",
            ),
        ] {
            assert_eq!(convert(text), expected, "{text}");
        }
    }

    #[test]
    fn containers_become_alerts() {
        for (text, expected) in [
            (":::note\nA\n:::\nB\n", "> [!NOTE]\n> A\n\nB\n"),
            ("::: warning Mind it\n\nA\n\n:::\n", "> [!WARNING]\n> **Mind it**\n>\n>\n> A\n"),
            (":::info[Mind it]\nA\n:::\n", "> [!NOTE]\n> **Mind it**\n>\n> A\n"),
            (
                "::::tip\nA\n\n:::danger\nB\n:::\n\n::::\n",
                "> [!TIP]\n> A\n>\n> > [!CAUTION]\n> > B\n",
            ),
        ] {
            assert_eq!(convert(text), expected, "{text}");
        }
    }

    #[test]
    fn other_text_is_kept() {
        for text in [
            "!!! BREAKING: it ended",
            "Wow!!! note",
            "!!! unknown\n    A\n",
            ":::note\nnever closed\n",
            "::: columns\nA\n:::\n",
            "```\n!!! note\n    A\n```\n",
            "    !!! note\n        A\n",
            "??? really",
        ] {
            assert_eq!(convert(text), text);
        }
    }

    /// No container is closed, or each is searched for behind many others.
    #[test]
    fn many_containers_take_linear_work() {
        for part in [":::note\n", ":::::note\n:::\n", "!!! note\n", "!!! note\n    a\n"] {
            convert(&part.repeat(20_000));
        }
    }
}

//! The lines of plain text: which of them are one paragraph, and which belong to the interface of a
//! site.

use crate::import::item::OmittedText;

/// The maximum length of the lines of a text that is wrapped, in characters.
const MAX_WRAPPED_CHARS: usize = 100;

/// Lines of a site's interface that were copied with the text, without case and punctuation.
const INTERFACE_LINES: [&str; 16] = [
    "what's your reaction",
    "share this",
    "share on facebook",
    "share on twitter",
    "read also",
    "also read",
    "read more",
    "you may also like",
    "you might also like",
    "recommended for you",
    "more on this",
    "leave a comment",
    "leave a reply",
    "advertisement",
    "tweet",
    "comments",
];

/// Beginnings of interface lines that link to something else.
const INTERFACE_PREFIXES: [&str; 3] = ["read also:", "also read:", "read more:"];

/// Beginnings of interface lines, if exactly one word follows: `share this article`.
const INTERFACE_PHRASES: [&str; 4] = ["share this ", "print this ", "email this ", "related "];

/// Removes the lines of a site's interface, and lists them.
pub(super) fn interface_lines_removed(lines: &mut Vec<&str>, omitted: &mut Vec<OmittedText>) {
    lines.retain(|line| {
        let is_interface = is_interface_line(line);
        if is_interface {
            omitted.push(OmittedText { rule: "interface-line", text: (*line).to_owned() });
        }
        !is_interface
    });
}

fn is_interface_line(line: &str) -> bool {
    if line.is_empty() || line.len() > 400 {
        return false;
    }
    let line = line.to_lowercase().replace('’', "'");
    let words = line.trim_end_matches(['?', '!', '.', ':', ' ']);
    let is_one_word = |rest: &str| !rest.is_empty() && !rest.contains(' ');
    INTERFACE_LINES.contains(&words)
        || INTERFACE_PHRASES.iter().any(|start| words.strip_prefix(start).is_some_and(is_one_word))
        || INTERFACE_PREFIXES.iter().any(|prefix| line.starts_with(prefix))
}

/// The layout of a text.
pub(super) struct TextLayout<'a> {
    /// Groups of lines without an empty line between them.
    groups: Vec<Vec<&'a str>>,
}

impl<'a> TextLayout<'a> {
    /// Groups lines, which are trimmed.
    pub(super) fn parse(lines: &[&'a str]) -> Self {
        let groups = lines.split(|line| line.is_empty());
        Self { groups: groups.filter(|group| !group.is_empty()).map(<[_]>::to_vec).collect() }
    }

    /// Returns the paragraphs. If empty lines separate groups of short lines, the lines are
    /// wrapped, and each group is a paragraph; otherwise each line is one, unless the next line
    /// clearly continues its sentence.
    pub(super) fn into_paragraphs(self) -> Vec<String> {
        let is_short = |line: &&str| line.chars().count() <= MAX_WRAPPED_CHARS;
        let is_wrapped = self.groups.len() > 1
            && self.groups.iter().flatten().all(is_short)
            && self.groups.iter().any(|group| group.len() > 2);
        let mut paragraphs: Vec<String> = Vec::new();
        for group in self.groups {
            let mut is_first = true;
            for line in group {
                match paragraphs.last_mut() {
                    Some(last) if !is_first && (is_wrapped || continues(last, line)) => {
                        last.push(' ');
                        last.push_str(line);
                    }
                    _ => paragraphs.push(line.to_owned()),
                }
                is_first = false;
            }
        }
        paragraphs
    }
}

/// Returns true if a line continues the sentence of the line before it: that one ends within a
/// sentence, and this one begins with a lower-case letter.
fn continues(last: &str, line: &str) -> bool {
    let ends_within = last.ends_with(|c: char| c.is_alphanumeric() || matches!(c, ',' | '-'));
    ends_within && line.starts_with(char::is_lowercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paragraphs(text: &str) -> Vec<String> {
        TextLayout::parse(&text.lines().collect::<Vec<_>>()).into_paragraphs()
    }

    #[test]
    fn wrapped_lines_are_one_paragraph() {
        assert_eq!(
            paragraphs("One.\nTwo, with\na break.\nThree"),
            ["One.", "Two, with a break.", "Three"]
        );
        assert_eq!(
            paragraphs("One is\nwrapped at\nThe Hague.\n\nTwo."),
            ["One is wrapped at The Hague.", "Two."]
        );
    }

    #[test]
    fn interface_lines_are_listed() {
        let mut lines = vec!["Text.", "What’s Your Reaction?", "Share this", "Read also: More"];
        let mut omitted = Vec::new();
        interface_lines_removed(&mut lines, &mut omitted);
        assert_eq!(lines, ["Text."]);
        assert_eq!(omitted.len(), 3);
        assert!(omitted.iter().all(|text| text.rule == "interface-line"));
        assert!(!is_interface_line("Share this with your family, he said."));
    }
}

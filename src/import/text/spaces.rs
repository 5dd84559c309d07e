//! White space: collapsed as browsers show it, and moved out of emphasis and links, which can't
//! begin or end with it in Markdown.

use super::document::{Block, Figure, Inline, contains_image};

/// Returns true if inline parts show nothing.
pub(super) fn is_blank(parts: &[Inline]) -> bool {
    parts.iter().all(|part| match part {
        Inline::Text(text) => text.chars().all(is_space),
        Inline::Break => true,
        _ => false,
    })
}

/// Returns true for the characters that HTML collapses; a no-break space isn't one.
fn is_space(c: char) -> bool {
    c.is_ascii_whitespace() || c == '\u{b}'
}

/// Collapses white space in the contents of a paragraph, and removes it at both ends.
pub(super) fn normalize_inlines(mut parts: Vec<Inline>) -> Vec<Inline> {
    collapse(&mut parts, &mut true);
    let mut parts = hoist_spaces(parts);
    trim(&mut parts);
    parts
}

/// Collapses runs of white space to one space. `after_space` is true if there is white space before
/// the next part, or nothing.
fn collapse(parts: &mut [Inline], after_space: &mut bool) {
    for part in parts {
        match part {
            Inline::Text(text) => {
                let mut collapsed = String::with_capacity(text.len());
                for c in text.chars() {
                    if !is_space(c) {
                        collapsed.push(c);
                    } else if !*after_space {
                        collapsed.push(' ');
                    }
                    *after_space = is_space(c);
                }
                *text = collapsed;
            }
            Inline::Break => *after_space = true,
            Inline::Element(_, content) if content.is_empty() => {}
            Inline::Code(_) | Inline::Image { .. } | Inline::FootnoteReference(_) => {
                *after_space = false;
            }
            other => {
                if let Some(content) = other.content_mut() {
                    collapse(content, after_space);
                }
            }
        }
    }
}

/// Moves white space at the ends of elements out of them, removes elements without contents, and
/// joins neighbors of the same type.
fn hoist_spaces(parts: Vec<Inline>) -> Vec<Inline> {
    let mut out: Vec<Inline> = Vec::with_capacity(parts.len());
    for mut part in parts {
        let Some(content) = part.content_mut().filter(|content| !content.is_empty()) else {
            if !is_removable(&part) {
                push_joined(&mut out, part);
            }
            continue;
        };
        let mut inner = unwrap_same(hoist_spaces(std::mem::take(content)), &part);
        let before = split_blank_start(&mut inner);
        let after = split_blank_end(&mut inner);
        before.into_iter().for_each(|space| push_joined(&mut out, space));
        if !inner.is_empty() {
            if let Some(content) = part.content_mut() {
                *content = inner;
            }
            push_joined(&mut out, part);
        }
        after.into_iter().for_each(|space| push_joined(&mut out, space));
    }
    out
}

/// Returns true for emphasis without contents. An empty element is an anchor.
fn is_removable(part: &Inline) -> bool {
    match part {
        Inline::Text(text) => text.is_empty(),
        Inline::Element(element, content) => content.is_empty() && element.attributes.is_empty(),
        other => other.content().is_some_and(Vec::is_empty),
    }
}

/// Replaces emphasis in emphasis of the same type with its contents.
fn unwrap_same(parts: Vec<Inline>, outer: &Inline) -> Vec<Inline> {
    let is_same = |part: &Inline| {
        !matches!(part, Inline::Link { .. } | Inline::Element(..))
            && std::mem::discriminant(part) == std::mem::discriminant(outer)
    };
    if !parts.iter().any(is_same) {
        return parts;
    }
    let mut out = Vec::new();
    for mut part in parts {
        let inner = if is_same(&part) { part.content_mut().map(std::mem::take) } else { None };
        let parts = inner.unwrap_or_else(|| vec![part]);
        parts.into_iter().for_each(|part| push_joined(&mut out, part));
    }
    out
}

/// Adds a part, to the part before it if both are text or the same emphasis.
fn push_joined(out: &mut Vec<Inline>, part: Inline) {
    match (out.last_mut(), part) {
        (Some(Inline::Text(before)), Inline::Text(text)) => {
            let repeats_space = before.ends_with(' ') && text.starts_with(' ');
            before.push_str(if repeats_space { &text[1..] } else { &text });
        }
        (Some(Inline::Strong(before)), Inline::Strong(content))
        | (Some(Inline::Emphasis(before)), Inline::Emphasis(content))
        | (Some(Inline::Strikethrough(before)), Inline::Strikethrough(content)) => {
            content.into_iter().for_each(|part| push_joined(before, part));
        }
        (_, part) => out.push(part),
    }
}

/// Removes spaces and line breaks from the start of parts and returns them.
fn split_blank_start(parts: &mut Vec<Inline>) -> Vec<Inline> {
    let mut blank = Vec::new();
    let count = parts.iter().take_while(|part| is_blank(std::slice::from_ref(part))).count();
    blank.extend(parts.drain(..count));
    if let Some(Inline::Text(text)) = parts.first_mut()
        && text.starts_with(is_space)
    {
        *text = text.trim_start_matches(is_space).to_owned();
        blank.push(Inline::Text(" ".to_owned()));
    }
    blank
}

/// Removes spaces and line breaks from the end of parts and returns them.
fn split_blank_end(parts: &mut Vec<Inline>) -> Vec<Inline> {
    let count = parts.iter().rev().take_while(|part| is_blank(std::slice::from_ref(part))).count();
    let mut blank = parts.split_off(parts.len() - count);
    if let Some(Inline::Text(text)) = parts.last_mut()
        && text.ends_with(is_space)
    {
        text.truncate(text.trim_end_matches(is_space).len());
        blank.insert(0, Inline::Text(" ".to_owned()));
    }
    blank
}

/// Removes white space at both ends and around line breaks.
fn trim(parts: &mut Vec<Inline>) {
    split_blank_start(parts);
    split_blank_end(parts);
    for index in 0..parts.len() {
        if parts[index] != Inline::Break {
            continue;
        }
        if let Some(Inline::Text(text)) = index.checked_sub(1).map(|before| &mut parts[before]) {
            text.truncate(text.trim_end_matches(is_space).len());
        }
        if let Some(Inline::Text(text)) = parts.get_mut(index + 1) {
            *text = text.trim_start_matches(is_space).to_owned();
        }
    }
    parts.retain(|part| !matches!(part, Inline::Text(text) if text.is_empty()));
}

/// Returns paragraphs, divided where two line breaks follow each other. Images alone in a paragraph
/// are figures.
pub(super) fn split_paragraphs(parts: Vec<Inline>) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut paragraph = Vec::new();
    let mut breaks = 0;
    for part in parts {
        if part == Inline::Break {
            breaks += 1;
            continue;
        }
        if breaks > 1 {
            push_paragraph(&mut blocks, std::mem::take(&mut paragraph));
        } else if breaks == 1 && !paragraph.is_empty() {
            paragraph.push(Inline::Break);
        }
        breaks = 0;
        paragraph.push(part);
    }
    push_paragraph(&mut blocks, paragraph);
    blocks
}

fn push_paragraph(blocks: &mut Vec<Block>, mut parts: Vec<Inline>) {
    trim(&mut parts);
    if parts.is_empty() {
        return;
    }
    let is_image = |part: &Inline| match part {
        Inline::Image { .. } => true,
        Inline::Link { content, .. } => {
            matches!(&content[..], [Inline::Image { .. }])
        }
        other => is_blank(std::slice::from_ref(other)),
    };
    if !parts.iter().all(is_image) {
        blocks.push(Block::Paragraph(parts));
        return;
    }
    for image in parts.into_iter().filter(|part| contains_image(std::slice::from_ref(part))) {
        blocks.push(Block::Figure(Figure { images: vec![image], ..Figure::default() }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Inline {
        Inline::Text(text.to_owned())
    }

    #[test]
    fn spaces_are_collapsed_and_moved_out_of_emphasis() {
        let parts = vec![
            text("  a \n"),
            Inline::Strong(vec![text(" b "), Inline::Break]),
            text("\tc"),
            Inline::Emphasis(vec![text(" ")]),
            Inline::Strong(vec![Inline::Strong(vec![text("d")])]),
            Inline::Strong(vec![text("e")]),
            text(" "),
        ];
        let expected = vec![
            text("a "),
            Inline::Strong(vec![text("b")]),
            Inline::Break,
            text("c "),
            Inline::Strong(vec![text("de")]),
        ];
        assert_eq!(normalize_inlines(parts), expected);
    }

    #[test]
    fn two_line_breaks_divide_paragraphs() {
        let parts = vec![text("a"), Inline::Break, text("b"), Inline::Break, Inline::Break];
        let parts = parts.into_iter().chain([text("c")]).collect();
        let paragraphs = split_paragraphs(parts);
        let expected = [vec![text("a"), Inline::Break, text("b")], vec![text("c")]];
        assert_eq!(paragraphs, expected.map(Block::Paragraph));
    }
}

//! Writes blocks as Markdown.

use super::super::document::{Block, Cell, Element, Figure, Inline, List, Table};
use super::escape::escape_line_starts;
use super::html::{start_tag, write_html};
use super::inline::{figure_image, longest_run, write_inlines};
use super::{Context, Neighbors};

/// Returns blocks as Markdown, with blank lines between them and none at the ends.
pub(in super::super) fn write_markdown(blocks: &[Block]) -> String {
    let mut out = String::new();
    let mut marker = ListMarker::First;
    for (index, block) in blocks.iter().enumerate() {
        let written = match block {
            // Another marker separates a list from the one before it.
            Block::List(list) => {
                let follows = index.checked_sub(1).is_some_and(|before| {
                    matches!(&blocks[before], Block::List(before)
                        if before.start.is_some() == list.start.is_some())
                });
                marker = if follows { marker.other() } else { ListMarker::First };
                write_list(list, marker)
            }
            other => write_block(other),
        };
        if written.is_empty() {
            continue;
        }
        if !out.is_empty() {
            out.push_str("\n\n");
        }
        out.push_str(&written);
    }
    out
}

/// The markers of two lists that follow each other.
#[derive(Clone, Copy)]
enum ListMarker {
    First,
    Second,
}

impl ListMarker {
    fn other(self) -> Self {
        match self {
            Self::First => Self::Second,
            Self::Second => Self::First,
        }
    }

    fn bullet(self) -> &'static str {
        match self {
            Self::First => "-",
            Self::Second => "+",
        }
    }

    fn delimiter(self) -> char {
        match self {
            Self::First => '.',
            Self::Second => ')',
        }
    }
}

fn write_block(block: &Block) -> String {
    match block {
        Block::Paragraph(content) => {
            escape_line_starts(&write_inlines(content, Context::PARAGRAPH, Neighbors::NONE))
        }
        Block::Heading { level, id, content } => write_heading(*level, id.as_deref(), content),
        Block::Quote(blocks) => prefix_lines(&write_markdown(blocks), "> ", "> "),
        Block::List(list) => write_list(list, ListMarker::First),
        Block::Code { language, text } => write_code(language.as_deref(), text),
        Block::Preformatted(_) => write_html(std::slice::from_ref(block)),
        Block::Rule => "***".to_owned(),
        Block::Table(table) => {
            write_table(table).unwrap_or_else(|| write_html(std::slice::from_ref(block)))
        }
        Block::Figure(figure) => {
            write_figure(figure).unwrap_or_else(|| write_html(std::slice::from_ref(block)))
        }
        Block::Container(element, blocks) => write_container(element, blocks)
            .unwrap_or_else(|| write_html(std::slice::from_ref(block))),
        Block::Footnote { number, blocks } => {
            prefix_lines(&write_markdown(blocks), &format!("[^{number}]: "), "    ")
        }
    }
}

fn write_heading(level: usize, id: Option<&str>, content: &[Inline]) -> String {
    let marker = "#".repeat(level);
    let mut text = write_inlines(content, Context::HEADING, Neighbors::NONE);
    if text.ends_with('#') {
        text.insert(text.len() - 1, '\\');
    }
    let id = id.map_or(String::new(), |id| format!(" {{#{id}}}"));
    format!("{marker} {text}{id}")
}

/// Puts a prefix before each line, another one before the first. Blank lines get no spaces.
fn prefix_lines(text: &str, first: &str, rest: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 16 + first.len());
    for (index, line) in text.split('\n').enumerate() {
        if index > 0 {
            out.push('\n');
        }
        let prefix = if index == 0 { first } else { rest };
        out.push_str(if line.is_empty() { prefix.trim_end() } else { prefix });
        out.push_str(line);
    }
    out
}

fn write_list(list: &List, marker: ListMarker) -> String {
    let is_tight = list.items.iter().all(|item| is_tight(item));
    let mut out = String::new();
    for (index, item) in list.items.iter().enumerate() {
        if index > 0 {
            out.push_str(if is_tight { "\n" } else { "\n\n" });
        }
        let first = match list.start {
            Some(start) => {
                format!("{}{} ", start.saturating_add(index as u64), marker.delimiter())
            }
            None => format!("{} ", marker.bullet()),
        };
        let text = match &item[..] {
            [block, Block::List(inner)] if is_tight => {
                format!("{}\n{}", write_block(block), write_list(inner, ListMarker::First))
            }
            _ => write_markdown(item),
        };
        out.push_str(&prefix_lines(&text, &first, &" ".repeat(first.len())));
    }
    out
}

/// Returns true if an item needs no blank lines: a line of text, and a list that may follow it.
fn is_tight(item: &[Block]) -> bool {
    let is_line = |block: &Block| match block {
        Block::Paragraph(_) => true,
        Block::Figure(figure) => figure.caption.is_empty() && figure.credit.is_empty(),
        _ => false,
    };
    match item {
        [] => true,
        [block] => is_line(block),
        [block, Block::List(list)] => {
            // Only a list that begins with 1 and with text can follow a paragraph directly.
            let can_follow = list.start.is_none_or(|start| start == 1)
                && list.items.first().is_some_and(|item| !item.is_empty());
            is_line(block) && can_follow && list.items.iter().all(|item| is_tight(item))
        }
        _ => false,
    }
}

fn write_code(language: Option<&str>, text: &str) -> String {
    let fence = "`".repeat((longest_run(text, '`') + 1).max(3));
    format!("{fence}{}\n{text}\n{fence}", language.unwrap_or_default())
}

/// Returns an image as Markdown; `None` if the figure has several, or a caption with markup.
fn write_figure(figure: &Figure) -> Option<String> {
    match &figure.images[..] {
        [link @ Inline::Link { .. }] if figure.caption.is_empty() && figure.credit.is_empty() => {
            let parts = std::slice::from_ref(link);
            Some(write_inlines(parts, Context::PARAGRAPH, Neighbors::NONE))
        }
        [image] => figure_image(image, &figure.caption, &figure.credit),
        _ => None,
    }
}

/// Returns an element around Markdown; `None` if its contents must be HTML.
fn write_container(element: &Element, blocks: &[Block]) -> Option<String> {
    let takes_markdown = matches!(element.name.as_str(), "aside" | "details" | "div" | "section");
    takes_markdown.then(|| {
        let tag = start_tag(element);
        format!("{tag}\n\n{}\n\n</{}>", write_markdown(blocks), element.name)
    })
}

/// Returns a table as Markdown; `None` if it has what Markdown's tables lack: no head or several
/// rows of it, a caption, cells that span others or contain blocks.
fn write_table(table: &Table) -> Option<String> {
    let [head] = &table.head[..] else { return None };
    if !table.caption.is_empty() || table.body.iter().any(|row| row.len() > head.len()) {
        return None;
    }
    let mut out = write_row(head)?;
    out.push_str("\n|");
    for (column, cell) in head.iter().enumerate() {
        let of_body = || table.body.first().and_then(|row| row.get(column)?.alignment);
        out.push_str(match cell.alignment.or_else(of_body) {
            None => " --- |",
            Some("center") => " :-: |",
            Some("right") => " --: |",
            Some(_) => " :-- |",
        });
    }
    for row in &table.body {
        out.push('\n');
        out.push_str(&write_row(row)?);
    }
    Some(out)
}

fn write_row(cells: &[Cell]) -> Option<String> {
    let mut row = "|".to_owned();
    for cell in cells {
        if !cell.element.attributes.is_empty() {
            return None;
        }
        let text = match &cell.blocks[..] {
            [] => String::new(),
            [Block::Paragraph(content)] => write_inlines(content, Context::CELL, Neighbors::NONE),
            [Block::Figure(figure)] if figure.caption.is_empty() && figure.credit.is_empty() => {
                write_inlines(&figure.images, Context::CELL, Neighbors::NONE)
            }
            _ => return None,
        };
        row.push_str(&format!(" {text} |"));
    }
    Some(row)
}

//! A body between HTML and Markdown: blocks and inline elements, without presentation. Both writers
//! read it, so what Markdown can't express is written as HTML with the same contents.

/// An element that is written as HTML, with the attributes that a sanitized page keeps.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Element {
    pub(super) name: String,
    /// Names and decoded values.
    pub(super) attributes: Vec<(String, String)>,
}

impl Element {
    /// Returns an element without attributes.
    pub(super) fn new(name: &str) -> Self {
        Self { name: name.to_owned(), attributes: Vec::new() }
    }

    /// Adds an attribute.
    pub(super) fn with(mut self, name: &str, value: &str) -> Self {
        self.attributes.push((name.to_owned(), value.to_owned()));
        self
    }
}

/// A block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Block {
    Paragraph(Vec<Inline>),
    Heading {
        /// From 1 to 6.
        level: usize,
        /// The anchor, if the heading should have another one than that of its text.
        id: Option<String>,
        content: Vec<Inline>,
    },
    Quote(Vec<Block>),
    List(List),
    Code {
        language: Option<String>,
        text: String,
    },
    /// Text whose spaces and line breaks count, with markup.
    Preformatted(Vec<Inline>),
    Rule,
    Table(Table),
    Figure(Figure),
    /// An element around blocks.
    Container(Element, Vec<Block>),
    Footnote {
        /// The number of the footnote, from 1 on.
        number: usize,
        blocks: Vec<Block>,
    },
}

/// A list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct List {
    /// The first number; `None` if the items aren't numbered.
    pub(super) start: Option<u64>,
    pub(super) items: Vec<Vec<Block>>,
}

/// A table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Table {
    pub(super) caption: Vec<Inline>,
    /// The rows of its head.
    pub(super) head: Vec<Vec<Cell>>,
    /// All other rows.
    pub(super) body: Vec<Vec<Cell>>,
}

/// A cell of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cell {
    /// `th` or `td`, with its spans.
    pub(super) element: Element,
    /// `left`, `center` or `right`.
    pub(super) alignment: Option<&'static str>,
    pub(super) blocks: Vec<Block>,
}

/// Images with a caption.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Figure {
    /// Images, or links that contain one.
    pub(super) images: Vec<Inline>,
    pub(super) caption: Vec<Inline>,
    pub(super) credit: String,
}

/// A part of a paragraph.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Inline {
    Text(String),
    /// A line break.
    Break,
    Strong(Vec<Inline>),
    Emphasis(Vec<Inline>),
    Strikethrough(Vec<Inline>),
    Code(String),
    Link {
        url: String,
        title: String,
        content: Vec<Inline>,
    },
    Image {
        url: String,
        alt: String,
    },
    /// An element that Markdown has no syntax for.
    Element(Element, Vec<Inline>),
    /// A reference to the footnote with this number.
    FootnoteReference(usize),
}

impl Inline {
    /// Returns the parts that it contains, if it is one that contains parts.
    pub(super) fn content(&self) -> Option<&Vec<Inline>> {
        match self {
            Self::Strong(content)
            | Self::Emphasis(content)
            | Self::Strikethrough(content)
            | Self::Link { content, .. }
            | Self::Element(_, content) => Some(content),
            _ => None,
        }
    }

    /// Returns the parts that it contains, to change them.
    pub(super) fn content_mut(&mut self) -> Option<&mut Vec<Inline>> {
        match self {
            Self::Strong(content)
            | Self::Emphasis(content)
            | Self::Strikethrough(content)
            | Self::Link { content, .. }
            | Self::Element(_, content) => Some(content),
            _ => None,
        }
    }
}

/// Returns the text of inline parts, with spaces for line breaks.
pub(super) fn inline_text(parts: &[Inline]) -> String {
    let mut text = String::new();
    push_inline_text(parts, &mut text);
    text
}

fn push_inline_text(parts: &[Inline], text: &mut String) {
    for part in parts {
        match part {
            Inline::Text(part) | Inline::Code(part) => text.push_str(part),
            Inline::Break => text.push(' '),
            Inline::Image { .. } | Inline::FootnoteReference(_) => {}
            other => push_inline_text(other.content().map_or(&[], Vec::as_slice), text),
        }
    }
}

/// Returns true if inline parts contain an image.
pub(super) fn contains_image(parts: &[Inline]) -> bool {
    parts.iter().any(|part| {
        matches!(part, Inline::Image { .. }) || part.content().is_some_and(|c| contains_image(c))
    })
}

/// Returns true if a block contains a link.
pub(super) fn contains_link(block: &Block) -> bool {
    match block {
        Block::Paragraph(content)
        | Block::Heading { content, .. }
        | Block::Preformatted(content) => has_link(content),
        Block::Quote(blocks) | Block::Container(_, blocks) | Block::Footnote { blocks, .. } => {
            blocks.iter().any(contains_link)
        }
        Block::List(list) => list.items.iter().flatten().any(contains_link),
        Block::Table(table) => {
            let mut cells = table.head.iter().chain(&table.body).flatten();
            has_link(&table.caption) || cells.any(|cell| cell.blocks.iter().any(contains_link))
        }
        Block::Figure(figure) => has_link(&figure.images) || has_link(&figure.caption),
        Block::Code { .. } | Block::Rule => false,
    }
}

fn has_link(parts: &[Inline]) -> bool {
    parts.iter().any(|part| {
        matches!(part, Inline::Link { .. }) || part.content().is_some_and(|c| has_link(c))
    })
}

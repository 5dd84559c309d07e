//! Writers of documents: Markdown, and HTML for what it can't express.

mod escape;
mod html;
mod inline;
mod markdown;

pub(super) use html::write_html;
pub(super) use markdown::write_markdown;

/// The part of a body that inline elements are in, which decides what has to be escaped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Context {
    container: Container,
    link: LinkPart,
}

/// The block around inline elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Container {
    Paragraph,
    Heading,
    Cell,
}

/// The relation of inline elements to links.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum LinkPart {
    Outside,
    Inside,
}

impl Context {
    const PARAGRAPH: Self = Self { container: Container::Paragraph, link: LinkPart::Outside };
    const HEADING: Self = Self { container: Container::Heading, link: LinkPart::Outside };
    const CELL: Self = Self { container: Container::Cell, link: LinkPart::Outside };

    fn in_link(self) -> Self {
        Self { link: LinkPart::Inside, ..self }
    }

    fn is_in_link(self) -> bool {
        self.link == LinkPart::Inside
    }

    fn is_heading(self) -> bool {
        self.container == Container::Heading
    }

    fn is_cell(self) -> bool {
        self.container == Container::Cell
    }

    /// Returns a line break. Headings and cells have only one line.
    fn line_break(self) -> &'static str {
        if self.container == Container::Paragraph { "\\\n" } else { "<br>" }
    }
}

/// The characters before and after inline elements.
#[derive(Clone, Copy, Debug)]
struct Neighbors {
    before: char,
    after: char,
}

impl Neighbors {
    /// The start and the end of a block.
    const NONE: Self = Self { before: '\n', after: '\n' };
}

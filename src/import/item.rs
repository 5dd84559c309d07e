//! The model of a record of a source: what every format is read into.

/// The kind of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ItemKind {
    /// An article.
    Article,
    /// A page that isn't an article, such as "About us".
    Page,
    /// An image or another uploaded file.
    Attachment,
    /// An earlier version of another record.
    Revision,
    /// A comment of a reader.
    Comment,
    /// An entry of a menu.
    MenuEntry,
    /// A record of the system itself, such as a style sheet or a template.
    System,
}

impl ItemKind {
    /// Returns the name of the kind in reports.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Article => "article",
            Self::Page => "page",
            Self::Attachment => "attachment",
            Self::Revision => "revision",
            Self::Comment => "comment",
            Self::MenuEntry => "menu entry",
            Self::System => "system record",
        }
    }
}

/// A block of plain text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum TextBlock {
    /// A paragraph.
    Paragraph(String),
    /// A cross-heading.
    Heading(String),
}

/// The text of a record, by its markup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ItemBody {
    /// Text without markup.
    Text(Vec<TextBlock>),
    /// HTML of any system.
    Html(String),
    /// HTML as WordPress stores it: paragraphs by empty lines, and shortcodes.
    WordPress(String),
}

impl Default for ItemBody {
    fn default() -> Self {
        Self::Text(Vec::new())
    }
}

/// The main image of a record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ItemImage {
    /// The URL, or `attachment:` with the id of an attachment.
    pub(crate) url: String,
    /// The description as plain text; empty if there is none.
    pub(crate) alt: String,
    /// The caption as plain text; empty if there is none.
    pub(crate) caption: String,
}

/// A text of the source that isn't part of the article.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OmittedText {
    /// The name of the rule, such as `interface-line`.
    pub(crate) rule: &'static str,
    /// The text.
    pub(crate) text: String,
}

/// The date of a record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum ItemDate {
    /// The record has none.
    #[default]
    Missing,
    /// As written in the source. Without an offset it is in the time zone of the import.
    Text(String),
}

/// A record of a source.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    /// The identifier, which is the same in every export of the source.
    pub(crate) id: String,
    pub(crate) kind: ItemKind,
    /// The line of the source at which the record begins, from 1.
    pub(crate) line: usize,
    /// The headline as plain text; empty if there is none.
    pub(crate) title: String,
    /// The standfirst as plain text.
    pub(crate) standfirst: Option<String>,
    /// The location of the dateline, which the body doesn't repeat.
    pub(crate) dateline: Option<String>,
    pub(crate) body: ItemBody,
    pub(crate) image: Option<ItemImage>,
    /// The byline, one name per author.
    pub(crate) authors: Vec<String>,
    pub(crate) date: ItemDate,
    /// The status as written, such as `publish` or `draft`; empty if the format has none.
    pub(crate) status: String,
    /// The section.
    pub(crate) section: Option<String>,
    pub(crate) tags: Vec<String>,
    /// The name that the source suggests for the last part of a URL.
    pub(crate) slug: Option<String>,
    /// The URLs at which the record was published.
    pub(crate) urls: Vec<String>,
    /// Other URLs by which links may refer to the record, such as `?p=12`.
    pub(crate) other_urls: Vec<String>,
    /// The URL of the file of an attachment.
    pub(crate) attachment_url: Option<String>,
    /// The language (BCP 47).
    pub(crate) lang: Option<String>,
    /// Texts of the source that aren't part of the article.
    pub(crate) omitted: Vec<OmittedText>,
    /// Problems that a person should check.
    pub(crate) warnings: Vec<String>,
}

impl Item {
    /// Creates an article without content.
    pub(crate) fn article(id: String, line: usize) -> Self {
        Self {
            id,
            kind: ItemKind::Article,
            line,
            title: String::new(),
            standfirst: None,
            dateline: None,
            body: ItemBody::default(),
            image: None,
            authors: Vec::new(),
            date: ItemDate::Missing,
            status: String::new(),
            section: None,
            tags: Vec::new(),
            slug: None,
            urls: Vec::new(),
            other_urls: Vec::new(),
            attachment_url: None,
            lang: None,
            omitted: Vec::new(),
            warnings: Vec::new(),
        }
    }
}

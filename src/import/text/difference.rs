//! The differences between a body and its conversion: each has a named rule and the text, link or
//! image that it concerns, so that what comes in equals what goes out and the differences.

/// The rule by which a conversion left something out, added or changed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Rule {
    /// A program, a style sheet or metadata, which isn't text of the article.
    Script,
    /// A player, a frame or another embedded page, which became a link.
    Embed,
    /// A form control, whose text stays.
    FormControl,
    /// An image of one pixel that counts readers.
    TrackingImage,
    /// An image of an emoji, which became the character.
    EmojiImage,
    /// An image that a script loads, whose URL replaced that of the image shown until then.
    LateImage,
    /// An image without a URL, or with one that a page can't show.
    UnusableImage,
    /// The text of an image that a browser shows when it is pointed at.
    ImageTitle,
    /// A link without a URL, of which the text stays, or one without text or image.
    EmptyLink,
    /// A link with a URL that could run a script, of which the text stays.
    UnsafeLink,
    /// The number and the return link of a footnote, which the page writes itself.
    Footnote,
    /// A WordPress shortcode; what it encloses stays.
    Shortcode,
    /// Markup nested deeper than a page may be, of which the text stays.
    Nesting,
    /// A difference that no other rule explains. The report lists it as an error.
    Unexplained,
}

impl Rule {
    /// Returns the name of the rule in reports.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Script => "script",
            Self::Embed => "embed",
            Self::FormControl => "form-control",
            Self::TrackingImage => "tracking-image",
            Self::EmojiImage => "emoji-image",
            Self::LateImage => "late-image",
            Self::UnusableImage => "unusable-image",
            Self::ImageTitle => "image-title",
            Self::EmptyLink => "empty-link",
            Self::UnsafeLink => "unsafe-link",
            Self::Footnote => "footnote",
            Self::Shortcode => "shortcode",
            Self::Nesting => "nesting",
            Self::Unexplained => "unexplained",
        }
    }
}

/// The part of an article that a difference concerns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Part {
    /// Words of the text.
    Text,
    /// The URL of a link.
    Link,
    /// The URL of an image.
    Image,
    /// Markup that contains none of these.
    Markup,
}

/// A difference between a body and its conversion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Difference {
    pub(crate) rule: Rule,
    pub(crate) part: Part,
    /// The text or URL that was left out; empty if nothing was.
    pub(crate) removed: String,
    /// The text or URL that was added; empty if nothing was.
    pub(crate) added: String,
}

/// The maximum length of the markup that a difference shows, in bytes. Words and URLs are complete.
const MAX_MARKUP_BYTES: usize = 200;

impl Difference {
    /// Returns a difference of a part that was left out.
    pub(crate) fn removed(rule: Rule, part: Part, removed: &str) -> Self {
        Self::changed(rule, part, removed, "")
    }

    /// Returns a difference of a part that was added.
    pub(crate) fn added(rule: Rule, part: Part, added: &str) -> Self {
        Self::changed(rule, part, "", added)
    }

    /// Returns a difference of a part that was replaced.
    pub(crate) fn changed(rule: Rule, part: Part, removed: &str, added: &str) -> Self {
        let shown = |text: &str| match part {
            Part::Markup => shorten(text),
            Part::Text | Part::Link | Part::Image => text.to_owned(),
        };
        Self { rule, part, removed: shown(removed), added: shown(added) }
    }
}

/// Cuts a text at [`MAX_MARKUP_BYTES`].
fn shorten(text: &str) -> String {
    if text.len() <= MAX_MARKUP_BYTES {
        return text.to_owned();
    }
    let ends = text.char_indices().map(|(at, _)| at).take_while(|at| *at <= MAX_MARKUP_BYTES);
    format!("{}…", &text[..ends.last().unwrap_or_default()])
}

//! A piece of dropped content.

/// A class of dropped content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum DroppedClass {
    /// A frame, a video, a script or another element that is left out with its content.
    Embed,
    /// A tag or an attribute that is left out; the text stays.
    Markup,
    /// A URL with a scheme that isn't allowed.
    Url,
    /// Template syntax of another system.
    TemplateSyntax,
    /// A Hugo shortcode that nothing stands for.
    Shortcode,
}

impl DroppedClass {
    /// The classes with their codes in a summary.
    pub(super) const CODES: [(Self, char); 5] = [
        (Self::Embed, 'e'),
        (Self::Markup, 'm'),
        (Self::Url, 'u'),
        (Self::TemplateSyntax, 't'),
        (Self::Shortcode, 's'),
    ];
}

/// Something in a body that is dropped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DroppedItem {
    /// The class.
    pub(crate) class: DroppedClass,
    /// The element, the attribute, the scheme or the syntax, as messages name it.
    pub(crate) name: String,
    /// Its first byte in the body.
    pub(crate) offset: usize,
}

impl DroppedItem {
    /// Creates an item.
    pub(super) fn new(class: DroppedClass, name: impl Into<String>, offset: usize) -> Self {
        Self { class, name: name.into(), offset }
    }
}

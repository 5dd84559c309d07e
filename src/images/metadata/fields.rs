//! The metadata that outlasts its removal, and the reasons why it can't be removed.

use super::texts::Texts;

/// The metadata of a file that outlasts its removal.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fields {
    /// 1 to 8 (EXIF 2.32, tag 274); `None` if the file has none.
    pub(super) orientation: Option<u16>,
    pub(super) texts: Texts,
}

/// The reason why the metadata of a file can't be removed as it is.
#[derive(Debug)]
pub(crate) enum Problem {
    /// The file has no end, but perhaps an image that can be decoded.
    Truncated(Fields),
    /// The file violates its format.
    Damaged(&'static str),
    /// The file may be valid, but this program can't read it.
    Unsupported(&'static str),
}

//! Records: the encoded result of parsing one file of `content/`. The catalog is built from them,
//! and the build cache holds them so that unchanged files aren't parsed again.

mod article;
mod comparison;
mod decoded;
mod details;
mod editorial;
mod file_reference;
mod flags;
mod term_page;
mod texts;
mod tombstone;
mod values;

/// The version of the records. Increase it if their layout changes, or if parsing a file gives
/// another result.
pub(crate) const RECORD_VERSION: u64 = 17;

pub(crate) use article::{ArticleRecord, NewArticleRecord, PAGE_DAY};
pub(crate) use comparison::{equal_except_body, keeps_position};
pub(crate) use decoded::Record;
pub(crate) use details::ArticleDetails;
pub(super) use details::{EncodedArticle, path_for_permalink};
pub(crate) use editorial::{DatedNote, EditorialNotes};
pub(crate) use file_reference::FileReference;
pub(crate) use flags::Flags;
pub(crate) use term_page::{HOME_PAGE_TAXONOMY, TermPage};
pub(crate) use texts::ArticleTexts;
pub(super) use texts::TextField;
pub(crate) use tombstone::Tombstone;

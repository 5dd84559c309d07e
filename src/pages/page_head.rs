//! The head of a page.

use tera::Value;

/// The head of a page: what its `title`, its metadata and its breadcrumbs show.
pub(super) struct PageHead<'a> {
    pub(super) title: &'a str,
    pub(super) description: Option<&'a str>,
    /// The language of the page (BCP 47).
    pub(super) lang: &'a str,
    pub(super) breadcrumbs: Vec<Value>,
}

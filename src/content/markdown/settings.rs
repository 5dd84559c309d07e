//! The inputs of rendering.

use crate::config::HtmlPolicy;
use crate::model::Image;

/// The settings of the site, and the interface text in the article's language, with which a body is
/// rendered.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RenderSettings<'a> {
    /// The treatment of raw HTML.
    pub html: HtmlPolicy,
    /// Converts straight quotation marks to curly ones.
    pub smart_punctuation: bool,
    /// The maximum nesting depth of blocks.
    pub nesting: usize,
    /// The dateline location that the first paragraph begins with.
    pub dateline: Option<&'a str>,
    /// The accessible name of a table that scrolls.
    pub table_label: &'a str,
    /// The titles of alerts: note, tip, important, warning, caution.
    pub alerts: [&'a str; 5],
}

/// Resolves the URLs of a body.
pub(crate) trait UrlResolver {
    /// Returns an image with its published URL and size; `None` leaves it out.
    fn resolve_image(&self, url: &str) -> Option<Image>;
    /// Returns the published URL of a link; `None` leaves only its text.
    fn resolve_link(&self, url: &str) -> Option<String>;
}

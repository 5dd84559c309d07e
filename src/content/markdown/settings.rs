//! The inputs of rendering.

use crate::config::HtmlPolicy;
use crate::model::Image;

/// The settings of the site, and the texts of the article's language, that a body is rendered with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RenderSettings<'a> {
    /// The treatment of raw HTML.
    pub html: HtmlPolicy,
    /// Turns straight quotation marks into curly ones.
    pub smart_punctuation: bool,
    /// The number of levels that blocks may nest.
    pub nesting: usize,
    /// The dateline that the first paragraph opens with.
    pub dateline: Option<&'a str>,
    /// The name of a table that scrolls, for assistive technology.
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

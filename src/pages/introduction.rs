//! The body of an `_index.md`: the introduction of the front page, a term or a taxonomy.

use super::body::{LinkResolver, add_link_inputs, render_settings};
use super::view::SiteView;
use crate::archive::record::TermPage;
use crate::content::redaction::RedactedFile;
use crate::content::{SourceFile, markdown, read, shortcodes};
use crate::model::Inputs;

/// Renders the body of an `_index.md` as HTML; `None` if it has none, or can't be read: that was
/// reported when the file was parsed.
pub(super) fn introduction_html(path: &str, view: &SiteView<'_>) -> Option<String> {
    let RedactedFile { bytes, matcher, .. } = read::read_redacted(view.site, path).ok()?;
    let source = SourceFile::parse(path, &bytes, &view.site.config.limits).ok()?;
    let expanded = shortcodes::expand(source.body());
    let settings = render_settings(None, view, &view.messages);
    let resolver = LinkResolver { view, path, matcher: &matcher };
    let rendered =
        markdown::render(&expanded.body, &settings, &resolver).ok()?.without_names(&matcher);
    Some(rendered.html).filter(|html| !html.trim().is_empty())
}

/// Adds an `_index.md` to the inputs of a page that shows it.
pub(super) fn add_index_page_inputs(page: &TermPage, view: &SiteView<'_>, inputs: &mut Inputs) {
    inputs.part(page.content_hash, || (format!("content/{}", page.path), String::new()));
    add_link_inputs(&page.links, &page.path, view, inputs);
}

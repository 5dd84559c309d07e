//! Renders a planned file in memory. Nothing is written here.

use std::path::PathBuf;

use crate::diagnostics::Diagnostic;
use crate::images::PublishedImage;
use crate::model::Fingerprint;
use crate::pages::{SiteView, Teasers};
use crate::pipeline::options::WriteMode;
use crate::pipeline::planned_output::PlannedOutput;
use crate::templates::asset_bytes;

/// The content of a file, not yet written.
pub(crate) struct RenderedContent {
    pub(crate) source: ContentSource,
    /// True if the content is complete. Otherwise the next build renders the file again, so that it
    /// reports the same diagnostics.
    pub(crate) is_complete: bool,
    pub(crate) diagnostics: Vec<Diagnostic>,
}

/// The location of a file's content.
pub(crate) enum ContentSource {
    /// In the buffer that was passed to [`render`].
    Buffer,
    Image(PublishedImage),
    /// In a file that is copied.
    File(PathBuf),
    /// In a file of the search index in the build cache, which has this hash unless it is damaged.
    IndexFile(PathBuf, Fingerprint),
}

impl ContentSource {
    fn complete(self) -> RenderedContent {
        RenderedContent { source: self, is_complete: true, diagnostics: Vec::new() }
    }
}

/// Renders a file, into the buffer where the result isn't in memory already. In a dry run, copies
/// of images are not saved in the cache.
///
/// # Errors
/// The mistakes because of which there is no content.
pub(crate) fn render(
    output: &PlannedOutput,
    view: &SiteView<'_>,
    teasers: &Teasers<'_>,
    mode: WriteMode,
    buffer: &mut Vec<u8>,
) -> Result<RenderedContent, Vec<Diagnostic>> {
    buffer.clear();
    match output {
        PlannedOutput::Embedded(index) => {
            buffer.extend_from_slice(&asset_bytes(*index, view.site));
            Ok(ContentSource::Buffer.complete())
        }
        PlannedOutput::SearchIndex(file) => {
            Ok(ContentSource::IndexFile(file.source.clone(), file.content_hash).complete())
        }
        PlannedOutput::Copy(copy) => {
            let (image, diagnostics) = copy.read_content(view.site, mode)?;
            let source =
                image.map_or_else(|| ContentSource::File(copy.from.clone()), ContentSource::Image);
            Ok(RenderedContent { source, is_complete: diagnostics.is_empty(), diagnostics })
        }
        // The mistakes in the template are reported where templates are loaded.
        PlannedOutput::Page(page) if view.templates.is_broken(page.template()) => Err(Vec::new()),
        PlannedOutput::Page(page) => {
            let is_complete = page.render(view, teasers, buffer)?;
            let source = ContentSource::Buffer;
            Ok(RenderedContent { source, is_complete, diagnostics: Vec::new() })
        }
    }
}

//! The rule about the metadata of images.

use super::rules::{finding, is_enabled};
use crate::diagnostics::Diagnostic;
use crate::pipeline::SitePreview;

/// Reports images that are published with metadata which would be removed by default.
pub(super) fn check_metadata(preview: &SitePreview<'_>) -> Vec<Diagnostic> {
    let site = preview.site();
    if !is_enabled(site, "image-metadata") {
        return Vec::new();
    }
    let files = preview.images_with_metadata().into_iter();
    let report = |file: String| {
        let message = "this image is published with its metadata, which may include the location \
                       where it was taken";
        let help = "remove the metadata, or remove `static_files: keep` and `unreadable: publish` \
                    from `image_metadata` in site.yaml";
        finding(site, "image-metadata", file, message).map(|finding| finding.help(help))
    };
    files.filter_map(report).collect()
}

//! Finds the page or file of a path, and renders it.

use std::path::{Path, PathBuf};

use hyper::body::Bytes;

use super::live_reload::{LiveReload, diagnostics_json};
use super::message::PageResponse;
use crate::config::Site;
use crate::diagnostics::{Diagnostic, Error};
use crate::pipeline::{FileContent, SitePreview};
use crate::regular_file;
use crate::search;

/// The beginning of the script element that is added to each page.
const SCRIPT_TAG_START: &str = r#"<script src="/.dateline/client.js" data-version=""#;

/// Creates the response for a path: decoded, with its first slash.
pub(super) fn route(
    preview: &SitePreview<'_>,
    path: &str,
    live_reload: &LiveReload,
) -> PageResponse {
    let site = preview.site();
    let Some(relative_path) = path.strip_prefix(site.base_path.as_str()) else {
        // The site's URL has a path.
        return if path == "/" || format!("{path}/") == site.base_path {
            PageResponse::Redirect(site.base_path.clone())
        } else {
            not_found(preview, live_reload)
        };
    };
    let file = if relative_path.is_empty() || relative_path.ends_with('/') {
        format!("{relative_path}index.html")
    } else {
        relative_path.to_owned()
    };
    if let Some(output_id) = preview.find_output(&file) {
        return match preview.render(output_id) {
            Ok(FileContent::Bytes(bytes)) => {
                if let Some(id) = preview.article(output_id) {
                    let article_path = preview.catalog().article(id).path();
                    live_reload.last_good_pages.add(&file, &article_path, &bytes);
                }
                page_response(file, bytes, 200, live_reload)
            }
            Ok(FileContent::File(source)) if !is_inside_site(site, &source) => {
                not_found(preview, live_reload)
            }
            Ok(FileContent::File(source)) => PageResponse::File { path: file, file: source },
            Err(diagnostics) => error_page(
                if diagnostics.is_empty() { preview.diagnostics.clone() } else { diagnostics },
                live_reload,
            ),
        };
    }
    if file.strip_prefix(search::OUTPUT_DIR).is_some_and(|rest| rest.starts_with('/')) {
        return match preview.search_file(&file) {
            Ok(Some(source)) => PageResponse::File { path: file, file: source },
            Ok(None) => not_found(preview, live_reload),
            Err(error) => error_page(vec![search_index_diagnostic(&error)], live_reload),
        };
    }
    if let Some(bytes) = live_reload.last_good_pages.find(preview, &file) {
        return page_response(file, bytes, 200, live_reload);
    }
    match preview.find_output(&format!("{file}/index.html")) {
        Some(_) => PageResponse::Redirect(site.href(&format!("{file}/"))),
        None => not_found(preview, live_reload),
    }
}

/// Returns true if a file is inside the site's folders, with symbolic links resolved: the file may
/// have been replaced by a link since the site was read.
fn is_inside_site(site: &Site, file: &Path) -> bool {
    let folders =
        [&site.content_dir, &site.static_dir, &site.cache_dir].map(|folder| folder.canonicalize());
    let inside =
        |canonical: PathBuf| folders.iter().flatten().any(|folder| canonical.starts_with(folder));
    file.is_file() && file.canonicalize().is_ok_and(inside)
}

fn search_index_diagnostic(error: &Error) -> Diagnostic {
    Diagnostic::error("unreadable", search::OUTPUT_DIR, error.to_string())
}

/// Creates the response for a path without a page: the site's own page for this, if it has one.
fn not_found(preview: &SitePreview<'_>, live_reload: &LiveReload) -> PageResponse {
    let rendered =
        preview.find_output("404.html").and_then(|output_id| preview.render(output_id).ok());
    match rendered {
        Some(FileContent::Bytes(bytes)) => {
            page_response("404.html".to_owned(), bytes, 404, live_reload)
        }
        Some(FileContent::File(file)) if is_inside_site(preview.site(), &file) => page_response(
            "404.html".to_owned(),
            regular_file::read(&file).unwrap_or_default(),
            404,
            live_reload,
        ),
        _ => PageResponse::Bytes {
            path: "404.txt".to_owned(),
            bytes: Bytes::from_static(b"There is no such page.\n"),
            status: 404,
        },
    }
}

/// Creates the response for a page. The script that reloads it is added to HTML.
fn page_response(
    path: String,
    mut bytes: Vec<u8>,
    status: u16,
    live_reload: &LiveReload,
) -> PageResponse {
    if path.ends_with(".html") {
        let end = bytes
            .windows(7)
            .rposition(|end| end.eq_ignore_ascii_case(b"</body>"))
            .unwrap_or(bytes.len());
        let script = format!("{SCRIPT_TAG_START}{}\" defer></script>", live_reload.version());
        bytes.splice(end..end, script.into_bytes());
    }
    PageResponse::Bytes { path, bytes: bytes.into(), status }
}

/// Creates an error page. Its script shows the diagnostics, and reloads the page when they are
/// fixed.
pub(super) fn error_page(diagnostics: Vec<Diagnostic>, live_reload: &LiveReload) -> PageResponse {
    let lines = diagnostics
        .iter()
        .map(|diagnostic| format!("{}: {}\n", diagnostic.file, diagnostic.message));
    let text = lines.collect::<String>().replace('&', "&amp;").replace('<', "&lt;");
    // `</script>` in a message must not end the element.
    let diagnostics = diagnostics_json(&diagnostics).to_string().replace('<', "\\u003c");
    let version = live_reload.version();
    let html = format!(
        concat!(
            "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">",
            "<meta name=\"viewport\" content=\"width=device-width\">",
            "<title>This page can't be rendered</title>",
            "<style>html{{background:#18181b}}</style>",
            "<script type=\"application/json\" id=\"dateline-diagnostics\">{diagnostics}</script>",
            "<noscript><pre style=\"color:#fff\">This page can't be rendered.\n{text}",
            "</pre></noscript>",
            "{script}{version}\" defer></script></html>"
        ),
        diagnostics = diagnostics,
        text = text,
        script = SCRIPT_TAG_START,
        version = version,
    );
    PageResponse::Bytes { path: "failed.html".to_owned(), bytes: html.into(), status: 500 }
}

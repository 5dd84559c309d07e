//! Answer: what a path means in the site, and what a browser gets for it.

use std::path::{Path, PathBuf};

use hyper::body::Bytes;

use super::live_reload::{LiveReload, problems_json};
use crate::config::Site;
use crate::diagnostics::{Diagnostic, Error};
use crate::pipeline::{FileContent, SitePreview};
use crate::search;

/// What a path comes to.
pub(super) enum PageResponse {
    /// Bytes, named by the path that says what they are.
    Bytes { path: String, bytes: Bytes, status: u16 },
    /// A file that is sent as it is, named likewise.
    File { path: String, file: PathBuf },
    /// Somewhere else.
    Redirect(String),
}

/// The script that each page gets.
const SCRIPT_TAG_START: &str = r#"<script src="/.dateline/client.js" data-version=""#;

/// Answers for a path: decoded, with its first slash.
pub(super) fn route(
    preview: &SitePreview<'_>,
    path: &str,
    live_reload: &LiveReload,
) -> PageResponse {
    let site = preview.site();
    let Some(relative_path) = path.strip_prefix(site.base_path.as_str()) else {
        // The site lies below a path of its own.
        return match path == "/" || format!("{path}/") == site.base_path {
            true => PageResponse::Redirect(site.base_path.clone()),
            false => not_found(preview, live_reload),
        };
    };
    let file = if relative_path.is_empty() || relative_path.ends_with('/') {
        format!("{relative_path}index.html")
    } else {
        relative_path.to_owned()
    };
    if let Some(output_id) = preview.find_output(&file) {
        return match preview.render(output_id) {
            Ok(FileContent::Bytes(bytes)) => page_response(file, bytes, 200, live_reload),
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
    match preview.find_output(&format!("{file}/index.html")) {
        Some(_) => PageResponse::Redirect(site.href(&format!("{file}/"))),
        None => not_found(preview, live_reload),
    }
}

/// Whether a file is really one of the site's. Since it was planned, a link may have come in its
/// place.
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

fn not_found(preview: &SitePreview<'_>, live_reload: &LiveReload) -> PageResponse {
    let rendered =
        preview.find_output("404.html").and_then(|output_id| preview.render(output_id).ok());
    match rendered {
        Some(FileContent::Bytes(bytes)) => {
            page_response("404.html".to_owned(), bytes, 404, live_reload)
        }
        Some(FileContent::File(file)) if is_inside_site(preview.site(), &file) => page_response(
            "404.html".to_owned(),
            std::fs::read(file).unwrap_or_default(),
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

/// A page; one of HTML gets the script that loads it again.
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

/// A page in place of one that couldn't be made: its script shows why, and loads it again once it
/// is mended.
pub(super) fn error_page(diagnostics: Vec<Diagnostic>, live_reload: &LiveReload) -> PageResponse {
    let lines = diagnostics
        .iter()
        .map(|diagnostic| format!("{}: {}\n", diagnostic.file, diagnostic.message));
    let text = lines.collect::<String>().replace('&', "&amp;").replace('<', "&lt;");
    // In a script, `</` could end it.
    let problems = problems_json(&diagnostics).to_string().replace('<', "\\u003c");
    let html = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>This page can't be made</title><style>html{{background:#18181b}}</style><script type=\"application/json\" id=\"dateline-wrong\">{problems}</script><noscript><pre style=\"color:#fff\">This page can't be made.\n{text}</pre></noscript>{SCRIPT_TAG_START}{}\" defer></script></html>",
        live_reload.version()
    );
    PageResponse::Bytes { path: "failed.html".to_owned(), bytes: html.into(), status: 500 }
}

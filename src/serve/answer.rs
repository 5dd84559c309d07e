//! Answer: what a path means in the site, and what a browser gets for it.

use std::path::{Path, PathBuf};

use hyper::body::Bytes;

use super::hub::{Hub, wrong};
use crate::build::{Made, Preview};
use crate::diagnostic::{Diagnostic, Error};
use crate::search;
use crate::site::Site;

/// What a path comes to.
pub(super) enum Answer {
    /// Bytes, named by the path that says what they are.
    Bytes { path: String, bytes: Bytes, status: u16 },
    /// A file that is sent as it is, named likewise.
    File { path: String, file: PathBuf },
    /// Somewhere else.
    Redirect(String),
}

/// The script that each page gets.
const SCRIPT: &str = r#"<script src="/.dateline/client.js" data-version=""#;

/// Answers for a path: decoded, with its first slash.
pub(super) fn answer(preview: &Preview<'_>, path: &str, hub: &Hub) -> Answer {
    let site = preview.site();
    let Some(below) = path.strip_prefix(site.path.as_str()) else {
        // The site lies below a path of its own.
        return match path == "/" || format!("{path}/") == site.path {
            true => Answer::Redirect(site.path.clone()),
            false => not_found(preview, hub),
        };
    };
    let file = if below.is_empty() || below.ends_with('/') {
        format!("{below}index.html")
    } else {
        below.to_owned()
    };
    if let Some(planned) = preview.find(&file) {
        return match preview.make(planned) {
            Ok(Made::Bytes(bytes)) => page(file, bytes, 200, hub),
            Ok(Made::File(from)) if !is_inside(site, &from) => not_found(preview, hub),
            Ok(Made::File(from)) => Answer::File { path: file, file: from },
            Err(mistakes) => {
                failed(if mistakes.is_empty() { preview.diagnostics.clone() } else { mistakes }, hub)
            }
        };
    }
    if file.strip_prefix(search::FOLDER).is_some_and(|rest| rest.starts_with('/')) {
        return match preview.search_file(&file) {
            Ok(Some(from)) => Answer::File { path: file, file: from },
            Ok(None) => not_found(preview, hub),
            Err(error) => failed(vec![of_index(&error)], hub),
        };
    }
    match preview.find(&format!("{file}/index.html")) {
        Some(_) => Answer::Redirect(site.href(&format!("{file}/"))),
        None => not_found(preview, hub),
    }
}

/// Whether a file is really one of the site's. Since it was planned, a link may have come in its place.
fn is_inside(site: &Site, file: &Path) -> bool {
    let folders = [&site.content, &site.statics, &site.state].map(|folder| folder.canonicalize());
    let inside = |real: PathBuf| folders.iter().flatten().any(|folder| real.starts_with(folder));
    file.is_file() && file.canonicalize().is_ok_and(inside)
}

fn of_index(error: &Error) -> Diagnostic {
    Diagnostic::error("unreadable", search::FOLDER, error.to_string())
}

fn not_found(preview: &Preview<'_>, hub: &Hub) -> Answer {
    let made = preview.find("404.html").and_then(|planned| preview.make(planned).ok());
    match made {
        Some(Made::Bytes(bytes)) => page("404.html".to_owned(), bytes, 404, hub),
        Some(Made::File(file)) if is_inside(preview.site(), &file) => {
            page("404.html".to_owned(), std::fs::read(file).unwrap_or_default(), 404, hub)
        }
        _ => Answer::Bytes {
            path: "404.txt".to_owned(),
            bytes: Bytes::from_static(b"There is no such page.\n"),
            status: 404,
        },
    }
}

/// A page; one of HTML gets the script that loads it again.
fn page(path: String, mut bytes: Vec<u8>, status: u16, hub: &Hub) -> Answer {
    if path.ends_with(".html") {
        let end =
            bytes.windows(7).rposition(|end| end.eq_ignore_ascii_case(b"</body>")).unwrap_or(bytes.len());
        let script = format!("{SCRIPT}{}\" defer></script>", hub.version());
        bytes.splice(end..end, script.into_bytes());
    }
    Answer::Bytes { path, bytes: bytes.into(), status }
}

/// A page in place of one that couldn't be made: its script shows why, and loads it again once it is mended.
pub(super) fn failed(mistakes: Vec<Diagnostic>, hub: &Hub) -> Answer {
    let lines = mistakes.iter().map(|mistake| format!("{}: {}\n", mistake.file, mistake.message));
    let told = lines.collect::<String>().replace('&', "&amp;").replace('<', "&lt;");
    // In a script, `</` could end it.
    let wrong = wrong(&mistakes).to_string().replace('<', "\\u003c");
    let html = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>This page can't be made</title><style>html{{background:#18181b}}</style><script type=\"application/json\" id=\"dateline-wrong\">{wrong}</script><noscript><pre style=\"color:#fff\">This page can't be made.\n{told}</pre></noscript>{SCRIPT}{}\" defer></script></html>",
        hub.version()
    );
    Answer::Bytes { path: "failed.html".to_owned(), bytes: html.into(), status: 500 }
}

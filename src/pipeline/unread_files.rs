//! The files of `content/` that are neither read nor published with an article.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::copies::Asset;
use crate::config::{CONTENT_DIR, Site};
use crate::content::read::mentioned_files;
use crate::diagnostics::Diagnostic;
use crate::model::RedactionMatcher;

/// The most groups and examples that the warning names.
const MAX_GROUPS: usize = 6;
const MAX_EXAMPLES: usize = 3;

/// Returns the files that nothing uses. `other_files` are those of `content/` that aren't Markdown,
/// in order; `referenced` are those that published articles refer to; `others` are the articles
/// whose files aren't published, and aren't unused either.
///
/// The names that the site redacts are redacted in the paths, too: a report may be public.
pub(crate) fn find_unread_files<'a>(
    site: &Site,
    other_files: &[Box<str>],
    redacted_names: &BTreeSet<String>,
    referenced: &HashSet<&str>,
    others: impl Iterator<Item = &'a str>,
) -> Vec<String> {
    if other_files.is_empty() {
        return Vec::new();
    }
    let mut unread: Vec<String> = other_files
        .iter()
        .filter(|path| !referenced.contains(&***path))
        .map(ToString::to_string)
        .collect();
    if unread.is_empty() {
        return unread;
    }
    let matcher = RedactionMatcher::from_names(redacted_names.iter().map(String::as_str));
    unread.iter_mut().for_each(|path| *path = matcher.redact(path).into_owned());
    // A URL with a redacted name may mean any file whose name is the same after redaction.
    let mentioned: HashSet<String> = others
        .flat_map(|path| mentioned_files(site, path))
        .map(|path| matcher.redact(&path).into_owned())
        .collect();
    unread.retain(|path| !mentioned.contains(path));
    unread
}

/// Returns the paths of the files of `content/` that articles refer to. Those whose names can't be
/// part of a URL have a warning of their own, at the reference.
pub(crate) fn referenced_files<'a>(
    assets: &'a [Asset],
    unpublishable_files: &'a BTreeSet<String>,
) -> HashSet<&'a str> {
    let published = assets.iter().map(|asset| asset.path.as_str());
    published.chain(unpublishable_files.iter().map(String::as_str)).collect()
}

/// Returns the warning about files that nothing uses: one for all of them. Hidden folders, which
/// are left out on purpose, cause none on their own.
pub(crate) fn unread_files_diagnostic(unread: &[String]) -> Option<Diagnostic> {
    if unread.iter().all(|path| is_hidden_folder(path)) {
        return None;
    }
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for path in unread {
        *counts.entry(group(path)).or_default() += 1;
    }
    let mut groups: Vec<(String, usize)> = counts.into_iter().collect();
    groups.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let others: usize = groups.iter().skip(MAX_GROUPS).map(|(_, count)| count).sum();
    let mut parts: Vec<String> = groups
        .iter()
        .take(MAX_GROUPS)
        .map(|(group, count)| format!("{} {group}", with_separators(*count)))
        .collect();
    if others > 0 {
        parts.push(format!("{} others", with_separators(others)));
    }
    let subject = match unread.len() {
        1 => "1 file in content/ is not read".to_owned(),
        count => format!("{} files in content/ are not read", with_separators(count)),
    };
    let examples: Vec<String> =
        unread.iter().take(MAX_EXAMPLES).map(|path| format!("`{path}`")).collect();
    let examples = examples.join(", ");
    let more = if unread.len() > MAX_EXAMPLES { ", …" } else { "" };
    let help = format!(
        "articles are .md or .markdown files; other files are published if an article refers to \
         them, or in static/. These are neither: {examples}{more}; `--format json` lists all"
    );
    let message = format!("{subject}: {}", parts.join(", "));
    Some(Diagnostic::warning("unread-files", CONTENT_DIR, message).help(help))
}

fn is_hidden_folder(path: &str) -> bool {
    path.ends_with('/')
}

/// The group that a file is counted in: its extension in lower case.
fn group(path: &str) -> String {
    let name = path.rsplit('/').next().unwrap_or(path);
    if is_hidden_folder(path) {
        return "hidden folders".to_owned();
    }
    match name.rsplit_once('.') {
        Some(("", _)) => "hidden".to_owned(),
        _ if name.starts_with('.') => "hidden".to_owned(),
        Some((_, extension)) => format!(".{}", extension.to_lowercase()),
        None => "without extension".to_owned(),
    }
}

/// Returns a number with separators: `1,050`.
pub(crate) fn with_separators(number: usize) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_counted_by_extension() {
        let mut unread: Vec<String> =
            (0..600).map(|number| format!("notes/{number}.txt")).collect();
        unread.extend((0..300).map(|number| format!("{number}.HTML")));
        unread.extend((0..150).map(|number| format!("{number}.doc")));
        let diagnostic = unread_files_diagnostic(&unread).expect("there are unread files");
        assert_eq!(
            diagnostic.message,
            "1,050 files in content/ are not read: 600 .txt, 300 .html, 150 .doc"
        );
        assert!(diagnostic.help.is_some_and(|help| help.contains("`notes/0.txt`, `notes/1.txt`")));
    }

    #[test]
    fn one_file_is_one_line() {
        let message = |path: &str| {
            unread_files_diagnostic(&[path.to_owned()]).map(|diagnostic| diagnostic.message)
        };
        let expected = |group: &str| Some(format!("1 file in content/ is not read: 1 {group}"));
        assert_eq!(message("README"), expected("without extension"));
        assert_eq!(message("a/.draft.md"), expected("hidden"));
        assert_eq!(message(".notes/"), None);
        assert_eq!(unread_files_diagnostic(&[]), None);
    }

    #[test]
    fn numbers_have_separators() {
        for (number, text) in [(0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(with_separators(number), text);
        }
    }
}

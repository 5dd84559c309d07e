//! Adding aliases to the front matter of an article. Every other byte of the file is kept, and the
//! result is parsed again to make sure that nothing else has changed.

use std::ops::Range;

use crate::config::Site;
use crate::content::front_matter::ALIAS_KEYS;
use crate::content::{FrontMatter, SourceFile};
use crate::diagnostics::find_nth_key;

/// A file with added aliases.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct EditedFile {
    /// The whole file.
    pub text: String,
    /// The URLs that were added.
    pub added: Vec<String>,
}

/// Adds aliases to the front matter of a file. Returns `None` if that isn't possible without
/// changing anything else, and has to be done by hand.
pub(crate) fn add_aliases(
    file: &str,
    bytes: &[u8],
    urls: &[String],
    site: &Site,
) -> Option<EditedFile> {
    let source = SourceFile::parse(file, bytes, &site.config.limits).ok()?;
    let mut original = FrontMatter::parse(&source, site).ok()?;
    let existing = std::mem::take(&mut original.aliases);
    let added: Vec<String> = urls.iter().filter(|url| !existing.contains(url)).cloned().collect();
    if added.is_empty() {
        return Some(EditedFile { text: source.text.to_owned(), added });
    }
    let expected: Vec<&String> = existing.iter().chain(&added).collect();
    let is_valid_fix = |text: &str| {
        let Ok(source) = SourceFile::parse(file, text.as_bytes(), &site.config.limits) else {
            return false;
        };
        let Ok(mut fixed) = FrontMatter::parse(&source, site) else { return false };
        let aliases = std::mem::take(&mut fixed.aliases);
        let equal = |a: &FrontMatter, b: &FrontMatter| format!("{a:?}") == format!("{b:?}");
        aliases.len() == expected.len()
            && expected.iter().all(|alias| aliases.contains(alias))
            && equal(&original, &fixed)
    };
    let text = candidates(&source, &added).into_iter().find(|text| is_valid_fix(text))?;
    Some(EditedFile { text, added })
}

/// Returns the candidates for the text of the file, in order of preference.
fn candidates(source: &SourceFile<'_>, added: &[String]) -> Vec<String> {
    // A URL path contains neither quotation marks nor backslashes.
    let quoted: Vec<String> = added.iter().map(|url| format!("\"{url}\"")).collect();
    let line_break =
        if source.text[..source.front_matter_start].ends_with("\r\n") { "\r\n" } else { "\n" };
    // Adding to an existing list is preferred to adding the other key.
    let (mut candidates, mut with_new_key) = (Vec::new(), Vec::new());
    for key in ALIAS_KEYS {
        match find_nth_key(source.front_matter, key, 0) {
            Some((start, length)) => {
                let line = start..start + length;
                candidates.extend(extend_flow_sequence(source, line.clone(), &quoted));
                candidates.extend(extend_block_sequence(source, line.clone(), &quoted, line_break));
                candidates.extend(wrap_scalar(source, line, &quoted));
            }
            None => {
                let end = source.front_matter.len();
                let line = format!("{key}: [{}]{line_break}", quoted.join(", "));
                with_new_key.push(splice(source, end..end, &line));
            }
        }
    }
    candidates.append(&mut with_new_key);
    candidates
}

/// Replaces a range of the front matter.
fn splice(source: &SourceFile<'_>, range: Range<usize>, text: &str) -> String {
    let (start, end) =
        (source.front_matter_start + range.start, source.front_matter_start + range.end);
    [&source.text[..start], text, &source.text[end..]].concat()
}

/// Adds to a list in brackets: `aliases: [/a/]`.
fn extend_flow_sequence(
    source: &SourceFile<'_>,
    line: Range<usize>,
    quoted: &[String],
) -> Option<String> {
    let text = &source.front_matter[line.clone()];
    let open = text.find('[')?;
    let close = text.rfind(']').filter(|close| *close > open)?;
    let inside = text[open + 1..close].trim_end();
    let position = line.start + open + 1 + inside.len();
    let comma = if inside.trim().is_empty() { "" } else { ", " };
    Some(splice(source, position..position, &format!("{comma}{}", quoted.join(", "))))
}

/// Adds lines to a list with one item per line.
fn extend_block_sequence(
    source: &SourceFile<'_>,
    line: Range<usize>,
    quoted: &[String],
    line_break: &str,
) -> Option<String> {
    let rest = &source.front_matter[line.end..];
    let begin = line.end + rest.find('\n')? + 1;
    let (mut end, mut position, mut indent) = (None, begin, None);
    for item in source.front_matter[begin..].split_inclusive('\n') {
        let trimmed = item.trim_start();
        position += item.len();
        if trimmed.starts_with("- ") {
            indent.get_or_insert(&item[..item.len() - trimmed.len()]);
            end = Some(position);
        } else if !trimmed.trim_end().is_empty() && !trimmed.starts_with('#') {
            break;
        }
    }
    let (end, indent) = (end?, indent?);
    let lines: String = quoted.iter().map(|url| format!("{indent}- {url}{line_break}")).collect();
    Some(splice(source, end..end, &lines))
}

/// Replaces a single value with a list: `aliases: /a/`.
fn wrap_scalar(source: &SourceFile<'_>, line: Range<usize>, quoted: &[String]) -> Option<String> {
    let text = &source.front_matter[line.clone()];
    let value = text.split_once(':')?.1;
    let comment = value.find(" #").unwrap_or(value.len());
    let scalar = value[..comment].trim();
    let start = line.start + text.len() - value.len() + value.find(scalar)?;
    let added = quoted.join(", ");
    (!scalar.is_empty())
        .then(|| splice(source, start..start + scalar.len(), &format!("[{scalar}, {added}]")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::SiteOptions;

    #[test]
    fn aliases_are_added_to_every_form_of_list() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("content")).unwrap();
        let site = Site::load(SiteOptions::new(folder.path())).unwrap();
        for (before, after) in [
            ("", "aliases: [\"/n/\"]\n"),
            ("aliases: [/a/]\n", "aliases: [/a/, \"/n/\"]\n"),
            ("aliases: [] # none\n", "aliases: [\"/n/\"] # none\n"),
            ("aliases: /a/\n", "aliases: [/a/, \"/n/\"]\n"),
            ("Alias: '/a/' # old\n", "Alias: ['/a/', \"/n/\"] # old\n"),
            ("aliases:\n  - /a/\n  - /b/\n", "aliases:\n  - /a/\n  - /b/\n  - \"/n/\"\n"),
            ("aliases:\n- /a/\n\n# x\n", "aliases:\n- /a/\n- \"/n/\"\n\n# x\n"),
            ("aliases: [/a/,\n  /b/]\n", "aliases: [/a/,\n  /b/]\nalias: [\"/n/\"]\n"),
            ("aliases: [/n/]\n", "aliases: [/n/]\n"),
        ] {
            for line_break in ["\n", "\r\n"] {
                let whole_file = |lines: &str, tail: &str| {
                    format!("---\ntitle: \"x\"\n{lines}{tail}---\nText: aliases: [x]\n\n")
                        .replace('\n', line_break)
                };
                for tail in ["", "zzz: [1]\n"] {
                    let expected = match before {
                        // A new line is the last one.
                        "" => whole_file(tail, after),
                        multi if multi.contains(",\n") => {
                            whole_file(multi, &format!("{tail}alias: [\"/n/\"]\n"))
                        }
                        _ => whole_file(after, tail),
                    };
                    let fixed = add_aliases(
                        "content/a.md",
                        whole_file(before, tail).as_bytes(),
                        &["/n/".into()],
                        &site,
                    );
                    assert_eq!(
                        fixed.map(|fixed| fixed.text),
                        Some(expected),
                        "{before:?} {line_break:?}"
                    );
                }
            }
        }
        let flow = b"---\n{title: x, date: 2024-01-01}\n---\n";
        assert_eq!(add_aliases("content/a.md", flow, &["/n/".into()], &site), None);
    }
}

//! Mend: former addresses into a story's front matter. Every other byte of the file stays; what comes out is read again before it counts.

use std::ops::Range;

use crate::content::{FrontMatter, Source};
use crate::diagnostic::nth_key;
use crate::site::Site;

/// The two names of the list of former addresses.
const KEYS: [&str; 2] = ["aliases", "alias"];

/// A story with more former addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mended {
    /// The whole file.
    pub text: String,
    /// The addresses that are new.
    pub added: Vec<String>,
}

/// Adds former addresses to the front matter of a file. `None`, if it can't be done without touching anything else, and has to be done by hand.
pub fn add_aliases(file: &str, bytes: &[u8], addresses: &[String], site: &Site) -> Option<Mended> {
    let source = Source::read(file, bytes, &site.config.limits).ok()?;
    let mut before = FrontMatter::parse(&source, site).ok()?;
    let had = std::mem::take(&mut before.aliases);
    let added: Vec<String> = addresses.iter().filter(|address| !had.contains(address)).cloned().collect();
    if added.is_empty() {
        return Some(Mended { text: source.text.to_owned(), added });
    }
    let wanted: Vec<&String> = had.iter().chain(&added).collect();
    let is_right = |text: &str| {
        let Ok(source) = Source::read(file, text.as_bytes(), &site.config.limits) else { return false };
        let Ok(mut after) = FrontMatter::parse(&source, site) else { return false };
        let aliases = std::mem::take(&mut after.aliases);
        let same = |one: &FrontMatter, other: &FrontMatter| format!("{one:?}") == format!("{other:?}");
        aliases.len() == wanted.len()
            && wanted.iter().all(|one| aliases.contains(one))
            && same(&before, &after)
    };
    let text = ways(&source, &added).into_iter().find(|text| is_right(text))?;
    Some(Mended { text, added })
}

/// The ways in which it may be done, the neatest first.
fn ways(source: &Source<'_>, added: &[String]) -> Vec<String> {
    // An address holds neither quotation marks nor backslashes.
    let quoted: Vec<String> = added.iter().map(|address| format!("\"{address}\"")).collect();
    let line_break = if source.text[..source.front_start].ends_with("\r\n") { "\r\n" } else { "\n" };
    // An existing list is added to before one is begun under the other name.
    let (mut ways, mut begun) = (Vec::new(), Vec::new());
    for key in KEYS {
        match nth_key(source.front, key, 0) {
            Some((start, length)) => {
                let line = start..start + length;
                ways.extend(into_flow(source, line.clone(), &quoted));
                ways.extend(into_block(source, line.clone(), &quoted, line_break));
                ways.extend(around_one(source, line, &quoted));
            }
            None => {
                let end = source.front.len();
                let line = format!("{key}: [{}]{line_break}", quoted.join(", "));
                begun.push(spliced(source, end..end, &line));
            }
        }
    }
    ways.append(&mut begun);
    ways
}

/// The file with another text in place of a range of its front matter.
fn spliced(source: &Source<'_>, range: Range<usize>, text: &str) -> String {
    let (start, end) = (source.front_start + range.start, source.front_start + range.end);
    [&source.text[..start], text, &source.text[end..]].concat()
}

/// `aliases: [/a/]` with more in its brackets.
fn into_flow(source: &Source<'_>, line: Range<usize>, quoted: &[String]) -> Option<String> {
    let text = &source.front[line.clone()];
    let open = text.find('[')?;
    let close = text.rfind(']').filter(|close| *close > open)?;
    let inside = text[open + 1..close].trim_end();
    let at = line.start + open + 1 + inside.len();
    let comma = if inside.trim().is_empty() { "" } else { ", " };
    Some(spliced(source, at..at, &format!("{comma}{}", quoted.join(", "))))
}

/// A list of one item a line, with more lines.
fn into_block(
    source: &Source<'_>,
    line: Range<usize>,
    quoted: &[String],
    line_break: &str,
) -> Option<String> {
    let rest = &source.front[line.end..];
    let begin = line.end + rest.find('\n')? + 1;
    let (mut end, mut at, mut indent) = (None, begin, None);
    for item in source.front[begin..].split_inclusive('\n') {
        let bare = item.trim_start();
        at += item.len();
        if bare.starts_with("- ") {
            indent.get_or_insert(&item[..item.len() - bare.len()]);
            end = Some(at);
        } else if !bare.trim_end().is_empty() && !bare.starts_with('#') {
            break;
        }
    }
    let (end, indent) = (end?, indent?);
    let lines: String = quoted.iter().map(|address| format!("{indent}- {address}{line_break}")).collect();
    Some(spliced(source, end..end, &lines))
}

/// `aliases: /a/` as a list.
fn around_one(source: &Source<'_>, line: Range<usize>, quoted: &[String]) -> Option<String> {
    let text = &source.front[line.clone()];
    let value = text.split_once(':')?.1;
    let comment = value.find(" #").unwrap_or(value.len());
    let one = value[..comment].trim();
    let start = line.start + text.len() - value.len() + value.find(one)?;
    let more = quoted.join(", ");
    (!one.is_empty()).then(|| spliced(source, start..start + one.len(), &format!("[{one}, {more}]")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::site::Options;

    #[test]
    fn every_form_of_list_takes_more() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("content")).unwrap();
        let (site, _) = Site::load(Options { root: folder.path().into(), ..Options::default() }).unwrap();
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
                let whole = |lines: &str, tail: &str| {
                    format!("---\ntitle: \"x\"\n{lines}{tail}---\nText: aliases: [x]\n\n")
                        .replace('\n', line_break)
                };
                for tail in ["", "zzz: [1]\n"] {
                    let wanted = match before {
                        // A new line is the last one.
                        "" => whole(tail, after),
                        multi if multi.contains(",\n") => whole(multi, &format!("{tail}alias: [\"/n/\"]\n")),
                        _ => whole(after, tail),
                    };
                    let mended =
                        add_aliases("content/a.md", whole(before, tail).as_bytes(), &["/n/".into()], &site);
                    assert_eq!(mended.map(|mended| mended.text), Some(wanted), "{before:?} {line_break:?}");
                }
            }
        }
        let flow = b"---\n{title: x, date: 2024-01-01}\n---\n";
        assert_eq!(add_aliases("content/a.md", flow, &["/n/".into()], &site), None);
    }
}

//! Where a site keeps its stories: the places of those that there are, as a pattern.

use std::collections::BTreeMap;
use std::path::Path;

use walkdir::WalkDir;

use crate::content::article::names_section;
use crate::model::Day;
use crate::site::is_article;

/// How many files are looked at: those whose folders come last in the alphabet, which in an archive by date are the newest.
const SAMPLE: usize = 2_000;
/// How many entries of folders are looked at for them.
const ENTRIES: usize = 50_000;

/// One folder of the pattern.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Year,
    Month,
    Day,
    /// `2024-11` or `2024-11-05`.
    Joined(usize),
    /// The section's folder, which is the first.
    Section,
    Named(String),
}

/// A pattern of places.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Layout {
    folders: Vec<Part>,
    /// Whether the name begins with the date.
    dated: bool,
    /// Whether a story has a folder of its own, with its text in `index.md`.
    own_folder: bool,
}

/// The pattern of most stories, and the section of those whose folder has all of them.
pub(super) struct Usual {
    layout: Layout,
    only_section: Option<String>,
}

impl Usual {
    /// The pattern that most of a sample of the stories follow; without stories, folders for year, month and day.
    pub(super) fn of(content: &Path) -> Self {
        let mut counts: BTreeMap<Layout, (usize, Option<String>, bool)> = BTreeMap::new();
        for path in sample(content) {
            let Some((layout, section)) = Layout::of(&path) else { continue };
            let (count, first, several) = counts.entry(layout).or_insert((0, section.clone(), false));
            *count += 1;
            *several |= *first != section;
        }
        let usual = counts.into_iter().max_by_key(|(_, (count, ..))| *count);
        let (layout, (_, section, several)) = usual.unwrap_or_else(|| (Layout::by_day(), (0, None, false)));
        Self { layout, only_section: section.filter(|_| !several) }
    }

    /// The place for a story, relative to `content/`. Without a section its folder is left out, unless all stories are in one.
    pub(super) fn place(&self, day: Day, section: Option<&str>, slug: &str) -> String {
        let section = section.or(self.only_section.as_deref());
        let mut place = String::new();
        for part in &self.layout.folders {
            match part {
                Part::Year => place.push_str(&format!("{:04}", day.year())),
                Part::Month => place.push_str(&format!("{:02}", day.month())),
                Part::Day => place.push_str(&format!("{:02}", day.day())),
                Part::Joined(2) => place.push_str(&day.iso()[..7]),
                Part::Joined(_) => place.push_str(&day.iso()),
                Part::Named(name) => place.push_str(name),
                Part::Section => match section {
                    Some(section) => place.push_str(section),
                    None => continue,
                },
            }
            place.push('/');
        }
        if self.layout.dated {
            place.push_str(&format!("{}-", day.iso()));
        }
        place.push_str(slug);
        place.push_str(if self.layout.own_folder { "/index.md" } else { ".md" });
        place
    }
}

impl Layout {
    fn by_day() -> Self {
        Self { folders: vec![Part::Year, Part::Month, Part::Day], dated: false, own_folder: false }
    }

    /// The pattern of a place, and the section that its first folder stands for.
    fn of(path: &str) -> Option<(Self, Option<String>)> {
        let mut folders: Vec<&str> = path.split('/').collect();
        let file = folders.pop()?;
        let own_folder = file.starts_with("index.");
        let name = if own_folder { folders.pop()? } else { file };
        let section = folders.first().filter(|first| names_section(first)).map(|first| (*first).to_owned());
        let mut parts: Vec<Part> = Vec::new();
        for (at, folder) in folders.iter().enumerate() {
            parts.push(match part(folder, &parts) {
                Part::Named(_) if at == 0 && section.is_some() => Part::Section,
                part => part,
            });
        }
        let dated = name.get(..10).is_some_and(|date| fields(date) == Some(3));
        Some((Self { folders: parts, dated, own_folder }, section))
    }
}

/// What a folder stands for, by its name and the folders around it.
fn part(folder: &str, around: &[Part]) -> Part {
    let short = (1..=2).contains(&folder.len()) && folder.bytes().all(|byte| byte.is_ascii_digit());
    match fields(folder) {
        Some(1) if !around.contains(&Part::Year) => Part::Year,
        Some(many @ (2 | 3)) => Part::Joined(many),
        _ if short && around.contains(&Part::Month) && !around.contains(&Part::Day) => Part::Day,
        _ if short && around.contains(&Part::Year) && !around.contains(&Part::Month) => Part::Month,
        _ => Part::Named(folder.to_owned()),
    }
}

/// How many fields of a date (`2024`, `2024-11`, `2024-11-05`) a text consists of.
fn fields(text: &str) -> Option<usize> {
    let lengths: Vec<usize> = text.split('-').map(str::len).collect();
    let digits = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    (digits && [4, 2, 2].starts_with(&lengths)).then_some(lengths.len())
}

/// The places of some of a site's stories.
fn sample(content: &Path) -> Vec<String> {
    let shown = |entry: &walkdir::DirEntry| {
        entry.depth() == 0 || !entry.file_name().as_encoded_bytes().starts_with(b".")
    };
    let walk = WalkDir::new(content).min_depth(1).sort_by(|a, b| b.file_name().cmp(a.file_name()));
    let entries = walk.into_iter().filter_entry(shown).take(ENTRIES).filter_map(Result::ok);
    let paths = entries.filter(|entry| entry.file_type().is_file()).filter_map(|entry| {
        let path = entry.path().strip_prefix(content).ok()?.to_str()?.replace('\\', "/");
        (is_article(&path) && !entry.file_name().as_encoded_bytes().starts_with(b"_index.")).then_some(path)
    });
    paths.take(SAMPLE).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_filled_as_they_were_found() {
        let day = Day::new(2026, 3, 9).unwrap();
        let cases = [
            ("2014/10/08/a.md", None, "2026/03/09/slug.md"),
            ("2014/10/a.md", None, "2026/03/slug.md"),
            ("2014/a.md", Some("world"), "2026/slug.md"),
            ("a.md", None, "slug.md"),
            ("_posts/2014-10-08-a.md", None, "_posts/2026-03-09-slug.md"),
            ("news/2014/10/a.md", Some("world"), "world/2026/03/slug.md"),
            ("news/2014-10/a.md", None, "news/2026-03/slug.md"),
            ("news/2014-10-08/a/index.md", Some("w"), "w/2026-03-09/slug/index.md"),
            ("2014/10/08/a/index.markdown", None, "2026/03/09/slug/index.md"),
            ("news/wire/a.md", Some("w"), "w/wire/slug.md"),
            ("11/a.md", None, "11/slug.md"),
        ];
        for (there, section, expected) in cases {
            let (layout, only_section) = Layout::of(there).unwrap();
            assert_eq!(Usual { layout, only_section }.place(day, section, "slug"), expected, "{there}");
        }
        assert_eq!(Layout::of("index.md"), None);
    }
}

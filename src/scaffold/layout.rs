//! Where a site keeps its stories: the places of those that there are, as a pattern.

use std::collections::BTreeMap;
use std::path::Path;

use walkdir::WalkDir;

use crate::config::is_markdown_path;
use crate::content::article::is_section_folder;
use crate::model::Day;

/// How many files are looked at: those whose folders come last in the alphabet, which in an archive
/// by date are the newest.
const MAX_SAMPLED_ARTICLES: usize = 2_000;
/// How many entries of folders are looked at for them.
const MAX_DIR_ENTRIES: usize = 50_000;

/// One folder of the pattern.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum PathSegment {
    Year,
    Month,
    Day,
    /// `2024-11` or `2024-11-05`.
    JoinedDate(usize),
    /// The section's folder, which is the first.
    Section,
    Literal(String),
}

/// A pattern of places.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Layout {
    folders: Vec<PathSegment>,
    /// Whether the name begins with the date.
    has_date_prefix: bool,
    /// Whether a story has a folder of its own, with its text in `index.md`.
    has_own_folder: bool,
}

/// The pattern of most stories, and the section of those whose folder has all of them.
pub(super) struct CommonLayout {
    layout: Layout,
    only_section: Option<String>,
}

impl CommonLayout {
    /// The pattern that most of a sample of the stories follow; without stories, folders for year,
    /// month and day.
    pub(super) fn from_content(content: &Path) -> Self {
        let mut counts: BTreeMap<Layout, (usize, Option<String>, bool)> = BTreeMap::new();
        for path in sample_articles(content) {
            let Some((layout, section)) = Layout::parse(&path) else { continue };
            let (count, first, is_mixed) =
                counts.entry(layout).or_insert((0, section.clone(), false));
            *count += 1;
            *is_mixed |= *first != section;
        }
        let most_common = counts.into_iter().max_by_key(|(_, (count, ..))| *count);
        let (layout, (_, section, is_mixed)) =
            most_common.unwrap_or_else(|| (Layout::by_day(), (0, None, false)));
        Self { layout, only_section: section.filter(|_| !is_mixed) }
    }

    /// The place for a story, relative to `content/`. Without a section its folder is left out,
    /// unless all stories are in one.
    pub(super) fn path_for(&self, day: Day, section: Option<&str>, slug: &str) -> String {
        let section = section.or(self.only_section.as_deref());
        let mut path = String::new();
        for segment in &self.layout.folders {
            match segment {
                PathSegment::Year => path.push_str(&format!("{:04}", day.year())),
                PathSegment::Month => path.push_str(&format!("{:02}", day.month())),
                PathSegment::Day => path.push_str(&format!("{:02}", day.day())),
                PathSegment::JoinedDate(2) => path.push_str(&day.iso()[..7]),
                PathSegment::JoinedDate(_) => path.push_str(&day.iso()),
                PathSegment::Literal(name) => path.push_str(name),
                PathSegment::Section => match section {
                    Some(section) => path.push_str(section),
                    None => continue,
                },
            }
            path.push('/');
        }
        if self.layout.has_date_prefix {
            path.push_str(&format!("{}-", day.iso()));
        }
        path.push_str(slug);
        path.push_str(if self.layout.has_own_folder { "/index.md" } else { ".md" });
        path
    }
}

impl Layout {
    fn by_day() -> Self {
        Self {
            folders: vec![PathSegment::Year, PathSegment::Month, PathSegment::Day],
            has_date_prefix: false,
            has_own_folder: false,
        }
    }

    /// The pattern of a place, and the section that its first folder stands for.
    fn parse(path: &str) -> Option<(Self, Option<String>)> {
        let mut folders: Vec<&str> = path.split('/').collect();
        let file = folders.pop()?;
        let has_own_folder = file.starts_with("index.");
        let name = if has_own_folder { folders.pop()? } else { file };
        let section = folders
            .first()
            .filter(|first| is_section_folder(first))
            .map(|first| (*first).to_owned());
        let mut segments: Vec<PathSegment> = Vec::new();
        for (at, folder) in folders.iter().enumerate() {
            segments.push(match parse_segment(folder, &segments) {
                PathSegment::Literal(_) if at == 0 && section.is_some() => PathSegment::Section,
                segment => segment,
            });
        }
        let has_date_prefix = name.get(..10).is_some_and(|date| date_field_count(date) == Some(3));
        Some((Self { folders: segments, has_date_prefix, has_own_folder }, section))
    }
}

/// What a folder stands for, by its name and the folders around it.
fn parse_segment(folder: &str, preceding: &[PathSegment]) -> PathSegment {
    let short = (1..=2).contains(&folder.len()) && folder.bytes().all(|byte| byte.is_ascii_digit());
    match date_field_count(folder) {
        Some(1) if !preceding.contains(&PathSegment::Year) => PathSegment::Year,
        Some(count @ (2 | 3)) => PathSegment::JoinedDate(count),
        _ if short
            && preceding.contains(&PathSegment::Month)
            && !preceding.contains(&PathSegment::Day) =>
        {
            PathSegment::Day
        }
        _ if short
            && preceding.contains(&PathSegment::Year)
            && !preceding.contains(&PathSegment::Month) =>
        {
            PathSegment::Month
        }
        _ => PathSegment::Literal(folder.to_owned()),
    }
}

/// How many fields of a date (`2024`, `2024-11`, `2024-11-05`) a text consists of.
fn date_field_count(text: &str) -> Option<usize> {
    let lengths: Vec<usize> = text.split('-').map(str::len).collect();
    let digits = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    (digits && [4, 2, 2].starts_with(&lengths)).then_some(lengths.len())
}

/// The places of some of a site's stories.
fn sample_articles(content: &Path) -> Vec<String> {
    let is_visible = |entry: &walkdir::DirEntry| {
        entry.depth() == 0 || !entry.file_name().as_encoded_bytes().starts_with(b".")
    };
    let walk = WalkDir::new(content).min_depth(1).sort_by(|a, b| b.file_name().cmp(a.file_name()));
    let entries =
        walk.into_iter().filter_entry(is_visible).take(MAX_DIR_ENTRIES).filter_map(Result::ok);
    let paths = entries.filter(|entry| entry.file_type().is_file()).filter_map(|entry| {
        let path = entry.path().strip_prefix(content).ok()?.to_str()?.replace('\\', "/");
        (is_markdown_path(&path) && !entry.file_name().as_encoded_bytes().starts_with(b"_index."))
            .then_some(path)
    });
    paths.take(MAX_SAMPLED_ARTICLES).collect()
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
        for (existing, section, expected) in cases {
            let (layout, only_section) = Layout::parse(existing).unwrap();
            assert_eq!(
                CommonLayout { layout, only_section }.path_for(day, section, "slug"),
                expected,
                "{existing}"
            );
        }
        assert_eq!(Layout::parse("index.md"), None);
    }
}

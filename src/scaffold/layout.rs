//! The layout of a site's content folder: the pattern of most of its articles' paths.

use std::collections::BTreeMap;
use std::path::Path;

use walkdir::WalkDir;

use crate::config::is_markdown_path;
use crate::content::file_name::is_section_folder;
use crate::content::standalone_page::is_in_pages_dir;
use crate::model::Day;

/// The maximum number of articles in the sample: those whose folders sort last, which are the
/// newest in an archive by date.
const MAX_SAMPLED_ARTICLES: usize = 2_000;
/// The maximum number of directory entries that are read for the sample.
const MAX_DIR_ENTRIES: usize = 50_000;

/// A folder of a layout.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum PathSegment {
    Year,
    Month,
    Day,
    /// `2024-11` (2 fields) or `2024-11-05` (3 fields).
    JoinedDate(usize),
    /// The section, which is always the first folder.
    Section,
    Literal(String),
}

/// The pattern of an article's path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Layout {
    folders: Vec<PathSegment>,
    /// True if the file name begins with the date.
    has_date_prefix: bool,
    /// True if the article has its own folder, with its text in `index.md`.
    has_own_folder: bool,
}

/// The layout of most articles, and their section if all of them have the same one.
pub(super) struct CommonLayout {
    layout: Layout,
    only_section: Option<String>,
}

impl CommonLayout {
    /// Determines the most common layout of a sample of articles. Without articles, it has folders
    /// for the year, month and day.
    pub(super) fn from_content(content: &Path) -> Self {
        let mut sections_by_layout: BTreeMap<Layout, Vec<Option<String>>> = BTreeMap::new();
        for path in sample_articles(content) {
            let Some((layout, section)) = Layout::parse(&path) else { continue };
            sections_by_layout.entry(layout).or_default().push(section);
        }
        let most_common = sections_by_layout.into_iter().max_by_key(|(_, sections)| sections.len());
        let Some((layout, sections)) = most_common else {
            return Self { layout: Layout::by_day(), only_section: None };
        };
        let is_uniform = sections.windows(2).all(|pair| pair[0] == pair[1]);
        let only_section = sections.into_iter().next().flatten().filter(|_| is_uniform);
        Self { layout, only_section }
    }

    /// Returns the path of an article, relative to `content/`. An article without a section gets
    /// the section of all others, if they have the same one, or no section folder.
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

    /// Parses the path of an article. Returns its layout, and its section if the first folder is
    /// one.
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

/// Determines the meaning of a folder from its name and the folders before it.
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

/// The number of fields of a date in a text: `2024`, `2024-11`, `2024-11-05`; `None` for other
/// texts.
fn date_field_count(text: &str) -> Option<usize> {
    let lengths: Vec<usize> = text.split('-').map(str::len).collect();
    let digits = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    (digits && [4, 2, 2].starts_with(&lengths)).then_some(lengths.len())
}

/// Returns the paths of a sample of articles.
fn sample_articles(content: &Path) -> Vec<String> {
    let is_visible = |entry: &walkdir::DirEntry| {
        entry.depth() == 0 || !entry.file_name().as_encoded_bytes().starts_with(b".")
    };
    let walk = WalkDir::new(content).min_depth(1).sort_by(|a, b| b.file_name().cmp(a.file_name()));
    let entries =
        walk.into_iter().filter_entry(is_visible).take(MAX_DIR_ENTRIES).filter_map(Result::ok);
    let paths = entries.filter(|entry| entry.file_type().is_file()).filter_map(|entry| {
        let path = entry.path().strip_prefix(content).ok()?.to_str()?.replace('\\', "/");
        let is_article = is_markdown_path(&path)
            && !is_in_pages_dir(&path)
            && !entry.file_name().as_encoded_bytes().starts_with(b"_index.");
        is_article.then_some(path)
    });
    paths.take(MAX_SAMPLED_ARTICLES).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_paths_have_the_layout_of_existing_ones() {
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

//! Dates, slugs and sections from the paths of articles' files.

use super::plain_text::can_become_slug;

/// The parts of a file name: Jekyll puts the date before the slug.
pub(super) struct ParsedFileName {
    pub(super) date: Option<String>,
    pub(super) stem: String,
}

impl ParsedFileName {
    pub(super) fn from_path(path: &str) -> Self {
        let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
        let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
        let is_bundle = matches!(stem, "index" | "_index");
        let stem = if is_bundle { folder.rsplit('/').next().unwrap_or(stem) } else { stem };
        let undated = || Self { date: None, stem: stem.to_owned() };
        let Some(date_len) = leading_date_len(stem) else { return undated() };
        let (date, rest) = stem.split_at(date_len);
        match rest.strip_prefix(['-', '_']) {
            Some(rest) if !rest.is_empty() => {
                Self { date: Some(date.to_owned()), stem: rest.to_owned() }
            }
            // A name that is only a date is its own slug.
            None if rest.is_empty() => Self { date: Some(date.to_owned()), stem: stem.to_owned() },
            _ => undated(),
        }
    }
}

/// Returns the length of a date such as `2014-10-8` at the beginning of a name.
fn leading_date_len(name: &str) -> Option<usize> {
    let digits = |text: &str, max_digits: usize| {
        let count = text.bytes().take_while(u8::is_ascii_digit).count();
        (1..=max_digits).contains(&count).then_some(count)
    };
    let year = digits(name, 4).filter(|&count| count == 4)?;
    let month = digits(name[year..].strip_prefix('-')?, 2)?;
    let day = digits(name[year + 1 + month..].strip_prefix('-')?, 2)?;
    Some(year + 1 + month + 1 + day)
}

/// The title that a file's name gives: `No Title Here` for `no-title-here`, as in Jekyll. `None` if
/// it has neither a letter nor a digit.
pub(super) fn title_from_name(stem: &str) -> Option<String> {
    if !can_become_slug(stem) {
        return None;
    }
    if leading_date_len(stem) == Some(stem.len()) {
        return Some(stem.to_owned());
    }
    let capitalize = |word: &str| {
        let mut chars = word.chars();
        let first = chars.next().into_iter().flat_map(char::to_uppercase);
        first.chain(chars).collect::<String>()
    };
    let words = stem.split(['-', '_', ' ']).filter(|word| !word.is_empty());
    Some(words.map(capitalize).collect::<Vec<_>>().join(" "))
}

/// Returns the date in the folders of a path: `2024-11-05` for `2024/11/05/talks.md`.
pub(super) fn date_in_path(path: &str) -> Option<String> {
    let numbers: Vec<&str> =
        path.split('/').filter(|part| part.bytes().all(|b| b.is_ascii_digit())).collect();
    match numbers[..] {
        [year, month, day, ..] if year.len() == 4 => Some(format!("{year}-{month:0>2}-{day:0>2}")),
        _ => None,
    }
}

/// Returns the section named by a file's first folder, unless the folder is a date or one of
/// Jekyll's.
pub(super) fn section_from_path(path: &str) -> Option<String> {
    let (folders, file) = path.rsplit_once('/')?;
    // An `index` file's own folder belongs to the article and isn't a section.
    let bundle_parent = file
        .starts_with("index.")
        .then(|| folders.rsplit_once('/').map_or("", |(parent, _)| parent));
    let first_folder = bundle_parent.unwrap_or(folders).split('/').next()?;
    is_section_folder(first_folder).then(|| first_folder.to_owned())
}

/// Returns true if a folder's name can be a section's: it is neither a date nor one of Jekyll's.
pub(crate) fn is_section_folder(folder: &str) -> bool {
    let is_numeric = folder.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    !is_numeric && !folder.starts_with(['_', '.']) && can_become_slug(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_other_systems_hold_dates() {
        let name = ParsedFileName::from_path("_posts/2014-10-08-a-story.md");
        assert_eq!((name.date.as_deref(), name.stem.as_str()), (Some("2014-10-08"), "a-story"));
        assert_eq!(ParsedFileName::from_path("news/story/index.md").stem, "story");
        assert_eq!(ParsedFileName::from_path("a/1-2-3-go.md").date, None);
        assert_eq!(ParsedFileName::from_path("2014-10-083-x.md").date, None);
        let zola = ParsedFileName::from_path("2018-10-10_talks.md");
        assert_eq!((zola.date.as_deref(), zola.stem.as_str()), (Some("2018-10-10"), "talks"));
        let day = ParsedFileName::from_path("2024-11-05.md");
        assert_eq!((day.date.as_deref(), day.stem.as_str()), (Some("2024-11-05"), "2024-11-05"));
    }

    #[test]
    fn names_give_titles() {
        for (stem, title) in [
            ("no-title-here", Some("No Title Here")),
            ("the_UN talks", Some("The UN Talks")),
            ("élection-à-genève", Some("Élection À Genève")),
            ("خبر", Some("خبر")),
            ("2024-11-05", Some("2024-11-05")),
            ("--", None),
        ] {
            assert_eq!(title_from_name(stem).as_deref(), title, "{stem}");
        }
    }

    #[test]
    fn folders_suggest_sections_and_dates() {
        assert_eq!(section_from_path("news/2014/x.md").as_deref(), Some("news"));
        assert_eq!(section_from_path("2014/12/x.md"), None);
        assert_eq!(section_from_path("story/index.md"), None);
        assert_eq!(section_from_path("news/story/index.md").as_deref(), Some("news"));
        assert_eq!(date_in_path("2014/2/09/x.md").as_deref(), Some("2014-02-09"));
    }
}

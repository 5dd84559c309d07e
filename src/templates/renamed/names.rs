//! The tables of old and new names, and an old name in a file.

use std::cmp::Reverse;
use std::ops::Range;

/// Template files, old and new name.
pub(super) const FILES: [(&str, &str); 9] = [
    ("components/heat.html", "components/heatmap.html"),
    ("components/steps.html", "components/previous_next.html"),
    ("components/stories.html", "components/article_count.html"),
    ("parts/corrected.html", "parts/correction_list.html"),
    ("parts/crumbs.html", "parts/breadcrumbs.html"),
    ("parts/earlier.html", "parts/related_earlier_item.html"),
    ("parts/neighbours.html", "parts/neighbors.html"),
    ("parts/picture.html", "parts/image.html"),
    ("parts/so_far.html", "parts/related_earlier.html"),
];

/// Components, old and new name.
pub(super) const COMPONENTS: [(&str, &str); 3] =
    [("heat", "heatmap"), ("steps", "previous_next"), ("stories", "article_count")];

/// Keys of the interface text, old and new.
pub(super) const MESSAGE_KEYS: [(&str, &str); 16] = [
    ("more_stories", "more_articles"),
    ("next_story", "next_article"),
    ("no_stories", "no_articles"),
    ("notice_anonymised", "notice_anonymized"),
    ("other_stories", "other_articles"),
    ("previous_story", "previous_article"),
    ("search_narrow", "search_filter"),
    ("search_order", "search_sort"),
    ("share_mail", "share_email"),
    ("story_few", "article_few"),
    ("story_many", "article_many"),
    ("story_one", "article_one"),
    ("story_other", "article_other"),
    ("story_so_far", "related_earlier"),
    ("story_two", "article_two"),
    ("story_zero", "article_zero"),
];

/// The beginning of the keys of plural forms, old and new: templates append the plural category.
pub(super) const PLURAL_PREFIX: (&str, &str) = ("story_", "article_");

/// The type of a renamed name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum NameKind {
    /// A template file.
    Template,
    /// A component.
    Component,
    /// A variable, or a key of one.
    Variable,
    /// A variable that no longer exists.
    RemovedVariable,
    /// A key of the interface text.
    MessageKey,
}

/// An old name in a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RenamedName {
    pub(crate) kind: NameKind,
    pub(crate) old: String,
    pub(crate) new: String,
    /// The bytes of the source that contain the name.
    pub(crate) range: Range<usize>,
    /// The bytes to replace, with their replacement; `None` if an editor has to decide.
    pub(crate) edit: Option<(Range<usize>, String)>,
}

impl RenamedName {
    /// Returns a name that is replaced in place.
    pub(super) fn replaced(kind: NameKind, names: (&str, &str), range: Range<usize>) -> Self {
        let (old, new) = (names.0.to_owned(), names.1.to_owned());
        let edit = Some((range.clone(), new.clone()));
        Self { kind, old, new, range, edit }
    }

    /// Returns the sentence of the diagnostic.
    pub(crate) fn message(&self) -> String {
        let Self { old, new, .. } = self;
        match self.kind {
            NameKind::Template => format!("the template `{old}` was renamed to `{new}`"),
            NameKind::Component => format!("the component `{old}` was renamed to `{new}`"),
            NameKind::Variable => format!("the template variable `{old}` was renamed to `{new}`"),
            NameKind::RemovedVariable => {
                format!("the template variable `{old}` was removed: include the part instead")
            }
            NameKind::MessageKey => {
                format!("the key `{old}` of the interface text was renamed to `{new}`")
            }
        }
    }
}

/// Returns the new name of a template file that was renamed.
pub(crate) fn new_file_name(name: &str) -> Option<&'static str> {
    lookup(&FILES, name)
}

/// Returns the new name in a table.
pub(super) fn lookup(table: &[(&str, &'static str)], old: &str) -> Option<&'static str> {
    table.iter().find(|(name, _)| *name == old).map(|(_, new)| *new)
}

/// Returns a source in which all names are replaced that can be.
pub(crate) fn replace_names(source: &str, names: &[RenamedName]) -> String {
    let mut edits: Vec<_> = names.iter().filter_map(|name| name.edit.as_ref()).collect();
    edits.sort_by_key(|(range, _)| (range.start, Reverse(range.end)));
    let (mut rewritten, mut end) = (String::with_capacity(source.len()), 0);
    for (range, text) in edits {
        // An edit inside of another one is part of it.
        if range.start >= end {
            rewritten.push_str(&source[end..range.start]);
            rewritten.push_str(text);
            end = range.end;
        }
    }
    rewritten.push_str(&source[end..]);
    rewritten
}

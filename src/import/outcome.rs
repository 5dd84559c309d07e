//! The outcome of each record.

use super::item::ItemKind;

/// The outcome of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It is an article of the site.
    Article,
    /// It is a page, which is an article with its own permalink.
    Page,
    /// It is an article that isn't published: a draft or one with an embargo.
    Private,
    /// It is a redirect, which the site has now.
    Redirect,
    /// Nothing was written, for a reason that concerns publication.
    Withheld(String),
    /// It is of a kind that isn't an article.
    NotAnArticle(ItemKind),
    /// It is the same as another record, with this id.
    Duplicate(String),
    /// It couldn't be imported, for this reason.
    Failed(String),
}

impl Outcome {
    /// Returns the name of the outcome in reports.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Article => "article",
            Self::Page => "page",
            Self::Private => "private",
            Self::Redirect => "redirect",
            Self::Withheld(_) => "withheld",
            Self::NotAnArticle(kind) => kind.name(),
            Self::Duplicate(_) => "duplicate",
            Self::Failed(_) => "failed",
        }
    }

    /// Returns the reason; `None` for records that were written.
    pub(crate) fn reason(&self) -> Option<&str> {
        match self {
            Self::Withheld(reason) | Self::Failed(reason) => Some(reason),
            Self::Duplicate(id) => Some(id),
            Self::Article | Self::Page | Self::Private | Self::Redirect | Self::NotAnArticle(_) => {
                None
            }
        }
    }
}

/// The state of the file of a record after the import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum FileState {
    /// It is new.
    Created,
    /// It was replaced, because the record has changed since the last import.
    Updated,
    /// It is the same as before.
    Unchanged,
    /// It was left as it is, for this reason, although the record has changed.
    Conflict(&'static str),
}

impl FileState {
    /// Returns the name of the state in reports.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Updated => "updated",
            Self::Unchanged => "unchanged",
            Self::Conflict(_) => "conflict",
        }
    }
}

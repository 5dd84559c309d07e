//! Decides which records may be published, by their status and date.

use super::item::{Item, ItemKind};
use crate::content::visibility::StatusMeaning;
use crate::model::{Moment, Status};

/// The treatment of records that readers of the source couldn't see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PrivateItems {
    /// They aren't written.
    Skip,
    /// They are written as drafts, or with an embargo.
    WriteUnpublished,
}

/// The publication of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Publication {
    /// Readers of the source could see it.
    Public,
    /// It is to be published at its date.
    Scheduled,
    /// Readers of the source couldn't see it, because of its status.
    Private(String),
}

impl Publication {
    /// Returns the publication of a record. `now` is the time of the import in seconds since
    /// 1970-01-01 00:00 UTC. A status that isn't known is private: a record is never published by
    /// accident.
    pub(crate) fn new(item: &Item, date: Moment, now: i64) -> Self {
        let status = item.status.trim().to_lowercase();
        let is_public = match status.as_str() {
            "" => true,
            // An embargo that has ended would publish what the old system didn't.
            "future" | "scheduled" | "schedule" if date.seconds > now => return Self::Scheduled,
            status => matches!(
                StatusMeaning::parse(status),
                StatusMeaning::Own(Status::Published | Status::Corrected)
            ),
        };
        match is_public {
            false => Self::Private(format!("its status is `{status}`")),
            true if date.seconds > now => Self::Scheduled,
            true => Self::Public,
        }
    }
}

/// Returns true if a kind of record has a file in the site.
pub(crate) fn is_written_kind(kind: ItemKind) -> bool {
    matches!(kind, ItemKind::Article | ItemKind::Page)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_public_records_are_published() {
        let publication = |status: &str, seconds: i64| {
            let mut item = Item::article("1".to_owned(), 1);
            item.status = status.to_owned();
            Publication::new(&item, Moment { seconds, day_only: false }, 100)
        };
        for status in ["", "publish", "Published", "public"] {
            assert_eq!(publication(status, 100), Publication::Public, "{status}");
            assert_eq!(publication(status, 101), Publication::Scheduled, "{status}");
        }
        assert_eq!(publication("future", 101), Publication::Scheduled);
        for status in
            ["future", "draft", "private", "trash", "password", "pending", "inherit", "qwerty"]
        {
            assert!(matches!(publication(status, 1), Publication::Private(_)), "{status}");
        }
    }
}

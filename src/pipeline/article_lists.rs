//! The lists of articles that editors ask for: those that aren't published, by reason, and those
//! that were retracted or from which names were removed.

use super::parsed_file::Unpublished;
use crate::archive::record::Record;

/// A list of articles for editors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum ArticleList {
    /// Articles with `draft: true`.
    Drafts,
    /// Articles whose date or embargo is in the future.
    Scheduled,
    /// Articles whose expiry date is past.
    Expired,
    /// Articles that readers must not see, and that may have a tombstone.
    Withheld,
    /// Articles that were withdrawn; their pages stay, with a notice.
    Retracted,
    /// Articles from which names were removed.
    Redacted,
}

impl ArticleList {
    /// All lists, in the order in which they are reported.
    pub(crate) const ALL: [Self; 6] = [
        Self::Drafts,
        Self::Scheduled,
        Self::Expired,
        Self::Withheld,
        Self::Retracted,
        Self::Redacted,
    ];

    /// Returns the name of the list.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Drafts => "drafts",
            Self::Scheduled => "scheduled",
            Self::Expired => "expired",
            Self::Withheld => "withheld",
            Self::Retracted => "retracted",
            Self::Redacted => "redacted",
        }
    }

    /// Returns the list of an article that isn't published.
    fn of_unpublished(unpublished: Unpublished) -> Option<Self> {
        match unpublished {
            Unpublished { drafts: 1.., .. } => Some(Self::Drafts),
            Unpublished { scheduled: 1.., .. } => Some(Self::Scheduled),
            Unpublished { expired: 1.., .. } => Some(Self::Expired),
            _ => None,
        }
    }
}

/// All lists. An article may be in several.
#[derive(Clone, Debug, Default)]
pub(crate) struct ArticleLists {
    /// The articles by list, each as its path below `content/`.
    entries: Vec<(ArticleList, Box<str>)>,
}

impl ArticleLists {
    /// Adds an article to a list.
    pub(crate) fn add(&mut self, list: ArticleList, path: &str) {
        self.entries.push((list, path.into()));
    }

    /// Adds an article that isn't published in this build.
    pub(crate) fn add_unpublished(&mut self, unpublished: Unpublished, path: &str) {
        if let Some(list) = ArticleList::of_unpublished(unpublished) {
            self.add(list, path);
        }
    }

    /// Adds an article or a tombstone to the lists that its record belongs to.
    pub(crate) fn add_record(&mut self, record: &Record<'_>, path: &str) {
        match record {
            Record::Article(article) => {
                if article.is_retracted() {
                    self.add(ArticleList::Retracted, path);
                }
                if article.is_redacted() {
                    self.add(ArticleList::Redacted, path);
                }
            }
            Record::Tombstone(_) => self.add(ArticleList::Withheld, path),
            Record::Term(_) | Record::NotAPage => {}
        }
    }

    /// Returns the paths of the articles of a list below `content/`, in order.
    pub(crate) fn paths(&self, list: ArticleList) -> Vec<&str> {
        let in_list = self.entries.iter().filter(|(other, _)| *other == list);
        let mut paths: Vec<&str> = in_list.map(|(_, path)| &**path).collect();
        paths.sort_unstable();
        paths
    }

    /// Returns the paths of articles whose files may not be published: these articles aren't, or
    /// names are redacted in their URLs.
    pub(crate) fn with_unpublished_files(&self) -> impl Iterator<Item = &str> {
        let others = self.entries.iter().filter(|(list, _)| *list != ArticleList::Retracted);
        others.map(|(_, path)| &**path)
    }

    /// Returns the number of articles of a list.
    pub(crate) fn count(&self, list: ArticleList) -> usize {
        self.entries.iter().filter(|(other, _)| *other == list).count()
    }
}

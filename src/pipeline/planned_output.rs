//! The files that a site is to have, as planned.

use std::borrow::Cow;
use std::ops::Range;

use super::cache::manifest::{ArticleFile, OutputArticle};
use super::copies::CopiedFile;
use super::output_paths::DotlessFiles;
use crate::archive::ArticleId;
use crate::config::{CONFIG_FILE, PERMALINK_REGISTRY_FILE};
use crate::model::{Fingerprint, OutputPath};
use crate::pages::{OutputFile, Page, SiteView, is_redirect};
use crate::search::IndexFile;
use crate::templates::{ASSETS, asset_bytes};

/// A file that the site is to have.
pub(crate) enum PlannedOutput {
    /// A page, or an output file that is made without a template.
    Page(Page),
    /// One of the program's own assets, by its index in [`ASSETS`].
    Embedded(usize),
    /// A copy of a file, or of an image.
    Copy(Box<CopiedFile>),
    /// A file of the search index.
    SearchIndex(Box<IndexFile>),
}

/// The precedence of files with the same path: the first variant takes precedence over all others.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Precedence {
    Static,
    Generated,
    Asset,
    Article,
    Redirect,
}

impl PlannedOutput {
    /// Returns its path below the output folder.
    pub(crate) fn path(&self, view: &SiteView<'_>) -> OutputPath {
        match self {
            Self::Page(page) => page.output_path(view),
            Self::Embedded(index) => OutputPath::from_url_path(format!("/{}", ASSETS[*index].0)),
            Self::Copy(copy) => copy.to.clone(),
            Self::SearchIndex(file) => OutputPath::from_url_path(format!("/{}", file.output_path)),
        }
    }

    /// Returns the hash of everything that it depends on.
    pub(crate) fn inputs_hash(&self, view: &SiteView<'_>, path: &OutputPath) -> Fingerprint {
        match self {
            Self::Page(page) => page.fingerprint(view, path),
            Self::Embedded(index) => Fingerprint::hash_bytes(&asset_bytes(*index, view.site)),
            Self::Copy(copy) => copy.inputs_hash(view.site),
            Self::SearchIndex(file) => file.inputs,
        }
    }

    /// Returns the article that it belongs to, if it is made for one article alone: its page, its
    /// history, a redirect to it.
    pub(crate) fn article<'v>(&self, view: &SiteView<'v>) -> OutputArticle<Cow<'v, str>> {
        let Self::Page(page) = self else { return OutputArticle::default() };
        if let Page::Tombstone(index, _) = page
            && let Some(tombstone) = view.catalog.tombstones().get(*index as usize)
        {
            let path = Cow::Borrowed(tombstone.path.as_str());
            return OutputArticle { path, role: ArticleFile::Other };
        }
        let (id, role) = match page {
            Page::Article(id) | Page::Standalone(id) => (Some(*id), ArticleFile::Page),
            Page::OutputFile(OutputFile::Alias(id, _)) => (Some(*id), ArticleFile::Other),
            page => (page.article(), ArticleFile::Other),
        };
        match id {
            Some(id) => OutputArticle { path: view.catalog.article(id).path(), role },
            None => OutputArticle::default(),
        }
    }

    /// Returns the hash of the path of the article that it belongs to, [`Fingerprint::DIRTY`] if it
    /// belongs to none.
    pub(crate) fn article_hash(&self, view: &SiteView<'_>) -> Fingerprint {
        self.article(view).as_ref().hash()
    }

    /// Returns the article or page without a date whose main page it is.
    pub(crate) fn own_article(&self) -> Option<ArticleId> {
        if let Self::Page(page) = self { page.own_article() } else { None }
    }

    /// Returns the copy, if it is one.
    pub(crate) fn as_copy(&self) -> Option<&CopiedFile> {
        match self {
            Self::Copy(copy) => Some(copy),
            _ => None,
        }
    }

    /// Returns its precedence over other files with the same path.
    pub(crate) fn precedence(&self) -> Precedence {
        match self {
            Self::Page(Page::Article(_) | Page::Standalone(_)) => Precedence::Article,
            Self::Page(Page::Tombstone(..) | Page::History(_)) => Precedence::Redirect,
            Self::Page(page) if is_redirect(page) => Precedence::Redirect,
            Self::Page(_) | Self::Embedded(_) | Self::SearchIndex(_) => Precedence::Generated,
            Self::Copy(copy) if copy.variant.is_some() => Precedence::Generated,
            Self::Copy(copy) if copy.is_asset => Precedence::Asset,
            Self::Copy(_) => Precedence::Static,
        }
    }

    /// Returns a description of its source, for messages.
    pub(crate) fn owner(&self, view: &SiteView<'_>) -> String {
        match self {
            Self::Page(Page::Article(id) | Page::Standalone(id)) => {
                format!("content/{}", view.catalog.article(*id).path())
            }
            Self::Page(Page::History(id)) => {
                format!("the history of content/{}", view.catalog.article(*id).path())
            }
            Self::Page(Page::OutputFile(OutputFile::Alias(id, _))) => {
                format!("content/{}", view.catalog.article(*id).path())
            }
            Self::Page(Page::OutputFile(OutputFile::ConfiguredRedirect(_))) => {
                CONFIG_FILE.to_owned()
            }
            Self::Page(Page::OutputFile(OutputFile::RegistryRedirect(_))) => {
                PERMALINK_REGISTRY_FILE.to_owned()
            }
            Self::Page(page) => format!("the site's own page {}", page.url_path(view)),
            Self::Embedded(index) => format!("the program's {}", ASSETS[*index].0),
            Self::SearchIndex(file) => format!("the search index's {}", file.output_path),
            Self::Copy(copy) => {
                let from = copy.from.strip_prefix(&view.site.root).unwrap_or(&copy.from);
                from.to_string_lossy().into_owned()
            }
        }
    }
}

/// A batch of files, with the articles whose teasers they share.
pub(crate) type Batch = (Range<ArticleId>, Vec<PlannedOutput>);

/// Returns the copied files whose names have no dot. Names of all other files have one.
pub(crate) fn find_dotless_files(batches: &[Batch], view: &SiteView<'_>) -> DotlessFiles {
    let outputs = batches.iter().flat_map(|(_, outputs)| outputs);
    DotlessFiles::from_paths(
        outputs.filter(|output| output.as_copy().is_some()).map(|copy| copy.path(view)),
    )
}

#[cfg(test)]
mod tests {
    use super::PlannedOutput;

    /// The plan of a million articles holds more than a million and a half of them.
    #[test]
    fn a_planned_file_is_small() {
        assert_eq!(size_of::<PlannedOutput>(), 16);
    }
}

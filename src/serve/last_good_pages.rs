//! The last good pages of articles: while an article has an error, the preview shows the page that
//! it had before, with the diagnostics over it.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use crate::pipeline::SitePreview;

/// The number of pages that are held: those that were requested last.
const MAX_PAGES: usize = 256;

/// The pages of articles that were rendered last.
#[derive(Default)]
pub(super) struct LastGoodPages(Mutex<Pages>);

#[derive(Default)]
struct Pages {
    by_path: HashMap<String, GoodPage>,
    /// The paths, in the order in which they were added.
    order: VecDeque<String>,
}

/// A rendered page.
struct GoodPage {
    /// The article's file below `content/`.
    article_path: String,
    bytes: Vec<u8>,
}

impl LastGoodPages {
    /// Remembers the page of an article, by its path below the output folder.
    pub(super) fn add(&self, path: &str, article_path: &str, bytes: &[u8]) {
        let mut pages = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let page = GoodPage { article_path: article_path.to_owned(), bytes: bytes.to_owned() };
        if pages.by_path.insert(path.to_owned(), page).is_none() {
            pages.order.push_back(path.to_owned());
        }
        while pages.order.len() > MAX_PAGES {
            if let Some(oldest) = pages.order.pop_front() {
                pages.by_path.remove(&oldest);
            }
        }
    }

    /// Returns the last good page at a path if its article has an error now: the one that was
    /// rendered last, or that of the last build. An article that is a draft now, or was taken down,
    /// has none.
    pub(super) fn find(&self, preview: &SitePreview<'_>, path: &str) -> Option<Vec<u8>> {
        {
            let pages = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(page) = pages.by_path.get(path) {
                let is_broken = preview.is_broken(&page.article_path);
                return is_broken.then(|| page.bytes.clone());
            }
        }
        preview.last_built_page(path)
    }
}

//! Resolves the permalink registry: which recorded URLs redirect, and which are broken. That is
//! known only after all files are planned.

use std::collections::{BTreeSet, HashSet};

use super::article_links::find_broken_links;
use super::options::WriteMode;
use super::planned_output::{Batch, PlannedOutput};
use super::unplanned_files::{BrokenArticles, UnplannedFiles};
use crate::archive::Catalog;
use crate::config::{PERMALINK_REGISTRY_FILE, Site};
use crate::diagnostics::{Diagnostic, Error};
use crate::model::slug::collision_key;
use crate::model::{Fingerprint, OutputPath, Permalink, RedactionMatcher};
use crate::pages::{SiteView, is_redirect};
use crate::permalinks::{
    self, BrokenLinks, MissingPermalink, PermalinkRegistry, Redirect, RedirectTarget,
};

/// The number of broken permalinks that are reported one by one.
const REPORT_LIMIT: usize = 100;

/// The permalink registry while a site is planned.
#[derive(Default)]
pub(crate) struct PermalinkResolver {
    registry: PermalinkRegistry,
    /// Names that are redacted from articles: a URL that contains one is broken on purpose.
    matcher: RedactionMatcher,
    /// URLs of pages, which are not redirected.
    occupied_urls: HashSet<String>,
    /// True if articles can't be read: a term that no article has may be one of theirs.
    has_unread_articles: bool,
    /// Registered URLs of such terms.
    unknown_urls: HashSet<String>,
}

impl PermalinkResolver {
    /// A registry for a site with some redacted names.
    pub(crate) fn with_redacted_names(redacted_names: &BTreeSet<String>) -> Self {
        Self {
            matcher: RedactionMatcher::from_names(redacted_names.iter().map(String::as_str)),
            ..Self::default()
        }
    }

    /// Registers that some articles can't be read or have errors, so that their terms aren't known.
    pub(crate) fn set_unread_articles(&mut self) {
        self.has_unread_articles = true;
    }

    /// Returns true if a URL is registered, and may be that of a term of an unread article.
    pub(crate) fn is_unknown(&self, url: &str) -> bool {
        let missing = &self.registry.missing;
        self.unknown_urls.contains(url)
            || missing.binary_search_by(|missing| missing.permalink.as_str().cmp(url)).is_ok()
    }

    /// Reads the registry, and returns the redirects from recorded URLs to articles of a catalog.
    ///
    /// # Errors
    /// [`Error::Io`] if the registry can't be read.
    pub(crate) fn resolve(
        &mut self,
        site: &Site,
        catalog: &Catalog,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Result<Vec<Redirect>, Error> {
        self.registry = permalinks::resolve(site, catalog, diagnostics)?;
        self.registry.redacted_names = self.matcher.clone();
        if self.has_unread_articles {
            let removed =
                |redirect: &mut Redirect| matches!(redirect.to, RedirectTarget::Taxonomy(_));
            let unknown = self.registry.redirects.extract_if(.., removed);
            self.unknown_urls = unknown.map(|redirect| redirect.from).collect();
        }
        let matcher = &self.matcher;
        self.registry.redirects.retain(|redirect| {
            !self.occupied_urls.contains(&redirect.from) && !matcher.is_match(&redirect.from)
        });
        self.registry.missing.retain(|missing| !matcher.is_match(&missing.permalink));
        Ok(self.registry.redirects.clone())
    }

    /// Returns the broken links, of which the registry resolves some.
    ///
    /// # Errors
    /// [`Error::Io`] if the registry can't be read.
    pub(crate) fn resolve_links(
        &self,
        site: &Site,
        catalog: &Catalog,
    ) -> Result<BrokenLinks, Error> {
        let links = find_broken_links(catalog);
        permalinks::find_renamed_files(site, catalog, links, &self.registry.redirects)
    }

    /// Removes the URLs of planned pages. Returns true if one of them would have been redirected,
    /// so that the site must be planned again.
    pub(crate) fn exclude_occupied_urls(&mut self, view: &SiteView<'_>, batches: &[Batch]) -> bool {
        if self.registry.redirects.is_empty() && self.registry.missing.is_empty() {
            return false;
        }
        let outputs = batches.iter().flat_map(|(_, outputs)| outputs);
        let pages = outputs
            .filter(|output| !matches!(output, PlannedOutput::Page(page) if is_redirect(page)));
        let page_keys: HashSet<Fingerprint> =
            pages.map(|output| collision_hash(output.path(view).as_str())).collect();
        self.registry
            .missing
            .retain(|missing| !page_keys.contains(&url_collision_hash(&missing.permalink)));
        let redirect_urls = self.registry.redirects.iter().map(|redirect| &redirect.from);
        let occupied: Vec<String> = redirect_urls
            .filter(|url| page_keys.contains(&url_collision_hash(url)))
            .cloned()
            .collect();
        self.occupied_urls.extend(occupied.iter().cloned());
        !occupied.is_empty()
    }

    /// Returns the recorded URLs that are broken, sorted.
    pub(crate) fn missing(&self) -> &[MissingPermalink] {
        &self.registry.missing
    }

    /// Accepts that the recorded URLs that are broken no longer exist: removes them from the
    /// registry, also from its file if `mode` is [`WriteMode::Write`]. Returns their number.
    ///
    /// # Errors
    /// [`Error::Io`] if the registry can't be read or written.
    pub(crate) fn accept_missing(&mut self, site: &Site, mode: WriteMode) -> Result<usize, Error> {
        let missing = std::mem::take(&mut self.registry.missing);
        match mode {
            WriteMode::Write => permalinks::remove_missing(site, &missing),
            WriteMode::DryRun => Ok(missing.len()),
        }
    }

    /// Excludes URLs that have a retained file, or the article of which has an error now.
    pub(crate) fn exclude_retained(
        &mut self,
        broken_articles: BrokenArticles<'_>,
        unplanned_files: &UnplannedFiles,
    ) {
        let is_broken = |file: &String| {
            [".md", ".markdown", ".MD"].iter().any(|extension| {
                broken_articles.contains(&format!("{file}{extension}"))
                    || broken_articles.contains(&format!("{file}/index{extension}"))
            })
        };
        self.registry.missing.retain(|missing| {
            !missing.path_stems.iter().any(is_broken)
                && !output_path(&missing.permalink)
                    .is_some_and(|path| unplanned_files.retains(&path))
        });
    }

    /// Reports the recorded URLs that are broken: without a page, a retained file, or an article
    /// that has an error now.
    pub(crate) fn report_missing(
        &mut self,
        catalog: &Catalog,
        broken_articles: BrokenArticles<'_>,
        unplanned_files: &UnplannedFiles,
    ) -> Vec<Diagnostic> {
        self.exclude_retained(broken_articles, unplanned_files);
        let likely_path = |missing: &MissingPermalink| {
            missing.suggestion.map(|id| catalog.article(id).path().into_owned())
        };
        let missing_permalinks = &self.registry.missing;
        let mut diagnostics: Vec<Diagnostic> = missing_permalinks
            .iter()
            .take(REPORT_LIMIT)
            .map(|missing| {
                let diagnostic = missing.diagnostic(likely_path(missing).as_deref());
                let names_file = self.matcher.is_match(&missing.text);
                if names_file { diagnostic.without_text() } else { diagnostic }
            })
            .collect();
        if missing_permalinks.len() > REPORT_LIMIT {
            let message = format!(
                "{} more published URLs no longer exist",
                missing_permalinks.len() - REPORT_LIMIT
            );
            let help = "correct the first ones; if many break at once, \
                        a moved folder or a changed setting is the likely cause";
            diagnostics.push(
                Diagnostic::error("lost-permalink", PERMALINK_REGISTRY_FILE, message).help(help),
            );
        }
        diagnostics
    }

    /// Returns the matcher of the names that are redacted from articles.
    pub(crate) fn redacted_names(&self) -> &RedactionMatcher {
        &self.matcher
    }

    /// Returns the resolved registry.
    pub(crate) fn into_registry(self) -> PermalinkRegistry {
        self.registry
    }
}

fn collision_hash(path: &str) -> Fingerprint {
    Fingerprint::hash_bytes(collision_key(path).as_bytes())
}

fn output_path(url: &str) -> Option<OutputPath> {
    Permalink::new(url).ok().map(|permalink| OutputPath::from_permalink(&permalink))
}

/// Returns the hash of the normalized output path of a URL.
fn url_collision_hash(url: &str) -> Fingerprint {
    output_path(url).map_or(Fingerprint::DIRTY, |path| collision_hash(path.as_str()))
}

//! Each page's fingerprint and rendering, by its kind.

use std::collections::BTreeMap;

use super::article::ArticleContext;
use super::kinds::Page;
use super::outputs::redirects::registry_fingerprint;
use super::page_context::site_language_context;
use super::teaser::Teasers;
use super::term::TermYear;
use super::view::SiteView;
use super::{
    archive, article, corrections, day, history, home, language, month, on_this_day, search,
    standalone_page, taxonomy, term, tombstone, year,
};
use crate::diagnostics::Diagnostic;
use crate::model::{Dependencies, Fingerprint, Inputs, OutputPath};

impl SiteView<'_> {
    /// Returns every input that pages share, by name.
    pub(crate) fn common_dependencies(&self) -> Dependencies {
        let all =
            self.common_inputs.values().flat_map(|inputs| inputs.dependencies.iter().cloned());
        // No page depends on all old URLs, but a build in which no file has changed must notice
        // that they have.
        let redirects = registry_fingerprint(self)
            .map(|hash| ("old URLs".to_owned(), format!("[{:016x}]", hash.0)));
        let renamed = self.broken_links.fingerprint(self.catalog);
        let renamed =
            renamed.map(|hash| ("renamed files".to_owned(), format!("[{:016x}]", hash.0)));
        // Likewise all versions.
        let history = Some(self.history.fingerprint()).filter(|_| !self.history.is_empty());
        let history = history.map(|hash| ("versions".to_owned(), format!("[{:016x}]", hash.0)));
        all.chain(redirects)
            .chain(renamed)
            .chain(history)
            .collect::<BTreeMap<_, _>>()
            .into_iter()
            .collect()
    }
}

impl Page {
    /// Returns whether it shows values of several articles that are read from their files.
    pub(crate) fn shows_bodies(&self, view: &SiteView<'_>) -> bool {
        matches!(self, Self::OutputFile(file) if file.shows_bodies(view))
    }

    /// Returns the hash of all inputs of the page at a path.
    pub(crate) fn fingerprint(&self, view: &SiteView<'_>, path: &OutputPath) -> Fingerprint {
        let mut inputs = Inputs::hash_only();
        let common = view.common_inputs.get(self.template()).map(|common| common.fingerprint);
        inputs.part(common.unwrap_or_default(), || ("common".into(), String::new()));
        self.add_inputs(view, path, &mut inputs);
        inputs.finish()
    }

    /// Returns all inputs of the page by name: those that the pages of its template share, then its
    /// own.
    pub(crate) fn explain(&self, view: &SiteView<'_>) -> (Dependencies, Dependencies) {
        let common =
            view.common_inputs.get(self.template()).map(|common| common.dependencies.clone());
        let mut inputs = Inputs::with_dependencies();
        self.add_inputs(view, &self.output_path(view), &mut inputs);
        (common.unwrap_or_default(), inputs.into_dependencies())
    }

    /// Adds everything that the page shows to its inputs.
    fn add_inputs(&self, view: &SiteView<'_>, path: &OutputPath, inputs: &mut Inputs) {
        inputs.text("output path", path.as_str());
        match self {
            Self::Article(id) => article::add_inputs(*id, view, inputs),
            Self::Standalone(id) => standalone_page::add_inputs(*id, view, inputs),
            Self::Day { day, page_number } => {
                day::add_inputs(*day, *page_number, view, inputs);
            }
            Self::Month(year, month) => month::add_inputs(*year, *month, view, inputs),
            Self::Year(year) => year::add_inputs(*year, view, inputs),
            Self::TermYear { term, year, page_number } => {
                let shown = TermYear { term: *term, year: *year, page_number: *page_number };
                term::add_year_inputs(shown, view, inputs);
            }
            Self::Home => home::add_inputs(view, inputs),
            Self::Archive | Self::OnThisDayIndex => archive::add_inputs(view, inputs),
            Self::OnThisDay(month, day) => on_this_day::add_inputs(*month, *day, view, inputs),
            Self::Terms(taxonomy) => taxonomy::add_inputs(*taxonomy as usize, view, inputs),
            Self::Term(id) => term::add_inputs(*id, view, inputs),
            Self::Language(lang) => language::add_inputs(*lang, view, inputs),
            Self::Search => search::add_inputs(view, inputs),
            Self::Corrections(year) => corrections::add_inputs(*year, view, inputs),
            Self::Tombstone(index, _) => tombstone::add_inputs(*index, view, inputs),
            Self::History(id) => history::add_inputs(*id, view, inputs),
            Self::OutputFile(file) => file.add_inputs(view, inputs),
            Self::NotFound => {}
        }
    }

    /// Renders the page into a buffer. Returns whether its inputs are still those of its
    /// fingerprint: an article's file may change while a build runs.
    ///
    /// # Errors
    /// Diagnostics if the article's file can't be read or is invalid, or the template can't be
    /// rendered.
    pub(crate) fn render(
        &self,
        view: &SiteView<'_>,
        teasers: &Teasers<'_>,
        buffer: &mut Vec<u8>,
    ) -> Result<bool, Vec<Diagnostic>> {
        let mut is_current = true;
        let mut context = match self {
            Self::OutputFile(file) => return file.write(view, buffer),
            Self::Article(id) => {
                let ArticleContext { context, unchanged } =
                    article::context(self, *id, view, teasers)?;
                is_current = unchanged;
                context
            }
            Self::Standalone(id) => {
                let ArticleContext { context, unchanged } =
                    standalone_page::context(self, *id, view)?;
                is_current = unchanged;
                context
            }
            Self::Day { day, page_number } => day::context(self, *day, *page_number, view, teasers),
            Self::Month(year, month) => month::context(self, *year, *month, view, teasers),
            Self::Year(year) => year::context(self, *year, view, teasers),
            Self::TermYear { term, year, page_number } => {
                let shown = TermYear { term: *term, year: *year, page_number: *page_number };
                term::year_context(self, shown, view, teasers)
                    .map_err(|diagnostic| vec![*diagnostic])?
            }
            Self::Home => home::context(self, view, teasers),
            Self::Archive => archive::context(self, view),
            Self::OnThisDayIndex => on_this_day::index_context(self, view),
            Self::OnThisDay(month, day) => on_this_day::context(self, *month, *day, view, teasers),
            Self::Terms(taxonomy) => taxonomy::context(self, *taxonomy as usize, view),
            Self::Term(id) => term::context(self, *id, view, teasers),
            Self::NotFound => {
                site_language_context(self, view.messages.get("not_found"), Vec::new(), view)
            }
            Self::Language(lang) => language::context(self, *lang, view),
            Self::Search => search::context(self, view),
            Self::Corrections(year) => corrections::context(self, *year, view),
            Self::Tombstone(index, _) => tombstone::context(self, *index, view),
            Self::History(id) => history::context(self, *id, view)?,
        };
        view.shared_parts.insert_into(&mut context, self.template(), view.templates);
        let rendered = view.templates.render(self.template(), &context, buffer);
        rendered.map(|()| is_current).map_err(|diagnostic| vec![*diagnostic])
    }
}

//! Teasers: all that any other page may show of an article.

use std::convert::Infallible;
use std::ops::Range;

use tera::{Context, Map, Value};

use super::dates::{date_value, day_iso_and_label};
use super::teaser_cache::{Budget, TeaserCache};
use super::values::{map, safe_html};
use super::view::SiteView;
use crate::archive::record::Flags;
use crate::archive::{Article, ArticleId};
use crate::config::{AUTHORS, SECTIONS};
use crate::diagnostics::Diagnostic;
use crate::model::{Image, Inputs};
use crate::templates::{Messages, direction};

/// Teasers, each made once and shared by all pages of a batch of the plan (a year) that show it.
pub(crate) struct Teasers<'a> {
    view: &'a SiteView<'a>,
    values: TeaserCache,
    rendered: [TeaserCache; 3],
    related_earlier: TeaserCache,
    budget: Budget,
}

/// The template of an article in a list.
const TEASER_TEMPLATE: &str = "parts/teaser.html";

/// The template of a related earlier article.
const RELATED_EARLIER_TEMPLATE: &str = "parts/related_earlier_item.html";

/// The kind of a list: what its page already shows of all of its articles isn't repeated.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum ListKind {
    Plain,
    Section,
    Author,
}

/// The number of teasers that are kept; others are made each time. One takes about two kilobytes,
/// rendered less than one.
const MAX_CACHED_TEASERS: usize = 32_768;

impl<'a> Teasers<'a> {
    /// Creates a cache for the teasers of a batch of articles.
    pub(crate) fn new(view: &'a SiteView<'a>, ids: Range<ArticleId>) -> Self {
        let cache = || TeaserCache::new(ids.clone());
        Self {
            view,
            values: cache(),
            rendered: [cache(), cache(), cache()],
            related_earlier: cache(),
            budget: Budget::new(MAX_CACHED_TEASERS),
        }
    }

    /// Returns the teaser of any article.
    pub(crate) fn get(&self, id: ArticleId) -> Value {
        let create = || {
            let article = self.view.catalog.article(id);
            let teaser = localized_teaser(&article, self.view, &self.view.messages);
            Ok::<_, Infallible>(Value::from(teaser))
        };
        match self.values.get(id, &self.budget, create) {
            Ok(teaser) => teaser,
        }
    }

    /// Renders teasers for the lists of a term's years. An article is in many of them, and is
    /// rendered once for all lists of a kind.
    ///
    /// # Errors
    /// The template can't be rendered.
    pub(super) fn render_list(
        &self,
        ids: impl IntoIterator<Item = ArticleId>,
        list_kind: ListKind,
    ) -> Result<Vec<Value>, Box<Diagnostic>> {
        let cache = &self.rendered[list_kind as usize];
        let render_cached = |id| cache.get(id, &self.budget, || self.render_teaser(id, list_kind));
        ids.into_iter().map(render_cached).collect()
    }

    fn render_teaser(&self, id: ArticleId, list_kind: ListKind) -> Result<Value, Box<Diagnostic>> {
        let mut context = Context::new();
        context.insert_value("page", self.view.listing_page());
        context.insert_value("t", self.view.messages.to_value());
        context.insert_value("article", self.get(id));
        context.insert_value("level", Value::from(2));
        context.insert_value("in_section", Value::from(list_kind == ListKind::Section));
        context.insert_value("in_author", Value::from(list_kind == ListKind::Author));
        let mut html = Vec::with_capacity(1024);
        self.view.templates.render(TEASER_TEMPLATE, &context, &mut html)?;
        Ok(safe_html(&html))
    }

    /// Renders an article as a related earlier one of another. It is related to several, and is
    /// rendered once for all that are in the site's language.
    ///
    /// # Errors
    /// The template can't be rendered.
    pub(super) fn related_earlier(
        &self,
        id: ArticleId,
        shown_on: &Article<'_>,
        messages: &Messages,
    ) -> Result<Value, Box<Diagnostic>> {
        let create = || {
            let mut context = Context::new();
            context.insert_value(
                "article",
                Value::from(headline_values(id, shown_on, self.view, messages)),
            );
            let mut html = Vec::with_capacity(256);
            self.view.templates.render(RELATED_EARLIER_TEMPLATE, &context, &mut html)?;
            Ok(safe_html(&html))
        };
        if shown_on.lang() == self.view.site.config.language {
            self.related_earlier.get(id, &self.budget, create)
        } else {
            create()
        }
    }

    /// Returns the teasers of some articles.
    pub(crate) fn list(&self, ids: impl IntoIterator<Item = ArticleId>) -> Vec<Value> {
        ids.into_iter().map(|id| self.get(id)).collect()
    }
}

/// Returns a teaser as templates see it, in a language of the interface.
pub(super) fn localized_teaser(
    article: &Article<'_>,
    view: &SiteView<'_>,
    messages: &Messages,
) -> Map {
    let authors = view.site.taxonomy_index(AUTHORS);
    let names: Vec<&str> = article
        .terms()
        .filter(|term| Some(term.taxonomy) == authors)
        .map(|term| term.name.as_str())
        .collect();
    map! {
        "title" => article.title(),
        "url" => view.site.href(article.permalink()),
        "retracted" => article.flags().contains(Flags::RETRACTED),
        "date" => date_value(article.date(), view, messages),
        "standfirst" => article.standfirst(),
        "section" => section_value(article, view),
        "byline" => Some(messages.formats().list(&names)).filter(|byline| !byline.is_empty()),
        "sole_author" => names.len() == 1,
        "dateline_location" => article.dateline_location(),
        "lang" => article.lang(),
        "dir" => direction(article.lang()),
        "image" => article.image().as_ref().map(image_value),
    }
}

/// Returns `{name, url}` of an article's section; none if it has none.
pub(super) fn section_value(article: &Article<'_>, view: &SiteView<'_>) -> Value {
    let Some(sections) = view.site.taxonomy_index(SECTIONS) else { return Value::none() };
    let is_section = |id: &&u32| view.catalog.term(**id).taxonomy == sections;
    article.term_ids().iter().find(is_section).map_or(Value::none(), |&id| view.term_value(id))
}

/// Returns the values of a headline that is shown on another article's page: few and flat, since
/// every article shows several. The language is set if it isn't that of the other article.
pub(super) fn headline_values(
    id: ArticleId,
    shown_on: &Article<'_>,
    view: &SiteView<'_>,
    messages: &Messages,
) -> Map {
    let article = view.catalog.article(id);
    let [day, label] = day_iso_and_label(article.day(), view, messages);
    let lang = Some(article.lang()).filter(|lang| *lang != shown_on.lang());
    map! {
        "title" => article.title(),
        "retracted" => article.flags().contains(Flags::RETRACTED),
        "url" => view.site.href(article.permalink()),
        "day" => day,
        "label" => label,
        "lang" => lang,
        "dir" => lang.map(direction),
    }
}

/// Returns an image as templates see it.
pub(super) fn image_value(image: &Image) -> Value {
    Value::from(map! {
        "src" => image.src.as_str(),
        "alt" => image.alt.as_str(),
        "caption" => image.caption.as_deref(),
        "credit" => image.credit.as_deref(),
        "width" => image.size.map(|size| size.0),
        "height" => image.size.map(|size| size.1),
        "srcset" => image.srcset.as_deref(),
    })
}

/// Adds the teasers of some articles to a page's inputs.
pub(super) fn add_teaser_inputs(
    ids: impl IntoIterator<Item = ArticleId>,
    view: &SiteView<'_>,
    inputs: &mut Inputs,
) {
    for id in ids {
        let article = view.catalog.article(id);
        inputs.part(article.teaser_hash(), || {
            (format!("teaser of content/{}", article.path()), article.title().to_owned())
        });
    }
}

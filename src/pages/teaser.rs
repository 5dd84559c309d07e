//! Teasers: all that any other page may show of an article.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::ops::Range;

use tera::{Context, Map, Value};

use super::dates::{date_value, day_iso_and_label};
use super::kinds::{ARTICLE_TEMPLATE, TERM_YEAR_TEMPLATE};
use super::teaser_cache::{Budget, TeaserCache};
use super::values::{map, safe_html};
use super::view::{LISTING_PAGE_KEYS, SiteView};
use crate::archive::record::Flags;
use crate::archive::{Article, ArticleId};
use crate::config::{AUTHORS, SECTIONS};
use crate::diagnostics::Diagnostic;
use crate::model::{Image, Inputs};
use crate::templates::{Messages, TemplateDependencies, direction};

/// Teasers, each made once and shared by all pages of a batch of the plan (a year) that show it.
pub(crate) struct Teasers<'a> {
    view: &'a SiteView<'a>,
    values: TeaserCache,
    rendered: [TeaserCache; 3],
    related_earlier: TeaserCache,
    budget: Budget,
    teaser_part: PrerenderedPart,
    related_earlier_part: PrerenderedPart,
}

/// A part that is rendered once for all pages that show it, if it comes out the same on them.
struct PrerenderedPart {
    /// The dependencies of the part.
    dependencies: TemplateDependencies,
    /// The names that the template of those pages assigns.
    assigned: BTreeSet<String>,
    /// The variables that it is rendered with.
    variables: &'static [&'static str],
}

impl PrerenderedPart {
    /// Returns whether the part comes out the same on a page with these variables.
    fn is_same_on(&self, context: &Context) -> bool {
        let page_keys = self.dependencies.page_keys.as_ref();
        page_keys
            .is_some_and(|keys| keys.iter().all(|key| LISTING_PAGE_KEYS.contains(&key.as_str())))
            && self.dependencies.uses_only(self.variables, context, &self.assigned)
    }
}

/// The template of an article in a list.
const TEASER_TEMPLATE: &str = "parts/teaser.html";

/// The template of a related earlier article.
const RELATED_EARLIER_TEMPLATE: &str = "parts/related_earlier_item.html";

/// The kind of a list. Its teasers don't repeat what all articles on the page have in common.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum ListKind {
    Plain,
    Section,
    Author,
}

/// The maximum number of cached teasers; others are created each time. A teaser takes about two
/// kilobytes, a rendered one less than one.
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
            teaser_part: PrerenderedPart {
                dependencies: view.templates.dependencies(TEASER_TEMPLATE),
                assigned: view.templates.dependencies(TERM_YEAR_TEMPLATE).assigned,
                variables: &["article", "level", "in_section", "in_author", "page", "t", "site"],
            },
            related_earlier_part: PrerenderedPart {
                dependencies: view.templates.dependencies(RELATED_EARLIER_TEMPLATE),
                assigned: view.templates.dependencies(ARTICLE_TEMPLATE).assigned,
                variables: &["article", "site"],
            },
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
    /// rendered once for all lists of a kind, unless the part uses variables of the page.
    ///
    /// # Errors
    /// A diagnostic (`template-error`) if the template can't be rendered.
    pub(super) fn render_list(
        &self,
        ids: impl IntoIterator<Item = ArticleId>,
        list_kind: ListKind,
        page_context: &Context,
    ) -> Result<Vec<Value>, Box<Diagnostic>> {
        if !self.teaser_part.is_same_on(page_context) {
            let render = |id| self.render_teaser(id, list_kind, page_context.clone());
            return ids.into_iter().map(render).collect();
        }
        let cache = &self.rendered[list_kind as usize];
        let render_cached = |id| {
            cache.get(id, &self.budget, || {
                let mut context = Context::new();
                context.insert_value("page", self.view.listing_page());
                context.insert_value("t", self.view.messages.to_value());
                self.render_teaser(id, list_kind, context)
            })
        };
        ids.into_iter().map(render_cached).collect()
    }

    fn render_teaser(
        &self,
        id: ArticleId,
        list_kind: ListKind,
        mut context: Context,
    ) -> Result<Value, Box<Diagnostic>> {
        context.insert_value("article", self.get(id));
        context.insert_value("level", Value::from(2));
        context.insert_value("in_section", Value::from(list_kind == ListKind::Section));
        context.insert_value("in_author", Value::from(list_kind == ListKind::Author));
        let mut html = Vec::with_capacity(1024);
        self.view.templates.render(TEASER_TEMPLATE, &context, &mut html)?;
        Ok(safe_html(&html))
    }

    /// Renders an article as a related earlier one of another. It is related to several, and is
    /// rendered once for all that are in the site's language, unless the part uses variables of the
    /// page.
    ///
    /// # Errors
    /// A diagnostic (`template-error`) if the template can't be rendered.
    pub(super) fn related_earlier(
        &self,
        id: ArticleId,
        shown_on: &Article<'_>,
        messages: &Messages,
        page_context: &Context,
    ) -> Result<Value, Box<Diagnostic>> {
        let render = |mut context: Context| {
            let values = headline_values(id, shown_on, self.view, messages);
            context.insert_value("article", Value::from(values));
            let mut html = Vec::with_capacity(256);
            self.view.templates.render(RELATED_EARLIER_TEMPLATE, &context, &mut html)?;
            Ok(safe_html(&html))
        };
        if !self.related_earlier_part.is_same_on(page_context) {
            return render(page_context.clone());
        }
        if shown_on.lang() == self.view.site.config.language {
            self.related_earlier.get(id, &self.budget, || render(Context::new()))
        } else {
            render(Context::new())
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

//! A term: its own page, and its articles of one year.

use std::collections::HashMap;

use tera::{Context, Value};

use super::feed_links::feed_links;
use super::introduction::{add_index_page_inputs, introduction_html};
use super::kinds::Page;
use super::page_context::{page_context, site_language_context};
use super::page_head::PageHead;
use super::pager::{PAGE_SIZE, add_pager_inputs, page_count, pager_value};
use super::taxonomy::taxonomy_value;
use super::teaser::{ListKind, Teasers, add_teaser_inputs, image_value};
use super::values::map;
use super::view::SiteView;
use crate::archive::{ArticleId, TermId};
use crate::config::{AUTHORS, SECTIONS, SERIES};
use crate::diagnostics::Diagnostic;
use crate::model::Inputs;

/// The number of articles on a term's own page.
const TERM_PAGE_ARTICLES: usize = 20;

/// The number of a term's newest articles that its related terms are taken from.
const RELATED_SAMPLE_SIZE: usize = 60;
/// An article with more terms isn't examined for related terms, since the pages of all of its terms
/// would count all of them.
const MAX_TERMS_OF_SAMPLE: usize = 64;

const MAX_RELATED_TERMS: usize = 12;

fn term_details(id: TermId, view: &SiteView<'_>) -> Value {
    let term = view.catalog.term(id);
    let content = term.page.as_ref().and_then(|page| introduction_html(&page.path, view));
    Value::from(map! {
        "name" => term.name.as_str(),
        "url" => view.site.href(&view.term_path(id)),
        "count" => term.article_ids.len(),
        "description" => term.page.as_ref().and_then(|page| page.description.as_deref()),
        "content" => content.map_or(Value::none(), |html| Value::safe_string(&html)),
        "image" => term.page.as_ref().and_then(|page| page.image.as_ref()).map(image_value),
        "extra" => map! {},
    })
}

fn add_term_inputs(id: TermId, view: &SiteView<'_>, inputs: &mut Inputs) {
    let term = view.catalog.term(id);
    inputs.text("term", &term.slug).text("name of the term", &term.name);
    if let Some(page) = &term.page {
        add_index_page_inputs(page, view, inputs);
    }
}

/// Returns the articles on a term's own page: the newest, newest first; of a series the first ones,
/// in reading order.
fn shown_articles<'a>(id: TermId, view: &SiteView<'a>) -> Vec<ArticleId> {
    let term = view.catalog.term(id);
    if view.site.taxonomy_index(SERIES) == Some(term.taxonomy) {
        term.article_ids.iter().take(PAGE_SIZE).copied().collect()
    } else {
        term.article_ids.iter().rev().take(TERM_PAGE_ARTICLES).copied().collect()
    }
}

/// Returns the terms that most of a term's newest articles have, too, without sections and authors.
fn related_terms(id: TermId, view: &SiteView<'_>) -> Vec<TermId> {
    let mut counts: HashMap<TermId, usize> = HashMap::new();
    for &article in view.catalog.term(id).article_ids.iter().rev().take(RELATED_SAMPLE_SIZE) {
        let term_ids = view.catalog.article(article).term_ids();
        if term_ids.len() > MAX_TERMS_OF_SAMPLE {
            continue;
        }
        for &other in term_ids {
            *counts.entry(other).or_default() += usize::from(other != id);
        }
    }
    let is_subject = |id: &TermId| {
        let taxonomy = view.site.taxonomies[view.catalog.term(*id).taxonomy].key.as_str();
        !matches!(taxonomy, SECTIONS | AUTHORS)
    };
    let shared = counts.into_iter().filter(|(other, count)| *count > 1 && is_subject(other));
    let mut related: Vec<(TermId, usize)> = shared.collect();
    // Ids of terms differ from build to build; slugs don't.
    related.sort_by_cached_key(|&(id, count)| {
        let term = view.catalog.term(id);
        (std::cmp::Reverse(count), term.taxonomy, term.slug.clone())
    });
    related.truncate(MAX_RELATED_TERMS);
    related.into_iter().map(|(id, _)| id).collect()
}

/// Returns the years of a term, newest first, with the number of its articles in each.
fn years_with_counts(id: TermId, view: &SiteView<'_>) -> Vec<(i32, usize)> {
    let mut years: Vec<(i32, usize)> = Vec::new();
    for &article in view.catalog.term(id).article_ids.iter().rev() {
        let year = view.catalog.article(article).day().year();
        match years.last_mut().filter(|(last, _)| *last == year) {
            Some((_, count)) => *count += 1,
            None => years.push((year, 1)),
        }
    }
    years
}

/// Adds everything that a term's own page shows to its inputs.
pub(super) fn add_inputs(id: TermId, view: &SiteView<'_>, inputs: &mut Inputs) {
    add_term_inputs(id, view, inputs);
    for (year, count) in years_with_counts(id, view) {
        inputs.number("year", year as u64).number("articles of that year", count);
    }
    add_teaser_inputs(shown_articles(id, view), view, inputs);
    for other in related_terms(id, view) {
        let other = view.catalog.term(other);
        inputs.number("taxonomy of a related term", other.taxonomy);
        inputs.text("related term", &other.slug).text("name of the related term", &other.name);
    }
}

/// Returns the values of the template of a term's own page.
pub(super) fn context(
    page: &Page,
    id: TermId,
    view: &SiteView<'_>,
    teasers: &Teasers<'_>,
) -> Context {
    let term = view.catalog.term(id);
    let taxonomy = &view.site.taxonomies[term.taxonomy];
    let head = PageHead {
        title: &term.name,
        description: term.page.as_ref().and_then(|page| page.description.as_deref()),
        lang: &view.site.config.language,
        breadcrumbs: vec![taxonomy_link(term.taxonomy, view)],
    };
    let mut context = page_context(page, head, view);
    let feeds = if taxonomy.has_feed {
        feed_links(view.site, view.term_path(id).trim_end_matches('/'))
    } else {
        Vec::new()
    };
    context.insert_value("feeds", Value::from(feeds));
    context.insert_value("taxonomy", taxonomy_value(term.taxonomy, view));
    context.insert_value("term", term_details(id, view));
    context.insert_value("articles", Value::from(teasers.list(shown_articles(id, view))));
    let related: Vec<Value> =
        related_terms(id, view).into_iter().map(|id| view.term_value(id)).collect();
    context.insert_value("related", Value::from(related));
    context.insert_value("years", Value::from(year_values(id, view)));
    context
}

fn taxonomy_link(taxonomy: usize, view: &SiteView<'_>) -> Value {
    let path = format!("/{}/", view.site.taxonomies[taxonomy].path);
    view.link_value(&view.taxonomy_names(taxonomy).plural, &path)
}

/// Returns a term's years as a bar chart: `level` is percent of the year with the most articles.
fn year_values(id: TermId, view: &SiteView<'_>) -> Vec<Value> {
    let years = years_with_counts(id, view);
    let busiest = years.iter().map(|(_, count)| *count).max().unwrap_or(1);
    let base_path = view.term_path(id);
    let years = years.into_iter().map(|(year, count)| {
        Value::from(map! {
            "year" => year,
            "label" => view.year_label(year),
            "url" => view.site.href(&format!("{base_path}{year:04}/")),
            "count" => count,
            "level" => (count * 100).div_ceil(busiest),
        })
    });
    years.collect()
}

/// A page of a term's articles of one year.
#[derive(Clone, Copy)]
pub(super) struct TermYear {
    pub(super) term: TermId,
    pub(super) year: i32,
    /// From 1.
    pub(super) page_number: u32,
}

impl TermYear {
    /// Returns the articles of the term in the year.
    fn ids<'a>(self, view: &SiteView<'a>) -> &'a [ArticleId] {
        view.catalog.ids_of_term(self.term, &view.catalog.ids_in_year(self.year))
    }

    /// Returns the articles on the page.
    fn ids_on_page<'a>(self, view: &SiteView<'a>) -> impl Iterator<Item = ArticleId> + use<'a> {
        let skipped = (self.page_number as usize - 1) * PAGE_SIZE;
        self.ids(view).iter().skip(skipped).take(PAGE_SIZE).copied()
    }

    /// Returns the nearest years in which the term has articles: the one before for the first page
    /// of a year, and the one after for its last.
    fn adjacent_years(self, view: &SiteView<'_>) -> [Option<i32>; 2] {
        let article_ids = &view.catalog.term(self.term).article_ids;
        let year_of = |article: &ArticleId| view.catalog.article(*article).day().year();
        let year_ids = view.catalog.ids_in_year(self.year);
        let start = article_ids.partition_point(|article| *article < year_ids.start);
        let end = article_ids.partition_point(|article| *article < year_ids.end);
        let previous = start.checked_sub(1).filter(|_| self.page_number == 1);
        let next = Some(end).filter(|_| self.page_number == page_count(end - start));
        [previous, next].map(|index| index.and_then(|index| article_ids.get(index)).map(year_of))
    }
}

/// Adds everything that a page of a term's year shows to its inputs.
pub(super) fn add_year_inputs(shown: TermYear, view: &SiteView<'_>, inputs: &mut Inputs) {
    add_term_inputs(shown.term, view, inputs);
    let count = shown.ids(view).len();
    add_pager_inputs("articles of the term in the year", count, shown.page_number, inputs);
    let adjacent = shown.adjacent_years(view);
    for (name, year) in ["previous year", "next year"].into_iter().zip(adjacent) {
        inputs.number(name, year.map_or(0, |year| year as u64));
    }
    add_teaser_inputs(shown.ids_on_page(view), view, inputs);
}

/// Returns the values of the template of a page of a term's year.
///
/// # Errors
/// A diagnostic (`template-error`) if the template of a teaser can't be rendered.
pub(super) fn year_context(
    page: &Page,
    shown: TermYear,
    view: &SiteView<'_>,
    teasers: &Teasers<'_>,
) -> Result<Context, Box<Diagnostic>> {
    let TermYear { term: id, year, page_number } = shown;
    let term = view.catalog.term(id);
    let term_path = view.term_path(id);
    let year_path = |year: i32| format!("{term_path}{year:04}/");
    let breadcrumbs =
        vec![taxonomy_link(term.taxonomy, view), view.link_value(&term.name, &term_path)];
    let title = format!("{} – {}", term.name, view.year_label(year));
    let mut context = site_language_context(page, &title, breadcrumbs, view);
    let count = shown.ids(view).len();
    let list_kind = match view.site.taxonomies[term.taxonomy].key.as_str() {
        SECTIONS => ListKind::Section,
        AUTHORS => ListKind::Author,
        _ => ListKind::Plain,
    };
    context.insert_value("taxonomy", taxonomy_value(term.taxonomy, view));
    context.insert_value("term", term_details(id, view));
    context.insert_value("year", Value::from(year));
    context.insert_value("year_label", Value::from(view.year_label(year)));
    context.insert_value("count", Value::from((page_number == 1).then_some(count)));
    context.insert_value("articles", Value::from(teasers.list(shown.ids_on_page(view))));
    let pager = pager_value(page_count(count), page_number, &year_path(year), view);
    context.insert_value("pager", pager);
    let [previous, next] = shown
        .adjacent_years(view)
        .map(|year| year.map(|year| view.link_value(&view.year_label(year), &year_path(year))));
    context.insert_value("previous", Value::from(previous));
    context.insert_value("next", Value::from(next));
    let rendered = teasers.render_list(shown.ids_on_page(view), list_kind, &context)?;
    context.insert_value("teasers", Value::from(rendered));
    Ok(context)
}

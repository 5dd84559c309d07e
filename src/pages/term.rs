//! Taxonomies: their indexes, their terms, and each term by year.

use std::collections::HashMap;

use tera::{Context, Value};

use super::article::{LinkResolver, add_link_inputs};
use super::teaser::ListKind;
use super::{
    PAGE_SIZE, Page, SiteView, Teasers, add_pager_inputs, add_teaser_inputs, map, page_count,
    pager_value,
};
use crate::archive::record::TermPage;
use crate::archive::{ArticleId, TermId};
use crate::config::{AUTHORS, SECTIONS, SERIES};
use crate::content::markdown::{self, RenderSettings};
use crate::content::read;
use crate::content::redaction::RedactedFile;
use crate::diagnostics::Diagnostic;
use crate::model::Inputs;

/// How many stories a term's own page shows.
const TERM_PAGE_ARTICLES: usize = 20;
/// How many of a term's newest stories its related terms come from, and how many of these are
/// shown.
const RELATED_SAMPLE_SIZE: usize = 60;
const MAX_RELATED_TERMS: usize = 12;

fn taxonomy_value(index: usize, view: &SiteView<'_>) -> Value {
    let taxonomy = &view.site.taxonomies[index];
    Value::from(map! {
        "key" => taxonomy.key.as_str(),
        "name" => view.taxonomy_name(index, false),
        "singular" => view.taxonomy_name(index, true),
        "url" => view.site.href(&format!("/{}/", taxonomy.path)),
    })
}

fn term_details(id: TermId, view: &SiteView<'_>) -> Value {
    let term = view.catalog.term(id);
    let content = term.page.as_ref().and_then(|page| introduction_html(&page.path, view));
    Value::from(map! {
        "name" => term.name.as_str(),
        "url" => view.site.href(&view.term_path(id)),
        "count" => term.article_ids.len(),
        "description" => term.page.as_ref().and_then(|page| page.description.as_deref()),
        "content" => content.map_or(Value::none(), |html| Value::safe_string(&html)),
        "image" => term.page.as_ref().and_then(|page| page.image.as_ref()).map(super::teaser::image_value),
        "extra" => map! {},
    })
}

/// The body of an `_index.md` as HTML; `None` if there is nothing in it.
pub(super) fn introduction_html(path: &str, view: &SiteView<'_>) -> Option<String> {
    let RedactedFile { bytes, matcher, .. } = read::read_redacted(view.site, path).ok()?;
    let source = crate::content::SourceFile::parse(path, &bytes, &view.site.config.limits).ok()?;
    let expanded = crate::content::shortcodes::expand(source.body());
    let settings = RenderSettings {
        html: view.site.config.html,
        smart_punctuation: view.site.config.smart_punctuation,
        nesting: view.site.config.limits.nesting,
        dateline: None,
        table_label: view.messages.get("table"),
        alerts: super::article::ALERT_MESSAGE_KEYS.map(|key| view.messages.get(key)),
    };
    let rendered = markdown::render(
        &expanded.body,
        &settings,
        &LinkResolver { view, path, matcher: &matcher },
    )
    .ok()?;
    Some(rendered.html).filter(|html| !html.trim().is_empty())
}

/// What an `_index.md` adds to what its page is made from.
pub(super) fn add_index_page_inputs(page: &TermPage, view: &SiteView<'_>, inputs: &mut Inputs) {
    inputs.part(page.content_hash, || (format!("content/{}", page.path), String::new()));
    add_link_inputs(&page.links, &page.path, view, inputs);
}

fn add_term_inputs(id: TermId, view: &SiteView<'_>, inputs: &mut Inputs) {
    let term = view.catalog.term(id);
    inputs.text("term", &term.slug).text("its name", &term.name);
    if let Some(page) = &term.page {
        add_index_page_inputs(page, view, inputs);
    }
}

/// The stories on a term's own page: the newest, newest first; of a series the first ones, in
/// reading order.
fn shown_articles<'a>(id: TermId, view: &SiteView<'a>) -> Vec<ArticleId> {
    let term = view.catalog.term(id);
    match view.site.taxonomy_index(SERIES) == Some(term.taxonomy) {
        true => term.article_ids.iter().take(PAGE_SIZE).copied().collect(),
        false => term.article_ids.iter().rev().take(TERM_PAGE_ARTICLES).copied().collect(),
    }
}

/// The terms that most of a term's newest stories have too, with how many of them do; those of
/// sections and authors left out.
fn related_terms(id: TermId, view: &SiteView<'_>) -> Vec<(TermId, usize)> {
    let mut counts: HashMap<TermId, usize> = HashMap::new();
    for &article in view.catalog.term(id).article_ids.iter().rev().take(RELATED_SAMPLE_SIZE) {
        for &other in view.catalog.article(article).term_ids() {
            *counts.entry(other).or_default() += usize::from(other != id);
        }
    }
    let is_subject = |id: &TermId| {
        let taxonomy = view.site.taxonomies[view.catalog.term(*id).taxonomy].key.as_str();
        !matches!(taxonomy, SECTIONS | AUTHORS)
    };
    let shared = counts.into_iter().filter(|(other, count)| *count > 1 && is_subject(other));
    let mut related: Vec<(TermId, usize)> = shared.collect();
    // Numbers of terms differ from build to build; slugs don't.
    related.sort_by_cached_key(|&(id, count)| {
        let term = view.catalog.term(id);
        (std::cmp::Reverse(count), term.taxonomy, term.slug.clone())
    });
    related.truncate(MAX_RELATED_TERMS);
    related
}

/// The years of a term, newest first, with how many stories it has in each.
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

pub(super) fn add_inputs(id: TermId, view: &SiteView<'_>, inputs: &mut Inputs) {
    add_term_inputs(id, view, inputs);
    for (year, count) in years_with_counts(id, view) {
        inputs.number("year", year as u64).number("its stories", count);
    }
    add_teaser_inputs(shown_articles(id, view), view, inputs);
    for (other, _) in related_terms(id, view) {
        let other = view.catalog.term(other);
        inputs.number("taxonomy of a related term", other.taxonomy);
        inputs.text("related term", &other.slug).text("its name", &other.name);
    }
}

pub(super) fn context(
    page: &Page,
    id: TermId,
    view: &SiteView<'_>,
    teasers: &Teasers<'_>,
) -> Context {
    let shown_term = view.catalog.term(id);
    let path = view.site.taxonomies[shown_term.taxonomy].path.as_str();
    let breadcrumbs =
        vec![view.link_value(view.taxonomy_name(shown_term.taxonomy, false), &format!("/{path}/"))];
    let description = shown_term.page.as_ref().and_then(|page| page.description.as_deref());
    let mut context =
        view.context(page, &shown_term.name, description, &view.site.config.language, breadcrumbs);
    let feeds = match view.site.taxonomies[shown_term.taxonomy].has_feed {
        true => super::outputs::feed_links(view.site, view.term_path(id).trim_end_matches('/')),
        false => Vec::new(),
    };
    context.insert_value("feeds", Value::from(feeds));
    let years = years_with_counts(id, view);
    let busiest = years.iter().map(|(_, count)| *count).max().unwrap_or(1);
    let base_path = view.term_path(id);
    let years = years.into_iter().map(|(year, count)| {
        let url = view.site.href(&format!("{base_path}{year:04}/"));
        Value::from(
            map! { "year" => year, "label" => view.year_label(year), "url" => url, "count" => count, "level" => (count * 100).div_ceil(busiest) },
        )
    });
    let years: Vec<Value> = years.collect();
    context.insert_value("taxonomy", taxonomy_value(shown_term.taxonomy, view));
    context.insert_value("term", term_details(id, view));
    context.insert_value("articles", Value::from(teasers.list(shown_articles(id, view))));
    let related: Vec<Value> =
        related_terms(id, view).into_iter().map(|(id, _)| view.term_value(id)).collect();
    context.insert_value("related", Value::from(related));
    context.insert_value("years", Value::from(years));
    context
}

/// The rows of a term in a year.
fn ids_in_year<'a>(id: TermId, year: i32, view: &SiteView<'a>) -> &'a [ArticleId] {
    view.catalog.ids_of_term(id, &view.catalog.ids_in_year(year))
}

/// The nearest years in which a term has stories: before the first page of a year, and after its
/// last.
fn adjacent_years(
    id: TermId,
    year: i32,
    page_number: u32,
    view: &SiteView<'_>,
) -> [Option<i32>; 2] {
    let article_ids = &view.catalog.term(id).article_ids;
    let year_of = |article: &ArticleId| view.catalog.article(*article).day().year();
    let year_ids = view.catalog.ids_in_year(year);
    let start = article_ids.partition_point(|article| *article < year_ids.start);
    let end = article_ids.partition_point(|article| *article < year_ids.end);
    let previous = start.checked_sub(1).filter(|_| page_number == 1);
    let next = Some(end).filter(|_| page_number == page_count(end - start));
    [previous, next].map(|index| index.and_then(|index| article_ids.get(index)).map(year_of))
}

pub(super) fn add_year_inputs(
    id: TermId,
    year: i32,
    page_number: u32,
    view: &SiteView<'_>,
    inputs: &mut Inputs,
) {
    add_term_inputs(id, view, inputs);
    let article_ids = ids_in_year(id, year, view);
    add_pager_inputs("stories of the term in the year", article_ids.len(), page_number, inputs);
    let adjacent = adjacent_years(id, year, page_number, view);
    for (name, year) in ["year before", "year after"].into_iter().zip(adjacent) {
        inputs.number(name, year.map_or(0, |year| year as u64));
    }
    add_teaser_inputs(page_ids(article_ids, page_number), view, inputs);
}

/// The rows that one page of a term's year shows.
fn page_ids(article_ids: &[ArticleId], page_number: u32) -> impl Iterator<Item = ArticleId> {
    article_ids.iter().skip((page_number as usize - 1) * PAGE_SIZE).take(PAGE_SIZE).copied()
}

pub(super) fn year_context(
    page: &Page,
    id: TermId,
    year: i32,
    page_number: u32,
    view: &SiteView<'_>,
    teasers: &Teasers<'_>,
) -> Result<Context, Box<Diagnostic>> {
    let shown_term = view.catalog.term(id);
    let base_path = view.term_path(id);
    let breadcrumbs = vec![
        view.link_value(
            view.taxonomy_name(shown_term.taxonomy, false),
            &format!("/{}/", view.site.taxonomies[shown_term.taxonomy].path),
        ),
        view.link_value(&shown_term.name, &base_path),
    ];
    let title = format!("{} – {}", shown_term.name, view.year_label(year));
    let mut context = view.site_language_context(page, &title, breadcrumbs);
    let article_ids = ids_in_year(id, year, view);
    context.insert_value("taxonomy", taxonomy_value(shown_term.taxonomy, view));
    context.insert_value("term", term_details(id, view));
    context.insert_value("year", Value::from(year));
    context.insert_value("year_label", Value::from(view.year_label(year)));
    context.insert_value("count", Value::from((page_number == 1).then_some(article_ids.len())));
    let list_kind = match view.site.taxonomies[shown_term.taxonomy].key.as_str() {
        SECTIONS => ListKind::Section,
        AUTHORS => ListKind::Author,
        _ => ListKind::Plain,
    };
    context.insert_value("articles", Value::from(teasers.list(page_ids(article_ids, page_number))));
    context.insert_value(
        "teasers",
        Value::from(teasers.render_list(page_ids(article_ids, page_number), list_kind)?),
    );
    context.insert_value(
        "pager",
        pager_value(
            page_count(article_ids.len()),
            page_number,
            &format!("{base_path}{year:04}/"),
            view,
        ),
    );
    let neighbor = |year: Option<i32>| {
        year.map(|year| view.link_value(&view.year_label(year), &format!("{base_path}{year:04}/")))
    };
    let [previous, next] = adjacent_years(id, year, page_number, view).map(neighbor);
    context.insert_value("previous", Value::from(previous));
    context.insert_value("next", Value::from(next));
    Ok(context)
}

pub(super) fn add_index_inputs(taxonomy: usize, view: &SiteView<'_>, inputs: &mut Inputs) {
    for &id in view.catalog.terms_of(taxonomy) {
        let term = view.catalog.term(id);
        inputs
            .text("term", &term.slug)
            .text("its name", &term.name)
            .number("its stories", term.article_ids.len());
    }
    if let Some(page) = view.catalog.taxonomy_page(taxonomy) {
        add_index_page_inputs(page, view, inputs);
    }
}

pub(super) fn index_context(page: &Page, taxonomy_index: usize, view: &SiteView<'_>) -> Context {
    let index_page = view.catalog.taxonomy_page(taxonomy_index);
    let title = index_page
        .and_then(|page| page.title.as_deref())
        .unwrap_or(view.taxonomy_name(taxonomy_index, false));
    let description = index_page.and_then(|page| page.description.as_deref());
    let mut context =
        view.context(page, title, description, &view.site.config.language, Vec::new());
    let locale = &view.templates.locale;
    let name = |id: TermId| view.catalog.term(id).name.as_str();
    let ids = view.catalog.terms_of(taxonomy_index).iter();
    let mut terms: Vec<(String, TermId)> =
        ids.map(|&id| (locale.index_letter(name(id)), id)).collect();
    // What has no letter stands first; a letter's names stand together whatever the rules say of
    // their first signs.
    terms.sort_by(|(letter, id), (other_letter, other)| {
        let letter_order = (other_letter == "#")
            .cmp(&(letter == "#"))
            .then_with(|| locale.compare_names(letter, other_letter));
        letter_order.then_with(|| locale.compare_names(name(*id), name(*other))).then(id.cmp(other))
    });
    let letters = terms.chunk_by(|a, b| a.0 == b.0).map(|group| {
        let terms = group.iter().map(|&(_, id)| {
            let url = view.site.href(&view.term_path(id));
            Value::from(
                map! { "name" => name(id), "url" => url, "count" => view.catalog.term(id).article_ids.len() },
            )
        });
        let terms: Vec<Value> = terms.collect();
        Value::from(map! { "letter" => group[0].0.as_str(), "terms" => terms })
    });
    let letters: Vec<Value> = letters.collect();
    context.insert_value("taxonomy", taxonomy_value(taxonomy_index, view));
    context.insert_value("count", Value::from(terms.len()));
    context.insert_value("letters", Value::from(letters));
    let content = index_page.and_then(|page| introduction_html(&page.path, view));
    context
        .insert_value("content", content.map_or(Value::none(), |html| Value::safe_string(&html)));
    context
}

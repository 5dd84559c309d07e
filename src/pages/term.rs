//! Taxonomies: their indexes, their terms, and each term by year.

use std::collections::HashMap;

use tera::{Context, Value};

use super::article::{Links, link_inputs};
use super::teaser::Said;
use super::{PAGE_SIZE, Page, Teasers, View, map, pager, pager_inputs, pages_for, teasers_of};
use crate::catalog::record::TermPage;
use crate::catalog::{RowId, TermId};
use crate::content::markdown::{self, Settings};
use crate::content::read;
use crate::content::redact::Redacted;
use crate::diagnostic::Diagnostic;
use crate::model::Inputs;
use crate::site::{AUTHORS, SECTIONS, SERIES};

/// How many stories a term's own page shows.
const LATEST: usize = 20;
/// How many of a term's newest stories its related terms come from, and how many of these are shown.
const COMPARED: usize = 60;
const RELATED: usize = 12;

fn taxonomy(number: usize, view: &View<'_>) -> Value {
    let taxonomy = &view.site.taxonomies[number];
    Value::from(map! {
        "key" => taxonomy.key.as_str(),
        "name" => view.taxonomy_name(number, false),
        "singular" => view.taxonomy_name(number, true),
        "url" => view.site.href(&format!("/{}/", taxonomy.path)),
    })
}

fn term(id: TermId, view: &View<'_>) -> Value {
    let term = view.catalog.term(id);
    let content = term.page.as_ref().and_then(|page| introduction(&page.path, view));
    Value::from(map! {
        "name" => term.name.as_str(),
        "url" => view.site.href(&view.term_path(id)),
        "count" => term.rows.len(),
        "description" => term.page.as_ref().and_then(|page| page.description.as_deref()),
        "content" => content.map_or(Value::none(), |html| Value::safe_string(&html)),
        "image" => term.page.as_ref().and_then(|page| page.image.as_ref()).map(super::teaser::image),
        "extra" => map! {},
    })
}

/// The body of an `_index.md` as HTML; `None` if there is nothing in it.
pub(super) fn introduction(path: &str, view: &View<'_>) -> Option<String> {
    let Redacted { bytes, names, .. } = read::redacted(view.site, path).ok()?;
    let source = crate::content::Source::read(path, &bytes, &view.site.config.limits).ok()?;
    let expanded = crate::content::shortcodes::expand(source.body());
    let settings = Settings {
        html: view.site.config.html,
        smart_punctuation: view.site.config.smart_punctuation,
        nesting: view.site.config.limits.nesting,
        dateline: None,
        table_label: view.words.get("table"),
        alerts: super::article::ALERTS.map(|key| view.words.get(key)),
    };
    let rendered = markdown::render(&expanded.body, &settings, &Links { view, path, names: &names }).ok()?;
    Some(rendered.html).filter(|html| !html.trim().is_empty())
}

/// What an `_index.md` adds to what its page is made from.
pub(super) fn own_inputs(page: &TermPage, view: &View<'_>, inputs: &mut Inputs) {
    inputs.part(page.content, || (format!("content/{}", page.path), String::new()));
    link_inputs(&page.links, &page.path, view, inputs);
}

fn term_inputs(id: TermId, view: &View<'_>, inputs: &mut Inputs) {
    let term = view.catalog.term(id);
    inputs.text("term", &term.slug).text("its name", &term.name);
    if let Some(page) = &term.page {
        own_inputs(page, view, inputs);
    }
}

/// The stories on a term's own page: the newest, newest first; of a series the first ones, in reading order.
fn shown<'a>(id: TermId, view: &View<'a>) -> Vec<RowId> {
    let term = view.catalog.term(id);
    match view.site.taxonomy(SERIES) == Some(term.taxonomy) {
        true => term.rows.iter().take(PAGE_SIZE).copied().collect(),
        false => term.rows.iter().rev().take(LATEST).copied().collect(),
    }
}

/// The terms that most of a term's newest stories have too, with how many of them do; those of sections and authors left out.
fn related(id: TermId, view: &View<'_>) -> Vec<(TermId, usize)> {
    let mut counts: HashMap<TermId, usize> = HashMap::new();
    for &row in view.catalog.term(id).rows.iter().rev().take(COMPARED) {
        for &other in view.catalog.story(row).term_ids() {
            *counts.entry(other).or_default() += usize::from(other != id);
        }
    }
    let of_subject = |id: &TermId| {
        let taxonomy = view.site.taxonomies[view.catalog.term(*id).taxonomy].key.as_str();
        !matches!(taxonomy, SECTIONS | AUTHORS)
    };
    let shared = counts.into_iter().filter(|(other, count)| *count > 1 && of_subject(other));
    let mut found: Vec<(TermId, usize)> = shared.collect();
    // Numbers of terms differ from build to build; slugs don't.
    found.sort_by_cached_key(|&(id, count)| {
        let term = view.catalog.term(id);
        (std::cmp::Reverse(count), term.taxonomy, term.slug.clone())
    });
    found.truncate(RELATED);
    found
}

/// The years of a term, newest first, with how many stories it has in each.
fn years(id: TermId, view: &View<'_>) -> Vec<(i32, usize)> {
    let mut years: Vec<(i32, usize)> = Vec::new();
    for &row in view.catalog.term(id).rows.iter().rev() {
        let year = view.catalog.story(row).day().year();
        match years.last_mut().filter(|(last, _)| *last == year) {
            Some((_, count)) => *count += 1,
            None => years.push((year, 1)),
        }
    }
    years
}

pub(super) fn inputs(id: TermId, view: &View<'_>, inputs: &mut Inputs) {
    term_inputs(id, view, inputs);
    for (year, count) in years(id, view) {
        inputs.number("year", year as u64).number("its stories", count);
    }
    teasers_of(shown(id, view), view, inputs);
    for (other, _) in related(id, view) {
        let other = view.catalog.term(other);
        inputs.number("taxonomy of a related term", other.taxonomy);
        inputs.text("related term", &other.slug).text("its name", &other.name);
    }
}

pub(super) fn context(page: &Page, id: TermId, view: &View<'_>, teasers: &Teasers<'_>) -> Context {
    let known = view.catalog.term(id);
    let path = view.site.taxonomies[known.taxonomy].path.as_str();
    let crumbs = vec![view.crumb(view.taxonomy_name(known.taxonomy, false), &format!("/{path}/"))];
    let description = known.page.as_ref().and_then(|page| page.description.as_deref());
    let mut context = view.context(page, &known.name, description, &view.site.config.language, crumbs);
    let feeds = match view.site.taxonomies[known.taxonomy].feed {
        true => super::machines::feed_links(view.site, view.term_path(id).trim_end_matches('/')),
        false => Vec::new(),
    };
    context.insert_value("feeds", Value::from(feeds));
    let years = years(id, view);
    let most = years.iter().map(|(_, count)| *count).max().unwrap_or(1);
    let base = view.term_path(id);
    let years = years.into_iter().map(|(year, count)| {
        let url = view.site.href(&format!("{base}{year:04}/"));
        Value::from(
            map! { "year" => year, "label" => view.year_label(year), "url" => url, "count" => count, "level" => (count * 100).div_ceil(most) },
        )
    });
    let years: Vec<Value> = years.collect();
    context.insert_value("taxonomy", taxonomy(known.taxonomy, view));
    context.insert_value("term", term(id, view));
    context.insert_value("stories", Value::from(teasers.list(shown(id, view))));
    let related: Vec<Value> = related(id, view).into_iter().map(|(id, _)| view.term(id)).collect();
    context.insert_value("related", Value::from(related));
    context.insert_value("years", Value::from(years));
    context
}

/// The rows of a term in a year.
fn rows_in<'a>(id: TermId, year: i32, view: &View<'a>) -> &'a [RowId] {
    view.catalog.term_rows(id, &view.catalog.year(year))
}

/// The nearest years in which a term has stories: before the first page of a year, and after its last.
fn years_around(id: TermId, year: i32, number: u32, view: &View<'_>) -> [Option<i32>; 2] {
    let rows = &view.catalog.term(id).rows;
    let year_of = |row: &RowId| view.catalog.story(*row).day().year();
    let within = view.catalog.year(year);
    let start = rows.partition_point(|row| *row < within.start);
    let end = rows.partition_point(|row| *row < within.end);
    let before = start.checked_sub(1).filter(|_| number == 1);
    let after = Some(end).filter(|_| number == pages_for(end - start));
    [before, after].map(|at| at.and_then(|at| rows.get(at)).map(year_of))
}

pub(super) fn year_inputs(id: TermId, year: i32, number: u32, view: &View<'_>, inputs: &mut Inputs) {
    term_inputs(id, view, inputs);
    let rows = rows_in(id, year, view);
    pager_inputs("stories of the term in the year", rows.len(), number, inputs);
    let around = years_around(id, year, number, view);
    for (name, year) in ["year before", "year after"].into_iter().zip(around) {
        inputs.number(name, year.map_or(0, |year| year as u64));
    }
    teasers_of(listed(rows, number), view, inputs);
}

/// The rows that one page of a term's year shows.
fn listed(rows: &[RowId], number: u32) -> impl Iterator<Item = RowId> {
    rows.iter().skip((number as usize - 1) * PAGE_SIZE).take(PAGE_SIZE).copied()
}

pub(super) fn year(
    page: &Page,
    id: TermId,
    year: i32,
    number: u32,
    view: &View<'_>,
    teasers: &Teasers<'_>,
) -> Result<Context, Box<Diagnostic>> {
    let known = view.catalog.term(id);
    let base = view.term_path(id);
    let crumbs = vec![
        view.crumb(
            view.taxonomy_name(known.taxonomy, false),
            &format!("/{}/", view.site.taxonomies[known.taxonomy].path),
        ),
        view.crumb(&known.name, &base),
    ];
    let title = format!("{} – {}", known.name, view.year_label(year));
    let mut context = view.site_context(page, &title, crumbs);
    let rows = rows_in(id, year, view);
    context.insert_value("taxonomy", taxonomy(known.taxonomy, view));
    context.insert_value("term", term(id, view));
    context.insert_value("year", Value::from(year));
    context.insert_value("year_label", Value::from(view.year_label(year)));
    context.insert_value("count", Value::from((number == 1).then_some(rows.len())));
    let said = match view.site.taxonomies[known.taxonomy].key.as_str() {
        SECTIONS => Said::Section,
        AUTHORS => Said::Author,
        _ => Said::Nothing,
    };
    context.insert_value("stories", Value::from(teasers.list(listed(rows, number))));
    context.insert_value("teasers", Value::from(teasers.rendered(listed(rows, number), said)?));
    context.insert_value("pager", pager(pages_for(rows.len()), number, &format!("{base}{year:04}/"), view));
    let neighbour =
        |year: Option<i32>| year.map(|year| view.crumb(&view.year_label(year), &format!("{base}{year:04}/")));
    let [previous, next] = years_around(id, year, number, view).map(neighbour);
    context.insert_value("previous", Value::from(previous));
    context.insert_value("next", Value::from(next));
    Ok(context)
}

pub(super) fn index_inputs(taxonomy: usize, view: &View<'_>, inputs: &mut Inputs) {
    for &id in view.catalog.terms_of(taxonomy) {
        let term = view.catalog.term(id);
        inputs.text("term", &term.slug).text("its name", &term.name).number("its stories", term.rows.len());
    }
    if let Some(page) = view.catalog.taxonomy_page(taxonomy) {
        own_inputs(page, view, inputs);
    }
}

pub(super) fn index(page: &Page, number: usize, view: &View<'_>) -> Context {
    let own = view.catalog.taxonomy_page(number);
    let title = own.and_then(|page| page.title.as_deref()).unwrap_or(view.taxonomy_name(number, false));
    let description = own.and_then(|page| page.description.as_deref());
    let mut context = view.context(page, title, description, &view.site.config.language, Vec::new());
    let locale = &view.templates.locale;
    let name = |id: TermId| view.catalog.term(id).name.as_str();
    let ids = view.catalog.terms_of(number).iter();
    let mut terms: Vec<(String, TermId)> = ids.map(|&id| (locale.letter(name(id)), id)).collect();
    // What has no letter stands first; a letter's names stand together whatever the rules say of their first signs.
    terms.sort_by(|(letter, id), (other_letter, other)| {
        let letters =
            (other_letter == "#").cmp(&(letter == "#")).then_with(|| locale.compare(letter, other_letter));
        letters.then_with(|| locale.compare(name(*id), name(*other))).then(id.cmp(other))
    });
    let letters = terms.chunk_by(|a, b| a.0 == b.0).map(|group| {
        let terms = group.iter().map(|&(_, id)| {
            let url = view.site.href(&view.term_path(id));
            Value::from(
                map! { "name" => name(id), "url" => url, "count" => view.catalog.term(id).rows.len() },
            )
        });
        let terms: Vec<Value> = terms.collect();
        Value::from(map! { "letter" => group[0].0.as_str(), "terms" => terms })
    });
    let letters: Vec<Value> = letters.collect();
    context.insert_value("taxonomy", taxonomy(number, view));
    context.insert_value("count", Value::from(terms.len()));
    context.insert_value("letters", Value::from(letters));
    let content = own.and_then(|page| introduction(&page.path, view));
    context.insert_value("content", content.map_or(Value::none(), |html| Value::safe_string(&html)));
    context
}

//! A day's edition.

use std::ops::Range;

use tera::{Context, Value};

use super::corrections::{add_correction_inputs, correction_values};
use super::kinds::Page;
use super::page_context::site_language_context;
use super::pager::{add_pager_inputs, ids_on_page, page_count, pager_value};
use super::teaser::{Teasers, add_teaser_inputs, section_value};
use super::urls::on_this_day_path;
use super::values::map;
use super::view::SiteView;
use crate::archive::ArticleId;
use crate::config::SECTIONS;
use crate::model::{Day, Inputs};
use crate::templates::DateStyle;

/// Returns the nearest days with articles: the one before for the first page of an edition, and the
/// one after for its last.
fn adjacent_days(
    ids: &Range<ArticleId>,
    page_number: u32,
    view: &SiteView<'_>,
) -> [Option<Day>; 2] {
    let (previous, next) = view.catalog.neighboring_days(ids);
    [previous.filter(|_| page_number == 1), next.filter(|_| page_number == page_count(ids.len()))]
}

/// Adds everything that a page of a day shows to its inputs.
pub(super) fn add_inputs(day: Day, page_number: u32, view: &SiteView<'_>, inputs: &mut Inputs) {
    let ids = view.catalog.ids_on_day(day);
    add_pager_inputs("articles of the day", ids.len(), page_number, inputs);
    let adjacent = adjacent_days(&ids, page_number, view);
    for (name, day) in ["previous day", "next day"].into_iter().zip(adjacent) {
        inputs.text(name, &day.map(Day::iso).unwrap_or_default());
    }
    add_teaser_inputs(ids_on_page(&ids, page_number), view, inputs);
    if page_number == 1 {
        add_correction_inputs(view.corrections.day(day), view, inputs);
    }
}

/// Returns the values of the page's template.
pub(super) fn context(
    page: &Page,
    day: Day,
    page_number: u32,
    view: &SiteView<'_>,
    teasers: &Teasers<'_>,
) -> Context {
    let ids = view.catalog.ids_on_day(day);
    let formats = view.messages.formats();
    let year_path = format!("/{:04}/", day.year());
    let month_path = format!("/{:04}/{:02}/", day.year(), day.month());
    let breadcrumbs = vec![
        view.link_value(&view.year_label(day.year()), &year_path),
        view.link_value(formats.month(day.month()), &month_path),
    ];
    let title = formats.day(DateStyle::Weekday, day);
    let mut context = site_language_context(page, &title, breadcrumbs, view);
    let groups = group_by_section(ids_on_page(&ids, page_number), view, teasers);
    let corrections = view.corrections.day(day).iter().filter(|_| page_number == 1);
    let pager = pager_value(page_count(ids.len()), page_number, &day.path(), view);
    let [previous, next] = adjacent_days(&ids, page_number, view)
        .map(|day| day.map(|day| view.link_value(&formats.day(DateStyle::Long, day), &day.path())));
    let on_this_day_path = on_this_day_path(day.month(), day.day());
    context.insert_value("date", view.day_value(day));
    context.insert_value("count", Value::from((page_number == 1).then_some(ids.len())));
    context.insert_value("groups", Value::from(groups));
    context.insert_value("corrections", Value::from(correction_values(corrections, view)));
    context.insert_value("pager", pager);
    context.insert_value("previous", Value::from(previous));
    context.insert_value("next", Value::from(next));
    context.insert_value("on_this_day_url", Value::from(view.site.href(&on_this_day_path)));
    context.insert_value("month_url", Value::from(view.site.href(&month_path)));
    context
}

/// Groups the articles of an edition by section: configured ones in their order, then the others by
/// name, then those without.
fn group_by_section(
    ids: Range<ArticleId>,
    view: &SiteView<'_>,
    teasers: &Teasers<'_>,
) -> Vec<Value> {
    /// The position and the name of a section; `Err` sorts behind `Ok`.
    type SectionKey = Result<(usize, String), ()>;
    let sections = view.site.taxonomy_index(SECTIONS);
    let order = |slug: &str| {
        view.site.config.sections.iter().position(|item| item.slug == slug).unwrap_or(usize::MAX)
    };
    let sort_key = |id: ArticleId| -> SectionKey {
        let article = view.catalog.article(id);
        let section = sections.and_then(|sections| article.terms_of(sections).next());
        section.map(|term| (order(&term.slug), term.name.clone())).ok_or(())
    };
    let mut keyed: Vec<(SectionKey, ArticleId)> = ids.map(|id| (sort_key(id), id)).collect();
    keyed.sort();
    let groups = keyed.chunk_by(|a, b| a.0 == b.0).map(|group| {
        let article = view.catalog.article(group[0].1);
        let section = section_value(&article, view);
        let articles = teasers.list(group.iter().map(|(_, id)| *id));
        Value::from(map! { "section" => section, "articles" => articles })
    });
    groups.collect()
}

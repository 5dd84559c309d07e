//! The page at the URL of an article that was unpublished.

use tera::{Context, Value};

use super::dates::date_value;
use super::kinds::Page;
use super::page_context::page_context;
use super::page_head::PageHead;
use super::view::SiteView;
use crate::archive::record::Tombstone;
use crate::model::Inputs;

fn find_tombstone<'a>(index: u32, view: &SiteView<'a>) -> Option<&'a Tombstone> {
    view.catalog.tombstones().get(index as usize)
}

/// Adds everything that the page shows to its inputs.
pub(super) fn add_inputs(index: u32, view: &SiteView<'_>, inputs: &mut Inputs) {
    let Some(tombstone) = find_tombstone(index, view) else { return };
    inputs
        .text("language", &tombstone.lang)
        .text("reason", tombstone.reason.as_deref().unwrap_or_default());
    inputs.text(
        "date of unpublishing",
        &tombstone.date.map(|date| date.iso(view.site.zone)).unwrap_or_default(),
    );
}

/// Returns the values of the page's template.
pub(super) fn context(page: &Page, index: u32, view: &SiteView<'_>) -> Context {
    let lang = find_tombstone(index, view)
        .map_or(view.site.config.language.as_str(), |tombstone| tombstone.lang.as_str());
    let messages = view.templates.languages.get(lang);
    let head = PageHead {
        title: messages.get("unpublished"),
        description: None,
        lang,
        breadcrumbs: Vec::new(),
    };
    let mut context = page_context(page, head, view);
    let when = find_tombstone(index, view)
        .and_then(|tombstone| tombstone.date)
        .map(|moment| date_value(moment, view, &messages));
    context.insert_value("date", Value::from(when));
    context.insert_value(
        "reason",
        Value::from(find_tombstone(index, view).and_then(|tombstone| tombstone.reason.as_deref())),
    );
    context
}

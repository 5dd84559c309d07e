//! All terms of a taxonomy, by letter.

use tera::{Context, Value};

use super::introduction::{add_index_page_inputs, introduction_html};
use super::kinds::Page;
use super::page_context::page_context;
use super::page_head::PageHead;
use super::values::map;
use super::view::SiteView;
use crate::archive::TermId;
use crate::model::Inputs;

/// Returns a taxonomy as templates see it.
pub(super) fn taxonomy_value(index: usize, view: &SiteView<'_>) -> Value {
    let taxonomy = &view.site.taxonomies[index];
    Value::from(map! {
        "key" => taxonomy.key.as_str(),
        "name" => view.taxonomy_names(index).plural.as_str(),
        "singular" => view.taxonomy_names(index).singular.as_str(),
        "url" => view.site.href(&format!("/{}/", taxonomy.path)),
    })
}

/// Adds everything that the page shows to its inputs.
pub(super) fn add_inputs(taxonomy: usize, view: &SiteView<'_>, inputs: &mut Inputs) {
    for &id in view.catalog.terms_of(taxonomy) {
        let term = view.catalog.term(id);
        inputs
            .text("term", &term.slug)
            .text("name of the term", &term.name)
            .number("articles of the term", term.article_ids.len());
    }
    if let Some(page) = view.catalog.taxonomy_page(taxonomy) {
        add_index_page_inputs(page, view, inputs);
    }
}

/// Returns the values of the page's template.
pub(super) fn context(page: &Page, taxonomy_index: usize, view: &SiteView<'_>) -> Context {
    let index_page = view.catalog.taxonomy_page(taxonomy_index);
    let title = index_page
        .and_then(|page| page.title.as_deref())
        .unwrap_or(&view.taxonomy_names(taxonomy_index).plural);
    let head = PageHead {
        title,
        description: index_page.and_then(|page| page.description.as_deref()),
        lang: &view.site.config.language,
        breadcrumbs: Vec::new(),
    };
    let mut context = page_context(page, head, view);
    let content = index_page.and_then(|page| introduction_html(&page.path, view));
    context.insert_value("taxonomy", taxonomy_value(taxonomy_index, view));
    context.insert_value("count", Value::from(view.catalog.terms_of(taxonomy_index).len()));
    context.insert_value("letters", Value::from(letter_values(taxonomy_index, view)));
    context
        .insert_value("content", content.map_or(Value::none(), |html| Value::safe_string(&html)));
    context
}

/// Returns `{letter, terms}` of every letter that a term's name begins with.
fn letter_values(taxonomy_index: usize, view: &SiteView<'_>) -> Vec<Value> {
    let locale = &view.templates.locale;
    let name = |id: TermId| view.catalog.term(id).name.as_str();
    let ids = view.catalog.terms_of(taxonomy_index).iter();
    let mut terms: Vec<(String, TermId)> =
        ids.map(|&id| (locale.index_letter(name(id)), id)).collect();
    // Names that don't begin with a letter come first. Names with the same index letter stay
    // together, even if the language's collation separates their first characters.
    terms.sort_by(|(letter, id), (other_letter, other)| {
        let letter_order = (other_letter == "#")
            .cmp(&(letter == "#"))
            .then_with(|| locale.compare_names(letter, other_letter));
        letter_order.then_with(|| locale.compare_names(name(*id), name(*other))).then(id.cmp(other))
    });
    let letters = terms.chunk_by(|a, b| a.0 == b.0).map(|group| {
        let terms = group.iter().map(|&(_, id)| {
            Value::from(map! {
                "name" => name(id),
                "url" => view.site.href(&view.term_path(id)),
                "count" => view.catalog.term(id).article_ids.len(),
            })
        });
        let terms: Vec<Value> = terms.collect();
        Value::from(map! { "letter" => group[0].0.as_str(), "terms" => terms })
    });
    letters.collect()
}

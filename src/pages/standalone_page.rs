//! A page without a date, such as About: a file of `content/pages/`, or one with `type: page`.

use tera::{Map, Value};

use super::article::{ArticleContext, page_values};
use super::body::{ArticleBody, add_link_inputs};
use super::editorial_notes::editorial_values;
use super::kinds::Page;
use super::page_context::{nav_url, page_context};
use super::page_head::PageHead;
use super::teaser::{add_teaser_inputs, localized_teaser};
use super::values::map;
use super::view::SiteView;
use crate::archive::ArticleId;
use crate::diagnostics::Diagnostic;
use crate::model::Inputs;

/// Adds everything that the page shows to its inputs.
pub(super) fn add_inputs(id: ArticleId, view: &SiteView<'_>, inputs: &mut Inputs) {
    let article = view.catalog.article(id);
    // A page becomes an entry of a menu if another page is renamed or translated.
    if nav_url(&Page::Standalone(id), article.permalink(), view).is_some() {
        inputs.text("entry of a menu", article.permalink());
    }
    inputs.part(article.content_hash(), || {
        (format!("content/{}", article.path()), "file and images".into())
    });
    inputs.part(article.teaser_hash(), || ("title and URL".into(), article.title().to_owned()));
    add_link_inputs(&article.details().links, &article.path(), view, inputs);
    inputs.number("translations", article.translations().count());
    add_teaser_inputs(article.translations(), view, inputs);
}

/// Returns the values of the page's template. `article` has the values that it has on the page of
/// an article, but no date.
///
/// # Errors
/// Diagnostics if the file can't be read.
pub(super) fn context(
    page: &Page,
    id: ArticleId,
    view: &SiteView<'_>,
) -> Result<ArticleContext, Vec<Diagnostic>> {
    let article = view.catalog.article(id);
    let messages = view.templates.languages.get(article.lang());
    let body = ArticleBody::read(&article, view, &messages)?;
    let unchanged = body.unchanged;
    let mut values: Map = localized_teaser(&article, view, &messages);
    values.extend(page_values(&article, body, view, &messages));
    values.extend(editorial_values(&article.details().editorial_notes, view, &messages));
    values.extend(map! { "date" => Value::none(), "reactions" => false });
    let head = PageHead {
        title: article.title(),
        description: article.standfirst(),
        lang: article.lang(),
        breadcrumbs: Vec::new(),
    };
    let mut context = page_context(page, head, view);
    context.insert_value("article", Value::from(values));
    Ok(ArticleContext { context, unchanged })
}

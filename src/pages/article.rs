//! The page of an article.

use tera::{Context, Map, Value};

use super::body::{ArticleBody, add_link_inputs};
use super::breadcrumbs::breadcrumbs;
use super::dates::date_value;
use super::editorial_notes::editorial_values;
use super::kinds::Page;
use super::page_context::page_context;
use super::page_head::PageHead;
use super::teaser::{Teasers, add_teaser_inputs};
use super::values::map;
use super::view::SiteView;
use super::{citations, history, languages, related, structured_data};
use crate::archive::record::Flags;
use crate::archive::{Article, ArticleId};
use crate::config::{AUTHORS, CorrectionsPosition, RetractionPolicy, SERIES};
use crate::diagnostics::Diagnostic;
use crate::model::Inputs;
use crate::model::permalink::encode_query;
use crate::templates::{Messages, direction};

/// Adds everything that the page of an article shows to its inputs.
pub(super) fn add_inputs(id: ArticleId, view: &SiteView<'_>, inputs: &mut Inputs) {
    let article = view.catalog.article(id);
    inputs.part(article.content_hash(), || {
        (format!("content/{}", article.path()), "file and images".into())
    });
    inputs.part(article.teaser_hash(), || ("teaser".into(), article.title().to_owned()));
    for term in article.terms() {
        inputs
            .number("taxonomy", term.taxonomy)
            .text("term", &term.slug)
            .text("name of the term", &term.name);
    }
    let neighbors = ["previous article", "next article"].into_iter().zip(neighbors(id, view));
    for (name, neighbor) in neighbors {
        match neighbor.map(|id| view.catalog.article(id)) {
            Some(article) => {
                inputs.part(article.teaser_hash(), || (name.into(), article.title().to_owned()))
            }
            None => inputs.text(name, ""),
        };
    }
    add_link_inputs(&article.details().links, &article.path(), view, inputs);
    related::add_inputs(&article, view, inputs);
    // An article without versions has no such input, so that turning `history` on changes no page
    // but those that link to their versions.
    if let Some(link) = history::href(id, view) {
        inputs.text("URL of its versions", &link);
    }
    inputs.number("translations", article.translations().count());
    add_teaser_inputs(article.translations(), view, inputs);
}

/// The previous article and the next one.
fn neighbors(id: ArticleId, view: &SiteView<'_>) -> [Option<ArticleId>; 2] {
    [id.checked_sub(1), Some(id + 1).filter(|&next| (next as usize) < view.catalog.len())]
}

/// The values of the page's template.
pub(super) struct ArticleContext {
    pub(super) context: Context,
    /// True if the article's file is still the one that was parsed.
    pub(super) unchanged: bool,
}

/// Returns the values of the page's template.
///
/// # Errors
/// Diagnostics if the file can't be read, or the template of a related article can't be rendered.
pub(super) fn context(
    page: &Page,
    id: ArticleId,
    view: &SiteView<'_>,
    teasers: &Teasers<'_>,
) -> Result<ArticleContext, Vec<Diagnostic>> {
    let article = view.catalog.article(id);
    let messages = view.templates.languages.get(article.lang());
    let body = ArticleBody::read(&article, view, &messages)?;
    let unchanged = body.unchanged;
    let breadcrumbs = breadcrumbs(&article, view);
    let teaser = teasers.get(id);
    let mut map = Map::with_capacity_and_hasher(30, Default::default());
    map.extend(
        teaser.as_map().into_iter().flatten().map(|(key, value)| (key.clone(), value.clone())),
    );
    if !messages.is_same(&view.messages) {
        map.extend(map! { "date" => date_value(article.date(), view, &messages) });
    }
    map.extend(structured_values(&article, &body, &breadcrumbs, view, &messages));
    map.extend(page_values(&article, body, view, &messages));
    let notes = article.details().editorial_notes;
    map.extend(editorial_values(&notes, view, &messages));
    let head = PageHead {
        title: article.title(),
        description: article.standfirst(),
        lang: article.lang(),
        breadcrumbs,
    };
    let mut context = page_context(page, head, view);
    let [previous, next] =
        neighbors(id, view).map(|id| id.map_or(Value::none(), |id| teasers.get(id)));
    context.insert_value("previous", previous);
    context.insert_value("next", next);
    let related_earlier = related::related_earlier(&article, view)
        .into_iter()
        .map(|id| teasers.related_earlier(id, &article, &messages, &context))
        .collect::<Result<Vec<Value>, _>>()
        .map_err(|diagnostic| vec![*diagnostic])?;
    map.extend(map! { "related_earlier" => related_earlier });
    context.insert_value("article", Value::from(map));
    Ok(ArticleContext { context, unchanged })
}

/// Returns the structured data and the citations of an article: none if the site has none.
fn structured_values(
    article: &Article<'_>,
    body: &ArticleBody,
    breadcrumbs: &[Value],
    view: &SiteView<'_>,
    messages: &Messages,
) -> Map {
    let outputs = &view.site.config.outputs;
    let optional = |wanted: bool, render: &dyn Fn() -> String| {
        if wanted { Value::safe_string(&render()) } else { Value::none() }
    };
    map! {
        "structured_data" => optional(outputs.structured_data, &|| {
            structured_data::render_article(article, body.rendered.words, breadcrumbs, view)
        }),
        "citations" => optional(outputs.citations, &|| {
            citations::render_citations(article, view, messages)
        }),
    }
}

/// Returns the values of `article` that its teaser doesn't have.
pub(super) fn page_values(
    article: &Article<'_>,
    body: ArticleBody,
    view: &SiteView<'_>,
    messages: &Messages,
) -> Map {
    let config = &view.site.config;
    let flags = article.flags();
    let updated = article.updated_after_publication();
    let strike_through = flags.contains(Flags::RETRACTED)
        && config.corrections.retracted == RetractionPolicy::Strike;
    map! {
        "body" => Value::safe_string(&body.rendered.html),
        "word_count" => body.rendered.words,
        "authors" => term_values(article, view, AUTHORS),
        "updated" => updated.map(|updated| date_value(updated, view, messages)),
        "topics" => topic_values(article, view),
        "series" => term_values(article, view, SERIES),
        "series_part" => related::series_value(article, view, messages),
        "translations" => translation_values(article, view),
        "mailto" => mailto_url(article, view),
        "history" => history::href(article.id, view),
        "source" => article.source(),
        "original_url" => article.original_url(),
        "id" => article.own_id(),
        "reactions" => !flags.contains(Flags::REACTIONS_OFF) && config.reactions.is_some(),
        "corrections_first" => config.corrections.position == CorrectionsPosition::Top,
        "strike_through" => strike_through,
        "extra" => body.extra,
    }
}

/// Returns a `mailto:` URL (RFC 6068) of a message with the article's title and URL.
fn mailto_url(article: &Article<'_>, view: &SiteView<'_>) -> String {
    let mut url = String::from("mailto:?subject=");
    encode_query(article.title(), &mut url);
    url.push_str("&body=");
    encode_query(&view.site.absolute_url(article.permalink()), &mut url);
    url
}

/// Returns the article in other languages, each with its language's name in itself.
fn translation_values(article: &Article<'_>, view: &SiteView<'_>) -> Vec<Value> {
    let translations = article.translations().map(|id| {
        let other = view.catalog.article(id);
        Value::from(map! {
            "title" => other.title(),
            "url" => view.site.href(other.permalink()),
            "canonical" => view.site.absolute_url(other.permalink()),
            "lang" => other.lang(),
            "dir" => direction(other.lang()),
            "name" => languages::display_name(other.lang(), &view.templates.languages),
        })
    });
    translations.collect()
}

fn term_values(article: &Article<'_>, view: &SiteView<'_>, taxonomy: &str) -> Vec<Value> {
    view.site
        .taxonomy_index(taxonomy)
        .map_or(Vec::new(), |taxonomy| term_values_in(article, view, taxonomy))
}

fn term_values_in(article: &Article<'_>, view: &SiteView<'_>, taxonomy: usize) -> Vec<Value> {
    let ids = article.term_ids().iter().filter(|&&id| view.catalog.term(id).taxonomy == taxonomy);
    ids.map(|&id| view.term_value(id)).collect()
}

/// Returns every taxonomy of topics that the article has terms of.
fn topic_values(article: &Article<'_>, view: &SiteView<'_>) -> Vec<Value> {
    let taxonomies =
        view.site.taxonomies.iter().enumerate().filter(|(_, taxonomy)| taxonomy.is_topic);
    let topics = taxonomies.filter_map(|(index, taxonomy)| {
        let items = term_values_in(article, view, index);
        let name = view.taxonomy_names(index).plural.as_str();
        (!items.is_empty()).then(|| {
            Value::from(map! { "key" => taxonomy.key.as_str(), "name" => name, "items" => items })
        })
    });
    topics.collect()
}

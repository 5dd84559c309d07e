//! The versions of an article: what each changed, word by word.

use tera::{Context, Value};

use super::breadcrumbs::breadcrumbs;
use super::dates::date_value;
use super::kinds::Page;
use super::page_context::page_context;
use super::page_head::PageHead;
use super::page_urls::history_path;
use super::values::map;
use super::view::SiteView;
use crate::archive::ArticleId;
use crate::content::html::escape;
use crate::diagnostics::Diagnostic;
use crate::history::{DiffLine, DiffTag, VersionDiff};
use crate::model::Inputs;

/// Returns the link to the page, if the article has versions.
pub(super) fn href(id: ArticleId, view: &SiteView<'_>) -> Option<String> {
    (!view.history.versions(id).is_empty()).then(|| view.site.href(&history_path(id, view)))
}

/// Adds everything that the page shows to its inputs.
pub(super) fn add_inputs(id: ArticleId, view: &SiteView<'_>, inputs: &mut Inputs) {
    let article = view.catalog.article(id);
    inputs.part(article.teaser_hash(), || ("teaser".into(), article.title().to_owned()));
    inputs.text("language", article.lang());
    for term in article.terms() {
        inputs
            .number("taxonomy", term.taxonomy)
            .text("term", &term.slug)
            .text("name of the term", &term.name);
    }
    for version in view.history.versions(id) {
        inputs
            .text("date of a version", &version.date.iso(view.site.zone))
            .text("file of a version", &version.blob);
    }
    for (name, value) in view.site.setting_texts.select(&["corrections.retracted"]) {
        inputs.text(&name, &value);
    }
    // A name that is redacted now may be in an old version only.
    let redactions = view.site.redactions.fingerprint;
    inputs.part(redactions, || ("redactions.yaml".into(), String::new()));
}

/// Returns the values of the page's template.
///
/// # Errors
/// Diagnostics if a version can't be read from the repository.
pub(super) fn context(
    page: &Page,
    id: ArticleId,
    view: &SiteView<'_>,
) -> Result<Context, Vec<Diagnostic>> {
    let article = view.catalog.article(id);
    let messages = view.templates.languages.get(article.lang());
    let changes = view.history.diffs(id, view.site).map_err(|error| {
        vec![Diagnostic::error("unreadable", format!("content/{}", article.path()), error)]
    })?;
    let mut breadcrumbs = breadcrumbs(&article, view);
    breadcrumbs.push(view.link_value(article.title(), article.permalink()));
    let title = format!("{} – {}", article.title(), messages.get("history"));
    let head = PageHead { title: &title, description: None, lang: article.lang(), breadcrumbs };
    let mut context = page_context(page, head, view);
    // The first version changed nothing.
    let changes = changes.iter().rev().map(Some).chain([None]);
    let versions = view.history.versions(id).iter().rev().zip(changes).map(|(version, change)| {
        let to_value = |line: Option<&DiffLine>| {
            line.map_or(Value::none(), |line| Value::safe_string(&line_html(line)))
        };
        let field =
            |select: fn(&VersionDiff) -> Option<&DiffLine>| to_value(change.and_then(select));
        let text =
            change.into_iter().flat_map(|change| &change.text).map(|line| to_value(line.as_ref()));
        Value::from(map! {
            "date" => date_value(version.date, view, &messages),
            "first" => change.is_none(),
            "headline" => field(|change| change.headline.as_ref()),
            "standfirst" => field(|change| change.standfirst.as_ref()),
            "text" => text.collect::<Vec<Value>>(),
        })
    });
    context.insert_value("versions", Value::from(versions.collect::<Vec<Value>>()));
    context.insert_value("headline", Value::from(article.title()));
    context.insert_value("article_url", Value::from(view.site.href(article.permalink())));
    Ok(context)
}

/// Returns a line as HTML.
fn line_html(line: &DiffLine) -> String {
    let passage_html = |(passage, text): &(DiffTag, String)| {
        let text = escape(text);
        match passage {
            DiffTag::Unchanged => text,
            DiffTag::Removed => format!("<del>{text}</del>"),
            DiffTag::Added => format!("<ins>{text}</ins>"),
        }
    };
    line.iter().map(passage_html).collect()
}

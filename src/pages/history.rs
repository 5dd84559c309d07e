//! The versions of a story: what each changed, word by word.

use tera::{Context, Value};

use super::teaser::date;
use super::{Page, View, article, map};
use crate::catalog::RowId;
use crate::content::html::escape;
use crate::diagnostic::Diagnostic;
use crate::history::{Change, Line, Passage};
use crate::model::Inputs;

/// The address of the page: below that of its story.
pub(super) fn address(row: RowId, view: &View<'_>) -> String {
    let story = view.catalog.story(row);
    let permalink = story.permalink();
    format!("{}/history/", permalink.strip_suffix(".html").unwrap_or(permalink).trim_end_matches('/'))
}

/// The address of the page as a story links to it, if there is one.
pub(super) fn link(row: RowId, view: &View<'_>) -> Option<String> {
    (!view.history.versions(row).is_empty()).then(|| view.site.href(&address(row, view)))
}

pub(super) fn inputs(row: RowId, view: &View<'_>, inputs: &mut Inputs) {
    let story = view.catalog.story(row);
    inputs.part(story.teaser(), || ("its teaser".into(), story.title().to_owned()));
    inputs.text("language", story.lang());
    for term in story.terms() {
        inputs.number("taxonomy", term.taxonomy).text("term", &term.slug).text("term's name", &term.name);
    }
    for version in view.history.versions(row) {
        inputs.text("date of a version", &version.at.iso(view.site.zone)).text("its file", &version.blob);
    }
    inputs.text("what becomes of retracted text", &format!("{:?}", view.site.config.corrections.retracted));
}

pub(super) fn context(page: &Page, row: RowId, view: &View<'_>) -> Result<Context, Vec<Diagnostic>> {
    let story = view.catalog.story(row);
    let words = view.templates.languages.get(story.lang());
    let changes = view
        .history
        .changes(row, view.site)
        .map_err(|why| vec![Diagnostic::error("unreadable", format!("content/{}", story.path()), why)])?;
    let mut crumbs = article::crumbs(&story, view);
    crumbs.push(view.crumb(story.title(), story.permalink()));
    let title = format!("{} – {}", story.title(), words.get("history"));
    let mut context = view.context(page, &title, None, story.lang(), crumbs);
    // The first version changed nothing.
    let changes = changes.iter().rev().map(Some).chain([None]);
    let versions = view.history.versions(row).iter().rev().zip(changes).map(|(version, change)| {
        let line = |line: Option<&Line>| line.map_or(Value::none(), |line| Value::safe_string(&marked(line)));
        let of = |part: fn(&Change) -> Option<&Line>| line(change.and_then(part));
        let text = change.into_iter().flat_map(|change| &change.text).map(|one| line(one.as_ref()));
        Value::from(map! {
            "date" => date(version.at, view, &words),
            "first" => change.is_none(),
            "headline" => of(|change| change.headline.as_ref()),
            "standfirst" => of(|change| change.standfirst.as_ref()),
            "text" => text.collect::<Vec<Value>>(),
        })
    });
    context.insert_value("versions", Value::from(versions.collect::<Vec<Value>>()));
    context.insert_value("headline", Value::from(story.title()));
    context.insert_value("story_url", Value::from(view.site.href(story.permalink())));
    Ok(context)
}

/// A line as HTML.
fn marked(line: &Line) -> String {
    let piece = |(passage, text): &(Passage, String)| {
        let text = escape(text);
        match passage {
            Passage::Same => text,
            Passage::Gone => format!("<del>{text}</del>"),
            Passage::New => format!("<ins>{text}</ins>"),
        }
    };
    line.iter().map(piece).collect()
}

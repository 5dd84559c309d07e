//! The corrections, updates and notice on an article's page.

use tera::{Map, Value};

use super::dates::date_value;
use super::values::map;
use super::view::SiteView;
use crate::archive::record::{DatedNote, EditorialNotes};
use crate::model::Status;
use crate::templates::Messages;

/// Returns the editorial notes of an article: `corrections`, `updates` and `notice`.
pub(super) fn editorial_values(
    editorial_notes: &EditorialNotes<'_>,
    view: &SiteView<'_>,
    messages: &Messages,
) -> Map {
    let note_list = |notes: &[DatedNote<'_>]| {
        let note_value = |note: &DatedNote<'_>| {
            let when = note.date.map(|moment| date_value(moment, view, messages));
            Value::from(map! { "date" => when, "text" => note.text })
        };
        Value::from(notes.iter().map(note_value).collect::<Vec<Value>>())
    };
    let notice = (editorial_notes.status != Status::Published).then(|| {
        let when = editorial_notes.date.map(|moment| date_value(moment, view, messages));
        Value::from(map! {
            "status" => editorial_notes.status.as_str(),
            "label" => messages.get(notice_key(editorial_notes.status)),
            "date" => when,
            "reason" => editorial_notes.reason,
        })
    });
    map! {
        "corrections" => note_list(&editorial_notes.corrections),
        "updates" => note_list(&editorial_notes.updates),
        "notice" => notice,
    }
}

/// Returns the key of the interface text that an article of a status shows above its body.
fn notice_key(status: Status) -> &'static str {
    match status {
        Status::Corrected => "notice_corrected",
        Status::Retracted => "notice_retracted",
        Status::Anonymized => "notice_anonymized",
        Status::Published | Status::Unpublished => "",
    }
}

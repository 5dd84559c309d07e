//! Redaction of the texts of front matter. The file's source was redacted before it was parsed;
//! this finds names that only YAML's own syntax makes whole, and those that two texts form.

use serde_yaml::{Mapping, Value};

use super::front_matter::FrontMatter;
use crate::model::RedactionMatcher;
use crate::model::redaction::PLACEHOLDER;

impl FrontMatter {
    /// Replaces the names in all texts.
    pub(super) fn redact_names(&mut self, matcher: &RedactionMatcher) {
        if matcher.is_empty() {
            return;
        }
        let texts = [
            &mut self.title,
            &mut self.date,
            &mut self.updated,
            &mut self.expires,
            &mut self.description,
            &mut self.slug,
            &mut self.permalink,
            &mut self.dateline,
            &mut self.lang,
            &mut self.origin,
            &mut self.original_url,
            &mut self.id,
            &mut self.translation_of,
            &mut self.status_reason,
            &mut self.status_date,
            &mut self.embargo,
        ];
        texts.into_iter().flatten().for_each(|text| redact_text(text, matcher));
        // Lists and cards show the standfirst directly after the headline.
        if let (Some(title), Some(description)) = (&mut self.title, &mut self.description) {
            redact_adjacent(title, description, matcher);
        }
        let lists = [&mut self.aliases, &mut self.categories, &mut self.redact];
        let terms = self.terms.iter_mut().map(|(_, names)| names);
        lists.into_iter().chain(terms).for_each(|list| redact_list(list, matcher));
        for (date, text) in self.corrections.iter_mut().chain(&mut self.updates) {
            date.iter_mut().for_each(|date| redact_text(date, matcher));
            redact_text(text, matcher);
        }
        if let Some(image) = &mut self.image {
            redact_text(&mut image.src, matcher);
            redact_text(&mut image.alt, matcher);
            let texts = [&mut image.caption, &mut image.credit];
            texts.into_iter().flatten().for_each(|text| redact_text(text, matcher));
        }
        redact_mapping(&mut self.extra, matcher);
    }
}

fn redact_text(text: &mut String, matcher: &RedactionMatcher) {
    if let std::borrow::Cow::Owned(redacted) = matcher.redact(text) {
        *text = redacted;
    }
}

/// Replaces the names in each text of a list, and those of which two neighbors hold the parts:
/// pages show lists in one line.
fn redact_list(list: &mut [String], matcher: &RedactionMatcher) {
    list.iter_mut().for_each(|text| redact_text(text, matcher));
    for index in 1..list.len() {
        let (first, second) = list.split_at_mut(index);
        if let (Some(first), Some(second)) = (first.last_mut(), second.first_mut()) {
            redact_adjacent(first, second, matcher);
        }
    }
}

/// Replaces the words of a name that ends one text and begins the next.
fn redact_adjacent(first: &mut String, second: &mut String, matcher: &RedactionMatcher) {
    let joined = format!("{first}\n{second}");
    if !matcher.is_match(&joined) {
        return;
    }
    // The line break that joins them isn't a part of what is replaced.
    let line_breaks = first.matches('\n').count();
    let redacted = matcher.redact(&joined);
    let end = redacted.match_indices('\n').nth(line_breaks).map(|(at, _)| at);
    let (before, after) =
        end.map_or((PLACEHOLDER, PLACEHOLDER), |at| (&redacted[..at], &redacted[at + 1..]));
    (*first, *second) = (before.to_owned(), after.to_owned());
}

fn redact_mapping(mapping: &mut Mapping, matcher: &RedactionMatcher) {
    let values = std::mem::take(mapping).into_iter().map(|(mut key, mut value)| {
        redact_value(&mut key, matcher);
        redact_value(&mut value, matcher);
        (key, value)
    });
    *mapping = values.collect();
}

fn redact_value(value: &mut Value, matcher: &RedactionMatcher) {
    match value {
        Value::String(text) => redact_text(text, matcher),
        Value::Sequence(items) => items.iter_mut().for_each(|item| redact_value(item, matcher)),
        Value::Mapping(mapping) => redact_mapping(mapping, matcher),
        Value::Tagged(tagged) => redact_value(&mut tagged.value, matcher),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

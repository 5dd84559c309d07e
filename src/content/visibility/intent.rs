//! The intent of front matter that can't be read.
//!
//! An article with an error keeps its last good page. That must not undo a takedown: if a line of
//! the front matter was probably meant to hide the article, the page is removed.

use serde_yaml::Value;

use super::foreign_flags::{foreign_flag, misspelled_foreign_flag};
use super::keys::{KeyContext, ValueType, misspelled_visibility_key, parse_boolean, value_type};
use super::statuses::StatusMeaning;
use crate::config::{ExpiredPolicy, Site};
use crate::content::value_tree::{json_keys, object_length};
use crate::model::Moment;

/// Returns the key of the first line that was probably meant to hide an article, or to remove names
/// from it. `text` is the beginning of the file.
pub(crate) fn concealing_line(text: &str, site: &Site) -> Option<String> {
    let lines: Vec<&str> = front_matter_lines(text).chain(json_lines(text)).collect();
    lines.iter().enumerate().find_map(|(index, line)| {
        let (key, value) = split_line(line)?;
        let next = lines.get(index + 1).copied().unwrap_or_default();
        let value = if is_continued(&value) && next.starts_with([' ', '\t', '-']) {
            clean_value(next.trim_start().trim_start_matches("- "))
        } else {
            value
        };
        conceals(&key, &value, site).then_some(key)
    })
}

/// The lines between the fences, or up to the first blank line if there is no fence.
fn front_matter_lines(text: &str) -> impl Iterator<Item = &str> {
    let text = text.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']);
    let is_fence = |line: &str| matches!(line.trim_end(), "---" | "+++" | "...");
    let has_fence = text.lines().next().is_some_and(is_fence);
    text.lines()
        .skip(usize::from(has_fence))
        .take_while(move |line| !is_fence(line) && (has_fence || !line.trim().is_empty()))
}

/// Each key of a JSON object with its value: a line can set several. Empty for other formats.
fn json_lines(text: &str) -> Vec<&str> {
    let text = text.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']);
    if !text.starts_with('{') {
        return Vec::new();
    }
    let text = &text[..object_length(text).unwrap_or(text.len())];
    let starts: Vec<usize> = json_keys(text).into_iter().map(|(_, range)| range.start).collect();
    let ends = starts.iter().skip(1).copied().chain([text.len()]);
    starts.iter().zip(ends).map(|(start, end)| text[*start..end].trim_end()).collect()
}

/// The key, in lower case, and the value of a line of YAML, TOML or JSON.
fn split_line(line: &str) -> Option<(String, String)> {
    let (key, value) = line.split_once([':', '='])?;
    let is_around_key = |c: char| !c.is_alphanumeric();
    let key = key.trim_matches(is_around_key).to_lowercase();
    (!key.is_empty()).then(|| (key, clean_value(value)))
}

/// A value without its comment and its quotation marks.
fn clean_value(value: &str) -> String {
    let value = value.split(" #").next().unwrap_or_default();
    let is_around = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ',' | '}');
    value.trim_matches(is_around).to_owned()
}

/// Returns true if the value of a line is in the lines below it.
fn is_continued(value: &str) -> bool {
    value.is_empty() || value.starts_with(['|', '>', '&', '!'])
}

fn conceals(key: &str, value: &str, site: &Site) -> bool {
    if value.is_empty() || matches!(value, "~" | "null" | "[]") {
        return false;
    }
    let date = || Moment::parse_zoned(value, site.zone).ok();
    match value_type(key) {
        Some(ValueType::Status) => {
            value.starts_with(['[', '{']) || StatusMeaning::parse(value).conceals()
        }
        Some(ValueType::Boolean(hides)) => parse_boolean(value) != Some(!hides),
        Some(ValueType::Embargo) => {
            date().is_none_or(|end| end.seconds > site.now && !site.options.include_future)
        }
        Some(ValueType::Expiry) => date().is_none_or(|end| {
            let keeps_expired =
                site.options.include_expired || site.config.expired == ExpiredPolicy::Keep;
            end.seconds <= site.now && !keeps_expired
        }),
        Some(ValueType::Names) => true,
        Some(ValueType::PublicationDate) => false,
        None => {
            let context = KeyContext { site, has_date: true };
            let value = Value::String(value.trim_start_matches(['[', '-', ' ']).to_owned());
            foreign_flag(key, &value).is_some()
                || misspelled_visibility_key(key, &value, &context).is_some()
                || misspelled_foreign_flag(key, &value).is_some()
        }
    }
}

//! The intent of front matter that can't be read.
//!
//! An article with an error keeps its last good page. That must not undo a takedown: if a line of
//! the front matter was probably meant to hide the article, the page is removed.

use serde_yaml::Value;

use super::dates::{DateEffect, date_effect, date_rule, misspelled_date_key};
use super::foreign_flags::{foreign_flag, misspelled_foreign_flag};
use super::keys::{KeyContext, ValueType, misspelled_visibility_key, parse_boolean, value_type};
use super::look_alikes::fold_look_alikes;
use super::redactions::is_unread_redaction;
use super::statuses::StatusMeaning;
use crate::config::Site;
use crate::content::value_tree::{json_keys, object_length};

/// Returns the key of the first line that was probably meant to hide an article, or to remove names
/// from it. `text` is the beginning of the file.
pub(crate) fn concealing_line(text: &str, site: &Site) -> Option<String> {
    let lines: Vec<&str> =
        front_matter_lines(text).chain(flow_entries(text)).chain(json_lines(text)).collect();
    lines.iter().enumerate().find_map(|(index, line)| {
        let next = lines.get(index + 1).copied().unwrap_or_default();
        let (key, value) = split_explicit_key(line, next).or_else(|| split_line(line))?;
        let value = if is_continued(&value) && next.starts_with([' ', '\t', '-']) {
            clean_value(next.trim_start().trim_start_matches("- "))
        } else {
            value
        };
        conceals(&key, &value, site).then_some(key)
    })
}

/// The lines between the fences. If the first fence is missing, those before the other one; if
/// there is none, those up to the first blank line.
fn front_matter_lines(text: &str) -> impl Iterator<Item = &str> {
    let text = text.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']);
    let is_fence = |line: &str| matches!(line.trim_end(), "---" | "+++" | "...");
    let has_first_fence = text.lines().next().is_some_and(is_fence);
    let has_fence = has_first_fence || text.lines().any(is_fence);
    text.lines()
        .skip(usize::from(has_first_fence))
        .take_while(move |line| !is_fence(line) && (has_fence || !line.trim().is_empty()))
}

/// The entries of maps in braces, of which a line can have several: `{title: x, draft: true}`.
fn flow_entries(text: &str) -> impl Iterator<Item = &str> {
    let first_line = front_matter_lines(text).find(|line| !line.trim().is_empty());
    let is_flow_map = first_line.is_some_and(|line| line.trim_start().starts_with('{'));
    let lines = front_matter_lines(text).filter(move |line| is_flow_map || line.contains('{'));
    lines.flat_map(|line| line.split(['{', ',', '}']))
}

/// The key, in lower case, and the value of an explicit key of YAML: `? key` in one line, `: value`
/// in the next.
fn split_explicit_key(line: &str, next: &str) -> Option<(String, String)> {
    let key = line.trim_start().strip_prefix("? ")?;
    let value = next.trim_start().strip_prefix(':')?;
    split_line(&format!("{key}:{value}"))
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
    let trimmed = line.trim();
    if let Some(table) = trimmed.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        // A table of TOML, whose values are in the next lines.
        return Some((table.trim_matches(['[', ']', ' ', '"']).to_lowercase(), "table".to_owned()));
    }
    // The full-width colon is that of Chinese and Japanese keyboards.
    let (key, value) = line.split_once([':', '=', '\u{ff1a}'])?;
    let quoted = key.trim().trim_start_matches(['{', ',', ' ']);
    // Letters of a quoted key can be escapes.
    let unescaped = (quoted.starts_with('"') && quoted.contains('\\'))
        .then(|| serde_yaml::from_str::<String>(quoted).ok())
        .flatten();
    let is_around_key = |c: char| !c.is_alphanumeric();
    let key = unescaped.as_deref().unwrap_or(key).trim_matches(is_around_key).to_lowercase();
    (!key.is_empty()).then(|| (key, clean_value(value)))
}

/// A value without its comment and its quotation marks.
fn clean_value(value: &str) -> String {
    let mut value = value.split(" #").next().unwrap_or_default().trim_start();
    // An anchor or a tag: `&a unpublished`, `!!str unpublished`.
    while value.starts_with(['&', '!']) {
        let Some((_, rest)) = value.split_once(char::is_whitespace) else { break };
        value = rest.trim_start();
    }
    let is_around = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ',' | '}');
    value.trim_matches(is_around).to_owned()
}

/// Returns true if the value of a line is in the lines below it.
fn is_continued(value: &str) -> bool {
    value.is_empty() || value.starts_with(['|', '>', '&', '!'])
}

/// Returns true if a line was probably meant to hide the article or to redact names. What the alias
/// of an anchor (`*name`) stands for isn't known.
fn conceals(key: &str, value: &str, site: &Site) -> bool {
    let is_empty = value.is_empty() || matches!(value, "~" | "null" | "[]");
    let is_alias = value.starts_with('*');
    let key_type = value_type(&fold_look_alikes(key));
    let text = Value::String(value.trim_start_matches(['[', '-', ' ']).to_owned());
    if key_type == Some(ValueType::Names) || is_unread_redaction(key, &text) {
        return true;
    }
    if is_empty {
        return false;
    }
    if let Some(rule) = date_rule(key) {
        let effect = date_effect(rule, &Value::String(value.to_owned()), site);
        return matches!(effect, Some(DateEffect::Hides(..) | DateEffect::Unreadable(_)));
    }
    match key_type {
        Some(ValueType::Status) => {
            value.starts_with(['[', '{', '*']) || StatusMeaning::parse(value).conceals()
        }
        Some(ValueType::Boolean(hides)) => parse_boolean(value) != Some(!hides),
        Some(_) => false,
        None => {
            let context = KeyContext { site, has_date: true };
            let may_hide = |value: &Value| {
                foreign_flag(key, value).is_some()
                    || misspelled_visibility_key(key, value, &context).is_some()
                    || misspelled_foreign_flag(key, value).is_some()
                    || misspelled_date_key(key, value, site).is_some()
            };
            let hiding_values = ["true", "false", "unpublished"];
            may_hide(&text)
                || is_alias && hiding_values.iter().any(|value| may_hide(&Value::from(*value)))
        }
    }
}

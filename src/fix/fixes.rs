//! Fixes of front matter that can be parsed: dates, terms, sections, names of keys.

use std::collections::HashSet;

use super::candidate::{Candidate, TextEdit, normalize_terms};
use super::fix_set::Fix;
use super::quoting::quoted;
use super::term_variants::PreferredVariants;
use super::yaml_lines::{ItemStyle, YamlEntry, YamlItem, entries, items};
use crate::config::SECTIONS;
use crate::content::front_matter::canonical_key;
use crate::content::plain_text::{can_become_slug, to_plain_text};
use crate::content::yaml_values::{ListLayout, is_plain_scalar};
use crate::model::Moment;
use crate::model::slug::term_key;

/// Rewrites dates in RFC 3339 format.
pub(super) fn fix_dates(candidate: &mut Candidate<'_>) {
    let zone = candidate.site.config.has_time_zone.then_some(candidate.site.zone);
    let mut edits = Vec::new();
    for entry in candidate.entries() {
        if !matches!(canonical_key(&entry.name), Some("date" | "updated" | "expires")) {
            continue;
        }
        let Some(item) = scalar_value(candidate, &entry) else { continue };
        let Some(replacement) = Moment::normalized(&item.text, zone) else { continue };
        edits.push(replacement_edit(candidate, &item, &replacement, &[&entry.name]));
    }
    let zone = candidate.site.zone;
    candidate.apply(Fix::Dates, edits, &|before, after, edits| {
        let mut expected = before.front.clone();
        for edit in edits {
            let (old, new) = &edit.values;
            let Some(field) = edit.keys.first().and_then(|key| expected.text_mut(key)) else {
                return false;
            };
            if field.as_ref() != Some(old) || Moment::parse(old, zone) != Moment::parse(new, zone) {
                return false;
            }
            *field = Some(new.clone());
        }
        expected == after.front
    });
}

/// Gives terms one spelling, and removes those that a list then has twice.
pub(super) fn fix_terms(candidate: &mut Candidate<'_>, variants: &PreferredVariants) {
    let mut edits = Vec::new();
    for (entry, key) in term_entries(candidate) {
        let Some(list_items) = items(&candidate.text, &entry) else { continue };
        let names = canonical_names(candidate, &entry, &list_items, variants);
        edits.extend(spelling_edits(candidate, &list_items, &names, &key));
    }
    candidate.apply(Fix::Terms, edits, &|before, after, _| {
        normalize_terms(&before.front) == normalize_terms(&after.front)
    });
}

/// The entries that may hold terms, each with its top-level key: those at the top level, and Zola's
/// in `taxonomies`.
fn term_entries(candidate: &Candidate<'_>) -> Vec<(YamlEntry, String)> {
    let mut keyed_entries = Vec::new();
    for entry in candidate.entries() {
        let key = entry.name.clone();
        if key.eq_ignore_ascii_case("taxonomies") && entry.value.is_empty() {
            let nested = entries(&candidate.text, entry.below);
            keyed_entries.extend(nested.into_iter().map(|entry| (entry, key.clone())));
        } else {
            keyed_entries.push((entry, key));
        }
    }
    keyed_entries
}

/// Returns the preferred spelling of each item of a list of terms; `None` for an item that isn't a
/// term or has no known spelling.
fn canonical_names<'s>(
    candidate: &Candidate<'_>,
    entry: &YamlEntry,
    items: &[YamlItem],
    variants: &'s PreferredVariants,
) -> Vec<Option<&'s str>> {
    let key = entry.name.to_ascii_lowercase();
    let site = candidate.site;
    let assigned: Vec<usize> = site
        .taxonomies
        .iter()
        .enumerate()
        .filter(|(_, taxonomy)| taxonomy.front_matter_keys.contains(&key))
        .map(|(index, _)| index)
        .collect();
    let is_category = matches!(key.as_str(), "categories" | "category");
    let is_word_list = is_jekyll_word_list(candidate.path, &key, items);
    let (sections, tags) = (site.taxonomy_index(SECTIONS), site.taxonomy_index("tags"));
    let mut section = section_from_categories(candidate);
    let mut taxonomy_for = |name: &str| match assigned[..] {
        _ if is_word_list => None,
        [taxonomy] => Some(taxonomy),
        [] if is_category && section.as_deref() == Some(name) => {
            section = None;
            sections
        }
        [] if is_category => tags,
        _ => None,
    };
    let canonical_name = |item: &YamlItem| {
        let name = to_plain_text(&item.text);
        variants.preferred(taxonomy_for(&name)?, &name)
    };
    items.iter().map(canonical_name).collect()
}

/// Returns true for a list of words in one string, which Jekyll separates by spaces; see
/// `FrontMatter`.
fn is_jekyll_word_list(path: &str, key: &str, items: &[YamlItem]) -> bool {
    let [YamlItem { style: ItemStyle::Scalar, text, .. }] = items else { return false };
    format!("/{path}").contains("/_posts/")
        && matches!(key, "categories" | "tags")
        && text.contains(char::is_whitespace)
}

/// The first category, which is the section of an article without one.
fn section_from_categories(candidate: &Candidate<'_>) -> Option<String> {
    let front = &candidate.parsed.front;
    let sections = candidate.site.taxonomy_index(SECTIONS);
    let has_section = |(taxonomy, names): &(usize, Vec<String>)| {
        Some(*taxonomy) == sections
            && names.iter().any(|name| can_become_slug(&to_plain_text(name)))
    };
    let first_category = || {
        front.categories.iter().map(|name| to_plain_text(name)).find(|name| can_become_slug(name))
    };
    if front.terms.iter().any(has_section) { None } else { first_category() }
}

/// Returns the edits that give items their preferred spellings.
fn spelling_edits(
    candidate: &Candidate<'_>,
    items: &[YamlItem],
    names: &[Option<&str>],
    key: &str,
) -> Vec<TextEdit> {
    let changed_names: HashSet<&str> = items
        .iter()
        .zip(names)
        .filter_map(|(item, name)| name.filter(|name| *name != item.text))
        .collect();
    let mut seen = HashSet::new();
    let mut edits = Vec::new();
    for (index, (item, name)) in items.iter().zip(names).enumerate() {
        let Some(name) = name else { continue };
        let is_repeated = !seen.insert(*name) && changed_names.contains(name);
        match if is_repeated && index > 0 {
            removal_edit(candidate, &items[index - 1], item, key)
        } else {
            None
        } {
            Some(removal) => edits.push(removal),
            None if item.text != *name => {
                edits.push(replacement_edit(candidate, item, name, &[key]));
            }
            None => {}
        }
    }
    edits
}

/// Returns the edit that removes an item from its list; `None` if a comment would be removed, too.
fn removal_edit(
    candidate: &Candidate<'_>,
    previous: &YamlItem,
    item: &YamlItem,
    key: &str,
) -> Option<TextEdit> {
    let range = match &item.style {
        ItemStyle::Scalar => return None,
        ItemStyle::FlowSequence => previous.span.end..item.span.end,
        ItemStyle::BlockSequence(line)
            if candidate.text[item.span.end..line.end].trim().is_empty() =>
        {
            line.clone()
        }
        ItemStyle::BlockSequence(_) => return None,
    };
    let values = (item.text.clone(), String::new());
    Some(TextEdit { range, replacement: String::new(), keys: vec![key.to_owned()], values })
}

/// Replaces the single category of an article without a section with its section.
pub(super) fn fix_section(candidate: &mut Candidate<'_>) {
    if let Some(edit) = section_edit(candidate) {
        let sections = candidate.site.taxonomy_index(SECTIONS);
        candidate.apply(Fix::Section, vec![edit], &|before, after, _| {
            let mut expected = before.front.clone();
            let Some(number) = sections else { return false };
            expected.terms.push((number, std::mem::take(&mut expected.categories)));
            let mut actual = after.front.clone();
            expected.terms.sort();
            actual.terms.sort();
            expected == actual
        });
    }
}

fn section_edit(candidate: &Candidate<'_>) -> Option<TextEdit> {
    let site = candidate.site;
    let taxonomy = &site.taxonomies[site.taxonomy_index(SECTIONS)?];
    let key = taxonomy.front_matter_keys.first()?;
    let [category] = &candidate.parsed.front.categories[..] else { return None };
    let entries = candidate.entries();
    let is_section_key =
        |entry: &&YamlEntry| taxonomy.front_matter_keys.contains(&entry.name.to_ascii_lowercase());
    if term_key(&to_plain_text(category)).is_empty()
        || entries.iter().any(|entry| is_section_key(&entry))
    {
        return None;
    }
    let is_category = |entry: &&YamlEntry| {
        matches!(entry.name.to_ascii_lowercase().as_str(), "categories" | "category")
    };
    let entry = entries.iter().find(is_category)?;
    let list_items = items(&candidate.text, entry)?;
    let [item] = &list_items[..] else { return None };
    let value = match &item.style {
        ItemStyle::Scalar => entry.rest.start..entry.value.end,
        ItemStyle::FlowSequence => entry.value.clone(),
        ItemStyle::BlockSequence(_) => entry.key.end..item.span.end,
    };
    let written = &candidate.text[item.span.clone()];
    let between = &candidate.text[entry.key.end..value.start];
    // An item on its own line is moved to the line of its key, unless there is a comment between
    // them.
    let (range, replacement) = match &item.style {
        ItemStyle::BlockSequence(_) if candidate.text[value.clone()].contains('#') => {
            (entry.key.clone(), key.clone())
        }
        ItemStyle::BlockSequence(_) => (entry.key.start..value.end, format!("{key}: {written}")),
        _ => (entry.key.start..value.end, format!("{key}{between}{written}")),
    };
    let keys = vec![entry.name.clone(), key.clone()];
    Some(TextEdit { range, replacement, keys, values: (item.text.clone(), item.text.clone()) })
}

/// Renames keys of other systems to Dateline's own names.
pub(super) fn fix_keys(candidate: &mut Candidate<'_>) {
    let entries = candidate.entries();
    let exists = |name: &str| entries.iter().any(|entry| entry.name.eq_ignore_ascii_case(name));
    let mut edits = Vec::new();
    for entry in &entries {
        let Some(own) = canonical_key(&entry.name).filter(|own| !exists(own)) else { continue };
        let keys = vec![entry.name.clone(), own.to_owned()];
        let values = (entry.name.clone(), own.to_owned());
        edits.push(TextEdit {
            range: entry.key.clone(),
            replacement: own.to_owned(),
            keys,
            values,
        });
    }
    // Of several names of one field, only the one that takes effect can be renamed.
    candidate.apply(Fix::Keys, edits, &|before, after, _| before.front == after.front);
}

/// The value of an entry that isn't a list.
fn scalar_value(candidate: &Candidate<'_>, entry: &YamlEntry) -> Option<YamlItem> {
    let mut list_items = items(&candidate.text, entry)?;
    list_items.pop().filter(|item| item.style == ItemStyle::Scalar)
}

/// Returns the edit that gives an item another text. Its quotation marks are kept, or added if it
/// needs them.
fn replacement_edit(
    candidate: &Candidate<'_>,
    item: &YamlItem,
    text: &str,
    keys: &[&str],
) -> TextEdit {
    let written = &candidate.text[item.span.clone()];
    let layout = match item.style {
        ItemStyle::FlowSequence => ListLayout::Flow,
        _ => ListLayout::Block,
    };
    let replacement = match written.as_bytes().first() {
        Some(b'"') => format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")),
        Some(b'\'') => format!("'{}'", text.replace('\'', "''")),
        _ if is_plain_scalar(text, layout) || looks_like_date(text) => text.to_owned(),
        _ => quoted(text),
    };
    let keys = keys.iter().map(|&key| key.to_owned()).collect();
    TextEdit {
        range: item.span.clone(),
        replacement,
        keys,
        values: (item.text.clone(), text.to_owned()),
    }
}

/// Returns true if a text looks like a date: YAML may read it as a number, but Dateline reads it as
/// written.
fn looks_like_date(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit())
        && text.ends_with(|c: char| c.is_ascii_digit() || c == 'Z')
        && text.bytes().all(|byte| byte.is_ascii_digit() || b"TZ:+-.".contains(&byte))
}

//! The mends of front matter that can be read: dates, terms, sections, names of keys.

use std::collections::HashSet;

use super::Mend;
use super::draft::{Draft, Edit, by_keys};
use super::repair::quoted;
use super::scan::{Entry, Item, Stands, entries, items};
use super::spellings::Spellings;
use crate::content::article::{has_slug, plain};
use crate::content::front_matter::own_name;
use crate::content::values::is_plain;
use crate::model::Moment;
use crate::model::slug::term_key;
use crate::site::SECTIONS;

/// Dates as RFC 3339 writes them.
pub(super) fn dates(draft: &mut Draft<'_>) {
    let zone = draft.site.config.names_time_zone.then_some(draft.site.zone);
    let mut edits = Vec::new();
    for entry in draft.entries() {
        if !matches!(own_name(&entry.name), Some("date" | "updated" | "expires")) {
            continue;
        }
        let Some(item) = alone(draft, &entry) else { continue };
        let Some(with) = Moment::respelled(&item.text, zone) else { continue };
        edits.push(edit(draft, &item, &with, &[&entry.name]));
    }
    let zone = draft.site.zone;
    draft.make(Mend::Dates, edits, &|before, after, edits| {
        let mut wanted = before.front.clone();
        for edit in edits {
            let (old, new) = &edit.texts;
            let Some(field) = edit.keys.first().and_then(|key| wanted.text_mut(key)) else { return false };
            if field.as_ref() != Some(old) || Moment::parse(old, zone) != Moment::parse(new, zone) {
                return false;
            }
            *field = Some(new.clone());
        }
        wanted == after.front
    });
}

/// Terms in one spelling; what then stands twice in a list goes.
pub(super) fn terms(draft: &mut Draft<'_>, spellings: &Spellings) {
    let mut edits = Vec::new();
    for (entry, keys) in lists(draft) {
        let Some(found) = items(&draft.text, &entry) else { continue };
        let names = canonical(draft, &entry, &found, spellings);
        edits.extend(respell(draft, &found, &names, &keys));
    }
    draft.make(Mend::Terms, edits, &|before, after, _| by_keys(&before.front) == by_keys(&after.front));
}

/// The entries that hold terms, with the key at the top that each belongs to: those at the top, and Zola's below `taxonomies`.
fn lists(draft: &Draft<'_>) -> Vec<(Entry, String)> {
    let mut found = Vec::new();
    for entry in draft.entries() {
        let key = entry.name.clone();
        match key.eq_ignore_ascii_case("taxonomies") && entry.value.is_empty() {
            true => {
                let nested = entries(&draft.text, entry.below);
                found.extend(nested.into_iter().map(|entry| (entry, key.clone())));
            }
            false => found.push((entry, key)),
        }
    }
    found
}

/// What each item of a list of terms is to be: `None` if it is no term, or one that nothing is known of.
fn canonical<'s>(
    draft: &Draft<'_>,
    entry: &Entry,
    items: &[Item],
    spellings: &'s Spellings,
) -> Vec<Option<&'s str>> {
    let key = entry.name.to_ascii_lowercase();
    let site = draft.site;
    let fills = |taxonomy: &crate::site::Taxonomy| taxonomy.from.contains(&key);
    let mut fed = site.taxonomies.iter().enumerate().filter(|(_, taxonomy)| fills(taxonomy));
    let fed = (fed.next().map(|(number, _)| number), fed.next().is_some());
    // Jekyll's words in one text are no items; see `FrontMatter`.
    let words = format!("/{}", draft.path).contains("/_posts/")
        && matches!(key.as_str(), "categories" | "tags")
        && matches!(items, [Item { stands: Stands::Alone, text, .. }] if text.contains(char::is_whitespace));
    let (sections, tags) = (site.taxonomy(SECTIONS), site.taxonomy("tags"));
    let mut section = section_of_categories(draft);
    let mut taxonomy = |name: &str| match fed {
        _ if words => None,
        (Some(_), true) => None,
        (Some(number), false) => Some(number),
        (None, _) if !matches!(key.as_str(), "categories" | "category") => None,
        (None, _) if section.as_deref() == Some(name) => {
            section = None;
            sections
        }
        (None, _) => tags,
    };
    let name = |item: &Item| {
        let name = plain(&item.text);
        spellings.of(taxonomy(&name)?, &name)
    };
    items.iter().map(name).collect()
}

/// The category that is the story's section, if it has no other.
fn section_of_categories(draft: &Draft<'_>) -> Option<String> {
    let front = &draft.known.front;
    let sections = draft.site.taxonomy(SECTIONS);
    let named = |(taxonomy, names): &(usize, Vec<String>)| {
        Some(*taxonomy) == sections && names.iter().any(|name| has_slug(&plain(name)))
    };
    let first = || front.categories.iter().map(|name| plain(name)).find(|name| has_slug(name));
    if front.terms.iter().any(named) { None } else { first() }
}

/// The edits that give items their names.
fn respell(draft: &Draft<'_>, items: &[Item], names: &[Option<&str>], key: &str) -> Vec<Edit> {
    let wrong: HashSet<&str> =
        items.iter().zip(names).filter_map(|(item, name)| name.filter(|name| *name != item.text)).collect();
    let mut seen = HashSet::new();
    let mut edits = Vec::new();
    for (at, (item, name)) in items.iter().zip(names).enumerate() {
        let Some(name) = name else { continue };
        let again = !seen.insert(*name) && wrong.contains(name);
        match if again && at > 0 { removal(draft, &items[at - 1], item, key) } else { None } {
            Some(removal) => edits.push(removal),
            None if item.text != *name => edits.push(edit(draft, item, name, &[key])),
            None => {}
        }
    }
    edits
}

/// The edit that takes an item out of its list; `None` where a comment would go with it.
fn removal(draft: &Draft<'_>, before: &Item, item: &Item, key: &str) -> Option<Edit> {
    let range = match &item.stands {
        Stands::Alone => return None,
        Stands::InBrackets => before.span.end..item.span.end,
        Stands::OnLine(line) if draft.text[item.span.end..line.end].trim().is_empty() => line.clone(),
        Stands::OnLine(_) => return None,
    };
    let texts = (item.text.clone(), String::new());
    Some(Edit { range, with: String::new(), keys: vec![key.to_owned()], texts })
}

/// The one category of a story without a section as its section.
pub(super) fn section(draft: &mut Draft<'_>) {
    if let Some(edit) = section_edit(draft) {
        let sections = draft.site.taxonomy(SECTIONS);
        draft.make(Mend::Section, vec![edit], &|before, after, _| {
            let mut wanted = before.front.clone();
            let Some(number) = sections else { return false };
            wanted.terms.push((number, std::mem::take(&mut wanted.categories)));
            let mut found = after.front.clone();
            wanted.terms.sort();
            found.terms.sort();
            wanted == found
        });
    }
}

fn section_edit(draft: &Draft<'_>) -> Option<Edit> {
    let site = draft.site;
    let taxonomy = &site.taxonomies[site.taxonomy(SECTIONS)?];
    let key = taxonomy.from.first()?;
    let [category] = &draft.known.front.categories[..] else { return None };
    let entries = draft.entries();
    let named = |entry: &&Entry| taxonomy.from.contains(&entry.name.to_ascii_lowercase());
    if term_key(&plain(category)).is_empty() || entries.iter().any(|entry| named(&entry)) {
        return None;
    }
    let is_category =
        |entry: &&Entry| matches!(entry.name.to_ascii_lowercase().as_str(), "categories" | "category");
    let entry = entries.iter().find(is_category)?;
    let found = items(&draft.text, entry)?;
    let [item] = &found[..] else { return None };
    let value = match &item.stands {
        Stands::Alone => entry.rest.start..entry.value.end,
        Stands::InBrackets => entry.value.clone(),
        Stands::OnLine(_) => entry.key.end..item.span.end,
    };
    let written = &draft.text[item.span.clone()];
    let between = &draft.text[entry.key.end..value.start];
    // A list of one on a line of its own joins its key, unless a comment stands between them.
    let (range, with) = match &item.stands {
        Stands::OnLine(_) if draft.text[value.clone()].contains('#') => (entry.key.clone(), key.clone()),
        Stands::OnLine(_) => (entry.key.start..value.end, format!("{key}: {written}")),
        _ => (entry.key.start..value.end, format!("{key}{between}{written}")),
    };
    let keys = vec![entry.name.clone(), key.clone()];
    Some(Edit { range, with, keys, texts: (item.text.clone(), item.text.clone()) })
}

/// Dateline's own names for keys that have one in other systems.
pub(super) fn keys(draft: &mut Draft<'_>) {
    let entries = draft.entries();
    let is_there = |name: &str| entries.iter().any(|entry| entry.name.eq_ignore_ascii_case(name));
    let mut edits = Vec::new();
    for entry in &entries {
        let Some(own) = own_name(&entry.name).filter(|own| !is_there(own)) else { continue };
        let keys = vec![entry.name.clone(), own.to_owned()];
        let texts = (entry.name.clone(), own.to_owned());
        edits.push(Edit { range: entry.key.clone(), with: own.to_owned(), keys, texts });
    }
    // Of several names of one field only the one that counts can go.
    draft.make(Mend::Keys, edits, &|before, after, _| before.front == after.front);
}

/// The one value of an entry.
fn alone(draft: &Draft<'_>, entry: &Entry) -> Option<Item> {
    let mut found = items(&draft.text, entry)?;
    found.pop().filter(|item| item.stands == Stands::Alone)
}

/// The edit that gives an item another text, in the quotation marks that it has, or in new ones if it needs them.
fn edit(draft: &Draft<'_>, item: &Item, text: &str, keys: &[&str]) -> Edit {
    let written = &draft.text[item.span.clone()];
    let with = match written.as_bytes().first() {
        Some(b'"') => format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")),
        Some(b'\'') => format!("'{}'", text.replace('\'', "''")),
        _ if is_plain(text, item.stands == Stands::InBrackets) || is_date(text) => text.to_owned(),
        _ => quoted(text),
    };
    let keys = keys.iter().map(|&key| key.to_owned()).collect();
    Edit { range: item.span.clone(), with, keys, texts: (item.text.clone(), text.to_owned()) }
}

/// Whether a text has the look of a date, which YAML reads as a number or as text, and Dateline as it is written.
fn is_date(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit())
        && text.ends_with(|c: char| c.is_ascii_digit() || c == 'Z')
        && text.bytes().all(|byte| byte.is_ascii_digit() || b"TZ:+-.".contains(&byte))
}

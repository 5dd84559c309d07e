//! The fields of front matter and their names.

use serde_yaml::{Mapping, Value};

use super::table::{Field, FieldValue, TEXT_FIELDS, front_matter_fields};
use crate::config::{Site, Taxonomy};
use crate::model::{Image, Status};

/// Front matter as written. Names of other systems are folded into ours; what has no name here is
/// in `extra`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FrontMatter {
    /// The headline.
    pub title: Option<String>,
    /// The time of publication.
    pub date: Option<String>,
    /// The time of the last change.
    pub updated: Option<String>,
    /// The time from which it isn't published any more.
    pub expires: Option<String>,
    /// The standfirst.
    pub description: Option<String>,
    /// The last part of the permalink.
    pub slug: Option<String>,
    /// The whole permalink.
    pub permalink: Option<String>,
    /// The dateline location as printed before the first paragraph.
    pub dateline: Option<String>,
    /// The language (BCP 47).
    pub lang: Option<String>,
    /// The source, such as an agency.
    pub origin: Option<String>,
    /// The URL of its first publication.
    pub original_url: Option<String>,
    /// An identifier that stays the same when the permalink changes.
    pub id: Option<String>,
    /// The id of the article that this is a translation of.
    pub translation_of: Option<String>,
    /// Not to be published yet.
    pub draft: bool,
    /// Shows the reaction bar or not; the site's settings decide if unset.
    pub reactions: Option<bool>,
    /// Search leaves it out.
    pub search_off: bool,
    /// Its versions aren't shown.
    pub history_off: bool,
    /// Old URLs, which redirect to it.
    pub aliases: Vec<String>,
    /// The main image.
    pub image: Option<Image>,
    /// Jekyll's and WordPress's categories.
    pub categories: Vec<String>,
    /// The terms of each taxonomy, by the taxonomy's number.
    pub terms: Vec<(usize, Vec<String>)>,
    /// The corrections: a date as written, if there is one, and a text.
    pub corrections: Vec<(Option<String>, String)>,
    /// The updates, in the same form.
    pub updates: Vec<(Option<String>, String)>,
    /// The editorial status.
    pub status: Status,
    /// Another system's status that keeps the article from being published.
    pub withheld_status: Option<&'static str>,
    /// The reason of the status.
    pub status_reason: Option<String>,
    /// The time of the status.
    pub status_date: Option<String>,
    /// The end of its embargo.
    pub embargo: Option<String>,
    /// Names that are to be removed.
    pub redact: Vec<String>,
    /// Everything else.
    pub extra: Mapping,
    /// The keys, in lower case, of values that can't be read and decide how the article is
    /// published.
    pub unreadable_keys: Vec<String>,
}

/// Returns every key that is read on a site, in lower case.
pub(super) fn known_keys(site: &Site) -> impl Iterator<Item = &str> {
    let taxonomies = site.taxonomies.iter().flat_map(|taxonomy| &taxonomy.front_matter_keys);
    // Custom keys are often similar to `type`: `types`.
    front_matter_fields()
        .filter(|row| row.value != FieldValue::PageType)
        .flat_map(|row| row.names.iter().copied())
        .chain(taxonomies.map(String::as_str))
}

/// Finds the field of a (lower case) key, and the key's rank among the field's names: 0 takes
/// precedence.
pub(super) fn field(key: &str) -> Option<(Field, usize)> {
    TEXT_FIELDS.iter().find_map(|(field, row)| {
        row.names.iter().position(|name| *name == key).map(|rank| (*field, rank))
    })
}

/// Every name of the field that has this one of ours.
pub(crate) fn accepted_keys(canonical: &str) -> &'static [&'static str] {
    let mut rows = TEXT_FIELDS.iter().map(|(_, row)| row);
    rows.find(|row| row.names[0] == canonical).map_or(&[], |row| row.names)
}

/// The name of ours for a key (in any case) that holds one text: `date` for `publishDate`.
pub(crate) fn canonical_key(key: &str) -> Option<&'static str> {
    let (wanted, _) = field(&key.to_ascii_lowercase())?;
    TEXT_FIELDS.iter().find(|(field, _)| *field == wanted).map(|(_, row)| row.names[0])
}

impl FrontMatter {
    /// The field that holds one text and has this key (in any case); `None` if there is no such
    /// field.
    pub fn text_mut(&mut self, key: &str) -> Option<&mut Option<String>> {
        field(&key.to_ascii_lowercase()).map(|(field, _)| self.field_mut(field))
    }
}

impl FrontMatter {
    pub(super) fn field_mut(&mut self, field: Field) -> &mut Option<String> {
        match field {
            Field::Title => &mut self.title,
            Field::Date => &mut self.date,
            Field::Updated => &mut self.updated,
            Field::Expires => &mut self.expires,
            Field::Description => &mut self.description,
            Field::Slug => &mut self.slug,
            Field::Permalink => &mut self.permalink,
            Field::Dateline => &mut self.dateline,
            Field::Lang => &mut self.lang,
            Field::Origin => &mut self.origin,
            Field::OriginalUrl => &mut self.original_url,
            Field::Id => &mut self.id,
            Field::TranslationOf => &mut self.translation_of,
            Field::StatusReason => &mut self.status_reason,
            Field::StatusDate => &mut self.status_date,
            Field::Embargo => &mut self.embargo,
        }
    }

    /// Adds a list to the taxonomies that its key fills, or to the categories.
    pub(super) fn add_list(&mut self, site: &Site, key: &str, items: Vec<String>) {
        let fills = |taxonomy: &Taxonomy| taxonomy.front_matter_keys.iter().any(|from| from == key);
        let filled_taxonomies =
            site.taxonomies.iter().enumerate().filter(|(_, taxonomy)| fills(taxonomy));
        let mut filled_numbers = filled_taxonomies.map(|(number, _)| number).peekable();
        if filled_numbers.peek().is_none() && matches!(key, "categories" | "category") {
            self.categories.extend(items);
            return;
        }
        while let Some(number) = filled_numbers.next() {
            // A key that feeds several taxonomies is rare: only then is there a second list.
            match filled_numbers.peek() {
                Some(_) => self.terms.push((number, items.clone())),
                None => return self.terms.push((number, items)),
            }
        }
    }

    /// Moves the keys nested in Zola's `extra:` and Hugo's `params:` to the top level.
    pub(super) fn unnest(&mut self) {
        for key in ["extra", "params"] {
            match self.extra.remove(key) {
                // A key of the top level takes precedence.
                Some(Value::Mapping(nested)) => {
                    for (key, value) in nested {
                        self.extra.entry(key).or_insert(value);
                    }
                }
                Some(other) => {
                    self.extra.insert(Value::String(key.into()), other);
                }
                None => {}
            }
        }
    }
}

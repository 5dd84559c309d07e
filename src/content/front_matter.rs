//! Front matter: the only place that reads an article's YAML.

use std::collections::HashMap;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, Visitor};
use serde_yaml::{Mapping, Value};

use super::source::SourceFile;
use super::yaml::{CorrectionList, ImageField, NamedList, ScalarText, TextList, TextListMap};
use crate::config::{Site, Taxonomy};
use crate::diagnostics::{Diagnostic, YamlError, explain_syntax_error, explain_type_error};
use crate::model::{Image, Status};

/// Front matter as written. Keys of other systems are mapped to Dateline's own; all unknown keys
/// are in `extra`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FrontMatter {
    /// The headline.
    pub title: Option<String>,
    /// The time of publication.
    pub date: Option<String>,
    /// The time of the last change.
    pub updated: Option<String>,
    /// The time from which it is no longer published.
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
    /// True if it is a draft.
    pub draft: bool,
    /// Enables or disables the reaction bar; `None` leaves that to the site's settings.
    pub reactions: Option<bool>,
    /// True if it is excluded from search.
    pub search_off: bool,
    /// True if its versions aren't shown.
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
    /// The reason for the status.
    pub status_reason: Option<String>,
    /// The time of the status.
    pub status_date: Option<String>,
    /// The end of its embargo.
    pub embargo: Option<String>,
    /// The names to redact.
    pub redact: Vec<String>,
    /// All other keys.
    pub extra: Mapping,
}

/// The fields that hold one text.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Field {
    Title,
    Date,
    Updated,
    Expires,
    Description,
    Slug,
    Permalink,
    Dateline,
    Lang,
    Origin,
    OriginalUrl,
    Id,
    TranslationOf,
    StatusReason,
    StatusDate,
    Embargo,
}

/// The names of each field, Dateline's own first. If a file has several, the first that isn't empty
/// takes effect, and the others go to `extra`.
const FIELDS: [(Field, &[&str]); 16] = [
    (Field::Title, &["title", "headline", "display_name"]),
    (Field::Date, &["date", "published_at", "publishdate", "pubdate"]),
    (Field::Updated, &["updated", "lastmod", "modified", "last_modified_at"]),
    (Field::Expires, &["expires", "expirydate", "unpublishdate"]),
    (Field::Description, &["description", "standfirst", "deck", "summary"]),
    (Field::Slug, &["slug"]),
    (Field::Permalink, &["permalink", "url"]),
    (Field::Dateline, &["dateline"]),
    (Field::Lang, &["lang", "language"]),
    (Field::Origin, &["source"]),
    (Field::OriginalUrl, &["original_url"]),
    (Field::Id, &["id", "guid"]),
    (Field::TranslationOf, &["translation_of", "translationkey"]),
    (Field::StatusReason, &["status_reason"]),
    (Field::StatusDate, &["status_date"]),
    (Field::Embargo, &["embargo"]),
];

/// Finds the field of a (lower case) key, and the key's rank among the field's names: 0 takes
/// precedence.
fn field(key: &str) -> Option<(Field, usize)> {
    FIELDS.iter().find_map(|(field, names)| {
        names.iter().position(|name| *name == key).map(|rank| (*field, rank))
    })
}

/// Returns every name of the field with this name of Dateline's own.
pub(crate) fn accepted_keys(canonical: &str) -> &'static [&'static str] {
    FIELDS.iter().find(|(_, names)| names[0] == canonical).map_or(&[], |(_, names)| names)
}

/// Returns Dateline's own name for a key (in any case) with a single text: `date` for
/// `publishDate`.
pub(crate) fn canonical_key(key: &str) -> Option<&'static str> {
    let (wanted, _) = field(&key.to_ascii_lowercase())?;
    FIELDS.iter().find(|(field, _)| *field == wanted).map(|(_, names)| names[0])
}

impl FrontMatter {
    /// Returns the field of a key (in any case) with a single text; `None` if there is no such
    /// field.
    pub fn text_mut(&mut self, key: &str) -> Option<&mut Option<String>> {
        field(&key.to_ascii_lowercase()).map(|(field, _)| self.field_mut(field))
    }

    /// Reads the front matter of a file.
    ///
    /// # Errors
    /// All mistakes because of which it can't be read, each with its line.
    pub fn parse(source: &SourceFile<'_>, site: &Site) -> Result<Self, Vec<Diagnostic>> {
        let deserialize = |allow_named| {
            let seed = FrontMatterSeed { site, allow_named };
            seed.deserialize(serde_yaml::Deserializer::from_str(source.front_matter))
        };
        // Lists of `{name: …}` are rare, so they are accepted only if a file can't be read
        // otherwise.
        let raw = deserialize(false)
            .or_else(|error| deserialize(true).map_err(|_| error))
            .map_err(|error| vec![yaml_diagnostic(source, &error)])?;
        raw.into_front_matter(source, site)
    }
}

/// The map as parsed, before its keys are mapped to fields.
#[derive(Default)]
struct RawFrontMatter {
    keys: Vec<String>,
    texts: Vec<(Field, usize, String, String)>,
    lists: Vec<(String, TextList)>,
    /// Zola's lists under `taxonomies:`.
    nested: Vec<(String, TextList)>,
    flags: Vec<(String, String)>,
    image: Option<Image>,
    corrections: CorrectionList,
    updates: CorrectionList,
    redact: Vec<String>,
    status: Option<Status>,
    extra: Mapping,
}

struct FrontMatterSeed<'a> {
    site: &'a Site,
    allow_named: bool,
}

impl<'de> DeserializeSeed<'de> for FrontMatterSeed<'_> {
    type Value = RawFrontMatter;
    fn deserialize<D: Deserializer<'de>>(
        self,
        deserializer: D,
    ) -> Result<RawFrontMatter, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for FrontMatterSeed<'_> {
    type Value = RawFrontMatter;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("lines of `key: value`")
    }

    fn visit_unit<E>(self) -> Result<RawFrontMatter, E> {
        Ok(RawFrontMatter::default())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<RawFrontMatter, A::Error> {
        let mut raw = RawFrontMatter::default();
        while let Some(ScalarText(written)) = map.next_key()? {
            let written = written.unwrap_or_default();
            let key = written.to_ascii_lowercase();
            let fills_taxonomy = self
                .site
                .taxonomies
                .iter()
                .any(|taxonomy| taxonomy.front_matter_keys.contains(&key));
            match key.as_str() {
                _ if fills_taxonomy
                    || matches!(key.as_str(), "aliases" | "alias" | "categories" | "category") =>
                {
                    let list = if self.allow_named {
                        TextList::Items(map.next_value::<NamedList>()?.0)
                    } else {
                        map.next_value()?
                    };
                    raw.lists.push((key.clone(), list));
                }
                "taxonomies" => raw.nested.extend(map.next_value::<TextListMap>()?.0),
                "image" => raw.image = map.next_value::<ImageField>()?.0,
                "corrections" | "correction" => raw.corrections = map.next_value()?,
                "updates" => raw.updates = map.next_value()?,
                "redact" => raw.redact = map.next_value::<TextList>()?.into_items(),
                "status" => match map.next_value::<Value>()? {
                    Value::String(word) if Status::parse(&word).is_some() => {
                        raw.status = Status::parse(&word);
                    }
                    // A key of another system.
                    other => drop(raw.extra.insert(Value::String(written), other)),
                },
                "draft" | "published" | "reactions" | "search" | "history" => {
                    raw.flags
                        .push((key.clone(), map.next_value::<ScalarText>()?.0.unwrap_or_default()));
                }
                _ => match field(&key) {
                    Some((field, rank)) => {
                        let text = map.next_value::<ScalarText>()?.0.unwrap_or_default();
                        raw.texts.push((field, rank, key.clone(), text));
                    }
                    None => {
                        raw.extra.insert(Value::String(written), map.next_value()?);
                    }
                },
            }
            raw.keys.push(key);
        }
        Ok(raw)
    }
}

impl RawFrontMatter {
    fn into_front_matter(
        mut self,
        source: &SourceFile<'_>,
        site: &Site,
    ) -> Result<FrontMatter, Vec<Diagnostic>> {
        let mut diagnostics = find_duplicate_keys(&self.keys, source);
        let mut front_matter = FrontMatter { image: self.image.take(), ..FrontMatter::default() };
        front_matter.corrections = std::mem::take(&mut self.corrections.0);
        front_matter.updates = std::mem::take(&mut self.updates.0);
        front_matter.redact = std::mem::take(&mut self.redact);
        front_matter.status = self.status.unwrap_or_default();
        self.fold_texts(&mut front_matter);
        self.fold_flags(&mut front_matter, source, &mut diagnostics);
        front_matter.extra = std::mem::take(&mut self.extra);
        // Jekyll splits a single text at spaces.
        let is_jekyll = source.file.contains("/_posts/");
        for (key, list) in self.lists {
            let items = match list {
                TextList::Items(items) => items,
                TextList::Text(text)
                    if is_jekyll && matches!(key.as_str(), "categories" | "tags") =>
                {
                    split_words(&text)
                }
                TextList::Text(text) => vec![text],
                TextList::Number(_) => vec![raw_value(source, &key)],
            };
            match key.as_str() {
                "aliases" | "alias" => front_matter.aliases.extend(items),
                _ => front_matter.add_list(site, &key, items),
            }
        }
        for (key, list) in self.nested {
            let items = match list {
                TextList::Items(items) => items,
                TextList::Text(text) | TextList::Number(text) => vec![text],
            };
            front_matter.add_list(site, &key.to_ascii_lowercase(), items);
        }
        front_matter.unnest();
        front_matter.redact_names(&source.matcher);
        if diagnostics.is_empty() { Ok(front_matter) } else { Err(diagnostics) }
    }

    fn fold_texts(&mut self, front_matter: &mut FrontMatter) {
        // Dateline's own names take precedence over those of other systems, and any text over none.
        self.texts.sort_by_key(|(_, rank, _, text)| (text.trim().is_empty(), *rank));
        let mut seen_fields = 0_u32;
        for (field, _, key, text) in self.texts.drain(..) {
            if text.trim().is_empty() {
                continue;
            }
            let bit = 1 << field as u16;
            if seen_fields & bit != 0 {
                self.extra.insert(Value::String(key), Value::String(text));
                continue;
            }
            seen_fields |= bit;
            *front_matter.field_mut(field) = Some(text);
        }
    }

    fn fold_flags(
        &mut self,
        front_matter: &mut FrontMatter,
        source: &SourceFile<'_>,
        diagnostics: &mut Vec<Diagnostic>,
    ) {
        for (key, text) in self.flags.drain(..) {
            let value = match text.trim().to_ascii_lowercase().as_str() {
                "" => continue,
                "true" | "yes" | "on" | "1" => true,
                "false" | "no" | "off" | "0" => false,
                _ => {
                    let message = format!("`{key}` must be `true` or `false`, not `{text}`");
                    let diagnostic = Diagnostic::error("wrong-type", source.file, message);
                    let help = format!("write `{key}: true`, or remove the line");
                    diagnostics.push(diagnostic.location(source.key_location(&key, 0)).help(help));
                    continue;
                }
            };
            match key.as_str() {
                "draft" => front_matter.draft |= value,
                "published" => front_matter.draft |= !value,
                "search" => front_matter.search_off = !value,
                "history" => front_matter.history_off = !value,
                _ => front_matter.reactions = Some(value),
            }
        }
    }
}

impl FrontMatter {
    fn field_mut(&mut self, field: Field) -> &mut Option<String> {
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
    fn add_list(&mut self, site: &Site, key: &str, items: Vec<String>) {
        let fills = |taxonomy: &Taxonomy| taxonomy.front_matter_keys.iter().any(|from| from == key);
        let filled_taxonomies =
            site.taxonomies.iter().enumerate().filter(|(_, taxonomy)| fills(taxonomy));
        let mut filled_numbers = filled_taxonomies.map(|(number, _)| number).peekable();
        if filled_numbers.peek().is_none() && matches!(key, "categories" | "category") {
            self.categories.extend(items);
            return;
        }
        while let Some(number) = filled_numbers.next() {
            // A key that fills several taxonomies is rare: only then is the list copied.
            match filled_numbers.peek() {
                Some(_) => self.terms.push((number, items.clone())),
                None => return self.terms.push((number, items)),
            }
        }
    }

    /// Moves the keys nested in Zola's `extra:` and Hugo's `params:` to the top level.
    fn unnest(&mut self) {
        for key in ["extra", "params"] {
            match self.extra.remove(key) {
                Some(Value::Mapping(nested)) => self.extra.extend(nested),
                Some(other) => {
                    self.extra.insert(Value::String(key.into()), other);
                }
                None => {}
            }
        }
    }
}

/// Splits a text without commas into its words; returns any other text as it is.
fn split_words(text: &str) -> Vec<String> {
    match text.contains(',') {
        true => vec![text.to_owned()],
        false => text.split_whitespace().map(str::to_owned).collect(),
    }
}

/// Returns the source text of a top-level value whose spelling YAML has lost (`tags: 1.10`).
fn raw_value(source: &SourceFile<'_>, key: &str) -> String {
    let line = crate::diagnostics::find_nth_key(source.front_matter, key, 0)
        .map_or("", |(at, length)| &source.front_matter[at..at + length]);
    let value = line.split_once(':').map_or("", |(_, value)| value);
    value.split(" #").next().unwrap_or_default().trim().to_owned()
}

fn find_duplicate_keys(keys: &[String], source: &SourceFile<'_>) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    let mut sorted: Vec<&String> = keys.iter().collect();
    sorted.sort_unstable();
    if sorted.windows(2).all(|pair| pair[0] != pair[1]) {
        return diagnostics;
    }
    let mut key_counts: HashMap<&str, usize> = HashMap::new();
    for key in keys {
        let count = key_counts.entry(key).or_default();
        *count += 1;
        if *count == 2 {
            let (first, second) = (source.key_location(key, 0), source.key_location(key, 1));
            let lines =
                (first.as_ref().map_or(0, |p| p.line), second.as_ref().map_or(0, |p| p.line));
            let message =
                format!("`{key}` is set twice, in line {} and in line {}", lines.0, lines.1);
            let diagnostic =
                Diagnostic::error("duplicate-key", source.file, message).location(second);
            diagnostics.push(diagnostic.related(first, "first set here").help("keep one of them"));
        }
    }
    diagnostics
}

/// Returns the diagnostic for an error of the YAML parser.
fn yaml_diagnostic(source: &SourceFile<'_>, error: &serde_yaml::Error) -> Diagnostic {
    let error_text = error.to_string();
    let offset = unclosed_offset(source.front_matter, &error_text)
        .or_else(|| error.location().map(|location| location.index()));
    let offset = offset.map(|at| at.min(source.front_matter.len()));
    // Errors without a position (too many aliases) are reported at the fence.
    let location =
        offset.map_or_else(|| source.fence_location(), |at| source.front_matter_location(at, 1));
    let line = offset.map_or("", |at| line_at(source.front_matter, at));
    if let Some(message) = explain_type_error(&error_text, "the front matter") {
        let is_text = message.ends_with("one value")
            && line.split_once(": ").is_some_and(|(_, value)| value.starts_with(['[', '{']));
        let help = if is_text {
            "put text that begins with a bracket in quotation marks; `dateline help \
             front-matter` lists the values of each key"
        } else {
            "`dateline help front-matter` lists the values of each key"
        };
        return Diagnostic::error("wrong-type", source.file, message).location(location).help(help);
    }
    let YamlError { message, help } = explain_syntax_error(&error_text, line);
    Diagnostic::error("invalid-yaml", source.file, message).location(location).help(help)
}

/// Returns the offset of a value that is never closed, from the parser's message: "…, while
/// scanning a quoted scalar at line 1 column 8".
fn unclosed_offset(front_matter: &str, error_text: &str) -> Option<usize> {
    let (_, context) = error_text.split_once(", while ")?;
    let (construct, position) = context.split_once(" at line ")?;
    let (line, column) = position.split_once(" column ")?;
    let (line, column): (usize, usize) = (line.parse().ok()?, column.parse().ok()?);
    let start: usize =
        front_matter.split_inclusive('\n').take(line.checked_sub(1)?).map(str::len).sum();
    let column_offset: usize =
        front_matter[start..].chars().take(column.checked_sub(1)?).map(char::len_utf8).sum();
    ["quoted scalar", "flow sequence", "flow mapping"]
        .iter()
        .any(|open| construct.ends_with(open))
        .then_some(start + column_offset)
}

/// The line at an offset.
fn line_at(text: &str, offset: usize) -> &str {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    let start = text[..offset].rfind('\n').map_or(0, |end| end + 1);
    text[start..].lines().next().unwrap_or_default()
}

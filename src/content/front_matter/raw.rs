//! The map of front matter as a parser reads it, before names are folded.

use std::fmt;

use serde::de::{
    DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Unexpected, Visitor,
};
use serde_yaml::{Mapping, Value};

use super::byline::split_byline;
use super::fields::{FrontMatter, field};
use super::table::{ALIAS_KEYS, Field};
use crate::config::{MERGE_KEY, MERGED_TYPE, Site};
use crate::content::fences::FrontMatterFormat;
use crate::content::source::SourceFile;
use crate::content::value_tree::{MapDeserializer, TopLevelEntry, TreeError};
use crate::content::visibility::parse_boolean;
use crate::content::yaml::{
    CorrectionList, ImageField, LooseValue, NameList, NamedLink, NamedList, ScalarText, TextList,
    TextListMap,
};
use crate::diagnostics::find_keys;
use crate::model::Image;

/// The map as it was read, before names are folded.
#[derive(Default)]
pub(super) struct RawFrontMatter {
    /// The keys in lower case.
    pub(super) keys: Vec<String>,
    /// The keys with values in which a nested key is set twice, each with that key.
    pub(super) repeated: Vec<(String, String)>,
    /// The values of merge keys, which [`RawFrontMatter::apply_merge_keys`] applies.
    pub(super) merged: Vec<Self>,
    pub(super) texts: Vec<(Field, usize, String, String)>,
    pub(super) lists: Vec<(String, TextList)>,
    /// Zola's, under `taxonomies:`.
    pub(super) nested: Vec<(String, TextList)>,
    pub(super) flags: Vec<(String, String)>,
    pub(super) image: Option<Image>,
    pub(super) corrections: CorrectionList,
    pub(super) updates: CorrectionList,
    pub(super) redact: Vec<String>,
    pub(super) status: Option<Value>,
    pub(super) extra: Mapping,
}

/// The name in `extra` of the URL in a map of `source` if another URL takes precedence.
pub(super) const SOURCE_URL_KEY: &str = "source_url";

/// The accepted forms of lists of terms.
#[derive(Clone, Copy, PartialEq, Eq)]
enum TermLists {
    /// As texts.
    Texts,
    /// As texts or maps with a `name`.
    Named,
}

impl TermLists {
    /// Reads the value of a key as a list.
    fn next_list<'de, A: MapAccess<'de>>(self, map: &mut A) -> Result<TextList, A::Error> {
        match self {
            Self::Named => Ok(TextList::Items(map.next_value::<NamedList>()?.0)),
            Self::Texts => map.next_value(),
        }
    }
}

/// Reads front matter.
#[derive(Clone, Copy)]
struct FrontMatterSeed<'a> {
    site: &'a Site,
    format: FrontMatterFormat,
    term_lists: TermLists,
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

impl FrontMatterSeed<'_> {
    /// Returns true if a key, in lower case, holds a list of terms or old URLs.
    fn is_list(&self, key: &str) -> bool {
        let taxonomies = &self.site.taxonomies;
        taxonomies.iter().any(|taxonomy| taxonomy.front_matter_keys.iter().any(|from| from == key))
            || ALIAS_KEYS.contains(&key)
            || matches!(key, "categories" | "category")
    }

    /// Finds the field of a key, in lower case, and its rank among the field's names.
    fn field(&self, key: &str) -> Option<(Field, usize)> {
        // Zola writes TOML, and its name of the permalink is a common key of other systems.
        let is_zola_path = self.format == FrontMatterFormat::Toml && key == "path";
        if is_zola_path { Some((Field::Permalink, usize::MAX)) } else { field(key) }
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
            match key.as_str() {
                _ if self.is_list(&key) => {
                    raw.lists.push((key.clone(), self.term_lists.next_list(&mut map)?));
                }
                MERGE_KEY => {
                    let seed = MergeSeed { front_matter: self, value: MergeValue::MapOrList };
                    raw.merged.extend(map.next_value_seed(seed)?);
                }
                "taxonomies" => raw.nested.extend(map.next_value::<TextListMap>()?.0),
                "image" => raw.image = map.next_value::<ImageField>()?.0,
                "corrections" | "correction" => raw.corrections = map.next_value()?,
                "updates" => raw.updates = map.next_value()?,
                // Templates see it, too.
                "type" => drop(
                    raw.extra.insert(key.clone().into(), map.next_value::<LooseValue>()?.value),
                ),
                "redact" => raw.redact = map.next_value::<NameList>()?.0,
                "status" => raw.status = Some(map.next_value::<LooseValue>()?.value),
                "draft" | "published" | "reactions" | "search" | "history" => {
                    raw.flags
                        .push((key.clone(), map.next_value::<ScalarText>()?.0.unwrap_or_default()));
                }
                _ => match self.field(&key) {
                    Some((Field::Origin, rank)) if self.term_lists == TermLists::Named => {
                        let NamedLink { name, url, map } = map.next_value()?;
                        let map = map.map(|map| (Value::String(written), Value::Mapping(map)));
                        raw.extra.extend(map);
                        raw.texts.push((Field::Origin, rank, key.clone(), name));
                        // `original_url` takes precedence.
                        let key = SOURCE_URL_KEY.to_owned();
                        raw.texts.push((Field::OriginalUrl, usize::MAX, key, url));
                    }
                    Some((field, rank)) => {
                        let text = map.next_value::<ScalarText>()?.0.unwrap_or_default();
                        raw.texts.push((field, rank, key.clone(), text));
                    }
                    None => {
                        let LooseValue { value, repeated } = map.next_value()?;
                        raw.repeated.extend(repeated.into_iter().map(|name| (key.clone(), name)));
                        raw.extra.insert(Value::String(written), value);
                    }
                },
            }
            raw.keys.push(key);
        }
        Ok(raw)
    }
}

/// Reads the value of a merge key as front matter: of one map, or of each map of a list.
#[derive(Clone, Copy)]
struct MergeSeed<'a> {
    front_matter: FrontMatterSeed<'a>,
    /// The maps that are accepted.
    value: MergeValue,
}

/// The accepted values of a merge key.
#[derive(Clone, Copy, PartialEq, Eq)]
enum MergeValue {
    MapOrList,
    Map,
}

impl<'de> DeserializeSeed<'de> for MergeSeed<'_> {
    type Value = Vec<RawFrontMatter>;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for MergeSeed<'_> {
    type Value = Vec<RawFrontMatter>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(MERGED_TYPE)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        Ok(vec![self.front_matter.visit_map(map)?])
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        if self.value == MergeValue::Map {
            return Err(A::Error::invalid_type(Unexpected::Seq, &self));
        }
        let mut parts = Vec::new();
        while let Some(maps) = list.next_element_seed(Self { value: MergeValue::Map, ..self })? {
            parts.extend(maps);
        }
        Ok(parts)
    }
}

impl RawFrontMatter {
    /// Reads YAML.
    ///
    /// # Errors
    /// The parser's first error.
    pub(super) fn parse(yaml: &str, site: &Site) -> Result<Self, serde_yaml::Error> {
        // Lists of `{name: …}` are rare; only a file that can't be read otherwise is read for them.
        let deserialize = |term_lists| {
            let seed = FrontMatterSeed { site, format: FrontMatterFormat::Yaml, term_lists };
            seed.deserialize(serde_yaml::Deserializer::from_str(yaml))
        };
        deserialize(TermLists::Texts)
            .or_else(|error| deserialize(TermLists::Named).map_err(|_| error))
    }

    /// Reads the values of TOML or JSON.
    ///
    /// # Errors
    /// The first value that has the wrong type.
    pub(super) fn from_entries(
        entries: &[TopLevelEntry],
        format: FrontMatterFormat,
        site: &Site,
    ) -> Result<Self, TreeError> {
        let deserialize = |term_lists| {
            let entries = entries.iter().map(|entry| (entry.key.as_str(), &entry.value));
            let seed = FrontMatterSeed { site, format, term_lists };
            seed.deserialize(MapDeserializer::new(entries))
        };
        deserialize(TermLists::Texts)
            .or_else(|error| deserialize(TermLists::Named).map_err(|_| error))
    }

    /// Adds the keys of the next part of the front matter.
    pub(super) fn append(&mut self, part: Self) {
        self.keys.extend(part.keys);
        self.merged.extend(part.merged);
        self.repeated.extend(part.repeated);
        self.texts.extend(part.texts);
        self.lists.extend(part.lists);
        self.nested.extend(part.nested);
        self.flags.extend(part.flags);
        self.image = part.image.or(self.image.take());
        self.corrections.0.extend(part.corrections.0);
        self.updates.0.extend(part.updates.0);
        self.redact.extend(part.redact);
        self.status = part.status.or(self.status.take());
        self.extra.extend(part.extra);
    }

    /// Folds the names of other systems into those of this program. Returns the keys whose value
    /// must be `true` or `false` and isn't, each with its value.
    pub(super) fn into_front_matter(
        mut self,
        source: &SourceFile<'_>,
        site: &Site,
    ) -> (FrontMatter, Vec<(String, String)>) {
        let mut front_matter = FrontMatter { image: self.image.take(), ..FrontMatter::default() };
        front_matter.corrections = std::mem::take(&mut self.corrections.0);
        front_matter.updates = std::mem::take(&mut self.updates.0);
        front_matter.redact = std::mem::take(&mut self.redact);
        self.fold_texts(&mut front_matter);
        let bad_flags = self.fold_flags(&mut front_matter);
        front_matter.extra = std::mem::take(&mut self.extra);
        // Jekyll separates the words of one text by spaces.
        let is_jekyll = source.file.contains("/_posts/");
        for (key, list) in self.lists {
            let items = match list {
                TextList::Items(items) => items,
                TextList::Text(text)
                    if is_jekyll && matches!(key.as_str(), "categories" | "tags") =>
                {
                    split_words(&text)
                }
                TextList::Text(text) if key == "byline" => split_byline(&text),
                TextList::Text(text) => vec![text],
                TextList::Number(number) => vec![match source.format {
                    FrontMatterFormat::Yaml => raw_value(source, &key).unwrap_or(number),
                    FrontMatterFormat::Toml | FrontMatterFormat::Json => number,
                }],
            };
            if ALIAS_KEYS.contains(&key.as_str()) {
                front_matter.aliases.extend(items);
            } else {
                front_matter.add_list(site, &key, items);
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
        (front_matter, bad_flags)
    }

    fn fold_texts(&mut self, front_matter: &mut FrontMatter) {
        // A name of ours beats another system's, and any text beats none.
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

    fn fold_flags(&mut self, front_matter: &mut FrontMatter) -> Vec<(String, String)> {
        let mut bad_flags = Vec::new();
        for (key, text) in self.flags.drain(..) {
            if text.trim().is_empty() {
                continue;
            }
            let value = parse_boolean(&text);
            match key.as_str() {
                "draft" => front_matter.draft |= value != Some(false),
                "published" => front_matter.draft |= value != Some(true),
                "search" => front_matter.search_off = value != Some(true),
                "history" => front_matter.history_off = value != Some(true),
                _ => front_matter.reactions = value.or(front_matter.reactions),
            }
            if value.is_none() {
                bad_flags.push((key, text));
            }
        }
        bad_flags
    }
}

/// The words of a text that has no commas; else the text itself.
fn split_words(text: &str) -> Vec<String> {
    match text.contains(',') {
        true => vec![text.to_owned()],
        false => text.split_whitespace().map(str::to_owned).collect(),
    }
}

/// The text behind the last setting of a top-level key, for a value whose spelling YAML has lost
/// (`tags: 1.10`); `None` if no line sets it, as after a merge key.
fn raw_value(source: &SourceFile<'_>, key: &str) -> Option<String> {
    let (at, length) = find_keys(source.front_matter, key).last()?;
    let (_, value) = source.front_matter[at..at + length].split_once(':')?;
    let value = value.split(" #").next().unwrap_or_default().trim();
    (!value.is_empty()).then(|| value.to_owned())
}

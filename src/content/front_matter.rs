//! Front matter: the only place that reads an article's YAML.

use std::collections::HashMap;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, Visitor};
use serde_yaml::{Mapping, Value};

use super::source::Source;
use super::yaml::{Corrections, ImageField, List, Lists, NamedList, Text};
use crate::diagnostic::{Diagnostic, unquoted_colon};
use crate::model::{Image, Status};
use crate::site::{Site, Taxonomy};

/// Front matter as written. Names of other systems are folded into ours; what has no name here is in `extra`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FrontMatter {
    /// The headline.
    pub title: Option<String>,
    /// When it was published.
    pub date: Option<String>,
    /// When it was last changed.
    pub updated: Option<String>,
    /// When it is to be held back from.
    pub expires: Option<String>,
    /// The standfirst.
    pub description: Option<String>,
    /// The last part of the permalink.
    pub slug: Option<String>,
    /// The whole permalink.
    pub permalink: Option<String>,
    /// The place as printed before the first paragraph.
    pub dateline: Option<String>,
    /// The language (BCP 47).
    pub lang: Option<String>,
    /// Where the story came from.
    pub source: Option<String>,
    /// Where it first appeared.
    pub original_url: Option<String>,
    /// An identity that outlives changes of address.
    pub id: Option<String>,
    /// The id of the story that this is a translation of.
    pub translation_of: Option<String>,
    /// Not to be published yet.
    pub draft: bool,
    /// Whether the reaction bar is wanted; the site decides if unset.
    pub reactions: Option<bool>,
    /// Whether search leaves it out.
    pub search_off: bool,
    /// Whether its versions are nobody's business.
    pub history_off: bool,
    /// Former addresses.
    pub aliases: Vec<String>,
    /// The main picture.
    pub image: Option<Image>,
    /// Jekyll's and WordPress's categories.
    pub categories: Vec<String>,
    /// The terms of each taxonomy, by the taxonomy's number.
    pub terms: Vec<(usize, Vec<String>)>,
    /// What was put right later: a date as written, if there is one, and a text.
    pub corrections: Vec<(Option<String>, String)>,
    /// What was added later, in the same form.
    pub updates: Vec<(Option<String>, String)>,
    /// What became of the story.
    pub status: Status,
    /// Why it became that.
    pub status_reason: Option<String>,
    /// When it became that.
    pub status_date: Option<String>,
    /// Until when it is to be held back.
    pub embargo: Option<String>,
    /// Names that are to be taken out.
    pub redact: Vec<String>,
    /// Everything else.
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

/// The names of a field, ours first: where a file has several, the first that isn't empty counts and the others go to `extra`.
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

/// Finds the field of a (lower case) key, and how much the key counts among its names: 0 counts most.
fn field(key: &str) -> Option<(Field, usize)> {
    FIELDS
        .iter()
        .find_map(|(field, names)| names.iter().position(|name| *name == key).map(|rank| (*field, rank)))
}

/// Every name of the field that has this one of ours.
pub fn names(own: &str) -> &'static [&'static str] {
    FIELDS.iter().find(|(_, names)| names[0] == own).map_or(&[], |(_, names)| names)
}

/// The name of ours for a key (in any case) that holds one text: `date` for `publishDate`.
pub fn own_name(key: &str) -> Option<&'static str> {
    let (found, _) = field(&key.to_ascii_lowercase())?;
    FIELDS.iter().find(|(field, _)| *field == found).map(|(_, names)| names[0])
}

impl FrontMatter {
    /// The field that holds one text and has this key (in any case); `None` if there is no such field.
    pub fn text_mut(&mut self, key: &str) -> Option<&mut Option<String>> {
        field(&key.to_ascii_lowercase()).map(|(field, _)| self.field_mut(field))
    }

    /// Reads the front matter of a file.
    ///
    /// # Errors
    /// Every mistake that keeps it from being read, each with its line.
    pub fn parse(source: &Source<'_>, site: &Site) -> Result<Self, Vec<Diagnostic>> {
        let read = |named| {
            let seed = Seed { site, named };
            seed.deserialize(serde_yaml::Deserializer::from_str(source.front))
        };
        // Lists of `{name: …}` are rare; only a file that can't be read otherwise is read for them.
        let collected = read(false)
            .or_else(|error| read(true).map_err(|_| error))
            .map_err(|error| vec![explain(source, &error)])?;
        collected.finish(source, site)
    }
}

/// The map as it was read, before names are folded.
#[derive(Default)]
struct Collected {
    keys: Vec<String>,
    texts: Vec<(Field, usize, String, String)>,
    lists: Vec<(String, List)>,
    /// Zola's, under `taxonomies:`.
    nested: Vec<(String, List)>,
    flags: Vec<(String, String)>,
    image: Option<Image>,
    corrections: Corrections,
    updates: Corrections,
    redact: Vec<String>,
    status: Option<Status>,
    extra: Mapping,
}

struct Seed<'a> {
    site: &'a Site,
    named: bool,
}

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = Collected;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Collected, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Seed<'_> {
    type Value = Collected;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("lines of `key: value`")
    }

    fn visit_unit<E>(self) -> Result<Collected, E> {
        Ok(Collected::default())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Collected, A::Error> {
        let mut collected = Collected::default();
        while let Some(Text(written)) = map.next_key()? {
            let written = written.unwrap_or_default();
            let key = written.to_ascii_lowercase();
            let site_key = self.site.taxonomies.iter().any(|taxonomy| taxonomy.from.contains(&key));
            match key.as_str() {
                _ if site_key || matches!(key.as_str(), "aliases" | "alias" | "categories" | "category") => {
                    let list = if self.named {
                        List::Items(map.next_value::<NamedList>()?.0)
                    } else {
                        map.next_value()?
                    };
                    collected.lists.push((key.clone(), list));
                }
                "taxonomies" => collected.nested.extend(map.next_value::<Lists>()?.0),
                "image" => collected.image = map.next_value::<ImageField>()?.0,
                "corrections" | "correction" => collected.corrections = map.next_value()?,
                "updates" => collected.updates = map.next_value()?,
                "redact" => collected.redact = map.next_value::<List>()?.into_items(),
                "status" => match map.next_value::<Value>()? {
                    Value::String(word) if Status::parse(&word).is_some() => {
                        collected.status = Status::parse(&word);
                    }
                    // Another system's.
                    other => drop(collected.extra.insert(Value::String(written), other)),
                },
                "draft" | "published" | "reactions" | "search" | "history" => {
                    collected.flags.push((key.clone(), map.next_value::<Text>()?.0.unwrap_or_default()));
                }
                _ => match field(&key) {
                    Some((field, rank)) => {
                        let text = map.next_value::<Text>()?.0.unwrap_or_default();
                        collected.texts.push((field, rank, key.clone(), text));
                    }
                    None => {
                        collected.extra.insert(Value::String(written), map.next_value()?);
                    }
                },
            }
            collected.keys.push(key);
        }
        Ok(collected)
    }
}

impl Collected {
    fn finish(mut self, source: &Source<'_>, site: &Site) -> Result<FrontMatter, Vec<Diagnostic>> {
        let mut mistakes = duplicates(&self.keys, source);
        let mut front = FrontMatter { image: self.image.take(), ..FrontMatter::default() };
        front.corrections = std::mem::take(&mut self.corrections.0);
        front.updates = std::mem::take(&mut self.updates.0);
        front.redact = std::mem::take(&mut self.redact);
        front.status = self.status.unwrap_or_default();
        self.fold_texts(&mut front);
        self.fold_flags(&mut front, source, &mut mistakes);
        front.extra = std::mem::take(&mut self.extra);
        // Jekyll separates the words of one text by blanks.
        let jekyll = source.file.contains("/_posts/");
        for (key, list) in self.lists {
            let items = match list {
                List::Items(items) => items,
                List::Text(text) if jekyll && matches!(key.as_str(), "categories" | "tags") => words(&text),
                List::Text(text) => vec![text],
                List::Number(_) => vec![raw_value(source, &key)],
            };
            match key.as_str() {
                "aliases" | "alias" => front.aliases.extend(items),
                _ => front.add_list(site, &key, items),
            }
        }
        for (key, list) in self.nested {
            let items = match list {
                List::Items(items) => items,
                List::Text(text) | List::Number(text) => vec![text],
            };
            front.add_list(site, &key.to_ascii_lowercase(), items);
        }
        front.unnest();
        if mistakes.is_empty() { Ok(front) } else { Err(mistakes) }
    }

    fn fold_texts(&mut self, front: &mut FrontMatter) {
        // A name of ours beats another system's, and any text beats none.
        self.texts.sort_by_key(|(_, rank, _, text)| (text.trim().is_empty(), *rank));
        let mut seen = 0_u32;
        for (field, _, key, text) in self.texts.drain(..) {
            if text.trim().is_empty() {
                continue;
            }
            let bit = 1 << field as u16;
            if seen & bit != 0 {
                self.extra.insert(Value::String(key), Value::String(text));
                continue;
            }
            seen |= bit;
            *front.field_mut(field) = Some(text);
        }
    }

    fn fold_flags(&mut self, front: &mut FrontMatter, source: &Source<'_>, mistakes: &mut Vec<Diagnostic>) {
        for (key, text) in self.flags.drain(..) {
            let truth = match text.trim().to_ascii_lowercase().as_str() {
                "" => continue,
                "true" | "yes" | "on" | "1" => true,
                "false" | "no" | "off" | "0" => false,
                _ => {
                    let message = format!("`{key}` must be `true` or `false`, not `{text}`");
                    let diagnostic = Diagnostic::error("wrong-type", source.file, message);
                    let help = format!("write `{key}: true`, or take the line out");
                    mistakes.push(diagnostic.at(source.key_place(&key, 0)).help(help));
                    continue;
                }
            };
            match key.as_str() {
                "draft" => front.draft |= truth,
                "published" => front.draft |= !truth,
                "search" => front.search_off = !truth,
                "history" => front.history_off = !truth,
                _ => front.reactions = Some(truth),
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
            Field::Origin => &mut self.source,
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
        let fills = |taxonomy: &Taxonomy| taxonomy.from.iter().any(|from| from == key);
        let filled = site.taxonomies.iter().enumerate().filter(|(_, taxonomy)| fills(taxonomy));
        let mut filled = filled.map(|(number, _)| number).peekable();
        if filled.peek().is_none() && matches!(key, "categories" | "category") {
            self.categories.extend(items);
            return;
        }
        while let Some(number) = filled.next() {
            // A key that feeds several taxonomies is rare: only then is there a second list.
            match filled.peek() {
                Some(_) => self.terms.push((number, items.clone())),
                None => return self.terms.push((number, items)),
            }
        }
    }

    /// Zola nests `extra:`, Hugo nests `params:`; what they hold counts as if it stood at the top.
    fn unnest(&mut self) {
        for nest in ["extra", "params"] {
            match self.extra.remove(nest) {
                Some(Value::Mapping(nested)) => self.extra.extend(nested),
                Some(other) => {
                    self.extra.insert(Value::String(nest.into()), other);
                }
                None => {}
            }
        }
    }
}

/// The words of a text that has no commas; else the text itself.
fn words(text: &str) -> Vec<String> {
    match text.contains(',') {
        true => vec![text.to_owned()],
        false => text.split_whitespace().map(str::to_owned).collect(),
    }
}

/// The text behind a top-level key, for a value whose spelling YAML has lost (`tags: 1.10`).
fn raw_value(source: &Source<'_>, key: &str) -> String {
    let line = crate::diagnostic::nth_key(source.front, key, 0)
        .map_or("", |(at, length)| &source.front[at..at + length]);
    let value = line.split_once(':').map_or("", |(_, value)| value);
    value.split(" #").next().unwrap_or_default().trim().to_owned()
}

fn duplicates(keys: &[String], source: &Source<'_>) -> Vec<Diagnostic> {
    let mut mistakes = Vec::new();
    let mut sorted: Vec<&String> = keys.iter().collect();
    sorted.sort_unstable();
    if sorted.windows(2).all(|two| two[0] != two[1]) {
        return mistakes;
    }
    let mut seen: HashMap<&str, usize> = HashMap::new();
    for key in keys {
        let count = seen.entry(key).or_default();
        *count += 1;
        if *count == 2 {
            let (first, second) = (source.key_place(key, 0), source.key_place(key, 1));
            let lines = (first.as_ref().map_or(0, |p| p.line), second.as_ref().map_or(0, |p| p.line));
            let message = format!("`{key}` is set twice, in line {} and in line {}", lines.0, lines.1);
            let diagnostic = Diagnostic::error("duplicate-key", source.file, message).at(second);
            mistakes.push(diagnostic.related(first, "first set here").help("keep one of them"));
        }
    }
    mistakes
}

/// Turns what the YAML reader says into what an editor can use.
fn explain(source: &Source<'_>, error: &serde_yaml::Error) -> Diagnostic {
    let said = error.to_string();
    let at = opened(source.front, &said).or_else(|| error.location().map(|location| location.index()));
    let at = at.map(|at| at.min(source.front.len()));
    // What has no place of its own (too many aliases) is told at the fence.
    let place = at.map_or_else(|| source.fence(), |at| source.place(at, 1));
    let shape = ["invalid type", "unknown field", "missing field"].iter().any(|wrong| said.contains(wrong));
    let code = if shape { "wrong-type" } else { "invalid-yaml" };
    // The reader counts lines from the fence; the place counts them from the top of the file, so its own are cut off.
    let message = said.split(" at line ").next().unwrap_or(&said).to_owned();
    let line = at.map_or("", |at| line_at(source.front, at));
    let help = match unquoted_colon(line) {
        _ if code == "wrong-type" => "docs/front-matter.md says what each key may hold".to_owned(),
        Some(mended) => format!("a value with a colon needs quotes: `{mended}`"),
        None if line.trim_start_matches(' ').starts_with('\t') => {
            "YAML is indented with spaces, not with tabs".to_owned()
        }
        None => mend(&said).to_owned(),
    };
    Diagnostic::error(code, source.file, message).at(place).help(help)
}

/// How to mend what the YAML reader complains of, by a part of what it says.
fn mend(said: &str) -> &'static str {
    const MENDS: [(&str, &str); 9] = [
        ("recursion limit", "nothing in front matter needs to be nested so deep"),
        ("repetition limit", "write the values out instead of repeating them by alias"),
        ("quoted scalar", "close the quotation mark that opens this value"),
        ("flow sequence", "close the list that begins here with `]`"),
        ("flow mapping", "close the map that begins here with `}`"),
        ("unknown anchor", "a value that begins with `*` needs quotes"),
        ("any token", "a value that begins with `@`, `%` or a backtick needs quotes"),
        ("expected key", "put the whole value in quotation marks; inside \"…\" write `\\\"` for one"),
        ("escape", "inside \"…\" a backslash is written twice; inside '…' it stands for itself"),
    ];
    let found = MENDS.iter().find(|(part, _)| said.contains(part));
    found.map_or(
        "each line is `key: value` and begins at the margin; text that isn't so needs quotes",
        |(_, mend)| mend,
    )
}

/// Where that begins which is never closed, as the reader tells it: "…, while scanning a quoted scalar at line 1 column 8".
fn opened(front: &str, said: &str) -> Option<usize> {
    let (_, context) = said.split_once(", while ")?;
    let (what, position) = context.split_once(" at line ")?;
    let (line, column) = position.split_once(" column ")?;
    let (line, column): (usize, usize) = (line.parse().ok()?, column.parse().ok()?);
    let start: usize = front.split_inclusive('\n').take(line.checked_sub(1)?).map(str::len).sum();
    let before: usize = front[start..].chars().take(column.checked_sub(1)?).map(char::len_utf8).sum();
    ["quoted scalar", "flow sequence", "flow mapping"]
        .iter()
        .any(|open| what.ends_with(open))
        .then_some(start + before)
}

/// The whole line that a byte lies in.
fn line_at(text: &str, at: usize) -> &str {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    let start = text[..at].rfind('\n').map_or(0, |end| end + 1);
    text[start..].lines().next().unwrap_or_default()
}

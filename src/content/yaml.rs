//! How values of front matter are read: as the text that was written, never as what YAML would make of it.
//!
//! `title: 1984`, `title: No`, `slug: 0755` and `tags: [1.10]` are text here. That is why nothing goes through a YAML value first, which
//! would already hold a number.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::model::Image;

/// A scalar as text; `None` for null or nothing.
#[derive(Debug, Default)]
pub(super) struct Text(pub(super) Option<String>);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextVisitor;
        impl<'de> Visitor<'de> for TextVisitor {
            type Value = Text;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("one value")
            }
            fn visit_none<E: Error>(self) -> Result<Text, E> {
                Ok(Text(None))
            }
            fn visit_unit<E: Error>(self) -> Result<Text, E> {
                Ok(Text(None))
            }
            fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Text, D::Error> {
                deserializer.deserialize_str(self)
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Text, E> {
                Ok(Text(Some(text.to_owned())))
            }
        }
        deserializer.deserialize_option(TextVisitor)
    }
}

/// One value or a list of them. A bare number is told apart, since its spelling is lost by then, and so is a bare text.
#[derive(Debug)]
pub(super) enum List {
    Items(Vec<String>),
    Text(String),
    Number(String),
}

impl List {
    /// What it holds, a bare value as a list of one.
    pub(super) fn into_items(self) -> Vec<String> {
        match self {
            Self::Items(items) => items,
            Self::Text(text) | Self::Number(text) => vec![text],
        }
    }
}

impl<'de> Deserialize<'de> for List {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ListVisitor;
        impl<'de> Visitor<'de> for ListVisitor {
            type Value = List;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value or a list of values")
            }
            fn visit_unit<E: Error>(self) -> Result<List, E> {
                Ok(List::Items(Vec::new()))
            }
            fn visit_none<E: Error>(self) -> Result<List, E> {
                Ok(List::Items(Vec::new()))
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<List, E> {
                Ok(List::Text(text.to_owned()))
            }
            fn visit_bool<E: Error>(self, value: bool) -> Result<List, E> {
                Ok(List::Number(value.to_string()))
            }
            fn visit_u64<E: Error>(self, value: u64) -> Result<List, E> {
                Ok(List::Number(value.to_string()))
            }
            fn visit_i64<E: Error>(self, value: i64) -> Result<List, E> {
                Ok(List::Number(value.to_string()))
            }
            fn visit_f64<E: Error>(self, value: f64) -> Result<List, E> {
                Ok(List::Number(value.to_string()))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<List, A::Error> {
                let mut items = Vec::new();
                while let Some(Text(item)) = seq.next_element()? {
                    items.extend(item);
                }
                Ok(List::Items(items))
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<List, A::Error> {
                Ok(List::Items(Name::from_map(map)?.0.into_iter().collect()))
            }
        }
        deserializer.deserialize_any(ListVisitor)
    }
}

/// A map of lists by key, as Zola has its terms; nothing if it isn't a map.
#[derive(Debug)]
pub(super) struct Lists(pub(super) Vec<(String, List)>);

impl<'de> Deserialize<'de> for Lists {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ListsVisitor;
        impl<'de> Visitor<'de> for ListsVisitor {
            type Value = Lists;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map of lists")
            }
            fn visit_unit<E: Error>(self) -> Result<Lists, E> {
                Ok(Lists(Vec::new()))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Lists, A::Error> {
                let mut lists = Vec::new();
                while let Some(Text(key)) = map.next_key()? {
                    lists.push((key.unwrap_or_default(), map.next_value()?));
                }
                Ok(Lists(lists))
            }
        }
        deserializer.deserialize_any(ListsVisitor)
    }
}

/// Values or `{name: …}` maps, as some systems write their authors. Read only after [`List`] refused a list.
#[derive(Debug)]
pub(super) struct NamedList(pub(super) Vec<String>);

impl<'de> Deserialize<'de> for NamedList {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(serde::Deserialize)]
        #[serde(untagged)]
        enum OneOrMany {
            Many(Vec<Name>),
            One(Name),
        }
        let names = match OneOrMany::deserialize(deserializer)? {
            OneOrMany::Many(names) => names,
            OneOrMany::One(name) => vec![name],
        };
        Ok(Self(names.into_iter().filter_map(|name| name.0).collect()))
    }
}

/// A value, or the `name` of a map.
#[derive(Debug)]
struct Name(Option<String>);

impl Name {
    fn from_map<'de, A: MapAccess<'de>>(mut map: A) -> Result<Self, A::Error> {
        let mut name = None;
        while let Some(Text(key)) = map.next_key()? {
            match key.as_deref() {
                Some("name" | "title") => name = map.next_value::<Text>()?.0.or(name),
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        name.map(|name| Self(Some(name)))
            .ok_or_else(|| A::Error::custom("invalid type: map without a `name`, expected a name"))
    }
}

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NameVisitor;
        impl<'de> Visitor<'de> for NameVisitor {
            type Value = Name;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name or a map with a `name`")
            }
            fn visit_unit<E: Error>(self) -> Result<Name, E> {
                Ok(Name(None))
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Name, E> {
                Ok(Name(Some(text.to_owned())))
            }
            fn visit_u64<E: Error>(self, number: u64) -> Result<Name, E> {
                Ok(Name(Some(number.to_string())))
            }
            fn visit_i64<E: Error>(self, number: i64) -> Result<Name, E> {
                Ok(Name(Some(number.to_string())))
            }
            fn visit_f64<E: Error>(self, number: f64) -> Result<Name, E> {
                Ok(Name(Some(number.to_string())))
            }
            fn visit_bool<E: Error>(self, truth: bool) -> Result<Name, E> {
                Ok(Name(Some(truth.to_string())))
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Name, A::Error> {
                Name::from_map(map)
            }
        }
        deserializer.deserialize_any(NameVisitor)
    }
}

/// Corrections: a text, a map of `date` and `text`, or a list of these. Each is a date as written, if there is one, and a text.
#[derive(Debug, Default)]
pub(super) struct Corrections(pub(super) Vec<(Option<String>, String)>);

impl<'de> Deserialize<'de> for Corrections {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct CorrectionsVisitor;
        impl<'de> Visitor<'de> for CorrectionsVisitor {
            type Value = Corrections;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of `{date: …, text: …}`")
            }
            fn visit_unit<E: Error>(self) -> Result<Corrections, E> {
                Ok(Corrections::default())
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Corrections, E> {
                Ok(Corrections(vec![(None, text.to_owned())]))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Corrections, A::Error> {
                let mut all = Vec::new();
                while let Some(Corrections(one)) = list.next_element()? {
                    all.extend(one);
                }
                Ok(Corrections(all))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Corrections, A::Error> {
                let (mut date, mut text) = (None, None);
                while let Some(Text(key)) = map.next_key()? {
                    match key.unwrap_or_default().to_lowercase().as_str() {
                        "date" => date = map.next_value::<Text>()?.0,
                        "text" => text = map.next_value::<Text>()?.0,
                        key => return Err(A::Error::unknown_field(key, &["date", "text"])),
                    }
                }
                let text = text.ok_or_else(|| A::Error::missing_field("text"))?;
                Ok(Corrections(vec![(date, text)]))
            }
        }
        deserializer.deserialize_any(CorrectionsVisitor)
    }
}

/// A picture: an address, or a map of `src`, `alt`, `caption`, `credit`.
#[derive(Debug)]
pub(super) struct ImageField(pub(super) Option<Image>);

impl<'de> Deserialize<'de> for ImageField {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ImageVisitor;
        impl<'de> Visitor<'de> for ImageVisitor {
            type Value = ImageField;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an address, or a map with `src`, `alt`, `caption` and `credit`")
            }
            fn visit_unit<E: Error>(self) -> Result<ImageField, E> {
                Ok(ImageField(None))
            }
            fn visit_str<E: Error>(self, src: &str) -> Result<ImageField, E> {
                Ok(ImageField(
                    Some(Image { src: src.trim().to_owned(), ..Image::default() })
                        .filter(|image| !image.src.is_empty()),
                ))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<ImageField, A::Error> {
                let mut image = Image::default();
                while let Some(Text(key)) = map.next_key()? {
                    let key = key.unwrap_or_default().to_lowercase();
                    match key.as_str() {
                        "src" | "url" | "path" | "file" => {
                            image.src = map.next_value::<Text>()?.0.unwrap_or_default();
                        }
                        "alt" => image.alt = map.next_value::<Text>()?.0.unwrap_or_default(),
                        "caption" | "title" => image.caption = map.next_value::<Text>()?.0,
                        "credit" | "copyright" => image.credit = map.next_value::<Text>()?.0,
                        _ => {
                            map.next_value::<IgnoredAny>()?;
                        }
                    }
                }
                Ok(ImageField(Some(image).filter(|image| !image.src.is_empty())))
            }
        }
        deserializer.deserialize_any(ImageVisitor)
    }
}

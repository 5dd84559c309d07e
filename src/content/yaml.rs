//! Values of front matter, read as the text that was written, not as YAML's types.
//!
//! `title: 1984`, `title: No`, `slug: 0755` and `tags: [1.10]` are text here. That is why nothing
//! goes through a YAML value first, which would already hold a number.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{
    Deserialize, Deserializer, EnumAccess, Error, IgnoredAny, MapAccess, SeqAccess, VariantAccess,
    Visitor,
};
use serde_yaml::value::{Tag, TaggedValue};
use serde_yaml::{Mapping, Value};

use crate::config::{MERGE_KEY, MERGED_TYPE, merge_into};
use crate::model::Image;

/// A scalar as text; `None` for null or nothing.
#[derive(Debug, Default)]
pub(super) struct ScalarText(pub(super) Option<String>);

impl<'de> Deserialize<'de> for ScalarText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ScalarTextVisitor;
        impl<'de> Visitor<'de> for ScalarTextVisitor {
            type Value = ScalarText;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("one value")
            }
            fn visit_none<E: Error>(self) -> Result<ScalarText, E> {
                Ok(ScalarText(None))
            }
            fn visit_unit<E: Error>(self) -> Result<ScalarText, E> {
                Ok(ScalarText(None))
            }
            fn visit_some<D: Deserializer<'de>>(
                self,
                deserializer: D,
            ) -> Result<ScalarText, D::Error> {
                deserializer.deserialize_str(self)
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<ScalarText, E> {
                Ok(ScalarText(Some(text.to_owned())))
            }
        }
        deserializer.deserialize_option(ScalarTextVisitor)
    }
}

/// One value or a list of values. A bare number has its own variant, because its spelling is lost,
/// and so does a bare text.
#[derive(Debug)]
pub(super) enum TextList {
    Items(Vec<String>),
    Text(String),
    Number(String),
}

/// Names to redact: a text or a list of texts. An item without a value is an empty name.
#[derive(Debug)]
pub(super) struct NameList(pub(super) Vec<String>);

impl<'de> Deserialize<'de> for NameList {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NameListVisitor;
        impl<'de> Visitor<'de> for NameListVisitor {
            type Value = NameList;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name or a list of names")
            }
            fn visit_unit<E: Error>(self) -> Result<NameList, E> {
                Ok(NameList(Vec::new()))
            }
            fn visit_str<E: Error>(self, name: &str) -> Result<NameList, E> {
                Ok(NameList(vec![name.to_owned()]))
            }
            fn visit_bool<E: Error>(self, value: bool) -> Result<NameList, E> {
                Ok(NameList(vec![value.to_string()]))
            }
            fn visit_u64<E: Error>(self, value: u64) -> Result<NameList, E> {
                Ok(NameList(vec![value.to_string()]))
            }
            fn visit_i64<E: Error>(self, value: i64) -> Result<NameList, E> {
                Ok(NameList(vec![value.to_string()]))
            }
            fn visit_f64<E: Error>(self, value: f64) -> Result<NameList, E> {
                Ok(NameList(vec![value.to_string()]))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<NameList, A::Error> {
                let mut names = Vec::new();
                while let Some(ScalarText(name)) = list.next_element()? {
                    names.push(name.unwrap_or_default());
                }
                Ok(NameList(names))
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<NameList, A::Error> {
                Ok(NameList(NamedItem::from_map(map)?.0.into_iter().collect()))
            }
        }
        deserializer.deserialize_any(NameListVisitor)
    }
}

impl<'de> Deserialize<'de> for TextList {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextListVisitor;
        impl<'de> Visitor<'de> for TextListVisitor {
            type Value = TextList;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value or a list of values")
            }
            fn visit_unit<E: Error>(self) -> Result<TextList, E> {
                Ok(TextList::Items(Vec::new()))
            }
            fn visit_none<E: Error>(self) -> Result<TextList, E> {
                Ok(TextList::Items(Vec::new()))
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<TextList, E> {
                Ok(TextList::Text(text.to_owned()))
            }
            fn visit_bool<E: Error>(self, value: bool) -> Result<TextList, E> {
                Ok(TextList::Number(value.to_string()))
            }
            fn visit_u64<E: Error>(self, value: u64) -> Result<TextList, E> {
                Ok(TextList::Number(value.to_string()))
            }
            fn visit_i64<E: Error>(self, value: i64) -> Result<TextList, E> {
                Ok(TextList::Number(value.to_string()))
            }
            fn visit_f64<E: Error>(self, value: f64) -> Result<TextList, E> {
                Ok(TextList::Number(value.to_string()))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<TextList, A::Error> {
                let mut items = Vec::new();
                while let Some(ScalarText(item)) = seq.next_element()? {
                    items.extend(item);
                }
                Ok(TextList::Items(items))
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<TextList, A::Error> {
                Ok(TextList::Items(NamedItem::from_map(map)?.0.into_iter().collect()))
            }
        }
        deserializer.deserialize_any(TextListVisitor)
    }
}

/// A map of lists by key, as in Zola's `taxonomies`; empty if the value isn't a map.
#[derive(Debug)]
pub(super) struct TextListMap(pub(super) Vec<(String, TextList)>);

impl<'de> Deserialize<'de> for TextListMap {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextListMapVisitor;
        impl<'de> Visitor<'de> for TextListMapVisitor {
            type Value = TextListMap;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map of lists")
            }
            fn visit_unit<E: Error>(self) -> Result<TextListMap, E> {
                Ok(TextListMap(Vec::new()))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<TextListMap, A::Error> {
                let (mut lists, mut merged) = (Vec::new(), Vec::new());
                while let Some(ScalarText(key)) = map.next_key()? {
                    match key.unwrap_or_default() {
                        key if key == MERGE_KEY => merged = map.next_value::<Merged<_>>()?.0,
                        key => lists.push((key, map.next_value()?)),
                    }
                }
                for (key, list) in merged.into_iter().flat_map(|TextListMap(lists)| lists) {
                    if lists.iter().all(|(known, _)| *known != key) {
                        lists.push((key, list));
                    }
                }
                Ok(TextListMap(lists))
            }
        }
        deserializer.deserialize_any(TextListMapVisitor)
    }
}

/// Values or `{name: …}` maps, as some systems write authors. Used only if [`TextList`] rejects a
/// list.
#[derive(Debug)]
pub(super) struct NamedList(pub(super) Vec<String>);

impl<'de> Deserialize<'de> for NamedList {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(serde::Deserialize)]
        #[serde(untagged)]
        enum OneOrMany {
            Many(Vec<NamedItem>),
            One(NamedItem),
        }
        let names = match OneOrMany::deserialize(deserializer)? {
            OneOrMany::Many(names) => names,
            OneOrMany::One(name) => vec![name],
        };
        Ok(Self(names.into_iter().filter_map(|name| name.0).collect()))
    }
}

/// A source: a name, or a map of `name` and `url`. Used only if [`ScalarText`] rejects a value.
#[derive(Debug)]
pub(super) struct NamedLink {
    pub(super) name: String,
    pub(super) url: String,
    /// The map, for templates.
    pub(super) map: Option<Mapping>,
}

impl<'de> Deserialize<'de> for NamedLink {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = |value: Option<&Value>| plain_text(value).unwrap_or_default();
        match LooseValue::deserialize(deserializer)?.value {
            Value::Mapping(map) => {
                let (name, url) = (text(map.get("name")), text(map.get("url")));
                Ok(Self { name, url, map: Some(map) })
            }
            Value::Sequence(_) => {
                Err(D::Error::custom("invalid type: sequence, expected one value"))
            }
            value => Ok(Self { name: text(Some(&value)), url: String::new(), map: None }),
        }
    }
}

/// The text of a scalar.
fn plain_text(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(value) => Some(value.to_string()),
        _ => None,
    }
}

/// A value, or the `name` of a map.
#[derive(Debug)]
struct NamedItem(Option<String>);

impl NamedItem {
    fn from_map<'de, A: MapAccess<'de>>(mut map: A) -> Result<Self, A::Error> {
        let (mut name, mut merged) = (None, Vec::new());
        while let Some(ScalarText(key)) = map.next_key()? {
            match key.as_deref() {
                Some("name" | "title") => name = map.next_value::<ScalarText>()?.0.or(name),
                Some(MERGE_KEY) => merged = map.next_value::<Merged<Self>>()?.0,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        let name = name.or_else(|| merged.into_iter().find_map(|item| item.0));
        name.map(|name| Self(Some(name)))
            .ok_or_else(|| A::Error::custom("invalid type: map without a `name`, expected a name"))
    }
}

impl<'de> Deserialize<'de> for NamedItem {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NamedItemVisitor;
        impl<'de> Visitor<'de> for NamedItemVisitor {
            type Value = NamedItem;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name or a map with a `name`")
            }
            fn visit_unit<E: Error>(self) -> Result<NamedItem, E> {
                Ok(NamedItem(None))
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<NamedItem, E> {
                Ok(NamedItem(Some(text.to_owned())))
            }
            fn visit_u64<E: Error>(self, number: u64) -> Result<NamedItem, E> {
                Ok(NamedItem(Some(number.to_string())))
            }
            fn visit_i64<E: Error>(self, number: i64) -> Result<NamedItem, E> {
                Ok(NamedItem(Some(number.to_string())))
            }
            fn visit_f64<E: Error>(self, number: f64) -> Result<NamedItem, E> {
                Ok(NamedItem(Some(number.to_string())))
            }
            fn visit_bool<E: Error>(self, value: bool) -> Result<NamedItem, E> {
                Ok(NamedItem(Some(value.to_string())))
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<NamedItem, A::Error> {
                NamedItem::from_map(map)
            }
        }
        deserializer.deserialize_any(NamedItemVisitor)
    }
}

/// Corrections: a text, a map of `date` and `text`, or a list of these. Each is a date as written,
/// if there is one, and a text.
#[derive(Debug, Default)]
pub(super) struct CorrectionList(pub(super) Vec<(Option<String>, String)>);

impl<'de> Deserialize<'de> for CorrectionList {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct CorrectionListVisitor;
        impl<'de> Visitor<'de> for CorrectionListVisitor {
            type Value = CorrectionList;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of `{date: …, text: …}`")
            }
            fn visit_unit<E: Error>(self) -> Result<CorrectionList, E> {
                Ok(CorrectionList::default())
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<CorrectionList, E> {
                Ok(CorrectionList(vec![(None, text.to_owned())]))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<CorrectionList, A::Error> {
                let mut corrections = Vec::new();
                while let Some(CorrectionList(nested)) = list.next_element()? {
                    corrections.extend(nested);
                }
                Ok(CorrectionList(corrections))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<CorrectionList, A::Error> {
                let (mut date, mut text) = (None, None);
                let mut merged: Vec<LooseValue> = Vec::new();
                while let Some(ScalarText(key)) = map.next_key()? {
                    match key.unwrap_or_default().to_lowercase().as_str() {
                        "date" => date = map.next_value::<ScalarText>()?.0,
                        "text" => text = map.next_value::<ScalarText>()?.0,
                        MERGE_KEY => merged = map.next_value::<Merged<_>>()?.0,
                        key => return Err(A::Error::unknown_field(key, &["date", "text"])),
                    }
                }
                for LooseValue { value, .. } in &merged {
                    date = date.or_else(|| plain_text(value.get("date")));
                    text = text.or_else(|| plain_text(value.get("text")));
                }
                let text = text.ok_or_else(|| A::Error::missing_field("text"))?;
                Ok(CorrectionList(vec![(date, text)]))
            }
        }
        deserializer.deserialize_any(CorrectionListVisitor)
    }
}

/// An image: a URL, or a map of `src`, `alt`, `caption`, `credit`.
#[derive(Debug)]
pub(super) struct ImageField(pub(super) Option<Image>);

impl<'de> Deserialize<'de> for ImageField {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ImageVisitor;
        impl<'de> Visitor<'de> for ImageVisitor {
            type Value = ImageField;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a URL, or a map with `src`, `alt`, `caption` and `credit`")
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
                let mut merged: Vec<ImageField> = Vec::new();
                while let Some(ScalarText(key)) = map.next_key()? {
                    let key = key.unwrap_or_default().to_lowercase();
                    match key.as_str() {
                        "src" | "url" | "path" | "file" => {
                            image.src = map.next_value::<ScalarText>()?.0.unwrap_or_default();
                        }
                        "alt" => image.alt = map.next_value::<ScalarText>()?.0.unwrap_or_default(),
                        "caption" | "title" => image.caption = map.next_value::<ScalarText>()?.0,
                        "credit" | "copyright" => image.credit = map.next_value::<ScalarText>()?.0,
                        MERGE_KEY => merged = map.next_value::<Merged<_>>()?.0,
                        _ => {
                            map.next_value::<IgnoredAny>()?;
                        }
                    }
                }
                for ImageField(base) in merged {
                    fill_missing(&mut image, base.unwrap_or_default());
                }
                Ok(ImageField(Some(image).filter(|image| !image.src.is_empty())))
            }
        }
        deserializer.deserialize_any(ImageVisitor)
    }
}

/// Sets what an image has no value of to the value of another one.
fn fill_missing(image: &mut Image, base: Image) {
    if image.src.is_empty() {
        image.src = base.src;
    }
    if image.alt.is_empty() {
        image.alt = base.alt;
    }
    image.caption = image.caption.take().or(base.caption);
    image.credit = image.credit.take().or(base.credit);
}

/// The value of a merge key: what is read from a map, or from each map of a list.
#[derive(Debug)]
struct Merged<T>(Vec<T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Merged<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct MergedVisitor<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for MergedVisitor<T> {
            type Value = Merged<T>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(MERGED_TYPE)
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Merged<T>, A::Error> {
                Ok(Merged(vec![T::deserialize(MapAccessDeserializer::new(map))?]))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Merged<T>, A::Error> {
                let mut items = Vec::new();
                while let Some(item) = list.next_element()? {
                    items.push(item);
                }
                Ok(Merged(items))
            }
        }
        deserializer.deserialize_any(MergedVisitor(PhantomData))
    }
}

/// Any value. If a key is set twice in a map, the last value counts.
#[derive(Debug)]
pub(super) struct LooseValue {
    pub(super) value: Value,
    /// The keys that are set twice, as they are written.
    pub(super) repeated: Vec<String>,
}

impl From<Value> for LooseValue {
    fn from(value: Value) -> Self {
        Self { value, repeated: Vec::new() }
    }
}

impl<'de> Deserialize<'de> for LooseValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(LooseValueVisitor)
    }
}

/// Reads a value of any type.
struct LooseValueVisitor;
impl<'de> Visitor<'de> for LooseValueVisitor {
    type Value = LooseValue;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }
    fn visit_unit<E: Error>(self) -> Result<LooseValue, E> {
        Ok(Value::Null.into())
    }
    fn visit_none<E: Error>(self) -> Result<LooseValue, E> {
        Ok(Value::Null.into())
    }
    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<LooseValue, D::Error> {
        LooseValue::deserialize(deserializer)
    }
    fn visit_bool<E: Error>(self, value: bool) -> Result<LooseValue, E> {
        Ok(Value::Bool(value).into())
    }
    fn visit_u64<E: Error>(self, number: u64) -> Result<LooseValue, E> {
        Ok(Value::Number(number.into()).into())
    }
    fn visit_i64<E: Error>(self, number: i64) -> Result<LooseValue, E> {
        Ok(Value::Number(number.into()).into())
    }
    fn visit_f64<E: Error>(self, number: f64) -> Result<LooseValue, E> {
        Ok(Value::Number(number.into()).into())
    }
    fn visit_str<E: Error>(self, text: &str) -> Result<LooseValue, E> {
        Ok(Value::String(text.to_owned()).into())
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<LooseValue, A::Error> {
        let (mut items, mut repeated) = (Vec::new(), Vec::new());
        while let Some(item) = seq.next_element::<LooseValue>()? {
            items.push(item.value);
            repeated.extend(item.repeated);
        }
        Ok(LooseValue { value: Value::Sequence(items), repeated })
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<LooseValue, A::Error> {
        let (mut values, mut repeated) = (Mapping::new(), Vec::new());
        while let Some(key) = map.next_key::<LooseValue>()? {
            let item = map.next_value::<LooseValue>()?;
            repeated.extend(item.repeated);
            let name = key.value.as_str().map(str::to_owned);
            if values.insert(key.value, item.value).is_some() {
                repeated.push(name.unwrap_or_else(|| "a key".to_owned()));
            }
        }
        merge_into(&mut values).map_err(A::Error::custom)?;
        Ok(LooseValue { value: Value::Mapping(values), repeated })
    }
    fn visit_enum<A: EnumAccess<'de>>(self, data: A) -> Result<LooseValue, A::Error> {
        let (tag, content) = data.variant::<String>()?;
        if tag.is_empty() {
            return Err(A::Error::custom("empty YAML tag is not allowed"));
        }
        let LooseValue { value, repeated } = content.newtype_variant()?;
        let tagged = TaggedValue { tag: Tag::new(tag), value };
        Ok(LooseValue { value: Value::Tagged(Box::new(tagged)), repeated })
    }
}

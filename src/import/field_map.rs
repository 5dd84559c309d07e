//! The file of `--map`, in YAML: which column of a table is which field of an article.

use std::path::Path;

use serde_yaml::{Mapping, Value};

use crate::config::apply_merge_keys_in;
use crate::diagnostics::{Error, nearest};
use crate::regular_file;

/// The fields that a column can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MappedField {
    Id,
    Title,
    Standfirst,
    Body,
    Date,
    Authors,
    Section,
    Tags,
    Url,
    Slug,
    Status,
    Kind,
    Language,
}

/// The fields with their keys.
const FIELDS: [(&str, MappedField); 13] = [
    ("id", MappedField::Id),
    ("title", MappedField::Title),
    ("description", MappedField::Standfirst),
    ("body", MappedField::Body),
    ("date", MappedField::Date),
    ("authors", MappedField::Authors),
    ("section", MappedField::Section),
    ("tags", MappedField::Tags),
    ("url", MappedField::Url),
    ("slug", MappedField::Slug),
    ("status", MappedField::Status),
    ("kind", MappedField::Kind),
    ("lang", MappedField::Language),
];

/// The other keys of the file.
const SETTINGS: [&str; 5] = ["body_format", "date_order", "separator", "records", "query"];

/// The markup of the column `body`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum BodyFormat {
    /// HTML, or HTML as WordPress stores it.
    #[default]
    Html,
    /// Text without markup.
    Text,
}

/// The order of the numbers in dates that don't begin with the year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DateOrder {
    DayMonthYear,
    MonthDayYear,
}

/// The meaning of the columns of a table.
#[derive(Clone, Debug, Default)]
pub(crate) struct FieldMap {
    columns: Vec<(MappedField, String)>,
    pub(crate) body_format: BodyFormat,
    /// The order in dates; by default, it is decided by all dates of the column.
    pub(crate) date_order: Option<DateOrder>,
    /// The text between several authors or tags in one column.
    pub(crate) separator: Option<String>,
    /// The key of the list of records in a JSON file; by default, the file is the list.
    pub(crate) records: Option<String>,
    /// The query of an SQLite database.
    pub(crate) query: Option<String>,
}

impl FieldMap {
    /// Returns the column of a field.
    pub(crate) fn column(&self, field: MappedField) -> Option<&str> {
        self.columns.iter().find(|(known, _)| *known == field).map(|(_, column)| column.as_str())
    }

    /// Reads the file.
    ///
    /// # Errors
    /// [`Error::Io`] if the file can't be read; [`Error::Usage`] if it isn't a YAML mapping, or has
    /// an unknown key or value.
    pub(crate) fn read(path: &Path) -> Result<Self, Error> {
        let text = regular_file::read_to_string(path).map_err(Error::io("can't read", path))?;
        Self::parse(&text).map_err(|reason| Error::Usage(format!("{}: {reason}", path.display())))
    }

    /// Parses the text of the file.
    fn parse(text: &str) -> Result<Self, String> {
        let mut mapping: Mapping = serde_yaml::from_str(text)
            .map_err(|error| format!("it isn't a YAML mapping: {error}"))?;
        apply_merge_keys_in(&mut mapping).map_err(|error| error.to_string())?;
        let mut map = Self::default();
        for (key, value) in mapping {
            let (Value::String(key), Some(value)) = (key, scalar(&value)) else {
                return Err("every line needs a key and the name of a column".to_owned());
            };
            map.set(&key, value)?;
        }
        if map.column(MappedField::Body).is_none() {
            return Err("it has no `body`: add the name of the column with the text".to_owned());
        }
        Ok(map)
    }

    fn set(&mut self, key: &str, value: String) -> Result<(), String> {
        if let Some((_, field)) = FIELDS.iter().find(|(name, _)| *name == key) {
            self.columns.push((*field, value));
            return Ok(());
        }
        match (key, value.as_str()) {
            ("body_format", "html") => self.body_format = BodyFormat::Html,
            ("body_format", "text") => self.body_format = BodyFormat::Text,
            ("date_order", "dmy") => self.date_order = Some(DateOrder::DayMonthYear),
            ("date_order", "mdy") => self.date_order = Some(DateOrder::MonthDayYear),
            ("separator", _) => self.separator = Some(value),
            ("records", _) => self.records = Some(value),
            ("query", _) => self.query = Some(value),
            ("body_format", _) => return Err("`body_format` is `html` or `text`".to_owned()),
            ("date_order", _) => return Err("`date_order` is `dmy` or `mdy`".to_owned()),
            _ => {
                let names = FIELDS.iter().map(|(name, _)| *name).chain(SETTINGS);
                let help = nearest(key, names).map(|near| format!("; did you mean `{near}`?"));
                return Err(format!("unknown key `{key}`{}", help.unwrap_or_default()));
            }
        }
        Ok(())
    }
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn maps_are_validated() {
        let map = FieldMap::parse("title: Headline\nbody: Body HTML\ndate_order: dmy\n").unwrap();
        assert_eq!(map.column(MappedField::Title), Some("Headline"));
        assert_eq!(map.date_order, Some(DateOrder::DayMonthYear));
        for (text, message) in [
            ("titel: a\nbody: b\n", "did you mean `title`"),
            ("title: a\n", "no `body`"),
            ("body: b\ndate_order: ymd\n", "`dmy` or `mdy`"),
            ("body: [b]\n", "name of a column"),
            ("- a\n", "isn't a YAML mapping"),
        ] {
            let error = FieldMap::parse(text).unwrap_err();
            assert!(error.contains(message), "{text}: {error}");
        }
    }
}

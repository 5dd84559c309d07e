//! Reads TOML (version 1.0) into a tree of values.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{Node, SyntaxError, TopLevelEntry};

/// Parses TOML: the top-level keys in the order in which they are written.
///
/// # Errors
/// The first syntax error. A key that is set twice is one.
pub(crate) fn parse_toml(text: &str) -> Result<Vec<TopLevelEntry>, SyntaxError> {
    let table = DeTable::parse(text).map_err(|error| SyntaxError {
        message: error.message().to_owned(),
        offset: error.span().map_or(0, |span| span.start),
    })?;
    let entries = sorted_entries(table.get_ref()).into_iter();
    let entries = entries.map(|(key, value)| TopLevelEntry {
        key: key.get_ref().to_string(),
        key_range: key.span(),
        value: convert(value.get_ref()),
    });
    Ok(entries.collect())
}

/// Returns the top-level keys with their positions, as far as the text can be parsed.
pub(crate) fn toml_keys(text: &str) -> Vec<(String, Range<usize>)> {
    let (table, _) = DeTable::parse_recoverable(text);
    let entries = sorted_entries(table.get_ref()).into_iter();
    entries.map(|(key, _)| (key.get_ref().to_string(), key.span())).collect()
}

type TableEntry<'t, 'i> = (&'t Spanned<std::borrow::Cow<'i, str>>, &'t Spanned<DeValue<'i>>);

/// The entries of a table in the order in which they are written.
fn sorted_entries<'t, 'i>(table: &'t DeTable<'i>) -> Vec<TableEntry<'t, 'i>> {
    let mut entries: Vec<TableEntry<'t, 'i>> = table.iter().collect();
    entries.sort_by_key(|(key, _)| key.span().start);
    entries
}

fn convert(value: &DeValue<'_>) -> Node {
    match value {
        DeValue::String(text) => Node::Text(text.to_string()),
        DeValue::Integer(number) => Node::Number(number.to_string()),
        DeValue::Float(number) => Node::Number(number.to_string()),
        DeValue::Boolean(value) => Node::Boolean(*value),
        DeValue::Datetime(date) => Node::Text(date.to_string()),
        DeValue::Array(items) => {
            Node::List(items.iter().map(|item| convert(item.get_ref())).collect())
        }
        DeValue::Table(table) => {
            let entries = sorted_entries(table).into_iter();
            let entries =
                entries.map(|(key, value)| (key.get_ref().to_string(), convert(value.get_ref())));
            Node::Map(entries.collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_keep_their_order_and_values_their_spelling() {
        let text = "title = \"B\"\ndate = 1999-12-31 09:30:00\ntags = [\"x\", 1.10]\n\
                    draft = false\n[extra.more]\nrank = 7\n";
        let entries = parse_toml(text).expect("it is TOML");
        let keys: Vec<&str> = entries.iter().map(|entry| entry.key.as_str()).collect();
        assert_eq!(keys, ["title", "date", "tags", "draft", "extra"]);
        assert_eq!(entries[1].value, Node::Text("1999-12-31T09:30:00".into()));
        let list = vec![Node::Text("x".into()), Node::Number("1.10".into())];
        assert_eq!(entries[2].value, Node::List(list));
        let more = vec![("rank".to_owned(), Node::Number("7".into()))];
        assert_eq!(entries[4].value, Node::Map(vec![("more".into(), Node::Map(more))]));
        assert_eq!(&text[entries[2].key_range.clone()], "tags");
    }

    #[test]
    fn a_syntax_error_has_a_position() {
        let error = parse_toml("title = \"A\"\ndate = tomorrow\n").expect_err("no value");
        assert_eq!(error.offset, "title = \"A\"\ndate = ".len());
        let keys = toml_keys("title = \"A\"\ndate = tomorrow\nslug = 'b'\n");
        assert_eq!(keys[0], ("title".to_owned(), 0..5));
        assert!(parse_toml("a = 1\na = 1\n").is_err());
    }
}

//! The positions of the top-level keys in front matter.

use std::collections::HashMap;
use std::ops::Range;

use super::fences::FrontMatterFormat;
use super::value_tree::{json_keys, toml_keys};
use crate::model::text::beginning;
use crate::model::work::add_steps;

/// The number of bytes of a line in JSON or TOML that its range has at most.
const MAX_SHOWN_BYTES: usize = 1024;

/// The byte ranges of the lines that set each top-level key. They are found in one pass, since each
/// of many keys may have a mistake.
#[derive(Debug)]
pub(super) struct KeyPositions(HashMap<String, Vec<Range<usize>>>);

impl KeyPositions {
    /// Finds the keys of front matter.
    pub(super) fn find(front_matter: &str, format: FrontMatterFormat) -> Self {
        let mut positions = Self(HashMap::new());
        match format {
            FrontMatterFormat::Yaml => positions.add_lines(front_matter),
            FrontMatterFormat::Toml => positions.add_keys(toml_keys(front_matter), front_matter),
            FrontMatterFormat::Json => positions.add_keys(json_keys(front_matter), front_matter),
        }
        positions
    }

    /// Returns the settings of a key, ignoring case: from the key to the end of its line.
    pub(super) fn settings(&self, key: &str) -> &[Range<usize>] {
        self.0.get(&key.to_ascii_lowercase()).map_or(&[], Vec::as_slice)
    }

    fn add(&mut self, key: &str, range: Range<usize>) {
        self.0.entry(key.to_ascii_lowercase()).or_default().push(range);
    }

    fn add_lines(&mut self, front_matter: &str) {
        add_steps(front_matter.len());
        let mut end = 0;
        for line in front_matter.split_inclusive('\n') {
            let start = end;
            end += line.len();
            let range = start..start + line.trim_end().len().max(1);
            let text = line.trim_start_matches('\u{feff}').trim_start_matches(['"', '\'']);
            // A colon that no space follows may be part of a key.
            let first = text.find(':');
            let separator =
                text.find(": ").or_else(|| text.trim_end().strip_suffix(':').map(str::len));
            let other = separator.filter(|separator| Some(*separator) != first);
            for colon in [first, other].into_iter().flatten() {
                let key = text[..colon].trim_end().trim_end_matches(['"', '\'']);
                self.add(key, range.clone());
            }
        }
    }

    fn add_keys(&mut self, keys: Vec<(String, Range<usize>)>, front_matter: &str) {
        for (key, Range { start, .. }) in keys {
            // JSON may be a single line, of which a location shows only a part.
            let shown = beginning(&front_matter[start..], MAX_SHOWN_BYTES);
            let line = shown.lines().next().unwrap_or_default();
            add_steps(line.len());
            self.add(&key, start..start + line.trim_end().len().max(1));
        }
    }
}

/// The lines that set keys in the values of front matter in YAML, found in one pass: each of many
/// keys may be set twice.
#[derive(Debug)]
pub(super) struct NestedKeyLines(HashMap<String, HashMap<String, Vec<usize>>>);

impl NestedKeyLines {
    /// Finds the keys. `first_line` is the number of the first line of the front matter.
    pub(super) fn find(front_matter: &str, first_line: usize) -> Self {
        add_steps(front_matter.len());
        let mut lines_by_key: HashMap<String, HashMap<String, Vec<usize>>> = HashMap::new();
        let mut top_key = String::new();
        for (index, line) in front_matter.lines().enumerate() {
            let is_nested = line.is_empty() || line.starts_with([' ', '\t', '-', '#', '}', ']']);
            let mut start = 0;
            for (colon, _) in line.match_indices(':') {
                let text = &line[start..colon];
                let key = text.rsplit([',', '{']).next().unwrap_or_default().trim();
                let key = key.strip_prefix("- ").unwrap_or(key).trim();
                let key = key.trim_matches(['"', '\'']);
                if start == 0 && !is_nested {
                    top_key = key.to_ascii_lowercase();
                } else if !key.is_empty() {
                    let nested = lines_by_key.entry(top_key.clone()).or_default();
                    let lines = nested.entry(key.to_owned()).or_default();
                    if lines.last() != Some(&(first_line + index)) {
                        lines.push(first_line + index);
                    }
                }
                start = colon + 1;
            }
        }
        Self(lines_by_key)
    }

    /// The numbers of the lines that set a key in the value of a top-level key, each once.
    pub(super) fn lines(&self, top_key: &str, key: &str) -> &[usize] {
        let nested = self.0.get(&top_key.to_ascii_lowercase());
        nested.and_then(|nested| nested.get(key)).map_or(&[], Vec::as_slice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::work::assert_linear;

    #[test]
    fn keys_are_found_in_each_format() {
        let find = |text: &str, format, key: &str| {
            KeyPositions::find(text, format)
                .settings(key)
                .first()
                .map(|range| text[range.clone()].to_owned())
        };
        for (text, key, expected) in [
            ("title: A\nDate : 1\n", "date", "Date : 1"),
            ("title: A\n\"date\": 1\n", "date", "\"date\": 1"),
            ("a:b: 1\r\n", "a:b", "a:b: 1"),
            ("a:b:\n", "a:b", "a:b:"),
            ("a:1\n", "a", "a:1"),
        ] {
            let found = find(text, FrontMatterFormat::Yaml, key);
            assert_eq!(found.as_deref(), Some(expected), "{text}");
        }
        assert_eq!(find("dates: 1\n", FrontMatterFormat::Yaml, "date"), None);
        let toml = find("a = 1\nDate = 2 # x\n", FrontMatterFormat::Toml, "date");
        assert_eq!(toml.as_deref(), Some("Date = 2 # x"));
        let json = find("{\"a\": 1,\n\"date\": 2}", FrontMatterFormat::Json, "date");
        assert!(json.is_some_and(|line| line.contains("date\": 2}")));
    }

    #[test]
    fn the_lines_of_nested_keys_are_found() {
        let text = "a: x\nseo:\n  Title: 1\n  \"b c\": {d: 2, 'e': 3}\n\n- title: 4\n  Title: 5\n\
            b: {d: 1, d: 2}\n";
        let lines = NestedKeyLines::find(text, 2);
        assert_eq!(lines.lines("seo", "Title"), [4, 8]);
        assert_eq!(lines.lines("SEO", "b c"), [5]);
        assert_eq!((lines.lines("seo", "d"), lines.lines("seo", "e")), (&[5][..], &[5][..]));
        assert_eq!(lines.lines("b", "d"), [9]);
        assert!(lines.lines("b", "b").is_empty() && lines.lines("x", "d").is_empty());
    }

    #[test]
    fn work_is_proportional_to_the_number_of_nested_keys() {
        assert_linear("nested keys", |count| {
            let keys: Vec<String> = (0..count).map(|number| format!("k{number}")).collect();
            let twice = keys.iter().chain(&keys);
            let text: String = ["extra:\n".to_owned()]
                .into_iter()
                .chain(twice.map(|key| format!("  {key}: 1\n")))
                .collect();
            let lines = NestedKeyLines::find(&text, 1);
            assert!(keys.iter().all(|key| lines.lines("extra", key).len() == 2));
        });
    }

    #[test]
    fn work_is_proportional_to_the_length_of_front_matter() {
        for (name, format) in [("YAML", FrontMatterFormat::Yaml), ("JSON", FrontMatterFormat::Json)]
        {
            assert_linear(name, |count| {
                let keys: Vec<String> = (0..count).map(|number| format!("k{number}")).collect();
                let text = match format {
                    FrontMatterFormat::Json => {
                        let fields: Vec<String> =
                            keys.iter().map(|key| format!("\"{key}\": 1")).collect();
                        format!("{{{}}}", fields.join(", "))
                    }
                    _ => keys.iter().map(|key| format!("{key}: 1\n")).collect(),
                };
                let positions = KeyPositions::find(&text, format);
                assert!(keys.iter().all(|key| positions.settings(key).len() == 1));
            });
        }
    }
}

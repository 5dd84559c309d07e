//! Adds rules to `redirects` in `site.yaml`, without changing its other lines.

use serde_yaml::{Mapping, Value};

use crate::scaffold::quoted;

/// The comment over rules that are added at the end of a file.
const COMMENT: &str = "# Redirects of the old site, added by `dateline import`.";

/// Returns the text with further rules, each a path and its target; `None` if the text has
/// `redirects` in a form to which lines can't be added.
pub(crate) fn add_rules(text: &str, rules: &[(String, String)]) -> Option<String> {
    let old: Mapping = match serde_yaml::from_str(text).ok()? {
        Value::Null => Mapping::new(),
        Value::Mapping(mapping) => mapping,
        _ => return None,
    };
    let mut expected = old.clone();
    let entry = expected.entry("redirects".into()).or_insert_with(|| Mapping::new().into());
    let section = entry.as_mapping_mut()?;
    let entry = section.entry("rules".into()).or_insert_with(|| Mapping::new().into());
    let known = entry.as_mapping_mut()?;
    for (from, to) in rules {
        known.insert(from.as_str().into(), to.as_str().into());
    }
    let new = match old.contains_key("redirects") {
        true => with_lines(text, rules)?,
        false => {
            let start = text.trim_end();
            let lines = rule_lines(rules, "    ");
            format!("{start}\n\n{COMMENT}\nredirects:\n  rules:\n{lines}").trim_start().to_owned()
        }
    };
    let parsed: Mapping = serde_yaml::from_str(&new).ok()?;
    (parsed == expected).then_some(new)
}

/// Returns the text with lines in its block `redirects`.
fn with_lines(text: &str, rules: &[(String, String)]) -> Option<String> {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let is_key = |line: &str, key: &str| {
        let rest = line.trim_start().strip_prefix(key).and_then(|rest| rest.strip_prefix(':'));
        rest.is_some_and(|rest| rest.trim().is_empty() || rest.trim_start().starts_with('#'))
    };
    let section =
        lines.iter().position(|line| line.starts_with("redirects") && is_key(line, "redirects"))?;
    let (first, inner) = next_line(&lines, section)?;
    let end =
        lines[first..].iter().position(|line| !is_blank(line) && indentation(line).is_empty());
    let end = end.map_or(lines.len(), |length| first + length);
    let is_rules = |line: &&str| indentation(line) == inner && is_key(line, "rules");
    let (at, added) = match lines[first..end].iter().position(is_rules) {
        Some(offset) => {
            let (_, indent) = next_line(&lines, first + offset)?;
            let is_deeper = indent.len() > inner.len();
            let indent = if is_deeper { indent.to_owned() } else { format!("{inner}  ") };
            (first + offset + 1, rule_lines(rules, &indent))
        }
        None => {
            let rules = rule_lines(rules, &format!("{inner}  "));
            (section + 1, format!("{inner}rules:\n{rules}"))
        }
    };
    let before = lines[..at].concat();
    let break_ = if before.ends_with('\n') { "" } else { "\n" };
    Some(format!("{before}{break_}{added}{}", lines[at..].concat()))
}

/// Returns the number and the indentation of the first line after another one that isn't empty.
fn next_line<'t>(lines: &[&'t str], after: usize) -> Option<(usize, &'t str)> {
    let numbers = after + 1..lines.len();
    numbers.into_iter().find(|at| !is_blank(lines[*at])).map(|at| (at, indentation(lines[at])))
}

fn is_blank(line: &str) -> bool {
    line.trim().is_empty() || line.trim_start().starts_with('#')
}

fn indentation(line: &str) -> &str {
    &line[..line.len() - line.trim_start_matches(' ').len()]
}

fn rule_lines(rules: &[(String, String)], indent: &str) -> String {
    let lines =
        rules.iter().map(|(from, to)| format!("{indent}{}: {}\n", quoted(from), quoted(to)));
    lines.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_added_to_the_other_settings() {
        let rules = [("/a".to_owned(), "/b/".to_owned())];
        let added = "    \"/a\": \"/b/\"\n";
        for (text, expected) in [
            ("title: T\n", format!("title: T\n\n{COMMENT}\nredirects:\n  rules:\n{added}")),
            ("", format!("{COMMENT}\nredirects:\n  rules:\n{added}")),
            (
                "redirects: # old\n  # why\n  rules:\n    /c: /d\ntitle: T\n",
                format!("redirects: # old\n  # why\n  rules:\n{added}    /c: /d\ntitle: T\n"),
            ),
            (
                "redirects:\n  formats: [html]\ntitle: T\n",
                format!("redirects:\n  rules:\n{added}  formats: [html]\ntitle: T\n"),
            ),
        ] {
            assert_eq!(add_rules(text, &rules), Some(expected), "{text}");
        }
        for text in ["redirects: {rules: {/c: /d}}\n", "- a\n", "a: [\n", "redirects: 1\n"] {
            assert_eq!(add_rules(text, &rules), None, "{text}");
        }
    }
}

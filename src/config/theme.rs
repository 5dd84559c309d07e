//! The theme: a site's own colors, fonts and sizes, as custom properties that are appended to the
//! built-in style sheet.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Serialize;
use serde_yaml::Value;

use super::settings_reader::SettingsReader;
use crate::diagnostics::nearest;

const GROUPS: &[&str] = &["light", "dark", "type"];
pub(super) const COLORS: &[&str] =
    &["paper", "ink", "quiet", "hair", "accent", "tint-1", "tint-2", "tint-3", "tint-4"];
pub(super) const TYPOGRAPHY: &[&str] = &[
    "serif", "sans", "small", "text", "head-1", "head-2", "head-3", "head-4", "measure", "gutter",
    "gap",
];
const FONT_PROPERTIES: [&str; 2] = ["serif", "sans"];

/// The background colors of the built-in style sheet, of the light and the dark color scheme.
const DEFAULT_PAPER_COLORS: [(&str, &str); 2] = [("light", "#fffefa"), ("dark", "#15130f")];

/// The maximum length of a value, in bytes.
const MAX_VALUE_BYTES: usize = 300;

/// Custom properties of the style sheet that the site sets, by group and name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Theme(BTreeMap<&'static str, BTreeMap<&'static str, String>>);

impl Theme {
    /// Returns the background color of a color scheme: `light` or `dark`.
    pub(crate) fn paper_color(&self, group: &str) -> &str {
        let configured =
            self.0.get(group).and_then(|colors| colors.get("paper")).map(String::as_str);
        let builtin = || {
            DEFAULT_PAPER_COLORS
                .iter()
                .find(|(name, _)| *name == group)
                .map_or("", |(_, color)| *color)
        };
        configured.unwrap_or_else(builtin)
    }

    /// Returns the rules that are appended to the built-in style sheet. Colors don't apply to high
    /// contrast and print; fonts apply to text in the site's language, since other scripts need
    /// their own.
    pub(crate) fn style_sheet(&self, lang: &str) -> String {
        let rule = |group: &str, selector: &str, is_font: bool| {
            let values = self
                .0
                .get(group)
                .into_iter()
                .flatten()
                .filter(|(name, _)| FONT_PROPERTIES.contains(name) == is_font);
            let mut rule = String::new();
            for (name, value) in values {
                // Writing to a string can't fail.
                let _ = write!(rule, "--{name}: {value};");
            }
            if rule.is_empty() { rule } else { format!("{selector} {{{rule}}}\n") }
        };
        let mut style_sheet =
            rule("type", ":root", false) + &rule("type", &format!(":lang({lang})"), true);
        let (light, dark) = (rule("light", ":root", false), rule("dark", ":root", false));
        for (query, colors) in [
            ("not all and (prefers-color-scheme: dark)", light),
            ("(prefers-color-scheme: dark)", dark),
        ] {
            if !colors.is_empty() {
                let open = "@media screen { @media not all and (prefers-contrast: more)";
                let _ = write!(style_sheet, "{open} {{ @media {query} {{\n{colors}}}}}}}\n");
            }
        }
        style_sheet
    }
}

/// Reads the setting `theme`. Each mistake is reported at its key.
pub(super) fn read_theme(reader: &mut SettingsReader<'_>) -> Theme {
    let mut theme = Theme::default();
    let groups = reader.read::<BTreeMap<String, Value>>("theme").unwrap_or_default();
    for (group_key, values) in groups {
        let path = ["theme", group_key.as_str()];
        let Some(group) = known_name(&path, GROUPS, reader) else { continue };
        let names = if group == "type" { TYPOGRAPHY } else { COLORS };
        let values = reader.read_value::<BTreeMap<String, Value>>(&path, values);
        for (key, value) in values.unwrap_or_default() {
            let path = ["theme", group, key.as_str()];
            let Some(name) = known_name(&path, names, reader) else { continue };
            match text_value(&value) {
                Ok(text) => {
                    theme.0.entry(group).or_default().insert(name, text);
                }
                Err(problem) => {
                    let message = format!("`{}` {problem}", path.join("."));
                    let help = "write a color, a length or font names";
                    reader.report(&path, &message, Some(help.to_owned()));
                }
            }
        }
    }
    theme
}

/// Returns the known name of the last key of a path; reports an unknown one.
fn known_name(
    path: &[&str],
    names: &'static [&'static str],
    reader: &mut SettingsReader<'_>,
) -> Option<&'static str> {
    let (name, parents) = path.split_last()?;
    let known = names.iter().find(|known| *known == name).copied();
    if known.is_none() {
        let all_names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
        let message = format!(
            "`{}` has an unknown key `{name}`; it can have {}",
            parents.join("."),
            all_names.join(", ")
        );
        let help = nearest(name, names.iter().copied());
        reader.report(path, &message, help.map(|near| format!("did you mean `{near}`?")));
    }
    known
}

/// Returns the text of a value.
///
/// # Errors
/// The reason, as text, why it can't be the value of a custom property.
fn text_value(value: &Value) -> Result<String, &'static str> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => return Err("must be one value"),
    };
    if is_safe_value(&text) {
        Ok(text)
    } else {
        Err("can't be the value of a custom property in CSS")
    }
}

/// Returns true if a value is safe in a rule: it can't end the rule, begin another one, escape
/// characters or load anything.
fn is_safe_value(value: &str) -> bool {
    let is_allowed = |c: char| c.is_alphanumeric() || " #%.,()+-*/\"'_".contains(c);
    let is_balanced = |quote: char| value.matches(quote).count().is_multiple_of(2);
    let lower = value.to_ascii_lowercase();
    let has_comment = value.contains("/*") || value.contains("*/");
    let fetches =
        ["url(", "image(", "image-set(", "src("].iter().any(|function| lower.contains(function));
    let brackets = value.chars().try_fold(0_i32, |open, c| match c {
        '(' => Some(open + 1),
        ')' => Some(open - 1).filter(|open| *open >= 0),
        _ => Some(open),
    });
    !value.trim().is_empty()
        && value.len() <= MAX_VALUE_BYTES
        && value.chars().all(is_allowed)
        && is_balanced('"')
        && is_balanced('\'')
        && brackets == Some(0)
        && !has_comment
        && !fetches
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(source: &str) -> (Theme, SettingsReader<'_>) {
        let values = serde_yaml::from_str(source).expect("a mapping");
        let mut reader = SettingsReader { source, values, diagnostics: Vec::new() };
        (read_theme(&mut reader), reader)
    }

    #[test]
    fn values_become_custom_properties() {
        let source = "theme:\n  light: {accent: '#00509e', paper: white}\n\
            \x20 dark: {accent: '#9cf'}\n\
            \x20 type: {serif: '\"Source Serif\", serif', measure: 60ch}";
        let (theme, _) = read(source);
        assert_eq!((theme.paper_color("light"), theme.paper_color("dark")), ("white", "#15130f"));
        let style_sheet = theme.style_sheet("en");
        for part in [
            ":root {--measure: 60ch;}",
            ":lang(en) {--serif: \"Source Serif\", serif;}",
            "@media not all and (prefers-color-scheme: dark) {\n\
             :root {--accent: #00509e;--paper: white;}",
            "@media (prefers-color-scheme: dark) {\n:root {--accent: #9cf;}",
        ] {
            assert!(style_sheet.contains(part), "{part}\n{style_sheet}");
        }
        assert_eq!(style_sheet.matches('{').count(), style_sheet.matches('}').count());
        assert_eq!(Theme::default().style_sheet("en"), "");
    }

    #[test]
    fn a_value_stays_a_value() {
        for value in [
            "red; } body { display: none",
            "url(https://x.example/a)",
            "a/*",
            "\\75rl(x)",
            "\"open",
            ")(",
            "",
            "@x",
        ] {
            assert!(!is_safe_value(value), "{value}");
        }
        for value in [
            "#a3161a",
            "clamp(1rem, .9rem + .2vw, 1.2rem)",
            "Georgia, \"Noto Serif\", serif",
            "oklch(60% 0.1 30 / 50%)",
        ] {
            assert!(is_safe_value(value), "{value}");
        }
    }

    #[test]
    fn every_mistake_is_reported_at_its_key() {
        let source = "theme:\n  light: {acent: red, ink: black}\n  drak: {ink: white}\n\
            \x20 type:\n    serif: 'url(x)'\n    sans: [Arial]\n    text: 1rem\n";
        let (theme, reader) = read(source);
        let positions: Vec<_> = reader
            .diagnostics
            .iter()
            .map(|d| d.location.as_ref().map_or((0, 0), |at| (at.line, at.column)))
            .collect();
        assert_eq!(positions, [(3, 3), (2, 11), (6, 5), (5, 5)], "{:#?}", reader.diagnostics);
        assert_eq!(reader.diagnostics[1].help.as_deref(), Some("did you mean `accent`?"));
        assert!(theme.style_sheet("en").contains("--ink: black;"), "the others are read");
        assert!(theme.style_sheet("en").contains("--text: 1rem;"));
    }
}

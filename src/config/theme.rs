//! The theme: a site's own colors, fonts and sizes, as custom properties that are appended to the
//! built-in style sheet.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Serialize;
use serde::de::{Deserialize, Deserializer, Error};
use serde_yaml::Value;

const GROUPS: &[&str] = &["light", "dark", "type"];
const COLORS: &[&str] =
    &["paper", "ink", "quiet", "hair", "accent", "tint-1", "tint-2", "tint-3", "tint-4"];
const TYPOGRAPHY: &[&str] = &[
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

impl<'de> Deserialize<'de> for Theme {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut theme = Self::default();
        for (group, values) in
            BTreeMap::<String, BTreeMap<String, Value>>::deserialize(deserializer)?
        {
            let group = known_name(&group, GROUPS)?;
            let names = if group == "type" { TYPOGRAPHY } else { COLORS };
            for (name, value) in values {
                let name = known_name(&name, names)?;
                let value = match value {
                    Value::String(text) => text,
                    Value::Number(number) => number.to_string(),
                    _ => return Err(Error::custom(format_args!("`{name}` must be one value"))),
                };
                if !is_safe_value(&value) {
                    let message = "can't be the value of a custom property in CSS; write a color, \
                                   a length or font names";
                    return Err(Error::custom(format_args!("the value of `{name}` {message}")));
                }
                theme.0.entry(group).or_default().insert(name, value);
            }
        }
        Ok(theme)
    }
}

fn known_name<E: Error>(name: &str, names: &'static [&'static str]) -> Result<&'static str, E> {
    names
        .iter()
        .find(|known| **known == name)
        .copied()
        .ok_or_else(|| Error::unknown_field(name, names))
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

    #[test]
    fn values_become_custom_properties() {
        let theme = "light: {accent: '#00509e', paper: white}\ndark: {accent: '#9cf'}\n\
            type: {serif: '\"Source Serif\", serif', measure: 60ch}";
        let theme: Theme = serde_yaml::from_str(theme).expect("a theme");
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
        let error = serde_yaml::from_str::<Theme>("light: {acent: red}")
            .expect_err("no such colour")
            .to_string();
        assert!(error.contains("unknown field `acent`") && error.contains("`accent`"), "{error}");
    }
}

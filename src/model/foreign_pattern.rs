//! Patterns of permalinks in the syntax of other systems, translated into Dateline's.

/// The placeholders of other systems, without their markers: Jekyll's and Hugo's `:title`,
/// WordPress's `%postname%`, Ghost's and Pelican's `{title}`. An empty translation stands for
/// something that Dateline adds itself.
const PLACEHOLDERS: [(&str, &str); 36] = [
    ("year", "{year}"),
    ("month", "{month}"),
    ("monthnum", "{month}"),
    ("i_month", "{month}"),
    ("day", "{day}"),
    ("i_day", "{day}"),
    ("date:%y", "{year}"),
    ("date:%m", "{month}"),
    ("date:%d", "{day}"),
    ("title", "{slug}"),
    ("slug", "{slug}"),
    ("postname", "{slug}"),
    ("pagename", "{slug}"),
    ("post_title", "{slug}"),
    ("slugorfilename", "{slug}"),
    ("slugorcontentbasename", "{slug}"),
    ("name", "{name}"),
    ("basename", "{name}"),
    ("filename", "{name}"),
    ("contentbasename", "{name}"),
    ("id", "{id}"),
    ("post_id", "{id}"),
    ("section", "{section}"),
    ("sections", "{section}"),
    ("category", "{section}"),
    ("categories", "{section}"),
    ("slugified_categories", "{section}"),
    ("primary_tag", "{section}"),
    ("collection", "{section}"),
    ("path", "{section}"),
    ("lang", "{lang}"),
    ("language", "{lang}"),
    ("locale", "{lang}"),
    ("output_ext", ""),
    ("ext", ""),
    ("file_ext", ""),
];

/// The names of Jekyll's built-in patterns.
const STYLES: [(&str, &str); 3] = [
    ("pretty", "/{section}/{year}/{month}/{day}/{slug}/"),
    ("date", "/{section}/{year}/{month}/{day}/{slug}.html"),
    ("none", "/{section}/{slug}.html"),
];

/// A pattern in the syntax of another system.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum ForeignPattern {
    /// The same pattern in Dateline's syntax.
    Translated(String),
    /// A placeholder, as written, that Dateline has nothing for.
    NoEquivalent(String),
}

/// Returns the translation of a pattern that has placeholders of another system; `None` if it has
/// none.
pub(crate) fn translate_pattern(pattern: &str) -> Option<ForeignPattern> {
    if let Some((_, translation)) = STYLES.iter().find(|(style, _)| *style == pattern) {
        return Some(ForeignPattern::Translated((*translation).to_owned()));
    }
    let mut translation = String::new();
    let mut is_foreign = false;
    let mut rest = pattern;
    while !rest.is_empty() {
        let Some((written, name)) = placeholder_at(rest) else {
            let length = rest.chars().next().map_or(1, char::len_utf8);
            translation.push_str(&rest[..length]);
            rest = &rest[length..];
            continue;
        };
        let own = format!("{{{name}}}");
        let known = PLACEHOLDERS.iter().find(|(foreign, _)| *foreign == name);
        let Some((_, replacement)) = known else {
            // It may be a misspelled placeholder of Dateline.
            if written.starts_with('{') {
                return None;
            }
            return Some(ForeignPattern::NoEquivalent(written.to_owned()));
        };
        is_foreign |= own != written || own != *replacement;
        translation.push_str(replacement);
        rest = &rest[written.len()..];
    }
    is_foreign.then(|| ForeignPattern::Translated(with_slashes(&translation)))
}

/// Returns the placeholder at the beginning of a text: as written, and its name in lower case.
fn placeholder_at(text: &str) -> Option<(&str, String)> {
    let name_length = |text: &str| {
        text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len())
    };
    let (written, name) = match text.as_bytes()[0] {
        b':' => {
            let length = name_length(&text[1..]);
            (&text[..=length], &text[1..=length])
        }
        b'%' => {
            let length = name_length(&text[1..]);
            text[1 + length..].starts_with('%').then(|| (&text[..length + 2], &text[1..=length]))?
        }
        b'{' => {
            let close = if text.starts_with("{{") { "}}" } else { "}" };
            let written = &text[..text.find(close)? + close.len()];
            (written, written.trim_matches(['{', '}', ' ']))
        }
        _ => return None,
    };
    (!name.is_empty()).then(|| (written, name.to_lowercase()))
}

/// Adds the slashes that a pattern begins and ends with.
fn with_slashes(pattern: &str) -> String {
    let mut out = if pattern.starts_with('/') { String::new() } else { "/".to_owned() };
    out.push_str(pattern);
    if !out.ends_with('/') && !out.ends_with(".html") {
        out.push('/');
    }
    out.replace("//", "/")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::permalink::PermalinkPattern;

    #[test]
    fn patterns_of_other_systems_are_translated() {
        for (foreign, own) in [
            ("/:year/:month/:title/", "/{year}/{month}/{slug}/"),
            (
                "/:categories/:year/:month/:day/:title:output_ext",
                "/{section}/{year}/{month}/{day}/{slug}/",
            ),
            ("posts/:slugorfilename", "/posts/{slug}/"),
            ("/blog/:filename.html", "/blog/{name}.html"),
            ("/%year%/%monthnum%/%day%/%postname%/", "/{year}/{month}/{day}/{slug}/"),
            ("/{date:%Y}/{date:%m}/{slug}.html", "/{year}/{month}/{slug}.html"),
            ("/{{ year }}/{title}/", "/{year}/{slug}/"),
            ("pretty", "/{section}/{year}/{month}/{day}/{slug}/"),
        ] {
            let translated = translate_pattern(foreign);
            assert_eq!(translated, Some(ForeignPattern::Translated(own.to_owned())), "{foreign}");
            assert!(PermalinkPattern::parse(own).is_ok(), "{own}");
        }
    }

    #[test]
    fn a_placeholder_without_an_equivalent_is_named() {
        for (pattern, placeholder) in
            [("/%author%/%postname%/", "%author%"), ("/:weekday/:slug/", ":weekday")]
        {
            let translated = translate_pattern(pattern);
            assert_eq!(translated, Some(ForeignPattern::NoEquivalent(placeholder.to_owned())));
        }
        for pattern in
            ["/{year}/{slug}/", "/{slugg}/", "/news/{name}.html", "/100%/{slug}/", "/{slug", "x"]
        {
            assert_eq!(translate_pattern(pattern), None, "{pattern}");
        }
    }
}

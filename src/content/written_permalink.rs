//! The permalink as front matter gives it: a path, or a pattern of another system.

use crate::config::Site;
use crate::model::foreign_pattern::{ForeignPattern, translate_pattern};
use crate::model::permalink::PermalinkPattern;
use crate::model::redaction::PLACEHOLDER;
use crate::model::reserved_path::{ReservedFolder, reserved_folder};

/// The permalink of an article, as written.
#[derive(Debug)]
pub(super) enum WrittenPermalink<'a> {
    /// There is none, or it is the name of one of Jekyll's styles: the site's pattern applies.
    None,
    Path(&'a str),
    /// A pattern of the article's own: `/:year/:title/`.
    Pattern(PermalinkPattern),
    /// A pattern that can't be filled; the text is the reason.
    Unusable(String),
}

/// Jekyll's names of permalink styles. They are ignored: the site's own pattern applies.
const JEKYLL_STYLES: [&str; 5] = ["date", "pretty", "ordinal", "weekdate", "none"];

impl<'a> WrittenPermalink<'a> {
    /// Reads the value of `permalink` or `url`.
    pub(super) fn read(raw: Option<&'a str>) -> Self {
        let path = raw.map_or("", str::trim);
        if path.is_empty() || JEKYLL_STYLES.contains(&path) || path.contains(PLACEHOLDER) {
            return Self::None;
        }
        if !path.contains(':') {
            return Self::Path(path);
        }
        // The URL of another site has a colon, too.
        if path.contains("://") {
            return Self::None;
        }
        match translate_pattern(path) {
            None => Self::Unusable("a colon begins a placeholder such as `:year`".into()),
            Some(ForeignPattern::NoEquivalent(placeholder)) => {
                Self::Unusable(format!("nothing stands for `{placeholder}`"))
            }
            Some(ForeignPattern::Translated(pattern)) => {
                PermalinkPattern::parse(&pattern).map_or_else(Self::Unusable, Self::Pattern)
            }
        }
    }
}

/// Checks that an article may have a path.
///
/// # Errors
/// The reason, as text, why the path is reserved.
pub(crate) fn check_reserved(path: &str, site: &Site) -> Result<(), String> {
    let reason = match reserved_folder(path) {
        Some(ReservedFolder::Repository) => "it is below a folder of a version control system",
        Some(ReservedFolder::Cache) => "it is below a folder with the name of the build cache",
        Some(ReservedFolder::WellKnown) if !site.config.well_known => {
            "services verify who controls a domain by files below `/.well-known/`; \
             `well_known: true` in site.yaml allows it"
        }
        Some(ReservedFolder::Hidden) => "a part of it begins with a period",
        Some(ReservedFolder::WellKnown) | None => return Ok(()),
    };
    Err(reason.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_of_jekyll_are_translated() {
        let read = |text| WrittenPermalink::read(Some(text));
        for text in ["/:year/:title/", "/news/:year/:month/:slug.html", ":categories/:title"] {
            assert!(matches!(read(text), WrittenPermalink::Pattern(_)), "{text}");
        }
        for text in ["/:short_year/:title/", "/:year/", "/a:/"] {
            assert!(matches!(read(text), WrittenPermalink::Unusable(_)), "{text}");
        }
        for text in ["", "pretty", "https://courier.example/a/"] {
            assert!(matches!(read(text), WrittenPermalink::None), "{text}");
        }
        assert!(matches!(read(" /a/ "), WrittenPermalink::Path("/a/")));
    }
}

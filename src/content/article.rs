//! An article: front matter made definite. Dates are moments, slugs are safe, the permalink is
//! settled.

use std::borrow::Cow;

use super::front_matter::{FrontMatter, accepted_keys};
use super::source::SourceFile;
use crate::config::{SECTIONS, Site};
use crate::diagnostics::Diagnostic;
use crate::model::lang::canonical_tag;
use crate::model::permalink::{PermalinkParts, percent_decode_path};
use crate::model::redaction::PLACEHOLDER;
use crate::model::slug::{is_device_name, slugify};
use crate::model::{Day, Fingerprint, Image, Moment, Permalink, Status};

/// An article without its body.
#[derive(Debug)]
pub struct ParsedArticle {
    /// The headline, as plain text.
    pub title: String,
    /// The standfirst, as plain text.
    pub standfirst: Option<String>,
    /// When it was published.
    pub date: Moment,
    /// The day that it belongs to, in the site's time zone.
    pub day: Day,
    /// When it was last changed.
    pub updated: Option<Moment>,
    /// When it is to be held back from.
    pub expires: Option<Moment>,
    /// Where it is published.
    pub permalink: Permalink,
    /// The language (BCP 47).
    pub lang: String,
    /// The place as printed before the first paragraph.
    pub dateline: Option<String>,
    /// The main picture, as written.
    pub image: Option<Image>,
    /// Its terms: the number of the taxonomy and the name as written.
    pub terms: Vec<(usize, String)>,
    /// Not to be published yet.
    pub draft: bool,
    /// Whether the reaction bar is wanted; the site decides if unset.
    pub reactions: Option<bool>,
    /// Whether search leaves it out.
    pub search_off: bool,
    /// Whether its versions are nobody's business.
    pub history_off: bool,
    /// Where the story came from.
    pub origin: Option<String>,
    /// Where it first appeared.
    pub original_url: Option<String>,
    /// An identity that outlives changes of address.
    pub id: Option<String>,
    /// The id of the story that this is a translation of.
    pub translation_of: Option<String>,
    /// What was put right later.
    pub corrections: Vec<Correction>,
    /// What was added later.
    pub updates: Vec<Correction>,
    /// What became of it.
    pub status: Status,
    /// Why, as plain text.
    pub status_reason: Option<String>,
    /// When.
    pub status_date: Option<Moment>,
    /// Until when it is held back.
    pub embargo: Option<Moment>,
    /// Everything else.
    pub extra: serde_yaml::Mapping,
}

/// What a paper says of a mistake it made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Correction {
    /// When it was put right.
    pub date: Option<Moment>,
    /// What was wrong and what is right.
    pub text: String,
}

impl ParsedArticle {
    /// Settles the front matter of a file. `path` is the file's path below `content/`.
    ///
    /// # Errors
    /// Every mistake of this article at once: no title, no date, an impossible one, an unsafe slug
    /// or permalink.
    pub fn resolve(
        mut front_matter: FrontMatter,
        source: &SourceFile<'_>,
        path: &str,
        site: &Site,
    ) -> Result<Self, Vec<Diagnostic>> {
        // What is made of the file's name is made of it without names.
        let path = &*source.matcher.redact(path);
        let mut resolver = Resolver {
            source,
            site,
            file_name: ParsedFileName::from_path(path),
            diagnostics: Vec::new(),
        };
        let title = resolver.resolve_title(front_matter.title.as_deref());
        let date = resolver.resolve_date(front_matter.date.as_deref(), path);
        let updated = resolver.resolve_optional_date("updated", front_matter.updated.as_deref());
        let expires = resolver.resolve_optional_date("expires", front_matter.expires.as_deref());
        let corrections = resolver.resolve_corrections(&front_matter.corrections);
        let updates = resolver.resolve_corrections(&front_matter.updates);
        let status_date =
            resolver.resolve_optional_date("status_date", front_matter.status_date.as_deref());
        let embargo = resolver.resolve_embargo(front_matter.embargo.as_deref());
        let lang = resolver.resolve_lang(front_matter.lang.as_deref());
        let (terms, section) = resolver.resolve_terms(&mut front_matter, path);
        let slug = resolver.resolve_slug(front_matter.slug.as_deref(), &title, path);
        let permalink = date.and_then(|date| {
            let day = date.day(site.zone);
            let id = front_matter
                .id
                .as_deref()
                .map(|id| resolver.redact_slug(slugify(id)))
                .filter(|id| !id.is_empty());
            let id = id.as_deref().unwrap_or(&slug);
            let name = resolver.redact_slug(slugify(&resolver.file_name.stem));
            let name = if name.is_empty() { slug.clone() } else { name };
            resolver.resolve_permalink(
                front_matter.permalink.as_deref(),
                &PermalinkParts {
                    day,
                    section: &section,
                    slug: &slug,
                    name: &name,
                    id,
                    lang: &lang,
                },
            )
        });
        let (Some(date), Some(permalink), true) =
            (date, permalink, resolver.diagnostics.is_empty())
        else {
            return Err(resolver.diagnostics);
        };
        // What is said afterwards is a change, too.
        let editorial_dates =
            corrections.iter().chain(&updates).filter_map(|note| note.date).chain(status_date);
        let last_change =
            updated.into_iter().chain(editorial_dates).max_by_key(|moment| moment.seconds);
        let optional_plain_text = |text: Option<String>| {
            text.map(|text| to_plain_text(&text)).filter(|text| !text.is_empty())
        };
        Ok(Self {
            standfirst: optional_plain_text(front_matter.description),
            day: date.day(site.zone),
            dateline: optional_plain_text(front_matter.dateline)
                .map(|dateline| dateline.trim_end_matches([':', '—', '–', '-', ' ']).to_owned()),
            image: front_matter.image.map(|image| Image {
                alt: to_plain_text(&image.alt),
                caption: optional_plain_text(image.caption),
                credit: optional_plain_text(image.credit),
                ..image
            }),
            origin: optional_plain_text(front_matter.origin),
            original_url: optional_plain_text(front_matter.original_url)
                .filter(|url| is_web_url(url) && !url.contains(PLACEHOLDER)),
            id: optional_plain_text(front_matter.id),
            translation_of: optional_plain_text(front_matter.translation_of),
            draft: front_matter.draft,
            reactions: front_matter.reactions,
            search_off: front_matter.search_off,
            history_off: front_matter.history_off,
            corrections,
            updates,
            status: front_matter.status,
            status_reason: optional_plain_text(front_matter.status_reason),
            status_date,
            embargo,
            extra: front_matter.extra,
            title,
            date,
            updated: last_change.filter(|updated| updated.seconds > date.seconds),
            expires,
            permalink,
            lang,
            terms,
        })
    }
}

/// Whether a slug can be made from a text: it holds a letter or a digit.
pub(crate) fn can_become_slug(text: &str) -> bool {
    text.chars().any(char::is_alphanumeric)
}

/// Plain text from front matter: entities decoded, control characters dropped, white space folded.
pub(crate) fn to_plain_text(text: &str) -> String {
    // Most text is clean ASCII already: only single spaces, none at the ends, no entity, no control
    // character.
    let bytes = text.as_bytes();
    let is_clean = |byte: u8| (b' '..0x7f).contains(&byte) && byte != b'&';
    // A fold and not a search, which would look at one byte at a time.
    if bytes.iter().fold(true, |all, &byte| all & is_clean(byte))
        && !text.contains("  ")
        && !text.starts_with(' ')
        && !text.ends_with(' ')
    {
        return text.to_owned();
    }
    let decoded: Cow<'_, str> =
        if text.contains('&') { html_escape::decode_html_entities(text) } else { text.into() };
    let mut out = String::with_capacity(decoded.len());
    for word in
        decoded.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty())
    {
        if !out.is_empty() {
            out.push(' ');
        }
        // U+FFFE and U+FFFF may not stand in XML at all.
        out.extend(word.chars().filter(|c| !matches!(c, '\u{fffe}' | '\u{ffff}')));
    }
    out
}

fn is_web_url(url: &str) -> bool {
    url.starts_with("https://") || url.starts_with("http://")
}

/// What a file's name says: Jekyll puts the date before the slug.
struct ParsedFileName {
    date: Option<String>,
    stem: String,
}

impl ParsedFileName {
    fn from_path(path: &str) -> Self {
        let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
        let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
        let is_bundle = matches!(stem, "index" | "_index");
        let stem = if is_bundle { folder.rsplit('/').next().unwrap_or(stem) } else { stem };
        let undated = || Self { date: None, stem: stem.to_owned() };
        let Some(date_len) = leading_date_len(stem) else { return undated() };
        let (date, rest) = stem.split_at(date_len);
        match rest.strip_prefix(['-', '_']) {
            Some(rest) if !rest.is_empty() => {
                Self { date: Some(date.to_owned()), stem: rest.to_owned() }
            }
            // A name that is a date and nothing else is its own slug.
            None if rest.is_empty() => Self { date: Some(date.to_owned()), stem: stem.to_owned() },
            _ => undated(),
        }
    }
}

/// The length of the `2014-10-8` that a name begins with.
fn leading_date_len(name: &str) -> Option<usize> {
    let digits = |text: &str, max_digits: usize| {
        let count = text.bytes().take_while(u8::is_ascii_digit).count();
        (1..=max_digits).contains(&count).then_some(count)
    };
    let year = digits(name, 4).filter(|&count| count == 4)?;
    let month = digits(name[year..].strip_prefix('-')?, 2)?;
    let day = digits(name[year + 1 + month..].strip_prefix('-')?, 2)?;
    Some(year + 1 + month + 1 + day)
}

struct Resolver<'a> {
    source: &'a SourceFile<'a>,
    site: &'a Site,
    file_name: ParsedFileName,
    diagnostics: Vec<Diagnostic>,
}

impl Resolver<'_> {
    /// Reports a mistake at a key, or at the opening fence if the key isn't there.
    fn report_field_error(
        &mut self,
        code: &'static str,
        keys: &[&str],
        message: String,
        help: &str,
    ) {
        let location = keys.iter().find_map(|key| self.source.key_location(key, 0));
        let location = location.unwrap_or_else(|| self.source.fence_location());
        self.diagnostics
            .push(Diagnostic::error(code, self.source.file, message).location(location).help(help));
    }

    fn resolve_title(&mut self, raw: Option<&str>) -> String {
        let title = to_plain_text(raw.unwrap_or_default());
        if title.is_empty() {
            let is_missing = self.source.key_location("title", 0).is_none();
            let message =
                if is_missing { "the article has no title" } else { "the title is empty" };
            self.report_field_error(
                "missing-title",
                &["title"],
                message.into(),
                "add a line `title: \"…\"` with the headline",
            );
        }
        title
    }

    fn resolve_date(&mut self, raw: Option<&str>, path: &str) -> Option<Moment> {
        let Some(text) = raw.map(str::to_owned).or_else(|| self.file_name.date.clone()) else {
            let suggestion = date_in_path(path).map_or("`date: 2024-11-05`".into(), |date| {
                format!("`date: {date}`, as its folders suggest")
            });
            let help = format!("add a line {suggestion}, or name the file `YYYY-MM-DD-slug.md`");
            self.report_field_error(
                "missing-date",
                &["date"],
                "the article has no date".into(),
                &help,
            );
            return None;
        };
        self.parse_moment("date", accepted_keys("date"), &text)
    }

    fn resolve_optional_date(&mut self, label: &str, raw: Option<&str>) -> Option<Moment> {
        let keys: &[&str] = match label {
            "correction" => &["corrections", "correction", "updates"],
            field => accepted_keys(field),
        };
        raw.and_then(|text| self.parse_moment(label, keys, text))
    }

    /// Until when a story is held back: a date as others, and where it has no offset, perhaps with
    /// the name of a time zone behind it.
    fn resolve_embargo(&mut self, raw: Option<&str>) -> Option<Moment> {
        let raw = raw?.trim();
        let help = "write it as `2024-11-05T06:00:00+01:00` or `2024-11-05 06:00 Europe/Berlin`";
        Moment::parse_zoned(raw, self.site.zone)
            .map_err(|why| {
                self.report_field_error(
                    "bad-date",
                    &["embargo"],
                    format!("embargo `{raw}`: {why}"),
                    help,
                );
            })
            .ok()
    }

    fn resolve_corrections(&mut self, raw: &[(Option<String>, String)]) -> Vec<Correction> {
        let mut corrections: Vec<Correction> = raw
            .iter()
            .map(|(date, text)| Correction {
                date: self.resolve_optional_date("correction", date.as_deref()),
                text: to_plain_text(text),
            })
            .filter(|correction| !correction.text.is_empty())
            .collect();
        corrections.sort_by_key(|correction| correction.date.map(|date| date.seconds));
        corrections
    }

    fn parse_moment(&mut self, label: &str, keys: &[&str], text: &str) -> Option<Moment> {
        let parsed = Moment::parse(text, self.site.zone);
        let help = "write it as `2024-11-05`, `2024-11-05 14:30` or `2024-11-05T14:30:00+05:00`";
        parsed
            .map_err(|why| {
                self.report_field_error(
                    "bad-date",
                    keys,
                    format!("{label} `{}`: {why}", text.trim()),
                    help,
                );
            })
            .ok()
    }

    fn resolve_lang(&mut self, raw: Option<&str>) -> String {
        let Some(raw) = raw.map(str::trim).filter(|lang| !lang.is_empty()) else {
            return self.site.config.language.clone();
        };
        let lang = canonical_tag(raw);
        let is_valid = lang.len() <= 35
            && lang.split('-').all(|p| {
                (1..=8).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_alphanumeric())
            });
        if !is_valid {
            let help = "use a BCP 47 tag such as `ur`, `fr` or `pt-BR`";
            self.report_field_error(
                "bad-language",
                &["lang", "language"],
                format!("`{raw}` is not a language"),
                help,
            );
        }
        lang
    }

    /// The article's terms, and the slug of its section: as written, or its first category, or the
    /// folder it lies in.
    fn resolve_terms(
        &mut self,
        front_matter: &mut FrontMatter,
        path: &str,
    ) -> (Vec<(usize, String)>, String) {
        let mut terms: Vec<(usize, String)> = Vec::new();
        for (taxonomy, term_names) in front_matter.terms.drain(..) {
            let term_names = term_names
                .iter()
                .map(|name| to_plain_text(name))
                .filter(|name| self.is_valid_term(name));
            terms.extend(term_names.map(|name| (taxonomy, name)));
        }
        let Some(sections) = self.site.taxonomy_index(SECTIONS) else {
            return (terms, String::new());
        };
        let categories = front_matter.categories.drain(..).map(|name| to_plain_text(&name));
        let categories: Vec<String> = categories.filter(|name| self.is_valid_term(name)).collect();
        let mut categories = categories.into_iter();
        // An article has one section: the first that is written counts.
        let mut has_section = false;
        terms.retain(|(taxonomy, _)| {
            *taxonomy != sections || !std::mem::replace(&mut has_section, true)
        });
        if !has_section {
            let from_folder = || section_from_path(path).filter(|name| self.is_valid_term(name));
            let name = categories.next().or_else(from_folder);
            terms.extend(name.map(|name| (sections, name)));
        }
        if let Some(tags) = self.site.taxonomy_index("tags") {
            terms.extend(categories.map(|name| (tags, name)));
        }
        let section = terms.iter().find(|(taxonomy, _)| *taxonomy == sections);
        let slug = section.map(|(_, name)| crate::model::slug::term_key(name)).unwrap_or_default();
        (terms, slug)
    }

    /// Whether a text can be a term: it has letters, and held no name. What is left beside a name
    /// could tell it.
    fn is_valid_term(&self, name: &str) -> bool {
        can_become_slug(name)
            && !name.contains(PLACEHOLDER)
            && !self.source.matcher.is_match(&crate::model::slug::term_key(name))
    }

    /// A slug without the names that it still holds: marks vanish from slugs, so that what stood
    /// beside them may come together to a name.
    fn redact_slug(&self, mut slug: String) -> String {
        while self.source.matcher.is_match(&slug) {
            slug = slugify(&self.source.matcher.redact(&slug));
        }
        slug
    }

    /// The slug as written if it is safe, else made from the file's name, else from the headline.
    /// `path` is the file's.
    fn resolve_slug(&mut self, raw: Option<&str>, title: &str, path: &str) -> String {
        if let Some(slug) = raw.map(str::trim)
            && (!slug.contains(PLACEHOLDER) || !self.redact_slug(slugify(slug)).is_empty())
        {
            let slug = self.check_slug(slug);
            return self.redact_slug(slug);
        }
        let stem = &self.file_name.stem;
        let from_file_name = if is_canonical_slug(stem) { stem.clone() } else { slugify(stem) };
        let slug = Some(self.redact_slug(from_file_name)).filter(|slug| !slug.is_empty());
        let slug =
            slug.or_else(|| Some(self.redact_slug(slugify(title))).filter(|slug| !slug.is_empty()));
        // Nothing is left once the names are gone: what is known of the file without them makes a
        // slug that stays.
        let slug = slug.or_else(|| {
            let has_placeholder = path.contains(PLACEHOLDER) || title.contains(PLACEHOLDER);
            let identity = format!(
                "{path} {}",
                self.source.key_location("date", 0).map_or(String::new(), |location| location.text)
            );
            has_placeholder.then(|| {
                format!("story-{:08x}", Fingerprint::hash_bytes(identity.as_bytes()).0 >> 32)
            })
        });
        if slug.is_none() && self.diagnostics.is_empty() {
            let help = "add a line `slug: …` with letters or digits";
            self.report_field_error(
                "bad-slug",
                &["title"],
                "neither the file's name nor the title gives a slug".into(),
                help,
            );
        }
        slug.unwrap_or_default()
    }

    /// A slug as written, made lower case and so on; refused if it is a path or has nothing that an
    /// address can hold.
    fn check_slug(&mut self, raw: &str) -> String {
        let slug = if is_canonical_slug(raw) { raw.to_owned() } else { slugify(raw) };
        let is_path = raw.contains(['/', '\\', '\0']) || raw.starts_with('.');
        if !is_path && !slug.is_empty() {
            return slug;
        }
        let message = format!("the slug `{raw}` is not safe as a file name");
        let help = match slug.as_str() {
            "" => "write a slug with letters or digits, or take the line out".to_owned(),
            safe_slug => format!(
                "a slug is the last part of the address, without slashes: `slug: {safe_slug}`"
            ),
        };
        self.report_field_error("bad-slug", &["slug"], message, &help);
        String::new()
    }

    fn resolve_permalink(
        &mut self,
        raw: Option<&str>,
        parts: &PermalinkParts<'_>,
    ) -> Option<Permalink> {
        let custom = raw.map(str::trim);
        let custom = custom.filter(|path| {
            !path.is_empty() && !path.contains(':') && !JEKYLL_STYLES.contains(path)
        });
        let custom = custom.filter(|path| !path.contains(PLACEHOLDER));
        let path = match custom {
            Some(path) => Permalink::new(&percent_decode_path(path)),
            None => self.site.permalink_pattern(parts.section).fill(parts),
        };
        let help =
            "a permalink is a path below the site's root, such as `/2024/11/05/border-security/`";
        path.map_err(|why| {
            self.report_field_error(
                "bad-permalink",
                &["permalink", "url", "slug"],
                format!("the permalink can't be used: {why}"),
                help,
            );
        })
        .ok()
    }
}

/// Jekyll's names of permalink styles, which say nothing that the site's own pattern doesn't.
const JEKYLL_STYLES: [&str; 5] = ["date", "pretty", "ordinal", "weekdate", "none"];

/// Whether a slug can be kept letter by letter, as another system wrote it.
fn is_canonical_slug(slug: &str) -> bool {
    let is_safe = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_');
    !slug.is_empty()
        && slug.len() <= crate::model::slug::MAX_SLUG_BYTES
        && slug.chars().all(is_safe)
        && !is_device_name(slug)
}

/// `2024-11-05` from `2024/11/05/story.md`.
fn date_in_path(path: &str) -> Option<String> {
    let numbers: Vec<&str> =
        path.split('/').filter(|part| part.bytes().all(|b| b.is_ascii_digit())).collect();
    match numbers[..] {
        [year, month, day, ..] if year.len() == 4 => Some(format!("{year}-{month:0>2}-{day:0>2}")),
        _ => None,
    }
}

/// The section that a file's first folder stands for, unless the folder is a date or one of
/// Jekyll's.
fn section_from_path(path: &str) -> Option<String> {
    let (folders, file) = path.rsplit_once('/')?;
    // The folder of a story that has one of its own is the story's, not a section.
    let bundle_parent = file
        .starts_with("index.")
        .then(|| folders.rsplit_once('/').map_or("", |(parent, _)| parent));
    let first_folder = bundle_parent.unwrap_or(folders).split('/').next()?;
    is_section_folder(first_folder).then(|| first_folder.to_owned())
}

/// Whether a folder's name can be a section's: it is neither a date nor one of Jekyll's.
pub(crate) fn is_section_folder(folder: &str) -> bool {
    let is_numeric = folder.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    !is_numeric && !folder.starts_with(['_', '.']) && can_become_slug(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_other_systems_hold_dates() {
        let name = ParsedFileName::from_path("_posts/2014-10-08-a-story.md");
        assert_eq!((name.date.as_deref(), name.stem.as_str()), (Some("2014-10-08"), "a-story"));
        assert_eq!(ParsedFileName::from_path("news/story/index.md").stem, "story");
        assert_eq!(ParsedFileName::from_path("a/1-2-3-go.md").date, None);
        assert_eq!(ParsedFileName::from_path("2014-10-083-x.md").date, None);
        let zola = ParsedFileName::from_path("2018-10-10_talks.md");
        assert_eq!((zola.date.as_deref(), zola.stem.as_str()), (Some("2018-10-10"), "talks"));
        let day = ParsedFileName::from_path("2024-11-05.md");
        assert_eq!((day.date.as_deref(), day.stem.as_str()), (Some("2024-11-05"), "2024-11-05"));
    }

    #[test]
    fn plain_text_is_one_clean_line() {
        assert_eq!(
            to_plain_text("Q&amp;A:\n  caf\u{e9}\u{0}\u{b} &#8220;x&#8221;"),
            "Q&A: café “x”"
        );
    }

    #[test]
    fn folders_suggest_sections_and_dates() {
        assert_eq!(section_from_path("news/2014/x.md").as_deref(), Some("news"));
        assert_eq!(section_from_path("2014/12/x.md"), None);
        assert_eq!(section_from_path("story/index.md"), None);
        assert_eq!(section_from_path("news/story/index.md").as_deref(), Some("news"));
        assert_eq!(date_in_path("2014/2/09/x.md").as_deref(), Some("2014-02-09"));
    }
}

//! An article with its front matter resolved: dates are moments, slugs are safe, and the permalink
//! is known.

use super::article_texts::clean_texts;
use super::file_name::{ParsedFileName, date_in_path, section_from_path, title_from_name};
use super::front_matter::{FrontMatter, accepted_keys};
use super::markdown::first_heading;
use super::plain_text::{can_become_slug, to_plain_text};
use super::source::SourceFile;
use super::standalone_page::{is_standalone_page, standalone_page_path};
use super::written_permalink::{WrittenPermalink, check_reserved};
use crate::config::{SECTIONS, Site};
use crate::diagnostics::{Diagnostic, Severity};
use crate::model::lang::{canonical_tag, is_tag};
use crate::model::permalink::{PermalinkParts, PermalinkPattern, percent_decode_path};
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
    /// The time of publication.
    pub date: Moment,
    /// The day that it belongs to, in the site's time zone.
    pub day: Day,
    /// The time of the last change.
    pub updated: Option<Moment>,
    /// The time from which it is no longer published.
    pub expires: Option<Moment>,
    /// The path of its URL.
    pub permalink: Permalink,
    /// The language (BCP 47).
    pub lang: String,
    /// The dateline location as printed before the first paragraph.
    pub dateline: Option<String>,
    /// The main image, as written.
    pub image: Option<Image>,
    /// Its terms: the number of the taxonomy and the name as written.
    pub terms: Vec<(usize, String)>,
    /// True if it is a page without a date, such as About: then `date` and `day` mean nothing,
    /// unless a date is written.
    pub is_page: bool,
    /// True if it is a draft.
    pub draft: bool,
    /// Enables or disables the reaction bar; `None` leaves that to the site's settings.
    pub reactions: Option<bool>,
    /// True if it is excluded from search.
    pub search_off: bool,
    /// True if its versions aren't shown.
    pub history_off: bool,
    /// The source, such as an agency.
    pub origin: Option<String>,
    /// The URL of its first publication.
    pub original_url: Option<String>,
    /// An identifier that stays the same when the permalink changes.
    pub id: Option<String>,
    /// The id of the article that this is a translation of.
    pub translation_of: Option<String>,
    /// The corrections.
    pub corrections: Vec<Correction>,
    /// The updates.
    pub updates: Vec<Correction>,
    /// The editorial status.
    pub status: Status,
    /// Another system's status that keeps it from being published.
    pub withheld_status: Option<&'static str>,
    /// The reason for the status, as plain text.
    pub status_reason: Option<String>,
    /// The time of the status.
    pub status_date: Option<Moment>,
    /// The end of its embargo.
    pub embargo: Option<Moment>,
    /// All other keys.
    pub extra: serde_yaml::Mapping,
    /// The mistakes that don't keep it from being published.
    pub warnings: Vec<Diagnostic>,
}

/// A correction or an update of an article.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Correction {
    /// The time of the correction.
    pub date: Option<Moment>,
    /// The text of the correction.
    pub text: String,
}

impl ParsedArticle {
    /// Resolves the front matter of a file. `path` is the file's path below `content/`.
    ///
    /// # Errors
    /// All mistakes of the article: a missing title or date, an invalid date, an unsafe slug or
    /// permalink.
    pub fn resolve(
        mut front_matter: FrontMatter,
        source: &SourceFile<'_>,
        path: &str,
        site: &Site,
    ) -> Result<Self, Vec<Diagnostic>> {
        // Everything derived from the file name uses the name without redacted names.
        let path = &*source.matcher.redact(path);
        let mut resolver = Resolver::new(source, site, path, &mut front_matter);
        let title = resolver.resolve_title(front_matter.title.as_deref());
        let date = resolver.resolve_date(front_matter.date.as_deref(), path);
        let updated = resolver.resolve_optional_date("updated", front_matter.updated.as_deref());
        let expires = resolver.resolve_optional_date("expires", front_matter.expires.as_deref());
        let changes = resolver.resolve_changes(&front_matter);
        let embargo = resolver.resolve_embargo(front_matter.embargo.as_deref());
        let lang = resolver.resolve_lang(front_matter.lang.as_deref());
        let (terms, section) = resolver.resolve_terms(&mut front_matter, path);
        let slug = resolver.resolve_slug(front_matter.slug.as_deref(), &title, path);
        let permalink = date.and_then(|date| {
            let (day, section) = (date.day(site.zone), &section);
            let basis = PermalinkBasis { day, section, slug: &slug, lang: &lang, path };
            resolver.resolve_permalink(&front_matter, &basis)
        });
        let (Some(date), Some(permalink), false) = (date, permalink, resolver.has_errors()) else {
            return Err(resolver.into_diagnostics());
        };
        clean_texts(&mut front_matter);
        Ok(Self {
            standfirst: front_matter.description,
            day: date.day(site.zone),
            dateline: front_matter.dateline,
            image: front_matter.image,
            origin: front_matter.origin,
            original_url: front_matter.original_url,
            id: front_matter.id,
            translation_of: front_matter.translation_of,
            is_page: resolver.is_page,
            draft: front_matter.draft,
            reactions: front_matter.reactions,
            search_off: front_matter.search_off,
            history_off: front_matter.history_off,
            status: front_matter.status,
            withheld_status: front_matter.withheld_status,
            status_reason: front_matter.status_reason,
            status_date: changes.status_date,
            embargo,
            extra: front_matter.extra,
            warnings: resolver.warnings,
            title,
            date,
            updated: changes.last_date(updated).filter(|last| last.seconds > date.seconds),
            corrections: changes.corrections,
            updates: changes.updates,
            expires,
            permalink,
            lang,
            terms,
        })
    }
}

struct Resolver<'a> {
    source: &'a SourceFile<'a>,
    site: &'a Site,
    file_name: ParsedFileName,
    /// True if it is a page without a date.
    is_page: bool,
    /// Keys whose values can't be read, which is reported elsewhere.
    unreadable_keys: Vec<String>,
    diagnostics: Vec<Diagnostic>,
    warnings: Vec<Diagnostic>,
}

/// The changes of an article that its front matter lists.
struct ListedChanges {
    corrections: Vec<Correction>,
    updates: Vec<Correction>,
    status_date: Option<Moment>,
}

impl ListedChanges {
    /// Returns the time of the last change: a correction, an update and a change of status are
    /// changes, too.
    fn last_date(&self, updated: Option<Moment>) -> Option<Moment> {
        let notes = self.corrections.iter().chain(&self.updates).filter_map(|note| note.date);
        let dates = updated.into_iter().chain(notes).chain(self.status_date);
        dates.max_by_key(|moment| moment.seconds)
    }
}

impl<'a> Resolver<'a> {
    /// Returns a resolver for a file. `path` is its path below `content/`, without redacted names.
    /// Takes the keys whose values can't be read.
    fn new(
        source: &'a SourceFile<'a>,
        site: &'a Site,
        path: &str,
        front_matter: &mut FrontMatter,
    ) -> Self {
        let file_name = ParsedFileName::from_path(path);
        Self {
            source,
            site,
            file_name,
            is_page: is_standalone_page(front_matter, path),
            unreadable_keys: std::mem::take(&mut front_matter.unreadable_keys),
            diagnostics: Vec::new(),
            warnings: Vec::new(),
        }
    }

    fn resolve_changes(&mut self, front_matter: &FrontMatter) -> ListedChanges {
        let status_date = front_matter.status_date.as_deref();
        ListedChanges {
            corrections: self.resolve_corrections(&front_matter.corrections),
            updates: self.resolve_corrections(&front_matter.updates),
            status_date: self.resolve_optional_date("status_date", status_date),
        }
    }

    /// Reports a mistake at a key, or at the opening fence if the key is missing.
    fn report_field_error(
        &mut self,
        code: &'static str,
        keys: &[&str],
        message: String,
        help: &str,
    ) {
        let location = keys.iter().find_map(|key| self.source.key_location(key, 0));
        let location = location
            .or_else(|| self.source.merge_location())
            .unwrap_or_else(|| self.source.fence_location());
        self.diagnostics
            .push(Diagnostic::error(code, self.source.file, message).location(location).help(help));
    }

    fn has_errors(&self) -> bool {
        !self.diagnostics.is_empty()
    }

    /// Returns all mistakes.
    fn into_diagnostics(mut self) -> Vec<Diagnostic> {
        self.diagnostics.append(&mut self.warnings);
        self.diagnostics
    }

    /// Returns true if a key of a field has a value that can't be read.
    fn is_unreadable(&self, field: &str) -> bool {
        let keys = accepted_keys(field);
        self.unreadable_keys.iter().any(|key| keys.contains(&key.as_str()))
    }

    /// Returns the title as plain text. If there is none, the first heading or the name of the file
    /// is the title, with a warning.
    fn resolve_title(&mut self, raw: Option<&str>) -> String {
        let title = to_plain_text(raw.unwrap_or_default());
        if !title.is_empty() || self.is_unreadable("title") {
            return title;
        }
        let key_location =
            accepted_keys("title").iter().find_map(|key| self.source.key_location(key, 0));
        let is_empty = key_location.is_some();
        let location = key_location.unwrap_or_else(|| self.source.fence_location());
        let heading = first_heading(self.source.body()).map(|heading| to_plain_text(&heading));
        let heading = heading.filter(|heading| !heading.is_empty());
        let is_from_heading = heading.is_some();
        let title = heading.or_else(|| title_from_name(&self.file_name.stem)).unwrap_or_default();
        let problem = if is_empty { "the title is empty" } else { "the article has no title" };
        let (severity, message) = match (title.as_str(), is_from_heading) {
            ("", _) => (Severity::Error, problem.to_owned()),
            (title, true) => (
                Severity::Warning,
                format!("{problem}: the first heading is used instead, `{title}`"),
            ),
            (title, false) => (
                Severity::Warning,
                format!("{problem}: the name of the file is used instead, `{title}`"),
            ),
        };
        let diagnostic = Diagnostic::error("missing-title", self.source.file, message)
            .location(location)
            .help("add a line `title: \"…\"` with the headline");
        let is_error = severity == Severity::Error;
        let target = if is_error { &mut self.diagnostics } else { &mut self.warnings };
        target.push(Diagnostic { severity, ..diagnostic });
        title
    }

    fn resolve_date(&mut self, raw: Option<&str>, path: &str) -> Option<Moment> {
        let raw = raw.map(str::to_owned);
        let from_file_name = || self.file_name.date.clone().filter(|_| !self.is_unreadable("date"));
        let Some(text) = raw.or_else(from_file_name) else {
            if self.is_unreadable("date") {
                return None;
            }
            if self.is_page {
                return Some(Moment::UNIX_EPOCH);
            }
            let suggestion = date_in_path(path).map_or("`date: 2024-11-05`".into(), |date| {
                format!("`date: {date}`, as its folders suggest")
            });
            let help = format!(
                "add a line {suggestion}, or name the file `YYYY-MM-DD-slug.md`; a page without a \
                 date, such as About, belongs in content/pages/ or has the line `type: page`"
            );
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

    /// Resolves the end of an embargo: a date in any accepted form, which may be followed by the
    /// name of a time zone if it has no offset.
    fn resolve_embargo(&mut self, raw: Option<&str>) -> Option<Moment> {
        let raw = raw?.trim();
        let help = "write it as `2024-11-05T06:00:00+01:00` or `2024-11-05 06:00 Europe/Berlin`";
        Moment::parse_zoned(raw, self.site.zone)
            .map_err(|why| {
                self.report_field_error(
                    "bad-date",
                    accepted_keys("embargo"),
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
        if !is_tag(&lang) {
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

    /// Resolves the article's terms and the slug of its section: the section as written, or else
    /// the first category, or else the first folder.
    fn resolve_terms(
        &mut self,
        front_matter: &mut FrontMatter,
        path: &str,
    ) -> (Vec<(usize, String)>, String) {
        let mut terms: Vec<(usize, String)> = Vec::new();
        if self.is_page {
            // Pages are in no list.
            return (terms, String::new());
        }
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
        // An article has one section: only the first one takes effect.
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

    /// Returns true if a text can be a term: it can become a slug and contains neither a redacted
    /// name nor a placeholder, since the rest of the text could reveal the name.
    fn is_valid_term(&self, name: &str) -> bool {
        can_become_slug(name)
            && !name.contains(PLACEHOLDER)
            && !self.source.matcher.is_match(&crate::model::slug::term_key(name))
    }

    /// Redacts a slug until it contains no name. Placeholders vanish from slugs, so the text on
    /// both sides of one may join to form a name.
    fn redact_slug(&self, mut slug: String) -> String {
        while self.source.matcher.is_match(&slug) {
            slug = slugify(&self.source.matcher.redact(&slug));
        }
        slug
    }

    /// Resolves the slug: as written if it is safe, or else from the file name, or else from the
    /// headline. `path` is the path of the file.
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
        // If nothing remains without the names, the slug is a hash of the file's redacted path and
        // its date, which doesn't change.
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
        if slug.is_none() && self.diagnostics.is_empty() && !self.is_unreadable("title") {
            let help = "add a line `slug: …` with letters or digits";
            self.report_field_error(
                "bad-slug",
                &["title"],
                "no slug can be made from the file name or the title".into(),
                help,
            );
        }
        slug.unwrap_or_default()
    }

    /// Converts a slug as written to its canonical form. Reports it if it is a path or has no
    /// character that a URL can contain.
    fn check_slug(&mut self, raw: &str) -> String {
        let slug = if is_canonical_slug(raw) { raw.to_owned() } else { slugify(raw) };
        let is_path = raw.contains(['/', '\\', '\0']) || raw.starts_with('.');
        if !is_path && !slug.is_empty() {
            return slug;
        }
        let message = format!("the slug `{raw}` is not safe as a file name");
        let help = match slug.as_str() {
            "" => "write a slug with letters or digits, or remove the line".to_owned(),
            safe_slug => {
                format!("a slug is the last part of the URL, without slashes: `slug: {safe_slug}`")
            }
        };
        self.report_field_error("bad-slug", &["slug"], message, &help);
        String::new()
    }

    /// Returns the path of the URL of a page without a date; `None` for an article.
    fn page_path(&self, path: &str, slug: &str) -> Option<String> {
        let slug_of = |folder| self.redact_slug(folder);
        self.is_page.then(|| standalone_page_path(path, slug, slug_of))
    }

    fn resolve_permalink(
        &mut self,
        front_matter: &FrontMatter,
        basis: &PermalinkBasis<'_>,
    ) -> Option<Permalink> {
        let id = front_matter.id.as_deref();
        let default_path = || match self.page_path(basis.path, basis.slug) {
            Some(path) => Permalink::new(&path),
            None => self.fill_pattern(self.site.permalink_pattern(basis.section), id, basis),
        };
        let path = match WrittenPermalink::read(front_matter.permalink.as_deref()) {
            WrittenPermalink::Path(path) => Permalink::new(&percent_decode_path(path)),
            // The URL of a page doesn't contain a date.
            WrittenPermalink::Pattern(_) if self.is_page => default_path(),
            WrittenPermalink::Pattern(pattern) => self.fill_pattern(&pattern, id, basis),
            WrittenPermalink::None => default_path(),
            WrittenPermalink::Unusable(reason) => {
                let path = default_path();
                self.warn_unused_permalink(&reason);
                path
            }
        };
        let help =
            "a permalink is a path below the site's root, such as `/2024/11/05/border-security/`";
        let path = path.and_then(|permalink| {
            check_reserved(permalink.as_str(), self.site).map(|()| permalink)
        });
        path.map_err(|why| {
            self.report_field_error(
                "bad-permalink",
                &["permalink", "url", "path", "slug"],
                format!("the permalink can't be used: {why}"),
                help,
            );
        })
        .ok()
    }

    /// Reports a pattern of the article's own that can't be filled.
    fn warn_unused_permalink(&mut self, reason: &str) {
        let message = format!("the pattern of the permalink isn't used: {reason}");
        let location = accepted_keys("permalink");
        let location = location.iter().find_map(|key| self.source.key_location(key, 0));
        let diagnostic = Diagnostic::warning("bad-permalink", self.source.file, message);
        let help = "write the path itself, such as `/2024/11/05/border-security/`";
        self.warnings.push(diagnostic.location(location).help(help));
    }

    /// Fills a pattern. An article without an id uses its slug.
    fn fill_pattern(
        &self,
        pattern: &PermalinkPattern,
        id: Option<&str>,
        basis: &PermalinkBasis<'_>,
    ) -> Result<Permalink, String> {
        let PermalinkBasis { day, section, slug, lang, .. } = *basis;
        let id = id.map(|id| self.redact_slug(slugify(id))).filter(|id| !id.is_empty());
        let name = self.redact_slug(slugify(&self.file_name.stem));
        pattern.fill(&PermalinkParts {
            day,
            section,
            slug,
            name: if name.is_empty() { slug } else { &name },
            id: id.as_deref().unwrap_or(slug),
            lang,
        })
    }
}

/// The values of the placeholders of a permalink pattern.
struct PermalinkBasis<'a> {
    day: Day,
    section: &'a str,
    slug: &'a str,
    lang: &'a str,
    /// The path of the file, from which the URL of a page without a date is made.
    path: &'a str,
}

/// Returns true if a slug from another system can be used unchanged.
fn is_canonical_slug(slug: &str) -> bool {
    let is_safe = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_');
    !slug.is_empty()
        && slug.len() <= crate::model::slug::MAX_SLUG_BYTES
        && slug.chars().all(is_safe)
        && !is_device_name(slug)
}

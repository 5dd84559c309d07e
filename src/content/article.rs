//! An article: front matter made definite. Dates are moments, slugs are safe, the permalink is settled.

use std::borrow::Cow;

use super::front_matter::{FrontMatter, names};
use super::source::Source;
use crate::diagnostic::Diagnostic;
use crate::model::lang::canonical_tag;
use crate::model::names::MARK;
use crate::model::permalink::{Parts, decoded};
use crate::model::slug::{is_reserved, slugify};
use crate::model::{Day, Fingerprint, Image, Moment, Permalink, Status};
use crate::site::{SECTIONS, Site};

/// An article without its body.
#[derive(Debug)]
pub struct Article {
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
    pub source: Option<String>,
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

impl Article {
    /// Settles the front matter of a file. `path` is the file's path below `content/`.
    ///
    /// # Errors
    /// Every mistake of this article at once: no title, no date, an impossible one, an unsafe slug or permalink.
    pub fn resolve(
        mut front: FrontMatter,
        source: &Source<'_>,
        path: &str,
        site: &Site,
    ) -> Result<Self, Vec<Diagnostic>> {
        // What is made of the file's name is made of it without names.
        let path = &*source.names.redact(path);
        let mut resolver = Resolver { source, site, name: Name::of(path), mistakes: Vec::new() };
        let title = resolver.title(front.title.as_deref());
        let date = resolver.date(front.date.as_deref(), path);
        let updated = resolver.optional_date("updated", front.updated.as_deref());
        let expires = resolver.optional_date("expires", front.expires.as_deref());
        let corrections = resolver.corrections(&front.corrections);
        let updates = resolver.corrections(&front.updates);
        let status_date = resolver.optional_date("status_date", front.status_date.as_deref());
        let embargo = resolver.embargo(front.embargo.as_deref());
        let lang = resolver.lang(front.lang.as_deref());
        let (terms, section) = resolver.terms(&mut front, path);
        let slug = resolver.slug(front.slug.as_deref(), &title, path);
        let permalink = date.and_then(|date| {
            let day = date.day(site.zone);
            let id = front.id.as_deref().map(|id| resolver.nameless(slugify(id))).filter(|id| !id.is_empty());
            let id = id.as_deref().unwrap_or(&slug);
            let name = resolver.nameless(slugify(&resolver.name.stem));
            let name = if name.is_empty() { slug.clone() } else { name };
            resolver.permalink(
                front.permalink.as_deref(),
                &Parts { day, section: &section, slug: &slug, name: &name, id, lang: &lang },
            )
        });
        let (Some(date), Some(permalink), true) = (date, permalink, resolver.mistakes.is_empty()) else {
            return Err(resolver.mistakes);
        };
        // What is said afterwards is a change, too.
        let said = corrections.iter().chain(&updates).filter_map(|note| note.date).chain(status_date);
        let last = updated.into_iter().chain(said).max_by_key(|moment| moment.seconds);
        let text = |text: Option<String>| text.map(|text| plain(&text)).filter(|text| !text.is_empty());
        Ok(Self {
            standfirst: text(front.description),
            day: date.day(site.zone),
            dateline: text(front.dateline)
                .map(|place| place.trim_end_matches([':', '—', '–', '-', ' ']).to_owned()),
            image: front.image.map(|image| Image {
                alt: plain(&image.alt),
                caption: text(image.caption),
                credit: text(image.credit),
                ..image
            }),
            source: text(front.source),
            original_url: text(front.original_url).filter(|url| is_web_address(url) && !url.contains(MARK)),
            id: text(front.id),
            translation_of: text(front.translation_of),
            draft: front.draft,
            reactions: front.reactions,
            search_off: front.search_off,
            history_off: front.history_off,
            corrections,
            updates,
            status: front.status,
            status_reason: text(front.status_reason),
            status_date,
            embargo,
            extra: front.extra,
            title,
            date,
            updated: last.filter(|updated| updated.seconds > date.seconds),
            expires,
            permalink,
            lang,
            terms,
        })
    }
}

/// Whether a slug can be made from a text: it holds a letter or a digit.
pub fn has_slug(text: &str) -> bool {
    text.chars().any(char::is_alphanumeric)
}

/// Plain text from front matter: entities decoded, control characters dropped, white space folded.
pub fn plain(text: &str) -> String {
    // Most text is clean ASCII already: only single spaces, none at the ends, no entity, no control character.
    let bytes = text.as_bytes();
    let clean = |byte: u8| (b' '..0x7f).contains(&byte) && byte != b'&';
    // A fold and not a search, which would look at one byte at a time.
    if bytes.iter().fold(true, |all, &byte| all & clean(byte))
        && !text.contains("  ")
        && !text.starts_with(' ')
        && !text.ends_with(' ')
    {
        return text.to_owned();
    }
    let decoded: Cow<'_, str> =
        if text.contains('&') { html_escape::decode_html_entities(text) } else { text.into() };
    let mut out = String::with_capacity(decoded.len());
    for word in decoded.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty()) {
        if !out.is_empty() {
            out.push(' ');
        }
        // U+FFFE and U+FFFF may not stand in XML at all.
        out.extend(word.chars().filter(|c| !matches!(c, '\u{fffe}' | '\u{ffff}')));
    }
    out
}

fn is_web_address(url: &str) -> bool {
    url.starts_with("https://") || url.starts_with("http://")
}

/// What a file's name says: Jekyll puts the date before the slug.
struct Name {
    date: Option<String>,
    stem: String,
}

impl Name {
    fn of(path: &str) -> Self {
        let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
        let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
        let bundle = matches!(stem, "index" | "_index");
        let stem = if bundle { folder.rsplit('/').next().unwrap_or(stem) } else { stem };
        let whole = || Self { date: None, stem: stem.to_owned() };
        let Some(length) = leading_date(stem) else { return whole() };
        let (date, rest) = stem.split_at(length);
        match rest.strip_prefix(['-', '_']) {
            Some(rest) if !rest.is_empty() => Self { date: Some(date.to_owned()), stem: rest.to_owned() },
            // A name that is a date and nothing else is its own slug.
            None if rest.is_empty() => Self { date: Some(date.to_owned()), stem: stem.to_owned() },
            _ => whole(),
        }
    }
}

/// The length of the `2014-10-8` that a name begins with.
fn leading_date(name: &str) -> Option<usize> {
    let digits = |text: &str, most: usize| {
        let count = text.bytes().take_while(u8::is_ascii_digit).count();
        (1..=most).contains(&count).then_some(count)
    };
    let year = digits(name, 4).filter(|&count| count == 4)?;
    let month = digits(name[year..].strip_prefix('-')?, 2)?;
    let day = digits(name[year + 1 + month..].strip_prefix('-')?, 2)?;
    Some(year + 1 + month + 1 + day)
}

struct Resolver<'a> {
    source: &'a Source<'a>,
    site: &'a Site,
    name: Name,
    mistakes: Vec<Diagnostic>,
}

impl Resolver<'_> {
    /// Reports a mistake at a key, or at the opening fence if the key isn't there.
    fn mistake(&mut self, code: &'static str, keys: &[&str], message: String, help: &str) {
        let place = keys.iter().find_map(|key| self.source.key_place(key, 0));
        let place = place.unwrap_or_else(|| self.source.fence());
        self.mistakes.push(Diagnostic::error(code, self.source.file, message).at(place).help(help));
    }

    fn title(&mut self, written: Option<&str>) -> String {
        let title = plain(written.unwrap_or_default());
        if title.is_empty() {
            let missing = self.source.key_place("title", 0).is_none();
            let message = if missing { "the article has no title" } else { "the title is empty" };
            self.mistake(
                "missing-title",
                &["title"],
                message.into(),
                "add a line `title: \"…\"` with the headline",
            );
        }
        title
    }

    fn date(&mut self, written: Option<&str>, path: &str) -> Option<Moment> {
        let Some(text) = written.map(str::to_owned).or_else(|| self.name.date.clone()) else {
            let hint = date_in_path(path).map_or("`date: 2024-11-05`".into(), |date| {
                format!("`date: {date}`, as its folders suggest")
            });
            let help = format!("add a line {hint}, or name the file `YYYY-MM-DD-slug.md`");
            self.mistake("missing-date", &["date"], "the article has no date".into(), &help);
            return None;
        };
        self.moment("date", names("date"), &text)
    }

    fn optional_date(&mut self, what: &str, written: Option<&str>) -> Option<Moment> {
        let keys: &[&str] = match what {
            "correction" => &["corrections", "correction", "updates"],
            field => names(field),
        };
        written.and_then(|text| self.moment(what, keys, text))
    }

    /// Until when a story is held back: a date as others, and where it has no offset, perhaps with the name of a time zone behind it.
    fn embargo(&mut self, written: Option<&str>) -> Option<Moment> {
        let written = written?.trim();
        let help = "write it as `2024-11-05T06:00:00+01:00` or `2024-11-05 06:00 Europe/Berlin`";
        Moment::parse_zoned(written, self.site.zone)
            .map_err(|why| {
                self.mistake("bad-date", &["embargo"], format!("embargo `{written}`: {why}"), help);
            })
            .ok()
    }

    fn corrections(&mut self, written: &[(Option<String>, String)]) -> Vec<Correction> {
        let mut corrections: Vec<Correction> = written
            .iter()
            .map(|(date, text)| Correction {
                date: self.optional_date("correction", date.as_deref()),
                text: plain(text),
            })
            .filter(|correction| !correction.text.is_empty())
            .collect();
        corrections.sort_by_key(|correction| correction.date.map(|date| date.seconds));
        corrections
    }

    fn moment(&mut self, what: &str, keys: &[&str], text: &str) -> Option<Moment> {
        let parsed = Moment::parse(text, self.site.zone);
        let help = "write it as `2024-11-05`, `2024-11-05 14:30` or `2024-11-05T14:30:00+05:00`";
        parsed
            .map_err(|why| self.mistake("bad-date", keys, format!("{what} `{}`: {why}", text.trim()), help))
            .ok()
    }

    fn lang(&mut self, written: Option<&str>) -> String {
        let Some(written) = written.map(str::trim).filter(|lang| !lang.is_empty()) else {
            return self.site.config.language.clone();
        };
        let lang = canonical_tag(written);
        let valid = lang.len() <= 35
            && lang
                .split('-')
                .all(|p| (1..=8).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_alphanumeric()));
        if !valid {
            let help = "use a BCP 47 tag such as `ur`, `fr` or `pt-BR`";
            self.mistake(
                "bad-language",
                &["lang", "language"],
                format!("`{written}` is not a language"),
                help,
            );
        }
        lang
    }

    /// The article's terms, and the slug of its section: as written, or its first category, or the folder it lies in.
    fn terms(&mut self, front: &mut FrontMatter, path: &str) -> (Vec<(usize, String)>, String) {
        let mut terms: Vec<(usize, String)> = Vec::new();
        for (taxonomy, names) in front.terms.drain(..) {
            let names = names.iter().map(|name| plain(name)).filter(|name| self.is_term(name));
            terms.extend(names.map(|name| (taxonomy, name)));
        }
        let Some(sections) = self.site.taxonomy(SECTIONS) else { return (terms, String::new()) };
        let categories = front.categories.drain(..).map(|name| plain(&name));
        let categories: Vec<String> = categories.filter(|name| self.is_term(name)).collect();
        let mut categories = categories.into_iter();
        // An article has one section: the first that is written counts.
        let mut one = false;
        terms.retain(|(taxonomy, _)| *taxonomy != sections || !std::mem::replace(&mut one, true));
        if !one {
            let folder = || folder_section(path).filter(|name| self.is_term(name));
            let name = categories.next().or_else(folder);
            terms.extend(name.map(|name| (sections, name)));
        }
        if let Some(tags) = self.site.taxonomy("tags") {
            terms.extend(categories.map(|name| (tags, name)));
        }
        let section = terms.iter().find(|(taxonomy, _)| *taxonomy == sections);
        let slug = section.map(|(_, name)| crate::model::slug::term_key(name)).unwrap_or_default();
        (terms, slug)
    }

    /// Whether a text can be a term: it has letters, and held no name. What is left beside a name could tell it.
    fn is_term(&self, name: &str) -> bool {
        has_slug(name)
            && !name.contains(MARK)
            && !self.source.names.found(&crate::model::slug::term_key(name))
    }

    /// A slug without the names that it still holds: marks vanish from slugs, so that what stood beside them may come together to a name.
    fn nameless(&self, mut slug: String) -> String {
        while self.source.names.found(&slug) {
            slug = slugify(&self.source.names.redact(&slug));
        }
        slug
    }

    /// The slug as written if it is safe, else made from the file's name, else from the headline. `path` is the file's.
    fn slug(&mut self, written: Option<&str>, title: &str, path: &str) -> String {
        if let Some(slug) = written.map(str::trim)
            && (!slug.contains(MARK) || !self.nameless(slugify(slug)).is_empty())
        {
            let slug = self.written_slug(slug);
            return self.nameless(slug);
        }
        let stem = &self.name.stem;
        let from_name = if is_plain_slug(stem) { stem.clone() } else { slugify(stem) };
        let slug = Some(self.nameless(from_name)).filter(|slug| !slug.is_empty());
        let slug = slug.or_else(|| Some(self.nameless(slugify(title))).filter(|slug| !slug.is_empty()));
        // Nothing is left once the names are gone: what is known of the file without them makes a slug that stays.
        let slug = slug.or_else(|| {
            let marked = path.contains(MARK) || title.contains(MARK);
            let known = format!(
                "{path} {}",
                self.source.key_place("date", 0).map_or(String::new(), |place| place.text)
            );
            marked.then(|| format!("story-{:08x}", Fingerprint::of(known.as_bytes()).0 >> 32))
        });
        if slug.is_none() && self.mistakes.is_empty() {
            let help = "add a line `slug: …` with letters or digits";
            self.mistake(
                "bad-slug",
                &["title"],
                "neither the file's name nor the title gives a slug".into(),
                help,
            );
        }
        slug.unwrap_or_default()
    }

    /// A slug as written, made lower case and so on; refused if it is a path or has nothing that an address can hold.
    fn written_slug(&mut self, written: &str) -> String {
        let slug = if is_plain_slug(written) { written.to_owned() } else { slugify(written) };
        let path = written.contains(['/', '\\', '\0']) || written.starts_with('.');
        if !path && !slug.is_empty() {
            return slug;
        }
        let message = format!("the slug `{written}` is not safe as a file name");
        let help = match slug.as_str() {
            "" => "write a slug with letters or digits, or take the line out".to_owned(),
            safe => format!("a slug is the last part of the address, without slashes: `slug: {safe}`"),
        };
        self.mistake("bad-slug", &["slug"], message, &help);
        String::new()
    }

    fn permalink(&mut self, written: Option<&str>, parts: &Parts<'_>) -> Option<Permalink> {
        let own = written.map(str::trim);
        let own = own.filter(|path| !path.is_empty() && !path.contains(':') && !JEKYLL_STYLES.contains(path));
        let own = own.filter(|path| !path.contains(MARK));
        let path = match own {
            Some(path) => Permalink::new(&decoded(path)),
            None => self.site.permalink_pattern(parts.section).fill(parts),
        };
        let help = "a permalink is a path below the site's root, such as `/2024/11/05/border-security/`";
        path.map_err(|why| {
            self.mistake(
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
fn is_plain_slug(slug: &str) -> bool {
    let safe = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_');
    !slug.is_empty()
        && slug.len() <= crate::model::slug::MAX_SLUG_BYTES
        && slug.chars().all(safe)
        && !is_reserved(slug)
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

/// The section that a file's first folder stands for, unless the folder is a date or one of Jekyll's.
fn folder_section(path: &str) -> Option<String> {
    let (folders, file) = path.rsplit_once('/')?;
    // The folder of a story that has one of its own is the story's, not a section.
    let bundle =
        file.starts_with("index.").then(|| folders.rsplit_once('/').map_or("", |(around, _)| around));
    let first = bundle.unwrap_or(folders).split('/').next()?;
    names_section(first).then(|| first.to_owned())
}

/// Whether a folder's name can be a section's: it is neither a date nor one of Jekyll's.
pub fn names_section(folder: &str) -> bool {
    let number = folder.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    !number && !folder.starts_with(['_', '.']) && has_slug(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_other_systems_hold_dates() {
        let name = Name::of("_posts/2014-10-08-a-story.md");
        assert_eq!((name.date.as_deref(), name.stem.as_str()), (Some("2014-10-08"), "a-story"));
        assert_eq!(Name::of("news/story/index.md").stem, "story");
        assert_eq!(Name::of("a/1-2-3-go.md").date, None);
        assert_eq!(Name::of("2014-10-083-x.md").date, None);
        let zola = Name::of("2018-10-10_talks.md");
        assert_eq!((zola.date.as_deref(), zola.stem.as_str()), (Some("2018-10-10"), "talks"));
        let day = Name::of("2024-11-05.md");
        assert_eq!((day.date.as_deref(), day.stem.as_str()), (Some("2024-11-05"), "2024-11-05"));
    }

    #[test]
    fn plain_text_is_one_clean_line() {
        assert_eq!(plain("Q&amp;A:\n  caf\u{e9}\u{0}\u{b} &#8220;x&#8221;"), "Q&A: café “x”");
    }

    #[test]
    fn folders_suggest_sections_and_dates() {
        assert_eq!(folder_section("news/2014/x.md").as_deref(), Some("news"));
        assert_eq!(folder_section("2014/12/x.md"), None);
        assert_eq!(folder_section("story/index.md"), None);
        assert_eq!(folder_section("news/story/index.md").as_deref(), Some("news"));
        assert_eq!(date_in_path("2014/2/09/x.md").as_deref(), Some("2014-02-09"));
    }
}

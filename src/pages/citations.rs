//! The box under an article with citations of it: in four styles to copy, and as BibTeX, RIS and
//! CSL-JSON to download.
//!
//! The files are `data:` URLs (RFC 2397) in the page itself. Separate files would triple the number
//! of files; one per month would give a reader hundreds of citations instead of the requested one.

use std::borrow::Cow;
use std::fmt::Write as _;

use super::json::JsonWriter;
use super::view::SiteView;
use super::xml::XmlWriter;
use crate::archive::Article;
use crate::config::AUTHORS;
use crate::model::Day;
use crate::model::permalink::encode_data;
use crate::templates::Messages;

/// The name of an author, as citations need it.
#[derive(Debug, PartialEq, Eq)]
enum AuthorName<'a> {
    /// A person's family name and given names.
    Person(&'a str, &'a str),
    /// A name without these parts: of an agency, or in a script that orders names differently.
    Literal(&'a str),
}

/// Words in bylines that aren't the names of persons.
const ROLE_WORDS: [&str; 16] = [
    "agency",
    "bureau",
    "committee",
    "correspondent",
    "correspondents",
    "desk",
    "editors",
    "news",
    "newsroom",
    "office",
    "press",
    "reporter",
    "reporters",
    "service",
    "staff",
    "team",
];
/// Particles that are part of the family name that follows.
const NAME_PARTICLES: [&str; 16] = [
    "al", "bin", "da", "de", "del", "della", "den", "der", "di", "dos", "du", "el", "ibn", "la",
    "van", "von",
];

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
/// The months as MLA abbreviates them.
const MLA_MONTHS: [&str; 12] = [
    "Jan.", "Feb.", "Mar.", "Apr.", "May", "June", "July", "Aug.", "Sept.", "Oct.", "Nov.", "Dec.",
];

impl<'a> AuthorName<'a> {
    fn parse(byline: &'a str) -> Self {
        let latin = byline.chars().all(|c| {
            !c.is_alphabetic() || (c as u32) < 0x250 || (0x1e00..0x1f00).contains(&(c as u32))
        });
        let is_role_word =
            |word: &str| ROLE_WORDS.iter().any(|role| role.eq_ignore_ascii_case(word));
        if !latin || byline.split_whitespace().any(is_role_word) {
            return Self::Literal(byline);
        }
        if let Some((family, given)) = byline.split_once(", ") {
            return if given.contains(',') {
                Self::Literal(byline)
            } else {
                Self::Person(family, given)
            };
        }
        let Some(mut split) = byline.rfind(' ') else { return Self::Literal(byline) };
        while let Some(previous_space) = byline[..split].rfind(' ')
            && NAME_PARTICLES
                .iter()
                .any(|particle| particle.eq_ignore_ascii_case(&byline[previous_space + 1..split]))
        {
            split = previous_space;
        }
        Self::Person(&byline[split + 1..], &byline[..split])
    }

    /// `Khan, Asma`.
    fn inverted(&self) -> String {
        match self {
            Self::Person(family, given) => format!("{family}, {given}"),
            Self::Literal(name) => (*name).to_owned(),
        }
    }

    /// `Asma Khan`.
    fn natural_order(&self) -> String {
        match self {
            Self::Person(family, given) => format!("{given} {family}"),
            Self::Literal(name) => (*name).to_owned(),
        }
    }

    /// `Khan, A.`.
    fn with_initials(&self) -> String {
        let Self::Person(family, given) = self else { return self.natural_order() };
        let letters = given.split([' ', '-']).filter_map(|part| part.chars().next());
        let initials: Vec<String> = letters.map(|letter| format!("{letter}.")).collect();
        format!("{family}, {}", initials.join(" "))
    }
}

/// The parts of a citation.
struct Citation<'a> {
    authors: Vec<AuthorName<'a>>,
    title: &'a str,
    newspaper: &'a str,
    day: Day,
    url: String,
    lang: &'a str,
    location: Option<&'a str>,
    /// The last part of the URL.
    key: &'a str,
}

/// The box, as HTML.
pub(super) fn render_citations(
    article: &Article<'_>,
    view: &SiteView<'_>,
    messages: &Messages,
) -> String {
    let authors = view.site.taxonomy_index(AUTHORS);
    let bylines = article.terms().filter(|term| Some(term.taxonomy) == authors);
    let permalink = article.permalink().trim_end_matches('/');
    let citation = Citation {
        authors: bylines.map(|term| AuthorName::parse(&term.name)).collect(),
        title: article.title(),
        newspaper: &view.site.config.title,
        day: article.day(),
        url: view.site.absolute_url(article.permalink()),
        lang: article.lang(),
        location: article.dateline_location(),
        key: permalink.rsplit('/').next().unwrap_or(permalink).trim_end_matches(".html"),
    };
    let mut out = String::with_capacity(3072);
    let mut html = XmlWriter(&mut out);
    html.raw("<details class=\"cite\">\n<summary>")
        .text(messages.get("cite"))
        .raw("</summary>\n<dl lang=\"en\" dir=\"ltr\">\n");
    for (style, text) in [
        ("Chicago", citation.chicago()),
        ("APA", citation.apa()),
        ("MLA", citation.mla()),
        ("Wikipedia", citation.wikipedia()),
    ] {
        html.raw("<div><dt>").raw(style).raw("</dt><dd>").text(&text).raw("</dd></div>\n");
    }
    html.raw("</dl>\n<p>");
    for (name, extension, media_type, content) in [
        ("BibTeX", "bib", "application/x-bibtex", citation.bibtex()),
        ("RIS", "ris", "application/x-research-info-systems", citation.ris()),
        ("CSL-JSON", "json", "application/vnd.citationstyles.csl+json", citation.csl()),
    ] {
        html.raw("<a class=\"download\" download=\"").text(citation.key).raw(".").raw(extension);
        html.raw("\" href=\"data:").raw(media_type).raw(";charset=utf-8,");
        encode_data(&content, html.0);
        html.raw("\">").raw(name).raw("</a> ");
    }
    html.raw("</p>\n</details>\n");
    out
}

/// Joins names, with a separator of its own before the last one; of more than `max` names, only the
/// first is given.
fn join_names(names: &[String], last_separator: &str, max: usize) -> String {
    match names {
        [] => String::new(),
        [first] => first.clone(),
        [first, ..] if names.len() > max => format!("{first}, et al."),
        [others @ .., last] => format!("{}{last_separator}{last}", others.join(", ")),
    }
}

/// Adds a period, unless the text already ends with a punctuation mark that ends a sentence.
fn with_period(text: &str) -> String {
    if text.is_empty() || text.ends_with(['.', '!', '?', '…']) {
        text.to_owned()
    } else {
        format!("{text}.")
    }
}

impl Citation<'_> {
    /// Returns the names, the first one inverted and the others in natural order.
    fn first_inverted(&self) -> Vec<String> {
        let inverted = self.authors.iter().take(1).map(AuthorName::inverted);
        inverted.chain(self.authors.iter().skip(1).map(AuthorName::natural_order)).collect()
    }

    /// The Chicago Manual of Style, 17th edition, 14.191.
    fn chicago(&self) -> String {
        let byline = join_names(&self.first_inverted(), ", and ", 10);
        let byline = if byline.is_empty() { String::new() } else { with_period(&byline) + " " };
        let (month, day, year) =
            (MONTHS[self.day.month() as usize - 1], self.day.day(), self.day.year());
        format!(
            "{byline}“{}” {}, {month} {day}, {year}. {}.",
            with_period(self.title),
            self.newspaper,
            self.url
        )
    }

    /// The Publication Manual of the APA, 7th edition, 10.1 (16).
    fn apa(&self) -> String {
        let names: Vec<String> = self.authors.iter().map(AuthorName::with_initials).collect();
        let byline = join_names(&names, ", & ", 20);
        let (month, day, year) =
            (MONTHS[self.day.month() as usize - 1], self.day.day(), self.day.year());
        let date = format!("({year}, {month} {day}).");
        let title = with_period(self.title);
        // Without an author the title comes first.
        let start = if byline.is_empty() {
            format!("{title} {date}")
        } else {
            format!("{} {date} {title}", with_period(&byline))
        };
        format!("{start} {}. {}", self.newspaper, self.url)
    }

    /// The MLA Handbook, 9th edition.
    fn mla(&self) -> String {
        let byline = join_names(&self.first_inverted(), ", and ", 2);
        let byline = if byline.is_empty() { String::new() } else { with_period(&byline) + " " };
        let month = MLA_MONTHS[self.day.month() as usize - 1];
        let url = self.url.split_once("://").map_or(self.url.as_str(), |(_, rest)| rest);
        format!(
            "{byline}“{}” {}, {} {month} {}, {url}.",
            with_period(self.title),
            self.newspaper,
            self.day.day(),
            self.day.year()
        )
    }

    /// Returns the citation as a template call for Wikipedia. Characters that would end a value are
    /// escaped.
    fn wikipedia(&self) -> String {
        let mut out = String::from("{{cite news");
        for (number, name) in self.authors.iter().enumerate().map(|(index, name)| (index + 1, name))
        {
            // Writing to a string can't fail.
            let _ = match name {
                AuthorName::Person(family, given) => {
                    write!(
                        out,
                        " |last{number}={} |first{number}={}",
                        escape_wikitext(family),
                        escape_wikitext(given)
                    )
                }
                AuthorName::Literal(name) => {
                    write!(out, " |author{number}={}", escape_wikitext(name))
                }
            };
        }
        let title = escape_wikitext(self.title);
        let _ = write!(
            out,
            " |title={title} |url={} |work={} |date={}",
            self.url,
            escape_wikitext(self.newspaper),
            self.day.iso()
        );
        if let Some(location) = self.location {
            let _ = write!(out, " |location={}", escape_wikitext(location));
        }
        if self.lang != "en" {
            let _ = write!(out, " |language={}", self.lang);
        }
        out.push_str("}}");
        out
    }

    /// Returns the citation in BibTeX, with biblatex fields where BibTeX has none.
    fn bibtex(&self) -> String {
        let names: Vec<String> = self
            .authors
            .iter()
            .map(|name| match name {
                AuthorName::Person(family, given) => {
                    format!("{}, {}", escape_bibtex(family), escape_bibtex(given))
                }
                AuthorName::Literal(name) => format!("{{{}}}", escape_bibtex(name)),
            })
            .collect();
        let key: String =
            self.key.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
        let (year, month, day) = (self.day.year(), self.day.month(), self.day.day());
        let mut out = format!(
            "@article{{{year:04}-{month:02}-{day:02}-{key},\n  title = {{{{{}}}}},\n",
            escape_bibtex(self.title)
        );
        if !names.is_empty() {
            let _ = writeln!(out, "  author = {{{}}},", names.join(" and "));
        }
        let _ = write!(
            out,
            "  journal = {{{}}},\n  entrysubtype = {{newspaper}},\n\
             \x20 year = {{{year}}},\n  month = {{{month}}},\n  date = {{{}}},\n\
             \x20 url = {{{}}},\n  langid = {{{}}}\n}}\n",
            escape_bibtex(self.newspaper),
            self.day.iso(),
            self.url,
            self.lang
        );
        out
    }

    /// Returns the citation in RIS: one tag per line.
    fn ris(&self) -> String {
        let mut out = String::from("TY  - NEWS\r\n");
        let mut line = |tag: &str, text: &str| {
            out.extend([tag, "  - ", text, "\r\n"]);
        };
        line("TI", self.title);
        self.authors.iter().for_each(|name| line("AU", &name.inverted()));
        line("T2", self.newspaper);
        line("PY", &format!("{:04}", self.day.year()));
        line("DA", &self.day.iso().replace('-', "/"));
        self.location.iter().for_each(|location| line("CY", location));
        line("UR", &self.url);
        line("LA", self.lang);
        line("ER", "");
        out
    }

    /// Returns the citation in CSL-JSON, the format of citation processors.
    fn csl(&self) -> String {
        let mut out = String::from("[{\"type\":\"article-newspaper\"");
        let mut json = JsonWriter { out: &mut out };
        json.text("id", &self.url);
        json.text("title", self.title);
        json.text("container-title", self.newspaper);
        if !self.authors.is_empty() {
            json.array("author", &self.authors, |json, name| {
                json.begin_object();
                match name {
                    AuthorName::Person(family, given) => {
                        json.first_text("family", family);
                        json.text("given", given);
                    }
                    AuthorName::Literal(name) => json.first_text("literal", name),
                }
                json.end_object();
            });
        }
        let (year, month, day) = (self.day.year(), self.day.month(), self.day.day());
        json.raw(&format!(",\"issued\":{{\"date-parts\":[[{year},{month},{day}]]"));
        json.end_object();
        json.optional_text("publisher-place", self.location);
        json.text("URL", &self.url);
        json.text("language", self.lang);
        json.end_object();
        out.push(']');
        out
    }
}

/// Escapes a text for a BibTeX field.
fn escape_bibtex(text: &str) -> Cow<'_, str> {
    let is_special = |byte: u8| {
        byte < 0x20
            || matches!(
                byte,
                b'\\' | b'~' | b'^' | b'{' | b'}' | b'%' | b'&' | b'#' | b'$' | b'_' | 0x7f
            )
    };
    if !text.bytes().fold(false, |any, byte| any | is_special(byte)) {
        return text.into();
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\textbackslash{}"),
            '~' => out.push_str("\\textasciitilde{}"),
            '^' => out.push_str("\\textasciicircum{}"),
            '{' | '}' | '%' | '&' | '#' | '$' | '_' => out.extend(['\\', c]),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out.into()
}

/// Escapes a text for a parameter of a Wikipedia template: replaces characters that would end it,
/// or begin a link or another template.
fn escape_wikitext(text: &str) -> Cow<'_, str> {
    let is_special = |byte: u8| matches!(byte, b'|' | b'[' | b']' | b'{' | b'}');
    if !text.bytes().fold(false, |any, byte| any | is_special(byte)) {
        return text.into();
    }
    text.replace('|', "&#124;").replace(['[', '{'], "(").replace([']', '}'], ")").into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_their_parts() {
        assert_eq!(AuthorName::parse("Asma Khan"), AuthorName::Person("Khan", "Asma"));
        assert_eq!(
            AuthorName::parse("Ludwig van der Rohe"),
            AuthorName::Person("van der Rohe", "Ludwig")
        );
        assert_eq!(AuthorName::parse("Khan, Asma"), AuthorName::Person("Khan", "Asma"));
        for literal in ["Reuters", "Staff reporter", "The Foreign Desk", "عاصمہ خان"] {
            assert_eq!(AuthorName::parse(literal), AuthorName::Literal(literal));
        }
        assert_eq!(AuthorName::parse("Anna-Maria J. Bell").with_initials(), "Bell, A. M. J.");
    }

    #[test]
    fn each_style_reads_as_its_manual_has_it() {
        let citation = Citation {
            authors: vec![AuthorName::parse("Asma Khan"), AuthorName::parse("Ben Bell")],
            title: "Pakistan & Iran agree",
            newspaper: "The Courier",
            day: Day::new(2024, 11, 5).expect("a day"),
            url: "https://courier.example/a/".into(),
            lang: "en",
            location: Some("ISLAMABAD"),
            key: "a",
        };
        assert_eq!(
            citation.chicago(),
            "Khan, Asma, and Ben Bell. “Pakistan & Iran agree.” The Courier, \
             November 5, 2024. https://courier.example/a/."
        );
        assert_eq!(
            citation.apa(),
            "Khan, A., & Bell, B. (2024, November 5). Pakistan & Iran agree. \
             The Courier. https://courier.example/a/"
        );
        assert_eq!(
            citation.mla(),
            "Khan, Asma, and Ben Bell. “Pakistan & Iran agree.” The Courier, \
             5 Nov. 2024, courier.example/a/."
        );
        let without_authors = Citation { authors: Vec::new(), title: "Why?", ..citation };
        assert_eq!(
            without_authors.apa(),
            "Why? (2024, November 5). The Courier. https://courier.example/a/"
        );
        assert_eq!(
            without_authors.chicago(),
            "“Why?” The Courier, \
             November 5, 2024. https://courier.example/a/."
        );
    }
}

//! The box under a story that says how to cite it: in four styles to copy, and as BibTeX, RIS and CSL-JSON to take away.
//!
//! The files are `data:` addresses (RFC 2397) in the page itself. A file each would triple the number of files; one a month would hand a reader
//! hundreds of citations for the one that was asked for.

use std::borrow::Cow;
use std::fmt::Write as _;

use super::View;
use super::machines::json::Json;
use super::machines::xml::Xml;
use crate::catalog::Story;
use crate::model::Day;
use crate::model::permalink::encode_data;
use crate::site::AUTHORS;
use crate::templates::Words;

/// A byline as citations need it.
#[derive(Debug, PartialEq, Eq)]
enum Name<'a> {
    /// A person's family name and given names.
    Person(&'a str, &'a str),
    /// A name that has no such parts: of an agency, or in a script that writes them otherwise.
    Literal(&'a str),
}

/// Words that say that a byline is nobody's own name.
const OFFICES: [&str; 16] = [
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
/// What begins a family name, with what follows.
const PARTICLES: [&str; 16] = [
    "al", "bin", "da", "de", "del", "della", "den", "der", "di", "dos", "du", "el", "ibn", "la", "van", "von",
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
/// As MLA shortens them.
const SHORT_MONTHS: [&str; 12] =
    ["Jan.", "Feb.", "Mar.", "Apr.", "May", "June", "July", "Aug.", "Sept.", "Oct.", "Nov.", "Dec."];

impl<'a> Name<'a> {
    fn of(byline: &'a str) -> Self {
        let latin = byline
            .chars()
            .all(|c| !c.is_alphabetic() || (c as u32) < 0x250 || (0x1e00..0x1f00).contains(&(c as u32)));
        let office = |word: &str| OFFICES.iter().any(|office| office.eq_ignore_ascii_case(word));
        if !latin || byline.split_whitespace().any(office) {
            return Self::Literal(byline);
        }
        if let Some((family, given)) = byline.split_once(", ") {
            return if given.contains(',') { Self::Literal(byline) } else { Self::Person(family, given) };
        }
        let Some(mut at) = byline.rfind(' ') else { return Self::Literal(byline) };
        while let Some(before) = byline[..at].rfind(' ')
            && PARTICLES.iter().any(|particle| particle.eq_ignore_ascii_case(&byline[before + 1..at]))
        {
            at = before;
        }
        Self::Person(&byline[at + 1..], &byline[..at])
    }

    /// `Khan, Asma`.
    fn turned(&self) -> String {
        match self {
            Self::Person(family, given) => format!("{family}, {given}"),
            Self::Literal(name) => (*name).to_owned(),
        }
    }

    /// `Asma Khan`.
    fn straight(&self) -> String {
        match self {
            Self::Person(family, given) => format!("{given} {family}"),
            Self::Literal(name) => (*name).to_owned(),
        }
    }

    /// `Khan, A.`.
    fn initials(&self) -> String {
        let Self::Person(family, given) = self else { return self.straight() };
        let letters = given.split([' ', '-']).filter_map(|part| part.chars().next());
        let initials: Vec<String> = letters.map(|letter| format!("{letter}.")).collect();
        format!("{family}, {}", initials.join(" "))
    }
}

/// What a citation says.
struct Source<'a> {
    names: Vec<Name<'a>>,
    title: &'a str,
    paper: &'a str,
    day: Day,
    url: String,
    lang: &'a str,
    place: Option<&'a str>,
    /// The last part of the address.
    key: &'a str,
}

/// The box, as HTML.
pub(super) fn of_story(story: &Story<'_>, view: &View<'_>, words: &Words) -> String {
    let authors = view.site.taxonomy(AUTHORS);
    let bylines = story.terms().filter(|term| Some(term.taxonomy) == authors);
    let permalink = story.permalink().trim_end_matches('/');
    let source = Source {
        names: bylines.map(|term| Name::of(&term.name)).collect(),
        title: story.title(),
        paper: &view.site.config.title,
        day: story.day(),
        url: view.site.absolute(story.permalink()),
        lang: story.lang(),
        place: story.place(),
        key: permalink.rsplit('/').next().unwrap_or(permalink).trim_end_matches(".html"),
    };
    let mut out = String::with_capacity(3072);
    let mut html = Xml(&mut out);
    html.raw("<details class=\"cite\">\n<summary>")
        .text(words.get("cite"))
        .raw("</summary>\n<dl lang=\"en\" dir=\"ltr\">\n");
    for (style, text) in [
        ("Chicago", source.chicago()),
        ("APA", source.apa()),
        ("MLA", source.mla()),
        ("Wikipedia", source.wikipedia()),
    ] {
        html.raw("<div><dt>").raw(style).raw("</dt><dd>").text(&text).raw("</dd></div>\n");
    }
    html.raw("</dl>\n<p>");
    for (name, ending, kind, file) in [
        ("BibTeX", "bib", "application/x-bibtex", source.bibtex()),
        ("RIS", "ris", "application/x-research-info-systems", source.ris()),
        ("CSL-JSON", "json", "application/vnd.citationstyles.csl+json", source.csl()),
    ] {
        html.raw("<a class=\"download\" download=\"").text(source.key).raw(".").raw(ending);
        html.raw("\" href=\"data:").raw(kind).raw(";charset=utf-8,");
        encode_data(&file, html.0);
        html.raw("\">").raw(name).raw("</a> ");
    }
    html.raw("</p>\n</details>\n");
    out
}

/// A list of names with a word before the last; of many, the first alone.
fn joined(names: &[String], before_last: &str, most: usize) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [one, ..] if names.len() > most => format!("{one}, et al."),
        [others @ .., last] => format!("{}{before_last}{last}", others.join(", ")),
    }
}

/// A sentence ends once.
fn sentence(text: &str) -> String {
    if text.is_empty() || text.ends_with(['.', '!', '?', '…']) {
        text.to_owned()
    } else {
        format!("{text}.")
    }
}

impl Source<'_> {
    /// The first name turned, the others straight.
    fn turned_first(&self) -> Vec<String> {
        let turned = self.names.iter().take(1).map(Name::turned);
        turned.chain(self.names.iter().skip(1).map(Name::straight)).collect()
    }

    /// The Chicago Manual of Style, 17th edition, 14.191.
    fn chicago(&self) -> String {
        let by = joined(&self.turned_first(), ", and ", 10);
        let by = if by.is_empty() { String::new() } else { sentence(&by) + " " };
        let (month, day, year) = (MONTHS[self.day.month() as usize - 1], self.day.day(), self.day.year());
        format!("{by}“{}” {}, {month} {day}, {year}. {}.", sentence(self.title), self.paper, self.url)
    }

    /// The Publication Manual of the APA, 7th edition, 10.1 (16).
    fn apa(&self) -> String {
        let names: Vec<String> = self.names.iter().map(Name::initials).collect();
        let by = joined(&names, ", & ", 20);
        let (month, day, year) = (MONTHS[self.day.month() as usize - 1], self.day.day(), self.day.year());
        let date = format!("({year}, {month} {day}).");
        let title = sentence(self.title);
        // Without an author the title comes first.
        let start = if by.is_empty() {
            format!("{title} {date}")
        } else {
            format!("{} {date} {title}", sentence(&by))
        };
        format!("{start} {}. {}", self.paper, self.url)
    }

    /// The MLA Handbook, 9th edition.
    fn mla(&self) -> String {
        let by = joined(&self.turned_first(), ", and ", 2);
        let by = if by.is_empty() { String::new() } else { sentence(&by) + " " };
        let month = SHORT_MONTHS[self.day.month() as usize - 1];
        let address = self.url.split_once("://").map_or(self.url.as_str(), |(_, rest)| rest);
        format!(
            "{by}“{}” {}, {} {month} {}, {address}.",
            sentence(self.title),
            self.paper,
            self.day.day(),
            self.day.year()
        )
    }

    /// Wikipedia's template: what would end a value in it is written otherwise.
    fn wikipedia(&self) -> String {
        let mut out = String::from("{{cite news");
        for (number, name) in self.names.iter().enumerate().map(|(at, name)| (at + 1, name)) {
            // Writing to a string can't fail.
            let _ = match name {
                Name::Person(family, given) => {
                    write!(out, " |last{number}={} |first{number}={}", wiki(family), wiki(given))
                }
                Name::Literal(name) => write!(out, " |author{number}={}", wiki(name)),
            };
        }
        let title = wiki(self.title);
        let _ = write!(
            out,
            " |title={title} |url={} |work={} |date={}",
            self.url,
            wiki(self.paper),
            self.day.iso()
        );
        if let Some(place) = self.place {
            let _ = write!(out, " |location={}", wiki(place));
        }
        if self.lang != "en" {
            let _ = write!(out, " |language={}", self.lang);
        }
        out.push_str("}}");
        out
    }

    /// BibTeX, with biblatex's fields for what BibTeX has none for.
    fn bibtex(&self) -> String {
        let names: Vec<String> = self
            .names
            .iter()
            .map(|name| match name {
                Name::Person(family, given) => format!("{}, {}", tex(family), tex(given)),
                Name::Literal(name) => format!("{{{}}}", tex(name)),
            })
            .collect();
        let key: String = self.key.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
        let (year, month, day) = (self.day.year(), self.day.month(), self.day.day());
        let mut out = format!(
            "@article{{{year:04}-{month:02}-{day:02}-{key},\n  title = {{{{{}}}}},\n",
            tex(self.title)
        );
        if !names.is_empty() {
            let _ = writeln!(out, "  author = {{{}}},", names.join(" and "));
        }
        let _ = write!(
            out,
            "  journal = {{{}}},\n  entrysubtype = {{newspaper}},\n  year = {{{year}}},\n  month = {{{month}}},\n  date = {{{}}},\n  url = {{{}}},\n  langid = {{{}}}\n}}\n",
            tex(self.paper),
            self.day.iso(),
            self.url,
            self.lang
        );
        out
    }

    /// RIS: a tag a line.
    fn ris(&self) -> String {
        let mut out = String::from("TY  - NEWS\r\n");
        let mut line = |tag: &str, text: &str| {
            out.extend([tag, "  - ", text, "\r\n"]);
        };
        line("TI", self.title);
        self.names.iter().for_each(|name| line("AU", &name.turned()));
        line("T2", self.paper);
        line("PY", &format!("{:04}", self.day.year()));
        line("DA", &self.day.iso().replace('-', "/"));
        self.place.iter().for_each(|place| line("CY", place));
        line("UR", &self.url);
        line("LA", self.lang);
        line("ER", "");
        out
    }

    /// CSL-JSON, the citation processors' own form.
    fn csl(&self) -> String {
        let mut out = String::from("[{\"type\":\"article-newspaper\"");
        let mut json = Json { out: &mut out };
        json.text("id", &self.url);
        json.text("title", self.title);
        json.text("container-title", self.paper);
        if !self.names.is_empty() {
            json.list("author", &self.names, |json, name| {
                json.begin();
                match name {
                    Name::Person(family, given) => {
                        json.first("family", family);
                        json.text("given", given);
                    }
                    Name::Literal(name) => json.first("literal", name),
                }
                json.close();
            });
        }
        let (year, month, day) = (self.day.year(), self.day.month(), self.day.day());
        json.open(&format!(",\"issued\":{{\"date-parts\":[[{year},{month},{day}]]"));
        json.close();
        json.optional("publisher-place", self.place);
        json.text("URL", &self.url);
        json.text("language", self.lang);
        json.close();
        out.push(']');
        out
    }
}

/// Text in a field of BibTeX.
fn tex(text: &str) -> Cow<'_, str> {
    let special = |byte: u8| {
        byte < 0x20
            || matches!(byte, b'\\' | b'~' | b'^' | b'{' | b'}' | b'%' | b'&' | b'#' | b'$' | b'_' | 0x7f)
    };
    if !text.bytes().fold(false, |any, byte| any | special(byte)) {
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

/// Text in a parameter of a template of Wikipedia's: what would end it, or begin a link or another template, is written otherwise.
fn wiki(text: &str) -> Cow<'_, str> {
    let special = |byte: u8| matches!(byte, b'|' | b'[' | b']' | b'{' | b'}');
    if !text.bytes().fold(false, |any, byte| any | special(byte)) {
        return text.into();
    }
    text.replace('|', "&#124;").replace(['[', '{'], "(").replace([']', '}'], ")").into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_their_parts() {
        assert_eq!(Name::of("Asma Khan"), Name::Person("Khan", "Asma"));
        assert_eq!(Name::of("Ludwig van der Rohe"), Name::Person("van der Rohe", "Ludwig"));
        assert_eq!(Name::of("Khan, Asma"), Name::Person("Khan", "Asma"));
        for literal in ["Reuters", "Staff reporter", "The Foreign Desk", "عاصمہ خان"] {
            assert_eq!(Name::of(literal), Name::Literal(literal));
        }
        assert_eq!(Name::of("Anna-Maria J. Bell").initials(), "Bell, A. M. J.");
    }

    #[test]
    fn each_style_reads_as_its_manual_has_it() {
        let source = Source {
            names: vec![Name::of("Asma Khan"), Name::of("Ben Bell")],
            title: "Pakistan & Iran agree",
            paper: "The Courier",
            day: Day::new(2024, 11, 5).expect("a day"),
            url: "https://courier.example/a/".into(),
            lang: "en",
            place: Some("ISLAMABAD"),
            key: "a",
        };
        assert_eq!(
            source.chicago(),
            "Khan, Asma, and Ben Bell. “Pakistan & Iran agree.” The Courier, November 5, 2024. https://courier.example/a/."
        );
        assert_eq!(
            source.apa(),
            "Khan, A., & Bell, B. (2024, November 5). Pakistan & Iran agree. The Courier. https://courier.example/a/"
        );
        assert_eq!(
            source.mla(),
            "Khan, Asma, and Ben Bell. “Pakistan & Iran agree.” The Courier, 5 Nov. 2024, courier.example/a/."
        );
        let nobody = Source { names: Vec::new(), title: "Why?", ..source };
        assert_eq!(nobody.apa(), "Why? (2024, November 5). The Courier. https://courier.example/a/");
        assert_eq!(nobody.chicago(), "“Why?” The Courier, November 5, 2024. https://courier.example/a/.");
    }
}

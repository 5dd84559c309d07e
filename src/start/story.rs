//! A new story: its place, its front matter, and the proof that it is read back as it was meant.

use std::fs;
use std::path::PathBuf;

use super::files::put;
use super::layout::Usual;
use super::{line, quoted};
use crate::content::{Article, FrontMatter, Source};
use crate::diagnostic::{Diagnostic, Error};
use crate::model::Moment;
use crate::model::slug::{slugify, term_key};
use crate::site::{AUTHORS, SECTIONS, Site};

/// How many stories of one name there may be in one place.
const MOST: usize = 10_000;

/// What a new story is to be.
#[derive(Clone, Debug, Default)]
pub struct Wish {
    /// The headline.
    pub headline: String,
    /// Its section.
    pub section: Option<String>,
    /// Its date as written; now, if there is none.
    pub date: Option<String>,
    /// Its language.
    pub lang: Option<String>,
    /// Its tags.
    pub tags: Vec<String>,
    /// Its bylines.
    pub authors: Vec<String>,
    /// Whether it isn't to be published yet.
    pub draft: bool,
}

/// A story that was written.
#[derive(Debug)]
pub struct NewStory {
    /// The file, from the site's folder.
    pub file: PathBuf,
    /// The address that it will have below the site's root.
    pub permalink: String,
    /// Whether builds hold it back until its date has come.
    pub future: bool,
}

/// Writes the file of a new story, at the place where the site's other stories would have it. None that is there is touched.
///
/// # Errors
/// A wish that makes no story: no headline, a date or a language that is none; or what the machine refused.
pub fn write(site: &Site, wish: &Wish) -> Result<NewStory, Error> {
    let headline = line(&wish.headline);
    if headline.is_empty() {
        return Err(Error::Usage(
            "the headline is empty: write dateline new \"Harbour bridge opens\"".into(),
        ));
    }
    let date = date(site, wish)?;
    let text = text(site, wish, &headline, date)?;
    let usual = Usual::of(&site.content);
    let section = wish.section.as_deref().map(|section| folder_of(site, section));
    let slug = Some(slugify(&headline)).filter(|slug| !slug.is_empty()).unwrap_or_else(|| "story".into());
    // `content/` itself may be a link; what is below it may not.
    let content = site.content.canonicalize().map_err(Error::io("can't open", &site.content))?;
    for number in 1..=MOST {
        let name = if number == 1 { slug.clone() } else { format!("{slug}-{number}") };
        let place = usual.place(date.day(site.zone), section.as_deref(), &name);
        if name == "index" || is_taken(site, &place) {
            continue;
        }
        let permalink = read_back(site, &place, &text)?;
        if put(&content, &place, &text)? {
            let future = date.seconds > site.options.now;
            return Ok(NewStory { file: PathBuf::from("content").join(place), permalink, future });
        }
    }
    Err(Error::Usage(format!(
        "there are {MOST} stories of the name `{slug}` already: write another headline"
    )))
}

fn date(site: &Site, wish: &Wish) -> Result<Moment, Error> {
    let Some(written) = &wish.date else {
        return Ok(Moment { seconds: site.options.now, day_only: false });
    };
    Moment::parse(written, site.zone).map_err(|why| {
        let help = "write it as 2024-11-05, \"2024-11-05 14:30\" or 2024-11-05T14:30:00+05:00";
        Error::Usage(format!("--date: `{written}` is no date: {why}; {help}"))
    })
}

/// The whole file.
fn text(site: &Site, wish: &Wish, headline: &str, date: Moment) -> Result<String, Error> {
    let mut text = format!("---\ntitle: {}\ndate: {}\n", quoted(headline), date.iso(site.zone));
    if let Some(section) = &wish.section {
        let sections = [section.clone()];
        text.push_str(&terms(site, SECTIONS, "section", &sections)?);
    }
    text.push_str(&terms(site, "tags", "tags", &wish.tags)?);
    text.push_str(&terms(site, AUTHORS, "author", &wish.authors)?);
    if let Some(lang) = &wish.lang {
        text.push_str(&format!("lang: {}\n", quoted(lang)));
    }
    if wish.draft {
        text.push_str("draft: true\n");
    }
    text.push_str("---\n\n");
    Ok(text)
}

/// The line of front matter that files a story, by the key that this site reads for it. A section is one, the others are lists.
fn terms(site: &Site, taxonomy: &str, option: &str, names: &[String]) -> Result<String, Error> {
    if names.is_empty() {
        return Ok(String::new());
    }
    if let Some(name) = names.iter().find(|name| term_key(name).is_empty()) {
        let message =
            format!("--{option}: `{}` has no letter and no digit, so no page can be named by it", line(name));
        return Err(Error::Usage(message));
    }
    let number = site.taxonomy(taxonomy).map(|number| &site.taxonomies[number]);
    let Some(key) = number.and_then(|taxonomy| taxonomy.from.first()) else {
        let message =
            format!("--{option}: this site has no `{taxonomy}`; `taxonomies:` in site.yaml took them away");
        return Err(Error::Usage(message));
    };
    let names: Vec<String> = names.iter().map(|name| quoted(name)).collect();
    Ok(match taxonomy {
        SECTIONS => format!("{key}: {}\n", names.join("")),
        _ => format!("{key}: [{}]\n", names.join(", ")),
    })
}

/// The folder that a section has already, or else the one that it would have.
fn folder_of(site: &Site, section: &str) -> String {
    let wanted = term_key(section);
    let entries = fs::read_dir(&site.content).into_iter().flatten().filter_map(Result::ok);
    let mut folders: Vec<String> = entries
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|name| term_key(name) == wanted)
        .collect();
    folders.sort();
    folders.pop().unwrap_or(wanted)
}

/// Whether a story has a place, or one that gives the same address: with another ending, or a folder of its own.
fn is_taken(site: &Site, place: &str) -> bool {
    let stem = place.strip_suffix("/index.md").or(place.strip_suffix(".md")).unwrap_or(place);
    let there = |end: &str| site.content.join(format!("{stem}{end}")).symlink_metadata().is_ok();
    [".md", ".markdown", "/index.md", "/index.markdown"].iter().any(|end| there(end))
}

/// Reads the text as a build would; gives the address. What a build would refuse isn't written.
fn read_back(site: &Site, place: &str, text: &str) -> Result<String, Error> {
    let file = format!("content/{place}");
    let refuse = |mistakes: Vec<Diagnostic>| {
        let told = |mistake: &Diagnostic| match &mistake.help {
            Some(help) => format!("{}; {help}", mistake.message),
            None => mistake.message.clone(),
        };
        Error::Usage(mistakes.iter().map(told).collect::<Vec<_>>().join("\n"))
    };
    let source = Source::read(&file, text.as_bytes(), &site.config.limits)
        .map_err(|mistake| refuse(vec![*mistake]))?;
    let front = FrontMatter::parse(&source, site).map_err(refuse)?;
    let article = Article::resolve(front, &source, place, site).map_err(refuse)?;
    Ok(article.permalink.as_str().to_owned())
}

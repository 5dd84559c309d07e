//! A new story: its place, its front matter, and the proof that it is read back as it was meant.

use std::fs;
use std::path::PathBuf;

use super::files::write_new;
use super::layout::CommonLayout;
use super::{quoted, single_line};
use crate::config::{AUTHORS, SECTIONS, Site};
use crate::content::{FrontMatter, ParsedArticle, SourceFile};
use crate::diagnostics::{Diagnostic, Error};
use crate::model::Moment;
use crate::model::slug::{slugify, term_key};

/// How many stories of one name there may be in one place.
const MAX_SAME_NAME: usize = 10_000;

/// What a new story is to be.
#[derive(Clone, Debug, Default)]
pub(crate) struct NewArticle {
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
pub(crate) struct CreatedArticle {
    /// The file, from the site's folder.
    pub file: PathBuf,
    /// The address that it will have below the site's root.
    pub permalink: String,
    /// Whether builds hold it back until its date has come.
    pub is_future: bool,
}

/// Writes the file of a new story, at the place where the site's other stories would have it. None
/// that is there is touched.
///
/// # Errors
/// A wish that makes no story: no headline, a date or a language that is none; or what the machine
/// refused.
pub(crate) fn create_article(site: &Site, article: &NewArticle) -> Result<CreatedArticle, Error> {
    let headline = single_line(&article.headline);
    if headline.is_empty() {
        return Err(Error::Usage(
            "the headline is empty: write dateline new \"Harbour bridge opens\"".into(),
        ));
    }
    let date = parse_date(site, article)?;
    let text = file_text(site, article, &headline, date)?;
    let layout = CommonLayout::from_content(&site.content_dir);
    let section = article.section.as_deref().map(|section| section_folder(site, section));
    let slug =
        Some(slugify(&headline)).filter(|slug| !slug.is_empty()).unwrap_or_else(|| "story".into());
    // `content/` itself may be a link; what is below it may not.
    let content =
        site.content_dir.canonicalize().map_err(Error::io("can't open", &site.content_dir))?;
    for number in 1..=MAX_SAME_NAME {
        let name = if number == 1 { slug.clone() } else { format!("{slug}-{number}") };
        let path = layout.path_for(date.day(site.zone), section.as_deref(), &name);
        if name == "index" || is_taken(site, &path) {
            continue;
        }
        let permalink = read_back(site, &path, &text)?;
        if write_new(&content, &path, &text)? {
            let is_future = date.seconds > site.options.now;
            return Ok(CreatedArticle {
                file: PathBuf::from("content").join(path),
                permalink,
                is_future,
            });
        }
    }
    Err(Error::Usage(format!(
        "there are {MAX_SAME_NAME} stories of the name `{slug}` already: write another headline"
    )))
}

fn parse_date(site: &Site, article: &NewArticle) -> Result<Moment, Error> {
    let Some(written) = &article.date else {
        return Ok(Moment { seconds: site.options.now, day_only: false });
    };
    Moment::parse(written, site.zone).map_err(|reason| {
        let help = "write it as 2024-11-05, \"2024-11-05 14:30\" or 2024-11-05T14:30:00+05:00";
        Error::Usage(format!("--date: `{written}` is no date: {reason}; {help}"))
    })
}

/// The whole file.
fn file_text(
    site: &Site,
    article: &NewArticle,
    headline: &str,
    date: Moment,
) -> Result<String, Error> {
    let mut text = format!("---\ntitle: {}\ndate: {}\n", quoted(headline), date.iso(site.zone));
    if let Some(section) = &article.section {
        let sections = [section.clone()];
        text.push_str(&terms_line(site, SECTIONS, "section", &sections)?);
    }
    text.push_str(&terms_line(site, "tags", "tags", &article.tags)?);
    text.push_str(&terms_line(site, AUTHORS, "author", &article.authors)?);
    if let Some(lang) = &article.lang {
        text.push_str(&format!("lang: {}\n", quoted(lang)));
    }
    if article.draft {
        text.push_str("draft: true\n");
    }
    text.push_str("---\n\n");
    Ok(text)
}

/// The line of front matter that files a story, by the key that this site reads for it. A section
/// is one, the others are lists.
fn terms_line(
    site: &Site,
    taxonomy: &str,
    option: &str,
    names: &[String],
) -> Result<String, Error> {
    if names.is_empty() {
        return Ok(String::new());
    }
    if let Some(name) = names.iter().find(|name| term_key(name).is_empty()) {
        let message = format!(
            "--{option}: `{}` has no letter and no digit, so no page can be named by it",
            single_line(name)
        );
        return Err(Error::Usage(message));
    }
    let definition = site.taxonomy_index(taxonomy).map(|number| &site.taxonomies[number]);
    let Some(key) = definition.and_then(|taxonomy| taxonomy.front_matter_keys.first()) else {
        let message = format!(
            "--{option}: this site has no `{taxonomy}`; `taxonomies:` in site.yaml took them away"
        );
        return Err(Error::Usage(message));
    };
    let names: Vec<String> = names.iter().map(|name| quoted(name)).collect();
    Ok(match taxonomy {
        SECTIONS => format!("{key}: {}\n", names.join("")),
        _ => format!("{key}: [{}]\n", names.join(", ")),
    })
}

/// The folder that a section has already, or else the one that it would have.
fn section_folder(site: &Site, section: &str) -> String {
    let key = term_key(section);
    let entries = fs::read_dir(&site.content_dir).into_iter().flatten().filter_map(Result::ok);
    let mut folders: Vec<String> = entries
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|name| term_key(name) == key)
        .collect();
    folders.sort();
    folders.pop().unwrap_or(key)
}

/// Whether a story has a place, or one that gives the same address: with another ending, or a
/// folder of its own.
fn is_taken(site: &Site, path: &str) -> bool {
    let stem = path.strip_suffix("/index.md").or(path.strip_suffix(".md")).unwrap_or(path);
    let exists =
        |end: &str| site.content_dir.join(format!("{stem}{end}")).symlink_metadata().is_ok();
    [".md", ".markdown", "/index.md", "/index.markdown"].iter().any(|end| exists(end))
}

/// Reads the text as a build would; gives the address. What a build would refuse isn't written.
fn read_back(site: &Site, path: &str, text: &str) -> Result<String, Error> {
    let file = format!("content/{path}");
    let refuse = |mistakes: Vec<Diagnostic>| {
        let describe = |mistake: &Diagnostic| match &mistake.help {
            Some(help) => format!("{}; {help}", mistake.message),
            None => mistake.message.clone(),
        };
        Error::Usage(mistakes.iter().map(describe).collect::<Vec<_>>().join("\n"))
    };
    let source = SourceFile::parse(&file, text.as_bytes(), &site.config.limits)
        .map_err(|mistake| refuse(vec![*mistake]))?;
    let front = FrontMatter::parse(&source, site).map_err(refuse)?;
    let article = ParsedArticle::resolve(front, &source, path, site).map_err(refuse)?;
    Ok(article.permalink.as_str().to_owned())
}

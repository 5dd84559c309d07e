//! `dateline new`: creates an article, after validating that a build reads it as intended.

use std::fs;
use std::path::PathBuf;

use super::files::write_new;
use super::layout::CommonLayout;
use super::text::{quoted, single_line};
use crate::config::{AUTHORS, SECTIONS, Site, markdown_stem};
use crate::content::{FrontMatter, ParsedArticle, SourceFile};
use crate::diagnostics::{Diagnostic, Error};
use crate::model::slug::{slugify, term_key};
use crate::model::{Fingerprint, Moment};

/// The maximum number of articles with the same file name in a folder.
const MAX_SAME_NAME: usize = 10_000;

/// The properties of a new article.
#[derive(Clone, Debug, Default)]
pub(crate) struct NewArticle {
    /// The headline.
    pub headline: String,
    /// The section.
    pub section: Option<String>,
    /// The date as written; the current time if there is none.
    pub date: Option<String>,
    /// The language.
    pub lang: Option<String>,
    /// The tags.
    pub tags: Vec<String>,
    /// The authors.
    pub authors: Vec<String>,
    /// True if the article isn't to be published yet.
    pub draft: bool,
}

/// An article that was created.
#[derive(Debug)]
pub(crate) struct CreatedArticle {
    /// The path, relative to the site's folder.
    pub file: PathBuf,
    /// The URL path that it will have.
    pub permalink: String,
    /// True if the date is in the future: the article isn't published until then.
    pub is_future: bool,
}

/// Creates an article next to the site's existing ones. Existing files are never overwritten.
///
/// # Errors
/// [`Error::Usage`] if the article would have an error (no headline, an invalid date or language);
/// [`Error::Io`] if the content folder can't be read or the file can't be written.
pub(crate) fn create_article(site: &Site, article: &NewArticle) -> Result<CreatedArticle, Error> {
    let headline = single_line(&article.headline);
    if headline.is_empty() {
        return Err(Error::Usage(
            "the headline is empty: run dateline new \"Harbour bridge opens\"".into(),
        ));
    }
    let date = parse_date(site, article)?;
    let text = file_text(site, article, &headline, date)?;
    let layout = CommonLayout::from_content(&site.content_dir);
    let section = article.section.as_deref().map(|section| section_folder(site, section));
    let slug =
        Some(slugify(&headline)).filter(|slug| !slug.is_empty()).unwrap_or_else(|| "story".into());
    // `content/` itself may be a symbolic link, but no folder below it.
    let content =
        site.content_dir.canonicalize().map_err(Error::io("can't open", &site.content_dir))?;
    for number in 1..=MAX_SAME_NAME {
        let name = if number == 1 { slug.clone() } else { format!("{slug}-{number}") };
        let path = layout.path_for(date.day(site.zone), section.as_deref(), &name);
        if name == "index" || is_taken(site, &path) {
            continue;
        }
        let text = with_id(&text, &path, site.now);
        let permalink = read_back(site, &path, &text)?;
        if write_new(&content, &path, &text)? {
            let is_future = date.seconds > site.now;
            return Ok(CreatedArticle {
                file: PathBuf::from("content").join(path),
                permalink,
                is_future,
            });
        }
    }
    Err(Error::Usage(format!(
        "there are {MAX_SAME_NAME} articles with the name `{slug}` already: use another headline"
    )))
}

/// Adds an `id:` to the front matter, by which the permalink registry recognizes the article
/// whatever else changes. The path is unique now; with the time, the id stays unique if another
/// article gets the path later.
fn with_id(text: &str, path: &str, now: i64) -> String {
    let id = Fingerprint::hash_bytes(format!("{path} {now}").as_bytes()).0;
    let front_matter = text.strip_suffix("---\n\n").unwrap_or(text);
    format!("{front_matter}id: \"{id:016x}\"\n---\n\n")
}

fn parse_date(site: &Site, article: &NewArticle) -> Result<Moment, Error> {
    let Some(written) = &article.date else {
        return Ok(Moment { seconds: site.now, day_only: false });
    };
    Moment::parse(written, site.zone).map_err(|reason| {
        let help = "write it as 2024-11-05, \"2024-11-05 14:30\" or 2024-11-05T14:30:00+05:00";
        Error::Usage(format!("--date: `{written}` is not a valid date: {reason}; {help}"))
    })
}

/// Returns the text of the file.
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

/// Returns the line of front matter that sets the terms of a taxonomy, with the key that this site
/// reads for it. A section is a single value; the others are lists.
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
            "--{option}: `{}` has no letter and no digit, which the URL of its page needs",
            single_line(name)
        );
        return Err(Error::Usage(message));
    }
    let definition = site.taxonomy_index(taxonomy).map(|number| &site.taxonomies[number]);
    let Some(key) = definition.and_then(|taxonomy| taxonomy.front_matter_keys.first()) else {
        let message = format!(
            "--{option}: this site has no `{taxonomy}`: `taxonomies:` in site.yaml disables them"
        );
        return Err(Error::Usage(message));
    };
    let names: Vec<String> = names.iter().map(|name| quoted(name)).collect();
    Ok(match taxonomy {
        SECTIONS => format!("{key}: {}\n", names.join("")),
        _ => format!("{key}: [{}]\n", names.join(", ")),
    })
}

/// Returns the existing folder of a section, or the name of a new one.
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

/// Returns true if an article exists at a path, or at another one with the same URL: with another
/// extension, or in its own folder.
fn is_taken(site: &Site, path: &str) -> bool {
    let stem = path.strip_suffix("/index.md").or(path.strip_suffix(".md")).unwrap_or(path);
    let has_article = |folder: &str, name: &str| {
        let entries = std::fs::read_dir(site.content_dir.join(folder)).into_iter().flatten();
        let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        names.into_iter().any(|file| markdown_stem(&file) == Some(name))
    };
    let (folder, name) = stem.rsplit_once('/').unwrap_or(("", stem));
    has_article(folder, name) || has_article(stem, "index")
}

/// Parses the text as a build would, and returns the URL path.
///
/// # Errors
/// [`Error::Usage`] if a build would reject the text.
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

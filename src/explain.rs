//! Explain: what is known of a story, why it is known so, which pages show it, and why each would be made again.

use std::path::Path;

use crate::build::{self, Change, Desk, Explanation, Preview, Progress};
use crate::content::article::names_section;
use crate::content::front_matter::names;
use crate::content::redact::Redacted;
use crate::content::{Article, FrontMatter, Source, read};
use crate::diagnostic::{Diagnostic, Error};
use crate::site::{SECTIONS, Site};

/// Something that is known of a story.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// What it is.
    pub name: &'static str,
    /// What it is here.
    pub value: String,
    /// Why.
    pub because: String,
}

/// Everything that is known of a story.
#[derive(Debug, Default)]
pub struct Known {
    /// Its file, from the site's folder.
    pub file: String,
    /// What its file comes to.
    pub facts: Vec<Fact>,
    /// The pages that show it, its own first.
    pub pages: Vec<Explanation>,
    /// What is wrong with it.
    pub diagnostics: Vec<Diagnostic>,
}

/// Finds a story by its file or its address, and tells all of it.
///
/// # Errors
/// What the machine refused, or that there is no such story.
pub fn explain(
    site: &Site,
    mistakes: &[Diagnostic],
    name: &str,
    progress: &dyn Progress,
) -> Result<Known, Error> {
    let mut desk = Desk::look(site, progress)?;
    let (path, pages) = desk.preview(site, mistakes.to_vec(), |preview| {
        let path = find(site, preview, name).ok_or_else(|| {
            Error::Usage(format!("there is no story `{name}`: name its file (content/2024/talks.md) or its address (/2024/11/05/talks/)"))
        })?;
        Ok((path.clone(), preview.showing(&path)))
    })?;
    let file = format!("content/{path}");
    let mut known = Known { file: file.clone(), ..Known::default() };
    let redacted = read::redacted(site, &path).map_err(Error::io("can't read", &file))?;
    match facts_of(site, &path, &file, &redacted) {
        Ok(facts) => known.facts = facts,
        Err(mistakes) => known.diagnostics = mistakes,
    }
    if !pages.is_empty() {
        let how =
            build::Options { dry_run: true, only_explain: true, explain: pages, ..build::Options::default() };
        let report = build::build(site, mistakes.to_vec(), &how, progress)?;
        known.pages = report.explanations;
        known.diagnostics.extend(report.diagnostics.into_iter().filter(|diagnostic| diagnostic.file == file));
    }
    known.diagnostics.sort();
    known.diagnostics.dedup();
    Ok(known)
}

/// The path below `content/` of the story that a name means.
fn find(site: &Site, preview: &Preview<'_>, name: &str) -> Option<String> {
    let beside = |path: &Path| path.canonicalize().ok().filter(|path| path.is_file());
    let file = beside(Path::new(name))
        .or_else(|| beside(&site.root.join(name)))
        .or_else(|| beside(&site.content.join(name)));
    if let Some(path) = file.as_deref().and_then(|file| file.strip_prefix(&site.content).ok()) {
        return Some(path.to_str()?.replace('\\', "/"));
    }
    let path = build::output_path(site, name);
    let planned = preview.find(&path).or_else(|| preview.find(&format!("{path}/index.html")))?;
    preview.story(planned).map(|row| preview.catalog().story(row).path().into_owned())
}

/// What a file comes to, and why.
fn facts_of(site: &Site, path: &str, file: &str, redacted: &Redacted) -> Result<Vec<Fact>, Vec<Diagnostic>> {
    let source =
        Source::read(file, &redacted.bytes, &site.config.limits).map_err(|mistake| vec![*mistake])?;
    let source = source.without(redacted.names.clone());
    let front = FrontMatter::parse(&source, site)?;
    let written = Written { source: &source };
    let because = Because {
        date: written.by(names("date"), "the file's name begins with it"),
        slug: written.by(names("slug"), "made from the file's name"),
        permalink: match &front.permalink {
            Some(_) => written.by(names("permalink"), ""),
            None => format!("the pattern `{}`", site.config.permalink),
        },
        lang: written.by(names("lang"), "the site's language"),
        section: section(site, &front, &written, path),
    };
    let aliases = front.aliases.clone();
    let article = Article::resolve(front, &source, path, site)?;
    Ok(facts(site, &article, &aliases, &because))
}

/// Where values come from.
struct Because {
    date: String,
    slug: String,
    permalink: String,
    lang: String,
    section: String,
}

struct Written<'a> {
    source: &'a Source<'a>,
}

impl Written<'_> {
    /// The line of the first of some keys that is there, or else another reason.
    fn by(&self, keys: &[&str], otherwise: &str) -> String {
        let found = keys.iter().find_map(|key| Some((key, self.source.key_place(key, 0)?)));
        found.map_or_else(|| otherwise.to_owned(), |(key, place)| format!("`{key}:` in line {}", place.line))
    }
}

fn section(site: &Site, front: &FrontMatter, written: &Written<'_>, path: &str) -> String {
    let sections = site.taxonomy(SECTIONS);
    let named = front.terms.iter().any(|(taxonomy, names)| Some(*taxonomy) == sections && !names.is_empty());
    let folder = path.split_once('/').map(|(folder, _)| folder).filter(|folder| names_section(folder));
    match folder {
        _ if named => written.by(&["section", "sections"], "front matter"),
        _ if !front.categories.is_empty() => written.by(&["categories", "category"], "the first category"),
        Some(folder) => format!("the folder `{folder}`"),
        None => "neither `section:`, a category nor a folder names one".to_owned(),
    }
}

fn facts(site: &Site, article: &Article, aliases: &[String], because: &Because) -> Vec<Fact> {
    let mut facts = Vec::new();
    let mut tell = |name: &'static str, value: String, because: &str| {
        facts.push(Fact { name, value, because: because.to_owned() });
    };
    let options = &site.options;
    let held = match () {
        () if article.draft => "a draft: `--drafts` publishes it",
        () if article.date.seconds > options.now => "dated in the future: `--future` publishes it",
        () if article.expires.is_some_and(|moment| moment.seconds <= options.now) => "past its `expires:`",
        () => "published",
    };
    tell("state", held.to_owned(), "");
    tell("title", article.title.clone(), "");
    let zone = if article.date.day_only { String::new() } else { format!(", in {}", site.zone.name()) };
    tell("date", format!("{}{zone}", article.date.iso(site.zone)), &because.date);
    tell("day", article.day.iso(), "the date's day in the site's time zone");
    if let Some(updated) = article.updated {
        tell("updated", updated.iso(site.zone), "");
    }
    tell("permalink", site.absolute(article.permalink.as_str()), &because.permalink);
    let last = article.permalink.as_str().trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    tell("slug", last.to_owned(), &because.slug);
    tell("language", article.lang.clone(), &because.lang);
    let sections = site.taxonomy(SECTIONS);
    for (number, taxonomy) in site.taxonomies.iter().enumerate() {
        let names: Vec<&str> =
            article.terms.iter().filter(|(of, _)| *of == number).map(|(_, name)| name.as_str()).collect();
        let is_section = Some(number) == sections;
        if !names.is_empty() || is_section {
            let name = if is_section { "section" } else { "terms" };
            let value =
                if is_section { names.join(", ") } else { format!("{}: {}", taxonomy.key, names.join(", ")) };
            tell(name, value, if is_section { &because.section } else { "" });
        }
    }
    for alias in aliases {
        tell("former address", alias.clone(), "it leads to the permalink");
    }
    facts
}

/// An explanation in one line and those of its changes.
pub fn lines(explanation: &Explanation) -> Vec<String> {
    let shown = |value: &Option<String>| {
        value.as_deref().map_or("(not there)".to_owned(), |value| format!("`{value}`"))
    };
    let change = |Change { name, from, to }: &Change| format!("{name}: {} → {}", shown(from), shown(to));
    explanation.changes.iter().map(change).collect()
}

//! `dateline explain`: the metadata of an article, where each value comes from, which pages show
//! the article, and why a build would render each of them.

use std::path::Path;

use crate::config::{SECTIONS, Site};
use crate::content::file_name::is_section_folder;
use crate::content::front_matter::accepted_keys;
use crate::content::redaction::RedactedFile;
use crate::content::standalone_page::{TYPE_KEY, is_standalone_page};
use crate::content::{FrontMatter, ParsedArticle, SourceFile, read};
use crate::diagnostics::{Diagnostic, Error};
use crate::pipeline::{
    self, ChangeCause, Explanation, InputChange, Progress, Session, SitePreview,
};

/// A value of an article's metadata.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fact {
    /// The name of the value, such as `slug`.
    pub name: &'static str,
    /// The value.
    pub value: String,
    /// Where the value comes from; empty if it is obvious.
    pub reason: String,
}

/// The explanation of an article.
#[derive(Debug, Default)]
pub(crate) struct ArticleExplanation {
    /// Its file, relative to the site's folder.
    pub file: String,
    /// Its metadata.
    pub facts: Vec<Fact>,
    /// The pages that show it, its own first.
    pub pages: Vec<Explanation>,
    /// The errors and warnings of its file.
    pub diagnostics: Vec<Diagnostic>,
}

/// Finds an article by its file or URL, and explains it.
///
/// # Errors
/// [`Error::Usage`] if no article has this file or URL; [`Error::Io`] if the site's files or the
/// build cache can't be read.
pub(crate) fn explain(
    site: &Site,
    name: &str,
    progress: &dyn Progress,
) -> Result<ArticleExplanation, Error> {
    let mut session = Session::open_read_only(site, progress)?;
    let (path, pages) = session.with_preview(site, site.mistakes.clone(), |preview| {
        let path = find_path(site, preview, name).ok_or_else(|| {
            Error::Usage(format!(
                "no article has the file or URL `{name}`; \
                 name a file (content/2024/talks.md) or a URL (/2024/11/05/talks/)"
            ))
        })?;
        Ok((path.clone(), preview.pages_showing(&path)))
    })?;
    let file = format!("content/{path}");
    let mut explanation =
        ArticleExplanation { file: file.clone(), ..ArticleExplanation::default() };
    let redacted = read::read_redacted(site, &path).map_err(Error::io("can't read", &file))?;
    match read_facts(site, &path, &file, &redacted) {
        Ok(facts) => explanation.facts = facts,
        Err(diagnostics) => explanation.diagnostics = diagnostics,
    }
    if !pages.is_empty() {
        let options = pipeline::BuildOptions {
            dry_run: true,
            explain_only: true,
            explain: pages,
            ..pipeline::BuildOptions::default()
        };
        let report = pipeline::build(site, &options, progress)?;
        explanation.pages = report.explanations;
        explanation
            .diagnostics
            .extend(report.diagnostics.into_iter().filter(|diagnostic| diagnostic.file == file));
    }
    explanation.diagnostics.sort();
    explanation.diagnostics.dedup();
    Ok(explanation)
}

/// Returns the path below `content/` of the article with this file or URL.
fn find_path(site: &Site, preview: &SitePreview<'_>, name: &str) -> Option<String> {
    let existing_file = |path: &Path| path.canonicalize().ok().filter(|path| path.is_file());
    let file = existing_file(Path::new(name))
        .or_else(|| existing_file(&site.root.join(name)))
        .or_else(|| existing_file(&site.content_dir.join(name)));
    if let Some(path) = file.as_deref().and_then(|file| file.strip_prefix(&site.content_dir).ok()) {
        return Some(path.to_str()?.replace('\\', "/"));
    }
    let path = pipeline::output_path(site, name);
    let output_id = preview
        .find_output(&path)
        .or_else(|| preview.find_output(&format!("{path}/index.html")))?;
    preview.article(output_id).map(|id| preview.catalog().article(id).path().into_owned())
}

/// Parses a file and returns the article's metadata.
fn read_facts(
    site: &Site,
    path: &str,
    file: &str,
    redacted: &RedactedFile,
) -> Result<Vec<Fact>, Vec<Diagnostic>> {
    let source = SourceFile::parse(file, &redacted.bytes, &site.config.limits)
        .map_err(|diagnostic| vec![*diagnostic])?;
    let source = source.with_matcher(redacted.matcher.clone());
    let front = FrontMatter::parse(&source, site)?;
    let key_lines = KeyLines { source: &source };
    let is_page = is_standalone_page(&front, path);
    let reasons = FactReasons {
        page: key_lines.reason_for(&[TYPE_KEY], "in content/pages/"),
        date: key_lines.reason_for(accepted_keys("date"), "from the file name"),
        slug: key_lines.reason_for(accepted_keys("slug"), "made from the file name"),
        permalink: match &front.permalink {
            Some(_) => key_lines.reason_for(accepted_keys("permalink"), ""),
            None if is_page => "the path of the file".to_owned(),
            None => format!("the pattern `{}`", site.config.permalink),
        },
        lang: key_lines.reason_for(accepted_keys("lang"), "the site's language"),
        section: section_reason(site, &front, &key_lines, path),
    };
    let aliases = front.aliases.clone();
    let article = ParsedArticle::resolve(front, &source, path, site)?;
    Ok(collect_facts(site, &article, &aliases, &reasons))
}

/// The sources of values that can come from several.
struct FactReasons {
    date: String,
    slug: String,
    permalink: String,
    lang: String,
    section: String,
    page: String,
}

struct KeyLines<'a> {
    source: &'a SourceFile<'a>,
}

impl KeyLines<'_> {
    /// Returns the line of the first of the keys that the front matter has, or else the fallback.
    fn reason_for(&self, keys: &[&str], fallback: &str) -> String {
        let found = keys.iter().find_map(|key| Some((key, self.source.key_location(key, 0)?)));
        found.map_or_else(
            || fallback.to_owned(),
            |(key, location)| format!("`{key}:` on line {}", location.line),
        )
    }
}

fn section_reason(
    site: &Site,
    front: &FrontMatter,
    key_lines: &KeyLines<'_>,
    path: &str,
) -> String {
    let sections = site.taxonomy_index(SECTIONS);
    let has_section_term = front
        .terms
        .iter()
        .any(|(taxonomy, names)| Some(*taxonomy) == sections && !names.is_empty());
    let folder =
        path.split_once('/').map(|(folder, _)| folder).filter(|folder| is_section_folder(folder));
    match folder {
        _ if has_section_term => key_lines.reason_for(&["section", "sections"], "front matter"),
        _ if !front.categories.is_empty() => {
            key_lines.reason_for(&["categories", "category"], "the first category")
        }
        Some(folder) => format!("the folder `{folder}`"),
        None => "no `section:`, no category and no folder".to_owned(),
    }
}

/// Describes whether a build at a time, in seconds since 1970, would publish an article.
fn publication_state(article: &ParsedArticle, now: i64) -> &'static str {
    if article.withheld_status.is_some() {
        "withheld by its status"
    } else if article.draft {
        "draft; `--drafts` publishes it"
    } else if article.date.seconds > now {
        "scheduled; `--future` publishes it"
    } else if article.expires.is_some_and(|moment| moment.seconds <= now) {
        "expired; `--expired` publishes it"
    } else {
        "published"
    }
}

fn collect_facts(
    site: &Site,
    article: &ParsedArticle,
    aliases: &[String],
    reasons: &FactReasons,
) -> Vec<Fact> {
    let mut facts = Vec::new();
    let mut add_fact = |name: &'static str, value: String, reason: &str| {
        facts.push(Fact { name, value, reason: reason.to_owned() });
    };
    add_fact("state", publication_state(article, site.now).to_owned(), "");
    add_fact("title", article.title.clone(), "");
    if article.is_page {
        add_fact("type", "page".to_owned(), &reasons.page);
    } else {
        let zone = if article.date.day_only {
            String::new()
        } else {
            format!(", in {}", site.zone.name())
        };
        add_fact("date", format!("{}{zone}", article.date.iso(site.zone)), &reasons.date);
        add_fact("day", article.day.iso(), "the day of the date, in the site's time zone");
    }
    if let Some(updated) = article.updated {
        add_fact("updated", updated.iso(site.zone), "");
    }
    add_fact("permalink", site.absolute_url(article.permalink.as_str()), &reasons.permalink);
    let slug =
        article.permalink.as_str().trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    add_fact("slug", slug.to_owned(), &reasons.slug);
    add_fact("language", article.lang.clone(), &reasons.lang);
    let sections = site.taxonomy_index(SECTIONS);
    for (index, taxonomy) in site.taxonomies.iter().enumerate() {
        let names: Vec<&str> = article
            .terms
            .iter()
            .filter(|(term_taxonomy, _)| *term_taxonomy == index)
            .map(|(_, name)| name.as_str())
            .collect();
        let is_section = Some(index) == sections;
        if !names.is_empty() || is_section && !article.is_page {
            let name = if is_section { "section" } else { "terms" };
            let value = if is_section {
                names.join(", ")
            } else {
                format!("{}: {}", taxonomy.key, names.join(", "))
            };
            add_fact(name, value, if is_section { &reasons.section } else { "" });
        }
    }
    for alias in aliases {
        add_fact("alias", alias.clone(), "redirects to the permalink");
    }
    facts
}

/// The number of pages that are listed after a change that several pages have in common.
const MAX_LISTED_PAGES: usize = 3;
/// The longest value that is printed, in characters.
const MAX_VALUE_CHARS: usize = 160;

/// Returns explanations as text, a page per line with the changes that only it has. A change that
/// several pages have follows once, after all pages.
pub(crate) fn explanation_lines(explanations: &[Explanation]) -> Vec<String> {
    let (shared, own): (Vec<ChangeCause<'_>>, Vec<ChangeCause<'_>>) =
        pipeline::group_changes(explanations).into_iter().partition(|cause| cause.pages.len() > 1);
    let mut lines = Vec::new();
    for Explanation { path, verdict, changes, inputs, .. } in explanations {
        let counts = match (changes.len(), inputs) {
            (_, 0) => String::new(),
            (0, inputs) => format!(" ({inputs})"),
            (changed, inputs) => format!(" ({changed} of {inputs})"),
        };
        lines.push(format!("{path}: {verdict}{counts}"));
        let own_changes = own.iter().filter(|cause| cause.pages == [path]);
        lines.extend(own_changes.map(|cause| format!("  {}", change_line(cause.change))));
    }
    if !shared.is_empty() {
        lines.push("changed for several pages:".to_owned());
    }
    for cause in &shared {
        lines.push(format!("  {}", change_line(cause.change)));
        lines.push(format!("    {}", page_list(&cause.pages)));
    }
    lines
}

/// `21 pages: a/index.html, b/index.html, c/index.html and 18 more`.
fn page_list(pages: &[&str]) -> String {
    let listed = pages.iter().take(MAX_LISTED_PAGES).copied().collect::<Vec<_>>().join(", ");
    let rest = match pages.len().saturating_sub(MAX_LISTED_PAGES) {
        0 => String::new(),
        rest => format!(" and {rest} more"),
    };
    format!("{} pages: {listed}{rest}", pages.len())
}

/// A changed input with both values. The hash behind a text only shows that two texts differ, so it
/// is left out.
fn change_line(InputChange { name, from, to, .. }: &InputChange) -> String {
    let (from, to) = (from.as_deref().map(printed_value), to.as_deref().map(printed_value));
    match (from, to) {
        (Some(from), Some(to)) if from == to => format!("{name}: changed"),
        (Some(from), Some(to)) => format!("{name}: `{from}` → `{to}`"),
        (None, Some(to)) if to.is_empty() => format!("{name}: added"),
        (None, Some(to)) => format!("{name}: added: `{to}`"),
        (Some(from), None) if from.is_empty() => format!("{name}: removed"),
        (Some(from), None) => format!("{name}: removed: `{from}`"),
        (None, None) => name.clone(),
    }
}

/// A value on one line, without the hash at its end.
fn printed_value(value: &str) -> String {
    let is_hash =
        |text: &str| text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let hash_start =
        value.rfind('[').filter(|start| value[start + 1..].strip_suffix(']').is_some_and(is_hash));
    let text = value[..hash_start.unwrap_or(value.len())].trim_end();
    let mut chars = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    let mut printed: String = chars.by_ref().take(MAX_VALUE_CHARS).collect();
    if chars.next().is_some() {
        printed.push('…');
    }
    printed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_printed_on_one_line_without_hashes() {
        assert_eq!(printed_value("Border talks [0123456789abcdef]"), "Border talks");
        assert_eq!(printed_value("[0123456789abcdef]"), "");
        assert_eq!(printed_value("[atom, rss]"), "[atom, rss]");
        assert_eq!(printed_value("two\nlines"), "two lines");
        assert_eq!(printed_value(&"é".repeat(200)), format!("{}…", "é".repeat(160)));
    }
}

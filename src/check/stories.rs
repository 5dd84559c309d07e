//! Stories: what is wrong with them whatever page shows them: headlines, sections, descriptions, the spelling of their terms, their own HTML.

use std::collections::{BTreeMap, HashMap};

use rayon::prelude::*;

use super::html::malformed;
use super::places::File;
use super::{finding, wants};
use crate::build::{Desk, Preview};
use crate::catalog::{RowId, Story};
use crate::content::front_matter::names;
use crate::content::markdown::raw_html;
use crate::diagnostic::{Diagnostic, Error, Place};
use crate::model::slug::{is_rather_the_name, term_key};
use crate::register;
use crate::site::{SECTIONS, Site, Taxonomy};

/// Looks at every story.
pub(super) fn look(preview: &Preview<'_>) -> Vec<Diagnostic> {
    let (site, catalog) = (preview.site(), preview.catalog());
    let sections = site.taxonomy(SECTIONS).filter(|&sections| !catalog.terms_of(sections).is_empty());
    let one = |row: RowId| {
        let story = catalog.story(row);
        let mut found = Vec::new();
        let mut file = None;
        let mut read = || file.get_or_insert_with(|| File::read(site, &story.path())).key(names("title"));
        if sections.is_some_and(|sections| story.terms_of(sections).next().is_none()) {
            found.extend(no_section(site, &story, &mut read));
        }
        found.extend(long_description(site, &story));
        found.extend(own_html(site, &story));
        found
    };
    let mut found: Vec<Diagnostic> =
        catalog.all().into_par_iter().with_min_len(64).flat_map_iter(one).collect();
    found.extend(duplicates(preview));
    found
}

fn no_section(
    site: &Site,
    story: &Story<'_>,
    title: &mut dyn FnMut() -> Option<Place>,
) -> Option<Diagnostic> {
    wants(site, "no-section").then_some(())?;
    let message = "the story is in no section, and others are";
    let help = "add a line `section: …`, or put the file into its section's folder";
    Some(finding(site, "no-section", format!("content/{}", story.path()), message)?.at(title()).help(help))
}

fn long_description(site: &Site, story: &Story<'_>) -> Option<Diagnostic> {
    let (most, description) = (site.config.check.description, story.standfirst()?);
    let length = if description.len() > most { description.chars().count() } else { 0 };
    if length <= most || !wants(site, "long-description") {
        return None;
    }
    let file = File::read(site, &story.path());
    let message = format!(
        "the description has {length} characters; more than {most} are cut off by those who show it elsewhere"
    );
    let place = file.key(names("description"));
    let help = "say it shorter, or let the story say it; `check: {description: …}` sets another length";
    Some(finding(site, "long-description", file.name, message)?.at(place).help(help))
}

/// The HTML in a story's own text.
fn own_html(site: &Site, story: &Story<'_>) -> Option<Diagnostic> {
    wants(site, "malformed-html").then_some(())?;
    let file = File::read(site, &story.path());
    let start = story.details().body;
    let body = file.text.get(start..)?;
    let mut html = String::new();
    let mut pieces = Vec::new();
    for (text, range) in raw_html(body) {
        pieces.push((html.len(), range));
        html += &text;
    }
    let (at, what) = malformed(&html)?;
    let (from, range) = pieces.iter().rev().find(|(from, _)| *from <= at)?;
    // A piece is as long as its place in the file, but where lines of a list or a quotation are set in.
    let at = (range.start + at - from).min(range.end);
    let place = Place::at(&file.text, start + at, 1);
    let message = format!("the HTML in this story is not whole: {what}");
    let help = "close what is opened, in the order in which it was opened; browsers and the build mend it by guessing";
    Some(finding(site, "malformed-html", file.name, message)?.at(place).help(help))
}

/// Stories whose text is another than was recorded, and that don't say so.
pub(super) fn stale(preview: &Preview<'_>) -> Result<Vec<Diagnostic>, Error> {
    let (site, catalog) = (preview.site(), preview.catalog());
    if !wants(site, "stale-updated") {
        return Ok(Vec::new());
    }
    let one = |row: RowId| {
        let story = catalog.story(row);
        let file = File::read(site, &story.path());
        let said = match story.updated() {
            Some(updated) => format!("`updated` is {} still", updated.iso(site.zone)),
            None => "it has no `updated`".to_owned(),
        };
        let message = format!("the text is another than was recorded for {}, and {said}", story.permalink());
        let help = "set `updated:` to when it was changed, with a time if that is the day of the last change, or add to `corrections:` or `updates:`; \
                    if there is nothing to tell readers, `dateline permalinks record` takes the text as it is";
        let place = ["updated", "date", "title"].iter().find_map(|field| file.key(names(field)));
        Some(finding(site, "stale-updated", file.name, message)?.at(place).help(help))
    };
    Ok(register::changed(site, catalog)?.into_iter().filter_map(one).collect())
}

/// Stories of one day with one headline.
fn duplicates(preview: &Preview<'_>) -> Vec<Diagnostic> {
    let (site, catalog) = (preview.site(), preview.catalog());
    if !wants(site, "duplicate-headline") {
        return Vec::new();
    }
    let mut found = Vec::new();
    let rows = catalog.all();
    let mut at = rows.start;
    while at < rows.end {
        let day = catalog.day(catalog.story(at).day());
        let mut firsts: HashMap<(String, &str), RowId> = HashMap::new();
        for story in catalog.stories(day.clone()) {
            let first = *firsts.entry((story.title().to_lowercase(), story.lang())).or_insert(story.id);
            if first != story.id {
                let other = catalog.story(first);
                let file = File::read(site, &story.path());
                let message =
                    format!("another story of this day has the same headline: content/{}", other.path());
                let help = "if it is the same story, remove one and name its address in the other's `aliases:`; else say in the headline what is new";
                let place = file.key(names("title"));
                found.extend(
                    finding(site, "duplicate-headline", file.name, message)
                        .map(|found| found.at(place).help(help)),
                );
            }
        }
        // A day that the site's time zone can't hold is its own end.
        at = day.end.max(at + 1);
    }
    found
}

/// A term's spellings, each with how often it is used and the first file that uses it.
type Spellings = BTreeMap<String, (u32, String)>;

/// Terms that are written in several ways.
pub(super) fn spellings(desk: &Desk, site: &Site) -> Vec<Diagnostic> {
    let mut terms: BTreeMap<(usize, String), Spellings> = BTreeMap::new();
    let mut keys: HashMap<(usize, String), String> = HashMap::new();
    desk.terms(|path, taxonomy, name| {
        let known = (taxonomy, name.to_owned());
        let key = keys.entry(known).or_insert_with(|| term_key(name)).clone();
        let spellings = terms.entry((taxonomy, key)).or_default();
        match spellings.get_mut(name) {
            Some((count, _)) => *count += 1,
            None => drop(spellings.insert(name.to_owned(), (1, path.to_owned()))),
        }
    });
    let mut found = Vec::new();
    for ((taxonomy, _), spellings) in terms.iter().filter(|(_, spellings)| spellings.len() > 1) {
        found.extend(several(site, &site.taxonomies[*taxonomy], "term-spelling", spellings));
    }
    found.extend(similar(site, &terms));
    found
}

/// Terms that are different ones and hardly look so: `covid19` beside `covid-19`, `election` beside `elections`.
fn similar(site: &Site, terms: &BTreeMap<(usize, String), Spellings>) -> Vec<Diagnostic> {
    let mut alike: BTreeMap<(usize, String), Spellings> = BTreeMap::new();
    for ((taxonomy, key), spellings) in terms {
        let plain: String = key.chars().filter(|c| c.is_alphanumeric()).collect();
        // Words of four letters and more have a plural.
        let stem =
            plain.strip_suffix('s').filter(|stem| stem.len() > 3 && !stem.ends_with('s')).unwrap_or(&plain);
        let count = spellings.values().map(|(count, _)| count).sum();
        let most = usual(spellings);
        if let Some((name, (_, file))) = most {
            alike
                .entry((*taxonomy, stem.to_owned()))
                .or_default()
                .insert(name.clone(), (count, file.clone()));
        }
    }
    let several_of = alike.iter().filter(|(_, names)| names.len() > 1);
    several_of
        .flat_map(|((taxonomy, _), names)| several(site, &site.taxonomies[*taxonomy], "similar-terms", names))
        .collect()
}

/// The spelling that pages show.
fn usual(spellings: &Spellings) -> Option<(&String, &(u32, String))> {
    spellings.iter().reduce(|best, next| {
        let rather = is_rather_the_name((next.0, next.1.0), (best.0, best.1.0));
        if rather { next } else { best }
    })
}

/// A finding for each spelling but the one that is used most.
fn several(site: &Site, taxonomy: &Taxonomy, rule: &'static str, spellings: &Spellings) -> Vec<Diagnostic> {
    let Some((usual, (times, _))) = usual(spellings) else { return Vec::new() };
    let one = |(name, (count, path)): (&String, &(u32, String))| {
        wants(site, rule).then_some(())?;
        let file = File::read(site, path);
        let stories =
            if *count == 1 { "1 story".to_owned() } else { format!("{count} stories, this one first") };
        let (message, help) = match rule {
            "term-spelling" => (
                format!(
                    "`{name}` in {} is also written `{usual}` ({times} times): it is one term, in {stories}",
                    taxonomy.key
                ),
                format!("write `{usual}` everywhere; `dateline fix` does it"),
            ),
            _ => (
                format!(
                    "`{name}` in {} may be the same as `{usual}` ({times} stories): it has a page of its own, for {stories}",
                    taxonomy.key
                ),
                format!("write `{usual}` if it is the same"),
            ),
        };
        let place = file.find(name);
        Some(finding(site, rule, file.name, message)?.at(place).help(help))
    };
    spellings.iter().filter(|(name, _)| *name != usual).filter_map(one).collect()
}

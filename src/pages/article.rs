//! The page of an article.

use tera::{Context, Value};

use super::teaser::{date, image, named, teaser};
use super::{Page, Teasers, View, map, value};
use crate::catalog::{RowId, Story};
use crate::content::markdown::{self, Resolve, Settings, TooDeep};
use crate::content::references::{self, Target, asset_permalink};
use crate::content::shortcodes::{self, STORY_SCHEME};
use crate::content::{Article, FrontMatter, Source};
use crate::diagnostic::Diagnostic;
use crate::model::Fingerprinter;
use crate::site::{AUTHORS, SECTIONS, SERIES};

pub(super) fn inputs(row: RowId, view: &View<'_>, hash: &mut Fingerprinter) {
    let story = view.catalog.story(row);
    hash.add(story.content()).add(story.teaser());
    for term in story.terms() {
        hash.number(term.taxonomy as u64).text(&term.slug).text(&term.name);
    }
    for neighbour in neighbours(row, view) {
        match neighbour {
            Some(neighbour) => hash.number(1).add(view.catalog.story(neighbour).teaser()),
            None => hash.number(0),
        };
    }
    if story.links_to_stories() {
        hash.add(view.catalog.addresses());
    }
}

/// The story before and the story after.
fn neighbours(row: RowId, view: &View<'_>) -> [Option<RowId>; 2] {
    [row.checked_sub(1), Some(row + 1).filter(|&next| (next as usize) < view.catalog.len())]
}

pub(super) fn context(
    page: &Page,
    row: RowId,
    view: &View<'_>,
    teasers: &Teasers<'_>,
) -> Result<Context, Vec<Diagnostic>> {
    let story = view.catalog.story(row);
    let file = format!("content/{}", story.path());
    let path = view.site.content.join(story.path());
    let bytes = std::fs::read(&path).map_err(|error| {
        vec![Diagnostic::error("unreadable", file.as_str(), format!("can't read it: {error}"))]
    })?;
    let source =
        Source::read(&file, &bytes, &view.site.config.limits).map_err(|diagnostic| vec![*diagnostic])?;
    let front = FrontMatter::parse(&source, view.site)?;
    let article = Article::resolve(front, &source, story.path(), view.site)?;
    let words = view.templates.languages.get(story.lang());

    let expanded = shortcodes::expand(source.body());
    let settings = Settings {
        html: view.site.config.html,
        smart_punctuation: view.site.config.smart_punctuation,
        nesting: view.site.config.limits.nesting,
        dateline: story.place(),
        table_label: words.find("table").unwrap_or("Table"),
    };
    let rendered =
        markdown::render(&expanded.body, &settings, &Links { view, story }).map_err(|TooDeep(at)| {
            let message = format!("the body nests more than {} levels deep", settings.nesting);
            let help = "flatten its lists and quotations, or raise `limits: {nesting: …}` in site.yaml";
            vec![
                Diagnostic::error("nested-too-deep", file.as_str(), message)
                    .at(source.body_place(at, 1))
                    .help(help),
            ]
        })?;

    let mut map = teaser(&story, view);
    let reactions = article.reactions.unwrap_or(true) && view.site.config.reactions.is_some();
    let authors = terms(&story, view, AUTHORS);
    map.extend(map! {
        "date" => date(story.date(), view, &words),
        "body" => Value::safe_string(&rendered.html),
        "words" => rendered.words,
        "authors" => authors,
        "updated" => story.updated().map(|updated| date(updated, view, &words)),
        "image" => story.image().map(image),
        "topics" => topics(&story, view),
        "series" => terms(&story, view, SERIES),
        "source" => article.source,
        "original_url" => article.original_url,
        "id" => story.own_id(),
        "reactions" => reactions,
        "extra" => Value::from_serializable(&article.extra),
    });
    let crumbs = crumbs(&story, view);
    let mut context = view.context(page, story.title(), story.standfirst(), story.lang(), crumbs);
    context.insert_value("story", value(map));
    let [previous, next] = neighbours(row, view).map(|row| row.map_or(Value::none(), |row| teasers.get(row)));
    context.insert_value("previous", previous);
    context.insert_value("next", next);
    Ok(context)
}

fn crumbs(story: &Story<'_>, view: &View<'_>) -> Vec<Value> {
    let day = story.day();
    let (year, month) = (day.year(), day.month());
    vec![
        view.crumb(&view.words.digits(&year.to_string()), &format!("/{year:04}/")),
        view.crumb(
            view.words.nth("months_standalone", month as usize - 1),
            &format!("/{year:04}/{month:02}/"),
        ),
        view.crumb(&view.words.digits(&day.day().to_string()), &day.path()),
    ]
}

fn terms(story: &Story<'_>, view: &View<'_>, taxonomy: &str) -> Vec<Value> {
    let Some(taxonomy) = view.site.taxonomy(taxonomy) else { return Vec::new() };
    story.terms_of(taxonomy).map(|term| named(term, view)).collect()
}

/// Every other taxonomy that the story has terms of.
fn topics(story: &Story<'_>, view: &View<'_>) -> Vec<Value> {
    let shown = |key: &str| !matches!(key, SECTIONS | AUTHORS | SERIES);
    let taxonomies = view.site.taxonomies.iter().enumerate().filter(|(_, taxonomy)| shown(&taxonomy.key));
    let topics = taxonomies.filter_map(|(number, taxonomy)| {
        let items: Vec<Value> = story.terms_of(number).map(|term| named(term, view)).collect();
        let name = view.taxonomy_name(number, false);
        (!items.is_empty())
            .then(|| Value::from(map! { "key" => taxonomy.key.as_str(), "name" => name, "items" => items }))
    });
    topics.collect()
}

/// Finds out what addresses in a body stand for.
struct Links<'a> {
    view: &'a View<'a>,
    story: Story<'a>,
}

impl Resolve for Links<'_> {
    fn image(&self, address: &str) -> Option<(String, Option<(u32, u32)>)> {
        let site = self.view.site;
        match references::resolve(site, self.story.path(), address) {
            Target::Elsewhere => Some((address.to_owned(), None)),
            Target::OnSite(path) => {
                Some((site.href(&path), size(&site.statics.join(path.trim_start_matches('/')))))
            }
            Target::Asset(path) => {
                Some((site.href(asset_permalink(&path)?.as_str()), size(&site.content.join(path))))
            }
            Target::Missing => None,
        }
    }

    fn link(&self, address: &str) -> Option<String> {
        let file = address.strip_prefix(STORY_SCHEME);
        let local = !references::has_scheme(address) && !address.starts_with(['#', '/']);
        let markdown = local && address.split('#').next().is_some_and(|path| path.ends_with(".md"));
        if file.is_some() || markdown {
            let story = self.view.catalog.find(file.unwrap_or(address), self.story.path())?;
            let anchor = address.split_once('#').map(|(_, anchor)| format!("#{anchor}")).unwrap_or_default();
            return Some(self.view.site.href(story.permalink()) + &anchor);
        }
        match address.strip_prefix('/').filter(|_| !address.starts_with("//")) {
            Some(path) => Some(format!("{}{path}", self.view.site.path)),
            None => Some(address.to_owned()),
        }
    }
}

/// Width and height of a picture, from the head of its file.
pub(crate) fn size(path: &std::path::Path) -> Option<(u32, u32)> {
    let size = imagesize::size(path).ok()?;
    Some((u32::try_from(size.width).ok()?, u32::try_from(size.height).ok()?))
}

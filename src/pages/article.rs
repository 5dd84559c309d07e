//! The page of an article.

use tera::{Context, Map, Value};

use super::teaser::date;
use super::{Page, Teasers, View, cite, corrections, history, map, metadata, related, teasers_of};
use crate::catalog::record::Flags;
use crate::catalog::{RowId, Story};
use crate::content::markdown::{self, Rendered, Resolve, Settings, TooDeep};
use crate::content::picture::picture;
use crate::content::redact::Redacted;
use crate::content::references::{self, Target, asset_address};
use crate::content::shortcodes::{self, STORY_SCHEME};
use crate::content::{FrontMatter, Source, read};
use crate::diagnostic::{Diagnostic, Place};
use crate::model::names::MARK;
use crate::model::permalink::encode_query;
use crate::model::{Fingerprint, Image, Inputs, Names};
use crate::site::{AUTHORS, CorrectionsPlace, Retracted, SERIES};
use crate::templates::{Words, direction};

/// The words for alerts, in the order of their kinds.
pub(super) const ALERTS: [&str; 5] =
    ["alert_note", "alert_tip", "alert_important", "alert_warning", "alert_caution"];

pub(super) fn inputs(row: RowId, view: &View<'_>, inputs: &mut Inputs) {
    let story = view.catalog.story(row);
    inputs.part(story.content(), || (format!("content/{}", story.path()), "file and pictures".into()));
    inputs.part(story.teaser(), || ("its teaser".into(), story.title().to_owned()));
    for term in story.terms() {
        inputs.number("taxonomy", term.taxonomy).text("term", &term.slug).text("term's name", &term.name);
    }
    for (name, neighbour) in ["story before", "story after"].into_iter().zip(neighbours(row, view)) {
        match neighbour.map(|row| view.catalog.story(row)) {
            Some(story) => inputs.part(story.teaser(), || (name.into(), story.title().to_owned())),
            None => inputs.text(name, ""),
        };
    }
    link_inputs(&story.details().links, &story.path(), view, inputs);
    related::inputs(&story, view, inputs);
    // A story that never changed is made from what it was made from.
    if let Some(link) = history::link(row, view) {
        inputs.text("address of its versions", &link);
    }
    inputs.number("translations", story.translations().count());
    teasers_of(story.translations(), view, inputs);
}

/// The addresses of the stories that a file links to.
pub(super) fn link_inputs(links: &[impl AsRef<str>], path: &str, view: &View<'_>, inputs: &mut Inputs) {
    for link in links {
        let link = link.as_ref();
        let found = view.catalog.find(link.strip_prefix(STORY_SCHEME).unwrap_or(link), path);
        inputs.text("address of a linked story", found.map_or("", |story| story.permalink()));
    }
}

/// The story before and the story after.
fn neighbours(row: RowId, view: &View<'_>) -> [Option<RowId>; 2] {
    [row.checked_sub(1), Some(row + 1).filter(|&next| (next as usize) < view.catalog.len())]
}

/// The context, and whether the file is still the one that the catalog knows.
pub(super) fn context(
    page: &Page,
    row: RowId,
    view: &View<'_>,
    teasers: &Teasers<'_>,
) -> Result<(Context, bool), Vec<Diagnostic>> {
    let story = view.catalog.story(row);
    let words = view.templates.languages.get(story.lang());
    let body = Body::read(&story, view, &words)?;
    let said = story.details().afterwards;
    let mut map = Map::with_capacity_and_hasher(30, Default::default());
    let teaser = teasers.get(row);
    map.extend(teaser.as_map().into_iter().flatten().map(|(key, value)| (key.clone(), value.clone())));
    let earlier = related::so_far(&story, view).into_iter().map(|row| teasers.earlier(row, &story, &words));
    let so_far = earlier.collect::<Result<Vec<Value>, _>>().map_err(|mistake| vec![*mistake])?;
    let reactions = !story.flags().has(Flags::REACTIONS_OFF) && view.site.config.reactions.is_some();
    let updated = story.changed();
    if !words.same(&view.words) {
        map.extend(map! { "date" => date(story.date(), view, &words) });
    }
    let crumbs = crumbs(&story, view);
    let config = &view.site.config;
    let metadata = match config.machines.metadata {
        true => Value::safe_string(&metadata::of_story(
            &story,
            body.rendered.words,
            &said.corrections,
            &crumbs,
            view,
        )),
        false => Value::none(),
    };
    let cite = match config.machines.cite {
        true => Value::safe_string(&cite::of_story(&story, view, &words)),
        false => Value::none(),
    };
    map.extend(map! {
        "body" => Value::safe_string(&body.rendered.html),
        "words" => body.rendered.words,
        "authors" => terms(&story, view, AUTHORS),
        "updated" => updated.map(|updated| date(updated, view, &words)),
        "metadata" => metadata,
        "cite" => cite,
        "topics" => topics(&story, view),
        "series" => terms(&story, view, SERIES),
        "part" => related::series(&story, view, &words),
        "so_far" => so_far,
        "translations" => translations(&story, view),
        "mailto" => mailto(&story, view),
        "history" => history::link(row, view),
        "source" => story.source(),
        "original_url" => story.original_url(),
        "id" => story.own_id(),
        "reactions" => reactions,
        "corrections_first" => config.corrections.place == CorrectionsPlace::Top,
        "struck" => story.flags().has(Flags::RETRACTED) && config.corrections.retracted == Retracted::Strike,
        "extra" => body.extra,
    });
    map.extend(corrections::of_story(&said, view, &words).map(|(key, value)| (key.into(), value)));
    let mut context = view.context(page, story.title(), story.standfirst(), story.lang(), crumbs);
    context.insert_value("story", Value::from(map));
    let [previous, next] = neighbours(row, view).map(|row| row.map_or(Value::none(), |row| teasers.get(row)));
    context.insert_value("previous", previous);
    context.insert_value("next", next);
    Ok((context, body.unchanged))
}

/// The body of a story as HTML, and whether its file is still the one that the catalog knows.
pub(super) fn body(story: &Story<'_>, view: &View<'_>) -> Result<(String, bool), Vec<Diagnostic>> {
    let words = view.templates.languages.get(story.lang());
    Body::read(story, view, &words).map(|body| (body.rendered.html, body.unchanged))
}

/// What the file itself still has to say when its page is made.
struct Body {
    rendered: Rendered,
    extra: Value,
    unchanged: bool,
}

impl Body {
    fn read(story: &Story<'_>, view: &View<'_>, words: &Words) -> Result<Self, Vec<Diagnostic>> {
        let file = || format!("content/{}", story.path());
        let limits = &view.site.config.limits;
        let Redacted { bytes, names, .. } = read::redacted(view.site, &story.path()).map_err(|error| {
            vec![Diagnostic::error("unreadable", file(), format!("can't read it: {error}"))]
        })?;
        let details = story.details();
        let unchanged = Fingerprint::of(&bytes) == details.source;
        let text = std::str::from_utf8(&bytes).ok().filter(|_| unchanged);
        // The front matter was read when the file was parsed; only values of the site's own are looked up again.
        let more = story.flags().has(Flags::EXTRA);
        if let Some(text) = text.filter(|_| !more)
            && let Some(body) = text.get(details.body..)
        {
            let rendered =
                render(body, story, &names, view, words, |at| Place::at(text, details.body + at, 1))?;
            let extra = view.nothing.clone();
            return Ok(Self { rendered, extra, unchanged });
        }
        let file = file();
        let source = Source::read(&file, &bytes, limits).map_err(|mistake| vec![*mistake])?;
        let front = FrontMatter::parse(&source, view.site)?;
        let rendered = render(source.body(), story, &names, view, words, |at| source.body_place(at, 1))?;
        Ok(Self { rendered, extra: Value::from_serializable(&front.extra), unchanged })
    }
}

fn render(
    body: &str,
    story: &Story<'_>,
    names: &Names,
    view: &View<'_>,
    words: &Words,
    place: impl FnOnce(usize) -> Place,
) -> Result<Rendered, Vec<Diagnostic>> {
    // A retracted story's text goes everywhere, if the site says so.
    let expanded = shortcodes::expand(if story.is_removed(view.site) { "" } else { body });
    let settings = Settings {
        html: view.site.config.html,
        smart_punctuation: view.site.config.smart_punctuation,
        nesting: view.site.config.limits.nesting,
        dateline: story.place(),
        table_label: words.get("table"),
        alerts: ALERTS.map(|key| words.get(key)),
    };
    markdown::render(&expanded.body, &settings, &Links { view, path: &story.path(), names }).map_err(
        |TooDeep(at)| {
            let file = format!("content/{}", story.path());
            vec![markdown::nested_too_deep(&file, settings.nesting, place(at))]
        },
    )
}

/// A `mailto:` address that hands the story on (RFC 6068).
fn mailto(story: &Story<'_>, view: &View<'_>) -> String {
    let mut address = String::from("mailto:?subject=");
    encode_query(story.title(), &mut address);
    address.push_str("&body=");
    encode_query(&view.site.absolute(story.permalink()), &mut address);
    address
}

/// The same story in other languages, each with its language's name in itself.
fn translations(story: &Story<'_>, view: &View<'_>) -> Vec<Value> {
    let translations = story.translations().map(|row| {
        let other = view.catalog.story(row);
        Value::from(map! {
            "title" => other.title(),
            "url" => view.site.href(other.permalink()),
            "canonical" => view.site.absolute(other.permalink()),
            "lang" => other.lang(),
            "dir" => direction(other.lang()),
            "name" => super::language::name(other.lang(), &view.templates.languages),
        })
    });
    translations.collect()
}

/// The way to a story: its section, then its year, month and day.
pub(super) fn crumbs(story: &Story<'_>, view: &View<'_>) -> Vec<Value> {
    let section = Some(super::teaser::section(story, view)).filter(|section| !section.is_none());
    let day = view.days.get(story.day(), view).into_iter().flat_map(|known| known.crumbs.iter().cloned());
    section.into_iter().chain(day).collect()
}

fn terms(story: &Story<'_>, view: &View<'_>, taxonomy: &str) -> Vec<Value> {
    view.site.taxonomy(taxonomy).map_or(Vec::new(), |taxonomy| terms_of(story, view, taxonomy))
}

fn terms_of(story: &Story<'_>, view: &View<'_>, taxonomy: usize) -> Vec<Value> {
    let ids = story.term_ids().iter().filter(|&&id| view.catalog.term(id).taxonomy == taxonomy);
    ids.map(|&id| view.term(id)).collect()
}

/// Every other taxonomy that the story has terms of.
fn topics(story: &Story<'_>, view: &View<'_>) -> Vec<Value> {
    let taxonomies = view.site.taxonomies.iter().enumerate().filter(|(_, taxonomy)| taxonomy.is_topic);
    let topics = taxonomies.filter_map(|(number, taxonomy)| {
        let items = terms_of(story, view, number);
        let name = view.taxonomy_name(number, false);
        (!items.is_empty())
            .then(|| Value::from(map! { "key" => taxonomy.key.as_str(), "name" => name, "items" => items }))
    });
    topics.collect()
}

/// Finds out what addresses in the body of a file of `content/` stand for.
pub(super) struct Links<'a> {
    pub(super) view: &'a View<'a>,
    /// The file, relative to `content/`.
    pub(super) path: &'a str,
    /// The names that were taken out of it.
    pub(super) names: &'a Names,
}

impl Resolve for Links<'_> {
    fn image(&self, address: &str) -> Option<Image> {
        let site = self.view.site;
        picture(site, address, &references::resolve(site, self.path, address, self.names), self.names)
    }

    fn link(&self, address: &str) -> Option<String> {
        let asset = || match references::resolve(self.view.site, self.path, address, self.names) {
            Target::Asset(file) => asset_address(&file, self.names),
            _ => None,
        };
        if markdown::links_to_story(address) {
            let file = address.strip_prefix(STORY_SCHEME).unwrap_or(address);
            let story = self.view.catalog.find(file, self.path)?;
            let anchor = address.split_once('#').map(|(_, anchor)| format!("#{anchor}")).unwrap_or_default();
            return Some(self.view.site.href(story.permalink()) + &anchor);
        }
        if references::links_to_file(address)
            && let Some(published) = asset()
        {
            let rest = address.find(['?', '#']).map_or("", |at| &address[at..]);
            return Some(self.view.site.href(&published) + rest);
        }
        // An address that held a name leads nowhere any more.
        if address.contains(MARK) {
            return None;
        }
        match address.strip_prefix('/').filter(|_| !address.starts_with("//")) {
            Some(path) => Some(format!("{}{path}", self.view.site.path)),
            None => Some(address.to_owned()),
        }
    }
}

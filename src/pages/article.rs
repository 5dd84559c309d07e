//! The page of an article.

use tera::{Context, Map, Value};

use super::teaser::date_value;
use super::{
    Page, SiteView, Teasers, add_teaser_inputs, citations, corrections, history, map, related,
    structured_data,
};
use crate::archive::record::Flags;
use crate::archive::{Article, ArticleId};
use crate::config::{AUTHORS, CorrectionsPosition, RetractionPolicy, SERIES};
use crate::content::image::resolve_image;
use crate::content::markdown::{self, RenderSettings, RenderedBody, TooDeep, UrlResolver};
use crate::content::redaction::RedactedFile;
use crate::content::references::{self, ReferenceTarget, asset_url};
use crate::content::shortcodes::{self, ARTICLE_SCHEME};
use crate::content::{FrontMatter, SourceFile, read};
use crate::diagnostics::{Diagnostic, Location};
use crate::model::permalink::encode_query;
use crate::model::redaction::PLACEHOLDER;
use crate::model::{Fingerprint, Image, Inputs, RedactionMatcher};
use crate::templates::{Messages, direction};

/// The words for alerts, in the order of their kinds.
pub(super) const ALERT_MESSAGE_KEYS: [&str; 5] =
    ["alert_note", "alert_tip", "alert_important", "alert_warning", "alert_caution"];

pub(super) fn add_inputs(id: ArticleId, view: &SiteView<'_>, inputs: &mut Inputs) {
    let article = view.catalog.article(id);
    inputs.part(article.content_hash(), || {
        (format!("content/{}", article.path()), "file and pictures".into())
    });
    inputs.part(article.teaser_hash(), || ("its teaser".into(), article.title().to_owned()));
    for term in article.terms() {
        inputs
            .number("taxonomy", term.taxonomy)
            .text("term", &term.slug)
            .text("term's name", &term.name);
    }
    for (name, neighbor) in ["story before", "story after"].into_iter().zip(neighbors(id, view)) {
        match neighbor.map(|id| view.catalog.article(id)) {
            Some(article) => {
                inputs.part(article.teaser_hash(), || (name.into(), article.title().to_owned()))
            }
            None => inputs.text(name, ""),
        };
    }
    add_link_inputs(&article.details().links, &article.path(), view, inputs);
    related::add_inputs(&article, view, inputs);
    // A story that never changed is made from what it was made from.
    if let Some(link) = history::href(id, view) {
        inputs.text("address of its versions", &link);
    }
    inputs.number("translations", article.translations().count());
    add_teaser_inputs(article.translations(), view, inputs);
}

/// The addresses of the stories that a file links to.
pub(super) fn add_link_inputs(
    links: &[impl AsRef<str>],
    path: &str,
    view: &SiteView<'_>,
    inputs: &mut Inputs,
) {
    for link in links {
        let link = link.as_ref();
        let linked = view.catalog.find(link.strip_prefix(ARTICLE_SCHEME).unwrap_or(link), path);
        inputs.text("address of a linked story", linked.map_or("", |article| article.permalink()));
    }
}

/// The story before and the story after.
fn neighbors(id: ArticleId, view: &SiteView<'_>) -> [Option<ArticleId>; 2] {
    [id.checked_sub(1), Some(id + 1).filter(|&next| (next as usize) < view.catalog.len())]
}

/// The context, and whether the file is still the one that the catalog knows.
pub(super) fn context(
    page: &Page,
    id: ArticleId,
    view: &SiteView<'_>,
    teasers: &Teasers<'_>,
) -> Result<(Context, bool), Vec<Diagnostic>> {
    let article = view.catalog.article(id);
    let messages = view.templates.languages.get(article.lang());
    let body = ArticleBody::read(&article, view, &messages)?;
    let editorial_notes = article.details().editorial_notes;
    let mut map = Map::with_capacity_and_hasher(30, Default::default());
    let teaser = teasers.get(id);
    map.extend(
        teaser.as_map().into_iter().flatten().map(|(key, value)| (key.clone(), value.clone())),
    );
    let items = related::related_earlier(&article, view)
        .into_iter()
        .map(|id| teasers.related_earlier(id, &article, &messages));
    let related_earlier =
        items.collect::<Result<Vec<Value>, _>>().map_err(|diagnostic| vec![*diagnostic])?;
    let reactions =
        !article.flags().contains(Flags::REACTIONS_OFF) && view.site.config.reactions.is_some();
    let updated = article.updated_after_publication();
    if !messages.is_same(&view.messages) {
        map.extend(map! { "date" => date_value(article.date(), view, &messages) });
    }
    let breadcrumbs = breadcrumbs(&article, view);
    let config = &view.site.config;
    let metadata = match config.outputs.structured_data {
        true => Value::safe_string(&structured_data::render_article(
            &article,
            body.rendered.words,
            &editorial_notes.corrections,
            &breadcrumbs,
            view,
        )),
        false => Value::none(),
    };
    let cite = match config.outputs.citations {
        true => Value::safe_string(&citations::render_citations(&article, view, &messages)),
        false => Value::none(),
    };
    map.extend(map! {
        "body" => Value::safe_string(&body.rendered.html),
        "word_count" => body.rendered.words,
        "authors" => term_values(&article, view, AUTHORS),
        "updated" => updated.map(|updated| date_value(updated, view, &messages)),
        "structured_data" => metadata,
        "citations" => cite,
        "topics" => topic_values(&article, view),
        "series" => term_values(&article, view, SERIES),
        "series_part" => related::series_value(&article, view, &messages),
        "related_earlier" => related_earlier,
        "translations" => translation_values(&article, view),
        "mailto" => mailto_url(&article, view),
        "history" => history::href(id, view),
        "source" => article.source(),
        "original_url" => article.original_url(),
        "id" => article.own_id(),
        "reactions" => reactions,
        "corrections_first" => config.corrections.place == CorrectionsPosition::Top,
        "strike_through" => article.flags().contains(Flags::RETRACTED) && config.corrections.retracted == RetractionPolicy::Strike,
        "extra" => body.extra,
    });
    map.extend(
        corrections::editorial_values(&editorial_notes, view, &messages)
            .map(|(key, value)| (key.into(), value)),
    );
    let mut context =
        view.context(page, article.title(), article.standfirst(), article.lang(), breadcrumbs);
    context.insert_value("article", Value::from(map));
    let [previous, next] =
        neighbors(id, view).map(|id| id.map_or(Value::none(), |id| teasers.get(id)));
    context.insert_value("previous", previous);
    context.insert_value("next", next);
    Ok((context, body.unchanged))
}

/// The body of a story as HTML, and whether its file is still the one that the catalog knows.
pub(super) fn render_body(
    article: &Article<'_>,
    view: &SiteView<'_>,
) -> Result<(String, bool), Vec<Diagnostic>> {
    let messages = view.templates.languages.get(article.lang());
    ArticleBody::read(article, view, &messages).map(|body| (body.rendered.html, body.unchanged))
}

/// What the file itself still has to say when its page is made.
struct ArticleBody {
    rendered: RenderedBody,
    extra: Value,
    unchanged: bool,
}

impl ArticleBody {
    fn read(
        article: &Article<'_>,
        view: &SiteView<'_>,
        messages: &Messages,
    ) -> Result<Self, Vec<Diagnostic>> {
        let file = || format!("content/{}", article.path());
        let limits = &view.site.config.limits;
        let RedactedFile { bytes, matcher, .. } = read::read_redacted(view.site, &article.path())
            .map_err(|error| {
            vec![Diagnostic::error("unreadable", file(), format!("can't read it: {error}"))]
        })?;
        let details = article.details();
        let unchanged = Fingerprint::hash_bytes(&bytes) == details.file_hash;
        let text = std::str::from_utf8(&bytes).ok().filter(|_| unchanged);
        // The front matter was read when the file was parsed; only values of the site's own are
        // looked up again.
        let has_extra = article.flags().contains(Flags::EXTRA);
        if let Some(text) = text.filter(|_| !has_extra)
            && let Some(body) = text.get(details.body_start..)
        {
            let rendered = render_markdown(body, article, &matcher, view, messages, |offset| {
                Location::from_span(text, details.body_start + offset, 1)
            })?;
            let extra = view.empty_map.clone();
            return Ok(Self { rendered, extra, unchanged });
        }
        let file = file();
        let source =
            SourceFile::parse(&file, &bytes, limits).map_err(|diagnostic| vec![*diagnostic])?;
        let front_matter = FrontMatter::parse(&source, view.site)?;
        let rendered =
            render_markdown(source.body(), article, &matcher, view, messages, |offset| {
                source.body_location(offset, 1)
            })?;
        Ok(Self { rendered, extra: Value::from_serializable(&front_matter.extra), unchanged })
    }
}

fn render_markdown(
    body: &str,
    article: &Article<'_>,
    matcher: &RedactionMatcher,
    view: &SiteView<'_>,
    messages: &Messages,
    locate: impl FnOnce(usize) -> Location,
) -> Result<RenderedBody, Vec<Diagnostic>> {
    // A retracted story's text goes everywhere, if the site says so.
    let expanded = shortcodes::expand(if article.is_removed(view.site) { "" } else { body });
    let settings = RenderSettings {
        html: view.site.config.html,
        smart_punctuation: view.site.config.smart_punctuation,
        nesting: view.site.config.limits.nesting,
        dateline: article.dateline_location(),
        table_label: messages.get("table"),
        alerts: ALERT_MESSAGE_KEYS.map(|key| messages.get(key)),
    };
    markdown::render(
        &expanded.body,
        &settings,
        &LinkResolver { view, path: &article.path(), matcher },
    )
    .map_err(|TooDeep(offset)| {
        let file = format!("content/{}", article.path());
        vec![markdown::nesting_diagnostic(&file, settings.nesting, locate(offset))]
    })
}

/// A `mailto:` address that hands the story on (RFC 6068).
fn mailto_url(article: &Article<'_>, view: &SiteView<'_>) -> String {
    let mut url = String::from("mailto:?subject=");
    encode_query(article.title(), &mut url);
    url.push_str("&body=");
    encode_query(&view.site.absolute_url(article.permalink()), &mut url);
    url
}

/// The same story in other languages, each with its language's name in itself.
fn translation_values(article: &Article<'_>, view: &SiteView<'_>) -> Vec<Value> {
    let translations = article.translations().map(|id| {
        let other = view.catalog.article(id);
        Value::from(map! {
            "title" => other.title(),
            "url" => view.site.href(other.permalink()),
            "canonical" => view.site.absolute_url(other.permalink()),
            "lang" => other.lang(),
            "dir" => direction(other.lang()),
            "name" => super::language::display_name(other.lang(), &view.templates.languages),
        })
    });
    translations.collect()
}

/// The way to a story: its section, then its year, month and day.
pub(super) fn breadcrumbs(article: &Article<'_>, view: &SiteView<'_>) -> Vec<Value> {
    let section =
        Some(super::teaser::section_value(article, view)).filter(|section| !section.is_none());
    let day = view
        .day_cache
        .get(article.day(), view)
        .into_iter()
        .flat_map(|day_values| day_values.breadcrumbs.iter().cloned());
    section.into_iter().chain(day).collect()
}

fn term_values(article: &Article<'_>, view: &SiteView<'_>, taxonomy: &str) -> Vec<Value> {
    view.site
        .taxonomy_index(taxonomy)
        .map_or(Vec::new(), |taxonomy| term_values_in(article, view, taxonomy))
}

fn term_values_in(article: &Article<'_>, view: &SiteView<'_>, taxonomy: usize) -> Vec<Value> {
    let ids = article.term_ids().iter().filter(|&&id| view.catalog.term(id).taxonomy == taxonomy);
    ids.map(|&id| view.term_value(id)).collect()
}

/// Every other taxonomy that the story has terms of.
fn topic_values(article: &Article<'_>, view: &SiteView<'_>) -> Vec<Value> {
    let taxonomies =
        view.site.taxonomies.iter().enumerate().filter(|(_, taxonomy)| taxonomy.is_topic);
    let topics = taxonomies.filter_map(|(index, taxonomy)| {
        let items = term_values_in(article, view, index);
        let name = view.taxonomy_name(index, false);
        (!items.is_empty()).then(|| {
            Value::from(map! { "key" => taxonomy.key.as_str(), "name" => name, "items" => items })
        })
    });
    topics.collect()
}

/// Finds out what addresses in the body of a file of `content/` stand for.
pub(super) struct LinkResolver<'a> {
    pub(super) view: &'a SiteView<'a>,
    /// The file, relative to `content/`.
    pub(super) path: &'a str,
    /// The names that were taken out of it.
    pub(super) matcher: &'a RedactionMatcher,
}

impl UrlResolver for LinkResolver<'_> {
    fn resolve_image(&self, url: &str) -> Option<Image> {
        let site = self.view.site;
        resolve_image(
            site,
            url,
            &references::resolve_reference(site, self.path, url, self.matcher),
            self.matcher,
        )
    }

    fn resolve_link(&self, url: &str) -> Option<String> {
        let asset =
            || match references::resolve_reference(self.view.site, self.path, url, self.matcher) {
                ReferenceTarget::Asset(file) => asset_url(&file, self.matcher),
                _ => None,
            };
        if markdown::is_article_link(url) {
            let file = url.strip_prefix(ARTICLE_SCHEME).unwrap_or(url);
            let article = self.view.catalog.find(file, self.path)?;
            let anchor =
                url.split_once('#').map(|(_, anchor)| format!("#{anchor}")).unwrap_or_default();
            return Some(self.view.site.href(article.permalink()) + &anchor);
        }
        if references::is_file_link(url)
            && let Some(asset_path) = asset()
        {
            let suffix = url.find(['?', '#']).map_or("", |index| &url[index..]);
            return Some(self.view.site.href(&asset_path) + suffix);
        }
        // An address that held a name leads nowhere any more.
        if url.contains(PLACEHOLDER) {
            return None;
        }
        match url.strip_prefix('/').filter(|_| !url.starts_with("//")) {
            Some(path) => Some(format!("{}{path}", self.view.site.base_path)),
            None => Some(url.to_owned()),
        }
    }
}

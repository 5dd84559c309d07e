//! What a story's page tells machines: Open Graph and cards for those who share it, Highwire's tags for those who cite it, schema.org's NewsArticle for
//! search engines. One block of the head, made without a template: it holds nothing to look at. It is written straight into its place, since it is
//! made for every story.

use std::borrow::Cow;

use pulldown_cmark_escape::escape_html;

use super::filed::Filed;
use super::machines::json::Json;
use super::machines::ninjs_address;
use super::{Page, View};
use crate::catalog::Story;
use crate::catalog::record::{Flags, Note};
use crate::content::picture::cuts;
use crate::model::Image;
use crate::site::{Cut, Site};

/// How many tags are told.
const MOST_TAGS: usize = 20;

/// The block for a story, as HTML.
pub(super) fn of_story(
    story: &Story<'_>,
    words: usize,
    corrections: &[Note<'_>],
    crumbs: &[tera::Value],
    view: &View<'_>,
) -> String {
    let facts = Facts::of(story, view);
    let mut out = String::with_capacity(4096);
    facts.tags(story, view.site, &mut out);
    out.push_str("<script type=\"application/ld+json\">[");
    facts.article(story, words, corrections, view.site, &mut Json { out: &mut out });
    out.push(',');
    way(crumbs, view.site, &mut Json { out: &mut out });
    out.push_str("]</script>\n");
    out
}

/// The block for a page that lists stories, as HTML: none, if the site wants none.
pub(super) fn of_listing(
    page: &Page,
    title: &str,
    description: Option<&str>,
    lang: &str,
    crumbs: &[tera::Value],
    view: &View<'_>,
) -> Option<String> {
    let site = view.site;
    if !site.config.machines.metadata {
        return None;
    }
    let address = site.absolute(&page.address(view));
    let mut out = String::with_capacity(1024);
    meta("property=\"og:url", &address, &mut out);
    meta("property=\"og:locale", &lang.replace('-', "_"), &mut out);
    description.iter().for_each(|text| meta("property=\"og:description", text, &mut out));
    out.push_str("<script type=\"application/ld+json\">[");
    let mut json = Json { out: &mut out };
    json.open("{\"@context\":\"https://schema.org\",\"@type\":\"CollectionPage\"");
    json.text("url", &address);
    json.text("name", title);
    json.optional("description", description);
    json.text("inLanguage", lang);
    json.optional("license", site.config.machines.license.as_deref());
    paper(site, &mut json);
    json.key("publisher");
    publisher(site, &mut json);
    json.close();
    if !crumbs.is_empty() {
        json.open(",");
        way(crumbs, site, &mut json);
    }
    out.push_str("]</script>\n");
    Some(out)
}

/// A `meta` of the head; its name comes with the name of the attribute.
fn meta(start: &str, content: &str, out: &mut String) {
    out.push_str("<meta ");
    out.push_str(start);
    out.push_str("\" content=\"");
    // Writing to a string can't fail.
    let _ = escape_html(&mut *out, content);
    out.push_str("\">\n");
}

/// The address of a picture or a page, whole.
pub(super) fn absolute<'h>(site: &Site, href: &'h str) -> Cow<'h, str> {
    let origin = site.base_url.strip_suffix(site.path.trim_end_matches('/')).unwrap_or(&site.base_url);
    match href {
        _ if href.starts_with("//") => format!("https:{href}").into(),
        _ if href.starts_with('/') => format!("{origin}{href}").into(),
        _ => href.into(),
    }
}

struct Facts<'a> {
    address: String,
    published: String,
    modified: Option<String>,
    filed: Filed<'a>,
    image: Option<Image>,
}

impl<'a> Facts<'a> {
    fn of(story: &Story<'a>, view: &'a View<'_>) -> Self {
        let site = view.site;
        let mut filed = Filed::of(story, view);
        filed.tags.truncate(MOST_TAGS);
        Self {
            address: site.absolute(story.permalink()),
            published: story.date().iso(site.zone),
            modified: story.changed().map(|changed| changed.iso(site.zone)),
            filed,
            image: story.image(),
        }
    }

    /// Open Graph (ogp.me), a card, and Highwire's `citation_…`.
    fn tags(&self, story: &Story<'_>, site: &Site, out: &mut String) {
        let mut meta = |start: &str, content: &str| meta(start, content, out);
        meta("property=\"og:url", &self.address);
        meta("property=\"og:locale", &story.lang().replace('-', "_"));
        meta("property=\"article:published_time", &self.published);
        self.modified.iter().for_each(|modified| meta("property=\"article:modified_time", modified));
        self.filed.section.iter().for_each(|section| meta("property=\"article:section", section));
        self.filed.tags.iter().for_each(|tag| meta("property=\"article:tag", tag));
        story.standfirst().iter().for_each(|text| meta("property=\"og:description", text));
        if let Some(image) = &self.image {
            meta("property=\"og:image", &absolute(site, &image.src));
            if let Some((width, height)) = image.size {
                meta("property=\"og:image:width", &width.to_string());
                meta("property=\"og:image:height", &height.to_string());
            }
            if !image.alt.is_empty() {
                meta("property=\"og:image:alt", &image.alt);
            }
        }
        let card = if self.image.is_some() { "summary_large_image" } else { "summary" };
        meta("name=\"twitter:card", card);
        meta("name=\"citation_title", story.title());
        self.filed.authors.iter().for_each(|(name, _)| meta("name=\"citation_author", name));
        meta("name=\"citation_publication_date", &story.day().iso().replace('-', "/"));
        meta("name=\"citation_newspaper_title", &site.config.title);
        meta("name=\"citation_language", story.lang());
        // Zotero's own word for what this is, and the only one that it takes a newspaper's story by.
        meta("name=\"z:itemType", "newspaperArticle");
        meta("name=\"prism.publicationName", &site.config.title);
        meta("name=\"DC.title", story.title());
        self.filed.authors.iter().for_each(|(name, _)| meta("name=\"DC.creator", name));
        meta("name=\"DC.date", &story.day().iso());
        meta("name=\"DC.publisher", &site.config.title);
        meta("name=\"DC.language", story.lang());
        meta("name=\"DC.identifier", &self.address);
        self.links(story, site, out);
    }

    /// What a story is cited as, described by, and licensed under (RFC 8574, POWDER, RFC 4946).
    fn links(&self, story: &Story<'_>, site: &Site, out: &mut String) {
        let mut link = |rel: &str, href: &str| {
            out.push_str("<link rel=\"");
            out.push_str(rel);
            out.push_str("\" href=\"");
            let _ = escape_html(&mut *out, href);
            out.push_str("\">\n");
        };
        link("cite-as", &self.address);
        if site.config.machines.data.as_ref().is_some_and(|data| data.ninjs) {
            link("describedby\" type=\"application/json", &site.absolute(&ninjs_address(story)));
        }
        site.config.machines.license.iter().for_each(|license| link("license", license));
    }

    /// The story as schema.org's NewsArticle.
    fn article(
        &self,
        story: &Story<'_>,
        words: usize,
        corrections: &[Note<'_>],
        site: &Site,
        json: &mut Json<'_>,
    ) {
        json.open("{\"@context\":\"https://schema.org\",\"@type\":\"NewsArticle\"");
        json.text("url", &self.address);
        json.text("mainEntityOfPage", &self.address);
        json.text("headline", story.title());
        json.optional("description", story.standfirst());
        json.text("datePublished", &self.published);
        json.text("dateModified", self.modified.as_ref().unwrap_or(&self.published));
        json.text("inLanguage", story.lang());
        if story.flags().has(Flags::RETRACTED) {
            json.text("creativeWorkStatus", "Retracted");
        }
        json.number("wordCount", words);
        json.optional("dateline", story.place());
        json.optional("articleSection", self.filed.section);
        json.optional("identifier", story.own_id());
        if !self.filed.tags.is_empty() {
            json.list("keywords", &self.filed.tags, |json, tag| json.string(tag));
        }
        if self.filed.authors.is_empty() {
            json.key("author");
            publisher(site, json);
        } else {
            json.list("author", &self.filed.authors, |json, (name, url)| {
                json.open("{\"@type\":\"Person\"");
                json.text("name", name);
                json.text("url", url);
                json.close();
            });
        }
        if let Some(image) = &self.image {
            let cuts: Vec<(String, Cut)> = cuts(image, site).collect();
            if cuts.is_empty() {
                json.key("image");
                picture(image, &image.src, image.size, site, json);
            } else {
                let whole = (image.src.clone(), image.size);
                let cuts = cuts.into_iter().map(|(src, cut)| (src, Some(cut.size)));
                let all: Vec<(String, Option<(u32, u32)>)> = std::iter::once(whole).chain(cuts).collect();
                json.list("image", &all, |json, (src, size)| picture(image, src, *size, site, json));
            }
        }
        if !corrections.is_empty() {
            json.list("correction", corrections, |json, correction| {
                json.open("{\"@type\":\"CorrectionComment\"");
                json.text("text", correction.text);
                json.optional("datePublished", correction.date.map(|date| date.iso(site.zone)).as_deref());
                json.close();
            });
        }
        json.optional("license", site.config.machines.license.as_deref());
        json.optional("copyrightNotice", site.config.copyright.as_deref());
        paper(site, json);
        json.key("publisher");
        publisher(site, json);
        json.close();
    }
}

fn paper(site: &Site, json: &mut Json<'_>) {
    json.key("isPartOf");
    json.open("{\"@type\":\"Newspaper\"");
    json.text("name", &site.config.title);
    json.text("url", &site.absolute("/"));
    json.close();
}

/// The way to a story, its section, year, month and day, as schema.org's BreadcrumbList.
fn way(crumbs: &[tera::Value], site: &Site, json: &mut Json<'_>) {
    json.open("{\"@context\":\"https://schema.org\",\"@type\":\"BreadcrumbList\"");
    let crumbs: Vec<(usize, &tera::Value)> = crumbs.iter().enumerate().collect();
    json.list("itemListElement", &crumbs, |json, (at, crumb)| {
        let text = |key: &'static str| crumb.as_map()?.get(&key.into())?.as_str();
        json.open("{\"@type\":\"ListItem\"");
        json.number("position", at + 1);
        json.optional("name", text("name"));
        json.optional("item", text("url").map(|url| absolute(site, url)).as_deref());
        json.close();
    });
    json.close();
}

fn publisher(site: &Site, json: &mut Json<'_>) {
    json.open("{\"@type\":\"NewsMediaOrganization\"");
    json.text("name", &site.config.title);
    json.text("url", &site.absolute("/"));
    if let Some(logo) = &site.config.logo {
        json.key("logo");
        json.open("{\"@type\":\"ImageObject\"");
        json.text("url", &site.absolute(&format!("/{}", logo.trim_start_matches('/'))));
        json.close();
    }
    json.close();
}

/// A picture, or a cut of it.
fn picture(image: &Image, src: &str, size: Option<(u32, u32)>, site: &Site, json: &mut Json<'_>) {
    json.open("{\"@type\":\"ImageObject\"");
    json.text("url", &absolute(site, src));
    if let Some((width, height)) = size {
        json.number("width", width as usize);
        json.number("height", height as usize);
    }
    json.optional("caption", image.caption.as_deref());
    json.optional("creditText", image.credit.as_deref());
    json.close();
}

//! The structured data in a page's head: Open Graph and Twitter cards for sharing, Highwire tags
//! for citing, schema.org for search engines. It is one block of HTML, written without a template:
//! it isn't visible, and every article has it.

use pulldown_cmark_escape::escape_html;
use tera::Value;

use super::classification::Classification;
use super::json::JsonWriter;
use super::page_head::PageHead;
use super::urls::{absolute_url, ninjs_path};
use super::view::SiteView;
use crate::archive::Article;
use crate::archive::record::Flags;
use crate::config::{Crop, Site};
use crate::content::image::image_crops;
use crate::model::Image;

/// The maximum number of tags.
const MAX_TAGS: usize = 20;

/// Renders the block of an article.
pub(super) fn render_article(
    article: &Article<'_>,
    word_count: usize,
    breadcrumbs: &[Value],
    view: &SiteView<'_>,
) -> String {
    let metadata = ArticleMetadata::new(article, word_count, view);
    let mut out = String::with_capacity(4096);
    metadata.write_meta_tags(&mut out);
    metadata.write_links(&mut out);
    out.push_str("<script type=\"application/ld+json\">[");
    metadata.write_json_ld(&mut JsonWriter { out: &mut out });
    out.push(',');
    write_breadcrumbs(breadcrumbs, view.site, &mut JsonWriter { out: &mut out });
    out.push_str("]</script>\n");
    out
}

/// Renders the block of a page that lists articles.
pub(super) fn render_listing(url_path: &str, head: &PageHead<'_>, site: &Site) -> String {
    let url = site.absolute_url(url_path);
    let mut out = String::with_capacity(1024);
    write_meta_tag("property=\"og:url", &url, &mut out);
    write_meta_tag("property=\"og:locale", &head.lang.replace('-', "_"), &mut out);
    head.description
        .iter()
        .for_each(|text| write_meta_tag("property=\"og:description", text, &mut out));
    out.push_str("<script type=\"application/ld+json\">[");
    let mut json = JsonWriter { out: &mut out };
    json.raw("{\"@context\":\"https://schema.org\",\"@type\":\"CollectionPage\"");
    json.text("url", &url);
    json.text("name", head.title);
    json.optional_text("description", head.description);
    json.text("inLanguage", head.lang);
    json.optional_text("license", site.config.outputs.license.as_deref());
    write_newspaper(site, &mut json);
    json.key("publisher");
    write_publisher(site, &mut json);
    json.end_object();
    if !head.breadcrumbs.is_empty() {
        json.raw(",");
        write_breadcrumbs(&head.breadcrumbs, site, &mut json);
    }
    out.push_str("]</script>\n");
    out
}

/// Writes a `meta` element. `attribute` is the beginning of its first attribute: `name="author`.
fn write_meta_tag(attribute: &str, content: &str, out: &mut String) {
    out.push_str("<meta ");
    out.push_str(attribute);
    out.push_str("\" content=\"");
    // Writing to a string can't fail.
    let _ = escape_html(&mut *out, content);
    out.push_str("\">\n");
}

struct ArticleMetadata<'a> {
    article: &'a Article<'a>,
    site: &'a Site,
    word_count: usize,
    url: String,
    published: String,
    modified: Option<String>,
    classification: Classification<'a>,
    image: Option<Image>,
}

impl<'a> ArticleMetadata<'a> {
    fn new(article: &'a Article<'a>, word_count: usize, view: &'a SiteView<'_>) -> Self {
        let site = view.site;
        let mut classification = Classification::for_article(article, view);
        classification.tags.truncate(MAX_TAGS);
        Self {
            article,
            site,
            word_count,
            url: site.absolute_url(article.permalink()),
            published: article.date().iso(site.zone),
            modified: article.updated_after_publication().map(|changed| changed.iso(site.zone)),
            classification,
            image: article.image(),
        }
    }

    /// Writes Open Graph (ogp.me), a card, and Highwire's `citation_…`.
    fn write_meta_tags(&self, out: &mut String) {
        let (article, site) = (self.article, self.site);
        let mut meta = |attribute: &str, content: &str| write_meta_tag(attribute, content, out);
        meta("property=\"og:url", &self.url);
        meta("property=\"og:locale", &article.lang().replace('-', "_"));
        meta("property=\"article:published_time", &self.published);
        self.modified
            .iter()
            .for_each(|modified| meta("property=\"article:modified_time", modified));
        self.classification
            .section
            .iter()
            .for_each(|section| meta("property=\"article:section", section));
        self.classification.tags.iter().for_each(|tag| meta("property=\"article:tag", tag));
        article.standfirst().iter().for_each(|text| meta("property=\"og:description", text));
        if let Some(image) = &self.image {
            meta("property=\"og:image", &absolute_url(site, &image.src));
            if let Some((width, height)) = image.size {
                meta("property=\"og:image:width", &width.to_string());
                meta("property=\"og:image:height", &height.to_string());
            }
            if !image.alt.is_empty() {
                meta("property=\"og:image:alt", &image.alt);
            }
        }
        let card_type = if self.image.is_some() { "summary_large_image" } else { "summary" };
        meta("name=\"twitter:card", card_type);
        meta("name=\"citation_title", article.title());
        self.classification
            .authors
            .iter()
            .for_each(|(name, _)| meta("name=\"citation_author", name));
        meta("name=\"citation_publication_date", &article.day().iso().replace('-', "/"));
        meta("name=\"citation_newspaper_title", &site.config.title);
        meta("name=\"citation_language", article.lang());
        // Zotero recognizes a newspaper article only by this tag.
        meta("name=\"z:itemType", "newspaperArticle");
        meta("name=\"prism.publicationName", &site.config.title);
        meta("name=\"DC.title", article.title());
        self.classification.authors.iter().for_each(|(name, _)| meta("name=\"DC.creator", name));
        meta("name=\"DC.date", &article.day().iso());
        meta("name=\"DC.publisher", &site.config.title);
        meta("name=\"DC.language", article.lang());
        meta("name=\"DC.identifier", &self.url);
    }

    /// Writes the links that an article is cited as, described by, and licensed under (RFC 8574,
    /// POWDER, RFC 4946).
    fn write_links(&self, out: &mut String) {
        let mut write_link = |rel: &str, href: &str| {
            out.push_str("<link rel=\"");
            out.push_str(rel);
            out.push_str("\" href=\"");
            let _ = escape_html(&mut *out, href);
            out.push_str("\">\n");
        };
        write_link("cite-as", &self.url);
        if self.site.config.outputs.data.as_ref().is_some_and(|data| data.ninjs) {
            write_link(
                "describedby\" type=\"application/json",
                &self.site.absolute_url(&ninjs_path(self.article)),
            );
        }
        self.site.config.outputs.license.iter().for_each(|license| write_link("license", license));
    }

    /// Writes the article as schema.org's NewsArticle.
    fn write_json_ld(&self, json: &mut JsonWriter<'_>) {
        let (article, site) = (self.article, self.site);
        json.raw("{\"@context\":\"https://schema.org\",\"@type\":\"NewsArticle\"");
        json.text("url", &self.url);
        json.text("mainEntityOfPage", &self.url);
        json.text("headline", article.title());
        json.optional_text("description", article.standfirst());
        json.text("datePublished", &self.published);
        json.text("dateModified", self.modified.as_ref().unwrap_or(&self.published));
        json.text("inLanguage", article.lang());
        if article.flags().contains(Flags::RETRACTED) {
            json.text("creativeWorkStatus", "Retracted");
        }
        json.number("wordCount", self.word_count);
        json.optional_text("dateline", article.dateline_location());
        json.optional_text("articleSection", self.classification.section);
        json.optional_text("identifier", article.own_id());
        if !self.classification.tags.is_empty() {
            json.array("keywords", &self.classification.tags, |json, tag| json.string(tag));
        }
        self.write_authors(json);
        self.write_images(json);
        self.write_corrections(json);
        json.optional_text("license", site.config.outputs.license.as_deref());
        json.optional_text("copyrightNotice", site.config.copyright.as_deref());
        write_newspaper(site, json);
        json.key("publisher");
        write_publisher(site, json);
        json.end_object();
    }

    /// Writes the authors; the newspaper if there are none.
    fn write_authors(&self, json: &mut JsonWriter<'_>) {
        if self.classification.authors.is_empty() {
            json.key("author");
            write_publisher(self.site, json);
            return;
        }
        json.array("author", &self.classification.authors, |json, (name, url)| {
            json.raw("{\"@type\":\"Person\"");
            json.text("name", name);
            json.text("url", url);
            json.end_object();
        });
    }

    /// Writes the main image and its crops.
    fn write_images(&self, json: &mut JsonWriter<'_>) {
        let Some(image) = &self.image else { return };
        let crops: Vec<(String, Crop)> = image_crops(image, self.site).collect();
        if crops.is_empty() {
            json.key("image");
            write_image(image, &image.src, image.size, self.site, json);
            return;
        }
        let original = (image.src.clone(), image.size);
        let crops = crops.into_iter().map(|(src, crop)| (src, Some(crop.output_size)));
        let sources: Vec<(String, Option<(u32, u32)>)> =
            std::iter::once(original).chain(crops).collect();
        json.array("image", &sources, |json, (src, size)| {
            write_image(image, src, *size, self.site, json);
        });
    }

    fn write_corrections(&self, json: &mut JsonWriter<'_>) {
        let corrections = self.article.details().editorial_notes.corrections;
        if corrections.is_empty() {
            return;
        }
        json.array("correction", &corrections, |json, correction| {
            json.raw("{\"@type\":\"CorrectionComment\"");
            json.text("text", correction.text);
            let date = correction.date.map(|date| date.iso(self.site.zone));
            json.optional_text("datePublished", date.as_deref());
            json.end_object();
        });
    }
}

fn write_newspaper(site: &Site, json: &mut JsonWriter<'_>) {
    json.key("isPartOf");
    json.raw("{\"@type\":\"Newspaper\"");
    json.text("name", &site.config.title);
    json.text("url", &site.absolute_url("/"));
    json.end_object();
}

/// Writes breadcrumbs as schema.org's BreadcrumbList.
fn write_breadcrumbs(breadcrumbs: &[Value], site: &Site, json: &mut JsonWriter<'_>) {
    json.raw("{\"@context\":\"https://schema.org\",\"@type\":\"BreadcrumbList\"");
    let breadcrumbs: Vec<(usize, &Value)> = breadcrumbs.iter().enumerate().collect();
    json.array("itemListElement", &breadcrumbs, |json, (index, breadcrumb)| {
        let field = |key: &'static str| breadcrumb.as_map()?.get(&key.into())?.as_str();
        json.raw("{\"@type\":\"ListItem\"");
        json.number("position", index + 1);
        json.optional_text("name", field("name"));
        json.optional_text("item", field("url").map(|url| absolute_url(site, url)).as_deref());
        json.end_object();
    });
    json.end_object();
}

fn write_publisher(site: &Site, json: &mut JsonWriter<'_>) {
    json.raw("{\"@type\":\"NewsMediaOrganization\"");
    json.text("name", &site.config.title);
    json.text("url", &site.absolute_url("/"));
    if let Some(logo) = &site.config.logo {
        json.key("logo");
        json.raw("{\"@type\":\"ImageObject\"");
        json.text("url", &site.absolute_url(&format!("/{}", logo.trim_start_matches('/'))));
        json.end_object();
    }
    json.end_object();
}

/// Writes an image, or a crop of it.
fn write_image(
    image: &Image,
    src: &str,
    size: Option<(u32, u32)>,
    site: &Site,
    json: &mut JsonWriter<'_>,
) {
    json.raw("{\"@type\":\"ImageObject\"");
    json.text("url", &absolute_url(site, src));
    if let Some((width, height)) = size {
        json.number("width", width as usize);
        json.number("height", height as usize);
    }
    json.optional_text("caption", image.caption.as_deref());
    json.optional_text("creditText", image.credit.as_deref());
    json.end_object();
}

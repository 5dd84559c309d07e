//! The body of an article, rendered when its page is.

use tera::Value;

use super::view::SiteView;
use crate::archive::Article;
use crate::archive::record::Flags;
use crate::content::browser_url::normalize;
use crate::content::image::resolve_image;
use crate::content::markdown::{self, RenderSettings, RenderedBody, TooDeep, UrlResolver};
use crate::content::redaction::RedactedFile;
use crate::content::references::{self, ARTICLE_MARKER, ReferenceTarget, asset_url};
use crate::content::shortcodes;
use crate::content::{FrontMatter, SourceFile, read};
use crate::diagnostics::{Diagnostic, Location};
use crate::model::redaction::PLACEHOLDER;
use crate::model::{Fingerprint, Image, Inputs, RedactionMatcher};
use crate::templates::Messages;

/// The keys of the interface text that labels alerts, in the order of their kinds.
const ALERT_MESSAGE_KEYS: [&str; 5] =
    ["alert_note", "alert_tip", "alert_important", "alert_warning", "alert_caution"];

/// Adds the permalinks of the articles that a file links to.
pub(super) fn add_link_inputs(
    links: &[impl AsRef<str>],
    path: &str,
    view: &SiteView<'_>,
    inputs: &mut Inputs,
) {
    for link in links {
        let link = link.as_ref();
        let linked = view.find_linked(link.strip_prefix(ARTICLE_MARKER).unwrap_or(link), path);
        let permalink = linked.map_or("", |article| article.permalink());
        inputs.text("permalink of a linked article", permalink);
    }
}

/// Returns the settings that a Markdown body is rendered with.
pub(super) fn render_settings<'a>(
    dateline: Option<&'a str>,
    view: &SiteView<'_>,
    messages: &'a Messages,
) -> RenderSettings<'a> {
    let config = &view.site.config;
    RenderSettings {
        html: config.html,
        smart_punctuation: config.smart_punctuation,
        nesting: config.limits.nesting,
        dateline,
        table_label: messages.get("table"),
        alerts: ALERT_MESSAGE_KEYS.map(|key| messages.get(key)),
    }
}

/// The parts of an article that are read from its file when its page is rendered.
pub(super) struct ArticleBody {
    pub(super) rendered: RenderedBody,
    /// The site's own values in the front matter.
    pub(super) extra: Value,
    /// True if the file is still the one that was parsed.
    pub(super) unchanged: bool,
}

impl ArticleBody {
    /// Reads an article's file and renders its body.
    ///
    /// # Errors
    /// Diagnostics if the file can't be read, its front matter is invalid, or its body is nested
    /// too deeply.
    pub(super) fn read(
        article: &Article<'_>,
        view: &SiteView<'_>,
        messages: &Messages,
    ) -> Result<Self, Vec<Diagnostic>> {
        let file = format!("content/{}", article.path());
        let RedactedFile { bytes, matcher, .. } = read::read_redacted(view.site, &article.path())
            .map_err(|error| {
            vec![Diagnostic::error("unreadable", &file, format!("can't read it: {error}"))]
        })?;
        let details = article.details();
        let unchanged = Fingerprint::hash_bytes(&bytes) == details.file_hash;
        let text = std::str::from_utf8(&bytes).ok().filter(|_| unchanged);
        let renderer = BodyRenderer { article, matcher: &matcher, view, messages };
        // The front matter was read when the file was parsed; it is only parsed again for the
        // site's own values.
        let has_extra = article.flags().contains(Flags::EXTRA);
        if let Some(text) = text.filter(|_| !has_extra)
            && let Some(body) = text.get(details.body_start..)
        {
            let rendered = renderer
                .render(body, |offset| Location::from_span(text, details.body_start + offset, 1))?;
            return Ok(Self { rendered, extra: view.empty_map.clone(), unchanged });
        }
        let source = SourceFile::parse(&file, &bytes, &view.site.config.limits)
            .map_err(|diagnostic| vec![*diagnostic])?;
        let source = source.with_matcher(matcher.clone());
        let front_matter = FrontMatter::parse(&source, view.site)?;
        let rendered = renderer.render(source.body(), |offset| source.body_location(offset, 1))?;
        Ok(Self { rendered, extra: Value::from_serializable(&front_matter.extra), unchanged })
    }
}

struct BodyRenderer<'a> {
    article: &'a Article<'a>,
    matcher: &'a RedactionMatcher,
    view: &'a SiteView<'a>,
    messages: &'a Messages,
}

impl BodyRenderer<'_> {
    fn render(
        &self,
        body: &str,
        locate: impl FnOnce(usize) -> Location,
    ) -> Result<RenderedBody, Vec<Diagnostic>> {
        // The text of a retracted article is shown nowhere, if the site removes it.
        let is_removed = self.article.is_removed(self.view.site);
        let expanded = shortcodes::expand(if is_removed { "" } else { body });
        let settings = render_settings(self.article.dateline_location(), self.view, self.messages);
        let path = self.article.path();
        let resolver = LinkResolver { view: self.view, path: &path, matcher: self.matcher };
        let rendered = markdown::render(&expanded.body, &settings, &resolver)
            .map(|body| body.without_names(self.matcher));
        rendered.map_err(|TooDeep(offset)| {
            let file = format!("content/{path}");
            vec![markdown::nesting_diagnostic(&file, settings.nesting, locate(offset))]
        })
    }
}

/// Resolves the URLs in the body of a file of `content/`.
pub(super) struct LinkResolver<'a> {
    pub(super) view: &'a SiteView<'a>,
    /// The file, relative to `content/`.
    pub(super) path: &'a str,
    /// The names that are redacted in it.
    pub(super) matcher: &'a RedactionMatcher,
}

/// Returns true if a URL holds a name that is redacted, or held one: it is broken. A URL of a file
/// next to the article has a placeholder, by which the file is found.
fn is_url_with_name(url: &str, matcher: &RedactionMatcher) -> bool {
    let is_file = url.contains(PLACEHOLDER) && !references::has_scheme(url);
    !is_file && (url.contains(PLACEHOLDER) || matcher.is_match(url))
}

impl UrlResolver for LinkResolver<'_> {
    fn resolve_image(&self, url: &str) -> Option<Image> {
        let site = self.view.site;
        if is_url_with_name(url, self.matcher) {
            return None;
        }
        resolve_image(
            site,
            url,
            &references::resolve_reference(site, self.path, url, self.matcher),
            self.matcher,
        )
    }

    fn resolve_link(&self, url: &str) -> Option<String> {
        let url = &*normalize(url);
        let asset =
            || match references::resolve_reference(self.view.site, self.path, url, self.matcher) {
                ReferenceTarget::Asset(file) => asset_url(&file, self.matcher),
                _ => None,
            };
        if markdown::is_article_link(url) {
            let file = url.strip_prefix(ARTICLE_MARKER).unwrap_or(url);
            let article = self.view.find_linked(file, self.path)?;
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
        if url.contains(PLACEHOLDER) || is_url_with_name(url, self.matcher) {
            return None;
        }
        match url.strip_prefix('/').filter(|_| !url.starts_with("//")) {
            Some(path) => Some(format!("{}{path}", self.view.site.base_path)),
            None => Some(url.to_owned()),
        }
    }
}

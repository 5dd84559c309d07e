//! An article as feeds and data show it.

use std::borrow::Cow;

use super::super::body::{ArticleBody, add_link_inputs};
use super::super::classification::Classification;
use super::super::correction_index::CorrectionRef;
use super::super::teaser::add_teaser_inputs;
use super::super::view::SiteView;
use crate::archive::Article;
use crate::archive::record::Flags;
use crate::content::html::{self, Tag, UrlEdit};
use crate::content::references::has_scheme;
use crate::diagnostics::Diagnostic;
use crate::model::permalink::encode_ascii;
use crate::model::{Image, Inputs, Moment};

/// The values of an article, or of one of its corrections.
pub(super) struct ArticleEntry<'a> {
    pub(super) article: Article<'a>,
    /// The absolute URL.
    pub(super) url: String,
    /// The times of publication and of the last change (RFC 3339).
    pub(super) published: String,
    pub(super) updated: String,
    pub(super) classification: Classification<'a>,
    pub(super) image: Option<Image>,
    /// The body as HTML, if it is shown.
    pub(super) body: Option<String>,
    /// The headline, marked if the article was retracted.
    pub(super) title: Cow<'a, str>,
    /// The standfirst, or the text of the correction.
    pub(super) summary: Option<&'a str>,
    /// The time of publication.
    pub(super) date: Moment,
    /// The time of the last change.
    pub(super) changed: Moment,
    /// The number of the correction, which its id ends with.
    correction_number: Option<u32>,
    /// True unless the article's file was read again and is not the one that was parsed.
    pub(super) unchanged: bool,
}

/// Returns the time of an article's last change; that of its publication if there is none.
pub(super) fn last_changed(article: &Article<'_>) -> Moment {
    article.updated_after_publication().unwrap_or(article.date())
}

impl<'a> ArticleEntry<'a> {
    /// Collects the values of an article, without its body.
    pub(super) fn for_article(article: Article<'a>, view: &'a SiteView<'_>) -> Self {
        let site = view.site;
        let published = article.date().timestamp(site.zone);
        Self {
            url: site.absolute_url(article.permalink()),
            updated: article
                .updated_after_publication()
                .map_or_else(|| published.clone(), |changed| changed.timestamp(site.zone)),
            published,
            classification: Classification::for_article(&article, view),
            image: article.image(),
            body: None,
            title: listed_title(&article, view),
            summary: article.standfirst(),
            date: article.date(),
            changed: last_changed(&article),
            correction_number: None,
            unchanged: true,
            article,
        }
    }

    /// Collects the values of a correction.
    pub(super) fn for_correction(correction: CorrectionRef, view: &'a SiteView<'_>) -> Self {
        let article = view.catalog.article(correction.article);
        let timestamp = correction.moment().timestamp(view.site.zone);
        Self {
            url: view.site.absolute_url(article.permalink()) + &correction.anchor(),
            published: timestamp.clone(),
            updated: timestamp,
            title: format!("{}: {}", view.messages.get("corrected"), article.title()).into(),
            summary: Some(correction.text(view.catalog)),
            date: correction.moment(),
            changed: correction.moment(),
            correction_number: Some(correction.index + 1),
            image: None,
            ..Self::for_article(article, view)
        }
    }

    /// Adds the body.
    ///
    /// # Errors
    /// Diagnostics if the file can't be read or is invalid.
    pub(super) fn with_body(mut self, view: &SiteView<'_>) -> Result<Self, Vec<Diagnostic>> {
        let messages = view.templates.languages.get(self.article.lang());
        let body = ArticleBody::read(&self.article, view, &messages)?;
        self.body = Some(with_absolute_urls(&body.rendered.html, &self.url, view));
        self.unchanged = body.unchanged;
        Ok(self)
    }

    /// Returns the names of the section and of the topics.
    pub(super) fn categories(&self) -> impl Iterator<Item = &'a str> {
        self.classification.section.into_iter().chain(self.classification.tags.iter().copied())
    }

    /// Returns an id that doesn't change with the URL (RFC 4151), made from the day and the
    /// article's own id, or else the path of its file.
    pub(super) fn tag_uri(&self, view: &SiteView<'_>) -> String {
        let base = view.site.base_url.split("://").nth(1).unwrap_or_default();
        let host = base.split(['/', ':']).next().unwrap_or_default();
        let authority = view.feeds().and_then(|feeds| feeds.authority.as_deref());
        let specific = match self.article.own_id() {
            Some(id) => format!("/id/{id}"),
            None => format!("/{}", crate::archive::path_stem(&self.article.public_path())),
        };
        let mut uri = format!("tag:{},{}:", authority.unwrap_or(host), self.article.day().iso());
        encode_ascii(&specific, &mut uri);
        if let Some(number) = self.correction_number {
            uri.push_str(&format!("/correction-{number}"));
        }
        uri
    }
}

/// Returns a headline as lists outside the site show it.
fn listed_title<'a>(article: &Article<'a>, view: &SiteView<'_>) -> Cow<'a, str> {
    if article.flags().contains(Flags::RETRACTED) {
        format!("{}: {}", view.messages.get("retracted"), article.title()).into()
    } else {
        article.title().into()
    }
}

/// The parts of an article that an entry shows.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum EntryContent {
    /// Its title, its description and its terms.
    Summary,
    /// Its body, too.
    FullText,
}

/// Adds everything that an entry shows of an article to the inputs of its file.
pub(super) fn add_entry_inputs(
    article: &Article<'_>,
    content: EntryContent,
    view: &SiteView<'_>,
    inputs: &mut Inputs,
) {
    add_teaser_inputs([article.id], view, inputs);
    match article.own_id() {
        Some(id) => inputs.text("id", id),
        None => inputs.text("path of the file", &article.public_path()),
    };
    inputs.number("last change", article.updated().map_or(0, |updated| updated.seconds as u64));
    for term in article.terms() {
        inputs
            .number("taxonomy", term.taxonomy)
            .text("name of the term", &term.name)
            .text("term", &term.slug);
    }
    if content == EntryContent::FullText {
        inputs.part(article.content_hash(), || {
            (format!("content/{}", article.path()), "file and images".into())
        });
        add_link_inputs(&article.details().links, &article.path(), view, inputs);
    }
}

/// Makes the URLs in HTML absolute, for readers outside the site.
fn with_absolute_urls(html: &str, article_url: &str, view: &SiteView<'_>) -> String {
    let origin = view.site.base_url.strip_suffix(view.site.base_path.trim_end_matches('/'));
    let origin = origin.unwrap_or(&view.site.base_url);
    html::edit_urls(html, |tag, url| absolute_url_edit(tag, url, origin, article_url)).into_owned()
}

/// Returns the change that makes a URL absolute. An SVG element that refers to another one of the
/// same drawing still does.
fn absolute_url_edit(tag: &Tag<'_>, url: &str, origin: &str, article_url: &str) -> UrlEdit {
    match url.as_bytes() {
        [] => UrlEdit::Keep,
        [b'/', b'/', ..] => UrlEdit::Prefix("https:".into()),
        [b'/', ..] => UrlEdit::Prefix(origin.into()),
        [b'#', ..] if matches!(tag.name, "a" | "area") => UrlEdit::Prefix(article_url.into()),
        [b'#', ..] => UrlEdit::Keep,
        _ if has_scheme(url) => UrlEdit::Keep,
        _ => html::join_url(article_url, url).map_or(UrlEdit::Keep, UrlEdit::Replace),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn absolute(html: &str) -> String {
        let (origin, article_url) = ("https://t.example", "https://t.example/news/2024/talks/");
        html::edit_urls(html, |tag, url| absolute_url_edit(tag, url, origin, article_url))
            .into_owned()
    }

    #[test]
    fn every_url_can_be_followed_from_elsewhere() {
        for (url, expected) in [
            ("/news/a.png", "https://t.example/news/a.png"),
            ("//e.example/x", "https://e.example/x"),
            ("#part-2", "https://t.example/news/2024/talks/#part-2"),
            ("map.png", "https://t.example/news/2024/talks/map.png"),
            ("../other/?a=1&amp;b=2#c", "https://t.example/news/2024/other/?a=1&amp;b=2#c"),
            ("?page=2", "https://t.example/news/2024/talks/?page=2"),
            ("https://e.example/", "https://e.example/"),
            ("mailto:desk@t.example", "mailto:desk@t.example"),
            ("data:image/png;base64,aGk=", "data:image/png;base64,aGk="),
            ("", ""),
        ] {
            let html = |url: &str| format!("<p><a href=\"{url}\">href=\"{url}\"</a></p>");
            let expected = format!("<p><a href=\"{expected}\">href=\"{url}\"</a></p>");
            assert_eq!(absolute(&html(url)), expected);
        }
        let drawing = "<svg><use href=\"#gull\"/></svg>";
        assert_eq!(absolute(drawing), drawing);
    }
}

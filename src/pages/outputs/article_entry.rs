//! What feeds and data say of a story.

use std::borrow::Cow;

use super::super::classification::Classification;
use super::super::corrections::CorrectionRef;
use super::super::{SiteView, article};
use crate::archive::Article;
use crate::archive::record::Flags;
use crate::diagnostics::Diagnostic;
use crate::model::permalink::encode_ascii;
use crate::model::{Image, Inputs, Moment};

/// A story's facts as machines are told them.
pub(super) struct ArticleEntry<'a> {
    pub(super) article: Article<'a>,
    /// The absolute address.
    pub(super) url: String,
    /// When it was published, and when it was last changed: RFC 3339.
    pub(super) published: String,
    pub(super) updated: String,
    pub(super) classification: Classification<'a>,
    pub(super) image: Option<Image>,
    /// The whole story as HTML, if that is asked for.
    pub(super) body: Option<String>,
    /// The headline, marked if the story was retracted.
    pub(super) title: Cow<'a, str>,
    /// The standfirst, or what was put right.
    pub(super) summary: Option<&'a str>,
    /// When it was published.
    pub(super) date: Moment,
    /// When it was changed.
    pub(super) changed: Moment,
    /// What tells a correction from its story: the end of its id.
    correction_number: Option<u32>,
}

/// When a story was last changed, or published.
pub(super) fn last_changed(article: &Article<'_>) -> Moment {
    article.updated_after_publication().unwrap_or(article.date())
}

impl<'a> ArticleEntry<'a> {
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
            article,
        }
    }

    /// A correction of a story.
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

    /// The entry with the whole story; tells whether its file is still the one that the catalog
    /// knows.
    pub(super) fn with_body(
        mut self,
        view: &SiteView<'_>,
    ) -> Result<(Self, bool), Vec<Diagnostic>> {
        let (html, unchanged) = article::render_body(&self.article, view)?;
        self.body = Some(with_absolute_urls(&html, &self.url, view));
        Ok((self, unchanged))
    }

    /// The section and what the story is about.
    pub(super) fn categories(&self) -> impl Iterator<Item = &'a str> {
        self.classification.section.into_iter().chain(self.classification.tags.iter().copied())
    }

    /// A name that stays when the address changes (RFC 4151): made of the day and the story's own
    /// id, or else the place of its file.
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

/// A headline as lists outside the site show it.
fn listed_title<'a>(article: &Article<'a>, view: &SiteView<'_>) -> Cow<'a, str> {
    match article.flags().contains(Flags::RETRACTED) {
        true => format!("{}: {}", view.messages.get("retracted"), article.title()).into(),
        false => article.title().into(),
    }
}

/// What an entry shows of a story, for a page's inputs.
pub(super) fn add_entry_inputs(
    article: &Article<'_>,
    with_body: bool,
    view: &SiteView<'_>,
    inputs: &mut Inputs,
) {
    super::super::add_teaser_inputs([article.id], view, inputs);
    match article.own_id() {
        Some(id) => inputs.text("its id", id),
        None => inputs.text("its file", &article.public_path()),
    };
    inputs.number("its change", article.updated().map_or(0, |updated| updated.seconds as u64));
    for term in article.terms() {
        inputs
            .number("taxonomy", term.taxonomy)
            .text("its term", &term.name)
            .text("term", &term.slug);
    }
    if with_body {
        inputs.part(article.content_hash(), || {
            (format!("content/{}", article.path()), "file and pictures".into())
        });
        article::add_link_inputs(&article.details().links, &article.path(), view, inputs);
    }
}

/// HTML as it can be read elsewhere: addresses from the site's root, and those within the story,
/// are made absolute.
fn with_absolute_urls(html: &str, article_url: &str, view: &SiteView<'_>) -> String {
    let origin = view.site.base_url.strip_suffix(view.site.base_path.trim_end_matches('/'));
    let origin = origin.unwrap_or(&view.site.base_url);
    let mut out = String::with_capacity(html.len() + 256);
    let mut rest = html;
    while let Some(index) = rest.find("=\"") {
        let (before, after) = rest.split_at(index + 2);
        out.push_str(before);
        let name = before[..index].rsplit([' ', '<']).next().unwrap_or_default();
        let value = &after[..after.find('"').unwrap_or(after.len())];
        match name {
            "href" | "src" | "poster" | "cite" => {
                push_absolute_url(value, origin, article_url, &mut out)
            }
            "srcset" => {
                for (number, candidate) in value.split(", ").enumerate() {
                    out.push_str(if number > 0 { ", " } else { "" });
                    push_absolute_url(candidate, origin, article_url, &mut out);
                }
            }
            _ => out.push_str(value),
        }
        rest = &after[value.len()..];
    }
    out.push_str(rest);
    out
}

fn push_absolute_url(href: &str, origin: &str, article_url: &str, out: &mut String) {
    match href.as_bytes() {
        [b'/', b'/', ..] => out.push_str("https:"),
        [b'/', ..] => out.push_str(origin),
        [b'#', ..] => out.push_str(article_url),
        _ => {}
    }
    out.push_str(href);
}

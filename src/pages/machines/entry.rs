//! What feeds and data say of a story.

use std::borrow::Cow;

use super::super::corrections::Made;
use super::super::filed::Filed;
use super::super::{View, article};
use crate::catalog::Story;
use crate::catalog::record::Flags;
use crate::diagnostic::Diagnostic;
use crate::model::permalink::encode_ascii;
use crate::model::{Image, Inputs, Moment};

/// A story's facts as machines are told them.
pub(super) struct Entry<'a> {
    pub(super) story: Story<'a>,
    /// The absolute address.
    pub(super) address: String,
    /// When it was published, and when it was last changed: RFC 3339.
    pub(super) published: String,
    pub(super) updated: String,
    pub(super) filed: Filed<'a>,
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
    part: Option<u32>,
}

/// When a story was last changed, or published.
pub(super) fn updated(story: &Story<'_>) -> Moment {
    story.changed().unwrap_or(story.date())
}

impl<'a> Entry<'a> {
    pub(super) fn of(story: Story<'a>, view: &'a View<'_>) -> Self {
        let site = view.site;
        let published = story.date().timestamp(site.zone);
        Self {
            address: site.absolute(story.permalink()),
            updated: story
                .changed()
                .map_or_else(|| published.clone(), |changed| changed.timestamp(site.zone)),
            published,
            filed: Filed::of(&story, view),
            image: story.image(),
            body: None,
            title: title(&story, view),
            summary: story.standfirst(),
            date: story.date(),
            changed: updated(&story),
            part: None,
            story,
        }
    }

    /// A correction of a story.
    pub(super) fn of_correction(made: Made, view: &'a View<'_>) -> Self {
        let story = view.catalog.story(made.row);
        let when = made.moment().timestamp(view.site.zone);
        Self {
            address: view.site.absolute(story.permalink()) + &made.place(),
            published: when.clone(),
            updated: when,
            title: format!("{}: {}", view.words.get("corrected"), story.title()).into(),
            summary: Some(made.text(view.catalog)),
            date: made.moment(),
            changed: made.moment(),
            part: Some(made.number + 1),
            image: None,
            ..Self::of(story, view)
        }
    }

    /// The entry with the whole story; tells whether its file is still the one that the catalog knows.
    pub(super) fn with_body(mut self, view: &View<'_>) -> Result<(Self, bool), Vec<Diagnostic>> {
        let (html, unchanged) = article::body(&self.story, view)?;
        self.body = Some(absolute_links(&html, &self.address, view));
        Ok((self, unchanged))
    }

    /// The section and what the story is about.
    pub(super) fn categories(&self) -> impl Iterator<Item = &'a str> {
        self.filed.section.into_iter().chain(self.filed.tags.iter().copied())
    }

    /// A name that stays when the address changes (RFC 4151): made of the day and the story's own id, or else the place of its file.
    pub(super) fn id(&self, view: &View<'_>) -> String {
        let base = view.site.base_url.split("://").nth(1).unwrap_or_default();
        let host = base.split(['/', ':']).next().unwrap_or_default();
        let own = view.feeds().and_then(|feeds| feeds.authority.as_deref());
        let specific = match self.story.own_id() {
            Some(id) => format!("/id/{id}"),
            None => format!("/{}", crate::catalog::place_of(&self.story.public_path())),
        };
        let mut uri = format!("tag:{},{}:", own.unwrap_or(host), self.story.day().iso());
        encode_ascii(&specific, &mut uri);
        if let Some(part) = self.part {
            uri.push_str(&format!("/correction-{part}"));
        }
        uri
    }
}

/// A headline as lists outside the site show it.
fn title<'a>(story: &Story<'a>, view: &View<'_>) -> Cow<'a, str> {
    match story.flags().has(Flags::RETRACTED) {
        true => format!("{}: {}", view.words.get("retracted"), story.title()).into(),
        false => story.title().into(),
    }
}

/// What an entry shows of a story, for a page's inputs.
pub(super) fn inputs(story: &Story<'_>, body: bool, view: &View<'_>, inputs: &mut Inputs) {
    super::super::teasers_of([story.id], view, inputs);
    match story.own_id() {
        Some(id) => inputs.text("its id", id),
        None => inputs.text("its file", &story.public_path()),
    };
    inputs.number("its change", story.updated().map_or(0, |updated| updated.seconds as u64));
    for term in story.terms() {
        inputs.number("taxonomy", term.taxonomy).text("its term", &term.name).text("term", &term.slug);
    }
    if body {
        inputs.part(story.content(), || (format!("content/{}", story.path()), "file and pictures".into()));
        article::link_inputs(&story.details().links, &story.path(), view, inputs);
    }
}

/// HTML as it can be read elsewhere: addresses from the site's root, and those within the story, are made absolute.
fn absolute_links(html: &str, address: &str, view: &View<'_>) -> String {
    let origin = view.site.base_url.strip_suffix(view.site.path.trim_end_matches('/'));
    let origin = origin.unwrap_or(&view.site.base_url);
    let mut out = String::with_capacity(html.len() + 256);
    let mut rest = html;
    while let Some(at) = rest.find("=\"") {
        let (before, after) = rest.split_at(at + 2);
        out.push_str(before);
        let name = before[..at].rsplit([' ', '<']).next().unwrap_or_default();
        let value = &after[..after.find('"').unwrap_or(after.len())];
        match name {
            "href" | "src" | "poster" | "cite" => absolute(value, origin, address, &mut out),
            "srcset" => {
                for (number, candidate) in value.split(", ").enumerate() {
                    out.push_str(if number > 0 { ", " } else { "" });
                    absolute(candidate, origin, address, &mut out);
                }
            }
            _ => out.push_str(value),
        }
        rest = &after[value.len()..];
    }
    out.push_str(rest);
    out
}

fn absolute(href: &str, origin: &str, address: &str, out: &mut String) {
    match href.as_bytes() {
        [b'/', b'/', ..] => out.push_str("https:"),
        [b'/', ..] => out.push_str(origin),
        [b'#', ..] => out.push_str(address),
        _ => {}
    }
    out.push_str(href);
}

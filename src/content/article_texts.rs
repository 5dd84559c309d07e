//! The texts of front matter as plain text.

use super::front_matter::FrontMatter;
use super::plain_text::to_plain_text;
use crate::model::redaction::PLACEHOLDER;

/// Turns the texts of front matter into plain text; empty ones are removed.
pub(super) fn clean_texts(front_matter: &mut FrontMatter) {
    let clean = |text: &mut Option<String>| {
        *text = text.take().map(|text| to_plain_text(&text)).filter(|text| !text.is_empty());
    };
    for text in [
        &mut front_matter.description,
        &mut front_matter.dateline,
        &mut front_matter.origin,
        &mut front_matter.original_url,
        &mut front_matter.id,
        &mut front_matter.translation_of,
        &mut front_matter.status_reason,
    ] {
        clean(text);
    }
    if let Some(dateline) = &mut front_matter.dateline {
        dateline.truncate(dateline.trim_end_matches([':', '—', '–', '-', ' ']).len());
    }
    front_matter.original_url.take_if(|url| !is_web_url(url) || url.contains(PLACEHOLDER));
    if let Some(image) = &mut front_matter.image {
        image.alt = to_plain_text(&image.alt);
        clean(&mut image.caption);
        clean(&mut image.credit);
    }
}

fn is_web_url(url: &str) -> bool {
    url.starts_with("https://") || url.starts_with("http://")
}

//! Shortcodes: those of WordPress become HTML. Of others, which belong to plugins, the tags are
//! left out and their contents stay; in brackets without an argument or an end (`[sic]`) is text.

use std::collections::HashSet;

use super::super::difference::{Difference, Part, Rule};
use super::super::read::UrlMap;
use super::super::verify::html_words;
use super::scan::{Piece, piece_at};
use super::shortcode_tag::ShortcodeTag;
use crate::content::html::escape;
use crate::content::plain_text::to_plain_text;

/// The scheme of the URL by which a gallery refers to an attachment: `attachment:12`.
const ATTACHMENT_SCHEME: &str = "attachment:";
/// Shortcodes of code, whose contents are text.
const CODE_NAMES: [&str; 6] = ["code", "highlight", "php", "python", "source", "sourcecode"];
/// Shortcodes of pages with videos, with the URL before a video's id.
const VIDEO_PAGES: [(&str, &str); 4] = [
    ("dailymotion", "https://www.dailymotion.com/video/"),
    ("ted", "https://www.ted.com/talks/"),
    ("vimeo", "https://vimeo.com/"),
    ("youtube", "https://www.youtube.com/watch?v="),
];

/// Replaces the shortcodes in a body.
pub(super) fn expand(source: &str, urls: UrlMap<'_>, differences: &mut Vec<Difference>) -> String {
    let mut expander = Expander {
        source,
        out: String::with_capacity(source.len()),
        closed_names: find_closed_names(source),
        urls,
        differences,
    };
    let mut at = 0;
    while let Some(offset) = memchr::memchr2(b'<', b'[', &source.as_bytes()[at..]) {
        let start = at + offset;
        expander.out.push_str(&source[at..start]);
        at = if source[start..].starts_with('[') {
            expander.bracket(start)
        } else {
            let end = match piece_at(source, start) {
                Piece::Markup(end) => end,
                Piece::Text => start + 1,
            };
            expander.out.push_str(&source[start..end]);
            end
        };
    }
    expander.out.push_str(&source[at..]);
    expander.out
}

/// Returns the names of shortcodes that are closed somewhere.
fn find_closed_names(source: &str) -> HashSet<String> {
    let ends = memchr::memmem::find_iter(source.as_bytes(), b"[/");
    let tags = ends.filter_map(|at| ShortcodeTag::parse(&source[at..]));
    tags.map(|tag| tag.name).collect()
}

struct Expander<'e, 'u> {
    source: &'e str,
    out: String,
    /// The names of shortcodes that may have an end after the current byte.
    closed_names: HashSet<String>,
    urls: UrlMap<'u>,
    differences: &'e mut Vec<Difference>,
}

impl<'e> Expander<'e, '_> {
    /// Writes what begins with a bracket. Returns the byte after it.
    fn bracket(&mut self, start: usize) -> usize {
        let source = self.source;
        let rest = &source[start..];
        // `[[name]]` shows a shortcode.
        if rest.starts_with("[[")
            && let Some(tag) = ShortcodeTag::parse(&rest[1..])
            && rest[1 + tag.source.len()..].starts_with(']')
        {
            self.out.push_str(tag.source);
            return start + tag.source.len() + 2;
        }
        let Some(tag) = ShortcodeTag::parse(rest).filter(|tag| self.is_shortcode(tag)) else {
            self.out.push('[');
            return start + 1;
        };
        let end = start + tag.source.len();
        self.remove(tag.source);
        let written = if tag.is_closing { None } else { self.expand_tag(&tag, end) };
        written.unwrap_or_else(|| {
            self.join_words(end);
            end
        })
    }

    /// Returns true for a shortcode, and false for other text in brackets.
    fn is_shortcode(&self, tag: &ShortcodeTag<'_>) -> bool {
        let has_argument = tag.arguments.iter().any(|(name, _)| {
            name.starts_with(|c: char| c.is_ascii_alphabetic())
                && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'))
        });
        let is_known = matches!(tag.name.as_str(), "gallery" | "audio" | "video" | "playlist")
            || is_video_page(&tag.name);
        has_argument || is_known || self.closed_names.contains(&tag.name)
    }

    /// Writes a shortcode and, if they belong to it, its contents. Returns the byte after them.
    fn expand_tag(&mut self, tag: &ShortcodeTag<'_>, end: usize) -> Option<usize> {
        match tag.name.as_str() {
            "caption" | "wp_caption" => self.caption(tag, end),
            "embed" => self.embed(tag, end),
            "audio" | "video" => {
                self.media(tag);
                None
            }
            "gallery" | "playlist" => {
                self.gallery(tag);
                None
            }
            name if CODE_NAMES.contains(&name) => self.code(tag, end),
            name if is_video_page(name) => {
                let (contents, next) = self.contents(tag, end).unwrap_or(("", end));
                self.video_page(tag, contents.trim());
                Some(next)
            }
            _ => None,
        }
    }

    /// Returns the text up to the end of a shortcode, and the byte after that. The end is recorded
    /// as left out.
    fn contents(&mut self, tag: &ShortcodeTag<'_>, start: usize) -> Option<(&'e str, usize)> {
        if !self.closed_names.contains(&tag.name) {
            return None;
        }
        let name = &tag.source[1..=tag.name.len()];
        let end_tag = format!("[/{name}]");
        let rest = &self.source[start..];
        let Some(length) = memchr::memmem::find(rest.as_bytes(), end_tag.as_bytes()) else {
            // None of those after this byte have an end either.
            self.closed_names.remove(&tag.name);
            return None;
        };
        self.remove(&end_tag);
        Some((&rest[..length], start + length + end_tag.len()))
    }

    fn remove(&mut self, source: &str) {
        let text = html_words(source).join(" ");
        let text = if text.is_empty() { source } else { &text };
        self.differences.push(Difference::removed(Rule::Shortcode, Part::Text, text));
    }

    /// Records that the text before a shortcode and the text after it became one word.
    fn join_words(&mut self, end: usize) {
        let is_word = |c: &char| c.is_alphanumeric();
        let after: String = self.source[end..].chars().take_while(is_word).collect();
        let mut before: Vec<char> = self.out.chars().rev().take_while(is_word).collect();
        before.reverse();
        let before: String = before.into_iter().collect();
        if !before.is_empty() && !after.is_empty() {
            let (removed, added) = (format!("{before} {after}"), format!("{before}{after}"));
            let difference = Difference::changed(Rule::Shortcode, Part::Text, &removed, &added);
            self.differences.push(difference);
        }
    }

    /// Records text, and a link or an image, that an argument of a shortcode becomes.
    fn add(&mut self, part: Part, added: &str) {
        self.differences.push(Difference::added(Rule::Shortcode, part, added));
    }

    /// Writes an image with its caption as a figure.
    fn caption(&mut self, tag: &ShortcodeTag<'_>, end: usize) -> Option<usize> {
        let (contents, next) = self.contents(tag, end)?;
        let image_end = end_of_image(contents);
        let (image, text) = contents.split_at(image_end);
        let argument = tag.argument("caption").unwrap_or_default();
        if !argument.is_empty() {
            let words = html_words(argument).join(" ");
            self.add(Part::Text, &words);
        }
        self.out.push_str(&format!(
            "<figure>{}<figcaption>{}{argument}</figcaption></figure>",
            image.trim(),
            text.trim()
        ));
        Some(next)
    }

    /// Writes the URL of a page to embed as a link.
    fn embed(&mut self, tag: &ShortcodeTag<'_>, end: usize) -> Option<usize> {
        let (contents, next) = self.contents(tag, end)?;
        self.link(contents.trim(), contents.trim());
        Some(next)
    }

    /// Writes a paragraph with a link; `text` is in HTML.
    fn link(&mut self, url: &str, text: &str) {
        self.add(Part::Link, &decode(url));
        self.out.push_str(&format!("<p><a href=\"{}\">{text}</a></p>", url.replace('"', "%22")));
    }

    /// Writes a player, which a link replaces when HTML is read.
    fn media(&mut self, tag: &ShortcodeTag<'_>) {
        const SOURCES: [&str; 9] = ["src", "mp3", "mp4", "m4a", "m4v", "ogg", "webm", "wav", "flv"];
        let source =
            SOURCES.iter().find_map(|name| tag.argument(name)).or_else(|| tag.positional());
        if let Some(source) = source {
            let name = &tag.name;
            let source = source.replace('"', "%22");
            self.out.push_str(&format!("<{name} src=\"{source}\"></{name}>"));
        }
    }

    /// Writes the images or files of a gallery whose URLs are known.
    fn gallery(&mut self, tag: &ShortcodeTag<'_>) {
        let ids = tag.argument("ids").or_else(|| tag.argument("include")).unwrap_or_default();
        for id in ids.split(',').map(str::trim).filter(|id| !id.is_empty()) {
            let Some(url) = (self.urls)(&format!("{ATTACHMENT_SCHEME}{id}")) else { continue };
            let url = escape(&url);
            if tag.name == "gallery" {
                self.add(Part::Image, &decode(&url));
                self.out.push_str(&format!("<figure><img src=\"{url}\"></figure>"));
            } else {
                self.out.push_str(&format!("<audio src=\"{url}\"></audio>"));
            }
        }
    }

    fn video_page(&mut self, tag: &ShortcodeTag<'_>, contents: &str) {
        let video =
            tag.argument("id").or_else(|| tag.argument("src")).or_else(|| tag.argument("url"));
        let equals =
            || tag.source.split_once('=').map(|(_, rest)| rest.trim_end_matches(']').trim());
        let of_contents = || Some(contents).filter(|contents| !contents.is_empty());
        let video = video.or_else(|| tag.positional()).or_else(of_contents).or_else(equals);
        let Some(video) = video.map(|video| video.trim_matches(['"', '\'', '='])) else { return };
        let page = VIDEO_PAGES.iter().find(|(name, _)| *name == tag.name);
        let url = match page {
            Some((_, start)) if !video.contains('/') => format!("{start}{video}"),
            _ => video.to_owned(),
        };
        let host = url.split_once("//").map_or("", |(_, rest)| rest);
        let text = format!("▶ {}", host.split('/').next().unwrap_or_default());
        self.add(Part::Text, &text);
        if !contents.is_empty() {
            let words = html_words(contents).join(" ");
            let difference = Difference::removed(Rule::Shortcode, Part::Text, &words);
            self.differences.push(difference);
        }
        self.link(&url, &escape(&text));
    }

    /// Writes code, in which markup is text.
    fn code(&mut self, tag: &ShortcodeTag<'_>, end: usize) -> Option<usize> {
        let (contents, next) = self.contents(tag, end)?;
        let language = tag.argument("language").or_else(|| tag.argument("lang"));
        let class =
            language.map_or(String::new(), |name| format!(" class=\"language-{}\"", escape(name)));
        let code = contents.trim_matches(['\n', '\r']).replace('<', "&lt;");
        let (before, after) = (html_words(contents), html_words(&code));
        if before != after {
            let (removed, added) = (before.join(" "), after.join(" "));
            let difference = Difference::changed(Rule::Shortcode, Part::Text, &removed, &added);
            self.differences.push(difference);
        }
        self.out.push_str(&format!("<pre{class}>{code}</pre>"));
        Some(next)
    }
}

/// Returns a text with its character references decoded.
fn decode(text: &str) -> String {
    to_plain_text(text)
}

/// Returns the end of the image at the start of a caption, with the link around it.
fn end_of_image(contents: &str) -> usize {
    let mut at = 0;
    let mut end = 0;
    while let Some(offset) = memchr::memchr(b'<', &contents.as_bytes()[at..]) {
        let start = at + offset;
        let tag_end = match piece_at(contents, start) {
            Piece::Markup(end) => end,
            Piece::Text => start + 1,
        };
        let tag = &contents[start..tag_end];
        let closes_link =
            tag.eq_ignore_ascii_case("</a>") && contents[end..start].trim().is_empty();
        if end > 0 {
            return if closes_link { tag_end } else { end };
        }
        if tag.len() > 4 && tag[..4].eq_ignore_ascii_case("<img") {
            end = tag_end;
        }
        at = tag_end;
    }
    end
}

/// Returns true for the shortcode of a page with videos.
fn is_video_page(name: &str) -> bool {
    VIDEO_PAGES.iter().any(|(known, _)| *known == name)
}

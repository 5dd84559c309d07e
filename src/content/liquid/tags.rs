//! The tags that stand for Markdown.

use std::collections::BTreeMap;
use std::ops::Range;

use super::scanner::{FoundTag, TagForm, TagScanner, may_have_tags};
use crate::config::is_markdown_path;
use crate::content::markdown::code_ranges;

/// The files that themes include for an image: the names without folder and extension.
const FIGURE_INCLUDES: [&str; 8] =
    ["figure", "figure2", "image", "img", "picture", "photo", "responsive-image", "image-caption"];

/// The files that themes include for a video, each with the name of its shortcode.
const VIDEO_INCLUDES: [(&str, &str); 4] = [
    ("youtube", "youtube"),
    ("youtubePlayer", "youtube"),
    ("youtube-player", "youtube"),
    ("vimeo", "vimeo"),
];

/// The names that themes give to the parameters of an image, with the name of the shortcode's.
const FIGURE_PARAMETERS: [(&str, &str); 16] = [
    ("src", "src"),
    ("url", "src"),
    ("path", "src"),
    ("file", "src"),
    ("image", "src"),
    ("img", "src"),
    ("image_path", "src"),
    ("alt", "alt"),
    ("image_alt", "alt"),
    ("caption", "caption"),
    ("title", "caption"),
    ("description", "caption"),
    ("credit", "credit"),
    ("attribution", "credit"),
    ("author", "credit"),
    ("source", "credit"),
];

/// Filters that don't change the URL of a file of the site.
const URL_FILTERS: [&str; 6] = [
    "relative_url",
    "absolute_url",
    "prepend: site.baseurl",
    "prepend: site.url",
    "prepend:site.baseurl",
    "prepend:site.url",
];

/// The objects of Jekyll. An output of another name may be text.
const OBJECTS: [&str; 7] =
    ["site.", "page.", "include.", "layout.", "post.", "paginator.", "jekyll."];

/// Expands the tags of a body outside code and outside literal ranges; `None` if there are none.
/// Adds the names of those that are removed.
pub(super) fn expand(
    body: &str,
    literal: &[Range<usize>],
    removed: &mut Vec<String>,
) -> Option<String> {
    if !may_have_tags(body) {
        return None;
    }
    let code = code_ranges(body);
    let mut out = String::new();
    let mut copied_to = 0;
    for tag in TagScanner::new(body) {
        if contains(&code, tag.range.start) || contains(literal, tag.range.start) {
            continue;
        }
        let replacement = match replace(&tag, &body[tag.range.end..]) {
            Replacement::Markdown(markdown) => markdown,
            Replacement::Text => continue,
            Replacement::Removed(name) => {
                removed.extend(name);
                String::new()
            }
        };
        let range = if replacement.is_empty() {
            removed_range(body, tag.range.clone())
        } else {
            tag.range.clone()
        };
        out.push_str(&body[copied_to..range.start.max(copied_to)]);
        out.push_str(&replacement);
        copied_to = range.end;
    }
    (copied_to > 0).then(|| out + &body[copied_to..])
}

fn contains(ranges: &[Range<usize>], offset: usize) -> bool {
    let next = ranges.partition_point(|range| range.end <= offset);
    ranges.get(next).is_some_and(|range| range.contains(&offset))
}

/// Returns the range that is removed with a tag. A line that holds only a tag becomes a blank line,
/// as in Jekyll; next to a line of HTML it goes, because a blank line would end a block of HTML.
fn removed_range(body: &str, tag: Range<usize>) -> Range<usize> {
    let start = body[..tag.start].trim_end_matches([' ', '\t']).len();
    let after = body[tag.end..].trim_start_matches([' ', '\t', '\r']);
    let line_break = usize::from(after.starts_with('\n'));
    let end = body.len() - after.len() + line_break;
    let is_alone =
        (start == 0 || body[..start].ends_with('\n')) && (line_break == 1 || after.is_empty());
    let is_html = |line: Option<&str>| line.is_some_and(|line| line.trim_start().starts_with('<'));
    let is_in_html =
        || is_html(body[..start].lines().next_back()) && is_html(body[end..].lines().next());
    if is_alone && is_in_html() { start..end } else { tag }
}

/// The meaning of a tag.
enum Replacement {
    Markdown(String),
    /// It isn't a tag.
    Text,
    /// Nothing stands for it. A tag that closes a block or divides it has no name.
    Removed(Option<String>),
}

/// Returns the replacement of a tag, which is followed by `after`.
fn replace(tag: &FoundTag<'_>, after: &str) -> Replacement {
    match tag.form {
        TagForm::Statement => replace_statement(tag),
        TagForm::Output => replace_output(tag.content, after),
    }
}

fn replace_statement(tag: &FoundTag<'_>) -> Replacement {
    let (name, rest) = tag.name_and_rest();
    let argument = rest.split_whitespace().next().map(|word| word.trim_matches(['"', '\'']));
    let markdown = match (name, argument) {
        _ if !name.starts_with(|c: char| c.is_ascii_alphabetic()) => return Replacement::Text,
        ("post_url" | "link", Some(target)) => Some(link_target(name, target)),
        ("gist", Some(id)) if is_url_path(id) => {
            Some(format!("[Gist {id}](https://gist.github.com/{id})"))
        }
        ("youtube" | "vimeo", Some(id)) => Some(format!("{{{{< {name} {} >}}}}", quoted(id))),
        ("include", Some(file)) => include(file, rest),
        _ => zola_shortcode(name, rest),
    };
    if let Some(markdown) = markdown {
        return Replacement::Markdown(markdown);
    }
    let is_end = name.starts_with("end") || matches!(name, "else" | "elsif" | "when");
    Replacement::Removed((!is_end).then(|| match (name, argument) {
        ("include", Some(file)) => format!("{{% include {file} %}}"),
        _ => format!("{{% {name} %}}"),
    }))
}

/// Returns the URL of a file of the site: a reference to an article, or a path.
fn link_target(name: &str, target: &str) -> String {
    let is_article = name == "post_url" || is_markdown_path(target);
    let slash = if name == "link" && !target.starts_with('/') { "/" } else { "" };
    match is_article {
        true => format!("{{{{< ref {} >}}}}", quoted(&format!("{slash}{target}"))),
        false => format!("{slash}{target}"),
    }
}

/// Returns the shortcode for a file that a theme includes: an image or a video.
fn include(file: &str, arguments: &str) -> Option<String> {
    let name = file.rsplit('/').next().unwrap_or(file);
    let name = name.split('.').next().unwrap_or(name).trim_start_matches('_');
    let parameters = parse_parameters(arguments);
    if FIGURE_INCLUDES.contains(&name) {
        let mut named = BTreeMap::new();
        for (key, value) in &parameters {
            let known = FIGURE_PARAMETERS.iter().find(|(known, _)| known == key);
            if let Some((_, parameter)) = known {
                named.entry(*parameter).or_insert(value);
            }
        }
        let arguments: Vec<String> =
            named.iter().map(|(key, value)| format!("{key}={}", quoted(value))).collect();
        let has_source = named.contains_key("src");
        return has_source.then(|| format!("{{{{< figure {} >}}}}", arguments.join(" ")));
    }
    let (_, shortcode) = VIDEO_INCLUDES.iter().find(|(known, _)| *known == name)?;
    let (_, id) = parameters.iter().find(|(key, _)| matches!(key.as_str(), "id" | "video_id"))?;
    Some(format!("{{{{< {shortcode} {} >}}}}", quoted(id)))
}

/// Returns the shortcode for one of Zola: `youtube(id="…")`.
fn zola_shortcode(name: &str, rest: &str) -> Option<String> {
    let arguments = rest.strip_prefix('(')?.strip_suffix(')')?;
    if !matches!(name, "youtube" | "vimeo" | "figure" | "image" | "img" | "gist") {
        return None;
    }
    let parameters = parse_parameters(arguments);
    if name == "gist" {
        let url = parameters.iter().find(|(key, _)| key == "url").map(|(_, url)| url)?;
        let id = url.strip_prefix("https://gist.github.com/").filter(|id| is_url_path(id))?;
        return Some(format!("[Gist {id}]({url})"));
    }
    let arguments: Vec<String> =
        parameters.iter().map(|(key, value)| format!("{key}={}", quoted(value))).collect();
    Some(format!("{{{{< {name} {} >}}}}", arguments.join(" ")))
}

/// Returns the named parameters with a quoted value: `src="a" alt='b', caption="c"`.
fn parse_parameters(text: &str) -> Vec<(String, String)> {
    let mut parameters = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('=') {
        let before = before.trim_end();
        let is_end = |c: char| !c.is_ascii_alphanumeric() && !matches!(c, '_' | '-');
        let key = &before[before.rfind(is_end).map_or(0, |at| at + 1)..];
        let after = after.trim_start();
        let Some(quote) = after.chars().next().filter(|c| matches!(c, '"' | '\'')) else {
            // A variable, whose value isn't known.
            rest = after;
            continue;
        };
        let Some((value, remainder)) = after[1..].split_once(quote) else { break };
        parameters.push((key.to_owned(), value.to_owned()));
        rest = remainder;
    }
    parameters
}

fn replace_output(content: &str, after: &str) -> Replacement {
    if let Some(url) = literal_url(content) {
        return Replacement::Markdown(url);
    }
    let object = content.split('|').next().unwrap_or_default().trim();
    // Before a path they are a part of a URL, which is relative to the site here.
    let is_in_url = object == "site.baseurl" || after.starts_with('/') || after.starts_with("{{");
    if matches!(object, "site.baseurl" | "site.url") && object == content && is_in_url {
        return Replacement::Removed(None);
    }
    if let Some((name, _)) = object.split_once('(').filter(|_| object.ends_with(')'))
        && is_name(name)
    {
        return match zola_shortcode(name, &object[name.len()..]) {
            Some(markdown) => Replacement::Markdown(markdown),
            None => Replacement::Removed(Some(format!("{{{{ {name}() }}}}"))),
        };
    }
    let is_object = OBJECTS.iter().any(|known| object.starts_with(known))
        && object.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-[]\"'".contains(&b));
    match is_object {
        true => Replacement::Removed(Some(format!("{{{{ {object} }}}}"))),
        false => Replacement::Text,
    }
}

/// Returns the URL that a quoted path with filters for URLs stands for: `"/a.png" | relative_url`.
fn literal_url(content: &str) -> Option<String> {
    let quote = content.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let (path, filters) = content[1..].split_once(quote)?;
    let mut filters = filters.split('|').map(str::trim);
    if filters.next() != Some("") {
        return None;
    }
    let mut is_url = false;
    for filter in filters {
        is_url = true;
        if !URL_FILTERS.contains(&filter) {
            return None;
        }
    }
    let is_absolute = path.starts_with('/') || path.contains("://");
    let slash = if is_absolute || path.starts_with('#') { "" } else { "/" };
    is_url.then(|| format!("{slash}{path}"))
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// Returns true if a text is a path of words and hyphens.
fn is_url_path(text: &str) -> bool {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '/' | '.');
    !text.is_empty() && text.chars().all(is_part)
}

/// Quotes an argument of a shortcode.
fn quoted(value: &str) -> String {
    let mut value = value.replace(['`', '\n', '\r'], " ");
    // A shortcode would end here.
    while let Some(at) = value.find(">}}") {
        value.replace_range(at..at + 3, "> } }");
    }
    format!("`{value}`")
}

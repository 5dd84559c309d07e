//! Writes records as articles' files: front matter and Markdown.

use super::body::ConvertedBody;
use super::item::{Item, ItemImage};
use crate::config::{AUTHORS, SECTIONS, Site};
use crate::content::{FrontMatter, ParsedArticle, SourceFile};
use crate::model::lang::{canonical_tag, is_tag};
use crate::model::slug::term_key;
use crate::model::{Moment, Permalink};
use crate::scaffold::quoted;

/// The visibility of an article's file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Visibility {
    Published,
    Draft,
    /// Not published before its date.
    Embargo,
}

/// Everything that the file of an article is made from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ArticleFields<'a> {
    pub(crate) item: &'a Item,
    pub(crate) date: Moment,
    /// The `id:`.
    pub(crate) key: &'a str,
    pub(crate) visibility: Visibility,
    /// The permalink of a page; articles have that of the site's pattern.
    pub(crate) permalink: Option<&'a Permalink>,
    /// The old URLs, of which those that aren't the permalink become aliases.
    pub(crate) old_urls: &'a [Permalink],
    pub(crate) body: &'a ConvertedBody,
    /// The main image with its URL in the site.
    pub(crate) image: Option<&'a ItemImage>,
}

/// The file of an article.
#[derive(Clone, Debug)]
pub(crate) struct ArticleFile {
    pub(crate) text: String,
    /// The URL that it will have.
    pub(crate) permalink: String,
    pub(crate) warnings: Vec<String>,
}

/// Writes the file of an article. `path` is its path below `content/`.
///
/// # Errors
/// The reason, as text, why a build would reject the file.
pub(crate) fn article_file(
    site: &Site,
    fields: &ArticleFields<'_>,
    path: &str,
) -> Result<ArticleFile, String> {
    let mut warnings = Vec::new();
    let front = front_matter(site, fields, &mut warnings);
    let text = |aliases: &str| format!("---\n{front}{aliases}---\n\n{}", fields.body.markdown);
    let permalink = parse_permalink(site, path, &text(""))?;
    let aliases = fields.old_urls.iter().map(Permalink::as_str).filter(|url| *url != permalink);
    let aliases: Vec<String> = aliases.map(quoted).collect();
    if aliases.is_empty() {
        return Ok(ArticleFile { text: text(""), permalink, warnings });
    }
    let text = text(&format!("aliases: [{}]\n", aliases.join(", ")));
    parse_permalink(site, path, &text)?;
    Ok(ArticleFile { text, permalink, warnings })
}

/// Returns the front matter without the aliases.
fn front_matter(site: &Site, fields: &ArticleFields<'_>, warnings: &mut Vec<String>) -> String {
    let ArticleFields { item, date, .. } = fields;
    let mut text = format!("title: {}\n", quoted(&fields.body.title));
    let mut push = |key: &str, value: &str| text.push_str(&format!("{key}: {value}\n"));
    if let Some(standfirst) = &item.standfirst {
        push("description", &quoted(standfirst));
    }
    push("date", &date.iso(site.zone));
    if let Some(dateline) = &item.dateline {
        push("dateline", &quoted(dateline));
    }
    if let Some(lang) = &item.lang {
        let tag = canonical_tag(lang.trim());
        match is_tag(&tag) {
            true if tag == site.config.language => {}
            true => push("lang", &quoted(&tag)),
            false => warnings.push(format!("its language `{lang}` isn't a BCP 47 tag: left out")),
        }
    }
    let section = item.section.as_slice();
    for (taxonomy, names) in
        [(SECTIONS, section), ("tags", &item.tags[..]), (AUTHORS, &item.authors[..])]
    {
        text.push_str(&terms_line(site, taxonomy, names, warnings));
    }
    let mut push = |key: &str, value: &str| text.push_str(&format!("{key}: {value}\n"));
    if let Some(image) = fields.image {
        push("image", &image_value(image));
    }
    match fields.visibility {
        Visibility::Published => {}
        Visibility::Draft => push("draft", "true"),
        Visibility::Embargo => push("embargo", &date.timestamp(site.zone)),
    }
    if let Some(permalink) = fields.permalink {
        push("permalink", &quoted(permalink.as_str()));
    }
    push("id", &quoted(fields.key));
    text
}

/// Returns the value of `image`: the URL, or a map.
fn image_value(image: &ItemImage) -> String {
    let ItemImage { url, alt, caption } = image;
    let mut value = quoted(url);
    if alt.is_empty() && caption.is_empty() {
        return value;
    }
    value.insert_str(0, "{src: ");
    for (key, text) in [("alt", alt), ("caption", caption)] {
        if !text.is_empty() {
            value.push_str(&format!(", {key}: {}", quoted(text)));
        }
    }
    value.push('}');
    value
}

/// Returns the line that sets the terms of a taxonomy. Names that can't have a page, and all names
/// of a taxonomy that the site doesn't have, are reported.
fn terms_line(site: &Site, taxonomy: &str, names: &[String], warnings: &mut Vec<String>) -> String {
    let mut seen: Vec<String> = Vec::new();
    let mut quoted_names = Vec::new();
    for name in names {
        let key = term_key(name);
        if key.is_empty() {
            warnings.push(format!("`{name}` of {taxonomy} has no letter and no digit: left out"));
        } else if !seen.contains(&key) {
            seen.push(key);
            quoted_names.push(quoted(name));
        }
    }
    if quoted_names.is_empty() {
        return String::new();
    }
    let definition = site.taxonomy_index(taxonomy).map(|number| &site.taxonomies[number]);
    let Some(key) = definition.and_then(|taxonomy| taxonomy.front_matter_keys.first()) else {
        let names = quoted_names.join(", ");
        warnings.push(format!("the site has no taxonomy `{taxonomy}`: {names} left out"));
        return String::new();
    };
    match taxonomy {
        SECTIONS => format!("{key}: {}\n", quoted_names.concat()),
        _ => format!("{key}: [{}]\n", quoted_names.join(", ")),
    }
}

/// Parses the text as a build would, and returns the URL path.
fn parse_permalink(site: &Site, path: &str, text: &str) -> Result<String, String> {
    let file = format!("content/{path}");
    let describe = |mistakes: Vec<crate::diagnostics::Diagnostic>| {
        let messages: Vec<String> = mistakes.into_iter().map(|mistake| mistake.message).collect();
        messages.join("; ")
    };
    let source = SourceFile::parse(&file, text.as_bytes(), &site.config.limits)
        .map_err(|mistake| mistake.message)?;
    let front = FrontMatter::parse(&source, site).map_err(describe)?;
    let article = ParsedArticle::resolve(front, &source, path, site).map_err(describe)?;
    Ok(article.permalink.as_str().to_owned())
}

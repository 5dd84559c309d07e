//! Medium's export: an HTML page per post, with the fields as microformats (h-entry).

use std::io::{BufRead, Read as _};

use scraper::{ElementRef, Html, Selector};

use super::reader::{ItemError, ItemReader};
use crate::import::body::html_to_text;
use crate::import::item::{Item, ItemBody, ItemDate, OmittedText};
use crate::import::text::{decode, with_limited_depth};

/// The maximum length of a page, in bytes.
const MAX_PAGE_BYTES: u64 = 64 << 20;

/// Reads the post of a page.
pub(super) struct MediumReader<R> {
    /// `None` once it was read.
    input: Option<R>,
    /// The name of the file.
    name: String,
}

impl<R: BufRead> MediumReader<R> {
    /// Creates a reader. `name` is the name of the file.
    pub(super) fn new(input: R, name: &str) -> Self {
        Self { input: Some(input), name: name.to_owned() }
    }
}

impl<R: BufRead> ItemReader for MediumReader<R> {
    fn next_item(&mut self) -> Option<Result<Item, ItemError>> {
        let input = self.input.take()?;
        let mut bytes = Vec::new();
        let message = match input.take(MAX_PAGE_BYTES + 1).read_to_end(&mut bytes) {
            Err(error) => format!("can't read the file: {error}"),
            Ok(length) if length as u64 > MAX_PAGE_BYTES => {
                format!("the page is longer than {MAX_PAGE_BYTES} bytes")
            }
            Ok(_) => {
                let decoded = decode(&bytes, None);
                let mut item = read_page(&decoded.text, &self.name);
                item.warnings.extend(decoded.warnings());
                if !decoded.text.trim_end().to_ascii_lowercase().ends_with("</html>") {
                    item.warnings.push("its page has no end: it may be incomplete".to_owned());
                }
                return Some(Ok(item));
            }
        };
        Some(Err(ItemError { line: 1, message }))
    }
}

fn read_page(page: &str, name: &str) -> Item {
    let document = Html::parse_document(&with_limited_depth(page));
    let all = |selector: &str| -> Vec<ElementRef<'_>> {
        let selector = Selector::parse(selector).ok();
        selector.map(|selector| document.select(&selector).collect()).unwrap_or_default()
    };
    let text = |selector: &str| all(selector).first().map_or_else(String::new, |e| text_of(*e));
    let attribute = |selector: &str, name: &str| {
        let value = all(selector).first().and_then(|element| element.attr(name));
        value.map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
    };
    let name = name.rsplit('/').next().unwrap_or(name);
    let name = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    // The name ends with the id of the post.
    let id = name.rsplit(['-', '_']).next().filter(|id| id.len() >= 8).unwrap_or(name);
    let mut item = Item::article(id.to_owned(), 1);
    item.title = text(".p-name");
    item.standfirst = Some(text("[data-field=subtitle]")).filter(|text| !text.is_empty());
    item.authors = all(".p-author").into_iter().map(text_of).filter(|t| !t.is_empty()).collect();
    item.tags = all(".p-tag, .p-tags a").into_iter().map(text_of).collect();
    item.tags.dedup();
    item.urls.extend(attribute(".p-canonical", "href"));
    let medium_url = all("footer a").into_iter().filter_map(|link| link.attr("href"));
    let medium_url = medium_url.filter(|url| url.starts_with("https://medium.com/p/"));
    item.other_urls = medium_url.map(str::to_owned).collect();
    let date = attribute("time.dt-published", "datetime");
    // Pages of drafts have no date of publication.
    if date.is_none() || name.starts_with("draft") {
        "draft".clone_into(&mut item.status);
    }
    item.date = date.map_or(ItemDate::Missing, ItemDate::Text);
    let mut body =
        all("[data-field=body]").first().map_or_else(String::new, scraper::ElementRef::inner_html);
    let repeated =
        [(".graf--title", Some(item.title.clone())), (".graf--subtitle", item.standfirst.clone())];
    for (selector, known) in repeated {
        let Some(element) = all(&format!("[data-field=body] {selector}")).first().copied() else {
            continue;
        };
        let text = text_of(element);
        let html = element.html();
        if known.is_some_and(|known| known == text) && body.contains(&html) {
            body = body.replacen(&html, "", 1);
            item.omitted.push(OmittedText { rule: "front-matter", text });
        }
    }
    item.body = ItemBody::Html(body);
    item
}

fn text_of(element: ElementRef<'_>) -> String {
    html_to_text(&element.inner_html())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_become_records() {
        let page = "<html><body><article class=\"h-entry\"><header><h1 class=\"p-name\">A &amp; \
            b</h1></header><section data-field=\"subtitle\" class=\"p-summary\">Short</section>\
            <section data-field=\"body\" class=\"e-content\"><h3 class=\"graf--title\">A &amp; \
            b</h3><p>Text.</p></section><footer><p>By <a class=\"p-author\">A. Reporter</a> \
            on <a href=\"https://medium.com/p/1\"><time class=\"dt-published\" \
            datetime=\"2014-11-05T10:00:00Z\">x</time></a></p><a class=\"p-canonical\" \
            href=\"https://old.example/a/\">c</a></footer></article></body></html>";
        let mut reader =
            MediumReader::new(page.as_bytes(), "posts/2014-11-05_A---b-0123456789ab.html");
        let item = reader.next_item().expect("it has a record").expect("it is valid");
        assert_eq!((item.id.as_str(), item.title.as_str()), ("0123456789ab", "A & b"));
        assert_eq!(item.standfirst.as_deref(), Some("Short"));
        assert_eq!(item.body, ItemBody::Html("<p>Text.</p>".to_owned()));
        assert_eq!((item.omitted.len(), item.status.as_str()), (1, ""));
        assert_eq!(item.urls, ["https://old.example/a/"]);
        let draft = page.replace("dt-published", "x");
        assert_eq!(read_page(&draft, "draft_A.html").status, "draft");
        assert!(reader.next_item().is_none());
    }
}

//! Cards, the blocks of both editors that are more than text.

use serde_json::Value;

use super::super::verify::{html_text, render_trusted};
use super::{BodyHtml, list_of, text_of};
use crate::content::html::escape;

/// Cards for members, subscribers or email, which pages don't show to all readers.
const NOT_FOR_PAGES: [&str; 6] =
    ["email", "email-cta", "paywall", "signup", "subscribe", "transistor"];

impl BodyHtml {
    /// Writes a card by its name and contents.
    pub(super) fn card(&mut self, name: &str, card: &Value) {
        let html = match name.trim_start_matches("card-") {
            "html" => text_of(card, "html").to_owned(),
            "markdown" => render_trusted(text_of(card, "markdown")).unwrap_or_default(),
            "image" => image(card),
            "gallery" => gallery(card),
            "embed" => embed(card),
            "bookmark" => bookmark(card),
            "button" => button(card),
            "callout" => callout(card),
            "toggle" => format!(
                "<details><summary>{}</summary>{}</details>",
                text_of(card, "heading"),
                text_of(card, "content")
            ),
            "video" | "audio" => media(name, card),
            "file" => file(card),
            "header" => header(card),
            "code" | "codeblock" => code(card),
            "hr" | "horizontalrule" => "<hr>".to_owned(),
            "product" => product(card),
            "call-to-action" => {
                format!("<div>{}</div>{}", text_of(card, "textValue"), button(card))
            }
            _ => String::new(),
        };
        if html.is_empty() {
            self.leave_out_card(name, card);
        }
        self.html.push_str(&html);
        self.html.push('\n');
    }

    /// Records the text of a card that pages don't show, or that isn't known.
    fn leave_out_card(&mut self, name: &str, card: &Value) {
        let mut texts = Vec::new();
        push_texts(card, &mut texts);
        let name = name.trim_start_matches("card-");
        if !NOT_FOR_PAGES.contains(&name) && texts.is_empty() {
            return;
        }
        let text = html_text(&texts.join("\n"));
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        self.leave_out(if text.is_empty() { name } else { &text });
    }
}

/// Collects the texts of a card, without URLs and other values.
fn push_texts<'v>(value: &'v Value, texts: &mut Vec<&'v str>) {
    match value {
        Value::String(text) if text.contains(' ') => texts.push(text),
        Value::Array(values) => values.iter().for_each(|value| push_texts(value, texts)),
        Value::Object(fields) => fields.values().for_each(|value| push_texts(value, texts)),
        _ => {}
    }
}

/// Returns a caption, which is HTML.
fn caption(card: &Value) -> String {
    match text_of(card, "caption").trim() {
        "" => String::new(),
        caption => format!("<figcaption>{caption}</figcaption>"),
    }
}

fn img(image: &Value) -> String {
    let image_tag = format!(
        "<img src=\"{}\" alt=\"{}\">",
        escape(text_of(image, "src")),
        escape(text_of(image, "alt"))
    );
    match text_of(image, "href") {
        "" => image_tag,
        url => format!("<a href=\"{}\">{image_tag}</a>", escape(url)),
    }
}

fn image(card: &Value) -> String {
    format!("<figure>{}{}</figure>", img(card), caption(card))
}

/// Returns the images of a gallery; its caption is that of the last one.
fn gallery(card: &Value) -> String {
    let images = list_of(card, "images");
    let mut html = String::new();
    for (index, image) in images.iter().enumerate() {
        let is_last = index + 1 == images.len();
        let caption = if is_last { caption(card) } else { String::new() };
        html.push_str(&format!("<figure>{}{caption}</figure>", img(image)));
    }
    html
}

/// Returns a post of a social network with its text, and anything else as a frame.
fn embed(card: &Value) -> String {
    let html = text_of(card, "html");
    if html.contains("<blockquote") {
        return format!("{html}{}", caption(card));
    }
    let title = card.get("metadata").map_or("", |metadata| text_of(metadata, "title"));
    let frame = format!(
        "<iframe src=\"{}\" title=\"{}\"></iframe>",
        escape(text_of(card, "url")),
        escape(title)
    );
    format!("<figure>{frame}{}</figure>", caption(card))
}

fn bookmark(card: &Value) -> String {
    let url = escape(text_of(card, "url"));
    let metadata = card.get("metadata").unwrap_or(card);
    let title = match text_of(metadata, "title") {
        "" => url.clone(),
        title => escape(title),
    };
    let mut html = format!("<p><a href=\"{url}\">{title}</a>");
    for key in ["description", "author", "publisher"] {
        let text = text_of(metadata, key);
        if !text.is_empty() {
            html.push_str(&format!("<br>{}", escape(text)));
        }
    }
    html.push_str("</p>");
    match text_of(card, "caption") {
        "" => html,
        caption => format!("{html}<p>{caption}</p>"),
    }
}

fn link(url: &str, text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    format!("<p><a href=\"{}\">{}</a></p>", escape(url), escape(text))
}

fn button(card: &Value) -> String {
    link(text_of(card, "buttonUrl"), text_of(card, "buttonText"))
}

fn callout(card: &Value) -> String {
    let emoji = escape(text_of(card, "calloutEmoji"));
    format!("<blockquote>{emoji} {}</blockquote>", text_of(card, "calloutText"))
}

fn media(name: &str, card: &Value) -> String {
    let title = [text_of(card, "title"), text_of(card, "fileName")];
    let title = title.into_iter().find(|title| !title.is_empty()).unwrap_or_default();
    format!(
        "<figure><{name} src=\"{}\" title=\"{}\"></{name}>{}</figure>",
        escape(text_of(card, "src")),
        escape(title),
        caption(card)
    )
}

fn file(card: &Value) -> String {
    let names = ["fileTitle", "fileName", "src"].map(|key| text_of(card, key));
    let name = names.into_iter().find(|name| !name.is_empty()).unwrap_or_default();
    let caption = escape(text_of(card, "fileCaption"));
    format!("<p><a href=\"{}\">{}</a> {caption}</p>", escape(text_of(card, "src")), escape(name))
}

fn header(card: &Value) -> String {
    let texts = [("header", "h2"), ("heading", "h2"), ("subheader", "p"), ("subheading", "p")];
    let mut html = String::new();
    for (key, element) in texts {
        let text = text_of(card, key);
        if !text.is_empty() {
            html.push_str(&format!("<{element}>{text}</{element}>"));
        }
    }
    html + &button(card)
}

fn code(card: &Value) -> String {
    let language = escape(text_of(card, "language"));
    let code = escape(text_of(card, "code"));
    let block = format!("<pre><code class=\"language-{language}\">{code}</code></pre>");
    match caption(card).as_str() {
        "" => block,
        caption => format!("<figure>{block}{caption}</figure>"),
    }
}

fn product(card: &Value) -> String {
    let mut html = String::new();
    let image = text_of(card, "productImageSrc");
    if !image.is_empty() {
        html.push_str(&format!("<img src=\"{}\">", escape(image)));
    }
    let title = text_of(card, "productTitle");
    if !title.is_empty() {
        html.push_str(&format!("<h4>{title}</h4>"));
    }
    html.push_str(&format!("<div>{}</div>", text_of(card, "productDescription")));
    html + &link(text_of(card, "productUrl"), text_of(card, "productButton"))
}

//! Converts the bodies of records to Markdown, and accounts for their words.

use super::item::{Item, ItemBody, OmittedText, TextBlock};
use super::text::{Difference, HtmlDialect, Part, html_text, html_to_markdown};
use super::words::{beginning, count_words};
use crate::content::markdown;
use crate::content::plain_text::to_plain_text;

/// A difference between the words of a record and those of its article.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct WordDifference {
    /// The name of the rule.
    pub(crate) rule: &'static str,
    /// The text that was left out.
    pub(crate) removed: String,
    /// The text that was added.
    pub(crate) added: String,
}

/// The rule of headlines that are made from the text.
const SUBSTITUTE_HEADLINE: &str = "substitute-headline";
/// The rule of differences that no other rule explains, which are errors.
pub(crate) const UNEXPLAINED: &str = "unexplained";

/// The maximum length of a headline that is made from the beginning of a text, in characters.
const MAX_SUBSTITUTE_CHARS: usize = 80;

/// Returns the URL that replaces that of a link or an image; `None` if it stays.
pub(crate) type UrlMap<'a> = &'a mut dyn FnMut(&str) -> Option<String>;

/// The converted text of a record.
#[derive(Clone, Debug, Default)]
pub(crate) struct ConvertedBody {
    /// The headline; the beginning of the text if the record has none.
    pub(crate) title: String,
    pub(crate) markdown: String,
    /// The number of words of the record: headline, standfirst, dateline, body, and what is left
    /// out.
    pub(crate) words_in: usize,
    /// The number of words of the article: headline, standfirst, dateline and body.
    pub(crate) words_out: usize,
    pub(crate) differences: Vec<WordDifference>,
    /// The differences of links, images and other markup.
    pub(crate) markup_differences: Vec<Difference>,
}

impl ConvertedBody {
    fn add_text(&mut self, text: &str) {
        let count = count_words(text);
        self.words_in += count;
        self.words_out += count;
    }

    fn add_difference(&mut self, rule: &'static str, removed: &str, added: &str) {
        let (removed, added) = (removed.to_owned(), added.to_owned());
        self.differences.push(WordDifference { rule, removed, added });
    }
}

/// Converts the text of a record.
pub(crate) fn convert(item: &Item, urls: UrlMap<'_>) -> ConvertedBody {
    let mut body = ConvertedBody { title: item.title.clone(), ..ConvertedBody::default() };
    body.add_text(&item.title);
    for text in [&item.standfirst, &item.dateline].into_iter().flatten() {
        body.add_text(text);
    }
    for OmittedText { rule, text } in &item.omitted {
        body.words_in += count_words(text);
        body.add_difference(rule, text, "");
    }
    let markdown = match &item.body {
        ItemBody::Text(blocks) => {
            blocks.iter().for_each(|block| body.words_in += count_words(text_of(block)));
            let markdown = text_to_markdown(blocks);
            body.words_out += count_words(&markdown::to_plain_text(&markdown));
            markdown
        }
        ItemBody::Html(html) => add_html(&mut body, html, HtmlDialect::detect(html), urls),
        ItemBody::WordPress(html) => add_html(&mut body, html, HtmlDialect::WordPress, urls),
    };
    body.markdown = markdown;
    if body.title.is_empty() {
        let text = single_line(&markdown::to_plain_text(&body.markdown));
        body.title = beginning(&text, MAX_SUBSTITUTE_CHARS);
        body.words_out += count_words(&body.title);
        let title = body.title.clone();
        body.add_difference(SUBSTITUTE_HEADLINE, "", &title);
    }
    account_for_rest(&mut body);
    body
}

fn single_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Returns the text of HTML on one line.
pub(crate) fn html_to_text(html: &str) -> String {
    to_plain_text(&html_text(html))
}

/// Converts HTML, and adds its words and differences. Returns the Markdown.
fn add_html(
    body: &mut ConvertedBody,
    html: &str,
    dialect: HtmlDialect,
    urls: UrlMap<'_>,
) -> String {
    let converted = html_to_markdown(html, dialect, urls);
    body.words_in += converted.words_in;
    body.words_out += converted.words_out;
    for difference in converted.differences {
        // Words count only in texts; links and images are listed with their URLs.
        match difference.part {
            Part::Text => {
                let rule = difference.rule.name();
                body.add_difference(rule, &difference.removed, &difference.added);
            }
            Part::Link | Part::Image | Part::Markup => body.markup_differences.push(difference),
        }
    }
    let mut markdown = converted.markdown;
    if !markdown.is_empty() && !markdown.ends_with('\n') {
        markdown.push('\n');
    }
    markdown
}

/// Adds a difference for words that no rule explains.
fn account_for_rest(body: &mut ConvertedBody) {
    let count = |text: fn(&WordDifference) -> &str| -> usize {
        body.differences.iter().map(|difference| count_words(text(difference))).sum()
    };
    let removed = count(|difference| &difference.removed);
    let added = count(|difference| &difference.added);
    if body.words_in + added != body.words_out + removed {
        body.add_difference(UNEXPLAINED, "", "");
    }
}

fn text_of(block: &TextBlock) -> &str {
    match block {
        TextBlock::Paragraph(text) | TextBlock::Heading(text) => text,
    }
}

/// Writes plain text as Markdown that has the same text.
fn text_to_markdown(blocks: &[TextBlock]) -> String {
    let mut markdown = String::new();
    for block in blocks {
        if !markdown.is_empty() {
            markdown.push('\n');
        }
        if matches!(block, TextBlock::Heading(_)) {
            markdown.push_str("## ");
        }
        push_escaped(text_of(block), &mut markdown);
        markdown.push('\n');
    }
    markdown
}

/// Appends a line of text, with everything escaped that Markdown (CommonMark 0.31.2), a shortcode
/// or an entity could be made of.
fn push_escaped(text: &str, out: &mut String) {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    for (at, c) in text.char_indices() {
        let is_markup = match c {
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '&' | '|' | '~' | '{' | '}' | '$' => {
                true
            }
            '#' | '+' | '-' | '=' | ':' => at == 0,
            '.' | ')' => at > 0 && at == digits,
            '!' => text[at + 1..].starts_with('['),
            _ => false,
        };
        if is_markup {
            out.push('\\');
        }
        out.push(c);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_without_markup_stays_the_same() {
        for text in [
            "# no heading",
            "1. no list",
            "12) no list",
            "- no list",
            "+ no list",
            "a * b * c",
            "snake_case_name",
            "![no](image)",
            "<b>no HTML</b>",
            "Fish &amp; chips &#8217;",
            "> no quotation",
            "| a | b |",
            "~~no~~",
            "`no code`",
            "{{< no shortcode >}}",
            "[caption]no[/caption]",
            "===",
            "---",
            "***",
            "http://example.org/a_b_c",
            "$1 and $2",
            "back\\slash",
            "{% no %}",
        ] {
            let blocks = [TextBlock::Paragraph(text.to_owned())];
            let markdown = text_to_markdown(&blocks);
            assert_eq!(markdown::to_plain_text(&markdown), text, "{markdown}");
        }
        let blocks = [
            TextBlock::Paragraph("One.".to_owned()),
            TextBlock::Heading("Two #".to_owned()),
            TextBlock::Paragraph("Three.".to_owned()),
        ];
        assert_eq!(text_to_markdown(&blocks), "One.\n\n## Two #\n\nThree.\n");
    }
}

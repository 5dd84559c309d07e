//! Converts the bodies of records to Markdown, and accounts for their words.

use super::item::{Item, ItemBody, OmittedText, TextBlock, TitleSource};
use super::text::{Difference, HtmlDialect, Part, html_to_markdown};
use super::words::count_words;
use crate::content::markdown;

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

/// The rule of differences that no other rule explains, which are errors.
pub(crate) const UNEXPLAINED: &str = "unexplained";

/// The converted text of a record.
#[derive(Clone, Debug, Default)]
pub(crate) struct ConvertedBody {
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

/// Converts the body of a record.
pub(crate) fn convert(item: &Item) -> ConvertedBody {
    let mut body = ConvertedBody::default();
    let omitted = item.omitted.iter().map(|OmittedText { rule, text }| WordDifference {
        rule,
        removed: text.clone(),
        added: String::new(),
    });
    body.differences.extend(omitted);
    let (body_words, markdown_words) = match &item.body {
        ItemBody::Text(blocks) => {
            body.markdown = text_to_markdown(blocks);
            let words_in = blocks.iter().map(|block| count_words(text_of(block))).sum();
            (words_in, count_words(&markdown::to_plain_text(&body.markdown)))
        }
        ItemBody::Html(html) => convert_html(html, &mut body),
    };
    let headline = count_words(&item.title);
    let other = [&item.standfirst, &item.dateline].into_iter().flatten();
    let other: usize = other.map(|text| count_words(text)).sum();
    let own_headline = if item.title_source == TitleSource::Own { headline } else { 0 };
    if item.title_source == TitleSource::Body {
        body.differences.push(WordDifference {
            rule: "substitute-headline",
            removed: String::new(),
            added: item.title.clone(),
        });
    }
    let omitted: usize = item.omitted.iter().map(|omitted| count_words(&omitted.text)).sum();
    body.words_in = own_headline + other + body_words + omitted;
    body.words_out = headline + other + markdown_words;
    account_for_rest(&mut body);
    body
}

/// Converts HTML. Returns the numbers of its words and of those of the Markdown.
fn convert_html(html: &str, body: &mut ConvertedBody) -> (usize, usize) {
    let converted = html_to_markdown(html, HtmlDialect::detect(html), &mut |_| None);
    body.markdown = converted.markdown;
    if !body.markdown.is_empty() {
        body.markdown.push('\n');
    }
    for difference in converted.differences {
        match difference.part {
            Part::Text => body.differences.push(WordDifference {
                rule: difference.rule.name(),
                removed: difference.removed,
                added: difference.added,
            }),
            Part::Link | Part::Image | Part::Markup => body.markup_differences.push(difference),
        }
    }
    (converted.words_in, converted.words_out)
}

/// Adds a difference for words that no rule explains.
fn account_for_rest(body: &mut ConvertedBody) {
    let count = |text: fn(&WordDifference) -> &str| -> usize {
        body.differences.iter().map(|difference| count_words(text(difference))).sum()
    };
    let removed = count(|difference| &difference.removed);
    let added = count(|difference| &difference.added);
    if body.words_in + added != body.words_out + removed {
        body.differences.push(WordDifference {
            rule: UNEXPLAINED,
            removed: String::new(),
            added: String::new(),
        });
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

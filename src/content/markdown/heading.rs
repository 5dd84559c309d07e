//! The first heading of a body, which is the title of an article without one.

use pulldown_cmark::{Parser, html as writer};

use super::parser::parser_options;
use crate::content::html::{self, Token};

/// Returns the text of the first heading that has any, in Markdown or HTML.
pub(crate) fn first_heading(body: &str) -> Option<String> {
    let mut markup = String::with_capacity(body.len());
    writer::push_html(&mut markup, Parser::new_ext(body, parser_options()));
    // The heading that is open, and its text; the text of the first one that has ended.
    let mut open: Option<(String, String)> = None;
    let mut found: Option<String> = None;
    html::tokenize(&markup, |token| match token {
        _ if found.is_some() => {}
        Token::StartTag(tag) if open.is_none() && is_heading(tag.name) => {
            open = Some((tag.name.to_owned(), String::new()));
        }
        Token::Text(text) => {
            if let Some((_, heading)) = &mut open {
                heading.push_str(text);
            }
        }
        Token::EndTag(tag) if open.as_ref().is_some_and(|(name, _)| name == tag.name) => {
            found = open.take().map(|(_, text)| text).filter(|text| !text.trim().is_empty());
        }
        _ => {}
    });
    found
}

fn is_heading(name: &str) -> bool {
    matches!(name, "h1" | "h2" | "h3" | "h4" | "h5" | "h6")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_heading_with_text_is_found() {
        for (body, heading) in [
            ("Text.\n\n## The *talks* &amp; `more`\n\n# Later\n", Some("The talks & more")),
            ("A title\n=======\n", Some("A title")),
            ("#\n\n### Third\n", Some("Third")),
            ("<div><h2 class=x>In <b>HTML</b></h2></div>\n", Some("In HTML")),
            ("    # code\n\n```\n# code\n```\nText.\n", None),
            ("<h1>never closed", None),
            ("", None),
        ] {
            assert_eq!(first_heading(body).as_deref(), heading, "{body}");
        }
    }
}

//! Markdown: the only module that parses it. Bodies are rendered as HTML one block at a time.

mod dateline;
mod events;
mod heading;
mod heading_ids;
mod html_nesting;
mod nesting;
mod parser;
mod positions;
mod raw_html;
mod render;
mod scan;
mod settings;
mod text;
mod visible_text;
mod words;

pub(crate) use heading::first_heading;
pub(crate) use html_nesting::{find_excessive_html, html_nesting_diagnostic};
pub(crate) use nesting::{TooDeep, find_excessive_nesting, nesting_diagnostic};
pub(crate) use positions::{SpanRole, span_roles};
pub(crate) use raw_html::raw_html;
pub(crate) use render::{RenderedBody, render};
pub(crate) use scan::{code_ranges, find_references, is_article_link, refused_urls};
pub(crate) use settings::{RenderSettings, UrlResolver};
pub(crate) use text::{body_word_count, search_text, to_plain_text};
pub(crate) use visible_text::visible_text;

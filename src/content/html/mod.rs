//! HTML: the tokenizer that all code uses, the attributes that contain URLs, edits that keep all
//! other bytes, and the figures of articles.

mod blocks;
mod edit;
mod escape;
mod figure;
mod tokenizer;
mod urls;

pub(crate) use blocks::is_block_element;
pub(crate) use edit::HtmlEditor;
pub(crate) use escape::escape;
pub(crate) use figure::{missing_img_attributes, render_figure, render_img, split_caption};
pub(crate) use tokenizer::{Attribute, Tag, Token, tokenize};
pub(crate) use urls::{
    UrlEdit, UrlRole, UrlSyntax, edit_attribute, edit_urls, join_url, srcset_descriptors,
    srcset_urls, url_attribute,
};

//! The files that are written without a template: feeds, sitemaps, data, redirects and the
//! well-known files that hosts and crawlers look for. They have to be valid whatever an article
//! holds.

mod article_entry;
mod data;
mod feed_documents;
mod feeds;
mod ninjs;
pub(super) mod redirects;
mod render;
mod sitemaps;
mod well_known;

pub(crate) use redirects::{RedirectRule, RedirectSource, all_redirects};

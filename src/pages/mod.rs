//! The pages of a site and the outputs next to them: their URLs, their inputs, their rendering.
//!
//! A page is planned as plain numbers ([`Page`]). Its fingerprint and its template's values are
//! both made from those and from the teasers of the articles that it names.
//!
//! `kinds` and `output_file` name what there is, `view` holds what everything is rendered from,
//! and one file for each kind of page has its inputs and its values. `render` brings them together.

mod archive;
mod article;
mod body;
mod breadcrumbs;
mod calendar;
mod calendar_index;
mod citations;
mod classification;
mod common_inputs;
mod correction_index;
mod corrections;
mod dates;
mod day;
mod day_cache;
mod editorial_notes;
mod feed_links;
mod history;
mod home;
mod introduction;
mod json;
mod kinds;
mod language;
mod languages;
mod menus;
mod month;
mod on_this_day;
mod output_file;
mod output_urls;
mod outputs;
mod page_context;
mod page_head;
mod page_urls;
mod pager;
mod period;
mod related;
mod render;
mod search;
mod shared_parts;
mod site_context;
mod standalone_page;
mod structured_data;
mod taxonomy;
mod teaser;
mod teaser_cache;
mod term;
mod tombstone;
mod urls;
mod values;
mod view;
mod xml;
mod year;

pub(crate) use corrections::correction_pages as corrections;
pub(crate) use kinds::{Page, is_redirect};
pub(crate) use languages::languages_with_front_page;
pub(crate) use menus::check_menus;
pub(crate) use output_file::OutputFile;
pub(crate) use outputs::{RedirectRule, RedirectSource, all_redirects};
pub(crate) use pager::page_count;
pub(crate) use site_context::site_context;
pub(crate) use teaser::Teasers;
pub(crate) use view::SiteView;

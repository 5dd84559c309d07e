//! The archive: everything that pages may know about all articles, in memory, without the bodies.
//!
//! Parsing a file of `content/` writes a [`record`]. A [`CatalogBuilder`] adds the records to the
//! [`Catalog`], which has one compact row per article, sorted by date, so that the articles of a
//! period are a range of IDs and those of a term a sorted list of IDs. [`Catalog::amend`] and
//! [`Catalog::replace`] apply changed files to a finished catalog.

mod arena;
mod builder;
mod catalog;
mod ids;
pub(crate) mod record;
mod terms;
mod update;

pub(crate) use builder::CatalogBuilder;
pub(crate) use catalog::{Article, Catalog, link_path_stems, path_stem};
pub(crate) use ids::{ArticleId, LangId, TermId};
pub(crate) use terms::{Term, TermVariants};
pub(crate) use update::ArticleChange;

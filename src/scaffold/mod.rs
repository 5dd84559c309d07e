//! `dateline init` and `dateline new`: create sites and articles. Existing files are never
//! overwritten.

mod article;
mod files;
mod init;
mod layout;
mod text;

pub(crate) use article::{CreatedArticle, NewArticle, create_article};
pub(crate) use files::write_new;
pub(crate) use init::{Host, ScaffoldReport, init, needs_repository};
pub(crate) use text::quoted;

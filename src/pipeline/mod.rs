//! The pipeline of a build: discover → parse → index → plan → render → write → audit → commit.
//!
//! Each stage is a file of `stages/`. Stages never import each other: `build.rs` runs them all, and
//! `session.rs` those that a preview in memory needs. `cache/` is what one build saves for the
//! next.

mod article_links;
mod article_lists;
mod baseline;
mod batch_builder;
mod build;
pub(crate) mod cache;
mod compressed_text;
mod copies;
mod dir_handle;
mod dropped_content;
mod explain;
mod kept_lists;
mod loading;
mod lost_pages;
mod options;
mod output_changes;
mod output_ids;
mod output_paths;
mod parsed_file;
mod permalink_resolver;
mod planned_output;
mod preview;
mod progress;
mod redirect_checks;
mod report;
mod session;
mod setting_files;
mod snapshot;
mod stages;
mod unplanned_files;
mod unread_files;
mod unreadable_paths;
mod url_changes;
mod url_positions;
mod withheld;

pub(crate) use article_lists::{ArticleList, ArticleLists};
pub use build::build;
pub(crate) use cache::lock::Lock;
pub(crate) use explain::{ChangeCause, group_changes, output_path};
pub use explain::{Explanation, InputChange};
pub(crate) use loading::{
    blocks_build, content_files, load_article_lists, load_audited_catalog, load_catalog,
};
pub use options::BuildOptions;
pub(crate) use options::WriteMode;
pub use output_changes::{ChangeList, OutputChanges};
pub(crate) use output_ids::OutputId;
pub use parsed_file::{Unpublished, WithheldArticle};
pub use preview::FileContent;
pub(crate) use preview::SitePreview;
pub use progress::Progress;
pub use report::BuildReport;
pub(crate) use session::PermalinkReport;
pub use session::{Effect, Session};
pub(crate) use stages::write::hash_contents;
pub(crate) use unread_files::with_separators;
pub use url_changes::UrlChange;

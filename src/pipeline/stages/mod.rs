//! The stages of a build, one file each. They never import each other; they meet in the pipeline.

pub(crate) mod audit;
pub(crate) mod commit;
pub(crate) mod discover;
pub(crate) mod index;
pub(crate) mod parse;
pub(crate) mod parse_file;
pub(crate) mod plan;
pub(crate) mod render;
pub(crate) mod write;

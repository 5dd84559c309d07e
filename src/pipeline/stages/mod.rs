//! The stages of a build, one file each, in this order: discover, parse, index, plan, render,
//! write, audit, commit. They never import each other.

pub(crate) mod audit;
pub(crate) mod commit;
pub(crate) mod discover;
pub(crate) mod index;
pub(crate) mod parse;
pub(crate) mod plan;
pub(crate) mod render;
pub(crate) mod write;

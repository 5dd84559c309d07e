//! Whole builds of small sites, from the outside.

mod archive;
mod harness;
mod library;
mod model;
mod told;

mod addresses;
mod arbitrary;
mod bad_input;
mod broken;
mod browser;
mod cli;
mod collisions;
mod corpora;
mod counts;
mod depth;
mod determinism;
mod disk;
mod docs;
mod explain;
mod export;
mod feeds;
#[cfg(unix)]
mod fixity;
mod floors;
mod front_matter;
mod incremental;
mod killed;
mod look;
mod machine;
mod memory;
mod mended;
mod metadata;
mod pages;
mod permalinks;
mod pictures;
mod renames;
mod search;
mod settings;
mod snapshots;
mod templates;
mod twice;
mod validators;

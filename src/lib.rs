//! Dateline: a static site generator for news archives.
//!
//! A build is one straight line of stages, one file each, that meet only in [`build`]:
//! discover → parse → index → plan → render → write → record. `ARCHITECTURE.md` tells the rest.

pub mod build;
pub mod catalog;
pub mod check;
pub mod cli;
pub mod content;
pub mod diagnostic;
pub mod explain;
pub mod export;
pub mod files;
pub mod fixity;
pub mod history;
pub mod ledger;
pub mod mend;
pub mod model;
pub mod pages;
pub mod pictures;
pub mod register;
pub mod search;
pub mod serve;
pub mod site;
pub mod start;
pub mod state;
pub mod stats;
pub mod templates;

//! The program's output: text for people, and JSON, SARIF and CSV for other programs.

pub(crate) mod build;
pub(crate) mod check;
pub(crate) mod fix;
pub(crate) mod format;
mod import;
pub(crate) mod list;
pub(crate) mod report;
pub(crate) mod scaffold;
pub(crate) mod serve;
pub(crate) mod stats;
pub(crate) mod stdio;
pub(crate) mod template_fix;
pub(crate) mod verify;

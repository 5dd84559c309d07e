//! `dateline schema`: JSON Schemas for editors.

use clap::{Args, ValueEnum};

use crate::cli::output::stdio;
use crate::config::settings_schema;
use crate::content::front_matter_schema;

#[derive(Args)]
pub(crate) struct SchemaCommand {
    /// The schema
    #[arg(value_enum, default_value = "site")]
    schema: SchemaName,
}

#[derive(Clone, Copy, ValueEnum)]
enum SchemaName {
    /// The settings in site.yaml
    Site,
    /// The front matter of articles
    FrontMatter,
}

impl SchemaCommand {
    /// Prints the schema.
    pub(crate) fn run(self) {
        let schema = match self.schema {
            SchemaName::Site => settings_schema(),
            SchemaName::FrontMatter => front_matter_schema(),
        };
        stdio::stream(|out| writeln!(out, "{schema:#}"));
    }
}

//! `dateline init`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::cli::args::now;
use crate::cli::output::report::Reporter;
use crate::diagnostics::Error;
use crate::model::Moment;
use crate::scaffold::{self, Host};

#[derive(Args)]
pub(crate) struct InitCommand {
    /// The site's folder; it is created if it doesn't exist
    #[arg(value_name = "DIR", default_value = ".")]
    folder: PathBuf,
    /// The name of the publication
    #[arg(long, default_value = "News archive", value_name = "TITLE")]
    title: String,
    /// Also write the files that this host needs to build and publish the site
    #[arg(long, value_enum, value_name = "HOST")]
    ci: Option<CiHost>,
}

/// A host that builds and publishes the site.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum CiHost {
    /// GitHub Pages: .github/workflows/publish.yml
    Github,
    /// GitLab Pages: .gitlab-ci.yml
    Gitlab,
    /// Netlify: netlify.toml and netlify/
    Netlify,
    /// Cloudflare Pages: .github/workflows/publish.yml and wrangler.toml
    Cloudflare,
}

impl InitCommand {
    /// Creates the site. Existing files are kept without looking at their contents, which isn't an
    /// error.
    ///
    /// # Errors
    /// As [`scaffold::init`].
    pub(crate) fn run(self, reporter: &Reporter) -> Result<usize, Error> {
        let host = self.ci.map(|ci| match ci {
            CiHost::Github => Host::GitHub,
            CiHost::Gitlab => Host::GitLab,
            CiHost::Netlify => Host::Netlify,
            CiHost::Cloudflare => Host::Cloudflare,
        });
        let today = Moment { seconds: now(), day_only: true }.utc_day();
        let report = scaffold::init(&self.folder, &self.title, host, today)?;
        reporter.print_scaffold_report(&report, &self.folder, host);
        Ok(0)
    }
}

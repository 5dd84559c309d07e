//! `dateline init`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::now;
use super::report::Reporter;
use crate::diagnostic::Error;
use crate::model::Moment;
use crate::start::{self, Host};

#[derive(Args)]
pub(super) struct Init {
    /// The folder; it is made if it isn't there
    #[arg(value_name = "DIR", default_value = ".")]
    folder: PathBuf,
    /// The paper's name
    #[arg(long, default_value = "News archive", value_name = "TITLE")]
    title: String,
    /// Write what this host needs to build and publish the site, too
    #[arg(long, value_enum, value_name = "HOST")]
    ci: Option<Ci>,
}

/// Who builds and publishes the site.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Ci {
    /// GitHub Pages: .github/workflows/publish.yml
    Github,
    /// GitLab Pages: .gitlab-ci.yml
    Gitlab,
    /// Netlify: netlify.toml and netlify/
    Netlify,
    /// Cloudflare Pages: .github/workflows/publish.yml and wrangler.toml
    Cloudflare,
}

impl Init {
    /// Makes the site. Files that are there stay, which is no mistake: what they hold isn't looked at.
    pub(super) fn run(self, reporter: &Reporter) -> Result<usize, Error> {
        let host = self.ci.map(|ci| match ci {
            Ci::Github => Host::GitHub,
            Ci::Gitlab => Host::GitLab,
            Ci::Netlify => Host::Netlify,
            Ci::Cloudflare => Host::Cloudflare,
        });
        let today = Moment { seconds: now(), day_only: true }.utc_day();
        let started = start::init(&self.folder, &self.title, host, today)?;
        reporter.started(&started, &self.folder, host);
        Ok(0)
    }
}

//! A starting site: settings, a first story, a part of a template, what version control is to leave
//! out, and what a host is to do.

use std::fs;
use std::path::Path;

use super::files::write_new;
use super::{quoted, single_line};
use crate::config::CONFIG_FILE;
use crate::diagnostics::Error;
use crate::model::Day;
use crate::model::slug::slugify;

/// The texts of a starting site. In braces stands what is filled in.
const SETTINGS: &str = include_str!("site/site.yaml");
const FIRST_ARTICLE: &str = include_str!("site/first-story.md");
const COLOPHON: &str = include_str!("site/colophon.html");
const GITIGNORE: &str = include_str!("site/gitignore");
/// How a host gets the program, put into each of its files with as many blanks before its lines as
/// that needs.
const FETCH_SCRIPT: &str = include_str!("site/ci/fetch.sh");

/// Who builds and publishes the site.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Host {
    /// GitHub Pages, by a workflow.
    GitHub,
    /// GitLab Pages, by a job.
    GitLab,
    /// Netlify.
    Netlify,
    /// Cloudflare Pages, by a workflow of GitHub.
    Cloudflare,
}

impl Host {
    /// Its files.
    fn files(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::GitHub => {
                &[(".github/workflows/publish.yml", include_str!("site/ci/github.yml"))]
            }
            Self::GitLab => &[(".gitlab-ci.yml", include_str!("site/ci/gitlab.yml"))],
            Self::Netlify => &[
                ("netlify.toml", include_str!("site/ci/netlify.toml")),
                ("netlify/build.sh", include_str!("site/ci/netlify-build.sh")),
                ("netlify/cache/manifest.yml", include_str!("site/ci/netlify-manifest.yml")),
                ("netlify/cache/index.js", include_str!("site/ci/netlify-index.js")),
            ],
            Self::Cloudflare => &[
                (".github/workflows/publish.yml", include_str!("site/ci/cloudflare.yml")),
                ("wrangler.toml", include_str!("site/ci/wrangler.toml")),
            ],
        }
    }
}

/// What became of a starting site.
#[derive(Debug, Default)]
pub(crate) struct ScaffoldReport {
    /// Files that were made, from the site's folder.
    pub created: Vec<String>,
    /// What was there and stays as it is, with what follows from that.
    pub skipped: Vec<(String, &'static str)>,
}

impl ScaffoldReport {
    /// Whether there was nothing left to do.
    pub(crate) fn is_empty(&self) -> bool {
        self.created.is_empty()
    }
}

/// Makes a starting site in a folder, which is made if it isn't there. Files that are there stay;
/// so do `content/` and `templates/` that hold something, since a site with stories needs no first
/// one, and no page of it may change.
///
/// # Errors
/// What the machine refused, a title of nothing, or a file where a folder is needed.
pub(crate) fn init(
    folder: &Path,
    title: &str,
    host: Option<Host>,
    today: Day,
) -> Result<ScaffoldReport, Error> {
    let title = single_line(title);
    if title.is_empty() {
        return Err(Error::Usage("the title is empty: write --title \"The Courier\"".into()));
    }
    fs::create_dir_all(folder).map_err(Error::io("can't make the folder", folder))?;
    let mut scaffold =
        SiteScaffold { folder, title: &title, today, report: ScaffoldReport::default() };
    let first_article = format!("content{}first-story.md", today.path());
    let (has_content, has_templates) =
        (scaffold.is_nonempty_dir("content"), scaffold.is_nonempty_dir("templates"));
    scaffold.add_file(CONFIG_FILE, SETTINGS, "--title counts for a new one only")?;
    match has_content {
        true => {
            scaffold.skip("content/", "it holds something already, so no first story is needed")
        }
        false => scaffold.add_file(&first_article, FIRST_ARTICLE, "it is a story already")?,
    }
    match has_templates {
        true => scaffold.skip("templates/", "it holds something already, so no example is needed"),
        false => scaffold.add_file(
            "templates/parts/colophon.html",
            COLOPHON,
            "it is a template already",
        )?,
    }
    scaffold.add_file(".gitignore", GITIGNORE, "see that it names /public/ and /.dateline/")?;
    for (path, text) in host.map_or(&[][..], Host::files) {
        scaffold.add_file(
            path,
            text,
            "it may build something else; take it away to get another",
        )?;
    }
    Ok(scaffold.report)
}

/// A starting site that is being made.
struct SiteScaffold<'a> {
    folder: &'a Path,
    title: &'a str,
    today: Day,
    report: ScaffoldReport,
}

impl SiteScaffold<'_> {
    /// Puts a file, or notes that there is one.
    fn add_file(&mut self, path: &str, text: &str, skip_reason: &'static str) -> Result<(), Error> {
        match write_new(self.folder, path, &self.fill_template(text))? {
            true => self.report.created.push(path.to_owned()),
            false => self.skip(path, skip_reason),
        }
        Ok(())
    }

    fn skip(&mut self, path: &str, reason: &'static str) {
        self.report.skipped.push((path.to_owned(), reason));
    }

    /// Whether there is a folder with anything in it.
    fn is_nonempty_dir(&self, name: &str) -> bool {
        fs::read_dir(self.folder.join(name)).is_ok_and(|mut entries| entries.next().is_some())
    }

    /// A text with everything filled in; the title last, for it may hold braces.
    fn fill_template(&self, text: &str) -> String {
        let text = [0, 6, 10].iter().fold(text.to_owned(), |text, &spaces| {
            text.replace(&format!("{{fetch:{spaces}}}"), indent(FETCH_SCRIPT, spaces).trim_end())
        });
        text.replace("{date}", &self.today.iso())
            .replace("{version}", env!("CARGO_PKG_VERSION"))
            .replace("{repository}", env!("CARGO_PKG_REPOSITORY"))
            .replace("{name}", &project_name(self.title))
            .replace("{title}", &quoted(self.title))
    }
}

/// Whether a host's file still has to be told where releases of Dateline are.
pub(crate) fn needs_repository() -> bool {
    env!("CARGO_PKG_REPOSITORY").is_empty()
}

/// A text with blanks before each of its lines.
fn indent(text: &str, spaces: usize) -> String {
    text.lines().map(|line| format!("{:spaces$}{line}\n", "")).collect()
}

/// What Cloudflare takes for a project's name: ASCII, in small letters, with hyphens, at most 58.
fn project_name(title: &str) -> String {
    let words: String = slugify(title)
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || *c == '-')
        .take(58)
        .collect();
    match words.trim_matches('-') {
        "" => "news-archive".into(),
        name => name.into(),
    }
}

//! A starting site: settings, a first story, a part of a template, what version control is to leave out, and what a host is to do.

use std::fs;
use std::path::Path;

use super::files::put;
use super::{line, quoted};
use crate::diagnostic::Error;
use crate::model::Day;
use crate::model::slug::slugify;
use crate::site::CONFIG_FILE;

/// The texts of a starting site. In braces stands what is filled in.
const SETTINGS: &str = include_str!("site/site.yaml");
const STORY: &str = include_str!("site/first-story.md");
const COLOPHON: &str = include_str!("site/colophon.html");
const GITIGNORE: &str = include_str!("site/gitignore");
/// How a host gets the program, put into each of its files with as many blanks before its lines as that needs.
const FETCH: &str = include_str!("site/ci/fetch.sh");

/// Who builds and publishes the site.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Host {
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
            Self::GitHub => &[(".github/workflows/publish.yml", include_str!("site/ci/github.yml"))],
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
pub struct Started {
    /// Files that were made, from the site's folder.
    pub made: Vec<String>,
    /// What was there and stays as it is, with what follows from that.
    pub kept: Vec<(String, &'static str)>,
}

impl Started {
    /// Whether there was nothing left to do.
    pub fn is_nothing(&self) -> bool {
        self.made.is_empty()
    }
}

/// Makes a starting site in a folder, which is made if it isn't there. Files that are there stay; so do `content/` and `templates/` that
/// hold something, since a site with stories needs no first one, and no page of it may change.
///
/// # Errors
/// What the machine refused, a title of nothing, or a file where a folder is needed.
pub fn init(folder: &Path, title: &str, host: Option<Host>, today: Day) -> Result<Started, Error> {
    let title = line(title);
    if title.is_empty() {
        return Err(Error::Usage("the title is empty: write --title \"The Courier\"".into()));
    }
    fs::create_dir_all(folder).map_err(Error::io("can't make the folder", folder))?;
    let mut start = Start { folder, title: &title, today, started: Started::default() };
    let first = format!("content{}first-story.md", today.path());
    let (full_content, full_templates) =
        (start.holds_something("content"), start.holds_something("templates"));
    start.file(CONFIG_FILE, SETTINGS, "--title counts for a new one only")?;
    match full_content {
        true => start.kept("content/", "it holds something already, so no first story is needed"),
        false => start.file(&first, STORY, "it is a story already")?,
    }
    match full_templates {
        true => start.kept("templates/", "it holds something already, so no example is needed"),
        false => start.file("templates/parts/colophon.html", COLOPHON, "it is a template already")?,
    }
    start.file(".gitignore", GITIGNORE, "see that it names /public/ and /.dateline/")?;
    for (path, text) in host.map_or(&[][..], Host::files) {
        start.file(path, text, "it may build something else; take it away to get another")?;
    }
    Ok(start.started)
}

/// A starting site that is being made.
struct Start<'a> {
    folder: &'a Path,
    title: &'a str,
    today: Day,
    started: Started,
}

impl Start<'_> {
    /// Puts a file, or notes that there is one.
    fn file(&mut self, path: &str, text: &str, if_there: &'static str) -> Result<(), Error> {
        match put(self.folder, path, &self.filled(text))? {
            true => self.started.made.push(path.to_owned()),
            false => self.kept(path, if_there),
        }
        Ok(())
    }

    fn kept(&mut self, path: &str, why: &'static str) {
        self.started.kept.push((path.to_owned(), why));
    }

    /// Whether there is a folder with anything in it.
    fn holds_something(&self, name: &str) -> bool {
        fs::read_dir(self.folder.join(name)).is_ok_and(|mut entries| entries.next().is_some())
    }

    /// A text with everything filled in; the title last, for it may hold braces.
    fn filled(&self, text: &str) -> String {
        let text = [0, 6, 10].iter().fold(text.to_owned(), |text, &blanks| {
            text.replace(&format!("{{fetch:{blanks}}}"), indented(FETCH, blanks).trim_end())
        });
        text.replace("{date}", &self.today.iso())
            .replace("{version}", env!("CARGO_PKG_VERSION"))
            .replace("{repository}", env!("CARGO_PKG_REPOSITORY"))
            .replace("{name}", &project(self.title))
            .replace("{title}", &quoted(self.title))
    }
}

/// Whether a host's file still has to be told where releases of Dateline are.
pub fn needs_repository() -> bool {
    env!("CARGO_PKG_REPOSITORY").is_empty()
}

/// A text with blanks before each of its lines.
fn indented(text: &str, blanks: usize) -> String {
    text.lines().map(|line| format!("{:blanks$}{line}\n", "")).collect()
}

/// What Cloudflare takes for a project's name: ASCII, in small letters, with hyphens, at most 58.
fn project(title: &str) -> String {
    let words: String =
        slugify(title).chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').take(58).collect();
    match words.trim_matches('-') {
        "" => "news-archive".into(),
        name => name.into(),
    }
}

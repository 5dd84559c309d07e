//! `dateline init`: creates a site with settings, an example article, pages such as About us, an
//! example of a template override, a `.gitignore`, and the configuration of a host.

use std::fs;
use std::path::Path;

use super::files::write_new;
use super::text::{quoted, single_line};
use crate::config::{CONFIG_FILE, PERMALINK_REGISTRY_FILE, PERMALINK_REGISTRY_HEADER, sample_file};
use crate::diagnostics::Error;
use crate::model::Day;
use crate::model::slug::slugify;

/// The files of a new site. `{name}` and the like are placeholders.
const FIRST_ARTICLE: &str = include_str!("site/first-story.md");
const COLOPHON: &str = include_str!("site/colophon.html");
const GITIGNORE: &str = include_str!("site/gitignore");
/// The pages of a new site, to which its footer links.
const PAGES: [(&str, &str); 3] = [
    ("content/pages/about.md", include_str!("site/about.md")),
    ("content/pages/contact.md", include_str!("site/contact.md")),
    ("content/pages/corrections-policy.md", include_str!("site/corrections-policy.md")),
];
/// The commands that download the program, which are inserted in the files of hosts with the
/// indentation that they need.
const FETCH_SCRIPT: &str = include_str!("site/ci/fetch.sh");

/// A host that builds and publishes the site.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Host {
    /// GitHub Pages, with a workflow.
    GitHub,
    /// GitLab Pages, with a job.
    GitLab,
    /// Netlify.
    Netlify,
    /// Cloudflare Pages, with a GitHub workflow.
    Cloudflare,
}

impl Host {
    /// The paths and contents of the host's files.
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

/// An existing file or folder that was kept.
#[derive(Debug)]
pub(crate) struct SkippedPath {
    /// The path, relative to the site's folder.
    pub path: String,
    /// A note about it for the user.
    pub note: &'static str,
}

/// The results of creating a site.
#[derive(Debug, Default)]
pub(crate) struct ScaffoldReport {
    /// The files that were created, relative to the site's folder.
    pub created: Vec<String>,
    /// The existing files and folders that were kept.
    pub skipped: Vec<SkippedPath>,
}

impl ScaffoldReport {
    /// Returns true if no file was created.
    pub(crate) fn is_empty(&self) -> bool {
        self.created.is_empty()
    }
}

/// Creates a site in a folder, which is created if it doesn't exist. Existing files are kept.
/// Nothing is added to `content/` and `templates/` if they aren't empty: a site with articles needs
/// no example, and none of its pages should change.
///
/// # Errors
/// [`Error::Usage`] if the title is empty or a file exists where a folder is needed; [`Error::Io`]
/// if a folder or file can't be created.
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
    fs::create_dir_all(folder).map_err(Error::io("can't create the folder", folder))?;
    let mut scaffold =
        SiteScaffold { folder, title: &title, today, report: ScaffoldReport::default() };
    let first_article = format!("content{}first-story.md", today.path());
    // Both are checked before anything is created.
    let has_content = scaffold.is_nonempty_dir("content");
    let has_templates = scaffold.is_nonempty_dir("templates");
    let settings = if has_content { sample_file() } else { with_menus(&sample_file()) };
    scaffold.add_file(CONFIG_FILE, &settings, "--title is only used for a new file")?;
    if has_content {
        scaffold.skip("content/", "it isn't empty, so it needs no example");
    } else {
        scaffold.add_file(&first_article, FIRST_ARTICLE, "it exists")?;
        for (path, text) in PAGES {
            scaffold.add_file(path, text, "it exists")?;
        }
    }
    if has_templates {
        scaffold.skip("templates/", "it isn't empty, so it needs no example");
    } else {
        scaffold.add_file("templates/parts/colophon.html", COLOPHON, "it exists")?;
    }
    scaffold.add_file(
        ".gitignore",
        GITIGNORE,
        "add /public/ and /.dateline/ if they are missing",
    )?;
    scaffold.add_file(PERMALINK_REGISTRY_FILE, PERMALINK_REGISTRY_HEADER, "it exists")?;
    for (path, text) in host.map_or(&[][..], Host::files) {
        scaffold.add_file(path, text, "delete it and run init again to create a new one")?;
    }
    Ok(scaffold.report)
}

/// Returns the settings with the menus, whose pages are created.
fn with_menus(settings: &str) -> String {
    let mut is_menu = false;
    let lines = settings.lines().map(|line| {
        is_menu = line == "#menus:" || is_menu && line.starts_with("#  ");
        let line = if is_menu { &line[1..] } else { line };
        format!("{line}\n")
    });
    lines.collect()
}

/// A site that is being created.
struct SiteScaffold<'a> {
    folder: &'a Path,
    title: &'a str,
    today: Day,
    report: ScaffoldReport,
}

impl SiteScaffold<'_> {
    /// Creates a file, or records that it exists.
    fn add_file(&mut self, path: &str, text: &str, note: &'static str) -> Result<(), Error> {
        if write_new(self.folder, path, &self.fill_template(text))? {
            self.report.created.push(path.to_owned());
        } else {
            self.skip(path, note);
        }
        Ok(())
    }

    fn skip(&mut self, path: &str, note: &'static str) {
        self.report.skipped.push(SkippedPath { path: path.to_owned(), note });
    }

    /// Returns true if a folder exists and isn't empty.
    fn is_nonempty_dir(&self, name: &str) -> bool {
        fs::read_dir(self.folder.join(name)).is_ok_and(|mut entries| entries.next().is_some())
    }

    /// Replaces the placeholders in a text. The title comes last, because it may contain braces.
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

/// Returns true if the user has to set the repository of Dateline releases in the host's files.
pub(crate) fn needs_repository() -> bool {
    env!("CARGO_PKG_REPOSITORY").is_empty()
}

/// Indents each line of a text.
fn indent(text: &str, spaces: usize) -> String {
    text.lines().map(|line| format!("{:spaces$}{line}\n", "")).collect()
}

/// Returns a valid name of a Cloudflare project: at most 58 lowercase ASCII letters, digits and
/// hyphens.
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

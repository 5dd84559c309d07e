//! The results of `dateline init`, `new`, `man` and `export`.

use std::path::Path;

use super::report::{Reporter, pluralize};
use super::stdio::{self, safe_eprintln, safe_println};
use crate::diagnostics::Diagnostic;
use crate::scaffold::{CreatedArticle, Host, ScaffoldReport, needs_repository};

impl Reporter {
    /// Prints the files of a new site, and the next steps.
    pub(crate) fn print_scaffold_report(
        &self,
        report: &ScaffoldReport,
        folder: &Path,
        host: Option<Host>,
    ) {
        if !self.is_quiet() {
            stdio::print(format_args!("{}", scaffold_text(report, folder, host)));
        }
    }

    /// Prints the path of a new article. Nothing else goes to standard output, so that another
    /// program can read it.
    pub(crate) fn print_new_article(
        &self,
        file: &Path,
        article: &CreatedArticle,
        mistakes: &[Diagnostic],
    ) {
        self.print_diagnostics(mistakes);
        if article.is_future && !self.is_quiet() {
            safe_eprintln!(
                "the date is in the future: until then, the article is published only with --future"
            );
        }
        if self.is_verbose() {
            safe_eprintln!("the URL will be {}", article.permalink);
        }
        safe_println!("{}", file.display());
    }

    /// Prints the number of man pages that were written.
    pub(crate) fn print_man_pages(&self, pages: usize, folder: &Path) {
        if !self.is_quiet() {
            safe_println!("{} in {}", pluralize(pages, "page"), folder.display());
        }
    }

    /// Prints the number of articles in an exported database.
    pub(crate) fn print_export_summary(
        &self,
        articles: usize,
        file: &Path,
        diagnostics: &[Diagnostic],
    ) {
        self.print_diagnostics(diagnostics);
        if !self.is_quiet() {
            safe_println!("{} in {}", pluralize(articles, "article"), file.display());
        }
    }
}

fn scaffold_text(report: &ScaffoldReport, folder: &Path, host: Option<Host>) -> String {
    let mut text = if report.is_empty() {
        format!("All files exist in {}: nothing was written\n", folder.display())
    } else {
        format!("Created a site in {}\n", folder.display())
    };
    let mut list = |heading: &str, lines: Vec<String>| {
        if !lines.is_empty() {
            text.push_str(&format!("\n{heading}\n"));
            lines.iter().for_each(|line| text.push_str(&format!("  {line}\n")));
        }
    };
    list("Created:", report.created.clone());
    list(
        "Kept:",
        report
            .skipped
            .iter()
            .map(|skipped| format!("{} ({})", skipped.path, skipped.note))
            .collect(),
    );
    list("Next:", next_steps(folder, host));
    text
}

/// The next steps, one per line.
fn next_steps(folder: &Path, host: Option<Host>) -> Vec<String> {
    let mut steps = Vec::new();
    if folder != Path::new(".") {
        steps.push(format!("cd {}", folder.display()));
    }
    steps.extend([
        "dateline serve --open             # shows the site in your browser".into(),
        "dateline build                    # writes the whole site to public/".into(),
        "dateline new \"Your headline\"      # creates an article and prints its path".into(),
    ]);
    if host.is_some() && needs_repository() {
        steps.push(
            "set DATELINE_REPOSITORY in the host's configuration to the URL of the repository that \
             publishes Dateline releases"
                .into(),
        );
    }
    match host {
        None => {
            steps
                .push("set base_url in site.yaml to the URL where you will publish public/".into());
        }
        Some(Host::GitHub) => {
            steps.push(
                "in the repository's settings, under Pages, choose \"GitHub Actions\" as the source"
                    .into(),
            );
        }
        Some(Host::GitLab) => {
            steps.push("push to the default branch: GitLab publishes the site".into());
        }
        Some(Host::Netlify) => {
            steps.push("connect the repository at Netlify, which then publishes each push".into());
        }
        Some(Host::Cloudflare) => steps.extend([
            "follow the one-time setup at the top of .github/workflows/publish.yml".into(),
            "set base_url in site.yaml to the URL that Cloudflare gives the project".into(),
        ]),
    }
    steps
}

//! What is told of beginnings, and what is printed as it is.

use std::path::Path;

use super::report::Reporter;
use super::{safe_eprintln, safe_println};
use crate::cli::output;
use crate::diagnostics::Diagnostic;
use crate::scaffold::{CreatedArticle, Host, ScaffoldReport, needs_repository};

impl Reporter {
    /// Tells what a new site has, and how to go on.
    pub(crate) fn print_scaffold_report(
        &self,
        report: &ScaffoldReport,
        folder: &Path,
        host: Option<Host>,
    ) {
        if !self.is_quiet() {
            output::print(format_args!("{}", scaffold_text(report, folder, host)));
        }
    }

    /// Prints the path of a new story, which is all that goes to standard output, so that another
    /// program can take it.
    pub(crate) fn print_new_article(
        &self,
        file: &Path,
        article: &CreatedArticle,
        mistakes: &[Diagnostic],
    ) {
        self.print_diagnostics(mistakes);
        if article.is_future && !self.is_quiet() {
            safe_eprintln!(
                "its date is yet to come: builds hold it back until then, or take it with --future"
            );
        }
        if self.is_verbose() {
            safe_eprintln!("its address will be {}", article.permalink);
        }
        safe_println!("{}", file.display());
    }

    /// Tells of manual pages that were written.
    pub(crate) fn print_man_pages(&self, pages: usize, folder: &Path) {
        if !self.is_quiet() {
            safe_println!("{pages} pages in {}", folder.display());
        }
    }
}

fn scaffold_text(report: &ScaffoldReport, folder: &Path, host: Option<Host>) -> String {
    let mut text = match report.is_empty() {
        true => format!("{} has everything already: nothing was written\n", folder.display()),
        false => format!("A new site in {}\n", folder.display()),
    };
    let mut list = |heading: &str, lines: Vec<String>| {
        if !lines.is_empty() {
            text.push_str(&format!("\n{heading}\n"));
            lines.iter().for_each(|line| text.push_str(&format!("  {line}\n")));
        }
    };
    list("Made:", report.created.clone());
    list(
        "Left as it was:",
        report.skipped.iter().map(|(path, reason)| format!("{path} ({reason})")).collect(),
    );
    list("Next:", next_steps(folder, host));
    text
}

/// What to do next, a line each.
fn next_steps(folder: &Path, host: Option<Host>) -> Vec<String> {
    let mut steps = Vec::new();
    if folder != Path::new(".") {
        steps.push(format!("cd {}", folder.display()));
    }
    steps.extend([
        "dateline serve --open             # shows the site while you write".into(),
        "dateline build                    # makes public/, which is the whole site".into(),
        "dateline new \"Your headline\"      # writes the next story and prints its path".into(),
    ]);
    if host.is_some() && needs_repository() {
        steps.push(
            "write into DATELINE_REPOSITORY of the host's file where releases of Dateline are"
                .into(),
        );
    }
    match host {
        None => steps.push("set base_url in site.yaml to the address where public/ will be".into()),
        Some(Host::GitHub) => {
            steps.push(
                "in the repository's settings, under Pages, choose \"GitHub Actions\" as the source".into(),
            );
        }
        Some(Host::GitLab) => steps.push("push to the default branch: GitLab publishes it".into()),
        Some(Host::Netlify) => {
            steps.push("connect the repository at Netlify: it publishes each push".into())
        }
        Some(Host::Cloudflare) => steps.extend([
            "do what the first lines of .github/workflows/publish.yml say, once".into(),
            "set base_url in site.yaml to the address that Cloudflare gives the project".into(),
        ]),
    }
    steps
}

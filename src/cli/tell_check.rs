//! What is told of a check, and of a story.

use std::collections::BTreeMap;

use super::formats::{Format, github, json_of_findings, json_of_known, sarif};
use super::out::say;
use super::report::{Reporter, count};
use crate::check::Findings;
use crate::diagnostic::Severity;
use crate::explain::{Fact, Known, lines};

impl Reporter {
    /// Tells what is known of a story.
    pub(super) fn explained(&self, known: &Known, json: bool) {
        self.clear();
        if json {
            say!("{}", json_of_known(known));
            return;
        }
        self.tell(&known.diagnostics);
        say!("{}", known.file);
        for Fact { name, value, because } in &known.facts {
            let because = if because.is_empty() { String::new() } else { format!("  ({because})") };
            say!("  {name:<15}{value}{because}");
        }
        if !known.pages.is_empty() {
            say!("{} made from it:", count(known.pages.len(), "page"));
        }
        for page in &known.pages {
            say!("  {}: {}", page.path, page.verdict);
            lines(page).iter().for_each(|line| say!("    {line}"));
        }
    }

    /// Tells what a check found: in a form for people, no more than some findings of each rule.
    pub(super) fn checked(&self, findings: &Findings, format: Format, most: usize, external: bool) {
        self.clear();
        match format {
            Format::Json => say!("{}", json_of_findings(findings)),
            Format::Sarif => say!("{}", sarif(&findings.diagnostics)),
            Format::Github => findings.diagnostics.iter().for_each(|one| say!("{}", github(one))),
            Format::Human => self.checked_for_people(findings, most, external),
        }
    }

    fn checked_for_people(&self, findings: &Findings, most: usize, external: bool) {
        let mut told: BTreeMap<&str, usize> = BTreeMap::new();
        let mut shown = findings.diagnostics.clone();
        shown.retain(|diagnostic| {
            let count = told.entry(diagnostic.code).or_default();
            *count += 1;
            most == 0 || *count <= most
        });
        self.tell(&shown);
        if self.voice.quiet {
            return;
        }
        let counts = findings.diagnostics.iter().fold(BTreeMap::<&str, usize>::new(), |mut counts, one| {
            *counts.entry(one.code).or_default() += 1;
            counts
        });
        for (code, count) in counts {
            let more = if most > 0 && count > most {
                format!(", {most} of them shown (--most 0 shows all)")
            } else {
                String::new()
            };
            say!("{count:>8} {code}{more}");
        }
        let asked = match external {
            true => {
                format!("{} out of the site, {} asked now", count(findings.external, "link"), findings.asked)
            }
            false => format!("{} out of the site not asked (--external)", count(findings.external, "link")),
        };
        say!(
            "{}, {}, {} followed, {asked}: {}, {}, in {:.2} s",
            count(findings.articles, "article"),
            count(findings.pages, "page"),
            count(findings.links, "link"),
            count(findings.count(Severity::Error), "error"),
            count(findings.count(Severity::Warning), "warning"),
            findings.seconds
        );
    }
}

//! What people and programs are told: the only place that prints.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "this is the place that prints")]

use std::io::IsTerminal;
use std::time::Duration;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::build::{BuildReport, Progress};
use crate::diagnostic::{Diagnostic, Error, Severity};
use crate::site::Site;

/// Tells how a build goes and how it went.
pub(super) struct Reporter {
    json: bool,
    quiet: bool,
    bar: ProgressBar,
}

impl Reporter {
    pub(super) fn new(json: bool, quiet: bool) -> Self {
        let shown = !json && !quiet && std::io::stderr().is_terminal();
        let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::hidden());
        if shown {
            bar.set_draw_target(ProgressDrawTarget::stderr_with_hz(10));
            if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} {elapsed}") {
                bar.set_style(style);
            }
        }
        Self { json, quiet, bar }
    }

    pub(super) fn failed(&self, error: &Error) {
        self.bar.finish_and_clear();
        eprintln!("error: {error}");
    }

    pub(super) fn finished(&self, report: &BuildReport, site: &Site) {
        self.bar.finish_and_clear();
        let colour = std::io::stderr().is_terminal()
            && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
        for diagnostic in &report.diagnostics {
            if !self.quiet || diagnostic.severity == Severity::Error {
                eprintln!("{}\n", render(diagnostic, &renderer));
            }
        }
        if self.json {
            println!("{}", json(report));
        } else if !self.quiet {
            println!("{}", summary(report, site));
        }
    }
}

impl Progress for Reporter {
    fn expect(&self, units: usize) {
        self.bar.inc_length(units as u64);
    }

    fn done(&self) {
        // A build of under a second shows nothing.
        if !self.bar.is_hidden() && self.bar.elapsed() > Duration::from_secs(1) || self.bar.position() > 0 {
            self.bar.inc(1);
        }
    }
}

fn render(diagnostic: &Diagnostic, renderer: &Renderer) -> String {
    let level = if diagnostic.severity == Severity::Error { Level::ERROR } else { Level::WARNING };
    let title = level.primary_title(diagnostic.message.as_str()).id(diagnostic.code);
    let snippets = |place: &crate::diagnostic::Place, kind: AnnotationKind, label: Option<String>| {
        let shown = place.column - 1 - place.hidden() + usize::from(place.hidden() > 0);
        let byte = |count: usize| place.text.char_indices().nth(count).map_or(place.text.len(), |(at, _)| at);
        let span = byte(shown)..byte(shown + place.width).max(byte(shown));
        Snippet::source(place.text.clone())
            .line_start(place.line)
            .path(diagnostic.file.clone())
            .annotation(kind.span(span).label(label))
    };
    let mut group = Group::with_title(title);
    match &diagnostic.place {
        Some(place) => {
            group = group.element(snippets(place, AnnotationKind::Primary, None));
            if let Some((place, label)) = &diagnostic.related {
                group = group.element(snippets(place, AnnotationKind::Context, Some(label.clone())));
            }
        }
        None => group = group.element(annotate_snippets::Origin::path(diagnostic.file.as_str())),
    }
    if let Some(help) = &diagnostic.help {
        group = group.element(Level::HELP.message(help.as_str()));
    }
    renderer.render(&[group])
}

fn summary(report: &BuildReport, site: &Site) -> String {
    let output = site.output.strip_prefix(&site.root).unwrap_or(&site.output).display();
    let mut line = format!(
        "{} articles, {} files in {output}: {} written, {} unchanged, {} removed, in {:.2} s",
        report.articles, report.pages, report.written, report.unchanged, report.removed, report.seconds
    );
    let held = report.held_back;
    let reasons = [(held.drafts, "drafts"), (held.future, "dated in the future"), (held.expired, "expired")];
    let reasons: Vec<String> = reasons
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    if !reasons.is_empty() {
        line.push_str(&format!("; held back: {}", reasons.join(", ")));
    }
    let (errors, warnings) = (report.count(Severity::Error), report.count(Severity::Warning));
    if errors + warnings > 0 {
        line.push_str(&format!("; {errors} errors, {warnings} warnings"));
    }
    line
}

fn json(report: &BuildReport) -> serde_json::Value {
    serde_json::json!({
        "articles": report.articles,
        "pages": report.pages,
        "written": report.written,
        "unchanged": report.unchanged,
        "removed": report.removed,
        "held_back": { "drafts": report.held_back.drafts, "future": report.held_back.future, "expired": report.held_back.expired },
        "errors": report.count(Severity::Error),
        "warnings": report.count(Severity::Warning),
        "seconds": report.seconds,
    })
}

//! What people and programs are told: the only place that prints.

use std::fmt::Display;
use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::format::{diagnostic_to_json, explanation_to_json};
use super::{safe_eprintln, safe_println};
use crate::cli::output;
use crate::cli::{ColorChoice, Verbosity};
use crate::config::{CONFIG_FILE, PERMALINK_REGISTRY_FILE, REDACTIONS_FILE, Site};
use crate::diagnostics::{Diagnostic, Severity};
use crate::explain::change_lines;
use crate::permalinks::RecordSummary;
use crate::pipeline::{BuildReport, Explanation, Progress};
use crate::serve::ServeObserver;

/// Tells how a build goes and how it went.
pub(crate) struct Reporter {
    pub(crate) json: bool,
    pub(crate) verbosity: Verbosity,
    bar: ProgressBar,
    open_browser: AtomicBool,
}

impl Reporter {
    pub(crate) fn new(json: bool, verbosity: Verbosity) -> Self {
        let is_visible = !json && !verbosity.quiet && std::io::stderr().is_terminal();
        let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::hidden());
        if is_visible {
            bar.set_draw_target(ProgressDrawTarget::stderr_with_hz(10));
            if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} {elapsed}") {
                bar.set_style(style);
            }
        }
        Self { json, verbosity, bar, open_browser: AtomicBool::new(false) }
    }

    /// Whether a browser is to be opened, once there is something to show.
    pub(crate) fn set_open_browser(&self, open: bool) {
        self.open_browser.store(open, Ordering::Relaxed);
    }

    /// Whether more is to be said.
    pub(crate) fn is_verbose(&self) -> bool {
        self.verbosity.verbose
    }

    /// Whether nothing but errors is to be said.
    pub(crate) fn is_quiet(&self) -> bool {
        self.verbosity.quiet
    }

    /// Whether standard output is for a program.
    pub(crate) fn is_json(&self) -> bool {
        self.json
    }

    /// Whether standard output is a terminal.
    pub(crate) fn is_stdout_terminal(&self) -> bool {
        std::io::stdout().is_terminal()
    }

    /// Takes the progress bar away, for what is said next.
    pub(crate) fn clear_progress(&self) {
        self.bar.finish_and_clear();
    }

    fn color_on_stderr(&self) -> bool {
        self.use_color(std::io::stderr().is_terminal())
    }

    /// Whether what goes to standard output is to have colours.
    pub(crate) fn color_on_stdout(&self) -> bool {
        self.use_color(self.is_stdout_terminal())
    }

    fn use_color(&self, is_terminal: bool) -> bool {
        match self.verbosity.color {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto => {
                is_terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
            }
        }
    }

    pub(crate) fn print_error(&self, error: &impl Display) {
        self.bar.finish_and_clear();
        safe_eprintln!("error: {error}");
    }

    pub(crate) fn print_build_report(&self, report: &mut BuildReport, site: &Site, dry_run: bool) {
        self.print_diagnostics(&report.diagnostics);
        if self.json {
            output::stream(|out| write_json(report, out));
            return;
        }
        report.explanations.iter().for_each(|explanation| {
            output::print(format_args!("{}", explanation_text(explanation)))
        });
        if let (true, Some(list)) = (self.verbosity.verbose, &mut report.output_changes.list) {
            output::stream(|out| list.try_for_each_line(|line| writeln!(out, "{line}")));
        }
        if !self.verbosity.quiet {
            safe_println!("{}", build_summary(report, site, dry_run));
        }
    }
}

impl Reporter {
    /// Tells of a database that was written.
    pub(crate) fn print_export_summary(
        &self,
        articles: usize,
        file: &Path,
        diagnostics: &[Diagnostic],
    ) {
        self.print_diagnostics(diagnostics);
        if !self.verbosity.quiet {
            safe_println!("{} in {}", pluralize(articles, "article"), file.display());
        }
    }

    /// Tells what is wrong.
    pub(crate) fn print_diagnostics(&self, diagnostics: &[Diagnostic]) {
        self.bar.finish_and_clear();
        let renderer = if self.color_on_stderr() { Renderer::styled() } else { Renderer::plain() };
        for diagnostic in diagnostics {
            if !self.verbosity.quiet || diagnostic.severity == Severity::Error {
                safe_eprintln!("{}\n", render_diagnostic(diagnostic, &renderer));
            }
        }
    }
}

impl ServeObserver for Reporter {
    fn on_started(&self, url: &str, articles: usize) {
        self.bar.finish_and_clear();
        if !self.verbosity.quiet {
            safe_println!("Showing {} at {url}", pluralize(articles, "article"));
            safe_println!("Every change is shown at once; Ctrl-C ends it");
        }
        if self.open_browser.load(Ordering::Relaxed) && open::that_detached(url).is_err() {
            self.on_notice("no browser can be opened here");
        }
    }

    fn on_changed(&self, changed: &[String], files_read: usize, elapsed: Duration) {
        if self.verbosity.quiet {
            return;
        }
        let (first, more) =
            (changed.first().map_or("", String::as_str), changed.len().saturating_sub(1));
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let read_note = if self.verbosity.verbose {
            format!(", {} read", pluralize(files_read, "file"))
        } else {
            String::new()
        };
        safe_println!("{first}{more}: shown after {} ms{read_note}", elapsed.as_millis());
    }

    fn on_diagnostics(&self, diagnostics: &[Diagnostic]) {
        self.print_diagnostics(diagnostics);
    }

    fn on_notice(&self, text: &str) {
        self.bar.suspend(|| safe_eprintln!("note: {text}"));
    }
}

impl Progress for Reporter {
    fn add_work(&self, units: usize) {
        self.bar.inc_length(units as u64);
    }

    fn advance(&self) {
        // A build of under a second shows nothing.
        if !self.bar.is_hidden() && self.bar.elapsed() > Duration::from_secs(1)
            || self.bar.position() > 0
        {
            self.bar.inc(1);
        }
    }

    fn waiting_for_lock(&self) {
        safe_eprintln!("another build of this site is running: waiting for it to end");
    }
}

fn render_diagnostic(diagnostic: &Diagnostic, renderer: &Renderer) -> String {
    let level = if diagnostic.severity == Severity::Error { Level::ERROR } else { Level::WARNING };
    let title = level.primary_title(diagnostic.message.as_str()).id(diagnostic.code);
    let snippet = |location: &crate::diagnostics::Location,
                   kind: AnnotationKind,
                   label: Option<String>| {
        // Blanks stand for what isn't shown of a long line, so that columns count from its
        // beginning.
        let text =
            format!("{}{}", " ".repeat(location.hidden_chars().saturating_sub(1)), location.text);
        let byte_offset =
            |count: usize| text.char_indices().nth(count).map_or(text.len(), |(at, _)| at);
        let span =
            byte_offset(location.column - 1)..byte_offset(location.column - 1 + location.width);
        Snippet::source(text)
            .line_start(location.line)
            .path(diagnostic.file.clone())
            .annotation(kind.span(span).label(label))
    };
    let mut group = Group::with_title(title);
    match &diagnostic.location {
        Some(location) => {
            group = group.element(snippet(location, AnnotationKind::Primary, None));
            if let Some((location, label)) = &diagnostic.related {
                group =
                    group.element(snippet(location, AnnotationKind::Context, Some(label.clone())));
            }
        }
        None => group = group.element(annotate_snippets::Origin::path(diagnostic.file.as_str())),
    }
    if let Some(help) = &diagnostic.help {
        group = group.element(Level::HELP.message(help.as_str()));
    }
    renderer.render(&[group])
}

fn build_summary(report: &BuildReport, site: &Site, dry_run: bool) -> String {
    let output = site.output_dir.strip_prefix(&site.root).unwrap_or(&site.output_dir).display();
    let would = if dry_run { "would be " } else { "" };
    let mut line = format!(
        "{}, {} in {output}: {} {would}written, {} unchanged, {} removed, in {:.2} s",
        pluralize(report.articles, "article"),
        pluralize(report.files, "file"),
        report.output_changes.written,
        report.unchanged,
        report.output_changes.removed,
        report.seconds
    );
    if report.is_blocked {
        let is_redactions_error = |diagnostic: &Diagnostic| {
            diagnostic.file == REDACTIONS_FILE && diagnostic.severity == Severity::Error
        };
        let file = if report.diagnostics.iter().any(is_redactions_error) {
            REDACTIONS_FILE
        } else {
            CONFIG_FILE
        };
        line = format!(
            "{}; nothing was written: mend {file} first",
            pluralize(report.articles, "article")
        );
    }
    let unpublished = report.unpublished;
    let drafts = if unpublished.drafts == 1 { "draft" } else { "drafts" };
    let reasons = [
        (unpublished.drafts, drafts),
        (unpublished.scheduled, "dated in the future"),
        (unpublished.expired, "expired"),
    ];
    let reasons: Vec<String> = reasons
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, reason)| format!("{count} {reason}"))
        .collect();
    if !reasons.is_empty() {
        line.push_str(&format!("; held back: {}", reasons.join(", ")));
    }
    if let Some(counts) = report.registry_update {
        line.push_str(&format!("; {}", recorded_summary(counts)));
    }
    let (errors, warnings) = (report.count(Severity::Error), report.count(Severity::Warning));
    if errors + warnings > 0 {
        line.push_str(&format!(
            "; {}, {}",
            pluralize(errors, "error"),
            pluralize(warnings, "warning")
        ));
    }
    line
}

/// `1 article`, `2 articles`.
pub(crate) fn pluralize(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// An explanation as text: the verdict, then every input that changed.
fn explanation_text(explanation: &Explanation) -> String {
    let mut text = format!("{}: {}\n", explanation.path, explanation.verdict);
    change_lines(explanation).iter().for_each(|line| text.push_str(&format!("  {line}\n")));
    if explanation.inputs > 0 {
        text.push_str(&format!("  {} inputs in all\n", explanation.inputs));
    }
    text
}

/// The report for programs. Its lists of files come last, path by path.
fn write_json(report: &mut BuildReport, out: &mut dyn Write) -> io::Result<()> {
    let head = serde_json::json!({
        "articles": report.articles,
        "pages": report.files,
        "written": report.output_changes.written,
        "unchanged": report.unchanged,
        "proven": report.audited_files,
        "removed": report.output_changes.removed,
        "held_back": { "drafts": report.unpublished.drafts, "future": report.unpublished.scheduled, "expired": report.unpublished.expired },
        "errors": report.count(Severity::Error),
        "warnings": report.count(Severity::Warning),
        "seconds": report.seconds,
        "diagnostics": report.diagnostics.iter().map(diagnostic_to_json).collect::<Vec<_>>(),
        "explanations": report.explanations.iter().map(explanation_to_json).collect::<Vec<_>>(),
    })
    .to_string();
    out.write_all(head.strip_suffix('}').unwrap_or(&head).as_bytes())?;
    let Some(list) = &mut report.output_changes.list else {
        return writeln!(out, ",\"written_files\":null,\"removed_files\":null}}");
    };
    for (key, paths) in [("written_files", &mut list.written), ("removed_files", &mut list.removed)]
    {
        let mut separator = "";
        write!(out, ",\"{key}\":[")?;
        paths.try_for_each(|path| {
            write!(out, "{separator}{}", serde_json::Value::from(path))?;
            separator = ",";
            Ok(())
        })?;
        write!(out, "]")?;
    }
    writeln!(out, "}}")
}

/// `120 addresses in permalinks.txt, 3 of them new`.
pub(crate) fn recorded_summary(counts: RecordSummary) -> String {
    let RecordSummary { total, added: new } = counts;
    let noun = if total == 1 { "address" } else { "addresses" };
    format!("{total} {noun} in {PERMALINK_REGISTRY_FILE}, {new} of them new")
}

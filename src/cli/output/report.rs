//! The reporter: the progress bar, diagnostics, and everything that depends on verbosity and color.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::io::IsTerminal;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::stdio::safe_eprintln;
use crate::cli::args::{ColorChoice, Verbosity};
use crate::diagnostics::{Cause, Diagnostic, Location, Severity};
use crate::pipeline::Progress;

/// The reader of standard output.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum StdoutReader {
    /// A person, who reads text.
    Person,
    /// Another program, which reads JSON or the like.
    Program,
}

/// A code of which not all diagnostics were printed.
pub(crate) struct MoreDiagnostics {
    /// The code.
    pub(crate) code: &'static str,
    /// The number of all its diagnostics.
    pub(crate) count: usize,
}

/// Shows the progress of a command and its results.
pub(crate) struct Reporter {
    stdout_reader: StdoutReader,
    verbosity: Verbosity,
    bar: ProgressBar,
    open_browser: AtomicBool,
}

impl Reporter {
    /// Creates the reporter of a command.
    pub(crate) fn new(stdout_reader: StdoutReader, verbosity: Verbosity) -> Self {
        let is_visible = stdout_reader == StdoutReader::Person
            && !verbosity.quiet
            && std::io::stderr().is_terminal();
        let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::hidden());
        if is_visible {
            bar.set_draw_target(ProgressDrawTarget::stderr_with_hz(10));
            if let Ok(style) =
                ProgressStyle::with_template("{bar:30} {pos}/{len} {elapsed}, {eta} left")
            {
                bar.set_style(style);
            }
        }
        Self { stdout_reader, verbosity, bar, open_browser: AtomicBool::new(false) }
    }

    /// Opens a browser once the server is ready.
    pub(crate) fn open_browser_on_start(&self) {
        self.open_browser.store(true, Ordering::Relaxed);
    }

    /// Returns true if a browser is to be opened once the server is ready.
    pub(crate) fn opens_browser(&self) -> bool {
        self.open_browser.load(Ordering::Relaxed)
    }

    /// Returns true if details are printed.
    pub(crate) fn is_verbose(&self) -> bool {
        self.verbosity.verbose
    }

    /// Returns true if only errors are printed.
    pub(crate) fn is_quiet(&self) -> bool {
        self.verbosity.quiet
    }

    /// Returns true if standard output is for another program.
    pub(crate) fn is_json(&self) -> bool {
        self.stdout_reader == StdoutReader::Program
    }

    /// Returns true if standard output is a terminal.
    pub(crate) fn is_stdout_terminal(&self) -> bool {
        std::io::stdout().is_terminal()
    }

    /// Removes the progress bar, before something else is printed.
    pub(crate) fn clear_progress(&self) {
        self.bar.finish_and_clear();
    }

    /// Prints a note to standard error, above the progress bar.
    pub(crate) fn print_note(&self, text: &str) {
        self.bar.suspend(|| safe_eprintln!("note: {text}"));
    }

    fn color_on_stderr(&self) -> bool {
        self.use_color(std::io::stderr().is_terminal())
    }

    /// Returns true if text on standard output has colors.
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

    /// Prints the error that ended the command.
    pub(crate) fn print_error(&self, error: &impl Display) {
        self.clear_progress();
        safe_eprintln!("error: {error}");
    }

    /// Prints at most `max_shown` diagnostics of a code (0: all). Returns the codes that have more.
    pub(crate) fn print_most(
        &self,
        diagnostics: &[Diagnostic],
        max_shown: usize,
    ) -> Vec<MoreDiagnostics> {
        let mut counts: BTreeMap<&'static str, usize> = BTreeMap::new();
        let mut shown = group_by_cause(diagnostics);
        shown.retain(|diagnostic| {
            let count = counts.entry(diagnostic.code).or_default();
            *count += 1;
            max_shown == 0 || *count <= max_shown
        });
        self.print_diagnostics(&shown);
        let more = counts.into_iter().filter(|(_, count)| max_shown > 0 && *count > max_shown);
        more.map(|(code, count)| MoreDiagnostics { code, count }).collect()
    }

    /// Prints diagnostics to standard error; with `--quiet`, only errors.
    pub(crate) fn print_diagnostics(&self, diagnostics: &[Diagnostic]) {
        self.clear_progress();
        let renderer = if self.color_on_stderr() { Renderer::styled() } else { Renderer::plain() };
        for diagnostic in diagnostics {
            if !self.is_quiet() || diagnostic.severity == Severity::Error {
                safe_eprintln!("{}\n", render_diagnostic(diagnostic, &renderer));
            }
        }
    }
}

impl Progress for Reporter {
    fn add_work(&self, units: usize) {
        self.bar.inc_length(units as u64);
    }

    fn advance(&self) {
        // The bar isn't shown during the first second.
        if !self.bar.is_hidden() && self.bar.elapsed() > Duration::from_secs(1)
            || self.bar.position() > 0
        {
            self.bar.inc(1);
        }
    }

    fn waiting_for_lock(&self) {
        safe_eprintln!("another build of this site is running: waiting for it to finish");
    }
}

/// Returns diagnostics with one for each cause that several have, in place of their first.
fn group_by_cause(diagnostics: &[Diagnostic]) -> Vec<Diagnostic> {
    let mut counts: BTreeMap<(Cause, &'static str), usize> = BTreeMap::new();
    for diagnostic in diagnostics {
        if let Some(cause) = diagnostic.cause {
            *counts.entry((cause, diagnostic.code)).or_default() += 1;
        }
    }
    let mut reported = BTreeSet::new();
    let grouped = diagnostics.iter().filter_map(|diagnostic| {
        let cause = diagnostic.cause.map(|cause| (cause, diagnostic.code));
        let Some((cause, code)) = cause.filter(|key| counts[key] > 1) else {
            return Some(diagnostic.clone());
        };
        reported.insert((cause, code)).then(|| {
            let message =
                format!("{}: {}", cause.message(counts[&(cause, code)]), diagnostic.message);
            Diagnostic { message, ..diagnostic.clone() }.help(cause.help())
        })
    });
    grouped.collect()
}

fn render_diagnostic(diagnostic: &Diagnostic, renderer: &Renderer) -> String {
    let level = if diagnostic.severity == Severity::Error { Level::ERROR } else { Level::WARNING };
    let title = level.primary_title(diagnostic.message.as_str()).id(diagnostic.code);
    let mut group = Group::with_title(title);
    match &diagnostic.location {
        Some(location) => {
            group = group.element(source_snippet(diagnostic, location, None));
            if let Some((location, label)) = &diagnostic.related {
                group = group.element(source_snippet(diagnostic, location, Some(label)));
            }
        }
        None => group = group.element(annotate_snippets::Origin::path(diagnostic.file.as_str())),
    }
    if let Some(help) = &diagnostic.help {
        group = group.element(Level::HELP.message(help.as_str()));
    }
    renderer.render(&[group])
}

/// The source line of a location, underlined: the diagnostic's own, or a related one with a label.
fn source_snippet<'a>(
    diagnostic: &'a Diagnostic,
    location: &'a Location,
    label: Option<&'a String>,
) -> Snippet<'a, annotate_snippets::Annotation<'a>> {
    // Spaces replace the hidden part of a long line, so that columns count from its beginning.
    let indent = " ".repeat(location.hidden_chars().saturating_sub(1));
    let text = format!("{indent}{}", location.text);
    let byte_offset =
        |count: usize| text.char_indices().nth(count).map_or(text.len(), |(at, _)| at);
    let span = byte_offset(location.column - 1)..byte_offset(location.column - 1 + location.width);
    let kind = if label.is_some() { AnnotationKind::Context } else { AnnotationKind::Primary };
    Snippet::source(text)
        .line_start(location.line)
        .path(diagnostic.file.as_str())
        .annotation(kind.span(span).label(label.map(String::as_str)))
}

/// Returns a count with its noun: `1 article`, `2 articles`.
pub(crate) fn pluralize(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

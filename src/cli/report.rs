//! What people and programs are told: the only place that prints.

use std::fmt::Display;
use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::formats::{json_of_diagnostic, json_of_explanation};
use super::out::{self, aside, say};
use super::{Colour, Voice};
use crate::build::{BuildReport, Explanation, Progress};
use crate::diagnostic::{Diagnostic, Severity};
use crate::explain::lines;
use crate::register::Recorded;
use crate::serve::Audience;
use crate::site::{CONFIG_FILE, REDACTIONS_FILE, REGISTER_FILE, Site};

/// Tells how a build goes and how it went.
pub(super) struct Reporter {
    pub(super) json: bool,
    pub(super) voice: Voice,
    bar: ProgressBar,
    open: AtomicBool,
}

impl Reporter {
    pub(super) fn new(json: bool, voice: Voice) -> Self {
        let shown = !json && !voice.quiet && std::io::stderr().is_terminal();
        let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::hidden());
        if shown {
            bar.set_draw_target(ProgressDrawTarget::stderr_with_hz(10));
            if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} {elapsed}") {
                bar.set_style(style);
            }
        }
        Self { json, voice, bar, open: AtomicBool::new(false) }
    }

    /// Whether a browser is to be opened, once there is something to show.
    pub(super) fn open_browser(&self, open: bool) {
        self.open.store(open, Ordering::Relaxed);
    }

    /// Whether more is to be said.
    pub(super) fn is_verbose(&self) -> bool {
        self.voice.verbose
    }

    /// Whether nothing but errors is to be said.
    pub(super) fn is_quiet(&self) -> bool {
        self.voice.quiet
    }

    /// Whether standard output is for a program.
    pub(super) fn is_json(&self) -> bool {
        self.json
    }

    /// Whether standard output is a terminal.
    pub(super) fn is_terminal_out(&self) -> bool {
        std::io::stdout().is_terminal()
    }

    /// Takes the progress bar away, for what is said next.
    pub(super) fn clear(&self) {
        self.bar.finish_and_clear();
    }

    fn colours(&self) -> bool {
        self.colours_on(std::io::stderr().is_terminal())
    }

    /// Whether what goes to standard output is to have colours.
    pub(super) fn colours_out(&self) -> bool {
        self.colours_on(self.is_terminal_out())
    }

    fn colours_on(&self, terminal: bool) -> bool {
        match self.voice.color {
            Colour::Always => true,
            Colour::Never => false,
            Colour::Auto => terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
        }
    }

    pub(super) fn failed(&self, error: &impl Display) {
        self.bar.finish_and_clear();
        aside!("error: {error}");
    }

    pub(super) fn finished(&self, report: &mut BuildReport, site: &Site, dry_run: bool) {
        self.tell(&report.diagnostics);
        if self.json {
            out::stream(|out| write_json(report, out));
            return;
        }
        report.explanations.iter().for_each(|explanation| out::text(format_args!("{}", told(explanation))));
        if let (true, Some(list)) = (self.voice.verbose, &mut report.changes.list) {
            out::stream(|out| list.lines(|line| writeln!(out, "{line}")));
        }
        if !self.voice.quiet {
            say!("{}", summary(report, site, dry_run));
        }
    }
}

impl Reporter {
    /// Tells of a database that was written.
    pub(super) fn exported(&self, stories: usize, file: &Path, diagnostics: &[Diagnostic]) {
        self.tell(diagnostics);
        if !self.voice.quiet {
            say!("{} in {}", count(stories, "article"), file.display());
        }
    }

    /// Tells what is wrong.
    pub(super) fn tell(&self, diagnostics: &[Diagnostic]) {
        self.bar.finish_and_clear();
        let renderer = if self.colours() { Renderer::styled() } else { Renderer::plain() };
        for diagnostic in diagnostics {
            if !self.voice.quiet || diagnostic.severity == Severity::Error {
                aside!("{}\n", render(diagnostic, &renderer));
            }
        }
    }
}

impl Audience for Reporter {
    fn serving(&self, address: &str, stories: usize) {
        self.bar.finish_and_clear();
        if !self.voice.quiet {
            say!("Showing {} at {address}", count(stories, "article"));
            say!("Every change is shown at once; Ctrl-C ends it");
        }
        if self.open.load(Ordering::Relaxed) && open::that_detached(address).is_err() {
            self.notice("no browser can be opened here");
        }
    }

    fn shown(&self, changed: &[String], read: usize, took: Duration) {
        if self.voice.quiet {
            return;
        }
        let (first, more) = (changed.first().map_or("", String::as_str), changed.len().saturating_sub(1));
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let read = if self.voice.verbose { format!(", {} read", count(read, "file")) } else { String::new() };
        say!("{first}{more}: shown after {} ms{read}", took.as_millis());
    }

    fn wrong(&self, diagnostics: &[Diagnostic]) {
        self.tell(diagnostics);
    }

    fn notice(&self, text: &str) {
        self.bar.suspend(|| aside!("note: {text}"));
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

    fn waits(&self) {
        aside!("another build of this site is running: waiting for it to end");
    }
}

fn render(diagnostic: &Diagnostic, renderer: &Renderer) -> String {
    let level = if diagnostic.severity == Severity::Error { Level::ERROR } else { Level::WARNING };
    let title = level.primary_title(diagnostic.message.as_str()).id(diagnostic.code);
    let snippets = |place: &crate::diagnostic::Place, kind: AnnotationKind, label: Option<String>| {
        // Blanks stand for what isn't shown of a long line, so that columns count from its beginning.
        let text = format!("{}{}", " ".repeat(place.hidden().saturating_sub(1)), place.text);
        let byte = |count: usize| text.char_indices().nth(count).map_or(text.len(), |(at, _)| at);
        let span = byte(place.column - 1)..byte(place.column - 1 + place.width);
        Snippet::source(text)
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

fn summary(report: &BuildReport, site: &Site, dry_run: bool) -> String {
    let output = site.output.strip_prefix(&site.root).unwrap_or(&site.output).display();
    let would = if dry_run { "would be " } else { "" };
    let mut line = format!(
        "{}, {} in {output}: {} {would}written, {} unchanged, {} removed, in {:.2} s",
        count(report.articles, "article"),
        count(report.pages, "file"),
        report.changes.written,
        report.unchanged,
        report.changes.removed,
        report.seconds
    );
    if report.stopped {
        let names = |one: &Diagnostic| one.file == REDACTIONS_FILE && one.severity == Severity::Error;
        let file = if report.diagnostics.iter().any(names) { REDACTIONS_FILE } else { CONFIG_FILE };
        line = format!("{}; nothing was written: mend {file} first", count(report.articles, "article"));
    }
    let held = report.held_back;
    let drafts = if held.drafts == 1 { "draft" } else { "drafts" };
    let reasons = [(held.drafts, drafts), (held.future, "dated in the future"), (held.expired, "expired")];
    let reasons: Vec<String> = reasons
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    if !reasons.is_empty() {
        line.push_str(&format!("; held back: {}", reasons.join(", ")));
    }
    if let Some(written) = report.recorded {
        line.push_str(&format!("; {}", recorded(written)));
    }
    let (errors, warnings) = (report.count(Severity::Error), report.count(Severity::Warning));
    if errors + warnings > 0 {
        line.push_str(&format!("; {}, {}", count(errors, "error"), count(warnings, "warning")));
    }
    line
}

/// `1 article`, `2 articles`.
pub(super) fn count(number: usize, one: &str) -> String {
    format!("{number} {one}{}", if number == 1 { "" } else { "s" })
}

/// An explanation as text: the verdict, then every input that changed.
fn told(explanation: &Explanation) -> String {
    let mut text = format!("{}: {}\n", explanation.path, explanation.verdict);
    lines(explanation).iter().for_each(|line| text.push_str(&format!("  {line}\n")));
    if explanation.inputs > 0 {
        text.push_str(&format!("  {} inputs in all\n", explanation.inputs));
    }
    text
}

/// The report for programs. Its lists of files come last, path by path.
fn write_json(report: &mut BuildReport, out: &mut dyn Write) -> io::Result<()> {
    let head = serde_json::json!({
        "articles": report.articles,
        "pages": report.pages,
        "written": report.changes.written,
        "unchanged": report.unchanged,
        "proven": report.proven,
        "removed": report.changes.removed,
        "held_back": { "drafts": report.held_back.drafts, "future": report.held_back.future, "expired": report.held_back.expired },
        "errors": report.count(Severity::Error),
        "warnings": report.count(Severity::Warning),
        "seconds": report.seconds,
        "diagnostics": report.diagnostics.iter().map(json_of_diagnostic).collect::<Vec<_>>(),
        "explanations": report.explanations.iter().map(json_of_explanation).collect::<Vec<_>>(),
    })
    .to_string();
    out.write_all(head.strip_suffix('}').unwrap_or(&head).as_bytes())?;
    let Some(list) = &mut report.changes.list else {
        return writeln!(out, ",\"written_files\":null,\"removed_files\":null}}");
    };
    for (key, paths) in [("written_files", &mut list.written), ("removed_files", &mut list.removed)] {
        let mut before = "";
        write!(out, ",\"{key}\":[")?;
        paths.each(|path| {
            write!(out, "{before}{}", serde_json::Value::from(path))?;
            before = ",";
            Ok(())
        })?;
        write!(out, "]")?;
    }
    writeln!(out, "}}")
}

/// `120 addresses in permalinks.txt, 3 of them new`.
pub(super) fn recorded(recorded: Recorded) -> String {
    let Recorded { addresses, new } = recorded;
    let noun = if addresses == 1 { "address" } else { "addresses" };
    format!("{addresses} {noun} in {REGISTER_FILE}, {new} of them new")
}

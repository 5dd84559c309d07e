//! What is told of fixity and of the register.

use super::formats::json_of_diagnostic;
use super::out::say;
use super::report::{Reporter, count, recorded};
use crate::diagnostic::Diagnostic;
use crate::fixity::{Against, Fixity, Paths};
use crate::register::{Recorded, Register, Target};
use crate::site::REGISTER_FILE;

impl Reporter {
    /// Tells how the output folder differs.
    pub(super) fn verified(&self, fixity: &Fixity, against: &Against, mistakes: &[Diagnostic]) {
        self.tell(mistakes);
        if self.json {
            say!("{}", json(fixity, mistakes));
            return;
        }
        listed("missing", &fixity.missing);
        listed("altered", &fixity.altered);
        if self.voice.quiet {
            return;
        }
        listed("extra", &fixity.extra);
        if fixity.interrupted {
            say!("the last build was killed before it was whole: build again");
        }
        say!("{}", summary(fixity, against));
    }

    /// Tells of a register that was written.
    pub(super) fn recorded(&self, written: Recorded, diagnostics: &[Diagnostic]) {
        self.tell(diagnostics);
        if !self.voice.quiet {
            say!("{}", recorded(written));
        }
    }

    /// Tells how the register stands.
    pub(super) fn registered(&self, there: bool, register: &Register, errors: &[Diagnostic]) {
        self.tell(errors);
        if self.voice.quiet {
            return;
        }
        if !there {
            say!("there is no {REGISTER_FILE}: `dateline permalinks record` makes it");
            return;
        }
        let soft = register.former.iter().filter(|former| matches!(former.to, Target::Terms(_))).count();
        say!(
            "former addresses that lead on: {}, {soft} more to lists of terms; lost: {}",
            register.former.len() - soft,
            register.lost.len()
        );
    }

    /// Tells of a story that was given former addresses, or couldn't be.
    pub(super) fn mended(&self, path: &str, addresses: &[String], done: bool, dry_run: bool) {
        let addresses: Vec<String> = addresses.iter().map(|address| format!("\"{address}\"")).collect();
        let what = match (done, dry_run) {
            (false, _) => "add by hand",
            (true, true) => "would be added",
            (true, false) => "added",
        };
        if !done || !self.voice.quiet {
            say!("content/{path}: {what}: aliases: [{}]", addresses.join(", "));
        }
    }

    /// Tells what is left to be done by hand.
    pub(super) fn mended_all(&self, left: usize, lost: usize) {
        match (left, lost) {
            _ if self.voice.quiet => {}
            (_, 0) => say!("no registered address is lost"),
            (0, _) => say!("every lost address has a story"),
            _ => say!(
                "{left} lost without a story that is likely theirs: `dateline permalinks check` lists them"
            ),
        }
    }
}

fn listed(what: &str, paths: &Paths) {
    paths.first.iter().for_each(|path| say!("{what}: {path}"));
    if paths.count > paths.first.len() {
        say!("{what}: {} more", paths.count - paths.first.len());
    }
}

fn summary(fixity: &Fixity, against: &Against) -> String {
    let Fixity { known, missing, altered, extra, .. } = fixity;
    let sound = known - (missing.count + altered.count).min(*known);
    let mut line = format!(
        "{} known: {sound} sound, {} missing, {} altered; {} extra",
        count(*known, "file"),
        missing.count,
        altered.count,
        extra.count
    );
    match against {
        Against::LedgerInto(file) if fixity.written => {
            line.push_str(&format!("; listed in {}", file.display()));
        }
        Against::LedgerInto(file) => line.push_str(&format!("; {} was not written", file.display())),
        _ => {}
    }
    line
}

fn json(fixity: &Fixity, mistakes: &[Diagnostic]) -> serde_json::Value {
    serde_json::json!({
        "known": fixity.known,
        "missing": fixity.missing.count,
        "altered": fixity.altered.count,
        "extra": fixity.extra.count,
        "missing_files": fixity.missing.first,
        "altered_files": fixity.altered.first,
        "extra_files": fixity.extra.first,
        "interrupted": fixity.interrupted,
        "manifest_written": fixity.written,
        "diagnostics": mistakes.iter().map(json_of_diagnostic).collect::<Vec<_>>(),
    })
}

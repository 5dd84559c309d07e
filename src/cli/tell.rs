//! What is told of the register.
#![expect(clippy::print_stdout, reason = "what `report.rs` prints of a build, this does of what keeps it")]

use super::report::Reporter;
use crate::diagnostic::Diagnostic;
use crate::register::{Recorded, Register, Target};
use crate::site::REGISTER_FILE;

/// `120 addresses in permalinks.txt, 3 of them new`.
pub(super) fn recorded(recorded: Recorded) -> String {
    let Recorded { addresses, new } = recorded;
    let noun = if addresses == 1 { "address" } else { "addresses" };
    format!("{addresses} {noun} in {REGISTER_FILE}, {new} of them new")
}

impl Reporter {
    /// Tells of a register that was written.
    pub(super) fn recorded(&self, written: Recorded, diagnostics: &[Diagnostic]) {
        self.tell(diagnostics);
        if !self.voice.quiet {
            println!("{}", recorded(written));
        }
    }

    /// Tells how the register stands.
    pub(super) fn checked(&self, there: bool, register: &Register, errors: &[Diagnostic]) {
        self.tell(errors);
        if self.voice.quiet {
            return;
        }
        if !there {
            println!("there is no {REGISTER_FILE}: `dateline permalinks record` makes it");
            return;
        }
        let soft = register.former.iter().filter(|former| matches!(former.to, Target::Terms(_))).count();
        println!(
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
            println!("content/{path}: {what}: aliases: [{}]", addresses.join(", "));
        }
    }

    /// Tells what is left to be done by hand.
    pub(super) fn mended_all(&self, left: usize, lost: usize) {
        match (left, lost) {
            _ if self.voice.quiet => {}
            (_, 0) => println!("no registered address is lost"),
            (0, _) => println!("every lost address has a story"),
            _ => println!(
                "{left} lost without a story that is likely theirs: `dateline permalinks check` lists them"
            ),
        }
    }
}

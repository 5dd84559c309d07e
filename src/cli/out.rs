//! What is said on standard output, and beside it on standard error. That a reader is gone, as behind `| head`, ends no command; that a line was
//! lost for another reason, as on a full disk, is told at its end.

use std::fmt::Arguments;
use std::io::{BufWriter, Error, ErrorKind, Write};
use std::sync::OnceLock;

/// Why the first line was lost that someone may wait for.
static LOST: OnceLock<Error> = OnceLock::new();

/// Says a text on standard output.
pub(super) fn text(text: Arguments<'_>) {
    let mut out = std::io::stdout().lock();
    note(out.write_fmt(text).and_then(|()| out.flush()));
}

/// Says on standard output what is too long to be held.
pub(super) fn stream(write: impl FnOnce(&mut dyn Write) -> Result<(), Error>) {
    let mut out = BufWriter::new(std::io::stdout().lock());
    note(write(&mut out).and_then(|()| out.flush()));
}

fn note(result: Result<(), Error>) {
    if let Err(error) = result
        && error.kind() != ErrorKind::BrokenPipe
    {
        let _ = LOST.set(error);
    }
}

/// Says a line on standard error. Where that can't be written to, nobody is left to be told.
pub(super) fn line_aside(line: Arguments<'_>) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// Why something that was said on standard output was lost, if it was.
pub(super) fn lost() -> Option<&'static Error> {
    LOST.get()
}

/// `println!` that can't panic.
macro_rules! say {
    ($($said:tt)*) => {
        $crate::cli::out::text(format_args!("{}\n", format_args!($($said)*)))
    };
}

/// `eprintln!` that can't panic.
macro_rules! aside {
    ($($said:tt)*) => {
        $crate::cli::out::line_aside(format_args!($($said)*))
    };
}

pub(super) use {aside, say};

//! What is said on standard output, and beside it on standard error. That a reader is gone, as
//! behind `| head`, ends no command; that a line was lost for another reason, as on a full disk, is
//! told at its end.

pub(crate) mod check;
pub(crate) mod fix;
pub(crate) mod format;
pub(crate) mod report;
pub(crate) mod scaffold;
pub(crate) mod stats;
pub(crate) mod verify;

use std::fmt::Arguments;
use std::io::{BufWriter, Error, ErrorKind, Write};
use std::sync::OnceLock;

/// Why the first line was lost that someone may wait for.
static STDOUT_ERROR: OnceLock<Error> = OnceLock::new();

/// Says a text on standard output.
pub(crate) fn print(text: Arguments<'_>) {
    let mut out = std::io::stdout().lock();
    record_error(out.write_fmt(text).and_then(|()| out.flush()));
}

/// Says on standard output what is too long to be held.
pub(crate) fn stream(write: impl FnOnce(&mut dyn Write) -> Result<(), Error>) {
    let mut out = BufWriter::new(std::io::stdout().lock());
    record_error(write(&mut out).and_then(|()| out.flush()));
}

fn record_error(result: Result<(), Error>) {
    if let Err(error) = result
        && error.kind() != ErrorKind::BrokenPipe
    {
        let _ = STDOUT_ERROR.set(error);
    }
}

/// Says a line on standard error. Where that can't be written to, nobody is left to be told.
pub(crate) fn eprint_line(line: Arguments<'_>) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// Why something that was said on standard output was lost, if it was.
pub(crate) fn stdout_error() -> Option<&'static Error> {
    STDOUT_ERROR.get()
}

/// `println!` that can't panic.
macro_rules! safe_println {
    ($($args:tt)*) => {
        $crate::cli::output::print(format_args!("{}\n", format_args!($($args)*)))
    };
}

/// `eprintln!` that can't panic.
macro_rules! safe_eprintln {
    ($($args:tt)*) => {
        $crate::cli::output::eprint_line(format_args!($($args)*))
    };
}

pub(crate) use {safe_eprintln, safe_println};

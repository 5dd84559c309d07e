//! Writes to standard output and standard error without panicking.
//!
//! A reader of standard output that stops early, as in `dateline … | head`, doesn't end a command.
//! Any other failure, such as a full disk, is kept and reported when the command ends.

use std::fmt::Arguments;
use std::io::{BufWriter, Error, ErrorKind, Write};
use std::sync::OnceLock;

/// The first failure of writing to standard output, except a closed pipe.
static STDOUT_ERROR: OnceLock<Error> = OnceLock::new();

/// Prints a text to standard output.
pub(crate) fn print(text: Arguments<'_>) {
    let mut out = std::io::stdout().lock();
    record_error(out.write_fmt(text).and_then(|()| out.flush()));
}

/// Streams to standard output, for output that is too long to be held in memory.
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

/// Prints a line to standard error. A failure is ignored: there is no other stream to report it on.
pub(crate) fn eprint_line(line: Arguments<'_>) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// Returns the first failure of writing to standard output.
pub(crate) fn stdout_error() -> Option<&'static Error> {
    STDOUT_ERROR.get()
}

/// `println!` that can't panic.
macro_rules! safe_println {
    ($($args:tt)*) => {
        $crate::cli::output::stdio::print(format_args!("{}\n", format_args!($($args)*)))
    };
}

/// `eprintln!` that can't panic.
macro_rules! safe_eprintln {
    ($($args:tt)*) => {
        $crate::cli::output::stdio::eprint_line(format_args!($($args)*))
    };
}

pub(crate) use {safe_eprintln, safe_println};

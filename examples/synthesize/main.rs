//! Writes a synthetic news archive of any size, for benchmarks and for tests of scale.
//!
//! ```text
//! cargo run --release --example synthesize -- --articles 100000 --seed 1 --out DIR
//! ```
//!
//! The same arguments give the same bytes on every computer and with any number of threads: each
//! article has its own random number generator, with the seed and the article's number as its key,
//! and nothing depends on a clock, the order of a hash map, or the C library's mathematics. Only
//! operations that IEEE 754 defines to the last bit are used; therefore the exponential function is
//! written here.
//!
//! The archive has properties that are hard for real programs: days without articles and days with
//! more than a thousand, few articles on weekends, one tag on every article and many rare tags that
//! are used for some years, one author with an eighth of the archive, and words whose frequencies,
//! repetitions and companions are like those of real texts.
//!
//! The modules: arguments (here), random numbers, names, the calendar, front matter, body, and the
//! threads that write the files.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "counts stay below 2^32 and weights need no more than a double holds"
)]

mod body;
mod calendar;
mod front_matter;
mod names;
mod rng;
mod writer;

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;
use std::thread;

const HELP: &str = "\
Writes a synthetic news archive: DIR/content/YYYY/MM/DD/slug.md and DIR/site.yaml.

Usage: synthesize --articles N --out DIR [options]

  --articles N      how many stories, up to 10M (100000, 100_000, 100k, 1M)
  --out DIR         where to write; DIR/content must not exist yet
  --seed N          another seed is another archive of the same kind [default: 1]
  --profile NAME    news: 2-3 kB of varied Markdown; short: 0.8 kB of paragraphs [default: news]
  --words MEAN      mean number of words in a body, 10 to 20000 [default: the profile's]
  --threads N       changes the speed, never the output [default: one a core]
  -h, --help        this text

The same arguments always give the same bytes. Exit status: 0 all well, 2 anything else.
";

/// The maximum number of articles of an archive.
const MAX_ARTICLES: u64 = 10_000_000;

/// The arguments of the command line.
struct Options {
    articles: u64,
    output_dir: PathBuf,
    seed: u64,
    shape: Shape,
    threads: usize,
}

/// The length and variety of the bodies.
struct Shape {
    mean_words: f64,
    /// The standard deviation of the logarithm of a body's length.
    spread: f64,
    /// Headings, quotations, lists, tables and footnotes, not only paragraphs.
    has_varied_blocks: bool,
}

impl Shape {
    fn from_profile(profile: &str) -> Result<Self, String> {
        match profile {
            "news" => Ok(Self { mean_words: 385.0, spread: 0.6, has_varied_blocks: true }),
            "short" => Ok(Self { mean_words: 105.0, spread: 0.7, has_varied_blocks: false }),
            other => Err(format!("--profile is news or short, not {other:?}")),
        }
    }
}

/// Parses the arguments; `None` means that help was requested.
fn parse_arguments(arguments: impl Iterator<Item = String>) -> Result<Option<Options>, String> {
    let (mut articles, mut output_dir, mut seed, mut words) = (None, None, 1, None);
    let (mut profile, mut threads) = (String::from("news"), available_cores());
    let mut arguments = arguments;
    while let Some(argument) = arguments.next() {
        if argument == "-h" || argument == "--help" {
            return Ok(None);
        }
        let (name, value) = match argument.split_once('=') {
            Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
            None => (argument, arguments.next()),
        };
        let value = value.ok_or_else(|| format!("{name} needs a value"));
        match name.as_str() {
            "--articles" => articles = Some(parse_number(&name, &value?, 1, MAX_ARTICLES)?),
            "--out" => output_dir = Some(PathBuf::from(value?)),
            "--seed" => seed = parse_number(&name, &value?, 0, u64::MAX)?,
            "--profile" => profile = value?,
            "--words" => words = Some(parse_number(&name, &value?, 10, 20_000)? as f64),
            "--threads" => threads = parse_number(&name, &value?, 1, 1024)? as usize,
            _ => return Err(format!("unknown argument {name:?}")),
        }
    }
    let mut shape = Shape::from_profile(&profile)?;
    shape.mean_words = words.unwrap_or(shape.mean_words);
    let articles = articles.ok_or("--articles is missing")?;
    let output_dir = output_dir.ok_or("--out is missing")?;
    Ok(Some(Options { articles, output_dir, seed, shape, threads }))
}

/// Parses a whole number between two bounds, with `_` between digits or a `k` or `M` at the end
/// allowed.
fn parse_number(name: &str, text: &str, min: u64, max: u64) -> Result<u64, String> {
    let (digits, unit) = match text.char_indices().last() {
        Some((index, 'k' | 'K')) => (&text[..index], 1_000),
        Some((index, 'm' | 'M')) => (&text[..index], 1_000_000),
        _ => (text, 1),
    };
    digits
        .replace('_', "")
        .parse::<u64>()
        .ok()
        .and_then(|value| value.checked_mul(unit))
        .filter(|value| (min..=max).contains(value))
        .ok_or_else(|| format!("{name} is a number from {min} to {max}, not {text:?}"))
}

fn available_cores() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

fn main() -> ExitCode {
    let arguments =
        std::env::args_os().skip(1).map(|argument| argument.to_string_lossy().into_owned());
    let (written, status) = match run(arguments) {
        Ok(text) => (io::stdout().write_all(text.as_bytes()), ExitCode::SUCCESS),
        Err(text) => (writeln!(io::stderr(), "synthesize: {text}"), ExitCode::from(2)),
    };
    if written.is_ok() { status } else { ExitCode::from(2) }
}

/// Runs the program and returns the text to print. The tests of scale call it, too.
pub(crate) fn run(arguments: impl Iterator<Item = String>) -> Result<String, String> {
    match parse_arguments(arguments) {
        Ok(Some(options)) => writer::synthesize(&options),
        Ok(None) => Ok(HELP.to_owned()),
        Err(message) => Err(format!("{message}\nsynthesize --help shows the arguments")),
    }
}

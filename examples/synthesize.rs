//! Writes a synthetic news archive of any size, for benchmarks and for tests of scale.
//!
//! ```text
//! cargo run --release --example synthesize -- --articles 100000 --seed 1 --out DIR
//! ```
//!
//! The same arguments give the same bytes on every machine and with any number of threads: each
//! story is drawn from its own generator, keyed by the seed and the story's number, and nothing
//! depends on a clock, on the order of a hash map, or on the C library's mathematics (only the
//! operations that IEEE 754 defines to the last bit are used, so [`exp`] is our own).
//!
//! The archive has the shapes that hurt real programs: days with no story and days with more than
//! a thousand, thin weekends, one tag on every story and a long tail of tags that come and go, one
//! author with an eighth of the archive, word frequencies that follow Zipf's law.
//!
//! The parts, in the order of this file: arguments, chance, names, the calendar, a story's front
//! matter, a story's body, and the threads that write them.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "counts stay below 2^32 and weights need no more than a double holds"
)]

use std::collections::HashSet;
use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

// ------------------------------------------------------------------------------- arguments --

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

/// The most stories that one archive may have.
const MOST_ARTICLES: u64 = 10_000_000;

/// What the command line asked for.
struct Options {
    articles: u64,
    out: PathBuf,
    seed: u64,
    shape: Shape,
    threads: usize,
}

/// How long and how varied the bodies are.
struct Shape {
    mean_words: f64,
    /// The standard deviation of the logarithm of a body's length.
    spread: f64,
    /// With headings, quotes, lists, tables and footnotes, or paragraphs alone.
    varied: bool,
}

impl Shape {
    fn named(profile: &str) -> Result<Self, String> {
        match profile {
            "news" => Ok(Self { mean_words: 385.0, spread: 0.6, varied: true }),
            "short" => Ok(Self { mean_words: 105.0, spread: 0.7, varied: false }),
            other => Err(format!("--profile is news or short, not {other:?}")),
        }
    }
}

/// Reads the arguments; `None` means that help was asked for.
fn parse(arguments: impl Iterator<Item = String>) -> Result<Option<Options>, String> {
    let (mut articles, mut out, mut seed, mut words) = (None, None, 1, None);
    let (mut profile, mut threads) = (String::from("news"), cores());
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
            "--articles" => articles = Some(number(&name, &value?, 1, MOST_ARTICLES)?),
            "--out" => out = Some(PathBuf::from(value?)),
            "--seed" => seed = number(&name, &value?, 0, u64::MAX)?,
            "--profile" => profile = value?,
            "--words" => words = Some(number(&name, &value?, 10, 20_000)? as f64),
            "--threads" => threads = number(&name, &value?, 1, 1024)? as usize,
            _ => return Err(format!("unknown argument {name:?}")),
        }
    }
    let mut shape = Shape::named(&profile)?;
    shape.mean_words = words.unwrap_or(shape.mean_words);
    let articles = articles.ok_or("--articles is missing")?;
    let out = out.ok_or("--out is missing")?;
    Ok(Some(Options { articles, out, seed, shape, threads }))
}

/// A whole number between two bounds, with `_` between digits or a `k` or `M` at the end allowed.
fn number(name: &str, text: &str, least: u64, most: u64) -> Result<u64, String> {
    let (digits, unit) = match text.char_indices().last() {
        Some((at, 'k' | 'K')) => (&text[..at], 1_000),
        Some((at, 'm' | 'M')) => (&text[..at], 1_000_000),
        _ => (text, 1),
    };
    digits
        .replace('_', "")
        .parse::<u64>()
        .ok()
        .and_then(|value| value.checked_mul(unit))
        .filter(|value| (least..=most).contains(value))
        .ok_or_else(|| format!("{name} is a number from {least} to {most}, not {text:?}"))
}

fn cores() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

fn main() -> ExitCode {
    let arguments = std::env::args_os().skip(1).map(|each| each.to_string_lossy().into_owned());
    let (written, status) = match run(arguments) {
        Ok(text) => (io::stdout().write_all(text.as_bytes()), ExitCode::SUCCESS),
        Err(text) => (writeln!(io::stderr(), "synthesize: {text}"), ExitCode::from(2)),
    };
    if written.is_ok() { status } else { ExitCode::from(2) }
}

/// Does what the arguments say and returns what is to be printed; the tests of scale call it, too.
pub(crate) fn run(arguments: impl Iterator<Item = String>) -> Result<String, String> {
    match parse(arguments) {
        Ok(Some(options)) => synthesize(&options),
        Ok(None) => Ok(HELP.to_owned()),
        Err(mistake) => Err(format!("{mistake}\nsynthesize --help shows the arguments")),
    }
}

// ---------------------------------------------------------------------------------- chance --

/// Separate streams of chance, so that a change to one part leaves the others as they were.
#[derive(Clone, Copy)]
enum Stream {
    Words = 1,
    Tags,
    Authors,
    People,
    Places,
    Series,
    Calendar,
    Stories,
}

/// `SplitMix64`: eight bytes of state, two multiplications a draw, good enough for prose.
struct Rng(u64);

impl Rng {
    fn new(seed: u64, stream: Stream, item: u64) -> Self {
        let mut key = Self(seed ^ (stream as u64).wrapping_mul(0xA24B_AED4_963E_E407));
        let stream_seed = key.next();
        let mut key = Self(stream_seed ^ item.wrapping_mul(0x9FB2_1C65_1E98_DF25));
        Self(key.next())
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `bound`.
    fn below(&mut self, bound: usize) -> usize {
        ((u128::from(self.next()) * bound as u128) >> 64) as usize
    }

    /// A number from `least` to `most`, both included.
    fn between(&mut self, least: usize, most: usize) -> usize {
        least + self.below(most - least + 1)
    }

    /// True so many times in a thousand.
    fn chance(&mut self, per_mille: usize) -> bool {
        self.below(1000) < per_mille
    }

    /// One of a few.
    fn one_of<'a>(&mut self, few: &[&'a str]) -> &'a str {
        few[self.below(few.len())]
    }

    /// About normal, mean 0 and deviation 1: the sum of twelve uniform numbers, less six.
    fn normal(&mut self) -> f64 {
        let draws = [self.next(), self.next(), self.next()];
        let halves = draws.iter().flat_map(|x| [0, 16, 32, 48].map(|shift| (x >> shift) & 0xFFFF));
        halves.map(|half| half as f64 / 65_536.0).sum::<f64>() - 6.0
    }

    /// Log-normal with mean 1.
    fn log_normal(&mut self, spread: f64) -> f64 {
        exp(spread * self.normal() - spread * spread / 2.0)
    }
}

/// The exponential to three digits, by multiplication alone, so that it is the same everywhere.
fn exp(x: f64) -> f64 {
    (0..12).fold(1.0 + x / 4096.0, |power, _| power * power)
}

/// Draws ranks by Zipf's law in constant time (Walker's alias method).
struct Zipf(Vec<(u32, u32)>);

impl Zipf {
    /// Rank `k` of `ranks` has the weight `1 / (k + shift)`; a larger shift flattens the head.
    fn new(ranks: usize, shift: f64) -> Self {
        let weight = |rank: usize| 1.0 / (rank as f64 + shift);
        let scale = ranks as f64 / (0..ranks).map(weight).sum::<f64>();
        let mut share: Vec<f64> = (0..ranks).map(|rank| weight(rank) * scale).collect();
        let mut table: Vec<(u32, u32)> = (0..ranks).map(|rank| (u32::MAX, rank as u32)).collect();
        let (mut small, mut large): (Vec<_>, Vec<_>) = (0..ranks).partition(|&rank| share[rank] < 1.0);
        while let (Some(&poor), Some(&rich)) = (small.last(), large.last()) {
            small.pop();
            table[poor] = ((share[poor] * 4_294_967_296.0) as u32, rich as u32);
            share[rich] -= 1.0 - share[poor];
            if share[rich] < 1.0 {
                large.pop();
                small.push(rich);
            }
        }
        Self(table)
    }

    fn draw(&self, rng: &mut Rng) -> usize {
        let bits = rng.next();
        let rank = (((bits >> 32) * self.0.len() as u64) >> 32) as usize;
        let (limit, other) = self.0[rank];
        if (bits as u32) < limit { rank } else { other as usize }
    }
}

// ----------------------------------------------------------------------------------- names --

/// The commonest words are real, so that a search's stop words have something to stop.
const COMMON: [&str; 40] = [
    "the", "of", "and", "to", "in", "a", "that", "for", "is", "on", "was", "with", "as", "by", "at", "from",
    "has", "be", "it", "an", "have", "are", "will", "not", "its", "were", "this", "which", "but", "had",
    "their", "been", "or", "who", "after", "they", "would", "more", "about", "one",
];
const VOCABULARY: usize = 80_000;
const SECTIONS: [&str; 9] =
    ["national", "world", "business", "politics", "sport", "culture", "science", "opinion", "health"];
const ONSETS: [&str; 28] = [
    "b", "br", "c", "ch", "d", "dr", "f", "fl", "g", "gr", "h", "j", "k", "l", "m", "n", "p", "pr", "qu",
    "r", "s", "sh", "st", "t", "tr", "v", "w", "z",
];
const VOWELS: [&str; 14] = ["a", "e", "i", "o", "u", "a", "e", "i", "o", "ea", "ai", "ou", "io", "ee"];
const ACCENTED: [&str; 6] = ["é", "á", "ö", "ü", "í", "ñe"];
const CODAS: [&str; 16] = ["", "", "", "", "", "n", "r", "s", "l", "t", "m", "nd", "st", "ck", "rn", "x"];

/// The tag that every story carries.
const UNIVERSAL_TAG: &str = "archive";
/// How many of the commonest tags are in use in every year; the others have their time.
const LASTING_TAGS: usize = 200;

/// Distinct names of one kind, commonest first.
struct Pool {
    names: Vec<Box<str>>,
    zipf: Zipf,
}

impl Pool {
    /// Makes names until `size` of them differ, even as slugs; `make` gets the rank and the number
    /// of the attempt.
    fn new(size: usize, shift: f64, mut make: impl FnMut(usize, usize) -> String) -> Self {
        let mut seen = HashSet::with_capacity(size);
        let mut names = Vec::with_capacity(size);
        for rank in 0..size {
            let mut attempt = 0;
            names.push(loop {
                let name = make(rank, attempt);
                if seen.insert(slug(&name)) {
                    break name.into_boxed_str();
                }
                attempt += 1;
            });
        }
        Self { names, zipf: Zipf::new(size, shift) }
    }

    fn draw(&self, rng: &mut Rng) -> &str {
        &self.names[self.zipf.draw(rng)]
    }
}

/// Everything that the stories share. It is made once, and then only read.
struct World {
    words: Pool,
    tags: Pool,
    authors: Pool,
    people: Pool,
    places: Pool,
    series: Pool,
}

impl World {
    fn new(articles: u64, seed: u64) -> Self {
        let root = articles.isqrt() as usize;
        let growing = root_three_fifths(articles);
        let stream = |stream| Rng::new(seed, stream, 0);
        let words = vocabulary(stream(Stream::Words));
        let tags = tags(27 * growing / 2, stream(Stream::Tags), &words);
        let mut named = stream(Stream::Authors);
        let authors = Pool::new(20 + 2 * root, 8.0, |_, attempt| person(&mut named, attempt));
        let mut named = stream(Stream::People);
        let people = Pool::new(30 + 5 * growing, 4.0, |_, attempt| person(&mut named, attempt));
        let mut named = stream(Stream::Places);
        let places = Pool::new(30 + 2 * root, 2.0, |_, attempt| place(&mut named, attempt));
        let mut named = stream(Stream::Series);
        let series = Pool::new(4 + root / 4, 4.0, |_, _| {
            format!(
                "The {} {}",
                title_case(&topic(&mut named, &words, 1)),
                named.one_of(&["files", "papers", "years"])
            )
        });
        Self { words, tags, authors, people, places, series }
    }

    /// A tag for a story at `moment` (0 to 1) of the archive's span. The commonest tags last; each
    /// of the others is in use for about a sixth of the span, as real subjects come and go.
    fn tag(&self, rng: &mut Rng, moment: f64) -> usize {
        for _ in 0..12 {
            let rank = self.tags.zipf.draw(rng);
            let heyday = (rank as f64 * 0.618_033_988_75).fract();
            let apart = (heyday - moment).abs();
            if rank < LASTING_TAGS || apart.min(1.0 - apart) < 1.0 / 12.0 {
                return rank;
            }
        }
        rng.below(self.tags.names.len().min(LASTING_TAGS))
    }
}

/// `n` to the power 0.6, in whole numbers, so that it is exact.
fn root_three_fifths(n: u64) -> usize {
    let cube = u128::from(n).pow(3);
    let (mut low, mut high) = (1_u128, 1_u128 << 16);
    while low + 1 < high {
        let middle = u128::midpoint(low, high);
        if middle.pow(5) <= cube { low = middle } else { high = middle }
    }
    low as usize
}

/// The words of the archive: real function words first, then coined ones, longer as they get rarer.
fn vocabulary(mut rng: Rng) -> Pool {
    Pool::new(VOCABULARY, 1.0, |rank, attempt| match (COMMON.get(rank), rank) {
        (Some(word), _) => (*word).to_owned(),
        (None, ..400) => coin(&mut rng, 1 + attempt / 4),
        (None, ..4_000) => coin(&mut rng, 2 + attempt / 4),
        _ => {
            let syllables = rng.between(2, 3);
            coin(&mut rng, syllables + attempt / 4)
        }
    })
}

fn tags(size: usize, mut rng: Rng, words: &Pool) -> Pool {
    Pool::new(size.max(8), 4.0, |rank, attempt| {
        let length = [1, 1, 1, 1, 2, 2, 2, 3][rng.below(8)] + attempt / 4;
        if rank == 0 { UNIVERSAL_TAG.to_owned() } else { topic(&mut rng, words, length) }
    })
}

/// A word of so many syllables that can be spoken.
fn coin(rng: &mut Rng, syllables: usize) -> String {
    let mut word = String::new();
    for _ in 0..syllables {
        word += rng.one_of(&ONSETS);
        word += if rng.chance(8) { rng.one_of(&ACCENTED) } else { rng.one_of(&VOWELS) };
    }
    word + rng.one_of(&CODAS)
}

fn place(rng: &mut Rng, attempt: usize) -> String {
    let syllables = rng.between(2, 3) + attempt / 4;
    title_case(&coin(rng, syllables))
}

fn person(rng: &mut Rng, attempt: usize) -> String {
    let (first, last) = (rng.between(1, 2), rng.between(2, 3) + attempt / 4);
    format!("{} {}", title_case(&coin(rng, first)), title_case(&coin(rng, last)))
}

/// A few words, none of them a function word.
fn topic(rng: &mut Rng, words: &Pool, length: usize) -> String {
    let picked: Vec<&str> = (0..length).map(|_| content_word(rng, words)).collect();
    picked.join(" ")
}

fn content_word<'w>(rng: &mut Rng, words: &'w Pool) -> &'w str {
    let rank = words.zipf.draw(rng);
    &words.names[if rank < COMMON.len() { rng.between(COMMON.len(), VOCABULARY / 8) } else { rank }]
}

fn title_case(word: &str) -> String {
    let mut cased = String::with_capacity(word.len() + 1);
    push_capital(&mut cased, word);
    cased
}

/// Adds a word with a capital.
fn push_capital(text: &mut String, word: &str) {
    let mut letters = word.chars();
    text.extend(letters.next().into_iter().flat_map(char::to_uppercase));
    text.push_str(letters.as_str());
}

/// Lower-case ASCII letters and digits with single hyphens, cut at a word after 60 bytes or so.
fn slug(text: &str) -> String {
    let mut slug = String::with_capacity(text.len());
    for letter in text.chars().flat_map(char::to_lowercase) {
        let folded = match letter {
            'é' => 'e',
            'á' => 'a',
            'ö' => 'o',
            'ü' => 'u',
            'í' => 'i',
            'ñ' => 'n',
            other => other,
        };
        if folded.is_ascii_alphanumeric() {
            slug.push(folded);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            if slug.len() > 60 {
                break;
            }
            slug.push('-');
        }
    }
    slug.truncate(slug.trim_end_matches('-').len());
    slug
}

// -------------------------------------------------------------------------------- calendar --

/// The archive's last day, 2025-12-31, in days since 1970.
const LAST_DAY: i64 = 20_453;
const DAYS_A_YEAR: f64 = 365.25;

/// One day's edition: which day, the number of its first story, and how many there are.
struct Edition {
    day: i64,
    first: u64,
    stories: u64,
}

/// How many years the archive spans: 25 from 100,000 stories on, fewer before, and more when there
/// would be over 100,000 stories a year.
fn span_years(articles: u64) -> f64 {
    let fourth_root = (articles as f64 / 100_000.0).sqrt().sqrt();
    (25.0 * fourth_root.min(1.0)).max(articles as f64 / 100_000.0)
}

/// Deals the stories out over the days; days with none are left out.
fn calendar(articles: u64, seed: u64) -> Vec<Edition> {
    let mut rng = Rng::new(seed, Stream::Calendar, 0);
    let days = (span_years(articles) * DAYS_A_YEAR) as usize;
    let first_day = LAST_DAY + 1 - days as i64;
    // A small paper prints an issue now and then; a large one prints daily.
    let spread = if articles < 3 * days as u64 { 1.5 } else { 0.4 };
    let weights: Vec<f64> = (0..days)
        .map(|at| weight(&mut rng, first_day + at as i64, at as f64 / days as f64, spread))
        .collect();
    let mut counts = vec![0; days];
    let ordinary = articles - great_days(articles, &mut rng, &mut counts);
    let total: f64 = weights.iter().sum();
    let (mut sum, mut dealt) = (0.0, 0);
    for (count, weight) in counts.iter_mut().zip(&weights) {
        sum += weight;
        let due = ((sum / total * ordinary as f64) as u64).min(ordinary);
        *count += due - dealt;
        dealt = due;
    }
    counts[days - 1] += ordinary - dealt;
    editions(first_day, &counts)
}

fn editions(first_day: i64, counts: &[u64]) -> Vec<Edition> {
    let mut first = 0;
    let mut editions = Vec::with_capacity(counts.len());
    for (day, &stories) in (first_day..).zip(counts).filter(|(_, stories)| **stories > 0) {
        editions.push(Edition { day, first, stories });
        first += stories;
    }
    editions
}

/// How busy an ordinary day is: the newsroom grows, weekends and holidays are thin, some days fail.
fn weight(rng: &mut Rng, day: i64, moment: f64, spread: f64) -> f64 {
    let chance = rng.log_normal(spread);
    if rng.chance(20) {
        return 0.0;
    }
    let week = match (day + 4).rem_euclid(7) {
        0 => 0.25,
        6 => 0.4,
        _ => 1.0,
    };
    let (_, month, day_of_month) = date(day);
    let holiday = matches!((month, day_of_month), (1, 1) | (12, 25));
    week * (0.6 + 0.8 * moment) * chance * if holiday { 0.1 } else { 1.0 }
}

/// Gives a few days of a large archive a thousand stories and more; returns how many in all.
fn great_days(articles: u64, rng: &mut Rng, counts: &mut [u64]) -> u64 {
    let mut given = 0;
    for great in 0..(articles / 30_000).min(12) {
        let stories = if great == 0 { 1_531 } else { rng.between(1_000, 1_600) as u64 };
        counts[rng.below(counts.len())] += stories;
        given += stories;
    }
    given
}

/// Year, month and day of a day since 1970 (Howard Hinnant's `civil_from_days`).
fn date(day: i64) -> (i64, i64, i64) {
    let shifted = day + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (of_year * 5 + 2) / 153;
    let day_of_month = of_year - (month * 153 + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day_of_month)
}

// ---------------------------------------------------------------------------- front matter --

/// One story as it is being written: first the front matter, then the body.
struct Story<'w> {
    world: &'w World,
    shape: &'w Shape,
    rng: Rng,
    text: &'w mut String,
    /// How many words the body still wants.
    left: i64,
    /// How many since the last cross-heading.
    unheaded: i64,
    /// How many footnotes have been referred to.
    notes: usize,
}

impl Story<'_> {
    /// Writes the whole story and returns the slug of its title.
    fn write(&mut self, day: i64, moment: f64) -> String {
        self.text.clear();
        let title = self.title();
        self.text.push_str("---\n");
        self.field("title", &title);
        self.dates(day);
        if self.rng.chance(800) {
            self.text.push_str("description: \"");
            let words = self.rng.between(12, 28);
            self.plain_sentence(words);
            self.text.push_str("\"\n");
        }
        let section = self.rng.below(SECTIONS.len()).min(self.rng.below(SECTIONS.len()));
        self.field("section", SECTIONS[section]);
        self.tags(moment);
        self.authors();
        self.places_and_people();
        self.rarities();
        self.text.push_str("---\n\n");
        self.body();
        slug(&title)
    }

    fn title(&mut self) -> String {
        let (words, rng) = (&self.world.words, &mut self.rng);
        let mut title = title_case(content_word(rng, words));
        for _ in 0..rng.between(3, 8) {
            let common = rng.chance(250);
            let word = if common { words.draw(rng) } else { content_word(rng, words) };
            match rng.below(100) {
                0 => title.push_str(", "),
                1 => title.push_str(": "),
                _ => title.push(' '),
            }
            match rng.below(100) {
                0 => title.extend(["‘", word, "’"]),
                1 => title.extend(["\"", word, "\""]),
                2 => title.extend([word, "'s"]),
                3..8 => push_capital(&mut title, word),
                _ => title.push_str(word),
            }
        }
        title
    }

    /// The date, and sometimes a later one. The folder's day is the day in UTC; a correspondent's
    /// own clock may show another.
    fn dates(&mut self, day: i64) {
        let of_day = self.rng.between(0, 43_199) + self.rng.between(0, 43_200);
        let published = day * 86_400 + of_day as i64;
        let (offset, seconds) = match self.rng.below(20) {
            0 => ("-05:00", -18_000),
            1 => ("+05:30", 19_800),
            2 | 3 => ("+01:00", 3_600),
            4 | 5 => ("Z", 0),
            _ => ("+00:00", 0),
        };
        self.moment("date", published + seconds, offset);
        if self.rng.chance(70) {
            let later = self.rng.between(300, 259_200) as i64;
            self.moment("updated", published + later + seconds, offset);
        }
    }

    fn moment(&mut self, name: &str, local: i64, offset: &str) {
        let (year, month, day) = date(local.div_euclid(86_400));
        let clock = local.rem_euclid(86_400);
        let (hour, minute, second) = (clock / 3_600, clock / 60 % 60, clock % 60);
        put(
            self.text,
            format_args!("{name}: {year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{offset}\n"),
        );
    }

    /// The tag of every story and up to seven others; now and then one is capitalized differently.
    fn tags(&mut self, moment: f64) {
        let more = [0, 0, 1, 2, 2, 3, 3, 3, 4, 4, 5, 6, 7][self.rng.below(13)];
        let mut picked = vec![0];
        for _ in 0..more {
            let tag = self.world.tag(&mut self.rng, moment);
            if !picked.contains(&tag) {
                picked.push(tag);
            }
        }
        self.text.push_str("tags: [");
        for (at, &tag) in picked.iter().enumerate() {
            self.text.push_str(if at == 0 { "\"" } else { ", \"" });
            let name = &self.world.tags.names[tag];
            if self.rng.chance(15) {
                push_capital(self.text, name);
            } else {
                self.text.push_str(name);
            }
            self.text.push('"');
        }
        self.text.push_str("]\n");
    }

    /// One byline or two; the first of the authors wrote an eighth of the archive.
    fn authors(&mut self) {
        let authors = &self.world.authors;
        let first = if self.rng.chance(110) { &authors.names[0] } else { authors.draw(&mut self.rng) };
        let second = self.rng.chance(180).then(|| authors.draw(&mut self.rng));
        let second = second.filter(|name| *name != first);
        self.list("authors", [Some(first), second]);
    }

    fn places_and_people(&mut self) {
        let world = self.world;
        let place = self.rng.chance(700).then(|| world.places.draw(&mut self.rng));
        let other = self.rng.chance(150).then(|| world.places.draw(&mut self.rng));
        self.list("places", [place, other.filter(|name| Some(*name) != place)]);
        let person = self.rng.chance(300).then(|| world.people.draw(&mut self.rng));
        let other = self.rng.chance(100).then(|| world.people.draw(&mut self.rng));
        self.list("people", [person, other.filter(|name| Some(*name) != person)]);
        if self.rng.chance(500) {
            let dateline = place.unwrap_or(&world.places.names[0]).to_uppercase();
            self.field("dateline", &dateline);
        }
    }

    fn rarities(&mut self) {
        if self.rng.chance(40) {
            let series = self.world.series.draw(&mut self.rng);
            self.field("series", series);
        }
        if self.rng.chance(30) {
            let language = self.rng.one_of(&["en-GB", "en-GB", "fr", "es"]);
            self.field("lang", language);
        }
    }

    /// `name: "value"`, quoted so that YAML can mistake it for nothing else.
    fn field(&mut self, name: &str, value: &str) {
        let value = value.replace('\\', "\\\\").replace('"', "\\\"");
        put(self.text, format_args!("{name}: \"{value}\"\n"));
    }

    fn list<'n>(&mut self, name: &str, items: [Option<&'n str>; 2]) {
        let items: Vec<&'n str> = items.into_iter().flatten().collect();
        if !items.is_empty() {
            put(self.text, format_args!("{name}: {items:?}\n"));
        }
    }
}

/// Adds formatted text to a string, which cannot fail.
fn put(text: &mut String, arguments: std::fmt::Arguments<'_>) {
    let written = text.write_fmt(arguments);
    debug_assert!(written.is_ok(), "a String takes everything");
}

// ------------------------------------------------------------------------------------ body --

impl Story<'_> {
    /// Blocks of Markdown until the length is reached, then the footnotes.
    fn body(&mut self) {
        let length = self.shape.mean_words * self.rng.log_normal(self.shape.spread);
        self.left = length.clamp(15.0, 30_000.0) as i64;
        self.unheaded = 0;
        while self.left > 0 {
            if self.shape.varied {
                self.cross_heading();
                self.block();
            } else {
                self.paragraph();
            }
            self.text.push('\n');
        }
        for note in 1..=self.notes {
            put(self.text, format_args!("[^{note}]: "));
            self.sentence(12);
            self.text.push('\n');
        }
    }

    fn block(&mut self) {
        match self.rng.below(1000) {
            0..25 => self.block_quote(),
            25..55 => self.items(),
            55..67 => self.table(),
            67..85 => self.footnoted(),
            85..230 => self.quotation(),
            _ => self.paragraph(),
        }
    }

    fn cross_heading(&mut self) {
        if self.unheaded > 150 && self.left > 60 && self.rng.chance(300) {
            self.unheaded = 0;
            self.text.push_str("## ");
            let length = self.rng.between(2, 5);
            let heading = topic(&mut self.rng, &self.world.words, length);
            push_capital(self.text, &heading);
            self.text.push_str("\n\n");
        }
    }

    /// One to four sentences on a line.
    fn paragraph(&mut self) {
        for at in 0..self.rng.between(1, 4) {
            if at > 0 {
                self.text.push(' ');
            }
            let words = self.rng.between(8, 28);
            self.sentence(words);
        }
        self.text.push('\n');
    }

    /// What somebody said, and what follows from it.
    fn quotation(&mut self) {
        let (open, close) = if self.rng.chance(300) { ('“', '”') } else { ('"', '"') };
        self.text.push(open);
        let words = self.rng.between(6, 22);
        self.sentence(words);
        self.text.pop();
        let speaker = self.world.people.draw(&mut self.rng);
        put(self.text, format_args!(",{close} said {speaker}. "));
        let words = self.rng.between(6, 18);
        self.sentence(words);
        self.text.push('\n');
    }

    fn block_quote(&mut self) {
        self.text.push_str("> ");
        self.paragraph();
    }

    fn items(&mut self) {
        let ordered = self.rng.chance(250);
        for at in 1..=self.rng.between(3, 6) {
            if ordered {
                put(self.text, format_args!("{at}. "));
            } else {
                self.text.push_str("- ");
            }
            let words = self.rng.between(3, 12);
            self.sentence(words);
            self.text.push('\n');
        }
    }

    fn table(&mut self) {
        let (words, rng) = (&self.world.words, &mut self.rng);
        let heads = [(); 3].map(|()| title_case(content_word(rng, words)));
        put(self.text, format_args!("| {} |\n| --- | ---: | --- |\n", heads.join(" | ")));
        let rows = rng.between(3, 7);
        for _ in 0..rows {
            let (first, last) = (content_word(rng, words), content_word(rng, words));
            put(self.text, format_args!("| {first} | {} | {last} |\n", rng.below(10_000)));
        }
        self.count(3 * (rows + 1));
    }

    fn footnoted(&mut self) {
        self.paragraph();
        self.text.pop();
        self.notes += 1;
        put(self.text, format_args!("[^{}]\n", self.notes));
    }

    /// A sentence as reporters write it: names, numbers, commas, now and then a link.
    fn sentence(&mut self, words: usize) {
        for at in 0..words {
            if at > 0 {
                self.text.push(' ');
            }
            match self.rng.below(1000) {
                0..14 => self.text.push_str(self.world.people.draw(&mut self.rng)),
                14..26 => self.text.push_str(self.world.places.draw(&mut self.rng)),
                26..38 if at > 0 => self.figure(),
                38..42 if at > 0 && self.shape.varied => self.link(),
                42..46 if at > 0 && self.shape.varied => self.emphasis(),
                46..90 if at > 3 && at + 3 < words => {
                    self.text.push_str(self.world.words.draw(&mut self.rng));
                    self.text.push(',');
                }
                _ if at == 0 => push_capital(self.text, self.world.words.draw(&mut self.rng)),
                _ => self.text.push_str(self.world.words.draw(&mut self.rng)),
            }
        }
        self.text.push('.');
        self.count(words);
    }

    /// A sentence without Markdown, for a description. It counts for nothing.
    fn plain_sentence(&mut self, words: usize) {
        push_capital(self.text, self.world.words.draw(&mut self.rng));
        for _ in 1..words {
            self.text.push(' ');
            self.text.push_str(self.world.words.draw(&mut self.rng));
        }
        self.text.push('.');
    }

    fn figure(&mut self) {
        let figure = self.rng.below(10_000) + 2;
        let unit = self.rng.one_of(&["", "", "", " percent", " million", "%"]);
        put(self.text, format_args!("{figure}{unit}"));
    }

    fn link(&mut self) {
        let label = topic(&mut self.rng, &self.world.words, 2);
        let address = slug(&label);
        put(self.text, format_args!("[{label}](https://example.com/{address})"));
    }

    fn emphasis(&mut self) {
        let mark = self.rng.one_of(&["*", "*", "**"]);
        let word = self.world.words.draw(&mut self.rng);
        put(self.text, format_args!("{mark}{word}{mark}"));
    }

    fn count(&mut self, words: usize) {
        self.left -= words as i64;
        self.unheaded += words as i64;
    }
}

// ----------------------------------------------------------------------------------- files --

const SITE: &str = "\
# A synthetic archive, written by `cargo run --release --example synthesize`.
title: Synthetic Archive
base_url: https://example.org
language: en
time_zone: UTC
";

/// Writes the archive and returns a line that says what was written.
fn synthesize(options: &Options) -> Result<String, String> {
    let content = options.out.join("content");
    if content.exists() {
        return Err(format!("{} exists already; remove it or choose another --out", content.display()));
    }
    fs::create_dir_all(&content).map_err(|error| failure(&content, &error))?;
    let site = options.out.join("site.yaml");
    fs::write(&site, SITE).map_err(|error| failure(&site, &error))?;
    let world = World::new(options.articles, options.seed);
    let editions = calendar(options.articles, options.seed);
    let bytes = write_all(options, &content, &world, &editions)?;
    Ok(format!(
        "{} articles on {} days, {bytes} bytes, {} tags to choose from, most on one day {}\n",
        options.articles,
        editions.len(),
        world.tags.names.len(),
        editions.iter().map(|edition| edition.stories).max().unwrap_or(0),
    ))
}

/// Shares the days out among the threads; the first failure stops all of them.
fn write_all(options: &Options, content: &Path, world: &World, editions: &[Edition]) -> Result<u64, String> {
    let (next, failed) = (AtomicUsize::new(0), AtomicBool::new(false));
    let work = || {
        let (mut bytes, mut text) = (0, String::with_capacity(64 * 1024));
        while !failed.load(Ordering::Relaxed) {
            let Some(edition) = editions.get(next.fetch_add(1, Ordering::Relaxed)) else { break };
            bytes += write_edition(options, content, world, edition, &mut text)
                .inspect_err(|_| failed.store(true, Ordering::Relaxed))?;
        }
        Ok(bytes)
    };
    thread::scope(|scope| {
        let threads: Vec<_> = (0..options.threads).map(|_| scope.spawn(work)).collect();
        let done = threads.into_iter().map(|thread| {
            thread.join().unwrap_or_else(|_| Err("a thread panicked; this is a bug".to_owned()))
        });
        done.sum()
    })
}

/// Writes one day's folder; a second story with the same slug gets `-2`, a third `-3`.
fn write_edition(
    options: &Options,
    content: &Path,
    world: &World,
    edition: &Edition,
    text: &mut String,
) -> Result<u64, String> {
    let (year, month, day) = date(edition.day);
    let folder = content.join(format!("{year:04}/{month:02}/{day:02}"));
    fs::create_dir_all(&folder).map_err(|error| failure(&folder, &error))?;
    let (mut bytes, mut taken) = (0, HashSet::new());
    for number in edition.first..edition.first + edition.stories {
        let rng = Rng::new(options.seed, Stream::Stories, number);
        let shape = &options.shape;
        let mut story = Story { world, shape, rng, text: &mut *text, left: 0, unheaded: 0, notes: 0 };
        let slug = story.write(edition.day, number as f64 / options.articles as f64);
        let mut name = slug.clone();
        let mut copy = 2;
        while !taken.insert(name.clone()) {
            name = format!("{slug}-{copy}");
            copy += 1;
        }
        let path = folder.join(name + ".md");
        fs::write(&path, text.as_bytes()).map_err(|error| failure(&path, &error))?;
        bytes += text.len() as u64;
    }
    Ok(bytes)
}

fn failure(path: &Path, error: &io::Error) -> String {
    format!("cannot write {}: {error}", path.display())
}

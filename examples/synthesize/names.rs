//! Names: the words, tags, people and places that stories draw from.

use std::collections::HashSet;

use super::chance::{Ranks, Rng, Stream};

/// The commonest words are real, so that a search's stop words have something to stop.
const COMMON: [&str; 40] = [
    "the", "of", "and", "to", "in", "a", "that", "for", "is", "on", "was", "with", "as", "by", "at", "from",
    "has", "be", "it", "an", "have", "are", "will", "not", "its", "were", "this", "which", "but", "had",
    "their", "been", "or", "who", "after", "they", "would", "more", "about", "one",
];
const VOCABULARY: usize = 80_000;
pub(super) const SECTIONS: [&str; 9] =
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
pub(super) struct Pool {
    pub(super) names: Vec<Box<str>>,
    ranks: Ranks,
}

impl Pool {
    /// Makes names until `size` of them differ, even as slugs; `make` gets the rank and the number
    /// of the attempt. `weight` says how often a rank is drawn: by Zipf's law as 1 / (rank + a shift), of
    /// which a larger one flattens the head.
    pub(super) fn new(
        size: usize,
        weight: fn(f64) -> f64,
        mut make: impl FnMut(usize, usize) -> String,
    ) -> Self {
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
        Self { names, ranks: Ranks::new(size, weight) }
    }

    pub(super) fn draw(&self, rng: &mut Rng) -> &str {
        &self.names[self.rank(rng)]
    }

    pub(super) fn rank(&self, rng: &mut Rng) -> usize {
        self.ranks.draw(rng)
    }
}

/// Everything that the stories share. It is made once, and then only read.
pub(super) struct World {
    pub(super) words: Pool,
    /// For each word three that go with it, as `the` and `house` with `white`.
    companions: Vec<[u32; 3]>,
    pub(super) tags: Pool,
    pub(super) authors: Pool,
    pub(super) people: Pool,
    pub(super) places: Pool,
    pub(super) series: Pool,
}

impl World {
    pub(super) fn new(articles: u64, seed: u64) -> Self {
        let root = articles.isqrt() as usize;
        let growing = root_three_fifths(articles);
        let stream = |stream| Rng::new(seed, stream, 0);
        let words = vocabulary(stream(Stream::Words));
        let mut drawn = stream(Stream::Companions);
        let companions = (0..VOCABULARY).map(|_| [(); 3].map(|()| words.rank(&mut drawn) as u32)).collect();
        let tags = tags(27 * growing / 2, stream(Stream::Tags), &words);
        let mut named = stream(Stream::Authors);
        let authors =
            Pool::new(20 + 2 * root, |rank| 1.0 / (rank + 8.0), |_, attempt| person(&mut named, attempt));
        let mut named = stream(Stream::People);
        let people =
            Pool::new(30 + 5 * growing, |rank| 1.0 / (rank + 4.0), |_, attempt| person(&mut named, attempt));
        let mut named = stream(Stream::Places);
        let places =
            Pool::new(30 + 2 * root, |rank| 1.0 / (rank + 2.0), |_, attempt| place(&mut named, attempt));
        let mut named = stream(Stream::Series);
        let series = Pool::new(
            4 + root / 4,
            |rank| 1.0 / (rank + 4.0),
            |_, _| {
                format!(
                    "The {} {}",
                    title_case(&topic(&mut named, &words, 1)),
                    named.one_of(&["files", "papers", "years"])
                )
            },
        );
        Self { words, companions, tags, authors, people, places, series }
    }

    /// One of the words that go with a word, the first of them most often.
    pub(super) fn companion(&self, rng: &mut Rng, word: usize) -> usize {
        self.companions[word][rng.below(3).min(rng.below(3))] as usize
    }

    /// A tag for a story at `moment` (0 to 1) of the archive's span. The commonest tags last; each
    /// of the others is in use for about a sixth of the span, as real subjects come and go.
    pub(super) fn tag(&self, rng: &mut Rng, moment: f64) -> usize {
        for _ in 0..12 {
            let rank = self.tags.rank(rng);
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

/// The words of the archive: real function words first, then coined ones, longer as they get rarer. With
/// [`Story::word`](super::front_matter::Story::word), this law gives texts as many different words as real ones have.
fn vocabulary(mut rng: Rng) -> Pool {
    Pool::new(
        VOCABULARY,
        |rank| 1.0 / ((rank + 4.0) * (rank + 5_000.0)),
        |rank, attempt| match (COMMON.get(rank), rank) {
            (Some(word), _) => (*word).to_owned(),
            (None, ..400) => coin(&mut rng, 1 + attempt / 4),
            (None, ..4_000) => coin(&mut rng, 2 + attempt / 4),
            _ => {
                let syllables = rng.between(2, 3);
                coin(&mut rng, syllables + attempt / 4)
            }
        },
    )
}

fn tags(size: usize, mut rng: Rng, words: &Pool) -> Pool {
    Pool::new(
        size.max(8),
        |rank| 1.0 / (rank + 4.0),
        |rank, attempt| {
            let length = [1, 1, 1, 1, 2, 2, 2, 3][rng.below(8)] + attempt / 4;
            if rank == 0 { UNIVERSAL_TAG.to_owned() } else { topic(&mut rng, words, length) }
        },
    )
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
pub(super) fn topic(rng: &mut Rng, words: &Pool, length: usize) -> String {
    let picked: Vec<&str> = (0..length).map(|_| content_word(rng, words)).collect();
    picked.join(" ")
}

pub(super) fn content_word<'w>(rng: &mut Rng, words: &'w Pool) -> &'w str {
    let rank = words.rank(rng);
    &words.names[if rank < COMMON.len() { rng.between(COMMON.len(), VOCABULARY / 8) } else { rank }]
}

pub(super) fn title_case(word: &str) -> String {
    let mut cased = String::with_capacity(word.len() + 1);
    push_capital(&mut cased, word);
    cased
}

/// Adds a word with a capital.
pub(super) fn push_capital(text: &mut String, word: &str) {
    let mut letters = word.chars();
    text.extend(letters.next().into_iter().flat_map(char::to_uppercase));
    text.push_str(letters.as_str());
}

/// Lower-case ASCII letters and digits with single hyphens, cut at a word after 60 bytes or so.
pub(super) fn slug(text: &str) -> String {
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

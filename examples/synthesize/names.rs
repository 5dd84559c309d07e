//! The names that articles use: words, tags, people and locations.

use std::collections::HashSet;

use super::rng::{AliasTable, Rng, Stream};

/// The most frequent words are real, so that a search's stop words occur.
const COMMON: [&str; 40] = [
    "the", "of", "and", "to", "in", "a", "that", "for", "is", "on", "was", "with", "as", "by",
    "at", "from", "has", "be", "it", "an", "have", "are", "will", "not", "its", "were", "this",
    "which", "but", "had", "their", "been", "or", "who", "after", "they", "would", "more", "about",
    "one",
];
const VOCABULARY: usize = 80_000;
pub(super) const SECTIONS: [&str; 9] = [
    "national", "world", "business", "politics", "sport", "culture", "science", "opinion", "health",
];
const ONSETS: [&str; 28] = [
    "b", "br", "c", "ch", "d", "dr", "f", "fl", "g", "gr", "h", "j", "k", "l", "m", "n", "p", "pr",
    "qu", "r", "s", "sh", "st", "t", "tr", "v", "w", "z",
];
const VOWELS: [&str; 14] =
    ["a", "e", "i", "o", "u", "a", "e", "i", "o", "ea", "ai", "ou", "io", "ee"];
const ACCENTED: [&str; 6] = ["é", "á", "ö", "ü", "í", "ñe"];
const CODAS: [&str; 16] =
    ["", "", "", "", "", "n", "r", "s", "l", "t", "m", "nd", "st", "ck", "rn", "x"];

/// The tag of every article.
const UNIVERSAL_TAG: &str = "archive";
/// The number of the most frequent tags that are used in every year; the others are used for some
/// years.
const LASTING_TAGS: usize = 200;

/// Distinct names of one type, the most frequent first.
pub(super) struct Pool {
    pub(super) names: Vec<Box<str>>,
    ranks: AliasTable,
}

impl Pool {
    /// Makes names until `size` of them differ, even as slugs; `make` gets the rank and the number
    /// of the attempt. `weight` is the relative frequency of a rank: by Zipf's law 1 / (rank + a
    /// shift); the larger the shift, the more even are the frequencies of the first ranks.
    pub(super) fn new(
        size: usize,
        weight: fn(f64) -> f64,
        mut make_name: impl FnMut(usize, usize) -> String,
    ) -> Self {
        let mut seen = HashSet::with_capacity(size);
        let mut names = Vec::with_capacity(size);
        for rank in 0..size {
            let mut attempt = 0;
            names.push(loop {
                let name = make_name(rank, attempt);
                if seen.insert(slug(&name)) {
                    break name.into_boxed_str();
                }
                attempt += 1;
            });
        }
        Self { names, ranks: AliasTable::new(size, weight) }
    }

    pub(super) fn draw(&self, rng: &mut Rng) -> &str {
        &self.names[self.rank(rng)]
    }

    pub(super) fn rank(&self, rng: &mut Rng) -> usize {
        self.ranks.draw(rng)
    }
}

/// Everything that the articles share. It is made once, and then only read.
pub(super) struct NamePools {
    pub(super) words: Pool,
    /// Three companions of each word, as `the` and `house` of `white`.
    companions: Vec<[u32; 3]>,
    pub(super) tags: Pool,
    pub(super) authors: Pool,
    pub(super) people: Pool,
    pub(super) locations: Pool,
    pub(super) series: Pool,
}

impl NamePools {
    pub(super) fn new(articles: u64, seed: u64) -> Self {
        let square_root = articles.isqrt() as usize;
        let scaled_size = power_of_three_fifths(articles);
        let stream_rng = |stream_id| Rng::new(seed, stream_id, 0);
        let words = build_vocabulary(stream_rng(Stream::Words));
        let mut companion_rng = stream_rng(Stream::Companions);
        let companions = (0..VOCABULARY)
            .map(|_| [(); 3].map(|()| words.rank(&mut companion_rng) as u32))
            .collect();
        let tags = build_tags(27 * scaled_size / 2, stream_rng(Stream::Tags), &words);
        let mut author_rng = stream_rng(Stream::Authors);
        let authors = Pool::new(
            20 + 2 * square_root,
            |rank| 1.0 / (rank + 8.0),
            |_, attempt| invent_person(&mut author_rng, attempt),
        );
        let mut people_rng = stream_rng(Stream::People);
        let people = Pool::new(
            30 + 5 * scaled_size,
            |rank| 1.0 / (rank + 4.0),
            |_, attempt| invent_person(&mut people_rng, attempt),
        );
        let mut location_rng = stream_rng(Stream::Locations);
        let locations = Pool::new(
            30 + 2 * square_root,
            |rank| 1.0 / (rank + 2.0),
            |_, attempt| invent_place(&mut location_rng, attempt),
        );
        let mut series_rng = stream_rng(Stream::Series);
        let series = Pool::new(
            4 + square_root / 4,
            |rank| 1.0 / (rank + 4.0),
            |_, _| {
                format!(
                    "The {} {}",
                    title_case(&draw_topic(&mut series_rng, &words, 1)),
                    series_rng.choose(&["files", "papers", "years"])
                )
            },
        );
        Self { words, companions, tags, authors, people, locations, series }
    }

    /// Draws a companion of a word, the first most often.
    pub(super) fn draw_companion(&self, rng: &mut Rng, word: usize) -> usize {
        self.companions[word][rng.below(3).min(rng.below(3))] as usize
    }

    /// Draws a tag for an article at `progress` (0 to 1) of the archive's span. The most frequent
    /// tags are always used; each of the others is used for about a sixth of the span, like real
    /// subjects.
    pub(super) fn draw_tag(&self, rng: &mut Rng, progress: f64) -> usize {
        for _ in 0..12 {
            let rank = self.tags.rank(rng);
            let peak = (rank as f64 * 0.618_033_988_75).fract();
            let distance = (peak - progress).abs();
            if rank < LASTING_TAGS || distance.min(1.0 - distance) < 1.0 / 12.0 {
                return rank;
            }
        }
        rng.below(self.tags.names.len().min(LASTING_TAGS))
    }
}

/// Returns `n` to the power 0.6, calculated with whole numbers, so that it is exact.
fn power_of_three_fifths(n: u64) -> usize {
    let cube = u128::from(n).pow(3);
    let (mut low, mut high) = (1_u128, 1_u128 << 16);
    while low + 1 < high {
        let middle = u128::midpoint(low, high);
        if middle.pow(5) <= cube { low = middle } else { high = middle }
    }
    low as usize
}

/// Returns the words of the archive: real function words first, then invented ones, longer as they
/// get rarer. With [`ArticleWriter::word`](super::front_matter::ArticleWriter::word), this gives
/// texts as many different words as real ones have.
fn build_vocabulary(mut rng: Rng) -> Pool {
    Pool::new(
        VOCABULARY,
        |rank| 1.0 / ((rank + 4.0) * (rank + 5_000.0)),
        |rank, attempt| match (COMMON.get(rank), rank) {
            (Some(word), _) => (*word).to_owned(),
            (None, ..400) => invent_word(&mut rng, 1 + attempt / 4),
            (None, ..4_000) => invent_word(&mut rng, 2 + attempt / 4),
            _ => {
                let syllables = rng.between(2, 3);
                invent_word(&mut rng, syllables + attempt / 4)
            }
        },
    )
}

fn build_tags(size: usize, mut rng: Rng, words: &Pool) -> Pool {
    Pool::new(
        size.max(8),
        |rank| 1.0 / (rank + 4.0),
        |rank, attempt| {
            let length = [1, 1, 1, 1, 2, 2, 2, 3][rng.below(8)] + attempt / 4;
            if rank == 0 { UNIVERSAL_TAG.to_owned() } else { draw_topic(&mut rng, words, length) }
        },
    )
}

/// Invents a pronounceable word of some syllables.
fn invent_word(rng: &mut Rng, syllables: usize) -> String {
    let mut word = String::new();
    for _ in 0..syllables {
        word += rng.choose(&ONSETS);
        word += if rng.chance(8) { rng.choose(&ACCENTED) } else { rng.choose(&VOWELS) };
    }
    word + rng.choose(&CODAS)
}

fn invent_place(rng: &mut Rng, attempt: usize) -> String {
    let syllables = rng.between(2, 3) + attempt / 4;
    title_case(&invent_word(rng, syllables))
}

fn invent_person(rng: &mut Rng, attempt: usize) -> String {
    let (first, last) = (rng.between(1, 2), rng.between(2, 3) + attempt / 4);
    format!("{} {}", title_case(&invent_word(rng, first)), title_case(&invent_word(rng, last)))
}

/// Draws a few words, none of them a function word.
pub(super) fn draw_topic(rng: &mut Rng, words: &Pool, length: usize) -> String {
    let picked: Vec<&str> = (0..length).map(|_| draw_content_word(rng, words)).collect();
    picked.join(" ")
}

pub(super) fn draw_content_word<'w>(rng: &mut Rng, words: &'w Pool) -> &'w str {
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

/// Returns lower-case ASCII letters and digits with single hyphens, cut at a word after about 60
/// bytes.
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

//! Parts: the words of some stories, turned round, in a file of the site's state folder. Volumes are merged from parts, so that what an edit
//! touches is one part, and no more than a part is ever in memory.

use std::fs::File;
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use xxhash_rust::xxh3::xxh3_64;

use super::deflate::Deflate;
use super::pairs::{self, Pairs};
use super::reopened::{Reopened, damaged};
use super::text::{SHOWN, Searched, WEIGHTS};
use super::words::words;
use crate::model::codec::{Decoder, Encode};

/// How many bytes of places a part may hold before it is written.
const FULL: usize = 1 << 21;
/// How hard cards are compressed.
const CARD_LEVEL: u32 = 2;
/// How long a card should be at most, compressed.
const CARD: usize = 2 << 10;
/// How many words of a story are searched.
const MOST_WORDS: u32 = 100_000;
/// How far the words of one field are from those of the next, so that no phrase runs across.
const GAP: u32 = 4;
/// What the name of a facet begins with, so that no word is one.
pub(super) const FACET: u8 = 1;
/// What stands before the term's name in it.
pub(super) const NAME: u8 = 2;

/// A word in a story.
#[derive(Clone, Copy, Default)]
struct Posting {
    word: u32,
    story: u32,
    /// Occurrences, each by its field's weight.
    weight: u32,
    /// Where its places begin, and how many bytes they take.
    places: (u32, u32),
}

/// Gathers the words of stories.
pub(super) struct Builder {
    deflate: Deflate,
    names: Names,
    postings: Vec<Posting>,
    places: Vec<u8>,
    pairs: Pairs,
    /// Of each story its weighted length and its card, compressed.
    stories: Vec<(u32, Vec<u8>)>,
    /// Words of the story at hand, and behind each its place: they are sorted faster as one number.
    found: Vec<u64>,
}

impl Builder {
    pub(super) fn new() -> Self {
        Self {
            deflate: Deflate::new(CARD_LEVEL),
            names: Names::default(),
            postings: Vec::new(),
            places: Vec::new(),
            pairs: Pairs::default(),
            stories: Vec::new(),
            found: Vec::new(),
        }
    }

    /// Adds the next story.
    pub(super) fn add(&mut self, searched: &Searched<'_>) -> io::Result<()> {
        let story = self.stories.len() as u32;
        let mut length = 0;
        // The first place of each field.
        let mut starts = [0_u32; WEIGHTS.len()];
        let mut place = 0;
        let (found, names, pairs) = (&mut self.found, &mut self.names, &mut self.pairs);
        found.clear();
        for (field, text) in searched.fields.iter().enumerate() {
            starts[field] = place;
            let mut before = None;
            words(text, |word| {
                let mut here = None;
                if !word.is_empty() && place < MOST_WORDS {
                    let number = names.number(word.as_bytes());
                    found.push(u64::from(number) << u32::BITS | u64::from(place));
                    length += WEIGHTS[field];
                    let hash = names.hash(number);
                    if let Some(before) = before {
                        pairs.add(before, hash, story);
                    }
                    here = Some(hash);
                }
                before = here;
                place += 1;
            });
            place += GAP;
        }
        found.sort_unstable();
        for of_word in found.chunk_by(|a, b| a >> u32::BITS == b >> u32::BITS) {
            let first = self.places.len();
            self.places.number(of_word.len() as u64);
            let mut last = 0;
            for place in of_word.iter().map(|&one| one as u32) {
                self.places.number((place - last).into());
                last = place;
            }
            let weight = |place: u32| WEIGHTS[starts.iter().rposition(|&start| start <= place).unwrap_or(0)];
            let weight = of_word.iter().map(|&one| weight(one as u32)).sum();
            let places = (first as u32, (self.places.len() - first) as u32);
            let word = (of_word[0] >> u32::BITS) as u32;
            self.postings.push(Posting { word, story, weight, places });
        }
        let mut facets: Vec<u32> = searched.facets.iter().map(|facet| self.names.facet(*facet)).collect();
        facets.sort_unstable();
        facets.dedup();
        self.postings.extend(facets.into_iter().map(|word| Posting {
            word,
            story,
            weight: 1,
            places: (0, 0),
        }));
        let (mut card, mut shown) = (Vec::new(), SHOWN);
        loop {
            card.clear();
            let text = searched.card(shown);
            self.deflate.put(text.as_bytes(), &mut card)?;
            if card.len() <= CARD || shown == 0 {
                break;
            }
            // A little less than what would do if all of the text took as many bits.
            shown = shown.min(text.len()) * CARD / card.len() * 31 / 32;
        }
        // Its own length, since it will have zeros behind it.
        let mut measured = Vec::with_capacity(card.len() + 2);
        measured.bytes(&card);
        self.stories.push((length, measured));
        Ok(())
    }

    pub(super) fn is_full(&self) -> bool {
        self.places.len() >= FULL
    }

    /// Writes the part: what there is to know of its stories, with its length before it; their cards; its words in order, each with its length before it. Its
    /// pairs are beside it.
    pub(super) fn write(mut self, file: &Path) -> io::Result<()> {
        let pairs = std::mem::take(&mut self.pairs);
        pairs.write(self.stories.len(), &pairs_of(file))?;
        let mut head = Vec::new();
        head.number(self.stories.len() as u64);
        for (length, card) in &self.stories {
            head.number((*length).into());
            head.number(card.len() as u64);
        }
        let mut out = BufWriter::with_capacity(1 << 16, File::create(file)?);
        out.write_all(&(head.len() as u64).to_le_bytes())?;
        out.write_all(&head)?;
        self.stories.iter().try_for_each(|(_, card)| out.write_all(card))?;
        let order = self.names.in_order();
        let (postings, starts) = self.by_word();
        let mut record = Vec::new();
        for word in order.into_iter().map(|word| word as usize) {
            let postings = &postings[starts[word] as usize..starts[word + 1] as usize];
            record.clear();
            record.bytes(self.names.get(word as u32));
            record.number(postings.len() as u64);
            let mut last = 0;
            for posting in postings {
                record.number((posting.story - last).into());
                record.number(posting.weight.into());
                record.number(posting.places.1.into());
                last = posting.story;
            }
            for (first, length) in postings.iter().map(|posting| posting.places) {
                record.extend_from_slice(&self.places[first as usize..(first + length) as usize]);
            }
            let mut length = Vec::with_capacity(4);
            length.number(record.len() as u64);
            out.write_all(&length)?;
            out.write_all(&record)?;
        }
        out.into_inner().map_err(io::IntoInnerError::into_error).map(drop)
    }

    /// The postings by word, within a word by story; and where each word's begin.
    fn by_word(&self) -> (Vec<Posting>, Vec<u32>) {
        let mut starts = vec![0_u32; self.names.len() + 1];
        self.postings.iter().for_each(|posting| starts[posting.word as usize + 1] += 1);
        for at in 1..starts.len() {
            starts[at] += starts[at - 1];
        }
        let mut next = starts.clone();
        let mut sorted = vec![Posting::default(); self.postings.len()];
        for posting in &self.postings {
            let slot = &mut next[posting.word as usize];
            sorted[*slot as usize] = *posting;
            *slot += 1;
        }
        (sorted, starts)
    }
}

/// Where the pairs of a part are.
pub(super) fn pairs_of(file: &Path) -> PathBuf {
    file.with_extension("pairs")
}

/// Numbers for names, by a table of their hashes.
#[derive(Default)]
struct Names {
    bytes: Vec<u8>,
    ends: Vec<u32>,
    /// What each is known by in pairs.
    hashes: Vec<u32>,
    table: Vec<u32>,
    facet: Vec<u8>,
}

impl Names {
    fn len(&self) -> usize {
        self.ends.len()
    }

    fn get(&self, number: u32) -> &[u8] {
        let start = (number as usize).checked_sub(1).map_or(0, |before| self.ends[before] as usize);
        &self.bytes[start..self.ends[number as usize] as usize]
    }

    fn hash(&self, number: u32) -> u32 {
        self.hashes[number as usize]
    }

    /// All numbers by name. Most names differ in their first eight bytes, which are compared as one number.
    fn in_order(&self) -> Vec<u32> {
        let start = |number: u32| {
            let mut bytes = [0; 8];
            let name = self.get(number);
            let length = name.len().min(bytes.len());
            bytes[..length].copy_from_slice(&name[..length]);
            u64::from_be_bytes(bytes)
        };
        let mut order: Vec<(u64, u32)> =
            (0..self.len() as u32).map(|number| (start(number), number)).collect();
        order.sort_unstable_by(|a, b| a.0.cmp(&b.0).then_with(|| self.get(a.1).cmp(self.get(b.1))));
        order.into_iter().map(|(_, number)| number).collect()
    }

    fn facet(&mut self, (kind, term, shown): (&str, &str, &str)) -> u32 {
        let mut name = std::mem::take(&mut self.facet);
        name.clear();
        name.push(FACET);
        name.extend_from_slice(kind.as_bytes());
        name.push(b'/');
        name.extend_from_slice(term.as_bytes());
        name.push(NAME);
        name.extend_from_slice(shown.as_bytes());
        let number = self.number(&name);
        self.facet = name;
        number
    }

    fn number(&mut self, name: &[u8]) -> u32 {
        if self.ends.len() * 2 >= self.table.len() {
            self.grow();
        }
        let mut slot = self.slot(name);
        loop {
            match self.table[slot] {
                0 => {
                    self.bytes.extend_from_slice(name);
                    self.ends.push(self.bytes.len() as u32);
                    self.hashes.push(pairs::hash(name));
                    self.table[slot] = self.ends.len() as u32;
                    return self.ends.len() as u32 - 1;
                }
                known if self.get(known - 1) == name => return known - 1,
                _ => slot = (slot + 1) & (self.table.len() - 1),
            }
        }
    }

    fn slot(&self, name: &[u8]) -> usize {
        xxh3_64(name) as usize & (self.table.len() - 1)
    }

    fn grow(&mut self) {
        self.table = vec![0; (self.table.len() * 2).max(1 << 12)];
        for number in 0..self.ends.len() as u32 {
            let mut slot = self.slot(self.get(number));
            while self.table[slot] != 0 {
                slot = (slot + 1) & (self.table.len() - 1);
            }
            self.table[slot] = number + 1;
        }
    }
}

/// A part, read word by word.
pub(super) struct Part {
    file: Reopened,
    /// The number of its first story in the volume.
    pub(super) first: u32,
    /// The word at hand; empty at the end.
    pub(super) word: Vec<u8>,
    /// The postings of the word at hand.
    postings: Vec<u8>,
}

/// The weighted lengths of a part's stories with the lengths of their cards, and where these begin. The file is read as far as there.
fn head(file: &mut File) -> io::Result<(Vec<(u32, usize)>, u64)> {
    let mut length = [0; 8];
    file.read_exact(&mut length)?;
    let mut head = Vec::new();
    file.take(u64::from_le_bytes(length)).read_to_end(&mut head)?;
    let mut from = Decoder(&head);
    let count = from.number().ok_or_else(damaged)?;
    let mut number = || from.number().ok_or_else(damaged);
    let stories =
        (0..count).map(|_| Ok((number()? as u32, number()? as usize))).collect::<io::Result<_>>()?;
    Ok((stories, (length.len() + head.len()) as u64))
}

impl Part {
    /// Opens a part, whose first story has that number in the volume. Gives with it the weighted length of each story and the length of its card.
    pub(super) fn open(file: &Path, first: u32) -> io::Result<(Self, Vec<(u32, usize)>)> {
        let (stories, cards) = head(&mut File::open(file)?)?;
        let words = cards + stories.iter().map(|&(_, card)| card as u64).sum::<u64>();
        let file = Reopened::new(file, words);
        let mut part = Self { file, first, word: Vec::new(), postings: Vec::new() };
        part.next()?;
        Ok((part, stories))
    }

    /// Gives the cards of a part to `take`.
    pub(super) fn cards(file: &Path, mut take: impl FnMut(&[u8]) -> io::Result<()>) -> io::Result<()> {
        let mut open = File::open(file)?;
        let (stories, _) = head(&mut open)?;
        let all = stories.iter().map(|&(_, card)| card as u64).sum();
        let mut cards = Vec::new();
        open.take(all).read_to_end(&mut cards)?;
        let mut rest = cards.as_slice();
        for (_, card) in stories {
            let (card, after) = rest.split_at_checked(card).ok_or_else(damaged)?;
            take(card)?;
            rest = after;
        }
        Ok(())
    }

    /// Goes on to the next word.
    pub(super) fn next(&mut self) -> io::Result<()> {
        self.word.clear();
        let Some(length) = self.file.number()? else { return Ok(()) };
        let length = length as usize;
        let mut from = Decoder(self.file.next(length)?.get(..length).ok_or_else(damaged)?);
        self.word.extend_from_slice(from.bytes().ok_or_else(damaged)?);
        self.postings.clear();
        self.postings.extend_from_slice(from.0);
        self.file.skip(length);
        Ok(())
    }

    /// Gives the postings of the word at hand: story, weight, bytes that its places take; then their places.
    pub(super) fn postings(
        &self,
        mut take: impl FnMut(u32, u32, u32),
        places: &mut Vec<u8>,
    ) -> io::Result<()> {
        let mut from = Decoder(&self.postings);
        let count = from.number().ok_or_else(damaged)?;
        let mut story = self.first;
        for _ in 0..count {
            let mut number = || from.number().ok_or_else(damaged);
            story += number()? as u32;
            take(story, number()? as u32, number()? as u32);
        }
        places.extend_from_slice(from.0);
        Ok(())
    }
}

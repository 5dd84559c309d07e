//! Volumes: the index of some stories, merged from parts. One run of bytes, cut into packs: cards, lists of postings, places of words, blocks of
//! the lexicon, pairs of words. `docs/search-format.md` gives the layout.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, SyncSender};
use std::thread::ScopedJoinHandle;

use serde_json::{Value, json};

use super::aside::Aside;
use super::lexicon::{Entry, Lexicon};
use super::pairs;
use super::part::{FACET, Part, pairs_of};
use super::postings::{BLOCK, Impacts, Posting, encode, level, runs};

/// How many words are handed on at once, and about how many postings at most.
const BATCH: usize = 256;
const BATCH_POSTINGS: usize = 1 << 14;

/// How many bytes tell where a bucket of pairs ends.
const TABLE_BYTES: usize = 5;

/// Merges parts into a volume, in packs of at most `limit` bytes in a folder, and gives what the manifest says of it.
pub(super) fn merge(parts: &[PathBuf], folder: &Path, limit: u64) -> io::Result<Value> {
    let mut packs = Packs::new(folder, limit);
    let Opened { parts: opened, levels, total, cards } = Opened::new(parts)?;
    let mut lists = Lists::new(folder, Impacts::new(total as f32 / levels.len().max(1) as f32))?;
    let mut buckets = Aside::new(folder.join("pairs"))?;
    let pairs: Vec<PathBuf> = parts.iter().map(|file| pairs_of(file)).collect();
    let merged = Merged::new(opened);
    // One thread merges pairs, one words, and one writes cards and what is of words.
    let (lists_start, bits, ends) = std::thread::scope(|scope| {
        let (send, receive) = mpsc::sync_channel(1);
        let pairing = scope.spawn(|| pairs::merge(&pairs, |bucket| buckets.put(bucket)));
        let merging = scope.spawn(|| merged.send(&levels, send));
        put_cards(parts, cards.iter().copied().max().unwrap_or(0), &mut packs)?;
        let start = packs.written;
        receive.iter().flatten().try_for_each(|word: Word| lists.put(&word, &mut packs))?;
        joined(merging)?;
        joined(pairing).map(|(bits, ends)| (start, bits, ends))
    })?;
    let places_start = packs.written;
    lists.places.give(|bytes| packs.put(bytes))?;
    let lexicon_start = packs.written;
    let (blocks, root) = lists.lexicon.finish()?;
    blocks.give(|bytes| packs.put(bytes))?;
    let pairs_start = packs.written;
    buckets.give(|bytes| packs.put(bytes))?;
    let table = packs.written;
    [0].iter().chain(&ends).try_for_each(|end: &u64| packs.put(&end.to_le_bytes()[..TABLE_BYTES]))?;
    let end = packs.written;
    Ok(json!({
        "packs": packs.finish()?,
        "stories": levels.len(),
        "length": total,
        "cards": cards,
        "lists": lists_start,
        "places": places_start,
        "lexicon": lexicon_start,
        "pairs": pairs_start,
        "table": table,
        "bits": bits,
        "end": end,
        "root": root,
    }))
}

/// Parts, and what they say of their stories.
#[derive(Default)]
struct Opened {
    parts: Vec<Part>,
    /// The level of each story.
    levels: Vec<u8>,
    /// The sum of their weighted lengths.
    total: u64,
    /// Of each level the length of the longest card.
    cards: Vec<usize>,
}

impl Opened {
    fn new(files: &[PathBuf]) -> io::Result<Self> {
        let mut all = Self::default();
        for file in files {
            let (part, stories) = Part::open(file, all.levels.len() as u32)?;
            all.parts.push(part);
            for (length, card) in stories {
                let level = level(length);
                all.levels.push(level);
                all.total += u64::from(length);
                all.cards.resize(all.cards.len().max(usize::from(level) + 1), 0);
                let longest = &mut all.cards[usize::from(level)];
                *longest = card.max(*longest);
            }
        }
        Ok(all)
    }
}

/// Writes all cards the same distance apart: a client knows where one is without a table that it would have to wait for.
fn put_cards(parts: &[PathBuf], apart: usize, packs: &mut Packs) -> io::Result<()> {
    let padding = vec![0; apart];
    for file in parts {
        Part::cards(file, |card| {
            packs.put(card)?;
            packs.put(&padding[card.len()..])
        })?;
    }
    Ok(())
}

/// Writes words: their lists at once, places and lexicon aside.
struct Lists {
    impacts: Impacts,
    places: Aside,
    lexicon: Lexicon,
    list: Vec<u8>,
    table: Vec<u8>,
}

impl Lists {
    fn new(folder: &Path, impacts: Impacts) -> io::Result<Self> {
        let places = Aside::new(folder.join("places"))?;
        let lexicon = Lexicon::new(Aside::new(folder.join("lexicon"))?);
        Ok(Self { impacts, places, lexicon, list: Vec::new(), table: Vec::new() })
    }

    fn put(&mut self, word: &Word, packs: &mut Packs) -> io::Result<()> {
        let postings = word.postings.as_slice();
        self.table.clear();
        if postings.len() > BLOCK && !word.places.is_empty() {
            runs(postings, word.places.len(), &mut self.table);
        }
        self.places.put(&self.table)?;
        self.places.put(&word.places)?;
        let mut entry = Entry {
            stories: postings.len(),
            places: self.table.len() + word.places.len(),
            runs: self.table.len(),
            ..Entry::default()
        };
        if let [one] = postings {
            entry.only = Some(*one);
        } else {
            self.list.clear();
            entry.table = encode(postings, &self.impacts, &mut self.list);
            entry.list = self.list.len();
            packs.put(&self.list)?;
        }
        self.lexicon.add(&word.name, &entry)
    }
}

/// What a thread gives, or its panic.
fn joined<T>(thread: ScopedJoinHandle<'_, io::Result<T>>) -> io::Result<T> {
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

/// How far apart the cards of a volume are, by what the manifest says of it.
pub(super) fn slot(about: &Value) -> u64 {
    about["cards"].as_array().into_iter().flatten().filter_map(Value::as_u64).max().unwrap_or(0)
}

/// A word with its postings and its places.
#[derive(Default)]
struct Word {
    name: Vec<u8>,
    postings: Vec<Posting>,
    places: Vec<u8>,
}

/// The words of several parts in order.
struct Merged {
    parts: Vec<Part>,
    next: BinaryHeap<Reverse<(Vec<u8>, usize)>>,
}

impl Merged {
    fn new(parts: Vec<Part>) -> Self {
        let mut merged = Self { parts, next: BinaryHeap::new() };
        (0..merged.parts.len()).for_each(|part| merged.push(part));
        merged
    }

    fn push(&mut self, part: usize) {
        let word = std::mem::take(&mut self.parts[part].word);
        if !word.is_empty() {
            self.next.push(Reverse((word, part)));
        }
    }

    /// Sends all words, some at a time, until nobody takes them any more.
    fn send(mut self, levels: &[u8], to: SyncSender<Vec<Word>>) -> io::Result<()> {
        loop {
            let (mut words, mut postings) = (Vec::with_capacity(BATCH), 0);
            while words.len() < BATCH && postings < BATCH_POSTINGS {
                let Some(word) = self.next(levels)? else { break };
                postings += word.postings.len();
                words.push(word);
            }
            if words.is_empty() || to.send(words).is_err() {
                return Ok(());
            }
        }
    }

    /// The next word.
    fn next(&mut self, levels: &[u8]) -> io::Result<Option<Word>> {
        let Some(Reverse((name, mut part))) = self.next.pop() else { return Ok(None) };
        let mut word = Word { name, ..Word::default() };
        let facet = word.name.first() == Some(&FACET);
        loop {
            let take = |story: u32, weight, places| {
                let level = if facet { 0 } else { levels[story as usize] };
                word.postings.push(Posting { story, weight, level, places });
            };
            self.parts[part].postings(take, &mut word.places)?;
            self.parts[part].next()?;
            self.push(part);
            match self.next.peek() {
                Some(Reverse((other, _))) if *other == word.name => {
                    part = self.next.pop().map_or(0, |Reverse((_, part))| part);
                }
                _ => return Ok(Some(word)),
            }
        }
    }
}

/// One run of bytes, cut into files.
struct Packs {
    folder: PathBuf,
    limit: u64,
    written: u64,
    count: usize,
    file: Option<BufWriter<File>>,
}

impl Packs {
    fn new(folder: &Path, limit: u64) -> Self {
        Self { folder: folder.to_owned(), limit, written: 0, count: 0, file: None }
    }

    fn put(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            let room = (self.limit - self.written % self.limit) as usize;
            if room as u64 == self.limit {
                self.close()?;
                let path = self.folder.join(format!("{}.bin", self.count));
                self.file = Some(BufWriter::with_capacity(1 << 16, File::create(path)?));
                self.count += 1;
            }
            let (now, later) = bytes.split_at(room.min(bytes.len()));
            if let Some(file) = &mut self.file {
                file.write_all(now)?;
            }
            self.written += now.len() as u64;
            bytes = later;
        }
        Ok(())
    }

    fn close(&mut self) -> io::Result<()> {
        match self.file.take() {
            Some(file) => file.into_inner().map_err(io::IntoInnerError::into_error).map(drop),
            None => Ok(()),
        }
    }

    /// How many files there are.
    fn finish(mut self) -> io::Result<usize> {
        self.close()?;
        Ok(self.count)
    }
}

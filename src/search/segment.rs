//! Volumes: the index of some stories, merged from parts. One run of bytes, cut into packs: cards,
//! lists of postings, places of words, blocks of the lexicon, pairs of words.
//! `docs/search-format.md` gives the layout.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, SyncSender};
use std::thread::ScopedJoinHandle;

use serde_json::{Value, json};

use super::bigrams;
use super::postings::{
    Impacts, MIN_BLOCK_SIZE, Posting, encode_field_norm, encode_position_runs, encode_postings,
};
use super::segment_builder::{FACET_PREFIX, PartialIndexReader, bigrams_path};
use super::spill_file::SpillFile;
use super::term_dict::{TermDictWriter, TermInfo};

/// How many words are handed on at once, and about how many postings at most.
const TERMS_PER_BATCH: usize = 256;
const POSTINGS_PER_BATCH: usize = 1 << 14;

/// How many bytes tell where a bucket of pairs ends.
const BUCKET_END_BYTES: usize = 5;

/// Merges parts into a volume, in packs of at most `limit` bytes in a folder, and gives what the
/// manifest says of it.
pub(super) fn merge(partial_files: &[PathBuf], folder: &Path, limit: u64) -> io::Result<Value> {
    let mut shards = ShardWriter::new(folder, limit);
    let MergeInputs { readers, field_norms, total_length, max_stored_bytes } =
        MergeInputs::open(partial_files)?;
    let mut term_writer = TermWriter::new(
        folder,
        Impacts::new(total_length as f32 / field_norms.len().max(1) as f32),
    )?;
    let mut buckets = SpillFile::new(folder.join("pairs"))?;
    let bigram_files: Vec<PathBuf> = partial_files.iter().map(|file| bigrams_path(file)).collect();
    let term_merger = TermMerger::new(readers);
    // One thread merges pairs, one words, and one writes cards and what is of words.
    let (postings_start, bucket_bits, bucket_ends) = std::thread::scope(|scope| {
        let (sender, receiver) = mpsc::sync_channel(1);
        let bigram_thread =
            scope.spawn(|| bigrams::merge(&bigram_files, |bucket| buckets.write(bucket)));
        let term_thread = scope.spawn(|| term_merger.send_all(&field_norms, sender));
        write_stored_fields(
            partial_files,
            max_stored_bytes.iter().copied().max().unwrap_or(0),
            &mut shards,
        )?;
        let start = shards.written;
        receiver
            .iter()
            .flatten()
            .try_for_each(|term: TermPostings| term_writer.write_term(&term, &mut shards))?;
        join_thread(term_thread)?;
        join_thread(bigram_thread)
            .map(|(bucket_bits, bucket_ends)| (start, bucket_bits, bucket_ends))
    })?;
    let positions_start = shards.written;
    term_writer.positions.drain(|bytes| shards.write(bytes))?;
    let term_dict_start = shards.written;
    let (blocks, root) = term_writer.term_dict.finish()?;
    blocks.drain(|bytes| shards.write(bytes))?;
    let bigrams_start = shards.written;
    buckets.drain(|bytes| shards.write(bytes))?;
    let bucket_table_start = shards.written;
    [0].iter()
        .chain(&bucket_ends)
        .try_for_each(|end: &u64| shards.write(&end.to_le_bytes()[..BUCKET_END_BYTES]))?;
    let end = shards.written;
    Ok(json!({
        "packs": shards.finish()?,
        "stories": field_norms.len(),
        "length": total_length,
        "cards": max_stored_bytes,
        "lists": postings_start,
        "places": positions_start,
        "lexicon": term_dict_start,
        "pairs": bigrams_start,
        "table": bucket_table_start,
        "bits": bucket_bits,
        "end": end,
        "root": root,
    }))
}

/// Parts, and what they say of their stories.
#[derive(Default)]
struct MergeInputs {
    readers: Vec<PartialIndexReader>,
    /// The level of each story.
    field_norms: Vec<u8>,
    /// The sum of their weighted lengths.
    total_length: u64,
    /// Of each level the length of the longest card.
    max_stored_bytes: Vec<usize>,
}

impl MergeInputs {
    fn open(files: &[PathBuf]) -> io::Result<Self> {
        let mut inputs = Self::default();
        for file in files {
            let (reader, articles) =
                PartialIndexReader::open(file, inputs.field_norms.len() as u32)?;
            inputs.readers.push(reader);
            for (length, stored_bytes) in articles {
                let field_norm = encode_field_norm(length);
                inputs.field_norms.push(field_norm);
                inputs.total_length += u64::from(length);
                inputs
                    .max_stored_bytes
                    .resize(inputs.max_stored_bytes.len().max(usize::from(field_norm) + 1), 0);
                let longest = &mut inputs.max_stored_bytes[usize::from(field_norm)];
                *longest = stored_bytes.max(*longest);
            }
        }
        Ok(inputs)
    }
}

/// Writes all cards the same distance apart: a client knows where one is without a table that it
/// would have to wait for.
fn write_stored_fields(
    partial_files: &[PathBuf],
    slot_bytes: usize,
    shards: &mut ShardWriter,
) -> io::Result<()> {
    let padding = vec![0; slot_bytes];
    for file in partial_files {
        PartialIndexReader::read_stored_fields(file, |stored_fields| {
            shards.write(stored_fields)?;
            shards.write(&padding[stored_fields.len()..])
        })?;
    }
    Ok(())
}

/// Writes words: their lists at once, places and lexicon aside.
struct TermWriter {
    impacts: Impacts,
    positions: SpillFile,
    term_dict: TermDictWriter,
    postings_buffer: Vec<u8>,
    run_table: Vec<u8>,
}

impl TermWriter {
    fn new(folder: &Path, impacts: Impacts) -> io::Result<Self> {
        let positions = SpillFile::new(folder.join("places"))?;
        let term_dict = TermDictWriter::new(SpillFile::new(folder.join("lexicon"))?);
        Ok(Self {
            impacts,
            positions,
            term_dict,
            postings_buffer: Vec::new(),
            run_table: Vec::new(),
        })
    }

    fn write_term(&mut self, term: &TermPostings, shards: &mut ShardWriter) -> io::Result<()> {
        let postings = term.postings.as_slice();
        self.run_table.clear();
        if postings.len() > MIN_BLOCK_SIZE && !term.positions.is_empty() {
            encode_position_runs(postings, term.positions.len(), &mut self.run_table);
        }
        self.positions.write(&self.run_table)?;
        self.positions.write(&term.positions)?;
        let mut info = TermInfo {
            article_count: postings.len(),
            positions_bytes: self.run_table.len() + term.positions.len(),
            run_table_bytes: self.run_table.len(),
            ..TermInfo::default()
        };
        if let [single] = postings {
            info.single_posting = Some(*single);
        } else {
            self.postings_buffer.clear();
            info.block_table_bytes =
                encode_postings(postings, &self.impacts, &mut self.postings_buffer);
            info.postings_bytes = self.postings_buffer.len();
            shards.write(&self.postings_buffer)?;
        }
        self.term_dict.add(&term.name, &info)
    }
}

/// What a thread gives, or its panic.
fn join_thread<T>(thread: ScopedJoinHandle<'_, io::Result<T>>) -> io::Result<T> {
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

/// How far apart the cards of a volume are, by what the manifest says of it.
pub(super) fn stored_fields_slot_bytes(metadata: &Value) -> u64 {
    metadata["cards"].as_array().into_iter().flatten().filter_map(Value::as_u64).max().unwrap_or(0)
}

/// A word with its postings and its places.
#[derive(Default)]
struct TermPostings {
    name: Vec<u8>,
    postings: Vec<Posting>,
    positions: Vec<u8>,
}

/// The words of several parts in order.
struct TermMerger {
    readers: Vec<PartialIndexReader>,
    queue: BinaryHeap<Reverse<(Vec<u8>, usize)>>,
}

impl TermMerger {
    fn new(readers: Vec<PartialIndexReader>) -> Self {
        let mut merger = Self { readers, queue: BinaryHeap::new() };
        (0..merger.readers.len()).for_each(|reader| merger.push(reader));
        merger
    }

    fn push(&mut self, reader: usize) {
        let term = std::mem::take(&mut self.readers[reader].term);
        if !term.is_empty() {
            self.queue.push(Reverse((term, reader)));
        }
    }

    /// Sends all words, some at a time, until nobody takes them any more.
    fn send_all(
        mut self,
        field_norms: &[u8],
        sender: SyncSender<Vec<TermPostings>>,
    ) -> io::Result<()> {
        loop {
            let (mut terms, mut posting_count) = (Vec::with_capacity(TERMS_PER_BATCH), 0);
            while terms.len() < TERMS_PER_BATCH && posting_count < POSTINGS_PER_BATCH {
                let Some(term) = self.next_term(field_norms)? else { break };
                posting_count += term.postings.len();
                terms.push(term);
            }
            if terms.is_empty() || sender.send(terms).is_err() {
                return Ok(());
            }
        }
    }

    /// The next word.
    fn next_term(&mut self, field_norms: &[u8]) -> io::Result<Option<TermPostings>> {
        let Some(Reverse((name, mut reader))) = self.queue.pop() else { return Ok(None) };
        let mut term = TermPostings { name, ..TermPostings::default() };
        let is_facet = term.name.first() == Some(&FACET_PREFIX);
        loop {
            let on_posting = |article: u32, weight, positions_bytes| {
                let field_norm = if is_facet { 0 } else { field_norms[article as usize] };
                term.postings.push(Posting { article, weight, field_norm, positions_bytes });
            };
            self.readers[reader].read_postings(on_posting, &mut term.positions)?;
            self.readers[reader].advance()?;
            self.push(reader);
            match self.queue.peek() {
                Some(Reverse((other, _))) if *other == term.name => {
                    reader = self.queue.pop().map_or(0, |Reverse((_, reader))| reader);
                }
                _ => return Ok(Some(term)),
            }
        }
    }
}

/// One run of bytes, cut into files.
struct ShardWriter {
    folder: PathBuf,
    limit: u64,
    written: u64,
    shard_count: usize,
    file: Option<BufWriter<File>>,
}

impl ShardWriter {
    fn new(folder: &Path, limit: u64) -> Self {
        Self { folder: folder.to_owned(), limit, written: 0, shard_count: 0, file: None }
    }

    fn write(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            let remaining = (self.limit - self.written % self.limit) as usize;
            if remaining as u64 == self.limit {
                self.close()?;
                let path = self.folder.join(format!("{}.bin", self.shard_count));
                self.file = Some(BufWriter::with_capacity(1 << 16, File::create(path)?));
                self.shard_count += 1;
            }
            let (now, later) = bytes.split_at(remaining.min(bytes.len()));
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
        Ok(self.shard_count)
    }
}

//! Segments, merged from partial indexes: a sequence of bytes in shard files, with stored fields,
//! postings, positions, the term dictionary and bigrams, as `docs/search-format.md` specifies.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, SyncSender};
use std::thread::ScopedJoinHandle;

use serde_json::{Value, json};

use super::bigrams::{self, BucketTable};
use super::forms::{FormTable, WordList};
use super::inflection::LanguageSet;
use super::partial_index::{ArticleHeader, PartialIndexReader, bigrams_path};
use super::postings::{
    Impacts, MIN_BLOCK_SIZE, Posting, encode_field_norm, encode_position_runs, encode_postings,
};
use super::reopening_reader::corrupt_index_error;
use super::spill_file::SpillFile;
use super::term_dict::{TermDictWriter, TermInfo};
use super::term_interner::FACET_PREFIX;
use crate::model::codec::{Decoder, Encode};

/// The metadata of a segment, in its folder in the build cache.
pub(super) const METADATA_FILE: &str = "metadata.json";
/// The number of words that are merged before they are written, and the approximate maximum of
/// their postings.
const TERMS_PER_BATCH: usize = 256;
const POSTINGS_PER_BATCH: usize = 1 << 14;

/// The size of an entry of the bucket table, in bytes.
const BUCKET_END_BYTES: usize = 5;

/// Merges partial indexes into a segment in `folder`, with shard files of at most `shard_bytes`.
/// Returns the segment's metadata for the manifest.
///
/// # Errors
/// An I/O error if a partial index can't be read or the segment can't be written; `InvalidData` if
/// a partial index is damaged.
pub(super) fn merge(
    partial_files: &[PathBuf],
    folder: &Path,
    shard_bytes: u64,
) -> io::Result<Value> {
    let mut shards = ShardWriter::new(folder, shard_bytes);
    let MergeInputs { readers, articles, total_length, max_stored_bytes } =
        MergeInputs::open(partial_files)?;
    let average_length = total_length as f32 / articles.len().max(1) as f32;
    let mut term_writer = TermWriter::new(folder, Impacts::new(average_length))?;
    let mut buckets = SpillFile::new(folder.join("bigrams"))?;
    let bigram_files: Vec<PathBuf> = partial_files.iter().map(|file| bigrams_path(file)).collect();
    let term_merger = TermMerger::new(readers);
    // Two threads merge bigrams and words; this one writes stored fields, then the merged words.
    let (postings_start, bucket_table) = std::thread::scope(|scope| {
        let (sender, receiver) = mpsc::sync_channel(1);
        let bigram_thread =
            scope.spawn(|| bigrams::merge(&bigram_files, |bucket| buckets.write(bucket)));
        let term_thread = scope.spawn(|| term_merger.send_all(&articles, sender));
        let slot_bytes = max_stored_bytes.iter().copied().max().unwrap_or(0);
        write_stored_fields(partial_files, slot_bytes, &mut shards)?;
        let start = shards.written;
        receiver
            .iter()
            .flatten()
            .try_for_each(|term: TermPostings| term_writer.write_term(&term, &mut shards))?;
        join_thread(term_thread)?;
        join_thread(bigram_thread).map(|bucket_table| (start, bucket_table))
    })?;
    let positions_start = shards.written;
    term_writer.positions.drain(|bytes| shards.write(bytes))?;
    let term_dict_start = shards.written;
    let (blocks, root) = term_writer.entries.write_dictionary(term_writer.term_dict)?;
    blocks.drain(|bytes| shards.write(bytes))?;
    let bigrams_start = shards.written;
    buckets.drain(|bytes| shards.write(bytes))?;
    let bucket_table_start = shards.written;
    write_bucket_table(&bucket_table, &mut shards)?;
    let end = shards.written;
    Ok(json!({
        "shards": shards.finish()?,
        "articles": articles.len(),
        "total_length": total_length,
        "stored_fields": max_stored_bytes,
        "postings": postings_start,
        "positions": positions_start,
        "term_dict": term_dict_start,
        "bigrams": bigrams_start,
        "bucket_table": bucket_table_start,
        "bucket_bits": bucket_table.bucket_bits,
        "end": end,
        "root": root,
    }))
}

/// Writes the end of each bucket, and a zero before them.
fn write_bucket_table(table: &BucketTable, shards: &mut ShardWriter) -> io::Result<()> {
    [0].iter()
        .chain(&table.ends)
        .try_for_each(|end: &u64| shards.write(&end.to_le_bytes()[..BUCKET_END_BYTES]))
}

/// The properties of an article that its words' postings depend on.
struct MergedArticle {
    field_norm: u8,
    languages: LanguageSet,
}

/// The partial indexes of a segment, and what their headers say about its articles.
#[derive(Default)]
struct MergeInputs {
    readers: Vec<PartialIndexReader>,
    articles: Vec<MergedArticle>,
    /// The sum of all weighted lengths.
    total_length: u64,
    /// For each field norm the maximum size of the stored fields of an article with that norm.
    max_stored_bytes: Vec<usize>,
}

impl MergeInputs {
    fn open(files: &[PathBuf]) -> io::Result<Self> {
        let mut inputs = Self::default();
        for file in files {
            let (reader, articles) = PartialIndexReader::open(file, inputs.articles.len() as u32)?;
            inputs.readers.push(reader);
            for ArticleHeader { length, stored_bytes, languages } in articles {
                let field_norm = encode_field_norm(length);
                inputs.articles.push(MergedArticle { field_norm, languages });
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

/// Writes all stored fields, padded to the same size, so that a client can compute their offsets
/// without loading a table first.
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

/// Writes words: their postings to the shards, their positions and dictionary entries to temporary
/// files.
struct TermWriter {
    impacts: Impacts,
    positions: SpillFile,
    entries: EntryList,
    term_dict: TermDictWriter,
    postings_buffer: Vec<u8>,
    run_table: Vec<u8>,
}

impl TermWriter {
    fn new(folder: &Path, impacts: Impacts) -> io::Result<Self> {
        let positions = SpillFile::new(folder.join("positions"))?;
        let term_dict = TermDictWriter::new(SpillFile::new(folder.join("term_dict"))?);
        let entries = EntryList::new(folder)?;
        Ok(Self {
            impacts,
            positions,
            entries,
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
        self.entries.add(term, &info)
    }
}

/// The entries of the term dictionary, which are written when all words are known: a word's entry
/// contains its inflected forms.
struct EntryList {
    file: SpillFile,
    words: WordList,
    record: Vec<u8>,
}

impl EntryList {
    fn new(folder: &Path) -> io::Result<Self> {
        let file = SpillFile::new(folder.join("entries"))?;
        Ok(Self { file, words: WordList::default(), record: Vec::new() })
    }

    fn add(&mut self, term: &TermPostings, info: &TermInfo) -> io::Result<()> {
        self.words.push(&term.name, term.languages, info.article_count);
        self.record.clear();
        info.encode(&mut self.record);
        let mut length = Vec::with_capacity(2);
        length.varint(self.record.len() as u64);
        self.file.write(&length)?;
        self.file.write(&self.record)
    }

    /// Writes all entries to the term dictionary. Returns its blocks and its root.
    fn write_dictionary(self, mut term_dict: TermDictWriter) -> io::Result<(SpillFile, Value)> {
        let Self { file, words, .. } = self;
        let table = FormTable::new(&words);
        let (mut rest, mut id) = (Vec::new(), 0);
        file.drain(|bytes| {
            rest.extend_from_slice(bytes);
            let mut decoder = Decoder(&rest);
            let mut consumed = 0;
            while let Some(record) = decoder.bytes() {
                let info =
                    TermInfo::decode(&mut Decoder(record)).ok_or_else(corrupt_index_error)?;
                let forms = table.forms(&words, id);
                let forms = forms.iter().map(|&form| words.get(form).as_bytes());
                term_dict.add(words.get(id).as_bytes(), &info, forms)?;
                id += 1;
                consumed = rest.len() - decoder.0.len();
            }
            rest.drain(..consumed);
            Ok(())
        })?;
        term_dict.finish()
    }
}

/// Returns a thread's result, or continues its panic.
fn join_thread<T>(thread: ScopedJoinHandle<'_, io::Result<T>>) -> io::Result<T> {
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

/// Returns the distance between the stored fields of two articles, in bytes, from a segment's
/// metadata.
pub(super) fn stored_fields_slot_bytes(metadata: &Value) -> u64 {
    let sizes = metadata["stored_fields"].as_array().into_iter().flatten();
    sizes.filter_map(Value::as_u64).max().unwrap_or(0)
}

/// A word with its postings and positions.
#[derive(Default)]
struct TermPostings {
    name: Vec<u8>,
    postings: Vec<Posting>,
    positions: Vec<u8>,
    /// The languages of its articles; none for facets.
    languages: LanguageSet,
}

/// Merges the words of several partial indexes in order.
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

    /// Sends all words in batches, until the receiver is dropped.
    fn send_all(
        mut self,
        articles: &[MergedArticle],
        sender: SyncSender<Vec<TermPostings>>,
    ) -> io::Result<()> {
        loop {
            let (mut terms, mut posting_count) = (Vec::with_capacity(TERMS_PER_BATCH), 0);
            while terms.len() < TERMS_PER_BATCH && posting_count < POSTINGS_PER_BATCH {
                let Some(term) = self.next_term(articles)? else { break };
                posting_count += term.postings.len();
                terms.push(term);
            }
            if terms.is_empty() || sender.send(terms).is_err() {
                return Ok(());
            }
        }
    }

    /// Merges the postings of the next word.
    fn next_term(&mut self, articles: &[MergedArticle]) -> io::Result<Option<TermPostings>> {
        let Some(Reverse((name, mut reader))) = self.queue.pop() else { return Ok(None) };
        let mut term = TermPostings { name, ..TermPostings::default() };
        let is_facet = term.name.first() == Some(&FACET_PREFIX);
        loop {
            let on_posting = |article: u32, weight, positions_bytes| {
                let mut field_norm = 0;
                if !is_facet {
                    let article = &articles[article as usize];
                    field_norm = article.field_norm;
                    term.languages.add(article.languages);
                }
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

/// Writes a sequence of bytes to shard files.
struct ShardWriter {
    folder: PathBuf,
    shard_bytes: u64,
    written: u64,
    shard_count: usize,
    file: Option<BufWriter<File>>,
}

impl ShardWriter {
    fn new(folder: &Path, shard_bytes: u64) -> Self {
        Self { folder: folder.to_owned(), shard_bytes, written: 0, shard_count: 0, file: None }
    }

    fn write(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            let remaining = (self.shard_bytes - self.written % self.shard_bytes) as usize;
            if remaining as u64 == self.shard_bytes {
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

    /// Closes the last file, and returns the number of files.
    fn finish(mut self) -> io::Result<usize> {
        self.close()?;
        Ok(self.shard_count)
    }
}

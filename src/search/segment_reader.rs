//! Reads all texts of a segment, for the redaction audit.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use serde_json::Value;

use super::deflate::inflate;
use super::postings::MIN_BLOCK_SIZE;
use super::segment::{METADATA_FILE, stored_fields_slot_bytes};
use crate::model::codec::Decoder;
use crate::regular_file;

/// The number of articles of a batch.
const ARTICLES_PER_BATCH: usize = 1024;

/// Returns true if a folder of the build cache contains a segment.
pub(crate) fn is_segment(folder: &Path) -> bool {
    folder.join(METADATA_FILE).is_file()
}

/// Passes the texts of a segment to `on_batch` in batches: the stored fields of all articles, then
/// all words and facets.
///
/// # Errors
/// I/O errors, and `InvalidData` if the folder isn't an undamaged segment.
pub(crate) fn read_texts(folder: &Path, mut on_batch: impl FnMut(&[String])) -> io::Result<()> {
    let metadata: Value =
        serde_json::from_str(&regular_file::read_cached_text(&folder.join(METADATA_FILE))?)?;
    let number = |key: &str| metadata[key].as_u64().ok_or(io::ErrorKind::InvalidData);
    let shards = ShardReader { folder, shard_bytes: fs::metadata(folder.join("0.bin"))?.len() };
    let (term_dict_start, article_count) = (number("term_dict")?, number("articles")? as usize);
    let slot_bytes = stored_fields_slot_bytes(&metadata);
    for first in (0..article_count).step_by(ARTICLES_PER_BATCH) {
        let count = ARTICLES_PER_BATCH.min(article_count - first);
        let stored_fields =
            |article: usize| read_stored_fields(&shards, article as u64 * slot_bytes, slot_bytes);
        on_batch(&(first..first + count).map(stored_fields).collect::<io::Result<Vec<String>>>()?);
    }
    let blocks = metadata["root"]["term_dict"].as_array().ok_or(io::ErrorKind::InvalidData)?;
    let mut offset = term_dict_start;
    for length in blocks.iter().map(|length| length.as_u64().unwrap_or_default()) {
        let block = inflate(&shards.read(offset, length as usize)?)?;
        on_batch(&decode_terms(&block).ok_or(io::ErrorKind::InvalidData)?);
        offset += length;
    }
    Ok(())
}

fn read_stored_fields(shards: &ShardReader<'_>, offset: u64, length: u64) -> io::Result<String> {
    let slot = shards.read(offset, length as usize)?;
    let stored_fields = inflate(Decoder(&slot).bytes().ok_or(io::ErrorKind::InvalidData)?)?;
    Ok(String::from_utf8_lossy(&stored_fields).into_owned())
}

/// Decodes the words of a block of the term dictionary; `None` if it is damaged.
fn decode_terms(block: &[u8]) -> Option<Vec<String>> {
    let mut decoder = Decoder(block);
    let (mut term, mut terms): (Vec<u8>, Vec<String>) = (Vec::new(), Vec::new());
    while !decoder.0.is_empty() {
        term.truncate(decoder.byte()?.into());
        term.extend_from_slice(decoder.bytes()?);
        terms.push(String::from_utf8_lossy(&term).into_owned());
        let article_count = decoder.varint()?;
        decoder.varint()?;
        if article_count == 1 {
            decoder.varint()?;
            decoder.byte()?;
        } else if article_count > MIN_BLOCK_SIZE as u64 {
            decoder.varint()?;
            decoder.varint()?;
        }
        decoder.varint()?;
        // Inflected forms are words of the dictionary, too.
        for _ in 0..decoder.varint()? {
            decoder.varint()?;
            decoder.bytes()?;
        }
    }
    Some(terms)
}

/// The shard files of a segment as one sequence of bytes.
struct ShardReader<'a> {
    folder: &'a Path,
    /// The size of each shard file except the last.
    shard_bytes: u64,
}

impl ShardReader<'_> {
    fn read(&self, mut offset: u64, length: usize) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        while bytes.len() < length {
            let (shard, offset_in_shard) =
                (offset / self.shard_bytes.max(1), offset % self.shard_bytes.max(1));
            let mut file = File::open(self.folder.join(format!("{shard}.bin")))?;
            file.seek(SeekFrom::Start(offset_in_shard))?;
            let read = file.take((length - bytes.len()) as u64).read_to_end(&mut bytes)?;
            if read == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            offset += read as u64;
        }
        Ok(bytes)
    }
}

//! Looking into a volume that was made: every text in it, inflated again.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use serde_json::Value;

use super::ABOUT;
use super::deflate::inflate;
use super::postings::BLOCK;
use super::volume::slot;
use crate::model::codec::Decoder;

/// How many cards are given at once.
const RUN: usize = 1024;

/// Whether a folder holds a volume.
pub fn is_volume(folder: &Path) -> bool {
    folder.join(ABOUT).is_file()
}

/// Gives the texts of a volume, by its folder, some at a time: what results show of stories, and every word and facet.
///
/// # Errors
/// What the system says, or that it is no volume.
pub fn texts(folder: &Path, mut take: impl FnMut(&[String])) -> io::Result<()> {
    let about: Value = serde_json::from_str(&fs::read_to_string(folder.join(ABOUT))?)?;
    let number = |key: &str| about[key].as_u64().ok_or(io::ErrorKind::InvalidData);
    let packs = Packs { folder, length: fs::metadata(folder.join("0.bin"))?.len() };
    let (lexicon, stories) = (number("lexicon")?, number("stories")? as usize);
    let slot = slot(&about);
    for first in (0..stories).step_by(RUN) {
        let count = RUN.min(stories - first);
        let card = |story: usize| text(&packs, story as u64 * slot, slot);
        take(&(first..first + count).map(card).collect::<io::Result<Vec<String>>>()?);
    }
    let blocks = about["root"]["blocks"].as_array().ok_or(io::ErrorKind::InvalidData)?;
    let mut at = lexicon;
    for length in blocks.iter().map(|length| length.as_u64().unwrap_or_default()) {
        let block = inflate(&packs.read(at, length as usize)?)?;
        take(&words(&block).ok_or(io::ErrorKind::InvalidData)?);
        at += length;
    }
    Ok(())
}

fn text(packs: &Packs<'_>, at: u64, length: u64) -> io::Result<String> {
    let slot = packs.read(at, length as usize)?;
    let card = inflate(Decoder(&slot).bytes().ok_or(io::ErrorKind::InvalidData)?)?;
    Ok(String::from_utf8_lossy(&card).into_owned())
}

/// The words of a block of the lexicon; `None` if it can't have been written.
fn words(block: &[u8]) -> Option<Vec<String>> {
    let mut from = Decoder(block);
    let (mut word, mut words): (Vec<u8>, Vec<String>) = (Vec::new(), Vec::new());
    while !from.0.is_empty() {
        word.truncate(from.byte()?.into());
        word.extend_from_slice(from.bytes()?);
        words.push(String::from_utf8_lossy(&word).into_owned());
        let stories = from.number()?;
        from.number()?;
        if stories == 1 {
            from.number()?;
            from.byte()?;
        } else if stories > BLOCK as u64 {
            from.number()?;
            from.number()?;
        }
        from.number()?;
    }
    Some(words)
}

/// The files of a volume, as one run of bytes.
struct Packs<'a> {
    folder: &'a Path,
    /// The length of each but the last.
    length: u64,
}

impl Packs<'_> {
    fn read(&self, mut at: u64, length: usize) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        while bytes.len() < length {
            let (pack, within) = (at / self.length.max(1), at % self.length.max(1));
            let mut file = File::open(self.folder.join(format!("{pack}.bin")))?;
            file.seek(SeekFrom::Start(within))?;
            let read = file.take((length - bytes.len()) as u64).read_to_end(&mut bytes)?;
            if read == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            at += read as u64;
        }
        Ok(bytes)
    }
}

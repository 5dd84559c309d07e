//! The formats of sources: one file per format, each a reader that returns one record at a time.

mod feed;
mod ghost;
mod json_feed;
mod json_lists;
mod medium;
mod movable_type;
mod plain_text;
mod reader;
mod substack;
mod table;
mod text_layout;
mod wp_rest;
mod wxr;
mod xml;
mod xml_tree;

use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read as _, Seek as _};

use super::field_map::FieldMap;
use super::source::{Format, ImportSource};
use super::text::decode;
use crate::diagnostics::Error;
use crate::regular_file;
use table::{TableFormat, TableReader};

pub(crate) use reader::{ItemError, ItemReader};

/// Opens a source.
///
/// # Errors
/// [`Error::Io`] if the file can't be opened; [`Error::Usage`] if it is a table without a map, or
/// doesn't fit the map.
pub(crate) fn open(
    source: &ImportSource,
    map: Option<&FieldMap>,
) -> Result<Box<dyn ItemReader>, Error> {
    let table = |format| {
        let map = map.ok_or_else(|| {
            let message = "a table needs a file that maps its columns to fields: --map FILE";
            Error::Usage(message.to_owned())
        })?;
        TableReader::open(&source.path, format, map)
    };
    let text = || open_text(source).map_err(Error::io("can't read", &source.path));
    Ok(match source.format {
        Format::PlainText => Box::new(plain_text::PlainTextReader::new(text()?, &source.name)),
        Format::Feed => Box::new(feed::FeedReader::new(text()?)),
        Format::Ghost => Box::new(ghost::GhostReader::new(text()?, text()?)),
        Format::JsonFeed => Box::new(json_feed::JsonFeedReader::new(text()?)),
        Format::Medium => Box::new(medium::MediumReader::new(text()?, &source.name)),
        Format::Substack => Box::new(substack::SubstackReader::new(text()?, &source.path)),
        Format::MovableType => Box::new(movable_type::MovableTypeReader::new(text()?)),
        Format::WpRest => Box::new(wp_rest::WpRestReader::new(text()?)),
        Format::Wxr => Box::new(wxr::WxrReader::new(text()?)),
        Format::Csv => Box::new(table(TableFormat::Csv)?),
        Format::JsonTable => Box::new(table(TableFormat::Json)?),
        Format::Sqlite => Box::new(table(TableFormat::Sqlite)?),
    })
}

/// The number of bytes at the beginning of XML in which its encoding is declared.
const DECLARATION_BYTES: u64 = 512;
/// The maximum length of a file in an encoding other than UTF-8, which is decoded in memory.
const MAX_DECODED_BYTES: u64 = 512 << 20;

/// Opens a file as text. XML that declares another encoding than UTF-8 is decoded; everything else
/// is streamed.
fn open_text(source: &ImportSource) -> io::Result<Box<dyn BufRead>> {
    let mut file = regular_file::open(&source.path)?;
    let mut start = Vec::new();
    file.by_ref().take(DECLARATION_BYTES).read_to_end(&mut start)?;
    file.rewind()?;
    let declared = declared_encoding(&start);
    let is_utf16 = start.starts_with(&[0xff, 0xfe]) || start.starts_with(&[0xfe, 0xff]);
    if declared.is_none() && !is_utf16 {
        return Ok(Box::new(buffered(file)));
    }
    let mut bytes = Vec::new();
    if file.by_ref().take(MAX_DECODED_BYTES + 1).read_to_end(&mut bytes)? as u64 > MAX_DECODED_BYTES
    {
        let message = format!("it is longer than {MAX_DECODED_BYTES} bytes and isn't UTF-8");
        return Err(io::Error::other(message));
    }
    let text = decode(&bytes, declared.as_deref()).text;
    Ok(Box::new(Cursor::new(text.into_bytes())))
}

fn buffered(file: File) -> BufReader<File> {
    BufReader::with_capacity(1 << 16, file)
}

/// Returns the encoding that an XML declaration names, if it isn't UTF-8.
fn declared_encoding(start: &[u8]) -> Option<String> {
    let start = String::from_utf8_lossy(start);
    let declaration = start.trim_start_matches('\u{feff}').strip_prefix("<?xml")?;
    let declaration = declaration.split("?>").next()?;
    let value = declaration.split_once("encoding")?.1.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let name = value[1..].split(quote).next()?;
    (!name.eq_ignore_ascii_case("utf-8")).then(|| name.to_owned())
}

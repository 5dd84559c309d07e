//! The cache file, which a build saves for the next one: the records of all files of `content/` and
//! the manifest, in one file that is replaced by one rename.
//!
//! The layout: the magic bytes and the version; the records (for each a one, path, stamp, record)
//! and a zero; the inputs common to pages (their number, then name and value of each); the entries
//! of the manifest (for each a one, or a two if it is the page of an article, path, three
//! fixed-size numbers, path of the article's file) and a zero; a trailer of fixed-size numbers: the
//! hash of the settings, the hash of the redacted names that no output contains, the end of the
//! records, and the XXH3 hash of everything before. A file that is missing, damaged, truncated or
//! of another version is ignored: everything is then rebuilt, and existing files with the same
//! bytes aren't written.

use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use xxhash_rust::xxh3::Xxh3Default;

use crate::diagnostics::Error;
use crate::model::Fingerprint;
use crate::model::codec::{Decoder, Encode};
use crate::model::permalink::is_safe_relative_path;
use crate::pipeline::cache::manifest::{ArticleFile, Manifest, ManifestEntry, OutputArticle};
use crate::regular_file;

const MAGIC: &[u8; 8] = b"dateline";
/// The version of the layout above. Increase it with each change.
const VERSION: u32 = 5;
const HEADER_LENGTH: u64 = 12;
const TRAILER_LENGTH: u64 = 32;

/// Returns the path of the cache file for an output folder.
pub(crate) fn cache_file(folder: &Path, root: &Path, output: &Path) -> PathBuf {
    let name = output.strip_prefix(root).unwrap_or(output).to_string_lossy().replace('\\', "/");
    folder.join(format!("state-{:016x}.bin", Fingerprint::hash_bytes(name.as_bytes()).0))
}

/// A valid cache file.
#[derive(Debug)]
pub(crate) struct Cache {
    file: PathBuf,
    /// The settings that the records depend on.
    pub settings_hash: Fingerprint,
    /// The hash of the redacted names that no output contains; [`Fingerprint::DIRTY`] if there are
    /// none, or an output contains one.
    pub audited_names: Fingerprint,
    records_end: u64,
    entries_end: u64,
}

impl Cache {
    /// Opens a cache file. The second value is the reason why an existing file can't be used.
    pub(crate) fn open(file: &Path) -> (Option<Self>, Option<String>) {
        match Self::validate(file) {
            Ok(Some(cache)) => (Some(cache), None),
            Ok(None) => (None, Some("the build cache is damaged or from another version".into())),
            Err(missing) if missing.kind() == io::ErrorKind::NotFound => (None, None),
            Err(error) => (None, Some(format!("the build cache can't be read ({error})"))),
        }
    }

    fn validate(file: &Path) -> io::Result<Option<Self>> {
        let (mut input, metadata) = regular_file::open_with_metadata(file)?;
        let length = metadata.len();
        let mut header = [0; HEADER_LENGTH as usize];
        if length < HEADER_LENGTH + TRAILER_LENGTH {
            return Ok(None);
        }
        input.read_exact(&mut header)?;
        if header != *header_bytes() {
            return Ok(None);
        }
        let mut hash = Xxh3Default::new();
        hash.update(&header);
        let mut remaining = length - HEADER_LENGTH - 8;
        let mut buffer = vec![0; 1 << 16];
        let mut trailer = [0; TRAILER_LENGTH as usize - 8];
        while remaining > 0 {
            let trailer_length = trailer.len() as u64;
            let chunk_length = buffer.len().min(if remaining > trailer_length {
                (remaining - trailer_length) as usize
            } else {
                remaining as usize
            });
            input.read_exact(&mut buffer[..chunk_length])?;
            hash.update(&buffer[..chunk_length]);
            remaining -= chunk_length as u64;
            if remaining == 0 {
                trailer.copy_from_slice(&buffer[..trailer_length as usize]);
            }
        }
        let mut checksum = [0; 8];
        input.read_exact(&mut checksum)?;
        let mut trailer = Decoder(&trailer);
        let fields = (trailer.fixed_u64(), trailer.fixed_u64(), trailer.fixed_u64());
        let (Some(settings_hash), Some(audited_names), Some(records_end)) = fields else {
            return Ok(None);
        };
        let is_valid = hash.digest() == u64::from_le_bytes(checksum)
            && (HEADER_LENGTH..=length - TRAILER_LENGTH).contains(&records_end);
        let file = file.to_owned();
        Ok(is_valid.then_some(Self {
            file,
            settings_hash: Fingerprint(settings_hash),
            audited_names: Fingerprint(audited_names),
            records_end,
            entries_end: length - TRAILER_LENGTH,
        }))
    }

    fn reader_at(&self, offset: u64) -> Result<CacheReader, Error> {
        let open = || {
            let mut file = regular_file::open(&self.file)?;
            file.seek(SeekFrom::Start(offset))?;
            Ok(CacheReader { reader: BufReader::with_capacity(1 << 16, file), offset })
        };
        open().map_err(Error::io("can't read", &self.file))
    }

    /// The records, in the order of their paths.
    ///
    /// # Errors
    /// [`Error::Io`] if the file can't be opened.
    pub(crate) fn records(&self) -> Result<CachedRecords, Error> {
        Ok(CachedRecords {
            reader: self.reader_at(HEADER_LENGTH)?,
            end: self.records_end,
            file: self.file.clone(),
        })
    }

    /// The inputs that were common to pages, by name; then every entry of the manifest with its
    /// path, in the order in which they were written.
    ///
    /// # Errors
    /// [`Error::Io`] if the file can't be read.
    pub(crate) fn read_manifest(
        &self,
        mut visit: impl FnMut(&str, &OutputArticle<&str>, ManifestEntry),
    ) -> Result<Vec<(String, String)>, Error> {
        let mut reader = self.reader_at(self.records_end)?;
        let read_error = Error::io("can't read", &self.file);
        let mut read = || {
            if reader.read_varint()? != 0 {
                return Err(invalid_data());
            }
            let mut common_inputs = Vec::new();
            for _ in 0..reader.read_varint()? {
                common_inputs.push((reader.read_string()?, reader.read_string()?));
            }
            let (mut path, mut article_path) = (Vec::new(), Vec::new());
            loop {
                let tag = reader.read_varint()?;
                if tag == 0 {
                    break;
                }
                let role = ArticleFile::from_tag(tag).ok_or_else(invalid_data)?;
                reader.read_bytes_into(&mut path)?;
                let path = std::str::from_utf8(&path).map_err(|_| invalid_data())?;
                let mut next_hash = || reader.read_u64().map(Fingerprint);
                let (inputs_hash, stamp, content_hash) =
                    (next_hash()?, next_hash()?.0, next_hash()?);
                reader.read_bytes_into(&mut article_path)?;
                let article_path =
                    std::str::from_utf8(&article_path).map_err(|_| invalid_data())?;
                let article = OutputArticle { path: article_path, role };
                // No build plans such a file. It must not be removed or compared either.
                if !is_safe_relative_path(path) {
                    return Err(invalid_data());
                }
                let entry = ManifestEntry {
                    path_hash: Fingerprint::hash_bytes(path.as_bytes()),
                    inputs_hash,
                    stamp,
                    content_hash,
                    article_hash: article.hash(),
                };
                visit(path, &article, entry);
            }
            if reader.offset == self.entries_end { Ok(common_inputs) } else { Err(invalid_data()) }
        };
        read().map_err(read_error)
    }

    /// Loads the manifest.
    ///
    /// # Errors
    /// [`Error::Io`] if the file can't be read.
    pub(crate) fn load_manifest(&self) -> Result<(Manifest, Vec<(String, String)>), Error> {
        // An entry takes some eighty bytes: four numbers and a path.
        let mut entries = Vec::with_capacity(((self.entries_end - self.records_end) / 80) as usize);
        let common_inputs = self.read_manifest(|_, _, entry| entries.push(entry))?;
        Ok((Manifest::new(entries), common_inputs))
    }
}

fn invalid_data() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "its contents are invalid")
}

fn header_bytes() -> &'static [u8; HEADER_LENGTH as usize] {
    const BYTES: [u8; HEADER_LENGTH as usize] = {
        let (m, v) = (MAGIC, VERSION.to_le_bytes());
        [m[0], m[1], m[2], m[3], m[4], m[5], m[6], m[7], v[0], v[1], v[2], v[3]]
    };
    &BYTES
}

/// Reads values that [`Encode`] wrote to a file. The checksum was valid, so an invalid value means
/// that the file was changed in the meantime.
#[derive(Debug)]
struct CacheReader {
    reader: BufReader<File>,
    offset: u64,
}

impl CacheReader {
    fn read_array<const N: usize>(&mut self) -> io::Result<[u8; N]> {
        let mut bytes = [0; N];
        self.reader.read_exact(&mut bytes)?;
        self.offset += N as u64;
        Ok(bytes)
    }

    fn read_varint(&mut self) -> io::Result<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let [byte] = self.read_array()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(number);
            }
        }
        Err(io::ErrorKind::InvalidData.into())
    }

    fn read_u64(&mut self) -> io::Result<u64> {
        self.read_array().map(u64::from_le_bytes)
    }

    fn read_bytes(&mut self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.read_bytes_into(&mut bytes)?;
        Ok(bytes)
    }

    fn read_bytes_into(&mut self, bytes: &mut Vec<u8>) -> io::Result<()> {
        let length = self.read_varint()?;
        bytes.clear();
        bytes.reserve(length.min(1 << 16) as usize);
        (&mut self.reader).take(length).read_to_end(bytes)?;
        self.offset += bytes.len() as u64;
        if bytes.len() as u64 == length { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
    }

    fn read_string(&mut self) -> io::Result<String> {
        String::from_utf8(self.read_bytes()?).map_err(|_| io::ErrorKind::InvalidData.into())
    }
}

/// A record as it was saved.
#[derive(Debug)]
pub(crate) struct CachedRecord {
    /// The file, relative to `content/`.
    pub path: String,
    /// The file's stamp when it was read.
    pub stamp: u64,
    /// The record.
    pub record: Vec<u8>,
    /// Its range in the cache file.
    pub range: std::ops::Range<u64>,
}

/// The saved records, one after the other.
#[derive(Debug)]
pub(crate) struct CachedRecords {
    reader: CacheReader,
    /// The offset of their end.
    end: u64,
    file: PathBuf,
}

impl CachedRecords {
    /// Returns the next record; `None` at the end.
    ///
    /// # Errors
    /// [`Error::Io`] if the file can't be read.
    pub(crate) fn read_next(&mut self) -> Result<Option<CachedRecord>, Error> {
        let start = self.reader.offset;
        if start >= self.end {
            return Ok(None);
        }
        let mut read = || {
            if self.reader.read_varint()? != 1 {
                return Err(invalid_data());
            }
            let (path, stamp, record) =
                (self.reader.read_string()?, self.reader.read_u64()?, self.reader.read_bytes()?);
            Ok(Some(CachedRecord { path, stamp, record, range: start..self.reader.offset }))
        };
        read().map_err(|error| Error::io("can't read", &self.file)(error))
    }
}

/// Writes the cache file of a build, from the first record that differs from the last build's.
pub(crate) struct CacheWriter<'a> {
    file: &'a Path,
    old: Option<&'a Cache>,
    settings_hash: Fingerprint,
    /// The end of the old records that are unchanged, until `output` begins.
    shared_end: u64,
    output: Option<HashingWriter>,
    buffer: Vec<u8>,
    /// True if nothing is written.
    is_disabled: bool,
}

struct HashingWriter {
    writer: BufWriter<File>,
    hash: Xxh3Default,
    offset: u64,
}

impl HashingWriter {
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.hash.update(bytes);
        self.offset += bytes.len() as u64;
        self.writer.write_all(bytes)
    }
}

impl<'a> CacheWriter<'a> {
    /// Returns a writer of a cache file that replaces `old`.
    pub(crate) fn new(file: &'a Path, old: Option<&'a Cache>, settings_hash: Fingerprint) -> Self {
        Self {
            file,
            old,
            settings_hash,
            shared_end: HEADER_LENGTH,
            output: None,
            buffer: Vec::new(),
            is_disabled: false,
        }
    }

    /// Returns a writer that writes nothing.
    pub(crate) fn disabled(file: &'a Path, settings_hash: Fingerprint) -> Self {
        let mut writer = Self::new(file, None, settings_hash);
        writer.is_disabled = true;
        writer
    }

    /// Reuses a record of the old cache file.
    ///
    /// # Errors
    /// [`Error::Io`] if the cache folder can't be written to.
    pub(crate) fn reuse(&mut self, cached: &CachedRecord) -> Result<(), Error> {
        if self.output.is_none() && cached.range.start == self.shared_end {
            self.shared_end = cached.range.end;
            return Ok(());
        }
        self.write_record(&cached.path, cached.stamp, &cached.record)
    }

    /// Writes a new record.
    ///
    /// # Errors
    /// [`Error::Io`] if the cache folder can't be written to.
    pub(crate) fn write_record(
        &mut self,
        path: &str,
        stamp: u64,
        record: &[u8],
    ) -> Result<(), Error> {
        if self.is_disabled {
            return Ok(());
        }
        self.buffer.clear();
        self.buffer.varint(1);
        self.buffer.text(Some(path));
        self.buffer.fixed_u64(stamp);
        self.buffer.bytes(record);
        self.ensure_started()?;
        self.flush_buffer()
    }

    fn temp_path(&self) -> PathBuf {
        self.file.with_extension("tmp")
    }

    /// Begins the new file with the records that it shares with the old one.
    fn ensure_started(&mut self) -> Result<(), Error> {
        if self.output.is_some() {
            return Ok(());
        }
        let temp_path = self.temp_path();
        let open = || {
            let writer = BufWriter::with_capacity(1 << 16, regular_file::create(&temp_path)?);
            let mut output = HashingWriter { writer, hash: Xxh3Default::new(), offset: 0 };
            output.write_all(header_bytes())?;
            if let Some(old) = self.old {
                let mut shared = regular_file::open(&old.file)?.take(self.shared_end);
                io::copy(&mut (&mut shared).take(HEADER_LENGTH), &mut io::sink())?;
                let mut buffer = vec![0; 1 << 16];
                loop {
                    match shared.read(&mut buffer)? {
                        0 => break,
                        length => output.write_all(&buffer[..length])?,
                    }
                }
            }
            Ok(output)
        };
        self.output = Some(open().map_err(Error::io("can't write", &temp_path))?);
        Ok(())
    }

    fn flush_buffer(&mut self) -> Result<(), Error> {
        let Some(output) = &mut self.output else { return Ok(()) };
        output
            .write_all(&self.buffer)
            .map_err(|error| Error::io("can't write", self.file.with_extension("tmp"))(error))
    }

    /// Returns true if all records are those of the old cache file, with the same settings.
    pub(crate) fn is_unchanged(&self) -> bool {
        self.output.is_none()
            && self.old.is_some_and(|old| {
                old.records_end == self.shared_end && old.settings_hash == self.settings_hash
            })
    }

    /// Ends the records, so that [`Self::write_entries`] may follow.
    ///
    /// # Errors
    /// [`Error::Io`] if the cache folder can't be written to.
    pub(crate) fn end_records(&mut self, common_inputs: &[(String, String)]) -> Result<(), Error> {
        self.ensure_started()?;
        self.shared_end = self.output.as_ref().map_or(0, |output| output.offset);
        self.buffer.clear();
        self.buffer.varint(0);
        self.buffer.varint(common_inputs.len() as u64);
        for (name, value) in common_inputs {
            self.buffer.text(Some(name));
            self.buffer.text(Some(value));
        }
        self.flush_buffer()
    }

    /// Writes entries of the manifest, encoded by
    /// [`ManifestEntry::encode`](super::manifest::ManifestEntry::encode).
    ///
    /// # Errors
    /// [`Error::Io`] if the cache folder can't be written to.
    pub(crate) fn write_entries(&mut self, encoded: &[u8]) -> Result<(), Error> {
        self.buffer.clear();
        self.buffer.extend_from_slice(encoded);
        self.flush_buffer()
    }

    /// Completes the file and replaces the old one. `audited_names` is the hash of the redacted
    /// names that no output contains.
    ///
    /// # Errors
    /// [`Error::Io`] if the cache folder can't be written to.
    pub(crate) fn finish(mut self, audited_names: Fingerprint) -> Result<(), Error> {
        self.buffer.clear();
        self.buffer.varint(0);
        self.buffer.fixed_u64(self.settings_hash.0);
        self.buffer.fixed_u64(audited_names.0);
        self.buffer.fixed_u64(self.shared_end);
        self.flush_buffer()?;
        let temp_path = self.temp_path();
        let Some(mut output) = self.output.take() else { return Ok(()) };
        let finalize = || {
            output.writer.write_all(&output.hash.digest().to_le_bytes())?;
            output.writer.into_inner()?;
            regular_file::rename(&temp_path, self.file)
        };
        finalize().map_err(Error::io("can't write", self.file))
    }
}

impl Drop for CacheWriter<'_> {
    /// Removes an unfinished cache file, also one that a killed build left.
    fn drop(&mut self) {
        if !self.is_disabled {
            self.output = None;
            let _ = fs::remove_file(self.temp_path());
        }
    }
}

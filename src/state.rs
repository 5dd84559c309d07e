//! What a build leaves for the next one: the records of all files of `content/` and the ledger, in one file that is replaced by one rename.
//!
//! The layout: magic, version; records (a one, path, stamp, record); a zero; inputs common to pages (a count, then name and value); ledger
//! entries (a one, path, four fixed numbers); a zero; a trailer of fixed numbers: settings, which names no output holds, where the records end, the XXH3
//! of all before.
//! A file that is missing, damaged, cut or of another version counts as none: everything is then built anew, and bytes that are already
//! there are left alone.

use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use xxhash_rust::xxh3::Xxh3Default;

use crate::diagnostic::Error;
use crate::ledger::{Entry, Ledger};
use crate::model::Fingerprint;
use crate::model::codec::{Decoder, Encode};

const MAGIC: &[u8; 8] = b"dateline";
/// Changes with the layout above.
const VERSION: u32 = 4;
const HEADER: u64 = 12;
const TRAILER: u64 = 32;

/// Where the state for an output folder is kept.
pub fn file(folder: &Path, root: &Path, output: &Path) -> PathBuf {
    let name = output.strip_prefix(root).unwrap_or(output).to_string_lossy().replace('\\', "/");
    folder.join(format!("state-{:016x}.bin", Fingerprint::of(name.as_bytes()).0))
}

/// A saved state that was found whole.
#[derive(Debug)]
pub struct State {
    file: PathBuf,
    /// The settings that the records depend on.
    pub settings: Fingerprint,
    /// The names that no output was found to hold; unsettled if there were none, or some were found.
    pub proven: Fingerprint,
    records_end: u64,
    end: u64,
}

impl State {
    /// Finds the saved state. The second value says why there is none although there is a file.
    pub fn open(file: &Path) -> (Option<Self>, Option<String>) {
        match Self::check(file) {
            Ok(Some(state)) => (Some(state), None),
            Ok(None) => (None, Some("the saved state is damaged or from another version".into())),
            Err(missing) if missing.kind() == io::ErrorKind::NotFound => (None, None),
            Err(error) => (None, Some(format!("the saved state can't be read ({error})"))),
        }
    }

    fn check(file: &Path) -> io::Result<Option<Self>> {
        let mut input = File::open(file)?;
        let length = input.metadata()?.len();
        let mut header = [0; HEADER as usize];
        if length < HEADER + TRAILER {
            return Ok(None);
        }
        input.read_exact(&mut header)?;
        if header != *header_bytes() {
            return Ok(None);
        }
        let mut hash = Xxh3Default::new();
        hash.update(&header);
        let mut rest = length - HEADER - 8;
        let mut buffer = vec![0; 1 << 16];
        let mut trailer = [0; TRAILER as usize - 8];
        while rest > 0 {
            let last = trailer.len() as u64;
            let wanted = buffer.len().min(if rest > last { (rest - last) as usize } else { rest as usize });
            input.read_exact(&mut buffer[..wanted])?;
            hash.update(&buffer[..wanted]);
            rest -= wanted as u64;
            if rest == 0 {
                trailer.copy_from_slice(&buffer[..last as usize]);
            }
        }
        let mut sum = [0; 8];
        input.read_exact(&mut sum)?;
        let mut trailer = Decoder(&trailer);
        let state = (trailer.fixed(), trailer.fixed(), trailer.fixed());
        let (Some(settings), Some(proven), Some(records_end)) = state else { return Ok(None) };
        let sound = hash.digest() == u64::from_le_bytes(sum) && records_end <= length - TRAILER;
        let file = file.to_owned();
        Ok(sound.then_some(Self {
            file,
            settings: Fingerprint(settings),
            proven: Fingerprint(proven),
            records_end,
            end: length - TRAILER,
        }))
    }

    fn reader(&self, from: u64) -> Result<Input, Error> {
        let open = || {
            let mut file = File::open(&self.file)?;
            file.seek(SeekFrom::Start(from))?;
            Ok(Input { reader: BufReader::with_capacity(1 << 16, file), at: from })
        };
        open().map_err(Error::io("can't read", &self.file))
    }

    /// The records, in the order of their paths.
    ///
    /// # Errors
    /// If the file can't be opened.
    pub fn records(&self) -> Result<Records, Error> {
        Ok(Records { input: self.reader(HEADER)?, end: self.records_end, file: self.file.clone() })
    }

    /// The inputs that were common to pages, by name; then every entry of the ledger with its path, in the order in which they were
    /// written.
    ///
    /// # Errors
    /// If the file can't be read.
    pub fn ledger(&self, mut each: impl FnMut(&str, Entry)) -> Result<Vec<(String, String)>, Error> {
        let mut input = self.reader(self.records_end + 1)?;
        let failed = Error::io("can't read", &self.file);
        let mut read = || {
            let mut common = Vec::new();
            for _ in 0..input.number()? {
                common.push((input.text()?, input.text()?));
            }
            let mut path = Vec::new();
            while input.number()? == 1 {
                input.bytes_into(&mut path)?;
                let path = std::str::from_utf8(&path).map_err(|_| io::ErrorKind::InvalidData)?;
                let mut next = || input.fixed().map(Fingerprint);
                let (inputs, stamp, bytes, article) = (next()?, next()?.0, next()?, next()?);
                each(path, Entry { path: Fingerprint::of(path.as_bytes()), inputs, stamp, bytes, article });
            }
            debug_assert_eq!(input.at, self.end, "the ledger ends where the trailer begins");
            Ok(common)
        };
        read().map_err(failed)
    }

    /// The ledger, as builds use it.
    ///
    /// # Errors
    /// If the file can't be read.
    pub fn load_ledger(&self) -> Result<(Ledger, Vec<(String, String)>), Error> {
        // An entry takes some eighty bytes: four numbers and a path.
        let mut entries = Vec::with_capacity(((self.end - self.records_end) / 80) as usize);
        let common = self.ledger(|_, entry| entries.push(entry))?;
        Ok((Ledger::new(entries), common))
    }
}

fn header_bytes() -> &'static [u8; HEADER as usize] {
    const BYTES: [u8; HEADER as usize] = {
        let (m, v) = (MAGIC, VERSION.to_le_bytes());
        [m[0], m[1], m[2], m[3], m[4], m[5], m[6], m[7], v[0], v[1], v[2], v[3]]
    };
    &BYTES
}

/// Reads what [`Encode`] wrote from a file. The checksum was right, so what doesn't fit together means that the file was changed meanwhile.
#[derive(Debug)]
struct Input {
    reader: BufReader<File>,
    at: u64,
}

impl Input {
    fn exact<const N: usize>(&mut self) -> io::Result<[u8; N]> {
        let mut bytes = [0; N];
        self.reader.read_exact(&mut bytes)?;
        self.at += N as u64;
        Ok(bytes)
    }

    fn number(&mut self) -> io::Result<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let [byte] = self.exact()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(number);
            }
        }
        Err(io::ErrorKind::InvalidData.into())
    }

    fn fixed(&mut self) -> io::Result<u64> {
        self.exact().map(u64::from_le_bytes)
    }

    fn bytes(&mut self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.bytes_into(&mut bytes)?;
        Ok(bytes)
    }

    fn bytes_into(&mut self, bytes: &mut Vec<u8>) -> io::Result<()> {
        let length = self.number()?;
        bytes.clear();
        bytes.reserve(length.min(1 << 16) as usize);
        (&mut self.reader).take(length).read_to_end(bytes)?;
        self.at += length;
        if bytes.len() as u64 == length { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
    }

    fn text(&mut self) -> io::Result<String> {
        String::from_utf8(self.bytes()?).map_err(|_| io::ErrorKind::InvalidData.into())
    }
}

/// A record as it was saved.
#[derive(Debug)]
pub struct Saved {
    /// The file, relative to `content/`.
    pub path: String,
    /// The file's stamp when it was read.
    pub stamp: u64,
    /// The record.
    pub record: Vec<u8>,
    /// Where it lies in the saved state.
    pub range: std::ops::Range<u64>,
}

/// The saved records, one after the other.
#[derive(Debug)]
pub struct Records {
    input: Input,
    /// Where they end.
    end: u64,
    file: PathBuf,
}

impl Records {
    /// The next record, or none at their end.
    ///
    /// # Errors
    /// If the file can't be read.
    pub fn read_next(&mut self) -> Result<Option<Saved>, Error> {
        let start = self.input.at;
        if start >= self.end {
            return Ok(None);
        }
        let mut read = || {
            if self.input.number()? != 1 {
                return Err(io::ErrorKind::InvalidData.into());
            }
            let (path, stamp, record) = (self.input.text()?, self.input.fixed()?, self.input.bytes()?);
            Ok(Some(Saved { path, stamp, record, range: start..self.input.at }))
        };
        read().map_err(|error| Error::io("can't read", &self.file)(error))
    }
}

/// Writes the state of a build, beginning only where it differs from the last one's.
pub struct Writer<'a> {
    file: &'a Path,
    old: Option<&'a State>,
    settings: Fingerprint,
    /// How far the old records are also the new ones, until `out` begins.
    same: u64,
    out: Option<Output>,
    buffer: Vec<u8>,
    /// Nothing is written.
    idle: bool,
}

struct Output {
    writer: BufWriter<File>,
    hash: Xxh3Default,
    at: u64,
}

impl Output {
    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.hash.update(bytes);
        self.at += bytes.len() as u64;
        self.writer.write_all(bytes)
    }
}

impl<'a> Writer<'a> {
    /// A writer of a state file that takes the place of `old`.
    pub fn new(file: &'a Path, old: Option<&'a State>, settings: Fingerprint) -> Self {
        Self { file, old, settings, same: HEADER, out: None, buffer: Vec::new(), idle: false }
    }

    /// A writer that writes nothing.
    pub fn idle(file: &'a Path, settings: Fingerprint) -> Self {
        let mut writer = Self::new(file, None, settings);
        writer.idle = true;
        writer
    }

    /// Takes a record as it is in the old state.
    ///
    /// # Errors
    /// If the state folder can't be written to.
    pub fn keep(&mut self, saved: &Saved) -> Result<(), Error> {
        if self.out.is_none() && saved.range.start == self.same {
            self.same = saved.range.end;
            return Ok(());
        }
        self.put(&saved.path, saved.stamp, &saved.record)
    }

    /// Writes a new record.
    ///
    /// # Errors
    /// If the state folder can't be written to.
    pub fn put(&mut self, path: &str, stamp: u64, record: &[u8]) -> Result<(), Error> {
        if self.idle {
            return Ok(());
        }
        self.buffer.clear();
        self.buffer.number(1);
        self.buffer.text(Some(path));
        self.buffer.fixed(stamp);
        self.buffer.bytes(record);
        self.start()?;
        self.flush_buffer()
    }

    fn temporary(&self) -> PathBuf {
        self.file.with_extension("tmp")
    }

    /// Begins the new file with the records that it shares with the old one.
    fn start(&mut self) -> Result<(), Error> {
        if self.out.is_some() {
            return Ok(());
        }
        let temporary = self.temporary();
        let begin = || {
            fs::create_dir_all(self.file.parent().unwrap_or(Path::new(".")))?;
            let writer = BufWriter::with_capacity(1 << 16, File::create(&temporary)?);
            let mut out = Output { writer, hash: Xxh3Default::new(), at: 0 };
            out.put(header_bytes())?;
            if let Some(old) = self.old {
                let mut shared = File::open(&old.file)?.take(self.same);
                io::copy(&mut (&mut shared).take(HEADER), &mut io::sink())?;
                let mut buffer = vec![0; 1 << 16];
                loop {
                    match shared.read(&mut buffer)? {
                        0 => break,
                        read => out.put(&buffer[..read])?,
                    }
                }
            }
            Ok(out)
        };
        self.out = Some(begin().map_err(Error::io("can't write", &temporary))?);
        Ok(())
    }

    fn flush_buffer(&mut self) -> Result<(), Error> {
        let Some(out) = &mut self.out else { return Ok(()) };
        out.put(&self.buffer)
            .map_err(|error| Error::io("can't write", self.file.with_extension("tmp"))(error))
    }

    /// Whether all records are those of the old state, under the same settings.
    pub fn unchanged(&self) -> bool {
        self.out.is_none()
            && self.old.is_some_and(|old| old.records_end == self.same && old.settings == self.settings)
    }

    /// Ends the records, so that [`Self::entries`] may follow.
    ///
    /// # Errors
    /// If the state folder can't be written to.
    pub fn end_records(&mut self, common: &[(String, String)]) -> Result<(), Error> {
        self.start()?;
        self.same = self.out.as_ref().map_or(0, |out| out.at);
        self.buffer.clear();
        self.buffer.number(0);
        self.buffer.number(common.len() as u64);
        for (name, value) in common {
            self.buffer.text(Some(name));
            self.buffer.text(Some(value));
        }
        self.flush_buffer()
    }

    /// Writes entries of the ledger, as [`Entry::encode`] has them.
    ///
    /// # Errors
    /// If the state folder can't be written to.
    pub fn entries(&mut self, entries: &[u8]) -> Result<(), Error> {
        self.buffer.clear();
        self.buffer.extend_from_slice(entries);
        self.flush_buffer()
    }

    /// Ends the file and puts it in the old one's place. `proven` says which names no output holds.
    ///
    /// # Errors
    /// If the state folder can't be written to.
    pub fn finish(mut self, proven: Fingerprint) -> Result<(), Error> {
        self.buffer.clear();
        self.buffer.number(0);
        self.buffer.fixed(self.settings.0);
        self.buffer.fixed(proven.0);
        self.buffer.fixed(self.same);
        self.flush_buffer()?;
        let temporary = self.temporary();
        let Some(mut out) = self.out.take() else { return Ok(()) };
        let end = || {
            out.writer.write_all(&out.hash.digest().to_le_bytes())?;
            out.writer.into_inner()?;
            fs::rename(&temporary, self.file)
        };
        end().map_err(Error::io("can't write", self.file))
    }
}

impl Drop for Writer<'_> {
    /// A state that was begun and not ended is taken away, also one that a killed build left.
    fn drop(&mut self) {
        if !self.idle {
            self.out = None;
            let _ = fs::remove_file(self.temporary());
        }
    }
}

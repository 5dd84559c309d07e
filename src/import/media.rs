//! Local copies of images and other files that texts refer to (`--media`): they are copied into the
//! site's `static/`, and their URLs become root-relative.

use std::collections::HashMap;
use std::fs::File;
use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};

use super::plan::ImportPlan;
use super::source::is_media_name;
use super::urls::host;
use super::write::WriteMode;
use crate::atomic_file::AtomicFile;
use crate::config::Site;
use crate::diagnostics::Error;
use crate::model::Fingerprint;
use crate::model::permalink::{is_safe_relative_path, percent_decode_path};
use crate::regular_file;

/// The maximum number of the last parts of a URL's path that are looked up in a folder.
const MAX_PARTS: usize = 8;
/// The maximum number of URLs that the report lists.
const MAX_LISTED: usize = 1_000;
/// The number of bytes that are copied at a time.
const COPIED_BYTES: usize = 1 << 16;

/// The numbers of images and other files by their result.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct MediaCounts {
    /// The number of files that were found in the folders.
    pub(crate) found: usize,
    /// The number of files of the old site that aren't in the folders.
    pub(crate) missing: usize,
    /// The number of files of other sites.
    pub(crate) remote: usize,
    /// The URLs of the first missing files.
    pub(crate) missing_urls: Vec<String>,
}

/// The folders with local copies.
#[derive(Debug)]
pub(crate) struct MediaFolders {
    /// The folders, without symbolic links in their paths.
    folders: Vec<PathBuf>,
    static_dir: PathBuf,
    mode: WriteMode,
    /// The new URLs of files that were looked up.
    known: HashMap<Fingerprint, Option<Box<str>>>,
    counts: MediaCounts,
    /// The first error while a file was copied.
    error: Option<Error>,
}

impl MediaFolders {
    /// Opens the folders.
    ///
    /// # Errors
    /// [`Error::Io`] if one of them isn't a folder.
    pub(crate) fn open(site: &Site, folders: &[PathBuf], mode: WriteMode) -> Result<Self, Error> {
        let real = |folder: &PathBuf| {
            let real = folder.canonicalize().and_then(|real| match real.is_dir() {
                true => Ok(real),
                false => Err(ErrorKind::NotADirectory.into()),
            });
            real.map_err(Error::io("can't open", folder))
        };
        Ok(Self {
            folders: folders.iter().map(real).collect::<Result<_, _>>()?,
            static_dir: site.static_dir.clone(),
            mode,
            known: HashMap::new(),
            counts: MediaCounts::default(),
            error: None,
        })
    }

    /// Returns the URL of a file in the site; `None` if it isn't in the folders.
    pub(crate) fn new_url(&mut self, plan: &ImportPlan, url: &str) -> Option<String> {
        if self.folders.is_empty() {
            return None;
        }
        let path = media_path(url)?;
        let key = Fingerprint::hash_bytes(url.as_bytes());
        if let Some(known) = self.known.get(&key) {
            return known.as_deref().map(str::to_owned);
        }
        let is_own = host(url).is_none_or(|host| plan.has_host(&host));
        let found = self.find(&path).and_then(|file| match self.copy(&file, &path) {
            Ok(new) => Some(new),
            Err(error) => {
                self.error.get_or_insert(error);
                None
            }
        });
        match (&found, is_own) {
            (Some(_), _) => self.counts.found += 1,
            (None, true) => {
                self.counts.missing += 1;
                if self.counts.missing_urls.len() < MAX_LISTED {
                    self.counts.missing_urls.push(url.to_owned());
                }
            }
            (None, false) => self.counts.remote += 1,
        }
        self.known.insert(key, found.as_deref().map(Into::into));
        found
    }

    /// Returns the numbers of files.
    ///
    /// # Errors
    /// [`Error::Io`] if a file couldn't be copied.
    pub(crate) fn finish(self) -> Result<MediaCounts, Error> {
        self.error.map_or(Ok(self.counts), Err)
    }

    /// Returns the file with the longest common end of the path. Of an image that WordPress has
    /// scaled (`quay-300x200.jpg`), the original will do.
    fn find(&self, path: &str) -> Option<PathBuf> {
        let original = without_size(path);
        [Some(path), original.as_deref()].into_iter().flatten().find_map(|path| {
            let parts: Vec<&str> = path.split('/').collect();
            let first = parts.len().saturating_sub(MAX_PARTS);
            (first..parts.len()).find_map(|start| {
                let relative = parts[start..].join("/");
                self.folders.iter().find_map(|folder| {
                    let file = folder.join(&relative);
                    let real = file.canonicalize().ok()?;
                    (real.starts_with(folder) && real.is_file()).then_some(real)
                })
            })
        })
    }

    /// Copies a file to its path below `static/`, and returns its URL. If another file has that
    /// path, the copy is in a folder that is named by the hash of its contents.
    fn copy(&self, file: &Path, path: &str) -> Result<String, Error> {
        let target = self.static_dir.join(path);
        let hash = hash_of(file)?;
        if !target.exists() {
            self.write(file, path)?;
            return Ok(url_of(path));
        }
        if hash_of(&target)? == hash {
            return Ok(url_of(path));
        }
        let name = path.rsplit('/').next().unwrap_or(path);
        let path = format!("media/{:016x}/{name}", hash.0);
        if !self.static_dir.join(&path).exists() {
            self.write(file, &path)?;
        }
        Ok(url_of(&path))
    }

    fn write(&self, file: &Path, path: &str) -> Result<(), Error> {
        if self.mode == WriteMode::DryRun {
            return Ok(());
        }
        let target = self.static_dir.join(path);
        let folder = target.parent().unwrap_or(&self.static_dir);
        std::fs::create_dir_all(folder).map_err(Error::io("can't create", folder))?;
        let real = folder.canonicalize().map_err(Error::io("can't open", folder))?;
        let root = self.static_dir.canonicalize();
        let root = root.map_err(Error::io("can't open", &self.static_dir))?;
        if !real.starts_with(&root) {
            return Err(Error::Usage(format!(
                "can't write static/{path}: it is in a symbolic link"
            )));
        }
        let mut input = regular_file::open(file).map_err(Error::io("can't read", file))?;
        let mut output = AtomicFile::create(&target)?;
        let mut buffer = vec![0; COPIED_BYTES];
        loop {
            let length = read(&mut input, &mut buffer, file)?;
            if length == 0 {
                return output.commit();
            }
            output.write_all(&buffer[..length])?;
        }
    }
}

fn hash_of(file: &Path) -> Result<Fingerprint, Error> {
    let mut input = regular_file::open(file).map_err(Error::io("can't read", file))?;
    let mut buffer = vec![0; COPIED_BYTES];
    let mut hash = Fingerprint(0);
    loop {
        let length = read(&mut input, &mut buffer, file)?;
        if length == 0 {
            return Ok(hash);
        }
        let part = Fingerprint::hash_bytes(&buffer[..length]);
        let parts = [hash.0.to_le_bytes(), part.0.to_le_bytes()].concat();
        hash = Fingerprint::hash_bytes(&parts);
    }
}

/// Fills a buffer as far as the file has bytes.
fn read(input: &mut File, buffer: &mut [u8], file: &Path) -> Result<usize, Error> {
    let mut length = 0;
    while length < buffer.len() {
        match input.read(&mut buffer[length..]).map_err(Error::io("can't read", file))? {
            0 => break,
            read => length += read,
        }
    }
    Ok(length)
}

/// Returns the path of a URL without the first slash, if it is that of an image or another file.
fn media_path(url: &str) -> Option<String> {
    let rest = match url.split_once("//") {
        Some((scheme, rest)) if ["http:", "https:", ""].contains(&scheme) => {
            rest.split_once('/').map_or("", |(_, path)| path)
        }
        _ if url.contains(':') => return None,
        _ => url,
    };
    let path = rest.split(['?', '#']).next().unwrap_or(rest);
    let path = percent_decode_path(path.trim_start_matches('/')).into_owned();
    let is_safe = is_safe_relative_path(&path) && !path.contains(char::is_control);
    let is_hidden = path.split('/').any(|part| part.starts_with('.'));
    (is_media_name(&path) && is_safe && !is_hidden).then_some(path)
}

/// Returns the path of the original of a scaled image.
fn without_size(path: &str) -> Option<String> {
    let (stem, extension) = path.rsplit_once('.')?;
    if let Some(stem) = stem.strip_suffix("-scaled") {
        return Some(format!("{stem}.{extension}"));
    }
    let (stem, size) = stem.rsplit_once('-')?;
    let (width, height) = size.split_once('x')?;
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    (is_number(width) && is_number(height)).then(|| format!("{stem}.{extension}"))
}

/// Returns the root-relative URL of a path below `static/`.
fn url_of(path: &str) -> String {
    let mut url = String::from("/");
    for c in path.chars() {
        match c {
            ' ' | '"' | '<' | '>' | '%' | '?' | '#' | '(' | ')' | '[' | ']' | '`' | '\\' => {
                url.push_str(&format!("%{:02X}", u32::from(c)));
            }
            c => url.push(c),
        }
    }
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_safe_paths_of_files_are_looked_up() {
        let path = |url: &str| media_path(url);
        let found = Some("wp-content/a b.jpg".to_owned());
        assert_eq!(path("https://old.example/wp-content/a%20b.jpg?w=1"), found);
        assert_eq!(path("/q.PNG").as_deref(), Some("q.PNG"));
        for url in [
            "https://old.example/a/",
            "https://old.example/../../etc/a.jpg",
            "/a/%2e%2e/b.jpg",
            "file:///etc/a.jpg",
            "data:image/png;base64,x.png",
            "/.git/a.png",
        ] {
            assert_eq!(path(url), None, "{url}");
        }
        assert_eq!(without_size("a/q-300x200.jpg").as_deref(), Some("a/q.jpg"));
        assert_eq!(without_size("a/q-scaled.jpg").as_deref(), Some("a/q.jpg"));
        assert_eq!(without_size("a/q-x.jpg"), None);
        assert_eq!(url_of("a b/c(1).jpg"), "/a%20b/c%281%29.jpg");
    }
}

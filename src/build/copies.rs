//! Copies: files that are published as they are, pictures without the place where they were taken, and smaller or cut copies of pictures, which are
//! made once and kept in the site's state folder.

use std::ffi::OsStr;
use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::stamp::{self, Scan};
use crate::content::picture::{copies, copy_of, cuts_of};
use crate::diagnostic::Diagnostic;
use crate::model::{Fingerprint, Fingerprinter, OutputPath};
use crate::pictures::{self, MOST_BYTES, is_raster};
use crate::site::{Pictures, Ratio, Site};

/// Where copies of pictures are kept, below the state folder.
const KEPT: &str = "pictures";

/// A file of `content/` that a story shows or links to: its path there, and the address at which it is published.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Asset {
    pub(super) path: String,
    pub(super) to: String,
}

/// A picture of which copies are wanted: its path in `static/` or in `content/`, and the address at which it is published.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Picture {
    pub(super) in_static: bool,
    pub(super) path: String,
    pub(super) to: String,
    /// Whether it is a story's main one, which machines are offered in several shapes.
    pub(super) main: bool,
}

/// Which copy of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// One of this width.
    Width(u32),
    /// The middle in this shape.
    Cut(Ratio),
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Width(width) => width.fmt(f),
            Self::Cut(ratio) => ratio.fmt(f),
        }
    }
}

/// A file that is copied.
pub(super) struct Copied {
    pub(super) from: PathBuf,
    pub(super) to: OutputPath,
    stamp: u64,
    /// Whether it is published with an article; else it is one of `static/`.
    pub(super) asset: bool,
    /// Which copy of a picture it is; none for a copy of the file as it is.
    pub(super) kind: Option<Kind>,
}

impl Copied {
    /// A file with its stamp as it is now.
    pub(super) fn new(from: PathBuf, to: OutputPath, asset: bool, scan: Scan) -> Self {
        let stamp = scan.file(&from);
        Self { from, to, stamp, asset, kind: None }
    }

    /// The hash of all that it is made from.
    pub(super) fn inputs(&self, site: &Site) -> Fingerprint {
        let file = stamp::copied(self.stamp);
        let Some((kind, pictures)) = self.kind.zip(site.config.pictures.as_ref()) else { return file };
        if file == Fingerprint::UNSETTLED {
            return file;
        }
        let mut hash = Fingerprinter::new();
        hash.add(file).number(pictures.quality.into()).number(pictures::VERSION);
        match kind {
            Kind::Width(width) => hash.number(width.into()),
            Kind::Cut(ratio) => hash.text(&ratio.to_string()),
        };
        hash.finish()
    }

    /// What is to be written. What is wrong with a picture is told, and the picture itself stands in for its smaller copies. `keep` says
    /// whether copies that are made now are kept for later builds.
    pub(super) fn content(&self, site: &Site, keep: bool) -> Content {
        let file = || self.from.strip_prefix(&site.root).unwrap_or(&self.from).to_string_lossy().into_owned();
        let bytes = match read(&self.from) {
            Ok(Some(bytes)) => bytes,
            Ok(None) => return Ok((None, Vec::new())),
            Err(error) => {
                let message = format!("can't read it: {error}");
                return Err(vec![Diagnostic::error("unreadable", file(), message)]);
            }
        };
        let small = self.kind.zip(site.config.pictures.as_ref());
        let made = small.map(|(kind, pictures)| self.copy(&bytes, kind, pictures, site, keep));
        let (made, wrong) = match made.transpose() {
            Ok(made) => (made, Vec::new()),
            Err(why) => {
                let message = format!("no smaller copies can be made of this picture: {why}");
                let help =
                    "open it in a program for pictures and save it anew; until then it is shown as it is";
                (None, vec![Diagnostic::warning("bad-picture", file(), message).help(help)])
            }
        };
        let made = made.filter(|made| !made.is_empty());
        Ok((made.or_else(|| pictures::without_location(&bytes)), wrong))
    }

    /// The bytes of a copy, none where they would be more, from the state folder or made now with all its siblings.
    fn copy(
        &self,
        bytes: &[u8],
        kind: Kind,
        pictures: &Pictures,
        site: &Site,
        keep: bool,
    ) -> Result<Vec<u8>, String> {
        let folder = site.state.join(KEPT).join(folder_of(&self.from, site));
        let version =
            format!("{:016x}-{}-v{}", Fingerprint::of(bytes).0, pictures.quality, pictures::VERSION);
        let name = |kind: Kind| format!("{version}-{kind}.webp");
        if let Ok(kept) = fs::read(folder.join(name(kind))) {
            return Ok(kept);
        }
        let made: Vec<(Kind, Vec<u8>)> = match kind {
            Kind::Width(_) => {
                let made = pictures::narrowed(bytes, &copies(&self.from, pictures), pictures.quality)?;
                made.into_iter().map(|(width, bytes)| (Kind::Width(width), bytes)).collect()
            }
            Kind::Cut(_) => {
                let cuts = cuts_of(&self.from, pictures);
                let parts: Vec<_> = cuts.iter().map(|cut| [cut.part, cut.size]).collect();
                let made = pictures::cut(bytes, &parts, pictures.quality)?;
                cuts.iter().map(|cut| Kind::Cut(cut.ratio)).zip(made).collect()
            }
        };
        if keep {
            // What can't be kept is made again next time.
            let save = || -> io::Result<()> {
                fs::create_dir_all(&folder)?;
                let old = fs::read_dir(&folder)?.filter_map(Result::ok);
                let others = old.filter(|old| !old.file_name().to_string_lossy().starts_with(&version));
                others.for_each(|old| drop(fs::remove_file(old.path())));
                for (kind, bytes) in &made {
                    let half = folder.join(format!("{version}-{kind}.{:?}", std::thread::current().id()));
                    fs::write(&half, bytes).and_then(|()| fs::rename(&half, folder.join(name(*kind))))?;
                }
                Ok(())
            };
            let _ = save();
        }
        let found = made.into_iter().find(|(made, _)| *made == kind);
        found.map(|(_, bytes)| bytes).ok_or_else(|| "it is smaller than its head said".to_owned())
    }
}

/// The bytes to write, or none if it is the file as it is; with what is wrong with the picture. Or why there is none.
pub(super) type Content = Result<(Option<Vec<u8>>, Vec<Diagnostic>), Vec<Diagnostic>>;

/// The copies that are wanted of some pictures.
pub(super) fn of_pictures(wanted: &[Picture], site: &Site, scan: Scan) -> Vec<Copied> {
    let Some(pictures) = &site.config.pictures else { return Vec::new() };
    let of = |Picture { in_static, path, to, main }: &Picture| {
        let folder = if *in_static { &site.statics } else { &site.content };
        let (from, to) = (folder.join(path), to.clone());
        let stamp = scan.file(&from);
        let cuts = if *main { cuts_of(&from, pictures) } else { Vec::new() };
        let narrower = copies(&from, pictures).into_iter().map(Kind::Width);
        narrower.chain(cuts.into_iter().map(|cut| Kind::Cut(cut.ratio))).map(move |kind| Copied {
            from: from.clone(),
            to: OutputPath::of_address(copy_of(&to, kind)),
            stamp,
            asset: true,
            kind: Some(kind),
        })
    };
    wanted.iter().flat_map(of).collect()
}

/// Removes what is kept of pictures that no story shows any more.
pub(super) fn forget<'c>(site: &Site, planned: impl Iterator<Item = &'c Copied>) {
    let Ok(kept) = fs::read_dir(site.state.join(KEPT)) else { return };
    let planned: Vec<String> =
        planned.filter(|copied| copied.kind.is_some()).map(|copied| folder_of(&copied.from, site)).collect();
    let wanted = |name: &OsStr| planned.iter().any(|planned| name == planned.as_str());
    // What can't be removed does no harm.
    kept.filter_map(Result::ok)
        .filter(|kept| !wanted(&kept.file_name()))
        .for_each(|kept| drop(fs::remove_dir_all(kept.path())));
}

/// The name of the folder for one picture's copies.
fn folder_of(picture: &Path, site: &Site) -> String {
    let path = picture.strip_prefix(&site.root).unwrap_or(picture).to_string_lossy().replace('\\', "/");
    format!("{:016x}", Fingerprint::of(path.as_bytes()).0)
}

/// The bytes of a picture; none of any other file, nor of one that is too large to look into.
fn read(path: &Path) -> io::Result<Option<Vec<u8>>> {
    let file = File::open(path)?;
    if !is_raster(&path.to_string_lossy()) || file.metadata()?.len() > MOST_BYTES {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    file.take(MOST_BYTES).read_to_end(&mut bytes)?;
    Ok(Some(bytes))
}

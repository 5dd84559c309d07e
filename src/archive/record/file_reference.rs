//! The files that an article or a term page refers to.

use std::borrow::Cow;

use crate::model::codec::{Decoder, Encode};

const IN_STATIC: u8 = 1 << 0;
const IS_ASSET: u8 = 1 << 1;

/// A file that was found, or not found, when a reference of an article or a term page was resolved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FileReference<'a> {
    /// Set if the file is in `static/` rather than in `content/`.
    pub(crate) in_static: bool,
    /// The path below that folder.
    pub(crate) path: Cow<'a, str>,
    /// The file's stamp when the reference was resolved; for a missing file, the stamp
    /// of missing files.
    pub(crate) stamp: u64,
    /// Set if the file is published with the article.
    pub(crate) is_asset: bool,
}

impl<'a> FileReference<'a> {
    fn decode(decoder: &mut Decoder<'a>) -> Option<Self> {
        let flags = decoder.byte()?;
        Some(Self {
            in_static: flags & IN_STATIC != 0,
            is_asset: flags & IS_ASSET != 0,
            path: Cow::Borrowed(decoder.text()?),
            stamp: decoder.fixed_u64()?,
        })
    }

    fn into_owned(self) -> FileReference<'static> {
        FileReference {
            in_static: self.in_static,
            path: Cow::Owned(self.path.into_owned()),
            stamp: self.stamp,
            is_asset: self.is_asset,
        }
    }
}

pub(super) fn encode_file_references(out: &mut Vec<u8>, references: &[FileReference<'_>]) {
    out.varint(references.len() as u64);
    for FileReference { in_static, path, stamp, is_asset } in references {
        let in_static = if *in_static { IN_STATIC } else { 0 };
        let is_asset = if *is_asset { IS_ASSET } else { 0 };
        out.push(in_static | is_asset);
        out.text(Some(path));
        out.fixed_u64(*stamp);
    }
}

pub(super) fn decode_file_references<'a>(
    decoder: &mut Decoder<'a>,
) -> Option<Vec<FileReference<'a>>> {
    let count = decoder.varint()?;
    (0..count).map(|_| FileReference::decode(decoder)).collect()
}

pub(super) fn decode_owned_file_references(
    decoder: &mut Decoder<'_>,
) -> Option<Vec<FileReference<'static>>> {
    let count = decoder.varint()?;
    (0..count).map(|_| FileReference::decode(decoder).map(FileReference::into_owned)).collect()
}

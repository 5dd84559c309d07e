//! AVIF and HEIC files (ISO/IEC 23008-12), which consist of boxes (ISO/IEC 14496-12). Boxes keep
//! their positions, since others refer to them: what doesn't belong to the image becomes zeros in a
//! box of free space.

use std::ops::Range;

use super::boxes::{Box, DAMAGED, contains, erase_others};
use super::fields::Problem;
use super::texts::KeptTexts;
use super::{heif_items, movie};

/// The brands of images and image sequences.
const IMAGE_BRANDS: &[&[u8; 4]] = &[
    b"avif", b"avis", b"heic", b"heim", b"heis", b"heix", b"hevc", b"hevm", b"hevs", b"hevx",
    b"mif1", b"mif2", b"miaf", b"msf1",
];

/// Returns true if a file is an image, by its file type box.
pub(super) fn is_image(head: &[u8]) -> bool {
    let Some(first) = Box::next(head, 0, head.len()) else { return false };
    let brands = head.get(first.body.clone()).unwrap_or_default();
    let (major, compatible) = (brands.get(..4), brands.get(8..).unwrap_or_default());
    let is_known = |brand: &[u8]| IMAGE_BRANDS.iter().any(|known| brand == known.as_slice());
    first.kind == *b"ftyp"
        && major.is_some()
        && (major.is_some_and(is_known) || compatible.chunks_exact(4).any(is_known))
}

/// Returns the file with only its image and the kept texts. The orientation is a property of
/// the image.
///
/// # Errors
/// [`Problem::Damaged`] or [`Problem::Unsupported`] if its structure isn't understood.
pub(super) fn clean(bytes: &[u8], keep: KeptTexts) -> Result<Vec<u8>, Problem> {
    let boxes = top_level(bytes)?;
    // What follows the last box of the image is cut off.
    let end = boxes.iter().filter(|one| is_kept(one.kind)).map(|one| one.range.end).max();
    let mut file = bytes[..end.ok_or(DAMAGED)?].to_vec();
    let media: Vec<Range<usize>> =
        boxes.iter().filter(|one| one.kind == *b"mdat").map(|one| one.body.clone()).collect();
    let mut kept_data: Vec<Range<usize>> = Vec::new();
    let mut has_image = false;
    let mut has_movie = false;
    let kept_length = file.len();
    for one in boxes.iter().filter(|one| one.range.end <= kept_length) {
        match &one.kind {
            b"meta" if !has_image => {
                kept_data.extend(heif_items::clean_meta(&mut file, one, &media, keep)?);
                has_image = true;
            }
            b"moov" => {
                kept_data.extend(movie::clean_movie(&mut file, one)?);
                has_movie = true;
            }
            b"moof" => return Err(Problem::Unsupported("it is a fragmented image sequence")),
            b"ftyp" | b"mdat" => {}
            _ => one.erase(&mut file),
        }
    }
    let is_in_media = |range: &Range<usize>| media.iter().any(|body| contains(body, range));
    kept_data.retain(|range| !range.is_empty());
    if !(has_image || has_movie) || !kept_data.iter().all(is_in_media) {
        return Err(Problem::Damaged("its image data isn't where its header states"));
    }
    for body in media {
        erase_others(&mut file, body, &mut kept_data);
    }
    Ok(file)
}

fn is_kept(kind: [u8; 4]) -> bool {
    matches!(&kind, b"ftyp" | b"meta" | b"mdat" | b"moov")
}

/// Returns the boxes of a file up to the first bytes that are none.
fn top_level(bytes: &[u8]) -> Result<Vec<Box>, Problem> {
    let mut boxes: Vec<Box> = Vec::new();
    let mut offset = 0;
    while let Some(next) = Box::next(bytes, offset, bytes.len()) {
        offset = next.range.end;
        boxes.push(next);
    }
    // A box of the image that is cut off isn't trailing data.
    let rest_kind = bytes.get(offset + 4..).and_then(|rest| rest.first_chunk::<4>());
    match rest_kind {
        Some(kind) if is_kept(*kind) => Err(Problem::Damaged("it is cut off")),
        _ => Ok(boxes),
    }
}

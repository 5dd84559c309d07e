//! JPEG XL files in a container (ISO/IEC 18181-2): the boxes of the image stay.

use super::boxes::{Box, DAMAGED, new_box};
use super::exif;
use super::fields::Problem;
use super::texts::{KeptTexts, Texts, read_xmp, write_xmp};

pub(super) const SIGNATURE: &[u8] = b"\0\0\0\x0cJXL \r\n\x87\n";

/// Returns the file with only its image and the kept texts. The orientation is part of the
/// image.
///
/// # Errors
/// [`Problem::Unsupported`] if the file has no container, without which its end isn't known,
/// [`Problem::Damaged`] if it has no image.
pub(super) fn clean(bytes: &[u8], keep: KeptTexts) -> Result<Vec<u8>, Problem> {
    if !bytes.starts_with(SIGNATURE) {
        return Err(Problem::Unsupported("it has no container, so its end isn't known"));
    }
    let (mut file, mut texts) = (SIGNATURE.to_vec(), Texts::default());
    let mut has_image = false;
    let mut offset = SIGNATURE.len();
    while let Some(next) = Box::next(bytes, offset, bytes.len()) {
        let body = &bytes[next.body.clone()];
        match &next.kind {
            b"ftyp" | b"jxll" | b"jxlc" | b"jxlp" | b"jxli" => {
                file.extend(new_box(&next.kind, body));
                has_image |= matches!(&next.kind, b"jxlc" | b"jxlp");
            }
            b"Exif" => {
                let offset = body.first_chunk().map_or(0, |offset| u32::from_be_bytes(*offset));
                let start = usize::try_from(offset).unwrap_or(usize::MAX).saturating_add(4);
                texts.add_missing(exif::read(body.get(start..).unwrap_or_default()).texts);
            }
            b"xml " => texts.add_missing(read_xmp(body)),
            _ => {}
        }
        offset = next.range.end;
    }
    if !has_image {
        return Err(DAMAGED);
    }
    let texts = texts.filtered(keep);
    if let Some(block) = exif::write(1, &texts) {
        file.extend(new_box(b"Exif", &[&[0; 4], &block[..]].concat()));
    }
    if let Some(packet) = write_xmp(&texts.credit_only()) {
        file.extend(new_box(b"xml ", &packet));
    }
    Ok(file)
}

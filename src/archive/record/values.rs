//! Encodings of values that several records contain.

use crate::model::codec::{Decoder, Encode};
use crate::model::{Image, Moment};

pub(super) fn encode_moment(out: &mut Vec<u8>, moment: Option<Moment>) {
    match moment {
        Some(moment) => {
            out.push(1 + u8::from(moment.day_only));
            out.fixed_u64(moment.seconds as u64);
        }
        None => out.push(0),
    }
}

pub(super) fn decode_moment(decoder: &mut Decoder<'_>) -> Option<Option<Moment>> {
    match decoder.byte()? {
        0 => Some(None),
        kind => Some(Some(Moment { seconds: decoder.fixed_u64()? as i64, day_only: kind == 2 })),
    }
}

pub(super) fn encode_texts(out: &mut Vec<u8>, texts: &[String]) {
    out.varint(texts.len() as u64);
    texts.iter().for_each(|text| out.text(Some(text)));
}

pub(super) fn decode_owned_texts(decoder: &mut Decoder<'_>) -> Option<Vec<String>> {
    Some(decoder.texts()?.into_iter().map(str::to_owned).collect())
}

/// Encodes an image; no image is encoded as no bytes.
pub(super) fn encode_image(image: Option<&Image>) -> Vec<u8> {
    let mut out = Vec::new();
    if let Some(Image { src, alt, caption, credit, size, srcset }) = image {
        [Some(src), Some(alt), caption.as_ref(), credit.as_ref(), srcset.as_ref()]
            .iter()
            .for_each(|text| out.text(text.map(String::as_str)));
        let (width, height) = size.unwrap_or_default();
        out.varint(width.into());
        out.varint(height.into());
    }
    out
}

pub(super) fn decode_image(bytes: &[u8]) -> Option<Image> {
    let mut decoder = Decoder(bytes);
    let (src, alt) = (decoder.text()?.to_owned(), decoder.text()?.to_owned());
    let mut optional_text = || Some(decoder.optional_text()?.map(str::to_owned));
    let (caption, credit, srcset) = (optional_text()?, optional_text()?, optional_text()?);
    let size = (u32::try_from(decoder.varint()?).ok()?, u32::try_from(decoder.varint()?).ok()?);
    Some(Image {
        src,
        alt,
        caption,
        credit,
        size: Some(size).filter(|size| *size != (0, 0)),
        srcset,
    })
}

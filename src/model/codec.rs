//! The binary encoding of the build cache and the catalog: numbers as LEB128 or as fixed-size
//! little-endian integers, texts after their length.

use super::fingerprint::Fingerprint;

/// Appends encoded values.
pub(crate) trait Encode {
    /// Appends a number in as few bytes as possible (unsigned LEB128).
    fn varint(&mut self, number: u64);
    /// Appends a number in eight bytes.
    fn fixed_u64(&mut self, number: u64);
    /// Appends the length of bytes, and the bytes.
    fn bytes(&mut self, bytes: &[u8]);
    /// Appends a text; `None` is encoded as an empty text.
    fn text(&mut self, text: Option<&str>) {
        self.bytes(text.unwrap_or_default().as_bytes());
    }
}

impl Encode for Vec<u8> {
    fn varint(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.push(number as u8 | 0x80);
            number >>= 7;
        }
        self.push(number as u8);
    }

    fn fixed_u64(&mut self, number: u64) {
        self.extend_from_slice(&number.to_le_bytes());
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.varint(bytes.len() as u64);
        self.extend_from_slice(bytes);
    }
}

/// Decodes values in the order in which they were encoded. Every method returns `None` at the end
/// of the bytes and for invalid encodings.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Decoder<'a>(pub &'a [u8]);

impl<'a> Decoder<'a> {
    /// Reads a byte.
    pub(crate) fn byte(&mut self) -> Option<u8> {
        let (&byte, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(byte)
    }

    /// Reads a number written by [`Encode::varint`].
    pub(crate) fn varint(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(number);
            }
        }
        None
    }

    /// Reads a number written by [`Encode::fixed_u64`].
    pub(crate) fn fixed_u64(&mut self) -> Option<u64> {
        let (head, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(u64::from_le_bytes(*head))
    }

    /// Reads a fingerprint.
    pub(crate) fn fingerprint(&mut self) -> Option<Fingerprint> {
        self.fixed_u64().map(Fingerprint)
    }

    /// Reads bytes written by [`Encode::bytes`].
    pub(crate) fn bytes(&mut self) -> Option<&'a [u8]> {
        let length = usize::try_from(self.varint()?).ok()?;
        let (head, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(head)
    }

    /// Reads a text written by [`Encode::text`].
    pub(crate) fn text(&mut self) -> Option<&'a str> {
        std::str::from_utf8(self.bytes()?).ok()
    }

    /// Reads a text; an empty one is `None`.
    pub(crate) fn optional_text(&mut self) -> Option<Option<&'a str>> {
        self.text().map(|text| Some(text).filter(|text| !text.is_empty()))
    }

    /// Returns the bytes between an earlier position of this decoder and the current one.
    pub(crate) fn read_since(self, start: Self) -> &'a [u8] {
        &start.0[..start.0.len() - self.0.len()]
    }

    /// Reads a list of texts after its length.
    pub(crate) fn texts(&mut self) -> Option<Vec<&'a str>> {
        let count = usize::try_from(self.varint()?).ok().filter(|&count| count <= self.0.len())?;
        (0..count).map(|_| self.text()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_decoded_and_truncated_ones_are_not() {
        let mut out = Vec::new();
        out.varint(0);
        out.varint(300);
        out.varint(u64::MAX);
        out.fixed_u64(7);
        out.text(Some("خبر"));
        out.text(None);
        let read = |bytes: &[u8]| {
            let mut decoder = Decoder(bytes);
            let numbers =
                [decoder.varint()?, decoder.varint()?, decoder.varint()?, decoder.fixed_u64()?];
            Some((numbers, decoder.text()?.to_owned(), decoder.optional_text()?.map(str::to_owned)))
        };
        assert_eq!(read(&out), Some(([0, 300, u64::MAX, 7], "خبر".to_owned(), None)));
        for cut in 0..out.len() {
            assert_eq!(read(&out[..cut]), None, "cut at {cut}");
        }
    }
}

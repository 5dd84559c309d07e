//! Decodes texts in any encoding, and repairs text that was once decoded in the wrong one.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::mojibake;

/// A decoded text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Decoded {
    pub(crate) text: String,
    /// The name of the encoding in the Encoding Standard.
    pub(crate) encoding: &'static str,
    /// The number of bytes or sequences that are invalid in the encoding. In UTF-8 they were read
    /// as windows-1252, otherwise replaced with U+FFFD.
    pub(crate) invalid: usize,
    /// The number of characters that were several wrong ones.
    pub(crate) repaired: usize,
}

impl Decoded {
    /// Returns what a person should check.
    pub(crate) fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        if self.encoding != UTF_8.name() {
            warnings.push(format!("its encoding seems to be {}", self.encoding));
        }
        if self.invalid > 0 {
            let count = self.invalid;
            warnings.push(format!("{count} bytes or sequences aren't valid {}", self.encoding));
        }
        if self.repaired > 0 {
            let count = self.repaired;
            warnings.push(format!("{count} characters that were decoded wrongly are repaired"));
        }
        warnings
    }
}

/// Decodes a text. A byte order mark takes precedence over `declared`, the name of an encoding, and
/// so does valid UTF-8: text in another encoding is hardly ever valid UTF-8 by chance. If the
/// declared encoding doesn't fit, the encoding is detected.
pub(crate) fn decode(bytes: &[u8], declared: Option<&str>) -> Decoded {
    let declared = declared.and_then(|name| Encoding::for_label(name.trim().as_bytes()));
    let (encoding, bytes) = match Encoding::for_bom(bytes) {
        Some((encoding, length)) => (encoding, &bytes[length..]),
        None => (choose(bytes, declared), bytes),
    };
    let (text, invalid) = if encoding == UTF_8 {
        decode_utf8(bytes)
    } else {
        let (text, has_errors) = encoding.decode_without_bom_handling(bytes);
        let invalid = if has_errors { text.matches('\u{fffd}').count() } else { 0 };
        (text.into_owned(), invalid)
    };
    let (text, repaired) = mojibake::repair(text);
    Decoded { text, encoding: encoding.name(), invalid, repaired }
}

/// Chooses the encoding of a text without a byte order mark.
fn choose(bytes: &[u8], declared: Option<&'static Encoding>) -> &'static Encoding {
    let has_escape = bytes.contains(&0x1b);
    if let Some(utf16) = detect_utf16(bytes) {
        return utf16;
    }
    let fits = |encoding: &'static Encoding| !encoding.decode_without_bom_handling(bytes).1;
    if std::str::from_utf8(bytes).is_ok() && !has_escape {
        return UTF_8;
    }
    if let Some(encoding) = declared.filter(|encoding| *encoding != UTF_8 && fits(encoding)) {
        return encoding;
    }
    if is_mostly_utf8(bytes) {
        return UTF_8;
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Allow);
    detector.feed(bytes, true);
    detector.guess(None, Utf8Detection::Deny)
}

/// Detects UTF-16 by its zero bytes: in text, every second byte of many is zero.
fn detect_utf16(bytes: &[u8]) -> Option<&'static Encoding> {
    let sample = &bytes[..bytes.len().min(4096)];
    let zeros = |offset: usize| sample.iter().skip(offset).step_by(2).filter(|b| **b == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    let is_half =
        |count: usize, other: usize| count * 4 > sample.len() && other * 20 < sample.len();
    match (is_half(even, odd), is_half(odd, even)) {
        (true, _) => Some(UTF_16BE),
        (_, true) => Some(UTF_16LE),
        _ => None,
    }
}

/// Returns true if at least nine of ten sequences of bytes above 0x7f are valid UTF-8: a text of
/// several sources, some of which weren't converted.
fn is_mostly_utf8(bytes: &[u8]) -> bool {
    let (mut valid, mut invalid) = (0_usize, 0_usize);
    for chunk in bytes.utf8_chunks() {
        valid += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        invalid += usize::from(!chunk.invalid().is_empty());
    }
    valid > 0 && valid >= 9 * invalid
}

/// Decodes UTF-8 in which invalid bytes are windows-1252.
fn decode_utf8(bytes: &[u8]) -> (String, usize) {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return (text.to_owned(), 0);
    }
    let mut text = String::with_capacity(bytes.len() + bytes.len() / 8);
    let mut invalid = 0;
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        if !chunk.invalid().is_empty() {
            invalid += 1;
            text.push_str(&WINDOWS_1252.decode_without_bom_handling(chunk.invalid()).0);
        }
    }
    (text, invalid)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn assert_decoded(bytes: &[u8], declared: Option<&str>, text: &str, encoding: &str) {
        let decoded = decode(bytes, declared);
        assert_eq!((decoded.text.as_str(), decoded.encoding), (text, encoding));
    }

    #[test]
    fn the_bytes_take_precedence_over_the_declared_encoding() {
        assert_decoded("Zürich".as_bytes(), Some("iso-8859-1"), "Zürich", "UTF-8");
        assert_decoded(b"\xef\xbb\xbfa", Some("utf-16"), "a", "UTF-8");
        assert_decoded(b"\xff\xfea\0", None, "a", "UTF-16LE");
        assert_decoded(b"\0a\0b\0c\0d", None, "abcd", "UTF-16BE");
        assert_decoded(b"Z\xfcrich \x97 \x80", Some("ISO-8859-1"), "Zürich — €", "windows-1252");
        assert_decoded(
            b"Z\xfcrich \x96 Genf und Z\xfcrich",
            Some("utf-8"),
            "Zürich – Genf und Zürich",
            "windows-1252",
        );
        assert_decoded(
            b"\xcf\xf0\xe8\xe2\xe5\xf2 \xec\xe8\xf0",
            None,
            "Привет мир",
            "windows-1251",
        );
        assert_decoded(b"a", Some("no such encoding"), "a", "UTF-8");
    }

    #[test]
    fn single_invalid_bytes_are_read_and_counted() {
        let mut bytes = "Zürich und Genève, où l’été ".repeat(4).into_bytes();
        bytes.push(0x92);
        let decoded = decode(&bytes, Some("utf-8"));
        assert!(decoded.text.ends_with('’') && decoded.text.starts_with("Zürich"));
        assert_eq!((decoded.encoding, decoded.invalid), ("UTF-8", 1));
    }

    #[test]
    fn repaired_characters_are_counted() {
        let decoded = decode("Itâ€™s Â£5 in ZÃ¼rich".as_bytes(), None);
        assert_eq!((decoded.text.as_str(), decoded.repaired), ("It’s £5 in Zürich", 3));
    }
}

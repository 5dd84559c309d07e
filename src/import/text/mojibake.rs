//! Text in UTF-8 that was decoded as windows-1252 and saved: `â€™` for `’`.
//!
//! It is repaired only where that is certain: where the characters are the bytes of valid UTF-8, so
//! that the repaired text would be damaged in the same way again, and where the text isn't one that
//! could contain them. Three bytes (`â€™`) are never chance; two (`Ã©`) could be, so there must be
//! several, and no letter from À to ÿ that isn't a part of one.

use encoding_rs::WINDOWS_1252;

/// Repairs a text. Returns it, and the number of characters that were several wrong ones.
pub(super) fn repair(text: String) -> (String, usize) {
    if !text.contains(|c: char| matches!(c, 'Â'..='ô')) {
        return (text, 0);
    }
    let sequences = find(&text);
    let long = sequences.iter().filter(|sequence| sequence.length > 2).count();
    let short = sequences.len() - long;
    let letters = text.chars().filter(|c| matches!(c, 'À'..='ÿ')).count();
    let in_sequences: usize = sequences.iter().map(|sequence| sequence.letters).sum();
    let repairs_short = short + long > 1 && letters == in_sequences;
    let mut out = String::with_capacity(text.len());
    let mut copied_to = 0;
    let mut repaired = 0;
    for sequence in sequences.iter().filter(|found| found.length > 2 || repairs_short) {
        out.push_str(&text[copied_to..sequence.start]);
        out.push(sequence.original);
        copied_to = sequence.end;
        repaired += 1;
    }
    out.push_str(&text[copied_to..]);
    (out, repaired)
}

/// Characters that are the bytes of one character in UTF-8.
struct Sequence {
    start: usize,
    end: usize,
    /// The number of bytes that it is of.
    length: usize,
    /// The number of letters from À to ÿ among them.
    letters: usize,
    original: char,
}

fn find(text: &str) -> Vec<Sequence> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(offset) = text[at..].find(|c: char| matches!(c, 'Â'..='ô')) {
        let start = at + offset;
        match sequence_at(text, start) {
            Some(sequence) => {
                at = sequence.end;
                found.push(sequence);
            }
            None => at = start + text[start..].chars().next().map_or(1, char::len_utf8),
        }
    }
    found
}

/// Returns the sequence that begins at a byte of a text.
fn sequence_at(text: &str, start: usize) -> Option<Sequence> {
    let mut bytes = Vec::with_capacity(4);
    let mut letters = 0;
    let mut wanted = 1;
    let mut end = start;
    for c in text[start..].chars() {
        bytes.push(byte_of(c)?);
        letters += usize::from(matches!(c, 'À'..='ÿ'));
        end += c.len_utf8();
        if bytes.len() == 1 {
            wanted = match bytes[0] {
                0xc2..=0xdf => 2,
                0xe0..=0xef => 3,
                0xf0..=0xf4 => 4,
                _ => return None,
            };
        }
        if bytes.len() == wanted {
            break;
        }
    }
    let mut decoded = std::str::from_utf8(&bytes).ok()?.chars();
    let original = decoded.next().filter(|c| !c.is_ascii() && !c.is_control())?;
    Some(Sequence { start, end, length: wanted, letters, original })
}

/// Returns the byte that a character is in windows-1252, as browsers read it.
fn byte_of(c: char) -> Option<u8> {
    let mut buffer = [0; 4];
    let (bytes, _, has_errors) = WINDOWS_1252.encode(c.encode_utf8(&mut buffer));
    match *bytes {
        [byte] if !has_errors => Some(byte),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_certain_damage_is_repaired() {
        let repair = |text: &str| super::repair(text.to_owned());
        assert_eq!(repair("â€œQuoteâ€\u{9d} â€” 5â‚¬"), ("“Quote” — 5€".to_owned(), 4));
        assert_eq!(repair("ZÃ¼rich, GenÃ¨ve"), ("Zürich, Genève".to_owned(), 2));
        assert_eq!(repair("ðŸ˜€"), ("😀".to_owned(), 1));
        for intact in ["Zürich", "ZÃ¼rich", "Ã© und é", "SÃO PAULO «Ô»", "Âme à Âge", "â€"]
        {
            assert_eq!(repair(intact), (intact.to_owned(), 0), "{intact}");
        }
    }

    #[test]
    fn a_repaired_text_would_be_damaged_again() {
        for text in ["“Quote” — 5€", "Zürich, Genève", "😀 ½ ©"] {
            let damaged = WINDOWS_1252.decode_without_bom_handling(text.as_bytes()).0;
            assert_eq!(super::repair(damaged.into_owned()).0, text);
        }
    }
}

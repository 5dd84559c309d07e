//! Slugs: the segments of URLs that are made from headlines, and the keys of terms.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// The maximum length of a slug, in bytes. Most file systems allow names of 255 bytes; the rest is
/// for a suffix and `.html`.
pub(crate) const MAX_SLUG_BYTES: usize = 160;

/// Names that Windows reserves for devices, with any extension.
const DEVICE_NAMES: [&str; 8] = ["con", "prn", "aux", "nul", "com1", "com2", "lpt1", "lpt2"];

/// Makes a slug from a text: lower case, in NFC and in the text's own script, with everything that
/// isn't a letter, a digit or a mark replaced with single hyphens. Apostrophes and the full stops
/// of initials are removed (`U.S.` and `What's` become `us` and `whats`). Empty if the text
/// contains no letters and no digits.
pub(crate) fn slugify(text: &str) -> String {
    if is_slug(text) {
        return text.to_owned();
    }
    if text.is_ascii() {
        shorten(build_slug(text.chars()))
    } else {
        shorten(build_slug(text.nfc()))
    }
}

/// Converts a text to Unicode's composed form (NFC), in which texts that look the same are equal.
pub(crate) fn to_nfc(text: &str) -> String {
    if text.is_ascii() { text.to_owned() } else { text.nfc().collect() }
}

/// Returns the key of a term. Spellings that differ only in case or punctuation have the same key.
pub(crate) fn term_key(name: &str) -> String {
    let expanded = name.replace('+', " plus ").replace("C#", "C sharp").replace("F#", "F sharp");
    slugify(&expanded)
}

/// Returns whether a spelling is preferred to another one as the name of a term: if it is used more
/// often, or as often and first in alphabetical order.
pub(crate) fn is_preferred_name(
    (name, uses): (&str, u32),
    (other, other_uses): (&str, u32),
) -> bool {
    uses > other_uses || (uses == other_uses && name < other)
}

fn build_slug(chars: impl Iterator<Item = char> + Clone) -> String {
    let mut slug = String::with_capacity(48);
    let mut gap = false;
    // The number of letters since the last other character: 1 after an initial.
    let mut letters_since_break = 0;
    let mut last = ' ';
    let mut chars = chars;
    while let Some(c) = chars.next() {
        match c {
            '\'' | '’' | 'ʼ' | '`' => {}
            '.' if letters_since_break == 1 && is_initial(last, chars.clone()) => {
                letters_since_break = 0;
            }
            c if c.is_alphanumeric() || (is_combining_mark(c) && !slug.is_empty()) => {
                if gap && !slug.is_empty() {
                    slug.push('-');
                }
                gap = false;
                if c.is_ascii() {
                    slug.push(c.to_ascii_lowercase());
                } else {
                    slug.extend(c.to_lowercase());
                }
                letters_since_break += 1;
            }
            _ => {
                gap = true;
                letters_since_break = 0;
            }
        }
        last = c;
    }
    slug
}

/// Returns whether a full stop after a single letter marks an initial: if the letter is a capital,
/// or if another such letter follows (`e.g.`).
fn is_initial(letter: char, mut rest: impl Iterator<Item = char>) -> bool {
    let capital = !letter.is_numeric() && (letter.is_uppercase() || !letter.is_lowercase());
    capital || (rest.next().is_some_and(char::is_alphabetic) && rest.next() == Some('.'))
}

/// Cuts a slug at [`MAX_SLUG_BYTES`], if possible at the end of a word, and changes device names.
fn shorten(mut slug: String) -> String {
    if slug.len() > MAX_SLUG_BYTES {
        let mut end = MAX_SLUG_BYTES;
        while !slug.is_char_boundary(end) {
            end -= 1;
        }
        let word_end = slug[..end].rfind('-').filter(|&at| at > MAX_SLUG_BYTES / 2).unwrap_or(end);
        slug.truncate(word_end);
    }
    if is_device_name(&slug) {
        slug.push_str("-1");
    }
    slug
}

/// Returns whether an ASCII text is already a slug: lower-case words of letters and digits,
/// separated by single hyphens.
fn is_slug(text: &str) -> bool {
    let mut last = b'-';
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'0'..=b'9' => {}
            b'-' if last != b'-' => {}
            _ => return false,
        }
        last = byte;
    }
    last != b'-' && text.len() <= MAX_SLUG_BYTES && !is_device_name(text)
}

/// Returns whether a slug is the name of a device on Windows.
pub(crate) fn is_device_name(slug: &str) -> bool {
    DEVICE_NAMES.contains(&slug)
}

/// Returns a key that is equal for two paths that are the same file on some file system:
/// case-folded and in NFC.
pub(crate) fn collision_key(path: &str) -> String {
    if path.is_ascii() {
        return path.to_ascii_lowercase();
    }
    path.nfc().flat_map(char::to_lowercase).nfc().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_keep_their_script() {
        assert_eq!(
            slugify("Pakistan & Iran agree to improve border security"),
            "pakistan-iran-agree-to-improve-border-security"
        );
        assert_eq!(slugify("What's “new” in the U.S.?"), "whats-new-in-the-us");
        assert_eq!(slugify("پاکستان اور ایران"), "پاکستان-اور-ایران");
        assert_eq!(slugify("Élection à Genève: 3.5 %"), "élection-à-genève-3-5");
        assert_eq!(slugify("हिन्दी समाचार"), "हिन्दी-समाचार");
        assert_eq!(slugify("../../etc/passwd"), "etc-passwd");
        assert_eq!(slugify("?!"), "");
        assert_eq!(slugify("a.b"), "a-b");
        assert_eq!(slugify("e.g. J.R.R. Tolkien"), "eg-jrr-tolkien");
    }

    #[test]
    fn a_slug_is_its_own_slug() {
        for slug in ["a", "a-b", "2024-11-05", "7"] {
            assert!(is_slug(slug) && shorten(build_slug(slug.chars())) == slug, "{slug}");
        }
        for other in ["", "-", "a-", "-a", "a--b", "A", "a_b", "con", "é", "a.b"] {
            assert!(!is_slug(other), "{other}");
        }
    }

    #[test]
    fn slugs_fit_in_a_file_name() {
        let long = slugify(&"very long headline ".repeat(40));
        assert!(long.len() <= MAX_SLUG_BYTES && !long.ends_with('-'), "{long}");
        assert!(slugify(&"خ".repeat(400)).len() <= MAX_SLUG_BYTES);
        assert_eq!(slugify("CON"), "con-1");
    }

    #[test]
    fn one_term_has_many_spellings() {
        assert_eq!(term_key("U.S. Senate"), term_key("us-senate"));
        assert_eq!(term_key("Iran "), term_key("IRAN"));
        assert_ne!(term_key("C++"), term_key("C"));
        assert_ne!(term_key("C#"), term_key("C"));
    }

    #[test]
    fn collisions_see_case_and_normal_form() {
        assert_eq!(collision_key("/A/"), collision_key("/a/"));
        assert_eq!(collision_key("/e\u{301}/"), collision_key("/É/"));
    }
}

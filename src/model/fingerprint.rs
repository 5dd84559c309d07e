//! Fingerprints: what a page is made from, in 64 bits.

use xxhash_rust::xxh3::{Xxh3, xxh3_64};

/// The hash of everything that a page (or one of its inputs) is made from. Equal fingerprints mean equal bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint(pub u64);

impl Fingerprint {
    /// The fingerprint of some bytes (XXH3, 64 bits).
    pub fn of(bytes: &[u8]) -> Self {
        Self(xxh3_64(bytes))
    }
}

/// Gathers a page's inputs into a [`Fingerprint`]. Every value is written with its length or as a fixed width, so that two
/// different lists of inputs can't run together into the same bytes.
#[derive(Default)]
pub struct Fingerprinter {
    hash: Xxh3,
}

impl Fingerprinter {
    /// An empty list of inputs.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a piece of text.
    pub fn text(&mut self, text: &str) -> &mut Self {
        self.number(text.len() as u64);
        self.hash.update(text.as_bytes());
        self
    }

    /// Adds a text that may be missing; missing and empty differ.
    pub fn optional(&mut self, text: Option<&str>) -> &mut Self {
        match text {
            Some(text) => self.number(1).text(text),
            None => self.number(0),
        }
    }

    /// Adds a number.
    pub fn number(&mut self, number: u64) -> &mut Self {
        self.hash.update(&number.to_le_bytes());
        self
    }

    /// Adds what has a fingerprint of its own.
    pub fn add(&mut self, part: Fingerprint) -> &mut Self {
        self.number(part.0)
    }

    /// The fingerprint of all that was added so far.
    pub fn finish(&self) -> Fingerprint {
        Fingerprint(self.hash.digest())
    }
}

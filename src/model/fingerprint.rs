//! Fingerprints: what a page is made from, in 64 bits.

use xxhash_rust::xxh3::xxh3_64;

/// The hash of everything that a page (or one of its inputs) is made from. Equal fingerprints mean equal bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint(pub u64);

impl Fingerprint {
    /// The fingerprint of what can't be relied on: it equals none, not even itself, when a build asks whether a page is as it should be.
    pub const UNSETTLED: Self = Self(0);

    /// The fingerprint of some bytes (XXH3, 64 bits); never [`Self::UNSETTLED`].
    pub fn of(bytes: &[u8]) -> Self {
        Self(xxh3_64(bytes).max(1))
    }

    /// Whether something made from `other` is still as it should be.
    pub fn settles(self, other: Self) -> bool {
        self == other && self != Self::UNSETTLED
    }
}

/// Gathers values into a [`Fingerprint`]. Every value is written with its length or as a fixed width, so that two different lists can't run
/// together into the same bytes.
#[derive(Debug)]
pub struct Fingerprinter(Vec<u8>);

impl Default for Fingerprinter {
    fn default() -> Self {
        Self(Vec::with_capacity(256))
    }
}

impl Fingerprinter {
    /// An empty list.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a piece of text.
    pub fn text(&mut self, text: &str) -> &mut Self {
        self.number(text.len() as u64);
        self.0.extend_from_slice(text.as_bytes());
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
        self.0.extend_from_slice(&number.to_le_bytes());
        self
    }

    /// Adds what has a fingerprint of its own.
    pub fn add(&mut self, part: Fingerprint) -> &mut Self {
        self.number(part.0)
    }

    /// The fingerprint of all that was added so far.
    pub fn finish(&self) -> Fingerprint {
        Fingerprint::of(&self.0)
    }
}

/// Inputs by name, as an explanation tells them.
pub type Told = Vec<(String, String)>;

/// The inputs of a page, walked once for two ends: their fingerprint, and the explanation of why it changed.
#[derive(Debug, Default)]
pub struct Inputs {
    hash: Fingerprinter,
    told: Option<Told>,
}

impl Inputs {
    /// Inputs that are only hashed.
    pub fn hashed() -> Self {
        Self::default()
    }

    /// Inputs that are told by name, too.
    pub fn told() -> Self {
        Self { told: Some(Vec::new()), ..Self::default() }
    }

    /// A text. Its name counts, too: it may say which day or year it is of.
    pub fn text(&mut self, name: &str, text: &str) -> &mut Self {
        self.hash.text(name).text(text);
        self.tell(|| (name.to_owned(), text.to_owned()))
    }

    /// A number. Its name counts, too.
    pub fn number(&mut self, name: &str, number: impl TryInto<u64> + Copy) -> &mut Self {
        let number = number.try_into().unwrap_or(u64::MAX);
        self.hash.text(name).number(number);
        self.tell(|| (name.to_owned(), number.to_string()))
    }

    /// Something with a fingerprint of its own, told by the words that `tell` gives.
    pub fn part(&mut self, part: Fingerprint, tell: impl FnOnce() -> (String, String)) -> &mut Self {
        self.hash.add(part);
        self.tell(|| {
            let (name, value) = tell();
            (name, format!("{value} [{:016x}]", part.0))
        })
    }

    fn tell(&mut self, what: impl FnOnce() -> (String, String)) -> &mut Self {
        if let Some(told) = &mut self.told {
            told.push(what());
        }
        self
    }

    /// The fingerprint of all inputs.
    pub fn finish(&self) -> Fingerprint {
        self.hash.finish()
    }

    /// The inputs by name, if they were to be told.
    pub fn into_told(self) -> Told {
        self.told.unwrap_or_default()
    }
}

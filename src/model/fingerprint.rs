//! Fingerprints: what a page is made from, in 64 bits.

use xxhash_rust::xxh3::xxh3_64;

/// The hash of everything that a page (or one of its inputs) is made from. Equal fingerprints mean
/// equal bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint(pub u64);

impl Fingerprint {
    /// The fingerprint of what can't be relied on: it equals none, not even itself, when a build
    /// asks whether a page is as it should be.
    pub const DIRTY: Self = Self(0);

    /// The fingerprint of some bytes (XXH3, 64 bits); never [`Self::UNSETTLED`].
    pub fn hash_bytes(bytes: &[u8]) -> Self {
        Self(xxh3_64(bytes).max(1))
    }

    /// Whether something made from `other` is still as it should be.
    pub fn matches(self, other: Self) -> bool {
        self == other && self != Self::DIRTY
    }
}

/// Gathers values into a [`Fingerprint`]. Every value is written with its length or as a fixed
/// width, so that two different lists can't run together into the same bytes.
#[derive(Debug)]
pub(crate) struct Fingerprinter(Vec<u8>);

impl Default for Fingerprinter {
    fn default() -> Self {
        Self(Vec::with_capacity(256))
    }
}

impl Fingerprinter {
    /// An empty list.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Adds a piece of text.
    pub(crate) fn text(&mut self, text: &str) -> &mut Self {
        self.number(text.len() as u64);
        self.0.extend_from_slice(text.as_bytes());
        self
    }

    /// Adds a text that may be missing; missing and empty differ.
    pub(crate) fn optional(&mut self, text: Option<&str>) -> &mut Self {
        match text {
            Some(text) => self.number(1).text(text),
            None => self.number(0),
        }
    }

    /// Adds a number.
    pub(crate) fn number(&mut self, number: u64) -> &mut Self {
        self.0.extend_from_slice(&number.to_le_bytes());
        self
    }

    /// Adds what has a fingerprint of its own.
    pub(crate) fn add(&mut self, part: Fingerprint) -> &mut Self {
        self.number(part.0)
    }

    /// The fingerprint of all that was added so far.
    pub(crate) fn finish(&self) -> Fingerprint {
        Fingerprint::hash_bytes(&self.0)
    }
}

/// Inputs by name, as an explanation tells them.
pub(crate) type Dependencies = Vec<(String, String)>;

/// The inputs of a page, walked once for two ends: their fingerprint, and the explanation of why it
/// changed.
#[derive(Debug, Default)]
pub(crate) struct Inputs {
    hash: Fingerprinter,
    dependencies: Option<Dependencies>,
}

impl Inputs {
    /// Inputs that are only hashed.
    pub(crate) fn hash_only() -> Self {
        Self::default()
    }

    /// Inputs that are told by name, too.
    pub(crate) fn with_dependencies() -> Self {
        Self { dependencies: Some(Vec::new()), ..Self::default() }
    }

    /// A text. Its name counts, too: it may say which day or year it is of.
    pub(crate) fn text(&mut self, name: &str, text: &str) -> &mut Self {
        self.hash.text(name).text(text);
        self.record(|| (name.to_owned(), text.to_owned()))
    }

    /// A number. Its name counts, too.
    pub(crate) fn number(&mut self, name: &str, number: impl TryInto<u64> + Copy) -> &mut Self {
        let number = number.try_into().unwrap_or(u64::MAX);
        self.hash.text(name).number(number);
        self.record(|| (name.to_owned(), number.to_string()))
    }

    /// Something with a fingerprint of its own, told by the words that `tell` gives.
    pub(crate) fn part(
        &mut self,
        part: Fingerprint,
        describe: impl FnOnce() -> (String, String),
    ) -> &mut Self {
        self.hash.add(part);
        self.record(|| {
            let (name, value) = describe();
            (name, format!("{value} [{:016x}]", part.0))
        })
    }

    fn record(&mut self, describe: impl FnOnce() -> (String, String)) -> &mut Self {
        if let Some(dependencies) = &mut self.dependencies {
            dependencies.push(describe());
        }
        self
    }

    /// The fingerprint of all inputs.
    pub(crate) fn finish(&self) -> Fingerprint {
        self.hash.finish()
    }

    /// The inputs by name, if they were to be told.
    pub(crate) fn into_dependencies(self) -> Dependencies {
        self.dependencies.unwrap_or_default()
    }
}

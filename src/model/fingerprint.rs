//! Fingerprints: 64-bit hashes of everything that a page depends on.

use xxhash_rust::xxh3::xxh3_64;

/// The hash of everything that a page, or one of its inputs, depends on. Equal fingerprints mean
/// equal bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint(pub u64);

impl Fingerprint {
    /// The fingerprint of unknown contents: it [matches](Self::matches) no other fingerprint, not
    /// even itself.
    pub const DIRTY: Self = Self(0);

    /// The fingerprint of some bytes (XXH3, 64 bits); never [`Self::DIRTY`].
    pub fn hash_bytes(bytes: &[u8]) -> Self {
        Self(xxh3_64(bytes).max(1))
    }

    /// Returns whether something made from `other` is up to date.
    pub fn matches(self, other: Self) -> bool {
        self == other && self != Self::DIRTY
    }
}

/// Hashes values into a [`Fingerprint`]. Every value has its length before it or a fixed width, so
/// that two different lists never give the same bytes.
#[derive(Debug)]
pub(crate) struct Fingerprinter(Vec<u8>);

impl Default for Fingerprinter {
    fn default() -> Self {
        Self(Vec::with_capacity(256))
    }
}

impl Fingerprinter {
    /// Returns an empty list of values.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Adds a text.
    pub(crate) fn text(&mut self, text: &str) -> &mut Self {
        self.number(text.len() as u64);
        self.0.extend_from_slice(text.as_bytes());
        self
    }

    /// Adds an optional text; a missing text and an empty one differ.
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

    /// Adds a value that has its own fingerprint.
    pub(crate) fn add(&mut self, part: Fingerprint) -> &mut Self {
        self.number(part.0)
    }

    /// Returns the fingerprint of all values.
    pub(crate) fn finish(&self) -> Fingerprint {
        Fingerprint::hash_bytes(&self.0)
    }
}

/// The names and values of inputs, as `--explain` shows them.
pub(crate) type Dependencies = Vec<(String, String)>;

/// The inputs of a page: either hashed into its fingerprint, or also recorded by name to explain
/// why the fingerprint changed.
#[derive(Debug, Default)]
pub(crate) struct Inputs {
    hash: Fingerprinter,
    dependencies: Option<Dependencies>,
}

impl Inputs {
    /// Returns inputs that are only hashed.
    pub(crate) fn hash_only() -> Self {
        Self::default()
    }

    /// Returns inputs that are also recorded by name.
    pub(crate) fn with_dependencies() -> Self {
        Self { dependencies: Some(Vec::new()), ..Self::default() }
    }

    /// Adds a text. Its name is hashed, too, because it may contain a day or a year.
    pub(crate) fn text(&mut self, name: &str, text: &str) -> &mut Self {
        self.hash.text(name).text(text);
        self.record(|| (name.to_owned(), text.to_owned()))
    }

    /// Adds a number. Its name is hashed, too.
    pub(crate) fn number(&mut self, name: &str, number: impl TryInto<u64> + Copy) -> &mut Self {
        let number = number.try_into().unwrap_or(u64::MAX);
        self.hash.text(name).number(number);
        self.record(|| (name.to_owned(), number.to_string()))
    }

    /// Adds a value that has its own fingerprint; `describe` returns its name and text for
    /// explanations.
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

    /// Returns the fingerprint of all inputs.
    pub(crate) fn finish(&self) -> Fingerprint {
        self.hash.finish()
    }

    /// Returns the inputs by name; empty if they weren't recorded.
    pub(crate) fn into_dependencies(self) -> Dependencies {
        self.dependencies.unwrap_or_default()
    }
}

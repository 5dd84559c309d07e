//! Properties of an article that are either true or false.

/// A set of properties of an article.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Flags(u16);

impl Flags {
    /// The date is a day without a time.
    pub(crate) const DAY_ONLY: Self = Self(1 << 0);
    /// The front matter has keys of the site's own.
    pub(crate) const EXTRA: Self = Self(1 << 1);
    /// The front matter enables the reaction bar.
    pub(crate) const REACTIONS_ON: Self = Self(1 << 2);
    /// The front matter disables the reaction bar.
    pub(crate) const REACTIONS_OFF: Self = Self(1 << 3);
    /// The body links to other articles.
    pub(crate) const LINKS: Self = Self(1 << 4);
    /// The front matter has corrections.
    pub(crate) const CORRECTED: Self = Self(1 << 5);
    /// The front matter has aliases.
    pub(crate) const ALIASES: Self = Self(1 << 6);
    /// The article is excluded from search.
    pub(crate) const SEARCH_OFF: Self = Self(1 << 7);
    /// The article is retracted.
    pub(crate) const RETRACTED: Self = Self(1 << 8);
    /// The front matter has updates, or a status other than `published`.
    pub(crate) const UPDATED: Self = Self(1 << 9);
    /// The earlier versions of the article aren't shown.
    pub(crate) const HISTORY_OFF: Self = Self(1 << 10);
    /// The path of the file contains a redacted name.
    pub(crate) const REDACTED_PATH: Self = Self(1 << 11);
    /// The record is that of a page without a date, not of an article.
    pub(crate) const PAGE: Self = Self(1 << 12);

    /// Returns the flags of both sets.
    #[must_use]
    pub(crate) fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Returns whether a flag is set.
    pub(crate) fn contains(self, flag: Self) -> bool {
        self.0 & flag.0 != 0
    }

    /// Returns the flags as bits.
    pub(super) fn bits(self) -> u16 {
        self.0
    }

    /// Returns the flags with these bits.
    pub(super) fn from_bits(bits: u16) -> Self {
        Self(bits)
    }
}

impl FromIterator<Flags> for Flags {
    fn from_iter<I: IntoIterator<Item = Flags>>(flags: I) -> Self {
        flags.into_iter().fold(Self::default(), Self::union)
    }
}

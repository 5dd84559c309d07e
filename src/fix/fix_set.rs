//! The fixes by name, and sets of them.

/// A kind of fix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fix {
    /// Replaces tabs in indentation, which YAML doesn't allow, with spaces.
    Tabs,
    /// Adds quotation marks where YAML can't parse a value without them, or misreads it.
    Quotes,
    /// Rewrites dates in RFC 3339 format.
    Dates,
    /// Gives each term the most frequent spelling on the site.
    Terms,
    /// Replaces a single category with the section, if the article has none.
    Section,
    /// Renames keys of other systems to Dateline's own names.
    Keys,
}

impl Fix {
    /// All fixes, in the order in which they are applied.
    pub const ALL: [Self; 6] =
        [Self::Tabs, Self::Quotes, Self::Dates, Self::Terms, Self::Section, Self::Keys];

    /// The name on the command line and in JSON, which doesn't change between versions.
    pub fn name(self) -> &'static str {
        match self {
            Self::Tabs => "tabs",
            Self::Quotes => "quotes",
            Self::Dates => "dates",
            Self::Terms => "terms",
            Self::Section => "section",
            Self::Keys => "keys",
        }
    }

    /// Returns the fix with a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|fix| fix.name() == name)
    }
}

/// A set of fixes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FixSet(u8);

impl FixSet {
    /// All fixes except [`Fix::Keys`]: Dateline reads both names, and another program may need the
    /// old ones.
    pub(crate) fn standard() -> Self {
        Self::only(&Fix::ALL).except(&[Fix::Keys])
    }

    /// Only these fixes.
    pub(crate) fn only(fixes: &[Fix]) -> Self {
        Self(fixes.iter().fold(0, |set, fix| set | 1 << *fix as u8))
    }

    /// This set without some fixes.
    #[must_use]
    pub(crate) fn except(self, fixes: &[Fix]) -> Self {
        Self(self.0 & !Self::only(fixes).0)
    }

    /// Returns true if a fix is in the set.
    pub(crate) fn contains(self, fix: Fix) -> bool {
        self.0 & 1 << fix as u8 != 0
    }
}

//! The numbers of articles, languages and terms in a catalog.

/// The number of an article in a catalog. Articles are numbered by date, then by path, so adding an
/// article changes the numbers of later ones.
pub(crate) type ArticleId = u32;
/// The number of a language in a catalog.
pub(crate) type LangId = u16;
/// The number of a term in a catalog, over all taxonomies.
pub(crate) type TermId = u32;

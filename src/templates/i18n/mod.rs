//! Interface text and the conventions of languages: dates, numbers, lists, plurals, collation.

pub(crate) mod formats;
pub(crate) mod locale;
pub(crate) mod messages;

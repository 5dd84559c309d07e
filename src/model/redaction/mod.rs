//! Finding and replacing names, however they are written.
//!
//! A name is the letters of its words. A text is read as a sequence of letters, folded as search
//! folds them ([`super::fold`]), each with the length of the gap before it. An automaton (Aho and
//! Corasick, 1975) finds all names in one pass, and the gaps between the words of a match decide
//! whether it is the name. That is done for each reading of the text (`derived_text`): unchanged,
//! with its escapes decoded, and without its markup.

mod derived_text;
mod matcher;

pub(crate) use matcher::{MAX_NAMES, PLACEHOLDER, RedactionMatcher, name_problem};

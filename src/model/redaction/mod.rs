//! Finding and replacing names, however they are written.
//!
//! A name is the letters of its words. A text is read as a sequence of letters, folded as search
//! folds them ([`super::fold`]), each with the gap before it (`letters`). An automaton (Aho and
//! Corasick, 1975) finds all names in one pass, and the gaps between the words of a match decide
//! whether it is the name. That is done for each reading of the text (`readings`): unchanged,
//! with its escapes decoded, and each of these without its markup (`markup`).

mod derived_text;
mod letters;
mod markup;
mod matcher;
mod name_list;
mod readings;

pub(crate) use derived_text::{DerivedText, DerivedTextBuilder};
pub(crate) use markup::MARKUP_SEPARATOR;
pub(crate) use matcher::{MAX_NAMES, PLACEHOLDER, RedactionMatcher, name_problem};
pub(crate) use name_list::listed_names;

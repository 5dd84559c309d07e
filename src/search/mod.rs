//! Full-text search from static files: an index of which a browser requests only small pieces.
//! `docs/search-format.md` specifies the files.
//!
//! The index has up to three segments: all years before the year of the newest article, the earlier
//! months of that year, and its newest month. A new article changes only the last segment and the
//! manifest. A segment is merged from partial indexes of at most 1024 articles each. Both are kept
//! in the build cache, so that an edit reads only the articles of one partial index again.

mod bigrams;
mod deflate;
mod document;
mod forms;
mod index;
mod inflection;
mod partial_index;
mod plan;
mod postings;
mod reopening_reader;
mod segment;
mod segment_builder;
mod segment_reader;
mod segment_store;
mod spelling;
mod spill_file;
mod stop_words;
mod term_dict;
mod term_interner;
mod tokenizer;

pub(crate) use index::{IndexFile, IndexOptions, OUTPUT_DIR, SearchIndex, build_index};
pub(crate) use segment_reader::{is_segment, read_texts};
pub(crate) use segment_store::discard_segment;

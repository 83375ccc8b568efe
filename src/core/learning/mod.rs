//! Learning: the terms that documents have, when the caller has none. Words and n-grams of words, their counts, the
//! number of documents that have them, and the count matrix.
//!
//! | file | contains |
//! | --- | --- |
//! | [`rules`] | which words a document has |
//! | [`row_blocks`] | documents given to workers, row block by row block |
//! | [`reader`] | finds the words of documents, window by window |
//! | [`append`] | appends numbers to a list, without those that are left out |
//! | [`given`] | documents whose terms are given, instead of their texts |
//! | [`intern`] | a table that numbers words as they are found |
//! | [`word_blocks`] | the words of documents as numbers, row block by row block |
//! | [`word_sums`] | counts words while they are read, if neither rows nor n-grams are asked for |
//! | [`ngrams`] | numbers n-grams, from those with one word less |
//! | [`tally`] | counts and numbers of documents |
//! | [`learn`] | all of this, from documents to [`Learned`](learn::Learned) |
//! | [`term_table`] | terms with their counts, which can be added up |
//! | [`vectorizer`] | counts the terms of a fixed vocabulary |
//! | [`hashing`] | counts terms in columns that are chosen by a hash |
//! | [`hashed_rows`] | their rows, and the count matrix |
//!
//! ```text
//! Documents ── reader ──> words ── intern ──> word numbers ── ngrams ──> term numbers ── tally ──> rows, counts
//! ```

pub mod append;
pub mod given;
pub mod hashed_rows;
pub mod hashing;
pub mod intern;
pub mod learn;
pub mod ngrams;
pub mod reader;
pub mod row_blocks;
pub mod rules;
pub mod tally;
pub mod term_table;
pub mod vectorizer;
pub mod word_blocks;
pub mod word_sums;

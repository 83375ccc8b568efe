//! Learning: the terms that documents have, when the caller has none. Words and n-grams of words, their counts, the
//! number of documents that have them, and the count matrix.
//!
//! | file | contains |
//! | --- | --- |
//! | [`rules`] | which words a document has |
//! | [`reader`] | finds the words of documents, window by window |
//! | [`intern`] | a table that numbers words as they are found |
//! | [`word_blocks`] | the words of documents as numbers, row block by row block |
//! | [`ngrams`] | numbers n-grams, from those with one word less |
//! | [`tally`] | counts and numbers of documents |
//! | [`learn`] | all of this, from documents to [`Learned`](learn::Learned) |
//! | [`term_table`] | terms with their counts, which can be added up |
//! | [`vectorizer`] | counts the terms of a fixed vocabulary |
//! | [`hashing`] | counts terms in columns that are chosen by a hash |
//!
//! ```text
//! Documents ── reader ──> words ── intern ──> word numbers ── ngrams ──> term numbers ── tally ──> rows, counts
//! ```

pub mod hashing;
pub mod intern;
pub mod learn;
pub mod ngrams;
pub mod reader;
pub mod rules;
pub mod tally;
pub mod term_table;
pub mod vectorizer;
pub mod word_blocks;

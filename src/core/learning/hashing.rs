//! Counts terms in columns that are chosen by a hash, without a vocabulary.
//!
//! Columns and signs are those of scikit-learn's `FeatureHasher`: MurmurHash3 (32 bits, seed 0) as a signed number. Its
//! absolute value modulo the number of columns is the column, and a negative one may count as -1.

use std::sync::atomic::{AtomicBool, Ordering};

use super::append::{append_kept, append_mapped};
use super::given::{TermSink, read_given};
use super::hashed_rows::HashedRows;
use super::intern::{InternTable, NONE, Numbers};
use super::reader::{WordReader, WordSink};
use super::row_blocks::for_each_row_block;
use super::rules::TokenRules;
use crate::core::base::cancel::check;
use crate::core::base::error::CountError;
use crate::core::base::memory::{self, push};
use crate::core::base::packed_strings::PackedStrings;
use crate::core::base::simd::{self, Level};
use crate::core::counting::runs::Runs;
use crate::core::documents::rows::Documents;
use crate::core::engines::words::fingerprint::Fingerprinter;
use crate::core::schedule::idle::Idle;
use crate::core::schedule::run_options::RunOptions;

/// How to choose columns.
#[derive(Clone, Copy, Debug)]
pub struct HashColumns {
    /// The number of columns, at least 1 and less than 2^31.
    pub columns: u32,
    /// Whether terms with a negative hash count as -1.
    pub alternate_sign: bool,
}

impl HashColumns {
    /// The column of a term, and in the lowest bit whether it counts as -1.
    pub fn of(self, term: &[u8]) -> u32 {
        let hash = murmur3(term) as i32;
        // The absolute value of the smallest number does not fit; scikit-learn takes this column instead.
        let column = match hash {
            i32::MIN => (i32::MAX as u32 - (self.columns - 1)) % self.columns,
            _ => hash.unsigned_abs() % self.columns,
        };
        column << 1 | u32::from(self.alternate_sign && hash < 0)
    }
}

/// MurmurHash3 for 32 bits with the seed 0 (Austin Appleby, public domain).
fn murmur3(bytes: &[u8]) -> u32 {
    const A: u32 = 0xCC9E_2D51;
    const B: u32 = 0x1B87_3593;

    let scrambled = |block: u32| block.wrapping_mul(A).rotate_left(15).wrapping_mul(B);
    let (blocks, rest) = bytes.as_chunks();
    let mut hash = blocks.iter().fold(0, |hash: u32, block| {
        (hash ^ scrambled(u32::from_le_bytes(*block))).rotate_left(13).wrapping_mul(5).wrapping_add(0xE654_6B64)
    });
    if !rest.is_empty() {
        let mut last = [0; 4];
        last[..rest.len()].copy_from_slice(rest);
        hash ^= scrambled(u32::from_le_bytes(last));
    }
    hash ^= bytes.len() as u32;
    hash = (hash ^ hash >> 16).wrapping_mul(0x85EB_CA6B);
    hash = (hash ^ hash >> 13).wrapping_mul(0xC2B2_AE35);
    hash ^ hash >> 16
}

/// Counts all documents. Returns their rows in parts.
pub fn hash(
    rules: &TokenRules,
    documents: &Documents<'_>,
    columns: HashColumns,
    run: RunOptions<'_>,
) -> Result<Vec<HashedRows>, CountError> {
    let fingerprinter = InternTable::fingerprinter();
    let make = || Worker::new(fingerprinter);
    let (parts, _) = for_each_row_block(documents, rules, run, &Idle::default(), make, |worker, block| {
        if worker.known.len() > MOST_KNOWN {
            *worker = make();
        }
        let Worker { reader, known, hashes, document, rows } = worker;
        let (level, cancel) = (simd::level(), block.cancel);
        let mut sink = HashSink { rules, columns, level, known, hashes, document, rows, cancel };
        let bytes = reader.read(rules, block.texts, block.range, &mut sink);
        (bytes, rows.take())
    })?;
    Ok(parts)
}

/// Counts given terms: those of document `i` are `terms[ends[i - 1]..ends[i]]`.
pub fn hash_given(
    terms: &Documents<'_>,
    ends: &[i64],
    columns: HashColumns,
    run: RunOptions<'_>,
) -> Result<Vec<HashedRows>, CountError> {
    let mut sink = GivenSink { columns, document: Document::default(), rows: HashedRows::default() };
    read_given(terms, ends, run, &mut sink)?;
    Ok(vec![sink.rows.take()])
}

/// Hashes given terms.
struct GivenSink {
    columns: HashColumns,
    document: Document,
    rows: HashedRows,
}

impl TermSink for GivenSink {
    fn term(&mut self, term: &[u8]) {
        push(&mut self.document.hashed, self.columns.of(term));
    }

    fn end_document(&mut self, cancel: &AtomicBool) {
        let Document { hashed, runs, .. } = &mut self.document;
        self.rows.push(hashed, runs, cancel);
    }
}

/// A worker forgets its words when it knows more than this, so that its memory does not grow with the documents.
const MOST_KNOWN: usize = 1 << 20;

struct Worker {
    reader: WordReader,
    /// Words that were hashed before.
    known: InternTable,
    /// By number, as [`HashColumns::of`] returns it. The list ends with [`NONE`].
    hashes: Vec<u32>,
    document: Document,
    /// Empty between row blocks.
    rows: HashedRows,
}

impl Worker {
    fn new(fingerprinter: Fingerprinter) -> Self {
        Self {
            reader: WordReader::default(),
            known: InternTable::new(fingerprinter),
            hashes: vec![NONE],
            document: Document::default(),
            rows: HashedRows::default(),
        }
    }
}

/// The words of a document.
#[derive(Default)]
struct Document {
    /// The number of each word. [`NONE`] is the end of a clause.
    words: Vec<u32>,
    spelled: Vec<u8>,
    hashed: Vec<u32>,
    runs: Runs,
}

struct HashSink<'s> {
    rules: &'s TokenRules,
    columns: HashColumns,
    level: Level,
    known: &'s mut InternTable,
    hashes: &'s mut Vec<u32>,
    document: &'s mut Document,
    rows: &'s mut HashedRows,
    cancel: &'s AtomicBool,
}

impl HashSink<'_> {
    /// Hashes the words that are new.
    fn hash_new(&mut self) {
        let words: &PackedStrings = self.known.words();
        if self.hashes.len() <= words.len() {
            self.hashes.pop();
            for number in self.hashes.len()..words.len() {
                push(self.hashes, self.columns.of(words.get(number)));
            }
            push(self.hashes, NONE);
        }
    }
}

impl WordSink for HashSink<'_> {
    fn number(&mut self, text: &[u8], starts: &[u32], ends: &[u32], numbers: &mut Numbers) {
        self.known.insert_all(text, starts, ends, numbers, |word| self.rules.keeps(word));
        self.hash_new();
    }

    fn number_long(&mut self, word: &[u8]) -> u32 {
        let number = self.known.insert(word, |word| self.rules.keeps(word));
        self.hash_new();
        number
    }

    #[inline]
    fn take(&mut self, words: &[u32]) {
        if self.rules.ngrams.least == 1 {
            append_mapped(self.level, words, self.hashes, &mut self.document.hashed);
        }
        if self.rules.ngrams.most > 1 {
            append_kept(self.level, words, &mut self.document.words);
        }
    }

    fn clause_end(&mut self) {
        push(&mut self.document.words, NONE);
    }

    fn end_document(&mut self) {
        let Document { words, spelled, hashed, runs } = &mut *self.document;
        let least = self.rules.ngrams.least.max(2);
        for start in 0..words.len() {
            if self.rules.ngrams.most < 2 {
                break;
            }
            spelled.clear();
            for (n, &word) in (1..=self.rules.ngrams.most).zip(&words[start..]) {
                if word == NONE {
                    break;
                }
                // Long n-grams take long to hash.
                check(self.cancel);
                memory::extend(spelled, if n > 1 { b" " } else { b"" });
                memory::extend(spelled, self.known.words().get(word as usize));
                if n >= least {
                    push(hashed, self.columns.of(spelled));
                }
            }
        }
        words.clear();
        self.rows.push(hashed, runs, self.cancel);
    }

    fn is_cancelled(&self) -> bool {
        self.cancel.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_those_of_murmur3() {
        // The values of SMHasher and of scikit-learn's tests.
        let cases: [(&[u8], u32); 6] = [
            (b"", 0),
            (b"foo", 0xF6A5_C420),
            (b"hello", 0x248B_FA47),
            (b"hello, world", 0x149B_BB7F),
            (b"The quick brown fox jumps over the lazy dog", 0x2E4F_F723),
            (b"a", 0x3C25_69B2),
        ];
        for (bytes, expected) in cases {
            assert_eq!(murmur3(bytes), expected, "{bytes:?}");
        }
    }
}

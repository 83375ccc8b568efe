//! Counts terms in columns that are chosen by a hash, without a vocabulary.
//!
//! Columns and signs are those of scikit-learn's `FeatureHasher`: MurmurHash3 (32 bits, seed 0) as a signed number. Its
//! absolute value modulo the number of columns is the column, and a negative one may count as -1.

use std::sync::atomic::{AtomicBool, Ordering};

use super::given::{TermSink, read_given};
use super::intern::{DROPPED, InternTable, NONE, Numbers, is_dropped};
use super::reader::{WordReader, WordSink, append_kept};
use super::row_blocks::for_each_row_block;
use super::rules::TokenRules;
use crate::core::base::cancel::{CHECK_EVERY, check, checked};
use crate::core::base::error::CountError;
use crate::core::base::memory::{self, push};
use crate::core::base::packed_strings::PackedStrings;
use crate::core::base::simd;
use crate::core::counting::sort::sort;
use crate::core::documents::rows::Documents;
use crate::core::engines::words::fingerprint::Fingerprinter;
use crate::core::results::sparse::Index;
use crate::core::schedule::idle::Idle;
use crate::core::schedule::run_options::RunOptions;
use crate::core::schedule::workers::WorkerTeam;

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

/// Sums by column of consecutive documents.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct HashedRows {
    pub columns: Vec<u32>,
    pub sums: Vec<i32>,
    /// Where each document ends.
    pub ends: Vec<usize>,
}

impl HashedRows {
    /// Adds a document. `terms` are as [`HashColumns::of`] returns them, and are cleared.
    fn push(&mut self, terms: &mut Vec<u32>, cancel: &AtomicBool) {
        sort(simd::level(), terms, cancel);
        memory::reserve(&mut self.columns, terms.len());
        memory::reserve(&mut self.sums, terms.len());
        let (before, room) = (self.columns.len(), self.columns.len() + terms.len());
        self.columns.resize(room, 0);
        self.sums.resize(room, 0);
        let (columns, sums) = (&mut self.columns[before..], &mut self.sums[before..]);
        // Without branches, since none is predictable: the sum up to the end of each column, then the differences.
        let (mut len, mut sum) = (0, 0);
        for (i, &term) in checked(terms.iter().enumerate(), cancel) {
            let column = term >> 1;
            sum += 1 - 2 * (term & 1) as i32;
            (columns[len], sums[len]) = (column, sum);
            len += usize::from(terms.get(i + 1).is_none_or(|next| next >> 1 != column));
        }
        let mut before_column = 0;
        for sum in &mut sums[..len] {
            *sum -= std::mem::replace(&mut before_column, *sum);
        }
        self.columns.truncate(before + len);
        self.sums.truncate(before + len);
        terms.clear();
        push(&mut self.ends, self.columns.len());
    }
}

/// What each row is divided by.
#[derive(Clone, Copy, Debug)]
pub enum Norm {
    /// The sum of the absolute values.
    L1,
    /// The length.
    L2,
}

impl Norm {
    fn divide(self, row: &mut [f64], cancel: &AtomicBool) {
        let sum = row.chunks(CHECK_EVERY).fold(0.0, |sum: f64, cells| {
            check(cancel);
            match self {
                Self::L1 => cells.iter().fold(sum, |sum, cell| sum + cell.abs()),
                Self::L2 => cells.iter().fold(sum, |sum, cell| sum + cell * cell),
            }
        });
        let norm = match self {
            Self::L1 => sum,
            Self::L2 => sum.sqrt(),
        };
        if norm > 0.0 {
            for cells in row.chunks_mut(CHECK_EVERY) {
                check(cancel);
                cells.iter_mut().for_each(|cell| *cell /= norm);
            }
        }
    }
}

/// Writes rows as compressed sparse rows, and frees each part when it is written. `indptr` needs one item more than
/// there are rows, `indices` and `data` one for each sum.
pub fn write_rows<I: Index>(
    parts: Vec<HashedRows>,
    norm: Option<Norm>,
    data: &mut [f64],
    indices: &mut [I],
    indptr: &mut [I],
    run: RunOptions<'_>,
) -> Result<(), CountError> {
    let (first, mut ends) = indptr.split_first_mut().expect("one more than there are rows");
    *first = I::of(0);
    let is_small = data.len() < INLINE_SUMS;
    let (mut data, mut indices, mut before) = (data, indices, 0);
    let slices = parts.into_iter().map(|part| {
        let sums = part.sums.len();
        before += sums;
        let ends = ends.split_off_mut(..part.ends.len()).expect("an end for each row");
        let indices = indices.split_off_mut(..sums).expect("an index for each sum");
        (part, before - sums, data.split_off_mut(..sums).expect("a cell for each sum"), indices, ends)
    });
    let team = WorkerTeam::new(run, 0, is_small);
    team.map(slices, |(part, before, data, indices, ends)| {
        for (data, sums) in data.chunks_mut(CHECK_EVERY).zip(part.sums.chunks(CHECK_EVERY)) {
            check(&team.cancel);
            data.iter_mut().zip(sums).for_each(|(cell, &sum)| *cell = sum.into());
        }
        for (indices, columns) in indices.chunks_mut(CHECK_EVERY).zip(part.columns.chunks(CHECK_EVERY)) {
            check(&team.cancel);
            indices.iter_mut().zip(columns).for_each(|(index, &column)| *index = I::of(column as usize));
        }
        ends.iter_mut().zip(&part.ends).for_each(|(end, &own)| *end = I::of(before + own));
        if let Some(norm) = norm {
            let mut start = 0;
            for &end in &part.ends {
                norm.divide(&mut data[std::mem::replace(&mut start, end)..end], &team.cancel);
            }
        }
    })?;
    Ok(())
}

/// Fewer sums than this are written on the calling thread.
const INLINE_SUMS: usize = 64 << 10;

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
        let Worker { reader, known, hashes, document } = worker;
        let rows = HashedRows::default();
        let mut sink = HashSink { rules, columns, known, hashes, document, rows, cancel: block.cancel };
        (reader.read(rules, block.texts, block.range, &mut sink), sink.rows)
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
    let mut sink = GivenSink { columns, hashed: Vec::new(), rows: HashedRows::default() };
    read_given(terms, ends, run, &mut sink)?;
    Ok(vec![sink.rows])
}

/// Hashes given terms.
struct GivenSink {
    columns: HashColumns,
    hashed: Vec<u32>,
    rows: HashedRows,
}

impl TermSink for GivenSink {
    fn term(&mut self, term: &[u8]) {
        push(&mut self.hashed, self.columns.of(term));
    }

    fn end_document(&mut self, cancel: &AtomicBool) {
        self.rows.push(&mut self.hashed, cancel);
    }
}

/// A worker forgets its words when it knows more than this, so that its memory does not grow with the documents.
const MOST_KNOWN: usize = 1 << 20;

struct Worker {
    reader: WordReader,
    /// Words that were hashed before.
    known: InternTable,
    /// By number, as [`HashColumns::of`] returns it.
    hashes: Vec<u32>,
    document: Document,
}

impl Worker {
    fn new(fingerprinter: Fingerprinter) -> Self {
        Self {
            reader: WordReader::default(),
            known: InternTable::new(fingerprinter),
            hashes: Vec::new(),
            document: Document::default(),
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
}

struct HashSink<'s> {
    rules: &'s TokenRules,
    columns: HashColumns,
    known: &'s mut InternTable,
    hashes: &'s mut Vec<u32>,
    document: &'s mut Document,
    rows: HashedRows,
    cancel: &'s AtomicBool,
}

impl HashSink<'_> {
    /// Hashes the words that are new.
    fn hash_new(&mut self) {
        let words: &PackedStrings = self.known.words();
        for number in self.hashes.len()..words.len() {
            push(self.hashes, self.columns.of(words.get(number)));
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
            let hashed = &mut self.document.hashed;
            let mut len = hashed.len();
            memory::reserve(hashed, words.len());
            hashed.resize(len + words.len(), 0);
            for &word in words {
                hashed[len] = self.hashes[(word & !DROPPED) as usize];
                len += usize::from(!is_dropped(word));
            }
            hashed.truncate(len);
        }
        if self.rules.ngrams.most > 1 {
            append_kept(words, &mut self.document.words);
        }
    }

    fn clause_end(&mut self) {
        push(&mut self.document.words, NONE);
    }

    fn end_document(&mut self) {
        let Document { words, spelled, hashed } = &mut *self.document;
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
        self.rows.push(hashed, self.cancel);
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

    #[test]
    fn columns_are_summed() {
        let mut rows = HashedRows::default();
        let cancel = AtomicBool::new(false);
        rows.push(&mut vec![6, 7, 2, 7, 7, 9, 8], &cancel);
        rows.push(&mut vec![], &cancel);
        rows.push(&mut vec![8], &cancel);
        let expected = || HashedRows { columns: vec![1, 3, 4, 4], sums: vec![1, -2, 0, 1], ends: vec![3, 3, 4] };
        assert_eq!(rows, expected());
        let (mut data, mut indices, mut indptr) = ([0.0; 8], [0i32; 8], [0i32; 7]);
        let parts = || vec![expected(), HashedRows::default(), expected()];
        write_rows(parts(), None, &mut data, &mut indices, &mut indptr, RunOptions::with_workers(2)).unwrap();
        assert_eq!(data, [1.0, -2.0, 0.0, 1.0, 1.0, -2.0, 0.0, 1.0]);
        assert_eq!((indices, indptr), ([1, 3, 4, 4, 1, 3, 4, 4], [0, 3, 3, 4, 7, 7, 8]));
        for (norm, length) in [(Norm::L1, 3.0), (Norm::L2, f64::sqrt(5.0))] {
            let (mut indices, mut indptr, run) = ([0i64; 8], [0i64; 7], RunOptions::with_workers(2));
            write_rows(parts(), Some(norm), &mut data, &mut indices, &mut indptr, run).unwrap();
            assert_eq!(data[..4], [1.0 / length, -2.0 / length, 0.0, 1.0]);
        }
    }
}

//! Counts the terms of a fixed vocabulary: words, and n-grams as in [`learn`](super::learn).

use std::convert::Infallible;
use std::sync::atomic::{AtomicBool, Ordering};

use super::append::{append_kept, append_mapped};
use super::given::{TermSink, read_given};
use super::intern::{DROPPED, InternTable, NONE, Numbers};
use super::ngrams::{PairTable, pair};
use super::reader::{WordReader, WordSink};
use super::row_blocks::for_each_row_block;
use super::rules::TokenRules;
use super::term_table::TermTable;
use crate::core::base::cancel::{CHECK_EVERY, check};
use crate::core::base::error::CountError;
use crate::core::base::memory::push;
use crate::core::base::simd::{self, Level, prefetch};
use crate::core::counting::count_block::CountBlock;
use crate::core::counting::runs::Runs;
use crate::core::counting::sort::sort;
use crate::core::documents::rows::Documents;
use crate::core::results::sparse::Sparse;
use crate::core::schedule::idle::Idle;
use crate::core::schedule::run_options::RunOptions;
use crate::core::schedule::workers::WorkerTeam;

/// Counts the terms of a fixed vocabulary.
pub struct Vectorizer {
    words: InternTable,
    /// For two words, three words and so on: n-grams that are terms or begin one.
    longer: Vec<PairTable>,
    /// By the number of words and the number of the n-gram: the column, or [`NONE`]. The list of words ends with
    /// [`NONE`].
    columns: Vec<Vec<u32>>,
}

impl Vectorizer {
    /// `columns` are those of the table's terms; [`NONE`] leaves a term out. Without rules, terms are not split into
    /// words. Terms with another number of words than the rules say never occur.
    ///
    /// `order` has the numbers of all terms, frequent ones first, so that these are next to each other and in their
    /// first slot. Without it, counting prose takes 1.14 times as long.
    pub fn new(
        table: &TermTable,
        columns: &[u32],
        order: Option<&[u32]>,
        rules: Option<&TokenRules>,
        run: RunOptions<'_>,
    ) -> Result<Self, CountError> {
        let is_small = columns.len() < INLINE_TERMS;
        WorkerTeam::one(run, is_small, |cancel| Self::made(table, columns, order, rules, cancel))
    }

    fn made(
        table: &TermTable,
        columns: &[u32],
        order: Option<&[u32]>,
        rules: Option<&TokenRules>,
        cancel: &AtomicBool,
    ) -> Self {
        let mut words = InternTable::new(InternTable::fingerprinter());
        let mut longer: Vec<PairTable> = Vec::new();
        let mut all_columns: Vec<Vec<u32>> = vec![Vec::new()];
        let splits = rules.filter(|rules| rules.ngrams.most > 1);
        let keeps = |word: &[u8]| rules.is_none_or(|rules| rules.keeps(word));
        if let Some(rules) = splits {
            // They are skipped within n-grams, and documents have many of them.
            for word in rules.stop_words() {
                words.insert(word, |_| false);
            }
        }
        let Ok(()) = table.for_each_term(order, |i, spelled| {
            check(cancel);
            let column = columns[order.map_or(i, |order| order[i] as usize)];
            let length = if splits.is_some() { spelled.split(|&byte| byte == b' ').count() } else { 1 };
            let is_out = |rules: &TokenRules| length < rules.ngrams.least || length > rules.ngrams.most;
            if column == NONE || splits.is_some_and(is_out) {
                return Ok::<(), Infallible>(());
            }
            let parts = spelled.split(|&byte| byte == b' ' && length > 1);
            let mut ngram = NONE;
            for (i, word) in parts.enumerate() {
                let word = words.insert(word, keeps);
                ngram = match i {
                    // A word that is left out.
                    _ if word >= DROPPED || i > 0 && ngram == NONE => NONE,
                    0 => word,
                    _ => {
                        if longer.len() < i {
                            push(&mut longer, PairTable::default());
                            push(&mut all_columns, Vec::new());
                        }
                        longer[i - 1].insert(pair(ngram, word)).0
                    }
                };
            }
            if ngram != NONE {
                set_column(&mut all_columns[length - 1], ngram, column);
            }
            Ok(())
        });
        all_columns[0].resize(words.len() + 1, NONE);
        longer.iter().zip(&mut all_columns[1..]).for_each(|(table, list)| list.resize(table.pairs.len(), NONE));
        Self { words, longer, columns: all_columns }
    }

    /// Counts all documents.
    pub fn count(
        &self,
        rules: &TokenRules,
        documents: &Documents<'_>,
        binary: bool,
        run: RunOptions<'_>,
    ) -> Result<Sparse<'static>, CountError> {
        let (blocks, done) =
            for_each_row_block(documents, rules, run, &Idle::default(), Worker::default, |worker, block| {
                let Worker { reader, document, counted } = worker;
                let (level, cancel) = (simd::level(), block.cancel);
                let mut sink = CountSink { vectorizer: self, rules, binary, level, document, counted, cancel };
                let bytes = reader.read(rules, block.texts, block.range, &mut sink);
                (bytes, counted.take())
            })?;
        Ok(Sparse::of_blocks(blocks, done))
    }

    /// Counts given terms: those of document `i` are `terms[ends[i - 1]..ends[i]]`.
    pub fn count_given(
        &self,
        terms: &Documents<'_>,
        ends: &[i64],
        binary: bool,
        run: RunOptions<'_>,
    ) -> Result<Sparse<'static>, CountError> {
        let mut sink =
            GivenSink { vectorizer: self, binary, document: Document::default(), counted: CountBlock::default() };
        read_given(terms, ends, run, &mut sink)?;
        Ok(Sparse::of_blocks(vec![sink.counted.take()], terms.nbytes()))
    }
}

/// Counts given terms.
struct GivenSink<'s> {
    vectorizer: &'s Vectorizer,
    binary: bool,
    document: Document,
    counted: CountBlock,
}

impl TermSink for GivenSink<'_> {
    fn term(&mut self, term: &[u8]) {
        let number = self.vectorizer.words.find(term);
        let column = self.vectorizer.columns[0].get(number as usize).filter(|&&column| column != NONE);
        if let Some(&column) = column {
            push(&mut self.document.columns, column);
        }
    }

    fn end_document(&mut self, cancel: &AtomicBool) {
        let Document { columns, runs, .. } = &mut self.document;
        push_row(&mut self.counted, columns, runs, self.binary, cancel);
    }
}

/// A vocabulary of fewer terms than this is prepared on the calling thread.
const INLINE_TERMS: usize = 64 << 10;

fn set_column(list: &mut Vec<u32>, number: u32, column: u32) {
    if list.len() <= number as usize {
        list.resize(number as usize + 1, NONE);
    }
    list[number as usize] = column;
}

/// Adds a document with these columns, which are cleared.
fn push_row(counted: &mut CountBlock, columns: &mut Vec<u32>, runs: &mut Runs, binary: bool, cancel: &AtomicBool) {
    let level = simd::level();
    sort(level, columns, cancel);
    runs.find(level, columns);
    if binary {
        runs.flatten();
    }
    counted.push_runs(runs);
    columns.clear();
}

#[derive(Default)]
struct Worker {
    reader: WordReader,
    document: Document,
    /// Empty between row blocks.
    counted: CountBlock,
}

/// The words of a document, and what is computed from them.
#[derive(Default)]
struct Document {
    /// The number of each word, or [`NONE`].
    words: Vec<u32>,
    /// The n-gram that begins at each word, or [`NONE`].
    ngrams: Vec<u32>,
    pairs: Vec<(u64, usize)>,
    columns: Vec<u32>,
    runs: Runs,
}

struct CountSink<'s> {
    vectorizer: &'s Vectorizer,
    rules: &'s TokenRules,
    binary: bool,
    level: Level,
    document: &'s mut Document,
    counted: &'s mut CountBlock,
    cancel: &'s AtomicBool,
}

impl CountSink<'_> {
    /// Whether n-grams skip a word that is not in the vocabulary.
    fn is_left_out(&self, number: u32, word: &[u8]) -> bool {
        number == NONE && !self.vectorizer.longer.is_empty() && !self.rules.keeps(word)
    }
}

impl WordSink for CountSink<'_> {
    fn number(&mut self, text: &[u8], starts: &[u32], ends: &[u32], numbers: &mut Numbers) {
        self.vectorizer.words.find_all(text, starts, ends, numbers);
        if !self.vectorizer.longer.is_empty() {
            for (number, (&start, &end)) in numbers.list.iter_mut().zip(starts.iter().zip(ends)) {
                if self.is_left_out(*number, &text[start as usize..end as usize]) {
                    *number = DROPPED;
                }
            }
        }
    }

    fn number_long(&mut self, word: &[u8]) -> u32 {
        let number = self.vectorizer.words.find(word);
        if self.is_left_out(number, word) { DROPPED } else { number }
    }

    #[inline]
    fn take(&mut self, words: &[u32]) {
        let document = &mut *self.document;
        // The last item is that of words which are not in the vocabulary or left out.
        append_mapped(self.level, words, &self.vectorizer.columns[0], &mut document.columns);
        if !self.vectorizer.longer.is_empty() {
            append_kept(self.level, words, &mut document.words);
        }
    }

    fn clause_end(&mut self) {
        if !self.vectorizer.longer.is_empty() {
            push(&mut self.document.words, NONE);
        }
    }

    fn end_document(&mut self) {
        let Document { words, ngrams, pairs, columns, runs } = &mut *self.document;
        ngrams.clear();
        ngrams.extend_from_slice(words);
        for (n, table) in (1..).zip(&self.vectorizer.longer) {
            if words.len() <= n {
                break;
            }
            ngrams.truncate(words.len() - n);
            for (ngrams, words) in ngrams.chunks_mut(CHECK_EVERY).zip(words[n..].chunks(CHECK_EVERY)) {
                check(self.cancel);
                pairs.clear();
                for (ngram, &word) in ngrams.iter().zip(words) {
                    let pair = pair(*ngram, word);
                    let slot = table.slot(pair);
                    prefetch(table.address(slot));
                    push(pairs, (pair, slot));
                }
                for (ngram, &(pair, slot)) in ngrams.iter_mut().zip(&*pairs) {
                    // Half of a pair that is no term's number is in no pair of the table.
                    *ngram = table.find_from(slot, pair).unwrap_or(NONE);
                    if *ngram != NONE {
                        let column = self.vectorizer.columns[n][*ngram as usize];
                        if column != NONE {
                            push(columns, column);
                        }
                    }
                }
            }
        }
        words.clear();
        push_row(self.counted, columns, runs, self.binary, self.cancel);
    }

    fn is_cancelled(&self) -> bool {
        self.cancel.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::base::memory::filled;
    use crate::core::base::packed_strings::PackedStrings;
    use crate::core::learning::rules::NgramRange;
    use crate::core::text::boundaries::WordChars;
    use crate::core::text::encoding::Text;
    use crate::core::text::transform::Transform;

    fn counts(terms: &[&str], ngrams: NgramRange, stop_words: &[&[u8]], texts: &[&str]) -> Vec<Vec<u32>> {
        let mut strings = PackedStrings::default();
        terms.iter().for_each(|term| strings.push(term.as_bytes()));
        let table = TermTable::of_strings(strings);
        let columns: Vec<u32> = (0..terms.len() as u32).collect();
        let rules = TokenRules::of_words(Transform::default(), WordChars::default(), true, ngrams, stop_words);
        let reversed: Vec<u32> = (0..terms.len() as u32).rev().collect();
        let order = (ngrams.most > 2).then_some(&reversed[..]);
        let documents = Documents::from_texts(texts.iter().map(|&text| Some(Text::from(text))));
        let run = RunOptions::with_workers(2);
        let vectorizer = Vectorizer::new(&table, &columns, order, Some(&rules), run).unwrap();
        let sparse = vectorizer.count(&rules, &documents, false, run).unwrap();
        let mut indptr = vec![0i32; texts.len() + 1];
        let (mut indices, mut data) = (vec![0i32; sparse.nonzero()], vec![0u32; sparse.nonzero()]);
        sparse.write(&mut indptr, &mut indices, &mut data, run).unwrap();
        let row = |bounds: &[i32]| {
            let mut row = filled(0, terms.len());
            (bounds[0]..bounds[1]).for_each(|at| row[indices[at as usize] as usize] = data[at as usize]);
            row
        };
        indptr.windows(2).map(row).collect()
    }

    #[test]
    fn terms_of_the_vocabulary_are_counted() {
        let terms = ["b", "a b", "new york city", "c d", "x,y", ""];
        let texts = ["b a b, a b", "", "new york city new york", "c x d c d", "x,y"];
        let range = NgramRange { least: 1, most: 3 };
        let rows = [[3, 2, 0, 0, 0, 0], [0; 6], [0, 0, 1, 0, 0, 0], [0, 0, 0, 1, 0, 0], [0; 6]];
        assert_eq!(counts(&terms, range, &[], &texts), rows);
        let rows = [[3, 2, 0, 0, 0, 0], [0; 6], [0, 0, 1, 0, 0, 0], [0, 0, 0, 2, 0, 0], [0; 6]];
        assert_eq!(counts(&terms, range, &[b"x"], &texts), rows);
        assert_eq!(counts(&terms, NgramRange::WORDS, &[], &texts)[0], [3, 0, 0, 0, 0, 0]);
        assert_eq!(counts(&terms, NgramRange { least: 2, most: 2 }, &[], &texts)[0], [0, 2, 0, 0, 0, 0]);
    }
}

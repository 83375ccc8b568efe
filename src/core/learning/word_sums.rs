//! Counts words while they are read, if neither rows nor n-grams are asked for. Memory depends only on the number of
//! different words.

use std::sync::atomic::{AtomicBool, Ordering};

use super::intern::{DROPPED, InternTable, NONE, Numbers};
use super::reader::{WordReader, WordSink};
use super::row_blocks::for_each_row_block;
use super::rules::TokenRules;
use super::word_blocks::{JoinedTables, has_few_words, join};
use crate::core::base::cancel::checked;
use crate::core::base::error::CountError;
use crate::core::base::packed_strings::PackedStrings;
use crate::core::documents::rows::Documents;
use crate::core::engines::words::fingerprint::Fingerprinter;
use crate::core::results::totals::Totals;
use crate::core::schedule::idle::Idle;
use crate::core::schedule::run_options::RunOptions;
use crate::core::schedule::workers::WorkerTeam;

/// How often a word occurs, in how many documents, and which document had it last. Aligned, so that one access loads
/// all of it.
#[derive(Clone, Copy, Default)]
#[repr(align(16))]
struct WordSum {
    count: u64,
    documents: u32,
    last: u32,
}

struct Worker {
    reader: WordReader,
    sums: Sums,
}

/// The sums of a worker's words.
struct Sums {
    table: InternTable,
    /// By number.
    words: Vec<WordSum>,
    /// The number of the document that is read. After `u32::MAX` comes 1 again.
    document: u32,
    /// By number: documents before 1 came again.
    earlier: Vec<u64>,
}

impl Sums {
    fn new(fingerprinter: Fingerprinter) -> Self {
        Self { table: InternTable::new(fingerprinter), words: Vec::new(), document: 1, earlier: Vec::new() }
    }

    fn make_room(&mut self) {
        if self.words.len() < self.table.len() {
            self.words.resize(self.table.len(), WordSum::default());
        }
    }

    #[inline]
    fn add(&mut self, words: &[u32]) {
        for &number in words {
            // Words that are left out are counted too, which is faster than a branch.
            let sum = &mut self.words[(number & !DROPPED) as usize];
            sum.count += 1;
            sum.documents += u32::from(sum.last != self.document);
            sum.last = self.document;
        }
    }

    fn end_document(&mut self) {
        self.document = self.document.checked_add(1).unwrap_or_else(|| {
            self.earlier.resize(self.words.len(), 0);
            for (sum, earlier) in self.words.iter_mut().zip(&mut self.earlier) {
                *earlier += u64::from(sum.documents);
                (sum.documents, sum.last) = (0, 0);
            }
            1
        });
    }

    fn documents(&self, number: usize) -> u64 {
        u64::from(self.words[number].documents) + self.earlier.get(number).unwrap_or(&0)
    }
}

/// The words of all documents in order of their bytes, and their totals.
pub fn sum_words(
    rules: &TokenRules,
    documents: &Documents<'_>,
    run: RunOptions<'_>,
) -> Result<(PackedStrings, Totals), CountError> {
    let fingerprinter = InternTable::fingerprinter();
    let idle = Idle::default();
    let make = || Worker { reader: WordReader::default(), sums: Sums::new(fingerprinter) };
    let (_, done) = for_each_row_block(documents, rules, run, &idle, make, |Worker { reader, sums }, block| {
        let mut sink = SumSink { rules, sums, cancel: block.cancel };
        (reader.read(rules, block.texts, block.range, &mut sink), ())
    })?;
    let mut sums: Vec<Sums> = idle.into_all().into_iter().map(|worker| worker.sums).collect();
    let take = |sums: &mut Sums| std::mem::replace(&mut sums.table, InternTable::new(fingerprinter));
    let tables: Vec<InternTable> = sums.iter_mut().map(take).collect();
    let on_progress = |_| (run.on_progress)(done);
    let run = RunOptions { on_progress: &on_progress, ..run };
    WorkerTeam::one(run, has_few_words(&tables), |cancel| {
        let JoinedTables { distinct, places } = join(tables, cancel);
        let mut totals = Totals::new(distinct.len());
        for (sums, places) in sums.iter().zip(places) {
            for (number, place) in checked(places.into_iter().enumerate(), cancel).filter(|(_, place)| *place != NONE)
            {
                totals.counts[place as usize] += sums.words[number].count;
                totals.documents[place as usize] += sums.documents(number);
            }
        }
        (distinct, totals)
    })
}

struct SumSink<'s> {
    rules: &'s TokenRules,
    sums: &'s mut Sums,
    cancel: &'s AtomicBool,
}

impl WordSink for SumSink<'_> {
    fn number(&mut self, text: &[u8], starts: &[u32], ends: &[u32], numbers: &mut Numbers) {
        self.sums.table.insert_all(text, starts, ends, numbers, |word| self.rules.keeps(word));
        self.sums.make_room();
    }

    fn number_long(&mut self, word: &[u8]) -> u32 {
        let number = self.sums.table.insert(word, |word| self.rules.keeps(word));
        self.sums.make_room();
        number
    }

    #[inline]
    fn take(&mut self, words: &[u32]) {
        self.sums.add(words);
    }

    fn clause_end(&mut self) {}

    fn end_document(&mut self) {
        self.sums.end_document();
    }

    fn is_cancelled(&self) -> bool {
        self.cancel.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_counted_beyond_32_bits() {
        let mut sums = Sums::new(InternTable::fingerprinter());
        for word in [b"a", b"b", b"c"] {
            sums.table.insert(word, |_| true);
        }
        sums.make_room();
        sums.document = u32::MAX - 1;
        for words in [&[0, 1, 1][..], &[1], &[1, 2], &[0, 1]] {
            sums.add(words);
            sums.end_document();
        }
        assert_eq!([0, 1, 2].map(|number| sums.documents(number)), [2, 4, 1]);
        assert_eq!([0, 1, 2].map(|number| sums.words[number].count), [2, 5, 1]);
        assert_eq!(sums.document, 3);
    }
}

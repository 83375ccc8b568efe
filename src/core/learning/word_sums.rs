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
use crate::core::results::totals::Totals;
use crate::core::schedule::idle::Idle;
use crate::core::schedule::run_options::RunOptions;
use crate::core::schedule::workers::WorkerTeam;

/// How often a word occurs, in how many documents, and one more than the last of these. It never crosses a cache line.
#[derive(Clone, Copy, Default)]
#[repr(align(16))]
struct WordSum {
    count: u64,
    documents: u32,
    last: u32,
}

struct Worker {
    reader: WordReader,
    table: InternTable,
    /// By number.
    sums: Vec<WordSum>,
    /// Documents that this worker has begun to read.
    documents: u32,
}

/// The words of all documents in order of their bytes, and their totals.
pub fn sum_words(
    rules: &TokenRules,
    documents: &Documents<'_>,
    run: RunOptions<'_>,
) -> Result<(PackedStrings, Totals), CountError> {
    let fingerprinter = InternTable::fingerprinter();
    let idle = Idle::default();
    let make = || Worker {
        reader: WordReader::default(),
        table: InternTable::new(fingerprinter),
        sums: Vec::new(),
        documents: 1,
    };
    let (_, done) = for_each_row_block(documents, rules, run, &idle, make, |worker, block| {
        let Worker { reader, table, sums, documents } = worker;
        let mut sink = SumSink { rules, table, sums, documents, cancel: block.cancel };
        (reader.read(rules, block.texts, block.range, &mut sink), ())
    })?;
    let (tables, sums): (Vec<_>, Vec<_>) =
        idle.into_all().into_iter().map(|worker| (worker.table, worker.sums)).unzip();
    let on_progress = |_| (run.on_progress)(done);
    let run = RunOptions { on_progress: &on_progress, ..run };
    WorkerTeam::one(run, has_few_words(&tables), |cancel| {
        let JoinedTables { distinct, places } = join(tables, cancel);
        let mut totals = Totals::new(distinct.len());
        for (sums, places) in sums.iter().zip(places) {
            for (sum, place) in checked(sums.iter().zip(places), cancel).filter(|(_, place)| *place != NONE) {
                totals.counts[place as usize] += sum.count;
                totals.documents[place as usize] += u64::from(sum.documents);
            }
        }
        (distinct, totals)
    })
}

struct SumSink<'s> {
    rules: &'s TokenRules,
    table: &'s mut InternTable,
    sums: &'s mut Vec<WordSum>,
    documents: &'s mut u32,
    cancel: &'s AtomicBool,
}

impl SumSink<'_> {
    fn make_room(&mut self) {
        if self.sums.len() < self.table.len() {
            self.sums.resize(self.table.len(), WordSum::default());
        }
    }
}

impl WordSink for SumSink<'_> {
    fn number(&mut self, text: &[u8], starts: &[u32], ends: &[u32], numbers: &mut Numbers) {
        self.table.insert_all(text, starts, ends, numbers, |word| self.rules.keeps(word));
        self.make_room();
    }

    fn number_long(&mut self, word: &[u8]) -> u32 {
        let number = self.table.insert(word, |word| self.rules.keeps(word));
        self.make_room();
        number
    }

    #[inline]
    fn take(&mut self, words: &[u32]) {
        for &number in words {
            // Words that are left out are counted too, which is faster than a branch.
            let sum = &mut self.sums[(number & !DROPPED) as usize];
            sum.count += 1;
            sum.documents += u32::from(sum.last != *self.documents);
            sum.last = *self.documents;
        }
    }

    fn clause_end(&mut self) {}

    fn end_document(&mut self) {
        *self.documents += 1;
    }

    fn is_cancelled(&self) -> bool {
        self.cancel.load(Ordering::Relaxed)
    }
}

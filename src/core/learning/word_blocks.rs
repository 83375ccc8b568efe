//! The words of documents as numbers, row block by row block.
//!
//! Each worker numbers the words that it finds. At the end the words of all workers are sorted, and each gets a place.

use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};

use super::append::append_kept;
use super::given::{TermSink, read_given};
use super::intern::{DROPPED, InternTable, NONE, Numbers};
use super::reader::{WordReader, WordSink};
use super::row_blocks::{RowBlock, for_each_row_block};
use super::rules::TokenRules;
use crate::core::base::cancel::checked;
use crate::core::base::error::CountError;
use crate::core::base::memory::{self, collected, filled, push};
use crate::core::base::packed_strings::PackedStrings;
use crate::core::base::simd::{self, Level};
use crate::core::documents::rows::Documents;
use crate::core::engines::words::fingerprint::Fingerprinter;
use crate::core::schedule::idle::Idle;
use crate::core::schedule::run_options::RunOptions;
use crate::core::schedule::workers::WorkerTeam;

/// Marks a term where it occurs for the first time.
pub const FIRST: u32 = 1 << 31;

/// The terms of consecutive documents. A number may have the mark [`FIRST`].
#[derive(Debug, Default)]
pub struct WordBlock {
    /// Whose numbers the words have: an index of [`AllWords::places`].
    pub owner: u32,
    /// The number of each word that is kept, in order. [`NONE`] is the end of a clause.
    pub words: Vec<u32>,
    /// For n-grams of two words, three words and so on: the number of the one that begins at each word, or [`NONE`].
    pub ngrams: Vec<Vec<u32>>,
    /// Where each document ends.
    pub ends: Vec<u32>,
}

impl WordBlock {
    /// The words of each document, as ranges.
    pub fn documents(&self) -> impl Iterator<Item = Range<usize>> + '_ {
        let mut start = 0;
        self.ends.iter().map(move |&end| std::mem::replace(&mut start, end as usize)..end as usize)
    }

    /// The n-grams of `n` words that begin at each word.
    pub fn of_length(&self, n: usize) -> &[u32] {
        if n == 1 { &self.words } else { &self.ngrams[n - 2] }
    }
}

/// The words of all documents.
#[derive(Debug, Default)]
pub struct AllWords {
    pub blocks: Vec<WordBlock>,
    /// The distinct words that are kept, in order of their bytes.
    pub distinct: PackedStrings,
    /// By owner and number: the place of a word among the distinct ones, or [`NONE`] if it is left out.
    pub places: Vec<Vec<u32>>,
    /// By place: the block and the index there where a word occurs first.
    pub first: Vec<(u32, u32)>,
    pub documents: usize,
    /// Bytes of text that were read.
    pub done: u64,
}

/// A worker: its table, and the row blocks that it has read, with their places among all row blocks.
struct Worker {
    reader: WordReader,
    /// The words of a block while it is read.
    words: Vec<u32>,
    table: InternTable,
    /// By number: the row block and the place where a word was found first.
    first: Vec<(u32, u32)>,
    blocks: Vec<(u32, WordBlock)>,
}

impl Worker {
    fn new(fingerprinter: Fingerprinter) -> Self {
        Self {
            reader: WordReader::default(),
            words: Vec::new(),
            table: InternTable::new(fingerprinter),
            first: Vec::new(),
            blocks: Vec::new(),
        }
    }
}

impl AllWords {
    /// Reads all documents.
    pub fn read(rules: &TokenRules, documents: &Documents<'_>, run: RunOptions<'_>) -> Result<Self, CountError> {
        let fingerprinter = InternTable::fingerprinter();
        // A worker reads its row blocks in order, so a word is found first where it is inserted.
        let idle = Idle::default();
        let make = || Worker::new(fingerprinter);
        let (_, done) = for_each_row_block(documents, rules, run, &idle, make, |worker, block| {
            let Worker { reader, words, table, first, blocks } = worker;
            let RowBlock { number, texts, range, cancel } = block;
            let ends = memory::with_room(range.len());
            let level = simd::level();
            let mut sink = BlockSink { rules, table, first, number, level, words, ends, cancel };
            let bytes = reader.read(rules, texts, range, &mut sink);
            push(blocks, (number, sink.finish()));
            (bytes, ())
        })?;
        let on_progress = |_| (run.on_progress)(done);
        let run = RunOptions { on_progress: &on_progress, ..run };
        Ok(Self { documents: documents.len(), done, ..joined(idle.into_all(), run)? })
    }

    /// Reads documents whose words are given: those of document `i` are `words[ends[i - 1]..ends[i]]`.
    pub fn of_given(words: &Documents<'_>, ends: &[i64], run: RunOptions<'_>) -> Result<Self, CountError> {
        let mut sink = GivenSink { worker: Worker::new(InternTable::fingerprinter()), block: WordBlock::default() };
        read_given(words, ends, run, &mut sink)?;
        sink.end_block();
        Ok(Self { documents: ends.len(), done: words.nbytes(), ..joined(vec![sink.worker], run)? })
    }
}

/// Numbers given words.
struct GivenSink {
    worker: Worker,
    block: WordBlock,
}

impl GivenSink {
    fn end_block(&mut self) {
        let number = self.worker.blocks.len() as u32;
        push(&mut self.worker.blocks, (number, std::mem::take(&mut self.block)));
    }
}

impl TermSink for GivenSink {
    fn term(&mut self, term: &[u8]) {
        let Self { worker: Worker { table, first, blocks, .. }, block } = self;
        let number = table.insert(term, |_| true);
        if number as usize == first.len() {
            push(first, (blocks.len() as u32, block.words.len() as u32));
        }
        push(&mut block.words, number);
    }

    fn end_document(&mut self, _: &AtomicBool) {
        push(&mut self.block.ends, self.block.words.len() as u32);
        if self.block.words.len() >= BLOCK_WORDS {
            self.end_block();
        }
    }
}

/// Given words in a block, if documents are short.
const BLOCK_WORDS: usize = 64 << 10;

/// Takes the words of a row block.
struct BlockSink<'s> {
    rules: &'s TokenRules,
    table: &'s mut InternTable,
    first: &'s mut Vec<(u32, u32)>,
    number: u32,
    level: Level,
    words: &'s mut Vec<u32>,
    ends: Vec<u32>,
    cancel: &'s AtomicBool,
}

impl BlockSink<'_> {
    fn finish(self) -> WordBlock {
        let words = memory::copied(self.words);
        self.words.clear();
        WordBlock { words, ends: self.ends, ..WordBlock::default() }
    }
}

impl WordSink for BlockSink<'_> {
    fn number(&mut self, text: &[u8], starts: &[u32], ends: &[u32], numbers: &mut Numbers) {
        self.table.insert_all(text, starts, ends, numbers, |word| self.rules.keeps(word));
    }

    fn number_long(&mut self, word: &[u8]) -> u32 {
        self.table.insert(word, |word| self.rules.keeps(word))
    }

    #[inline]
    fn take(&mut self, words: &[u32]) {
        let before = self.words.len();
        assert!(before + words.len() < FIRST as usize, "fewer than 2^31 words in a row block");
        append_kept(self.level, words, self.words);
        // New words have the highest numbers. Most documents have none.
        let words = &self.words[before..];
        if words.iter().fold(0, |most, &number| number.max(most)) as usize >= self.first.len() {
            for (at, &number) in (before..).zip(words) {
                if number as usize >= self.first.len() {
                    self.first.resize(number as usize + 1, (NONE, NONE));
                    self.first[number as usize] = (self.number, at as u32);
                }
            }
        }
    }

    fn clause_end(&mut self) {
        push(self.words, NONE);
    }

    fn end_document(&mut self) {
        push(&mut self.ends, self.words.len() as u32);
    }

    fn is_cancelled(&self) -> bool {
        self.cancel.load(Ordering::Relaxed)
    }
}

impl AllWords {
    /// Gives each word the number of its place, with the mark [`FIRST`] where it occurs first.
    pub fn number_by_place(&mut self, run: RunOptions<'_>) -> Result<(), CountError> {
        let words: usize = self.blocks.iter().map(|block| block.words.len()).sum();
        let is_small = words < INLINE_WORDS;
        let team = WorkerTeam::new(run, 0, is_small);
        team.map(&mut self.blocks, |block| {
            let places = &self.places[block.owner as usize];
            let words = checked(&mut block.words, &team.cancel).filter(|word| **word != NONE);
            words.for_each(|word| *word = places[*word as usize]);
            block.owner = 0;
        })?;
        WorkerTeam::one(run, is_small, |cancel| {
            for &(block, index) in checked(&self.first, cancel) {
                self.blocks[block as usize].words[index as usize] |= FIRST;
            }
        })?;
        self.places.clear();
        Ok(())
    }
}

/// Fewer words than this are numbered on the calling thread.
const INLINE_WORDS: usize = 64 << 10;

/// Joins what workers have read.
fn joined(mut workers: Vec<Worker>, run: RunOptions<'_>) -> Result<AllWords, CountError> {
    // The largest table first, so that few words are inserted.
    workers.sort_by_key(|worker| std::cmp::Reverse(worker.table.len()));
    let (mut tables, mut firsts, mut blocks) = (Vec::new(), Vec::new(), Vec::new());
    for (owner, worker) in (0..).zip(workers) {
        blocks.extend(worker.blocks.into_iter().map(|(number, block)| (number, WordBlock { owner, ..block })));
        tables.push(worker.table);
        firsts.push(worker.first);
    }
    let (JoinedTables { distinct, places }, first) = WorkerTeam::one(run, has_few_words(&tables), |cancel| {
        let joined = join(tables, cancel);
        let mut first = filled((NONE, NONE), joined.distinct.len());
        for (own, places) in firsts.into_iter().zip(&joined.places) {
            for (found, &place) in checked(own.into_iter().zip(places), cancel).filter(|(_, place)| **place != NONE) {
                first[place as usize] = found.min(first[place as usize]);
            }
        }
        (joined, first)
    })?;
    blocks.sort_unstable_by_key(|(number, _)| *number);
    let blocks = collected(blocks.into_iter().map(|(_, block)| block));
    Ok(AllWords { blocks, distinct, places, first, documents: 0, done: 0 })
}

/// The words of several tables.
pub struct JoinedTables {
    /// The distinct words that are kept, in order of their bytes.
    pub distinct: PackedStrings,
    /// By table and number: the place of a word among these, or [`NONE`] if it is left out.
    pub places: Vec<Vec<u32>>,
}

/// Whether tables can be joined on the calling thread.
pub fn has_few_words(tables: &[InternTable]) -> bool {
    tables.iter().map(InternTable::len).sum::<usize>() < INLINE_WORDS
}

/// Joins tables, and sorts their words.
pub fn join(tables: Vec<InternTable>, cancel: &AtomicBool) -> JoinedTables {
    let mut tables = tables.into_iter();
    let mut distinct = PackedStrings::default();
    let Some(mut all) = tables.next() else { return JoinedTables { distinct, places: Vec::new() } };
    let first = all.len();
    let mut numbers: Vec<Vec<u32>> = tables.map(|table| all.join(&table, cancel)).collect();
    numbers.insert(0, collected(0..first as u32));
    let kept = all.words().sorted((0..all.len() as u32).filter(|&number| !all.is_dropped(number)), cancel);
    let mut places = filled(NONE, all.len());
    for (place, &number) in checked((0..).zip(&kept), cancel) {
        places[number as usize] = place;
        distinct.push(all.words().get(number as usize));
    }
    for number in checked(numbers.iter_mut().flatten(), cancel) {
        *number = places[(*number & !DROPPED) as usize];
    }
    JoinedTables { distinct, places: numbers }
}

//! The words of documents as numbers, row block by row block.
//!
//! Each worker numbers the words that it finds. At the end the words of all workers are sorted, and each gets a place.

use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};

use super::intern::{DROPPED, InternTable, NONE, Numbers};
use super::reader::{WordReader, WordSink};
use super::rules::TokenRules;
use crate::core::base::error::CountError;
use crate::core::base::memory::{self, collected, filled, push};
use crate::core::base::packed_strings::PackedStrings;
use crate::core::documents::rows::Documents;
use crate::core::engines::words::fingerprint::Fingerprinter;
use crate::core::schedule::idle::Idle;
use crate::core::schedule::load_blocks::load_blocks;
use crate::core::schedule::run_options::{CancelTimer, RunOptions};
use crate::core::schedule::tile::row_blocks;
use crate::core::schedule::workers::WorkerTeam;
use crate::core::text::transform::Transform;

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
        let (mut blocks_before, mut done) = (0, 0);
        let expanded = documents.rows().map(|_| Documents::from_texts(documents.iter()));
        load_blocks(expanded.as_ref().unwrap_or(documents), run, |_, part, run| {
            let texts = part.texts();
            let ranges = row_blocks(texts, run.tile_sizes, &CancelTimer::new(run.on_progress))?;
            let team = WorkerTeam::new(run, 0, texts.nbytes() < INLINE_BYTES && texts.len() < INLINE_TEXTS);
            let begin = || idle.lease(|| Worker::new(fingerprinter));
            team.work(ranges.len(), begin, |worker, i| {
                let Worker { reader, words, table, first, blocks } = &mut **worker;
                let number = (blocks_before + i) as u32;
                let mut sink = BlockSink {
                    rules,
                    table,
                    first,
                    number,
                    words,
                    ends: memory::with_room(ranges[i].len()),
                    cancel: &team.cancel,
                };
                let bytes = reader.read(rules, texts, ranges[i].clone(), &mut sink);
                push(blocks, (number, sink.finish()));
                team.done.fetch_add(bytes as u64, Ordering::Relaxed);
            })?;
            blocks_before += ranges.len();
            done += team.bytes_done();
            Ok(())
        })?;
        let mut all = join(idle.into_all());
        (all.documents, all.done) = (documents.len(), done);
        Ok(all)
    }

    /// Reads documents whose words are given: those of document `i` are `words[ends[i - 1]..ends[i]]`.
    pub fn of_words(words: &Documents<'_>, ends: &[i64], run: RunOptions<'_>) -> Result<Self, CountError> {
        let mut worker = Worker::new(InternTable::fingerprinter());
        let timer = CancelTimer::new(run.on_progress);
        let (mut spelled, mut block, mut documents, mut error) =
            (Vec::new(), WordBlock::default(), ends.iter(), None);
        let mut next_end = documents.next();
        let mut end_documents = |block: &mut WordBlock, word: usize| {
            while next_end.is_some_and(|&end| end <= word as i64) {
                push(&mut block.ends, block.words.len() as u32);
                next_end = documents.next();
            }
        };
        words.for_each_text(|word, text| {
            end_documents(&mut block, word);
            if block.words.len() >= BLOCK_WORDS && block.ends.last() == Some(&(block.words.len() as u32)) {
                let number = worker.blocks.len() as u32;
                push(&mut worker.blocks, (number, std::mem::take(&mut block)));
            }
            spelled.clear();
            if let Some(text) = text {
                Transform::default().append(text, &mut spelled);
            }
            let number = worker.table.insert(&spelled, |_| true);
            if number as usize == worker.first.len() {
                push(&mut worker.first, (worker.blocks.len() as u32, block.words.len() as u32));
            }
            push(&mut block.words, number);
            if word.is_multiple_of(1024) {
                error = timer.check().err();
            }
            error.is_none()
        })?;
        end_documents(&mut block, words.len());
        if let Some(error) = error {
            return Err(error);
        }
        let number = worker.blocks.len() as u32;
        push(&mut worker.blocks, (number, block));
        let mut all = join(vec![worker]);
        (all.documents, all.done) = (ends.len(), words.nbytes());
        Ok(all)
    }
}

/// Below both of these limits, documents are read on the calling thread.
const INLINE_BYTES: u64 = 128 << 10;
const INLINE_TEXTS: usize = 8 << 10;

/// Given words in a block, if documents are short.
const BLOCK_WORDS: usize = 64 << 10;

/// Takes the words of a row block.
struct BlockSink<'s> {
    rules: &'s TokenRules,
    table: &'s mut InternTable,
    first: &'s mut Vec<(u32, u32)>,
    number: u32,
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
        memory::extend(self.words, words);
        // New words have the highest numbers. Most documents have none.
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
        let team = WorkerTeam::new(run, 0, words < INLINE_WORDS);
        team.map(&mut self.blocks, |block| {
            let places = &self.places[block.owner as usize];
            block.words.iter_mut().filter(|word| **word != NONE).for_each(|word| *word = places[*word as usize]);
            block.owner = 0;
        })?;
        for &(block, index) in &self.first {
            self.blocks[block as usize].words[index as usize] |= FIRST;
        }
        self.places.clear();
        Ok(())
    }
}

/// Fewer words than this are numbered on the calling thread.
const INLINE_WORDS: usize = 64 << 10;

/// Joins what workers have read, and sorts the words of all.
fn join(mut workers: Vec<Worker>) -> AllWords {
    // The largest table, so that few words are inserted.
    workers.sort_by_key(|worker| std::cmp::Reverse(worker.table.len()));
    let mut workers = workers.into_iter();
    let Some(largest) = workers.next() else { return AllWords::default() };
    let Worker { mut table, mut first, mut blocks, .. } = largest;
    // By owner and number: the number in the joined table. Those of the first owner stay.
    let mut joined: Vec<Vec<u32>> = Vec::new();
    for worker in workers {
        let numbers = table.join(&worker.table);
        for (&number, &place) in numbers.iter().zip(&worker.first).filter(|(number, _)| **number < DROPPED) {
            if number as usize >= first.len() {
                first.resize(number as usize + 1, (NONE, NONE));
            }
            first[number as usize] = first[number as usize].min(place);
        }
        push(&mut joined, numbers);
        let owner = joined.len() as u32;
        blocks.extend(worker.blocks.into_iter().map(|(number, block)| (number, WordBlock { owner, ..block })));
    }
    // Words that are left out were never found in a block.
    let kept = first.iter().enumerate().filter(|(_, place)| place.0 != NONE).map(|(number, _)| number as u32);
    let kept = table.words().sorted(kept);
    let mut places = filled(NONE, table.len());
    let mut distinct = PackedStrings::default();
    for (place, &number) in kept.iter().enumerate() {
        places[number as usize] = place as u32;
        distinct.push(table.words().get(number as usize));
    }
    for numbers in &mut joined {
        numbers.iter_mut().for_each(|number| *number = places.get(*number as usize).copied().unwrap_or(NONE));
    }
    joined.insert(0, places);
    blocks.sort_unstable_by_key(|(number, _)| *number);
    AllWords {
        blocks: collected(blocks.into_iter().map(|(_, block)| block)),
        distinct,
        places: joined,
        first: collected(kept.into_iter().map(|number| first[number as usize])),
        documents: 0,
        done: 0,
    }
}

//! From the numbers of words and n-grams to rows, counts, and the number of documents of each term.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use super::intern::NONE;
use super::word_blocks::{FIRST, WordBlock};
use crate::core::base::cancel::{CHECK_EVERY, check, checked, sort_by};
use crate::core::base::error::CountError;
use crate::core::base::memory::{self, collected, filled};
use crate::core::base::simd::{self, prefetch};
use crate::core::counting::count_block::CountBlock;
use crate::core::counting::runs::Runs;
use crate::core::counting::sort::sort;
use crate::core::results::totals::Totals;
use crate::core::schedule::idle::Idle;
use crate::core::schedule::run_options::RunOptions;
use crate::core::schedule::workers::WorkerTeam;

/// Fewer words than this are counted on the calling thread.
const INLINE_WORDS: usize = 64 << 10;

/// The number of each term, by the number of its words and its place among the n-grams of that length.
pub struct TermNumbers {
    /// The fewest words of a term.
    least: usize,
    /// By the number of words, from `least` on.
    lists: Vec<Vec<AtomicU32>>,
    /// If the words of blocks are not numbered by place: the number of each term, by owner and its number there.
    by_owner: Vec<Vec<AtomicU32>>,
}

impl TermNumbers {
    pub fn new(least: usize, lengths: impl Iterator<Item = usize>, cancel: &AtomicBool) -> Self {
        let list = |len| collected(checked(0..len, cancel).map(|_| AtomicU32::new(NONE)));
        Self { least, lists: lengths.map(list).collect(), by_owner: Vec::new() }
    }

    /// The number of terms.
    pub fn len(&self) -> usize {
        self.lists.iter().map(Vec::len).sum()
    }

    /// The number of a term: how many words it has, and its place among those.
    pub fn get(&self, (n, place): (u32, u32)) -> u32 {
        self.lists[n as usize - self.least][place as usize].load(Ordering::Relaxed)
    }

    pub fn set(&self, (n, place): (u32, u32), number: u32) {
        self.lists[n as usize - self.least][place as usize].store(number, Ordering::Relaxed);
    }

    /// Each list of a block, with the numbers of its terms.
    fn of<'t>(&'t self, block: &'t WordBlock) -> impl Iterator<Item = (&'t [u32], &'t [AtomicU32])> {
        (self.least..).zip(&self.lists).map(|(n, numbers)| {
            let own = self.by_owner.get(block.owner as usize).filter(|_| n == 1);
            (block.of_length(n), &own.unwrap_or(numbers)[..])
        })
    }

    /// For terms of one word: numbers those of blocks that are not numbered by place.
    pub fn number_by_owner(&mut self, places: &[Vec<u32>], cancel: &AtomicBool) {
        let number = |&place: &u32| if place == NONE { NONE } else { self.get((1, place)) };
        let list = |places| collected(checked(places, cancel).map(|place| AtomicU32::new(number(place))));
        self.by_owner = places.iter().map(list).collect();
    }

    /// For terms of one word: numbers them by where they occur first.
    pub fn number_words_by_occurrence(&self, first: &[(u32, u32)], cancel: &AtomicBool) {
        let key = |((block, index), place): (&(u32, u32), u32)| (u64::from(*block) << 32 | u64::from(*index), place);
        let mut order: Vec<(u64, u32)> = collected(checked(first.iter().zip(0..), cancel).map(key));
        sort_by(&mut order, cancel, Ord::cmp);
        checked((0..).zip(order), cancel).for_each(|(number, (_, place))| self.set((1, place), number));
    }

    /// Numbers terms by where they occur first: document by document, shorter ones first.
    pub fn number_by_occurrence(&self, blocks: &[WordBlock], run: RunOptions<'_>) -> Result<(), CountError> {
        let is_first = |&&term: &&u32| term & FIRST != 0 && term != NONE;
        let is_small = is_small(blocks, self.lists.len());
        let team = WorkerTeam::new(run, 0, is_small);
        let count = |terms: &[u32]| {
            check(&team.cancel);
            terms.iter().filter(is_first).count()
        };
        let counts = team.map(blocks, |block| self.of(block).map(|(terms, _)| count(terms)).sum())?;
        let mut before = 0;
        let bases: Vec<usize> = collected(counts.into_iter().map(|count: usize| {
            before += count;
            before - count
        }));
        let team = WorkerTeam::new(run, 0, is_small);
        team.map(blocks.iter().zip(bases), |(block, base)| {
            let mut next = base as u32;
            let lists: Vec<_> = self.of(block).collect();
            for document in block.documents() {
                for (terms, numbers) in &lists {
                    for terms in terms[document.clone()].chunks(CHECK_EVERY) {
                        check(&team.cancel);
                        for &term in terms.iter().filter(is_first) {
                            numbers[(term & !FIRST) as usize].store(next, Ordering::Relaxed);
                            next += 1;
                        }
                    }
                }
            }
        })?;
        Ok(())
    }
}

/// `lengths` is the number of lengths that terms have, in words.
fn is_small(blocks: &[WordBlock], lengths: usize) -> bool {
    blocks.iter().map(|block| block.words.len()).sum::<usize>() * lengths < INLINE_WORDS
}

/// A worker's sums, and the terms of one document.
struct Worker {
    /// By term: its count, and the number of documents that have it.
    sums: Vec<[u32; 2]>,
    /// Terms counted in `sums`, which must not overflow.
    pending: usize,
    totals: Option<Totals>,
    terms: Vec<u32>,
    runs: Runs,
    /// Empty between row blocks.
    counted: CountBlock,
}

/// A worker moves its sums to totals of 64 bits after this many terms.
const MOST_PENDING: usize = 1 << 31;

impl Worker {
    fn new(n_terms: usize) -> Self {
        let (terms, runs, counted) = (Vec::new(), Runs::default(), CountBlock::default());
        Self { sums: filled([0; 2], n_terms), pending: 0, totals: None, terms, runs, counted }
    }

    fn flush(&mut self) {
        let totals = self.totals.get_or_insert_with(|| Totals::new(self.sums.len()));
        let lists = totals.counts.iter_mut().zip(&mut totals.documents);
        for ((count, documents), sums) in lists.zip(&mut self.sums) {
            let [more, more_documents] = std::mem::take(sums);
            *count += u64::from(more);
            *documents += u64::from(more_documents);
        }
        self.pending = 0;
    }
}

/// Counts the terms of each document. Returns the totals of the terms in this order, and with `rows` the counts of each
/// document by number.
pub fn tally(
    blocks: Vec<WordBlock>,
    numbers: &TermNumbers,
    order: &[(u32, u32)],
    rows: bool,
    run: RunOptions<'_>,
) -> Result<(Totals, Vec<CountBlock>), CountError> {
    let (idle, level) = (Idle::default(), simd::level());
    let is_small = is_small(&blocks, numbers.lists.len());
    let team = WorkerTeam::new(run, 0, is_small);
    let counted = team.map(blocks, |block| {
        let mut worker = idle.lease(|| Worker::new(numbers.len()));
        let lists: Vec<_> = numbers.of(&block).collect();
        let in_block: usize = lists.iter().map(|(terms, _)| terms.len()).sum();
        if worker.pending + in_block > MOST_PENDING {
            worker.flush();
        }
        worker.pending += in_block;
        let Worker { sums, terms, runs, counted, .. } = &mut *worker;
        for document in block.documents() {
            terms.clear();
            memory::reserve(terms, lists.len() * document.len());
            for (list, numbers) in &lists {
                for list in list[document.clone()].chunks(CHECK_EVERY) {
                    check(&team.cancel);
                    for &term in list.iter().filter(|&&term| term != NONE) {
                        let number = numbers[(term & !FIRST) as usize].load(Ordering::Relaxed);
                        // The sums of millions of terms do not fit the caches. They are loaded while the terms are
                        // sorted.
                        prefetch(sums.as_ptr().wrapping_add(number as usize));
                        terms.push(number);
                    }
                }
            }
            sort(level, terms, &team.cancel);
            runs.find(level, terms);
            for (numbers, counts) in runs.numbers().chunks(CHECK_EVERY).zip(runs.counts().chunks(CHECK_EVERY)) {
                check(&team.cancel);
                for (&number, &count) in numbers.iter().zip(counts) {
                    let sums = &mut sums[number as usize];
                    *sums = [sums[0] + count, sums[1] + 1];
                }
            }
            if rows {
                counted.push_runs(runs);
            }
        }
        counted.take()
    })?;
    let totals = add_up(&idle.into_all(), numbers, order, is_small, run)?;
    Ok((totals, if rows { counted } else { Vec::new() }))
}

/// Adds up what workers counted.
fn add_up(
    workers: &[Worker],
    numbers: &TermNumbers,
    order: &[(u32, u32)],
    is_small: bool,
    run: RunOptions<'_>,
) -> Result<Totals, CountError> {
    let mut sum = Totals::new(order.len());
    let lists = sum.counts.chunks_mut(ADDED_TERMS).zip(sum.documents.chunks_mut(ADDED_TERMS));
    let team = WorkerTeam::new(run, 0, is_small);
    team.map(lists.zip(order.chunks(ADDED_TERMS)), |((counts, documents), order)| {
        for ((count, documents), &term) in counts.iter_mut().zip(documents).zip(order) {
            let number = numbers.get(term) as usize;
            for worker in workers {
                let [more, more_documents] = worker.sums[number];
                *count += u64::from(more);
                *documents += u64::from(more_documents);
                if let Some(totals) = &worker.totals {
                    *count += totals.counts[number];
                    *documents += totals.documents[number];
                }
            }
        }
    })?;
    Ok(sum)
}

/// Terms that a worker adds up at a time.
const ADDED_TERMS: usize = 16 << 10;

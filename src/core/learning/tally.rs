//! From the numbers of words and n-grams to rows, counts, and the number of documents of each term.

use std::sync::atomic::{AtomicU32, Ordering};

use super::intern::NONE;
use super::word_blocks::{FIRST, WordBlock};
use crate::core::base::error::CountError;
use crate::core::base::memory::{collected, push, with_room};
use crate::core::counting::count_block::CountBlock;
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
}

impl TermNumbers {
    pub fn new(least: usize, lengths: impl Iterator<Item = usize>) -> Self {
        let list = |len| collected((0..len).map(|_| AtomicU32::new(NONE)));
        Self { least, lists: lengths.map(list).collect() }
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
        (self.least..).zip(&self.lists).map(|(n, numbers)| (block.of_length(n), &numbers[..]))
    }

    /// Numbers terms by where they occur first: document by document, shorter ones first.
    pub fn number_by_occurrence(&self, blocks: &[WordBlock], run: RunOptions<'_>) -> Result<(), CountError> {
        let is_first = |&&term: &&u32| term & FIRST != 0 && term != NONE;
        let team = WorkerTeam::new(run, 0, is_small(blocks));
        let counts =
            team.map(blocks, |block| self.of(block).map(|(terms, _)| terms.iter().filter(is_first).count()).sum())?;
        let mut before = 0;
        let bases: Vec<usize> = collected(counts.into_iter().map(|count: usize| {
            before += count;
            before - count
        }));
        let team = WorkerTeam::new(run, 0, is_small(blocks));
        team.map(blocks.iter().zip(bases), |(block, base)| {
            let mut next = base as u32;
            let lists: Vec<_> = self.of(block).collect();
            for document in block.documents() {
                for (terms, numbers) in &lists {
                    for &term in terms[document.clone()].iter().filter(is_first) {
                        numbers[(term & !FIRST) as usize].store(next, Ordering::Relaxed);
                        next += 1;
                    }
                }
            }
        })?;
        Ok(())
    }
}

fn is_small(blocks: &[WordBlock]) -> bool {
    blocks.iter().map(|block| block.words.len()).sum::<usize>() < INLINE_WORDS
}

/// A worker's sums, and the terms of one document.
struct Worker {
    totals: Totals,
    terms: Vec<u32>,
}

/// Counts the terms of each document. Returns the totals by number, and with `rows` the counts of each document.
pub fn tally(
    blocks: Vec<WordBlock>,
    numbers: &TermNumbers,
    rows: bool,
    run: RunOptions<'_>,
) -> Result<(Totals, Vec<CountBlock>), CountError> {
    let idle = Idle::default();
    let team = WorkerTeam::new(run, 0, is_small(&blocks));
    let counted = team.map(blocks, |block| {
        let mut worker = idle.lease(|| Worker { totals: Totals::new(numbers.len()), terms: Vec::new() });
        let Worker { totals, terms } = &mut *worker;
        let lists: Vec<_> = numbers.of(&block).collect();
        let mut counted = CountBlock::default();
        for document in block.documents() {
            terms.clear();
            for (list, numbers) in &lists {
                let list = list[document.clone()].iter().filter(|&&term| term != NONE);
                let list = list.map(|&term| numbers[(term & !FIRST) as usize].load(Ordering::Relaxed));
                list.for_each(|number| push(terms, number));
            }
            terms.sort_unstable();
            let mut rest = &terms[..];
            while let Some(&number) = rest.first() {
                let count = rest.iter().take_while(|&&other| other == number).count();
                totals.counts[number as usize] += count as u64;
                totals.documents[number as usize] += 1;
                rest = &rest[count..];
            }
            if rows {
                counted.push_sorted(terms);
            }
        }
        counted.take()
    })?;
    let mut sum = Totals::new(numbers.len());
    idle.into_all().iter().for_each(|worker| sum.add(&worker.totals));
    Ok((sum, if rows { counted } else { with_room(0) }))
}

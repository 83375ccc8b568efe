//! Numbers n-grams, from those with one word less.
//!
//! An n-gram is a pair: the number of its first `n - 1` words, and its last word. Millions of different pairs do not
//! fit the caches. So the pairs are scattered into parts by ranges of the first number, about 32 thousand to a part.
//! Each part is numbered by itself with a small table. Since parts are ranges, their sorted pairs are in order as a
//! whole.

use std::sync::atomic::AtomicBool;

use super::intern::NONE;
use super::word_blocks::{FIRST, WordBlock};
use crate::core::base::cancel::{CHECK_EVERY, check, checked, sort_by};
use crate::core::base::error::CountError;
use crate::core::base::hash_seed::PairHash;
use crate::core::base::memory::{self, collected, filled, push, with_room};
use crate::core::base::simd::prefetch;
use crate::core::schedule::idle::Idle;
use crate::core::schedule::run_options::RunOptions;
use crate::core::schedule::workers::WorkerTeam;

/// Pairs in a part, on average.
const PART_PAIRS: usize = 32 << 10;
const MOST_PARTS: usize = 4096;

/// Pairs whose first numbers are looked at to choose the ranges.
const SAMPLE: usize = 256 << 10;

/// Fewer words than this are handled on the calling thread.
const INLINE_WORDS: usize = 64 << 10;

/// The different n-grams of one length, as pairs in order: the upper half is the number of the n-gram without its last
/// word, the lower half the last word.
pub type Pairs = Vec<u64>;

pub fn pair(ngram: u32, word: u32) -> u64 {
    u64::from(ngram) << 32 | u64::from(word)
}

/// Pairs of a row block, part by part.
struct Scattered {
    /// Later the lower half is the number of the pair within its part.
    pairs: Vec<u64>,
    /// The word where each n-gram begins.
    places: Vec<u32>,
    /// Where each part begins, and the end.
    starts: Vec<u32>,
}

/// Numbers the n-grams of `n` words in each block. `shorter` is the number of different n-grams with one word less.
pub fn number_ngrams(
    blocks: &mut [WordBlock],
    n: usize,
    shorter: usize,
    run: RunOptions<'_>,
) -> Result<Pairs, CountError> {
    let words: usize = blocks.iter().map(|block| block.words.len()).sum();
    let is_small = words < INLINE_WORDS;
    let parts = WorkerTeam::one(run, is_small, |cancel| choose_parts(blocks, n, shorter, words, cancel))?;
    let count = parts.iter().max().map_or(0, |&last| usize::from(last) + 1);
    let team = WorkerTeam::new(run, 0, is_small);
    let mut scattered = team.map(&*blocks, |block| scatter(block, n, &parts, count, &team.cancel))?;

    // The slices of each part, in order of the blocks.
    let slices = WorkerTeam::one(run, is_small, |cancel| {
        let mut slices: Vec<Vec<&mut [u64]>> = (0..count).map(|_| with_room(scattered.len())).collect();
        for Scattered { pairs, starts, .. } in &mut scattered {
            check(cancel);
            let mut rest = &mut pairs[..];
            for (part, bounds) in starts.windows(2).enumerate() {
                slices[part].push(rest.split_off_mut(..(bounds[1] - bounds[0]) as usize).expect("as many pairs"));
            }
        }
        slices
    })?;
    let team = WorkerTeam::new(run, 0, is_small);
    let tables = Idle::default();
    let sorted =
        team.map(slices, |mut slices| number_part(&mut slices, &mut tables.lease(PairTable::default), &team.cancel))?;
    let mut base = 0;
    let bases: Vec<u32> = collected(sorted.iter().map(|pairs| {
        let before = base;
        base += pairs.len();
        before as u32
    }));
    assert!(base < FIRST as usize, "fewer than 2^31 different n-grams");
    let pairs = WorkerTeam::one(run, is_small, |cancel| {
        let mut pairs = with_room(base);
        for part in sorted {
            check(cancel);
            pairs.extend_from_slice(&part);
        }
        pairs
    })?;

    let team = WorkerTeam::new(run, 0, is_small);
    team.map(blocks.iter_mut().zip(scattered), |(block, scattered)| {
        let numbers = gather(block, &scattered, &bases, &team.cancel);
        push(&mut block.ngrams, numbers);
    })?;
    Ok(pairs)
}

/// The part of each first number. Frequent ones share a part with few others.
fn choose_parts(blocks: &[WordBlock], n: usize, shorter: usize, words: usize, cancel: &AtomicBool) -> Vec<u16> {
    let wanted = words.div_ceil(PART_PAIRS).clamp(1, MOST_PARTS);
    let mut counts: Vec<u32> = filled(0, shorter);
    let every = words.div_ceil(SAMPLE).max(1);
    let mut sampled = 0;
    for block in blocks.iter().step_by(every) {
        let numbers = checked(block.of_length(n - 1), cancel).filter(|&&number| number != NONE);
        numbers.for_each(|&number| counts[(number & !FIRST) as usize] += 1);
        sampled += block.words.len();
    }
    let (mut part, mut in_part, each) = (0u16, 0, sampled.div_ceil(wanted).max(1));
    collected(checked(counts, cancel).map(|count| {
        if in_part >= each && usize::from(part) + 1 < MOST_PARTS {
            (part, in_part) = (part + 1, 0);
        }
        in_part += count as usize;
        part
    }))
}

/// Calls `each` with the pairs of a block, in order, and where they begin.
#[inline(always)]
fn for_each_pair(block: &WordBlock, n: usize, cancel: &AtomicBool, mut each: impl FnMut(usize, u32, u32)) {
    let shorter = block.of_length(n - 1);
    for document in block.documents() {
        let Some(pairs) = document.len().checked_sub(n - 1) else { continue };
        let starts = document.start..document.start + pairs;
        let lasts = block.words[document.start + n - 1..document.end].chunks(CHECK_EVERY);
        for ((start, shorter), lasts) in
            starts.clone().step_by(CHECK_EVERY).zip(shorter[starts].chunks(CHECK_EVERY)).zip(lasts)
        {
            check(cancel);
            for ((at, &ngram), &last) in (start..).zip(shorter).zip(lasts) {
                if ngram != NONE && last != NONE {
                    each(at, ngram & !FIRST, last & !FIRST);
                }
            }
        }
    }
}

fn scatter(block: &WordBlock, n: usize, parts: &[u16], count: usize, cancel: &AtomicBool) -> Scattered {
    let mut starts: Vec<u32> = filled(0, count + 1);
    for_each_pair(block, n, cancel, |_, ngram, _| starts[usize::from(parts[ngram as usize]) + 1] += 1);
    for part in 0..count {
        starts[part + 1] += starts[part];
    }
    let mut next: Vec<u32> = collected(starts.iter().copied());
    let mut pairs = filled(0, starts[count] as usize);
    let mut places = filled(0, pairs.len());
    for_each_pair(block, n, cancel, |at, ngram, word| {
        let next = &mut next[usize::from(parts[ngram as usize])];
        (pairs[*next as usize], places[*next as usize]) = (pair(ngram, word), at as u32);
        *next += 1;
    });
    Scattered { pairs, places, starts }
}

/// Numbers the pairs of a part. Replaces each pair by its place in the sorted list of different pairs, with the mark
/// [`FIRST`] where it occurs first, and returns that list.
fn number_part(slices: &mut [&mut [u64]], table: &mut PairTable, cancel: &AtomicBool) -> Pairs {
    table.clear();
    for slice in slices.iter_mut() {
        for entry in checked(slice.iter_mut(), cancel) {
            let (number, is_new) = table.insert(*entry);
            *entry = u64::from(number | if is_new { FIRST } else { 0 });
        }
    }
    let order = sorted(&table.pairs, cancel);
    let mut places: Vec<u32> = filled(0, order.len());
    checked((0..).zip(&order), cancel).for_each(|(place, &number)| places[number as usize] = place);
    for slice in slices.iter_mut() {
        for entry in checked(slice.iter_mut(), cancel) {
            let number = *entry as u32;
            *entry = u64::from(places[(number & !FIRST) as usize] | number & FIRST);
        }
    }
    collected(checked(order, cancel).map(|number| table.pairs[number as usize]))
}

/// The numbers of pairs, in order of the pairs.
fn sorted(pairs: &[u64], cancel: &AtomicBool) -> Vec<u32> {
    let bits = |number: u64| u64::BITS - number.leading_zeros();
    let least = pairs.iter().min().map_or(0, |pair| pair >> 32 << 32);
    let (most, most_word) =
        pairs.iter().fold((0, 0), |(most, word), pair| ((pair - least).max(most), (pair & 0xFFFF_FFFF).max(word)));
    let (ngram_bits, word_bits, number_bits) = (bits(most >> 32), bits(most_word), bits(pairs.len() as u64));
    if ngram_bits + word_bits + number_bits <= u64::BITS {
        // Pair and number in 64 bits, which is nearly always possible: sorted in half the time.
        let packed = |(pair, number): (&u64, u64)| {
            let (ngram, word) = ((pair - least) >> 32, pair & 0xFFFF_FFFF);
            (ngram << word_bits | word) << number_bits | number
        };
        let mut order: Vec<u64> = collected(pairs.iter().zip(0..).map(packed));
        sort_by(&mut order, cancel, Ord::cmp);
        return collected(order.into_iter().map(|packed| (packed & ((1 << number_bits) - 1)) as u32));
    }
    let mut order: Vec<(u64, u32)> = collected(pairs.iter().copied().zip(0..));
    sort_by(&mut order, cancel, Ord::cmp);
    collected(order.into_iter().map(|(_, number)| number))
}

/// The numbers of a block's n-grams, by the word where they begin.
fn gather(block: &WordBlock, scattered: &Scattered, bases: &[u32], cancel: &AtomicBool) -> Vec<u32> {
    let Scattered { pairs, places, starts } = scattered;
    let mut numbers: Vec<u32> = filled(NONE, block.words.len());
    for (&base, bounds) in bases.iter().zip(starts.windows(2)) {
        check(cancel);
        let part = bounds[0] as usize..bounds[1] as usize;
        for (&entry, &at) in pairs[part.clone()].iter().zip(&places[part]) {
            let entry = entry as u32;
            numbers[at as usize] = ((entry & !FIRST) + base) | (entry & FIRST);
        }
    }
    numbers
}

/// Numbers pairs in order of insertion.
#[derive(Clone)]
pub struct PairTable {
    hash: PairHash,
    /// One more than a number. 0 is free.
    slots: Vec<u32>,
    pub pairs: Pairs,
}

impl Default for PairTable {
    fn default() -> Self {
        Self { hash: PairHash::default(), slots: filled(0, 1 << 10), pairs: Vec::new() }
    }
}

impl PairTable {
    /// Removes all pairs, and keeps the memory.
    fn clear(&mut self) {
        self.pairs.clear();
        self.slots.fill(0);
    }

    /// The slot where the search for a pair begins.
    #[inline(always)]
    pub fn slot(&self, pair: u64) -> usize {
        self.hash.hash(pair & 0xFFFF_FFFF, pair >> 32) as usize & (self.slots.len() - 1)
    }

    /// The address of a slot, to prefetch it.
    #[inline(always)]
    pub fn address(&self, slot: usize) -> *const u32 {
        self.slots.as_ptr().wrapping_add(slot)
    }

    /// The number of a pair, if the table has it, or the free slot where it belongs. The search begins at `slot`.
    #[inline(always)]
    pub fn find_from(&self, mut slot: usize, pair: u64) -> Result<u32, usize> {
        let mask = self.slots.len() - 1;
        loop {
            match self.slots[slot & mask] {
                0 => return Err(slot & mask),
                number if self.pairs[number as usize - 1] == pair => return Ok(number - 1),
                _ => slot += 1,
            }
        }
    }

    /// The number of a pair, and whether it was inserted now.
    #[inline(always)]
    pub fn insert(&mut self, pair: u64) -> (u32, bool) {
        let free = match self.find_from(self.slot(pair), pair) {
            Ok(number) => return (number, false),
            Err(free) => free,
        };
        let number = self.pairs.len() as u32;
        push(&mut self.pairs, pair);
        self.slots[free] = number + 1;
        // At most half of the slots are taken.
        if 2 * self.pairs.len() > self.slots.len() {
            self.grow();
        }
        (number, true)
    }

    /// Inserts pairs. Returns the number of each.
    pub fn insert_all(&mut self, pairs: &[u64], cancel: &AtomicBool) -> Vec<u32> {
        /// How many pairs ahead slots are prefetched.
        const AHEAD: usize = 16;

        let mut numbers = memory::with_room(pairs.len());
        for (i, &pair) in checked(pairs, cancel).enumerate() {
            if let Some(&next) = pairs.get(i + AHEAD) {
                prefetch(self.address(self.slot(next)));
            }
            numbers.push(self.insert(pair).0);
        }
        numbers
    }

    #[cold]
    fn grow(&mut self) {
        self.slots = filled(0, 4 * self.slots.len());
        for (number, &pair) in (1..).zip(&self.pairs) {
            let free = self.find_free(self.slot(pair));
            self.slots[free] = number;
        }
    }

    fn find_free(&self, mut slot: usize) -> usize {
        let mask = self.slots.len() - 1;
        while self.slots[slot & mask] != 0 {
            slot += 1;
        }
        slot & mask
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_sorted_by_either_way() {
        let cancel = AtomicBool::new(false);
        let near = [pair(7, 3), pair(5, 9), pair(7, 1), pair(5, 0)];
        assert_eq!(sorted(&near, &cancel), [3, 1, 2, 0]);
        let far = [pair(1 << 30, 3), pair(5, 1 << 31), pair(5, 7), pair(1 << 30, 1)];
        assert_eq!(sorted(&far, &cancel), [2, 1, 3, 0]);
        assert_eq!(sorted(&[], &cancel), [0; 0]);
    }

    #[test]
    fn pairs_are_numbered_in_order_of_insertion() {
        let mut table = PairTable::default();
        for round in 0..2 {
            for i in 0..5000 {
                assert_eq!(table.insert(pair(i % 70, i / 70)), (i, round == 0));
            }
        }
        let find = |pair| table.find_from(table.slot(pair), pair).ok();
        assert_eq!((find(pair(3, 1)), find(pair(1, 3000))), (Some(73), None));
    }
}

//! A worker's cache: the matches in each word of a text.
//!
//! Most words of a text repeat. Two slots are possible for a word, and the word that was cached last stays. So a slot
//! is found by one or two comparisons in one cache line. The matches of all words are one list. A word that is
//! replaced leaves its matches there, so the cache is cleared when the list is full.

use std::ops::Range;

use crate::core::base::memory;
use crate::core::base::simd::prefetch;
use crate::core::engines::words::fingerprint::{Fingerprint, MAX_SHORT};

/// The most bytes of a cached word, so that positions in it are bytes.
pub const LONGEST: usize = 200;

/// The first and the largest number of slots (2 MB). 98% of the words of English documentation are found in the
/// largest table, of 49,000 distinct ones.
const FIRST_SLOTS: usize = 1 << 10;
const MOST_SLOTS: usize = 1 << 16;

/// The most matches in the list (24 MB), and in one word. With 10,000 globs such as `wo?d`, of which each word of
/// English documentation contains 86, a fourth of them is 1.1x slower.
const MOST_MATCHES: usize = 4 << 20;
const MOST_IN_WORD: usize = 1 << 16;

/// The most bytes of words that are longer than their fingerprints.
const MOST_BYTES: usize = 1 << 22;

/// A match in a word: its pattern, and its start and end relative to the word.
type WordMatch = (u32, (u8, u8));

/// A word, and its matches.
#[derive(Clone, Copy, Default)]
#[repr(align(32))]
struct Slot {
    fingerprint: Fingerprint,
    /// The first match in the list, and the number of matches.
    first: u32,
    matches: u32,
    /// The length of the word, 0 if the slot is free. If the word is longer than a fingerprint, its start in `bytes`.
    len: u32,
    bytes: u32,
}

#[derive(Default)]
pub struct WordCache {
    /// The number is a power of two.
    slots: Vec<Slot>,
    used: usize,
    /// The matches: their patterns, and their positions. Most counts need only the patterns.
    patterns: Vec<u32>,
    positions: Vec<(u8, u8)>,
    bytes: Vec<u8>,
}

impl WordCache {
    /// Creates the first slots, if there are none.
    pub fn prepare(&mut self) {
        if self.slots.is_empty() {
            self.slots = memory::filled(Slot::default(), FIRST_SLOTS);
        }
    }

    #[inline(always)]
    fn slot_of(&self, fingerprint: &Fingerprint) -> usize {
        fingerprint.low as usize & (self.slots.len() - 1)
    }

    /// Reads the word's slots from memory, as they will be needed soon.
    #[inline(always)]
    pub fn prefetch(&self, fingerprint: &Fingerprint) {
        prefetch(&raw const self.slots[self.slot_of(fingerprint)]);
    }

    /// The place of a word's matches, if they are cached.
    #[inline(always)]
    pub fn get(&self, fingerprint: &Fingerprint, word: &[u8]) -> Option<Range<usize>> {
        let slot = self.slot_of(fingerprint);
        let slot = [slot, slot ^ 1].into_iter().map(|slot| &self.slots[slot]).find(|slot| {
            slot.fingerprint == *fingerprint
                && slot.len as usize == word.len()
                && (word.len() <= MAX_SHORT || self.bytes[slot.bytes as usize..].starts_with(word))
        })?;
        Some(slot.first as usize..(slot.first + slot.matches) as usize)
    }

    /// The matches at a place.
    #[inline(always)]
    pub fn matches(&self, place: Range<usize>) -> impl Iterator<Item = WordMatch> {
        self.patterns[place.clone()].iter().copied().zip(self.positions[place].iter().copied())
    }

    /// Begins the matches of a new word.
    pub fn begin(&mut self) -> NewWord<'_> {
        if self.patterns.len() >= MOST_MATCHES || self.bytes.len() >= MOST_BYTES {
            self.slots.fill(Slot::default());
            self.patterns.clear();
            self.positions.clear();
            self.bytes.clear();
            self.used = 0;
        } else if 2 * self.used >= self.slots.len() && self.slots.len() < MOST_SLOTS {
            self.grow();
        }
        NewWord { first: self.patterns.len(), cache: self }
    }

    fn grow(&mut self) {
        let slots = memory::filled(Slot::default(), 4 * self.slots.len());
        for slot in std::mem::replace(&mut self.slots, slots).into_iter().filter(|slot| slot.len > 0) {
            self.insert(slot);
        }
    }

    fn insert(&mut self, new: Slot) {
        let at = self.slot_of(&new.fingerprint);
        let before = std::mem::replace(&mut self.slots[at], new);
        if before.len > 0 {
            self.slots[at ^ 1] = before;
        }
    }
}

/// The matches of a new word, as they are found.
pub struct NewWord<'c> {
    cache: &'c mut WordCache,
    first: usize,
}

impl NewWord<'_> {
    /// A word with too many matches will not be cached.
    #[inline]
    pub fn push(&mut self, (pattern, position): WordMatch) {
        if self.cache.patterns.len() - self.first <= MOST_IN_WORD {
            memory::push(&mut self.cache.patterns, pattern);
            memory::push(&mut self.cache.positions, position);
        }
    }

    /// Caches the word, unless it has too many matches.
    pub fn end(self, fingerprint: &Fingerprint, word: &[u8]) {
        let Self { cache, first } = self;
        let matches = cache.patterns.len() - first;
        if matches > MOST_IN_WORD {
            cache.patterns.truncate(first);
            cache.positions.truncate(first);
            return;
        }
        let bytes = cache.bytes.len() as u32;
        if word.len() > MAX_SHORT {
            memory::extend(&mut cache.bytes, word);
        }
        cache.used += 1;
        let (first, matches, len) = (first as u32, matches as u32, word.len() as u32);
        cache.insert(Slot { fingerprint: *fingerprint, first, matches, len, bytes });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::base::simd::Level;
    use crate::core::engines::words::fingerprint::Fingerprinter;

    #[test]
    fn words_have_their_own_matches() {
        let fingerprinter = Fingerprinter::new(Level::PORTABLE);
        let mut cache = WordCache::default();
        cache.prepare();
        let matches_of = |i: usize| -> Vec<WordMatch> {
            let one = |start: u8| (i as u32, (start, start + 1));
            (0..(i % 5) as u8).map(one).collect()
        };
        let words: Vec<String> =
            (0..MOST_SLOTS).map(|i| ["w", "longer_than_fifteen"][i % 2].to_string() + &i.to_string()).collect();
        let mut cached = 0;
        for round in 0..2 {
            for (i, word) in words.iter().enumerate() {
                let (fingerprint, word) = (fingerprinter.of(word.as_bytes()), word.as_bytes());
                match cache.get(&fingerprint, word) {
                    Some(place) => {
                        assert!(cache.matches(place).eq(matches_of(i)));
                        cached += 1;
                    }
                    None => {
                        let mut new = cache.begin();
                        matches_of(i).into_iter().for_each(|found| new.push(found));
                        new.end(&fingerprint, word);
                        let place = cache.get(&fingerprint, word).unwrap();
                        assert!(cache.matches(place).eq(matches_of(i)));
                    }
                }
            }
            assert!(round == 0 || cached > words.len() / 4, "{cached}");
        }
        assert!(cache.slots.len() == MOST_SLOTS);
    }

    #[test]
    fn memory_is_limited() {
        let fingerprinter = Fingerprinter::new(Level::PORTABLE);
        let mut cache = WordCache::default();
        cache.prepare();
        let found = (0, (0, 1));
        for i in 0..100 {
            for (matches, word) in [(MOST_IN_WORD, format!("{i}")), (MOST_IN_WORD + 9, format!("more{i}"))] {
                let fingerprint = fingerprinter.of(word.as_bytes());
                let mut new = cache.begin();
                (0..matches).for_each(|_| new.push(found));
                new.end(&fingerprint, word.as_bytes());
                assert_eq!(cache.get(&fingerprint, word.as_bytes()).is_some(), matches == MOST_IN_WORD);
                assert!(cache.patterns.len() <= MOST_MATCHES + MOST_IN_WORD);
            }
        }
    }
}

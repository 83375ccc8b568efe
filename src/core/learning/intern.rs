//! A table that numbers words as they are found.
//!
//! A word is looked up by its [`Fingerprint`]. Short words (15 bytes) never share one; the bytes of long words are
//! compared. A slot has the word's number. Frequent words are found early and so have low numbers: their fingerprints
//! are next to each other, and nearly all of them are in their first slot.

use std::sync::atomic::AtomicBool;

use crate::core::base::cancel::checked;
use crate::core::base::memory::{self, filled, push};
use crate::core::base::packed_strings::PackedStrings;
use crate::core::base::simd::{self, prefetch};
use crate::core::engines::words::fingerprint::{Fingerprint, Fingerprinter, MAX_SHORT};

/// Marks the number of a word that is left out.
pub const DROPPED: u32 = 1 << 31;

/// No number.
pub const NONE: u32 = u32::MAX;

/// How many words are looked up together: one bit for each in a register.
const CHUNK: usize = 64;

/// How many words ahead slots are prefetched when tables are joined.
const AHEAD: usize = 16;

/// Numbers words in order of insertion. Tables with the same fingerprinter can be joined.
#[derive(Clone)]
pub struct InternTable {
    fingerprinter: Fingerprinter,
    /// One more than a number. 0 is free.
    slots: Vec<u32>,
    /// By number.
    fingerprints: Vec<Fingerprint>,
    dropped: Vec<bool>,
    words: PackedStrings,
}

/// The numbers of a window's words, and the buffer to find them.
#[derive(Default)]
pub struct Numbers {
    fingerprints: Vec<Fingerprint>,
    pub list: Vec<u32>,
}

impl Numbers {
    /// One word.
    pub fn set(&mut self, number: u32) {
        self.list.clear();
        self.list.push(number);
    }
}

/// Whether a word is left out. One that is not in a table is not.
#[inline(always)]
pub fn is_dropped(number: u32) -> bool {
    number >= DROPPED && number != NONE
}

impl InternTable {
    pub fn new(fingerprinter: Fingerprinter) -> Self {
        let (fingerprints, dropped) = (Vec::new(), Vec::new());
        Self { fingerprinter, slots: filled(0, 1 << 12), fingerprints, dropped, words: PackedStrings::default() }
    }

    /// A fingerprinter for tables that will be joined.
    pub fn fingerprinter() -> Fingerprinter {
        Fingerprinter::new(simd::level())
    }

    /// The number of words, including those that are left out.
    pub fn len(&self) -> usize {
        self.words.len()
    }

    /// Whether the word with this number is left out.
    pub fn is_dropped(&self, number: u32) -> bool {
        self.dropped[number as usize]
    }

    pub fn words(&self) -> &PackedStrings {
        &self.words
    }

    /// The number of a word. It is inserted if it is new, and marked as dropped unless `keeps`.
    pub fn insert(&mut self, word: &[u8], keeps: impl Fn(&[u8]) -> bool) -> u32 {
        self.insert_by(self.fingerprinter.of(word), word, &keeps)
    }

    /// As [`InternTable::insert`], for all words of a window.
    pub fn insert_all(
        &mut self,
        text: &[u8],
        starts: &[u32],
        ends: &[u32],
        numbers: &mut Numbers,
        keeps: impl Fn(&[u8]) -> bool,
    ) {
        self.find_all(text, starts, ends, numbers);
        let Numbers { fingerprints, list } = numbers;
        for (i, number) in list.iter_mut().enumerate().filter(|(_, number)| **number == NONE) {
            *number = self.insert_by(fingerprints[i], &text[starts[i] as usize..ends[i] as usize], &keeps);
        }
    }

    /// The numbers of all words of a window, or [`NONE`] for each that is not in the table.
    pub fn find_all(&self, text: &[u8], starts: &[u32], ends: &[u32], numbers: &mut Numbers) {
        let Numbers { fingerprints, list } = numbers;
        fingerprints.resize(starts.len(), Fingerprint::default());
        self.fingerprinter.of_all(text, starts, ends, fingerprints);
        list.resize(starts.len(), NONE);
        let chunks = fingerprints.chunks(CHUNK).zip(list.chunks_mut(CHUNK));
        for ((fingerprints, list), (starts, ends)) in chunks.zip(starts.chunks(CHUNK).zip(ends.chunks(CHUNK))) {
            self.find_chunk(text, starts, ends, fingerprints, list);
        }
    }

    /// Looks at the first slot of every word, without branches, so that the loads overlap. Most words are there.
    #[inline(always)]
    fn find_chunk(&self, text: &[u8], starts: &[u32], ends: &[u32], fingerprints: &[Fingerprint], list: &mut [u32]) {
        let mask = self.slots.len() - 1;
        let mut slots = [0; CHUNK];
        for (slot, fingerprint) in slots.iter_mut().zip(fingerprints) {
            *slot = self.slots[fingerprint.low as usize & mask];
        }
        // Those of rare words do not fit the second-level cache. A load would block the instructions after it.
        for &slot in &slots[..list.len()] {
            let index = (number_in(slot) & !DROPPED) as usize;
            prefetch(self.fingerprints.as_ptr().wrapping_add(index));
        }
        let mut rest = 0u64;
        for (i, ((number, fingerprint), &slot)) in list.iter_mut().zip(fingerprints).zip(&slots).enumerate() {
            *number = number_in(slot);
            // A free slot has no fingerprint: the word is not in the table.
            let index = (*number & !DROPPED) as usize;
            let differs = self.fingerprints.get(index).is_some_and(|other| other != fingerprint);
            rest |= u64::from(differs) << i;
        }
        // If all lengths are at most 15, so is their bitwise or.
        let lengths = starts.iter().zip(ends).map(|(start, end)| end.wrapping_sub(*start));
        if lengths.clone().fold(0, |all, length| all | length) as usize > MAX_SHORT {
            for (i, length) in lengths.enumerate() {
                rest |= u64::from(length as usize > MAX_SHORT) << i;
            }
        }
        while rest != 0 {
            let i = rest.trailing_zeros() as usize;
            rest &= rest - 1;
            let word = starts[i] as usize..ends[i] as usize;
            list[i] = self.find_in(fingerprints[i], text, word).unwrap_or(NONE);
        }
    }

    /// The number of a word, or [`NONE`].
    pub fn find(&self, word: &[u8]) -> u32 {
        self.find_in(self.fingerprinter.of(word), word, 0..word.len()).unwrap_or(NONE)
    }

    /// Inserts the words of another table. Returns the number of each.
    pub fn join(&mut self, other: &Self, cancel: &AtomicBool) -> Vec<u32> {
        let mut numbers = memory::with_room(other.len());
        let words = checked(other.fingerprints.iter().zip(other.words.iter()), cancel);
        for (i, (&fingerprint, word)) in words.enumerate() {
            self.prefetch(other.fingerprints.get(i + AHEAD));
            numbers.push(self.insert_by(fingerprint, word, &|_: &[u8]| !other.dropped[i]));
        }
        numbers
    }

    #[inline(always)]
    fn prefetch(&self, fingerprint: Option<&Fingerprint>) {
        if let Some(next) = fingerprint {
            prefetch(self.slots.as_ptr().wrapping_add(next.low as usize & (self.slots.len() - 1)));
        }
    }

    /// The number of `text[word]`, or the free slot where it belongs.
    #[inline(always)]
    fn find_in(&self, fingerprint: Fingerprint, text: &[u8], word: std::ops::Range<usize>) -> Result<u32, usize> {
        let mask = self.slots.len() - 1;
        let mut at = fingerprint.low as usize & mask;
        loop {
            let slot = self.slots[at & mask];
            if slot == 0 {
                return Err(at & mask);
            }
            let number = number_in(slot);
            let index = (number & !DROPPED) as usize;
            if self.fingerprints[index] == fingerprint
                && (word.len() <= MAX_SHORT || self.words.get(index) == &text[word.clone()])
            {
                return Ok(number);
            }
            at += 1;
        }
    }

    fn insert_by(&mut self, fingerprint: Fingerprint, word: &[u8], keeps: &impl Fn(&[u8]) -> bool) -> u32 {
        let free = match self.find_in(fingerprint, word, 0..word.len()) {
            Ok(number) => return number,
            Err(free) => free,
        };
        assert!(self.len() < DROPPED as usize - 1, "fewer than 2^31 distinct words");
        let is_dropped = !keeps(word);
        let number = numbered(self.len(), is_dropped);
        push(&mut self.fingerprints, fingerprint);
        push(&mut self.dropped, is_dropped);
        self.words.push(word);
        self.slots[free] = number + 1;
        // At most half of the slots are taken.
        if 2 * self.len() > self.slots.len() {
            self.grow();
        }
        number
    }

    #[cold]
    fn grow(&mut self) {
        let len = 2 * self.slots.len();
        self.slots = filled(0, len);
        // In order of the numbers, so that the first slot of a frequent word is its own.
        for (number, (&fingerprint, &dropped)) in self.fingerprints.iter().zip(&self.dropped).enumerate() {
            let mut at = fingerprint.low as usize & (len - 1);
            while self.slots[at] != 0 {
                at = (at + 1) & (len - 1);
            }
            self.slots[at] = numbered(number, dropped) + 1;
        }
    }
}

fn numbered(number: usize, is_dropped: bool) -> u32 {
    number as u32 | if is_dropped { DROPPED } else { 0 }
}

/// The number in a slot. A free one has [`NONE`].
#[inline(always)]
fn number_in(slot: u32) -> u32 {
    slot.wrapping_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(i: usize) -> String {
        let word = format!("{}{i}", ["", "a", "é", "a rather long word: "][i % 4]);
        word
    }

    #[test]
    fn words_are_numbered_in_order_of_insertion() {
        let mut table = InternTable::new(InternTable::fingerprinter());
        let keeps = |word: &[u8]| !word.ends_with(b"7");
        for round in 0..2 {
            for i in 0..20_000 {
                let dropped = if i % 10 == 7 { DROPPED } else { 0 };
                assert_eq!(table.insert(word(i).as_bytes(), keeps), i as u32 | dropped, "{round}");
            }
        }
        assert_eq!(table.find(b"b"), NONE);
        assert_eq!((table.len(), table.words().get(5)), (20_000, &b"a5"[..]));
    }

    #[test]
    fn a_window_is_its_words_one_by_one() {
        let text = "the cat, the antidisestablishmentarianism the cat antidisestablishmentarianist";
        let mut spans: Vec<(u32, u32)> = Vec::new();
        for word in text.split([' ', ',']).filter(|word| !word.is_empty()) {
            let start = word.as_ptr().addr() - text.as_ptr().addr();
            spans.push((start as u32, (start + word.len()) as u32));
        }
        let (starts, ends): (Vec<u32>, Vec<u32>) = spans.into_iter().unzip();
        let (mut table, mut numbers) = (InternTable::new(InternTable::fingerprinter()), Numbers::default());
        table.find_all(text.as_bytes(), &starts, &ends, &mut numbers);
        assert_eq!(numbers.list, [NONE; 7]);
        table.insert_all(text.as_bytes(), &starts, &ends, &mut numbers, |word| word != b"cat");
        let expected = [0, DROPPED | 1, 0, 2, 0, DROPPED | 1, 3];
        assert_eq!(numbers.list, expected);
        table.find_all(text.as_bytes(), &starts, &ends, &mut numbers);
        assert_eq!(numbers.list, expected);
    }

    #[test]
    fn tables_are_joined() {
        let fingerprinter = InternTable::fingerprinter();
        let [mut all, mut other] = [0, 1].map(|_| InternTable::new(fingerprinter));
        let keeps = |word: &[u8]| word != b"c";
        assert_eq!(["a", "b"].map(|word| all.insert(word.as_bytes(), keeps)), [0, 1]);
        assert_eq!(["b", "c", "a", "d"].map(|word| other.insert(word.as_bytes(), keeps)), [0, DROPPED | 1, 2, 3]);
        assert_eq!(all.join(&other, &AtomicBool::new(false)), [1, DROPPED | 2, 0, 3]);
        assert_eq!(all.len(), 4);
    }
}

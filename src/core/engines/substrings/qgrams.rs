//! q-gram filter, for many rare literals: looks for a few bytes of each at every second to fourth position.
//!
//! Take a literal of `m` bytes, and every `step`th position of the text. Some of these positions begins a q-gram of
//! the literal with `m - step + 1` bytes. So each literal enters `step` consecutive q-grams, one for each alignment.
//! Which ones is chosen in [`super::sampling`]. A position costs a load, a multiplication and a bit of a table in the
//! first-level cache, without a branch. Positions that pass are looked up and compared.
//!
//! Literals that begin with characters of at least three bytes, as in Japanese, are searched only where characters
//! begin, a third of the positions. They need only one q-gram each. For 100 common literals of at least two
//! characters, this is twice as fast as every second position.

use std::ops::Range;

use super::sampling::{Rarity, Sampling};
use crate::core::base::hash_seed;
use crate::core::base::lists::Lists;
use crate::core::base::packed_strings::PackedStrings;
use crate::core::base::simd::{Level, leads};
use crate::core::engines::bit_positions::bit_positions;
use crate::core::engines::engine::padded;

/// The size of the filter in bits, as a power of two. The small one fits a first-level cache. The large one is an
/// eighth of a second-level cache, and takes a tenth longer.
const FEW_BITS: u32 = 18;
const MANY_BITS: u32 = 20;

/// With more q-grams in the small filter, positions that pass by chance cost more than the large one does.
const FEW_QGRAMS: usize = 1 << 10;

/// The most buckets with [`CommonBits`], as a power of two: 2 MB.
const MOST_COMMON_BITS: u32 = 17;

/// A q-gram of a literal.
#[derive(Clone, Copy)]
struct QGram {
    /// Up to eight bytes of the literal. The last `unused` bits are not part of it.
    bytes: u64,
    literal: u32,
    /// The position of the q-gram in the literal. -1 if a byte precedes the literal.
    offset: i8,
    unused: u8,
    /// The length of the literal if the bytes contain all of it, otherwise 0.
    whole: u8,
}

/// What the bytes at a position must be for any q-gram of a bucket: its known bits that all q-grams have in common.
/// Most positions that pass the filter fail here, without a branch for each.
#[derive(Clone, Copy)]
struct CommonBits {
    bits: u64,
    mask: u64,
}

impl CommonBits {
    fn of(qgrams: &[QGram]) -> Self {
        // No valid text contains what an empty bucket demands.
        let bits = qgrams.first().map_or(u64::MAX, |qgram| qgram.bytes);
        let known = |qgram: &QGram| (u64::MAX >> qgram.unused) & !(qgram.bytes ^ bits);
        Self { bits, mask: qgrams.iter().map(known).fold(u64::MAX, |all, known| all & known) }
    }

    #[inline(always)]
    fn allow(self, word: u64) -> bool {
        (word ^ self.bits) & self.mask == 0
    }
}

/// The positions of a slice that pass the filter.
#[derive(Default)]
pub struct CandidatePositions {
    /// One bit for each position that was looked at.
    masks: Vec<u64>,
    /// The numbers of the set bits.
    numbers: Vec<u32>,
    len: usize,
    /// How many positions passed the filter, of which some are dropped.
    passed: usize,
    /// The position of the first bit, and the distance between two.
    start: usize,
    step: usize,
}

impl CandidatePositions {
    /// How many positions passed the filter.
    pub fn passed(&self) -> usize {
        self.passed
    }

    fn iter(&self) -> impl Iterator<Item = usize> {
        let (start, step) = (self.start, self.step);
        self.numbers[..self.len].iter().map(move |&number| start + step * number as usize)
    }
}

/// The filter for some literals.
pub struct QGrams {
    level: Level,
    step: usize,
    /// Whether it looks at the positions where characters outside ASCII begin, instead of every `step`th position.
    by_char: bool,
    /// The hash multiplies a q-gram by this factor. It is shifted, so that bytes after the q-gram do not matter.
    factor: u64,
    filter: Vec<u64>,
    /// The q-grams, by the upper bits of their hashes.
    buckets: Lists<QGram>,
    /// By bucket. Empty if it would not fit a second-level cache.
    common: Vec<CommonBits>,
    bucket_shift: u32,
    most_at_once: usize,
    longest: usize,
}

impl QGrams {
    /// For some of the literals. `sample` is a text like those that will be searched.
    pub fn new(literals: &PackedStrings, some: &[u32], level: Level, sample: &[u8]) -> Self {
        let all = || some.iter().map(|&literal| literals.get(literal as usize));
        let longest = all().map(<[u8]>::len).max().unwrap_or(1);
        let sampling = Sampling::new(all());
        let Sampling { step, size, by_char } = sampling;
        // Multiply-shift hashing: with a random odd factor, two q-grams share `b` bits of their hashes with a
        // probability of at most 2 in 2^b (Dietzfelbinger and others, 1997). So an adversary cannot write literals
        // that fill one bucket.
        let [odd, of_rarity] = hash_seed::random_numbers::<2>().map(|number| number | 1);
        let factor = odd << (64 - 8 * size);
        let hash = |qgram: u64| qgram.wrapping_mul(factor);
        let rarity = Rarity::new(all(), size, of_rarity, sample);
        let mut qgrams = Vec::with_capacity(some.len() * step);
        for &number in some {
            let literal = literals.get(number as usize);
            let first = sampling.first_offset(literal, &rarity);
            for offset in first..first + step as isize {
                // One byte before or after the literal can be any.
                let is_before = offset < 0;
                let inside = &literal[offset.max(0) as usize..];
                let is_after = inside.len() + usize::from(is_before) < size;
                let word = u64::from_le_bytes(padded(inside)) << (8 * u32::from(is_before));
                let known = (inside.len() + usize::from(is_before)).min(8) + usize::from(is_after);
                let begins = offset <= 0 && known - usize::from(is_before) - usize::from(is_after) == literal.len();
                let qgram = |byte: u64| QGram {
                    bytes: word | if is_before { byte } else { byte << (8 * (known - 1)) },
                    literal: number,
                    offset: offset as i8,
                    unused: 64 - 8 * known as u8,
                    whole: if begins { literal.len() as u8 } else { 0 },
                };
                match is_before || is_after {
                    true => qgrams.extend((0..=255).map(qgram)),
                    false => qgrams.push(qgram(0)),
                }
            }
        }
        // In each bucket, literals that begin earlier come first. Then the matches of each literal are in order.
        qgrams.sort_by_key(|qgram| std::cmp::Reverse(qgram.offset));
        let bucket_bits = (2 * qgrams.len()).next_power_of_two().trailing_zeros().clamp(1, 24);
        let bucket_shift = 64 - bucket_bits;
        let of_bucket = |qgram: &QGram| ((hash(qgram.bytes) >> bucket_shift) as usize, *qgram);
        let buckets = Lists::new(1 << bucket_bits, qgrams.iter().map(of_bucket));
        let most_at_once = (0..1 << bucket_bits).map(|bucket| buckets.get(bucket).len()).max().unwrap_or(0);
        let common = match bucket_bits <= MOST_COMMON_BITS {
            true => (0..1 << bucket_bits).map(|bucket| CommonBits::of(buckets.get(bucket))).collect(),
            false => Vec::new(),
        };
        let filter_bits = if qgrams.len() <= FEW_QGRAMS { FEW_BITS } else { MANY_BITS };
        let filter_shift = 64 - filter_bits;
        let mut filter = vec![0; 1 << (filter_bits - 6)];
        for qgram in &qgrams {
            let bit = hash(qgram.bytes) >> filter_shift;
            filter[(bit / 64) as usize] |= 1 << (bit % 64);
        }
        Self { level, step, by_char, factor, filter, buckets, common, bucket_shift, most_at_once, longest }
    }

    /// How far from a candidate's position its literal can begin or end.
    pub fn reach(&self) -> usize {
        // A q-gram may begin one byte before its literal.
        self.longest + 1
    }

    /// The most q-grams that are compared at one position.
    pub fn most_at_once(&self) -> usize {
        self.most_at_once
    }

    /// Finds the candidates in a slice of text.
    pub fn candidates(&self, text: &[u8], slice: Range<usize>, candidates: &mut CandidatePositions) {
        candidates.masks.clear();
        candidates.step = self.step;
        candidates.start = slice.start.next_multiple_of(self.step);
        (candidates.len, candidates.passed) = (0, 0);
        if self.most_at_once == 0 {
            return;
        }
        let few = self.filter.len() == 1 << (FEW_BITS - 6);
        match (self.by_char, self.step, few) {
            (true, ..) => self.sample_chars(text, slice, &mut candidates.masks),
            (_, 4, true) => self.sample::<4, FEW_BITS>(text, slice, &mut candidates.masks),
            (_, 4, false) => self.sample::<4, MANY_BITS>(text, slice, &mut candidates.masks),
            (_, 3, true) => self.sample::<3, FEW_BITS>(text, slice, &mut candidates.masks),
            (_, 3, false) => self.sample::<3, MANY_BITS>(text, slice, &mut candidates.masks),
            (_, 2, true) => self.sample::<2, FEW_BITS>(text, slice, &mut candidates.masks),
            (_, 2, false) => self.sample::<2, MANY_BITS>(text, slice, &mut candidates.masks),
            (_, _, true) => self.sample::<1, FEW_BITS>(text, slice, &mut candidates.masks),
            (_, _, false) => self.sample::<1, MANY_BITS>(text, slice, &mut candidates.masks),
        }
        candidates.passed = bit_positions(self.level, &candidates.masks, 0, &mut candidates.numbers);
        self.keep_allowed(text, candidates);
    }

    /// Drops the positions where no q-gram of the bucket can be.
    fn keep_allowed(&self, text: &[u8], candidates: &mut CandidatePositions) {
        if self.common.is_empty() {
            candidates.len = candidates.passed;
            return;
        }
        let mut kept = 0;
        for i in 0..candidates.passed {
            let number = candidates.numbers[i];
            let word = word_at(text, candidates.start + candidates.step * number as usize);
            candidates.numbers[kept] = number;
            kept += usize::from(self.common[self.bucket(word)].allow(word));
        }
        candidates.len = kept;
    }

    #[inline(always)]
    fn bucket(&self, word: u64) -> usize {
        (word.wrapping_mul(self.factor) >> self.bucket_shift) as usize
    }

    fn sample<const STEP: usize, const BITS: u32>(&self, text: &[u8], slice: Range<usize>, masks: &mut Vec<u64>) {
        let (filter, factor) = (&self.filter[..1 << (BITS - 6)], self.factor);
        let passes = |bytes: [u8; 8]| {
            let bit = u64::from_le_bytes(bytes).wrapping_mul(factor) >> (64 - BITS);
            filter[(bit / 64) as usize] >> (bit % 64) & 1
        };
        /// Positions of which the bits are collected without a memory access.
        const AT_ONCE: usize = 16;
        let mut at = slice.start.next_multiple_of(STEP);
        // Eight bytes are read at each position, padded with zeros at the text's end.
        while at + 64 * STEP <= slice.end && at + 64 * STEP + 8 <= text.len() {
            let bytes = &text[at..at + 64 * STEP + 8];
            let mut mask = 0;
            for part in (0..64).step_by(AT_ONCE) {
                let bytes = &bytes[STEP * part..STEP * (part + AT_ONCE) + 8];
                let mut passed = 0;
                for i in (0..AT_ONCE).rev() {
                    passed = passed << 1 | passes(bytes[STEP * i..STEP * i + 8].try_into().expect("eight bytes"));
                }
                mask |= passed << part;
            }
            masks.push(mask);
            at += 64 * STEP;
        }
        while at < slice.end {
            let mut mask = 0;
            for i in 0..64 {
                if at + STEP * i < slice.end {
                    mask |= passes(padded(&text[at + STEP * i..])) << i;
                }
            }
            masks.push(mask);
            at += 64 * STEP;
        }
    }

    fn sample_chars(&self, text: &[u8], slice: Range<usize>, masks: &mut Vec<u64>) {
        let (filter, factor) = (&self.filter[..], self.factor);
        let shift = 64 - 6 - filter.len().trailing_zeros();
        let passes = |bytes: [u8; 8]| {
            let bit = u64::from_le_bytes(bytes).wrapping_mul(factor) >> shift;
            filter[(bit / 64) as usize] >> (bit % 64) & 1
        };
        for at in slice.clone().step_by(64) {
            // Eight bytes are read at each position.
            let bytes: [u8; 64 + 7] = padded(&text[at..]);
            let mut chars = leads(bytes.first_chunk().expect("more than 64 bytes"));
            if slice.end - at < 64 {
                chars &= (1 << (slice.end - at)) - 1;
            }
            let mut passed = 0;
            while chars != 0 {
                let position = chars.trailing_zeros() as usize;
                chars &= chars - 1;
                passed |= passes(*bytes[position..].first_chunk().expect("eight bytes")) << position;
            }
            masks.push(passed);
        }
    }

    /// Calls `found` with each candidate position, and with the literals that have a q-gram there, their starts and
    /// ends.
    #[inline(always)]
    pub fn verify(
        &self,
        literals: &PackedStrings,
        text: &[u8],
        candidates: &CandidatePositions,
        mut found: impl FnMut(usize, u32, usize, usize),
    ) {
        for at in candidates.iter() {
            self.verify_at(literals, text, at, &mut found);
        }
    }

    #[inline(always)]
    fn verify_at(
        &self,
        literals: &PackedStrings,
        text: &[u8],
        at: usize,
        found: &mut impl FnMut(usize, u32, usize, usize),
    ) {
        let word = word_at(text, at);
        for known in self.buckets.get(self.bucket(word)) {
            if (known.bytes ^ word) << known.unused != 0 {
                continue;
            }
            let Some(start) = at.checked_add_signed(-isize::from(known.offset)) else { continue };
            let whole = usize::from(known.whole);
            if whole > 0 {
                if start + whole <= text.len() {
                    found(at, known.literal, start, start + whole);
                }
            } else {
                let literal = literals.get(known.literal as usize);
                if text[start..].starts_with(literal) {
                    found(at, known.literal, start, start + literal.len());
                }
            }
        }
    }
}

/// Eight bytes of a text, padded with zeros at its end.
#[inline(always)]
fn word_at(text: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(padded(&text[at..]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::base::simd::level;

    #[test]
    fn literals_of_wide_characters_are_found_where_characters_begin() {
        let chars: Vec<char> = "かきくカキ日本x é𝒳".chars().collect();
        let text: String = (0..900usize).map(|i| chars[(i * i / 5 + i / 7) % chars.len()]).collect();
        let all = ["かき", "き", "カキ", "日本", "本x", "本x ", "カ é", "かきく", "𝒳か", "無い"];
        for shortest in [3, 6] {
            let mut literals = PackedStrings::default();
            let chosen: Vec<&str> = all.iter().copied().filter(|literal| literal.len() >= shortest).collect();
            chosen.iter().for_each(|literal| literals.push(literal.as_bytes()));
            let some: Vec<u32> = (0..chosen.len() as u32).collect();
            let qgrams = QGrams::new(&literals, &some, level(), &[]);
            assert!(qgrams.by_char);
            for (start, end) in (0..70).flat_map(|cut| [(cut, text.len()), (0, text.len() - cut), (cut, cut + 100)]) {
                let text = &text.as_bytes()[..end];
                let mut candidates = CandidatePositions::default();
                qgrams.candidates(text, start..end, &mut candidates);
                let mut found = Vec::new();
                qgrams.verify(&literals, text, &candidates, |_, literal, from, _| found.push((literal, from)));
                // Matches that begin before the slice may be found too.
                found.retain(|&(_, from)| from >= start);
                found.sort_unstable();
                let mut expected: Vec<(u32, usize)> = Vec::new();
                for (id, literal) in (0..).zip(&chosen) {
                    let begins = (start..end).filter(|&at| text[at..].starts_with(literal.as_bytes()));
                    expected.extend(begins.map(|at| (id, at)));
                }
                assert_eq!(found, expected, "{shortest}, {start}..{end}");
            }
        }
    }

    #[test]
    fn every_match_is_found_once_and_in_order() {
        let text: Vec<u8> = (0..600usize).map(|i| b"ab\0"[(i * i / 7 + i / 11) % 3]).chain(b"a".repeat(40)).collect();
        let others: Vec<String> = (0..300).map(|i| format!("none of number {i}")).collect();
        for (shortest, others) in (1..14).flat_map(|shortest| [(shortest, &others[..0]), (shortest, &others[..])]) {
            // Literals of several lengths from the text; some occur more than once.
            let mut all: Vec<&[u8]> = (0..40).map(|i| &text[13 * i..13 * i + shortest + i % 5]).collect();
            all.push(&text[610..610 + shortest]);
            all.extend(others.iter().map(|other| other.as_bytes()));
            all.sort_unstable();
            all.dedup();
            let mut literals = PackedStrings::default();
            all.iter().for_each(|literal| literals.push(literal));
            let some: Vec<u32> = (0..all.len() as u32).collect();
            let qgrams = QGrams::new(&literals, &some, level(), &[]);
            for (start, end) in (0..9).flat_map(|start| (text.len() - 50..=text.len()).map(move |end| (start, end))) {
                let text = &text[..end];
                let mut candidates = CandidatePositions::default();
                qgrams.candidates(text, start..end, &mut candidates);
                let mut found = Vec::new();
                qgrams.verify(&literals, text, &candidates, |_, literal, from, to| {
                    assert_eq!(&text[from..to], all[literal as usize]);
                    found.push((literal, from));
                });
                // Matches that begin before the slice may be found too. A q-gram may begin one byte before its literal.
                let first = if start == 0 { 0 } else { start + 1 };
                found.retain(|&(_, from)| from >= first);
                let in_order = found.clone();
                found.sort_unstable();
                let mut expected: Vec<(u32, usize)> = Vec::new();
                for &literal in &some {
                    expected.extend(
                        (first..end)
                            .filter(|&at| text[at..].starts_with(all[literal as usize]))
                            .map(|at| (literal, at)),
                    );
                }
                assert_eq!(found, expected, "{shortest}, {start}..{end}");
                for &literal in &some {
                    assert!(in_order.iter().filter(|found| found.0 == literal).is_sorted_by_key(|found| found.1));
                }
            }
        }
    }
}

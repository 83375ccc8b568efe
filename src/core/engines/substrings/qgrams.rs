//! q-gram filter, for many rare literals: looks for a few bytes of each at every second to fourth position.
//!
//! Take a literal of `m` bytes, and every `step`th position of the text. Some of these positions begins a q-gram of
//! the literal with `m - step + 1` bytes. So each literal enters `step` consecutive q-grams, one for each alignment.
//! A position costs a load, a multiplication and a bit of a table in the first-level cache, without a branch.
//! Positions that pass are looked up and compared.
//!
//! Literals that begin with characters of at least three bytes, as in Japanese, are searched only where characters
//! begin, a third of the positions. They need only one q-gram each. For 100 common literals of at least two
//! characters, this is twice as fast as every second position.

use std::ops::Range;

use crate::core::base::hash_seed;
use crate::core::base::lists::Lists;
use crate::core::base::packed_strings::PackedStrings;
use crate::core::base::simd::{Level, leads};
use crate::core::engines::bit_positions::bit_positions;
use crate::core::engines::engine::padded;

/// The size of the filter in bits, as a power of two. The small one fits a first-level cache. The large one, for very
/// many q-grams, is an eighth of a second-level cache.
const FEW_BITS: u32 = 18;
const MANY_BITS: u32 = 20;

/// The largest step.
const MOST_STEPS: usize = 4;

/// Up to this many literals, q-grams of four bytes are long enough.
const FEW_LITERALS: usize = 300;

/// With this many q-grams in the small filter, 1 in 32 positions passes by chance.
const FEW_QGRAMS: usize = 1 << (FEW_BITS - 5);

/// A q-gram of a literal.
#[derive(Clone, Copy)]
struct QGram {
    bytes: u64,
    literal: u32,
    /// The position of the q-gram in the literal.
    offset: u32,
    /// The length of the literal if the q-gram is all of it, otherwise 0.
    whole: u32,
}

/// The positions of a slice that pass the filter, relative to its start.
#[derive(Default)]
pub struct CandidatePositions {
    /// One bit for each position.
    masks: Vec<u64>,
    positions: Vec<u32>,
    len: usize,
}

impl CandidatePositions {
    pub fn get(&self) -> &[u32] {
        &self.positions[..self.len]
    }
}

/// The filter for some literals.
pub struct QGrams {
    level: Level,
    step: usize,
    /// Whether it looks at the positions where characters outside ASCII begin, instead of every `step`th position.
    by_char: bool,
    mask: u64,
    /// The hash multiplies a q-gram by this factor. It is shifted, so that bytes after the q-gram do not matter.
    factor: u64,
    filter: Vec<u64>,
    /// The q-grams, by the upper bits of their hashes.
    buckets: Lists<QGram>,
    bucket_shift: u32,
    most_at_once: usize,
    longest: usize,
}

impl QGrams {
    /// For some of the literals.
    pub fn new(literals: &PackedStrings, some: &[u32], level: Level) -> Self {
        let lengths = || some.iter().map(|&literal| literals.get(literal as usize).len());
        let (shortest, longest) = (lengths().min().unwrap_or(1), lengths().max().unwrap_or(1));
        // Shorter q-grams allow a longer step, but match at more positions. For 1,000 literals of at least six bytes,
        // four bytes at every third position gave 1.3 GB/s, five at every second 1.45. For 100 literals it was 2.8
        // and 2.2. In Japanese, where five bytes are more than one character, it was 0.8 and 1.0.
        let is_ascii = some.iter().all(|&literal| literals.get(literal as usize).is_ascii());
        let least = if some.len() <= FEW_LITERALS && is_ascii { 4 } else { 5 };
        let step = (shortest + 1).saturating_sub(least).clamp(1, MOST_STEPS);
        let begins_wide = |literal: &[u8]| literal.first().is_some_and(|&byte| byte >= 0xE0);
        let by_char = step <= 3 && some.iter().all(|&literal| begins_wide(literals.get(literal as usize)));
        let step = if by_char { 1 } else { step };
        let size = (shortest - step + 1).min(8);
        let mask = u64::MAX >> (64 - 8 * size);
        // Multiply-shift hashing: with a random odd factor, two q-grams share `b` bits of their hashes with a
        // probability of at most 2 in 2^b (Dietzfelbinger and others, 1997). So an adversary cannot write literals
        // that fill one bucket.
        let [odd, of_common] = hash_seed::random_numbers::<2>().map(|number| number | 1);
        let factor = odd << (64 - 8 * size);
        let hash = |qgram: u64| qgram.wrapping_mul(factor);
        let qgram = |literal: &[u8], at: usize| u64::from_le_bytes(padded(&literal[at..at + size]));
        // Bytes that many literals share will be common in the text too. So each literal enters the q-grams that the
        // fewest share.
        let mut common = vec![0u16; 1 << 16];
        let slot = |qgram: u64| (qgram.wrapping_mul(of_common) >> 48) as usize;
        let positions = |literal: &[u8]| 0..literal.len() - size + 1;
        for &literal in some {
            let literal = literals.get(literal as usize);
            for at in positions(literal).take(64) {
                let count = &mut common[slot(qgram(literal, at))];
                *count = count.saturating_add(1);
            }
        }
        let mut qgrams = Vec::with_capacity(some.len() * step);
        for &number in some {
            let literal = literals.get(number as usize);
            let cost = |at: usize| (at..at + step).map(|at| u32::from(common[slot(qgram(literal, at))])).sum::<u32>();
            let best = (0..(literal.len() + 2 - size - step).min(64 - step))
                .filter(|&at| !by_char || literal[at] >= 0xC0)
                .min_by_key(|&at| cost(at))
                .unwrap_or(0);
            qgrams.extend((best..best + step).map(|at| QGram {
                bytes: qgram(literal, at),
                literal: number,
                offset: at as u32,
                whole: if literal.len() == size { size as u32 } else { 0 },
            }));
        }
        // In each bucket, literals that begin earlier come first. Then the matches of each literal are in order.
        qgrams.sort_by_key(|qgram| std::cmp::Reverse(qgram.offset));
        let bucket_bits = (2 * qgrams.len()).next_power_of_two().trailing_zeros().clamp(1, 24);
        let bucket_shift = 64 - bucket_bits;
        let of_bucket = |qgram: &QGram| ((hash(qgram.bytes) >> bucket_shift) as usize, *qgram);
        let buckets = Lists::new(1 << bucket_bits, qgrams.iter().map(of_bucket));
        let most_at_once = (0..1 << bucket_bits).map(|bucket| buckets.get(bucket).len()).max().unwrap_or(0);
        let filter_bits = if qgrams.len() <= FEW_QGRAMS { FEW_BITS } else { MANY_BITS };
        let filter_shift = 64 - filter_bits;
        let mut filter = vec![0; 1 << (filter_bits - 6)];
        for qgram in &qgrams {
            let bit = hash(qgram.bytes) >> filter_shift;
            filter[(bit / 64) as usize] |= 1 << (bit % 64);
        }
        Self { level, step, by_char, mask, factor, filter, buckets, bucket_shift, most_at_once, longest }
    }

    /// The length of the longest literal.
    pub fn longest(&self) -> usize {
        self.longest
    }

    /// The most q-grams that are compared at one position.
    pub fn most_at_once(&self) -> usize {
        self.most_at_once
    }

    /// Finds the candidates in a slice of text.
    pub fn candidates(&self, text: &[u8], slice: Range<usize>, candidates: &mut CandidatePositions) {
        if self.most_at_once == 0 {
            candidates.len = 0;
            return;
        }
        if self.by_char {
            return self.sample_chars(text, slice, candidates);
        }
        match (self.step, self.filter.len() == 1 << (FEW_BITS - 6)) {
            (4, true) => self.sample::<4, FEW_BITS>(text, slice, candidates),
            (4, false) => self.sample::<4, MANY_BITS>(text, slice, candidates),
            (3, true) => self.sample::<3, FEW_BITS>(text, slice, candidates),
            (3, false) => self.sample::<3, MANY_BITS>(text, slice, candidates),
            (2, true) => self.sample::<2, FEW_BITS>(text, slice, candidates),
            (2, false) => self.sample::<2, MANY_BITS>(text, slice, candidates),
            (_, true) => self.sample::<1, FEW_BITS>(text, slice, candidates),
            (_, false) => self.sample::<1, MANY_BITS>(text, slice, candidates),
        }
    }

    fn sample<const STEP: usize, const BITS: u32>(
        &self,
        text: &[u8],
        slice: Range<usize>,
        candidates: &mut CandidatePositions,
    ) {
        /// Positions that one branch checks. It is rarely taken, so it is predictable.
        const AT_ONCE: usize = 16;
        let CandidatePositions { positions: candidates, len, .. } = candidates;
        candidates.clear();
        let (filter, factor) = (&self.filter[..1 << (BITS - 6)], self.factor);
        let passes = |bytes: [u8; 8]| {
            let bit = u64::from_le_bytes(bytes).wrapping_mul(factor) >> (64 - BITS);
            (filter[(bit / 64) as usize] >> (bit % 64)) as u32 & 1
        };
        let mut at = slice.start.next_multiple_of(STEP);
        // Eight bytes are read at each position, padded with zeros at the text's end.
        while at + STEP * AT_ONCE <= slice.end && at + STEP * AT_ONCE + 8 <= text.len() {
            let bytes = &text[at..at + STEP * AT_ONCE + 8];
            let mut passed = 0;
            for i in (0..AT_ONCE).rev() {
                passed = passed << 1 | passes(bytes[STEP * i..STEP * i + 8].try_into().expect("eight bytes"));
            }
            while passed != 0 {
                candidates.push((at - slice.start) as u32 + STEP as u32 * passed.trailing_zeros());
                passed &= passed - 1;
            }
            at += STEP * AT_ONCE;
        }
        while at < slice.end {
            if passes(padded(&text[at..])) == 1 {
                candidates.push((at - slice.start) as u32);
            }
            at += STEP;
        }
        *len = candidates.len();
    }

    fn sample_chars(&self, text: &[u8], slice: Range<usize>, candidates: &mut CandidatePositions) {
        let (filter, factor) = (&self.filter[..], self.factor);
        let shift = 64 - 6 - filter.len().trailing_zeros();
        let passes = |bytes: [u8; 8]| {
            let bit = u64::from_le_bytes(bytes).wrapping_mul(factor) >> shift;
            filter[(bit / 64) as usize] >> (bit % 64) & 1
        };
        candidates.masks.clear();
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
            candidates.masks.push(passed);
        }
        candidates.len = bit_positions(self.level, &candidates.masks, 0, &mut candidates.positions);
    }

    /// Calls `found` with the literals that have a q-gram at `at`, and with their start and end.
    #[inline(always)]
    pub fn verify(&self, literals: &PackedStrings, text: &[u8], at: usize, mut found: impl FnMut(u32, usize, usize)) {
        let rest = &text[at..];
        let qgram = self.mask & u64::from_le_bytes(padded(rest));
        let bucket = (qgram.wrapping_mul(self.factor) >> self.bucket_shift) as usize;
        for known in self.buckets.get(bucket) {
            if known.bytes != qgram {
                continue;
            }
            if known.whole > 0 && known.whole as usize <= rest.len() {
                found(known.literal, at, at + known.whole as usize);
            } else if let Some(start) = at.checked_sub(known.offset as usize) {
                let literal = literals.get(known.literal as usize);
                if text[start..].starts_with(literal) {
                    found(known.literal, start, start + literal.len());
                }
            }
        }
    }
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
            let qgrams = QGrams::new(&literals, &some, level());
            assert!(qgrams.by_char);
            for (start, end) in (0..70).flat_map(|cut| [(cut, text.len()), (0, text.len() - cut), (cut, cut + 100)]) {
                let text = &text.as_bytes()[..end];
                let mut candidates = CandidatePositions::default();
                qgrams.candidates(text, start..end, &mut candidates);
                let mut found = Vec::new();
                for &at in candidates.get() {
                    qgrams
                        .verify(&literals, text, start + at as usize, |literal, from, _| found.push((literal, from)));
                }
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
        for shortest in 1..14 {
            // Literals of several lengths from the text; some occur more than once.
            let mut all: Vec<&[u8]> = (0..40).map(|i| &text[13 * i..13 * i + shortest + i % 5]).collect();
            all.push(&text[610..610 + shortest]);
            all.sort_unstable();
            all.dedup();
            let mut literals = PackedStrings::default();
            all.iter().for_each(|literal| literals.push(literal));
            let some: Vec<u32> = (0..all.len() as u32).collect();
            let qgrams = QGrams::new(&literals, &some, level());
            for (start, end) in (0..9).flat_map(|start| (text.len() - 50..=text.len()).map(move |end| (start, end))) {
                let text = &text[..end];
                let mut candidates = CandidatePositions::default();
                qgrams.candidates(text, start..end, &mut candidates);
                let mut found = Vec::new();
                for &at in candidates.get() {
                    qgrams.verify(&literals, text, start + at as usize, |literal, from, to| {
                        assert_eq!(&text[from..to], all[literal as usize]);
                        found.push((literal, from));
                    });
                }
                // Matches that begin before the slice may be found too.
                found.retain(|&(_, from)| from >= start);
                let in_order = found.clone();
                found.sort_unstable();
                let mut expected: Vec<(u32, usize)> = Vec::new();
                for &literal in &some {
                    expected.extend(
                        (start..end)
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

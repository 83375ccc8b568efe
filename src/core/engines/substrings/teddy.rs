//! Teddy, for few literals: looks for their first three bytes at every position, 64 at a time.
//!
//! The literals are distributed to eight buckets. For each of their first three bytes, two tables of 16 entries have
//! the buckets that are possible for its lower and upper half. Shuffles look up a whole vector of bytes. Positions
//! where all six agree on a bucket are compared with its literals. The algorithm is from Hyperscan. The version in
//! the crate `aho-corasick` does not report overlapping matches.

#![allow(unsafe_code)]

use std::ops::Range;

#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
use crate::core::base::bytes64;
use crate::core::base::packed_strings::PackedStrings;
use crate::core::base::simd::Level;
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
use crate::core::base::simd::Tier;
use crate::core::engines::engine::padded;

/// The number of bytes that the tables check.
pub const DEPTH: usize = 3;

const BUCKETS: usize = 8;

/// The first eight bytes of a literal, and a mask of those it has.
struct LiteralPrefix {
    bytes: u64,
    mask: u64,
    literal: u32,
}

pub struct Teddy {
    masks: TeddyMasks,
    buckets: [Vec<LiteralPrefix>; BUCKETS],
}

impl Teddy {
    /// For some of the literals.
    pub fn new(literals: &PackedStrings, some: &[u32], level: Level) -> Self {
        let mut order = some.to_vec();
        // In sorted order, literals in a bucket share their first bytes, so fewer positions pass.
        order.sort_unstable_by_key(|&literal| literals.get(literal as usize));
        let mut buckets: [Vec<LiteralPrefix>; BUCKETS] = Default::default();
        let mut tables = [[0; 256]; DEPTH];
        for (i, &number) in order.iter().enumerate() {
            let literal = literals.get(number as usize);
            let bucket = i * BUCKETS / order.len();
            for (depth, table) in tables.iter_mut().enumerate() {
                match literal.get(depth) {
                    Some(&byte) => table[byte as usize] |= 1 << bucket,
                    None => table.iter_mut().for_each(|buckets| *buckets |= 1 << bucket),
                }
            }
            buckets[bucket].push(LiteralPrefix {
                bytes: u64::from_le_bytes(padded(literal)),
                mask: u64::MAX >> (64 - 8 * literal.len().min(8)),
                literal: number,
            });
        }
        Self { masks: TeddyMasks::new(tables, level), buckets }
    }

    /// Writes the positions of a slice where a literal may begin to `candidates`: each with its buckets, relative to
    /// the slice's start.
    pub fn candidates(&self, text: &[u8], slice: Range<usize>, candidates: &mut Vec<(u32, u8)>) {
        candidates.clear();
        if self.buckets.iter().any(|bucket| !bucket.is_empty()) {
            self.masks.find(text, slice, candidates);
        }
    }

    /// Calls `found` with the literals of the given buckets that begin at `at`.
    #[inline(always)]
    pub fn verify(
        &self,
        literals: &PackedStrings,
        text: &[u8],
        at: usize,
        mut buckets: u8,
        mut found: impl FnMut(u32, usize, usize),
    ) {
        let rest = &text[at..];
        let prefix = u64::from_le_bytes(padded(rest));
        while buckets != 0 {
            for known in &self.buckets[buckets.trailing_zeros() as usize] {
                if (prefix ^ known.bytes) & known.mask == 0 {
                    let literal = literals.get(known.literal as usize);
                    if rest.len() >= literal.len() && (literal.len() <= 8 || rest.starts_with(literal)) {
                        found(known.literal, at, at + literal.len());
                    }
                }
            }
            buckets &= buckets - 1;
        }
    }
}

/// The tables: for each of the first three bytes, the buckets whose literals have it there.
pub struct TeddyMasks {
    tables: [[u8; 256]; 3],
    /// For each table: by the lower and by the upper half of the byte.
    #[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
    halves: [[[u8; 16]; 3]; 2],
    level: Level,
}

impl TeddyMasks {
    pub fn new(tables: [[u8; 256]; 3], level: Level) -> Self {
        Self {
            tables,
            #[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
            halves: {
                let or = |half: &dyn Fn(usize) -> u8| (0..16).fold(0, |or, other| or | half(other));
                let low = |table: [u8; 256]| std::array::from_fn(|low| or(&|high| table[high << 4 | low]));
                let high = |table: [u8; 256]| std::array::from_fn(|high| or(&|low| table[high << 4 | low]));
                [tables.map(low), tables.map(high)]
            },
            level,
        }
    }

    /// Adds the positions of a slice that have a bucket, relative to the slice's start, with their buckets.
    pub fn find(&self, text: &[u8], slice: Range<usize>, found: &mut Vec<(u32, u8)>) {
        assert!(slice.end <= text.len(), "the slice is part of the text");
        let start = slice.start;
        let done = match self.level.tier() {
            #[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
            // SAFETY: a level of these tiers is made only where the processor has them.
            Tier::Avx2 | Tier::Avx512 | Tier::Neon => unsafe { self.find_by_halves(text, slice.clone(), found) },
            _ => 0,
        };
        let [first, second, third] = &self.tables;
        for (at, bytes) in (done..).zip(text[start + done..].windows(3)).take(slice.len() - done) {
            let buckets = first[bytes[0] as usize] & second[bytes[1] as usize] & third[bytes[2] as usize];
            if buckets != 0 {
                found.push((at as u32, buckets));
            }
        }
        // The last two positions of the text.
        for at in text.len().saturating_sub(2).max(start + done)..slice.end {
            let buckets = first[text[at] as usize] & text.get(at + 1).map_or(u8::MAX, |&byte| second[byte as usize]);
            if buckets != 0 {
                found.push(((at - start) as u32, buckets));
            }
        }
    }

    /// Processes 64 positions at a time. Returns the position after them.
    #[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
    #[cfg_attr(target_arch = "x86_64", target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt"))]
    #[cfg_attr(target_arch = "aarch64", target_feature(enable = "neon"))]
    fn find_by_halves(&self, text: &[u8], slice: Range<usize>, found: &mut Vec<(u32, u8)>) -> usize {
        let [low, high] = self.halves.each_ref().map(|tables| tables.each_ref().map(|table| bytes64::table(table)));
        let buckets = |bytes: &[u8; 66]| {
            let one = |at: usize| {
                let bytes = bytes64::load(bytes[at..].first_chunk().expect("64 of 66 bytes"));
                bytes64::and(
                    bytes64::look_up(low[at], bytes64::lower_halves(bytes)),
                    bytes64::look_up(high[at], bytes64::upper_halves(bytes)),
                )
            };
            bytes64::and(bytes64::and(one(0), one(1)), one(2))
        };
        let mut at = 0;
        // One branch for 64 positions. Most have no candidates.
        while at + 64 <= slice.len()
            && let Some(bytes) = text[slice.start + at..].first_chunk::<66>()
        {
            let buckets = buckets(bytes);
            let mut positions = bytes64::common_bits(buckets, buckets);
            if positions != 0 {
                let mut each = [0u8; 64];
                bytes64::store(buckets, &mut each);
                while positions != 0 {
                    let position = positions.trailing_zeros() as usize;
                    found.push(((at + position) as u32, each[position & 63]));
                    positions &= positions - 1;
                }
            }
            at += 64;
        }
        at
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::base::simd::thinned;
    use crate::core::engines::substrings::byte_set::tests::text;

    #[test]
    fn every_match_is_found() {
        let all: [&[u8]; 11] = [
            b"a",
            b"ab",
            b"aba",
            b"abab",
            b"bb",
            b"abababab",
            b"babababab",
            b"\0",
            b"b\0\0",
            b"\0\0\0\0\0\0\0\0",
            b"ba",
        ];
        let text: Vec<u8> =
            (0..400usize).map(|i| b"ab\0"[(i * i / 7 + i / 11) % 3]).chain(b"abababababab".iter().copied()).collect();
        for literals_len in [1, 4, all.len()] {
            let mut literals = PackedStrings::default();
            all[..literals_len].iter().for_each(|literal| literals.push(literal));
            let some: Vec<u32> = (0..literals_len as u32).collect();
            for level in Level::all() {
                let filter = Teddy::new(&literals, &some, level);
                for (start, end) in
                    (0..40).flat_map(|start| (text.len() - 40..=text.len()).map(move |end| (start, end)))
                {
                    let text = &text[..end];
                    let mut candidates = vec![(1, 1)];
                    filter.candidates(text, start..end, &mut candidates);
                    let mut found = Vec::new();
                    for (at, buckets) in candidates {
                        filter.verify(&literals, text, start + at as usize, buckets, |literal, from, to| {
                            assert_eq!(&text[from..to], all[literal as usize]);
                            found.push((from, literal));
                        });
                    }
                    found.sort_unstable();
                    let is_match = |at: usize, literal: u32| text[at..].starts_with(all[literal as usize]);
                    let expected: Vec<(usize, u32)> = (start..end)
                        .flat_map(|at| some.iter().map(move |&literal| (at, literal)))
                        .filter(|&(at, literal)| is_match(at, literal))
                        .collect();
                    assert_eq!(found, expected, "{level:?}, {start}..{end}");
                }
            }
        }
    }

    #[test]
    fn no_position_is_missed() {
        let text: Vec<u8> = text(300).into_iter().map(|byte| byte % 23).collect();
        let mut tables = [[0; 256]; 3];
        for (depth, table) in tables.iter_mut().enumerate() {
            for (byte, buckets) in table.iter_mut().enumerate() {
                *buckets = ((byte * 37) >> depth) as u8 & (byte * 11) as u8;
            }
        }
        for level in Level::all() {
            let masks = TeddyMasks::new(tables, level);
            for start in thinned(0..40, 39) {
                for end in thinned(start..text.len(), 97) {
                    for text in [&text[..], &text[..end], &text[..text.len().min(end + 1)]] {
                        let mut found = Vec::new();
                        masks.find(text, start..end, &mut found);
                        assert!(found.is_sorted_by(|a, b| a.0 < b.0));
                        for at in start..end {
                            let expected = (0..3).fold(u8::MAX, |and, depth| {
                                and & text.get(at + depth).map_or(u8::MAX, |&byte| tables[depth][byte as usize])
                            });
                            let position =
                                found.binary_search_by_key(&((at - start) as u32), |position| position.0).ok();
                            // Vectors look up halves of bytes, so they may find more.
                            assert_eq!(position.map_or(0, |i| found[i].1) & expected, expected, "{level:?}, {at}");
                        }
                    }
                }
            }
        }
    }
}

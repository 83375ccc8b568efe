//! Few literals: every place is looked at, 32 or 64 at a time, for the first bytes of some literal.
//!
//! The literals are put into eight buckets. For each of the first three bytes of a literal, two tables of 16 entries tell
//! by its low and its high half which buckets it may belong to; shuffles look up a whole vector of bytes at once, and
//! what all six agree on is compared with the bucket's literals. This is the fingerprint search of the crate
//! `aho-corasick` (Teddy), which itself reports no occurrences that overlap.

use std::ops::Range;

use super::vector::Fingerprints;
use crate::core::base::packed_strings::PackedStrings;
use crate::core::base::simd::Level;

/// Bytes of a fingerprint.
pub const DEPTH: usize = 3;

const BUCKETS: usize = 8;

/// The first eight bytes of a literal, and which of them it has.
struct Head {
    bytes: u64,
    mask: u64,
    literal: u32,
}

pub struct Filter {
    fingerprints: Fingerprints,
    buckets: [Vec<Head>; BUCKETS],
}

impl Filter {
    /// For some of the literals.
    pub fn new(literals: &PackedStrings, some: &[u32], level: Level) -> Self {
        let mut order = some.to_vec();
        // Neighbours in this order share their first bytes, and a bucket costs no more for it.
        order.sort_unstable_by_key(|&literal| literals.get(literal as usize));
        let mut buckets: [Vec<Head>; BUCKETS] = Default::default();
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
            let len = literal.len().min(8);
            let mut bytes = [0; 8];
            bytes[..len].copy_from_slice(&literal[..len]);
            let head = Head { bytes: u64::from_le_bytes(bytes), mask: u64::MAX >> (64 - 8 * len), literal: number };
            buckets[bucket].push(head);
        }
        Self { fingerprints: Fingerprints::new(tables, level), buckets }
    }

    /// Puts the places in a stretch where a literal may begin into `candidates`: the place, counted from the stretch's
    /// start, with the buckets.
    pub fn candidates(&self, text: &[u8], stretch: Range<usize>, candidates: &mut Vec<(u32, u8)>) {
        candidates.clear();
        if self.buckets.iter().any(|bucket| !bucket.is_empty()) {
            self.fingerprints.find(text, stretch, candidates);
        }
    }

    /// Calls `found` with the literals of some buckets that begin at `at`.
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
        let head = match rest.first_chunk::<8>() {
            Some(bytes) => u64::from_le_bytes(*bytes),
            None => rest.iter().rev().fold(0, |head, &byte| head << 8 | u64::from(byte)),
        };
        while buckets != 0 {
            for known in &self.buckets[buckets.trailing_zeros() as usize] {
                if (head ^ known.bytes) & known.mask == 0 {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_occurrence_is_found() {
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
                let filter = Filter::new(&literals, &some, level);
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
                    let stands = |at: usize, literal: u32| text[at..].starts_with(all[literal as usize]);
                    let expected: Vec<(usize, u32)> = (start..end)
                        .flat_map(|at| some.iter().map(move |&literal| (at, literal)))
                        .filter(|&(at, literal)| stands(at, literal))
                        .collect();
                    assert_eq!(found, expected, "{level:?}, {start}..{end}");
                }
            }
        }
    }
}

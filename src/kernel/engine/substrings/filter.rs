//! Few literals: every place is looked at, 32 or 64 at a time, for the first bytes of some literal.
//!
//! The literals are put into eight buckets. For each of the first three bytes of a literal, two tables of 16 entries tell
//! by its low and its high half which buckets it may belong to; shuffles look up a whole vector of bytes at once, and
//! what all six agree on is compared with the bucket's literals. This is the fingerprint search of the crate
//! `aho-corasick` (Teddy), which itself reports no occurrences that overlap.

use std::ops::Range;

use super::super::super::simd::Level;
use super::super::super::terms::Strings;
use super::vector::Fingerprints;

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
    longest: usize,
}

impl Filter {
    pub fn new(literals: &Strings, some: &[u32], level: Level) -> Self {
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
        let longest = some.iter().map(|&literal| literals.get(literal as usize).len()).max().unwrap_or(0);
        Self { fingerprints: Fingerprints::new(tables, level), buckets, longest }
    }

    /// Bytes of the longest literal.
    pub fn longest(&self) -> usize {
        self.longest
    }

    /// Puts the places in a stretch where a literal may begin into `candidates`: the place, counted from the stretch's
    /// start, and in the lowest eight bits the buckets.
    pub fn candidates(&self, text: &[u8], stretch: Range<usize>, candidates: &mut Vec<u32>) {
        candidates.clear();
        self.fingerprints.find(text, stretch, candidates);
    }

    /// Calls `found` with the literals of some buckets that begin at `at`.
    #[inline(always)]
    pub fn verify(
        &self,
        literals: &Strings,
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

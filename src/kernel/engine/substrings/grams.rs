//! Many rare literals: a few bytes of each, looked for at every second or fourth place.
//!
//! A literal of `m` bytes covers one of every `step` places with a gram of `m - step + 1` bytes behind it. So each literal
//! enters as many grams as the step is long, one for each way it can lie, and a place is looked at by a load, a product
//! and a bit of a table that stays in the first-level cache, without a branch. What passes is looked up and compared.

use foldhash::fast::FixedState;
use std::hash::BuildHasher;
use std::ops::Range;

use super::super::super::terms::Strings;

/// Bits of the filter for each gram, and the most and least there are in all (as powers of two): 1 in 32 places
/// passes by chance.
const BITS_A_GRAM: usize = 32;
const FILTER_BITS: std::ops::RangeInclusive<u32> = 12..=20;

/// A gram that a literal enters.
struct Gram {
    bytes: u64,
    literal: u32,
    /// Where the gram lies in the literal.
    offset: u32,
}

/// The literals of one range of lengths.
pub struct Grams {
    step: usize,
    mask: u64,
    filter: Vec<u64>,
    filter_shift: u32,
    /// By the highest bits of a hash: where the grams begin; with one more behind.
    heads: Vec<u32>,
    head_shift: u32,
    grams: Vec<Gram>,
    longest: usize,
}

#[inline(always)]
fn hash(gram: u64) -> u64 {
    gram.wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

impl Grams {
    /// For some of the literals, of which the shortest has `shortest` bytes.
    pub fn new(literals: &Strings, some: &[u32]) -> Self {
        let lengths = || some.iter().map(|&literal| literals.get(literal as usize).len());
        let (shortest, longest) = (lengths().min().unwrap_or(1), lengths().max().unwrap_or(1));
        // Shorter grams than four bytes stand everywhere.
        let step = match shortest {
            7.. => 4,
            5.. => 2,
            _ => 1,
        };
        let size = (shortest - step + 1).min(8);
        let mask = u64::MAX >> (64 - 8 * size);
        let gram = |literal: &[u8], at: usize| {
            let mut bytes = [0; 8];
            bytes[..size].copy_from_slice(&literal[at..at + size]);
            u64::from_le_bytes(bytes)
        };
        // What many literals hold, the text will hold as well: each literal enters its least common grams.
        let mut common = vec![0u16; 1 << 16];
        let slot = |gram: u64| (FixedState::default().hash_one(gram) >> 48) as usize;
        let places = |literal: &[u8]| 0..literal.len() - size + 1;
        for &literal in some {
            let literal = literals.get(literal as usize);
            for at in places(literal).take(64) {
                let count = &mut common[slot(gram(literal, at))];
                *count = count.saturating_add(1);
            }
        }
        let mut grams = Vec::with_capacity(some.len() * step);
        for &number in some {
            let literal = literals.get(number as usize);
            let cost = |at: usize| (at..at + step).map(|at| u32::from(common[slot(gram(literal, at))])).sum::<u32>();
            let best = (0..(literal.len() + 2 - size - step).min(64 - step)).min_by_key(|&at| cost(at)).unwrap_or(0);
            grams.extend((best..best + step).map(|at| Gram {
                bytes: gram(literal, at),
                literal: number,
                offset: at as u32,
            }));
        }
        // Of one place the literal that begins first comes first: then each literal's occurrences come in order.
        let head_bits = (2 * grams.len()).next_power_of_two().trailing_zeros().clamp(1, 24);
        let head_shift = 64 - head_bits;
        grams.sort_by_key(|gram| (hash(gram.bytes) >> head_shift, std::cmp::Reverse(gram.offset)));
        let mut heads = vec![0; (1 << head_bits) + 1];
        for gram in &grams {
            heads[(hash(gram.bytes) >> head_shift) as usize + 1] += 1;
        }
        for at in 1..heads.len() {
            heads[at] += heads[at - 1];
        }
        let filter_bits = (BITS_A_GRAM * grams.len())
            .next_power_of_two()
            .trailing_zeros()
            .clamp(*FILTER_BITS.start(), *FILTER_BITS.end());
        let filter_shift = 64 - filter_bits;
        let mut filter = vec![0; 1 << (filter_bits - 6)];
        for gram in &grams {
            let bit = hash(gram.bytes) >> filter_shift;
            filter[(bit / 64) as usize] |= 1 << (bit % 64);
        }
        Self { step, mask, filter, filter_shift, heads, head_shift, grams, longest }
    }

    /// Bytes of the longest literal.
    pub fn longest(&self) -> usize {
        self.longest
    }

    /// Puts the places in a stretch of text, counted from its start, with a gram that passes the filter into
    /// `candidates`; places before it count by its start.
    pub fn candidates(&self, text: &[u8], stretch: Range<usize>, candidates: &mut Vec<u32>) {
        match self.step {
            4 => self.sample::<4>(text, stretch, candidates),
            2 => self.sample::<2>(text, stretch, candidates),
            _ => self.sample::<1>(text, stretch, candidates),
        }
    }

    fn sample<const STEP: usize>(&self, text: &[u8], stretch: Range<usize>, candidates: &mut Vec<u32>) {
        const AT_ONCE: usize = 8;
        let first = stretch.start.next_multiple_of(STEP);
        if first >= stretch.end {
            candidates.clear();
            return;
        }
        candidates.resize((stretch.end - first) / STEP + AT_ONCE + 1, 0);
        let filter = &self.filter[..];
        let words = filter.len() - 1;
        let passes = |bytes: &[u8; 8]| {
            let bit = hash(u64::from_le_bytes(*bytes) & self.mask) >> self.filter_shift;
            (filter[(bit / 64) as usize & words] >> (bit % 64)) as usize & 1
        };
        let mut len = 0;
        let mut at = first;
        // Eight bytes are read from each place; from those next to the text's end, with zeros behind them.
        while at + STEP * AT_ONCE <= stretch.end && at + STEP * AT_ONCE + 8 <= text.len() {
            let bytes = &text[at..at + STEP * AT_ONCE + 8];
            let found = &mut candidates[len..len + AT_ONCE];
            let mut n = 0;
            for i in 0..AT_ONCE {
                let sample: &[u8; 8] = bytes[STEP * i..STEP * i + 8].try_into().expect("eight bytes");
                found[n & (AT_ONCE - 1)] = (at - stretch.start + STEP * i) as u32;
                n += passes(sample);
            }
            len += n;
            at += STEP * AT_ONCE;
        }
        while at < stretch.end {
            let mut bytes = [0; 8];
            let left = text.len().min(at + 8) - at;
            bytes[..left].copy_from_slice(&text[at..at + left]);
            candidates[len] = (at - stretch.start) as u32;
            len += passes(&bytes);
            at += STEP;
        }
        candidates.truncate(len);
    }

    /// Calls `found` with the literals, and where they begin, that have a gram at `at`.
    #[inline(always)]
    pub fn verify(&self, literals: &Strings, text: &[u8], at: usize, mut found: impl FnMut(u32, usize, usize)) {
        let rest = &text[at..];
        let gram = self.mask
            & match rest.first_chunk::<8>() {
                Some(bytes) => u64::from_le_bytes(*bytes),
                None => rest.iter().rev().fold(0, |gram, &byte| gram << 8 | u64::from(byte)),
            };
        let head = (hash(gram) >> self.head_shift) as usize;
        for known in &self.grams[self.heads[head] as usize..self.heads[head + 1] as usize] {
            if known.bytes == gram
                && let Some(start) = at.checked_sub(known.offset as usize)
            {
                let literal = literals.get(known.literal as usize);
                if text[start..].starts_with(literal) {
                    found(known.literal, start, start + literal.len());
                }
            }
        }
    }
}
